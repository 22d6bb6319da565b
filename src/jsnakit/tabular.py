"""The one door for publishers' CSV files and spreadsheets: bytes -> strict text -> header contract -> columns typed by a declared layout.

Nothing is guessed. A file is read as one of the layouts its source declares, or it is refused: `LayoutError` where the header is none of them, `DataError`
(file, line, column, value, rule; the first 20 places and their total number) where a line or a cell cannot be right.

Every CSV is read twice over by different means when there is any doubt: a fast typed reader (pyarrow's, one thread, streamed) does the good files, and whatever it or
the watch on the bytes finds odd is read again cell by cell, which either names each fault or gives the same table.
"""

from __future__ import annotations

import codecs
import contextlib
import csv
import datetime as dt
import html
import io
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, BinaryIO, Final, Literal, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
from attrs import evolve, field, frozen

from jsnakit.errors import DataError, InvalidValueError, JsnakitError, LayoutError
from jsnakit.files import SourceFile
from jsnakit.model import nearest

__all__ = [
    "MAX_FAULTS",
    "Column",
    "Family",
    "Fault",
    "Header",
    "Layout",
    "Sheet",
    "choose_layout",
    "data_error",
    "read_csv",
    "read_header",
    "read_sheet",
    "sheet_names",
]

MAX_FAULTS: Final = 20
"""How many faults an error lists; it counts them all."""

Kind = Literal["text", "code", "int32", "int64", "float64", "date"]
_ARROW: Final = {
    "text": pa.string(),
    "code": pa.dictionary(pa.int32(), pa.string()),
    "int32": pa.int32(),
    "int64": pa.int64(),
    "float64": pa.float64(),
    "date": pa.date32(),
}
_BLOCK: Final = 1 << 20
_MAX_HEADER: Final = 1 << 18
_ROWS_AT_ONCE: Final = 4096
_SAFE_INTEGER: Final = 2**53
_INTEGER: Final = re.compile(r"-?0*[0-9]{1,18}")
# Beyond these a workbook is a bomb, or one lost cell in the last corner for which a whole empty sheet would be built.
_MAX_WORKBOOK: Final = 512 * 1024**2
_MAX_CELLS: Final = 20_000_000
# A cell with something in it, by its opening tag and content.
_XLSX_CELL: Final = re.compile(rb"<((?:\w+:)?c\s[^>]*[^>/])>(.*?)</(?:\w+:)?c>", re.DOTALL)
_ODS_ROW: Final = re.compile(rb"<table:table-row((?:\s[^>]*?)?)(?:/>|>(.*?)</table:table-row>)", re.DOTALL)
_ODS_CELL: Final = re.compile(rb"<table:(?:covered-)?table-cell([^>]*)>")
_THOUSANDS: Final = re.compile(r"-?[0-9]{1,3}(,[0-9]{3})*(\.[0-9]+)?")
_HEXADECIMAL: Final = re.compile(rb"""(?:^|[^0-9A-Za-z_])-?0[xX][0-9A-Fa-f]*(?![0-9A-Za-z_])""")
_NEWLINE, _RETURN, _QUOTE, _ZERO, _X, _PLUS = b'\n\r"0x+'
_NUMBER: Final = re.compile(r"-?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?")
_DIGITS_ALONE: Final = re.compile(r"-?[0-9]+")


@frozen(kw_only=True)
class Column:
    """One column a layout asks for: its name in the result, the names publishers give it, and what its cells must be.

    `header` lists the accepted names in the file (default: `name`). `kind`: `text` and `code` (a dictionary of few values) are never anything but text, so `5E1`, `NA`
    and `007` stay; `int32`, `int64`, `float64` are strict (finite, no padding signs, no thousands commas unless `thousands`); `date` is read by the declared `format` alone.
    `nullable` allows a missing cell, `pattern` is a regular expression for the whole of a text, `minimum` the least number allowed.

    >>> Column(name="count", kind="int64").headers
    ('count',)
    """

    name: str
    kind: Kind = "text"
    header: tuple[str, ...] = ()
    required: bool = True
    nullable: bool = True
    pattern: str | None = None
    minimum: float | None = None
    thousands: bool = False
    format: str = "%Y-%m-%d"

    @property
    def headers(self) -> tuple[str, ...]:
        """The names in a file that mean this column."""
        return self.header or (self.name,)


@frozen(kw_only=True)
class Family:
    r"""A run of columns told by a pattern, such as the weekly bands of a waiting list: `name` makes each column's name from the match.

    With `ordered`, they must stand in the order in which `expected` lists them, none missing and none beside them.

    >>> weeks = Family(pattern=r"week (\d+)", name=lambda m: f"w{int(m[1]):02}", kind="int32", expected=("w00", "w01"))
    >>> weeks.ordered
    True
    """

    pattern: str
    name: Callable[[re.Match[str]], str]
    kind: Kind = "int32"
    expected: tuple[str, ...] = ()
    ordered: bool = True
    nullable: bool = True
    minimum: float | None = None


@frozen(kw_only=True)
class Layout:
    """One way in which a publisher lays a table out: its id, its columns and what else the text must keep to.

    `encoding` is what the source declares (`utf-8-sig` unless it says otherwise). `missing` are the cells that mean no number. `ordered` asks for the declared order of columns,
    `extra` allows columns nobody asked for, `blank_lines` lines without text, `final_newline` that the last line ends in one (a cut file does not), `multiline` line ends inside
    quotes (blank lines are then passed over). `skip_rows` lines at most may stand above the header.
    """

    id: str
    columns: tuple[Column, ...]
    families: tuple[Family, ...] = ()
    encoding: str = "utf-8-sig"
    delimiter: str = ","
    missing: tuple[str, ...] = ("",)
    ordered: bool = False
    extra: bool = False
    blank_lines: bool = False
    final_newline: bool = True
    multiline: bool = False
    skip_rows: int = 0


@frozen
class Fault:
    """One place in a file that cannot be right: line (from 1), column as in the header, the cell, and the rule it breaks."""

    line: int | None
    column: str | None
    value: Any
    rule: str

    def __str__(self) -> str:
        line = "" if self.line is None else f"line {self.line:,}"
        column = "" if self.column is None else f"column {self.column!r}"
        place = ", ".join(filter(None, (line, column)))
        shown = "" if self.value is None else f": {self.value!r:.120}"
        return f"{place or 'the file'} [{self.rule}]{shown}"


@frozen
class Header:
    """The header of a CSV file: its names as they stand, and the line it is on."""

    names: tuple[str, ...]
    line: int


@frozen
class _Slot:
    """What to make of one column of the file: null where it is read and left out."""

    header: str
    column: Column | None


def data_error(file: str, faults: Sequence[Fault], total: int | None = None, *, hint: str | None = None) -> DataError:
    """The `DataError` for these faults: the message lists the first 20, the attributes hold the first and all of them.

    >>> data_error("x.csv", [Fault(2, "count", "1e400", "finite")]).rule
    'finite'
    """
    total = len(faults) if total is None else total
    first = faults[0]
    listed = "\n".join(f"  - {fault}" for fault in faults[:MAX_FAULTS])
    more = f"\n  ... and {total - MAX_FAULTS:,} more" if total > MAX_FAULTS else ""
    return DataError(
        f"{file}: {total:,} {'place' if total == 1 else 'places'} that cannot be right:\n{listed}{more}",
        hint=hint or "compare with the publisher's file; fetch it again if it may be cut or damaged, else report it with this message",
        file=file,
        line=first.line,
        column=first.column,
        value=first.value,
        rule=first.rule,
        failures=tuple(faults[:MAX_FAULTS]),
        total=total,
    )


class _Faults:
    """Collects faults: keeps the first 20, counts all."""

    def __init__(self) -> None:
        self.kept: list[Fault] = []
        self.total = 0

    def add(self, line: int | None, column: str | None, value: Any, rule: str) -> None:
        if self.total < MAX_FAULTS:
            self.kept.append(Fault(line, column, value, rule))
        self.total += 1


# --- bytes ---------------------------------------------------------------------------------------------------------------------------------------


class _Watch(io.RawIOBase):
    """Hands bytes on as UTF-8 and notes what a CSV reader would not tell: NUL, wrong encoding, line ends, odd quotes, hexadecimal numbers, the last byte."""

    def __init__(self, head: bytes, stream: BinaryIO, layout: Layout, name: str, line: int) -> None:
        super().__init__()
        self._head = head
        self._stream = stream
        self._name = name
        self._line = line
        self._encoding = layout.encoding
        self._utf8 = codecs.lookup(layout.encoding).name in ("utf-8", "utf-8-sig")
        self._decoder = codecs.getincrementaldecoder("utf-8" if self._utf8 else layout.encoding)("strict")
        self._delimiter = ord(layout.delimiter)
        self._last = b"\n"
        self._last_opens = self._begun = False
        self._before_cell = np.frombuffer(b'\n" \t' + layout.delimiter.encode(), dtype=np.uint8)
        self._mid_character = False
        self.newlines = 0
        self.odd_returns = 0
        self.odd_quotes = 0
        self.odd = False

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1) -> bytes:
        while True:
            if self._head:
                chunk, self._head = self._head, b""
            else:
                chunk = self._stream.read(-1 if size is None else size)
            # A piece of a character gives no text yet, which must not look like the end.
            if (noted := self._note(chunk)) or not chunk:
                return noted

    @property
    def ends_line(self) -> bool:
        return self._last == b"\n"

    def _note(self, chunk: bytes) -> bytes:
        if not chunk:
            self._decode(b"", final=True)
            return b""
        if not chunk.isascii() or self._mid_character:
            text = self._decode(chunk)
            self._mid_character = bool(self._decoder.getstate()[0])
            if not self._utf8:
                chunk = text.encode()
                if not chunk:
                    return b""
        pairs = np.frombuffer(self._last + chunk, dtype=np.uint8)
        # The bytes that a second look may be needed for, in comparisons that the processor makes many at a time: a fifth of the cost of counting each of them.
        watched = pairs <= _RETURN
        watched |= pairs == _QUOTE
        watched |= pairs == _PLUS
        watched |= (pairs | 0x20) == _X
        places = np.flatnonzero(watched)
        places = places[places > 0] if pairs[0] != _QUOTE else places
        found = pairs[places]
        if not found.all():
            line = self._line + self.newlines + chunk.count(b"\n", 0, chunk.index(b"\0")) + 1
            raise data_error(self._name, [Fault(line, None, "\0", "no-nul")])
        before, after = pairs[places - 1], np.append(pairs, 0)[places + 1] if len(places) and places[-1] == len(pairs) - 1 else pairs[places + 1]
        self.newlines += int(np.count_nonzero(found == _NEWLINE))
        self.odd_returns += int(np.count_nonzero(found == _RETURN)) - int(np.count_nonzero((found == _NEWLINE) & (before == _RETURN)))
        # A quote that neither opens nor closes a cell, or is alone in one; only such lines need a second look.
        quotes = found == _QUOTE
        if quotes.any():
            opens = quotes & (places > 0) & ((before == self._delimiter) | (before == _NEWLINE))
            closes = quotes & ((after == self._delimiter) | (after == _RETURN) | (after == _NEWLINE))
            self.odd_quotes += int(np.count_nonzero(quotes & (places > 0))) - int(np.count_nonzero(opens)) - int(np.count_nonzero(closes))
            self.odd = self.odd or bool((opens & closes).any()) or (self._last_opens and places[0] == 0 and bool(closes[0]))
        # pyarrow takes a plus sign before a fraction (not before an integer), and a byte order mark before the first row.
        self.odd = (
            self.odd or bool((np.isin(before, self._before_cell) & (found == _PLUS)).any()) or (not self._begun and chunk.startswith(codecs.BOM_UTF8))
        )
        self._begun = True
        self._last_opens = bool(len(places) and places[-1] == len(pairs) - 1 and found[-1] == _QUOTE and before[-1] in (self._delimiter, _NEWLINE))
        # pyarrow reads 0x1F as 31. A code may hold the same letters, so only a whole cell that is such a number counts.
        for place in places[(found | 0x20 == _X) & (before == _ZERO)]:
            self.odd = self.odd or _HEXADECIMAL.search(pairs[max(0, place - 3) : place + 20].tobytes()) is not None
        self._last = chunk[-1:]
        return chunk

    def _decode(self, chunk: bytes, *, final: bool = False) -> str:
        try:
            return self._decoder.decode(chunk, final)
        except UnicodeDecodeError as error:
            line = self._line + self.newlines + error.object.count(b"\n", 0, error.start) + 1
            shown = bytes(error.object[error.start : error.start + 8])
            raise data_error(
                self._name,
                [Fault(line, None, shown, "encoding")],
                hint=f"the source declares {self._encoding}; the file is in another encoding, or damaged",
            ) from error


@contextlib.contextmanager
def _opened(file: SourceFile, member: str | None) -> Iterator[BinaryIO]:
    """The CSV behind a file: the file itself, or the one member of a ZIP."""
    if file.is_zip():
        with file.open_member(member) as stream:
            yield stream
    else:
        with file.open() as stream:
            yield stream


def _refuse_start(name: str, start: bytes) -> None:
    """What a first block shows at once: a web page, two byte order marks, another encoding's mark."""
    head = start.removeprefix(codecs.BOM_UTF8)
    if head.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise data_error(name, [Fault(1, None, start[:6], "byte-order-mark")], hint="the file begins with a second or a foreign byte order mark")
    if head.lstrip()[:1] == b"<":
        raise LayoutError(
            f"{name} is a web page (HTML or XML), not a table",
            hint="the publisher's server answered with a page; open the address in a browser",
            resource=name,
            expected="CSV",
            found="HTML",
        )


# --- header --------------------------------------------------------------------------------------------------------------------------------------


def read_header(file: SourceFile, *, encoding: str = "utf-8-sig", delimiter: str = ",", member: str | None = None, skip_rows: int = 0) -> Header:
    """The header of a CSV file, or of the one in a ZIP: its first line, or the first of `skip_rows` + 1 lines whose first and last cell hold text.

    Raises `LayoutError` where there is none or it is HTML, `DataError` for bytes that are not in the declared encoding.
    """
    layout = Layout(id="", columns=(), encoding=encoding, delimiter=delimiter, skip_rows=skip_rows)
    with _opened(file, member) as stream:
        return _take_header(stream, layout, file.name)[0]


def _take_header(stream: BinaryIO, layout: Layout, name: str) -> tuple[Header, bytes]:
    """The header by a layout's delimiter and encoding, and the bytes read beyond it."""
    block = b""
    while len(block) < _MAX_HEADER and (more := stream.read(_MAX_HEADER - len(block))):
        block += more
    _refuse_start(name, block)
    start = len(codecs.BOM_UTF8) if block.startswith(codecs.BOM_UTF8) else 0
    for number in range(1, layout.skip_rows + 2):
        end = block.find(b"\n", start) + 1
        if not end:
            break
        cells = _split(block[start:end], layout, name, number)
        if cells and (not layout.skip_rows or (len(cells) > 1 and cells[0].strip() and cells[-1].strip())):
            return Header(tuple(cells), number), block[end:]
        start = end
    raise LayoutError(
        f"{name} has no header row in its first {layout.skip_rows + 1} line(s), or nothing under it",
        hint="the file is cut, empty or laid out anew",
        resource=name,
        expected=layout.id or "a header row",
        found=block[:200].decode("utf-8", "replace"),
    )


def _split(line: bytes, layout: Layout, name: str, number: int) -> list[str]:
    try:
        text = line.decode("utf-8" if layout.encoding == "utf-8-sig" else layout.encoding).removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError as error:
        raise data_error(name, [Fault(number, None, line[error.start : error.start + 8], "encoding")]) from error
    for sign, rule in (("\0", "no-nul"), ("\r", "line-end")):
        if sign in text:
            raise data_error(name, [Fault(number, None, sign, rule)])
    try:
        return next(csv.reader([text], delimiter=layout.delimiter, strict=True), [])
    except csv.Error:
        return []


def choose_layout(names: Sequence[str], layouts: Sequence[Layout], resource: str) -> Layout:
    """The first layout whose contract this header keeps. Raises one `LayoutError` that says what the nearest layout misses.

    >>> a = Layout(id="a", columns=(Column(name="code"), Column(name="count", kind="int64")))
    >>> choose_layout(["code", "count"], [a], "x.csv").id
    'a'
    """
    problems = []
    for layout in layouts:
        try:
            _match(names, layout, resource)
        except LayoutError as error:
            problems.append(error)
        else:
            return layout
    best = min(problems, key=lambda e: len(e.message))
    if len(problems) == 1:
        raise best
    known = ", ".join(layout.id for layout in layouts)
    raise LayoutError(
        f"{resource}: the header is none of the layouts known ({known}). {best.message}",
        hint=best.hint,
        resource=resource,
        expected=best.expected,
        found=tuple(names),
    )


def _match(names: Sequence[str], layout: Layout, resource: str) -> list[_Slot]:
    """The header held against the layout: one slot a column of the file."""
    duplicates = sorted({n for n in names if list(names).count(n) > 1}) if len(set(names)) < len(names) else []
    wanted = {alias: column for column in layout.columns for alias in column.headers}
    slots = [_slot(name, wanted, layout) for name in names]
    found = [slot.column.name for slot in slots if slot.column is not None]
    doubled = duplicates or sorted({n for n in found if found.count(n) > 1})
    missing = [column.headers[0] for column in layout.columns if column.required and column.name not in found]
    missing += [name for family in layout.families for name in family.expected if name not in found]
    extra = [slot.header for slot in slots if slot.column is None]
    members = {name for family in layout.families for name in family.expected}
    extra += [name for name in found if layout.families and name not in members and name not in {c.name for c in layout.columns} and members]
    disorder = _disorder(found, layout)
    if doubled or missing or disorder or (extra and not layout.extra):
        raise _layout_error(resource, layout, names, {"missing": missing, "extra": extra, "twice": doubled, "out of order": disorder})
    return slots


def _slot(name: str, wanted: dict[str, Column], layout: Layout) -> _Slot:
    if name in wanted:
        return _Slot(name, wanted[name])
    for family in layout.families:
        if match := re.fullmatch(family.pattern, name):
            return _Slot(name, Column(name=family.name(match), kind=family.kind, nullable=family.nullable, minimum=family.minimum))
    return _Slot(name, None)


def _disorder(found: list[str], layout: Layout) -> list[str]:
    """The columns that stand where another should."""
    if layout.ordered:
        order = [c.name for c in layout.columns if c.name in found]
        here = [n for n in found if n in set(order)]
        if here != order:
            return [n for n, o in zip(here, order, strict=False) if n != o]
    for family in layout.families:
        members = set(family.expected)
        here = [n for n in found if n in members]
        if family.ordered and len(here) == len(family.expected) and here != list(family.expected):
            return [n for n, o in zip(here, family.expected, strict=True) if n != o]
    return []


def _layout_error(resource: str, layout: Layout, names: Sequence[str], faults: dict[str, list[str]]) -> LayoutError:
    renamed = []
    for name in faults["missing"]:
        if close := nearest(name, faults["extra"], n=1):
            renamed.append(f"{name!r} (is it {close[0]!r}?)")
    said = [f"{word}: {', '.join(map(repr, items[:6]))}{' ...' if len(items) > 6 else ''} ({len(items)})" for word, items in faults.items() if items]
    said += [f"perhaps renamed: {', '.join(renamed[:6])}"] if renamed else []
    return LayoutError(
        f"{resource} is not laid out as {layout.id or 'declared'}: {'; '.join(said)}",
        hint="the publisher may have changed the file: update the plugin, or report this message to it",
        resource=resource,
        expected=tuple([c.headers[0] for c in layout.columns] + [n for f in layout.families for n in f.expected]),
        found=tuple(names),
    )


# --- rows ----------------------------------------------------------------------------------------------------------------------------------------


def read_csv(file: SourceFile, layout: Layout | Sequence[Layout], *, member: str | None = None) -> pa.Table:
    """A CSV file, or the one CSV in a ZIP, as an Arrow table of the layout's columns in the file's order; streamed, one thread.

    Of several layouts, the first whose header contract the file keeps is taken; the header is looked for by the first one's delimiter and encoding. Blank text stays an empty
    text; a missing number is null. Row i stands on line `i + 1 + header line` (unless blank or multiline lines are allowed); the schema's metadata carry the layout's
    id (`layout`) and the header's line (`header_line`). Raises `LayoutError`, `DataError`, `ArchiveError`.
    """
    layouts = [layout] if isinstance(layout, Layout) else list(layout)
    with _opened(file, member) as stream:
        header, rest = _take_header(stream, layouts[0], file.name)
        chosen = choose_layout(header.names, layouts, file.name)
        slots = _match(header.names, chosen, file.name)
        watch = _Watch(rest, stream, chosen, file.name, header.line)
        table = _fast(watch, slots, chosen)
        if table is None:
            # Read on, so that what the bytes themselves show (encoding, NUL, a cut archive) is told first.
            while watch.read(_BLOCK):
                pass
    if table is not None:
        table = _converted(table, slots, chosen.missing)
    if table is None or not _sound(table, watch, slots, chosen):
        with _opened(file, member) as stream:
            table = _exact(stream, slots, header, chosen, file.name)
    return table.replace_schema_metadata({b"layout": chosen.id.encode(), b"header_line": str(header.line).encode()})


def _wire_kind(column: Column) -> pa.DataType:
    """How the fast reader takes a column: dates and thousands as text, to be converted by their declared form."""
    return _ARROW["code"] if column.kind == "date" or column.thousands else _ARROW[column.kind]


def _fast(watch: _Watch, slots: list[_Slot], layout: Layout) -> pa.Table | None:
    """All rows by the typed reader, or null where it refuses any of them."""
    names = [str(i) for i in range(len(slots))]
    kept = [i for i, slot in enumerate(slots) if slot.column is not None]
    types = {names[i]: _wire_kind(cast("Column", slots[i].column)) for i in kept}
    try:
        with pacsv.open_csv(
            pa.PythonFile(watch, mode="r"),
            read_options=pacsv.ReadOptions(use_threads=False, block_size=_BLOCK, column_names=names),
            parse_options=pacsv.ParseOptions(delimiter=layout.delimiter, newlines_in_values=layout.multiline),
            convert_options=pacsv.ConvertOptions(
                # The watch has decoded every byte already.
                column_types=types,
                include_columns=[names[i] for i in kept],
                null_values=list(layout.missing),
                strings_can_be_null=False,
                check_utf8=False,
            ),
        ) as reader:
            table = reader.read_all()
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return None
    return table.rename_columns([cast("Column", slots[i].column).name for i in kept]).unify_dictionaries()


def _converted(table: pa.Table, slots: list[_Slot], missing: Sequence[str]) -> pa.Table | None:
    """Dates and thousands from their texts; null where one of them has not the declared form."""
    for slot in slots:
        column = slot.column
        if column is None or _wire_kind(column) == _ARROW[column.kind]:
            continue
        position = table.column_names.index(column.name)
        texts = table[column.name].cast(pa.string())
        unique = texts.unique()
        cells = [_cell(text, column, missing) for text in unique.to_pylist()]
        if any(isinstance(cell, _Bad) for cell in cells):
            return None
        values = pa.array(cells, _ARROW[column.kind])
        table = table.set_column(position, column.name, values.take(pc.index_in(texts, unique).combine_chunks()))
    return table


def _sound(table: pa.Table, watch: _Watch, slots: list[_Slot], layout: Layout) -> bool:
    """Whether what the fast reader made is beyond doubt."""
    if watch.odd or watch.odd_quotes or watch.odd_returns or (layout.final_newline and not watch.ends_line):
        return False
    # Fewer rows than lines: a blank line, or a quote that swallowed a line end (where a layout allows them, only the exact reader tells them from a lost quote).
    # In a file of one column, a blank line looks like a cell.
    if table.num_rows != watch.newlines + (not watch.ends_line) or len(slots) == 1:
        return False
    return all(_column_sound(table[slot.column.name], slot.column) for slot in slots if slot.column is not None)


def _column_sound(values: pa.ChunkedArray, column: Column) -> bool:
    if column.kind in ("text", "code"):
        if column.nullable and column.pattern is None:
            return True
        texts = values.chunk(0).dictionary if pa.types.is_dictionary(values.type) and values.num_chunks else values.unique()
        return all(not isinstance(_cell(text, column, ()), _Bad) for text in texts.to_pylist() if text is not None)
    if not column.nullable and values.null_count:
        return False
    if column.kind == "float64" and not pc.all(pc.is_finite(values), min_count=0).as_py():
        return False
    if column.kind == "date" or not len(values):
        return True
    limits = pc.min_max(values).as_py()
    if limits["min"] is None:
        return True
    if column.minimum is not None and limits["min"] < column.minimum:
        return False
    # A float beyond the safe integers, or on their edge, may have lost digits: the exact reader sees them.
    edge = _SAFE_INTEGER - (column.kind == "float64")
    return bool(-edge <= limits["min"] <= limits["max"] <= edge)


class _Bad(str):
    """The rule that a cell breaks, in place of its value."""

    __slots__ = ()


def _cell(text: str, column: Column, missing: Sequence[str]) -> Any:
    """One cell by its column's rules: its value, null, or the rule it breaks (`_Bad`)."""
    if column.kind in ("text", "code"):
        if not column.nullable and not text.strip():
            return _Bad("blank")
        return _Bad("pattern") if text and column.pattern is not None and not re.fullmatch(column.pattern, text) else text
    if text in missing:
        return None if column.nullable else _Bad("blank")
    if column.kind == "date":
        try:
            return dt.datetime.strptime(text, column.format).replace(tzinfo=dt.UTC).date()
        except ValueError:
            return _Bad("date")
    return _number(text.strip(" \t"), column)


def _number(text: str, column: Column) -> Any:
    if column.thousands and _THOUSANDS.fullmatch(text):
        text = text.replace(",", "")
    if column.kind == "float64":
        if not _NUMBER.fullmatch(text):
            return _Bad("number")
        value: float = float(text)
        if value in (float("inf"), float("-inf")):
            return _Bad("finite")
        if abs(value) >= _SAFE_INTEGER and _DIGITS_ALONE.fullmatch(text) and text.lstrip("-0") != str(_SAFE_INTEGER):
            return _Bad("integer-range")
    else:
        if not _INTEGER.fullmatch(text):
            return _Bad("integer")
        value = int(text)
        if not (-(2**31) <= value < 2**31 if column.kind == "int32" else abs(value) <= _SAFE_INTEGER):
            return _Bad("integer-range")
    return _Bad("minimum") if column.minimum is not None and value < column.minimum else value


def _exact(stream: BinaryIO, slots: list[_Slot], header: Header, layout: Layout, name: str) -> pa.Table:
    """Every row cell by cell: either a table, or a `DataError` that names each fault."""
    encoding = "utf-8" if layout.encoding == "utf-8-sig" else layout.encoding
    faults = _Faults()
    kept = [(i, slot.column) for i, slot in enumerate(slots) if slot.column is not None]
    schema = pa.schema([pa.field(column.name, _ARROW[column.kind]) for _, column in kept])
    batches: list[pa.Table] = []
    cells: list[list[Any]] = [[] for _ in kept]

    def flush() -> None:
        if not faults.total:
            batches.append(pa.table([pa.array(values, f.type) for values, f in zip(cells, schema, strict=True)], schema=schema))
        for values in cells:
            values.clear()

    for number, row in _records(stream, encoding, header, layout, faults):
        if len(row) != len(slots):
            faults.add(number, None, f"{len(row)} fields, not {len(slots)}", "field-count")
            continue
        for values, (i, column) in zip(cells, kept, strict=True):
            value = _cell(row[i], column, layout.missing)
            if isinstance(value, _Bad):
                faults.add(number, slots[i].header, row[i], str(value))
            values.append(value)
        if len(cells[0]) >= _ROWS_AT_ONCE:
            flush()
    flush()
    if faults.total:
        raise data_error(name, faults.kept, faults.total)
    return pa.concat_tables(batches).unify_dictionaries()


def _records(stream: BinaryIO, encoding: str, header: Header, layout: Layout, faults: _Faults) -> Iterator[tuple[int, list[str]]]:
    """The records under the header with the line each begins on; what is not one goes to the faults."""
    text = io.TextIOWrapper(cast("BinaryIO", _Kept(stream)), encoding=encoding, errors="strict", newline="\n")
    for _ in range(header.line):
        text.readline()
    if layout.multiline:
        yield from _multiline_records(text, header, layout, faults)
        return
    for number, line in enumerate(text, header.line + 1):
        body = line.removesuffix("\n")
        if body == line and layout.final_newline:
            faults.add(number, None, line[-40:], "cut-short")
        body = body.removesuffix("\r")
        if not body.strip() and layout.delimiter not in body:
            if not layout.blank_lines:
                faults.add(number, None, None, "blank-line")
        elif "\r" in body:
            faults.add(number, None, body[:40], "line-end")
        else:
            try:
                row = next(csv.reader([body], delimiter=layout.delimiter, strict=True))
            except csv.Error as error:
                faults.add(number, None, str(error), "quotes")
            else:
                yield number, row
    text.detach()


def _multiline_records(text: io.TextIOWrapper, header: Header, layout: Layout, faults: _Faults) -> Iterator[tuple[int, list[str]]]:
    last = ""

    def lines() -> Iterator[str]:
        nonlocal last
        for line in text:
            last = line
            yield line

    reader = csv.reader(lines(), delimiter=layout.delimiter, strict=True)
    before = 0
    try:
        for row in reader:
            number, before = header.line + before + 1, reader.line_num
            if row:
                yield number, row
    except csv.Error as error:
        faults.add(header.line + reader.line_num, None, str(error), "quotes")
    if layout.final_newline and last and not last.endswith("\n"):
        faults.add(header.line + reader.line_num, None, last[-40:], "cut-short")


class _Kept(io.RawIOBase):
    """A stream that is not closed with the text over it."""

    def __init__(self, stream: BinaryIO) -> None:
        super().__init__()
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._stream.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


# --- spreadsheets --------------------------------------------------------------------------------------------------------------------------------


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
        slots = _match(names, layout, f"{self.file}, sheet {self.name!r}")
        faults = _Faults()
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
                if isinstance(value, _Bad):
                    faults.add(number, slots[i].header, row[i], str(value))
                values.append(value)
        if faults.total:
            raise data_error(f"{self.file}, sheet {self.name!r}", faults.kept, faults.total)
        return pa.table([pa.array(v, _ARROW[c.kind]) for v, (_, c) in zip(cells, kept, strict=True)], names=[c.name for _, c in kept])


def _is_of_table(row: Sequence[Any], kept: Sequence[tuple[int, Column]], missing: Sequence[str]) -> bool:
    """Whether a row can only be one more of the table: every cell keeps its column's rules, and most are filled (a note under a table fills one or two)."""
    cells = [(row[i], _sheet_cell(row[i], column, missing)) for i, column in kept]
    filled = sum(cell != "" for cell, _ in cells)
    return 2 * filled > max(len(cells), 2) and not any(isinstance(value, _Bad) for _, value in cells)


def _sheet_cell(cell: Any, column: Column, missing: Sequence[str]) -> Any:
    if isinstance(cell, str):
        return _cell(cell if column.kind in ("text", "code") else cell.strip(), column, missing)
    if column.kind in ("text", "code") or isinstance(cell, bool):
        return _Bad("not-text" if column.kind in ("text", "code") else "number")
    if column.kind == "date":
        if isinstance(cell, dt.datetime):
            return cell.date() if cell.time() == dt.time.min else _Bad("date")
        return cell if isinstance(cell, dt.date) else _Bad("date")
    if not isinstance(cell, int | float):
        return _Bad("number")
    return _number(
        repr(int(cell)) if cell == cell and abs(cell) < _SAFE_INTEGER and cell == int(cell) else repr(cell), evolve(column, thousands=False)
    )


def _folded(cell: Any) -> str:
    return _spaced(cell).casefold()


def _spaced(cell: Any) -> str:
    return " ".join(str(cell).split())


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
            if place is None:
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
