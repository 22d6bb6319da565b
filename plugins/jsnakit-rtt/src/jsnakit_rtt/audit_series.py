"""The audit of England's time series: every figure of the month's row beside the extract, the others beside the figures printed in the same row or the one before."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from attrs import frozen

from jsnakit.auditing import Disagreement
from jsnakit.errors import LayoutError
from jsnakit.tabular import Sheet, read_sheet, sheet_names
from jsnakit_rtt.layout import TOTAL_FUNCTION
from jsnakit_rtt.measures import Month
from jsnakit_rtt.printed import Heading, cell_name
from jsnakit_rtt.rules import Rules
from jsnakit_rtt.series import folded, month_of
from jsnakit_rtt.verdicts import ADJUSTED, NO_RULE, Computed, Counted, Tally, close, computed, shown

if TYPE_CHECKING:
    from jsnakit.files import SourceFile

__all__ = ["audit_series", "is_series"]

_LIST: Final = "incomplete rtt pathways"
_ADMITTED: Final = "completed admitted (unadjusted) rtt pathways"
_NON_ADMITTED: Final = "completed non-admitted rtt pathways"
_NEW: Final = "new rtt periods"
_PARTS: Final = {_LIST: "Part_2", _ADMITTED: "Part_1A", _NON_ADMITTED: "Part_1B", _NEW: "Part_3"}
_ALL: Final = {
    _LIST: "total waiting (mil)",
    _ADMITTED: "no. of pathways (all)",
    _NON_ADMITTED: "no. of pathways (all)",
    _NEW: "no. of new rtt periods",
}
_FIGURES: Final = (
    (re.compile(r"median wait \(weeks\)"), "median"),
    (re.compile(r"(\d+)(?:st|nd|rd|th) percentile \(weeks\)"), "percentile"),
    (re.compile(r"no\. within (\d+) weeks"), "within"),
    (re.compile(r"% within (\d+) weeks"), "share"),
    (re.compile(r"no\. > (\d+) weeks"), "over"),
    (re.compile(r"% > (\d+) weeks"), "over_share"),
    (re.compile(r"total waiting \(mil\)|no\. of pathways \(all\)|no\. of new rtt periods"), "all"),
)
_WITH: Final = re.compile(r",? with estimates(?: for missing data)?$")
_ESTIMATE: Final = "the publisher's estimate for trusts that sent nothing"
_OTHER: Final = "from another collection"
_UNPRINTED: Final = "not published"
_BEYOND: Final = "beyond the extract's open band"

Key = tuple[str, str, bool]


@frozen
class _Column:
    """One column of the series: its block, its name without what it says of estimates, and whether it has them."""

    at: int
    block: str
    name: str
    estimated: bool
    words: str

    @property
    def key(self) -> Key:
        return self.block, self.name, self.estimated


def _series_sheet(data: SourceFile) -> str | None:
    return next((n for n in sheet_names(data) if "time series" in n.casefold()), None)


def is_series(data: SourceFile) -> bool:
    """Whether a workbook is England's time series, by the name of its sheet."""
    return _series_sheet(data) is not None


def _columns(sheet: Sheet, top: int) -> list[_Column]:
    block, found = "", []
    for i, (group, name) in enumerate(zip(sheet.rows[top], sheet.rows[top + 1], strict=False)):
        block = folded(group) or block
        words = folded(name)
        if words:
            found.append(_Column(i, block, _WITH.sub("", words), bool(_WITH.search(words)), " ".join(f"{block}: {name}".split())))
    return found


def audit_series(data: SourceFile, month: Month, rules: Rules, tally: Tally) -> None:
    """Every figure of the row of the extract's month, under `england`. Raises `LayoutError` where the series cannot be read."""
    sheet = read_sheet(data, _series_sheet(data))
    top = sheet.find("Year", "Month")
    columns = _columns(sheet, top)
    at = [folded(c) for c in sheet.rows[top]].index("month")
    rows = {m: i for i in range(top + 2, len(sheet.rows)) if (m := month_of(sheet.rows[i][at])) is not None}
    if not columns or not rows:
        raise LayoutError(
            f"{sheet.file}, sheet {sheet.name!r}: no columns or no months",
            hint="the publisher may have changed the workbook: update the plugin, or report this message to it",
            resource=sheet.file, expected="a row a month under two rows of headings", found=tuple(c.words for c in columns),
        )  # fmt: skip
    row = rows.get(month.extract.month)
    if row is None:
        tally.add("england", len(columns), reasons=[("another month", len(columns))])
        return
    before = rows.get((month.extract.month - dt.timedelta(days=1)).replace(day=1))
    _Row(sheet, row, before, columns, month, rules).audit(tally)


class _Row:
    """One month's row with the figures of the extract."""

    def __init__(self, sheet: Sheet, row: int, before: int | None, columns: list[_Column], month: Month, rules: Rules) -> None:
        self.sheet, self.row, self.columns, self.rules, self.month = sheet, row, columns, rules, month
        self.cells = {c.key: sheet.rows[row][c.at] for c in columns}
        self.earlier = {c.key: sheet.rows[before][c.at] for c in columns} if before is not None else {}
        self.counted = {block: _england(month, part) for block, part in _PARTS.items()}
        differing = 0
        for block, name in _ALL.items():
            plain, more = (_number(self.cells.get((block, name, e))) for e in (False, True))
            differing += plain is not None and more is not None and plain != more
        # A month of which nothing is missing has the same figures twice; one that differs is then a mistake and no estimate.
        self.has_estimates = differing > 1

    def audit(self, tally: Tally) -> None:
        for column in self.columns:
            agree, wrong, reason = self._verdict(column)
            tally.add("england", 1, int(agree), [wrong] if wrong else [], [(reason, 1)] if reason else [])

    def _verdict(self, column: _Column) -> tuple[bool, Disagreement | None, str]:
        cell = self.cells[column.key]
        made = self._made(column)
        nothing = isinstance(cell, str) and cell.strip() in ("-", "")
        if isinstance(made, str):
            return False, None, _UNPRINTED if nothing else made
        value, at_least = made
        number = _number(cell)
        if at_least is not None:
            agree = number == at_least or (isinstance(cell, str) and re.sub(r"\s", "", cell) == f"{at_least}+")
        else:
            agree = number is not None and bool(close(np.array([number]), np.array([value]))[0])
        if agree:
            return True, None, ""
        wrong = Disagreement(
            row=cell_name(column.at, self.row), about=f"England, {self.month.extract.month:%B %Y}", column=column.words,
            printed=str(cell) if number is None else shown(number), computed=shown(value if at_least is None else at_least, at_least=at_least is not None),
            why=_why(number, value) or self._fits(column),
        )  # fmt: skip
        return False, wrong, ""

    def _made(self, column: _Column) -> tuple[float, int | None] | str:
        """The value, with the beginning of the open band where it lies in it; or why there is none."""
        if "(adjusted)" in column.block:
            return ADJUSTED
        if column.block.startswith("unique patients"):
            return self._unique(column)
        if column.block in _PARTS:
            heading = _figure(column)
            if heading is None:
                return NO_RULE
            if column.estimated and self.has_estimates:
                return self._estimated(column, heading)
            return self._computed(column.block, heading)
        return self._derived(column)

    def _computed(self, block: str, heading: Heading) -> tuple[float, int | None] | str:
        counted = self.counted[block]
        if not counted.there.all():
            return "no row in the extract"
        if heading.kind == "all":
            return float(counted.everyone[0]), None
        if not len(counted.bands):
            return NO_RULE
        made: Computed | None = computed(heading, counted, self.rules)
        if made is None:
            return _BEYOND
        return float(made.value[0]), self.month.bands.open_from if made.open[0] else None

    def _estimated(self, column: _Column, heading: Heading) -> tuple[float, int | None] | str:
        """What follows from the estimates that are printed; those themselves are the publisher's alone."""

        def figure(name: str) -> float | None:
            return _number(self.cells.get((column.block, name, True)))

        everyone, within = figure(_ALL[column.block]), figure(f"no. within {heading.number} weeks")
        over = figure(f"no. > {heading.number} weeks")
        if heading.kind == "share" and everyone and within is not None:
            return within / everyone, None
        if heading.kind == "over_share" and everyone and over is not None:
            return over / everyone, None
        if heading.kind == "over" and everyone and within is not None:
            return everyone - within, None
        return _ESTIMATE

    def _unique(self, column: _Column) -> tuple[float, int | None] | str:
        ratio = next((_number(self.cells[c.key]) for c in self.columns if c.block == column.block and c.name.startswith("ratio")), None)
        everyone = _number(self.cells.get((_LIST, _ALL[_LIST], True)))
        if column.name.startswith("ratio") or ratio is None or everyone is None:
            return _OTHER
        return ratio * everyone, None

    def _derived(self, column: _Column) -> tuple[float, int | None] | str:
        """Completed pathways, removals, and the rest between two lists that no provider reports."""
        with_them = column.estimated
        flows = [self._everyone(block, self.cells, estimated=with_them) for block in (_ADMITTED, _NON_ADMITTED)]
        done = None if None in flows else float(sum(f for f in flows if f is not None))
        old, new, now = (
            self._everyone(_LIST, self.earlier, estimated=with_them, printed=True),
            self._everyone(_NEW, self.cells, estimated=with_them),
            self._everyone(_LIST, self.cells, estimated=with_them),
        )
        rest = None if old is None or new is None or now is None or done is None else old + new - done - now
        name = column.name
        if name == "total completed pathways":
            return (done, None) if done is not None else _UNPRINTED
        if rest is None or done is None:
            return "no list of the month before"
        if name == "total unreported removals":
            return rest, None
        if name == "total removals":
            return rest + done, None
        return (rest / (rest + done), None) if name.startswith("derived unreported removals as a %") else NO_RULE

    def _everyone(self, block: str, cells: dict[Key, Any], *, estimated: bool, printed: bool = False) -> float | None:
        if printed or (estimated and self.has_estimates):
            return _number(cells.get((block, _ALL[block], estimated)))
        return float(self.counted[block].everyone[0]) if self.counted[block].there.all() else None

    def _fits(self, column: _Column) -> str:
        """Whether the figures printed beside it say what is computed."""
        release = self.month.extract.release
        return f"the extract is {release}; the series may be of another edition" if column.block in _PARTS else ""


def _figure(column: _Column) -> Heading | None:
    for pattern, kind in _FIGURES:
        match = pattern.fullmatch(column.name)
        if match:
            return Heading(column.at, column.words, kind, int(match[1]) if match.groups() else 0)
    return None


def _england(month: Month, part: str) -> Counted:
    groups = month.groups(part, "country")
    at = [i for i, f in enumerate(groups.function.tolist()) if groups.functions[f] == TOTAL_FUNCTION]
    return Counted(groups.bands[:, at], groups.everyone[at], np.array([bool(at)]))


def _number(cell: Any) -> float | None:
    return float(cell) if isinstance(cell, int | float) and not isinstance(cell, bool) else None


def _why(printed: float | None, value: float) -> str:
    """A figure that is the computed one rounded, which single cells of some editions are."""
    if printed is None:
        return ""
    digits = next((d for d in range(4) if round(printed, d) == printed), None)
    return "printed rounded" if digits and round(value, digits) == printed else ""
