"""Which sites lie in which organisation, as the files print both codes in one row. Names are never joined."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pyarrow as pa

from jsnakit.observations import RELATION_SCHEMA
from jsnakit.sources import Query
from jsnakit_place.assemble import Year

__all__ = ["sites_in"]


def sites_in(years: Iterable[Year], query: Query) -> Iterator[pa.Table]:
    """`in`: each site to its organisation of that year, with the beds of the site as `count` where they are known and the site's printed name as `note`."""
    sites, providers = query.area_codes("site"), query.area_codes("provider")
    for year in years:
        period = year.collection.period
        if not query.in_range(period):
            continue
        origins = {code: figure.origin for (level, code, _), figure in sorted(year.figures.items(), reverse=True) if level == "site"}
        pairs = [
            (site, organisation)
            for site, organisation in sorted(year.organisation.items())
            if site in origins and (sites is None or providers is None or site in sites or organisation in providers)
        ]
        if pairs:
            yield _table(
                len(pairs), from_scheme="ods", from_type="site", from_area=[s for s, _ in pairs], to_scheme="ods", to_type="provider", to_area=[o for _, o in pairs],
                kind="in", period_start=period.start, period_duration=period.duration, count=[year.beds[s][0] if s in year.beds else None for s, _ in pairs],
                note=[year.names.get(("site", s)) for s, _ in pairs], origin=[origins[s].removeprefix("place-marks:") for s, _ in pairs],
            )  # fmt: skip


def _table(size: int, **columns: Any) -> pa.Table:
    arrays = []
    for f in RELATION_SCHEMA:
        given = columns.get(f.name)
        arrays.append(
            pa.nulls(size, f.type)
            if given is None
            else pa.array(given, f.type)
            if isinstance(given, list)
            else pa.repeat(pa.scalar(given, f.type), size)
        )
    return pa.table(arrays, schema=RELATION_SCHEMA)
