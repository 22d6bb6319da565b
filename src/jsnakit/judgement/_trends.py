"""Recent trend as the public health profiles judge it: five yearly points, a slope, and a chi-square test, in the versions that have been in use."""

from __future__ import annotations

import enum
import itertools
import math
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pyarrow as pa
from attrs import frozen

from jsnakit.errors import InvalidValueError
from jsnakit.judgement import _words
from jsnakit.judgement._beside import Indicators, shared
from jsnakit.judgement._frames import Columns, Floats, Sentences
from jsnakit.model import Indicator, Polarity, nearest

__all__ = ["TREND_POINTS", "Trend", "TrendRule", "recent_trend"]


class TrendRule(enum.StrEnum):
    """A version of the rule for recent trends.

    `FINGERTIPS_2022` takes an unbroken run of years back from the latest; `FINGERTIPS_2025` the latest valid years, gaps allowed; `GUIDANCE` is as the first, but tests proportions by
    their counts (OHID's technical guidance).

    >>> TrendRule("fingertips-2025").name
    'FINGERTIPS_2025'
    """

    FINGERTIPS_2022 = "fingertips-2022"
    FINGERTIPS_2025 = "fingertips-2025"
    GUIDANCE = "guidance"


class Trend(enum.StrEnum):
    """What the recent trend came to."""

    INCREASING_BETTER = "INCREASING_BETTER"
    INCREASING_WORSE = "INCREASING_WORSE"
    INCREASING = "INCREASING"
    DECREASING_BETTER = "DECREASING_BETTER"
    DECREASING_WORSE = "DECREASING_WORSE"
    DECREASING = "DECREASING"
    NO_CHANGE = "NO_CHANGE"
    CANNOT = "CANNOT"


LIMIT: Final = 9.54953570608324
"""The chi-square on one degree of freedom that 0.2 % of series without a trend pass: 99.8 % confidence."""

TREND_POINTS: Final = 5
"""The points that a recent trend takes."""
_TYPES: Final = ("proportion", "crude rate", "directly standardised rate")
_SERIES: Final = ("indicator", "area_scheme", "area_type", "area", "sex", "age", "category_type", "category", "period_duration")
_WIDTH: Final = 3.92  # of a 95 % interval, in standard errors, as the publisher rounds it


@frozen
class _Found:
    trend: Trend
    because: str
    chi_square: float = math.nan
    points: int = 0


def recent_trend(
    frame: Any, *, rule: TrendRule | str = TrendRule.FINGERTIPS_2025, indicators: Indicators = None, polarity: Mapping[str, Polarity] | None = None
) -> Any:
    """The same rows with `trend`, `trend_because`, `trend_rule`, `trend_chi_square` and `trend_points`, filled in the row of each series' latest period and null elsewhere.

    A series is one indicator, area, sex, age and category in yearly periods. Of its latest five points that have a value, a count and a denominator, those with 95 % limits are
    regressed on their order, weighted by their standard errors; the trend counts where chi-square is above 9.5495 (99.8 %) and no point alone makes its sign. It `CANNOT` be told for
    other kinds of value (`Indicator.value_type` must be a proportion, a crude or a directly standardised rate), pooled years, fewer than five points, or a count equal to its denominator.
    Source: PHE, Fingertips (2020 engine and data of 2022); DHSC, FingertipsNext (2025); OHID, technical guidance "recent trends". Raises `InvalidValueError` for an unknown rule,
    `TableError` where a column is missing.

    >>> import datetime as dt, jsnakit.observations as observations
    >>> years = range(2019, 2024)
    >>> series = observations.build(
    ...     5,
    ...     indicator="x.y",
    ...     area_scheme="gss",
    ...     area_type="ltla",
    ...     area="E06000009",
    ...     period_start=[dt.date(y, 1, 1) for y in years],
    ...     period_duration="P1Y",
    ...     value=[20.0, 19.0, 18.0, 17.0, 16.0],
    ...     lower=[19.5, 18.5, 17.5, 16.5, 15.5],
    ...     upper=[20.5, 19.5, 18.5, 17.5, 16.5],
    ...     count=[200.0, 190.0, 180.0, 170.0, 160.0],
    ...     denominator=[1000.0] * 5,
    ...     origin="doc",
    ... )
    >>> smoking = Indicator("x.y", "Smoking", "%", value_type="proportion", polarity=Polarity.LOWER_IS_BETTER)
    >>> recent_trend(series, indicators=[smoking])["trend"].to_pylist()[-1]
    'DECREASING_BETTER'
    """
    try:
        chosen = TrendRule(rule)
    except ValueError as error:
        known = [r.value for r in TrendRule]
        close = nearest(str(rule), known, 1)
        raise InvalidValueError(f"there is no trend rule {rule!r}", hint=f"did you mean {close[0]!r}?" if close else f"there are {', '.join(known)}", value=rule, allowed=known) from error  # fmt: skip
    columns = Columns(frame)
    known_indicators = _words.by_id(indicators)
    (keys,) = shared((columns,), _SERIES)
    periods, own = columns.periods()
    starts = np.array([p.start.toordinal() for p in own], np.int64)[periods] if columns.n else np.zeros(0, np.int64)
    names, ids = columns.codes("indicator")
    numbers = {name: columns.numbers(name) for name in ("value", "lower", "upper", "count", "denominator")}
    trend, because = Sentences(columns.n), Sentences(columns.n)
    chi, points = np.full(columns.n, np.nan), np.full(columns.n, np.nan)
    order = np.lexsort((starts, keys))
    edges = np.flatnonzero(np.concatenate(([True], keys[order][1:] != keys[order][:-1], [True]))) if columns.n else np.zeros(1, np.int64)
    for low, high in itertools.pairwise(edges):
        rows = order[low:high]
        last = rows[-1]
        name = ids[names[last]]
        found = _series({k: v[rows] for k, v in numbers.items()}, own[periods[last]].duration, known_indicators.get(name), chosen)
        direction = (polarity or {}).get(name) or (known_indicators[name].polarity if name in known_indicators else Polarity.UNKNOWN)
        mask = np.zeros(columns.n, np.bool_)
        mask[last] = True
        trend.put(mask, _judged(found.trend, direction).value)
        because.put(mask, found.because)
        chi[last], points[last] = found.chi_square, found.points
    blank = pa.array(trend.index == 0)
    return columns.added(
        trend=_or_null(trend.array(), blank), trend_because=_or_null(because.array(), blank), trend_rule=pa.repeat(pa.scalar(chosen.value, pa.string()), columns.n),
        trend_chi_square=pa.array(chi, pa.float64(), from_pandas=True), trend_points=pa.array(points, pa.float64(), from_pandas=True),
    )  # fmt: skip


def _or_null(texts: pa.Array, blank: pa.Array) -> pa.Array:
    import pyarrow.compute as pc

    return pc.if_else(blank, pa.scalar(None, pa.string()), texts)


def _series(numbers: Mapping[str, Floats], duration: str, indicator: Indicator | None, rule: TrendRule) -> _Found:
    """The trend of one series, oldest first, its direction not judged yet."""
    kind = indicator.value_type if indicator is not None else ""
    if kind not in _TYPES:
        return _Found(Trend.CANNOT, f"A recent trend is told of proportions and rates, and this is {kind or 'of a kind that is not known'}.")
    if duration != "P1Y":
        return _Found(Trend.CANNOT, "A recent trend is told of single years, and this period is not one.")
    count, denominator = numbers["count"], numbers["denominator"]
    with np.errstate(invalid="ignore"):
        valid = ~np.isnan(numbers["value"]) & ~np.isnan(count) & (denominator > 0)
    usable = np.flatnonzero(valid)
    if rule is not TrendRule.FINGERTIPS_2025:
        broken = np.flatnonzero(~valid)
        usable = usable[usable > (broken[-1] if len(broken) else -1)]
    if len(usable) < TREND_POINTS:
        return _Found(Trend.CANNOT, f"There are {len(usable)} years to go by, and it takes {TREND_POINTS}.", points=len(usable))
    if (count[usable] == denominator[usable]).any():
        return _Found(Trend.CANNOT, "In one of the years everybody is counted, so there is no room for chance.", points=len(usable))
    latest = usable[-TREND_POINTS:]
    t = np.arange(1.0, TREND_POINTS + 1.0)
    if rule is TrendRule.GUIDANCE and kind == "proportion":
        chi, slopes = _by_counts(count[latest], denominator[latest], t)
    else:
        chi, slopes = _by_limits(numbers["value"][latest], numbers["lower"][latest], numbers["upper"][latest], t)
    same = len({bool(s >= 0) for s in slopes}) == 1
    if not (chi > LIMIT and same):
        why = "One year alone makes the slope what it is." if chi > LIMIT else "The slope is within what chance alone would give."
        why = "Without limits the publisher's test sees no change." if math.isnan(chi) else why
        return _Found(Trend.NO_CHANGE, why, chi, TREND_POINTS)
    up = slopes[0] >= 0
    return _Found(
        Trend.INCREASING if up else Trend.DECREASING,
        f"The slope of the last {TREND_POINTS} years is more than chance would give (99.8 %).",
        chi,
        TREND_POINTS,
    )


def _by_limits(value: Floats, lower: Floats, upper: Floats, t: Floats) -> tuple[float, list[float]]:
    """Chi-square, and the slopes of all points and of each set without one, weighted by the intervals; years without one are left out."""
    known = ~np.isnan(lower) & ~np.isnan(upper) & (upper > lower)
    value, t = value[known], t[known]
    with np.errstate(divide="ignore", invalid="ignore"):
        weight = (_WIDTH / (upper[known] - lower[known])) ** 2
        slope, variance = _slope(value, weight, t)
        chi = slope**2 / variance if variance else math.nan
    rest = [np.arange(len(t)) != i for i in range(len(t))]
    return chi, [slope, *(_slope(value[r], weight[r], t[r])[0] for r in rest)]


def _slope(value: Floats, weight: Floats, t: Floats) -> tuple[float, float]:
    total = weight.sum()
    if not total:
        return math.nan, math.nan
    away = t - (weight * t).sum() / total
    spread = float((weight * away**2).sum())
    return (float((weight * away * value).sum()) / spread, 1.0 / spread) if spread else (math.nan, math.nan)


def _by_counts(count: Floats, denominator: Floats, t: Floats) -> tuple[float, list[float]]:
    """The chi-square of counts in order, and the slopes of the log odds by least squares."""
    n, c = float(denominator.sum()), float(count.sum())
    spread = c * (n - c) * (n * float((denominator * t**2).sum()) - float((denominator * t).sum()) ** 2)
    chi = n * (n * float((count * t).sum()) - c * float((denominator * t).sum())) ** 2 / spread if spread else math.nan
    if (count <= 0).any():
        # A count of nobody has no log odds, so the sign of a slope through it is open.
        return chi, [1.0, -1.0]
    odds, equal = np.log(count / (denominator - count)), np.ones_like(t)
    rest = [np.arange(len(t)) != i for i in range(len(t))]
    return chi, [_slope(odds, equal, t)[0], *(_slope(odds[r], equal[r], t[r])[0] for r in rest)]


def _judged(trend: Trend, polarity: Polarity) -> Trend:
    if trend not in (Trend.INCREASING, Trend.DECREASING) or polarity not in (Polarity.HIGHER_IS_BETTER, Polarity.LOWER_IS_BETTER):
        return trend
    better = (trend is Trend.INCREASING) == (polarity is Polarity.HIGHER_IS_BETTER)
    return Trend(f"{trend.value}_{'BETTER' if better else 'WORSE'}")
