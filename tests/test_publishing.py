"""`jsnakit build --edition`, `diff`, `refresh` and `editions`: a council publishes, its figures move, and it publishes again."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jsnakit.chapters import new_project
from jsnakit.workspace import authority

CHAPTER = """\
+++
title = "Sickness"
state = "published"

[indicators]
sickness = "local.staff_sickness"
+++

Staff of the council were away for {{ sickness.value | claim: 6.5% }} of their days.

```jsnakit
panel = "over_time"
indicators = ["local.staff_sickness"]
area = "E06000009"
```
"""
DESCRIBED = """\
file = "sickness.csv"
source = "The councils"
owner = "Public health"
licence = "OGL-UK-3.0"
table = { header = ["Area", "Month"] }
area = { column = "Area", type = "ltla" }
period = { column = "Month" }
small_numbers = { policy = "published" }

[[indicator]]
key = "staff_sickness"
name = "Staff sickness absence"
unit = "%"
definition = "Days lost as a share of the days that staff were available."
polarity = "lower_is_better"
value = "Rate %"
decimals = 1
"""
FIGURES = "Area,Month,Rate %\nE06000009,2024-11,6.66\nE06000009,2025-03,6.47\nE07000123,2024-11,6.59\nE07000123,2025-03,6.40\n"


Run = Callable[..., Any]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of one chapter about one figure of the council's own."""
    folder = tmp_path / "jsna"
    new_project(folder, authority("Blackpool"), edition="2026-10")
    for path in (folder / "chapters").glob("*.md"):
        path.unlink()
    (folder / "chapters" / "01-sickness.md").write_text(CHAPTER)
    (folder / "local").mkdir(exist_ok=True)
    (folder / "local" / "sickness.toml").write_text(DESCRIBED)
    figures(folder, FIGURES)
    monkeypatch.chdir(folder)
    return folder


def figures(project: Path, text: str) -> None:
    (project / "local" / "sickness.csv").write_text(text)


@pytest.fixture
def published(run: Run, project: Path) -> Path:
    """The project, with its first edition published."""
    found = run("build", "--edition", "2026-10", "--on", "2026-10-07")
    assert found.code == 0, found.err
    return project


def test_an_edition_is_published_and_another_beside_it(run: Run, published: Path) -> None:
    root = published / "published"
    first = (root / "2026-10" / "sickness" / "index.html").read_bytes()
    assert b"6.5%" in first
    figures(published, FIGURES.replace("6.47", "6.52"))
    made = run("build", "--edition", "2026-11", "--on", "2026-11-05")
    assert made.code == 0, made.err
    assert "open " in made.out
    assert (root / "2026-10" / "sickness" / "index.html").read_bytes() == first
    assert "url=2026-11/index.html" in (root / "index.html").read_text()
    rows = json.loads(run("editions", "list", "--format", "json").out)
    assert [(r["edition"], r["published"], r["chapters"]) for r in rows] == [("2026-10", "2026-10-07", "1"), ("2026-11", "2026-11-05", "1")]
    assert rows[0]["changed"] == "the first edition"
    assert "revised" in rows[1]["changed"]
    said = run("diff", "2026-10", "2026-11", "--format", "csv", "--strict")
    assert said.code == 3
    (row,) = csv.DictReader(io.StringIO(said.out))
    assert (row["area"], row["value_before"], row["value"]) == ("E06000009", "6.47", "6.52")
    assert run("diff", "2026-11", "2026-11", "--strict").code == 0


def test_an_edition_stays_as_it_was_published(run: Run, published: Path) -> None:
    again = run("build", "--edition", "2026-10", "--on", "2026-10-07")
    assert again.code == 0, again.err
    figures(published, FIGURES.replace("6.47", "6.52"))
    other = run("build", "--edition", "2026-10")
    assert other.code == 1
    assert "2026-10" in other.err
    assert b"6.47" in b"".join(p.read_bytes() for p in (published / "published" / "2026-10" / "sickness" / "data").iterdir())


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("build", "--edition", "2026-13"), 1, "2026-13"),
        (("build", "--edition", "2026-10", "--drafts"), 2, "no drafts"),
        (("build", "--on", "2026-10-01"), 2, "--edition"),
        (("diff", "2026-10", "2026-11"), 1, "2026-11"),
        (("editions", "withdraw", "2026-09", "--reason", "It was wrong."), 1, "2026-09"),
    ],
)
def test_what_is_asked_wrongly_is_said(run: Run, published: Path, words: tuple[str, ...], code: int, said: str) -> None:
    found = run(*words)
    assert (found.code, said in found.err) == (code, True), found.err


def test_a_project_without_an_edition_says_how_to_make_one(run: Run, project: Path) -> None:
    found = run("editions", "site")
    assert found.code == 1
    assert "build --edition" in found.err


def test_strict_publishes_nothing_that_claims_what_is_not_so(run: Run, published: Path) -> None:
    figures(published, FIGURES.replace("6.47", "5.1"))
    found = run("build", "--edition", "2026-11", "--strict")
    assert found.code == 3
    assert "nothing was published" in found.err
    assert not (published / "published" / "2026-11").exists()
    assert [r["edition"] for r in json.loads(run("editions", "list", "--format", "json").out)] == ["2026-10"]


def test_a_refresh_says_what_an_author_must_look_at_and_publishes_nothing(run: Run, published: Path) -> None:
    root = published / "published"
    before = {p: p.read_bytes() for p in root.rglob("*") if p.is_file()}
    assert run("refresh", "--strict").code == 0
    lock = (published / "jsna.lock").read_bytes()
    figures(published, FIGURES.replace("6.47", "5.1").replace("E07000123,2025-03,6.40", "E07000123,2025-03,6.40\nE07000123,2025-04,6.20"))
    said = run("refresh", "--strict", "--out", published / "refresh.txt")
    assert said.code == 3, said.err
    page = (published / "refresh.txt").read_text()
    for words in (
        "Refresh: Blackpool",
        "local: 1 added, 1 revised, 0 gone",
        "Since the edition 2026-10",
        "01-sickness.md",
        "5.1%",
        "Nothing was published.",
    ):
        assert words in page, (words, page)
    assert (published / "jsna.lock").read_bytes() != lock
    assert {p: p.read_bytes() for p in root.rglob("*") if p.is_file()} == before
    found = json.loads(run("refresh", "--format", "json").out)
    # The lock has moved already: what is new is what stands against the edition.
    assert found["updated"]["local"] == {"added": 0, "revised": 0, "gone": 0}
    assert found["changes"]["before"] == "2026-10"
    assert [m["revised"] for m in found["changes"]["measures"]] == [1]
    assert found["check"]["untrue"]


def test_a_chapter_with_a_mistake_leaves_the_lock_as_it_was(run: Run, published: Path) -> None:
    lock = (published / "jsna.lock").read_bytes()
    figures(published, FIGURES.replace("6.47", "5.1"))
    (published / "chapters" / "01-sickness.md").write_text(CHAPTER.replace("over_time", "over_tim"))
    found = run("refresh")
    assert found.code != 0
    assert "over_time" in found.err
    assert (published / "jsna.lock").read_bytes() == lock


def test_what_is_withdrawn_is_gone_from_the_site_made_again(run: Run, published: Path) -> None:
    figures(published, FIGURES.replace("6.47", "6.52"))
    assert run("build", "--edition", "2026-11").code == 0
    assert run("editions", "withdraw", "2026-10", "--reason", "It named a ward by mistake.").code == 0
    made = run("editions", "site")
    assert made.code == 0, made.err
    assert made.out.startswith("1 edition in ")
    assert not (published / "published" / "2026-10").exists()
    assert "It named a ward by mistake." in (published / "published" / "publications.html").read_text()
    listed = json.loads(run("editions", "list", "--format", "json").out)
    assert listed[0]["changed"] == "withdrawn: It named a ward by mistake."


def test_damage_is_found(run: Run, published: Path) -> None:
    assert run("editions", "verify", "--strict").code == 0
    victim = max((p for p in (published / "editions").rglob("*") if p.is_file() and len(p.name) >= 60), key=lambda p: p.stat().st_size)
    victim.chmod(0o644)
    victim.write_bytes(victim.read_bytes()[:-1] + b"!")
    assert run("editions", "verify").code == 0
    found = run("editions", "verify", "--strict")
    assert found.code == 3
    assert "2026-10" in found.out


def test_damage_to_what_an_edition_says_of_itself_is_found(run: Run, published: Path) -> None:
    sha = json.loads((published / "editions" / "2026-10.json").read_bytes())["details"]
    details = published / "editions" / "objects" / sha[:2] / sha
    details.chmod(0o644)
    details.write_bytes(b"{}")
    found = run("editions", "verify", "--strict")
    assert (found.code, sha in found.out, "2026-10" in found.out) == (3, True, True), found.err
