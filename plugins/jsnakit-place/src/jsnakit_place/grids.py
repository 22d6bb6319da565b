"""The tables of a file before they are understood: a CSV file, or each sheet of a workbook, as rows of cells with their line numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from attrs import field, frozen

from jsnakit.errors import LayoutError
from jsnakit.files import SourceFile
from jsnakit.tabular import Column, Layout, read_csv, read_header, read_sheet, sheet_names
from jsnakit_place.cells import is_percent, text_of

__all__ = ["HEADER_WITHIN", "Grid", "grids", "is_workbook"]

HEADER_WITHIN: Final = 40
"""How many rows may stand above a header."""


@frozen(kw_only=True)
class Grid:
    """Rows of cells: of a sheet as it stands (`header` is not known yet), or of a CSV file under its header (row 0 of `rows` is the header).

    `lines` are the numbers a reader sees, where they are known; `above` is the text above the first row.
    """

    file: str
    sheet: str
    rows: tuple[tuple[Any, ...], ...] = field(repr=False)
    lines: tuple[int | None, ...] = field(repr=False)
    above: str = ""

    @property
    def where(self) -> str:
        """The file, and the sheet where there is one, for errors."""
        return f"{self.file}, sheet {self.sheet!r}" if self.sheet else self.file

    def header_rows(self) -> list[int]:
        """The rows that may be a header: two or more cells of text, and nothing that is only a number."""
        return [i for i, row in enumerate(self.rows[:HEADER_WITHIN]) if sum(isinstance(c, str) and bool(c.strip()) for c in row) > 1]

    def headings(self, row: int) -> list[str]:
        """A row as headings, without empty ones at its end."""
        found = [" ".join(text_of(c).split()) for c in self.rows[row]]
        while found and not found[-1]:
            found.pop()
        return found

    def percent_columns(self, header: int) -> set[int]:
        """The places of columns whose cells under the header are mostly percentages in text."""
        found = set()
        for i in range(max((len(r) for r in self.rows[header:]), default=0)):
            filled = [r[i] for r in self.rows[header + 1 :] if i < len(r) and r[i] != ""]
            if filled and 2 * sum(map(is_percent, filled)) >= len(filled):
                found.add(i)
        return found

    def text_above(self, header: int) -> str:
        """All text above a header row."""
        cells = [text_of(c) for row in self.rows[:header] for c in row if c != ""]
        return " | ".join([*filter(None, [self.above]), *cells])


def is_workbook(data: SourceFile) -> bool:
    """Whether a file is a spreadsheet: a new one is a ZIP of parts, an old one an OLE file."""
    with data.open() as stream:
        head = stream.read(8)
    return head == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" or (data.is_zip() and any(n.startswith("xl/") or n == "content.xml" for n in data.members()))


def grids(data: SourceFile) -> list[Grid]:
    """The tables of a file: one of a CSV, one a sheet of a workbook. Raises `LayoutError`, `DataError`, `ArchiveError`."""
    if is_workbook(data):
        return [_sheet(data, name) for name in sheet_names(data)]
    return [_csv(data)]


def _sheet(data: SourceFile, name: str) -> Grid:
    rows = read_sheet(data, name).rows
    return Grid(file=data.name, sheet=name, rows=rows, lines=tuple(range(1, len(rows) + 1)))


def _encoding(data: SourceFile) -> str:
    """UTF-8, or the Windows code page in which the publisher's spreadsheets save some files (its ERIC files of 2024-25 are in it)."""
    if data.is_zip():
        return "utf-8-sig"
    try:
        data.read().decode("utf-8-sig")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8-sig"


def _csv(data: SourceFile) -> Grid:
    encoding = _encoding(data)
    header = read_header(data, encoding=encoding, skip_rows=HEADER_WITHIN)
    if len(header.names) < 2:
        raise LayoutError(
            f"{data.name} has one column only", hint="it must be a CSV file with commas", resource=data.name, expected="a table", found=header.names
        )
    layout = Layout(
        id="as it stands",
        columns=tuple(Column(name=f"c{i}", header=(name,)) for i, name in enumerate(header.names)),
        encoding=encoding,
        blank_lines=True,
        skip_rows=HEADER_WITHIN,
    )
    table = read_csv(data, layout)
    columns: Sequence[list[Any]] = [table[name].to_pylist() for name in table.column_names]
    rows = (header.names, *zip(*columns, strict=True))
    plain = not data.is_zip()
    text = data.read().decode(encoding).splitlines() if plain else []
    # Where blank lines stand between rows, the number of a row is not known.
    even = plain and len(text) == header.line + table.num_rows
    lines = tuple(header.line + i if even else None for i in range(len(rows)))
    return Grid(file=data.name, sheet="", rows=rows, lines=lines, above=" | ".join(t.strip(" ,") for t in text[: header.line - 1] if t.strip(" ,")))
