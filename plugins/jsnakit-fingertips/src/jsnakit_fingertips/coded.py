"""Columns as codes and their few distinct values: whatever a rule says of a text is asked once of each distinct text, and taken to the rows by its code."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
import pyarrow as pa
from attrs import frozen
from numpy.typing import NDArray

__all__ = ["Coded", "coded", "combined", "constant", "fold", "numbered"]

Ints = NDArray[np.int64]
_SMALL: Final = 1 << 20


@frozen(eq=False)
class Coded:
    """A column of `codes` into `values`; -1 is no value."""

    codes: NDArray[np.int32]
    values: tuple[Any, ...]

    def __len__(self) -> int:
        return len(self.codes)

    def mapped(self, rule: Callable[[Any], Any]) -> Coded:
        """The same rows with each distinct value put through a rule; equal results become one value, and null is no value."""
        return self.renamed([rule(value) for value in self.values])

    def renamed(self, new: Sequence[Any]) -> Coded:
        """The same rows with other values, one for each of the old."""
        place: dict[Any, int] = {}
        to = np.array([-1 if v is None else place.setdefault(v, len(place)) for v in new] + [-1], np.int32)
        if len(place) == len(self.values):
            # One to one, so that the codes stay.
            return Coded(self.codes, tuple(place))
        return Coded(to[self.codes], tuple(place))

    def array(self, kind: pa.DataType | None = None) -> pa.DictionaryArray:
        """The column as Arrow has it."""
        values = pa.array(list(self.values), kind or pa.string())
        mask = self.codes < 0
        return pa.DictionaryArray.from_arrays(pa.array(self.codes, pa.int32(), mask=mask if mask.any() else None), values)

    def take(self, rows: Any) -> Coded:
        """Some of the rows."""
        return Coded(self.codes[rows], self.values)

    def where(self, *values: Any) -> NDArray[np.bool_]:
        """Where the column has one of these values."""
        wanted = np.array([v in values for v in self.values] + [None in values], bool)
        found: NDArray[np.bool_] = wanted[self.codes]
        return found


def coded(column: pa.ChunkedArray | pa.Array) -> Coded:
    """A column of Arrow, dictionary or not, as codes."""
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    indices = column.indices
    codes = np.asarray(indices.fill_null(-1) if indices.null_count else indices).astype(np.int32, copy=False)
    return Coded(codes, tuple(column.dictionary.to_pylist()))


def constant(value: Any, n: int) -> Coded:
    """A column that has one value in every row; null is no value."""
    return Coded(np.full(n, -1 if value is None else 0, np.int32), () if value is None else (value,))


def combined(*columns: Coded) -> Coded:
    """The distinct combinations of some columns, as tuples of their values."""
    codes, rest = numbered(*columns)
    parts: list[list[Any]] = []
    for column in reversed(columns):
        width = len(column.values) + 1
        parts.append([column.values[i] if i < len(column.values) else None for i in (rest % width).tolist()])
        rest = rest // width
    return Coded(codes, tuple(zip(*reversed(parts), strict=True)))


def numbered(*columns: Coded) -> tuple[NDArray[np.int32], Ints]:
    """The number of each row's combination of some columns, and the combinations, folded."""
    folded, size = fold(columns)
    if size > _SMALL:
        unique, inverse = np.unique(folded, return_inverse=True)
        return inverse.astype(np.int32), unique
    seen = np.zeros(size, bool)
    seen[folded] = True
    unique = np.flatnonzero(seen)
    place = np.zeros(size, np.int32)
    place[unique] = np.arange(len(unique), dtype=np.int32)
    return place[folded], unique


def fold(columns: Sequence[Coded]) -> tuple[Ints, int]:
    """The codes of some columns as one number a row, equal where all of them are equal, and the number of numbers there could be."""
    n = len(columns[0])
    folded, size = np.zeros(n, np.int64), 1
    for column in columns:
        width = len(column.values) + 1
        if size * width >= 2**62:
            known, folded = np.unique(folded, return_inverse=True)
            size = len(known)
        if size > 1:
            folded *= width
        folded += column.codes
        # No value is the last of the values.
        if (missing := column.codes < 0).any():
            folded += missing * width
        size *= width
    return folded, size
