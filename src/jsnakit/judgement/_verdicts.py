"""Observations held against a target: an outcome, the rule and the reason a row, or a refusal with its reason."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
from attrs import frozen

from jsnakit.judgement import _words
from jsnakit.judgement._frames import Bools, Columns, Floats, Sentences, distinct
from jsnakit.judgement._register import Scheme
from jsnakit.judgement._register import target as registered
from jsnakit.judgement._words import Outcome, points, quantity
from jsnakit.model import ENGLAND, TOTAL, Comparator, Indicator, Period, Population, Target
from jsnakit.observations import PRESENT

_TRUST_CODE = re.compile(r"[RT][A-Z0-9]{2}")
_SLACK = 1e-9  # a line that is itself a sum of two published figures is exact to this, not better
_TO_MONTH = ("indicator", "area_scheme", "area_type", "area", "sex", "age", "category_type", "category")

Indicators = Mapping[str, Indicator] | Iterable[Indicator] | None


@frozen(eq=False)
class Extent:
    """What is known of each figure: the value, and the least and the most it can be. NaN in `low` and `high` where nothing is known."""

    value: Floats
    low: Floats
    high: Floats
    interval: Bools
    bounded: Bools

    @classmethod
    def of(cls, columns: Columns, *, limits: bool = True) -> Extent:
        """From value, bounds and (with `limits`) confidence limits. A side that only one of a pair gives is open."""
        value, least, most = columns.numbers("value"), columns.numbers("value_min"), columns.numbers("value_max")
        nothing = np.full(columns.n, np.nan)
        lower, upper = (columns.numbers("lower"), columns.numbers("upper")) if limits else (nothing, nothing)
        interval, bounded = ~(np.isnan(lower) & np.isnan(upper)), ~(np.isnan(least) & np.isnan(most))
        low = np.where(interval, np.where(np.isnan(lower), -np.inf, lower), value)
        high = np.where(interval, np.where(np.isnan(upper), np.inf, upper), value)
        low = np.fmin(low, np.where(bounded, np.where(np.isnan(least), -np.inf, least), value))
        high = np.fmax(high, np.where(bounded, np.where(np.isnan(most), np.inf, most), value))
        # Limits that cross, or do not hold their own value, are an error of the table; every number given then counts, so that no verdict contradicts one of them.
        low = np.fmin.reduce([low, value, upper, most])
        high = np.fmax.reduce([high, value, lower, least])
        return cls(value, low, high, interval, bounded)


def absences(columns: Columns, extent: Extent, *, share: bool) -> Sentences:
    """Why there is nothing to judge, for the rows where there is not: the status in plain words, no figure, or a share of nobody."""
    why = Sentences(columns.n)
    why.put(np.isnan(extent.low) | np.isnan(extent.high), _words.NO_FIGURE)
    if share:
        why.put(columns.numbers("denominator") == 0, _words.NOBODY)
    if "status" in columns.table.column_names:
        codes, values = columns.codes("status")
        for i, status in enumerate(values):
            if status not in PRESENT:
                why.put(codes == i, _words.STATUS_REASONS.get(status, _words.NO_FIGURE))
    return why


def caveats(columns: Columns, mask: Bools, indicators: Mapping[str, Indicator]) -> Sentences:
    """What must be said beside a verdict: low reliability, a repeated or estimated figure, a part held against a whole."""
    said = Sentences(columns.n)
    flag_codes, flags = columns.codes("flags")
    status_codes, statuses = columns.codes("status")

    def of(i: int) -> str:
        words = [_words.STATUS_CAVEATS.get(statuses[status_codes[i]], "")]
        words += [_words.FLAG_CAVEATS.get(flag, "") for flag in str(flags[flag_codes[i]] or "").split()]
        return " ".join(w for w in words if w)

    said.put_each(mask, (flag_codes, status_codes), of)
    said.index[np.fromiter((not t for t in said.texts), np.bool_)[said.index]] = 0
    of_all = {k for k, i in indicators.items() if i.headline.category_type != TOTAL}
    part = mask & columns.each("category_type", lambda c: c not in (None, TOTAL)) & columns.each("indicator", lambda c: c not in of_all)
    whole = Sentences(columns.n)
    whole.put(part, "The target is set for all together, and this row is one part of them.")
    both = said.index > 0
    said.followed_by(whole, part & both)
    said.put(part & ~both, whole.texts[-1])
    return said


def judge(
    frame: Any,
    target: Target | str,
    *,
    indicators: Indicators = None,
    scheme: Scheme | str | None = None,
    history: Any = None,
) -> Any:
    """The same rows, of the same kind of frame, with `outcome`, `rule`, `because` and `target`: each figure held against the target, or refused.

    `frame` is an observation table in pandas, Polars, pyarrow or any eager frame narwhals reads; row order and index are kept. `target` is a `Target` or the id of one
    in the register. `indicators` (metadata) lets the unit be checked. `history` holds earlier rows, for targets that ask for an improvement; `scheme` adds the columns
    `rag` and `rag_rule`. `outcome` is one of `Outcome`: values are compared unrounded; `UNCERTAIN` means that the interval, or the bounds the figure must lie in, straddle the line.
    A period outside the target's force, an area it does not bind, another indicator or unit is `NOT_COMPARABLE`; a figure that is not there is `NO_DATA`.
    Raises `UnknownTargetError`, `TableError` (a column is missing), `InvalidValueError` (not an eager frame).

    >>> import datetime as dt, jsnakit.observations as observations
    >>> row = observations.build(
    ...     1,
    ...     indicator="rtt.incomplete_within_18_weeks",
    ...     area_scheme="gss",
    ...     area_type="country",
    ...     area="E92000001",
    ...     period_start=dt.date(2026, 2, 28),
    ...     period_duration="P0D",
    ...     value=[62.54],
    ...     origin="doc",
    ... )
    >>> judge(row, "nhs-constitution.rtt-18-weeks").select(["outcome", "rule", "because"]).to_pylist()[0]
    {'outcome': 'NOT_MET', 'rule': 'at least 92%', 'because': 'The figure falls short of 92%.'}
    """
    chosen = registered(target) if isinstance(target, str) else target
    columns = Columns(frame)
    outcome, because = verdicts(columns, chosen, _words.by_id(indicators), history)
    n = columns.n
    added = {
        "outcome": outcome.array(),
        "rule": pa.repeat(pa.scalar(_words.line_words(chosen), pa.string()), n),
        "because": because.array(),
        "target": pa.repeat(pa.scalar(chosen.id, pa.string()), n),
    }
    if scheme is not None:
        from jsnakit.judgement._bands import bands_of

        rag, rule, _ = bands_of(columns, scheme, _words.by_id(indicators), targets={chosen.id: chosen}, history=history)
        added |= {"rag": rag.array(), "rag_rule": rule.array()}
    return columns.added(**added)


def verdicts(columns: Columns, target: Target, indicators: Mapping[str, Indicator], history: Any = None) -> tuple[Sentences, Sentences]:
    """The outcome of each row and its reason."""
    n = columns.n
    outcome, because = Sentences(n), Sentences(n)
    refused = refusals(columns, target, indicators)
    extent = Extent.of(columns)
    missing = absences(columns, extent, share=_words.same_unit(target.unit, "%"))
    open_rows = (refused.index == 0) & (missing.index == 0)
    line, baseline = _line(columns, target, open_rows, history, refused)
    open_rows &= refused.index == 0

    met, not_met = _held(extent, target, line)
    cases = ((Outcome.MET, open_rows & met), (Outcome.NOT_MET, open_rows & not_met), (Outcome.UNCERTAIN, open_rows & ~met & ~not_met))
    how = np.where(np.isnan(extent.value), 1, 0) + np.where(extent.interval, 2, 0)
    lines = np.zeros(n, np.int64) if baseline is None else np.unique(baseline, return_inverse=True)[1].astype(np.int64)
    for result, mask in cases:
        outcome.put(mask, result.value)
        because.put_each(
            mask,
            (how, lines),
            lambda i, r=result: _reason(target, r, float(line[i]), None if baseline is None else float(baseline[i]), int(how[i])),  # type: ignore[misc]  # the default binds r
        )
    because.followed_by(caveats(columns, open_rows, indicators), open_rows)
    if not target.verified:
        warning = Sentences(n)
        warning.put(open_rows, _words.UNVERIFIED)
        because.followed_by(warning, open_rows)
    for result, texts, mask in (
        (Outcome.NO_DATA, missing, (missing.index > 0) & (refused.index == 0)),
        (Outcome.NOT_COMPARABLE, refused, refused.index > 0),
    ):
        outcome.put(mask, result.value)
        because.put_each(mask, (texts.index,), lambda i, t=texts: t.texts[t.index[i]])  # type: ignore[misc]  # the default binds t
    return outcome, because


# -- what may not be compared ----------------------------------------------------------------------------------------------------------


def refusals(columns: Columns, target: Target, indicators: Mapping[str, Indicator]) -> Sentences:
    """Why the target says nothing of a row: another measure or unit, an area it does not bind, a period it was not in force in. The first that holds."""
    why = Sentences(columns.n)
    period_codes, periods = columns.periods()
    in_force = np.fromiter((target.in_force(p) for p in periods), np.bool_, len(periods))
    outside = ~in_force[period_codes] if columns.n else np.zeros(0, np.bool_)
    why.put_each(outside, (period_codes,), lambda i: _not_in_force(target, periods[period_codes[i]]))
    bound = _bound(columns, target.population)
    types, type_names = columns.codes("area_type")
    why.put_each(~bound, (types,), lambda i: _not_bound(target, type_names[types[i]]))
    names, ids = columns.codes("indicator")
    other_unit = columns.each("indicator", lambda k: k in indicators and not _words.same_unit(indicators[k].unit, target.unit))
    why.put_each(
        other_unit,
        (names,),
        lambda i: (
            f"The figure counts {_unit_words(indicators[ids[names[i]]].unit)} and the target {_unit_words(target.unit)}, so the two cannot be held against each other."
        ),
    )
    why.put_each(columns.each("indicator", lambda k: k not in target.indicators), (names,), lambda i: _not_measured(target, ids[names[i]]))
    return why


def _unit_words(unit: str) -> str:
    return "per cent" if _words.same_unit(unit, "%") else unit or "something without a unit"


def _not_measured(target: Target, indicator: str | None) -> str:
    if not target.indicators:
        return "No indicator here measures what this target is set for."
    return f"The target is set for {' and '.join(target.indicators)}, not for {indicator}."


def _not_in_force(target: Target, period: Period) -> str:
    of = _words.period_words(period)
    if target.only_month is not None:
        return f"The target is for {_words.month_words(target.only_month)} alone, and this figure is for {of}."
    start, end = target.valid_from, target.valid_to
    if start is not None and period.start < start:
        part = "; this figure is for" if period.end < start else ", after the beginning of"
        return f"The target came into force in {_words.month_words(start)}{part} {of}."
    assert end is not None  # a period that is not in force and does not begin too early ends too late
    part = "; this figure is for" if period.start > end else ", before the end of"
    return f"The target ended in {_words.month_words(end)}{part} {of}."


def _bound(columns: Columns, population: Population) -> Bools:
    """Whether each row's area is one the target binds."""
    if population is Population.ALL:
        return np.ones(columns.n, np.bool_)
    if population is Population.ENGLAND:
        return columns.each("area_type", lambda t: t == ENGLAND.type) & columns.each("area", lambda a: a == ENGLAND.code)
    # Sources that list every provider name no type: an NHS trust is known by its code of three letters or digits, the first R or T.
    provider = columns.each("area_type", lambda t: t == "provider") & columns.each("area", lambda a: a is not None and bool(_TRUST_CODE.fullmatch(a)))
    return columns.each("area_type", lambda t: t == "trust") | provider


def _not_bound(target: Target, area_type: str | None) -> str:
    kind = _words.area_type_words(area_type)
    article = "an" if kind[:1] in "aeiouN" else "a"  # an NHS trust
    if target.population is Population.ENGLAND:
        return f"The target is for England as a whole, and this figure is for {article} {kind}."
    other = " that is not an NHS trust" if area_type == "provider" else ""
    return f"The target is for each NHS trust, and this figure is for {article} {kind}{other}."


# -- the line and the comparison -------------------------------------------------------------------------------------------------------


def _line(columns: Columns, target: Target, open_rows: Bools, history: Any, refused: Sentences) -> tuple[Floats, Floats | None]:
    """The line each row is held against and, where it is counted from an earlier figure, that figure. Rows without one are refused."""
    fixed = np.full(columns.n, float(target.threshold if target.threshold is not None else np.nan))
    if target.comparator not in (Comparator.IMPROVE_BY, Comparator.GREATER_OF):
        return fixed, None
    if target.baseline is None:
        refused.put(open_rows, "The target asks for an improvement, and the month to count it from is not recorded.")
        return fixed, np.zeros(columns.n)
    baseline = _baselines(columns, history, target.baseline)
    refused.put(
        open_rows & np.isnan(baseline),
        f"The target asks for an improvement since {_words.month_words(target.baseline)}, and there is no single figure of that month to count from.",
    )
    gain = target.threshold if target.comparator is Comparator.IMPROVE_BY else target.improvement
    raised = baseline + float(gain or 0.0)
    # The slack takes up the rounding of that one addition, so that a gain of exactly so many points meets the line.
    line = raised - _SLACK if target.comparator is Comparator.IMPROVE_BY else np.where(raised > fixed, raised - _SLACK, fixed)
    return line, baseline


def _baselines(columns: Columns, history: Any, month: Any) -> Floats:
    """The figure of the baseline month for each row's indicator, area and breakdown; NaN where there is none, or two that differ."""
    frames = [columns] if history is None else [columns, Columns(history)]
    keys = []
    for name in _TO_MONTH:
        numbers: dict[Any, int] = {}
        parts = []
        for each in frames:
            codes, values = each.codes(name)
            default = TOTAL if name in ("sex", "age", "category_type", "category") else None
            shared = np.array([numbers.setdefault(default if v is None else v, len(numbers)) for v in values], np.int64)
            parts.append(shared[codes])
        keys.append(np.concatenate(parts))
    groups, first = distinct(*keys)
    value = np.concatenate([each.numbers("value") for each in frames])
    present = np.concatenate([each.each("status", lambda s: s in (None, *PRESENT)) for each in frames])
    at = np.concatenate([each.months() for each in frames]) == month.year * 12 + month.month - 1
    rows = np.flatnonzero(at & present & ~np.isnan(value))
    low, high = np.full(len(first), np.inf), np.full(len(first), -np.inf)
    np.minimum.at(low, groups[rows], value[rows])
    np.maximum.at(high, groups[rows], value[rows])
    found: Floats = np.where(low == high, low, np.nan)[groups[: columns.n]]
    return found


def _held(extent: Extent, target: Target, line: Floats) -> tuple[Bools, Bools]:
    """Whether the whole of what is known lies on the right side of the line, and whether it lies on the wrong one."""
    if target.comparator is Comparator.AT_MOST:
        return extent.high <= line, extent.low > line
    if target.comparator is Comparator.LESS_THAN:
        return extent.high < line, extent.low >= line
    return extent.low >= line, extent.high < line


def _reason(target: Target, result: Outcome, line: float, baseline: float | None, how: int) -> str:
    """The reason in words; `how` is 1 where only bounds are known, plus 2 where there is an interval."""
    at = quantity(round(line, 6), target.unit)
    if baseline is not None and target.baseline is not None:
        gain = target.threshold if target.comparator is Comparator.IMPROVE_BY else target.improvement
        if target.comparator is Comparator.IMPROVE_BY or line > float(target.threshold or 0.0):
            at += f", {points(float(gain or 0.0), target.unit)} more than the {quantity(round(baseline, 6), target.unit)} of {_words.month_words(target.baseline)}"
    if result is Outcome.UNCERTAIN:
        known = "The margin of uncertainty of the figure reaches" if how & 2 else "The bounds that the figure is known to lie in reach"
        return f"{known} to both sides of {at}, so it cannot be said whether the target is met."
    upward = target.comparator not in (Comparator.AT_MOST, Comparator.LESS_THAN)
    if upward:
        said = f"reaches {at}" if result is Outcome.MET else f"falls short of {at}"
    elif target.comparator is Comparator.AT_MOST:
        said = f"is not above {at}" if result is Outcome.MET else f"is above {at}"
    else:
        said = f"is below {at}" if result is Outcome.MET else f"is not below {at}"
    if how & 1:
        return f"The exact figure is not published, but the bounds it lies in show that it {said}."
    return f"The figure {said}{', and so does its whole margin of uncertainty' if how & 2 and upward else ', its whole margin of uncertainty included' if how & 2 else ''}."
