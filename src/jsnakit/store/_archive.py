"""The pinned bytes as one file to carry to another machine, since publishers withdraw files."""

from __future__ import annotations

import hashlib
import re
import secrets
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from jsnakit import disk
from jsnakit.errors import ArchiveError, LockError, NoDataError
from jsnakit.files import MAX_MEMBERS, MAX_TOTAL_BYTES, SourceFile
from jsnakit.model import Pin
from jsnakit.store._addresses import shown
from jsnakit.store._lock import Lock
from jsnakit.store._objects import Cache, Record

LOCK_NAME: Final = "jsna.lock"
_OBJECT: Final = re.compile(r"objects/([0-9a-f]{64})")
# Equal contents give equal archives.
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
_CHUNK: Final = 1024**2
_MAX_LOCK: Final = 256 * 1024**2


def export(cache: Cache, lock: Lock, target: Path) -> int:
    """Write the lock and every object it pins as a ZIP file, whole or not at all; returns the number of objects."""
    wanted = _present(cache, lock.pins.values())
    if len(wanted) >= MAX_MEMBERS or sum(file.size for file in wanted.values()) > MAX_TOTAL_BYTES - 1024**3:
        raise NoDataError(
            "the pinned files are too many or too large for one archive (3 GiB)", hint="export the locks of fewer needs assessments at a time"
        )
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(6)}")
    try:
        with Cache(target.parent).writing(sum(file.size for file in wanted.values())):
            # Publishers' files are compressed already, and stored bytes are quick to verify.
            with zipfile.ZipFile(temporary, "x", zipfile.ZIP_STORED) as archive:
                archive.writestr(zipfile.ZipInfo(LOCK_NAME, _EPOCH), lock.dumps())
                for sha256, file in sorted(wanted.items()):
                    with file.open() as source, archive.open(zipfile.ZipInfo(f"objects/{sha256}", _EPOCH), "w") as sink:
                        while chunk := source.read(_CHUNK):
                            sink.write(chunk)
            disk.sync(temporary)
            disk.replace(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)
    return len(wanted)


def _present(cache: Cache, pins: Iterable[Pin]) -> dict[str, SourceFile]:
    found: dict[str, SourceFile] = {}
    missing: list[str] = []
    for pin in pins:
        file, _ = cache.load(pin.sha256, name=pin.sha256, url=pin.url)
        if file is None:
            missing.append(shown(pin.url))
        else:
            found[pin.sha256] = file
    if missing:
        raise NoDataError(
            f"{len(missing)} pinned files are not in the cache (or damaged), the first: {missing[0]}",
            hint="build once while online, then export",
            available=tuple(sorted(found)),
        )
    return found


def import_(cache: Cache, source: Path) -> int:
    """Take the objects of an archive into the cache, each verified by its hash, through the same door as any ZIP; returns their number."""
    archive = SourceFile.from_path(source)
    names = archive.members()
    foreign = [name for name in names if name != LOCK_NAME and not _OBJECT.fullmatch(name)]
    if foreign or LOCK_NAME not in names:
        member = foreign[0] if foreign else LOCK_NAME
        raise ArchiveError(
            f"{source} was not made by `jsnakit cache export`: {member!r} {'is foreign to it' if foreign else 'is missing'}",
            hint="import the file exactly as it was exported",
            file=str(source),
            member=member,
            rule="export",
        )
    with archive.open_member(LOCK_NAME) as handle:
        lock = _lock_of(handle.read(_MAX_LOCK), source)
    for name in names:
        if match := _OBJECT.fullmatch(name):
            _take(cache, archive, name, match[1])
    for pin in lock.pins.values():
        if cache.record(pin.url) is None and cache.load(pin.sha256, name="", url="")[0] is not None:
            cache.write_record(_record(pin))
    return len(names) - 1


def _lock_of(data: bytes, source: Path) -> Lock:
    try:
        return Lock.loads(data.decode("utf-8"), file=f"{source}, {LOCK_NAME}")
    except UnicodeDecodeError:
        raise LockError(f"{source}, {LOCK_NAME} is not UTF-8 text", file=str(source)) from None


def _take(cache: Cache, archive: SourceFile, name: str, sha256: str) -> None:
    with cache.workroom() as room:
        temporary = room / "object"
        digest = hashlib.sha256()
        # Archives are carried here, not parsed, so one in another is as it should be.
        with archive.open_member(name, nested=True) as member, cache.writing(), temporary.open("wb") as sink:
            while chunk := member.read(_CHUNK):
                digest.update(chunk)
                sink.write(chunk)
        if digest.hexdigest() != sha256:
            raise ArchiveError(
                f"{archive.name}, {name}: the bytes are not those of the name", hint="export again", file=archive.name, member=name, rule="hash"
            )
        cache.keep(temporary, sha256)


def _record(pin: Pin) -> Record:
    # Never asked of the publisher from this machine, so not fresh: `checked` lies at the beginning of time.
    return Record(
        url=pin.url, sha256=pin.sha256, size=pin.bytes, retrieved=pin.retrieved, checked=0.0, etag=pin.etag, last_modified=pin.last_modified,
        source=pin.source, licence=pin.licence,
    )  # fmt: skip
