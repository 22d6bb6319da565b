"""The contract of a source plugin: what a publisher's files are, where they are found, and how they become observations.

The steps are apart so that core can lock the first, cache the third, and run the last two on files a user already has:

    discover(fetch, query) -> listing  the only reader of volatile pages; the lock keeps its answer
    select(listing, query)         pure: which resources answer this query
    parse(resource, data)          pure: one file -> one tidy Arrow table; cached by core
    assemble(parts, query)         parts -> observations: totals, absences, succession
    relate(parts, query)           parts -> relations, for sources that have them
"""

from __future__ import annotations

import datetime as dt
import enum
import tomllib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final, Protocol, TypeVar

from attrs import field, frozen, validators

from jsnakit import model
from jsnakit.errors import InvalidValueError, SettingsError
from jsnakit.model import TOTAL, Area, Group, Indicator, Period

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

    import pyarrow as pa

    from jsnakit.auditing import AuditedRule
    from jsnakit.files import SourceFile

__all__ = [
    "ALL_BREAKDOWNS",
    "Evidence",
    "Fetch",
    "Layout",
    "Part",
    "Query",
    "Resource",
    "Source",
    "SourceInfo",
    "Support",
    "Trap",
    "indicators_from",
    "read_indicators",
    "support_from",
]

_T = TypeVar("_T")

ALL_BREAKDOWNS: Final = "*"
"""In `Query.breakdowns`: every breakdown there is, not the headline alone."""


@frozen(kw_only=True)
class SourceInfo:
    """Who publishes, what, under which licence, and from which hosts alone it may be fetched.

    >>> SourceInfo(id="x", title="X", publisher="Y", licence="OGL-UK-3.0", homepage="https://example.org/").hosts
    ()
    """

    id: str
    title: str
    publisher: str
    licence: str
    homepage: str
    attribution: str = ""
    cadence: str = ""
    covers: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()


class Evidence(enum.StrEnum):
    """What the reader of a layout was tested on."""

    REAL_FILES = "real files"
    TRANSCRIBED_FIGURES = "transcribed figures"
    DESCRIBED_SCHEMA = "described schema"
    REFUSED = "refused"

    @property
    def words(self) -> str:
        """How it is shown to a reader.

        >>> Evidence.DESCRIBED_SCHEMA.words
        'untested on a real file'
        """
        return "untested on a real file" if self is Evidence.DESCRIBED_SCHEMA else self.value


@frozen(kw_only=True)
class Layout:
    """One layout that a publisher's files have had: which `files`, of which `periods`, and what its reader was `tested` on.

    >>> Layout(name="wide", files="the yearly CSV", periods="since 2019", tested=Evidence.REFUSED).note
    ''
    """

    name: str
    files: str
    periods: str
    tested: Evidence
    note: str = ""


@frozen(kw_only=True)
class Trap:
    """What of a publisher's files could mislead, and how the source has `handled` it.

    >>> Trap(what="A count below 5 is `*`", handled="it is suppressed, never 0").what
    'A count below 5 is `*`'
    """

    what: str
    handled: str


@frozen(kw_only=True)
class Support:
    """Which layouts a source reads, what each was tested on, and the traps it knows: its page in the documentation is made of it.

    >>> Support().layouts
    ()
    """

    layouts: tuple[Layout, ...] = ()
    traps: tuple[Trap, ...] = ()


def _texts(value: Iterable[str]) -> tuple[str, ...]:
    return tuple(value)


def _first_day(value: dt.date | str | None) -> dt.date | None:
    return Period.parse(value).start if isinstance(value, str) else value


def _last_day(value: dt.date | str | None) -> dt.date | None:
    return Period.parse(value).end if isinstance(value, str) else value


@frozen(kw_only=True)
class Query:
    """One question to one source, already translated into the source's own codes.

    `indicators` are full ids. `areas` (or, without them, `area_type`) limit the rows; both empty means all.
    `since` and `until` compare by containing month. `breakdowns` names what is wanted beside the headline: `sex`, `age` or a category type; `"*"` means all.
    `relations` names the kinds of relation asked for; a question has those or indicators.

    >>> Query(indicators=("rtt.waiting_list",), since="2026-01-15").in_range(Period.month(2026, 1))
    True
    """

    indicators: tuple[str, ...] = field(default=(), converter=_texts)
    areas: tuple[Area, ...] | None = None
    area_type: str | None = None
    since: dt.date | None = field(default=None, converter=_first_day)
    until: dt.date | None = field(default=None, converter=_last_day)
    breakdowns: tuple[str, ...] = field(default=(), converter=_texts)
    release: str | None = None
    relations: tuple[str, ...] = field(default=(), converter=_texts)

    def in_range(self, period: Period) -> bool:
        """Whether `period` touches the asked range; months are compared, so a stock and a flow of one month agree."""
        end = period.end
        return (self.since is None or (self.since.year, self.since.month) <= (end.year, end.month)) and (
            self.until is None or period.first_month <= (self.until.year, self.until.month)
        )

    def wants_breakdown(self, name: str) -> bool:
        """Whether rows broken down by `name` were asked for (the total always is)."""
        return name == TOTAL or name in self.breakdowns or ALL_BREAKDOWNS in self.breakdowns

    def area_codes(self, area_type: str) -> frozenset[str] | None:
        """The codes asked for among one area type: null for all of them, an empty set for none."""
        if self.areas is not None:
            return frozenset(a.code for a in self.areas if a.type == area_type)
        return None if self.area_type in (None, area_type) else frozenset()


@frozen(kw_only=True)
class Resource:
    """One file (or API answer) of a publisher: its address and what is known of it before it is read.

    `kind` tells the layouts of one source apart; `release` is the publisher's name for this version (`original`, `revised`, `revised-2`);
    `params` holds what an API's address was built from. `indicator` is the one indicator it is about, where a source lists by indicator.
    `changed` is when the publisher says that the data last changed (UTC, `2026-02-12T09:30:00Z`): a copy retrieved later is fresh, an older one is not, whatever their age.

    >>> str(Resource(url="https://example.org/falls-2021.csv", period=Period.year(2021), release="revised").period)
    '2021'
    """

    url: str
    kind: str = ""
    period: Period | None = None
    release: str = ""
    title: str = ""
    params: tuple[tuple[str, str], ...] = ()
    indicator: str = ""
    changed: str = field(default="", validator=validators.matches_re(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)?"))


@frozen(kw_only=True)
class Part:
    """What `parse` made of one resource: a tidy Arrow table, with the short origin key of the file's pin."""

    resource: Resource
    table: pa.Table
    origin: str


class Fetch(Protocol):
    """How a source reaches the network: bound to its hosts, cached, locked, and closed in offline mode."""

    def __call__(self, url: str, *, volatile: bool = False, changed: str = "") -> SourceFile:
        """The bytes at `url`. `volatile` marks a page whose content changes under one address (an index page): it is not pinned.

        `changed` is `Resource.changed`: what decides whether a kept copy is fresh, in place of its age. Raises `FetchError`.
        """

    def snapshot(self, key: str, produce: Callable[[], Any]) -> SourceFile:
        """The frame that `produce` makes, kept and pinned as Parquet under `key`: for a source with no file behind it (a warehouse, an API)."""


class Source(ABC):
    """A publisher's figures, as jsnakit asks for them: subclass it, set `info`, write `indicators`, `parse` and `assemble`.

    A source does no I/O but through the `fetch` it is handed, and holds no state. Core drives it in order: `discover`, `select`, fetch, `parse`, `assemble`.
    Its id (`info.id`) is the name of its entry point in the group `jsnakit.v1`, or starts with it and a dot; the ids of its indicators start with `info.id` and a dot.
    See `docs/how-to/write-a-source.md` and the contract tests in `jsnakit.testing.SourceTests`.

    >>> class Falls(Source):
    ...     info = SourceInfo(id="falls", title="Falls", publisher="A council", licence="OGL-UK-3.0", homepage="https://example.org/")
    ...
    ...     def indicators(self):
    ...         return [Indicator("falls.rate", "Falls", unit="per 100,000")]
    ...
    ...     def parse(self, resource, data): ...
    ...
    ...     def assemble(self, parts, query): ...
    >>> Falls().indicators()[0].source
    'falls'
    """

    info: ClassVar[SourceInfo]
    lists_whole: ClassVar[bool] = True
    """Whether `discover` lists all there is; otherwise it lists what there is of the indicators in the query."""
    relation_kinds: ClassVar[tuple[str, ...]] = ()
    """The kinds of relation that `relate` can give (`waits_at`, `nearest_neighbour`)."""

    @abstractmethod
    def indicators(self) -> Sequence[Indicator]:
        """Everything the source can answer for, from package data: offline and quick."""

    def find_indicator(self, indicator: str, fetch: Fetch) -> Indicator | None:
        """An indicator that `indicators` does not list (it is newer than the package data), as the publisher describes it today; null where there is none. Default: null."""
        return None

    def discover(self, fetch: Fetch, query: Query) -> Iterable[Resource]:
        """What there is at the publisher today, read from its (volatile) pages. The lock keeps the answer. Default: nothing to discover.

        A source that `lists_whole` (the default) lists everything, whatever the query. One that does not (an API of thousands of indicators) lists what there is of
        `query.indicators`, each resource with its `indicator`; the lock grows by what each question adds, and what it holds is not asked for again.
        """
        return ()

    def select(self, listing: Sequence[Resource], query: Query) -> Sequence[Resource]:
        """Which resources answer the query: pure, in a stable order. Default: those whose period touches the range asked, of the release asked."""
        return [r for r in listing if (r.period is None or query.in_range(r.period)) and (query.release is None or r.release == query.release)]

    def choices(self, listing: Sequence[Resource], query: Query) -> Sequence[Resource]:
        """Everything that `select` may choose for these indicators, whatever the areas: an update looks again at those that the lock pins. Default: what `select` chooses."""
        return self.select(listing, query)

    @abstractmethod
    def parse(self, resource: Resource, data: SourceFile) -> pa.Table:
        """One file as one tidy Arrow table, in any columns the source likes: pure, and cached by core under the file's sha256.

        Raises `LayoutError` where the layout is none it knows, `DataError` where a cell or a sum in it cannot be right. `resource` may know no more than the file's name
        (`jsnakit read SOURCE FILE`): what matters (period, release) is read from the file.
        """

    @abstractmethod
    def assemble(self, parts: Iterator[Part], query: Query) -> Iterator[pa.Table]:
        """The parts as batches in the columns of the observation table (`jsnakit.observations.OBSERVATION_SCHEMA`), filtered by the query inside the loop.

        `parts` is an iterator, read once: months of a big publisher do not fit into memory together.
        """

    def groups(self) -> Sequence[Group]:
        """The named groups of indicators that the source knows of, from package data: offline and quick. Default: none."""
        return ()

    def find_group(self, group: str, fetch: Fetch) -> Group | None:
        """One group by its id as the publisher defines it today, null where there is none. Default: the one in `groups`."""
        return next((g for g in self.groups() if g.id == group), None)

    def relate(self, parts: Iterator[Part], query: Query) -> Iterator[pa.Table]:
        """The relations in the parts (`jsnakit.observations.RELATION_SCHEMA`): who succeeded whom, where residents are treated. Default: none."""
        return iter(())

    def support(self) -> Support:
        """The layouts it reads, what each was tested on, and the publisher's traps, from package data: offline and quick. Default: nothing said."""
        return Support()

    def audit(self, data: SourceFile, published: SourceFile | None = None) -> Iterable[AuditedRule]:
        """What the publisher printed in one file beside what its own figures give, rule by rule; `published` is another file of the publisher's to hold it against.

        Raises `LayoutError` or `DataError` as `parse` does, and `InvalidValueError` where it needs `published` and has none. Default: `InvalidValueError`, nothing can be audited.
        """
        raise InvalidValueError(f"the source {self.info.id} has no audit", hint="`jsnakit source ID` says what a source does", value=self.info.id)

    def resource_for(self, name: str) -> Resource:
        """The resource that a local file stands for (`jsnakit read SOURCE FILE`). Default: its name as address, all else to be read from the file."""
        return Resource(url=name, title=name)


def indicators_from(package: str, name: str) -> tuple[Indicator, ...]:
    """The indicators written in a TOML file of a package: `[defaults]`, then one `[[indicator]]` table each, keys as in `Indicator`.

    Raises `SettingsError` naming the file and the key for anything it does not know.
    """
    return read_indicators(resources.files(package).joinpath(name), where=f"{package}/{name}")


def read_indicators(path: Traversable | Path, *, where: str) -> tuple[Indicator, ...]:
    """The indicators written in one TOML file, as `indicators_from` reads them; `where` names the file in errors.

    Raises `SettingsError` naming the file and the key for anything it does not know.
    """
    document = _document(path, where, ("defaults", "indicator"))
    defaults = document.get("defaults", {})
    rows = [defaults | row for row in document.get("indicator", [])]
    return _records(rows, model.Indicator, where, "indicator")


def support_from(package: str, name: str) -> Support:
    """The layouts and traps written in a TOML file of a package: `[[layout]]` and `[[trap]]` tables, keys as in `Layout` and `Trap`.

        [[layout]]
        name = "wide"
        files = "the yearly CSV"
        periods = "since 2019"
        tested = "real files"         # or "transcribed figures", "described schema", "refused"
        note = "2019 to 2024 were read"

        [[trap]]
        what = "A count below 5 is `*`"
        handled = "it is suppressed, never 0"

    Raises `SettingsError` naming the file and the key for anything it does not know.
    """
    where = f"{package}/{name}"
    document = _document(resources.files(package).joinpath(name), where, ("layout", "trap"))
    return Support(
        layouts=_records(document.get("layout", []), Layout, where, "layout"), traps=_records(document.get("trap", []), Trap, where, "trap")
    )


def _document(path: Traversable | Path, where: str, tables: tuple[str, str]) -> dict[str, Any]:
    """A TOML file of a package that holds these two tables and no other."""
    words = " and ".join("[defaults]" if name == "defaults" else f"[[{name}]]" for name in tables)
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError, OSError) as error:
        raise SettingsError(f"{where} cannot be read: {error}", file=where, hint=f"it must be a TOML file of {words}") from error
    unknown = sorted(set(document) - set(tables))
    if unknown:
        raise SettingsError(f"{where}: unknown table {unknown[0]!r}", file=where, key=unknown[0], hint=f"use {words}")
    for name in tables:
        rows = [document.get(name, {})] if name == "defaults" else document.get(name, [])
        if not (isinstance(rows, list) and all(isinstance(row, dict) for row in rows)):
            raise SettingsError(f"{where}: {name!r} is no table", file=where, key=name, hint=f"use {words}")
    return document


def _records(rows: Iterable[dict[str, Any]], kind: type[_T], where: str, name: str) -> tuple[_T, ...]:
    from jsnakit.settings import structure

    return tuple(structure(row, kind, where=f"{where}, {name} {i + 1}", file=where) for i, row in enumerate(rows))
