"""The extract's gates and traps: what no reader would notice is refused, with line, column and rule."""

from __future__ import annotations

import csv
import datetime as dt
import io
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from jsnakit.errors import ArchiveError, DataError, LayoutError
from jsnakit.files import SourceFile
from jsnakit.model import Area, Period
from jsnakit.observations import to_pandas
from jsnakit.reading import read_files
from jsnakit.sources import Part, Query, Resource
from jsnakit_rtt import RULES, Rtt
from jsnakit_rtt.layout import FUNCTIONS
from jsnakit_rtt.measures import MEASURES
from jsnakit_rtt.parse import GATES, Extract, parse_extract, release_of
from jsnakit_rtt.rules import rules_for

SPECIMENS = Path(__file__).parent / "specimens"
FEBRUARY = SPECIMENS / "20260228-RTT-February-2026-full-extract-cut.csv"
APRIL = SPECIMENS / "20240430-RTT-April-2024-full-extract-revised-cut.csv"


def rows_of(path=FEBRUARY):
    return list(csv.reader(io.StringIO(path.read_text(encoding="ascii"), newline="")))


def text_of(rows):
    sink = io.StringIO(newline="")
    csv.writer(sink, lineterminator="\r\n").writerows(rows)
    return sink.getvalue().encode()


def parse(data, name="20260228-RTT-February-2026-full-extract.csv", **resource):
    return parse_extract(Resource(url=name, **resource), SourceFile.from_bytes(data, name=name))


def changed(change, path=FEBRUARY):
    """The specimen with one thing changed: `change(rows, column)` where `column` finds a place by its header."""
    rows = rows_of(path)
    change(rows, rows[0].index)
    return text_of(rows)


def first(rows, column, part):
    return next(r for r in rows[1:] if r[column("RTT Part Type")] == part)


def refused(change, rule, path=FEBRUARY):
    with pytest.raises(DataError) as caught:
        parse(changed(change, path))
    assert caught.value.rule == rule, caught.value
    assert caught.value.line is not None
    return caught.value


def test_what_a_part_holds():
    table = parse(FEBRUARY.read_bytes())
    extract = Extract.of(table)
    assert (str(extract.month), extract.layout, extract.release) == ("2026-02-01", "rtt-105", "original")
    assert table.schema.metadata[b"gates"].decode().split() == list(GATES)
    assert table.num_rows == 52
    new = table.filter([p == "Part_3" for p in table["part"].to_pylist()])
    assert new["w000"].null_count == new.num_rows
    assert table["w000"].null_count == new.num_rows
    assert Extract.of(parse(APRIL.read_bytes(), name=APRIL.name)).release == "revised"


def test_a_month_comes_as_a_zip_with_one_member_whatever_its_name():
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("20260131-RTT-FEBRUARY-full-extract-revision.csv", FEBRUARY.read_bytes())
    table = parse(sink.getvalue(), name="Full-CSV-data-file-Feb26-ZIP-4M.zip")
    # The name says January and a revision: the month is read from the rows, the release from the name.
    assert str(Extract.of(table).month) == "2026-02-01"
    assert Extract.of(table).release == "revised"
    with pytest.raises(ArchiveError):
        parse(sink.getvalue()[:-40], name="x.zip")


def test_a_link_that_promises_another_month_is_refused():
    resource = Resource(url="x", period=Period.month(2026, 1))
    with pytest.raises(DataError, match="holds February 2026, not January 2026") as caught:
        Rtt().parse(resource, SourceFile.from_path(FEBRUARY))
    assert caught.value.rule == "promised-period"


# -- gates: each of these slipped through a reader that lacked it ----------------------------------------------------------------------


def test_two_months_in_one_file():
    def change(rows, column):
        rows[-1][column("Period")] = "RTT-January-2026"

    error = refused(change, "one-period")
    assert (error.line, error.column, error.value) == (53, "Period", "RTT-January-2026")


def test_a_function_nobody_knows():
    def change(rows, column):
        rows[3][column("Treatment Function Code")] = "C_190"

    refused(change, "function-codes")


@pytest.mark.parametrize("who", ["Provider", "Commissioner"])
def test_an_organisation_has_one_parent(who):
    def change(rows, column):
        code = column(f"{who} Org Code")
        last = [r for r in rows[1:] if r[code] == rows[2][code]]
        last[-1][column(f"{who} Parent Org Code")] = "QXX"

    refused(change, "one-parent")


@pytest.mark.parametrize("column_name", ["Treatment Function Code", "RTT Part Type", "Provider Org Name"])
def test_a_code_has_one_name_and_a_function_one_code(column_name):
    """A function's code changed in a whole group keeps every sum: only the name beside it tells."""

    def change(rows, column):
        group = [r for r in rows[1:] if r[column("Provider Org Code")] == "NT447" and r[column("RTT Part Type")] == "Part_2"]
        other = {"Treatment Function Code": "C_320", "RTT Part Type": "Part_2A", "Provider Org Name": "ANOTHER HOSPITAL"}[column_name]
        group[0][column(column_name)] = other
        if column_name == "RTT Part Type":
            group[1][column(column_name)] = other

    refused(change, "one-name")


def test_a_doubled_row():
    refused(lambda rows, column: rows.append(list(rows[5])), "unique-key")


@pytest.mark.parametrize("part", ["Part_1A", "Part_1B"])
def test_total_is_the_sum_of_the_bands(part):
    def change(rows, column):
        row = first(rows, column, part)
        row[column("Total")] = str(int(row[column("Total")]) + 1)

    refused(change, "total-is-band-sum")


@pytest.mark.parametrize("part", ["Part_2", "Part_2A", "Part_3"])
def test_total_is_blank_in_parts_that_have_none(part):
    def change(rows, column):
        first(rows, column, part)[column("Total")] = "5"

    refused(change, "total-is-band-sum")


@pytest.mark.parametrize("part", ["Part_1A", "Part_1B", "Part_2", "Part_2A"])
def test_total_all_is_the_sum_of_bands_and_unknown_starts(part):
    def change(rows, column):
        row = first(rows, column, part)
        row[column("Total All")] = str(int(row[column("Total All")]) + 1)

    refused(change, "total-all-is-sum")


def test_new_periods_have_no_bands():
    def change(rows, column):
        first(rows, column, "Part_3")[column("Gt 03 To 04 Weeks SUM 1")] = "1"

    refused(change, "no-bands-in-part-3")


@pytest.mark.parametrize("part", ["Part_2", "Part_3"])
def test_the_publishers_total_is_the_sum_of_the_functions(part):
    def change(rows, column):
        row = next(r for r in rows[1:] if r[column("RTT Part Type")] == part and r[column("Treatment Function Code")] != "C_999")
        if part == "Part_2":
            row[column("Gt 00 To 01 Weeks SUM 1")] = str(int(row[column("Gt 00 To 01 Weeks SUM 1")] or 0) + 1)
        row[column("Total All")] = str(int(row[column("Total All")]) + 1)

    error = refused(change, "c999-is-sum")
    assert "off by" in str(error)


def test_a_negative_count():
    def change(rows, column):
        first(rows, column, "Part_2")[column("Gt 00 To 01 Weeks SUM 1")] = "-3"

    refused(change, "minimum")


def test_an_empty_file_is_cut_and_not_a_month_of_nothing():
    with pytest.raises(DataError) as caught:
        parse(text_of(rows_of()[:1]))
    assert caught.value.rule == "no-rows"


# -- layouts ---------------------------------------------------------------------------------------------------------------------------


def test_bands_are_found_by_name_and_must_stand_in_order():
    def swap(rows, column):
        a, b = column("Gt 10 To 11 Weeks SUM 1"), column("Gt 11 To 12 Weeks SUM 1")
        for row in rows:
            row[a], row[b] = row[b], row[a]

    with pytest.raises(LayoutError, match="out of order") as caught:
        parse(changed(swap))
    assert caught.value.found[13 + 10] == "Gt 11 To 12 Weeks SUM 1"


def test_a_renamed_a_missing_and_a_new_column_are_named():
    def rename(rows, column):
        rows[0][column("Total All")] = "Total (All)"

    with pytest.raises(LayoutError, match=r"missing: 'Total All'.*perhaps renamed"):
        parse(changed(rename))

    def add(rows, column):
        for row in rows:
            row.append("new")

    with pytest.raises(LayoutError, match="extra: 'new'"):
        parse(changed(add))


def test_the_layout_of_2016_17_is_refused_by_name():
    with pytest.raises(LayoutError, match="laid out as in 2016-17"):
        parse(b"Year,Period Name,Provider Parent Org Code\r\n2016-17,April,QXX\r\n", name="18wksRTT - Monthly EXTRACTS - Mar17 revised.csv")


def older():
    """The specimen in the described layout of 53 bands (2017 to March 2021): the weeks from 52 on are one band, and X01 stands for what was later split."""
    rows = rows_of()
    column = rows[0].index
    cut, last = column("Gt 52 To 53 Weeks SUM 1"), column("Gt 104 Weeks SUM 1")
    made = [[*rows[0][:cut], "Gt 52 Weeks SUM 1", *rows[0][last + 1 :]]]
    for row in rows[1:]:
        tail = [int(c or 0) for c in row[cut : last + 1]]
        made.append([*row[:cut], "" if row[column("RTT Part Type")] == "Part_3" else str(sum(tail)), *row[last + 1 :]])
        made[-1][column("Period")] = "RTT-FEBRUARY-2019"
        if row[column("Treatment Function Code")] == "X05":
            made[-1][column("Treatment Function Code")] = "X01"
    return made


def test_the_older_layout_of_53_bands_as_described():
    table = parse(text_of(older()), name="20190228-RTT-FEBRUARY-2019-full-extract.csv")
    assert (Extract.of(table).layout, str(Extract.of(table).month)) == ("rtt-53", "2019-02-01")
    part = Part(resource=Resource(url="x"), table=table, origin="sha256:000000000000")
    frames = [to_pandas(t) for t in Rtt().assemble(iter([part]), Query(area_type="provider"))]
    frame = pd.concat(frames).set_index(["indicator", "area"])
    # More than 52 weeks can be told; 65, 78 and 104 cannot, which is not zero.
    assert set(frame.loc["rtt.incomplete_over_52_weeks", "status"]) == {"normal"}
    for edge in (65, 78, 104):
        assert set(frame.loc[f"rtt.incomplete_over_{edge}_weeks", "status"]) == {"not_collected"}
        assert frame.loc[f"rtt.incomplete_over_{edge}_weeks", "value"].isna().all()
    assert frame.loc["rtt.incomplete_median_wait", "note"].dropna().str.contains("not proven").all()
    assert frame.loc["rtt.incomplete_median_wait", "note"].notna().all()


# -- measures --------------------------------------------------------------------------------------------------------------------------


def frame_of(query, path=FEBRUARY):
    part = Part(resource=Resource(url="x"), table=parse(path.read_bytes(), name=path.name), origin="sha256:000000000000")
    return pd.concat([to_pandas(t) for t in Rtt().assemble(iter([part]), query)])


def test_other_countries_patients_are_in_no_figure():
    table = parse(FEBRUARY.read_bytes())
    assert "NONC" in table["commissioner"].unique().to_pylist()
    frame = frame_of(Query(breakdowns=("treatment_function",)))
    assert "NONC" not in set(frame["area"])
    # RBD is in the specimen with those patients alone, so it has no figure at all.
    assert "RBD" not in set(frame["area"])


def test_few_patients_have_no_average_and_no_patients_have_no_share():
    frame = frame_of(Query(area_type="provider")).set_index(["indicator", "area"])
    for (indicator, area), row in frame.iterrows():
        if MEASURES[indicator].kind != "percentile" or row["status"] == "not_submitted":
            continue
        expected = (
            "not_available"
            if row["status"] == "not_available"
            else "normal"
            if row["denominator"] >= 20
            else "suppressed"
            if row["denominator"]
            else "not_applicable"
        )
        assert row["status"] == expected, (indicator, area)
        assert row.isna()["value"] == (expected != "normal" or row["value_min"] == row["value_min"])
    assert "suppressed" in set(frame["status"])


def test_a_wait_in_the_open_band_has_a_least_value_and_no_value():
    rows = rows_of()
    column = rows[0].index
    group = [r for r in rows[1:] if r[column("RTT Part Type")] == "Part_2" and r[column("Provider Org Code")] == "NT447"]
    assert len(group) == 2, "one function and the total of it"
    for row in group:
        row[column("Gt 00 To 01 Weeks SUM 1") : column("Gt 104 Weeks SUM 1") + 1] = [""] * 104 + ["40"]
        row[column("Total All")] = "40"
    part = Part(resource=Resource(url="x"), table=parse(text_of(rows)), origin="sha256:000000000000")
    asked = Query(areas=(Area("ods", "provider", "NT447"),), indicators=("rtt.incomplete_median_wait", "rtt.incomplete_over_104_weeks"))
    frame = pd.concat([to_pandas(t) for t in Rtt().assemble(iter([part]), asked)]).set_index("indicator")
    wait = frame.loc["rtt.incomplete_median_wait"]
    assert (wait["value_min"], wait["status"]) == (104, "normal")
    assert wait.isna()["value"]
    assert frame.loc["rtt.incomplete_over_104_weeks", "value"] == 40


def test_eighteen_weeks_and_no_day_is_within():
    assert MEASURES["rtt.incomplete_within_18_weeks"].edge == 18
    frame = frame_of(Query(area_type="provider", indicators=("rtt.incomplete_within_18_weeks",))).set_index("area")
    rows = rows_of()
    bands = [i for i, name in enumerate(rows[0]) if name.startswith("Gt ")]
    for provider in ("RXL", "NTPH1"):
        mine = [r for r in rows[1:] if r[3] == provider and r[9] == "Part_2" and r[11] == "C_999"]
        if mine:
            assert frame.loc[provider, "count"] == sum(int(r[i] or 0) for r in mine for i in bands[:18])


def test_a_stock_is_at_the_end_of_the_month_and_a_flow_within_it():
    frame = frame_of(Query(area_type="country")).set_index("indicator")
    assert (str(frame.loc["rtt.waiting_list", "period_start"].date()), frame.loc["rtt.waiting_list", "period_duration"]) == ("2026-02-28", "P0D")
    assert (str(frame.loc["rtt.new_periods", "period_start"].date()), frame.loc["rtt.new_periods", "period_duration"]) == ("2026-02-01", "P1M")


def test_rules_can_be_forced_and_have_an_end():
    assert rules_for(dt.date(2000, 1, 1)) is RULES[0]
    assert rules_for(dt.date(2015, 9, 1)).id == "2015"
    assert rules_for(dt.date(2015, 10, 1)).id == "2024"
    asked = Query(indicators=("rtt.admitted_median_wait",), area_type="provider")
    part = Part(resource=Resource(url="x"), table=parse(FEBRUARY.read_bytes()), origin="o")
    old = pd.concat([to_pandas(t) for t in Rtt(rules=RULES[0]).assemble(iter([part]), asked)]).set_index("area")
    new = frame_of(asked).set_index("area")
    assert new.loc["RXL", "denominator"] >= 50
    assert old.loc["RXL", "value"] > new.loc["RXL", "value"], "the patient at (N + 1) / 2 stands behind the one at N / 2"


def test_known_functions_are_twenty_five_with_the_old_one():
    assert len(FUNCTIONS) == 25
    assert not {"C_190", "C_504", "X09"} & set(FUNCTIONS), "codes that a public data dictionary invented"


@pytest.mark.parametrize(
    ("name", "release"),
    [
        ("20240430-RTT-April-2024-full-extract-revised.csv", "revised"), ("20190630-RTT-JUNE-2019-full-extract-revision", "revised"),
        ("RTT-JULY-2019-full-extract-revised.csv", "revised"), ("20190330-RTT-MARCH-2019-full-extract", "original"), ("Full-CSV-data-file-Jul25-ZIP-4M-revised-2.zip", "revised-2"),
    ],
)  # fmt: skip
def test_release_by_name(name, release):
    assert release_of(name) == release


def test_the_rbd_cut_of_november_2024_reads_whole(real_data):
    from jsnakit._plugins import Plugins

    entry = Plugins.only(Rtt()).source("rtt")
    answer = read_files(entry, [real_data("rtt/2024-11_rtt_extract_RBD_only.csv")], Query(area_type="provider"))
    frame = to_pandas(answer.table).set_index("indicator")
    assert set(frame["area"]) == {"RBD"}
    # Read in the file by hand: the sum of Total All over Part_2 and C_999, NONC left out.
    with real_data("rtt/2024-11_rtt_extract_RBD_only.csv").open(encoding="utf-8-sig", newline="") as stream:
        waits = [
            int(r["Total All"])
            for r in csv.DictReader(stream)
            if r["RTT Part Type"] == "Part_2" and r["Treatment Function Code"] == "C_999" and r["Commissioner Org Code"] != "NONC"
        ]
    assert frame.loc["rtt.waiting_list", "value"] == sum(waits)
