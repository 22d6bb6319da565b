"""Frames in memory go one way and lazy ones another: the two give one answer, whatever the keys are and however rows stand."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from jsnakit import methods
from jsnakit.errors import TableError

COUNTS = st.one_of(st.none(), st.integers(0, 400), st.floats(0, 400))
KEYS = st.sampled_from(["b", "a", "é", "", "Z"])


@st.composite
def rows(draw):
    """Rows of a few groups in any order, some counts missing, some denominators nought."""
    size = draw(st.integers(0, 25))
    made = []
    for _ in range(size):
        count = draw(COUNTS)
        people = draw(st.one_of(st.none(), st.just(0 if not count else 400), st.integers(400, 5000)))
        made.append((draw(KEYS), draw(st.integers(-2, 2)), None if count is None else float(count), people))
    schema = {"area": pl.String, "year": pl.Int64, "count": pl.Float64, "denominator": pl.Int64}
    return pl.DataFrame(made, schema=schema, orient="row")


def alike(one, other, by):
    one, other = (f.collect() if isinstance(f, pl.LazyFrame) else f for f in (one, other))
    assert one.schema == other.schema
    assert_frame_equal(one.to_pandas(), (other.sort(by) if by else other).to_pandas(), rtol=1e-11)


@given(rows(), st.sampled_from([None, [], ["area"], ["area", "year"], ["year", "area"]]))
def test_memory_and_lazy_give_one_answer(frame, by):
    for work in (methods.proportion, methods.rate):
        alike(work(frame, by=by, confidence=[0.95, 0.998]), work(frame.lazy(), by=by, confidence=[0.95, 0.998]), by)
    for missing in ("keep", "skip"):
        found = methods.mean(frame, value="count", by=by or [], missing=missing)
        alike(found, methods.mean(frame.lazy(), value="count", by=by or [], missing=missing), by)


@given(rows(), st.randoms())
def test_the_order_of_rows_changes_nothing(frame, chance):
    order = list(range(len(frame)))
    chance.shuffle(order)
    shuffled = frame[order]
    alike(methods.rate(frame, by=["area", "year"]), methods.rate(shuffled, by=["area", "year"]), ["area", "year"])


@pytest.mark.parametrize(
    "keys",
    [
        [3, 1, 2, 1],
        [dt.date(2024, 5, 1), dt.date(2023, 5, 1), dt.date(2024, 6, 1), dt.date(2023, 5, 1)],
        [True, False, True, False],
        [2.5, -1.0, 0.0, -1.0],
        ["10-14", "0-4", "5-9", "0-4"],
    ],
    ids=lambda keys: type(keys[0]).__name__,
)
@pytest.mark.parametrize("kind", [pd.DataFrame, pl.DataFrame, pa.table], ids=["pandas", "polars", "pyarrow"])
def test_groups_come_in_the_order_of_their_keys_and_keep_their_type(kind, keys):
    frame = kind({"key": keys, "count": [1, 2, 3, 4], "denominator": [10, 20, 30, 40]})
    found = methods.proportion(frame, by="key")
    assert list(found["key"].to_pylist() if kind is pa.table else found["key"]) == sorted(set(keys))
    types = (found.schema.field("key").type, frame.schema.field("key").type) if kind is pa.table else (found["key"].dtype, frame["key"].dtype)
    assert types[0] == types[1]
    counts = dict(zip(sorted(set(keys)), found["count"].to_pylist() if kind is pa.table else found["count"], strict=True))
    assert counts[keys[1]] == 6


def test_categories_keep_the_order_that_is_theirs():
    frame = pd.DataFrame({"age": pd.Categorical(["65+", "0-4", "5-64", "0-4"], ["0-4", "5-64", "65+"], ordered=True), "count": 1, "denominator": 9})
    found = methods.proportion(frame, by="age")
    assert found["age"].tolist() == ["0-4", "5-64", "65+"]
    assert found["age"].dtype == frame["age"].dtype
    assert found["count"].tolist() == [2, 1, 1]


def test_a_missing_key_is_a_group_only_where_nobody_checks():
    frame = pd.DataFrame({"area": ["b", None, "a", None], "count": [1, 2, 3, 4], "denominator": 10})
    with pytest.raises(TableError, match="belongs to no group"):
        methods.proportion(frame, by="area")
    found = methods.proportion(frame, by="area", check=False)
    assert found["count"].tolist() == [6, 3, 1]
    assert pd.isna(found["area"][0])


def test_rows_of_pandas_keep_an_index_of_their_own():
    frame = pd.DataFrame({"count": [0, 65], "denominator": [0, 100]}, index=["x", "y"])
    found = methods.proportion(frame)
    assert found.index.tolist() == ["x", "y"]
    assert found.loc["y", "value"] == 0.65
    assert np.isnan(found.loc["x", "value"])
    assert found.loc["x", "reason"] == "no_denominator"


def test_no_rows_are_no_groups_and_one_whole():
    frame = pl.DataFrame(schema={"area": pl.String, "count": pl.Float64, "denominator": pl.Float64})
    assert len(methods.rate(frame, by="area")) == 0
    assert methods.rate(frame, by=[])["reason"].to_list() == ["missing"]
    assert methods.mean(frame, value="count").select("count", "reason").rows() == [(0, "missing")]


@given(st.lists(st.tuples(KEYS, st.one_of(st.none(), st.integers(0, 5))), max_size=40), st.booleans())
def test_quantiles_in_memory_and_by_windows_give_one_answer(pairs, highest_first):
    frame = pl.DataFrame(pairs, schema={"area": pl.String, "value": pl.Int64}, orient="row").with_row_index("row")
    found = methods.quantile(frame, by="area", number=3, highest_first=highest_first)
    lazy = methods.quantile(frame.lazy(), by="area", number=3, highest_first=highest_first).collect().sort("row")
    assert found.sort("row").equals(lazy)


@given(rows())
def test_a_group_sums_its_parts(frame):
    told = frame.drop_nulls()
    whole = methods.rate(told, by="area")
    parts = methods.rate(methods.rate(told, by=["area", "year"]).select("area", "count", "denominator"), by="area")
    alike(whole, parts, ["area"])


def test_rows_of_pandas_may_share_an_index():
    frame = pd.DataFrame({"area": ["a", "b", "c"], "count": [1, 2, 3], "denominator": 10}, index=[7, 7, 1])
    assert methods.proportion(frame)["value"].tolist() == [0.1, 0.2, 0.3]
    assert methods.funnel_significance(frame, statistic="proportion")["significance"].tolist() == ["not_significant"] * 3
    assert methods.quantile(frame, value="count", number=3)["quantile"].tolist() == [3, 2, 1]
