"""A workbook for people: one table a worksheet, laid out as the Government Analysis Function asks (Releasing statistics in spreadsheets, 2021), and without a single formula."""

from __future__ import annotations

import datetime as dt
import io
import math
import numbers
from collections.abc import Sequence
from typing import Any, Final

import pandas as pd
from attrs import field, frozen, validators

from jsnakit.exports._cells import cell
from jsnakit.model import AREA_TYPES
from jsnakit.observations import PUBLISHED_PREFIX, STATUSES

__all__ = ["Sheet", "workbook_bytes"]

_HEADS: Final = {
    "indicator": "Measure", "area_name": "Area", "area_code": "Area code", "area_type": "Area type", "period": "Period", "sex": "Sex", "age": "Age",
    "category_type": "Broken down by", "category": "Part", "obs_value": "Value", "unit_measure": "Unit", "lower": "Lower limit", "upper": "Upper limit",
    "value_min": "Least it can be", "value_max": "Most it can be", "count": "Numerator", "denominator": "Denominator", "status": "Status", "flags": "Said of it", "note": "Note",
    "source": "Source", "licence": "Licence", "retrieved": "Retrieved",
}  # fmt: skip
"""The columns of tidy observations that people read, in their order, and what they are called."""

_SHORT: Final = {"suppressed": "[c]", "not_applicable": "[z]"}
_MISSING: Final = "[x]"
_SHORTHAND: Final = (
    ("[c]", "Confidential: the publisher hides the figure, so that nobody can be recognised. It is not zero."),
    ("[x]", "Not available: there is no figure. It is not zero."),
    ("[z]", "Not applicable: there cannot be a figure."),
)
_STATUS_WORDS: Final = {name: name.replace("_", " ") for name in STATUSES}
_WIDEST: Final = 60
_CELL_LENGTH: Final = 32_767
_MADE: Final = dt.datetime(1980, 1, 1)  # noqa: DTZ001  # the file format has no zone; the day is always the same, so that the bytes are


@frozen(eq=False)
class Sheet:
    """One table of a workbook: the name of its worksheet, its title, its rows, and what must be known to read it."""

    name: str = field(validator=(validators.min_len(1), validators.max_len(31)))
    title: str
    frame: pd.DataFrame
    notes: tuple[str, ...] = ()


def workbook_bytes(title: str, sheets: Sequence[Sheet], *, about: Sequence[str] = ()) -> bytes:
    """Tables as an XLSX workbook: a cover, the contents, notes, then a worksheet for each table; the same bytes for the same tables.

    A frame of tidy observations (`jsnakit.exports.tidy`) is shown with names instead of codes; any other as it is. Text is always text: no cell is a formula or a link. Where there is no figure the
    cell says why (`[c]`, `[x]`, `[z]`, explained in the notes).
    """
    import xlsxwriter

    sink = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False, "nan_inf_to_errors": False}
    with xlsxwriter.Workbook(sink, options) as book:
        book.set_properties({"title": title, "created": _MADE, "comments": "", "author": "", "company": ""})
        styles = {"title": book.add_format({"bold": True, "font_size": 14}), "head": book.add_format({"bold": True, "text_wrap": True, "valign": "top"}),
                  "wrap": book.add_format({"text_wrap": True, "valign": "top"}), "whole": book.add_format({"num_format": "#,##0"}),
                  "number": book.add_format({"num_format": "#,##0.0#"})}  # fmt: skip
        _cover(book, styles, title, about)
        _listed(book, styles, "Contents", "Contents", ("Worksheet", "Table"), [(s.name, s.title) for s in sheets])
        notes = [*_SHORTHAND, *((s.name, note) for s in sheets for note in s.notes)]
        _listed(book, styles, "Notes", "Notes", ("Sign or worksheet", "Note"), notes)
        for number, sheet in enumerate(sheets, 1):
            _table(book, styles, sheet, number)
    return sink.getvalue()


def _cover(book: Any, styles: dict[str, Any], title: str, about: Sequence[str]) -> None:
    page = book.add_worksheet("Cover")
    page.set_column(0, 0, 100, styles["wrap"])
    page.write_string(0, 0, title, styles["title"])
    for line, words in enumerate(about, 1):
        page.write_string(line, 0, _clipped(words), styles["wrap"])


def _listed(book: Any, styles: dict[str, Any], name: str, title: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    page = book.add_worksheet(name)
    page.write_string(0, 0, title, styles["title"])
    page.write_string(1, 0, "This worksheet holds one table.")
    page.set_column(0, 0, 22)
    page.set_column(1, 1, 100, styles["wrap"])
    _rows(page, styles, f"table_{name.lower()}", heads, rows, 2)


def _table(book: Any, styles: dict[str, Any], sheet: Sheet, number: int) -> None:
    page = book.add_worksheet(sheet.name)
    page.write_string(0, 0, _clipped(sheet.title), styles["title"])
    page.write_string(1, 0, "This worksheet holds one table. What the signs in square brackets mean is in the worksheet Notes.")
    heads, rows = _readable(sheet.frame)
    for column, head in enumerate(heads):
        widest = max((len(str(row[column])) for row in rows[:500]), default=0)
        page.set_column(column, column, min(_WIDEST, max(len(head) + 4, widest + 2)))
    _rows(page, styles, f"table_{number}", heads, rows, 2)
    page.freeze_panes(3, 0)


def _rows(page: Any, styles: dict[str, Any], name: str, heads: Sequence[str], rows: Sequence[Sequence[Any]], top: int) -> None:
    bottom = top + max(1, len(rows))
    columns = [{"header": head, "header_format": styles["head"]} for head in heads]
    page.add_table(top, 0, bottom, len(heads) - 1, {"name": name, "columns": columns, "style": None, "autofilter": False})
    for line, row in enumerate(rows, top + 1):
        for column, value in enumerate(row):
            if isinstance(value, numbers.Real) and math.isfinite(value):
                page.write_number(line, column, float(value), styles["whole" if float(value).is_integer() else "number"])
            elif text := cell(value):
                page.write_string(line, column, _clipped(text))


def _clipped(text: str) -> str:
    """Text that fits into a cell, without what XML cannot hold."""
    kept = "".join(c for c in text if c in "\n\t" or c >= " ")
    return kept if len(kept) <= _CELL_LENGTH else f"{kept[: _CELL_LENGTH - 1]}\u2026"


def _readable(frame: pd.DataFrame) -> tuple[list[str], list[list[Any]]]:
    """A frame as people read it: of tidy observations the columns that say something, else all."""
    if "obs_value" not in frame.columns:
        return _distinct([str(c) for c in frame.columns]), [list(row) for row in frame.itertuples(index=False, name=None)]
    shown = frame.assign(
        obs_value=[
            _sign(status) if value is None or value != value else value
            for value, status in zip(frame["obs_value"].astype(object), frame["status"], strict=True)
        ],
        status=[_STATUS_WORDS.get(str(s), str(s)) for s in frame["status"]],
    )
    for column in ("sex", "age", "category_type", "category"):
        shown[column] = ["" if v == "_T" else v for v in shown[column]]
    shown["area_type"] = [AREA_TYPES[t].name if t in AREA_TYPES else t for t in shown["area_type"].astype(str)]
    shown["sex"] = [{"F": "women", "M": "men"}.get(str(v), v) for v in shown["sex"]]
    kept = [c for c in _HEADS if c in shown.columns and (c in ("obs_value", "area_name", "period") or _says(shown[c]))]
    more = [c for c in shown.columns if str(c).startswith(PUBLISHED_PREFIX)]
    heads = [*(_HEADS[c] for c in kept), *(f"Publisher's {str(c).removeprefix(PUBLISHED_PREFIX).replace('_', ' ')}" for c in more)]
    return _distinct(heads), [list(row) for row in shown[[*kept, *more]].astype(object).itertuples(index=False, name=None)]


def _says(column: pd.Series[Any]) -> bool:
    return any(v is not None and v == v and v != "" for v in column)


def _sign(status: Any) -> str:
    return _SHORT.get(str(status), _MISSING)


def _distinct(heads: Sequence[str]) -> list[str]:
    """Heads of which no two are one, as a table in a workbook must have them."""
    found: list[str] = []
    for head in heads:
        name, n = head or "Column", 2
        while name.casefold() in {f.casefold() for f in found}:
            name, n = f"{head or 'Column'} {n}", n + 1
        found.append(name)
    return found
