"""Plugins: names from metadata without import, one loaded on demand, every fault a typed error that names the culprit.

Installed is not active: a source is imported when its id is asked for; packs and targets only of plugins that a project lists.
Each plugin is called by itself, so that one broken plugin breaks only itself.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import logging
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any, Final, TypeVar

import attrs
import pluggy
from attrs import field, frozen

from jsnakit import hookspecs
from jsnakit.chapters import PanelKind
from jsnakit.errors import JsnakitError, PluginConflictError, PluginError, UnknownSourceError
from jsnakit.hookspecs import ENTRY_POINT_GROUP
from jsnakit.model import Indicator, nearest
from jsnakit.packs import Pack
from jsnakit.sources import Source, SourceInfo

log = logging.getLogger("jsnakit.plugins")
_T = TypeVar("_T")
_SOURCE: type[Source] = Source  # type: ignore[type-abstract]  # used to check instances, never called

FIRST_PARTY: Final[Mapping[str, str]] = {
    "rtt": "jsnakit-rtt",
    "sample": "jsnakit-sample",
    "fingertips": "jsnakit-fingertips",
    "place": "jsnakit-place",
}
"""Distributions of our own, to name in "pip install ..." when an id is asked for that is not installed."""


@frozen(kw_only=True)
class Installed:
    """One plugin as its distribution's metadata describe it, before anything of it is imported."""

    name: str
    module: str
    distribution: str
    version: str
    group: str = ENTRY_POINT_GROUP
    load: Callable[[], Any] = field(eq=False, repr=False)

    def error(self, message: str, *, hint: str | None = None, kind: type[PluginError] = PluginError, **data: Any) -> PluginError:
        """A `PluginError` that names this plugin, its distribution and version."""
        origin = f"plugin {self.name!r} ({self.distribution} {self.version})"
        return kind(f"{origin}: {message}", hint=hint, plugin=self.name, distribution=self.distribution, version=self.version, **data)


@frozen(kw_only=True)
class SourceEntry:
    """A loaded source with the plugin it came from and a digest of that plugin's code."""

    source: Source
    installed: Installed
    digest: str

    @property
    def id(self) -> str:
        """The source's id."""
        return self.source.info.id


@frozen(kw_only=True)
class PackEntry:
    """A loaded pack with the plugin it came from."""

    pack: Pack
    installed: Installed


def installed_plugins(group: str = ENTRY_POINT_GROUP) -> tuple[Installed, ...]:
    """Every plugin of the group, by name, from metadata alone. One distribution found twice on the path counts once."""
    found: dict[tuple[str, str, str], Installed] = {}
    for point in importlib.metadata.entry_points(group=group):
        name, version = _described(point.dist)
        key = (point.name, name, point.value)
        found.setdefault(key, Installed(name=point.name, module=point.value, distribution=name, version=version, group=group, load=point.load))
    return tuple(found[key] for key in sorted(found))


def _described(distribution: importlib.metadata.Distribution | None) -> tuple[str, str]:
    """Name and version of a distribution; what a half-removed one (pip stopped, a folder without METADATA) leaves behind must not stop the others."""
    try:
        return (distribution.metadata["Name"] or "unknown", distribution.version or "0") if distribution is not None else ("unknown", "0")
    except (KeyError, TypeError, OSError):
        return "unknown", "0"


class Plugins:
    """The plugins a workspace may use: those installed (the default), or exactly the objects given (`Plugins.only`).

    >>> Plugins.only().names
    ()
    """

    def __init__(self, installed: Sequence[Installed] | None = None) -> None:
        self._given = None if installed is None else tuple(installed)
        self._loaded: dict[tuple[str, str], ModuleType | object] = {}
        self._sources: dict[str, SourceEntry] = {}

    @classmethod
    def only(cls, *sources: Source) -> Plugins:
        """Just these sources, given as objects: nothing is discovered. Raises `PluginConflictError` where two have one id."""
        plugins = cls(())
        for source in sources:
            name = type(source).__module__.partition(".")[0]
            installed = Installed(name=source.info.id, module=name, distribution=name, version=_version_of(name), load=lambda: None)
            entry = _source_entry(installed, source, digest_of(type(source)))
            if entry.id in plugins._sources:
                raise installed.error(f"two sources have the id {entry.id!r}", kind=PluginConflictError, claimants=(name, name))
            plugins._sources[entry.id] = entry
        return plugins

    def also(self, source: Source, *, digest: str) -> Plugins:
        """The same plugins with a source of core's own beside them. Raises `PluginConflictError` where one of them has its id."""
        mine = Installed(
            name=source.info.id, module="jsnakit", distribution="jsnakit", version=importlib.metadata.version("jsnakit"), load=lambda: None
        )
        taken = [p.distribution for p in self.installed if p.name == mine.name] + [
            e.installed.distribution for e in self._sources.values() if e.id == mine.name
        ]
        if taken:
            raise mine.error(
                f"{mine.name!r} is also offered by {taken[0]}",
                hint=f"uninstall it: pip uninstall {taken[0]}",
                kind=PluginConflictError,
                claimants=("jsnakit", taken[0]),
            )
        more = Plugins(self._given)
        more._loaded, more._sources = self._loaded, self._sources | {mine.name: _source_entry(mine, source, digest)}
        return more

    @cached_property
    def installed(self) -> tuple[Installed, ...]:
        """The plugins there are, by name."""
        return installed_plugins() if self._given is None else self._given

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the plugins, and of the sources given as objects."""
        return tuple(sorted({p.name for p in self.installed} | set(self._sources)))

    def claimant(self, source_id: str) -> Installed:
        """The plugin whose name is the id, or the longest one it starts with and a dot. Raises `UnknownSourceError` or `PluginConflictError`."""
        parts = source_id.split(".")
        for n in range(len(parts), 0, -1):
            name = ".".join(parts[:n])
            claimants = [p for p in self.installed if p.name == name]
            if len(claimants) > 1:
                raise claimants[0].error(
                    f"two distributions offer {name!r}: {' and '.join(p.distribution for p in claimants)}",
                    hint=f"uninstall one of them: pip uninstall {claimants[-1].distribution}",
                    kind=PluginConflictError,
                    claimants=tuple(p.distribution for p in claimants),
                )
            if claimants:
                return claimants[0]
        close = nearest(source_id, self.names)
        hint = f"did you mean {close[0]!r}?" if close else None
        if parts[0] == "local":
            hint = "the council's own figures lie in a folder local/ of the project, which this one does not have: see `jsnakit local draft --help`"
        if hint is None and parts[0] in FIRST_PARTY:
            hint = f"pip install {FIRST_PARTY[parts[0]]}"
        raise UnknownSourceError(
            f"no installed plugin is called {source_id!r}",
            hint=hint or (f"installed: {', '.join(self.names)}" if self.names else "no plugin is installed; try pip install jsnakit-rtt"),
            source=source_id,
            suggestions=close,
        )

    def source(self, source_id: str) -> SourceEntry:
        """The source of this id; its plugin is imported now if it was not yet. Raises `UnknownSourceError`, `PluginError` or `PluginConflictError`."""
        if source_id in self._sources:
            return self._sources[source_id]
        installed = self.claimant(source_id)
        module = self._load(installed)
        self._take(installed, module)
        if source_id not in self._sources:
            offered = [s for s in self._sources if s == installed.name or s.startswith(installed.name + ".")]
            raise UnknownSourceError(
                f"plugin {installed.name!r} ({installed.distribution} {installed.version}) offers no source {source_id!r}",
                hint=f"it offers {', '.join(sorted(offered))}" if offered else "it offers packs or targets only: list it in jsna.toml",
                source=source_id,
                suggestions=tuple(sorted(offered)),
            )
        return self._sources[source_id]

    def _take(self, installed: Installed, module: Any) -> None:
        """Keep the sources that a plugin yields. Raises `PluginConflictError` where another plugin has yielded one of this id."""
        for source in self._call(installed, module, "jsnakit_sources", _SOURCE):
            entry = _source_entry(installed, source, digest_of(module))
            other = self._sources.get(entry.id, entry).installed
            if other != installed:
                raise installed.error(
                    f"{entry.id!r} is also offered by {other.distribution}",
                    kind=PluginConflictError,
                    claimants=(other.distribution, installed.distribution),
                )
            self._sources[entry.id] = entry

    def sources(self) -> Iterator[SourceEntry | PluginError]:
        """Every source there is, by id, and for each plugin (or catalogue) that failed its error: one broken plugin does not silence the rest."""
        found: dict[str, SourceEntry | PluginError] = {}
        for installed in self.installed:
            try:
                claimed = self.claimant(installed.name)
                self._take(claimed, self._load(claimed))
            except PluginError as error:
                found[installed.name] = error
        for key, entry in self._sources.items():
            try:
                catalogue(entry)
                found[key] = entry
            except PluginError as error:
                found[key] = error
        yield from (found[key] for key in sorted(found))

    def offers(self, installed: Installed) -> tuple[str, ...]:
        """Which of `sources`, `packs`, `targets` and `panels` a plugin implements; it is imported for that. Raises `PluginError`."""
        manager = self._manager(installed, self._load(installed))
        return tuple(n for n in ("sources", "packs", "targets", "panels") if getattr(manager.hook, f"jsnakit_{n}").get_hookimpls())

    def packs(self, names: Iterable[str]) -> tuple[PackEntry, ...]:
        """The packs of the plugins listed by a project, in the order listed. Raises `PluginConflictError` where two answer for one indicator."""
        entries: list[PackEntry] = []
        owner: dict[str, PackEntry] = {}
        for name in dict.fromkeys(names):
            installed = self.claimant(name)
            packs = self._call(installed, self._load(installed), "jsnakit_packs", Pack)
            if not packs:
                raise installed.error("offers no pack", hint="remove it from `packs` in jsna.toml")
            for pack in packs:
                entry = PackEntry(pack=pack, installed=installed)
                for indicator in sorted(pack.coverage()):
                    if indicator in owner:
                        other = owner[indicator]
                        raise installed.error(
                            f"{indicator!r} is also answered by pack {other.pack.id!r} ({other.installed.distribution})",
                            hint="list one of the two packs in jsna.toml: rows of two packs are never mixed",
                            kind=PluginConflictError,
                            claimants=(other.installed.distribution, installed.distribution),
                        )
                    owner[indicator] = entry
                entries.append(entry)
        return tuple(entries)

    def target_files(self, names: Iterable[str]) -> tuple[Path, ...]:
        """The target registers of the plugins listed by a project, sorted by path."""
        files: list[Path] = []
        for name in dict.fromkeys(names):
            installed = self.claimant(name)
            files += self._call(installed, self._load(installed), "jsnakit_targets", Path)
        return tuple(sorted(files))

    def panel(self, name: str) -> PanelKind | None:
        """The panel of this name that an installed plugin offers; null where no plugin is called so. Raises `PluginError` where the plugin fails or has no such panel."""
        try:
            installed = self.claimant(name)
        except UnknownSourceError:
            return None
        plugin = self._load(installed)
        kinds: dict[str, PanelKind] = {}
        for kind in self._call(installed, plugin, "jsnakit_panels", PanelKind):
            if kind.name != installed.name and not kind.name.startswith(f"{installed.name}."):
                raise installed.error(
                    f"its panel is called {kind.name!r}", hint=f"a name is the entry point's, or starts with it: {installed.name}.{kind.name}"
                )
            if kind.name in kinds:
                raise installed.error(f"two of its panels are called {kind.name!r}")
            kinds[kind.name] = attrs.evolve(
                kind, origin=f"plugin {installed.name!r} ({installed.distribution} {installed.version})", digest=digest_of(plugin)
            )
        if name not in kinds:
            raise installed.error(f"it offers no panel {name!r}", hint=f"its panels are {', '.join(kinds)}" if kinds else "it offers no panel at all")
        return kinds[name]

    def _load(self, installed: Installed) -> Any:
        key = (installed.name, installed.distribution)
        if key not in self._loaded:
            try:
                self._loaded[key] = installed.load()
            except (Exception, SystemExit) as error:  # whatever a plugin's import raises is that plugin's fault, and is reported as such
                raise installed.error(
                    f"cannot be imported: {type(error).__name__}: {error}", hint=f"pip install --upgrade {installed.distribution}, or uninstall it"
                ) from error
        return self._loaded[key]

    def _manager(self, installed: Installed, plugin: Any) -> pluggy.PluginManager:
        """A manager of this one plugin, so that no other can speak for it; a misspelt hook is an error."""
        manager = pluggy.PluginManager("jsnakit")
        manager.add_hookspecs(hookspecs)
        try:
            manager.register(plugin, name=installed.name)
            manager.check_pending()
        except (pluggy.PluginValidationError, ValueError) as error:
            known = [n for n in hookspecs.__all__ if n.startswith("jsnakit_")]
            raise installed.error(f"its hooks do not fit: {error}", hint=f"the hooks are {', '.join(known)}") from error
        misspelt = sorted(
            name for name, value in vars(plugin).items() if getattr(value, "jsnakit_impl", None) is not None and name not in hookspecs.__all__
        ) if isinstance(plugin, ModuleType) else []  # fmt: skip
        if misspelt:
            close = nearest(misspelt[0], [n for n in hookspecs.__all__ if n.startswith("jsnakit_")], 1)
            raise installed.error(f"{misspelt[0]!r} is not a hook", hint=f"did you mean {close[0]!r}?" if close else None)
        return manager

    def _call(self, installed: Installed, plugin: Any, hook: str, kind: type[_T]) -> list[_T]:
        """The values that this one plugin yields for a hook, each checked."""
        manager = self._manager(installed, plugin)
        values: list[_T] = []
        for implementation in getattr(manager.hook, hook).get_hookimpls():
            if implementation.wrapper or implementation.hookwrapper:
                raise installed.error(f"{hook} is a hook wrapper", hint="a plugin speaks for itself alone: remove wrapper=True")
            try:
                # A generator raises only when it is read, so it is read here.
                yielded = list(implementation.function())
            except JsnakitError as error:
                raise installed.error(f"{hook} failed: {error.message}", hint=error.hint) from error
            except (Exception, SystemExit) as error:  # any other fault in a plugin's code is named as that plugin's
                raise installed.error(f"{hook} failed: {type(error).__name__}: {error}") from error
            for value in yielded:
                if not isinstance(value, kind):
                    raise installed.error(f"{hook} yielded {type(value).__name__}, not {kind.__name__}")
                values.append(value)
        return values


def _source_entry(installed: Installed, source: Source, digest: str) -> SourceEntry:
    info = getattr(source, "info", None)
    if not isinstance(info, SourceInfo):
        raise installed.error(f"{type(source).__name__}.info is not a SourceInfo", hint="set `info = SourceInfo(...)` on the class")
    if info.id != installed.name and not info.id.startswith(installed.name + "."):
        raise installed.error(
            f"its source has the id {info.id!r}", hint=f"an id is the entry point's name, or starts with it: {installed.name}.{info.id}"
        )
    if not re.fullmatch(r"[a-z][a-z0-9_-]*(\.[a-z0-9_-]+)*", info.id):
        raise installed.error(f"{info.id!r} is not an id", hint="use lower-case letters, digits, _ and -")
    return SourceEntry(source=source, installed=installed, digest=digest)


def catalogue(entry: SourceEntry) -> tuple[Indicator, ...]:
    """The indicators of a source, checked and sorted by id. Raises `PluginError` for a wrong type, a foreign prefix or a duplicate."""
    try:
        given = entry.source.indicators()
        known = _CHECKED.get(entry.id)
        if known is not None and known[0] is given:
            return known[1]
        indicators = list(given)
    except JsnakitError as error:
        raise entry.installed.error(f"indicators() failed: {error.message}", hint=error.hint) from error
    except (Exception, SystemExit) as error:  # a fault in a plugin's code is named as that plugin's
        raise entry.installed.error(f"indicators() failed: {type(error).__name__}: {error}") from error
    seen: set[str] = set()
    for indicator in indicators:
        if not isinstance(indicator, Indicator):
            raise entry.installed.error(f"indicators() gave {type(indicator).__name__}, not Indicator")
        if not indicator.id.startswith(entry.id + "."):
            raise entry.installed.error(f"indicator {indicator.id!r} does not start with {entry.id!r} and a dot")
        if indicator.id in seen:
            raise entry.installed.error(f"indicator {indicator.id!r} is given twice")
        seen.add(indicator.id)
    found = tuple(sorted(indicators, key=lambda i: i.id))
    if isinstance(given, tuple):
        _CHECKED[entry.id] = given, found
    return found


# What a source that keeps its indicators gave last, and what was made of it. A tuple of frozen records stays what it was when it was checked.
_CHECKED: dict[str, tuple[tuple[Indicator, ...], tuple[Indicator, ...]]] = {}


def digest_of(plugin: Any) -> str:
    """A digest of the files of a plugin's package: an edited parser never answers from yesterday's table.

    Distribution metadata cannot give it (an editable install lists only a link), so the package folder is walked.
    """
    module = plugin if isinstance(plugin, ModuleType) else _module_of(plugin)
    digest = hashlib.sha256()
    roots = [Path(p) for p in getattr(module, "__path__", [])]
    file = getattr(module, "__file__", None)
    if not roots and file:
        roots = [Path(file)]
    for root in sorted(roots):
        files = [root] if root.is_file() else sorted(p for p in root.rglob("*") if p.is_file() and "__pycache__" not in p.parts)
        for path in files:
            # A data file of a pack may be large; its bytes are not what parses.
            if path.suffix in (".py", ".toml", ".json", ".csv"):
                digest.update(str(path.relative_to(root) if path != root else path.name).encode())
                digest.update(path.read_bytes())
    if not roots:
        # A class typed into a notebook has no file to look at, so what it parsed is never reused.
        digest.update(os.urandom(16))
    return digest.hexdigest()


def _module_of(plugin: Any) -> ModuleType:
    import sys

    module = getattr(plugin, "__module__", type(plugin).__module__)
    # A class in a module of a package belongs to the whole package.
    return sys.modules.get(module.partition(".")[0]) or sys.modules[module]


def _version_of(module: str) -> str:
    for distribution in importlib.metadata.packages_distributions().get(module, []):
        return importlib.metadata.version(distribution)
    return "0"
