"""Chapters as pure data, and the author's format they are written in: Markdown with TOML.

A chapter cannot fetch: it says which panels it wants, of which measures; `jsnakit.publish` brings the figures.
"""

from __future__ import annotations

from jsnakit.chapters._blocks import Block, Chapter, ChapterState, Figure, Page, Panel, Prose
from jsnakit.chapters._kinds import PanelKind
from jsnakit.chapters._prose import CLAIMS, FIELDS, PLACEHOLDERS, TREND_WORDS, Measure, Placeholder, Said, Value, Written, fill, placeholders, write
from jsnakit.chapters._reading import read_chapter, read_chapters, render_markdown
from jsnakit.chapters._report import report_on
from jsnakit.chapters.options import PANELS, Options
from jsnakit.chapters.template import new_project

__all__ = [
    "CLAIMS",
    "FIELDS",
    "PANELS",
    "PLACEHOLDERS",
    "TREND_WORDS",
    "Block",
    "Chapter",
    "ChapterState",
    "Figure",
    "Measure",
    "Options",
    "Page",
    "Panel",
    "PanelKind",
    "Placeholder",
    "Prose",
    "Said",
    "Value",
    "Written",
    "fill",
    "new_project",
    "placeholders",
    "read_chapter",
    "read_chapters",
    "render_markdown",
    "report_on",
    "write",
]
