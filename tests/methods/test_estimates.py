"""What every estimate holds to on any frame: equal on every engine, right at the edges, and every fault said at once."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from method_cases import ENGINES, KINDS, REFERENCE, WHOLE, WORK, as_pandas

from jsnakit import methods
from jsnakit.errors import InvalidValueError, TableError


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("work", WORK)
def test_every_engine_gives_the_same(engine, work) -> None:
    rows, function = WORK[work]
    expected = as_pandas(function(rows))
    with warnings.catch_warnings():
        found = function(ENGINES[engine](rows))
        assert isinstance(found, KINDS[engine])
        found = as_pandas(found)
    pd.testing.assert_frame_equal(found[list(expected)], expected, check_dtype=False, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("work", WORK)
def test_the_order_of_the_rows_and_the_callers_frame_do_not_matter(work) -> None:
    rows, function = WORK[work]
    before = rows.copy()
    shuffled = rows.sample(frac=1, random_state=5).reset_index(drop=True)
    pd.testing.assert_frame_equal(as_pandas(function(shuffled)), as_pandas(function(rows)), check_dtype=False, rtol=1e-11, atol=1e-12)
    pd.testing.assert_frame_equal(rows, before)


counts = st.integers(0, 2_000)


@given(st.lists(st.tuples(counts, st.integers(1, 5_000)), min_size=1, max_size=12), st.sampled_from([0.9, 0.95, 0.998]))
@settings(max_examples=60, deadline=None)
def test_an_interval_holds_its_value_and_stays_in_bounds(pairs, level) -> None:
    x, n = np.array([min(a, b) for a, b in pairs]), np.array([b for _, b in pairs])
    given_rows = pl.DataFrame({"count": x, "denominator": n})
    share, rate = methods.proportion(given_rows, confidence=level), methods.rate(given_rows, confidence=level, per=1)
    for found, most in ((share, 1.0), (rate, np.inf)):
        value, lower, upper = (found[c].to_numpy() for c in ("value", "lower", "upper"))
        assert (lower >= 0).all()
        assert (upper <= most).all()
        assert (lower <= value).all()
        assert (value <= upper).all()
        assert (lower < upper).all()
    assert (rate["lower"].to_numpy()[x == 0] == 0).all()
    assert (share["upper"].to_numpy()[x == n] == 1).all()
    wider = methods.proportion(given_rows, confidence=0.999)
    assert (wider["upper"] >= share["upper"]).all()
    assert (wider["lower"] <= share["lower"]).all()


@given(st.lists(st.tuples(st.sampled_from("abc"), counts, st.integers(2_000, 5_000)), min_size=1, max_size=12))
@settings(max_examples=40, deadline=None)
def test_merging_groups_is_summing_their_counts(rows) -> None:
    given_rows = pl.DataFrame(rows, schema=["area", "count", "denominator"], orient="row")
    summed = given_rows.group_by("area").agg(pl.col("count", "denominator").sum()).sort("area")
    for function in (methods.proportion, methods.rate):
        by = function(given_rows, by="area")
        assert by.equals(function(summed).select(by.columns).with_columns(pl.col("count", "denominator").cast(pl.Float64)))


def test_limits_rise_with_the_count() -> None:
    rows = pl.DataFrame({"count": range(1001), "denominator": [1000] * 1001})
    for function in (methods.proportion, methods.rate):
        found = function(rows)
        for side in ("lower", "upper"):
            assert (np.diff(found[side].to_numpy()) > -1e-12).all(), (function.__name__, side)


def test_missing_is_never_zero() -> None:
    rows = pd.DataFrame({"area": ["a", "a", "b"], "count": [1, None, 2], "denominator": [10, 10, 10]})
    found = methods.rate(rows, by="area").set_index("area")
    assert found.loc["a", "reason"] == "missing"
    assert np.isnan(found.loc["a", "value"])
    assert found.loc["b", "value"] == 20_000
    assert methods.proportion(pd.DataFrame({"count": [0], "denominator": [0]}))["reason"].tolist() == ["no_denominator"]


def test_nan_in_a_polars_frame_is_missing() -> None:
    rows = pl.DataFrame({"area": ["a", "a"], "count": [1.0, float("nan")], "denominator": [10.0, 10.0]})
    assert methods.rate(rows, by="area")["reason"].to_list() == ["missing"]


def test_no_rows_is_no_rows() -> None:
    none = pl.DataFrame(schema={"area": pl.String, "count": pl.Float64, "denominator": pl.Float64})
    assert methods.rate(none, by="area").height == 0
    assert methods.proportion(none).height == 0
    assert methods.rate(none, by=[])["reason"].to_list() == ["missing"]


@pytest.mark.parametrize("engine", ["pandas", *ENGINES])
def test_every_fault_is_said_at_once_with_its_rows(engine) -> None:
    rows = pd.DataFrame({"area": ["a", None, "c"], "count": [-1.0, 5, 30], "denominator": [10.0, np.inf, 20]})
    with pytest.raises(TableError) as caught:
        methods.proportion(rows if engine == "pandas" else ENGINES[engine](rows), by="area")
    said = {(f.reason, f.column) for f in caught.value.failures}
    assert {("negative", "count"), ("not-finite", "denominator"), ("above-denominator", "count"), ("missing-key", "area")} <= said
    assert "row 0" in str(caught.value) or "area 'a'" in str(caught.value)


def test_columns_that_are_missing_taken_or_text_are_named() -> None:
    rows = pd.DataFrame({"count": ["a"], "value": [1.0]})
    with pytest.raises(TableError, match="denominator: missing-column") as caught:
        methods.rate(rows)
    assert {f.reason for f in caught.value.failures} == {"missing-column", "wrong-type", "column-taken"}


def test_standardised_rates_refuse_what_would_mislead() -> None:
    bands = pd.DataFrame({"area": ["a", "a", "b"], "age": ["0-4", "5-9", "0-4"], "count": [20, 20, 20], "denominator": [100, 100, 100]})
    with pytest.raises(TableError, match="1 of 2 bands"):
        methods.directly_standardised_rate(bands, by="area")
    with pytest.raises(TableError, match="stands 2 times"):
        methods.directly_standardised_rate(bands.assign(area="a"), by="area")
    with pytest.raises(InvalidValueError, match="no age bands '0-7'"):
        methods.directly_standardised_rate(bands.assign(age="0-7").head(1), by="area")
    with pytest.raises(InvalidValueError, match="overlap"):
        methods.european_standard_population(["55-69", "60-64"])
    few = methods.directly_standardised_rate(bands.head(2).assign(count=[4, 5]), by="area")
    assert few["reason"].tolist() == ["too_few_events"]
    assert few["value"].isna().all()
    with pytest.raises(TableError, match="the reference does not have"):
        methods.indirectly_standardised_ratio(WHOLE, reference=REFERENCE.head(2), by="area")
    with pytest.raises(TableError, match="stands 2 times"):
        methods.indirectly_standardised_ratio(WHOLE, reference=pd.concat([REFERENCE, REFERENCE.head(1)]), by="area")


def test_a_reference_is_matched_by_key_whatever_its_order() -> None:
    one, other = (methods.indirectly_standardised_ratio(WHOLE, reference=REFERENCE.iloc[order], by="area") for order in ([0, 1, 2], [2, 0, 1]))
    pd.testing.assert_frame_equal(one, other)


def test_life_tables_say_why_there_is_no_answer() -> None:
    bands = pd.DataFrame({"age": ["0", "1-84", "85+"], "count": [5, 400, 300], "denominator": [900, 60_000, 2_000]})
    reasons = {
        "small_population": bands.assign(denominator=[50, 3_000, 500]),
        "more_deaths_than_people": bands.assign(count=[950, 400, 300]),
        "no_deaths_in_last_band": bands.assign(count=[5, 400, 0]),
        "missing": bands.assign(count=[5, None, 300]),
        "no_denominator": bands.assign(count=[0, 400, 300], denominator=[0, 60_000, 2_000]),
    }
    for reason, rows in reasons.items():
        found = methods.life_expectancy(rows)
        assert found["reason"].tolist() == [reason] * 3, reason
        assert found["value"].isna().all()
    assert methods.life_expectancy(bands)["reason"].isna().all()
    with pytest.raises(TableError, match="is no age band"):
        methods.life_expectancy(bands.assign(age=["0", "all", "85+"]))
    with pytest.raises(TableError, match="not 0"):
        methods.life_expectancy(bands.tail(2))


def test_the_standard_error_of_life_expectancy_falls_as_eayres_and_williams_print() -> None:
    # Table 2 of 2004: at ten times the people, the error is the root of ten less.
    bands = pd.DataFrame({"age": ["0", "1-84", "85+"], "count": [5, 400, 300], "denominator": [900, 60_000, 2_000]})
    one, ten = methods.life_expectancy(bands), methods.life_expectancy(bands.assign(count=bands["count"] * 10, denominator=bands["denominator"] * 10))
    widths = [(f["upper"] - f["lower"])[0] for f in (one, ten)]
    assert widths[0] / widths[1] == pytest.approx(np.sqrt(10))


def test_confidence_is_a_number_a_list_or_none() -> None:
    rows = pd.DataFrame({"count": [5], "denominator": [10]})
    assert "confidence" in methods.rate(rows)
    assert [c for c in methods.rate(rows, confidence=[0.95, 0.998]) if "_" in c] == ["lower_95", "upper_95", "lower_99_8", "upper_99_8"]
    assert not [c for c in methods.rate(rows, confidence=None) if "er" in c and c not in rows]
    for wrong in (95, 0, True, [0.95, 0.95]):
        with pytest.raises(InvalidValueError):
            methods.rate(rows, confidence=wrong)


def test_over_dispersion_widens_the_limits() -> None:
    rng = np.random.default_rng(3)
    areas = pl.DataFrame({"count": rng.poisson(100 * np.exp(rng.normal(0, 0.3, 150))).astype(float), "denominator": [100.0] * 150})
    found = methods.over_dispersion(areas, statistic="ratio", trim="none")
    assert found.tau2 == pytest.approx(0.09, rel=0.35)
    plain = methods.funnel_significance(areas, statistic="ratio")["significance"]
    wide = methods.funnel_significance(areas, statistic="ratio", tau2=found.tau2)["significance"]
    assert (wide != "not_significant").sum() < (plain != "not_significant").sum() / 4
    even = methods.over_dispersion(pl.DataFrame({"count": [100.0] * 9, "denominator": [100.0] * 9}), statistic="ratio")
    assert even.tau2 == 0


def test_a_frame_of_dask_is_refused_with_the_way_out():
    frame = type("DataFrame", (), {"__module__": "dask.dataframe.dask_expr"})()
    with pytest.raises(InvalidValueError, match=r"Dask is not worked on[\s\S]*compute"):
        methods.proportion(frame)
