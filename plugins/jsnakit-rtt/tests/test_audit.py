"""The audit on real files, and on the same files with a cell changed: a changed cell is among those that disagree."""

from __future__ import annotations

import io

import openpyxl
import pytest

from jsnakit.errors import InvalidValueError
from jsnakit.files import SourceFile
from jsnakit_rtt import Rtt


def audited(*files):
    return {rule.rule: rule for rule in Rtt().audit(*files)}


def test_the_series_is_what_the_extract_gives(real_data):
    extract, series = (SourceFile.from_path(real_data(f"rtt/2026-02_rtt_{n}")) for n in ("full_extract.zip", "overview_timeseries.xlsx"))
    rule = audited(extract, series)["england"]
    assert (rule.rows, rule.agree, rule.disagree) == (49, 34, 0)


@pytest.mark.parametrize("column", [3, 7, 9, 21, 25, 29, 37, 40, 42])
def test_a_changed_cell_of_the_series_disagrees(real_data, column):
    extract = SourceFile.from_path(real_data("rtt/2024-04_rtt_full_extract.zip"))
    book = openpyxl.load_workbook(real_data("rtt/2026-02_rtt_overview_timeseries.xlsx"))
    sheet = book["Full Time Series"]
    row = next(c.row for c in sheet["C"] if str(c.value).startswith("2024-04"))
    cell = sheet.cell(row, column + 1)
    cell.value = cell.value * 1.01
    made = io.BytesIO()
    book.save(made)
    rule = audited(extract, SourceFile.from_bytes(made.getvalue(), name="series.xlsx"))["england"]
    assert cell.coordinate in {d.row for d in rule.disagreements}


def test_commissioner_workbooks_against_their_own_bands(real_data):
    rules = audited(SourceFile.from_path(real_data("rtt/commissioner_workbooks_2009_2015.zip")))
    assert rules["england"].disagree == rules["provider_function"].disagree == 0
    assert (rules["medians"].agree, rules["medians"].disagree) == (8261, 21)
    assert (rules["percentiles"].agree, rules["percentiles"].disagree) == (8259, 23)


def test_a_provider_workbook_against_the_revised_extract(real_data):
    rules = audited(*(SourceFile.from_path(real_data(f"rtt/{n}.zip")) for n in ("2025-09_rtt_full_extract", "published_provider_2025-09_2025-10")))
    assert (rules["medians"].agree, rules["medians"].disagree) == (3166, 3)
    for rule in rules.values():
        assert {(d.about.split()[0], d.why) for d in rule.disagreements} == {("RBV", "first edition; the extract is revised")}


def test_an_extract_alone_is_told_what_it_needs(real_data):
    with pytest.raises(InvalidValueError, match="extract"):
        Rtt().audit(SourceFile.from_path(real_data("rtt/2026-02_rtt_full_extract.zip")))
