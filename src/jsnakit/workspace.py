"""The facade: settings, plugins and store together; the only stateful object a user meets."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

import attrs

from jsnakit import editions, geography, judgement, local, observations, reading, revisions, updating
from jsnakit._plugins import PackEntry, Plugins, SourceEntry, catalogue, digest_of
from jsnakit.errors import (
    AmbiguousAreaError,
    CoverageError,
    InvalidValueError,
    NoDataError,
    OfflineError,
    PluginError,
    UnknownAreaError,
    UnknownIndicatorError,
    UnknownSourceError,
)
from jsnakit.model import ENGLAND, Area, Group, Indicator, Pin, Target, nearest
from jsnakit.profiles import Profile, profile_of
from jsnakit.providers import WAITS_AT, Providers, providers_of
from jsnakit.settings import Assets, Settings
from jsnakit.sources import Query
from jsnakit.store import Lock, PackPin, Store

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from jsnakit.chapters import Chapter
    from jsnakit.editions import Changes, Shelf
    from jsnakit.publish import CheckReport, EditionReport, SiteReport
    from jsnakit.refreshing import RefreshReport

__all__ = ["LOCK_FILE", "NEAREST_NEIGHBOUR", "Workspace"]

log = logging.getLogger("jsnakit")

NEAREST_NEIGHBOUR: Final = "nearest_neighbour"
"""The kind of relation that `Workspace.neighbours` reads: `to` is like `from`; the greater `weight`, the nearer."""

LOCK_FILE: Final = "jsna.lock"
"""The name of a project's lock file."""


class Workspace:
    """One assessment's data: ask it for areas, observations and judgements.

    `folder` is a project folder with `jsna.toml` (and `jsna.lock`); without one the defaults hold and nothing is locked. `store`, `plugins`, `settings` may be handed in, so
    that a downstream project depends on nothing global. Raises `SettingsError` or `LockError` where the folder cannot be read.

    >>> Workspace().area("Blackpool", type="ltla").code
    'E06000009'
    """

    def __init__(
        self,
        folder: Path | str | None = None,
        *,
        settings: Settings | None = None,
        store: Store | None = None,
        plugins: Plugins | None = None,
        offline: bool | None = None,
        packs: Sequence[str] | None = None,
        progress: bool = False,
    ) -> None:
        self.settings = settings if settings is not None else Settings.load(folder)
        if offline is not None:
            self.settings = attrs.evolve(self.settings, offline=offline)
        if packs is not None:
            self.settings = attrs.evolve(self.settings, packs=tuple(packs))
        self.folder = self.settings.folder
        self.plugins = plugins if plugins is not None else Plugins()
        self.local = _own_figures(self.folder)
        if self.local is not None:
            self.plugins = self.plugins.also(self.local, digest=digest_of(local))
        self.progress = progress
        self._store = store
        self._coverage: dict[str, reading.Coverage] = {}
        self._pins: dict[str, Pin] = {}
        self._notes: dict[str, None] = {}

    # -- what there is ---------------------------------------------------------------------------------------------------------------

    @cached_property
    def store(self) -> Store:
        """The cache and lock through which everything is downloaded."""
        if self._store is not None:
            return self._store
        lock = None
        if self.folder is not None and (self.folder / LOCK_FILE).exists():
            lock = Lock.read(self.folder / LOCK_FILE)
        settings = self.settings
        return Store(settings.cache, lock, offline=settings.offline, stale_if_error=settings.stale_if_error, progress=self.progress)

    @cached_property
    def packs(self) -> tuple[PackEntry, ...]:
        """The packs that the project lists."""
        return self.plugins.packs(self.settings.packs)

    def pack_for(self, indicator: str) -> PackEntry | None:
        """The listed pack that answers for an indicator, if one does: a listed pack wins, and rows are never mixed."""
        return next((entry for entry in self.packs if indicator in entry.pack.coverage()), None)

    def indicators(self, words: str = "") -> tuple[Indicator, ...]:
        """Every indicator of the listed packs and the installed sources, by id; with `words`, those whose id, name, theme or keywords hold them all."""
        found = {i.id: i for i in self._live_indicators()}
        found |= {i.id: i for entry in self.packs for i in entry.pack.indicators()}
        wanted = words.casefold().split()
        return tuple(found[k] for k in sorted(found) if all(w in _search_text(found[k]) for w in wanted))

    def _live_indicators(self) -> Iterator[Indicator]:
        for entry in self.plugins.sources():
            if isinstance(entry, PluginError):
                log.warning("%s", entry)
                continue
            yield from catalogue(entry)

    def indicator(self, indicator: str) -> Indicator:
        """One indicator by its id; one that is newer than its source's catalogue is asked for at the publisher. Raises `UnknownIndicatorError` with the nearest ids."""
        if (entry := self.pack_for(indicator)) is not None:
            return next(i for i in entry.pack.indicators() if i.id == indicator)
        try:
            source = self._source_of(indicator)
        except UnknownSourceError as error:
            known = [i for entry in self.packs for i in entry.pack.coverage()]
            close = nearest(indicator, known)
            raise UnknownIndicatorError(
                f"nothing answers for {indicator!r}: {error.message}",
                hint=f"did you mean {close[0]!r}?" if close else error.hint, indicator=indicator, suggestions=close,
            ) from error  # fmt: skip
        found = reading.find_indicator(source, indicator, self.store)
        if found is not None:
            return found
        close = nearest(indicator, [i.id for i in catalogue(source)])
        raise UnknownIndicatorError(
            f"source {source.id!r} has no indicator {indicator!r}",
            hint=f"did you mean {close[0]!r}?" if close else f"`jsnakit indicators {source.id}` lists them", indicator=indicator, suggestions=close,
        )  # fmt: skip

    def _source_of(self, indicator: str) -> SourceEntry:
        prefix, dot, _ = indicator.rpartition(".")
        if not dot:
            raise UnknownIndicatorError(
                f"{indicator!r} is not an indicator id", hint="an id is source.key, for example rtt.waiting_list", indicator=indicator, suggestions=()
            )
        while prefix:
            try:
                return self.plugins.source(prefix)
            except UnknownSourceError:
                shorter = prefix.rpartition(".")[0]
                if not shorter:
                    raise
                prefix = shorter
        raise AssertionError("an id with a dot has a prefix")

    # -- places ----------------------------------------------------------------------------------------------------------------------

    def area(self, name: str, *, type: str | None = None, at: dt.date | str | None = None) -> Area:
        """The area of a name, an old name or a code, of England or the council's own. Raises `UnknownAreaError`, or `AmbiguousAreaError` listing the candidates with their dates."""
        return self.own_areas.find(name, type=type, at=at)

    def areas(self, type: str | None = None, *, at: dt.date | str | None = None) -> tuple[Area, ...]:
        """The areas of a type, valid at a date, by code; the council's own among them."""
        return self.own_areas.areas(type=type, at=at)

    @property
    def own_areas(self) -> local.OwnAreas:
        """The council's own areas (`local/areas.toml`), and with them England's. Raises `SettingsError` where the file cannot be used."""
        return self.local.areas if self.local is not None else local.OwnAreas()

    @property
    def place(self) -> Area:
        """The area that the project is about. Raises `InvalidValueError` where `jsna.toml` names none."""
        if self.settings.area is None:
            raise InvalidValueError("no area is set", hint='write area = "E06000009" under [jsna] in jsna.toml')
        return self.own_areas.find(self.settings.area, type=self.settings.area_type)

    def shapes(self, area_type: str, at: dt.date | None = None) -> pa.Table:
        """The outlines of one type of area from the listed packs. Raises `NoDataError` where none has them."""
        types: set[str] = set()
        for entry in self.packs:
            try:
                return entry.pack.shapes(area_type, at=at)
            except CoverageError as error:
                types |= set(error.available)
        raise NoDataError(
            f"no listed pack has outlines of {area_type}",
            hint=f"there are outlines of {', '.join(sorted(types))}" if types else 'list a pack that has maps: packs = ["sample"] in jsna.toml',
            available=tuple(sorted(types)),
        )  # fmt: skip

    def providers(self, area: Area, *, month: dt.date | str | None = None) -> Providers:
        """The providers where an area's patients wait, with shares, month and caveat: an ICB, a sub-ICB location, or an authority through the latter.

        An authority's figure is that of the practices of the sub-ICB locations its residents live in, weighted by residents. Raises `NoDataError` where no relation is known.
        """
        return providers_of(area, self.relations(WAITS_AT), month)

    def neighbours(self, area: Area) -> tuple[Area, ...]:
        """The areas that are statistically nearest to an area, nearest first, as their publisher has chosen them.

        Raises `NoDataError` where no listed pack and no installed source says so.
        """
        return self._neighbours(area, live=True)

    def _neighbours(self, area: Area, *, live: bool) -> tuple[Area, ...]:
        if not live and not any(entry.pack.relations(NEAREST_NEIGHBOUR).num_rows for entry in self.packs):
            raise NoDataError("no listed pack says who the nearest neighbours are", hint="they are published live", available=())
        nearest_first = self.relations(NEAREST_NEIGHBOUR, areas=(area,)).sort_by([("weight", "descending"), ("to_area", "ascending")])
        found = [r for r in nearest_first.to_pylist() if (r["from_scheme"], r["from_type"], r["from_area"]) == area.key]
        if not found:
            raise NoDataError(f"no neighbours of {area} are known", hint="they are published for upper- and lower-tier local authorities")
        return tuple(Area(r["to_scheme"], r["to_type"], r["to_area"], geography.name_of(r["to_area"], type=r["to_type"])) for r in found)

    def relations(self, kind: str, *, areas: Iterable[Area] | None = None, source: str | None = None) -> pa.Table:
        """The relations of one kind, from the listed packs, else from the live source that gives them (or the one named).

        Raises `NoDataError` where nothing gives relations of this kind.
        """
        import pyarrow as pa
        import pyarrow.compute as pc

        tables = [table for entry in self.packs if (table := entry.pack.relations(kind)).num_rows]
        if tables:
            return pa.concat_tables(tables)
        entry = self.plugins.source(source) if source is not None else self._source_of_relations(kind)
        table = reading.read_relations(entry, Query(relations=(kind,), areas=None if areas is None else tuple(areas)), self.store)
        return table.filter(pc.equal(table["kind"], kind))

    def _source_of_relations(self, kind: str) -> SourceEntry:
        offered: set[str] = set()
        for entry in self.plugins.sources():
            if isinstance(entry, PluginError):
                continue
            if kind in entry.source.relation_kinds:
                return entry
            offered |= set(entry.source.relation_kinds)
        raise NoDataError(
            f"no listed pack and no installed source gives relations of the kind {kind!r}",
            hint=f"there are {', '.join(sorted(offered))}" if offered else "install a source that has relations: pip install jsnakit-rtt",
            available=tuple(sorted(offered)),
        )  # fmt: skip

    # -- groups of indicators --------------------------------------------------------------------------------------------------------

    def groups(self, words: str = "") -> tuple[Group, ...]:
        """The named groups of indicators (profiles, domains) of the listed packs and the installed sources, by id; with `words`, those whose id or name holds them all."""
        found = {g.id: g for entry in self.plugins.sources() if not isinstance(entry, PluginError) for g in entry.source.groups()}
        found |= {g.id: g for entry in self.packs for g in entry.pack.groups()}
        wanted = words.casefold().split()
        return tuple(found[k] for k in sorted(found) if all(w in f"{k} {found[k].name}".casefold() for w in wanted))

    def profile(self, area: Area | str, group: Group | str | None = None) -> Profile:
        """The health profile of an area: the latest figure of each indicator of a group beside the region, England and the nearest neighbours.

        `group` is a group or its id; without one it is the largest group of the listed packs, else of the installed sources. What cannot be set beside it (no neighbours known, no
        figure of the region) is said in the profile's notes. Raises `NoDataError` where there is no group, or no figure of the area in it.
        """
        place = self._either_tier(area) if isinstance(area, str) else area
        chosen = group if isinstance(group, Group) else self._largest_group() if group is None else self.group(group)
        regions = geography.parents(place, "region")
        neighbours, notes = self._neighbours_or_why(place, chosen)
        asked = (place, *regions[:1], ENGLAND, *neighbours)
        plain, left_out = self._observe_each([m.indicator for m in chosen.members if m.sex is None and m.age is None], asked, ())
        broken, also = self._observe_each([m.indicator for m in chosen.members if m.sex is not None or m.age is not None], asked, ("*",))
        left_out |= also
        if plain is None and broken is None:
            reasons = "; ".join(f"{name}: {why}" for name, why in list(left_out.items())[:3])
            raise NoDataError(
                f"no indicator of {chosen.name} ({chosen.id}) has a figure for {place}", hint=reasons or None, available=chosen.indicators
            )
        rows = plain if plain is not None else observations.to_pandas(observations.empty())
        if regions and not ((rows["area"] == regions[0].code) & rows["value"].notna()).any():
            notes.append(f"Figures of {regions[0].name} are left out: none of these sources has any.")
        names = set(rows["indicator"]) | (set(broken["indicator"]) if broken is not None else set())
        known = {name: self.indicator(name) for name in sorted(names)}
        region = regions[0] if regions else None
        return profile_of(place, chosen, rows, known, broken_down=broken, region=region, neighbours=neighbours, left_out=left_out, notes=notes)

    def _neighbours_or_why(self, place: Area, group: Group) -> tuple[tuple[Area, ...], list[str]]:
        """The neighbours, or none and the reason in words."""
        live = self._asks_live(group)
        try:
            return self._neighbours(place, live=live), []
        except OfflineError:
            why = "which areas they are was not fetched yet, and offline mode is on"
        except (NoDataError, UnknownSourceError):
            why = "no source at hand says which areas they are" if live else "the packs that these figures come from do not say which areas they are"
        return (), [f"Nearest neighbours are left out: {why}."]

    def _asks_live(self, group: Group) -> bool:
        """Whether any figure of a group comes from a live source: a project of ready-made figures alone asks no publisher for anything."""
        for name in group.indicators:
            if self.pack_for(name) is None:
                try:
                    self.indicator(name)
                except UnknownIndicatorError:
                    continue
                return True
        return False

    def _observe_each(self, names: Sequence[str], areas: tuple[Area, ...], breakdowns: tuple[str, ...]) -> tuple[pd.DataFrame | None, dict[str, str]]:
        """The rows of some indicators (null for none), and of those that have none the reason: one that is missing does not take the others with it."""
        import pyarrow as pa

        left_out: dict[str, str] = {}
        known: list[str] = []
        for name in dict.fromkeys(names):
            try:
                known.append(self.indicator(name).id)
            except UnknownIndicatorError as error:
                # A group may hold indicators that are newer than any catalogue at hand: the others are still asked for together.
                left_out[name] = error.message
        if not known:
            return None, left_out
        try:
            return self.observe(known, areas=areas, breakdowns=breakdowns), left_out
        except (NoDataError, UnknownIndicatorError):
            log.info("%d indicators cannot be answered at once: each is asked for by itself", len(known))
        parts: list[pa.Table] = []
        for name in known:
            try:
                parts.append(self.observe_arrow(name, areas=areas, breakdowns=breakdowns))
            except (NoDataError, UnknownIndicatorError) as error:
                left_out[name] = error.message
        if not parts:
            return None, left_out
        return observations.to_pandas(observations.to_arrow(pa.concat_tables(parts, promote_options="default"))), left_out

    def _largest_group(self) -> Group:
        packed = [g for entry in self.packs for g in entry.pack.groups()]
        found = packed or list(self.groups())
        if not found:
            raise NoDataError(
                "no listed pack and no installed source offers a group of indicators", hint="list the sample pack, or pip install jsnakit-fingertips"
            )
        return max(found, key=lambda g: (len(g.indicators), g.id))

    def group(self, group: str) -> Group:
        """One group by its id: a listed pack's, else as its publisher defines it today. Raises `NoDataError` with the nearest ids."""
        packed = next((g for entry in self.packs for g in entry.pack.groups() if g.id == group), None)
        if packed is not None:
            return packed
        try:
            entry = self._source_of(group)
            found = entry.source.find_group(
                group, self.store.fetcher(entry.source.info, plugin=entry.installed.distribution, plugin_version=entry.installed.version)
            )
        except (UnknownSourceError, UnknownIndicatorError):
            found = None
        if found is None:
            known = [g.id for g in self.groups()]
            close = nearest(group, known)
            raise NoDataError(
                f"there is no group {group!r}",
                hint=f"did you mean {close[0]!r}?" if close else "`jsnakit groups` lists them",
                available=tuple(known),
            )  # fmt: skip
        return found

    def equivalents(self, areas: Iterable[Area]) -> tuple[Area, ...]:
        """The areas, and beside each the same area in the other schemes and types that publishers use: what a source is asked for."""
        return tuple(dict.fromkeys(equivalent for area in areas for equivalent in _equivalents(area)))

    # -- figures ---------------------------------------------------------------------------------------------------------------------

    def observe(
        self,
        *indicators: str | Iterable[str],
        areas: Iterable[Area | str] | Area | str | None = None,
        area_type: str | None = None,
        since: dt.date | str | None = None,
        until: dt.date | str | None = None,
        breakdowns: Sequence[str] = (),
        release: str | None = None,
    ) -> pd.DataFrame:
        """The observations of some indicators, of one source or several, as one plain pandas frame in the columns of the observation table.

        A place and its providers may stand in one question: each indicator answers for the areas of its own kind, and `coverage` names the others as absent. They are joined by
        `providers` and `relations`, never by name.

        Rows are the headline of each indicator; `breakdowns` (`sex`, `age`, a category type, `"*"`) asks for more, and `coverage` says what was left out. `since` and `until` compare by
        month. Raises `NoDataError` (or `CoverageError`) with what is available, `UnknownIndicatorError`, `UnknownAreaError`, and what fetching and reading raise.
        """
        return observations.to_pandas(
            self.observe_arrow(*indicators, areas=areas, area_type=area_type, since=since, until=until, breakdowns=breakdowns, release=release)
        )

    def observe_arrow(
        self,
        *indicators: str | Iterable[str],
        areas: Iterable[Area | str] | Area | str | None = None,
        area_type: str | None = None,
        since: dt.date | str | None = None,
        until: dt.date | str | None = None,
        breakdowns: Sequence[str] = (),
        release: str | None = None,
    ) -> pa.Table:
        """As `observe`, as an Arrow table in the one schema."""
        import pyarrow as pa

        names = tuple(dict.fromkeys(n for given in indicators for n in ([given] if isinstance(given, str) else given)))
        if not names:
            raise InvalidValueError(
                "no indicator was asked for", hint='name one: ws.observe("rtt.waiting_list"); `ws.indicators("waiting")` lists them'
            )
        if isinstance(breakdowns, str):
            breakdowns = (breakdowns,)
        asked = None if areas is None else self._areas(areas)
        if asked is not None and not asked:
            raise InvalidValueError("the list of areas is empty", hint="leave `areas` out for every area")
        query = Query(
            indicators=names,
            area_type=area_type, since=since, until=until, breakdowns=tuple(breakdowns), release=release,
        )  # fmt: skip
        questions: dict[tuple[str, tuple[Area, ...] | None], tuple[Callable[[Query], reading.Answer], list[str]]] = {}
        for name in names:
            indicator = self.indicator(name)
            places = None if asked is None else self._asked_as(asked, indicator)
            key, answerer = self._answerer(name)
            questions.setdefault((key, places), (answerer, []))[1].append(name)
        tables = []
        for (_, places), (answerer, group) in questions.items():
            answer = answerer(attrs.evolve(query, indicators=tuple(group), areas=places))
            table = answer.table if asked is None else _exact_first(answer.table, asked)
            self._coverage |= {c.indicator: _with_absent(c, table, asked) for c in answer.coverage}
            self._pins |= {pin.key: pin for pin in answer.pins}
            self._note(answer.notes)
            tables.append(table)
        return observations.to_arrow(pa.concat_tables(tables, promote_options="default"))

    def _answerer(self, indicator: str) -> tuple[str, Callable[[Query], reading.Answer]]:
        pack = self.pack_for(indicator)
        if pack is not None:
            return f"pack {pack.pack.id}", lambda query: reading.read_pack(pack, query)
        source = self._source_of(indicator)
        return source.id, lambda query: reading.read_source(source, query, self.store)

    def _asked_as(self, asked: Iterable[Area], indicator: Indicator) -> tuple[Area, ...]:
        """The areas under the codes and types that an indicator is published for; where it is for none of them, all, so that the answerer can say what there is.

        One question may join sources: a place's figures and its providers'. An area of a kind that an indicator is not published for is then absent from it, and `coverage` says so.
        """
        ways = [way for area in asked for way in _equivalents(area)]
        fitting = [way for way in ways if way.type in indicator.area_types]
        return tuple(dict.fromkeys(fitting or ways))

    def _areas(self, areas: Iterable[Area | str] | Area | str) -> tuple[Area, ...]:
        given = [areas] if isinstance(areas, Area | str) else list(areas)
        return tuple(dict.fromkeys(a if isinstance(a, Area) else self._either_tier(a) for a in given))

    def _either_tier(self, name: str) -> Area:
        """The area of a name; a unitary named without its type is asked for in both tiers, which is no guess: it is one place under one code."""
        try:
            return self.area(name)
        except AmbiguousAreaError as error:
            if len({candidate.code for candidate in error.candidates}) > 1:
                raise
            chosen: Area = min(error.candidates)
            return chosen

    def coverage(self, indicator: str) -> reading.Coverage:
        """What the last answer for an indicator held and left out. Raises `NoDataError` where it was not asked for yet."""
        if indicator not in self._coverage:
            raise NoDataError(f"{indicator!r} was not observed yet", hint=f"ws.observe({indicator!r}) first", available=tuple(sorted(self._coverage)))
        return self._coverage[indicator]

    @property
    def pins(self) -> tuple[Pin, ...]:
        """The pins of everything observed so far, by key: the data log of a chapter."""
        return tuple(self._pins[k] for k in sorted(self._pins))

    @property
    def notes(self) -> tuple[str, ...]:
        """What a user should know of the answers so far: which of the council's own files have changed since the lock was written, or are not here."""
        return tuple(self._notes)

    def _note(self, notes: Iterable[str]) -> None:
        for note in notes:
            log.warning("%s", note)
            self._notes[note] = None

    def save_lock(self) -> Path | None:
        """Write what was used into the project's `jsna.lock` (packs by their sha256, live files by their pins). Without a folder, nothing."""
        if self.folder is None:
            return None
        self.check_packs()
        path = self.folder / LOCK_FILE
        self.store.lock.write(path)
        return path

    def check_packs(self) -> None:
        """Raise `SourceChangedError` where an installed pack is not the one that the lock pins; a pack it does not know yet is added."""
        for entry in self.packs:
            self.store.record_pack(entry.pack.id, entry.pack.sha256, entry.pack.version)

    # -- judgement -------------------------------------------------------------------------------------------------------------------

    @cached_property
    def targets(self) -> dict[str, Target]:
        """The targets there are: jsnakit's own register, then those of listed plugins."""
        found = dict(judgement.targets())
        for path in self.plugins.target_files(self.settings.plugins):
            found |= judgement.load_targets(path)
        return found

    def target(self, target: str) -> Target:
        """One target by its id. Raises `UnknownTargetError` with the nearest ids."""
        return judgement.lookup_target(target, self.targets)

    def judge(self, frame: pd.DataFrame, target: str | Target) -> pd.DataFrame:
        """The same rows with `outcome`, `rule` and `because`: each figure held against the target, or refused with the reason."""
        chosen = target if isinstance(target, Target) else self.target(target)
        indicators = [self.indicator(name) for name in dict.fromkeys(frame["indicator"])]
        result: pd.DataFrame = judgement.judge(frame, chosen, indicators=indicators)
        return result

    def named(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The frame with `indicator_name` and `area_name` beside the ids, for people."""
        names = {name: self._name_of(name) for name in frame["indicator"].unique()}
        pairs = frame[["area_scheme", "area_type", "area"]].drop_duplicates().itertuples(index=False, name=None)
        areas = {(t, c): self.own_areas.name_of(c, type=t) for _, t, c in pairs}
        result = frame.copy()
        result.insert(1, "indicator_name", frame["indicator"].map(names))
        at = list(result.columns).index("area") + 1
        result.insert(at, "area_name", [areas[t, c] for t, c in zip(frame["area_type"], frame["area"], strict=True)])
        return result

    def _name_of(self, indicator: str) -> str:
        """The name of an indicator; its id where the catalogue does not list it (a file may be newer than that)."""
        try:
            return self.indicator(indicator).name
        except UnknownIndicatorError:
            return indicator

    def named_arrow(self, table: pa.Table) -> pa.Table:
        """As `named`, for an Arrow table."""
        import pyarrow as pa

        return pa.Table.from_pandas(self.named(observations.to_pandas(table)), preserve_index=False).replace_schema_metadata(None)

    # -- refresh and publication -----------------------------------------------------------------------------------------------------

    def update(self, *sources: str) -> dict[str, revisions.Revisions]:
        """Look again at what the publishers offer, move the lock to it, and say what changed in the data, a source at a time.

        Without names, every source in the lock. Nothing is written: `save_lock` does that.
        """
        named = sources or tuple(sorted(self.store.lock.listings))
        for entry in self.packs:
            if not sources or entry.pack.id in sources:
                self.store.lock = self.store.lock.with_pack(entry.pack.id, PackPin(sha256=entry.pack.sha256, version=entry.pack.version))
        packs = {entry.pack.id for entry in self.packs}
        named = tuple(name for name in named if name not in packs)
        return {name: updating.update_source(self.plugins.source(name), self.store) for name in named}

    def refresh_local(self) -> None:
        """Read again those of the council's own files that the lock holds, so that the lock says what the figures are now."""
        if self.local is None or self.store.lock.listing(local.PREFIX) is None:
            return
        pinned = [one for one in self.local.described if self.store.lock.pin(self.local.resource(one).url) is not None]
        names = tuple(indicator.id for one in pinned for indicator in one.indicators)
        if names:
            self._note(reading.read_source(self.plugins.source(local.PREFIX), Query(indicators=names, breakdowns=("*",)), self.store).notes)

    def build(
        self, out: Path | str, *, drafts: bool = False, assets: Assets | None = None, chapters: Sequence[Chapter] | None = None, pdf: bool | None = None
    ) -> SiteReport:  # fmt: skip
        """Publish the project's chapters into the folder `out` as a static site, and write the lock; returns the report of what was made.

        `chapters` made in Python take the place of the files in the project's folder. Chapters in draft are left out (and named in the report) unless `drafts`: then they are there,
        watermarked. `assets` takes the place of the project's setting: whether each page holds its style sheet and script, or two files beside the pages do; `pdf` whether
        every chapter and the whole are made PDFs as well. If nothing has changed
        since the site was made, it is left as it is. Raises `ChapterError` where a chapter has a mistake, `SettingsError` where `out` holds something else or every chapter is a draft,
        `InvalidValueError` without a project, and what observing raises; the site that was there before stays until the new one is whole.
        """
        from jsnakit import _site_data, publish

        found = self._chapters(chapters)
        data, info = _site_data.WorkspaceData(self), _site_data.site_info(self)
        if assets is not None:
            info = attrs.evolve(info, assets=assets)
        if pdf is not None:
            info = attrs.evolve(info, pdf=pdf)
        report = publish.build(found, data, Path(out), info, drafts=drafts, fingerprint=_site_data.fingerprint(self))
        self.save_lock()
        return report

    @property
    def shelf(self) -> Shelf:
        """The editions that the project has published, in its folder `editions/`. Raises `InvalidValueError` without a project."""
        return editions.Shelf(self._home / "editions")

    def publish(
        self, edition: str, out: Path | str, *, on: dt.date | None = None, assets: Assets | None = None, chapters: Sequence[Chapter] | None = None,
        pdf: bool | None = None,
    ) -> EditionReport:  # fmt: skip
        """Publish the edition `edition` (a month: `2026-11`) of all chapters that are no drafts, keep it on the shelf, and lay out the site of all editions in the folder `out`.

        An edition never changes: the same again is left as it is. `on` is the day of publication (today). Raises `EditionConflictError` where another edition of that name is
        published, `InvalidValueError` for a name that is no month or is older than the newest, and what `build` raises.
        """
        from jsnakit import _site_data, publish

        found = self._chapters(chapters)
        data, info = _site_data.WorkspaceData(self), _site_data.site_info(self)
        info = attrs.evolve(info, edition=edition, assets=assets or info.assets, pdf=info.pdf if pdf is None else pdf)
        report = publish.publish_edition(
            found, data, out, info, self.shelf, name=edition, on=on or dt.datetime.now(tz=dt.UTC).date(), earlier=self.settings.publications, home=self._home
        )  # fmt: skip
        self.save_lock()
        return report

    def lay_out(self, out: Path | str) -> int:
        """Make the site of all published editions in the folder `out` again, and return how many they are. Raises `SettingsError` where there is none."""
        from jsnakit import _site_data, publish

        data, info = _site_data.WorkspaceData(self), _site_data.site_info(self)
        return publish.lay_out(out, data, info, self.shelf, earlier=self.settings.publications, home=self._home)

    def changes(self, before: str, after: str) -> Changes:
        """What changed between two published editions. Raises `NoDataError` listing the editions there are."""
        first, second = self.shelf.edition(before), self.shelf.edition(after)
        return editions.compare(first, second, lambda edition, measure: self.shelf.table(measure, edition))

    def refresh(self, *sources: str) -> RefreshReport:
        """Look again at what the publishers offer and move the lock to it; then say what an author must look at. Nothing is published.

        The report holds the difference in the data, what an edition made now would change since the newest, and what `check` finds. Raises what updating and checking raise; the
        lock is as it was on an error.
        """
        from jsnakit import _site_data, publish
        from jsnakit.refreshing import RefreshReport

        updated = self.update(*sources)
        found = self._chapters(None)
        data, info = _site_data.WorkspaceData(self), _site_data.site_info(self)
        checked = publish.check(found, data, info)
        since = publish.since_last(found, data, info, self.shelf) if self.shelf.newest() is not None else None
        self.save_lock()
        return RefreshReport(updated=updated, changes=since, check=checked, place=self.place.name or self.place.code)

    @property
    def _home(self) -> Path:
        if self.folder is None:
            raise InvalidValueError("there is no project folder", hint="open the workspace of one: Workspace(FOLDER)")
        return self.folder

    def check(self, *, chapters: Sequence[Chapter] | None = None) -> CheckReport:
        """Look at the project's chapters (or at `chapters`), drafts too, as a build would make them, and publish nothing.

        Says which sentences claim what the figures do not say, which names in prose have no value, and which figures cannot be drawn. The lock is written, since publishers may be
        asked. Raises as `build` does.
        """
        from jsnakit import _site_data, publish

        found = publish.check(self._chapters(chapters), _site_data.WorkspaceData(self), _site_data.site_info(self))
        self.save_lock()
        return found

    def report(self, area: Area | str, indicators: Sequence[str], out: Path | str) -> SiteReport:
        """Publish a report on one area and a few indicators (ids, `source.*`, or `!id` to take one away) into the folder `out`, a page to read and to print.

        The area may be any, not only the project's own; the page is `report/index.html` in the folder. Raises `UnknownIndicatorError` and `UnknownAreaError` with the nearest names,
        `NoDataError` where nothing is named, and what `build` raises.
        """
        from jsnakit import _site_data, publish
        from jsnakit.chapters import report_on

        place = self._either_tier(area) if isinstance(area, str) else area
        self.check_packs()
        self.refresh_local()
        data, info = _site_data.WorkspaceData(self, place), _site_data.site_info(self, place)
        chosen = publish.chosen_measures(indicators, self.indicators, self.indicator)
        made = publish.build([report_on(place.name or place.code, chosen)], data, Path(out), info, fingerprint=_site_data.fingerprint(self))
        self.save_lock()
        return made

    def export(self, frame: pd.DataFrame, out: Path | str, *, title: str = "Observations") -> tuple[Path, ...]:
        """Write observations that others can use into the folder `out`, and return the files.

        They are a tidy CSV in the columns of `jsnakit.exports.TIDY_COLUMNS` with its descriptions (CSV on the Web, Data Package), the measures in the same way, and for people a workbook and a CSV in which a
        spreadsheet finds nothing to run. What is suppressed has no number in any of them. Raises `TableError` where `frame` is no table of observations, `CacheWriteError` where the folder cannot be written.
        """
        from jsnakit import _site_data, disk, publish

        files = publish.of_observations(_site_data.WorkspaceData(self), frame, title, self.settings.council)
        return disk.write_files(Path(out), files)

    def _chapters(self, given: Sequence[Chapter] | None) -> Sequence[Chapter]:
        """The chapters asked for, with packs and the council's own figures looked at anew."""
        from jsnakit.chapters import read_chapters

        home = self._home
        self.check_packs()
        self.refresh_local()
        return read_chapters(home / "chapters", panels=self.plugins.panel) if given is None else given


def _own_figures(folder: Path | None) -> local.LocalFigures | None:
    """The council's own figures, where the project has a folder of them."""
    return local.LocalFigures(folder / local.FOLDER) if folder is not None and (folder / local.FOLDER).is_dir() else None


def authority(name: str, type: str | None = None) -> Area:
    """The authority a new project is about: a unitary is taken as lower tier, since more is published for it; a county as upper tier.

    Raises `UnknownAreaError`, or `AmbiguousAreaError` where the name alone is not clear.
    """
    today = dt.datetime.now(tz=dt.UTC).date()
    if type is not None:
        return geography.find(name, type=type, at=today)
    try:
        return geography.find(name, type="ltla", at=today)
    except UnknownAreaError:
        return geography.find(name, type="utla", at=today)


def _search_text(indicator: Indicator) -> str:
    return " ".join([indicator.id, indicator.name, indicator.definition, indicator.theme or "", *indicator.keywords]).casefold().replace("_", " ")


def _equivalents(area: Area) -> tuple[Area, ...]:
    """The same area in the other schemes and types that publishers use for it: an ICB's ODS code, a unitary as lower and upper tier."""
    return (area, *geography.equivalents(area))


def _exact_first(table: pa.Table, asked: Sequence[Area]) -> pa.Table:
    """Drop the rows of an equivalent where the area itself has rows of that indicator: one figure, once."""
    import pyarrow as pa
    import pyarrow.compute as pc

    have = {(r["indicator"], r["area_scheme"], r["area_type"], r["area"]) for r in table.select(["indicator", "area_scheme", "area_type", "area"]).group_by(
        ["indicator", "area_scheme", "area_type", "area"]).aggregate([]).to_pylist()}  # fmt: skip
    drop: set[tuple[str, str, str, str]] = set()
    exact = {area.key for area in asked}
    for indicator in {h[0] for h in have}:
        for area in asked:
            ranked = [e.key for e in _equivalents(area) if (indicator, *e.key) in have]
            drop |= {(indicator, *key) for key in ranked[1:] if key not in exact}
    if not drop:
        return table
    kept = table
    for indicator, scheme, kind, code in sorted(drop):
        same = pc.and_(
            pc.and_(pc.equal(kept["indicator"], indicator), pc.equal(kept["area"], code)),
            pc.and_(pc.equal(kept["area_type"], kind), pc.equal(kept["area_scheme"], scheme)),
        )
        kept = kept.filter(pc.invert(same))
    assert isinstance(kept, pa.Table)
    return kept


def _with_absent(record: reading.Coverage, table: pa.Table, asked: Sequence[Area] | None) -> reading.Coverage:
    """The coverage in terms of the areas asked for: an equivalent that has no row is not an absence."""
    import pyarrow.compute as pc

    mine = table.filter(pc.equal(table["indicator"], record.indicator))
    found = set(mine["area"].unique().to_pylist())
    absent = tuple(sorted(a.code for a in asked or () if not any(e.code in found for e in _equivalents(a))))
    return attrs.evolve(record, rows=mine.num_rows, absent=absent)
