"""From a file to one tidy table: every row as published, in the columns of the observation table, with what it said beside them and an account of every row that is not there."""

from __future__ import annotations

import json
import re
from typing import Any, Final

import numpy as np
import pyarrow as pa
from attrs import asdict, field, frozen
from numpy.typing import NDArray

from jsnakit.errors import DataError
from jsnakit.files import SourceFile
from jsnakit.model import TOTAL, Polarity
from jsnakit.settings import structure
from jsnakit_fingertips import areas, catalogue
from jsnakit_fingertips.coded import Coded, coded, combined, constant, numbered
from jsnakit_fingertips.figures import FIGURES, Figures, figures_of
from jsnakit_fingertips.keys import settle
from jsnakit_fingertips.notes import meaning_of, words_of
from jsnakit_fingertips.periods import label_of_years, period_of
from jsnakit_fingertips.tables import Cells, fault, read_cells

__all__ = ["KEY", "NO_NOTE", "Account", "account_of", "parse_file"]

KEY: Final = ("indicator", "area_scheme", "area_type", "area", "period_start", "period_duration", "sex", "age", "category_type", "category")
NO_NOTE: Final = "No value and no note: the publisher does not say why"
"""The note of a row that has neither."""

_SEXES: Final = {"persons": TOTAL, "male": "M", "female": "F", "not applicable": TOTAL}
_PUBLISHED: Final = {
    "trend": "published_trend",
    "compared_england": "published_compared_england",
    "compared_goal": "published_compared_goal",
    "new_data": "published_new_data",
    "parent": "published_parent",
    "parent_name": "published_parent_name",
    "area_name": "published_area_name",
    "indicator_name": "published_indicator_name",
    "polarity": "published_polarity",
}
_BLANK: Final = frozenset({"", "NA"})
_METADATA: Final = b"fingertips"
_WORDS: Final = "The publisher's words 'Better' and 'Worse' here contradict the direction of this indicator"
_ROUNDED: Final = "rounded"


@frozen(kw_only=True)
class Account:
    """Where the rows of a file went: `rows` in it, `given` by it, and every difference by its reason.

    `both_tiers` counts rows of unitary authorities that are given as lower and as upper tier: they are one row in the file. `unknown_columns` were left out whole.
    """

    rows: int = 0
    given: int = 0
    repeats: int = 0
    both_tiers: int = 0
    left_out: dict[str, int] = field(factory=dict)
    unknown_columns: tuple[str, ...] = ()
    catalogue: str = ""
    dialect: str = ""

    @property
    def balances(self) -> bool:
        """Whether every row is accounted for."""
        return bool(self.catalogue) or self.given == self.rows - self.repeats - sum(self.left_out.values()) + self.both_tiers


def account_of(table: pa.Table) -> Account:
    """The account that a parsed table carries."""
    said = (table.schema.metadata or {}).get(_METADATA, b"{}")
    return structure(json.loads(said), Account, where="the parsed table")


def parse_file(data: SourceFile) -> pa.Table:
    """One file as one tidy table, with its account. Raises `LayoutError` for a file that is none of those known, `DataError` for a cell that cannot be right."""
    cells = read_cells(data)
    if cells.catalogue:
        account = Account(rows=cells.table.num_rows, catalogue=cells.catalogue)
        return cells.table.replace_schema_metadata({_METADATA: json.dumps(asdict(account)).encode()})
    return _Export(cells).tidy()


class _Export:
    """The rows of one export on their way to the tidy table."""

    def __init__(self, cells: Cells) -> None:
        assert cells.header is not None
        self.cells = cells
        self.header = cells.header
        self.n = cells.table.num_rows
        self.left_out: dict[str, int] = {}
        self._texts: dict[str, Coded | None] = {}

    def _text(self, name: str) -> Coded | None:
        if name not in self._texts:
            self._texts[name] = coded(self.cells.table[name]) if name in self.cells.table.column_names else None
        return self._texts[name]

    def _fault(self, column: Coded, code: int, name: str, rule: str, said: str, hint: str) -> DataError:
        hit = np.flatnonzero(column.codes == code)
        return fault(self.cells, int(hit[0]), name, column.values[code], rule, said, hint, total=len(hit))

    def _mapped(self, name: str, rule: Any, said: str, hint: str) -> Coded:
        """A column put through a rule that gives null for what it refuses."""
        column = self._text(name)
        assert column is not None
        new = [rule(value) for value in column.values]
        for code, value in enumerate(new):
            if value is None:
                raise self._fault(column, code, name, name.replace("_", "-"), said.format(column.values[code]), hint)
        return column.renamed(new)

    def tidy(self) -> pa.Table:
        """The table, or the error for the first cell that cannot be right."""
        indicator = self._mapped("indicator", _indicator, "{!r} is no indicator's number", "an indicator is known by a whole number")
        sex = self._mapped(
            "sex", lambda v: _SEXES.get(v.strip().casefold()), "{!r} is no sex that is known", "it is Persons, Male, Female or Not applicable"
        )
        age = self._mapped("age", _age, "the age is blank", "the publisher writes 'All ages' where it means all")
        kind, category = self._categories()
        place, code = self._places()
        period = self._periods(indicator)
        figures = figures_of(self.cells.table)
        status, flags, note = self._statuses(indicator, figures)
        key = [indicator, place.mapped(lambda p: p.scheme), place.mapped(lambda p: p.type), code,
               period.mapped(lambda p: p and p.start), period.mapped(lambda p: p and p.duration), sex, age, kind, category]  # fmt: skip
        edition = np.array([p.edition for p in place.values] or [0], np.int32)[place.codes]
        rows, repeats = self._settled(key, figures.columns, edition, period)
        tier, rows, doubled = _tiers(key, rows)
        given = len(rows)
        # Rows are kept in their order: where all are, nothing need be copied.
        picked = slice(None) if given == self.n and not doubled else rows
        columns: dict[str, Any] = {}
        for name, column in zip(KEY, key, strict=True):
            kept = tier if name == "area_type" else column.take(picked)
            # Parquet keeps no dictionary of dates: a part read back from the cache would have another type than one just parsed.
            columns[name] = kept.array(pa.date32()).dictionary_decode() if name == "period_start" else kept.array()
        columns["period"] = period.mapped(lambda p: p and p.label).take(picked).array()
        columns |= {name: pa.array(figures.columns[name][picked], from_pandas=True) for name in FIGURES}
        columns |= {"status": status.take(picked).array(), "flags": flags.take(picked).array(), "note": note.take(picked).array()}
        columns |= {name: pa.array(found[picked], from_pandas=True) for name, found in figures.beside.items() if not np.isnan(found[picked]).all()}
        columns |= {name: column.take(picked).array() for name, column in self._published().items()}
        columns["edition"] = pa.array(edition[picked])
        account = Account(
            rows=self.n, given=given, repeats=repeats, both_tiers=doubled, left_out=self.left_out, unknown_columns=self.header.unknown, dialect=self.header.dialect,
        )  # fmt: skip
        assert account.balances
        return pa.table(columns).replace_schema_metadata({_METADATA: json.dumps(asdict(account)).encode()})

    # -- what a row is about -------------------------------------------------------------------------------------------------------------

    def _categories(self) -> tuple[Coded, Coded]:
        kind, category = self._text("category_type"), self._text("category")
        if kind is None or category is None:
            return constant(TOTAL, self.n), constant(TOTAL, self.n)
        kind, category = kind.mapped(_category), category.mapped(_category)
        half = np.flatnonzero(kind.where(TOTAL) != category.where(TOTAL))
        if len(half):
            raise fault(
                self.cells, int(half[0]), "category_type", None, "half-a-category", "a category without its type, or a type without a category",
                "a breakdown names both, a total neither", total=len(half),
            )  # fmt: skip
        return kind, category

    def _places(self) -> tuple[Coded, Coded]:
        """Scheme, type and edition of each row's area, and its code."""
        code = self._mapped("area", lambda v: v.strip() or None, "the area code is blank", "a figure without an area cannot be placed")
        kind = self._text("area_type")
        if kind is None:
            kind = constant("", self.n)
        kind = kind.mapped(lambda v: "" if v in _BLANK else v.strip())
        pair = combined(kind, code)
        places = [areas.place_of(*value) for value in pair.values]
        for at, found in enumerate(places):
            if found is None:
                name, said = pair.values[at]
                named = bool(name) and areas.kind_named(name) is None
                raise self._fault(
                    pair, at, "area_type", "area-type",
                    f"{name!r} is no area type that is known" if named else f"the code {said!r} is not that of {name!r}" if name else f"nothing says what kind of area {said!r} is",
                    "add its name to area_types.toml of jsnakit-fingertips, or report it there" if named else "look at the row: the area type or the code is wrong",
                )  # fmt: skip
        return pair.renamed(places), code

    def _periods(self, indicator: Coded) -> Coded:
        """The period of each row; none in rows that are left out because the file does not hold it."""
        known = catalogue.entries()
        if self.header.dialect == "successor":
            year = self._text("year")
            assert year is not None
            pair = combined(indicator, year)
            found = [_year_of(known.get(name), text.strip()) for name, text in pair.values]
            for at, period in enumerate(found):
                if period is None:
                    raise self._fault(pair, at, "year", "period", f"{pair.values[at][1]!r} is no year", "the file is damaged or was edited")
            return pair.renamed([None if period == "" else period for period in found])
        label = self._text("period")
        assert label is not None
        sortable, span = self._text("sortable"), self._text("range")
        year_type = indicator.mapped(lambda name: known[name].year_type if name in known else "")
        parts = combined(label, sortable or constant("", self.n), span or constant("", self.n), year_type)
        periods = [period_of(*(("" if v in _BLANK else v) for v in value)) for value in parts.values]
        for at, period in enumerate(periods):
            if period is None:
                text, start, length, _ = parts.values[at]
                raise self._fault(
                    parts, at, "period", "period", f"{text!r} (start {start or 'not given'}, range {length or 'not given'}) is no period that can be told",
                    "label, start and range must say the same; report a form that is missing here",
                )  # fmt: skip
        return parts.renamed(periods)

    # -- what is said of a figure --------------------------------------------------------------------------------------------------------

    def _statuses(self, indicator: Coded, figures: Figures) -> tuple[Coded, Coded, Coded]:
        """Status, flags and note of each row: by the publisher's note and by whether there is a value."""
        note = self._text("note")
        note = constant("", self.n) if note is None else note.mapped(lambda v: "" if v in _BLANK else words_of(v))
        meanings = [None if not text else meaning_of(text) for text in note.values]
        for at, text in enumerate(note.values):
            if text and meanings[at] is None:
                raise self._fault(
                    note, at, "note", "value-note", f"the note {text!r} is none whose meaning is known",
                    "add it with its meaning to notes.toml of jsnakit-fingertips, or report it there",
                )  # fmt: skip
        has = Coded((~figures.present).astype(np.int32), (True, False))
        pair = combined(note, has)
        meaning = dict(zip(note.values, meanings, strict=True))
        status = pair.renamed([_status(meaning[text], value=value) for text, value in pair.values])
        listed = indicator.where(*(v for v in indicator.values if v.rpartition(".")[2] in catalogue.rounded_counts()))
        with np.errstate(invalid="ignore"):
            rounded = Coded((listed & (np.mod(figures.columns["count"], 5) == 0)).astype(np.int32), (False, True))
        flags = combined(note, rounded).mapped(lambda v: _flags(meaning[v[0]], rounded=v[1]))
        text = pair.mapped(lambda v: v[0] or (None if v[1] else NO_NOTE))
        remarks = dict(figures.said)
        if (words := self._contradicted(indicator, figures)) is not None:
            remarks[_WORDS] = words
        for remark, hit in remarks.items():
            marked = Coded(hit.astype(np.int32), ("", remark))
            text = combined(text, marked).mapped(lambda v: "; ".join(part for part in v if part) or None)
        return status, flags, text

    def _contradicted(self, indicator: Coded, figures: Figures) -> NDArray[np.bool_] | None:
        """Where 'Better' is said of the worse figures: all of one group that is called better lies on the bad side of all that is called worse."""
        words = self._text("compared_england")
        if words is None or not {"Better", "Worse"} <= set(words.values):
            return None
        known = catalogue.entries()
        signs = {Polarity.HIGHER_IS_BETTER: 1, Polarity.LOWER_IS_BETTER: -1}
        sign = np.array([signs.get(known[n].polarity, 0) if n in known else 0 for n in indicator.values] or [0])[indicator.codes]
        columns = [indicator, *(c for name in ("period", "sex", "age", "category") if (c := self._text(name)) is not None)]
        group, _ = numbered(*columns)
        groups = int(group.max(initial=-1)) + 1
        goodness = figures.columns["value"] * sign
        better, worse = words.where("Better") & (sign != 0), words.where("Worse") & (sign != 0)
        top, bottom = np.full(groups, -np.inf), np.full(groups, np.inf)
        with np.errstate(invalid="ignore"):
            np.fmax.at(top, group[better], goodness[better])
            np.fmin.at(bottom, group[worse], goodness[worse])
        wrong = (top < bottom) & np.isfinite(top) & np.isfinite(bottom)
        hit: NDArray[np.bool_] = wrong[group] & (better | worse)
        return hit if hit.any() else None

    def _published(self) -> dict[str, Coded]:
        """What the publisher itself said beside the figures, where it said anything."""
        found: dict[str, Coded] = {}
        for name, published in _PUBLISHED.items():
            column = self._text(name)
            if column is not None:
                found[published] = column.mapped(lambda v: None if v in _BLANK else v.strip())
        # "Column not used" is what its name says, unless something stands in it.
        parents = [
            name
            for name in self.cells.table.column_names
            if name.startswith("compared_parent")
            and (self.header.parents[name] or not set(coded(self.cells.table[name]).values) <= {*_BLANK, "Not compared"})
        ]
        if parents:
            words = combined(*(coded(self.cells.table[name]) for name in parents))
            # A row is compared with one parent; rows of several exports put together have a column for each.
            picked = [next((i for i, v in enumerate(value) if v not in _BLANK), None) for value in words.values]
            found["published_compared_parent"] = words.renamed(
                [None if at is None else value[at] for at, value in zip(picked, words.values, strict=True)]
            )
            to = [None if at is None else self.header.parents[parents[at]] or None for at in picked]
            found["published_compared_parent_to"] = words.renamed([None if t == "parent" else t for t in to])
        return {name: column for name, column in found.items() if column.values}

    # -- rows of one key -----------------------------------------------------------------------------------------------------------------

    def _settled(
        self, key: list[Coded], figures: dict[str, NDArray[np.float64]], edition: NDArray[np.int32], period: Coded
    ) -> tuple[NDArray[np.int64], int]:
        """The rows that stay, and how many repeat another."""
        dated = np.flatnonzero(period.codes >= 0)
        if len(dated) < self.n:
            self.left_out["of an indicator that is not known to be yearly, while the file gives no more than the year"] = self.n - len(dated)
        verdict = settle(key, figures, edition, None if len(dated) == self.n else dated)
        if verdict.older:
            self.left_out["of an older geography, where a newer one gives another figure"] = verdict.older
        if len(verdict.contradicting):
            if self.header.dialect != "successor":
                one, other = (int(dated[i]) for i in verdict.conflicts[0])
                raise DataError(
                    f"{self.cells.name} gives two figures for one thing: line {self.cells.line(one)} and line {self.cells.line(other)}, "
                    f"indicator {key[0].values[key[0].codes[one]]}, area {key[3].values[key[3].codes[one]]} ({len(verdict.contradicting):,} such rows)",
                    hint="give the export as it was downloaded; which of the two counts is not for jsnakit to guess",
                    file=self.cells.name, line=self.cells.line(other), column="Value", rule="one-figure-a-key", total=len(verdict.contradicting),
                )  # fmt: skip
            self.left_out["contradicting another row of the same area, in a file that does not name the area type which would tell them apart"] = len(
                verdict.contradicting
            )
        return dated[verdict.keep], verdict.repeats


def _indicator(text: str) -> str | None:
    match = re.fullmatch(r"0*([1-9]\d{0,9})(?:\.0)?", text.strip())
    return f"fingertips.{match[1]}" if match else None


def _age(text: str) -> str | None:
    text = " ".join(text.split())
    return TOTAL if text.casefold() in ("all ages", "not applicable") else text or None


def _category(text: str) -> str:
    # Some files keep the quotes of another format around a name that has a comma.
    text = text.strip()
    text = text[1:-1].strip() if len(text) > 1 and text[0] == text[-1] == '"' else text
    return TOTAL if text in _BLANK else text


def _year_of(entry: catalogue.Entry | None, text: str) -> Any:
    """The period of a row that gives no more than the year it begins in: null for no year, an empty text where nothing says how long the indicator's periods are."""
    if not re.fullmatch(r"(19|20|21)\d{2}", text):
        return None
    if entry is None or (entry.frequency != "yearly" and entry.years == 1):
        return ""
    return period_of(label_of_years(int(text), entry.years, entry.year_type), "", "", entry.year_type)


def _status(note: Any, *, value: bool) -> str:
    if note is None:
        return "normal" if value else "not_available"
    return str(note.present if value else note.absent)


def _flags(note: Any, *, rounded: bool) -> str | None:
    words = set((note.flags if note else "").split()) | ({_ROUNDED} if rounded else set())
    return " ".join(sorted(words)) or None


def _tiers(key: list[Coded], rows: NDArray[np.int64]) -> tuple[Coded, NDArray[np.int64], int]:
    """The tier of unitary authorities: that of the counties and districts which the indicator has in the file; both where it has both, and then each row stands twice."""
    kind, indicator = key[2].take(rows), key[0].take(rows)
    unitary = kind.where(areas.UNITARY)
    if not unitary.any():
        return kind, rows, 0
    counties, districts = np.zeros(len(indicator.values), bool), np.zeros(len(indicator.values), bool)
    counties[indicator.codes[kind.where("utla")]] = True
    districts[indicator.codes[kind.where("ltla")]] = True
    upper = unitary & (counties | ~districts)[indicator.codes]
    both = upper & districts[indicator.codes]
    tiers = Coded(kind.codes.copy(), (*kind.values, "utla", "ltla"))
    tiers.codes[unitary] = len(kind.values) + 1
    tiers.codes[upper] = len(kind.values)
    second = np.flatnonzero(both)
    codes = np.concatenate((tiers.codes, np.full(len(second), len(kind.values) + 1, np.int32)))
    return Coded(codes, tiers.values).mapped(lambda v: None if v == areas.UNITARY else v), np.concatenate((rows, rows[second])), len(second)
