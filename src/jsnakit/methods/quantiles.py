"""Areas cut into groups of equal number by their value, on any frame."""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pyarrow as pa
from narwhals.stable.v2.typing import IntoFrameT

from jsnakit.errors import InvalidValueError
from jsnakit.methods import _door as door
from jsnakit.methods._door import Frame
from jsnakit.methods.standardised import By

__all__ = ["quantile"]


def quantile(
    frame: IntoFrameT, *, value: str = "value", by: By = None, number: int = 10, highest_first: bool | str = True, name: str = "quantile", check: bool = True
) -> IntoFrameT:  # fmt: skip
    """The same rows with the quantile of each value within its group: of `number` (10: deciles), 1 the highest values unless `highest_first` is False.

    With N values and rank r (ties the lowest), q = ⌊k + 1 - ⌈(N + 1 - r) / (N / k)⌉⌋ and at least 1, so that ties stay together (PHEindicatormethods' `phe_quantile`, which Fingertips' inequality
    tools use). `highest_first` may be a column of booleans, where groups differ in it. A missing value has no quantile, and a group of fewer values than `number` has none. Column written: `name`.
    For Fingertips' quintiles by interpolated bounds see `jsnakit.judgement`. Raises `TableError` for columns that are missing and values that are infinite.

    >>> import polars as pl
    >>> quantile(pl.DataFrame({"value": [5.0, 1.0, 3.0, 4.0, 2.0, None]}), number=5)["quantile"].to_list()
    [1, 5, 3, 2, 4, None]
    """
    if isinstance(number, bool) or number < 2:
        raise InvalidValueError(f"number is {number!r}", hint="10 makes deciles, 5 quintiles, 4 quartiles", value=number)
    entered, groups = door.enter(frame), door.keys(by)
    field = [highest_first] if isinstance(highest_first, str) else []
    door.require(entered, numbers=(value,), keys=(*groups, *field), adds=(name,))
    if check:
        door.refuse(entered, [*door.rules_of_keys(*groups, *field), *door.rules_of_numbers(value, least=None)], show=groups)
    if isinstance(entered, nw.DataFrame):
        return door.leave(entered.with_columns(_by_counting(entered, value, groups, number, highest_first).alias(name)), frame)
    return door.leave(_by_windows(entered, value, groups, number, highest_first, name), frame)


def _by_windows(frame: Frame, value: str, groups: tuple[str, ...], number: int, highest_first: bool | str, name: str) -> Frame:  # noqa: FBT001  # it may name a column
    """For an engine that holds no rows in memory."""
    rows = frame.with_columns(jsna_v=door.number(value), jsna_all=nw.lit(1))
    if isinstance(highest_first, str):
        rows = rows.with_columns(jsna_v=nw.when(nw.col(highest_first)).then(nw.col("jsna_v")).otherwise(0 - nw.col("jsna_v")))
    keys = groups or ("jsna_all",)
    descending = True if isinstance(highest_first, str) else highest_first
    rows = rows.with_columns(
        jsna_n=nw.col("jsna_v").count().over(*keys).cast(door.NUMBER), jsna_r=nw.col("jsna_v").rank("min", descending=descending).over(*keys).cast(door.NUMBER)
    )  # fmt: skip
    n, r = nw.col("jsna_n"), nw.col("jsna_r")
    raw = (number + 1) - ((n + 1 - r) * number / n).ceil()
    held = nw.when(raw < 1).then(nw.lit(1.0)).otherwise(raw)
    there = door.holds(n >= number) & ~nw.col("jsna_v").is_null()
    return rows.with_columns(nw.when(there).then(held).cast(nw.Int64).alias(name)).drop("jsna_v", "jsna_all", "jsna_n", "jsna_r")


def _by_counting(frame: nw.DataFrame[Any], value: str, groups: tuple[str, ...], number: int, highest_first: bool | str) -> nw.Series[Any]:  # noqa: FBT001  # it may name a column
    """For rows in memory, which one sort puts in order: windows cost more than the work."""
    v = frame.select(door.number(value))[value].to_numpy().astype(np.float64)
    up = ~frame[highest_first].to_numpy().astype(bool) if isinstance(highest_first, str) else np.full(len(v), not highest_first)
    signed = np.where(up, v, -v)
    group = door.codes(frame, groups)
    order = np.lexsort((signed, group))
    g, w = group[order], signed[order]
    told = ~np.isnan(w)
    n = np.bincount(g[told], minlength=int(g.max()) + 1 if len(g) else 0)
    place = np.arange(len(g))
    begins = np.ones(len(g), bool)
    begins[1:] = g[1:] != g[:-1]
    fresh = begins.copy()
    fresh[1:] |= w[1:] != w[:-1]
    # Missing values come last in a group, and equal ones share the first place among them.
    rank = np.maximum.accumulate(np.where(fresh, place, 0)) - np.maximum.accumulate(np.where(begins, place, 0)) + 1.0
    size = n[g].astype(np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.maximum(number + 1 - np.ceil((size + 1 - rank) * number / size), 1.0)
    found[~told | (size < number)] = np.nan
    back = np.empty_like(found)
    back[order] = found
    # pandas holds a whole number that may be missing as a float.
    if frame.implementation.is_pandas_like():
        return nw.new_series("jsna_q", back, nw.Float64, backend=frame.implementation)
    return nw.new_series(
        "jsna_q", pa.array(back, pa.float64(), from_pandas=True).cast(pa.int64()).to_pylist(), nw.Int64, backend=frame.implementation
    )
