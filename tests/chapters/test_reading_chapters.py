"""The author's format: what a chapter file may say, and that every mistake is told with file, line and the nearest word there is."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jsnakit import chapters
from jsnakit.chapters import PANELS, Chapter, ChapterState, Figure, Prose, fill, new_project, read_chapter, read_chapters, render_markdown
from jsnakit.chapters.options import AreaMap, Options, Spine
from jsnakit.errors import ChapterError, InvalidValueError, SettingsError
from jsnakit.model import Area, Theme
from jsnakit.settings import Settings
from jsnakit.workspace import authority

FRONT = '+++\ntitle = "Living well"\n+++\n'
RANKED = '```jsnakit\npanel = "ranked"\nindicator = "a.b"\n```\n'


def _write(folder: Path, text: str, name: str = "01-living-well.md") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8", newline="")
    return path


def _read(folder: Path, text: str, name: str = "01-living-well.md") -> Chapter:
    return read_chapter(_write(folder, text, name))


# -- what is understood --------------------------------------------------------------------------------------------------------------


def test_a_chapter_is_prose_and_figures_on_pages(tmp_path: Path) -> None:
    text = (
        '+++\ntitle = "Living well"\ntheme = "health"\nstate = "published"\nowner = "Public health"\nreview_by = 2027-11-01\nfirst_page = "In short"\n+++\n'
        "Some *words*.\n\n" + RANKED + "\nMore words.\n\n# Children & young people\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n## A part\n\n" + RANKED
    )
    chapter = _read(tmp_path, text)
    assert (chapter.title, chapter.slug, chapter.order, chapter.theme) == ("Living well", "living-well", 1, Theme.HEALTH)
    assert (chapter.state, chapter.owner, chapter.review_by) == (ChapterState.PUBLISHED, "Public health", dt.date(2027, 11, 1))
    assert [(p.title, p.slug) for p in chapter.pages] == [("In short", "index"), ("Children & young people", "children-young-people")]
    first, second = chapter.pages
    assert [type(b) for b in first.blocks] == [Prose, Figure, Prose]
    assert first.blocks[0] == Prose("Some *words*.", 9)
    # The line is the fence's own, so that a mistake can be found.
    assert [b.line for b in (*first.blocks, *second.blocks)] == [9, 11, 16, 20, 26]
    assert isinstance(second.blocks[0], Prose)
    assert "## A part" in second.blocks[0].markdown
    assert [f.panel for f in chapter.figures] == ["ranked", "ranked"]


def test_the_name_gives_order_and_address_and_the_front_matter_may_say_otherwise(tmp_path: Path) -> None:
    assert _read(tmp_path, FRONT, "07-voice.md").order == 7
    assert _read(tmp_path, '+++\ntitle = "V"\norder = 3\n+++\n', "07-voice.md").order == 3
    assert _read(tmp_path, FRONT, "voice.md").slug == "voice"


def test_a_chapter_begins_as_a_draft(tmp_path: Path) -> None:
    assert _read(tmp_path, FRONT).state is ChapterState.DRAFT


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_line_ends_and_a_byte_order_mark_make_no_difference(tmp_path: Path, end: str) -> None:
    chapter = _read(tmp_path, "\ufeff" + (FRONT + "Words.\n\n" + RANKED).replace("\n", end))
    assert [getattr(b, "line", None) for b in chapter.pages[0].blocks] == [4, 6]


def test_a_fence_of_another_language_is_prose(tmp_path: Path) -> None:
    chapter = _read(tmp_path, FRONT + "```python\n# not a page\nprint(1)\n```\n")
    assert len(chapter.pages) == 1
    assert chapter.figures == ()


def test_groups_of_a_spine(tmp_path: Path) -> None:
    fence = '```jsnakit\npanel = "spine"\nquestion = "Why?"\n\n[[group]]\nname = "One"\nindicators = ["a.b", "c.*"]\n\n[[group]]\nname = "Two"\nindicators = []\n```\n'
    (figure,) = _read(tmp_path, FRONT + fence).figures
    assert isinstance(figure.options, Spine)
    assert [(g.name, g.indicators) for g in figure.options.group] == [("One", ("a.b", "c.*")), ("Two", ())]
    assert figure.options.question == "Why?"


def test_every_panel_an_author_may_name_has_options_and_takes_the_common_ones() -> None:
    assert all(issubclass(kind, Options) for kind in PANELS.values())
    assert {"question", "take_care"} <= {a.name for a in attrs.fields(AreaMap)}


def test_chapters_come_in_order(tmp_path: Path) -> None:
    for name in ("02-b.md", "01-a.md"):
        _write(tmp_path, FRONT, name)
    assert [c.slug for c in read_chapters(tmp_path)] == ["a", "b"]


# -- what is refused, and where ------------------------------------------------------------------------------------------------------

MISTAKES = {
    "no front matter": ("Words.\n", 1, "first line must be", None),
    "an open front matter": ('+++\ntitle = "T"\n', 1, "not closed", None),
    "no title": ("+++\norder = 1\n+++\n", 2, "title", None),
    "not TOML": ('+++\ntitle = "T"\nowner = me\n+++\n', 3, "not valid TOML", None),
    "a misspelt key": ('+++\ntitle = "T"\nowmer = "me"\n+++\n', 3, "owmer", "owner"),
    "a key of nothing": ('+++\ntitle = "T"\nzzzzzz = "me"\n+++\n', 3, "zzzzzz", None),
    "a state there is not": ('+++\ntitle = "T"\nstate = "ready"\n+++\n', 3, "'ready' is not one of draft, in_review, approved, published", None),
    "a date as text": ('+++\ntitle = "T"\nreview_by = "soon"\n+++\n', 3, "review_by", None),
    "a title that is no text": ("+++\ntitle = 5\n+++\n", 2, "not text", None),
    "a misspelt fence": (FRONT + "\n```jsnakt\n```\n", 5, "```jsnakit", "jsnakit"),
    "a fence with more words": (FRONT + "```jsnakit wide\n```\n", 4, "```jsnakit", "jsnakit"),
    "an open fence": (FRONT + '```jsnakit\npanel = "ranked"\n', 4, "not closed", None),
    "a figure in a list": (FRONT + "- item\n\n  ```jsnakit\n  panel = 1\n  ```\n", 6, "inside a list", None),
    "no panel": (FRONT + '```jsnakit\nindicator = "a.b"\n```\n', 4, "which panel", None),
    "a misspelt panel": (FRONT + 'Words.\n\n```jsnakit\npanel = "rankd"\n```\n', 7, "'rankd'", "ranked"),
    "a panel of a number": (FRONT + "```jsnakit\npanel = 5\n```\n", 5, "no panel 5", None),
    "a misspelt option": (FRONT + '```jsnakit\npanel = "ranked"\nindcator = "a.b"\n```\n', 6, "indcator", "indicator"),
    "a missing option": (FRONT + '```jsnakit\npanel = "ranked"\n```\n', 5, "'indicator' is missing", None),
    "text for a list": (FRONT + '```jsnakit\npanel = "trends"\nindicators = "a.b"\n```\n', 6, "must be a list", None),
    "a number for text": (FRONT + '```jsnakit\npanel = "lowest"\nindicators = ["a.*"]\nrows = "12"\n```\n', 7, "rows", None),
    "a figure that is not TOML": (FRONT + '```jsnakit\npanel = "ranked"\nindicator = a.b\n```\n', 6, "not valid TOML", None),
    "two pages of one name": (FRONT + "# A\n\n# A\n", 4, "two pages", None),
    "a page without a word": (FRONT + "# ???\n", 4, "two pages", None),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_told_with_file_line_and_the_nearest_word(tmp_path: Path, mistake: str) -> None:
    text, line, said, nearest = MISTAKES[mistake]
    with pytest.raises(ChapterError) as caught:
        _read(tmp_path, text)
    error = caught.value
    assert error.file == str(tmp_path / "01-living-well.md")
    assert error.line == line
    assert said in str(error)
    assert f"line {line}" in error.message
    assert error.nearest == nearest
    assert nearest is None or f"did you mean {nearest!r}?" in str(error)


@pytest.mark.parametrize("name", ["01_living.md", "Living well.md", "01-.md", "01-A.md", "-a.md"])
def test_a_file_name_that_is_no_address_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ChapterError, match=r"01-living-well\.md"):
        _read(tmp_path, FRONT, name)


def test_files_that_cannot_be_chapters(tmp_path: Path) -> None:
    latin = tmp_path / "01-a.md"
    latin.write_bytes(FRONT.encode() + b"caf\xe9\n")
    with pytest.raises(ChapterError, match="UTF-8"):
        read_chapter(latin)
    latin.write_text(FRONT + "x" * 1_000_001)
    with pytest.raises(ChapterError, match="larger than"):
        read_chapter(latin)
    with pytest.raises(ChapterError, match="cannot be read"):
        read_chapter(tmp_path / "02-not-there.md")


def test_folders_that_hold_no_assessment(tmp_path: Path) -> None:
    with pytest.raises(ChapterError, match="does not exist"):
        read_chapters(tmp_path / "none")
    with pytest.raises(ChapterError, match="no chapter"):
        read_chapters(tmp_path)
    _write(tmp_path, FRONT, "01-a.md")
    _write(tmp_path, FRONT, "01-b.md")
    with pytest.raises(ChapterError, match="same place in the order"):
        read_chapters(tmp_path)
    (tmp_path / "01-b.md").rename(tmp_path / "02-a.md")
    with pytest.raises(ChapterError, match="same name"):
        read_chapters(tmp_path)


@given(st.text(max_size=300))
def test_any_text_is_a_chapter_or_a_told_mistake(tmp_path_factory: pytest.TempPathFactory, body: str) -> None:
    folder = tmp_path_factory.mktemp("any")
    told = ""
    pages: tuple[Any, ...] = ()
    try:
        pages = _read(folder, FRONT + body.encode("utf-8", "replace").decode()).pages
    except ChapterError as error:
        told = error.file or ""
    assert bool(pages) != bool(told)


# -- words -> markup -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("markdown", "never"),
    [
        ("<script>alert(1)</script>", "<script"),
        ("Words <img src=x onerror=alert(1)> words", "<img"),
        ("[press](javascript:alert(1))", "href"),
        ("[press](JaVaScRiPt:alert(1))", "href"),
        ("[press](data:text/html;base64,PHNjcmlwdD4=)", "href"),
        ("[press](vbscript:x)", "href"),
        ('[a]: javascript:x "t"\n\n[a]', "href"),
        ("<iframe src='//evil'></iframe>", "<iframe"),
        ("<!-- c --><style>*{}</style>", "<style"),
    ],
)
def test_prose_never_becomes_markup_of_its_own(markdown: str, never: str) -> None:
    assert never not in render_markdown(markdown)


def test_a_value_in_prose_is_text() -> None:
    nasty = "*Black* [pool](http://x) <b> `c` | # _u_ ~s~ !"
    shown = render_markdown(fill("In {{ area }} and {{area}}.", {"area": nasty}))
    assert re.sub(r"&lt;", "<", re.sub(r"&gt;", ">", shown)) == f"<p>In {nasty} and {nasty}.</p>\n"


def test_a_value_there_is_not_is_told_with_its_line() -> None:
    with pytest.raises(ChapterError) as caught:
        fill("One.\n\nIn {{ aera }}.", {"area": "x", "council": "y"}, file="a.md", line=10)
    assert (caught.value.file, caught.value.line, caught.value.nearest) == ("a.md", 12, "area")


# -- a new project -------------------------------------------------------------------------------------------------------------------


def test_a_new_project_is_read_back_and_its_chapters_are_whole(tmp_path: Path) -> None:
    folder = tmp_path / "jsna"
    written = new_project(folder, authority("Blackpool"), edition="2026-11")
    assert [p.name for p in written] == ["jsna.toml", *chapters.template.CHAPTERS]
    settings = Settings.load(folder)
    assert (settings.area, settings.area_type, settings.council, settings.edition, settings.packs) == (
        "E06000009", "ltla", "Blackpool Council", "2026-11", ("sample",),
    )  # fmt: skip
    read = read_chapters(folder / "chapters")
    assert [c.title for c in read] == ["Health and wellbeing", "Waiting for treatment", "Place", "Health profile"]
    # A project builds at once, so that none of its chapters may be a draft.
    assert all(c.state is ChapterState.IN_REVIEW for c in read)
    assert {"headline", "spine", "area_map", "ranked", "trends", "lowest"} <= {f.panel for f in read[0].figures}
    assert {"symbol_map", "specialties", "providers", "trend"} <= {f.panel for f in read[1].figures}
    assert {"headline", "spine", "ranked", "facts", "over_time"} <= {f.panel for f in read[2].figures}
    assert read[3].figures[0].panel == "profile"
    assert {"profile", "inequalities"} <= {f.panel for f in read[3].figures}


@pytest.mark.parametrize("name", ['"', "\\", "]\n[evil]", "\u2028", "\x00", "C\u00f4te d'\u201cOr\u201d", "'''", "#"])
def test_a_name_cannot_break_out_of_the_settings(tmp_path: Path, name: str) -> None:
    area = Area("gss", "ltla", "E06000009", f"Black{name}pool")
    new_project(tmp_path / "p", area, edition="2026-11", council=f"The {name} Council")
    settings = Settings.load(tmp_path / "p")
    assert settings.area == "E06000009"
    assert settings.council == f"The {name} Council"


def test_a_folder_with_anything_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("x")
    with pytest.raises(SettingsError, match="not an empty folder"):
        new_project(tmp_path, authority("Blackpool"), edition="2026-11")
    assert [p.name for p in tmp_path.iterdir()] == ["mine.txt"]
    with pytest.raises(InvalidValueError, match="month"):
        new_project(tmp_path / "new", authority("Blackpool"), edition="2026")
    assert not (tmp_path / "new").exists()
