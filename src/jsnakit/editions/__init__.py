"""Editions: what was published, kept whole and unchanged, each file once under the name of its content; and what changed from one to the next."""

from __future__ import annotations

from jsnakit.editions._changes import Changes, ChapterChange, DefinitionChange, MeasureChange, Revised, StandingChange, TextChange, compare
from jsnakit.editions._record import Edition, KeptChapter, KeptMeasure, KeptPage, Standing, checked_name, edition_key
from jsnakit.editions._shelf import Shelf, digest_of

__all__ = [
    "Changes",
    "ChapterChange",
    "DefinitionChange",
    "Edition",
    "KeptChapter",
    "KeptMeasure",
    "KeptPage",
    "MeasureChange",
    "Revised",
    "Shelf",
    "Standing",
    "StandingChange",
    "TextChange",
    "checked_name",
    "compare",
    "digest_of",
    "edition_key",
]
