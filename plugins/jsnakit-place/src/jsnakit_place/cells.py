"""The cells of PLACE files: scores in three spellings and one scale a column, marks, ratings, numbers, yes and no. Nothing is guessed: what is none of them is a fault."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from attrs import frozen

from jsnakit_place.rounds import Scale

__all__ = ["ABSENT", "CODE", "Cell", "code_of", "flag_of", "is_percent", "number_of", "rating_of", "scores_of", "text_of", "year_of"]

CODE: Final = re.compile(r"(?=[0-9]*[A-Z])[0-9A-Z]{3,9}")
"""What an ODS code looks like: capitals and digits, at least one capital."""

ABSENT: Final = frozenset({"", "-", "\N{EN DASH}", "\N{EM DASH}", "n/a", "na", "#n/a", "not applicable", "not assessed", "none"})
"""What stands where there is no score, without regard to case."""

_NOT_APPLICABLE: Final = frozenset({"not applicable", "self catering", "self-catering"})
_PLAIN: Final = re.compile(r"[0-9]{1,3}(?:\.[0-9]+)?")
_NUMBER: Final = re.compile(r"(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?")


@frozen
class Cell:
    """One cell as read: its value, the text as printed (None for a spreadsheet's number), the status that the words themselves give, and the rule it breaks."""

    value: float | None = None
    text: str | None = None
    status: str | None = None
    fault: str | None = None


def text_of(cell: Any) -> str:
    """A cell as text, without outer spaces."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return cell.isoformat() if isinstance(cell, dt.date) else str(cell).strip()


def code_of(cell: Any) -> str | None:
    """An ODS code, or None: a number is none, since a spreadsheet that took `5E1` for a number has lost the code.

    >>> code_of(" RP5DR "), code_of(50.0), code_of("Source: NHS Digital")
    ('RP5DR', None, None)
    """
    return cell.strip() if isinstance(cell, str) and CODE.fullmatch(cell.strip()) else None


def is_percent(cell: Any) -> bool:
    """Whether a cell is a percentage in text.

    >>> is_percent("98.08 %"), is_percent("98.08"), is_percent(0.98)
    (True, False, False)
    """
    return isinstance(cell, str) and cell.strip().endswith("%") and _PLAIN.fullmatch(cell.strip()[:-1].strip()) is not None


def _plain(cell: Any) -> Decimal | None:
    if isinstance(cell, bool):
        return None
    if isinstance(cell, int | float):
        return Decimal(repr(cell)) if cell == cell and cell not in {float("inf"), float("-inf")} else None
    return Decimal(cell.strip()) if isinstance(cell, str) and _PLAIN.fullmatch(cell.strip()) else None


def scores_of(columns: Mapping[str, Sequence[Any]]) -> dict[str, list[Cell]]:
    """The columns of scores of one table, each as percentages from 0 to 100.

    A column is one of two scales: per cent (0 to 100, or text with a sign), or a fraction of 1 as a spreadsheet keeps a percentage. Its numbers without a sign decide, and a column that
    has both small and large ones is refused (`scale`), as is a column of fractions beside one of plain percentages, and a text such as `0.98%`. A 0 fits either.

    >>> [c.value for c in scores_of({"x": ["98.08%", 97, "N/A"]})["x"]]
    [98.08, 97.0, None]
    >>> [c.value for c in scores_of({"x": [0.9808, 1.0]})["x"]]
    [98.08, 100.0]
    >>> [c.fault for c in scores_of({"x": [0.9808, 98.08]})["x"]]
    ['scale', 'scale']
    """
    scales = {name: _scale(cells) for name, cells in columns.items()}
    mixed = {"fraction", "percent"} <= set(scales.values())
    return {
        name: [_score(cell, "mixed" if mixed and scales[name] in {"fraction", "percent"} else scales[name]) for cell in cells]
        for name, cells in columns.items()
    }


def _scale(cells: Sequence[Any]) -> str:
    plain = [d for c in cells if (d := _plain(c)) is not None and d != 0]
    signed = [Decimal(c.strip()[:-1].strip()) for c in cells if is_percent(c)]
    if any(0 < d <= 1 for d in signed):
        return "mixed"
    if not plain:
        return "signed" if signed else "zero"
    if max(plain) <= 1:
        return "mixed" if signed else "fraction"
    return "mixed" if min(plain) <= 1 else "percent"


def _score(cell: Any, scale: str) -> Cell:
    text = cell.strip() if isinstance(cell, str) else None
    if text is not None and text.casefold() in ABSENT | _NOT_APPLICABLE:
        return Cell(text=text or None, status="not_applicable" if text.casefold() in _NOT_APPLICABLE else None)
    number = Decimal(text[:-1].strip()) if text is not None and is_percent(text) else _plain(cell)
    if number is None:
        return Cell(text=text, fault="score")
    if scale == "mixed":
        return Cell(text=text, fault="scale")
    value = float(number * 100 if scale == "fraction" else number)
    return Cell(value=value, text=text, fault=None if 0 <= value <= 100 else "range")


def number_of(cell: Any) -> Cell:
    """A number that is not below 0 (marks, beds, people), with commas for thousands or without.

    >>> number_of("1,234").value, number_of("-").value, number_of("about 20").fault
    (1234.0, None, 'number')
    """
    if isinstance(cell, str):
        text = cell.strip()
        if text.casefold() in ABSENT:
            return Cell(text=text or None)
        return Cell(value=float(text.replace(",", "")), text=text) if _NUMBER.fullmatch(text) else Cell(text=text, fault="number")
    number = _plain(cell)
    return Cell(value=float(number)) if number is not None and number >= 0 else Cell(fault="number")


def rating_of(cell: Any, scale: Scale) -> Cell:
    """A rating as its rank."""
    text = text_of(cell)
    if text.casefold() in ABSENT:
        return Cell(text=text or None)
    rank = scale.rank(text)
    return Cell(text=text, fault="rating") if rank is None else Cell(value=float(rank), text=text)


def flag_of(cell: Any) -> Cell:
    """Yes or no as 1 or 0; a blank says nothing."""
    word = text_of(cell).casefold()
    if word in {"yes", "y", "true", "1"}:
        return Cell(value=1.0)
    return Cell(value=0.0) if word in {"no", "n", "false", "0"} else Cell(fault=None if word in ABSENT else "yes-or-no")


def year_of(cell: Any) -> Cell:
    """A year of four digits."""
    text = text_of(cell)
    return Cell(value=float(text)) if re.fullmatch(r"20[0-9]{2}", text) else Cell(fault=None if text.casefold() in ABSENT else "year")
