"""The spine: where one area stands among all, measure by measure, in fifths."""

from __future__ import annotations

import textwrap
from typing import Final

from attrs import frozen

from jsnakit.publish.panels._markup import Child, Safe, el, join
from jsnakit.publish.panels._parts import body_rows, cell, head, html_table, name_cell, value
from jsnakit.publish.panels._svg import standalone, text
from jsnakit.publish.panels.base import Cell, Drawing, Figure, place_words
from jsnakit.publish.panels.gaps import gap_mark
from jsnakit.publish.panels.marks import FIFTHS, Mark, symbol

__all__ = ["Spine", "SpineGroup", "SpineRow"]

_WIDTH: Final = 860.0
_AREA: Final = 300.0
_MIDDLE: Final = 404.0
_STRIP: Final = (424.0, 690.0)
_ROW: Final = 30.0
_HEADS = (("Worst", "fifth"), ("Second", "worst"), ("Middle", "fifth"), ("Second", "best"), ("Best", "fifth"))


@frozen
class SpineRow:
    """One measure. `rank` counts from the worst (1), the mean of `ties` equal areas; null where the measure is missing or not judged.

    `place` is written from the rank unless given; `of` overrides the panel's number of areas; `year` is that of the last new figure.
    """

    measure: str
    unit: str
    area: Figure
    middle: Figure
    rank: float | None
    mark: Mark
    year: str
    ties: int = 1
    of: int | None = None
    place: str = ""
    href: str = ""


@frozen
class SpineGroup:
    """Rows under one heading, in the author's order."""

    name: str
    rows: tuple[SpineRow, ...]


@frozen
class Spine(Drawing):
    """A table whose strip is the queue of all areas, worst at the left. It ranks and never says "significantly"."""

    area: str
    of: int
    groups: tuple[SpineGroup, ...]
    middle_name: str = "Middle authority"
    caption: str = ""

    def body(self) -> str:
        """The picture or table itself."""
        legend = el("div", "jk-strip-head", *(_strip_head(i) for i in range(5)))
        heads = head(
            cell("jk-name", "Measure", role="columnheader"),
            cell("jk-num jk-area", self.area, role="columnheader"),
            cell("jk-num jk-middle", self.middle_name, role="columnheader"),
            cell("jk-strip", el("span", "jk-vh", "Fifth"), legend, role="columnheader"),
            cell("jk-place", f"Place of {self.of:,}", role="columnheader"),
            cell("jk-num jk-year", "Year", role="columnheader"),
        )
        groups = (body_rows((self._row(r) for r in g.rows), self._heading(g.name)) for g in self.groups)
        narrow = el("div", {"class": "jk-strip-head jk-narrow-block", "aria-hidden": "true"}, *(_strip_head(i) for i in range(5)))
        return join(narrow, html_table("jk-spine", self.caption, heads, *groups))

    def _heading(self, name: str) -> Safe | None:
        if not name:
            return None
        group = el("th", {"class": "jk-group", "role": "rowheader", "scope": "rowgroup", "colspan": 6}, name)
        return el("tr", {"role": "row", "class": "jk-group-row"}, group)

    def place(self, row: SpineRow) -> str:
        """The place as printed: with its count where that is not the panel's."""
        if row.place or row.rank is None:
            return row.place or row.mark.word
        words = place_words(row.rank, row.of or self.of, row.ties)
        return words if row.of in (None, self.of) else f"{words} of {row.of:,}"

    def _row(self, row: SpineRow) -> Safe:
        return el(
            "tr",
            {"role": "row"},
            name_cell(row.measure, row.href, row.unit),
            cell("jk-num jk-area", value(row.area)),
            cell("jk-num jk-middle", el("span", "jk-narrow", "Middle: "), value(row.middle)),
            cell("jk-strip", el("span", "jk-vh", row.mark.word), self._strip(row)),
            cell("jk-place", self.place(row)),
            cell("jk-num jk-year", el("span", "jk-narrow", ", "), row.year),
        )

    def _strip(self, row: SpineRow) -> Safe:
        tints = (el("rect", {"class": f"jk-tint-{i + 1}", "x": f"{i * 20}%", "width": "20%", "height": "100%"}) for i in range(5))
        rules = (el("line", {"class": "jk-strip-rule", "x1": f"{i * 20}%", "x2": f"{i * 20}%", "y1": "0", "y2": "100%"}) for i in range(1, 5))
        mark = None
        if row.rank is not None and not row.area.missing:
            position = (row.rank - 1) / max(1, (row.of or self.of) - 1) * 100
            mark = el("svg", {"x": f"{position:.2f}%", "y": "50%", "width": 1, "height": 1, "overflow": "visible"}, row.mark.glyph())
        return el("svg", {"class": "jk-strip-draw", "aria-hidden": "true", "focusable": "false"}, *tints, *rules, mark)

    def sentence(self) -> str:
        """Where the area stands on each measure, in words."""
        rows = [r for g in self.groups for r in g.rows]
        return f"{self.area} among {self.of:,}: " + "; ".join(f"{r.measure} {r.area.text}, {self.place(r)}" for r in rows) + "."

    def svg(self, credit: str = "") -> str:
        """The picture as an SVG document that stands alone, with its title and the credit (source, licence, boundaries) in it."""
        parts: list[Child] = [
            text(0, 42, "Measure", "jk-t-label"), text(_AREA, 42, self.area, "jk-t-own", "end"), text(_MIDDLE, 42, self.middle_name, "jk-t-label", "end"),
            text(_STRIP[1] + 14, 42, f"Place of {self.of:,}", "jk-t-label"), text(_WIDTH, 42, "Year", "jk-t-label", "end"),
        ]  # fmt: skip
        step = (_STRIP[1] - _STRIP[0]) / 5
        for i, verdict in enumerate(FIFTHS):
            middle = _STRIP[0] + (i + 0.5) * step
            parts += [
                symbol(Mark(verdict), middle, 8),
                *(text(middle, 28 + 14 * k, words, "jk-t-small", "middle") for k, words in enumerate(_HEADS[i])),
            ]
        y = 50.0
        for g in self.groups:
            if g.name:
                parts.append(text(0, y + 26, g.name, "jk-t-own"))
                y += 34
            for row in g.rows:
                y += self._drawn(parts, row, y, step)
        return standalone(_WIDTH, y, self.caption or self.area, self.sentence(), *parts, credit=credit)

    def _drawn(self, parts: list[Child], row: SpineRow, y: float, step: float) -> float:
        """One row of the picture; its height."""
        lines = textwrap.wrap(f"{row.measure} ({row.unit})" if row.unit else row.measure, 31) or [""]
        height = max(_ROW, 16.0 * len(lines) + 8)
        middle = y + height / 2
        first = middle + 4.5 - 8.0 * (len(lines) - 1)
        parts += [text(0, first + 16 * i, line, "jk-t-label") for i, line in enumerate(lines)]
        for i in range(5):
            box = {"x": f"{_STRIP[0] + i * step:.1f}", "y": f"{y:.1f}", "width": f"{step:.1f}", "height": f"{height:.1f}"}
            parts.append(el("rect", {"class": f"jk-rugfill jk-rugfill-{i + 1}", **box}))
        if row.rank is not None and not row.area.missing:
            share = (row.rank - 1) / max(1, (row.of or self.of) - 1)
            parts.append(symbol(row.mark, _STRIP[0] + share * (_STRIP[1] - _STRIP[0]), middle))
        parts += [gap_mark(row.area.gap, _AREA - 62, middle)] if row.area.missing else []
        parts += [
            text(_AREA, middle + 4.5, row.area.text, "jk-t-own", "end"), text(_MIDDLE, middle + 4.5, row.middle.text, "jk-t-note", "end"),
            text(_STRIP[1] + 14, middle + 4.5, self.place(row), "jk-t-label"), text(_WIDTH, middle + 4.5, row.year, "jk-t-note", "end"),
        ]  # fmt: skip
        return height

    def data(self) -> tuple[tuple[str, ...], tuple[tuple[Cell, ...], ...]]:
        """Columns and rows, unrounded, for a CSV file."""
        columns = ("group", "measure", "unit", "value", "status", "middle", "rank_from_worst", "of", "fifth", "place", "year")
        rows = tuple(
            (g.name, r.measure, r.unit, r.area.value, r.area.gap, r.middle.value, r.rank, r.of or self.of, r.mark.word, self.place(r), r.year)
            for g in self.groups
            for r in g.rows
        )
        return columns, rows


def _strip_head(index: int) -> Safe:
    first, second = _HEADS[index]
    return el("span", "jk-strip-name", Mark(FIFTHS[index]).icon(), el("span", None, first, el("br"), second))
