"""What `jsnakit new-source` writes: a small plugin that installs and passes its own tests at once, with a word where yours goes."""

from __future__ import annotations

import contextlib
import datetime as dt
import importlib.metadata
import re
import shutil
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Final

from attrs import frozen

from jsnakit import _plugins
from jsnakit.errors import CacheWriteError, InvalidValueError, PluginConflictError

__all__ = ["new_source"]

_NAME: Final = re.compile(r"[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*")
_LONGEST: Final = 40
_PREFIX: Final = "jsnakit-"

_BUILT_IN: Final[Mapping[str, str]] = {"local": "the source of a council's own figures, which comes with jsnakit"}
_FILES: Final[Mapping[str, str]] = {
    "pyproject.toml": "pyproject.toml.txt",
    "README.md": "README.md.txt",
    "CHANGELOG.md": "CHANGELOG.md.txt",
    "LICENSE": "LICENSE.txt",
    ".gitignore": "gitignore.txt",
    "src/{package}/__init__.py": "init.py.txt",
    "src/{package}/source.py": "source.py.txt",
    "src/{package}/indicators.toml": "indicators.toml.txt",
    "src/{package}/support.toml": "support.toml.txt",
    "src/{package}/py.typed": "py.typed.txt",
    "tests/test_contract.py": "test_contract.py.txt",
    "tests/specimens/SOURCES.md": "SOURCES.md.txt",
    "tests/specimens/2024-25.csv": "specimen.csv.txt",
}
"""Each file of a plugin, and the template it is made from. A template does not end in `.py`, so that no tool takes it for a module of jsnakit."""


@frozen
class _Names:
    """What a plugin is called by each who speaks of it: people and the entry point, pip, Python."""

    id: str

    @property
    def distribution(self) -> str:
        return _PREFIX + self.id.replace("_", "-")

    @property
    def package(self) -> str:
        return self.distribution.replace("-", "_")

    @property
    def source_class(self) -> str:
        return "".join(word.capitalize() for word in re.split("[-_]", self.id)) + "Source"


def new_source(name: str, folder: Path | str | None = None) -> Path:
    """Write a plugin for the source `name` into a new `folder` (by default `jsnakit-NAME` where we stand), and return that folder.

    The name becomes the source's id; the distribution is `jsnakit-NAME` and the package `jsnakit_NAME`, with hyphens and underscores as each of them has it.
    Raises `InvalidValueError` for what is no name, `PluginConflictError` where the name is taken, `CacheWriteError` where the folder exists or cannot be written.
    """
    names = _Names(_checked(name))
    _free(names)
    target = Path(folder) if folder is not None else Path(names.distribution)
    try:
        # Made here and nowhere else, so that nothing of anybody's is ever written over.
        target.mkdir(parents=True)
    except FileExistsError as error:
        raise CacheWriteError(
            f"{target} exists already; nothing was written", hint="give another folder: --out FOLDER", folder=str(target)
        ) from error
    except OSError as error:
        raise CacheWriteError(f"{target} cannot be made: {error.strerror}", hint="give another folder: --out FOLDER", folder=str(target)) from error
    try:
        _write(target, names)
    except OSError as error:
        # Half a plugin is none; the folder is ours, and only what we wrote is in it.
        with contextlib.suppress(OSError):
            shutil.rmtree(target)
        raise CacheWriteError(
            f"{target} cannot be written: {error.strerror}", hint="give another folder: --out FOLDER", folder=str(target)
        ) from error
    return target


def _checked(name: str) -> str:
    """The name, if it is one. Raises `InvalidValueError` that offers the nearest."""
    bare = re.sub("^jsnakit[-_]+", "", name, flags=re.IGNORECASE)
    if bare == name and _NAME.fullmatch(name) and len(name) <= _LONGEST:
        return name
    near = re.sub("[^a-z0-9]+", "-", bare.lower()).strip("-")[:_LONGEST].rstrip("-")
    rule = f"lower-case letters and digits, beginning with a letter, words joined by - or _, at most {_LONGEST} in all"
    raise InvalidValueError(
        f"{name!r} is not a name for a source: {rule}",
        hint=f"did you mean {near!r}?" if _NAME.fullmatch(near) and near != name else "for example school-meals",
        value=name,
        allowed=_NAME.pattern,
    )


def _free(names: _Names) -> None:
    """Raise `PluginConflictError` unless nobody has the name: pip and Python tell `school-meals` from `school_meals` no more than people do."""
    for plugin in _plugins.installed_plugins():
        if names.distribution in (_distribution(plugin.name), plugin.distribution.lower().replace("_", "-")):
            raise plugin.error(
                f"is installed and has the name {names.id!r}",
                hint="choose another name: two plugins of one name are never told apart",
                kind=PluginConflictError,
                claimants=(plugin.distribution, names.distribution),
            )
    if names.id in _BUILT_IN:
        raise PluginConflictError(
            f"{names.id!r} is the name of {_BUILT_IN[names.id]}", hint="choose another name", plugin=names.id, distribution="jsnakit",
            claimants=("jsnakit", names.distribution),
        )  # fmt: skip
    ours = {_distribution(name): distribution for name, distribution in _plugins.FIRST_PARTY.items()}
    if names.distribution in ours:
        raise PluginConflictError(
            f"{names.id!r} is the name of a plugin of jsnakit's own, {ours[names.distribution]}",
            hint=f"pip install {ours[names.distribution]}, or choose another name",
            plugin=names.id,
            distribution=ours[names.distribution],
            claimants=(ours[names.distribution], names.distribution),
        )


def _distribution(name: str) -> str:
    return _PREFIX + re.sub("[-_.]+", "-", name.lower())


def _write(target: Path, names: _Names) -> None:
    major, minor = importlib.metadata.version("jsnakit").split(".")[:2]
    words = {
        "id": names.id,
        "distribution": names.distribution,
        "package": names.package,
        "source_class": names.source_class,
        # The contract's details may change with a minor version.
        "core": f"jsnakit>={major}.{minor},<{major}.{int(minor) + 1}",
        "year": str(dt.datetime.now(tz=dt.UTC).year),
    }
    templates = resources.files(__package__) / "template"
    for place, template in _FILES.items():
        path = target / place.format(package=names.package)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_filled((templates / template).read_text(encoding="utf-8"), words), encoding="utf-8", newline="\n")


def _filled(text: str, words: Mapping[str, str]) -> str:
    return re.sub(r"\{\{(\w+)\}\}", lambda match: words[match[1]], text)
