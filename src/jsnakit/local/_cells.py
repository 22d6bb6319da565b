"""What one cell means: a number or a mark, a period, a sex, an age or a category. What is none of these is refused, never guessed."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any, Final

import attrs
from attrs import frozen

from jsnakit.errors import InvalidValueError
from jsnakit.local._describe import Dimension, Mark
from jsnakit.local._grid import cell_text
from jsnakit.model import TOTAL, Period

__all__ = ["SEXES", "TOTALS", "Figure", "breakdown_of", "figure_of", "period_of"]

TOTALS: Final = frozenset({"total", "all", "all ages", "all persons", "persons", "people", "both", "both sexes", "all people", "overall"})
"""Words that mean the total of a breakdown."""

SEXES: Final[Mapping[str, str]] = dict.fromkeys(("male", "males", "m", "men", "boys"), "Male") | dict.fromkeys(
    ("female", "females", "f", "women", "girls"), "Female"
)
"""How sexes are written, and what they are called in the table."""

_NUMBER: Final = re.compile(r"[-\N{MINUS SIGN}]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?|[-\N{MINUS SIGN}]?\.\d+")
_TWO_YEARS: Final = re.compile(r"(\d{4}) ?[-\N{EN DASH}/] ?(\d{2}|\d{4})")
_QUARTER: Final = re.compile(r"(?:Q([1-4])[ ,]*(\d{4})(/\d{2}|/\d{4})?|(\d{4})(/\d{2}|/\d{4})?[ ,-]*Q([1-4]))", re.IGNORECASE)
_SLASHED: Final = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")


@frozen
class Figure:
    """A number, or the mark in its place; a number may have a flag behind it."""

    number: float | None = None
    mark: Mark | None = None
    flag: str = ""


def figure_of(cell: Any, marks: Mapping[str, Mark], *, percent: bool) -> Figure | None:
    """What a cell of a measure's column says; None where it is neither a number nor a known mark.

    >>> figure_of("1,204", {}, percent=False).number
    1204.0
    """
    if isinstance(cell, bool | dt.date):
        return None
    if isinstance(cell, int | float):
        return Figure(float(cell)) if cell == cell and abs(cell) != float("inf") else None
    text = cell_text(cell)
    if text in marks and not marks[text].flag:
        return Figure(mark=marks[text])
    flag = ""
    for end, mark in marks.items():
        if mark.flag and end and text.endswith(end) and text != end:
            text, flag = text[: -len(end)].rstrip(), mark.flag
            break
    if percent:
        text = text.removesuffix("%").rstrip()
    if not _NUMBER.fullmatch(text):
        return None
    return Figure(float(text.replace(",", "").replace("\N{MINUS SIGN}", "-")), flag=flag)


def period_of(cell: Any, dimension: Dimension) -> Period:
    """The period a cell, a label or the one value of a file means. Raises `InvalidValueError` where it may be read in two ways, saying which key settles it."""
    text = cell_text(cell)
    shown = text
    if text in dimension.means:
        text = dimension.means[text]
    elif isinstance(cell, dt.date):
        return _dated(cell.date() if isinstance(cell, dt.datetime) else cell, dimension.of)
    elif match := _SLASHED.fullmatch(text):
        try:
            return _dated(dt.date(int(match[3]), int(match[2]), int(match[1])), dimension.of)
        except ValueError:
            raise InvalidValueError(f"{text!r} is not a day", hint="days are read as day/month/year", value=text) from None
    if match := _QUARTER.fullmatch(text):
        return _quarter(int(match[1] or match[6]), int(match[2] or match[4]), financial=bool(match[3] or match[5]), label=shown)
    match = _TWO_YEARS.fullmatch(text)
    if match and "/" not in text and (int(match[1]) + 1) % 100 == int(match[2]) % 100:
        if dimension.years == "financial":
            return Period(dt.date(int(match[1]), 4, 1), "P1Y", f"{match[1]}/{match[2][-2:]}")
        if not dimension.years:
            raise InvalidValueError(
                f"{text!r} may be one financial year or two calendar years",
                hint='say which under [period]: years = "financial" (April to March) or years = "calendar"', value=text,
            )  # fmt: skip
    if re.fullmatch(r"\d{4}", text) and dimension.years == "financial" and text == shown:
        raise InvalidValueError(
            f"{text!r} names no financial year",
            hint=f'say which it is under [period.means]: "{text}" = "{text}/{(int(text) + 1) % 100:02}"',
            value=text,
        )
    return attrs.evolve(Period.parse(text), label=text)


def _dated(day: dt.date, of: str) -> Period:
    if of == "day":
        return Period(day, "P0D", day.isoformat())
    if of == "month":
        return Period.month(day.year, day.month)
    if of == "quarter":
        first = dt.date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
        return Period(first, "P3M", f"{first:%b} to {Period(first, 'P3M').end:%b} {day.year}")
    if of == "year":
        return Period.year(day.year)
    if of == "financial_year":
        year = day.year if day.month >= 4 else day.year - 1
        return Period.parse(f"{year}/{(year + 1) % 100:02}")
    raise InvalidValueError(
        f"{day.isoformat()} is a date, and it is not said what it stands for",
        hint='write under [period] of = "day", "month", "quarter", "year" or "financial_year"', value=day.isoformat(),
    )  # fmt: skip


def _quarter(number: int, year: int, *, financial: bool, label: str) -> Period:
    month = 3 * number + (1 if financial else -2)
    return Period(dt.date(year + (month > 12), (month - 1) % 12 + 1, 1), "P3M", label)


def breakdown_of(cell: Any, name: str, dimension: Dimension) -> str:
    """The sex, age or category that a cell or label means; `_T` for a total. Raises `InvalidValueError` for an empty one."""
    text = cell_text(cell)
    if text in dimension.means:
        return dimension.means[text] or TOTAL
    if not text:
        raise InvalidValueError(f"an empty cell is no {name}", hint=f"write fill = true under [{name}] if it means the one above", value=text)
    if text.casefold() in TOTALS:
        return TOTAL
    return SEXES.get(text.casefold(), text) if name == "sex" else text
