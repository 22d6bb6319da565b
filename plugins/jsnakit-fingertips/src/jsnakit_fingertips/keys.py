"""Rows of one key: a figure that stands twice is given once, a newer geography wins over an older, and a contradiction is never settled by chance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from jsnakit_fingertips.coded import Coded, fold
from jsnakit_fingertips.figures import FIGURES

__all__ = ["Verdict", "settle"]

Ints = NDArray[np.int64]

# The website prints four or five decimals of what the API prints in full.
_PRINTED: Final = 5.1e-5


@frozen
class Verdict:
    """Which rows stay: `keep` in their order; how many repeats and older geographies were dropped; and the pairs of rows that contradict each other."""

    keep: Ints
    repeats: int
    older: int
    conflicts: tuple[tuple[int, int], ...]
    contradicting: Ints


def settle(key: Sequence[Coded], figures: Mapping[str, NDArray[np.float64]], edition: NDArray[np.int32], among: Ints | None = None) -> Verdict:
    """Look at the rows that agree in the whole key; at those of `among` alone where it is given, and then the verdict counts them from its first.

    Those that agree in every figure both give are one figure, of which the fullest row stays. Of others the one of the newest geography stays, if there is a newest.
    """
    folded, size = fold(key)
    if among is not None:
        folded = folded[among]
    n = len(folded)
    none = np.array([], np.int64)
    if size <= 1 << 24:
        twice = (np.bincount(folded, minlength=size) > 1)[folded] if n else np.zeros(0, bool)
        rows = np.flatnonzero(twice)
    else:
        ordered = np.sort(folded)
        again = ordered[1:][ordered[1:] == ordered[:-1]]
        rows = np.flatnonzero(again[np.minimum(np.searchsorted(again, folded), len(again) - 1)] == folded) if len(again) else none
    if not len(rows):
        return Verdict(np.arange(n), 0, 0, (), none)
    order = rows[np.argsort(folded[rows], kind="stable")]
    keys = folded[order]
    first = np.concatenate(([True], keys[1:] != keys[:-1]))
    starts = np.flatnonzero(first)
    group = np.cumsum(first) - 1
    at = order if among is None else among[order]
    values, edition = np.stack([figures[name][at] for name in FIGURES]), edition[at]
    fullness = (~np.isnan(values)).sum(axis=0)
    with np.errstate(invalid="ignore"):
        precision = ((values != np.round(values, 4)) & ~np.isnan(values)).sum(axis=0)
    # The newest geography first, then the fullest row, then the one with most decimals; the greater of two that are alike, whatever the order in the file.
    best = np.lexsort((-values[0], -precision, -fullness, -edition.astype(np.int64), group))
    order, group, values, edition = order[best], group[best], values[:, best], edition[best]
    chosen = starts[group]
    a, b = values, values[:, chosen]
    with np.errstate(invalid="ignore"):
        apart = np.abs(a - b) > _PRINTED + 1e-9 * np.abs(b)
    # A value that one row has and the other has not is a contradiction; a count that an export leaves out is not.
    differs = apart.any(axis=0) | (np.isnan(a[0]) != np.isnan(b[0]))
    older = differs & (edition < edition[chosen])
    conflict = differs & ~older
    contradicts = np.zeros(len(starts), bool)
    contradicts[group[conflict]] = True
    bad = contradicts[group]
    drop = order[~first & ~bad]
    keep = np.ones(n, bool)
    keep[drop] = False
    keep[order[bad]] = False
    found = ((int(order[chosen[i]]), int(order[i])) for i in np.flatnonzero(conflict)[:20])
    pairs = tuple(sorted((min(pair), max(pair)) for pair in found))
    return Verdict(
        keep=np.flatnonzero(keep),
        repeats=int((~first & ~differs & ~bad).sum()),
        older=int((older & ~bad).sum()),
        conflicts=pairs,
        contradicting=np.sort(order[bad]),
    )
