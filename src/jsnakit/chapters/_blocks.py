"""A chapter as pure data: pages of prose and figures. Nothing here fetches, computes or draws."""

from __future__ import annotations

import datetime as dt
import enum
from typing import Any, Protocol, runtime_checkable

from attrs import field, frozen, validators

from jsnakit.chapters.options import Options
from jsnakit.model import Theme

__all__ = ["Block", "Chapter", "ChapterState", "Figure", "Page", "Panel", "Prose"]


class ChapterState(enum.StrEnum):
    """How far a chapter is: a draft is watermarked and says draft in its title."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    PUBLISHED = "published"


@runtime_checkable
class Panel(Protocol):
    """What a figure becomes: a piece of HTML that reads without scripts, and the rows it was drawn from."""

    def html(self) -> str:
        """The drawing as safe HTML: everything in it that came from data is escaped."""

    def data(self) -> Any:
        """The rows behind the drawing, as a list of mappings."""


@frozen
class Prose:
    """The author's own words, in Markdown without raw HTML; `line` is where they begin in the file."""

    markdown: str
    line: int = 0


@frozen
class Figure:
    """One figure as the author asked for it: which panel, with which options."""

    panel: str
    options: Options
    line: int = 0


Block = Prose | Figure


@frozen
class Page:
    """One page of a chapter: a title for its tab, and its blocks in order. The first page is the chapter's own."""

    title: str
    slug: str
    blocks: tuple[Block, ...] = ()


_SLUG = r"[a-z0-9]+(?:-[a-z0-9]+)*"


@frozen(kw_only=True)
class Chapter:
    """A chapter of the assessment: its title, place in the order, state, owner, and pages.

    >>> Chapter(title="Voice", slug="voice", order=3).state.value
    'draft'
    """

    title: str
    slug: str = field(validator=validators.matches_re(_SLUG))
    order: int
    theme: Theme | None = None
    state: ChapterState = ChapterState.DRAFT
    owner: str = ""
    review_by: dt.date | None = None
    pages: tuple[Page, ...] = ()
    file: str = ""

    @property
    def figures(self) -> tuple[Figure, ...]:
        """Every figure of the chapter, in reading order."""
        return tuple(b for p in self.pages for b in p.blocks if isinstance(b, Figure))
