"""Where the patients of a place wait: an ICB, a sub-ICB location, or an authority by way of the sub-ICB locations its residents live in."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from jsnakit import geography
from jsnakit.errors import NoDataError
from jsnakit.model import Area, Period

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

__all__ = ["WAITS_AT", "Providers", "providers_of"]

WAITS_AT: Final = "waits_at"
"""The kind of relation read here: patients of `from` wait at `to`; `weight` is the share of the waiting list, `count` the waits."""

# Fewer residents than this in a sub-ICB location are the seam of two boundary sets, not people who live there.
_SEAM = 0.005


@frozen
class Providers(Sequence[Area]):
    """The providers where a place's patients wait, most first, usable wherever areas are asked for.

    `frame` has a row a provider: `area_scheme`, `area_type`, `area`, `name`, `share` (of the place's waits, 0 to 1), `count` (waits; missing where shares were weighted or
    others share the practices), `origin`.
    `month` is the month it speaks of; `caveat` what a reader must know.
    """

    areas: tuple[Area, ...]
    frame: pd.DataFrame
    month: Period
    caveat: str

    def __getitem__(self, index: Any) -> Any:
        return self.areas[index]

    def __len__(self) -> int:
        return len(self.areas)


def providers_of(area: Area, relations: pa.Table, month: dt.date | str | None = None) -> Providers:
    """The providers of an area's patients in a month (the latest without one). Raises `NoDataError` where the relations say nothing of the area or the month."""
    import pandas as pd

    frame = relations.to_pandas()
    frame = frame[frame["kind"] == WAITS_AT]
    homes = _homes(area)
    frame = frame[frame["from_area"].isin(list(homes))]
    if frame.empty:
        raise NoDataError(
            f"no source says where the patients of {area} wait",
            hint="it is known for integrated care boards, sub-ICB locations and the authorities in them",
            available=tuple(sorted(relations.column("from_type").unique().to_pylist())),
        )
    months = sorted(frame["period_start"].unique())
    wanted = months[-1] if month is None else _containing(month, months)
    if wanted is None:
        raise NoDataError(f"no relation of {area} in {month}", hint=f"there is {', '.join(f'{m:%B %Y}' for m in months)}", available=tuple(months))
    frame = frame[frame["period_start"] == wanted]
    homes = {code: share for code, share in homes.items() if code in set(frame["from_area"])}
    total = sum(homes.values())
    frame = frame.assign(share=frame["weight"] * frame["from_area"].map({c: s / total for c, s in homes.items()}))
    others = _others(area, homes, wanted)
    grouped = frame.groupby(["to_scheme", "to_type", "to_area"], as_index=False).agg(
        share=("share", "sum"), count=("count", "sum"), origin=("origin", lambda o: " ".join(sorted(set(o))))
    )
    if len(homes) > 1 or others:
        # Weighted shares are an estimate, and other authorities' patients are in the figure: a count beside it would look like one that was made of this place.
        grouped["count"] = float("nan")
    grouped = grouped.sort_values(["share", "to_area"], ascending=[False, True], ignore_index=True)
    grouped = grouped.rename(columns={"to_scheme": "area_scheme", "to_type": "area_type", "to_area": "area"})
    published = dict(zip(frame["to_area"], frame["note"], strict=True))
    names = [_name(code, kind, published[code]) for kind, code in zip(grouped["area_type"], grouped["area"], strict=True)]
    grouped.insert(3, "name", names)
    areas = tuple(Area(r.area_scheme, r.area_type, r.area, r.name_) for r in grouped.rename(columns={"name": "name_"}).itertuples(index=False))
    assert isinstance(grouped, pd.DataFrame)
    return Providers(areas, grouped, Period.month_end(wanted.year, wanted.month), _caveat(area, homes, total, others))


def _name(code: str, kind: str, published: Any) -> str:
    """The name of a provider: from the register of organisations, else as its publisher prints it (in capitals), else its code."""
    name = geography.name_of(code, type=kind)
    if name != code or not isinstance(published, str):
        return name
    return re.sub(r"[^\W\d_][\w'\u2019]*", lambda word: word[0] if word[0] in _INITIALS else word[0].capitalize(), " ".join(published.split()))


# What stays in capitals in the name of an independent provider.
_INITIALS = frozenset({"NHS", "BMI", "UK", "MSK", "ENT", "HCA", "KIMS", "BPAS", "CIC", "LLP"})


def _containing(month: dt.date | str, months: Sequence[dt.date]) -> dt.date | None:
    period = Period.parse(month) if isinstance(month, str) else Period.month(month.year, month.month)
    return next((m for m in months if (m.year, m.month) == period.first_month), None)


def _homes(area: Area) -> dict[str, float]:
    """The codes under which the relations may know the area, with the share of its residents in each."""
    if area.type not in ("ltla", "utla"):
        return {a.code: 1.0 for a in (area, *geography.equivalents(area))}
    homes: dict[str, float] = {}
    for link in geography.links(area, "residents_in"):
        if link.weight is not None and link.weight >= _SEAM:
            for same in (link.to_area, *geography.equivalents(link.to_area)):
                homes[same.code] = link.weight
    return homes


def _others(area: Area, homes: dict[str, float], day: dt.date) -> tuple[str, ...]:
    """The other authorities of the same tier whose residents are patients of the same practices."""
    if area.type not in ("ltla", "utla"):
        return ()
    names = set()
    for other in geography.areas(area.type, at=day):
        lives = (link for link in geography.links(other, "residents_in") if other.code != area.code and (link.weight or 0.0) >= _SEAM)
        if any(same.code in homes for link in lives for same in (link.to_area, *geography.equivalents(link.to_area))):
            names.add(other.name)
    return tuple(sorted(names))


def _caveat(area: Area, homes: dict[str, float], total: float, others: tuple[str, ...]) -> str:
    if area.type not in ("ltla", "utla"):
        return "Counts are waits of patients registered with the practices of this NHS area, not people; one person can wait for several treatments."
    named = ", ".join(f"{geography.name_of(code)} ({share:.0%} of residents)" for code, share in sorted(homes.items(), key=lambda h: -h[1]))
    covered = "" if total > 0.99 else f" {total:.0%} of residents live in them."
    shared = ""
    if others:
        beyond = f"{', '.join(others[:3])} and {len(others) - 3} more" if len(others) > 4 else ", ".join(others)
        shared = f" Residents of other authorities are among them ({beyond}), so shares are not this place's alone and no counts are given."
    return f"A sub-ICB location is not a council: shares are those of patients of the practices of {named}.{covered}{shared} Counts are waits, not people."
