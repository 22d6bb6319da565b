"""The linked panels as they stand before any script runs: the first choice, drawn by the panels of a chapter, with the figures for the scripts beside them."""

from __future__ import annotations

from functools import cached_property
from typing import Any, Final

from attrs import evolve, frozen

from jsnakit.publish import scripts
from jsnakit.publish.linked.cube import MISSING, pack
from jsnakit.publish.linked.view import Choice, View
from jsnakit.publish.panels import (
    FIFTHS,
    BarRow,
    Box,
    Cell,
    Figure,
    Mark,
    Panel,
    RankedBars,
    RankedIntervals,
    Reference,
    Shape,
    Spine,
    SpineGroup,
    SpineRow,
    Trend,
    Verdict,
    figure,
)
from jsnakit.publish.panels._leaders import Callout, Coast, callouts
from jsnakit.publish.panels._markup import Safe, el, short_id
from jsnakit.publish.panels._svg import scaled
from jsnakit.publish.panels.geometry import Frame, outline

__all__ = ["FIRST", "Dashboard", "fill_of"]

FIRST: Final = 30
"""How many rows of the ranking stand open."""

WIDTH: Final = 500.0
_INSET: Final = 200.0

_FILLS: Final = {
    **{v: f"{n}" for n, v in enumerate(FIFTHS, 1)},
    Verdict.WORSE: "1", Verdict.SIMILAR: "3", Verdict.BETTER: "5", Verdict.LOWER: "lower", Verdict.HIGHER: "higher", Verdict.NOT_JUDGED: "none", Verdict.NO_DATA: "0",
}  # fmt: skip


def fill_of(verdict: Verdict) -> str:
    """The ending of the class that fills an area: `1` (the worst, striped) to `5`, `lower`, `higher`, `none` (not judged) and `0` (no data, hatched)."""
    return _FILLS[verdict]


@frozen(eq=False)
class Dashboard(Panel):
    """A view drawn for its first choice. `shapes` are the outlines of the map (none: no map), `inset` the part of it drawn larger; `trend` false leaves the trend out."""

    view: View
    choice: Choice
    shapes: tuple[Shape, ...] = ()
    inset: tuple[str, Box] | None = None
    trend: bool = True
    note: str = ""

    # -- the first state -------------------------------------------------------------------------------------------------------------

    @property
    def period(self) -> int:
        """The period that is shown first."""
        return self.view.period_of(self.choice.indicator, self.choice.area, self.choice.period)

    def title(self) -> str:
        """The measure, its unit and the period: what every panel but the spine shows."""
        i = self.view.indicators[self.choice.indicator]
        return f"{i.name}{f', {i.after}' if i.after else ''}, {self.view.periods[self.period].label}"

    def body(self) -> str:
        """The panels, and the figures that scripts read."""
        return self._body

    @cached_property
    def _body(self) -> Safe:
        packed = pack(self.view.cube)
        name = short_id("linked", packed.text, self.choice, [a.code for a in self.view.areas])[3:]
        coast = self._coast()
        head = self.view.head(self.choice.area, coast) | {
            "cube": packed.head(), "first": FIRST, "fills": {v.value: n for v, n in _FILLS.items()}, "choice": [self.choice.indicator, self.choice.compare],
            "map": [round(n, 1) for n in (self._frame.width, self._frame.height)] if self.shapes else None,
        }  # fmt: skip
        judged = self.view.verdict(self.choice.indicator, self.period, self.choice.area, self.choice.compare)
        parts = [
            el("div", {"class": "jd-bar", "hidden": True, "role": "group", "aria-label": "Choose what is shown"}),
            el("p", "jd-key", Mark(judged).icon(), el("span", "jd-keywords", self.view.sentence(self.choice))),
            el("p", {"class": "jd-chips", "hidden": True}),
            el("p", "jd-note", self.note) if self.note else None,
            el("div", "jd-cols" + ("" if self.shapes else " jd-cols-one"), self._places(name), self._ranked()),
            self._through_time() if self.trend else None,
            self._measures(),
            # Made by scripts alone: it is the reader's own choice.
            el("section", {"class": "jd-report", "hidden": True, "aria-label": "Build a report"}),
            scripts.embedded(f"linked-{name}", head),
            el("script", {"type": "application/octet-stream", "id": f"jk-cube-{name}"}, Safe(packed.text)),
        ]
        return el("div", {"class": "jd", "id": f"jd-{name}", "data-linked": name}, *parts)

    def _heading(self, of: str, words: str) -> Safe:
        return el("h3", f"jd-h3 jd-h3-{of}", words)

    # -- map -------------------------------------------------------------------------------------------------------------------------

    @property
    def _frame(self) -> Frame:
        return Frame.fit(Box.around(s.box for s in self.shapes), WIDTH)

    def _coast(self) -> list[Any]:
        """The westmost and eastmost land in strips of the picture, for the label of whichever area is chosen."""
        if not self.shapes:
            return []
        coast = Coast.of(self.shapes, self._frame)
        return [[None if x is None else round(x) for x in side] for side in (coast.west, coast.east)]

    def _places(self, name: str) -> Safe:
        key = el("ul", "jd-legend", *(self._legend(name, *entry) for entry in self.view.counts(self.choice, self.period)))
        parts: list[Safe | None] = [self._heading("map", self.title()), key]
        if self.shapes:
            parts.append(el("div", "jd-map", self._map(name, self._frame, "")))
            if self.inset:
                title, box = self.inset
                frame = Frame.fit(box, _INSET)
                parts.append(el("figure", "jd-inset", el("figcaption", "jk-maptitle", title), self._map(name, frame, title)))
        return el("section", {"class": "jd-places", "aria-label": "By area"}, *parts)

    def _legend(self, name: str, verdict: Verdict, n: int, span: str) -> Safe:
        swatch = el(
            "svg",
            {"class": "jk-swatchbox", "viewBox": "0 0 26 16", "width": 26, "height": 16, "aria-hidden": "true", "focusable": "false"},
            scaled(el("rect", {**self._filled(name, verdict), "x": 5, "y": 5, "width": 250, "height": 150}), el("rect", {"class": "jk-swatch", "fill": "none", "x": 5, "y": 5, "width": 250, "height": 150})),
        )  # fmt: skip
        words = (el("span", "jk-key-word", Mark(verdict).word), el("span", "jk-key-range", span), el("span", "jd-count", f"{n:,}"))
        return el("li", {"data-verdict": verdict.value}, swatch if self.shapes else None, Mark(verdict).icon(), *words)

    @staticmethod
    def _filled(name: str, verdict: Verdict, part: str = "") -> dict[str, object]:
        """How an area is filled: by class, or by a pattern that is stripes on the fill (the worst) or a thin hatch (no data)."""
        n = fill_of(verdict)
        return {"class": "jd-area", "fill": f"url(#{name}{part}-{n})"} if n in ("0", "1") else {"class": f"jd-area jk-fill-{n}"}

    def _map(self, name: str, frame: Frame, title: str) -> Safe:
        view, part = self.view, "-i" if title else ""
        at = {a.code: k for k, a in enumerate(view.areas)}
        paths = []
        for shape in sorted((s for s in self.shapes if s.code in at and s.box.meets(frame.box)), key=lambda s: at[s.code]):
            k = at[shape.code]
            verdict = view.verdict(self.choice.indicator, self.period, k, self.choice.compare)
            words = f"{shape.name}: {view.figure(self.choice.indicator, self.period, k).text}, {Mark(verdict).word.lower()}"
            paths.append(el("path", {**self._filled(name, verdict, part), "data-a": k, "d": outline(shape, frame)}, el("title", None, words)))
        rest = [
            el("path", {"class": "jd-area jk-fill-none", "d": outline(s, frame)}) for s in self.shapes if s.code not in at and s.box.meets(frame.box)
        ]
        areas = el("g", {"id": f"{name}{part}-areas"}, *rest, *paths)
        own = next((s for s in self.shapes if s.code == view.areas[self.choice.area].code and s.box.meets(frame.box)), None)
        halo = [el("path", {"class": css, "d": outline(own, frame)}) for css in ("jk-own-halo", "jk-own-line")] if own else []
        label = self._label(own, frame) if own and not title else None
        said = f"{self.title()}, by area{f': {title}' if title else ''}"
        box = {
            "class": f"jk-svg jk-map{' jk-inset' if title else ''}",
            "viewBox": f"0 0 {frame.width:g} {frame.height:.1f}",
            "width": frame.width,
            "role": "img",
            "aria-label": said,
        }
        return el(
            "svg", box, _patterns(f"{name}{part}"),
            scaled(el("g", "jk-coast", el("use", {"href": f"#{name}{part}-areas"})), el("g", "jk-fills", areas), el("g", "jd-own", *halo)), el("g", "jd-label", label),
        )  # fmt: skip

    def _label(self, own: Shape, frame: Frame) -> Safe:
        x, y = frame.at(own.label_x, own.label_y)
        i = self.view.indicators[self.choice.indicator]
        shown = self.view.figure(self.choice.indicator, self.period, self.choice.area)
        words = shown.text if shown.missing else f"{shown.text}{i.behind}"
        return callouts([Callout(x, y, self.view.areas[self.choice.area].name, words, 5.0)], Coast.of(self.shapes, frame), frame.height)

    # -- ranking ---------------------------------------------------------------------------------------------------------------------

    def reference(self) -> Reference | None:
        """The line through the ranking."""
        view, c = self.view, self.choice
        number = view.reference(c.indicator, self.period, c.compare, c.area)
        if number == MISSING:
            return None
        name = f"Middle of {view.of(c.indicator, self.period):,}:" if c.compare == "middle" else f"{view.reference_name(c.compare, c.area)}:"
        return Reference(name, view.number(c.indicator, number) or 0.0, view.text(c.indicator, number))

    def ranking(self) -> RankedBars | RankedIntervals:
        """Every area, highest first: intervals where every figure has one, else bars from zero."""
        view, c, p = self.view, self.choice, self.period
        i = view.indicators[c.indicator]
        rows = []
        for a in view.ranked(c, p):
            verdict = view.verdict(c.indicator, p, a, c.compare)
            mark = None if verdict is Verdict.NO_DATA else Mark(verdict)
            rows.append(BarRow(view.areas[a].code, view.areas[a].name, view.figure(c.indicator, p, a), mark))
        own, line = view.areas[c.area].code, self.reference()
        rule = view.judged_by(c.indicator, p, c.compare)
        heading = "Fifth" if rule == "fifths" else "Than England" if rule == "england" else "Than the region"
        if view.has_intervals(c.indicator, p):
            return RankedIntervals(tuple(rows), own, i.unit, line, verdict_heading=heading, first=FIRST, noun=view.noun, decimals=i.decimals)
        return RankedBars(tuple(rows), own, i.unit, (line,) if line else (), verdict_heading=heading, first=FIRST, noun=view.noun)

    def _ranked(self) -> Safe:
        return el(
            "section", {"class": "jd-ranking", "aria-label": "In order"}, self._heading("ranked", f"{self.view.noun.capitalize()} in order, highest first"),
            el("div", "jd-ranked", Safe(self.ranking().body())),
        )  # fmt: skip

    # -- trend -----------------------------------------------------------------------------------------------------------------------

    def over_time(self) -> Trend:
        """The area period by period, the point of each its verdict, with the comparator's line and the middle three fifths."""
        view, c = self.view, self.choice
        i = view.indicators[c.indicator]
        held = view.known_periods(c.indicator)

        def of(which: str) -> list[int]:
            return [view.reference(c.indicator, p, which, c.area) for p in held]

        def known(number: int) -> Figure:
            return figure(view.number(c.indicator, number), i.unit, i.decimals)

        marks = [view.verdict(c.indicator, p, c.area, c.compare) for p in held]
        return Trend(
            i.name, i.after or ("%" if i.unit == "%" else ""), view.areas[c.area].name, tuple(view.periods[p].label for p in held),
            tuple(view.figure(c.indicator, p, c.area) for p in held), tuple(known(n) for n in of(c.compare)),
            tuple(view.number(c.indicator, n) for n in of("low")), tuple(view.number(c.indicator, n) for n in of("high")),
            times=tuple(float(view.periods[p].at) for p in held), marks=tuple(None if m is Verdict.NO_DATA else Mark(m) for m in marks),
            middle_name=view.reference_name(c.compare, c.area) if c.compare != "middle" else "middle authority",
        )  # fmt: skip

    def _through_time(self) -> Safe:
        trend = self.over_time()
        i = self.view.indicators[self.choice.indicator]
        return el(
            "section", {"class": "jd-trending", "aria-label": "Over time"}, self._heading("trend", f"{self.view.areas[self.choice.area].name} over time: {i.name}"),
            el("div", "jd-trend", Safe(trend.body()), Safe(trend.twin())),
        )  # fmt: skip

    # -- spine -----------------------------------------------------------------------------------------------------------------------

    def spine(self) -> Spine:
        """Every measure of the area at its last new figure, no later than the period shown."""
        view, c = self.view, self.choice
        until = len(view.periods) - 1 if c.period is None else c.period
        groups = tuple(
            SpineGroup(name, tuple(self._spine_row(k, until) for k, i in enumerate(view.indicators) if i.group == g))
            for g, name in enumerate(view.groups)
        )
        of = max((view.of(k, i.latest) for k, i in enumerate(view.indicators)), default=1)
        return Spine(view.areas[c.area].name, of, groups, caption=f"{view.areas[c.area].name}, {len(view.indicators)} measures")

    def _spine_row(self, k: int, until: int) -> SpineRow:
        view, a = self.view, self.choice.area
        i = view.indicators[k]
        p = view.last_new(k, a, until)
        if p is None:
            return SpineRow(i.name, i.after, figure(None), figure(None), None, Mark(Verdict.NO_DATA), "")
        rank = view.rank(k, p, a)
        middle = figure(view.number(k, view.reference(k, p, "middle")), i.unit, i.decimals)
        verdict = view.verdict(k, p, a, "middle")
        shown = evolve(view.figure(k, p, a), lower=None, upper=None)
        year = view.periods[p].label
        return SpineRow(
            i.name, i.after, shown, middle, rank[0] if rank else None, Mark(verdict), year, ties=rank[1] if rank else 1, of=view.of(k, p), place="" if rank else Mark(Verdict.NOT_JUDGED).word
        )  # fmt: skip

    def _measures(self) -> Safe:
        return el(
            "section", {"class": "jd-measures", "aria-label": "Every measure"},
            self._heading("spine", f"{self.view.areas[self.choice.area].name} on every measure, by fifth"), el("div", "jd-spine", Safe(self.spine().body())),
        )  # fmt: skip

    # -- paper -----------------------------------------------------------------------------------------------------------------------

    def parts(self) -> tuple[tuple[str, Panel], ...]:
        """The panels that it is on paper, as they stand before a choice is made; the map is for choosing, and is left out."""
        i = self.view.indicators[self.choice.indicator]
        shown: list[tuple[str, Panel]] = [(f"{self.title()}: {self.view.noun} in order, highest first", self.ranking())]
        shown += [(f"{self.view.areas[self.choice.area].name} over time: {i.name}", self.over_time())] if self.trend else []
        return (*shown, (f"{self.view.areas[self.choice.area].name} on every measure, by fifth", self.spine()))

    # -- download --------------------------------------------------------------------------------------------------------------------

    def data(self) -> tuple[tuple[str, ...], tuple[tuple[Cell, ...], ...]]:
        """The ranking that is shown first, for a CSV file; every other figure is in the file of observations."""
        return self.ranking().data()


def _patterns(name: str) -> Safe:
    """The striped fill of the worst and the thin hatch of no data, in tenths of a pixel: a fill of its own, so that an area is one path."""
    box = {"patternUnits": "userSpaceOnUse", "patternTransform": "rotate(45)"}
    return el(
        "defs", None,
        el("pattern", {"id": f"{name}-1", "width": 48, "height": 48, **box}, el("rect", {"class": "jk-fill-1", "width": 48, "height": 48}), el("path", {"class": "jk-stripe", "d": "M24 0V48"})),
        el("pattern", {"id": f"{name}-0", "width": 40, "height": 40, **box}, el("rect", {"class": "jk-fill-0", "width": 40, "height": 40}), el("path", {"class": "jk-thin", "d": "M20 0V40"})),
    )  # fmt: skip
