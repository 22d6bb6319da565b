"""Areas cut into groups of equal number by their value, on any frame."""

from __future__ import annotations

from typing import Final

import narwhals.stable.v2 as nw
import numpy as np
from narwhals.stable.v2.typing import IntoFrameT
from numpy.typing import NDArray

from jsnakit.errors import InvalidValueError
from jsnakit.methods import _door as door
from jsnakit.methods._checks import keys_there, numbers_sound, refuse
from jsnakit.methods._columns import Arrays, opened, quiet
from jsnakit.methods._door import Frame
from jsnakit.methods.standardised import By

__all__ = ["quantile"]

_MOST: Final = 65_535


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
    rows = opened(entered)
    if check:
        refuse(rows, [*keys_there(*groups, *field), *numbers_sound(value, least=None)], show=groups)
    if isinstance(rows, Arrays):
        return door.leave(rows.beside({name: rows.whole(_by_counting(rows, value, groups, number, highest_first))}), frame)
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


@quiet
def _by_counting(rows: Arrays, value: str, by: tuple[str, ...], number: int, highest_first: bool | str) -> NDArray[np.float64]:  # noqa: FBT001  # it may name a column
    """For rows in memory, which one sort puts in order: windows cost more than the work."""
    v, groups = rows.number(value), rows.groups(by)
    if isinstance(highest_first, str):
        v = np.where(rows.frame[highest_first].to_numpy().astype(bool), -v, v)
    elif highest_first:
        v = -v
    order = np.argsort(v)
    # Few groups go in 16 bits, which numpy sorts by counting.
    order = order[np.argsort(groups.codes[order].astype(np.uint16 if len(groups.firsts) <= _MOST else np.int64), kind="stable")]
    g, w = groups.codes[order], v[order]
    told = ~np.isnan(w)
    n = np.bincount(g[told], minlength=len(groups.firsts))
    place = np.arange(len(g))
    begins = np.ones(len(g), bool)
    begins[1:] = g[1:] != g[:-1]
    fresh = begins.copy()
    fresh[1:] |= w[1:] != w[:-1]
    # Missing values come last in a group, and equal ones share the first place among them.
    rank = np.maximum.accumulate(np.where(fresh, place, 0)) - np.maximum.accumulate(np.where(begins, place, 0)) + 1.0
    size = n[g].astype(np.float64)
    found = np.maximum(number + 1 - np.ceil((size + 1 - rank) * number / size), 1.0)
    found[~told | (size < number)] = np.nan
    back: NDArray[np.float64] = np.empty_like(found)
    back[order] = found
    return back
