"""Editions: a new one is made, kept on the shelf, and set beside those before it in one site whose older parts never change."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from attrs import evolve, frozen

from jsnakit import disk
from jsnakit.chapters import Chapter, ChapterState
from jsnakit.editions import Changes, Edition, Shelf, checked_name, compare, digest_of, edition_key
from jsnakit.errors import SettingsError
from jsnakit.observations import SCHEMA_VERSION
from jsnakit.publish import folder, pages, printed
from jsnakit.publish.assembly import chapter_files, chapter_of, context_of, site_files, site_of, version, with_pdfs
from jsnakit.publish.changed import changes_files
from jsnakit.publish.data import Data, SiteInfo
from jsnakit.publish.feed import FEED, feed
from jsnakit.publish.figures import Context
from jsnakit.publish.folder import MANIFEST
from jsnakit.publish.keeping import kept_chapter, kept_measures, standings_of
from jsnakit.publish.publications import EARLIER, EarlierFile, library_page, read_earlier, redirects
from jsnakit.publish.site import SiteReport, report_of
from jsnakit.settings import Coming, Earlier

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["EditionReport", "lay_out", "publish_edition", "since_last"]


@frozen(kw_only=True)
class EditionReport:
    """What was published: the edition, the report of its pages, what changed since the one before (null for the first), and whether it is new on the shelf."""

    edition: Edition
    site: SiteReport
    changes: Changes | None
    new: bool

    @property
    def index(self) -> Path:
        """The page to open."""
        return self.site.folder / self.edition.name / "index.html"

    def __str__(self) -> str:
        said = (
            f"edition {self.edition.name}: {self.site}"
            if self.new
            else f"edition {self.edition.name} was published on {self.edition.published} and has not changed"
        )
        return f"{said}\nsince {self.changes.before}: {self.changes.summary}" if self.changes is not None else said


def publish_edition(
    chapters: Sequence[Chapter], data: Data, out: Path | str, info: SiteInfo, shelf: Shelf, *, name: str, on: dt.date, earlier: Sequence[Earlier] = (), home: Path | str = ""
) -> EditionReport:  # fmt: skip
    """Make the edition `name` of all chapters that are no drafts, keep it on the shelf, and lay out the site of all editions in the folder `out`.

    A chapter that comes out as in the edition before keeps its pages, and the edition that they name. `earlier` are PDFs from before this tool, in the folder `home`. An edition
    that is kept already stays as it is. Raises `EditionConflictError` where the name is taken by another, `InvalidValueError` for a name that is none or is older than the newest,
    `ChapterError` for a measure or target that does not exist, `SettingsError` if no chapter can be published or `out` holds something else, `MissingExtraError` where PDFs are
    asked for without the extra `pdf`, `CacheWriteError`.
    """
    out, name = Path(out), checked_name(name)
    chosen, info = _ready(chapters, info)
    before = read_earlier(earlier, home, shelf)
    if info.pdf:
        printed.require()
    with folder.held(out), shelf.held():
        folder.guard(out, "editions")
        previous = shelf.newest(before=name)
        made = _made(chosen, data, info, name, previous)
        record, tables = _recorded(made, name)
        changes = _compared(shelf, previous, record, tables) if previous else None
        site = evolve(made.site, past=_past(shelf, name), changed=changes.summary if changes is not None else "")
        site, whole = with_pdfs(site, made.files, made.since)
        files = made.files | whole | site_files(site, data)
        if changes:
            files |= changes_files(site, record, changes, data.area_name)
        record = evolve(
            record, published=on, previous=previous.name if previous else "", earlier={b.entry.file: b.sha256 for b in before},
            files={path: digest_of(content) for path, content in sorted(files.items())}, summary=changes.summary if changes is not None else "",
        )  # fmt: skip
        new = shelf.keep(record, tables | {digest_of(content): content for content in files.values()})
        _lay_out(out, site, shelf, before)
        return EditionReport(edition=shelf.edition(name), site=report_of(out, site.chapters, files), changes=changes, new=new)


def lay_out(out: Path | str, data: Data, info: SiteInfo, shelf: Shelf, *, earlier: Sequence[Earlier] = (), home: Path | str = "") -> int:
    """Make the site of all editions in the folder `out` again from the shelf, and return how many editions are in it.

    Raises `SettingsError` where the shelf is empty or `out` holds something else, `DataError` where the shelf is damaged, `CacheWriteError`.
    """
    out = Path(out)
    if shelf.newest() is None:
        raise SettingsError(f"{shelf.folder} holds no edition", hint="publish one: jsnakit build --edition 2026-11", file=str(shelf.folder))
    before = read_earlier(earlier, home, shelf)
    with folder.held(out):
        folder.guard(out, "editions")
        return _lay_out(out, pages.Site(info, data.place, version=version()), shelf, before)


def since_last(chapters: Sequence[Chapter], data: Data, info: SiteInfo, shelf: Shelf) -> Changes | None:
    """What an edition made now would change since the newest, with nothing published; null where there is none before. Raises as `publish_edition` does."""
    previous = shelf.newest()
    if previous is None:
        return None
    chosen, info = _ready(chapters, info)
    context = context_of(chosen, data, info)
    built = tuple(chapter_of(context, c, n) for n, c in enumerate(chosen, 1))
    made = _Made(context=context, site=site_of(context, built, info), files={}, since={})
    return evolve(_compared(shelf, previous, *_recorded(made, _LAST)), after="now")


# -- making --------------------------------------------------------------------------------------------------------------------------

_LAST: Final = "9999-12"


@frozen(kw_only=True, eq=False)
class _Made:
    """An edition in memory: its site, the files of its chapters, and since when each chapter stands as it is."""

    context: Context
    site: pages.Site
    files: dict[str, bytes]
    since: dict[str, str]


def _ready(chapters: Sequence[Chapter], info: SiteInfo) -> tuple[tuple[Chapter, ...], SiteInfo]:
    """The chapters that may be published; drafts are named as coming, unless the settings name them."""
    chosen = tuple(c for c in chapters if c.state is not ChapterState.DRAFT)
    if not chosen:
        raise SettingsError(
            "no chapter is ready to be published: all are drafts" if chapters else "there is no chapter",
            hint='set state = "approved" in a chapter that is',
        )
    named = {c.title.casefold() for c in info.coming}
    drafts = tuple(Coming(title=c.title) for c in chapters if c not in chosen and c.title.casefold() not in named)
    return chosen, evolve(info, coming=(*info.coming, *drafts))


def _made(chapters: Sequence[Chapter], data: Data, info: SiteInfo, name: str, previous: Edition | None) -> _Made:
    """Every chapter as of the edition it last changed in: made first as the edition before had it, and once more where that is not what is on the shelf."""
    context = context_of(chapters, data, info)
    since = {c.slug: kept.since if previous and (kept := previous.chapter(c.slug)) else name for c in chapters}
    built = {c.slug: _as_of(context, c, n, since[c.slug]) for n, c in enumerate(chapters, 1)}
    files: dict[str, bytes] = {}
    for number, chapter in enumerate(chapters, 1):
        slug = chapter.slug
        made = _files_of(context, built, info, since[slug], slug)
        if previous is not None and since[slug] != name and _below(previous, slug) != {path: digest_of(content) for path, content in made.items()}:
            since[slug] = name
            built[slug] = _as_of(context, chapter, number, name)
            made = _files_of(context, built, info, name, slug)
        files |= made
    return _Made(context=context, site=site_of(context, tuple(built.values()), evolve(info, edition=name)), files=files, since=since)


def _as_of(context: Context, chapter: Chapter, number: int, edition: str) -> pages.BuiltChapter:
    return chapter_of(evolve(context, site=evolve(context.site, edition=edition)), chapter, number)


def _files_of(context: Context, built: Mapping[str, pages.BuiltChapter], info: SiteInfo, edition: str, slug: str) -> dict[str, bytes]:
    site = site_of(context, tuple(built.values()), evolve(info, edition=edition))
    # A chapter's pages know that there are other editions, and none by name: they stay when another is added.
    return chapter_files(evolve(site, past=()), context, built[slug])


def _below(edition: Edition, slug: str) -> dict[str, str]:
    return {path: sha for path, sha in edition.files.items() if path.startswith(f"{slug}/")}


def _recorded(made: _Made, name: str) -> tuple[Edition, dict[str, bytes]]:
    """What an edition says of itself, without its files; and the figures behind it by their sha256."""
    context, built, info = made.context, made.site.chapters, made.site.info
    measures, tables = kept_measures(context, built)
    place = context.data.place
    record = Edition(
        name=name, published=dt.date.min, place=place.name or place.code, area=place.code, area_type=place.type, title=info.title, council=info.council,
        chapters=tuple(kept_chapter(c, made.since.get(c.chapter.slug, name)) for c in built), measures=measures, standings=standings_of(context, built, measures),
    )  # fmt: skip
    return record, tables


def _compared(shelf: Shelf, previous: Edition, record: Edition, tables: Mapping[str, bytes]) -> Changes:
    def table(edition: Edition, measure: str) -> pa.Table | None:
        found = edition.measure(measure)
        if edition is record and found is not None and found.data in tables:
            return disk.read_parquet(tables[found.data])
        return shelf.table(measure, edition)

    return compare(previous, record, table)


def _past(shelf: Shelf, name: str) -> tuple[pages.PastEdition, ...]:
    return tuple(
        pages.PastEdition(e.name, tuple(c.title for c in e.chapters))
        for e in shelf.editions()
        if edition_key(e.name) < edition_key(name) and not e.withdrawn
    )


# -- laying out ----------------------------------------------------------------------------------------------------------------------


def _lay_out(out: Path, site: pages.Site, shelf: Shelf, before: Sequence[EarlierFile]) -> int:
    """Every edition in a folder of its name, and beside them what leads to them: all of it put in place by one rename."""
    editions = shelf.editions()
    shown = [e for e in editions if not e.withdrawn]
    newest = shown[-1]
    for sha in sorted({sha for e in shown for sha in e.files.values()}):
        shelf.read(sha)
    files: dict[str, bytes | Path] = {f"{e.name}/{path}": shelf.path(sha) for e in shown for path, sha in e.files.items()}
    files |= {f"{EARLIER}/{b.name}": b.data for b in before}
    at_root = evolve(site, past=(), info=evolve(site.info, edition=newest.name))
    files["publications.html"] = library_page(at_root, editions, before).encode()
    files[FEED] = feed(site.info, editions)
    files |= redirects(site, shown)
    listed = {name: digest_of(content) for name, content in files.items() if isinstance(content, bytes)}
    listed |= {f"{e.name}/{path}": sha for e in shown for path, sha in e.files.items()}
    manifest = {"schema_version": SCHEMA_VERSION, "kind": "editions", "editions": [e.name for e in shown], "files": listed}
    files[MANIFEST] = (json.dumps(manifest, indent=1, ensure_ascii=False, sort_keys=True) + "\n").encode()
    folder.replace(out, files)
    return len(shown)
