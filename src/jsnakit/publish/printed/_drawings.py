"""The drawings of a document: those of the site, each held once, in words that Typst knows."""

from __future__ import annotations

import html
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Sequence
from copy import deepcopy
from typing import Final

from attrs import define, field

from jsnakit.publish.panels import Drawing
from jsnakit.publish.panels._raster import written_out
from jsnakit.publish.panels._svg import rules_of, untitled

__all__ = ["SANS", "SCALE", "Drawings"]

SANS: Final = "Source Sans Pro"
"""The family that measures."""

SCALE: Final = 0.62
"""Points of paper for a pixel of the screen: a figure column of 816 is as wide as the page's text."""

_WIDE: Final = 515.0
# Room for its title above and its notes below on one page.
_TALL: Final = 505.0
_STRIP: Final = (266.0, 22.0)
_SIDE: Final = 9.0
_BOX: Final = re.compile(r'<svg [^>]*?\bwidth="([\d.]+)" height="([\d.]+)"')
_SAID: Final = re.compile(r"<(title|desc)>([^<]*)</\1>")


@define
class Drawings:
    """Every drawing of a document by its number: a mark that stands in a hundred rows is sent once."""

    _numbers: dict[str, int] = field(factory=dict)

    @property
    def all(self) -> list[str]:
        """The drawings in the order of their numbers."""
        return list(self._numbers)

    def add(self, svg: str) -> int:
        """The number of a drawing."""
        return self._numbers.setdefault(svg, len(self._numbers))

    def picture(self, drawing: Drawing, scale: float = SCALE, tall: float = _TALL) -> dict[str, object]:
        """A panel that is a picture, as a node: the very drawing that a reader of the site can save, without its title. Its words for those who do not see it are its own."""
        svg = drawing.svg()
        said = dict(_spoken(svg))
        alone = untitled(svg)
        width, height = _size(alone)
        scale = min(scale, _WIDE / width, tall / height)
        alt = ". ".join(part.rstrip(".") for part in (said.get("title", ""), said.get("desc", "")) if part)
        return {
            "b": "picture",
            "n": self.add(written_out(alone, f"{SANS}, sans-serif")),
            "w": round(width * scale, 2),
            "h": round(height * scale, 2),
            "alt": f"{alt}.",
        }

    def icon(self, mark: ET.Element, inside: Iterable[str] = ()) -> dict[str, object]:
        """A small drawing that stands in a line of text, as a node."""
        x, y, width, height = (float(n) for n in mark.get("viewBox", "0 0 18 18").split())
        drawn = _document([deepcopy(part) for part in mark], (x, y, width, height), inside)
        shown = float(mark.get("width", width)), float(mark.get("height", height))
        return {"icon": self.add(drawn), "w": round(shown[0] * SCALE, 2), "h": round(shown[1] * SCALE, 2)}

    def strip(self, drawn: Sequence[ET.Element], inside: Iterable[str] = ()) -> int:
        """Drawings in percent of a table's cell, one over the other, as one drawing; marks may stand on its ends."""
        width, height = _STRIP
        layers = []
        for one in drawn:
            layer = deepcopy(one)
            for name, value in (("x", "0"), ("y", "0"), ("width", f"{width:g}"), ("height", f"{height:g}"), ("overflow", "visible")):
                layer.set(name, value)
            layers.append(layer)
        return self.add(_document(layers, (-_SIDE, 0.0, width + 2 * _SIDE, height), inside))


def _document(parts: Iterable[ET.Element], box: tuple[float, float, float, float], inside: Iterable[str]) -> str:
    """Parts of a panel as a document that stands alone, painted by the rules of the site's sheet; `inside` are the classes of what they stood in."""
    parts, around = list(parts), list(inside)
    for part in parts:
        part.tail = None
    classes = frozenset({c for p in parts for e in p.iter() for c in e.get("class", "").split()} | set(around))
    held = "".join(ET.tostring(p, encoding="unicode") for p in parts)
    size = f'viewBox="{box[0]:g} {box[1]:g} {box[2]:g} {box[3]:g}" width="{box[2]:g}" height="{box[3]:g}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}><style>{rules_of(classes)}</style><g class="{" ".join(around)}">{held}</g></svg>'


def _size(svg: str) -> tuple[float, float]:
    box = _BOX.search(svg)
    return (float(box[1]), float(box[2])) if box else (816.0, 400.0)


def _spoken(svg: str) -> list[tuple[str, str]]:
    return [(name, html.unescape(words)) for name, words in reversed(_SAID.findall(svg))]
