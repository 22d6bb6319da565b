"""Pictures that a reader saves from a page in the colours chosen there: the drawing as it stands alone, without what the page holds already."""

from __future__ import annotations

import functools
import re
from typing import Any, Final

from jsnakit.publish.panels import Drawing
from jsnakit.publish.panels._svg import palettes, rules

__all__ = ["lean", "wardrobe"]

_PATH: Final = re.compile(r'<path\b[^>]*?\sd="([^"]*)"')
_OUTLINE: Final = re.compile(r' d="([^"]{16,})"')
_STYLE: Final = re.compile(r"<style>.*?</style>", re.DOTALL)


def lean(drawing: Drawing, credit: str, body: str) -> str:
    """The drawing as one SVG document, with `<style>{style}</style>` where its rules go and ` d="@7"` for an outline that is the seventh path (from nought) of the figure's body.

    A map is drawn twice, once in the page and once with its key, title and source in a picture; its coast need not be sent twice.
    """
    held: dict[str, int] = {}
    for i, match in enumerate(_PATH.finditer(body)):
        held.setdefault(match[1], i)
    text = _STYLE.sub("<style>{style}</style>", drawing.svg(credit), count=1)
    return _OUTLINE.sub(lambda m: f' d="@{held[m[1]]}"' if m[1] in held else m[0], text)


@functools.lru_cache(maxsize=1)
def wardrobe() -> dict[str, Any]:
    """The rules of drawings, and the colours of each palette on white paper; a picture is for a report, so it is never dark."""
    return {"rules": rules(), "palettes": palettes()}
