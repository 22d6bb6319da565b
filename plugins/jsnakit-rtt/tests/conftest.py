"""Real months, each parsed once a run."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest

from jsnakit.files import SourceFile
from jsnakit.sources import Part, Resource
from jsnakit_rtt import Rtt


def part_of(path: Path) -> Part:
    data = SourceFile.from_path(path)
    resource = Resource(url=path.name)
    return Part(resource=resource, table=Rtt().parse(resource, data), origin=f"sha256:{data.sha256[:12]}")


@pytest.fixture(scope="session")
def month(real_data: Callable[[str], Path]) -> Callable[[str], Part]:
    """The part of a stored month: `month("2026-02")`."""

    @functools.cache
    def find(name: str) -> Part:
        return part_of(real_data(f"rtt/{name}_rtt_full_extract.zip"))

    return find


@pytest.fixture(scope="session")
def series(real_data: Callable[[str], Path]) -> pa.Table:
    """England's published time series, edition of February 2026."""
    return part_of(real_data("rtt/2026-02_rtt_overview_timeseries.xlsx")).table
