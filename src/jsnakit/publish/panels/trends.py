"""One measure through time, and many side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from attrs import field, frozen

from jsnakit.errors import InvalidValueError
from jsnakit.publish.panels._markup import Safe, el, href_of, join
from jsnakit.publish.panels._parts import twin_table, value
from jsnakit.publish.panels._svg import drawing, standalone, text, text_width
from jsnakit.publish.panels.bars import Reference, nice_ticks
from jsnakit.publish.panels.base import Cell, Drawing, Figure, number_text
from jsnakit.publish.panels.marks import Gap, Mark, symbol

__all__ = ["Dated", "SmallMultiples", "Trend"]

_REPEATED: Final = (Gap.CARRIED_FORWARD, Gap.ESTIMATED)


@frozen
class _Plot:
    """Where time and value stand on the picture."""

    left: float
    right: float
    top: float
    bottom: float
    low: float
    high: float
    times: tuple[float, ...]

    def x(self, i: int) -> float:
        return self.x_at(self.times[i])

    def x_at(self, time: float) -> float:
        first, last = self.times[0], self.times[-1]
        share = (min(max(time, first), last) - first) / (last - first) if last > first else 0.5
        return self.left + share * (self.right - self.left)

    def y(self, number: float) -> float:
        return self.bottom - (number - self.low) / (self.high - self.low) * (self.bottom - self.top)


@frozen
class Dated:
    """Something that happened: the day as printed, the words, where it stands on the axis of `times`, the position of the period it falls into, and its number among all."""

    day: str
    text: str
    at: float
    period: int
    number: int = 1

    def __str__(self) -> str:
        return f"{self.day}: {self.text}"


@frozen
class Trend(Drawing):
    """The area as an ink line, the middle authority grey, the middle three fifths a band. A gap breaks the line; a carried-forward value is an open circle on a dashed line.

    `notes` are thin lines at what happened when, with their words. With `marks` the point of each period is its verdict. All other tuples are as long as `periods`; `low` and `high` are the
    edges of the band; `times` places the points when they are not evenly spaced.
    Raises `InvalidValueError` where a tuple has another length.
    """

    title: str
    unit: str
    area_name: str
    periods: tuple[str, ...]
    area: tuple[Figure, ...]
    middle: tuple[Figure, ...] = ()
    low: tuple[float | None, ...] = ()
    high: tuple[float | None, ...] = ()
    mark: Mark | None = None
    times: tuple[float, ...] = ()
    middle_name: str = "middle authority"
    band_name: str = "middle three fifths"
    reference: Reference | None = None
    href: str = ""
    notes: tuple[Dated, ...] = ()
    marks: tuple[Mark | None, ...] = ()

    def __attrs_post_init__(self) -> None:
        for name in ("area", "middle", "low", "high", "times", "marks"):
            given = len(getattr(self, name))
            if given != len(self.periods) and (given or name == "area"):
                raise InvalidValueError(
                    f"{name} of the trend {self.title!r} has {given} entries for {len(self.periods)} periods",
                    hint="give one entry a period, null or a missing figure where there is none",
                    value=given,
                )

    @property
    def known(self) -> list[int]:
        """The positions that have a value of the area."""
        return [i for i, f in enumerate(self.area) if f.value is not None]

    def sentence(self) -> str:
        """First and last value in words: what the picture says to those who do not see it."""
        if not self.known:
            return f"{self.area_name}: no figures from {self.periods[0]} to {self.periods[-1]}." if self.periods else f"{self.area_name}: no figures."
        first, last = self.known[0], self.known[-1]
        words = f"{self.area_name}: {self.area[first].text} in {self.periods[first]}"
        words += f", {self.area[last].text} in {self.periods[last]}" if last != first else ""
        gaps = len(self.periods) - len(self.known)
        repeated = [self.periods[i] for i in self.known if self.area[i].gap in _REPEATED]
        words += f"; {', '.join(repeated)} carried forward or estimated" if repeated else ""
        middle = self.middle[last].text if self.middle and not self.middle[last].missing else ""
        words += f". {self.middle_name.capitalize()}: {middle} in {self.periods[last]}" if middle else ""
        words += f". {gaps} of {len(self.periods)} periods have no figure." if gaps else "."
        return words + "".join(f" Marked: {n}." for n in self.notes)

    def _numbers(self) -> list[float]:
        numbers = [f.value for f in (*self.area, *self.middle) if f.value is not None]
        numbers += [v for f in self.area for v in (f.lower, f.upper) if v is not None]
        numbers += [v for v in (*self.low, *self.high) if v is not None]
        return numbers + ([self.reference.value] if self.reference else [])

    def _plot(self, left: float, right: float, top: float, bottom: float, span: tuple[float, float] | None = None) -> _Plot:
        numbers = self._numbers()
        low, high = span or ((min(numbers), max(numbers)) if numbers else (0.0, 1.0))
        if high <= low:
            low, high = low - 1, high + 1
        return _Plot(left, right, top, bottom, low, high, self.times or tuple(float(i) for i in range(len(self.periods))) or (0.0,))

    def _band(self, plot: _Plot) -> list[Safe]:
        if not self.low or not self.high:
            return []
        drawn = []
        for run in _runs([a is not None and b is not None for a, b in zip(self.low, self.high, strict=True)]):
            upper = [f"{plot.x(i):.1f} {plot.y(self.high[i] or 0.0):.1f}" for i in run]
            lower = [f"{plot.x(i):.1f} {plot.y(self.low[i] or 0.0):.1f}" for i in reversed(run)]
            drawn.append(el("path", {"class": "jk-band", "d": "M" + "L".join(upper + lower) + "z"}))
        return drawn

    def _line(self, plot: _Plot, figures: Sequence[Figure], css: str) -> list[Safe]:
        """Straight pieces between neighbours that both have a value: dashed into a repeated one, none across a gap."""
        drawn: list[Safe] = []
        for run in _runs([f.value is not None for f in figures]):
            points = [(plot.x(i), plot.y(figures[i].value or 0.0)) for i in run]
            solid: list[str] = []
            for k, i in enumerate(run):
                here = f"{points[k][0]:.1f} {points[k][1]:.1f}"
                if k and figures[i].gap in _REPEATED:
                    drawn += [_path(css, solid)] if len(solid) > 1 else []
                    drawn.append(_path(f"{css} jk-line-repeated", [f"{points[k - 1][0]:.1f} {points[k - 1][1]:.1f}", here]))
                    solid = [here]
                else:
                    solid.append(here)
            drawn += [_path(css, solid)] if len(solid) > 1 else []
        return drawn

    def _points(self, plot: _Plot, *, every: bool) -> list[Safe]:
        drawn = []
        lonely = {run[0] for run in _runs([f.value is not None for f in self.area]) if len(run) == 1}
        for i in self.known:
            f = self.area[i]
            if f.lower is not None and f.upper is not None:
                drawn.append(
                    el(
                        "line",
                        {
                            "class": "jk-whisker",
                            "x1": f"{plot.x(i):.1f}",
                            "x2": f"{plot.x(i):.1f}",
                            "y1": f"{plot.y(f.lower):.1f}",
                            "y2": f"{plot.y(f.upper):.1f}",
                        },
                    )
                )
            first, last = i == self.known[0], i == self.known[-1]
            if self.marks and (mark := self.marks[i]) is not None and f.gap not in _REPEATED:
                drawn.append(symbol(mark, plot.x(i), plot.y(f.value or 0.0)))
            elif every or first or last or i in lonely or f.lower is not None:
                css = "jk-point-open" if f.gap in _REPEATED else "jk-point"
                drawn.append(el("circle", {"class": css, "cx": f"{plot.x(i):.1f}", "cy": f"{plot.y(f.value or 0.0):.1f}", "r": 4 if last else 2.8}))
        return drawn

    def _lines(self, plot: _Plot, *, every: bool = False) -> list[Safe]:
        middle = self._line(plot, self.middle, "jk-line-middle") if self.middle else []
        return [*self._band(plot), *middle, *self._line(plot, self.area, "jk-line"), *self._points(plot, every=every)]

    def _dated(self, plot: _Plot, *, words: bool) -> list[Safe]:
        """A thin line at each day something happened: with its words above the figures where there is room, else with its number."""
        middle = (plot.left + plot.right) / 2
        at = [plot.x_at(n.at) for n in self.notes]
        # Words run towards the middle, so those of the outer lines stand higher: no line crosses the words of another on its side.
        rows = sorted(range(len(at)), key=lambda i: (at[i] >= middle, at[i] if at[i] < middle else -at[i]))
        drawn: list[Safe] = []
        for i, note in enumerate(self.notes):
            x, y = at[i], plot.top - 15.0 * (len(rows) - rows.index(i)) if words else 0.0
            drawn.append(
                el("line", {"class": "jk-dated", "x1": f"{x:.1f}", "x2": f"{x:.1f}", "y1": f"{y if words else 13:.1f}", "y2": f"{plot.bottom:.1f}"})
            )
            if words:
                drawn.append(text(x + (5 if x < middle else -5), y + 9, str(note), "jk-t-note", "start" if x < middle else "end"))
            else:
                drawn.append(text(x, 10, str(note.number), "jk-t-note", "middle"))
        return drawn

    def small(self, *, labelled: bool = False, width: float = 186.0, height: float = 124.0) -> Safe:
        """The picture at the size of a small multiple; `labelled` names line and band."""
        return drawing("jk-trend-small", width, height, self.title, self.sentence(), self.small_inner(labelled=labelled, width=width, height=height))

    def small_inner(self, *, labelled: bool = False, width: float = 186.0, height: float = 124.0) -> Safe:
        """The same without its frame, to be placed on a larger picture."""
        if not self.known:
            return join(_dash(width / 2 - 34, height / 2), text(width / 2 - 22, height / 2 + 4, "no data", "jk-t-note"))
        first, last = self.known[0], self.known[-1]
        head, tail = self.area[first].text, self._last_words()
        left = max(30.0, text_width(head, 12.5) + 7)
        right = min(width - 34, width - text_width(tail, 12.5, bold=True) - 11)
        plot = self._plot(left, right, (22 if labelled else 14) + (14 if self.notes else 0), height - 32)
        base = height - 20.0
        parts: list[Safe] = [
            el("line", {"class": "jk-base", "x1": left, "x2": right, "y1": base, "y2": base}),
            *self._dated(plot, words=False),
            *self._lines(plot),
        ]
        parts += [
            text(plot.x(0), base + 16, self.periods[0], "jk-t-axis", "middle"),
            text(plot.x(len(self.periods) - 1), base + 16, self.periods[-1], "jk-t-axis", "middle") if len(self.periods) > 1 else Safe(""),
            text(plot.x(first) - 6, plot.y(self.area[first].value or 0.0) + 4, head, "jk-t-first", "end") if first != last else Safe(""),
            text(plot.x(last) + 8, plot.y(self.area[last].value or 0.0) + 4, tail, "jk-t-last"),
        ]
        if labelled:
            parts += self._small_labels(plot)
        return join(parts)

    def _last_words(self) -> str:
        last = self.known[-1]
        return self.area[last].text if last == len(self.periods) - 1 else f"{self.area[last].text} ({self.periods[last]})"

    def _small_labels(self, plot: _Plot) -> list[Safe]:
        line = min(plot.y(self.area[i].value or 0.0) for i in self.known[: max(1, len(self.known) // 2 + 1)]) - 8
        edges = [plot.y(h) for h in self.high if h is not None]
        labels = []
        if edges and self.low:
            band = min(edges) - 4
            if abs(band - line) < 14:
                line = max(plot.y(self.area[i].value or 0.0) for i in self.known) + 15
            labels.append(text(plot.left, band, self.band_name, "jk-t-note"))
        return [*labels, text(plot.left, line, self.area_name, "jk-t-own")]

    def large(self, width: float, height: float, css: str) -> Safe:
        """The picture on its own, at the size given."""
        return drawing(f"jk-trend {css}", width, height, self.title, self.sentence(), self.large_inner(width, height))

    def large_inner(self, width: float, height: float) -> Safe:
        """The same without its frame."""
        if not self.known:
            return join(_dash(width / 2 - 34, height / 2), text(width / 2 - 22, height / 2 + 4, "no data", "jk-t-note"))
        narrow = width < 500
        span = _padded(min(self._numbers()), max(self._numbers()))
        ticks = [t for t in nice_ticks(*span, 6) if span[0] <= t <= span[1]][-4:]
        names = [number_text(t, self.unit, 0 if float(t).is_integer() else 1) for t in ticks]
        left = max([text_width(n, 13) for n in names] or [0.0]) + 8
        ends = self._ends(narrow=narrow)
        clear = 18.0 if self.marks else 10.0
        right = width - (max(text_width(w, 13, bold=True) for _, w, _ in ends) + 4 + clear)
        room = 0.0 if not self.notes else 12.0 if narrow else 15.0 * len(self.notes)
        plot = self._plot(left, right, 16 + room, height - 34, span)
        parts: list[Safe] = []
        parts.append(level("jk-base", left, right, height - 34))
        for tick, name in zip(ticks, names, strict=True):
            y = plot.y(tick)
            parts.append(level("jk-grid", left, right, y))
            parts.append(text(left - 8, y + 4, name, "jk-t-axis", "end"))
        if self.reference:
            y = plot.y(self.reference.value)
            parts.append(level("jk-dash", left, right, y))
            at_left = self._clearance(plot, y, first=True) >= self._clearance(plot, y, first=False)
            parts.append(
                text(left + 4, y - 5, self.reference.words, "jk-t-note")
                if at_left
                else text(right - 4, y - 5, self.reference.words, "jk-t-note", "end")
            )
        parts += self._dated(plot, words=not narrow)
        parts += self._lines(plot, every=len(self.periods) <= 12)
        parts += self._first_words(plot)
        for y, (words, css) in zip(apart([plot.y(v) for v, _, _ in ends], 16.0), ((w, c) for _, w, c in ends), strict=True):
            parts.append(text(plot.right + clear, y + 4, words, css))
        parts.append(text(plot.x(0), height - 12, self.periods[0], "jk-t-axis"))
        if len(self.periods) > 1:
            parts.append(text(plot.x(len(self.periods) - 1), height - 12, self.periods[-1], "jk-t-axis", "end" if narrow else "middle"))
        return join(parts)

    def _clearance(self, plot: _Plot, y: float, *, first: bool) -> float:
        """How far the line keeps from a height over the first or the last third of the picture: where words have room."""
        third = (plot.right - plot.left) / 3
        near = [i for i in self.known if (plot.x(i) < plot.left + third if first else plot.x(i) > plot.right - third)]
        return min((abs(plot.y(self.area[i].value or 0.0) - y + 9) for i in near), default=1e6)

    def _first_words(self, plot: _Plot) -> list[Safe]:
        first = self.known[0]
        if first == self.known[-1]:
            return []
        here, after = self.area[first].value or 0.0, self.area[self.known[1]].value or 0.0
        y = plot.y(here) + (18 if after > here else -10)
        return [text(plot.x(first), y, self.area[first].text, "jk-t-own")]

    def _ends(self, *, narrow: bool) -> list[tuple[float, str, str]]:
        """What is written at the right end of each line: value, words, class."""
        last = self.known[-1]
        tail = self._last_words()
        ends = [(self.area[last].value or 0.0, tail if narrow else f"{self.area_name} {tail}", "jk-t-last")]
        shown = [i for i, f in enumerate(self.middle) if f.value is not None]
        if shown:
            f = self.middle[shown[-1]]
            ends.append((f.value or 0.0, f.text if narrow else f"{self.middle_name} {f.text}", "jk-t-note"))
        top = [h for h in self.high if h is not None]
        if top and self.low and not narrow:
            ends.append((top[-1], self.band_name, "jk-t-note"))
        return ends

    def body(self) -> str:
        """The picture or table itself."""
        drawn = join(self.large(816, 330, "jk-wide-only"), self.large(350, 260, "jk-narrow-only"))
        return el(
            "div",
            "jk-figure",
            drawn,
            el("p", "jk-narrow-note", self._key_words()),
            dated_list(self.notes, "jk-narrow-note"),
            el("p", "jk-trend-verdict", self.mark.html()) if self.mark else None,
        )

    def _key_words(self) -> str:
        words = [f"Black: {self.area_name}."]
        words += [f"Grey line: {self.middle_name}."] if self.middle else []
        words += [f"Band: {self.band_name}."] if self.low and self.high else []
        return " ".join(words)

    def svg(self, credit: str = "") -> str:
        """The picture as an SVG document that stands alone, with its title and the credit (source, licence, boundaries) in it."""
        return standalone(816, 330, self.title, self.sentence(), self.large_inner(816, 330), credit=credit)

    def table_rows(self) -> list[tuple[Cell, ...]]:
        """One row a period, for the download."""
        middle, low, high = (
            (self.middle or (None,) * len(self.periods)),
            (self.low or (None,) * len(self.periods)),
            (self.high or (None,) * len(self.periods)),
        )
        return [
            (p, a.value, a.lower, a.upper, a.gap, m.value if m else None, lo, hi)
            for p, a, m, lo, hi in zip(self.periods, self.area, middle, low, high, strict=True)
        ]

    def data(self) -> tuple[tuple[str, ...], tuple[tuple[Cell, ...], ...]]:
        """Columns and rows, unrounded, for a CSV file."""
        columns: tuple[str, ...] = ("period", "value", "lower", "upper", "status", "middle", "band_low", "band_high")
        rows = self.table_rows()
        if self.notes:
            columns, rows = (*columns, "marked"), [(*row, self._marked(i) or None) for i, row in enumerate(rows)]
        return columns, tuple(rows)

    def _marked(self, i: int) -> str:
        return "; ".join(str(n) for n in self.notes if n.period == i)

    def _band_text(self, i: int) -> str:
        if not self.low or not self.high or self.low[i] is None or self.high[i] is None:
            return ""
        return f"{number_text(self.low[i] or 0.0, self.unit)} to {number_text(self.high[i] or 0.0, self.unit)}"

    def _status(self, i: int) -> str:
        gap = self.area[i].gap
        return gap.word if gap and not self.area[i].missing else ""

    def twin(self) -> str:
        """The same figures as a table behind "Show as table"."""
        rows = [
            (
                p,
                value(self.area[i], note=False),
                "; ".join(w for w in (self._status(i), self._marked(i)) if w),
                value(self.middle[i]) if self.middle else "",
                self._band_text(i),
            )
            for i, p in enumerate(self.periods)
        ]
        columns = ("Period", self.area_name, "Note", self.middle_name.capitalize(), self.band_name.capitalize())
        return twin_table(f"{self.title}, {self.unit}", columns, rows, (False, True, False, True, True))


def dated_list(notes: Sequence[Dated], css: str = "") -> Safe | None:
    """What the numbered lines mark, in words."""
    return el("ol", f"jk-datedlist {css}".strip(), *(el("li", {"value": n.number}, str(n)) for n in notes)) if notes else None


def _runs(known: Sequence[bool]) -> list[list[int]]:
    """Neighbouring positions that are known, one list a run."""
    found: list[list[int]] = []
    for i, here in enumerate(known):
        if here and i and known[i - 1]:
            found[-1].append(i)
        elif here:
            found.append([i])
    return found


def _padded(low: float, high: float) -> tuple[float, float]:
    """A little room above and below; a scale of values that are never negative does not go below zero."""
    room = (high - low) * 0.08 or abs(high) * 0.1 or 1.0
    return (max(0.0, low - room) if low >= 0 else low - room), high + room


def level(css: str, left: float, right: float, y: float) -> Safe:
    return el("line", {"class": css, "x1": f"{left:.1f}", "x2": f"{right:.1f}", "y1": f"{y:.1f}", "y2": f"{y:.1f}"})


def _path(css: str, points: Sequence[str]) -> Safe:
    return el("path", {"class": css, "d": "M" + "L".join(points)})


def _dash(x: float, y: float) -> Safe:
    return el("path", {"class": "jk-m jk-m-absent", "d": f"M{x:.1f} {y:.1f}h10"})


def apart(wanted: Sequence[float], least: float) -> list[float]:
    """The positions nearest to those wanted that keep `least` between each other, in the order given.

    >>> apart([10, 12, 40], 16)
    [3.0, 19.0, 40.0]
    """
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    placed = [float(wanted[i]) for i in order]
    for _ in range(40):
        moved = False
        for a in range(len(placed) - 1):
            short = least - (placed[a + 1] - placed[a])
            if short > 0.01:
                placed[a] -= short / 2
                placed[a + 1] += short / 2
                moved = True
        if not moved:
            break
    out = [0.0] * len(wanted)
    for i, y in zip(order, placed, strict=True):
        out[i] = y
    return out


@frozen
class SmallMultiples(Drawing):
    """Trends side by side, each on its own scale; the first carries the labels of line and band."""

    panels: tuple[Trend, ...]
    title: str = ""
    columns: int = field(default=4)

    @property
    def notes(self) -> tuple[Dated, ...]:
        """What is marked on the panels: the same on all, by day and words."""
        return tuple(sorted({str(n): n for p in self.panels for n in p.notes}.values(), key=lambda n: n.number))

    def body(self) -> str:
        """The picture or table itself."""
        drawn = el("div", "jk-multiples", (self._block(p, labelled=i == 0) for i, p in enumerate(self.panels)))
        return join(drawn, dated_list(self.notes))

    def _block(self, trend: Trend, *, labelled: bool) -> Safe:
        address = href_of(trend.href) if trend.href else None
        return el(
            "div",
            "jk-multiple",
            el("h3", "jk-multiple-name", el("a", {"href": address}, trend.title) if address else trend.title),
            el("p", "jk-multiple-unit", trend.unit),
            trend.small(labelled=labelled),
            el("p", "jk-multiple-verdict", trend.mark.html()) if trend.mark else None,
        )

    def svg(self, credit: str = "") -> str:
        """The picture as an SVG document that stands alone, with its title and the credit (source, licence, boundaries) in it."""
        width, height, gap = 186.0, 124.0, 24.0
        parts = []
        for i, trend in enumerate(self.panels):
            x, y = (i % self.columns) * (width + gap), (i // self.columns) * (height + 84)
            foot = None
            if trend.mark:
                foot = join(
                    el("g", {"transform": f"translate(9 {height + 56})"}, trend.mark.glyph()), text(24, height + 60, trend.mark.word, "jk-t-label")
                )
            inner = el("g", {"transform": "translate(0 40)"}, trend.small_inner(labelled=i == 0))
            parts.append(
                el(
                    "g",
                    {"transform": f"translate({x:g} {y:g})"},
                    text(0, 15, trend.title, "jk-t-own"),
                    text(0, 32, trend.unit, "jk-t-note"),
                    inner,
                    foot,
                )
            )
        rows = -(-len(self.panels) // self.columns)
        foot_y = max(1, rows) * (height + 84)
        parts += [text(0, foot_y + 12 + 18 * i, f"{n.number}. {n}", "jk-t-note") for i, n in enumerate(self.notes)]
        return standalone(
            self.columns * (width + gap) - gap,
            foot_y + 18 * len(self.notes),
            self.title,
            " ".join(p.sentence() for p in self.panels),
            *parts,
            credit=credit,
        )

    def data(self) -> tuple[tuple[str, ...], tuple[tuple[Cell, ...], ...]]:
        """Columns and rows, unrounded, for a CSV file."""
        rows = tuple((p.title, p.unit, *row, p.mark.word if p.mark else None) for p in self.panels for row in p.table_rows())
        return ("measure", "unit", "period", "value", "lower", "upper", "status", "middle", "band_low", "band_high", "verdict"), rows

    def twin(self) -> str:
        """The same figures as a table behind "Show as table"."""
        periods = list(dict.fromkeys(p for trend in self.panels for p in trend.periods))
        rows = []
        for trend in self.panels:
            at = dict(zip(trend.periods, trend.area, strict=True))
            rows.append((trend.title, trend.unit, *(value(at[p]) if p in at else "" for p in periods), trend.mark.word if trend.mark else ""))
        for note in self.notes:
            held = {p.periods[n.period] for p in self.panels for n in p.notes if str(n) == str(note)}
            rows.append((f"Marked: {note}", "", *("marked" if period in held else "" for period in periods), ""))
        return twin_table(
            self.title or "The same figures", ("Measure", "Unit", *periods, "Verdict"), rows, (False, False, *[True] * len(periods), False)
        )
