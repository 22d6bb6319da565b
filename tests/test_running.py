"""One partition in memory at a time, in order of first appearance, of any frame or stream of frames."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl
import pyarrow as pa
import pytest

from jsnakit.running import map_partitions

TABLE = pa.table({"k": ["b", "a", "b", "c", "a"], "v": [1, 2, 3, 4, 5]})


def seen(frames: object) -> list[tuple[list[str], list[int]]]:
    parts: list[tuple[list[str], list[int]]] = []

    def kernel(part: pa.Table) -> pa.Table:
        parts.append((part["k"].unique().to_pylist(), part["v"].to_pylist()))
        return part

    assert sum(p.num_rows for p in map_partitions(kernel, frames, by="k")) == sum(len(v) for _, v in parts)  # type: ignore[arg-type]  # any frame
    return parts


WANTED = [(["b"], [1, 3]), (["a"], [2, 5]), (["c"], [4])]


FRAMES = {"arrow": lambda t: t, "pandas": lambda t: t.to_pandas(), "polars": pl.DataFrame, "list": lambda t: [t], "stream": lambda t: iter([t])}


@pytest.mark.parametrize("kind", sorted(FRAMES))
def test_every_row_is_seen_once_in_its_own_partition(kind: str) -> None:
    assert seen(FRAMES[kind](TABLE)) == WANTED  # type: ignore[no-untyped-call]  # a function each


def test_a_stream_is_never_in_memory_together() -> None:
    alive: list[int] = []

    def months() -> Iterator[pa.Table]:
        for month in range(3):
            alive.append(month)
            yield pa.table({"k": [str(month)], "v": [month]})

    results = map_partitions(lambda part: part, months(), by="k")
    assert alive == []
    assert next(results)["v"].to_pylist() == [0]
    assert alive == [0]
    assert [p["v"].to_pylist() for p in results] == [[1], [2]]


def test_no_rows_and_null_keys() -> None:
    assert seen(TABLE.slice(0, 0)) == []
    assert seen(pa.table({"k": ["a", None, "a"], "v": [1, 2, 3]})) == [(["a"], [1, 3]), ([None], [2])]
