"""Figures about measures of places: where the area stands, on a map, in its region, and through time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from jsnakit.chapters import fill
from jsnakit.chapters import options as asked
from jsnakit.model import Area, Indicator, Polarity, nearest
from jsnakit.publish import findings
from jsnakit.publish._words import anchor, count, decapitalised, listed, month_of, plural_of, unit_after
from jsnakit.publish.figures.context import BOUNDARIES, Absent, Built, Context, period_words
from jsnakit.publish.figures.own_areas import ranked_within
from jsnakit.publish.figures.standing import Standing, as_figure, is_new, period_of
from jsnakit.publish.panels import (
    AreaMap,
    BarRow,
    Box,
    Column,
    Figure,
    Inset,
    KeyFigure,
    KeyFigures,
    Mark,
    Place,
    RankedBars,
    RankedIntervals,
    Reference,
    Row,
    Shape,
    SmallMultiples,
    Spine,
    SpineGroup,
    SpineRow,
    Table,
    Trend,
    Verdict,
    figure,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["area_map", "facts", "headline", "key_figures", "lowest", "ranked", "spine", "the_region", "trends"]

LONDON: Final = Box(503_000, 155_000, 562_000, 201_000)
"""Greater London, for the inset of a map."""

SENTENCES: Final = ("worst", "worst_fifth", "second_worst", "middle", "second_best", "best_fifth", "best", "not_judged")
"""The standings for which a headline may bring its own words."""

_NO_INTERVAL: Final = "Where no interval is published, a place in the queue can be luck, most of all for rare events."


def _span_of(found: Sequence[Standing]) -> tuple[Any, ...]:
    return tuple(sorted({s.period for s in found}, key=lambda p: p.end))


def headline(context: Context) -> Built:
    """Where the area stands on one measure, in one sentence, and on all of them in a tally."""
    o = context.options
    assert isinstance(o, asked.Headline)
    for key in o.sentences:
        if key not in SENTENCES:
            close = nearest(key, SENTENCES, 1)
            raise context.mistake(
                f"there is no standing {key!r}", hint=f"the standings are {', '.join(SENTENCES)}", nearest=close[0] if close else None
            )
    first = context.indicator(o.indicator)
    every = context.measures(o.measures)
    found, rows = context.standings([first, *(i for i in every if i.id != first.id)])
    if first.id not in found:
        raise Absent(f"No figure of {decapitalised(first.name)} is published for {context.name}.")
    judged = [found[i.id] for i in every if i.id in found]
    values = {"area": context.name, "edition": context.site.edition, "council": context.site.council}
    own_words = {k: fill(v, values, file=context.file, line=context.figure.line, markdown=False) for k, v in o.sentences.items()}
    counts = findings.tally(judged)
    return Built(
        kind="headline",
        finding=findings.on_place(context.name, found[first.id], own_words),
        lede=findings.lede_on_measures(context.name, found[first.id], judged),
        tally=tuple((v, n, Mark(v).word) for v, n in counts.items()),
        tally_note=f"{sum(counts.values())} measures by fifth of England\u2019s authorities, worst to best",
        period=_span_of(judged or list(found.values())),
        rows=_own(rows, context.place),
    )


def key_figures(context: Context) -> Built:
    """Four numbers with their fifth and the middle authority."""
    o = context.options
    assert isinstance(o, asked.KeyFigures)
    measures = context.measures(o.indicators)
    found, rows = context.standings(measures)
    items = tuple(_key(found[i.id]) for i in measures if i.id in found)
    notes = context.notes(measures, _shown(rows, found), how_to_read="")
    return Built(
        kind="key_figures",
        finding="Key figures",
        panel=KeyFigures(items),
        notes=notes,
        rows=_own(rows, context.place),
        period=_span_of(list(found.values())),
    )


def _key(s: Standing) -> KeyFigure:
    where = f"{s.mark.word}, {s.place}" + (f" of {s.of}" if s.place in {"the worst", "the best"} else "")
    mark = Mark(s.verdict, where) if s.rank is not None else Mark(Verdict.NOT_JUDGED)
    return KeyFigure(
        s.indicator.name, s.text(), unit_after(s.indicator), mark, f"Middle authority: {s.text(s.middle)}. Figure for {month_of(s.period)}."
    )


def spine(context: Context) -> Built:
    """Where the area stands, a row a measure, in the author's groups."""
    o = context.options
    assert isinstance(o, asked.Spine)
    groups = [(g.name, context.measures(g.indicators)) for g in o.group]
    every = [i for _, indicators in groups for i in indicators]
    found, rows = context.standings(every)
    area_type = str(rows["area_type"].iloc[0])
    drawn = tuple(SpineGroup(name, tuple(_spine_row(context, i, found.get(i.id)) for i in indicators)) for name, indicators in groups)
    of = max(s.of for s in found.values())
    panel = Spine(context.name, of, drawn, caption=f"{context.name} among {of} {plural_of(area_type)}, {len(every)} measures")
    care = (
        ["No confidence intervals are published with these figures, so a place in the queue can be luck, most of all for rare events."]
        if rows["lower"].isna().all()
        else []
    )
    return Built(
        kind="spine",
        finding=findings.on_measures(context.name, list(found.values())),
        subtitle=f"Where {context.name} stands when England\u2019s {of} {_kind(area_type)} are put in order, worst to best, measure by measure. Latest year with a new figure.",
        panel=panel,
        notes=context.notes(
            every, _shown(rows, found), take_care=care,
            how_to_read=f"Each row is a queue of {of} places, the worst at the left. The mark is {context.name}. A filled mark is in an outer fifth; an outlined one is next to it.",
        ),
        rows=_own(rows, context.place),
        period=_span_of(list(found.values())),
    )  # fmt: skip


def _spine_row(context: Context, indicator: Indicator, s: Standing | None) -> SpineRow:
    if s is None:
        return SpineRow(indicator.name, unit_after(indicator), figure(None), figure(None), None, Mark(Verdict.NO_DATA), "")
    href = f"data.html#{anchor(indicator.id)}"
    return SpineRow(
        indicator.name, unit_after(indicator), _figure(s), figure(s.middle, indicator.unit, indicator.decimals), s.rank, s.mark, str(s.period.end.year),
        ties=s.ties, of=s.of, place="" if s.rank is not None else "not judged", href=context.address + href,
    )  # fmt: skip


def _figure(s: Standing) -> Figure:
    return figure(s.value, s.indicator.unit, s.indicator.decimals)


def _kind(area_type: str) -> str:
    from jsnakit.model import AREA_TYPES

    return AREA_TYPES[area_type].plural if area_type in AREA_TYPES else plural_of(area_type)


def area_map(context: Context) -> Built:
    """England's areas in fifths."""
    o = context.options
    assert isinstance(o, asked.AreaMap)
    indicator = context.indicator(o.indicator)
    found, rows = context.standings([indicator])
    s = found[indicator.id]
    if s.rank is None:
        raise Absent(f"It is not known which direction of {decapitalised(indicator.name)} is better, so areas are not put into fifths.")
    area_type = str(rows["area_type"].iloc[0])
    shapes, when = context.shapes(area_type, s.values.index)
    fifths = s.fifths()
    places = tuple(Place(str(code), figure(float(v), indicator.unit, indicator.decimals), Mark(fifths[str(code)])) for code, v in s.values.items())
    members = context.members(s.values.index, area_type)
    worst = sum(fifths[code] is Verdict.WORST for code in members)
    region = context.region()
    region_name = region.name if region else "England"
    unit = unit_after(indicator)
    title = f"{indicator.name}{f', {unit}' if unit else ''}"
    own = next((shape for shape in shapes if shape.code == context.place.code), None)
    insets = [Inset("London", LONDON)] + ([Inset(f"{context.name} and around", _around(own, shapes), (own.code,))] if own else [])
    panel = AreaMap(f"{indicator.name}, {month_of(s.period)}", indicator.unit, shapes, places, context.place.code, tuple(insets), key_title=title)
    drawn_on = f" Authorities as on {_day(when)}." if when else ""
    same = rows[(rows["indicator"] == indicator.id) & (rows["period_start"] == pd.Timestamp(s.period.start))]
    return Built(
        kind="area_map",
        finding=findings.on_map(region_name, worst, len(members), indicator.name),
        subtitle=f"{indicator.name} by {_kind(area_type).removesuffix('ies')}y, {month_of(s.period)}, in fifths of {s.of} authorities."
        + (f" In {the_region(region_name)}, {worst} of {len(members)} {'is' if worst == 1 else 'are'} in the worst fifth." if members else ""),
        panel=panel,
        notes=context.notes(
            [indicator], same, boundaries=BOUNDARIES + drawn_on,
            how_to_read="The worst fifth is striped as well as red, so it survives a grey printer. Large areas are not more people.",
        ),
        rows=same,
        period=(s.period,),
    )  # fmt: skip


def _day(when: Any) -> str:
    from jsnakit.publish._words import day

    return day(when)


def _around(shape: Shape, others: Sequence[Shape]) -> Box:
    """A box about an area that shows as many of its neighbours as can be: on a coast it looks inland."""
    b = shape.box
    half = max(b.x_max - b.x_min, b.y_max - b.y_min) / 2 + 26_000
    x, y = (b.x_min + b.x_max) / 2, (b.y_min + b.y_max) / 2

    def moved(right: int, up: int) -> Box:
        # At most two thirds of the margin, so that the area stays well inside.
        at_x, at_y = x + right * 6_000.0, y + up * 8_500.0
        return Box(at_x - half * 0.75, at_y - half, at_x + half * 0.75, at_y + half)

    def neighbours(box: Box) -> int:
        return sum(box.holds(s.label_x, s.label_y) for s in others)

    shifts = sorted(((r, u) for r in range(-2, 3) for u in range(-2, 3)), key=lambda s: (abs(s[0]) + abs(s[1]), s))
    return moved(*max(shifts, key=lambda s: neighbours(moved(*s))))


def ranked(context: Context) -> Built:
    """The areas of the region in order: bars, or intervals where every figure has one."""
    o = context.options
    assert isinstance(o, asked.Ranked)
    indicator = context.indicator(o.indicator)
    if o.areas:
        return ranked_within(context, indicator, o.areas)
    found, rows = context.standings([indicator])
    s = found[indicator.id]
    area_type = str(rows["area_type"].iloc[0])
    same = rows[
        (rows["indicator"] == indicator.id) & (rows["period_start"] == pd.Timestamp(s.period.start)) & (rows["period_duration"] == s.period.duration)
    ]
    region = context.region()
    # An authority whose figure is hidden or missing stands in the list with the word for it.
    members = context.members(same["area"], area_type) | {context.place.code} if region else set(same["area"])
    where = f"the {len(members)} {plural_of(area_type)} of {the_region(region.name)}" if region else f"all {len(members)} {plural_of(area_type)}"
    chosen = same[same["area"].isin(list(members))].sort_values(["value", "area"], ascending=[False, True], na_position="last")
    fifths = s.fifths()
    bars = tuple(
        BarRow(
            str(r["area"]),
            context.area_name(str(r["area"]), area_type),
            as_figure(r, indicator),
            Mark(fifths[r["area"]]) if r["area"] in fifths else None,
        )
        for _, r in chosen.iterrows()
    )
    middle = Reference(f"Middle of {s.of}:", s.middle, s.text(s.middle))
    intervals = bool(chosen["lower"].notna().all() and chosen["upper"].notna().all())
    panel = (
        RankedIntervals(
            bars,
            context.place.code,
            indicator.unit,
            middle,
            verdict_heading="Fifth of England",
            first=15,
            noun=plural_of(area_type),
            decimals=indicator.decimals,
        )
        if intervals
        else RankedBars(
            bars,
            context.place.code,
            indicator.unit,
            (middle,),
            verdict_heading="Fifth of England" if len(fifths) else "",
            first=15,
            noun=plural_of(area_type),
        )
    )
    unit = "percentage" if indicator.unit == "%" else unit_after(indicator)
    read = (
        f"The line is the range within which the figure probably lies. Dashed: the middle of {s.of} authorities."
        if intervals
        else f"Bars start at zero. {context.name} is black; every other bar is the same grey, because the length already says how much."
    )
    return Built(
        kind="ranked",
        finding=findings.on_place(context.name, s),
        subtitle=f"{', '.join(p for p in (indicator.name, unit, month_of(s.period)) if p)}: {where}, highest first.",
        panel=panel,
        notes=context.notes([indicator], chosen, how_to_read=read),
        rows=chosen,
        period=(s.period,),
    )


def the_region(region: str) -> str:
    """A region's name in a sentence."""
    return region if region in ("London", "Yorkshire and The Humber") else f"the {region}"


def trends(context: Context) -> Built:
    """The area through time, a small drawing a measure: the headline measure first, then what got worse, what stayed, what got better."""
    o = context.options
    assert isinstance(o, asked.Trends)
    measures = context.measures(o.indicators)
    _, rows = context.standings(measures)
    drawn: list[tuple[findings.Change, Trend]] = []
    for indicator in measures:
        mine = rows[rows["indicator"] == indicator.id]
        if (made := _trend(context, indicator, mine)) is not None:
            drawn.append(made)
    if not drawn:
        raise Absent(f"No measure has figures of {context.name} for two periods.")
    order = {"worse": 0, "little changed": 1, "not judged": 2, "better": 3}
    ranked_drawn = drawn[:1] + sorted(drawn[1:], key=lambda d: order[d[0].word])
    kept = rows[rows["indicator"].isin([c.indicator.id for c, _ in drawn])]
    return Built(
        kind="trends",
        finding=findings.on_changes(context.name, [c for c, _ in drawn]),
        subtitle=f"{context.name}, {period_words(kept)} (black), the middle authority (grey line) and the middle three fifths of authorities (grey band).",
        panel=SmallMultiples(tuple(t for _, t in ranked_drawn), title=f"{context.name}, {period_words(kept)}"),
        notes=context.notes(
            [c.indicator for c, _ in drawn], kept,
            how_to_read="Each panel has its own scale, so compare shapes, not heights. A dashed line and an open circle mean that the publisher carried the earlier value forward. "
            "\u201cLittle changed\u201d means by less than a quarter of the height of the band.",
            take_care=[
                "\u201cBetter\u201d and \u201cworse\u201d compare the last new figure with the first, and are not tests of a trend.",
                *context.undated(n for _, t in drawn for n in t.notes),
            ],
        ),
        rows=_own(kept, context.place),
    )  # fmt: skip


def _trend(context: Context, indicator: Indicator, rows: pd.DataFrame) -> tuple[findings.Change, Trend] | None:
    own = rows[rows["area"] == context.place.code].sort_values("period_start")
    new = own[is_new(own)]
    if len(own) < 2 or len(new) < 2:
        return None
    present = rows[rows["status"].isin(["normal", "low_reliability", "inherited"])]
    by = present.groupby("period_start")["value"]
    starts = list(own["period_start"])
    middle, low, high = by.median(), by.quantile(0.2), by.quantile(0.8)
    first, last = new.iloc[0], new.iloc[-1]
    height = abs(float(high.get(last["period_start"], float("nan"))) - float(low.get(last["period_start"], float("nan"))))
    change = float(last["value"]) - float(first["value"])
    size = change / height if height else (0.0 if change == 0 else float("inf") * (1 if change > 0 else -1))
    since = month_of(period_of(first))
    found = findings.Change(indicator, _change_word(indicator, size), size, since)
    shown = {
        "better": Mark(Verdict.BETTER, f"Better than {since}"),
        "worse": Mark(Verdict.WORSE, f"Worse than {since}"),
        "little changed": Mark(Verdict.SIMILAR, "Little changed"),
        "not judged": Mark(Verdict.NOT_JUDGED),
    }[found.word]

    def at(series: Any, start: Any) -> float | None:
        value = series.get(start)
        return None if value is None or value != value else float(value)

    times = tuple(float(t.toordinal()) for t in starts)
    trend = Trend(
        indicator.name, unit_after(indicator) or ("%" if indicator.unit == "%" else ""), context.name,
        tuple(month_of(period_of(r)) for _, r in own.iterrows()), tuple(as_figure(r, indicator) for _, r in own.iterrows()),
        tuple(figure(at(middle, t), indicator.unit, indicator.decimals) for t in starts), tuple(at(low, t) for t in starts), tuple(at(high, t) for t in starts),
        shown, times=times, notes=context.dated([period_of(r) for _, r in own.iterrows()], times),
    )  # fmt: skip
    return found, trend


def _change_word(indicator: Indicator, size: float) -> str:
    if indicator.polarity not in (Polarity.HIGHER_IS_BETTER, Polarity.LOWER_IS_BETTER):
        return "not judged"
    if abs(size) < 0.25:
        return "little changed"
    return "better" if (size > 0) == (indicator.polarity is Polarity.HIGHER_IS_BETTER) else "worse"


def lowest(context: Context) -> Built:
    """The measures on which the area stands lowest, then those that are not judged."""
    o = context.options
    assert isinstance(o, asked.Lowest)
    measures = context.measures(o.indicators)
    found, rows = context.standings(measures)
    judged = sorted((s for s in found.values() if s.rank is not None), key=lambda s: ((s.rank or 0) / s.of, s.indicator.name))
    unjudged = sorted((s for s in found.values() if s.rank is None), key=lambda s: s.indicator.name)
    begun = {name: _first(rows, name, context.place) for name in found}
    since = listed(sorted({p for _, p in begun.values() if p})[:1])
    columns = (
        Column("Measure"), Column(since or "First", numeric=True, minor=True), Column("Latest", numeric=True, bold=True), Column("Middle authority", numeric=True, minor=True),
        Column("Year of figure", numeric=True, minor=True), Column(f"Place of {max(s.of for s in found.values())}"),
    )  # fmt: skip

    def row(s: Standing, *, folded: bool) -> Row:
        unit = unit_after(s.indicator)
        value, period = begun[s.indicator.id]
        start = figure(value, s.indicator.unit, s.indicator.decimals) if value is not None and period == since else "\u2013"
        name = f"{s.indicator.name}, {unit}" if unit else s.indicator.name
        middle = figure(s.middle, s.indicator.unit, s.indicator.decimals)
        return Row((name, start, _figure(s), middle, str(s.period.end.year), Mark(s.verdict, s.place)), folded=folded)

    lines = [row(s, folded=i >= o.rows) for i, s in enumerate(judged)] + [row(s, folded=False) for s in unjudged]
    shown = min(o.rows, len(judged))
    panel = Table(columns, tuple(lines), caption=f"{context.name}: {len(found)} measures in order", noun="measures", first=len(lines))
    more = (("Not judged", _not_judged(unjudged)),) if unjudged else ()
    notes = context.notes(
        measures, _shown(rows, found), how_to_read="A place counts from the worse end up to the middle and from the better end beyond it."
    )
    from attrs import evolve

    subtitle = f"All {len(found)} measures are in the table; {len(judged)} with a known better direction can be ordered."
    if shown < len(judged):
        subtitle += f" The first {shown}" + (f", and the {count(len(unjudged))} that cannot." if unjudged else ".")
    return Built(
        kind="lowest",
        finding=findings.on_lowest(context.name, shown, len(judged)),
        subtitle=subtitle,
        panel=panel,
        notes=evolve(notes, more=more),
        rows=_own(rows, context.place),
        period=_span_of(list(found.values())),
    )


def _first(rows: pd.DataFrame, name: str, place: Area) -> tuple[float | None, str]:
    own = rows[(rows["indicator"] == name) & (rows["area"] == place.code)].sort_values("period_start")
    new = own[is_new(own)]
    return (None, "") if new.empty else (float(new.iloc[0]["value"]), month_of(period_of(new.iloc[0])))


def _not_judged(found: Sequence[Standing]) -> str:
    names = listed([f"\u201c{s.indicator.name}\u201d" for s in found])
    return (
        f"{names}: which direction is better could not be confirmed, so {'it is' if len(found) == 1 else 'they are'} shown in blue without a verdict."
    )


def facts(context: Context) -> Built:
    """Measures that describe the place, beside the middle authority: no fifth is coloured, the place in order is in words."""
    o = context.options
    assert isinstance(o, asked.Facts)
    measures = context.measures(o.indicators)
    lines, frames, used = [], [], []
    reasons: list[str] = []
    for indicator in measures:
        try:
            found, rows = context.standings([indicator])
        except Absent as reason:
            reasons.append(str(reason))
            continue
        s = found[indicator.id]
        unit = unit_after(indicator)
        place = Mark(s.verdict, s.place) if s.rank is not None else Mark(Verdict.NOT_JUDGED)
        lines.append(
            Row(
                (
                    f"{indicator.name}, {unit}" if unit else indicator.name,
                    _figure(s),
                    figure(s.middle, indicator.unit, indicator.decimals),
                    month_of(s.period),
                    f"{s.of}",
                    place,
                )
            )
        )
        frames.append(rows[rows["period_start"] == pd.Timestamp(s.period.start)])
        used.append((s, rows))
    if not lines:
        raise Absent(reasons[0])
    every = pd.concat(frames, ignore_index=True)
    columns = (
        Column("Measure"), Column(context.name, numeric=True, bold=True), Column("Middle authority", numeric=True, minor=True), Column("Date"),
        Column("Authorities", numeric=True, minor=True), Column("Place"),
    )  # fmt: skip
    standing = [s for s, _ in used if s.rank is not None]
    head = next((s for s in standing), used[0][0])
    return Built(
        kind="facts",
        finding=findings.on_place(context.name, head),
        subtitle=f"{context.name} beside the middle authority, each at its latest figure.",
        panel=Table(columns, tuple(lines), caption=f"{context.name} in figures", noun="measures", first=len(lines)),
        notes=context.notes([s.indicator for s, _ in used], every, how_to_read="The middle authority is the one with as many above it as below it."),
        rows=_own(every, context.place),
        period=_span_of([s for s, _ in used]),
    )


def _own(rows: pd.DataFrame, place: Area) -> pd.DataFrame:
    return rows[rows["area"] == place.code]


def _shown(rows: pd.DataFrame, found: dict[str, Standing]) -> pd.DataFrame:
    """The rows of the periods that are shown."""
    pairs = {(name, pd.Timestamp(s.period.start)) for name, s in found.items()}
    mask = [(n, t) in pairs for n, t in zip(rows["indicator"], rows["period_start"], strict=True)]
    return rows[mask]
