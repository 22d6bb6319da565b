"""The one door for archives, and files as immutable bytes."""

from __future__ import annotations

import hashlib
import io
import os
import pickle
import random
import stat
import struct
import sys
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from jsnakit import files
from jsnakit.errors import ArchiveError, DataError, JsnakitError
from jsnakit.files import SourceFile

CSV = b"code,value\n" + b"".join(b"R%03d,%d\n" % (i, i * 37 % 1009) for i in range(2000))


def zipped(*members: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED, change: Callable[[zipfile.ZipInfo], None] | None = None) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in members:
            info = zipfile.ZipInfo("placeholder", (2026, 2, 1, 0, 0, 0))
            info.filename = name
            info.compress_type = method
            if change is not None:
                change(info)
            archive.writestr(info, data)
    return buffer.getvalue()


def a_file(data: bytes, name: str = "x.zip") -> SourceFile:
    return SourceFile.from_bytes(data, name=name)


def read_all(file: SourceFile) -> dict[str, bytes]:
    found = {}
    for name in file.members():
        with file.open_member(name) as member:
            found[name] = member.read()
    return found


def refused(data: bytes) -> ArchiveError:
    with pytest.raises(ArchiveError) as caught:
        read_all(a_file(data))
    assert caught.value.file == "x.zip"
    assert caught.value.hint
    return caught.value


# --- bytes -------------------------------------------------------------------------------------------------------------


def test_a_file_knows_its_bytes_wherever_they_lie(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(CSV)
    on_disk, in_memory = (
        SourceFile.from_path(path, url="https://example.org/a.csv"),
        SourceFile.from_bytes(CSV, name="a.csv", url="https://example.org/a.csv"),
    )
    assert on_disk == in_memory
    assert hash(on_disk) == hash(in_memory)
    assert on_disk.read() == in_memory.read() == CSV
    assert (on_disk.name, on_disk.size, on_disk.sha256) == ("a.csv", len(CSV), hashlib.sha256(CSV).hexdigest())
    with on_disk.open() as handle:
        assert handle.readline() == b"code,value\n"
    for file in (on_disk, in_memory):
        assert pickle.loads(pickle.dumps(file)).read() == CSV
    with pytest.raises(AttributeError):
        on_disk.name = "b"  # type: ignore[misc]
    assert SourceFile.from_path(path, name="b.csv").name == "b.csv"


def test_a_file_that_changes_while_in_use_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(CSV)
    file = SourceFile.from_path(path)
    other = tmp_path / "b"
    other.write_bytes(CSV)
    os.utime(other, (1, 1))
    other.replace(path)
    assert file.read() == CSV
    path.write_bytes(CSV[:-2] + b"9\n")
    with pytest.raises(DataError, match="changed"):
        file.read()
    path.unlink()
    with pytest.raises(DataError, match="cannot be read"):
        file.read()
    with pytest.raises(DataError, match="cannot be read"):
        SourceFile.from_path(path)
    with pytest.raises(DataError, match="cannot be read"):
        SourceFile.from_path(tmp_path)


def test_text_is_decoded_strictly() -> None:
    assert a_file(b"\xef\xbb\xbfa\nb\n").text() == "a\nb\n"
    assert a_file("caf\N{LATIN SMALL LETTER E WITH ACUTE}".encode("cp1252")).text("cp1252") == "caf\N{LATIN SMALL LETTER E WITH ACUTE}"
    for mark in (b"", b"\xef\xbb\xbf"):
        with pytest.raises(DataError) as caught:
            a_file(mark + b"a\nbc\xe9d\n", "a.csv").text()
        assert (caught.value.line, caught.value.value, caught.value.file) == (2, b"\xe9d\n", "a.csv")
        assert f"byte {len(mark) + 4} " in str(caught.value)
        assert "0xe9" in str(caught.value)


def test_importing_files_is_light() -> None:
    import subprocess

    code = "import sys, jsnakit.files; print([m for m in ('pandas', 'numpy', 'pyarrow', 'attrs', 'requests') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"


# --- archives that are as they should be -------------------------------------------------------------------------------


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_members_are_read_whole_or_in_pieces(method: int) -> None:
    file = a_file(zipped(("folder/a.csv", CSV), ("folder/empty.csv", b""), method=method))
    assert file.is_zip()
    assert file.members() == ("folder/a.csv", "folder/empty.csv")
    assert read_all(file) == {"folder/a.csv": CSV, "folder/empty.csv": b""}
    with file.open_member("folder/a.csv") as member:
        pieces = [member.read(7), member.readline(), member.read1(3), *member]
    assert b"".join(pieces) == CSV


def test_the_only_data_member_needs_no_name() -> None:
    data = zipped(("__MACOSX/._a.csv", b"junk"), ("docs/", b""), ("docs/a.csv", CSV), ("docs/.DS_Store", b"junk"))
    with a_file(data).open_member() as member:
        assert member.read() == CSV
    for names, rule in ((("a.csv", "b.csv"), "several"), ((), "member")):
        with pytest.raises(ArchiveError) as caught, a_file(zipped(*((n, CSV) for n in names))).open_member():
            pass
        assert caught.value.rule == rule
        assert all(n in str(caught.value) for n in names)
    with pytest.raises(ArchiveError) as caught, a_file(zipped(("a.csv", CSV))).open_member("b.csv"):
        pass
    assert caught.value.rule == "member"
    assert "a.csv" in str(caught.value)


class Unseekable(io.RawIOBase):
    """A pipe: zipfile then writes sizes and checksum after the data."""

    def __init__(self) -> None:
        self.written = b""

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        self.written += bytes(data)
        return len(data)


def test_data_descriptors_and_zip64_fields_are_read() -> None:
    pipe = Unseekable()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:  # type: ignore[call-overload]
        archive.writestr("a.csv", CSV)
        archive.writestr("b.csv", CSV[:100])
    assert zipfile.ZipFile(io.BytesIO(pipe.written)).infolist()[0].flag_bits & 0x08
    assert read_all(a_file(pipe.written)) == {"a.csv": CSV, "b.csv": CSV[:100]}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("a.csv", "w", force_zip64=True) as member:
        member.write(CSV)
    assert read_all(a_file(buffer.getvalue())) == {"a.csv": CSV}


def test_an_office_document_in_an_archive_is_data() -> None:
    book = zipped(("xl/workbook.xml", b"<workbook/>"))
    assert read_all(a_file(zipped(("book.xlsx", book))))["book.xlsx"] == book


# --- archives that are not ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("/etc/passwd", "absolute"),
        ("../a.csv", "parent"),
        ("a/../../b.csv", "parent"),
        ("a\\b.csv", "separator"),
        ("..\\b.csv", "separator"),
        ("C:/b.csv", "separator"),
        ("c:b.csv", "separator"),
        ("a\x00.csv", "name"),
        ("a\n.csv", "name"),
        ("", "name"),
        ("..", "name"),
    ],
)
def test_names_that_leave_the_folder_are_refused(name: str, rule: str) -> None:
    assert refused(zipped((name, CSV))).rule == rule


def test_doubled_names_are_refused() -> None:
    for other in ("A.CSV", "a.csv"):
        with pytest.warns(UserWarning, match="Duplicate") if other == "a.csv" else _nothing():
            data = zipped(("a.csv", CSV), (other, b"other"))
        assert refused(data).rule == "collision"
    composed, decomposed = "\N{LATIN SMALL LETTER E WITH ACUTE}.csv", "e\N{COMBINING ACUTE ACCENT}.csv"
    assert refused(zipped((composed, CSV), (decomposed, CSV))).rule == "collision"


def _nothing() -> object:
    import contextlib

    return contextlib.nullcontext()


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFSOCK])
def test_links_and_devices_are_refused(kind: int) -> None:
    def change(info: zipfile.ZipInfo) -> None:
        info.create_system = 3
        info.external_attr = (kind | 0o777) << 16

    assert refused(zipped(("a.csv", b"/etc/passwd"), change=change)).rule == "special"


def patched(data: bytes, offset: int, form: str, value: int, *, local: bool = True, central: bool = True, local_offset: int | None = None) -> bytes:
    """An archive of one member with one field of its headers overwritten; `offset` counts in the central header."""
    out = bytearray(data)
    if central:
        struct.pack_into(form, out, data.index(b"PK\x01\x02") + offset, value)
    if local:
        struct.pack_into(form, out, offset - 2 if local_offset is None else local_offset, value)
    return bytes(out)


FLAGS, METHOD, CRC, PACKED, SIZE, OFFSET = 8, 10, 16, 20, 24, 42


def test_encrypted_members_are_refused() -> None:
    for flag in (0x01, 0x40, 0x2000):
        assert refused(patched(zipped(("a.csv", CSV)), FLAGS, "<H", flag)).rule == "encrypted"


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_methods_are_refused(method: int) -> None:
    assert refused(zipped(("a.csv", CSV), method=method)).rule == "method"
    assert refused(patched(zipped(("a.csv", CSV)), METHOD, "<H", 99)).rule in ("method", "truncated")


def test_a_nested_archive_is_refused_as_a_member_to_parse() -> None:
    inner = zipped(("a.csv", CSV))
    for name in ("inner.zip", "inner.dat", "INNER.ZIP"):
        data = zipped((name, inner), method=zipfile.ZIP_STORED)
        assert refused(data).rule == "nested"
        with a_file(data).open_member(nested=True) as member:
            assert member.read() == inner


def test_bombs_are_refused() -> None:
    assert refused(zipped(("a.csv", b"0" * 3_000_000))).rule == "ratio"
    # Declared smaller than it is: nothing beyond what was declared is ever inflated.
    bomb = zipped(("a.csv", b"0" * 3_000_000))
    for size in (1000, 100_000):
        assert refused(patched(bomb, SIZE, "<L", size)).rule in ("size", "ratio")
    # Declared less packed than it is.
    assert refused(patched(bomb, PACKED, "<L", 2**20)).rule == "overlap"


def test_too_many_or_too_large_members_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (files.MAX_MEMBERS, files.MAX_TOTAL_BYTES, files.MAX_RATIO) == (10_000, 4 * 1024**3, 200)
    monkeypatch.setattr(files, "MAX_MEMBERS", 3)
    assert refused(zipped(*((f"{i}.csv", b"a") for i in range(4)))).rule == "members"
    monkeypatch.setattr(files, "MAX_TOTAL_BYTES", 100)
    assert refused(zipped(("a.csv", CSV))).rule == "total"


def test_overlapping_members_are_refused() -> None:
    data = bytearray(zipped(("a.csv", CSV), ("b.csv", CSV)))
    # The second entry of the directory points at the first member's data.
    second = data.index(b"PK\x01\x02", data.index(b"PK\x01\x02") + 4)
    struct.pack_into("<L", data, second + OFFSET, 0)
    assert refused(bytes(data)).rule in ("overlap", "truncated")


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_wrong_checksum_is_found_at_the_end_or_on_leaving(method: int) -> None:
    data = patched(zipped(("a.csv", CSV), method=method), CRC, "<L", 12345)
    file = a_file(data)
    with pytest.raises(ArchiveError) as caught, file.open_member() as member:
        member.read()
    assert caught.value.rule == "crc"
    # Whoever reads only the first line learns of it too.
    with pytest.raises(ArchiveError) as caught, file.open_member() as member:
        assert member.readline() == b"code,value\n"
    assert caught.value.rule == "crc"
    # Their own error is not hidden by ours.
    with pytest.raises(KeyError), file.open_member():
        raise KeyError


def test_damaged_data_are_found() -> None:
    data = bytearray(zipped(("a.csv", CSV)))
    data[200] ^= 0xFF
    assert refused(bytes(data)).rule in ("crc", "truncated", "size")


def test_headers_that_contradict_each_other_are_refused() -> None:
    data = zipped(("a.csv", CSV))
    for offset, form, value in ((CRC, "<L", 1), (SIZE, "<L", 5000), (METHOD, "<H", 0)):
        assert refused(patched(data, offset, form, value, central=False)).rule == "header"
    assert refused(data.replace(b"a.csv", b"b.csv", 1)).rule in ("header", "truncated")
    assert refused(patched(data, SIZE, "<L", len(CSV) - 1)).rule == "size"
    assert refused(patched(data, SIZE, "<L", len(CSV) + 1)).rule == "size"


def test_zip64_lies_are_refused() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("a.csv", "w", force_zip64=True) as member:
        member.write(CSV)
    data = bytearray(buffer.getvalue())
    extra = data.index(b"a.csv") + 5
    struct.pack_into("<Q", data, extra + 4, 2**40)
    assert refused(bytes(data)).rule == "header"
    # A directory that claims an exbibyte.
    plain = zipped(("a.csv", CSV))
    central = plain.index(b"PK\x01\x02")
    field = struct.pack("<HHQ", 1, 8, 2**60)
    lie = bytearray(plain)
    struct.pack_into("<L", lie, central + SIZE, 0xFFFFFFFF)
    struct.pack_into("<H", lie, central + 30, len(field))
    at = central + 46 + 5
    lie[at:at] = field
    end = lie.index(b"PK\x05\x06")
    struct.pack_into("<L", lie, end + 12, struct.unpack_from("<L", lie, end + 12)[0] + len(field))
    assert refused(bytes(lie)).rule in ("ratio", "total")


def test_every_cut_of_an_archive_is_refused() -> None:
    data = zipped(("a.csv", CSV[:300]), ("b.csv", CSV[:200]))
    for length in range(len(data)):
        with pytest.raises(ArchiveError):
            read_all(a_file(data[:length]))
    assert a_file(data[:50]).is_zip()
    assert not a_file(b"<html>").is_zip()
    with pytest.raises(ArchiveError) as caught:
        a_file(b"<html>").members()
    assert caught.value.rule == "not-a-zip"


@pytest.mark.parametrize("rounds", [pytest.param(1500, id="1500"), pytest.param(100_000, id="100000", marks=pytest.mark.faults)])
def test_a_mutated_archive_is_refused_or_reads_the_same(rounds: int) -> None:
    seed = 20261124
    print(f"seed {seed}")
    chance = random.Random(seed)
    data = zipped(("a.csv", CSV[:2000]), ("folder/b.csv", CSV[:500]))
    truth = set(read_all(a_file(data)).values())
    accepted = 0
    for _ in range(rounds):
        mutated = bytearray(data)
        for _ in range(chance.randint(1, 4)):
            at = chance.randrange(len(mutated))
            mutated[at] = chance.randrange(256)
        try:
            found = read_all(a_file(bytes(mutated)))
        except JsnakitError:
            continue
        accepted += 1
        # Dates, comments and attributes carry no data, and a name has no checksum.
        assert set(found.values()) <= truth
    print(f"{accepted} of {rounds} accepted")
    assert 0 < accepted < rounds


def test_a_deflate_stream_with_more_behind_it_is_refused() -> None:
    data = zipped(("a.csv", CSV))
    packed = zlib.compressobj(9, zlib.DEFLATED, -15)
    stream = packed.compress(b"short") + packed.flush()
    start = 30 + 5
    lie = bytearray(data)
    lie[start : start + len(stream)] = stream
    lie_bytes = patched(patched(bytes(lie), SIZE, "<L", 5), CRC, "<L", zlib.crc32(b"short"))
    assert refused(lie_bytes).rule == "size"
