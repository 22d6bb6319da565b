"""Life expectancy from an abridged life table, with its confidence interval, on any frame."""

from __future__ import annotations

from typing import Any, Final

import narwhals.stable.v2 as nw
from narwhals.stable.v2.typing import IntoFrameT

from jsnakit.methods import _door as door
from jsnakit.methods import _limits as limits
from jsnakit.methods._checks import keys_there, numbers_sound, one_row_a_key, refuse
from jsnakit.methods._columns import Expressions, estimate, opened
from jsnakit.methods._door import Confidence, Frame
from jsnakit.methods.bands import band_start
from jsnakit.methods.standardised import By
from jsnakit.observations import Failure

__all__ = ["life_expectancy"]

LEAST_POPULATION: Final = 5_000
"""A life table of no more people than these is not made (PHE, as in PHEindicatormethods 2.1.0; Toson and Baker 2003)."""

WIDEST: Final = 20
"""An expectancy whose 95 % interval is wider than so many years is not given (PHE)."""


def life_expectancy(
    frame: IntoFrameT, *, count: str = "count", denominator: str = "denominator", age: str = "age", by: By = None, confidence: Confidence = 0.95, check: bool = True
) -> IntoFrameT:  # fmt: skip
    """Years of life expected at the start of each age band: Chiang's abridged table with the variance of Silcocks, Jenner and Reza in the last, open band.

    `count` holds deaths, `denominator` people (or person-years), `age` the band (`0`, `1-4`, `85+`) or its first age. The last band may be 85+, 90+ or any other; every group has the same bands, from age 0.
    With M = deaths / people, width n and a = 0.1 in the first year of life, else 0.5: q = nM / (1 + nM(1 - a)), at most 1; l the survivors of 100,000; L = n(l' + a(l - l')), in the open band l / M; e = ΣL / l.
    Variance q²(1 - q) / deaths, weighted l²((1 - a)n + e')², in the open band (l / 2)² × 4 / (deaths M²) (Chiang 1984; Silcocks et al. 2001; Eayres and Williams 2004).

    The rows come back in order of group and age on eager frames: the keys, `age`, `start` (first age), `count`, `denominator`, `deaths_from_age`, `people_from_age` (sums from that age up), and the columns of every estimate.
    `reason` says why there is none: `missing`, `no_denominator`, `more_deaths_than_people`, `small_population` (no more than 5,000 in all), `no_deaths_in_last_band`, `wide_interval` (over 20 years at 95 %).

    Raises `TableError` for columns that are missing, numbers that cannot be, labels that are no age band, rows that stand twice, and groups that lack a band.

    >>> import polars as pl
    >>> ages = pl.DataFrame({"age": ["0-4", "5-64", "65+"], "count": [4, 110, 260], "denominator": [900, 13_000, 4_000]})
    >>> life_expectancy(ages).select("age", pl.col("value", "lower", "upper").round(1)).row(0)
    ('0-4', 60.7, 57.6, 63.8)
    """
    made, entered, groups = door.levels(confidence), door.enter(frame), door.keys(by)
    written = ("start", "count", "denominator", "deaths_from_age", "people_from_age", *door.written(made))
    door.require(entered, numbers=(count, denominator), keys=(*groups, age), adds=[n for n in written if n in {*groups, age}])
    starts = _starts(entered, age)
    if check:
        opened_rows = opened(entered)
        refuse(opened_rows, [*keys_there(*groups, age), *numbers_sound(count, denominator)], show=(*groups, age))
        one_row_a_key(opened_rows, (*groups, age))
        _whole(entered, groups, age, len(starts))
    made_here = _table(door.with_windows(entered), groups, age, count, denominator, starts, made)
    return door.leave(door.without_windows(made_here, entered), frame)


def _starts(frame: Frame, age: str) -> dict[Any, int]:
    """The first age of every band there is."""
    bands = [band for (band,) in door.distinct(frame, age) if band is not None]
    starts = {band: band_start(band) for band in bands}
    lines = [f"{age} {band!r} is no age band" for band, start in starts.items() if start is None]
    known = sorted(start for start in starts.values() if start is not None)
    if not lines and known[:1] != [0]:
        lines.append(f"the first age of {age} is {known[0] if known else 'missing'}, not 0")
    lines += [f"two bands of {age} begin at {start}" for start in sorted({s for s in known if known.count(s) > 1})]
    door.fail([Failure("unknown-age", age, 1, None, line) for line in lines], lines, "write bands as 0, 1-4, 5-9 ... 85+, the same in every group")
    return {band: start for band, start in starts.items() if start is not None}


def _whole(frame: Frame, groups: tuple[str, ...], age: str, bands: int) -> None:
    """Refuse groups that lack a band: a table with a hole would give years that nobody lived."""
    counted = door.grouped_by(frame, groups, [nw.len().alias("jsna_rows")])
    short = door.collected(counted.filter(nw.col("jsna_rows") != bands).head(5)).rows(named=True)
    lines = [", ".join(f"{k} {row[k]!r}" for k in groups) + f" has {row['jsna_rows']} of {bands} bands of {age}" for row in short]
    door.fail(
        [Failure("missing-band", age, len(short))] if short else [], lines, "give every group the same bands, with a count of 0 where nobody died"
    )


def _table(
    frame: Frame, groups: tuple[str, ...], age: str, count: str, denominator: str, starts: dict[Any, int], made: tuple[door.Level, ...]
) -> Frame:  # fmt: skip
    # Names differ by more than their case: DuckDB and Spark do not tell `l` from `L`.
    keys = groups or ("jsna_all",)
    order: dict[str, Any] = {"order_by": "jsna_age"}
    bands = sorted(starts, key=lambda band: starts[band])
    ages = [float(starts[band]) for band in bands]
    first = nw.col(age).replace_strict(bands, ages, default=None, return_dtype=door.NUMBER)
    rows = frame.select(*groups, age, jsna_age=first, jsna_d=door.number(count), jsna_p=door.number(denominator), jsna_all=nw.lit(1))
    a, d, p = nw.col("jsna_age"), nw.col("jsna_d"), nw.col("jsna_p")
    last = a == ages[-1]
    # In the last band, width and chance of death play no part, so that any number serves.
    widths = [(after - one) for one, after in zip(ages, [*ages[1:], ages[-1] + 1], strict=True)]
    width = a.replace_strict(ages, widths, default=None, return_dtype=door.NUMBER)
    gap = nw.when(d.is_null() | p.is_null()).then(nw.lit(1.0)).otherwise(nw.lit(0.0))
    rows = rows.with_columns(
        jsna_width=width, jsna_part=nw.when(a == 0).then(nw.lit(0.1)).otherwise(nw.lit(0.5)), jsna_gap=gap,
        jsna_empty=nw.when(door.holds(p <= 0)).then(nw.lit(1.0)).otherwise(nw.lit(0.0)),
        jsna_over=nw.when(door.holds(d > p)).then(nw.lit(1.0)).otherwise(nw.lit(0.0)),
        jsna_end=nw.when(door.holds(last & (d == 0))).then(nw.lit(1.0)).otherwise(nw.lit(0.0)),
        jsna_dd=nw.when(~d.is_null()).then(d).otherwise(nw.lit(0.0)), jsna_pp=nw.when(door.holds(p > 0)).then(p).otherwise(nw.lit(1.0)),
    )  # fmt: skip
    rows = rows.with_columns(jsna_m=nw.col("jsna_dd") / nw.col("jsna_pp"))
    m, n, part, dd = nw.col("jsna_m"), nw.col("jsna_width"), nw.col("jsna_part"), nw.col("jsna_dd")
    q = m * n / (1 + m * n * (1 - part))
    rows = rows.with_columns(jsna_q=nw.when(last | (dd > nw.col("jsna_pp") / n / part)).then(nw.lit(1.0)).otherwise(q))
    rows = rows.with_columns(jsna_s=1 - nw.col("jsna_q"))
    rows = rows.with_columns(jsna_before=nw.col("jsna_s").shift(1).over(*keys, **order).fill_null(1.0))
    rows = rows.with_columns(jsna_alive=nw.col("jsna_before").cum_prod().over(*keys, **order) * 100_000)
    rows = rows.with_columns(jsna_next=nw.col("jsna_alive").shift(-1).over(*keys, **order).fill_null(0.0))
    alive, after = nw.col("jsna_alive"), nw.col("jsna_next")
    dying = nw.when(m > 0).then(m)
    rows = rows.with_columns(jsna_lived=nw.when(last).then(alive / dying).otherwise(n * (after + part * (alive - after))))
    rows = rows.with_columns(jsna_lived=nw.col("jsna_lived").fill_null(0.0))
    rows = rows.with_columns(
        *(nw.col(name).cum_sum(reverse=True).over(*keys, **order).alias(to) for name, to in (("jsna_lived", "jsna_ahead"), ("jsna_dd", "jsna_deaths"), ("jsna_pp", "jsna_people")))
    )  # fmt: skip
    rows = rows.with_columns(jsna_value=nw.when(alive > 0).then(nw.col("jsna_ahead") / alive).otherwise(nw.lit(0.0)))
    rows = rows.with_columns(jsna_later=nw.col("jsna_value").shift(-1).over(*keys, **order).fill_null(0.0))
    chance = (
        nw.when((dd > 0) & (nw.col("jsna_q") < 1))
        .then(nw.col("jsna_q") ** 2 * (1 - nw.col("jsna_q")) / nw.when(dd > 0).then(dd))
        .otherwise(nw.lit(0.0))
    )
    open_band = (alive / 2) ** 2 * 4 / (nw.when(dd > 0).then(dd) * dying**2)
    rows = rows.with_columns(
        jsna_weighed=nw.when(last).then(open_band).otherwise(chance * alive**2 * ((1 - part) * n + nw.col("jsna_later")) ** 2).fill_null(0.0)
    )
    rows = rows.with_columns(jsna_var=nw.col("jsna_weighed").cum_sum(reverse=True).over(*keys, **order))
    rows = rows.with_columns(
        *(nw.col(f"jsna_{name}").sum().over(*keys).alias(f"jsna_any_{name}") for name in ("gap", "empty", "over", "end")), jsna_total=nw.col("jsna_pp").sum().over(*keys)
    )  # fmt: skip
    value = nw.col("jsna_value")
    error = nw.when(alive > 0).then((nw.col("jsna_var") / alive**2).sqrt()).otherwise(nw.lit(0.0))
    sides = [(value - limits.z(level) * error, value + limits.z(level) * error) for level in made]
    wide = 2 * limits.z(door.levels(0.95)[0]) * error <= WIDEST
    needs = [
        (nw.col("jsna_any_gap") == 0, "missing"), (nw.col("jsna_any_empty") == 0, "no_denominator"), (nw.col("jsna_any_over") == 0, "more_deaths_than_people"),
        (nw.col("jsna_total") > LEAST_POPULATION, "small_population"), (nw.col("jsna_any_end") == 0, "no_deaths_in_last_band"), (wide, "wide_interval"),
    ]  # fmt: skip
    columns = estimate(Expressions(rows), made, value, sides, door.text("chiang_silcocks"), needs)
    if isinstance(rows, nw.DataFrame):
        rows = rows.sort(*groups, "jsna_age")
    # In a band of nobody a 1 stands for the division: sums over it are no sums.
    whole = (nw.col("jsna_any_gap") == 0) & (nw.col("jsna_any_empty") == 0)
    return rows.select(
        *groups, age, a.cast(nw.Int64).alias("start"), d.alias("count"), p.alias("denominator"),
        nw.when(whole).then(nw.col("jsna_deaths")).alias("deaths_from_age"), nw.when(whole).then(nw.col("jsna_people")).alias("people_from_age"),
        *(column.alias(name) for name, column in columns.items()),
    )  # fmt: skip
