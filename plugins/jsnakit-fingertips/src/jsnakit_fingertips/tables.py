"""From the bytes of a file to one table of its cells: CSV or JSON, plain, gzipped or in a ZIP. Numbers as numbers, everything else as the text that stands there.

pyarrow reads the whole of a CSV at once. What it would pass over in silence is looked for here: a cut last line, an odd quote, a NUL, a number that is none.
"""

from __future__ import annotations

import csv
import io
import json
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from jsnakit.errors import DataError, LayoutError
from jsnakit.files import SourceFile
from jsnakit_fingertips.dialects import NUMBERS, Header, catalogue_of, header_of, plain

__all__ = ["Cells", "content_of", "fault", "read_cells"]

_MAX_BYTES: Final = 4 * 1024**3
_TEXT: Final = pa.dictionary(pa.int32(), pa.string())
_MISSING: Final = ("", "NA", "NaN", "NULL")
_NO_DATA: Final = re.compile(r"<[^<>]*no-data[^<>]*>[^<>]*</[^<>]*>|-|NA|N/A|NaN|NULL|", re.IGNORECASE)
_THOUSANDS: Final = re.compile(r"-?\d{1,3}(,\d{3})+(\.\d+)?")
_NUMBER: Final = re.compile(r"-?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?")
_SOMETHING: Final = re.compile(rb"\S")
_ROWS_OF_JSON: Final = ("data", "rows", "results", "records")


class Cells:
    """The cells of one file: `header` and `table` of an export, or, of a catalogue, `catalogue` (what it lists) and its table of text."""

    def __init__(self, name: str, table: pa.Table, header: Header | None, catalogue: str | None = None, content: bytes = b"") -> None:
        self.name = name
        self.table = table
        self.header = header
        self.catalogue = catalogue
        self.content = content

    def line(self, row: int) -> int | None:
        """The line of the file on which a row ends: rows may hold line ends, so it is counted, and only for an error."""
        if not self.content or self.content[:1] in b"{[":
            return None
        reader = csv.reader(io.StringIO(self.content.decode("utf-8-sig"), newline=""))
        try:
            for i, _ in enumerate(line for line in reader if line):
                if i == row + 1:
                    return reader.line_num
        except csv.Error:
            pass
        return None


def fault(cells: Cells, row: int | None, column: str, value: Any, rule: str, said: str, hint: str, total: int = 1) -> DataError:
    """The `DataError` for a cell that cannot be right, naming file, line, column and what stands there."""
    line = None if row is None else cells.line(row)
    if cells.header and column in cells.header.slots:
        column = cells.header.names[cells.header.slots.index(column)]
    place = f"{cells.name}, " + (f"line {line:,}" if line else f"row {row + 1:,}" if row is not None else "")
    more = f" ({total:,} rows)" if total > 1 else ""
    return DataError(
        f"{place.rstrip(', ')}, column {column!r}: {said}{more}",
        hint=hint, file=cells.name, line=line, column=column, value=value, rule=rule, total=total,
    )  # fmt: skip


def content_of(data: SourceFile) -> bytes:
    """The bytes of the one file that there is: as it is, unzipped or ungzipped. Raises `DataError` for a damaged gzip, `ArchiveError` for a damaged ZIP."""
    if data.is_zip():
        with data.open_member() as stream:
            return stream.read()
    content = data.read()
    if content[:2] != b"\x1f\x8b":
        return content
    whole = _gunzipped_at_once(content)
    return b"".join(_gunzipped(data.name, content)) if whole is None else whole


def _gunzipped_at_once(content: bytes) -> bytes | None:
    """A gzip file of one member, unpacked into memory of the size that its end declares; null where that is not certain, and the careful way is to be taken."""
    size = int.from_bytes(content[-4:], "little")
    # A further member would begin as the first does.
    if not 0 < size <= _allowed(content) or content.find(content[:3], 1) >= 0:
        return None
    try:
        unpacked: bytes = pa.Codec("gzip").decompress(content, size, asbytes=True)
    except (pa.ArrowException, OSError):
        return None
    # The codec does not tell when less came than was declared.
    return unpacked if zlib.crc32(unpacked) == int.from_bytes(content[-8:-4], "little") else None


def _allowed(content: bytes) -> int:
    """To how many bytes a gzip file may unpack: none to more than a table would."""
    return min(_MAX_BYTES, 400 * len(content) + 65536)


def _gunzipped(name: str, content: bytes) -> Iterator[bytes]:
    """The members of a gzip file, which may not unpack to more than a table would."""
    allowed = _allowed(content)
    rest = content
    while rest:
        # A window of 31 means gzip with its checksum.
        member = zlib.decompressobj(31)
        try:
            unpacked = member.decompress(rest, allowed + 1)
        except zlib.error as error:
            raise DataError(f"{name} is a damaged gzip file: {error}", hint="fetch it again", file=name, rule="gzip") from error
        allowed -= len(unpacked)
        if allowed < 0:
            raise DataError(f"{name} unpacks to more than any table would", hint="look at what was sent", file=name, rule="gzip-size")
        if not member.eof:
            raise DataError(f"{name} is a damaged gzip file: it ends too early", hint="fetch it again", file=name, rule="gzip")
        yield unpacked
        rest = member.unused_data.lstrip(b"\0")


def read_cells(data: SourceFile) -> Cells:
    """A file's cells. Raises `LayoutError` where it is none that the publisher (or those who pass its files on) makes, `DataError` where it is damaged."""
    content = content_of(data)
    start = content[:4096].removeprefix(b"\xef\xbb\xbf").lstrip()
    if start[:1] in (b"{", b"["):
        return _from_json(data.name, content)
    if start[:1] == b"<" or not start:
        raise LayoutError(
            f"{data.name} is {'a web page' if start else 'empty'}, not an export",
            hint="the server answered with a page; open the address in a browser",
            resource=data.name, expected="a CSV export", found="HTML" if start else "nothing",
        )  # fmt: skip
    return _from_csv(data.name, content)


# -- CSV -------------------------------------------------------------------------------------------------------------------------------


def _from_csv(name: str, content: bytes) -> Cells:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise DataError(
            f"{name} is UTF-16, not UTF-8", hint="save it as CSV UTF-8, or give the file as it was downloaded", file=name, line=1, rule="encoding"
        )
    end = content.find(b"\n") + 1
    if not end:
        raise LayoutError(
            f"{name} has no header row", hint="the file is cut or no export", resource=name, expected="a header row", found=content[:80]
        )
    try:
        names = next(csv.reader([content[:end].decode("utf-8-sig").strip("\r\n")], strict=True), [])
    except (UnicodeDecodeError, csv.Error) as error:
        raise LayoutError(f"{name} has no header row: {error}", resource=name, expected="a header row in UTF-8", found=content[:80]) from error
    catalogue = catalogue_of(names)
    header = None if catalogue else header_of(names, name)
    _whole(name, content)
    kinds = [_kind(slot) for slot in header.slots] if header else [pa.string()] * len(names)
    # Without copying the whole: everything after the header.
    body = pa.py_buffer(content).slice(end)
    if not _SOMETHING.search(content, end):
        empty = [pa.array([], kind) for kind in kinds]
        return Cells(name, _named(pa.table(empty, [str(i) for i in range(len(names))]), header, names), header, catalogue, content)
    try:
        table = _read(body, kinds)
    except (pa.ArrowInvalid, pa.ArrowKeyError):
        # A number with thousands, or a cell of HTML, or no number at all: as text first, to be converted cell by cell.
        try:
            table = _read(body, [pa.string() if pa.types.is_floating(kind) else kind for kind in kinds])
        except (pa.ArrowInvalid, pa.ArrowKeyError) as error:
            raise _unreadable(name, content, len(names), error) from error
    cells = Cells(name, _named(table, header, names), header, catalogue, content)
    if header:
        cells.table = _numbers(cells)
    return cells


def _kind(slot: str | None) -> pa.DataType:
    return pa.null() if slot is None else pa.float64() if slot in NUMBERS else _TEXT


def _whole(name: str, content: bytes) -> None:
    """What shows a cut or damaged file, and what the fast reader would not tell."""
    if not content.endswith(b"\n"):
        line = content.count(b"\n") + 1
        raise DataError(
            f"{name} ends in the middle of line {line:,}", hint="the download was cut: fetch it again", file=name, line=line, rule="whole"
        )
    at = content.find(b"\0")
    if at >= 0:
        line = content.count(b"\n", 0, at) + 1
        raise DataError(f"{name}, line {line:,} holds a NUL", hint="the file is damaged: fetch it again", file=name, line=line, rule="no-nul")
    if content.count(b'"') % 2:
        raise DataError(
            f"{name} has an odd number of quotes: somewhere one is missing",
            hint="the file is damaged, or was edited: fetch it again", file=name, rule="quotes",
        )  # fmt: skip


def _read(body: pa.Buffer, kinds: Sequence[pa.DataType]) -> pa.Table:
    names = [str(i) for i in range(len(kinds))]
    kept = [n for n, kind in zip(names, kinds, strict=True) if not pa.types.is_null(kind)]
    table: pa.Table = pacsv.read_csv(
        body,
        read_options=pacsv.ReadOptions(use_threads=False, column_names=names, block_size=min(max(1 << 20, body.size), 1 << 30)),
        parse_options=pacsv.ParseOptions(newlines_in_values=True),
        convert_options=pacsv.ConvertOptions(
            column_types={n: kind for n, kind in zip(names, kinds, strict=True) if not pa.types.is_null(kind)},
            include_columns=kept,
            null_values=list(_MISSING),
            strings_can_be_null=False,
        ),
    )
    return table.unify_dictionaries().combine_chunks()


def _named(table: pa.Table, header: Header | None, names: Sequence[str]) -> pa.Table:
    """The columns by our names; those of a catalogue by the file's."""
    called = header.slots if header else names
    return table.select([n for n in table.column_names if called[int(n)] is not None]).rename_columns(
        [str(called[int(n)]) for n in table.column_names if called[int(n)] is not None]
    )


def _unreadable(name: str, content: bytes, width: int, error: Exception) -> DataError:
    """Where a file stops being a table."""
    try:
        reader = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True)
        for row in reader:
            if row and len(row) != width:
                return DataError(
                    f"{name}, line {reader.line_num:,} has {len(row)} cells, the header {width}",
                    hint="the file is damaged, or was edited: fetch it again", file=name, line=reader.line_num, rule="cells",
                )  # fmt: skip
    except UnicodeDecodeError as wrong:
        line = content.count(b"\n", 0, wrong.start) + 1
        return DataError(f"{name}, line {line:,} is not UTF-8", hint="save it as CSV UTF-8", file=name, line=line, rule="encoding")
    except csv.Error as wrong:
        return DataError(f"{name} cannot be read as CSV: {wrong}", hint="the file is damaged: fetch it again", file=name, rule="csv")
    return DataError(f"{name} cannot be read as CSV: {error}", hint="the file is damaged: fetch it again", file=name, rule="csv")


def _numbers(cells: Cells) -> pa.Table:
    """The number columns as finite numbers: thousands are taken, a cell that says "no data" is missing, anything else is refused."""
    table = cells.table
    for at, name in enumerate(table.column_names):
        if name not in NUMBERS:
            continue
        column = table[name]
        if pa.types.is_string(column.type):
            column = _converted(cells, name, column)
            table = table.set_column(at, name, column)
        finite = pc.is_finite(column)
        if not pc.all(finite, min_count=0).as_py():
            row = pc.index(finite, pa.scalar(value=False)).as_py()
            raise fault(cells, row, name, str(column[row]), "finite", f"{column[row]} is not a finite number", "the file is damaged or was edited")
    return table


def _converted(cells: Cells, name: str, column: pa.ChunkedArray) -> pa.ChunkedArray:
    unique = column.unique().to_pylist()
    values: list[float | None] = []
    for text in unique:
        value = _number(text)
        if value is None:
            row = pc.index(column, pa.scalar(text)).as_py()
            raise fault(cells, row, name, text, "number", f"{text!r} is not a number", "the file is damaged or was edited; thousands have commas")
        values.append(None if np.isnan(value) else value)
    return pa.chunked_array([pa.array(values, pa.float64()).take(pc.index_in(column, pa.array(unique, pa.string())).combine_chunks())])


def _number(text: str) -> float | None:
    """A cell as a number: NaN for one that says there is none, null for one that is no number."""
    text = text.strip()
    if _NO_DATA.fullmatch(text):
        return float("nan")
    if _THOUSANDS.fullmatch(text):
        text = text.replace(",", "")
    return float(text) if _NUMBER.fullmatch(text) else None


# -- JSON ------------------------------------------------------------------------------------------------------------------------------


def _from_json(name: str, content: bytes) -> Cells:
    try:
        document = json.loads(content.decode("utf-8-sig"))
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise DataError(f"{name} is not valid JSON: {error}", hint="the download was cut: fetch it again", file=name, rule="json") from error
    if (catalogue := _catalogue_rows(document)) is not None:
        said, rows = catalogue
        table = pa.table({"key": pa.array([k for k, _ in rows], pa.string()), "json": pa.array([json.dumps(v) for _, v in rows], pa.string())})
        return Cells(name, table, None, said)
    found = _rows_of(name, document)
    if not found:
        raise LayoutError(
            f"{name} is JSON that holds no rows of figures" + (f": {document.get('Message') or document.get('message')}" if isinstance(document, dict) and {"Message", "message"} & set(document) else ""),
            hint="rows have area_code, sex, age, time_period and value", resource=name, expected="rows of figures", found=str(document)[:200],
        )  # fmt: skip
    names = list(dict.fromkeys(key for row in found for key in row))
    header = header_of(names, name)
    columns: dict[str, pa.Array] = {}
    for key, slot in zip(names, header.slots, strict=True):
        if slot is not None:
            columns[slot] = _json_column(name, [row.get(key) for row in found], key, number=slot in NUMBERS)
    return Cells(name, pa.table(columns), header)


def _catalogue_rows(document: Any) -> tuple[str, list[tuple[str, Any]]] | None:
    """The entries of a catalogue in JSON: metadata by id, or the successor's list of indicators."""
    if isinstance(document, dict) and document and all(isinstance(v, dict) and "IID" in v and "Descriptive" in v for v in document.values()):
        return "metadata of indicators", list(document.items())
    if isinstance(document, list) and document and all(isinstance(v, dict) and {"indicatorID", "polarity"} <= set(v) for v in document):
        return "the successor's indicators", [(str(v["indicatorID"]), v) for v in document]
    return None


def _rows_of(name: str, document: Any) -> list[dict[str, Any]]:
    """The rows of figures in a document: a list of objects, or such a list in an object that says how many there are; or the successor's nested answer."""
    if isinstance(document, dict):
        if isinstance(document.get("areaHealthData"), list):
            return list(_nested(document))
        rows = next((document[key] for key in _ROWS_OF_JSON if isinstance(document.get(key), list)), None)
        said = document.get("record_count")
        if rows is not None and isinstance(said, int) and said != len(rows):
            raise DataError(f"{name} says that it has {said:,} rows and has {len(rows):,}", hint="fetch it again", file=name, rule="record-count")
    else:
        rows = document
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        return []
    return rows if all("areacode" in {plain(key) for key in row} for row in rows) else []


def _nested(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The rows of the successor's answer for one indicator: areas, segments (a sex, an age), and years with their breakdown."""
    for area in document["areaHealthData"]:
        for segment in area.get("indicatorSegments", []):
            for point in segment.get("healthData", []):
                deprivation, dates = point.get("deprivation") or {}, point.get("datePeriod") or {}
                total = bool(deprivation.get("isAggregate", True))
                yield {
                    "indicator_id": document.get("indicatorId"),
                    "indicator_name": document.get("name"),
                    "area_code": area.get("areaCode"),
                    "area_name": area.get("areaName"),
                    "sex": (point.get("sex") or segment.get("sex") or {}).get("value"),
                    "age": (point.get("ageBand") or segment.get("age") or {}).get("value"),
                    "category_type": "" if total else deprivation.get("type"),
                    "category": "" if total else deprivation.get("value"),
                    "time_period": _dates(dates),
                    "value": point.get("value"),
                    "lower_ci_95_0_limit": point.get("lowerCi"),
                    "upper_ci_95_0_limit": point.get("upperCi"),
                    "count": point.get("count"),
                    "denominator": point.get("denominator"),
                    "recent_trend": point.get("trend"),
                    "compared_to_england_value_or_percentiles": (point.get("benchmarkComparison") or {}).get("outcome"),
                }


def _dates(dates: Mapping[str, Any]) -> str:
    """A period of two dates as the label that the publisher would print."""
    first, last = str(dates.get("from", "")), str(dates.get("to", ""))
    if first[4:] == "-01-01" and last[4:] == "-12-31":
        return first[:4] if first[:4] == last[:4] else f"{first[:4]} - {last[2:4]}"
    if re.match(r"\d{4}-\d{2}-01$", first) and re.match(r"\d{4}-\d{2}-\d{2}$", last):
        if dates.get("type") in ("Financial", "Academic") and last[:4] == str(int(first[:4]) + 1):
            return f"{first[:4]}/{last[2:4]}"
        months = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
        return f"{months[int(first[5:7]) - 1]} {first[:4]} - {months[int(last[5:7]) - 1]} {last[:4]}"
    return f"{first} to {last}"


def _json_column(name: str, values: list[Any], key: str, *, number: bool) -> pa.Array:
    if not number:
        return pa.array(["" if v is None else str(v) for v in values], pa.string()).dictionary_encode()
    numbers: list[float | None] = []
    for i, value in enumerate(values):
        found = (
            float("nan") if value is None else float(value) if isinstance(value, int | float) and not isinstance(value, bool) else _number(str(value))
        )
        if found is None or found in (float("inf"), float("-inf")):
            raise DataError(f"{name}, row {i + 1:,}, {key!r}: {value!r} is not a number", file=name, column=key, value=value, rule="number")
        numbers.append(None if np.isnan(found) else found)
    return pa.array(numbers, pa.float64())
