"""One described file as observations: cells to figures, and raw counts through the rule for small numbers before anything leaves."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from attrs import field, frozen

from jsnakit import observations
from jsnakit.errors import AmbiguousAreaError, InvalidValueError, LayoutError, UnknownAreaError
from jsnakit.files import SourceFile
from jsnakit.local._areas import OwnAreas
from jsnakit.local._cells import Figure, breakdown_of, figure_of, period_of
from jsnakit.local._describe import FOLDER, PREFIX, Described, Dimension, Measure
from jsnakit.local._grid import Grid, Header, cell_text, find_header, read_grid, rows_under
from jsnakit.local._margins import Key, sums_of
from jsnakit.local._suppress import protect
from jsnakit.model import Area, Period, nearest
from jsnakit.tabular import Fault, column_letters, data_error

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["read_described"]

_BREAKDOWNS: Final = ("sex", "age", "category")


@frozen
class _Row:
    """One figure: what it is of, its measures, and the cell its count stands in."""

    key: Key
    measure: Measure
    figures: Mapping[str, Figure]
    line: int
    cell: tuple[int, str]


@frozen(eq=False)
class _Reader:
    """Reads one file by its description. Cells of a raw file are never quoted in an error."""

    described: Described
    areas: OwnAreas
    grid: Grid
    header: Header
    faults: list[Fault] = field(factory=list)
    found: dict[tuple[str, str, Period], Area | str] = field(factory=dict)

    # -- columns ---------------------------------------------------------------------------------------------------------------------

    def column(self, name: str, key: str) -> int:
        """Where a column stands. Raises `LayoutError` with the nearest name."""
        wanted = " ".join(name.split()).casefold()
        hits = [i for i, n in enumerate(self.header.names) if n.casefold() == wanted]
        if len(hits) == 1:
            return hits[0]
        names = [n for n in self.header.names if n]
        close = nearest(name, names, 1)
        where = f"{self.grid.name}, row {self.header.top + 1}"
        raise LayoutError(
            f"{where}: {'two columns are' if hits else 'no column is'} called {name!r} ({FOLDER}/{self.described.path.name}, {key})",
            hint="give the column a name of its own in the file" if hits else (f"did you mean {close[0]!r}?" if close else f"its columns are {', '.join(map(repr, names))}"),
            resource=self.grid.name, expected=name, found=tuple(names),
        )  # fmt: skip

    def combinations(self) -> list[dict[str, str]]:
        """The labels that lie across, in every combination; one empty one where nothing does."""
        across = {name: d.across for name, d in self.described.dimensions.items() if d.across}
        return [dict(zip(across, labels, strict=True)) for labels in itertools.product(*across.values())]

    # -- rows ------------------------------------------------------------------------------------------------------------------------

    def rows(self) -> list[_Row]:
        """Every figure of the file, in its order. Raises `DataError` with every cell that cannot be read."""
        dimensions = self.described.dimensions
        places = {name: self.column(d.column, f"[{name}]") for name, d in dimensions.items() if d.column}
        columns = [
            (measure, labels, {n: self.column(template.format(**labels), f"{measure.key}, {n}") for n, template in measure.columns.items()})
            for measure in self.described.indicator for labels in self.combinations()
        ]  # fmt: skip
        used = sorted({c for _, _, found in columns for c in found.values()})
        blank = "" in self.described.marks
        known = {i: self._known(i, places) for i in range(self.header.below, len(self.grid.rows))} if blank else {}
        filled: dict[str, Any] = {}
        rows: list[_Row] = []
        for i in rows_under(self.grid, self.header, self.described, used, known):
            cells = {}
            for name, place in places.items():
                cell = self.grid.cell(i, place)
                if dimensions[name].fill and not cell_text(cell):
                    cell = filled.get(name, "")
                filled[name] = cells[name] = cell
            for measure, labels, found in columns:
                key = self._key(measure, cells, labels, i)
                figures = {n: self._figure(measure, n, i, c) for n, c in found.items()}
                if key is not None:
                    main = "count" if "count" in found else "value"
                    rows.append(_Row(key, measure, figures, i + 1, (i, str(found[main]))))
        self._refuse_doubled(rows)
        if self.faults:
            raise data_error(
                self.grid.name,
                self.faults,
                hint=f"mend the file, or say in {FOLDER}/{self.described.path.name} what such a cell means ([marks], means, skip)",
            )
        return rows

    def _known(self, i: int, places: Mapping[str, int]) -> bool:
        """Whether a row without figures is one of the table: its area is known."""
        if "area" not in places:
            return all(cell_text(self.grid.cell(i, c)) for c in places.values()) and bool(places)
        text = cell_text(self.grid.cell(i, places["area"]))
        if not text:
            return False
        try:
            self._find(text, self.described.area)
        except (UnknownAreaError, InvalidValueError):
            return False
        except AmbiguousAreaError:
            return True
        return True

    def _fault(self, i: int, column: str, rule: str, value: Any = None) -> None:
        self.faults.append(Fault(i + 1, column, value, rule))

    def _key(self, measure: Measure, cells: Mapping[str, Any], labels: Mapping[str, str], i: int) -> Key | None:
        given = {name: cells.get(name, labels.get(name, d.value)) for name, d in self.described.dimensions.items()}
        said: dict[str, Any] = {}
        for name in ("period", *_BREAKDOWNS):
            dimension = self.described.dimensions.get(name)
            if dimension is None:
                continue
            try:
                said[name] = period_of(given[name], dimension) if name == "period" else breakdown_of(given[name], name, dimension)
            except InvalidValueError as error:
                self._once(i, dimension.column or name, f"{error.message}; {error.hint}")
                return None
        area = self._area(given["area"], said["period"], i)
        if area is None:
            return None
        category = said.get("category", "_T")
        kind = self.described.category.type if self.described.category is not None and category != "_T" else "_T"
        return Key(measure.id, area, said["period"], said.get("sex", "_T"), said.get("age", "_T"), kind, category)

    def _once(self, i: int, column: str, rule: str, value: Any = None) -> None:
        if not any(f.line == i + 1 and f.column == column for f in self.faults):
            self._fault(i, column, rule, value)

    def _area(self, cell: Any, period: Period, i: int) -> Area | None:
        dimension = self.described.area
        text = cell_text(cell)
        asked = (text, dimension.type, period)
        if asked not in self.found:
            self.found[asked] = self._asked(text, dimension, period)
        answer = self.found[asked]
        if isinstance(answer, str):
            self._once(i, dimension.column or "area", answer)
            return None
        return answer

    def _asked(self, text: str, dimension: Dimension, period: Period) -> Area | str:
        if not text:
            return "an empty cell is no area; write fill = true under [area] if it means the one above"
        try:
            return self._find(text, dimension)
        except AmbiguousAreaError:
            try:
                return self._find(text, dimension, period.end.isoformat())
            except (AmbiguousAreaError, UnknownAreaError) as error:
                return f"{error.message}; {error.hint}"
        except (UnknownAreaError, InvalidValueError) as error:
            if text in dimension.means and ":" not in dimension.means[text]:
                return f'{error.message}; an area of another type is written with it: [area.means] {text} = "ltla:{dimension.means[text]}"'
            return f"{error.message}; {error.hint}; or say under [area.means] what it means"

    def _find(self, text: str, dimension: Dimension, at: str | None = None) -> Area:
        meant = dimension.means.get(text, text)
        kind, colon, code = meant.partition(":")
        return self.areas.find(code, type=kind, at=at) if colon and code else self.areas.find(meant, type=dimension.type or None, at=at)

    def _figure(self, measure: Measure, name: str, i: int, column: int) -> Figure:
        cell = self.grid.cell(i, column)
        figure = figure_of(cell, self.described.marks, percent=measure.unit in ("%", "percent") and name not in ("count", "denominator"))
        raw = self.described.small_numbers.raw
        header = f"{column_letters(column)} ({self.header.names[column]})"
        if figure is None:
            text = cell_text(cell)
            quoted = None if raw and any(c.isdigit() for c in text) else text
            rule = 'an empty cell: say what it means, for example "" = "not_available"' if not text else "neither a number nor a mark of [marks]"
            self._once(i, header, rule, quoted)
            return Figure()
        number = figure.number
        if number is not None and name in ("count", "denominator"):
            if number < 0:
                self._once(i, header, "less than nothing")
            elif raw and name == "count" and number != int(number):
                self._once(i, header, "a raw count is no whole number, so the rule for small numbers cannot be kept")
        elif number is not None and measure.scale != 1.0:
            return Figure(round(number * measure.scale, 10), figure.mark, figure.flag)
        return figure

    def _refuse_doubled(self, rows: Sequence[_Row]) -> None:
        seen: dict[tuple[Any, ...], int] = {}
        for row in rows:
            key = (row.key, row.key.period.duration)
            if key in seen:
                self._once(row.line - 1, row.measure.key, f"the same figure ({row.key}) stands in row {seen[key]}")
            seen.setdefault(key, row.line)


def read_described(described: Described, file: SourceFile, areas: OwnAreas) -> pa.Table:
    """The observations of one file, sorted, with every breakdown; raw ones without the counts that must not be seen.

    Raises `LayoutError` where the table or a column is not found, `DataError` with every cell that cannot be read, or where a small number cannot be withheld safely.
    """
    table = described.table
    grid = read_grid(file, described.sheet, encoding=table.encoding, delimiter=table.delimiter)
    reader = _Reader(described, areas, grid, find_header(grid, table))
    rows = reader.rows()
    if not rows:
        raise LayoutError(
            f"{grid.name}: no figure under the header in row {reader.header.top + 1}",
            hint="compare [table] with the file",
            resource=grid.name,
            expected="rows",
            found=(),
        )
    hidden = _hidden(rows, described, areas, grid.name) if described.small_numbers.raw else frozenset()
    return observations.to_arrow(_table([_observation(row, described, hidden=i in hidden) for i, row in enumerate(rows)]))


# -- small numbers -------------------------------------------------------------------------------------------------------------------


def _count_of(row: _Row) -> Figure | None:
    if "count" in row.figures:
        return row.figures["count"]
    return row.figures["value"] if row.measure.kind == "count" else None


def _hidden(rows: Sequence[_Row], described: Described, areas: OwnAreas, name: str) -> frozenset[int]:
    """The rows whose figures are withheld."""
    small = described.small_numbers
    zero_shown = small.zero.value == "shown"
    total_of = {m.id: tuple(f"{PREFIX}.{part}" for part in m.total_of) for m in described.indicator if m.total_of}
    sums = sums_of([row.key for row in rows], areas, total_of)
    counts = [_whole(_count_of(row)) for row in rows]
    people = [_whole(row.figures.get("denominator")) for row in rows]
    # Of a mean, a median or a bare rate the number of people is what must not be small.
    measured = [p if _count_of(row) is None else c for row, c, p in zip(rows, counts, people, strict=True)]
    most = [p if row.measure.kind == "proportion" and _count_of(row) is not None else None for row, p in zip(rows, people, strict=True)]
    others = [p - c if m is not None and p is not None and c is not None and p >= c else None for m, p, c in zip(most, people, counts, strict=True)]
    few = {i for i, p in enumerate(people) if p is not None and p < small.below and (p > 0 or not zero_shown)}
    shared = _shared(rows)
    hidden: frozenset[int] = frozenset(few)
    while True:
        found = protect(measured, sums, below=small.below, zero_shown=zero_shown, most=most, hidden=hidden, name=name)
        if few:
            found = protect(people, sums, below=small.below, zero_shown=zero_shown, hidden=found, required=few, name=name)
        if small.complement:
            found = protect(others, sums, below=small.below, zero_shown=zero_shown, hidden=found, required=(), name=name)
        found = frozenset(j for i in found for j in shared[rows[i].cell])
        if found == hidden:
            return hidden
        hidden = hidden | found


def _shared(rows: Sequence[_Row]) -> dict[tuple[int, str], tuple[int, ...]]:
    """The rows whose count is one and the same cell of the file: a number and its rate are withheld together."""
    found: dict[tuple[int, str], list[int]] = defaultdict(list)
    for i, row in enumerate(rows):
        found[row.cell].append(i)
    return {cell: tuple(members) for cell, members in found.items()}


def _whole(figure: Figure | None) -> int | None:
    return None if figure is None or figure.number is None else int(figure.number)


# -- observations --------------------------------------------------------------------------------------------------------------------


def _observation(row: _Row, described: Described, *, hidden: bool) -> dict[str, Any]:
    """The columns of one row."""
    key, measure = row.key, row.measure
    made: dict[str, Any] = {
        "indicator": key.indicator, "area_scheme": key.area.scheme, "area_type": key.area.type, "area": key.area.code,
        "period_start": key.period.start, "period_duration": key.period.duration, "period": key.period.label or None,
        "sex": key.sex, "age": key.age, "category_type": key.category_type, "category": key.category,
        "value": None, "lower": None, "upper": None, "limits_method": None, "value_min": None, "value_max": None, "count": None, "denominator": None,
        "status": "suppressed", "flags": None, "note": None,
    }  # fmt: skip
    if hidden:
        counted = _count_of(row)
        # A gap that could be filled from its total keeps the reason that the file gives for it.
        return made | ({"status": counted.mark.status} if counted is not None and counted.mark is not None else {})
    numbers = {name: figure.number for name, figure in row.figures.items()}
    base = described.small_numbers.round_to
    if base and numbers.get("count") is not None:
        numbers["count"] = _rounded(numbers["count"], base)
    elif base and numbers.get("value") is not None and measure.kind == "count":
        numbers["value"] = _rounded(numbers["value"], base)
    value, status = _value(row, numbers)
    flags = {figure.flag for figure in row.figures.values() if figure.flag} | ({"rounded"} if base and value is not None else set())
    made |= {
        "value": value,
        "status": status,
        "count": numbers.get("count"),
        "denominator": numbers.get("denominator"),
        "flags": " ".join(sorted(flags)) or None,
    }
    if not base:
        made |= {"lower": numbers.get("lower"), "upper": numbers.get("upper")}
        made["limits_method"] = "published" if made["lower"] is not None or made["upper"] is not None else None
    mark = next((f.mark for n in ("value", "count") if (f := row.figures.get(n)) is not None and f.mark is not None), None)
    if value is None and mark is not None and not described.small_numbers.raw:
        made |= {"value_min": mark.min, "value_max": mark.max}
    if value is None and described.small_numbers.raw:
        # What stands beside a gap could fill it.
        made |= {"lower": None, "upper": None, "limits_method": None, "count": None, "denominator": None}
    return made


def _value(row: _Row, numbers: Mapping[str, float | None]) -> tuple[float | None, str]:
    """The value and its status: as printed, else the count, else the count for each `per` of the denominator."""
    measure = row.measure

    def missing(name: str) -> str:
        mark = row.figures[name].mark
        return mark.status if mark is not None else "not_available"

    if measure.value:
        return (numbers["value"], "normal") if numbers["value"] is not None else (None, missing("value"))
    count = numbers["count"]
    if count is None:
        return None, missing("count")
    if measure.per is None:
        return count, "normal"
    people = numbers["denominator"]
    if people is None:
        return None, missing("denominator")
    return (measure.per * count / people, "normal") if people > 0 else (None, "not_applicable")


def _rounded(number: float | None, base: int) -> float | None:
    """To the nearest multiple of the base, halves up."""
    return None if number is None else float(int((number + base / 2) // base) * base)


def _table(rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    columns: dict[str, Callable[[], Iterator[Any]] | list[Any]] = {name: [row[name] for row in rows] for name in rows[0]}
    return observations.build(len(rows), **columns, origin=PREFIX)
