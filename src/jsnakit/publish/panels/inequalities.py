"""One measure for groups of people side by side, with the gap between them in words."""

from __future__ import annotations

from attrs import field, frozen

from jsnakit.publish.panels._markup import el, join
from jsnakit.publish.panels.bars import BarRow, RankedBars, RankedIntervals, Reference
from jsnakit.publish.panels.base import Cell, Drawing

__all__ = ["Gulf", "Inequalities"]


@frozen
class Gulf:
    """A measure of the gap: the number as printed ("11.9 points", "1.7 times") and the sentence under it."""

    number: str
    sentence: str


@frozen
class Inequalities(Drawing):
    """Groups as ranked intervals (or bars from zero where no interval is published), under the gap between them in numbers and words.

    Rows stand in the order given: deprivation from the most deprived, ages from the youngest, other groups from the highest. `reference` is the figure of the whole area.
    """

    title: str
    rows: tuple[BarRow, ...]
    unit: str = ""
    gaps: tuple[Gulf, ...] = ()
    reference: Reference | None = None
    name_heading: str = "Group"
    verdict_heading: str = "Against the whole"
    noun: str = "groups"
    decimals: int = field(default=1)

    @property
    def ranked(self) -> RankedIntervals | RankedBars:
        """The rows as they are drawn: intervals if any figure has one."""
        if any(r.figure.lower is not None and r.figure.upper is not None for r in self.rows):
            return RankedIntervals(
                self.rows, "", self.unit, self.reference, self.name_heading, verdict_heading=self.verdict_heading, noun=self.noun, caption=self.title,
                decimals=self.decimals,
            )  # fmt: skip
        references = (self.reference,) if self.reference else ()
        return RankedBars(
            self.rows,
            "",
            self.unit,
            references,
            self.name_heading,
            self.verdict_heading if any(r.mark for r in self.rows) else "",
            noun=self.noun,
            caption=self.title,
        )

    def body(self) -> str:
        """The picture or table itself."""
        blocks = (el("div", None, el("dt", None, g.number), el("dd", None, g.sentence)) for g in self.gaps)
        return join(el("dl", "jk-gulfs", *blocks) if self.gaps else None, el("div", "jk-unequal", self.ranked.markup()))

    def sentence(self) -> str:
        """The gap in words, then each group's figure."""
        said = [f"{g.number}: {g.sentence}" for g in self.gaps]
        return " ".join([*said, "; ".join(f"{r.name} {r.figure.text}" for r in self.rows) + "."])

    def svg(self, credit: str = "") -> str:
        """The picture as an SVG document that stands alone, with its title and the credit (source, licence, boundaries) in it."""
        return self.ranked.picture(self.title, self.sentence(), credit, [f"{g.number}. {g.sentence}" for g in self.gaps])

    def data(self) -> tuple[tuple[str, ...], tuple[tuple[Cell, ...], ...]]:
        """Columns and rows, unrounded, for a CSV file."""
        return self.ranked.data()
