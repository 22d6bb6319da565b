"""Who lives in a place: the population by age and sex, beside England."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

import pandas as pd
from attrs import frozen

from jsnakit.chapters import options as asked
from jsnakit.model import ENGLAND, TOTAL, Area, Indicator
from jsnakit.publish import findings
from jsnakit.publish._words import month_of
from jsnakit.publish.figures.context import Absent, Built, Context
from jsnakit.publish.figures.standing import as_figure, period_of
from jsnakit.publish.panels import Figure, Pyramid, PyramidBand, figure

__all__ = ["pyramid"]

_AGES: Final = re.compile(r"(\d+)\s*(?:-\s*(\d+)|\+)(?: yrs)?")
_OLD: Final = 65
_OPEN: Final = 1000


@frozen(eq=False)
class _People:
    """One area's counts by sex and age band in one period, and the number of all its people."""

    counts: dict[tuple[str, str], Figure]
    total: float | None
    rows: pd.DataFrame

    def share(self, sex: str, age: str) -> float | None:
        found = self.counts.get((sex, age))
        return None if found is None or found.value is None or not self.total else found.value / self.total * 100

    def from_age(self, bands: Sequence[tuple[str, int]], least: int) -> float | None:
        """The share of people at or over an age; null where a band has no figure."""
        shares = [self.share(sex, age) for age, low in bands if low >= least for sex in ("F", "M")]
        return None if not shares or any(s is None for s in shares) else sum(s for s in shares if s is not None)


def pyramid(context: Context) -> Built:
    """The place by age band and sex as shares of all its people, and England as an outline."""
    o = context.options
    assert isinstance(o, asked.Pyramid)
    indicator = context.indicator(o.indicator)
    area_type = context.type_for(indicator)
    here = context.place
    rows = _rows(context, indicator, Area(here.scheme, area_type, here.code, here.name))
    banded = rows[rows["sex"].isin(["F", "M"]) & (rows["age"] != TOTAL) & rows["value"].notna()]
    if banded.empty:
        raise Absent(f"{indicator.name} is not published by age and sex for {context.name}.")
    last = banded.sort_values("period_start").iloc[-1]
    own = _people(rows, last, indicator)
    bands = _bands({age for _, age in own.counts})
    if len(bands) < 2:
        raise Absent(f"{indicator.name} is not published by age band for {context.name}.")
    beside = (
        _people(_rows(context, indicator, ENGLAND, required=False), last, indicator) if here.type != "country" else _People({}, None, rows.iloc[0:0])
    )
    period = period_of(last)
    made = tuple(
        PyramidBand(
            _named(age), own.counts.get(("M", age), figure(None)), own.counts.get(("F", age), figure(None)), own.share("M", age), own.share("F", age),
            beside.share("M", age), beside.share("F", age),
        )
        for age, _ in bands
    )  # fmt: skip
    panel = Pyramid(f"{indicator.name}, {context.name}, {month_of(period)}", context.name, made)
    shown = pd.concat([own.rows, beside.rows], ignore_index=True) if len(beside.rows) else own.rows
    return Built(
        kind="pyramid",
        finding=findings.on_ages(context.name, own.from_age(bands, _OLD), beside.from_age(bands, _OLD)),
        subtitle=f"{indicator.name} by age and sex, {month_of(period)}: each bar is a percentage of all people of {context.name}"
        + (", the outline the same for England." if panel.has_outline else "."),
        panel=panel,
        notes=context.notes(
            [indicator], shown,
            how_to_read="Bars start at the middle line, which is zero: males to the left, females to the right. Where a bar reaches beyond the outline, that group is a larger part of the "
            "people here than of England\u2019s.",
        ),
        rows=shown, period=(period,),
    )  # fmt: skip


def _rows(context: Context, indicator: Indicator, area: Area, *, required: bool = True) -> pd.DataFrame:
    try:
        rows = context.observe([indicator.id], areas=(area,), breakdowns=("sex", "age"))
    except Absent:
        if required:
            raise
        return pd.DataFrame()
    found: pd.DataFrame = rows[rows["category_type"] == TOTAL]
    return found


def _people(rows: pd.DataFrame, last: pd.Series[Any], indicator: Indicator) -> _People:
    if rows.empty:
        return _People({}, None, rows)
    same = rows[(rows["period_start"] == last["period_start"]) & (rows["period_duration"] == last["period_duration"])]
    counts = {
        (str(r["sex"]), str(r["age"])): as_figure(r, indicator) for _, r in same[same["sex"].isin(["F", "M"]) & (same["age"] != TOTAL)].iterrows()
    }
    whole = same[(same["sex"] == TOTAL) & (same["age"] == TOTAL) & same["value"].notna()]
    # Bands may be rounded or hidden, so that their sum is not the number of people: without the published total there are no shares.
    return _People(counts, float(whole["value"].iloc[0]) if len(whole) else None, same)


def _bands(ages: set[str]) -> list[tuple[str, int]]:
    """Bands that do not overlap, from the youngest, the narrowest where several begin at one age.

    >>> _bands({"0-4 yrs", "5-9 yrs", "0-9 yrs", "10+ yrs"})
    [('0-4 yrs', 0), ('5-9 yrs', 5), ('10+ yrs', 10)]
    """
    parsed = []
    for age in ages:
        found = _AGES.fullmatch(age)
        if found:
            parsed.append((int(found[1]), int(found[2]) if found[2] else _OPEN, age))
    chosen: list[tuple[str, int]] = []
    reached = -1
    for low, high, age in sorted(parsed):
        if low > reached:
            chosen.append((age, low))
            reached = high
    return chosen


def _named(age: str) -> str:
    bare = age.removesuffix(" yrs")
    return bare.replace("-", " to ")
