"""Pages: the anatomy that stands round the figures. Every string is escaped where it becomes markup; no third party, and scripts only enhance."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from attrs import evolve, field, frozen

from jsnakit.chapters import Chapter, ChapterState, render_markdown
from jsnakit.model import Area, Indicator, Polarity
from jsnakit.publish import scripts
from jsnakit.publish._words import anchor, count, day, edition_words, licence_words, listed, span, unit_after
from jsnakit.publish.checks import Words
from jsnakit.publish.data import Citation, SiteInfo
from jsnakit.publish.figures import Built, Notes
from jsnakit.publish.panels import GapKey, Mark, Shape, Verdict
from jsnakit.publish.panels._markup import Safe, el, href_of, join
from jsnakit.publish.panels._parts import log_table
from jsnakit.publish.panels._svg import scaled
from jsnakit.publish.panels.geometry import Box, Frame, outline
from jsnakit.publish.pdfs import PdfNote
from jsnakit.publish.pictures import lean, wardrobe
from jsnakit.settings import Assets, Coming

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "BuiltChapter",
    "BuiltPage",
    "PastEdition",
    "Site",
    "about_page",
    "chapter_page",
    "cited_words",
    "credit_of",
    "data_page",
    "glossary_page",
    "index_page",
    "publications_address",
    "publications_page",
    "reading_page",
]

STATES: Final[Mapping[ChapterState, tuple[str, str]]] = {
    ChapterState.PUBLISHED: ("Published", "full"),
    ChapterState.APPROVED: ("Approved", "ring"),
    ChapterState.IN_REVIEW: ("In review", "half"),
    ChapterState.DRAFT: ("Draft", "dashed"),
}
"""The word and the mark of each state of a chapter."""


@frozen(eq=False)
class BuiltPage:
    """A page of a chapter with its figures built: blocks are words with their values filled in, or figures."""

    title: str
    slug: str
    blocks: tuple[Words | Built, ...]
    tab: bool = True
    group: str = ""

    @property
    def file(self) -> str:
        """The file name."""
        return f"{self.slug}.html"


@frozen(eq=False)
class BuiltChapter:
    """A chapter with its pages built, and what they say of its PDF if it has one."""

    chapter: Chapter
    number: int
    pages: tuple[BuiltPage, ...]
    prose_rows: tuple[pd.DataFrame, ...] = ()
    pdf: PdfNote | None = None

    @property
    def figures(self) -> tuple[Built, ...]:
        """Every figure, page by page."""
        return tuple(b for p in self.pages for b in p.blocks if isinstance(b, Built))

    @property
    def words(self) -> tuple[Words, ...]:
        """All prose, page by page."""
        return tuple(b for p in self.pages for b in p.blocks if isinstance(b, Words))

    @property
    def head(self) -> Built | None:
        """The headline of the first page, if it has one that could be built."""
        return next((b for b in self.pages[0].blocks if isinstance(b, Built) and _is_head(b) and not b.absent), None)

    @property
    def told(self) -> Built | None:
        """What stands for the chapter on the first page of the site: its headline, else its first figure."""
        return self.head or next((b for b in self.pages[0].blocks if isinstance(b, Built) and b.finding and not b.absent), None)

    @property
    def finding(self) -> str:
        """What the chapter finds, in one sentence; its title where nothing could be computed."""
        return self.told.finding if self.told else self.chapter.title


@frozen
class PastEdition:
    """An earlier edition as a list of editions names it: its name (`2026-10`) and the titles of its chapters."""

    name: str
    chapters: tuple[str, ...] = ()


@frozen(eq=False)
class Site:
    """What every page knows: the site's words, its place and its chapters.

    `past` are the earlier editions, oldest first, where the site is one edition among others (null where it stands alone); `changed` says in a line what changed since the last; `pdf` is that of all chapters.
    """

    info: SiteInfo
    place: Area
    chapters: tuple[BuiltChapter, ...] = ()
    region: Area | None = None
    land: tuple[Shape, ...] = ()
    own_shape: Shape | None = None
    version: str = ""
    extra: Mapping[str, str] = field(factory=dict)
    past: tuple[PastEdition, ...] | None = None
    changed: str = ""
    pdf: PdfNote | None = None

    @property
    def library(self) -> bool:
        """Whether this is one edition among others, in a folder of its own."""
        return self.past is not None

    @property
    def name(self) -> str:
        """The name of the place."""
        return self.place.name or self.place.code


def _is_head(built: Built) -> bool:
    return built.kind in ("headline", "waiting_headline")


def is_banner(built: Built) -> bool:
    return built.kind in ("key_figures", "waiting_figures")


# -- the frame of a page -------------------------------------------------------------------------------------------------------------


def document(
    site: Site,
    *,
    title: str,
    root: str,
    current: str,
    main: Safe,
    footer_links: Safe | None = None,
    draft: bool = False,
    uses: Iterable[str] = (),
    publications: str = "",
) -> str:
    """A whole page. `root` leads to the site's folder, `current` is the entry of the site line that this page belongs to, `uses` are scripts besides those of every page.

    `publications` is the address of the list of editions, where the page does not stand in the folder of one.
    """
    info = site.info
    inline = info.assets is Assets.INLINE
    script, sheet = (scripts.source((*scripts.PAGE, *uses)), scripts.style()) if inline else (None, None)
    named = f"{title} - {site.name} {info.title}" if title else f"{site.name} {info.title}"
    head = el(
        "head", None,
        el("meta", {"charset": "utf-8"}),
        el("meta", {"name": "viewport", "content": "width=device-width, initial-scale=1"}),
        el("meta", {"http-equiv": "Content-Security-Policy", "content": scripts.policy(script, sheet)}),
        el("meta", {"name": "referrer", "content": "no-referrer"}),
        el("meta", {"name": "color-scheme", "content": "light dark"}),
        el("title", None, f"Draft: {named}" if draft else named),
        el("link", {"rel": "stylesheet", "href": f"{root}app.css"}) if sheet is None else el("style", None, Safe(sheet)),
        el("script", {"src": f"{root}app.js"} if script is None else None, Safe(script or "")),
    )  # fmt: skip
    entries = (
        ("Home", f"{root}index.html"),
        ("Chapters", f"{root}index.html#chapters"),
        ("Publications", publications or f"{root}{publications_address(site)}"),
        ("Glossary", f"{root}glossary.html"),
        ("Data", f"{root}data.html"),
        ("Search", f"{root}search.html"),
    )
    nav = el(
        "nav", {"class": "jp-nav", "aria-label": "Site"},
        *(el("a", {"href": href, "aria-current": ("page" if root == "" or publications else "true") if current == name else None}, name) for name, href in entries),
    )  # fmt: skip
    line = el(
        "div", "jp-line",
        el("div", "jp-wrap jp-lineinner", el("p", "jp-brand", el("a", {"href": f"{root}index.html"}, el("strong", None, site.name), el("span", None, info.title))), nav),
    )  # fmt: skip
    bar = (
        el("p", "jp-demo", el("span", "jp-wrap", f"Demonstration made from real published data. It is not a publication of {info.council}."))
        if info.demonstration
        else None
    )
    stamp = (
        el("p", {"class": "jp-draft", "role": "note"}, el("span", "jp-wrap", "Draft: not approved, and not for use in decisions.")) if draft else None
    )
    body = el(
        "body", "jp-isdraft" if draft else None,
        el("a", {"class": "jp-skip", "href": "#main"}, "Skip to the content"),
        el("header", None, bar, stamp, line),
        el("main", {"id": "main", "class": "jp-wrap", "tabindex": "-1"}, main),
        _footer(site, root, footer_links, controls=set(uses).isdisjoint(scripts.FIGURE)),
    )  # fmt: skip
    return f"<!doctype html>\n{el('html', {'lang': 'en-GB'}, head, body)}\n"


def publications_address(site: Site) -> str:
    """Where the list of editions stands, seen from the folder of the site."""
    return "../publications.html" if site.library else "publications.html"


def _footer(site: Site, root: str, links: Safe | None, *, controls: bool) -> Safe:
    about = (
        "Every sentence that states a comparison is chosen by the figures when the page is made. Figures are shown as published, rounded for reading; "
        "comparisons use unrounded values. "
    )
    first = el(
        "div",
        None,
        el("h2", None, "About this site"),
        el("p", None, about, el("a", {"href": f"{root}how-to-read.html#compare"}, "How we compare places")),
    )
    second = el(
        "div",
        None,
        el("h2", None, "Help"),
        _links(root, (("How to read the charts", "how-to-read.html"), ("Glossary", "glossary.html"), ("Accessibility and licence", "about.html"))),
        _controls("Colours of this page") if controls else None,
    )
    third = el(
        "div",
        None,
        el("h2", None, "Use the data"),
        links,
        _links(
            root,
            (
                ("All measures and sources", "data.html"),
                *((("The newest edition", "../latest/index.html"), ("All editions", publications_address(site))) if site.library else ()),
            ),
        ),
        el("p", None, "Open Government Licence v3.0"),
    )
    owed = el("p", "jp-owed", " ".join(f"{line.rstrip('.')}." for line in site.info.attribution)) if site.info.attribution else None
    return el("footer", "jp-footer", el("div", "jp-wrap", el("div", "jp-footgrid", first, second, third), owed))


def _controls(of: str) -> Safe:
    """Where scripts put the controls of a page: without scripts there is nothing to press, and nothing is shown."""
    return el("div", {"class": "jp-controls", "id": "jp-controls", "role": "group", "aria-label": of, "hidden": True})


def _links(root: str, entries: Iterable[tuple[str, str]]) -> Safe:
    return el("ul", "jp-links", *(el("li", None, el("a", {"href": root + href}, name)) for name, href in entries))


def page_mark() -> Safe:
    """The bar above a page's title."""
    return el("div", {"class": "jp-mark", "aria-hidden": "true"})


def _state(state: ChapterState) -> Safe:
    word, drawn = STATES[state]
    return _mark_of(drawn, word)


def _mark_of(drawn: str, word: str) -> Safe:
    ring = {"full": el("circle", {"r": 6, "class": "jp-s-full"}), "half": join(el("circle", {"r": 5.4, "class": "jp-s-ring"}), el("path", {"d": "M0-5.4a5.4 5.4 0 0 1 0 10.8z", "class": "jp-s-full"})),
            "ring": join(el("circle", {"r": 5.4, "class": "jp-s-ring"}), el("circle", {"r": 2.8, "class": "jp-s-full"})), "dashed": el("circle", {"r": 5.4, "class": "jp-s-ring jp-s-dashed"})}[drawn]  # fmt: skip
    icon = el("svg", {"class": "jk-icon", "viewBox": "-8 -8 16 16", "width": 14, "height": 14, "aria-hidden": "true", "focusable": "false"}, ring)
    return el("span", "jp-state", icon, el("strong", None, word))


# -- chapters ------------------------------------------------------------------------------------------------------------------------


def chapter_page(site: Site, built: BuiltChapter, page: BuiltPage) -> str:
    """One page of a chapter."""
    chapter, root = built.chapter, "../"
    first = page is built.pages[0]
    head, lower = blocks_of(page)
    crumbs = f"Chapter {built.number}: {chapter.title}"
    if not page.tab:
        crumbs += f", {page.group.lower()}" if page.group else ""
    title = (head.finding if head and not head.absent else chapter.title) if first else page.title
    lede = el("p", "jp-lede", head.lede) if head and head.lede else None
    missing = el("p", "jp-absent", head.absent) if head and head.absent else None
    parts = [prose(block) if isinstance(block, Words) else _block(block, i) for i, block in enumerate(lower)]
    drawn = scripts.embedded("pictures", wardrobe()) if any(isinstance(b, Built) and b.drawing for b in lower) else None
    top = join(
        page_mark(), el("p", "jp-crumb", crumbs), el("h1", "jp-h1", title), lede, missing,
        _facts(site, built, page), _tabs(built, page), _controls("What this page shows"), *parts, drawn, el("section", {"class": "jp-gaps", "aria-label": "How gaps are drawn"}, Safe(GapKey().html())),
    )  # fmt: skip
    return document(
        site,
        title=f"{page.title}, {chapter.title}" if not first else chapter.title,
        root=root,
        current="Chapters",
        main=top,
        draft=chapter.state is ChapterState.DRAFT,
        uses=(
            *scripts.FIGURE,
            *(scripts.LINKED if any(isinstance(b, Built) and b.kind == "dashboard" and not b.absent for b in page.blocks) else ()),
        ),
    )


def blocks_of(page: BuiltPage) -> tuple[Built | None, list[Words | Built]]:
    """The headline of a page, if it has one, and the blocks below it. A reason for which figures lack is said once: twelve figures do not print it twelve times."""
    head = next((b for b in page.blocks if isinstance(b, Built) and _is_head(b)), None)
    given = {head.absent} if head and head.absent else set()
    lower: list[Words | Built] = []
    for block in page.blocks:
        if isinstance(block, Built) and block is not head:
            lower.append(evolve(block, absent="For the reason given above.") if block.absent in given else block)
            given |= {block.absent} if block.absent else set()
        elif block is not head:
            lower.append(block)
    return head, lower


def prose(words: Words) -> Safe:
    """The author's words, where their figures came from, and, until the chapter is approved, the claims that its author must look at."""
    source = None
    if words.measures:
        links = [el("a", {"href": f"../data.html#{anchor(name)}"}, text) for name, text in words.measures]
        named = [part for i, link in enumerate(links) for part in ((link,) if not i else ("; ", link))]
        owed = listed(list(dict.fromkeys(licence_words(c.licence) for c in words.cited if c.licence)))
        source = el(
            "p", "jp-source", "Figures in the text: ", *named, f". Source: {cited_words(words.cited)}", f" Licence: {owed}." if owed else None
        )
    notes = [
        el(
            "div", {"class": "jp-check", "role": "note"},
            el("p", None, el("strong", None, "Check this sentence. "), "It was written as: \u201c", s.sentence, "\u201d"),
            el("p", None, f"It claims \u201c{s.asked.claim}\u201d; the figures say \u201c{s.value.word or s.value.text}\u201d, and that is what is printed. {s.value.because}"),
        )
        for s in (words.untrue if words.show_marks else ())
    ]  # fmt: skip
    since = [
        f"This text was written with the word \u201c{s.asked.claim}\u201d where the figures now say \u201c{s.value.word or s.value.text}\u201d, which is printed."
        for s in (() if words.show_marks else words.untrue)
    ]
    return el("div", "jp-prose", Safe(render_markdown(words.markdown)), *notes, el("p", "jp-source", " ".join(since)) if since else None, source)


def facts_of(site: Site, chapter: Chapter, blocks: Iterable[Words | Built]) -> list[tuple[str, str]]:
    """What stands below the head of a page: edition, span of the data behind its blocks, next review, owner, approval."""
    periods = sorted({p for b in blocks if isinstance(b, Built) for p in b.period}, key=lambda p: (p.end, p.start))
    pairs = [("Edition", edition_words(site.info.edition))] if site.info.edition else []
    pairs += [("Data", span(periods[0], periods[-1]))] if periods else []
    pairs += [("Next review", f"{chapter.review_by:%B %Y}")] if chapter.review_by else []
    pairs += [("Owner", chapter.owner)] if chapter.owner else []
    if chapter.approved_on and chapter.state in (ChapterState.APPROVED, ChapterState.PUBLISHED):
        pairs.append(("Approved by", f"{chapter.approved_by}, {day(chapter.approved_on)}"))
    return pairs


def _facts(site: Site, built: BuiltChapter, page: BuiltPage) -> Safe:
    chapter = built.chapter
    pairs = facts_of(site, chapter, page.blocks)
    return el(
        "p",
        "jp-facts",
        _state(chapter.state),
        *(el("span", None, el("strong", None, k), " ", v) for k, v in pairs),
        el("a", {"href": "../data.html"}, "All measures and sources"),
        *(
            (el("a", {"href": "data.xlsx"}, "Data of the chapter (Excel)"), el("a", {"href": "data.zip"}, "For programs (CSV in a ZIP)"))
            if any(b.rows is not None and not b.absent for b in built.figures)
            else ()
        ),
        el("a", {"href": built.pdf.file, "type": "application/pdf"}, f"This chapter ({built.pdf.words})") if built.pdf else None,
    )


def _tabs(built: BuiltChapter, page: BuiltPage) -> Safe | None:
    tabs = [p for p in built.pages if p.tab]
    if len(tabs) < 2:
        return None
    now = page if page.tab else next((p for p in tabs if p.title == page.group), None)
    return el(
        "nav", {"class": "jp-tabs", "aria-label": "Pages of this chapter"},
        *(el("a", {"href": p.file, "aria-current": ("page" if p is page else "true") if p is now else None}, p.title) for p in tabs),
    )  # fmt: skip


def _block(built: Built, index: int) -> Safe:
    if is_banner(built):
        if built.absent:
            return el("section", {"class": "jp-keys", "aria-label": built.finding}, el("p", "jp-absent", built.absent))
        assert built.panel is not None
        return el(
            "section",
            {"class": "jp-keys", "aria-label": built.finding, "id": built.key or None},
            el("h2", "jk-vh", built.finding),
            Safe(built.panel.html()),
            _source_line(built),
        )
    return _figure(built, index)


def _source_line(built: Built) -> Safe:
    """Source, period, licence and care of a figure that has no note column, in one paragraph."""
    n = built.notes
    said = [f"Source: {cited_words(n.cited)}", f"Period: {n.period}.", f"Licence: {n.licence}.", *n.take_care]
    return el("p", "jp-source", " ".join(said), " ", _data_link(built))


def _data_link(built: Built) -> Safe | None:
    return el("a", {"href": f"data/{built.key}.csv"}, "Data (CSV)") if built.rows is not None and built.key else None


def _figure(built: Built, index: int) -> Safe:
    name = built.key or f"figure-{index}"
    if built.absent or built.panel is None:
        body = el(
            "div",
            "jp-figure",
            el("h2", {"class": "jp-h2", "id": f"{name}-head"}, built.finding),
            el("p", "jp-absent", built.absent or "There is no figure."),
        )
        return el("section", {"class": "jp-row jp-row-absent", "id": name, "aria-labelledby": f"{name}-head"}, body)
    tools = [
        _data_link(built),
        el("a", {"href": f"data/{built.key}-drawn.csv"}, "As drawn (CSV)"),
        el("a", {"href": f"data/{built.key}.svg", "data-picture": built.key}, "Picture (SVG)") if built.drawing else None,
    ]
    if built.rows is not None and "indicator" in built.rows.columns and built.rows["indicator"].nunique() == 1:
        tools.insert(0, el("a", {"href": f"../data.html#{anchor(str(built.rows['indicator'].iloc[0]))}"}, "Definition"))
    elif built.rows is not None:
        tools.insert(0, el("a", {"href": "../data.html"}, "Definitions"))
    twin, drawn = built.panel.twin(), built.panel.body()
    picture = scripts.embedded(f"picture-{name}", lean(built.drawing, credit_of(built), drawn)) if built.drawing else None
    body = el(
        "div", "jp-figure",
        el("h2", {"class": "jp-h2", "id": f"{name}-head"}, built.finding),
        el("p", "jp-sub", built.subtitle),
        el("div", "jp-body", Safe(drawn)),
        el("div", "jp-tools", *tools, Safe(twin) if twin else None), picture,
    )  # fmt: skip
    wide = " jp-row-wide" if built.kind == "dashboard" else ""
    return el("section", {"class": f"jp-row{wide}", "id": name, "aria-labelledby": f"{name}-head"}, body, _notes(built.notes, built.finding))


def _notes(n: Notes, of: str) -> Safe:
    def note(heading: str, *texts: str, css: str = "") -> Safe | None:
        kept = [t for t in texts if t]
        return join(el("h3", css or None, heading), *(el("p", css or None, t) for t in kept)) if kept else None

    question = el("div", "jp-ask", el("h3", None, "A question to ask"), el("p", None, n.question)) if n.question else None
    read = el("details", "jp-read", el("summary", None, "How to read"), el("p", None, n.how_to_read)) if n.how_to_read else None
    return el(
        "aside", {"class": "jp-notes", "aria-label": f"Notes on: {of}"}, question, read, *(note(h, t) for h, t in n.more), note("Take care", *n.take_care),
        note("Source", cited_words(n.cited)), note("Period", f"{n.period}." if n.period else ""), note("Licence", f"{n.licence}."), note("Boundaries", n.boundaries),
    )  # fmt: skip


def credit_of(built: Built) -> str:
    """What stands under a picture that has left its page: source, period, licence and boundaries."""
    n = built.notes
    said = (f"Source: {cited_words(n.cited)}", f"Period: {n.period}." if n.period else "", f"Licence: {n.licence}.", n.boundaries)
    return " ".join(part for part in said if part)


def cited_words(cited: Sequence[Citation]) -> str:
    """The publishers' files in words: each publisher with its titles and releases once, then when they were retrieved."""
    said = []
    for publisher in dict.fromkeys(c.publisher for c in cited):
        mine = [c for c in cited if c.publisher == publisher]
        titles = list(dict.fromkeys(c.title for c in mine if c.title))
        # "Full extract, April 2024" and "full extract, May 2024" are one series.
        series: dict[str, list[str]] = {}
        for title in titles:
            head, comma, month = title.rpartition(", ")
            alone = not comma or sum(t.startswith(f"{head}, ") for t in titles) == 1
            series.setdefault(title if alone else head, []).extend([] if alone else [month])
        for title, months in series.items():
            releases = [r for r in dict.fromkeys(c.release for c in mine if c.title == title) if r and r not in title]
            said.append(
                f"{publisher}, {title}" + (f": {listed(sorted(months, key=_when))}" if months else f" ({listed(releases)})" if releases else "") + "."
            )
        if not titles:
            said.append(f"{publisher}.")
    days = sorted({c.retrieved[:10] for c in cited if c.retrieved})
    if days:
        said.append(f"Retrieved {_iso_day(days[0])}" + (f" to {_iso_day(days[-1])}" if len(days) > 1 else "") + ".")
    return " ".join(said)


def _when(text: str) -> tuple[str, str]:
    """Where a period in words stands in time; words that are none stand by themselves."""
    from jsnakit.errors import InvalidValueError
    from jsnakit.model import Period

    try:
        return Period.parse(text.partition(" (")[0]).start.isoformat(), text
    except InvalidValueError:
        return "", text


def _iso_day(text: str) -> str:
    import datetime as dt

    from jsnakit.publish._words import day

    return day(dt.date.fromisoformat(text))


# -- the site's own pages ------------------------------------------------------------------------------------------------------------


def index_page(site: Site) -> str:
    """The first page: what this is, its chapters with their findings, what was published."""
    info = site.info
    opening = el(
        "div", "jp-open",
        el(
            "div", None, page_mark(), el("p", "jp-crumb", f"Edition of {edition_words(info.edition)}") if info.edition else None,
            el("h1", "jp-h1", f"What people in {site.name} need to live well"),
            el("p", "jp-lede", f"The {info.title} brings together what is known about the health and care needs of people who live in {site.name}, now and in the years ahead. "
               "The council and the NHS must use it when they decide what to pay for."),
            el("div", {"class": "jp-search", "id": "jp-find"}, el("p", None, el("a", {"href": "search.html"}, "Everything on this site by name"))),
        ),
        _locator(site),
    )  # fmt: skip
    n = len(site.chapters)
    chapters = el(
        "section", {"class": "jp-chapters", "id": "chapters", "aria-labelledby": "chapters-head"},
        el("h2", {"class": "jp-h2", "id": "chapters-head"}, f"{count(n, first=True)} chapter{'' if n == 1 else 's'}"), *(_entry(c) for c in site.chapters),
        *(_coming(c) for c in info.coming),
    )  # fmt: skip
    what = el(
        "section", {"aria-labelledby": "what-head"}, el("h2", {"class": "jp-h2", "id": "what-head"}, "What is a needs assessment?"),
        el("p", None, "It is a shared picture of need. Councils and NHS integrated care boards have a duty to prepare one together "
           "(Local Government and Public Involvement in Health Act 2007, section 116)."),
        el("p", None, f"It does three things: it shows how {site.name} compares, it shows what is changing, and it puts the questions that decisions must answer."),
        el("p", None, "The health and wellbeing board carries that duty out for them (Health and Social Care Act 2012, section 196): it agrees the assessment, "
           "and sets the health and wellbeing strategy by it."),
        *_answerable(info),
        _links("", (("How to read the charts", "how-to-read.html"), ("How we compare places", "how-to-read.html#compare"), ("All measures and sources", "data.html"))),
    )  # fmt: skip
    publications = el(
        "section", {"aria-labelledby": "pub-head"}, el("h2", {"class": "jp-h2", "id": "pub-head"}, "Publications"), _editions(site),
        _since(site),
        el("p", None, el("a", {"href": publications_address(site)}, "All publications")),
    )  # fmt: skip
    return document(site, title="", root="", current="Home", main=join(opening, chapters, el("div", "jp-two", publications, what)), uses=("search",))


def _since(site: Site) -> Safe | None:
    """What changed since the edition before, in a line; the page with all of it where anything did."""
    if not site.changed:
        return None
    link = None if site.changed == "nothing changed" else el("a", {"href": "changes.html"}, "What changed")
    return el("p", None, f"Since the last edition: {site.changed}. ", link)


def _answerable(info: SiteInfo) -> list[Safe]:
    """Who answers for the assessment, and where a reader says what is missing."""
    parts = []
    if info.leads:
        leads = [el("li", None, el("strong", None, lead.name), ", ".join(["", *(t for t in (lead.role, lead.contact) if t)])) for lead in info.leads]
        parts += [el("h3", None, "Who leads it"), el("ul", "jp-links", *leads)]
    said = _told(info, "Tell us what is missing, wrong or hard to use")
    return [*parts, el("p", None, said)] if said else parts


def _told(info: SiteInfo, words: str) -> Safe | None:
    """Words that lead to where a reader is heard: a page, a mailbox, or what the council wrote; null where nothing is known."""
    where = info.feedback or info.contact
    if not where:
        return None
    address = href_of(f"mailto:{where}" if re.fullmatch(r"[^\s@:/]+@[^\s@:/]+", where) else where) if "@" in where or "://" in where else None
    return el("a", {"href": address}, words) if address else join(f"{words}: {where}")


def _coming(coming: Coming) -> Safe:
    """A chapter that is not ready."""
    said = [p for p in (f"Expected in {coming.expected:%B %Y}" if coming.expected else "", coming.note) if p]
    return el(
        "article", "jp-entry", el("p", {"class": "jp-number", "aria-hidden": "true"}, "\u2013"),
        el("div", "jp-entrymain", el("h3", "jp-entryhead", coming.title), el("p", "jp-entrylede", ". ".join(said)) if said else None),
        el("div", "jp-entryside", el("p", None, _mark_of("dashed", "Coming"))),
    )  # fmt: skip


def _entry(built: BuiltChapter) -> Safe:
    chapter, head = built.chapter, built.told
    address = f"{chapter.slug}/index.html"
    lede = (head.lede or head.subtitle) if head else next((b.absent for b in built.pages[0].blocks if isinstance(b, Built) and b.absent), "")
    return el(
        "article", "jp-entry",
        el("p", {"class": "jp-number", "aria-hidden": "true"}, str(built.number)),
        el(
            "div", "jp-entrymain", el("p", "jp-entryname", chapter.title), el("h3", "jp-entryhead", el("a", {"href": address}, built.finding)),
            el("p", "jp-entrylede", lede) if lede else None, _tally(head) if head else None,
        ),
        el(
            "div", "jp-entryside", el("p", None, _state(chapter.state)), el("p", None, f"Next review: {chapter.review_by:%B %Y}") if chapter.review_by else None,
            el("p", None, el("a", {"href": address, "aria-label": f"Read {chapter.title}"}, "Read"), " \u00b7 ", el("a", {"href": "data.html", "aria-label": f"Data of {chapter.title}"}, "Data")),
            el("p", None, _pdf_link(built.pdf, chapter.title)) if built.pdf else None,
        ),
    )  # fmt: skip


def _pdf_link(pdf: PdfNote, of: str) -> Safe:
    return el("a", {"href": pdf.path, "type": "application/pdf", "aria-label": f"{of}, {pdf.words}"}, pdf.words)


def _tally(head: Built) -> Safe | None:
    total = sum(n for _, n, _ in head.tally)
    if not total:
        return None
    css = {
        Verdict.WORST: "1",
        Verdict.SECOND_WORST: "2",
        Verdict.MIDDLE: "3",
        Verdict.SECOND_BEST: "4",
        Verdict.BEST: "5",
        Verdict.MISSED: "r",
        Verdict.NEAR: "a",
        Verdict.MET: "g",
        Verdict.WORSE: "r",
        Verdict.SIMILAR: "a",
        Verdict.BETTER: "g",
    }
    parts: list[Safe] = []
    at = 0.0
    for verdict, n, _ in head.tally:
        width = n / total * 100
        if n:
            parts.append(el("rect", {"class": f"jp-t-{css.get(verdict, 'u')}", "x": f"{at:.2f}%", "width": f"{width:.2f}%", "height": "100%"}))
            parts.append(el("line", {"class": "jp-t-rule", "x1": f"{at:.2f}%", "x2": f"{at:.2f}%", "y1": "0", "y2": "100%"}))
        at += width
    bar = el("svg", {"class": "jp-tally", "width": "100%", "height": 11, "aria-hidden": "true", "focusable": "false"}, *parts)
    counts = el("ul", "jp-counts", *(el("li", None, Mark(v).icon(16), el("span", "jk-vh", f"{word}: "), str(n)) for v, n, word in head.tally))
    return join(bar, counts, el("p", "jp-tallynote", head.tally_note))


def _locator(site: Site) -> Safe | None:
    if not site.land or site.own_shape is None:
        return None
    box = Box.around(s.box for s in site.land)
    # Room at the left for the name.
    wide = Box(box.x_min - 60_000, box.y_min, box.x_max, box.y_max)
    frame = Frame.fit(wide, 360.0)
    land = [
        el("path", {"class": "jp-loc-own" if site.region and s.code == site.region.code else "jp-loc", "d": outline(s, frame)}) for s in site.land
    ]
    own = site.own_shape
    x, y = frame.at(own.label_x, own.label_y)
    left, _ = frame.at(_west(site.land, own), own.label_y)
    end = min(left, x) - 6
    label = join(
        el("line", {"class": "jk-leader", "x1": f"{end - 22:.1f}", "x2": f"{x:.1f}", "y1": f"{y:.1f}", "y2": f"{y:.1f}"}),
        el("text", {"class": "jk-t-callout", "x": f"{end - 28:.1f}", "y": f"{y + 5:.1f}", "text-anchor": "end"}, site.name),
    )  # fmt: skip
    where = f"{site.name} in {'the ' + site.region.name if site.region else 'England'}"
    return el(
        "svg", {"class": "jk-svg jp-locator", "viewBox": f"0 0 {frame.width:.0f} {frame.height:.0f}", "width": "360", "role": "img"}, el("title", None, where),
        scaled(*land, el("path", {"class": "jp-loc-ink", "d": outline(own, frame)})), label,
    )  # fmt: skip


def _west(land: Sequence[Shape], own: Shape) -> float:
    """How far west the land about the area's latitude reaches, in metres."""
    from jsnakit.publish.panels.geometry import rings

    near = [x for s in land for ring in rings(s.path) for x, y in ring if abs(y - own.label_y) < 12_000]
    return min(near, default=own.box.x_min)


def _editions(site: Site) -> Safe:
    edition = edition_words(site.info.edition) or "This build"
    head = el("thead", None, el("tr", None, *(el("th", {"scope": "col"}, h) for h in ("Edition", "Chapters", "Read"))))
    now = (
        el("th", {"scope": "row"}, f"{edition}, {'this edition' if site.library else 'current'}"),
        el("td", None, listed([c.chapter.title for c in site.chapters])),
        el(
            "td",
            None,
            el("a", {"href": "index.html#chapters"}, "Pages"),
            " \u00b7 ",
            el("a", {"href": "data.html"}, "Data"),
            *((" \u00b7 ", _pdf_link(site.pdf, "all chapters")) if site.pdf else ()),
        ),
    )
    rows = [el("tr", None, *now)]
    for past in reversed((site.past or ())[-_SHOWN:]):
        words = edition_words(past.name)
        link = el("a", {"href": f"../{past.name}/index.html", "aria-label": f"Pages of {words}"}, "Pages")
        rows.append(el("tr", None, el("th", {"scope": "row"}, words), el("td", None, listed(past.chapters)), el("td", None, link)))
    return el("table", "jk-table jk-plain jp-editions", el("caption", "jk-vh", "Editions"), head, el("tbody", None, *rows))


def publications_page(site: Site) -> str:
    """The editions there are in this folder: this one."""
    main = join(
        page_mark(), el("h1", "jp-h1", "Publications"),
        el("p", "jp-lede", "Each edition is built from files that are named, dated and kept by their fingerprint, so that it can be built again."),
        el("div", "jp-prose", _editions(site)),
        el("section", {"class": "jp-prose", "aria-labelledby": "ch"}, el("h2", {"class": "jp-h2", "id": "ch"}, "Chapters of this edition"),
           el("ul", "jp-links", *(el("li", None, el("a", {"href": f"{c.chapter.slug}/{p.file}"}, p.title if p is not c.pages[0] else c.chapter.title)) for c in site.chapters for p in c.pages if p.tab))),
    )  # fmt: skip
    return document(site, title="Publications", root="", current="Publications", main=main)


_SHOWN: Final = 5

_GAPS_NOTE: Final = "A gap breaks a line and never sits at zero. Missing is not zero, and zero is not missing."


READ_AS: Final = (
    (Mark(Verdict.WORST), "worst fifth, or the standard not met"), (Mark(Verdict.SECOND_WORST), "second worst fifth"),
    (Mark(Verdict.MIDDLE), "middle fifth, similar, or near the standard"), (Mark(Verdict.SECOND_BEST), "second best fifth"),
    (Mark(Verdict.BEST), "best fifth, or the standard met"), (Mark(Verdict.NOT_JUDGED), "not judged: which direction is better is not known"),
    (Mark(Verdict.TOO_FEW), "too few to judge: the figure is shown without a colour"), (Mark(Verdict.NOT_SUBMITTED), "the organisation sent no data"),
)  # fmt: skip
"""The marks and what they mean."""

SHAPE_FIRST: Final = "A shape comes first, a word second, colour third: a grey photocopy loses nothing."


def reading_page(site: Site) -> str:
    """How to read the charts, and how places are compared."""
    marks = el(
        "table", "jk-table jk-plain", el("caption", "jk-vh", "The marks and what they mean"),
        el("thead", None, el("tr", None, el("th", {"scope": "col"}, "Mark"), el("th", {"scope": "col"}, "What it means"))),
        el("tbody", None, *(el("tr", None, el("th", {"scope": "row"}, Safe(m.html())), el("td", None, words)) for m, words in READ_AS)),
    )  # fmt: skip
    main = join(
        page_mark(), el("h1", "jp-h1", "How to read the charts"),
        el("p", "jp-lede", SHAPE_FIRST),
        el("div", "jp-prose", el("h2", {"class": "jp-h2"}, "Marks"), marks,
           el("h2", {"class": "jp-h2", "id": "compare"}, "How we compare places"),
           el("p", None, "Fifths: all authorities with a figure for the same year are put in order, from the worse end to the better, and the queue is cut into five equal parts. "
              "Equal figures share a place. A place in the queue is a rank, not a verdict: where no interval is published it can be luck, most of all for rare events."),
           el("p", None, "The middle authority is the one with as many above it as below it (the median). It is not England\u2019s average, which counts people."),
           el("p", None, "Standards: a figure is held against a target only for a period in which the target was in force, and the target is named beside it."),
           el("p", None, "England: where an interval is published, a place is worse or better only if the whole of it lies on one side of England\u2019s figure; otherwise it is similar."),
           el("p", None, "Rounding comes last. Comparisons use unrounded values."),
           el("h2", {"class": "jp-h2", "id": "control"}, "Control charts"),
           el("p", None, "Figures of one place go up and down from month to month without any cause that anyone could find. The band between the dotted lines holds nearly all figures while nothing "
              "changes. A blue circle is an improvement and an orange square a deterioration that chance does not explain: a figure outside the band, or a run on one side of the mean. The two round "
              "marks say how the last figures vary, and whether the standard can be expected to be met."),
           el("h2", {"class": "jp-h2", "id": "groups"}, "Groups of people"),
           el("p", None, "The gap between two groups is given in points and in times, for a gap can shrink in one and grow in the other. The slope index takes all groups into account, not the two ends "
              "alone. Where the ranges of two groups overlap, the gap may be chance."),
           el("h2", {"class": "jp-h2"}, "Gaps"), el("p", None, _GAPS_NOTE)),
        el("section", {"class": "jp-gaps", "aria-label": "How gaps are drawn"}, Safe(GapKey().html())),
    )  # fmt: skip
    return document(site, title="How to read the charts", root="", current="", main=main)


TERMS: Final = (
    ("18-week standard", "The NHS Constitution\u2019s standard that 92% of those still waiting for treatment have waited under 18 weeks."),
    ("Admitted", "Treated as a patient who was admitted to hospital, for a day or longer."),
    (
        "Carried forward",
        "An earlier year\u2019s figure that the publisher repeated: it has not been measured again, and is shown under its own year.",
    ),
    (
        "Control chart",
        "A chart of one place through time with limits that hold nearly all figures while nothing changes (statistical process control, XmR).",
    ),
    ("Fifth", "One of five equal parts of the queue of all authorities, put in order from worse to better. Also called a quintile."),
    ("Integrated care board", "The NHS body that plans and pays for health services in an area (ICB)."),
    (
        "Joint Strategic Needs Assessment",
        "The shared assessment of current and future health and care needs that councils and integrated care boards prepare together (JSNA).",
    ),
    ("Lower-tier authority", "A district, a unitary authority, a metropolitan district or a London borough."),
    ("Middle authority", "The authority with as many above it as below it: the median."),
    ("Not submitted", "The organisation sent no figure for the period. It is not zero."),
    ("Open wait", "A course of treatment that has been asked for and has not begun. One person can have several."),
    ("Points", "The difference of two percentages: from 40% to 45% is 5 points."),
    (
        "Slope index of inequality",
        "How far a measure rises or falls from the most to the least deprived end, by the line that fits all groups best, weighted by their people.",
    ),
    ("Suppressed", "A figure that the publisher hides because it counts very few people."),
    ("Treatment function", "The specialty under which a patient waits or is treated."),
)


def glossary_page(site: Site) -> str:
    """The words of the field in plain words."""
    entries = [part for term, words in TERMS for part in (el("dt", {"id": anchor(term)}, term), el("dd", None, words))]
    return document(
        site,
        title="Glossary",
        root="",
        current="Glossary",
        main=join(page_mark(), el("h1", "jp-h1", "Glossary"), el("dl", "jp-prose jp-glossary", *entries)),
    )


def about_page(site: Site) -> str:
    """Accessibility, licence and privacy: the accessibility statement that the regulations of 2018 ask of public bodies, as far as the tool can make it."""
    info = site.info
    said = _told(info, "Tell us about something you cannot use, or ask for the figures in another form")
    main = join(
        page_mark(), el("h1", "jp-h1", "Accessibility and licence"),
        el("div", "jp-prose",
           el("h2", {"class": "jp-h2", "id": "accessibility"}, "Accessibility statement"),
           el("p", None, f"This statement is about the {info.title} of {site.name}, published by {info.council}. It is made with a tool that aims at the Web Content Accessibility Guidelines "
              "(WCAG) 2.2, level AA."),
           el("p", None, "The pages are made to work without scripts, with a keyboard, with a screen reader, at 320 pixels width, in dark and in forced colours, and in print. "
              "Charts are tables, or have one beside them. Colour is never the only carrier of meaning."),
           el("p", None, "What is known: automatic checks of pages of this kind found no fault. What is not known: the pages have not been audited by a third party, nor tested with every "
              "screen reader. PDFs from before this tool may not be accessible; ask for their content in another form."),
           el("p", None, "Each PDF of these chapters is tagged and built to PDF/UA-1; the heads of rows in its tables are tagged as cells, and no third party has checked it.") if info.pdf else None,
           el("h3", None, "Tell us"), el("p", None, said) if said else el("p", None, f"Write to {info.council}."),
           el("h3", None, "If we do not answer you"),
           el("p", None, "The Equality and Human Rights Commission enforces the Public Sector Bodies (Websites and Mobile Applications) (No. 2) Accessibility Regulations 2018. "
              "If you are not content with our answer, contact the Equality Advisory and Support Service."),
           el("h2", {"class": "jp-h2"}, "Licence"),
           el("p", None, "Contains public sector information licensed under the Open Government Licence v3.0."),
           *(el("p", None, line) for line in info.attribution),
           el("h2", {"class": "jp-h2"}, "Privacy"),
           el("p", None, "The pages set no cookies and ask nothing of any server. What you choose on a page stands in its address, behind the #, which browsers send to nobody."),
           el("p", None, f"Built with jsnakit {site.version}.") if site.version else None),
    )  # fmt: skip
    return document(site, title="Accessibility and licence", root="", current="", main=main)


_POLARITY: Final = {
    Polarity.HIGHER_IS_BETTER: "Higher is better", Polarity.LOWER_IS_BETTER: "Lower is better", Polarity.NONE: "Neither direction is better",
    Polarity.UNKNOWN: "Which direction is better is not known: not judged",
}  # fmt: skip


def data_page(site: Site, indicators: Sequence[Indicator], used: Mapping[str, Sequence[tuple[str, str]]], cited: Sequence[Citation]) -> str:
    """Every measure of the site with its definition, caveats and figures; and every publisher's file behind them."""
    entries = [_measure(i, used.get(i.id, ())) for i in indicators]
    heads = ("Publisher", "File", "Release", "Retrieved", "Licence", "Fingerprint (SHA-256)")
    rows = [
        el("tr", None, el("th", {"scope": "row"}, c.publisher), el("td", None, _file(c)), el("td", None, c.release), el("td", None, _iso_day(c.retrieved[:10]) if c.retrieved else ""),
           el("td", None, licence_words(c.licence)), el("td", "jp-sha", c.sha256[:16]))
        for c in cited
    ]  # fmt: skip
    log = log_table("Publishers\u2019 files", heads, rows)
    main = join(
        page_mark(), el("h1", "jp-h1", "Measures and sources"),
        el("p", "jp-lede", f"The {len(indicators)} measures of this site with their definitions and caveats, and the publishers\u2019 files they were read from."),
        el("section", {"class": "jp-wide", "aria-labelledby": "files"}, el("h2", {"class": "jp-h2", "id": "files"}, "Publishers\u2019 files"), log),
        el("section", {"class": "jp-wide", "aria-labelledby": "measures"}, el("h2", {"class": "jp-h2", "id": "measures"}, "Measures"), *entries),
    )  # fmt: skip
    return document(site, title="Measures and sources", root="", current="Data", main=main)


def _file(c: Citation) -> Safe | str:
    address = href_of(c.url) if c.url.startswith("https://") else None
    return el("a", {"href": address, "rel": "noreferrer"}, c.title or c.url) if address else (c.title or c.url)


def _measure(i: Indicator, used: Sequence[tuple[str, str]]) -> Safe:
    unit = unit_after(i) or ("%" if i.unit.strip() in ("%", "percent") else i.unit)
    pairs = [
        ("Identifier", i.id), ("Definition", i.definition), ("Unit", unit), ("Direction", _POLARITY[i.polarity] + (f" ({i.polarity_source})" if i.polarity_source else "")),
        ("Counts", i.numerator), ("Out of", i.denominator), ("Published", i.frequency), ("Publisher", i.publisher), ("Licence", licence_words(i.licence)), ("What to do with it", i.use),
    ]  # fmt: skip
    listing = [part for k, v in pairs if v for part in (el("dt", None, k), el("dd", None, v))]
    listing += [part for c in i.caveats for part in (el("dt", None, "Take care"), el("dd", None, c))]
    if used:
        links = [el("a", {"href": href}, name) for name, href in used]
        listing += [el("dt", None, "Shown in"), el("dd", None, *(join(link, ", " if n < len(links) - 1 else "") for n, link in enumerate(links)))]
    home = href_of(i.homepage) if i.homepage.startswith("https://") else None
    if home:
        listing += [el("dt", None, "More"), el("dd", None, el("a", {"href": home, "rel": "noreferrer"}, "The publisher\u2019s page"))]
    return el("section", {"class": "jp-measure", "id": anchor(i.id)}, el("h3", None, i.name), el("dl", None, *listing))
