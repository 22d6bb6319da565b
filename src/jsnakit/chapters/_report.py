"""A report on a few measures of one place, as a chapter that nobody had to write."""

from __future__ import annotations

from collections.abc import Sequence

from jsnakit.chapters._blocks import Chapter, ChapterState, Figure, Page
from jsnakit.chapters.options import Group, Headline, KeyFigures, Ranked, Spine, Trends
from jsnakit.errors import NoDataError
from jsnakit.model import Indicator

__all__ = ["report_on"]

_KEYS = 4


def report_on(name: str, indicators: Sequence[Indicator]) -> Chapter:
    """The chapter: where the place stands on the measures, how they have changed, and each beside other places; in the order given, grouped by theme.

    Raises `NoDataError` without a measure.

    >>> smoking = Indicator("t.smoking", "Smoking", "%", definition="Adults who smoke.")
    >>> [f.panel for f in report_on("Blackpool", [smoking]).figures]
    ['headline', 'key_figures', 'spine', 'trends', 'ranked']
    """
    if not indicators:
        raise NoDataError("a report needs a measure", hint="`jsnakit indicators` lists them", available=())
    ids = tuple(i.id for i in indicators)
    themes = list(dict.fromkeys(i.theme for i in indicators))
    groups = tuple(Group(name=_theme(theme), indicators=tuple(i.id for i in indicators if i.theme == theme)) for theme in themes)
    blocks = (
        Figure("headline", Headline(indicator=ids[0], measures=ids)),
        Figure("key_figures", KeyFigures(indicators=ids[:_KEYS])),
        Figure("spine", Spine(group=groups)),
        Figure("trends", Trends(indicators=ids)),
        *(Figure("ranked", Ranked(indicator=i)) for i in ids),
    )
    return Chapter(title=f"Report on {name}", slug="report", order=1, state=ChapterState.IN_REVIEW, pages=(Page("Report", "index", blocks),))


def _theme(theme: str | None) -> str:
    return str(theme).replace("_", " ").capitalize() if theme else "Measures"
