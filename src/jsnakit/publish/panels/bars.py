"""Ranked bars (from zero) and ranked intervals: tables with the drawing in a cell."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from typing import Final

from attrs import field, frozen

from jsnakit.publish.panels._markup import Safe, el, join
from jsnakit.publish.panels._parts import body_rows, cell, fold, head, html_table, name_cell, shown_and_folded, value
from jsnakit.publish.panels._rows import WIDTH, bar_rows, interval_rows
from jsnakit.publish.panels._svg import standalone, text
from jsnakit.publish.panels.base import Cell, Drawing, Figure, number_text
from jsnakit.publish.panels.marks import Gap, Mark

__all__ = ["BarRow", "RankedBars", "RankedIntervals", "Reference"]

_BAR_HEIGHT: Final = 18


@frozen
class Reference:
    """A value drawn as a line through all rows and named at its head ("Middle of 307: 28.5%"). `dashed` false draws it as a thin cut through the bars."""

    name: str
    value: float
    text: str = ""
    dashed: bool = True

    @property
    def words(self) -> str:
        """Name and value as printed at the head."""
        return f"{self.name} {self.text}" if self.text else self.name


@frozen
class BarRow:
    """One place: its name and key, the figure, the verdict, and the texts of further columns."""

    key: str
    name: str
    figure: Figure
    mark: Mark | None = None
    extra: tuple[Figure | str, ...] = ()
    href: str = ""


@frozen
class Scale:
    """Values to percent of the drawing's width."""

    low: float
    high: float
    decimals: int = 1

    def words(self, number: float) -> str:
        """A limit of an interval as printed."""
        return number_text(number, "", self.decimals)

    def at(self, number: float) -> float:
        """Where a value stands, 0 to 100."""
        span = self.high - self.low
        return min(100.0, max(0.0, (number - self.low) / span * 100)) if span > 0 else 0.0

    def percent(self, number: float) -> str:
        """The same as an attribute."""
        return f"{self.at(number):.2f}%"


def bar(figure: Figure, scale: Scale, references: Sequence[Reference] = (), height: int = _BAR_HEIGHT) -> Safe:
    """A bar from zero with its value at the end. Zero is a tick on the baseline; a missing value has no bar, only its mark and word."""
    if figure.value is None:
        return el("div", "jk-bar", el("span", "jk-bar-value jk-bar-none", value(figure)), _lines(references, scale))
    zero, end = scale.at(0), scale.at(figure.value)
    left, width = min(zero, end), abs(end - zero)
    fill = "jk-bar-fill" + (" jk-bar-open" if figure.gap in (Gap.CARRIED_FORWARD, Gap.ESTIMATED, Gap.TOO_FEW) else "")
    inside = el("rect", {"width": "100%", "height": "100%"})
    drawn = (
        el("svg", {"class": fill, "width": f"{width:.2f}%", "height": height, "aria-hidden": "true", "focusable": "false"}, inside)
        if width
        else _tick(height)
    )
    shift = el("svg", {"width": f"{left:.2f}%", "height": 1, "aria-hidden": "true"}) if left else None
    return el("div", "jk-bar", shift, drawn, el("span", "jk-bar-value", value(figure)), _lines(references, scale))


def _tick(height: int) -> Safe:
    return el("svg", {"class": "jk-bar-tick", "width": 2, "height": height, "aria-hidden": "true"}, el("rect", {"width": 2, "height": "100%"}))


def _lines(references: Sequence[Reference], scale: Scale) -> Safe | None:
    if not references:
        return None
    lines = (
        el(
            "line",
            {"class": "jk-dash" if r.dashed else "jk-cut", "x1": scale.percent(r.value), "x2": scale.percent(r.value), "y1": "0", "y2": "100%"},
        )
        for r in references
    )
    return el("svg", {"class": "jk-ref", "aria-hidden": "true", "focusable": "false"}, *lines)


def reference_head(references: Sequence[Reference], scale: Scale, fallback: str) -> Safe:
    """The head of a drawn column: each reference named above its line; on narrow screens a sentence says the same."""
    if not references:
        return join(fallback)
    ordered = sorted(references, key=lambda r: r.value)
    texts = []
    for i, r in enumerate(ordered):
        at = scale.at(r.value)
        alone = len(ordered) == 1
        anchor = "start" if at < 12 else "end" if (at > 88 if alone else i < len(ordered) - 1) else "middle"
        texts.append(el("text", {"x": f"{at:.2f}%", "y": 13, "text-anchor": anchor}, r.words))
    return join(
        el("span", "jk-vh", fallback),
        el("svg", {"class": "jk-refhead", "width": "100%", "height": 17, "aria-hidden": "true", "focusable": "false"}, *texts),
    )


def reference_note(references: Sequence[Reference], more: str = "") -> Safe:
    """The sentence that names the lines: shown on narrow screens, and read by screen readers everywhere."""
    if not references and not more:
        return Safe("")
    named = [f"{'Dashed' if r.dashed else 'Thin'} line: {r.words}." for r in references]
    return el("p", "jk-narrow-note", " ".join([*named, more]).strip())


def _more(table: Safe, rest: Safe | None, total: int, noun: str) -> Safe:
    return join(table, fold(f"Show all {total:,} {noun}", rest)) if rest else table


def _extra_data(headings: Sequence[str], row: BarRow) -> tuple[Cell, ...]:
    filled: list[Figure | str] = [*row.extra, *[""] * (len(headings) - len(row.extra))]
    return tuple(e.value if isinstance(e, Figure) else e for e in filled[: len(headings)])


@frozen
class RankedBars(Drawing):
    """Bars from zero in the order given; the chosen area is ink and bold. `first` rows are shown (null: all), the chosen always; the rest behind a button."""

    rows: tuple[BarRow, ...]
    area_key: str
    unit: str = ""
    references: tuple[Reference, ...] = ()
    name_heading: str = "Authority"
    verdict_heading: str = ""
    verdict_first: bool = False
    extra_headings: tuple[str, ...] = ()
    value_heading: str = "Value"
    maximum: float | None = None
    first: int | None = None
    noun: str = "authorities"
    caption: str = ""

    def scale(self) -> Scale:
        """From zero (or the lowest value, if that is below it) to the highest of values and references."""
        known = [r.figure.value for r in self.rows if r.figure.value is not None] + [r.value for r in self.references]
        return Scale(min([0.0, *known]), self.maximum or max([0.0, *known]) or 1.0)

    def body(self) -> str:
        """The picture or table itself."""
        return self.markup()

    def markup(self) -> Safe:
        """The same, as markup that another panel can hold."""
        shown, rest = shown_and_folded(self.rows, self.first, [r.key == self.area_key for r in self.rows])
        right = f"Right: {self.extra_headings[0].lower()}." if self.extra_headings else ""
        return join(reference_note(self.references, right), _more(self._table(shown), self._table(rest) if rest else None, len(self.rows), self.noun))

    def svg(self, credit: str = "") -> str:
        """The picture as an SVG document that stands alone, with its title and the credit (source, licence, boundaries) in it."""
        return self.picture(self.caption, _listed(self.rows), credit)

    def picture(self, title: str, description: str, credit: str = "", notes: Sequence[str] = ()) -> str:
        """All rows as one picture; `notes` are lines above it."""
        height, drawn = bar_rows(
            self.rows, self.area_key, self.scale(), self.references, (self.name_heading, self.value_heading, self.verdict_heading)
        )
        return _alone(title, description, credit, notes, height, drawn)

    @property
    def _has_verdict(self) -> bool:
        return bool(self.verdict_heading) and any(r.mark for r in self.rows)

    def _table(self, rows: Sequence[BarRow]) -> Safe:
        scale = self.scale()
        verdict = cell("jk-verdict", self.verdict_heading, role="columnheader") if self._has_verdict else None
        heads = [
            cell("jk-name", self.name_heading, role="columnheader"),
            verdict if self.verdict_first else None,
            cell("jk-barcell", reference_head(self.references, scale, self.value_heading), role="columnheader"),
            None if self.verdict_first else verdict,
            *(cell(f"jk-num jk-extra jk-extra-{i}", h, role="columnheader") for i, h in enumerate(self.extra_headings)),
        ]
        css = "jk-bars" + (" jk-bars-marked" if self.verdict_first and self._has_verdict else "")
        return html_table(css, self.caption, head(*(h for h in heads if h)), body_rows(self._row(r, scale) for r in rows))

    def _row(self, row: BarRow, scale: Scale) -> Safe:
        verdict = cell("jk-verdict", row.mark.html(hidden_word=self.verdict_first) if row.mark else None) if self._has_verdict else None
        extras = [*row.extra, *[""] * (len(self.extra_headings) - len(row.extra))][: len(self.extra_headings)]
        return el(
            "tr",
            {"role": "row", "class": "jk-own" if row.key == self.area_key else None},
            name_cell(row.name, row.href),
            verdict if self.verdict_first else None,
            cell("jk-barcell", bar(row.figure, scale, self.references)),
            None if self.verdict_first else verdict,
            *(cell(f"jk-num jk-extra jk-extra-{i}", value(e) if isinstance(e, Figure) else e) for i, e in enumerate(extras)),
        )

    def data(self) -> tuple[tuple[str, ...], tuple[tuple[Cell, ...], ...]]:
        """Columns and rows, unrounded, for a CSV file."""
        columns = ("code", "name", "value", "unit", "status", "verdict", *self.extra_headings)
        rows = tuple(
            (r.key, r.name, r.figure.value, self.unit, r.figure.gap, r.mark.word if r.mark else None, *_extra_data(self.extra_headings, r))
            for r in self.rows
        )
        return columns, rows


def _listed(rows: Sequence[BarRow]) -> str:
    """The rows in words: what the picture says to those who do not see it."""
    return "; ".join(f"{r.name} {r.figure.text}{f', {r.mark.word}' if r.mark else ''}" for r in rows) + "."


def _alone(title: str, description: str, credit: str, notes: Sequence[str], height: float, drawn: Safe) -> str:
    lines = [line for note in notes for line in textwrap.wrap(note, 110)]
    top = 18.0 * len(lines) + (14 if lines else 0)
    said = [text(0, 14 + 18 * i, line, "jk-t-label") for i, line in enumerate(lines)]
    picture = el("g", {"transform": f"translate(0 {top:g})"}, drawn)
    return standalone(WIDTH, top + height, title, description, *said, picture, credit=credit)


def nice_ticks(low: float, high: float, most: int = 5) -> tuple[float, ...]:
    """At most `most` round numbers from `low` to `high`, evenly spaced.

    >>> nice_ticks(31.9, 58.1)
    (30.0, 40.0, 50.0, 60.0)
    """
    if not high > low:
        high = low + (abs(low) or 1.0)
    for power in range(math.floor(math.log10(high - low)) - 1, 400):
        for step in (1.0, 2.0, 5.0):
            size = step * 10.0**power
            first, last = math.floor(low / size + 1e-9), math.ceil(high / size - 1e-9)
            if last - first + 1 <= most:
                return tuple(float(f"{i * size:.12g}") for i in range(first, last + 1))
    return (low, high)


@frozen
class RankedIntervals(Drawing):
    """Dots with their 95 % interval as a line; the scale need not start at zero and prints its ends."""

    rows: tuple[BarRow, ...]
    area_key: str
    unit: str = ""
    reference: Reference | None = None
    name_heading: str = "Authority"
    interval_heading: str = "95% interval"
    verdict_heading: str = "Against England"
    first: int | None = None
    noun: str = "authorities"
    caption: str = ""
    decimals: int = field(default=1)

    def ticks(self) -> tuple[float, ...]:
        """The round numbers printed under the drawing."""
        known = [v for r in self.rows for v in (r.figure.value, r.figure.lower, r.figure.upper) if v is not None]
        known += [self.reference.value] if self.reference else []
        return nice_ticks(min(known), max(known)) if known else (0.0, 1.0)

    def body(self) -> str:
        """The picture or table itself."""
        return self.markup()

    def markup(self) -> Safe:
        """The same, as markup that another panel can hold."""
        ticks = self.ticks()
        ends = f"Scale from {self._tick(ticks[0])} to {self._tick(ticks[-1])}."
        shown, rest = shown_and_folded(self.rows, self.first, [r.key == self.area_key for r in self.rows])
        table = _more(self._table(shown), self._table(rest) if rest else None, len(self.rows), self.noun)
        return join(reference_note([self.reference] if self.reference else [], ends), table)

    def svg(self, credit: str = "") -> str:
        """The picture as an SVG document that stands alone, with its title and the credit (source, licence, boundaries) in it."""
        return self.picture(self.caption, _listed(self.rows), credit)

    def picture(self, title: str, description: str, credit: str = "", notes: Sequence[str] = ()) -> str:
        """All rows as one picture; `notes` are lines above it."""
        ticks = self.ticks()
        headings = (self.name_heading, self.interval_heading, self.verdict_heading if any(r.mark for r in self.rows) else "")
        scale = Scale(ticks[0], ticks[-1], self.decimals)
        height, drawn = interval_rows(self.rows, self.area_key, [(t, self._tick(t)) for t in ticks], scale, self.reference, headings)
        return _alone(title, description, credit, notes, height, drawn)

    def _tick(self, number: float) -> str:
        return number_text(number, self.unit, 0 if float(number).is_integer() else self.decimals)

    def _table(self, rows: Sequence[BarRow]) -> Safe:
        ticks = self.ticks()
        scale, references = Scale(ticks[0], ticks[-1]), [self.reference] if self.reference else []
        heads = (
            cell("jk-name", self.name_heading, role="columnheader"),
            cell("jk-intcell", reference_head(references, scale, "Value and interval, drawn"), role="columnheader"),
            cell("jk-num jk-value", "Value", role="columnheader"),
            cell("jk-num jk-minor", self.interval_heading, role="columnheader"),
            cell("jk-verdict", self.verdict_heading, role="columnheader"),
        )
        labels = (
            el(
                "text",
                {"x": scale.percent(t), "y": 13, "text-anchor": "start" if i == 0 else "end" if i == len(ticks) - 1 else "middle"},
                self._tick(t),
            )
            for i, t in enumerate(ticks)
        )
        axis = el("svg", {"class": "jk-axis", "width": "100%", "height": 18, "aria-hidden": "true", "focusable": "false"}, *labels)
        foot = el(
            "tfoot",
            {"role": "presentation", "aria-hidden": "true"},
            el("tr", None, el("td", None), el("td", "jk-intcell", axis), el("td", {"colspan": 3})),
        )
        return html_table("jk-intervals", self.caption, head(*heads), body_rows(self._row(r, scale, references) for r in rows), foot)

    def _row(self, row: BarRow, scale: Scale, references: Sequence[Reference]) -> Safe:
        f = row.figure
        return el(
            "tr",
            {"role": "row", "class": "jk-own" if row.key == self.area_key else None},
            name_cell(row.name, row.href),
            cell("jk-intcell", el("div", "jk-int", _lines(references, scale), self._dot(row, scale))),
            cell("jk-num jk-value", value(f)),
            cell("jk-num jk-minor", f"{self._limit(f.lower)} to {self._limit(f.upper)}" if f.lower is not None and f.upper is not None else None),
            cell("jk-verdict", row.mark.word if row.mark else None),
        )

    def _limit(self, number: float | None) -> str:
        return "" if number is None else number_text(number, "", self.decimals)

    def _dot(self, row: BarRow, scale: Scale) -> Safe | None:
        f = row.figure
        if f.value is None:
            return None
        line = None
        if f.lower is not None and f.upper is not None:
            line = el("line", {"class": "jk-interval", "x1": scale.percent(f.lower), "x2": scale.percent(f.upper), "y1": "50%", "y2": "50%"})
        glyph = row.mark.glyph() if row.mark else el("circle", {"class": "jk-m jk-m-plain", "r": 5})
        mark = el("svg", {"x": scale.percent(f.value), "y": "50%", "width": 1, "height": 1, "overflow": "visible"}, glyph)
        return el("svg", {"class": "jk-dot", "width": "100%", "height": 20, "aria-hidden": "true", "focusable": "false"}, line, mark)

    def data(self) -> tuple[tuple[str, ...], tuple[tuple[Cell, ...], ...]]:
        """Columns and rows, unrounded, for a CSV file."""
        rows = tuple(
            (r.key, r.name, r.figure.value, r.figure.lower, r.figure.upper, self.unit, r.figure.gap, r.mark.word if r.mark else None)
            for r in self.rows
        )
        return ("code", "name", "value", "lower", "upper", "unit", "status", "verdict"), rows
