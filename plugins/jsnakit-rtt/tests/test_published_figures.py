"""Our figures against the publisher's: England's series, the provider workbooks, the commissioner workbooks of 2015. What differs is named."""

from __future__ import annotations

import csv
import gzip
import io
import zipfile
from collections import Counter

import numpy as np
import pandas as pd
import pytest

from jsnakit.files import SourceFile
from jsnakit.methods.waiting import position_in_bands
from jsnakit.model import ENGLAND, Area
from jsnakit.observations import check, to_pandas
from jsnakit.sources import Query
from jsnakit.tabular import read_sheet
from jsnakit_rtt import RULES, Rtt
from jsnakit_rtt.rules import rules_for

MONTHS = ("2024-04", "2025-09", "2025-10", "2026-02")
ENGLISH = Area("gss", "country", ENGLAND.code)


def answer(query, *parts):
    import pyarrow as pa

    table = pa.concat_tables(list(Rtt().assemble(iter(parts), query)), promote_options="default")
    check(table)
    return to_pandas(table)


def test_february_2026(month):
    frame = answer(Query(areas=(ENGLISH,)), month("2026-02")).set_index("indicator")
    assert set(frame["category"]) == {"_T"}
    expected = {
        "rtt.waiting_list": 7_124_952, "rtt.incomplete_over_52_weeks": 120_871, "rtt.incomplete_over_65_weeks": 6_726, "rtt.incomplete_over_78_weeks": 1_375,
        "rtt.incomplete_over_104_weeks": 189, "rtt.admitted_completed": 289_643, "rtt.non_admitted_completed": 1_207_513, "rtt.new_periods": 1_722_325,
    }  # fmt: skip
    assert {name: int(frame.loc[name, "value"]) for name in expected} == expected
    assert round(frame.loc["rtt.incomplete_within_18_weeks", "value"], 2) == 62.54
    assert round(frame.loc["rtt.incomplete_median_wait", "value"], 2) == 13.17
    assert round(frame.loc["rtt.incomplete_92nd_percentile_wait", "value"], 2) == 39.45
    # The wrong ways that public tools have taken: the total of totals, other countries' patients, decisions to admit counted twice, 17 and 19 bands, the open band left out.
    wrong = {14_249_904, 7_156_212, 8_307_264, 120_682}
    assert not wrong & {int(v) for v in frame["value"]}
    assert round(frame.loc["rtt.incomplete_within_18_weeks", "value"], 1) not in (60.3, 64.7, 61.8, 74.9)


# With the numbers within 18 weeks of completed pathways, which the table holds as counts beside their shares, these are the 19 figures of the series.
NATIONAL = (
    "rtt.waiting_list", "rtt.incomplete_within_18_weeks", "rtt.incomplete_median_wait", "rtt.incomplete_92nd_percentile_wait", "rtt.incomplete_over_52_weeks",
    "rtt.incomplete_over_65_weeks", "rtt.incomplete_over_78_weeks", "rtt.incomplete_over_104_weeks", "rtt.admitted_completed", "rtt.admitted_median_wait",
    "rtt.admitted_95th_percentile_wait", "rtt.admitted_over_52_weeks", "rtt.non_admitted_completed", "rtt.non_admitted_median_wait", "rtt.non_admitted_95th_percentile_wait",
    "rtt.non_admitted_over_52_weeks", "rtt.new_periods",
)  # fmt: skip


def test_the_nineteen_national_figures_of_four_months_are_the_published_ones(month, series, real_data):
    published = series.to_pandas().set_index(["indicator", "month"])["value"]
    sheet = read_sheet(SourceFile.from_path(real_data("rtt/2026-02_rtt_overview_timeseries.xlsx")), "Full Time Series")
    head = [" ".join(str(c).split()) for c in sheet.rows[sheet.find("Year", "Month") + 1]]
    # The fourth column of that name is of admitted pathways adjusted for pauses, which ended in September 2015.
    within = [i for i, name in enumerate(head) if name == "No. within 18 weeks"][:3]
    compared = 0
    for name in MONTHS:
        part = month(name)
        frame = answer(Query(areas=(ENGLISH,)), part).set_index("indicator")
        day = pd.Timestamp(f"{name}-01").date()
        for indicator in NATIONAL:
            assert frame.loc[indicator, "value"] == pytest.approx(
                published[indicator, day], rel=0, abs=5e-13 * max(1, abs(published[indicator, day]))
            ), (name, indicator)
            compared += 1
        row = next(r for r in sheet.rows if any(getattr(c, "isoformat", None) and c.isoformat()[:10] == day.isoformat() for c in r))
        printed = [row[i] for i in within]
        assert [frame.loc[f"rtt.{kind}_within_18_weeks", "count"] for kind in ("incomplete", "admitted", "non_admitted")] == printed
        # The number within 18 weeks of those waiting stands beside its share, which is compared above.
        compared += 2
    print(f"{compared} national values equal the published series")
    assert compared == 4 * 19


def by_function(month, name, indicators):
    frame = answer(Query(indicators=indicators, area_type="provider", breakdowns=("treatment_function",)), month(name))
    frame["category"] = frame["category"].replace("_T", "C_999")
    return frame.set_index(["indicator", "area", "category"])


def test_september_2025_non_admitted_against_the_provider_workbook(month, real_data):
    file = SourceFile.from_path(real_data("rtt/published_provider_2025-09_2025-10.zip"))
    sheets = [read_sheet(file, name, member="NonAdmitted-Provider-Sep25-XLSX-4M-87700.xlsx") for name in ("Provider", "IS Provider")]
    tops = [sheet.find("Provider Code", "Treatment Function Code") for sheet in sheets]
    head = list(sheets[0].rows[tops[0]])
    assert head == list(sheets[1].rows[tops[1]])
    at = {key: head.index(name) for key, name in {
        "provider": "Provider Code", "function": "Treatment Function Code", "n": "Total number of completed pathways (all)", "known": "Total number of completed pathways (with a known clock start)",
        "median": "Average (median) waiting time (in weeks)", "p95": "95th percentile waiting time (in weeks)", "over": "Total 52 plus weeks",
    }.items()}  # fmt: skip
    names = {
        "n": "rtt.non_admitted_completed",
        "median": "rtt.non_admitted_median_wait",
        "p95": "rtt.non_admitted_95th_percentile_wait",
        "over": "rtt.non_admitted_over_52_weeks",
    }
    ours = by_function(month, "2025-09", tuple(names.values()))
    seen: Counter[str] = Counter()
    differing: dict[str, set[str]] = {k: set() for k in names}
    for row in [row for sheet, top in zip(sheets, tops, strict=True) for row in sheet.rows[top + 1 :]]:
        if not isinstance(row[at["function"]], str) or row[at["provider"]] in ("", "-"):
            continue
        provider, function, n = row[at["provider"]], row[at["function"]], float(row[at["n"]] or 0)
        if n == 0:
            assert (names["n"], provider, function) not in ours.index
            seen["zero"] += 1
            continue
        for key, indicator in names.items():
            mine, theirs = ours.loc[(indicator, provider, function)], row[at[key]]
            seen[key] += 1
            if theirs == "-":
                assert mine["status"] == ("suppressed" if row[at["known"]] else "not_applicable")
                seen[f"{key} hidden"] += 1
            elif key in ("n", "over"):
                differing[key] |= {provider} if mine["value"] != theirs else set()
                seen[f"{key} differ"] += int(mine["value"] != theirs)
            elif pd.isna(mine["value"]):
                # The open band: the workbook shows its beginning.
                assert (mine["value_min"], theirs) == (104, 104)
                seen["open"] += 1
            else:
                far = abs(mine["value"] - theirs) > 1e-6
                differing[key] |= {provider} if far else set()
                seen[f"{key} differ"] += int(far)
    print(dict(seen))
    assert seen["n"] == 3844
    assert seen["n differ"] == 5
    # The workbook is the first edition, the extract the revised one, which changed this trust alone.
    assert differing["n"] == {"RBV"}
    assert differing["median"] | differing["p95"] | differing["over"] <= {"RBV"}
    assert seen["zero"] == 7628
    assert seen["open"] == 2


@pytest.mark.parametrize(
    ("member", "part", "cells_with_patients"),
    [("Completed October Admitted 2025.csv", "admitted", 2121), ("Completed NonAdmitted-Provider-Oct25-Data.csv", "non_admitted", 2517)],
)
def test_october_2025_completed_against_the_provider_workbooks(month, real_data, member, part, cells_with_patients):
    with zipfile.ZipFile(real_data("rtt/published_provider_2025-09_2025-10.zip")) as archive:
        rows = list(csv.DictReader(io.StringIO(archive.read(member).decode("utf-8-sig"))))
    ours = by_function(month, "2025-10", (f"rtt.{part}_within_18_weeks",))
    bands = [c for c in rows[0] if c.startswith(">")] + ["104 plus"]
    assert len(bands) == 105
    compared, other = 0, []
    for row in rows:
        cells = {k.casefold(): v for k, v in row.items()}
        printed = [0 if row[b].strip() in ("-", "") else int(row[b].replace(",", "")) for b in bands]
        key = (f"rtt.{part}_within_18_weeks", cells["provider_code"], cells["treatment_function_code"])
        if sum(printed) == 0:
            assert key not in ours.index or ours.loc[key, "denominator"] == 0
            continue
        compared += 1
        mine = ours.loc[key]
        if (mine["denominator"], mine["count"]) != (sum(printed), sum(printed[:18])):
            other.append(key)
    print(f"{member}: {compared} cells with patients, {len(other)} differ")
    assert other == []
    assert compared == cells_with_patients


def test_march_2026_workbook_keeps_the_small_number_rule(real_data):
    """The publisher shows no median for fewer than 20 waits, in any row of the latest workbook at hand."""
    with gzip.open(real_data("rtt/published_incomplete_provider_2026-03_tidy.csv.gz"), "rt", encoding="utf-8") as stream:
        rows = [r for r in csv.DictReader(stream) if float(r["total_incomplete_pathways"] or 0) > 0]
    minimum = rules_for(pd.Timestamp("2026-03-01").date()).minimum
    assert minimum == 20
    assert len(rows) > 2500
    for row in rows:
        assert (row["median_wait_weeks"] == "") == (float(row["total_incomplete_pathways"]) < minimum), row


def test_april_2015_commissioner_medians_follow_the_rule_of_their_time(real_data):
    """8,029 of 8,049 cells by (N + 1) / 2, none by N / 2; the rest are one commissioner whose averages were not made again when its bands were revised."""
    file = SourceFile.from_path(real_data("rtt/commissioner_workbooks_2009_2015.zip"))
    old, new = RULES
    exact: Counter[str] = Counter()
    missed: set[str] = set()
    hidden: list[float] = []
    for member in file.members():
        if "Apr15" not in member:
            continue
        sheet = read_sheet(file, "Commissioner", member=member)
        top = next(i for i, row in enumerate(sheet.rows) if any(str(c).startswith(">0") for c in row))
        head = [" ".join(str(c).split()) for c in sheet.rows[top]]
        first = next(i for i, c in enumerate(head) if c.startswith(">0"))
        last = next(i for i, c in enumerate(head) if c.startswith("52"))
        median = next(i for i, c in enumerate(head) if "median" in c.casefold())
        code = next(i for i, c in enumerate(head) if c.casefold() in ("commissioner code", "ccg code"))
        for row in sheet.rows[top + 1 :]:
            counts = row[first : last + 1]
            if not all(isinstance(c, int | float) for c in counts) or sum(counts) == 0 or not str(row[code]).strip("- "):
                continue
            cumulative = np.cumsum(np.array(counts, dtype=np.int64))[:, None]
            if row[median] == "-":
                hidden.append(float(cumulative[-1, 0]))
                continue
            if not isinstance(row[median], int | float):
                continue
            exact["all"] += 1
            for rules in (old, new):
                _, weeks = position_in_bands(cumulative, rules.position(50))
                exact[rules.id] += abs(float(weeks[0]) - row[median]) < 1e-6
            _, weeks = position_in_bands(cumulative, old.position(50))
            if abs(float(weeks[0]) - row[median]) >= 1e-6:
                missed.add(str(row[code]))
    print(dict(exact), missed, f"{len(hidden)} hidden")
    assert exact["all"] - exact["2015"] == 20
    assert missed == {"08R"}
    assert exact["2024"] < exact["all"] * 0.01
    assert np.percentile(hidden, 95) < old.minimum
