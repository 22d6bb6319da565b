"""Rates standardised for age, directly and indirectly, with their confidence intervals, on any frame.

Rows are one a group and age band; there is one row a group in the answer, with the columns of every estimate (see `jsnakit.methods.estimates`). What the two need besides is joined
by key, never by position: a standard population by age band, a reference by its key columns.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import narwhals.stable.v2 as nw
from narwhals.stable.v2.typing import IntoFrameT

from jsnakit.errors import InvalidValueError
from jsnakit.methods import _door as door
from jsnakit.methods._checks import Rule, events_of_nobody, keys_there, numbers_sound, one_row_a_key, refuse
from jsnakit.methods._columns import Columns, estimate, opened, quiet
from jsnakit.methods._door import Confidence, Frame, Level
from jsnakit.methods.bands import european_standard_population
from jsnakit.methods.intervals import SMALL
from jsnakit.observations import Failure

__all__ = ["directly_standardised_rate", "indirectly_standardised_rate", "indirectly_standardised_ratio", "years_of_life_lost"]

By = str | Iterable[str] | None


@quiet
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


@quiet
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
    rows = opened(entered)
    if check:
        rules = [*keys_there(*groups, age), *numbers_sound(count, denominator, *extra), events_of_nobody(count, denominator)]
        refuse(rows, rules, show=(*groups, age))
        one_row_a_key(rows, (*groups, age, *([frequency] if frequency else [])))
    if weight is not None and standard is not None:
        raise InvalidValueError("both weight and standard are given", hint="give the column of weights or the weights by band", value=weight)
    x, n = rows.number(count), rows.number(denominator)
    people = rows.where(n > 0, n)
    rows = rows.add(jsna_w=rows.number(weight) if weight is not None else rows.looked_up(age, functools.partial(_of_bands, standard)))
    w, f = rows["jsna_w"], rows.number(frequency) if frequency else rows.constant(1.0)
    # A person's share of events, and the weight a person has.
    each_weighs = w / people * rows.number(each) if each else w / people
    events = f * x if frequency else x
    rows = rows.add(jsna_x=events, jsna_rate=each_weighs * events, jsna_var=each_weighs * each_weighs * (events * f if frequency else events))
    share = rows.constant(1.0)
    if frequency:
        # Each band stands once a frequency: its people and its weight are counted once.
        rows = rows.times((*groups, age))
        share = 1 / rows["jsna_times"]
    # A band of nobody has no rate, and a person's share of a sum over bands cannot be left out: the group is missing.
    summed = rows.totals(
        groups, jsna_x=rows["jsna_x"], jsna_n=people * share if frequency else people, jsna_rate=rows["jsna_rate"], jsna_var=rows["jsna_var"],
        jsna_w=rows["jsna_w"] * share if frequency else rows["jsna_w"], jsna_bands=share,
    )  # fmt: skip
    if check:
        _even(summed, groups, age)
    events, total = summed["jsna_x"], summed["jsna_w"]
    value, enough = summed["jsna_rate"] / total * per, summed.holds(events >= SMALL)
    spread = summed.root(summed["jsna_var"] / (total * total) / summed.where(enough, events)) * per
    sides = [(value + spread * (low - events), value + spread * (high - events)) for low, high in (summed.poisson("jsna_x", level) for level in made)]
    known = ~(summed.absent(events) | summed.absent(summed["jsna_rate"]))
    columns = estimate(summed, made, value, sides, summed.word(method), [(known, "missing"), (enough, "too_few_events")])
    return door.leave(summed.only(groups, {"count": events, "denominator": summed["jsna_n"], **columns}), frame)


def _of_bands(standard: Mapping[Any, float] | None, bands: list[Any]) -> dict[Any, float]:
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


def _even(summed: Columns, groups: Sequence[str], age: str) -> None:
    """Refuse groups that have not the same number of bands: a band without a row is not a band without events."""
    ends = summed.ends("jsna_bands")
    if ends is None or round(ends[0]) == round(ends[1]):
        return
    short = summed.examples(summed["jsna_bands"] < ends[1] - 0.5, [*groups, "jsna_bands"], 5)
    lines = [", ".join(f"{k} {row[k]!r}" for k in groups) + f" has {round(row['jsna_bands'])} of {round(ends[1])} bands of {age}" for row in short]
    door.fail(
        [Failure("missing-band", age, len(short))],
        lines,
        "give a row with a count of 0 and its denominator for a band without events; check=False lets it pass",
    )


Reference = Any


@quiet
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
    return door.leave(_indirect(summed, groups, made, door.positive("per", per), {}), frame)


@quiet
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
    crude = float(x) / float(n) * per
    return door.leave(_indirect(summed, groups, made, crude, {"reference_rate": summed.constant(crude)}), frame)


def _expected(
    frame: Any, reference: Any, on: str | Sequence[str], count: str, denominator: str, reference_count: str, reference_denominator: str, by: By, observed: Any,
    made: tuple[Level, ...], *, check: bool,
) -> tuple[Columns, tuple[str, ...]]:  # fmt: skip
    entered, groups, keys = door.enter(frame), door.keys(by), door.keys(on)
    counted = () if observed is not None else (count,)
    written = [n for n in ("observed", "expected", "reference_rate", *door.written(made)) if n in groups]
    door.require(entered, numbers=(*counted, denominator), keys=(*groups, *keys), adds=written)
    ref = door.enter(reference)
    door.require(ref, numbers=(reference_count, reference_denominator), keys=keys)
    rows, held = opened(entered), opened(ref)
    if check:
        refuse(rows, [*keys_there(*groups, *keys), *numbers_sound(*counted, denominator)], show=(*groups, *keys))
        nobody = Rule(
            "no-denominator",
            reference_denominator,
            lambda r: r.holds(r.number(reference_denominator) == 0),
            "is 0, so that the reference has no rate",
        )
        refuse(held, [*keys_there(*keys), *numbers_sound(reference_count, reference_denominator), nobody], show=keys)
        one_row_a_key(held, keys)
    rates = ref.select(*keys, jsna_ref=door.number(reference_count) / door.number(reference_denominator), jsna_there=nw.lit(1.0))
    rows = rows.joined(rates, keys, ("jsna_ref", "jsna_there"))
    if check:
        refuse(rows, [Rule("no-reference", keys[0], lambda r: r.absent(r["jsna_there"]), "is a key that the reference does not have")], show=keys)
    sums = {"jsna_e": rows["jsna_ref"] * rows.number(denominator)}
    if observed is None:
        sums["jsna_x"] = rows.number(count)
    summed = rows.totals(groups, **sums)
    if observed is not None:
        given = door.enter(observed)
        door.require(given, numbers=(count,), keys=groups)
        events = opened(given)
        if check:
            refuse(events, [*keys_there(*groups), *numbers_sound(count)], show=groups)
            if groups:
                one_row_a_key(events, groups)
        summed = summed.joined(given.select(*groups, jsna_x=door.number(count)), groups, ("jsna_x",))
    return summed, groups


def _indirect(summed: Columns, groups: tuple[str, ...], made: tuple[Level, ...], scale: float, extra: dict[str, Any]) -> Frame:
    o, e = summed["jsna_x"], summed["jsna_e"]
    some = summed.where(e > 0, e)
    sides = [(low / some * scale, high / some * scale) for low, high in (summed.poisson("jsna_x", level) for level in made)]
    method = summed.where(o < SMALL, summed.word("exact"), summed.word("byars"))
    needs = [(~(summed.absent(o) | summed.absent(e)), "missing"), (summed.holds(e > 0), "none_expected")]
    columns = estimate(summed, made, o / some * scale, sides, method, needs)
    return summed.only(groups, {"observed": o, "expected": e, **extra, **columns})
