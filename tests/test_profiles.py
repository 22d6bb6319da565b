"""The health profile: whose figures stand in it, beside what, and what is said where something is not there."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

import jsnakit as jk
from jsnakit import observations
from jsnakit.errors import NoDataError
from jsnakit.model import Area, Group, Headline, Indicator, Member, Polarity
from jsnakit.profiles import PROFILE_COLUMNS, profile_of
from jsnakit.workspace import Workspace

BLACKPOOL = Area("gss", "utla", "E06000009", "Blackpool")
NORTH_WEST = Area("gss", "region", "E12000002", "North West")
NEAR = (
    Area("gss", "utla", "E06000008", "Blackburn with Darwen"),
    Area("gss", "utla", "E08000011", "Knowsley"),
    Area("gss", "utla", "E08000003", "Manchester"),
)
SMOKING = Indicator("x.1", "Smoking", "%", polarity=Polarity.LOWER_IS_BETTER, headline=Headline(age="18+ yrs"))
GREEN = Indicator("x.2", "Green space", "%")
GROUP = Group("x.health", "Health", (Member("x.1"), Member("x.2"), Member("x.9")))


def rows(*given: tuple[Any, ...]) -> pd.DataFrame:
    """(indicator, area type, area, year, value, lower, upper) each; smoking is of adults."""
    tables = [
        observations.build(
            1, indicator=i, area_scheme="gss", area_type=t, area=a, period_start=dt.date(y, 1, 1), period_duration="P1Y", period=str(y), age="18+ yrs" if i == "x.1" else "_T",
            value=[v], lower=[lo], upper=[hi], status="suppressed" if v is None else "normal", origin="doc",
        )
        for i, t, a, y, v, lo, hi in given
    ]  # fmt: skip
    return observations.to_pandas(pa.concat_tables(tables))


EVERYTHING = rows(
    ("x.1", "utla", "E06000009", 2022, 30.0, 29.0, 31.0),
    ("x.1", "utla", "E06000009", 2023, 20.0, 18.0, 22.0),
    ("x.1", "country", "E92000001", 2023, 13.0, 12.9, 13.1),
    ("x.1", "country", "E92000001", 2024, 12.0, 11.9, 12.1),
    ("x.1", "region", "E12000002", 2023, 14.0, 13.0, 15.0),
    ("x.1", "utla", "E06000008", 2023, 18.0, 16.0, 20.0),
    ("x.1", "utla", "E08000011", 2023, 24.0, 22.0, 26.0),
    ("x.1", "utla", "E08000003", 2023, None, None, None),
    ("x.2", "utla", "E06000009", 2023, None, None, None),
    ("x.2", "country", "E92000001", 2023, 40.0, 39.0, 41.0),
)


def test_the_latest_figure_of_the_area_stands_beside_those_of_the_same_year() -> None:
    made = profile_of(BLACKPOOL, GROUP, EVERYTHING, {i.id: i for i in (SMOKING, GREEN)}, region=NORTH_WEST, neighbours=NEAR)
    assert tuple(made.frame.columns) == PROFILE_COLUMNS
    smoking, green = made.frame.to_dict("records")
    assert (smoking["period"], smoking["value"], smoking["england_value"], smoking["region_value"]) == ("2023", 20.0, 13.0, 14.0)
    assert (smoking["neighbours_lowest"], smoking["neighbours_middle"], smoking["neighbours_highest"], smoking["neighbours"]) == (18.0, 21.0, 24.0, 2)
    assert smoking["outcome"] == "WORSE"
    assert (green["status"], green["outcome"], green["england_value"]) == ("suppressed", "NO_DATA", 40.0)
    assert made.left_out == (("x.9", "no pack and no source at hand answers for it"),)
    assert str(made) == "Blackpool, Health: 2 figures beside England: 1 worse, 1 no data"


def test_a_group_may_turn_the_direction_and_choose_whom_a_figure_is_of() -> None:
    turned = Group("x.odd", "Odd", (Member("x.1", Polarity.HIGHER_IS_BETTER, age="18+ yrs"), Member("x.2", age="65+ yrs")))
    made = profile_of(BLACKPOOL, turned, EVERYTHING, {i.id: i for i in (SMOKING, GREEN)})
    assert list(made.frame["outcome"]) == ["BETTER"]
    assert made.left_out == (("x.2", "no figure of Blackpool"),)


def test_a_headline_of_two_figures_has_two_rows_and_a_named_sex_is_looked_for_among_the_breakdowns() -> None:
    life = Indicator("x.3", "Life expectancy", "years", headline=Headline(sex="", age=""))
    by_sex = pa.concat_tables(
        observations.build(
            1, indicator="x.3", area_scheme="gss", area_type="utla", area="E06000009", period_start=dt.date(2023, 1, 1), period_duration="P1Y", period="2023", sex=sex,
            value=[value], origin="doc",
        )
        for sex, value in (("F", 79.0), ("M", 73.6))
    )  # fmt: skip
    frame = observations.to_pandas(by_sex)
    both = profile_of(BLACKPOOL, Group("x.life", "Life", (Member("x.3"),)), frame, {"x.3": life})
    assert list(zip(both.frame["sex"], both.frame["value"], strict=True)) == [("F", 79.0), ("M", 73.6)]
    men = profile_of(BLACKPOOL, Group("x.men", "Men", (Member("x.3", sex="M"),)), frame.iloc[:0], {"x.3": life}, broken_down=frame)
    assert list(men.frame["value"]) == [73.6]
    assert list(men.readable()["indicator"]) == ["Life expectancy, men"]


def test_it_reads_as_a_table_with_the_interval_beside_the_figure_and_missing_in_words() -> None:
    made = profile_of(BLACKPOOL, GROUP, EVERYTHING, {i.id: i for i in (SMOKING, GREEN)}, region=NORTH_WEST, neighbours=NEAR)
    assert made.readable().to_dict("records") == [
        {
            "indicator": "Smoking, 18+ yrs", "unit": "%", "period": "2023", "Blackpool": "20.0 (18.0 to 22.0)", "North West": "14.0", "England": "13.0",
            "neighbours": "18.0 to 24.0 (2)", "than England": "worse",
        },
        {
            "indicator": "Green space", "unit": "%", "period": "2023", "Blackpool": "suppressed", "North West": "-", "England": "40.0", "neighbours": "-",
            "than England": "no data",
        },
    ]  # fmt: skip


def test_a_profile_of_the_sample_says_what_it_leaves_out() -> None:
    ws = Workspace(packs=("sample",), plugins=None)
    group = Group("healthindex.few", "A few", (Member("healthindex.smoking"), Member("healthindex.nothing"), Member("rtt.waiting_list")))
    made = ws.profile("Blackpool", group)
    assert list(made.frame["indicator"]) == ["healthindex.smoking"]
    assert {name for name, _ in made.left_out} == {"healthindex.nothing", "rtt.waiting_list"}
    assert dict(made.left_out)["rtt.waiting_list"] == "no figure of Blackpool"
    with pytest.raises(NoDataError, match="no indicator of"):
        ws.profile("Blackpool", Group("healthindex.none", "None", (Member("healthindex.nothing"),)))


def test_several_sources_in_one_question_give_one_table_and_each_answers_for_its_own_areas() -> None:
    ws = Workspace(packs=("sample",))
    place = ws.area("Blackpool", type="ltla")
    providers = ws.providers(place)
    ids = ["healthindex.smoking", "imd.average_score_2025", "rtt.incomplete_within_18_weeks"]
    frame = ws.observe(ids, areas=[place, jk.ENGLAND, *providers])
    assert list(frame.columns[:4]) == ["indicator", "area_scheme", "area_type", "area"]
    types = {i: set(g["area_type"]) for i, g in frame.groupby("indicator")}
    assert types == {"healthindex.smoking": {"ltla"}, "imd.average_score_2025": {"ltla"}, "rtt.incomplete_within_18_weeks": {"country", "provider"}}
    assert not frame.duplicated(list(observations.KEY)).any()
    observations.check(frame)
    assert "E92000001" in ws.coverage("healthindex.smoking").absent
    assert place.code in ws.coverage("rtt.incomplete_within_18_weeks").absent
    alone = ws.observe("healthindex.smoking", areas=[place])
    assert frame[frame["indicator"] == "healthindex.smoking"].reset_index(drop=True)[list(alone.columns)].equals(alone)
