"""The lock file: stable to the byte, strict to read, free of credentials."""

from __future__ import annotations

import datetime as dt
import json
import pickle
import random
from pathlib import Path
from typing import Any

import attrs
import pytest

from jsnakit import observations
from jsnakit.errors import JsnakitError, LockError
from jsnakit.model import Period, Pin
from jsnakit.sources import Resource
from jsnakit.store import Lock, PackPin

URL = "https://example.org/data/rtt-february.zip"
PIN = Pin(
    URL,
    "a" * 64,
    12,
    "2026-02-28T12:00:00Z",
    source="rtt",
    release="revised",
    licence="OGL-UK-3.0",
    plugin="jsnakit-rtt",
    plugin_version="1.0",
    etag='"x"',
)
RESOURCE = Resource(
    url=URL, kind="full", period=Period.month(2026, 2), release="revised", title="RTT \N{EN DASH} February", params=(("b", "2"), ("a", "1"))
)
FULL = Lock().with_pin(PIN).with_listing("rtt", [RESOURCE, Resource(url="https://example.org/2")]).with_pack("sample", PackPin("b" * 64, "1.2"))


def test_a_lock_survives_its_file(tmp_path: Path) -> None:
    path = tmp_path / "jsna.lock"
    FULL.write(path)
    again = Lock.read(path)
    assert again == FULL
    assert again.listing("rtt") == (RESOURCE, Resource(url="https://example.org/2"))
    assert again.listing("rtt")[0].period.label == "February 2026"  # type: ignore[index,union-attr]
    assert again.pin(URL) == PIN
    assert again.packs["sample"] == PackPin("b" * 64, "1.2")
    assert again.schema_version == observations.SCHEMA_VERSION
    assert again.listing("other") is again.pin("https://example.org/other") is None
    assert path.read_bytes() == FULL.dumps().encode()
    again.write(path)
    assert path.read_bytes() == FULL.dumps().encode()
    assert list(tmp_path.iterdir()) == [path]
    assert pickle.loads(pickle.dumps(FULL)) == FULL


def test_the_text_is_sorted_and_does_not_depend_on_order() -> None:
    other = attrs.evolve(PIN, url="https://example.org/0")
    forwards, backwards = Lock().with_pin(PIN).with_pin(other), Lock().with_pin(other).with_pin(PIN)
    assert forwards.dumps() == backwards.dumps()
    text = FULL.dumps()
    assert text.endswith("}\n")
    assert not text.endswith("\n\n")
    document = json.loads(text)
    assert list(document) == sorted(document)
    assert text.isprintable() is False
    assert "\r" not in text
    assert "\N{EN DASH}" in text


def test_a_lock_changes_only_by_making_another() -> None:
    with pytest.raises(TypeError):
        FULL.pins[URL] = PIN  # type: ignore[index]
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        FULL.pins = {}  # type: ignore[misc]
    assert Lock().with_pin(PIN).without("rtt") == Lock()
    assert FULL.without("rtt").packs == FULL.packs
    assert FULL.without("other") == FULL


BAD: list[tuple[str, Any, str]] = [
    ("pins", [], "pins"),
    ("pins", {URL: 1}, "pins"),
    ("pins", {URL: {"sha256": "a" * 64, "bytes": 1}}, "retrieved"),
    ("pins", {URL: {"sha256": "A" * 64, "bytes": 1, "retrieved": "2026-02-28T12:00:00Z"}}, "sha256"),
    ("pins", {URL: {"sha256": "a" * 63, "bytes": 1, "retrieved": "2026-02-28T12:00:00Z"}}, "sha256"),
    ("pins", {URL: {"sha256": 5, "bytes": 1, "retrieved": "2026-02-28T12:00:00Z"}}, "sha256"),
    ("pins", {URL: {"sha256": "a" * 64, "bytes": "1", "retrieved": "2026-02-28T12:00:00Z"}}, "bytes"),
    ("pins", {URL: {"sha256": "a" * 64, "bytes": True, "retrieved": "2026-02-28T12:00:00Z"}}, "bytes"),
    ("pins", {URL: {"sha256": "a" * 64, "bytes": -1, "retrieved": "2026-02-28T12:00:00Z"}}, "bytes"),
    ("pins", {URL: {"sha256": "a" * 64, "bytes": 1.0, "retrieved": "2026-02-28T12:00:00Z"}}, "bytes"),
    ("pins", {URL: {"sha256": "a" * 64, "bytes": 1, "retrieved": "28/02/2026"}}, "retrieved"),
    ("pins", {URL: {"sha256": "a" * 64, "bytes": 1, "retrieved": "2026-02-28T12:00:00Z", "mirror": "x"}}, "mirror"),
    ("pins", {URL: {"sha256": "a" * 64, "bytes": 1, "retrieved": "2026-02-28T12:00:00Z", "etag": None}}, "etag"),
    ("pins", {URL: {"sha256": "a" * 64, "bytes": 1, "retrieved": "2026-02-28T12:00:00Z", "url": URL}}, "url"),
    ("listings", {"rtt": {}}, "listings.rtt"),
    ("listings", {"rtt": [{}]}, "url"),
    ("listings", {"rtt": [{"url": 1}]}, "url"),
    ("listings", {"rtt": [{"url": URL, "colour": "red"}]}, "colour"),
    ("listings", {"rtt": [{"url": URL, "period": {"start": "2026-02-30", "duration": "P1M"}}]}, "period"),
    ("listings", {"rtt": [{"url": URL, "period": {"start": "2026-02-01", "duration": "a month"}}]}, "period"),
    ("listings", {"rtt": [{"url": URL, "period": {"start": 5, "duration": "P1M"}}]}, "period.start"),
    ("listings", {"rtt": [{"url": URL, "params": [["a"]]}]}, "params"),
    ("packs", {"sample": {"version": "1"}}, "sha256"),
    ("packs", {"sample": {"sha256": "x"}}, "sha256"),
    ("jsna_lock", 2, "jsna_lock"),
    ("jsna_lock", "1", "jsna_lock"),
    ("schema_version", None, "schema_version"),
    ("colour", "red", "colour"),
]


@pytest.mark.parametrize(("key", "value", "named"), BAD, ids=[f"{k}: {n} {i}" for i, (k, _, n) in enumerate(BAD)])
def test_whatever_is_not_a_lock_is_refused_by_file_and_key(key: str, value: Any, named: str, tmp_path: Path) -> None:
    path = tmp_path / "jsna.lock"
    path.write_text(json.dumps(json.loads(FULL.dumps()) | {key: value}), encoding="utf-8")
    with pytest.raises(LockError) as caught:
        Lock.read(path)
    assert caught.value.file == str(path)
    assert str(path) in str(caught.value)
    assert named in str(caught.value)


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{", '{"jsna_lock": NaN}', '{"jsna_lock": 1, "jsna_lock": 1}', '{"jsna_lock": 1, "pins": Infinity}', "[" * 100_000, "null", "{}"],
)
def test_what_json_allows_and_a_lock_does_not_is_refused(text: str) -> None:
    with pytest.raises(LockError):
        Lock.loads(text)


def test_files_that_cannot_be_read_or_written_are_named(tmp_path: Path) -> None:
    path = tmp_path / "jsna.lock"
    with pytest.raises(LockError, match="cannot be read"):
        Lock.read(path)
    path.write_bytes(b"\xff\xfe{}")
    with pytest.raises(LockError, match="UTF-8"):
        Lock.read(path)
    with pytest.raises(LockError, match="cannot be written"):
        FULL.write(tmp_path / "no" / "jsna.lock")
    path.unlink()
    path.mkdir()
    with pytest.raises(LockError, match="cannot be written"):
        FULL.write(path)
    assert list(tmp_path.iterdir()) == [path]


SECRET = "hunter2"


@pytest.mark.parametrize(
    "url",
    [
        f"https://me:{SECRET}@example.org/a.csv",
        f"https://{SECRET}@example.org/a.csv",
        f"https://example.org/a.csv?key={SECRET}",
        f"https://example.org/a.csv?month=2&api_key={SECRET}",
        f"https://example.org/a.csv?apiKey={SECRET}",
        f"https://example.org/a.csv?APIKEY={SECRET}",
        f"https://example.org/a.csv?subscription-key={SECRET}",
        f"https://example.org/a.csv?access_token={SECRET}",
        f"https://example.org/a.csv?sig={SECRET}",
        f"https://example.org/a.csv?X-Amz-Signature={SECRET}",
        f"https://example.org/a.csv?a=1;password={SECRET}",
        f"https://example.org/a.csv?p%61ssword={SECRET}",
        f"https://example.org/a.csv#token={SECRET}",
    ],
)
def test_no_credential_reaches_a_lock_or_a_message(url: str) -> None:
    makers = (
        lambda: Lock().with_pin(attrs.evolve(PIN, url=url)),
        lambda: Lock().with_listing("x", [Resource(url=url)]),
        lambda: Lock.loads(FULL.dumps().replace(URL, url), file="x.lock"),
    )
    for make in makers:
        with pytest.raises(LockError) as caught:
            make()
        assert SECRET not in f"{caught.value!s} {caught.value.data}"


@pytest.mark.parametrize(
    "url", ["https://example.org/a.csv?month=2&signal=1&monkeys=3&design=x", "https://example.org/keys/token.csv", "snapshot:warehouse/falls"]
)
def test_harmless_addresses_are_kept(url: str) -> None:
    lock = Lock().with_pin(attrs.evolve(PIN, url=url))
    assert Lock.loads(lock.dumps()) == lock


def test_a_pin_is_filed_under_its_own_address() -> None:
    with pytest.raises(LockError):
        Lock(pins={"https://example.org/other": PIN})


def test_a_mutated_lock_is_refused_or_is_a_lock() -> None:
    seed = 20261124
    print(f"seed {seed}")
    chance = random.Random(seed)
    text = FULL.dumps()
    kept = 0
    for _ in range(2000):
        at = chance.randrange(len(text))
        mutated = text[:at] + chance.choice(['"', "{", "}", ",", "0", "x", "\\", "", "null", "\ud800"]) + text[at + 1 :]
        try:
            lock = Lock.loads(mutated)
        except JsnakitError:
            continue
        kept += 1
        assert Lock.loads(lock.dumps()) == lock
        assert isinstance(next(iter(lock.pins.values()), PIN).bytes, int)
        assert all(isinstance(r.period, Period | None) for listing in lock.listings.values() for r in listing)
    assert 0 < kept < 2000
    assert Period(dt.date(2026, 2, 1), "P1M") == RESOURCE.period
