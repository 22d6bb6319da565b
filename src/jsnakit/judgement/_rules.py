"""The rules by which Fingertips holds a figure against its benchmark: intervals of one or two levels, and control limits around the benchmark (fingertips-open, 2020)."""

from __future__ import annotations

import enum
import math
import re
from collections.abc import Mapping
from typing import Final

import numpy as np
from attrs import frozen

from jsnakit.errors import InvalidValueError
from jsnakit.judgement._frames import Bools, Codes, Columns, Floats, Sentences
from jsnakit.methods.intervals import poisson_interval, wilson_interval
from jsnakit.model import Indicator

__all__ = ["RULE_WORDS", "ComparisonRule"]


class ComparisonRule(enum.StrEnum):
    """How a figure is held against its benchmark. 99.8 % limits are read from `lower_99_8` and `upper_99_8`, or the published ones, and never guessed from the 95 % limits.

    >>> RULE_WORDS[ComparisonRule.INTERVALS_OVERLAP]
    'the two 95 % intervals apart from each other'
    """

    INTERVAL_95 = "interval_95"
    INTERVAL_998 = "interval_998"
    INTERVAL_95_AND_998 = "interval_95_and_998"
    INTERVALS_OVERLAP = "intervals_overlap"
    SPC_PROPORTION_95 = "spc_proportion_95"
    SPC_PROPORTION_998 = "spc_proportion_998"
    SPC_RATE_95 = "spc_rate_95"
    SPC_RATE_998 = "spc_rate_998"


RULE_WORDS: Final[Mapping[str, str]] = {
    "interval_95": "the benchmark's value against the figure's 95 % interval",
    "interval_998": "the benchmark's value against the figure's 99.8 % interval",
    "interval_95_and_998": "the benchmark's value against the figure's 95 % and 99.8 % intervals",
    "intervals_overlap": "the two 95 % intervals apart from each other",
    "spc_proportion_95": "the figure against 95 % control limits around the benchmark's share",
    "spc_proportion_998": "the figure against 99.8 % control limits around the benchmark's share",
    "spc_rate_95": "the figure against 95 % control limits around the number expected at the benchmark's rate",
    "spc_rate_998": "the figure against 99.8 % control limits around the number expected at the benchmark's rate",
}
"""Each rule in words, as the column `rule` has it."""

_NO_INTERVAL = "No interval is published with this figure, so it cannot be said whether it differs by more than chance."
_NO_998 = "No 99.8 % interval is published with this figure, and it cannot be worked out from the 95 % interval."
_PER = re.compile(r"per (\d[\d,]*)\b")


@frozen(eq=False)
class Held:
    """Which figures lie above and below their benchmark, which of them `far`, and the reasons."""

    above: Bools
    below: Bools
    far: Bools
    says_above: str
    says_below: str
    says_similar: str
    says_far: str = ""


def chosen(rule: ComparisonRule | str) -> ComparisonRule:
    """The rule of this name; `InvalidValueError` where there is none."""
    try:
        return ComparisonRule(rule)
    except ValueError:
        names = tuple(r.value for r in ComparisonRule)
        raise InvalidValueError(f"{rule!r} is not a rule of comparison", hint=f"use one of {', '.join(names)}", value=rule, allowed=names) from None


def hold(
    rule: ComparisonRule, columns: Columns, other: Columns, match: Codes, value: Floats, known: Mapping[str, Indicator], refused: Sentences, name: str
) -> Held:
    """Hold the figures against `value`, the benchmark's, and put into `refused` why the rule cannot be used where it cannot."""
    if rule.value.startswith("spc"):
        return _control(rule, columns, value, known, refused, name)
    lower, upper = columns.numbers("lower"), columns.numbers("upper")
    nobody = np.zeros(columns.n, np.bool_)
    if rule in (ComparisonRule.INTERVAL_998, ComparisonRule.INTERVAL_95_AND_998):
        low, high = _limits_998(columns)
        refused.put(np.isnan(low) | np.isnan(high), _NO_998)
        if rule is ComparisonRule.INTERVAL_998:
            return Held(low > value, high < value, nobody, *_interval_words("99.8 %", name))
        refused.put(np.isnan(lower) | np.isnan(upper), _NO_INTERVAL)
        above, below = lower > value, upper < value
        far = (low > value) | (high < value)
        return Held(
            above, below, far, *_interval_words("95 %", name), f"The whole 99.8 % interval of the figure lies apart from the figure of {name}."
        )
    refused.put(np.isnan(lower) | np.isnan(upper), _NO_INTERVAL)
    if rule is ComparisonRule.INTERVAL_95:
        return Held(lower > value, upper < value, nobody, *_interval_words("95 %", name))
    low, high = np.full(columns.n, np.nan), np.full(columns.n, np.nan)
    found = match >= 0
    low[found], high[found] = other.numbers("lower")[match[found]], other.numbers("upper")[match[found]]
    refused.put(np.isnan(low) | np.isnan(high), f"No interval is published with the figure of {name}.")
    return Held(
        lower > high,
        upper < low,
        nobody,
        f"The 95 % interval of the figure lies wholly above that of {name}.",
        f"The 95 % interval of the figure lies wholly below that of {name}.",
        f"The 95 % intervals of the figure and of {name} overlap, so the difference may be chance.",
    )


def _interval_words(level: str, name: str) -> tuple[str, str, str]:
    return (
        f"The whole {level} interval of the figure lies above the figure of {name}.",
        f"The whole {level} interval of the figure lies below the figure of {name}.",
        f"The figure of {name} lies within the {level} interval of the figure.",
    )


def _limits_998(columns: Columns) -> tuple[Floats, Floats]:
    own = columns.numbers("lower_99_8"), columns.numbers("upper_99_8")
    published = columns.numbers("published_lower_99_8"), columns.numbers("published_upper_99_8")
    # A pair is taken whole, never one side of each.
    whole = ~np.isnan(own[0]) & ~np.isnan(own[1])
    return np.where(whole, own[0], published[0]), np.where(whole, own[1], published[1])


def multiplier(unit: str) -> float:
    """What a share is multiplied by in a unit: 100 for %, the number of "per 100,000"; NaN where the unit does not say.

    >>> multiplier("per 100,000"), multiplier("%")
    (100000.0, 100.0)
    """
    if unit == "%":
        return 100.0
    found = _PER.search(unit)
    return float(found[1].replace(",", "")) if found else float("nan")


def _control(rule: ComparisonRule, columns: Columns, benchmark: Floats, known: Mapping[str, Indicator], refused: Sentences, name: str) -> Held:
    confidence = 0.998 if rule.value.endswith("998") else 0.95
    codes, ids = columns.codes("indicator")
    per = np.array([multiplier(known[i].unit) if i in known else np.nan for i in ids])[codes]
    value, n = columns.numbers("value"), columns.numbers("denominator")
    share = benchmark / per
    proportion = rule in (ComparisonRule.SPC_PROPORTION_95, ComparisonRule.SPC_PROPORTION_998)
    if proportion:
        refused.put((share < 0) | (share > 1), f"The figure of {name} is not a share, so there are no limits for one.")
    refused.put(share < 0, f"The figure of {name} is below nought, so no number can be expected from it.")
    refused.put(~(n > 0), "No denominator is published with this figure, so its control limits cannot be worked out.")
    refused.put(np.isnan(per), "The unit of the figure does not say how many people it is per, so nothing can be expected of it.")
    refused.put(np.isnan(value), "There is no exact figure to hold against the limits.")
    fine = (refused.index == 0) & ~np.isnan(share)
    low, high = np.full(columns.n, np.nan), np.full(columns.n, np.nan)
    size, p0, scale = n[fine], share[fine], per[fine]
    expected = size * p0
    if proportion:
        sides = wilson_interval(expected, size, confidence)
    else:
        sides = tuple(side / size for side in poisson_interval(expected, confidence, exact_below=math.inf))
    low[fine], high[fine] = sides[0] * scale, sides[1] * scale
    words = "99.8 %" if confidence == 0.998 else "95 %"
    return Held(
        value > high,
        value < low,
        np.zeros(columns.n, np.bool_),
        f"The figure lies above the {words} control limits around the figure of {name}.",
        f"The figure lies below the {words} control limits around the figure of {name}.",
        f"The figure lies within the {words} control limits around the figure of {name}.",
    )
