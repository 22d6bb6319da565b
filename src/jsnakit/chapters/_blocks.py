"""A chapter as pure data: pages of prose and figures. Nothing here fetches, computes or draws."""

from __future__ import annotations

import datetime as dt
import enum
import re
from collections.abc import Mapping
from typing import Any, Protocol, runtime_checkable

from attrs import field, frozen, validators

from jsnakit.chapters._kinds import PanelKind
from jsnakit.chapters._prose import NAME, PLACEHOLDERS, Measure
from jsnakit.chapters.options import Options
from jsnakit.errors import InvalidValueError
from jsnakit.model import Theme

__all__ = ["Block", "Chapter", "ChapterState", "Figure", "Page", "Panel", "Prose"]


class ChapterState(enum.StrEnum):
    """How far a chapter is: a draft is watermarked and says draft in its title; what is approved says by whom and when."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    APPROVED = "approved"
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
    """One figure as the author asked for it: which panel, with which options; `kind` is the panel's own where a plugin offers it."""

    panel: str
    options: Options
    line: int = 0
    kind: PanelKind | None = None


Block = Prose | Figure


@frozen
class Page:
    """One page of a chapter: a title for its tab, and its blocks in order. The first page is the chapter's own."""

    title: str
    slug: str
    blocks: tuple[Block, ...] = ()


_SLUG = r"[a-z0-9]+(?:-[a-z0-9]+)*"


def _measures(given: Mapping[str, Measure | str]) -> Mapping[str, Measure]:
    return {name: Measure(m) if isinstance(m, str) else m for name, m in given.items()}


@frozen(kw_only=True)
class Chapter:
    """A chapter of the assessment: its title, place in the order, state, owner, and pages.

    `indicators` gives short names to measures (or their ids), so that prose may say `{{ smoking.value }}`. An approved chapter names who approved it, and when.
    Raises `InvalidValueError` for an approval without both, or for a short name that is none.

    >>> Chapter(title="Voice", slug="voice", order=3).state.value
    'draft'
    >>> Chapter(title="Living well", slug="living-well", order=1, indicators={"smoking": "healthindex.smoking"}).indicators["smoking"].indicator
    'healthindex.smoking'
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
    approved_by: str = ""
    approved_on: dt.date | None = None
    indicators: Mapping[str, Measure] = field(factory=dict, converter=_measures)

    def __attrs_post_init__(self) -> None:
        given = [n for n in ("approved_by", "approved_on") if getattr(self, n)]
        approved = self.state is ChapterState.APPROVED
        if len(given) == 1 or (approved and not given):
            lacking = [n for n in ("approved_by", "approved_on") if n not in given]
            raise InvalidValueError(
                f"the chapter {self.title!r} {'is approved' if approved else 'names its approval by half'}, and {' and '.join(lacking)} "
                f"{'are' if len(lacking) > 1 else 'is'} missing",
                hint='say who approved it and when: approved_by = "Health and Wellbeing Board", approved_on = 2026-11-04',
                value="state" if approved else given[0],
            )
        for name in self.indicators:
            if not re.fullmatch(NAME, name) or name in PLACEHOLDERS:
                raise InvalidValueError(
                    f"{name!r} is not a short name for a measure", value=name,
                    hint=f"use small letters, digits and underscores, beginning with a letter, and not {', '.join(PLACEHOLDERS)}",
                )  # fmt: skip

    @property
    def figures(self) -> tuple[Figure, ...]:
        """Every figure of the chapter, in reading order."""
        return tuple(b for p in self.pages for b in p.blocks if isinstance(b, Figure))
