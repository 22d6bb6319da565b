"""What people said: quotations, what was said by how many, and how it was gathered. Text only, with its source beside it."""

from __future__ import annotations

from attrs import frozen

from jsnakit.publish.panels._markup import Safe, el
from jsnakit.publish.panels.base import Cell, Panel
from jsnakit.publish.panels.tables import Column, Row, Table

__all__ = ["Evidence", "Quotation"]


@frozen
class Quotation:
    """Words as they were said, and by whom."""

    text: str
    by: str = ""

    def html(self) -> Safe:
        """The quotation, in quotation marks."""
        said = el("blockquote", None, el("p", None, f"\u201c{self.text}\u201d"))
        return el("figure", "jk-quote", said, el("figcaption", None, self.by) if self.by else None)


@frozen
class Evidence(Panel):
    """Paragraphs, quotations, and a table of what was said by how many. `said` are rows as printed: a count that is hidden is given as its words, since what is not here cannot be shown.

    `method` are pairs of words: who was asked, when, how.
    """

    paragraphs: tuple[str, ...] = ()
    quotations: tuple[Quotation, ...] = ()
    said: tuple[tuple[str, int | str], ...] = ()
    method: tuple[tuple[str, str], ...] = ()
    people: str = ""
    caption: str = "What was said"

    def body(self) -> str:
        """The picture or table itself."""
        rows = tuple(Row((what, f"{n:,}" if isinstance(n, int) else n)) for what, n in self.said)
        table = Table(
            (Column("What was said"), Column(f"People, of {self.people}" if self.people else "People", numeric=True)),
            rows,
            caption=self.caption,
            noun="things said",
            first=len(rows),
        )
        facts = el("dl", "jk-method", *(part for k, v in self.method for part in (el("dt", None, k), el("dd", None, v))))
        return el(
            "div", "jk-evidence",
            *(el("p", None, p) for p in self.paragraphs), *(q.html() for q in self.quotations), Safe(table.body()) if rows else None, facts if self.method else None,
        )  # fmt: skip

    def data(self) -> tuple[tuple[str, ...], tuple[tuple[Cell, ...], ...]]:
        """Columns and rows, unrounded, for a CSV file."""
        rows: list[tuple[Cell, ...]] = [("quotation", q.text, q.by, None) for q in self.quotations]
        rows += [("said", what, None, n) for what, n in self.said]
        rows += [("method", v, k, None) for k, v in self.method]
        return ("kind", "text", "by", "people"), tuple(rows)
