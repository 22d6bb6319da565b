"""Recent trends: the worked example of the guidance, what cannot be told, and what a single year may not decide."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jsnakit import observations
from jsnakit.errors import InvalidValueError
from jsnakit.judgement import Trend, TrendRule, recent_trend
from jsnakit.model import Indicator, Polarity

RATE = Indicator("x.y", "Y", "%", value_type="proportion", polarity=Polarity.LOWER_IS_BETTER)
# A case of the publisher's own tests, 2014 to 2018: the count, those at risk, the 95 % limits; and the values as they were rounded.
GUIDE = [
    (994, 40299, 23.16, 26.25),
    (1023, 41527, 23.15, 26.19),
    (1199, 42811, 26.44, 29.64),
    (1332, 44064, 28.63, 31.90),
    (1367, 44701, 28.98, 32.25),
]
GUIDE_VALUES = [24.67, 24.6, 28.0, 30.2, 30.6]


def series(
    rows: list[tuple[float | None, float | None, float | None, float | None]], *, first: int = 2014, duration: str = "P1Y", per: float = 1000.0
) -> pa.Table:
    """(count, denominator, lower, upper) a year, oldest first."""
    value = [None if c is None or not n else c / n * per for c, n, _, _ in rows]
    return observations.build(
        len(rows), indicator="x.y", area_scheme="gss", area_type="ltla", area="E06000009", period_start=[dt.date(first + i, 1, 1) for i in range(len(rows))],
        period_duration=duration, value=value, lower=[r[2] for r in rows], upper=[r[3] for r in rows], count=[r[0] for r in rows], denominator=[r[1] for r in rows],
        status=["normal" if v is not None else "not_available" for v in value], origin="doc",
    )  # fmt: skip


def last(frame: pa.Table, **options: Any) -> dict[str, Any]:
    found: dict[str, Any] = recent_trend(frame, indicators=options.pop("indicators", [RATE]), **options).to_pylist()[-1]
    return found


def test_a_case_of_the_publishers_own_tests() -> None:
    frame = series(GUIDE)  # type: ignore[arg-type]  # numbers all
    frame = frame.set_column(frame.column_names.index("value"), "value", pa.array(GUIDE_VALUES))
    weighted = last(frame)
    assert weighted["trend"] == Trend.INCREASING_WORSE
    assert weighted["trend_chi_square"] == pytest.approx(46.77, abs=0.01)
    by_counts = last(series(GUIDE), rule="guidance")  # type: ignore[arg-type]  # numbers all
    assert by_counts["trend"] == Trend.INCREASING_WORSE
    assert by_counts["trend_chi_square"] == pytest.approx(47.90, abs=0.005)


def test_only_the_latest_row_of_a_series_carries_the_trend() -> None:
    found = recent_trend(series(GUIDE), indicators=[RATE])  # type: ignore[arg-type]  # numbers all
    assert found["trend"].null_count == 4
    assert found["trend_because"].null_count == 4
    assert set(found["trend_rule"].to_pylist()) == {"fingertips-2025"}


@pytest.mark.parametrize(
    ("polarity", "trend"),
    [
        (Polarity.LOWER_IS_BETTER, Trend.INCREASING_WORSE),
        (Polarity.HIGHER_IS_BETTER, Trend.INCREASING_BETTER),
        (Polarity.NONE, Trend.INCREASING),
        (Polarity.UNKNOWN, Trend.INCREASING),
    ],
)
def test_the_words_follow_the_direction(polarity: Polarity, trend: Trend) -> None:
    assert last(series(GUIDE), polarity={"x.y": polarity})["trend"] == trend  # type: ignore[arg-type]  # numbers all


def test_a_gap_is_jumped_by_one_rule_and_ends_the_run_by_the_other() -> None:
    gap: list[Any] = [*GUIDE[:2], (None, 42000.0, None, None), *GUIDE[2:]]
    assert last(series(gap), rule=TrendRule.FINGERTIPS_2025)["trend"] == Trend.INCREASING_WORSE
    broken = last(series(gap), rule=TrendRule.FINGERTIPS_2022)
    assert (broken["trend"], broken["trend_points"]) == (Trend.CANNOT, 3)
    assert broken["trend_because"] == "There are 3 years to go by, and it takes 5."


@pytest.mark.parametrize(
    ("frame", "indicator", "reason"),
    [
        (series(GUIDE[:4]), RATE, "There are 4 years"),  # type: ignore[arg-type]  # numbers all
        (series(GUIDE, duration="P3Y"), RATE, "single years"),  # type: ignore[arg-type]  # numbers all
        (series(GUIDE), Indicator("x.y", "Y", "years", value_type="life expectancy"), "and this is life expectancy"),  # type: ignore[arg-type]  # numbers all
        (series([*GUIDE[:4], (50.0, 50.0, 990.0, 1000.0)]), RATE, "everybody is counted"),  # type: ignore[list-item]  # numbers all
    ],
)
def test_what_cannot_be_told_says_why(frame: pa.Table, indicator: Indicator, reason: str) -> None:
    found = last(frame, indicators=[indicator])
    assert found["trend"] == Trend.CANNOT
    assert reason in found["trend_because"]


def test_one_year_alone_does_not_make_a_trend() -> None:
    flat = [(1000.0, 50000.0, 19.9, 20.1)] * 4
    found = last(series([*flat, (1500.0, 50000.0, 29.9, 30.1)]))  # type: ignore[list-item]  # numbers all
    assert found["trend_chi_square"] > 9.5496
    wobbling = [(1005.0, 50000.0, 20.0, 20.2), (1003.0, 50000.0, 19.96, 20.16), (1001.0, 50000.0, 19.92, 20.12), (999.0, 50000.0, 19.88, 20.08)]
    found = last(series([*wobbling, (1500.0, 50000.0, 29.9, 30.1)]))  # type: ignore[list-item]  # numbers all
    assert (found["trend"], found["trend_because"]) == (Trend.NO_CHANGE, "One year alone makes the slope what it is.")


def test_without_limits_nothing_is_seen_to_change() -> None:
    bare = [(c, n, None, None) for c, n, _, _ in GUIDE]
    assert last(series(bare))["trend"] == Trend.NO_CHANGE  # type: ignore[arg-type]  # numbers all


def test_an_unknown_rule_is_refused() -> None:
    with pytest.raises(InvalidValueError, match="no trend rule 'fingertips-2024'") as caught:
        recent_trend(series(GUIDE), rule="fingertips-2024")  # type: ignore[arg-type]  # numbers all
    assert "did you mean" in str(caught.value)


rates = st.lists(st.tuples(st.integers(1, 900), st.floats(0.5, 30.0)), min_size=5, max_size=9)


@given(rates, st.randoms(use_true_random=False), st.sampled_from(list(TrendRule)))
def test_the_order_of_the_rows_does_not_matter_and_turning_time_turns_the_trend(rows: list[tuple[int, float]], shuffle: Any, rule: TrendRule) -> None:
    given_rows: list[Any] = [(float(c), 1000.0, c - w, c + w) for c, w in rows]
    frame = observations.to_pandas(series(given_rows))
    straight = recent_trend(frame, rule=rule, indicators=[RATE])
    order = list(range(len(frame)))
    shuffle.shuffle(order)
    mixed = recent_trend(frame.iloc[order], rule=rule, indicators=[RATE]).sort_index()
    pd.testing.assert_frame_equal(straight, mixed)

    turned: list[Any] = given_rows[-5:][::-1]
    forth = recent_trend(series(given_rows[-5:]), rule=rule, indicators=[RATE], polarity={"x.y": Polarity.NONE}).to_pylist()[-1]
    back = recent_trend(series(turned), rule=rule, indicators=[RATE], polarity={"x.y": Polarity.NONE}).to_pylist()[-1]
    opposite = {"INCREASING": "DECREASING", "DECREASING": "INCREASING"}
    # A slope of nothing counts as upward in the publisher's rule, so that a trend may be seen from one side alone.
    if forth["trend"] in opposite and back["trend"] in opposite:
        assert back["trend"] == opposite[forth["trend"]]
    one, other = (np.nan if f["trend_chi_square"] is None else f["trend_chi_square"] for f in (forth, back))
    assert one == pytest.approx(other, rel=1e-6, abs=1e-9, nan_ok=True)
