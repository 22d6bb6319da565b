"""The council's own areas (localities, wards, primary care networks), described in `areas.toml`, and how they are found beside England's."""

from __future__ import annotations

import datetime as dt
import re
import sys
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Final

from attrs import field, frozen

from jsnakit import geography
from jsnakit.errors import AmbiguousAreaError, InvalidValueError, SettingsError, UnknownAreaError
from jsnakit.local._describe import AREAS_FILE, FOLDER
from jsnakit.model import AREA_TYPES, Area, AreaType, nearest
from jsnakit.settings import load_toml, structure

__all__ = ["OwnArea", "OwnAreas", "read_areas"]

_CODE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")


@frozen(kw_only=True)
class _TypeRow:
    code: str
    name: str = ""
    plural: str = ""


@frozen(kw_only=True)
class OwnArea:
    """One area of the council's own: its code, name and type; the area it lies `within`; the codes it is `made_of`; its scheme (`local`, or `gss` for a ward's own code)."""

    code: str
    name: str
    type: str
    within: str = ""
    made_of: tuple[str, ...] = ()
    scheme: str = "local"
    aliases: tuple[str, ...] = ()
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None

    @property
    def area(self) -> Area:
        """The area as core knows it."""
        return Area(self.scheme, self.type, self.code, self.name, self.valid_from, self.valid_to, self.aliases)


def _spelling(text: str) -> str:
    return " ".join(
        re.sub(r"[^0-9a-z]+", " ", text.casefold().replace("&", " and ").replace("'", "").replace("\N{RIGHT SINGLE QUOTATION MARK}", "")).split()
    )


@frozen
class OwnAreas:
    """The areas of `areas.toml`, and with them those of England: each question is put to both.

    >>> OwnAreas().find("Blackpool", type="ltla").code
    'E06000009'
    """

    rows: tuple[OwnArea, ...] = ()
    types: Mapping[str, AreaType] = field(factory=dict)

    def __bool__(self) -> bool:
        return bool(self.rows)

    @cached_property
    def _by_code(self) -> dict[str, list[OwnArea]]:
        found: dict[str, list[OwnArea]] = {}
        for row in self.rows:
            found.setdefault(row.code.casefold(), []).append(row)
        return found

    @cached_property
    def _by_name(self) -> dict[str, list[OwnArea]]:
        found: dict[str, list[OwnArea]] = {}
        for row in self.rows:
            for name in {_spelling(name) for name in (row.name, *row.aliases)}:
                found.setdefault(name, []).append(row)
        return found

    def _own(self, text: str, type: str | None) -> list[Area]:
        hits = self._by_code.get(text.strip().casefold()) or self._by_name.get(_spelling(text), [])
        return [row.area for row in hits if type in (None, row.type)]

    def find(self, text: str, type: str | None = None, at: dt.date | str | None = None) -> Area:
        """The area that a code or name means, own or England's. Raises `AmbiguousAreaError` where it could be either, `UnknownAreaError` with the nearest names of both."""
        own = self._own(text, type)
        if at is not None and own:
            day = geography_day(at)
            own = [area for area in own if area.valid_at(day)]
        if type in self.types:
            if len(own) == 1:
                return own[0]
            if not own:
                raise self._unknown(text, type)
        elsewhere: Area | None = None
        also: tuple[Area, ...] = ()
        if type not in self.types:
            try:
                elsewhere = geography.find(text, type=type, at=at)
            except UnknownAreaError as error:
                if not own:
                    raise self._unknown(text, type, error) from error
            except AmbiguousAreaError as error:
                if not own:
                    raise
                also = error.candidates
            except InvalidValueError as error:
                raise self._type_error(error) from error
        found = [*own, *((elsewhere,) if elsewhere is not None else ()), *also]
        if len(found) == 1:
            chosen: Area = found[0]
            return chosen
        listed = "; ".join(f"{a.code} {a.type} {a.name}" for a in found)
        types = sorted({a.type for a in found})
        raise AmbiguousAreaError(
            f"{text!r} could be {len(found)} areas: {listed}",
            hint=f"give type=, one of {', '.join(map(repr, types))}" if len(types) > 1 else "give the code of the one you mean",
            area=text, candidates=tuple(found),
        )  # fmt: skip

    def _unknown(self, text: str, type: str | None, error: UnknownAreaError | None = None) -> UnknownAreaError:
        names = {spelt: row.name for row in self.rows if type in (None, row.type) for spelt in (row.code, *row.aliases, row.name)}
        mine = tuple(dict.fromkeys(names[spelt] for spelt in nearest(text, list(names))))
        close = tuple(dict.fromkeys((*mine, *(error.suggestions if error is not None else ()))))[:4]
        if error is not None and not mine:
            return error
        kind = f" of type {type!r}" if type else ""
        return UnknownAreaError(
            f"no area{kind} is called {text!r}",
            hint=f"did you mean {', '.join(close)}?" if close else f"{FOLDER}/{AREAS_FILE} has {', '.join(dict.fromkeys(names.values())) or 'no such area'}",
            area=text, suggestions=close,
        )  # fmt: skip

    def _type_error(self, error: InvalidValueError) -> InvalidValueError:
        known = tuple(sorted({*AREA_TYPES, *self.types}))
        close = nearest(str(error.value), known)
        return InvalidValueError(
            error.message, hint=f"did you mean {close[0]!r}?" if close else f"use one of {', '.join(known)}", value=error.value, allowed=known
        )

    def areas(self, type: str | None = None, at: dt.date | str | None = None) -> tuple[Area, ...]:
        """The areas of a type (or of all), valid at a date. Raises `InvalidValueError` for a type that neither has."""
        day = geography_day(at) if at is not None else None
        own = tuple(sorted(row.area for row in self.rows if type in (None, row.type) and (day is None or row.area.valid_at(day))))
        if type in self.types:
            return own
        try:
            return (*geography.areas(type=type, at=at), *own)
        except InvalidValueError as error:
            raise (self._type_error(error) if error.allowed else error) from error

    def search(self, words: str, type: str | None = None) -> tuple[Area, ...]:
        """Own areas whose name or code holds every word, then all of England that fit, best first. Raises `InvalidValueError` for a type that neither has."""
        wanted = _spelling(words).split()
        hits = (
            row.area
            for row in self.rows
            if type in (None, row.type) and all(w in _spelling(f"{row.name} {row.code} {' '.join(row.aliases)}") for w in wanted)
        )
        own = tuple(sorted(hits))
        if type in self.types:
            return own
        try:
            # A list for people may stop early; this one may be for a program, so it holds all.
            found = geography.search(words, type=type, limit=sys.maxsize)
        except InvalidValueError as error:
            raise (self._type_error(error) if error.allowed else error) from error
        # A near spelling of England's is no better than an own area that holds the words.
        return (*own, *found)

    def name_of(self, code: str, type: str | None = None) -> str:
        """The name to print beside a code."""
        for row in self._by_code.get(code.casefold(), ()):
            if row.type == type:
                return row.name
        if type in AREA_TYPES or code.casefold() not in self._by_code:
            return geography.name_of(code, type=type)
        return self._by_code[code.casefold()][0].name

    def parents_of(self, area: Area) -> tuple[str, ...]:
        """The codes of all areas that one lies in, the nearest first."""
        found: list[str] = []
        row = next((r for r in self.rows if r.area == area), None)
        while row is not None and row.within and row.within not in found:
            found.append(row.within)
            row = next((r for r in self.rows if r.code == found[-1]), None)
        last = found[-1] if found else area.code
        return (*found, *_of_england(last if row is None else "", area))

    def children_of(self, code: str, type: str) -> frozenset[str] | None:
        """The codes of every area of a type that lies in one, or None where that is not known."""
        if type in self.types:
            return frozenset(r.code for r in self.rows if r.type == type and code in self.parents_of(r.area))
        try:
            every = [a for kind in ("country", "region", "utla", "icb", "ltla") for a in _gets(code, kind)]
        except UnknownAreaError:
            return None
        for area in every:
            if found := geography.children(area, type):
                return frozenset(a.code for a in found)
        return None


def _gets(code: str, kind: str) -> tuple[Area, ...]:
    try:
        return (geography.get(code, type=kind),)
    except UnknownAreaError:
        return ()


def _of_england(code: str, area: Area) -> tuple[str, ...]:
    """The codes of the areas of England that a code lies in."""
    found: list[str] = []
    for kind in ("ltla", "utla"):
        for here in _gets(code, kind):
            for above in ("utla", "region", "country"):
                found += [p.code for p in geography.parents(here, above) if p.code not in (code, area.code)]
            break
        if found:
            break
    for here in _gets(code, "region"):
        found += [p.code for p in geography.parents(here, "country")]
    if found or _gets(code, "region"):
        found.append("E92000001")
    return tuple(dict.fromkeys(found))


def geography_day(at: dt.date | str) -> dt.date:
    """The day that `at` names; of a longer period its last."""
    from jsnakit.model import Period

    return Period.parse(at).end if isinstance(at, str) else at


def read_areas(folder: Path) -> OwnAreas:
    """The areas that a project's `local/areas.toml` describes; none where there is no such file. Raises `SettingsError` naming the row and the key."""
    path = folder / AREAS_FILE
    if not path.exists():
        return OwnAreas()
    where = f"{FOLDER}/{AREAS_FILE}"
    document = load_toml(path)
    for key in document:
        if key not in ("area", "type"):
            raise SettingsError(f"{where}: unknown table {key!r}", hint="use [[type]] and [[area]]", file=where, key=key)
    types = {
        t.code: AreaType(t.code, t.name or t.code.replace("_", " "), t.plural or _plural(t.name or t.code.replace("_", " ")), "local")
        for t in _rows(document, "type", _TypeRow, where)
    }
    rows = []
    for i, row in enumerate(document.get("area", []) if isinstance(document.get("area", []), list) else [], 1):
        given = {("within" if k == "in" else k): v for k, v in row.items()} if isinstance(row, dict) else {}
        rows.append(structure(given, OwnArea, where=f"{where}, [[area]] {i}", file=where))
    for row in rows:
        types.setdefault(row.type, AreaType(row.type, row.type.replace("_", " "), _plural(row.type.replace("_", " ")), row.scheme))
    _check(rows, types, where)
    return OwnAreas(tuple(rows), types)


def _rows(document: Mapping[str, object], key: str, kind: type[_TypeRow], where: str) -> list[_TypeRow]:
    given = document.get(key, [])
    if not isinstance(given, list):
        raise SettingsError(f"{where}: write [[{key}]], with two brackets", file=where, key=key)
    return [structure(row, kind, where=f"{where}, [[{key}]] {i}", file=where) for i, row in enumerate(given, 1)]


def _plural(name: str) -> str:
    return name[:-1] + "ies" if name.endswith("y") and name[-2:-1] not in "aeiou" else name + "s"


def _check(rows: Iterable[OwnArea], types: Mapping[str, AreaType], where: str) -> None:
    seen: set[tuple[str, str]] = set()
    rows = list(rows)

    def refuse(row: OwnArea, why: str, hint: str, key: str) -> None:
        raise SettingsError(f"{where}: area {row.code!r} {why}", hint=hint, file=where, key=key)

    for kind in types:
        if kind in AREA_TYPES:
            raise SettingsError(
                f"{where}: {kind!r} is a type that jsnakit has already",
                hint='give your own areas a type of their own, such as "locality"',
                file=where,
                key="type",
            )
        if not re.fullmatch(r"[a-z][a-z0-9_]*", kind):
            raise SettingsError(
                f"{where}: {kind!r} is not a type's code", hint='lower-case letters, digits and _: "primary_care_network"', file=where, key="type"
            )
    own = {row.code for row in rows}
    for row in rows:
        if not _CODE.fullmatch(row.code):
            refuse(row, "has a code with spaces or signs", "use letters, digits, _ - and dots", "code")
        if not row.name.strip():
            refuse(row, "has no name", 'write name = "..."', "name")
        if (row.type, row.code.casefold()) in seen:
            refuse(row, "is there twice", "a code stands for one area of a type", "code")
        seen.add((row.type, row.code.casefold()))
        if row.within and row.within not in own and geography.name_of(row.within) == row.within:
            refuse(
                row, f"lies in {row.within!r}, which is no area", "write the code of another area of this file, or of an authority (E06000009)", "in"
            )
        walked, above = {row.code}, row.within
        while above in own:
            if above in walked:
                refuse(row, "lies in itself", "mend `in`", "in")
            walked.add(above)
            above = next(r.within for r in rows if r.code == above)
