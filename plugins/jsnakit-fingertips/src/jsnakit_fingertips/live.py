"""The catalogue of the API as it is today: profiles and their groups, types of area, areas, neighbours, categories, and the search of the website.

For a workspace `ws`: `Live(ws.store.fetcher(Fingertips.info))`. What one object has asked it does not ask again.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from attrs import field, frozen

from jsnakit.errors import NoDataError
from jsnakit.model import TOTAL, Area, Group, Member, Polarity
from jsnakit.sources import Fetch
from jsnakit_fingertips.answers import entry, objects, table
from jsnakit_fingertips.api import Addresses, batches
from jsnakit_fingertips.areas import kind_named
from jsnakit_fingertips.geographies import AUTHORITIES, Geography, known, named

__all__ = ["AreaCategory", "CategoryType", "Live", "Profile"]

POLARITIES = {-1: Polarity.NONE, 0: Polarity.LOWER_IS_BETTER, 1: Polarity.HIGHER_IS_BETTER, 99: Polarity.NONE}
"""The publisher's directions: not applicable, low is good, high is good, and blue-orange-blue, which is compared but not judged."""

_SEXES = {-1: TOTAL, 1: "M", 2: "F", 4: TOTAL}


@frozen
class Profile:
    """One profile: the publisher's number, name and key, and its groups (domains) by number in their order."""

    id: int
    name: str
    key: str = ""
    groups: dict[int, str] = field(factory=dict)


@frozen
class CategoryType:
    """A way in which areas or people are divided (deciles of deprivation, ethnic groups): number, name, and the categories by number."""

    id: int
    name: str
    categories: dict[int, str] = field(factory=dict)


@frozen
class AreaCategory:
    """The published category of one area: for instance its decile of deprivation."""

    area: str
    category: int
    name: str = ""


class Live:
    """The catalogue through one `fetch`. Every method raises `FetchError` where the service does not answer as it should, `NoDataError` where there is no such thing.

    Definitions of groups are pinned in the lock like files, since a published page depends on them; the rest is asked for and not kept.
    """

    def __init__(self, fetch: Fetch, api: Addresses | None = None) -> None:
        self._fetch = fetch
        self.api = Addresses() if api is None else api
        self._known: dict[str, Any] = {}

    def _objects(self, address: str, what: str, *keys: str, volatile: bool = True) -> list[dict[str, Any]]:
        if address not in self._known:
            self._known[address] = objects(self._fetch(address, volatile=volatile), what, *keys)
        found: list[dict[str, Any]] = self._known[address]
        return found

    def _table(self, address: str, what: str) -> dict[str, Any]:
        if address not in self._known:
            self._known[address] = table(self._fetch(address, volatile=True), what)
        found: dict[str, Any] = self._known[address]
        return found

    # -- profiles and groups -----------------------------------------------------------------------------------------------------------------

    def profiles(self) -> tuple[Profile, ...]:
        """Every profile there is, in the publisher's order."""
        return tuple(_profile(row) for row in self._objects(self.api.profiles(), "profiles", "Id", "Name"))

    def profile(self, profile: int | str) -> Profile:
        """One profile by its number or its key (`public-health-outcomes-framework`)."""
        if isinstance(profile, str):
            rows = self._objects(self.api.profiles(), "profiles", "Id", "Name", volatile=False)
            found = next((row for row in rows if row.get("Key") == profile), {})
        else:
            address = self.api.profile(profile)
            if address not in self._known:
                self._known[address] = entry(self._fetch(address), "a profile", "Id", "Name")
            found = self._known[address]
        if not found:
            raise NoDataError(f"there is no profile {profile!r}", hint="Live(...).profiles() lists them", available=())
        return _profile(found)

    def profile_group(self, profile: int | str) -> Group:
        """A profile as one group of indicators: those of its domains in order, each with the direction that its domain gives it."""
        found = self.profile(profile)
        return Group(
            f"fingertips.profile-{found.id}", found.name, self._members(tuple(found.groups), found.id), homepage=_page(found.key),
        )  # fmt: skip

    def group(self, group: int) -> Group:
        """One domain of a profile."""
        rows = self._objects(self.api.groups((group,)), "a group", "Id", "Name", volatile=False)
        row = next((row for row in rows if int(row["Id"]) == group), None)
        if row is None:
            raise NoDataError(f"there is no group {group}", hint="Live(...).profiles() lists the groups of each profile", available=())
        profile = row.get("ProfileId")
        return Group(
            f"fingertips.group-{group}",
            str(row["Name"]).strip(),
            self._members((group,), profile),
            parent=f"fingertips.profile-{profile}" if profile is not None else "",
        )

    def _members(self, groups: Sequence[int], profile: int | None) -> tuple[Member, ...]:
        """The indicators of some groups: by the list of names, which is complete, and by the roots of one type of area, which have order, sex, age and direction."""
        names = [
            row
            for batch in batches(groups)
            for row in self._objects(self.api.group_indicators(batch), "indicators of a group", "IndicatorId", "GroupId", volatile=False)
        ]
        area_type = self._area_type(profile)
        members: list[Member] = []
        for group in groups:
            roots = self._objects(self.api.group_roots(group, area_type), "indicators of a group", "IID", volatile=False) if area_type else []
            members += [_member(root) for root in roots]
            listed = {m.indicator for m in members}
            indicators = [f"fingertips.{row['IndicatorId']}" for row in names if int(row["GroupId"]) == group]
            # Published for another type of area alone: a member of which this does not say how it is judged.
            members += [Member(name) for name in dict.fromkeys(indicators) if name not in listed]
        return tuple(dict.fromkeys(members))

    def _area_type(self, profile: int | None) -> int | None:
        """The type of area whose roots say how a profile judges: authorities where it has them, newest boundaries first, else the first there is."""
        rows = self._objects(self.api.area_types(() if profile is None else (profile,)), "types of area of a profile", "Id", "Name", volatile=False)
        offered = [named(int(row["Id"]), str(row["Name"])) for row in rows]
        tiers = [g for tier in reversed(AUTHORITIES) for g in sorted(offered, key=lambda g: g.order, reverse=True) if g.type == tier]
        return next((g.id for g in (*tiers, *offered)), None)

    # -- indicators --------------------------------------------------------------------------------------------------------------------------

    def search(self, words: str, profiles: Sequence[int] = ()) -> dict[str, tuple[Geography, ...]]:
        """The indicators whose metadata hold some words (`AND` and `OR` are understood), each with the types of area there are figures for."""
        found: dict[str, list[Geography]] = {}
        for area_type, indicators in self._table(self.api.search(words, profiles), "indicators found by words").items():
            geography = known().get(int(area_type)) or named(int(area_type), "")
            for number in indicators:
                found.setdefault(f"fingertips.{number}", []).append(geography)
        return {name: tuple(found[name]) for name in sorted(found, key=lambda n: int(n.partition(".")[2]))}

    # -- areas -------------------------------------------------------------------------------------------------------------------------------

    @cached_property
    def area_types(self) -> tuple[Geography, ...]:
        """The types of area there are."""
        return tuple(named(int(row["Id"]), str(row["Name"])) for row in self._objects(self.api.area_types(), "types of area", "Id", "Name"))

    def parent_types(self) -> dict[int, tuple[Geography, ...]]:
        """For each type of area the types that its parents may be of, deciles of deprivation left out."""
        rows = self._objects(self.api.parent_area_types(), "parents of types of area", "Id", "ParentAreaTypes")
        found = {}
        for row in rows:
            parents = [named(int(p["Id"]), str(p["Name"])) for p in row["ParentAreaTypes"] or ()]
            found[int(row["Id"])] = tuple(p for p in parents if not p.name.casefold().startswith("depr") and p.type != "deprivation_decile")
        return found

    def areas(self, area_type: int) -> tuple[Area, ...]:
        """The areas of one type, by the publisher's number of the type."""
        return self._as_areas(self._objects(self.api.areas(area_type), "areas", "Code", "Name"), area_type)

    def children(self, child: int, parent: int) -> dict[str, tuple[str, ...]]:
        """Which areas of one type lie in which of another, by code."""
        return {code: tuple(children) for code, children in self._table(self.api.parents(child, parent), "areas by parent").items()}

    def neighbours(self, code: str, area_type: int = 502, kind: int = 1) -> tuple[Area, ...]:
        """The nearest neighbours of an authority, nearest first; `kind` 1 is CIPFA's model, 3 that for children's services."""
        rows = self._objects(self.api.neighbours(code, area_type, kind), "nearest neighbours", "Code", "Name")
        return tuple(a for a in self._as_areas(rows, area_type) if a.code != code)

    def _as_areas(self, rows: Sequence[dict[str, Any]], area_type: int) -> tuple[Area, ...]:
        geography = known().get(area_type) or next((g for g in self.area_types if g.id == area_type), None)
        found = kind_named(geography.name) if geography is not None else None
        scheme, name = (found.scheme, found.type) if found is not None else ("fingertips", f"type-{area_type}")
        return tuple(Area(scheme, name, str(row["Code"]), str(row["Name"])) for row in rows)

    # -- categories --------------------------------------------------------------------------------------------------------------------------

    def category_types(self) -> tuple[CategoryType, ...]:
        """The ways in which areas and people are divided."""
        rows = self._objects(self.api.category_types(), "kinds of categories", "Id", "Name")
        return tuple(CategoryType(int(r["Id"]), str(r["Name"]), {int(c["Id"]): str(c["Name"]) for c in r.get("Categories") or ()}) for r in rows)

    def area_categories(self, category_type: int, *, child: int = 502, profile: int = 19) -> tuple[AreaCategory, ...]:
        """The published category of each area of a type, for instance its decile of deprivation: as published, not worked out again from scores."""
        rows = self._table(self.api.area_categories(profile, child, category_type), "categories of areas")
        names: dict[int, str] = next((t.categories for t in self.category_types() if t.id == category_type), {})
        return tuple(AreaCategory(code, int(category), names.get(int(category), "")) for code, category in sorted(rows.items()))


def _profile(row: dict[str, Any]) -> Profile:
    named_groups = {int(g["Id"]): str(g["Name"]).strip() for g in row.get("GroupMetadata") or ()}
    ids = [int(i) for i in row.get("GroupIds") or named_groups]
    return Profile(int(row["Id"]), str(row["Name"]).strip(), str(row.get("Key") or ""), {i: named_groups.get(i, "") for i in ids})


def _page(key: str) -> str:
    return f"https://fingertips.phe.org.uk/profile/{key}" if key else "https://fingertips.phe.org.uk/"


def _member(root: dict[str, Any]) -> Member:
    # A direction that is not known here is not guessed: then the indicator's own counts.
    return Member(f"fingertips.{root['IID']}", POLARITIES.get(root.get("PolarityId", -2)), _sex(root), _age(root))


def _sex(root: dict[str, Any]) -> str | None:
    said = root.get("Sex")
    number = said.get("Id") if isinstance(said, dict) else root.get("SexId")
    return _SEXES.get(number) if isinstance(number, int) else None


def _age(root: dict[str, Any]) -> str | None:
    said = root.get("Age")
    name = " ".join(str(said.get("Name") or "").split()) if isinstance(said, dict) else ""
    return TOTAL if name.casefold() in ("all ages", "not applicable") else name or None
