"""Targets and RAG schemes as data: read from TOML, checked whole, never guessed."""

from __future__ import annotations

import calendar
import math
import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, TypeVar

from attrs import frozen

from jsnakit.errors import SettingsError, UnknownTargetError
from jsnakit.model import Comparator, Target, nearest
from jsnakit.settings import structure

_ID = re.compile(r"[a-z][a-z0-9]*(?:[._-][a-z0-9]+)*")
_RESERVED = frozenset({"MET", "NOT_MET", "UNCERTAIN", "NO_DATA", "NOT_COMPARABLE", "TOO_FEW"})
_Record = TypeVar("_Record", "Target", "Scheme")


@frozen
class Band:
    """One colour of a RAG scheme and the values it covers: `at_least` and `at_most` are closed edges, `above` and `below` open ones.

    A side without an edge reaches as far as the scheme does. `word` is what a reader sees beside the shape.

    >>> Band("amber", "near", at_least=95.0, below=100.0).rule("%")
    'at least 95% and below 100%'
    """

    rag: str
    word: str
    at_least: float | None = None
    above: float | None = None
    at_most: float | None = None
    below: float | None = None

    @property
    def lower(self) -> tuple[float, bool]:
        """The lower edge, and whether the band holds it."""
        if self.above is not None:
            return (self.above, False)
        return (self.at_least, True) if self.at_least is not None else (-math.inf, False)

    @property
    def upper(self) -> tuple[float, bool]:
        """The upper edge, and whether the band holds it."""
        if self.below is not None:
            return (self.below, False)
        return (self.at_most, True) if self.at_most is not None else (math.inf, False)

    def rule(self, unit: str) -> str:
        """The edges in words."""
        from jsnakit.judgement._words import quantity

        if self.at_least is not None and self.at_least == self.at_most:
            return f"exactly {quantity(self.at_least, unit)}"
        named = (("at least", self.at_least), ("above", self.above), ("at most", self.at_most), ("below", self.below))
        return " and ".join(f"{words} {quantity(edge, unit)}" for words, edge in named if edge is not None)


@frozen
class Scheme:
    """A RAG scheme: bands with explicit edges over values, or the three colours of the verdict on one target.

    `lowest` and `highest` are the ends of the scale (both belong to it; without them it is unbounded); a value outside is not coloured. Fewer than `min_denominator`
    in the denominator is shown and not judged, for `min_denominator_reason`; a denominator that is not known does not stop the scheme, and one of 0 is no data.

    >>> scheme("tactix4").bands[0].rag
    'red'
    """

    id: str
    name: str
    bands: tuple[Band, ...] = ()
    target: str | None = None
    indicators: tuple[str, ...] = ()
    unit: str = ""
    lowest: float | None = None
    highest: float | None = None
    min_denominator: int = 0
    min_denominator_reason: str = ""
    source: str = ""
    note: str = ""


def _fail(where: str, problem: str, hint: str, key: str | None = None) -> SettingsError:
    return SettingsError(f"{where}: {problem}", hint=hint, file=where.partition(",")[0], key=key)


# -- targets ---------------------------------------------------------------------------------------------------------------------------


def _check_target(t: Target, where: str) -> None:
    """Raise `SettingsError` for a target that could not be held against a figure without guessing."""
    if t.threshold is None or (t.comparator is Comparator.IMPROVE_BY and t.threshold <= 0):
        raise _fail(where, "the target has no usable threshold", "write `threshold`; for improve_by it is the points to gain, above 0", "threshold")
    if (t.improvement is not None) != (t.comparator is Comparator.GREATER_OF):
        raise _fail(where, "`improvement` belongs to greater_of, and to it alone", 'write comparator = "greater_of", or leave it out', "improvement")
    if t.baseline is not None and t.comparator not in (Comparator.IMPROVE_BY, Comparator.GREATER_OF):
        raise _fail(where, f"{t.comparator} has no baseline", "leave `baseline` out", "baseline")
    if t.only_month is not None and (t.valid_from is not None or t.valid_to is not None):
        raise _fail(where, "a target for one month alone has no other dates", "write only_month, or valid_from and valid_to", "only_month")
    # Stocks and flows compare by containing month, so a target begins with a month and ends with one.
    if t.valid_from is not None and t.valid_from.day != 1:
        raise _fail(where, f"valid_from is {t.valid_from}", "a target begins on the first day of a month", "valid_from")
    if t.valid_to is not None and t.valid_to.day != calendar.monthrange(t.valid_to.year, t.valid_to.month)[1]:
        raise _fail(where, f"valid_to is {t.valid_to}", "a target ends on the last day of a month", "valid_to")
    if t.valid_from is not None and t.valid_to is not None and t.valid_to < t.valid_from:
        raise _fail(where, "valid_to is before valid_from", "mend the dates", "valid_to")
    if t.only_month is None and t.valid_from is None:
        raise _fail(where, "the target says no date", "write valid_from (and valid_to), or only_month", "valid_from")
    if not t.unit or not t.source:
        missing = "source" if t.unit else "unit"
        raise _fail(where, f"`{missing}` is empty", "a target says its unit and where it is written", missing)
    if t.url and not t.url.startswith("https://"):
        raise _fail(where, f"url is {t.url!r}", "write an https address, or leave it out", "url")


# -- schemes ---------------------------------------------------------------------------------------------------------------------------


def _check_scheme(s: Scheme, where: str) -> None:
    """Raise `SettingsError` for a scheme whose bands leave a gap, overlap, or do not reach the ends of its scale."""
    if (s.target is None) == (not s.bands):
        raise _fail(where, "a scheme has either bands or a target", "write one of them", "bands")
    if s.min_denominator < 0 or bool(s.min_denominator) != bool(s.min_denominator_reason):
        raise _fail(where, "a floor for the denominator needs its reason", "write min_denominator_reason in words", "min_denominator_reason")
    if s.target is not None:
        if s.unit or s.indicators or s.lowest is not None or s.highest is not None:
            raise _fail(where, "a scheme on a target takes unit, indicators and scale from it", "leave them out", "target")
        return
    _check_edges(s.bands, where)
    for edge, mine, side in ((s.bands[0].lower, s.lowest, "lowest"), (s.bands[-1].upper, s.highest, "highest")):
        whole = edge[0] in (-math.inf, math.inf) if mine is None else edge == (mine, True)
        if not whole:
            raise _fail(where, f"the bands do not reach the {side} value of the scale", f"let the outer band hold `{side}`, or leave both out", side)


def _check_edges(bands: tuple[Band, ...], where: str) -> None:
    """Raise `SettingsError` unless each band holds something and the next begins exactly where it ends."""
    for band in bands:
        if (band.at_least is not None and band.above is not None) or (band.at_most is not None and band.below is not None):
            raise _fail(where, f"band {band.rag!r} has two edges on one side", "choose the closed edge or the open one", "bands")
    if len({b.rag for b in bands}) < len(bands):
        raise _fail(where, "two bands have one `rag`", "name each band once", "bands")
    if any(b.rag in _RESERVED or not b.rag or not b.word for b in bands):
        raise _fail(
            where, f"a band needs a `rag` other than {', '.join(sorted(_RESERVED))}, and a `word`", "those say why there is no colour", "bands"
        )
    for band in bands:
        (low, holds_low), (high, holds_high) = band.lower, band.upper
        if low > high or (low == high and not (holds_low and holds_high)):
            raise _fail(where, f"band {band.rag!r} holds no value", "its upper edge lies below its lower one", "bands")
    for first, second in pairwise(bands):
        (end, holds_end), (start, holds_start) = first.upper, second.lower
        if end < start or (end == start and not (holds_end or holds_start)):
            raise _fail(
                where, f"a gap between {first.rag!r} and {second.rag!r}", "one of them must hold the edge; list bands from low to high", "bands"
            )
        if end > start or (holds_end and holds_start):
            raise _fail(
                where, f"{first.rag!r} and {second.rag!r} overlap", "only one of them may hold the edge; list bands from low to high", "bands"
            )


# -- files -----------------------------------------------------------------------------------------------------------------------------


def _read(path: Path | Traversable, name: str) -> dict[str, list[dict[str, Any]]]:
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError, OSError) as error:
        raise SettingsError(
            f"{name} cannot be read: {error}", hint="it must be a TOML file of [[target]] and [[scheme]] tables", file=name
        ) from error
    for key, rows in document.items():
        if key not in ("target", "scheme") or not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise SettingsError(f"{name}: unknown table {key!r}", hint="use [[target]] and [[scheme]]", file=name, key=key)
    return document


def _records(path: Path | Traversable, name: str, table: str, cls: type[_Record]) -> dict[str, _Record]:
    found: dict[str, _Record] = {}
    for i, row in enumerate(_read(path, name).get(table, [])):
        where = f"{name}, {table} {row.get('id', i + 1)}"
        record = structure(row, cls, where=where, file=name)
        if not _ID.fullmatch(record.id):
            raise _fail(where, f"{record.id!r} is not an id", "use small letters, digits, dots and dashes", "id")
        if record.id in found:
            raise _fail(where, "the id stands twice", "give each its own", "id")
        if isinstance(record, Target):
            _check_target(record, where)
        else:
            _check_scheme(record, where)
        found[record.id] = record
    return found


def load_targets(path: Path | str) -> dict[str, Target]:
    """The targets of one TOML file, by id. Raises `SettingsError` naming file, target and key for anything that is not whole."""
    return _records(Path(path), str(path), "target", Target)


def load_schemes(path: Path | str) -> dict[str, Scheme]:
    """The RAG schemes of one TOML file, by id. Raises `SettingsError` for bands that leave a gap or overlap."""
    return _records(Path(path), str(path), "scheme", Scheme)


def _own(folder: str, table: str, cls: type[_Record]) -> dict[str, _Record]:
    found: dict[str, _Record] = {}
    root = resources.files("jsnakit.judgement").joinpath(folder)
    for path in sorted(root.iterdir(), key=lambda p: p.name):
        if path.name.endswith(".toml"):
            for id_, record in _records(path, f"jsnakit/judgement/{folder}/{path.name}", table, cls).items():
                if id_ in found:
                    raise _fail(f"{folder}/{path.name}", f"{id_} stands in two files", "give each its own id", "id")
                found[id_] = record
    return dict(sorted(found.items()))


@cache
def targets() -> Mapping[str, Target]:
    """Jsnakit's own register of targets, by id.

    >>> targets()["nhs-constitution.rtt-18-weeks"].threshold
    92.0
    """
    return MappingProxyType(_own("targets", "target", Target))


@cache
def schemes() -> Mapping[str, Scheme]:
    """Jsnakit's own RAG schemes, by id; each scheme on a target names one of the register.

    >>> sorted(schemes())[-2:]
    ['tactix4', 'tactix4-20']
    """
    found = _own("schemes", "scheme", Scheme)
    for s in found.values():
        if s.target is not None:
            target(s.target)
    return MappingProxyType(found)


def lookup_target(id_: str, known: Mapping[str, Target]) -> Target:
    """The target of this id among `known`. Raises `UnknownTargetError` with the nearest ids."""
    return _lookup(id_, known, "target")


def target(id_: str) -> Target:
    """A target of jsnakit's own register. Raises `UnknownTargetError` with the nearest ids.

    >>> target("operational.rtt-admitted-90").valid_to
    datetime.date(2015, 9, 30)
    """
    return lookup_target(id_, targets())


def scheme(id_: str) -> Scheme:
    """One of jsnakit's own RAG schemes. Raises `UnknownTargetError` with the nearest ids."""
    return _lookup(id_, schemes(), "RAG scheme")


def _lookup(id_: str, known: Mapping[str, _Record], kind: str) -> _Record:
    if id_ in known:
        return known[id_]
    near = nearest(id_, list(known)) or _by_words(id_, known)
    hint = f"did you mean {' or '.join(repr(n) for n in near)}?" if near else f"there are {', '.join(sorted(known)) or 'none'}"
    raise UnknownTargetError(f"there is no {kind} {id_!r}", hint=hint, target=id_, suggestions=near)


def _by_words(id_: str, known: Iterable[str]) -> tuple[str, ...]:
    """Ids that share the most words with the one asked for: ids are long, and people remember parts of them."""
    asked = set(re.split(r"[._-]+", id_.casefold()))
    shared = {k: len(asked & set(re.split(r"[._-]+", k))) for k in known}
    best = sorted((k for k in shared if shared[k]), key=lambda k: (-shared[k], k))
    return tuple(best[:3])


UNITS: Final[Mapping[str, str]] = {"percent": "%", "per cent": "%", "percentage": "%"}
"""Other spellings of one unit; every other unit must be spelt alike to be the same."""
