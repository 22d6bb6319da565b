"""The one door for publishers' CSV files and spreadsheets: bytes -> strict text -> header contract -> columns typed by a declared layout.

Nothing is guessed. A file is read as one of the layouts its source declares, or it is refused: `LayoutError` where the header is none of them, `DataError`
(file, line, column, value, rule; the first 20 places and their total number) where a line or a cell cannot be right.

Every CSV is read twice over by different means when there is any doubt: a fast typed reader (pyarrow's, one thread, streamed) does the good files, and whatever it or
the watch on the bytes finds odd is read again cell by cell, which either names each fault or gives the same table.
"""

from __future__ import annotations

from jsnakit.tabular._csv import read_csv, read_header
from jsnakit.tabular._layouts import MAX_FAULTS, Column, Family, Fault, Header, Layout, choose_layout, data_error
from jsnakit.tabular._sheets import Sheet, column_letters, read_sheet, sheet_names

__all__ = [
    "MAX_FAULTS",
    "Column",
    "Family",
    "Fault",
    "Header",
    "Layout",
    "Sheet",
    "choose_layout",
    "column_letters",
    "data_error",
    "read_csv",
    "read_header",
    "read_sheet",
    "sheet_names",
]
