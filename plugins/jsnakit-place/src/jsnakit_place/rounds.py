"""The rounds of PEAT and PLACE as data: when each was, which era it belongs to, and which editions of its files there were."""

from __future__ import annotations

import datetime as dt
import functools
import tomllib
from collections.abc import Mapping
from importlib import resources
from typing import Any, Final

from attrs import field, frozen

from jsnakit.errors import SettingsError
from jsnakit.model import Period
from jsnakit.settings import structure

__all__ = [
    "DOMAINS",
    "FOOD",
    "LEAST_SITES",
    "RATINGS",
    "Edition",
    "Era",
    "Round",
    "Scale",
    "Withdrawn",
    "eras",
    "round_from",
    "rounds",
    "scale_of",
    "scales",
]

DOMAINS: Final = (
    "cleanliness",
    "food",
    "organisation_food",
    "ward_food",
    "privacy_dignity_wellbeing",
    "condition_appearance_maintenance",
    "dementia",
    "disability",
)
"""The domains of PLACE, as the keys of columns and indicators."""

FOOD: Final = ("food", "organisation_food", "ward_food")
"""The three columns that a self-catering site has no part in."""

RATINGS: Final = ("peat_environment", "peat_food", "peat_privacy_dignity", "peat_traffic_light")
"""What PEAT rated, in words."""

LEAST_SITES: Final = 850
"""The fewest sites from which an average of England is computed where the publisher's number of assessments is not known: no round of PLACE had fewer."""


@frozen(kw_only=True)
class Edition:
    """One edition of a round's files: until when it stood, and what is known to be wrong in it (`levels` and `wrong` domains, `"*"` for every one).

    `told_by` says by what a file shows its edition: an organisation that it has or lacks, and how many rows it must have before a lack says anything.
    """

    release: str
    until: dt.date | None = None
    levels: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()
    note: str = ""
    told_by: Mapping[str, Any] = field(factory=dict)

    def touches(self, level: str, domain: str) -> bool:
        """Whether a figure of this level and domain is among those known to be wrong."""
        return level in self.levels and ("*" in self.wrong or domain in self.wrong)


@frozen(kw_only=True)
class Withdrawn:
    """A score that the publisher printed by mistake and withdrew."""

    site: str
    domain: str
    note: str


@frozen(kw_only=True)
class Round:
    """One year's collection: its dates (as exact as they are known), its era and its editions."""

    year: int
    programme: str
    era: str
    start: dt.date
    end: dt.date
    dates: str = "year"
    page: str = ""
    assessments: int | None = None
    edition: tuple[Edition, ...] = ()
    withdrawn: tuple[Withdrawn, ...] = ()

    @property
    def period(self) -> Period:
        """The time of the collection: days or months where they are known, else the calendar year; the label is the year.

        >>> rounds()[2024].period.duration, rounds()[2014].period.duration
        ('P4M', 'P1Y')
        """
        if self.dates == "year":
            return Period.year(self.year)
        months = (self.end.year - self.start.year) * 12 + self.end.month - self.start.month + 1
        whole = self.start.day == 1 and (self.end + dt.timedelta(days=1)).day == 1
        return Period(self.start, f"P{months}M" if whole else f"P{(self.end - self.start).days + 1}D", str(self.year))

    @property
    def releases(self) -> tuple[str, ...]:
        """The releases in order; the last is what the publisher's page holds now."""
        return tuple(dict.fromkeys(e.release for e in self.edition)) or ("original",)

    @property
    def begins_era(self) -> bool:
        """Whether this is the first round of its era."""
        return self.year == min(r.year for r in rounds().values() if r.era == self.era)


@frozen(kw_only=True)
class Era:
    """A run of years under one set of rules, with what the publisher says changed at its beginning.

    `barred` says whether figures from before it may not be compared with its own; the indicators carry those as breaks.
    """

    id: str
    begins: dt.date
    barred: bool
    reason: str
    source: str
    said_by: str


@frozen(kw_only=True)
class Scale:
    """An ordinal scale: its labels from the worst (rank 1) to the best, the ranks that the published share counts, and what a label stands for."""

    id: str
    columns: tuple[str, ...]
    labels: tuple[str, ...]
    good: tuple[int, ...]
    meanings: Mapping[str, str] = field(factory=dict)

    def rank(self, cell: str) -> int | None:
        """The rank of a word (`Excellent`), of a rank (`5`), or of both (`5 - Excellent`); None for anything else, also where the two disagree.

        >>> scale_of("peat_food").rank("5 - Excellent"), scale_of("peat_food").rank("4 (excellent)")
        (5, None)
        """
        words = cell.casefold().replace("-", " ").replace("(", " ").replace(")", " ").replace(":", " ").replace("=", " ").split()
        if not words or len(words) > 2:
            return None
        found = {self.labels.index(w) + 1 if w in self.labels else int(w) if w.isdecimal() else 0 for w in words}
        (first, *others) = found
        return first if not others and 1 <= first <= len(self.labels) else None

    def said(self, rank: int) -> str:
        """A rank in words, as the note of a row carries it.

        >>> scale_of("peat_food").said(5), scale_of("peat_traffic_light").said(1)
        ('excellent (5 of 5)', 'red, poor (1 of 3)')
        """
        label = self.labels[rank - 1]
        meaning = f", {self.meanings[label]}" if label in self.meanings else ""
        return f"{label}{meaning} ({rank} of {len(self.labels)})"


def _tables(name: str, key: str) -> list[dict[str, Any]]:
    document = tomllib.loads(resources.files(__package__).joinpath(name).read_text(encoding="utf-8"))
    tables: list[dict[str, Any]] = document[key]
    return tables


def round_from(table: Mapping[str, Any], where: str) -> Round:
    """One `[[collection]]` of a TOML file. Raises `SettingsError` for a key or value it cannot use."""
    made = structure(table, Round, where=where)
    if made.programme not in {"PEAT", "PLACE"} or made.end < made.start or made.dates not in {"days", "months", "year"}:
        raise SettingsError(
            f"{where}: collection {made.year} has a programme, an end or a kind of dates that cannot be", hint="see collections.toml", file=where
        )
    return made


@functools.cache
def rounds() -> Mapping[int, Round]:
    """The rounds by year.

    >>> sorted(set(range(2000, 2026)) - set(rounds()))
    [2020, 2021]
    """
    made = [round_from(t, f"collections.toml, collection {t.get('year')}") for t in _tables("collections.toml", "collection")]
    return {r.year: r for r in made}


@functools.cache
def eras() -> Mapping[str, Era]:
    """The eras by id, in order of time."""
    made = [structure(t, Era, where="eras.toml") for t in _tables("eras.toml", "era")]
    return {e.id: e for e in made}


@functools.cache
def scales() -> tuple[Scale, ...]:
    """The two ordinal scales of PEAT."""
    return tuple(structure(t, Scale, where="ratings.toml") for t in _tables("ratings.toml", "scale"))


def scale_of(column: str) -> Scale:
    """The scale on which a column of PEAT is rated."""
    return next(s for s in scales() if column in s.columns)
