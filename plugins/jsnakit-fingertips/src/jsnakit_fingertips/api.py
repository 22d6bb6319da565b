"""The addresses of the Fingertips API: pure functions of what is asked for. One question has one address, so that what was fetched once is known again.

All of them are GET, without a key. Lists are separated by commas; the server cuts a list after 100 ids without saying so, so that none longer is ever built here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final
from urllib.parse import quote

from attrs import frozen

from jsnakit.errors import InvalidValueError
from jsnakit_fingertips.geographies import ENGLAND_ID

__all__ = ["BASE", "LIST_LIMIT", "NEIGHBOURS", "Addresses", "batches"]

BASE: Final = "https://fingertips.phe.org.uk/api"
"""Where the API is."""

LIST_LIMIT: Final = 100
"""The longest list of ids that the server answers in full."""

NEIGHBOURS: Final = {1: "CIPFA nearest neighbours", 3: "Children's services statistical neighbours"}
"""The kinds of nearest neighbours of authorities, by the publisher's id."""


def batches(ids: Iterable[int]) -> Iterator[tuple[int, ...]]:
    """Ids in ascending order, each once, in lists that the server answers in full.

    >>> [len(b) for b in batches(range(250))]
    [100, 100, 50]
    """
    ordered = sorted(set(ids))
    for start in range(0, len(ordered), LIST_LIMIT):
        yield tuple(ordered[start : start + LIST_LIMIT])


def _list(ids: Sequence[int]) -> str:
    if not 0 < len(ids) <= LIST_LIMIT:
        raise InvalidValueError(
            f"a list of {len(ids)} ids is not answered in full", hint=f"split it with batches(): at most {LIST_LIMIT}", value=len(ids)
        )
    return ",".join(str(i) for i in ids)


@frozen
class Addresses:
    """The addresses below one base.

    >>> Addresses().data(90280, child=502, parent=6)
    'https://fingertips.phe.org.uk/api/all_data/csv/by_indicator_id?child_area_type_id=502&indicator_ids=90280&parent_area_type_id=6'
    """

    base: str = BASE

    def address(self, path: str, **parameters: str | int) -> str:
        """Any address of the API, its parameters in alphabetical order."""
        asked = "&".join(f"{name}={quote(str(value), safe=',')}" for name, value in sorted(parameters.items()))
        return f"{self.base}/{path}" + (f"?{asked}" if asked else "")

    # -- figures: CSV --------------------------------------------------------------------------------------------------------------------

    def data(self, indicator: int, *, child: int, parent: int = ENGLAND_ID) -> str:
        """Every figure of one indicator for one type of area: all periods, sexes, ages and categories, with England and the parents."""
        return self.address("all_data/csv/by_indicator_id", indicator_ids=indicator, child_area_type_id=child, parent_area_type_id=parent)

    def one_indicator(self, indicator: int) -> str:
        """Every figure of one indicator for every type of area at once."""
        return self.address("all_data/csv/for_one_indicator", indicator_id=indicator)

    def group_data(self, group: int, *, child: int, parent: int = ENGLAND_ID) -> str:
        """Every figure of every indicator of one group (a domain of a profile) for one type of area."""
        return self.address("all_data/csv/by_group_id", group_id=group, child_area_type_id=child, parent_area_type_id=parent)

    def profile_data(self, profile: int, *, child: int, parent: int = ENGLAND_ID) -> str:
        """Every figure of every indicator of a profile for one type of area: tens of megabytes for small areas."""
        return self.address("all_data/csv/by_profile_id", profile_id=profile, child_area_type_id=child, parent_area_type_id=parent)

    # -- the catalogue: JSON ---------------------------------------------------------------------------------------------------------------

    def available(self, indicator: int | None = None) -> str:
        """For which types of area there are figures: of one indicator, or of all."""
        return self.address("available_data", **({} if indicator is None else {"indicator_id": indicator}))

    def metadata(self, indicators: Sequence[int]) -> str:
        """What each indicator is, and when its data last changed. Raises `InvalidValueError` for a list that would be cut."""
        return self.address("indicator_metadata/by_indicator_id", indicator_ids=_list(indicators))

    def definition(self, indicator: int) -> str:
        """What one indicator is, with its definition."""
        return self.address("indicator_metadata/by_indicator_id", indicator_ids=indicator, include_definition="yes")

    def profiles(self) -> str:
        """Every profile with its groups."""
        return self.address("profiles")

    def profile(self, profile: int) -> str:
        """One profile by its id. By its key it is found in the list: the address that takes a key looks like one with a credential, which no lock may hold."""
        return self.address("profile", profile_id=profile)

    def groups(self, groups: Sequence[int]) -> str:
        """Name and profile of some groups. Raises `InvalidValueError` for a list that would be cut."""
        return self.address("group_metadata", group_ids=_list(groups))

    def group_indicators(self, groups: Sequence[int]) -> str:
        """The indicators of some groups, by name. Raises `InvalidValueError` for a list that would be cut."""
        return self.address("indicator_names/by_group_id", group_ids=_list(groups))

    def group_roots(self, group: int, area_type: int) -> str:
        """The indicators of one group for one type of area in the publisher's order, with sex, age and polarity in this group."""
        return self.address("profile_group_roots", group_id=group, area_type_id=area_type)

    def search(self, words: str, profiles: Sequence[int] = ()) -> str:
        """The indicators whose metadata hold some words (`AND` and `OR` are understood), by type of area. Raises `InvalidValueError` for a list that would be cut."""
        return self.address("indicator_search", search_text=words, **({"restrict_to_profile_ids": _list(profiles)} if profiles else {}))

    # -- areas: JSON -----------------------------------------------------------------------------------------------------------------------

    def area_types(self, profiles: Sequence[int] = ()) -> str:
        """The types of area, of some profiles or of all. Raises `InvalidValueError` for a list that would be cut."""
        return self.address("area_types", **({"profile_ids": _list(profiles)} if profiles else {}))

    def parent_area_types(self) -> str:
        """The types of area, each with the types of its parents (categories of deprivation among them)."""
        return self.address("area_types/parent_area_types")

    def parents(self, child: int, parent: int) -> str:
        """Which areas of one type lie in which of another."""
        return self.address("parent_to_child_areas", child_area_type_id=child, parent_area_type_id=parent)

    def areas(self, area_type: int) -> str:
        """The areas of one type."""
        return self.address("areas/by_area_type", area_type_id=area_type)

    def neighbours(self, code: str, area_type: int, kind: int = 1) -> str:
        """The nearest neighbours of an authority, nearest first (`kind` as in `NEIGHBOURS`)."""
        return self.address("areas/by_parent_area_code", area_type_id=area_type, parent_area_code=f"nn-{kind}-{code}")

    def area_categories(self, profile: int, child: int, category_type: int) -> str:
        """Which category (a decile of deprivation) each area of a type belongs to, as published."""
        return self.address("area_categories", profile_id=profile, child_area_type_id=child, category_type_id=category_type)

    def category_types(self) -> str:
        """The kinds of categories, each with its categories."""
        return self.address("category_types")
