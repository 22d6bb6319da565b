"""The tartan rug: measures by places, each held against England or, where no interval is published, put into its fifth."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

import pandas as pd
from attrs import frozen

from jsnakit import geography, judgement
from jsnakit.chapters import options as asked
from jsnakit.errors import AmbiguousAreaError, UnknownAreaError
from jsnakit.model import ENGLAND, Indicator
from jsnakit.publish import findings
from jsnakit.publish._words import count, month_of, unit_after
from jsnakit.publish.figures.context import Absent, Built, Context
from jsnakit.publish.figures.standing import as_figure, latest_new, period_of, rank_from_worst
from jsnakit.publish.panels import Mark, Rug, RugCell, RugColumn, RugGroup, RugRow, Verdict, fifth, figure

__all__ = ["Line", "line_of", "rug"]

_OUTCOMES: Final = {
    "WORST": Verdict.WORSE, "WORSE": Verdict.WORSE, "LOWEST": Verdict.LOWER, "LOWER": Verdict.LOWER, "SIMILAR": Verdict.SIMILAR, "HIGHER": Verdict.HIGHER,
    "HIGHEST": Verdict.HIGHER, "BETTER": Verdict.BETTER, "BEST": Verdict.BETTER,
}  # fmt: skip
# A fifth "of England" needs nearly all of it: there are about three hundred districts and 150 upper-tier authorities.
_WHOLE_COUNTRY: Final = 120


@frozen(eq=False)
class Line:
    """One measure: the rows of all areas in the period shown, England's row, and the mark of each area."""

    indicator: Indicator
    rows: pd.DataFrame
    england: pd.Series[Any] | None
    marks: dict[str, Mark]
    by_fifth: bool


def rug(context: Context) -> Built:
    """The place, places around it and England, measure by measure, in the author's groups."""
    o = context.options
    assert isinstance(o, asked.Rug)
    groups = [(g.name, context.measures(g.indicators)) for g in o.group]
    every = [i for _, indicators in groups for i in indicators]
    rows, area_type = context.rows_of(every)
    lines = {i.id: line for i in every if (line := line_of(context, i, rows[rows["indicator"] == i.id])) is not None}
    if not lines:
        raise Absent(context.why_absent(rows, area_type))
    near = _places(context, o, area_type, {str(a) for line in lines.values() for a in line.rows["area"]})
    fifths = [line.by_fifth for line in lines.values()]
    beside = "Middle authority" if all(fifths) else "England" if not any(fifths) else "England or middle"
    columns = (
        RugColumn(context.place.code, context.name, own=True), *(RugColumn(code, name) for code, name in near),
        RugColumn("middle" if all(fifths) else ENGLAND.code, beside, benchmark=True),
    )  # fmt: skip
    made = tuple(RugGroup(name, tuple(_row(lines[i.id], columns) for i in indicators if i.id in lines)) for name, indicators in groups)
    title = f"{context.name} and {len(near)} {'place' if len(near) == 1 else 'places'} {'of its region' if o.region else 'around it'}, {len(lines)} measures"
    panel = Rug(title, columns, tuple(g for g in made if g.rows))
    shown = pd.concat(
        [line.rows[line.rows["area"].isin([c.key for c in columns])] for line in lines.values()]
        + [pd.DataFrame([line.england])[list(line.rows.columns)] for line in lines.values() if line.england is not None],
        ignore_index=True,
    )  # fmt: skip
    worse = [sum(r.cells[c].mark is not None and r.cells[c].tint == 1 for g in panel.groups for r in g.rows) for c in range(len(columns) - 1)]
    judged = sum(r.cells[0].tint > 0 for g in panel.groups for r in g.rows)
    care = [] if o.region or o.areas else [f"The places are the nearest on the map, not those most like {context.name}."]
    care += ["Of many comparisons with England, about one in twenty would differ by chance alone."] if not all(fifths) else []
    care += ["Where no interval is published, the mark is the fifth of England\u2019s authorities, and can be luck."] if any(fifths) else []
    absent = len(every) - len(lines)
    care += (
        [f"{count(absent, first=True)} of {len(every)} measures {'has' if absent == 1 else 'have'} no figure for {context.name}."] if absent else []
    )
    periods = [period_of(line.rows.iloc[0]) for line in lines.values()]
    return Built(
        kind="rug",
        finding=findings.on_rug(context.name, worse[0], judged, worse[1:], by_fifth=all(fifths)),
        subtitle=f"{title}, each at its latest figure, beside {'the middle authority' if all(fifths) else 'England'}.",
        panel=panel,
        notes=context.notes(
            [line.indicator for line in lines.values()], shown, take_care=care,
            how_to_read=f"Each row is a measure and each column a place; {context.name} stands in ink. The shape says how a figure compares"
            + (", and the shade repeats it." if not all(fifths) else " with all authorities, and the shade repeats it.")
            + " A blue mark is higher or lower where neither is known to be better.",
        ),
        rows=shown, period=(min(periods, key=lambda p: p.start), max(periods, key=lambda p: p.end)),
    )  # fmt: skip


def line_of(context: Context, indicator: Indicator, rows: pd.DataFrame) -> Line | None:
    """One measure at the latest figure of the place; null where it has none."""
    own = latest_new(rows[rows["area"] == context.place.code])
    if own is None:
        return None
    same = rows[(rows["period_start"] == own["period_start"]) & (rows["period_duration"] == own["period_duration"])]
    england = _england(context, indicator, own)
    if england is not None and same["lower"].notna().any():
        judged = judgement.compare(same, pd.DataFrame([england]), indicators=[indicator], name="England")
        marks = {
            str(area): Mark(_OUTCOMES[str(outcome)])
            for area, outcome in zip(judged["area"], judged["outcome"], strict=True)
            if str(outcome) in _OUTCOMES
        }
        return Line(indicator, same, england, marks, by_fifth=False)
    values = same[same["value"].notna()].set_index("area")["value"]
    ranks = rank_from_worst(values, indicator.polarity) if len(values) >= _WHOLE_COUNTRY else None
    marks = {} if ranks is None else {str(a): Mark(fifth(float(r), len(values))) for a, r in ranks.items()}
    return Line(indicator, same, england, marks, by_fifth=england is None)


def _england(context: Context, indicator: Indicator, own: pd.Series[Any]) -> pd.Series[Any] | None:
    if indicator.area_types and "country" not in indicator.area_types:
        return None
    try:
        rows = context.observe([indicator.id], areas=(ENGLAND,))
    except Absent:
        return None
    same = ["period_start", "period_duration", "sex", "age", "category_type", "category"]
    hit = rows[(rows[same] == own[same]).all(axis=1) & rows["value"].notna()]
    return hit.iloc[0] if len(hit) else None


def _places(context: Context, o: asked.Rug, area_type: str, held: set[str]) -> list[tuple[str, str]]:
    """The other columns: those the author names, those of the region by name, or the nearest on the map."""
    own = context.place.code
    if o.areas:
        found = []
        for given in o.areas:
            try:
                area = geography.get(given, type=area_type) if given[:1].isalpha() and given[1:].isdigit() else geography.find(given, type=area_type)
            except (UnknownAreaError, AmbiguousAreaError) as error:
                raise context.mistake(f"areas: {error.message}", hint=error.hint) from error
            found.append((area.code, area.name))
        return found
    if o.region:
        codes = context.members(held, area_type) - {own}
        return sorted(((c, context.area_name(c, area_type)) for c in codes), key=lambda p: p[1])
    shapes, _ = context.shapes(area_type, held)
    here = next((s for s in shapes if s.code == own), None)
    if here is None:
        raise Absent(f"It is not known where {context.name} lies, so the places around it cannot be chosen: name them with areas = [...].")
    apart = {s.code: math.hypot(s.label_x - here.label_x, s.label_y - here.label_y) for s in shapes if s.code in held and s.code != own}
    return [(code, context.area_name(code, area_type)) for code in sorted(apart, key=lambda c: (apart[c], c))[: o.near]]


def _row(line: Line, columns: Sequence[RugColumn]) -> RugRow:
    i = line.indicator
    by_area = {str(r["area"]): r for _, r in line.rows.iterrows()}
    cells = []
    for column in columns:
        if column.benchmark:
            beside = as_figure(line.england, i) if line.england is not None else figure(float(line.rows["value"].median()), i.unit, i.decimals)
            cells.append(RugCell(beside))
        elif column.key in by_area:
            cells.append(RugCell(as_figure(by_area[column.key], i), line.marks.get(column.key, Mark(Verdict.NOT_JUDGED))))
        else:
            cells.append(RugCell(figure(None)))
    return RugRow(i.name, unit_after(i), month_of(period_of(line.rows.iloc[0])), tuple(cells))
