"""Areas cut into groups of equal number by their value, on any frame."""

from __future__ import annotations

import narwhals.stable.v2 as nw
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
    work = door.with_windows(entered)
    rows = work.with_columns(jsna_v=door.number(value), jsna_all=nw.lit(1))
    if field:
        rows = rows.with_columns(jsna_v=nw.when(nw.col(field[0])).then(nw.col("jsna_v")).otherwise(0 - nw.col("jsna_v")))
    keys = groups or ("jsna_all",)
    descending = True if field else bool(highest_first)
    rows = rows.with_columns(
        jsna_n=nw.col("jsna_v").count().over(*keys).cast(door.NUMBER), jsna_r=nw.col("jsna_v").rank("min", descending=descending).over(*keys).cast(door.NUMBER)
    )  # fmt: skip
    n, r = nw.col("jsna_n"), nw.col("jsna_r")
    raw = (number + 1) - ((n + 1 - r) * number / n).ceil()
    held = nw.when(raw < 1).then(nw.lit(1.0)).otherwise(raw)
    there = door.holds(n >= number) & ~nw.col("jsna_v").is_null()
    # pandas holds a whole number that may be missing as a float.
    whole = nw.when(there).then(held) if work.implementation.is_pandas_like() else nw.when(there).then(held).cast(nw.Int64)
    made: Frame = rows.with_columns(whole.alias(name)).drop("jsna_v", "jsna_all", "jsna_n", "jsna_r")
    return door.leave(door.without_windows(made, entered), frame)
