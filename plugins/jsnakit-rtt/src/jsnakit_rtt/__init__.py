"""NHS England's waiting times for consultant-led treatment (RTT) as a source for jsnakit."""

from __future__ import annotations

from collections.abc import Iterable

from jsnakit.hookspecs import hookimpl
from jsnakit.sources import Source
from jsnakit_rtt.rules import RULES, Rules
from jsnakit_rtt.source import Rtt

__all__ = ["RULES", "Rtt", "Rules", "jsnakit_sources"]


@hookimpl
def jsnakit_sources() -> Iterable[Source]:
    """The one source of this distribution: `rtt.*`."""
    yield Rtt()
