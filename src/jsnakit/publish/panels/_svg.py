"""The frame of every drawing: title and description for screen readers, and the style of one that stands alone."""

from __future__ import annotations

import functools
import re
import textwrap
from importlib import resources
from typing import Final

from jsnakit.publish.panels._markup import Child, Safe, el

__all__ = ["drawing", "palettes", "rules", "scaled", "standalone", "text", "text_width"]

_TOKEN: Final = re.compile(r"(--[a-z0-9-]+):\s*([^;]+);")
_MARGIN: Final = 20
_USE: Final = re.compile(r"var\((--[a-z0-9-]+)\)")


def drawing(css: str, width: float, height: float, title: str, description: str, *children: Child) -> Safe:
    """An SVG with its name and description, as wide as its column."""
    box = {
        "class": f"jk-svg {css}",
        "viewBox": f"0 0 {width:g} {height:g}",
        "width": width,
        "role": "img",
    }
    return el("svg", box, el("title", None, title), el("desc", None, description) if description else None, *children)


def scaled(*paths: Child) -> Safe:
    """A group for paths written in tenths of a pixel."""
    return el("g", {"transform": "scale(.1)"}, *paths)


def text(x: float, y: float, words: str, css: str = "", anchor: str = "start") -> Safe:
    """One line of text."""
    return el("text", {"x": f"{x:.1f}", "y": f"{y:.1f}", "class": css or None, "text-anchor": None if anchor == "start" else anchor}, words)


def text_width(words: str, size: float = 13.0, *, bold: bool = False) -> float:
    """About how wide a line of text is, in pixels: enough to keep labels apart, taken from the widest of the font stack."""
    return len(words) * size * (0.62 if bold else 0.57)


def _sheet() -> str:
    return resources.files("jsnakit.publish").joinpath("style.css").read_text(encoding="utf-8")


@functools.lru_cache(maxsize=1)
def rules() -> str:
    """The rules of drawings as the page has them, their colours by the names of tokens."""
    drawn = _sheet().partition("/* drawings: begin */")[2].partition("/* drawings: end */")[0]
    return re.sub(r"\s+", " ", re.sub(r"/\*.*?\*/", "", drawn, flags=re.DOTALL)).strip()


@functools.lru_cache(maxsize=1)
def palettes() -> dict[str, dict[str, str]]:
    """The tokens that drawings use, on white paper: all of them in red, amber and green (`rag`), and those that differ in the colour-blind safe palette (`safe`)."""
    sheet, used = _sheet(), set(_USE.findall(rules()))

    def tokens(begin: str) -> dict[str, str]:
        return {k: v for k, v in _TOKEN.findall(sheet.partition(begin)[2].partition("}")[0]) if k in used}

    return {"rag": tokens("/* tokens: light */"), "safe": tokens("/* tokens: colour-blind safe */")}


@functools.lru_cache(maxsize=1)
def _style() -> str:
    """The rules of drawings with the light tokens written in: one style sheet serves the page and the picture."""
    tokens = palettes()["rag"]
    return _USE.sub(lambda m: tokens.get(m[1], "currentColor"), rules())


def standalone(width: float, height: float, title: str, description: str, *children: Child, credit: str = "") -> str:
    """A whole SVG document with its own style, on paper: the title above the picture, and the credit (source, licence, boundaries) below it."""
    across, under = int(width / 6.6), int(width / 9.2)
    heading, below = textwrap.wrap(title, under), textwrap.wrap(credit, across)
    top = 26.0 * len(heading) + (10 if heading else 0)
    full = top + height + (17.0 * len(below) + 22 if below else 0)
    lines = [text(0, 18 + 26 * i, line, "jk-t-title") for i, line in enumerate(heading)]
    lines += [text(0, top + height + 30 + 17 * i, line, "jk-t-credit") for i, line in enumerate(below)]
    box = {
        "class": "jk-svg jk-alone",
        "xmlns": "http://www.w3.org/2000/svg",
        "viewBox": f"{-_MARGIN} {-_MARGIN} {width + 2 * _MARGIN:g} {full + 2 * _MARGIN:g}",
        "width": width + 2 * _MARGIN,
        "height": full + 2 * _MARGIN,
        "role": "img",
    }
    paper = el("rect", {"class": "jk-paper", "x": -_MARGIN, "y": -_MARGIN, "width": width + 2 * _MARGIN, "height": full + 2 * _MARGIN})
    picture = el("g", {"transform": f"translate(0 {top:g})"}, *children)
    return el("svg", box, el("title", None, title), el("desc", None, description), el("style", None, Safe(_style())), paper, *lines, picture)
