"""The sample's public health profiles: the Fingertips series that are complete for England or for a whole region, with the publisher's own words beside them."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import pyarrow as pa
import pyarrow.compute as pc

from jsnakit import observations
from jsnakit.files import SourceFile
from jsnakit.model import Group, Indicator, Member, Polarity
from jsnakit.sources import Part, Query, Resource
from jsnakit_fingertips.source import Fingertips

# The newest edition last: of a figure that stands in two of them it is the one that counts.
FILES = (
    "api_csv_90280_90638_social_isolation_utla.csv.gz",
    "api_csv_modelled_prevalence_ltla_2015.csv.gz",
    "api_csv_30101_air_pollution_old.csv.gz",
    "api_csv_93861_air_pollution_new.csv.gz",
    "next_healthdata_20250213.csv.gz",
)
TYPES = ("country", "region", "utla", "ltla", "icb")
KEPT = ("published_compared_england", "published_trend")


def health_profiles(files: Callable[[str], tuple[Path, str]]) -> tuple[pa.Table, tuple[Indicator, ...], tuple[Group, ...]]:
    """The rows of authorities, boards, regions and England; their indicators; and the groups as far as they have them."""
    source = Fingertips()
    tables = []
    for name in FILES:
        path, key = files(f"fingertips/{name}")
        data = SourceFile.from_bytes(gzip.decompress(path.read_bytes()), name=name.removesuffix(".gz"))
        part = Part(resource=Resource(url=data.name), table=source.parse(Resource(url=data.name), data), origin=key)
        rows = pa.concat_tables(list(source.assemble(iter([part]), Query(breakdowns=("*",)))), promote_options="default")
        rows = observations.to_arrow(rows, order=False)
        rows = rows.filter(pc.is_in(rows["area_type"], pa.array(TYPES)))
        tables.append(rows.select([*observations.COLUMNS, *(c for c in KEPT if c in rows.column_names)]))
    table = _newest(pa.concat_tables(tables, promote_options="default"))
    held = set(table["indicator"].unique().to_pylist())
    indicators = tuple(i for i in source.indicators() if i.id in held)
    groups = [attrs.evolve(g, members=tuple(m for m in g.members if m.indicator in held)) for g in source.groups()]
    every = Group(
        "fingertips.in-the-sample", "Public health profile", tuple(Member(i.id) for i in sorted(indicators, key=_order)),
        definition="Every indicator of the public health profiles that the sample holds; not a profile of the publisher's.",
    )  # fmt: skip
    return table, indicators, (*(g for g in groups if g.members), every)


def _newest(table: pa.Table) -> pa.Table:
    """One row a key: that of the file read last."""
    numbered = table.append_column("_row", pa.array(range(table.num_rows)))
    last = numbered.group_by(list(observations.KEY)).aggregate([("_row", "max")])["_row_max"]
    return table.take(last.combine_chunks().sort())


def _order(indicator: Indicator) -> tuple[Any, ...]:
    return (indicator.polarity is Polarity.UNKNOWN, indicator.name)
