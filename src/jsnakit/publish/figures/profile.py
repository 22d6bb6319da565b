"""Figures that set an area beside others measure by measure: the health profile, and figures period by period across the breaks of a series."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import attrs

from jsnakit.chapters import options as asked
from jsnakit.errors import NoDataError
from jsnakit.judgement import COMPARISON_WORDS
from jsnakit.model import ENGLAND, Break, Indicator, Period
from jsnakit.profiles import named
from jsnakit.publish import findings
from jsnakit.publish._words import day, month_of, unit_after
from jsnakit.publish.figures.context import Absent, Built, Context, withheld
from jsnakit.publish.figures.standing import period_of
from jsnakit.publish.panels import Column, Figure, Gap, Mark, Row, Table, Verdict, figure

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["over_time", "profile"]

_VERDICTS: Final = {
    "WORST": Verdict.WORSE, "WORSE": Verdict.WORSE, "LOWEST": Verdict.LOWER, "LOWER": Verdict.LOWER, "HIGHEST": Verdict.HIGHER, "HIGHER": Verdict.HIGHER,
    "SIMILAR": Verdict.SIMILAR, "BETTER": Verdict.BETTER, "BEST": Verdict.BETTER,
    "NOT_COMPARABLE": Verdict.NOT_JUDGED, "NO_DATA": Verdict.NO_DATA,
}  # fmt: skip
_WORDS: Final = {c: COMPARISON_WORDS[c] for c in ("NOT_COMPARABLE", "WORST", "LOWEST", "HIGHEST", "BEST")}
_DASH: Final = "\u2013"
_MOSTLY: Final = 0.5
_NO_TREND: Final = "Cannot be calculated"
_UNSAID: Final = ("not stated", "unit not stated", "count")


def profile(context: Context) -> Built:
    """The indicators of a published group for the area, beside its region and England: first where it is worse, then what cannot be called worse or better."""
    o = context.options
    assert isinstance(o, asked.Profile)
    try:
        found = context.once(("profile", o.group), lambda: context.data.profile(o.group or None))
    except NoDataError as error:
        raise Absent(f"{error.message[:1].upper()}{error.message[1:]}.") from error
    found = attrs.evolve(found, frame=withheld(found.frame), rows=withheld(found.rows))
    order = list(_VERDICTS)
    lines = sorted(found.frame.to_dict("records"), key=lambda r: order.index(r["outcome"]))
    known = {i.id: i for i in map(context.indicator, dict.fromkeys(r["indicator"] for r in lines))}
    # A column that is empty in most rows only makes the others hard to read.
    region = found.region.name if found.region is not None and found.frame["region_value"].notna().mean() > _MOSTLY else ""
    trend = found.frame["published_trend"].notna().any()
    columns = (
        Column("Measure"), Column(context.name, numeric=True, bold=True), Column("95 % interval", numeric=True, minor=True),
        *([Column(region, numeric=True, minor=True)] if region else []), Column("England", numeric=True), Column("Period", minor=True), Column("Than England"),
        *([Column("Recent trend, as published", minor=True)] if trend else []),
    )  # fmt: skip
    made = tuple(Row(_line(r, known[r["indicator"]], region=bool(region), trend=trend)) for r in lines)
    panel = Table(columns, made, caption=f"{context.name}: {found.group.name}", noun="measures", first=len(made))
    tally = found.tally
    behind = found.rows.merge(
        found.frame[["indicator", "period_start", "period_duration", "sex", "age"]], on=["indicator", "period_start", "period_duration", "sex", "age"]
    )
    notes = context.notes(
        list(known.values()), behind,
        how_to_read="An area is worse or better than England where the whole 95 % interval of its figure lies on one side of England\u2019s; otherwise it is similar. "
        "Without an interval the two are not compared. A trend is the publisher\u2019s own word; a dash means that it gives none.",
        take_care=found.notes,
    )  # fmt: skip
    return Built(
        kind="profile", finding=findings.on_compared(context.name, tally.get("WORSE", 0), tally.get("BETTER", 0), sum(tally.get(w, 0) for w in ("WORSE", "SIMILAR", "BETTER"))), subtitle=f"{found.group.name}: the latest figure of each measure, the worse first.", panel=panel,
        tally=tuple((_VERDICTS[word], n, _WORDS.get(word, COMPARISON_WORDS[word])) for word, n in sorted(tally.items(), key=lambda t: order.index(t[0]))),
        tally_note=f"{len(made)} measures beside England: " + ", ".join(COMPARISON_WORDS[word] for word in order if word in tally),
        notes=notes, rows=behind[behind["area"] == context.place.code], period=_periods(found.frame),
    )  # fmt: skip


def _line(row: Any, indicator: Indicator, *, region: bool, trend: bool) -> tuple[Any, ...]:
    unit = unit_after(indicator)
    whom = named(indicator.name, row["sex"], row["age"])
    gap = Gap.of(row["status"]) if row["value"] != row["value"] else None
    own, lower, upper, wide, england = (
        figure(row[c], indicator.unit, indicator.decimals) for c in ("value", "lower", "upper", "region_value", "england_value")
    )
    own = figure(row["value"], indicator.unit, indicator.decimals, gap=gap) if gap else own
    between = _DASH if lower.missing or upper.missing else f"{lower.text.removesuffix('%')}\u00a0to\u00a0{upper.text.removesuffix('%')}"
    said = row["published_trend"] if isinstance(row["published_trend"], str) and row["published_trend"] != _NO_TREND else _DASH
    said_unit = unit in _UNSAID or (set(re.findall(r"\d[\d,]*", unit)) & set(re.findall(r"\d[\d,]*", whom)))
    cells = (whom if said_unit or not unit else f"{whom}, {unit}", own, between, *([wide] if region else []), england, str(row["period"]))
    return (*cells, Mark(_VERDICTS[row["outcome"]], _WORDS.get(row["outcome"], "")), *([said] if trend else []))


def _periods(frame: pd.DataFrame) -> tuple[Period, ...]:
    found = [period_of(row) for _, row in frame.iterrows()]
    return (min(found, key=lambda p: p.start), max(found, key=lambda p: p.end)) if found else ()


def over_time(context: Context) -> Built:
    """Figures of one area or organisation period by period, with the days across which the publisher forbids comparison in words."""
    o = context.options
    assert isinstance(o, asked.OverTime)
    measures = context.measures(o.indicators)
    rows = context.observe(i.id for i in measures)
    rows = rows[(rows["area"] == o.area) & rows["value"].notna()]
    if rows.empty:
        raise Absent(f"No figure of {o.area} is at hand.")
    periods = sorted({period_of(row) for _, row in rows.iterrows()}, key=lambda p: (p.start, p.end))
    labels = [month_of(p) for p in periods]
    used = [i for i in measures if (rows["indicator"] == i.id).any()]
    lines = []
    for indicator in used:
        own = rows[rows["indicator"] == indicator.id]
        values = {(row["period_start"].date(), row["period_duration"]): row["value"] for _, row in own.iterrows()}
        cells = [values.get((p.start, p.duration)) for p in periods]
        unit = unit_after(indicator)
        lines.append(
            Row(
                (
                    f"{indicator.name}, {unit}" if unit else indicator.name,
                    *(_as_published(v, indicator) if v is not None else _DASH for v in cells),
                )
            )
        )
    broken = _breaks(used, periods)
    where = "England" if o.area == ENGLAND.code else context.area_name(o.area, str(rows["area_type"].iloc[0]))
    latest = max(used, key=lambda i: rows[rows["indicator"] == i.id]["period_start"].max())
    last = rows[rows["indicator"] == latest.id].sort_values("period_start").iloc[-1]
    said = _as_published(float(last["value"]), latest).text
    place = f"{'in' if last['area_scheme'] == 'gss' else 'at'} {where}"
    return Built(
        kind="over_time",
        finding=f"{latest.name} was {said} {place} in {month_of(period_of(last))}",
        subtitle=f"{where}, period by period. A dash: no figure is at hand for that period.",
        panel=Table((Column("Measure"), *(Column(label, numeric=True) for label in labels)), tuple(lines), caption=f"{where} over time", noun="measures", first=len(lines)),
        notes=context.notes(
            used, rows, how_to_read="One column a period, oldest first. Figures on two sides of a break measure different things.",
            take_care=[f"Do not compare figures from before {day(b.on)} with later ones: {b.reason}" for b in broken],
        ),
        rows=rows,
        period=(periods[0], periods[-1]),
    )  # fmt: skip


def _as_published(value: float, indicator: Indicator) -> Figure:
    """A figure with no more decimals than it was published with: 96, printed so, is not 96.00."""
    printed = len(f"{value:.10f}".rstrip("0").partition(".")[2])
    return figure(value, indicator.unit, min(indicator.decimals, printed))


def _breaks(measures: list[Indicator], periods: list[Period]) -> list[Break]:
    """The breaks that lie between two of the periods shown, each once."""
    found = {b.reason: b for i in measures for b in i.breaks if periods[0].start < b.on <= periods[-1].end}
    return sorted(found.values(), key=lambda b: b.on)
