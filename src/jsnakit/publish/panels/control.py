"""Statistical process control: an XmR chart whose two icons each have a sentence."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Callable, Sequence
from typing import Final

from attrs import field, frozen, validators

from jsnakit.errors import InvalidValueError
from jsnakit.publish.panels._markup import Child, Safe, el, join
from jsnakit.publish.panels._parts import twin_table, value
from jsnakit.publish.panels._svg import drawing, standalone, text, text_width
from jsnakit.publish.panels.bars import Reference, nice_ticks
from jsnakit.publish.panels.base import Cell, Drawing, Figure, number_text
from jsnakit.publish.panels.gaps import gap_mark
from jsnakit.publish.panels.trends import apart, level

__all__ = ["ControlChart"]

_VARIATIONS: Final = ("common_cause", "improvement_high", "improvement_low", "concern_high", "concern_low", "neutral_high", "neutral_low")
_ASSURANCES: Final = ("", "consistently_passing", "consistently_failing", "hit_or_miss")
_WORDS: Final = {"common_cause": "ordinary", "improvement": "improvement", "concern": "concern", "neutral": "unusual"}
_HEADS: Final = {"common_cause": "Variation: ordinary", "improvement": "Variation: improving", "concern": "Variation: of concern"}
# How far from the scale, in spans, a target may lie and still be drawn on it.
_NEAR: Final = 0.35
_ROOM: Final = 46.0


def _meaning(variation: str) -> str:
    return "common_cause" if variation == "common_cause" else variation.partition("_")[0]


@frozen
class ControlChart(Drawing):
    """Points in order with their mean and natural process limits, drawn as a pale band with dotted edges.

    `mean`, `lower` and `upper` are a value a point (null where there are no limits) and step where a new baseline begins; `variations` says of each point what it means and `assurance`
    what the limits say of the target, in the words of `jsnakit.methods.spc`. `why` gives the sentence beside the first icon, from the rule that the last point meets. A target off the
    scale is a dashed line at the edge that says so: the scale is never stretched to reach it. Raises `InvalidValueError` where a tuple has another length than `periods`.
    """

    title: str
    unit: str
    area_name: str
    periods: tuple[str, ...]
    points: tuple[Figure, ...]
    mean: tuple[float | None, ...]
    lower: tuple[float | None, ...]
    upper: tuple[float | None, ...]
    variations: tuple[str, ...]
    variation: str = field(default="common_cause", validator=validators.in_(_VARIATIONS))
    assurance: str = field(default="", validator=validators.in_(_ASSURANCES))
    why: str = ""
    target: Reference | None = None
    baseline: int | None = None
    baseline_words: str = ""
    decimals: int = 1

    def __attrs_post_init__(self) -> None:
        for name in ("points", "mean", "lower", "upper", "variations"):
            given = len(getattr(self, name))
            if given != len(self.periods):
                raise InvalidValueError(
                    f"{name} of the chart {self.title!r} has {given} entries for {len(self.periods)} periods",
                    hint="give one entry a period, null or a missing figure where there is none", value=given,
                )  # fmt: skip

    # -- words -----------------------------------------------------------------------------------------------------------------------

    @property
    def known(self) -> list[int]:
        """The positions that have a value."""
        return [i for i, f in enumerate(self.points) if f.value is not None]

    def variation_words(self) -> tuple[str, str]:
        """Head and sentence beside the icon of variation."""
        meaning = _meaning(self.variation)
        head = _HEADS.get(meaning, f"Variation: unusually {'high' if self.variation.endswith('high') else 'low'}")
        ordinary = "The figures go up and down by no more than chance explains."
        return head, self.why or (ordinary if meaning == "common_cause" else "The last figures differ by more than chance explains.")

    def assurance_words(self) -> tuple[str, str] | None:
        """Head and sentence beside the icon of assurance; null where nothing is said of a target."""
        if not self.assurance or self.target is None:
            return None
        line = self.target.text or number_text(self.target.value, self.unit, self.decimals)
        return {
            "consistently_passing": ("Assurance: will meet the standard", f"{line} lies outside the limits, so without a change it will keep being met."),
            "consistently_failing": ("Assurance: will not meet the standard", f"{line} lies outside the limits, so without a change it will keep being missed."),
            "hit_or_miss": ("Assurance: hit or miss", f"{line} lies between the limits, so chance decides from one figure to the next whether it is met."),
        }[self.assurance]  # fmt: skip

    def sentence(self) -> str:
        """The chart in words, for those who do not see it."""
        if not self.known:
            return f"{self.area_name}: no figures."
        last = self.known[-1]
        words = [f"{self.area_name}: {self.points[last].text} in {self.periods[last]}."]
        mean, lower, upper = self.mean[last], self.lower[last], self.upper[last]
        if mean is not None and lower is not None and upper is not None:
            words.append(f"Mean {self._number(mean)}, limits {self._number(lower)} to {self._number(upper)}.")
        words += [f"{head}. {said}" for head, said in filter(None, (self.variation_words(), self.assurance_words()))]
        gaps = len(self.periods) - len(self.known)
        return " ".join(words) + (f" {gaps} of {len(self.periods)} periods have no figure." if gaps else "")

    def _number(self, number: float) -> str:
        return number_text(number, self.unit, self.decimals)

    # -- scale -----------------------------------------------------------------------------------------------------------------------

    def span(self) -> tuple[float, float]:
        """The ends of the scale: all points and limits, and the target where that is near enough."""
        numbers = [f.value for f in self.points if f.value is not None]
        numbers += [v for v in (*self.mean, *self.lower, *self.upper) if v is not None]
        low, high = (min(numbers), max(numbers)) if numbers else (0.0, 1.0)
        if high <= low:
            low, high = low - (abs(low) * 0.1 or 1.0), high + (abs(high) * 0.1 or 1.0)
        reach = (high - low) * _NEAR
        if self.target is not None and low - reach <= self.target.value <= high + reach:
            low, high = min(low, self.target.value), max(high, self.target.value)
        room = (high - low) * 0.08
        return (max(0.0, low - room) if low >= 0 else low - room), high + room

    def off_scale(self) -> str:
        """Where the target lies when it is off the scale: `above`, `below` or nothing."""
        if self.target is None:
            return ""
        low, high = self.span()
        return "above" if self.target.value > high else "below" if self.target.value < low else ""

    # -- drawing ---------------------------------------------------------------------------------------------------------------------

    def large(self, width: float, height: float, css: str) -> Safe:
        """The chart at the size given."""
        return drawing(f"jk-trend jk-control {css}", width, height, self.title, self.sentence(), self.large_inner(width, height))

    def large_inner(self, width: float, height: float) -> Safe:
        """The chart without its frame."""
        if not self.known:
            return join(gap_mark(None, width / 2 - 34, height / 2), text(width / 2 - 20, height / 2 + 4, "no data", "jk-t-note"))
        narrow = width < 500
        low, high = self.span()
        ticks = [t for t in nice_ticks(low, high, 6) if low <= t <= high][-4:]
        names = [number_text(t, self.unit, 0 if float(t).is_integer() else self.decimals) for t in ticks]
        ends = self._ends(narrow=narrow)
        left = max([text_width(n, 13) for n in names] or [0.0]) + 12
        right = width - max(text_width(w, 13, bold=bold) for _, w, bold in ends) - 12
        off = self.off_scale()
        top, bottom = (_ROOM if off == "above" else 16.0), height - 34 - (26 if off == "below" else 18 if self._has_baseline and not narrow else 0)
        x = _across(len(self.periods), left, right)

        def y(number: float) -> float:
            return bottom - (number - low) / (high - low) * (bottom - top)

        parts: list[Child] = [level("jk-base", left, right, height - 34)]
        bands, edges = self._limits(x, y)
        parts += bands
        for tick, name in zip(ticks, names, strict=True):
            parts += [level("jk-grid", left, right, y(tick)), text(left - 8, y(tick) + 4, name, "jk-t-axis", "end")]
        parts += edges
        parts += self._target_line(left, right, y, top=14.0, bottom=height - 42.0, off=off)
        parts += self._baseline(x, top, height - 34, narrow=narrow)
        parts += self._series(x, y, height - 34)
        for at, (_, words, bold) in zip(apart([y(v) for v, _, _ in ends], 16.0), ends, strict=True):
            parts.append(text(right + 10, at + 4, words, "jk-t-last" if bold else "jk-t-note"))
        parts += self._dates(x, height - 12, narrow=narrow)
        return join(*parts)

    def _ends(self, *, narrow: bool) -> list[tuple[float, str, bool]]:
        """What is written at the right: value, words, whether bold."""
        last = self.known[-1]
        ends: list[tuple[float, str, bool]] = [(self.points[last].value or 0.0, self.points[last].text, True)]
        if last != len(self.periods) - 1:
            ends[0] = (ends[0][0], f"{self.points[last].text} ({self.periods[last]})", True)
        for name, series in (("upper limit", self.upper), ("mean", self.mean), ("lower limit", self.lower)):
            found = series[last]
            if found is not None:
                words = number_text(found, "", self.decimals)
                ends.append((found, f"{name.partition(' ')[0] if narrow else name} {words}", False))
        return ends

    def _limits(self, x: Sequence[float], y: Callable[[float], float]) -> tuple[list[Child], list[Child]]:
        """Band, then mean and dotted edges, each run of equal limits a level piece."""
        bands: list[Child] = []
        edges: list[Child] = []
        half = (x[1] - x[0]) / 2 if len(x) > 1 else 12.0
        for run in _runs(self.mean, self.lower, self.upper):
            begin = x[run[0]] - (half if run[0] else 0)
            end = x[run[-1]] + (half if run[-1] < len(x) - 1 else 0)
            mean, lower, upper = self.mean[run[0]], self.lower[run[0]], self.upper[run[0]]
            if lower is not None and upper is not None:
                box = {
                    "class": "jk-band",
                    "x": f"{begin:.1f}",
                    "y": f"{y(upper):.1f}",
                    "width": f"{end - begin:.1f}",
                    "height": f"{y(lower) - y(upper):.1f}",
                }
                bands.append(el("rect", box))
                edges += [level("jk-spc-limit", begin, end, y(upper)), level("jk-spc-limit", begin, end, y(lower))]
            if mean is not None:
                edges.append(level("jk-spc-mean", begin, end, y(mean)))
        return bands, edges

    def _target_line(self, left: float, right: float, y: Callable[[float], float], *, top: float, bottom: float, off: str) -> list[Child]:
        if self.target is None:
            return []
        if not off:
            at = y(self.target.value)
            return [level("jk-dash-strong", left, right, at), text(left + 4, at - 6, self.target.words, "jk-t-label")]
        low, high = self.span()
        away = self.target.value - high if off == "above" else low - self.target.value
        far = "far " if away > (high - low) / 2 else ""
        at = top if off == "above" else bottom
        words = f"{self.target.words}, {far}{off} this scale"
        # The broken stroke says that the scale does not reach the line.
        step = 1 if off == "above" else -1
        begin = at + 4 * step
        broken = el("path", {"class": "jk-spc-break", "d": f"M{left + 6:.1f} {begin:.1f}l-4 {4 * step}l8 {4 * step}l-4 {4 * step}"})
        below = at + (17 if off == "above" else -7)
        return [level("jk-dash-strong", left, right, at), broken, text(left + 16, below, words, "jk-t-label")]

    @property
    def _has_baseline(self) -> bool:
        return self.baseline is not None and 0 < self.baseline < len(self.periods)

    def _baseline(self, x: Sequence[float], top: float, base: float, *, narrow: bool) -> list[Child]:
        """The line where the baseline ends, with what it rests on."""
        if self.baseline is None or not self._has_baseline:
            return []
        at = (x[self.baseline - 1] + x[self.baseline]) / 2
        line = el("line", {"class": "jk-spc-cut", "x1": f"{at:.1f}", "x2": f"{at:.1f}", "y1": f"{top:.1f}", "y2": f"{base:.1f}"})
        words = self.baseline_words
        if not words:
            return [line]
        size = text_width(words, 12)
        right_side = at - size - 8 < x[0]
        said = text(at + 8, base - 7, words, "jk-t-small") if right_side else text(at - 8, base - 7, words, "jk-t-small", "end")
        return [line] if narrow or (right_side and at + size + 8 > x[-1]) else [line, said]

    def _series(self, x: Sequence[float], y: Callable[[float], float], base: float) -> list[Child]:
        parts: list[Child] = []
        run: list[str] = []
        for i, f in enumerate(self.points):
            if f.value is None:
                parts += [el("path", {"class": "jk-spc-line", "d": "M" + "L".join(run)})] if len(run) > 1 else []
                run = []
                parts.append(gap_mark(f.gap, x[i], base - 9))
                continue
            run.append(f"{x[i]:.1f} {y(f.value):.1f}")
        parts += [el("path", {"class": "jk-spc-line", "d": "M" + "L".join(run)})] if len(run) > 1 else []
        size = 0.8 if len(x) > 1 and x[1] - x[0] < 7 else 1.0
        return parts + [_point(self.variations[i], x[i], y(self.points[i].value or 0.0), size) for i in self.known]

    def _dates(self, x: Sequence[float], at: float, *, narrow: bool) -> list[Child]:
        n = len(self.periods)
        chosen = _labelled(n, (x[-1] - x[0]) / max(1, n - 1), 86.0 if not narrow else 130.0)
        anchors = {0: "start" if narrow else "middle", n - 1: "end" if narrow else "middle"}
        return [text(x[i], at, self.periods[i], "jk-t-axis", anchors.get(i, "middle")) for i in chosen]

    # -- the whole -------------------------------------------------------------------------------------------------------------------

    def _icons(self) -> list[tuple[Safe, str, str]]:
        found = [(variation_icon(self.variation), *self.variation_words())]
        said = self.assurance_words()
        return [*found, (assurance_icon(self.assurance), *said)] if said else found

    def body(self) -> str:
        """The picture or table itself."""
        blocks = (
            el(
                "div", "jk-spc-said",
                el("svg", {"class": "jk-spc-icon", "viewBox": "-30 -30 60 60", "width": 60, "height": 60, "aria-hidden": "true", "focusable": "false"}, icon),
                el("p", None, el("strong", None, head), " ", el("span", None, said)),
            )
            for icon, head, said in self._icons()
        )  # fmt: skip
        return el(
            "div", "jk-figure", el("div", "jk-spc-head", *blocks), self.large(816, 340, "jk-wide-only"), self.large(350, 280, "jk-narrow-only"),
            el("p", "jk-narrow-note", self._key_words()),
        )  # fmt: skip

    def _key_words(self) -> str:
        words = "Band between dotted lines: the limits. Line through it: the mean."
        return words + (f" Upright line: {self.baseline_words}." if self._has_baseline and self.baseline_words else "")

    def svg(self, credit: str = "") -> str:
        """The picture as an SVG document that stands alone, with its title and the credit (source, licence, boundaries) in it."""
        parts: list[Child] = []
        for i, (icon, head, said) in enumerate(self._icons()):
            lines = [text(74, 20, head, "jk-t-own"), *(text(74, 39 + 18 * k, line, "jk-t-note") for k, line in enumerate(textwrap.wrap(said, 46)))]
            parts.append(el("g", {"transform": f"translate({i * 414} 0)"}, el("g", {"transform": "translate(30 32)"}, icon), *lines))
        chart = el("g", {"transform": "translate(0 92)"}, self.large_inner(816, 340))
        return standalone(816, 432, self.title, self.sentence(), *parts, chart, credit=credit)

    def _word(self, i: int) -> str:
        return "" if self.points[i].value is None else _WORDS[_meaning(self.variations[i])]

    def data(self) -> tuple[tuple[str, ...], tuple[tuple[Cell, ...], ...]]:
        """Columns and rows, unrounded, for a CSV file."""
        columns = ("period", "value", "unit", "status", "mean", "lower_limit", "upper_limit", "variation", "target")
        rows = tuple(
            (p, f.value, self.unit, f.gap, m, lo, hi, self._word(i) or None, self.target.value if self.target else None)
            for i, (p, f, m, lo, hi) in enumerate(zip(self.periods, self.points, self.mean, self.lower, self.upper, strict=True))
        )
        return columns, rows

    def twin(self) -> str:
        """The same figures as a table behind "Show as table"."""

        def shown(number: float | None) -> str:
            return "" if number is None else self._number(number)

        rows = [
            (p, value(self.points[i]), self._word(i), shown(self.mean[i]), shown(self.lower[i]), shown(self.upper[i]))
            for i, p in enumerate(self.periods)
        ]
        columns = ("Period", self.area_name, "Variation", "Mean", "Lower limit", "Upper limit")
        return twin_table(f"{self.title}, {self.unit}", columns, rows, (False, True, False, True, True, True))


def variation_icon(variation: str) -> Safe:
    """The icon of variation, centred on 0,0 with radius 29: a ring, its letter, and points on the rise or fall."""
    meaning = _meaning(variation)
    css = {"common_cause": "plain", "improvement": "better", "concern": "worse", "neutral": "neutral"}[meaning]
    rising = variation.endswith("high")
    ys = (7, 3, 9, 4) if meaning == "common_cause" else (13, 9, 11, 3) if rising else (3, 9, 7, 13)
    xs = (-15, -5, 5, 15)
    line = el("path", {"class": "jk-spc-line", "d": "M" + "L".join(f"{x} {y}" for x, y in zip(xs, ys, strict=True))})
    unusual = 0 if meaning == "common_cause" else 2
    points = [_point(variation if i >= 4 - unusual else "common_cause", x, y, 0.85) for i, (x, y) in enumerate(zip(xs, ys, strict=True))]
    letter = None if meaning == "common_cause" else text(0, -3, "H" if rising else "L", f"jk-spc-letter jk-spc-t-{css}", "middle")
    return join(_ring(css), line, *points, letter)


def assurance_icon(assurance: str) -> Safe:
    """The icon of assurance: P, F or a question mark, and the figures above, below or across a dashed line."""
    css, letter = {"consistently_passing": ("better", "P"), "consistently_failing": ("worse", "F"), "hit_or_miss": ("plain", "?")}[assurance]
    return join(
        _ring(css), text(0, -2, letter, f"jk-spc-letter jk-spc-t-{css}", "middle"),
        el("path", {"class": f"jk-spc-target jk-spc-s-{css}", "d": "M-16 5H16" if assurance != "hit_or_miss" else "M-16 10H16"}),
        el("path", {"class": "jk-spc-run", "d": "M-15 10L-5 15L5 11L15 14" if assurance != "hit_or_miss" else "M-15 13L-5 6L5 14L15 7"}),
    )  # fmt: skip


def _ring(css: str) -> Safe:
    return el("circle", {"class": f"jk-spc-ring jk-spc-s-{css}", "r": 27})


def _point(variation: str, x: float, y: float, scale: float = 1.0) -> Safe:
    meaning = _meaning(variation)
    if meaning == "concern":
        half = 4.6 * scale
        return el(
            "rect", {"class": "jk-spc-worse", "x": f"{x - half:.1f}", "y": f"{y - half:.1f}", "width": f"{2 * half:.1f}", "height": f"{2 * half:.1f}"}
        )
    if meaning == "neutral":
        half = 6.2 * scale
        return el(
            "path", {"class": "jk-spc-neutral", "d": f"M{x:.1f} {y - half:.1f}l{half:.1f} {half:.1f}l{-half:.1f} {half:.1f}l{-half:.1f} {-half:.1f}z"}
        )
    css, radius = ("jk-spc-better", 5.0) if meaning == "improvement" else ("jk-spc-plain", 3.6)
    return el("circle", {"class": css, "cx": f"{x:.1f}", "cy": f"{y:.1f}", "r": f"{radius * scale:.1f}"})


def _across(n: int, left: float, right: float) -> list[float]:
    return [(left + right) / 2] if n < 2 else [left + i * (right - left) / (n - 1) for i in range(n)]


def _runs(*series: Sequence[float | None]) -> list[list[int]]:
    """Neighbours with equal limits, one list a run."""
    found: list[list[int]] = []
    for i in range(len(series[0])):
        if i and all(s[i] == s[i - 1] for s in series):
            found[-1].append(i)
        else:
            found.append([i])
    return found


def _labelled(n: int, step: float, room: float) -> list[int]:
    """Which dates are written: the first, the last, and between them every year (or every so many points) that has room."""
    if n < 2:
        return list(range(n))
    every = next((k for k in (12, 24, 36, 48, 60, 120) if k * step >= room), n) if n > 12 else math.ceil(room / step) if step else n
    inner = [i for i in range(every, n - 1, every) if (n - 1 - i) * step >= room]
    return [0, *inner, n - 1]
