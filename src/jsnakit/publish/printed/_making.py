"""From a document's plain values to the bytes of a PDF: one static Typst template, the fonts of two packages, and a fixed time."""

from __future__ import annotations

import datetime as dt
import functools
import json
import re
import unicodedata
from importlib import metadata, resources
from typing import Any, Final

from jsnakit.errors import DataError, MissingExtraError
from jsnakit.publish import pages
from jsnakit.publish.panels._markup import plain_text
from jsnakit.publish.printed._content import document_of
from jsnakit.publish.printed._reading import Node

__all__ = ["chapter_pdf", "fingerprint", "require", "whole_pdf"]

STANDARDS: Final = ("ua-1", "a-2a")
"""What every document is held to while it is made: universal accessibility, and archiving with full structure."""

_FONTS: Final = ("font_source_sans_pro", "font_source_serif_pro")
_NOTHING: Final = ("Cc", "Co", "Cs")
_NO_GLYPH: Final = re.compile(r'the text `"(.+?)"` could not be displayed')


def chapter_pdf(site: pages.Site, built: pages.BuiltChapter) -> bytes:
    """One chapter as a PDF: a summary of two pages that stands alone, then all its words and figures. Equal chapters give equal bytes.

    Raises `MissingExtraError` without the extra `pdf`, `DataError` for a character that the fonts do not have.
    """
    return _compiled(document_of(site, [built], whole=False), f"the chapter {built.chapter.title}")


def whole_pdf(site: pages.Site) -> bytes:
    """All chapters of a site as one PDF, with a cover and contents. Raises as `chapter_pdf` does."""
    return _compiled(document_of(site, site.chapters, whole=True), "the whole assessment")


def require() -> None:
    """Raise `MissingExtraError` where the extra `pdf` is not installed."""
    _typst()
    _fonts()


def fingerprint() -> str:
    """The versions of what the bytes of a PDF depend on besides jsnakit itself. Raises as `require` does."""
    require()
    return " ".join(f"{name} {metadata.version(name)}" for name in ("typst", *(f.replace("_", "-") for f in _FONTS)))


def _missing(error: ImportError) -> MissingExtraError:
    return MissingExtraError(f"a PDF needs {error.name or 'typst'}, which is not installed", hint="pip install 'jsnakit[pdf]'", extra="pdf")


def _typst() -> Any:
    try:
        import typst
    except ImportError as error:
        raise _missing(error) from error
    return typst


@functools.lru_cache(maxsize=1)
def _fonts() -> Any:
    """The fonts of the two packages, read once: no font of the machine may change a page."""
    typst = _typst()
    try:
        folders = [str(resources.files(name) / "files") for name in _FONTS]
    except ImportError as error:
        raise _missing(error) from error
    return typst.Fonts(include_system_fonts=False, font_paths=folders)


@functools.lru_cache(maxsize=1)
def _template() -> bytes:
    return resources.files("jsnakit.publish.printed").joinpath("chapter.typ").read_bytes()


def _archivable(value: Any) -> Any:
    """A value with all its texts, without characters that stand for nothing (controls, private use, half of a pair): an archived document may not hold them."""
    if isinstance(value, str):
        return (
            value
            if value.isascii() and value.isprintable()
            else "".join(c for c in plain_text(value) if unicodedata.category(c) not in _NOTHING or c in "\n\t")
        )
    if isinstance(value, dict):
        return {k: _archivable(v) for k, v in value.items()}
    return [_archivable(v) for v in value] if isinstance(value, list | tuple) else value


def _compiled(document: Node, what: str) -> bytes:
    typst, fonts = _typst(), _fonts()
    when = document["date"]
    # Nothing of a document is ever written into the program: it reaches it as one value.
    given = {"data": json.dumps(_archivable(document), ensure_ascii=False, sort_keys=True)}
    year, month, day = when or (1970, 1, 1)
    stamp = dt.datetime(year, month, day, tzinfo=dt.UTC)
    try:
        made: bytes = typst.compile(_template(), font_paths=fonts, sys_inputs=given, pdf_standards=list(STANDARDS), timestamp=stamp)
    except typst.TypstError as error:
        found = _NO_GLYPH.search(str(error))
        if found is None:
            raise
        raise DataError(
            f"the PDF of {what} cannot print {found[1]!r}: the fonts have no sign for it", hint="take the character out of the text or the name, or build without PDFs"
        ) from error  # fmt: skip
    return made
