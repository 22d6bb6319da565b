"""Which rows of a table of counts are sums of others: over areas, sexes, ages, categories, periods and indicators."""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import Final, TypeVar

from attrs import evolve, frozen

from jsnakit.local._areas import OwnAreas
from jsnakit.local._suppress import Sum
from jsnakit.model import TOTAL, Area, Period

__all__ = ["Key", "age_span", "sums_of"]

_T = TypeVar("_T", bound=Hashable)
_MOST_WAYS: Final = 40
_OLDEST: Final = 1_000
_SPAN: Final = re.compile(r"(\d{1,3})\s*(?:-|to|\N{EN DASH})\s*(\d{1,3})")
_OPEN: Final = re.compile(r"(\d{1,3})\s*(?:\+|and over|and older|or over|plus|years and over|yrs and over)")
_UNDER: Final = re.compile(r"(?:under|below|<)\s*(\d{1,3})")


@frozen(order=True)
class Key:
    """What one figure is of: indicator, area, period and breakdown."""

    indicator: str
    area: Area
    period: Period
    sex: str = TOTAL
    age: str = TOTAL
    category_type: str = TOTAL
    category: str = TOTAL

    def __str__(self) -> str:
        more = [x for x in (self.sex, self.age, self.category) if x != TOTAL]
        return ", ".join((self.indicator, self.area.name or self.area.code, str(self.period), *more))


def age_span(text: str) -> tuple[int, int] | None:
    """The ages a label means, from the first to before the last; None where it does not say.

    >>> age_span("65-74 yrs"), age_span("85+"), age_span("Under 18"), age_span("Adults")
    ((65, 75), (85, 1000), (0, 18), None)
    """
    words = text.casefold()
    if text == TOTAL:
        return (0, _OLDEST)
    if match := _SPAN.search(words):
        return (int(match[1]), int(match[2]) + 1) if int(match[1]) <= int(match[2]) else None
    if match := _OPEN.search(words):
        return (int(match[1]), _OLDEST)
    if match := _UNDER.search(words):
        return (0, int(match[1]))
    match = re.fullmatch(r"(\d{1,3})(?: ?(?:yrs?|years?)(?: old)?)?", words)
    return (int(match[1]), int(match[1]) + 1) if match else None


def sums_of(keys: Sequence[Key], areas: OwnAreas, total_of: Mapping[str, Sequence[str]]) -> tuple[Sum, ...]:
    """The sums among the rows, in a stable order. Where it is not known whether a total holds more than its parts, it is taken to hold no more."""
    found: list[Sum] = []
    places = _Places(areas)
    found += _groups(keys, lambda k: k.area, lambda k: evolve(k, area=_NOWHERE), lambda members: _area_sums(members, places))
    found += _groups(keys, lambda k: k.period, lambda k: evolve(k, period=_NEVER), _period_sums)
    found += _groups(keys, lambda k: k.sex, lambda k: evolve(k, sex=""), _flat)
    found += _groups(keys, lambda k: k.age, lambda k: evolve(k, age=""), _age_sums)
    found += _groups(keys, lambda k: (k.category_type, k.category), lambda k: evolve(k, category_type="", category=""), _category_sums)
    found += _groups(keys, lambda k: k.indicator, lambda k: evolve(k, indicator=""), lambda members: _indicator_sums(members, total_of))
    # A sum of one part says nothing else is in the total, or that the other part is printed nowhere: that part is protected too.
    made = (evolve(s, open=s.open or len(s.parts) == 1) for s in found)
    return tuple(dict.fromkeys(made))


_NOWHERE: Final = Area("", "", "")
_NEVER: Final = Period(dt.date(1, 1, 1), "P0D")


def _groups(
    keys: Sequence[Key], own: Callable[[Key], _T], rest: Callable[[Key], Key], sums: Callable[[dict[_T, int]], Iterable[Sum]]
) -> list[Sum]:  # fmt: skip
    """The sums along one dimension: of the rows that agree in all others."""
    grouped: dict[Key, dict[_T, int]] = defaultdict(dict)
    for i, key in enumerate(keys):
        grouped[rest(key)][own(key)] = i
    return [s for members in grouped.values() if len(members) > 1 for s in sums(members)]


def _flat(members: Mapping[str, int]) -> list[Sum]:
    parts = tuple(i for name, i in members.items() if name != TOTAL)
    return [Sum(members[TOTAL], parts)] if TOTAL in members and parts else []


def _category_sums(members: Mapping[tuple[str, str], int]) -> list[Sum]:
    total = members.get((TOTAL, TOTAL))
    kinds = dict.fromkeys(kind for kind, _ in members if kind != TOTAL)
    return [] if total is None else [Sum(total, tuple(i for (k, _), i in members.items() if k == kind)) for kind in kinds]


def _indicator_sums(members: Mapping[str, int], total_of: Mapping[str, Sequence[str]]) -> list[Sum]:
    found = []
    for name, parts in total_of.items():
        here = [members[p] for p in parts if p in members]
        if name in members and here:
            found.append(Sum(members[name], tuple(here), open=len(here) < len(parts)))
    return found


def _tiled(spans: Mapping[_T, tuple[int, int]], members: Mapping[_T, int]) -> list[Sum]:
    """Each span as a sum of shorter ones that lie end to end, in every way there is (up to a limit)."""
    found = []
    for name, (first, last) in spans.items():
        inside = {n: s for n, s in spans.items() if n != name and first <= s[0] and s[1] <= last and s != (first, last)}
        ways: list[tuple[_T, ...]] = []
        todo: list[tuple[int, tuple[_T, ...]]] = [(first, ())]
        while todo and len(ways) < _MOST_WAYS:
            at, so_far = todo.pop()
            if at == last:
                ways.append(so_far)
                continue
            todo += [(s[1], (*so_far, n)) for n, s in inside.items() if s[0] == at]
        found += [Sum(members[name], tuple(sorted(members[n] for n in way))) for way in ways]
        if inside and not ways:
            # They leave a gap, or overlap: what lies in the span and in none of the widest that do not touch is printed nowhere.
            chosen: list[_T] = []
            end = first
            for n, s in sorted(inside.items(), key=lambda item: (item[1][0], -item[1][1])):
                if s[0] >= end:
                    chosen.append(n)
                    end = s[1]
            found.append(Sum(members[name], tuple(sorted(members[n] for n in chosen)), open=True))
    return found


def _age_sums(members: Mapping[str, int]) -> list[Sum]:
    spans = {name: span for name in members if (span := age_span(name)) is not None}
    return _tiled(spans, members) if len(spans) == len(members) else _flat(members)


def _period_sums(members: Mapping[Period, int]) -> list[Sum]:
    spans = {p: (p.start.toordinal(), p.end.toordinal() + 1) for p in members if p.duration != "P0D"}
    return _tiled(spans, members)


class _Places:
    """What lies in what, looked up once for each area."""

    def __init__(self, areas: OwnAreas) -> None:
        self.areas = areas
        self._above: dict[Area, frozenset[str]] = {}
        self._within: dict[tuple[str, str], frozenset[str] | None] = {}

    def above(self, area: Area) -> frozenset[str]:
        if area not in self._above:
            self._above[area] = frozenset(self.areas.parents_of(area))
        return self._above[area]

    def within(self, code: str, kind: str) -> frozenset[str] | None:
        if (code, kind) not in self._within:
            self._within[code, kind] = self.areas.children_of(code, kind)
        return self._within[code, kind]


def _area_sums(members: Mapping[Area, int], places: _Places) -> list[Sum]:
    found: list[Sum] = []
    related: set[Area] = set()
    for parent in members:
        for kind in dict.fromkeys(a.type for a in members):
            kids = [a for a in members if a.type == kind and a != parent and a.code != parent.code and parent.code in places.above(a)]
            if kids:
                every = places.within(parent.code, kind)
                missing = every is not None and bool(every - {a.code for a in kids})
                found.append(Sum(members[parent], tuple(members[a] for a in kids), open=missing))
                related |= {parent, *kids}
    for row in places.areas.rows:
        parts = [a for a in members if a.code in row.made_of]
        if row.area in members and parts:
            found.append(Sum(members[row.area], tuple(members[a] for a in parts), open=len({a.code for a in parts}) < len(set(row.made_of))))
            related |= {row.area, *parts}
    # One area of a kind beside several of another, with nothing known of how they stand: the one is taken for their total.
    kinds: dict[str, list[Area]] = defaultdict(list)
    for area in members:
        kinds[area.type].append(area)
    for lone in (a for group in kinds.values() if len(group) == 1 for a in group):
        for group in kinds.values():
            if len(group) > 1 and not any(a in related for a in group):
                found.append(Sum(members[lone], tuple(members[a] for a in group)))
    return found
