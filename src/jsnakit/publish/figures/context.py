"""What every figure is built with: the data of one build, asked once, and the notes that stand beside a figure."""

from __future__ import annotations

import datetime as dt
import fnmatch
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from attrs import evolve, field, frozen

from jsnakit import geography
from jsnakit.chapters import Figure as FigureBlock
from jsnakit.chapters import Options
from jsnakit.chapters.options import Specialties
from jsnakit.errors import ChapterError, CoverageError, NoDataError, UnknownAreaError, UnknownIndicatorError, UnknownTargetError
from jsnakit.model import AREA_TYPES, Area, Indicator, Period
from jsnakit.observations import PUBLISHED_PREFIX
from jsnakit.publish._words import count, day, licence_words, listed, span
from jsnakit.publish.data import Citation, Data, SiteInfo
from jsnakit.publish.figures.standing import Standing, standing
from jsnakit.publish.panels import Box, Dated, Drawing, Panel, Shape, Verdict

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["BOUNDARIES", "Absent", "Built", "Context", "Notes", "SubPage", "withheld"]

BOUNDARIES: Final = "Source: Office for National Statistics licensed under the Open Government Licence v3.0. Contains OS data \u00a9 Crown copyright and database right 2025."
"""The attribution of every map."""


_FIGURES: Final = ("value", "lower", "upper", "value_min", "value_max", "count", "denominator")


def withheld(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows without a single figure where the value is suppressed: a limit, a bound, a count or what the publisher computed can give away what was hidden.

    Every frame passes here before anything of a page, a picture or a download is made of it.
    """
    if "status" not in frame.columns or not (hidden := frame["status"] == "suppressed").any():
        return frame
    kept = frame.copy()
    for column in kept.columns:
        if column in _FIGURES or column.startswith(PUBLISHED_PREFIX):
            kept[column] = kept[column].where(~hidden)
    return kept


class Absent(Exception):  # noqa: N818  # nothing is wrong: the area has no figures, and the page says so
    """A figure cannot be drawn for this area; the text says why, in words for the page. Never leaves this package."""


@frozen(kw_only=True)
class Notes:
    """What stands beside a figure, never behind a hover. `cited` are the publishers' files; without one there is no figure."""

    question: str = ""
    how_to_read: str = ""
    take_care: tuple[str, ...] = ()
    cited: tuple[Citation, ...] = ()
    period: str = ""
    licence: str = ""
    boundaries: str = ""
    more: tuple[tuple[str, str], ...] = ()


@frozen(kw_only=True, eq=False)
class SubPage:
    """A page that a figure brings with it (one a specialty): its name, title, first sentence and figures."""

    slug: str
    title: str
    built: tuple[Built, ...]
    group: str = ""


@frozen(kw_only=True, eq=False)
class Built:
    """A figure ready for its page. `rows` are the observations behind it (for the CSV); `absent` says why there is no figure.

    `banner` figures (headline, key figures) have no head of their own; a headline also gives `lede` and `tally`.
    """

    kind: str
    finding: str
    subtitle: str = ""
    panel: Panel | None = None
    notes: Notes = Notes()
    rows: pd.DataFrame | None = None
    absent: str = ""
    lede: str = ""
    tally: tuple[tuple[Verdict, int, str], ...] = ()
    tally_note: str = ""
    period: tuple[Period, ...] = ()
    pages: tuple[SubPage, ...] = ()
    key: str = ""
    line: int = 0

    @property
    def drawing(self) -> Drawing | None:
        """The panel, where it is a picture."""
        return self.panel if isinstance(self.panel, Drawing) else None


@frozen(eq=False)
class Context:
    """One build's data, with what was asked of it. `figure` is the block being built, `file` the chapter it stands in."""

    data: Data
    site: SiteInfo
    figure: FigureBlock
    file: str = ""
    address: str = ""
    specialties: Specialties | None = None
    _cache: dict[Any, Any] = field(factory=dict)

    @property
    def place(self) -> Area:
        """The area of the assessment."""
        return self.data.place

    @property
    def name(self) -> str:
        """The area's name."""
        return self.place.name or self.place.code

    @property
    def options(self) -> Options:
        """What the author asked for."""
        return self.figure.options

    def for_figure(self, figure: FigureBlock, file: str, address: str, specialties: Specialties | None = None) -> Context:
        """The same data for another figure; answers are shared. `specialties` are those of its chapter, so that a map can lead to their pages."""
        return evolve(self, figure=figure, file=file, address=address, specialties=specialties)

    def once(self, key: Any, make: Callable[[], Any]) -> Any:
        """The answer to a question, asked once a build."""
        if key not in self._cache:
            self._cache[key] = make()
        return self._cache[key]

    # -- measures --------------------------------------------------------------------------------------------------------------------

    def indicator(self, name: str) -> Indicator:
        """A measure by id. Raises `ChapterError` at the figure's line for one there is not, `Absent` where its whole source is not at hand."""
        try:
            return self.data.indicator(name)
        except UnknownIndicatorError as error:
            if not error.suggestions and not self._answers_for(name.partition(".")[0]):
                raise Absent(
                    f"No figures are at hand for this: no pack and no source that this assessment uses answers for \u201c{name}\u201d."
                ) from error
            close = error.suggestions[0] if error.suggestions else None
            raise self.mistake(error.message, hint=error.hint, nearest=close) from error

    def _answers_for(self, source: str) -> bool:
        """Whether anything is known of a source: an id of a known one is misspelt, an id of an unknown one is merely not here."""
        every = self.once("indicators", lambda: tuple(self.data.indicators()))
        return any(i.id.startswith(f"{source}.") for i in every)

    def measures(self, patterns: Sequence[str]) -> list[Indicator]:
        """Measures by id or pattern (`healthindex.*`; `!` before a pattern takes away), in the order given, then by name."""
        try:
            return chosen_measures(patterns, lambda: self.once("indicators", lambda: tuple(self.data.indicators())), self.indicator)
        except NoDataError as error:
            raise self.mistake(error.message, hint=error.hint) from error

    def check_target(self, name: str) -> Any:
        """A target by id. Raises `ChapterError` at the figure's line for one there is not."""
        try:
            return self.data.target(name)
        except UnknownTargetError as error:
            raise self.mistake(error.message, hint=error.hint, nearest=error.suggestions[0] if error.suggestions else None) from error

    def dated(self, periods: Sequence[Period], times: Sequence[float], *, at_end: bool = False) -> tuple[Dated, ...]:
        """The author's dated notes that fall into the periods shown, in order. The point of a period stands for its middle, or for its last day where figures are `at_end`."""
        found = []
        for number, note in enumerate(sorted(getattr(self.options, "notes", ()), key=lambda n: (n.date, n.text)), 1):
            i = next((i for i in reversed(range(len(periods))) if periods[i].start <= note.date), None)
            if i is None or note.date > periods[-1].end:
                continue
            after = periods[i + 1].start if i + 1 < len(periods) else periods[i].end + dt.timedelta(days=1)
            share = (note.date - periods[i].start).days / max(1, (after - periods[i].start).days)
            near = min(i, len(times) - 2)
            step = times[near + 1] - times[near] if near >= 0 else 0.0
            at = times[i] + (share - (1.0 if at_end else 0.5)) * step
            found.append(Dated(day(note.date), note.text, at, i, number))
        return tuple(found)

    def undated(self, drawn: Iterable[Dated]) -> list[str]:
        """What to say of the dated notes that lie outside the figures."""
        shown = {(d.day, d.text) for d in drawn}
        left = [f"{day(n.date)}: {n.text}" for n in getattr(self.options, "notes", ()) if (day(n.date), n.text) not in shown]
        return [f"Not marked, as it lies outside these figures: {text}." for text in left]

    def mistake(self, message: str, *, hint: str | None = None, nearest: str | None = None) -> ChapterError:
        """A mistake of the author, with its place."""
        where = f"{self.file}, line {self.figure.line}: " if self.file else ""
        return ChapterError(f"{where}{message}", hint=hint, file=self.file or None, line=self.figure.line or None, nearest=nearest)

    def observe(
        self, names: Iterable[str], *, area_type: str | None = None, areas: tuple[Area, ...] | None = None, breakdowns: tuple[str, ...] = ()
    ) -> pd.DataFrame:
        """The observations, asked once. Raises `Absent` with the reason where there are none."""
        asked = tuple(sorted(names))

        def ask() -> Any:
            try:
                return withheld(self.data.observe(*asked, areas=areas, area_type=area_type, breakdowns=breakdowns))
            except (NoDataError, CoverageError) as error:
                return error

        answer = self.once(("observe", asked, area_type, areas, breakdowns), ask)
        if isinstance(answer, NoDataError):
            raise Absent(_sentence(answer.message))
        frame: pd.DataFrame = answer
        return frame

    # -- the place among its like ----------------------------------------------------------------------------------------------------

    def type_for(self, indicator: Indicator) -> str:
        """The area type under which a measure is published for the place. Raises `Absent` where it is for none of its types."""
        if not indicator.area_types or self.place.type in indicator.area_types:
            return self.place.type
        both = ("ltla", "utla")
        codes = {a.code for t in both for a in geography.areas(t) if a.code == self.place.code} if self.place.type in both else set()
        for other in both:
            if codes and other in indicator.area_types and self._has_type(other):
                return other
        raise Absent(self._why_type(indicator, f"{indicator.name} is"))

    def _why_type(self, indicator: Indicator, what: str) -> str:
        """Why a measure has nothing for the place's type, and where to look instead."""
        published = listed([self.plural(t) for t in indicator.area_types])
        own = AREA_TYPES[self.place.type].name if self.place.type in AREA_TYPES else self.place.type
        text = f"{what} published for {published}; {self.name} is {_article(own)} {own}."
        if self.place.type == "utla" and "ltla" in indicator.area_types and geography.children(self.place, "ltla"):
            text += " Its districts have figures of their own."
        return text

    def _has_type(self, area_type: str) -> bool:
        return any(a.code == self.place.code for a in geography.areas(area_type))

    def rows_of(self, indicators: Sequence[Indicator]) -> tuple[pd.DataFrame, str]:
        """All areas' rows of some measures, and the area type they are for: that of the first measure the place's type has."""
        kinds = [(i, self._type_or_reason(i)) for i in indicators]
        usable = [(i, kind) for i, kind in kinds if not isinstance(kind, Absent)]
        if not usable:
            reason = next(kind for _, kind in kinds if isinstance(kind, Absent))
            raise reason if len(indicators) == 1 else Absent(self._why_type(indicators[0], "These measures are"))
        area_type = str(usable[0][1])
        return self.observe((i.id for i, kind in usable if kind == area_type), area_type=area_type), area_type

    def _type_or_reason(self, indicator: Indicator) -> str | Absent:
        try:
            return self.type_for(indicator)
        except Absent as reason:
            return reason

    def standings(self, indicators: Sequence[Indicator]) -> tuple[dict[str, Standing], pd.DataFrame]:
        """The place's standing on each measure, and all rows. Raises `Absent` where it has no figure in any of them."""
        rows, area_type = self.rows_of(indicators)
        found = {i.id: s for i in indicators if (s := self._standing(i, rows, area_type)) is not None}
        if not found:
            raise Absent(self.why_absent(rows, area_type))
        return found, rows

    def _standing(self, indicator: Indicator, rows: pd.DataFrame, area_type: str) -> Standing | None:
        """The standing on one measure, found once a build."""
        answer: Standing | None = self.once(
            ("standing", indicator.id, area_type), lambda: standing(rows[rows["indicator"] == indicator.id], indicator, self.place.code)
        )
        return answer

    def why_absent(self, rows: pd.DataFrame, area_type: str) -> str:
        """Why a series has nothing for the place: no such code in it, or no figure published."""
        kind = self.plural(area_type)
        if (rows["area"] == self.place.code).any():
            return f"No figure is published for {self.name}."
        last = rows["period_start"].max()
        text = f"These figures end in {last.year} and are for the {kind} of that time; {self.name} ({self.place.code}) is not among them."
        begun = self.place.valid_from
        if begun is not None and begun > last.date():
            text += f" It has had this code since {day(begun)}."
            held = set(rows["area"])
            steps = geography.predecessors(Area("gss", area_type, self.place.code), scheme="gss")
            names = sorted({r.from_area.name for r in steps if r.from_area.code in held and r.from_area.name not in ("", self.name)})
            if names:
                was = "Before it there was" if len(names) == 1 else "Before it there were"
                text += f" {was} {listed(names)}: {'its' if len(names) == 1 else 'their'} figures are in the series under {'its' if len(names) == 1 else 'their'} own {'code' if len(names) == 1 else 'codes'}."
        return text

    def region(self) -> Area | None:
        """The region the place lies in."""
        found: tuple[Area, ...] = self.once("region", lambda: geography.parents(self.place, "region"))
        return found[0] if found else None

    def members(self, codes: Iterable[str], area_type: str) -> set[str]:
        """Which of the codes lie, or lay on their last day, in the place's region."""
        region = self.region()
        if region is None:
            return set()

        def inside(code: str) -> bool:
            try:
                area = geography.get(code, type=area_type)
            except UnknownAreaError:
                return False
            return any(p.code == region.code for p in geography.parents(area, "region"))

        found: set[str] = self.once(("members", area_type, tuple(sorted(codes))), lambda: {c for c in codes if inside(c)})
        return found

    def area_name(self, code: str, area_type: str) -> str:
        """The name of an area, shortened for nobody."""
        return self.data.area_name(code, area_type)

    def plural(self, area_type: str) -> str:
        """What areas of a type are called together, in full: "lower-tier local authorities", or the council's own "localities"."""
        known = self.data.area_type(area_type)
        return known.plural if known is not None else area_type

    # -- maps ------------------------------------------------------------------------------------------------------------------------

    def shapes(self, area_type: str, codes: Iterable[str] | None = None) -> tuple[tuple[Shape, ...], dt.date | None]:
        """The outlines that fit the codes of a series (today's without any), and the day they are of. Raises `Absent` where there are none."""
        wanted = None if codes is None else frozenset(codes)
        answer: tuple[tuple[Shape, ...], dt.date | None] = self.once(("shapes", area_type, wanted), lambda: self._shapes(area_type, wanted))
        return answer

    def _shapes(self, area_type: str, wanted: frozenset[str] | None) -> tuple[tuple[Shape, ...], dt.date | None]:
        try:
            rows = self.data.shapes(area_type).to_pylist()
        except NoDataError as error:
            raise Absent(_sentence(error.message)) from error
        # The day on which most of the codes are valid: a series is drawn on the boundaries it was made for.
        days = sorted({r["valid_from"] for r in rows if r["valid_from"]} | {r["valid_to"] for r in rows if r["valid_to"]})
        best: tuple[int, dt.date | None] = (-1, None)
        for when in [*days, None]:
            held = [r for r in rows if _valid(r, when)]
            fit = sum(r["area"] in wanted for r in held) - sum(r["area"] not in wanted for r in held) if wanted is not None else int(when is None)
            if fit > best[0] or best == (-1, None):
                best = (fit, when)
        chosen = [r for r in rows if _valid(r, best[1])]
        made = tuple(
            Shape(r["area"], r["name"], r["path"], Box(r["x_min"], r["y_min"], r["x_max"], r["y_max"]), r["label_x"], r["label_y"]) for r in chosen
        )
        return made, best[1]

    # -- notes -----------------------------------------------------------------------------------------------------------------------

    def notes(
        self,
        indicators: Sequence[Indicator],
        rows: pd.DataFrame,
        *,
        how_to_read: str,
        question: str = "",
        take_care: Sequence[str] = (),
        boundaries: str = "",
    ) -> Notes:
        """The notes of a figure: its question, the caveats of its measures, and where its rows came from. Raises `Absent` where no source can be named."""
        cited = self.cite(rows)
        if not cited:
            raise Absent("These figures do not say where they came from, so they are not shown.")
        cares = [self.options.take_care, *take_care, *_shared_caveats(indicators)]
        licences = dict.fromkeys(licence_words(c.licence) for c in cited if c.licence)
        for i in indicators:
            licences.setdefault(licence_words(i.licence)) if i.licence else None
        return Notes(
            question=self.options.question or question or (indicators[0].question if len(indicators) == 1 else ""),
            how_to_read=how_to_read,
            take_care=tuple(dict.fromkeys(c for c in cares if c)),
            cited=cited,
            period=period_words(rows),
            licence=listed(list(licences)) or "not stated",
            boundaries=boundaries,
        )

    def cite(self, rows: pd.DataFrame) -> tuple[Citation, ...]:
        """The publishers' files behind some rows."""
        keys = sorted({key for origin in rows["origin"].dropna().unique() for key in str(origin).split()})
        answer: tuple[Citation, ...] = self.once(("cite", tuple(keys)), lambda: tuple(sorted(set(self.data.citations(keys)))))
        return answer


def chosen_measures(patterns: Sequence[str], every: Callable[[], Iterable[Indicator]], one: Callable[[str], Indicator]) -> list[Indicator]:
    """Measures by id or pattern (`healthindex.*`; `!` before a pattern takes away), in the order given, then by name. Raises `NoDataError` for a pattern that nothing fits."""
    found: dict[str, Indicator] = {}
    for pattern in patterns:
        if pattern.startswith("!"):
            found = {k: v for k, v in found.items() if not fnmatch.fnmatchcase(k, pattern[1:])}
        elif "*" in pattern:
            hits = sorted((i for i in every() if fnmatch.fnmatchcase(i.id, pattern)), key=lambda i: i.name)
            if not hits:
                raise NoDataError(f"no measure is called {pattern!r}", hint="`jsnakit indicators` lists them", available=())
            found |= {i.id: i for i in hits if i.id not in found}
        else:
            found.setdefault(pattern, one(pattern))
    return list(found.values())


def _valid(row: Mapping[str, Any], when: dt.date | None) -> bool:
    if when is None:
        return row["valid_to"] is None
    return (row["valid_from"] is None or row["valid_from"] <= when) and (row["valid_to"] is None or when <= row["valid_to"])


def _shared_caveats(indicators: Sequence[Indicator]) -> list[str]:
    """All caveats of one measure; of several, those that they share, and where the others stand."""
    if not indicators:
        return []
    if len(indicators) == 1:
        return list(indicators[0].caveats)
    common = [c for c in indicators[0].caveats if all(c in i.caveats for i in indicators)]
    own = sum(any(c not in common for c in i.caveats) for i in indicators)
    if not own:
        return common
    who = (
        "Each of these measures has caveats of its"
        if own == len(indicators)
        else f"{count(own, first=True)} of these {len(indicators)} measures {'has caveats of its' if own == 1 else 'have caveats of their'}"
    )
    return [*common, f"{who} own: read the definition before using a figure."]


def period_words(rows: pd.DataFrame) -> str:
    """The span of some rows in words."""
    from jsnakit.publish.figures.standing import period_of

    ordered = rows.drop_duplicates(["period_start", "period_duration"]).sort_values("period_start")
    if ordered.empty:
        return ""
    return span(period_of(ordered.iloc[0]), period_of(ordered.iloc[-1]))


def _article(word: str) -> str:
    return "an" if word[:1] in "aeiou" else "a"


def _sentence(message: str) -> str:
    text = message.strip()
    return f"{text[:1].upper()}{text[1:]}" + ("" if text.endswith((".", "?", "!")) else ".")
