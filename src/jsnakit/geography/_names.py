"""How names of areas are compared: one folded spelling, and the short form that people use in speech."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

__all__ = ["FAMILIES", "family_of", "fold", "readable", "shorten"]

FAMILIES: Final = {
    "authority": frozenset({"ltla", "utla"}),
    "icb": frozenset({"icb"}),
    "nhs_region": frozenset({"nhs_region"}),
    "region": frozenset({"region"}),
    "trust": frozenset({"trust"}),
}
"""Area types whose names are shortened by the same rule."""

_PREFIXES: Final = {
    "authority": ("london borough of ", "royal borough of ", "metropolitan borough of ", "borough of ", "city of ", "county of "),
    "icb": ("nhs ",),
    "nhs_region": ("nhs england ", "nhs "),
}
_SUFFIXES: Final = {
    "authority": (
        " metropolitan borough council",
        " metropolitan district council",
        " metropolitan city council",
        " london borough council",
        " borough council",
        " district council",
        " county council",
        " city council",
        " unitary authority",
        " council",
        " ua",
        " city of",
        " county of",
    ),
    "icb": (" integrated care board", " integrated care system", " icb", " ics"),
    "nhs_region": (" commissioning region", " nhs region"),
    "region": (" region statistical", " region"),
    "trust": (" nhs foundation trust", " national health service trust", " foundation trust", " nhs trust", " nhs ft", " ft"),
}
# "City of London" is not London: a short form that is a region's own name would send a reader to another place.
_KEPT: Final = frozenset({"city of london", "city of london corporation"})

_APOSTROPHES = re.compile(r"['\N{RIGHT SINGLE QUOTATION MARK}`]")
_NOT_WORD = re.compile(r"[^0-9a-z]+")


def fold(text: str) -> str:
    """The one spelling in which two names are compared: no case, accents or punctuation, "&" as "and", "St" as "Saint", no leading "the".

    >>> fold("The St. Helens & Knowsley NHS Trust")
    'saint helens and knowsley nhs trust'
    """
    plain = unicodedata.normalize("NFKD", text.casefold().replace("&", " and "))
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    words = _NOT_WORD.sub(" ", _APOSTROPHES.sub("", plain)).split()
    if len(words) > 1 and words[0] == "the":
        words = words[1:]
    return " ".join("saint" if word == "st" else word for word in words)


def family_of(type: str) -> str | None:
    """The family whose rule shortens the names of an area type, or None.

    >>> family_of("ltla")
    'authority'
    """
    return next((family for family, types in FAMILIES.items() if type in types), None)


def shorten(folded: str, family: str) -> str:
    """A folded name without the words that say only what kind of body it is.

    >>> shorten("bristol city council", "authority"), shorten("nhs devon icb", "icb")
    ('bristol', 'devon')
    """
    if folded in _KEPT:
        return folded
    for suffix in _SUFFIXES.get(family, ()):
        if folded.endswith(suffix) and len(folded) > len(suffix):
            folded = folded.removesuffix(suffix)
            break
    for prefix in _PREFIXES.get(family, ()):
        if folded.startswith(prefix) and len(folded) > len(prefix):
            return folded.removeprefix(prefix)
    return folded


_SMALL: Final = frozenset({"and", "at", "for", "in", "of", "on", "the", "under", "upon", "with", "le", "by"})
_CAPITALS: Final = frozenset({"NHS", "ICB", "CCG", "UK", "HQ", "FT"})


def _word(word: str, *, first: bool) -> str:
    bare = word.strip("(),")
    if bare.upper() in _CAPITALS or any(c.isdigit() for c in bare):
        return word.lower() if bare[:1] == "2" else word.upper()
    if bare.lower() in _SMALL and not first:
        return word.lower()
    lower = word.lower()
    start = next((i for i, c in enumerate(lower) if c.isalpha()), 0)
    return lower[:start] + lower[start:].capitalize()


def readable(name: str) -> str:
    """A name that a register prints in capitals, as a person would write it.

    >>> readable("GUY'S AND ST THOMAS' NHS FOUNDATION TRUST")
    "Guy's and St Thomas' NHS Foundation Trust"
    """
    words = name.replace("&", "and").split()
    out = []
    for i, word in enumerate(words):
        parts = word.split("-")
        out.append("-".join(_word(part, first=i == 0 and j == 0) for j, part in enumerate(parts)))
    return " ".join(out)
