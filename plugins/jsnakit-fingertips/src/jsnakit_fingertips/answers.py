"""The API's JSON answers as plain values, or an error in the words of the field: what was asked, what came instead, what to do."""

from __future__ import annotations

import datetime as dt
import json
import logging
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from jsnakit.errors import FetchError
from jsnakit.files import SourceFile

__all__ = ["changed_at", "entry", "objects", "table"]

log = logging.getLogger("jsnakit.fingertips")

_HINT: Final = "the service may be under maintenance: look at https://fingertips.phe.org.uk/ in a browser, and try again later"
_TIMES: Final = ("LastUploadedAt", "LastDeletedAt")


def _unexpected(file: SourceFile, what: str, found: str) -> FetchError:
    return FetchError(
        f"{file.url or file.name}: asked for {what}, and {found} came", hint=_HINT, url=file.url or file.name, reason="content", transient=True
    )


def _value(file: SourceFile, what: str) -> Any:
    data = file.read()
    head = data[:512].lstrip(b"\xef\xbb\xbf \t\r\n")
    if head.startswith(b"<"):
        raise _unexpected(file, what, "a web page")
    try:
        return json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        said = "".join(c for c in data[:200].decode("utf-8", "replace") if c.isprintable()).strip()
        cut = head[:1] in (b"[", b"{")
        raise _unexpected(file, what, "an answer that breaks off" if cut else f"the text {said!r}" if said else "nothing") from None


def objects(file: SourceFile, what: str, *keys: str) -> list[dict[str, Any]]:
    """A JSON list of objects that each have these keys; an empty list is an answer. Raises `FetchError` for anything else, with what came in its place."""
    value = _value(file, what)
    if isinstance(value, list) and value and all(isinstance(v, str) for v in value):
        raise _unexpected(file, what, "a message (" + "; ".join(value)[:200] + ")")
    if not isinstance(value, list) or not all(isinstance(v, dict) for v in value):
        raise _unexpected(file, what, f"JSON of another kind ({type(value).__name__})")
    _have(file, what, value, keys)
    return value


def table(file: SourceFile, what: str) -> dict[str, Any]:
    """A JSON object by its keys; an empty one is an answer. Raises `FetchError` for anything else, with what came in its place."""
    value = _value(file, what)
    if isinstance(value, dict):
        return value
    if isinstance(value, list) and not value:
        return {}
    if isinstance(value, list) and all(isinstance(v, str) for v in value):
        raise _unexpected(file, what, "a message (" + "; ".join(value)[:200] + ")")
    raise _unexpected(file, what, f"JSON of another kind ({type(value).__name__})")


def entry(file: SourceFile, what: str, *keys: str) -> dict[str, Any]:
    """One JSON object that has these keys; `null` and an empty one mean that there is none. Raises `FetchError` for anything else, with what came in its place."""
    value = _value(file, what)
    if value is None:
        return {}
    found = table(file, what)
    if found:
        _have(file, what, [found], keys)
    return found


def _have(file: SourceFile, what: str, rows: Sequence[Mapping[str, Any]], keys: Sequence[str]) -> None:
    for row in rows:
        for key in keys:
            if key not in row:
                raise _unexpected(file, what, f"an entry without {key!r}")


def changed_at(metadata: Mapping[str, Any]) -> str:
    """When the data of an indicator last changed, as the metadata say, in UTC (`2024-10-07T17:11:02Z`); empty where they do not say.

    The publisher writes British time without a zone. It is taken as UTC, which is right in winter and an hour late in summer: a copy may be asked for once more, and no change is missed.
    A deletion is a change too.

    >>> changed_at({"DataChange": {"LastUploadedAt": "2024-10-07T17:11:02", "LastDeletedAt": "2024-01-16T16:31:18"}})
    '2024-10-07T17:11:02Z'
    """
    change = metadata.get("DataChange")
    said = [change.get(name) for name in _TIMES] if isinstance(change, dict) else []
    moments = [moment for text in (*said, metadata.get("LatestChangeTimestampOverride")) if (moment := _moment(text)) is not None]
    if not moments:
        return ""
    last = max(moments)
    return (last + dt.timedelta(seconds=1) if last.microsecond else last).strftime("%Y-%m-%dT%H:%M:%SZ")


def _moment(text: object) -> dt.datetime | None:
    """A moment as a program of the publisher writes it: at most seven digits of a second, and the year 1 for never."""
    if text in (None, ""):
        return None
    try:
        moment = dt.datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", str(text)))
    except ValueError:
        log.warning("%r is not a time: whether a copy is fresh is told by its age", text)
        return None
    moment = moment.replace(tzinfo=dt.UTC) if moment.tzinfo is None else moment.astimezone(dt.UTC)
    return moment if moment.year > 1900 else None
