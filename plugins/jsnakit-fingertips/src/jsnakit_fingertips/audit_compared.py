"""Published comparisons and trends beside those that the published figures give: with England, with an area's parent, and with the last five years."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Final

import numpy as np
import pyarrow as pa

from jsnakit import judgement
from jsnakit.auditing import AuditedRule
from jsnakit.model import Polarity
from jsnakit_fingertips.audit_rows import Bools, Findings, Floats, Ints, Rows, number_text

__all__ = ["COMPARISONS", "TREND", "audit_comparisons", "audit_trends"]

COMPARISONS: Final = ("england_comparison", "parent_comparison")
TREND: Final = "recent_trend"

_ENGLAND: Final = "E92000001"
_UP, _SAME, _DOWN = 1, 0, -1
_WORDS: Final = {
    "better": "Better",
    "worse": "Worse",
    "higher": "Higher",
    "lower": "Lower",
    "similar": "Similar",
    "same": "Similar",
    "not compared": "Not compared",
}
_JUDGED: Final = {(_UP, Polarity.HIGHER_IS_BETTER): "Better", (_DOWN, Polarity.HIGHER_IS_BETTER): "Worse", (_UP, Polarity.LOWER_IS_BETTER): "Worse", (_DOWN, Polarity.LOWER_IS_BETTER): "Better"}  # fmt: skip
_OPPOSITE: Final = {"Better": "Worse", "Worse": "Better", "Higher": "Lower", "Lower": "Higher"}
STALE: Final = "stale polarity words"
TIE: Final = "the benchmark's value is exactly on a limit as printed"
UNKNOWN_DIRECTION: Final = "unknown indicator: no polarity, so that better and worse cannot be told"

_TRENDS: Final = {
    "no significant change": "NO_CHANGE", "cannot be calculated": "CANNOT", "increasing": "INCREASING", "decreasing": "DECREASING",
    "increasing and getting better": "INCREASING_BETTER", "increasing and getting worse": "INCREASING_WORSE",
    "decreasing and getting better": "DECREASING_BETTER", "decreasing and getting worse": "DECREASING_WORSE",
}  # fmt: skip
_OLD, _NEW = "fingertips-2022", "fingertips-2025"
_NEW_FROM: Final = dt.date(2023, 1, 1)  # between the export of November 2022 that follows the old rule and that of 2025 that follows the new


# -- comparisons -------------------------------------------------------------------------------------------------------------------------


def audit_comparisons(rows: Rows) -> Iterable[AuditedRule]:
    """The comparison with England, and that with the parent, in each row that prints one."""
    area = rows.area
    england = np.array([v == _ENGLAND for v in area.values] + [False], bool)[area.codes]
    yield _compared(
        "england_comparison", rows, "compared_england", _benchmark(rows, np.full(rows.n, _place(area.values, _ENGLAND))), "England", england
    )
    parent = rows.text("parent")
    place = {code: i for i, code in enumerate(area.values)}
    of = np.array([place.get(code, -1) for code in parent.values] + [-1], np.int64)[parent.codes]
    own = of == area.codes
    yield _compared("parent_comparison", rows, "compared_parent", _benchmark(rows, of), "the parent", own, nobody=parent.codes < 0)


def _place(values: tuple[str, ...], wanted: str) -> int:
    return values.index(wanted) if wanted in values else -1


def _benchmark(rows: Rows, of: Ints) -> Floats:
    """The value of each row's benchmark area in the same indicator, period, sex and age; missing where there is none, or two that differ."""
    _, slot = np.unique(rows.slot, return_inverse=True) if rows.n else (np.zeros(0, np.int64), np.zeros(0, np.int64))
    width = max(len(rows.area.values), 1)
    keys = slot * width + rows.area.codes
    told = np.flatnonzero(rows.total & ~np.isnan(rows.figures["value"]) & (rows.area.codes >= 0))
    order = told[np.argsort(keys[told], kind="stable")]
    known, first, counts = np.unique(keys[order], return_index=True, return_counts=True)
    values = rows.figures["value"][order]
    value = values[first] if len(first) else np.zeros(0)
    if len(first):
        same = np.maximum.reduceat(values, first) == np.minimum.reduceat(values, first)
        value = np.where(same | (counts == 1), value, np.nan)
    asked = slot * width + of
    at = np.searchsorted(known, asked)
    at = np.minimum(at, max(len(known) - 1, 0))
    found = np.full(rows.n, np.nan)
    if len(known):
        hit = (known[at] == asked) & (of >= 0)
        found[hit] = value[at[hit]]
    return found


def _compared(rule: str, rows: Rows, column: str, benchmark: Floats, name: str, own: Bools, *, nobody: Bools | None = None) -> AuditedRule:
    text = rows.text(column)
    said = text.mapped(lambda v: _WORDS.get(v.casefold(), f"?{v}"))
    about = said.codes >= 0
    found = Findings(rule, rows, about)
    value, lower, upper = (rows.figures[n] for n in ("value", "lower", "upper"))
    if rule == "england_comparison":
        benchmark = np.where(np.isnan(benchmark), rows.figures["england_value"], benchmark)
    unread = np.array([v.startswith("?") for v in said.values] + [False], bool)[said.codes]
    found.reason(unread, "the word is that of another comparison (quintiles, quartiles)")
    silent = said.where("Not compared")
    without = np.isnan(value) | np.isnan(lower) | np.isnan(upper)
    found.agrees(silent & (without | (own & rows.total)))
    if nobody is not None:
        # A region's parent is England, which another column is for.
        found.agrees(silent & rows.text("parent").where(_ENGLAND))
        found.reason(nobody, "no parent is named")
    found.reason(np.isnan(benchmark) & ~without, f"the value of {name} is not in the file")
    # An indicator that prints intervals elsewhere in the file is compared by them: a row without one has nothing to say better or worse by.
    by_interval = np.zeros(len(rows.indicator.values) + 1, bool)
    by_interval[rows.indicator.codes[~without]] = True
    for row in np.flatnonzero(found.open & without & by_interval[rows.indicator.codes]):
        found.disagrees(int(row), column, said.values[said.codes[row]], "Not compared (no interval is published)")
    found.reason(without, "no interval is published")
    with np.errstate(invalid="ignore"):
        side = np.where(lower > benchmark, _UP, np.where(upper < benchmark, _DOWN, _SAME))
        tie = (lower == benchmark) | (upper == benchmark)
    _silent(found, rows, silent)
    polarity = np.array([list(Polarity).index(p) for p in rows.polarity] + [0], np.int64)[rows.indicator.codes]
    words = list(said.values)
    for where in (_UP, _SAME, _DOWN):
        for number, direction in enumerate(Polarity):
            mask = found.open & (side == where) & (polarity == number)
            if not mask.any():
                continue
            if where == _SAME:
                fit: tuple[str, ...] = ("Similar",)
            elif (where, direction) in _JUDGED:
                # An indicator with a direction is printed with higher and lower in a profile that gives it none.
                fit = (_JUDGED[where, direction], "Higher" if where == _UP else "Lower")
            else:
                fit = ("Higher" if where == _UP else "Lower",)
                if direction is Polarity.UNKNOWN:
                    found.reason(mask & said.where("Better", "Worse"), UNKNOWN_DIRECTION)
            found.agrees(mask & said.where(*fit))
    found.reason(tie, TIE)
    for row in np.flatnonzero(found.open):
        printed = words[said.codes[row]]
        direction = rows.polarity[rows.indicator.codes[row]]
        where = int(side[row])
        ours = "Similar" if where == _SAME else _JUDGED.get((where, direction), "Higher" if where == _UP else "Lower")
        neutral = where != _SAME and ours in {"Higher", "Lower"} and printed in {"Better", "Worse"}
        stale = STALE if _OPPOSITE.get(printed) == ours or neutral else ""
        limits = f"{ours} ({name} {number_text(float(benchmark[row]))}, {number_text(float(lower[row]))} to {number_text(float(upper[row]))})"
        found.disagrees(int(row), column, printed, limits, stale)
    return found.told()


def _silent(found: Findings, rows: Rows, silent: Bools) -> None:
    """An indicator that is nowhere compared has no comparison to check; one that is compared elsewhere in the file has."""
    some = np.zeros(len(rows.indicator.values) + 1, bool)
    some[rows.indicator.codes[found.about & ~silent]] = True
    found.reason(silent & ~some[rows.indicator.codes], "the publisher does not compare this indicator")
    none = np.array([p in {Polarity.NONE, Polarity.UNKNOWN} for p in rows.polarity] + [True], bool)[rows.indicator.codes]
    found.agrees(silent & none)
    found.reason(silent & ~rows.total, "the publisher compares no categories of this area")


# -- trends ------------------------------------------------------------------------------------------------------------------------------


def audit_trends(rows: Rows) -> AuditedRule:
    """The recent trend of each series, in the row that prints it; by the version of the rule that the file follows better, else that of its time."""
    said = rows.text("trend").mapped(lambda v: _TRENDS.get(v.casefold(), f"?{v}"))
    about = said.codes >= 0
    latest = max((period.end for period in rows.periods.values), default=_NEW_FROM)
    tried = [_trend_by(rule, rows, said.codes, said.values, about) for rule in ((_OLD, _NEW) if latest < _NEW_FROM else (_NEW, _OLD))]
    return max(tried, key=lambda found: found.agree)


def _trend_by(rule: str, rows: Rows, codes: Ints | np.ndarray, words: tuple[str, ...], about: Bools) -> AuditedRule:
    found = Findings(TREND, rows, about)
    found.reason(np.array([w.startswith("?") for w in words] + [False], bool)[codes], "the word is none of a recent trend")
    periods = rows.periods
    found.reason(periods.codes < 0, "the period cannot be told")
    latest = _latest(rows)
    found.reason(~latest, "not the latest period of its series in the file")
    asked = np.flatnonzero(found.open)
    if not len(asked):
        return found.told()
    trend, because, rows_of, years = _trends(rule, rows, asked)
    for row in asked:
        ours, why = trend[rows_of[int(row)]], because[rows_of[int(row)]]
        printed = words[codes[row]]
        mask = np.zeros(rows.n, bool)
        mask[row] = True
        if ours == printed:
            found.agrees(mask)
        elif ours == "CANNOT" and why.startswith("There are") and (rule == _NEW or years[int(row)] < judgement.TREND_POINTS):
            # By the new rule any five years will do, and earlier ones may stand elsewhere; by the old one a gap in the file ends the run.
            found.reason(mask, "fewer than five points in the file")
        elif (ours == "CANNOT" and "not stated" in why) or "not known" in why:
            found.reason(mask, "unknown indicator: no value type")
        elif ours.partition("_")[0] == printed.partition("_")[0] and rows.polarity[rows.indicator.codes[row]] is Polarity.UNKNOWN:
            found.reason(mask, UNKNOWN_DIRECTION)
        else:
            same_way = ours.partition("_")[0] == printed.partition("_")[0] and ours != "NO_CHANGE"
            found.disagrees(int(row), "trend", printed, f"{ours} ({why})", STALE if same_way else "")
    return found.told()


def _latest(rows: Rows) -> Bools:
    """The rows of the last period of their series."""
    ends = np.array([p.end.toordinal() for p in rows.periods.values] + [-1], np.int64)[rows.periods.codes]
    _, number = np.unique(rows.series, return_inverse=True) if rows.n else (None, np.zeros(0, np.int64))
    last = np.full(int(number.max()) + 1 if rows.n else 0, -1, np.int64)
    np.maximum.at(last, number, ends)
    found: Bools = (ends >= 0) & (ends == last[number]) if rows.n else np.zeros(0, bool)
    return found


def _trends(rule: str, rows: Rows, asked: Ints) -> tuple[list[str], list[str], dict[int, int], dict[int, int]]:
    """Trend and reason of each series that is asked for, which of them each row's is, and how many periods its series has in the file."""
    _, number = np.unique(rows.series, return_inverse=True)
    wanted = np.zeros(int(number.max()) + 1, bool)
    wanted[number[asked]] = True
    part = np.flatnonzero(wanted[number] & (rows.periods.codes >= 0))
    # A row that stands twice is one point.
    _, first = np.unique(np.stack([number[part], rows.periods.codes[part]]), axis=1, return_index=True)
    part = part[np.sort(first)]
    starts = pa.array([p.start for p in rows.periods.values], pa.date32()).take(pa.array(rows.periods.codes[part]))
    durations = pa.array([p.duration for p in rows.periods.values], pa.string()).take(pa.array(rows.periods.codes[part]))
    names = pa.array([f"fingertips.{v}" for v in rows.indicator.values], pa.string()).take(pa.array(rows.indicator.codes[part]))
    figures = {
        name: pa.array(rows.figures[name][part], pa.float64(), from_pandas=True) for name in ("value", "lower", "upper", "count", "denominator")
    }
    n = len(part)
    total = pa.repeat(pa.scalar("_T"), n)
    # The number of the series stands for its area, sex, age and category.
    frame = pa.table(
        {"indicator": names, "area_scheme": pa.repeat(pa.scalar("series"), n), "area_type": pa.repeat(pa.scalar("series"), n),
         "area": pa.array(number[part]).cast(pa.string()), "sex": total, "age": total, "category_type": total, "category": total,
         "period_start": starts, "period_duration": durations, **figures}
    )  # fmt: skip
    polarity = {f"fingertips.{v}": p for v, p in zip(rows.indicator.values, rows.polarity, strict=True)}
    known = [each for each in rows.of if each is not None]
    made = judgement.recent_trend(frame, rule=rule, indicators=known, polarity=polarity)
    trend, because = made["trend"].to_pylist(), made["trend_because"].to_pylist()
    periods = np.bincount(number[part], minlength=len(wanted))
    of_series = {int(number[part[i]]): i for i, word in enumerate(trend) if word is not None}
    return (
        [t or "" for t in trend],
        [b or "" for b in because],
        {int(row): of_series[int(number[row])] for row in asked},
        {int(row): int(periods[number[row]]) for row in asked},
    )
