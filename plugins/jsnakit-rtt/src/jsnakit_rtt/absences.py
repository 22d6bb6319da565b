"""A provider that is not in a month's file: succeeded by another, not submitted, or simply not there. None of these is zero.

Months are read together: whoever has rows of a part in one month and none in a later one is looked for. What the publisher itself says of missing data
(`statements.toml`) makes rows whatever else was read.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import resources
from typing import Final

import pyarrow as pa
from attrs import field, frozen

from jsnakit import geography
from jsnakit.model import TOTAL, Period
from jsnakit.observations import build
from jsnakit.settings import structure
from jsnakit.sources import Query
from jsnakit_rtt.measures import CATEGORY_TYPE, LEVELS, Month, names_of_part

__all__ = ["PARTS_COUNTED", "Statement", "Window", "england_note", "heir", "statements"]

PARTS_COUNTED: Final = ("Part_1A", "Part_1B", "Part_2", "Part_3")
"""The parts that have measures."""


@frozen(kw_only=True)
class Statement:
    """What the publisher says of a provider's missing months: `first` to `last` day, the `waits` its estimate carries, in which words, and where."""

    provider: str
    first: dt.date
    last: dt.date
    waits: int
    said: str
    source: str
    url: str

    def covers(self, month: dt.date) -> bool:
        """Whether it speaks of a month, given by its first day."""
        return self.first <= month <= self.last


@cache
def statements() -> tuple[Statement, ...]:
    """The publisher's statements that ship with this version."""
    document = tomllib.loads(resources.files(__package__).joinpath("statements.toml").read_text(encoding="utf-8"))
    return tuple(structure(row, Statement, where=f"statements.toml, statement {i + 1}") for i, row in enumerate(document["statement"]))


def _name(code: str) -> str:
    name = geography.name_of(code, type="trust")
    return f"{name} ({code})" if name != code else code


def england_note(month: Month) -> str | None:
    """What a reader of England's figures must know of a month: who is not in them."""
    sent = set(month.groups("Part_2", "provider").areas)
    missing = [s.provider for s in statements() if s.covers(month.extract.month) and s.provider not in sent]
    return f"Does not include {', '.join(map(_name, missing))}: no data were sent." if missing else None


def heir(provider: str, after: dt.date, until: dt.date) -> geography.Relation | None:
    """The step by which a provider became part of another between two days, if the register of organisations says so."""
    steps = [s for s in geography.successors(provider, at=until) if s.from_area.code == provider]
    return next((s for s in steps if s.valid_from is not None and after <= s.valid_from), None)


@frozen
class _Seen:
    """What is kept of a month once its rows are gone: who had rows of which part, with which functions."""

    origin: str
    has: dict[str, dict[str, frozenset[str]]]


@frozen
class Window:
    """The months read so far, whatever their order, and the rows of those who are missing from them.

    `months` limits how far back a provider is looked for: null for all months read.
    """

    months: int | None = None
    _seen: dict[dt.date, _Seen] = field(factory=dict)

    def add(self, month: Month) -> None:
        """Remember who is in a month."""
        self._seen[month.extract.month] = _Seen(month.origin, {part: month.functions_of(part) for part in PARTS_COUNTED})

    def providers(self) -> dict[str, tuple[dt.date, dt.date]]:
        """The first and the last month in which each provider has rows."""
        found: dict[str, tuple[dt.date, dt.date]] = {}
        for month in sorted(self._seen):
            for provider in set().union(*self._seen[month].has.values()):
                found[provider] = (found.get(provider, (month,))[0], month)
        return found

    def absences(self, query: Query) -> Iterator[pa.Table]:
        """A row for each measure of each provider that is missing from a month read, where the question asks for it."""
        codes = query.area_codes("provider")
        if codes == frozenset():
            return
        functions = query.wants_breakdown(CATEGORY_TYPE)
        for month, seen in sorted(self._seen.items()):
            if query.in_range(Period.month(month.year, month.month)):
                for part in PARTS_COUNTED:
                    rows = [r for r in self._missing(month, seen, part, codes) if functions or r[1] == TOTAL]
                    yield from _rows(rows, month, part, seen.origin, query)

    def _missing(self, month: dt.date, seen: _Seen, part: str, codes: frozenset[str] | None) -> list[tuple[str, str, str, str]]:
        """Provider, function, status and note of what is missing from one part of a month."""
        present, anywhere = seen.has[part], set().union(*seen.has.values())
        said = {s.provider: s for s in statements() if s.covers(month) and s.provider not in anywhere}
        before = self._before(month, part)
        rows: list[tuple[str, str, str, str]] = []
        for provider in sorted((set(before) | set(said) | (anywhere & (codes or set()))) - set(present)):
            if codes is not None and provider not in codes:
                continue
            last, had = before.get(provider, (None, frozenset()))
            if provider in said:
                status, note = "not_submitted", f"Not submitted. {said[provider].said}"
            elif last is None:
                status, note = "not_available", "The provider has no row of this kind in the month's file, in which it has others."
            elif heir(provider, last, _last_day(month)) is not None:
                continue
            else:
                status, note = (
                    "not_available",
                    f"Not in this month's file; last in that of {last:%B %Y}, of the months read. The publisher does not say why.",
                )
            rows += [(provider, function, status, note) for function in (TOTAL, *sorted(had))]
        return rows

    def _before(self, month: dt.date, part: str) -> dict[str, tuple[dt.date, frozenset[str]]]:
        """For each provider with rows of the part before a month, the last such month and its functions."""
        found: dict[str, tuple[dt.date, frozenset[str]]] = {}
        for earlier in sorted(self._seen):
            if earlier < month and (self.months is None or _months(earlier, month) <= self.months):
                found |= {provider: (earlier, functions) for provider, functions in self._seen[earlier].has[part].items()}
        return found

    def successions(self) -> list[geography.Relation]:
        """Who, of the providers seen, has become part of whom by the last month read."""
        last = max(self._seen, default=None)
        steps = [heir(p, first, _last_day(last)) for p, (first, _) in self.providers().items()] if last else []
        return sorted((s for s in steps if s is not None), key=lambda s: s.from_area.code)


def _months(earlier: dt.date, later: dt.date) -> int:
    return (later.year - earlier.year) * 12 + later.month - earlier.month


def _last_day(month: dt.date) -> dt.date:
    return Period.month(month.year, month.month).end


def _rows(rows: Iterable[tuple[str, str, str, str]], month: dt.date, part: str, origin: str, query: Query) -> Iterator[pa.Table]:
    held = list(rows)
    if not held:
        return
    providers, functions, statuses, notes = (list(column) for column in zip(*held, strict=True))
    for measure in names_of_part(part, query):
        period = Period.month_end(month.year, month.month) if measure.snapshot else Period.month(month.year, month.month)
        yield build(
            len(held), indicator=measure.id, area_scheme=LEVELS["provider"], area_type="provider", area=providers, period_start=period.start,
            period_duration=period.duration, period=period.label, category_type=[TOTAL if f == TOTAL else CATEGORY_TYPE for f in functions], category=functions,
            status=statuses, note=notes, origin=origin,
        )  # fmt: skip
