"""The folder of a site: written beside and put in its place by a rename, so that a kill leaves the old one; two builds of one folder wait for each other."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from jsnakit import disk
from jsnakit.errors import CacheWriteError, SettingsError

__all__ = ["MANIFEST", "guard", "held", "recover", "replace"]

MANIFEST: Final = "manifest.json"
"""The file that names every file of a site with its sha256; a folder without one is never replaced."""

KINDS: Final = {"site": "a site of the chapters as they stand", "editions": "a site of editions"}
"""What a folder may hold, by the word in its manifest."""

_PATIENCE: Final = 600.0


@contextlib.contextmanager
def held(out: Path) -> Iterator[None]:
    """Hold the folder against other builds, with what a killed one left put right.

    Raises `CacheWriteError` where another build does not end. Without a lock (a file system that has none) things go on: a build is put in place by one rename either way.
    """
    from filelock import FileLock, Timeout

    name = hashlib.sha256(os.fsencode(out.resolve())).hexdigest()[:24]
    lock = FileLock(str(Path(tempfile.gettempdir()) / f"jsnakit-site-{name}.lock"), timeout=_PATIENCE)
    try:
        lock.acquire(poll_interval=0.05)
    except Timeout as error:
        raise CacheWriteError(f"another build is writing {out}", hint="wait for it to end", folder=str(out)) from error
    except (OSError, NotImplementedError):
        recover(out)
        yield
        return
    try:
        recover(out)
        for left in out.parent.glob(f".{out.name}.*.new"):
            shutil.rmtree(left, ignore_errors=True)
        yield
    finally:
        lock.release()


def _old(out: Path) -> Path:
    return out.parent / f".{out.name}.old"


def recover(out: Path) -> None:
    """Put back the site that a kill left between two renames; drop what an earlier build left. Raises `CacheWriteError`."""
    old = _old(out)
    if not old.exists():
        return
    try:
        if out.exists():
            shutil.rmtree(old, ignore_errors=True)
        else:
            old.replace(out)
    except OSError as error:
        raise CacheWriteError(f"{old} cannot be put back: {error.strerror}", hint=f"rename it to {out.name} by hand", folder=str(out)) from error


def guard(out: Path, kind: str = "site") -> None:
    """Refuse to replace anything that jsnakit did not write, and editions by a site without. Raises `SettingsError`."""
    if not out.exists() or (out.is_dir() and not any(out.iterdir())):
        return
    found = _kind(out) if out.is_dir() else None
    if found is None:
        raise SettingsError(
            f"{out} is not empty and holds no site of jsnakit", hint="choose another folder, or empty this one; nothing was written", file=str(out)
        )
    if found != kind:
        raise SettingsError(
            f"{out} holds {KINDS.get(found, found)}, which {KINDS[kind]} would take the place of",
            hint="choose another folder (--out), or empty this one; nothing was written", file=str(out),
        )  # fmt: skip


def _kind(out: Path) -> str | None:
    """What the manifest of a folder says that it holds; null where there is none."""
    try:
        manifest = json.loads((out / MANIFEST).read_bytes())
    except OSError:
        return None
    except ValueError:
        return "site"
    return str(manifest.get("kind", "site")) if isinstance(manifest, dict) else "site"


def replace(out: Path, files: Mapping[str, bytes | Path]) -> None:
    """Write everything into a folder beside, then put it in the place of the old one; a path stands for a file to be shared with it. Raises `CacheWriteError`."""
    new = out.parent / f".{out.name}.{os.getpid()}-{uuid.uuid4().hex[:8]}.new"
    try:
        for name, content in files.items():
            path = new / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(content, Path):
                _share(content, path)
            else:
                path.write_bytes(content)
        old = _old(out)
        if out.exists():
            out.replace(old)
        try:
            new.replace(out)
        except OSError:
            if old.exists():
                old.replace(out)
            raise
        shutil.rmtree(old, ignore_errors=True)
    except OSError as error:
        raise CacheWriteError(
            f"{out} cannot be written: {disk.reason(error)}", hint="choose another folder, or free some space", folder=str(out)
        ) from error
    finally:
        shutil.rmtree(new, ignore_errors=True)


def _share(source: Path, target: Path) -> None:
    """One file under two names, where the disk can; Windows will not delete a name of a read-only file, so there it is a copy."""
    if os.name != "nt":
        with contextlib.suppress(OSError):
            os.link(source, target)
            return
    shutil.copyfile(source, target)
