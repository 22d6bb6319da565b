"""Absent is not zero, and not every absence is the same."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import attrs
import pyarrow as pa
import pytest

from jsnakit.errors import DataError
from jsnakit.files import SourceFile
from jsnakit.model import ENGLAND, Area
from jsnakit.observations import check, check_relations, to_pandas
from jsnakit.sources import Part, Query, Resource
from jsnakit_rtt import Rtt
from jsnakit_rtt.absences import statements

SPECIMENS = Path(__file__).parent / "specimens"
APRIL = SPECIMENS / "20240430-RTT-April-2024-full-extract-revised-cut.csv"
FEBRUARY = SPECIMENS / "20260228-RTT-February-2026-full-extract-cut.csv"
SERIES = SPECIMENS / "RTT-Overview-Timeseries-Feb26-cut.xlsx"
EVERYTHING = ("treatment_function",)


def part_of(path: Path) -> Part:
    data = SourceFile.from_path(path)
    resource = Resource(url=path.name)
    return Part(resource=resource, table=Rtt().parse(resource, data), origin=f"sha256:{data.sha256[:12]}")


def answer(query, *parts, source=None):
    batches = list((source or Rtt()).assemble(iter(parts), query))
    table = pa.concat_tables(batches, promote_options="default")
    check(table)
    return to_pandas(table)


def february(*codes, indicator="rtt.waiting_list", source=None, parts=None):
    asked = Query(indicators=(indicator,), areas=tuple(Area("ods", "provider", c) for c in codes), since="2026-02", until="2026-02")
    return answer(asked, *(parts or (part_of(APRIL), part_of(FEBRUARY))), source=source).set_index("area")


def test_the_eighteen_of_april_2024_that_are_gone_in_february_2026(month):
    asked = Query(indicators=("rtt.waiting_list",), area_type="provider")
    frame = answer(asked, month("2024-04"), month("2026-02"))
    frame = frame[frame["category"] == "_T"]
    then = frame[frame["period_start"].dt.year == 2024].set_index("area")
    now = frame[frame["period_start"].dt.year == 2026].set_index("area")
    had = set(then.index[then["value"] > 0])
    gone = had - set(now.index[now["value"] > 0])
    assert len(gone) == 18
    assert gone - set(now.index) == {"RAP", "R1C"}, "succeeded by another: no row"
    status = now.loc[sorted(gone - {"RAP", "R1C"}), "status"]
    assert list(status.index[status == "not_submitted"]) == ["RHQ"]
    assert (status == "not_available").sum() == 15
    assert now.loc[sorted(gone - {"RAP", "R1C"}), "value"].isna().all()
    assert now.loc["RHQ", "note"].startswith("Not submitted. NHS England's time series adds an estimate for missing data: 91,256 waits")
    assert now.loc[status.index[status == "not_available"], "note"].str.contains("last in that of April 2024").all()
    relations = pa.concat_tables(list(Rtt().relate(iter([month("2024-04"), month("2026-02")]), Query()))).to_pandas()
    steps = relations[relations["kind"] == "succeeded_by"].set_index("from_area")
    assert steps.loc["RAP", "to_area"] == "RAL"
    assert steps.loc["R1C", "to_area"] == "RW1"


def test_the_order_of_the_months_does_not_matter():
    asked = Query(breakdowns=EVERYTHING)
    forward, backward = (answer(asked, *parts) for parts in ((part_of(APRIL), part_of(FEBRUARY)), (part_of(FEBRUARY), part_of(APRIL))))
    key = ["indicator", "area_type", "area", "period_start", "category"]
    assert forward.sort_values(key, ignore_index=True).equals(backward.sort_values(key, ignore_index=True))


def test_what_the_publisher_says_holds_whatever_else_was_read():
    frame = february("RHQ", parts=(part_of(FEBRUARY),))
    assert frame.loc["RHQ", "status"] == "not_submitted"
    assert february("RAP", "RHQ", parts=(part_of(APRIL), part_of(FEBRUARY))).index.tolist() == ["RHQ"]


def test_an_absence_of_one_month_is_relative_to_the_months_read():
    # Alone, February knows nothing of a provider that was in April's file and of which nobody said anything.
    assert len(answer(Query(areas=(Area("ods", "provider", "NT447"),)), part_of(APRIL))) > 0
    only = part_of(FEBRUARY)
    assert list(Rtt().assemble(iter([only]), Query(areas=(Area("ods", "provider", "R1C"),)))) == []


def test_the_window_limits_how_far_back_a_provider_is_looked_for(month):
    asked = Query(indicators=("rtt.waiting_list",), area_type="provider", since="2026-02")
    parts = month("2024-04"), month("2026-02")
    missing = answer(asked, *parts)["status"].value_counts()
    assert missing["not_available"] == 15
    short = answer(asked, *parts, source=Rtt(window=12))["status"].value_counts()
    assert "not_available" not in short
    assert short["not_submitted"] == 1


def test_a_missing_part_of_a_provider_that_sent_others_is_said_to_be_missing():
    # RDR has no beds, so no admitted patients; the file cannot tell that from a part that was not sent.
    frame = february("RDR", indicator="rtt.admitted_completed")
    assert frame.loc["RDR", "status"] == "not_available"
    assert "no row of this kind" in frame.loc["RDR", "note"]
    # Nobody asked, nothing is said: the table holds no such row for providers that were not named.
    everyone = answer(Query(indicators=("rtt.admitted_completed",), area_type="provider", since="2026-02"), part_of(FEBRUARY))
    assert "RDR" not in set(everyone["area"])


def test_zero_is_given_for_the_areas_asked_for_and_only_where_the_provider_is_in_the_file():
    asked = Query(
        indicators=("rtt.waiting_list", "rtt.incomplete_within_18_weeks", "rtt.incomplete_median_wait"), breakdowns=EVERYTHING, since="2026-02"
    )
    named = answer(attrs.evolve(asked, areas=(Area("ods", "provider", "NT447"), Area("ods", "provider", "RHQ"))), part_of(FEBRUARY))
    mine = named[named["area"] == "NT447"].set_index(["indicator", "category"])
    assert len(mine) == 3 * 24
    assert mine.loc[("rtt.waiting_list", "C_320"), "value"] == 0
    assert mine.loc[("rtt.incomplete_within_18_weeks", "C_320"), "status"] == "not_applicable"
    assert mine.loc[("rtt.incomplete_median_wait", "C_320"), "status"] == "not_applicable"
    theirs = named[named["area"] == "RHQ"]
    assert set(theirs["status"]) == {"not_submitted"}
    assert theirs["value"].isna().all()
    everyone = answer(asked, part_of(FEBRUARY))
    assert (everyone[(everyone["area"] == "NT447")]["category"] != "C_320").all()


def test_two_files_of_one_month_are_refused():
    with pytest.raises(DataError, match=r"two files hold April 2024.*\(revised\)") as caught:
        answer(Query(), part_of(APRIL), part_of(APRIL))
    assert caught.value.rule == "one-file-a-month"


def test_england_says_who_is_not_in_it(month):
    frame = answer(Query(areas=(ENGLAND,), indicators=("rtt.waiting_list",)), month("2026-02"))
    assert frame["note"].tolist() == ["Does not include Sheffield Teaching Hospitals NHS Foundation Trust (RHQ): no data were sent."]
    assert answer(Query(areas=(ENGLAND,), indicators=("rtt.waiting_list",)), month("2024-04"))["note"].isna().all()


def test_statements_agree_with_the_published_series(series, month):
    """The estimate that the publisher adds is exactly what the named trusts last sent."""
    frame = series.to_pandas().set_index(["indicator", "month"])["value"]
    for day in (dt.date(2025, m, 1) for m in range(7, 13)):
        added = frame["rtt.waiting_list_with_estimates", day] - frame["rtt.waiting_list", day]
        assert added == sum(s.waits for s in statements() if s.covers(day)), day
    for name in ("2025-09", "2025-10", "2026-02"):
        present = set(month(name).table["provider"].unique().to_pylist())
        assert not {s.provider for s in statements() if s.covers(dt.date.fromisoformat(f"{name}-01"))} & present


def test_where_the_patients_of_somerset_wait(month):
    tables = list(Rtt().relate(iter([month("2026-02")]), Query()))
    relations = pa.concat_tables(tables)
    check_relations(relations)
    frame = relations.to_pandas()
    waits = frame[frame["kind"] == "waits_at"]
    assert waits["from_type"].value_counts().to_dict() == {"commissioner": 12_865, "icb": 7_047}
    somerset = waits[(waits["from_type"] == "icb") & (waits["from_area"] == "QSL")].set_index("to_area")
    assert somerset["count"].sum() == 64_387
    assert somerset["weight"].sum() == pytest.approx(1)
    assert {code: round(100 * somerset.loc[code, "weight"], 1) for code in ("RH5", "RD1", "NTPH1")} == {"RH5": 75.8, "RD1": 8.9, "NTPH1": 3.4}
    assert somerset.loc["NTPH1", "note"] == "PRACTICE PLUS GROUP HOSPITAL - SHEPTON MALLET"
    assert "NONC" not in set(waits["from_area"])


def test_boards_do_not_add_up_to_england(month):
    frame = answer(Query(indicators=("rtt.waiting_list",)), month("2026-02"))
    total = frame.groupby("area_type")["value"].sum()
    assert total["country"] == total["commissioner"] == 7_124_952
    assert total["country"] - total["icb"] == 134_062
    assert (frame["area_type"] == "icb").sum() == 42


def test_boards_are_sums_of_commissioners_and_not_of_hospitals(month, real_data):
    import csv

    part = month("2026-02")
    with real_data("geography/lookups/sicbl24_icb24_nhser.csv").open(encoding="utf-8") as stream:
        lookup = list(csv.DictReader(stream))
    table = part.table.select(["commissioner", "commissioner_parent"]).to_pandas().drop_duplicates().astype(str)
    parents = dict(zip(table["commissioner"], table["commissioner_parent"], strict=True))
    assert len(lookup) == 106
    assert all(parents[row["sicbl24_code_nhs"]] == row["icb24_code_nhs"] for row in lookup)
