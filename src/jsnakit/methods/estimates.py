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

import functools
from collections.abc import Sequence
from typing import Any

from narwhals.stable.v2.typing import IntoFrameT

from jsnakit.errors import InvalidValueError
from jsnakit.methods import _door as door
from jsnakit.methods import _limits as limits
from jsnakit.methods._checks import Rule, above, events_of_nobody, keys_there, numbers_sound, refuse
from jsnakit.methods._columns import Columns, estimate, opened, quiet
from jsnakit.methods._door import Confidence, Frame, Level
from jsnakit.methods.intervals import SMALL

__all__ = ["mean", "proportion", "rate"]


def _counts(
    frame: Any, count: str, denominator: str, by: Any, made: tuple[Level, ...], rules: list[Rule], *, check: bool
) -> tuple[Columns, tuple[str, ...] | None]:  # fmt: skip
    """The columns, checked, with the counts as `jsna_x` and `jsna_n`, and the denominators above 0 as `jsna_some`: beside the rows (no groups), or summed."""
    entered, groups = door.enter(frame), door.keys(by)
    door.require(entered, numbers=(count, denominator), keys=groups, adds=[n for n in door.written(made) if by is None or n in groups])
    rows = opened(entered)
    if check:
        refuse(rows, [*keys_there(*groups), *numbers_sound(count, denominator), *rules], show=groups)
    counts = {"jsna_x": rows.number(count), "jsna_n": rows.number(denominator)}
    rows = rows.add(**counts) if by is None else rows.totals(groups, **counts)
    return rows.add(jsna_some=rows.where(rows["jsna_n"] > 0, rows["jsna_n"])), None if by is None else groups


def _estimate(
    rows: Columns, made: tuple[Level, ...], value: Any, sides: Sequence[tuple[Any, Any]], method: Any, names: tuple[str, str], groups: tuple[str, ...] | None
) -> Frame:  # fmt: skip
    x, n = rows["jsna_x"], rows["jsna_n"]
    known = ~(rows.absent(x) | rows.absent(n))
    columns = estimate(rows, made, value, sides, method, [(known, "missing"), (~rows.absent(rows["jsna_some"]), "no_denominator")])
    return rows.beside(columns) if groups is None else rows.only(groups, {names[0]: x, names[1]: n, **columns})


@quiet
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
    rows, groups = _counts(frame, count, denominator, by, made, [above(count, denominator)], check=check)
    x, n = rows["jsna_x"], rows["jsna_some"]
    sides = [(lower * per, upper * per) for lower, upper in (rows.wilson(x, n, level) for level in made)]
    return door.leave(_estimate(rows, made, x / n * per, sides, rows.word("wilson"), (count, denominator), groups), frame)


@quiet
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
    rows, groups = _counts(frame, count, denominator, by, made, [events_of_nobody(count, denominator)], check=check)
    x, n = rows["jsna_x"], rows["jsna_some"]
    sides = [(lower / n * per, upper / n * per) for lower, upper in (rows.poisson("jsna_x", level) for level in made)]
    method = rows.where(x < SMALL, rows.word("exact"), rows.word("byars"))
    return door.leave(_estimate(rows, made, x / n * per, sides, method, (count, denominator), groups), frame)


@quiet
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
    rows = opened(entered)
    if check:
        refuse(rows, [*keys_there(*groups), *numbers_sound(value, least=None)], show=groups)
    summed = rows.add(jsna_v=rows.number(value)).moments(groups, "jsna_v")
    n = summed["count"]
    whole = (n > 0) if missing == "skip" else (n > 0) & (summed["jsna_missing"] == 0)
    spread = summed.where(whole & (n > 1), summed["sd"])
    sides = []
    for level in made:
        half = summed.mapped("count", functools.partial(_t, level)) * spread / summed.root(summed.floats(n))
        sides.append((summed["jsna_mean"] - half, summed["jsna_mean"] + half))
    method = summed.where(n > 1, summed.word("t"), summed.word(None))
    columns = estimate(summed, made, summed["jsna_mean"], sides, method, [(whole, "missing")])
    return door.leave(summed.only(groups, {"count": n, "sum": summed.where(whole, summed["sum"]), "sd": spread, **columns}), frame)


def _t(level: Level, size: float) -> float:
    """The quantile of Student's t for the mean of so many values, of one NaN."""
    return limits.t_quantile(int(size) - 1, level.tail) if size > 1 else float("nan")
