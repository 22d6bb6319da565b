"""The documentation says what is so: every line of the pages that teach runs, and the generated pages cover what there is."""

from __future__ import annotations

from pathlib import Path

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

import generate_pages
import run_pages
from jsnakit import Plugins
from jsnakit._about import MANY, about, plain

DOCS = Path(__file__).parent.parent / "docs"


@pytest.mark.parametrize(
    "page", ["tutorials/first-jsna.md", "how-to/write-a-chapter.md", "how-to/write-a-source.md", "how-to/local-figures.md", "how-to/use-panels.md"]
)
def test_page_runs_as_written(page, tmp_path, monkeypatch):
    done = run_pages.Reader(tmp_path).follow(DOCS / page, monkeypatch.chdir)
    assert done >= 5


def test_the_page_on_chapters_names_every_field_and_state():
    from jsnakit.chapters import FIELDS, ChapterState

    said = (DOCS / "how-to/write-a-chapter.md").read_text(encoding="utf-8")
    rows = [line for line in said.splitlines() if line.startswith("| `")]
    assert all(any(f"`{name}`" in line for line in rows) for name in FIELDS)
    assert all(any(line.startswith(f"| `{state.value}` |") for line in rows) for state in ChapterState)


@pytest.mark.parametrize("page", sorted(p.name for p in (DOCS / "methods").glob("*.md") if p.stem != "index"))
def test_page_of_a_method_runs_and_says_its_convention(page, tmp_path, monkeypatch):
    assert run_pages.Reader(tmp_path).follow(DOCS / "methods" / page, monkeypatch.chdir) >= 1
    said = (DOCS / "methods" / page).read_text(encoding="utf-8")
    assert "**Which convention, and why.**" in said


def test_a_wrong_page_is_caught(tmp_path, monkeypatch):
    """The runner itself: output that differs, a failing command and a wrong doctest each fail."""
    wrong = {
        "output": "```console\n$ jsnakit --version\njsnakit, version nought\n```\n",
        "command": "```console\n$ jsnakit no-such-command\n```\n",
        "doctest": "```python\n>>> 1 + 1\n3\n```\n",
        "program": "```python\nassert False\n```\n",
    }
    for name, text in wrong.items():
        page = tmp_path / f"{name}.md"
        page.write_text(text, encoding="utf-8")
        with pytest.raises(AssertionError):
            run_pages.Reader(tmp_path).follow(page, monkeypatch.chdir)


def test_generated_pages_cover_every_public_name(tmp_path):
    written = {path.name: path.read_text(encoding="utf-8") for path in generate_pages.write_all(tmp_path)}
    import jsnakit

    for name, module in generate_pages.homes().items():
        assert f"{name} <{module}.{name}>" in written["jsnakit.md"]
        assert name in jsnakit.__all__
    for module in generate_pages.public_modules():
        assert f"{module}.md" in written
        assert module in written["index.md"]


def test_table_page_describes_every_column_status_and_flag():
    from jsnakit import observations

    columns, statuses = generate_pages.columns_part(), generate_pages.statuses_part()
    assert all(f"| `{name}` |" in columns for name in observations.COLUMNS)
    assert all(f"| `{name}` |" in statuses for name in (*observations.STATUSES, *observations.FLAGS))
    assert all(f"| `{name}` |" in generate_pages.relations_part() for name in observations.RELATION_COLUMNS)


def test_every_command_and_target_has_its_entry():
    from jsnakit import cli, judgement

    commands = generate_pages.commands_part()
    assert all(f"`jsnakit {name}`" in commands for name in cli.cli.commands)
    targets = generate_pages.targets_part()
    assert all(f"`{name}`" in targets for name in judgement.targets())


# -- a page a source ---------------------------------------------------------------------------------------------------------------------


def shown(text: str) -> str:
    """What a reader sees of Markdown, without its marks."""
    parts = []
    for token in MarkdownIt("commonmark").enable("table").parse(text):
        if token.type == "inline":
            parts += [child.content for child in token.children]
            parts.append("\n")
    return "".join(parts)


def test_every_source_has_its_page_with_all_that_it_says(tmp_path):
    (tmp_path / "gone.md").write_text("the page of a plugin that is no longer installed", encoding="utf-8")
    written = {path.name: path.read_text(encoding="utf-8") for path in generate_pages.write_sources(tmp_path)}
    entries = list(Plugins().sources())
    assert {"index.md", *(f"{entry.id}.md" for entry in entries)} == set(written) == {p.name for p in tmp_path.iterdir()}
    for entry in entries:
        assert f"{{doc}}`{entry.id}`" in written["index.md"]
        page, one = written[f"{entry.id}.md"], about(entry)
        read = shown(page)
        for layout in one.support.layouts:
            assert f"\n{layout.name}\n" in read
            assert f"\n{layout.tested.words}\n" in read
        for trap in one.support.traps:
            assert f"\n{plain(trap.what).replace('`', '')}\n{plain(trap.handled).replace('`', '')}\n" in read
        for label, text in one.facts:
            assert f"{label}: {text}\n" in read
        if len(one.indicators) <= MANY:
            assert all(f"\n{i.id}\n{i.name}\n{i.unit}\n" in read for i in one.indicators)
        assert f"jsnakit read {entry.id} FILE..." in page


def test_a_source_of_ours_says_which_layouts_it_reads():
    for entry in Plugins().sources():
        if entry.installed.distribution.startswith("jsnakit-"):
            assert entry.source.support().layouts, f"{entry.id} has no support.toml"


def test_many_indicators_are_counted_and_not_listed():
    rtt = about(Plugins().source("rtt"))
    few = generate_pages.source_page(attrs.evolve(rtt, indicators=rtt.indicators * 2))
    assert "too many to list here" not in few
    many = attrs.evolve(rtt, indicators=rtt.indicators * 3)
    page = generate_pages.source_page(many)
    assert "There are 63, too many to list here. `jsnakit indicators rtt WORDS`" in page
    assert "| services | 63 |" in page
    units = [i.unit for i in many.indicators]
    assert all(f"| {unit} | {units.count(unit)} |" in page for unit in units)
    assert "| `rtt.waiting_list` |" not in page
    odd = tuple(attrs.evolve(i, unit=f"unit {n:02}") for n, i in enumerate(many.indicators))
    page = generate_pages.source_page(attrs.evolve(many, indicators=odd))
    assert "| unit 19 | 1 |\n| 43 others | 43 |\n" in page


def test_a_source_that_says_nothing_has_a_page_that_says_so(falls):
    page = generate_pages.source_page(about(Plugins.only(falls).source("falls")))
    assert "The plugin does not say which layouts it reads." in page
    assert "## Traps" not in page


@given(
    st.lists(
        st.tuples(st.text("ab \\*_[]<>{}|~&$#!-+=:.()'\"\n\té–\u200b", max_size=12), st.text("ab*|_\\<", min_size=1, max_size=5)),
        min_size=1,
        max_size=3,
    )
)
def test_what_a_plugin_says_is_shown_as_it_says_it(said):
    """No text of a plugin becomes markup, ends its cell or leaves its table; `code` is code."""
    text = " ".join(f"x{words} `{code}`" for words, code in said)
    page = f"| a | b |\n|---|---|\n| {generate_pages.in_table(text)} | last |\n\n- label: {generate_pages.in_text(text)}\n"
    tokens = MarkdownIt("commonmark").enable("table").parse(page)
    cells = [t for t in tokens if t.type == "inline"]
    assert len(cells) == 5
    for cell in (cells[2], cells[4]):
        assert {child.type for child in cell.children} <= {"text", "code_inline"}
        assert "".join(c.content for c in cell.children).removeprefix("label: ") == plain(text.replace("`", ""))
        assert [c.content for c in cell.children if c.type == "code_inline"] == [code for _, code in said]
    assert cells[3].content == "last"
