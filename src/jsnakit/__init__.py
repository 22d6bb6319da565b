"""jsnakit: public health statistics into a Joint Strategic Needs Assessment.

    import jsnakit as jk
    ws = jk.Workspace("blackpool-jsna")
    waits = ws.observe("rtt.incomplete_within_18_weeks", areas=ws.providers(ws.area("Blackpool", type="ltla")))

Every public name is loaded when it is first used (PEP 562), so that importing jsnakit imports neither pandas nor a plugin.
"""

from __future__ import annotations

import importlib
import logging
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jsnakit._plugins import Plugins
    from jsnakit.errors import JsnakitError
    from jsnakit.hookspecs import hookimpl
    from jsnakit.judgement import Outcome, explain, judge
    from jsnakit.model import ENGLAND, Area, Indicator, Period, Pin, Polarity, Target
    from jsnakit.observations import check
    from jsnakit.packs import Pack
    from jsnakit.reading import Coverage
    from jsnakit.revisions import compare
    from jsnakit.sources import Query, Resource, Source, SourceInfo, indicators_from
    from jsnakit.store import Lock, Store
    from jsnakit.workspace import Workspace

__all__ = [
    "ENGLAND",
    "Area",
    "Coverage",
    "Indicator",
    "JsnakitError",
    "Lock",
    "Outcome",
    "Pack",
    "Period",
    "Pin",
    "Plugins",
    "Polarity",
    "Query",
    "Resource",
    "Source",
    "SourceInfo",
    "Store",
    "Target",
    "Workspace",
    "check",
    "compare",
    "explain",
    "hookimpl",
    "indicators_from",
    "judge",
]

_HOMES = {
    "errors": ("JsnakitError",),
    "hookspecs": ("hookimpl",),
    "judgement": ("Outcome", "explain", "judge"),
    "model": ("ENGLAND", "Area", "Indicator", "Period", "Pin", "Polarity", "Target"),
    "observations": ("check",),
    "packs": ("Pack",),
    "_plugins": ("Plugins",),
    "reading": ("Coverage",),
    "revisions": ("compare",),
    "sources": ("Query", "Resource", "Source", "SourceInfo", "indicators_from"),
    "store": ("Lock", "Store"),
    "workspace": ("Workspace",),
}
_HOME = {name: module for module, names in _HOMES.items() for name in names}

logging.getLogger("jsnakit").addHandler(logging.NullHandler())


def __getattr__(name: str) -> Any:
    if name in _HOME:
        value = getattr(importlib.import_module(f"jsnakit.{_HOME[name]}"), name)
        globals()[name] = value
        return value
    if name == "__version__":
        from importlib.metadata import version

        return version("jsnakit")
    raise AttributeError(f"module 'jsnakit' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
