"""What happened when, on a trend: drawn where its day is, said in the table and the download, and as text alone."""

from __future__ import annotations

import datetime as dt
import re
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

from jsnakit.chapters import read_chapter
from jsnakit.chapters.options import DatedNote
from jsnakit.errors import ChapterError
from jsnakit.publish.figures import build_figure
from jsnakit.publish.panels import SmallMultiples, Trend

WITHIN = "rtt.incomplete_within_18_weeks"


def _note(day: str, text: str = "The new hospital opened") -> DatedNote:
    return DatedNote(date=dt.date.fromisoformat(day), text=text)


def _x(panel: Trend) -> tuple[list[float], list[float]]:
    """Where the marks and the points stand on the wide picture."""
    root = ET.fromstring(panel.svg())
    marks = [float(e.get("x1", "")) for e in root.iter() if e.get("class") == "jk-dated"]
    points = [float(e.get("cx", "")) for e in root.iter() if (e.get("class") or "").startswith("jk-point")]
    return marks, points


def test_a_note_stands_at_its_day_among_the_years(context: Any) -> None:
    # The point of a year stands for its middle: 2 July is on it, 1 January half a year before, and the last day of all at the end.
    notes = (_note("2020-07-02"), _note("2021-01-01", "Later"), _note("2021-12-31", "Last"))
    panel = build_figure(context("trends", indicators=("t.life",), notes=notes)).panel
    assert isinstance(panel, SmallMultiples)
    (trend,) = panel.panels
    marks, points = _x(trend)
    assert marks[0] == pytest.approx(points[1], abs=1.5)
    assert marks[1] == pytest.approx((points[1] + points[2]) / 2, abs=1.5)
    assert marks[2] == pytest.approx(points[2], abs=1.5)
    assert [n.period for n in trend.notes] == [1, 2, 2]


def test_a_note_is_in_picture_table_download_and_words(context: Any) -> None:
    built = build_figure(context("trend", indicator=WITHIN, notes=(_note("2014-06-15"),)))
    panel = built.panel
    assert isinstance(panel, Trend)
    said = "15 June 2014: The new hospital opened"
    assert said in panel.svg()
    assert f"Marked: {said}." in panel.sentence()
    assert f'<li value="1">{said}</li>' in panel.body()
    assert said in panel.twin()
    columns, rows = panel.data()
    assert columns[-1] == "marked"
    assert [row[0] for row in rows if row[-1]] == ["June 2014"]
    assert not any("Not marked" in c for c in built.notes.take_care)
    # Without notes nothing is added.
    assert build_figure(context("trend", indicator=WITHIN)).panel.data()[0][-1] == "band_high"


@pytest.mark.parametrize("day", ["2001-01-01", "2031-01-01"])
def test_a_day_outside_the_figures_is_said_and_not_drawn(context: Any, day: str) -> None:
    for panel, asked in (("trend", {"indicator": WITHIN}), ("trends", {"indicators": ("t.life",)})):
        built = build_figure(context(panel, notes=(_note(day),), **asked))
        assert "jk-dated" not in built.panel.body()
        assert any(c.startswith("Not marked, as it lies outside these figures: 1 January") for c in built.notes.take_care)


def test_small_panels_share_their_numbers_and_one_list(context: Any) -> None:
    notes = (_note("2020-07-01", "Second"), _note("2019-07-01", "First"))
    panel = build_figure(context("trends", indicators=("t.life", "t.smoking"), notes=notes)).panel
    assert isinstance(panel, SmallMultiples)
    assert re.findall(r'<li value="(\d)">([^<]*)</li>', panel.body()) == [("1", "1 July 2019: First"), ("2", "1 July 2020: Second")]
    assert panel.body().count('class="jk-dated"') == 4
    assert "1. 1 July 2019: First" in panel.svg()
    assert panel.twin().count("Marked: 1 July 2019: First") == 1


def test_a_note_is_text(context: Any) -> None:
    nasty = '</text><script>alert(1)</script>" onload="x'
    for panel, asked in (("trend", {"indicator": WITHIN}), ("trends", {"indicators": ("t.life",)})):
        day = "2014-06-15" if panel == "trend" else "2020-06-15"
        made = build_figure(context(panel, notes=(_note(day, nasty),), **asked)).panel
        assert made is not None
        for shown in (made.body(), made.twin(), made.svg()):
            assert "<script" not in shown
            assert '" onload="' not in shown
        assert nasty in "".join(ET.fromstring(made.svg()).itertext())


@pytest.mark.parametrize(
    ("notes", "said"),
    [
        ('[{ date = "June", text = "x" }]', "date"),
        ("[{ date = 2019-04-01 }]", "'text' is missing"),
        ('[{ date = 2019-04-01, text = "x", colour = "red" }]', "colour"),
        ('{ date = 2019-04-01, text = "x" }', "must be a list"),
        (f'[{{ date = 2019-04-01, text = "{"x" * 61}" }}]', "notes"),
    ],
)
def test_a_wrong_note_is_told_with_its_line(tmp_path: Path, notes: str, said: str) -> None:
    path = tmp_path / "01-a.md"
    path.write_text(f'+++\ntitle = "A"\n+++\n\n```jsnakit\npanel = "trends"\nindicators = ["t.life"]\nnotes = {notes}\n```\n', encoding="utf-8")
    with pytest.raises(ChapterError, match=said) as caught:
        read_chapter(path)
    assert caught.value.line == 8
