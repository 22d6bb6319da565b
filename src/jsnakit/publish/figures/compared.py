"""The spine with intervals: the area beside England, measure by measure, in the author's groups."""

from __future__ import annotations

import pandas as pd

from jsnakit.chapters import options as asked
from jsnakit.model import Polarity
from jsnakit.publish import findings
from jsnakit.publish._words import anchor, count, month_of, unit_after
from jsnakit.publish.figures.context import Absent, Built, Context
from jsnakit.publish.figures.rug import Line, line_of
from jsnakit.publish.figures.standing import as_figure, period_of
from jsnakit.publish.panels import ComparedGroup, ComparedRow, ComparedSpine, Mark, Verdict, figure

__all__ = ["compared_spine"]


def compared_spine(context: Context) -> Built:
    """The area beside England, a row a measure: its interval, the range of all areas, and the verdict of `judgement.compare`."""
    o = context.options
    assert isinstance(o, asked.ComparedSpine)
    groups = [(g.name, context.measures(g.indicators)) for g in o.group]
    every = [i for _, indicators in groups for i in indicators]
    rows, area_type = context.rows_of(every)
    lines = {i.id: line for i in every if (line := line_of(context, i, rows[rows["indicator"] == i.id])) is not None}
    lines = {name: line for name, line in lines.items() if line.england is not None and not line.by_fifth}
    if not lines:
        raise Absent(context.why_absent(rows, area_type))
    drawn = tuple(ComparedGroup(name, tuple(_row(context, lines[i.id]) for i in indicators if i.id in lines)) for name, indicators in groups)
    drawn = tuple(g for g in drawn if g.rows)
    marks = [r.mark.verdict for g in drawn for r in g.rows]
    worse, similar, better = (marks.count(v) for v in (Verdict.WORSE, Verdict.SIMILAR, Verdict.BETTER))
    shown = pd.concat(
        [line.rows[line.rows["area"] == context.place.code] for line in lines.values()]
        + [pd.DataFrame([line.england])[list(line.rows.columns)] for line in lines.values() if line.england is not None],
        ignore_index=True,
    )  # fmt: skip
    absent = len(every) - len(lines)
    care = ["Of many comparisons with England, about one in twenty would differ by chance alone."]
    care += (
        [
            f"{count(absent, first=True)} of {len(every)} measures {'is' if absent == 1 else 'are'} left out: {context.name} or England has no figure of the same period."
        ]
        if absent
        else []
    )
    periods = [period_of(line.rows.iloc[0]) for line in lines.values()]
    return Built(
        kind="compared_spine",
        finding=findings.on_compared(context.name, worse, better, worse + similar + better),
        subtitle=f"Each measure at its latest figure. England stands in the middle of the strip, the worse end at the left; pale: all {context.plural(area_type)}, darker: their middle half.",
        panel=ComparedSpine(context.name, drawn, caption=f"{context.name} beside England, {len(lines)} measures"),
        notes=context.notes(
            [line.indicator for line in lines.values()], shown, take_care=care,
            how_to_read="The mark is the area, and the line through it the 95% interval of its figure. Where the whole line lies on one side of England, the area is better or worse; where the line crosses "
            "England, it is similar. A blue diamond is higher or lower where neither is known to be better; then the lower end is at the left.",
        ),
        rows=shown, period=(min(periods, key=lambda p: p.start), max(periods, key=lambda p: p.end)),
    )  # fmt: skip


def _row(context: Context, line: Line) -> ComparedRow:
    i = line.indicator
    own = line.rows[line.rows["area"] == context.place.code].iloc[0]
    values = line.rows["value"].dropna()
    spread = (float(values.min()), float(values.quantile(0.25)), float(values.quantile(0.75)), float(values.max())) if len(values) > 1 else None
    england = figure(None) if line.england is None else as_figure(line.england, i)
    return ComparedRow(
        i.name, unit_after(i), as_figure(own, i), england, spread, line.marks.get(context.place.code, Mark(Verdict.NOT_JUDGED)), month_of(period_of(own)),
        lower_is_better={Polarity.LOWER_IS_BETTER: True, Polarity.HIGHER_IS_BETTER: False}.get(i.polarity), href=f"{context.address}data.html#{anchor(i.id)}",
    )  # fmt: skip
