"""Drafts a layout from a new file: what it recognised, and what it could not place. A person reads it before it is used."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Sequence
from typing import Any

from attrs import field, frozen

from jsnakit.files import SourceFile
from jsnakit.model import nearest
from jsnakit_place.cells import text_of
from jsnakit_place.grids import Grid, grids
from jsnakit_place.layouts import ColumnWords, PlaceLayout, Register, folded, layout_from, place_header
from jsnakit_place.parse import year_in

__all__ = ["Draft", "described", "draft"]


@frozen(kw_only=True)
class Draft:
    """A layout drafted from one table: its TOML, whether an existing layout reads the table already, and the headings that could not be placed.

    `unplaced` gives each such heading with the first cells under it and the column it may be. `reads` says whether the draft, as it stands, places every heading that matters.
    """

    where: str
    id: str
    toml: str
    known_as: str | None = None
    unplaced: tuple[tuple[str, tuple[str, ...], str | None], ...] = field(default=())
    reads: bool = False


def draft(data: SourceFile, known: Register, *, year: int | None = None) -> tuple[list[Draft], list[str]]:
    """A draft for each table of a file, and the sheets in which no table was recognised. `year` is needed where the file's name and titles give none.

    Raises `LayoutError`, `DataError` or `ArchiveError` where the bytes are no table at all.
    """
    found = grids(data)
    year = (
        year
        or year_in(data.name)
        or next((y for g in found if (y := year_in(g.sheet)) or (y := year_in(g.text_above(next(iter(g.header_rows()), 0))))), None)
    )
    made, left = [], []
    for grid in found:
        header = _header(grid, known)
        if header is None:
            left.append(grid.sheet or grid.file)
        else:
            made.append(_draft(grid, header, known, year))
    return made, left


def _header(grid: Grid, known: Register) -> int | None:
    """The row with the most headings that are known by any layout; None where no row has two."""
    words = {folded(h) for c in known.columns.values() for h in c.header} | {
        folded(h) for x in known.layouts for listed in x.headers.values() for h in listed
    }
    counts = {i: len({folded(h) for h in grid.headings(i)} & words) for i in grid.header_rows()}
    best = max(counts, key=lambda i: (counts[i], -i), default=None)
    return best if best is not None and counts[best] > 1 else None


def _draft(grid: Grid, header: int, known: Register, year: int | None) -> Draft:
    headings = grid.headings(header)
    percent = grid.percent_columns(header)
    fitting = next((x for x in known.of_year(year) if place_header(headings, x, known, percent=percent).fits), None)
    if fitting is not None:
        return Draft(where=grid.where, id=fitting.id, toml="", known_as=fitting.id, reads=True)
    peat = year is not None and year < 2013
    placed = {i: name for i, h in enumerate(headings) if (name := _column(h, known, peat=peat)) is not None}
    level = "site" if "site" in placed.values() else "organisation"
    marks = any(n.endswith("_awarded") for n in placed.values())
    shape = "base" if marks else f"{level}s"
    name = f"{'peat-' if peat else ''}{year or 'YEAR'}-{shape}"
    unplaced = tuple((h, _samples(grid, header, i), _perhaps(h, known)) for i, h in enumerate(headings) if h and i not in placed)
    toml = _toml(name, grid, level, placed, unplaced, known, year)
    return Draft(where=grid.where, id=name, toml=toml, unplaced=unplaced, reads=_reads(toml, headings, known, percent))


def _reads(toml: str, headings: Sequence[str], known: Register, percent: set[int]) -> bool:
    """Whether the draft places its own header."""
    try:
        table: dict[str, Any] = tomllib.loads(toml)
    except tomllib.TOMLDecodeError:
        return False
    table.pop("collection", None)
    if not table["years"] or not table["required"]:
        return False
    layout: PlaceLayout = layout_from(table, "the draft", known.columns)
    return place_header(headings, layout, known, percent=percent).fits


def _column(heading: str, known: Register, *, peat: bool) -> str | None:
    """The column that a heading means in any layout; of two programmes that share a word, the one of the year."""
    key = folded(heading)
    found = [c.name for c in known.columns.values() if key in {folded(h) for h in c.header}]
    found += [n for x in known.layouts for n, listed in x.headers.items() if key in {folded(h) for h in listed} and n not in found]
    own = [n for n in found if n.startswith("peat_") == peat]
    return next(iter(own or found), None)


def _perhaps(heading: str, known: Register) -> str | None:
    """The column whose heading is most like an unknown one."""
    words = {folded(h): c.name for c in known.columns.values() for h in c.header}
    close = nearest(folded(heading), list(words), 1)
    if close:
        return words[close[0]]
    # "Cleaning Total" begins as "Cleanliness" does.
    stems = {word[:5] for word in folded(heading).split() if len(word) > 4}
    return next(
        (name for word, name in words.items() if known.columns[name].kind in {"score", "rating"} and stems & {w[:5] for w in word.split()}), None
    )


def _samples(grid: Grid, header: int, i: int) -> tuple[str, ...]:
    cells = (text_of(row[i]) for row in grid.rows[header + 1 :] if i < len(row) and row[i] != "")
    return tuple(c for c, _ in zip(cells, range(3), strict=False))


def _list(names: Sequence[str]) -> str:
    return json.dumps(list(names), ensure_ascii=False)


def _toml(
    name: str,
    grid: Grid,
    level: str,
    placed: dict[int, str],
    unplaced: Sequence[tuple[str, tuple[str, ...], str | None]],
    known: Register,
    year: int | None,
) -> str:
    needed = {"code", "score", "marks", "rating"}
    names = list(dict.fromkeys(placed.values()))
    required = [n for n in names if known.columns[n].kind in needed or n == f"{level}_name"]
    rating = any(n.startswith("peat_") for n in names)
    lines = [
        f"# Drafted from {grid.where}. Read it, try it on the file, and compare some figures with the publisher's report before you trust it.",
        f"id = {json.dumps(name)}",
        f"programme = {json.dumps('PEAT' if rating else 'PLACE')}",
        f"level = {json.dumps(level)}",
        f"years = [{year if year is not None else ''}]" + ("" if year is not None else "  # the file names none: put it here"),
        f"sheets = {_list([grid.sheet] if grid.sheet else [])}",
        'tested = "described schema"  # "real files" once figures were compared',
        f"source = {json.dumps('drafted from ' + grid.file, ensure_ascii=False)}",
        f"required = {_list(required)}",
        f"optional = {_list([n for n in names if n not in required])}",
        "",
        "# Headings that could not be placed. Where one is a column of columns.toml, take away the first sign and name it; the rest is left out when a file is read.",
        "[headers]",
    ]
    for heading, samples, perhaps in unplaced:
        lines.append(
            f"# {perhaps or 'COLUMN'} = [{json.dumps(heading, ensure_ascii=False)}]  # cells: {', '.join(samples) or 'none'}".replace("\n", " ")
        )
    if year is not None and year not in known.rounds:
        era = known.rounds[max(known.rounds)].era
        lines += [
            "",
            f"# jsnakit knows no collection of {year}. Put in the dates of the assessments and their number, and see whether the publisher says that a new era begins.",
            "[[collection]]",
            f"year = {year}",
            f"programme = {json.dumps('PEAT' if rating else 'PLACE')}",
            f"era = {json.dumps(era)}",
            f"start = {year}-01-01",
            f"end = {year}-12-31",
            'dates = "year"  # "days" or "months" once the dates are known',
        ]
    return "\n".join(lines) + "\n"


def described(column: ColumnWords) -> str:
    """A column in one line, for the list that `columns` prints."""
    return f"{column.name} ({column.kind}): {', '.join(column.header)}"
