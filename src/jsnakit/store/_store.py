"""The store: every byte that enters comes through here, once, and is known by its hash from then on."""

from __future__ import annotations

import datetime as dt
import logging
import os
import random as _random
import re
import threading
import time
from collections.abc import Callable, Iterable
from importlib import metadata
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, unquote, urlsplit

import attrs
from attrs import frozen

from jsnakit import disk
from jsnakit.errors import CacheWriteError, FetchError, InvalidValueError, JsnakitError, LockError, OfflineError, SourceChangedError
from jsnakit.files import SourceFile
from jsnakit.model import Pin
from jsnakit.sources import Fetch, Resource, SourceInfo
from jsnakit.store._addresses import SNAPSHOT, admitted, shown
from jsnakit.store._download import Answer, Downloader, Manners, NotModifiedError, Wanted
from jsnakit.store._lock import Lock, PackPin, refuse_secret
from jsnakit.store._objects import Cache, Record, digest_of

if TYPE_CHECKING:
    import pyarrow as pa

log = logging.getLogger(__name__)

_YES: Final = frozenset({"1", "true", "yes", "on"})


@frozen(kw_only=True)
class Outcome:
    """How one question to the store ended.

    `state` is one of `locked-hit`, `hit`, `hit-after-wait` (another process had just fetched it), `revalidated` (the server says unchanged), `downloaded`, `produced`,
    `stale-error` (the server failed, an earlier answer was used) and `stale-offline`. `age` is how many seconds ago the bytes were last known to be current.
    """

    url: str
    state: str
    sha256: str
    bytes: int
    age: float = 0.0


@frozen(kw_only=True)
class Entry:
    """One address in the cache: the object it gave, when (UTC), and whether that object is still there."""

    url: str
    sha256: str
    bytes: int
    retrieved: str
    source: str
    present: bool


@frozen
class _Asking:
    """Who asks: a source, and the plugin it comes from."""

    info: SourceInfo
    plugin: str
    plugin_version: str
    changed: str = ""


class _Fetcher:
    """A store bound to one source: the `fetch` that its methods are handed."""

    def __init__(self, asking: _Asking, get: Callable[..., SourceFile], keep: Callable[..., SourceFile]) -> None:
        self._asking, self._get, self._keep = asking, get, keep

    def __call__(self, url: str, *, volatile: bool = False, changed: str = "") -> SourceFile:
        """The bytes at `url`, from the cache or the network."""
        return self._get(url, self._asking, volatile=volatile, changed=changed)

    def snapshot(self, key: str, produce: Callable[[], Any]) -> SourceFile:
        """The frame that `produce` makes, kept and pinned as Parquet."""
        return self._keep(key, produce, self._asking)


class Store:
    """Downloads and keeps published files: by hash, once, within limits, and exactly as a lock says where there is one.

    `cache` is the folder (default: the user's cache folder); two processes may share it, and a kill at any moment loses nothing. `lock` holds the pins that decide; the store adds
    the pins of whatever else it fetches, so that `store.lock` afterwards is the lock of what was used. `locked` refuses anything the lock does not pin.
    `offline` (also `JSNAKIT_OFFLINE=1`) opens no socket. Without a pin, an answer younger than `max_age` seconds is used as it is, an older one is revalidated with the server.
    `stale_if_error` accepts an older answer when the server fails for a passing reason; never against a lock.

    One fetch spends at most `deadline` seconds on the network and takes at most `max_bytes`; a host is asked at most once per `interval` seconds over all processes.
    Addresses must be https on a host the source declares, and (where no proxy stands between) lead to a public IP address. `allow` admits further `host:port` addresses, also by
    http and on this machine: it exists for servers in tests and can be spelt only here. `clock`, `sleep` and `random` are replaced in tests.

    >>> import tempfile
    >>> store = Store(tempfile.mkdtemp(), offline=True)
    >>> info = SourceInfo(id="x", title="X", publisher="Y", licence="OGL-UK-3.0", homepage="https://example.org/", hosts=("example.org",))
    >>> store.fetcher(info)("https://example.org/a.csv")
    Traceback (most recent call last):
    jsnakit.errors.OfflineError: https://example.org/a.csv is not in the cache, and offline mode is on
    hint: go online once (unset JSNAKIT_OFFLINE), or `jsnakit cache import` an archive from another machine
    """

    def __init__(
        self,
        cache: str | os.PathLike[str] | None = None,
        lock: Lock | None = None,
        *,
        offline: bool = False,
        locked: bool = False,
        max_age: float = 86_400.0,
        stale_if_error: bool = False,
        progress: bool = False,
        allow: Iterable[str] = frozenset(),
        deadline: float = 600.0,
        max_bytes: int = 2 * 1024**3,
        interval: float = 1.0,
        contact: str = "",
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
        random: Callable[[], float] = _random.random,
    ) -> None:
        self._cache = Cache(_default_folder() if cache is None else Path(cache).expanduser().absolute())
        self._lock = Lock() if lock is None else lock
        self._offline = offline or os.environ.get("JSNAKIT_OFFLINE", "").strip().lower() in _YES
        self._locked = locked
        self._max_age, self._stale_if_error, self._clock = max_age, stale_if_error, clock
        self._allow = frozenset(allow)
        self._manners = Manners(
            deadline=deadline, max_bytes=max_bytes, interval=interval, progress=progress, contact=contact, clock=clock, sleep=sleep, random=random
        )
        self._downloader = Downloader(self._cache, self._manners, self._allow)
        self._log: list[Outcome] = []
        self._unpinned_again: set[str] = set()
        self._mutex = threading.Lock()
        self._cache.sweep(time.time())

    def __repr__(self) -> str:
        return f"Store({str(self.folder)!r}, {len(self.lock.pins)} pins{', offline' if self._offline else ''}{', locked' if self._locked else ''})"

    # --- what it knows -----------------------------------------------------------------------------------------------

    @property
    def folder(self) -> Path:
        """The cache folder."""
        return self._cache.root

    @property
    def offline(self) -> bool:
        """Whether no socket is opened."""
        return self._offline

    @property
    def progress(self) -> bool:
        """Whether progress bars are drawn, on a terminal."""
        return self._manners.progress

    @property
    def lock(self) -> Lock:
        """The lock given, with the pins of everything fetched since. Set it to go on under another: what it no longer pins is asked for again, however fresh."""
        return self._lock

    @lock.setter
    def lock(self, lock: Lock) -> None:
        with self._mutex:
            self._unpinned_again |= set(self._lock.pins) - set(lock.pins)
            self._unpinned_again -= set(lock.pins)
            self._lock = lock

    @property
    def log(self) -> tuple[Outcome, ...]:
        """How every question so far ended, in order."""
        return tuple(self._log)

    def record_listing(self, source_id: str, resources: Iterable[Resource]) -> None:
        """Put what `discover` found into the lock."""
        with self._mutex:
            self._lock = self._lock.with_listing(source_id, resources)

    def record_release(self, url: str, release: str) -> None:
        """Put the publisher's name of a release on the pin of an address. Raises `LockError` where there is none."""
        with self._mutex:
            pin = self._lock.pin(url)
            if pin is None:
                raise LockError(f"{shown(url)} has no pin yet", hint="fetch it first", key=shown(url))
            self._lock = self._lock.with_pin(attrs.evolve(pin, release=release))

    def doubt(self, url: str) -> None:
        """Take back that the copy of an address is good: what came cannot be read. Its pin goes, and the next question asks the publisher again."""
        with self._mutex:
            self._lock = self._lock.without_pin(url)
        record = self._cache.record(url)
        if record is not None:
            try:
                self._cache.write_record(attrs.evolve(record, checked=0.0))
            except CacheWriteError as error:
                log.info("%s", error.message)

    def record_pack(self, pack_id: str, sha256: str, version: str = "") -> None:
        """Put the edition of a pack that answered into the lock. Raises `SourceChangedError` where the lock pins another."""
        with self._mutex:
            pinned = self._lock.packs.get(pack_id)
            if pinned is not None and pinned.sha256 != sha256:
                raise SourceChangedError(
                    f"the pack {pack_id} ({version}) is not the one that the lock pins ({pinned.version}): expected {pinned.sha256}, found {sha256}",
                    hint=f"install version {pinned.version or 'pinned'} of the pack, or `jsnakit lock --update {pack_id}`",
                    url=f"pack:{pack_id}",
                    reason="hash",
                    transient=False,
                    expected=pinned.sha256,
                    found=sha256,
                )
            self._lock = self._lock.with_pack(pack_id, PackPin(sha256, version))

    # --- fetching ----------------------------------------------------------------------------------------------------

    def fetcher(self, info: SourceInfo, *, plugin: str = "", plugin_version: str = "") -> Fetch:
        """The `fetch` of one source: bound to the hosts it declares; `plugin` and `plugin_version` go into its pins."""
        return _Fetcher(_Asking(info, plugin, plugin_version), self._get, self._snapshot)

    def _get(self, url: str, asking: _Asking, *, volatile: bool, changed: str) -> SourceFile:
        refuse_secret(url)
        asking = attrs.evolve(asking, changed=changed)
        pin = None if volatile else self._lock.pin(url)
        if pin is not None:
            return self._pinned(pin, asking)
        self._refuse_unpinned(url)
        return self._unpinned(url, asking, volatile=volatile)

    def _refuse_unpinned(self, url: str) -> None:
        if self._locked:
            raise LockError(f"{shown(url)} is not in the lock, and the lock alone decides", hint="`jsnakit lock --update` adds it", key=shown(url))

    def _pinned(self, pin: Pin, asking: _Asking) -> SourceFile:
        """The bytes a lock pins, and no others."""
        file, damaged = self._load(pin.url, pin.sha256)
        if file is not None:
            return self._done("locked-hit", file)
        self._refuse_network(pin.url, asking, damaged=damaged)
        with self._cache.locked(digest_of(pin.url)[:32], self._patience):
            file, _ = self._load(pin.url, pin.sha256)
            if file is not None:
                return self._done("hit-after-wait", file)
            record = self._download(pin.url, asking, self._wanted(pin.url, asking, sha256=pin.sha256))
            return self._done("downloaded", self._kept(record))

    def _unpinned(self, url: str, asking: _Asking, *, volatile: bool) -> SourceFile:
        before = self._cache.record(url)
        file, damaged = self._load(url, before.sha256) if before is not None else (None, False)
        if before is not None and file is not None:
            fresh = _is_newer(before, asking.changed) if asking.changed else self._is_fresh(before)
            if self._offline or (fresh and not volatile):
                return self._answer("hit" if fresh else "stale-offline", before, file, asking, volatile=volatile)
        self._refuse_network(url, asking, damaged=damaged)
        with self._cache.locked(digest_of(url)[:32], self._patience):
            record = self._cache.record(url)
            file, _ = self._load(url, record.sha256) if record is not None else (None, False)
            if record is None or file is None:
                record = self._download(url, asking, self._wanted(url, asking, page=volatile))
                return self._answer("downloaded", record, self._kept(record), asking, volatile=volatile)
            if record != before:
                return self._answer("hit-after-wait", record, file, asking, volatile=volatile)
            return self._revalidate(record, file, asking, volatile=volatile)

    def _revalidate(self, record: Record, file: SourceFile, asking: _Asking, *, volatile: bool) -> SourceFile:
        wanted = self._wanted(record.url, asking, page=volatile, etag=record.etag, last_modified=record.last_modified)
        try:
            fetched = self._download(record.url, asking, wanted, record)
        except NotModifiedError as unchanged:
            answer = unchanged.answer
            touched = attrs.evolve(
                record, checked=self._clock(), changed=asking.changed,
                etag=answer.etag or record.etag, last_modified=answer.last_modified or record.last_modified,
            )  # fmt: skip
            try:
                self._cache.write_record(touched)
            except CacheWriteError as error:
                log.info("%s", error.message)
            return self._answer("revalidated", touched, file, asking, volatile=volatile)
        except FetchError as error:
            if not (self._stale_if_error and error.transient):
                raise
            log.warning("%s: using the copy of %s", error.message, record.retrieved)
            return self._answer("stale-error", record, file, asking, volatile=volatile)
        return self._answer("downloaded", fetched, self._kept(fetched), asking, volatile=volatile)

    def _wanted(self, url: str, asking: _Asking, *, page: bool = False, sha256: str = "", etag: str = "", last_modified: str = "") -> Wanted:
        info = asking.info
        return Wanted(
            url=url, hosts=info.hosts, agent=_agent(info.id, self._manners.contact), title=info.title, homepage=info.homepage, page=page,
            sha256=sha256, etag=etag, last_modified=last_modified,
        )  # fmt: skip

    def _download(self, url: str, asking: _Asking, wanted: Wanted, known: Record | None = None) -> Record:
        with self._cache.workroom() as room:
            path, answer = self._downloader.into(room, wanted)
            self._cache.keep(path, answer.sha256)
        record = self._record_of(url, answer, asking, known)
        self._cache.write_record(record)
        return record

    def _record_of(self, url: str, answer: Answer, asking: _Asking, known: Record | None) -> Record:
        now = self._clock()
        # The same bytes again were retrieved when they first came.
        same = known is not None and known.sha256 == answer.sha256
        return Record(
            url=url, sha256=answer.sha256, size=answer.size, retrieved=known.retrieved if known is not None and same else _utc(now), checked=now,
            final_url=answer.final_url, etag=answer.etag, last_modified=answer.last_modified, content_type=answer.content_type,
            length_known=answer.length_known, source=asking.info.id, licence=asking.info.licence, changed=asking.changed,
        )  # fmt: skip

    def _snapshot(self, key: str, produce: Callable[[], Any], asking: _Asking) -> SourceFile:
        if not key or not key.isprintable():
            raise InvalidValueError(f"{key!r} cannot name a snapshot", hint="use a short, printable name", value=key)
        url = f"{SNAPSHOT}{asking.info.id}/{quote(key, safe='/=.,:+&?~-_')}"
        refuse_secret(url)
        pin = self._lock.pin(url)
        if pin is None:
            self._refuse_unpinned(url)
        record = self._cache.record(url)
        sha256 = pin.sha256 if pin is not None else record.sha256 if record is not None else ""
        file, damaged = self._load(url, sha256) if sha256 else (None, False)
        if file is not None:
            if pin is not None:
                return self._done("locked-hit", file)
            if record is not None and (self._offline or self._is_fresh(record)):
                return self._answer("hit" if self._is_fresh(record) else "stale-offline", record, file, asking, volatile=False)
        self._refuse_offline(url, damaged=damaged)
        return self._produce(url, produce, asking, pin, record)

    def _produce(self, url: str, produce: Callable[[], Any], asking: _Asking, pin: Pin | None, known: Record | None) -> SourceFile:
        try:
            table = _as_table(produce())
        except JsnakitError:
            raise
        except Exception as error:
            # The message of a database driver may hold a password, so only its kind is told.
            raise FetchError(
                f"{url} could not be produced: {type(error).__name__}",
                hint="--debug shows the source's own error",
                url=url,
                reason="connection",
                transient=True,
            ) from error
        with self._cache.workroom() as room:
            path = room / "snapshot"
            with self._cache.writing(table.nbytes):
                sha256 = disk.write_parquet(path, table)
            size = path.stat().st_size
            if pin is not None and sha256 != pin.sha256:
                raise SourceChangedError(
                    f"{url} gave other figures than the lock pins: expected sha256 {pin.sha256}, found {sha256}",
                    hint="`jsnakit lock --update` shows what changed; `jsnakit cache import` brings the pinned figures from another machine",
                    url=url, reason="hash", transient=False, expected=pin.sha256, found=sha256,
                )  # fmt: skip
            self._cache.keep(path, sha256)
        record = self._record_of(url, Answer(final_url=url, sha256=sha256, size=size, content_type="application/vnd.apache.parquet"), asking, known)
        self._cache.write_record(record)
        file = self._kept(record)
        return self._done("produced", file) if pin is not None else self._answer("produced", record, file, asking, volatile=False)

    def keep(
        self, url: str, table: pa.Table, *, source: str, licence: str = "", plugin: str = "", plugin_version: str = ""
    ) -> tuple[SourceFile, pa.Table | None]:
        """Keep a table made on this machine (the council's own figures) and pin it under `url`, in the place of an earlier one; with it, what was pinned before if that differs.

        No network is asked, so offline mode changes nothing. Raises `SourceChangedError` where the lock alone decides (`locked`) and pins another table.
        """
        pin = self._lock.pin(url)
        before = self.kept(url)
        if pin is not None and before is not None and before[1].equals(table):
            return self._done("locked-hit", before[0]), None
        with self._cache.workroom() as room:
            path = room / "table"
            with self._cache.writing(table.nbytes):
                sha256 = disk.write_parquet(path, table)
            size = path.stat().st_size
            if pin is None:
                self._refuse_unpinned(url)
            elif self._locked and pin.sha256 != sha256:
                raise SourceChangedError(
                    f"{url} gives other figures than the lock pins: expected sha256 {pin.sha256}, found {sha256}",
                    hint="`jsnakit lock --update local` shows what changed", url=url, reason="hash", transient=False, expected=pin.sha256, found=sha256,
                )  # fmt: skip
            self._cache.keep(path, sha256)
        if pin is None or pin.sha256 != sha256:
            pin = Pin(
                url=url, sha256=sha256, bytes=size, retrieved=_utc(self._clock()), source=source, licence=licence, plugin=plugin, plugin_version=plugin_version,
            )  # fmt: skip
            with self._mutex:
                self._lock = self._lock.with_pin(pin)
        file, _ = self._load(url, sha256)
        if file is None:
            raise CacheWriteError(
                f"what was written to {self.folder} does not read back", hint="check the disk", folder=str(self.folder), needed=size
            )
        return self._done("produced", file), before[1] if before is not None else None

    def kept(self, url: str) -> tuple[SourceFile, pa.Table] | None:
        """The table that the lock pins under `url`, where the cache still has it."""
        import io

        import pyarrow.parquet as pq

        pin = self._lock.pin(url)
        file = self._load(url, pin.sha256)[0] if pin is not None else None
        return None if file is None else (file, pq.read_table(io.BytesIO(file.read())))

    # --- helpers of fetching -----------------------------------------------------------------------------------------

    @property
    def _patience(self) -> float:
        """How long to wait for another process that fetches the same thing; after that, do it oneself."""
        return self._manners.deadline + 60.0

    def _is_fresh(self, record: Record) -> bool:
        # A check in the future was written by a clock that was wrong, and counts as none.
        return record.url not in self._unpinned_again and 0.0 <= self._clock() - record.checked < self._max_age

    def _load(self, url: str, sha256: str) -> tuple[SourceFile | None, bool]:
        return self._cache.load(sha256, name=_name_of(url), url=url)

    def _kept(self, record: Record) -> SourceFile:
        file, _ = self._load(record.url, record.sha256)
        if file is None:
            folder = str(self.folder)
            raise CacheWriteError(f"what was written to {folder} does not read back", hint="check the disk", folder=folder, needed=record.size)
        return file

    def _refuse_network(self, url: str, asking: _Asking, *, damaged: bool) -> None:
        """Refuse what may not be asked for before anything is made in the folder."""
        self._refuse_offline(url, damaged=damaged)
        admitted(url, asking.info.hosts, self._allow)

    def _refuse_offline(self, url: str, *, damaged: bool) -> None:
        if not self._offline:
            return
        state = "is damaged in the cache" if damaged else "is not in the cache"
        raise OfflineError(
            f"{shown(url)} {state}, and offline mode is on",
            hint="go online once (unset JSNAKIT_OFFLINE), or `jsnakit cache import` an archive from another machine",
            url=shown(url),
            reason="connection",
            transient=True,
        )

    def _answer(self, state: str, record: Record, file: SourceFile, asking: _Asking, *, volatile: bool) -> SourceFile:
        """Pin what was found (but for a page) and note how it was found."""
        if not volatile:
            pin = Pin(
                url=record.url, sha256=file.sha256, bytes=file.size, retrieved=record.retrieved, source=asking.info.id, licence=asking.info.licence,
                plugin=asking.plugin, plugin_version=asking.plugin_version, etag=record.etag, last_modified=record.last_modified,
            )  # fmt: skip
            with self._mutex:
                # Two threads asking at once: the first pin stands.
                if self._lock.pin(record.url) is None:
                    self._lock = self._lock.with_pin(pin)
                self._unpinned_again.discard(record.url)
        return self._done(state, file, age=max(0.0, self._clock() - record.checked))

    def _done(self, state: str, file: SourceFile, age: float = 0.0) -> SourceFile:
        with self._mutex:
            self._log.append(Outcome(url=file.url, state=state, sha256=file.sha256, bytes=file.size, age=age))
        log.info("%s %s", state, file.url, extra={"state": state, "url": file.url, "sha256": file.sha256, "bytes": file.size})
        return file

    # --- parts -------------------------------------------------------------------------------------------------------

    def part(self, key: str) -> pa.Table | None:
        """The parsed table kept under `key`, or null; a damaged one counts as none."""
        return self._cache.part(key)

    def put_part(self, key: str, table: pa.Table) -> None:
        """Keep a parsed table under `key`, its metadata with it. Raises `CacheWriteError`."""
        self._cache.put_part(key, table)

    # --- maintenance -------------------------------------------------------------------------------------------------

    def entries(self) -> tuple[Entry, ...]:
        """What the cache holds, by address."""
        return tuple(
            Entry(
                url=r.url, sha256=r.sha256, bytes=r.size, retrieved=r.retrieved, source=r.source, present=os.access(self._cache.object_path(r.sha256), os.R_OK)
            )
            for r in self._cache.records()
        )  # fmt: skip

    def verify(self) -> list[str]:
        """Read every object and part and list those whose bytes are not what their names say (paths below `folder`). They heal at their next use online."""
        return self._cache.damaged()

    def clear(self) -> int:
        """Empty the cache. Returns the number of files removed. A lock alone brings back only what publishers still offer: export first."""
        return self._cache.clear()

    def export(self, path: str | os.PathLike[str], lock: Lock | None = None) -> int:
        """Write the files that a lock pins into one ZIP file; returns their number. Default: the store's own lock, or where that has no pins, the whole cache.

        Raises `NoDataError` where a pinned file is not in the cache, `CacheWriteError` where the ZIP file cannot be written.
        """
        from jsnakit.store import _archive

        chosen = self._lock if lock is None else lock
        if lock is None and not chosen.pins:
            for record in self._cache.records():
                if self._cache.load(record.sha256, name="", url="")[0] is not None:
                    chosen = chosen.with_pin(
                        Pin(
                            url=record.url, sha256=record.sha256, bytes=record.size, retrieved=record.retrieved, source=record.source,
                            licence=record.licence, etag=record.etag, last_modified=record.last_modified,
                        )
                    )  # fmt: skip
        return _archive.export(self._cache, chosen, Path(path))

    def import_(self, path: str | os.PathLike[str]) -> int:
        """Take the files of an exported ZIP file into the cache, each verified by its hash; returns their number. Raises `ArchiveError`, `LockError`, `CacheWriteError`."""
        from jsnakit.store import _archive

        return _archive.import_(self._cache, Path(path))


def _default_folder() -> Path:
    import platformdirs

    return Path(platformdirs.user_cache_dir("jsnakit", appauthor=False))


def _is_newer(record: Record, changed: str) -> bool:
    """Whether a copy was checked after the publisher last changed the data, and under the same word of it.

    A change may be dated before the day on which it is published: a copy from between the two is old, though its time is the later one.
    """
    return record.changed in ("", changed) and record.checked > dt.datetime.fromisoformat(changed).timestamp()


def _utc(seconds: float) -> str:
    return dt.datetime.fromtimestamp(seconds, dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _name_of(url: str) -> str:
    parts = urlsplit(url)
    name = unquote(PurePosixPath(parts.path).name) or parts.hostname or "file"
    return re.sub(r"[\x00-\x1f\x7f/\\]", "_", name)


def _agent(source_id: str, contact: str) -> str:
    """Who asks, in the words servers' keepers look for: the project, its version, its page or a contact, and the source it asks for."""
    try:
        about = metadata.metadata("jsnakit")
        version, page = about["Version"], (about.get_all("Project-URL") or [""])[0].rpartition(" ")[2]
    except metadata.PackageNotFoundError:
        version, page = "unknown", ""
    where = f"+{contact or page}; " if contact or page else ""
    return re.sub(r"[^\x20-\x7e]", "", f"jsnakit/{version} ({where}source {source_id}) python-requests")


def _as_table(frame: Any) -> pa.Table:
    """A frame of any library as an Arrow table, without the library versions that pandas writes into its metadata (they would change the hash)."""
    import pyarrow as pa

    if isinstance(frame, pa.Table):
        return frame
    native = frame.to_native() if hasattr(frame, "to_native") else frame
    if type(native).__module__.partition(".")[0] == "pandas":
        table = pa.Table.from_pandas(native, preserve_index=False)
    elif isinstance(native, pa.Table):
        table = native
    elif hasattr(native, "__arrow_c_stream__"):
        table = pa.table(native)
    else:
        raise InvalidValueError(
            f"{type(frame).__name__} is not a frame", hint="produce a pandas or Polars frame or an Arrow table", value=type(frame).__name__
        )
    kept = {k: v for k, v in (table.schema.metadata or {}).items() if k != b"pandas"}
    return table.replace_schema_metadata(kept or None)
