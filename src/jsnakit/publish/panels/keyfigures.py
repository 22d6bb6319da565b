"""Key figures: at most a handful of numbers, each with its verdict and what it is held against."""

from __future__ import annotations

from attrs import frozen

from jsnakit.publish.panels._markup import Safe, el
from jsnakit.publish.panels.base import Cell, Panel
from jsnakit.publish.panels.marks import Mark

__all__ = ["KeyFigure", "KeyFigures"]


@frozen
class KeyFigure:
    """One number: its name, the number as printed, a unit (a % sign belongs to the number), the verdict and a reference sentence."""

    name: str
    number: str
    unit: str = ""
    mark: Mark | None = None
    reference: str = ""

    def html(self) -> Safe:
        """The block."""
        return el(
            "div",
            "jk-key",
            el("dt", "jk-key-name", self.name),
            el(
                "dd",
                "jk-key-number",
                el("span", "jk-key-value", self.number),
                " " if self.unit else None,
                el("span", "jk-key-unit", self.unit) if self.unit else None,
            ),
            el(
                "dd",
                "jk-key-beside",
                el("div", "jk-key-verdict", self.mark.html()) if self.mark else None,
                el("div", "jk-key-reference", self.reference) if self.reference else None,
            )
            if self.mark or self.reference
            else None,
        )


@frozen
class KeyFigures(Panel):
    """Up to four numbers in a row, two by two on narrow screens."""

    items: tuple[KeyFigure, ...]

    def body(self) -> str:
        """The picture or table itself."""
        return el("dl", "jk-keys", (item.html() for item in self.items))

    def data(self) -> tuple[tuple[str, ...], tuple[tuple[Cell, ...], ...]]:
        """Columns and rows, unrounded, for a CSV file."""
        rows = tuple((i.name, i.number, i.unit, i.mark.word if i.mark else None, i.reference) for i in self.items)
        return ("measure", "number", "unit", "verdict", "reference"), rows
