"""The register of targets says what its sources say, row by row; and a register that could only be guessed at is refused whole."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from jsnakit import judgement
from jsnakit.errors import SettingsError, UnknownTargetError
from jsnakit.judgement import load_schemes, load_targets
from jsnakit.model import Comparator, Population, TargetKind

WAITING, ADMITTED, NON_ADMITTED = (f"rtt.{p}_within_18_weeks" for p in ("incomplete", "admitted", "non_admitted"))
STATUTORY, STANDARD, AMBITION = TargetKind.STATUTORY, TargetKind.OPERATIONAL_STANDARD, TargetKind.PLANNING_AMBITION
MEMORY = False


def over(weeks: int) -> tuple[str, ...]:
    return (f"rtt.incomplete_over_{weeks}_weeks",)


# id, indicators, comparator, threshold, whom it binds, from, to, only in, kind, whether its source was read.
ROWS = [
    ("ambition.rtt-18-weeks-2008", (ADMITTED, NON_ADMITTED), "at_least", 100.0, "all", None, None, (2008, 12), AMBITION, True),
    ("operational.rtt-admitted-90", (ADMITTED,), "at_least", 90.0, "all", (2009, 1, 1), (2015, 9, 30), None, STANDARD, MEMORY),
    ("operational.rtt-non-admitted-95", (NON_ADMITTED,), "at_least", 95.0, "all", (2009, 1, 1), (2015, 9, 30), None, STANDARD, MEMORY),
    ("operational.rtt-incomplete-92", (WAITING,), "at_least", 92.0, "all", (2012, 4, 1), (2013, 3, 31), None, STANDARD, MEMORY),
    ("nhs-constitution.rtt-18-weeks", (WAITING,), "at_least", 92.0, "all", (2013, 4, 1), None, None, STATUTORY, True),
    ("contract.rtt-52-weeks", over(52), "at_most", 0.0, "all", (2013, 4, 1), None, None, STANDARD, MEMORY),
    ("delivery-plan.rtt-104-weeks", over(104), "at_most", 0.0, "all", None, None, (2022, 7), AMBITION, True),
    ("delivery-plan.rtt-78-weeks", over(78), "at_most", 0.0, "all", None, None, (2023, 4), AMBITION, True),
    ("delivery-plan.rtt-65-weeks", over(65), "at_most", 0.0, "all", None, None, (2024, 3), AMBITION, True),
    ("delivery-plan.rtt-65-weeks-moved", over(65), "at_most", 0.0, "all", None, None, (2024, 9), AMBITION, True),
    ("delivery-plan.rtt-52-weeks", over(52), "at_most", 0.0, "all", None, None, (2025, 3), AMBITION, True),
    ("planning-2025-26.rtt-england-65", (WAITING,), "at_least", 65.0, "england", None, None, (2026, 3), AMBITION, True),
    ("planning-2025-26.rtt-trust-plus-5", (WAITING,), "improve_by", 5.0, "trust", None, None, (2026, 3), AMBITION, True),
    ("planning-2025-26.rtt-52-weeks-share", (), "less_than", 1.0, "england", None, None, (2026, 3), AMBITION, True),
    ("planning-2025-26.first-appointment-18-weeks", (), "at_least", 72.0, "england", None, None, (2026, 3), AMBITION, True),
    ("planning-2026-27.rtt-england-70", (WAITING,), "at_least", 70.0, "england", None, None, (2027, 3), AMBITION, True),
    ("planning-2026-27.rtt-trust-65-or-plus-7", (WAITING,), "greater_of", 65.0, "trust", None, None, (2027, 3), AMBITION, True),
    ("planning-2028-29.rtt-92", (WAITING,), "at_least", 92.0, "all", None, None, (2029, 3), AMBITION, True),
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_a_target_is_what_its_source_says(row):
    id_, indicators, comparator, threshold, population, begins, ends, month, kind, verified = row
    found = judgement.target(id_)
    assert (found.indicators, found.comparator, found.threshold) == (indicators, Comparator(comparator), threshold)
    assert (found.population, found.kind, found.verified) == (Population(population), kind, verified)
    assert found.valid_from == (begins and dt.date(*begins))
    assert found.valid_to == (ends and dt.date(*ends))
    assert found.only_month == (month and dt.date(*month, 1))
    assert found.source


def test_no_target_is_without_a_row_here():
    assert sorted(judgement.targets()) == sorted(row[0] for row in ROWS)
    assert judgement.target("planning-2026-27.rtt-trust-65-or-plus-7").improvement == 7.0


def test_what_the_law_says_is_linked_and_has_its_own_scheme():
    for t in judgement.targets().values():
        if t.kind is STATUTORY or "SI 2" in t.source:
            assert t.url.startswith("https://www.legislation.gov.uk/")
            assert judgement.schemes()[t.id].target == t.id


GOOD = """
id = "x.y"
name = "x"
indicators = ["x.y"]
comparator = "at_least"
threshold = 1.0
unit = "%"
kind = "scheme"
valid_from = 2020-01-01
source = "a test"
"""


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("threshold = 1.0", ""), "target x.y: the key 'threshold' is missing\nhint"),
        (('"at_least"\nthreshold = 1.0', '"improve_by"\nthreshold = 0.0'), "no usable threshold"),
        (('"at_least"', '"improve_by"\nimprovement = 2.0'), "`improvement` belongs to greater_of"),
        (('"at_least"', '"greater_of"'), "`improvement` belongs to greater_of"),
        (('"at_least"', '"improve_by"\nbaseline = 2020-01-01\nthreshold2 = 1'), "threshold2"),
        (("threshold = 1.0", "threshold = 1.0\nbaseline = 2020-01-01"), "at_least has no baseline"),
        (("valid_from = 2020-01-01", "valid_from = 2020-01-01\nonly_month = 2020-01-01"), "no other dates"),
        (("valid_from = 2020-01-01", "valid_from = 2020-01-02"), "first day of a month"),
        (("valid_from = 2020-01-01", "valid_from = 2020-01-01\nvalid_to = 2020-03-30"), "last day of a month"),
        (("valid_from = 2020-01-01", "valid_from = 2020-04-01\nvalid_to = 2020-03-31"), "valid_to is before valid_from"),
        (("valid_from = 2020-01-01", ""), "says no date"),
        (('source = "a test"', ""), "`source` is empty"),
        (('unit = "%"', 'unit = ""'), "`unit` is empty"),
        (('source = "a test"', 'source = "a test"\nurl = "http://x"'), "url is 'http://x'"),
        (('"at_least"', '"about"'), "is not one of"),
        (("threshold = 1.0", 'threshold = "1"'), "is not a finite number"),
        (('"x.y"\nname', '"X Y"\nname'), "is not an id"),
        (('name = "x"', ""), "name"),
    ],
)
def test_a_target_that_could_only_be_guessed_at_is_refused(change, said, tmp_path):
    path = tmp_path / "targets.toml"
    path.write_text("[[target]]" + GOOD.replace(*change, 1))
    with pytest.raises(SettingsError) as caught:
        load_targets(path)
    assert said in str(caught.value)
    assert caught.value.file == str(path)
    assert caught.value.hint


def test_files_that_are_no_register(tmp_path):
    path = tmp_path / "targets.toml"
    for text in ("[[target]]" + GOOD + "[[target]]" + GOOD, "[[targets]]" + GOOD, "target = 3", "[[target]", "\x00"):
        path.write_text(text)
        with pytest.raises(SettingsError):
            load_targets(path)
    with pytest.raises(SettingsError, match="cannot be read"):
        load_targets(tmp_path / "none.toml")
    path.write_text("[[target]]" + GOOD)
    assert list(load_targets(str(path))) == ["x.y"]
    assert load_schemes(path) == {}


SCHEME = 'id = "s"\nname = "S"\nunit = "%"\nlowest = 0.0\nhighest = 100.0\nbands = [\n{}\n]\n'
RED, GREEN = '{ rag = "red", word = "low", at_least = 0.0, below = 50.0 },', '{ rag = "green", word = "high", at_least = 50.0, at_most = 100.0 },'


@pytest.mark.parametrize(
    ("bands", "said"),
    [
        ([RED], "do not reach the highest"),
        ([GREEN], "do not reach the lowest"),
        ([RED.replace("50.0", "49.0"), GREEN], "a gap between 'red' and 'green'"),
        ([RED, GREEN.replace("at_least = 50.0", "above = 50.0")], "a gap between 'red' and 'green'"),
        ([RED.replace("below = 50.0", "at_most = 50.0"), GREEN], "overlap"),
        ([RED.replace("50.0", "51.0"), GREEN], "overlap"),
        ([GREEN, RED], "do not reach|overlap"),
        ([RED, GREEN.replace("green", "red")], "two bands have one `rag`"),
        ([RED, GREEN.replace("green", "MET")], "a band needs a `rag` other than"),
        ([RED, GREEN.replace("at_most", "above = 50.0, at_most")], "two edges on one side"),
        ([RED, GREEN.replace("100.0", "10.0")], "holds no value"),
        ([], "either bands or a target"),
    ],
)
def test_bands_leave_no_gap_and_never_overlap(bands, said, tmp_path):
    path = tmp_path / "schemes.toml"
    path.write_text("[[scheme]]\n" + SCHEME.format("\n".join(bands)))
    with pytest.raises(SettingsError, match=said):
        load_schemes(path)
    path.write_text("[[scheme]]\n" + SCHEME.format(f"{RED}\n{GREEN}"))
    assert [b.rag for b in load_schemes(path)["s"].bands] == ["red", "green"]


def test_a_floor_has_its_reason_and_a_scheme_on_a_target_its_scale_from_it(tmp_path):
    path = tmp_path / "schemes.toml"
    for more in ("min_denominator = 20", 'min_denominator_reason = "x"', "min_denominator = -1"):
        path.write_text("[[scheme]]\n" + SCHEME.format(f"{RED}\n{GREEN}") + more)
        with pytest.raises(SettingsError, match="needs its reason"):
            load_schemes(path)
    path.write_text('[[scheme]]\nid = "s"\nname = "S"\ntarget = "x.y"\nunit = "%"\n')
    with pytest.raises(SettingsError, match="takes unit, indicators and scale from it"):
        load_schemes(path)


def test_the_nearest_scheme_is_named():
    with pytest.raises(UnknownTargetError, match="did you mean 'tactix4'"):
        judgement.scheme("tactix")


def test_the_register_is_packaged_whole():
    root = Path(judgement.__file__).parent
    assert sorted(p.name for p in root.glob("*/*.toml")) == ["rtt.toml", "rtt.toml"]
