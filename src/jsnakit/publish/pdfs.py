"""What a page says of a PDF: its name, how long and how large it is, and of which edition."""

from __future__ import annotations

import re
from typing import Final

from attrs import frozen

from jsnakit.publish._words import edition_words, size_words

__all__ = ["WHOLE", "PdfNote"]

WHOLE: Final = "jsna.pdf"
"""The PDF of all chapters, in the folder of the site."""

_PAGE: Final = re.compile(rb"/Type\s*/Page\b")


@frozen
class PdfNote:
    """A PDF as a page speaks of it.

    >>> PdfNote("living-well/living-well.pdf", 27, 1_234_567, "2026-11").words
    'PDF, 27 pages, 1.2 MB, November 2026'
    """

    path: str
    pages: int
    size: int
    edition: str = ""

    @classmethod
    def of(cls, path: str, data: bytes, edition: str = "") -> PdfNote:
        """What there is to say of a PDF that this package made, whose page records stand open in it."""
        return cls(path, len(_PAGE.findall(data)), len(data), edition)

    @property
    def file(self) -> str:
        """The file name."""
        return self.path.rpartition("/")[2]

    @property
    def words(self) -> str:
        """What stands at the link."""
        said = f"PDF, {self.pages} {'page' if self.pages == 1 else 'pages'}, {size_words(self.size)}"
        return f"{said}, {edition_words(self.edition)}" if self.edition else said
