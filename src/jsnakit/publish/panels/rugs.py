"""The tartan rug: measures down, places across, every cell a value with its shape and word."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Final

from attrs import field, frozen

from jsnakit.errors import InvalidValueError
from jsnakit.publish.panels._markup import Child, Safe, el, join
from jsnakit.publish.panels._parts import body_rows, cell, head, html_table, name_cell, twin_table, value
from jsnakit.publish.panels._svg import standalone, text
from jsnakit.publish.panels.base import Cell, Drawing, Figure
from jsnakit.publish.panels.gaps import gap_mark
from jsnakit.publish.panels.marks import Mark, Verdict, symbol

__all__ = ["Rug", "RugCell", "RugColumn", "RugGroup", "RugRow"]

_TINTS: Final = {
    Verdict.WORST: 1, Verdict.WORSE: 1, Verdict.SECOND_WORST: 2, Verdict.MIDDLE: 3, Verdict.SIMILAR: 3, Verdict.SECOND_BEST: 4, Verdict.BEST: 5, Verdict.BETTER: 5,
}  # fmt: skip
_WIDE: Final = 816.0
_NAMES: Final = 226.0
_ROW: Final = 34.0
# More places than these have no room for values: their cells are shapes, and the table holds the values.
_ROOMY: Final = 9


@frozen
class RugColumn:
    """A place. `own` is the one the page is about; `benchmark` (England, the middle authority) carries values and no judgement."""

    key: str
    name: str
    own: bool = False
    benchmark: bool = False


@frozen
class RugCell:
    """A value with its judgement; none where it is not judged at all (the benchmark itself)."""

    figure: Figure
    mark: Mark | None = None

    @property
    def tint(self) -> int:
        """The fifth of the fill, 1 the worst; 0 for none."""
        return 0 if self.mark is None or self.figure.missing else _TINTS.get(self.mark.verdict, 0)

    @property
    def word(self) -> str:
        """The word that is read for it."""
        return self.mark.word if self.mark is not None and not self.figure.missing else ""


@frozen
class RugRow:
    """One measure: unit and period stand behind its name."""

    measure: str
    unit: str
    period: str
    cells: tuple[RugCell, ...]
    href: str = ""


@frozen
class RugGroup:
    """Rows under one heading, in the author's order."""

    name: str
    rows: tuple[RugRow, ...]


@frozen
class Rug(Drawing):
    """Measures by places. Shape first, word second (read, and shown where there is room), colour third; the own column stands in ink.

    With more than nine places the cells are shapes alone and the values are in the table beside it. On narrow screens each measure is two lines: the place and the benchmark.
    Raises `InvalidValueError` where a row has not one cell a column.
    """

    title: str
    columns: tuple[RugColumn, ...]
    groups: tuple[RugGroup, ...]
    noun: str = "places"
    key: tuple[Mark, ...] = field(default=())

    def __attrs_post_init__(self) -> None:
        for row in (r for g in self.groups for r in g.rows):
            if len(row.cells) != len(self.columns):
                raise InvalidValueError(
                    f"the row {row.measure!r} has {len(row.cells)} cells for {len(self.columns)} columns",
                    hint="give one cell a column",
                    value=len(row.cells),
                )

    @property
    def dense(self) -> bool:
        """Whether the cells are shapes alone."""
        return len(self.columns) > _ROOMY

    def marks(self) -> tuple[Mark, ...]:
        """The marks of the key: those given, else those in the cells, worst first."""
        if self.key:
            return self.key
        found = {c.mark.verdict: c.mark for g in self.groups for r in g.rows for c in r.cells if c.mark and not c.figure.missing}
        order = list(Verdict)
        return tuple(Mark(v) for v in sorted(found, key=order.index))

    def body(self) -> str:
        """The picture or table itself."""
        heads = [cell("jk-name", "Measure", role="columnheader")]
        heads += [cell(self._css(c), el("span", "jk-rug-head", c.name), role="columnheader") for c in self.columns]
        groups = (body_rows((self._row(r) for r in g.rows), self._heading(g.name)) for g in self.groups)
        css = "jk-rug jk-rug-dense" if self.dense else "jk-rug"
        key = el("p", "jk-rug-key", *(m.html() for m in self.marks()))
        others = el("p", "jk-narrow-note", f"The other {self.noun} are in the table.") if len(self.columns) > 2 else None
        return join(key, others, html_table(css, self.title, head(*heads), *groups))

    def _css(self, column: RugColumn) -> str:
        return "jk-rugcell jk-rug-own" if column.own else "jk-rugcell jk-rug-mark" if column.benchmark else "jk-rugcell jk-minor"

    def _heading(self, name: str) -> Safe | None:
        if not name:
            return None
        group = el("th", {"class": "jk-group", "role": "rowheader", "scope": "rowgroup", "colspan": len(self.columns) + 1}, name)
        return el("tr", {"role": "row", "class": "jk-group-row"}, group)

    def _row(self, row: RugRow) -> Safe:
        unit = ", ".join(p for p in (row.unit, row.period) if p)
        return el(
            "tr", {"role": "row"}, name_cell(row.measure, row.href, unit), *(self._cell(c, k) for c, k in zip(row.cells, self.columns, strict=True))
        )

    def _cell(self, made: RugCell, column: RugColumn) -> Safe:
        css = self._css(column) + (f" jk-rug-t{made.tint}" if made.tint else "")
        if made.figure.missing:
            return cell(css, value(made.figure))
        label = el("span", "jk-narrow", f"{column.name}: ") if column.benchmark else None
        number = el("span", "jk-rug-value", value(made.figure))
        icon = made.mark.icon(16) if made.mark else None
        return cell(css, label, icon, number, el("span", "jk-rug-word", " ", made.word) if made.word else None)

    def sentence(self) -> str:
        """How often the own place stands on each side, in words."""
        own = next((i for i, c in enumerate(self.columns) if c.own), 0)
        words = [r.cells[own].word or r.cells[own].figure.text for g in self.groups for r in g.rows]
        counted = ", ".join(f"{words.count(w)} {w.lower()}" for w in dict.fromkeys(words))
        return f"{self.columns[own].name}, {len(words)} measures: {counted}." if self.columns else ""

    def svg(self, credit: str = "") -> str:
        """The picture as an SVG document that stands alone, with its title and the credit (source, licence, boundaries) in it."""
        # A benchmark has no shape, so it has nothing to show where cells are shapes alone.
        drawn = [i for i, c in enumerate(self.columns) if not (self.dense and c.benchmark)]
        columns = [self.columns[i] for i in drawn]
        width = (_WIDE - _NAMES) / max(1, len(drawn))
        letters = max(5, int(width / 6.6))
        names = [[c.name] if self.dense else textwrap.wrap(c.name, letters) or [""] for c in columns]
        top = (max((len(c.name) for c in columns), default=0) * 7.0 + 12) if self.dense else 17.0 * max((len(w) for w in names), default=1) + 10
        parts: list[Child] = []
        x, line = 9.0, 0.0
        for m in self.marks():
            wide = 38 + len(m.word) * 7.6
            x, line = (9.0, line + 24) if x + wide > _WIDE else (x, line)
            parts += [symbol(m, x, line + 9), text(x + 14, line + 13.5, m.word, "jk-t-label")]
            x += wide
        begin = line + 34.0
        for i, (column, lines) in enumerate(zip(columns, names, strict=True)):
            middle = _NAMES + (i + 0.5) * width
            css = "jk-t-own" if column.own else "jk-t-label"
            if self.dense:
                at = f"rotate(-90 {middle + 4:.1f} {begin + top - 8:.1f})"
                parts.append(el("text", {"x": f"{middle + 4:.1f}", "y": f"{begin + top - 8:.1f}", "class": css, "transform": at}, column.name))
            else:
                first = begin + top - 8 - 17.0 * (len(lines) - 1)
                parts += [text(middle, first + 17 * k, line, css, "middle") for k, line in enumerate(lines)]
        y = begin + top
        for g in self.groups:
            if g.name:
                parts.append(text(0, y + 24, g.name, "jk-t-own"))
                y += 32
            for row in g.rows:
                y += self._drawn_row(parts, row, y, width, drawn)
        own = next((i for i, c in enumerate(columns) if c.own), None)
        if own is not None:
            box = {"x": f"{_NAMES + own * width:.1f}", "y": f"{begin + top:.1f}", "width": f"{width:.1f}", "height": f"{y - begin - top:.1f}"}
            parts.append(el("rect", {"class": "jk-rug-frame", **box}))
        return standalone(_WIDE, y, self.title, self.sentence(), *parts, credit=credit)

    def _drawn_row(self, parts: list[Child], row: RugRow, y: float, width: float, drawn: Sequence[int]) -> float:
        lines = textwrap.wrap(f"{row.measure}, {row.unit}" if row.unit else row.measure, 32)
        height = max(_ROW, 16.0 * len(lines) + 8)
        first = y + height / 2 + 4.5 - 8.0 * (len(lines) - 1)
        parts += [text(0, first + 16 * i, line, "jk-t-label") for i, line in enumerate(lines)]
        for i, made in enumerate(row.cells[k] for k in drawn):
            left, middle = _NAMES + i * width, y + height / 2
            box = {"x": f"{left:.1f}", "y": f"{y:.1f}", "width": f"{width:.1f}", "height": f"{height:.1f}"}
            parts.append(el("rect", {"class": f"jk-rugfill jk-rugfill-{made.tint}", **box}))
            if made.figure.missing:
                parts.append(gap_mark(made.figure.gap, left + width / 2, middle))
            elif self.dense:
                parts.append(symbol(made.mark, left + width / 2, middle, 0.8) if made.mark else None)
            else:
                bold = "jk-t-own" if self.columns[drawn[i]].own else "jk-t-label"
                parts.append(symbol(made.mark, left + 14, middle, 0.85) if made.mark else None)
                parts.append(text(left + width - 8, middle + 4.5, made.figure.text, bold, "end"))
        return height

    def data(self) -> tuple[tuple[str, ...], tuple[tuple[Cell, ...], ...]]:
        """Columns and rows, unrounded, for a CSV file."""
        columns = ("group", "measure", "unit", "period", "code", "place", "value", "lower", "upper", "status", "verdict")
        rows = tuple(
            (g.name, r.measure, r.unit, r.period, k.key, k.name, c.figure.value, c.figure.lower, c.figure.upper, c.figure.gap, c.word or None)
            for g in self.groups for r in g.rows for c, k in zip(r.cells, self.columns, strict=True)
        )  # fmt: skip
        return columns, rows

    def twin(self) -> str:
        """The same figures as a table behind "Show as table"."""

        def said(made: RugCell) -> Safe:
            return join(value(made.figure), f" {made.word.lower()}" if made.word else None)

        rows = [(r.measure, r.unit, r.period, *(said(c) for c in r.cells)) for g in self.groups for r in g.rows]
        columns = ("Measure", "Unit", "Period", *(c.name for c in self.columns))
        return twin_table(self.title, columns, rows, (False, False, False, *[True] * len(self.columns)))
