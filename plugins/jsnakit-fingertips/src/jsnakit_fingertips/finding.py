"""What the API has of the indicators asked for, and which of its files answer a question.

The listing has one entry an indicator: when its data last changed, and the types of area there are figures for. From it, `select` builds the addresses of the files: one for each indicator
and type of area, so that a later question finds what an earlier one has fetched.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from attrs import evolve

from jsnakit.errors import InvalidValueError, NoDataError, UnknownIndicatorError
from jsnakit.model import Area
from jsnakit.sources import Fetch, Query, Resource
from jsnakit_fingertips.answers import changed_at, objects, table
from jsnakit_fingertips.api import Addresses, batches
from jsnakit_fingertips.geographies import Geography, chosen, described, known, named, newest

__all__ = ["DATA", "choices", "discover", "geographies_of", "number_of", "select", "whole_group"]

log = logging.getLogger("jsnakit.fingertips")

DATA: Final = "data"
"""The kind of resource that holds figures of one indicator."""

AREA_TYPES: Final = "area_types"
_GROUP: Final = re.compile(r"fingertips\.(profile|group)-(\d{1,10})")
_NUMBER: Final = re.compile(r"fingertips\.(\d{1,9})")


def number_of(indicator: str) -> int:
    """The publisher's number of an indicator. Raises `UnknownIndicatorError` for an id that has none.

    >>> number_of("fingertips.90280")
    90280
    """
    match = _NUMBER.fullmatch(indicator)
    if match is None:
        raise UnknownIndicatorError(
            f"{indicator!r} is not an indicator of the profiles",
            hint="an id is fingertips. and the publisher's number",
            indicator=indicator,
            suggestions=(),
        )
    return int(match[1])


# -- finding ---------------------------------------------------------------------------------------------------------------------------


def discover(fetch: Fetch, query: Query, api: Addresses) -> Iterator[Resource]:
    """What there is of the indicators in the query, in two requests (and one more for each further hundred indicators).

    An indicator that the publisher no longer has is listed with no type of area, so that the lock says so. Raises `NoDataError` where none of them is published.
    """
    ids = {number_of(name): name for name in query.indicators}
    if not ids:
        return
    metadata = _metadata(fetch, tuple(ids), api)
    gone = [name for number, name in ids.items() if str(number) not in metadata]
    if len(gone) == len(ids):
        raise NoDataError(
            f"{', '.join(gone)}: no longer published by the profiles" if len(gone) == 1 else f"none of {', '.join(gone)} is published any more",
            hint="the publisher withdraws indicators and gives new methods new numbers: `jsnakit indicators WORDS` finds what there is",
            available=(),
        )
    if gone:
        log.warning("no longer published: %s", ", ".join(gone))
    offered = _available(fetch, tuple(ids), api)
    names = _names(fetch, {i for found in offered.values() for i in found}, api)
    for number, name in ids.items():
        said = metadata.get(str(number))
        geographies = sorted(offered.get(number, ()) if said is not None else (), reverse=True)
        unknown = tuple((str(i), names[i]) for i in geographies if i not in known())
        yield Resource(
            url=api.one_indicator(number),
            kind="indicator",
            title=_title(said) if said is not None else "no longer published",
            indicator=name,
            changed=changed_at(said) if said is not None else "",
            params=((AREA_TYPES, " ".join(str(i) for i in geographies)), *unknown),
        )


def _title(metadata: Mapping[str, Any]) -> str:
    descriptive = metadata.get("Descriptive")
    return " ".join(str(descriptive.get("Name", "")).split()) if isinstance(descriptive, dict) else ""


def _metadata(fetch: Fetch, ids: Sequence[int], api: Addresses) -> dict[str, Any]:
    """The metadata by number. The server cuts long lists in silence, so what is missing is asked for once more by itself before it counts as withdrawn."""
    found: dict[str, Any] = {}
    left = list(ids)
    while left:
        before = len(found)
        for batch in batches(left):
            answer = table(fetch(api.metadata(batch), volatile=True), "metadata of indicators")
            found |= {key: value for key, value in answer.items() if isinstance(value, dict)}
        left = [i for i in left if str(i) not in found]
        if len(found) == before or len(ids) == 1:
            break
    return found


def _available(fetch: Fetch, ids: Sequence[int], api: Addresses) -> dict[int, set[int]]:
    """The types of area of each indicator: asked for one, or for all there are, since the API takes no list here."""
    address = api.available(ids[0] if len(ids) == 1 else None)
    found: dict[int, set[int]] = {}
    for row in objects(fetch(address, volatile=True), "types of area with figures", "IndicatorId", "AreaTypeId"):
        found.setdefault(int(row["IndicatorId"]), set()).add(int(row["AreaTypeId"]))
    return found


def whole_group(group: str, area_type: str, api: Addresses) -> Resource:
    """The one file that holds a whole profile or domain for a type of area, in its newest boundaries."""
    match = _GROUP.fullmatch(group)
    if match is None:
        raise InvalidValueError(f"{group!r} is no profile and no domain", hint="write fingertips.profile-19 or fingertips.group-1000049", value=group)
    geography = newest(known().values(), area_type)
    if geography is None:
        types = sorted({g.type for g in known().values()})
        raise InvalidValueError(
            f"there is no type of area {area_type!r} in the profiles", hint=f"there are {', '.join(types)}", value=area_type, allowed=types
        )
    make = api.profile_data if match[1] == "profile" else api.group_data
    return Resource(url=make(int(match[2]), child=geography.id, parent=geography.parent), kind="group", title=f"{group}, {geography.name}")


def _names(fetch: Fetch, ids: set[int], api: Addresses) -> dict[int, str]:
    """The publisher's names of types of area that this version does not know; no request where it knows them all."""
    unknown = ids - set(known())
    if not unknown:
        return {}
    rows = objects(fetch(api.area_types(), volatile=True), "types of area", "Id", "Name")
    said = {int(row["Id"]): str(row["Name"]) for row in rows}
    return {i: said.get(i, "") for i in unknown}


def geographies_of(resource: Resource) -> tuple[Geography, ...]:
    """The types of area of one entry of the listing."""
    said = dict(resource.params)
    return tuple(known().get(i) or named(i, said.get(str(i), "")) for i in map(int, said.get(AREA_TYPES, "").split()))


# -- choosing --------------------------------------------------------------------------------------------------------------------------


def select(listing: Iterable[Resource], query: Query, api: Addresses) -> list[Resource]:
    """The files that answer a question, one for each indicator and type of area; without areas and area type, the one file of everything that an indicator has.

    Raises `NoDataError` where no indicator in the query is published for the areas asked for, with the types of area there are.
    """
    found: list[Resource] = []
    entries = _entries(listing, query)
    for entry in entries:
        offered = geographies_of(entry)
        if not offered:
            continue
        if query.areas is None and query.area_type is None:
            found.append(_whole(entry))
        else:
            found += [_file(entry, geography, api) for geography in chosen(offered, query.areas, query.area_type)]
    if not found and entries:
        raise _no_file(entries, query)
    return found


def choices(listing: Iterable[Resource], query: Query, api: Addresses) -> list[Resource]:
    """Every file that `select` may choose for the indicators in the query."""
    found: list[Resource] = []
    for entry in _entries(listing, query):
        offered = geographies_of(entry)
        found += [_file(entry, geography, api) for geography in offered]
        found += [_whole(entry)] if offered else []
    return found


def _entries(listing: Iterable[Resource], query: Query) -> list[Resource]:
    return [entry for entry in listing if not query.indicators or entry.indicator in query.indicators]


def _whole(entry: Resource) -> Resource:
    return evolve(entry, kind=DATA, title=f"{entry.title}, every type of area")


def _file(entry: Resource, geography: Geography, api: Addresses) -> Resource:
    return evolve(
        entry,
        url=api.data(number_of(entry.indicator), child=geography.id, parent=geography.parent),
        kind=DATA,
        title=f"{entry.title}, {geography.name}",
        params=(*entry.params, ("child", str(geography.id))),
    )


def _no_file(entries: Sequence[Resource], query: Query) -> NoDataError:
    indicators = ", ".join(entry.indicator for entry in entries)
    offered = tuple(dict.fromkeys(g for entry in entries for g in geographies_of(entry)))
    available = described(offered)
    if not available:
        return NoDataError(f"{indicators}: there are no figures for any type of area", hint="the publisher has withdrawn them", available=())
    asked = ", ".join(dict.fromkeys(_words(a) for a in query.areas)) if query.areas is not None else query.area_type
    types = {a.type for a in query.areas} if query.areas is not None else {query.area_type}
    older = [g for g in offered if g.type in types]
    if older:
        hint = f"there are figures only for {'; '.join(described(older))}, to which {asked} does not belong"
    else:
        hint = f"there are figures for {'; '.join(available[:8])}"
    return NoDataError(f"{indicators} is not published for {asked}", hint=hint, available=available)


def _words(area: Area) -> str:
    return f"{area.name or area.code} ({area.type})"
