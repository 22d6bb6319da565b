"""Real published figures for England as a ready-made pack: a project that lists `sample` in `jsna.toml` builds without a network."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import resources
from pathlib import Path

from jsnakit.hookspecs import hookimpl
from jsnakit.packs import Pack

__all__ = ["jsnakit_packs"]


@hookimpl
def jsnakit_packs() -> Iterable[Pack]:
    """The one pack of this distribution: `healthindex.*`, `imd.*`, `population.*` and `rtt.*`, with relations and map shapes."""
    yield Pack.read(Path(str(resources.files(__package__))) / "data")
