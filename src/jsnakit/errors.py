"""Every error jsnakit raises on purpose: one tree, each with data on it and a hint.

Each class is also the builtin that Python users would expect (`ValueError`, `LookupError`, `OSError` ...), so
that code which has never heard of jsnakit still catches it. The message says what and where; `hint` says what to do next.
"""

from __future__ import annotations

from typing import Any, ClassVar

__all__ = [
    "AmbiguousAreaError",
    "ArchiveError",
    "CacheWriteError",
    "ChapterError",
    "CoverageError",
    "DataError",
    "EditionConflictError",
    "FetchError",
    "HostRefusedError",
    "InvalidValueError",
    "JsnakitError",
    "LayoutError",
    "LockError",
    "MissingExtraError",
    "NoDataError",
    "OfflineError",
    "PluginConflictError",
    "PluginError",
    "SettingsError",
    "SourceChangedError",
    "TableError",
    "UnknownAreaError",
    "UnknownIndicatorError",
    "UnknownSourceError",
    "UnknownTargetError",
]


def _rebuild(kind: type[JsnakitError], message: str, hint: str | None, data: dict[str, Any]) -> JsnakitError:
    return kind(message, hint=hint, **data)


class JsnakitError(Exception):
    """The root of every error that jsnakit raises on purpose.

    `message` says what went wrong and where; `hint` what to do next; `data` holds the same facts for programs, each also an attribute.

    >>> error = JsnakitError("no such thing", hint="ask for another")
    >>> print(error)
    no such thing
    hint: ask for another
    """

    fields: ClassVar[tuple[str, ...]] = ()

    def __init__(self, message: str, *, hint: str | None = None, **data: Any) -> None:
        unknown = sorted(set(data) - set(self.fields))
        if unknown:
            raise TypeError(f"{type(self).__name__} has no field {', '.join(unknown)}")
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.data = data
        for field in self.fields:
            setattr(self, field, data.get(field))

    def __str__(self) -> str:
        return self.message if self.hint is None else f"{self.message}\nhint: {self.hint}"

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self.message, self.hint, self.data)


class SettingsError(JsnakitError, ValueError):
    """`jsna.toml`, an environment variable or another hand-written TOML file holds something jsnakit cannot use."""

    fields: ClassVar[tuple[str, ...]] = ("file", "key", "line")
    file: str | None
    key: str | None
    line: int | None


class InvalidValueError(JsnakitError, ValueError):
    """A value given to jsnakit is not one of those it can be (a period, a code, a column name ...)."""

    fields: ClassVar[tuple[str, ...]] = ("value", "allowed")
    value: Any
    allowed: Any


class TableError(JsnakitError, ValueError):
    """A frame is not a valid observation (or relations) table; `failures` lists every reason found, not the first alone.

    Each failure is a `jsnakit.observations.Failure` (reason code, column, row, value); `total` counts them all, of which at most the first of each reason are listed.
    """

    fields: ClassVar[tuple[str, ...]] = ("failures", "total")
    failures: Any
    total: int


class DataError(JsnakitError, ValueError):
    """A published file has the expected layout but a cell, a row or a sum in it cannot be right.

    `file`, `line`, `column` and `value` say where; `rule` which rule it breaks; `failures` the first such places and `total` their number.
    """

    fields: ClassVar[tuple[str, ...]] = ("file", "line", "column", "value", "rule", "failures", "total")
    file: str | None
    line: int | None
    column: str | None
    value: Any
    rule: str | None
    failures: Any
    total: int | None


class LayoutError(JsnakitError, ValueError):
    """A file is not laid out as any version of it that the source knows: `resource`, what was `expected`, what was `found`."""

    fields: ClassVar[tuple[str, ...]] = ("resource", "expected", "found")
    resource: Any
    expected: Any
    found: Any


class ArchiveError(JsnakitError, ValueError):
    """A ZIP file is damaged, or is refused because reading it would not be safe: which `file`, which `member` of it, and the `rule` it breaks."""

    fields: ClassVar[tuple[str, ...]] = ("file", "member", "rule")
    file: str | None
    member: str | None
    rule: str | None


class NoDataError(JsnakitError, LookupError):
    """A question has no answer in the data there is; `available` lists what could have been asked."""

    fields: ClassVar[tuple[str, ...]] = ("available",)
    available: Any


class CoverageError(NoDataError):
    """The `pack` answers for this `indicator`, but not for the area type, period or breakdown asked; `available` is its range."""

    fields: ClassVar[tuple[str, ...]] = ("available", "indicator", "pack")
    indicator: str | None
    pack: str | None


class UnknownIndicatorError(JsnakitError, LookupError):
    """No source or pack offers an indicator of this id; `suggestions` are the nearest."""

    fields: ClassVar[tuple[str, ...]] = ("indicator", "suggestions")
    indicator: str
    suggestions: tuple[str, ...]


class UnknownSourceError(JsnakitError, LookupError):
    """No installed plugin is a source (or pack) of this id; `suggestions` are the nearest."""

    fields: ClassVar[tuple[str, ...]] = ("source", "suggestions")
    source: str
    suggestions: tuple[str, ...]


class UnknownTargetError(JsnakitError, LookupError):
    """No target or RAG scheme has this id; `suggestions` are the nearest."""

    fields: ClassVar[tuple[str, ...]] = ("target", "suggestions")
    target: str
    suggestions: tuple[str, ...]


class UnknownAreaError(JsnakitError, LookupError):
    """No area has this name or code (at the date asked); `suggestions` are the nearest."""

    fields: ClassVar[tuple[str, ...]] = ("area", "suggestions")
    area: str
    suggestions: tuple[str, ...]


class AmbiguousAreaError(JsnakitError, LookupError):
    """Several areas answer to this name; `candidates` are the `Area`s, with the dates in which each is valid."""

    fields: ClassVar[tuple[str, ...]] = ("area", "candidates")
    area: str
    candidates: tuple[Any, ...]


class PluginError(JsnakitError, RuntimeError):
    """A plugin could not be loaded or broke its contract; `plugin`, `distribution` and `version` say which."""

    fields: ClassVar[tuple[str, ...]] = ("plugin", "distribution", "version")
    plugin: str | None
    distribution: str | None
    version: str | None


class PluginConflictError(PluginError):
    """Two distributions offer the same id, or two packs answer for one indicator: neither is chosen silently; `claimants` are their distributions."""

    fields: ClassVar[tuple[str, ...]] = ("plugin", "distribution", "version", "claimants")
    claimants: tuple[str, ...]


class FetchError(JsnakitError, OSError):
    """A download did not give the bytes asked for; `url` says which, `reason` why, `status` the HTTP status if there was one.

    `reason` is one of `connection`, `timeout`, `truncated`, `status`, `content`, `size`, `redirect`, `busy`, `hash`.
    `transient` says whether trying again later can help; `retry_after` are the seconds that the publisher asks to wait, where it says so.
    """

    fields: ClassVar[tuple[str, ...]] = ("url", "reason", "status", "transient", "retry_after")
    url: str
    reason: str
    status: int | None
    transient: bool | None
    retry_after: float | None

    # OSError would read the arguments as errno and strerror.
    def __str__(self) -> str:
        return JsnakitError.__str__(self)


class HostRefusedError(FetchError):
    """An address lies outside the hosts that the source declares, or is not a public https address."""


class OfflineError(FetchError):
    """Offline mode is on and the bytes asked for are not in the cache; no socket was opened."""


class SourceChangedError(FetchError):
    """The publisher's file is no longer the one the lock pins; `expected` and `found` are the two sha256."""

    fields: ClassVar[tuple[str, ...]] = ("url", "reason", "status", "transient", "retry_after", "expected", "found")
    expected: str
    found: str


class CacheWriteError(JsnakitError, OSError):
    """The cache folder, or a file that was asked for, cannot be written (disk full, read-only, path too long): `folder` and the `needed` bytes."""

    fields: ClassVar[tuple[str, ...]] = ("folder", "needed")
    folder: str
    needed: int | None

    def __str__(self) -> str:
        return JsnakitError.__str__(self)


class MissingExtraError(JsnakitError, ImportError):
    """Something was asked for that needs an optional part of jsnakit; `extra` is its name: `pip install 'jsnakit[NAME]'`."""

    fields: ClassVar[tuple[str, ...]] = ("extra",)
    extra: str


class LockError(JsnakitError, ValueError):
    """`jsna.lock` cannot be read, or does not hold what the question needs; `file` says where."""

    fields: ClassVar[tuple[str, ...]] = ("file", "key")
    file: str | None
    key: str | None


class ChapterError(JsnakitError, ValueError):
    """A chapter file has a mistake; `file`, `line` and, for a misspelt key, the `nearest` valid one."""

    fields: ClassVar[tuple[str, ...]] = ("file", "line", "nearest")
    file: str | None
    line: int | None
    nearest: str | None


class EditionConflictError(JsnakitError, ValueError):
    """Another edition of that name is published already; `differs` names files, or parts of the record, that are not the same."""

    fields: ClassVar[tuple[str, ...]] = ("edition", "differs")
    edition: str
    differs: tuple[str, ...]
