"""What the files say of organisations to each other: at which providers each commissioner's patients wait, and which provider became part of which."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from jsnakit.observations import RELATION_SCHEMA
from jsnakit.sources import Query
from jsnakit_rtt.absences import Window
from jsnakit_rtt.layout import TOTAL_FUNCTION
from jsnakit_rtt.measures import Month

__all__ = ["succeeded_by", "waits_at"]


def waits_at(month: Month, query: Query) -> Iterator[pa.Table]:
    """For each commissioner and each board, the providers at which its patients wait: `weight` is the share of its list, `count` the waits, `note` the provider's name as published."""
    rows = month.rows("Part_2")
    function = month.codes["function"]
    if TOTAL_FUNCTION not in function.words:
        return
    rows = rows[function.code[rows] == function.words.index(TOTAL_FUNCTION)]
    counts = month.extract.numbers("total_all")[rows].astype(np.int64)
    commissioner, provider = month.codes["commissioner"], month.codes["provider"]
    boards, to = month.boards()
    named = month.names()
    for level, names, code in (("commissioner", commissioner.words, commissioner.code[rows]), ("icb", boards, to[commissioner.code[rows]])):
        codes = query.area_codes(level)
        if codes != frozenset():
            yield _shares(month, level, names, code, provider.words, provider.code[rows], counts, codes, named)


def _shares(
    month: Month, level: str, names: tuple[str, ...], home: NDArray[Any], providers: tuple[str, ...], provider: NDArray[Any], counts: NDArray[np.int64],
    codes: frozenset[str] | None, named: dict[str, str],
) -> pa.Table:  # fmt: skip
    kept = home >= 0
    key = home[kept].astype(np.int64) * len(providers) + provider[kept]
    pairs, inverse = np.unique(key, return_inverse=True)
    waits = np.bincount(inverse, weights=counts[kept]).astype(np.int64)
    homes = pairs // len(providers)
    lists = np.bincount(homes, weights=waits, minlength=len(names))
    shown = np.flatnonzero((waits > 0) & np.array([codes is None or n in codes for n in names], dtype=bool)[homes])
    period = month.period(snapshot=True)
    return _table(
        len(shown), from_scheme="ods", from_type=level, from_area=[names[h] for h in homes[shown]], to_scheme="ods", to_type="provider",
        to_area=[providers[p] for p in (pairs % len(providers))[shown]], kind="waits_at", period_start=period.start, period_duration=period.duration,
        weight=(waits / np.maximum(lists[homes], 1))[shown], count=waits[shown].astype(np.float64), origin=month.origin,
        note=[named.get(providers[p]) for p in (pairs % len(providers))[shown]],
    )  # fmt: skip


def succeeded_by(window: Window) -> Iterator[pa.Table]:
    """The providers seen that have become part of others by the last month read, with the day of the change, from the register of organisations."""
    steps = window.successions()
    if steps:
        yield _table(
            len(steps), from_scheme="ods", from_type="provider", from_area=[s.from_area.code for s in steps], to_scheme="ods", to_type="provider",
            to_area=[s.to_area.code for s in steps], kind="succeeded_by", period_start=[s.valid_from for s in steps], period_duration="P0D",
            weight=[s.weight for s in steps], origin="jsnakit.geography successors",
        )  # fmt: skip


def _table(size: int, **columns: Any) -> pa.Table:
    arrays = []
    for f in RELATION_SCHEMA:
        given = columns.get(f.name)
        arrays.append(pa.array(given, f.type) if isinstance(given, list | np.ndarray) else pa.repeat(pa.scalar(given, f.type), size))
    return pa.table(arrays, schema=RELATION_SCHEMA)
