"""How names, dates and shares are written for readers."""

from __future__ import annotations

import calendar
import datetime as dt
import math
import re
from collections.abc import Sequence
from typing import Final

from jsnakit.model import AREA_TYPES, Indicator, Period

__all__ = [
    "anchor",
    "count",
    "day",
    "decapitalised",
    "edition_words",
    "licence_words",
    "listed",
    "map_name",
    "month_of",
    "plural_of",
    "points",
    "short_provider",
    "size_words",
    "span",
    "unit_after",
    "whole",
]

_OUTSIDE: Final = re.compile(r"[^A-Za-z0-9]+")
_SMALL: Final = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_LICENCES: Final = {"OGL-UK-3.0": "Open Government Licence v3.0"}


def anchor(name: str) -> str:
    """The place of a measure or a word on its page, as a link names it.

    >>> anchor("healthindex.life_expectancy")
    'healthindex-life-expectancy'
    """
    return _OUTSIDE.sub("-", name).strip("-").lower()


def count(n: int, *, first: bool = False) -> str:
    """A count in a sentence: words up to ten.

    >>> count(3), count(26), count(1, first=True)
    ('three', '26', 'One')
    """
    shown = _SMALL[n] if 0 <= n < len(_SMALL) else f"{n:,}"
    return shown.capitalize() if first else shown


def whole(value: float) -> int:
    """A share in a sentence, rounded half up."""
    return math.floor(value + 0.5)


def points(value: float) -> str:
    """A difference of percentages.

    >>> points(-27.1)
    '27 points'
    """
    n = whole(abs(value))
    return f"{n} point" + ("" if n == 1 else "s")


def listed(words: Sequence[str]) -> str:
    """Words with commas and an "and"; a comma more where a word holds an "and" of its own.

    >>> listed(["a", "b", "c"]), listed(["bed and board", "c"])
    ('a, b and c', 'bed and board, and c')
    """
    if len(words) < 2:
        return words[0] if words else ""
    return f"{', '.join(words[:-1])}{',' if any(' and ' in w for w in words) else ''} and {words[-1]}"


def day(date: dt.date) -> str:
    """A date as printed.

    >>> day(dt.date(2026, 11, 4))
    '4 November 2026'
    """
    return f"{date.day} {calendar.month_name[date.month]} {date.year}"


def month_of(period: Period) -> str:
    """The month a figure speaks of; for a longer period its label."""
    if period.duration in ("P0D", "P1M"):
        return f"{calendar.month_name[period.end.month]} {period.end.year}"
    return str(period)


def span(first: Period, last: Period) -> str:
    """Two periods as a range: "2015 to 2021"."""
    begin, end = month_of(first), month_of(last)
    return begin if begin == end else f"{begin} to {end}"


def edition_words(text: str) -> str:
    """An edition as printed.

    >>> edition_words("2026-11"), edition_words("2026-11-2")
    ('November 2026', 'November 2026, issue 2')
    """
    month = re.fullmatch(r"(\d{4}-\d{2})(?:-(\d+))?", text)
    if month is None:
        return text
    return Period.parse(month[1]).label + (f", issue {month[2]}" if month[2] else "")


def licence_words(licence: str) -> str:
    """A licence as people call it."""
    return _LICENCES.get(licence, licence)


def unit_after(indicator: Indicator) -> str:
    """The unit as it stands behind a number; empty for a percentage, whose sign belongs to the number."""
    if indicator.unit.strip() == "as published":
        return "unit not stated"
    return "" if indicator.unit.strip() in ("%", "percent", "percentage", "score", "index") else indicator.unit


def plural_of(area_type: str) -> str:
    """What areas of a type are called together: "authorities" where the reader needs no more."""
    if area_type in ("ltla", "utla"):
        return "authorities"
    known = AREA_TYPES.get(area_type)
    return known.plural if known else "areas"


def decapitalised(name: str) -> str:
    """A measure's name inside a sentence: first letter small, unless it is an abbreviation."""
    return name[:1].lower() + name[1:] if len(name) > 1 and not name[1].isupper() else name


_ENDINGS: Final = (
    re.compile(r"\s*\([^()]*\)$"),
    re.compile(r",?\s+NHS (?:Foundation )?Trust$", re.IGNORECASE),
)
_HOSPITAL: Final = re.compile(r"^(?:The )?(?:University Hospitals? (?:of )?)?(.+?)(?: University)?(?: Teaching)?(?: Hospitals?)?$")


def short_provider(name: str) -> str:
    """A provider's name, shortened by rule: without "NHS Foundation Trust" and what stands in brackets.

    >>> short_provider("Blackpool Teaching Hospitals NHS Foundation Trust")
    'Blackpool Teaching Hospitals'
    """
    shown = name.strip()
    for ending in _ENDINGS:
        shown = ending.sub("", shown) or shown
    return shown


def map_name(name: str) -> str:
    """A trust's short name as a map has room for it.

    >>> [map_name(n) for n in ("Blackpool Teaching Hospitals", "University Hospitals of Morecambe Bay", "The Christie")]
    ['Blackpool', 'Morecambe Bay', 'Christie']
    """
    match = _HOSPITAL.match(name)
    return match[1] if match else name


def size_words(size: int) -> str:
    """The size of a file as printed.

    >>> size_words(912_345), size_words(2_400_000)
    ('912 kB', '2.4 MB')
    """
    return f"{size / 1e6:.1f} MB" if size >= 1_000_000 else f"{max(1, round(size / 1000))} kB"
