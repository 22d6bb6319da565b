"""The source: OHID's public health profiles, by country, region, authority, integrated care board, practice and small area."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import ClassVar

import pyarrow as pa

from jsnakit.auditing import AuditedRule
from jsnakit.errors import NoDataError
from jsnakit.files import SourceFile
from jsnakit.model import Group, Indicator
from jsnakit.observations import to_arrow
from jsnakit.sources import ALL_BREAKDOWNS, Fetch, Part, Query, Resource, Source, SourceInfo, Support, support_from
from jsnakit_fingertips import audit, catalogue, finding, groups, newer, parse, relations, rows
from jsnakit_fingertips.api import BASE, Addresses
from jsnakit_fingertips.live import Live
from jsnakit_fingertips.missing import explained

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

    lists_whole = False
    relation_kinds = (relations.NEAREST,)
    base: ClassVar[str] = BASE
    """Where the API is; only tests put another address here."""

    @property
    def api(self) -> Addresses:
        """The addresses of the API."""
        return Addresses(self.base)

    def indicators(self) -> Sequence[Indicator]:
        """Every indicator of the stored metadata, from package data."""
        return catalogue.indicators()

    def groups(self) -> Sequence[Group]:
        """The profiles and domains that stored files hold, as they were then: `find_group` asks for today's."""
        return groups.stored()

    def find_group(self, group: str, fetch: Fetch) -> Group | None:
        """A profile (`fingertips.profile-19`, or by its key) or a domain (`fingertips.group-1000049`), with the direction that it gives each indicator."""
        return groups.find(group, Live(fetch, self.api))

    def find_indicator(self, indicator: str, fetch: Fetch) -> Indicator | None:
        """An indicator that is newer than the stored catalogue, from the publisher's metadata of today."""
        return newer.find(indicator, fetch, self.api)

    def whole_group(self, fetch: Fetch, group: str, *, area_type: str = "utla") -> pa.Table:
        """Every figure of a profile or a domain for one type of area as observations, in one request: for whoever wants all of it at once.

        `group` is `fingertips.profile-19` or `fingertips.group-1000049`; `area_type` is meant in its newest boundaries. `Workspace.observe` asks for a file an indicator instead, which
        later questions use again. Raises `InvalidValueError` for another id or type of area, `NoDataError` where there is nothing, `FetchError`, `DataError`.
        """
        resource = finding.whole_group(group, area_type, self.api)
        data = fetch(resource.url)
        part = Part(resource=resource, table=self.parse(resource, data), origin=f"sha256:{data.sha256[:12]}")
        batches = [batch for batch in self.assemble(iter([part]), Query(breakdowns=(ALL_BREAKDOWNS,))) if batch.num_rows]
        if not batches:
            raise NoDataError(
                f"{group} has no figures for {area_type}",
                hint="`Live(...).area_types` lists the types of area; many profiles are for one of them",
                available=(),
            )
        return to_arrow(pa.concat_tables(batches, promote_options="default"))

    def discover(self, fetch: Fetch, query: Query) -> Iterable[Resource]:
        """For each indicator asked for, when its data last changed and for which types of area there are figures."""
        return finding.discover(fetch, query, self.api)

    def select(self, listing: Sequence[Resource], query: Query) -> Sequence[Resource]:
        """The file of each indicator and type of area asked for; of nearest neighbours, one answer an authority."""
        if query.relations:
            return relations.neighbour_files(query, self.api)
        return finding.select(listing, query, self.api)

    def choices(self, listing: Sequence[Resource], query: Query) -> Sequence[Resource]:
        """The files of every type of area of the indicators."""
        return finding.choices(listing, query, self.api)

    def parse(self, resource: Resource, data: SourceFile) -> pa.Table:
        """One export in any of its dialects as one tidy table, its rows as published; or the neighbours of one authority."""
        return relations.read_neighbours(data) if resource.kind == relations.NEIGHBOURS_KIND else parse.parse_file(data)

    def assemble(self, parts: Iterator[Part], query: Query) -> Iterator[pa.Table]:
        """The rows that were asked for; one that stands in several files is given once. Where there are none, `NoDataError` says what there is."""
        return explained(parts, query, rows.observations)

    def audit(self, data: SourceFile, published: SourceFile | None = None) -> Iterable[AuditedRule]:  # noqa: ARG002  # the contract's
        """Limits, comparisons and trends as printed beside those that the rows themselves give; nothing else is needed (`published` is not looked at)."""
        return audit.audit_file(data)

    def support(self) -> Support:
        """The forms in which figures come, what each was tested on, and the publisher's traps."""
        return support_from(__package__, "support.toml")

    def relate(self, parts: Iterator[Part], query: Query) -> Iterator[pa.Table]:
        """`nearest_neighbour`, as CIPFA's model has chosen them: the nearest has the greatest weight."""
        return relations.neighbours(parts, query)
