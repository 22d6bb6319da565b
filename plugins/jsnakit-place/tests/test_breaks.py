"""What may not be compared is refused with the publisher's reason."""

from __future__ import annotations

import datetime as dt

import pytest

from jsnakit import observations
from jsnakit.judgement import change
from jsnakit_place import Place, eras, rounds

INDICATORS = Place().indicators()
SHARE = "place.peat_environment_good_or_excellent"


def row(indicator, year, value, area=("gss", "country", "E92000001")):
    period = rounds()[year].period
    scheme, area_type, code = area
    return observations.build(
        1, indicator=indicator, area_scheme=scheme, area_type=area_type, area=code, period_start=period.start, period_duration=period.duration, period=period.label,
        value=[value], origin="test",
    )  # fmt: skip


def compared(new, old):
    (made,) = change(new, old, indicators=INDICATORS).select(["outcome", "because"]).to_pylist()
    return made["outcome"], made["because"]


@pytest.mark.parametrize(
    ("indicator", "year", "earlier", "before", "era"),
    [
        ("place.cleanliness", 2019, "place.cleanliness", 2018, "PLACE-2019"),
        ("place.dementia", 2019, "place.dementia", 2017, "PLACE-2019"),
        ("place.cleanliness", 2022, "place.cleanliness", 2019, "PLACE-2022"),
        ("place.disability", 2024, "place.disability", 2018, "PLACE-2022"),
        ("place.cleanliness", 2013, SHARE, 2012, "PLACE-2013"),
        ("place.cleanliness", 2018, SHARE, 2012, "PLACE-2013"),
        ("place.cleanliness", 2013, "place.peat_environment", 2012, "PLACE-2013"),
        ("place.food", 2013, "place.peat_food_good_or_excellent", 2012, "PLACE-2013"),
        ("place.privacy_dignity_wellbeing", 2014, "place.peat_privacy_dignity", 2012, "PLACE-2013"),
    ],
)
def test_across_an_era_nothing_is_compared(indicator, year, earlier, before, era):
    outcome, because = compared(row(indicator, year, 90.0), row(earlier, before, 80.0))
    assert outcome == "NOT_COMPARABLE"
    assert because == f"The publisher says not to compare the two: {eras()[era].reason}"


def test_the_traffic_light_is_not_held_against_the_five_words():
    site = ("ods", "site", "RP5DR")
    assert compared(row("place.peat_environment", 2004, 4.0, site), row("place.peat_traffic_light", 2003, 3.0, site))[0] == "NOT_COMPARABLE"


@pytest.mark.parametrize(("year", "before"), [(2018, 2017), (2017, 2016), (2024, 2023), (2023, 2022), (2025, 2024)])
def test_within_an_era_figures_are_compared(year, before):
    assert (
        compared(
            row("place.cleanliness", year, 98.5, ("ods", "provider", "RP5")), row("place.cleanliness", before, 98.0, ("ods", "provider", "RP5"))
        )[0]
        == "HIGHER"
    )


def test_a_domain_that_was_added_bars_no_other():
    """The publisher names the change of 2015 and of 2016 and states no bar: the first round is flagged, and the sentence of a bar is not put into its mouth."""
    assert compared(row("place.cleanliness", 2016, 98.5), row("place.cleanliness", 2014, 98.0))[0] == "HIGHER"


def test_breaks_are_those_of_the_eras():
    known = {i.id: i for i in INDICATORS}
    barred = {e.begins: e for e in eras().values() if e.barred}
    for indicator in known.values():
        for one in indicator.breaks:
            era = barred[one.on]
            assert (one.reason, one.source) == (era.reason, era.source)
            assert set(one.before) <= set(known)
    for domain in ("cleanliness", "food", "dementia", "disability", "ward_food"):
        assert {dt.date(2019, 1, 1), dt.date(2022, 1, 1)} <= {b.on for b in known[f"place.{domain}"].breaks}


def test_eras_are_in_order_and_each_has_rounds():
    begun = [e.begins for e in eras().values()]
    assert begun == sorted(begun)
    for era in eras().values():
        held = [r for r in rounds().values() if r.era == era.id]
        assert min(r.period.start for r in held) >= era.begins
        assert min(r.year for r in held) == era.begins.year
    assert list(eras()) == ["PEAT-traffic-light", "PEAT-5", "PLACE-2013", "PLACE-2015", "PLACE-2016", "PLACE-2019", "PLACE-2022"]
