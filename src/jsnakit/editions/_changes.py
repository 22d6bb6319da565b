"""What changed from one edition to the next, computed: figures that are new, revised or gone, judgements, definitions, chapters and their text."""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Final

import attrs
from attrs import frozen

from jsnakit import observations, revisions
from jsnakit.editions._record import Edition, KeptMeasure, KeptPage
from jsnakit.model import Period

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

__all__ = ["Changes", "ChapterChange", "DefinitionChange", "MeasureChange", "Revised", "StandingChange", "TextChange", "compare"]

_DEFINED: Final = ("name", "unit", "definition", "numerator", "denominator", "polarity", "caveats")


@frozen(kw_only=True)
class ChapterChange:
    """A chapter that is new (`before` empty), gone (`after` empty), or whose `what` (state, finding, title) changed."""

    slug: str
    title: str
    what: str
    before: str = ""
    after: str = ""


@frozen(kw_only=True)
class TextChange:
    """A page whose text was edited: the paragraphs that are gone and those that are new."""

    chapter: str
    page: str
    removed: tuple[str, ...] = ()
    added: tuple[str, ...] = ()


@frozen(kw_only=True)
class DefinitionChange:
    """A measure that is defined in other words, or in another unit or direction, than before."""

    indicator: str
    name: str
    what: str
    before: str
    after: str


@frozen(kw_only=True)
class Revised:
    """One figure before and after: values unrounded, null where there is none; `sex`, `age` and `category` are `_T` for all."""

    area: str
    area_type: str
    period: Period
    before: float | None
    after: float | None
    status_before: str | None = None
    status: str | None = None
    sex: str = "_T"
    age: str = "_T"
    category: str = "_T"


@frozen(kw_only=True)
class MeasureChange:
    """A measure whose figures changed. `new_periods` had no figure before; `own` are the place's revised figures, `largest` the largest revision of all areas.

    `what` is `new`, `gone` or `changed` and speaks of the measure as a whole.
    """

    indicator: str
    name: str
    unit: str
    decimals: int
    what: str
    added: int = 0
    revised: int = 0
    gone: int = 0
    new_periods: tuple[Period, ...] = ()
    gone_periods: tuple[Period, ...] = ()
    own: tuple[Revised, ...] = ()
    own_gone: tuple[Revised, ...] = ()
    largest: Revised | None = None


@frozen(kw_only=True)
class StandingChange:
    """A judgement on the place that is another than before: the words, the figures as printed and their periods."""

    indicator: str
    name: str
    before: str
    after: str
    value_before: str
    value: str
    period_before: str
    period: str
    because: str = ""


@frozen(kw_only=True, eq=False)
class Changes:
    """What changed between two editions; `frame` has one row a figure (`jsnakit.revisions.REVISION_COLUMNS`). True when anything changed."""

    before: str
    after: str
    chapters: tuple[ChapterChange, ...]
    texts: tuple[TextChange, ...]
    findings: tuple[TextChange, ...]
    definitions: tuple[DefinitionChange, ...]
    measures: tuple[MeasureChange, ...]
    standings: tuple[StandingChange, ...]
    frame: pd.DataFrame

    def __bool__(self) -> bool:
        return any((self.chapters, self.texts, self.findings, self.definitions, self.measures, self.standings))

    @property
    def summary(self) -> str:
        """The change in one line."""
        n = len(self.frame)
        figures = {k: int((self.frame["change"] == k).sum()) for k in ("added", "revised", "gone")} if n else {}
        said = [
            _many(f"figure {w}", f"figures {w}")(figures[k])
            for k, w in (("added", "new"), ("revised", "revised"), ("gone", "gone"))
            if figures.get(k)
        ]
        said += [
            words(len(found))
            for found, words in (
                (self.standings, _many("judgement changed", "judgements changed")),
                (self.definitions, _many("definition changed", "definitions changed")),
                (self.findings, _many("page with findings that read differently", "pages with findings that read differently")),
                (self.texts, _many("page edited", "pages edited")),
                ([c for c in self.chapters if c.what in ("new", "gone")], _many("chapter added or removed", "chapters added or removed")),
            )
            if found
        ]
        return "; ".join(said) if said else ("chapters changed in state or heading" if self.chapters else "nothing changed")

    def __str__(self) -> str:
        return f"{self.before} to {self.after}: {self.summary}"

    def records(self) -> dict[str, Any]:
        """Everything as plain values, for JSON; the single figures are in `frame`."""
        return {
            "before": self.before, "after": self.after, "summary": self.summary,
            **{name: [attrs.asdict(one, value_serializer=_plain) for one in getattr(self, name)] for name in ("chapters", "texts", "findings", "definitions", "measures", "standings")},
        }  # fmt: skip


def _many(one: str, several: str) -> Callable[[int], str]:
    return lambda n: f"{n:,} {one if n == 1 else several}"


def _plain(_: Any, __: Any, value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(None, None, v) for v in value]
    return str(value) if isinstance(value, Period) else value


def compare(before: Edition, after: Edition, tables: Callable[[Edition, str], pa.Table | None]) -> Changes:
    """Hold two editions against each other; `tables` gives the figures of a measure as an edition has them (`Shelf.table`), and is asked only for those that differ."""
    ids = list(dict.fromkeys([*(m.id for m in after.measures), *(m.id for m in before.measures)]))
    measures, frames = [], []
    for name in ids:
        old, new = before.measure(name), after.measure(name)
        if old is not None and new is not None and old.data == new.data:
            continue
        was, now = _table(tables, before, old), _table(tables, after, new)
        found = revisions.compare(was, now)
        if found or old is None or new is None:
            measures.append(_measure(old, new, found, after.area, _Labels.of(was, now)))
            frames.append(found.frame)
    return Changes(
        before=before.name, after=after.name, chapters=tuple(_chapters(before, after)), texts=tuple(_texts(before, after, lambda p: p.text)),
        findings=tuple(_texts(before, after, lambda p: p.findings)),
        definitions=tuple(_definitions(before, after)), measures=tuple(measures), standings=tuple(_standings(before, after)), frame=_joined(frames),
    )  # fmt: skip


def _table(tables: Callable[[Edition, str], pa.Table | None], edition: Edition, measure: KeptMeasure | None) -> pa.Table:
    found = tables(edition, measure.id) if measure is not None and measure.data else None
    return observations.empty() if found is None else found


def _joined(frames: list[pd.DataFrame]) -> pd.DataFrame:
    import pandas as pd

    kept = [f for f in frames if len(f)]
    return pd.concat(kept, ignore_index=True) if kept else revisions.compare(observations.empty(), observations.empty()).frame


# -- figures -------------------------------------------------------------------------------------------------------------------------


@frozen
class _Labels:
    """The periods of a measure before and after, each as it is printed."""

    before: tuple[Period, ...]
    after: tuple[Period, ...]

    @classmethod
    def of(cls, before: pa.Table, after: pa.Table) -> _Labels:
        return cls(_periods(before), _periods(after))

    def only(self, mine: tuple[Period, ...], theirs: tuple[Period, ...]) -> tuple[Period, ...]:
        return tuple(p for p in mine if p not in theirs)

    def period(self, row: Any) -> Period:
        start = row["period_start"]
        bare = Period(dt.date(start.year, start.month, start.day), str(row["period_duration"]))
        return next((p for p in (*self.after, *self.before) if p == bare), bare)


def _periods(table: pa.Table) -> tuple[Period, ...]:
    columns = ["period_start", "period_duration", "period"]
    found = table.select(columns).group_by(columns).aggregate([]).to_pylist()
    return tuple(
        sorted(dict.fromkeys(Period(r["period_start"], r["period_duration"], r["period"] or "") for r in found), key=lambda p: (p.end, p.start))
    )


def _measure(old: KeptMeasure | None, new: KeptMeasure | None, found: revisions.Revisions, area: str, labels: _Labels) -> MeasureChange:
    named = new or old
    assert named is not None
    frame = found.frame
    revised = frame[frame["change"] == "revised"]
    sizes = (revised["value"] - revised["value_before"]).abs()
    mine = frame[frame["area"] == area]
    return MeasureChange(
        indicator=named.id, name=named.name, unit=named.unit, decimals=named.decimals, what="new" if old is None else "gone" if new is None else "changed",
        added=found.added, revised=found.revised, gone=found.gone,
        new_periods=labels.only(labels.after, labels.before), gone_periods=labels.only(labels.before, labels.after),
        own=tuple(_revised(row, labels) for _, row in mine[mine["change"] == "revised"].iterrows()),
        own_gone=tuple(_revised(row, labels) for _, row in mine[mine["change"] == "gone"].iterrows()),
        largest=_revised(revised.loc[[sizes.idxmax()]].iloc[0], labels) if sizes.notna().any() and sizes.max() > 0 else None,
    )  # fmt: skip


def _revised(row: Any, labels: _Labels) -> Revised:
    return Revised(
        area=str(row["area"]), area_type=str(row["area_type"]), period=labels.period(row), before=_number(row["value_before"]),
        after=_number(row["value"]), status_before=_text(row["status_before"]), status=_text(row["status"]), sex=str(row["sex"]), age=str(row["age"]), category=str(row["category"]),
    )  # fmt: skip


def _number(value: Any) -> float | None:
    return None if value is None or value != value else float(value)


def _text(value: Any) -> str | None:
    return None if value is None or value != value else str(value)


# -- words ---------------------------------------------------------------------------------------------------------------------------


def _chapters(before: Edition, after: Edition) -> Iterable[ChapterChange]:
    for chapter in after.chapters:
        old = before.chapter(chapter.slug)
        if old is None:
            yield ChapterChange(slug=chapter.slug, title=chapter.title, what="new", after=chapter.finding)
            continue
        for what in ("title", "state", "finding"):
            was, now = getattr(old, what), getattr(chapter, what)
            if was != now:
                yield ChapterChange(slug=chapter.slug, title=chapter.title, what=what, before=was, after=now)
    for chapter in before.chapters:
        if after.chapter(chapter.slug) is None:
            yield ChapterChange(slug=chapter.slug, title=chapter.title, what="gone", before=chapter.finding)


def _texts(before: Edition, after: Edition, of: Callable[[KeptPage], tuple[str, ...]]) -> Iterable[TextChange]:
    for chapter in after.chapters:
        old = before.chapter(chapter.slug)
        if old is None:
            continue
        was, now = {p.slug: p for p in old.pages}, {p.slug: p for p in chapter.pages}
        for slug in dict.fromkeys([*now, *was]):
            a, b = was.get(slug), now.get(slug)
            removed, added = _edited(of(a) if a else (), of(b) if b else ())
            if removed or added:
                page = b or a
                assert page is not None
                yield TextChange(chapter=chapter.title, page=page.title, removed=removed, added=added)


def _edited(before: tuple[str, ...], after: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    removed: list[str] = []
    added: list[str] = []
    for kind, a, b, c, d in difflib.SequenceMatcher(a=before, b=after, autojunk=False).get_opcodes():
        if kind != "equal":
            removed += before[a:b]
            added += after[c:d]
    return tuple(removed), tuple(added)


def _definitions(before: Edition, after: Edition) -> Iterable[DefinitionChange]:
    for measure in after.measures:
        old = before.measure(measure.id)
        for what in _DEFINED if old is not None else ():
            was, now = _said(getattr(old, what)), _said(getattr(measure, what))
            if was != now:
                yield DefinitionChange(indicator=measure.id, name=measure.name, what=what, before=was, after=now)


def _said(value: Any) -> str:
    return value if isinstance(value, str) else " ".join(value)


def _standings(before: Edition, after: Edition) -> Iterable[StandingChange]:
    was = {(s.indicator, s.name): s for s in before.standings}
    for standing in after.standings:
        old = was.get((standing.indicator, standing.name))
        if old is not None and old.word != standing.word:
            yield StandingChange(
                indicator=standing.indicator, name=standing.name, before=old.word, after=standing.word, value_before=old.value, value=standing.value,
                period_before=old.period, period=standing.period, because=standing.because,
            )  # fmt: skip
