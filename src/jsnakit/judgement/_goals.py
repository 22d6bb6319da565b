"""Figures held against goals as Fingertips holds them: one value, a range, England's figure of the year before, or percentiles of the areas (fingertips-open, 2020)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal

import numpy as np
import pyarrow as pa
from attrs import field, frozen, validators

from jsnakit.errors import InvalidValueError
from jsnakit.judgement import _words
from jsnakit.judgement._beside import Comparison, Indicators, refuse, shared
from jsnakit.judgement._frames import Columns, Floats, Sentences
from jsnakit.judgement._ranks import each_group, peers, signs
from jsnakit.judgement._verdicts import Extent, absences
from jsnakit.model import Polarity

__all__ = ["Goal", "PercentileGoal", "PreviousEnglandGoal", "RangeGoal", "SingleValueGoal", "meets_goal"]


@frozen
class SingleValueGoal:
    """Reach `value` (in the unit of the figure): by the figure itself, or by its whole 95 % interval.

    >>> SingleValueGoal(95.0).by
    'value'
    """

    value: float
    by: Literal["value", "interval"] = field(default="value", validator=validators.in_(("value", "interval")))


@frozen
class RangeGoal:
    """Below `lower` is red and from `upper` on green (in the unit of the figure); where lower is better, the other way round. `InvalidValueError` where they cross.

    >>> RangeGoal(90.0, 95.0).upper
    95.0
    """

    lower: float
    upper: float

    def __attrs_post_init__(self) -> None:
        _ordered(self.lower, self.upper)


@frozen
class PreviousEnglandGoal:
    """Reach England's figure of the year before, which `meets_goal` is given as `england`.

    >>> PreviousEnglandGoal()
    PreviousEnglandGoal()
    """


@frozen
class PercentileGoal:
    """A range between two percentiles (0 to 100) of the areas of the same type, period and breakdown in the frame. `InvalidValueError` where they cross or lie outside.

    >>> PercentileGoal(25.0, 75.0).lower
    25.0
    """

    lower: float
    upper: float

    def __attrs_post_init__(self) -> None:
        _ordered(self.lower, self.upper)
        if self.lower < 0 or self.upper > 100:
            raise InvalidValueError(f"{self.lower} and {self.upper} are not percentiles", hint="give numbers from 0 to 100")


Goal = SingleValueGoal | RangeGoal | PreviousEnglandGoal | PercentileGoal

_COLOURS: Final = ((Comparison.BETTER, "green"), (Comparison.SIMILAR, "amber"), (Comparison.WORSE, "red"))


def _ordered(lower: float, upper: float) -> None:
    if not lower <= upper:
        raise InvalidValueError(f"the goal runs from {lower} to {upper}", hint="give the lower number first")


def meets_goal(frame: Any, goal: Goal, *, indicators: Indicators = None, polarity: Mapping[str, Polarity] | None = None, england: Any = None) -> Any:
    """The same rows with `outcome` (`BETTER` for met, `SIMILAR`, `WORSE`), `rag` (green, amber, red, or null), `rule`, `because`, `goal_lower` and `goal_upper`.

    One value: met where the figure reaches it, the edge included, or by its interval where the whole 95 % interval does, `SIMILAR` where the goal lies inside. A range: `WORSE` below
    `lower`, `BETTER` from `upper` on. Where lower is better both turn round. Without a known direction, or what the goal needs, a figure is `NOT_COMPARABLE`. `polarity` by
    indicator id goes before that of `indicators`. Raises `InvalidValueError` where England's figures are missing or double, `TableError` where a column is missing.

    >>> import datetime as dt, jsnakit.observations as observations
    >>> same = dict(indicator="x.y", area_scheme="gss", area_type="ltla", period_start=dt.date(2024, 1, 1), period_duration="P1Y", origin="doc")
    >>> rows = observations.build(3, area=["a", "b", "c"], value=[89.9, 92.0, 95.0], **same)
    >>> meets_goal(rows, RangeGoal(90.0, 95.0), polarity={"x.y": Polarity.HIGHER_IS_BETTER})["rag"].to_pylist()
    ['red', 'amber', 'green']
    """
    columns, known = Columns(frame), _words.by_id(indicators)
    value, lower, upper = columns.numbers("value"), columns.numbers("lower"), columns.numbers("upper")
    sign = signs(columns, known, polarity=polarity)
    outcome, because, refused = Sentences(columns.n), Sentences(columns.n), Sentences(columns.n)
    missing = absences(columns, Extent.of(columns, limits=False), share=False)
    low, high, rule = _line(goal, columns, england)
    refused.put(np.isnan(value), "There is no exact figure to hold against the goal.")
    if isinstance(goal, SingleValueGoal) and goal.by == "interval":
        refused.put(np.isnan(lower) | np.isnan(upper), "No interval is published with this figure, and the goal is held against the interval.")
        met = np.where(sign > 0, lower >= high, upper <= high)
        missed = np.where(sign > 0, upper < low, lower > low)
    elif isinstance(goal, RangeGoal | PercentileGoal):
        # As published, the edges do not turn round with the direction: `lower` is in the middle and `upper` beyond it.
        met, missed = np.where(sign > 0, value >= high, value < low), np.where(sign > 0, value < low, value >= high)
    else:
        met = np.where(sign > 0, value >= high, value <= high)
        missed = ~met
    refused.put(np.isnan(low) | np.isnan(high), "There is no figure of England for the year before to be the goal.")
    refused.put(sign == 0, "It is not known that higher or lower is better here, so no goal can be met or missed.")
    open_rows = (missing.index == 0) & (refused.index == 0)
    rag = Sentences(columns.n)
    texts = (
        "The figure meets the goal.",
        "The figure lies too near the goal, or between its two ends, to be called either.",
        "The figure misses the goal.",
    )
    for (word, colour), text, mask in zip(_COLOURS, texts, (met, ~met & ~missed, missed), strict=True):
        outcome.put(open_rows & mask, word.value)
        rag.put(open_rows & mask, colour)
        because.put(open_rows & mask, text)
    refuse(outcome, because, missing, refused)
    colours = [rag.texts[i] or None for i in rag.index]
    return columns.added(
        outcome=outcome.array(),
        rag=pa.array(colours, pa.string()),
        rule=pa.repeat(pa.scalar(rule, pa.string()), columns.n),
        because=because.array(),
        goal_lower=pa.array(low, pa.float64(), from_pandas=True),
        goal_upper=pa.array(high, pa.float64(), from_pandas=True),
    )


def _line(goal: Goal, columns: Columns, england: Any) -> tuple[Floats, Floats, str]:
    """The two ends of the goal of each row, and the rule in words."""
    if isinstance(goal, SingleValueGoal):
        line = np.full(columns.n, float(goal.value))
        return line, line, f"{'the figure' if goal.by == 'value' else 'the 95 % interval of the figure'} against {goal.value:g}"
    if isinstance(goal, RangeGoal):
        return (
            np.full(columns.n, float(goal.lower)),
            np.full(columns.n, float(goal.upper)),
            f"the figure against the range {goal.lower:g} to {goal.upper:g}",
        )
    if isinstance(goal, PreviousEnglandGoal):
        line = _year_before(columns, england)
        return line, line, "the figure against England's of the year before"
    value = columns.numbers("value")
    low, high = np.full(columns.n, np.nan), np.full(columns.n, np.nan)
    groups, _ = peers(columns)
    for members in each_group(columns, groups, ~np.isnan(value)):
        low[members], high[members] = np.percentile(value[members], [goal.lower, goal.upper])
    return low, high, f"the figure against percentiles {goal.lower:g} to {goal.upper:g} of the areas"


def _year_before(columns: Columns, england: Any) -> Floats:
    if england is None:
        raise InvalidValueError("the goal is England's figure of the year before, and there are no figures of England", hint="give england=")
    other = Columns(england)
    keys, theirs = shared((columns, other), ("indicator", "period_duration", "sex", "age", "category_type", "category"))
    codes, days = columns.codes("period_start")
    other_codes, other_days = other.codes("period_start")
    values = other.numbers("value")
    found = {(int(k), other_days[other_codes[j]]): values[j] for j, k in enumerate(theirs)}
    if len(found) != other.n:
        raise InvalidValueError("England has two figures for one indicator, period and breakdown", hint="give the rows of England alone")
    # 29 February has no day a year before it: the 28th is meant.
    before = [None if d is None else d.replace(year=d.year - 1, day=28 if (d.month, d.day) == (2, 29) else d.day) for d in days]
    return np.array([found.get((int(k), before[codes[i]]), np.nan) for i, k in enumerate(keys)], np.float64)
