"""The whole road on a server of this machine that answers as the publisher's does: pages, links, files, a revision, and days on which it does not work."""

from __future__ import annotations

import io
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import attrs
import pytest

import jsnakit as jk
from jsnakit.errors import FetchError, NoDataError, OfflineError
from jsnakit.model import Area
from jsnakit_rtt import Rtt, links

pytestmark = pytest.mark.enable_socket

SPECIMENS = Path(__file__).parent / "specimens"
APRIL, FEBRUARY, SERIES = (
    SPECIMENS / name
    for name in (
        "20240430-RTT-April-2024-full-extract-revised-cut.csv",
        "20260228-RTT-February-2026-full-extract-cut.csv",
        "RTT-Overview-Timeseries-Feb26-cut.xlsx",
    )
)
RXL = Area("ods", "provider", "RXL")


def zipped(path: Path, change: tuple[bytes, bytes] | None = None) -> bytes:
    data = path.read_bytes()
    if change is not None:
        assert change[0] in data
        data = data.replace(*change)
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(path.name.replace("-cut", ""), (2026, 4, 9, 9, 30, 0)), data)
    return sink.getvalue()


class Publisher:
    """The publisher's site: what it holds can be changed while it runs; what was asked is remembered."""

    def __init__(self) -> None:
        self.answers: dict[str, tuple[int, str, bytes]] = {}
        self.asked: list[str] = []
        publisher = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                publisher.asked.append(self.path)
                status, kind, body = publisher.answers.get(self.path, (404, "text/html", b"<html><body>Not found</body></html>"))
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"127.0.0.1:{self.server.server_port}"
        self.index = f"http://{self.address}/rtt-waiting-times/"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def page(self, path: str, *hrefs: str) -> None:
        body = "".join(f'<li><a href="{h}">{h.rpartition("/")[2]}</a></li>' for h in hrefs)
        self.answers[path] = (200, "text/html; charset=UTF-8", f"<!DOCTYPE html><html><body><ul>{body}</ul></body></html>".encode())

    def file(self, name: str, data: bytes, kind: str = "application/zip") -> str:
        self.answers[f"/uploads/{name}"] = (200, kind, data)
        return f"/uploads/{name}"

    def publish(self, february: str = "Full-CSV-data-file-Feb26-ZIP-4M-9j03fJT.zip", data: bytes | None = None) -> None:
        self.page("/rtt-waiting-times/", "/rtt-waiting-times/rtt-data-2025-26/", "/rtt-waiting-times/rtt-data-2024-25/")
        new = self.file(february, data or zipped(FEBRUARY))
        workbook = self.file(
            "RTT-Overview-Timeseries-Feb26-XLSX-140K-a1.xlsx",
            SERIES.read_bytes(),
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        )
        old = self.file("Full-CSV-data-file-Apr24-ZIP-4M-revised.zip", zipped(APRIL))
        self.page("/rtt-waiting-times/rtt-data-2025-26/", new, workbook, new)
        self.page("/rtt-waiting-times/rtt-data-2024-25/", old)


@pytest.fixture
def publisher(monkeypatch: pytest.MonkeyPatch) -> Iterator[Publisher]:
    site = Publisher()
    site.publish()
    monkeypatch.setattr(links, "INDEX", site.index)
    yield site
    site.server.shutdown()
    site.server.server_close()


class Here(Rtt):
    info = attrs.evolve(Rtt.info, hosts=("127.0.0.1",))


def workspace(publisher: Publisher, cache: Path, lock: jk.Lock | None = None, **options: object) -> jk.Workspace:
    options = {"interval": 0.0, "max_age": 0.0, "sleep": lambda _: None} | options
    store = jk.Store(cache, lock, allow={publisher.address}, **options)
    return jk.Workspace(store=store, plugins=jk.Plugins.only(Here()))


def test_from_the_index_page_to_observations(publisher, tmp_path):
    ws = workspace(publisher, tmp_path)
    frame = ws.observe("rtt.waiting_list", areas=RXL)
    assert frame["period"].tolist() == ["April 2024", "February 2026"]
    assert sum("Full-CSV" in path for path in publisher.asked) == 2
    assert {(p.release, p.source) for p in ws.pins} == {("revised", "rtt"), ("original", "rtt")}
    assert all(p.licence == "OGL-UK-3.0" and p.retrieved for p in ws.pins)


def test_only_the_months_asked_for_are_downloaded(publisher, tmp_path):
    workspace(publisher, tmp_path).observe("rtt.waiting_list", areas=RXL, since="2026")
    assert [p for p in publisher.asked if "Full-CSV" in p] == ["/uploads/Full-CSV-data-file-Feb26-ZIP-4M-9j03fJT.zip"]


def test_england_since_2007_is_one_workbook(publisher, tmp_path):
    frame = workspace(publisher, tmp_path).observe("rtt.waiting_list", "rtt.waiting_list_with_estimates", areas=jk.ENGLAND)
    assert not any("Full-CSV" in path for path in publisher.asked)
    assert frame[frame["period"] == "February 2026"]["value"].tolist() == [7_124_952, 7_216_208]


def test_a_locked_question_touches_no_page_and_offline_gives_the_same(publisher, tmp_path):
    first = workspace(publisher, tmp_path)
    frame = first.observe("rtt.waiting_list", areas=RXL)
    first.store.lock.write(tmp_path / "jsna.lock")
    publisher.asked.clear()
    again = workspace(publisher, tmp_path, jk.Lock.read(tmp_path / "jsna.lock")).observe("rtt.waiting_list", areas=RXL)
    assert publisher.asked == []
    offline = workspace(publisher, tmp_path, jk.Lock.read(tmp_path / "jsna.lock"), offline=True).observe("rtt.waiting_list", areas=RXL)
    assert frame.equals(again)
    assert frame.equals(offline)
    with pytest.raises(OfflineError):
        workspace(publisher, tmp_path / "elsewhere", jk.Lock.read(tmp_path / "jsna.lock"), offline=True).observe("rtt.waiting_list", areas=RXL)


def test_what_was_parsed_is_kept(publisher, tmp_path, monkeypatch):
    workspace(publisher, tmp_path).observe("rtt.waiting_list", areas=RXL)
    monkeypatch.setattr(Here, "parse", lambda *_: pytest.fail("parsed again"))
    assert len(workspace(publisher, tmp_path).observe("rtt.waiting_list", "rtt.incomplete_median_wait", areas=RXL)) == 4


def test_a_revision_is_shown_in_the_data_and_only_when_asked_for(publisher, tmp_path):
    ws = workspace(publisher, tmp_path)
    hospital = Area("ods", "provider", "NTPH1")
    (before,) = ws.observe("rtt.new_periods", areas=hospital, since="2026")["value"]
    # One more new pathway at one provider: its function and its total.
    lines = [line for line in FEBRUARY.read_bytes().splitlines() if b",NTPH1," in line and b",Part_3," in line]
    assert len(lines) == 2
    data = FEBRUARY.read_bytes()
    for line in lines:
        head, _, last = line.rpartition(b",")
        data = data.replace(line, head + b"," + str(int(last) + 1).encode())
    changed = tmp_path / FEBRUARY.name
    changed.write_bytes(data)
    publisher.publish("Full-CSV-data-file-Feb26-ZIP-4M-revised.zip", zipped(changed))
    assert workspace(publisher, tmp_path, ws.store.lock).observe("rtt.new_periods", areas=hospital, since="2026")["value"].tolist() == [before]
    changes = ws.update("rtt")["rtt"]
    assert (changes.added, changes.gone) == (0, 0)
    moved = changes.frame[(changes.frame["indicator"] == "rtt.new_periods") & (changes.frame["area"] == "NTPH1")]
    assert (moved["value"] - moved["value_before"]).tolist() == [1.0]
    assert ws.observe("rtt.new_periods", areas=hospital, since="2026")["value"].tolist() == [before + 1]


def test_a_bad_day_of_the_server_is_a_typed_error_and_the_next_day_works(publisher, tmp_path):
    name = "/uploads/Full-CSV-data-file-Feb26-ZIP-4M-9j03fJT.zip"
    good = publisher.answers[name]
    for status, kind, body in (
        (503, "text/html", b"<html>busy</html>"),
        (200, "text/html", b"<!DOCTYPE html><html><body>Please accept cookies</body></html>"),
        (403, "text/html", b"<html>no</html>"),
    ):
        publisher.answers[name] = (status, kind, body)
        with pytest.raises(FetchError):
            workspace(publisher, tmp_path).observe("rtt.waiting_list", areas=RXL, since="2026")
    publisher.answers[name] = good
    assert len(workspace(publisher, tmp_path).observe("rtt.waiting_list", areas=RXL, since="2026")) == 1


def test_nothing_in_the_range_is_an_error_that_says_what_there_is(publisher, tmp_path):
    with pytest.raises(NoDataError, match="rtt has no file for this question") as caught:
        workspace(publisher, tmp_path).observe("rtt.waiting_list", areas=RXL, since="2030")
    assert "April 2024" in caught.value.available
