"""Proportions, crude rates and means with their confidence intervals, on any frame.

Every function takes a frame of pandas, Polars (eager or lazy), pyarrow, DuckDB or PySpark and gives the same kind back. Columns are named by keyword. Without `by` the
estimate is written beside each row, rows and order untouched; with `by` the counts of each group are summed first (`by=[]` makes all rows one group) and there is one row a
group, sorted by its key on eager frames. What is written:

- `value`, and `lower` and `upper` where `confidence` is one number. Several levels give a pair of columns each, `lower_95`, `upper_95`, `lower_99_8` ..., so that a row stays
  one row; `confidence=None` gives no limits;
- `confidence`: the one level, where there is one;
- `method`: how the limits were made, missing where there is no value;
- `reason`: why there is no value: `missing` (something it needs is missing) or `no_denominator` (of nobody); missing where there is one.

Missing is never zero: a group with a missing count has no total. Numbers that cannot be (negative, infinite, more than their denominator) raise one
`TableError` that names all of them; on a lazy frame that is one query more, which `check=False` saves.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import narwhals.stable.v2 as nw
from narwhals.stable.v2.typing import IntoFrameT

from jsnakit.errors import InvalidValueError
from jsnakit.methods import _door as door
from jsnakit.methods import _limits as limits
from jsnakit.methods._door import Confidence, Frame, Level
from jsnakit.methods.intervals import SMALL

__all__ = ["mean", "proportion", "rate"]


def _counts(
    frame: Any, count: str, denominator: str, by: Any, made: tuple[Level, ...], rules: list[door.Rule], *, check: bool
) -> tuple[Frame, tuple[str, ...]]:
    """The frame, checked, with its counts as `jsna_x` and `jsna_n`: beside the rows, or summed."""
    entered, groups = door.enter(frame), door.keys(by)
    door.require(entered, numbers=(count, denominator), keys=groups, adds=[n for n in door.written(made) if by is None or n in groups])
    if check:
        door.refuse(entered, [*door.rules_of_keys(*groups), *door.rules_of_numbers(count, denominator), *rules], show=groups)
    sums = {"jsna_x": door.number(count), "jsna_n": door.number(denominator)}
    if by is None:
        return entered.with_columns(**sums), ()
    return door.totals(entered, groups, sums), groups


def _estimate(
    frame: Frame,
    made: tuple[Level, ...],
    value: nw.Expr,
    sides: Sequence[tuple[nw.Expr, nw.Expr]],
    method: nw.Expr,
    names: tuple[str, str],
    groups: Any,
) -> Frame:
    x, n = nw.col("jsna_x"), nw.col("jsna_n")
    known = ~(x.is_null() | n.is_null())
    there = known & door.holds(n > 0)
    columns = door.estimate(made, value, sides, method, [(known, "missing"), (there, "no_denominator")])
    if groups is None:
        return frame.with_columns(*columns).drop("jsna_x", "jsna_n")
    return frame.select(*groups, x.alias(names[0]), n.alias(names[1]), *columns)


def proportion(
    frame: IntoFrameT,
    *,
    count: str = "count",
    denominator: str = "denominator",
    by: Any = None,
    confidence: Confidence = 0.95,
    per: float = 1,
    check: bool = True,
) -> IntoFrameT:
    """The share of a denominator with Wilson's interval.

    p = x / n; limits (2x + z² ∓ z √(z² + 4x(1 - p))) / 2(n + z²) (Wilson 1927; Newcombe 1998), at every count. `per=100` gives per cents. At x = 0 the lower limit is 0 and at x = n the
    upper is 1, exactly; counts need not be whole. Nobody in the denominator is no value (`reason` says `no_denominator`), not an error. Source: APHO Technical Briefing 3 (2008); PHE,
    "Confidence intervals" (2018).

    >>> import polars as pl
    >>> proportion(pl.DataFrame({"count": [65], "denominator": [100]})).select(pl.col("value", "lower", "upper").round(6)).rows()
    [(0.65, 0.552544, 0.736358)]

    Raises:
        TableError: columns are missing, or counts are negative, infinite or above their denominator.
    """
    made, per = door.levels(confidence), door.positive("per", per)
    above = door.Rule("above-denominator", count, door.holds(door.number(count) > door.number(denominator)), f"is above {denominator}")
    opened, groups = _counts(frame, count, denominator, by, made, [above], check=check)
    x, n = nw.col("jsna_x"), nw.when(nw.col("jsna_n") > 0).then(nw.col("jsna_n"))
    sides = [(lower * per, upper * per) for lower, upper in (limits.wilson(x, n, level) for level in made)]
    return door.leave(_estimate(opened, made, x / n * per, sides, door.text("wilson"), (count, denominator), None if by is None else groups), frame)


def rate(
    frame: IntoFrameT,
    *,
    count: str = "count",
    denominator: str = "denominator",
    by: Any = None,
    confidence: Confidence = 0.95,
    per: float = 100_000,
    check: bool = True,
) -> IntoFrameT:
    """A crude rate with exact limits for counts below 10 and Byar's from 10.

    value = x / n × per. Exact (Garwood 1936): χ²(α/2; 2x) / 2 and χ²(1 - α/2; 2x + 2) / 2. Byar's (Breslow and Day 1987): x(1 - 1/9x - z/3√x)³ and
    (x+1)(1 - 1/9(x+1) + z/3√(x+1))³. The change at 10 is PHE's of 2018; APHO's tool of 2014 was exact below 389. A count of 0 has a rate of 0 and an upper limit. Counts may exceed
    the denominator (events, not persons) and need not be whole: those below 10 have chi-square limits with so many degrees of freedom.

    >>> import pandas as pd
    >>> rate(pd.DataFrame({"count": [0, 65], "denominator": [100, 100]}))[["value", "lower", "upper", "method"]].round(2).values.tolist()
    [[0.0, 0.0, 3688.88, 'exact'], [65000.0, 50163.19, 82849.14, 'byars']]

    Raises:
        TableError: columns are missing, counts are negative or infinite, or there are events in a denominator of nobody.
    """
    made, per = door.levels(confidence), door.positive("per", per)
    nobody = door.Rule(
        "events-of-nobody", count, door.holds((door.number(count) > 0) & (door.number(denominator) == 0)), f"is above 0 where {denominator} is 0"
    )
    opened, groups = _counts(frame, count, denominator, by, made, [nobody], check=check)
    x, n = nw.col("jsna_x"), nw.when(nw.col("jsna_n") > 0).then(nw.col("jsna_n"))
    small = limits.small_counts(opened, "jsna_x") if made else ()
    sides = [(lower / n * per, upper / n * per) for lower, upper in (limits.poisson("jsna_x", level, small) for level in made)]
    method = nw.when(x < SMALL).then(door.text("exact")).otherwise(door.text("byars"))
    return door.leave(_estimate(opened, made, x / n * per, sides, method, (count, denominator), None if by is None else groups), frame)


def mean(
    frame: IntoFrameT, *, value: str = "value", by: Any = (), confidence: Confidence = 0.95, missing: str = "keep", check: bool = True
) -> IntoFrameT:
    """The mean of each group's values with Student's t limits.

    mean ∓ t(1 - α/2; n - 1) s / √n with the sample standard deviation s (APHO Technical Briefing 3, 2008). Columns written: the keys, `count`, `sum`, `sd`, then as every estimate. One value has a
    mean and no limits (`method` missing). A missing value makes its group's mean missing, as in PHEindicatormethods; `missing="skip"` leaves such values out, and `count` says how
    many were used.

    >>> import polars as pl
    >>> mean(pl.DataFrame({"value": [1.0, 2.0, 3.0, 4.0]})).select("count", "value", pl.col("lower", "upper").round(6)).rows()
    [(4, 2.5, 0.44574, 4.55426)]

    Raises:
        TableError: columns are missing, or values are infinite.
    """
    made, entered, groups = door.levels(confidence), door.enter(frame), door.keys(by)
    if missing not in {"keep", "skip"}:
        raise InvalidValueError(
            f"missing is {missing!r}", hint="'keep' makes such a group missing, 'skip' leaves the value out", value=missing, allowed=("keep", "skip")
        )
    door.require(entered, numbers=(value,), keys=groups, adds=[n for n in ("count", "sum", "sd", *door.written(made)) if n in groups])
    if check:
        door.refuse(entered, [*door.rules_of_keys(*groups), *door.rules_of_numbers(value, least=None)], show=groups)
    v = door.number(value)
    prepared = entered.select(*groups, v.alias("jsna_v"), v.is_null().cast(door.NUMBER).alias("jsna_gap"))
    if missing == "skip":
        prepared = prepared.with_columns(jsna_gap=nw.lit(0.0))
    col = nw.col("jsna_v")
    parts = [
        col.count().alias("count"),
        col.sum().alias("sum"),
        col.std().alias("sd"),
        col.mean().alias("jsna_mean"),
        nw.col("jsna_gap").sum(),
    ]
    grouped = door.grouped_by(prepared, groups, parts).with_columns(nw.col("count").cast(nw.Int64))
    n = nw.col("count")
    whole = door.holds(nw.col("jsna_gap") == 0) & (n > 0)
    spread = nw.when(whole & (n > 1)).then(nw.col("sd"))
    sizes = sorted({int(size) for (size,) in door.distinct(grouped, "count") if size > 1}) if made else []
    sides = []
    for level in made:
        half = nw.lit(None, dtype=door.NUMBER)
        if sizes:
            t = n.replace_strict(sizes, [limits.t_quantile(size - 1, level.tail) for size in sizes], default=None, return_dtype=door.NUMBER)
            half = t * spread / n.cast(door.NUMBER).sqrt()
        sides.append((nw.col("jsna_mean") - half, nw.col("jsna_mean") + half))
    method = nw.when(n > 1).then(door.text("t")).otherwise(door.text())
    columns = door.estimate(made, nw.col("jsna_mean"), sides, method, [(whole, "missing")])
    return door.leave(grouped.select(*groups, n, nw.when(whole).then(nw.col("sum")).alias("sum"), spread.alias("sd"), *columns), frame)
