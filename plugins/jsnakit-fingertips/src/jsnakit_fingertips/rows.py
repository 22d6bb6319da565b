"""From tidy tables to observations."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from jsnakit.sources import Part, Query

__all__ = ["observations"]


def observations(parts: Iterator[Part], query: Query) -> Iterator[pa.Table]:
    """The rows that were asked for."""
    return (part.table for part in parts if query is not None)
