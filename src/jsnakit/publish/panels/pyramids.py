"""The population pyramid: who lives in a place, by age and sex, beside a larger area."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from attrs import field, frozen

from jsnakit.publish.panels._markup import Child, Safe, el, join
from jsnakit.publish.panels._parts import twin_table, value
from jsnakit.publish.panels._svg import drawing, standalone, text, text_width
from jsnakit.publish.panels.bars import nice_ticks
from jsnakit.publish.panels.base import Cell, Drawing, Figure, number_text
from jsnakit.publish.panels.gaps import gap_mark

__all__ = ["Pyramid", "PyramidBand"]

_SIDES: Final = ("male", "female")


@frozen
class PyramidBand:
    """One age band: counts of the place, their shares of all its people in percent, and the same shares of the larger area (null where they are not known)."""

    name: str
    males: Figure
    females: Figure
    male_share: float | None = None
    female_share: float | None = None
    male_beside: float | None = None
    female_beside: float | None = None

    def share(self, side: str) -> float | None:
        """The share of one side; null where the count is missing."""
        count, share = (self.males, self.male_share) if side == "male" else (self.females, self.female_share)
        return None if count.missing else share

    def beside(self, side: str) -> float | None:
        """The larger area's share of one side."""
        return self.male_beside if side == "male" else self.female_beside

    def count(self, side: str) -> Figure:
        """The count of one side."""
        return self.males if side == "male" else self.females


@frozen
class Pyramid(Drawing):
    """Bars from a middle line at zero, males left and females right, oldest at the top: shares, so that a town and a country can stand on one scale. The larger area is an outline.

    `bands` stand from the youngest. An outline breaks where a share of the larger area is not known.
    """

    title: str
    area_name: str
    bands: tuple[PyramidBand, ...]
    beside_name: str = "England"
    left_name: str = "Males"
    right_name: str = "Females"
    note: str = field(default="")

    def _shares(self) -> list[float]:
        return [s for b in self.bands for side in _SIDES for s in (b.share(side), b.beside(side)) if s is not None]

    def ticks(self) -> tuple[float, ...]:
        """The round shares printed under each side, zero first."""
        return nice_ticks(0.0, max([*self._shares(), 0.1]), 4)

    @property
    def has_outline(self) -> bool:
        """Whether there is anything of a larger area."""
        return any(b.beside(side) is not None for b in self.bands for side in _SIDES)

    def sentence(self) -> str:
        """The largest band in words: what the picture says to those who do not see it."""
        known = [(b.share(side) or 0.0, b, side) for b in self.bands for side in _SIDES if b.share(side) is not None]
        if not known:
            return f"{self.area_name}: no figures."
        share, band, side = max(known, key=lambda k: k[0])
        sex = self.left_name if side == "male" else self.right_name
        words = f"{self.area_name} by age and sex. The largest group are {sex.lower()} aged {band.name}: {number_text(share, '%')} of all people"
        beside = band.beside(side)
        words += f", beside {number_text(beside, '%')} in {self.beside_name}." if beside is not None else "."
        gaps = sum(b.count(side).missing for b in self.bands for side in _SIDES)
        return words + (f" {gaps} of {2 * len(self.bands)} groups have no figure." if gaps else "")

    def large(self, width: float, row: float, css: str) -> Safe:
        """The picture as wide as given, each band `row` high."""
        return drawing(f"jk-trend {css}", width, self._height(row), self.title, self.sentence(), self.large_inner(width, row))

    def _height(self, row: float) -> float:
        return 30.0 + row * len(self.bands) + 26.0

    def large_inner(self, width: float, row: float) -> Safe:
        """The picture without its frame."""
        ages = max([text_width(b.name, 13) for b in self.bands] or [0.0]) + 18
        half = (width - ages) / 2 - 16
        zero = {"male": width / 2 - ages / 2, "female": width / 2 + ages / 2}
        ticks = self.ticks()
        top, bottom = 30.0, 30.0 + row * len(self.bands)
        parts: list[Child] = []

        def at(side: str, share: float) -> float:
            way = -1 if side == "male" else 1
            return zero[side] + way * share / ticks[-1] * half

        for side, name in (("male", self.left_name), ("female", self.right_name)):
            anchor = "end" if side == "male" else "start"
            parts.append(text(zero[side], 14, name, "jk-t-own", anchor))
            for tick in ticks:
                x = at(side, tick)
                parts.append(
                    el("line", {"class": "jk-grid" if tick else "jk-base", "x1": f"{x:.1f}", "x2": f"{x:.1f}", "y1": top, "y2": f"{bottom:.1f}"})
                )
                parts.append(text(x, bottom + 17, number_text(tick, "%", 0 if float(tick).is_integer() else 1), "jk-t-axis", "middle"))
        for i, band in enumerate(reversed(self.bands)):
            y = top + i * row
            parts.append(text(width / 2, y + row / 2 + 4.5, band.name, "jk-t-label", "middle"))
            for side in _SIDES:
                parts.append(self._bar(band, side, zero[side], at, y, row))
        for side in _SIDES:
            parts += self._outline(side, at, top, row)
        return join(*parts)

    def _bar(self, band: PyramidBand, side: str, zero: float, at: Callable[[str, float], float], y: float, row: float) -> Safe:
        share = band.share(side)
        if share is None:
            return gap_mark(band.count(side).gap, zero + (-14 if side == "male" else 14), y + row / 2)
        end = at(side, share)
        box = {"y": f"{y + 1:.1f}", "height": f"{row - 2:.1f}"}
        if not share:
            return el("rect", {"class": "jk-pbar-zero", "x": f"{zero - (2 if side == 'male' else 0):.1f}", "width": 2, **box})
        return el("rect", {"class": "jk-pyr", "x": f"{min(zero, end):.1f}", "width": f"{abs(end - zero):.1f}", **box})

    def _outline(self, side: str, at: Callable[[str, float], float], top: float, row: float) -> list[Child]:
        """The larger area as steps, with a halo so that it is seen on the bars and off them."""
        runs: list[list[str]] = [[]]
        for i, band in enumerate(reversed(self.bands)):
            share = band.beside(side)
            if share is None:
                runs.append([])
                continue
            x = at(side, share)
            runs[-1] += [f"{x:.1f} {top + i * row:.1f}", f"{x:.1f} {top + (i + 1) * row:.1f}"]
        drawn = ["M" + "L".join(run) for run in runs if run]
        return [el("path", {"class": css, "d": d}) for d in drawn for css in ("jk-pyr-halo", "jk-pyr-beside")]

    def body(self) -> str:
        """The picture or table itself."""
        bar = el(
            "svg",
            {"class": "jk-icon", "width": 28, "height": 14, "aria-hidden": "true"},
            el("rect", {"class": "jk-pyr", "x": 0, "y": 1, "width": 28, "height": 12}),
        )
        line = join(*(el("path", {"class": c, "d": "M0 12H14V2H28"}) for c in ("jk-pyr-halo", "jk-pyr-beside")))
        step = el("svg", {"class": "jk-icon", "width": 28, "height": 14, "aria-hidden": "true"}, line)
        key = [el("span", "jk-mark", bar, self.area_name)] + ([el("span", "jk-mark", step, self.beside_name)] if self.has_outline else [])
        return el("div", "jk-figure", el("p", "jk-rug-key", *key), self.large(816, 19, "jk-wide-only"), self.large(350, 17, "jk-narrow-only"))

    def svg(self, credit: str = "") -> str:
        """The picture as an SVG document that stands alone, with its title and the credit (source, licence, boundaries) in it."""
        words = f"Bars: {self.area_name}." + (f" Outline: {self.beside_name}." if self.has_outline else "") + " Percentage of all people of each."
        picture = el("g", {"transform": "translate(0 28)"}, self.large_inner(816, 19))
        return standalone(816, 28 + self._height(19), self.title, self.sentence(), text(0, 13, words, "jk-t-note"), picture, credit=credit)

    def data(self) -> tuple[tuple[str, ...], tuple[tuple[Cell, ...], ...]]:
        """Columns and rows, unrounded, for a CSV file."""
        columns = ("age", "sex", "count", "status", "share_percent", f"{self.beside_name.lower()}_share_percent")
        rows = tuple(
            (b.name, self.left_name if side == "male" else self.right_name, b.count(side).value, b.count(side).gap, b.share(side), b.beside(side))
            for b in self.bands
            for side in _SIDES
        )
        return columns, rows

    def twin(self) -> str:
        """The same figures as a table behind "Show as table"."""

        def share(number: float | None) -> str:
            return "" if number is None else number_text(number, "%")

        rows = [
            (b.name, value(b.males), share(b.share("male")), share(b.male_beside), value(b.females), share(b.share("female")), share(b.female_beside))
            for b in self.bands
        ]
        columns = ("Age", self.left_name, "Share", f"Share, {self.beside_name}", self.right_name, "Share", f"Share, {self.beside_name}")
        return twin_table(self.title, columns, rows, (False, *[True] * 6))
