"""Search over the whole site: a page that lists all there is to find, and narrows as a reader types. It asks no server, works from a file, and is a plain index without scripts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from attrs import frozen

from jsnakit.model import Indicator
from jsnakit.publish import pages
from jsnakit.publish._words import anchor, listed
from jsnakit.publish.figures import Built
from jsnakit.publish.linked import Dashboard, LinkedArea
from jsnakit.publish.panels._markup import Safe, el, join

__all__ = ["Entry", "entries", "search_page"]

KINDS: Final = ("Chapters", "Figures", "Measures", "Pages of help", "Words", "Places")
"""What can be found, in the order in which it is listed."""


@frozen
class Entry:
    """One thing that can be found: its kind, what it is called, where it is, and the words it is found by besides."""

    kind: str
    title: str
    address: str
    words: str = ""


def entries(site: pages.Site, indicators: Sequence[Indicator]) -> tuple[Entry, ...]:
    """All there is to find on the site, in reading order."""
    found: list[Entry] = []
    for chapter in site.chapters:
        slug, name = chapter.chapter.slug, chapter.chapter.title
        for page in chapter.pages:
            first = page is chapter.pages[0]
            if page.tab:
                found.append(Entry("Chapters", name if first else f"{name}: {page.title}", f"{slug}/{page.file}", chapter.finding if first else ""))
            for block in page.blocks:
                if isinstance(block, Built) and block.subtitle and not block.absent:
                    place = f"{slug}/{page.file}#{block.key}" if block.key else f"{slug}/{page.file}"
                    found.append(Entry("Figures", block.finding, place, f"{name}: {page.title}. {block.subtitle}"))
                    if isinstance(block.panel, Dashboard) and not any(e.kind == "Places" for e in found):
                        found += [_place(area, f"{slug}/{page.file}") for area in sorted(block.panel.view.areas, key=lambda a: a.name)]
    for i in indicators:
        said = [i.definition, i.publisher, ", ".join(i.keywords)]
        found.append(Entry("Measures", i.name, f"data.html#{anchor(i.id)}", " ".join(f"{p.rstrip('.')}." for p in said if p)))
    helps = (("How to read the charts", "how-to-read.html"), ("How we compare places", "how-to-read.html#compare"), ("Measures and sources", "data.html"),
             ("Publications", pages.publications_address(site)), ("Accessibility and licence", "about.html"))  # fmt: skip
    found += [Entry("Pages of help", title, address) for title, address in helps]
    found += [Entry("Words", term, f"glossary.html#{anchor(term)}", words) for term, words in pages.TERMS]
    return tuple(found)


def _place(area: LinkedArea, page: str) -> Entry:
    """An area on the page whose figures follow the reader's choice; it is found by the names it had, too."""
    return Entry("Places", area.name, f"{page}#area={area.code}", f"Also found as {listed(area.old)}." if area.old else "")


def search_page(site: pages.Site, found: Iterable[Entry]) -> str:
    """The page: every entry as a link with its words, by kind."""
    held = list(found)
    groups: list[Safe] = []
    for kind in KINDS:
        mine = [e for e in held if e.kind == kind]
        if mine:
            name = f"found-{anchor(kind)}"
            rows = (el("li", None, el("a", {"href": e.address}, e.title), el("p", None, e.words) if e.words else None) for e in mine)
            groups.append(
                el("section", {"class": "jp-found", "aria-labelledby": name}, el("h2", {"class": "jp-h2", "id": name}, kind), el("ul", None, *rows))
            )
    main = join(
        pages.page_mark(), el("h1", "jp-h1", "Search"),
        el("p", "jp-lede", f"Everything on this site by name: {len(held)} chapters, figures, measures and words."),
        el("div", {"class": "jp-search", "id": "jp-search", "hidden": True}),
        el("div", {"class": "jp-prose", "id": "jp-index"}, *groups),
    )  # fmt: skip
    return pages.document(site, title="Search", root="", current="Search", main=main, uses=("search",))
