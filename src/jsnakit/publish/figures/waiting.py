"""Figures about waiting for treatment: the area's own patients, its providers, England's trusts, and one page a specialty."""

from __future__ import annotations

import calendar
from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

import attrs
import pandas as pd
from attrs import frozen

from jsnakit import geography, judgement
from jsnakit.chapters import options as asked
from jsnakit.model import ENGLAND, Area, Comparator, Indicator, Period, Target
from jsnakit.publish import findings
from jsnakit.publish._words import count, day, decapitalised, listed, map_name, month_of, short_provider, whole
from jsnakit.publish.figures.context import BOUNDARIES, Absent, Built, Context, SubPage
from jsnakit.publish.figures.measures import LONDON, the_region
from jsnakit.publish.figures.standing import as_figure, period_of
from jsnakit.publish.panels import (
    BarRow,
    Box,
    Column,
    Figure,
    FilterList,
    FilterRow,
    Inset,
    KeyFigure,
    KeyFigures,
    Mark,
    Provider,
    Providers,
    RankedBars,
    Reference,
    Row,
    Shape,
    Symbol,
    SymbolMap,
    Table,
    Trend,
    Verdict,
    figure,
    number_text,
)
from jsnakit.publish.panels.geometry import rings

__all__ = ["providers", "ranked_trusts", "specialties", "symbol_map", "trend", "waiting_figures", "waiting_headline"]

_PRESENT: Final = ("normal", "low_reliability", "inherited")
_TOTAL: Final = "_T"
# Most residents in one sub-ICB location: its patients stand for the authority's, and the caveat says so.
_ONE_HOME: Final = 0.95
_POSITIONS: Final = "Each symbol stands at the trust\u2019s main hospital as listed in 2019; a trust of several hospitals has one symbol."
_STEPS: Final = ((65.0, 1, "65% to 95%"), (60.0, 2, "60% to 65%"), (55.0, 3, "55% to 60%"), (0.0, 4, "under 55%"))


# -- whose patients ------------------------------------------------------------------------------------------------------------------


@frozen
class _Home:
    """The NHS area whose patients stand for the place, how it is called in a sentence, and what to know of that."""

    area: Area
    name: str
    of: str
    caveat: str


def _homes(context: Context) -> list[_Home]:
    """The NHS areas that can stand for the place, the nearest fit first."""
    place = context.place
    found = []
    located = [r.to_area for r in geography.links(place, "residents_in") if r.weight is not None and r.weight >= _ONE_HOME]
    for area in located[:1]:
        name = _sub_area(area)
        if _is_alone(context, area):
            text = f"\u201c{context.name}\u201d here means patients of the practices in {name}, which is not quite the council\u2019s residents."
            found.append(_Home(area, context.name, f"patients of {context.name} practices", text))
        else:
            found.append(_larger(context, area, name))
    for icb in geography.parents(place, "icb") if place.type != "icb" else (place,):
        found.append(_larger(context, icb, _board(icb)))
    return found


def whose(context: Context) -> tuple[str, str]:
    """Whose waits are shared out among providers, as a name and in a sentence: a county of several NHS areas is weighted from all of them, else it is the one area."""
    homes = _homes(context)
    links = [r for r in geography.links(context.place, "residents_in") if r.weight is not None]
    if homes and (not links or any(r.weight >= _ONE_HOME for r in links if r.weight is not None)):
        return homes[0].name, homes[0].of
    return context.name, f"patients of practices in the NHS areas of {context.name}"


def _larger(context: Context, area: Area, name: str) -> _Home:
    what = f"The figures are those of {name}, which is larger than {context.name}: no smaller NHS area matches the council."
    return _Home(area, name, f"patients of {name}", "" if area == context.place else what)


def _board(icb: Area) -> str:
    return icb.name.removesuffix(" Integrated Care Board")


def _sub_area(area: Area) -> str:
    """A sub-ICB location's name in a sentence: its board's, where it is the whole of it."""
    boards = geography.parents(area, "icb")
    if len(boards) == 1 and len(geography.children(boards[0], "sub_icb")) == 1:
        return _board(boards[0])
    name, _, code = area.name.rpartition(" ICB - ")
    return f"{name} (sub-area {code})" if name else area.name


def _is_alone(context: Context, area: Area) -> bool:
    """Whether the patients of a sub-ICB location are those of the place: no other authority has more than a seam of its residents in it."""

    def count_homes() -> Counter[str]:
        every = (a for a in geography.areas(context.place.type) if a.valid_to is None)
        return Counter(r.to_area.code for a in every for r in geography.links(a, "residents_in") if r.weight is None or r.weight >= 1 - _ONE_HOME)

    homes: Counter[str] = context.once("homes", count_homes)
    return homes[area.code] == 1


def own_waits(context: Context, names: Sequence[str]) -> tuple[_Home, pd.DataFrame]:
    """The latest figures of the NHS area that fits the place best. Raises `Absent` where there are none."""
    reasons = []
    for home in _homes(context):
        try:
            rows = _latest(_totals(context.observe(names, areas=_as_asked(home.area))))
        except Absent as reason:
            reasons.append(str(reason))
            continue
        if len(rows):
            return home, rows
        reasons.append(f"No figure is published for {home.area.name}.")
    raise Absent(reasons[0] if reasons else f"{context.name} lies in no NHS area of England, so no figures on waiting are published for it.")


def _as_asked(area: Area) -> tuple[Area, ...]:
    """An NHS area under what publishers call it: they know a sub-ICB location as a commissioner, by its NHS code."""
    if area.type != "sub_icb":
        return (area,)
    return (area, *(Area("ods", "commissioner", same.code, same.name) for same in geography.equivalents(area) if same.scheme == "ods"))


def _totals(rows: pd.DataFrame) -> pd.DataFrame:
    totals: pd.DataFrame = rows[rows["category"] == _TOTAL]
    return totals


def latest_totals(rows: pd.DataFrame) -> pd.DataFrame:
    """All specialties together, in the latest month that has a figure."""
    return _latest(_totals(rows))


def _months(rows: pd.DataFrame) -> pd.Series[Any]:
    """The month a row speaks of: stocks at its end and flows from its first day are the same month."""
    months: pd.Series[Any] = rows["period_start"].dt.year * 12 + rows["period_start"].dt.month
    return months


def _latest(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of the latest month that has a figure."""
    present = rows[rows["status"].isin(_PRESENT)]
    if present.empty:
        return present
    latest: pd.DataFrame = rows[_months(rows) == _months(present).max()]
    return latest


def row_of(rows: pd.DataFrame, name: str) -> Any | None:
    hit = rows[rows["indicator"] == name]
    return None if hit.empty else hit.iloc[0]


def _value(rows: pd.DataFrame, name: str) -> float | None:
    row = row_of(rows, name)
    return None if row is None or row["value"] != row["value"] else float(row["value"])


def england_rows(context: Context, names: Sequence[str]) -> pd.DataFrame:
    return _latest(_totals(context.observe(names, areas=(ENGLAND,))))


def _of_trusts(context: Context, names: Sequence[str], breakdowns: tuple[str, ...] = ()) -> pd.DataFrame:
    """The rows of NHS trusts: published for them alone, or among those of all providers."""
    known = {t for n in names for t in context.indicator(n).area_types}
    if "trust" in known or "provider" not in known:
        return context.observe(names, area_type="trust", breakdowns=breakdowns)
    rows = context.observe(names, area_type="provider", breakdowns=breakdowns)
    trusts = context.once("trusts", lambda: {a.code: a for a in geography.areas("trust")})
    return rows[rows["area"].isin(list(trusts))]


def _trusts(context: Context, names: Sequence[str]) -> pd.DataFrame:
    """The latest month of every NHS trust."""
    rows = _latest(_totals(_of_trusts(context, names)))
    if rows.empty:
        raise Absent("No figure of any NHS trust is at hand.")
    return rows


def _verdict(context: Context, row: Any, target: str) -> Mark | None:
    """The mark of one figure against a target, or none where it cannot be judged."""
    judged = context.data.judge(pd.DataFrame([row]), target)
    outcome = str(judged["outcome"].iloc[0])
    return {"MET": Mark(Verdict.MET), "NOT_MET": Mark(Verdict.MISSED)}.get(outcome)


def standard_line(target: Target) -> float | None:
    """The line of a target, where it is one plain percentage to reach."""
    return target.threshold if target.comparator is Comparator.AT_LEAST else None


# -- the area's patients -------------------------------------------------------------------------------------------------------------


def waiting_headline(context: Context) -> Built:
    """The share of the area's waits that are over 18 weeks, beside England's and the standard."""
    o = context.options
    assert isinstance(o, asked.WaitingHeadline)
    for name in (o.within, o.waits):
        context.indicator(name)
    target = context.check_target(o.target)
    home, rows = own_waits(context, (o.within, o.waits))
    within, waits = _value(rows, o.within), _value(rows, o.waits)
    own = row_of(rows, o.within)
    if within is None or own is None:
        raise Absent(f"The share within 18 weeks is not published for {home.area.name}.")
    period = period_of(own)
    lede = f"In {month_of(period)}, {home.of} had " + (f"{waits:,.0f} open waits" if waits is not None else "open waits")
    lede += f" for hospital treatment, and {whole(100 - within)}% had lasted more than 18 weeks."
    england = _value(england_rows(context, (o.within,)), o.within)
    if england is not None:
        lede += f" Across England it was {whole(100 - england)}%."
    line = standard_line(target)
    if line is not None and target.in_force(period):
        lede += f" The standard allows {whole(100 - line)}%."
    counts = _tally(context, o.within)
    return Built(
        kind="waiting_headline", finding=findings.on_waits(home.name, within), lede=lede,
        tally=counts, tally_note=f"{sum(n for _, n, _ in counts)} NHS trusts by share of patients within 18 weeks: {', '.join(w for _, _, w in counts)}", period=(period,), rows=rows,
    )  # fmt: skip


def _tally(context: Context, name: str) -> tuple[tuple[Verdict, int, str], ...]:
    try:
        marks = _marked(_trusts(context, (name,)), context.indicator(name), "tactix4-20").values()
    except Absent:
        return ()
    counted = Counter(m.verdict for m in marks)
    words = {Verdict.MISSED: "under 95%", Verdict.NEAR: "95% or more", Verdict.MET: "all", Verdict.TOO_FEW: "too few to judge"}
    return tuple((v, counted.get(v, 0), w) for v, w in words.items())


def waiting_figures(context: Context) -> Built:
    """Four numbers: waits, within 18 weeks, over 52 weeks, and the largest provider."""
    o = context.options
    assert isinstance(o, asked.WaitingFigures)
    names = (o.waits, o.within, o.long_waits)
    measures = [context.indicator(n) for n in names]
    target = context.check_target(o.target)
    home, rows = own_waits(context, names)
    england = england_rows(context, names)
    line = standard_line(target)
    standard = f" Standard: {number_text(line, '%', 0)}." if line is not None else ""
    waits, within, long = (_value(rows, n) for n in names)
    all_waits, all_within, all_long = (_value(england, n) for n in names)
    items = []
    if waits is not None:
        items.append(KeyFigure(f"{home.name} waits", f"{waits:,.0f}", reference=f"Open waits of {home.of}."))
    own = row_of(rows, o.within)
    if within is not None and own is not None:
        beside = f"England: {number_text(all_within, '%')}.{standard}" if all_within is not None else standard.strip()
        items.append(KeyFigure("Within 18 weeks", number_text(within, "%"), mark=_verdict(context, own, o.target), reference=beside))
    if long is not None:
        share = f"{number_text(long / waits * 100, '%')} of waits." if waits else ""
        beside = f" England: {number_text(all_long / all_waits * 100, '%')}." if all_long is not None and all_waits else ""
        items.append(KeyFigure("Over 52 weeks", f"{long:,.0f}", reference=share + beside))
    frames = [rows, england]
    if (largest := largest_provider(context)) is not None:
        trusts = _trusts(context, (o.within,))
        mine = trusts[trusts["area"] == largest.code]
        if len(mine) and mine["value"].notna().any():
            row = mine.iloc[0]
            known = trusts["value"].dropna()
            place = int((known < row["value"]).sum()) + 1
            items.append(
                KeyFigure(
                    short_name(context, largest.name), number_text(float(row["value"]), "%"), mark=_verdict(context, row, o.target),
                    reference=f"Within 18 weeks: {_nth(place)} lowest of {len(known)} NHS trusts.",
                )
            )  # fmt: skip
            frames.append(mine)
    if not items:
        raise Absent(f"No figures on waiting are published for {home.area.name}.")
    every = pd.concat(frames, ignore_index=True)
    notes = context.notes(measures, every, how_to_read="", take_care=[home.caveat])
    return Built(
        kind="waiting_figures", finding="Key figures", panel=KeyFigures(tuple(items)), notes=notes, rows=every, period=(period_of(rows.iloc[0]),)
    )


def short_name(context: Context, name: str) -> str:
    """A provider's name shortened by rule, unless what is left is the name of the place itself."""
    short = short_provider(name)
    return name if short.casefold() == context.name.casefold() else short


def _nth(n: int) -> str:
    from jsnakit.publish.panels import ordinal

    return "the" if n == 1 else ordinal(n)


def waits_at(context: Context) -> Any:
    """Where the patients of the place wait, asked once a build. Raises `Absent` where no source says."""
    from jsnakit.errors import NoDataError

    def ask() -> Any:
        try:
            return context.data.providers(context.place)
        except NoDataError as error:
            return error

    answer = context.once("providers", ask)
    if isinstance(answer, NoDataError):
        raise Absent(f"{answer.message[:1].upper()}{answer.message[1:]}.")
    return answer


def largest_provider(context: Context) -> Area | None:
    """The NHS trust with most of the place's waits."""
    try:
        frame = waits_at(context).frame
    except Absent:
        return None
    trusts = context.once("trusts", lambda: {a.code: a for a in geography.areas("trust")})
    return next((trusts[str(code)] for code in frame["area"] if str(code) in trusts), None)


def providers(context: Context) -> Built:
    """Where the area's patients wait, and how many of each provider's patients are within 18 weeks."""
    o = context.options
    assert isinstance(o, asked.Providers)
    within_of = context.indicator(o.within)
    target = context.check_target(o.target)
    waits = waits_at(context)
    frame = waits.frame
    name, of = whose(context)
    rates = _rates(context, o.within)
    own = str(frame.iloc[0]["area"])
    share = float(frame.iloc[0]["share"])
    known = frame["count"].notna().all()
    line = standard_line(target)
    if known:
        panel: Any = Providers(
            tuple(
                Provider(
                    str(r["area"]), short_name(context, str(r["name"])), int(r["count"]),
                    None if (rate := rates.get(str(r["area"]))) is None else round(float(r["count"]) * rate / 100), own=str(r["area"]) == own,
                )
                for _, r in frame.iterrows()
            ),
            title=f"Where {of} wait", standard=line if line is not None else 92.0, first=o.rows,
        )  # fmt: skip
    else:
        panel = RankedBars(
            tuple(
                BarRow(str(r["area"]), short_name(context, str(r["name"])), figure(float(r["share"]) * 100, "%"), extra=(figure(rates.get(str(r["area"])), "%"),))
                for _, r in frame.iterrows()
            ),
            own, "%", name_heading="Provider", value_heading="Share of waits", extra_headings=("Within 18 weeks",), first=o.rows, noun="providers",
        )  # fmt: skip
    behind = frame.assign(period_start=pd.Timestamp(waits.month.start), period_duration=waits.month.duration, period=month_of(waits.month))
    total = f"{int(frame['count'].sum()):,} open waits" if known else "Open waits"
    notes = context.notes(
        [within_of], behind, take_care=[waits.caveat, "Providers treat different conditions, so a shorter wait may be a different case mix."],
        how_to_read=("Each block is a provider. A wider block holds more of our waits; a taller dark part means shorter waits. " if known else "")
        + "The share within 18 weeks is that of all the provider\u2019s patients, not of ours alone.",
    )  # fmt: skip
    return Built(
        kind="providers",
        finding=findings.on_providers(name, short_name(context, str(frame.iloc[0]["name"])), share),
        subtitle=f"{total} of {of} at {len(frame)} providers, {month_of(waits.month)}."
        + (" Width: share of waits. Dark height: share of the provider\u2019s patients within 18 weeks." if known else ""),
        panel=panel, notes=attrs.evolve(notes, period=month_of(waits.month)), rows=behind, period=(waits.month,),
    )  # fmt: skip


def _rates(context: Context, name: str) -> dict[str, float]:
    """Every provider's own share, of all its patients, in the latest month."""
    rates: dict[str, float] = {}
    known = context.indicator(name).area_types
    for kind in (k for k in ("provider", "trust") if not known or k in known):
        try:
            rows = _latest(_totals(context.observe((name,), area_type=kind)))
        except Absent:
            continue
        rates |= {str(code): float(v) for code, v in zip(rows["area"], rows["value"], strict=True) if v == v}
    return rates


# -- trusts --------------------------------------------------------------------------------------------------------------------------


def _marked(rows: pd.DataFrame, indicator: Indicator, scheme: str) -> dict[str, Mark]:
    """The mark of each trust by a RAG scheme; red is stepped by its distance. Trusts where nobody waits are left out."""
    banded = judgement.band(rows, scheme, indicators=[indicator])
    made: dict[str, Mark] = {}
    for code, rag, status, value in zip(banded["area"], banded["rag"], banded["status"], banded["value"], strict=True):
        mark = _mark(str(rag), str(status), float(value) if value == value and value is not None else None)
        if mark is not None:
            made[str(code)] = mark
    return made


def _mark(rag: str, status: str, value: float | None) -> Mark | None:
    if rag == "green":
        return Mark(Verdict.MET, "All patients within 18 weeks")
    if rag == "amber":
        return Mark(Verdict.NEAR, "95% or more, but not all")
    if rag == "red" and value is not None:
        shade, word = next((s, w) for low, s, w in _STEPS if value >= low)
        return Mark(Verdict.MISSED, word, shade)
    if rag == "TOO_FEW":
        return Mark(Verdict.TOO_FEW, "Fewer than 20, not judged")
    if status == "not_submitted":
        return Mark(Verdict.NOT_SUBMITTED, "Not submitted")
    return None if status == "not_applicable" or value is not None else Mark(Verdict.NO_DATA, "No figure published")


_KEY: Final = (
    Mark(Verdict.MET, "All patients within 18 weeks"), Mark(Verdict.NEAR, "95% or more, but not all"),
    *(Mark(Verdict.MISSED, w, s) for _, s, w in _STEPS),
    Mark(Verdict.TOO_FEW, "Fewer than 20, not judged"), Mark(Verdict.NOT_SUBMITTED, "Not submitted"), Mark(Verdict.NO_DATA, "No figure published"),
)  # fmt: skip


def _position(context: Context, code: str) -> tuple[float, float] | None:
    at: tuple[float, float] | None = context.once(("position", code), lambda: geography.position(code))
    return at


def _symbols(context: Context, rows: pd.DataFrame, marks: dict[str, Mark], indicator: Indicator) -> tuple[Symbol, ...]:
    made = []
    for _, r in rows.iterrows():
        code = str(r["area"])
        if code not in marks:
            continue
        at = _position(context, code)
        made.append(
            Symbol(
                code,
                (name := short_name(context, context.area_name(code, "trust"))),
                at[0] if at else None,
                at[1] if at else None,
                marks[code],
                as_figure(r, indicator),
                label=map_name(name),
            )
        )
    return tuple(made)


def _pathway(indicator: Indicator) -> str:
    key = indicator.id.partition(".")[2]
    return (
        "Patients still waiting for treatment"
        if key.startswith("incomplete")
        else "Patients treated without admission"
        if key.startswith("non_admitted")
        else "Patients admitted for treatment"
    )


def described(indicator: Indicator) -> str:
    """What a share within 18 weeks counts, in words."""
    return f"{_pathway(indicator)} who {'have' if indicator.id.partition('.')[2].startswith('incomplete') else 'had'} waited under 18 weeks"


def _verb(indicator: Indicator) -> str:
    key = indicator.id.partition(".")[2]
    return "has" if key.startswith("incomplete") else "treated" if key.startswith("non_admitted") else "admitted"


def _few_words(few: int) -> str:
    return f"{count(few, first=True)} {'trust has' if few == 1 else 'trusts have'} too few patients to be judged."


def _noun(indicator: Indicator) -> str:
    return "waits" if indicator.id.partition(".")[2].startswith("incomplete") else "patients"


def symbol_map(context: Context) -> Built:
    """England's NHS trusts at their main hospitals, by a RAG scheme."""
    o = context.options
    assert isinstance(o, asked.SymbolMap)
    indicator = context.indicator(o.indicator)
    if o.scheme not in judgement.schemes():
        raise context.mistake(f"there is no RAG scheme {o.scheme!r}", hint=f"the schemes are {', '.join(sorted(judgement.schemes()))}")
    if o.category == _TOTAL:
        rows = _trusts(context, (o.indicator,))
        return _trust_map(context, rows, indicator, o.scheme, "all specialties", beside=_specialty_list(context, indicator))
    rows = _by_function(context, indicator, o.category_type)
    return _trust_map(context, rows[rows["category"] == o.category], indicator, o.scheme, o.category)


def _trust_map(
    context: Context, rows: pd.DataFrame, indicator: Indicator, scheme: str, specialty: str, beside: FilterList | None = None, first: str = ""
) -> Built:
    marks = _marked(rows, indicator, scheme)
    if not marks:
        raise Absent(f"No trust has a figure for {specialty}.")
    largest = largest_provider(context)
    counted = Counter(m.verdict for m in marks.values())
    green, amber, red = (counted.get(v, 0) for v in (Verdict.MET, Verdict.NEAR, Verdict.MISSED))
    symbols = _symbols(context, rows, marks, indicator)
    land, _ = context.shapes("region")
    detail = _detail(context)
    own = next((s for s in symbols if largest is not None and s.code == largest.code), None)
    insets = [Inset("London", LONDON)]
    if own is not None and own.x is not None and own.y is not None:
        around = Box(own.x - 30_000, own.y - 62_000, own.x + 75_000, own.y + 42_000)
        insets.insert(0, Inset(f"{own.name} and around", around, (own.code, *_nearest(own, symbols, around))))
    period = period_of(rows[rows["status"].isin(_PRESENT)].iloc[0] if rows["status"].isin(_PRESENT).any() else rows.iloc[0])
    absent = tuple(s.code for s in symbols if s.mark.verdict is Verdict.NOT_SUBMITTED)
    pathway = _pathway(indicator)
    panel = SymbolMap(
        f"{pathway} within 18 weeks, {specialty}, {month_of(period)}", land, symbols, own.code if own else "", _KEY, tuple(insets), detail,
        callouts=absent[:2], beside=beside,
    )  # fmt: skip
    chosen = judgement.scheme(scheme)
    care = [_absence_note(symbols), _POSITIONS]
    notes = context.notes(
        [indicator], rows, take_care=care, boundaries=BOUNDARIES,
        how_to_read="Upward triangle: everyone within 18 weeks. Square: at least 95%. Downward triangle: under 95%, darker the further below."
        + (f" {own.name} is ringed." if own else ""),
    )  # fmt: skip
    return Built(
        kind="symbol_map",
        finding=(f"{first}: " if first else "")
        + _decapped(findings.on_scheme(_noun(indicator), green, amber, red, _verb(indicator)), inside=bool(first)),
        subtitle=f"{pathway}, {specialty}, by NHS trust, {month_of(period)}. Symbol at the trust\u2019s main hospital."
        + (f" {_few_words(few)}" if (few := counted.get(Verdict.TOO_FEW, 0)) else ""),
        panel=panel,
        notes=attrs.evolve(notes, more=(("The rule", _rule(chosen)),)),
        rows=rows,
        period=(period,),
    )


def _rule(scheme: judgement.Scheme) -> str:
    """A RAG scheme in words: its bands from the best, who is not judged, and where it comes from."""
    said = [f"{b.rag.capitalize()}: {b.word}." for b in reversed(scheme.bands)]
    if scheme.min_denominator:
        said.append(f"Fewer than {scheme.min_denominator} patients: shown and not judged, because {scheme.min_denominator_reason}.")
    if scheme.source:
        said.append(f"{scheme.source.rstrip('.')}.")
    said.append("It is not the legal standard, which is 92% of those still waiting.")
    return " ".join(said)


def _decapped(text: str, *, inside: bool) -> str:
    return text[:1].lower() + text[1:] if inside else text


def _nearest(own: Symbol, symbols: Sequence[Symbol], box: Box) -> list[str]:
    """The two nearest trusts with room for a name of their own: neither near the chosen one, nor near each other, nor at the edge."""

    def far(a: Symbol, b: Symbol) -> bool:
        return abs((a.x or 0.0) - (b.x or 0.0)) > 26_000 or abs((a.y or 0.0) - (b.y or 0.0)) > 11_000

    inside = Box(box.x_min + 14_000, box.y_min, box.x_max - 14_000, box.y_max - 12_000)
    there = sorted(
        (s for s in symbols if s.code != own.code and s.on(inside)),
        key=lambda s: ((s.x or 0.0) - (own.x or 0.0)) ** 2 + ((s.y or 0.0) - (own.y or 0.0)) ** 2,
    )
    chosen: list[Symbol] = []
    for s in there:
        if all(far(s, o) for o in (own, *chosen)) and not any(o is not s and not _clear(s, o) for o in symbols if o.x is not None):
            chosen.append(s)
    return [s.code for s in chosen[:2]]


def _clear(labelled: Symbol, other: Symbol) -> bool:
    """Whether the words above a symbol keep off another one."""
    up = (other.y or 0.0) - (labelled.y or 0.0)
    return not (1_500 < up < 11_000 and abs((other.x or 0.0) - (labelled.x or 0.0)) < 13_000)


def _absence_note(symbols: Sequence[Symbol]) -> str:
    gone = [s.name for s in symbols if s.mark.verdict is Verdict.NOT_SUBMITTED]
    return f"{listed(gone)} did not submit data." if gone else ""


def _detail(context: Context) -> tuple[Shape, ...]:
    try:
        return context.shapes("utla")[0]
    except Absent:
        return ()


# -- specialties ---------------------------------------------------------------------------------------------------------------------


def _by_function(context: Context, indicator: Indicator, category_type: str, area_type: str = "trust") -> pd.DataFrame:
    """The latest month by treatment function, of all trusts or of England."""
    if area_type == "country":
        rows = context.observe((indicator.id,), areas=(ENGLAND,), breakdowns=(category_type,))
    else:
        rows = _of_trusts(context, (indicator.id,), (category_type,))
    return _latest(rows[rows["category_type"] == category_type])


def _page(code: str) -> str:
    return f"specialty-{code.lower().replace('_', '-')}"


def _specialty_list(context: Context, indicator: Indicator, chosen: str = _TOTAL) -> FilterList | None:
    """The specialties of the chapter as a list of links, with the share of verdicts and England's figure; null where the chapter has none."""
    o = context.specialties
    if o is None or indicator.id not in o.indicators:
        return None

    def count() -> list[tuple[str, tuple[tuple[Mark, int], ...], Figure]]:
        rows, england = _by_function(context, indicator, o.category_type), _by_function(context, indicator, o.category_type, "country")
        made = []
        for code in o.names:
            held = rows[rows["category"] == code]
            counted = Counter(m.verdict for m in _marked(held, indicator, o.scheme).values()) if len(held) else Counter()
            mine = england[england["category"] == code]
            made.append((code, _counts(counted), as_figure(mine.iloc[0], indicator) if len(mine) else figure(None)))
        return made

    try:
        made = context.once(("specialties", indicator.id), count)
        everyone = _trusts(context, (indicator.id,))
        england = england_rows(context, (indicator.id,))
    except Absent:
        return None
    counted = Counter(m.verdict for m in _marked(everyone, indicator, o.scheme).values())
    ordered = sorted(made, key=lambda m: -(m[2].value if m[2].value is not None else -1.0))
    whole_figure = as_figure(england.iloc[0], indicator) if len(england) else figure(None)
    rows = [FilterRow("All specialties", "index.html" if chosen != _TOTAL else "", _counts(counted), _whole(whole_figure), chosen=chosen == _TOTAL)]
    rows += [
        FilterRow(
            o.names[code],
            "" if code == chosen else f"{_page(code)}.html",
            counts,
            _whole(value),
            chosen=code == chosen,
            folded=code in o.other and code != chosen,
        )
        for code, counts, value in ordered
    ]
    # A specialty's page has one list for those who wait and one for those who were treated.
    label = f"Choose a specialty: {decapitalised(indicator.name)}"
    return FilterList(tuple(rows), note="Bar: share of trusts that are green, amber, red. Figure: England, within 18 weeks.", label=label)


def _whole(value: Figure) -> Figure:
    """A percentage without decimals: lists are for comparing at a glance."""
    return value if value.value is None else figure(value.value, "%", 0, gap=value.gap)


def _counts(counted: Counter[Verdict]) -> tuple[tuple[Mark, int], ...]:
    kinds = (
        (Verdict.MET, "Green"),
        (Verdict.NEAR, "Amber"),
        (Verdict.MISSED, "Red"),
        (Verdict.TOO_FEW, "Too few to judge"),
        (Verdict.NOT_SUBMITTED, "Not submitted"),
    )
    return tuple((Mark(v, word), counted.get(v, 0)) for v, word in kinds)


def specialties(context: Context) -> Built:
    """A table of the specialties, and one page each with a map a pathway."""
    o = context.options
    assert isinstance(o, asked.Specialties)
    measures = [context.indicator(n) for n in o.indicators]
    first = measures[0]
    england = {i.id: _by_function(context, i, o.category_type, "country") for i in measures}
    by_trust = {i.id: _by_function(context, i, o.category_type) for i in measures}
    largest = largest_provider(context)
    lines, pages = [], []
    for code, name in o.names.items():
        mine = england[first.id][england[first.id]["category"] == code]
        built = [_specialty_map(context, by_trust[i.id], i, code, name, o) for i in measures]
        held = by_trust[first.id][by_trust[first.id]["category"] == code]
        own = held[held["area"] == largest.code] if largest else held.iloc[:0]
        counted = Counter(m.verdict for m in _marked(held, first, o.scheme).values()) if len(held) else Counter()
        cells: tuple[Any, ...] = (
            _link(name, f"{_page(code)}.html"), as_figure(mine.iloc[0], first) if len(mine) else figure(None), as_figure(own.iloc[0], first) if len(own) else "\u2013",
            str(counted.get(Verdict.MET, 0)), str(counted.get(Verdict.NEAR, 0)), str(counted.get(Verdict.MISSED, 0)), str(counted.get(Verdict.TOO_FEW, 0)),
        )  # fmt: skip
        value = float(mine.iloc[0]["value"]) if len(mine) and mine.iloc[0]["value"] == mine.iloc[0]["value"] else -1.0
        lines.append((value, name, Row(cells, folded=code in o.other)))
        pages.append(SubPage(slug=_page(code), title=name, built=tuple(built), group="Specialties"))
    ordered = sorted(lines, key=lambda entry: (-entry[0], entry[1]))
    columns = (
        Column("Specialty"), Column("England", numeric=True, bold=True), Column(short_name(context, largest.name) if largest else "Own trust", numeric=True),
        Column("Green trusts", numeric=True, minor=True), Column("Amber", numeric=True, minor=True), Column("Red", numeric=True), Column("Too few", numeric=True, minor=True),
    )  # fmt: skip
    rows = pd.concat([england[first.id], by_trust[first.id]], ignore_index=True)
    known = [entry for entry in ordered if entry[0] >= 0]
    when = month_of(period_of(rows.iloc[0])) if len(rows) else ""
    finding = (
        f"Within 18 weeks in England: most of all in {known[0][1].lower()}, least in {known[-1][1].lower()}" if len(known) > 1 else "Specialties"
    )
    return Built(
        kind="specialties",
        finding=finding,
        subtitle=f"{described(first)}, by specialty, {when}; how many NHS trusts are green, amber and red.",
        panel=Table(
            columns,
            tuple(entry[2] for entry in ordered),
            caption="Specialties in order of England\u2019s figure",
            noun="specialties",
            first=len(o.names),
        ),
        notes=context.notes(
            [first],
            rows,
            how_to_read="Green: all within 18 weeks. Amber: 95% or more. Red: under 95%. The name leads to the maps of the specialty. A dash: the trust has no such patients.",
        ),
        rows=rows,
        pages=tuple(pages),
        period=(period_of(rows.iloc[0]),) if len(rows) else (),
    )


def _link(text: str, href: str) -> Any:
    from jsnakit.publish.panels import Link

    return Link(text, href)


def _specialty_map(context: Context, rows: pd.DataFrame, indicator: Indicator, code: str, name: str, o: asked.Specialties) -> Built:
    held = rows[rows["category"] == code]
    try:
        if held.empty:
            raise Absent(f"No trust has a figure for {name.lower()}.")
        return _trust_map(context, held, indicator, o.scheme, name.lower(), beside=_specialty_list(context, indicator, code), first=name)
    except Absent as reason:
        return Built(kind="symbol_map", finding=f"{name}: {_pathway(indicator).lower()}", absent=str(reason))


# -- the region and the country ------------------------------------------------------------------------------------------------------


def _inside(x: float, y: float, shape: Shape) -> bool:
    """Whether a point lies in a shape, by the even-odd rule."""
    if not shape.box.holds(x, y):
        return False
    odd = False
    for ring in rings(shape.path):
        for (x1, y1), (x2, y2) in zip(ring, (*ring[1:], ring[0]), strict=True):
            if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
                odd = not odd
    return odd


def ranked_trusts(context: Context) -> Built:
    """The NHS trusts whose main hospital lies in the area's region, highest share first."""
    o = context.options
    assert isinstance(o, asked.RankedTrusts)
    indicator = context.indicator(o.indicator)
    target = context.check_target(o.target)
    region = context.region()
    if region is None:
        raise Absent(f"{context.name} lies in no region of England.")
    every = _trusts(context, (o.indicator, o.waits, o.long_waits))
    rows = every[every["indicator"] == o.indicator]
    # What was last heard of in another month is no trust of this one; one that should have sent its figures is.
    rows = rows[rows["value"].notna() | (rows["status"] == "not_submitted")]
    land, _ = context.shapes("region")
    shape = next((s for s in land if s.code == region.code), None)
    if shape is None:
        raise Absent(f"No outline of {region.name} is at hand.")

    def here(code: str) -> bool:
        at = _position(context, code)
        return at is not None and _inside(at[0], at[1], shape)

    held = rows[[here(str(c)) for c in rows["area"]]].sort_values(["value", "area"], ascending=[False, True], na_position="last")
    if held.empty:
        raise Absent(f"No NHS trust of {region.name} has a figure.")
    marks = _marked(held, indicator, o.scheme)
    extra = {name: every[every["indicator"] == name].set_index("area") for name in (o.waits, o.long_waits)}

    def beside(name: str, code: str) -> Figure:
        frame = extra[name]
        return as_figure(frame.loc[code], attrs.evolve(context.indicator(name), decimals=0)) if code in frame.index else figure(None)

    bars = tuple(
        BarRow(str(r["area"]), short_name(context, context.area_name(str(r["area"]), "trust")), as_figure(r, indicator), marks.get(str(r["area"])),
               (beside(o.waits, str(r["area"])), beside(o.long_waits, str(r["area"]))))
        for _, r in held.iterrows()
    )  # fmt: skip
    england = _value(england_rows(context, (o.indicator,)), o.indicator)
    line = standard_line(target)
    references = [Reference("England", england, number_text(england, "%"), dashed=False)] if england is not None else []
    references += [Reference("Standard", line, number_text(line, "%", 0))] if line is not None else []
    largest = largest_provider(context)
    own = held[held["area"] == largest.code] if largest else held.iloc[:0]
    period = period_of(held.iloc[0])
    if len(own) and largest is not None:
        known = held["value"].dropna()
        finding = findings.on_trust_rank(short_name(context, largest.name), int((known > own.iloc[0]["value"]).sum()) + 1, len(known), region.name)
    else:
        finding = f"{len(held)} NHS trusts of {region.name} in order"
    behind = every[every["area"].isin(list(held["area"]))]
    return Built(
        kind="ranked_trusts", finding=finding,
        subtitle=f"{described(indicator)}, {month_of(period)}, all specialties, highest first. {len(held)} of {len(rows)} NHS trusts: those whose main hospital is in {the_region(region.name)}.",
        panel=RankedBars(
            bars, largest.code if largest else "", "%", tuple(references), name_heading="Trust", verdict_heading="95% rule", verdict_first=True,
            extra_headings=("Open waits", "Over 52 weeks"), maximum=100.0, noun="trusts",
        ),
        notes=context.notes(
            [indicator], behind, how_to_read="Bars start at zero. Specialist, community and mental health trusts with short lists often stand at the top; compare general hospitals with each other.",
            take_care=["England\u2019s figure includes independent providers." if england is not None else ""],
        ),
        rows=behind, period=(period,),
    )  # fmt: skip


def _last_met(present: pd.DataFrame, target: Target | None, line: float | None) -> str:
    """The last month in which a target in force was met, in words; empty where there is none."""
    if target is None or line is None:
        return ""
    met = [p for _, r in present.iterrows() if float(r["value"]) >= line and target.in_force(p := period_of(r))]
    return month_of(met[-1]) if met else ""


def trend(context: Context) -> Built:
    """One area over time, with a target: every month between the first and the last, so that a month without a figure is a gap."""
    o = context.options
    assert isinstance(o, asked.Trend)
    indicator = context.indicator(o.indicator)
    target = context.check_target(o.target) if o.target else None
    area = ENGLAND if o.area == ENGLAND.code else geography.get(o.area)
    rows = _totals(context.observe((o.indicator,), areas=(area,))).sort_values("period_start")
    present = rows[rows["status"].isin(_PRESENT) & rows["value"].notna()]
    if len(present) < 2:
        raise Absent(f"{area.name} has fewer than two figures of {indicator.name}.")
    held = {int(m): r for m, (_, r) in zip(_months(rows), rows.iterrows(), strict=True)}
    months = range(min(held), max(held) + 1)
    figures = tuple(as_figure(held[m], indicator) if m in held else figure(None) for m in months)
    names = tuple(f"{calendar.month_name[(m - 1) % 12 + 1]} {(m - 1) // 12}" for m in months)
    line = standard_line(target) if target is not None else None
    first, last = present.iloc[0], present.iloc[-1]
    marked = context.dated(
        [Period.month((m - 1) // 12, (m - 1) % 12 + 1) for m in months], [float(m) for m in months], at_end=first["period_duration"] == "P0D"
    )
    missing = sum(f.missing for f in figures)
    care = [f"{count(missing, first=True)} of the {len(figures)} months have no figure here; the line breaks there." if missing else ""]
    if target is not None and target.valid_from is not None and target.valid_from > period_of(first).start:
        care.append(f"The standard has been in force since {day(target.valid_from)}: earlier months are not judged by it.")
    return Built(
        kind="trend",
        finding=findings.on_target(area.name, float(first["value"]), float(last["value"]), line, month_of(period_of(first)), met=_last_met(present, target, line)),
        subtitle=f"{described(indicator)}, {area.name}, {month_of(period_of(first))} to {month_of(period_of(last))}.",
        panel=Trend(
            f"{indicator.name}, {area.name}", indicator.unit, area.name, names, figures, times=tuple(float(m) for m in months),
            reference=Reference("Standard", line, number_text(line, "%", 0)) if line is not None else None, notes=marked,
        ),
        notes=context.notes([indicator], present, take_care=[*(c for c in care if c), *context.undated(marked)], how_to_read="The line is the share of patients within 18 weeks. The scale need not start at zero, as bars must."),
        rows=rows, period=(period_of(first), period_of(last)),
    )  # fmt: skip
