"""What `jsnakit doctor` says: which plugins are installed, which are active, and the line to add for each that is not."""

from __future__ import annotations

import importlib.metadata
import json
import platform
import re
from typing import TYPE_CHECKING

from attrs import field, frozen

from jsnakit._plugins import PackEntry, installed_plugins
from jsnakit.errors import JsnakitError, PluginError
from jsnakit.hookspecs import ENTRY_POINT_GROUP
from jsnakit.local import check_folder

if TYPE_CHECKING:
    from jsnakit.workspace import Workspace

__all__ = ["Report", "examine"]


@frozen(kw_only=True)
class Report:
    """The lines that doctor prints; `problems` are those that something must be done about."""

    facts: tuple[str, ...]
    plugins: tuple[str, ...]
    problems: tuple[str, ...] = field(default=())

    def __str__(self) -> str:
        parts = ["\n".join(self.facts), "plugins:", *(f"  {line}" for line in self.plugins or ("none installed; try pip install jsnakit-rtt",))]
        if self.problems:
            parts += ["problems:", *(f"  {line}" for line in self.problems)]
        else:
            parts.append("no problem found")
        return "\n".join(parts)


def examine(ws: Workspace) -> Report:
    """Look at the installation and the project, importing each plugin by itself; nothing is downloaded or written."""
    problems: list[str] = []
    plugins: list[str] = []
    for installed in ws.plugins.installed:
        said = f"{installed.name}  {installed.distribution} {installed.version}"
        offers = []
        try:
            ws.plugins.claimant(installed.name)
            kinds = ws.plugins.offers(installed)
        except PluginError as error:
            plugins.append(f"{said}  cannot be used")
            problems.append(_one_line(error))
            continue
        if "sources" in kinds:
            offers.append("source, active when asked for")
        if "packs" in kinds:
            offers.append(_activity("pack", "packs", installed.name, ws.settings.packs))
        if "targets" in kinds:
            offers.append(_activity("targets", "plugins", installed.name, ws.settings.plugins))
        plugins.append(f"{said}  {'; '.join(offers) or 'offers nothing'}")
    problems += [_one_line(entry) for entry in ws.plugins.sources() if isinstance(entry, PluginError)]
    problems += _later_contracts()
    packs: tuple[PackEntry, ...] = ()
    try:
        packs = ws.packs
    except JsnakitError as error:
        problems.append(_one_line(error))
    try:
        _ = ws.targets
    except JsnakitError as error:
        problems.append(_one_line(error))
    facts = [
        f"jsnakit {importlib.metadata.version('jsnakit')}, Python {platform.python_version()}, {platform.system()}",
        f"project: {ws.folder if ws.folder is not None else 'none here'}",
        f"cache: {ws.store.folder}",
        f"offline: {'yes' if ws.settings.offline else 'no'}",
        *(_pack_line(entry) for entry in packs),
        *_own_lines(ws, problems),
    ]
    if ws.folder is not None and packs:
        try:
            ws.check_packs()
        except JsnakitError as error:
            problems.append(_one_line(error))
    return Report(facts=tuple(facts), plugins=tuple(plugins), problems=tuple(dict.fromkeys(problems)))


def _own_lines(ws: Workspace, problems: list[str]) -> list[str]:
    """What the project has of the council's own, where it has a folder for it; its faults are problems."""
    if ws.local is None:
        return []
    faults = [checked for checked in check_folder(ws.local) if checked.fault]
    problems += [f"{checked.file}: {checked.fault}" for checked in faults]
    try:
        files, areas = len(ws.local.described), len(ws.own_areas.rows)
    except JsnakitError:
        return ["local figures: not all can be read"]
    return [f"local figures: {files} {'file' if files == 1 else 'files'}, {areas} own areas"]


def _one_line(error: JsnakitError) -> str:
    return str(error).replace("\n", " - ")


def _activity(what: str, key: str, name: str, listed: tuple[str, ...]) -> str:
    """Whether a plugin is listed under a key of `jsna.toml`; where not, the line as it must then read, since a key may stand only once."""
    if name in listed:
        return f"{what}, active"
    return f"{what}, not active: write {key} = [{', '.join(json.dumps(n) for n in (*listed, name))}] under [jsna] in jsna.toml"


def _pack_line(entry: PackEntry) -> str:
    return f"pack: {entry.pack.id} {entry.pack.version}, {len(entry.pack.coverage())} indicators, sha256 {entry.pack.sha256[:12]}"


def _later_contracts() -> list[str]:
    """Plugins that speak only a later contract than this jsnakit does."""
    prefix, _, number = ENTRY_POINT_GROUP.rpartition(".v")
    mine = {p.distribution for p in installed_plugins()}
    later = []
    for group in sorted(importlib.metadata.entry_points().groups):
        match = re.fullmatch(re.escape(prefix) + r"\.v(\d+)", group)
        if match and int(match[1]) > int(number):
            for plugin in installed_plugins(group):
                if plugin.distribution not in mine:
                    later.append(
                        f"{plugin.name} ({plugin.distribution} {plugin.version}) needs a later jsnakit (contract {match[1]}): pip install --upgrade jsnakit"
                    )
    return later
