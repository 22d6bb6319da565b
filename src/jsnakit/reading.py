"""One query on one source or pack, in order: discover, select, fetch, parse (cached), assemble, check.

The listing that `discover` finds is locked with the bytes, so that a locked question never touches a volatile page again.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import logging
import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
from attrs import evolve, field, frozen

from jsnakit import observations, revisions
from jsnakit._plugins import PackEntry, SourceEntry, catalogue
from jsnakit.auditing import Audit, AuditedRule
from jsnakit.errors import CacheWriteError, JsnakitError, LayoutError, NoDataError, OfflineError, TableError, UnknownIndicatorError
from jsnakit.files import SourceFile
from jsnakit.local import LocalFigures
from jsnakit.model import TOTAL, Headline, Indicator, Pin, nearest
from jsnakit.progress import each
from jsnakit.sources import Fetch, Part, Query, Resource

if TYPE_CHECKING:
    from jsnakit.store import Store

__all__ = ["Answer", "Coverage", "audit_files", "find_indicator", "read_files", "read_pack", "read_relations", "read_source", "stream_files"]

log = logging.getLogger("jsnakit.reading")


@frozen(kw_only=True)
class Coverage:
    """What one question was answered with, and what was left out: a frame loses its attributes, so this is kept beside it.

    `left_out` counts rows by the breakdown they belong to (a breakdown is never mixed with its total); `absent` are the areas asked for that have no row;
    `periods` the first and last period start in the answer.
    """

    indicator: str
    answered_by: str
    rows: int
    left_out: Mapping[str, int] = field(factory=dict)
    absent: tuple[str, ...] = ()
    area_types: tuple[str, ...] = ()
    periods: tuple[str, str] | None = None
    statuses: Mapping[str, int] = field(factory=dict)

    def __str__(self) -> str:
        said = [f"{self.indicator}: {self.rows:,} rows from {self.answered_by}"]
        if self.left_out:
            said.append("left out, broken down by " + ", ".join(f"{name} ({rows:,} rows)" for name, rows in sorted(self.left_out.items())))
        if self.absent:
            said.append(f"no row for {', '.join(self.absent)}")
        return "; ".join(said)


@frozen(kw_only=True)
class Answer:
    """A checked observation table with its coverage, one record an indicator, the pins its rows came from, and what else the user should know."""

    table: pa.Table
    coverage: tuple[Coverage, ...]
    pins: tuple[Pin, ...] = ()
    notes: tuple[str, ...] = ()


def read_source(entry: SourceEntry, query: Query, store: Store, *, only: Container[str] | None = None, pinned: bool = False) -> Answer:
    """Ask a live source, of the addresses in `only` alone where that is given.

    The council's own files are read anew at each question, unless `pinned` asks for them as the lock has them. Raises `NoDataError` with what is available, `FetchError`, `LayoutError`,
    `DataError` or `PluginError`.
    """
    indicators = _asked(entry, query, store)
    pins: dict[str, Pin] = {}
    notes: list[str] = []
    own = entry.source if isinstance(entry.source, LocalFigures) else None
    parts = _parts(entry, query, store, pins, only) if own is None else _own_parts(entry, own, query, store, pins, notes, pinned=pinned)
    table = _assembled(entry, parts, query)
    return evolve(_answer(table, indicators, query, entry.id, tuple(pins[k] for k in sorted(pins))), notes=tuple(notes))


def read_files(entry: SourceEntry, paths: Sequence[Path], query: Query, *, progress: bool = False) -> Answer:
    """Run `parse` and `assemble` of a source on files the user already has, with no network and no cache. `progress` draws a bar on a terminal."""
    indicators = _asked(entry, query)
    pins: dict[str, Pin] = {}
    table = _assembled(entry, _local_parts(entry, paths, pins, progress=progress), query)
    return _answer(table, indicators, query, entry.id, tuple(pins[k] for k in sorted(pins)))


def audit_files(entry: SourceEntry, paths: Sequence[Path], published: Path | None = None) -> tuple[Audit, tuple[str, ...]]:
    """Hold what a publisher printed in files against what its own figures give, and say which files of a folder were none of the source's.

    A folder stands for every file in it. A file named by itself that the source does not read raises `LayoutError`; one met in a folder is left out and said.
    Raises `NoDataError` where no file is left, else what `Source.audit` raises.
    """
    against = None if published is None else SourceFile.from_path(published)
    audited: list[tuple[str, Sequence[AuditedRule]]] = []
    notes: list[str] = []
    for given in paths:
        inside = sorted(p for p in given.rglob("*") if p.is_file()) if given.is_dir() else [given]
        for path in inside:
            name = str(path.relative_to(given)) if given.is_dir() else path.name
            try:
                audited.append((name, tuple(entry.source.audit(SourceFile.from_path(path), against))))
            except LayoutError as error:
                if not given.is_dir():
                    raise
                notes.append(f"{name} was left out: {error}".splitlines()[0])
    if not audited:
        raise NoDataError(f"no file that {entry.id} reads in {', '.join(map(str, paths))}", hint="name the files", available=tuple(notes))
    return Audit.of(entry.id, audited), tuple(notes)


def stream_files(entry: SourceEntry, paths: Sequence[Path], query: Query) -> Iterator[pa.Table]:
    """As `read_files`, a checked batch at a time and every breakdown in it: many months of a large publisher pass through in the memory of one or two.

    A key that stands in two batches is not seen here. Raises what `read_files` raises, when it comes to the file.
    """
    _asked(entry, query)
    for batch in _batches(entry, _local_parts(entry, paths, {}), query):
        yield _checked(entry, batch)


def _local_parts(entry: SourceEntry, paths: Sequence[Path], pins: dict[str, Pin], *, progress: bool = False) -> Iterator[Part]:
    for path in each(paths, label=lambda p: p.name, unit="file", shown=progress):
        data = SourceFile.from_path(path)
        resource = entry.source.resource_for(path.name)
        table = _parse(entry, resource, data)
        # The hash of a raw file would let its few unknown cells be found by trying: what was made of it has one of its own.
        pin = _local_pin(entry, _as_file(table, data.name) if isinstance(entry.source, LocalFigures) else data)
        pins[pin.key] = pin
        yield Part(resource=resource, table=table, origin=pin.key)


def _as_file(table: pa.Table, name: str) -> SourceFile:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return SourceFile.from_bytes(sink.getvalue().to_pybytes(), name=name)


def read_pack(entry: PackEntry, query: Query) -> Answer:
    """Ask a pack. Raises `CoverageError` outside its range, `NoDataError` where it has no such row."""
    indicators = {i.id: i for i in entry.pack.indicators() if i.id in query.indicators}
    table = entry.pack.observations(query)
    try:
        table = observations.to_arrow(table)
        observations.check(table)
    except TableError as error:
        raise entry.installed.error(f"pack {entry.pack.id!r} does not hold a valid table: {error.message}", hint=error.hint) from error
    origins = set(table["origin"].unique().to_pylist())
    # A derived figure names its method and its inputs, so a pin belongs to it when its key is among them.
    pins = tuple(p for p in entry.pack.pins() if any(p.key in origin for origin in origins))
    return _answer(table, indicators, query, f"pack {entry.pack.id}", pins)


def read_relations(entry: SourceEntry, query: Query, store: Store | None = None, *, paths: Sequence[Path] = ()) -> pa.Table:
    """The relations that a live source (or local files read by it) offers for the query, in one checked table."""
    if paths:
        parts: Iterator[Part] = (
            Part(
                resource=(r := entry.source.resource_for(path.name)),
                table=_parse(entry, r, data := SourceFile.from_path(path)),
                origin=f"sha256:{data.sha256[:12]}",
            )
            for path in paths
        )
    else:
        assert store is not None
        parts = _parts(entry, query, store, {})
    batches = list(entry.source.relate(parts, query))
    table = pa.concat_tables(batches) if batches else observations.RELATION_SCHEMA.empty_table()
    try:
        table = observations.to_arrow(table, relations=True)
        observations.check_relations(table)
    except TableError as error:
        raise entry.installed.error(f"relate() gave an invalid table: {error.message}", hint=error.hint) from error
    return table


def find_indicator(entry: SourceEntry, indicator: str, store: Store | None) -> Indicator | None:
    """An indicator of a source: of its catalogue, else as its publisher describes it today (pinned, like whatever a figure rests on); null where there is none.

    Without a store, and offline where it was never asked for, the catalogue is all there is. Raises what fetching raises.
    """
    known = next((i for i in catalogue(entry) if i.id == indicator), None)
    if known is not None or store is None:
        return known
    try:
        found = entry.source.find_indicator(indicator, _fetch(entry, store))
    except OfflineError:
        return None
    if found is not None and found.id != indicator:
        raise entry.installed.error(f"find_indicator({indicator!r}) gave {found.id!r}")
    return found


def _asked(entry: SourceEntry, query: Query, store: Store | None = None) -> dict[str, Indicator]:
    known = {i.id: i for i in catalogue(entry)}
    wanted = query.indicators or tuple(known)
    for name in wanted:
        if name not in known and (newer := find_indicator(entry, name, store)) is not None:
            known[name] = newer
        if name not in known:
            close = nearest(name, list(known))
            raise UnknownIndicatorError(
                f"source {entry.id!r} has no indicator {name!r}",
                hint=f"did you mean {close[0]!r}?" if close else f"`jsnakit indicators {entry.id}` lists them",
                indicator=name,
                suggestions=close,
            )
    return {name: known[name] for name in wanted}


def _fetch(entry: SourceEntry, store: Store) -> Fetch:
    return store.fetcher(entry.source.info, plugin=entry.installed.distribution, plugin_version=entry.installed.version)


def _listing(entry: SourceEntry, query: Query, store: Store) -> tuple[Resource, ...]:
    """What the lock says there is; the publisher is asked only for what it does not say."""
    locked = store.lock.listing(entry.id)
    if entry.source.lists_whole:
        if locked is not None:
            return tuple(locked)
        missing = query.indicators
    else:
        listed = {r.indicator for r in locked or ()}
        missing = tuple(name for name in query.indicators if name not in listed)
        if not missing:
            return tuple(locked or ())
    found = tuple(dict.fromkeys(entry.source.discover(_fetch(entry, store), evolve(query, indicators=missing))))
    if not entry.source.lists_whole:
        stray = next((r for r in found if r.indicator not in missing), None)
        if stray is not None:
            raise entry.installed.error(
                f"discover() listed a resource of {stray.indicator or 'no indicator'}, which was not asked for",
                hint="set Resource.indicator, or lists_whole = True",
            )
        found = (*(locked or ()), *found)
    store.record_listing(entry.id, found)
    return found


def _parts(entry: SourceEntry, query: Query, store: Store, pins: dict[str, Pin], only: Container[str] | None = None) -> Iterator[Part]:
    fetch = _fetch(entry, store)
    listing = _listing(entry, query, store)
    source = entry.source
    resources = list(source.select(listing, query)) if only is None else [r for r in source.choices(listing, query) if r.url in only]
    if not resources:
        available = sorted({str(r.period) for r in listing if r.period is not None})
        raise NoDataError(
            f"{entry.id} has no file for this question",
            hint=f"it has {available[0]} to {available[-1]}" if available else "nothing was found on the publisher's pages",
            available=tuple(available),
        )
    for resource in each(resources, label=lambda r: r.title or r.url, unit="file", shown=store.progress):
        pinned = store.lock.pin(resource.url) is not None
        data = fetch(resource.url, changed=resource.changed)
        store.record_release(resource.url, resource.release)
        pin = store.lock.pin(resource.url) or _local_pin(entry, data)
        pins[pin.key] = pin
        key = part_key(entry, resource, data.sha256)
        table = store.part(key)
        if table is None:
            try:
                table = _parse(entry, resource, data)
            except JsnakitError:
                if not pinned:
                    store.doubt(resource.url)
                raise
            try:
                store.put_part(key, table)
            except CacheWriteError as error:
                # A full disk or a shared read-only cache costs another parse next time, not this answer.
                log.warning("%s", error.message)
        yield Part(resource=resource, table=table, origin=pin.key)


def _own_parts(
    entry: SourceEntry, source: LocalFigures, query: Query, store: Store, pins: dict[str, Pin], notes: list[str], *, pinned: bool
) -> Iterator[Part]:  # fmt: skip
    """The council's own files. Neither a raw file nor what is parsed of it enters the cache: only the table without the counts that must not be seen, which the lock pins."""
    listing = tuple(source.resource(one) for one in source.described)
    if not pinned:
        settle_listing(entry.id, listing, store)
    for resource in source.select(listing, query):
        one = source.described_as(resource.url)
        assert one is not None
        held = store.kept(resource.url)
        if pinned or (held is not None and not one.data.exists()):
            if held is None:
                notes.append(f"{one.name}: the figures that the lock pins are not in the cache, so there is nothing to compare with")
                continue
            if not pinned:
                notes.append(f"{one.name} is not here: its figures are those that the lock pins")
            table = held[1]
        else:
            table = source.figures(one)
            _, before = store.keep(
                resource.url, table, source=entry.id, licence=one.licence, plugin=entry.installed.distribution, plugin_version=entry.installed.version
            )  # fmt: skip
            store.record_release(resource.url, resource.release)
            if before is not None:
                notes.append(f"{one.name} has changed since the lock was written, and was read again: {revisions.compare(before, table)}")
        pin = store.lock.pin(resource.url)
        assert pin is not None
        pins[pin.key] = pin
        yield Part(resource=resource, table=table, origin=pin.key)


def settle_listing(source_id: str, listing: Sequence[Resource], store: Store) -> None:
    """Put the files that are described now into the lock, and take out the pins of those that no longer are."""
    if store.lock.listing(source_id) == tuple(listing):
        return
    there = {r.url for r in listing}
    gone = {url for url, pin in store.lock.pins.items() if pin.source == source_id and url not in there}
    if gone:
        store.lock = evolve(store.lock, pins={url: pin for url, pin in store.lock.pins.items() if url not in gone})
    store.record_listing(source_id, listing)


def part_key(entry: SourceEntry, resource: Resource, sha256: str) -> str:
    """The name under which what `parse` made of a file is kept: the file, the code of the plugin and of core's reader, and all that `parse` was told of it.

    The same bytes may be published twice, as `original` and as `revised`: each has its own part.
    """
    said = "\n".join([sha256, _core_digest(), entry.installed.distribution, entry.installed.version, entry.digest, entry.id, repr(resource)])
    return hashlib.sha256(said.encode()).hexdigest()


@cache
def _core_digest() -> str:
    """The version of jsnakit and a digest of the modules that parsing rests on."""
    digest = hashlib.sha256(importlib.metadata.version("jsnakit").encode())
    here = Path(__file__).parent
    for path in (*(here / name for name in ("files.py", "observations.py", "sources.py")), *sorted((here / "tabular").glob("*.py"))):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _local_pin(entry: SourceEntry, data: SourceFile) -> Pin:
    info = entry.source.info
    return Pin(
        url=data.url or data.name,
        sha256=data.sha256,
        bytes=data.size,
        retrieved="",
        source=entry.id,
        licence=info.licence,
        plugin=entry.installed.distribution,
        plugin_version=entry.installed.version,
    )


def _parse(entry: SourceEntry, resource: Resource, data: SourceFile) -> pa.Table:
    log.info("parse source=%s file=%s", entry.id, data.name)
    try:
        table = entry.source.parse(resource, data)
    except JsnakitError:
        raise
    except RecursionError as error:
        raise entry.installed.error(f"parse({data.name}) nested too deeply") from error
    except Exception as error:  # a fault in a plugin's code is named as that plugin's
        raise entry.installed.error(
            f"parse({data.name}) failed: {type(error).__name__}: {error}", hint="report it to the plugin's authors"
        ) from error
    if not isinstance(table, pa.Table):
        raise entry.installed.error(f"parse() gave {type(table).__name__}, not a pyarrow Table")
    return table


def _batches(entry: SourceEntry, parts: Iterator[Part], query: Query) -> Iterator[pa.Table]:
    """What `assemble` yields, batch by batch; a fault in the plugin's code is named as that plugin's."""
    try:
        yield from (batch for batch in entry.source.assemble(parts, query) if batch.num_rows)
    except JsnakitError:
        raise
    except Exception as error:
        raise entry.installed.error(f"assemble() failed: {type(error).__name__}: {error}", hint="report it to the plugin's authors") from error


def _assembled(entry: SourceEntry, parts: Iterator[Part], query: Query) -> pa.Table:
    batches = list(_batches(entry, parts, query))
    return _checked(entry, pa.concat_tables(batches, promote_options="default") if batches else observations.empty())


def _checked(entry: SourceEntry, table: pa.Table) -> pa.Table:
    try:
        coded = observations.to_arrow(table, encoded=True)
        observations.check(coded)
        table = observations.decoded(coded)
    except TableError as error:
        raise entry.installed.error(f"assemble() gave an invalid table: {error.message}", hint=error.hint) from error
    foreign = [i for i in coded["indicator"].unique().to_pylist() if not i.startswith(entry.id + ".")]
    if foreign:
        raise entry.installed.error(f"assemble() gave rows of {foreign[0]!r}, which is another source's")
    return table


def _answer(table: pa.Table, indicators: Mapping[str, Indicator], query: Query, by: str, pins: tuple[Pin, ...]) -> Answer:
    kept: list[pa.Table] = []
    records = []
    found = _by_indicator(table)
    # Whoever asks for all that a source of a thousand indicators has is told of those that are there.
    names = list(indicators) if query.indicators or len(indicators) == len(found) else [name for name in indicators if name in found]
    unlisted = [] if query.indicators else [name for name in found if name not in indicators]
    if unlisted:
        log.warning(
            "%s gave rows of %d indicators that its catalogue does not list (%s): a newer version of the plugin may know them",
            by, len(unlisted), ", ".join(unlisted[:5]),
        )  # fmt: skip
    for name in [*names, *unlisted]:
        rows = found.get(name, table.slice(0, 0))
        shown, left_out = _headline(rows, indicators[name].headline if name in indicators else Headline(sex="", age=""), query)
        kept.append(shown)
        records.append(_coverage(name, by, shown, left_out, query))
    answer = pa.concat_tables(kept) if len(kept) > 1 else kept[0] if kept else table.slice(0, 0)
    if not answer.num_rows:
        raise _nothing(indicators, query, by, records)
    for record in records:
        log.info("%s", record)
    return Answer(table=answer, coverage=tuple(records), pins=pins)


def _by_indicator(table: pa.Table) -> dict[str, pa.Table]:
    """The rows of each indicator. Checked tables are sorted, so each is a slice; a table in another order is filtered."""
    if not table.num_rows:
        return {}
    runs = pc.run_end_encode(table["indicator"].combine_chunks(), pa.int32())
    names, ends = runs.values.to_pylist(), runs.run_ends.to_pylist()
    if len(set(names)) < len(names):
        return {name: table.filter(pc.equal(table["indicator"], name)) for name in dict.fromkeys(names)}
    return {name: table.slice(start, end - start) for name, start, end in zip(names, [0, *ends], ends, strict=False)}


def _headline(rows: pa.Table, headline: Headline, query: Query) -> tuple[pa.Table, dict[str, int]]:
    """The rows asked for, and how many of each breakdown were left out: a breakdown never stands beside its total unasked."""
    if not rows.num_rows:
        return rows, {}
    keep = None
    left_out: dict[str, int] = {}
    for column, value in (("sex", headline.sex), ("age", headline.age), ("category_type", headline.category_type), ("category", headline.category)):
        wanted = column in query.breakdowns or "*" in query.breakdowns
        if not value and not wanted:
            # What the source leaves open, the rows say.
            total = pc.equal(rows["category_type"], headline.category_type)
            own = _of_rows(rows.filter(total if keep is None else pc.and_(keep, total)), column)
            if own is None:
                continue
            value = own  # noqa: PLW2901
        if column in ("category_type", "category"):
            asked = [b for b in query.breakdowns if b not in ("sex", "age")]
            wanted = wanted or "category_type" in asked
            if column == "category":
                # What of a breakdown is shown is decided by its type; the headline category matters only within the headline's own type.
                if headline.category == TOTAL or wanted:
                    continue
                same = pc.or_(pc.not_equal(rows["category_type"], headline.category_type), pc.equal(rows["category"], value))
            elif wanted:
                continue
            else:
                same = pc.is_in(rows["category_type"], pa.array([headline.category_type, *asked]))
        elif wanted:
            continue
        else:
            same = pc.equal(rows[column], value)
        missed = pc.sum(pc.invert(same)).as_py() or 0
        if missed:
            if column == "category_type":
                counts = pc.value_counts(rows["category_type"].filter(pc.invert(same)))
                left_out |= {c["values"]: c["counts"] for c in counts.to_pylist()}
            else:
                left_out[column] = missed
        keep = same if keep is None else pc.and_(keep, same)
    return (rows if keep is None else rows.filter(keep)), left_out


def _of_rows(rows: pa.Table, column: str) -> str | None:
    """What the rows themselves say the total of a breakdown is: `_T`, the only value, or the age that holds all the others; null where there is none."""
    values = set(rows[column].unique().to_pylist())
    if TOTAL in values:
        return TOTAL
    if not values:
        return None
    if len(values) == 1:
        return str(values.pop())
    return _widest(values) if column == "age" else None


def _widest(ages: Iterable[str]) -> str | None:
    """The age that holds all the others; null where none does, or where one of them is not an age in years.

    >>> _widest(["65-79 yrs", "65+ yrs", "80+ yrs"]), _widest(["0-4", "5-9"])
    ('65+ yrs', None)
    """
    spans: dict[str, tuple[int, int]] = {}
    for age in ages:
        match = re.fullmatch(r"(?P<under><)?(?P<low>\d+)(?:(?P<up>\+)|\s*-\s*(?P<high>\d+))?(?: ?(?:yrs?|years?))?", age)
        if match is None:
            return None
        low = int(match["low"])
        spans[age] = (0, low - 1) if match["under"] else (low, 999) if match["up"] else (low, int(match["high"] or low))
    holds = [a for a in sorted(spans) if all(spans[a][0] <= low and high <= spans[a][1] for low, high in spans.values())]
    return holds[0] if holds else None


def _coverage(name: str, by: str, rows: pa.Table, left_out: dict[str, int], query: Query) -> Coverage:
    found = set(rows["area"].unique().to_pylist()) if query.areas else frozenset()
    counts = pc.value_counts(rows["status"]).to_pylist() if rows.num_rows else []
    span = pc.min_max(rows["period_start"]).as_py() if rows.num_rows else None
    return Coverage(
        indicator=name,
        answered_by=by,
        rows=rows.num_rows,
        left_out=dict(sorted(left_out.items())),
        absent=tuple(sorted(a.code for a in query.areas or () if a.code not in found)),
        area_types=tuple(sorted(rows["area_type"].unique().to_pylist())),
        periods=(span["min"].isoformat(), span["max"].isoformat()) if span else None,
        statuses={c["values"]: c["counts"] for c in sorted(counts, key=lambda c: str(c["values"]))},
    )


def _nothing(indicators: Mapping[str, Indicator], query: Query, by: str, records: Iterable[Coverage]) -> NoDataError:
    asked = ", ".join(sorted(indicators)) if len(indicators) <= 5 else f"any of {len(indicators):,} indicators"
    left_out = sorted({name for record in records for name in record.left_out})
    types = sorted({t for i in indicators.values() for t in i.area_types})
    hints = []
    if left_out:
        hints.append(f"there are rows broken down by {', '.join(left_out)}: ask with breakdowns=[{left_out[0]!r}]")
    if query.areas and types:
        hints.append(f"it is published for {', '.join(types)}; asked were {', '.join(sorted({a.type for a in query.areas}))}")
    if not hints:
        hints.append("ask for fewer areas or a wider range of periods")
    return NoDataError(f"{by} has no row for {asked} that fits the question", hint="; ".join(hints), available=(*types, *left_out))
