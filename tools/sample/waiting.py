"""The waiting times of the sample: made by the real source, jsnakit-rtt, from the stored extracts and the published time series."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import attrs
import pyarrow as pa
import pyarrow.compute as pc

from jsnakit import reading
from jsnakit._plugins import Plugins
from jsnakit.model import TOTAL, Indicator
from jsnakit.sources import ALL_BREAKDOWNS, Query
from jsnakit_rtt import Rtt

EXTRACTS = tuple(f"rtt/{month}_rtt_full_extract.zip" for month in ("2024-04", "2025-09", "2025-10", "2026-02"))
SERIES = "rtt/2026-02_rtt_overview_timeseries.xlsx"
# By specialty, commissioners below an integrated care board are left to the live source: a quarter of all rows, and no chapter asks for them.
BY_SPECIALTY = ("country", "icb", "provider")


def waiting_times(files: Callable[[str], tuple[Path, str]]) -> tuple[dict[str, pa.Table], pa.Table, tuple[Indicator, ...]]:
    """Observations in two tables (who waits, and who was treated), the relations of the last month with every succession, and the source's own indicators."""
    entry = Plugins.only(Rtt()).source("rtt")
    paths = [files(name)[0] for name in (*EXTRACTS, SERIES)]
    table = reading.read_files(entry, paths, Query(breakdowns=(ALL_BREAKDOWNS,))).table
    table = table.filter(pc.or_(pc.is_in(table["area_type"], pa.array(BY_SPECIALTY)), pc.equal(table["category"], TOTAL)))
    present = set(table["indicator"].unique().to_pylist())
    waiting = pc.or_(pc.starts_with(table["indicator"], "rtt.incomplete"), pc.starts_with(table["indicator"], "rtt.waiting"))
    relations = reading.read_relations(entry, Query(), paths=paths)
    latest = pc.max(relations.filter(pc.equal(relations["kind"], "waits_at"))["period_start"])
    kept = pc.or_(pc.not_equal(relations["kind"], "waits_at"), pc.equal(relations["period_start"], latest))
    indicators = tuple(attrs.evolve(i, area_types=()) for i in entry.source.indicators() if i.id in present)
    return {"rtt": table.filter(waiting), "rttdone": table.filter(pc.invert(waiting))}, relations.filter(kept), indicators
