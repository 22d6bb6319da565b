"""Files written whole or not at all: to another name first, synced, then renamed; and what to say when a disk refuses.

Every folder that jsnakit keeps (cache, editions, sites) is written through here, so that a kill or a full disk leaves what was there before.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import secrets
import stat
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from jsnakit.errors import CacheWriteError

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["make_writable", "parquet_bytes", "place", "read_parquet", "reason", "replace", "sync", "sync_folder", "write_files", "write_parquet"]

_REASONS: Final = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "your disk quota is used up",
    errno.EFBIG: "the file is larger than the system allows",
    errno.EROFS: "the folder is read-only",
    errno.EACCES: "you may not write there",
    errno.EPERM: "you may not write there",
    errno.ENAMETOOLONG: "the path is too long",
    errno.ENOTDIR: "a file stands where the folder should be",
    errno.EEXIST: "a file stands where the folder should be",
}


def reason(error: OSError) -> str:
    """Why the system refused, in words.

    >>> reason(OSError(28, "No space left on device"))
    'the disk is full'
    """
    return _REASONS.get(error.errno or 0, error.strerror or type(error).__name__)


def place(source: Path, target: Path) -> None:
    """Sync a finished file, then rename it into its place: the last step, after which it is there and whole."""
    sync(source)
    replace(source, target)
    sync_folder(target.parent)


def write_parquet(path: Path, table: pa.Table) -> str:
    """Write a table as zstd Parquet, its metadata with it; returns the sha256 of the file."""
    import pyarrow.parquet as pq

    pq.write_table(table, path, compression="zstd")
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def parquet_bytes(table: pa.Table) -> bytes:
    """A table as zstd Parquet in memory, the same bytes for the same table."""
    import io

    import pyarrow.parquet as pq

    sink = io.BytesIO()
    pq.write_table(table, sink, compression="zstd")
    return sink.getvalue()


def read_parquet(data: bytes) -> pa.Table:
    """A table from the bytes of a Parquet file, on one thread."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    return pq.ParquetFile(pa.BufferReader(data)).read(use_threads=False)


def sync(path: Path) -> None:
    """Have the bytes of a file on the disk before its name is."""
    fd = os.open(path, os.O_RDWR if os.name == "nt" else os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def sync_folder(folder: Path) -> None:
    """Have a rename on the disk. Windows has no such call for folders, some network disks refuse it."""
    if os.name == "nt":
        return
    with contextlib.suppress(OSError):
        fd = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)


def make_writable(path: Path) -> None:
    """Windows neither replaces nor removes a read-only file."""
    if os.name == "nt":
        with contextlib.suppress(OSError):
            path.chmod(stat.S_IREAD | stat.S_IWRITE)


def replace(source: Path, target: Path) -> None:
    """Rename over what may be there; on Windows a reader may hold the old file for a moment, so try a little longer."""
    if os.name == "nt" and target.exists():
        make_writable(target)
    for attempt in range(20):
        try:
            source.replace(target)
        except PermissionError:
            if os.name != "nt" or attempt == 19:
                raise
            time.sleep(0.05)
        else:
            return


def write_files(folder: Path, files: Mapping[str, bytes]) -> tuple[Path, ...]:
    """Write some files into a folder, each whole or not at all, and return their paths. Raises `CacheWriteError`."""
    written = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            temporary = folder / f".{name}.{secrets.token_hex(4)}"
            try:
                temporary.write_bytes(content)
                place(temporary, folder / name)
            finally:
                temporary.unlink(missing_ok=True)
            written.append(folder / name)
    except OSError as error:
        raise CacheWriteError(f"{folder} cannot be written: {reason(error)}", hint="choose another folder", folder=str(folder)) from error
    return tuple(written)
