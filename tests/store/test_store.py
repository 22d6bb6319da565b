"""The store beyond the network: parts, snapshots, the disk, other machines, proxies and certificates."""

from __future__ import annotations

import errno
import hashlib
import importlib.util
import os
import stat
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, Self

import pandas as pd
import pyarrow as pa
import pytest

from jsnakit.errors import ArchiveError, CacheWriteError, FetchError, InvalidValueError, LockError, NoDataError, OfflineError, SourceChangedError
from jsnakit.sources import Resource, SourceInfo
from jsnakit.store import Lock, Store
from jsnakit.store._addresses import is_public, secret_in, shown

pytestmark = pytest.mark.enable_socket


def _server_module() -> ModuleType:
    spec = importlib.util.spec_from_file_location("faultserver", Path(__file__).with_name("faultserver.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["faultserver"] = module
    spec.loader.exec_module(module)
    return module


fs = _server_module()

INFO = SourceInfo(id="x", title="X", publisher="Y", licence="OGL-UK-3.0", homepage="https://example.org/stats", hosts=("data.example", "localhost"))
CSV = b"code,value\nRBD,1\n"


@pytest.fixture
def server() -> Iterator[Any]:
    with fs.FaultServer() as running:
        yield running


def a_store(folder: Path, server: Any = None, lock: Lock | None = None, **options: Any) -> Store:
    allow = {server.address} if server is not None else set()
    return Store(folder, lock, allow=allow, **{"interval": 0.0, "deadline": 5.0, "sleep": lambda _: None} | options)


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


# --- pins --------------------------------------------------------------------------------------------------------------


def test_a_pin_says_what_when_whence_and_who(tmp_path: Path, server: Any) -> None:
    url = server.on("/a.csv", fs.ok(CSV, ETag='"v"', Last_Modified="Sun, 01 Feb 2026 00:00:00 GMT"))
    store = a_store(tmp_path, server, clock=lambda: 1_780_000_000.0)
    store.fetcher(INFO, plugin="jsnakit-x", plugin_version="2.1")(url)
    store.record_release(url, "revised")
    store.record_listing("x", [Resource(url=url)])
    store.record_pack("sample", "b" * 64, "1.0")
    pin = store.lock.pin(url)
    assert pin is not None
    assert (pin.sha256, pin.bytes, pin.retrieved, pin.release) == (digest(CSV), len(CSV), "2026-05-28T20:26:40Z", "revised")
    assert (pin.source, pin.licence, pin.plugin, pin.plugin_version, pin.etag) == ("x", "OGL-UK-3.0", "jsnakit-x", "2.1", '"v"')
    assert pin.last_modified == "Sun, 01 Feb 2026 00:00:00 GMT"
    assert Lock.loads(store.lock.dumps()) == store.lock
    (entry,) = store.entries()
    assert (entry.url, entry.sha256, entry.bytes, entry.retrieved, entry.source, entry.present) == (
        url,
        pin.sha256,
        pin.bytes,
        pin.retrieved,
        "x",
        True,
    )
    # Asked again, the pin of this run decides: no second look at the server.
    store.fetcher(INFO)(url)
    assert [o.state for o in store.log] == ["downloaded", "locked-hit"]
    with pytest.raises(LockError):
        store.record_release(server.url("/other"), "x")
    with pytest.raises(SourceChangedError):
        store.record_pack("sample", "c" * 64, "1.1")


def test_locked_refuses_what_is_not_pinned(tmp_path: Path, server: Any) -> None:
    url = server.on("/a.csv", fs.ok(CSV))
    store = a_store(tmp_path, server, locked=True)
    for ask in (lambda f: f(url), lambda f: f(url, volatile=True), lambda f: f.snapshot("k", lambda: pa.table({"a": [1]}))):
        with pytest.raises(LockError, match="not in the lock"):
            ask(store.fetcher(INFO))
    assert not server.requests


def test_what_a_new_lock_no_longer_pins_is_asked_for_again(tmp_path: Path, server: Any) -> None:
    url = server.on("/a.csv", fs.ok(CSV), fs.ok(CSV + b"RXX,2\n"))
    store = a_store(tmp_path, server, max_age=3600)
    fetch = store.fetcher(INFO)
    fetch(url)
    store.lock = store.lock.without("x")
    assert fetch(url).read() == CSV + b"RXX,2\n"
    assert fetch(url).read() == CSV + b"RXX,2\n"
    assert [o.state for o in store.log] == ["downloaded", "downloaded", "locked-hit"]


def test_a_secret_in_an_address_is_refused_before_anything_happens(tmp_path: Path, server: Any) -> None:
    for url in (server.url("/a.csv?token=hunter2"), f"http://me:hunter2@{server.address}/a.csv"):
        for volatile in (False, True):
            with pytest.raises(LockError) as caught:
                a_store(tmp_path / "c", server).fetcher(INFO)(url, volatile=volatile)
            assert "hunter2" not in str(caught.value)
    assert not server.requests
    assert not (tmp_path / "c").exists()


def test_a_signed_address_behind_a_redirect_is_kept_nowhere(tmp_path: Path, server: Any) -> None:
    server.on("/a.csv", fs.redirect("/b.csv?sig=hunter2"))
    server.on("/b.csv?sig=hunter2", fs.ok(CSV))
    store = a_store(tmp_path / "c", server)
    assert store.fetcher(INFO)(server.url("/a.csv")).read() == CSV
    kept = b"".join(p.read_bytes() for p in (tmp_path / "c").rglob("*") if p.is_file())
    assert b"hunter2" not in kept
    assert "hunter2" not in store.lock.dumps()
    server.on("/b.csv?sig=hunter2", fs.status(403))
    with pytest.raises(FetchError) as caught:
        a_store(tmp_path / "d", server).fetcher(INFO)(server.url("/a.csv"))
    assert "hunter2" not in f"{caught.value} {caught.value.data}"


def test_threads_share_one_store(tmp_path: Path, server: Any) -> None:
    urls = [server.on(f"/{i}.csv", fs.ok(b"%d\n" % i)) for i in range(5)]
    store = a_store(tmp_path, server)
    found: list[bytes] = []
    threads = [threading.Thread(target=lambda u=u: found.append(store.fetcher(INFO)(u).read())) for u in urls * 3]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == sorted([b"%d\n" % i for i in range(5)] * 3)
    assert set(store.lock.pins) == set(urls)
    assert [server.count(f"/{i}.csv") for i in range(5)] == [1] * 5


# --- snapshots ---------------------------------------------------------------------------------------------------------


def test_a_snapshot_is_pinned_and_answered_from_the_lock(tmp_path: Path) -> None:
    frame = pd.DataFrame({"code": ["E1", "5E1"], "value": [1.0, None]})
    asked: list[int] = []

    def produce() -> pd.DataFrame:
        asked.append(1)
        return frame

    store = a_store(tmp_path)
    file = store.fetcher(INFO).snapshot("falls 2026", produce)
    url = "snapshot:x/falls%202026"
    assert store.lock.pins[url].sha256 == file.sha256
    import pyarrow.parquet as pq

    with file.open() as handle:
        table = pq.ParquetFile(handle).read()
    assert table.column("code").to_pylist() == ["E1", "5E1"]
    assert table.column("value").to_pylist() == [1.0, None]
    again = a_store(tmp_path, lock=store.lock, offline=True)
    assert again.fetcher(INFO).snapshot("falls 2026", produce).read() == file.read()
    assert (len(asked), again.log[0].state) == (1, "locked-hit")
    # The same figures give the same bytes on another machine, whatever library they come in; other figures are refused.
    elsewhere = a_store(tmp_path / "2", lock=store.lock)
    assert elsewhere.fetcher(INFO).snapshot("falls 2026", produce).sha256 == file.sha256
    with pytest.raises(SourceChangedError):
        a_store(tmp_path / "3", lock=store.lock).fetcher(INFO).snapshot("falls 2026", lambda: frame.assign(value=[1.0, 2.0]))
    assert not list((tmp_path / "3" / "objects").glob("*/*"))
    with pytest.raises(OfflineError):
        a_store(tmp_path / "4", offline=True).fetcher(INFO).snapshot("falls 2026", produce)
    with pytest.raises(InvalidValueError):
        store.fetcher(INFO).snapshot("other", lambda: "not a frame")
    with pytest.raises(InvalidValueError):
        store.fetcher(INFO).snapshot("", produce)


def test_the_error_of_a_warehouse_is_told_without_its_words(tmp_path: Path) -> None:
    def produce() -> pd.DataFrame:
        raise RuntimeError("login failed for sa, password hunter2")

    with pytest.raises(FetchError) as caught:
        a_store(tmp_path).fetcher(INFO).snapshot("falls", produce)
    assert "hunter2" not in str(caught.value)
    assert "RuntimeError" in str(caught.value)


# --- parts -------------------------------------------------------------------------------------------------------------


def test_parts_come_back_with_types_and_metadata_and_damage_is_a_miss(tmp_path: Path) -> None:
    schema = pa.schema([pa.field("code", pa.dictionary(pa.int32(), pa.string())), pa.field("n", pa.uint16())], metadata={"rule": "2"})
    table = pa.table([pa.array(["a", "b", "a"]).dictionary_encode(), pa.array([1, None, 3], pa.uint16())], schema=schema)
    store = a_store(tmp_path)
    assert store.part("sha/1.0/..") is None
    store.put_part("sha/1.0/..", table)
    assert store.part("sha/1.0/..").equals(table, check_metadata=True)
    assert store.part("sha/1.1/..") is None
    (path,) = (tmp_path / "parts").rglob("*.parquet")
    whole = path.read_bytes()
    for damaged in (whole[:-1], b"", whole[: len(whole) // 2], whole[:60] + bytes([whole[60] ^ 1]) + whole[61:]):
        path.write_bytes(damaged)
        assert store.part("sha/1.0/..") is None
        assert store.verify() == [path.relative_to(tmp_path).as_posix()]
    store.put_part("sha/1.0/..", table.slice(0, 1))
    assert store.part("sha/1.0/..").num_rows == 1
    assert len(list((tmp_path / "parts").rglob("*.parquet"))) == 1
    assert store.verify() == []
    assert store.clear() == 1
    assert store.part("sha/1.0/..") is None


# --- the disk ----------------------------------------------------------------------------------------------------------


def contents(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file() and "locks" not in p.parts}


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EIO], ids=["full", "read-only", "denied", "broken"])
@pytest.mark.parametrize("call", ["replace", "fsync", "mkdir"])
def test_a_disk_that_fails_is_named_and_nothing_changes(tmp_path: Path, server: Any, call: str, code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    url = server.on("/a.csv", fs.ok(CSV), fs.ok(CSV + b"RXX,2\n"))
    folder = tmp_path / "cache"
    a_store(folder, server).fetcher(INFO)(url)
    a_store(folder).put_part("k", pa.table({"a": [1]}))
    before = contents(folder)

    def fail(*_: object, **__: object) -> None:
        raise OSError(code, os.strerror(code))

    with monkeypatch.context() as broken:
        if call == "fsync":
            broken.setattr(os, "fsync", fail)
        else:
            broken.setattr(Path, call, fail)
        for act in (lambda s: s.fetcher(INFO)(url), lambda s: s.put_part("k", pa.table({"a": [2]}))):
            with pytest.raises(CacheWriteError) as caught:
                act(a_store(folder, server, max_age=0))
            assert caught.value.folder == str(folder)
            assert str(folder) in str(caught.value)
            if call != "mkdir":
                assert caught.value.needed
                assert f"{caught.value.needed:,} bytes" in str(caught.value)
    assert contents(folder) == before
    assert not list((folder / "tmp").iterdir())
    # A hit needs no writing.
    assert a_store(folder, server, max_age=3600).fetcher(INFO)(url).read() == CSV


@pytest.mark.parametrize("state", ["first", "revalidation", "locked"])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EROFS], ids=["full", "quota", "read-only"])
@pytest.mark.parametrize("moment", ["room", "body", "sync", "rename", "record"])
def test_a_disk_that_fails_at_any_moment_of_a_download_changes_nothing(
    tmp_path: Path, server: Any, moment: str, code: int, state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    newer = CSV + b"RXX,2\n"
    url = server.on("/a.csv", fs.ok(CSV), fs.ok(CSV if state == "locked" else newer))
    folder, lock = tmp_path / "cache", None
    if state == "first":
        server.on("/a.csv", fs.ok(newer))
    else:
        filled = a_store(folder, server)
        filled.fetcher(INFO)(url)
        if state == "locked":
            lock = filled.lock
            filled.clear()
    before = contents(folder)
    real: dict[str, Any] = {"open": Path.open, "mkdir": Path.mkdir, "replace": Path.replace, "write_bytes": Path.write_bytes, "fsync": os.fsync}

    class Full:
        """A file on a disk with no room left."""

        def __init__(self, handle: Any) -> None:
            self.handle = handle

        def write(self, data: bytes) -> int:
            self.handle.write(data[:3])
            raise OSError(code, os.strerror(code))

        def close(self) -> None:
            self.handle.close()

    def fail(*_: object, **__: object) -> Any:
        raise OSError(code, os.strerror(code))

    with monkeypatch.context() as broken:
        if moment == "room":
            broken.setattr(Path, "mkdir", lambda self, *a, **k: fail() if "tmp" in self.parts else real["mkdir"](self, *a, **k))
        elif moment == "body":
            broken.setattr(
                Path,
                "open",
                lambda self, mode="r", *a, **k: Full(real["open"](self, mode, *a, **k)) if mode == "wb" else real["open"](self, mode, *a, **k),
            )
        elif moment == "sync":
            broken.setattr(os, "fsync", fail)
        elif moment == "rename":
            broken.setattr(Path, "replace", lambda self, target: fail() if "objects" in Path(target).parts else real["replace"](self, target))
        else:
            broken.setattr(Path, "replace", lambda self, target: fail() if "index" in Path(target).parts else real["replace"](self, target))
        with pytest.raises(CacheWriteError) as caught:
            a_store(folder, server, lock, max_age=0).fetcher(INFO)(url)
        assert caught.value.folder == str(folder)
        assert str(folder) in str(caught.value)
        assert moment == "room" or caught.value.needed
    after = contents(folder)
    if moment == "record":
        # The whole object came to its place before the disk was full: it serves whoever asks next, and nothing names it wrongly.
        after = {name: data for name, data in after.items() if not name.startswith("objects/") or name in before}
    assert after == before
    assert not (folder / "tmp").exists() or not list((folder / "tmp").iterdir())
    assert a_store(folder).verify() == []
    # There is room again.
    assert a_store(folder, server, lock, max_age=0).fetcher(INFO)(url).read() == (CSV if state == "locked" else newer)


@pytest.mark.parametrize("state", ["first", "locked"])
def test_a_folder_whose_path_is_too_long_is_named_by_all_that_write_and_empty_to_all_that_read(tmp_path: Path, server: Any, state: str) -> None:
    url = server.on("/a.csv", fs.ok(CSV))
    lock = None
    if state == "locked":
        filled = a_store(tmp_path / "short", server)
        filled.fetcher(INFO)(url)
        lock = filled.lock
    asked = len(server.requests)
    folder = tmp_path.joinpath(*["x" * 200] * 30)
    with pytest.raises(CacheWriteError, match="path is too long"):
        a_store(folder, server, lock).fetcher(INFO)(url)
    store = a_store(folder, server, lock)
    with pytest.raises(CacheWriteError, match="path is too long"):
        store.put_part("k", pa.table({"a": [1]}))
    assert (store.entries(), store.verify(), store.part("k")) == ((), [], None)
    with pytest.raises(OfflineError):
        a_store(folder, server, lock, offline=True).fetcher(INFO)(url)
    assert len(server.requests) == asked


def test_a_folder_that_may_not_be_entered_is_typed(tmp_path: Path, server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    url = server.on("/a.csv", fs.ok(CSV))
    filled = a_store(tmp_path, server)
    filled.fetcher(INFO)(url)
    real = Path.open

    def refuse(self: Path, *args: Any, **more: Any) -> Any:
        if "objects" in self.parts:
            raise PermissionError(errno.EACCES, "Permission denied")
        return real(self, *args, **more)

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(OfflineError, match="damaged"):
        a_store(tmp_path, server, filled.lock, offline=True).fetcher(INFO)(url)


def test_every_name_in_the_cache_is_lower_case(tmp_path: Path, server: Any) -> None:
    # On a disk that folds case, two names never meet.
    for name in ("/A.csv", "/a.csv"):
        server.on(name, fs.ok(CSV + name.encode()))
        a_store(tmp_path, server, interval=0.001).fetcher(INFO)(server.url(name))
    a_store(tmp_path).put_part("K", pa.table({"a": [1]}))
    a_store(tmp_path).put_part("k", pa.table({"a": [2]}))
    names = [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*")]
    assert names == [name.lower() for name in names]
    assert len(a_store(tmp_path).entries()) == 2
    assert [a_store(tmp_path).part(key)["a"].to_pylist() for key in "Kk"] == [[1], [2]]


def test_a_lock_held_by_a_process_that_hangs_is_waited_for_only_so_long(tmp_path: Path, server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from jsnakit.store._objects import digest_of

    url = server.on("/a.csv", fs.ok(CSV))
    monkeypatch.setattr(Store, "_patience", 0.2)
    store = a_store(tmp_path, server)
    with store._cache.locked(digest_of(url)[:32], 1) as held:
        assert held
        assert a_store(tmp_path, server).fetcher(INFO)(url).read() == CSV


def test_a_pin_tells_the_size_of_the_bytes_not_of_the_record(tmp_path: Path, server: Any) -> None:
    url = server.on("/a.csv", fs.ok(CSV))
    a_store(tmp_path, server).fetcher(INFO)(url)
    (record,) = (tmp_path / "index").iterdir()
    record.write_text(record.read_text().replace(f'"size": {len(CSV)}', '"size": 1'))
    store = a_store(tmp_path, server, max_age=3600)
    store.fetcher(INFO)(url)
    assert store.lock.pins[url].bytes == len(CSV)


@pytest.mark.skipif(sys.platform == "win32", reason="file size limits are set through a POSIX call")
def test_a_download_that_outgrows_the_disk_leaves_nothing(tmp_path: Path, server: Any) -> None:
    url = server.on("/a.csv", fs.ok(b"1,2,3\n" * 100_000))
    code = (
        "import resource, signal, sys\n"
        "from jsnakit.errors import CacheWriteError\nfrom jsnakit.sources import SourceInfo\nfrom jsnakit.store import Store\n"
        "info = SourceInfo(id='x', title='X', publisher='Y', licence='', homepage='https://example.org/')\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, resource.RLIM_INFINITY))\n"
        "folder, address, url = sys.argv[1:]\n"
        "try:\n    Store(folder, allow={address}, interval=0).fetcher(info)(url)\n"
        "except CacheWriteError as error:\n    print(error.needed, error.folder == folder)\n"
    )
    folder = tmp_path / "cache"
    done = subprocess.run([sys.executable, "-c", code, str(folder), server.address, url], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["600000", "True"]
    assert contents(folder) == {}
    assert a_store(folder, server).fetcher(INFO)(url).size == 600_000


def test_a_folder_that_cannot_be_is_named(tmp_path: Path, server: Any) -> None:
    url = server.on("/a.csv", fs.ok(CSV))
    (tmp_path / "file").write_text("")
    for folder in (tmp_path / "file", tmp_path / ("x" * 300)):
        with pytest.raises(CacheWriteError) as caught:
            a_store(folder, server).fetcher(INFO)(url)
        assert str(folder) in str(caught.value)
    assert (tmp_path / "file").read_text() == ""
    assert not server.requests


def test_objects_are_read_only_and_readable_by_whom_the_umask_lets(tmp_path: Path, server: Any) -> None:
    url = server.on("/a.csv", fs.ok(CSV))
    for mask, mode in ((0o022, 0o444), (0o077, 0o400)):
        folder = tmp_path / oct(mask)
        before = os.umask(mask)
        try:
            a_store(folder, server).fetcher(INFO)(url)
        finally:
            os.umask(before)
        (path,) = (folder / "objects").rglob(digest(CSV))
        if os.name != "nt":
            assert stat.S_IMODE(path.stat().st_mode) == mode


def test_work_left_behind_is_swept_after_a_day(tmp_path: Path) -> None:
    for name, age in (("old", 90_000), ("young", 3_600)):
        room = tmp_path / "tmp" / name
        room.mkdir(parents=True)
        (room / "body").write_bytes(b"half")
        import time

        os.utime(room, (time.time() - age,) * 2)
    a_store(tmp_path)
    assert [p.name for p in (tmp_path / "tmp").iterdir()] == ["young"]


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"{",
        b"[]",
        b'{"url": 1}',
        b"null",
        b"\xff",
        b'{"url": "x", "sha256": "../../etc", "size": 1, "retrieved": "", "checked": 0.0}',
        b"[" * 100_000,
        b"a stamp",
    ],
)
def test_a_record_that_cannot_be_read_is_as_none(tmp_path: Path, server: Any, damage: bytes) -> None:
    url = server.on("/a.csv", fs.ok(CSV))
    a_store(tmp_path, server).fetcher(INFO)(url)
    (record,) = (tmp_path / "index").iterdir()
    record.write_bytes(damage if damage != b"a stamp" else record.read_bytes().replace(b"T", b" "))
    store = a_store(tmp_path, server)
    assert store.entries() == ()
    assert store.fetcher(INFO)(url).read() == CSV
    assert len(store.entries()) == 1


# --- another machine ---------------------------------------------------------------------------------------------------


def test_pinned_bytes_travel_to_another_machine(tmp_path: Path, server: Any) -> None:
    urls = [server.on(f"/{i}.csv", fs.ok(CSV * (i + 1))) for i in range(3)]
    here = a_store(tmp_path / "here", server)
    for url in urls:
        here.fetcher(INFO)(url)
    archive, again = tmp_path / "a.zip", tmp_path / "b.zip"
    assert here.export(archive) == 3
    assert here.export(again, here.lock) == 3
    assert archive.read_bytes() == again.read_bytes()
    there = a_store(tmp_path / "there", lock=here.lock, offline=True)
    assert there.import_(archive) == 3
    for i, url in enumerate(urls):
        assert there.fetcher(INFO)(url).read() == CSV * (i + 1)
    # Without the lock, the records that came along answer.
    free = a_store(tmp_path / "there", offline=True)
    assert free.fetcher(INFO)(urls[0]).read() == CSV
    assert [o.state for o in there.log + free.log] == ["locked-hit"] * 3 + ["stale-offline"]
    # A cache without a lock is exported whole.
    assert a_store(tmp_path / "here").export(again) == 3
    here.clear()
    with pytest.raises(NoDataError, match="3 pinned files"):
        here.export(again)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.zip", "b.zip", "here", "there"]


def test_an_archive_that_is_not_ours_or_not_as_it_was_is_refused(tmp_path: Path) -> None:
    lock = Lock().dumps()
    wrong: list[dict[str, bytes]] = [
        {},
        {"objects/" + digest(CSV): CSV},
        {"jsna.lock": lock.encode(), "objects/" + digest(CSV): CSV + b"!"},
        {"jsna.lock": lock.encode(), "objects/../../x": CSV},
        {"jsna.lock": lock.encode(), "objects/short": CSV},
        {"jsna.lock": lock.encode(), "other": CSV},
        {"jsna.lock": b"{"},
        {"jsna.lock": b"\xff"},
    ]
    store = a_store(tmp_path / "cache")
    for members in wrong:
        path = tmp_path / "x.zip"
        with zipfile.ZipFile(path, "w") as archive:
            for name, data in members.items():
                archive.writestr(name, data)
        with pytest.raises((ArchiveError, LockError)):
            store.import_(path)
        assert contents(tmp_path / "cache") == {}
    assert not (tmp_path / "x").exists()


# --- proxies and certificates ------------------------------------------------------------------------------------------


def test_a_proxy_of_the_environment_is_used_and_its_login_told_nobody(tmp_path: Path, server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    server.on("data.example:443", fs.status(407))
    monkeypatch.setenv("HTTPS_PROXY", f"http://me:hunter2@{server.address}")
    with pytest.raises(FetchError) as caught:
        a_store(tmp_path).fetcher(INFO)("https://data.example/a.csv")
    assert (caught.value.reason, caught.value.status, caught.value.transient) == ("status", 407, False)
    assert "hunter2" not in str(caught.value)
    path, headers = server.requests[0]
    assert path == "data.example:443"
    assert "proxy-authorization" in headers
    assert len(server.requests) == 1


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:9", "http://", "http:///x"])
def test_a_proxy_that_cannot_be_used_is_named_as_one(tmp_path: Path, proxy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    with pytest.raises(FetchError, match="the proxy that your settings name") as caught:
        a_store(tmp_path).fetcher(INFO)("https://data.example/a.csv")
    assert caught.value.transient is False


def test_a_netrc_is_not_read(tmp_path: Path, server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password hunter2\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    url = server.on("/a.csv", fs.ok(CSV))
    a_store(tmp_path / "c", server).fetcher(INFO)(url)
    assert "authorization" not in server.requests[0][1]


@pytest.mark.skipif(sys.platform != "linux", reason="only here can one process be given system certificates of its own (SSL_CERT_FILE)")
def test_the_systems_certificates_decide(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import shutil
    import ssl

    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is needed to make a certificate")
    key, cert = tmp_path / "key.pem", tmp_path / "cert.pem"
    subprocess.run(
        [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
         "-keyout", str(key), "-out", str(cert)], check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    with TlsServer(context) as server:
        server.on("/a.csv", fs.ok(CSV))
        url = f"https://localhost:{server.port}/a.csv"
        code = (
            "import sys\nfrom jsnakit.errors import FetchError\nfrom jsnakit.sources import SourceInfo\nfrom jsnakit.store import Store\n"
            "info = SourceInfo(id='x', title='X', publisher='Y', licence='', homepage='https://example.org/')\n"
            "folder, address, url = sys.argv[1:]\n"
            "try:\n    print(Store(folder, allow={address}, interval=0).fetcher(info)(url).size)\n"
            "except FetchError as error:\n    print(error.reason, error.transient, 'certificate' in str(error))\n"
        )
        command = [sys.executable, "-c", code, str(tmp_path / "c"), f"localhost:{server.port}", url]
        # A bundle named to requests is not what the system trusts.
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(cert))
        assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.split() == ["connection", "False", "True"]
        monkeypatch.setenv("SSL_CERT_FILE", str(cert))
        assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.split() == [str(len(CSV))]


class TlsServer(fs.FaultServer):  # type: ignore[misc,name-defined]
    """The same server behind TLS."""

    def __init__(self, context: Any) -> None:
        super().__init__()
        self._context = context

    def _serve(self, sock: Any) -> None:
        try:
            secure = self._context.wrap_socket(sock, server_side=True)
        except OSError:
            sock.close()
            return
        super()._serve(secure)


# --- small things ------------------------------------------------------------------------------------------------------


def test_importing_the_store_is_light() -> None:
    code = "import sys, jsnakit.store; print([m for m in ('pandas', 'numpy', 'pyarrow', 'requests', 'pooch', 'urllib3', 'truststore') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"


def test_nothing_is_made_before_something_is_kept(tmp_path: Path) -> None:
    store = a_store(tmp_path / "c", offline=True)
    assert (store.entries(), store.verify(), store.clear(), store.part("k")) == ((), [], 0, None)
    assert not (tmp_path / "c").exists()
    assert "offline" in repr(store)


def test_pooch_prints_for_others_but_not_for_us(
    tmp_path: Path, server: Any, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    import pooch

    url = server.on("/a.csv", fs.ok(CSV))
    with caplog.at_level("INFO", logger="jsnakit"):
        a_store(tmp_path, server).fetcher(INFO)(url)
    assert capsys.readouterr().err == ""
    assert [r.message for r in caplog.records] == [f"downloaded {url}"]
    heard: list[str] = []
    logger = pooch.get_logger()
    import logging

    class Ear(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            heard.append(record.getMessage())

    ear = Ear()
    logger.addHandler(ear)
    try:
        logger.info("for others")
    finally:
        logger.removeHandler(ear)
    assert heard == ["for others"]


def test_a_bar_is_shown_on_a_terminal_only(tmp_path: Path, server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    tqdm = pytest.importorskip("tqdm")
    drawn: list[Any] = []

    class Bar:
        def __init__(self, **options: Any) -> None:
            drawn.append((options["desc"], options["total"]))

        def __enter__(self) -> Self:
            return self

        def __exit__(self, *_: object) -> None:
            drawn.append("closed")

        def update(self, n: int) -> None:
            drawn.append(n)

    monkeypatch.setattr(tqdm, "tqdm", Bar)
    url = server.on("/waits.csv", fs.ok(CSV))
    a_store(tmp_path / "1", server, progress=True).fetcher(INFO)(url)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    a_store(tmp_path / "2", server, progress=False).fetcher(INFO)(url)
    assert drawn == []
    a_store(tmp_path / "3", server, progress=True).fetcher(INFO)(url)
    assert drawn == [("waits.csv", len(CSV)), len(CSV), "closed"]


def test_addresses_are_shown_without_secrets() -> None:
    assert shown("https://me:pw@h.org/a?sig=abc&b=2#frag") == "https://h.org/a?sig=***&b=2"
    assert shown("https://[") == "(an address that cannot be read)"
    assert secret_in("https://[") is None
    assert secret_in("https://h.org/a?month=2") is None


@pytest.mark.parametrize(
    ("address", "public"),
    [("8.8.8.8", True), ("2606:4700::1111", True), ("100.64.0.1", False), ("0.0.0.0", False), ("fe80::1%eth0", False), ("64:ff9b::808:808", True)],
)
def test_public_addresses(address: str, public: bool) -> None:
    assert is_public(address) is public
