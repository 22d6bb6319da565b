"""The whole road on a live (local) publisher: discover, lock, cache, answer, update; and what the facade says when it cannot."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest

import jsnakit as jk
from jsnakit.chapters import new_project
from jsnakit.errors import InvalidValueError, NoDataError, OfflineError, SettingsError, SourceChangedError, UnknownIndicatorError
from jsnakit.workspace import Workspace, authority


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "jsna"
    folder.mkdir()
    (folder / "jsna.toml").write_text('[jsna]\narea = "E06000009"\narea_type = "ltla"\n')
    return folder


@pytest.fixture
def live(publisher: Any, falls: Any, falls_files: list[Path], project: Path, tmp_path: Path) -> Any:
    """A function that opens a workspace on the publisher's files, with the lock that the project has."""
    for path in falls_files:
        (publisher.folder / path.name).write_bytes(path.read_bytes())
    (publisher.folder / "index.html").write_text("2020.csv\n2021.csv\n")
    type(falls).base = f"http://{publisher.address}"

    def open_workspace(*, offline: bool = False) -> Workspace:
        lock = jk.Lock.read(project / "jsna.lock") if (project / "jsna.lock").exists() else None
        store = jk.Store(tmp_path / "cache", lock, allow={publisher.address}, interval=0, offline=offline)
        return Workspace(project, store=store, plugins=jk.Plugins.only(falls))

    yield open_workspace
    type(falls).base = "https://falls.example"


@pytest.mark.enable_socket
def test_a_question_is_locked_and_never_touches_the_page_again(live: Any, publisher: Any, project: Path) -> None:
    first = live()
    frame = first.observe("falls.rate")
    assert list(frame["value"]) == [2100.5, 2200.0, 1900.0]
    assert first.save_lock() == project / "jsna.lock"
    assert publisher.asked == ["/index.html", "/2020.csv", "/2021.csv"]
    lock = (project / "jsna.lock").read_bytes()

    publisher.asked.clear()
    again = live(offline=True)
    assert again.observe("falls.rate").equals(frame)
    narrowed = live()
    assert list(narrowed.observe("falls.rate", since="2021")["value"]) == [2200.0]
    narrowed.save_lock()
    assert publisher.asked == []
    assert (project / "jsna.lock").read_bytes() == lock


@pytest.mark.enable_socket
def test_an_update_shows_what_changed_in_the_data(live: Any, publisher: Any) -> None:
    ws = live()
    ws.observe("falls.rate")
    ws.save_lock()
    revised = (publisher.folder / "2021.csv").read_text().replace("2200", "2250") + "falls.rate,E07000128,2021,65+,1850\n"
    (publisher.folder / "2021.csv").write_text(revised)
    # Last-Modified counts in seconds; the publisher revised it an hour later.
    later = time.time() + 3600
    os.utime(publisher.folder / "2021.csv", (later, later))
    locked = live()
    assert 2200.0 in set(locked.observe("falls.rate")["value"])
    changes = locked.update()["falls"]
    assert str(changes) == "1 added, 1 revised, 0 gone"
    locked.save_lock()
    assert 2250.0 in set(live(offline=True).observe("falls.rate")["value"])


@pytest.mark.enable_socket
def test_a_changed_file_under_a_lock_is_an_error(live: Any, publisher: Any, tmp_path: Path, project: Path) -> None:
    ws = live()
    ws.observe("falls.rate")
    ws.save_lock()
    import shutil

    for path in (tmp_path / "cache").rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    shutil.rmtree(tmp_path / "cache")
    with pytest.raises(OfflineError):
        live(offline=True).observe("falls.rate")
    (publisher.folder / "2020.csv").write_text("indicator,area,year,age,value\nfalls.rate,E06000009,2020,65+,1\n")
    with pytest.raises(SourceChangedError):
        live().observe("falls.rate")


@pytest.mark.enable_socket
def test_coverage_says_what_was_left_out(live: Any) -> None:
    ws = live()
    with pytest.raises(NoDataError):
        ws.coverage("falls.rate")
    ws.observe("falls.rate", areas=["Blackpool", "Wyre"], since="2021")
    assert ws.coverage("falls.rate").absent == ("E07000128",)
    assert ws.coverage("falls.rate").left_out == {"age": 1}
    assert [pin.url.rsplit("/", 1)[-1] for pin in ws.pins] == ["2021.csv"]


@pytest.mark.enable_socket
def test_nothing_in_the_range_says_what_there_is(live: Any) -> None:
    with pytest.raises(NoDataError, match="2020 to 2021"):
        live().observe("falls.rate", since="2024")


def test_an_unknown_indicator_gets_the_nearest(falls: Any) -> None:
    ws = Workspace(plugins=jk.Plugins.only(falls))
    with pytest.raises(UnknownIndicatorError, match=r"did you mean 'falls.rate'"):
        ws.observe("falls.raet")
    with pytest.raises(UnknownIndicatorError):
        ws.observe("fall.rate")
    with pytest.raises(UnknownIndicatorError, match=r"source\.key"):
        ws.observe("falls")
    with pytest.raises(InvalidValueError):
        ws.observe()
    with pytest.raises(InvalidValueError, match="empty"):
        ws.observe("falls.rate", areas=[])


def test_search_words(falls: Any) -> None:
    ws = Workspace(plugins=jk.Plugins.only(falls))
    assert [i.id for i in ws.indicators("after a fall")] == ["falls.rate"]
    assert [i.id for i in ws.indicators()] == ["falls.beds", "falls.rate"]


def test_a_new_project_is_about_an_authority_of_today() -> None:
    assert authority("Blackpool").type == "ltla"
    assert authority("Lancashire").type == "utla"
    assert authority("Somerset", "utla").code == "E06000066"


# -- publication ---------------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project as `jsnakit new` makes it, with the site that `jsnakit build` makes of it in `site`."""
    folder = tmp_path_factory.mktemp("demo") / "jsna"
    new_project(folder, authority("Blackpool"), edition="2026-11")
    report = Workspace(folder).build(folder / "site")
    # Every figure of both chapters is there, one page a specialty as well.
    assert report.missing == ()
    assert report.drafts_left_out == ()
    assert report.pages == len(list((folder / "site").rglob("*.html"))) >= 36
    return folder


def test_a_new_project_builds_at_once(demo: Path) -> None:
    site = demo / "site"
    index = (site / "index.html").read_text(encoding="utf-8")
    assert "Demonstration made from real published data. It is not a publication of Blackpool Council." in index
    assert "Life is shorter in Blackpool than in any other English authority" in index
    assert "waits for treatment are over 18 weeks" in index
    assert "Edition of November 2026" in index
    health = (site / "health-and-wellbeing/index.html").read_text(encoding="utf-8")
    assert "Life expectancy in Blackpool was 76.5 years in 2020, the lowest of 307 authorities." in health
    assert "22 of 39 are in the worst fifth" in health
    for chapter in ("health-and-wellbeing", "waiting-for-treatment"):
        for path in sorted((site / chapter).glob("*.html")):
            assert "Open Government Licence v3.0" in path.read_text(encoding="utf-8"), path
    assert len(list((site / "waiting-for-treatment").glob("specialty-*.html"))) == 23
    waiting = (site / "waiting-for-treatment/index.html").read_text(encoding="utf-8")
    assert "NHS trusts has every patient within 18 weeks" in waiting
    admitted = (site / "waiting-for-treatment/admitted-patients.html").read_text(encoding="utf-8")
    assert "NHS trusts admitted every patient within 18 weeks" in admitted


def test_a_build_writes_the_lock_and_is_not_redone(demo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lock = jk.Lock.read(demo / "jsna.lock")
    (entry,) = Workspace(demo).packs
    assert lock.packs["sample"].sha256 == entry.pack.sha256
    monkeypatch.setattr(Workspace, "observe", lambda *_, **__: pytest.fail("a figure was asked for"))
    again = Workspace(demo).build(demo / "site")
    assert again.unchanged
    assert again.missing == ()
    # A word of a chapter changed is a new site.
    chapter = demo / "chapters/02-waiting-for-treatment.md"
    text = chapter.read_text(encoding="utf-8")
    chapter.write_text(text.replace("Do patients know", "Do residents know"), encoding="utf-8")
    with pytest.raises(pytest.fail.Exception, match="a figure was asked for"):
        Workspace(demo).build(demo / "site")
    chapter.write_text(text, encoding="utf-8")


def test_another_pack_than_the_locked_one_is_refused(demo: Path, tmp_path: Path) -> None:
    import shutil

    project = tmp_path / "jsna"
    shutil.copytree(demo, project, ignore=shutil.ignore_patterns("site"))
    lock = project / "jsna.lock"
    lock.write_text(lock.read_text(encoding="utf-8").replace(Workspace(demo).packs[0].pack.sha256, "0" * 64), encoding="utf-8")
    with pytest.raises(SourceChangedError, match="sample"):
        Workspace(project).build(project / "site")
    assert not (project / "site").exists()


def _keep(project: Path, name: str, panels: tuple[str, ...], state: str = "in_review") -> None:
    """Only one chapter, with only some of its figures: a test is about one thing."""
    for path in (project / "chapters").glob("*.md"):
        if path.name != name:
            path.unlink()
            continue
        front, _, body = path.read_text(encoding="utf-8").partition("+++\n\n")
        fences = [f"```jsnakit{part.partition('```')[0]}```" for part in body.split("```jsnakit")[1:]]
        kept = [f for f in fences if any(f'panel = "{p}"' in f for p in panels)]
        path.write_text(front.replace('"in_review"', f'"{state}"') + "+++\n\n" + "\n\n".join(kept) + "\n", encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "type", "said"),
    [
        ("Somerset", None, "Before it there were Mendip, Sedgemoor, Somerset West and Taunton, and South Somerset"),
        ("E06000065", None, "North Yorkshire (E06000065) is not among them"),
        ("Lancashire", "utla", "Its districts have figures of their own."),
        ("Isles of Scilly", None, "Isles of Scilly (E06000053) is not among them"),
    ],
)
def test_an_area_that_the_index_does_not_have_gets_a_page_that_says_why(tmp_path: Path, name: str, type: str | None, said: str) -> None:
    project = tmp_path / "jsna"
    new_project(project, authority(name, type), edition="2026-11")
    _keep(project, "01-health-and-wellbeing.md", ("headline", "key_figures", "ranked"))
    report = Workspace(project).build(project / "site")
    assert len(report.missing) == 3
    assert all(said in m.reason for m in report.missing)
    page = (project / "site/health-and-wellbeing/index.html").read_text(encoding="utf-8")
    assert said in page


def test_a_london_borough_is_told_of_london(tmp_path: Path) -> None:
    project = tmp_path / "jsna"
    new_project(project, authority("Hackney"), edition="2026-11")
    _keep(project, "01-health-and-wellbeing.md", ("headline", "area_map", "ranked"))
    report = Workspace(project).build(project / "site")
    assert report.missing == ()
    page = (project / "site/health-and-wellbeing/index.html").read_text(encoding="utf-8")
    assert "the 32 authorities of London" in page
    assert "the London" not in page


def test_drafts_are_published_only_when_asked_for(tmp_path: Path) -> None:
    project = tmp_path / "jsna"
    new_project(project, authority("Blackpool"), edition="2026-11")
    _keep(project, "01-health-and-wellbeing.md", ("ranked",), state="draft")
    with pytest.raises(SettingsError, match="all are drafts"):
        Workspace(project).build(project / "site")
    assert not (project / "site").exists()
    Workspace(project).build(project / "site", drafts=True)
    assert "<title>Draft: " in (project / "site/health-and-wellbeing/index.html").read_text(encoding="utf-8")


def test_without_any_source_a_chapter_says_so(tmp_path: Path, falls: Any) -> None:
    project = tmp_path / "jsna"
    new_project(project, authority("Blackpool"), edition="2026-11", packs=())
    _keep(project, "02-waiting-for-treatment.md", ("waiting_headline", "symbol_map", "specialties"))
    report = Workspace(project, plugins=jk.Plugins.only(falls)).build(project / "site")
    assert report.figures == 0
    assert all("answers for \u201crtt." in m.reason for m in report.missing)
    index = (project / "site/index.html").read_text(encoding="utf-8")
    assert "Demonstration" not in index
    assert "No figures are at hand for this" in index


@pytest.mark.enable_socket
def test_a_site_from_a_live_source_cites_what_was_read(live: Any, project: Path) -> None:
    (project / "chapters").mkdir()
    figure = '```jsnakit\npanel = "lowest"\nindicators = ["falls.rate"]\n```\n'
    (project / "chapters/01-falls.md").write_text('+++\ntitle = "Falls"\nstate = "published"\n+++\n\n' + figure, encoding="utf-8")
    first = live().build(project / "site")
    assert first.missing == ()
    page = (project / "site/falls/index.html").read_text(encoding="utf-8")
    assert "A council, Falls (original)." in page
    assert "Source: A council, Open Government Licence v3.0." in page
    assert "Demonstration" not in page
    # The first build filled the lock, so the second is made from another state; from then on nothing changes, and nothing is asked.
    live(offline=True).build(project / "site")
    assert live(offline=True).build(project / "site").unchanged


def test_a_workspace_without_a_project_has_nothing_to_build(tmp_path: Path) -> None:
    with pytest.raises(InvalidValueError, match="no project folder"):
        Workspace().build(tmp_path / "site")


def test_the_place_of_a_project(project: Path, falls: Any) -> None:
    assert Workspace(project, plugins=jk.Plugins.only(falls)).place.name == "Blackpool"
    with pytest.raises(InvalidValueError, match="no area is set"):
        assert Workspace(plugins=jk.Plugins.only(falls)).place
