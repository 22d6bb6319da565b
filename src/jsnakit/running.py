"""`map_partitions`: the one primitive of scale. A kernel sees one partition at a time, and the answer streams."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import narwhals.stable.v2 as nw
import pyarrow as pa
from narwhals.stable.v2.typing import IntoDataFrame

__all__ = ["map_partitions"]


def map_partitions(kernel: Callable[[pa.Table], pa.Table], frames: IntoDataFrame | Iterable[pa.Table], *, by: str) -> Iterator[pa.Table]:
    """Apply `kernel` to each partition of the frame (or of each frame in turn), one in memory at a time, in order of first appearance.

    A frame is split by the values of `by` (an indicator, a month); of an iterable of tables each is split on its own, so give tables that hold whole partitions.

    >>> t = pa.table({"k": ["a", "b", "a"], "v": [1, 2, 3]})
    >>> [p.num_rows for p in map_partitions(lambda part: part, t, by="k")]
    [2, 1]
    """
    tables: Iterable[pa.Table]
    if isinstance(frames, pa.Table):
        tables = [frames]
    elif isinstance(frames, Iterable) and not hasattr(frames, "columns"):
        tables = frames
    else:
        frame: Any = frames
        tables = [nw.from_native(frame, eager_only=True).to_arrow()]
    for table in tables:
        values = table[by].unique()
        if len(values) == 1:
            yield kernel(table)
            continue
        import pyarrow.compute as pc

        for value in values:
            # A null equals nothing, itself included: its rows are a partition too, and are not lost.
            yield kernel(table.filter(pc.equal(table[by], value) if value.is_valid else pc.is_null(table[by])))
