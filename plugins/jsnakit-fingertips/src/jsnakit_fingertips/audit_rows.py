"""The rows of one export as an audit looks at them: figures as arrays, texts as codes, what the catalogue says of each indicator, and where in the file each row stands."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from functools import cache, cached_property
from typing import Any, Final

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from jsnakit.auditing import AuditedRule, Disagreement
from jsnakit.model import Indicator, Polarity
from jsnakit_fingertips import catalogue
from jsnakit_fingertips.coded import Coded, coded, combined, constant, fold
from jsnakit_fingertips.periods import label_of_years, period_of
from jsnakit_fingertips.tables import Cells

__all__ = ["Bools", "Findings", "Floats", "Ints", "Rows", "number_text"]

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_BLANK: Final = frozenset({"", "NA"})
_MOST_DECIMALS: Final = 6
_FIGURES: Final = ("value", "lower", "upper", "lower_99_8", "upper_99_8", "count", "denominator", "england_value")
_POLARITIES: Final = {"high is good": Polarity.HIGHER_IS_BETTER, "low is good": Polarity.LOWER_IS_BETTER}


@cache
def known() -> Mapping[str, Indicator]:
    """The indicators of the stored catalogue by number."""
    return {each.id.rpartition(".")[2]: each for each in catalogue.indicators()}


def number_text(value: float) -> str:
    """A number as an audit prints it: what the publisher printed in full, what was computed to six figures or more.

    >>> number_text(41.9), number_text(123.2309), number_text(float("nan"))
    ('41.9', '123.2309', '')
    """
    return "" if np.isnan(value) else f"{value:.10g}"


class Rows:
    """One export: `n` rows, each with its figures, its texts and its indicator."""

    def __init__(self, cells: Cells) -> None:
        assert cells.header is not None
        self.cells = cells
        self.header = cells.header
        self.table = cells.table
        self.n = cells.table.num_rows
        self.figures: dict[str, Floats] = {name: self._floats(name) for name in _FIGURES}
        self.indicator = self.text("indicator").mapped(lambda v: v.removesuffix(".0").lstrip("0"))
        self.of: tuple[Indicator | None, ...] = tuple(known().get(v) for v in self.indicator.values)

    def _floats(self, name: str) -> Floats:
        if name not in self.table.column_names:
            return np.full(self.n, np.nan)
        return np.asarray(self.table[name].to_numpy(), np.float64)

    @cached_property
    def _texts(self) -> dict[str, Coded]:
        return {}

    def text(self, name: str) -> Coded:
        """A column of text as codes, without space around it; where it is blank, or the file has no such column, no value."""
        if name not in self._texts:
            column = coded(self.table[name]) if name in self.table.column_names else constant(None, self.n)
            self._texts[name] = column.mapped(lambda v: None if v is None or v.strip() in _BLANK else " ".join(v.split()))
        return self._texts[name]

    def each(self, test: Any, dtype: Any = bool) -> Any:
        """What a test says of each row's indicator; it is given the number and what the catalogue has of it, or null."""
        made = np.array([test(name, found) for name, found in zip(self.indicator.values, self.of, strict=True)], dtype)
        return made[self.indicator.codes] if self.n else np.zeros(0, dtype)

    def groups(self, mask: Bools) -> Iterable[tuple[str, Indicator | None, Ints]]:
        """The rows of a mask by their indicator."""
        rows = np.flatnonzero(mask)
        codes = self.indicator.codes[rows]
        order = np.argsort(codes, kind="stable")
        rows, codes = rows[order], codes[order]
        if not len(rows):
            return
        edges = np.flatnonzero(np.concatenate(([True], codes[1:] != codes[:-1])))
        for part in np.split(rows, edges[1:]):
            code = self.indicator.codes[part[0]]
            yield self.indicator.values[code], self.of[code], part

    @cached_property
    def periods(self) -> Coded:
        """The period of each row; none where it cannot be told."""
        types = self.indicator.renamed(
            [catalogue.entries()[f"fingertips.{v}"].year_type if f"fingertips.{v}" in catalogue.entries() else "" for v in self.indicator.values]
        )
        if self.header.dialect == "successor":
            pair = combined(self.indicator, self.text("year"))
            return pair.mapped(lambda v: _year(*v))
        parts = combined(self.text("period"), self.text("sortable"), self.text("range"), types)
        return parts.mapped(lambda v: None if v[0] is None else period_of(v[0], v[1] or "", v[2] or "", v[3] or ""))

    @cached_property
    def breakdown(self) -> tuple[Coded, ...]:
        """Sex, age, and category with its type."""
        category_type, category = (self.text(name).mapped(lambda v: v.strip('"').strip()) for name in ("category_type", "category"))
        return self.text("sex"), self.text("age"), category_type, category

    @cached_property
    def total(self) -> Bools:
        """The rows that are not of a category."""
        found: Bools = self.text("category").codes < 0
        return found

    @cached_property
    def area(self) -> Coded:
        """The area code of each row."""
        return self.text("area")

    @cached_property
    def series(self) -> Ints:
        """A number for each indicator, area, sex, age and category."""
        return fold((self.indicator, self.area, self.text("area_type"), *self.breakdown))[0]

    @cached_property
    def slot(self) -> Ints:
        """A number for each indicator, period, sex and age: what a figure and that of its benchmark have in common."""
        when = self.periods
        label = self.text("year" if self.header.dialect == "successor" else "period")
        return fold((self.indicator, when, label, *self.breakdown[:2]))[0]

    @cached_property
    def polarity(self) -> tuple[Polarity, ...]:
        """The direction of each indicator: what the file says of it (fingertipsR passes it on), else the catalogue."""
        said: dict[int, Polarity] = {}
        column = self.text("polarity")
        for code, value in enumerate(column.values):
            words = value.casefold()
            found = next((p for key, p in _POLARITIES.items() if words.endswith(key)), Polarity.NONE)
            for indicator in np.unique(self.indicator.codes[column.codes == code]):
                said[int(indicator)] = found
        return tuple(said.get(i, each.polarity if each is not None else Polarity.UNKNOWN) for i, each in enumerate(self.of))

    @cached_property
    def half_digit(self) -> Floats:
        """Half a unit of the last digit that the publisher prints in a row; files hold rows of one decimal beside rows of six."""
        most = np.zeros(self.n, np.int64)
        for name in ("value", "lower", "upper"):
            column = self.figures[name]
            there = np.flatnonzero(~np.isnan(column))
            decimals = np.full(len(there), _MOST_DECIMALS)
            for d in range(_MOST_DECIMALS - 1, -1, -1):
                decimals[np.isclose(column[there], np.round(column[there], d), rtol=1e-12, atol=1e-9)] = d
            most[there] = np.maximum(most[there], decimals)
        result: Floats = 0.5 * 10.0**-most
        return result

    @cached_property
    def lines(self) -> Ints | None:
        """The line on which each row ends; null where a row is a line, or the file is JSON."""
        content = self.cells.content
        if not content or content[:1] in b"{[" or content.count(b"\n") == self.n + 1:
            return None
        reader = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
        found = np.array([reader.line_num for line in reader if line], np.int64)[1:]
        return found if len(found) == self.n else None

    def line(self, row: int) -> int:
        """Where a row stands in the file: its line, of which the header is the first; in JSON its number."""
        if not self.cells.content or self.cells.content[:1] in b"{[":
            return row + 1
        return int(self.lines[row]) if self.lines is not None else row + 2

    def about(self, row: int) -> str:
        """What a row is of: area, indicator, period, sex, and age and category where there are any."""
        when = self.text("year" if self.header.dialect == "successor" else "period")
        sex, age, _, category = self.breakdown
        parts = [column.values[column.codes[row]] for column in (self.area, self.indicator, when, sex, age, category) if column.codes[row] >= 0]
        return " ".join(str(part) for part in parts)

    def column(self, slot: str) -> str:
        """A column's name as the file spells it."""
        return self.header.names[self.header.slots.index(slot)] if slot in self.header.slots else slot


def _year(indicator: str, year: str | None) -> Any:
    entry = catalogue.entries().get(f"fingertips.{indicator}")
    if entry is None or year is None or not year.isdigit() or (entry.frequency != "yearly" and entry.years == 1):
        return None
    return period_of(label_of_years(int(year), entry.years, entry.year_type), "", "", entry.year_type)


@frozen
class _Said:
    column: str
    printed: str
    computed: str
    why: str


class Findings:
    """What became of each row that one rule is about; every row of `about` must be said something of, and each only once."""

    def __init__(self, rule: str, rows: Rows, about: Bools) -> None:
        self.rule = rule
        self.rows = rows
        self.about = about
        self._open = about.copy()
        self._agree = 0
        self._reasons: dict[str, int] = {}
        self._said: dict[int, _Said] = {}

    @property
    def open(self) -> Bools:
        """The rows of which nothing is said yet."""
        return self._open

    def reason(self, mask: Bools, why: str) -> None:
        """Let those rows of a mask that are still open not be checked, for a reason."""
        hit = mask & self._open
        if count := int(hit.sum()):
            self._reasons[why] = self._reasons.get(why, 0) + count
            self._open &= ~hit

    def agrees(self, mask: Bools) -> None:
        """Let those rows of a mask that are still open agree."""
        hit = mask & self._open
        self._agree += int(hit.sum())
        self._open &= ~hit

    def disagrees(self, row: int, column: str, printed: str, computed: str, why: str = "") -> None:
        """Let a row that is still open disagree."""
        if self._open[row]:
            self._open[row] = False
            self._said[row] = _Said(self.rows.column(column), printed, computed, why)

    def told(self) -> AuditedRule:
        """The rule as it came out. Rows that are still open would be lost, which `AuditedRule` refuses."""
        return AuditedRule(
            rule=self.rule,
            rows=int(self.about.sum()),
            agree=self._agree,
            disagreements=[
                Disagreement(
                    row=self.rows.line(row),
                    about=self.rows.about(row),
                    column=said.column,
                    printed=said.printed,
                    computed=said.computed,
                    why=said.why,
                )
                for row, said in sorted(self._said.items())
            ],
            reasons=self._reasons,
        )
