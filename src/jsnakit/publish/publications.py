"""What stands beside the editions: the list of all of them, assessments from before this tool, and addresses that always lead to the newest."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Final

from attrs import frozen

from jsnakit import disk
from jsnakit.editions import Edition, Shelf, digest_of
from jsnakit.errors import SettingsError
from jsnakit.publish import pages
from jsnakit.publish._words import day, edition_words, listed, size_words
from jsnakit.publish.panels._markup import Child, Safe, el, join
from jsnakit.publish.panels._parts import log_table
from jsnakit.settings import Earlier

__all__ = ["EARLIER", "EarlierFile", "library_page", "read_earlier", "redirects", "size_words"]

EARLIER: Final = "earlier"
"""The folder of assessments from before this tool."""

_PDF: Final = b"%PDF-"


@frozen
class EarlierFile:
    """A PDF from before this tool, read: what the settings say of it, its name in the site and its bytes."""

    entry: Earlier
    name: str
    data: bytes
    sha256: str


def read_earlier(entries: Sequence[Earlier], home: Path | str, shelf: Shelf) -> tuple[EarlierFile, ...]:
    """The PDFs that the settings list, newest first. Raises `SettingsError` for one that is not there, is no PDF, or is no longer what the newest edition published."""
    newest = shelf.newest()
    known = newest.earlier if newest else {}
    taken: set[str] = set()
    found = []
    for entry in sorted(entries, key=lambda e: (e.published, e.title), reverse=True):
        path = Path(home) / entry.file
        try:
            data = path.read_bytes()
        except OSError as error:
            raise SettingsError(
                f"the publication {entry.title!r} cannot be read: {path}: {disk.reason(error)}", hint="put the file there, or mend `file` in [[publications]]", file=str(path)
            ) from error  # fmt: skip
        if not data[:1024].lstrip().startswith(_PDF):
            raise SettingsError(f"the publication {entry.title!r} is no PDF: {path}", hint="list PDFs alone in [[publications]]", file=str(path))
        sha = digest_of(data)
        if known.get(entry.file, sha) != sha:
            raise SettingsError(
                f"{path} is no longer the file that was published (sha256 {known[entry.file][:12]} then, {sha[:12]} now)",
                hint="put the old file back, or publish the new one under another name", file=str(path),
            )  # fmt: skip
        found.append(EarlierFile(entry, _named(entry.file, taken), data, sha))
    return tuple(found)


def _named(file: str, taken: set[str]) -> str:
    """A name that stands in an address as it is; two files of one name in two folders get two."""
    stem = re.sub(r"[^a-z0-9]+", "-", PurePosixPath(file.replace("\\", "/")).stem.casefold()).strip("-") or "publication"
    name = next(n for i in range(1, 10_000) if (n := f"{stem}.pdf" if i == 1 else f"{stem}-{i}.pdf") not in taken)
    taken.add(name)
    return name


def library_page(site: pages.Site, editions: Sequence[Edition], before: Sequence[EarlierFile]) -> str:
    """Every edition, newest first, and every assessment from before this tool. The page stands beside the editions, and borrows its dress from the newest."""
    newest = next(e for e in reversed(editions) if not e.withdrawn)
    rows = [_edition(e, current=e is newest) for e in reversed(editions)]
    main = join(
        pages.page_mark(), el("h1", "jp-h1", "Publications"),
        el("p", "jp-lede", f"Every edition of the {site.info.title} of {site.name}. An edition never changes: what was published stays as it was, and can be read and quoted for as long as this site stands."),
        el("section", {"class": "jp-wide", "aria-labelledby": "editions"}, el("h2", {"class": "jp-h2", "id": "editions"}, "Editions"),
           log_table("Editions", ("Edition", "Published", "Chapters", "What changed", "Read"), rows),
           el("p", None, "To quote a page, use its address in the edition. An address that begins with ", el("a", {"href": "latest/index.html"}, "latest"), " always leads to the newest edition. ",
              el("a", {"href": "feed.xml", "type": "application/atom+xml"}, "News of new editions (Atom feed)"), ".")),
        _before(before),
    )  # fmt: skip
    return pages.document(site, title="Publications", root=f"{newest.name}/", current="Publications", main=main, publications="publications.html")


def _edition(edition: Edition, *, current: bool) -> Safe:
    words = edition_words(edition.name)
    head = el("th", {"scope": "row"}, f"{words}, current" if current else words)
    if edition.withdrawn:
        return el("tr", None, head, el("td", None, day(edition.published)), el("td", {"colspan": 3}, f"Withdrawn: {edition.withdrawn}"))
    read: list[Child] = [
        el("a", {"href": f"{edition.name}/index.html", "aria-label": f"Pages of {words}"}, "Pages"),
        " \u00b7 ",
        el("a", {"href": f"{edition.name}/data.html", "aria-label": f"Data of {words}"}, "Data"),
    ]
    for path in sorted(p for p in edition.files if p.endswith(".pdf") and "/" not in p):
        read += [" \u00b7 ", el("a", {"href": f"{edition.name}/{path}", "aria-label": f"PDF of {words}"}, "PDF")]
    changed = (
        el("a", {"href": f"{edition.name}/changes.html"}, edition.summary)
        if "changes.html" in edition.files
        else edition.summary or "The first edition"
    )
    return el(
        "tr", None, head, el("td", None, day(edition.published)), el("td", None, listed([c.title for c in edition.chapters])), el("td", None, changed),
        el("td", None, *read),
    )  # fmt: skip


def _before(before: Sequence[EarlierFile]) -> Safe | None:
    if not before:
        return None
    rows = [
        el("tr", None, el("th", {"scope": "row"}, b.entry.title), el("td", None, day(b.entry.published)), el("td", None, b.entry.description),
           el("td", None, el("a", {"href": f"{EARLIER}/{b.name}", "aria-label": f"{b.entry.title}, PDF"}, f"PDF, {size_words(len(b.data))}")), el("td", "jp-sha", b.sha256[:16]))
        for b in before
    ]  # fmt: skip
    return el(
        "section", {"class": "jp-wide", "aria-labelledby": "earlier"}, el("h2", {"class": "jp-h2", "id": "earlier"}, "From before"),
        el("p", None, "Assessments that were made before this site, kept as they were published. They may not be accessible to everybody: ask for their content in another form."),
        log_table("Assessments from before", ("Title", "Published", "What it is", "Read", "Fingerprint (SHA-256)"), rows),
    )  # fmt: skip


def redirects(site: pages.Site, editions: Sequence[Edition]) -> dict[str, bytes]:
    """The first page of the site and every page below `latest/`: each leads to the newest edition, and there to its first page where the page is no longer there."""
    newest = editions[-1]
    here = {path for path in newest.files if path.endswith(".html")}
    files = {"index.html": _redirect(site, f"{newest.name}/index.html")}
    for path in sorted({p for e in editions for p in e.files if p.endswith(".html")}):
        up = "../" * (path.count("/") + 1)
        files[f"latest/{path}"] = _redirect(site, f"{up}{newest.name}/{path if path in here else 'index.html'}")
    return files


def _redirect(site: pages.Site, address: str) -> bytes:
    name = f"{site.name} {site.info.title}"
    head = el(
        "head", None, el("meta", {"charset": "utf-8"}), el("meta", {"name": "viewport", "content": "width=device-width, initial-scale=1"}),
        el("meta", {"http-equiv": "Content-Security-Policy", "content": "default-src 'none'; base-uri 'none'; form-action 'none'"}),
        el("meta", {"http-equiv": "refresh", "content": f"0; url={address}"}), el("link", {"rel": "canonical", "href": address}), el("title", None, name),
    )  # fmt: skip
    body = el("body", None, el("main", None, el("h1", None, name), el("p", None, el("a", {"href": address}, "The newest edition"))))
    return f"<!doctype html>\n{el('html', {'lang': 'en-GB'}, head, body)}\n".encode()
