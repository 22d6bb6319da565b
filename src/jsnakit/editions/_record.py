"""What an edition says of itself: its chapters with their text, its measures with their definitions and figures, where the place stood, and every file by its sha256."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

import attrs
from attrs import field, frozen

from jsnakit.errors import InvalidValueError, SettingsError
from jsnakit.model import Indicator, Period
from jsnakit.settings import structure

__all__ = ["Edition", "KeptChapter", "KeptMeasure", "KeptPage", "Standing", "checked_name", "edition_key"]

RECORD_VERSION: Final = 1

_NAME: Final = re.compile(r"(\d{4})-(0[1-9]|1[0-2])(?:-([2-9]|[1-9]\d))?", re.ASCII)


def checked_name(text: str) -> str:
    """The name of an edition: a month (`2026-11`), with a number from 2 on where it corrects the one of that month (`2026-11-2`).

    Raises `InvalidValueError`.

    >>> checked_name("2026-11-2")
    '2026-11-2'
    """
    if not _NAME.fullmatch(text):
        raise InvalidValueError(
            f"{text!r} is not an edition", hint="an edition is a month, such as 2026-11; a corrected one of the same month is 2026-11-2", value=text
        )
    return text


def edition_key(name: str) -> tuple[int, int, int]:
    """Where an edition stands in time: year, month, issue.

    >>> edition_key("2026-11") < edition_key("2026-11-2") < edition_key("2027-01")
    True
    """
    found = _NAME.fullmatch(checked_name(name))
    assert found is not None
    return int(found[1]), int(found[2]), int(found[3] or 1)


@frozen(kw_only=True)
class KeptPage:
    """The text of one page of a chapter as printed, paragraph by paragraph, and the findings above its figures."""

    slug: str
    title: str
    text: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()


@frozen(kw_only=True)
class KeptChapter:
    """A chapter of an edition; `since` is the edition in which it last changed."""

    slug: str
    title: str
    state: str
    finding: str
    since: str
    pages: tuple[KeptPage, ...] = ()


@frozen(kw_only=True)
class KeptMeasure:
    """A measure of an edition as it was defined then; `data` is the sha256 of its figures (Parquet, observation table), `rows` how many."""

    id: str
    name: str
    unit: str
    definition: str = ""
    numerator: str = ""
    denominator: str = ""
    polarity: str = ""
    caveats: tuple[str, ...] = ()
    decimals: int = 1
    data: str = ""
    rows: int = 0

    @classmethod
    def of(cls, indicator: Indicator, data: str, rows: int) -> KeptMeasure:
        """A measure as it is defined now, with its figures."""
        i = indicator
        return cls(
            id=i.id, name=i.name, unit=i.unit, definition=i.definition, numerator=i.numerator, denominator=i.denominator, polarity=i.polarity.value,
            caveats=i.caveats, decimals=i.decimals, data=data, rows=rows,
        )  # fmt: skip


@frozen(kw_only=True)
class Standing:
    """Where the place stood on a measure: the latest figure as printed, its period, and the judgement in a word, with the rule that gave it."""

    indicator: str
    name: str
    period: str
    value: str
    word: str
    because: str = ""


@frozen(kw_only=True)
class Edition:
    """One published edition. `files` are its files by path with their sha256; `published` is the day on which it was kept; `withdrawn` says why it is no longer shown."""

    name: str = field(converter=checked_name)
    published: dt.date
    place: str
    area: str
    area_type: str
    title: str
    council: str
    previous: str = ""
    chapters: tuple[KeptChapter, ...] = ()
    measures: tuple[KeptMeasure, ...] = ()
    standings: tuple[Standing, ...] = ()
    files: Mapping[str, str] = field(factory=dict)
    earlier: Mapping[str, str] = field(factory=dict)
    summary: str = ""
    withdrawn: str = ""
    schema_version: int = RECORD_VERSION

    @property
    def period(self) -> Period:
        """The month of the edition."""
        year, month, _ = edition_key(self.name)
        return Period.parse(f"{year:04d}-{month:02d}")

    def chapter(self, slug: str) -> KeptChapter | None:
        """The chapter of a name, if the edition has it."""
        return next((c for c in self.chapters if c.slug == slug), None)

    def measure(self, indicator: str) -> KeptMeasure | None:
        """The measure of an id, if the edition has it."""
        return next((m for m in self.measures if m.id == indicator), None)

    @property
    def objects(self) -> frozenset[str]:
        """The sha256 of everything that is kept for it."""
        return frozenset([*self.files.values(), *(m.data for m in self.measures if m.data)])

    def dumps(self) -> tuple[bytes, bytes]:
        """The record as JSON, and what is told at length (chapters, measures, standings) as JSON of its own, which an edition that changed nothing shares with the one before."""
        plain = attrs.asdict(self, value_serializer=_plain)
        details = _json({name: plain.pop(name) for name in _DETAILS})
        return _json(plain | {"details": hashlib.sha256(details).hexdigest()}), details

    @classmethod
    def loads(cls, record: bytes, details: Callable[[str], bytes], *, file: str) -> Edition:
        """An edition from its record; `details` gives the bytes of a sha256. Raises `SettingsError` naming the file and what in it is not understood."""
        value = _object(record, file)
        if value.get("schema_version") != RECORD_VERSION:
            raise SettingsError(
                f"{file} has version {value.get('schema_version')!r} of the record, and this jsnakit reads {RECORD_VERSION}",
                hint="use a newer jsnakit",
                file=file,
            )
        long = _object(details(details_of(record, file=file)), file)
        return structure({k: v for k, v in value.items() if k != "details"} | long, cls, where=file, file=file)


def details_of(record: bytes, *, file: str) -> str:
    """The sha256 of what a record tells at length. Raises `SettingsError`."""
    found = _object(record, file).pop("details", None)
    if not isinstance(found, str):
        raise SettingsError(f"{file} is no record of an edition", hint="restore it from a backup: an edition is never written twice", file=file)
    return found


_DETAILS: Final = ("chapters", "measures", "standings")


def _json(value: Any) -> bytes:
    return (json.dumps(value, indent=1, ensure_ascii=False, sort_keys=True) + "\n").encode()


def _object(data: bytes, file: str) -> dict[str, Any]:
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise SettingsError(
            f"{file} is not valid JSON: {error}", hint="restore it from a backup: an edition is never written twice", file=file
        ) from error
    if not isinstance(value, dict):
        raise SettingsError(f"{file} is no record of an edition", hint="restore it from a backup", file=file)
    return value


def _plain(_: Any, __: Any, value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.date) else value
