"""NHS England's workbooks as they are printed: area by treatment function, the weekly bands, and the totals, shares and averages beside them.

Source: the provider workbook of September 2025, commissioner workbooks of December 2009, February 2010 and April 2015. Columns are found by their headings.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from jsnakit.errors import LayoutError
from jsnakit.tabular import Sheet, column_letters, read_sheet, sheet_names
from jsnakit_rtt.layout import TOTAL_FUNCTION, period_of
from jsnakit_rtt.series import folded

if TYPE_CHECKING:
    from jsnakit.files import SourceFile

__all__ = ["Heading", "Printed", "cell_name", "function_of", "heading_of", "is_printed", "numbers_of", "read_printed", "total_of"]


@frozen
class Heading:
    """One column that prints figures: where it stands, its words, and what it is of (`kind`), with the week or percent that it names.

    `kind` is `band`, `unknown`, `all`, `known`, `within`, `share`, `over`, `over_share`, `median`, `percentile`, or `other` for one that no rule is known of.
    """

    at: int
    words: str
    kind: str
    number: int = 0


_HEADINGS: Final = (
    (re.compile(r">(\d+) ?- ?\d+"), "band"),
    (re.compile(r"(\d+) ?(?:plus|\+)"), "band"),
    (re.compile(r".*unknown clock start.*"), "unknown"),
    (re.compile(r"%.* within (\d+) weeks?"), "share"),
    (re.compile(r".*total.* within (\d+) weeks?"), "within"),
    (re.compile(r".*\(with a known clock start\)"), "known"),
    (re.compile(r"total number of completed pathways.*"), "all"),
    (re.compile(r"total number of (?:incomplete|rtt) .*"), "all"),
    (re.compile(r".*\bmedian\b.*"), "median"),
    (re.compile(r"(\d+)(?:st|nd|rd|th) percentile.*"), "percentile"),
    (re.compile(r"%.*?(\d+) ?(?:plus|\+) ?weeks?"), "over_share"),
    (re.compile(r"total (?:number )?(\d+) ?(?:plus|\+) ?weeks?"), "over"),
)


def heading_of(at: int, cell: Any) -> Heading:
    """What a column is of, by its heading.

    >>> heading_of(3, "95th percentile waiting time (in weeks)").kind, heading_of(4, "Total 52 plus weeks").number
    ('percentile', 52)
    """
    words = folded(cell)
    for pattern, kind in _HEADINGS:
        match = pattern.fullmatch(words)
        if match:
            return Heading(at, " ".join(str(cell).split()), kind, int(match[1]) if match.groups() else 0)
    return Heading(at, " ".join(str(cell).split()), "other")


def function_of(cell: Any) -> str:
    """The extract's code of a treatment function; before 2016 the workbooks put the kind of pathway before it.

    >>> function_of("IP100"), function_of("NPX01"), function_of("C_999")
    ('C_100', 'X01', 'C_999')
    """
    match = re.fullmatch(r"[A-Z]P([0-9]{3}|X[0-9]{2})", str(cell).strip())
    if match is None:
        return str(cell).strip()
    return match[1] if match[1].startswith("X") else f"C_{match[1]}"


def cell_name(column: int, row: int) -> str:
    """A cell as a spreadsheet names it, both counted from 0.

    >>> cell_name(1, 11), cell_name(27, 0)
    ('B12', 'AB1')
    """
    return f"{column_letters(column)}{row + 1}"


def numbers_of(cells: NDArray[Any]) -> NDArray[np.float64]:
    """The numbers among cells, NaN for what is none."""
    flat = [float(c) if isinstance(c, int | float) and not isinstance(c, bool) else np.nan for c in cells.ravel()]
    return np.array(flat, dtype=np.float64).reshape(cells.shape)


@frozen(eq=False)
class Printed:
    """One sheet: a row an area and treatment function. `areas` are codes as printed, empty in a sheet of England; `rows` say where each stands.

    `part` is the part of the extract it is of (empty for adjusted pathways, which no extract holds); `revised` whether it says that it is no first edition.
    """

    file: str
    sheet: str
    month: dt.date
    part: str
    revised: bool
    areas: tuple[str, ...]
    area_heading: str
    functions: tuple[str, ...]
    headings: tuple[Heading, ...]
    rows: NDArray[np.int64]
    cells: NDArray[Any] = field(repr=False)
    place: str = ""

    @property
    def england(self) -> bool:
        """Whether it is of England as a whole."""
        return not self.area_heading

    def bands(self) -> list[int]:
        """Which of the headings are the weekly bands, shortest wait first."""
        return [i for i, h in enumerate(self.headings) if h.kind == "band"]

    @property
    def open_from(self) -> int:
        """The first week of the open band."""
        return self.headings[self.bands()[-1]].number

    def cell(self, row: int, heading: int) -> str:
        """The name of a cell, with its sheet."""
        return f"{self.place}{self.sheet}!{cell_name(self.headings[heading].at, int(self.rows[row]))}"

    def about(self, row: int) -> str:
        """What a row is of."""
        return f"{self.areas[row] or 'England'} {self.functions[row]}, {self.month:%B %Y}"


def is_printed(name: str) -> bool:
    """Whether a member of a ZIP is a workbook by its name.

    >>> is_printed("Incomplete-Commissioner-Apr15.xls"), is_printed("extract.csv")
    (True, False)
    """
    return name.casefold().endswith((".xls", ".xlsx"))


def read_printed(data: SourceFile, member: str | None = None) -> list[Printed]:
    """The sheets of a workbook (or of the workbook `member` of a ZIP) that print areas by treatment function. Raises `LayoutError` where it has none."""
    names = sheet_names(data, member=member)
    found = [p for name in names for p in _sheet(read_sheet(data, name, member=member), f"{member}:" if member else "")]
    if not found:
        raise LayoutError(
            f"{member or data.name} has no sheet with a column 'Treatment Function Code' and weekly bands",
            hint="give a provider or commissioner workbook of incomplete, admitted or non-admitted pathways, or the England time series",
            resource=data.name, expected=("Treatment Function Code", ">0-1"), found=names,
        )  # fmt: skip
    return found


def _sheet(sheet: Sheet, place: str) -> Iterator[Printed]:
    try:
        top = sheet.find("Treatment Function Code")
    except LayoutError:
        return
    head = sheet.rows[top]
    function_at = [folded(c) for c in head].index("treatment function code")
    headings = [heading_of(i, c) for i, c in enumerate(head) if i > function_at + 1 and folded(c)]
    if sum(h.kind == "band" for h in headings) < 50:
        return
    above = [str(c) for row in sheet.rows[:top] for c in row if isinstance(c, str) and c.strip()]
    month = next((m for text in above for m in _named_months(text)), None)
    if month is None:
        raise LayoutError(
            f"{sheet.file}, sheet {sheet.name!r}: no month above the table",
            hint="the publisher may have changed the sheet: update the plugin, or report this message to it",
            resource=sheet.file, expected="Period: April 2015", found=tuple(above[:20]),
        )  # fmt: skip
    code_at = [i for i in range(function_at) if folded(head[i]).endswith("code")]
    area_at = code_at[-1] if code_at else -1
    kept = [i for i in range(top + 1, len(sheet.rows)) if re.fullmatch(r"[A-Z_]*[0-9]{2,3}", str(sheet.rows[i][function_at]).strip())]
    if not kept:
        return
    cells = np.empty((len(kept), len(headings)), dtype=object)
    for to, i in enumerate(kept):
        cells[to] = [sheet.rows[i][h.at] for h in headings]
    yield Printed(
        sheet.file, sheet.name, month, _part(above, sheet.name), _revised(sheet, top),
        tuple(str(sheet.rows[i][area_at]).strip(" -") if area_at >= 0 else "" for i in kept), folded(head[area_at]) if area_at >= 0 else "",
        tuple(function_of(sheet.rows[i][function_at]) for i in kept), tuple(headings), np.array(kept, dtype=np.int64), cells, place,
    )  # fmt: skip


def _named_months(text: str) -> Iterator[dt.date]:
    for name, year in re.findall(r"\b([A-Z][a-z]+)\s+(\d{4})\b", text):
        month = period_of(f"RTT-{name}-{year}")
        if month:
            yield month


def _part(above: list[str], sheet: str) -> str:
    said = next((t for t in above if "pathways" in t.casefold()), " ".join(above)).casefold()
    if "incomplete" in said:
        return "Part_2A" if re.search(r"decision to admit|\bdta\b", f"{said} {sheet.casefold()}") else "Part_2"
    if re.search(r"non-?\s?admitted", said):
        return "Part_1B"
    return "" if re.search(r"(?<!un)adjusted", said) else "Part_1A"


def _revised(sheet: Sheet, top: int) -> bool:
    for row in sheet.rows[:top]:
        words = [str(c).strip() for c in row if str(c).strip()]
        if words and words[0].casefold().startswith("revised"):
            return len(words) > 1 and any(c.isdigit() for c in words[1])
    return any("revised" in str(c).casefold() for row in sheet.rows[:top] for c in row if isinstance(c, str))


def total_of(functions: tuple[str, ...]) -> NDArray[np.bool_]:
    """Which rows are the publisher's total of all functions."""
    return np.array([f == TOTAL_FUNCTION for f in functions], dtype=bool)
