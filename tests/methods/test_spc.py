"""XmR charts against NHSRplotthedots on 40 trusts, the other charts against their formulas, and what every chart must hold to on any frame."""

from __future__ import annotations

import csv
import datetime as dt
import math
from itertools import groupby

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jsnakit.errors import InvalidValueError, TableError
from jsnakit.methods import spc
from jsnakit.methods.spc import c_chart, g_chart, icons, p_chart, run_chart, t_chart, u_chart, xmr

ENGINES = {"pandas": pd.DataFrame, "polars": pl.DataFrame, "pyarrow": pa.table}
THEIRS = {
    "Common Cause": "common_cause", "Above UCL": "above_upper_limit", "Below LCL": "below_lower_limit", "7 Points Above CL": "shift_high", "7 Points Below CL": "shift_low",
    "2 in 3 Above CL": "two_in_three_high", "2 in 3 Below CL": "two_in_three_low", "7 Point Trend (Increasing)": "increasing_trend",
    "7 Point Trend (Decreasing)": "decreasing_trend",
}  # fmt: skip


def columns(frame):
    """Any frame as lists, missing as None."""
    table = (
        frame
        if isinstance(frame, pa.Table)
        else pa.Table.from_pandas(frame, preserve_index=False)
        if isinstance(frame, pd.DataFrame)
        else frame.to_arrow()
    )
    return table.to_pydict()


def chart_of(values, **given):
    return columns(xmr(pl.DataFrame({"date": range(len(values)), "value": values}, schema={"date": pl.Int64, "value": pl.Float64}), **given))


@pytest.mark.parametrize("engine", ENGINES)
def test_forty_trusts_agree_with_plot_the_dots(real_data, engine):
    with real_data("methods/ptd/ae_attendances_xmr.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 4320
    for (screen, fix), part in groupby(rows, lambda row: (row["screen"], row["fix"])):
        check(list(part), engine, screen=screen == "True", fix_after=int(float(fix)) if fix else None)


@pytest.mark.parametrize("engine", ENGINES)
def test_forty_rebased_trusts_agree_with_plot_the_dots(real_data, engine):
    with real_data("methods/ptd/ae_attendances_xmr_rebased_2018-04-01.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    found = check(rows, engine, rebase=["2018-04-01"])
    assert found["baseline"] == [int(row["rebase_group"]) for row in rows]


def check(rows, engine, **given):
    frame = ENGINES[engine]({"f": [r["f"] for r in rows], "x": [dt.date.fromisoformat(r["x"]) for r in rows], "y": [float(r["y"]) for r in rows]})
    chart = xmr(frame, value="y", date="x", by="f", polarity="lower_is_better", **given)
    assert type(chart) is type(frame)
    found = columns(chart)
    for ours, theirs in (("mean", "mean_col"), ("lower_limit", "lpl"), ("upper_limit", "upl")):
        assert found[ours] == pytest.approx([float(r[theirs]) for r in rows], rel=1e-9)
    assert found["rule"] == [THEIRS[r["special_cause_type"]] for r in rows]
    assert [v.rsplit("_", 1)[0] if v != "common_cause" else v for v in found["variation"]] == [
        r["point_type"].removeprefix("special_cause_") for r in rows
    ]
    return found


def test_screening_takes_one_outlier_out_of_the_limits_and_not_out_of_the_mean(real_data):
    folder = real_data("methods/ptd/vignette_outlier_input.csv").parent
    frame = pl.read_csv(folder / "vignette_outlier_input.csv", try_parse_dates=True)
    for row in pl.read_csv(folder / "vignette_outlier_limits.csv").to_dicts():
        found = columns(xmr(frame, value="y", screen=row["screen_outliers"] in {True, "True"}))
        assert (found["mean"][0], found["lower_limit"][0], found["upper_limit"][0]) == pytest.approx((row["mean"], row["lpl"], row["upl"]), rel=1e-9)


@pytest.mark.parametrize("value", [0.1, 5.0, -3.0, 0.0])
@pytest.mark.parametrize("screen", [True, False])
def test_a_constant_series_has_its_mean_for_limits_and_no_special_cause(value, screen):
    found = chart_of([value] * 20, screen=screen)
    assert found["lower_limit"] == found["upper_limit"] == pytest.approx([value] * 20)
    assert set(found["rule"]) == {"common_cause"}
    assert set(found["limits_status"]) == {"robust"}


def test_one_point_has_no_limits_two_have_trial_ones_and_none_is_no_error():
    one = chart_of([4.0])
    assert (one["mean"], one["lower_limit"], one["limits_status"], one["rule"]) == ([4.0], [None], ["none"], ["common_cause"])
    two = chart_of([4.0, 6.0])
    assert two["upper_limit"] == pytest.approx([5 + 5.32] * 2)
    assert set(two["limits_status"]) == {"trial"}
    assert chart_of([])["rule"] == []
    empty = chart_of([None, None], target=3, polarity="lower_is_better")
    assert empty["variation_icon"] == empty["assurance_icon"] == empty["mean"] == [None, None]


def test_a_gap_is_no_nought_and_nothing_crosses_it():
    found = chart_of([5.0, 7.0, None, 20.0, 21.0])
    assert found["moving_range"] == [None, 2.0, None, None, 1.0]
    assert found["mean"] == [13.25] * 5
    assert found["rule"][2] is found["variation"][2] is None
    whole = chart_of([1.0] * 6 + [1.0] + [9.0] * 7)
    assert whole["rule"].count("shift_low") + whole["rule"].count("below_lower_limit") == 7
    broken = chart_of([1.0] * 6 + [None] + [9.0] * 7)
    assert "shift_low" not in broken["rule"]
    assert chart_of([1.0, 2.0, 3.0, None, 4.0, 5.0, 6.0, 7.0])["rule"].count("increasing_trend") == 0
    assert chart_of([1.0, 2.0, 3.0, 4.0, None])["variation_icon"] == chart_of([1.0, 2.0, 3.0, 4.0])["variation_icon"][:1] * 5


def test_a_run_is_six_or_seven():
    rising = [10.0, 9.0, 10.0, 9.0, 10.0, 11.0, 12.0, 13.0, 14.0]
    assert chart_of(rising, run=6)["rule"].count("increasing_trend") + chart_of(rising, run=6)["rule"].count("above_upper_limit") == 6
    assert "increasing_trend" not in chart_of(rising, run=7)["rule"]
    with pytest.raises(InvalidValueError):
        chart_of(rising, run=5)


def test_where_two_trends_touch_the_later_one_names_the_point():
    up = [float(v) for v in range(3, 10)]
    rules = chart_of([0.0, 12.0] * 10 + up + up[:-1][::-1], screen=False)["rule"]
    # The first step, from 12 down to 3, is part of no trend.
    assert rules[20:] == ["increasing_trend"] * 6 + ["decreasing_trend"] * 7


def test_points_outside_do_not_count_towards_two_in_three():
    base = [10.0, 11.0] * 10
    found = chart_of([*base, 12.8, 10.9, 12.8, *base])
    assert [found["rule"][i] for i in (20, 21, 22)] == ["two_in_three_high", "common_cause", "two_in_three_high"]
    beyond = chart_of([*base, 30.0, 11.5, 13.2, *base])
    assert beyond["upper_limit"][22] > 13.2 > beyond["mean"][22] + 2 / 3 * (beyond["upper_limit"][22] - beyond["mean"][22])
    assert [beyond["rule"][i] for i in (20, 22)] == ["above_upper_limit", "common_cause"]


@pytest.mark.parametrize(
    ("polarity", "icon"),
    [("higher_is_better", "improvement_high"), ("lower_is_better", "concern_high"), ("none", "neutral_high"), ("unknown", "neutral_high")],
)
def test_the_icon_is_that_of_the_last_value(polarity, icon):
    found = chart_of([5.0, 9.0] * 8 + [30.0], polarity=polarity)
    assert set(found["variation_icon"]) == {icon}
    assert found["variation"][0] == "common_cause"


@pytest.mark.parametrize(
    ("target", "higher", "lower"),
    [
        (100, "consistently_failing", "consistently_passing"),
        (-100, "consistently_passing", "consistently_failing"),
        (5.5, "hit_or_miss", "hit_or_miss"),
        (None, None, None),
    ],
)
def test_assurance_holds_the_limits_against_the_target(target, higher, lower):
    assert set(chart_of([5.0, 6.0] * 8, target=target, polarity="higher_is_better")["assurance_icon"]) == {higher}
    assert set(chart_of([5.0, 6.0] * 8, target=target, polarity="lower_is_better")["assurance_icon"]) == {lower}
    assert set(chart_of([5.0, 6.0] * 8, target=target)["assurance_icon"]) == {None}


def test_a_target_on_the_limit_is_neither_passed_nor_failed():
    assert set(chart_of([5.0] * 12, target=5, polarity="higher_is_better")["assurance_icon"]) == {"hit_or_miss"}


@pytest.mark.parametrize("engine", ENGINES)
def test_a_target_that_changes_is_judged_by_its_last(engine):
    frame = ENGINES[engine]({"date": list(range(16)), "value": [5.0, 6.0] * 8, "goal": [1.0] * 15 + [50.0]})
    assert set(columns(xmr(frame, target="goal", polarity="higher_is_better"))["assurance_icon"]) == {"consistently_failing"}


@pytest.mark.parametrize("rebase", [["2026-01-31"], {"B": ["2026-01-01"]}, {"C": ["2026-01-02"]}, "2026-01-02", ["soon"]])
def test_a_rebase_date_that_is_not_in_the_data_is_an_error(rebase):
    frame = pl.DataFrame({"g": ["A", "A", "B"], "date": [dt.date(2026, 1, 1), dt.date(2026, 1, 2), dt.date(2026, 1, 2)], "value": [1.0, 2.0, 3.0]})
    with pytest.raises(InvalidValueError):
        xmr(frame, by="g", rebase=rebase)


@pytest.mark.parametrize("engine", ENGINES)
def test_some_series_are_rebased_alone(engine):
    frame = ENGINES[engine]({"g": list("AAAABBBB"), "date": [dt.date(2026, 1, d) for d in (1, 2, 3, 4)] * 2, "value": [1.0, 1.0, 9.0, 9.0] * 2})
    found = columns(xmr(frame, by="g", rebase={"A": [dt.date(2026, 1, 3)]}))
    assert found["baseline"] == [0, 0, 1, 1, 0, 0, 0, 0]
    assert found["mean"] == [1, 1, 9, 9, 5, 5, 5, 5]


def test_limits_may_be_fixed_after_the_first_values():
    found = chart_of([None, *[5.0, 6.0] * 6, *[60.0] * 8], fix_after=12)
    assert found["mean"] == [5.5] * 21
    assert set(found["rule"][-8:]) == {"above_upper_limit"}
    with pytest.raises(InvalidValueError):
        chart_of([1.0, 2.0], fix_after=5)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("frame", "error"),
    [
        ({"date": [1, 1], "value": [1.0, 2.0]}, TableError),
        ({"date": [1, None], "value": [1.0, 2.0]}, TableError),
        ({"date": [1, 2], "value": [1.0, math.inf]}, TableError),
        ({"date": [1, 2], "value": ["a", "b"]}, InvalidValueError),
        ({"date": [1, 2], "amount": [1.0, 2.0]}, InvalidValueError),
        ({"date": [1, 2], "value": [1.0, 2.0], "rule": ["x", "y"]}, InvalidValueError),
    ],
)
def test_what_cannot_be_charted_is_refused(engine, frame, error):
    with pytest.raises(error):
        xmr(ENGINES[engine](frame))


def test_a_lazy_frame_stays_lazy_and_is_charted_the_same():
    rows = pl.DataFrame({"date": range(20), "value": [float(v % 7) for v in range(20)]})
    found = xmr(rows.lazy())
    assert isinstance(found, pl.LazyFrame)
    assert found.collect().equals(xmr(rows))


def test_what_is_no_frame_is_refused():
    for given_frame in ([1, 2], "rows"):
        with pytest.raises(InvalidValueError):
            xmr(given_frame)


def test_rows_keep_their_order_and_pandas_its_index():
    frame = pd.DataFrame({"date": [3, 1, 2], "value": [9.0, 1.0, 5.0]}, index=[7, 7, 2])
    found = xmr(frame)
    assert list(found.index) == [7, 7, 2]
    assert found["value"].to_list() == [9.0, 1.0, 5.0]
    assert found["moving_range"].fillna(-1).to_list() == [4.0, -1.0, 4.0]
    assert list(frame.columns) == ["date", "value"]


series = st.lists(st.none() | st.integers(-50, 50), max_size=40)


@given(st.lists(series, max_size=3), st.randoms(), st.sampled_from([6, 7]), st.booleans())
def test_neither_the_order_of_rows_nor_other_series_matter(groups, random, run, screen):
    rows = [(str(g), i, v) for g, values in enumerate(groups) for i, v in enumerate(values)]
    shuffled = random.sample(rows, len(rows))
    schema = {"g": pl.String, "date": pl.Int64, "value": pl.Float64}
    results = {}
    for engine in ENGINES:
        frame = pl.DataFrame(shuffled, schema=schema, orient="row")
        native = (
            frame
            if engine == "polars"
            else frame.to_arrow()
            if engine == "pyarrow"
            else pd.DataFrame(frame.to_dict(as_series=False)).astype({"value": float, "date": int})
        )
        results[engine] = columns(xmr(native, by="g", run=run, screen=screen))
    assert all(results[e]["rule"] == results["polars"]["rule"] and results[e]["upper_limit"] == results["polars"]["upper_limit"] for e in ENGINES)
    found = pl.DataFrame(results["polars"]).sort("g", "date")
    for g, values in enumerate(groups):
        alone = chart_of(values, run=run, screen=screen)
        mine = found.filter(pl.col("g") == str(g)) if values else found.head(0)
        assert mine["rule"].to_list() == alone["rule"]
        assert mine["lower_limit"].to_list() == pytest.approx(alone["lower_limit"])


@given(series, st.integers(-1000, 1000))
def test_adding_a_constant_moves_the_limits_and_no_rule(values, constant):
    before = chart_of(values)
    after = chart_of([None if v is None else v + constant for v in values])
    assert after["rule"] == before["rule"]
    moved = [None if v is None else v + constant for v in before["upper_limit"]]
    assert after["upper_limit"] == pytest.approx(moved)


@given(series)
def test_turning_a_series_upside_down_turns_its_rules(values):
    turned = {
        a: b
        for x, y in (("high", "low"), ("increasing_trend", "decreasing_trend"), ("above_upper_limit", "below_lower_limit"))
        for a, b in ((x, y), (y, x))
    }
    before = chart_of(values)["rule"]
    after = chart_of([None if v is None else -v for v in values])["rule"]
    assert after == [r and (turned.get(r) or "_".join(turned.get(w, w) for w in r.split("_"))) for r in before]


@pytest.mark.parametrize("engine", ENGINES)
def test_p_and_u_limits_follow_each_rows_denominator(engine):
    frame = ENGINES[engine]({"date": [1, 2, 3], "numerator": [5, 30, None], "denominator": [50, 100, 80]})
    p = columns(p_chart(frame, multiplier=100, target=99, polarity="higher_is_better"))
    mean = 35 / 150
    half = 3 * math.sqrt(mean * (1 - mean) / 100)
    assert p["mean"] == pytest.approx([100 * mean] * 3)
    assert (p["lower_limit"][1], p["upper_limit"][1]) == pytest.approx((100 * (mean - half), 100 * (mean + half)))
    assert p["plotted"] == [10.0, 30.0, None]
    assert (p["rule"][2], p["assurance_icon"][0]) == (None, "consistently_failing")
    u = columns(u_chart(frame))
    assert u["upper_limit"][0] == pytest.approx(mean + 3 * math.sqrt(mean / 50))
    assert u["lower_limit"][0] == max(0, mean - 3 * math.sqrt(mean / 50))


def test_proportions_of_all_and_none_are_common_cause():
    for n in (0, 30):
        found = columns(p_chart(pl.DataFrame({"date": range(12), "numerator": [n] * 12, "denominator": [30] * 12})))
        assert found["lower_limit"] == found["upper_limit"] == [n / 30] * 12
        assert set(found["rule"]) == {"common_cause"}


@pytest.mark.parametrize("row", [(-1, 5), (6, 5), (1, 0), (1, -3)])
def test_impossible_proportions_are_refused(row):
    with pytest.raises(TableError):
        p_chart(pl.DataFrame({"date": [1], "numerator": [row[0]], "denominator": [row[1]]}))


@pytest.mark.parametrize("chart", [c_chart, g_chart, t_chart])
def test_negative_counts_and_times_are_refused(chart):
    with pytest.raises(TableError):
        chart(pl.DataFrame({"date": [1, 2], "value": [1, -1]}))


def test_counts_and_rare_events_by_their_formulas():
    frame = pl.DataFrame({"date": range(14), "value": [3, 5, 4, 0, 8, 2, 6, 4, 3, 5, 4, 4, 4, 40]})
    mean = sum(frame["value"]) / 14
    c, g, t = (columns(chart(frame)) for chart in (c_chart, g_chart, t_chart))
    assert c["upper_limit"][0] == pytest.approx(mean + 3 * math.sqrt(mean))
    assert g["upper_limit"][0] == pytest.approx(mean + 3 * math.sqrt(mean * (mean + 1)))
    assert g["lower_limit"][0] == 0
    roots = columns(xmr(frame.with_columns(value=pl.col("value") ** (1 / 3.6))))
    assert t["upper_limit"][0] == pytest.approx(roots["upper_limit"][0] ** 3.6)
    assert t["lower_limit"][0] == pytest.approx(max(roots["lower_limit"][0], 0) ** 3.6)
    assert t["rule"] == roots["rule"]
    assert c["rule"][-1] == g["rule"][-1] == "above_upper_limit"


@pytest.mark.parametrize("engine", ENGINES)
def test_icons_are_one_row_a_series(engine):
    frame = ENGINES[engine]({"b": list("zzyy"), "a": [1, 1, 1, 1], "date": [1, 2, 1, 2], "value": [1.0, 2.0, None, None]})
    found = icons(xmr(frame, by=["a", "b"]), by=["a", "b"])
    assert columns(found) == {"a": [1, 1], "b": ["z", "y"], "variation_icon": ["common_cause", None], "assurance_icon": [None, None]}
    with pytest.raises(InvalidValueError):
        icons(xmr(frame, by=["a", "b"]), by="a")
    with pytest.raises(InvalidValueError):
        icons(frame)


def test_the_lists_of_names_are_those_the_charts_use():
    assert len(spc.RULES) == 9
    assert set(chart_of([5.0, 6.0] * 8 + [30.0])["rule"]) <= set(spc.RULES)


DAYS = pd.date_range("2024-04-01", periods=4, freq="MS")


@pytest.mark.parametrize("given_as", ["2024-06-01", dt.date(2024, 6, 1), pd.Timestamp("2024-06-01"), dt.datetime(2024, 6, 1)])  # noqa: DTZ001
@pytest.mark.parametrize(
    "dates",
    [DAYS, DAYS.tz_localize("Europe/London"), list(DAYS.date), list(DAYS.strftime("%Y-%m-%d")), pd.Series(list(DAYS.date), dtype="date32[pyarrow]")],
    ids=["times", "zoned", "dates", "text", "arrow"],
)
def test_a_rebase_date_is_the_same_day_however_it_is_written(dates, given_as):
    assert xmr(pd.DataFrame({"date": dates, "value": [1.0, 2.0, 3.0, 4.0]}), rebase=[given_as])["baseline"].to_list() == [0, 0, 1, 1]


@pytest.mark.parametrize("engine", ENGINES)
def test_a_column_of_nothing_is_all_gaps(engine):
    found = columns(xmr(ENGINES[engine]({"date": [1, 2], "value": [None, None]})))
    assert (found["mean"], found["rule"], found["limits_status"]) == ([None, None], [None, None], ["none", "none"])


@pytest.mark.parametrize("engine", ENGINES)
def test_rows_without_a_series_name_are_a_series(engine):
    found = columns(xmr(ENGINES[engine]({"g": ["a", None, "b", None], "date": [1, 1, 1, 2], "value": [1.0, 2.0, 3.0, 4.0]}), by="g"))
    assert found["mean"] == [1, 3, 3, 3]


def test_nullable_and_categorical_columns_of_pandas_are_read():
    frame = pd.DataFrame({"g": pd.Categorical(list("aabb")), "date": [1, 2, 1, 2], "value": pd.array([1, None, 3, 4], dtype="Int64")})
    assert xmr(frame, by="g")["mean"].to_list() == [1, 1, 3.5, 3.5]


def runs_of(values, **given):
    return columns(run_chart(pl.DataFrame({"date": range(len(values)), "value": values}, schema={"date": pl.Int64, "value": pl.Float64}), **given))


# round(log2 n + 3) and the 5th percentile of a binomial of n - 1 even chances, worked out apart.
@pytest.mark.parametrize(("points", "longest", "crossings"), [(10, 6, 2), (20, 7, 6), (24, 8, 8), (30, 8, 10), (60, 9, 23)])
def test_limits_of_runs_follow_the_number_of_points_off_the_median(points, longest, crossings):
    found = runs_of([1.0, 2.0] * (points // 2))
    assert (found["longest_run_limit"][0], found["crossings_limit"][0]) == (longest, crossings)
    assert (found["longest_run"][0], found["crossings"][0]) == (1, points - 1)


def test_points_on_the_median_neither_make_nor_break_a_shift():
    found = runs_of([9.0, 9.0, 9.0, 5.0, 9.0, 9.0, 9.0, 1.0, 1.0, 5.0, 5.0, 1.0, 1.0, 1.0])
    assert found["median"][0] == 5
    assert found["rule"] == ["shift_high"] * 3 + ["common_cause"] + ["shift_high"] * 3 + ["common_cause"] * 7
    assert found["longest_run"][0] == 6


def test_equal_neighbours_count_once_in_a_trend_of_a_run_chart_and_a_gap_ends_it():
    assert runs_of([1.0, 2.0, 2.0, 3.0, 4.0, 5.0])["rule"].count("increasing_trend") == 5
    assert "increasing_trend" not in runs_of([1.0, 2.0, 2.0, 3.0, 4.0, 4.0])["rule"]
    assert "increasing_trend" not in runs_of([1.0, 2.0, 3.0, None, 4.0, 5.0])["rule"]
    assert "shift_high" not in runs_of([9.0] * 3 + [None] + [9.0] * 3 + [1.0] * 7)["rule"]


@given(series, st.integers(-100, 100))
def test_runs_agree_with_counting_one_by_one(values, constant):
    found = runs_of(values)
    there = [v for v in values if v is not None]
    middle = sorted(there)
    median = (middle[(len(there) - 1) // 2] + middle[len(there) // 2]) / 2 if there else None
    longest = run = crossings = last = 0
    for v in values:
        side = 0 if v is None else (v > median) - (v < median)
        if v is None:
            run = last = 0
        elif side:
            crossings += last == -side
            run = run + 1 if side == last else 1
            longest, last = max(longest, run), side
    assert found["median"] == [median] * len(values)
    assert found["longest_run"] == [longest] * len(values)
    assert found["crossings"] == [crossings] * len(values)
    moved = runs_of([None if v is None else v + constant for v in values])
    assert moved["rule"] == found["rule"]


@pytest.mark.parametrize("engine", ENGINES)
def test_run_charts_are_rebased_by_series(engine):
    frame = ENGINES[engine]({"g": list("AABBAABB"), "date": [1, 2, 1, 2, 3, 4, 3, 4], "value": [1.0, 3.0, 5.0, 5.0, 9.0, 9.0, 5.0, None]})
    found = columns(run_chart(frame, by="g", rebase={"A": [3]}))
    assert found["median"] == [2, 2, 5, 5, 9, 9, 5, 5]
    assert found["rule"][-1] is None
    with pytest.raises(InvalidValueError):
        run_chart(frame, by="g", shift=2)


def test_a_trend_does_not_begin_in_another_series():
    frame = pl.DataFrame({"g": list("AAAABBBBBB"), "date": range(10), "value": [float(v) for v in range(10)]})
    assert not [rule for rule in columns(xmr(frame, by="g"))["rule"] if rule.endswith("trend")]
    assert columns(xmr(frame))["rule"].count("increasing_trend") > 0


def test_limits_are_robust_from_twelve_values():
    assert set(chart_of([1.0, 2.0] * 6)["limits_status"]) == {"robust"}
    assert set(chart_of([None, *[1.0, 2.0] * 5, 1.0])["limits_status"]) == {"trial"}


def test_a_proportion_has_no_limit_above_one_and_its_target_is_on_the_scale_shown():
    found = columns(
        p_chart(pl.DataFrame({"date": [1, 2], "numerator": [9, 10], "denominator": [10, 10]}), multiplier=100, target=95, polarity="higher_is_better")
    )
    assert found["upper_limit"] == pytest.approx([100, 100])
    assert found["assurance_icon"] == ["hit_or_miss"] * 2


def test_the_median_of_a_run_chart_may_be_fixed():
    assert runs_of([1.0] * 12 + [9.0] * 20, fix_after=12)["median"] == [1.0] * 32
