"""A sheet or a CSV file as a grid, and the table in it: the header by its words (over several rows, with merged cells), the rows under it, the notes around it."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from attrs import frozen

from jsnakit.errors import DataError, LayoutError
from jsnakit.files import SourceFile
from jsnakit.local._describe import Described, Table
from jsnakit.tabular import read_sheet, sheet_names

__all__ = ["Grid", "Header", "cell_text", "find_header", "read_grid", "sheets_of"]


@frozen
class Grid:
    """The cells of one sheet as they stand; an empty cell is an empty text. `name` is what errors call it."""

    name: str
    rows: tuple[tuple[Any, ...], ...]

    @property
    def width(self) -> int:
        """How many columns the widest row has."""
        return max((len(row) for row in self.rows), default=0)

    def cell(self, row: int, column: int) -> Any:
        """A cell, or an empty text beyond the last."""
        return self.rows[row][column] if row < len(self.rows) and column < len(self.rows[row]) else ""


@frozen
class Header:
    """The names of the columns (over all the header's rows, joined by a space), and the first row under them (from 0)."""

    names: tuple[str, ...]
    top: int
    below: int


def cell_text(cell: Any) -> str:
    """A cell as text: a whole number without its fraction, spaces as one.

    >>> cell_text(2023.0), cell_text("  North   locality ")
    ('2023', 'North locality')
    """
    if isinstance(cell, float) and cell == int(cell) if isinstance(cell, float) and abs(cell) < 2**53 else False:
        return str(int(cell))
    if isinstance(cell, dt.datetime) and cell.time() == dt.time.min:
        return cell.date().isoformat()
    return " ".join(str(cell).split())


def sheets_of(file: SourceFile) -> tuple[str, ...]:
    """The sheets of a workbook; none for a CSV file."""
    return () if file.name.lower().endswith(".csv") else sheet_names(file)


def read_grid(file: SourceFile, sheet: str | None = None, *, encoding: str = "utf-8-sig", delimiter: str = ",") -> Grid:
    """The cells of a CSV file or of one sheet. Raises `LayoutError` where it is neither, or has several sheets and none is named; `DataError` for bytes not in the encoding."""
    if not file.name.lower().endswith(".csv"):
        found = read_sheet(file, sheet)
        return Grid(f"{file.name}, sheet {found.name!r}", found.rows)
    text = file.text(encoding)
    if text.lstrip()[:1] == "<":
        raise LayoutError(
            f"{file.name} is a web page, not a table", hint="save the table itself as CSV", resource=file.name, expected="CSV", found="HTML"
        )
    if "\0" in text:
        raise DataError(f"{file.name} holds a NUL byte", hint="save it again as CSV (UTF-8)", file=file.name, rule="no-nul")
    try:
        rows = tuple(tuple(row) for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise DataError(f"{file.name} is not CSV: {error}", hint="look for a quote that is not closed", file=file.name, rule="csv") from error
    return Grid(file.name, rows)


def find_header(grid: Grid, table: Table) -> Header:
    """The header that has all of the words, within the rows it takes. Raises `LayoutError` where there is none, or two."""
    wanted = {word.casefold() for word in (" ".join(w.split()) for w in table.header)}
    tops = [top for top in range(len(grid.rows)) if wanted <= _words(grid, top, table.header_rows)]
    if len(tops) > 1 and table.header_rows > 1:
        # The windows above and below a header of several rows may hold its words too: its own first and last rows have some of them.
        for edge in (0, table.header_rows - 1):
            closer = [top for top in tops if any(cell_text(c).casefold() in wanted for c in grid.rows[top + edge])]
            tops = closer or tops
    if len(tops) != 1:
        hint = (
            "give more words of the header (`[table] header`), so that it can be told apart"
            if tops
            else "compare [table] header with the file: `jsnakit local draft FILE` shows what it sees"
        )
        where = f" in rows {', '.join(str(t + 1) for t in tops[:5])}" if tops else ""
        raise LayoutError(
            f"{grid.name}: {'more than one header' if tops else 'no header'} row with {', '.join(map(repr, table.header))}{where}", hint=hint,
            resource=grid.name, expected=table.header, found=tuple(t + 1 for t in tops),
        )  # fmt: skip
    below = tops[0] + table.header_rows
    return Header(header_names(grid, tops[0], table.header_rows), tops[0], below)


def _words(grid: Grid, top: int, rows: int) -> set[str]:
    if top + rows > len(grid.rows):
        return set()
    alone = {cell_text(c).casefold() for row in grid.rows[top : top + rows] for c in row}
    return alone | {n.casefold() for n in header_names(grid, top, rows)} if rows > 1 else alone


def header_names(grid: Grid, top: int, rows: int) -> tuple[str, ...]:
    """The columns' names over the header's rows. A merged cell speaks for the empty ones to its right, as far as the row below has words and the one above changes nothing."""
    lines: list[list[str]] = []
    for at in range(top, top + rows):
        line: list[str] = []
        last = ""
        for column in range(grid.width):
            text = cell_text(grid.cell(at, column))
            under = any(cell_text(grid.cell(r, column)) for r in range(at + 1, top + rows))
            over = lines[-1][column] if lines else ""
            if text:
                last = text
            elif not under or (lines and over and not last) or (lines and column and lines[-1][column] != lines[-1][column - 1]):
                last = ""
            line.append(text or (last if under else ""))
        lines.append(line)
    return tuple(" ".join(dict.fromkeys(filter(None, (line[c] for line in lines)))) for c in range(grid.width))


def rows_under(grid: Grid, header: Header, described: Described, measures: Sequence[int], known: Mapping[int, bool]) -> Iterator[int]:
    """The rows of the table, by their index: those with a figure, and those `known` to be of it without one. What stands under it (notes) is left out; text between its rows is a `DataError`, since it may be part of it."""
    skip = {" ".join(word.split()).casefold() for word in described.table.skip}
    rows = range(header.below, len(grid.rows))
    filled = [i for i in rows if any(cell_text(grid.cell(i, c)) for c in measures) or known.get(i, False)]
    last = max(filled, default=-1)
    inside = set(filled)
    for i in rows:
        texts = [cell_text(c) for c in grid.rows[i]]
        if i > last or not any(texts):
            continue
        if any(t.casefold() in skip for t in texts if t):
            continue
        if i not in inside:
            said = next(t for t in texts if t)
            raise DataError(
                f"{grid.name}, row {i + 1}: {said!r:.80} and no figure, between rows that have some",
                hint=f'if it is a heading, leave it out: [table] skip = ["{said}"]; if it is a gap, say what an empty cell means: "" = "not_available" under [marks]',
                file=grid.name, line=i + 1, rule="between-rows",
            )  # fmt: skip
        yield i
