"""Files of PLACE and PEAT as described: written from figures that the test chose, in any layout, so that what is read can be held against them."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import openpyxl
import pytest
from attrs import define, field

from jsnakit import observations
from jsnakit.files import SourceFile
from jsnakit.sources import Part, Query
from jsnakit_place import Place
from jsnakit_place.layouts import PlaceLayout, register


@define
class Table:
    """A table to be written: headings, rows of cells, and what may stand above and below."""

    layout: PlaceLayout
    columns: list[str]
    headings: dict[str, str]
    rows: list[dict[str, Any]]
    extra: dict[str, list[Any]] = field(factory=dict)
    above: list[list[str]] = field(factory=list)
    below: list[str] = field(factory=list)
    blank_after: set[int] = field(factory=set)

    def grid(self) -> list[list[Any]]:
        heads = [self.headings.get(c, c) for c in self.columns]
        body: list[list[Any]] = []
        for n, row in enumerate(self.rows):
            body.append([row[c] if c in row else self.extra[c][n % len(self.extra[c])] for c in self.columns])
            if n in self.blank_after:
                body.append([""] * len(heads))
        notes = [[text, *[""] * (len(heads) - 1)] for text in self.below]
        return [*self.above, heads, *body, *([[""] * len(heads)] if notes else []), *notes]

    def csv(self, encoding: str = "utf-8") -> bytes:
        sink = io.StringIO()
        csv.writer(sink, lineterminator="\r\n").writerows(self.grid())
        return sink.getvalue().encode(encoding)

    def xlsx(self, sheet: str = "Table") -> bytes:
        return workbook({sheet: self})


def workbook(sheets: Mapping[str, Table | Sequence[Sequence[Any]]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, held in sheets.items():
        page = book.create_sheet(name)
        for row in held.grid() if isinstance(held, Table) else held:
            page.append([None if c == "" else c for c in row])
    sink = io.BytesIO()
    book.save(sink)
    return sink.getvalue()


def layout(name: str) -> PlaceLayout:
    return next(x for x in register().layouts if x.id == name)


def table(of: PlaceLayout | str, rows: Sequence[Mapping[str, Any]], **options: Any) -> Table:
    """A table of a layout with the columns that the rows have, under the first heading that each is known by."""
    of = layout(of) if isinstance(of, str) else of
    columns = list(dict.fromkeys(c for row in rows for c in row))
    headings = {c: register().columns[c].header[0] for c in columns}
    return Table(of, columns, headings, [dict(r) for r in rows], **options)


def read(*files: tuple[str, bytes], query: Query | None = None, source: Place | None = None) -> list[dict[str, Any]]:
    """What the source makes of files, checked as core checks it."""
    source = source or Place()
    batches = list(source.assemble(iter(parts(*files, source=source)), query or Query(breakdowns=("*",))))
    rows = []
    for batch in batches:
        observations.check(observations.to_arrow(batch))
        rows += batch.to_pylist()
    return rows


def parts(*files: tuple[str, bytes], source: Place | None = None) -> list[Part]:
    source = source or Place()
    made = []
    for name, data in files:
        file = SourceFile.from_bytes(data, name=name)
        resource = source.resource_for(name)
        made.append(Part(resource=resource, table=source.parse(resource, file), origin=f"sha256:{file.sha256[:12]}"))
    return made


def by_key(rows: Sequence[Mapping[str, Any]]) -> dict[tuple[str, str, str], dict[str, Any]]:
    """The total rows by measure, area type and code."""
    return {(r["indicator"].removeprefix("place."), r["area_type"], r["area"]): dict(r) for r in rows if r["category_type"] == "_T"}


class Kit:
    """All of this in one fixture, since test modules cannot import each other."""

    Table = Table
    workbook = staticmethod(workbook)
    layout = staticmethod(layout)
    table = staticmethod(table)
    read = staticmethod(read)
    parts = staticmethod(parts)
    by_key = staticmethod(by_key)

    @staticmethod
    def get(rows: Sequence[Mapping[str, Any]], measure: str, area_type: str, code: str) -> dict[str, Any]:
        return by_key(rows)[measure, area_type, code]


@pytest.fixture(scope="session")
def kit() -> type[Kit]:
    return Kit


@pytest.fixture(scope="session")
def transcribed(real_data: Callable[[str], Any]) -> list[dict[str, str]]:
    """The published figures that were typed in from public pages."""
    with real_data("place/place-published-figures-transcribed.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
