"""The cache folder: immutable objects named by their sha256, a record per address, parts, and nothing that a kill can leave half-written under a good name.

    objects/ab/<sha256>          the bytes, read-only
    index/<sha256(address)>.json what is known of an address
    parts/ab/<sha256(key)>.<digest>.parquet   what `parse` made of a file
    locks/  tmp/                 lock files; work in progress, swept when a day old

Every write goes to a unique name in `tmp/`, is synced, and is renamed last. Correctness rests on that and on the hashes, never on a lock file.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import secrets
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import attrs
from attrs import frozen

from jsnakit import disk
from jsnakit.errors import CacheWriteError, DataError, JsnakitError
from jsnakit.files import SourceFile

if TYPE_CHECKING:
    import pyarrow as pa

_DAY: Final = 86_400.0
_STAMP: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", re.ASCII)
_HEX: Final = frozenset("0123456789abcdef")


@frozen(kw_only=True)
class Record:
    """What is known of one address: which object it gave, when, and how to ask whether it changed. Times are UTC, ISO 8601."""

    url: str
    sha256: str
    size: int
    retrieved: str
    checked: float
    final_url: str = ""
    etag: str = ""
    last_modified: str = ""
    content_type: str = ""
    length_known: bool = True
    source: str = ""
    licence: str = ""
    changed: str = ""
    """When the publisher said that the data last changed, at the time of the check."""


def _is_digest(text: object) -> bool:
    return isinstance(text, str) and len(text) == 64 and set(text) <= _HEX


def digest_of(text: str) -> str:
    """The sha256 of a text, by which addresses and keys name their files."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


class Cache:
    """One cache folder. Makes nothing on disk before something is kept."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.tmp = root / "tmp"

    # --- writing -----------------------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def writing(self, needed: int | None = None) -> Iterator[None]:
        """Turn a fault of the disk into `CacheWriteError`; the errors of others pass."""
        try:
            yield
        except JsnakitError:
            raise
        except OSError as error:
            why = disk.reason(error)
            size = "" if needed is None else f" ({needed:,} bytes needed)"
            raise CacheWriteError(
                f"the cache folder {self.root} cannot be written: {why}{size}",
                hint="free some space, or choose another folder (`cache` in jsna.toml, or Store(cache=...))",
                folder=str(self.root),
                needed=needed,
            ) from error

    @contextlib.contextmanager
    def workroom(self) -> Iterator[Path]:
        """A folder of one's own in `tmp/`, gone afterwards."""
        room = self.tmp / f"{os.getpid()}-{secrets.token_hex(8)}"
        with self.writing():
            room.mkdir(parents=True)
        try:
            yield room
        finally:
            shutil.rmtree(room, ignore_errors=True)

    def sweep(self, now: float) -> int:
        """Remove what a killed process left in `tmp/`: entries older than a day. Returns how many."""
        swept = 0
        with contextlib.suppress(OSError):
            for entry in list(self.tmp.iterdir()):
                with contextlib.suppress(OSError):
                    if now - entry.lstat().st_mtime > _DAY:
                        shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
                        swept += 1
        return swept

    def _place(self, source: Path, target: Path) -> None:
        """Sync, then rename: the last step, after which the file is there and whole."""
        target.parent.mkdir(parents=True, exist_ok=True)
        disk.place(source, target)

    def write(self, target: Path, data: bytes) -> None:
        """Write a small file whole or not at all."""
        with self.workroom() as room, self.writing(len(data)):
            temporary = room / "file"
            temporary.write_bytes(data)
            self._place(temporary, target)

    # --- objects -----------------------------------------------------------------------------------------------------

    def object_path(self, sha256: str) -> Path:
        """Where the object of this hash lies, or would."""
        return self.root / "objects" / sha256[:2] / sha256

    def load(self, sha256: str, *, name: str, url: str) -> tuple[SourceFile | None, bool]:
        """The object, if its bytes still have their hash; and whether there was a damaged one."""
        try:
            file = SourceFile.from_path(self.object_path(sha256), name=name, url=url)
        except DataError as error:
            # An object in a folder that cannot be entered is there for all we know; one that was never kept is not damaged.
            return None, not isinstance(error.__cause__, FileNotFoundError | NotADirectoryError)
        return (file, False) if file.sha256 == sha256 else (None, True)

    def keep(self, temporary: Path, sha256: str) -> None:
        """Move finished bytes into place; a sound object that is there already stays, a damaged one is replaced."""
        target = self.object_path(sha256)
        with self.writing():
            size = temporary.stat().st_size
        if self.load(sha256, name="", url="")[0] is not None:
            return
        with self.writing(size):
            # Readable by whom the umask allows, which the mode of the folder just made tells; writable by nobody.
            temporary.chmod(temporary.parent.stat().st_mode & (stat.S_IRUSR | stat.S_IRGRP | stat.S_IROTH))
            self._place(temporary, target)

    def objects(self) -> Iterator[Path]:
        """Every object there is, by hash."""
        yield from (p for p in _found(self.root / "objects", "??/*") if _is_digest(p.name))

    # --- records -----------------------------------------------------------------------------------------------------

    def record_path(self, url: str) -> Path:
        """Where the record of an address lies, or would."""
        return self.root / "index" / f"{digest_of(url)}.json"

    def record(self, url: str) -> Record | None:
        """What is known of an address; a record that cannot be read is as none."""
        found = _read_record(self.record_path(url))
        return found if found is not None and found.url == url else None

    def records(self) -> list[Record]:
        """Every record, by address."""
        found = (_read_record(p) for p in _found(self.root / "index", "*.json"))
        return sorted((r for r in found if r is not None), key=lambda r: r.url)

    def write_record(self, record: Record) -> None:
        """Keep what is known of an address."""
        text = json.dumps(attrs.asdict(record), sort_keys=True, ensure_ascii=False)
        self.write(self.record_path(record.url), text.encode("utf-8"))

    # --- parts -------------------------------------------------------------------------------------------------------

    def _part_stem(self, key: str) -> tuple[Path, str]:
        name = digest_of(key)
        return self.root / "parts" / name[:2], name

    def part(self, key: str) -> pa.Table | None:
        """The table kept under `key`, or null. The file's name holds the digest of its bytes, so a damaged one is a miss."""
        folder, stem = self._part_stem(key)
        for path in _found(folder, f"{stem}.*.parquet"):
            table = _read_part(path, path.name.split(".")[1])
            if table is not None:
                return table
        return None

    def put_part(self, key: str, table: pa.Table) -> None:
        """Keep a table under `key` as Parquet; earlier files under the same key go."""
        folder, stem = self._part_stem(key)
        with self.workroom() as room, self.writing(table.nbytes):
            temporary = room / "part"
            digest = disk.write_parquet(temporary, table)[:32]
            target = folder / f"{stem}.{digest}.parquet"
            self._place(temporary, target)
        for path in _found(folder, f"{stem}.*.parquet"):
            if path != target:
                with contextlib.suppress(OSError):
                    path.unlink()

    # --- locks -------------------------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def locked(self, name: str, timeout: float) -> Iterator[bool]:
        """Hold a lock file, which saves work that another process is doing; without one (read-only folder, time out) things go on all the same."""
        from filelock import FileLock, Timeout

        path = self.root / "locks" / f"{name}.lock"
        lock = None
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            lock = FileLock(str(path), timeout=timeout)
            lock.acquire(poll_interval=0.02)
        except (OSError, Timeout, NotImplementedError):
            lock = None
        try:
            yield lock is not None
        finally:
            if lock is not None:
                with contextlib.suppress(OSError):
                    lock.release()

    # --- maintenance -------------------------------------------------------------------------------------------------

    def damaged(self) -> list[str]:
        """The objects and parts whose bytes are no longer what their names say, as paths below the folder."""
        bad = [p for p in self.objects() if self.load(p.name, name="", url="")[0] is None]
        bad += [p for p in _found(self.root / "parts", "??/*.parquet") if _read_part(p, p.name.split(".")[1]) is None]
        return [p.relative_to(self.root).as_posix() for p in bad]

    def clear(self) -> int:
        """Remove every object, record and part. Returns the number of files."""
        removed = 0
        for folder in ("index", "objects", "parts", "tmp"):
            for path in sorted((self.root / folder).rglob("*"), reverse=True):
                with self.writing():
                    if path.is_dir() and not path.is_symlink():
                        shutil.rmtree(path, ignore_errors=True)
                        continue
                    with contextlib.suppress(FileNotFoundError):
                        disk.make_writable(path)
                        path.unlink()
                        removed += 1
        return removed


def _found(folder: Path, pattern: str) -> list[Path]:
    """The files of a folder, in order; none where it cannot be looked into."""
    try:
        return sorted(folder.glob(pattern))
    except OSError:
        return []


def _read_record(path: Path) -> Record | None:
    try:
        value = json.loads(path.read_bytes())
        record = Record(**value)
    except (OSError, ValueError, TypeError, RecursionError):
        return None
    return record if _sound(record) else None


def _sound(record: Record) -> bool:
    texts = (record.url, record.retrieved, record.final_url, record.etag, record.last_modified, record.content_type, record.source, record.licence)
    return (
        all(isinstance(t, str) for t in texts)
        and _STAMP.fullmatch(record.retrieved) is not None
        and _is_digest(record.sha256)
        and type(record.size) is int
        and isinstance(record.checked, float)
        and isinstance(record.length_known, bool)
    )


def _read_part(path: Path, digest: str) -> pa.Table | None:
    import pyarrow as pa

    try:
        data = path.read_bytes()
        return disk.read_parquet(data) if hashlib.sha256(data).hexdigest()[: len(digest)] == digest and len(digest) == 32 else None
    except (OSError, pa.ArrowException):
        return None
