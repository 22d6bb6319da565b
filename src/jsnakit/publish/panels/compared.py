"""The spine with intervals: where one area stands beside England, measure by measure, among the range of all areas."""

from __future__ import annotations

import textwrap
from typing import Final

from attrs import frozen

from jsnakit.publish.panels._markup import Child, Safe, el, join
from jsnakit.publish.panels._parts import body_rows, cell, head, html_table, name_cell, value
from jsnakit.publish.panels._svg import standalone, text
from jsnakit.publish.panels.base import Cell, Drawing, Figure
from jsnakit.publish.panels.gaps import gap_mark
from jsnakit.publish.panels.marks import Mark, symbol

__all__ = ["ComparedGroup", "ComparedRow", "ComparedSpine"]

_WIDTH: Final = 860.0
_AREA: Final = 316.0
_ENGLAND: Final = 396.0
_STRIP: Final = (420.0, 690.0)
_ROW: Final = 30.0


@frozen
class ComparedRow:
    """One measure: the area's figure with its interval, the benchmark's, and the verdict between them.

    `spread` is the least, the lower quarter, the upper quarter and the greatest figure of all areas, null where they are not known. `lower_is_better` sets the worse end at the left; null: the
    lower end is at the left.
    """

    measure: str
    unit: str
    area: Figure
    england: Figure
    spread: tuple[float, float, float, float] | None
    mark: Mark
    period: str
    lower_is_better: bool | None = None
    href: str = ""

    def share(self, number: float) -> float | None:
        """How far along the strip a number stands, from 0 (the worse end) to 1; the benchmark is in the middle, and the strip as long as the farthest that is drawn."""
        if self.spread is None or self.england.value is None:
            return None
        centre = self.england.value
        # No interval may run off the strip: it would look shorter than it is.
        ends = [n for n in (*self.spread, self.area.lower, self.area.upper) if n is not None]
        reach = max(max(ends) - centre, centre - min(ends))
        apart = (number - centre) / reach if reach > 0 else 0.0
        return 0.5 + 0.5 * max(-1.0, min(1.0, -apart if self.lower_is_better else apart))

    def span(self, low: float, high: float) -> tuple[float, float] | None:
        """Two numbers along the strip, from left to right."""
        ends = [s for s in (self.share(low), self.share(high)) if s is not None]
        return (min(ends), max(ends)) if len(ends) == 2 else None

    def pieces(self) -> tuple[tuple[str, tuple[float, float]], ...]:
        """What is drawn under the mark, by class, as spans along the strip: the range of all areas, its middle half, and the interval of the area."""
        if self.spread is None:
            return ()
        least, lower, upper, most = self.spread
        spans = [("jk-range", self.span(least, most)), ("jk-half", self.span(lower, upper))]
        if self.area.lower is not None and self.area.upper is not None and not self.area.missing:
            spans.append(("jk-reach", self.span(self.area.lower, self.area.upper)))
        return tuple((css, span) for css, span in spans if span is not None)


@frozen
class ComparedGroup:
    """Rows under one heading, in the author's order."""

    name: str
    rows: tuple[ComparedRow, ...]


@frozen
class ComparedSpine(Drawing):
    """A table whose strip has the benchmark in its middle, the worse end at the left, and the interval of each figure as a line through its mark."""

    area: str
    groups: tuple[ComparedGroup, ...]
    benchmark: str = "England"
    caption: str = ""

    def body(self) -> str:
        """The picture or table itself."""
        ends = el("div", "jk-ends", el("span", None, "Worse"), el("span", None, self.benchmark), el("span", None, "Better"))
        heads = head(
            cell("jk-name", "Measure", role="columnheader"), cell("jk-num jk-area", self.area, role="columnheader"),
            cell("jk-num jk-middle", self.benchmark, role="columnheader"), cell("jk-strip", el("span", "jk-vh", "Beside all areas"), ends, role="columnheader"),
            cell("jk-place", f"Than {self.benchmark}", role="columnheader"), cell("jk-num jk-year", "Period", role="columnheader"),
        )  # fmt: skip
        groups = (body_rows((self._row(r) for r in g.rows), self._heading(g.name)) for g in self.groups)
        narrow = el(
            "div", {"class": "jk-ends jk-narrow-block", "aria-hidden": "true"}, *(el("span", None, w) for w in ("Worse", self.benchmark, "Better"))
        )
        return join(narrow, html_table("jk-spine jk-compared", self.caption, heads, *groups))

    def _heading(self, name: str) -> Safe | None:
        if not name:
            return None
        group = el("th", {"class": "jk-group", "role": "rowheader", "scope": "rowgroup", "colspan": 6}, name)
        return el("tr", {"role": "row", "class": "jk-group-row"}, group)

    def _row(self, row: ComparedRow) -> Safe:
        return el(
            "tr", {"role": "row"}, name_cell(row.measure, row.href, row.unit),
            cell("jk-num jk-area", value(row.area), el("span", "jk-between", self.between(row)) if self.between(row) else None),
            cell("jk-num jk-middle", el("span", "jk-narrow", f"{self.benchmark}: "), value(row.england)),
            cell("jk-strip", self._strip(row)), cell("jk-place", row.mark.html()), cell("jk-num jk-year", el("span", "jk-narrow", ", "), row.period),
        )  # fmt: skip

    def between(self, row: ComparedRow) -> str:
        """The interval as printed under the figure; empty where there is none."""
        if row.area.missing or row.area.lower is None or row.area.upper is None:
            return ""
        decimals = len(row.area.text.rstrip("%").partition(".")[2])
        return f"{row.area.lower:,.{decimals}f} to {row.area.upper:,.{decimals}f}"

    def _strip(self, row: ComparedRow) -> Safe | None:
        at = None if row.area.value is None else row.share(row.area.value)
        parts: list[Safe] = []
        for css, (begin, end) in row.pieces():
            x = {"x": f"{begin * 100:.2f}%", "width": f"{(end - begin) * 100:.2f}%"}
            if css == "jk-reach":
                parts.append(el("line", {"class": css, "x1": x["x"], "x2": f"{end * 100:.2f}%", "y1": 0, "y2": 0}))
            else:
                parts.append(el("rect", {"class": css, **x, "y": -7, "height": 14}))
        if at is not None:
            parts.append(el("svg", {"x": f"{at * 100:.2f}%", "y": 0, "width": 1, "height": 1, "overflow": "visible"}, row.mark.glyph()))
        if not parts:
            return None
        centre = el("line", {"class": "jk-centre", "x1": "50%", "x2": "50%", "y1": "0", "y2": "100%"})
        # Bars are as high in every row, however many lines its name takes.
        return el(
            "svg",
            {"class": "jk-strip-draw", "aria-hidden": "true", "focusable": "false"},
            centre,
            el("svg", {"y": "50%", "overflow": "visible"}, *parts),
        )

    def sentence(self) -> str:
        """Where the area stands on each measure, in words."""
        rows = [r for g in self.groups for r in g.rows]
        return (
            f"{self.area} beside {self.benchmark}: "
            + "; ".join(f"{r.measure} {r.area.text} ({r.england.text}), {r.mark.word.lower()}" for r in rows)
            + "."
        )

    def svg(self, credit: str = "") -> str:
        """The picture as an SVG document that stands alone, with its title and the credit (source, licence, boundaries) in it."""
        centre = (_STRIP[0] + _STRIP[1]) / 2
        parts: list[Child] = [
            text(0, 22, "Measure", "jk-t-label"), text(_AREA, 22, self.area, "jk-t-own", "end"), text(_ENGLAND, 22, self.benchmark, "jk-t-label", "end"),
            text(_STRIP[0], 22, "Worse", "jk-t-small"), text(centre, 22, self.benchmark, "jk-t-small", "middle"), text(_STRIP[1], 22, "Better", "jk-t-small", "end"),
            text(_STRIP[1] + 14, 22, f"Than {self.benchmark}", "jk-t-label"), text(_WIDTH, 22, "Period", "jk-t-label", "end"),
        ]  # fmt: skip
        y = 32.0
        for g in self.groups:
            if g.name:
                parts.append(text(0, y + 26, g.name, "jk-t-own"))
                y += 34
            for row in g.rows:
                y += self._drawn(parts, row, y)
        return standalone(_WIDTH, y + 4, self.caption or self.area, self.sentence(), *parts, credit=credit)

    def _drawn(self, parts: list[Child], row: ComparedRow, y: float) -> float:
        """One row of the picture; its height."""
        lines = textwrap.wrap(f"{row.measure} ({row.unit})" if row.unit else row.measure, 32) or [""]
        height = max(_ROW, 16.0 * len(lines) + 8)
        middle, long = y + height / 2, _STRIP[1] - _STRIP[0]
        first = middle + 4.5 - 8.0 * (len(lines) - 1)
        parts += [text(0, first + 16 * i, line, "jk-t-label") for i, line in enumerate(lines)]
        for css, (begin, end) in row.pieces():
            at, to = _STRIP[0] + begin * long, _STRIP[0] + end * long
            if css == "jk-reach":
                parts.append(el("line", {"class": css, "x1": f"{at:.1f}", "x2": f"{to:.1f}", "y1": f"{middle:.1f}", "y2": f"{middle:.1f}"}))
            else:
                parts.append(el("rect", {"class": css, "x": f"{at:.1f}", "y": f"{middle - 7:.1f}", "width": f"{to - at:.1f}", "height": 14}))
        if row.pieces():
            half = _STRIP[0] + long / 2
            parts.append(el("line", {"class": "jk-centre", "x1": f"{half:.1f}", "x2": f"{half:.1f}", "y1": f"{y:.1f}", "y2": f"{y + height:.1f}"}))
        at_own = None if row.area.value is None else row.share(row.area.value)
        parts += [symbol(row.mark, _STRIP[0] + at_own * long, middle)] if at_own is not None else []
        parts += [gap_mark(row.area.gap, _AREA - 62, middle)] if row.area.missing else []
        parts += [
            text(_AREA, middle + 4.5, row.area.text, "jk-t-own", "end"), text(_ENGLAND, middle + 4.5, row.england.text, "jk-t-note", "end"),
            text(_STRIP[1] + 14, middle + 4.5, row.mark.word, "jk-t-label"), text(_WIDTH, middle + 4.5, row.period, "jk-t-note", "end"),
        ]  # fmt: skip
        return height

    def data(self) -> tuple[tuple[str, ...], tuple[tuple[Cell, ...], ...]]:
        """Columns and rows, unrounded, for a CSV file."""
        columns = (
            "group",
            "measure",
            "unit",
            "value",
            "lower",
            "upper",
            "status",
            "benchmark",
            "least",
            "lower_quarter",
            "upper_quarter",
            "greatest",
            "verdict",
            "period",
        )
        rows = tuple(
            (
                g.name,
                r.measure,
                r.unit,
                r.area.value,
                r.area.lower,
                r.area.upper,
                r.area.gap,
                r.england.value,
                *(r.spread or (None,) * 4),
                r.mark.word,
                r.period,
            )
            for g in self.groups
            for r in g.rows
        )
        return columns, rows
