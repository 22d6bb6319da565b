"""Waiting lists: whether capacity keeps up with demand, how long a list may be, and percentiles of waits that are published in bands.

The formulas are those of Fong, Mushtaq, House, Gordon, Chen, Griffiths, Ahmad and Walton, "Understanding waiting lists pressures" (medRxiv, 2022), which rest on Little
(1961), Kingman (1962) and Marchal (1976). The R package NHSRwaitinglist (0.1.2) computes them too; where it errs, we do not follow it:

- its statistics of a list count people referred after the end date, with negative waits, if they were removed later (`&` binds before `|`): `waiting_list_stats` counts those
  referred by the end date and not removed by it;
- its gaps between removals never use the end date: `removal_stats` ends the last gap there while people still wait;
- its allowance for the uncertainty of demand multiplies a coefficient of variation by a rate, so that weeks and days give different answers, and drops the allowance where
  it cannot be made: `relief_capacity` uses the coefficient alone, and refuses.

Rates are people a week and times are weeks throughout; any other unit of time does as well if demand, capacity and times all share it.
"""

from __future__ import annotations

import datetime as dt
import itertools
import math
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any, Final, cast

import narwhals.stable.v2 as nw
import numpy as np
from attrs import frozen
from narwhals.stable.v2.typing import IntoFrameT
from numpy.typing import NDArray

from jsnakit.errors import InvalidValueError
from jsnakit.methods import _door as door
from jsnakit.methods._checks import Rule, keys_there, numbers_sound, one_row_a_key, refuse
from jsnakit.methods._columns import Arrays, quiet
from jsnakit.observations import Failure

__all__ = [
    "BandedPercentile",
    "FlowStats",
    "WaitingListStats",
    "banded_percentile",
    "banded_percentiles",
    "needs_relief",
    "position_in_bands",
    "queue_load",
    "queue_sizes",
    "referral_stats",
    "relief_capacity",
    "removal_stats",
    "target_capacity",
    "target_mean_wait",
    "target_queue_size",
    "waiting_list_pressure",
    "waiting_list_stats",
]

DAYS_A_WEEK: Final = 7

Dates = Iterable[dt.date | None]


def _checked(*, zero: tuple[str, ...] = (), **numbers: float) -> None:
    """Refuse what is no finite number above nought (or nought, for the names in `zero`): a missing figure is not a nought."""
    for name, value in numbers.items():
        good = isinstance(value, int | float | np.number) and not isinstance(value, bool) and math.isfinite(value)
        if not good or value < 0 or (value == 0 and name not in zero):
            allowed = "a finite number, nought or more" if name in zero else "a finite number above nought"
            raise InvalidValueError(f"{name} is {value!r}", hint=f"{name} is {allowed}", value=value, allowed=allowed)


def queue_load(*, demand: float, capacity: float) -> float:
    """Demand over capacity, both people a week: above 1 the list grows without end, and at 1 it does not settle either.

    Source: Fong et al. 2022. Raises `InvalidValueError` for a negative demand or no capacity.

    >>> round(queue_load(demand=30, capacity=27), 3)
    1.111
    """
    _checked(zero=("demand",), demand=demand, capacity=capacity)
    return demand / capacity


def target_mean_wait(*, target_wait: float, factor: float = 4) -> float:
    """The mean wait, in weeks, at which nearly all are seen within `target_wait` weeks: the target over `factor`.

    With exponential waits a factor of 4 has 98.2 % seen within the target, and 6 has 99.8 %. Source: Fong et al. 2022.

    >>> target_mean_wait(target_wait=52)
    13.0
    """
    _checked(target_wait=target_wait, factor=factor)
    return target_wait / factor


def target_queue_size(*, demand: float, target_wait: float, factor: float = 4) -> float:
    """The people on a list that keeps the target: demand (people a week) times the target mean wait (weeks). Source: Little 1961.

    >>> target_queue_size(demand=30, target_wait=52)
    390.0
    """
    _checked(zero=("demand",), demand=demand)
    return demand * target_mean_wait(target_wait=target_wait, factor=factor)


def target_capacity(*, demand: float, target_wait: float, factor: float = 4, cv_demand: float = 1, cv_capacity: float = 1) -> float:
    """The capacity, people a week, that holds a list at its target: demand and the spare capacity that variation needs.

    `cv_demand` and `cv_capacity` are the coefficients of variation (standard deviation over mean) of the gaps between referrals and between removals; 1 is pure chance.
    Source: Kingman 1962 and Marchal 1976, as in Fong et al. 2022.

    >>> round(target_capacity(demand=4, target_wait=52), 4)
    4.0769
    """
    _checked(zero=("demand", "cv_demand", "cv_capacity"), demand=demand, cv_demand=cv_demand, cv_capacity=cv_capacity)
    return demand + (cv_demand**2 + cv_capacity**2) / 2 / target_mean_wait(target_wait=target_wait, factor=factor)


def needs_relief(*, queue_size: float, target_queue_size: float) -> bool:
    """Whether a list is more than twice its target, so that it needs relief capacity before the target capacity can hold it. Source: Fong et al. 2022.

    >>> needs_relief(queue_size=1200, target_queue_size=390), needs_relief(queue_size=780, target_queue_size=390)
    (True, False)
    """
    _checked(zero=("queue_size", "target_queue_size"), queue_size=queue_size, target_queue_size=target_queue_size)
    return queue_size > 2 * target_queue_size


def relief_capacity(
    *, demand: float, queue_size: float, target_queue_size: float, weeks_to_target: float = 26, referrals: int | None = None, cv_demand: float = 1
) -> float:
    """The capacity, people a week, that brings a list to its target size in `weeks_to_target` weeks.

    With `referrals`, the number that demand was estimated from, demand is raised to the upper end of its interval: demand / (1 - 2 cv_demand / sqrt(referrals)), which is
    the rate at a mean gap two standard errors shorter. Raises `InvalidValueError` where so few referrals bound no rate. For a list below its target the answer lies below
    demand, and is never below nought. Source: Fong et al. 2022.

    >>> round(relief_capacity(demand=30, queue_size=1200, target_queue_size=390), 2)
    61.15
    >>> round(relief_capacity(demand=30, queue_size=1200, target_queue_size=390, referrals=1600), 2)
    62.73
    """
    _checked(
        zero=("demand", "queue_size", "target_queue_size", "cv_demand"),
        demand=demand, queue_size=queue_size, target_queue_size=target_queue_size, weeks_to_target=weeks_to_target, cv_demand=cv_demand,
    )  # fmt: skip
    if referrals is not None:
        _checked(referrals=referrals)
        term = 2 * cv_demand / math.sqrt(referrals)
        if term >= 1:
            raise InvalidValueError(
                f"{referrals} referrals are too few to say how high demand may be",
                hint=f"at a coefficient of variation of {cv_demand:g} more than {4 * cv_demand**2:g} are needed; leave `referrals` out to take demand as it is",
                value=referrals,
                allowed=f"more than {4 * cv_demand**2:g}",
            )
        demand /= 1 - term
    return max(0.0, demand + (queue_size - target_queue_size) / weeks_to_target)


def waiting_list_pressure(*, mean_wait: float, target_wait: float) -> float:
    """Twice the mean wait over the target, both in weeks: lists with different targets compared; above 1 is under pressure. Source: Fong et al. 2022.

    >>> round(waiting_list_pressure(mean_wait=63, target_wait=52), 2)
    2.42
    """
    _checked(zero=("mean_wait",), mean_wait=mean_wait, target_wait=target_wait)
    return 2 * mean_wait / target_wait


@frozen
class FlowStats:
    """A flow of people: `count` of them within the dates, `rate` people a week, `cv` the coefficient of variation of the gaps (None for fewer than two gaps)."""

    count: int
    rate: float | None
    cv: float | None


def _days(referrals: Dates, removals: Dates) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Both columns as days, a removal that has not been as infinity; a person removed before being referred is an error."""
    came = [d.toordinal() if isinstance(d, dt.date) and d == d else None for d in referrals]  # NaT is a date that is not itself
    went = [d.toordinal() if isinstance(d, dt.date) and d == d else math.inf for d in removals]
    if len(came) != len(went):
        raise InvalidValueError(
            f"{len(came)} referrals and {len(went)} removals", hint="give one removal a referral, None while a person waits", value=len(went)
        )
    missing = [i for i, day in enumerate(came) if day is None]
    if missing:
        raise InvalidValueError(
            f"{len(missing)} people have no date of referral, the first in row {missing[0]}", hint="leave them out or date them", value=missing
        )
    backwards = [i for i, day in enumerate(came) if day is not None and went[i] < day]
    if backwards:
        raise InvalidValueError(f"{len(backwards)} people are removed before they are referred, the first in row {backwards[0]}", value=backwards)
    return np.array(came, dtype=np.int64), np.array(went, dtype=np.float64)


def _window(start: dt.date, end: dt.date) -> tuple[int, int]:
    if not start < end:
        raise InvalidValueError(f"the dates run from {start} to {end}", hint="the end is later than the start", value=(start, end))
    return start.toordinal(), end.toordinal()


def _flow(count: int, gaps: Sequence[float]) -> FlowStats:
    """The rate is one over the mean gap; an endless rate (all on one day) is no figure."""
    mean = math.fsum(gaps) / len(gaps) if gaps else 0.0
    if mean == 0:
        return FlowStats(count, None, None)
    return FlowStats(count, DAYS_A_WEEK / mean, float(np.std(gaps, ddof=1)) / mean if len(gaps) > 1 else None)


def referral_stats(referrals: Dates, *, start: dt.date, end: dt.date) -> FlowStats:
    """Demand: how many are referred from `start` to `end` (both included), a week, and how unevenly.

    The gaps are those between successive referrals, the first from `start` and the last to `end`, as NHSRwaitinglist has it; so n referrals make n + 1 gaps. Raises
    `InvalidValueError` for a person without a date.

    >>> days = [dt.date(2026, 1, d) for d in (8, 15, 22)]
    >>> referral_stats(days, start=dt.date(2026, 1, 1), end=dt.date(2026, 1, 29))
    FlowStats(count=3, rate=1.0, cv=0.0)
    """
    first, last = _window(start, end)
    given = list(referrals)
    came, _ = _days(given, [None] * len(given))
    inside = np.sort(came[(came >= first) & (came <= last)])
    return _flow(len(inside), [float(g) for g in np.diff([first, *inside, last])])


def removal_stats(referrals: Dates, removals: Dates, *, start: dt.date, end: dt.date) -> FlowStats:
    """Capacity: how many leave the list from `start` to `end` (both included), a week, and how unevenly.

    A gap is the time in which somebody waited and nobody left: after the list was empty it begins with the next referral, and the last gap ends with `end` if people still
    wait then. Raises `InvalidValueError` for a person without a referral, or removed before it.

    >>> came = [dt.date(2026, 1, 1)] * 3
    >>> went = [dt.date(2026, 1, 8), dt.date(2026, 1, 15), None]
    >>> removal_stats(came, went, start=dt.date(2026, 1, 1), end=dt.date(2026, 1, 22))
    FlowStats(count=2, rate=1.0, cv=0.0)
    """
    first, last = _window(start, end)
    came, went = _days(referrals, removals)
    arrivals = np.sort(came)
    left = np.sort(went)
    inside = left[(left >= first) & (left <= last)]
    gaps: list[float] = []
    since = float(first)
    for i, day in enumerate(inside, start=int(np.searchsorted(left, first))):
        # Had all who came before left, the gap began when the person now leaving (or one after them) came.
        since = max(since, float(arrivals[i]))
        gaps.append(float(day) - since)
        since = float(day)
    gone = int(np.searchsorted(left, last, side="right"))
    if gone < int(np.searchsorted(arrivals, last, side="right")):
        gaps.append(last - max(since, float(arrivals[gone])))
    return _flow(len(inside), gaps)


def queue_sizes(referrals: Dates, removals: Dates, *, start: dt.date, end: dt.date) -> list[tuple[dt.date, int]]:
    """The people waiting at the end of each day from `start` to `end`: all who were referred by then less all who were removed by then.

    >>> queue_sizes([dt.date(2026, 1, 1), dt.date(2026, 1, 2)], [dt.date(2026, 1, 3), None], start=dt.date(2026, 1, 1), end=dt.date(2026, 1, 3))
    [(datetime.date(2026, 1, 1), 1), (datetime.date(2026, 1, 2), 2), (datetime.date(2026, 1, 3), 1)]
    """
    first, last = _window(start, end)
    came, went = _days(referrals, removals)
    days = np.arange(first, last + 1)
    sizes = np.searchsorted(np.sort(came), days, side="right") - np.searchsorted(np.sort(went), days, side="right")
    return [(dt.date.fromordinal(int(day)), int(size)) for day, size in zip(days, sizes, strict=True)]


@frozen
class WaitingListStats:
    """One list between two dates: rates are people a week, waits are weeks; what cannot be said is None.

    `target_capacity` is given for a list of at most twice its target size, else `relief_capacity`, as in NHSRwaitinglist.
    """

    demand: FlowStats
    capacity: FlowStats
    load: float | None
    queue_size: int
    mean_wait: float | None
    target_wait: float
    target_mean_wait: float
    target_queue_size: float | None
    pressure: float | None
    target_capacity: float | None
    relief_capacity: float | None


def waiting_list_stats(
    referrals: Dates, removals: Dates, *, start: dt.date, end: dt.date, target_wait: float, factor: float = 4, weeks_to_target: float = 26
) -> WaitingListStats:
    """All the figures of a list, from the dates on which each person was referred and removed (None while they wait). `target_wait` is in weeks.

    Who waits at the end was referred by `end` and not removed by it. Raises `InvalidValueError` as `removal_stats` does.

    >>> came = [dt.date(2026, 1, 1) + dt.timedelta(7 * i) for i in range(10)]
    >>> went = [d + dt.timedelta(14) for d in came]
    >>> found = waiting_list_stats(came, went, start=dt.date(2026, 1, 1), end=dt.date(2026, 3, 6), target_wait=8)
    >>> found.queue_size, round(found.pressure, 3), found.relief_capacity
    (2, 0.161, None)
    """
    came, went = list(referrals), list(removals)
    days, gone = _days(came, went)
    last = _window(start, end)[1]
    demand, capacity = referral_stats(came, start=start, end=end), removal_stats(came, went, start=start, end=end)
    waits = (last - days[(days <= last) & (gone > last)]) / DAYS_A_WEEK
    mean_wait = float(waits.mean()) if len(waits) else None
    size = None if demand.rate is None else target_queue_size(demand=demand.rate, target_wait=target_wait, factor=factor)
    hold = relief = None
    if demand.rate is not None and size is not None:
        if needs_relief(queue_size=len(waits), target_queue_size=size):
            relief = relief_capacity(demand=demand.rate, queue_size=len(waits), target_queue_size=size, weeks_to_target=weeks_to_target)
        elif demand.cv is not None and capacity.cv is not None:
            hold = target_capacity(demand=demand.rate, target_wait=target_wait, factor=factor, cv_demand=demand.cv, cv_capacity=capacity.cv)
    return WaitingListStats(
        demand=demand,
        capacity=capacity,
        load=None if demand.rate is None or not capacity.rate else queue_load(demand=demand.rate, capacity=capacity.rate),
        queue_size=len(waits),
        mean_wait=mean_wait,
        target_wait=target_wait,
        target_mean_wait=target_mean_wait(target_wait=target_wait, factor=factor),
        target_queue_size=size,
        pressure=None if mean_wait is None else waiting_list_pressure(mean_wait=mean_wait, target_wait=target_wait),
        target_capacity=hold,
        relief_capacity=relief,
    )


def position_in_bands(cumulative: NDArray[np.int64], position: tuple[int, int, int]) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """For each queue the band that its patient at `position` stands in, and the place interpolated within the bands, counted in bands of one width.

    `cumulative` has a row a band and a column a queue, each column rising to the queue's length, which is not 0. `position` is (a, b, c) for the (a N + b) / c th patient of
    N. The place is only meant where the band is closed.

    >>> band, weeks = position_in_bands(np.array([[2], [6], [8]]), (50, 0, 100))
    >>> int(band[0]), float(weeks[0])
    (1, 1.5)
    """
    a, b, c = position
    place = a * cumulative[-1] + b
    # Whole numbers are compared, so that a patient on the edge of a band falls on the right side of it.
    band = (cumulative * c >= place).argmax(axis=0)
    queues = np.arange(cumulative.shape[1])
    before = np.where(band > 0, cumulative[band - 1, queues], 0)
    return band, band + (place / c - before) / np.maximum(cumulative[band, queues] - before, 1)


@frozen
class BandedPercentile:
    """A percentile of waits in bands: `value` is interpolated, or None where the patient stands in the open last band and only `at_least` is known.

    `lower` and `upper` are the edges of the band (`upper` None for the open one). In an empty queue nothing is known: all are None.
    """

    percent: float
    value: float | None
    at_least: float | None
    lower: float | None
    upper: float | None


def banded_percentile(counts: Sequence[int], *, edges: Sequence[float | None], percent: float, plus_one: bool = False) -> BandedPercentile:
    """A percentile of waits published as counts in bands, interpolated evenly within the band that the patient stands in.

    `counts` are patients in each band from the shortest wait; `edges` are the bands' limits, one more than there are bands, the last None where that band is open. With
    `plus_one` the patient is the one at (N + 1) p, else at N p: NHS England's medians of referral to treatment are at (N + 1) / 2 before October 2015 and at N / 2 after.
    Raises `InvalidValueError` for a missing, negative or broken count, edges that do not rise, or a percent outside 0 to 100.

    >>> banded_percentile([2, 4, 2], edges=[0, 1, 2, 3], percent=50).value
    1.5
    >>> banded_percentile([1, 1, 8], edges=[0, 1, 2, None], percent=92)
    BandedPercentile(percent=92, value=None, at_least=2, lower=2, upper=None)
    """
    bad = [(i, n) for i, n in enumerate(counts) if not isinstance(n, int | np.integer) or isinstance(n, bool) or n < 0]
    if bad:
        raise InvalidValueError(
            f"band {bad[0][0]} holds {bad[0][1]!r} patients",
            hint="each band has a whole number; with a suppressed band there is no percentile",
            value=bad,
            allowed="whole numbers",
        )
    limits = [math.inf if edge is None else float(edge) for edge in edges]
    if len(limits) != len(counts) + 1 or not counts:
        raise InvalidValueError(f"{len(counts)} bands have {len(limits)} edges", hint="give one edge more than there are bands", value=tuple(edges))
    if any(not a < b for a, b in itertools.pairwise(limits)) or math.isinf(limits[0]):
        raise InvalidValueError(f"the edges {list(edges)} do not rise", hint="only the last band may be open (None)", value=tuple(edges))
    if isinstance(percent, bool) or not 0 < percent <= 100:
        raise InvalidValueError(
            f"percent is {percent!r}", hint="a percentile lies above 0 and goes up to 100", value=percent, allowed="0 < percent <= 100"
        )
    total = sum(int(n) for n in counts)
    if total == 0:
        return BandedPercentile(percent, None, None, None, None)
    # As written, so that 92.1 is 921 thousandths and not the nearest binary fraction. Past the last patient there is none: N p + p may exceed N.
    place = min(Fraction(str(percent)) / 100 * (total + plus_one), Fraction(total))
    before = 0
    band = 0
    while before + counts[band] < place or counts[band] == 0:
        before += int(counts[band])
        band += 1
    lower, upper = edges[band], edges[band + 1]
    assert lower is not None
    if upper is None or math.isinf(upper):
        return BandedPercentile(percent, None, lower, lower, None)
    value = float(lower) + float((place - before) / int(counts[band])) * (float(upper) - float(lower))
    return BandedPercentile(percent, value, value, lower, upper)


@quiet
def banded_percentiles(
    frame: IntoFrameT, *, count: str = "count", lower: str = "lower", upper: str = "upper", by: str | Iterable[str] | None = None,
    percent: float | Sequence[float] = (50, 92), plus_one: bool = False,
) -> IntoFrameT:  # fmt: skip
    """The percentiles of the waits of each group, from a frame with a row a band: `banded_percentile` for many queues at once.

    `lower` and `upper` are the limits of a row's band, `upper` missing where it is open; rows may stand in any order. There is one row a group and percentile: the keys, `percent`, `value`, `at_least`
    (known in an open band too), `lower` and `upper` of the band the patient stands in, and `reason`, why there is no value: `missing` (a count is, so that nothing can be said), `nobody_waits`, `open_band`.
    A lazy frame is collected, and is lazy again afterwards.

    Raises `TableError` for columns that are missing, counts that are negative or not whole, bands that overlap or leave a gap, and rows that stand twice.

    >>> import polars as pl
    >>> queue = pl.DataFrame({"trust": ["x"] * 3, "lower": [0, 1, 2], "upper": [1, 2, None], "count": [2, 4, 2]})
    >>> banded_percentiles(queue, by="trust").select("percent", "value", "at_least", "reason").rows()
    [(50.0, 1.5, 1.5, None), (92.0, None, 2.0, 'open_band')]
    """
    entered, groups = door.enter(frame), door.keys(by)
    asked = (percent,) if isinstance(percent, int | float) else tuple(percent)
    written = ("percent", "value", "at_least", "lower", "upper", "reason")
    door.require(entered, numbers=(count, lower, upper), keys=groups, adds=[name for name in written if name in groups])
    held = door.collected(entered)
    rows = Arrays(held, {})
    broken = Rule("not-whole", count, lambda r: r.number(count) % 1 > 0, "is not a whole number")
    turned = Rule("band-turned", upper, lambda r: r.number(upper) <= r.number(lower), f"is not above {lower}")
    placed = Rule("missing-band", lower, lambda r: r.gone(lower), "is missing, so that the band has no place")
    refuse(rows, [*keys_there(*groups), *numbers_sound(count), *numbers_sound(lower, least=None), broken, turned, placed], show=(*groups, lower))
    one_row_a_key(rows, (*groups, lower))
    found = rows.groups(groups)
    order = np.lexsort((rows.number(lower), found.codes))
    counts, starts, ends = (rows.number(name)[order] for name in (count, lower, upper))
    cuts = np.flatnonzero(np.diff(found.codes[order])) + 1
    queues = [slice(a, b) for a, b in itertools.pairwise([0, *cuts.tolist(), len(order)])] if len(order) else []
    _adjoining(held, groups, order, starts, np.where(np.isnan(ends), np.inf, ends), queues)
    made = [_percentile_of(counts[q], starts[q], ends[q], each, plus_one=plus_one) for q in queues for each in asked]
    keys = held[np.repeat(found.firsts, len(asked))].select(*groups) if groups else held.head(0)
    answer = Arrays(keys, {})
    numbers = {name: np.array([row[i] for row in made], np.float64) for i, name in enumerate(written[:-1])}
    reasons = np.array([answer.word(row[-1]) for row in made], np.int8)
    return door.leave(door.as_lazy_as(cast("nw.DataFrame[Any]", answer.only(groups, {**numbers, "reason": reasons})), entered), frame)


def _percentile_of(
    counts: NDArray[np.float64], starts: NDArray[np.float64], ends: NDArray[np.float64], percent: float, *, plus_one: bool
) -> tuple[float | None, float | None, float | None, float | None, float | None, str | None]:  # fmt: skip
    """A row of the answer for one queue."""
    if np.isnan(counts).any():
        return percent, None, None, None, None, "missing"
    last = None if np.isnan(ends[-1]) else float(ends[-1])
    made = banded_percentile([int(n) for n in counts], edges=[*starts.tolist(), last], percent=percent, plus_one=plus_one)
    reason = None if made.value is not None else "nobody_waits" if made.at_least is None else "open_band"
    return percent, made.value, made.at_least, made.lower, made.upper, reason


def _adjoining(
    frame: nw.DataFrame[Any], groups: tuple[str, ...], order: NDArray[np.intp], starts: NDArray[np.float64], ends: NDArray[np.float64], queues: Sequence[slice]
) -> None:  # fmt: skip
    """Refuse bands of one queue that overlap or leave a gap: a patient would stand in two of them, or in none."""
    apart = np.flatnonzero(starts[1:] != ends[:-1]) + 1
    first_of_queue = {q.start for q in queues}
    wrong = [int(i) for i in apart if int(i) not in first_of_queue]
    named = frame[order[wrong[:5]]].select(*groups).rows(named=True) if groups else [{} for _ in wrong[:5]]
    lines = [
        ", ".join(f"{k} {row[k]!r}" for k in groups) + f" a band begins at {starts[i]:g} after one that ends at {ends[i - 1]:g}"
        for row, i in zip(named, wrong, strict=False)
    ]
    failures = [Failure("bands-apart", "lower", len(wrong))] if wrong else []
    door.fail(failures, [line.strip() for line in lines], "give each queue bands that follow one another; only the last may be open")
