"""What the publishing side asks of whoever has the data: it never fetches, and knows no workspace."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from attrs import frozen

from jsnakit.model import Area, AreaType, Indicator, Period, Target
from jsnakit.profiles import Profile
from jsnakit.settings import Assets, Coming, Lead

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

__all__ = ["Citation", "Data", "SiteInfo", "WaitsAt"]


@frozen(kw_only=True)
class SiteInfo:
    """What stands on every page: whose assessment this is, of which month, and where its figures come from.

    `demonstration` prints the bar that says it is no publication of the council; `attribution` are the lines owed to the publishers; `assets` says whether each page
    holds its style sheet and script; `url` is where the site stands; `feedback` where readers say what is missing; `leads` answer for it; `coming` are chapters not ready; `pdf` makes PDFs too.
    """

    council: str
    title: str = "Joint Strategic Needs Assessment"
    edition: str = ""
    contact: str = ""
    demonstration: bool = False
    attribution: tuple[str, ...] = ()
    assets: Assets = Assets.INLINE
    url: str = ""
    feedback: str = ""
    leads: tuple[Lead, ...] = ()
    coming: tuple[Coming, ...] = ()
    pdf: bool = False


@frozen(kw_only=True, order=True)
class Citation:
    """A publisher's file behind some figures: who, what, which release, when it was retrieved (ISO 8601), from where, under which licence.

    `attribution` is the line that the publisher asks for, where it asks for one of its own.
    """

    publisher: str
    title: str
    release: str = ""
    retrieved: str = ""
    url: str = ""
    licence: str = ""
    sha256: str = ""
    attribution: str = ""


class WaitsAt(Protocol):
    """Where the patients of a place wait: a row a provider (`area_scheme`, `area_type`, `area`, `name`, `share`, `count`, `origin`), most first."""

    @property
    def frame(self) -> pd.DataFrame:
        """The rows."""

    @property
    def month(self) -> Period:
        """The month they speak of."""

    @property
    def caveat(self) -> str:
        """What a reader must know of them."""


class Data(Protocol):
    """The figures of one assessment. Frames are plain pandas frames in the columns of the observation table, headline rows unless breakdowns are asked for."""

    @property
    def place(self) -> Area:
        """The area that the assessment is about."""

    def indicators(self) -> Sequence[Indicator]:
        """Every measure there is, by id."""

    def indicator(self, indicator: str) -> Indicator:
        """One measure. Raises `UnknownIndicatorError` with the nearest ids."""

    def observe(
        self,
        *indicators: str,
        areas: Iterable[Area] | None = None,
        area_type: str | None = None,
        since: dt.date | str | None = None,
        breakdowns: Sequence[str] = (),
    ) -> pd.DataFrame:
        """The observations. Raises `NoDataError` or `CoverageError` where there are none."""

    def citations(self, origins: Sequence[str]) -> Sequence[Citation]:
        """The publishers' files that the keys in an `origin` column stand for, in their order; a key it does not know is left out."""

    def area_name(self, code: str, area_type: str) -> str:
        """The name to print beside an area's code, the council's own areas among them; the code where nothing is known."""

    def area_type(self, area_type: str) -> AreaType | None:
        """What areas of a type are called, the council's own types among them."""

    def providers(self, area: Area) -> WaitsAt:
        """Where an area's patients wait. Raises `NoDataError` where no source says."""

    def profile(self, group: str | None) -> Profile:
        """The health profile of the place in a group of indicators (the largest at hand without one). Raises `NoDataError` where there is none."""

    def shapes(self, area_type: str) -> pa.Table:
        """Outlines of one type of area, of all dates, in the columns of `jsnakit.packs.SHAPE_COLUMNS`. Raises `NoDataError` where there are none."""

    def judge(self, frame: pd.DataFrame, target: str) -> Any:
        """The rows with `outcome` and `because` against a target."""

    def target(self, target: str) -> Target:
        """A target by its id. Raises `UnknownTargetError` with the nearest ids."""
