"""The hooks a plugin may implement. Hooks are permanent, so there are only those that something consumes.

A plugin is a module named by an entry point in the group `jsnakit.v1`; the number in the name is the contract's.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pluggy

if TYPE_CHECKING:
    from jsnakit.chapters import PanelKind
    from jsnakit.packs import Pack
    from jsnakit.sources import Source

__all__ = ["ENTRY_POINT_GROUP", "hookimpl", "hookspec", "jsnakit_packs", "jsnakit_panels", "jsnakit_sources", "jsnakit_targets"]

ENTRY_POINT_GROUP: Final = "jsnakit.v1"
"""The entry-point group of this contract. A later contract has another name, so both can be installed together."""

hookspec = pluggy.HookspecMarker("jsnakit")
hookimpl = pluggy.HookimplMarker("jsnakit")
"""Marks a function of a plugin as its implementation of a hook."""


@hookspec
def jsnakit_sources() -> Iterable[Source]:
    """Yield the plugin's sources. Called only when an id of the plugin's entry point is asked for."""
    raise AssertionError("a hook specification is never called")


@hookspec
def jsnakit_packs() -> Iterable[Pack]:
    """Yield the plugin's packs: ready-made, pinned observations that answer for ids of other sources. Called only for packs listed in `jsna.toml`."""
    raise AssertionError("a hook specification is never called")


@hookspec
def jsnakit_targets() -> Iterable[Path]:
    """Yield TOML files of targets and RAG schemes, in the layout of jsnakit's own. Called only for plugins listed in `jsna.toml`."""
    raise AssertionError("a hook specification is never called")


@hookspec
def jsnakit_panels() -> Iterable[PanelKind]:
    """Yield the plugin's panels. Called only when a chapter names a panel that is none of jsnakit's own and begins with the plugin's entry point."""
    raise AssertionError("a hook specification is never called")
