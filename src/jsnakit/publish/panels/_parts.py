"""Parts that several panels are made of: table cells with their roles, figures as text, folded rows and the table beside a picture."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, TypeVar

from jsnakit.publish.panels._markup import Child, Safe, el, href_of, join
from jsnakit.publish.panels.base import Cell, Figure
from jsnakit.publish.panels.marks import Gap

__all__ = ["body_rows", "cell", "fold", "head", "html_table", "linked", "log_table", "name_cell", "scroll", "shown_and_folded", "twin_table", "value"]

_R = TypeVar("_R")
_SPAN: Final = {"cell": "td", "rowheader": "th", "columnheader": "th"}


def cell(css: str, *children: Child, role: str = "cell", **attrs: str | int | None) -> Safe:
    """A table cell. The role is written out, because tables that become blocks on narrow screens lose it otherwise."""
    scope = {"rowheader": "row", "columnheader": "col"}.get(role)
    return el(_SPAN[role], {"class": css or None, "role": role, "scope": scope, **attrs}, *children)


def head(*cells: Safe) -> Safe:
    """The head of a table."""
    return el("thead", {"role": "rowgroup"}, el("tr", {"role": "row"}, *cells))


def body_rows(rows: Iterable[Safe], heading: Safe | None = None) -> Safe:
    """A group of rows, under its heading if it has one."""
    return el("tbody", {"role": "rowgroup"}, heading, *rows)


def html_table(css: str, caption: str, *parts: Safe) -> Safe:
    """A table; its caption is there for screen readers, since the page's title says it to everyone else."""
    return el("table", {"class": f"jk-table {css}", "role": "table"}, el("caption", "jk-vh", caption) if caption else None, *parts)


def log_table(name: str, heads: Sequence[str], rows: Iterable[Safe]) -> Safe:
    """A plain table of a page that lists things (files, editions, changes), with its rows as they are."""
    top = el("thead", None, el("tr", None, *(el("th", {"scope": "col"}, h) for h in heads)))
    return scroll(name, el("table", "jk-table jk-plain jp-log", el("caption", "jk-vh", name), top, el("tbody", None, *rows)))


def value(figure: Figure, *, note: bool = True) -> Safe:
    """A figure as text: the number, or the mark and word of why there is none. Repeated and estimated values say so."""
    if figure.missing:
        gap = figure.gap or Gap.NOT_PUBLISHED
        return el("span", f"jk-gap jk-gap-{gap.value}", gap_icon(gap), el("span", None, figure.text))
    if note and figure.gap in (Gap.CARRIED_FORWARD, Gap.ESTIMATED, Gap.TOO_FEW):
        return join(figure.text, el("span", "jk-vh", f" ({figure.gap.word})"))
    return join(figure.text)


def gap_icon(gap: Gap) -> Safe | None:
    """The small drawing before a gap's word."""
    box: dict[str, str | int] = {"class": "jk-icon", "aria-hidden": "true", "focusable": "false"}
    if gap is Gap.SUPPRESSED:
        lines = "".join(f"M{x} 13.5 {x + 13} .5" for x in range(-8, 28, 5))
        stub = el("rect", {"x": 0.5, "y": 0.5, "width": 27, "height": 13, "class": "jk-stub"})
        return el(
            "svg",
            {**box, "class": "jk-icon jk-icon-clip", "width": 28, "height": 14, "viewBox": "0 0 28 14"},
            el("path", {"d": lines, "class": "jk-hatch"}),
            stub,
        )
    if gap is Gap.NOT_SUBMITTED:
        return el(
            "svg", {**box, "width": 14, "height": 14, "viewBox": "-9 -9 18 18"}, el("path", {"class": "jk-m jk-m-absent", "d": "M-5-5 5 5M-5 5 5-5"})
        )
    if gap is Gap.NOT_PUBLISHED:
        return el("svg", {**box, "width": 14, "height": 14, "viewBox": "-9 -9 18 18"}, el("path", {"class": "jk-m jk-m-absent", "d": "M-7 0H7"}))
    return None


def linked(text: str, href: str) -> Safe:
    """Text, as a link where the address may be linked to."""
    address = href_of(href) if href else None
    return el("a", {"href": address}, text) if address else join(text)


def name_cell(name: str, href: str = "", unit: str = "") -> Safe:
    """The cell that names a row."""
    return cell("jk-name", linked(name, href), el("span", "jk-unit", " ", unit) if unit else None, role="rowheader")


def shown_and_folded(rows: Sequence[_R], first: int | None, chosen: Iterable[bool], folded: Iterable[bool] = ()) -> tuple[list[_R], list[_R]]:
    """The rows that stand open and those behind the button: the first `first`, and the chosen wherever it comes."""
    away = list(folded) or [False] * len(rows)
    shown: list[_R] = []
    rest: list[_R] = []
    for i, (row, is_chosen) in enumerate(zip(rows, chosen, strict=True)):
        (shown if is_chosen or (not away[i] and (first is None or i < first)) else rest).append(row)
    # A button for one or two rows costs more room than the rows.
    return (shown + rest, []) if len(rest) <= 2 and not any(away) else (shown, rest)


def fold(words: str, content: Safe) -> Safe:
    """Rows behind a button with the full count, without scripts."""
    return el("details", "jk-more", el("summary", "jk-button", words), content)


def plain(item: Cell) -> str:
    """A cell of a download as text in a plain table: unrounded, empty where there is nothing."""
    return "" if item is None else f"{item:.10g}" if isinstance(item, float) else str(item)


def scroll(name: str, content: Safe) -> Safe:
    """A window that scrolls, with a name, and reached by keyboard: arrow keys move what it holds."""
    return el("div", {"class": "jk-scroll", "tabindex": "0", "role": "group", "aria-label": name}, content)


def twin_table(caption: str, columns: Sequence[str], rows: Iterable[Sequence[Safe | str]], numeric: Sequence[bool]) -> Safe:
    """The table beside a picture, behind "Show as table"."""
    kinds = ["jk-num" if n else "" for n in numeric]
    heads = (cell(k, c, role="columnheader") for c, k in zip(columns, kinds, strict=True))
    lines = (
        el("tr", {"role": "row"}, *(cell(k, c, role="cell" if i else "rowheader") for i, (c, k) in enumerate(zip(row, kinds, strict=True))))
        for row in rows
    )
    table = html_table("jk-plain", caption, head(*heads), body_rows(lines))
    return el("details", "jk-twin", el("summary", "jk-link", "Show as table"), scroll(caption, table))
