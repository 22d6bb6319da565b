"""Maps: areas in fifths, trusts by symbol, and the same map small and many times."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from attrs import frozen

from jsnakit.publish.panels._leaders import Callout, Coast, callouts
from jsnakit.publish.panels._markup import Safe, el, href_of, join, short_id
from jsnakit.publish.panels._parts import twin_table, value
from jsnakit.publish.panels._svg import drawing, scaled, standalone, text, text_width
from jsnakit.publish.panels.base import Cell, Drawing, Figure
from jsnakit.publish.panels.geometry import Box, Frame, Shape, outline
from jsnakit.publish.panels.marks import FIFTHS, Mark, Verdict, symbol
from jsnakit.publish.panels.tables import FilterList

__all__ = ["AreaMap", "Inset", "MapGrid", "MapGridRow", "Place", "SmallMap", "Symbol", "SymbolMap"]

_MAIN: Final = 500.0
_SIDE: Final = 284.0


@frozen
class Inset:
    """A part of the map drawn larger: its caption, its box in National Grid metres, and the keys of the places labelled in it."""

    title: str
    box: Box
    labels: tuple[str, ...] = ()


@frozen
class Place:
    """What an area of the map is filled with: its code, its figure and its fifth."""

    code: str
    figure: Figure
    mark: Mark


@frozen
class Symbol:
    """A place on a symbol map, at National Grid metres; without a position (`x` or `y` null) it is listed below, never dropped.

    `label` is what is written on the map, where the name is longer than a map has room for.
    """

    code: str
    name: str
    x: float | None
    y: float | None
    mark: Mark
    figure: Figure
    label: str = ""

    @property
    def short(self) -> str:
        """What is written on the map."""
        return self.label or self.name

    def on(self, box: Box) -> bool:
        """Whether it has a position inside a box."""
        return self.x is not None and self.y is not None and box.holds(self.x, self.y)


def _fill(place: Place | None) -> str:
    return f"jk-fill-{FIFTHS.index(place.mark.verdict) + 1}" if place and place.mark.verdict in FIFTHS and not place.figure.missing else "jk-fill-0"


def _frame_of(shapes: Iterable[Shape], width: float, margin: float = 0.0) -> Frame:
    box = Box.around(s.box for s in shapes)
    pad = (box.x_max - box.x_min) * margin
    return Frame.fit(Box(box.x_min - pad, box.y_min - pad / 2, box.x_max + pad, box.y_max + pad / 2), width)


@frozen
class AreaMap(Drawing):
    """Areas filled by fifth, the worst striped; the chosen one outlined in ink, its value outside the coast.

    Areas without a figure are paper with a thin hatch, and counted. `outlines` are drawn over the fills (regions). An inset whose label is the chosen area outlines it again.
    """

    title: str
    unit: str
    shapes: tuple[Shape, ...]
    places: tuple[Place, ...]
    area: str
    insets: tuple[Inset, ...] = ()
    outlines: tuple[Shape, ...] = ()
    key_title: str = ""

    @property
    def _known(self) -> dict[str, Place]:
        return {p.code: p for p in self.places}

    @property
    def _prefix(self) -> str:
        return short_id("areamap", self.title, self.area, self.places)

    def description(self) -> str:
        """The map in a sentence."""
        own = self._known.get(self.area)
        name = next((s.name for s in self.shapes if s.code == self.area), self.area)
        first = f"{name}: {own.figure.text} {self.unit_words}, {own.mark.word.lower()}. " if own else ""
        return first + "; ".join(f"{label.lower()}: {n}" for _, label, _, n in self.key_rows()) + "."

    @property
    def unit_words(self) -> str:
        """The unit after a number; empty for a percentage, which has its sign."""
        return "" if self.unit.strip() in ("%", "percent") else self.unit

    def key_rows(self) -> list[tuple[Mark | None, str, str, int]]:
        """Mark, word, range and number of areas of each fill; areas without a figure last."""
        drawn = {s.code for s in self.shapes}
        rows: list[tuple[Mark | None, str, str, int]] = []
        for verdict in FIFTHS:
            held = sorted(
                (p for p in self.places if p.code in drawn and p.mark.verdict is verdict and not p.figure.missing),
                key=lambda p: p.figure.value or 0.0,
            )
            if held:
                rows.append((Mark(verdict), held[0].mark.word, f"{held[0].figure.text} to {held[-1].figure.text}", len(held)))
        without = len(drawn) - sum(n for *_, n in rows)
        return [*rows, (None, "No data", "", without)] if without else rows

    def _paths(self, frame: Frame, prefix: str, *, titled: bool) -> list[Safe]:
        known, drawn = self._known, []
        for shape in self.shapes:
            if not shape.box.meets(frame.box):
                continue
            place = known.get(shape.code)
            css = _fill(place)
            d = outline(shape, frame)
            says = f"{shape.name}: {place.figure.text}, {place.mark.word.lower()}" if place else f"{shape.name}: no data"
            drawn.append(el("path", {"class": css, "d": d}, el("title", None, says) if titled else None))
            if css in ("jk-fill-1", "jk-fill-0"):
                drawn.append(el("path", {"class": "jk-stripes", "fill": f"url(#{prefix}-{css[-1]})", "d": d}))
        return drawn

    def _layer(self, frame: Frame, prefix: str, *, titled: bool) -> Safe:
        own = [s for s in self.shapes if s.code == self.area and s.box.meets(frame.box)]
        borders = [el("path", {"class": "jk-region", "d": outline(s, frame)}) for s in self.outlines if s.box.meets(frame.box)]
        halo = [el("path", {"class": css, "d": outline(s, frame)}) for css in ("jk-own-halo", "jk-own-line") for s in own]
        # The coast is the same outlines once more, underneath and wider, so that only its outer half is seen.
        fills = el("g", {"id": f"{prefix}-fills"}, *self._paths(frame, prefix, titled=titled))
        coast = el("g", "jk-coast", el("use", {"href": f"#{prefix}-fills"}))
        return scaled(coast, el("g", "jk-fills", fills), *borders, *halo)

    def _main(self, frame: Frame, prefix: str) -> Safe:
        own = next((s for s in self.shapes if s.code == self.area), None)
        label = None
        if own:
            x, y = frame.at(own.label_x, own.label_y)
            place = self._known.get(self.area)
            words = f"{place.figure.text} {self.unit_words}".strip() if place else "no data"
            label = callouts([Callout(x, y, own.name, words, 5.0)], Coast.of(self.shapes, frame), frame.height)
        return join(_patterns(prefix), self._layer(frame, prefix, titled=True), label)

    def body(self) -> str:
        """The picture or table itself."""
        frame, prefix = _frame_of(self.shapes, _MAIN), self._prefix
        main = drawing("jk-map", frame.width, frame.height, self.title, self.description(), self._main(frame, prefix))
        insets = [self._inset(i, inset, prefix) for i, inset in enumerate(self.insets)]
        side = el("div", "jk-mapside", self._key(prefix), el("div", "jk-insets", *insets) if insets else None)
        return el("div", "jk-mapgrid", el("div", "jk-mapmain", main), side)

    def _inset(self, i: int, inset: Inset, prefix: str) -> Safe:
        frame = Frame.fit(inset.box, 240.0 if i == 0 else 200.0)
        name = f"{prefix}-i{i}"
        inner = join(_patterns(name), self._layer(frame, name, titled=True))
        svg = drawing("jk-inset", frame.width, frame.height, f"{self.title}: {inset.title}", "", inner)
        return el("figure", "jk-insetbox", el("figcaption", "jk-maptitle", inset.title), svg)

    def _key(self, prefix: str) -> Safe:
        rows = (
            el(
                "li",
                None,
                _swatch(mark, prefix),
                mark.icon() if mark else el("span", "jk-icon-space"),
                el("span", "jk-key-word", word),
                el("span", "jk-key-range", span),
                el("span", "jk-vh", f", {n} areas"),
            )
            for mark, word, span, n in self.key_rows()
        )
        return join(el("p", "jk-maptitle", self.key_title or f"{self.title}, {self.unit}"), el("ul", "jk-mapkey", *rows))

    def svg(self, credit: str = "") -> str:
        """The picture as an SVG document that stands alone, with its title and the credit (source, licence, boundaries) in it."""
        prefix, frame = f"{self._prefix}-alone", _frame_of(self.shapes, _MAIN)
        x, y = _MAIN + 32.0, 28.0
        parts = [text(x, 16, self.key_title or f"{self.title}, {self.unit}", "jk-t-own")]
        for mark, word, span, _ in self.key_rows():
            parts.append(el("g", {"transform": f"translate({x:g} {y:g})"}, _swatch_inner(mark, prefix), _key_words(mark, word, span)))
            y += 26
        for i, inset in enumerate(self.insets):
            part = Frame.fit(inset.box, 240.0 if i == 0 else 200.0)
            parts.append(text(x, y + 24, inset.title, "jk-t-own"))
            window = {"x": x, "y": y + 34, "width": part.width, "height": part.height, "overflow": "hidden"}
            parts.append(el("svg", window, _patterns(f"{prefix}-i{i}"), self._layer(part, f"{prefix}-i{i}", titled=False)))
            y += part.height + 48
        return standalone(_MAIN + 32 + _SIDE, max(frame.height, y), self.title, self.description(), self._main(frame, prefix), *parts, credit=credit)

    def _names(self) -> dict[str, str]:
        return {s.code: s.name for s in self.shapes}

    def data(self) -> tuple[tuple[str, ...], tuple[tuple[Cell, ...], ...]]:
        """Columns and rows, unrounded, for a CSV file."""
        names = self._names()
        rows = tuple((p.code, names.get(p.code, p.code), p.figure.value, self.unit, p.figure.gap, p.mark.word) for p in self.places)
        given = self._known
        return ("code", "name", "value", "unit", "status", "fifth"), rows + tuple(
            (s.code, s.name, None, self.unit, "not-published", "No data") for s in self.shapes if s.code not in given
        )

    def twin(self) -> str:
        """The same figures as a table behind "Show as table"."""
        names = self._names()
        ordered = sorted(
            self.places,
            key=lambda p: (p.mark.verdict not in FIFTHS, FIFTHS.index(p.mark.verdict) if p.mark.verdict in FIFTHS else 0, names.get(p.code, p.code)),
        )
        rows: list[tuple[Safe | str, ...]] = [(names.get(p.code, p.code), value(p.figure), p.mark.word) for p in ordered]
        rows += [(s.name, "no data", "No data") for s in self.shapes if s.code not in self._known]
        return twin_table(f"{self.title}, {self.unit}", ("Area", "Value", "Fifth"), rows, (False, True, False))


def _patterns(prefix: str) -> Safe:
    """Stripes for the worst fifth and a thin hatch for no data, in tenths of a pixel."""
    box = {"patternUnits": "userSpaceOnUse", "patternTransform": "rotate(45)"}
    return el(
        "defs",
        None,
        el("pattern", {"id": f"{prefix}-1", "width": 48, "height": 48, **box}, el("path", {"class": "jk-stripe", "d": "M24 0V48"})),
        el("pattern", {"id": f"{prefix}-0", "width": 40, "height": 40, **box}, el("path", {"class": "jk-thin", "d": "M20 0V40"})),
    )


def _swatch_inner(mark: Mark | None, prefix: str) -> Safe:
    """A sample of a fill at its own size."""
    box: dict[str, str | int | float | None] = {"x": 5, "y": 5, "width": 250, "height": 150}
    n = FIFTHS.index(mark.verdict) + 1 if mark else 0
    striped = (
        el("rect", {**box, "class": "jk-swatch", "fill": f"url(#{prefix}-{n})"})
        if n in (0, 1)
        else el("rect", {**box, "class": "jk-swatch", "fill": "none"})
    )
    return scaled(el("rect", {**box, "class": f"jk-fill-{n}"}), striped)


def _swatch(mark: Mark | None, prefix: str) -> Safe:
    return el(
        "svg",
        {"class": "jk-swatchbox", "viewBox": "0 0 26 16", "width": 26, "height": 16, "aria-hidden": "true", "focusable": "false"},
        _swatch_inner(mark, prefix),
    )


def _key_words(mark: Mark | None, word: str, span: str) -> Safe:
    glyph = el("g", {"transform": "translate(42 8)"}, mark.glyph()) if mark else None
    return join(glyph, text(60, 13, word, "jk-t-label"), text(_SIDE, 13, span, "jk-t-label", "end"))


# Verdicts that are rare stand on top of those that are not; the absent and the chosen come last.
_DEPTH: Final = {"down": 0, "diamond": 1, "circle": 1, "square": 2, "up": 3, "dash": 4, "cross": 4}
_KEY_ORDER: Final = {"up": 0, "square": 1, "down": 2, "circle": 3, "diamond": 4, "cross": 5, "dash": 6}


def _drawn_symbols(symbols: Sequence[Symbol], frame: Frame, area: str, scale: float, *, titled: bool = True) -> Safe:
    """The symbols inside a frame, the chosen one last and ringed."""
    here = sorted((s for s in symbols if s.on(frame.box)), key=lambda s: (s.code == area, _DEPTH[s.mark.shape], s.mark.shade, s.code))
    drawn: list[Safe] = []
    for s in here:
        x, y = frame.at(s.x or 0.0, s.y or 0.0)
        words = el("title", None, f"{s.name}: {s.figure.text}, {s.mark.word}") if titled else None
        wide = max(12.0, 8.5 / scale)
        ring = join(el("circle", {"class": "jk-ring-halo", "r": wide}), el("circle", {"class": "jk-ring", "r": wide})) if s.code == area else None
        place = f"translate({x:.1f} {y:.1f})" + (f" scale({scale:g})" if scale != 1 else "")
        drawn.append(el("g", {"class": "jk-sym" + (" jk-sym-own" if s.code == area else ""), "transform": place}, words, ring, s.mark.glyph()))
    return join(*drawn)


def _land(shapes: Sequence[Shape], frame: Frame, css: str, grain: int = 1) -> Safe:
    return scaled(*(el("path", {"class": css, "d": outline(s, frame, grain=grain)}) for s in shapes if s.box.meets(frame.box)))


def _counted(symbols: Sequence[Symbol], marks: Sequence[Mark] = ()) -> list[tuple[Mark, int]]:
    """How many symbols each mark has: the marks asked for in their order, then whatever else occurs. The counts sum to the symbols."""
    counts: dict[Mark, int] = dict.fromkeys(marks, 0)
    for s in symbols:
        counts[s.mark] = counts.get(s.mark, 0) + 1
    given = list(marks)
    rest = sorted((m for m in counts if m not in given), key=lambda m: (_KEY_ORDER[m.shape], m.shade, m.verdict, m.word))
    return [(m, counts[m]) for m in [*given, *rest]]


@frozen
class SymbolMap(Drawing):
    """One symbol a place on grey land, rare verdicts on top, the chosen one ringed; the key counts every symbol by its word.

    `callouts` are codes named beside the map with a leader; `beside` is the list of specialties that stands at its right; `detail` the outlines drawn in the insets.
    """

    title: str
    land: tuple[Shape, ...]
    symbols: tuple[Symbol, ...]
    area: str
    key: tuple[Mark, ...] = ()
    insets: tuple[Inset, ...] = ()
    detail: tuple[Shape, ...] = ()
    callouts: tuple[str, ...] = ()
    beside: FilterList | None = None
    key_title: str = "Colour and shape"
    noun: str = "trusts"

    def key_rows(self) -> list[tuple[Mark, int]]:
        """Each mark with its number of symbols; they sum to all symbols, with or without a position."""
        return _counted(self.symbols, self.key)

    @property
    def unplaced(self) -> tuple[Symbol, ...]:
        """The symbols that no position is known for."""
        return tuple(s for s in self.symbols if s.x is None or s.y is None)

    def description(self) -> str:
        """The map in a sentence."""
        own = next((s for s in self.symbols if s.code == self.area), None)
        first = f"{own.name}: {own.figure.text}, {own.mark.word}. " if own else ""
        return first + "; ".join(f"{m.word}: {n}" for m, n in self.key_rows()) + f", of {len(self.symbols)} {self.noun}."

    def _main(self, frame: Frame) -> Safe:
        wanted = []
        for code in dict.fromkeys((self.area, *self.callouts)):
            s = next((s for s in self.symbols if s.code == code and s.on(frame.box)), None)
            if s:
                x, y = frame.at(s.x or 0.0, s.y or 0.0)
                wanted.append(Callout(x, y, s.short, s.figure.text, 13.0 if code == self.area else 7.0))
        marks = _drawn_symbols(self.symbols, frame, self.area, 0.82)
        return join(_land(self.land, frame, "jk-land"), marks, callouts(wanted, Coast.of(self.land, frame), frame.height))

    def body(self) -> str:
        """The picture or table itself."""
        frame = _frame_of(self.land, _MAIN, 0.012)
        main = drawing("jk-map jk-symbolmap", frame.width, frame.height, self.title, self.description(), self._main(frame))
        left = el("div", "jk-mapmain", main, self._key(), self._unplaced())
        beside = el("div", "jk-mapside", Safe(self.beside.html())) if self.beside else None
        insets = el("div", "jk-insets jk-insets-wide", *(self._inset(i) for i in self.insets)) if self.insets else None
        return el("div", "jk-mapgrid" if beside else "jk-mapalone", left, beside, insets)

    def _inset_frame(self, inset: Inset) -> Frame:
        return Frame.fit(inset.box, 392.0)

    def _inset_inner(self, inset: Inset, frame: Frame, *, titled: bool = True) -> Safe:
        land = _land(self.land, frame, "jk-land")
        detail = _land(self.detail, frame, "jk-detail") if self.detail else None
        labels = []
        for s in self.symbols:
            if s.code in inset.labels and s.on(frame.box):
                labels.append(self._inset_label(s, frame))
        return join(land, detail, _drawn_symbols(self.symbols, frame, self.area, 1.0, titled=titled), *labels)

    def _inset_label(self, s: Symbol, frame: Frame) -> Safe:
        x, y = frame.at(s.x or 0.0, s.y or 0.0)
        wide = text_width(s.short, 13, bold=True)
        if s.code == self.area and x + 20 + wide < frame.width:
            return join(text(x + 19, y - 2, s.short, "jk-t-place"), text(x + 19, y + 14, s.figure.text, "jk-t-placevalue"))
        mid = min(max(x, wide / 2 + 2), frame.width - wide / 2 - 2)
        return join(text(mid, y - 27, s.short, "jk-t-place", "middle"), text(mid, y - 12, s.figure.text, "jk-t-placevalue", "middle"))

    def _inset(self, inset: Inset) -> Safe:
        frame = self._inset_frame(inset)
        inside = [s for s in self.symbols if s.on(inset.box)]
        says = f"{len(inside)} {self.noun} here. " + "; ".join(f"{m.word}: {n}" for m, n in _counted(inside)) + "."
        svg = drawing("jk-inset jk-symbolmap", frame.width, frame.height, f"{self.title}: {inset.title}", says, self._inset_inner(inset, frame))
        return el("figure", "jk-insetbox", el("figcaption", "jk-maptitle", inset.title), svg)

    def _key(self) -> Safe:
        rows = (el("li", None, m.icon(), el("span", "jk-key-word", m.word), el("span", "jk-key-range", f"{n:,}")) for m, n in self.key_rows())
        return join(el("p", "jk-maptitle", self.key_title), el("ul", "jk-mapkey jk-mapkey-counts", *rows))

    def _unplaced(self) -> Safe | None:
        if not self.unplaced:
            return None
        items = (
            el("li", None, s.mark.icon(), el("span", None, f"{s.name}: {s.figure.text}"), el("span", "jk-vh", f", {s.mark.word}"))
            for s in self.unplaced
        )
        words = f"Counted, but not on the map: no position is known for {len(self.unplaced)} of the {len(self.symbols)} {self.noun}."
        return el("div", "jk-unplaced", el("p", None, words), el("ul", None, *items))

    def svg(self, credit: str = "") -> str:
        """The picture as an SVG document that stands alone, with its title and the credit (source, licence, boundaries) in it."""
        frame = _frame_of(self.land, _MAIN, 0.012)
        x, y = _MAIN + 32.0, 28.0
        parts = [text(x, 16, self.key_title, "jk-t-own")]
        for mark, n in self.key_rows():
            parts.append(
                join(
                    symbol(mark, x + 9, y + 8), text(x + 28, y + 13, mark.word, "jk-t-label"), text(x + _SIDE, y + 13, f"{n:,}", "jk-t-label", "end")
                )
            )
            y += 26
        if self.unplaced:
            parts.append(text(x, y + 18, f"Not on the map: {len(self.unplaced)} without a known position", "jk-t-note"))
            y += 26
        top = max(frame.height, y) + 30
        bottom = top
        for i, inset in enumerate(self.insets):
            part = self._inset_frame(inset)
            at = (i % 2) * 424.0
            parts.append(text(at, top, inset.title, "jk-t-own"))
            window = {"x": at, "y": top + 12, "width": part.width, "height": part.height, "overflow": "hidden"}
            parts.append(el("svg", window, self._inset_inner(inset, part, titled=False)))
            bottom = max(bottom, top + 12 + part.height)
            top = bottom + 30 if i % 2 else top
        return standalone(_MAIN + 32 + _SIDE, bottom, self.title, self.description(), self._main(frame), *parts, credit=credit)

    def data(self) -> tuple[tuple[str, ...], tuple[tuple[Cell, ...], ...]]:
        """Columns and rows, unrounded, for a CSV file."""
        rows = tuple((s.code, s.name, s.figure.value, s.figure.gap, s.mark.word, s.x, s.y) for s in self.symbols)
        return ("code", "name", "value", "status", "verdict", "easting", "northing"), rows

    def twin(self) -> str:
        """The same figures as a table behind "Show as table"."""
        rows = [(s.name, value(s.figure), s.mark.word) for s in sorted(self.symbols, key=lambda s: (s.name, s.code))]
        return twin_table(self.title, (self.noun.capitalize(), "Value", "Verdict"), rows, (False, True, False))


@frozen
class SmallMap:
    """One small map: its name, its symbols and the line under it ("Blackpool:" and its figure)."""

    name: str
    symbols: tuple[Symbol, ...]
    foot: str = ""
    foot_value: str = ""
    href: str = ""

    def counts(self) -> list[tuple[Mark, int]]:
        """Better, near, missed and too few, always; then whatever else occurs. Shades are counted together."""
        order = {"jk-m-better": 0, "jk-m-similar": 1, "jk-m-worse": 2, "jk-m-few": 3}
        held: dict[str, tuple[Mark, int]] = {f"jk-m-{c}": (m, 0) for c, m in zip(("better", "similar", "worse", "few"), _COUNTED, strict=True)}
        for s in self.symbols:
            key = s.mark.css.split()[1]
            mark, n = held.get(key, (Mark(s.mark.verdict), 0))
            held[key] = (mark, n + 1)
        return [held[k] for k in sorted(held, key=lambda k: (order.get(k, 9), k))]

    def words(self, noun: str) -> str:
        """The small map in a sentence."""
        counted = "; ".join(f"{m.word.lower()}: {n}" for m, n in self.counts())
        return f"{counted}, of {len(self.symbols)} {noun}. {self.foot} {self.foot_value}".strip()


_COUNTED: Final = (Mark(Verdict.MET), Mark(Verdict.NEAR), Mark(Verdict.MISSED), Mark(Verdict.TOO_FEW))


@frozen
class MapGridRow:
    """Small maps under one heading ("Still waiting")."""

    name: str
    maps: tuple[SmallMap, ...]


@frozen
class MapGrid(Drawing):
    """Small symbol maps by specialty, each with the counts of its verdicts."""

    title: str
    land: tuple[Shape, ...]
    rows: tuple[MapGridRow, ...]
    area: str
    noun: str = "trusts"

    @property
    def _land_id(self) -> str:
        return short_id("land", self.title, self.area, self.rows)

    def _frame(self) -> Frame:
        return _frame_of(self.land, 188.0, 0.02)

    def body(self) -> str:
        """The picture or table itself."""
        frame, first = self._frame(), True
        parts = []
        for row in self.rows:
            blocks = []
            for small in row.maps:
                blocks.append(self._block(small, frame, first=first))
                first = False
            parts.append(join(el("h3", "jk-mapgrid-row", row.name), el("div", "jk-smallmaps", *blocks)))
        return el("div", "jk-mapgridpanel", *parts)

    def _inner(self, small: SmallMap, frame: Frame, land: Safe) -> Safe:
        return join(land, _drawn_symbols(small.symbols, frame, self.area, 0.5))

    def _block(self, small: SmallMap, frame: Frame, *, first: bool) -> Safe:
        # The land is written once and used by every other small map of the page.
        drawn = el("g", {"id": self._land_id}, _land(self.land, frame, "jk-land", 3)) if first else el("use", {"href": f"#{self._land_id}"})
        counts = (el("span", "jk-count", m.icon(14), el("span", "jk-vh", f"{m.word}: "), f"{n:,}") for m, n in small.counts())
        address = href_of(small.href) if small.href else None
        return el(
            "div",
            "jk-smallmap",
            el("h4", "jk-multiple-name", el("a", {"href": address}, small.name) if address else small.name),
            el("p", "jk-counts", *counts),
            drawing("jk-map jk-symbolmap", frame.width, frame.height, small.name, small.words(self.noun), self._inner(small, frame, drawn)),
            el("p", "jk-smallfoot", small.foot, " ", el("strong", None, small.foot_value)) if small.foot or small.foot_value else None,
        )

    def svg(self, credit: str = "") -> str:
        """The picture as an SVG document that stands alone, with its title and the credit (source, licence, boundaries) in it."""
        frame, parts, y, widest = self._frame(), [], 0.0, 1
        for row in self.rows:
            parts.append(text(0, y + 16, row.name, "jk-t-own"))
            widest = max(widest, len(row.maps))
            for i, small in enumerate(row.maps):
                x = i * 212.0
                head = text(x, y + 46, small.name, "jk-t-own")
                foot = text(x, y + 70 + frame.height, f"{small.foot} {small.foot_value}".strip(), "jk-t-label")
                inner = self._inner(small, frame, _land(self.land, frame, "jk-land", 3))
                parts.append(join(head, el("g", {"transform": f"translate({x:g} {y + 52:g})"}, inner), foot))
            y += frame.height + 92
        return standalone(
            widest * 212.0 - 24,
            y,
            self.title,
            " ".join(f"{r.name}: {m.name}: {m.words(self.noun)}" for r in self.rows for m in r.maps),
            *parts,
            credit=credit,
        )

    def data(self) -> tuple[tuple[str, ...], tuple[tuple[Cell, ...], ...]]:
        """Columns and rows, unrounded, for a CSV file."""
        rows = tuple(
            (r.name, m.name, s.code, s.name, s.figure.value, s.figure.gap, s.mark.word) for r in self.rows for m in r.maps for s in m.symbols
        )
        return ("group", "map", "code", "name", "value", "status", "verdict"), rows

    def twin(self) -> str:
        """The same figures as a table behind "Show as table"."""
        rows = [
            (
                r.name,
                m.name,
                *(f"{n:,}" for _, n in m.counts()[: len(_COUNTED)]),
                f"{len(m.symbols):,}",
                m.foot_value,
            )
            for r in self.rows
            for m in r.maps
        ]
        columns = ("Group", "Map", *(m.word for m in _COUNTED), f"All {self.noun}", "Chosen")
        return twin_table(self.title, columns, rows, (False, False, True, True, True, True, True, True))
