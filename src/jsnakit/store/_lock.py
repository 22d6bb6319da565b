"""`jsna.lock`: exactly which bytes a needs assessment was made from, as a record that changes only by making another."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import re
import secrets
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, NoReturn, TypeVar

import attrs
from attrs import field, frozen

from jsnakit.errors import JsnakitError, LockError
from jsnakit.model import Period, Pin
from jsnakit.sources import Resource
from jsnakit.store._addresses import secret_in, shown

_T = TypeVar("_T")

LOCK_VERSION: Final = 1
"""The version of the file's own layout."""

_MAX_BYTES: Final = 256 * 1024**2
_RESOURCE_WORDS: Final = ("url", "kind", "release", "title", "indicator", "changed")
_PIN_FIELDS: Final = tuple(a.name for a in attrs.fields(Pin))
_STAMP: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", re.ASCII)


@frozen
class PackPin:
    """The exact edition of a pack that answered: its version and the sha256 of its data."""

    sha256: str
    version: str = ""


def _held_pins(value: Mapping[str, Pin]) -> Mapping[str, Pin]:
    return MappingProxyType(dict(value))


def _held_listings(value: Mapping[str, Iterable[Resource]]) -> Mapping[str, tuple[Resource, ...]]:
    return MappingProxyType({source: tuple(resources) for source, resources in value.items()})


def _held_packs(value: Mapping[str, PackPin]) -> Mapping[str, PackPin]:
    return MappingProxyType(dict(value))


@frozen
class Lock:
    """Pins (by address), listings (by source) and packs (by id): what a rebuild reads, and nothing else.

    `pins` maps an address to its `Pin`, `listings` a source's id to the resources that `discover` found, `packs` a pack's id to its `PackPin`.
    `schema_version` is that of the observation table it was made with. Raises `LockError` for an address that carries a credential.

    >>> Lock().with_pin(Pin("https://example.org/a.csv", "0" * 64, 3, "2026-02-28T12:00:00Z")).pin("https://example.org/a.csv").bytes
    3
    """

    pins: Mapping[str, Pin] = field(factory=dict, converter=_held_pins)
    listings: Mapping[str, tuple[Resource, ...]] = field(factory=dict, converter=_held_listings)
    packs: Mapping[str, PackPin] = field(factory=dict, converter=_held_packs)
    schema_version: int = 1

    def __attrs_post_init__(self) -> None:
        for url, pin in self.pins.items():
            if url != pin.url:
                raise LockError(f"the pin of {shown(pin.url)} is filed under {shown(url)}", key="pins")
            refuse_secret(url)
        for resource in (r for listing in self.listings.values() for r in listing):
            refuse_secret(resource.url)

    def __reduce__(self) -> tuple[Any, ...]:
        return Lock, (dict(self.pins), dict(self.listings), dict(self.packs), self.schema_version)

    def pin(self, url: str) -> Pin | None:
        """The pin of an address, or null."""
        return self.pins.get(url)

    def listing(self, source_id: str) -> tuple[Resource, ...] | None:
        """What `discover` of a source found when the lock was made; null if it was not asked then."""
        return self.listings.get(source_id)

    def with_pin(self, pin: Pin) -> Lock:
        """The same lock with one pin added or replaced."""
        return attrs.evolve(self, pins={**self.pins, pin.url: pin})

    def without_pin(self, url: str) -> Lock:
        """The same lock without the pin of one address."""
        return attrs.evolve(self, pins={u: p for u, p in self.pins.items() if u != url})

    def with_listing(self, source_id: str, resources: Iterable[Resource]) -> Lock:
        """The same lock with one source's listing added or replaced."""
        return attrs.evolve(self, listings={**self.listings, source_id: tuple(resources)})

    def with_pack(self, pack_id: str, pack: PackPin) -> Lock:
        """The same lock with one pack added or replaced."""
        return attrs.evolve(self, packs={**self.packs, pack_id: pack})

    def without(self, source_id: str) -> Lock:
        """The same lock without the pins and the listing of one source: what `jsnakit lock --update SOURCE` starts from."""
        return attrs.evolve(
            self,
            pins={u: p for u, p in self.pins.items() if p.source != source_id},
            listings={s: r for s, r in self.listings.items() if s != source_id},
        )

    def dumps(self) -> str:
        """The lock as JSON text: sorted, stable to the byte, with a final newline."""
        document = {
            "jsna_lock": LOCK_VERSION,
            "schema_version": self.schema_version,
            "listings": {s: [_resource_out(r) for r in listing] for s, listing in self.listings.items()},
            "packs": {i: {"sha256": p.sha256, "version": p.version} for i, p in self.packs.items()},
            "pins": {u: _pin_out(p) for u, p in self.pins.items()},
        }
        return json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n"

    @classmethod
    def loads(cls, text: str, *, file: str = "jsna.lock") -> Lock:
        """Read JSON text strictly: unknown or doubled keys, wrong types and credentials are a `LockError` naming `file` and key."""
        reader = _Reader(file)
        return reader.lock(reader.document(text))

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> Lock:
        """Read a lock file. Raises `LockError`."""
        path = Path(path)
        try:
            with path.open("rb") as handle:
                data = handle.read(_MAX_BYTES + 1)
        except OSError as error:
            raise LockError(f"{path} cannot be read: {error.strerror}", hint="`jsnakit lock` makes one", file=str(path)) from error
        if len(data) > _MAX_BYTES:
            raise LockError(f"{path} is larger than any lock", file=str(path))
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError as error:
            raise LockError(f"{path} is not UTF-8 text (byte {error.start})", file=str(path)) from error
        return cls.loads(text, file=str(path))

    def write(self, path: str | os.PathLike[str]) -> None:
        """Write the lock file whole or not at all: a new file, then one rename. Raises `LockError`."""
        path = Path(path)
        temporary = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
        try:
            with temporary.open("xb") as handle:
                handle.write(self.dumps().encode("utf-8"))
                handle.flush()
                os.fsync(handle.fileno())
            temporary.replace(path)
        except OSError as error:
            raise LockError(
                f"{path} cannot be written: {error.strerror}", hint="check the disk and your rights in the folder", file=str(path)
            ) from error
        finally:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)


def refuse_secret(url: str) -> None:
    """Raise `LockError` where an address carries what looks like a credential: a lock is committed and published."""
    if (part := secret_in(url)) is not None:
        raise LockError(
            f"{shown(url)} carries a credential ({part}), which must not reach a lock",
            hint="let the source take it from the environment and hand the frame over with fetch.snapshot(key, produce)",
            key=part,
        )


def _pin_out(pin: Pin) -> dict[str, Any]:
    return {k: v for k, v in attrs.asdict(pin).items() if k != "url" and (v != "" or k == "retrieved")}


def _resource_out(resource: Resource) -> dict[str, Any]:
    out: dict[str, Any] = {k: v for k in _RESOURCE_WORDS if (v := getattr(resource, k)) != ""}
    if resource.period is not None:
        period = resource.period
        out["period"] = {"start": period.start.isoformat(), "duration": period.duration, "label": period.label}
    if resource.params:
        out["params"] = [list(pair) for pair in resource.params]
    return out


class _Reader:
    """Reads the parts of one lock file; every complaint names the file and the key."""

    def __init__(self, file: str) -> None:
        self.file = file

    def fail(self, key: str, why: str) -> NoReturn:
        raise LockError(
            f"{self.file}, {key}: {why}", hint="restore it from version control, or make it anew with `jsnakit lock`", file=self.file, key=key
        )

    def document(self, text: str) -> Any:
        def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
            out: dict[str, Any] = {}
            for key, value in pairs:
                if key in out:
                    self.fail(shown(key), "is there twice")
                out[self.text(key, "a key")] = value
            return out

        def no_constant(name: str) -> NoReturn:
            self.fail("a number", f"{name} is not one")

        try:
            return json.loads(text, object_pairs_hook=once, parse_constant=no_constant)
        except (ValueError, RecursionError) as error:
            if isinstance(error, JsnakitError):
                raise
            place = f"line {error.lineno}" if isinstance(error, json.JSONDecodeError) else "text"
            self.fail(place, "is not JSON")

    def table(self, value: Any, key: str, required: Iterable[str] = (), optional: Iterable[str] | None = None) -> dict[str, Any]:
        if not isinstance(value, dict):
            self.fail(key, "is not an object")
        missing = [k for k in required if k not in value]
        if missing:
            self.fail(key, f"lacks {missing[0]!r}")
        if optional is not None:
            unknown = sorted(set(value) - set(required) - set(optional))
            if unknown:
                self.fail(f"{key}.{shown(unknown[0])}", "is not a key of a lock")
        return value

    def text(self, value: Any, key: str) -> str:
        if not isinstance(value, str):
            self.fail(key, "is not text")
        # Half a character can be written in JSON, and in no file.
        if any("\ud800" <= c <= "\udfff" for c in value):
            self.fail(key, "is not Unicode text")
        return value

    def whole(self, value: Any, key: str) -> int:
        if type(value) is not int or value < 0:
            self.fail(key, "is not a whole number of 0 or more")
        return value

    def digest(self, value: Any, key: str) -> str:
        if not re.fullmatch(r"[0-9a-f]{64}", self.text(value, key)):
            self.fail(key, "is not a sha256")
        return str(value)

    def lock(self, document: Any) -> Lock:
        top = self.table(document, "the file", ("jsna_lock",), ("schema_version", "listings", "packs", "pins"))
        if self.whole(top["jsna_lock"], "jsna_lock") != LOCK_VERSION:
            self.fail("jsna_lock", f"is {top['jsna_lock']}, and this jsnakit reads {LOCK_VERSION}")
        try:
            return Lock(
                pins={u: self.pin(u, v) for u, v in self.table(top.get("pins", {}), "pins").items()},
                listings={s: self.listing(s, v) for s, v in self.table(top.get("listings", {}), "listings").items()},
                packs={i: self.pack(i, v) for i, v in self.table(top.get("packs", {}), "packs").items()},
                schema_version=self.whole(top.get("schema_version", 1), "schema_version"),
            )
        except LockError as error:
            if error.file is not None:
                raise
            raise LockError(f"{self.file}: {error.message}", hint=error.hint, file=self.file, key=error.key) from None

    def pin(self, url: str, value: Any) -> Pin:
        key = f"pins.{shown(url)}"
        given = self.table(value, key, ("sha256", "bytes", "retrieved"), set(_PIN_FIELDS) - {"url"})
        self.digest(given["sha256"], f"{key}.sha256")
        self.whole(given["bytes"], f"{key}.bytes")
        if not _STAMP.fullmatch(self.text(given["retrieved"], f"{key}.retrieved")):
            self.fail(f"{key}.retrieved", "is not a UTC time (2026-02-28T12:00:00Z)")
        for name in set(given) - {"bytes"}:
            self.text(given[name], f"{key}.{name}")
        return Pin(url=url, **given)

    def pack(self, pack_id: str, value: Any) -> PackPin:
        key = f"packs.{pack_id}"
        given = self.table(value, key, ("sha256",), ("version",))
        return PackPin(self.digest(given["sha256"], f"{key}.sha256"), self.text(given.get("version", ""), f"{key}.version"))

    def listing(self, source_id: str, value: Any) -> tuple[Resource, ...]:
        return tuple(self.resource(f"listings.{source_id}[{i}]", v) for i, v in enumerate(self.rows(value, f"listings.{source_id}")))

    def rows(self, value: Any, key: str) -> list[Any]:
        if not isinstance(value, list):
            self.fail(key, "is not a list")
        return value

    def resource(self, key: str, value: Any) -> Resource:
        given = self.table(value, key, ("url",), (*_RESOURCE_WORDS, "period", "params"))
        words = {k: self.text(given[k], f"{key}.{k}") for k in _RESOURCE_WORDS if k in given}
        period = self._valid(f"{key}.period", lambda: self.period(f"{key}.period", given["period"])) if "period" in given else None
        params = tuple(self.pair(f"{key}.params", p) for p in self.rows(given.get("params", []), f"{key}.params"))
        return self._valid(key, lambda: Resource(**words, period=period, params=params))

    def _valid(self, key: str, make: Callable[[], _T]) -> _T:
        try:
            return make()
        except LockError:
            raise
        except ValueError as error:
            self.fail(key, str(error).partition("\n")[0])

    def period(self, key: str, value: Any) -> Period:
        given = self.table(value, key, ("start", "duration"), ("label",))
        start, duration, label = (self.text(given.get(k, ""), f"{key}.{k}") for k in ("start", "duration", "label"))
        return Period(dt.date.fromisoformat(start), duration, label)

    def pair(self, key: str, value: Any) -> tuple[str, str]:
        pair = self.rows(value, key)
        if len(pair) != 2:
            self.fail(key, "is not a pair")
        return self.text(pair[0], key), self.text(pair[1], key)
