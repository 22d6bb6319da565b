"""Every fault of a server that somebody has met, on a first fetch, on a revalidation and against a lock: a typed error or a clean recovery, and nothing half-written."""

from __future__ import annotations

import email.utils
import hashlib
import importlib.util
import io
import random
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import attrs
import pytest

from jsnakit.errors import FetchError, HostRefusedError, LockError, OfflineError, SourceChangedError
from jsnakit.files import SourceFile
from jsnakit.sources import SourceInfo
from jsnakit.store import Lock, Store  # loaded before any time is measured

pytestmark = pytest.mark.enable_socket


def _server_module() -> ModuleType:
    spec = importlib.util.spec_from_file_location("faultserver", Path(__file__).with_name("faultserver.py"))
    assert spec is not None
    assert spec.loader is not None
    import sys

    module = importlib.util.module_from_spec(spec)
    sys.modules["faultserver"] = module
    spec.loader.exec_module(module)
    return module


fs = _server_module()

INFO = SourceInfo(id="x", title="Waiting times", publisher="Y", licence="OGL-UK-3.0", homepage="https://example.org/stats", hosts=("data.example",))
CSV = b"code,value\n" + b"".join(b"R%03d,%d\n" % (i, i * i) for i in range(800))
NEW = CSV + b"R999,1\n"
NOW = 1_780_000_000.0


def a_zip(text: bytes = CSV) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("data.csv", (2026, 2, 1, 0, 0, 0)), text)
    return buffer.getvalue()


ZIP = a_zip(random.Random(1).randbytes(9000))


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


class Shop:
    """A server, a cache folder and the waits that the store asked for."""

    def __init__(self, server: Any, folder: Path) -> None:
        self.server, self.folder = server, folder
        self.waits: list[float] = []
        self.now = NOW

    def store(self, lock: Lock | None = None, **options: Any) -> Store:
        settings: dict[str, Any] = {
            "deadline": 10.0,
            "interval": 0.0,
            "max_bytes": 2_000_000,
            "max_age": 0.0,
            "random": lambda: 0.5,
            "clock": lambda: self.now,
        }
        return Store(self.folder, lock, allow={self.server.address}, sleep=self.waits.append, **settings | options)

    def get(self, url: str, lock: Lock | None = None, *, volatile: bool = False, **options: Any) -> SourceFile:
        return self.store(lock, **options).fetcher(INFO)(url, volatile=volatile)

    def check(self, *allowed: bytes) -> None:
        """Nothing half-written stays: `tmp` is empty, every object has its hash and is one of those expected."""
        assert not list((self.folder / "tmp").glob("*"))
        objects = [p for p in (self.folder / "objects").glob("*/*") if p.is_file()]
        assert {p.name for p in objects} == {digest(p.read_bytes()) for p in objects}
        assert {p.name for p in objects} <= {digest(a) for a in allowed}
        assert not [p for p in self.folder.rglob("*") if p.is_file() and p.parts[len(self.folder.parts)] not in ("objects", "index", "locks")]


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with fs.FaultServer() as server:
        yield Shop(server, tmp_path / "cache")


@attrs.frozen
class Fault:
    """What a server does, what must come of it, and how often it is asked."""

    name: str
    behaviour: Any
    reason: str
    transient: bool
    asked: int = 1
    status: int | None = None
    waits: tuple[float, ...] | None = None
    path: str = "/data.csv"
    body: bytes = CSV


BACKOFF = (0.5, 1.0, 2.0, 4.0)
HTML = b"\xef\xbb\xbf \r\n<!DOCTYPE html><html><body>Just a moment...</body></html>"
COOKIES = b"<html><head><title>Cookies</title></head><body>Accept?</body></html>"


def again(name: str, behaviour: Any, reason: str, status: int | None = None, waits: tuple[float, ...] = BACKOFF, **more: Any) -> Fault:
    """A fault that may pass: asked five times, with these waits between."""
    return Fault(name, behaviour, reason, True, 5, status, waits, **more)


FAULTS = [
    again("reset", fs.reset, "connection"),
    again("reset midway", fs.reset_midway(CSV), "connection"),
    again("garbage", fs.garbage, "connection"),
    again("endless headers", fs.endless_headers, "connection"),
    again("cut, with length", fs.cut_length(CSV), "truncated"),
    again("cut, chunked", fs.cut_chunked(CSV), "truncated"),
    again("cut, no length", fs.cut_no_length(CSV), "truncated"),
    again("cut zip, no length", fs.cut_no_length(ZIP), "truncated", path="/data.zip", body=ZIP),
    again("cut, gzip", fs.cut_gzip(CSV), "truncated"),
    Fault("hang", fs.hang, "timeout", transient=True),
    Fault("slow headers", fs.slow_headers, "timeout", transient=True),
    Fault("slow body", fs.slow_body, "timeout", transient=True),
    Fault("endless 100 Continue", fs.endless_continue, "timeout", transient=True),
    Fault("endless body", fs.endless, "size", transient=False),
    Fault("length over the limit", lambda c: c.send(fs.head(200, Content_Length=10**9)), "size", transient=False),
    Fault("gzip bomb", fs.gzip_bomb(1_900_000), "size", transient=False),
    Fault("packed unasked", lambda c: c.send(fs.head(200, Content_Encoding="br", Content_Length=2) + b"xx"), "content", transient=False),
    again("429, 2 s", fs.status(429, Retry_After=2), "status", 429, (2.0,) * 4),
    again("503, date", fs.status(503, Retry_After=email.utils.formatdate(NOW + 30, usegmt=True)), "status", 503, (30.0,) * 4),
    again("503, past date", fs.status(503, Retry_After=email.utils.formatdate(NOW - 30, usegmt=True)), "status", 503),
    again("503, garbage", fs.status(503, Retry_After="soon"), "status", 503),
    again("503, negative", fs.status(503, Retry_After=-5), "status", 503),
    again("503, absurd date", fs.status(503, Retry_After="Mon, 01 Jan 99999999999999999999 00:00:00 GMT"), "status", 503),
    again("503, now", fs.status(503, Retry_After=0), "status", 503, (0.0,) * 4),
    Fault("429, the day after tomorrow", fs.status(429, Retry_After=email.utils.formatdate(NOW + 3600, usegmt=True)), "busy", True, 1, 429),
    again("425", fs.status(425), "status", 425),
    again("502", fs.status(502), "status", 502),
    Fault("401", fs.status(401), "status", False, 1, 401),
    Fault("451", fs.status(451), "status", False, 1, 451),
    Fault("503, an hour", fs.status(503, Retry_After=3600), "busy", True, 1, 503),
    again("500", fs.status(500), "status", 500),
    again("408", fs.status(408), "status", 408),
    Fault("404", fs.status(404), "status", False, 1, 404),
    Fault("410", fs.status(410), "status", False, 1, 410),
    Fault("403", fs.status(403), "status", False, 1, 403),
    Fault("407", fs.status(407), "status", False, 1, 407),
    Fault("206", fs.status(206), "status", False, 1, 206),
    Fault("web page", fs.ok(HTML), "content", transient=True),
    Fault("cookie page", fs.ok(COOKIES, Content_Type="text/csv"), "content", transient=True),
    Fault("empty", fs.ok(b""), "content", transient=True),
    Fault("empty, no length", fs.bare_status(200), "content", transient=True),
    Fault("204", fs.bare_status(204), "status", False, 1, 204),
    Fault("JSON for CSV", fs.ok(b'{"error": 1}', Content_Type="application/json"), "content", transient=True),
    Fault("page for a workbook", fs.ok(HTML), "content", transient=True, path="/data.xlsx", body=ZIP),
    Fault("zip for an old workbook", fs.ok(ZIP), "content", transient=True, path="/data.xls", body=b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 99),
    Fault("text for a zip", fs.ok(b"sorry\n"), "content", transient=True, path="/data.zip", body=ZIP),
    Fault("redirect without address", fs.bare_status(302), "redirect", transient=False),
]


@pytest.mark.parametrize("state", ["first", "revalidation", "locked"])
@pytest.mark.parametrize("fault", FAULTS, ids=[f.name for f in FAULTS])
def test_a_fault_ends_in_its_typed_error_and_leaves_nothing(shop: Shop, fault: Fault, state: str) -> None:
    url = shop.server.url(fault.path)
    lock = None
    if state != "first":
        shop.server.on(fault.path, fs.ok(fault.body, ETag='"1"'))
        filled = shop.store()
        filled.fetcher(INFO)(url)
        lock = filled.lock if state == "locked" else None
        if state == "locked":
            filled.clear()
    shop.server.on(fault.path, fault.behaviour)
    asked = shop.server.count(fault.path)
    # Where the limit of time is what is tested, it is short; elsewhere a busy machine must not reach it.
    deadline = 0.6 if fault.reason == "timeout" else 10.0
    store = shop.store(lock, deadline=deadline)
    started = time.monotonic()
    with pytest.raises(FetchError) as caught:
        store.fetcher(INFO)(url)
    took = time.monotonic() - started
    error = caught.value
    assert (error.reason, error.transient, error.status) == (fault.reason, fault.transient, fault.status), str(error)
    assert url in str(error)
    assert error.hint
    assert took < deadline + 1.0
    assert shop.server.count(fault.path) - asked == fault.asked
    assert tuple(shop.waits) == (fault.waits or ())
    assert store.log == ()
    shop.check(*([fault.body] if state == "revalidation" else []))
    if fault.status in (404, 410):
        assert INFO.homepage in str(error)
        assert INFO.title in str(error)
    if fault.reason == "busy":
        assert error.retry_after == 3600
    # The server recovers, and so does the store.
    shop.server.on(fault.path, fs.ok(fault.body))
    assert shop.get(url, lock).read() == fault.body
    shop.check(fault.body)


@pytest.mark.parametrize("fault", FAULTS, ids=[f.name for f in FAULTS])
def test_stale_if_error_covers_passing_faults_only(shop: Shop, fault: Fault) -> None:
    url = shop.server.on(fault.path, fs.ok(fault.body))
    lock = shop_lock(shop, url)
    shop.now += 3600
    shop.server.on(fault.path, fault.behaviour)
    store = shop.store(stale_if_error=True, deadline=0.6 if fault.reason == "timeout" else 10.0)
    if fault.transient:
        assert store.fetcher(INFO)(url).read() == fault.body
        assert [(o.state, o.age) for o in store.log] == [("stale-error", 3600.0)]
        assert store.lock.pin(url) == lock.pin(url)
    else:
        with pytest.raises(FetchError):
            store.fetcher(INFO)(url)
    shop.check(fault.body)


def shop_lock(shop: Shop, url: str) -> Lock:
    store = shop.store()
    store.fetcher(INFO)(url)
    return store.lock


@pytest.mark.parametrize("state", ["first", "revalidation", "locked"])
@pytest.mark.parametrize("fault", [f for f in FAULTS if f.asked == 5], ids=lambda f: f.name)
def test_a_passing_fault_is_overcome_by_asking_again(shop: Shop, fault: Fault, state: str) -> None:
    url = shop.server.on(fault.path, fs.ok(fault.body))
    lock = shop_lock(shop, url) if state != "first" else None
    if state == "locked":
        shop.store().clear()
    shop.server.on(fault.path, fault.behaviour, fault.behaviour, fs.ok(fault.body))
    store = shop.store(lock if state == "locked" else None)
    assert store.fetcher(INFO)(url).read() == fault.body
    assert [o.state for o in store.log] == ["downloaded"]
    assert len(shop.waits) == 2
    shop.check(fault.body)


@pytest.mark.parametrize("send", [fs.ok, fs.ok_chunked, fs.ok_no_length, fs.ok_gzip], ids=["length", "chunked", "none", "gzip"])
@pytest.mark.parametrize(("path", "body"), [("/data.csv", CSV), ("/data.zip", ZIP), ("/data.json", b'{"a": [1]}')])
def test_whole_bodies_of_every_kind_are_taken(shop: Shop, send: Any, path: str, body: bytes) -> None:
    file = shop.get(shop.server.on(path, send(body)))
    assert (file.read(), file.sha256, file.name) == (body, digest(body), path[1:])
    shop.check(body)


def test_a_page_is_taken_only_where_a_page_was_asked_for(shop: Shop) -> None:
    page = COOKIES + b"\n"
    url = shop.server.on("/index", fs.ok_no_length(page))
    with pytest.raises(FetchError, match="web page"):
        shop.get(url)
    store = shop.store()
    assert store.fetcher(INFO)(url, volatile=True).read() == page
    assert not store.lock.pins
    shop.server.on("/index", fs.cut_no_length(page))
    with pytest.raises(FetchError, match="cut short"):
        shop.get(url, volatile=True)


def test_a_cut_body_without_length_that_ends_like_a_whole_one_is_caught_by_the_lock(shop: Shop) -> None:
    url = shop.server.on("/data.csv", fs.ok(CSV))
    lock = shop_lock(shop, url)
    shop.store().clear()
    shop.server.on("/data.csv", fs.ok_no_length(CSV[: CSV.index(b"R400")]))
    with pytest.raises(SourceChangedError):
        shop.get(url, lock)
    shop.check()


# --- redirects ---------------------------------------------------------------------------------------------------------


def test_redirects_within_the_limit_are_followed(shop: Shop) -> None:
    for i in range(5):
        shop.server.on(f"/hop{i}", fs.redirect(f"/hop{i + 1}"))
    shop.server.on("/hop5", fs.ok(CSV))
    assert shop.get(shop.server.url("/hop0")).read() == CSV
    shop.server.on("/loop", fs.redirect("/loop"))
    with pytest.raises(FetchError, match="more than 5 redirects") as caught:
        shop.get(shop.server.url("/loop"))
    assert (caught.value.reason, shop.server.count("/loop")) == ("redirect", 6)


FORBIDDEN = [
    "http://data.example/data.csv",
    "https://elsewhere.example/data.csv",
    "https://data.example:8443/data.csv",
    "https://data.example@elsewhere.example/data.csv",
    "https://me:secret@data.example/data.csv",
    "https://elsewhere.example\\@data.example/data.csv",
    "file:///etc/passwd",
    "ftp://data.example/data.csv",
    "http://127.0.0.1:9/data.csv",
    "https://127.0.0.1/data.csv",
    "http://169.254.169.254/latest/meta-data",
    "http://[::1]/data.csv",
    "https://[::1/data.csv",
    "https://data.example:99999/x",
    "data:text/csv,a",
    "//elsewhere.example/data.csv",
]


@pytest.mark.parametrize("state", ["first", "revalidation", "locked"])
@pytest.mark.parametrize("target", FORBIDDEN)
def test_a_redirect_out_of_the_source_is_refused_before_connecting(shop: Shop, target: str, state: str, monkeypatch: pytest.MonkeyPatch) -> None:
    url = shop.server.on("/data.csv", fs.ok(CSV))
    lock = shop_lock(shop, url) if state != "first" else None
    if state == "locked":
        shop.store().clear()
    looked_up = spy_on_look_ups(monkeypatch)
    shop.server.on("/data.csv", fs.redirect(target))
    with pytest.raises(HostRefusedError) as caught:
        shop.get(url, lock if state == "locked" else None, stale_if_error=True)
    assert (caught.value.reason, caught.value.transient) == ("redirect", False)
    assert "secret" not in str(caught.value)
    assert set(looked_up) <= {"127.0.0.1"}
    shop.check(*([CSV] if state == "revalidation" else []))


def spy_on_look_ups(monkeypatch: pytest.MonkeyPatch, answers: dict[str, str] | None = None) -> list[str]:
    import socket

    asked: list[str] = []
    real = socket.getaddrinfo

    def look_up(host: Any, port: Any, *args: Any, **more: Any) -> Any:
        asked.append(str(host))
        return real((answers or {}).get(host, host), port, *args, **more)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return asked


@pytest.mark.parametrize("target", [t for t in FORBIDDEN if not t.startswith("//")])
def test_a_forbidden_address_is_refused_at_once(shop: Shop, target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    looked_up = spy_on_look_ups(monkeypatch)
    with pytest.raises((HostRefusedError, LockError)):
        shop.get(target)
    assert looked_up == []
    assert not shop.folder.exists()


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "224.0.0.1", "fd00::1"]
)
def test_a_public_name_that_leads_to_a_private_address_is_refused(shop: Shop, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    spy_on_look_ups(monkeypatch, {"data.example": address})
    with pytest.raises(HostRefusedError, match="not a public address") as caught:
        shop.get("https://data.example/data.csv")
    assert caught.value.transient is False
    assert shop.waits == []
    shop.check()


def test_one_private_address_among_public_ones_is_refused(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    rows = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in ("93.184.216.34", "10.0.0.1")]
    with monkeypatch.context() as replaced:
        replaced.setattr(socket, "getaddrinfo", lambda *_, **__: rows)
        with pytest.raises(HostRefusedError, match=r"10\.0\.0\.1"):
            shop.get("https://data.example/data.csv")


def test_the_address_that_was_checked_is_the_one_connected_to(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    from urllib3.util import connection

    answers = iter(["93.184.216.34", "127.0.0.1"])
    dialled: list[str] = []

    def look_up(*_: object, **__: object) -> Any:
        # A name that leads elsewhere when asked a second time.
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), 443))]

    def dial(address: Any, *_: object, **__: object) -> Any:
        dialled.append(address[0])
        raise OSError("not in a test")

    # The second attempt asks anew, is led to this machine, and ends there.
    with monkeypatch.context() as replaced:
        replaced.setattr(socket, "getaddrinfo", look_up)
        replaced.setattr(connection, "create_connection", dial)
        with pytest.raises(HostRefusedError, match=r"127\.0\.0\.1"):
            shop.get("https://data.example/data.csv")
    assert dialled == ["93.184.216.34"]


def test_a_look_up_that_hangs_or_fails_is_told(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    import socket
    import threading

    awake = threading.Event()
    with monkeypatch.context() as slow:
        slow.setattr(socket, "getaddrinfo", lambda *_, **__: awake.wait(5) and [])
        started = time.monotonic()
        with pytest.raises(FetchError) as caught:
            shop.get("https://data.example/data.csv", deadline=0.6)
        assert (caught.value.reason, caught.value.transient) == ("timeout", True)
        assert time.monotonic() - started < 1.6
        awake.set()
    for error in (socket.gaierror(-2, "Name or service not known"), UnicodeError("label too long")):

        def fail(*_: object, error: Exception = error, **__: object) -> Any:
            raise error

        with monkeypatch.context() as broken:
            broken.setattr(socket, "getaddrinfo", fail)
            shop.waits.clear()
            with pytest.raises(FetchError) as caught:
                shop.get("https://data.example/data.csv")
        assert (caught.value.reason, caught.value.transient, len(shop.waits)) == ("connection", True, 4)
    shop.check()


def test_a_handshake_that_hangs_ends_with_the_deadline(shop: Shop) -> None:
    shop.server.on("*", fs.hang)
    started = time.monotonic()
    with pytest.raises(FetchError) as caught:
        shop.get(f"https://{shop.server.address}/data.csv", deadline=0.6)
    assert caught.value.reason == "timeout"
    assert time.monotonic() - started < 1.6
    shop.check()


def test_an_address_of_a_redirect_may_be_written_in_utf_8(shop: Shop) -> None:
    url = shop.server.on(
        "/a.csv", lambda c: c.send(b"HTTP/1.1 302 Found\r\nLocation: /caf\xc3\xa9 1.csv\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    )
    shop.server.on("/caf%C3%A9%201.csv", fs.ok(CSV))
    assert shop.get(url).read() == CSV


# --- revalidation and locks --------------------------------------------------------------------------------------------


def test_an_unchanged_file_is_not_sent_again(shop: Shop) -> None:
    url = shop.server.on("/data.csv", fs.conditional(CSV, '"v1"', "Sun, 01 Feb 2026 00:00:00 GMT"))
    first = shop.store()
    first.fetcher(INFO)(url)
    shop.now += 10
    second = shop.store()
    assert second.fetcher(INFO)(url).read() == CSV
    assert [o.state for o in first.log + second.log] == ["downloaded", "revalidated"]
    assert first.lock == second.lock
    assert shop.server.requests[-1][1]["if-none-match"] == '"v1"'
    assert shop.server.requests[-1][1]["accept-encoding"] == "identity"
    assert shop.server.requests[-1][1]["user-agent"].startswith("jsnakit/")
    third = shop.store(max_age=60)
    third.fetcher(INFO)(url)
    assert [o.state for o in third.log] == ["hit"]
    assert shop.server.count("/data.csv") == 2


def test_the_hash_decides_not_the_tags(shop: Shop) -> None:
    url = shop.server.on("/data.csv", fs.ok(CSV, ETag='"a"', Last_Modified="Sun, 01 Feb 2026 00:00:00 GMT"))
    lock = shop_lock(shop, url)
    shop.now += 100
    shop.server.on("/data.csv", fs.ok(CSV, ETag='"b"', Last_Modified="Wed, 01 Jan 2020 00:00:00 GMT"))
    other = shop_lock(shop, url)
    assert other.pins[url].retrieved == lock.pins[url].retrieved
    shop.check(CSV)
    assert len(list((shop.folder / "objects").glob("*/*"))) == 1
    shop.server.on("/data.csv", fs.ok(NEW, ETag='"b"'))
    newest = shop_lock(shop, url)
    assert newest.pins[url].sha256 == digest(NEW)
    assert newest.pins[url].retrieved > lock.pins[url].retrieved
    # The old object stays: last month's lock still builds, from the cache.
    asked = len(shop.server.requests)
    assert shop.get(url, lock).read() == CSV
    assert len(shop.server.requests) == asked
    shop.check(CSV, NEW)


def test_a_changed_file_under_a_lock_names_both_hashes(shop: Shop) -> None:
    url = shop.server.on("/data.csv", fs.ok(CSV))
    lock = shop_lock(shop, url)
    shop.store().clear()
    shop.server.on("/data.csv", fs.ok(NEW))
    with pytest.raises(SourceChangedError) as caught:
        shop.get(url, lock, stale_if_error=True)
    assert (caught.value.expected, caught.value.found, caught.value.url) == (digest(CSV), digest(NEW), url)
    assert caught.value.reason == "hash"
    shop.check()


@pytest.mark.parametrize("state", ["first", "revalidation", "locked"])
def test_tags_that_cannot_be_sent_back_are_not_kept(shop: Shop, state: str) -> None:
    url = shop.server.on("/data.csv", fs.ok(CSV, ETag='"1"'))
    lock = shop_lock(shop, url) if state != "first" else None
    if state == "locked":
        shop.store().clear()
    shop.server.on("/data.csv", fs.odd_tags(CSV))
    store = shop.store(lock if state == "locked" else None)
    assert store.fetcher(INFO)(url).read() == CSV
    assert (state == "locked") is (store.lock.pins[url].etag == '"1"')
    # A tag that cannot be sent would have made every later question fail.
    again = shop.store()
    assert again.fetcher(INFO)(url).read() == CSV
    asked = shop.server.requests[-1][1]
    assert "if-none-match" not in asked
    assert "if-modified-since" not in asked
    assert Lock.loads(again.lock.dumps()) == again.lock
    shop.check(CSV)


def test_a_304_nobody_asked_for_is_an_error(shop: Shop) -> None:
    with pytest.raises(FetchError) as caught:
        shop.get(shop.server.on("/data.csv", fs.bare_status(304)))
    assert caught.value.status == 304


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'["The area type is not valid", "The indicator is not a number"]', "The area type is not valid; The indicator is not a number"),
        (b'{"Message": "No such path.", "trace": "..."}', "No such path."),
        (b'"quota exceeded"', "quota exceeded"),
        (b"Object reference not set\r\n   at Api.Controllers.Get()", "Object reference not set"),
        (b"\n\n  one line  \n", "one line"),
        (b"\x1b[31mred\x07", "[31mred"),
        (b"x" * 5000, "x" * 200),
        (b"\xff\xfe", "\ufffd\ufffd"),
        (b"<!DOCTYPE html><html><body>Not found</body></html>", ""),
        (b"<Error><Code>NoSuchKey</Code></Error>", ""),
        (b'{"id": 7}', ""),
        (b"{}", ""),
        (b"", ""),
    ],
)
def test_a_refusal_is_told_in_the_servers_own_words_where_it_has_any(shop: Shop, body: bytes, words: str) -> None:
    url = shop.server.on("/data.csv", fs.said(400, body))
    with pytest.raises(FetchError) as caught:
        shop.get(url)
    head, _, rest = caught.value.message.partition("status 400 (Waiting times)")
    assert head
    assert rest == (f": {words}" if words else "")
    assert shop.server.count("/data.csv") == 1


def test_a_body_that_never_comes_does_not_hide_the_status(shop: Shop) -> None:
    url = shop.server.on("/data.csv", lambda c: c.send(fs.head(400, Content_Length=100)))
    with pytest.raises(FetchError, match=r"status 400 \(Waiting times\)\n") as caught:
        shop.get(url)
    assert caught.value.status == 400
    assert "refuses this question" in str(caught.value), "to try again later would not help"


def test_a_copy_under_another_word_of_change_is_not_fresh(shop: Shop) -> None:
    """The publisher dates a change before the day on which it shows it: time alone would call the copy from between them fresh."""
    url = shop.server.on("/data.csv", fs.ok(CSV), fs.ok(NEW))

    def get(changed: str) -> bytes:
        return shop.store(max_age=86_400.0).fetcher(INFO)(url, changed=changed).read()

    assert get("2020-01-01T00:00:00Z") == CSV
    assert get("2020-01-01T00:00:00Z") == CSV
    assert shop.server.count("/data.csv") == 1
    assert get("2021-01-01T00:00:00Z") == NEW
    assert get("2021-01-01T00:00:00Z") == NEW
    assert shop.server.count("/data.csv") == 2


def test_what_is_doubted_is_asked_for_again(shop: Shop) -> None:
    url = shop.server.on("/data.csv", fs.ok(CSV), fs.ok(NEW))
    store = shop.store(max_age=86_400.0)
    fetch = store.fetcher(INFO)
    for changed in ("", "2020-01-01T00:00:00Z"):
        fetch(url, changed=changed)
        store.doubt(url)
        assert store.lock.pin(url) is None
    assert shop.server.count("/data.csv") == 2
    assert fetch(url, changed="2020-01-01T00:00:00Z").read() == NEW
    assert shop.server.count("/data.csv") == 3
    store.doubt(shop.server.url("/never-asked.csv"))


def test_bit_rot_heals_online_and_is_named_offline(shop: Shop) -> None:
    url = shop.server.on("/data.csv", fs.conditional(CSV, '"v1"'))
    lock = shop_lock(shop, url)
    rotten = shop.folder / "objects" / digest(CSV)[:2] / digest(CSV)
    for held in (lock, None):
        rotten.chmod(0o644)
        rotten.write_bytes(CSV[:-2] + b"9\n")
        assert shop.store().verify() == [f"objects/{digest(CSV)[:2]}/{digest(CSV)}"]
        with pytest.raises(OfflineError, match="damaged"):
            shop.get(url, held, offline=True)
        store = shop.store(held)
        assert store.fetcher(INFO)(url).read() == CSV
        assert [o.state for o in store.log] == ["downloaded"]
        assert store.verify() == []
        shop.check(CSV)


# --- offline -----------------------------------------------------------------------------------------------------------


def test_offline_opens_no_socket(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    url = shop.server.on("/data.csv", fs.ok(CSV))
    lock = shop_lock(shop, url)

    def forbidden(*_: object, **__: object) -> None:
        raise AssertionError("a socket was opened")

    asked = len(shop.server.requests)
    with monkeypatch.context() as closed:
        closed.setattr(socket, "getaddrinfo", forbidden)
        closed.setattr(socket.socket, "connect", forbidden)
        closed.setenv("JSNAKIT_OFFLINE", "1")
        locked, free = shop.store(lock), shop.store()
        assert locked.fetcher(INFO)(url).read() == free.fetcher(INFO)(url).read() == CSV
        assert [o.state for o in locked.log + free.log] == ["locked-hit", "stale-offline"]
        for volatile in (False, True):
            with pytest.raises(OfflineError, match="not in the cache"):
                shop.get(shop.server.url("/other.csv"), volatile=volatile)
    assert len(shop.server.requests) == asked


# --- clocks ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shift", [10 * 365 * 86_400.0, -86_400.0], ids=["+10 years", "-1 day"])
@pytest.mark.parametrize("zone", ["UTC", "Asia/Kolkata", "Europe/London"])
def test_a_clock_that_is_wrong_costs_a_question_and_changes_no_byte(shop: Shop, shift: float, zone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", zone)
    if hasattr(time, "tzset"):
        time.tzset()
    try:
        url = shop.server.on("/data.csv", fs.conditional(CSV, '"v1"'))
        first = shop_lock(shop, url)
        assert first.pins[url].retrieved == "2026-05-28T20:26:40Z"
        shop.now += shift
        store = shop.store(max_age=3600)
        assert store.fetcher(INFO)(url).read() == CSV
        assert [o.state for o in store.log] == ["revalidated"]
        assert store.lock.dumps() == first.dumps()
        locked = shop.store(first, max_age=3600)
        assert locked.fetcher(INFO)(url).read() == CSV
        assert [o.state for o in locked.log] == ["locked-hit"]
    finally:
        monkeypatch.delenv("TZ")
        if hasattr(time, "tzset"):
            time.tzset()


# --- manners -----------------------------------------------------------------------------------------------------------


def test_a_host_is_asked_at_most_once_an_interval(shop: Shop) -> None:
    for i in range(4):
        shop.server.on(f"/{i}.csv", fs.ok(CSV))
    # Two stores on one cache stand for two processes; time stands still, so each takes the next free second.
    for i in range(4):
        shop.get(shop.server.url(f"/{i}.csv"), interval=1.0)
    assert shop.waits == [1.0, 2.0, 3.0]
    # A moment far in the future was written by a wrong clock.
    shop.now -= 1_000_000
    shop.waits.clear()
    shop.server.on("/5.csv", fs.ok(CSV))
    shop.get(shop.server.url("/5.csv"), interval=1.0)
    assert shop.waits == []


def test_waits_are_spread_and_bounded(shop: Shop) -> None:
    url = shop.server.on("/data.csv", fs.status(503))
    print("seed 20261124")
    chance = random.Random(20261124)
    with pytest.raises(FetchError):
        shop.get(url, random=chance.random)
    assert len(shop.waits) == 4
    assert all(0 <= wait <= 2.0**i for i, wait in enumerate(shop.waits))


def test_only_a_proxys_refusal_is_told_as_one(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """A message that holds the same digits by chance (the place of an object in memory) says nothing of a proxy."""
    import socket

    def fail(*_: object, **__: object) -> Any:
        raise socket.gaierror(-2, "object at 0x7f2004407ab0: Name or service not known")

    with monkeypatch.context() as broken:
        broken.setattr(socket, "getaddrinfo", fail)
        with pytest.raises(FetchError) as caught:
            shop.get("https://data.example/data.csv")
    assert (caught.value.reason, caught.value.transient) == ("connection", True)
    shop.server.on("*", fs.status(407))
    with monkeypatch.context() as behind:
        behind.setenv("HTTPS_PROXY", f"http://{shop.server.address}")
        with pytest.raises(FetchError) as caught:
            shop.get("https://data.example/data.csv")
    assert (caught.value.reason, caught.value.transient, caught.value.status) == ("status", False, 407)
    shop.check()
