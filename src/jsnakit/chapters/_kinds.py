"""A panel that a plugin adds: its name in a chapter, what an author may ask of it, and who builds it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import attrs
from attrs import field, frozen

from jsnakit.chapters.options import Options
from jsnakit.errors import InvalidValueError

__all__ = ["PanelKind"]

_NAME = re.compile(r"[a-z][a-z0-9_-]*(\.[a-z0-9_-]+)*")


@frozen(kw_only=True)
class PanelKind:
    """A kind of panel: an author writes `panel = NAME` and the keys of `options`; `build` makes a `jsnakit.publish.figures.Built` from a `Context`.

    The name is that of the plugin's entry point, or begins with it and a dot. `options` is a frozen attrs class below `Options`, `title` the head where there are no figures. `origin` and
    `digest` are filled in by whoever loads the plugin: who it is, and what its code was. Raises `InvalidValueError` for a name or a class that cannot be one.

    >>> PanelKind(name="toy.bubbles", options=Options, build=print, title="Bubbles").name
    'toy.bubbles'
    """

    name: str
    options: type[Options]
    build: Callable[[Any], Any] = field(repr=False, eq=False)
    title: str = ""
    origin: str = ""
    digest: str = ""

    def __attrs_post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise InvalidValueError(
                f"{self.name!r} is not a panel's name", hint="use lower-case letters, digits, _ and -: toy.bubbles", value=self.name
            )
        if not (isinstance(self.options, type) and issubclass(self.options, Options) and attrs.has(self.options)):
            raise InvalidValueError(
                f"the options of {self.name!r} are no class of options",
                hint="make a frozen attrs class below jsnakit.chapters.Options",
                value=self.options,
            )
