r"""Figures for others to use: a tidy CSV with its description for programs (CSVW, Data Package), and workbooks and CSV for people with a spreadsheet.

>>> import pandas as pd
>>> csv_bytes(pd.DataFrame({"name": ["=1+1"], "value": [2.0]}), for_spreadsheet=True)
b"name,value\r\n'=1+1,2\r\n"
"""

from jsnakit.exports._cells import csv_bytes
from jsnakit.exports._described import csvw_bytes, package_bytes
from jsnakit.exports._tables import TIDY_COLUMNS, TIDY_KEY, Origin, Table, tidy, tidy_table
from jsnakit.exports._workbook import Sheet, workbook_bytes

__all__ = [
    "TIDY_COLUMNS",
    "TIDY_KEY",
    "Origin",
    "Sheet",
    "Table",
    "csv_bytes",
    "csvw_bytes",
    "package_bytes",
    "tidy",
    "tidy_table",
    "workbook_bytes",
]
