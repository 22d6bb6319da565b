"""The council's own areas within the place, as bars."""

from __future__ import annotations

import pandas as pd

from jsnakit.model import Area, Indicator
from jsnakit.publish import findings
from jsnakit.publish._words import count, decapitalised, month_of, unit_after
from jsnakit.publish.figures.context import Absent, Built, Context
from jsnakit.publish.figures.standing import as_figure, period_of
from jsnakit.publish.panels import BarRow, RankedBars, RankedIntervals, Reference

__all__ = ["ranked_within"]


def ranked_within(context: Context, indicator: Indicator, area_type: str) -> Built:
    """The areas of one type for which a measure has figures, highest first, with the place's own figure as a line where there is one.

    Raises `Absent` where there is no figure of that type, `ChapterError` for a type that nobody knows.
    """
    known = context.data.area_type(area_type)
    if known is None:
        raise context.mistake(
            f"areas = {area_type!r} is no type of area", hint='write a type that local/areas.toml describes, for example areas = "locality"'
        )
    rows = context.observe([indicator.id], area_type=area_type)
    if rows["value"].notna().sum() == 0:
        raise Absent(f"No figure of {decapitalised(indicator.name)} may be shown for {known.plural}.")
    last = rows.sort_values(["period_start", "period_duration"]).iloc[-1]
    period = period_of(last)
    same = rows[(rows["period_start"] == last["period_start"]) & (rows["period_duration"] == last["period_duration"])]
    chosen = same.sort_values(["value", "area"], ascending=[False, True], na_position="last")
    bars = tuple(BarRow(str(r["area"]), context.area_name(str(r["area"]), area_type), as_figure(r, indicator), None) for _, r in chosen.iterrows())
    whole = _of_the_place(context, indicator, last)
    reference = None if whole is None else Reference(f"{context.name}:", float(whole["value"]), as_figure(whole, indicator).text)
    shown = chosen[chosen["value"].notna()]
    hidden = int((chosen["status"] == "suppressed").sum())
    intervals = reference is not None and bool(len(shown) and shown["lower"].notna().all() and shown["upper"].notna().all())
    panel = (
        RankedIntervals(bars, "", indicator.unit, reference, first=20, noun=known.plural, decimals=indicator.decimals)
        if intervals and reference is not None
        else RankedBars(
            bars, "", indicator.unit, () if reference is None else (reference,), name_heading=known.name.capitalize(), first=20, noun=known.plural
        )
    )
    care = (
        [f"{count(hidden, first=True)} of {len(chosen)} figures {'is' if hidden == 1 else 'are'} withheld, so that nobody can be recognised."]
        if hidden
        else []
    )
    unit = "percentage" if indicator.unit == "%" else unit_after(indicator)
    top = shown.iloc[0] if len(shown) else None
    finding = (
        findings.on_own_areas(
            indicator.name, context.area_name(str(top["area"]), area_type), as_figure(top, indicator).text, len(chosen), known.plural
        )
        if top is not None and not hidden
        else f"{indicator.name} by {known.name}"
    )
    used = chosen if whole is None else pd.concat([chosen, pd.DataFrame([whole])[list(chosen.columns)]], ignore_index=True)
    return Built(
        kind="ranked",
        finding=finding,
        subtitle=f"{', '.join(p for p in (indicator.name, unit, month_of(period)) if p)}: {len(chosen)} {known.plural}, highest first.",
        panel=panel,
        notes=context.notes(
            [indicator],
            used,
            take_care=care,
            how_to_read="Bars start at zero." if not intervals else "The line is the range within which the figure probably lies.",
        ),
        rows=used,
        period=(period,),
    )


def _of_the_place(context: Context, indicator: Indicator, last: pd.Series) -> pd.Series | None:
    """The place's own figure of the same period."""
    here = context.place
    both = tuple(Area(here.scheme, kind, here.code, here.name) for kind in dict.fromkeys((here.type, "ltla", "utla")) if kind in indicator.area_types)
    if not both:
        return None
    try:
        rows = context.observe([indicator.id], areas=both)
    except Absent:
        return None
    mine = rows[(rows["period_start"] == last["period_start"]) & (rows["period_duration"] == last["period_duration"]) & rows["value"].notna()]
    return mine.iloc[0] if len(mine) else None
