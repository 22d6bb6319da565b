"""What users write, as mypy sees it: run by `nox -s types`, never executed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import assert_type

import pandas as pd
import pyarrow as pa

import jsnakit as jk
from jsnakit.errors import JsnakitError, LayoutError
from jsnakit.files import SourceFile
from jsnakit.sources import Part


def an_analyst(ws: jk.Workspace) -> pd.DataFrame:
    place = ws.area("Blackpool", type="ltla")
    assert_type(place, jk.Area)
    assert_type(jk.ENGLAND, jk.Area)
    frame = ws.observe("rtt.incomplete_within_18_weeks", areas=[place, jk.ENGLAND], since="2025")
    assert_type(frame, pd.DataFrame)
    assert_type(ws.coverage("rtt.incomplete_within_18_weeks"), jk.Coverage)
    assert_type(ws.indicators("waiting"), tuple[jk.Indicator, ...])
    return ws.judge(frame, "nhs-constitution.rtt-18-weeks")


def a_downstream_project(source: jk.Source) -> jk.Workspace:
    plugins = jk.Plugins.only(source)
    assert_type(plugins, jk.Plugins)
    return jk.Workspace(store=jk.Store(offline=True), plugins=plugins)


class AnAuthorsSource(jk.Source):
    info = jk.SourceInfo(id="x", title="X", publisher="Y", licence="OGL-UK-3.0", homepage="https://example.org/")

    def indicators(self) -> Sequence[jk.Indicator]:
        return [jk.Indicator("x.y", "Y", unit="%")]

    def parse(self, resource: jk.Resource, data: SourceFile) -> pa.Table:
        raise LayoutError("no", resource=resource, expected="x", found=data.name)

    def assemble(self, parts: Iterator[Part], query: jk.Query) -> Iterator[pa.Table]:
        assert_type(query.in_range(jk.Period.month(2026, 2)), bool)
        for part in parts:
            yield part.table


def one_tree_of_errors(error: JsnakitError) -> str:
    assert_type(error.message, str)
    assert_type(error.hint, str | None)
    return str(error)
