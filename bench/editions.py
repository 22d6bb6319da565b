"""What an edition costs: `nox -s bench -- editions [--json FILE] [--months 24]`. Its PDFs, beside the same pages printed by WeasyPrint in the same run; and many editions on the shelf, beside one.

The four chapters of the demonstration for Blackpool, from the sample pack. PDF: CPU seconds and bytes of each chapter by jsnakit (Typst, held to PDF/UA-1 and PDF/A-2a), whether a second making gives the same
bytes, and CPU seconds of WeasyPrint for all pages of the two smallest chapters, asked for PDF/UA-1 (it takes minutes for the maps of the others); each per page of paper, since the two do not fill as many.
WeasyPrint needs Pango on the machine; without it its part is left out and said to be. Size: an edition a month, PDFs among it, in which nothing changes.
Aims: at most 1 CPU second for 27 pages; each unchanged month adds less than 1 % of the first edition.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jsnakit._site_data import WorkspaceData, site_info
from jsnakit.chapters import new_project, read_chapters
from jsnakit.publish import pages
from jsnakit.publish.assembly import chapter_of, context_of, site_of
from jsnakit.publish.pdfs import PdfNote
from jsnakit.publish.printed import chapter_pdf, require
from jsnakit.workspace import Workspace, authority

AIM = 1 / 27
GROWTH = 0.01
COMPARED = ("place", "health-profile")


def cpu(make: Callable[[], bytes]) -> tuple[float, bytes]:
    """CPU seconds of a making, and what it made."""
    begin = time.process_time()
    made = make()
    return time.process_time() - begin, made


def demonstration(folder: Path) -> pages.Site:
    """The chapters of a new project, built in memory."""
    new_project(folder, authority("Blackpool", None), edition="2026-11")
    workspace = Workspace(folder)
    data, info = WorkspaceData(workspace), site_info(workspace)
    chapters = read_chapters(folder / "chapters")
    context = context_of(chapters, data, info)
    return site_of(context, tuple(chapter_of(context, c, n) for n, c in enumerate(chapters, 1)), info)


def by_weasyprint(site: pages.Site, built: pages.BuiltChapter) -> Callable[[], bytes] | None:
    """The same chapter's pages printed by WeasyPrint as one document; null where it cannot run on this machine."""
    try:
        import weasyprint
    except (ImportError, OSError):
        return None
    texts = [pages.chapter_page(site, built, page) for page in built.pages]

    def make() -> bytes:
        parts = [weasyprint.HTML(string=text).render(pdf_variant="pdf/ua-1") for text in texts]
        whole = parts[0].copy([page for part in parts for page in part.pages])
        made: bytes = whole.write_pdf(pdf_variant="pdf/ua-1")
        return made

    return make


def measured(site: pages.Site, built: pages.BuiltChapter) -> dict[str, Any]:
    """One chapter by both."""
    seconds, ours = cpu(lambda: chapter_pdf(site, built))
    again = chapter_pdf(site, built)
    found: dict[str, Any] = {
        "chapter": built.chapter.title, "pages": PdfNote.of("", ours).pages, "bytes": len(ours), "cpu": round(seconds, 3), "same_bytes": ours == again,
    }  # fmt: skip
    if built.chapter.slug in COMPARED and (other := by_weasyprint(site, built)) is not None:
        theirs, made = cpu(other)
        # Its page records are packed, so that they are counted by a reader.
        import pypdfium2

        found |= {"weasyprint_pages": len(pypdfium2.PdfDocument(made)), "weasyprint_bytes": len(made), "weasyprint_cpu": round(theirs, 3)}
    return found


def stored(folder: Path) -> int:
    """The bytes of a shelf."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def by_month(folder: Path, months: int) -> list[dict[str, Any]]:
    """An edition a month of a project in which nothing changes: the bytes on the shelf after each, and the CPU seconds of its making."""
    new_project(folder, authority("Blackpool", None), edition="2026-11")
    found = []
    for n in range(months):
        name = f"{2025 + n // 12}-{n % 12 + 1:02d}"
        begin = time.process_time()
        Workspace(folder).publish(name, folder / "published", on=dt.date(2025 + n // 12, n % 12 + 1, 5), pdf=True)
        found.append({"edition": name, "shelf": stored(folder / "editions"), "cpu": round(time.process_time() - begin, 2)})
    return found


def main() -> None:
    """Measure, print, and write what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--months", type=int, default=24)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        site = demonstration(Path(folder) / "jsna")
        require()
        found = [measured(site, built) for built in site.chapters]
    for row in found:
        said = f"{row['chapter']}: {row['pages']} pages, {row['bytes'] / 1e6:.2f} MB, {row['cpu']:.2f} CPU s, {row['cpu'] / row['pages']:.3f} a page; same bytes again: {row['same_bytes']}"
        if "weasyprint_cpu" in row:
            said += f"; WeasyPrint: {row['weasyprint_pages']} pages, {row['weasyprint_bytes'] / 1e6:.2f} MB, {row['weasyprint_cpu']:.2f} CPU s, {row['weasyprint_cpu'] / row['weasyprint_pages']:.3f} a page"
        print(said)
    if not any("weasyprint_cpu" in row for row in found):
        print("WeasyPrint cannot run on this machine (it needs Pango), and was left out")
    a_page = sum(r["cpu"] for r in found) / sum(r["pages"] for r in found)
    print(f"all: {a_page:.3f} CPU s a page, aim {AIM:.3f}: {'held' if a_page <= AIM else 'MISSED'}")
    with tempfile.TemporaryDirectory() as folder:
        kept = by_month(Path(folder) / "jsna", asked.months)
    first, last = kept[0]["shelf"], kept[-1]["shelf"]
    growth = (last - first) / first / max(1, len(kept) - 1)
    print(f"{len(kept)} editions, nothing changed: {last / 1e6:.1f} MB, {last / first:.3f} x the first ({first / 1e6:.1f} MB)")
    print(f"each unchanged month: {growth:.2%} of the first, aim {GROWTH:.0%}: {'held' if growth < GROWTH else 'MISSED'}")
    if asked.json:
        asked.json.write_text(json.dumps({"pdf": found, "editions": kept}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
