"""The public health profiles of England (OHID's Fingertips) as a source for jsnakit."""

from __future__ import annotations

from collections.abc import Iterable

from jsnakit.hookspecs import hookimpl
from jsnakit.sources import Source
from jsnakit_fingertips.source import Fingertips

__all__ = ["Fingertips", "jsnakit_sources"]


@hookimpl
def jsnakit_sources() -> Iterable[Source]:
    """The one source of this distribution: `fingertips.*`."""
    yield Fingertips()
