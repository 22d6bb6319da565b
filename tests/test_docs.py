"""The documentation says what is so: every line of the pages that teach runs, and the generated pages cover what there is."""

from __future__ import annotations

from pathlib import Path

import pytest

import generate_pages
import run_pages

DOCS = Path(__file__).parent.parent / "docs"


@pytest.mark.parametrize("page", ["tutorials/first-jsna.md", "how-to/write-a-source.md", "how-to/local-figures.md"])
def test_page_runs_as_written(page, tmp_path, monkeypatch):
    done = run_pages.Reader(tmp_path).follow(DOCS / page, monkeypatch.chdir)
    assert done >= 5


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
