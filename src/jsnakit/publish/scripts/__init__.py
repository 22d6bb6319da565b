"""Scripts of the pages: plain files without dependencies that enhance what is already readable, and the rule that lets them and nothing else run.

Each file is one concern: a function that is called at once and hangs its part on the one global object `jsnakit` (`core.js` makes it). They are joined in the
order of `FILES`. A page says which it uses; what they need comes with them.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from importlib import resources
from typing import Any, Final

from jsnakit.publish.panels._markup import Safe, el

__all__ = ["FIGURE", "FILES", "LINKED", "PAGE", "embedded", "policy", "source", "style"]

FILES: Final[Mapping[str, tuple[str, ...]]] = {
    "core": (),
    "state": ("core",),
    "palette": ("core", "state"),
    "words": ("core",),
    "cube": ("core",),
    "view": ("core", "words"),
    "parts": ("core", "words"),
    "linked_map": ("core", "parts"),
    "linked_ranked": ("core", "parts"),
    "linked_trend": ("core", "parts", "words"),
    "linked_spine": ("core", "parts"),
    "linked_controls": ("core", "parts"),
    "linked_report": ("core", "state", "parts"),
    "linked": ("core", "state", "cube", "view", "linked_map", "linked_ranked", "linked_trend", "linked_spine", "linked_controls", "linked_report"),
    "pictures": ("core", "state"),
    "embed": ("core", "state"),
    "full_screen": ("core", "state"),
    "search": ("core", "state"),
}
"""Every file in the order in which they are joined, with those it needs: the tools of a figure are added in it, full screen as the last."""

PAGE: Final = ("palette",)
"""What every page carries."""

FIGURE: Final = ("pictures", "embed", "full_screen")
"""What a page with figures carries besides."""

LINKED: Final = ("linked",)
"""What a page with linked panels carries besides."""

_SHEETS: Final = ("style.css", "site.css", "linked.css")
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
# In a script element these would end it, open a comment, or (the two line separators) end a line of older engines.
_OUTSIDE: Final = {ord("<"): "\\u003c", 0x2028: "\\u2028", 0x2029: "\\u2029"}


def embedded(name: str, value: Any) -> Safe:
    r"""A value as JSON in the page, for `jsnakit.read(name)`; numbers that are none are refused, and no text in it can end the element.

    >>> embedded("areas", {"E06000009": "</script>"})
    '<script type="application/json" id="jk-data-areas">{"E06000009":"\\u003c/script>"}</script>'
    """
    if not _NAME.fullmatch(name):
        raise AssertionError(f"the name {name!r} of embedded data is never made from data")
    # Lone surrogates cannot be written as UTF-8; escaped they can, and mean the same to a script.
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).translate(_OUTSIDE)
    text = re.sub("[\ud800-\udfff]", lambda m: f"\\u{ord(m[0]):04x}", text)
    return el("script", {"type": "application/json", "id": f"jk-data-{name}"}, Safe(text))


def source(wanted: Iterable[str]) -> str:
    """The script of a page that uses these files: they, and those they need, in the order of `FILES`."""
    return _joined(frozenset(wanted))


@functools.lru_cache(maxsize=32)
def _joined(wanted: frozenset[str]) -> str:
    whole = set(wanted)
    while missing := {need for name in whole for need in FILES[name]} - whole:
        whole |= missing
    folder = resources.files("jsnakit.publish.scripts")
    text = "\n".join(_read(folder.joinpath(f"{name}.js")) for name in FILES if name in whole)
    if re.search(r"</script|<!--", text, re.IGNORECASE):
        raise AssertionError("a script holds what would end its element")
    return text


@functools.lru_cache(maxsize=1)
def style() -> str:
    """The one style sheet of every page: tokens and panels, then the anatomy of pages."""
    folder = resources.files("jsnakit.publish")
    text = "\n".join(_read(folder.joinpath(name)) for name in _SHEETS)
    if "</" in text:
        raise AssertionError("the style sheet holds what would end its element")
    return text


def policy(script: str | None, sheet: str | None) -> str:
    """The page's own rule for browsers (CSP): this script and this style sheet by their hash, or `app.js` and `app.css` beside the page where null; nothing else.

    `img-src data:` is for pictures that a reader saves as PNG: the page paints its own drawing on a canvas, and asks nobody for anything.
    """
    scripts, styles = ("'self'" if text is None else _hash(text) for text in (script, sheet))
    return f"default-src 'none'; script-src {scripts}; style-src {styles}; img-src 'self' data:; base-uri 'none'; form-action 'none'"


@functools.lru_cache(maxsize=32)
def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _read(path: Any) -> str:
    # Browsers hash what they parsed, and they parse line ends as line feeds.
    return str(path.read_text(encoding="utf-8")).replace("\r\n", "\n")
