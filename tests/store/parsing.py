"""A source whose files are parsed while somebody kills: fetch, parse, keep the part, answer, all through `reading`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from jsnakit import observations, reading
from jsnakit._plugins import Plugins
from jsnakit.files import SourceFile
from jsnakit.model import Indicator
from jsnakit.sources import Part, Query, Resource, Source, SourceInfo
from jsnakit.store import Store
from jsnakit.tabular import Column, Layout, read_csv

INFO = SourceInfo(id="x", title="X", publisher="Y", licence="OGL-UK-3.0", homepage="https://example.org/")
LAYOUT = Layout(id="waits", columns=(Column(name="code", kind="code", pattern="R[0-9]+"), Column(name="value", kind="int64")))
ROWS = 60_000


class Waits(Source):
    """A source whose one file a query's `release` names, so that each question parses a new one."""

    info = INFO
    base = ""

    def indicators(self) -> tuple[Indicator, ...]:
        return (Indicator("x.sum", "Sum", "people", definition="The sum of a file.", area_types=("ltla",)),)

    def select(self, listing: Any, query: Query) -> list[Resource]:
        return [Resource(url=f"{self.base}{query.release}")]

    def parse(self, resource: Resource, data: SourceFile) -> pa.Table:
        return read_csv(data, LAYOUT)

    def assemble(self, parts: Iterator[Part], query: Query) -> Iterator[pa.Table]:
        for part in parts:
            total = sum(part.table["value"].to_pylist())
            yield observations.build(
                1, indicator="x.sum", area_scheme="gss", area_type="ltla", area="E06000009", period_start=Query(since="2026").since, period_duration="P1Y",
                value=[float(total)], origin=part.origin,
            )  # fmt: skip


def file_of(path: str) -> bytes:
    """A CSV whose every figure follows from its path."""
    start = int(path.rpartition("/")[2].partition(".")[0])
    return b"code,value\n" + b"".join(b"R%d,%d\n" % (i % 97, start + i) for i in range(ROWS))


def sum_of(path: str) -> float:
    """The sum of that CSV's figures."""
    start = int(path.rpartition("/")[2].partition(".")[0])
    return float(sum(range(start, start + ROWS)))


def parse(folder: str, address: str, path: str) -> str:
    """Fetch, parse, keep the part and answer, as `observe` does."""
    source = Waits()
    source.base = f"http://{address}"
    answer = reading.read_source(
        Plugins.only(source).source("x"),
        Query(indicators=("x.sum",), release=path),
        Store(folder, allow={address}, interval=0, deadline=30, max_age=3600),
    )
    return f"{path} {answer.table['value'][0].as_py():.0f}"
