"""What a printed chapter says: the words and figures of its pages as nodes, and the summary that stands before them."""

from __future__ import annotations

import math
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from attrs import frozen

from jsnakit.chapters import ChapterState
from jsnakit.publish import pages
from jsnakit.publish._words import edition_words, licence_words
from jsnakit.publish.checks import Words
from jsnakit.publish.data import Citation
from jsnakit.publish.figures import Built, Notes
from jsnakit.publish.panels import ComparedSpine, Drawing, Figure, GapKey, Mark, Panel, Rug, Spine, Table, Verdict
from jsnakit.publish.panels.tables import Link
from jsnakit.publish.printed._drawings import Drawings
from jsnakit.publish.printed._reading import Node, Reader

__all__ = ["document_of"]

_WORSE: Final = (Verdict.WORST, Verdict.WORSE, Verdict.MISSED)
_BETTER: Final = (Verdict.BEST, Verdict.BETTER, Verdict.MET)
# The summary is two pages: what fits on them, in points.
_PAGE: Final = 700.0
_SMALL: Final = 0.56
_HIDDEN: Final = dict(pages.TERMS)["Suppressed"]


@frozen
class _Standing:
    """One measure of the place with its verdict, as a panel shows it."""

    measure: str
    unit: str
    value: str
    mark: Mark
    place: str


def document_of(site: pages.Site, chapters: Sequence[pages.BuiltChapter], *, whole: bool) -> Node:
    """A document of some chapters, as plain values: everything that the template prints."""
    drawings = Drawings()
    reader = Reader(drawings)
    info, draft = site.info, any(c.chapter.state is ChapterState.DRAFT for c in chapters)
    brand = f"{site.name} {info.title}"
    title = brand if whole else f"{chapters[0].chapter.title}, {brand}"
    edition = edition_words(info.edition)
    said = [_chapter(site, c, reader) for c in chapters]
    made = {
        "title": f"Draft: {title}" if draft else title, "brand": brand, "edition": f"Edition {edition}" if edition else "", "council": info.council, "whole": whole,
        "date": _date(info.edition), "keywords": ["JSNA", site.name, *(c.chapter.title for c in chapters)],
        "draft": "Draft: not approved, and not for use in decisions." if draft else "",
        "demonstration": f"Demonstration made from real published data. It is not a publication of {info.council}." if info.demonstration else "",
        "cover": f"What people in {site.name} need to live well" if whole else "",
        "opening": f"The {info.title} brings together what is known about the health and care needs of people who live in {site.name}, now and in the years ahead. "
        "The council and the NHS must use it when they decide what to pay for.",
        "owed": [f"{line.rstrip('.')}." for line in info.attribution], "hidden": _HIDDEN, "chapters": said, "reading": _reading(reader),
    }  # fmt: skip
    return made | {"drawings": drawings.all}


def _date(edition: str) -> list[int] | None:
    found = re.match(r"(\d{4})-(\d{2})", edition)
    return [int(found[1]), int(found[2]), 1] if found else None


def _reading(reader: Reader) -> Node:
    """How to read the marks, and how gaps are drawn."""
    marks = [{**_icon(reader, mark), "t": words} for mark, words in pages.READ_AS]
    gaps = [n for n in reader.blocks(GapKey().html()) if n["b"] == "terms"]
    return {"said": pages.SHAPE_FIRST, "marks": marks, "gaps": gaps[0]["items"] if gaps else []}


def _icon(reader: Reader, mark: Mark) -> Node:
    return reader.drawings.icon(ET.fromstring(mark.icon()))  # noqa: S314  # our own markup


# -- chapters ------------------------------------------------------------------------------------------------------------------------


def _chapter(site: pages.Site, built: pages.BuiltChapter, reader: Reader) -> Node:
    chapter, first = built.chapter, built.pages[0]
    head = pages.blocks_of(first)[0]
    facts = [(pages.STATES[chapter.state][0], ""), *pages.facts_of(site, chapter, [b for p in built.pages for b in p.blocks])]
    banner = next((b for b in first.blocks if isinstance(b, Built) and pages.is_banner(b) and not b.absent and b.panel is not None), None)
    prefix = chapter.slug
    standings = list(_standings(built))
    findings = [{"t": b.finding, "id": f"{prefix}-{b.key}"} for p in built.pages if p.tab for b in _figures(p) if not b.absent]
    questions = list(dict.fromkeys(b.notes.question for p in built.pages if p.tab for b in _figures(p) if b.notes.question and not b.absent))
    rows = int((_PAGE - 150 - (130 if banner else 0) - 36 * math.ceil(len(findings) / 2) - 55) / 18.5)
    return {
        "number": built.number, "title": chapter.title, "slug": prefix, "draft": chapter.state is ChapterState.DRAFT,
        "finding": head.finding if head and not head.absent else "", "lede": head.lede if head and not head.absent else "", "absent": head.absent if head else "",
        "facts": [list(f) for f in facts], "keys": _keys(banner, reader) if banner else None,
        "findings": findings, "questions": questions, "picture": _picture(built, 500 - 30 * math.ceil(len(questions) / 2), reader),
        "worse": _side(standings, _WORSE, max(5, min(24, rows)), reader), "better": _side(standings, _BETTER, max(5, min(24, rows)), reader),
        "sources": _sources(built), "pages": _levelled([_page(built, p, banner, reader) for p in built.pages]),
    }  # fmt: skip


def _figures(page: pages.BuiltPage) -> Iterator[Built]:
    for block in pages.blocks_of(page)[1]:
        if isinstance(block, Built) and not pages.is_banner(block):
            yield block


def _sources(built: pages.BuiltChapter) -> str:
    cited: set[Citation] = {c for f in built.figures for c in f.notes.cited} | {c for w in built.words for c in w.cited}
    owed = list(dict.fromkeys(licence_words(c.licence) for c in sorted(cited) if c.licence))
    return f"{pages.cited_words(sorted(cited))} Licence: {', '.join(owed)}." if cited else ""


def _keys(built: Built, reader: Reader) -> Node:
    assert built.panel is not None
    n = built.notes
    said = (f"Source: {pages.cited_words(n.cited)}", f"Period: {n.period}.", f"Licence: {n.licence}.", *n.take_care)
    return {"name": built.finding, "c": reader.blocks(built.panel.body()), "source": " ".join(said)}


# -- what is worse, what is better ---------------------------------------------------------------------------------------------------


def _standings(built: pages.BuiltChapter) -> Iterator[_Standing]:
    """How the place stands on each measure that a figure of the chapter judges, each measure once."""
    seen: list[_Standing] = []
    for page in built.pages:
        for figure in _figures(page) if page.tab else ():
            for said in _judged(figure.panel) if figure.panel is not None and not figure.absent else ():
                if not any(_same(said, other) for other in seen):
                    seen.append(said)
                    yield said


def _same(one: _Standing, other: _Standing) -> bool:
    """Whether two rows are one measure: one panel may say of whom the figure is ("Smoking, women") and the next leave it out."""
    short, long = sorted((one.measure, other.measure), key=len)
    return short == long or (long.startswith(f"{short}, ") and one.value == other.value)


def _judged(panel: Panel) -> Iterator[_Standing]:
    if isinstance(panel, Spine):
        for r in (r for g in panel.groups for r in g.rows):
            yield _Standing(r.measure, r.unit, r.area.text, r.mark, panel.place(r))
    elif isinstance(panel, ComparedSpine):
        for c in (r for g in panel.groups for r in g.rows):
            yield _Standing(c.measure, c.unit, c.area.text, c.mark, f"{panel.benchmark}: {c.england.text}")
    elif isinstance(panel, Rug):
        own = [i for i, c in enumerate(panel.columns) if c.own][:1]
        for u, cell in ((r, r.cells[i]) for i in own for g in panel.groups for r in g.rows):
            if cell.mark is not None and not cell.figure.missing:
                yield _Standing(u.measure, u.unit, cell.figure.text, cell.mark, cell.mark.word)
    elif isinstance(panel, Table):
        yield from _judged_rows(panel)


def _judged_rows(table: Table) -> Iterator[_Standing]:
    """The rows of a table whose rows are measures: a verdict, and a figure in the column that matters."""
    bold = next((i for i, c in enumerate(table.columns) if c.bold), None)
    for row in table.rows if bold is not None and table.columns[0].name == "Measure" else ():
        name, value = row.cells[0], row.cells[bold]  # type: ignore[index]  # the loop is empty where it is null
        mark = next((c for c in row.cells if isinstance(c, Mark)), None)
        if mark is not None and isinstance(value, Figure):
            yield _Standing(name.text if isinstance(name, Link | Figure) else str(name), "", value.text, mark, mark.word)


def _picture(built: pages.BuiltChapter, tall: float, reader: Reader) -> Node | None:
    """The first figure of a chapter that is a picture and small enough to stand in its summary."""
    for page in built.pages:
        for figure in _figures(page) if page.tab else ():
            if isinstance(figure.panel, Drawing) and not figure.absent and "<table" not in figure.panel.body():
                drawn = reader.drawings.picture(figure.panel, _SMALL, 10_000.0)
                if float(str(drawn["h"])) <= tall:
                    return {"finding": figure.finding, "subtitle": figure.subtitle, "c": drawn}
    return None


def _side(standings: Sequence[_Standing], verdicts: Sequence[Verdict], most: int, reader: Reader) -> Node:
    mine = [s for s in standings if s.mark.verdict in verdicts]
    rows = [
        {"mark": {**_icon(reader, s.mark), "alt": s.mark.word}, "measure": s.measure, "unit": s.unit, "value": s.value, "place": s.place}
        for s in mine[:most]
    ]
    return {"rows": rows, "more": len(mine) - len(rows), "of": len(standings)}


# -- pages ---------------------------------------------------------------------------------------------------------------------------


def _page(built: pages.BuiltChapter, page: pages.BuiltPage, banner: Built | None, reader: Reader) -> Node:
    head, lower = pages.blocks_of(page)
    blocks: list[Node] = []
    if head is not None and page is not built.pages[0]:
        blocks += [{"b": "p", "css": "lede", "c": [{"t": words}]} for words in (head.finding, head.lede, head.absent) if words]
    for block in lower:
        if isinstance(block, Words):
            blocks += reader.blocks(pages.prose(block))
        elif not pages.is_banner(block):
            blocks.append(_figure(block, f"{built.chapter.slug}-{block.key}", reader))
        elif block.absent:
            blocks.append({"b": "p", "css": "", "c": [{"t": block.absent}]})
        elif banner is None or block.key != banner.key:
            blocks.append({"b": "banner", **_keys(block, reader)})
    return {"title": page.title, "tab": page.tab, "group": page.group, "blocks": blocks}


def _figure(built: Built, name: str, reader: Reader) -> Node:
    node: Node = {
        "b": "figure",
        "id": name,
        "level": 3,
        "finding": built.finding,
        "subtitle": built.subtitle,
        "absent": built.absent,
        "hidden": False,
    }
    node |= {"parts": [], "notes": None}
    if built.absent or built.panel is None:
        return node | {"absent": built.absent or "There is no figure."}
    parts = [(heading, _drawn(panel, reader)) for heading, panel in built.panel.parts()]
    rows = built.rows
    hidden = rows is not None and "status" in rows.columns and bool((rows["status"] == "suppressed").any())
    return node | {
        "parts": [{"heading": h, "blocks": b} for h, b in parts],
        "notes": _notes(built.notes),
        "hidden": hidden and not _says_hidden(parts),
    }


def _drawn(panel: Panel, reader: Reader) -> list[Node]:
    """A panel on paper: the drawing that the site keeps of it, and its tables; where the body is a table, the body."""
    body = panel.body()
    if isinstance(panel, Drawing) and ('role="img"' in body or "<table" not in body):
        return [reader.drawings.picture(panel), *reader.tables(body)]
    return reader.blocks(body)


def _says_hidden(parts: Iterable[tuple[str, list[Node]]]) -> bool:
    return "'hidden'" in repr([b for _, blocks in parts for b in blocks if b["b"] != "picture"])


def _notes(n: Notes) -> Node:
    more = [{"head": h, "c": [t]} for h, t in n.more if t]
    care = [t for t in n.take_care if t]
    source = [pages.cited_words(n.cited), f"Period: {n.period}." if n.period else "", f"Licence: {n.licence}." if n.licence else "", n.boundaries]
    columns = [
        {"head": "How to read", "c": [n.how_to_read] if n.how_to_read else []}, *more, {"head": "Take care", "c": care},
        {"head": "Source", "c": [part for part in source if part]},
    ]  # fmt: skip
    return {"question": n.question, "columns": [c for c in columns if c["c"]]}


def _levelled(found: list[Node]) -> list[Node]:
    """The pages with the levels of their headings in order, each at most one deeper than the one before: a document that skips one may not be archived."""
    for page in found:
        last = 2
        for block in page["blocks"]:
            if block["b"] == "heading":
                block["level"] = min(max(3, block["level"] + 1), last + 1)
                last = block["level"]
            elif block["b"] == "figure":
                last = 3
    return found
