"""A frame's columns as arrays, and arrays back as columns of the same kind of frame.

Every engine is read through Arrow into codes and numbers once, so that pandas, Polars and pyarrow cannot differ in what they compare;
and a sentence is made once for each distinct reason, not once a row.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from jsnakit.errors import InvalidValueError, TableError
from jsnakit.model import Period
from jsnakit.observations import Failure

Bools = NDArray[np.bool_]
Codes = NDArray[np.int64]
Floats = NDArray[np.float64]

_OPTIONAL = (
    "period",
    "lower",
    "upper",
    "lower_99_8",
    "upper_99_8",
    "published_lower_99_8",
    "published_upper_99_8",
    "value_min",
    "value_max",
    "count",
    "denominator",
    "status",
    "flags",
    "area_scheme",
    "sex",
    "age",
    "category_type",
    "category",
)
_REQUIRED = ("indicator", "area_type", "area", "period_start", "period_duration", "value")


class Columns:
    """The columns of an observation table that judging reads, each made once on demand."""

    def __init__(self, frame: Any) -> None:
        try:
            self.frame = nw.from_native(frame, eager_only=True)
        except TypeError as error:
            raise InvalidValueError(
                f"{type(frame).__name__} is not an eager frame",
                hint="give a pandas, Polars or pyarrow frame; collect a lazy one first",
                value=type(frame).__name__,
            ) from error
        names = self.frame.columns
        missing = [c for c in _REQUIRED if c not in names]
        if missing:
            failures = tuple(Failure("missing-column", c, len(self.frame)) for c in missing)
            raise TableError(
                f"this is not an observation table: it lacks {', '.join(missing)}",
                hint="give a frame as ws.observe() returns it",
                failures=failures,
                total=len(failures),
            )
        self.table: pa.Table = self.frame.select([c for c in (*_REQUIRED, *_OPTIONAL) if c in names]).to_arrow()
        self.n = len(self.frame)
        self._codes: dict[str, tuple[Codes, list[Any]]] = {}

    def codes(self, name: str) -> tuple[Codes, list[Any]]:
        """A column as codes and its distinct values; a column that is not there, or a null, is the value None."""
        if name not in self._codes:
            if name in self.table.column_names:
                column = self.table[name]
                if pa.types.is_timestamp(column.type):
                    column = column.cast(pa.date32())
                column = column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)
                coded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
                values = [*coded.dictionary.to_pylist(), None]
                codes = coded.indices.cast(pa.int64()).fill_null(len(values) - 1).to_numpy(zero_copy_only=False)
            else:
                codes, values = np.zeros(self.n, np.int64), [None]
            self._codes[name] = (codes, values)
        return self._codes[name]

    def each(self, name: str, test: Callable[[Any], bool]) -> Bools:
        """A test asked once of each distinct value."""
        codes, values = self.codes(name)
        answers = np.fromiter((test(v) for v in values), np.bool_, len(values))
        result: Bools = answers[codes]
        return result

    def numbers(self, name: str) -> Floats:
        """A numeric column; what is null, NaN, infinite or not there is NaN."""
        if name not in self.table.column_names:
            return np.full(self.n, np.nan)
        try:
            column = self.table[name].cast(pa.float64())
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
            failure = Failure("wrong-type", name, self.n, None, str(self.table[name].type))
            raise TableError(f"the column {name} does not hold numbers ({self.table[name].type})", failures=(failure,), total=1) from error
        values: Floats = pc.fill_null(column, float("nan")).to_numpy()
        return np.where(np.isfinite(values), values, np.nan)

    def periods(self) -> tuple[Codes, list[Period]]:
        """The period of each row as a code and its distinct periods."""
        starts, days = self.codes("period_start")
        durations, words = self.codes("period_duration")
        labels, texts = self.codes("period")
        codes, first = distinct(starts, durations, labels)
        bad = [i for i in first if days[starts[i]] is None or words[durations[i]] is None]
        if bad:
            failure = Failure("null", "period_start", len(bad), int(bad[0]))
            raise TableError(f"row {bad[0]} has no period", hint="jsnakit.check(frame) lists every such row", failures=(failure,), total=1)
        return codes, [Period(days[starts[i]], words[durations[i]], texts[labels[i]] or "") for i in first]

    def months(self) -> NDArray[np.int64]:
        """The month that holds the whole period, counted from year 0; -1 where a period is longer than its month."""
        codes, periods = self.periods()
        numbers = [p.start.year * 12 + p.start.month - 1 if p.first_month == (p.end.year, p.end.month) else -1 for p in periods]
        result: NDArray[np.int64] = np.array(numbers, np.int64)[codes] if periods else np.zeros(0, np.int64)
        return result

    def added(self, **columns: pa.Array) -> Any:
        """The frame, of the kind it came in, with these columns beside its own."""
        made = nw.DataFrame.from_arrow(pa.table(columns), backend=self.frame.implementation)
        return self.frame.with_columns(*(made[name] for name in columns)).to_native()


def distinct(*keys: Codes) -> tuple[Codes, NDArray[np.int64]]:
    """Rows numbered by their distinct combination of keys, and the first row of each."""
    folded = keys[0]
    for key in keys[1:]:
        width = int(key.max()) + 1 if len(key) else 1
        if width == 1:
            continue
        # Renumber when the product could pass 64 bits: the codes then fit into the number of rows.
        if len(folded) and (int(folded.max()) + 1) * width >= 2**62:
            folded = np.unique(folded, return_inverse=True)[1].astype(np.int64)
        folded = folded * width + key
    top = int(folded.max()) + 1 if len(folded) else 0
    if 0 < top <= max(4 * len(folded), 1024):  # counting is quicker than sorting where the codes are dense
        first = np.full(top, -1, np.int64)
        first[folded[::-1]] = np.arange(len(folded) - 1, -1, -1)
        used = np.flatnonzero(first >= 0)
        renumbered = np.zeros(top, np.int64)
        renumbered[used] = np.arange(len(used))
        return renumbered[folded], first[used]
    _, found, codes = np.unique(folded, return_index=True, return_inverse=True)
    return codes.astype(np.int64), found.astype(np.int64)


class Sentences:
    """One text a row, each distinct text kept once. A row without one is empty."""

    def __init__(self, n: int) -> None:
        self.index: Codes = np.zeros(n, np.int64)
        self.texts: list[str] = [""]

    def put(self, mask: Bools, text: str) -> None:
        """One text for all the rows of a mask."""
        if mask.any():
            self.index[mask] = self._number(text)

    def put_each(self, mask: Bools, keys: Sequence[Codes], make: Callable[[int], str]) -> None:
        """A text for each distinct combination of keys among the rows of a mask; `make` is given the number of a row that has it."""
        rows = np.flatnonzero(mask)
        if len(rows):
            codes, first = distinct(*(k[rows] for k in keys))
            numbers = np.array([self._number(make(int(rows[i]))) for i in first], np.int64)
            self.index[rows] = numbers[codes]

    def followed_by(self, other: Sentences, mask: Bools) -> None:
        """Let the other's sentence follow on the rows of a mask that have one."""
        self.put_each(
            mask & (other.index > 0),
            (self.index.copy(), other.index),
            lambda i: f"{self.texts[self.index[i]]} {other.texts[other.index[i]]}".strip(),
        )

    def _number(self, text: str) -> int:
        self.texts.append(text)
        return len(self.texts) - 1

    def array(self) -> pa.Array:
        """The texts as an Arrow column."""
        return pa.DictionaryArray.from_arrays(pa.array(self.index, pa.int32()), pa.array(self.texts, pa.string())).dictionary_decode()
