"""All downloading and caching: the lock (which bytes), the store (where they are kept) and nothing else that touches the network."""

from __future__ import annotations

from jsnakit.store._lock import Lock, PackPin
from jsnakit.store._store import Entry, Outcome, Store

__all__ = ["Entry", "Lock", "Outcome", "PackPin", "Store"]
