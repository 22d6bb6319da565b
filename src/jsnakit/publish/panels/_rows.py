"""Ranked rows as a picture: what a page shows as a table, drawn as one SVG for a slide or a report."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from jsnakit.publish.panels._markup import Child, Safe, el, join
from jsnakit.publish.panels._svg import text
from jsnakit.publish.panels.gaps import gap_mark
from jsnakit.publish.panels.marks import Gap, symbol

if TYPE_CHECKING:
    from jsnakit.publish.panels.bars import BarRow, Reference, Scale

__all__ = ["WIDTH", "bar_rows", "interval_rows"]

WIDTH: Final = 816.0
_LEFT, _RIGHT = 240.0, 580.0
_ROW = 28.0
_LINE = 17.0


def _names(rows: Sequence[BarRow]) -> list[list[str]]:
    return [textwrap.wrap(r.name, 30) or [""] for r in rows]


def _frame(
    rows: Sequence[BarRow], area_key: str, heads: Sequence[tuple[float, str, str]], references: Sequence[Reference], scale: Scale
) -> tuple[list[Child], list[float], float]:
    """Heads, names, hairlines and the lines of references; the middle of each row and the height of all."""
    parts: list[Child] = [text(x, 14, words, "jk-t-label", anchor) for x, words, anchor in heads]
    middles: list[float] = []
    y = 26.0
    parts.append(_level("jk-base", y))
    for row, lines in zip(rows, _names(rows), strict=True):
        height = max(_ROW, _LINE * len(lines) + 10)
        middle = y + height / 2
        middles.append(middle)
        first = middle + 4.5 - _LINE * (len(lines) - 1) / 2
        css = "jk-t-own" if row.key == area_key else "jk-t-label"
        parts += [text(0, first + _LINE * i, line, css) for i, line in enumerate(lines)]
        y += height
        parts.append(_level("jk-grid", y))
    for r in references:
        at = f"{_at(scale, r.value):.1f}"
        parts.append(el("line", {"class": "jk-dash" if r.dashed else "jk-base", "x1": at, "x2": at, "y1": 26, "y2": f"{y:.1f}"}))
    return parts, middles, y


def interval_rows(
    rows: Sequence[BarRow],
    area_key: str,
    ticks: Sequence[tuple[float, str]],
    scale: Scale,
    reference: Reference | None,
    headings: tuple[str, str, str],
) -> tuple[float, Safe]:
    """Dots with their intervals: height and picture. `headings` are those of names, intervals and verdicts."""
    name, interval, verdict = headings
    heads = [(0.0, name, "start"), (640.0, "Value", "end"), (724.0, interval, "end"), (816.0, verdict, "end")]
    references = [reference] if reference else []
    parts, middles, height = _frame(rows, area_key, heads, references, scale)
    if reference:
        at = _at(scale, reference.value)
        parts.append(text(at, 14, reference.words, "jk-t-note", "start" if at < 300 else "end" if at > 520 else "middle"))
    for row, y in zip(rows, middles, strict=True):
        f, own = row.figure, row.key == area_key
        if f.value is None:
            parts += [gap_mark(f.gap, 578, y), text(640, y + 4.5, f.text, "jk-t-note", "end")]
            continue
        if f.lower is not None and f.upper is not None:
            ends = {"x1": f"{_at(scale, f.lower):.1f}", "x2": f"{_at(scale, f.upper):.1f}", "y1": f"{y:.1f}", "y2": f"{y:.1f}"}
            parts.append(el("line", {"class": "jk-whisker jk-whisker-own" if own else "jk-whisker", **ends}))
            limits = f"{scale.words(f.lower)} to {scale.words(f.upper)}"
            parts.append(text(724, y + 4.5, limits, "jk-t-note", "end"))
        x = _at(scale, f.value)
        dot = el("circle", {"class": "jk-m jk-m-plain", "cx": f"{x:.1f}", "cy": f"{y:.1f}", "r": 5})
        parts.append(symbol(row.mark, x, y) if row.mark else dot)
        parts.append(text(640, y + 4.5, f.text, "jk-t-own" if own else "jk-t-label", "end"))
        parts.append(text(742, y + 4.5, row.mark.word if row.mark else "", "jk-t-label"))
    parts += [text(_at(scale, t), height + 17, words, "jk-t-axis", "middle") for t, words in ticks]
    return height + 24, join(*parts)


def bar_rows(
    rows: Sequence[BarRow], area_key: str, scale: Scale, references: Sequence[Reference], headings: tuple[str, str, str]
) -> tuple[float, Safe]:
    """Bars from zero with the value at their end: height and picture. `headings` are those of names, bars and verdicts."""
    name, value, verdict = headings
    marked = any(r.mark for r in rows)
    parts, middles, height = _frame(rows, area_key, [(0.0, name, "start"), (680.0, verdict if marked else "", "start")], references, scale)
    if not references:
        parts.append(text(_LEFT, 14, value, "jk-t-label"))
    for i, r in enumerate(sorted(references, key=lambda r: r.value)):
        at = _at(scale, r.value)
        parts.append(text(at, 14, r.words, "jk-t-note", "start" if at < 300 else "end" if i < len(references) - 1 or at > 520 else "middle"))
    zero = _at(scale, 0.0)
    for row, y in zip(rows, middles, strict=True):
        f, own = row.figure, row.key == area_key
        if f.value is None:
            parts += [gap_mark(f.gap, zero + 10, y), text(zero + 24, y + 4.5, f.text, "jk-t-note")]
        else:
            end = _at(scale, f.value)
            css = "jk-pbar-own" if own else "jk-pbar"
            css += " jk-pbar-open" if f.gap in (Gap.CARRIED_FORWARD, Gap.ESTIMATED, Gap.TOO_FEW) else ""
            box = {"x": f"{min(zero, end):.1f}", "y": f"{y - 9:.1f}", "width": f"{abs(end - zero):.1f}", "height": 18}
            parts.append(el("rect", {"class": css, **box}) if f.value else el("rect", {"class": "jk-pbar-zero", **box, "width": 2}))
            parts.append(text(max(zero, end) + 6, y + 4.5, f.text, "jk-t-own" if own else "jk-t-label"))
        if row.mark:
            parts += [symbol(row.mark, 690, y), text(706, y + 4.5, row.mark.word, "jk-t-label")]
    return height, join(*parts)


def _at(scale: Scale, number: float) -> float:
    return _LEFT + scale.at(number) / 100 * (_RIGHT - _LEFT)


def _level(css: str, y: float) -> Safe:
    return el("line", {"class": css, "x1": 0, "x2": WIDTH, "y1": f"{y:.1f}", "y2": f"{y:.1f}"})
