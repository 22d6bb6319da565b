"""Every stored file, read whole: rows in are rows out, or each difference has its name and its count."""

from __future__ import annotations

import csv
import gzip
import io
import json
from pathlib import Path

import pytest

from jsnakit.files import SourceFile
from jsnakit_fingertips.parse import account_of, parse_file

# Rows in, rows given, repeats, unitaries in both tiers, left out.
EXPORTS = {
    "api_csv_30101_air_pollution_old.csv.gz": (1236, 1616, 0, 380, 0),
    "api_csv_90280_90638_social_isolation_utla.csv.gz": (4536, 4536, 0, 0, 0),
    "api_csv_93517_ocu_not_in_treatment.csv": (13, 13, 0, 0, 0),
    "api_csv_93532_dependent_drinkers.csv": (17, 17, 0, 0, 0),
    "api_csv_93861_air_pollution_new.csv.gz": (1202, 1590, 0, 388, 0),
    "api_csv_modelled_prevalence_ltla_2015.csv.gz": (2752, 2752, 0, 0, 0),
    "api_json_92477_emergency_admissions_icb.json.gz": (4729, 4729, 0, 0, 0),
    "next_expected_benchmark_quintiles.json": (13, 13, 0, 0, 0),
    "next_expected_benchmark_rag.json": (33, 33, 0, 0, 0),
    "next_healthdata_20250213.csv.gz": (44452, 55005, 2148, 14083, 1382),
    "r_bolton_msoa_local_health.csv.gz": (2793, 1995, 798, 0, 0),
    "r_lancashire_phof_worse_better_202212.csv.gz": (1151, 1127, 24, 0, 0),
    "r_wyre_phof_all_periods_202211.csv.gz": (1932, 1932, 0, 0, 0),
    "ui_csv_92519_ecoli_trimethoprim_quarterly.csv": (38, 38, 0, 0, 0),
    "ui_csv_93106_reception_overweight_ltla.csv": (12, 12, 0, 0, 0),
    "ui_csv_93106_reception_overweight_msoa.csv": (156, 156, 0, 0, 0),
    "ui_csv_gp_hypertension_trend_old_catton.csv": (45, 45, 0, 0, 0),
    "ui_csv_gp_obesity_smoking_2022.csv": (10, 10, 0, 0, 0),
    "ui_csv_gp_obesity_trend_old_catton.csv": (24, 24, 0, 0, 0),
    "ui_csv_gp_smoking_trend_old_catton.csv": (30, 30, 0, 0, 0),
    "ui_csv_msoa_norfolk_smr_le.csv.gz": (1344, 1344, 0, 0, 0),
}
CATALOGUES = {
    "api_indicator_metadata_all_20250423.json.gz": ("metadata of indicators", 1587),
    "available_data_indicator_areatype_202006.csv.gz": ("which indicators exist for which area types", 6285),
    "next_ages.csv": ("ages", 54),
    "next_areas.csv.gz": ("areas", 2983),
    "next_categories.csv": ("categories", 120),
    "next_indicator_metadata_20250320.json.gz": ("the successor's indicators", 31),
    "next_indicators.csv": ("the successor's indicators", 37),
}


def test_the_whole_folder_is_accounted_for(real_data):
    stored = {p.name for p in real_data("fingertips").iterdir()}
    assert stored == {*EXPORTS, *CATALOGUES, "PROVENANCE.md"}


@pytest.mark.parametrize("name", EXPORTS)
def test_rows_in_are_rows_out_or_each_difference_is_named(name, real_data):
    table = parse_file(SourceFile.from_path(real_data(f"fingertips/{name}")))
    account = account_of(table)
    left_out = sum(account.left_out.values())
    assert (account.rows, account.given, account.repeats, account.both_tiers, left_out) == EXPORTS[name]
    assert table.num_rows == account.given
    assert account.balances


def cells(path: Path) -> list[dict[str, str]]:
    """The rows of a stored CSV as Python's own reader sees them."""
    data = path.read_bytes()
    text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


@pytest.mark.parametrize("name", [n for n in EXPORTS if ".csv" in n and EXPORTS[n][2:] == (0, 0, 0)])
def test_every_figure_is_the_one_in_the_file(name, real_data):
    """Where no row is dropped or doubled, the columns are the file's, cell by cell, by another reader."""
    path = real_data(f"fingertips/{name}")
    rows, table = cells(path), parse_file(SourceFile.from_path(path)).to_pylist()
    plain = {"".join(c for c in key.casefold() if c.isalnum()): key for key in rows[0]}
    ours = {"value": "value", "count": "count", "denominator": "denominator", "lowerci950limit": "lower", "upperci950limit": "upper",
            "lowerci998limit": "published_lower_99_8", "upperci998limit": "published_upper_99_8"}  # fmt: skip
    checked = 0
    for row, made in zip(rows, table, strict=True):
        assert made["indicator"] == f"fingertips.{row[plain['indicatorid']]}"
        assert made["area"] == row[plain["areacode"]]
        assert made["period"] == row[plain["timeperiod"]]
        for theirs, column in ours.items():
            text = row[plain[theirs]].replace(",", "")
            number = None if text in ("", "NA") or "no-data" in text else float(text)
            found = made.get(column)
            # A contradiction stands beside the figure.
            assert (found if found is not None else made.get(f"published_{column}")) == number, (row, column)
            checked += number is not None
    assert checked >= len(rows) // 2


def test_every_figure_of_the_json_is_the_one_in_the_file(real_data):
    path = real_data("fingertips/api_json_92477_emergency_admissions_icb.json.gz")
    rows = json.loads(gzip.decompress(path.read_bytes()))["data"]
    table = parse_file(SourceFile.from_path(path)).to_pylist()
    for row, made in zip(rows, table, strict=True):
        assert [made[c] for c in ("area", "value", "count", "denominator", "period")] == [
            row[c] for c in ("area_code", "value", "count", "denominator", "time_period")
        ]
        assert made["note"] == row["value_note"]


@pytest.mark.parametrize("name", CATALOGUES)
def test_a_catalogue_is_read_as_what_it_is(name, real_data):
    table = parse_file(SourceFile.from_path(real_data(f"fingertips/{name}")))
    account = account_of(table)
    assert (account.catalogue, account.rows) == CATALOGUES[name]
    assert table.num_rows == account.rows


def test_what_the_successors_extract_leaves_out_is_named(real_data):
    account = account_of(parse_file(SourceFile.from_path(real_data("fingertips/next_healthdata_20250213.csv.gz"))))
    assert sorted(account.left_out.values()) == [216, 1166]
    assert any("yearly" in reason for reason in account.left_out)
    assert any("contradicting" in reason for reason in account.left_out)
