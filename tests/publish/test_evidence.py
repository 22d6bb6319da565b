"""What people said: as given, with its source; a small group is never counted out, and text stays text."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from jsnakit.chapters import Chapter, ChapterState, Figure, Page, read_chapter
from jsnakit.chapters.options import Evidence, Quote, SaidBy
from jsnakit.errors import ChapterError
from jsnakit.publish import SiteInfo, build

GIVEN: dict[str, Any] = {
    "finding": "Carers in {{ area }} learn by chance what they may ask for", "source": "Healthwatch", "report": "Caring", "date": dt.date(2026, 6, 30),
    "method": "Interviews.", "people": 7_061,
}  # fmt: skip


def _built(country: Any, site: SiteInfo, folder: Path, **more: Any) -> tuple[str, str]:
    figure = Figure("evidence", Evidence(**(GIVEN | more)), 3)
    chapter = Chapter(
        title="Voice", slug="voice", order=1, state=ChapterState.PUBLISHED, pages=(Page("Summary", "index", (figure,)),), file="01-voice.md"
    )
    out = build([chapter], country, folder / "site", site).folder
    everything = "".join(p.read_text(encoding="utf-8") for p in sorted(out.rglob("*")) if p.is_file() and p.name != "manifest.json")
    return (out / "voice/index.html").read_text(encoding="utf-8"), everything


def test_it_stands_with_who_when_how_and_how_many(country: Any, site: SiteInfo, tmp_path: Path) -> None:
    page, _ = _built(
        country,
        site,
        tmp_path,
        quote=(Quote(text="By chance.", by="A carer"),),
        text="One.\n\nTwo.",
        question="Who tells them?",
        licence="OGL-UK-3.0",
    )
    for expected in (
        "Carers in Blackpool learn by chance", "Healthwatch, 30 June 2026. Interviews; 7,061 people.", "<blockquote><p>\u201cBy chance.\u201d</p></blockquote>",
        "<figcaption>A carer</figcaption>", "<p>One.</p><p>Two.</p>", "Who tells them?", "Healthwatch, Caring (30 June 2026)", "Open Government Licence v3.0",
        "This is what 7,061 people said",
    ):  # fmt: skip
        assert expected in page, expected
    assert "Definitions" not in page


def test_a_small_group_is_not_counted_out_anywhere(country: Any, site: SiteInfo, tmp_path: Path) -> None:
    said = (SaidBy(what="Many", people=6_042), SaidBy(what="A few", people=4), SaidBy(what="Nobody", people=0))
    page, everything = _built(country, site, tmp_path, said=said)
    assert page.index("6,042") < page.index("A few")
    assert "fewer than 5" in page
    assert "said,A few,,fewer than 5" in everything
    assert "said,Nobody,,0" in everything
    assert "so that nobody can be recognised" in page


def test_a_single_small_group_cannot_be_found_by_taking_away(country: Any, site: SiteInfo, tmp_path: Path) -> None:
    # The three are all there is: 7,061 less the two others would be the third.
    said = (SaidBy(what="Many", people=6_042), SaidBy(what="Some", people=1_016), SaidBy(what="A few", people=3))
    _, everything = _built(country, site, tmp_path, said=said)
    assert "said,Some,,hidden" in everything
    assert "said,A few,,fewer than 5" in everything
    assert "1016" not in everything
    assert "1,016" not in everything


def test_few_people_in_all_are_not_counted_either(country: Any, site: SiteInfo, tmp_path: Path) -> None:
    page, _ = _built(country, site, tmp_path, people=3, said=(SaidBy(what="It", people=2),))
    assert "Interviews; fewer than 5 people." in page
    assert "3 people" not in page


def test_words_of_people_are_text(country: Any, site: SiteInfo, tmp_path: Path) -> None:
    nasty = '<script>alert(1)</script>" onx="'
    page, _ = _built(
        country, site, tmp_path, finding=f"x{nasty}", source=nasty, report=nasty, method=nasty, text=nasty, url="javascript:alert(1)",
        quote=(Quote(text=nasty, by=nasty),), said=(SaidBy(what=nasty, people=50),),
    )  # fmt: skip
    assert "<script>alert" not in page
    assert '" onx="' not in page
    assert "javascript:" not in page


@pytest.mark.parametrize(
    ("lines", "line", "said"),
    [
        ("", 5, "'finding' is missing"),
        ('finding = "F"\nsource = "S"\nmethod = "M"\ndate = 2026-06-30\npeople = 0', 11, "people"),
        ('finding = "F"\nsource = "S"\nmethod = "M"\ndate = "June"\npeople = 9', 10, "date"),
        ('finding = "F"\nsource = "S"\nmethod = "M"\ndate = 2026-06-30\npeople = 9\npeoplle = 3', 12, "peoplle"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(tmp_path: Path, lines: str, line: int, said: str) -> None:
    path = tmp_path / "01-voice.md"
    path.write_text(f'+++\ntitle = "Voice"\n+++\n\n```jsnakit\npanel = "evidence"\n{lines}\n```\n', encoding="utf-8")
    with pytest.raises(ChapterError, match=said) as caught:
        read_chapter(path)
    assert caught.value.line == line or not lines


def test_more_cannot_have_said_it_than_took_part(country: Any, site: SiteInfo, tmp_path: Path) -> None:
    with pytest.raises(ChapterError, match="50 people said 'It', and 9 were asked") as caught:
        _built(country, site, tmp_path, people=9, said=(SaidBy(what="It", people=50),))
    assert caught.value.line == 3
