"""The one door for publishers' tables: each fault somebody has met in a file is refused with its place, or read right. Nothing is guessed."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import io
import math
import random
import re
import string
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import attrs
import openpyxl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jsnakit.errors import ArchiveError, DataError, InvalidValueError, JsnakitError, LayoutError
from jsnakit.files import SourceFile
from jsnakit.tabular import (
    MAX_FAULTS,
    Column,
    Family,
    Fault,
    Header,
    Layout,
    Sheet,
    _csv,
    _sheets,
    choose_layout,
    data_error,
    read_csv,
    read_header,
    read_sheet,
    sheet_names,
)

WAITS = Layout(
    id="waits",
    columns=(
        Column(name="code", kind="code", header=("Org Code", "Code"), nullable=False),
        Column(name="name", header=("Org Name",)),
        Column(name="count", kind="int64", header=("Count",), minimum=0),
        Column(name="value", kind="float64", header=("Value",)),
    ),
)
HEAD = b"Org Code,Org Name,Count,Value\n"
GOOD = HEAD + b"RBD,Dorset,12,1.5\nRXX,Wyre,,\n"


def a_file(data: bytes, name: str = "waits.csv") -> SourceFile:
    return SourceFile.from_bytes(data, name=name)


def read(data: bytes, layout: Layout | Sequence[Layout] = WAITS) -> pa.Table:
    return read_csv(a_file(data), layout)


def rows(data: bytes, layout: Layout | Sequence[Layout] = WAITS) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = read(data, layout).to_pylist()
    return found


def refused(data: bytes, layout: Layout | Sequence[Layout] = WAITS) -> DataError:
    with pytest.raises(DataError) as caught:
        read(data, layout)
    assert caught.value.file == "waits.csv"
    assert caught.value.hint
    return caught.value


def misfit(data: bytes, layout: Layout | Sequence[Layout] = WAITS) -> LayoutError:
    with pytest.raises(LayoutError) as caught:
        read(data, layout)
    assert caught.value.resource == "waits.csv"
    assert caught.value.hint
    return caught.value


def place(error: DataError) -> tuple[Any, ...]:
    return error.line, error.column, error.value, error.rule


def exactly(data: bytes, layout: Layout) -> pa.Table:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_csv, "_fast", lambda *_: None)
        return read(data, layout)


# --- what is right -----------------------------------------------------------------------------------------------------


def test_a_good_file_becomes_the_layouts_columns_in_the_files_order() -> None:
    table = read(GOOD)
    assert table.column_names == ["code", "name", "count", "value"]
    assert table.schema.types == [pa.dictionary(pa.int32(), pa.string()), pa.string(), pa.int64(), pa.float64()]
    assert table.to_pylist() == [
        {"code": "RBD", "name": "Dorset", "count": 12, "value": 1.5},
        {"code": "RXX", "name": "Wyre", "count": None, "value": None},
    ]
    assert table.schema.metadata == {b"layout": b"waits", b"header_line": b"1"}


def test_the_good_file_takes_the_fast_way(monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*_: object) -> None:
        raise AssertionError("read cell by cell")

    monkeypatch.setattr(_csv, "_exact", forbidden)
    for data in (GOOD, GOOD.replace(b"\n", b"\r\n"), GOOD.replace(b"Dorset", b'"Dorset, north"'), b"\xef\xbb\xbf" + GOOD):
        assert read(data).num_rows == 2


def test_a_zip_of_one_csv_is_read_through_its_door(tmp_path: Path) -> None:
    path = tmp_path / "waits.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("waits.csv", GOOD)
        archive.writestr("other.csv", GOOD[:-1] + b"1\n")
    file = SourceFile.from_path(path)
    assert read_csv(file, WAITS, member="waits.csv").num_rows == 2
    assert read_header(file, member="waits.csv").names[0] == "Org Code"
    with pytest.raises(ArchiveError, match="several data files"):
        read_csv(file, WAITS)
    data = path.read_bytes()
    for cut in (len(data) // 2, len(data) - 30):
        with pytest.raises(ArchiveError):
            read_csv(a_file(data[:cut], "waits.zip"), WAITS, member="waits.csv")
    damaged = data.replace(GOOD[:4], GOOD[:4], 1)
    at = data.index(b"PK\x01\x02") - 12
    damaged = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
    with pytest.raises(ArchiveError):
        read_csv(a_file(damaged, "waits.zip"), WAITS, member="other.csv")


# --- what readers guess, and this one does not (one test a row of the reliability study) --------------------------------


def test_5e1_and_007_and_words_for_nothing_stay_what_they_are() -> None:
    codes = ["5E1", "007", "NA", "None", "null", "nan", "NaN", "N/A", "inf", "TRUE", "0x1F", "1e400", "-", "#N/A", "1_000"]
    data = HEAD + b"".join(f"{c},{c},1,1\n".encode() for c in codes)
    for table in (read(data), exactly(data, WAITS)):
        assert table["code"].to_pylist() == table["name"].to_pylist() == codes


def test_words_for_nothing_are_no_numbers_unless_declared() -> None:
    for word in (b"NA", b"None", b"null", b"nan", b"NaN", b"-", b"*", b"#N/A", b"N/A", b" "):
        for line in (b"RBD,Dorset," + word + b",1\n", b"RBD,Dorset,1," + word + b"\n"):
            assert refused(HEAD + line).rule in ("integer", "number")
    suppressed = attrs.evolve(WAITS, missing=("", "*", "-"))
    assert rows(HEAD + b"RBD,Dorset,*,-\n", suppressed)[0] == {"code": "RBD", "name": "Dorset", "count": None, "value": None}
    # Of a text, the declared words are words.
    assert rows(HEAD + b"RBD,*,1,1\n", suppressed)[0]["name"] == "*"


def test_one_field_too_many_on_every_row_shifts_nothing() -> None:
    error = refused(HEAD + b"RBD,Dorset,12,1.5,9\nRXX,Wyre,1,1,9\n")
    assert place(error) == (2, None, "5 fields, not 4", "field-count")
    assert error.total == 2
    assert refused(HEAD + b"RBD,Dorset,12,1.5\nRXX,Wyre,1,1,\n").line == 3


def test_a_field_too_few_is_no_missing_cell() -> None:
    for data in (HEAD + b"RBD,Dorset,12\n", GOOD + b"RYY,Fylde\n", GOOD + b"RYY\n"):
        assert refused(data).rule == "field-count"


def test_a_file_cut_anywhere_but_at_a_line_end_is_refused() -> None:
    ends = {i + 1 for i, byte in enumerate(GOOD) if byte == 10}
    for length in range(len(GOOD)):
        if length in ends:
            # Only the ZIP's checksum, the lock or the row count of the last edition sees this one.
            assert read(GOOD[:length]).num_rows == GOOD[:length].count(b"\n") - 1
            continue
        with pytest.raises((DataError, LayoutError)):
            read(GOOD[:length])


def test_a_cut_last_cell_is_named() -> None:
    error = refused(HEAD + b"RBD,Dorset,12,1.5")
    assert (error.line, error.rule) == (2, "cut-short")
    assert rows(HEAD + b"RBD,Dorset,12,1.5", attrs.evolve(WAITS, final_newline=False))[0]["value"] == 1.5


def test_one_byte_order_mark_is_none_and_two_are_a_fault() -> None:
    assert rows(b"\xef\xbb\xbf" + GOOD) == rows(GOOD)
    assert refused(b"\xef\xbb\xbf" * 2 + GOOD).rule == "byte-order-mark"
    for other in ("utf-16", "utf-16-be", "utf-32"):
        with pytest.raises((DataError, LayoutError)):
            read("\ufeff".encode(other) + GOOD.decode().encode(other))
    # In the middle it is a character like another.
    assert refused(GOOD.replace(b"RBD", b"\xef\xbb\xbfRBD"), with_pattern()).rule == "pattern"


def with_pattern() -> Layout:
    return attrs.evolve(WAITS, columns=(attrs.evolve(WAITS.columns[0], pattern="[A-Z0-9]{3}"), *WAITS.columns[1:]))


@pytest.mark.parametrize("at", [len(HEAD) + 1, len(GOOD) - 2, 3])
def test_a_nul_is_refused_wherever_it_stands(at: int) -> None:
    error = refused(GOOD[:at] + b"\0" + GOOD[at:])
    assert error.rule == "no-nul"
    assert error.line == GOOD[:at].count(b"\n") + 1


@pytest.mark.parametrize(
    "word", ["inf", "-inf", "Infinity", "1e400", "-1e999", "1e99999", "nan", "0x1F", "0X1", "1,5", "1.5.2", "--1", "+1", "1e", "e5", "1 2", "½", "٣"]
)
def test_what_is_no_finite_decimal_number_is_refused(word: str) -> None:
    cell = f'"{word}"' if "," in word else word
    for data in (f"RBD,Dorset,1,{cell}\n", f"RBD,Dorset,1,{cell}\nRXX,Wyre,2,2\n"):
        error = refused(HEAD + data.encode())
        assert place(error) == (2, "Value", word, "finite" if word in ("1e400", "-1e999", "1e99999") else "number")
    assert refused(HEAD + f"RBD,Dorset,{cell},1\n".encode()).rule == "integer"


@pytest.mark.parametrize("word", ["1e3", "1.", ".5", "-0", "1E+3", "007", "1e-400", "0.10000000000000000001"])
def test_every_decimal_form_is_read_alike_by_both_readers(word: str) -> None:
    data = HEAD + f"RBD,Dorset,1,{word}\n".encode()
    assert rows(data)[0]["value"] == exactly(data, WAITS).to_pylist()[0]["value"] == float(word)


def test_a_web_page_is_no_table() -> None:
    for page in (b"<!DOCTYPE html><html>\n", b"\xef\xbb\xbf \r\n<html>\n<body>,</body>\n", b"<?xml version='1.0'?>\n"):
        error = misfit(page)
        assert error.found == "HTML"
        assert "web page" in str(error)


def test_cp1252_is_read_where_it_is_declared_and_refused_where_it_is_not() -> None:
    names = "Bath’s café–£5"
    data = HEAD + f"RBD,{names},1,1\n".encode("cp1252")
    assert rows(data, attrs.evolve(WAITS, encoding="cp1252"))[0]["name"] == names
    error = refused(data)
    assert (error.line, error.rule) == (2, "encoding")
    assert "utf-8" in str(error.hint)
    # Bytes that cp1252 does not know are no control characters.
    assert refused(HEAD + b"RBD,a\x81,1,1\n", attrs.evolve(WAITS, encoding="cp1252")).rule == "encoding"
    assert refused(HEAD.replace(b"Name", b"N\x81me") + b"RBD,a,1,1\n", attrs.evolve(WAITS, encoding="cp1252")).line == 1
    # The other way round, the header itself tells.
    assert rows(HEAD + f"RBD,{names},1,1\n".encode())[0]["name"] == names


def test_ascii_means_ascii() -> None:
    layout = attrs.evolve(WAITS, encoding="ascii")
    assert rows(GOOD, layout) == rows(GOOD)
    assert refused(HEAD + "RBD,café,1,1\n".encode(), layout).rule == "encoding"


def test_a_character_on_the_edge_of_a_block_is_whole() -> None:
    for shift in range(4):
        filler = b"RBD," + b"x" * (_csv._MAX_HEADER - len(HEAD) - 12 - shift) + b",1,1\n"
        data = HEAD + filler + "RXX,£€£€£€£€,1,1\n".encode() * 3
        assert read(data)["name"].to_pylist()[1:] == ["£€£€£€£€"] * 3
        assert refused(data[:-8] + b"\xe2\x82,1,1\n").rule == "encoding"
        for encoding in ("cp1252", "shift_jis"):
            layout = attrs.evolve(WAITS, encoding=encoding)
            text = "£€" if encoding == "cp1252" else "日本"
            assert read(HEAD + filler + f"RXX,{text * 4},1,1\n".encode(encoding) * 3, layout)["name"].to_pylist()[1:] == [text * 4] * 3
    assert refused(GOOD + "日".encode("shift_jis")[:1], attrs.evolve(WAITS, encoding="shift_jis")).rule == "encoding"


def test_doubled_headers_are_refused() -> None:
    error = misfit(b"Org Code,Org Name,Count,Value,Value\nRBD,Dorset,1,1,1\n")
    assert "twice: 'Value'" in str(error)
    assert "twice: 'code'" in str(misfit(b"Org Code,Code,Org Name,Count,Value\nRBD,RBD,Dorset,1,1\n"))
    misfit(b"Org Code,Org Name,Count,Value,,\nRBD,Dorset,1,1,,\n", attrs.evolve(WAITS, extra=True))


def test_a_date_is_read_by_its_declared_form_alone() -> None:
    day_first = Layout(id="d", columns=(Column(name="day", kind="date", format="%d/%m/%Y"), Column(name="n", kind="int32")))
    assert rows(b"day,n\n01/04/2023,1\n,2\n", day_first) == [{"day": dt.date(2023, 4, 1), "n": 1}, {"day": None, "n": 2}]
    for word in ("2023-04-01", "04/13/2023", "31/02/2023", "1 April 2023", "01/04/23", "44927", "01/04/2023 ", "today"):
        error = refused(f"day,n\n01/04/2023,1\n{word},1\n".encode(), day_first)
        assert place(error) == (3, "day", word, "date")
    must = attrs.evolve(day_first, columns=(attrs.evolve(day_first.columns[0], nullable=False), day_first.columns[1]))
    assert refused(b"day,n\n,1\n", must).rule == "blank"
    none = attrs.evolve(day_first, missing=("", "-"))
    assert rows(b"day,n\n-,1\n", none)[0]["day"] is None


def test_thousands_are_read_where_declared() -> None:
    layout = Layout(id="t", columns=(Column(name="a", kind="int64", thousands=True), Column(name="b", kind="float64", thousands=True, minimum=0)))
    data = b'a,b\n"1,234,567","1,234.5"\n12,.5\n"-1,000",\n1234,1e3\n'
    for table in (read(data, layout), exactly(data, layout)):
        assert table.to_pylist() == [{"a": 1234567, "b": 1234.5}, {"a": 12, "b": 0.5}, {"a": -1000, "b": None}, {"a": 1234, "b": 1000.0}]
    for word in ("1,23", "12,3456", ",123", "1,,234", "1234,567", "1.234,5"):
        assert refused(f'a,b\n"{word}",1\n'.encode(), layout).rule == "integer"
        assert refused(f'a,b\n1,"{word}"\n'.encode(), layout).rule == "number"
    assert refused(b'a,b\n1,"-1,000"\n', layout).rule == "minimum"
    assert refused(HEAD + b'RBD,Dorset,"1,234",1\n').rule == "integer"


def test_a_lone_carriage_return_is_no_line_end() -> None:
    error = refused(GOOD.replace(b"Dorset", b"Dor\rset"))
    assert (error.line, error.rule) == (2, "line-end")
    assert refused(GOOD.replace(b"Dorset", b'"Dor\rset"')).rule == "line-end"
    misfit(GOOD.replace(b"\n", b"\r"))
    for header in (HEAD.replace(b"Org Name", b"Org\rName"), HEAD.replace(b"\n", b"\r\r\n")):
        assert (refused(header + b"RBD,Dorset,1,1\n").line, refused(header + b"RBD,Dorset,1,1\n").rule) == (1, "line-end")


def test_mixed_line_ends_are_read_right() -> None:
    mixed = GOOD.replace(b"1.5\n", b"1.5\r\n")
    assert rows(mixed) == rows(GOOD) == rows(GOOD.replace(b"\n", b"\r\n"))
    assert exactly(mixed, WAITS).equals(read(GOOD))


@pytest.mark.parametrize(
    "line", [b'RBD,"Dorset,1,1', b'RBD,"Dorset" x,1,1', b'"RBD,Dorset,1,1', b'RBD,"Dor"set",1,1', b'RBD,",1,1', b'RBD,"a"b,"c,1,1', b'RBD,"x"y,",",1']
)  # fmt: skip
def test_quotes_that_do_not_balance_are_refused(line: bytes) -> None:
    for data in (HEAD + line + b"\nRXX,Wyre,1,1\n", HEAD + b"RXX,Wyre,1,1\n" + line + b"\n", HEAD + line + b'\nRXX,"Wyre",1,1\n'):
        error = refused(data)
        assert error.rule in ("quotes", "field-count")
        assert error.line == data[: data.index(line)].count(b"\n") + 1


def test_quotes_inside_are_read_right() -> None:
    data = HEAD + b'RBD,"The ""Old"" Mill, Bath",1,1\nRXX,6" nails,1,1\nRYY,"""",1,1\nRZZ,"",1,1\n"RAA",",",1,1\n'
    for table in (read(data), exactly(data, WAITS)):
        assert table["name"].to_pylist() == ['The "Old" Mill, Bath', '6" nails', '"', "", ","]


def test_a_lost_quote_swallows_no_row_where_line_ends_may_be_quoted() -> None:
    for layout in (attrs.evolve(WAITS, multiline=True), attrs.evolve(WAITS, blank_lines=True), WAITS):
        data = HEAD + b'RBD,"Dorset,1\nRXX,"Wyre",2,2\nRYY,"Fylde",3,3\n'
        assert refused(data, layout).rule in ("quotes", "field-count")
        short = Layout(
            id="s",
            columns=(Column(name="code"), Column(name="name"), Column(name="n", kind="int32")),
            multiline=layout.multiline,
            blank_lines=layout.blank_lines,
        )
        assert refused(b'code,name,n\nA1,"abc,5\nA2,"def",6\n', short).rule in ("quotes", "field-count")


def test_columns_missing_extra_renamed_and_reordered() -> None:
    missing = misfit(b"Org Code,Org Name,Count\nRBD,Dorset,1\n")
    assert "missing: 'Value' (1)" in str(missing)
    assert missing.expected == ("Org Code", "Org Name", "Count", "Value")
    assert missing.found == ("Org Code", "Org Name", "Count")
    assert "extra: 'More' (1)" in str(misfit(HEAD[:-1] + b",More\nRBD,Dorset,1,1,1\n"))
    renamed = misfit(HEAD.replace(b"Count", b"Counts") + b"RBD,Dorset,1,1\n")
    assert "'Count' (is it 'Counts'?)" in str(renamed)
    assert "extra: 'Org Name ' (1)" in str(misfit(HEAD.replace(b"Org Name", b"Org Name ") + b"RBD,Dorset,1,1\n"))
    # Columns are found by name, so another order is read right, unless the layout says that order matters.
    turned = b"Value,Count,Org Name,Code\n1.5,12,Dorset,RBD\n"
    assert rows(turned)[0] == rows(GOOD)[0]
    assert read(turned).column_names == ["value", "count", "name", "code"]
    assert "out of order" in str(misfit(turned, attrs.evolve(WAITS, ordered=True)))
    assert rows(HEAD[:-1] + b",More\nRBD,Dorset,12,1.5,x\n", attrs.evolve(WAITS, extra=True))[0] == rows(GOOD)[0]
    optional = attrs.evolve(WAITS, columns=(*WAITS.columns[:3], attrs.evolve(WAITS.columns[3], required=False)))
    assert read(b"Org Code,Org Name,Count\nRBD,Dorset,1\n", optional).column_names == ["code", "name", "count"]


def test_an_empty_file_and_a_header_alone() -> None:
    for data in (b"", b"\n", b"Org Code,Org Name,Count,Value", b"\xef\xbb\xbf", b" "):
        misfit(data)
    table = read(HEAD)
    assert (table.num_rows, table.schema) == (0, read(GOOD).slice(0, 0).schema)
    assert exactly(HEAD, WAITS).schema.equals(read(HEAD).schema)


def test_a_blank_line_is_refused_unless_allowed() -> None:
    for blank in (b"\n", b"\r\n", b"  \n"):
        data = HEAD + b"RBD,Dorset,12,1.5\n" + blank + b"RXX,Wyre,,\n"
        assert (refused(data).line, refused(data).rule) == (3, "blank-line")
        assert rows(data, attrs.evolve(WAITS, blank_lines=True)) == rows(GOOD)
        assert refused(GOOD + blank).line == 4
    # A row of blank cells is a row.
    assert refused(HEAD + b",,,\n").rule == "blank"
    tabs = attrs.evolve(WAITS, delimiter="\t", columns=(attrs.evolve(WAITS.columns[0], nullable=True), *WAITS.columns[1:]))
    empty = GOOD.replace(b",", b"\t") + b"\t\t\t\n"
    assert read(empty, tabs).equals(exactly(empty, tabs))
    assert read(empty, tabs).num_rows == 3


def test_one_column_reads_a_blank_line_as_no_row() -> None:
    one = Layout(id="one", columns=(Column(name="code", nullable=False),))
    assert read(b"code\nRBD\n007\n", one)["code"].to_pylist() == ["RBD", "007"]
    for data in (b"code\nRBD\n\n", b"code\nRBD\n  \nRXX\n"):
        assert refused(data, one).rule == "blank-line"


def test_negative_counts_are_refused_where_a_least_is_declared() -> None:
    assert place(refused(GOOD.replace(b"12", b"-12"))) == (2, "Count", "-12", "minimum")
    assert rows(GOOD.replace(b"1.5", b"-1.5"))[0]["value"] == -1.5
    least = attrs.evolve(WAITS, columns=(*WAITS.columns[:3], attrs.evolve(WAITS.columns[3], minimum=0)))
    assert refused(GOOD.replace(b"1.5", b"-1.5"), least).rule == "minimum"


def test_integers_keep_every_digit_or_are_refused() -> None:
    safe = 2**53
    for number in (safe, 0, 1):
        assert rows(HEAD + f"RBD,Dorset,{number},{number}\n".encode())[0]["count"] == number
    for number in (safe + 1, 10**18, 2**63 - 1, 2**63, 10**30):
        assert refused(HEAD + f"RBD,Dorset,{number},1\n".encode()).rule in ("integer-range", "integer")
        assert refused(HEAD + f"RBD,Dorset,1,{number}\n".encode()).rule == "integer-range"
    assert rows(HEAD + b"RBD,Dorset,1,1e300\n")[0]["value"] == 1e300
    assert rows(HEAD + b"RBD,Dorset,0000000000000000000000012,1\n")[0]["count"] == 12
    for word in ("1.0", "1e3", "12.5", "1,000"):
        assert refused(HEAD + f'RBD,Dorset,"{word}",1\n'.encode()).rule == "integer"
    small = Layout(id="s", columns=(Column(name="n", kind="int32"), Column(name="m")))
    for number, fits in ((2**31 - 1, True), (-(2**31), True), (2**31, False), (-(2**31) - 1, False)):
        data = f"n,m\n{number},x\n".encode()
        if fits:
            assert read(data, small)["n"].to_pylist() == exactly(data, small)["n"].to_pylist() == [number]
        else:
            assert refused(data, small).rule == "integer-range"


def test_blank_and_pattern_rules_of_texts() -> None:
    assert place(refused(HEAD + b",Dorset,1,1\n")) == (2, "Org Code", "", "blank")
    assert refused(HEAD + b"   ,Dorset,1,1\n").rule == "blank"
    assert place(refused(HEAD + b"RBD,Dorset,1,1\nrbd,Dorset,1,1\n", with_pattern())) == (3, "Org Code", "rbd", "pattern")
    assert refused(HEAD + b"RBDX,Dorset,1,1\n", with_pattern()).rule == "pattern"
    counted = attrs.evolve(WAITS, columns=(*WAITS.columns[:2], attrs.evolve(WAITS.columns[2], nullable=False), WAITS.columns[3]))
    assert place(refused(GOOD, counted)) == (3, "Count", "", "blank")


def test_an_error_lists_twenty_places_and_counts_all() -> None:
    error = refused(HEAD + b"RBD,Dorset,x,1\n" * 5000)
    assert (error.total, len(error.failures)) == (5000, MAX_FAULTS)
    assert [f.line for f in error.failures] == list(range(2, 22))
    assert "5,000 places" in str(error)
    assert "and 4,980 more" in str(error)
    assert str(error.failures[0]) == "line 2, column 'Count' [integer]: 'x'"
    assert str(Fault(None, None, None, "gone")) == "the file [gone]"
    assert data_error("x", [Fault(1, None, None, "r")], hint="look").hint == "look"


def test_a_fault_deep_in_a_file_names_its_line() -> None:
    data = HEAD + b"RBD,Dorset,1,1\n" * 200_000
    assert place(refused(data + b"RXX,Wyre,y,1\n")) == (200_002, "Count", "y", "integer")
    assert refused(data + b"RXX,\xff,1,1\n").line == 200_002
    assert refused(data + b"RXX,a\0b,1,1\n").line == 200_002
    assert read(data).num_rows == 200_000


# --- layouts -----------------------------------------------------------------------------------------------------------

BANDS = Layout(
    id="bands",
    columns=(Column(name="code", kind="code"), Column(name="total", kind="int32", minimum=0)),
    families=(Family(pattern=r"Gt (\d+) Weeks", name=lambda m: f"w{int(m[1]):02}", expected=("w00", "w01", "w02"), minimum=0),),
)


def test_a_family_of_columns_is_whole_and_in_order() -> None:
    good = b"code,Gt 00 Weeks,Gt 01 Weeks,Gt 02 Weeks,total\nRBD,1,,3,4\n"
    assert rows(good, BANDS) == [{"code": "RBD", "w00": 1, "w01": None, "w02": 3, "total": 4}]
    assert "missing: 'w01'" in str(misfit(good.replace(b"Gt 01 Weeks,", b"").replace(b"1,,3", b"1,3"), BANDS))
    assert "out of order: 'w01', 'w00'" in str(misfit(good.replace(b"00 Weeks,Gt 01", b"01 Weeks,Gt 00"), BANDS))
    assert "extra: 'w03'" in str(misfit(good.replace(b"total", b"Gt 03 Weeks,total").replace(b",4\n", b",3,4\n"), BANDS))
    assert "extra: 'Gt 1x Weeks'" in str(misfit(good.replace(b"Gt 01", b"Gt 1x"), BANDS))
    # Two names that mean one band.
    assert "twice: 'w01'" in str(misfit(good.replace(b"Gt 02", b"Gt 1"), BANDS))
    assert place(refused(good.replace(b"1,,3", b"1,,-3"), BANDS)) == (2, "Gt 02 Weeks", "-3", "minimum")
    free = attrs.evolve(BANDS, families=(attrs.evolve(BANDS.families[0], ordered=False),))
    assert read(good.replace(b"00 Weeks,Gt 01", b"01 Weeks,Gt 00"), free).column_names[1:3] == ["w01", "w00"]
    anything = attrs.evolve(BANDS, families=(attrs.evolve(BANDS.families[0], expected=()),))
    assert "w07" in read(good.replace(b"Gt 02", b"Gt 07"), anything).column_names


def test_the_first_layout_that_fits_is_taken_and_the_nearest_is_told() -> None:
    other = Layout(id="other", columns=(Column(name="A"), Column(name="B"), Column(name="C")))
    assert read(GOOD, [other, WAITS]).schema.metadata[b"layout"] == b"waits"
    error = misfit(GOOD.replace(b"Count", b"Cnt"), [other, WAITS])
    assert "none of the layouts known (other, waits)" in str(error)
    assert error.found == ("Org Code", "Org Name", "Cnt", "Value")
    with pytest.raises(LayoutError, match="is not laid out as waits"):
        choose_layout(["x"], [WAITS], "x.csv")


def test_lines_above_the_header_are_passed_over_up_to_a_limit() -> None:
    top = b"Waiting times,,,\n\nPublished,14 May 2026,,\n"
    layout = attrs.evolve(WAITS, skip_rows=4)
    table = read(top + GOOD, layout)
    assert table.schema.metadata[b"header_line"] == b"4"
    assert table.to_pylist() == rows(GOOD)
    assert exactly(top + GOOD, layout).equals(table)
    assert refused(top + GOOD.replace(b"12", b"x"), layout).line == 5
    assert read_header(a_file(top + GOOD), skip_rows=4) == Header(("Org Code", "Org Name", "Count", "Value"), 4)
    misfit(top + GOOD, attrs.evolve(WAITS, skip_rows=2))
    assert read_header(a_file(GOOD)).line == 1


def test_line_ends_in_quotes_are_read_where_declared() -> None:
    layout = attrs.evolve(WAITS, multiline=True)
    data = HEAD + b'RBD,"Dorset\nnorth",12,1.5\n\nRXX,Wyre,,\n'
    assert [r["name"] for r in rows(data, layout)] == ["Dorset\nnorth", "Wyre"]
    assert refused(data).rule in ("quotes", "field-count")
    assert place(refused(data.replace(b",,\n", b",z,\n"), layout)) == (5, "Count", "z", "integer")
    assert refused(data[:-1], layout).rule == "cut-short"
    assert refused(data + b'RYY,"open,1,1\n', layout).rule == "quotes"
    assert refused(data + b"RYY,a,1\n", layout).rule == "field-count"
    assert rows(GOOD, layout) == rows(GOOD)


def test_other_delimiters() -> None:
    for delimiter in (";", "\t", "|"):
        data = GOOD.replace(b",", delimiter.encode())
        assert rows(data, attrs.evolve(WAITS, delimiter=delimiter)) == rows(GOOD)
        misfit(data)


def test_a_header_longer_than_any_is_refused() -> None:
    misfit(b"x" * (_csv._MAX_HEADER + 10) + b"\n")
    misfit(b'"Org Code\n' + GOOD)
    assert refused(b"Org\0Code," + GOOD).rule == "no-nul"


# --- spreadsheets ------------------------------------------------------------------------------------------------------


def workbook(*lines: Sequence[Any], title: str = "Data", change: Callable[[Any], None] | None = None, more: Sequence[str] = ()) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = title
    for line in lines:
        sheet.append(list(line))
    for name in more:
        book.create_sheet(name)
    if change is not None:
        change(sheet)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


TOP = (["Waiting times"], [], ["Code", "Day", "Count", "Share"])
SHEET = Layout(
    id="sheet",
    columns=(
        Column(name="code", kind="code", header=("Code",), nullable=False),
        Column(name="day", kind="date", header=("Day",)),
        Column(name="count", kind="int64", header=("Count",), minimum=0),
        Column(name="share", kind="float64", header=("Share",)),
    ),
    missing=("", "*"),
)


def moment(text: str) -> dt.datetime:
    """A date as spreadsheets hold it: with a time, and no zone."""
    return dt.datetime.fromisoformat(text)


def sheet_of(*lines: Sequence[Any], **options: Any) -> Sheet:
    return read_sheet(a_file(workbook(*TOP, *lines, **options), "waits.xlsx"))


def sheet_refused(*lines: Sequence[Any], layout: Layout = SHEET, **options: Any) -> DataError:
    with pytest.raises(DataError) as caught:
        sheet_of(*lines, **options).table(layout, "Code")
    return caught.value


def test_a_sheet_is_read_by_its_header_down_to_the_empty_row() -> None:
    lines = (["5E1", moment("2026-02-28"), 3, 0.5], ["007", None, "*", "0.25"], [], ["Note: * is fewer than five"])
    table = sheet_of(*lines).table(SHEET, "code", "share")
    assert table.to_pylist() == [
        {"code": "5E1", "day": dt.date(2026, 2, 28), "count": 3, "share": 0.5},
        {"code": "007", "day": None, "count": None, "share": 0.25},
    ]
    assert table.schema.field("code").type == pa.dictionary(pa.int32(), pa.string())


def test_a_code_that_a_spreadsheet_made_a_number_is_refused() -> None:
    error = sheet_refused(["RBD", None, 1, 1], [50.0, None, 1, 1])
    assert place(error) == (5, "Code", 50.0, "not-text")
    assert error.file == "waits.xlsx, sheet 'Data'"


@pytest.mark.parametrize(
    ("line", "column", "rule"),
    [
        (["RBD", None, 1.5, 1], "Count", "integer"),
        (["RBD", None, -1, 1], "Count", "minimum"),
        (["RBD", None, 2.0**60, 1], "Count", "integer"),
        (["RBD", None, True, 1], "Count", "number"),
        (["RBD", None, "n/a", 1], "Count", "integer"),
        (["RBD", "2026-02-30", 1, 1], "Day", "date"),
        (["RBD", 44927, 1, 1], "Day", "date"),
        (["RBD", moment("2026-02-28T13:05"), 1, 1], "Day", "date"),
        (["RBD", None, moment("2026-02-28"), 1], "Count", "number"),
        ([None, None, 1, 1], "Code", "blank"),
        ([" ", None, 1, 1], "Code", "blank"),
        (["RBD", None, 1, 1, 9], None, "field-count"),
    ],
)
def test_a_cell_of_a_sheet_that_cannot_be_right_is_named(line: list[Any], column: str | None, rule: str) -> None:
    error = sheet_refused(line)
    assert (error.line, error.column, error.rule) == (4, column, rule)


def test_an_error_value_is_not_silently_missing() -> None:
    def err(sheet: Any) -> None:
        sheet["C4"] = "#DIV/0!"
        sheet["C4"].data_type = "e"

    error = sheet_refused(["RBD", None, 1, 1], change=err)
    assert place(error) == (4, "Count", "#DIV/0!", "integer")
    allowed = attrs.evolve(SHEET, missing=("", "#DIV/0!"))
    assert sheet_of(["RBD", None, 1, 1], change=err).table(allowed, "Code")["count"].to_pylist() == [None]


def test_an_empty_row_inside_a_table_cuts_nothing_off() -> None:
    first, second = ["RBD", moment("2026-02-28"), 1, 1.5], ["RXX", moment("2026-02-28"), 2, 2.5]
    error = sheet_refused(first, [], second)
    assert (error.line, error.rule) == (5, "blank-line")
    allowed = attrs.evolve(SHEET, blank_lines=True)
    assert sheet_of(first, [], second).table(allowed, "Code").num_rows == 2
    assert sheet_of(first, [], ["Source", None, None, "NHS England"]).table(SHEET, "Code").num_rows == 1


def test_a_sheet_is_told_by_its_name_and_its_header() -> None:
    data = workbook(*TOP, more=["Notes"])
    assert sheet_names(a_file(data, "w.xlsx")) == ("Data", "Notes")
    with pytest.raises(LayoutError, match="2 sheets: say which"):
        read_sheet(a_file(data, "w.xlsx"))
    with pytest.raises(LayoutError, match="no sheet 'Datum'; it has 'Data', 'Notes'"):
        read_sheet(a_file(data, "w.xlsx"), "Datum")
    sheet = read_sheet(a_file(data, "w.xlsx"), "Data")
    assert sheet.find("code", " SHARE ") == 2
    with pytest.raises(LayoutError, match="no header row with 'Rate'"):
        sheet.find("Rate")
    with pytest.raises(LayoutError, match="missing: 'Share'"):
        read_sheet(a_file(workbook(["Code", "Day", "Count"]), "w.xlsx")).table(SHEET, "Code")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("in/w.xlsx", data)
    assert sheet_names(a_file(packed.getvalue(), "w.zip"), member="in/w.xlsx") == ("Data", "Notes")


def test_a_time_of_day_is_refused() -> None:
    with pytest.raises(InvalidValueError, match="time of day"):
        sheet_of(["RBD", dt.time(3, 4), 1, 1])


def test_what_is_no_workbook_is_a_layout_error() -> None:
    good = workbook(*TOP)
    for data in (b"", b"<html>no</html>", b"RBD,1\n", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, b"PK\x05\x06" + b"\0" * 18):
        with pytest.raises((LayoutError, ArchiveError)):
            read_sheet(a_file(data, "w.xlsx"))
    for cut in range(10, len(good), 397):
        with pytest.raises((LayoutError, ArchiveError)):
            read_sheet(a_file(good[:cut], "w.xlsx"))
    with pytest.raises(LayoutError, match="web page"):
        read_sheet(a_file(b"<html>no</html>", "w.xlsx"))


def test_a_workbook_that_is_a_bomb_or_a_lost_cell_is_refused_before_it_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(sheet: Any) -> None:
        sheet["XFD1048576"] = 1

    with pytest.raises(LayoutError, match="row 1,048,576, column 16,384"):
        sheet_of(change=lost)
    monkeypatch.setattr(_sheets, "_MAX_WORKBOOK", 4000)
    with pytest.raises(LayoutError, match="unpacks to more than"):
        sheet_of()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b" " * 3_000_000)
    with pytest.raises(ArchiveError):
        read_sheet(a_file(buffer.getvalue(), "w.xlsx"))


def opendocument(*rows: str) -> bytes:
    spaces = " ".join(f'xmlns:{n}="urn:oasis:names:tc:opendocument:xmlns:{n}:1.0"' for n in ("office", "table", "text"))
    body = f'<table:table table:name="Data">{"".join(rows)}</table:table>'
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        text = (
            f"<office:document-content {spaces}><office:body><office:spreadsheet>{body}</office:spreadsheet></office:body></office:document-content>"
        )
        archive.writestr("content.xml", text)
        archive.writestr("META-INF/manifest.xml", '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>')
    return buffer.getvalue()


def test_an_opendocument_sheet_is_read_and_its_bombs_are_not() -> None:
    def cell(text: str, times: int = 1) -> str:
        return f'<table:table-cell office:value-type="string" table:number-columns-repeated="{times}"><text:p>{text}</text:p></table:table-cell>'

    empty = '<table:table-cell table:number-columns-repeated="16384"/>'
    header = f"<table:table-row>{cell('Code')}{cell('Name')}{empty}</table:table-row>"
    row = f'<table:table-row table:number-rows-repeated="2">{cell("5E1", 2)}</table:table-row>'
    rest = f'<table:table-row table:number-rows-repeated="1048500">{empty}</table:table-row><table:table-row table:number-rows-repeated="9"/>'
    layout = Layout(id="o", columns=(Column(name="Code", kind="code"), Column(name="Name")))
    sheet = read_sheet(a_file(opendocument(header, row, rest), "w.ods"))
    assert sheet.table(layout, "Code").to_pylist() == [{"Code": "5E1", "Name": "5E1"}] * 2
    wide = f'<table:table-row table:number-rows-repeated="1048576">{cell("x", 16384)}</table:table-row>'
    lost = f"<table:table-row>{empty}{cell('x')}</table:table-row>"
    for rows_ in ((header, wide), (header, rest, lost)):
        with pytest.raises(LayoutError, match="has cells as far as row 1,048"):
            read_sheet(a_file(opendocument(*rows_), "w.ods"))


@pytest.mark.parametrize("form", [b" />", b"/>", b"></c>", b">\n</c>"])
def test_styled_empty_cells_far_away_are_nothing(form: bytes) -> None:
    """However the cell is written: what openpyxl writes depends on whether lxml is there."""
    from openpyxl.styles import Font

    def style(sheet: Any) -> None:
        sheet["XFD1048576"].font = Font(bold=True)

    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook(*TOP, ["RBD", None, 1, 1], change=style))) as given, zipfile.ZipFile(written, "w") as made:
        for name in given.namelist():
            part, seen = re.subn(rb'(<c r="XFD1048576"[^>]*?)(?: ?/>|></c>)', rb"\1" + form, given.read(name))
            assert seen == name.endswith("sheet1.xml")
            made.writestr(name, part)
    assert read_sheet(a_file(written.getvalue(), "waits.xlsx")).table(SHEET, "Code").num_rows == 1


def test_a_mutated_workbook_is_refused_or_reads_as_some_workbook() -> None:
    seed = 20261124
    print(f"seed {seed}")
    chance = random.Random(seed)
    good = workbook(*TOP, *([f"R{i:02}", moment("2026-02-01"), i, i / 7] for i in range(30)))
    truth = read_sheet(a_file(good, "w.xlsx")).table(SHEET, "Code")
    for _ in range(150):
        data = bytearray(good)
        for _ in range(chance.randint(1, 3)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        try:
            table = read_sheet(a_file(bytes(data), "w.xlsx")).table(SHEET, "Code")
        except JsnakitError:
            continue
        # Every part has its checksum, so what is accepted was changed where no data are.
        assert table.equals(truth)


def test_an_old_workbook_damaged_anywhere_ends_in_a_typed_error_or_a_sheet(real_data: Callable[[str], Path]) -> None:
    seed = 20261125
    print(f"seed {seed}")
    chance = random.Random(seed)
    good = real_data("ae/March-2026-AE-by-provider-sJh4x.xls").read_bytes()
    names = sheet_names(a_file(good, "w.xls"))
    opened = 0
    for _ in range(40):
        data = bytearray(good)
        for _ in range(chance.randint(1, 200)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        try:
            read_sheet(a_file(bytes(data[: chance.randrange(1, len(data))] if chance.random() < 0.2 else data), "w.xls"), names[0])
            opened += 1
        except JsnakitError:
            continue
    print(f"{opened} of 40 opened")


# --- two readers, one answer ---------------------------------------------------------------------------------------------

ANY = Layout(
    id="any",
    columns=(
        Column(name="code", kind="code"),
        Column(name="name"),
        Column(name="small", kind="int32", minimum=-5),
        Column(name="big", kind="int64"),
        Column(name="share", kind="float64"),
        Column(name="day", kind="date"),
        Column(name="money", kind="float64", thousands=True),
    ),
    missing=("", "*"),
)
TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"], exclude_characters="\0\r\n"), max_size=12)
ROW = st.tuples(
    st.text(string.ascii_uppercase + string.digits, max_size=5),
    TEXT,
    st.none() | st.integers(-5, 2**31 - 1),
    st.none() | st.integers(-(2**53), 2**53),
    st.none() | st.floats(allow_nan=False, allow_infinity=False),
    st.none() | st.dates(min_value=dt.date(1000, 1, 1)),
    st.none() | st.integers(-(10**9), 10**9).map(lambda n: n / 4),
)


def written(table: Sequence[Sequence[Any]], *, quoting: int = csv.QUOTE_MINIMAL, end: str = "\n", thousands: bool = False) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, quoting=quoting, lineterminator=end)
    writer.writerow([c.name for c in ANY.columns])
    for row in table:
        money = f"{row[6]:,.2f}" if thousands and row[6] is not None else row[6]
        writer.writerow(["" if cell is None else repr(cell) if isinstance(cell, float) else cell for cell in (*row[:6], money)])
    return text.getvalue().encode()


@given(st.lists(ROW, max_size=8), st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]), st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_a_table_written_and_read_back_is_equal(table: list[tuple[Any, ...]], quoting: int, end: str, thousands: bool) -> None:
    data = written(table, quoting=quoting, end=end, thousands=thousands)
    found = read(data, ANY)
    assert [tuple(row.values()) for row in found.to_pylist()] == table
    assert exactly(data, ANY).equals(found)
    assert exactly(data, ANY).schema.equals(found.schema, check_metadata=True)


def outcome(read_it: Callable[[], pa.Table]) -> Any:
    """The table, or what the error says of its first fault."""
    try:
        return read_it().to_pylist()
    except DataError as error:
        return "DataError", error.line, error.column, error.value, error.rule, error.total
    except (LayoutError, ArchiveError) as error:
        return type(error).__name__, error.message


def agree(data: bytes, layout: Layout) -> None:
    assert outcome(lambda: read(data, layout)) == outcome(lambda: exactly(data, layout))


SOUND = ("R1", "Dorset", "3", "-7", "2.5", "2026-02-28", "1234.5")
NUMBERS = [
    "1",
    "-1",
    "007",
    "1.5",
    "1e3",
    "1e400",
    "inf",
    "nan",
    "0x1F",
    "",
    "*",
    "9007199254740992",
    "9007199254740993",
    "2147483648",
    "-2147483648",
    " 4 ",
    "\u0663",
    "+1",
    ".",
]
NUMBERS += ["+.5", "1E+2", " +1", '"+1"', "1,000", '"1,000"', "-", "1e", "\t1", "00", "-0", "1_0", "\xa01", "0X2", "1e-400", '"0x1F"', "\ufeff1"]
QUOTES = ['"', '""', 'a"b', '"a"b', '"a""b"', '","', '"a,b"', '",', '"a"b"', '"\n"', "\r", "5E1", " ", "'", "28/02/2026", "2026-2-28", "\ufeff"]
ODD = st.tuples(st.integers(0, 6), st.sampled_from(NUMBERS + QUOTES) | TEXT)
# Sound rows with a cell or two replaced, so that the fast way is not left at once.
LINES = st.lists(st.lists(ODD, max_size=2).map(lambda cells: ",".join({**dict(enumerate(SOUND)), **dict(cells)}.values())), max_size=5)


@given(LINES, st.sampled_from(["\n", "\r\n"]), st.booleans(), st.booleans(), st.booleans())
def test_the_fast_way_and_the_exact_way_agree_on_any_text(lines: list[str], end: str, blank: bool, multi: bool, final: bool) -> None:
    data = end.join([",".join(c.name for c in ANY.columns), *lines, ""]).encode()
    layout = attrs.evolve(ANY, blank_lines=blank, multiline=multi, final_newline=final)
    agree(data, layout)
    agree(data[:-1], layout)


@given(st.binary(max_size=200), st.sampled_from(["utf-8-sig", "cp1252", "ascii"]))
def test_any_bytes_end_in_a_table_or_a_typed_error(data: bytes, encoding: str) -> None:
    layout = Layout(id="two", columns=(Column(name="a"), Column(name="b", kind="float64")), encoding=encoding)
    for text in (data, b"a,b\n" + data, b"a,b\nx,1\n" + data + b"\n"):
        agree(text, layout)


def test_both_ways_agree_on_real_files(real_data: Callable[[str], Path]) -> None:
    for name, columns in (("healthindex/england_health_index_indicators_2015_2021.csv.gz", ("ltla21_code", "year", "indicator", "value")),):
        data = gzip.decompress(real_data(name).read_bytes())
        kinds = {"year": "int32", "value": "float64", "ltla21_code": "code", "indicator": "code"}
        layout = Layout(id="hi", columns=tuple(Column(name=c, kind=kinds[c]) for c in columns))  # type: ignore[arg-type]
        fast, slow = read(data, layout), exactly(data, layout)
        assert fast.num_rows == 120_344
        assert fast.equals(slow)
        assert not any(math.isnan(v) for v in fast["value"].drop_null().to_pylist()[:1000])
