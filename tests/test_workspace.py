"""The whole road on a live (local) publisher: discover, lock, cache, answer, update; and what the facade says when it cannot."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

import jsnakit as jk
from jsnakit.errors import InvalidValueError, NoDataError, OfflineError, SourceChangedError, UnknownIndicatorError
from jsnakit.workspace import Workspace, authority


class Publisher:
    """A web server of files in a folder, which counts what it is asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.asked = folder, []  # type: ignore[var-annotated]  # paths, in order
        publisher = self

        class Handler(SimpleHTTPRequestHandler):
            def __init__(self, *args: Any) -> None:
                super().__init__(*args, directory=str(folder))

            def do_GET(self) -> None:
                publisher.asked.append(self.path)
                super().do_GET()

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def publisher(tmp_path: Path) -> Iterator[Publisher]:
    folder = tmp_path / "www"
    folder.mkdir()
    publisher = Publisher(folder)
    yield publisher
    publisher.close()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "jsna"
    folder.mkdir()
    (folder / "jsna.toml").write_text('[jsna]\narea = "E06000009"\narea_type = "ltla"\n')
    return folder


@pytest.fixture
def live(publisher: Publisher, falls: Any, falls_files: list[Path], project: Path, tmp_path: Path) -> Any:
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
def test_a_question_is_locked_and_never_touches_the_page_again(live: Any, publisher: Publisher, project: Path) -> None:
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
def test_an_update_shows_what_changed_in_the_data(live: Any, publisher: Publisher) -> None:
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
def test_a_changed_file_under_a_lock_is_an_error(live: Any, publisher: Publisher, tmp_path: Path, project: Path) -> None:
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


def test_the_place_of_a_project(project: Path, falls: Any) -> None:
    assert Workspace(project, plugins=jk.Plugins.only(falls)).place.name == "Blackpool"
    with pytest.raises(InvalidValueError, match="no area is set"):
        assert Workspace(plugins=jk.Plugins.only(falls)).place
