"""The spine: where one area stands among all, measure by measure, in fifths."""

from __future__ import annotations

from attrs import frozen

from jsnakit.publish.panels._markup import Safe, el, join
from jsnakit.publish.panels._parts import body_rows, cell, head, html_table, name_cell, value
from jsnakit.publish.panels.base import Cell, Figure, Panel, place_words
from jsnakit.publish.panels.marks import FIFTHS, Mark

__all__ = ["Spine", "SpineGroup", "SpineRow"]

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
class Spine(Panel):
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
