"""The other rules of comparison: two levels, two intervals, control limits, and each area's own benchmark."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jsnakit import observations
from jsnakit.errors import InvalidValueError
from jsnakit.judgement import COMPARISON_WORDS, RULE_WORDS, Comparison, ComparisonRule, compare
from jsnakit.model import Indicator, Polarity

SHARE = [Indicator("x.y", "Y", "%", polarity=Polarity.HIGHER_IS_BETTER)]
RATE = [Indicator("x.y", "Y", "per 100,000", polarity=Polarity.LOWER_IS_BETTER)]


def rows(n: int = 1, *, area: Any = "E06000009", area_type: str = "ltla", **columns: Any) -> pa.Table:
    base = {"indicator": "x.y", "area_scheme": "gss", "period_start": dt.date(2024, 1, 1), "period_duration": "P1Y", "origin": "test"}
    own = {k: columns.pop(k) for k in ("lower_99_8", "upper_99_8") if k in columns}
    table = observations.build(n, area=area, area_type=area_type, **(base | columns))
    for name, values in own.items():
        table = table.append_column(name, pa.array(values, pa.float64()))
    return table


def england(value: float, **columns: Any) -> pa.Table:
    return rows(area="E92000001", area_type="country", value=[value], **columns)


def outcomes(frame: Any) -> list[str]:
    found: list[str] = frame["outcome"].to_pylist()
    return found


def test_every_rule_and_outcome_has_its_words() -> None:
    assert set(RULE_WORDS) == {r.value for r in ComparisonRule}
    assert set(COMPARISON_WORDS) == {c.value for c in Comparison}


def test_two_levels_give_five_outcomes_with_the_polarity() -> None:
    columns = {"lower": [11.0, 10.5, 9.0, 7.0, 6.0], "upper": [13.0, 13.5, 11.0, 9.5, 8.0]}
    frame = rows(
        5,
        area=list("abcde"),
        value=[12.0, 12.0, 10.0, 8.0, 7.0],
        **columns,
        lower_99_8=[10.5, 9.5, 8.0, 5.0, 5.0],
        upper_99_8=[13.5, 14.5, 12.0, 10.5, 9.0],
    )
    ask = {"rule": ComparisonRule.INTERVAL_95_AND_998}
    good = compare(frame, england(10.0), polarity={"x.y": Polarity.HIGHER_IS_BETTER}, **ask)
    assert outcomes(good) == ["BEST", "BETTER", "SIMILAR", "WORSE", "WORST"]
    assert outcomes(compare(frame, england(10.0), polarity={"x.y": Polarity.LOWER_IS_BETTER}, **ask)) == [
        "WORST",
        "WORSE",
        "SIMILAR",
        "BETTER",
        "BEST",
    ]
    assert outcomes(compare(frame, england(10.0), **ask)) == ["HIGHEST", "HIGHER", "SIMILAR", "LOWER", "LOWEST"]
    assert outcomes(compare(frame, england(10.0), rule=ComparisonRule.INTERVAL_998)) == ["HIGHER", "SIMILAR", "SIMILAR", "SIMILAR", "LOWER"]


def test_limits_of_99_8_per_cent_are_not_guessed() -> None:
    found = compare(rows(value=[12.0], lower=[11.0], upper=[13.0]), england(10.0), rule=ComparisonRule.INTERVAL_998).to_pylist()[0]
    assert found["outcome"] == "NOT_COMPARABLE"
    assert "cannot be worked out" in found["because"]


def test_two_intervals_that_touch_overlap() -> None:
    ask = {"rule": ComparisonRule.INTERVALS_OVERLAP}
    frame = rows(2, area=["a", "b"], value=[12.0, 12.0], lower=[10.5, 10.6], upper=[13.0, 13.0])
    assert outcomes(compare(frame, england(10.0, lower=[9.5], upper=[10.5]), **ask)) == ["SIMILAR", "HIGHER"]
    assert outcomes(compare(frame, england(10.0), **ask)) == ["NOT_COMPARABLE"] * 2


def test_control_limits_of_a_share_are_wilsons_around_the_expected_number() -> None:
    # 65 expected of 100: the limits are those of the published tool for 65 of 100 (APHO, Technical Briefing 3): 55.254 to 73.636.
    values = [55.25, 55.26, 73.63, 73.64]
    frame = rows(4, area=list("abcd"), value=values, denominator=[100.0] * 4)
    assert outcomes(compare(frame, england(65.0), indicators=SHARE, rule=ComparisonRule.SPC_PROPORTION_95)) == [
        "WORSE",
        "SIMILAR",
        "SIMILAR",
        "BETTER",
    ]
    assert outcomes(compare(frame, england(65.0), indicators=SHARE, rule=ComparisonRule.SPC_PROPORTION_998)) == ["SIMILAR"] * 4
    assert outcomes(compare(frame, england(65.0), rule=ComparisonRule.SPC_PROPORTION_95)) == ["NOT_COMPARABLE"] * 4


def test_control_limits_of_a_rate_are_exact_poisson_limits() -> None:
    # 65 events expected in 100,000: exact limits 50.1656277 to 82.8478358 (APHO, Technical Briefing 3).
    frame = rows(5, area=list("abcde"), value=[50.16, 50.17, 82.84, 82.85, 60.0], denominator=[100_000.0] * 4 + [None])
    found = compare(frame, england(65.0), indicators=RATE, rule=ComparisonRule.SPC_RATE_95)
    assert outcomes(found) == ["BETTER", "SIMILAR", "SIMILAR", "WORSE", "NOT_COMPARABLE"]
    assert outcomes(compare(frame, england(0.0), indicators=RATE, rule=ComparisonRule.SPC_RATE_95))[0] == "WORSE"


def test_each_area_beside_its_own_region() -> None:
    frame = rows(3, area=["a", "b", "c"], value=[12.0] * 3, lower=[11.0] * 3, upper=[13.0] * 3)
    regions = rows(2, area=["R1", "R2"], area_type="region", value=[10.0, 14.0])
    found = compare(frame, regions, parents={"a": "R1", "b": "R2"}, name="its region")
    assert outcomes(found) == ["HIGHER", "LOWER", "NOT_COMPARABLE"]
    assert found["benchmark_value"].to_pylist() == [10.0, 14.0, None]
    with pytest.raises(InvalidValueError, match="two figures"):
        compare(frame, regions)


def test_a_rule_that_is_not_known_is_refused() -> None:
    with pytest.raises(InvalidValueError, match="not a rule"):
        compare(rows(value=[1.0]), england(1.0), rule="guess")  # type: ignore[arg-type]


@given(
    st.lists(st.tuples(st.floats(0, 100), st.integers(1, 5000)), min_size=1, max_size=20),
    st.randoms(use_true_random=False),
    st.sampled_from(list(ComparisonRule)),
)
def test_the_order_of_rows_is_nothing_and_the_polarity_swaps_the_words(figures: list[tuple[float, int]], random: Any, rule: ComparisonRule) -> None:
    value = np.array([f[0] for f in figures])
    frame = rows(
        len(value),
        area=[f"E{i:08d}" for i in range(len(value))],
        value=value,
        lower=value - 5,
        upper=value + 5,
        denominator=np.array([f[1] for f in figures], float),
        lower_99_8=value - 8,
        upper_99_8=value + 8,
    )
    other = england(50.0, lower=[48.0], upper=[52.0])
    said = outcomes(compare(frame, other, indicators=SHARE, rule=rule))
    order = list(range(len(value)))
    random.shuffle(order)
    assert outcomes(compare(frame.take(order), other, indicators=SHARE, rule=rule)) == [said[i] for i in order]
    swap = {"BETTER": "WORSE", "WORSE": "BETTER", "BEST": "WORST", "WORST": "BEST"}
    turned = outcomes(compare(frame, other, indicators=SHARE, polarity={"x.y": Polarity.LOWER_IS_BETTER}, rule=rule))
    assert turned == [swap.get(word, word) for word in said]
