"""Two rates or two proportions against each other: their ratio and their difference, with intervals, beside each row of any frame."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import narwhals.stable.v2 as nw
from narwhals.stable.v2.typing import IntoFrameT

from jsnakit.methods import _door as door
from jsnakit.methods import _limits as limits
from jsnakit.methods._checks import above, events_of_nobody, numbers_sound, refuse
from jsnakit.methods._columns import Expressions, estimate, opened
from jsnakit.methods._door import Confidence, Frame, Level

__all__ = ["proportion_difference", "proportion_ratio", "rate_difference", "rate_ratio"]

Opened = tuple[Frame, tuple[Level, ...]]


def rate_ratio(
    frame: IntoFrameT, *, count: str = "count", denominator: str = "denominator", other_count: str = "other_count", other_denominator: str = "other_denominator",
    confidence: Confidence = 0.95,
) -> IntoFrameT:  # fmt: skip
    """The ratio of two rates, exp(ln RR ∓ z √(1 / x + 1 / y)) (Rothman, Greenland and Lash 2008).

    Columns written beside the rows: those of every estimate. Without events on either side there is no interval on this scale, and no ratio: `reason` is `no_events`.
    Raises `TableError` for columns that are missing and numbers that cannot be; the other three alike.

    >>> import polars as pl
    >>> rates = pl.DataFrame({"count": [60], "denominator": [1000], "other_count": [40], "other_denominator": [1000]})
    >>> rate_ratio(rates).select(pl.col("value", "lower", "upper").round(3)).rows()
    [(1.5, 1.005, 2.238)]
    """
    rows, made = _opened(frame, count, denominator, other_count, other_denominator, confidence, shares=False)
    x, n, y, m = _columns()
    error = (1 / _some(x) + 1 / _some(y)).sqrt()
    return _ratio(rows, made, (x / _some(n)) / (_some(y) / _some(m)), error, "log_normal", frame)


def proportion_ratio(
    frame: IntoFrameT, *, count: str = "count", denominator: str = "denominator", other_count: str = "other_count", other_denominator: str = "other_denominator",
    confidence: Confidence = 0.95,
) -> IntoFrameT:  # fmt: skip
    """The ratio of two proportions (relative risk), exp(ln RR ∓ z √(1 / x - 1 / n + 1 / y - 1 / m)) (Katz, Baptista, Azen and Pike 1978); else as `rate_ratio`.

    >>> import polars as pl
    >>> shares = pl.DataFrame({"count": [60], "denominator": [100], "other_count": [40], "other_denominator": [100]})
    >>> proportion_ratio(shares).select(pl.col("value", "lower", "upper").round(3)).rows()
    [(1.5, 1.124, 2.002)]
    """
    rows, made = _opened(frame, count, denominator, other_count, other_denominator, confidence, shares=True)
    x, n, y, m = _columns()
    error = (1 / _some(x) - 1 / _some(n) + 1 / _some(y) - 1 / _some(m)).sqrt()
    return _ratio(rows, made, (x / _some(n)) / (_some(y) / _some(m)), error, "log_normal", frame)


def rate_difference(
    frame: IntoFrameT, *, count: str = "count", denominator: str = "denominator", other_count: str = "other_count", other_denominator: str = "other_denominator",
    confidence: Confidence = 0.95, per: float = 100_000,
) -> IntoFrameT:  # fmt: skip
    """The difference of two rates, its interval from the exact or Byar's limits of each (Zou and Donner 2008): right at counts of 0 too.

    d - √((a - l)² + (U - b)²) and d + √((u - a)² + (b - L)²), where a in (l, u) and b in (L, U) are the rates.

    >>> import polars as pl
    >>> rates = pl.DataFrame({"count": [60], "denominator": [1000], "other_count": [40], "other_denominator": [1000]})
    >>> rate_difference(rates, per=1000).select(pl.col("value", "lower", "upper").round(2)).rows()
    [(20.0, -0.29, 40.68)]
    """
    rows, made = _opened(frame, count, denominator, other_count, other_denominator, confidence, shares=False)
    _, n, _, m = _columns()
    small = sorted({*limits.small_counts(rows, "jsna_x"), *limits.small_counts(rows, "jsna_y")}) if made else ()
    sides = [
        tuple(tuple(limit / _some(people) for limit in limits.poisson(name, level, small)) for name, people in (("jsna_x", n), ("jsna_y", m)))
        for level in made
    ]
    return _difference(rows, made, sides, door.positive("per", per), "zou_donner", frame)


def proportion_difference(
    frame: IntoFrameT, *, count: str = "count", denominator: str = "denominator", other_count: str = "other_count", other_denominator: str = "other_denominator",
    confidence: Confidence = 0.95, per: float = 1,
) -> IntoFrameT:  # fmt: skip
    """The difference of two proportions, its interval from the Wilson limits of each (Newcombe 1998, method 10).

    >>> import polars as pl
    >>> shares = pl.DataFrame({"count": [56], "denominator": [70], "other_count": [48], "other_denominator": [80]})
    >>> proportion_difference(shares).select(pl.col("value", "lower", "upper").round(4)).rows()
    [(0.2, 0.0524, 0.3339)]
    """
    rows, made = _opened(frame, count, denominator, other_count, other_denominator, confidence, shares=True)
    x, n, y, m = _columns()
    sides = [(limits.wilson(x, _some(n), level), limits.wilson(y, _some(m), level)) for level in made]
    return _difference(rows, made, sides, door.positive("per", per), "newcombe", frame)


def _columns() -> tuple[nw.Expr, nw.Expr, nw.Expr, nw.Expr]:
    return nw.col("jsna_x"), nw.col("jsna_n"), nw.col("jsna_y"), nw.col("jsna_m")


def _some(value: nw.Expr) -> nw.Expr:
    return nw.when(value > 0).then(value)


def _opened(
    frame: IntoFrameT, count: str, denominator: str, other_count: str, other_denominator: str, confidence: Confidence, *, shares: bool
) -> Opened:  # fmt: skip
    made, entered = door.levels(confidence), door.enter(frame)
    names = (count, denominator, other_count, other_denominator)
    door.require(entered, numbers=names, adds=door.written(made))
    rule = above if shares else events_of_nobody
    refuse(opened(entered), [*numbers_sound(*names), rule(count, denominator), rule(other_count, other_denominator)])
    keys = ("jsna_x", "jsna_n", "jsna_y", "jsna_m")
    return entered.with_columns(*(door.number(name).alias(key) for key, name in zip(keys, names, strict=True))), made


def _needs() -> list[tuple[nw.Expr, str]]:
    x, n, y, m = _columns()
    return [(~(x.is_null() | n.is_null() | y.is_null() | m.is_null()), "missing"), (door.holds((n > 0) & (m > 0)), "no_denominator")]


def _ratio(rows: Frame, made: tuple[Level, ...], value: nw.Expr, error: nw.Expr, method: str, like: IntoFrameT) -> IntoFrameT:
    x, _, y, _ = _columns()
    sides = [(value * (-limits.z(level) * error).exp(), value * (limits.z(level) * error).exp()) for level in made]
    needs = [*_needs(), (door.holds((x > 0) & (y > 0)), "no_events")]
    return _written(rows, estimate(Expressions(rows), made, value, sides, door.text(method), needs), like)


def _difference(
    rows: Frame, made: tuple[Level, ...], sides: Sequence[tuple[tuple[nw.Expr, ...], ...]], per: float, method: str, like: IntoFrameT
) -> IntoFrameT:
    x, n, y, m = _columns()
    a, b = x / _some(n), y / _some(m)
    value = a - b
    pairs = [
        ((value - ((a - low) ** 2 + (up - b) ** 2).sqrt()) * per, (value + ((high - a) ** 2 + (b - down) ** 2).sqrt()) * per)
        for (low, high), (down, up) in sides
    ]
    return _written(rows, estimate(Expressions(rows), made, value * per, pairs, door.text(method), _needs()), like)


def _written(rows: Frame, columns: Mapping[str, nw.Expr], like: IntoFrameT) -> IntoFrameT:
    return door.leave(rows.with_columns(*(column.alias(name) for name, column in columns.items())).drop("jsna_x", "jsna_n", "jsna_y", "jsna_m"), like)
