"""Patient-led assessments of the care environment (PLACE) and their forerunner PEAT as a source for jsnakit."""

from __future__ import annotations

from collections.abc import Iterable

from jsnakit.hookspecs import hookimpl
from jsnakit.sources import Source
from jsnakit_place.averages import Average, SiteScore, average
from jsnakit_place.pilot import Pilot, PilotHospital, pilot
from jsnakit_place.rounds import Era, Round, Scale, eras, rounds, scales
from jsnakit_place.source import Place

__all__ = [
    "Average",
    "Era",
    "Pilot",
    "PilotHospital",
    "Place",
    "Round",
    "Scale",
    "SiteScore",
    "average",
    "eras",
    "jsnakit_sources",
    "pilot",
    "rounds",
    "scales",
]


@hookimpl
def jsnakit_sources() -> Iterable[Source]:
    """The one source of this distribution: `place.*`."""
    yield Place()
