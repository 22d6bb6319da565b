"""CSV files: bytes -> strict text -> header -> typed rows, by a fast reader and, wherever there is doubt, cell by cell."""

from __future__ import annotations

import codecs
import contextlib
import csv
import io
import re
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO, Final, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from jsnakit.errors import LayoutError
from jsnakit.files import SourceFile
from jsnakit.tabular._layouts import (
    ARROW,
    SAFE_INTEGER,
    Bad,
    Column,
    Fault,
    Faults,
    Header,
    Layout,
    Slot,
    cell_of,
    choose_layout,
    data_error,
    match_header,
)

_BLOCK: Final = 1 << 20
_MAX_HEADER: Final = 1 << 18
_ROWS_AT_ONCE: Final = 4096
_HEXADECIMAL: Final = re.compile(rb"""(?:^|[^0-9A-Za-z_])-?0[xX][0-9A-Fa-f]*(?![0-9A-Za-z_])""")
_NEWLINE, _RETURN, _QUOTE, _ZERO, _X, _PLUS = b'\n\r"0x+'


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
        slots = match_header(header.names, chosen, file.name)
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
    return ARROW["code"] if column.kind == "date" or column.thousands else ARROW[column.kind]


def _fast(watch: _Watch, slots: list[Slot], layout: Layout) -> pa.Table | None:
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


def _converted(table: pa.Table, slots: list[Slot], missing: Sequence[str]) -> pa.Table | None:
    """Dates and thousands from their texts; null where one of them has not the declared form."""
    for slot in slots:
        column = slot.column
        if column is None or _wire_kind(column) == ARROW[column.kind]:
            continue
        position = table.column_names.index(column.name)
        texts = table[column.name].cast(pa.string())
        unique = texts.unique()
        cells = [cell_of(text, column, missing) for text in unique.to_pylist()]
        if any(isinstance(cell, Bad) for cell in cells):
            return None
        values = pa.array(cells, ARROW[column.kind])
        table = table.set_column(position, column.name, values.take(pc.index_in(texts, unique).combine_chunks()))
    return table


def _sound(table: pa.Table, watch: _Watch, slots: list[Slot], layout: Layout) -> bool:
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
        return all(not isinstance(cell_of(text, column, ()), Bad) for text in texts.to_pylist() if text is not None)
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
    edge = SAFE_INTEGER - (column.kind == "float64")
    return bool(-edge <= limits["min"] <= limits["max"] <= edge)


def _exact(stream: BinaryIO, slots: list[Slot], header: Header, layout: Layout, name: str) -> pa.Table:
    """Every row cell by cell: either a table, or a `DataError` that names each fault."""
    encoding = "utf-8" if layout.encoding == "utf-8-sig" else layout.encoding
    faults = Faults()
    kept = [(i, slot.column) for i, slot in enumerate(slots) if slot.column is not None]
    schema = pa.schema([pa.field(column.name, ARROW[column.kind]) for _, column in kept])
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
            value = cell_of(row[i], column, layout.missing)
            if isinstance(value, Bad):
                faults.add(number, slots[i].header, row[i], str(value))
            values.append(value)
        if len(cells[0]) >= _ROWS_AT_ONCE:
            flush()
    flush()
    if faults.total:
        raise data_error(name, faults.kept, faults.total)
    return pa.concat_tables(batches).unify_dictionaries()


def _records(stream: BinaryIO, encoding: str, header: Header, layout: Layout, faults: Faults) -> Iterator[tuple[int, list[str]]]:
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


def _multiline_records(text: io.TextIOWrapper, header: Header, layout: Layout, faults: Faults) -> Iterator[tuple[int, list[str]]]:
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
