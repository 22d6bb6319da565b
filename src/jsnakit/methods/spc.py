"""Statistical process control: XmR charts by the rules of NHS England's Making Data Count, charts of counts, of rare events, and their icons as data.

Every function takes a frame of pandas, Polars, pyarrow, DuckDB or PySpark and gives the same kind back (a lazy one is collected in between), rows and their order untouched, with these columns beside them (a run chart says its
own):

- `baseline`: 0, and one more at each date of `rebase`; limits and rules never reach across one;
- `mean`, `lower_limit`, `upper_limit`: the centre and the limits (a limit is missing where it cannot be said);
- `limits_status`: `robust` (12 points or more), `trial` (fewer) or `none`;
- `rule`: which rule the point meets, of `RULES`, in their order of priority; missing where the value is;
- `variation`: `common_cause`, or `improvement`, `concern` or `neutral` with `_high` or `_low`;
- `variation_icon`, `assurance_icon`: the series as it stands at its last value, one pair for a series; an assurance is `consistently_passing`, `consistently_failing` or
  `hit_or_miss`, and missing without a target or a direction.

Conventions, which differ between tools: a point on a limit, or a target on one, is inside it (strict comparison); a point on the mean breaks a shift, equal neighbours break a
trend; two of three are points between the 2 sigma and 3 sigma limits (a point outside does not count) with all three on one side, and only those near the limit are flagged.
A value that is missing is a gap: no moving range, run, trend or window of three crosses it.

Sources: NHS England, "Making Data Count" (2019-2024); NHSRplotthedots 0.2.2, with its faults mended: a constant series has limits (its mean) and not NaN, a rebase date that
is not in the data is an error, a target may change over time; Montgomery, "Introduction to Statistical Quality Control" (2013) for p, u and c; Benneyan (2001) for g; Nelson
(1994) for t.
"""

from __future__ import annotations

import datetime as dt
import functools
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Concatenate, Final, Literal, ParamSpec

import narwhals.stable.v2 as nw
import numpy as np
from attrs import frozen
from narwhals.stable.v2.typing import IntoFrameT
from numpy.typing import NDArray

from jsnakit.errors import InvalidValueError, TableError
from jsnakit.methods import _door as door
from jsnakit.model import Polarity
from jsnakit.observations import Failure

__all__ = ["ASSURANCES", "RULES", "VARIATIONS", "c_chart", "g_chart", "icons", "p_chart", "run_chart", "t_chart", "u_chart", "xmr"]

RULES: Final = (
    "common_cause",
    "above_upper_limit",
    "below_lower_limit",
    "increasing_trend",
    "decreasing_trend",
    "two_in_three_high",
    "two_in_three_low",
    "shift_high",
    "shift_low",
)
"""What a point can be, after common cause in order of priority."""
VARIATIONS: Final = ("common_cause", "improvement_high", "improvement_low", "concern_high", "concern_low", "neutral_high", "neutral_low")
"""What a point means; the icon of a series is that of its last value."""
ASSURANCES: Final = ("consistently_passing", "consistently_failing", "hit_or_miss")
"""What the limits say of a target."""

LIMIT: Final = 2.66
"""Three sigma in mean moving ranges: 3 / 1.128, rounded as Making Data Count rounds it."""
SCREEN: Final = 3.267
"""The upper limit of a chart of moving ranges, in mean moving ranges."""
ROBUST: Final = 12
_SLACK: Final = 1e-10  # A difference this small beside the numbers compared is rounding: seven times 0.1 must not lie off its own mean.

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Bools = NDArray[np.bool_]
Rebase = Iterable[Any] | Mapping[Any, Iterable[Any]]
Run = Literal[6, 7]


@frozen(eq=False)
class _Layout:
    """The rows of a frame sorted by series and date: `order` are their places in the frame; `series` and `segment` (a baseline of a series) count up from 0."""

    order: Ints
    series: Ints
    baseline: Ints
    segment: Ints

    @property
    def segments(self) -> int:
        return int(self.segment[-1]) + 1 if len(self.segment) else 0

    @property
    def first(self) -> Bools:
        """Whether a row is the first of its segment."""
        return np.asarray(np.diff(self.segment, prepend=-1) != 0)


@frozen(eq=False)
class _Limits:
    """Centre, outer and near limits a row, and the values they are held against (on a scale of their own for t)."""

    value: Floats
    mean: Floats
    lower: Floats
    upper: Floats
    near_lower: Floats
    near_upper: Floats


_P = ParamSpec("_P")


def _codes(column: nw.Series[Any]) -> tuple[Ints, NDArray[Any]]:
    """The place of each value among the sorted different ones."""
    values = column.to_numpy()
    if values.dtype.kind == "O":
        import pandas as pd

        codes, different = pd.factorize(values, sort=not column.is_null().any(), use_na_sentinel=False)
        return codes.astype(np.intp), np.asarray(different)
    different, codes = np.unique(values, return_inverse=True)
    return codes.astype(np.intp), different


def _text(day: Any) -> str:
    """A date as people write it: midnight is no part of it."""
    if isinstance(day, dt.datetime) and day.time() == dt.time():
        day = day.date()
    return day.isoformat() if isinstance(day, dt.date) else str(day)


def _as_in(dates: NDArray[Any], given: Any) -> int:
    """The place of a date that somebody gave among those of the data, or -1: dates, times at midnight and their text are the same day."""
    if dates.dtype.kind == "M":
        try:
            same = dates == np.datetime64(_text(given))
        except ValueError as error:
            raise InvalidValueError(f"the rebase date {given!r} is no date", hint="write it as 2024-04-01", value=given) from error
    else:
        same = np.array([_text(day) == _text(given) for day in dates], dtype=bool)
    found = np.flatnonzero(same)
    return int(found[0]) if len(found) else -1


def _columns(frame: nw.DataFrame[Any], names: Sequence[str], adds: Sequence[str]) -> None:
    missing = [name for name in names if name not in frame.columns]
    if missing:
        raise InvalidValueError(
            f"the frame has no column {', '.join(map(repr, missing))}", hint="name the columns it has", value=missing, allowed=tuple(frame.columns)
        )
    taken = [name for name in adds if name in frame.columns]
    if taken:
        raise InvalidValueError(
            f"the frame already has {', '.join(map(repr, taken))}", hint="rename those columns: the chart's are written beside the rows", value=taken
        )


def _numbers(frame: nw.DataFrame[Any], name: str, *, least: float | None = None, above: bool = False) -> Floats:
    """A column as floats, missing as NaN; every infinite or impossible value is an error."""
    column = frame[name]
    if column.is_null().all():
        return np.full(len(column), np.nan)
    if not column.dtype.is_numeric():
        raise InvalidValueError(f"the column {name!r} holds {column.dtype}, not numbers", value=name)
    values = np.asarray(column.cast(nw.Float64).to_numpy(), dtype=np.float64)
    wrong = np.isinf(values)
    if least is not None:
        wrong |= values <= least if above else values < least
    bound = "" if least is None else f" and {'above' if above else 'at least'} {least:g}"
    _refuse("not_possible", name, np.flatnonzero(wrong), values[wrong], f"{name} is a finite number{bound}")
    return values


def _refuse(reason: str, column: str, rows: NDArray[np.intp], values: Sequence[Any] | NDArray[Any], why: str) -> None:
    """Raise for the rows of the frame that cannot be charted, and name them."""
    if len(rows):
        failure = Failure(reason, column, len(rows), int(rows[0]), values[0])
        named = ", ".join(map(str, rows[:5].tolist())) + (" ..." if len(rows) > 5 else "")
        raise TableError(f"{len(rows)} rows cannot be charted: {why} (rows {named})", hint="rows count from 0", failures=(failure,), total=len(rows))


def _arrange(frame: nw.DataFrame[Any], date: str, by: Sequence[str], rebase: Rebase) -> _Layout:
    """Sort the rows by series and date, and cut the series at the rebase dates."""
    undated = np.flatnonzero(frame[date].is_null().to_numpy())
    _refuse("missing", date, undated, [None] * len(undated), f"{date} is missing")
    when, dates = _codes(frame[date])
    kind = frame[date].dtype
    if isinstance(kind, nw.Datetime) and getattr(kind, "time_zone", None) is not None:
        # Sorted by the instant, named by the clock on the wall.
        dates = frame[date].dt.replace_time_zone(None).to_numpy()[np.unique(when, return_index=True)[1]]
    series = np.zeros(len(frame), dtype=np.intp)
    for name in by:
        codes, different = _codes(frame[name])
        series = np.unique(series * max(len(different), 1) + codes, return_inverse=True)[1].astype(np.intp)
    order = np.lexsort((when, series))
    series, when = series[order], when[order]
    twice = np.flatnonzero((np.diff(series) == 0) & (np.diff(when) == 0)) + 1
    _refuse(
        "duplicate", date, order[twice], [str(day) for day in dates[when[twice]]], f"a series has two rows of one {date}; name its series with `by`"
    )
    starts = np.diff(series, prepend=-1) != 0
    cuts = _cuts(frame[order[starts].tolist()], dates, by, rebase, series, when)
    cut = np.cumsum(cuts, dtype=np.intp)
    baseline = cut - np.maximum.accumulate(np.where(starts, cut - cuts, 0)) if len(cut) else cut
    return _Layout(order, series, baseline, np.cumsum(starts | cuts).astype(np.intp) - 1)


def _cuts(heads: nw.DataFrame[Any], dates: NDArray[Any], by: Sequence[str], rebase: Rebase, series: Ints, when: Ints) -> Bools:
    """Which sorted rows begin a new baseline; a date that a series to be rebased does not have is an error. `heads` is one row a series."""
    keys = heads.select(*by).rows() if by else [()] * len(heads)
    names = [key[0] if len(by) == 1 else key for key in keys]
    if isinstance(rebase, Mapping):
        strange = [key for key in rebase if key not in names]
        if strange or not by:
            raise InvalidValueError(
                f"rebase names series that are not in the data: {strange}", hint="its keys are values of `by`, a tuple for several", value=strange
            )
        wanted = [(i, day) for i, name in enumerate(names) for day in rebase.get(name, ())]
    else:
        if isinstance(rebase, str):
            raise InvalidValueError(f"rebase is {rebase!r}", hint=f"give a list of dates: [{rebase!r}]", value=rebase)
        days = list(rebase)
        wanted = [(i, day) for i in range(len(names)) for day in days]
        if days and not names:
            raise InvalidValueError(f"the rebase date {days[0]} is not in the data", hint="the frame is empty", value=days)
    cuts = np.zeros(len(series), dtype=bool)
    absent: list[tuple[Any, Any]] = []
    for i, day in wanted:
        rows = slice(np.searchsorted(series, i), np.searchsorted(series, i, side="right"))
        hit = when[rows] == _as_in(dates, day)
        if hit.any():
            cuts[rows] |= hit
        else:
            absent.append((names[i], day))
    if absent:
        name, day = absent[0]
        where = f" of series {name!r}" if by else ""
        raise InvalidValueError(
            f"the rebase date {day} is not in the data{where}" + (f", and {len(absent) - 1} more" if len(absent) > 1 else ""),
            hint="rebase at a date that has a row; a mapping {series: [dates]} rebases some series alone",
            value=absent,
        )
    return cuts


def _total(values: Floats, use: Bools, at: _Layout) -> Floats:
    return np.bincount(at.segment[use], weights=values[use], minlength=at.segments).astype(np.float64)


def _mean(values: Floats, use: Bools, at: _Layout) -> Floats:
    """The mean of the used values of each segment, NaN where there are none."""
    number = np.bincount(at.segment[use], minlength=at.segments)
    return np.where(number > 0, _total(values, use, at) / np.maximum(number, 1), np.nan)


def _used(values: Floats, at: _Layout, fix_after: int | None) -> Bools:
    """Which values limits are computed from: all there are, or the first `fix_after` of each segment (all where it has fewer)."""
    there = ~np.isnan(values)
    if fix_after is None:
        return there
    if isinstance(fix_after, bool) or fix_after < ROBUST:
        raise InvalidValueError(
            f"fix_after is {fix_after!r}", hint=f"limits are fixed after {ROBUST} points or more", value=fix_after, allowed=f"{ROBUST} or more"
        )
    count = np.cumsum(there)
    before = np.maximum.accumulate(np.where(at.first, count - there, 0)) if len(count) else count
    return there & (count - before <= fix_after)


def _moving_ranges(values: Floats, at: _Layout) -> Floats:
    ranges = np.abs(np.diff(values, prepend=np.nan))
    ranges[at.first] = np.nan
    return ranges


def _xmr_limits(values: Floats, use: Bools, at: _Layout, *, screen: bool) -> tuple[_Limits, Floats]:
    ranges = _moving_ranges(values, at)
    kept = use & ~np.isnan(ranges)
    width = _mean(ranges, kept, at)
    if screen:
        # Where all ranges are nought none is too wide: their mean is nought, and stays.
        kept &= (ranges < SCREEN * width[at.segment]) | (width[at.segment] == 0)
        width = _mean(ranges, kept, at)
    mean, sigma = _mean(values, use, at)[at.segment], (LIMIT * width / 3)[at.segment]
    return _Limits(values, mean, mean - 3 * sigma, mean + 3 * sigma, mean - 2 * sigma, mean + 2 * sigma), ranges


def _side(values: Floats, other: Floats) -> Ints:
    """1 above, -1 below, 0 equal but for rounding or not known."""
    gap = values - other
    slack = _SLACK * np.maximum(np.abs(values), np.abs(other))
    return (gap > slack).astype(np.intp) - (gap < -slack).astype(np.intp)


def _run_lengths(signs: Ints, first: Bools) -> Ints:
    """For each point the length of the unbroken run of one sign that it stands in."""
    runs = np.cumsum(first | (np.diff(signs, prepend=9) != 0)) - 1
    return np.bincount(runs)[runs] if len(runs) else runs


def _steps(values: Floats, first: Bools) -> Ints:
    """Whether each value rises (1) or falls (-1) from the one before it, 0 where there is none."""
    steps = _side(values, np.concatenate([[np.nan], values[:-1]])) if len(values) else np.zeros(0, dtype=np.intp)
    steps[first] = 0
    return steps


def _trends(steps: Ints, first: Bools, run: int) -> Ints:
    """1 or -1 for each point of a trend of `run` points or more."""
    rising = np.where(_run_lengths(steps, first) >= run - 1, steps, 0)
    # A point stands in the trend that its own step ends and in the one that the next step begins; the later one names it.
    following = np.concatenate([rising[1:], [0]]) if len(steps) else rising
    return np.where(following != 0, following, rising)


def _rules(limits: _Limits, at: _Layout, run: Run) -> Ints:
    """The rule of each point as its place in `RULES`, -1 for a gap."""
    if run not in {6, 7} or isinstance(run, bool):
        raise InvalidValueError(f"run is {run!r}", hint="a shift or trend is 6 or 7 points", value=run, allowed=(6, 7))
    y, first = limits.value, at.first
    side = _side(y, limits.mean)
    high, low = _side(y, limits.upper) > 0, _side(y, limits.lower) < 0
    near = ~high & ~low & ((_side(y, limits.near_upper) > 0) | (_side(y, limits.near_lower) < 0))
    shift = (_run_lengths(side, first) >= run) & (side != 0)

    trend = _trends(_steps(y, first), first, run)
    pair = np.zeros(len(y), dtype=bool)
    if len(y) > 2:
        whole = (at.segment[2:] == at.segment[:-2]) & (side[2:] != 0) & (side[2:] == side[1:-1]) & (side[1:-1] == side[:-2])
        whole &= near[2:].astype(int) + near[1:-1] + near[:-2] >= 2
        for i in range(3):
            pair[i : len(y) - 2 + i] |= whole
        pair &= near
    met = [np.isnan(y), high, low, trend > 0, trend < 0, pair & (side > 0), pair & (side < 0), shift & (side > 0), shift & (side < 0)]
    return np.select(met, [-1, 1, 2, 3, 4, 5, 6, 7, 8], 0).astype(np.intp)


def _variations(rules: Ints, polarity: Polarity) -> Ints:
    """The meaning of each point as its place in `VARIATIONS`, -1 for a gap."""
    good_is_high = {Polarity.HIGHER_IS_BETTER: (1, 4), Polarity.LOWER_IS_BETTER: (3, 2)}
    high, low = good_is_high.get(polarity, (5, 6))
    return np.array([0, *[high, low] * 4, -1], dtype=np.intp)[rules]


def _assurance(limits: _Limits, target: Floats, polarity: Polarity) -> Ints:
    """What the limits of each row say of that row's target, as its place in `ASSURANCES`, -1 for nothing."""
    if polarity not in {Polarity.HIGHER_IS_BETTER, Polarity.LOWER_IS_BETTER}:
        return np.full(len(target), -1, dtype=np.intp)
    above, below = _side(target, limits.upper) > 0, _side(target, limits.lower) < 0
    unknown = np.isnan(target) | np.isnan(limits.lower) | np.isnan(limits.upper)
    failing = 1 if polarity is Polarity.HIGHER_IS_BETTER else 0
    return np.select([unknown, above, below], [-1, failing, 1 - failing], 2).astype(np.intp)


def _as_is(values: Floats) -> Floats:
    return values


def _chart(
    frame: nw.DataFrame[Any],
    at: _Layout,
    limits: _Limits,
    use: Bools,
    *,
    run: Run,
    polarity: Polarity | str,
    target: float | str | None,
    more: Mapping[str, Floats],
    scale: Callable[[Floats], Floats] = _as_is,
    shown: Callable[[Floats], Floats] = _as_is,
) -> Any:
    """The columns of a chart beside the rows of the frame, in their own order. `scale` brings a target to the scale of the limits, `shown` brings limits back from it."""
    direction = _direction(polarity)
    goal = scale(_target(frame, target)[at.order])
    rules = _rules(limits, at, run)
    variations, assurances = _variations(rules, direction), _assurance(limits, goal, direction)
    # The icons are those of the last row of a series that has a value.
    there = np.flatnonzero(rules >= 0)
    last = np.full(int(at.series[-1]) + 1 if len(rules) else 0, -1, dtype=np.intp)
    last[at.series[there]] = there  # a later one replaces an earlier one
    final = last[at.series]
    icon, assurance = (np.where(final >= 0, found[final], -1) for found in (variations, assurances)) if len(rules) else (variations, assurances)
    number = np.bincount(at.segment[use], minlength=at.segments)[at.segment]
    status = np.where(np.isnan(limits.lower) | np.isnan(limits.upper), 2, np.where(number >= ROBUST, 0, 1))
    columns: dict[str, tuple[Any, Sequence[str] | None]] = {
        "baseline": (at.baseline, None),
        "mean": (shown(limits.mean), None),
        "lower_limit": (shown(limits.lower), None),
        "upper_limit": (shown(limits.upper), None),
        **{name: (values, None) for name, values in more.items()},
        "limits_status": (status, ("robust", "trial", "none")),
        "rule": (rules, RULES),
        "variation": (variations, VARIATIONS),
        "variation_icon": (icon, VARIATIONS),
        "assurance_icon": (assurance, ASSURANCES),
    }
    back = np.empty_like(at.order)
    back[at.order] = np.arange(len(at.order))
    return frame.with_columns(*(_series(frame, name, values[back], words) for name, (values, words) in columns.items())).to_native()


_ADDED: Final = ("baseline", "mean", "lower_limit", "upper_limit", "limits_status", "rule", "variation", "variation_icon", "assurance_icon")


def _series(frame: nw.DataFrame[Any], name: str, values: NDArray[Any], words: Sequence[str] | None) -> nw.Series[Any]:
    if words is not None:
        return nw.new_series(name, np.array([*words, None], dtype=object)[values].tolist(), nw.String, backend=frame.implementation)
    if values.dtype.kind == "i":
        return nw.new_series(name, values.tolist(), nw.Int64, backend=frame.implementation)
    cells = values.astype(object)
    cells[np.isnan(values)] = None
    return nw.new_series(name, cells.tolist(), nw.Float64, backend=frame.implementation)


def _in_memory(chart: Callable[Concatenate[IntoFrameT, _P], IntoFrameT]) -> Callable[Concatenate[IntoFrameT, _P], IntoFrameT]:
    """A lazy frame is collected, charted, and lazy again: the rules look at whole series in order, and these are short."""

    @functools.wraps(chart)
    def charted(frame: IntoFrameT, /, *args: _P.args, **kwargs: _P.kwargs) -> IntoFrameT:
        entered = door.enter(frame)
        if isinstance(entered, nw.DataFrame):
            return chart(frame, *args, **kwargs)
        made: Any = chart(door.collected(entered).to_native(), *args, **kwargs)
        return door.leave(door.as_lazy_as(nw.from_native(made, eager_only=True), entered), frame)

    return charted


def _direction(polarity: Polarity | str) -> Polarity:
    try:
        return Polarity(polarity)
    except ValueError as error:
        raise InvalidValueError(f"{polarity!r} is no polarity", value=polarity, allowed=tuple(p.value for p in Polarity)) from error


def _target(frame: nw.DataFrame[Any], target: float | str | None) -> Floats:
    """A target a row: of its column, which may change over time and be missing, or one for all."""
    if isinstance(target, str):
        return _numbers(frame, target)
    if target is not None and not np.isfinite(target):
        raise InvalidValueError(f"the target is {target!r}", hint="a target is a finite number or the name of a column", value=target)
    return np.full(len(frame), np.nan if target is None else float(target))


def _open(
    data: Any, names: Sequence[str], date: str, by: str | Sequence[str], rebase: Rebase, target: float | str | None, *, adds: Sequence[str] = ()
) -> tuple[nw.DataFrame[Any], _Layout]:
    frame: nw.DataFrame[Any] = nw.from_native(data, eager_only=True)
    groups = [by] if isinstance(by, str) else list(by)
    wanted = [*names, date, *groups, *([target] if isinstance(target, str) else [])]
    _columns(frame, wanted, [*_ADDED, *adds])
    return frame, _arrange(frame, date, groups, rebase)


@_in_memory
def xmr(
    frame: IntoFrameT,
    *,
    value: str = "value",
    date: str = "date",
    by: str | Sequence[str] = (),
    polarity: Polarity | str = Polarity.NONE,
    target: float | str | None = None,
    rebase: Rebase = (),
    fix_after: int | None = None,
    run: Run = 7,
    screen: bool = True,
) -> IntoFrameT:
    """An XmR chart of each series: limits at the mean plus and minus 2.66 mean moving ranges.

    `target` is a number or a column, so that it may change over time. `rebase` are the dates at which new limits begin, in every series, or a mapping of series to dates.
    `fix_after` computes limits from the first values of a baseline alone. With `screen` moving ranges of 3.267 mean ranges or more are left out, once, as in
    NHSRplotthedots; Making Data Count's workbook does not screen. `run` is the length of a shift and a trend. Beside the module's columns it gives `moving_range`.

    Raises `InvalidValueError` for a column that is not there, a rebase date without a row, and `TableError` for two rows of one date in a
    series, rows without a date, and infinite values.

    >>> import pandas as pd
    >>> waits = pd.DataFrame({"date": pd.date_range("2026-01-01", periods=7), "value": [5, 6, 5, 6, 5, 6, 12]})
    >>> chart = xmr(waits, polarity="lower_is_better", target=15)
    >>> round(float(chart["upper_limit"].iloc[-1]), 3), *chart[["rule", "variation_icon", "assurance_icon"]].iloc[-1]
    (9.089, 'above_upper_limit', 'concern_high', 'consistently_passing')
    """
    data, at = _open(frame, [value], date, by, rebase, target, adds=["moving_range"])
    y = _numbers(data, value)[at.order]
    use = _used(y, at, fix_after)
    limits, ranges = _xmr_limits(y, use, at, screen=screen)
    found: IntoFrameT = _chart(data, at, limits, use, run=run, polarity=polarity, target=target, more={"moving_range": ranges})
    return found


def _sigma_limits(values: Floats, mean: Floats, sigma: Floats, ceiling: float = np.inf) -> _Limits:
    """Limits from a sigma a row, which cannot leave what the values can be."""
    lower, near_lower = (np.maximum(mean - k * sigma, 0) for k in (3, 2))
    upper, near_upper = (np.minimum(mean + k * sigma, ceiling) for k in (3, 2))
    return _Limits(values, mean, lower, upper, near_lower, near_upper)


@_in_memory
def p_chart(
    frame: IntoFrameT,
    *,
    numerator: str = "numerator",
    denominator: str = "denominator",
    date: str = "date",
    by: str | Sequence[str] = (),
    multiplier: float = 1,
    polarity: Polarity | str = Polarity.NONE,
    target: float | str | None = None,
    rebase: Rebase = (),
    fix_after: int | None = None,
    run: Run = 7,
) -> IntoFrameT:
    """A chart of proportions: p = all numerators over all denominators, limits p plus and minus 3 sqrt(p (1 - p) / denominator) of each row, within 0 and 1.

    `multiplier` (100 for per cent) scales the figures, and `target` is on that scale. Beside the module's columns it gives `plotted`, the proportion. Limits this narrow
    are right only where the denominators are small: with thousands a row nearly every point lies outside, and an XmR chart of the proportion serves better. Source:
    Montgomery 2013. Raises as `xmr` does, and `TableError` for a numerator that is negative or above its denominator, or a denominator of nought.

    >>> import pandas as pd
    >>> seen = pd.DataFrame({"date": [1, 2, 3], "numerator": [9, 10, 20], "denominator": [30, 30, 30]})
    >>> [round(float(v), 3) for v in p_chart(seen, multiplier=100).iloc[0][["mean", "lower_limit", "upper_limit", "plotted"]].to_list()]
    [43.333, 16.192, 70.475, 30.0]
    """
    found: IntoFrameT = _shares(
        frame, numerator, denominator, date, by, rebase, multiplier, fix_after=fix_after, run=run, polarity=polarity, target=target, proportion=True
    )  # fmt: skip
    return found


@_in_memory
def u_chart(
    frame: IntoFrameT,
    *,
    numerator: str = "numerator",
    denominator: str = "denominator",
    date: str = "date",
    by: str | Sequence[str] = (),
    multiplier: float = 1,
    polarity: Polarity | str = Polarity.NONE,
    target: float | str | None = None,
    rebase: Rebase = (),
    fix_after: int | None = None,
    run: Run = 7,
) -> IntoFrameT:
    """A chart of rates: u = all numerators over all denominators, limits u plus and minus 3 sqrt(u / denominator) of each row, not below 0.

    A numerator may exceed its denominator (falls per bed day); all else is as in `p_chart`. Source: Montgomery 2013.

    >>> import pandas as pd
    >>> falls = pd.DataFrame({"date": [1, 2, 3], "numerator": [4, 6, 5], "denominator": [1000, 1200, 800]})
    >>> [round(float(v), 3) for v in u_chart(falls, multiplier=1000).iloc[0][["mean", "lower_limit", "upper_limit", "plotted"]].to_list()]
    [5.0, 0.0, 11.708, 4.0]
    """
    found: IntoFrameT = _shares(
        frame, numerator, denominator, date, by, rebase, multiplier, fix_after=fix_after, run=run, polarity=polarity, target=target, proportion=False
    )  # fmt: skip
    return found


def _shares(
    native: Any, numerator: str, denominator: str, date: str, by: str | Sequence[str], rebase: Rebase, multiplier: float, *, fix_after: int | None, run: Run,
    polarity: Polarity | str, target: float | str | None, proportion: bool,
) -> Any:  # fmt: skip
    if not (np.isfinite(multiplier) and multiplier > 0):
        raise InvalidValueError(f"multiplier is {multiplier!r}", hint="it is a finite number above nought", value=multiplier)
    data, at = _open(native, [numerator, denominator], date, by, rebase, target, adds=["plotted"])
    x, n = _numbers(data, numerator, least=0), _numbers(data, denominator, least=0, above=True)
    if proportion:
        _refuse("above_denominator", numerator, np.flatnonzero(x > n), x[x > n], f"{numerator} is above {denominator}")
    x, n = x[at.order], n[at.order]
    values = x / n
    use = _used(values, at, fix_after)
    number = _total(n, use, at)
    mean = np.where(number > 0, _total(x, use, at) / np.where(number > 0, number, 1), np.nan)[at.segment]
    # Rounding may carry a proportion of one past it.
    sigma = np.sqrt(np.maximum(mean * (1 - mean), 0) / n) if proportion else np.sqrt(mean / n)
    limits = _sigma_limits(values, mean, sigma, 1 if proportion else np.inf)

    def shown(figures: Floats) -> Floats:
        return figures * multiplier

    def scale(targets: Floats) -> Floats:
        return targets / multiplier

    return _chart(data, at, limits, use, run=run, polarity=polarity, target=target, more={"plotted": shown(values)}, scale=scale, shown=shown)


@_in_memory
def c_chart(
    frame: IntoFrameT,
    *,
    value: str = "value",
    date: str = "date",
    by: str | Sequence[str] = (),
    polarity: Polarity | str = Polarity.NONE,
    target: float | str | None = None,
    rebase: Rebase = (),
    fix_after: int | None = None,
    run: Run = 7,
) -> IntoFrameT:
    """A chart of counts over equal exposure: limits at the mean plus and minus 3 square roots of it, not below 0. Source: Montgomery 2013.

    Raises as `xmr` does, and `TableError` for a negative count.

    >>> import polars as pl
    >>> c_chart(pl.DataFrame({"date": [1, 2, 3], "value": [4, 3, 5]})).select("mean", "lower_limit", "upper_limit").row(0)
    (4.0, 0.0, 10.0)
    """
    data, at = _open(frame, [value], date, by, rebase, target)
    y = _numbers(data, value, least=0)[at.order]
    use = _used(y, at, fix_after)
    mean = _mean(y, use, at)[at.segment]
    limits = _sigma_limits(y, mean, np.sqrt(mean))
    found: IntoFrameT = _chart(data, at, limits, use, run=run, polarity=polarity, target=target, more={})
    return found


@_in_memory
def g_chart(
    frame: IntoFrameT,
    *,
    value: str = "value",
    date: str = "date",
    by: str | Sequence[str] = (),
    polarity: Polarity | str = Polarity.NONE,
    target: float | str | None = None,
    rebase: Rebase = (),
    fix_after: int | None = None,
    run: Run = 7,
) -> IntoFrameT:
    """A chart of the number of cases (or whole days) between rare events: limits at the mean plus and minus 3 sqrt(mean (mean + 1)), not below 0.

    More between events is usually better: `polarity` is that of the number charted. The lower limit is 0 for any mean, so that only runs show a fall. Source: Benneyan 2001.
    Raises as `xmr` does, and `TableError` for a negative number.

    >>> import pandas as pd
    >>> g_chart(pd.DataFrame({"date": [1, 2, 3], "value": [10, 30, 20]}))["upper_limit"].round(2).to_list()
    [81.48, 81.48, 81.48]
    """
    data, at = _open(frame, [value], date, by, rebase, target)
    y = _numbers(data, value, least=0)[at.order]
    use = _used(y, at, fix_after)
    mean = _mean(y, use, at)[at.segment]
    limits = _sigma_limits(y, mean, np.sqrt(mean * (mean + 1)))
    found: IntoFrameT = _chart(data, at, limits, use, run=run, polarity=polarity, target=target, more={})
    return found


@_in_memory
def t_chart(
    frame: IntoFrameT,
    *,
    value: str = "value",
    date: str = "date",
    by: str | Sequence[str] = (),
    polarity: Polarity | str = Polarity.NONE,
    target: float | str | None = None,
    rebase: Rebase = (),
    fix_after: int | None = None,
    run: Run = 7,
    screen: bool = True,
) -> IntoFrameT:
    """A chart of the time between rare events: an XmR chart of time to the power 1/3.6, which makes exponential times nearly normal, with its limits brought back.

    Times may be of any unit and nought. Rules are those of the transformed times; a lower limit below nought is nought. Source: Nelson 1994. Raises as `xmr` does, and
    `TableError` for a negative time.

    >>> import pandas as pd
    >>> t_chart(pd.DataFrame({"date": [1, 2, 3, 4], "value": [8, 20, 15, 9]}))["upper_limit"].round(1).to_list()
    [44.7, 44.7, 44.7, 44.7]
    """
    data, at = _open(frame, [value], date, by, rebase, target)
    y = _numbers(data, value, least=0)[at.order] ** (1 / 3.6)
    use = _used(y, at, fix_after)
    limits, _ = _xmr_limits(y, use, at, screen=screen)

    def shown(figures: Floats) -> Floats:
        return np.asarray(np.maximum(figures, 0) ** 3.6, dtype=np.float64)

    def scale(targets: Floats) -> Floats:
        return np.asarray(np.sign(targets) * np.abs(targets) ** (1 / 3.6), dtype=np.float64)

    found: IntoFrameT = _chart(data, at, limits, use, run=run, polarity=polarity, target=target, more={}, scale=scale, shown=shown)
    return found


def _median(values: Floats, use: Bools, at: _Layout) -> Floats:
    """The median of the used values of each segment, NaN where there are none."""
    kept = np.flatnonzero(use)
    kept = kept[np.lexsort((values[kept], at.segment[kept]))]
    number = np.bincount(at.segment[kept], minlength=at.segments)
    start = np.cumsum(number) - number
    found = np.full(at.segments, np.nan)
    some = number > 0
    found[some] = (values[kept[(start + (number - 1) // 2)[some]]] + values[kept[(start + number // 2)[some]]]) / 2
    return found


def _fewest_crossings(pairs: int) -> int:
    """The 5th percentile of a binomial of `pairs` even chances: fewer crossings than this are unusual."""
    below = 0
    for k in range(pairs + 1):
        below += math.comb(pairs, k)
        if 20 * below >= 2**pairs:
            return k
    return pairs


@_in_memory
def run_chart(
    frame: IntoFrameT,
    *,
    value: str = "value",
    date: str = "date",
    by: str | Sequence[str] = (),
    polarity: Polarity | str = Polarity.NONE,
    rebase: Rebase = (),
    fix_after: int | None = None,
    shift: int = 6,
    trend: int = 5,
) -> IntoFrameT:
    """A run chart of each series: values about their median, which needs no limits and no distribution.

    Columns beside the rows: `baseline`, `median`, `rule` (`shift_high`, `shift_low`: `shift` points or more on one side, those on the median neither counted nor breaking
    it; `increasing_trend`, `decreasing_trend`: `trend` points or more each above or below the last, equal ones counted once), `variation`, and for the baseline
    `longest_run` and `longest_run_limit` (more is unusual), `crossings` of the median and `crossings_limit` (fewer is unusual). A gap ends runs and trends.

    Sources: Perla, Provost and Murray 2011 (shift of 6, trend of 5); Anhøj and Olesen 2014 (limits by the number of points off the median). Raises as `xmr` does.

    >>> import pandas as pd
    >>> falls = pd.DataFrame({"date": range(14), "value": [5, 7, 4, 6, 8, 5, 7, 9, 10, 11, 12, 9, 10, 11]})
    >>> chart = run_chart(falls, polarity="lower_is_better")
    >>> chart["rule"].iloc[-1], chart["variation"].iloc[-1]
    ('shift_high', 'concern_high')
    >>> chart[["longest_run", "longest_run_limit", "crossings", "crossings_limit"]].iloc[-1].to_list()
    [7, 7, 1, 4]
    """
    for name, length in (("shift", shift), ("trend", trend)):
        if isinstance(length, bool) or length < 3:
            raise InvalidValueError(f"{name} is {length!r}", hint="a run has 3 points or more", value=length, allowed="3 or more")
    counts = ("longest_run", "longest_run_limit", "crossings", "crossings_limit")
    data, at = _open(frame, [value], date, by, rebase, None, adds=["median", *counts])
    direction = _direction(polarity)
    y = _numbers(data, value)[at.order]
    there = ~np.isnan(y)
    median = _median(y, _used(y, at, fix_after), at)[at.segment]
    # A stretch is what no gap and no baseline breaks.
    stretch = np.cumsum(at.first | ~there)

    side = _side(y, median)
    off = np.flatnonzero(side)
    begins = np.diff(stretch[off], prepend=-1) != 0
    lengths = _run_lengths(side[off], begins)
    shifts = np.zeros(len(y), dtype=np.intp)
    shifts[off] = np.where(lengths >= shift, side[off], 0)

    fresh = at.first | (np.diff(stretch, prepend=-1) != 0) | np.concatenate([[True], ~there[:-1]])[: len(y)]
    moved = np.flatnonzero(there & (fresh | (_steps(y, fresh) != 0)))
    trends = np.zeros(len(y), dtype=np.intp)
    trends[moved] = _trends(_steps(y[moved], fresh[moved]), fresh[moved], trend)

    longest = np.zeros(at.segments, dtype=np.intp)
    np.maximum.at(longest, at.segment[off], lengths)
    useful = np.bincount(at.segment[off], minlength=at.segments)
    pairs = np.bincount(at.segment[off][~begins], minlength=at.segments)
    crossed = ~begins & (np.diff(side[off], prepend=0) != 0)
    crossings = np.bincount(at.segment[off][crossed], minlength=at.segments)
    fewest = {int(n): _fewest_crossings(int(n)) for n in np.unique(pairs)}
    limit = np.where(useful > 0, np.round(np.log2(np.maximum(useful, 1)) + 3), 0).astype(np.intp)

    rules = np.select([~there, trends > 0, trends < 0, shifts > 0, shifts < 0], [-1, 3, 4, 7, 8], 0).astype(np.intp)
    back = np.empty_like(at.order)
    back[at.order] = np.arange(len(at.order))
    columns: dict[str, tuple[NDArray[Any], Sequence[str] | None]] = {
        "baseline": (at.baseline, None),
        "median": (median, None),
        "rule": (rules, RULES),
        "variation": (_variations(rules, direction), VARIATIONS),
        "longest_run": (longest[at.segment], None),
        "longest_run_limit": (limit[at.segment], None),
        "crossings": (crossings[at.segment], None),
        "crossings_limit": (np.array([fewest[int(n)] for n in pairs], dtype=np.intp)[at.segment], None),
    }
    found: IntoFrameT = data.with_columns(*(_series(data, name, values[back], words) for name, (values, words) in columns.items())).to_native()
    return found


@_in_memory
def icons(chart: IntoFrameT, *, by: str | Sequence[str] = ()) -> IntoFrameT:
    """One row a series of a chart: the columns of `by`, `variation_icon` and `assurance_icon`, in the order in which the series first appear.

    The icons are names, for whoever draws them. Raises `InvalidValueError` for a frame that no function of this module made, or whose icons differ within a series of `by`.

    >>> import pandas as pd
    >>> rows = pd.DataFrame({"trust": list("AAABBB"), "date": [1, 2, 3] * 2, "value": [1, 2, 1, 5, 5, 5]})
    >>> icons(xmr(rows, by="trust"), by="trust")["variation_icon"].to_list()
    ['common_cause', 'common_cause']
    """
    native: Any = chart
    frame: nw.DataFrame[Any] = nw.from_native(native, eager_only=True)
    groups = [by] if isinstance(by, str) else list(by)
    kept = [*groups, "variation_icon", "assurance_icon"]
    _columns(frame, kept, [])
    found = frame.select(*kept).unique(maintain_order=True, keep="first")
    if len(found) > len(found.unique(subset=groups) if groups else found.head(1)):
        raise InvalidValueError("series of one name have different icons", hint="give the `by` that the chart was made with", value=tuple(groups))
    result: IntoFrameT = found.to_native()
    return result
