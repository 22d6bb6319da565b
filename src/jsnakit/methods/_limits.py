"""The intervals themselves, as expressions on counts: Wilson, Byar, exact Poisson.

Exact limits are quantiles of the gamma distribution, which no engine has. Below 10 there are ten whole counts, so a table of ten is looked up; counts that are
not whole (weighted data) are looked up in a table of those that occur.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable
from statistics import NormalDist
from typing import Any, Final

import narwhals.stable.v2 as nw

from jsnakit.errors import InvalidValueError
from jsnakit.methods._door import NUMBER, Frame, Level, _collect, holds

SMALL: Final = 10
"""Below this count limits are exact, from it on they are Byar's; and no rate is directly standardised (PHE 2018)."""

_MOST: Final = 10_000


def z(level: Level) -> float:
    """The normal quantile of a two-sided level: 1.959964 at 95 %."""
    return NormalDist().inv_cdf(0.5 + level.confidence / 2)


@functools.lru_cache(maxsize=4096)
def exact(count: float, tail: float) -> tuple[float, float]:
    """Exact Poisson limits of a count (Garwood 1936), which need not be whole: chi-square quantiles with 2x and 2x + 2 degrees of freedom, halved."""
    from scipy.special import gammainccinv, gammaincinv

    return (0.0 if count == 0 else float(gammaincinv(count, tail))), float(gammainccinv(count + 1, tail))


@functools.lru_cache(maxsize=256)
def t_quantile(df: int, tail: float) -> float:
    """The quantile of Student's t beyond which lies `tail`."""
    from scipy.special import stdtrit

    return -float(stdtrit(df, tail))


def wilson(x: nw.Expr, n: nw.Expr, level: Level) -> tuple[nw.Expr, nw.Expr]:
    """Limits of the proportion x / n. The lower one is written without the difference of two near numbers, so that it is exactly 0 at x = 0."""
    q = z(level)
    centre, spread = 2 * x + q * q, q * (q * q + 4 * x * (1 - x / n)).sqrt()
    upper = (centre + spread) / (2 * (n + q * q))
    # At x = n the upper one is 1, and not a little less by rounding.
    return 2 * x * x / (n * (centre + spread)), nw.when(x < n).then(upper).otherwise(nw.when(~upper.is_null()).then(nw.lit(1.0)))


def byars(x: nw.Expr, level: Level) -> tuple[nw.Expr, nw.Expr]:
    """Byar's approximation to the Poisson limits of a count of 10 or more (Breslow and Day 1987)."""
    q, up = z(level), x + 1
    return x * (1 - 1 / (9 * x) - q / (3 * x.sqrt())) ** 3, up * (1 - 1 / (9 * up) + q / (3 * up.sqrt())) ** 3


def small_counts(frame: Frame, count: str) -> tuple[float, ...]:
    """The counts below 10 for which exact limits are wanted: 0 to 9, or those that occur where some are not whole."""
    x = nw.col(count)
    small = holds((x > 0) & (x < SMALL) & (x != x.floor()))
    if not _collect(frame.select(small.cast(nw.Int64).sum().alias("jsna_parts")))["jsna_parts"][0]:
        return tuple(map(float, range(SMALL)))
    parts = _collect(frame.filter(small).select(x.alias("jsna_parts")).unique())["jsna_parts"].to_list()
    if len(parts) > _MOST and isinstance(frame, nw.LazyFrame):
        raise InvalidValueError(
            f"{len(parts):,} different counts below 10 that are not whole, in a lazy frame",
            hint="collect it first, or give fewer rows at a time",
            value=len(parts),
        )
    return (*map(float, range(SMALL)), *sorted(float(p) for p in parts))


def poisson(count: str, level: Level, small: Iterable[float]) -> tuple[nw.Expr, nw.Expr]:
    """Limits of the counts in a column: exact below 10 for those in `small`, Byar's from 10."""
    x, old = nw.col(count), list(small)
    new = [exact(c, level.tail) for c in old]
    # Byar's formula is not asked of small counts, where its cube could be of a number below nought; the table not of large ones.
    safe = nw.when(x >= SMALL).then(x)
    low = nw.when(x < SMALL).then(x)
    sides = []
    for side, formula in enumerate(byars(safe, level)):
        table: Any = low.replace_strict(old, [pair[side] for pair in new], default=None, return_dtype=NUMBER)
        sides.append(nw.when(x < SMALL).then(table).otherwise(formula))
    return sides[0], sides[1]


def is_finite(value: float) -> bool:
    """Whether a number given by hand is one."""
    return not isinstance(value, bool) and math.isfinite(value)
