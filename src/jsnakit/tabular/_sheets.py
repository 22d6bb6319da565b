"""Spreadsheets: one sheet as it stands, or the rows under a header that is found by its words."""

from __future__ import annotations

import contextlib
import datetime as dt
import html
import io
import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

import pyarrow as pa
from attrs import evolve, field, frozen

from jsnakit.errors import InvalidValueError, JsnakitError, LayoutError
from jsnakit.files import SourceFile
from jsnakit.tabular._layouts import ARROW, SAFE_INTEGER, Bad, Column, Faults, Layout, cell_of, data_error, match_header, number_of

# Beyond these a workbook is a bomb, or one lost cell in the last corner for which a whole empty sheet would be built.
_MAX_WORKBOOK: Final = 512 * 1024**2
_MAX_CELLS: Final = 20_000_000
# A cell that may have something in it, by its opening tag and content; one written as `<c ...></c>` has as little as one written as `<c ... />`.
_XLSX_CELL: Final = re.compile(rb"<((?:\w+:)?c\s[^>]*[^>/])>(.*?)</(?:\w+:)?c>", re.DOTALL)
_ODS_ROW: Final = re.compile(rb"<table:table-row((?:\s[^>]*?)?)(?:/>|>(.*?)</table:table-row>)", re.DOTALL)
_ODS_CELL: Final = re.compile(rb"<table:(?:covered-)?table-cell([^>]*)>")


@frozen
class Sheet:
    """One sheet of a workbook: its rows as they stand (text, float, date, bool; an empty cell is an empty text), with no header assumed.

    Rows and columns count from 0 in `rows`; errors speak of rows as a spreadsheet shows them, from 1.
    """

    file: str
    name: str
    rows: tuple[tuple[Any, ...], ...] = field(repr=False)

    def find(self, *words: str, within: int = 60) -> int:
        """The index of the first row that has a cell equal to each of `words`, spaces and case aside. Raises `LayoutError` where there is none."""
        wanted = {_folded(word) for word in words}
        for i, row in enumerate(self.rows[:within]):
            if wanted <= {_folded(cell) for cell in row if isinstance(cell, str)}:
                return i
        raise LayoutError(
            f"{self.file}, sheet {self.name!r}: no header row with {', '.join(map(repr, words))} in the first {within} rows",
            hint="the publisher may have changed the sheet: update the plugin, or report this message to it",
            resource=self.file,
            expected=words,
            found=tuple(str(cell) for row in self.rows[:within] for cell in row if isinstance(cell, str) and cell)[:40],
        )

    def table(self, layout: Layout, *words: str) -> pa.Table:
        """The rows under the header that has `words`, by the layout's columns: down to the first wholly empty row, or with `blank_lines` past empty rows to the end.

        A number where a code is declared is refused (a spreadsheet has already turned `5E1` into 50), and so are a cell beyond the header (unless `extra`) and an empty row with more
        of the same table below it (unless `blank_lines`): nothing is cut off without a word. Raises `LayoutError`, `DataError`.
        """
        top = self.find(*words)
        names = [_spaced(cell) for cell in self.rows[top]]
        while names and not names[-1]:
            names.pop()
        slots = match_header(names, layout, f"{self.file}, sheet {self.name!r}")
        faults = Faults()
        kept = [(i, slot.column) for i, slot in enumerate(slots) if slot.column is not None]
        cells: list[list[Any]] = [[] for _ in kept]
        numbered = enumerate(self.rows[top + 1 :], top + 2)
        for number, row in numbered:
            if all(cell == "" for cell in row):
                if layout.blank_lines:
                    continue
                if any(_is_of_table(later, kept, layout.missing) for _, later in numbered):
                    faults.add(number, None, None, "blank-line")
                break
            beyond = [cell for cell in row[len(names) :] if cell != ""]
            if beyond and not layout.extra:
                faults.add(number, None, beyond[0], "field-count")
            for values, (i, column) in zip(cells, kept, strict=True):
                value = _sheet_cell(row[i], column, layout.missing)
                if isinstance(value, Bad):
                    faults.add(number, slots[i].header, row[i], str(value))
                values.append(value)
        if faults.total:
            raise data_error(f"{self.file}, sheet {self.name!r}", faults.kept, faults.total)
        return pa.table([pa.array(v, ARROW[c.kind]) for v, (_, c) in zip(cells, kept, strict=True)], names=[c.name for _, c in kept])


def _is_of_table(row: Sequence[Any], kept: Sequence[tuple[int, Column]], missing: Sequence[str]) -> bool:
    """Whether a row can only be one more of the table: every cell keeps its column's rules, and most are filled (a note under a table fills one or two)."""
    cells = [(row[i], _sheet_cell(row[i], column, missing)) for i, column in kept]
    filled = sum(cell != "" for cell, _ in cells)
    return 2 * filled > max(len(cells), 2) and not any(isinstance(value, Bad) for _, value in cells)


def _sheet_cell(cell: Any, column: Column, missing: Sequence[str]) -> Any:
    if isinstance(cell, str):
        return cell_of(cell if column.kind in ("text", "code") else cell.strip(), column, missing)
    if column.kind in ("text", "code") or isinstance(cell, bool):
        return Bad("not-text" if column.kind in ("text", "code") else "number")
    if column.kind == "date":
        if isinstance(cell, dt.datetime):
            return cell.date() if cell.time() == dt.time.min else Bad("date")
        return cell if isinstance(cell, dt.date) else Bad("date")
    if not isinstance(cell, int | float):
        return Bad("number")
    return number_of(
        repr(int(cell)) if cell == cell and abs(cell) < SAFE_INTEGER and cell == int(cell) else repr(cell), evolve(column, thousands=False)
    )


def _folded(cell: Any) -> str:
    return _spaced(cell).casefold()


class _Workbook:
    """A workbook behind the doors it must pass: what calamine would abort on, or leave out without a word, is found before it is asked."""

    def __init__(self, file: SourceFile, member: str | None = None) -> None:
        self._name = member or file.name
        if member is None:
            self._data = file.read()
        else:
            with file.open_member(member) as stream:
                self._data = stream.read()
        self._parts = self._unpacked()
        with self._faults():
            from python_calamine import CalamineWorkbook

            self._book = CalamineWorkbook.from_filelike(io.BytesIO(self._data))
            self.sheets = tuple(self._book.sheet_names)

    @contextlib.contextmanager
    def _faults(self) -> Iterator[None]:
        """Whatever calamine says of bytes that are no workbook, or a damaged one, as a `LayoutError`."""
        from python_calamine import CalamineError

        try:
            yield
        except JsnakitError:
            raise
        except BaseException as error:
            # A panic of its Rust code is none of Python's `Exception`s, and has no class that could be imported.
            if not isinstance(error, CalamineError | ValueError | OSError | OverflowError) and type(error).__name__ != "PanicException":
                raise
            start = self._data[:200].lstrip()
            raise LayoutError(
                f"{self._name} is not a workbook{' but a web page' if start[:1] == b'<' else ''}, or a damaged one: {error}",
                hint="it must be an Excel (XLS, XLSX) or OpenDocument file; fetch it again if it may be cut",
                resource=self._name,
                expected="XLS, XLSX or ODS",
                found=start[:60].decode("latin-1"),
            ) from error

    def _unpacked(self) -> dict[str, bytes]:
        """The parts of an XLSX file that tell where its cells are, once every member has passed the door of archives."""
        archive = SourceFile.from_bytes(self._data, name=self._name)
        parts: dict[str, bytes] = {}
        total = 0
        for name in archive.members() if archive.is_zip() else ():
            with archive.open_member(name, nested=True) as stream:
                data = stream.read(_MAX_WORKBOOK - total + 1)
            total += len(data)
            if total > _MAX_WORKBOOK:
                raise self._refused(f"it unpacks to more than {_MAX_WORKBOOK // 1024**2} MiB")
            if name.endswith((".xml", ".rels")):
                parts[name] = data
        for sheet in parts.get("content.xml", b"").split(b"<table:table ")[1:]:
            self._refuse_extent("a sheet", *_ods_extent(sheet))
        return parts

    def _refuse_extent(self, sheet: str, rows: int, columns: int) -> None:
        if rows * columns > _MAX_CELLS:
            raise self._refused(f"{sheet} has cells as far as row {rows:,}, column {columns:,}")

    def _refused(self, why: str) -> LayoutError:
        return LayoutError(
            f"{self._name} cannot be read: {why}",
            hint="no publisher's table is like that: open it in a spreadsheet, and report this message to the plugin's authors",
            resource=self._name,
            expected="a workbook of ordinary size",
            found=why,
        )

    def _part_of(self, sheet: str) -> bytes:
        """The XML of one sheet of an XLSX file; nothing for other kinds."""
        ids = {
            html.unescape(_attribute(tag, b"name")): _attribute(tag, b"r:id")
            for tag in re.findall(rb"<(?:\w+:)?sheet\s[^>]*>", self._parts.get("xl/workbook.xml", b""))
        }
        targets = {
            _attribute(tag, b"Id"): _attribute(tag, b"Target")
            for tag in re.findall(rb"<(?:\w+:)?Relationship\s[^>]*>", self._parts.get("xl/_rels/workbook.xml.rels", b""))
        }
        target = targets.get(ids.get(sheet, ""), "")
        return self._parts.get(target.lstrip("/") if target.startswith("/") else f"xl/{target}", b"")

    def rows(self, sheet: str) -> tuple[tuple[Any, ...], ...]:
        """The cells of one sheet; an error value (`#N/A`) is the text a spreadsheet shows for it."""
        errors: list[tuple[int, int, str]] = []
        last_row = last_column = 0
        for tag, content in _XLSX_CELL.findall(self._part_of(sheet)):
            place = re.fullmatch(r"([A-Z]{1,3})([0-9]{1,7})", _attribute(tag, b"r"))
            if place is None or not content.strip():
                continue
            row, column = int(place[2]), _column_number(place[1])
            last_row, last_column = max(last_row, row), max(last_column, column)
            if _attribute(tag, b"t") == "e":
                value = re.search(rb"<(?:\w+:)?v>([^<]*)<", content)
                errors.append((row - 1, column - 1, value[1].decode("utf-8", "replace") if value else "#ERROR"))
        self._refuse_extent(f"sheet {sheet!r}", last_row, last_column)
        with self._faults():
            rows: list[list[Any]] = self._book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
        for row, column, shown in errors:
            if row < len(rows) and column < len(rows[row]):
                rows[row][column] = shown
        return tuple(tuple(_plain(cell, sheet) for cell in row) for row in rows)


def _attribute(tag: bytes, name: bytes) -> str:
    """One attribute of an XML tag, or an empty text."""
    match = re.search(rb"\s" + name + rb"""\s*=\s*(?:"([^"]*)"|'([^']*)')""", tag)
    return (match[1] or match[2] or b"").decode("utf-8", "replace") if match else ""


def _ods_extent(sheet: bytes) -> tuple[int, int]:
    """The last row and column of an OpenDocument sheet that hold something, with the rows and cells that stand for many."""
    row = last_row = last_column = 0
    for attributes, body in _ODS_ROW.findall(sheet):
        column = filled = 0
        for cell in _ODS_CELL.findall(body):
            column += _repeated(cell, b"table:number-columns-repeated")
            filled = filled if cell.endswith(b"/") else column
        row += _repeated(attributes, b"table:number-rows-repeated")
        if filled:
            last_row, last_column = row, max(last_column, filled)
    return last_row, last_column


def _repeated(tag: bytes, name: bytes) -> int:
    text = _attribute(tag, name)
    return int(text) if re.fullmatch("[0-9]{1,9}", text) else 1


def column_letters(index: int) -> str:
    """A column, counted from 0, as a spreadsheet names it.

    >>> column_letters(0), column_letters(27)
    ('A', 'AB')
    """
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def sheet_names(file: SourceFile, *, member: str | None = None) -> tuple[str, ...]:
    """The names of the sheets of a workbook (or of the workbook `member` of a ZIP). Raises `LayoutError` where it is none, `ArchiveError` where its ZIP is damaged."""
    return _Workbook(file, member).sheets


def read_sheet(file: SourceFile, sheet: str | None = None, *, member: str | None = None) -> Sheet:
    """One sheet of a workbook by name, or its only one. Raises `LayoutError` where it is no workbook, or has no such sheet (it lists those it has).

    Dates are dates; a duration or a clock time is refused with `InvalidValueError`, since no publisher's table has one. An error value of an XLSX file (`#N/A`) is that text, so
    that a number column refuses it unless its layout lists it among the missing. Raises `ArchiveError` where the workbook's ZIP is damaged.
    """
    book = _Workbook(file, member)
    names = list(book.sheets)
    if sheet is None and len(names) == 1:
        sheet = names[0]
    if sheet not in names:
        raise LayoutError(
            f"{file.name} has no sheet {sheet!r}; it has {', '.join(map(repr, names))}"
            if sheet
            else f"{file.name} has {len(names)} sheets: say which",
            hint="the publisher may have renamed it: update the plugin, or report this message to it",
            resource=file.name,
            expected=sheet or "one sheet",
            found=tuple(names),
        )
    assert sheet is not None
    return Sheet(file.name, sheet, book.rows(sheet))


def _plain(cell: Any, sheet: str) -> Any:
    if isinstance(cell, dt.timedelta | dt.time):
        raise InvalidValueError(f"sheet {sheet!r} has a time of day {cell!r}", hint="no table of a statistics publisher has one", value=cell)
    return cell


def _spaced(cell: Any) -> str:
    return " ".join(str(cell).split())
