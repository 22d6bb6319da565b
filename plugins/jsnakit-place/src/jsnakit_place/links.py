"""Where the publisher puts the files: one page lists the years, each year's page links its files.

The addresses of the years follow no one pattern (`...-place-england-2016`, `2018---england`, `england---2024`) and the files lie on another host, so pages are read and nothing is built.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final
from urllib.parse import unquote, urlsplit

from jsnakit.errors import FetchError, LayoutError
from jsnakit.model import Period
from jsnakit.sources import Fetch, Resource
from jsnakit.webpages import links_of
from jsnakit_place.parse import release_in
from jsnakit_place.rounds import Round

__all__ = ["INDEX", "PEAT_INDEX", "chosen", "discover", "kind_of"]

log = logging.getLogger("jsnakit_place")

INDEX: Final = "https://digital.nhs.uk/data-and-information/publications/statistical/patient-led-assessments-of-the-care-environment-place"
"""The page that links a page for each year of PLACE."""
PEAT_INDEX: Final = "https://digital.nhs.uk/data-and-information/publications/statistical/patient-environment-action-team-peat"
"""The page that links those of PEAT the publisher still holds."""

_FILE: Final = re.compile(r"\.(csv|xlsx|xls|ods)$", re.IGNORECASE)
_YEAR: Final = re.compile(r"(?<!\d)(20\d\d)(?!\d)")
# What lies beside the scores: answers to every question, help with reading, tools.
_BESIDE: Final = re.compile(
    r"\b(underlying|metadata|meta data|graph\w*|tool|questions?|question level|all answers|forms?|guidance|methodology|data quality|pre release|external valid\w*)\b"
)
_KINDS: Final = (
    ("marks", re.compile(r"\bbase\b")),
    ("organisations", re.compile(r"\b(organisation|organisational|organisations|trust|trusts|org)\b(?!.*\bsites?\b)")),
    ("sites", re.compile(r"\b(sites?|hospitals?)\b(?!.*\borganisations?\b)")),
    ("report", re.compile(r"\b(data report|data file|excel|results|report|scores)\b")),
)


def kind_of(url: str, text: str) -> str | None:
    """Which table a link to a file is: `sites`, `organisations`, `marks`, `report` (a workbook of several), or None for what lies beside the scores.

    >>> kind_of("https://files.digital.nhs.uk/a/PLACE-2024-Site-Scores.csv", "PLACE 2024: Site scores [csv, size: 200 kB]")
    'sites'
    >>> kind_of("https://files.digital.nhs.uk/b/PLACE-2024-Metadata.xlsx", "PLACE 2024: Metadata") is None
    True
    """
    name = unquote(urlsplit(url).path).rpartition("/")[2]
    if not _FILE.search(name):
        return None
    for said in (name, text):
        plain = " ".join(re.sub(r"[^a-z]+", " ", said.casefold()).split())
        if _BESIDE.search(plain):
            return None
        for kind, pattern in _KINDS:
            if pattern.search(plain) and not (kind == "report" and said is name and name.lower().endswith(".csv")):
                return kind
    return None


def discover(fetch: Fetch, rounds: Mapping[int, Round]) -> Iterator[Resource]:
    """The files linked from the pages of each year, newest first.

    Raises `LayoutError` where a page has none of the links it should, listing those it has, and `FetchError` as the publisher answers. PEAT is long past: where its list of years is
    gone, that is logged and PLACE is still found.
    """
    seen: set[str] = set()
    for index in (INDEX, PEAT_INDEX):
        try:
            page = fetch(index, volatile=True).text()
        except FetchError as error:
            if index == PEAT_INDEX and error.status in {404, 410}:
                log.warning("PEAT's list of years is gone: %s", error.message)
                continue
            raise
        for resource in _of_years(fetch, index, page, rounds):
            if resource.url not in seen:
                seen.add(resource.url)
                yield resource


def _of_years(fetch: Fetch, index: str, page: str, rounds: Mapping[int, Round]) -> Iterator[Resource]:
    listed = links_of(page, f"{index.rstrip('/')}/")
    years: dict[int, str] = {}
    for url, text in listed:
        below = urlsplit(url).path.rstrip("/").removeprefix(urlsplit(index).path.rstrip("/"))
        # A page of a year lies directly below the list; its own pages lie deeper.
        if below.count("/") == 1 and not _FILE.search(below) and (found := _YEAR.findall(below) or _YEAR.findall(text)):
            years.setdefault(int(found[0]), url)
    if not years:
        raise _changed(index, "links to pages of years", listed)
    for year in sorted(years, reverse=True):
        links = links_of(fetch(years[year], volatile=True).text(), f"{years[year].rstrip('/')}/")
        resources = [r for url, text in links if (r := _resource(url, text, year, rounds)) is not None]
        if not resources and year != max(years):
            # The page of a round that is announced has no file yet.
            raise _changed(years[year], "links to files of scores (CSV or Excel)", links)
        yield from resources


def _resource(url: str, text: str, year: int, rounds: Mapping[int, Round]) -> Resource | None:
    kind = kind_of(url, text)
    if kind is None:
        return None
    collection = rounds.get(year)
    name = unquote(urlsplit(url).path).rpartition("/")[2]
    # The publisher replaced its files in place: what the page holds now is the last edition, unless the name says otherwise.
    release = release_in(f"{name} {text}") or (collection.releases[-1] if collection else "original")
    return Resource(
        url=url, kind=kind, period=collection.period if collection else Period.year(year), release=release, title=f"{text or name} ({year})"
    )


def _changed(page: str, expected: str, links: Sequence[tuple[str, str]]) -> LayoutError:
    listed = tuple(dict.fromkeys(url for url, _ in links))
    shown = ", ".join(listed[:8]) + (" ..." if len(listed) > 8 else "") if listed else "no link at all"
    return LayoutError(
        f"{page} has no {expected}; it has {shown}",
        hint="the publisher may have changed the page: update jsnakit-place, or download the files and use `jsnakit read place FILE...`",
        resource=page,
        expected=expected,
        found=listed,
    )


def chosen(listing: Sequence[Resource]) -> list[Resource]:
    """Of each year one file a table: the last edition, CSV before Excel; a workbook of several tables only where one of its tables has no file of its own."""
    best: dict[tuple[Period | None, str], Resource] = {}
    for resource in listing:
        key = (resource.period, resource.kind)
        if key not in best or _rank(resource) > _rank(best[key]):
            best[key] = resource
    kept = [
        r
        for (period, kind), r in best.items()
        if not (kind == "report" and {(period, "sites"), (period, "organisations")} <= set(best))
        and not (
            kind in {"sites", "organisations", "marks"}
            and (period, "report") in best
            and not {(period, "sites"), (period, "organisations")} <= set(best)
        )
    ]
    return sorted(kept, key=lambda r: (r.period.start.isoformat() if r.period else "", r.kind, r.url))


def _rank(resource: Resource) -> tuple[bool, bool, str]:
    return (resource.release == "corrected", resource.url.lower().endswith(".csv"), resource.url)
