"""Funnel plots: control limits round a common value, which areas lie outside them, and over-dispersion, on any frame."""

from __future__ import annotations

import math
from typing import Any, Final, Literal, TypeAlias

import narwhals.stable.v2 as nw
import numpy as np
from attrs import frozen
from narwhals.stable.v2.typing import IntoFrameT
from numpy.typing import NDArray

from jsnakit.errors import InvalidValueError, NoDataError
from jsnakit.methods import _door as door
from jsnakit.methods import _limits as limits
from jsnakit.methods._checks import Rule, above, numbers_sound, refuse
from jsnakit.methods._columns import Columns, opened, quiet

__all__ = ["SIGNIFICANCES", "OverDispersion", "funnel_limits", "funnel_significance", "over_dispersion"]

Statistic: TypeAlias = Literal["proportion", "ratio", "rate"]
Floats: TypeAlias = NDArray[np.float64]

SIGNIFICANCES: Final = ("low_998", "low_95", "not_significant", "high_95", "high_998")
"""Where a point lies: beyond the limits of 99.8 % or of 95 %, or within them."""

_STATISTICS: Final = ("proportion", "ratio", "rate")
_LEVELS: Final = door.levels((0.95, 0.998))


@frozen
class OverDispersion:
    """How much more areas vary than chance has them: `phi` the mean square of their deviates, `tau2` the variance between areas, from `areas` of them."""

    phi: float
    tau2: float
    areas: int


def _counts(frame: Any, statistic: str, count: str, denominator: str, *, adds: tuple[str, ...] = ()) -> Columns:
    """The frame, checked; `denominator` holds people, or of a ratio the events expected."""
    if statistic not in _STATISTICS:
        raise InvalidValueError(
            f"statistic is {statistic!r}", hint="proportion, ratio (observed over expected) or rate", value=statistic, allowed=_STATISTICS
        )
    entered = door.enter(frame)
    door.require(entered, numbers=(count, denominator), adds=adds)
    rows = opened(entered)
    nobody = Rule("no-denominator", denominator, lambda rows: rows.holds(rows.number(denominator) == 0), "is 0")
    refuse(rows, [*numbers_sound(count, denominator), nobody, *([above(count, denominator)] if statistic == "proportion" else [])])
    return rows.add(jsna_x=rows.number(count), jsna_n=rows.number(denominator))


def _baseline(rows: Columns, statistic: str) -> float:
    """What all areas have in common: their events over their people, of those that have both; of a ratio 1."""
    if statistic == "ratio":
        return 1.0
    x, n = rows["jsna_x"], rows["jsna_n"]
    both = ~(rows.absent(x) | rows.absent(n))
    nought = rows.constant(0.0)
    totals = rows.totals((), jsna_x=rows.where(both, x, nought), jsna_n=rows.where(both, n, nought))
    events, people = totals.ends("jsna_x"), totals.ends("jsna_n")
    if events is None or people is None or not people[0]:
        raise NoDataError("no row has both a count and a denominator", hint="give at least one", available=())
    return events[0] / people[0]


@quiet
def funnel_significance(
    frame: IntoFrameT, *, statistic: Statistic, count: str = "count", denominator: str = "denominator", baseline: float | None = None, tau2: float = 0
) -> IntoFrameT:
    """The same rows with `significance`: whether each lies beyond the 95 % or the 99.8 % control limits round the value of all.

    A proportion lies outside where the baseline is outside its Wilson interval, a rate or ratio where the events expected at the baseline are outside the exact (below 10) or Byar's interval of its count (Spiegelhalter 2005;
    PHEindicatormethods 2.1.0). For a `ratio`, `denominator` is the column of expected events and the baseline 1. `baseline` (a share, or events a person) takes the place of the areas' own total. With `tau2` above 0
    (`over_dispersion`) limits of ratios and rates are widened on their log scale; for proportions, `funnel_limits` has the widened curves. Words are those of `SIGNIFICANCES`, missing where a number is.

    >>> import polars as pl
    >>> areas = pl.DataFrame({"count": [8, 151, 159], "denominator": [6.24, 106.44, 232.93]})
    >>> funnel_significance(areas, statistic="ratio")["significance"].to_list()
    ['not_significant', 'high_998', 'low_998']
    """
    if tau2 > 0 and statistic == "proportion":
        raise InvalidValueError("tau2 widens ratios and rates here", hint="for proportions take tau2 into `funnel_limits`", value=tau2)
    rows = _counts(frame, statistic, count, denominator, adds=("significance",))
    centre = _baseline(rows, statistic) if baseline is None else door.positive("baseline", baseline)
    x, n = rows["jsna_x"], rows["jsna_n"]
    word = rows.word("not_significant")
    for level, low_word, high_word in zip(_LEVELS, ("low_95", "low_998"), ("high_95", "high_998"), strict=True):
        if tau2 > 0:
            value, error = _scaled(rows, x, n, centre)
            reach = limits.z(level) * rows.root(error**2 + tau2)
            high, low = value > reach, value < 0 - reach
        elif statistic == "proportion":
            lower, upper = rows.wilson(x, n, level)
            high, low = lower > centre, upper < centre
        else:
            lower, upper = rows.poisson("jsna_x", level)
            high, low = lower > n * centre, upper < n * centre
        word = rows.where(rows.holds(high), rows.word(high_word), rows.where(rows.holds(low), rows.word(low_word), word))
    there = ~(rows.absent(x) | rows.absent(n))
    return door.leave(rows.beside({"significance": rows.where(there, word, rows.word(None))}), frame)


def _scaled(rows: Columns, x: Any, n: Any, centre: float) -> tuple[Any, Any]:
    """The logarithm of a ratio to the baseline, which is near normal, and its standard error; 0 events count as a half."""
    some = rows.where(x > 0, x, rows.constant(0.5))
    return rows.log(some / (n * centre)), 1 / rows.root(n * centre)


def over_dispersion(
    frame: Any, *, statistic: Statistic, count: str = "count", denominator: str = "denominator", trim: Literal["winsorise", "truncate", "none"] = "winsorise", share: float = 0.1
) -> OverDispersion:  # fmt: skip
    """How much more areas differ than chance explains, with the outermost `share` at each end drawn in (or left out).

    Deviates z of ln(observed / expected) with error 1 / √expected (a ratio or rate), or of asin √p with error 1 / 2√n (a proportion); φ = mean z², τ² = max(0, (kφ - (k - 1)) / (Σw - Σw² / Σw)), w = 1 / error²
    (Spiegelhalter 2005, Spiegelhalter et al. 2012; DerSimonian and Laird 1986). `truncate` leaves areas out, as SHMI does; `winsorise` draws them in, as CQC does. 0 events count as a half. Raises `NoDataError` for
    fewer than two areas.

    >>> import polars as pl
    >>> areas = pl.DataFrame({"count": [50, 100, 150, 100], "denominator": [100.0, 100.0, 100.0, 100.0]})
    >>> round(over_dispersion(areas, statistic="ratio", trim="none").tau2, 4)
    0.205
    """
    _counts(frame, statistic, count, denominator)
    entered = door.enter(frame)
    rows = door.collected(entered.select(x=door.number(count), n=door.number(denominator)))
    x, n = (rows[name].to_numpy().astype(float) for name in ("x", "n"))
    known = ~(np.isnan(x) | np.isnan(n))
    x, n = x[known], n[known]
    if len(x) < 2:
        raise NoDataError(f"{len(x)} areas have both numbers", hint="over-dispersion is between two areas or more", available=())
    centre = 1.0 if statistic == "ratio" else float(x.sum() / n.sum())
    if statistic == "proportion":
        value, goal, error = np.arcsin(np.sqrt(x / n)), math.asin(math.sqrt(centre)), 1 / (2 * np.sqrt(n))
    else:
        value, goal, error = np.log(np.where(x > 0, x, 0.5) / (n * centre)), 0.0, 1 / np.sqrt(n * centre)
    z = (value - goal) / error
    ends = np.quantile(z, [share, 1 - share]) if trim != "none" else np.array([-np.inf, np.inf])
    if trim == "truncate":
        kept = (z >= ends[0]) & (z <= ends[1])
        z, error = z[kept], error[kept]
    elif trim == "winsorise":
        z = np.clip(z, *ends)
    elif trim != "none":
        raise InvalidValueError(f"trim is {trim!r}", hint="winsorise, truncate or none", value=trim)
    k, w = len(z), 1 / error**2
    phi = float(np.mean(z**2))
    spread = float(w.sum() - (w**2).sum() / w.sum())
    tau2 = max(0.0, (k * phi - (k - 1)) / spread) if k > 1 else 0.0
    return OverDispersion(phi, tau2, k)


def funnel_limits(
    frame: IntoFrameT, *, statistic: Statistic, count: str = "count", denominator: str = "denominator", baseline: float | None = None, points: int = 100,
    per: float = 1, tau2: float = 0,
) -> IntoFrameT:  # fmt: skip
    """The curves of a funnel: `points` sizes over the range of the areas, with the 95 % and 99.8 % control limits at each.

    Columns: `size` (of a proportion the people, of a ratio or rate the events observed, over the range of those expected), `baseline`, `lower_95`, `upper_95`, `lower_99_8`, `upper_99_8`; for a ratio or rate also the events expected (of a rate
    the people) at which that many events lie on each limit, `at_lower_95` and so on: that is where the point of a curve stands across. A proportion's limits are those at which its Wilson interval touches the
    baseline, p ± z √(p(1 - p) / n); a ratio's come from Poisson tails, expected = χ²(1 - p; 2x + 2) / 2 and χ²(p; 2x) / 2, in closed form at any count (PHEindicatormethods searches, to within 5e-5 at counts of 1).
    With `tau2` (`over_dispersion`) limits of a ratio or rate are exp(∓z √(1 / expected + τ²)), and of a proportion widened on the arcsine scale.

    >>> import polars as pl
    >>> areas = pl.DataFrame({"count": [40, 90], "denominator": [100, 300]})
    >>> funnel_limits(areas, statistic="proportion").select(pl.col("size", "baseline", "lower_95", "upper_95").round(3)).row(-1)
    (320.0, 0.325, 0.274, 0.376)
    """
    rows, per, entered = _counts(frame, statistic, count, denominator), door.positive("per", per), door.enter(frame)
    centre = _baseline(rows, statistic) if baseline is None else door.positive("baseline", baseline)
    ends = rows.ends("jsna_n")
    if ends is None:
        raise NoDataError("no row has a size", hint="give counts and denominators", available=())
    low, high = (end * (1.0 if statistic == "proportion" else centre) for end in ends)
    sizes = np.array(_sizes(low, high, points, points + (statistic != "proportion")))
    made: dict[str, Any] = {"size": sizes, "baseline": np.full(len(sizes), centre * per)}
    for level in _LEVELS:
        q = limits.z(level)
        if statistic == "proportion":
            if tau2 > 0:
                angle, reach = math.asin(math.sqrt(centre)), q * np.sqrt(1 / (4 * sizes) + tau2)
                lower, upper = (np.sin(np.clip(angle + side * reach, 0, np.pi / 2)) ** 2 for side in (-1, 1))
            else:
                reach = q * np.sqrt(centre * (1 - centre) / sizes)
                lower, upper = np.clip(centre - reach, 0, 1), np.clip(centre + reach, 0, 1)
            made[level.lower], made[level.upper] = lower * per, upper * per
            continue
        if tau2 > 0:
            at = (sizes, sizes)
            lower, upper = (np.exp(side * q * np.sqrt(1 / sizes + tau2)) for side in (-1, 1))
        else:
            from scipy.special import gammainccinv, gammaincinv

            # The expected events at which so many observed, or fewer, are as rare as the tail: a low point; and so many, or more: a high one.
            at = gammainccinv(sizes + 1, level.tail), gammaincinv(sizes, level.tail)
            lower, upper = sizes / at[0], sizes / at[1]
        made[level.lower], made[level.upper] = lower * centre * per, upper * centre * per
        made[f"at_{level.lower}"], made[f"at_{level.upper}"] = at[0] / centre, at[1] / centre
    kind = door.collected(entered.head(0)).implementation
    return door.leave(door.as_lazy_as(nw.from_dict(made, backend=kind), entered), frame)


def _sizes(low: float, high: float, points: int, steps: int) -> list[float]:
    """From a little under the smallest to a little over the largest, in nearly equal ratios, whole and rising: the axis of PHE's tool, which for ratios ends a step short."""
    first = 0.0 if high > 2 * low else _rounded(0.95 * low, 1, math.floor)
    last = _rounded(1.05 * high, 2, math.ceil)
    sizes = [max(1.0, first)]
    for j in range(2, points + 1):
        step = round((last / sizes[-1]) ** (1 / (steps + 1 - j)) * sizes[-1])
        sizes.append(float(max(step, sizes[-1] + 1)))
    return sizes


def _rounded(value: float, digits: int, way: Any) -> float:
    if value <= 0:
        return 0.0
    unit = 10.0 ** (math.floor(math.log10(value)) - digits + 1)
    return float(way(round(value / unit, 9)) * unit)
