"""England's published time series: the `RTT Overview Timeseries` workbook, by the words of its two header rows.

Columns come and go (45 in December 2025, 54 from February 2026), so each is found by its block and its name. A dash is a figure that was not collected; `52+` and `104+` stand for a wait in the
open band; a month may be text with a footnote mark (`* Feb-24`); months to come are printed blank; one header says millions over plain counts.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from jsnakit.errors import LayoutError
from jsnakit.model import ENGLAND, Period
from jsnakit.observations import build
from jsnakit.sources import Query
from jsnakit.tabular import MAX_FAULTS, Fault, Sheet, data_error, read_sheet, sheet_names

if TYPE_CHECKING:
    from jsnakit.files import SourceFile

__all__ = ["COLUMNS", "SERIES_ONLY", "edition_of", "folded", "month_of", "parse_series", "series_observations"]

_INCOMPLETE: Final = "incomplete rtt pathways"
_ADMITTED: Final = "completed admitted (unadjusted) rtt pathways"
_NON_ADMITTED: Final = "completed non-admitted rtt pathways"
_ESTIMATED: Final = " with estimates for missing data"

COLUMNS: Final[dict[str, tuple[str, str]]] = {
    "rtt.waiting_list": (_INCOMPLETE, "total waiting (mil)"),
    "rtt.waiting_list_with_estimates": (_INCOMPLETE, "total waiting (mil)" + _ESTIMATED),
    "rtt.incomplete_within_18_weeks": (_INCOMPLETE, "% within 18 weeks"),
    "rtt.incomplete_within_18_weeks_with_estimates": (_INCOMPLETE, "% within 18 weeks" + _ESTIMATED),
    "rtt.incomplete_median_wait": (_INCOMPLETE, "median wait (weeks)"),
    "rtt.incomplete_92nd_percentile_wait": (_INCOMPLETE, "92nd percentile (weeks)"),
    "rtt.incomplete_over_52_weeks": (_INCOMPLETE, "no. > 52 weeks"),
    "rtt.incomplete_over_65_weeks": (_INCOMPLETE, "no. > 65 weeks"),
    "rtt.incomplete_over_78_weeks": (_INCOMPLETE, "no. > 78 weeks"),
    "rtt.incomplete_over_104_weeks": (_INCOMPLETE, "no. > 104 weeks"),
    "rtt.admitted_completed": (_ADMITTED, "no. of pathways (all)"),
    "rtt.admitted_median_wait": (_ADMITTED, "median wait (weeks)"),
    "rtt.admitted_95th_percentile_wait": (_ADMITTED, "95th percentile (weeks)"),
    "rtt.admitted_over_52_weeks": (_ADMITTED, "no. > 52 weeks"),
    "rtt.non_admitted_completed": (_NON_ADMITTED, "no. of pathways (all)"),
    "rtt.non_admitted_median_wait": (_NON_ADMITTED, "median wait (weeks)"),
    "rtt.non_admitted_95th_percentile_wait": (_NON_ADMITTED, "95th percentile (weeks)"),
    "rtt.non_admitted_over_52_weeks": (_NON_ADMITTED, "no. > 52 weeks"),
    "rtt.new_periods": ("new rtt periods", "no. of new rtt periods"),
}
"""Where each indicator stands in the workbook: block and column, in lower case and without footnote marks."""

_WITHIN: Final = {
    "rtt.incomplete_within_18_weeks": ("no. within 18 weeks", "total waiting (mil)"),
    "rtt.incomplete_within_18_weeks_with_estimates": ("no. within 18 weeks" + _ESTIMATED, "total waiting (mil)" + _ESTIMATED),
}
SERIES_ONLY: Final = ("rtt.waiting_list_with_estimates", "rtt.incomplete_within_18_weeks_with_estimates")
"""What the extracts do not hold: the publisher's figures with its estimates for trusts that sent nothing."""

_SHARES: Final = frozenset(i for i, (_, name) in COLUMNS.items() if name.startswith("%"))
_WAITS: Final = frozenset(i for i, (_, name) in COLUMNS.items() if "weeks)" in name)
_MONTHS: Final = {m: i + 1 for i, m in enumerate(("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"))}
# A share and the counts it was made from agree to the last digits that a spreadsheet keeps.
_CLOSE: Final = 1e-9
# September 2021 was revised in its counts and not in its share (0.003 points apart); a difference of a point is no revision.
_FAR: Final = 0.01


def edition_of(text: str) -> Period | None:
    """The month of an edition in its name or its title: `...Timeseries-Feb26-XLSX...`, `April 2007 to February 2026`; null where none is named.

    >>> str(edition_of("Period: April 2007 to February 2026")), str(edition_of("RTT-Overview-Timeseries-Dec18-XLS-92K.xls"))
    ('February 2026', 'December 2018')
    """
    found = re.findall(r"(?<![A-Za-z])([A-Z][a-z]{2})[a-z]*[- ]?(\d{4}|\d{2})(?!\d)", text)
    months = [(int(y) if len(y) == 4 else 2000 + int(y), _MONTHS[m.lower()]) for m, y in found if m.lower() in _MONTHS]
    return Period.month(*months[-1]) if months else None


def parse_series(data: SourceFile) -> pa.Table:
    """The workbook as one row a month and indicator: `indicator`, `month`, `value`, `value_min`, `count`, `denominator`, `status`, `note`.

    Raises `LayoutError` where a block or column is missing, `DataError` for a cell that is no figure, a month twice or a share that its counts contradict.
    """
    name = next((n for n in sheet_names(data) if "time series" in n.casefold()), None)
    sheet = read_sheet(data, name)
    top = sheet.find("Year", "Month")
    where = _places(sheet, top)
    month_at = [folded(c) for c in sheet.rows[top]].index("month")
    rows = list(_months(sheet, top + 2, month_at, sorted(set(where.values()))))
    if not rows:
        raise data_error(data.name, [Fault(top + 3, "Month", None, "no-rows")], hint="the workbook has its headers and no month under them")
    faults: list[Fault] = []
    records = [_record(sheet, number, month, indicator, where, faults) for number, month in rows for indicator in COLUMNS]
    if faults:
        raise data_error(f"{data.name}, sheet {sheet.name!r}", faults[:MAX_FAULTS], len(faults))
    title = next((c for row in sheet.rows[:top] for c in row if isinstance(c, str) and c.startswith("Period:")), "")
    edition = edition_of(title) or Period.month(rows[-1][1].year, rows[-1][1].month)
    schema = pa.schema(
        [
            ("indicator", pa.string()), ("month", pa.date32()), ("value", pa.float64()), ("value_min", pa.float64()),
            ("count", pa.float64()), ("denominator", pa.float64()), ("status", pa.string()), ("note", pa.string()),
        ],
        metadata={"kind": "series", "edition": edition.start.isoformat()},
    )  # fmt: skip
    return pa.Table.from_pylist(records, schema=schema)


def folded(cell: Any) -> str:
    """A heading in lower case, its spaces made single; an empty text for what is no text.

    >>> folded("No. within  18 weeks ")
    'no. within 18 weeks'
    """
    return " ".join(str(cell).split()).casefold() if isinstance(cell, str) else ""


def _places(sheet: Sheet, top: int) -> dict[tuple[str, str], int]:
    """The column of each block and name that is asked for."""
    block, places, twice = "", {}, []
    names = sheet.rows[top + 1] if top + 1 < len(sheet.rows) else ()
    for i, (group, name) in enumerate(zip(sheet.rows[top], names, strict=False)):
        block = folded(group) or block
        if folded(name):
            key = (block, folded(name))
            twice += [key] if key in places else []
            places[key] = i
    wanted = {*COLUMNS.values(), *((COLUMNS[i][0], name) for i, pair in _WITHIN.items() for name in pair)}
    missing = sorted(wanted - set(places))
    if missing or set(twice) & wanted:
        what = (
            f"has no column {missing[0][1]!r} under {missing[0][0]!r}" if missing else f"has the column {twice[0][1]!r} under {twice[0][0]!r} twice"
        )
        raise LayoutError(
            f"{sheet.file}, sheet {sheet.name!r}: the time series {what}",
            hint="the publisher may have changed the workbook: update the plugin, or report this message to it",
            resource=sheet.file, expected=tuple(sorted(wanted)), found=tuple(places),
        )  # fmt: skip
    return {key: places[key] for key in wanted}


def _months(sheet: Sheet, first: int, at: int, columns: list[int]) -> Iterator[tuple[int, dt.date]]:
    """The rows that hold a month: one a month and none left out; months to come stand there blank."""
    last: dt.date | None = None
    for number in range(first, len(sheet.rows)):
        row = sheet.rows[number]
        month = month_of(row[at])
        if month is None:
            if row[at] != "" and any(row[i] != "" for i in columns):
                raise data_error(sheet.file, [Fault(number + 1, "Month", row[at], "month")], hint="a month is a date, or text such as * Feb-24")
            continue
        if all(row[i] == "" for i in columns):
            continue
        if last is not None and month != _next(last):
            raise data_error(sheet.file, [Fault(number + 1, "Month", str(month), "month-after-month")], hint=f"the row before is of {last:%B %Y}")
        last = month
        yield number, month


def _next(month: dt.date) -> dt.date:
    return dt.date(month.year + month.month // 12, month.month % 12 + 1, 1)


def month_of(cell: Any) -> dt.date | None:
    """The first day of the month that a cell of the series names, a date or text with a footnote mark; null where it names none.

    >>> month_of("* Feb-24")
    datetime.date(2024, 2, 1)
    """
    if isinstance(cell, dt.datetime):
        cell = cell.date()
    if isinstance(cell, dt.date):
        return cell.replace(day=1)
    match = re.fullmatch(r"\W*([A-Za-z]{3})[a-z]*[- ](\d{2}|\d{4})\W*", cell.strip()) if isinstance(cell, str) else None
    if match is None or match[1].lower() not in _MONTHS:
        return None
    return dt.date(int(match[2]) if len(match[2]) == 4 else 2000 + int(match[2]), _MONTHS[match[1].lower()], 1)


def _record(sheet: Sheet, number: int, month: dt.date, indicator: str, where: dict[tuple[str, str], int], faults: list[Fault]) -> dict[str, Any]:
    block, name = COLUMNS[indicator]
    cell = sheet.rows[number][where[block, name]]
    made: dict[str, Any] = {"indicator": indicator, "month": month, "status": "normal"}
    if cell in ("-", ""):
        return made | {"status": "not_collected" if cell == "-" else "not_available"}
    open_band = re.fullmatch(r"(52|104)\s*\+", cell.strip()) if isinstance(cell, str) else None
    if open_band and indicator in _WAITS:
        return made | {"value_min": float(open_band[1])}
    if isinstance(cell, bool) or not isinstance(cell, int | float) or cell < 0 or (indicator in _SHARES and cell > 1):
        faults.append(Fault(number + 1, f"{block}: {name}", cell, "figure"))
        return made
    if indicator in _SHARES:
        within, everyone = (sheet.rows[number][where[block, other]] for other in _WITHIN[indicator])
        if isinstance(within, int | float) and isinstance(everyone, int | float) and everyone:
            share = within / everyone
            made |= {"count": float(within), "denominator": float(everyone)}
            if abs(share - cell) <= _CLOSE:
                # The share is taken from its counts, as in the extracts: the printed one has lost its last digits.
                return made | {"value": 100.0 * share}
            if abs(share - cell) > _FAR:
                faults.append(Fault(number + 1, f"{block}: {name}", cell, "share-of-counts"))
            # Counts were revised and the share was not, or the other way round: both are shown as printed.
            return made | {"value": 100.0 * cell, "note": f"As printed; the counts printed beside it give {share:.4%}."}
        return made | {"value": 100.0 * cell}
    value = float(cell)
    return made | {"value": value, "count": None if indicator in _WAITS else value}


def series_observations(table: pa.Table, origin: str, query: Query, read: set[dt.date]) -> pa.Table | None:
    """England's rows of a parsed workbook that answer the query; for months in `read` only what no extract holds. Null where there are none."""
    codes = query.area_codes("country")
    if codes is not None and ENGLAND.code not in codes:
        return None
    values = {(r["indicator"], r["month"]): r["value"] for r in table.to_pylist()}
    short = {m for i, m in values if i == "rtt.waiting_list" and values[i, m] != values[f"{i}_with_estimates", m]}
    rows = [
        r
        for r in table.to_pylist()
        if (not query.indicators or r["indicator"] in query.indicators)
        and query.in_range(Period.month(r["month"].year, r["month"].month))
        and (r["month"] not in read or r["indicator"] in SERIES_ONLY)
    ]
    if not rows:
        return None
    estimates = [r["indicator"] in SERIES_ONLY for r in rows]
    missing = [r["month"] in short and r["status"] == "normal" for r in rows]
    periods = [_period(r["indicator"], r["month"]) for r in rows]
    columns = {name: pa.array([r[name] for r in rows], pa.float64()) for name in ("value", "value_min", "count", "denominator")}
    return build(
        len(rows), indicator=[r["indicator"] for r in rows], area_scheme=ENGLAND.scheme, area_type=ENGLAND.type, area=ENGLAND.code,
        period_start=[p.start for p in periods], period_duration=[p.duration for p in periods], period=[p.label for p in periods],
        status=[r["status"] for r in rows], flags=["estimated" if e and m else None for e, m in zip(estimates, missing, strict=True)],
        note=[_note(r["note"], (_WITH if e else _WITHOUT) if m else None) for r, e, m in zip(rows, estimates, missing, strict=True)], origin=origin, **columns,
    )  # fmt: skip


_WITH: Final = "Includes the publisher's estimate for trusts that sent no data: what each last sent, carried on."
_WITHOUT: Final = "Does not include trusts that sent no data."


def _note(*said: str | None) -> str | None:
    return " ".join(s for s in said if s) or None


def _period(indicator: str, month: dt.date) -> Period:
    snapshot = COLUMNS[indicator][0] == _INCOMPLETE
    return Period.month_end(month.year, month.month) if snapshot else Period.month(month.year, month.month)
