"""The audit of exports: how much of the stored files it can check and how much agrees, and that what is changed in a file is found."""

from __future__ import annotations

import csv
import gzip
import io
import re

import pytest

from jsnakit.files import SourceFile
from jsnakit_fingertips.source import Fingertips

RULES = ["wilson", "byars", "isr", "dsr_dobson", "england_comparison", "parent_comparison", "recent_trend"]
ISOLATION = "api_csv_90280_90638_social_isolation_utla.csv.gz"


def audited(path_or_text, name="x.csv"):
    file = SourceFile.from_bytes(path_or_text, name=name) if isinstance(path_or_text, bytes) else SourceFile.from_path(path_or_text)
    return {rule.rule: rule for rule in Fingertips().audit(file)}


# Of each file and rule: rows, those that agree, those that do not.
PRINTED = {
    ISOLATION: {"england_comparison": (4536, 4534, 0), "parent_comparison": (4536, 4419, 0), "recent_trend": (791, 791, 0)},
    "ui_csv_msoa_norfolk_smr_le.csv.gz": {"isr": (1120, 1120, 0), "england_comparison": (1332, 1332, 0), "parent_comparison": (1320, 1320, 0)},
    "r_wyre_phof_all_periods_202211.csv.gz": {"isr": (7, 7, 0), "recent_trend": (165, 162, 0)},
}


@pytest.mark.parametrize("name", PRINTED)
def test_the_stored_files_agree_as_far_as_they_can_be_checked(name, real_data) -> None:
    found = audited(real_data(f"fingertips/{name}"))
    assert list(found) == RULES
    for rule, (rows, agree, disagree) in PRINTED[name].items():
        assert (found[rule].rows, found[rule].agree, found[rule].disagree) == (rows, agree, disagree), rule


def test_the_extract_of_the_successor(real_data) -> None:
    found = audited(real_data("fingertips/next_healthdata_20250213.csv.gz"))
    byars = found["byars"]
    # Hepatitis B has the limits of its counts, not scaled to the population: a fault of the publisher's, and known.
    why = [d.why for d in byars.disagreements]
    assert (why.count("unscaled limits"), len(why)) == (38, 39)
    assert {"93124"} == {d.about.split()[1] for d in byars.disagreements if d.why}
    assert found["wilson"].disagree == 0
    assert found["isr"].disagree == 0
    assert found["recent_trend"].agree / found["recent_trend"].checkable > 0.999


def test_what_is_changed_in_a_file_is_found(real_data) -> None:
    with gzip.open(real_data("fingertips/ui_csv_msoa_norfolk_smr_le.csv.gz"), "rt", encoding="utf-8-sig", newline="") as stream:
        text = stream.read()
    lines = text.splitlines(keepends=True)
    names = [cell.strip().strip('"') for cell in lines[0].split(",")]
    lower, word = names.index("Lower CI 95.0 limit"), next(i for i, n in enumerate(names) if n.startswith("Compared to England"))
    rows = [re.findall(r'"[^"]*"|[^,\r\n]+|(?<=,)(?=,)', line) for line in lines]
    plain = audited(text.encode())
    target = next(i for i, cells in enumerate(rows) if len(cells) == len(names) and i > 0 and "Similar" in cells[word])
    changed = list(rows[target])
    changed[word] = changed[word].replace("Similar", "Worse")
    with_word = [*lines[:target], ",".join(changed) + "\n", *lines[target + 1 :]]
    found = audited("".join(with_word).encode())["england_comparison"]
    assert [d.row for d in found.disagreements] == [target + 1]
    count = names.index("Count")
    target = next(
        i for i, cells in enumerate(rows) if len(cells) == len(names) and i > target and cells[lower].strip('"') and cells[count].strip('"').isdigit()
    )
    changed = list(rows[target])
    number = float(changed[lower].strip('"'))
    changed[lower] = changed[lower].replace(changed[lower].strip('"'), str(number - 7))
    found = audited("".join([*lines[:target], ",".join(changed) + "\n", *lines[target + 1 :]]).encode())["isr"]
    assert [d.row for d in found.disagreements] == [target + 1]
    assert plain["isr"].disagree == 0


def test_a_trend_that_is_changed_is_found(real_data) -> None:
    with gzip.open(real_data(f"fingertips/{ISOLATION}"), "rt", encoding="utf-8-sig", newline="") as stream:
        text = stream.read()
    assert ",No significant change," in text
    found = audited(text.replace(",No significant change,", ",Increasing and getting better,", 1).encode())["recent_trend"]
    assert found.disagree == 1
    assert found.disagreements[0].printed == "INCREASING_BETTER"


def test_a_trend_that_no_five_unbroken_years_give_is_found(real_data) -> None:
    with gzip.open(real_data(f"fingertips/{ISOLATION}"), "rt", encoding="utf-8-sig", newline="") as stream:
        text = stream.read()
    changed = text.replace(",Cannot be calculated,", ",Increasing,")
    found, plain = audited(changed.encode())["recent_trend"], audited(text.encode())["recent_trend"]
    # The others have fewer than five years in the file.
    assert (plain.agree - found.agree, found.disagree, found.reasons["fewer than five points in the file"]) == (624, 185, 439)


def test_a_comparison_without_an_interval_is_found(real_data) -> None:
    with gzip.open(real_data(f"fingertips/{ISOLATION}"), "rt", encoding="utf-8-sig", newline="") as stream:
        lines = stream.read().splitlines(keepends=True)
    names = lines[0].strip().split(",")
    lower, word, area = names.index("Lower CI 95.0 limit"), names.index("Compared to England value or percentiles"), names.index("Area Code")
    rows = ((i, next(csv.reader([line]))) for i, line in enumerate(lines))
    target = next(i for i, cells in rows if i and not cells[lower] and cells[word] == "Not compared" and cells[area] != "E92000001")
    cells = next(csv.reader([lines[target]]))
    cells[word] = "Better"
    made = io.StringIO()
    csv.writer(made, lineterminator="\n").writerow(cells)
    found = audited("".join([*lines[:target], made.getvalue(), *lines[target + 1 :]]).encode())["england_comparison"]
    assert [(d.row, d.printed) for d in found.disagreements] == [(target + 1, "Better")]


def test_a_file_without_figures_has_no_rows(real_data) -> None:
    found = audited(real_data("fingertips/next_areas.csv.gz"))
    assert list(found) == RULES
    assert all(rule.rows == 0 for rule in found.values())
