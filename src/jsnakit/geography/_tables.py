"""The packaged tables as records, read once and only when first asked for."""

from __future__ import annotations

import csv
import datetime as dt
import functools
import io
from collections import defaultdict
from collections.abc import Iterator, Mapping
from importlib import resources
from types import MappingProxyType
from typing import Final

import attrs
from attrs import frozen

from jsnakit.errors import InvalidValueError
from jsnakit.geography._grid import project
from jsnakit.model import AREA_TYPES, Area, Period, nearest

__all__ = ["Relation", "Site", "area_keys", "check_type", "known", "overlaps", "pairs", "register", "relations_from", "relations_to", "sites", "span"]

Key = tuple[str, str, str]
Span = tuple[dt.date, dt.date]

# Schemes that some area types have besides their own.
OTHER_SCHEME: Final = "ods"


@frozen
class Relation:
    """A dated link from one area or organisation to another.

    `kind` is `succeeded_by` (from the day `valid_from`), `in` (nests wholly), `best_fit` (the ICB that most of an authority's residents live in) or `residents_in` (each
    sub-ICB location they live in); `weight` is the share, of residents at Census 2021 by the LSOA they live in. `basis` says how good the link is: `exact`, `minor` (a small boundary change), `best_fit`, `estimated`, or `unknown` where a body
    was split and nobody states the shares; `weight` is then None.
    """

    from_area: Area
    to_area: Area
    kind: str
    valid_from: dt.date | None
    valid_to: dt.date | None
    weight: float | None
    basis: str


@frozen
class Site:
    """A hospital site: its ODS code, name, `sector` (`nhs` or `independent`, as the NHS website had it), parent organisation and position (WGS84 degrees).

    `headquarters` are the codes of the trusts whose registered address is there. The list is of about November 2019.
    """

    code: str
    name: str
    sector: str
    trust: str
    latitude: float | None
    longitude: float | None
    headquarters: tuple[str, ...] = ()

    @property
    def position(self) -> tuple[float, float] | None:
        """Eastings and northings in metres (EPSG:27700), or None where the list has no position."""
        if self.latitude is None or self.longitude is None:
            return None
        return project(self.latitude, self.longitude)


def _rows(name: str) -> Iterator[dict[str, str]]:
    text = resources.files(__package__).joinpath("data", name).read_text(encoding="utf-8")
    return csv.DictReader(io.StringIO(text))


def _date(text: str) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def _number(text: str) -> float | None:
    return float(text) if text else None


@functools.cache
def _aliases() -> tuple[Mapping[Key, tuple[str, ...]], Mapping[Key, str]]:
    names: dict[Key, list[str]] = defaultdict(list)
    codes: dict[Key, str] = {}
    for row in _rows("aliases.csv"):
        key = (row["scheme"], row["type"], row["code"])
        if row["kind"] == "code":
            codes[key] = row["alias"]
        else:
            names[key].append(row["alias"])
    return {key: tuple(found) for key, found in names.items()}, codes


@functools.cache
def register() -> Mapping[Key, Area]:
    """Every packaged area by its key, in order."""
    names, _ = _aliases()
    found = {}
    for row in _rows("areas.csv"):
        key = (row["scheme"], row["type"], row["code"])
        found[key] = Area(*key, row["name"], _date(row["valid_from"]), _date(row["valid_to"]), names.get(key, ()))
    return MappingProxyType(found)


def _together(areas: list[Area], code: str) -> Area:
    """One organisation under its ODS code, from the GSS codes that its area has had: the latest name, the whole span."""
    starts, ends = [a.valid_from for a in areas], [a.valid_to for a in areas]
    latest = max(areas, key=lambda a: a.valid_from or dt.date.min)
    first = None if None in starts else min(s for s in starts if s)
    last = None if None in ends else max(e for e in ends if e)
    return attrs.evolve(latest, scheme=OTHER_SCHEME, code=code, valid_from=first, valid_to=last)


@functools.cache
def pairs() -> tuple[Mapping[Key, Area], Mapping[Key, tuple[Area, ...]]]:
    """From a GSS area to the same body under its ODS code, and from that to every GSS code it has had."""
    _, codes = _aliases()
    backward: dict[Key, list[Area]] = defaultdict(list)
    for key, code in codes.items():
        backward[OTHER_SCHEME, key[1], code].append(register()[key])
    bodies = {key: _together(areas, key[2]) for key, areas in backward.items()}
    forward = {key: bodies[OTHER_SCHEME, key[1], code] for key, code in codes.items()}
    return MappingProxyType(forward), MappingProxyType({key: tuple(areas) for key, areas in backward.items()})


@functools.cache
def known() -> Mapping[str, tuple[Area, ...]]:
    """Every code that can be asked for: those of the register, and the ODS codes of boards, sub-ICB locations and NHS regions."""
    found: dict[str, list[Area]] = defaultdict(list)
    for area in (*register().values(), *{a.key: a for a in pairs()[0].values()}.values()):
        found[area.code].append(area)
    return {code: tuple(areas) for code, areas in found.items()}


@functools.cache
def relations() -> tuple[Relation, ...]:
    """Every packaged link."""
    areas = register()
    return tuple(
        Relation(
            areas[row["from_scheme"], row["from_type"], row["from_code"]],
            areas[row["to_scheme"], row["to_type"], row["to_code"]],
            row["kind"],
            _date(row["valid_from"]),
            _date(row["valid_to"]),
            _number(row["weight"]),
            row["basis"],
        )
        for row in _rows("relations.csv")
    )


@functools.cache
def relations_from() -> Mapping[Key, tuple[Relation, ...]]:
    """The links that start at an area."""
    return _grouped("from_area")


@functools.cache
def relations_to() -> Mapping[Key, tuple[Relation, ...]]:
    """The links that end at an area."""
    return _grouped("to_area")


def _grouped(end: str) -> Mapping[Key, tuple[Relation, ...]]:
    found: dict[Key, list[Relation]] = defaultdict(list)
    for relation in relations():
        found[getattr(relation, end).key].append(relation)
    return {key: tuple(links) for key, links in found.items()}


@functools.cache
def sites() -> Mapping[str, Site]:
    """Every hospital site by its code."""
    return {
        row["site"]: Site(
            row["site"],
            row["name"],
            row["sector"],
            row["trust"],
            _number(row["latitude"]),
            _number(row["longitude"]),
            tuple(row["headquarters"].split()),
        )
        for row in _rows("sites.csv")
    }


def area_keys(area: Area | str, scheme: str, type: str | None) -> tuple[Key, ...]:
    """The keys that links are kept under, for an area or a code of a scheme: a body under its ODS code stands for every GSS code it has had."""
    if isinstance(area, Area):
        keys: tuple[Key, ...] = (area.key,)
    else:
        keys = tuple(a.key for a in known().get(area.strip().upper(), ()) if a.scheme == scheme and type in (None, a.type))
    backward = pairs()[1]
    return tuple(gss for key in keys for gss in ([a.key for a in backward[key]] if key in backward else [key]))


def check_type(type: str | None) -> None:
    """Refuse an area type that nobody knows. Raises `InvalidValueError`."""
    if type is None or type in AREA_TYPES:
        return
    close = nearest(type, sorted(AREA_TYPES))
    raise InvalidValueError(
        f"{type!r} is not an area type",
        hint=f"did you mean {close[0]!r}?" if close else f"use one of {', '.join(sorted(AREA_TYPES))}",
        value=type,
        allowed=tuple(sorted(AREA_TYPES)),
    )


def span(at: dt.date | str | Period | None) -> Span | None:
    """First and last day of what `at=` names: a date, a `Period`, or text that `Period.parse` reads. Raises `InvalidValueError`."""
    if at is None:
        return None
    if isinstance(at, dt.datetime):
        at = at.date()
    if isinstance(at, dt.date):
        return (at, at)
    period = Period.parse(at) if isinstance(at, str) else at
    return (period.start, period.end)


def overlaps(thing: Area | Relation, when: Span) -> bool:
    """Whether something with validity dates is valid on any day of a span."""
    return (thing.valid_from is None or thing.valid_from <= when[1]) and (thing.valid_to is None or thing.valid_to >= when[0])
