"""A file that was changed is read as the same figures, or refused, or says what is different: never quietly another figure."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jsnakit.errors import JsnakitError
from jsnakit.files import SourceFile
from jsnakit_fingertips.parse import KEY, account_of, parse_file

SPECIMENS = Path(__file__).parent / "specimens"
FILES = sorted(p.name for p in SPECIMENS.glob("*.csv"))
FIGURES = ("value", "lower", "upper", "count", "denominator", "status", "flags", "note", "period")


def cells(name: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO((SPECIMENS / name).read_text(encoding="utf-8-sig"), newline="")))


def written(rows: list[list[str]], end: str = "\n") -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator=end).writerows(rows)
    return out.getvalue().encode()


def read(data: bytes) -> set[tuple[object, ...]]:
    return rows_of(parse_file(SourceFile.from_bytes(data, name="mutated.csv")))


def rows_of(table) -> set[tuple[object, ...]]:
    return {tuple(row[c] for c in (*KEY, *FIGURES)) for row in table.to_pylist()}


COLUMNS = {name: parse_file(SourceFile.from_path(SPECIMENS / name)).column_names for name in FILES}
ORIGINAL = {name: rows_of(parse_file(SourceFile.from_path(SPECIMENS / name))) for name in FILES}


@given(st.sampled_from(FILES), st.randoms(use_true_random=False))
@settings(deadline=None)
def test_columns_may_stand_anywhere(name, random):
    rows = cells(name)
    order = list(range(len(rows[0])))
    random.shuffle(order)
    # A first column without a name is that of row numbers: it may stand anywhere, too.
    assert read(written([[row[i] for i in order] for row in rows])) == ORIGINAL[name]


@given(st.sampled_from(FILES), st.sampled_from(["Notes of mine", "Rate", "Unnamed: 0", "2024"]), st.integers(0, 40), st.text("abc1 ", max_size=6))
@settings(deadline=None)
def test_a_column_more_changes_no_figure_and_is_named(name, title, place, text):
    rows = cells(name)
    place = min(place, len(rows[0]))
    data = written([[*row[:place], title if i == 0 else text, *row[place:]] for i, row in enumerate(rows)])
    table = parse_file(SourceFile.from_bytes(data, name="mutated.csv"))
    assert rows_of(table) == ORIGINAL[name]
    assert title in account_of(table).unknown_columns or title.isdigit()


@given(st.sampled_from(FILES), st.integers(0, 40), st.sampled_from(["", "x", "Val", "Area Code", "value", " "]))
@settings(deadline=None)
def test_a_column_renamed_is_refused_or_missed(name, place, title):
    """What a column says cannot come from another: either it is missed, or the figures stay."""
    rows = cells(name)
    place %= len(rows[0])
    changed = [[*rows[0][:place], title, *rows[0][place + 1 :]], *rows[1:]]
    try:
        found = parse_file(SourceFile.from_bytes(written(changed), name="mutated.csv"))
    except JsnakitError:
        return
    names = (*KEY, "value")
    kept = {row[names.index("area")] for row in (tuple(r[c] for c in names) for r in found.to_pylist())}
    assert kept <= {row[KEY.index("area")] for row in ORIGINAL[name]}
    # Values, where there are any, are those of the same area and indicator.
    values = {(row[0], row[3], row[len(KEY)]) for row in ORIGINAL[name]}
    assert {(r["indicator"], r["area"], r["value"]) for r in found.to_pylist() if r["value"] is not None} <= values


@given(st.sampled_from(FILES), st.data())
@settings(deadline=None)
def test_a_broken_cell_is_refused_or_is_what_it_says(name, data):
    rows = cells(name)
    line = data.draw(st.integers(1, len(rows) - 1))
    place = data.draw(st.integers(0, len(rows[0]) - 1))
    new = data.draw(
        st.sampled_from(["", "NA", "x", "-5", "0", "1e400", "nan", "<b>", "12,5", "\N{SOFT HYPHEN}", "England", "9", "20150000", "Persons"])
    )
    rows[line][place] = new
    try:
        found = read(written(rows))
    except JsnakitError:
        return
    # One cell touches one row, and the rows of a unitary in two tiers are one row; figures of other rows stay (a row may stop or begin to repeat another).
    assert len(found - ORIGINAL[name]) <= 2 + _regrouped(name, rows[0][place])


def _regrouped(name: str, column: str) -> int:
    """How many rows a cell may touch beside its own: tiers and words are decided by the rows of an indicator together."""
    plain = "".join(c for c in column.casefold() if c.isalnum())
    grouping = {
        "indicatorid",
        "areacode",
        "areatype",
        "value",
        "comparedtoenglandvalueorpercentiles",
        "timeperiod",
        "year",
        "sex",
        "age",
        "category",
        "categorytype",
    }
    return 40 if plain in grouping and name in ("mangled-air-pollution.csv", "successor-healthdata.csv", "website-gp-obesity-smoking.csv") else 0


@given(st.sampled_from(FILES), st.data())
@settings(deadline=None)
def test_bytes_lost_or_doubled_never_make_another_figure(name, data):
    whole = (SPECIMENS / name).read_bytes()
    start = data.draw(st.integers(0, len(whole) - 1))
    length = data.draw(st.integers(1, 60))
    cut = data.draw(st.booleans())
    changed = whole[:start] + whole[start + length :] if cut else whole[: start + length] + whole[start:]
    try:
        table = parse_file(SourceFile.from_bytes(changed, name="mutated.csv"))
    except JsnakitError:
        return
    known = account_of(parse_file(SourceFile.from_path(SPECIMENS / name))).unknown_columns
    if account_of(table).unknown_columns != known or table.column_names != COLUMNS[name]:
        # The damage is in the header, and a column is missed by its name.
        return
    found = rows_of(table)
    # Within a cell nobody can see it; across cells the row has another number of them. No other row is touched.
    assert len(found - ORIGINAL[name]) <= 2 + 40 * (
        name in ("mangled-air-pollution.csv", "successor-healthdata.csv", "website-gp-obesity-smoking.csv")
    )


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_line_ends_and_quotes_are_form(name, end):
    rows = cells(name)
    assert read(written(rows, end)) == ORIGINAL[name]
    out = io.StringIO()
    csv.writer(out, lineterminator=end, quoting=csv.QUOTE_ALL).writerows(rows)
    assert read(b"\xef\xbb\xbf" + out.getvalue().encode()) == ORIGINAL[name]


@pytest.mark.parametrize("name", FILES)
def test_rows_may_come_in_any_order(name):
    rows = cells(name)
    assert read(written([rows[0], *reversed(rows[1:])])) == ORIGINAL[name]
