"""Rates standardised for age, directly and indirectly, with their confidence intervals, on any frame.

Rows are one a group and age band; there is one row a group in the answer, with the columns of every estimate (see `jsnakit.methods.estimates`). What the two need besides is joined
by key, never by position: a standard population by age band, a reference by its key columns.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pyarrow as pa
from narwhals.stable.v2.typing import IntoFrameT

from jsnakit.errors import InvalidValueError
from jsnakit.methods import _door as door
from jsnakit.methods import _limits as limits
from jsnakit.methods._door import Confidence, Frame, Level, Rule
from jsnakit.methods.bands import european_standard_population
from jsnakit.methods.intervals import SMALL
from jsnakit.observations import Failure

__all__ = ["directly_standardised_rate", "indirectly_standardised_rate", "indirectly_standardised_ratio", "years_of_life_lost"]

By = str | Iterable[str] | None


def directly_standardised_rate(
    frame: IntoFrameT, *, count: str = "count", denominator: str = "denominator", age: str = "age", by: By = None,
    standard: Mapping[Any, float] | None = None, weight: str | None = None, frequency: str | None = None, confidence: Confidence = 0.95,
    per: float = 100_000, check: bool = True,
) -> IntoFrameT:  # fmt: skip
    """A directly standardised rate with Dobson's interval, and none from fewer than 10 events.

    DSR = Σ(w x / n) / Σw, variance Σ(x (w / n)²) / (Σw)², limits DSR + √(variance / O) (O_limit - O) with the exact or Byar's limits of all events O = Σx (Dobson, Kuulasmaa, Eberle and
    Scherer 1991). Below 10 events there is no rate, `reason` is `too_few_events` (PHE 2018; Morris et al. 2018).

    Weights are the European Standard Population 2013 by the band in `age`, or `standard` (weights by band), or the column `weight`. A row of a group and band with no events has a count of 0; a
    missing count makes its group missing (PHEindicatormethods counts it as 0). Where one person may have several events, `frequency` names a column of events a person, `count` holds persons, one
    row a group, band and frequency: variance is then Σ f² variance_f (PHE 2018).

    Columns written: the keys, `count` (events), `denominator`, and those of every estimate. Raises `TableError` for columns that are missing, numbers that cannot be, rows that stand twice, bands
    that only some groups have, and denominators that differ within a band; `InvalidValueError` for bands without a weight.

    >>> import polars as pl
    >>> bands = pl.DataFrame({"age": ["0-4", "5-9"], "count": [12, 4], "denominator": [636, 558]})
    >>> directly_standardised_rate(bands).select(pl.col("count", "value", "lower", "upper").round(2)).rows()
    [(16.0, 1273.96, 724.8, 2073.18)]
    """
    return _standardised(
        frame, count, denominator, age, by, standard, weight, frequency, None, confidence, per, check=check, method="dobson"
    )  # fmt: skip


def years_of_life_lost(
    frame: IntoFrameT, *, life_expectancy: str, count: str = "count", denominator: str = "denominator", age: str = "age", by: By = None,
    standard: Mapping[Any, float] | None = None, weight: str | None = None, confidence: Confidence = 0.95, per: float = 10_000, check: bool = True,
) -> IntoFrameT:  # fmt: skip
    """A directly standardised rate of years of life lost: each death counts for the years in the column `life_expectancy`, with Dobson's interval.

    Σ(w e x / n) / Σw, variance Σ(x (w e / n)²) / (Σw)², else as `directly_standardised_rate` (NHS Digital, Compendium of Population Health Indicators, "Years of life lost").

    >>> import polars as pl
    >>> bands = pl.DataFrame({"age": ["60-64", "65-69"], "count": [12, 14], "denominator": [636, 558], "left": [20.0, 16.0]})
    >>> years_of_life_lost(bands, life_expectancy="left").select(pl.col("value", "lower", "upper").round(1)).rows()
    [(3888.7, 2534.2, 5705.4)]
    """
    return _standardised(
        frame, count, denominator, age, by, standard, weight, None, life_expectancy, confidence, per, check=check, method="dobson"
    )  # fmt: skip


def _standardised(
    frame: IntoFrameT, count: str, denominator: str, age: str, by: By, standard: Mapping[Any, float] | None, weight: str | None, frequency: str | None,
    each: str | None, confidence: Confidence, per: float, *, check: bool, method: str,
) -> IntoFrameT:  # fmt: skip
    made, per, groups = door.levels(confidence), door.positive("per", per), door.keys(by)
    entered = door.enter(frame)
    extra = [name for name in (frequency, each, weight) if name is not None]
    door.require(
        entered,
        numbers=(count, denominator, *extra),
        keys=(*groups, age),
        adds=[n for n in ("count", "denominator", *door.written(made)) if n in groups],
    )
    if check:
        rules = [*door.rules_of_keys(*groups, age), *door.rules_of_numbers(count, denominator, *extra)]
        rules.append(
            Rule(
                "events-of-nobody",
                count,
                door.holds((door.number(count) > 0) & (door.number(denominator) == 0)),
                f"is above 0 where {denominator} is 0",
            )
        )
        door.refuse(entered, rules, show=(*groups, age))
        one_row_a_key(entered, (*groups, age, *([frequency] if frequency else [])))
    w = _weights(entered, age, standard, weight)
    x, n = door.number(count), door.number(denominator)
    f = door.number(frequency) if frequency else nw.lit(1.0)
    e = door.number(each) if each else nw.lit(1.0)
    people = nw.when(n > 0).then(n)
    opened: Any = entered
    rows: Frame = opened.with_columns(jsna_w=w)
    rows = rows.with_columns(jsna_x=f * x, jsna_wn=nw.col("jsna_w") / people * e, jsna_people=people, jsna_f=f)
    rows = rows.with_columns(jsna_rate=nw.col("jsna_wn") * nw.col("jsna_x"), jsna_var=nw.col("jsna_wn") ** 2 * nw.col("jsna_x") * nw.col("jsna_f"))
    if frequency:
        # Each band stands once a frequency: its people and its weight are counted once.
        rows = rows.with_columns(jsna_one=nw.lit(1.0), jsna_all=nw.lit(1.0))
        rows = rows.with_columns(jsna_one=1 / nw.col("jsna_one").sum().over(*(groups or ("jsna_all",)), age))
        rows = rows.with_columns(jsna_people=nw.col("jsna_people") * nw.col("jsna_one"), jsna_w=nw.col("jsna_w") * nw.col("jsna_one"))
    sums = {
        "jsna_x": nw.col("jsna_x"), "jsna_n": nw.col("jsna_people"), "jsna_rate": nw.col("jsna_rate"), "jsna_var": nw.col("jsna_var"),
        "jsna_w": nw.col("jsna_w"), "jsna_bands": nw.lit(1.0) if not frequency else nw.col("jsna_one"),
    }  # fmt: skip
    # A band of nobody has no rate, and a person's share of a sum over bands cannot be left out: the group is missing.
    summed = door.totals(rows, groups, sums)
    if check:
        _even(summed, groups, age)
    events, total = nw.col("jsna_x"), nw.col("jsna_w")
    value, enough = nw.col("jsna_rate") / total * per, door.holds(events >= SMALL)
    spread = (nw.col("jsna_var") / total**2 / nw.when(enough).then(events)).sqrt() * per
    small = limits.small_counts(summed, "jsna_x") if made else ()
    sides = [tuple(value + spread * (side - events) for side in limits.poisson("jsna_x", level, small)) for level in made]
    known = ~(events.is_null() | nw.col("jsna_rate").is_null())
    columns = door.estimate(made, value, [(a, b) for a, b in sides], door.text(method), [(known, "missing"), (enough, "too_few_events")])
    return door.leave(summed.select(*groups, events.alias("count"), nw.col("jsna_n").alias("denominator"), *columns), frame)


def _weights(frame: Frame, age: str, standard: Mapping[Any, float] | None, weight: str | None) -> nw.Expr | nw.Series[Any]:
    if weight is not None:
        if standard is not None:
            raise InvalidValueError("both weight and standard are given", hint="give the column of weights or the weights by band", value=weight)
        return door.number(weight)
    if isinstance(frame, nw.DataFrame):
        # In memory a band is looked up once, and its weight taken to the rows by its code.
        column = frame[age].to_arrow().dictionary_encode()
        column = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
        given = _of_bands([band for band in column.dictionary.to_pylist() if band is not None], standard)
        weights = np.array([np.nan if band is None else given[band] for band in column.dictionary.to_pylist()] + [np.nan])
        rows = weights[np.asarray(column.indices.fill_null(len(weights) - 1), np.int64)]
        return nw.new_series("jsna_w", rows, door.NUMBER, backend=frame.implementation)
    bands = sorted({band for (band,) in door.distinct(frame, age) if band is not None}, key=str)
    found = _of_bands(bands, standard)
    if not bands:
        return nw.lit(None, dtype=door.NUMBER)
    return nw.col(age).replace_strict(bands, list(found.values()), default=None, return_dtype=door.NUMBER)


def _of_bands(bands: list[Any], standard: Mapping[Any, float] | None) -> dict[Any, float]:
    """The weight of each band."""
    if standard is None:
        return {band: float(weight) for band, weight in european_standard_population(bands).items()}
    unknown = [band for band in bands if band not in standard]
    if unknown:
        raise InvalidValueError(
            f"the standard has no age bands {', '.join(map(repr, unknown[:10]))}", hint=f"its bands are {', '.join(map(str, standard))}",
            value=tuple(unknown), allowed=tuple(standard),
        )  # fmt: skip
    return {band: float(standard[band]) for band in bands}


def one_row_a_key(frame: Frame, keys: Sequence[str]) -> None:
    """Refuse rows that stand twice under one key: they would be counted twice."""
    if isinstance(frame, nw.DataFrame):
        made = door.codes(frame, keys)
        if not len(made) or np.bincount(made).max() == 1:
            return
    twice = frame.group_by(*keys).agg(nw.len().alias("jsna_rows")).filter(nw.col("jsna_rows") > 1)
    rows = door.collected(twice.head(5)).rows(named=True)
    if rows:
        lines = [", ".join(f"{k} {row[k]!r}" for k in keys) + f" stands {row['jsna_rows']} times" for row in rows]
        failures = [Failure("duplicate-key", ", ".join(keys), int(row["jsna_rows"])) for row in rows]
        door.fail(failures, lines, "name the columns that make a group in `by`, or sum the rows first")


def _even(summed: Frame, groups: Sequence[str], age: str) -> None:
    """Refuse groups that have not the same number of bands: a band without a row is not a band without events."""
    ends = door.collected(summed.select(nw.col("jsna_bands").min().alias("low"), nw.col("jsna_bands").max().alias("high"))).row(0)
    if ends[0] is None or round(ends[0]) == round(ends[1]):
        return
    short = door.collected(summed.filter(nw.col("jsna_bands") < ends[1] - 0.5).select(*groups, "jsna_bands").head(5)).rows(named=True)
    lines = [", ".join(f"{k} {row[k]!r}" for k in groups) + f" has {round(row['jsna_bands'])} of {round(ends[1])} bands of {age}" for row in short]
    door.fail(
        [Failure("missing-band", age, len(short))],
        lines,
        "give a row with a count of 0 and its denominator for a band without events; check=False lets it pass",
    )


Reference = Any


def indirectly_standardised_ratio(
    frame: IntoFrameT, *, reference: Reference, on: str | Sequence[str] = "age", count: str = "count", denominator: str = "denominator",
    reference_count: str = "count", reference_denominator: str = "denominator", by: By = None, observed: Any = None, confidence: Confidence = 0.95, per: float = 100,
    check: bool = True,
) -> IntoFrameT:  # fmt: skip
    """An indirectly standardised ratio (SMR, SAR): events observed over those expected at the reference's rates, with exact or Byar's limits.

    E = Σ(x_ref / n_ref × n), value = O / E × per, limits those of the count O (exact below 10, Byar's from 10) over E (Breslow and Day 1987; APHO Technical Briefing 3, 2008). `reference` is a
    frame with one row a key, joined by the columns `on`, whatever the order of its rows. `observed` gives the events of each group apart (a frame of the keys `by` and `count`), where they are not
    known by band.

    Columns written: the keys, `observed`, `expected`, and those of every estimate. Raises `TableError` for rows without a reference, a reference that stands twice, numbers that cannot be.

    >>> import polars as pl
    >>> area = pl.DataFrame({"age": ["0-64", "65+"], "count": [5, 60], "denominator": [4000, 1000]})
    >>> england = pl.DataFrame({"age": ["65+", "0-64"], "count": [4000, 1000], "denominator": [100_000, 900_000]})
    >>> indirectly_standardised_ratio(area, reference=england).select(pl.col("observed", "expected", "value", "lower", "upper").round(2)).rows()
    [(65.0, 44.44, 146.25, 112.87, 186.41)]
    """
    made = door.levels(confidence)
    summed, groups = _expected(frame, reference, on, count, denominator, reference_count, reference_denominator, by, observed, made, check=check)
    return door.leave(_indirect(summed, groups, made, nw.lit(door.positive("per", per)), []), frame)


def indirectly_standardised_rate(
    frame: IntoFrameT, *, reference: Reference, on: str | Sequence[str] = "age", count: str = "count", denominator: str = "denominator",
    reference_count: str = "count", reference_denominator: str = "denominator", by: By = None, observed: Any = None, confidence: Confidence = 0.95,
    per: float = 100_000, check: bool = True,
) -> IntoFrameT:  # fmt: skip
    """An indirectly standardised rate: the standardised ratio times the crude rate of the whole reference, in the column `reference_rate`; else as the ratio.

    >>> import polars as pl
    >>> area = pl.DataFrame({"age": ["0-64", "65+"], "count": [5, 60], "denominator": [4000, 1000]})
    >>> england = pl.DataFrame({"age": ["65+", "0-64"], "count": [4000, 1000], "denominator": [100_000, 900_000]})
    >>> indirectly_standardised_rate(area, reference=england).select(pl.col("reference_rate", "value", "lower", "upper").round(2)).rows()
    [(500.0, 731.25, 564.34, 932.05)]
    """
    made, per = door.levels(confidence), door.positive("per", per)
    summed, groups = _expected(frame, reference, on, count, denominator, reference_count, reference_denominator, by, observed, made, check=check)
    ref = door.enter(reference)
    x, n = door.collected(ref.select(door.number(reference_count).sum().alias("x"), door.number(reference_denominator).sum().alias("n"))).row(0)
    crude = nw.lit(float(x) / float(n) * per)
    return door.leave(_indirect(summed, groups, made, crude, [crude.alias("reference_rate")]), frame)


def _expected(
    frame: Any, reference: Any, on: str | Sequence[str], count: str, denominator: str, reference_count: str, reference_denominator: str, by: By, observed: Any,
    made: tuple[Level, ...], *, check: bool,
) -> tuple[Frame, tuple[str, ...]]:  # fmt: skip
    entered, groups, keys = door.enter(frame), door.keys(by), door.keys(on)
    counted = () if observed is not None else (count,)
    written = [n for n in ("observed", "expected", "reference_rate", *door.written(made)) if n in groups]
    door.require(entered, numbers=(*counted, denominator), keys=(*groups, *keys), adds=written)
    ref = door.enter(reference)
    door.require(ref, numbers=(reference_count, reference_denominator), keys=keys)
    if check:
        door.refuse(entered, [*door.rules_of_keys(*groups, *keys), *door.rules_of_numbers(*counted, denominator)], show=(*groups, *keys))
        nobody = Rule(
            "no-denominator", reference_denominator, door.holds(door.number(reference_denominator) == 0), "is 0, so that the reference has no rate"
        )
        door.refuse(ref, [*door.rules_of_keys(*keys), *door.rules_of_numbers(reference_count, reference_denominator), nobody], show=keys)
        one_row_a_key(ref, keys)
    rates = ref.select(*keys, jsna_ref=door.number(reference_count) / door.number(reference_denominator), jsna_there=nw.lit(1.0))
    joined = door.beside(entered, rates, keys, "jsna_ref", "jsna_there")
    if check:
        door.refuse(joined, [Rule("no-reference", keys[0], nw.col("jsna_there").is_null(), "is a key that the reference does not have")], show=keys)
    sums = {"jsna_e": nw.col("jsna_ref") * door.number(denominator)}
    if observed is None:
        sums["jsna_x"] = door.number(count)
    summed = door.totals(joined, groups, sums)
    if observed is not None:
        given = door.enter(observed)
        door.require(given, numbers=(count,), keys=groups)
        if check:
            door.refuse(given, [*door.rules_of_keys(*groups), *door.rules_of_numbers(count)], show=groups)
        totals = given.select(*groups, jsna_x=door.number(count))
        if groups and check:
            one_row_a_key(given, groups)
        summed = door.beside(summed, totals, groups, "jsna_x")
        if isinstance(summed, nw.DataFrame) and groups:
            summed = summed.sort(*groups)
    return summed, groups


def _indirect(summed: Frame, groups: tuple[str, ...], made: tuple[Level, ...], scale: nw.Expr, extra: list[nw.Expr]) -> Frame:
    o, e = nw.col("jsna_x"), nw.col("jsna_e")
    some = nw.when(e > 0).then(e)
    small = limits.small_counts(summed, "jsna_x") if made else ()
    sides = [(low / some * scale, high / some * scale) for low, high in (limits.poisson("jsna_x", level, small) for level in made)]
    method = nw.when(o < SMALL).then(door.text("exact")).otherwise(door.text("byars"))
    needs = [(~(o.is_null() | e.is_null()), "missing"), (door.holds(e > 0), "none_expected")]
    return summed.select(*groups, o.alias("observed"), e.alias("expected"), *extra, *door.estimate(made, o / some * scale, sides, method, needs))
