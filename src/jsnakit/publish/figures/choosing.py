"""The providers of a place side by side: for a patient who may choose, and for a committee that asks why one is so far from another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import pandas as pd

from jsnakit.chapters import options as asked
from jsnakit.model import ENGLAND, Indicator
from jsnakit.publish import findings
from jsnakit.publish._words import listed, month_of
from jsnakit.publish.figures.context import Absent, Built, Context, period_words
from jsnakit.publish.figures.standing import as_figure, period_of
from jsnakit.publish.figures.waiting import short_name, waits_at, whose
from jsnakit.publish.panels import Column, Figure, Row, Table, figure

__all__ = ["side_by_side", "waits_by_specialty"]

FEWEST: Final = 20
"""Shares of fewer patients than this are shown and not compared (the rule of the maps of trusts)."""

_TOTAL: Final = "_T"


def _shown(context: Context, most: int) -> list[tuple[str, str, float]]:
    """Code, short name and share of the place's waits of its largest providers, most first."""
    frame = waits_at(context).frame.head(most)
    return [(str(r["area"]), short_name(context, str(r["name"])), float(r["share"])) for _, r in frame.iterrows()]


def _latest(context: Context, indicator: Indicator, codes: Sequence[str], category_type: str = "") -> pd.DataFrame:
    """The latest rows of some providers on one measure, and of England, which may be of another day."""
    parts = []
    kinds = [k for k in ("provider", "trust") if not indicator.area_types or k in indicator.area_types]
    breakdowns = (category_type,) if category_type else ()
    asks: list[dict[str, Any]] = [*({"area_type": kind} for kind in kinds[:1]), {"areas": (ENGLAND,)}]
    for ask in asks:
        try:
            rows = context.observe((indicator.id,), breakdowns=breakdowns, **ask)
        except Absent:
            continue
        rows = rows[(rows["category_type"] == category_type) if category_type else (rows["category"] == _TOTAL)]
        if "area_type" in ask:
            rows = rows[rows["area"].isin(list(codes))]
        if rows["value"].notna().any():
            parts.append(rows[rows["period_start"] == rows.loc[rows["value"].notna(), "period_start"].max()])
    if not parts:
        raise Absent(f"No figure of {indicator.name} is published for these providers.")
    found: pd.DataFrame = pd.concat(parts, ignore_index=True)
    return found


def _cell(rows: pd.DataFrame, code: str, indicator: Indicator) -> Figure:
    """The figure of one provider as it is printed: of few patients it says so."""
    mine = rows[rows["area"] == code]
    if mine.empty:
        return figure(None)
    made = as_figure(mine.iloc[0], indicator)
    return Figure(made.value, f"{made.text} (few)", made.gap, made.lower, made.upper) if not made.missing and _few(mine.iloc[0]) else made


def _few(row: Any) -> bool:
    return bool(row["denominator"] == row["denominator"] and row["denominator"] < FEWEST)


def side_by_side(context: Context) -> Built:
    """A row a provider: the share of the place's waits it holds, and its own figures on each measure asked for."""
    o = context.options
    assert isinstance(o, asked.SideBySide)
    shown = _shown(context, o.rows)
    measures, tables, lacking = [], [], []
    for name in o.indicators:
        indicator = context.indicator(name)
        try:
            tables.append(_latest(context, indicator, [code for code, _, _ in shown]))
        except Absent:
            lacking.append(indicator.name)
            continue
        measures.append(indicator)
    if not measures:
        raise Absent(f"No figure is published for the providers of {context.name} on {listed(lacking)}.")
    heads = [Column("Provider"), Column("Share of our waits", numeric=True)]
    heads += [Column(f"{m.name}{_unit(m)}", numeric=True, bold=n == 0, minor=n > 1) for n, m in enumerate(measures)]
    rows = [
        Row((name, figure(share * 100, "%"), *(_cell(table, code, m) for table, m in zip(tables, measures, strict=True))), chosen=n == 0)
        for n, (code, name, share) in enumerate(shown)
    ]
    rows.append(Row(("England", "\u2013", *(_cell(table, ENGLAND.code, m) for table, m in zip(tables, measures, strict=True)))))
    first = tables[0]
    held = [
        (float(r["value"]), name)
        for code, name, _ in shown
        for _, r in first[first["area"] == code].iterrows()
        if r["value"] == r["value"] and not _few(r)
    ]
    used = pd.concat(tables, ignore_index=True)
    waits = waits_at(context)
    _, of = whose(context)
    cares = [waits.caveat, "Providers treat different conditions, so a better figure may be a different case mix."]
    cares += [f"No figure of these providers is at hand for: {listed(lacking)}."] if lacking else []
    return Built(
        kind="side_by_side",
        finding=findings.on_choice(measures[0].name, held, measures[0].unit, measures[0].decimals),
        subtitle=f"The {len(shown)} largest providers of {of}, and England; figures are of all the patients of a provider.",
        panel=Table(tuple(heads), tuple(rows), caption=f"Providers of {context.name} side by side", noun="providers", first=len(rows)),
        notes=context.notes(measures, used, take_care=cares, how_to_read=f"The first row is the provider with most of our waits. {_FEW} {_periods(measures, tables)}"),
        rows=used,
        period=tuple(period_of(t.iloc[0]) for t in tables),
    )  # fmt: skip


_FEW: Final = f"(few): of fewer than {FEWEST} patients, so that the figure says little. A dash: no such figure."


def _periods(measures: Sequence[Indicator], tables: Sequence[pd.DataFrame]) -> str:
    """The periods, where the columns are not of one."""
    said = [period_words(t) for t in tables]
    return "" if len(set(said)) == 1 else " ".join(f"{m.name}: {words}." for m, words in zip(measures, said, strict=True))


def _unit(indicator: Indicator) -> str:
    return "" if indicator.unit in {"%", ""} else f", {indicator.unit}"


def waits_by_specialty(context: Context) -> Built:
    """A row a specialty, a column a provider of the place, and England: where the wait is shorter for what a patient has."""
    o = context.options
    assert isinstance(o, asked.WaitsBySpecialty)
    indicator = context.indicator(o.indicator)
    shown = _shown(context, o.providers)
    rows = _latest(context, indicator, [code for code, _, _ in shown], o.category_type)
    named = o.names or (context.specialties.names if context.specialties is not None else {})
    lines: list[tuple[float, str, Row, list[tuple[float, str]]]] = []
    for code in named or sorted(set(rows["category"])):
        held = rows[rows["category"] == code]
        cells = [_cell(held, provider, indicator) for provider, _, _ in shown]
        if all(c.missing for c in cells):
            continue
        sure = [
            (float(r["value"]), name)
            for p, name, _ in shown
            for _, r in held[held["area"] == p].iterrows()
            if r["value"] == r["value"] and not _few(r)
        ]
        apart = max(v for v, _ in sure) - min(v for v, _ in sure) if len(sure) > 1 else 0.0
        lines.append((apart, str(named.get(code, code)), Row((str(named.get(code, code)), *cells, _cell(held, ENGLAND.code, indicator))), sure))
    if not lines:
        raise Absent(f"No figure of {indicator.name} by specialty is published for the providers of {context.name}.")
    widest = max(lines, key=lambda line: line[0])
    heads = (
        Column("Specialty"),
        *(Column(name, numeric=True, bold=n == 0, minor=n > 1) for n, (_, name, _) in enumerate(shown)),
        Column("England", numeric=True),
    )
    return Built(
        kind="waits_by_specialty",
        finding=findings.on_specialties(widest[1], widest[3], indicator.unit, indicator.decimals),
        subtitle=f"{indicator.name}, by specialty, {month_of(period_of(rows.iloc[0]))}: the {len(shown)} providers with most of our waits, and England.",
        panel=Table(heads, tuple(line[2] for line in sorted(lines, key=lambda line: line[1])), caption=f"{indicator.name} by specialty and provider", noun="specialties", first=len(lines)),
        notes=context.notes([indicator], rows, take_care=[waits_at(context).caveat, "A patient may choose where to be treated; the referring clinician can say which providers take the referral."],
                            how_to_read=f"Read along a row. {_FEW}"),
        rows=rows,
        period=(period_of(rows.iloc[0]),),
    )  # fmt: skip
