"""From chapters and data to a folder of static pages: built beside, then renamed, so that a kill leaves the old site."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from importlib import metadata, resources
from pathlib import Path
from typing import Any

from attrs import asdict, evolve, frozen

from jsnakit.chapters import Chapter, ChapterState, Prose, write
from jsnakit.chapters import Figure as FigureBlock
from jsnakit.chapters.options import Specialties
from jsnakit.errors import SettingsError, UnknownIndicatorError
from jsnakit.observations import SCHEMA_VERSION
from jsnakit.publish import folder, pages, scripts
from jsnakit.publish._words import licence_words
from jsnakit.publish.checks import CheckReport, Missing, NoValue, Untrue, Words, checked, untrue_of, without_value_of
from jsnakit.publish.data import Citation, Data, SiteInfo
from jsnakit.publish.downloads import of_chapter, of_figure
from jsnakit.publish.figures import Built, Context, build_figure
from jsnakit.publish.figures.context import Absent
from jsnakit.publish.folder import MANIFEST
from jsnakit.publish.searching import entries, search_page
from jsnakit.publish.values import Values
from jsnakit.settings import Assets

__all__ = ["MANIFEST", "SiteReport", "build", "check"]


@frozen(kw_only=True)
class SiteReport:
    """What a build made: the folder, how many pages, figures and files, what is missing and why, which drafts were left out.

    `untrue` are the sentences whose claim the figures do not bear out: what is printed in them is what the figures say. `without_value` are names in prose that have no figure.
    """

    folder: Path
    pages: int
    figures: int
    files: int
    missing: tuple[Missing, ...] = ()
    drafts_left_out: tuple[str, ...] = ()
    unchanged: bool = False
    untrue: tuple[Untrue, ...] = ()
    without_value: tuple[NoValue, ...] = ()

    @property
    def false_claims(self) -> tuple[Untrue, ...]:
        """The untrue sentences of chapters that are no drafts: those for which `jsnakit build --strict` fails."""
        return tuple(u for u in self.untrue if u.state is not ChapterState.DRAFT)

    @property
    def index(self) -> Path:
        """The page to open."""
        return self.folder / "index.html"

    def __str__(self) -> str:
        said = f"{self.pages} pages with {self.figures} figures in {self.folder}"
        if self.missing:
            said += f"; {len(self.missing)} figures could not be drawn for this area (the pages say why)"
        if self.untrue:
            said += f"; {len(self.untrue)} {'sentence claims' if len(self.untrue) == 1 else 'sentences claim'} what the figures do not say (`jsnakit check` lists them)"
        if self.drafts_left_out:
            said += f"; drafts left out: {', '.join(self.drafts_left_out)}"
        return said + ("; nothing had changed" if self.unchanged else "")


def build(chapters: Sequence[Chapter], data: Data, out: Path | str, site: SiteInfo, *, drafts: bool = False, fingerprint: str = "") -> SiteReport:
    """Publish chapters into the folder `out`, replacing the site that is there.

    `fingerprint` stands for the state of the data (lock, packs): if it, the chapters, the words of the site and jsnakit itself are those of the site that is there, and no
    file of it was touched, nothing is done. `drafts` publishes chapters in draft as well, watermarked. Raises `ChapterError` for a measure or target that does not exist,
    `SettingsError` if `out` holds something that is not a site or no chapter can be published, `CacheWriteError` if it cannot be written.
    """
    out = Path(out)
    chosen = tuple(c for c in chapters if drafts or c.state is not ChapterState.DRAFT)
    left_out = tuple(c.title for c in chapters if c not in chosen)
    if not chosen:
        raise SettingsError(
            "no chapter is ready to be published: all are drafts" if left_out else "there is no chapter",
            hint='build with drafts, or set state = "in_review" in a chapter',
        )
    with folder.held(out):
        folder.guard(out)
        inputs = _inputs(chosen, data, site, fingerprint) if fingerprint else ""
        if inputs and (report := _unchanged(out, inputs, left_out)) is not None:
            return report
        files, report = _pages(chosen, data, site, out)
        report = evolve(report, drafts_left_out=left_out)
        files[MANIFEST] = _manifest(files, report, inputs)
        folder.replace(out, files)
        return evolve(report, files=len(files))


def _manifest(files: Mapping[str, bytes], report: SiteReport, inputs: str) -> bytes:
    """What a site says of itself: what it was made from, every file with its sha256, and what its report said."""
    listed = {name: hashlib.sha256(content).hexdigest() for name, content in sorted(files.items())}
    manifest = {
        "schema_version": SCHEMA_VERSION, "inputs": inputs, "pages": report.pages, "figures": report.figures, "missing": [asdict(m) for m in report.missing], "files": listed,
        "untrue": [asdict(u) for u in report.untrue], "without_value": [asdict(n) for n in report.without_value],
    }  # fmt: skip
    return (json.dumps(manifest, indent=1, ensure_ascii=False, sort_keys=True) + "\n").encode()


def check(chapters: Sequence[Chapter], data: Data, site: SiteInfo) -> CheckReport:
    """Look at chapters, drafts too, as `build` would make them, and say which sentences are not true, which names have no value and which figures cannot be drawn.

    Raises `ChapterError` as `build` does. Nothing is written.
    """
    if not chapters:
        return CheckReport()
    context = _context(chapters, data, site)
    built = [_chapter(context, c, n) for n, c in enumerate(chapters, 1)]
    return checked([(b.chapter, b.words, _missing(b)) for b in built])


# -- what goes in --------------------------------------------------------------------------------------------------------------------


def _version() -> str:
    try:
        return metadata.version("jsnakit")
    except metadata.PackageNotFoundError:
        return ""


def _inputs(chapters: Sequence[Chapter], data: Data, site: SiteInfo, fingerprint: str) -> str:
    """One digest of everything that a site is made from, the code that makes it included."""
    digest = hashlib.sha256()
    for part in (fingerprint, repr(site), repr(data.place), _version(), *(repr(evolve(c, file=Path(c.file).name)) for c in chapters)):
        digest.update(part.encode())
        digest.update(b"\x00")
    root = Path(str(resources.files("jsnakit")))
    for path in sorted(p for p in root.rglob("*") if p.suffix in (".py", ".css", ".js", ".toml", ".csv")):
        digest.update(path.relative_to(root).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _unchanged(out: Path, inputs: str, left_out: tuple[str, ...]) -> SiteReport | None:
    """The report of the site that is there, if it was made from the same and nobody touched it."""
    try:
        manifest = json.loads((out / MANIFEST).read_text(encoding="utf-8"))
        if manifest["inputs"] != inputs:
            return None
        for name, sha in manifest["files"].items():
            if hashlib.sha256((out / name).read_bytes()).hexdigest() != sha:
                return None
        missing = tuple(Missing(**m) for m in manifest["missing"])
        untrue = tuple(Untrue(**(u | {"state": ChapterState(u["state"])})) for u in manifest["untrue"])
        return SiteReport(
            folder=out,
            pages=manifest["pages"],
            figures=manifest["figures"],
            files=len(manifest["files"]) + 1,
            missing=missing,
            drafts_left_out=left_out,
            unchanged=True,
            untrue=untrue,
            without_value=tuple(NoValue(**n) for n in manifest["without_value"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


# -- pages ---------------------------------------------------------------------------------------------------------------------------


def _pages(chapters: Sequence[Chapter], data: Data, info: SiteInfo, out: Path) -> tuple[dict[str, bytes], SiteReport]:
    context = _context(chapters, data, info)
    built = tuple(_chapter(context, c, n) for n, c in enumerate(chapters, 1))
    try:
        land, _ = context.shapes("region")
        own = next((s for kind in (data.place.type, "ltla", "utla") for s in _shapes_or_none(context, kind) if s.code == data.place.code), None)
    except Absent:
        land, own = (), None
    cited = sorted(
        {c for chapter in built for f in chapter.figures for c in f.notes.cited} | {c for chapter in built for w in chapter.words for c in w.cited}
    )
    info = evolve(info, attribution=_owed(info.attribution, cited))
    site = pages.Site(info, data.place, built, context.region(), land, own, _version())
    files: dict[str, bytes] = {}
    if info.assets is Assets.SPLIT:
        files |= {"app.css": scripts.style().encode(), "app.js": scripts.source(scripts.FILES).encode()}
    for chapter in built:
        slug = chapter.chapter.slug
        for page in chapter.pages:
            files[f"{slug}/{page.file}"] = pages.chapter_page(site, chapter, page).encode()
        for figure in chapter.figures:
            files |= of_figure(context, slug, figure)
        files |= of_chapter(context, chapter.chapter, chapter.figures, info)
    used = _used(built)
    indicators = [i for name in sorted(used) if (i := _known(data, name)) is not None]
    files["search.html"] = search_page(site, entries(site, indicators)).encode()
    files["data.html"] = pages.data_page(site, indicators, used, cited).encode()
    for name, make in (
        ("index.html", pages.index_page), ("publications.html", pages.publications_page), ("how-to-read.html", pages.reading_page),
        ("glossary.html", pages.glossary_page), ("about.html", pages.about_page),
    ):  # fmt: skip
        files[name] = make(site).encode()
    figures = [(c, f) for c in built for f in c.figures]
    missing = tuple(m for c in built for m in _missing(c))
    count = sum(name.endswith(".html") for name in files)
    return files, SiteReport(
        folder=out, pages=count, figures=len(figures) - len(missing), files=len(files), missing=missing,
        untrue=tuple(u for c in built for u in untrue_of(c.chapter, c.words)), without_value=tuple(n for c in built for n in without_value_of(c.chapter, c.words)),
    )  # fmt: skip


def _context(chapters: Sequence[Chapter], data: Data, info: SiteInfo) -> Context:
    first = FigureBlock("headline", next(iter(c.figures[0].options for c in chapters if c.figures), None) or _no_options())
    return Context(data, info, first)


def _missing(chapter: pages.BuiltChapter) -> tuple[Missing, ...]:
    name = Path(chapter.chapter.file).name
    return tuple(
        Missing(chapter=chapter.chapter.title, figure=f.finding, reason=f.absent, file=name, line=f.line, panel=f.kind)
        for f in chapter.figures if f.absent
    )  # fmt: skip


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


def _chapter(context: Context, chapter: Chapter, number: int) -> pages.BuiltChapter:
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
    return pages.BuiltChapter(chapter, number, tuple(made))


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
