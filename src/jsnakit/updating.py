"""Look again at what publishers offer: the lock moves to it, and the difference is shown in the data, figure by figure."""

from __future__ import annotations

import logging
from collections.abc import Collection, Container
from typing import TYPE_CHECKING

from jsnakit import observations, reading, revisions
from jsnakit.errors import FetchError, LockError, NoDataError
from jsnakit.sources import Query, Resource

if TYPE_CHECKING:
    import pyarrow as pa

    from jsnakit._plugins import SourceEntry
    from jsnakit.store import Store

__all__ = ["update_source"]

log = logging.getLogger("jsnakit.updating")


def update_source(entry: SourceEntry, store: Store) -> revisions.Revisions:
    """Read again the files of a source that the lock pins, as the publisher offers them now, and compare every headline figure.

    The periods compared are those the lock pins; a period the publisher has withdrawn shows as gone, one it revised as revised. `store.lock` then holds the new listing and pins.
    Raises `LockError` where the lock has nothing of the source, and what fetching and reading raise; the lock is left as it was on an error.
    """
    before = store.lock
    listing = before.listing(entry.id)
    if listing is None:
        raise LockError(f"the lock holds nothing of {entry.id!r}", hint="observe it once: the lock is written with the answer", key=entry.id)
    only = None
    others: Collection[str] = ()
    if entry.source.lists_whole:
        query = _span([r for r in listing if before.pin(r.url) is not None])
    else:
        # What was asked for is what is looked at again: the lock holds neither every indicator nor every type of area.
        query = Query(indicators=dict.fromkeys(r.indicator for r in listing))
        only = {url for url, pin in before.pins.items() if pin.source == entry.id}
        others = only - {r.url for r in entry.source.choices(listing, query)}
    old = _read(entry, query, store, only, pinned=True)
    try:
        store.lock = before.without(entry.id)
        new = _read(entry, query, store, only)
        _pin_again(entry, store, others)
    except Exception:
        store.lock = before
        raise
    return revisions.compare(old, new)


def _pin_again(entry: SourceEntry, store: Store, urls: Collection[str]) -> None:
    """What the lock pins beside figures (definitions of groups, relations), as the publisher has it now."""
    fetch = store.fetcher(entry.source.info, plugin=entry.installed.distribution, plugin_version=entry.installed.version)
    for url in sorted(urls):
        try:
            fetch(url)
        except FetchError as error:
            if error.transient:
                raise
            log.warning("%s is left out of the lock: %s", url, error.message)


def _span(resources: list[Resource]) -> Query:
    periods = [r.period for r in resources if r.period is not None]
    if not periods:
        return Query()
    return Query(since=min(p.start for p in periods), until=max(p.end for p in periods))


def _read(entry: SourceEntry, query: Query, store: Store, only: Container[str] | None, *, pinned: bool = False) -> pa.Table:
    try:
        return reading.read_source(entry, query, store, only=only, pinned=pinned).table
    except NoDataError:
        return observations.empty()
