"""Plain tables, and the list that filters by specialty."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from attrs import field, frozen

from jsnakit.publish.panels._markup import Safe, el, href_of, join
from jsnakit.publish.panels._parts import body_rows, cell, fold, head, html_table, linked, shown_and_folded, value
from jsnakit.publish.panels.base import Cell, Figure, Panel
from jsnakit.publish.panels.marks import Mark

__all__ = ["Column", "FilterList", "FilterRow", "FunctionTable", "Link", "Row", "Table"]


@frozen
class Link:
    """Text that leads somewhere."""

    text: str
    href: str


Content: TypeAlias = "str | Figure | Mark | Link"


@frozen
class Column:
    """The head of a column. Figures align right, text left; `bold` sets the column that matters; `minor` columns go on narrow screens but stay in the data."""

    name: str
    numeric: bool = False
    bold: bool = False
    minor: bool = False

    @property
    def css(self) -> str:
        """The classes of its cells."""
        named = (("jk-num", self.numeric), ("jk-strong", self.bold), ("jk-minor", self.minor))
        return " ".join(name for name, on in named if on)


@frozen
class Row:
    """One row; `chosen` sets it bold between two rules. `folded` rows go behind the button whatever their place."""

    cells: tuple[Content, ...]
    chosen: bool = False
    folded: bool = False


def _content(item: Content) -> Safe:
    if isinstance(item, Figure):
        return value(item)
    if isinstance(item, Mark):
        return item.html()
    return linked(item.text, item.href) if isinstance(item, Link) else join(item)


def _datum(item: Content) -> Cell:
    if isinstance(item, Figure):
        return item.value
    return item.word if isinstance(item, Mark) else item.text if isinstance(item, Link) else item


@frozen
class Table(Panel):
    """A table: the first `first` rows (and always the chosen), the rest behind a button that says how many there are. `noun` is what the rows are ("measures")."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    caption: str = ""
    noun: str = "rows"
    first: int = 12

    def body(self) -> str:
        """The picture or table itself."""
        shown, rest = shown_and_folded(self.rows, self.first, [r.chosen for r in self.rows], [r.folded for r in self.rows])
        table = self._table(shown)
        return join(table, fold(f"Show all {len(self.rows):,} {self.noun}", self._table(rest))) if rest else table

    def _table(self, rows: Sequence[Row]) -> Safe:
        heads = (cell(c.css, c.name, role="columnheader") for c in self.columns)
        return html_table("jk-plain", self.caption, head(*heads), body_rows(self._row(r) for r in rows))

    def _row(self, row: Row) -> Safe:
        cells = (
            cell(c.css, _content(item), role="cell" if i else "rowheader") for i, (c, item) in enumerate(zip(self.columns, row.cells, strict=True))
        )
        return el("tr", {"role": "row", "class": "jk-own" if row.chosen else None}, *cells)

    def data(self) -> tuple[tuple[str, ...], tuple[tuple[Cell, ...], ...]]:
        """Columns and rows, unrounded, for a CSV file."""
        return tuple(c.name for c in self.columns), tuple(tuple(_datum(item) for item in r.cells) for r in self.rows)


@frozen
class FunctionTable(Table):
    """A table of treatment functions (specialties), sorted as given; links lead to the page of each."""

    noun: str = "specialties"


@frozen
class FilterRow:
    """One choice: where it leads, how many places have each verdict, and England's figure. `folded` groups go behind "Show n other groups"."""

    name: str
    href: str
    counts: tuple[tuple[Mark, int], ...]
    figure: Figure
    chosen: bool = False
    folded: bool = False

    @property
    def total(self) -> int:
        """All places counted."""
        return sum(n for _, n in self.counts)


@frozen
class FilterList(Panel):
    """Choices as a list, each with the stacked share of verdicts and a figure; the chosen one is filled with ink."""

    rows: tuple[FilterRow, ...]
    title: str = "Specialty"
    note: str = ""
    folded_noun: str = "\u201cother\u201d groups"
    label: str = field(default="Choose a specialty")
    noun: str = "trusts"

    def body(self) -> str:
        """The picture or table itself."""
        shown, rest = shown_and_folded(self.rows, None, [r.chosen for r in self.rows], [r.folded for r in self.rows])
        more = None
        if rest:
            more = el(
                "details",
                "jk-more",
                el("summary", "jk-link", f"Show {len(rest)} {self.folded_noun.removesuffix('s') if len(rest) == 1 else self.folded_noun}"),
                el("ul", "jk-filter", *map(self._row, rest)),
            )
        return el(
            "nav",
            {"class": "jk-filterbox", "aria-label": self.label},
            el("p", "jk-filter-title", self.title),
            el("p", "jk-filter-note", self.note) if self.note else None,
            el("ul", "jk-filter", *map(self._row, shown)),
            more,
        )

    def _row(self, row: FilterRow) -> Safe:
        dot = el("circle", {"r": 3.4, "class": "jk-radio-on"}) if row.chosen else None
        radio = el(
            "svg",
            {"class": "jk-radio", "viewBox": "-9 -9 18 18", "width": 18, "height": 18, "aria-hidden": "true"},
            el("circle", {"r": 7, "class": "jk-radio-ring"}),
            dot,
        )
        address = href_of(row.href)
        inside = join(
            radio,
            el("span", "jk-filter-name", row.name),
            el("span", "jk-vh", f". {self._words(row)} "),
            self._stack(row),
            el("span", "jk-filter-value", value(row.figure)),
        )
        given = {"class": "jk-filter-row", "href": address, "aria-current": "page" if row.chosen else None}
        return el("li", None, el("a" if address else "span", given, inside))

    def _words(self, row: FilterRow) -> str:
        return ", ".join(f"{mark.word}: {n}" for mark, n in row.counts) + f" of {row.total} {self.noun}."

    def _stack(self, row: FilterRow) -> Safe:
        parts, at = [], 0.0
        for mark, n in row.counts:
            width = n / row.total * 100 if row.total else 0.0
            if n:
                parts.append(
                    el(
                        "rect",
                        {
                            "class": f"jk-stack-{mark.css.split()[1].removeprefix('jk-m-')}",
                            "x": f"{at:.2f}%",
                            "width": f"{width:.2f}%",
                            "height": "100%",
                        },
                    )
                )
                parts += [el("line", {"class": "jk-stack-rule", "x1": f"{at:.2f}%", "x2": f"{at:.2f}%", "y1": "0", "y2": "100%"})] if at else []
            at += width
        return el("svg", {"class": "jk-stack", "width": 66, "height": 13, "aria-hidden": "true", "focusable": "false"}, *parts)

    def data(self) -> tuple[tuple[str, ...], tuple[tuple[Cell, ...], ...]]:
        """Columns and rows, unrounded, for a CSV file."""
        words = list(dict.fromkeys(mark.word for r in self.rows for mark, _ in r.counts))
        rows = tuple((r.name, r.figure.value, *(sum(n for m, n in r.counts if m.word == w) for w in words)) for r in self.rows)
        return ("name", "value", *words), rows
