"""The words of judgement: numbers, periods and verdicts as a councillor reads them."""

from __future__ import annotations

import calendar
import datetime as dt
import enum
import math
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from jsnakit.errors import InvalidValueError
from jsnakit.judgement._register import UNITS, targets
from jsnakit.model import AREA_TYPES, Comparator, Indicator, Period, Target, TargetKind


class Outcome(enum.StrEnum):
    """What holding a figure against a target came to; always with its reason.

    >>> OUTCOME_WORDS[Outcome.NOT_MET]
    'target missed'
    """

    MET = "MET"
    NOT_MET = "NOT_MET"
    UNCERTAIN = "UNCERTAIN"
    NO_DATA = "NO_DATA"
    NOT_COMPARABLE = "NOT_COMPARABLE"


TOO_FEW: Final = "TOO_FEW"
"""In the column `rag`: the figure is shown and not judged, since it counts too few."""

OUTCOME_WORDS: Final[Mapping[str, str]] = {
    "MET": "target met",
    "NOT_MET": "target missed",
    "UNCERTAIN": "too close to say",
    "NO_DATA": "no data",
    "NOT_COMPARABLE": "not judged",
    TOO_FEW: "too few to judge",
}
"""The word beside the mark of each outcome."""

FIFTH_WORDS: Final[Mapping[int, str]] = {1: "worst fifth", 2: "second worst fifth", 3: "middle fifth", 4: "second best fifth", 5: "best fifth"}
"""The word for each fifth of the areas of one type, where a direction is known."""

VALUE_FIFTH_WORDS: Final[Mapping[int, str]] = {
    1: "lowest fifth",
    2: "second lowest fifth",
    3: "middle fifth",
    4: "second highest fifth",
    5: "highest fifth",
}
"""The word for each fifth by value alone, where neither direction is better."""

STATUS_REASONS: Final[Mapping[str | None, str]] = {
    "suppressed": "The publisher hides this figure, because it counts too few people to be shown.",
    "not_submitted": "No figure was sent to the publisher for this period.",
    "not_collected": "This figure was not collected for this period.",
    "not_available": "No figure is available for this period.",
    "not_applicable": "This figure does not apply here.",
}
"""Why a figure is not there, in plain words, by status."""

NO_FIGURE: Final = "No figure is given for this period."
NOBODY: Final = "Nobody was counted (the total is 0), so there is no share to judge."
UNVERIFIED: Final = "Take care: this target is quoted from memory and has not been checked against its source."

STATUS_CAVEATS: Final[Mapping[str | None, str]] = {
    "low_reliability": "The publisher says that this figure is of low reliability.",
    "inherited": "The figure is that of a larger area, given here for want of its own.",
}
FLAG_CAVEATS: Final[Mapping[str, str]] = {
    "carried_forward": "The publisher repeats an earlier figure here and has not measured again.",
    "estimated": "The figure is an estimate.",
    "forecast": "The figure is a forecast.",
    "break": "The way of counting changed with this period.",
    "provisional": "The figure is provisional.",
}


def same_unit(one: str, other: str) -> bool:
    """Whether two units are the same, however the percent sign is spelt."""
    return _unit(one) == _unit(other)


def _unit(unit: str) -> str:
    return UNITS.get(unit.strip().casefold(), unit.strip())


def number(value: float, decimals: int | None = None, *, apart_from: float | None = None) -> str:
    """A number with thousands separated: as short as it is exact (to six places), or to so many decimals.

    With `apart_from`, as many decimals more as it takes not to look like that other number.

    >>> number(7124952.0), number(62.54412, 1), number(91.99, 1, apart_from=92.0)
    ('7,124,952', '62.5', '91.99')
    """
    if decimals is None:
        text = f"{value:,.6f}".rstrip("0").rstrip(".")
        return "0" if text == "-0" else text
    while apart_from is not None and value != apart_from and decimals < 12 and float(f"{value:.{decimals}f}") == float(f"{apart_from:.{decimals}f}"):
        decimals += 1
    return f"{value:,.{decimals}f}"


def with_unit(text: str, unit: str) -> str:
    """A number already in words, with its unit.

    >>> with_unit("92", "%"), with_unit("13.2", "weeks")
    ('92%', '13.2 weeks')
    """
    unit = _unit(unit)
    return f"{text}%" if unit == "%" else f"{text} {unit}".strip()


def quantity(value: float, unit: str) -> str:
    """An exact number with its unit."""
    return with_unit(number(value), unit)


def points(value: float, unit: str) -> str:
    """A difference: of percentages in points, else in the unit."""
    if _unit(unit) != "%":
        return quantity(value, unit)
    return f"{number(value)} point{'' if value == 1 else 's'}"


def month_words(day: dt.date) -> str:
    """Month and year.

    >>> month_words(dt.date(2026, 2, 28))
    'February 2026'
    """
    return f"{calendar.month_name[day.month]} {day.year}"


def period_words(period: Period) -> str:
    """A period as a sentence says it.

    >>> period_words(Period.month_end(2026, 2)), period_words(Period.parse("2021/22")), period_words(Period.parse("2018 - 20"))
    ('the end of February 2026', '2021/22', '2018 to 2020')
    """
    start, end = period.start, period.end
    if period.duration == "P0D":
        last = start.day == calendar.monthrange(start.year, start.month)[1]
        return f"the end of {month_words(start)}" if last else f"{start.day} {month_words(start)}"
    if period.duration == "P1M" and start.day == 1:
        return month_words(start)
    if period.duration.endswith("Y"):
        if (start.month, start.day) == (1, 1):
            return str(start.year) if start.year == end.year else f"{start.year} to {end.year}"
        if (start.month, start.day) == (4, 1) and period.duration == "P1Y":
            return f"{start.year}/{end.year % 100:02d}"
    return f"{start.day} {month_words(start)} to {end.day} {month_words(end)}"


def area_type_words(code: str | None, *, many: bool = False) -> str:
    """The kind of an area, in the singular or of many."""
    if code in AREA_TYPES:
        return AREA_TYPES[code].plural if many else AREA_TYPES[code].name
    return f"areas of the type {code}" if many else str(code).replace("_", " ")


def line_words(target: Target) -> str:
    """What a target asks for, in words: the column `rule`.

    >>> line_words(targets()["nhs-constitution.rtt-18-weeks"])
    'at least 92%'
    """
    threshold = float(target.threshold or 0.0)
    line = quantity(threshold, target.unit)
    since = "an earlier month" if target.baseline is None else month_words(target.baseline)
    if target.comparator is Comparator.AT_MOST:
        return f"no {_unit(target.unit)}" if threshold == 0 and _unit(target.unit).isalpha() else f"at most {line}"
    if target.comparator is Comparator.LESS_THAN:
        return f"less than {line}"
    if target.comparator is Comparator.IMPROVE_BY:
        return f"at least {points(threshold, target.unit)} more than in {since}"
    if target.comparator is Comparator.GREATER_OF:
        return f"at least {line} or {points(target.improvement or 0.0, target.unit)} more than in {since}, whichever is greater"
    return f"at least {line}"


KIND_WORDS: Final[Mapping[TargetKind, str]] = {
    TargetKind.STATUTORY: "a legal standard",
    TargetKind.OPERATIONAL_STANDARD: "an operational standard",
    TargetKind.PLANNING_AMBITION: "a planning ambition",
    TargetKind.SCHEME: "a rule of thumb, not an official target",
}


def _absent(value: Any) -> bool:
    """Whether a cell of a row is missing, whatever its engine calls that."""
    return value is None or type(value).__name__ in ("NAType", "NaTType") or (isinstance(value, float) and math.isnan(value))


def explain(
    row: Any, *, target: Target | None = None, indicators: Mapping[str, Indicator] | Iterable[Indicator] | None = None, name: str | None = None
) -> str:
    """One row of `judge` as one plain sentence: place, verdict, period, figure, target, source, and any caution.

    `row` is a mapping or a pandas row (`verdicts.iloc[0]`). `target` is needed only for a target of your own; `indicators` give the decimals and
    unit of the figure; `name` the place's name, else the columns `area_name` or England's. Raises `InvalidValueError` for a row that was not judged.

    >>> row = dict(
    ...     indicator="rtt.incomplete_within_18_weeks",
    ...     area_type="country",
    ...     area="E92000001",
    ...     period_start=dt.date(2026, 2, 28),
    ...     period_duration="P0D",
    ...     value=62.54,
    ...     outcome="NOT_MET",
    ...     because="The figure falls short of 92%.",
    ...     target="nhs-constitution.rtt-18-weeks",
    ... )
    >>> explain(row)[:91]
    'England (E92000001) missed the target at the end of February 2026: 62.5%, where the target '
    """
    cells = {key: (None if _absent(value) else value) for key, value in _items(row)}
    lacking = [c for c in ("outcome", "because", "target", "area", "period_start", "period_duration") if c not in cells]
    if lacking:
        raise InvalidValueError(f"the row lacks {', '.join(lacking)}", hint="explain() takes one row of judge(frame, target)", value=lacking)
    if target is None or target.id != cells["target"]:
        target = targets().get(str(cells["target"]))
    known = by_id(indicators).get(str(cells.get("indicator")))
    place = _place(cells, name)
    when = period_words(_period(cells))
    figure = _figure(cells, target, known)
    source = "" if target is None else f" (“{target.name}”, {KIND_WORDS[target.kind]}; source: {target.source or 'not stated'})"
    line = str(cells.get("rule") or (line_words(target) if target else cells["target"]))
    reason = str(cells["because"])
    if target is not None and not target.verified:
        reason = reason.replace(UNVERIFIED, "").strip()
    reason = _joined(reason)
    caution = (
        "" if target is None or target.verified else "; take care, this target is quoted from memory and has not been checked against its source"
    )
    asked = f"where the target is {line}{source}"
    outcome = str(cells["outcome"])
    if outcome in ("MET", "NOT_MET"):
        verb = "met" if outcome == "MET" else "missed"
        said = f"{place} {verb} the target {_in(when)}: {figure}, {asked}"
    elif outcome == "UNCERTAIN":
        said = f"It cannot be said whether {place} met the target {_in(when)}: {figure}, {asked}"
    else:
        shown = f", where the figure is {figure}," if cells.get("value") is not None else ""
        said = f"{place} is not judged {_in(when)}{shown} against {line}{source}"
    sentence = f"{said}{f'; {reason}' if reason else ''}{caution}."
    return sentence[:1].upper() + sentence[1:]


def _items(row: Any) -> Iterable[tuple[str, Any]]:
    if not hasattr(row, "items"):
        raise InvalidValueError(
            f"{type(row).__name__} is not a row", hint="give a mapping, or a pandas row such as verdicts.iloc[0]", value=type(row).__name__
        )
    pairs: Iterable[tuple[str, Any]] = row.items()
    return pairs


def _in(when: str) -> str:
    if when.startswith("the end"):
        return f"at {when}"
    return f"on {when}" if re.match(r"\d{1,2} ", when) and " to " not in when else f"in {when}"


_PLAIN = re.compile(r"The figure (reaches|falls short of|is (not )?(above|below)) \S+( [a-z]+)*\.?")


def _joined(reason: str) -> str:
    """The reason's sentences as clauses of one, without what the verdict has said already."""
    clauses = [c.replace(", so it cannot be said whether the target is met", "") for c in re.split(r"(?<=\.) (?=[A-Z])", reason)]
    clauses = [c.rstrip(".") for c in clauses if c and not _PLAIN.fullmatch(c)]
    return "; ".join(c[:1].lower() + c[1:] for c in clauses)


def _place(cells: Mapping[str, Any], name: str | None) -> str:
    code = str(cells["area"])
    words = name or cells.get("area_name") or ("England" if code == "E92000001" else None)
    return f"{words} ({code})" if words else f"the {area_type_words(cells.get('area_type'))} {code}"


def _period(cells: Mapping[str, Any]) -> Period:
    start = cells["period_start"]
    if isinstance(start, str):
        start = dt.date.fromisoformat(start[:10])
    elif isinstance(start, dt.datetime):
        start = start.date()
    return Period(start, str(cells["period_duration"]))


def _figure(cells: Mapping[str, Any], target: Target | None, known: Indicator | None) -> str:
    unit = known.unit if known is not None else target.unit if target is not None else ""
    decimals = known.decimals if known is not None else 1
    line = None if target is None else target.threshold
    value, low, high = (cells.get(c) for c in ("value", "value_min", "value_max"))
    if value is not None:
        shown = number(float(value), None if float(value).is_integer() else decimals, apart_from=line)
        text = with_unit(shown, unit)
        lower, upper = cells.get("lower"), cells.get("upper")
        if lower is not None and upper is not None:
            text += f" (between {number(float(lower), decimals, apart_from=line)} and {number(float(upper), decimals, apart_from=line)})"
        return text
    if low is not None and high is not None:
        return f"between {number(float(low))} and {quantity(float(high), unit)}"
    if low is not None:
        return f"{quantity(float(low), unit)} or more"
    return f"{quantity(float(high), unit)} or less" if high is not None else "no figure"


def by_id(indicators: Mapping[str, Indicator] | Iterable[Indicator] | None) -> dict[str, Indicator]:
    """Indicator metadata by id, however it was given."""
    if indicators is None:
        return {}
    return dict(indicators) if isinstance(indicators, Mapping) else {i.id: i for i in indicators}
