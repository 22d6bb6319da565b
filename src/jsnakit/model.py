"""The words of the field as frozen values: area, period, indicator, polarity, target, pin. No I/O, no pandas."""

from __future__ import annotations

import calendar
import datetime as dt
import enum
import re
from collections.abc import Sequence
from typing import Final

import attrs
from attrs import field, frozen, validators

from jsnakit.errors import InvalidValueError

__all__ = [
    "AREA_TYPES",
    "ENGLAND",
    "TOTAL",
    "Area",
    "AreaType",
    "Break",
    "Comparator",
    "Group",
    "Headline",
    "Indicator",
    "Member",
    "Period",
    "Pin",
    "Polarity",
    "Population",
    "Target",
    "TargetKind",
    "Theme",
]

TOTAL: Final = "_T"
"""The code of a total in every breakdown column (SDMX)."""


@frozen
class AreaType:
    """A kind of area: its code in the table, its name in words and the scheme its codes belong to.

    >>> AREA_TYPES["utla"].name
    'upper-tier local authority'
    """

    code: str
    name: str
    plural: str
    scheme: str = "gss"


def _types(*rows: tuple[str, str, str, str]) -> dict[str, AreaType]:
    return {code: AreaType(code, name, plural, scheme) for code, name, plural, scheme in rows}


AREA_TYPES: Final = _types(
    ("country", "country", "countries", "gss"),
    ("region", "region", "regions", "gss"),
    ("nhs_region", "NHS England region", "NHS England regions", "gss"),
    ("utla", "upper-tier local authority", "upper-tier local authorities", "gss"),
    ("ltla", "lower-tier local authority", "lower-tier local authorities", "gss"),
    ("icb", "integrated care board", "integrated care boards", "gss"),
    ("sub_icb", "sub-ICB location", "sub-ICB locations", "gss"),
    ("commissioner", "commissioner", "commissioners", "ods"),
    ("trust", "NHS trust", "NHS trusts", "ods"),
    ("provider", "provider", "providers", "ods"),
    ("site", "hospital site", "hospital sites", "ods"),
)
"""The area types core knows, by code; a plugin may use others."""


@frozen(order=True)
class Area:
    """A place or an organisation that figures are published for, with the dates in which its code is valid.

    A unitary authority is both `ltla` and `utla` under one code, so the type is part of what an area is. `valid_to` is the last day; null means still valid.

    >>> ENGLAND.code
    'E92000001'
    """

    scheme: str
    type: str
    code: str
    name: str = field(default="", eq=False, order=False)
    valid_from: dt.date | None = field(default=None, eq=False, order=False)
    valid_to: dt.date | None = field(default=None, eq=False, order=False)
    aliases: tuple[str, ...] = field(default=(), eq=False, order=False)

    @property
    def key(self) -> tuple[str, str, str]:
        """The three area columns of the observation table: scheme, type, code."""
        return (self.scheme, self.type, self.code)

    def valid_at(self, day: dt.date) -> bool:
        """Whether the code was in use on `day`."""
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)

    def __str__(self) -> str:
        return f"{self.name or self.code} ({self.type} {self.code})"


ENGLAND: Final = Area("gss", "country", "E92000001", "England")
"""England as a whole."""

_DURATION = re.compile(r"P(?:(?P<n>[1-9]\d*)(?P<unit>[YMWD])|0D)")
_MONTHS = {name.lower(): i for i, name in enumerate(calendar.month_abbr) if name} | {
    name.lower(): i for i, name in enumerate(calendar.month_name) if name
}


def _add_months(day: dt.date, months: int) -> dt.date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


@frozen(order=True)
class Period:
    """The time a figure speaks of: its first day, an ISO 8601 duration, and the label as printed.

    A snapshot ("at the end of February") has the duration `P0D` on its day. Only `start` and `duration` are the key; the label is shown and never compared.
    Raises `InvalidValueError` for a duration that is not one ISO 8601 number and unit.

    >>> Period.month(2026, 2).end
    datetime.date(2026, 2, 28)
    >>> Period.parse("2021/22").start
    datetime.date(2021, 4, 1)
    >>> Period.parse("2018 - 20").duration
    'P3Y'
    """

    start: dt.date
    duration: str = field()
    label: str = field(default="", eq=False, order=False)

    @duration.validator
    def _check(self, _: attrs.Attribute[str], value: str) -> None:
        if not _DURATION.fullmatch(value):
            raise InvalidValueError(
                f"{value!r} is not a duration", hint="use ISO 8601, one number and unit: P1M, P1Y, P3Y; P0D for a snapshot", value=value
            )

    @classmethod
    def month(cls, year: int, month: int) -> Period:
        """The calendar month as a flow (`P1M` from its first day)."""
        return cls(dt.date(year, month, 1), "P1M", f"{calendar.month_name[month]} {year}")

    @classmethod
    def month_end(cls, year: int, month: int) -> Period:
        """The snapshot at the end of a calendar month (`P0D` on its last day)."""
        return cls(dt.date(year, month, calendar.monthrange(year, month)[1]), "P0D", f"{calendar.month_name[month]} {year}")

    @classmethod
    def year(cls, year: int) -> Period:
        """The calendar year."""
        return cls(dt.date(year, 1, 1), "P1Y", str(year))

    @classmethod
    def parse(cls, text: str) -> Period:
        """Read a period as publishers print them: `2021`, `2021/22`, `2018 - 20`, `Feb 2026`, `2026-02`, `2026-02-28`.

        A single day is a snapshot. Raises `InvalidValueError` for anything else, since a guessed date is worse than none.
        """
        label = text.strip()
        if match := re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})", label):
            try:
                return cls(dt.date.fromisoformat(label), "P0D", label)
            except ValueError:
                pass
        elif (match := re.fullmatch(r"(\d{4})-(\d{2})", label)) and 1 <= int(match[2]) <= 12:
            return cls.month(int(match[1]), int(match[2]))
        elif match := re.fullmatch(r"\d{4}", label):
            return cls.year(int(label))
        elif (match := re.fullmatch(r"(\d{4})/(\d{2}|\d{4})", label)) and int(match[2]) % 100 == (int(match[1]) + 1) % 100:
            return cls(dt.date(int(match[1]), 4, 1), "P1Y", label)
        elif match := re.fullmatch(r"(\d{4}) ?[-\N{EN DASH}] ?(\d{2}|\d{4})", label):
            first = int(match[1])
            span = (int(match[2]) - first) % 100 + 1
            if 1 < span <= 20:
                return cls(dt.date(first, 1, 1), f"P{span}Y", label)
        elif (match := re.fullmatch(r"([A-Za-z]{3,9})[- ]?(\d{4}|\d{2})", label)) and match[1].lower() in _MONTHS:
            year = int(match[2])
            period = cls.month(year + 2000 if year < 100 else year, _MONTHS[match[1].lower()])
            return attrs.evolve(period, label=label)
        raise InvalidValueError(
            f"{text!r} is not a period", hint="write a year (2021), a financial year (2021/22), a month (2026-02) or a day (2026-02-28)", value=text
        )

    @property
    def end(self) -> dt.date:
        """The last day."""
        match = _DURATION.fullmatch(self.duration)
        assert match is not None
        if match["n"] is None:
            return self.start
        n, unit = int(match["n"]), match["unit"]
        if unit in "YM":
            return _add_months(self.start, n * (12 if unit == "Y" else 1)) - dt.timedelta(days=1)
        return self.start + dt.timedelta(days=n * (7 if unit == "W" else 1) - 1)

    @property
    def first_month(self) -> tuple[int, int]:
        """Year and month of the first day: what a stock and a flow of the same month share."""
        return (self.start.year, self.start.month)

    def __str__(self) -> str:
        return self.label or f"{self.start}/{self.duration}"


class Polarity(enum.StrEnum):
    """Which direction of an indicator is good. `UNKNOWN` is never judged; `NONE` says that neither direction is better.

    >>> Indicator("rtt.waiting_list", "Waiting list", unit="waits").polarity.value
    'unknown'
    """

    HIGHER_IS_BETTER = "higher_is_better"
    LOWER_IS_BETTER = "lower_is_better"
    NONE = "none"
    UNKNOWN = "unknown"


class Theme(enum.StrEnum):
    """The themes a needs assessment covers; a JSNA can print which of them it has nothing on."""

    HEALTH = "health"
    WEALTH = "wealth"
    HOUSING = "housing"
    SOCIAL_CARE = "social_care"
    EDUCATION = "education"
    AGE = "age"
    CARING = "caring"
    ENVIRONMENT = "environment"
    SERVICES = "services"
    VOICE = "voice"


@frozen
class Break:
    """A day from which an indicator's figures may not be compared with those before, with the publisher's reason.

    `before` are the ids of other indicators that measured the same until then (an older programme's): comparing with them is refused for the same reason.

    >>> Break(dt.date(2019, 9, 1), "the question set was rebuilt").before
    ()
    """

    on: dt.date
    reason: str
    source: str = ""
    before: tuple[str, ...] = ()


@frozen
class Headline:
    """The sex, age and category that "the" figure of an indicator means (adult smoking is `18+ yrs`, not `_T`).

    An empty `sex` or `age` says that the source does not know it beforehand: then it is that of the rows. Of several it is the total, else the age that holds all the others;
    where there is neither (life expectancy has no figure for both sexes), all are given, since none stands beside its total.
    """

    sex: str = TOTAL
    age: str = TOTAL
    category_type: str = TOTAL
    category: str = TOTAL


_ID = r"[a-z0-9]+(?:[._-][a-z0-9]+)*"


@frozen
class Indicator:
    """What a figure measures, in words a reader and a program can both use.

    `id` is `source.key`; `unit` is what the value counts (`%`, `weeks`, `waits`, `years`, `per 100,000`); `polarity_source` says who states the direction.
    `headline` is the breakdown that "the" figure means; `breaks` are the days across which its figures may not be compared.

    >>> Indicator("rtt.waiting_list", "Waiting list", unit="waits").source
    'rtt'
    """

    id: str = field(validator=validators.matches_re(rf"[a-z][a-z0-9_-]*\.{_ID}"))
    name: str
    unit: str
    definition: str = ""
    value_type: str = "count"
    theme: Theme | None = None
    polarity: Polarity = Polarity.UNKNOWN
    polarity_source: str = ""
    headline: Headline = Headline()
    ci_method: str = ""
    numerator: str = ""
    denominator: str = ""
    frequency: str = ""
    licence: str = ""
    publisher: str = ""
    homepage: str = ""
    caveats: tuple[str, ...] = ()
    question: str = ""
    use: str = ""
    area_types: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    decimals: int = 1
    breaks: tuple[Break, ...] = ()

    @property
    def source(self) -> str:
        """The id of the source that answers for it."""
        return self.id.partition(".")[0]


@frozen
class Member:
    """One indicator of a group, with the direction and the sex and age that this group gives it (null: as the indicator has it)."""

    indicator: str
    polarity: Polarity | None = None
    sex: str | None = None
    age: str | None = None


@frozen
class Group:
    """A named list of indicators as a publisher puts them together: a profile, or a domain of one (then `parent` is the profile's id).

    Polarity belongs to the group: the same indicator may be judged differently in two of them.

    >>> Group("fingertips.group-1000049", "Wider determinants", (Member("fingertips.11601"),)).indicators
    ('fingertips.11601',)
    """

    id: str = field(validator=validators.matches_re(rf"[a-z][a-z0-9_-]*\.{_ID}"))
    name: str
    members: tuple[Member, ...] = ()
    parent: str = ""
    definition: str = ""
    homepage: str = ""

    @property
    def indicators(self) -> tuple[str, ...]:
        """The ids of its indicators, each once, in the publisher's order."""
        return tuple(dict.fromkeys(m.indicator for m in self.members))


class Comparator(enum.StrEnum):
    """How a value is held against a threshold."""

    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    LESS_THAN = "less_than"
    IMPROVE_BY = "improve_by"
    GREATER_OF = "greater_of"


class Population(enum.StrEnum):
    """Whom a target binds: England as a whole, each trust, or every area and organisation."""

    ENGLAND = "england"
    TRUST = "trust"
    ALL = "all"


class TargetKind(enum.StrEnum):
    """What stands behind a target."""

    STATUTORY = "statutory"
    OPERATIONAL_STANDARD = "operational_standard"
    PLANNING_AMBITION = "planning_ambition"
    SCHEME = "scheme"


@frozen
class Target:
    """A line that a figure is judged against: whom it binds, from when to when, and where it is written.

    `threshold` is in the indicator's unit. `improve_by` counts points gained since `baseline`; `greater_of` is met at the greater of `threshold` and the value
    of `baseline` plus `improvement`. `only_month` is a target for one month alone ("by March 2026"). A target with `verified` false is from memory and is never used silently.

    >>> t = Target("x.demo", "Demo", ("rtt.waiting_list",), Comparator.AT_MOST, 0.0, unit="waits", kind=TargetKind.SCHEME)
    >>> t.in_force(Period.month(2020, 1))
    True
    """

    id: str
    name: str
    indicators: tuple[str, ...]
    comparator: Comparator
    threshold: float | None
    unit: str
    kind: TargetKind
    population: Population = Population.ALL
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None
    only_month: dt.date | None = None
    baseline: dt.date | None = None
    improvement: float | None = None
    source: str = ""
    url: str = ""
    verified: bool = False
    note: str = ""

    def in_force(self, period: Period) -> bool:
        """Whether the target binds the whole of `period`."""
        if self.only_month is not None:
            return period.first_month == (self.only_month.year, self.only_month.month) and period.end <= _month_end(self.only_month)
        return (self.valid_from is None or self.valid_from <= period.start) and (self.valid_to is None or period.end <= self.valid_to)


def _month_end(day: dt.date) -> dt.date:
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


@frozen
class Pin:
    """Exactly which bytes a figure came from: address, sha256, size, when they were retrieved and under which licence.

    `key` is the short name that the `origin` column of observations carries. Times are UTC, ISO 8601.

    >>> Pin(url="https://example.org/x.csv", sha256="ab" * 32, bytes=9, retrieved="2026-02-12T09:30:00Z").key
    'sha256:abababababab'
    """

    url: str
    sha256: str = field(validator=validators.matches_re(r"[0-9a-f]{64}"))
    bytes: int
    retrieved: str
    source: str = ""
    release: str = ""
    licence: str = ""
    plugin: str = ""
    plugin_version: str = ""
    etag: str = ""
    last_modified: str = ""

    @property
    def key(self) -> str:
        """The short origin key: `sha256:` and the first twelve hex digits."""
        return f"sha256:{self.sha256[:12]}"


def nearest(word: str, known: Sequence[str], n: int = 3) -> tuple[str, ...]:
    """The known words nearest to a misspelt one, best first; words that contain it count too.

    >>> nearest("blackpol", ["blackpool", "blackburn", "derby"])[0]
    'blackpool'
    """
    import difflib

    folded = {k.casefold(): k for k in known}
    close = difflib.get_close_matches(word.casefold(), folded, n=n, cutoff=0.6)
    close += [k for k in folded if word.casefold() in k and k not in close]
    return tuple(folded[k] for k in close[:n])
