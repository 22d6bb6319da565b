"""Where residents wait: who treats an area's patients, and how many of them within 18 weeks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from attrs import frozen

from jsnakit.publish.panels._markup import Safe, el, join
from jsnakit.publish.panels._parts import body_rows, cell, fold, head, html_table, name_cell, shown_and_folded, value
from jsnakit.publish.panels._svg import standalone, text
from jsnakit.publish.panels.bars import Reference, Scale, bar, reference_note
from jsnakit.publish.panels.base import Cell, Drawing, Figure, figure, number_text
from jsnakit.publish.panels.marks import Mark

__all__ = ["Provider", "Providers"]

_HEIGHT: Final = 164.0


@frozen
class Provider:
    """One provider of an area's patients: waits, those within 18 weeks, and those over 52; null where not published. `own` is the area's own provider, drawn in ink."""

    code: str
    name: str
    waits: int
    within: int | None
    over_52: int | None = None
    own: bool = False
    mark: Mark | None = None

    @property
    def within_share(self) -> float | None:
        """Percentage within 18 weeks; null where it is not published or nobody waits."""
        return None if self.within is None or not self.waits else self.within / self.waits * 100


@frozen
class Providers(Drawing):
    """Blocks: width is the share of waits, dark height the share within 18 weeks, the standard dashed across; below them the providers as a bar table.

    Providers under `pool_below` (a share) are pooled in the last block; the table names each.
    """

    providers: tuple[Provider, ...]
    title: str = ""
    standard: float = 92.0
    pool_below: float = 0.06
    first: int = 8
    caption: str = ""

    @property
    def total(self) -> int:
        """All waits."""
        return sum(p.waits for p in self.providers)

    def blocks(self) -> tuple[Provider, ...]:
        """The providers as drawn: the large ones, then the small ones as one ("others")."""
        least = self.total * self.pool_below
        large = [p for p in self.providers if p.own or p.waits >= least]
        small = [p for p in self.providers if p not in large and p.waits]
        if len(small) == 1:
            return (*large, small[0])
        if not small:
            return tuple(large)
        known = [p for p in small if p.within is not None]
        # The pool speaks only of those that publish both; with none it is drawn as missing.
        within = sum(p.within or 0 for p in known) if len(known) == len(small) else None
        return (*large, Provider("", "others", sum(p.waits for p in small), within))

    def description(self) -> str:
        """The blocks in a sentence."""
        return "; ".join(f"{p.name}: {p.waits:,} waits, {self._share(p)}, {self._within_words(p)}" for p in self.blocks()) + "."

    def _share(self, p: Provider) -> str:
        return number_text(p.waits / self.total * 100 if self.total else 0.0, "%", 0)

    def _within_words(self, p: Provider) -> str:
        return "within 18 weeks not known" if p.within_share is None else f"{number_text(p.within_share, '%', 0)} within 18 weeks"

    def _drawn(self, width: float | None) -> Safe:
        """The blocks; in percent of the width, or in pixels where a width is given (a picture that stands alone)."""

        def across(share: float) -> str:
            return f"{share * 100:.2f}%" if width is None else f"{share * width:.1f}"

        parts, at = [], 0.0
        for i, p in enumerate(self.blocks()):
            share = p.waits / self.total if self.total else 0.0
            parts.append(self._block(p, share, across(at), across(share), across(at + share / 2)))
            if i:
                parts.append(el("line", {"class": "jk-block-rule", "x1": across(at), "x2": across(at), "y1": "0", "y2": _HEIGHT}))
            at += share
        y = _HEIGHT * (1 - self.standard / 100)
        return join(*parts, el("line", {"class": "jk-dash jk-dash-strong", "x1": "0", "x2": across(1.0), "y1": f"{y:.1f}", "y2": f"{y:.1f}"}))

    def _block(self, p: Provider, share: float, x: str, wide: str, middle: str) -> Safe:
        within = p.within_share
        back = el("rect", {"class": "jk-block-back" if within is not None else "jk-block-unknown", "x": x, "y": 0, "width": wide, "height": _HEIGHT})
        size = "" if share >= 0.09 else " jk-small-block"
        if within is None:
            return join(
                back,
                el("text", {"x": middle, "y": _HEIGHT / 2, "text-anchor": "middle", "class": f"jk-t-note{size}"}, "no data")
                if share >= 0.08
                else None,
            )
        top = _HEIGHT * (1 - within / 100)
        dark = el(
            "rect",
            {"class": "jk-block-own" if p.own else "jk-block-other", "x": x, "y": f"{top:.1f}", "width": wide, "height": f"{_HEIGHT - top:.1f}"},
        )
        words = number_text(within, "%", 0)
        if share >= 0.35:
            # Inside where the dark part is high enough for a line of text, else above it.
            inside = top < _HEIGHT - 28
            over = (
                el(
                    "text",
                    {"x": x, "dx": 14, "y": f"{top - 11:.1f}", "class": "jk-t-block-over"},
                    f"{number_text(100 - within, '%', 0)} have waited longer",
                )
                if top > 36
                else None
            )
            label = el("text", {"x": x, "dx": 14, "y": f"{top + 25:.1f}", "class": "jk-t-block"}, f"{words} within 18 weeks") if inside else None
            return join(back, dark, over, label)
        fits = share >= 0.045 and top < _HEIGHT - 22
        return join(
            back,
            dark,
            el("text", {"x": middle, "y": f"{top + 18:.1f}", "text-anchor": "middle", "class": f"jk-t-block-small{size}"}, words) if fits else None,
        )

    def _labels(self) -> tuple[tuple[str, str], tuple[str, str]]:
        """What is written under the first block, and under the others together: names, and waits with their share."""
        blocks = self.blocks()
        if not blocks:
            return ("", ""), ("", "")
        first, rest = blocks[0], blocks[1:]
        waits = sum(p.waits for p in rest)
        other = (
            (", ".join(p.name for p in rest), f"{waits:,} waits, {number_text(waits / self.total * 100 if self.total else 0.0, '%', 0)}")
            if rest
            else ("", "")
        )
        return (first.name, f"{first.waits:,} waits, {self._share(first)}"), other

    def body(self) -> str:
        """The picture or table itself."""
        svg = el(
            "svg",
            {"class": "jk-svg jk-blocks", "width": "100%", "height": _HEIGHT, "role": "img"},
            el("title", None, self.title or "Where residents wait"),
            el("desc", None, self.description()),
            self._drawn(None),
        )
        (name, waits), (others, rest) = self._labels()
        left = el("span", "jk-blocklabel", el("strong", None, name), el("span", None, waits))
        right = el("span", "jk-blocklabel jk-blocklabel-rest", el("span", "jk-blockname", others), el("span", None, rest)) if others else None
        head_line = el("p", "jk-blockhead", f"dashed: the standard, {number_text(self.standard, '%', 0)}")
        return join(el("div", "jk-figure", head_line, svg, el("div", {"class": "jk-blocklabels", "aria-hidden": "true"}, left, right)), self._bars())

    def _bars(self) -> Safe:
        shown, rest = shown_and_folded(self.providers, self.first, [p.own for p in self.providers])
        note = reference_note(self._references, "Bar: share within 18 weeks. Right: open waits.")
        table = self._table(shown)
        return join(note, table, fold(f"Show all {len(self.providers):,} providers", self._table(rest)) if rest else None)

    @property
    def _references(self) -> tuple[Reference, ...]:
        return (Reference("Standard", self.standard, number_text(self.standard, "%", 0)),)

    def _table(self, providers: Sequence[Provider]) -> Safe:
        scale = Scale(0.0, 100.0)
        heads = (
            cell("jk-name", "Provider", role="columnheader"),
            cell("jk-num jk-waits", "Open waits", role="columnheader"),
            cell("jk-num jk-minor", "Share", role="columnheader"),
            cell("jk-barcell", "Within 18 weeks", role="columnheader"),
            *([cell("jk-num jk-minor", "Over 52 weeks", role="columnheader")] if self._long_known else []),
        )
        return html_table(
            "jk-providers", self.caption or "Providers of the area's patients", head(*heads), body_rows(self._row(p, scale) for p in providers)
        )

    @property
    def _long_known(self) -> bool:
        """Whether anything is known of the longest waits: a column of nothing but gaps says less than none."""
        return any(p.over_52 is not None for p in self.providers)

    def _figures(self, p: Provider) -> tuple[Figure, Figure, Figure]:
        share = p.waits / self.total * 100 if self.total else None
        return figure(share, "%"), figure(p.within_share, "%"), figure(p.over_52, "", 0)

    def _row(self, p: Provider, scale: Scale) -> Safe:
        share, within, long = self._figures(p)
        return el(
            "tr",
            {"role": "row", "class": "jk-own" if p.own else None},
            name_cell(p.name),
            cell("jk-num jk-waits", f"{p.waits:,}"),
            cell("jk-num jk-minor", value(share)),
            cell("jk-barcell", bar(within, scale, self._references)),
            *([cell("jk-num jk-minor", value(long))] if self._long_known else []),
        )

    def svg(self, credit: str = "") -> str:
        """The picture as an SVG document that stands alone, with its title and the credit (source, licence, boundaries) in it."""
        (name, waits), (others, rest) = self._labels()
        labels = join(text(0, 24 + _HEIGHT + 22, name, "jk-t-own"), text(0, 24 + _HEIGHT + 40, waits, "jk-t-note"))
        labels = join(labels, text(816, 24 + _HEIGHT + 22, others, "jk-t-label", "end"), text(816, 24 + _HEIGHT + 40, rest, "jk-t-note", "end"))
        dashed = text(816, 14, f"dashed: the standard, {number_text(self.standard, '%', 0)}", "jk-t-note", "end")
        return standalone(
            816,
            24 + _HEIGHT + 50,
            self.title,
            self.description(),
            dashed,
            el("g", {"transform": "translate(0 24)"}, self._drawn(816.0)),
            labels,
            credit=credit,
        )

    def data(self) -> tuple[tuple[str, ...], tuple[tuple[Cell, ...], ...]]:
        """Columns and rows, unrounded, for a CSV file."""
        rows = tuple(
            (
                p.code,
                p.name,
                p.waits,
                p.waits / self.total if self.total else None,
                p.within,
                p.within_share,
                p.over_52,
                p.mark.word if p.mark else None,
            )
            for p in self.providers
        )
        return ("code", "name", "waits", "share", "within_18_weeks", "percent_within_18_weeks", "over_52_weeks", "verdict"), rows
