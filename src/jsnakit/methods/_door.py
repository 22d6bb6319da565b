"""The door of the estimates: any frame that narwhals reads comes in, and the same kind goes out.

A value that is NaN in a Polars frame would poison sums, so it is made missing here; counts become floats, since engines sum whole numbers in different types.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, TypeAlias, TypeVar, cast

import narwhals.stable.v2 as nw
import pyarrow as pa
from attrs import frozen

from jsnakit.errors import InvalidValueError, TableError
from jsnakit.observations import Failure

Frame: TypeAlias = "nw.DataFrame[Any] | nw.LazyFrame[Any]"
Confidence: TypeAlias = float | Sequence[float] | None

NUMBER: Final = nw.Float64
_T = TypeVar("_T")
ROW: Final = "jsna_row"
"""The number of a row among the examples of a failure."""


@frozen
class Level:
    """One confidence level and the names of its limits."""

    confidence: float
    lower: str
    upper: str

    @property
    def tail(self) -> float:
        """The probability beyond each limit."""
        return (1 - self.confidence) / 2


def levels(confidence: Confidence) -> tuple[Level, ...]:
    """A number gives `lower` and `upper`, a list a pair of columns a level (`lower_95`, `upper_99_8`), None no limits."""
    if confidence is None:
        return ()
    if isinstance(confidence, int | float):
        return (Level(_probability(confidence), "lower", "upper"),)
    given = [_probability(c) for c in confidence]
    if not given or len(set(given)) != len(given):
        raise InvalidValueError(f"confidence is {list(confidence)!r}", hint="give different levels: (0.95, 0.998)", value=list(confidence))
    names = [f"{100 * c:.10g}".replace(".", "_") for c in given]
    return tuple(Level(c, f"lower_{name}", f"upper_{name}") for c, name in zip(given, names, strict=True))


def _probability(confidence: float) -> float:
    if isinstance(confidence, bool) or not isinstance(confidence, int | float) or not 0 < confidence < 1:
        raise InvalidValueError(f"confidence is {confidence!r}", hint="give a number between 0 and 1: 0.95", value=confidence)
    return float(confidence)


def written(made: Sequence[Level]) -> list[str]:
    """The names of the columns that an estimate writes."""
    return ["value", *(n for level in made for n in (level.lower, level.upper)), *(["confidence"] if alone(made) else []), "method", "reason"]


def alone(made: Sequence[Level]) -> bool:
    """Whether limits are those of one level, in `lower` and `upper`."""
    return len(made) == 1 and made[0].lower == "lower"


def positive(name: str, value: float) -> float:
    """A multiplier (`per`) that is a finite number above 0."""
    if isinstance(value, bool) or not 0 < value < float("inf"):
        raise InvalidValueError(f"{name} is {value!r}", hint="give a number above 0: 100, 100_000", value=value)
    return float(value)


def keys(by: str | Iterable[str] | None) -> tuple[str, ...]:
    """The names of the columns that make a group."""
    return () if by is None else (by,) if isinstance(by, str) else tuple(by)


def enter(frame: Any) -> Frame:
    """A native frame as narwhals sees it."""
    if type(frame).__module__.partition(".")[0] == "dask":
        # Its rows have no order and its sums no exact place, so that narwhals refuses half of what a method asks, each in words of its own.
        raise InvalidValueError(
            "a frame of Dask is not worked on", hint="give `frame.compute()`, or its partitions one by one", value=type(frame).__name__
        )
    try:
        entered: Frame = nw.from_native(frame)
    except TypeError as error:
        raise InvalidValueError(
            f"{type(frame).__name__} is not a frame", hint="give a pandas, Polars, pyarrow, DuckDB or PySpark frame", value=type(frame).__name__
        ) from error
    return entered


def require(frame: Frame, *, numbers: Sequence[str], keys: Sequence[str] = (), adds: Sequence[str] = ()) -> None:
    """Raise for every column that is missing, holds no numbers, or would be written over."""
    schema = frame.collect_schema()
    there = schema.names()
    failures = [Failure("missing-column", name, 0) for name in dict.fromkeys((*keys, *numbers)) if name not in there]
    for name in dict.fromkeys(numbers):
        # A column of nothing but missing values has no type of its own on some engines.
        if name in there and not (schema[name].is_numeric() or schema[name] in {nw.Unknown, nw.Object}):
            failures.append(Failure("wrong-type", name, 0, None, str(schema[name])))
    failures += [Failure("column-taken", name, 0) for name in adds if name in there]
    lines = [f"{f.column}: {f.reason}" + (f" ({f.value})" if f.value else "") for f in failures]
    fail(failures, lines, "name the columns it has; rename those that would be written over")


def number(name: str) -> nw.Expr:
    """A column as floats in which what is not a number is missing."""
    column = nw.col(name).cast(NUMBER)
    return nw.when(~column.is_nan()).then(column)


def holds(test: nw.Expr) -> nw.Expr:
    """A test that is false, and not missing, where a value it asks about is missing."""
    return test.fill_null(False)


def fail(failures: Sequence[Failure], lines: Sequence[str], hint: str) -> None:
    """Raise one `TableError` with all the failures, if there are any."""
    if failures:
        listed = "\n".join(f"  - {line}" for line in lines)
        raise TableError(
            f"the frame cannot be used, {len(failures)} reasons:\n{listed}", hint=hint, failures=tuple(failures), total=sum(f.rows for f in failures)
        )


def totals(frame: Frame, by: Sequence[str], sums: Mapping[str, nw.Expr]) -> Frame:
    """The sum of each expression in each group, or over all rows where there is no key; missing where anything summed is missing, or nothing is there."""
    made = frame.select(*by, *(value.alias(name) for name, value in sums.items()))
    parts = [nw.len().alias("jsna_rows")]
    for name in sums:
        parts += [nw.col(name).sum(), nw.col(name).count().alias(f"jsna_told_{name}")]
    rows = nw.col("jsna_rows")
    whole = {name: (nw.col(f"jsna_told_{name}") == rows) & (rows > 0) for name in sums}
    return grouped_by(made, by, parts).select(*by, *(nw.when(whole[name]).then(nw.col(name)).alias(name) for name in sums))


def grouped_by(frame: Frame, by: Sequence[str], parts: Sequence[nw.Expr]) -> Frame:
    """One row a group, sorted by its key where the frame has an order; one row in all where there is no key."""
    if not by:
        return frame.select(*parts)
    grouped: Frame = frame.group_by(*by).agg(*parts)
    return grouped.sort(*by) if isinstance(grouped, nw.DataFrame) else grouped


def distinct(frame: Frame, *names: str) -> list[tuple[Any, ...]]:
    """The different values of some columns, in no order."""
    return list(collected(frame.select(*names).unique()).rows())


def text(value: str | None = None) -> nw.Expr:
    """A word, or a missing one, that is text on every engine."""
    return nw.lit(value, dtype=nw.String)


def leave(frame: Frame, like: _T) -> _T:  # noqa: ARG001  # it is there for its type
    """The native frame, of the kind of the one that came in."""
    return cast("_T", frame.to_native())


def collected(frame: Frame) -> nw.DataFrame[Any]:
    """The rows in memory: a frame of pandas, Polars or pyarrow stays what it is."""
    return frame.collect() if isinstance(frame, nw.LazyFrame) else frame


def as_lazy_as(made: nw.DataFrame[Any], frame: Frame) -> Frame:
    """A small table made in memory as a frame of the engine that `frame` is of, so that the two can be joined, or given back."""
    if isinstance(frame, nw.DataFrame):
        if made.implementation is frame.implementation:
            return made
        table = made.to_arrow()
        plain = [f.with_type(pa.string()) if pa.types.is_string_view(f.type) else f for f in table.schema]
        # Polars hands over text in views, which pyarrow does not join by.
        return nw.DataFrame.from_arrow(table.cast(pa.schema(plain)), backend=frame.implementation)
    native = frame.to_native()
    session = {"session": native.sparkSession} if hasattr(native, "sparkSession") else {}
    return made.lazy(backend=cast("Any", frame.implementation), **session)


def beside(frame: Frame, small: Frame, on: Sequence[str], *names: str) -> Frame:
    """The frame with the columns `names` (numbers) of a smaller one beside it, by key, missing where that has no such key; of one row, beside every row.

    Frames of one engine are joined. A small one of another goes into a frame of a database as numbers, since its rows may not belong to that frame's connection.
    """
    left: Any = frame
    if (
        isinstance(frame, nw.LazyFrame)
        and not frame.implementation.is_polars()
        and not (isinstance(small, nw.LazyFrame) and small.implementation is frame.implementation)
    ):
        return _looked_up(frame, collected(small), on, names)
    alike = small if type(small) is type(frame) and small.implementation is frame.implementation else as_lazy_as(collected(small), frame)
    joined: Frame = left.join(alike, on=list(on), how="left") if on else left.join(alike, how="cross")
    return joined


def _looked_up(frame: Frame, small: nw.DataFrame[Any], on: Sequence[str], names: Sequence[str]) -> Frame:
    rows = small.rows(named=True)
    if not on:
        return frame.with_columns(*(nw.lit(float(rows[0][n]) if rows and rows[0][n] is not None else None, dtype=NUMBER).alias(n) for n in names))
    place: Any = nw.lit(0.0)
    places = [0.0] * len(rows)
    for key in on:
        values = list(dict.fromkeys(row[key] for row in rows if row[key] is not None))
        number_of = {value: float(i) for i, value in enumerate(values)}
        code = (
            nw.col(key).replace_strict(values, list(number_of.values()), default=None, return_dtype=NUMBER) if values else nw.lit(None, dtype=NUMBER)
        )
        place = place * max(1, len(values)) + code
        places = [p * max(1, len(values)) + number_of.get(row[key], float("nan")) for p, row in zip(places, rows, strict=True)]
    kept = [(p, row) for p, row in zip(places, rows, strict=True) if p == p]
    found = frame.with_columns(jsna_place=place)
    for name in names:
        told = [(p, float(row[name])) for p, row in kept if row[name] is not None]
        new: Any = nw.lit(None, dtype=NUMBER)
        if told:
            new = nw.col("jsna_place").replace_strict([p for p, _ in told], [v for _, v in told], default=None, return_dtype=NUMBER)
        found = found.with_columns(new.alias(name))
    return found.drop("jsna_place")


def with_windows(frame: Frame) -> Frame:
    """The frame on an engine that ranks within groups: pyarrow does not, and goes by way of pandas."""
    if isinstance(frame, nw.DataFrame) and frame.implementation.is_pyarrow():
        moved: Frame = nw.from_native(frame.to_pandas(), eager_only=True)
        return moved
    return frame


def without_windows(made: Frame, frame: Frame) -> Frame:
    """The way back of `with_windows`."""
    if isinstance(frame, nw.DataFrame) and frame.implementation.is_pyarrow() and isinstance(made, nw.DataFrame):
        return nw.DataFrame.from_arrow(made.to_arrow(), backend=frame.implementation)
    return made
