"""What a workspace gives to publication: the figures, whose site it is, and a fingerprint of the state of its data.

Publication knows no workspace and asks through `jsnakit.publish.data.Data`; this is that door, and the only place where the two meet.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from jsnakit.errors import NoDataError, UnknownSourceError
from jsnakit.model import AREA_TYPES, Area, AreaType, Indicator, Pin, Target
from jsnakit.profiles import Profile
from jsnakit.publish.data import Citation, SiteInfo, WaitsAt

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from jsnakit.workspace import Workspace

__all__ = ["DEMONSTRATION_PACK", "WorkspaceData", "fingerprint", "site_info"]

DEMONSTRATION_PACK: Final = "sample"
"""The pack whose figures make a site a demonstration: real, but frozen, and published by no council."""


class WorkspaceData:
    """A workspace as publication sees it: a `jsnakit.publish.data.Data`, about its own place or another."""

    def __init__(self, workspace: Workspace, place: Area | None = None) -> None:
        self._workspace = workspace
        self._place = place

    @cached_property
    def place(self) -> Area:
        """The area that the assessment is about. Raises `InvalidValueError` where `jsna.toml` names none."""
        return self._place or self._workspace.place

    def indicators(self) -> Sequence[Indicator]:
        """Every measure of the listed packs and the installed sources, by id."""
        return self._workspace.indicators()

    def indicator(self, indicator: str) -> Indicator:
        """One measure. Raises `UnknownIndicatorError` with the nearest ids."""
        return self._workspace.indicator(indicator)

    def observe(
        self,
        *indicators: str,
        areas: Iterable[Area] | None = None,
        area_type: str | None = None,
        since: dt.date | str | None = None,
        breakdowns: Sequence[str] = (),
    ) -> pd.DataFrame:
        """The observations. Raises `NoDataError` or `CoverageError` where there are none."""
        return self._workspace.observe(*indicators, areas=areas, area_type=area_type, since=since, breakdowns=breakdowns)

    def citations(self, origins: Sequence[str]) -> Sequence[Citation]:
        """The publishers' files behind the keys of an `origin` column: the pack's own record of them, else the lock and the source it names."""
        found = (self._packed.get(key) or self._live(key) for key in origins)
        return [citation for citation in found if citation is not None]

    @cached_property
    def _packed(self) -> dict[str, Citation]:
        """The files behind the listed packs, by key; of two packs that rest on one file the first listed speaks."""
        found: dict[str, Citation] = {}
        for entry in self._workspace.packs:
            for key, origin in entry.pack.origins().items():
                found.setdefault(key, _citation(origin.pin, origin.publisher, origin.title))
        return found

    def _live(self, key: str) -> Citation | None:
        """The citation of a file that a source read, by what the workspace used or its lock pins."""
        pins = {pin.key: pin for pin in (*self._workspace.store.lock.pins.values(), *self._workspace.pins)}
        if key not in pins:
            return None
        own = self._workspace.local.described_as(pins[key].url) if self._workspace.local is not None else None
        if own is not None:
            return _citation(pins[key], own.source or own.owner or site_info(self._workspace).council, own.title or own.name)
        try:
            info = self._workspace.plugins.source(pins[key].source).source.info
        except UnknownSourceError:
            return None
        return _citation(pins[key], info.publisher, info.title, info.attribution)

    def area_name(self, code: str, area_type: str) -> str:
        """The name to print beside an area's code, the council's own areas among them."""
        return self._workspace.own_areas.name_of(code, type=area_type)

    def area_type(self, area_type: str) -> AreaType | None:
        """What areas of a type are called, the council's own types among them."""
        return self._workspace.own_areas.types.get(area_type) or AREA_TYPES.get(area_type)

    def providers(self, area: Area) -> WaitsAt:
        """Where an area's patients wait. Raises `NoDataError` where no source says."""
        try:
            return self._workspace.providers(area)
        except UnknownSourceError as error:
            raise NoDataError(f"no source says where the patients of {area.name or area.code} wait", hint=error.hint) from error

    def profile(self, group: str | None) -> Profile:
        """The health profile of the place. Raises `NoDataError` where there is no such group, or nothing of the place in it."""
        return self._workspace.profile(self.place, group)

    def shapes(self, area_type: str) -> pa.Table:
        """Outlines of one type of area, of all dates. Raises `NoDataError` where no listed pack has them."""
        return self._workspace.shapes(area_type)

    def judge(self, frame: pd.DataFrame, target: str) -> Any:
        """The rows with `outcome` and `because` against a target."""
        return self._workspace.judge(frame, target)

    def target(self, target: str) -> Target:
        """A target by its id. Raises `UnknownTargetError` with the nearest ids."""
        return self._workspace.target(target)


def _citation(pin: Pin, publisher: str, title: str, attribution: str = "") -> Citation:
    return Citation(
        publisher=publisher, title=title, release=pin.release, retrieved=pin.retrieved, url=pin.url, licence=pin.licence, sha256=pin.sha256,
        attribution=attribution,
    )  # fmt: skip


def site_info(workspace: Workspace, about: Area | None = None) -> SiteInfo:
    """What stands on every page: the project's own words, and the lines owed to the publishers of its packs. `about` is the place where it is not the project's own."""
    settings = workspace.settings
    place = about or workspace.place
    owed = [line for entry in workspace.packs for line in entry.pack.attribution]
    return SiteInfo(
        council=settings.council or f"{place.name or place.code} Council",
        title=settings.title,
        edition=settings.edition,
        contact=settings.contact,
        demonstration=any(entry.pack.id == DEMONSTRATION_PACK for entry in workspace.packs),
        attribution=tuple(dict.fromkeys(owed)),
        assets=settings.assets,
        url=settings.url,
        feedback=settings.feedback,
        leads=settings.leads,
        coming=settings.coming,
        pdf=settings.pdf,
    )


def fingerprint(workspace: Workspace) -> str:
    """A digest of everything that the answers of a workspace rest on: its packs, its lock, its targets and the code of the sources it has used.

    Two builds with one fingerprint are asked of the same data. What a live source was not asked yet is not in the lock, so the first build of a project that goes live
    is never taken for the second.
    """
    digest = hashlib.sha256(workspace.store.lock.dumps().encode())
    for entry in workspace.packs:
        digest.update(f"pack {entry.pack.id} {entry.pack.sha256}\n".encode())
    for name in sorted(workspace.store.lock.listings):
        digest.update(f"source {name} {workspace.plugins.source(name).digest}\n".encode())
    for name, target in sorted(workspace.targets.items()):
        digest.update(f"target {name} {target!r}\n".encode())
    return digest.hexdigest()
