"""What is computed from weekly bands, and the verdict on each printed figure beside it: it agrees, it disagrees, or why it cannot be said."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from jsnakit.auditing import AuditedRule, Disagreement
from jsnakit.methods.waiting import position_in_bands
from jsnakit_rtt.printed import Heading, numbers_of
from jsnakit_rtt.rules import Rules

__all__ = ["ADJUSTED", "BLANK", "EMPTY", "HIDDEN", "NO_RULE", "RULE_NAMES", "Computed", "Counted", "Tally", "close", "computed", "shown", "verdicts"]

RULE_NAMES: Final = ("england", "provider_function", "medians", "percentiles")
"""The rules of an audit, in the order in which they are told."""

EMPTY: Final = "no patients"
HIDDEN: Final = "hidden by the publisher"
BLANK: Final = "left blank"
NO_RULE: Final = "no rule for this column"
ADJUSTED: Final = "adjusted for pauses, which no extract holds"

# Spreadsheets keep fifteen digits; a wait interpolated within one patient's week has lost a few of them.
_CLOSE: Final = 1e-9

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@frozen(eq=False)
class Counted:
    """The counts of some rows: `bands` has a row a band, `everyone` counts unknown clock starts as well; `there` tells rows that there is something to say of."""

    bands: NDArray[np.int64]
    everyone: NDArray[np.int64]
    there: Bools


@frozen(eq=False)
class Computed:
    """One figure for every row: its value, and where it lies in the open band, is hidden for few patients, or has no patients at all."""

    value: Floats
    open: Bools
    few: Bools
    empty: Bools


def close(one: Floats, other: Floats) -> Bools:
    """Whether figures are the same to the digits that a spreadsheet keeps.

    >>> close(np.array([10.8888888888889]), np.array([98 / 9])).tolist()
    [True]
    """
    return np.asarray(np.abs(one - other) <= _CLOSE * np.maximum(1, np.abs(other)), dtype=bool)


def computed(heading: Heading, counted: Counted, rules: Rules) -> Computed | None:
    """The figure that a column prints, from counts; None where no rule is known of it, or its weeks reach beyond the open band."""
    bands = counted.bands
    known = bands.sum(axis=0)
    no = np.zeros(len(known), dtype=bool)
    last = len(bands) - 1
    if heading.kind in ("within", "share", "over", "over_share") and heading.number > last:
        return None
    counts: dict[str, Callable[[], Any]] = {
        "band": lambda: bands[heading.number],
        "unknown": lambda: counted.everyone - known,
        "all": lambda: counted.everyone,
        "known": lambda: known,
        "within": lambda: bands[: heading.number].sum(axis=0),
        "over": lambda: bands[heading.number :].sum(axis=0),
        "share": lambda: bands[: heading.number].sum(axis=0) / np.maximum(known, 1),
        "over_share": lambda: bands[heading.number :].sum(axis=0) / np.maximum(known, 1),
    }
    if heading.kind in counts:
        return Computed(np.asarray(counts[heading.kind](), dtype=np.float64), no, no, known == 0 if "share" in heading.kind else no)
    if heading.kind not in ("median", "percentile"):
        return None
    empty = known == 0
    band, weeks = position_in_bands(np.cumsum(bands, axis=0), rules.position(heading.number if heading.kind == "percentile" else 50))
    return Computed(np.where(empty, np.nan, weeks), (band == last) & ~empty, (known < rules.minimum) & ~empty, empty)


def verdicts(heading: Heading, cells: NDArray[Any], made: Computed, open_from: int) -> tuple[Bools, dict[str, Bools]]:
    """Which of the cells of a column agree with what is computed, and which cannot be held against it, by reason; the others disagree."""
    numbers = numbers_of(cells)
    words = np.array([isinstance(c, str) for c in cells], dtype=bool)
    dash = np.array([isinstance(c, str) and c.strip() in ("-", "") for c in cells], dtype=bool)
    blank = np.array([c == "" for c in cells], dtype=bool)
    with np.errstate(invalid="ignore"):
        same = close(numbers, made.value)
    if heading.kind not in ("median", "percentile", "share", "over_share"):
        zero = made.value == 0
        return same | (zero & dash & ~blank), {BLANK: zero & blank}
    reasons = {EMPTY: made.empty & (dash | (numbers == 0))}
    if "share" in heading.kind:
        return same & ~made.empty, reasons
    beginning = numbers == open_from
    if words.any():
        beginning |= np.array([isinstance(c, str) and bool(re.fullmatch(rf"{open_from} ?(?:\+|plus)", c.strip())) for c in cells], dtype=bool)
    return np.where(made.open, beginning, same) & ~made.empty, reasons | {HIDDEN: made.few & dash}


def shown(value: float, *, at_least: bool = False) -> str:
    """A figure as a reader is shown it: whole counts without a point, others to 15 digits.

    >>> shown(12.0), shown(1 / 3), shown(104, at_least=True)
    ('12', '0.333333333333333', '104+')
    """
    text = f"{value:.15g}"
    return f"{text}+" if at_least else text


@frozen
class Tally:
    """Verdicts as they come in, by rule."""

    _rows: Counter[str] = field(factory=Counter)
    _agree: Counter[str] = field(factory=Counter)
    _reasons: dict[str, Counter[str]] = field(factory=dict)
    _disagreements: dict[str, list[Disagreement]] = field(factory=dict)

    def add(self, rule: str, rows: int, agree: int = 0, disagreements: Iterable[Disagreement] = (), reasons: Sequence[tuple[str, int]] = ()) -> None:
        """Some more figures that a rule is about."""
        self._rows[rule] += rows
        self._agree[rule] += agree
        self._disagreements.setdefault(rule, []).extend(disagreements)
        told = self._reasons.setdefault(rule, Counter())
        for reason, count in reasons:
            if count:
                told[reason] += count

    def rules(self) -> tuple[AuditedRule, ...]:
        """Every rule that some figure was printed for."""
        return tuple(self._rule(name) for name in RULE_NAMES if self._rows[name])

    def _rule(self, name: str) -> AuditedRule:
        # The type of what the converter takes is not known to the checker.
        found: Any = self._disagreements[name]
        return AuditedRule(rule=name, rows=self._rows[name], agree=self._agree[name], disagreements=found, reasons=self._reasons[name])
