"""Fifths among areas of one type: ties, directions, gaps; a rank is never a verdict."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jsnakit import observations
from jsnakit.errors import InvalidValueError
from jsnakit.judgement import MIN_AREAS, rank
from jsnakit.model import Indicator, Polarity

LOWER = [Indicator("x.y", "Y", "%", polarity=Polarity.LOWER_IS_BETTER)]
HIGHER = [Indicator("x.y", "Y", "%", polarity=Polarity.HIGHER_IS_BETTER)]


def rows(values: list[float | None], **columns: Any) -> pa.Table:
    base = {
        "indicator": "x.y", "area_scheme": "gss", "area_type": "ltla", "area": [f"E{i:08d}" for i in range(len(values))],
        "period_start": dt.date(2021, 1, 1), "period_duration": "P1Y", "value": values, "origin": "test",
    }  # fmt: skip
    return observations.build(len(values), **(base | columns))


def test_one_is_the_worst_and_five_the_best_by_the_polarity() -> None:
    values = [float(v) for v in range(1, 11)]
    worst_first = rank(rows(values), HIGHER)
    assert worst_first["rank"].to_pylist() == [float(v) for v in range(1, 11)]
    assert worst_first["fifth"].to_pylist() == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    assert worst_first["fifth_word"].to_pylist()[::9] == ["worst fifth", "best fifth"]
    assert rank(rows(values), LOWER)["fifth"].to_pylist() == [5, 5, 4, 4, 3, 3, 2, 2, 1, 1]
    assert worst_first["because"][0].as_py() == (
        "In fifth 1 of 5 among 10 lower-tier local authorities, 1 the worst and 5 the best. This ranks and does not judge."
    )


def test_ties_share_the_mean_of_their_ranks_and_their_fifth() -> None:
    found = rank(rows([1.0, 2.0, 2.0, 2.0, 5.0]), HIGHER)
    assert found["rank"].to_pylist() == [1.0, 3.0, 3.0, 3.0, 5.0]
    assert found["fifth"].to_pylist() == [1, 3, 3, 3, 5]
    assert set(rank(rows([4.0] * 7), HIGHER)["fifth"].to_pylist()) == {3}


@pytest.mark.parametrize("polarity", [Polarity.UNKNOWN, Polarity.NONE])
def test_without_a_direction_nobody_is_called_better_or_worse(polarity: Polarity) -> None:
    unknown = [Indicator("x.y", "Y", "%", polarity=polarity)]
    found = rank(rows([1.0, 2.0, 3.0, 4.0, 5.0]), unknown)
    assert found["rank"].null_count == found["fifth"].null_count == 5
    assert set(found["fifth_word"].to_pylist()) == {"no direction"}
    assert "nobody is called better or worse" in found["because"][0].as_py()
    by_value = rank(rows([1.0, 2.0, 3.0, 4.0, 5.0]), unknown, by="value")
    assert by_value["fifth_word"].to_pylist()[::4] == ["lowest fifth", "highest fifth"]
    assert rank(rows([1.0] * 5), [])["rank"].null_count == 5, "an indicator nobody describes has no direction either"


def test_what_is_not_there_is_not_counted() -> None:
    status = ["normal"] * 5 + ["suppressed", "not_submitted", "normal"]
    found = rank(rows([5.0, 1.0, 2.0, 3.0, 4.0, None, None, None], status=status, value_min=[None] * 7 + [4.0]), HIGHER)
    assert found["of"].to_pylist() == [5] * 8
    assert found["fifth"].to_pylist() == [5, 1, 2, 3, 4, None, None, None]
    assert found["fifth_word"].to_pylist()[5:] == ["no data"] * 3
    assert "hides this figure" in found["because"][5].as_py()
    assert found["because"][7].as_py() == "There is no exact figure to rank."


def test_too_few_areas_are_ranked_and_not_cut() -> None:
    found = rank(rows([1.0, 2.0, 3.0, 4.0]), HIGHER)
    assert MIN_AREAS == 5
    assert found["rank"].to_pylist() == [1.0, 2.0, 3.0, 4.0]
    assert found["fifth"].null_count == 4
    assert set(found["fifth_word"].to_pylist()) == {"too few areas"}


def test_areas_of_another_type_period_or_breakdown_are_another_group() -> None:
    values = [1.0, 2.0, 3.0, 4.0, 5.0]
    parts = [
        rows(values), rows(values, area_type="utla"), rows(values, period_start=dt.date(2020, 1, 1)), rows(values, sex="female"),
        rows(values, area_scheme="local"), rows(values, category_type="c", category="d"),
    ]  # fmt: skip
    found = rank(pa.concat_tables(parts), HIGHER)
    assert found["of"].to_pylist() == [5] * 30
    assert found["fifth"].to_pylist() == [1, 2, 3, 4, 5] * 6


@given(st.lists(st.one_of(st.none(), st.integers(-5, 5).map(float), st.floats(-1e6, 1e6)), min_size=0, max_size=60), st.booleans())
def test_fifths_hold_by_their_definition(values: list[float | None], up: bool) -> None:
    status = ["normal" if v is not None else "suppressed" for v in values]
    found = rank(rows(values, status=status), HIGHER if up else LOWER)
    expected = pd.Series(values, dtype=float).rank(ascending=up)
    n = int(expected.notna().sum())
    for got, fifth, r in zip(found["rank"].to_pylist(), found["fifth"].to_pylist(), expected, strict=True):
        assert got == (None if np.isnan(r) else r)
        if got is None or n < MIN_AREAS:
            assert fifth is None
        else:
            p = (int(2 * r) - 1, 2 * n)  # (rank - 0.5) / of, as a whole-number fraction
            assert (fifth - 1) * p[1] <= 5 * p[0] < fifth * p[1]
    if n >= MIN_AREAS and len({v for v in values if v is not None}) == n:
        sizes = Counter(f for f in found["fifth"].to_pylist() if f is not None)
        assert max(sizes.values()) - min(sizes[k] for k in range(1, 6)) <= 1


def test_engines_agree_and_order_is_kept() -> None:
    table = rows([3.0, 1.0, None, 5.0, 4.0, 2.0], status=["normal"] * 2 + ["suppressed"] + ["normal"] * 3)
    wanted = rank(table, LOWER)
    for frame in (observations.to_pandas(table), pl.DataFrame(table)):
        found = nw.from_native(rank(frame, LOWER), eager_only=True)
        assert found["area"].to_list() == table["area"].to_pylist()
        for column in ("of", "fifth_word", "because"):
            assert found[column].to_list() == wanted[column].to_pylist()
        assert [None if v is None or v != v else v for v in found["fifth"].to_list()] == wanted["fifth"].to_pylist()


def test_a_way_to_rank_that_is_none() -> None:
    with pytest.raises(InvalidValueError, match="is not a way to rank"):
        rank(rows([1.0]), HIGHER, by="name")  # type: ignore[arg-type]  # the mistake under test
