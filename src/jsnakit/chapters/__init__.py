"""Chapters as pure data, and the author's format they are written in: Markdown with TOML.

A chapter cannot fetch: it says which panels it wants, of which measures; `jsnakit.publish` brings the figures.
"""

from __future__ import annotations

from jsnakit.chapters._blocks import Block, Chapter, ChapterState, Figure, Page, Panel, Prose
from jsnakit.chapters._reading import PLACEHOLDERS, fill, read_chapter, read_chapters, render_markdown
from jsnakit.chapters.options import PANELS, Options
from jsnakit.chapters.template import new_project

__all__ = [
    "PANELS",
    "PLACEHOLDERS",
    "Block",
    "Chapter",
    "ChapterState",
    "Figure",
    "Options",
    "Page",
    "Panel",
    "Prose",
    "fill",
    "new_project",
    "read_chapter",
    "read_chapters",
    "render_markdown",
]
