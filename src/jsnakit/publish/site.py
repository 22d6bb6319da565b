"""From chapters and data to a folder of static pages: built beside, then renamed, so that a kill leaves the old site."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

from attrs import asdict, evolve, frozen

from jsnakit.chapters import Chapter, ChapterState
from jsnakit.errors import SettingsError
from jsnakit.observations import SCHEMA_VERSION
from jsnakit.publish import folder, pages, printed
from jsnakit.publish.assembly import chapter_files, chapter_of, context_of, missing_of, site_files, site_of, version, with_pdfs
from jsnakit.publish.checks import CheckReport, Missing, NoValue, Untrue, checked, untrue_of, without_value_of
from jsnakit.publish.data import Data, SiteInfo
from jsnakit.publish.folder import MANIFEST

__all__ = ["MANIFEST", "SiteReport", "build", "check", "report_of"]


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
    `SettingsError` if `out` holds something that is not a site or no chapter can be published, `MissingExtraError` where PDFs are asked for without the extra `pdf`,
    `CacheWriteError` if it cannot be written.
    """
    out = Path(out)
    chosen = tuple(c for c in chapters if drafts or c.state is not ChapterState.DRAFT)
    left_out = tuple(c.title for c in chapters if c not in chosen)
    if not chosen:
        raise SettingsError(
            "no chapter is ready to be published: all are drafts" if left_out else "there is no chapter",
            hint='build with drafts, or set state = "in_review" in a chapter',
        )
    if site.pdf:
        printed.require()
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
    context = context_of(chapters, data, site)
    built = [chapter_of(context, c, n) for n, c in enumerate(chapters, 1)]
    return checked([(b.chapter, b.words, missing_of(b)) for b in built])


# -- what goes in --------------------------------------------------------------------------------------------------------------------


def _inputs(chapters: Sequence[Chapter], data: Data, site: SiteInfo, fingerprint: str) -> str:
    """One digest of everything that a site is made from, the code that makes it included."""
    digest = hashlib.sha256()
    for part in (
        fingerprint,
        repr(site),
        repr(data.place),
        version(),
        printed.fingerprint() if site.pdf else "",
        *(repr(evolve(c, file=Path(c.file).name)) for c in chapters),
    ):
        digest.update(part.encode())
        digest.update(b"\x00")
    root = Path(str(resources.files("jsnakit")))
    for path in sorted(p for p in root.rglob("*") if p.suffix in (".py", ".css", ".js", ".toml", ".typ", ".csv")):
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
    context = context_of(chapters, data, info)
    built = tuple(chapter_of(context, c, n) for n, c in enumerate(chapters, 1))
    site = site_of(context, built, info)
    files: dict[str, bytes] = {}
    for chapter in built:
        files |= chapter_files(site, context, chapter)
    site, whole = with_pdfs(site, files)
    files |= whole | site_files(site, data) | {"publications.html": pages.publications_page(site).encode()}
    return files, report_of(out, built, files)


def report_of(out: Path, built: Sequence[pages.BuiltChapter], files: Mapping[str, Any]) -> SiteReport:
    """What was made, and what of it is missing, untrue or without a value."""
    missing = tuple(m for c in built for m in missing_of(c))
    return SiteReport(
        folder=out, pages=sum(name.endswith(".html") for name in files), figures=sum(len(c.figures) for c in built) - len(missing), files=len(files), missing=missing,
        untrue=tuple(u for c in built for u in untrue_of(c.chapter, c.words)), without_value=tuple(n for c in built for n in without_value_of(c.chapter, c.words)),
    )  # fmt: skip
