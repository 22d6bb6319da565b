"""Who followed whom, and what lies in what."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from jsnakit.geography._find import At, get
from jsnakit.geography._tables import Key, Relation, Span, area_keys, check_type, overlaps, pairs, relations_from, relations_to, span
from jsnakit.model import Area

__all__ = ["children", "links", "parents", "predecessors", "siblings", "successors"]

_UPWARD: Final = frozenset({"in", "best_fit"})
_REGION_OF: Final = {"ltla": "region", "utla": "region", "icb": "nhs_region", "sub_icb": "nhs_region", "region": "country"}


def links(area: Area | str, kind: str | None = None, scheme: str = "gss", type: str | None = None) -> tuple[Relation, ...]:
    """Every link that starts at an area: what it lies in, best fits with their share, and what succeeded it. `kind` keeps one kind.

    >>> [(r.to_area.code, r.weight) for r in links("E54000034", "succeeded_by")]
    [('E54000067', 0.228), ('E54000069', 0.2008), ('E54000070', 0.5712)]
    """
    found = (r for key in area_keys(area, scheme, type) for r in relations_from().get(key, ()))
    return tuple(r for r in found if kind in (None, r.kind))


def _chain(
    start: Iterable[Key], table: Mapping[Key, tuple[Relation, ...]], end: Callable[[Relation], Area], last: dt.date | None
) -> tuple[Relation, ...]:
    steps: list[Relation] = []
    todo, seen = list(start), set(start)
    while todo:
        for step in table.get(todo.pop(), ()):
            if step.kind != "succeeded_by" or (last and step.valid_from and step.valid_from > last):
                continue
            if step not in steps:
                steps.append(step)
            if end(step).key not in seen:
                seen.add(end(step).key)
                todo.append(end(step).key)
    return tuple(sorted(steps, key=lambda s: (s.valid_from or dt.date.min, s.from_area, s.to_area)))


def successors(area: Area | str, scheme: str = "ods", type: str | None = None, at: At = None) -> tuple[Relation, ...]:
    """The steps by which an area or organisation became others, in order of date, followed to the end (or up to `at`).

    Each step is a `Relation` from the old to the new, `valid_from` the day of the change. A body with no successor gives an empty tuple: the publisher names none, which does
    not say that nobody took over its work. Where a body was split, its share in each heir is None if nobody states it.

    >>> [(s.from_area.code, s.to_area.code, str(s.valid_from)) for s in successors("RAP")]
    [('RAP', 'RAL', '2025-01-01')]
    """
    check_type(type)
    when = span(at)
    return _chain(area_keys(area, scheme, type), relations_from(), lambda step: step.to_area, when[1] if when else None)


def predecessors(area: Area | str, scheme: str = "ods", type: str | None = None, at: At = None) -> tuple[Relation, ...]:
    """The steps by which an area or organisation came to be, in order of date; `at` leaves out later ones.

    >>> sorted(s.from_area.code for s in predecessors("R0D"))
    ['RD3', 'RDZ']
    """
    check_type(type)
    when = span(at)
    return _chain(area_keys(area, scheme, type), relations_to(), lambda step: step.from_area, when[1] if when else None)


def _as_gss(area: Area, when: Span | None) -> list[Area]:
    """The area under the codes that links are kept under, at a span of days."""
    same = pairs()[1].get(area.key)
    if same is None:
        return [area]
    alive = [a for a in same if (overlaps(a, when) if when else a.valid_to == area.valid_to)]
    return alive or [same[-1]]


def _span_of(area: Area, when: Span | None) -> Span:
    """The days asked for; else the area's last day, or the open end of time for one that has not ended."""
    if when is not None:
        return when
    last = area.valid_to or dt.date.max
    return (last, last)


def _walk(area: Area, type: str, table: Mapping[Key, tuple[Relation, ...]], end: Callable[[Relation], Area], at: At) -> tuple[Area, ...]:
    asked = span(at)
    when = _span_of(area, asked)
    level, seen = {a.key: a for a in _as_gss(area, asked)}, {area.key}
    while level:
        above: dict[Key, Area] = {}
        for key in level:
            for link in table.get(key, ()):
                if link.kind in _UPWARD and overlaps(link, when) and end(link).key not in seen:
                    above[end(link).key] = end(link)
        seen |= set(above)
        if reached := sorted(a for a in above.values() if a.type == type):
            return tuple(reached)
        level = above
    return ()


def _given(area: Area | str) -> Area:
    return get(area) if isinstance(area, str) else area


def parents(area: Area | str, type: str, at: At = None) -> tuple[Area, ...]:
    """The areas of a type that an area lies in, by way of others if need be; for an ICB of an authority, the one that most of its residents live in.

    Without `at`, those of its last day, or of now for an area that has not ended. Empty where no such link is known.

    >>> [a.name for a in parents(get("E06000009", "ltla"), "icb")]
    ['NHS Lancashire and South Cumbria Integrated Care Board']
    """
    check_type(type)
    return _walk(_given(area), type, relations_from(), lambda link: link.to_area, at)


def children(area: Area | str, type: str, at: At = None) -> tuple[Area, ...]:
    """The areas of a type that lie in an area (for an ICB's authorities: whose residents mostly live in it).

    >>> len(children("E12000002", "utla"))
    24
    """
    check_type(type)
    return _walk(_given(area), type, relations_to(), lambda link: link.from_area, at)


def siblings(area: Area | str, at: At = None) -> tuple[Area, ...]:
    """The other areas of the same type in the same region (NHS region for boards and sub-ICB locations); empty for types without one.

    >>> len(siblings(get("E06000009", "utla")))
    23
    """
    here = _given(area)
    wider = _REGION_OF.get(here.type)
    if wider is None:
        return ()
    when = at if at is not None else here.valid_to
    found = {a for parent in parents(here, wider, at) for a in children(parent, here.type, when)}
    return tuple(sorted(found - {here, *_as_gss(here, span(at))}))
