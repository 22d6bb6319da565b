"""A publisher's file as immutable bytes, and the one door through which anything is read out of a ZIP.

The door refuses what a statistics publisher never sends on purpose and an attacker or a broken disk does: names that leave the folder, links, encryption,
doubled names, archives in archives, bombs, members whose size or checksum is not what the archive declares. Nothing is ever extracted to disk.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import re
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final, NoReturn, cast

from jsnakit.errors import ArchiveError, DataError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

__all__ = ["MAX_MEMBERS", "MAX_RATIO", "MAX_TOTAL_BYTES", "SourceFile"]

MAX_MEMBERS: Final = 10_000
"""The most members an archive may have."""

MAX_TOTAL_BYTES: Final = 4 * 1024**3
"""The most bytes the members of an archive may hold together, uncompressed."""

MAX_RATIO: Final = 200
"""How many bytes one compressed byte may stand for. Publishers' CSV files reach about 30; a bomb begins near 1,000."""

_CHUNK: Final = 256 * 1024
_LOCAL_HEADER: Final = struct.Struct("<4s5H3L2H")
_DEFERRED: Final = 0x08  # flag: sizes and checksum follow the data, in a data descriptor
_IN_ZIP64: Final = 0xFFFFFFFF
# Office documents are ZIP files by nature; inside an archive they are data, not a nested archive.
_DOCUMENTS: Final = (".xlsx", ".xlsm", ".xlsb", ".ods", ".odt", ".docx", ".pptx")
_ZIP_MAGIC: Final = (b"PK\x03\x04", b"PK\x05\x06")
# What zipfile raises on archives that are not as they should be (found by mutation).
_ZIP_FAULTS: Final = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    NotImplementedError,
    struct.error,
    ValueError,
    IndexError,
    KeyError,
    OverflowError,
    EOFError,
)


@dataclass(frozen=True, slots=True)
class SourceFile:
    r"""The bytes of one published file, unchanged for as long as it is held, with where they came from.

    Make one with `from_path` or `from_bytes`. Two are equal when name, address and bytes are.

    >>> file = SourceFile.from_bytes(b"code,value\nRBD,1\n", name="x.csv")
    >>> file.size, file.text().splitlines()[0]
    (17, 'code,value')
    """

    name: str
    url: str
    sha256: str
    size: int
    _data: bytes | None = field(default=None, repr=False, compare=False)
    _path: Path | None = field(default=None, repr=False, compare=False)
    _stamp: tuple[int, int] | None = field(default=None, repr=False, compare=False)

    @classmethod
    def from_bytes(cls, data: bytes, *, name: str, url: str = "") -> SourceFile:
        """Bytes already in memory."""
        data = bytes(data)
        return cls(name, url, hashlib.sha256(data).hexdigest(), len(data), _data=data)

    @classmethod
    def from_path(cls, path: str | os.PathLike[str], *, name: str | None = None, url: str = "") -> SourceFile:
        """A file on disk: hashed now, read when asked for. Raises `DataError` when it cannot be read (and later, when it has changed meanwhile)."""
        path = Path(path)
        try:
            with path.open("rb") as handle:
                stamp = _stamp(handle)
                digest = hashlib.file_digest(handle, "sha256").hexdigest()
        except OSError as error:
            raise DataError(
                f"{path} cannot be read: {error.strerror or error}",
                hint="check the name and that you may read the file",
                file=str(path),
                rule="readable",
            ) from error
        return cls(path.name if name is None else name, url, digest, stamp[0], _path=path, _stamp=stamp)

    def open(self) -> BinaryIO:
        """The bytes as an open binary stream; close it. Raises `DataError` if the file behind it is no longer the one that was hashed."""
        if self._path is None:
            return io.BytesIO(self._data or b"")
        try:
            handle = self._path.open("rb")
        except OSError as error:
            raise DataError(f"{self._path} cannot be read: {error.strerror or error}", file=self.name, rule="readable") from error
        # A file replaced by the same bytes (a healed cache) has another time stamp and is still the same file.
        if _stamp(handle) != self._stamp:
            if hashlib.file_digest(handle, "sha256").hexdigest() != self.sha256:
                handle.close()
                raise DataError(f"{self._path} changed while it was in use", hint="run again", file=self.name, rule="unchanged")
            handle.seek(0)
        return cast("BinaryIO", handle)

    def read(self) -> bytes:
        """All the bytes."""
        if self._data is not None:
            return self._data
        with self.open() as handle:
            return handle.read()

    def text(self, encoding: str = "utf-8-sig") -> str:
        """All the bytes as text, decoded strictly. Raises `DataError` with line and offset of the first byte that does not fit."""
        data = self.read()
        try:
            return data.decode(encoding)
        except UnicodeDecodeError as error:
            # utf-8-sig counts from after the byte order mark.
            start = error.start + (len(data) - len(error.object))
            line = data.count(b"\n", 0, start) + 1
            raise DataError(
                f"{self.name}: byte {start} (line {line}) is not {encoding}: 0x{data[start]:02x}",
                hint="the file is in another encoding than the source declares, or damaged",
                file=self.name,
                line=line,
                value=data[start : start + 8],
                rule="encoding",
            ) from error

    def is_zip(self) -> bool:
        """Whether the bytes begin as a ZIP file does (a cut one too, so that it is refused as an archive and not read as text)."""
        with self.open() as handle:
            return handle.read(4) in _ZIP_MAGIC

    def members(self) -> tuple[str, ...]:
        """The names of the files in the archive, in its order, once the whole directory has passed the door. Raises `ArchiveError`."""
        with self.open() as handle:
            return tuple(info.filename for info in _directory(self.name, handle) if not info.is_dir())

    @contextlib.contextmanager
    def open_member(self, name: str | None = None, *, nested: bool = False) -> Iterator[BinaryIO]:
        """One file of the archive as a stream: by name, or the only data file there is. Raises `ArchiveError`.

        Size and checksum are verified at the end of the stream, and leaving the context reads on to that end: a damaged member never passes.
        An archive inside the archive is refused unless `nested` says that its bytes are only carried, not parsed.

        >>> import io, zipfile
        >>> buffer = io.BytesIO()
        >>> with zipfile.ZipFile(buffer, "w") as archive:
        ...     archive.writestr("data.csv", "code,value")
        >>> with SourceFile.from_bytes(buffer.getvalue(), name="data.zip").open_member() as member:
        ...     member.read()
        b'code,value'
        """
        with self.open() as handle:
            infos = [info for info in _directory(self.name, handle) if not info.is_dir()]
            info = _pick(self.name, infos, name)
            raw = _Member(self.name, handle, info)
            if not nested:
                raw.refuse_archive()
            with io.BufferedReader(raw, _CHUNK) as stream:
                yield cast("BinaryIO", stream)
                raw.finish()


def _stamp(handle: io.BufferedReader) -> tuple[int, int]:
    found = os.fstat(handle.fileno())
    return found.st_size, found.st_mtime_ns


_RULES: Final = {
    "absolute": "its name is absolute",
    "collision": "two names differ only in upper and lower case",
    "crc": "its checksum is wrong",
    "encrypted": "it is encrypted",
    "header": "its two headers contradict each other",
    "member": "it has no such member",
    "members": f"it has more than {MAX_MEMBERS:,} members",
    "method": "it is compressed by a method other than deflate",
    "name": "its name has a control character or no text",
    "nested": "it is an archive in an archive",
    "overlap": "its data lie outside the archive or inside another member",
    "parent": "its name leaves the folder",
    "ratio": f"it is compressed more than {MAX_RATIO} times",
    "separator": "its name has a backslash or a drive letter",
    "several": "it has several data files",
    "size": "its size is not the one declared",
    "special": "it is a link or a device",
    "total": f"its members hold more than {MAX_TOTAL_BYTES // 1024**3} GiB",
    "truncated": "it is cut short or damaged",
}


def _refuse(file: str, rule: str, member: str | None = None, hint: str | None = None) -> NoReturn:
    where = f"{file}, member {member!r}" if member is not None else file
    raise ArchiveError(
        f"{where}: {_RULES[rule]}", hint=hint or "fetch the file again; if it stays so, tell its publisher", file=file, member=member, rule=rule
    )


def _directory(file: str, handle: BinaryIO) -> list[zipfile.ZipInfo]:
    """The archive's entries, each of which passed every rule that can be judged without reading data."""
    if handle.read(4) not in _ZIP_MAGIC:
        raise ArchiveError(f"{file} is not a ZIP file", hint="look at what was sent: often it is a web page", file=file, rule="not-a-zip")
    try:
        with zipfile.ZipFile(handle) as archive:
            infos = archive.infolist()
            end = archive.start_dir
    except _ZIP_FAULTS:
        _refuse(file, "truncated")
    if len(infos) > MAX_MEMBERS:
        _refuse(file, "members")
    seen: set[str] = set()
    for info in infos:
        _check_entry(file, info)
        folded = unicodedata.normalize("NFC", info.filename).casefold().rstrip("/")
        if folded in seen:
            _refuse(file, "collision", info.filename)
        seen.add(folded)
    if sum(info.file_size for info in infos) > MAX_TOTAL_BYTES:
        _refuse(file, "total")
    _check_overlap(file, infos, end)
    return infos


def _check_entry(file: str, info: zipfile.ZipInfo) -> None:
    # orig_filename: zipfile has already cut the other at a NUL and turned this system's separators.
    name = info.orig_filename
    kind = stat.S_IFMT(info.external_attr >> 16)
    if not name.strip("/. ") or any(unicodedata.category(c) == "Cc" for c in name):
        _refuse(file, "name", name)
    if "\\" in name or re.match(r"[A-Za-z]:", name):
        _refuse(file, "separator", name)
    if name.startswith("/"):
        _refuse(file, "absolute", name)
    if ".." in name.split("/"):
        _refuse(file, "parent", name)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        _refuse(file, "special", name)
    if info.flag_bits & 0x2041:
        _refuse(file, "encrypted", name)
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        _refuse(file, "method", name)
    if info.compress_type == zipfile.ZIP_STORED and info.file_size != info.compress_size:
        _refuse(file, "size", name)
    if info.file_size > MAX_RATIO * max(info.compress_size, 1):
        _refuse(file, "ratio", name)


def _check_overlap(file: str, infos: list[zipfile.ZipInfo], end: int) -> None:
    """Members that share bytes are how a small archive becomes an endless one."""
    ordered = sorted(infos, key=lambda info: info.header_offset)
    limits = [info.header_offset for info in ordered] + [end]
    for info, limit in zip(ordered, limits[1:], strict=True):
        if info.header_offset < 0 or info.header_offset + _LOCAL_HEADER.size + info.compress_size > limit:
            _refuse(file, "overlap", info.filename)


def _pick(file: str, infos: list[zipfile.ZipInfo], name: str | None) -> zipfile.ZipInfo:
    # What macOS and Windows put beside the data without being asked.
    data = [i for i in infos if not i.filename.startswith("__MACOSX/") and i.filename.rpartition("/")[2] not in (".DS_Store", "Thumbs.db")]
    chosen = [i for i in infos if i.filename == name] if name is not None else data
    if len(chosen) == 1:
        return chosen[0]
    listed = ", ".join(i.filename for i in data[:10]) or "none"
    _refuse(file, "several" if name is None and data else "member", name, f"its data files: {listed}" + (" ..." if len(data) > 10 else ""))


class _Member(io.RawIOBase):
    """The bytes of one member, inflated here so that size, ratio, checksum and the true end of the data are all checked."""

    def __init__(self, file: str, handle: BinaryIO, info: zipfile.ZipInfo) -> None:
        super().__init__()
        self._file, self._handle, self._info = file, handle, info
        self._start = self._data_start()
        self._rewind()

    def _rewind(self) -> None:
        self._handle.seek(self._start)
        self._left = self._info.compress_size
        self._inflate = zlib.decompressobj(-zlib.MAX_WBITS) if self._info.compress_type == zipfile.ZIP_DEFLATED else None
        self._crc = self._count = 0
        self._done = False

    def _refuse(self, rule: str) -> NoReturn:
        _refuse(self._file, rule, self._info.filename)

    def _data_start(self) -> int:
        """Where the data begin; the local header must say what the directory says, but for what it defers to the data descriptor."""
        info, handle = self._info, self._handle
        handle.seek(info.header_offset)
        header = handle.read(_LOCAL_HEADER.size)
        if len(header) < _LOCAL_HEADER.size or header[:4] != _ZIP_MAGIC[0]:
            self._refuse("truncated")
        _, _, flags, method, _, _, crc, packed, size, name_length, extra_length = _LOCAL_HEADER.unpack(header)
        name, extra = handle.read(name_length), handle.read(extra_length)
        if _IN_ZIP64 in (packed, size):
            packed, size = _zip64_sizes(extra, packed, size)
        same = method == info.compress_type and _decoded(name, flags) == info.orig_filename
        if not flags & _DEFERRED:
            same = same and (crc, packed, size) == (info.CRC, info.compress_size, info.file_size)
        if not same or flags & 0x2041:
            self._refuse("header")
        return handle.tell()

    def refuse_archive(self) -> None:
        """Refuse a member that is itself an archive to be read."""
        name = self._info.filename.lower()
        head = self._next(4)
        if name.endswith(".zip") or (head in _ZIP_MAGIC and not name.endswith(_DOCUMENTS)):
            self._refuse("nested")
        self._rewind()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer).cast("B")
        data = self._next(len(view))
        view[: len(data)] = data
        return len(data)

    def finish(self) -> None:
        """Read on to the end, so that the checks of the end are made."""
        while self._next(_CHUNK):
            pass

    def _next(self, limit: int) -> bytes:
        if self._done or limit <= 0:
            return b""
        data = self._stored(limit) if self._inflate is None else self._inflated(self._inflate, limit)
        self._count += len(data)
        self._crc = zlib.crc32(data, self._crc)
        if self._count > self._info.file_size:
            self._refuse("size")
        if self._count > MAX_RATIO * max(self._info.compress_size, 1):
            self._refuse("ratio")
        if not data:
            self._check_end()
        return data

    def _stored(self, limit: int) -> bytes:
        data = self._take(min(limit, self._left))
        if not data and self._left:
            self._refuse("truncated")
        return data

    def _inflated(self, inflate: zlib._Decompress, limit: int) -> bytes:
        while not inflate.eof:
            packed = inflate.unconsumed_tail or self._take(min(_CHUNK, self._left))
            try:
                data = inflate.decompress(packed, limit)
            except zlib.error:
                self._refuse("truncated")
            if data:
                return data
            if not packed and not inflate.eof:
                self._refuse("truncated")
        return b""

    def _take(self, n: int) -> bytes:
        data = self._handle.read(n) if n else b""
        self._left -= len(data)
        return data

    def _check_end(self) -> None:
        unread = self._left or (self._inflate is not None and self._inflate.unused_data)
        if unread or self._count != self._info.file_size:
            self._refuse("size")
        if self._crc != self._info.CRC:
            self._refuse("crc")
        self._done = True


def _decoded(name: bytes, flags: int) -> str | None:
    try:
        return name.decode("utf-8" if flags & 0x800 else "cp437")
    except UnicodeDecodeError:
        return None


def _zip64_sizes(extra: bytes, packed: int, size: int) -> tuple[int, int]:
    """The sizes that a local header keeps in its ZIP64 field: first the full one, then the packed one, each only where the header has no room."""
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, at)
        field_bytes = extra[at + 4 : at + 4 + length]
        if kind == 1:
            numbers = iter(struct.unpack(f"<{len(field_bytes) // 8}Q", field_bytes[: len(field_bytes) // 8 * 8]))
            size = next(numbers, -1) if size == _IN_ZIP64 else size
            packed = next(numbers, -1) if packed == _IN_ZIP64 else packed
            break
        at += 4 + length
    return packed, size
