"""Which kind of area a row speaks of: the publisher's area types in the words of every era, and the forms of codes, both from `area_types.toml`.

A unitary authority is one place in both tiers. Exports of one area type name a tier; `for_one_indicator` names the elementary type (`UA`, `District`, `County`): there a unitary
belongs to every tier that the indicator is published for, which `parse` decides by the counties and districts beside it.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib import resources
from typing import Final

from attrs import frozen

from jsnakit.settings import structure

__all__ = ["UNITARY", "AreaKind", "Place", "edition_of", "kind_named", "kinds", "place_of", "written"]

UNITARY: Final = "unitary"
"""The elementary type of a unitary authority, which `parse` turns into one tier or both."""

# What a code alone says beyond doubt, whatever the export calls it: the website names a county among small areas by the type of the small areas.
_BY_NINE: Final = {
    "E92": "country",
    "E12": "region",
    "E40": "nhs_region",
    "E10": "utla",
    "E06": UNITARY,
    "E08": UNITARY,
    "E09": UNITARY,
    "E07": "ltla",
    "E02": "msoa",
    "E01": "lsoa",
    "E05": "ward",
    "E47": "combined_authority",
    "E45": "phe_centre",
    "E39": "nhs_sub_region",
    "E38": "sub_icb",
    "E54": "icb",
}
_NINE: Final = re.compile(r"E\d{8}")
_BY_FORM: Final = (
    (re.compile(r"U\d{5}"), "pcn"),
    (re.compile(r"[A-HJ-PV-Y]\d{5}"), "gp"),
    (re.compile(r"[RT][A-Z0-9]{2}([A-Z0-9]{2})?"), "trust"),
)
# The edition of a geography, in the brackets (or the words with a year) that end a name.
_EDITION: Final = re.compile(r"\s*(\((?=[^)]*\d)[^)]*\)|new \d{4}|\b(?:from|pre|post)\b[^()]*\d)$", re.IGNORECASE)
_YEARS: Final = re.compile(r"(?:(\d{1,2})\s*/\s*)?(?<!\d)(20\d{2}|\d{2})(?!\d)")


@frozen(kw_only=True)
class AreaKind:
    """One type of area: the publisher's `names` (or a `pattern` for them), the form of its `codes` (a regular expression; of nine-digit codes the beginning), and the scheme."""

    type: str
    names: tuple[str, ...] = ()
    codes: str = ""
    scheme: str = "gss"
    pattern: str = ""

    def fits(self, code: str) -> bool:
        """Whether a code has the form of this type."""
        return not self.codes or re.match(rf"({self.codes})" + (r"\d{6}$" if self.scheme == "gss" else r"(\d{6})?$"), code) is not None


@frozen
class Place:
    """What a row's area is: scheme, type (`unitary` where the tier is open) and the edition of its geography, of which the greater is the newer."""

    scheme: str
    type: str
    edition: int


def _folded(name: str) -> str:
    return " ".join(name.casefold().split())


@cache
def kinds() -> tuple[AreaKind, ...]:
    """The area types that ship with this version."""
    document = tomllib.loads(resources.files(__package__).joinpath("area_types.toml").read_text(encoding="utf-8"))
    return tuple(structure(row, AreaKind, where=f"area_types.toml, type {i + 1}") for i, row in enumerate(document["type"]))


@cache
def _by_name() -> dict[str, AreaKind]:
    return {_folded(name): kind for kind in kinds() for name in kind.names}


@cache
def _by_type() -> dict[str, AreaKind]:
    return {kind.type: kind for kind in kinds()}


@cache
def _unspaced() -> dict[str, str]:
    return {re.sub(r"\W", "", name.casefold()): name for kind in kinds() for name in kind.names}


@cache
def kind_named(name: str) -> AreaKind | None:
    """The type that the publisher calls by this name, of whatever edition; null where nobody knows it.

    >>> kind_named("Upper tier local authorities (post 4/23)").type, kind_named("Districts & UAs (pre Apr 2019)").type, kind_named("Cluster")
    ('utla', 'ltla', None)
    """
    folded = _folded(name)
    for form in (folded, _folded(_EDITION.sub("", folded))):
        if form in _by_name():
            return _by_name()[form]
    return next((kind for kind in kinds() if kind.pattern and re.fullmatch(kind.pattern, folded)), None)


@cache
def edition_of(name: str) -> int:
    """The month in which the geography of a name began, as a number to compare: 0 where the name does not say.

    >>> edition_of("Lower tier local authorities (post 4/23)") > edition_of("Lower tier local authorities (4/21-3/23)") > edition_of(
    ...     "Districts & UAs (pre Apr 2019)"
    ... )
    True
    """
    brackets = _EDITION.search(name)
    if brackets is None:
        return 0
    said = brackets[0]
    found = _YEARS.search(said)
    if found is None:
        return 0
    year = int(found[2]) % 100
    return year * 12 + int(found[1] or 4) - (12 if "pre" in said.casefold() else 0)


def written(name: str) -> str:
    """A name of an area type as it is written, from one that lost its spaces or has dots for them.

    >>> written("Counties&UAs(fromApr2021)"), written("Region")
    ('Counties & UAs (from Apr 2021)', 'Region')
    """
    name = name.replace(".", " ").strip() if " " not in name else name
    head, bracket, rest = name.partition("(")
    known = _unspaced().get(re.sub(r"\W", "", head.casefold()))
    if known is None or " " in head.strip():
        return name
    said = re.sub(r"(?<=[a-z])(?=[A-Z0-9])", " ", rest)
    return f"{known} ({said}" if bracket else known


@cache
def place_of(name: str, code: str) -> Place | None:
    """What the area of a row is, by the export's name for its type and by its code; null where neither says it.

    The code rules where its form belongs to another type than the one named: an export for small areas calls their county a small area too.

    >>> place_of("Middle Super Output Area", "E10000020").type, place_of("", "D82058").type, place_of("Cluster", "E10000020")
    ('utla', 'gp', None)
    """
    kind = kind_named(name) if name.strip() else None
    if name.strip() and kind is None:
        return None
    if kind is None or not kind.fits(code):
        found = _BY_NINE.get(code[:3]) if _NINE.fullmatch(code) else next((t for form, t in _BY_FORM if form.fullmatch(code)), None)
        if found is None:
            # A code of no known form is what its type says, where there is one.
            return None if kind is None else Place(kind.scheme, kind.type, edition_of(name))
        kind = _by_type()[found]
    return Place(kind.scheme, kind.type, edition_of(name))
