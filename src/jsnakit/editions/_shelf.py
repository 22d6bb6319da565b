"""The shelf on which editions stand: a record each, and every file once, named by its content.

    editions/<name>.json             the record of an edition, written last and by one rename
    editions/objects/ab/<sha256>     the files of all editions, read-only

A kill before the record leaves what was there; what it wrote in vain is swept when the next edition is kept.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

import attrs

from jsnakit import disk
from jsnakit.editions._record import Edition, details_of, edition_key
from jsnakit.errors import CacheWriteError, DataError, EditionConflictError, InvalidValueError, NoDataError

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Shelf", "digest_of"]

_PATIENCE: Final = 600.0


def digest_of(data: bytes) -> str:
    """The name of some bytes on the shelf: their sha256."""
    return hashlib.sha256(data).hexdigest()


class Shelf:
    """The editions in a folder. Nothing is made on disk before an edition is kept."""

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder)

    # -- reading ---------------------------------------------------------------------------------------------------------------------

    def names(self) -> tuple[str, ...]:
        """The editions there are, oldest first; those withdrawn among them."""
        found = [p.stem for p in self.folder.glob("*.json")] if self.folder.is_dir() else []
        return tuple(sorted(found, key=edition_key))

    def edition(self, name: str) -> Edition:
        """An edition by its name. Raises `NoDataError` listing those there are, `SettingsError` for a record that cannot be read."""
        path = self.folder / f"{name}.json"
        try:
            data = path.read_bytes()
        except OSError as error:
            raise NoDataError(
                f"there is no edition {name!r}",
                hint=f"there are {', '.join(self.names())}" if self.names() else "none is published yet",
                available=self.names(),
            ) from error
        return Edition.loads(data, self.read, file=str(path))

    def editions(self) -> tuple[Edition, ...]:
        """Every edition, oldest first."""
        return tuple(self.edition(name) for name in self.names())

    def newest(self, *, before: str = "") -> Edition | None:
        """The latest edition that is not withdrawn, or the latest before another."""
        for name in reversed(self.names()):
            if not before or edition_key(name) < edition_key(before):
                found = self.edition(name)
                if not found.withdrawn:
                    return found
        return None

    def path(self, sha256: str) -> Path:
        """Where the bytes of this name lie, or would."""
        return self.folder / "objects" / sha256[:2] / sha256

    def read(self, sha256: str) -> bytes:
        """The bytes of this name. Raises `DataError` where they are gone or no longer what they were."""
        path = self.path(sha256)
        try:
            data = path.read_bytes()
        except OSError as error:
            raise _damaged(path, disk.reason(error)) from error
        if digest_of(data) != sha256:
            raise _damaged(path, "its bytes are no longer what its name says")
        return data

    def table(self, measure: str, edition: Edition) -> pa.Table | None:
        """The figures of a measure as an edition has them, or null where it has none. Raises `DataError` as `read` does."""
        found = edition.measure(measure)
        return disk.read_parquet(self.read(found.data)) if found is not None and found.data else None

    def damaged(self) -> dict[str, tuple[str, ...]]:
        """What is gone or damaged, by sha256, with the editions that need it."""
        wanted: dict[str, list[str]] = {}
        for name in self.names():
            wanted.setdefault(self._details(name), []).append(name)
            # What else an edition needs is known from its details alone.
            edition = self.edition(name) if self._sound(self._details(name)) else None
            for sha in edition.objects if edition and not edition.withdrawn else ():
                wanted.setdefault(sha, []).append(name)
        return {sha: tuple(names) for sha, names in sorted(wanted.items()) if not self._sound(sha)}

    def _details(self, name: str) -> str:
        path = self.folder / f"{name}.json"
        return details_of(path.read_bytes(), file=str(path))

    def _sound(self, sha256: str) -> bool:
        try:
            self.read(sha256)
        except DataError:
            return False
        return True

    # -- keeping ---------------------------------------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Hold the shelf against others who would keep an edition. Raises `CacheWriteError` where another does not end."""
        from filelock import FileLock, Timeout

        with self._writing():
            self.folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(str(self.folder / ".lock"), timeout=_PATIENCE)
        try:
            lock.acquire(poll_interval=0.05)
        except Timeout as error:
            raise CacheWriteError(
                f"another build is keeping an edition in {self.folder}", hint="wait for it to end", folder=str(self.folder)
            ) from error
        except (OSError, NotImplementedError):
            # A disk without locks: a record is still one rename, and the sweep is left to a build that can hold the shelf.
            yield
            return
        try:
            self._sweep()
            yield
        finally:
            lock.release()

    def keep(self, edition: Edition, objects: Mapping[str, bytes]) -> bool:
        """Keep an edition with its bytes (by sha256); false where the very same is kept already. Call it while the shelf is held.

        Raises `EditionConflictError` where another edition of that name is kept, `InvalidValueError` where it is not later than the newest, `CacheWriteError`.
        """
        if edition.name in self.names():
            kept = self.edition(edition.name)
            if attrs.evolve(edition, published=kept.published) != kept:
                raise EditionConflictError(
                    f"the edition {edition.name} is published already, and what would be published now is not the same",
                    hint="an edition never changes: publish the next month, or a corrected one as "
                    f"{_corrected(edition.name, self.names())}", edition=edition.name, differs=_differs(kept, edition),
                )  # fmt: skip
            self._put(edition, objects)
            return False
        last = self.names()[-1:]
        if last and edition_key(edition.name) < edition_key(last[0]):
            raise InvalidValueError(
                f"the edition {edition.name} would be older than {last[0]}, which is published",
                hint="editions are published in order",
                value=edition.name,
            )
        self._put(edition, objects)
        self._record(edition)
        return True

    def withdraw(self, name: str, reason: str) -> Edition:
        """Show an edition no longer, and keep its record with the reason; what only it needed is deleted. Raises `NoDataError`, `InvalidValueError` without a reason."""
        if not reason.strip():
            raise InvalidValueError("an edition is withdrawn for a reason that readers can be told", hint="say why", value=reason)
        with self.held():
            gone = attrs.evolve(self.edition(name), withdrawn=reason.strip(), files={}, measures=(), standings=(), chapters=())
            self._record(gone)
            self._sweep()
        return gone

    def _record(self, edition: Edition) -> None:
        """Write what an edition says of itself; the record itself last, which makes it an edition."""
        record, details = edition.dumps()
        with self._writing():
            if not self._sound(digest_of(details)):
                self._write(self.path(digest_of(details)), details, read_only=True)
            self._write(self.folder / f"{edition.name}.json", record)

    def _put(self, edition: Edition, objects: Mapping[str, bytes]) -> None:
        for sha in sorted(edition.objects):
            if not self._sound(sha):
                if sha not in objects:
                    raise _damaged(self.path(sha), "it is not there")
                with self._writing():
                    self._write(self.path(sha), objects[sha], read_only=True)

    def _write(self, target: Path, data: bytes, *, read_only: bool = False) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = self.folder / f".{secrets.token_hex(8)}.new"
        try:
            temporary.write_bytes(data)
            if read_only:
                # A name of it may stand in a site: whoever edits there must not edit the edition.
                temporary.chmod(0o444)
            disk.place(temporary, target)
        finally:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except CacheWriteError:
            raise
        except OSError as error:
            raise CacheWriteError(
                f"{self.folder} cannot be written: {disk.reason(error)}",
                hint="free some space, or mend your rights in the folder",
                folder=str(self.folder),
            ) from error

    def _sweep(self) -> None:
        """Remove what a killed build left, and what no edition needs."""
        needed = {sha for e in self.editions() for sha in e.objects} | {self._details(name) for name in self.names()}
        for path in [*self.folder.glob(".*.new"), *(self.folder / "objects").glob("??/*")]:
            if path.name not in needed:
                with contextlib.suppress(OSError):
                    disk.make_writable(path)
                    path.unlink()
        for folder in (self.folder / "objects").glob("??"):
            with contextlib.suppress(OSError):
                os.rmdir(folder)  # only an empty one goes  # noqa: PTH106


def _damaged(path: Path, why: str) -> DataError:
    return DataError(
        f"{path} cannot be read: {why}",
        hint="restore the folder of editions from a backup (`jsnakit editions verify` lists what is damaged)",
        file=str(path),
    )


def _corrected(name: str, names: tuple[str, ...]) -> str:
    month = name[:7]
    return f"{month}-{max((edition_key(n)[2] for n in names if n.startswith(month)), default=1) + 1}"


def _differs(kept: Edition, now: Edition) -> tuple[str, ...]:
    """The files, or else the parts of the record, that are not the same."""
    files = sorted(p for p in {*kept.files, *now.files} if kept.files.get(p) != now.files.get(p))
    parts = [a.name for a in attrs.fields(Edition) if a.name not in ("files", "published") and getattr(kept, a.name) != getattr(now, a.name)]
    return tuple(files[:20] or parts)
