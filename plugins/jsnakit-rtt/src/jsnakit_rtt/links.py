"""Where NHS England puts the files: the index page, a page a financial year, and links whose names end in a new random suffix each time.

No address can be built: each file lies in a folder of its month of publication and a revised one gets a new name, while the old link goes. So pages are read, and the month is taken from the
name directly after `Full-CSV-data-file-`, never from the folder.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final
from urllib.parse import unquote, urlsplit

from jsnakit.errors import LayoutError
from jsnakit.model import Period
from jsnakit.sources import Fetch, Resource
from jsnakit.webpages import links_of
from jsnakit_rtt.parse import release_of
from jsnakit_rtt.series import edition_of

__all__ = ["FIRST_YEAR", "INDEX", "discover", "newest", "resource_of"]

INDEX: Final = "https://www.england.nhs.uk/statistics/statistical-work-areas/rtt-waiting-times/"
"""The page that links a page for each financial year."""

FIRST_YEAR: Final = 2017
"""The first financial year whose extracts this version reads: those of 2016-17 are laid out otherwise, and before them there are workbooks alone."""

_YEAR: Final = re.compile(r"/rtt-data-(\d{4})-(\d{2})/?$")
_EXTRACT: Final = re.compile(r"full[-_ ]csv[-_ ]data[-_ ]file[-_ ]([a-z]{3})[-_ ]?(\d{2})(?!\d)", re.IGNORECASE)
_SERIES: Final = re.compile(r"rtt[-_ ]overview[-_ ]time[-_ ]?series", re.IGNORECASE)
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def resource_of(url: str, text: str) -> Resource | None:
    """The file that a link stands for: an extract with its month and release, a time series with its edition, or null for any other.

    >>> found = resource_of(
    ...     "https://www.england.nhs.uk/x/2026/02/Full-CSV-data-file-Jul25-ZIP-4M-revised-2.zip", "Full CSV data file Jul25 (ZIP, 4M)"
    ... )
    >>> found.kind, str(found.period), found.release
    ('extract', 'July 2025', 'revised-2')
    """
    name = unquote(urlsplit(url).path).rpartition("/")[2]
    match = _EXTRACT.search(name)
    if match and match[1].lower() in _MONTHS and name.lower().endswith((".zip", ".csv")):
        period = Period.month(2000 + int(match[2]), _MONTHS.index(match[1].lower()) + 1)
        return Resource(url=url, kind="extract", period=period, release=release_of(name), title=f"RTT full extract, {period}")
    if _SERIES.search(f"{name} {text}") and name.lower().endswith((".xls", ".xlsx")):
        edition = edition_of(name) or edition_of(text)
        return Resource(url=url, kind="series", period=edition, title=f"RTT overview time series, {edition or 'edition not named'}")
    return None


def discover(fetch: Fetch) -> Iterator[Resource]:
    """The files linked from the pages of the years read, newest year first. Raises `LayoutError` where a page has none of the links it should."""
    years: dict[int, str] = {}
    for url, _ in links_of(fetch(INDEX, volatile=True).text(), INDEX):
        if match := _YEAR.search(urlsplit(url).path):
            years.setdefault(int(match[1]), url if url.endswith("/") else f"{url}/")
    if not years:
        raise _changed(INDEX, "links to pages rtt-data-2025-26 and the like")
    seen: set[str] = set()
    for year in sorted((y for y in years if y >= FIRST_YEAR), reverse=True):
        found = [r for url, text in links_of(fetch(years[year], volatile=True).text(), years[year]) if (r := resource_of(url, text)) is not None]
        if not any(r.kind == "extract" for r in found) and year != max(years):
            # The page of a year that has just begun may have no file yet.
            raise _changed(years[year], "links to Full CSV data files")
        for resource in found:
            # The newest month stands at the top of its page as well.
            if resource.url not in seen:
                seen.add(resource.url)
                yield resource


def _changed(page: str, expected: str) -> LayoutError:
    return LayoutError(
        f"{page} has no {expected}",
        hint="NHS England may have changed the page: update jsnakit-rtt, or download the files and use `jsnakit read rtt FILE...`",
        resource=page,
        expected=expected,
        found="none",
    )


def newest(listing: Sequence[Resource]) -> list[Resource]:
    """Of each month's extracts the last version (`revised-2`, then `revised`, then `original`), by month."""
    best: dict[Period, Resource] = {}
    for resource in listing:
        if resource.kind == "extract" and resource.period is not None:
            held = best.get(resource.period)
            if held is None or _version(resource) > _version(held):
                best[resource.period] = resource
    return [best[p] for p in sorted(best)]


def _version(resource: Resource) -> tuple[int, str]:
    number = {"original": 0, "revised": 1}.get(resource.release)
    if number is None:
        number = int(resource.release.rpartition("-")[2]) if resource.release.rpartition("-")[2].isdigit() else 1
    return number, resource.url
