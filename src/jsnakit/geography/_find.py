"""Which area a person means: by code, name, old name or short form, at a date; and never by a guess."""

from __future__ import annotations

import datetime as dt
import functools
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from attrs import evolve

from jsnakit.errors import AmbiguousAreaError, UnknownAreaError
from jsnakit.geography._names import FAMILIES, family_of, fold, shorten
from jsnakit.geography._tables import Span, check_type, known, overlaps, pairs, register, sites, span
from jsnakit.model import AREA_TYPES, Area, Period, nearest

__all__ = ["areas", "equivalents", "find", "get", "name_of", "search", "translate"]

At = dt.date | str | Period | None

# What publishers who name no type call an organisation of each type.
_AS_LISTED: Final = {"trust": "provider", "sub_icb": "commissioner"}


def areas(type: str | None = None, at: At = None) -> tuple[Area, ...]:
    """Every area of a type (or of all), at a date or period, or of all time if `at` is None; ordered by type and code.

    A period answers with the areas valid on any of its days. Boards, sub-ICB locations and NHS regions come once, under their GSS code; `translate` gives the
    ODS code. Raises `InvalidValueError` for a type nobody knows.

    >>> len(areas("icb", at="2025-01-01")), len(areas("icb", at="2026-06-01"))
    (42, 36)
    """
    check_type(type)
    when = span(at)
    return tuple(a for a in register().values() if type in (None, a.type) and (when is None or overlaps(a, when)))


@functools.cache
def _index() -> Mapping[str, tuple[tuple[Area, bool], ...]]:
    """From each folded name to the areas that answer to it, and whether by their own name (else by an alias)."""
    found: dict[str, dict[tuple[str, str, str], tuple[Area, bool]]] = defaultdict(dict)
    for area in register().values():
        family = family_of(area.type) or ""
        for own, names in ((True, (area.name,)), (False, area.aliases)):
            for name in names:
                for spelling in (fold(name), shorten(fold(name), family)):
                    found[spelling].setdefault(area.key, (area, own))
    return {spelling: tuple(by_key.values()) for spelling, by_key in found.items()}


def _preferred(hits: Iterable[tuple[Area, bool]]) -> list[Area]:
    """Within one type, an area's own name outranks another area's alias."""
    by_type: dict[str, list[tuple[Area, bool]]] = defaultdict(list)
    for hit in hits:
        by_type[hit[0].type].append(hit)
    chosen: list[Area] = []
    for found in by_type.values():
        own = [area for area, is_own in found if is_own]
        chosen += own or [area for area, _ in found]
    return chosen


def _candidates(text: str, type: str | None) -> list[Area]:
    by_code = [a for a in known().get(text.strip().upper(), ()) if type in (None, a.type)]
    if by_code:
        return by_code
    folded = fold(text)
    hits = [hit for hit in _index().get(folded, ()) if type in (None, hit[0].type)]
    if not hits:
        # "... ICB", "... Council", "... NHS Trust": the words that say what kind of body it is, say its type.
        for family, types in FAMILIES.items():
            short = shorten(folded, family)
            if short != folded:
                hits += [hit for hit in _index().get(short, ()) if hit[0].type in types and type in (None, hit[0].type)]
    return _preferred(hits)


def _dates(area: Area) -> str:
    if area.valid_from and area.valid_to:
        return f"{area.valid_from} to {area.valid_to}"
    if area.valid_from:
        return f"from {area.valid_from}"
    return f"until {area.valid_to}" if area.valid_to else "throughout"


def _line(area: Area) -> str:
    return f"{area.code} {area.type} {area.name} ({_dates(area)})"


def _settle(asked: str, found: Sequence[Area], type: str | None, when: Span | None) -> Area:
    """The one candidate that remains, or an error that says how to choose."""
    alive = [a for a in found if when is None or overlaps(a, when)]
    if len(alive) == 1:
        return alive[0]
    if alive:
        raise _ambiguous(asked, alive)
    if found and when:
        said = f"{when[0]}" if when[0] == when[1] else f"{when[0]} to {when[1]}"
        raise UnknownAreaError(
            f"{asked!r} is not an area's name or code at {said}: " + "; ".join(_line(a) for a in found),
            hint="ask at a date within those, or for its successor or predecessor",
            area=asked,
            suggestions=tuple(a.code for a in found),
        )
    raise _unknown(asked, type)


def _ambiguous(asked: str, found: Sequence[Area]) -> AmbiguousAreaError:
    ordered = sorted(found, key=lambda a: (a.valid_from or dt.date.min, a.type, a.code))
    types = sorted({a.type for a in ordered})
    hints = []
    if len(types) > 1:
        hints.append("give type=, one of " + ", ".join(repr(t) for t in types))
    if any(len({a.code for a in ordered if a.type == t}) > 1 for t in types):
        hints.append("give at=, a date or period within the dates of the one you mean, or its code")
    return AmbiguousAreaError(
        f"{asked!r} could be {len(ordered)} areas: " + "; ".join(_line(a) for a in ordered),
        hint="; ".join(hints),
        area=asked,
        candidates=tuple(ordered),
    )


@functools.cache
def _vocabulary(type: str | None) -> Mapping[str, str]:
    """Folded names and codes of a type, with the words to suggest."""
    words: dict[str, str] = {}
    for area in register().values():
        if type in (None, area.type):
            family = family_of(area.type) or ""
            words.setdefault(shorten(fold(area.name), family), area.name)
            words.setdefault(fold(area.name), area.name)
            for alias in area.aliases:
                words.setdefault(fold(alias), area.name)
    for code, found in known().items():
        if any(type in (None, a.type) for a in found):
            words.setdefault(code.casefold(), code)
    return words


def _unknown(asked: str, type: str | None) -> UnknownAreaError:
    words = _vocabulary(type)
    suggestions = tuple(dict.fromkeys(words[w] for w in nearest(fold(asked), list(words), n=6)))[:3]
    kind = f" of type {type!r}" if type else ""
    if not suggestions and type and _candidates(asked, None):
        others = sorted({a.type for a in _candidates(asked, None)})
        hint = f"it is the name of another type: {', '.join(others)}"
    elif suggestions:
        hint = "did you mean " + ", ".join(suggestions) + "?"
    else:
        hint = f"jsnakit.geography.search({asked!r}) looks through all names; codes such as E06000009 always work"
    return UnknownAreaError(f"no area{kind} is called {asked!r}", hint=hint, area=asked, suggestions=suggestions)


def find(text: str, type: str | None = None, at: At = None) -> Area:
    """The area that a code or name means.

    A code is exact. Names are compared without case, accents, punctuation or a leading "the", with "&" as "and" and "St" as "Saint"; "Council", "City of", "NHS ...
    Integrated Care Board", "NHS Foundation Trust" and the like may be left out; old names and aliases count. Where that leaves several areas, `type=` and `at=` (a date, a `Period` or
    text such as "2022-01-01" or "2021/22") choose among them; an area of today is not preferred to one that has ended. A code of ODS gives the area under that code, a name gives
    the GSS code where there is one (`translate` changes between them).

    Raises `AmbiguousAreaError` with the candidates and their dates, `UnknownAreaError` with the nearest names, and `InvalidValueError` for an unknown type or an unreadable date.

    >>> find("Somerset", type="utla", at="2022-01-01").code
    'E10000027'
    >>> find("Bristol City Council", type="utla").name
    'Bristol, City of'
    >>> find("NHS Lancashire & South Cumbria ICB").code
    'E54000048'
    """
    check_type(type)
    return _settle(text, _candidates(text, type), type, span(at))


def get(code: str, type: str | None = None) -> Area:
    """The area of exactly this code. A unitary authority needs `type=`, since one code is both its tiers.

    Raises `UnknownAreaError` or `AmbiguousAreaError`.

    >>> get("RXL").name
    'Blackpool Teaching Hospitals NHS Foundation Trust'
    """
    check_type(type)
    return _settle(code, [a for a in known().get(code.strip().upper(), ()) if type in (None, a.type)], type, None)


def name_of(code: str, type: str | None = None) -> str:
    """The name to print beside a code: that of an area (of the type, else of any), of a hospital site, or the code itself where nothing is known.

    >>> name_of("RXL", type="provider"), name_of("RXL01"), name_of("ZZ999")
    ('Blackpool Teaching Hospitals NHS Foundation Trust', 'Blackpool Victoria Hospital', 'ZZ999')
    """
    found = known().get(code, ())
    chosen = [a for a in found if a.type == type] or found
    if chosen:
        return chosen[0].name
    site = sites().get(code)
    return site.name if site else code


def equivalents(area: Area) -> tuple[Area, ...]:
    """The same place under the other codes and types that publishers use for it: a board's ODS or GSS code, a unitary authority as the other tier.

    A body under its ODS code has every GSS code it has had, the latest first; a GSS code that replaced another after a change of boundary is not its equivalent. Publishers who list every
    organisation that treats or pays name no type: a trust is their `provider`, a sub-ICB location their `commissioner`, under the same code.

    >>> [a.code for a in equivalents(get("QRL"))], [a.type for a in equivalents(get("E06000009", "ltla"))]
    (['E54000067', 'E54000042'], ['utla'])
    >>> [(a.type, a.code) for a in equivalents(get("E38000228"))], [a.type for a in equivalents(get("RXL", "trust"))]
    ([('sub_icb', '01K'), ('commissioner', '01K')], ['provider'])
    """
    forward, backward = pairs()
    same = [forward[area.key]] if area.key in forward else []
    same += sorted(backward.get(area.key, ()), key=lambda a: a.valid_from or dt.date.min, reverse=True)
    tiers = [a for a in known().get(area.code, ()) if a.key != area.key and a.scheme == area.scheme and {a.type, area.type} == {"ltla", "utla"}]
    listed = [evolve(a, type=_AS_LISTED[a.type]) for a in (area, *same) if a.scheme == "ods" and a.type in _AS_LISTED]
    typed = [a for a in known().get(area.code, ()) if a.scheme == area.scheme and _AS_LISTED.get(a.type) == area.type]
    beyond = [b for a in typed for b in backward.get(a.key, ())]
    return (*same, *tiers, *listed, *typed, *beyond)


def search(words: str, type: str | None = None, limit: int = 20) -> tuple[Area, ...]:
    """Areas that may be meant, best first: the same name, then names that start so, then those holding every word, then near spellings.

    >>> search("blackpol", type="utla")[0].name
    'Blackpool'
    """
    check_type(type)
    folded, code = fold(words), words.strip().upper()
    wanted = folded.split()
    ranked: list[tuple[int, str, Area]] = []
    for area in (a for found in known().values() for a in found if type in (None, a.type)):
        rank = _rank(area, folded, wanted, code)
        if rank is not None:
            ranked.append((rank, fold(area.name), area))
    if not ranked:
        close = nearest(folded, list(_vocabulary(type)), n=5)
        names = [_vocabulary(type)[word] for word in close]
        ranked = [(names.index(a.name), "", a) for a in areas(type) if a.name in names]
    ranked.sort(key=lambda r: (r[0], r[1], r[2].valid_to is not None, r[2].key))
    return tuple(area for _, _, area in ranked[:limit])


def _rank(area: Area, folded: str, wanted: Sequence[str], code: str) -> int | None:
    if area.code == code:
        return 0
    if area.scheme != AREA_TYPES[area.type].scheme or not folded:
        return None
    family = family_of(area.type) or ""
    spellings = {fold(name) for name in (area.name, *area.aliases)}
    spellings |= {shorten(s, family) for s in spellings}
    if folded in spellings:
        return 1
    if any(s.startswith(folded) for s in spellings):
        return 2
    if any(all(any(word.startswith(w) for word in s.split()) for w in wanted) for s in spellings):
        return 3
    return None


def translate(area: Area | str, scheme: str, at: At = None) -> Area:
    """The same body under its code in another scheme (`gss` or `ods`): integrated care boards, sub-ICB locations and NHS regions have both.

    An ODS code outlives changes of boundary and a GSS code does not, so from ODS to GSS a date may be needed. Raises `AmbiguousAreaError` with the candidates,
    or `UnknownAreaError` where the area has no code in that scheme (at that date).

    >>> translate("E54000048", "ods").code, translate("QE1", "gss").code
    ('QE1', 'E54000048')
    >>> translate("QRL", "gss", at="2025-01-01").code
    'E54000042'
    """
    here = get(area) if isinstance(area, str) else area
    if here.scheme == scheme:
        return here
    forward, backward = pairs()
    found = (forward[here.key],) if here.key in forward else backward.get(here.key, ())
    matching = [a for a in found if a.scheme == scheme]
    if not matching:
        raise UnknownAreaError(
            f"{here} has no code in the scheme {scheme!r}",
            hint="integrated care boards, sub-ICB locations and NHS regions have a GSS and an ODS code",
            area=here.code,
            suggestions=(),
        )
    return _settle(here.code, matching, here.type, span(at))
