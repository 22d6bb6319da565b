"""Two ways to hold the columns of a frame, with one set of words for what a method does with them: expressions for an engine to compute, or arrays in memory.

A method is written once, on `Columns`. A frame that is lazy stays one: its columns are expressions of narwhals. A frame in memory is worked on as numpy arrays, since an
expression costs a fixed ten milliseconds and more; a missing number is NaN there, and sums of it are NaN too. Rows of one group mostly stand together in published
files, so that groups are looked for in the places where a key changes.
"""

from __future__ import annotations

import abc
import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import narwhals.stable.v2 as nw
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from attrs import frozen
from numpy.typing import NDArray

from jsnakit.methods import _door as door
from jsnakit.methods import _limits as limits
from jsnakit.methods._door import Frame, Level
from jsnakit.methods.intervals import SMALL, poisson_interval, wilson_interval

_SAMPLE: Final = 1_000
_ENDLESS: Final = float("inf")

__all__ = ["Arrays", "Columns", "Expressions", "Groups", "estimate", "opened", "quiet"]

quiet: Final = np.errstate(divide="ignore", invalid="ignore", over="ignore")
"""For a method: where a number is missing, so is what is made of it, without a warning."""


def opened(frame: Frame) -> Columns:
    """The columns of a frame."""
    return Arrays(frame, {}) if isinstance(frame, nw.DataFrame) else Expressions(frame)


class Columns(abc.ABC):
    """The columns of a frame, and those made of them, by name."""

    frame: Frame

    @abc.abstractmethod
    def number(self, name: str) -> Any:
        """A column of the frame as floats."""

    @abc.abstractmethod
    def endless(self, name: str) -> Any:
        """Where a number of the frame is infinite; null where its column holds whole numbers."""

    @abc.abstractmethod
    def gone(self, name: str) -> Any:
        """Where a column of the frame, of any type, is missing."""

    @abc.abstractmethod
    def __getitem__(self, name: str) -> Any:
        """A column that was made."""

    @abc.abstractmethod
    def add(self, **columns: Any) -> Columns:
        """These with more of them."""

    @abc.abstractmethod
    def word(self, word: str | None) -> Any:
        """A word, or a missing one, for `where`."""

    @abc.abstractmethod
    def constant(self, value: float) -> Any:
        """One number for all rows."""

    @abc.abstractmethod
    def where(self, test: Any, then: Any, other: Any = None) -> Any:
        """`then` where the test holds, elsewhere `other`, or nothing."""

    @abc.abstractmethod
    def holds(self, test: Any) -> Any:
        """A test that is false, and not missing, where a value it asks about is missing."""

    @abc.abstractmethod
    def absent(self, column: Any) -> Any:
        """Where a number is missing."""

    @abc.abstractmethod
    def floats(self, column: Any) -> Any:
        """Whole numbers as floats."""

    @abc.abstractmethod
    def root(self, column: Any) -> Any:
        """The square root."""

    @abc.abstractmethod
    def log(self, column: Any) -> Any:
        """The natural logarithm."""

    @abc.abstractmethod
    def mapped(self, name: str, function: Callable[[float], float]) -> Any:
        """A function of each number of a made column that takes few different ones; missing where that gives NaN."""

    @abc.abstractmethod
    def wilson(self, x: Any, n: Any, level: Level) -> tuple[Any, Any]:
        """Limits of the proportion x / n."""

    @abc.abstractmethod
    def poisson(self, name: str, level: Level) -> tuple[Any, Any]:
        """Limits of the counts in a made column: exact below 10, Byar's from 10."""

    @abc.abstractmethod
    def looked_up(self, name: str, table: Callable[[list[Any]], Mapping[Any, float]]) -> Any:
        """The number that `table` gives for each value of a column of the frame; the table is asked once, for the values that occur."""

    @abc.abstractmethod
    def times(self, keys: Sequence[str]) -> Columns:
        """These with `jsna_times`: how many rows have the key of each row."""

    @abc.abstractmethod
    def joined(self, small: Frame, on: Sequence[str], names: Sequence[str]) -> Columns:
        """These with the number columns `names` of a smaller frame, by key."""

    @abc.abstractmethod
    def totals(self, by: Sequence[str], **sums: Any) -> Columns:
        """The sum of each column in each group, or over all rows without a key; missing where anything summed is missing, or nothing is there."""

    @abc.abstractmethod
    def moments(self, by: Sequence[str], name: str) -> Columns:
        """Of each group's numbers in a made column, those that are missing left out: `count`, `sum`, `sd`, `jsna_mean`, and `jsna_missing`, how many are."""

    @abc.abstractmethod
    def ends(self, name: str) -> tuple[float, float] | None:
        """The least and the greatest number of a made column."""

    @abc.abstractmethod
    def breaking(self, tests: Sequence[Any]) -> list[int]:
        """How many rows each test holds for; of null none."""

    @abc.abstractmethod
    def examples(self, test: Any, names: Sequence[str], most: int) -> list[dict[str, Any]]:
        """The first rows that a test holds for, with their number (`door.ROW`) where the frame has an order."""

    @abc.abstractmethod
    def only(self, keys: Sequence[str], columns: Mapping[str, Any]) -> Frame:
        """A frame of the keys and these columns."""

    @abc.abstractmethod
    def beside(self, columns: Mapping[str, Any]) -> Frame:
        """The frame that came in, with these columns."""


class Expressions(Columns):
    """Columns as expressions, for an engine that holds no rows in memory. What was made stands in the frame under names that begin with `jsna_`."""

    def __init__(self, frame: Frame, made: Sequence[str] = ()) -> None:
        self.frame = frame
        self._made = made
        self._small: dict[str, tuple[float, ...]] = {}
        self._schema: Mapping[str, Any] | None = None

    def number(self, name: str) -> Any:
        return nw.col(name).cast(door.NUMBER) if self._whole(name) else door.number(name)

    def endless(self, name: str) -> Any:
        number = self.number(name)
        return None if self._whole(name) else door.holds((number == _ENDLESS) | (number == -_ENDLESS))

    def _whole(self, name: str) -> bool:
        if self._schema is None:
            self._schema = self.frame.collect_schema()
        return name in self._schema and bool(self._schema[name].is_integer())

    def gone(self, name: str) -> Any:
        return nw.col(name).is_null()

    def __getitem__(self, name: str) -> Any:
        return nw.col(name)

    def add(self, **columns: Any) -> Columns:
        return Expressions(self.frame.with_columns(**columns), (*self._made, *columns))

    def word(self, word: str | None) -> Any:
        return door.text(word)

    def constant(self, value: float) -> Any:
        return nw.lit(value, dtype=door.NUMBER)

    def where(self, test: Any, then: Any, other: Any = None) -> Any:
        start = nw.when(test).then(then)
        return start if other is None else start.otherwise(other)

    def holds(self, test: Any) -> Any:
        return door.holds(test)

    def absent(self, column: Any) -> Any:
        return column.is_null()

    def floats(self, column: Any) -> Any:
        return column.cast(door.NUMBER)

    def root(self, column: Any) -> Any:
        return column.sqrt()

    def log(self, column: Any) -> Any:
        return column.log()

    def mapped(self, name: str, function: Callable[[float], float]) -> Any:
        found = {float(value): function(float(value)) for (value,) in door.distinct(self.frame, name) if value is not None}
        return _replaced(name, {value: to for value, to in sorted(found.items()) if to == to})

    def wilson(self, x: Any, n: Any, level: Level) -> tuple[Any, Any]:
        return limits.wilson(x, n, level)

    def poisson(self, name: str, level: Level) -> tuple[Any, Any]:
        if name not in self._small:
            self._small[name] = limits.small_counts(self.frame, name)
        return limits.poisson(name, level, self._small[name])

    def looked_up(self, name: str, table: Callable[[list[Any]], Mapping[Any, float]]) -> Any:
        return _replaced(name, table(sorted((v for (v,) in door.distinct(self.frame, name) if v is not None), key=str)))

    def times(self, keys: Sequence[str]) -> Columns:
        # A window sums a column, and not a constant.
        return self.add(jsna_one=nw.lit(1.0)).add(jsna_times=nw.col("jsna_one").sum().over(*keys))

    def joined(self, small: Frame, on: Sequence[str], names: Sequence[str]) -> Columns:
        return Expressions(door.beside(self.frame, small, on, *names), (*self._made, *names))

    def totals(self, by: Sequence[str], **sums: Any) -> Columns:
        return Expressions(door.totals(self.frame, by, sums))

    def moments(self, by: Sequence[str], name: str) -> Columns:
        v = nw.col(name)
        prepared = self.frame.select(*by, v, v.is_null().cast(door.NUMBER).alias("jsna_missing"))
        parts = [v.count().alias("count"), v.sum().alias("sum"), v.std().alias("sd"), v.mean().alias("jsna_mean"), nw.col("jsna_missing").sum()]
        return Expressions(door.grouped_by(prepared, by, parts).with_columns(nw.col("count").cast(nw.Int64)))

    def ends(self, name: str) -> tuple[float, float] | None:
        low, high = door.collected(self.frame.select(nw.col(name).min().alias("low"), nw.col(name).max().alias("high"))).row(0)
        return None if low is None else (float(low), float(high))

    def breaking(self, tests: Sequence[Any]) -> list[int]:
        flags = {f"jsna_{i}": test.cast(nw.Int64).sum() for i, test in enumerate(tests) if test is not None}
        counted = door.collected(self.frame.select(**flags)).rows(named=True)[0] if flags else {}
        return [int(counted.get(f"jsna_{i}") or 0) for i in range(len(tests))]

    def examples(self, test: Any, names: Sequence[str], most: int) -> list[dict[str, Any]]:
        there = self.frame.collect_schema().names()
        picked = self.frame.filter(test).select(*(n for n in dict.fromkeys(names) if n in there))
        return list(door.collected(picked.head(most)).rows(named=True))

    def only(self, keys: Sequence[str], columns: Mapping[str, Any]) -> Frame:
        return self.frame.select(*keys, *(column.alias(name) for name, column in columns.items()))

    def beside(self, columns: Mapping[str, Any]) -> Frame:
        return self.frame.with_columns(*(column.alias(name) for name, column in columns.items())).drop(*self._made)


def _replaced(name: str, table: Mapping[Any, float]) -> Any:
    if not table:
        return nw.lit(None, dtype=door.NUMBER)
    return nw.col(name).replace_strict(list(table), list(table.values()), default=None, return_dtype=door.NUMBER)


@frozen
class Groups:
    """The group of each row (`codes`, numbered in the order of their keys), the first row of each, and whether rows stand in that order."""

    codes: NDArray[np.int64]
    firsts: NDArray[np.int64]
    in_order: bool

    @property
    def single(self) -> bool:
        """Whether every row is a group of its own, in order."""
        return self.in_order and len(self.firsts) == len(self.codes)

    def total(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """The sum of each group; NaN where a number of it is."""
        if self.single:
            return values
        if self.in_order:
            return np.add.reduceat(values, self.firsts)
        return np.bincount(self.codes, weights=values, minlength=len(self.firsts)).astype(np.float64)

    def rows(self) -> NDArray[np.float64]:
        """How many rows each group has."""
        if self.in_order:
            return np.diff(np.append(self.firsts, len(self.codes))).astype(np.float64)
        counted: NDArray[np.float64] = np.bincount(self.codes, minlength=len(self.firsts)).astype(np.float64)
        return counted

    def spread(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """The number of its group beside each row."""
        if self.in_order:
            return np.repeat(values, np.diff(np.append(self.firsts, len(self.codes))))
        return values[self.codes]


class Arrays(Columns):
    """Columns of a frame in memory, as numpy arrays: floats in which missing is NaN; words as small numbers, missing as -1."""

    frame: nw.DataFrame[Any]

    def __init__(self, frame: nw.DataFrame[Any], made: Mapping[str, Any], words: list[str] | None = None) -> None:
        self.frame = frame
        self._made = made
        self._words: list[str] = [] if words is None else words
        self._numbers: dict[str, NDArray[np.float64]] = {}
        self._keys: dict[str, Key] = {}
        self._groups: dict[tuple[str, ...], Groups] = {}

    def number(self, name: str) -> Any:
        if name not in self._numbers:
            column = self.frame[name]
            if not (column.dtype.is_integer() or column.dtype.is_float()):
                column = column.cast(door.NUMBER)
            self._numbers[name] = np.asarray(column.to_numpy(), np.float64)
        return self._numbers[name]

    def endless(self, name: str) -> Any:
        return None if self.frame[name].dtype.is_integer() else np.isinf(self.number(name))

    def gone(self, name: str) -> Any:
        column = self.frame[name].is_null()
        return column.to_numpy().astype(bool) if column.any() else np.False_

    def __getitem__(self, name: str) -> Any:
        return self._made[name]

    def add(self, **columns: Any) -> Columns:
        more = Arrays(self.frame, {**self._made, **columns}, self._words)
        more._numbers, more._keys, more._groups = self._numbers, self._keys, self._groups
        return more

    def word(self, word: str | None) -> Any:
        if word is None:
            return np.int8(-1)
        if word not in self._words:
            self._words.append(word)
        return np.int8(self._words.index(word))

    def constant(self, value: float) -> Any:
        return np.float64(value)

    def where(self, test: Any, then: Any, other: Any = None) -> Any:
        if np.all(test):
            return then
        return np.where(test, then, np.nan if other is None else other)

    def holds(self, test: Any) -> Any:
        return test

    def absent(self, column: Any) -> Any:
        return np.isnan(column)

    def floats(self, column: Any) -> Any:
        return np.asarray(column, np.float64)

    def root(self, column: Any) -> Any:
        return np.sqrt(column)

    def log(self, column: Any) -> Any:
        return np.log(column)

    def mapped(self, name: str, function: Callable[[float], float]) -> Any:
        given = np.asarray(self._made[name], np.float64)
        if len(given) and given.min() == given.max():
            return np.full(len(given), function(float(given[0])))
        known, back = np.unique(given, return_inverse=True)
        return np.array([np.nan if value != value else function(float(value)) for value in known], np.float64)[back]

    def wilson(self, x: Any, n: Any, level: Level) -> tuple[Any, Any]:
        return wilson_interval(x, n, level.confidence)

    def poisson(self, name: str, level: Level) -> tuple[Any, Any]:
        return poisson_interval(self._made[name], level.confidence, exact_below=SMALL)

    def looked_up(self, name: str, table: Callable[[list[Any]], Mapping[Any, float]]) -> Any:
        key = self._key(name)
        given = table([value for value in key.values if value is not None])
        return np.array([np.nan if value is None else given.get(value, np.nan) for value in key.values], np.float64)[key.codes]

    def times(self, keys: Sequence[str]) -> Columns:
        groups = self.groups(keys)
        return self.add(jsna_times=groups.spread(groups.rows()))

    def joined(self, small: Frame, on: Sequence[str], names: Sequence[str]) -> Columns:
        rows = door.collected(small.select(*on, *names)).rows()
        held = {row[: len(on)]: row[len(on) :] for row in rows}
        keys: list[tuple[Any, ...]]
        if len(on) == 1:
            key = self._key(on[0])
            codes, keys = key.codes, [(value,) for value in key.values]
        else:
            groups = self.groups(on)
            codes, keys = groups.codes, self.frame[groups.firsts].select(*on).rows() if on else [()]
        nothing = (None,) * len(names)
        found = np.array([held.get(tuple(key), nothing) for key in keys], np.float64).reshape(len(keys), len(names))
        return self.add(**{name: _taken(np.ascontiguousarray(found[:, i]), codes) for i, name in enumerate(names)})

    def totals(self, by: Sequence[str], **sums: Any) -> Columns:
        full = {name: np.broadcast_to(np.asarray(value, np.float64), len(self.frame)) for name, value in sums.items()}
        if not by:
            some = bool(len(self.frame))
            return Arrays(self.frame.head(0), {name: np.array([value.sum() if some else np.nan]) for name, value in full.items()}, self._words)
        groups = self.groups(by)
        return Arrays(self._first_rows(groups, by), {name: groups.total(value) for name, value in full.items()}, self._words)

    def moments(self, by: Sequence[str], name: str) -> Columns:
        v = np.asarray(self._made[name], np.float64)
        if not by and not len(v):
            none = np.zeros(1)
            return Arrays(
                self.frame.head(0), {"count": np.zeros(1, np.int64), "sum": none, "sd": none, "jsna_mean": none, "jsna_missing": none}, self._words
            )
        groups, missing = self.groups(by), np.isnan(v)
        some = bool(missing.any())
        gaps, there = (groups.total(missing.astype(np.float64)), np.where(missing, 0.0, v)) if some else (np.zeros(len(groups.firsts)), v)
        n, total = groups.rows() - gaps, groups.total(there)
        mean = total / n
        apart = there - groups.spread(mean)
        apart *= apart
        apart = groups.total(np.where(missing, 0.0, apart) if some else apart)
        made: dict[str, Any] = {
            "count": n.astype(np.int64),
            "sum": total,
            "sd": np.sqrt(apart / np.where(n > 1, n - 1, np.nan)),
            "jsna_mean": mean,
            "jsna_missing": gaps,
        }
        return Arrays(self._first_rows(groups, by), made, self._words)

    def ends(self, name: str) -> tuple[float, float] | None:
        column = self._made[name]
        told = column[~np.isnan(column)]
        return (float(told.min()), float(told.max())) if len(told) else None

    def breaking(self, tests: Sequence[Any]) -> list[int]:
        return [0 if test is None else int(np.count_nonzero(test)) for test in tests]

    def examples(self, test: Any, names: Sequence[str], most: int) -> list[dict[str, Any]]:
        at = np.flatnonzero(test)[:most]
        held = [n for n in dict.fromkeys(names) if n in self.frame.columns]
        rows = self.frame[at].select(*held).rows(named=True) if held else [{} for _ in at]
        made = [n for n in names if n in self._made]
        return [{door.ROW: int(i), **row, **{n: self._made[n][i] for n in made}} for i, row in zip(at, rows, strict=True)]

    def only(self, keys: Sequence[str], columns: Mapping[str, Any]) -> Frame:
        size = next((len(c) for c in columns.values() if isinstance(c, np.ndarray)), len(self.frame))
        written = self._written(columns, size)
        if not keys:
            return written
        return nw.maybe_reset_index(self.frame.select(*keys)).with_columns(*written.iter_columns())

    def beside(self, columns: Mapping[str, Any]) -> Frame:
        written = self._written(columns, len(self.frame))
        return self.frame.with_columns(*written.iter_columns())

    def whole(self, column: NDArray[np.float64]) -> Any:
        """Whole numbers, some of them missing, as the frame's kind holds them: pandas as floats."""
        return column if self.frame.implementation.is_pandas_like() else pa.array(column, pa.float64(), from_pandas=True).cast(pa.int64())

    def _written(self, columns: Mapping[str, Any], size: int) -> nw.DataFrame[Any]:
        """The columns as a frame of the kind that came in, missing as that kind has it."""
        vocabulary = pa.array(self._words or [""], pa.large_string())
        table: dict[str, Any] = {}
        for name, given in columns.items():
            if isinstance(given, pa.Array):
                table[name] = given
            elif np.ndim(given) == 0:
                one = given if given.dtype != np.int8 else vocabulary[int(given)] if given >= 0 else pa.scalar(None, pa.large_string())
                table[name] = pa.repeat(one, size)
            elif given.dtype == np.int8:
                table[name] = vocabulary.take(pa.array(given, mask=given < 0))
            else:
                table[name] = pa.array(given, from_pandas=True)
        return nw.DataFrame.from_arrow(pa.table(table), backend=self.frame.implementation)

    def _first_rows(self, groups: Groups, by: Sequence[str]) -> nw.DataFrame[Any]:
        keys = self.frame.select(*by) if by else self.frame.head(0)
        return keys if not by or groups.single else keys[groups.firsts]

    def groups(self, by: Sequence[str]) -> Groups:
        """The groups of the rows by some key columns, in the order of their keys; a missing key is a group before all others."""
        asked = tuple(by)
        if asked not in self._groups:
            self._groups[asked] = self._grouped(asked)
        return self._groups[asked]

    def unique(self, by: Sequence[str]) -> bool:
        """Whether no key stands twice."""
        codes, size = self._combined(by)
        there = np.zeros(size, bool)
        there[codes] = True
        return int(there.sum()) == len(codes)

    def _key(self, name: str) -> Key:
        if name not in self._keys:
            self._keys[name] = _ordered(self.frame, name)
        return self._keys[name]

    def _combined(self, by: Sequence[str]) -> tuple[NDArray[np.int64], int]:
        """A number for the key of each row, in the order of the keys, and one more than the highest there may be."""
        rows = len(self.frame)
        codes, size = np.zeros(rows, np.int64), 1
        for name in by:
            key = self._key(name)
            codes, size = (key.codes, len(key.values)) if size == 1 else (codes * len(key.values) + key.codes, size * len(key.values))
            # Sorting costs more than a few empty places in a count of groups.
            if size > 8 * rows + 1024:
                known, codes = np.unique(codes, return_inverse=True)
                size = len(known)
        return codes, size

    def _grouped(self, by: tuple[str, ...]) -> Groups:
        rows = len(self.frame)
        if len(by) == 1 and (starts := self._key(by[0]).starts) is not None:
            return Groups(self._key(by[0]).codes, starts, in_order=True)
        codes, size = self._combined(by)
        if not rows:
            return Groups(codes, np.zeros(0, np.int64), in_order=True)
        steps = np.diff(codes)
        if (steps >= 0).all():
            firsts = np.concatenate([[0], np.flatnonzero(steps) + 1])
            return Groups(np.repeat(np.arange(len(firsts)), np.diff(np.append(firsts, rows))), firsts, in_order=True)
        there = np.zeros(size, bool)
        there[codes] = True
        codes = (np.cumsum(there) - 1)[codes]
        firsts = np.zeros(int(there.sum()), np.int64)
        # The last written stays, so that of the rows from behind it is the first of each group.
        firsts[codes[::-1]] = np.arange(rows - 1, -1, -1)
        return Groups(codes, firsts, in_order=False)


def _taken(values: NDArray[np.float64], codes: NDArray[np.int64]) -> NDArray[np.float64]:
    """The value of each row by its code; where there is one value for all, it is not copied."""
    if len(values) and (values == values[0]).all():
        return np.broadcast_to(values[0], len(codes))
    return values[codes]


@frozen(eq=False)
class Key:
    """The values of a key column in their order, the place of each row's value among them, and, where rows stand in that order, the first row of each value."""

    codes: NDArray[np.int64]
    held: pa.Array
    starts: NDArray[np.int64] | None = None

    @functools.cached_property
    def values(self) -> list[Any]:
        """The values themselves."""
        return list(self.held.to_pylist())


def _ordered(frame: nw.DataFrame[Any], name: str) -> Key:
    column = frame[name].to_arrow()
    column = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if pa.types.is_string_view(column.type):
        # Text in views, as Polars may hand it over, has no comparison.
        column = column.cast(pa.large_string())
    if pa.types.is_dictionary(column.type) or column.null_count or not len(column) or not _in_runs(column[:_SAMPLE]):
        return _by_dictionary(frame, name, column)
    changed = np.concatenate([[True], pc.not_equal(column[1:], column[:-1]).to_numpy(zero_copy_only=False)])
    starts = np.flatnonzero(changed)
    heads = column if len(starts) == len(column) else column.take(pa.array(starts))
    if pc.all(pc.less(heads[:-1], heads[1:])).as_py() is not False:
        return Key(np.cumsum(changed) - 1, heads, starts)
    of_heads = _by_dictionary(frame, name, heads)
    return Key(np.repeat(of_heads.codes, np.diff(np.append(starts, len(column)))), of_heads.held)


def _in_runs(sample: pa.Array) -> bool:
    """Whether rows of one key seem to stand together, or all keys to rise: then few comparisons take the place of a dictionary."""
    before, after = sample[:-1], sample[1:]
    return 2 * (pc.sum(pc.not_equal(after, before)).as_py() or 0) <= len(sample) or pc.all(pc.less(before, after)).as_py() is not False


def _by_dictionary(frame: nw.DataFrame[Any], name: str, column: pa.Array) -> Key:
    own = pa.types.is_dictionary(column.type)
    encoded = column if own else column.dictionary_encode()
    values = encoded.dictionary
    if own:
        # Categories have an order of their own.
        order = {value: i for i, value in enumerate(v for v in frame.select(name).unique().sort(name)[name].to_list() if v is not None)}
        place = np.array([order.get(value, 0) for value in values.to_pylist()], np.int64)
        values = pa.array(list(order), values.type)
    else:
        sorting = pc.array_sort_indices(values)
        place = np.empty(len(values), np.int64)
        place[np.asarray(sorting)] = np.arange(len(values))
        values = values.take(sorting)
    if not encoded.indices.null_count:
        return Key(place[np.asarray(encoded.indices, np.int64)], values)
    codes = np.append(place + 1, 0)[np.asarray(encoded.indices.fill_null(len(place)), np.int64)]
    return Key(codes, pa.concat_arrays([pa.nulls(1, values.type), values]))


def estimate(
    rows: Columns, made: Sequence[Level], value: Any, sides: Sequence[tuple[Any, Any]], method: Any, needs: Sequence[tuple[Any, str]]
) -> dict[str, Any]:  # fmt: skip
    """The columns of an estimate; every need that is not met makes it missing, and the first such gives the reason."""
    there = needs[0][0]
    for need, _ in needs[1:]:
        there = there & need
    reason = rows.word(None)
    for need, word in reversed(needs):
        reason = rows.where(need, reason, rows.word(word))
    columns = {"value": rows.where(there, value)}
    for level, (lower, upper) in zip(made, sides, strict=True):
        columns |= {level.lower: rows.where(there, lower), level.upper: rows.where(there, upper)}
    if door.alone(made):
        columns["confidence"] = rows.constant(made[0].confidence)
    return {**columns, "method": rows.where(there, method, rows.word(None)), "reason": reason}
