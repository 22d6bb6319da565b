"""From chapters and data to the files of a site, in memory: what a site and an edition are both made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

from attrs import evolve

from jsnakit.chapters import Chapter, Prose, write
from jsnakit.chapters import Figure as FigureBlock
from jsnakit.chapters.options import Specialties
from jsnakit.editions import edition_key
from jsnakit.errors import UnknownIndicatorError
from jsnakit.publish import pages, printed, scripts
from jsnakit.publish._words import licence_words
from jsnakit.publish.checks import Missing, Words
from jsnakit.publish.data import Citation, Data, SiteInfo
from jsnakit.publish.downloads import of_chapter, of_figure
from jsnakit.publish.figures import Built, Context, build_figure
from jsnakit.publish.figures.context import Absent
from jsnakit.publish.pdfs import WHOLE, PdfNote
from jsnakit.publish.searching import entries, search_page
from jsnakit.publish.values import Values
from jsnakit.settings import Assets

__all__ = ["chapter_files", "chapter_of", "cited_by", "context_of", "missing_of", "site_files", "site_of", "version", "with_pdfs"]


def version() -> str:
    """The version of jsnakit that makes the pages; empty where it is not installed."""
    try:
        return metadata.version("jsnakit")
    except metadata.PackageNotFoundError:
        return ""


def context_of(chapters: Sequence[Chapter], data: Data, info: SiteInfo) -> Context:
    """What the figures of a build are made from."""
    first = FigureBlock("headline", next(iter(c.figures[0].options for c in chapters if c.figures), None) or _no_options())
    return Context(data, info, first)


def cited_by(built: Iterable[pages.BuiltChapter]) -> tuple[Citation, ...]:
    """The publishers' files behind everything in some chapters."""
    found = {c for chapter in built for f in chapter.figures for c in f.notes.cited}
    return tuple(sorted(found | {c for chapter in built for w in chapter.words for c in w.cited}))


def site_of(context: Context, built: Sequence[pages.BuiltChapter], info: SiteInfo) -> pages.Site:
    """What every page knows of the site."""
    place = context.data.place
    try:
        land, _ = context.shapes("region")
        own = next((s for kind in (place.type, "ltla", "utla") for s in _shapes_or_none(context, kind) if s.code == place.code), None)
    except Absent:
        land, own = (), None
    info = evolve(info, attribution=_owed(info.attribution, cited_by(built)))
    return pages.Site(info, place, tuple(built), context.region(), land, own, version())


def chapter_files(site: pages.Site, context: Context, chapter: pages.BuiltChapter) -> dict[str, bytes]:
    """The files of one chapter, by their path in the site: its pages, the data and picture of each figure, its data in one package, and itself as a PDF.

    Raises `MissingExtraError` where PDFs are asked for and cannot be made.
    """
    slug = chapter.chapter.slug
    files: dict[str, bytes] = {}
    if site.info.pdf:
        path = _pdf_of(slug)
        files[path] = printed.chapter_pdf(site, chapter)
        chapter = evolve(chapter, pdf=PdfNote.of(path, files[path], site.info.edition))
    files |= {f"{slug}/{page.file}": pages.chapter_page(site, chapter, page).encode() for page in chapter.pages}
    for figure in chapter.figures:
        files |= of_figure(slug, figure)
    # Worksheets for what a reader meets on the chapter's own pages: a page a specialty would be a workbook that nobody can find anything in.
    shown = [b for page in chapter.pages if page.tab for b in page.blocks if isinstance(b, Built)]
    return files | of_chapter(context, chapter.chapter, chapter.figures, site.info, sheets=shown)


def _pdf_of(slug: str) -> str:
    return f"{slug}/{slug}.pdf"


def with_pdfs(site: pages.Site, files: Mapping[str, bytes], since: Mapping[str, str] | None = None) -> tuple[pages.Site, dict[str, bytes]]:
    """The site with what its pages say of the PDFs among `files`, and the PDF of all chapters; the site as it is where PDFs are not asked for.

    `since` says in which edition each chapter last changed: the whole is of the newest of them, so that it stays the same file while no chapter changes.
    """
    if not site.info.pdf:
        return site, {}
    edition = max((since or {}).values(), key=edition_key, default=site.info.edition)
    whole = printed.whole_pdf(evolve(site, info=evolve(site.info, edition=edition)))
    chapters = tuple(
        evolve(c, pdf=PdfNote.of(path, files[path], (since or {}).get(c.chapter.slug, site.info.edition))) if (path := _pdf_of(c.chapter.slug)) in files else c
        for c in site.chapters
    )  # fmt: skip
    return evolve(site, chapters=chapters, pdf=PdfNote.of(WHOLE, whole, edition)), {WHOLE: whole}


def site_files(site: pages.Site, data: Data) -> dict[str, bytes]:
    """The files that speak of all chapters: first page, measures and sources, search, and the words of the field."""
    files: dict[str, bytes] = {}
    if site.info.assets is Assets.SPLIT:
        files |= {"app.css": scripts.style().encode(), "app.js": scripts.source(scripts.FILES).encode()}
    used = _used(site.chapters)
    indicators = [i for name in sorted(used) if (i := _known(data, name)) is not None]
    files["search.html"] = search_page(site, entries(site, indicators)).encode()
    files["data.html"] = pages.data_page(site, indicators, used, cited_by(site.chapters)).encode()
    for name, make in (
        ("index.html", pages.index_page), ("how-to-read.html", pages.reading_page), ("glossary.html", pages.glossary_page), ("about.html", pages.about_page),
    ):  # fmt: skip
        files[name] = make(site).encode()
    return files


def missing_of(chapter: pages.BuiltChapter) -> tuple[Missing, ...]:
    """The figures of a chapter that could not be drawn, and why."""
    name = Path(chapter.chapter.file).name
    return tuple(
        Missing(chapter=chapter.chapter.title, figure=f.finding, reason=f.absent, file=name, line=f.line, panel=f.kind)
        for f in chapter.figures if f.absent
    )  # fmt: skip


def chapter_of(context: Context, chapter: Chapter, number: int) -> pages.BuiltChapter:
    """A chapter with its figures drawn and the values of its prose filled in. Raises `ChapterError`."""
    listed = next((f.options for f in chapter.figures if isinstance(f.options, Specialties)), None)
    taken: set[str] = set()
    values = Values(context, chapter)
    made: list[pages.BuiltPage] = []
    for page in chapter.pages:
        title = values.plain(page.title)
        blocks: list[Words | Built] = []
        below: list[pages.BuiltPage] = []
        for block in page.blocks:
            if isinstance(block, Prose):
                blocks.append(_words(values, block))
                continue
            built = build_figure(context.for_figure(block, chapter.file, "../", listed))
            blocks.append(evolve(_keyed(built, built.kind, taken), line=block.line))
            for sub in built.pages:
                held = tuple(evolve(_keyed(b, f"{sub.slug}-{b.kind}", taken), line=block.line) for b in sub.built)
                below.append(pages.BuiltPage(sub.title, sub.slug, held, tab=False, group=title))
        made += [pages.BuiltPage(title, page.slug, tuple(blocks)), *below]
    return pages.BuiltChapter(chapter, number, tuple(made), values.rows)


def _words(values: Values, prose: Prose) -> Words:
    """Prose with its values filled in, and where they came from."""
    chapter = values.chapter
    written = write(prose.markdown, values, tuple(chapter.indicators), file=chapter.file, line=prose.line)
    named = {s.asked.name for s in written.said if s.asked.field}
    used = {n: m for n, m in values.used.items() if n in named}
    measures = tuple(dict.fromkeys((m.indicator.id, m.indicator.name) for m in used.values()))
    return Words.of(written, chapter, measures=measures, cited=tuple(sorted({c for m in used.values() for c in m.cited})))


def _keyed(built: Built, wanted: str, taken: set[str]) -> Built:
    """The figure with a name of its own in the chapter, for its files and its place on the page."""
    base = wanted.replace("_", "-")
    key = next(k for n in range(1, 10_000) if (k := base if n == 1 else f"{base}-{n}") not in taken)
    taken.add(key)
    return evolve(built, key=key)


def _used(built: Sequence[pages.BuiltChapter]) -> dict[str, list[tuple[str, str]]]:
    """Where each measure is shown: title and address."""
    used: dict[str, list[tuple[str, str]]] = {}
    for chapter in built:
        for page in chapter.pages:
            for block in page.blocks:
                if isinstance(block, Words):
                    for name, _ in block.measures:
                        used.setdefault(name, []).append((f"{chapter.chapter.title}: {page.title}", f"{chapter.chapter.slug}/{page.file}"))
                if isinstance(block, Built) and block.rows is not None and "indicator" in block.rows.columns:
                    for name in sorted(set(block.rows["indicator"])):
                        entry = (f"{chapter.chapter.title}: {page.title}", f"{chapter.chapter.slug}/{page.file}")
                        if entry not in used.setdefault(str(name), []) and page.tab:
                            used[str(name)].append(entry)
    return used


def _owed(lines: tuple[str, ...], cited: Sequence[Citation]) -> tuple[str, ...]:
    """The lines owed to the publishers: those of the packs, and one for each publisher that none of them names."""
    owed = [*lines, *(c.attribution for c in cited if c.attribution)]
    for c in cited:
        if not any(c.publisher in line for line in owed):
            owed.append(f"Source: {c.publisher}, {licence_words(c.licence)}" if c.licence else f"Source: {c.publisher}")
    return tuple(dict.fromkeys(owed))


def _no_options() -> Any:
    from jsnakit.chapters import Options

    return Options()


def _shapes_or_none(context: Context, area_type: str) -> tuple[Any, ...]:
    try:
        return context.shapes(area_type)[0]
    except Absent:
        return ()


def _known(data: Data, name: str) -> Any:
    try:
        return data.indicator(name)
    except UnknownIndicatorError:
        return None
