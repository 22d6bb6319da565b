"""`jsnakit check` and `jsnakit build --strict`: a project whose chapters claim what is so, and one whose figures moved on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from jsnakit import cli
from jsnakit.chapters import Chapter, Figure, Page, Prose, new_project, read_chapters
from jsnakit.chapters.options import Ranked
from jsnakit.workspace import Workspace, authority

CHAPTER = """\
+++
title = "Smoking"
state = "{state}"

[indicators]
smoking = "fingertips.93085"
sight = "fingertips.41203"
+++

In {{{{ area }}}}, {{{{ smoking.value }}}} of women smoked when their child was born ({{{{ smoking.period }}}}), which is
{{{{ smoking.compared | claim: {claim} }}}} than in England ({{{{ smoking.england }}}}). It has {{{{ smoking.trend | claim: fallen }}}} since {{{{ smoking.first_period }}}}.
{more}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project of one chapter, whose claim holds."""
    folder = tmp_path / "jsna"
    new_project(folder, authority("Blackpool"), edition="2026-11")
    for path in (folder / "chapters").glob("*.md"):
        path.unlink()
    _write(folder)
    return folder


def _write(folder: Path, claim: str = "worse", state: str = "published", more: str = "") -> None:
    (folder / "chapters/01-smoking.md").write_text(CHAPTER.format(claim=claim, state=state, more=more), encoding="utf-8")


def _run(*words: object) -> Result:
    return CliRunner().invoke(cli.cli, [str(w) for w in words])


def test_what_holds_is_said_to_hold(project: Path) -> None:
    found = _run("check", project, "--strict")
    assert found.exit_code == 0
    assert found.stdout == "1 chapter, 7 names in prose, 2 claims: every claim holds, every name has a value, every figure can be drawn\n"
    built = _run("build", project, "--strict")
    assert built.exit_code == 0, built.output
    page = (project / "site/smoking/index.html").read_text(encoding="utf-8")
    assert (
        "In Blackpool, 17.5% of women smoked when their child was born (2023/24), which is\nworse than in England (7.4%). It has fallen since 2019/20."
        in page
    )


def test_what_no_longer_holds_is_listed_with_its_place_and_fails_when_strict(project: Path) -> None:
    _write(project, "similar", more="Sight: {{ sight.value }}.")
    found = _run("check", project)
    assert found.exit_code == 0
    assert (
        "No longer true (1):\n01-smoking.md, line 11: \u201cIn Blackpool, 17.5% of women smoked when their child was born (2023/24), which is similar than"
        in found.stdout
    )
    assert "smoking.compared is claimed to be \u201csimilar\u201d, and the figures say \u201cworse\u201d. The whole 95 % interval" in found.stdout
    assert "Names without a value (1):\n01-smoking.md, line 12: " in found.stdout
    assert _run("check", project, "--strict").exit_code == 3
    assert not (project / "site").exists()
    built = _run("build", project)
    assert built.exit_code == 0
    assert "no longer true: 01-smoking.md, line 11:" in built.stderr
    page = (project / "site/smoking/index.html").read_text(encoding="utf-8")
    assert "which is\nworse than in England" in page
    # The site is there, and nobody need publish it. A site that did not change fails alike.
    assert _run("build", project, "--strict").exit_code == 3
    assert "nothing had changed" in _run("build", project, "--strict").stdout


def test_a_draft_may_claim_anything_yet(project: Path) -> None:
    _write(project, "better", state="draft")
    assert _run("build", project, "--strict", "--drafts").exit_code == 0
    assert _run("check", project, "--strict").exit_code == 3


def test_json_is_for_programs(project: Path, tmp_path: Path) -> None:
    _write(project, "better", more='\n```jsnakit\npanel = "ranked"\nindicator = "elsewhere.x"\n```')
    out = tmp_path / "found.json"
    assert _run("check", project, "--format", "json", "--out", out).exit_code == 0
    found = json.loads(out.read_text(encoding="utf-8"))
    assert [found[k] for k in ("chapters", "names", "claims")] == [1, 7, 2]
    (untrue,) = found["untrue"]
    assert (untrue["file"], untrue["line"], untrue["claimed"], untrue["found"], untrue["state"]) == (
        "01-smoking.md",
        11,
        "better",
        "worse",
        "published",
    )
    (absent,) = found["not_drawn"]
    assert (absent["file"], absent["line"], absent["panel"]) == ("01-smoking.md", 13, "ranked")
    assert "elsewhere.x" in absent["reason"]


def test_a_terminal_is_not_written_to_by_an_author(project: Path) -> None:
    _write(project, more="\x1b[31m{{ sight.value }} \u202e\u2028")
    assert "\x1b" not in _run("check", project).stdout


def test_without_a_project_the_way_to_one_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = _run("check")
    assert found.exit_code == 1
    assert "there is no project here" in str(found.exception)


def test_chapters_made_in_python_give_the_same_site(project: Path) -> None:
    fence = '\n```jsnakit\npanel = "ranked"\nindicator = "healthindex.smoking"\n```'
    _write(project, more=fence)
    ws = Workspace(project)
    ws.build(project / "written")
    (chapter,) = read_chapters(project / "chapters")
    prose = chapter.pages[0].blocks[0]
    assert isinstance(prose, Prose)
    made = Chapter(
        title="Smoking", slug="smoking", order=1, state=chapter.state, indicators={"smoking": "fingertips.93085", "sight": "fingertips.41203"},
        pages=(Page("Summary", "index", (Prose(prose.markdown), Figure("ranked", Ranked(indicator="healthindex.smoking")))),),
    )  # fmt: skip
    ws.build(project / "made", chapters=[made])

    def pages(name: str) -> dict[str, bytes]:
        return {
            p.relative_to(project / name).as_posix(): p.read_bytes() for p in (project / name).rglob("*") if p.is_file() and p.name != "manifest.json"
        }

    assert pages("made") == pages("written")
    assert len(pages("made")) > 8
    assert ws.check(chapters=[made]).clean
