"""What the publisher's value notes mean: status and flags by the table `notes.toml`. An unknown note is refused, not guessed at."""

from __future__ import annotations

import html
import re
import tomllib
from functools import cache
from importlib import resources
from typing import Final

from attrs import frozen

from jsnakit.settings import structure

__all__ = ["Note", "meaning_of", "notes", "words_of"]

# The website's button writes a note as it stands in its tooltip.
_TAG: Final = re.compile(r"</?(?:span|div|p|br|b|i|em|strong|a|sup)\b[^<>]*>", re.IGNORECASE)


@frozen(kw_only=True)
class Note:
    """One note by its `text` or a `pattern` for it: the status of a figure that has a value, of one that has none, and the flags."""

    text: str = ""
    pattern: str = ""
    present: str = "normal"
    absent: str = "not_available"
    flags: str = ""
    seen: str = ""

    def fits(self, folded: str) -> bool:
        """Whether a note, without case and double spaces, is this one."""
        return folded == _folded(self.text) if self.text else re.fullmatch(self.pattern, folded) is not None


def _folded(text: str) -> str:
    return " ".join(text.casefold().split()).removesuffix(".")


@cache
def words_of(text: str) -> str:
    """The words of a note, without the tags and the asterisk of the website's tooltip.

    >>> words_of('<span class="tooltipValueNote">* Value for Hackney and City of London combined</span>')
    'Value for Hackney and City of London combined'
    """
    if "<" not in text:
        return text
    return " ".join(html.unescape(_TAG.sub(" ", text)).split()).removeprefix("*").strip()


@cache
def notes() -> tuple[Note, ...]:
    """The notes that ship with this version."""
    document = tomllib.loads(resources.files(__package__).joinpath("notes.toml").read_text(encoding="utf-8"))
    return tuple(structure(row, Note, where=f"notes.toml, note {i + 1}") for i, row in enumerate(document["note"]))


@cache
def meaning_of(text: str) -> Note | None:
    """What a note means; null where the table does not hold it.

    >>> meaning_of("Value suppressed due to incompleteness of  source data").absent, meaning_of("Look behind the sofa")
    ('suppressed', None)
    """
    folded = _folded(text)
    return next((note for note in notes() if note.fits(folded)), None)
