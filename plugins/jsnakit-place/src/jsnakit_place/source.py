"""The source: PLACE and PEAT by site, organisation and England."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import pyarrow as pa
from attrs import evolve

from jsnakit.files import SourceFile
from jsnakit.model import Indicator
from jsnakit.sources import Fetch, Part, Query, Resource, Source, SourceInfo, Support, indicators_from, support_from
from jsnakit_place import links, relations
from jsnakit_place.assemble import gather, observations_of
from jsnakit_place.layouts import Register, own_files, register
from jsnakit_place.parse import parse, release_in

__all__ = ["Place"]


class Place(Source):
    """Patient-led assessments of the care environment (2013 to 2025) and their forerunner PEAT (2000 to 2012).

    `layouts` names a folder of layouts of one's own, a TOML file each, beside those of the package: how a new year is read before the plugin knows it.
    """

    info = SourceInfo(
        id="place",
        title="Patient-led assessments of the care environment (PLACE) and PEAT",
        publisher="NHS England",
        licence="OGL-UK-3.0",
        homepage=links.INDEX,
        attribution="Source: NHS England (formerly NHS Digital, HSCIC and NPSA), PLACE and PEAT, Open Government Licence v3.0",
        cadence="yearly, in the winter after an autumn of assessments; none in 2020 and 2021",
        covers=("country", "provider", "site"),
        hosts=("digital.nhs.uk", "files.digital.nhs.uk"),
    )

    def __init__(self, *, layouts: Path | None = None) -> None:
        self.layouts = layouts

    @property
    def register(self) -> Register:
        """The layouts, columns and rounds that it reads by."""
        return register(self.layouts)

    def indicators(self) -> Sequence[Indicator]:
        """The domains of PLACE, the two scales of PEAT with their shares and distributions, who assessed, and beds."""
        return indicators_from(__package__, "indicators.toml")

    def discover(self, fetch: Fetch, query: Query) -> Iterable[Resource]:  # noqa: ARG002  # the pages list every year, whatever is asked
        """The files linked from the publisher's pages."""
        return links.discover(fetch, self.register.rounds)

    def select(self, listing: Sequence[Resource], query: Query) -> Sequence[Resource]:
        """Of each year in the range one file a table: the release asked for, else the last."""
        wanted = [r for r in listing if query.release in (None, r.release) and (r.period is None or query.in_range(r.period))]
        rounds = self.register.rounds
        programmes = _programmes(query)
        chosen = [r for r in links.chosen(wanted) if r.period is None or (c := rounds.get(r.period.start.year)) is None or c.programme in programmes]
        if self.layouts is None:
            return chosen
        # What was made of a file is kept under all that parse is told: layouts of one's own are part of it, so that an edited one is not answered from yesterday's table.
        digest = hashlib.sha256(repr(own_files(self.layouts)).encode()).hexdigest()
        return [evolve(r, params=(*r.params, ("layouts", digest))) for r in chosen]

    def parse(self, resource: Resource, data: SourceFile) -> pa.Table:
        """A CSV file or workbook, by the layouts of its year."""
        return parse(resource, data, self.register)

    def assemble(self, parts: Iterator[Part], query: Query) -> Iterator[pa.Table]:
        """Year by year: what is published, and averages and shares where none is."""
        for year in gather(parts, self.register.rounds):
            if query.in_range(year.collection.period):
                yield observations_of(year, query)

    def relate(self, parts: Iterator[Part], query: Query) -> Iterator[pa.Table]:
        """`in`: each site to its organisation."""
        return relations.sites_in(gather(parts, self.register.rounds), query)

    def support(self) -> Support:
        """The layouts, every one built to a description and untested on a real file, and the traps."""
        return support_from(__package__, "support.toml")

    def resource_for(self, name: str) -> Resource:
        """A local file, with the edition that its name speaks of; its year is read when the file is."""
        return Resource(url=name, title=name, release=release_in(name))


def _programmes(query: Query) -> set[str]:
    """The programmes that a question is of; beds and assessors are PLACE's."""
    if not query.indicators:
        return {"PLACE", "PEAT"}
    return {"PEAT" if i.startswith("place.peat_") else "PLACE" for i in query.indicators}
