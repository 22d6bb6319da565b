"""Profiles and domains as groups of indicators: those that stored files show, offline; and any, as the publisher defines it today."""

from __future__ import annotations

import csv
import io
import logging
import re
import tomllib
from functools import cache
from importlib import resources
from typing import Final

from attrs import frozen

from jsnakit.errors import FetchError, NoDataError, OfflineError
from jsnakit.model import Group, Member, Polarity
from jsnakit.settings import structure
from jsnakit_fingertips.live import Live

__all__ = ["find", "stored"]

log = logging.getLogger("jsnakit.fingertips")

_NUMBERED: Final = re.compile(r"fingertips\.(profile|group)-(\d{1,10})")
_KEY: Final = re.compile(r"fingertips\.([a-z0-9]+(?:-[a-z0-9]+)*)")


@frozen(kw_only=True)
class _Head:
    id: str
    name: str
    key: str = ""
    parent: str = ""
    seen: str = ""


@cache
def _heads() -> tuple[_Head, ...]:
    document = tomllib.loads(resources.files(__package__).joinpath("groups.toml").read_text(encoding="utf-8"))
    return tuple(structure(row, _Head, where=f"groups.toml, group {i + 1}") for i, row in enumerate(document["group"]))


@cache
def stored() -> tuple[Group, ...]:
    """The groups of which stored files show the members; `definition` says which files, and of when.

    >>> {g.id: g for g in stored()}["fingertips.group-1000049"].indicators
    ('fingertips.91102', 'fingertips.90366', 'fingertips.93190', 'fingertips.92901')
    """
    members: dict[str, list[Member]] = {}
    text = resources.files(__package__).joinpath("groups.csv").read_text(encoding="utf-8")
    for row in csv.DictReader(io.StringIO(text)):
        polarity = Polarity(row["polarity"]) if row["polarity"] else None
        members.setdefault(row["group"], []).append(Member(f"fingertips.{row['indicator']}", polarity, row["sex"], row["age"]))
    return tuple(
        Group(
            f"fingertips.{head.id}",
            head.name,
            tuple(members[head.id]),
            parent=f"fingertips.{head.parent}" if head.parent else "",
            definition=f"What {head.seen}, show of it; `ws.group({f'fingertips.{head.id}'!r})` asks the publisher for the whole of it today.",
            homepage=f"https://fingertips.phe.org.uk/profile/{head.key}" if head.key else "",
        )
        for head in _heads()
    )


def find(group: str, live: Live) -> Group | None:
    """One profile or domain as the publisher defines it today, null where there is none; without a network the stored one, with a warning.

    Raises `FetchError` where the service does not answer, `OfflineError` where there is no network and nothing stored.
    """
    try:
        if match := _NUMBERED.fullmatch(group):
            return live.profile_group(int(match[2])) if match[1] == "profile" else live.group(int(match[2]))
        if (match := _KEY.fullmatch(group)) and not match[1].isdecimal():
            return live.profile_group(match[1])
    except NoDataError:
        return None
    except OfflineError:
        keys = {f"fingertips.{head.key}": f"fingertips.{head.id}" for head in _heads() if head.key}
        found = next((g for g in stored() if g.id == keys.get(group, group)), None)
        if found is None:
            raise
        log.warning("%s is taken from stored files, since offline mode is on: %s", group, found.definition)
        return found
    except FetchError as error:
        # Of a profile that there is not, the service says that the question is wrong.
        if error.status in (400, 404):
            return None
        raise
    return None
