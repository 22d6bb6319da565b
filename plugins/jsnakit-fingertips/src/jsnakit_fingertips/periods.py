"""From the publisher's period (label, sortable number, range) to the first day and the duration.

`Time period Sortable` is `YYYYQQMM` of the start. The label tells a split year (`2015/16`) from a calendar one (`2015`), but not a financial from an academic year: that is in
the indicator's metadata (its year type). The range (`1y`, `3y`, `3m`) is newer than many files; where it is missing the label says how long the period is.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from functools import cache
from typing import Final

from jsnakit.model import Period

__all__ = ["START_MONTHS", "label_of_years", "period_of"]

START_MONTHS: Final = {
    "Calendar": 1,
    "Financial": 4,
    "Academic": 9,
    "August-July": 8,
    "March-February": 3,
    "October-September": 10,
    "July-June": 7,
    "November-November": 11,
    "Financial year end point": 4,
    "Financial multi year cumulative quarters": 4,
}
"""In which month a year of each of the publisher's year types begins. Any other type is taken by its label alone."""

_MONTHS: Final = {name.casefold(): i for i, name in enumerate(calendar.month_abbr) if name} | {
    name.casefold(): i for i, name in enumerate(calendar.month_name) if name
}
_SORTABLE: Final = re.compile(r"(?P<year>\d{4})(?P<quarter>\d{2})(?P<month>\d{2})(?:\.0)?")
_RANGE: Final = re.compile(r"(?P<n>[1-9]\d?) ?(?P<unit>[ym])(?:ears?|rs?|onths?)?", re.IGNORECASE)
_FIRST_YEAR: Final = re.compile(r"\d{4}")
_DASH: Final = r" ?[-\N{EN DASH}] ?"
_YEAR: Final = re.compile(rf"(?P<first>\d{{4}})(?:{_DASH}(?P<last>\d{{4}}|\d{{2}}))?")
_SPLIT: Final = re.compile(rf"(?P<first>\d{{4}})/(?P<mid>\d{{4}}|\d{{2}})(?:{_DASH}(?P<from>\d{{4}}|\d{{2}})/(?P<last>\d{{4}}|\d{{2}}))?")
_QUARTER: Final = re.compile(
    rf"(?P<first>\d{{4}})(?P<split>/\d{{2,4}})? Q(?P<q>[1-4])(?:{_DASH}(?P<last>\d{{4}})(?P<split2>/\d{{2,4}})? Q(?P<q2>[1-4]))?", re.IGNORECASE
)
_MONTH: Final = re.compile(rf"(?P<month>[A-Za-z]{{3,9}}) (?P<first>\d{{4}})(?:{_DASH}(?P<month2>[A-Za-z]{{3,9}}) (?P<last>\d{{4}}))?")


def label_of_years(year: int, years: int, year_type: str) -> str:
    """One year or several by the first calendar year, in the publisher's words for its type.

    >>> label_of_years(2019, 1, "Financial"), label_of_years(2019, 1, "Calendar"), label_of_years(2019, 1, "August-July")
    ('2019/20', '2019', 'Aug 2019 - Jul 2020')
    >>> label_of_years(2018, 5, "Academic"), label_of_years(2018, 3, "Calendar")
    ('2018/19 - 22/23', '2018 - 20')
    """
    month, last = START_MONTHS.get(year_type, 1), year + years - 1
    if month == 1 or year_type == "Financial year end point":
        return str(year) if years == 1 else f"{year} - {last % 100:02}"
    if year_type in ("Financial", "Academic", "Financial multi year cumulative quarters"):
        first = f"{year}/{(year + 1) % 100:02}"
        return first if years == 1 else f"{first} - {last % 100:02}/{(last + 1) % 100:02}"
    return f"{calendar.month_abbr[month]} {year} - {calendar.month_abbr[(month + 10) % 12 + 1]} {last + 1}"


@cache
def period_of(label: str, sortable: str = "", span: str = "", year_type: str = "") -> Period | None:
    """The period of a row; null where the parts do not make one, or contradict each other.

    >>> p = period_of("2010/11", "20100000", "", "Financial")
    >>> p.start, p.duration
    (datetime.date(2010, 4, 1), 'P1Y')
    >>> period_of("2010/11", "20100000", "", "Academic").start
    datetime.date(2010, 9, 1)
    >>> period_of("2015 Q2", "20150200", "3m").start
    datetime.date(2015, 4, 1)
    >>> period_of("2015", "20160000") is None
    True
    """
    label = label.strip()
    # R writes 20000000 as 2e+07.
    if re.fullmatch(r"[12](\.\d+)?e\+07", sortable.strip()):
        sortable = f"{float(sortable):.0f}"
    found = _months_of(label, year_type)
    if found is None:
        return None
    start, months = found
    if sortable.strip():
        match = _SORTABLE.fullmatch(sortable.strip())
        # The sortable number names the year as the label does: the last quarter of 2015/16 begins in 2016 and is 20150400.
        if match is None or match["year"] != _FIRST_YEAR.search(label)[0]:  # type: ignore[index]  # every label that was read holds a year
            return None
        quarter, month = int(match["quarter"]), int(match["month"])
        said = _QUARTER.fullmatch(label)
        if (quarter and (said is None or int(said["q"]) != quarter)) or (month and month != start.month):
            return None
    if span.strip():
        match = _RANGE.fullmatch(span.strip())
        if match is None:
            return None
        told = int(match["n"]) * (12 if match["unit"].casefold() == "y" else 1)
        alone = _MONTH.fullmatch(label)
        if alone and not alone["last"]:
            # The first month of a rolling year stands for the year.
            months = told
        # November to November names the two surveys between which a year lies, not thirteen months.
        if told != months and not (told == 12 and months == 13):
            return None
        months = told
    duration = f"P{months // 12}Y" if months % 12 == 0 else f"P{months}M"
    return Period(start, duration, label)


def _months_of(label: str, year_type: str) -> tuple[dt.date, int] | None:
    """The first day and the number of months that a label names."""
    if match := _YEAR.fullmatch(label):
        return _years(int(match["first"]), match["last"], 1)
    if match := _SPLIT.fullmatch(label):
        first = int(match["first"])
        month = START_MONTHS.get(year_type, 4)
        if not _follows(first, match["mid"]) or (match["last"] and not _follows(int(match["from"]), match["last"])):
            return None
        # The label of a year that begins in January is not split: a split label of such an indicator is of a time when it was financial.
        return _years(first, match["from"] if match["last"] else None, month if month > 1 else 4)
    if match := _QUARTER.fullmatch(label):
        return _quarters(match, year_type)
    if match := _MONTH.fullmatch(label):
        return _month_names(match)
    return None


def _follows(year: int, text: str) -> bool:
    return (year + 1) % 100 == int(text) % 100


def _years(first: int, last: str | None, month: int) -> tuple[dt.date, int] | None:
    years = 1 if last is None else (int(last) - first) % 100 + 1
    if not 1 <= years <= 20 or not 1900 < first < 2200 or (last is not None and years == 1):
        return None
    return dt.date(first, month, 1), 12 * years


def _quarters(match: re.Match[str], year_type: str) -> tuple[dt.date, int] | None:
    first, quarter = int(match["first"]), int(match["q"])
    month = START_MONTHS.get(year_type, 4) if match["split"] else 1
    month = 4 if match["split"] and month == 1 else month
    months = 3
    if match["last"]:
        if bool(match["split"]) != bool(match["split2"]):
            return None
        months = ((int(match["last"]) - first) * 4 + int(match["q2"]) - quarter + 1) * 3
        if not 0 < months <= 240:
            return None
    shift = month - 1 + (quarter - 1) * 3
    return dt.date(first + shift // 12, shift % 12 + 1, 1), months


def _month_names(match: re.Match[str]) -> tuple[dt.date, int] | None:
    month, first = _MONTHS.get(match["month"].casefold()), int(match["first"])
    if month is None:
        return None
    months = 1
    if match["last"]:
        end = _MONTHS.get(match["month2"].casefold())
        months = 0 if end is None else (int(match["last"]) - first) * 12 + end - month + 1
    return (dt.date(first, month, 1), months) if 0 < months <= 240 else None
