"""The package's data hold together, and no word about it claims more than was tried."""

from __future__ import annotations

import csv
import itertools
import re
import tomllib
from pathlib import Path

import jsnakit_place
from jsnakit import geography
from jsnakit.model import Polarity
from jsnakit_place import Place, pilot, rounds
from jsnakit_place.layouts import TESTED, register
from jsnakit_place.rounds import DOMAINS, RATINGS, scales

PACKAGE = Path(jsnakit_place.__file__).parent
README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
SUPPORT = tomllib.loads((PACKAGE / "support.toml").read_text(encoding="utf-8"))


def test_every_layout_is_in_the_matrix_and_says_that_no_real_file_was_read():
    listed = {row["name"]: row for row in SUPPORT["layout"]}
    for layout in register().layouts:
        row = listed[layout.id]
        assert row["tested"] == layout.tested
        assert row["note"].startswith("Untested on a real file.")
    assert {n for n, r in listed.items() if r["tested"] != "refused"} == {x.id for x in register().layouts}
    assert {r["tested"] for r in listed.values()} <= set(TESTED)
    assert all(set(trap) == {"what", "handled"} and all(trap.values()) for trap in SUPPORT["trap"])


def test_the_readme_has_the_same_matrix():
    for row in SUPPORT["layout"]:
        said = "refused" if row["tested"] == "refused" else "untested on a real file"
        assert f"| `{row['name']}` | {row['files']} | {row['periods']} | {said} |" in README


def test_the_readme_names_only_indicators_there_are():
    known = {i.id for i in Place().indicators()}
    assert set(re.findall(r"\bplace\.(?!jsnakit)[a-z_]+", README)) <= known


def test_every_measure_has_its_indicators():
    known = {i.id.removeprefix("place."): i for i in Place().indicators()}
    for domain in DOMAINS:
        assert (known[domain].unit, known[domain].polarity) == ("%", Polarity.HIGHER_IS_BETTER)
    for rating in RATINGS:
        assert known[rating].value_type == "ordinal"
        assert "country" not in known[rating].area_types, "a rank is of a site or an organisation"
        assert known[f"{rating}_sites"].unit == "sites"
    assert {c for s in scales() for c in s.columns} == set(RATINGS)


def test_the_royal_berkshire_that_tells_the_print_of_2013_is_who_we_think():
    assert geography.name_of("RHW").startswith("Royal Berkshire")


def test_the_pilot_is_a_list_of_names_and_a_rule():
    held = pilot()
    assert len(held.hospitals) == held.listed == 69
    assert (held.start.isoformat(), held.end.isoformat()) == ("2012-10-01", "2012-10-12")
    assert not held.allows(2, 4)
    assert held.allows(3, 4)
    assert not held.allows(0, 0)
    assert {f.name for f in type(held.hospitals[0]).__attrs_attrs__} == {"trust_as_listed", "hospital_as_listed"}, "no code was guessed"


def test_the_pilot_is_that_of_the_list(real_data):
    with real_data("place/place-pilot-2012.csv").open(encoding="utf-8", newline="") as stream:
        listed = sorted((row["trust_as_listed"], row["hospital_as_listed"]) for row in csv.DictReader(stream))
    assert sorted((h.trust_as_listed, h.hospital_as_listed) for h in pilot().hospitals) == listed


def test_rounds_follow_each_other_without_overlap():
    held = sorted(rounds().values(), key=lambda r: r.year)
    for before, after in itertools.pairwise(held):
        assert before.period.end < after.period.start
    assert {r.programme for r in held if r.year < 2013} == {"PEAT"}
    assert {r.programme for r in held if r.year >= 2013} == {"PLACE"}
