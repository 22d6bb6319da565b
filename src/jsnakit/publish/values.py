"""What the names in a chapter's prose stand for: figures and words of judgement about the place, from the same rows as the figures are drawn from.

Every word is chosen by `jsnakit.judgement`: beside England where an interval is published, by fifth where none is, and the recent trend as the public health profiles judge it.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from attrs import evolve, field, frozen

from jsnakit import judgement
from jsnakit.chapters import TREND_WORDS, Chapter, Measure, Options, Placeholder, Value, fill
from jsnakit.chapters import Figure as FigureBlock
from jsnakit.editions import Standing
from jsnakit.errors import ChapterError
from jsnakit.model import ENGLAND, TOTAL, Indicator
from jsnakit.observations import PRESENT
from jsnakit.profiles import named
from jsnakit.publish._words import edition_words, month_of, plural_of, unit_after
from jsnakit.publish.data import Citation
from jsnakit.publish.figures.context import Absent, Context
from jsnakit.publish.figures.measures import the_region
from jsnakit.publish.figures.standing import period_of
from jsnakit.publish.panels import Gap, number_text, place_words

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Values", "standing_of"]

NOT_PUBLISHED: Final = "not published"
_GAPS: Final = {Gap.NOT_PUBLISHED: NOT_PUBLISHED, Gap.SUPPRESSED: "hidden", Gap.NOT_SUBMITTED: "not sent"}
# Words that a sentence written for a judgement can take where there is none.
_WITHOUT: Final = {
    "interval": "no interval published", "compared": "not compared", "beside_england": "not compared with England", "place": "not placed",
    "fifth": "not put in fifths", "trend": TREND_WORDS["CANNOT"], "source": "source not stated",
}  # fmt: skip
_UNSAID: Final = ("unit not stated", "not stated", "count")
_SEXES: Final = {"women": "F", "female": "F", "females": "F", "men": "M", "male": "M", "males": "M", "persons": TOTAL, "all": TOTAL}


@frozen(eq=False)
class Values:
    """The values of one chapter's prose: called with a placeholder it gives what is printed for it. Nothing is asked of the data before it is needed.

    Raises `ChapterError` at the measure's line for an id there is not, or where it is not clear whom the figure is of.
    """

    context: Context
    chapter: Chapter
    used: dict[str, _Measured] = field(factory=dict)
    """The measures that were asked for, by short name: those that have figures."""

    def __call__(self, asked: Placeholder) -> Value:
        """What is printed for one placeholder."""
        if not asked.field:
            return Value(text=self._words[asked.name])
        measure = self.chapter.indicators[asked.name]
        try:
            found = self._measured(measure)
        except Absent as reason:
            return Value(text=_WITHOUT.get(asked.field, NOT_PUBLISHED), because=str(reason), missing=True)
        self.used.setdefault(asked.name, found)
        return _FIELDS[asked.field](found)

    @property
    def _words(self) -> dict[str, str]:
        site = self.context.site
        return {"area": self.context.name, "council": site.council, "edition": edition_words(site.edition)}

    def plain(self, title: str) -> str:
        """A title with the words of the assessment in it; measures belong into the text."""
        return fill(title, self._words, file=self.chapter.file, markdown=False)

    def _measured(self, measure: Measure) -> _Measured:
        context = self.context.for_figure(FigureBlock("prose", Options(), measure.line), self.chapter.file, "../")

        def make() -> _Measured | Absent:
            try:
                return _measured(context, measure)
            except Absent as reason:
                return reason

        answer: _Measured | Absent = context.once(("measured", measure), make)
        if isinstance(answer, Absent):
            raise answer
        return answer

    @property
    def rows(self) -> tuple[pd.DataFrame, ...]:
        """The figures of the place that the prose speaks of."""
        return tuple(m.series for m in self.used.values())

    @property
    def cited(self) -> tuple[Citation, ...]:
        """The publishers' files behind the figures that were asked for."""
        return tuple(sorted({c for m in self.used.values() for c in m.cited}))


@frozen(kw_only=True, eq=False)
class _Measured:
    """One measure as prose speaks of it. `series` are the place's own figures that may be compared with the latest, oldest first; `peers` all areas of its type in the same period."""

    context: Context
    indicator: Indicator
    series: pd.DataFrame
    peers: pd.DataFrame
    england: pd.DataFrame
    region: pd.DataFrame

    @property
    def row(self) -> Any:
        """The latest figure, or the row that says why there is none."""
        return self.series.iloc[-1]

    @property
    def area_type(self) -> str:
        """The type under which the figures are published."""
        return str(self.row["area_type"])

    @property
    def cited(self) -> tuple[Citation, ...]:
        """The publishers' files behind the latest figure."""
        return self.context.cite(self.series.iloc[-1:])

    @functools.cached_property
    def gap(self) -> Value | None:
        """The word where there is no figure, else null."""
        row = self.row
        if row["status"] in PRESENT and row["value"] == row["value"]:
            return None
        status = str(row["status"])
        word = _GAPS.get(Gap.of(status) or Gap.NOT_PUBLISHED, NOT_PUBLISHED)
        return Value(text=word, because=f"The figure for {month_of(period_of(row))} is {word}.", missing=True)

    def number(self, value: Any, *, unit: bool = True) -> str:
        """A figure of this measure as it is printed in its panels."""
        i = self.indicator
        after = unit_after(i)
        shown = number_text(float(value), i.unit, i.decimals)
        return f"{shown} {after}" if unit and after and after not in _UNSAID else shown

    @functools.cached_property
    def comparison(self) -> Any:
        """The latest figure beside England's, as `judgement.compare` puts it."""
        own = self.series.iloc[-1:].astype(dict.fromkeys(("value", "lower", "upper"), "float64"))
        return judgement.compare(own, self.england, indicators=[self.indicator], name="England").iloc[0]

    @functools.cached_property
    def ranked(self) -> Any:
        """The place's rank and fifth among its peers: from the worst, or from the lowest where neither direction is better."""
        by: Any = "polarity" if self.directed else "value"
        rows = judgement.rank(self.peers, [self.indicator], by=by)
        return rows[rows["area"] == self.row["area"]].iloc[0]

    @property
    def directed(self) -> bool:
        """Whether it is known which direction is better."""
        return self.indicator.polarity.value.endswith("_is_better")

    @functools.cached_property
    def trend(self) -> tuple[str, str]:
        """The recent trend, without its judgement, and the reason."""
        found = judgement.recent_trend(self.series, indicators=[self.indicator]).iloc[-1]
        return str(found["trend"]).removesuffix("_BETTER").removesuffix("_WORSE"), str(found["trend_because"])

    @functools.cached_property
    def first(self) -> Any:
        """The row from which the trend is told; without a trend the first with a figure; null where that is the latest."""
        rows = self.series[self.series["status"].isin(PRESENT) & self.series["value"].notna()]
        if self.trend[0] != "CANNOT":
            rows = rows[rows["count"].notna() & (rows["denominator"] > 0)].iloc[-judgement.TREND_POINTS :]
        return rows.iloc[0] if len(rows) > 1 else None


def standing_of(context: Context, measure: Measure) -> Standing | None:
    """Where the place stands on a measure by its latest figure; null where there is none, or where it is not said whose figure is meant."""
    try:
        m = _measured(context, measure)
    except (Absent, ChapterError):
        return None
    judged = _compared(m, phrase=False)
    return Standing(
        indicator=measure.indicator, name=named(m.indicator.name, str(m.row["sex"]), str(m.row["age"])), period=month_of(period_of(m.row)), value=_value(m).text,
        word=judged.text, because=judged.because,
    )  # fmt: skip


# -- which rows ----------------------------------------------------------------------------------------------------------------------


def _measured(context: Context, measure: Measure) -> _Measured:
    indicator = context.indicator(measure.indicator)
    apart = ("*",) if measure.sex or measure.age else ()
    rows = _of(context, indicator, apart)
    own = rows[rows["area"] == context.place.code]
    sex, age = _whom(context, indicator, measure, own)
    series = _series(own[(own["sex"] == sex) & (own["age"] == age)], indicator)
    last = series.iloc[-1]

    def at(frame: pd.DataFrame) -> pd.DataFrame:
        same = (frame["period_start"] == last["period_start"]) & (frame["period_duration"] == last["period_duration"])
        kept: pd.DataFrame = frame[(frame["sex"] == sex) & (frame["age"] == age) & same]
        return kept

    region = context.region()
    return _Measured(
        context=context, indicator=indicator, series=series, peers=at(rows), england=at(_beside(context, indicator, ENGLAND, apart, rows)),
        region=at(_beside(context, indicator, region, apart, rows)) if region else rows.iloc[:0],
    )  # fmt: skip


def _of(context: Context, indicator: Indicator, apart: tuple[str, ...]) -> pd.DataFrame:
    """All areas' rows under the tier for which the measure has figures of the place."""
    first = context.type_for(indicator)
    reason: Absent | None = None
    for kind in dict.fromkeys((first, *(("ltla", "utla") if first in ("ltla", "utla") else ()))):
        try:
            rows = context.observe([indicator.id], area_type=kind, breakdowns=apart)
        except Absent as why:
            reason = reason or why
            continue
        rows = _plain(rows, indicator)
        if (rows["area"] == context.place.code).any():
            return rows
        reason = reason or Absent(context.why_absent(rows, kind))
    assert reason is not None
    raise reason


def _whom(context: Context, indicator: Indicator, measure: Measure, own: pd.DataFrame) -> tuple[str, str]:
    """The sex and age that are meant: those asked for, else the measure's own; where that leaves several, the author must say."""
    asked = (_SEXES.get(measure.sex.casefold(), measure.sex) or indicator.headline.sex, measure.age or indicator.headline.age)
    there = sorted(set(zip(own["sex"], own["age"], strict=True)))
    fit = [(sex, age) for sex, age in there if asked[0] in ("", sex) and asked[1] in ("", age)]
    if len(fit) == 1:
        return fit[0]
    choice = "; ".join(f'sex = "{sex}", age = "{age}"' for sex, age in there)
    problem = "there is none for the sex and age that are asked for" if not fit else "it has several figures, and it is not said which is meant"
    raise context.mistake(f"{measure.indicator}: {problem}", hint=f"there are {choice}")


def _series(own: pd.DataFrame, indicator: Indicator) -> pd.DataFrame:
    """The place's figures that may be compared with its latest: of one length of period, none repeated from an earlier one, and none from before a break."""
    repeated = own["flags"].fillna("").str.split(" ").map(lambda words: "carried_forward" in words).astype(bool)
    fresh = own[~repeated] if not repeated.all() else own
    ends = [period_of(row).end for _, row in fresh.iterrows()]
    ordered = fresh.assign(_end=ends).sort_values(["_end", "period_start"], ascending=[True, False], kind="stable")
    last = ordered.iloc[-1]
    broken = [b.on for b in indicator.breaks if b.on <= last["_end"]]
    kept: pd.DataFrame = ordered[ordered["period_duration"] == last["period_duration"]]
    if broken:
        kept = kept[(kept["period_start"].dt.date >= max(broken)) | (kept.index == last.name)]
    return kept.drop(columns="_end").reset_index(drop=True)


def _beside(context: Context, indicator: Indicator, area: Any, apart: tuple[str, ...], like: pd.DataFrame) -> pd.DataFrame:
    """The rows of England or the region, or none."""
    try:
        rows = context.observe([indicator.id], areas=(area,), breakdowns=apart)
    except Absent:
        return like.iloc[:0]
    return _plain(rows[rows["area"] == area.code], indicator)


def _plain(rows: pd.DataFrame, indicator: Indicator) -> pd.DataFrame:
    """The rows of the category that the measure means: a breakdown asked for to find a sex or an age brings others along."""
    head = indicator.headline
    kept: pd.DataFrame = rows[(rows["category_type"] == head.category_type) & (rows["category"] == head.category)]
    return kept


# -- what is printed -----------------------------------------------------------------------------------------------------------------


def _present(asked: str) -> Callable[[Callable[[_Measured], Value]], Callable[[_Measured], Value]]:
    """The value, or the word for the gap where there is no figure to speak of."""

    def wrap(make: Callable[[_Measured], Value]) -> Callable[[_Measured], Value]:
        @functools.wraps(make)
        def made(m: _Measured) -> Value:
            if m.gap is None:
                return make(m)
            return evolve(m.gap, text=_WITHOUT.get(asked, m.gap.text))

        return made

    return wrap


def _missing(text: str, because: str) -> Value:
    return Value(text=text, because=because, missing=True)


@_present("value")
def _value(m: _Measured) -> Value:
    return Value(text=m.number(m.row["value"]))


@_present("interval")
def _interval(m: _Measured) -> Value:
    low, high = m.row["lower"], m.row["upper"]
    if low != low or high != high:
        return _missing(_WITHOUT["interval"], "No interval is published with the figure.")
    return Value(text=f"{m.number(low, unit=False)} to {m.number(high)}")


def _counted(column: str) -> Callable[[_Measured], Value]:
    @_present(column)
    def made(m: _Measured) -> Value:
        number = m.row[column]
        if number != number or number is None:
            return _missing(NOT_PUBLISHED, f"The {column} is not published.")
        return Value(text=number_text(float(number), "", 0 if float(number).is_integer() else 1))

    return made


def _elsewhere(which: str) -> Callable[[_Measured], Value]:
    def made(m: _Measured) -> Value:
        rows: pd.DataFrame = getattr(m, which)
        known = rows[rows["status"].isin(PRESENT) & rows["value"].notna()]
        if known.empty:
            return _missing(NOT_PUBLISHED, f"No figure of {'England' if which == 'england' else 'the region'} is published for the same period.")
        return Value(text=m.number(known["value"].iloc[0]))

    return made


def _compared(m: _Measured, *, phrase: bool) -> Value:
    without = _WITHOUT["beside_england" if phrase else "compared"]
    if m.gap:
        return evolve(m.gap, text=without)
    outcome, because = str(m.comparison["outcome"]), str(m.comparison["because"])
    if outcome not in ("NO_DATA", "NOT_COMPARABLE"):
        word = judgement.COMPARISON_WORDS[outcome]
        than = "to" if outcome == "SIMILAR" else "than"
        return Value(text=f"{word} {than} England" if phrase else word, word=word, because=because)
    found = _fifth(m)
    if found.missing:
        return _missing(without, because)
    text = f"in the {found.text} of {_all(m)}" if phrase else found.text
    return Value(text=text, word=found.text, because=f"{because} So its place is told: {found.because}")


def _all(m: _Measured) -> str:
    """The areas it is placed among: figures at hand of one region alone say so, or a place in it would be taken for one in England."""
    region, codes = m.context.region(), set(m.peers["area"])
    of = f"{int(m.ranked['of']):,} {plural_of(m.area_type)}"
    return f"{of} of {the_region(region.name)}" if region and m.context.members(codes, m.area_type) >= codes else of


@_present("fifth")
def _fifth(m: _Measured) -> Value:
    word, because = str(m.ranked["fifth_word"]), str(m.ranked["because"])
    return Value(text=word, because=because) if m.ranked["fifth"] == m.ranked["fifth"] else _missing(_WITHOUT["fifth"], because)


@_present("place")
def _place(m: _Measured) -> Value:
    found = m.ranked
    ties = int((m.peers[m.peers["status"].isin(PRESENT)]["value"] == m.row["value"]).sum())
    words = place_words(float(found["rank"]), int(found["of"]), ties)
    if not m.directed:
        words = words.replace("worst", "lowest").replace("best", "highest")
    return Value(text=f"{words} of {_all(m)}", word=words, because=str(found["because"]))


@_present("trend")
def _trend(m: _Measured) -> Value:
    direction, because = m.trend
    return Value(text=TREND_WORDS[direction], because=because, missing=direction == "CANNOT")


def _first_period(m: _Measured) -> Value:
    if m.first is None:
        return _missing(NOT_PUBLISHED, "There is no earlier figure that may be compared with the latest.")
    return Value(text=month_of(period_of(m.first)))


def _first_value(m: _Measured) -> Value:
    return _first_period(m) if m.first is None else Value(text=m.number(m.first["value"]))


def _source(m: _Measured) -> Value:
    said = [f"{c.publisher}, {c.title}" if c.title else c.publisher for c in m.cited]
    return Value(text="; ".join(dict.fromkeys(said))) if said else _missing(_WITHOUT["source"], "The figures do not say where they came from.")


_FIELDS: Final[Mapping[str, Callable[[_Measured], Value]]] = {
    "name": lambda m: Value(text=named(m.indicator.name, str(m.row["sex"]), str(m.row["age"]))),
    "value": _value,
    "period": lambda m: Value(text=month_of(period_of(m.row))),
    "interval": _interval,
    "count": _counted("count"),
    "out_of": _counted("denominator"),
    "england": _elsewhere("england"),
    "region": _elsewhere("region"),
    "compared": lambda m: _compared(m, phrase=False),
    "beside_england": lambda m: _compared(m, phrase=True),
    "place": _place,
    "fifth": _fifth,
    "trend": _trend,
    "first_period": _first_period,
    "first_value": _first_value,
    "source": _source,
}
