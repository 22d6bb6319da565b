"""Names and claims in prose: what may be written, where a mistake is told, and that no value becomes markup."""

from __future__ import annotations

import datetime as dt
import html
import re
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from jsnakit.chapters import (
    CLAIMS,
    FIELDS,
    Chapter,
    ChapterState,
    Measure,
    Placeholder,
    Prose,
    Value,
    fill,
    placeholders,
    read_chapter,
    render_markdown,
    write,
)
from jsnakit.errors import ChapterError, InvalidValueError

FRONT = '+++\ntitle = "Living well"\n\n[indicators]\nsmoking = "t.smoking"\nfalls = { indicator = "t.falls", sex = "F", age = "65+ yrs" }\n+++\n\n'


def _read(tmp_path: Path, text: str) -> Chapter:
    path = tmp_path / "01-living-well.md"
    path.write_text(text, encoding="utf-8")
    return read_chapter(path)


def _value(text: str, **other: object) -> object:
    return lambda _: Value(text=text, **other)


# -- what is read --------------------------------------------------------------------------------------------------------------------


def test_measures_have_short_names_with_whom_they_are_of_and_their_line(tmp_path: Path) -> None:
    chapter = _read(tmp_path, FRONT + "In {{ area }}, {{ smoking.value }} smoke, {{smoking.compared|claim:  worst   fifth}}.\n")
    assert chapter.indicators == {"smoking": Measure("t.smoking"), "falls": Measure("t.falls", "F", "65+ yrs")}
    assert [m.line for m in chapter.indicators.values()] == [5, 6]
    prose = chapter.pages[0].blocks[0]
    assert isinstance(prose, Prose)
    found = placeholders(prose.markdown, tuple(chapter.indicators), line=prose.line)
    assert [(str(p), p.claim, p.line) for p in found] == [("area", None, 9), ("smoking.value", None, 9), ("smoking.compared", "worst fifth", 9)]


def test_a_measure_may_have_a_table_of_its_own(tmp_path: Path) -> None:
    text = FRONT.replace('falls = { indicator = "t.falls", sex = "F", age = "65+ yrs" }', '[indicators.falls]\nindicator = "t.falls"')
    assert _read(tmp_path, text + "Words.").indicators["falls"] == Measure("t.falls", line=6)
    assert _read(tmp_path, text + "Words.").indicators["falls"].line == 6


def test_figures_take_the_short_names_too(tmp_path: Path) -> None:
    figures = (
        '```jsnakit\npanel = "ranked"\nindicator = "smoking"\n```\n\n```jsnakit\npanel = "trends"\nindicators = ["smoking", "t.life"]\n```\n\n'
        '```jsnakit\npanel = "spine"\n[[group]]\nname = "A"\nindicators = ["smoking"]\n```\n'
    )
    ranked, trends, spine = (f.options for f in _read(tmp_path, FRONT + figures).figures)
    assert ranked.indicator == "t.smoking"
    assert trends.indicators == ("t.smoking", "t.life")
    assert spine.group[0].indicators == ("t.smoking",)
    with pytest.raises(ChapterError, match="'falls' is of one sex or age") as caught:
        _read(tmp_path, FRONT + '```jsnakit\npanel = "ranked"\nindicator = "falls"\n```\n')
    assert caught.value.line == 11
    with pytest.raises(ChapterError, match="no measure is called 'smokng'") as caught:
        _read(tmp_path, FRONT + '```jsnakit\npanel = "ranked"\nindicator = "smokng"\n```\n')
    assert (caught.value.line, caught.value.nearest) == (11, "smoking")


PROSE_MISTAKES = {
    # what is written, the line below its begin, what is said, the nearest word
    "a measure there is not": ("Words.\n\nIn {{ smokin.value }}.", 2, "no measure is called 'smokin'", "smoking"),
    "a name there is not": ("{{ aera }}", 0, "there is no value 'aera'", "area"),
    "a field there is not": ("\nOne\n{{ smoking.valuee }}", 2, "a measure has no 'valuee'", "value"),
    "no field": ("{{ smoking }}", 0, "it is not said what of it is meant", None),
    "a field of a word": ("{{ area.value }}", 0, "'area' is a word, and has no 'value'", None),
    "a claim that is never said": ("{{ smoking.compared | claim: wurse }}", 0, "compared never says 'wurse'", "worse"),
    "a claim of another field": ("{{ smoking.trend | claim: worse }}", 0, "trend never says 'worse'", None),
    "a filter there is not": ("{{ smoking.value | claimm: 5 }}", 0, "there is no 'claimm' after the bar", "claim"),
    "a claim of nothing": ("{{ smoking.compared | claim: }}", 0, "the claim names no word", None),
    "a claim without a colon": ("{{ smoking.compared | claim }}", 0, "the claim names no word", None),
    "nothing at all": ("{{ }}", 0, "cannot be read", None),
    "too many bars": ("{{ smoking.value.value x }}", 0, "cannot be read", None),
}


@pytest.mark.parametrize("mistake", PROSE_MISTAKES)
def test_a_mistake_in_prose_is_told_with_file_line_and_the_nearest_word(tmp_path: Path, mistake: str) -> None:
    text, below, said, nearest = PROSE_MISTAKES[mistake]
    with pytest.raises(ChapterError) as caught:
        _read(tmp_path, FRONT + text + "\n")
    error = caught.value
    assert said in error.message
    assert (error.file, error.line) == (str(tmp_path / "01-living-well.md"), 9 + below)
    if nearest is not None:
        assert error.nearest == nearest
        assert repr(nearest) in (error.hint or "")
    assert error.hint


FRONT_MISTAKES = {
    "a key there is not": ('smoking = { indicatr = "t.smoking" }', 5, "unknown key 'indicatr'", "indicator"),
    "a number": ("smoking = 3", 5, "smoking names no measure", None),
    "nothing": ('smoking = ""', 5, "smoking names no measure", None),
    "an empty table": ("smoking = {}", 5, "smoking names no measure", None),
    "an empty id": ('smoking = { indicator = "" }', 5, "smoking names no measure", None),
    "a sex that is a number": ('other = "t.x"\nsmoking = { indicator = "t.smoking", sex = 1 }', 6, "the measure smoking", None),
    "a name of the assessment": ('area = "t.smoking"', 5, "'area' is not a short name", None),
    "a name with a capital": ('Smoking = "t.smoking"', 5, "'Smoking' is not a short name", None),
    "a dotted name": ('smoking.value = "t.smoking"', 5, "unknown key 'value'", None),
}


@pytest.mark.parametrize("mistake", FRONT_MISTAKES)
def test_a_mistake_in_the_front_matter_is_told_with_its_line(tmp_path: Path, mistake: str) -> None:
    text, line, said, nearest = FRONT_MISTAKES[mistake]
    with pytest.raises(ChapterError) as caught:
        _read(tmp_path, f'+++\ntitle = "Living well"\n\n[indicators]\n{text}\n+++\n\nWords.\n')
    assert said in caught.value.message
    assert (caught.value.line, caught.value.nearest) == (line, nearest)


# -- states --------------------------------------------------------------------------------------------------------------------------


def test_an_approved_chapter_says_by_whom_and_when(tmp_path: Path) -> None:
    front = '+++\ntitle = "Living well"\nstate = "approved"\napproved_by = "Health and Wellbeing Board"\napproved_on = 2026-11-04\n+++\n\nWords.\n'
    chapter = _read(tmp_path, front)
    assert chapter.state is ChapterState.APPROVED
    assert (chapter.approved_by, chapter.approved_on) == ("Health and Wellbeing Board", dt.date(2026, 11, 4))


@pytest.mark.parametrize(
    ("front", "line"),
    [
        ('state = "approved"', 3),
        ('state = "approved"\napproved_by = "The board"', 3),
        ('approved_on = 2026-11-04\nstate = "approved"', 4),
        ('state = "published"\napproved_by = "The board"', 4),
        ("approved_on = 2026-11-04", 3),
    ],
)
def test_an_approval_by_half_is_an_error_with_its_line(tmp_path: Path, front: str, line: int) -> None:
    with pytest.raises(ChapterError, match="approv") as caught:
        _read(tmp_path, f'+++\ntitle = "Living well"\n{front}\n+++\n\nWords.\n')
    assert (caught.value.file, caught.value.line) == (str(tmp_path / "01-living-well.md"), line)
    assert "approved_by =" in (caught.value.hint or "")


def test_a_chapter_made_in_python_is_held_to_the_same() -> None:
    with pytest.raises(InvalidValueError, match="approved_by and approved_on are missing"):
        Chapter(title="A", slug="a", order=1, state=ChapterState.APPROVED)
    with pytest.raises(InvalidValueError, match="short name"):
        Chapter(title="A", slug="a", order=1, indicators={"a.b": "t.x"})
    assert Chapter(title="A", slug="a", order=1, indicators={"a": "t.x"}).indicators == {"a": Measure("t.x")}


# -- what is printed -----------------------------------------------------------------------------------------------------------------


def test_a_claim_that_holds_is_printed_and_one_that_does_not_prints_what_the_figures_say() -> None:
    text = "It is {{ s.compared | claim: worse }}."
    holds = write(text, _value("worse"), ["s"])
    assert (holds.markdown, holds.said[0].untrue) == ("It is worse.", False)
    fails = write(text, _value("better"), ["s"])
    assert (fails.unmarked, fails.said[0].untrue, fails.said[0].sentence) == ("It is better.", True, "It is worse.")
    assert render_markdown(fails.markdown) == '<p>It is <mark class="jp-untrue">better</mark>.</p>\n'
    assert render_markdown(fails.unmarked) == "<p>It is better.</p>\n"


def test_a_claim_is_of_the_word_or_of_all_that_is_printed_in_any_case() -> None:
    said = Value(text="in the worst fifth of 307 authorities", word="worst fifth")
    assert said.bears("worst fifth")
    assert said.bears("Worst Fifth")
    assert said.bears("in the worst fifth of 307 authorities")
    assert not said.bears("worst")
    # Where there is no figure no claim holds, even one that names the word for the gap.
    assert not Value(text="not published", missing=True).bears("not published")


@pytest.mark.parametrize("asked", CLAIMS)
def test_every_word_that_may_be_claimed_can_be_written(asked: str) -> None:
    assert asked in FIELDS
    for word in CLAIMS[asked]:
        assert placeholders(f"{{{{ s.{asked} | claim: {word} }}}}", ["s"])[0].claim == word


def test_marks_only_stand_where_a_mark_can() -> None:
    text = "`{{ s.compared | claim: worse }}` [a]({{s.compared|claim:worse}}) **{{ s.compared | claim: worse }}** ![{{ s.compared | claim: worse }}](x.png)"
    shown = render_markdown(write(text, _value("better"), ["s"]).markdown)
    assert shown.count("<mark") == shown.count("</mark>") == 1
    assert '<strong><mark class="jp-untrue">better</mark></strong>' in shown
    assert "\ue000" not in shown
    assert "\ue001" not in shown
    assert "%EE%80" not in shown
    # The author's own such characters make no mark.
    assert "<mark" not in render_markdown(write("\ue000x\ue001", _value("y")).markdown)


SENTENCES = {
    "One. In {{ area }} it is {{ s.compared | claim: worse }}. Three.": "In St. Helens it is worse.",
    "In {{ area }} it is {{ s.compared | claim: worse }}, and 5.2 is more.\nIt is.": "In St. Helens it is worse, and 5.2 is more.",
    "Before.\n\n**It** is [so](x) {{ s.compared | claim: worse }}\n\nAfter.": "It is so worse",
    "- One\n- It is {{ s.compared | claim: worse }}\n- Three": "It is worse",
    "## Head\nIt is {{ s.compared | claim: worse }}! So.": "It is worse!",
    "| a | b |\n|---|---|\n| x | {{ s.compared | claim: worse }} |\n| y | z |": "x; worse",
    "{{ s.compared | claim: worse }} it is.": "worse it is.",
}


@pytest.mark.parametrize("text", SENTENCES)
def test_the_sentence_is_given_as_its_author_meant_it(text: str) -> None:
    def value(asked: Placeholder) -> Value:
        return Value(text="St. Helens" if asked.name == "area" else "better")

    said = [s for s in write(text, value, ["s"]).said if s.asked.claim]
    assert [s.sentence for s in said] == [SENTENCES[text]]


def _text(rendered: str) -> str:
    return html.unescape(re.sub(r"<[^>]*>", "", rendered))


@given(
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1).filter(lambda t: t == " ".join(t.split())),
    st.sampled_from(
        [
            "{{ s.value }}",
            "It is {{ s.value }} so",
            "- {{ s.value }}",
            "> {{ s.value }}",
            "# {{ s.value }}",
            "**{{ s.value }}**",
            "a\n{{ s.value }}. b",
        ]
    ),
)
@example("1. one", "{{ s.value }}")
@example("2021", "a\n{{ s.value }}. b")
@example("# x", "{{ s.value }}")
@example("- x", "{{ s.value }}")
@example("---", "a\n{{ s.value }}. b")
@example("</p><script>alert(1)</script>", "It is {{ s.value }} so")
@example("[x](javascript:alert(1))", "It is {{ s.value }} so")
@example("&lt;b&gt; &#60;", "It is {{ s.value }} so")
@example("```", "{{ s.value }}")
@example("{{ s.value }}", "It is {{ s.value }} so")
@example("a | b", "- {{ s.value }}")
def test_a_value_is_text_whatever_stands_in_it(value: str, around: str) -> None:
    plain = value.replace("\ue000", "").replace("\ue001", "")
    if not plain or plain != " ".join(plain.split()):
        return
    shown = render_markdown(write(around, _value(value), ["s"]).markdown)
    harmless = render_markdown(write(around, _value("word"), ["s"]).markdown)
    assert re.findall(r"<[^>]*>", shown) == re.findall(r"<[^>]*>", harmless)
    assert plain.replace("\u00a0", " ") in _text(shown).replace("\u00a0", " ")


def test_a_value_in_a_table_keeps_its_cell() -> None:
    table = "| a | b |\n|---|---|\n| {{ s.value }} | z |"
    shown = render_markdown(write(table, _value("x | y"), ["s"]).markdown)
    assert re.findall(r"<td>(.*?)</td>", shown) == ["x | y", "z"]


def test_fill_takes_plain_texts_and_no_measures() -> None:
    assert fill("{{ area }}, {{ s.value }}", {"area": "Hull", "s.value": "3"}) == "Hull, 3"
    with pytest.raises(ChapterError, match="no measure is called 'x'"):
        fill("{{ x.value }}", {"area": "Hull"})
