"""The rule of averages: beds as weights where all are known, self-catering out of Food, no score no part; and what may never be averaged."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jsnakit.errors import DataError
from jsnakit.sources import Query
from jsnakit_place import SiteScore, average
from jsnakit_place.averages import score_of_marks
from jsnakit_place.rounds import FOOD, rounds

sites = st.lists(
    st.builds(
        SiteScore,
        score=st.one_of(st.none(), st.integers(0, 10000).map(lambda n: n / 100)),
        beds=st.one_of(st.none(), st.integers(0, 900).map(float)),
        self_catering=st.booleans(),
    ),
    max_size=12,
)


@given(sites, st.sampled_from(["food", "cleanliness"]))
def test_an_average_lies_between_its_sites_and_says_how_it_was_made(drawn, domain):
    counted = [s for s in drawn if s.score is not None and not (s.self_catering and domain in FOOD)]
    made = average(domain, drawn)
    if not counted:
        assert made is None
        return
    assert min(s.score for s in counted) - 1e-9 <= made.value <= max(s.score for s in counted) + 1e-9
    assert made.sites == len(counted)
    weighted = all(s.beds is not None for s in counted) and sum(s.beds for s in counted) > 0
    assert made.method == ("bed-weighted" if weighted else "unweighted")
    assert made.note.startswith("computed: mean" if weighted else "unweighted mean")
    if weighted:
        assert math.isclose(made.value, sum(s.score * s.beds for s in counted) / sum(s.beds for s in counted), abs_tol=1e-9)


@given(sites)
def test_order_and_sites_without_part_change_nothing(drawn):
    made = average("food", drawn)
    again = average("food", [*reversed(drawn), SiteScore(score=None, beds=500), SiteScore(score=1.0, beds=500, self_catering=True)])
    assert (made is None) == (again is None)
    if made is not None:
        assert math.isclose(made.value, again.value, abs_tol=1e-9)
        assert made.method == again.method


def test_the_error_of_2013_is_the_beds_of_a_self_catering_site():
    """The first print weighted Food with the beds of sites that cater for themselves."""
    held = [SiteScore(score=90.0, beds=100), SiteScore(score=80.0, beds=100), SiteScore(score=None, beds=100, self_catering=True)]
    wrong = (90 * 100 + 80 * 100 + 0 * 100) / 300
    assert average("food", held).value == 85.0 != wrong


def test_a_site_without_beds_has_no_weight_and_that_is_said():
    made = average("cleanliness", [SiteScore(score=90.0, beds=100), SiteScore(score=10.0, beds=0)])
    assert made.value == 90.0
    assert "1 without beds and so without weight" in made.note
    assert average("cleanliness", [SiteScore(score=90.0, beds=0)]).method == "unweighted"


@given(st.integers(0, 4000), st.integers(1, 4000))
def test_a_score_of_marks_is_as_the_publisher_prints_it(awarded, available):
    if awarded <= available:
        assert abs(score_of_marks(awarded, available) - 100 * awarded / available) <= 0.005 + 1e-9


def site(code, organisation="RP5", **values):
    base = dict.fromkeys(("cleanliness", "food", "privacy_dignity_wellbeing", "condition_appearance_maintenance"), "90.00%")
    late = {"organisation_food": "90.00%", "ward_food": "90.00%", "dementia": "N/A", "disability": "90.00%"}
    return {"organisation": organisation, "site": code, "site_name": code} | base | late | values


def test_beds_of_another_file_weigh_the_sites(kit):
    scores = kit.table("2024-sites", [site("RP5DR", cleanliness="98.00%"), site("RP5BA", cleanliness="90.00%")]).csv()
    rows = kit.read(("place-2024-sites.csv", scores))
    plain = kit.get(rows, "cleanliness", "provider", "RP5")
    assert (plain["value"], plain["origin"].split(":")[1]) == (94.0, "unweighted")
    assert plain["note"] == "unweighted mean of 2 site scores; the publisher weights by beds, which are not known here"
    beds = kit.table("beds-sites", [{"site": "RP5DR", "beds": 600}, {"site": "RP5BA", "beds": "200"}]).csv()
    rows = kit.read(("place-2024-sites.csv", scores), ("beds-2024.csv", beds))
    weighted = kit.get(rows, "cleanliness", "provider", "RP5")
    assert (weighted["value"], weighted["origin"].split(":")[1]) == (96.0, "bed-weighted")
    assert weighted["origin"].count("sha256:") == 2
    assert kit.get(rows, "beds", "site", "RP5DR")["value"] == 600.0


def test_self_catering_sites_have_no_part_in_any_column_of_food(kit):
    made = kit.table(
        "2024-sites",
        [
            site("RP5DR", beds=100, self_catering="No"),
            site("RP5BA", beds=300, self_catering="Yes", food="N/A", organisation_food="-", ward_food="", cleanliness="80.00%"),
            site("RP5XX", beds=100, self_catering="Yes", food="10.00%"),
        ],
    )
    rows = kit.read(("place-2024-sites.csv", made.csv()))
    assert {kit.get(rows, f, "provider", "RP5")["value"] for f in FOOD} == {90.0}
    for food in FOOD:
        row = kit.get(rows, food, "site", "RP5BA")
        assert (row["status"], row["note"]) == ("not_applicable", "the site declares itself self-catering")
    # A figure that is printed stays, and is left out of the averages.
    printed = kit.get(rows, "food", "site", "RP5XX")
    assert (printed["value"], printed["note"]) == (10.0, "the site declares itself self-catering: left out of averages of Food")
    assert kit.get(rows, "cleanliness", "provider", "RP5")["value"] == (90 * 100 + 80 * 300 + 90 * 100) / 500


def test_sites_to_which_dementia_does_not_apply_have_no_part_in_it(kit):
    made = kit.table("2024-sites", [site("RP5DR", beds=100, dementia="80.00%"), site("RP5BA", beds=900), site("RXLBV", "RXL", beds=50)])
    rows = kit.read(("place-2024-sites.csv", made.csv()))
    assert kit.get(rows, "dementia", "site", "RP5BA")["status"] == "not_applicable"
    assert kit.get(rows, "dementia", "provider", "RP5")["value"] == 80.0
    none = kit.get(rows, "dementia", "provider", "RXL")
    assert (none["value"], none["status"], none["note"]) == (None, "not_applicable", "none of its sites has a score")


def test_a_published_average_is_never_replaced(kit):
    sites_file = kit.table("2024-sites", [site("RP5DR", beds=10), site("RXLBV", "RXL", beds=10)]).csv()
    scores = {c: "77.70%" for c in kit.layout("2024-organisations").required if c not in {"organisation", "organisation_name"}}
    published = kit.table(
        "2024-organisations",
        [
            {"organisation": "RP5", "organisation_name": "Doncaster"} | scores,
            {"organisation": "", "organisation_name": "England"} | scores | {"food": "88.80%"},
        ],
    ).csv()
    rows = kit.read(("place-2024-sites.csv", sites_file), ("place-2024-organisations.csv", published))
    ours = kit.get(rows, "food", "provider", "RXL")
    theirs = kit.get(rows, "food", "provider", "RP5")
    assert (theirs["value"], theirs["note"], theirs["published_score"]) == (77.7, None, "77.70%")
    assert ours["origin"].startswith("place-average:bed-weighted:")
    england = kit.get(rows, "food", "country", "E92000001")
    assert (england["value"], england["origin"][:6]) == (88.8, "sha256")


def test_a_part_of_the_sites_is_not_england(kit):
    rows = kit.read(("place-2024-sites.csv", kit.table("2024-sites", [site("RP5DR")]).csv()))
    england = kit.get(rows, "food", "country", "E92000001")
    assert (england["value"], england["status"]) == (None, "not_available")
    assert england["note"] == "the files hold 1 sites of 1,093: no figure of England is computed from a part of them"


def test_nearly_all_sites_are_england(kit):
    held = [
        site(f"R{n // 36:02}Z{n % 36:02}", f"R{n // 36:02}", beds=100 if n % 2 else 300, cleanliness="90.00%" if n % 2 else "98.00%")
        for n in range(1080)
    ]
    rows = kit.read(("place-2024-sites.csv", kit.table("2024-sites", held).csv()), query=Query(area_type="country"))
    england = kit.get(rows, "cleanliness", "country", "E92000001")
    assert england["value"] == 96.0
    assert england["note"] == "computed: mean of 1,080 site scores weighted by 216,000 beds, by the publisher's rule; not a published figure"
    assert kit.get(rows, "dementia", "country", "E92000001")["status"] == "not_applicable"


def test_every_round_has_a_bar_for_england():
    for collection in rounds().values():
        assert collection.assessments is None or collection.assessments > 850


def peat(code, environment, food, privacy, organisation="RP5"):
    return {
        "organisation": organisation,
        "site": code,
        "site_name": code,
        "peat_environment": environment,
        "peat_food": food,
        "peat_privacy_dignity": privacy,
    }


def test_ranks_are_a_distribution_or_a_share_and_never_a_mean(kit):
    made = kit.table(
        "peat-2004-2012-sites", [peat("RP5DR", "Excellent", "5 - Excellent", 4), peat("RP5BA", "Acceptable", 3, "Good"), peat("RP5XX", "good", "", 5)]
    )
    rows = kit.read(("peat-2012-sites.csv", made.csv()))
    rating = kit.get(rows, "peat_environment", "site", "RP5BA")
    assert (rating["value"], rating["note"]) == (3.0, "acceptable (3 of 5)")
    share = kit.get(rows, "peat_environment_good_or_excellent", "provider", "RP5")
    assert (share["value"], share["count"], share["denominator"]) == (pytest.approx(200 / 3), 2, 3)
    assert kit.get(rows, "peat_food_good_or_excellent", "provider", "RP5")["denominator"] == 2
    by_rating = {
        r["category"]: r["value"]
        for r in rows
        if r["indicator"] == "place.peat_environment_sites" and r["area_type"] == "provider" and r["category_type"] == "rating"
    }
    assert by_rating == {"unacceptable": 0, "poor": 0, "acceptable": 1, "good": 1, "excellent": 1}
    assert sum(by_rating.values()) == kit.get(rows, "peat_environment_sites", "provider", "RP5")["value"]
    assert not {r["area_type"] for r in rows if r["indicator"] in {"place.peat_environment", "place.peat_food"}} - {"site"}, (
        "no rank of a group of sites"
    )


def test_the_traffic_light_is_a_scale_of_its_own(kit):
    made = kit.table(
        "peat-2000-2003-sites",
        [
            {"organisation": "RP5", "site": "RP5DR", "site_name": "A", "peat_traffic_light": "Green"},
            {"organisation": "RP5", "site": "RP5BA", "site_name": "B", "peat_traffic_light": "RED"},
        ],
    )
    rows = kit.read(("peat-2002-sites.csv", made.csv()))
    assert kit.get(rows, "peat_traffic_light", "site", "RP5BA")["note"] == "red, poor (1 of 3)"
    assert kit.get(rows, "peat_traffic_light_green", "provider", "RP5")["value"] == 50.0
    with pytest.raises(DataError, match="rating"):
        kit.read(("peat-2002-sites.csv", made.csv().replace(b"Green", b"Good")))
