"""How long people have waited, in the bands that published figures allow."""

from __future__ import annotations

import itertools
import re
from typing import Final

import pandas as pd

from jsnakit.chapters import options as asked
from jsnakit.model import Area
from jsnakit.publish import findings
from jsnakit.publish._words import month_of
from jsnakit.publish.figures.context import Absent, Built, Context
from jsnakit.publish.figures.standing import as_figure, period_of
from jsnakit.publish.figures.waiting import england_rows, largest_provider, latest_totals, own_waits, row_of, short_name
from jsnakit.publish.panels import Distribution, Figure, Gap, WaitBand, WaitMark, figure, number_text

__all__ = ["distribution"]

_OVER: Final = re.compile(r"over_(\d+)_weeks")
_STANDARD: Final = 18.0


def distribution(context: Context) -> Built:
    """Waits by length: within 18 weeks, then between the limits that figures are published for, the last band open."""
    o = context.options
    assert isinstance(o, asked.Distribution)
    names = (o.waits, o.within, *o.over, o.median, o.percentile)
    measures = [context.indicator(n) for n in names]
    limits = {name: _limit(context, name) for name in o.over}
    name, of, caveat, rows = _whose(context, o.area, names)
    held = {i.id: as_figure(row, i) for i in measures if (row := row_of(rows, i.id)) is not None}
    waits, within = held.get(o.waits, figure(None)), held.get(o.within, figure(None))
    if waits.value is None or within.value is None:
        raise Absent(f"The waits of {name} are not published with the share within 18 weeks.")
    over = {limits[n]: held.get(n, figure(None)) for n in sorted(o.over, key=lambda n: limits[n])}
    bands = _bands(waits.value, within.value, over)
    median, long = held.get(o.median, figure(None)).value, held.get(o.percentile, figure(None)).value
    marks = [WaitMark(_STANDARD, f"18 weeks: {within.text} wait less", dashed=True)]
    marks += (
        [WaitMark(median, f"half wait less than {number_text(median)} weeks", short=f"half under {number_text(median)} weeks")]
        if median is not None
        else []
    )
    marks += (
        [WaitMark(long, f"92 in 100 wait less than {number_text(long)} weeks", short=f"92 in 100 under {number_text(long)}")]
        if long is not None
        else []
    )
    panel = Distribution(f"Waits by length, {name}", name, bands, tuple(marks))
    first = rows.iloc[0]
    whose = f"{name}\u2019s waits"
    care = [f"Published figures allow {len(bands)} bands: within one, waits are not spread as evenly as the bar is level.", caveat]
    return Built(
        kind="distribution", finding=findings.on_lengths(whose, median, long),
        subtitle=f"Waits for hospital treatment of {of} by weeks waited, {month_of(period_of(first))}.",
        panel=panel,
        notes=context.notes(
            measures, rows, take_care=[c for c in care if c],
            how_to_read="The area of a bar is the number of waits, so that bands of different widths can stand side by side; bars start at zero. Black: within 18 weeks. "
            "Half of all waits lie to the left of the middle mark, 92 in a hundred to the left of the other.",
        ),
        rows=rows, period=(period_of(first),),
    )  # fmt: skip


def _limit(context: Context, name: str) -> float:
    found = _OVER.search(name)
    if found is None:
        raise context.mistake(f"{name!r} does not say how many weeks it counts from", hint='write ids such as "rtt.incomplete_over_52_weeks"')
    return float(found[1])


def _whose(context: Context, area: str, names: tuple[str, ...]) -> tuple[str, str, str, pd.DataFrame]:
    """Name, name in a sentence, caveat and latest rows of whoever is drawn."""
    if area == "england":
        rows = england_rows(context, names)
        if rows.empty:
            raise Absent("No figures on waiting are published for England.")
        return "England", "England", "", rows
    if area == "trust":
        found = largest_provider(context)
        if found is None:
            raise Absent(f"No NHS trust of {context.name} is known here.")
        rows = latest_totals(context.observe(names, areas=(Area("ods", "provider", found.code, found.name),)))
        if rows.empty:
            raise Absent(f"No figures on waiting are published for {found.name}.")
        return short_name(context, found.name), short_name(context, found.name), "", rows
    if area != "own":
        raise context.mistake(f"area = {area!r} is none of own, trust and england", hint='write area = "own"')
    home, rows = own_waits(context, names)
    return home.name, home.of, home.caveat, rows


def _bands(waits: float, within: float, over: dict[float, Figure]) -> tuple[WaitBand, ...]:
    """Bands from counts over each limit; where a count is hidden, so are both bands that it would give away."""
    # The share was made from the counts, so that the count within is whole again.
    beyond: list[tuple[float, Figure]] = [(_STANDARD, figure(float(round(waits - waits * within / 100)), "", 0)), *over.items()]
    bands = [WaitBand(0.0, _STANDARD, figure(float(round(waits * within / 100)), "", 0))]
    for (low, more), (high, less) in itertools.pairwise(beyond):
        bands.append(WaitBand(low, high, _difference(more, less)))
    return (*bands, WaitBand(beyond[-1][0], None, beyond[-1][1]))


def _difference(more: Figure, less: Figure) -> Figure:
    if more.value is None or less.value is None:
        return figure(None, gap=(more.gap if more.value is None else less.gap) or Gap.NOT_PUBLISHED)
    return figure(max(0.0, more.value - less.value), "", 0)
