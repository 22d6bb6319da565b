"""Gzip files: the quick way of unpacking gives what the careful way gives, and refuses what it refuses."""

from __future__ import annotations

import gzip
import zlib

import pytest

from jsnakit.errors import DataError
from jsnakit.files import SourceFile
from jsnakit_fingertips import tables

ROWS = b"".join(zlib.crc32(bytes([i % 256, i // 256])).to_bytes(4, "big") for i in range(5000))
OTHER = b"a,b\n1,2\n"


def packed_of(content: bytes) -> bytes:
    """A gzip member without the time of day, so that it is the same in every process."""
    return gzip.compress(content, mtime=0)


def unpacked(content: bytes) -> bytes:
    return tables.content_of(SourceFile.from_bytes(content, name="x.csv.gz"))


@pytest.mark.parametrize(
    ("packed", "content"),
    [
        (packed_of(ROWS), ROWS),
        (packed_of(ROWS) * 2, ROWS * 2),
        (packed_of(ROWS) + packed_of(OTHER), ROWS + OTHER),
        (packed_of(ROWS) + bytes(40), ROWS),
        (packed_of(b""), b""),
    ],
    ids=["one", "twice the same", "two", "padded", "empty"],
)
def test_every_member_is_unpacked(packed: bytes, content: bytes) -> None:
    assert unpacked(packed) == content


GOOD = packed_of(ROWS)


@pytest.mark.parametrize(
    "packed",
    [
        GOOD[:-1],
        GOOD[:-9],
        GOOD + b"junk",
        GOOD[:-8] + bytes([GOOD[-8] ^ 1]) + GOOD[-7:],
        GOOD[:-4] + (len(ROWS) + 100).to_bytes(4, "little"),
        GOOD[:-4] + (len(ROWS) - 1).to_bytes(4, "little"),
        packed_of(bytes(10**7)),
    ],
    ids=["cut by a byte", "cut before its sum", "followed by junk", "another sum", "too long a size", "too short a size", "a bomb"],
)
def test_a_damaged_file_and_a_bomb_are_refused(packed: bytes) -> None:
    with pytest.raises(DataError, match=r"damaged gzip|unpacks to more"):
        unpacked(packed)
