"""The intervals themselves, as expressions on counts: Wilson, Byar, exact Poisson.

Exact limits are quantiles of the gamma distribution, which no engine has. Below 10 there are ten whole counts, so a table of ten is looked up; counts that are
not whole (weighted data) are looked up in a table of those that occur.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import Any, Final

import narwhals.stable.v2 as nw

from jsnakit.errors import InvalidValueError
from jsnakit.methods._door import NUMBER, Frame, Level, collected, holds
from jsnakit.methods.intervals import SMALL, byars_formula, normal_quantile, poisson_interval, wilson_formula

_MOST: Final = 10_000


def z(level: Level) -> float:
    """The normal quantile of a two-sided level: 1.959964 at 95 %."""
    return normal_quantile(level.confidence)


@functools.lru_cache(maxsize=256)
def t_quantile(df: int, tail: float) -> float:
    """The quantile of Student's t beyond which lies `tail`."""
    from scipy.special import stdtrit

    return -float(stdtrit(df, tail))


def wilson(x: nw.Expr, n: nw.Expr, level: Level) -> tuple[nw.Expr, nw.Expr]:
    """Limits of the proportion x / n."""
    lower, upper = wilson_formula(x, n, z(level), nw.Expr.sqrt)
    # At x = n the upper one is 1, and not a little less by rounding.
    return lower, nw.when(x < n).then(upper).otherwise(nw.when(~upper.is_null()).then(nw.lit(1.0)))


def small_counts(frame: Frame, count: str) -> tuple[float, ...]:
    """The counts below 10 for which exact limits are wanted: 0 to 9, or those that occur where some are not whole."""
    x = nw.col(count)
    small = holds((x > 0) & (x < SMALL) & (x != x.floor()))
    if not collected(frame.select(small.cast(nw.Int64).sum().alias("jsna_parts")))["jsna_parts"][0]:
        return tuple(map(float, range(SMALL)))
    parts = collected(frame.filter(small).select(x.alias("jsna_parts")).unique())["jsna_parts"].to_list()
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
    exact = poisson_interval(old, level.confidence, exact_below=SMALL)
    # Byar's formula is not asked of small counts, where its cube could be of a number below nought; the table not of large ones.
    safe = nw.when(x >= SMALL).then(x)
    low = nw.when(x < SMALL).then(x)
    sides = []
    for side, formula in enumerate(byars_formula(safe, z(level), nw.Expr.sqrt)):
        table: Any = low.replace_strict(old, exact[side].tolist(), default=None, return_dtype=NUMBER)
        sides.append(nw.when(x < SMALL).then(table).otherwise(formula))
    return sides[0], sides[1]
