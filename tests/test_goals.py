"""Figures against goals: edges, directions, and what is refused."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest
from area_rows import rows
from hypothesis import given
from hypothesis import strategies as st

from jsnakit.errors import InvalidValueError
from jsnakit.judgement import PercentileGoal, PreviousEnglandGoal, RangeGoal, SingleValueGoal, meets_goal
from jsnakit.model import Polarity

HIGH = {"x.y": Polarity.HIGHER_IS_BETTER}
LOW = {"x.y": Polarity.LOWER_IS_BETTER}


def outcomes(frame: Any) -> list[str]:
    found: list[str] = frame["outcome"].to_pylist()
    return found


def test_one_value_is_met_at_its_edge_in_both_directions() -> None:
    frame = rows([94.9, 95.0, 95.1])
    assert outcomes(meets_goal(frame, SingleValueGoal(95.0), polarity=HIGH)) == ["WORSE", "BETTER", "BETTER"]
    assert outcomes(meets_goal(frame, SingleValueGoal(95.0), polarity=LOW)) == ["BETTER", "BETTER", "WORSE"]
    assert meets_goal(frame, SingleValueGoal(95.0), polarity=LOW)["rag"].to_pylist() == ["green", "green", "red"]


def test_one_value_by_the_interval() -> None:
    goal = SingleValueGoal(10.0, by="interval")
    frame = rows([12.0, 10.0, 8.0, 8.0], lower=[10.0, 9.0, 7.0, None], upper=[14.0, 11.0, 9.9, None])
    assert outcomes(meets_goal(frame, goal, polarity=HIGH)) == ["BETTER", "SIMILAR", "WORSE", "NOT_COMPARABLE"]
    # With low is good the first touches the goal from above, which is no miss.
    assert outcomes(meets_goal(frame, goal, polarity=LOW)) == ["SIMILAR", "SIMILAR", "BETTER", "NOT_COMPARABLE"]


def test_a_range_and_percentiles() -> None:
    frame = rows([89.9, 90.0, 94.9, 95.0])
    assert outcomes(meets_goal(frame, RangeGoal(90.0, 95.0), polarity=HIGH)) == ["WORSE", "SIMILAR", "SIMILAR", "BETTER"]
    assert outcomes(meets_goal(frame, RangeGoal(90.0, 95.0), polarity=LOW)) == ["BETTER", "SIMILAR", "SIMILAR", "WORSE"]
    found = meets_goal(rows([1.0, 2.0, 3.0, 4.0, 5.0]), PercentileGoal(25.0, 75.0), polarity=HIGH)
    assert outcomes(found) == ["WORSE", "SIMILAR", "SIMILAR", "BETTER", "BETTER"]
    assert (found["goal_lower"][0].as_py(), found["goal_upper"][0].as_py()) == (2.0, 4.0)
    with pytest.raises(InvalidValueError):
        RangeGoal(95.0, 90.0)
    with pytest.raises(InvalidValueError):
        PercentileGoal(5.0, 101.0)


def test_england_of_the_year_before() -> None:
    england = pa.concat_tables([rows([y - 2000.0], year=y, area=["E92000001"], area_type="country") for y in (2022, 2023)])
    assert outcomes(meets_goal(rows([22.9, 23.0]), PreviousEnglandGoal(), polarity=HIGH, england=england)) == ["WORSE", "BETTER"]
    assert outcomes(meets_goal(rows([1.0], year=2022), PreviousEnglandGoal(), polarity=HIGH, england=england)) == ["NOT_COMPARABLE"]
    with pytest.raises(InvalidValueError, match="no figures of England"):
        meets_goal(rows([1.0]), PreviousEnglandGoal(), polarity=HIGH)


def test_without_a_direction_or_a_figure_nothing_is_said() -> None:
    assert outcomes(meets_goal(rows([1.0]), SingleValueGoal(1.0))) == ["NOT_COMPARABLE"]
    hidden = meets_goal(rows([None], status="suppressed"), SingleValueGoal(1.0), polarity=HIGH)
    assert outcomes(hidden) == ["NO_DATA"]
    assert hidden["rag"].null_count == 1


@given(st.lists(st.integers(0, 20), min_size=1, max_size=20), st.randoms(use_true_random=False))
def test_the_order_is_nothing_and_the_direction_turns_the_words(values: list[int], random: Any) -> None:
    frame, order = rows([float(v) for v in values]), list(range(len(values)))
    random.shuffle(order)
    for goal in (RangeGoal(5.0, 12.0), PercentileGoal(20.0, 80.0)):
        said = outcomes(meets_goal(frame, goal, polarity=HIGH))
        assert outcomes(meets_goal(frame.take(order), goal, polarity=HIGH)) == [said[i] for i in order]
        swap = {"BETTER": "WORSE", "WORSE": "BETTER", "SIMILAR": "SIMILAR"}
        if goal == RangeGoal(5.0, 12.0):
            assert outcomes(meets_goal(frame, goal, polarity=LOW)) == [swap[w] for w in said]
