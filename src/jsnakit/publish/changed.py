"""The page "What changed": what is new, revised, gone, judged otherwise, defined otherwise and written otherwise since the edition before; and the same for programs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence

from jsnakit.editions import Changes, ChapterChange, Edition, MeasureChange, Revised, StandingChange, TextChange
from jsnakit.exports import csv_bytes
from jsnakit.model import TOTAL
from jsnakit.publish import pages
from jsnakit.publish._words import edition_words, listed, month_of
from jsnakit.publish.panels import number_text
from jsnakit.publish.panels._markup import Child, Safe, el, escape, join
from jsnakit.publish.panels._parts import log_table

__all__ = ["changes_files"]

_STATES = {"published": "Published", "approved": "Approved", "in_review": "In review", "draft": "Draft"}
_WHAT = {"title": "Title", "state": "State", "finding": "Finding"}
_MANY = 12


def changes_files(site: pages.Site, record: Edition, changes: Changes, area_name: Callable[[str, str], str]) -> dict[str, bytes]:
    """The page of an edition that says what changed, and the same as JSON; the single figures, of all areas, as CSV. `area_name` names an area by its code and type."""
    files = {
        "changes.html": _page(site, record, changes, area_name).encode(),
        "changes.json": (json.dumps(changes.records(), indent=1, ensure_ascii=False, sort_keys=True) + "\n").encode(),
    }
    if len(changes.frame):
        frame = changes.frame
        files["changes.csv"] = csv_bytes(frame)
    return files


def _page(site: pages.Site, record: Edition, changes: Changes, area_name: Callable[[str, str], str]) -> str:
    before = edition_words(changes.before)
    new = [m for m in changes.measures if m.what == "new"]
    gone = [m for m in changes.measures if m.what == "gone"]
    rest = [m for m in changes.measures if m.what == "changed"]
    link = el("a", {"href": f"../{changes.before}/index.html"}, f"The edition of {before}")
    parts = [
        _judged(changes.standings),
        _figures(site.name, rest, area_name),
        _measures("new", "New measures", new),
        _measures("gone", "Measures that are gone", gone),
        _defined(changes),
        _chapters(changes.chapters),
        _texts("findings", "Findings that read differently", changes.findings),
        _texts("text", "Text that was edited", changes.texts),
    ]
    data = [el("a", {"href": "changes.csv"}, "Every figure that changed (CSV)"), " \u00b7 "] if len(changes.frame) else []
    main = join(
        pages.page_mark(), el("p", "jp-crumb", f"Edition of {edition_words(record.name)}"), el("h1", "jp-h1", f"What changed since {before}"),
        el("p", "jp-lede", f"{changes.summary[:1].upper()}{changes.summary[1:]}."),
        el("p", "jp-facts", el("span", None, link), el("span", None, *data, el("a", {"href": "changes.json"}, "The same for programs (JSON)"))),
        *parts,
    )  # fmt: skip
    return pages.document(site, title=f"What changed since {before}", root="", current="", main=main)


def _section(key: str, title: str, *children: Child) -> Safe:
    return el("section", {"class": "jp-wide", "aria-labelledby": key}, el("h2", {"class": "jp-h2", "id": key}, title), *children)


def _table(name: str, heads: Sequence[str], rows: Iterable[Sequence[Child]]) -> Safe:
    lines = [el("tr", None, el("th", {"scope": "row"}, first), *(el("td", None, cell) for cell in cells)) for first, *cells in rows]
    return log_table(name, heads, lines)


def _judged(standings: Sequence[StandingChange]) -> Safe | None:
    if not standings:
        return None
    rows = [(s.name, f"{s.before} ({s.value_before}, {s.period_before})", f"{s.after} ({s.value}, {s.period})", s.because) for s in standings]
    return _section("judgements", "Judgements that changed", _table("Judgements that changed", ("Measure", "Before", "Now", "Why"), rows))


def _figures(place: str, measures: Sequence[MeasureChange], area_name: Callable[[str, str], str]) -> Safe | None:
    if not measures:
        return None
    rows = [(m.name, _new(m), _gone(m), _revisions(place, m), _largest(m, area_name)) for m in measures]
    heads = ("Measure", "New", "Gone", f"Revised for {place}", "Revised in all areas")
    return _section("figures", "Figures that are new, revised or gone", _table("Figures that are new, revised or gone", heads, rows))


def _new(m: MeasureChange) -> str:
    if m.new_periods:
        return f"{listed([month_of(p) for p in m.new_periods])}: {_count(m.added)}"
    return _count(m.added) if m.added else ""


def _gone(m: MeasureChange) -> str:
    if m.gone_periods:
        return f"{listed([month_of(p) for p in m.gone_periods])}: {_count(m.gone)}"
    return _count(m.gone) if m.gone else ""


def _count(n: int) -> str:
    return f"{n:,} figure{'' if n == 1 else 's'}"


def _revisions(place: str, m: MeasureChange) -> Safe:
    lines = [_from_to(m, r) for r in m.own[:_MANY]]
    if len(m.own) > _MANY:
        lines.append(f"and {len(m.own) - _MANY:,} more, in the CSV")
    lines += [f"{month_of(r.period)}{_whose(r)}: {_shown(m, r.before, r.status_before)}, now gone" for r in m.own_gone[:_MANY]]
    return join(*(el("span", "jp-line-each", line) for line in lines)) if lines else Safe(f"no figure of {escape(place)}")


def _largest(m: MeasureChange, area_name: Callable[[str, str], str]) -> str:
    if not m.revised:
        return ""
    largest = f"; the largest in {area_name(m.largest.area, m.largest.area_type)}, {_from_to(m, m.largest)}" if m.largest else ""
    return f"{_count(m.revised)}{largest}"


def _from_to(m: MeasureChange, r: Revised) -> str:
    was, now = _shown(m, r.before, r.status_before), _shown(m, r.after, r.status)
    if was != now:
        words = f"{was} to {now}"
    elif r.before != r.after:
        words = f"{was}, by less than is printed"
    else:
        words = f"{was}, its limits, count or notes alone"
    return f"{month_of(r.period)}{_whose(r)}: {words}"


def _whose(r: Revised) -> str:
    said = [
        w
        for w in ({"F": "women", "M": "men"}.get(r.sex, "" if r.sex == TOTAL else r.sex), *("" if t == TOTAL else t for t in (r.age, r.category)))
        if w
    ]
    return f" ({', '.join(said)})" if said else ""


def _shown(m: MeasureChange, value: float | None, status: str | None) -> str:
    if value is None:
        return {"suppressed": "hidden", "not_submitted": "not sent"}.get(status or "", "no data")
    return number_text(value, m.unit, m.decimals)


def _measures(key: str, title: str, measures: Sequence[MeasureChange]) -> Safe | None:
    if not measures:
        return None
    return _section(key, title, el("ul", "jp-links", *(el("li", None, f"{m.name} ({_count(m.added or m.gone)})") for m in measures)))


def _defined(changes: Changes) -> Safe | None:
    if not changes.definitions:
        return None
    rows = [(d.name, d.what.capitalize(), d.before or "nothing", d.after or "nothing") for d in changes.definitions]
    return _section("definitions", "Definitions that changed", _table("Definitions that changed", ("Measure", "What", "Before", "Now"), rows))


def _chapters(chapters: Sequence[ChapterChange]) -> Safe | None:
    if not chapters:
        return None
    rows = []
    for c in chapters:
        words = [_STATES.get(w, w) if c.what == "state" else w for w in (c.before, c.after)]
        rows.append((c.title, {"new": "New chapter", "gone": "Gone"}.get(c.what, _WHAT.get(c.what, c.what)), words[0], words[1]))
    return _section("chapters", "Chapters", _table("Chapters", ("Chapter", "What", "Before", "Now"), rows))


def _texts(key: str, title: str, texts: Sequence[TextChange]) -> Safe | None:
    if not texts:
        return None
    return _section(
        key, title, *(part for t in texts for part in (el("h3", None, f"{t.chapter}: {t.page}"), _lines("Before", t.removed), _lines("Now", t.added)))
    )


def _lines(word: str, lines: Sequence[str]) -> Safe | None:
    return join(el("p", None, el("strong", None, word)), *(el("p", "jp-quoted", line) for line in lines)) if lines else None
