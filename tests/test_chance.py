"""False discoveries, intervals of ranks, and the published ways to cut areas into fifths and quarters."""

from __future__ import annotations

from statistics import NormalDist
from typing import Any

import numpy as np
import pytest
from area_rows import rows
from hypothesis import given
from hypothesis import strategies as st

from jsnakit.errors import InvalidValueError
from jsnakit.judgement import false_discovery, quantile_groups, rank_intervals
from jsnakit.model import Indicator, Polarity

HIGHER = [Indicator("x.y", "Y", "%", polarity=Polarity.HIGHER_IS_BETTER)]
LOWER = [Indicator("x.y", "Y", "%", polarity=Polarity.LOWER_IS_BETTER)]


def test_benjamini_and_hochberg_by_hand() -> None:
    wanted = [0.01, 0.02, 0.03, 0.5]  # q by hand: 0.04 in the first three (0.03 x 4 / 3 is the least from there up), 0.5 in the last
    values = [10 + NormalDist().inv_cdf(1 - p / 2) for p in wanted]
    england = rows([10.0], area=["E92000001"], area_type="country")
    found = false_discovery(rows([*values, 99.0], np.array([1.959963984540054] * 4 + [np.nan])), england)
    assert found["p_value"].to_pylist()[:4] == pytest.approx(wanted)
    assert found["q_value"].to_pylist()[:4] == pytest.approx([0.04, 0.04, 0.04, 0.5])
    assert found["discovery"].to_pylist() == [True, True, True, False, None]
    assert false_discovery(rows(values, 1.959963984540054), england, rate=0.03)["discovery"].to_pylist() == [False] * 4
    with pytest.raises(InvalidValueError):
        false_discovery(england, england, rate=1.0)


def test_ranks_are_sure_where_intervals_are_narrow_and_wide_where_they_are_not() -> None:
    apart = rank_intervals(rows([10.0, 20.0, 30.0], 0.1), HIGHER)
    assert apart["rank_lower"].to_pylist() == apart["rank_upper"].to_pylist() == [1, 2, 3]
    assert rank_intervals(rows([10.0, 20.0, 30.0], 0.1), LOWER)["rank_lower"].to_pylist() == [3, 2, 1]
    alike = rank_intervals(rows([10.0] * 20, 5.0), HIGHER)
    assert set(alike["rank_lower"].to_pylist()) == {1}
    assert set(alike["rank_upper"].to_pylist()) == {20}
    assert rank_intervals(rows([1.0, 2.0]), HIGHER)["rank_lower"].null_count == 2
    assert rank_intervals(rows([1.0, 2.0], 1.0))["rank_lower"].null_count == 2


def test_fifths_by_interpolation_and_by_ntile() -> None:
    # Seven values 1..7: the cuts lie at 2.2, 3.4, 4.6, 5.8; ntile gives 2, 2, 1, 1, 1.
    values = [float(v) for v in range(1, 8)]
    assert quantile_groups(rows(values), LOWER)["quantile"].to_pylist() == [1, 1, 2, 3, 4, 5, 5]
    assert quantile_groups(rows(values), HIGHER)["quantile"].to_pylist() == [5, 5, 4, 3, 2, 1, 1]
    assert quantile_groups(rows(values), convention="ntile")["quantile"].to_pylist() == [1, 1, 2, 2, 3, 4, 5]
    # phe_quantile, 7 values, not inverted: 6 - ceil((8 - r) 5 / 7).
    assert quantile_groups(rows(values), convention="phe")["quantile"].to_pylist() == [1, 1, 2, 3, 3, 4, 5]
    # A value on a cut falls below it: nine values cut at 3, 5, 7 into quarters.
    nine = quantile_groups(rows([float(v) for v in range(1, 10)]), k=4)
    assert nine["quantile"].to_pylist() == [1, 1, 1, 2, 2, 3, 3, 4, 4]
    assert nine["quantile_word"].to_pylist()[::4] == ["lowest quarter", "second lowest quarter", "highest quarter"]


def test_fewer_areas_than_groups_are_not_cut() -> None:
    found = quantile_groups(rows([1.0, 2.0, 3.0, 4.0]))
    assert found["quantile"].null_count == 4
    assert "Fewer than 5" in found["because"][0].as_py()
    assert quantile_groups(rows([1.0, 2.0, 3.0, 4.0]), k=4)["quantile"].to_pylist() == [1, 2, 3, 4]
    with pytest.raises(InvalidValueError):
        quantile_groups(rows([1.0]), k=3)  # type: ignore[arg-type]


@given(st.lists(st.integers(0, 30), min_size=1, max_size=25), st.sampled_from(["interpolation", "ntile", "phe"]), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(values: list[int], convention: Any, random: Any) -> None:
    frame = rows([float(v) for v in values], 3.0)
    order = list(range(len(values)))
    random.shuffle(order)
    said = quantile_groups(frame, LOWER, convention=convention)["quantile"].to_pylist()
    assert quantile_groups(frame.take(order), LOWER, convention=convention)["quantile"].to_pylist() == [said[i] for i in order]
    ranks = rank_intervals(frame, LOWER, draws=200)["rank_upper"].to_pylist()
    assert rank_intervals(frame.take(order), LOWER, draws=200)["rank_upper"].to_pylist() == [ranks[i] for i in order]
