"""The frame of every drawing: title and description for screen readers, and the style of one that stands alone."""

from __future__ import annotations

import functools
import re
import textwrap
from importlib import resources
from typing import Final

from jsnakit.publish.panels._markup import Child, Safe, el

__all__ = ["drawing", "palettes", "rules", "rules_of", "scaled", "standalone", "text", "text_width", "untitled"]

_TOKEN: Final = re.compile(r"(--[a-z0-9-]+):\s*([^;]+);")
_MARGIN: Final = 20
_EDGE: Final = 4
_USE: Final = re.compile(r"var\((--[a-z0-9-]+)\)")
_TITLE: Final = re.compile(r'<text x="[^"]*" y="[^"]*" class="jk-t-title">[^<]*</text>')
_BOX: Final = re.compile(r'viewBox="[^"]*" width="([\d.]+)" height="([\d.]+)"')
_CLASS: Final = re.compile(r"\.(jk-[a-z0-9-]+)")


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


def untitled(svg: str) -> str:
    """A picture that `standalone` made without its title above it and without its margin, for a page that says the title itself. One that another tool made stays as it is.

    Who does not see the picture still hears its title.
    """
    lines, box = len(_TITLE.findall(svg)), _BOX.search(svg)
    if box is None or 'class="jk-svg jk-alone"' not in svg:
        return svg
    top = 26.0 * lines + (10 if lines else 0)
    width, height = float(box[1]) - 2 * (_MARGIN - _EDGE), float(box[2]) - 2 * (_MARGIN - _EDGE) - top
    cut = f'viewBox="{-_EDGE} {top - _EDGE:g} {width:g} {height:g}" width="{width:g}" height="{height:g}"'
    return _BOX.sub(cut, _TITLE.sub("", svg), count=1)


@functools.lru_cache(maxsize=256)
def rules_of(classes: frozenset[str]) -> str:
    """The rules of the whole sheet that paint elements of these classes and no others, on paper: the style of a part of a panel that is drawn by itself."""
    tokens = dict(_TOKEN.findall(_sheet().partition("/* tokens: light */")[2].partition("}")[0]))
    plain = re.sub(r"/\*.*?\*/", "", _sheet().partition("/* drawings: begin */")[2].partition("@media")[0], flags=re.DOTALL)
    found = [
        f"{selector.strip()}{{{_USE.sub(lambda m: tokens.get(m[1], 'currentColor'), body).strip()}}}"
        for part, body in re.findall(r"([^{}]+)\{([^{}]*)\}", plain) for selector in part.split(",")
        if (named := set(_CLASS.findall(selector))) and named <= classes and ("fill" in body or "stroke" in body)
    ]  # fmt: skip
    return " ".join(found)
