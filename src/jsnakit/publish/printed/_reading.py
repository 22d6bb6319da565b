"""Markup of the site as plain nodes for paper: the same words, tables and marks, without what only a screen can do.

A node is a record that JSON can write. Blocks have a kind under `b`; parts of a line have their text under `t`, or a kind under `i`. The template knows both, and nothing else.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

from jsnakit.publish.panels._markup import href_of
from jsnakit.publish.printed._drawings import Drawings

__all__ = ["Node", "Reader", "words_of"]

Node: TypeAlias = dict[str, Any]

# What is for small screens, for a pointer, or said again by what is printed.
_LEFT_OUT: Final = frozenset({"jk-narrow", "jk-narrow-block", "jk-narrow-only", "jk-narrow-note", "jk-twin", "jk-tools"})
_HEARD: Final = frozenset({"jk-vh", "jk-rug-word"})
_BLOCKS: Final = frozenset(
    [
        "p",
        "div",
        "section",
        "article",
        "figure",
        "figcaption",
        "ul",
        "ol",
        "dl",
        "table",
        "blockquote",
        "pre",
        "hr",
        "details",
        "aside",
        "nav",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
    ]
)
_STYLES: Final = {"strong": "strong", "b": "strong", "em": "em", "i": "em", "code": "code", "mark": "mark", "small": "small", "cite": "em"}
_DRAWN: Final = ("jk-barcell", "jk-intcell", "jk-strip")
_PERCENT: Final = re.compile(r"(-?[\d.]+)%")
_SPACES: Final = re.compile(r"[ \t\r\n]+")
_TINT: Final = re.compile(r"\bjk-rug-t([1-5])\b")


def _classes(e: ET.Element) -> frozenset[str]:
    return frozenset(e.get("class", "").split())


def _share(text: str | None) -> float:
    found = _PERCENT.match(text or "")
    return float(found[1]) if found else 0.0


class Reader:
    """Reads markup into nodes. `drawings` takes the marks it meets."""

    def __init__(self, drawings: Drawings) -> None:
        self.drawings = drawings

    # -- blocks ----------------------------------------------------------------------------------------------------------------------

    def blocks(self, markup: str) -> list[Node]:
        """The blocks of some markup that this package made."""
        root = ET.fromstring(f"<div>{markup}</div>")  # noqa: S314  # our own markup, every text in it escaped, and no document type in it
        return list(self._blocks(root))

    def tables(self, markup: str) -> list[Node]:
        """The tables alone."""
        return [n for n in self.blocks(markup) if n["b"] in ("table", "more")]

    def _blocks(self, e: ET.Element) -> Iterator[Node]:
        """The children of an element as blocks; a run of text between them is a paragraph."""
        line: list[Node] = _text(e.text)
        for child in e:
            if child.tag in _BLOCKS or (child.tag == "svg" and child.get("role") == "img"):
                yield from _paragraph(line)
                line = []
                if not _left_out(child):
                    yield from self._block(child)
            else:
                line += self._inline(child)
            line += _text(child.tail)
        yield from _paragraph(line)

    def _block(self, e: ET.Element) -> Iterator[Node]:
        made: Callable[[ET.Element], Iterator[Node]] = {
            "table": self._table, "dl": self._list_of_terms, "ul": self._list, "ol": self._list, "pre": self._code, "details": self._folded, "blockquote": self._quote,
        }.get(e.tag, self._other)  # fmt: skip
        yield from made(e)

    def _other(self, e: ET.Element) -> Iterator[Node]:
        if e.tag == "hr":
            yield {"b": "rule"}
        elif e.tag == "p":
            yield from _paragraph(self._line(e), css=" ".join(sorted(_classes(e))))
        elif re.fullmatch("h[1-6]", e.tag):
            yield {"b": "heading", "level": int(e.tag[1]), "c": self._line(e)}
        elif "jp-check" in _classes(e):
            yield {"b": "note", "c": list(self._blocks(e))}
        else:
            yield from self._blocks(e)

    def _list(self, e: ET.Element) -> Iterator[Node]:
        items = [list(self._blocks(item)) for item in e if item.tag == "li"]
        yield {"b": "list", "ordered": e.tag == "ol", "start": int(e.get("start", "1")), "items": items}

    def _quote(self, e: ET.Element) -> Iterator[Node]:
        yield {"b": "quote", "c": list(self._blocks(e))}

    def _code(self, e: ET.Element) -> Iterator[Node]:
        yield {"b": "code", "t": "".join(e.itertext()).rstrip("\n")}

    def _folded(self, e: ET.Element) -> Iterator[Node]:
        rows = sum(1 for body in e.iter("tbody") for _ in body.iter("tr"))
        if rows:
            yield {"b": "more", "rows": rows}

    def _list_of_terms(self, e: ET.Element) -> Iterator[Node]:
        css = _classes(e)
        groups = [g for g in e if g.tag == "div"] or [e]
        if "jk-keys" in css:
            yield {"b": "keys", "items": [self._key(g) for g in groups]}
            return
        pairs = []
        for group in groups:
            icon = next((self.drawings.icon(s) for s in group.iter("svg")), None)
            term: list[Node] = []
            for part in group:
                if part.tag == "dt":
                    term = self._line(part)
                elif part.tag == "dd":
                    pairs.append({"term": term, "c": self._line(part), "icon": icon})
                    term = []
        yield {"b": "gulfs" if "jk-gulfs" in css else "terms", "items": pairs}

    def _key(self, e: ET.Element) -> Node:
        def part(css: str) -> list[Node]:
            found = next((p for p in e.iter() if css in _classes(p)), None)
            return self._line(found) if found is not None else []

        return {name: part(f"jk-key-{name}") for name in ("name", "value", "unit", "verdict", "reference")}

    # -- lines -----------------------------------------------------------------------------------------------------------------------

    def _line(self, e: ET.Element, inside: Sequence[str] = ()) -> list[Node]:
        """The content of an element as parts of a line. A drawing whose word is only heard carries that word."""
        parts = _text(e.text)
        heard = " ".join(words_of(self._line(c)) for c in e if _HEARD & _classes(c)).strip()
        for child in e:
            if not _left_out(child) and not (_HEARD & _classes(child)):
                made = self._inline(child, inside)
                if heard and len(made) == 1 and "icon" in made[0]:
                    made = [{**made[0], "alt": heard}]
                parts += made
            parts += _text(child.tail)
        return parts

    def _inline(self, e: ET.Element, inside: Sequence[str] = ()) -> list[Node]:
        css = _classes(e)
        if _left_out(e) or e.tag in ("script", "style"):
            return []
        if e.tag == "br":
            return [{"i": "br"}]
        if e.tag == "svg":
            return [self.drawings.icon(e, inside)]
        if e.tag == "img":
            return [{"i": "em", "c": _text(e.get("alt", ""))}] if e.get("alt") else []
        content = self._line(e, inside)
        if "jk-gap-suppressed" in css:
            return [{"i": "hidden", "c": content}]
        if e.tag == "a":
            address = _leads_out(e.get("href", ""))
            return [{"i": "link", "to": address, "c": content}] if address and content else content
        kind = _STYLES.get(e.tag) or ("unit" if css & {"jk-unit", "jk-gap", "jk-multiple-unit"} else "under" if "jk-between" in css else "")
        return [{"i": kind, "c": content}] if kind and content else content

    # -- tables ----------------------------------------------------------------------------------------------------------------------

    def _table(self, e: ET.Element) -> Iterator[Node]:
        heads = [self._row(tr, inside=_table_classes(e)) for head in e.findall("thead") for tr in head.findall("tr")]
        rows = [self._row(tr, inside=_table_classes(e)) for body in e.findall("tbody") for tr in body.findall("tr")]
        axis = next((self._labels(svg) for foot in e.findall("tfoot") for svg in foot.iter("svg")), None)
        columns = max((sum(c["x"] for c in r["cells"]) for r in (*heads, *rows)), default=0)
        if not columns:
            return
        caption, kind = e.find("caption"), _kind(e)
        if kind == "rug-dense" and columns > _DENSE and (turned := _turned(heads, rows)) is not None:
            kind, (heads, rows) = "rug", turned
            columns = len(heads[0]["cells"])
            yield {"b": "p", "css": "jp-source", "c": [{"t": "Turned for paper: here each row is a place and each column a measure."}]}
        node = {"b": "table", "kind": kind, "head": heads, "rows": rows, "widths": _widths(heads, rows, columns), "axis": axis}
        yield node | {"caption": words_of(self._line(caption)) if caption is not None else ""}

    def _row(self, tr: ET.Element, inside: Sequence[str]) -> Node:
        css = _classes(tr)
        around = [*inside, *(["jk-own"] if "jk-own" in css else [])]
        cells = [self._cell(c, around) for c in tr if c.tag in ("td", "th")]
        return {"cells": cells, "own": "jk-own" in css, "group": "jk-group-row" in css}

    def _cell(self, e: ET.Element, inside: Sequence[str]) -> Node:
        css = _classes(e)
        tint = _TINT.search(e.get("class", ""))
        right = bool(css & {"jk-num", "jk-rugcell"}) or "right" in e.get("style", "")
        node: Node = {
            "x": int(e.get("colspan", "1")), "align": "right" if right else "left", "bold": bool(css & {"jk-strong", "jk-area", "jk-rug-own"}),
            "tint": int(tint[1]) if tint else 0, "own": "jk-rug-own" in css, "drawn": next((c for c in _DRAWN if c in css), ""), "faint": bool(css & {"jk-middle", "jk-year"}),
            "name": e.tag == "th",
        }  # fmt: skip
        return node | self._content(e, inside)

    def _content(self, e: ET.Element, inside: Sequence[str]) -> Node:
        """What a cell holds: words, or one of the drawings that only cells have."""
        for part in e.iter():
            css = _classes(part)
            if "jk-bar" in css:
                return {"bar": self._bar(part)}
            if "jk-refhead" in css:
                return {"labels": self._labels(part)}
            if "jk-strip-head" in css:
                return {"marks": [{"icon": self.drawings.icon(svg), "c": self._line(n)[1:]} for n in part if (svg := n.find("svg")) is not None]}
            if "jk-ends" in css:
                return {"ends": [self._line(n) for n in part]}
            if css & {"jk-int", "jk-strip-draw"}:
                drawn = [part] if part.tag == "svg" else list(part.findall("svg"))
                if drawn:
                    heard = " ".join(words_of(self._line(c)) for c in e if _HEARD & _classes(c)).strip()
                    return {"strip": self.drawings.strip(drawn, inside), "alt": heard}
        return {"c": self._line(e, inside)}

    def _bar(self, e: ET.Element) -> Node:
        """A bar of the screen by its numbers: where it begins, how long it is, the lines through it, and the value at its end."""
        bar: Node = {"from": 0.0, "long": 0.0, "open": False, "tick": False, "lines": [], "c": []}
        for part in e:
            css = _classes(part)
            if "jk-bar-value" in css:
                bar["c"] = self._line(part)
            elif "jk-bar-fill" in css:
                bar |= {"long": _share(part.get("width")), "open": "jk-bar-open" in css}
            elif "jk-bar-tick" in css:
                bar["tick"] = True
            elif "jk-ref" in css:
                bar["lines"] = [{"at": _share(line.get("x1")), "dashed": "jk-cut" not in _classes(line)} for line in part.iter("line")]
            else:
                bar["from"] = _share(part.get("width"))
        return bar

    def _labels(self, e: ET.Element) -> list[Node]:
        return [{"at": _share(t.get("x")), "anchor": t.get("text-anchor", "start"), "t": "".join(t.itertext())} for t in e.iter("text")]


def _leads_out(href: str) -> str:
    """The address of a link that works on paper: one that leads out of the site."""
    address = href_of(href) or ""
    return address if address.startswith(("http://", "https://", "mailto:")) else ""


def _left_out(e: ET.Element) -> bool:
    return bool(_LEFT_OUT & _classes(e)) or e.get("hidden") is not None


def _text(text: str | None) -> list[Node]:
    return [{"t": said}] if (said := _SPACES.sub(" ", text or "")) else []


def _paragraph(line: list[Node], css: str = "") -> Iterator[Node]:
    if words_of(line).strip() or any("icon" in n for n in line):
        yield {"b": "p", "c": line, "css": css}


def words_of(line: Sequence[Mapping[str, Any]]) -> str:
    """The words of a line.

    >>> words_of([{"t": "One "}, {"i": "strong", "c": [{"t": "two"}]}])
    'One two'
    """
    return "".join(str(n.get("t", "")) or (" " if n.get("i") == "br" else words_of(n.get("c", ()))) for n in line)


def _table_classes(e: ET.Element) -> list[str]:
    return [c for c in ("jk-spine", "jk-bars", "jk-intervals") if c in _classes(e)]


def _kind(e: ET.Element) -> str:
    """The name of a table's look: a plain one has hairlines, a spine or a rug none between its drawings."""
    css = _classes(e)
    return next((k for k in ("compared", "spine", "rug-dense", "rug", "bars", "intervals", "providers") if f"jk-{k}" in css), "plain")


_DENSE: Final = 14
_FEW: Final = 12


def _turned(heads: Sequence[Node], rows: Sequence[Node]) -> tuple[list[Node], list[Node]] | None:
    """A table with more columns than paper has room for, turned: a row for each of its columns. Null where that would not be narrower, or cells span several columns."""
    lines = [r for r in rows if not r["group"]]
    if not heads or len(lines) > _FEW or any(c["x"] != 1 for r in (heads[-1], *lines) for c in r["cells"]):
        return None
    names = heads[-1]["cells"]
    corner = names[0] | {"c": [{"t": "Place"}]}
    head = {"cells": [corner, *(r["cells"][0] for r in lines)], "own": False, "group": False}
    turned = [
        {
            "cells": [name | {"align": "left", "bold": name["own"], "own": False}, *(r["cells"][n] | {"own": False} for r in lines)],
            "own": name["own"],
            "group": False,
        }
        for n, name in enumerate(names[1:], 1)
    ]
    return [head], turned


_ACROSS: Final = 118.0
_LONGEST: Final = (48, 26)
_SHORT: Final = 14
_ALONE: Final = {"jk-barcell": 40.0, "jk-intcell": 34.0, "jk-strip": 40.0}


def _widths(heads: Sequence[Node], rows: Sequence[Node], columns: int) -> list[float]:
    """The share of the page's width that each column takes, in letters: its longest word and every short text whole, and the rest by the length of its longest text."""
    least, most = [3.0] * columns, [3.0] * columns
    for row, is_head in [*((r, True) for r in heads), *((r, False) for r in rows)]:
        at = 0
        for cell in row["cells"]:
            if cell["x"] == 1 and at < columns:
                said = words_of(cell.get("c", ()))
                beside = 2.0 + 3.2 * sum(1 for n in _parts(cell.get("c", ())) if "icon" in n)
                word = max((len(w) for w in re.split(r"[ \-/]", said)), default=0)
                short = len(said) if len(said) <= _SHORT and not is_head else word
                least[at] = max(least[at], _ALONE.get(cell["drawn"], 0.0), short + beside)
                most[at] = max(most[at], least[at], 0.0 if is_head else min(len(said), _LONGEST[not cell["name"]]) + beside)
            at += cell["x"]
    spare = (_ACROSS - sum(least)) / max(1.0, sum(most) - sum(least))
    return [round(low + max(0.0, min(1.0, spare)) * (high - low), 2) for low, high in zip(least, most, strict=True)]


def _parts(line: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for node in line:
        yield node
        yield from _parts(node.get("c", ()))
