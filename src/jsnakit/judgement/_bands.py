"""Observations coloured by a RAG scheme: the band each figure lies in, the edges that say so, and the reason where there is no colour."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import attrs
import numpy as np

from jsnakit.judgement import _words
from jsnakit.judgement._frames import Bools, Columns, Floats, Sentences
from jsnakit.judgement._register import Band, Scheme, lookup_target
from jsnakit.judgement._register import scheme as registered
from jsnakit.judgement._register import targets as register
from jsnakit.judgement._verdicts import Extent, Indicators, absences, verdicts
from jsnakit.judgement._words import TOO_FEW, Outcome
from jsnakit.model import Indicator, Target

VERDICT_COLOURS: Final[Mapping[str, str]] = {
    "MET": "green",
    "UNCERTAIN": "amber",
    "NOT_MET": "red",
    "NO_DATA": "NO_DATA",
    "NOT_COMPARABLE": "NOT_COMPARABLE",
}
"""What a scheme on a target makes of each outcome."""


def band(
    frame: Any,
    scheme: Scheme | str,
    *,
    indicators: Indicators = None,
    min_denominator: int | None = None,
    targets: Mapping[str, Target] | None = None,
) -> Any:
    """The same rows, of the same kind of frame, with `rag`, `rule` and `because` by a RAG scheme.

    `rag` is the name of a band (`green`, `amber`, `red`), or why there is none: `NO_DATA` (no figure, or a denominator of 0), `TOO_FEW` (fewer than `min_denominator`, which
    overrides the scheme's own), `UNCERTAIN` (only bounds are known, and they reach into two bands) or `NOT_COMPARABLE` (another indicator or unit, or a value off the scale).
    Bands go by the value, unrounded, not by its confidence interval; a scheme on a target is coloured by `judge`, interval and all. `targets` adds targets of your own.
    Raises `UnknownTargetError`, `TableError`, `InvalidValueError` as `judge` does.

    >>> import datetime as dt, jsnakit.observations as observations
    >>> row = observations.build(
    ...     1,
    ...     indicator="rtt.incomplete_within_18_weeks",
    ...     area_scheme="ods",
    ...     area_type="trust",
    ...     area="RXL",
    ...     period_start=dt.date(2026, 2, 28),
    ...     period_duration="P0D",
    ...     value=[95.0],
    ...     denominator=[200.0],
    ...     origin="doc",
    ... )
    >>> band(row, "tactix4").select(["rag", "rule"]).to_pylist()[0]
    {'rag': 'amber', 'rule': 'at least 95% and below 100%'}
    """
    columns = Columns(frame)
    rag, rule, because = bands_of(columns, scheme, _words.by_id(indicators), min_denominator=min_denominator, targets=targets)
    return columns.added(rag=rag.array(), rule=rule.array(), because=because.array())


def bands_of(
    columns: Columns,
    scheme: Scheme | str,
    indicators: Mapping[str, Indicator],
    *,
    min_denominator: int | None = None,
    targets: Mapping[str, Target] | None = None,
    history: Any = None,
) -> tuple[Sentences, Sentences, Sentences]:
    """The band of each row, its rule, and its reason."""
    chosen = registered(scheme) if isinstance(scheme, str) else scheme
    if min_denominator is not None:
        reason = chosen.min_denominator_reason if min_denominator == chosen.min_denominator else "fewer than that were chosen not to be judged"
        chosen = attrs.evolve(chosen, min_denominator=min_denominator, min_denominator_reason=reason)
    if chosen.target is not None:
        rag, rule, because = _by_verdict(columns, lookup_target(chosen.target, {**register(), **(targets or {})}), indicators, history)
    else:
        rag, rule, because = _by_value(columns, chosen, indicators)
    few = columns.numbers("denominator") < chosen.min_denominator
    few &= _coloured(rag)
    rag.put(few, TOO_FEW)
    rule.put(few, f"not judged under {chosen.min_denominator}")
    because.put(few, f"Fewer than {chosen.min_denominator} were counted: {chosen.min_denominator_reason}.")
    return rag, rule, because


def _coloured(rag: Sentences) -> Bools:
    blank = {o.value for o in Outcome}
    result: Bools = np.fromiter((bool(t) and t not in blank for t in rag.texts), np.bool_)[rag.index]
    return result


def _by_verdict(columns: Columns, target: Target, indicators: Mapping[str, Indicator], history: Any) -> tuple[Sentences, Sentences, Sentences]:
    outcome, because = verdicts(columns, target, indicators, history)
    outcome.texts = [VERDICT_COLOURS.get(t, t) for t in outcome.texts]
    rule = Sentences(columns.n)
    rule.put(np.ones(columns.n, np.bool_), _words.line_words(target))
    return outcome, rule, because


def _by_value(columns: Columns, scheme: Scheme, indicators: Mapping[str, Indicator]) -> tuple[Sentences, Sentences, Sentences]:
    rag, rule, because = (Sentences(columns.n) for _ in range(3))
    refused = Sentences(columns.n)
    names, ids = columns.codes("indicator")
    unit = columns.each("indicator", lambda k: k in indicators and bool(scheme.unit) and not _words.same_unit(indicators[k].unit, scheme.unit))
    refused.put_each(unit, (names,), lambda i: f"The scheme is made for {scheme.unit}, and this figure counts {indicators[ids[names[i]]].unit}.")
    if scheme.indicators:
        other = columns.each("indicator", lambda k: k not in scheme.indicators)
        refused.put_each(other, (names,), lambda i: f"The scheme is made for {' and '.join(scheme.indicators)}, not for {ids[names[i]]}.")
    # Bounds count and confidence limits do not: a band says where the figure lies, not how sure it is.
    extent = Extent.of(columns, limits=False)
    missing = absences(columns, extent, share=_words.same_unit(scheme.unit, "%"))
    missing.put(columns.numbers("denominator") == 0, _words.NOBODY)
    left = (refused.index == 0) & (missing.index == 0)
    for each in scheme.bands:
        inside = left & _inside(extent.low, each) & _inside(extent.high, each)
        rag.put(inside, each.rag)
        rule.put(inside, each.rule(scheme.unit))
        because.put(inside, f"{each.word[:1].upper()}{each.word[1:]}.")
        left &= ~inside
    off = left & (_off(extent.low, scheme) | _off(extent.high, scheme)) & ~np.isnan(extent.value)
    refused.put(off, f"The figure lies outside the scale of this scheme ({scheme.name}).")
    left &= ~off
    for code, texts, mask in (
        (Outcome.UNCERTAIN, None, left),
        (Outcome.NO_DATA, missing, (missing.index > 0) & (refused.index == 0)),
        (Outcome.NOT_COMPARABLE, refused, refused.index > 0),
    ):
        rag.put(mask, code.value)
        rule.put(mask, scheme.name)
        if texts is None:
            because.put(mask, "The figure is known only within bounds that reach into more than one band.")
        else:
            because.put_each(mask, (texts.index,), lambda i, t=texts: t.texts[t.index[i]])  # type: ignore[misc]  # the default binds t
    return rag, rule, because


def _inside(values: Floats, edges: Band) -> Bools:
    (low, holds_low), (high, holds_high) = edges.lower, edges.upper
    above = values >= low if holds_low or low == -np.inf else values > low
    below = values <= high if holds_high or high == np.inf else values < high
    return above & below


def _off(values: Floats, scheme: Scheme) -> Bools:
    low = -np.inf if scheme.lowest is None else scheme.lowest
    high = np.inf if scheme.highest is None else scheme.highest
    return (values < low) | (values > high)
