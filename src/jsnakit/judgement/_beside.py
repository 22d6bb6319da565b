"""Figures held against other figures: an area beside its benchmark, and a figure beside its own past; with the reason, or refused with it."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from typing import Any, Final

import numpy as np
import pyarrow as pa
from attrs import frozen

from jsnakit.errors import InvalidValueError
from jsnakit.judgement import _words
from jsnakit.judgement._frames import Codes, Columns, Floats, Sentences, distinct
from jsnakit.judgement._rules import RULE_WORDS, ComparisonRule, chosen, hold
from jsnakit.judgement._verdicts import Extent, absences
from jsnakit.model import TOTAL, Indicator, Period, Polarity

__all__ = ["COMPARISON_WORDS", "Comparison", "change", "compare"]


class Comparison(enum.StrEnum):
    """What holding a figure against another came to; always with its reason. `HIGHER` and `LOWER` where neither direction is known to be better.

    >>> COMPARISON_WORDS[Comparison.SIMILAR]
    'similar'
    """

    BETTER = "BETTER"
    SIMILAR = "SIMILAR"
    WORSE = "WORSE"
    HIGHER = "HIGHER"
    LOWER = "LOWER"
    NO_DATA = "NO_DATA"
    NOT_COMPARABLE = "NOT_COMPARABLE"
    BEST = "BEST"
    WORST = "WORST"
    HIGHEST = "HIGHEST"
    LOWEST = "LOWEST"


COMPARISON_WORDS: Final[Mapping[str, str]] = {
    "BETTER": "better",
    "SIMILAR": "similar",
    "WORSE": "worse",
    "HIGHER": "higher",
    "LOWER": "lower",
    "NO_DATA": "no data",
    "NOT_COMPARABLE": "not compared",
    "BEST": "much better",
    "WORST": "much worse",
    "HIGHEST": "much higher",
    "LOWEST": "much lower",
}
"""The word beside the mark of each comparison."""

_BREAKDOWN = ("sex", "age", "category_type", "category")

Indicators = Mapping[str, Indicator] | Iterable[Indicator] | None


def compare(
    frame: Any,
    benchmark: Any,
    *,
    indicators: Indicators = None,
    polarity: Mapping[str, Polarity] | None = None,
    name: str = "the benchmark",
    rule: ComparisonRule = ComparisonRule.INTERVAL_95,
    parents: Mapping[str, str] | None = None,
) -> Any:
    """The same rows with `outcome`, `rule`, `because` and `benchmark_value`: each figure beside the benchmark's of the same indicator, period and breakdown.

    `benchmark` holds the rows of one area (England, the region); with `parents` (area to its benchmark's area) of several, and each figure is held against that of its own.
    The default rule is the one that Fingertips uses nearly everywhere (PHE, technical guide "Confidence intervals", 2018): where the benchmark's value lies within the figure's 95 %
    interval, limits included, the two are `SIMILAR`; `rule` gives the others. `polarity` by indicator id (a group's own) goes before that of `indicators`; without a known direction the
    outcome is `HIGHER` or `LOWER`. A figure without what the rule needs (an interval, a denominator), and the benchmark itself, is `NOT_COMPARABLE`.
    Raises `InvalidValueError` where the benchmark holds two figures for one key, `TableError` where a column is missing.

    >>> import datetime as dt, jsnakit.observations as observations
    >>> same = dict(indicator="x.y", area_scheme="gss", period_start=dt.date(2024, 1, 1), period_duration="P1Y", origin="doc")
    >>> area = observations.build(1, area_type="ltla", area="E06000009", value=[12.0], lower=[11.0], upper=[13.0], **same)
    >>> england = observations.build(1, area_type="country", area="E92000001", value=[10.0], **same)
    >>> compare(area, england, polarity={"x.y": Polarity.LOWER_IS_BETTER}, name="England")["because"].to_pylist()
    ['The whole 95 % interval of the figure lies above the figure of England.']
    """
    rule = chosen(rule)
    columns, other = Columns(frame), Columns(benchmark)
    match = beside(columns, other, name=name, parents=parents)
    found = match >= 0
    known, extent = _words.by_id(indicators), Extent.of(columns)
    value = np.full(columns.n, np.nan)
    value[found] = other.numbers("value")[match[found]]

    outcome, because = Sentences(columns.n), Sentences(columns.n)
    missing = absences(columns, extent, share=False)
    refused = Sentences(columns.n)
    held = hold(rule, columns, other, match, value, known, refused, name)
    refused.put(np.isnan(value), f"There is no figure of {name} for the same period and breakdown.")
    refused.put(itself(columns, other, parents), f"This is the figure of {name} itself.")
    open_rows = (missing.index == 0) & (refused.index == 0)
    above, below = open_rows & held.above, open_rows & held.below
    _said(columns, known, polarity, above, below, outcome)
    _said(columns, known, polarity, above & held.far, below & held.far, outcome, far=True)
    outcome.put(open_rows & ~above & ~below, Comparison.SIMILAR.value)
    because.put(above, held.says_above)
    because.put(below, held.says_below)
    because.put((above | below) & held.far, held.says_far)
    because.put(open_rows & ~above & ~below, held.says_similar)
    refuse(outcome, because, missing, refused)
    words = pa.repeat(pa.scalar(RULE_WORDS[rule], pa.string()), columns.n)
    return columns.added(outcome=outcome.array(), rule=words, because=because.array(), benchmark_value=_number(value))


def beside(columns: Columns, other: Columns, *, name: str, parents: Mapping[str, str] | None) -> Codes:
    """For each row the row of the benchmark it is held against, -1 where there is none."""
    keys, theirs = shared((columns, other), ("indicator", "period_start", "period_duration", *_BREAKDOWN))
    mine, areas = columns.codes("area")
    other_codes, other_areas = other.codes("area")
    places: list[Any] = [None] * len(areas) if parents is None else [parents.get(a) for a in areas]
    whose = [None if parents is None else a for a in other_areas]
    rows = {(int(k), whose[other_codes[j]]): j for j, k in enumerate(theirs)}
    if len(rows) != other.n:
        raise InvalidValueError(
            f"{name} has two figures for one indicator, period and breakdown", hint="give the rows of one area of one type, or `parents` for several"
        )
    return np.array([rows.get((int(k), places[mine[i]]), -1) for i, k in enumerate(keys)], np.int64)


def itself(columns: Columns, other: Columns, parents: Mapping[str, str] | None) -> Any:
    """The rows that are the benchmark's own figures."""
    own = set(other.codes("area")[1]) - {None}
    return columns.each("area", lambda a: a in own and (parents is None or parents.get(a, a) == a))


def change(frame: Any, earlier: Any, *, indicators: Indicators = None, polarity: Mapping[str, Polarity] | None = None) -> Any:
    """The same rows with `outcome`, `rule`, `because`, `earlier_value` and `earlier_period`: each figure beside the last one of its own area before it.

    `earlier` is an observation table; of each area and breakdown the latest row that ends before the figure's period begins is taken. Across a day that `Indicator.breaks` names the
    two are `NOT_COMPARABLE`, with the publisher's reason; so is a figure of an older programme that a break names. Where both have 95 % intervals that lie apart, the outcome is a
    direction; where they overlap, `SIMILAR` (careful: overlapping intervals can still differ). Without intervals it is `HIGHER`, `LOWER` or `SIMILAR` as the numbers stand, which the reason says.

    >>> import datetime as dt, jsnakit.observations as observations
    >>> from jsnakit.model import Break
    >>> same = dict(indicator="x.y", area_scheme="gss", area_type="country", area="E92000001", period_duration="P1Y", origin="doc")
    >>> old = observations.build(1, period_start=dt.date(2018, 1, 1), value=[98.5], **same)
    >>> new = observations.build(1, period_start=dt.date(2019, 1, 1), value=[98.6], **same)
    >>> rebuilt = Indicator("x.y", "Y", "%", breaks=(Break(dt.date(2019, 9, 1), "The questions were rebuilt in 2019."),))
    >>> change(new, old, indicators=[rebuilt]).select(["outcome", "because"]).to_pylist()[0]
    {'outcome': 'NOT_COMPARABLE', 'because': 'The publisher says not to compare the two: The questions were rebuilt in 2019.'}
    """
    columns, other = Columns(frame), Columns(earlier)
    known = _words.by_id(indicators)
    keys, theirs = shared((columns, other), ("area_scheme", "area_type", "area", *_BREAKDOWN))
    match = _latest_before(columns, keys, other, theirs, known)
    found = match >= 0
    value, before, low, high = (np.full(columns.n, np.nan) for _ in range(4))
    value[:] = columns.numbers("value")
    for target, name in ((before, "value"), (low, "lower"), (high, "upper")):
        target[found] = other.numbers(name)[match[found]]
    lower, upper = columns.numbers("lower"), columns.numbers("upper")

    outcome, because, refused = Sentences(columns.n), Sentences(columns.n), Sentences(columns.n)
    missing = absences(columns, Extent.of(columns), share=False)
    refused.put(found & np.isnan(before), "The earlier figure is not published.")
    refused.put(~found, "There is no earlier figure of the same area and breakdown.")
    _broken(columns, other, match, known, refused)
    open_rows = (missing.index == 0) & (refused.index == 0) & ~np.isnan(value)
    refused.put(~open_rows & (missing.index == 0) & (refused.index == 0), _words.NO_FIGURE)
    intervals = open_rows & ~np.isnan(lower) & ~np.isnan(upper) & ~np.isnan(low) & ~np.isnan(high)
    above, below = intervals & (lower > high), intervals & (upper < low)
    _said(columns, known, polarity, above, below, outcome)
    because.put(above, "The 95 % interval lies wholly above that of the earlier figure.")
    because.put(below, "The 95 % interval lies wholly below that of the earlier figure.")
    outcome.put(intervals & ~above & ~below, Comparison.SIMILAR.value)
    because.put(intervals & ~above & ~below, "The 95 % intervals of the two figures overlap, so the difference may be chance.")
    bare = open_rows & ~intervals
    unsure = " No intervals are published, so it cannot be said whether it is more than chance."
    for mask, result, text in (
        (bare & (value > before), Comparison.HIGHER, "The figure is higher than the earlier one." + unsure),
        (bare & (value < before), Comparison.LOWER, "The figure is lower than the earlier one." + unsure),
        (bare & (value == before), Comparison.SIMILAR, "The figure equals the earlier one."),
    ):
        outcome.put(mask, result.value)
        because.put(mask, text)
    refuse(outcome, because, missing, refused)
    periods, labels = other.periods()
    words = [str(labels[periods[j]]) if j >= 0 else None for j in match]
    return columns.added(
        outcome=outcome.array(),
        rule=pa.repeat(pa.scalar(RULE_WORDS[ComparisonRule.INTERVALS_OVERLAP], pa.string()), columns.n),
        because=because.array(),
        earlier_value=_number(before),
        earlier_period=pa.array(words, pa.string()),
    )


def shared(frames: tuple[Columns, ...], names: Iterable[str]) -> tuple[Codes, ...]:
    """The rows of several frames numbered by one key, so that equal numbers are equal keys."""
    parts = []
    for name in names:
        numbers: dict[Any, int] = {}
        default = TOTAL if name in _BREAKDOWN else None
        columns = []
        for frame in frames:
            codes, values = frame.codes(name)
            columns.append(np.array([numbers.setdefault(default if v is None else v, len(numbers)) for v in values], np.int64)[codes])
        parts.append(np.concatenate(columns))
    keys, _ = distinct(*parts)
    return tuple(np.split(keys, np.cumsum([f.n for f in frames])[:-1]))


@frozen
class _Span:
    start: Any
    end: Any
    row: int


def _forerunners(known: Mapping[str, Indicator], name: Any) -> dict[str, str]:
    """The indicators that measured the same before, and those before them, each with the reason of the break that set it apart."""
    found: dict[str, str] = {}
    waiting = [(name, "")]
    while waiting:
        current, reason = waiting.pop()
        for each in known[current].breaks if current in known else ():
            for old in each.before:
                if old not in found and old != name:
                    found[old] = reason or each.reason
                    waiting.append((old, found[old]))
    return found


def _latest_before(columns: Columns, keys: Codes, other: Columns, theirs: Codes, known: Mapping[str, Indicator]) -> Codes:
    """For each row the row of `other` of the same key, and of the same indicator or a forerunner, that ends last before it begins; -1 where there is none."""
    codes, periods = other.periods()
    their_codes, their_names = other.codes("indicator")
    spans: dict[tuple[int, Any], list[_Span]] = {}
    for j, key in enumerate(theirs):
        period = periods[codes[j]]
        spans.setdefault((int(key), their_names[their_codes[j]]), []).append(_Span(period.start, period.end, j))
    mine, own = columns.periods()
    my_codes, my_names = columns.codes("indicator")
    same = [(name, *_forerunners(known, name)) for name in my_names]
    found = np.full(columns.n, -1, np.int64)
    for i, key in enumerate(keys):
        start = own[mine[i]].start
        ended = [s for name in same[my_codes[i]] for s in spans.get((int(key), name), ()) if s.end < start]
        if ended:
            found[i] = max(ended, key=lambda s: (s.end, s.start)).row
    return found


def _broken(columns: Columns, other: Columns, match: Codes, known: Mapping[str, Indicator], refused: Sentences) -> None:
    """Refuse the pairs that lie on two sides of a break of their indicator."""
    mine, ids = columns.codes("indicator")
    theirs, others = other.codes("indicator")
    periods, own = columns.periods()
    earlier, past = other.periods()
    pair = np.where(match >= 0, match, 0)
    old_indicator, old_period = (theirs[pair], earlier[pair]) if other.n else (np.zeros(columns.n, np.int64),) * 2

    def reason(i: int) -> str:
        indicator = known.get(ids[mine[i]])
        return "" if indicator is None else _reason(indicator, own[periods[i]], others[old_indicator[i]], past[old_period[i]], known)

    said = Sentences(columns.n)
    said.put_each(match >= 0, (mine, periods, old_indicator, old_period), reason)
    broken = np.fromiter((bool(t) for t in said.texts), np.bool_)[said.index]
    refused.put_each(broken, (said.index,), lambda i: f"The publisher says not to compare the two: {said.texts[said.index[i]]}")


def _reason(indicator: Indicator, period: Period, old: str, before: Period, known: Mapping[str, Indicator]) -> str:
    if old != indicator.id:
        return _forerunners(known, indicator.id).get(old, "")
    return next((b.reason for b in sorted(indicator.breaks, key=lambda b: b.on, reverse=True) if before.start < b.on <= period.end), "")


def _said(
    columns: Columns,
    known: Mapping[str, Indicator],
    polarity: Mapping[str, Polarity] | None,
    above: Any,
    below: Any,
    outcome: Sentences,
    *,
    far: bool = False,
) -> None:
    """The direction in words: better and worse where a direction is good, else higher and lower; the strong words where it is `far`."""
    words = (Comparison.BETTER, Comparison.WORSE, Comparison.HIGHER, Comparison.LOWER)
    strong = (Comparison.BEST, Comparison.WORST, Comparison.HIGHEST, Comparison.LOWEST)
    better, worse, higher, lower = strong if far else words

    def of(name: Any) -> Polarity:
        given = (polarity or {}).get(name)
        return given if given is not None else known[name].polarity if name in known else Polarity.UNKNOWN

    good = columns.each("indicator", lambda name: of(name) is Polarity.HIGHER_IS_BETTER)
    bad = columns.each("indicator", lambda name: of(name) is Polarity.LOWER_IS_BETTER)
    outcome.put((above & good) | (below & bad), better.value)
    outcome.put((above & bad) | (below & good), worse.value)
    outcome.put(above & ~good & ~bad, higher.value)
    outcome.put(below & ~good & ~bad, lower.value)


def refuse(outcome: Sentences, because: Sentences, missing: Sentences, refused: Sentences) -> None:
    nothing, refusal = missing.index > 0, (missing.index == 0) & (refused.index > 0)
    outcome.put(nothing, Comparison.NO_DATA.value)
    outcome.put(refusal, Comparison.NOT_COMPARABLE.value)
    because.put_each(nothing, (missing.index,), lambda i: missing.texts[missing.index[i]])
    because.put_each(refusal, (refused.index,), lambda i: refused.texts[refused.index[i]])


def _number(values: Floats) -> pa.Array:
    return pa.array(values, pa.float64(), from_pandas=True)
