"""Published limits beside those that the published count and denominator give: Wilson's for proportions, exact and Byar's for rates and ratios, Dobson's for standardised rates."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final

import numpy as np
from attrs import evolve, frozen

from jsnakit.auditing import AuditedRule
from jsnakit.methods.intervals import SMALL, poisson_interval, wilson_interval
from jsnakit.model import Indicator
from jsnakit_fingertips import catalogue
from jsnakit_fingertips.audit_rows import Bools, Findings, Floats, Ints, Rows, number_text

__all__ = ["RULES", "audit_limits"]

RULES: Final = ("wilson", "byars", "isr", "dsr_dobson")
NO_COUNT: Final = "no count or denominator is published"
ROUNDED: Final = "published counts are rounded"
HALVED: Final = "denominator is halved by the publisher"
OTHER: Final = "the declared method is another, and the rows do not follow the rule"
UNLIKE: Final = "the interval of this indicator does not follow the method that is declared"
UNKNOWN: Final = "unknown indicator: no value type"
NO_RATE: Final = "the value is not the count over the denominator"
FEW: Final = "the limits are of a count below 10, which the rule gives none"
UNSCALED: Final = "unscaled limits"

_HALVED: Final = frozenset({"93700", "93701"})
_UNITS: Final = (1.0, 100.0, 1e3, 1e4, 1e5, 1e6)
_ENOUGH: Final = 5
_MOSTLY: Final = 0.8
_WITHIN: Final = 0.05
"""How far, in units, published and computed limits lie apart at most where no count is rounded (measured on extracts of 2018 to 2025)."""

Pair = tuple[Floats, Floats]
Formula = Callable[[Floats, Floats, float, float], Pair]


def _wilson(count: Floats, denominator: Floats, unit: float, confidence: float) -> Pair:
    lower, upper = wilson_interval(count, denominator, confidence)
    return lower * unit, upper * unit


def _scaled(exact_below: float) -> Formula:
    def limits(count: Floats, denominator: Floats, unit: float, confidence: float) -> Pair:
        lower, upper = poisson_interval(count, confidence, exact_below=exact_below)
        with np.errstate(divide="ignore", invalid="ignore"):
            return lower * unit / denominator, upper * unit / denominator

    return limits


_BYARS: Final = _scaled(SMALL)
_EXACT: Final = _scaled(np.inf)
_BYARS_ALONE: Final = _scaled(0.0)


@frozen
class _Figures:
    """The figures of some rows of one indicator."""

    rows: Ints
    value: Floats
    count: Floats
    denominator: Floats
    lower: Floats
    upper: Floats
    lower_99_8: Floats
    upper_99_8: Floats
    half: Floats
    unit: float

    @classmethod
    def of(cls, rows: Rows, picked: Ints, unit: float) -> _Figures:
        figures = {name: rows.figures[name][picked] for name in ("value", "count", "denominator", "lower", "upper", "lower_99_8", "upper_99_8")}
        return cls(rows=picked, half=rows.half_digit[picked], unit=unit, **figures)

    @property
    def within(self) -> Floats:
        """How far apart two numbers may lie and still be one: what the last digit hides, and what the publisher's own arithmetic differs by."""
        return self.half + np.minimum(_WITHIN, self.half + _WITHIN)

    @property
    def listed(self) -> Bools:
        """The rows that print all that is needed."""
        found: Bools = ~np.isnan(self.count) & (self.count >= 0) & (self.denominator > 0)
        return found


def audit_limits(rows: Rows) -> Iterable[AuditedRule]:
    """The four rules on limits, each on the rows of its kind of indicator that print a 95 % interval."""
    printed = ~np.isnan(rows.figures["lower"]) & ~np.isnan(rows.figures["upper"])
    groups = [(name, indicator, picked, _rule_of(rows, indicator, picked)) for name, indicator, picked in rows.groups(printed)]
    for rule in RULES:
        mine = [group for group in groups if group[3] == rule]
        about = np.zeros(rows.n, bool)
        for _, _, picked, _ in mine:
            about[picked] = True
        found = Findings(rule, rows, about)
        for name, indicator, picked, _ in mine:
            (_dobson if rule == "dsr_dobson" else _counted)(found, name, indicator, _Figures.of(rows, picked, _unit(rows, indicator, picked)))
        yield found.told()


# -- which rule --------------------------------------------------------------------------------------------------------------------------


def _kind(indicator: Indicator | None) -> str:
    return "" if indicator is None or indicator.value_type == "not stated" else indicator.value_type


def _method(indicator: Indicator | None) -> str:
    return "" if indicator is None else indicator.ci_method


def _rule_of(rows: Rows, indicator: Indicator | None, picked: Ints) -> str:
    """The rule that an indicator's limits fall under; empty for kinds of value that have none here."""
    kind, method = _kind(indicator), _method(indicator)
    if kind == "proportion" or (kind == "crude rate" and method.startswith("Wilson")):
        return "wilson"
    if kind in ("crude rate", "indirectly standardised proportion"):
        return "byars"
    if kind == "indirectly standardised ratio":
        return "isr"
    if kind == "directly standardised rate":
        return "dsr_dobson"
    return "" if kind else _seen(rows, indicator, picked)


def _seen(rows: Rows, indicator: Indicator | None, picked: Ints) -> str:
    """The rule that the rows of an indicator without a value type show; the first where they show none."""
    figures = _Figures.of(rows, picked, _unit(rows, indicator, picked))
    if figures.unit == figures.unit:
        for rule, formula in (("wilson", _wilson), ("isr" if figures.unit == 100.0 else "byars", _BYARS)):
            if _follows(_matches(figures, formula), figures.listed):
                return rule
    near, _ = _dobson_matches(figures)
    return "dsr_dobson" if _follows(near, figures.listed & (figures.count >= SMALL)) else "wilson"


def _unit(rows: Rows, indicator: Indicator | None, picked: Ints) -> float:
    """What a value is per: as the rows show it, since the metadata err; else as the catalogue says; NaN where neither tells."""
    value, count, denominator = (rows.figures[name][picked] for name in ("value", "count", "denominator"))
    usable = (count > 0) & (denominator > 0) & (value > 0)
    if usable.any():
        ratio = float(np.median(value[usable] * denominator[usable] / count[usable]))
        near = min(_UNITS, key=lambda u: abs(np.log(u / ratio)))
        if abs(ratio / near - 1) < 0.05:
            return near
    if indicator is None:
        return float("nan")
    unit = indicator.unit.replace(",", "")
    if unit == "%" or indicator.value_type == "indirectly standardised ratio":
        return 100.0
    number = next((word for word in unit.split() if word.isdigit()), "")
    return float(number) if number else float("nan")


def _follows(matches: Bools, among: Bools) -> bool:
    n = int(among.sum())
    return n >= _ENOUGH and int((matches & among).sum()) >= _MOSTLY * n


# -- Wilson, Byar's, exact ---------------------------------------------------------------------------------------------------------------


def _apart(figures: _Figures, formula: Formula) -> Sequence[tuple[str, Floats, Floats]]:
    """Of each printed limit its column, the printed and the computed."""
    lower, upper = formula(figures.count, figures.denominator, figures.unit, 0.95)
    low, high = formula(figures.count, figures.denominator, figures.unit, 0.998)
    return (
        ("lower", figures.lower, lower), ("upper", figures.upper, upper),
        ("lower_99_8", figures.lower_99_8, low), ("upper_99_8", figures.upper_99_8, high),
    )  # fmt: skip


def _matches(figures: _Figures, formula: Formula) -> Bools:
    """Where both limits of 95 % are those of the rule. Limits of 99.8 % are made with several quantiles, 3 among them, and are not held to it."""
    near = figures.listed.copy()
    for _, printed, computed in _apart(figures, formula)[:2]:
        near &= np.isnan(printed) | (np.abs(printed - computed) <= figures.within)
    return near


def _banded(figures: _Figures, formula: Formula) -> Bools:
    """Where counts (and denominators) that round to those printed give limits on both sides of the printed."""
    inside = figures.listed.copy()
    shares = formula is _wilson
    less, more = np.maximum(figures.count - 2.5, 0), figures.count + 2.5
    few, many = np.maximum(figures.denominator - 2.5, 1e-9), figures.denominator + 2.5
    if shares:
        less, more = np.minimum(less, many), np.minimum(more, few)
    for at, confidence in ((0, 0.95),):
        bottom, top = formula(less, many, figures.unit, confidence), formula(more, few, figures.unit, confidence)
        for side in (0, 1):
            printed = (figures.lower, figures.upper, figures.lower_99_8, figures.upper_99_8)[at + side]
            low, high = np.minimum(bottom[side], top[side]), np.maximum(bottom[side], top[side])
            inside &= np.isnan(printed) | ((printed >= low - figures.within) & (printed <= high + figures.within))
    return inside


def _rounded(rows: Rows, name: str, figures: _Figures) -> Bools:
    """The rows whose count is rounded to 5: of an indicator that is known for it, or all of whose counts are multiples of 5, in all periods or in one."""
    with np.errstate(invalid="ignore"):
        fives = np.mod(figures.count, 5) == 0
    if name in catalogue.rounded_counts():
        return np.asarray(fives)
    told = figures.listed & (figures.count > 0)
    if int(told.sum()) >= _ENOUGH and bool(fives[told].all()):
        return np.asarray(fives)
    when = rows.periods.codes[figures.rows]
    found = np.zeros(len(fives), bool)
    for period in np.unique(when):
        mine = (when == period) & told
        if int(mine.sum()) >= _ENOUGH and bool(fives[mine].all()):
            found |= fives & (when == period)
    return found


def _variants(rule: str, method: str) -> tuple[Formula, ...]:
    if rule == "wilson":
        return (_wilson,)
    return (_BYARS_ALONE, _BYARS, _EXACT) if "no small number" in method else (_BYARS, _EXACT, _BYARS_ALONE)


def _declared(rule: str, method: str) -> bool:
    return method.startswith("Wilson") if rule == "wilson" else "Byar" in method


def _counted(found: Findings, name: str, indicator: Indicator | None, figures: _Figures) -> None:
    def at(mask: Bools) -> Bools:
        whole = np.zeros(found.rows.n, bool)
        whole[figures.rows[mask]] = True
        return whole

    found.reason(at(~figures.listed), NO_COUNT)
    listed, method = figures.listed, _method(indicator)
    if figures.unit != figures.unit:
        found.reason(at(listed), NO_RATE)
        return
    rounded = _rounded(found.rows, name, figures) & listed
    clean = listed & ~rounded
    tried = [(formula, _matches(figures, formula)) for formula in _variants(found.rule, method)]
    if _kind(indicator) == "indirectly standardised proportion":
        tried = [(formula, near | _of_value(figures, formula)) for formula, near in tried]
    judged = clean if clean.any() else listed
    best = max(range(len(tried)), key=lambda i: (int((tried[i][1] & judged).sum()), -i))
    formula, matches = tried[best]
    if name in _HALVED:
        halved = _matches(_halved(figures), formula)
        found.agrees(at(matches))
        found.reason(at(halved), HALVED)
    unscaled = _unscaled(figures) & ~matches if found.rule != "wilson" else np.zeros(len(matches), bool)
    for i in np.flatnonzero(unscaled):
        _differs(found, figures, formula, int(i), UNSCALED)
    if not _declared(found.rule, method) and not _follows(matches | _banded(figures, formula) & rounded, listed):
        found.reason(at(listed), UNKNOWN if not _kind(indicator) else OTHER)
        return
    found.agrees(at(matches))
    found.reason(at(rounded & _banded(figures, formula)), ROUNDED)
    left = found.open[figures.rows]
    n = int(clean.sum())
    if n >= 2 * _ENOUGH and int((clean & left).sum()) > n / 2:
        found.reason(at(listed), UNLIKE)
    left = found.open[figures.rows]
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = figures.count * figures.unit / figures.denominator
        is_rate = np.abs(rate - figures.value) <= figures.within + 0.001 * np.abs(figures.value)
    if not _follows(is_rate, listed) and int(listed.sum()) >= _ENOUGH:
        found.reason(at(~is_rate), NO_RATE)
    for i in np.flatnonzero(left):
        _differs(found, figures, formula, int(i), "" if is_rate[i] else "the count and the denominator do not give the value")


def _of_value(figures: _Figures, formula: Formula) -> Bools:
    """Where the limits are the value's by the limits of the count, as far as the digits printed of all three can tell."""
    lower, upper = formula(figures.count, figures.denominator, figures.unit, 0.95)
    near = figures.listed & (figures.count > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = figures.count * figures.unit / figures.denominator
        for printed, computed in ((figures.lower, lower), (figures.upper, upper)):
            expected = figures.value * computed / rate
            near &= np.abs(printed - expected) <= figures.half * (1 + computed / rate) + 1e-9
    return near


def _halved(figures: _Figures) -> _Figures:
    return evolve(figures, denominator=figures.denominator / 2, count=figures.count / 2)


def _unscaled(figures: _Figures) -> Bools:
    """Where the limits are those of the count itself."""
    lower, upper = poisson_interval(figures.count)
    near = (np.abs(lower - figures.lower) <= figures.within) & (np.abs(upper - figures.upper) <= figures.within)
    found: Bools = near & figures.listed
    return found


def _differs(found: Findings, figures: _Figures, formula: Formula, i: int, why: str) -> None:
    for column, printed, computed in _apart(figures, formula)[:2]:
        if not np.isnan(printed[i]) and not abs(printed[i] - computed[i]) <= figures.within[i]:
            found.disagrees(int(figures.rows[i]), column, number_text(printed[i]), number_text(round(float(computed[i]), 6)), why)
            return


# -- Dobson ------------------------------------------------------------------------------------------------------------------------------


def _dobson_matches(figures: _Figures) -> tuple[Bools, Floats]:
    """Where the two sides of the interval stand to each other as those of the count do, within 0.1 % and what rounding hides; and the upper limit that would."""
    lower, upper = poisson_interval(figures.count, exact_below=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        below, above = figures.value - figures.lower, figures.upper - figures.value
        left, right = below / (figures.count - lower), above / (upper - figures.count)
        allowed = 0.001 + 2 * figures.half / below + 2 * figures.half / above
        near = (below > 0) & (above > 0) & (np.abs(left / right - 1) <= allowed)
        computed = figures.value + left * (upper - figures.count)
    return near & ~np.isnan(figures.count), computed


def _dobson(found: Findings, name: str, indicator: Indicator | None, figures: _Figures) -> None:
    def at(mask: Bools) -> Bools:
        whole = np.zeros(found.rows.n, bool)
        whole[figures.rows[mask]] = True
        return whole

    counted = ~np.isnan(figures.count) & (figures.count >= 0)
    found.reason(at(~counted), "no count is published")
    found.reason(at(np.isnan(figures.value)), "no value is published")
    near, computed = _dobson_matches(figures)
    large = counted & (figures.count >= SMALL)
    found.reason(at(counted & ~large), FEW)
    rounded = _rounded(found.rows, name, figures) & large
    if "Dobson" not in _method(indicator) and not _follows(near, large & ~rounded if (large & ~rounded).any() else large):
        found.reason(at(large), UNKNOWN if not _kind(indicator) else OTHER)
        return
    found.agrees(at(near))
    found.reason(at(rounded), ROUNDED)
    for i in np.flatnonzero(found.open[figures.rows]):
        found.disagrees(int(figures.rows[i]), "upper", number_text(figures.upper[i]), number_text(round(float(computed[i]), 6)), "")
