"""Limits of counts and proportions as plain arrays, and the formulas that expressions on frames share with them.

Whoever has a frame wants `proportion` and `rate`; these are for whoever has numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from statistics import NormalDist
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["SMALL", "normal_quantile", "poisson_interval", "wilson_interval"]

Floats: TypeAlias = NDArray[np.float64]

SMALL: Final = 10
"""Below this count limits are exact, from it on they are Byar's; and no rate is directly standardised (PHE 2018)."""


def normal_quantile(confidence: float) -> float:
    """The normal quantile of a two-sided level.

    >>> round(normal_quantile(0.95), 6)
    1.959964
    """
    return NormalDist().inv_cdf(0.5 + confidence / 2)


def wilson_formula(x: Any, n: Any, q: float, root: Callable[[Any], Any]) -> tuple[Any, Any]:
    """Wilson's limits of x / n, in numbers of any kind; the lower one without the difference of two near numbers, so that it is exactly 0 at x = 0."""
    centre, spread = 2 * x + q * q, q * root(q * q + 4 * x * (1 - x / n))
    return 2 * x * x / (n * (centre + spread)), (centre + spread) / (2 * (n + q * q))


def byars_formula(x: Any, q: float, root: Callable[[Any], Any]) -> tuple[Any, Any]:
    """Byar's approximation to the Poisson limits of a count, in numbers of any kind (Breslow and Day 1987)."""
    up = x + 1
    return x * (1 - 1 / (9 * x) - q / (3 * root(x))) ** 3, up * (1 - 1 / (9 * up) + q / (3 * root(up))) ** 3


def wilson_interval(count: ArrayLike, denominator: ArrayLike, confidence: float = 0.95) -> tuple[Floats, Floats]:
    """Wilson's limits of proportions (1927), as shares; NaN where a number is missing or nobody is in the denominator.

    >>> [round(float(side), 4) for side in wilson_interval(65.0, 100.0)]
    [0.5525, 0.7364]
    """
    x, n = np.asarray(count, np.float64), np.asarray(denominator, np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        lower, upper = wilson_formula(x, n, normal_quantile(confidence), np.sqrt)
    return lower, np.where(x == n, np.where(np.isnan(upper), np.nan, 1.0), upper)


def poisson_interval(count: ArrayLike, confidence: float = 0.95, *, exact_below: float = SMALL) -> tuple[Floats, Floats]:
    """Limits of counts: exact (Garwood 1936) below `exact_below`, from there on Byar's (Breslow and Day 1987); NaN where a count is missing or negative.

    Exact limits are half the chi-square quantiles with 2x and 2x + 2 degrees of freedom; counts need not be whole. `exact_below=math.inf` makes all of them exact, 0 none.

    >>> [[round(float(value), 3) for value in side] for side in poisson_interval([0, 5, 65])]
    [[0.0, 1.623, 50.163], [3.689, 11.668, 82.849]]
    """
    from scipy.special import gammainccinv, gammaincinv

    x, tail = np.asarray(count, np.float64), (1 - confidence) / 2
    small, large = (x >= 0) & (x < exact_below), (x >= 0) & (x >= exact_below)
    lower, upper = np.full(x.shape, np.nan), np.full(x.shape, np.nan)
    # The gamma distribution has no shape 0: a count of 0 has the lower limit 0.
    lower[small] = np.where(x[small] > 0, gammaincinv(np.where(x[small] > 0, x[small], 1.0), tail), 0.0)
    upper[small] = gammainccinv(x[small] + 1, tail)
    with np.errstate(divide="ignore", invalid="ignore"):
        lower[large], upper[large] = byars_formula(x[large], normal_quantile(confidence), np.sqrt)
    lower[large & (x == 0)] = 0.0
    return lower, upper
