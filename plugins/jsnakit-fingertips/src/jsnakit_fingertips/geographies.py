"""The API's types of area: which id stands for which type and edition of boundaries, and which of them answers a question.

One file of the API holds one type of area, England, and the regions where those are its parents. So a file is chosen for the areas asked for, and what comes along is not asked for again.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Final

from attrs import frozen

from jsnakit import geography
from jsnakit.errors import InvalidValueError, UnknownAreaError
from jsnakit.model import Area
from jsnakit.settings import structure
from jsnakit_fingertips.areas import edition_of, kind_named

__all__ = ["ENGLAND_ID", "REGION_ID", "Geography", "chosen", "described", "known", "named", "newest"]

ENGLAND_ID: Final = 15
"""The id of England as a type of area."""

REGION_ID: Final = 6
"""The id of the regions: the parents of authorities, so that they come along in their files."""

AUTHORITIES: Final = ("ltla", "utla")
"""The types that have an id for each edition of the boundaries, and regions as parents."""

# England stands in every file. It is taken from the file that a question about places is most likely to have brought already, and from large ones only where there is no other.
_CARRIERS: Final = ("ltla", "utla", "region", "icb", "sub_icb", "stp", "ccg", "combined_authority", "nhs_region", "phe_centre", "country")
_LARGE: Final = ("pcn", "ward", "msoa", "lsoa", "gp")


@frozen(kw_only=True)
class Geography:
    """One type of area as the API counts them: its `id`, the publisher's name, and the days between which the boundaries of this edition held."""

    id: int
    name: str
    since: dt.date | None = None
    until: dt.date | None = None

    @property
    def type(self) -> str:
        """The area type in jsnakit's words; empty where the publisher's name is not known."""
        kind = kind_named(self.name)
        return kind.type if kind is not None else ""

    @property
    def parent(self) -> int:
        """The type of area that a file is asked for with as parents: regions for authorities, otherwise England."""
        return REGION_ID if self.type in AUTHORITIES else ENGLAND_ID

    @property
    def order(self) -> tuple[int, int]:
        """Sorts the editions of one type: the greater, the newer."""
        return (edition_of(self.name), self.id)

    def holds(self, area: Area) -> bool:
        """Whether an area of this type existed within the boundaries of this edition, by the days in which its code is valid."""
        first, last = _validity(area)
        return (self.until is None or first is None or first <= self.until) and (self.since is None or last is None or self.since <= last)

    def __str__(self) -> str:
        return f"{self.name} ({self.id})"


def _validity(area: Area) -> tuple[dt.date | None, dt.date | None]:
    """The days in which a code is valid: as the area says, else as core's register does."""
    if area.valid_from is None and area.valid_to is None and area.scheme == "gss":
        with contextlib.suppress(UnknownAreaError, InvalidValueError):
            area = geography.get(area.code, area.type)
    return area.valid_from, area.valid_to


@cache
def known() -> Mapping[int, Geography]:
    """The types of area that ship with this version, by id."""
    document = tomllib.loads(resources.files(__package__).joinpath("geographies.toml").read_text(encoding="utf-8"))
    rows = [structure(row, Geography, where=f"geographies.toml, geography {i + 1}") for i, row in enumerate(document["geography"])]
    return {row.id: row for row in rows}


def named(number: int, name: str) -> Geography:
    """A type of area by its number and the name that the publisher gives it today; the edition of an authority's boundaries is read from the name.

    >>> named(601, "Upper tier local authorities (post 4/28)").since
    datetime.date(2028, 4, 1)
    """
    ours = known().get(number)
    if ours is not None:
        return ours
    kind, edition = kind_named(name), edition_of(name)
    since = dt.date(2000 + (edition - 1) // 12, (edition - 1) % 12 + 1, 1) if kind is not None and kind.type in AUTHORITIES and edition > 0 else None
    return Geography(id=number, name=name, since=since)


def described(geographies: Iterable[Geography]) -> tuple[str, ...]:
    """The types of area in words, the newest of each type first."""
    return tuple(str(g) for g in sorted(geographies, key=_place))


def _place(geography: Geography) -> tuple[int, str, tuple[int, int]]:
    edition, number = geography.order
    return (_rank(geography), geography.type, (-edition, -number))


def _rank(geography: Geography) -> int:
    if geography.type in _CARRIERS:
        return _CARRIERS.index(geography.type)
    return len(_CARRIERS) + (1 + _LARGE.index(geography.type) if geography.type in _LARGE else 0)


def newest(offered: Iterable[Geography], type: str, area: Area | None = None) -> Geography | None:
    """The newest edition of a type that is offered, and that holds the area where one is named."""
    fitting = [g for g in offered if g.type == type and (area is None or g.holds(area))]
    return max(fitting, key=lambda g: g.order, default=None)


def chosen(offered: Sequence[Geography], areas: Sequence[Area] | None, area_type: str | None) -> tuple[Geography, ...]:
    """The fewest files that hold what is asked for: a file for each type of area, newest edition that has the area, and none for what comes along in another.

    An area may be given in several ways that mean one place (a unitary authority in both tiers): the first way that there is a file for is taken. Empty where no file fits.
    """
    if areas is None:
        assert area_type is not None
        wanted = [None if area_type in ("country", "region") else newest(offered, area_type)]
        types = {area_type}
    else:
        wanted = [_for_place(offered, ways) for ways in _places(a for a in areas if a.type not in ("country", "region"))]
        types = {a.type for a in areas}
    found = dict.fromkeys(g for g in wanted if g is not None)
    if "region" in types and not any(g.parent == REGION_ID or g.type == "region" for g in found):
        found |= dict.fromkeys(_carrier(g for g in offered if g.parent == REGION_ID or g.type == "region"))
    if "country" in types and not found:
        found |= dict.fromkeys(_carrier(offered))
    return tuple(found)


def _places(areas: Iterable[Area]) -> tuple[tuple[Area, ...], ...]:
    """The ways of naming each place: the areas that share a code."""
    ways: dict[tuple[str, str], list[Area]] = {}
    for area in areas:
        ways.setdefault((area.scheme, area.code), []).append(area)
    return tuple(tuple(w) for w in ways.values())


def _for_place(offered: Iterable[Geography], ways: Iterable[Area]) -> Geography | None:
    offered = tuple(offered)
    return next((found for way in ways if (found := newest(offered, way.type, way)) is not None), None)


def _carrier(offered: Iterable[Geography]) -> tuple[Geography, ...]:
    """The one file from which England or a region is taken."""
    return tuple(sorted(offered, key=_place)[:1])
