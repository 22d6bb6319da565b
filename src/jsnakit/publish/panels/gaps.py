"""The key that closes every chapter page: how gaps are drawn."""

from __future__ import annotations

from attrs import frozen

from jsnakit.publish.panels._markup import Safe, el, join
from jsnakit.publish.panels.base import Cell, Panel
from jsnakit.publish.panels.marks import Gap

__all__ = ["GapKey", "gap_mark"]


def gap_mark(gap: Gap | None, x: float, y: float, width: float = 14.0) -> Safe:
    """The mark of a figure that is not there, centred on x, y in a drawing: a hatched stub (hidden), a cross (not sent), a short dash (no data). Never at zero, and never a dot."""
    half = width / 2
    if gap is Gap.SUPPRESSED:
        # Strokes at 45 degrees cut to the stub by hand: a clip path would need an id of its own.
        strokes = []
        for k in range(1, int((width + 10) // 5)):
            begin, end = max(0.0, k * 5.0 - 10.0), min(width, k * 5.0)
            strokes.append(f"M{x - half + begin:.1f} {y - 5 + (k * 5.0 - begin):.1f}L{x - half + end:.1f} {y - 5 + (k * 5.0 - end):.1f}")
        stub = el("rect", {"class": "jk-stub", "x": f"{x - half:.1f}", "y": f"{y - 5:.1f}", "width": f"{width:.1f}", "height": 10})
        return el("g", "jk-gapmark", el("path", {"class": "jk-hatch", "d": "".join(strokes)}), stub)
    drawn = f"M{x - 4.5:.1f} {y - 4.5:.1f}l9 9m0-9l-9 9" if gap is Gap.NOT_SUBMITTED else f"M{x - 4:.1f} {y:.1f}h8"
    return el("path", {"class": "jk-m jk-m-absent jk-gapmark", "d": drawn})


@frozen
class GapKey(Panel):
    """How zero, absence and repeated values are drawn on every page. `threshold` is the number under which nothing is judged."""

    title: str = "How gaps are drawn on every page"
    threshold: int = 20

    def entries(self) -> tuple[tuple[str, str, Safe, str], ...]:
        """Name, sentence, drawing and the word beside the drawing, in the order of the page."""
        lines = "".join(f"M{x} 23 {x + 16} 7" for x in range(-12, 46, 6))
        hatch = join(el("path", {"class": "jk-hatch", "d": lines}), el("rect", {"class": "jk-stub", "x": 1, "y": 7, "width": 49, "height": 16}))
        return (
            ("Zero", "A real figure: nothing was counted.", el("path", {"class": "jk-bar-zero", "d": "M1 4V26"}), "0"),
            (
                "Not published",
                "No figure exists for this place or time.",
                join(el("path", {"class": "jk-thin", "d": "M1 4V26"}), el("path", {"class": "jk-m jk-m-absent", "d": "M8 15h16"})),
                "no data",
            ),
            ("Suppressed", "A small number, hidden to protect people.", hatch, "hidden"),
            ("Not submitted", "The organisation sent nothing.", el("path", {"class": "jk-m jk-m-absent", "d": "M5 10 15 20M5 20 15 10"}), "not sent"),
            (
                "Too few to judge",
                "Shown, but given no colour.",
                el("path", {"class": "jk-m jk-m-few", "d": "M10 8l7 7-7 7-7-7z"}),
                f"n < {self.threshold}",
            ),
            (
                "Carried forward",
                "An earlier year\u2019s value, repeated by the publisher.",
                join(
                    el("path", {"class": "jk-line jk-line-repeated", "d": "M4 15H36"}),
                    el("circle", {"class": "jk-point-open", "cx": 40, "cy": 15, "r": 4}),
                ),
                "",
            ),
        )

    def body(self) -> str:
        """The picture or table itself."""
        widths = {"Zero": 8, "Not published": 28, "Suppressed": 52, "Carried forward": 48}
        blocks = []
        for name, sentence, drawn, word in self.entries():
            width = widths.get(name, 22)
            svg = el("svg", {"viewBox": f"0 0 {width} 30", "width": width, "height": 30, "aria-hidden": "true", "focusable": "false"}, drawn)
            blocks.append(
                el(
                    "div",
                    "jk-gapkey-item",
                    el("div", {"class": "jk-gapkey-picture", "aria-hidden": "true"}, svg, el("span", None, word) if word else None),
                    el("dt", None, name),
                    el("dd", None, sentence),
                )
            )
        return el("section", {"class": "jk-gapkey", "aria-label": self.title}, el("h2", "jk-gapkey-title", self.title), el("dl", None, *blocks))

    def data(self) -> tuple[tuple[str, ...], tuple[tuple[Cell, ...], ...]]:
        """Columns and rows, unrounded, for a CSV file."""
        return ("drawn as", "meaning"), tuple((name, sentence) for name, sentence, _, _ in self.entries())
