"""How long people have waited: bands of weeks as bars from zero, with the middle wait, the long wait and the standard marked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Final

from attrs import field, frozen

from jsnakit.errors import InvalidValueError
from jsnakit.publish.panels._markup import Child, Safe, el, join
from jsnakit.publish.panels._parts import twin_table, value
from jsnakit.publish.panels._svg import drawing, standalone, text, text_width
from jsnakit.publish.panels.bars import nice_ticks
from jsnakit.publish.panels.base import Cell, Drawing, Figure, number_text
from jsnakit.publish.panels.gaps import gap_mark
from jsnakit.publish.panels.trends import level

__all__ = ["Distribution", "WaitBand", "WaitMark"]

_LABEL: Final = 18.0


@frozen
class WaitBand:
    """Waits of `low` weeks and more, under `high`; the last band may have no end."""

    low: float
    high: float | None
    waits: Figure

    @property
    def words(self) -> str:
        """The band as printed."""
        return f"{self.low:g} weeks and over" if self.high is None else f"{self.low:g} to {self.high:g} weeks"


@frozen
class WaitMark:
    """A wait that is marked with words: the median, the 92nd percentile. `dashed` is the standard, which also parts the fills; `short` are the words where there is little room."""

    weeks: float
    words: str
    dashed: bool = False
    short: str = ""


@frozen
class Distribution(Drawing):
    """Bars from zero whose area is the number of waits: where bands differ in width their height is waits for each week, and the axis says so.

    Bands stand from the shortest, without overlap. A last band without an end has no area: it is said in words at the right. A gap is marked at its place and is no bar.
    Raises `InvalidValueError` for bands that overlap, have no width or stand out of order.
    """

    title: str
    area_name: str
    bands: tuple[WaitBand, ...]
    marks: tuple[WaitMark, ...] = ()
    noun: str = field(default="waits")

    def __attrs_post_init__(self) -> None:
        for before, after in pairwise(self.bands):
            if before.high is None or after.low < before.high:
                raise InvalidValueError(
                    f"the band from {after.low:g} weeks does not follow {before.words}",
                    hint="give bands from the shortest, without overlap",
                    value=after.low,
                )
        for band in self.bands:
            if band.low < 0 or (band.high is not None and band.high <= band.low):
                raise InvalidValueError(
                    f"the band {band.words} has no width", hint="a band ends after it begins, and waits are not negative", value=band.low
                )

    @property
    def closed(self) -> tuple[WaitBand, ...]:
        """The bands that have an end, and so an area."""
        return tuple(b for b in self.bands if b.high is not None)

    @property
    def even(self) -> bool:
        """Whether all bands are equally wide, so that heights can be plain counts."""
        widths = {round((b.high or 0.0) - b.low, 6) for b in self.closed}
        return len(widths) <= 1

    def height(self, band: WaitBand) -> float | None:
        """How high a band stands: waits, or waits for each week where bands differ in width; null for a gap or a band without an end."""
        if band.waits.value is None or band.high is None:
            return None
        return band.waits.value if self.even else band.waits.value / (band.high - band.low)

    def sentence(self) -> str:
        """The bands in words."""
        said = "; ".join(f"{b.words} {b.waits.text}" for b in self.bands)
        marked = " ".join(f"{m.words}." for m in self.marks)
        return f"{self.area_name}, {self.noun} by length: {said}. {marked}".strip()

    def _last(self) -> str:
        """What is said of the band without an end."""
        last = self.bands[-1] if self.bands else None
        return "" if last is None or last.high is not None else f"over {last.low:g} weeks: {last.waits.text}"

    def large(self, width: float, height: float, css: str) -> Safe:
        """The picture at the size given."""
        return drawing(f"jk-trend {css}", width, height, self.title, self.sentence(), self.large_inner(width, height))

    def large_inner(self, width: float, height: float) -> Safe:
        """The picture without its frame."""
        if not self.closed:
            return join(gap_mark(None, width / 2 - 34, height / 2), text(width / 2 - 20, height / 2 + 4, "no data", "jk-t-note"))
        narrow = width < 500
        tallest = max([h for b in self.bands if (h := self.height(b)) is not None] or [1.0]) or 1.0
        ticks = [t for t in nice_ticks(0.0, tallest, 5) if t <= tallest]
        names = [number_text(t, "", 0 if float(t).is_integer() else 1) for t in ticks]
        left, right = max(text_width(n, 13) for n in names) + 12, width - 16.0
        top, bottom = 22.0 + _LABEL * len(self.marks), height - 40.0
        last = max([*(b.high or 0.0 for b in self.closed), *(m.weeks for m in self.marks)])

        def x(weeks: float) -> float:
            return left + weeks / last * (right - left)

        def y(number: float) -> float:
            return bottom - number / (tallest * 1.04) * (bottom - top)

        parts: list[Child] = []
        for tick, name in zip(ticks, names, strict=True):
            parts += [level("jk-base" if tick == 0 else "jk-grid", left, right, y(tick)), text(left - 8, y(tick) + 4, name, "jk-t-axis", "end")]
        per = "" if self.even else " for each week of waiting"
        parts.append(text(0, 13, f"{self.noun.capitalize()}{per}", "jk-t-note"))
        standard = next((m.weeks for m in self.marks if m.dashed), None)
        for band in self.closed:
            parts.append(self._bar(band, x, y, standard))
        parts += self._marked(x, top, bottom, width, narrow=narrow)
        parts += self._weeks(x, bottom, narrow=narrow)
        said = self._last()
        if said:
            parts.append(text(right, bottom - 10, said, "jk-t-label", "end"))
        return join(*parts)

    def _bar(self, band: WaitBand, x: Callable[[float], float], y: Callable[[float], float], standard: float | None) -> Safe:
        begin, end = x(band.low), x(band.high or band.low)
        tall = self.height(band)
        if tall is None:
            return gap_mark(band.waits.gap, (begin + end) / 2, y(0) - 9, max(8.0, min(28.0, end - begin - 2)))
        if not tall:
            return el("rect", {"class": "jk-pbar-zero", "x": f"{(begin + end) / 2 - 3:.1f}", "y": f"{y(0) - 2:.1f}", "width": 6, "height": 2})
        within = standard is not None and (band.high or 0.0) <= standard
        inset = 0.5 if end - begin > 3 else 0.0
        box = {"x": f"{begin + inset:.1f}", "y": f"{y(tall):.1f}", "width": f"{end - begin - 2 * inset:.1f}", "height": f"{y(0) - y(tall):.1f}"}
        return el("rect", {"class": "jk-pbar-own" if within else "jk-pbar", **box})

    def _marked(self, x: Callable[[float], float], top: float, bottom: float, width: float, *, narrow: bool) -> list[Child]:
        """The marks, the words of each on a line of its own above the bars, the first from the left highest."""
        parts: list[Child] = []
        for i, mark in enumerate(sorted(self.marks, key=lambda m: m.weeks)):
            at, line = x(mark.weeks), top - 4 - _LABEL * (len(self.marks) - 1 - i)
            css = "jk-dash-strong" if mark.dashed else "jk-wait-mark"
            ends = {"x1": f"{at:.1f}", "x2": f"{at:.1f}", "y1": f"{line - 11:.1f}", "y2": f"{bottom:.1f}"}
            parts += [el("line", {"class": "jk-wait-halo", **ends}), el("line", {"class": css, **ends})]
            words = mark.short if narrow and mark.short else mark.words
            to_left = at + text_width(words, 12.5) + 8 > width
            parts.append(text(at - 6 if to_left else at + 6, line, words, "jk-t-label", "end" if to_left else "start"))
        return parts

    def _weeks(self, x: Callable[[float], float], bottom: float, *, narrow: bool) -> list[Child]:
        edges = sorted({b.low for b in self.closed} | {b.high for b in self.closed if b.high is not None})
        least = 30.0 if narrow else 34.0
        standard = [m.weeks for m in self.marks if m.dashed and m.weeks in edges]
        kept = _spaced([edges[0], *standard, edges[-1], *edges[1:-1]], x, least)
        parts: list[Child] = [text(x(e), bottom + 17, f"{e:g}", "jk-t-axis", "middle") for e in kept]
        return [*parts, text((x(edges[0]) + x(edges[-1])) / 2, bottom + 35, "weeks waited", "jk-t-note", "middle")]

    def body(self) -> str:
        """The picture or table itself."""
        return el("div", "jk-figure", self.large(816, 340, "jk-wide-only"), self.large(350, 300, "jk-narrow-only"))

    def svg(self, credit: str = "") -> str:
        """The picture as an SVG document that stands alone, with its title and the credit (source, licence, boundaries) in it."""
        return standalone(816, 340, self.title, self.sentence(), self.large_inner(816, 340), credit=credit)

    def data(self) -> tuple[tuple[str, ...], tuple[tuple[Cell, ...], ...]]:
        """Columns and rows, unrounded, for a CSV file."""
        return ("from_weeks", "to_weeks", self.noun, "status"), tuple((b.low, b.high, b.waits.value, b.waits.gap) for b in self.bands)

    def twin(self) -> str:
        """The same figures as a table behind "Show as table"."""
        known = [b.waits.value for b in self.bands if b.waits.value is not None]
        whole = sum(known) if len(known) == len(self.bands) else 0.0

        def share(band: WaitBand) -> str:
            return number_text((band.waits.value or 0.0) / whole * 100, "%") if whole else ""

        rows = [(b.words, value(b.waits), share(b)) for b in self.bands]
        return twin_table(self.title, ("Waited", self.noun.capitalize(), "Share"), rows, (False, True, True))


def _spaced(wanted: Sequence[float], x: Callable[[float], float], least: float) -> list[float]:
    """Those positions that keep apart on the picture; the first asked for go before the later."""
    kept: list[float] = []
    for edge in wanted:
        if edge not in kept and all(abs(x(edge) - x(k)) >= least for k in kept):
            kept.append(edge)
    return kept
