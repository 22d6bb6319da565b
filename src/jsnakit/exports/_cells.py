"""Cells as text: unrounded, empty where there is nothing, and for a spreadsheet never the beginning of a formula."""

from __future__ import annotations

import csv
import datetime as dt
import io
import math
import numbers
import re
from collections.abc import Iterable
from typing import Any, Final

import pandas as pd

__all__ = ["cell", "csv_bytes", "guarded"]

_RUNS: Final = re.compile(r"[\s\u00a0\ufeff\u200b]*[=+\-@\uff1d\uff0b\uff0d\uff20\u2212]|[\t\r\n]")
"""What a spreadsheet may take for a formula: its signs and their full-width forms, behind blanks too, and a first character that ends the cell in some of them (OWASP, CSV injection, 2023)."""

_NUMBER: Final = re.compile(r"[+\-\u2212]?\d[\d,]*(\.\d+)?%?")


def csv_bytes(rows: pd.DataFrame | Iterable[Iterable[Any]], *, for_spreadsheet: bool = False) -> bytes:
    r"""Rows as CSV (RFC 4180, which the government's tabular data standard of 2018 asks for; UTF-8): a frame with its columns' names first, or rows that hold their own head.

    Numbers are unrounded, days are ISO 8601, and what is missing is an empty cell. With `for_spreadsheet`, text that a spreadsheet would run gets an apostrophe before it; without, every value is
    what it is.

    >>> csv_bytes([["place"], ["@SUM(1)"]])
    b'place\r\n@SUM(1)\r\n'
    """
    lines = [list(rows.columns), *rows.itertuples(index=False, name=None)] if isinstance(rows, pd.DataFrame) else rows
    sink = io.StringIO()
    made = guarded if for_spreadsheet else cell
    # With this line end the writer quotes a lone \r too: a program that takes it for the end of a row would begin a cell behind it.
    csv.writer(sink, lineterminator="\r\n").writerows([made(v) for v in line] for line in lines)
    return sink.getvalue().encode()


def cell(value: Any) -> str:
    """A value as text: unrounded, empty where there is none, a day without a clock."""
    if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, dt.datetime):
        return value.date().isoformat()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(float(value))
    return str(value)


def guarded(value: Any) -> str:
    """A value as text that no spreadsheet takes for a formula; numbers stay numbers."""
    text = cell(value)
    if isinstance(value, numbers.Number) or not _RUNS.match(text) or _NUMBER.fullmatch(text):
        return text
    return f"'{text}"
