"""The source: OHID's public health profiles, by country, region, authority, integrated care board, practice and small area."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyarrow as pa

from jsnakit.files import SourceFile
from jsnakit.model import Indicator
from jsnakit.sources import Part, Query, Resource, Source, SourceInfo
from jsnakit_fingertips import catalogue, parse, rows

__all__ = ["Fingertips"]


class Fingertips(Source):
    """Indicators of public health by area: value, limits, count, denominator, note, and what the publisher itself made of them."""

    info = SourceInfo(
        id="fingertips",
        title="Public health profiles (Fingertips)",
        publisher="Office for Health Improvement and Disparities",
        licence="OGL-UK-3.0",
        homepage="https://fingertips.phe.org.uk/",
        attribution="Source: Office for Health Improvement and Disparities, public health profiles (fingertips.phe.org.uk), Open Government Licence v3.0",
        cadence="by indicator: yearly for most, quarterly or monthly for some; updated on several days a month",
        covers=("country", "region", "utla", "ltla", "icb", "sub_icb", "msoa", "ward", "pcn", "gp", "trust"),
        hosts=("fingertips.phe.org.uk", "fingertipsws.phe.org.uk"),
    )

    def indicators(self) -> Sequence[Indicator]:
        """Every indicator of the stored metadata, from package data."""
        return catalogue.indicators()

    def parse(self, resource: Resource, data: SourceFile) -> pa.Table:  # noqa: ARG002  # a file of figures says itself what it is
        """One export in any of its dialects as one tidy table, its rows as published."""
        return parse.parse_file(data)

    def assemble(self, parts: Iterator[Part], query: Query) -> Iterator[pa.Table]:
        """The rows that were asked for; one that stands in several files is given once."""
        return rows.observations(parts, query)
