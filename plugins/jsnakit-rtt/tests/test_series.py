"""England's published time series: columns found by their words, dashes, open bands, footnote marks, months to come."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pyarrow as pa
import pytest

from jsnakit import tabular
from jsnakit.errors import DataError, LayoutError
from jsnakit.files import SourceFile
from jsnakit.model import ENGLAND, Area
from jsnakit.observations import check, to_pandas
from jsnakit.sources import Part, Query, Resource
from jsnakit_rtt import Rtt
from jsnakit_rtt.series import COLUMNS, edition_of, parse_series

SPECIMENS = Path(__file__).parent / "specimens"
WORKBOOK = SPECIMENS / "RTT-Overview-Timeseries-Feb26-cut.xlsx"
EXTRACT = SPECIMENS / "20260228-RTT-February-2026-full-extract-cut.csv"


def part_of(path):
    data = SourceFile.from_path(path)
    resource = Resource(url=path.name)
    return Part(resource=resource, table=Rtt().parse(resource, data), origin=f"sha256:{data.sha256[:12]}")


def answer(query, *paths):
    table = pa.concat_tables(list(Rtt().assemble(iter([part_of(p) for p in paths]), query)), promote_options="default")
    check(table)
    return to_pandas(table)


def altered(monkeypatch, change):
    """The workbook with cells changed: `change(rows)` on lists of lists."""
    real = tabular.read_sheet(SourceFile.from_path(WORKBOOK), "Full Time Series")
    rows = [list(r) for r in real.rows]
    change(rows)
    sheet = tabular.Sheet(real.file, real.name, tuple(tuple(r) for r in rows))
    monkeypatch.setattr("jsnakit_rtt.series.read_sheet", lambda *_: sheet)
    return parse_series(SourceFile.from_path(WORKBOOK))


def test_the_cut_has_nine_months_of_every_column():
    table = part_of(WORKBOOK).table
    assert table.num_rows == 9 * len(COLUMNS)
    assert table.schema.metadata[b"edition"] == b"2026-02-01"
    frame = table.to_pandas()
    assert frame["month"].min() == dt.date(2025, 6, 1)
    assert frame["month"].max() == dt.date(2026, 2, 1), "March 2026 is printed blank"


def test_estimates_are_flagged_where_they_estimate():
    frame = answer(Query(areas=(ENGLAND,)), WORKBOOK).set_index(["indicator", "period"])
    with_them = frame.loc[("rtt.waiting_list_with_estimates", "February 2026")]
    assert (with_them["value"], with_them["flags"]) == (7_216_208, "estimated")
    without = frame.loc[("rtt.waiting_list", "February 2026")]
    assert without["value"] == 7_124_952
    assert "Does not include trusts that sent no data" in without["note"]
    before = frame.loc[("rtt.waiting_list_with_estimates", "June 2025")]
    assert before.isna()["flags"]
    assert before["value"] == frame.loc[("rtt.waiting_list", "June 2025"), "value"]
    share = frame.loc[("rtt.incomplete_within_18_weeks_with_estimates", "February 2026")]
    assert round(share["value"], 2) == 62.59


def test_a_month_whose_extract_was_read_comes_from_the_extract():
    frame = answer(Query(area_type="country", indicators=("rtt.waiting_list", "rtt.waiting_list_with_estimates")), WORKBOOK, EXTRACT)
    mine = frame[frame["indicator"] == "rtt.waiting_list"].set_index("period")
    # The specimen of the extract holds a few patients alone, so the two cannot be taken for each other.
    assert mine.loc["February 2026", "value"] < 10_000
    assert mine.loc["January 2026", "value"] == 7_155_958
    assert len(frame[(frame["indicator"] == "rtt.waiting_list_with_estimates")]) == 9


def test_the_last_edition_counts(real_data):
    older, newer = (part_of(real_data(f"rtt/{name}_rtt_overview_timeseries.xlsx")) for name in ("2026-02", "2026-05"))
    asked = Query(areas=(ENGLAND,), indicators=("rtt.new_periods",), since="2025-12", until="2025-12")
    for parts in ((older, newer), (newer, older)):
        (table,) = Rtt().assemble(iter(parts), asked)
        # Changed outside the revision cycle: 1,617,349 in the edition of February.
        assert table["value"].to_pylist() == [1_620_904]
        assert table["origin"].to_pylist() == [newer.origin]


@pytest.mark.parametrize("edition", ["2026-02", "2026-05"])
def test_both_whole_editions_are_read(real_data, edition):
    table = parse_series(SourceFile.from_path(real_data(f"rtt/{edition}_rtt_overview_timeseries.xlsx")))
    frame = table.to_pandas().set_index(["indicator", "month"])
    months = frame.index.get_level_values("month").unique()
    assert len(months) == {"2026-02": 227, "2026-05": 230}[edition]
    assert dt.date(2024, 2, 1) in months, "its cell is the text * Feb-24"
    first = frame.loc[("rtt.admitted_95th_percentile_wait", dt.date(2007, 4, 1))]
    assert (first["value_min"], first["status"]) == (52, "normal")
    assert first.isna()["value"]
    assert frame.loc[("rtt.incomplete_over_104_weeks", dt.date(2020, 12, 1)), "status"] == "not_collected"
    assert frame.loc[("rtt.new_periods", dt.date(2015, 9, 1)), "status"] == "not_collected"
    assert frame.loc[("rtt.waiting_list", dt.date(2007, 4, 1)), "status"] == "not_collected"
    assert frame["value"].max() < 10_000_000, "plain counts under a header that says millions"
    odd = frame["note"].dropna()
    assert set(odd.index.get_level_values("month")) <= {dt.date(2021, 9, 1)}


def test_only_england_is_answered_from_it():
    assert list(Rtt().assemble(iter([part_of(WORKBOOK)]), Query(areas=(Area("ods", "provider", "RXL"),)))) == []
    assert list(Rtt().assemble(iter([part_of(WORKBOOK)]), Query(area_type="icb"))) == []


def test_a_column_is_found_wherever_it_stands(monkeypatch):
    def move(rows):
        for row in rows:
            row.insert(3, "")
            row.append("a new column")

    table = altered(monkeypatch, move)
    assert table.num_rows == 9 * len(COLUMNS)
    assert 7_124_952 in table["value"].to_pylist()


def test_a_renamed_column_is_an_error_that_names_it(monkeypatch):
    def rename(rows):
        rows[11] = ["Waiting at month end" if c == "Total waiting (mil)" else c for c in rows[11]]

    with pytest.raises(LayoutError, match=r"no column 'total waiting \(mil\)'"):
        altered(monkeypatch, rename)


def test_a_month_left_out_or_doubled_is_refused(monkeypatch):
    with pytest.raises(DataError, match="month-after-month"):
        altered(monkeypatch, lambda rows: rows.pop(14))
    with pytest.raises(DataError, match="month-after-month"):
        altered(monkeypatch, lambda rows: rows.insert(14, list(rows[14])))


@pytest.mark.parametrize("cell", ["n/a", -5, "1,234", True])
def test_a_cell_that_is_no_figure_is_refused(monkeypatch, cell):
    def change(rows):
        at = rows[11].index("Total waiting (mil)")
        rows[13][at] = cell

    with pytest.raises(DataError) as caught:
        altered(monkeypatch, change)
    assert caught.value.line == 14
    assert "total waiting" in str(caught.value)


def test_a_share_that_its_counts_contradict_is_refused_unless_it_was_rounded(monkeypatch):
    def change(by):
        def change(rows):
            rows[13][rows[11].index("% within 18 weeks")] += by

        return change

    with pytest.raises(DataError, match="share-of-counts"):
        altered(monkeypatch, change(0.05))
    rounded = altered(monkeypatch, change(0.0004)).to_pandas()
    assert rounded["note"].dropna().str.startswith("As printed").tolist() == [True]


def test_a_wait_in_the_open_band_stands_as_text(monkeypatch):
    def change(rows):
        rows[13][rows[11].index("92nd percentile (weeks)")] = "104+"

    frame = altered(monkeypatch, change).to_pandas()
    assert frame["value_min"].dropna().tolist() == [104]


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("RTT-Overview-Timeseries-Dec18-XLS-92K.xls", "December 2018"),
        ("Period: April 2007 to February 2026", "February 2026"),
        ("RTT Overview Timeseries", "None"),
    ],
)
def test_edition(text, month):
    assert str(edition_of(text)) == month
