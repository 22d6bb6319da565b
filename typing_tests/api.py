"""What users write, as mypy sees it: run by `nox -s types`, never executed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, assert_type

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


def a_council(ws: jk.Workspace) -> str:
    waits_at = ws.providers(ws.area("NHS Somerset ICB", at="2026-02-01"), month="2026-02")
    assert_type(waits_at.frame, pd.DataFrame)
    assert_type(waits_at.month, jk.Period)
    waits = ws.observe("rtt.waiting_list", areas=waits_at, breakdowns=["treatment_function"])
    assert_type(jk.check(waits), None)
    changes = jk.compare(waits, waits)
    assert_type(changes.revised, int)
    assert_type(ws.target("nhs-constitution.rtt-18-weeks"), jk.Target)
    assert_type(jk.Outcome.MET, Literal[jk.Outcome.MET])
    verdicts = ws.judge(waits, "nhs-constitution.rtt-18-weeks")
    return jk.explain(verdicts.iloc[0])


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
