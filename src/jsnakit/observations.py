"""THE table: one row is one published or computed figure. The only place that names its columns.

Names follow SDMX concepts in snake case. Frames are plain: pandas in the user's hands, any frame that narwhals reads inside. `check` is the
contract; `to_arrow` and `to_pandas` give the one Arrow schema and the one set of pandas types, so that equal inputs give equal bytes.

    jsnakit            SDMX concept                jsnakit             SDMX concept
    indicator          INDICATOR                   value               OBS_VALUE
    area               REF_AREA                    lower, upper        CONF_INT_LOWER, CONF_INT_UPPER
    period_start,      TIME_PERIOD (start/         status              OBS_STATUS (see STATUSES)
      period_duration    duration form)            flags               OBS_STATUS (see FLAGS)
    sex, age           SEX, AGE                    note                COMMENT_OBS
    category           a breakdown's code list     origin              DATA_PROVIDER's file
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

import narwhals.stable.v2 as nw
import numpy as np
import pyarrow as pa
from attrs import frozen
from narwhals.stable.v2.typing import IntoDataFrame
from numpy.typing import NDArray

from jsnakit.errors import InvalidValueError, TableError
from jsnakit.model import TOTAL

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "BREAKDOWNS",
    "COLUMNS",
    "FLAGS",
    "KEY",
    "OBSERVATION_SCHEMA",
    "PUBLISHED_PREFIX",
    "RELATION_COLUMNS",
    "RELATION_SCHEMA",
    "SCHEMA_VERSION",
    "STATUSES",
    "Failure",
    "build",
    "check",
    "check_relations",
    "empty",
    "to_arrow",
    "to_pandas",
]

SCHEMA_VERSION: Final = 1
"""The version of the table, written into every export, manifest and lock."""

PUBLISHED_PREFIX: Final = "published_"
"""Further columns are allowed only under this prefix: what the publisher itself computed, kept beside ours."""

BREAKDOWNS: Final = ("sex", "age", "category_type", "category")
"""The breakdown columns; `_T` is the total in each, never null."""

KEY: Final = ("indicator", "area_scheme", "area_type", "area", "period_start", "period_duration", *BREAKDOWNS)
"""No two rows of a table agree in all of these."""

_TEXT = pa.string()
_NUMBER = pa.float64()
OBSERVATION_SCHEMA: Final = pa.schema(
    [
        pa.field("indicator", _TEXT, nullable=False),
        pa.field("area_scheme", _TEXT, nullable=False),
        pa.field("area_type", _TEXT, nullable=False),
        pa.field("area", _TEXT, nullable=False),
        pa.field("period_start", pa.date32(), nullable=False),
        pa.field("period_duration", _TEXT, nullable=False),
        pa.field("period", _TEXT),
        pa.field("sex", _TEXT, nullable=False),
        pa.field("age", _TEXT, nullable=False),
        pa.field("category_type", _TEXT, nullable=False),
        pa.field("category", _TEXT, nullable=False),
        pa.field("value", _NUMBER),
        pa.field("lower", _NUMBER),
        pa.field("upper", _NUMBER),
        pa.field("limits_method", _TEXT),
        pa.field("value_min", _NUMBER),
        pa.field("value_max", _NUMBER),
        pa.field("count", _NUMBER),
        pa.field("denominator", _NUMBER),
        pa.field("status", _TEXT, nullable=False),
        pa.field("flags", _TEXT),
        pa.field("note", _TEXT),
        pa.field("origin", _TEXT, nullable=False),
    ]
)
"""The one Arrow schema of observations."""

COLUMNS: Final = tuple(OBSERVATION_SCHEMA.names)
"""The columns of the observation table, in their order."""

STATUSES: Final[Mapping[str, str]] = {
    "normal": "A",
    "low_reliability": "U",
    "inherited": "I",
    "suppressed": "Q",
    "not_submitted": "O",
    "not_collected": "L",
    "not_available": "O",
    "not_applicable": "M",
}
"""Why a value is here or not, with its SDMX OBS_STATUS. The first three have a value, or bounds; the others have no value."""

PRESENT: Final = ("normal", "low_reliability", "inherited")

FLAGS: Final[Mapping[str, str]] = {
    "provisional": "P",
    "revised": "V",
    "estimated": "E",
    "carried_forward": "E",
    "forecast": "F",
    "break": "B",
    "rounded": "A",
}
"""What else the publisher says of a figure, with its SDMX OBS_STATUS. A publisher that repeats last year's figure has not measured again: `carried_forward`."""

RELATION_SCHEMA: Final = pa.schema(
    [
        pa.field("from_scheme", _TEXT, nullable=False),
        pa.field("from_type", _TEXT, nullable=False),
        pa.field("from_area", _TEXT, nullable=False),
        pa.field("to_scheme", _TEXT, nullable=False),
        pa.field("to_type", _TEXT, nullable=False),
        pa.field("to_area", _TEXT, nullable=False),
        pa.field("kind", _TEXT, nullable=False),
        pa.field("period_start", pa.date32()),
        pa.field("period_duration", _TEXT),
        pa.field("weight", _NUMBER),
        pa.field("count", _NUMBER),
        pa.field("note", _TEXT),
        pa.field("origin", _TEXT, nullable=False),
    ]
)
"""The one Arrow schema of relations: `from` stands in a relation of this `kind` to `to`, with a share (`weight`, 0 to 1) and a `count` where there is one."""

RELATION_COLUMNS: Final = tuple(RELATION_SCHEMA.names)
"""The columns of the relations table, in their order."""

RELATION_KEY: Final = ("from_scheme", "from_type", "from_area", "to_scheme", "to_type", "to_area", "kind", "period_start", "period_duration")

SCHEMA_METADATA: Final = {b"jsnakit.schema_version": str(SCHEMA_VERSION).encode()}
"""What the schema of a table carries besides its columns: the version of the table."""


@frozen
class Failure:
    """One reason why a frame is not a valid table: a code, the column, how many rows, and the first row and value that show it.

    `row` counts from 0 in the frame as given.
    """

    reason: str
    column: str
    rows: int
    row: int | None = None
    value: Any = None

    def __str__(self) -> str:
        where = "" if self.row is None else f", first at row {self.row}: {self.value!r}"
        return f"{self.reason} ({self.column}, {self.rows:,} rows{where})"


def empty() -> pa.Table:
    """An observation table of no rows.

    >>> empty().num_rows
    0
    """
    return OBSERVATION_SCHEMA.empty_table()


def build(n: int, /, **columns: Any) -> pa.Table:
    """An observation table of `n` rows from arrays or single values; what is left out is `_T` in breakdowns, `normal` as status, null elsewhere.

    Raises `InvalidValueError` for a column the table does not have. NaN becomes null: missing is never a number.

    >>> t = build(
    ...     1,
    ...     indicator="x.y",
    ...     area_scheme="gss",
    ...     area_type="country",
    ...     area="E92000001",
    ...     period_start=dt.date(2026, 2, 1),
    ...     period_duration="P1M",
    ...     value=[1.0],
    ...     origin="doc",
    ... )
    >>> t["sex"].to_pylist()
    ['_T']
    """
    defaults: dict[str, Any] = dict.fromkeys(BREAKDOWNS, "_T") | {"status": "normal"}
    extra = [c for c in columns if c not in COLUMNS and not c.startswith(PUBLISHED_PREFIX)]
    if extra:
        raise InvalidValueError(f"the observation table has no column {extra[0]!r}", hint=f"its columns are {', '.join(COLUMNS)}", value=extra[0])
    fields = [*OBSERVATION_SCHEMA, *(pa.field(c, _published_type(columns[c])) for c in columns if c.startswith(PUBLISHED_PREFIX))]
    arrays = []
    for f in fields:
        given = columns.get(f.name, defaults.get(f.name))
        arrays.append(_column(given, f.type, n))
    return pa.table(arrays, schema=pa.schema(fields, metadata=SCHEMA_METADATA))


def _published_type(given: Any) -> pa.DataType:
    if isinstance(given, pa.Array | pa.ChunkedArray):
        return _NUMBER if pa.types.is_floating(given.type) or pa.types.is_integer(given.type) else _TEXT
    return pa.array(given).type if not isinstance(given, str | float | int | None) else (_TEXT if isinstance(given, str | None) else _NUMBER)


def _column(given: Any, kind: pa.DataType, n: int) -> pa.Array | pa.ChunkedArray:
    if given is None:
        return pa.nulls(n, kind)
    if isinstance(given, str | int | float | dt.date):
        return pa.repeat(pa.scalar(given, kind), n)
    if isinstance(given, pa.ChunkedArray | pa.Array):
        if pa.types.is_dictionary(given.type):
            given = given.cast(given.type.value_type)
        return given if given.type == kind else given.cast(kind)
    return pa.array(given, kind, from_pandas=True)


def to_arrow(frame: IntoDataFrame | pa.Table, *, relations: bool = False, order: bool = True, encoded: bool = False) -> pa.Table:
    """The frame in the one Arrow schema, sorted by key, without foreign metadata: equal inputs give equal bytes.

    With `encoded`, text that comes as a dictionary stays one, which `check` reads faster; a second call without it gives the one schema.
    Text is null, never empty; NaN becomes null; a midnight datetime becomes a date. Raises `TableError` where a column is missing, extra or of the wrong type.
    """
    schema = RELATION_SCHEMA if relations else OBSERVATION_SCHEMA
    table = frame if isinstance(frame, pa.Table) else nw.from_native(frame, eager_only=True).to_arrow()
    known, there = tuple(schema.names), tuple(table.column_names)
    missing = [c for c in known if c not in there]
    extra = [c for c in there if c not in known and (relations or not c.startswith(PUBLISHED_PREFIX))]
    failures = [Failure("missing-column", c, table.num_rows) for c in missing] + [Failure("unknown-column", c, table.num_rows) for c in extra]
    if failures:
        raise _table_error(failures)
    fields = [*schema, *(pa.field(c, _flat(table.schema.field(c).type)) for c in sorted(there) if c not in known)]
    arrays = []
    # Columns without any value share one array of each type: a publisher's table has many of them.
    nulls: dict[pa.DataType, pa.ChunkedArray] = {}
    for f in fields:
        column = table[f.name]
        try:
            arrays.append(_clean(column, f.type))
            if arrays[-1].type == f.type and arrays[-1].null_count == table.num_rows:
                if f.type not in nulls:
                    nulls[f.type] = arrays[-1] if arrays[-1].num_chunks == 1 else pa.chunked_array([pa.nulls(table.num_rows, f.type)])
                arrays[-1] = nulls[f.type]
            if pa.types.is_dictionary(arrays[-1].type):
                fields[len(arrays) - 1] = f.with_type(arrays[-1].type)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError, pa.ArrowTypeError) as error:
            failures.append(Failure("wrong-type", f.name, table.num_rows, None, f"{column.type} is not {f.type}: {error}"))
    if failures:
        raise _table_error(failures)
    made = pa.table(arrays, schema=pa.schema(fields, metadata=SCHEMA_METADATA))
    if order:
        made = _taken(made, _sort_indices(made, RELATION_KEY if relations else KEY))
    return made if encoded else decoded(made)


def decoded(table: pa.Table) -> pa.Table:
    """A table that `to_arrow` gave with `encoded`, in the one schema: every dictionary spelt out."""
    if not any(pa.types.is_dictionary(f.type) for f in table.schema):
        return table
    kinds = [f.with_type(f.type.value_type) if pa.types.is_dictionary(f.type) else f for f in table.schema]
    repeated: dict[Any, pa.Array] = {}
    columns = []
    for column, f in zip(table.columns, kinds, strict=True):
        if pa.types.is_dictionary(column.type):
            if _is_constant(column):
                value = column.chunk(0).dictionary[0]
                columns.append(repeated.setdefault(value, pa.repeat(value, table.num_rows)))
                continue
            column = column.cast(f.type)  # noqa: PLW2901
        columns.append(column)
    return pa.table(columns, schema=pa.schema(kinds, metadata=SCHEMA_METADATA))


def _is_constant(column: pa.ChunkedArray) -> bool:
    """Whether a dictionary holds no more than the one value that every row has."""
    return pa.types.is_dictionary(column.type) and column.num_chunks == 1 and not column.null_count and len(column.chunk(0).dictionary) == 1


def _taken(table: pa.Table, rows: pa.Array | None) -> pa.Table:
    """The rows in another order; null for the order they have. A column that is the same in every row is the same in every order."""
    if rows is None:
        return table
    columns = [c if c.null_count == len(c) or _is_constant(c) else c.take(rows) for c in table.columns]
    return pa.table(columns, schema=table.schema)


def _ranks(column: pa.ChunkedArray) -> tuple[NDArray[np.signedinteger[Any]], int] | None:
    """A column as whole numbers in the order of its values, and how many there are; null where it is neither a dictionary nor dates, or something is missing."""
    if column.null_count or not (pa.types.is_dictionary(column.type) or pa.types.is_date32(column.type)):
        return None
    if pa.types.is_date32(column.type):
        days = column.cast(pa.int32()).to_numpy().astype(np.int64, copy=False)
        first = int(days.min(initial=0))
        return days - first, int(days.max(initial=0)) - first + 1
    (chunk,) = column.unify_dictionaries().chunks or [pa.DictionaryArray.from_arrays(pa.array([], pa.int32()), pa.array([], _TEXT))]
    values = chunk.dictionary.to_pylist()
    place = {value: i for i, value in enumerate(sorted(set(values)))}
    if len(place) < 2:
        return np.zeros(1, np.int32), 1
    return np.array([place[v] for v in values], np.int32)[chunk.indices.to_numpy()], len(place)


def _sort_indices(table: pa.Table, key: Iterable[str]) -> pa.Array | None:
    """In which order the rows are sorted by key; null where they are."""
    import pyarrow.compute as pc

    ranked = [_ranks(table[name]) for name in key] if table.num_rows else []
    if ranked and all(r is not None for r in ranked):
        folded, size = np.zeros(table.num_rows, np.int64), 1
        for ranks, width in (r for r in ranked if r is not None and r[1] > 1):
            size *= width
            if size >= 2**62:
                break
            folded *= width
            folded += ranks
        else:
            return None if (folded[1:] >= folded[:-1]).all() else pa.array(np.argsort(folded, kind="stable"))
    table = decoded(table.select(list(key)))
    # Constant columns cost the sort time and change nothing.
    names = [name for name in key if table.num_rows and len(table[name].unique()) > 1]
    return pc.sort_indices(table.select(names), sort_keys=[(n, "ascending") for n in names]) if names else pa.array(range(table.num_rows), pa.int64())


def _flat(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return _TEXT if pa.types.is_large_string(kind) or pa.types.is_null(kind) else kind


def _clean(column: pa.ChunkedArray, kind: pa.DataType) -> pa.ChunkedArray:
    import pyarrow.compute as pc

    if pa.types.is_dictionary(column.type):
        if kind == _TEXT and pa.types.is_string(column.type.value_type) and column.num_chunks:
            if column.num_chunks > 1:
                column = pa.chunked_array([column.unify_dictionaries().combine_chunks()])
            values = column.chunk(0).dictionary
            if not values.null_count and "" not in values.to_pylist():
                return column
        column = column.cast(column.type.value_type)
    if pa.types.is_null(column.type):
        return pa.chunked_array([pa.nulls(len(column), kind)])
    if column.type == kind and column.null_count == len(column):
        return column
    if kind == _NUMBER and pa.types.is_floating(column.type) and pc.any(pc.is_nan(column), min_count=0).as_py():
        column = pc.if_else(pc.is_nan(column), pa.scalar(None, column.type), column)
    if column.type != kind:
        # A string that spells a number is still a string: only numbers become numbers, and a time of day is never cut off.
        if kind == _NUMBER and not (pa.types.is_floating(column.type) or pa.types.is_integer(column.type) or pa.types.is_decimal(column.type)):
            raise pa.ArrowInvalid("not a number")
        if kind == _TEXT and not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
            raise pa.ArrowInvalid("not text")
        column = column.cast(kind)
    if kind == _TEXT:
        blank = pc.equal(column, "")
        if pc.any(blank, min_count=0).as_py():
            column = pc.if_else(blank, pa.scalar(None, _TEXT), column)
    return column


def to_pandas(table: pa.Table) -> pd.DataFrame:
    """A plain pandas frame: text as `str`, dates as `datetime64`, numbers as `float64` with NaN for missing.

    >>> str(to_pandas(empty()).dtypes["period_start"])
    'datetime64[us]'
    """
    columns = {f.name: table[f.name].cast(pa.timestamp("us")) if pa.types.is_date(f.type) else table[f.name] for f in table.schema}
    frame: pd.DataFrame = pa.table(columns).to_pandas()
    return frame


def _table_error(failures: list[Failure]) -> TableError:
    listed = "\n".join(f"  - {failure}" for failure in failures)
    return TableError(
        f"not a valid table, {len(failures)} reasons:\n{listed}",
        hint="see docs: the observation table; every reason is listed, so they can be mended together",
        failures=tuple(failures),
        total=sum(failure.rows for failure in failures),
    )


def check(frame: IntoDataFrame | pa.Table) -> None:
    """Raise one `TableError` that lists every reason why the frame is not a valid observation table; return nothing if it is.

    Any eager frame that narwhals reads will do. Columns must be present, typed and named; keys complete and unique; statuses and flags known; `category_type`
    is `_T` if and only if `category` is; a present status has a value or bounds, any other has no value; numbers are finite, limits in order and around the value; no text is empty.

    >>> check(empty())
    >>> try:
    ...     check(empty().drop_columns(["note"]))
    ... except TableError as error:
    ...     print(error.failures[0])
    missing-column (note, 0 rows)
    """
    df = nw.from_native(frame, eager_only=True)
    failures = _column_failures(df)
    if failures:
        raise _table_error(failures)
    if len(df) == 0:
        return
    rows = _Rows(df)
    failures = [*_vocabulary_failures(rows), *_row_failures(rows)]
    if not any(f.reason == "null-key" for f in failures):
        failures += _duplicate_failures(rows, KEY)
    if failures:
        raise _table_error(failures)


def check_relations(frame: IntoDataFrame | pa.Table) -> None:
    """Raise one `TableError` that lists every reason why the frame is not a valid relations table; return nothing if it is."""
    df = nw.from_native(frame, eager_only=True)
    missing = [Failure("missing-column", c, len(df)) for c in RELATION_COLUMNS if c not in df.columns]
    missing += [Failure("unknown-column", c, len(df)) for c in df.columns if c not in RELATION_COLUMNS]
    if missing:
        raise _table_error(missing)
    if len(df) == 0:
        return
    rows = _Rows(df)
    failures = [failure for f in RELATION_SCHEMA if not f.nullable for failure in rows.failures("null-key", f.name, rows.equal(f.name, None))]
    if (weight := rows.numbers("weight")) is not None:
        failures += rows.failures("weight-out-of-range", "weight", (weight < 0) | (weight > 1))
    if (count := rows.numbers("count")) is not None:
        failures += rows.failures("negative", "count", count < 0)
    failures += _duplicate_failures(rows, RELATION_KEY)
    if failures:
        raise _table_error(failures)


_TEXT_COLUMNS = tuple(f.name for f in OBSERVATION_SCHEMA if f.type == _TEXT)
_NUMBER_COLUMNS = tuple(f.name for f in OBSERVATION_SCHEMA if f.type == _NUMBER)
_REQUIRED = tuple(f.name for f in OBSERVATION_SCHEMA if not f.nullable)


def _column_failures(df: nw.DataFrame[Any]) -> list[Failure]:
    there = df.columns
    failures = [Failure("missing-column", c, len(df)) for c in COLUMNS if c not in there]
    failures += [Failure("unknown-column", c, len(df)) for c in there if c not in COLUMNS and not c.startswith(PUBLISHED_PREFIX)]
    for name, kind in df.schema.items():
        if name in _TEXT_COLUMNS:
            good = kind in (nw.String, nw.Categorical, nw.Enum) or df[name].is_null().all()
        elif name in _NUMBER_COLUMNS:
            good = kind == nw.Float64 or (kind not in (nw.String, nw.Boolean) and df[name].is_null().all())
        elif name == "period_start":
            good = kind == nw.Date or isinstance(kind, nw.Datetime)
        else:
            good = True
        if not good:
            failures.append(Failure("wrong-type", name, len(df), None, str(kind)))
    return failures


def _codes_of(column: pa.Array) -> tuple[NDArray[np.integer[Any]], list[Any]]:
    """A column as codes and its distinct values, of which None is one where anything is missing. A dictionary may hold values that no row has."""
    if pa.types.is_dictionary(column.type):
        values = column.dictionary.to_pylist()
        if None not in values and len(set(values)) == len(values):
            codes = column.indices
            if codes.null_count:
                codes, values = codes.fill_null(len(values)), [*values, None]
            return codes.to_numpy(), values
        column = column.dictionary_decode()
    coded = column.dictionary_encode("encode")
    return coded.indices.to_numpy(), coded.dictionary.to_pylist()


class _Rows:
    """The columns of a frame as codes, distinct values and numbers, each read once through Arrow: the rules are the same on every engine, and cost the same."""

    def __init__(self, df: nw.DataFrame[Any]) -> None:
        self.df = df
        self.n = len(df)
        native = nw.to_native(df)
        self._table = native if isinstance(native, pa.Table) else None
        self._read: dict[str, Any] = {}
        self._coded: dict[str, tuple[NDArray[np.integer[Any]], list[Any]]] = {}

    def column(self, name: str) -> Any:
        """A column as Arrow has it: most engines need not copy it for that."""
        if name not in self._read:
            if self._table is None:
                self._read[name] = self.df[name].to_arrow()
            else:
                column = self._table[name]
                self._read[name] = column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
        return self._read[name]

    def coded(self, name: str) -> tuple[NDArray[np.integer[Any]], list[Any]]:
        """A column as codes and its distinct values, of which None is one where anything is missing."""
        if name not in self._coded:
            column = self.column(name)
            if column.null_count == self.n:
                self._coded[name] = np.zeros(self.n, np.int32), [None]
            else:
                self._coded[name] = _codes_of(column)
        return self._coded[name]

    def values(self, name: str) -> list[Any]:
        """The distinct values of a column, without the missing one; of a dictionary, those too that no row has."""
        column = self.column(name)
        if pa.types.is_dictionary(column.type):
            return [v for v in column.dictionary.to_pylist() if v is not None]
        return [v for v in self.coded(name)[1] if v is not None]

    def equal(self, name: str, value: Any) -> NDArray[np.bool_]:
        """Where a column has this value; None for where it has none."""
        if value is None:
            import pyarrow.compute as pc

            column = self.column(name)
            if not pa.types.is_dictionary(column.type) or not column.dictionary.null_count:
                missing: NDArray[np.bool_] = pc.is_null(column).to_numpy(zero_copy_only=False)
                return missing
        codes, values = self.coded(name)
        found: NDArray[np.bool_] = codes == values.index(value) if value in values else np.zeros(self.n, np.bool_)
        return found

    def lacks(self, name: str) -> bool:
        """Whether anything is missing in a column."""
        return bool(self.column(name).null_count)

    def has_empty(self, name: str) -> bool:
        """Whether any text of a column is empty."""
        import pyarrow.compute as pc

        if name in self._coded:
            return "" in self._coded[name][1]
        column = self.column(name)
        if column.null_count == self.n:
            return False
        if pa.types.is_dictionary(column.type):
            return "" in self.values(name) and "" in self.coded(name)[1]
        return bool(pc.any(pc.equal(column, ""), min_count=0).as_py())

    def numbers(self, name: str) -> NDArray[np.float64] | None:
        """A column of numbers with NaN for what is missing; None where all is (such a column may have any type)."""
        column = self.column(name)
        if column.null_count == self.n:
            return None
        found: NDArray[np.float64] = (column if pa.types.is_float64(column.type) else column.cast(pa.float64())).to_numpy(zero_copy_only=False)
        return found

    def failures(self, reason: str, column: str, hit: NDArray[np.bool_]) -> list[Failure]:
        """The failure of a rule, where it hits any row."""
        if not hit.any():
            return []
        row = int(hit.argmax())
        return [Failure(reason, column, int(hit.sum()), row, self.df[column][row : row + 1].to_list()[0])]


def _vocabulary_failures(rows: _Rows) -> list[Failure]:
    """Rules that a value keeps or breaks by itself, asked once of each distinct value."""
    from jsnakit.model import Period

    def known_flags(value: str) -> bool:
        words = value.split(" ")
        return words == sorted(set(words)) and set(words) <= set(FLAGS)

    def a_duration(value: str) -> bool:
        try:
            Period(dt.date(2000, 1, 1), value)
        except InvalidValueError:
            return False
        return True

    rules: tuple[tuple[str, str, Callable[[Any], bool]], ...] = (
        ("unknown-status", "status", lambda v: v in STATUSES),
        ("unknown-flags", "flags", known_flags),
        ("bad-duration", "period_duration", a_duration),
        ("bad-indicator", "indicator", lambda v: "." in v),
        ("time-of-day", "period_start", lambda v: not isinstance(v, dt.datetime) or v.time() == dt.time()),
    )
    failures = [f for reason, c, good in rules for value in rows.values(c) if not good(value) for f in rows.failures(reason, c, rows.equal(c, value))]
    return failures + [f for c in _TEXT_COLUMNS if rows.has_empty(c) for f in rows.failures("empty-text", c, rows.equal(c, ""))]


def _row_failures(rows: _Rows) -> list[Failure]:
    """Rules that look at a row as a whole. A comparison with what is missing never holds, so a column that is missing altogether breaks none of them."""
    failures = [f for c in _REQUIRED if rows.lacks(c) for f in rows.failures("null-key", c, rows.equal(c, None))]
    x = {c: found for c in _NUMBER_COLUMNS if (found := rows.numbers(c)) is not None}
    has = {c: ~np.isnan(v) for c, v in x.items()}
    none = np.zeros(rows.n, np.bool_)
    codes, statuses = rows.coded("status")
    present = np.array([status in PRESENT for status in statuses])[codes]
    absent = np.array([status is not None and status not in PRESENT for status in statuses])[codes]
    hits: list[tuple[str, str, NDArray[np.bool_]]] = [("not-finite", c, np.isinf(v)) for c, v in x.items()]
    hits += [("negative", c, x[c] < 0) for c in ("count", "denominator") if c in x]
    hits.append(("half-a-category", "category", rows.equal("category_type", TOTAL) != rows.equal("category", TOTAL)))
    known = has.get("value", none) | has.get("value_min", none) | has.get("value_max", none)
    hits += [("no-value", "value", present & ~known), ("value-without-status", "value", absent & has.get("value", none))]

    def above(low: str, high: str) -> NDArray[np.bool_]:
        return x[low] > x[high] if low in x and high in x else none

    hits += [
        ("limits-out-of-order", "lower", above("lower", "upper")),
        ("value-outside-limits", "value", above("lower", "value") | above("value", "upper")),
        ("bounds-out-of-order", "value_min", above("value_min", "value_max")),
    ]
    limits = has.get("lower", none) | has.get("upper", none)
    if limits.any():
        hits.append(("limits-without-method", "limits_method", limits & rows.equal("limits_method", None)))
    return failures + [f for reason, c, hit in hits for f in rows.failures(reason, c, hit)]


def _duplicate_failures(rows: _Rows, key: Iterable[str]) -> list[Failure]:
    """The rows that agree in the whole key: its columns' codes are folded into one number a row, so that counting finds them."""
    key = tuple(key)
    folded, top = np.zeros(rows.n, np.int64), 1
    for codes, values in (rows.coded(c) for c in key):
        if len(values) == 1:
            continue
        if top * len(values) >= 2**62:
            numbered, folded = np.unique(folded, return_inverse=True)
            top = len(numbered)
        folded, top = folded * len(values) + codes, top * len(values)
    if top > 8 * rows.n + 1024:
        ordered = np.sort(folded)
        if not (ordered[1:] == ordered[:-1]).any():
            return []
        folded = np.unique(folded, return_inverse=True)[1]
    twice = (np.bincount(folded) > 1)[folded]
    if not twice.any():
        return []
    row = int(twice.argmax())
    return [Failure("duplicate-key", " ".join(key), int(twice.sum()), row, tuple(str(rows.df[c][row : row + 1].to_list()[0]) for c in key))]
