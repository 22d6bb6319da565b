"""A figure beside its benchmark and beside its own past: the rule, the words, and what is refused with which reason."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jsnakit import observations
from jsnakit.errors import InvalidValueError
from jsnakit.judgement import COMPARISON_WORDS, Comparison, change, compare
from jsnakit.model import Break, Indicator, Polarity

BLACKPOOL = {"area_scheme": "gss", "area_type": "ltla", "area": "E06000009"}
ENGLAND = {"area_scheme": "gss", "area_type": "country", "area": "E92000001"}


def row(area: dict[str, str] = BLACKPOOL, year: int = 2024, indicator: str = "x.y", **columns: Any) -> pa.Table:
    given_columns = {k: [v] for k, v in columns.items()}
    return observations.build(
        1, indicator=indicator, **area, period_start=dt.date(year, 1, 1), period_duration="P1Y", period=str(year), origin="doc", **given_columns
    )


def one(frame: Any) -> dict[str, Any]:
    found: dict[str, Any] = frame.to_pylist()[0]
    return found


@pytest.mark.parametrize(
    ("polarity", "value", "limits", "outcome"),
    [
        (Polarity.LOWER_IS_BETTER, 12.0, (11.0, 13.0), Comparison.WORSE),
        (Polarity.HIGHER_IS_BETTER, 12.0, (11.0, 13.0), Comparison.BETTER),
        (Polarity.LOWER_IS_BETTER, 8.0, (7.0, 9.0), Comparison.BETTER),
        (Polarity.HIGHER_IS_BETTER, 8.0, (7.0, 9.0), Comparison.WORSE),
        (Polarity.NONE, 12.0, (11.0, 13.0), Comparison.HIGHER),
        (Polarity.UNKNOWN, 8.0, (7.0, 9.0), Comparison.LOWER),
        (Polarity.HIGHER_IS_BETTER, 11.0, (10.0, 12.0), Comparison.SIMILAR),
        (Polarity.HIGHER_IS_BETTER, 9.0, (8.0, 10.0), Comparison.SIMILAR),
    ],
)
def test_the_benchmarks_value_against_the_interval_with_its_limits_included(
    polarity: Polarity, value: float, limits: tuple[float, float], outcome: Comparison
) -> None:
    frame = row(value=value, lower=limits[0], upper=limits[1])
    found = one(compare(frame, row(ENGLAND, value=10.0), polarity={"x.y": polarity}))
    assert found["outcome"] == outcome
    assert found["benchmark_value"] == 10.0
    assert found["because"]


def test_a_groups_polarity_goes_before_the_indicators_own() -> None:
    frame, england = row(value=12.0, lower=11.0, upper=13.0), row(ENGLAND, value=10.0)
    own = Indicator("x.y", "Y", "%", polarity=Polarity.HIGHER_IS_BETTER)
    assert one(compare(frame, england, indicators=[own]))["outcome"] == Comparison.BETTER
    assert one(compare(frame, england, indicators=[own], polarity={"x.y": Polarity.LOWER_IS_BETTER}))["outcome"] == Comparison.WORSE


@pytest.mark.parametrize(
    ("frame", "england", "outcome", "reason"),
    [
        (row(value=12.0), row(ENGLAND, value=10.0), Comparison.NOT_COMPARABLE, "No interval is published"),
        (
            row(value=12.0, lower=11.0, upper=13.0),
            row(ENGLAND, year=2023, value=10.0),
            Comparison.NOT_COMPARABLE,
            "no figure of England for the same period",
        ),
        (row(value=12.0, lower=11.0, upper=13.0, sex="F"), row(ENGLAND, value=10.0), Comparison.NOT_COMPARABLE, "for the same period and breakdown"),
        (row(value=12.0, lower=11.0, upper=13.0), row(ENGLAND, value=None, status="suppressed"), Comparison.NOT_COMPARABLE, "no figure of England"),
        (row(value=None, status="suppressed"), row(ENGLAND, value=10.0), Comparison.NO_DATA, "too few people"),
        (row(ENGLAND, value=10.0, lower=9.0, upper=11.0), row(ENGLAND, value=10.0), Comparison.NOT_COMPARABLE, "the figure of England itself"),
    ],
)
def test_what_cannot_be_compared_says_why(frame: pa.Table, england: pa.Table, outcome: Comparison, reason: str) -> None:
    found = one(compare(frame, england, name="England"))
    assert found["outcome"] == outcome
    assert reason in found["because"]


def test_a_benchmark_of_two_areas_is_refused() -> None:
    with pytest.raises(InvalidValueError, match="two figures for one indicator"):
        compare(row(value=1.0), pa.concat_tables([row(ENGLAND, value=1.0), row(value=2.0)]))


@given(
    st.lists(st.tuples(st.floats(0, 100), st.floats(0, 20), st.floats(0, 20)), min_size=1, max_size=20),
    st.floats(0, 100),
)
def test_turning_the_polarity_turns_better_and_worse_and_nothing_else(rows: list[tuple[float, float, float]], england: float) -> None:
    frame = pa.concat_tables(
        row({"area_scheme": "gss", "area_type": "ltla", "area": f"E0600{i:04d}"}, value=v, lower=v - a, upper=v + b)
        for i, (v, a, b) in enumerate(rows)
    )
    benchmark = row(ENGLAND, value=england)
    up = compare(frame, benchmark, polarity={"x.y": Polarity.HIGHER_IS_BETTER})["outcome"].to_pylist()
    down = compare(frame, benchmark, polarity={"x.y": Polarity.LOWER_IS_BETTER})["outcome"].to_pylist()
    turned = {"BETTER": "WORSE", "WORSE": "BETTER"}
    assert [turned.get(o, o) for o in up] == down
    for (v, a, b), outcome in zip(rows, up, strict=True):
        assert outcome == ("SIMILAR" if v - a <= england <= v + b else "BETTER" if v - a > england else "WORSE")


def test_a_pandas_frame_stays_one_with_its_order_and_index() -> None:
    frame = observations.to_pandas(pa.concat_tables([row(value=12.0, lower=11.0, upper=13.0), row(ENGLAND, value=10.0)])).set_index(pd.Index([7, 3]))
    found = compare(frame, row(ENGLAND, value=10.0), name="England")
    assert list(found.index) == [7, 3]
    assert list(found["outcome"]) == ["HIGHER", "NOT_COMPARABLE"]
    assert set(found["outcome"]) <= set(COMPARISON_WORDS)


REBUILT = Break(dt.date(2019, 9, 1), "The questions were rebuilt in 2019.", before=("x.old",))
Y = Indicator("x.y", "Y", "%", polarity=Polarity.HIGHER_IS_BETTER, breaks=(REBUILT,))


@pytest.mark.parametrize(("before", "after"), [(2018, 2019), (2018, 2022), (2017, 2019)])
def test_across_a_break_the_publishers_reason_is_given(before: int, after: int) -> None:
    found = one(change(row(year=after, value=99.0), row(year=before, value=98.0), indicators=[Y]))
    assert found["outcome"] == Comparison.NOT_COMPARABLE
    assert found["because"] == "The publisher says not to compare the two: The questions were rebuilt in 2019."
    assert (found["earlier_value"], found["earlier_period"]) == (98.0, str(before))


def test_an_older_programme_is_not_compared_with_the_newer_one() -> None:
    found = one(change(row(year=2013, value=99.0), row(year=2012, indicator="x.old", value=4.0), indicators=[Y]))
    assert found["outcome"] == Comparison.NOT_COMPARABLE
    assert "rebuilt in 2019" in found["because"]


def test_forerunners_are_followed_back_and_may_have_several_heirs() -> None:
    old = Indicator(
        "x.old", "Old", "rank", breaks=(Break(dt.date(2004, 1, 1), "A scale of five took the place of the traffic light.", before=("x.light",)),)
    )
    twin = Indicator("x.twin", "Twin", "%", breaks=(Break(dt.date(2013, 1, 1), "Patients took the place of staff.", before=("x.old",)),))
    history = pa.concat_tables([row(year=2003, indicator="x.light", value=1.0), row(year=2012, indicator="x.old", value=4.0)])
    now = pa.concat_tables([row(year=2013, value=9.0), row(year=2013, indicator="x.twin", value=9.0), row(year=2010, indicator="x.old", value=5.0)])
    found = change(now, history, indicators=[Y, twin, old]).to_pylist()
    assert {f["outcome"] for f in found} == {Comparison.NOT_COMPARABLE}
    assert [f["earlier_period"] for f in found] == ["2012", "2012", "2003"]
    assert [f["because"].split(": ")[1] for f in found] == [
        "The questions were rebuilt in 2019.", "Patients took the place of staff.", "A scale of five took the place of the traffic light.",
    ]  # fmt: skip
    far = change(row(year=2013, indicator="x.twin", value=9.0), history.slice(0, 1), indicators=[Y, twin, old]).to_pylist()[0]
    assert far["because"].endswith("Patients took the place of staff.")


@pytest.mark.parametrize(
    ("now", "then", "outcome", "reason"),
    [
        ({"value": 9.0}, {"value": 8.0}, Comparison.HIGHER, "No intervals are published"),
        ({"value": 7.0}, {"value": 8.0}, Comparison.LOWER, "No intervals are published"),
        ({"value": 8.0}, {"value": 8.0}, Comparison.SIMILAR, "equals"),
        ({"value": 9.0, "lower": 8.5, "upper": 9.5}, {"value": 8.0, "lower": 7.5, "upper": 8.4}, Comparison.BETTER, "wholly above"),
        ({"value": 7.0, "lower": 6.5, "upper": 7.4}, {"value": 8.0, "lower": 7.5, "upper": 8.4}, Comparison.WORSE, "wholly below"),
        ({"value": 9.0, "lower": 8.0, "upper": 9.5}, {"value": 8.0, "lower": 7.5, "upper": 8.4}, Comparison.SIMILAR, "overlap"),
        ({"value": 9.0}, {"value": None, "status": "suppressed"}, Comparison.NOT_COMPARABLE, "earlier figure is not published"),
        ({"value": None, "status": "not_collected"}, {"value": 8.0}, Comparison.NO_DATA, "not collected"),
    ],
)
def test_a_figure_beside_its_own_past(now: dict[str, Any], then: dict[str, Any], outcome: Comparison, reason: str) -> None:
    found = one(change(row(year=2024, **now), row(year=2023, **then), indicators=[Y]))
    assert found["outcome"] == outcome
    assert reason in found["because"]


def test_the_latest_that_has_ended_is_the_earlier_one_and_others_areas_are_not_taken() -> None:
    history = pa.concat_tables([row(year=2021, value=1.0), row(year=2022, value=2.0), row(ENGLAND, year=2023, value=5.0), row(year=2024, value=9.0)])
    found = one(change(row(year=2024, value=3.0), history, indicators=[Y]))
    assert (found["earlier_value"], found["earlier_period"]) == (2.0, "2022")
    nothing = one(change(row(year=2021, value=3.0), history, indicators=[Y]))
    assert nothing["outcome"] == Comparison.NOT_COMPARABLE
    assert "no earlier figure" in nothing["because"]
