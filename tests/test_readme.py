"""The README says what is so: its Python runs, its commands are real, and CI calls the very command it gives."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import run_pages

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"


def test_the_python_examples_run(tmp_path, monkeypatch):
    examples = [b for b in run_pages.blocks(README.read_text(encoding="utf-8")) if b.language == "python"]
    assert examples
    assert run_pages.Reader(tmp_path).follow(README, monkeypatch.chdir) == len(examples)


def test_ci_calls_the_readmes_own_test_command():
    (command,) = re.findall(r"^python3 -m nox -s tests$", README.read_text(encoding="utf-8"), re.MULTILINE)
    assert command in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_every_session_that_is_named_exists():
    source = ast.parse((ROOT / "noxfile.py").read_text(encoding="utf-8"))
    sessions = {f.name for f in source.body if isinstance(f, ast.FunctionDef) and any("session" in ast.unparse(d) for d in f.decorator_list)}
    named = {
        word
        for page in (README, ROOT / "CONTRIBUTING.md")
        for words in re.findall(r"nox -s ((?:[a-z]+ ?)+)", page.read_text(encoding="utf-8"))
        for word in words.split()
    }
    assert {"demo", "tests"} <= named <= sessions


def test_every_command_that_is_named_exists():
    from jsnakit import cli

    typed = "\n".join(block.text for block in run_pages.blocks(README.read_text(encoding="utf-8")))
    named = set(re.findall(r"^jsnakit ([a-z]+)", typed, re.MULTILINE))
    assert named <= set(cli.cli.commands)
    assert named


def test_links_lead_somewhere():
    for page in (README, ROOT / "CONTRIBUTING.md"):
        for link in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
            assert link.startswith("https://") or (ROOT / link).exists(), f"{page.name}: {link}"
