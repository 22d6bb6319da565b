"""One file to one tidy table: which year and layouts it is of, then each figure a row. What cannot be placed is named, never guessed."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import pyarrow as pa
from attrs import field, frozen

from jsnakit.errors import DataError, LayoutError
from jsnakit.files import SourceFile
from jsnakit.sources import Resource
from jsnakit.tabular import MAX_FAULTS, Fault, data_error
from jsnakit_place.cells import ABSENT, Cell, code_of, flag_of, number_of, rating_of, scores_of, text_of, year_of
from jsnakit_place.grids import Grid, grids
from jsnakit_place.layouts import Placing, Register, folded, place_header
from jsnakit_place.rounds import Edition, Round, scale_of

__all__ = ["PART_SCHEMA", "parse", "part_facts", "release_in", "year_in"]

log = logging.getLogger("jsnakit_place")

PART_SCHEMA: Final = pa.schema(
    [
        pa.field("level", pa.string(), nullable=False),
        pa.field("code", pa.string(), nullable=False),
        pa.field("organisation", pa.string()),
        pa.field("name", pa.string()),
        pa.field("measure", pa.string(), nullable=False),
        pa.field("value", pa.float64()),
        pa.field("text", pa.string()),
        pa.field("awarded", pa.float64()),
        pa.field("available", pa.float64()),
        pa.field("status", pa.string(), nullable=False),
        pa.field("self_catering", pa.bool_()),
        pa.field("layout", pa.string(), nullable=False),
    ]
)
"""The tidy table of one file: a row for each site or organisation and measure. `text` is the score as printed."""

NATIONAL: Final = frozenset(
    {"england", "national", "national average", "england average", "national score", "england national average", "all england", "national averages"}
)
_YEAR: Final = re.compile(r"(?<!\d)(20\d\d)(?!\d)")
# The year of a report's publication is not that of its assessments.
_NAMED: Final = re.compile(r"\b(?:place|peat|care environment|action team)\b(?:(?!publi|releas|updat|edit|copyright)\D){0,40}?(20\d\d)(?!\d)")
_NAMED_AFTER: Final = re.compile(r"(?<!\d)(20\d\d)\D{0,3}\b(?:place|peat)\b")
_SENTENCE: Final = re.compile(r"[A-Za-z]{3,}.*[A-Za-z ]")
_MEASURES: Final = frozenset({"score", "marks", "number", "rating"})


def year_in(text: str) -> int | None:
    """The year of PLACE or PEAT that a name or title speaks of; None where it names none, or several and none of them by the programme.

    >>> year_in("PLACE-2024-Site-Scores.csv"), year_in("place-eng-2016-site-scores.csv"), year_in("scores-2024-published-2025.csv")
    (2024, 2016, None)
    """
    plain = _plain(text)
    named = {int(y) for pattern in (_NAMED, _NAMED_AFTER) for y in pattern.findall(plain)}
    found = named or {int(y) for y in _YEAR.findall(plain)}
    return found.pop() if len(found) == 1 else None


def _plain(text: str) -> str:
    return re.sub(r"[_\-.,()+%]+", " ", text.casefold())


def release_in(text: str) -> str:
    """The edition that a file's name speaks of: `corrected`, `original`, or nothing.

    >>> release_in("PLACE-2013-Site-Scores-revised.csv"), release_in("PLACE-2013-Site-Scores.csv")
    ('corrected', '')
    """
    plain = re.sub(r"[\W_]+", " ", text.casefold())
    if re.search(r"\b(corrected|revised|replaced|amended|v2|version 2|republished)\b", plain):
        return "corrected"
    return "original" if re.search(r"\b(original|first print|first edition)\b", plain) else ""


@frozen(kw_only=True)
class _Table:
    """A grid whose header is found."""

    grid: Grid
    header: int
    placing: Placing


@frozen
class _Faults:
    """The faults of one table: the first of them, and how many there are."""

    kept: list[Fault] = field(factory=list)
    counted: list[int] = field(factory=lambda: [0])

    def add(self, line: int | None, column: str | None, value: Any, rule: str) -> None:
        self.counted[0] += 1
        if len(self.kept) < MAX_FAULTS:
            self.kept.append(Fault(line, column, value, rule))


def parse(resource: Resource, data: SourceFile, known: Register) -> pa.Table:
    """A CSV file or workbook as the tidy table; its schema's metadata carry year, release, layouts, and every column, sheet and note that was left out.

    Raises `LayoutError` where the year or a table cannot be told, `DataError` where a cell cannot be right.
    """
    found = grids(data)
    _refuse_lite(data, found)
    said = _years_said(resource, data, found)
    for year in said.values():
        _refuse_unknown(year, data.name, known)
    tables, left_out = _tables(found, next(iter(said.values()), None), data.name, known)
    year = _one_year(said | _years_in_cells(tables), data.name)
    _refuse_unknown(year, data.name, known)
    if not said:
        # The year came from a column alone: now the layout of that year is asked for.
        tables, left_out = _tables(found, year, data.name, known)
    notes: list[str] = []
    rows = [row for table in tables for row in _rows(table, known, notes)]
    if not rows:
        raise LayoutError(
            f"{data.name} has a header and no row under it", hint="fetch it again: it may be cut", resource=data.name, expected="rows", found="none"
        )
    _refuse_doubles(rows, data.name)
    extra = {t.grid.sheet: list(t.placing.extra) for t in tables if t.placing.extra}
    for sheet, columns in extra.items():
        log.info("%s: columns not read%s: %s", data.name, f" in sheet {sheet!r}" if sheet else "", ", ".join(columns))
    facts = {
        "year": year,
        "release": resource.release or release_in(data.name) or _release_shown(rows, known.rounds[year]),
        "layouts": sorted({t.placing.layout.id for t in tables}),
        "extra": extra,
        "left_out": left_out,
        "notes": notes,
    }
    made = pa.table({f.name: pa.array([r[f.name] for r in rows], f.type) for f in PART_SCHEMA}, schema=PART_SCHEMA)
    return made.replace_schema_metadata({b"place": json.dumps(facts, ensure_ascii=False, sort_keys=True).encode()})


def part_facts(table: pa.Table) -> dict[str, Any]:
    """What `parse` noted of a file: year, release, layouts, and the columns (`extra`), sheets (`left_out`) and notes it did not read."""
    facts: dict[str, Any] = json.loads((table.schema.metadata or {})[b"place"])
    return facts


def _years_said(resource: Resource, data: SourceFile, found: Sequence[Grid]) -> dict[str, int]:
    """The year, by each thing that names one: what discover knew, the file's name, titles, the sheets' names."""
    said: dict[str, int] = {}
    if resource.period is not None:
        said["the publisher's page"] = resource.period.start.year
    if (year := year_in(data.name)) is not None:
        said["the file's name"] = year
    for grid in found:
        if (year := year_in(grid.sheet)) is not None:
            said[f"the name of sheet {grid.sheet!r}"] = year
        header = next(iter(grid.header_rows()), 0)
        named = {int(y) for y in _NAMED.findall(_plain(grid.text_above(header)))}
        if len(named) == 1:
            said[f"the title above {grid.where}"] = named.pop()
    return said


def _years_in_cells(tables: Sequence[_Table]) -> dict[str, int]:
    """The years that a column of years holds."""
    said: dict[str, int] = {}
    for table in tables:
        for i, name in table.placing.found.items():
            if name == "year":
                for row in table.grid.rows[table.header + 1 :]:
                    if i < len(row) and (cell := year_of(row[i])).value is not None:
                        said[f"the column of years in {table.grid.where}, {int(cell.value)}"] = int(cell.value)
    return said


def _one_year(said: Mapping[str, int], name: str) -> int:
    if not said:
        raise LayoutError(
            f"{name} does not say of which year it is",
            hint="put the year into the file's name, for instance place-2024-site-scores.csv", resource=name, expected="a year", found="none",
        )  # fmt: skip
    if len(set(said.values())) > 1:
        listed = "; ".join(f"{what} says {year}" for what, year in said.items())
        raise DataError(
            f"{name} speaks of several years: {listed}", hint="one file holds one year: name it by the year that is in it", file=name,
            value=sorted(set(said.values())), rule="one-year",
        )  # fmt: skip
    return next(iter(said.values()))


def _refuse_lite(data: SourceFile, found: Sequence[Grid]) -> None:
    """PLACE-Lite is the same form, used locally between the rounds: never published nationally, and no figure to set beside one that was."""
    for text in (data.name, *(f"{g.sheet} {g.text_above(next(iter(g.header_rows()), 0))}" for g in found)):
        if re.search(r"\bplace[\W_]*lite\b", text.casefold()):
            raise LayoutError(
                f"{data.name} is of PLACE-Lite, a local exercise that is not part of the published assessments",
                hint="read it as a figure of your own (the source `local`); it has no benchmark", resource=data.name, expected="PLACE or PEAT", found="PLACE-Lite",
            )  # fmt: skip


def _refuse_unknown(year: int, name: str, known: Register) -> None:
    if year not in known.rounds:
        raise LayoutError(
            f"{name} is of {year}, of which this version of jsnakit-place knows no collection",
            hint="`python -m jsnakit_place layout FILE` drafts a layout; there was no collection in 2020 and 2021",
            resource=name, expected=tuple(sorted(known.rounds)), found=year,
        )  # fmt: skip


def _tables(found: Sequence[Grid], year: int | None, name: str, known: Register) -> tuple[list[_Table], list[str]]:
    """The tables whose header is of a layout, and the sheets that are none. A sheet that should be one and is not is an error: half a workbook is not read without a word."""
    tables, left_out, wrong = [], [], []
    for grid in found:
        nearest: _Table | None = None
        for header in grid.header_rows():
            percent = grid.percent_columns(header)
            placings = [place_header(grid.headings(header), layout, known, percent=percent) for layout in known.of_year(year)]
            if fitting := [p for p in placings if p.fits and (p.layout.programme != "beds" or "bed" in f"{grid.file} {grid.sheet}".casefold())]:
                tables.append(_Table(grid=grid, header=header, placing=fitting[0]))
                break
            for placing in placings:
                if len(placing.found) > 2 and placing.layout.programme != "beds" and (nearest is None or placing.distance < nearest.placing.distance):
                    nearest = _Table(grid=grid, header=header, placing=placing)
        else:
            if nearest is not None or not grid.sheet or _is_named(grid, year, known):
                wrong.append((grid, nearest))
            else:
                left_out.append(grid.sheet)
    if wrong or not tables:
        raise _no_layout(wrong, left_out, year, name, known)
    return tables, left_out


def _is_named(grid: Grid, year: int | None, known: Register) -> bool:
    """Whether a sheet's name says that it is one of the tables."""
    return folded(re.sub(r"20\d\d", "", grid.sheet)) in {folded(s) for layout in known.of_year(year) for s in layout.sheets}


def _no_layout(wrong: Sequence[tuple[Grid, _Table | None]], left_out: Sequence[str], year: int | None, name: str, known: Register) -> LayoutError:
    layouts = [x.id for x in known.of_year(year)]
    said = []
    for grid, nearest in wrong:
        if nearest is None:
            said.append(f"{grid.where} has no header of any layout")
        else:
            said.append(f"{grid.where} is nearest to {nearest.placing.layout.id}, but has {nearest.placing.problems(known.columns)}")
    if not said:
        said = [f"none of its sheets has a table of PLACE or PEAT: {', '.join(left_out)}"]
    headings = next((n.grid.headings(n.header) for _, n in wrong if n), [h for g, _ in wrong for h in g.headings(0)][:40])
    return LayoutError(
        said[0] if len(said) == 1 and said[0].startswith(name) else f"{name}: {'; '.join(said)}",
        hint=f"`python -m jsnakit_place layout FILE` drafts a layout from it (known for {year or 'any year'}: {', '.join(layouts)})",
        resource=name, expected=tuple(layouts), found=tuple(headings),
    )  # fmt: skip


def _rows(table: _Table, known: Register, notes: list[str]) -> Iterator[dict[str, Any]]:
    """The figures of one table. Rows without a code and without a figure are notes; anything else without a code is a fault."""
    grid, placing = table.grid, table.placing
    headings = grid.headings(table.header)
    place = {name: i for i, name in placing.found.items()}
    faults = _Faults()
    kept: list[tuple[int | None, tuple[Any, ...], str, str, str | None]] = []
    for line, row in zip(grid.lines[table.header + 1 :], grid.rows[table.header + 1 :], strict=True):
        if all(c == "" or (isinstance(c, str) and not c.strip()) for c in row):
            continue
        if any(c != "" for c in row[len(headings) :]):
            faults.add(line, None, next(c for c in row[len(headings) :] if c != ""), "field-count")
            continue
        entry = _entry(row, place, placing, known, faults, line, headings)
        if entry is None:
            notes.append(" | ".join(text_of(c) for c in row if c != ""))
        elif entry:
            kept.append((line, row, *entry))
    cells = _cells(kept, placing, known, faults, headings)
    if faults.counted[0]:
        raise data_error(grid.where, faults.kept, faults.counted[0])
    for n, (_, row, level, code, organisation) in enumerate(kept):
        name = place.get("site_name" if level == "site" else "organisation_name")
        self_catering = cells["self_catering"][n].value if "self_catering" in cells else None
        shared = {
            "level": level, "code": code, "organisation": organisation, "layout": placing.layout.id,
            "name": (text_of(row[name]) or None) if name is not None else None,
            "self_catering": None if self_catering is None else bool(self_catering),
        }  # fmt: skip
        yield from _figures(shared, {column: listed[n] for column, listed in cells.items()}, known)


def _entry(
    row: Sequence[Any], place: Mapping[str, int], placing: Placing, known: Register, faults: _Faults, line: int | None, headings: Sequence[str]
) -> tuple[str, str, str | None] | tuple[()] | None:
    """What a row is about (level, code, organisation); None for a note, nothing for a fault."""
    wanted = [n for n in ("organisation", "site") if n in placing.layout.required]
    codes = {n: code_of(row[i]) for n, i in place.items() if n in {"organisation", "site"}}
    cells = {n: text_of(row[i]) for n, i in place.items() if known.columns[n].kind in _MEASURES}
    filled = sum(text_of(c) != "" for c in row)
    # A lone sentence is a note in whatever column it stands; a lone figure is not.
    measured = any(t.casefold() not in ABSENT and (filled > 1 or not _SENTENCE.search(t)) for t in cells.values())
    if all(codes[n] is not None for n in wanted):
        if filled == 1:
            return None
        if codes.get("organisation") is None and "organisation" in place and text_of(row[place["organisation"]]).casefold() not in ABSENT:
            faults.add(line, headings[place["organisation"]], row[place["organisation"]], "code")
            return ()
        level = placing.layout.level
        return (level, codes[level] or "", codes.get("organisation"))
    texts = [text_of(row[place[n]]) for n in ("organisation", "site", "organisation_name", "site_name") if n in place]
    said = {folded(t) for t in texts if t.casefold() not in ABSENT} - {"eng", "e92000001"}
    if measured and said and said <= NATIONAL:
        return ("national", "E92000001", None)
    if not measured and filled <= 2:
        return None
    bad = next(n for n in wanted if codes[n] is None)
    faults.add(line, headings[place[bad]], row[place[bad]], "code")
    return ()


def _cells(
    kept: Sequence[tuple[int | None, tuple[Any, ...], str, str, str | None]],
    placing: Placing,
    known: Register,
    faults: _Faults,
    headings: Sequence[str],
) -> dict[str, list[Cell]]:
    """The cells of every column that holds a figure, typed by its kind."""
    place = {name: i for i, name in placing.found.items()}
    raw = {name: [row[i] for _, row, *_ in kept] for name, i in place.items()}
    typed = scores_of({n: listed for n, listed in raw.items() if known.columns[n].kind == "score"})
    for name, listed in raw.items():
        kind = known.columns[name].kind
        if kind in {"marks", "number"}:
            typed[name] = [number_of(c) for c in listed]
        elif kind == "rating":
            typed[name] = [rating_of(c, scale_of(name)) for c in listed]
        elif kind == "flag":
            typed[name] = [flag_of(c) for c in listed]
        elif kind == "year":
            typed[name] = [year_of(c) for c in listed]
    for name, listed in typed.items():
        for (line, row, *_), cell in zip(kept, listed, strict=True):
            if cell.fault is not None:
                faults.add(line, headings[place[name]], row[place[name]], cell.fault)
    for name in typed:
        if name.endswith("_awarded"):
            for (line, *_), got, of in zip(kept, typed[name], typed[name.removesuffix("_awarded") + "_available"], strict=True):
                if (got.value is None) != (of.value is None) or (got.value is not None and of.value is not None and got.value > of.value):
                    faults.add(line, headings[place[name]], f"{got.value} of {of.value}", "marks")
    return typed


def _figures(shared: Mapping[str, Any], cells: Mapping[str, Cell], known: Register) -> Iterator[dict[str, Any]]:
    """A row for each figure of one line of the file."""
    empty = {"value": None, "text": None, "awarded": None, "available": None, "status": "normal"}
    for name, cell in cells.items():
        column = known.columns[name]
        if name.endswith("_available") or column.kind in {"flag", "year"}:
            continue
        row = {**shared, **empty, "measure": name.removesuffix("_awarded")}
        absent = cell.status or column.absent
        if column.kind == "marks":
            of = cells[name.removesuffix("_awarded") + "_available"].value
            # No question of the domain was asked: nothing was awarded out of nothing.
            has = bool(of)
            yield row | {"awarded": cell.value if has else None, "available": of if has else None, "status": "normal" if has else absent}
        elif cell.value is not None or column.kind in {"score", "rating"}:
            yield row | {"value": cell.value, "text": cell.text, "status": absent if cell.value is None else "normal"}


def _refuse_doubles(rows: Sequence[Mapping[str, Any]], name: str) -> None:
    seen: set[tuple[str, str, str, bool]] = set()
    doubled = []
    for row in rows:
        key = (row["level"], row["code"], row["measure"], row["layout"].endswith("-base"))
        if key in seen:
            doubled.append(key)
        seen.add(key)
    if doubled:
        level, code, measure, _ = doubled[0]
        raise data_error(
            name,
            [Fault(None, measure, f"{level} {code}", "one-row-each")],
            len(doubled),
            hint="two rows speak of the same: which of them counts is not for us to guess",
        )


def _release_shown(rows: Sequence[Mapping[str, Any]], collection: Round) -> str:
    """The edition that the rows themselves show, or nothing: a round with one edition has `original`."""
    if len(collection.releases) == 1:
        return collection.releases[0]
    organisations = {r["organisation"] for r in rows if r["organisation"]}
    counts = {level: len({r["code"] for r in rows if r["level"] == level}) for level in ("site", "organisation")}
    for edition in collection.edition:
        if _shows(edition, organisations, counts):
            return edition.release
    return ""


def _shows(edition: Edition, organisations: set[str], counts: Mapping[str, int]) -> bool:
    told = edition.told_by
    if has := told.get("has_organisation"):
        return has in organisations
    if lacks := told.get("lacks_organisation"):
        return lacks not in organisations and any(counts[level] >= least for level, least in told.get("rows", {}).items())
    return False
