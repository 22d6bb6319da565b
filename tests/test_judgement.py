"""Figures held against targets: edges, force, intervals, absences, reasons; the same on every engine."""

from __future__ import annotations

import datetime as dt
from typing import Any

import attrs
import narwhals.stable.v2 as nw
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jsnakit import judgement, observations
from jsnakit.errors import InvalidValueError, TableError, UnknownTargetError
from jsnakit.judgement import Outcome, explain, judge, target
from jsnakit.model import Comparator, Headline, Indicator, Period, Population, Target, TargetKind

EIGHTEEN = "nhs-constitution.rtt-18-weeks"
WITHIN = "rtt.incomplete_within_18_weeks"
NONE = [None]


def rows(n: int = 1, **columns: Any) -> pa.Table:
    """England at the end of February 2026, unless said otherwise."""
    base = {
        "indicator": WITHIN, "area_scheme": "gss", "area_type": "country", "area": "E92000001",
        "period_start": dt.date(2026, 2, 28), "period_duration": "P0D", "origin": "test",
    }  # fmt: skip
    return observations.build(n, **(base | columns))


def outcomes(frame: Any, to: Target | str, **options: Any) -> list[str]:
    return judge(frame, to, **options)["outcome"].to_pylist()


def reason(frame: Any, to: Target | str, **options: Any) -> str:
    return judge(frame, to, **options)["because"][0].as_py()


def made(comparator: Comparator = Comparator.AT_LEAST, threshold: float | None = 92.0, **changes: Any) -> Target:
    base = {
        "id": "x.demo", "name": "demo", "indicators": (WITHIN,), "comparator": comparator, "threshold": threshold, "unit": "%",
        "kind": TargetKind.SCHEME, "valid_from": dt.date(2000, 1, 1), "source": "a test", "verified": True,
    }  # fmt: skip
    return Target(**(base | changes))


# -- the line --------------------------------------------------------------------------------------------------------------------------


def test_england_in_february_2026_missed_the_18_week_standard() -> None:
    judged = judge(rows(value=[62.5444]), EIGHTEEN)
    assert judged.select(["outcome", "rule", "because", "target"]).to_pylist() == [
        {"outcome": "NOT_MET", "rule": "at least 92%", "because": "The figure falls short of 92%.", "target": EIGHTEEN}
    ]


def test_values_are_compared_unrounded_and_the_edge_is_met() -> None:
    assert outcomes(rows(3, value=[91.99999999, 92.0, 92.00000001], area=["a", "b", "c"]), EIGHTEEN) == ["NOT_MET", "MET", "MET"]


@pytest.mark.parametrize(
    ("comparator", "below", "at", "above"),
    [
        (Comparator.AT_LEAST, "NOT_MET", "MET", "MET"),
        (Comparator.AT_MOST, "MET", "MET", "NOT_MET"),
        (Comparator.LESS_THAN, "MET", "NOT_MET", "NOT_MET"),
    ],
)
def test_each_comparator_at_its_edge(comparator: Comparator, below: str, at: str, above: str) -> None:
    frame = rows(3, value=[94.999, 95.0, 95.001], area=["a", "b", "c"])
    assert outcomes(frame, made(comparator, 95.0)) == [below, at, above]


_MEASURED = [t for t in judgement.targets().values() if t.indicators and t.comparator in (Comparator.AT_LEAST, Comparator.AT_MOST)]


@pytest.mark.parametrize("chosen", _MEASURED, ids=lambda t: t.id)
def test_every_target_of_the_register_at_its_edges(chosen: Target) -> None:
    day = chosen.only_month or chosen.valid_from
    assert day is not None
    assert chosen.threshold is not None
    frame = rows(
        3, indicator=chosen.indicators[0], value=[chosen.threshold - 0.001, chosen.threshold, chosen.threshold + 0.001],
        period_start=Period.month_end(day.year, day.month).start,
    )  # fmt: skip
    better = ["NOT_MET", "MET", "MET"] if chosen.comparator is Comparator.AT_LEAST else ["MET", "MET", "NOT_MET"]
    assert outcomes(frame, chosen) == better
    assert (judgement._words.UNVERIFIED in reason(frame, chosen)) is not chosen.verified


# -- force -----------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [Period.month, Period.month_end], ids=["flow", "stock"])
@pytest.mark.parametrize(
    ("id_", "month", "in_force"),
    [
        ("operational.rtt-admitted-90", (2008, 12), False),
        ("operational.rtt-admitted-90", (2009, 1), True),
        ("operational.rtt-admitted-90", (2015, 9), True),
        ("operational.rtt-admitted-90", (2015, 10), False),
        ("operational.rtt-non-admitted-95", (2015, 9), True),
        ("operational.rtt-non-admitted-95", (2015, 10), False),
        ("operational.rtt-incomplete-92", (2012, 3), False),
        ("operational.rtt-incomplete-92", (2012, 4), True),
        ("operational.rtt-incomplete-92", (2013, 3), True),
        ("operational.rtt-incomplete-92", (2013, 4), False),
        (EIGHTEEN, (2013, 3), False),
        (EIGHTEEN, (2013, 4), True),
        (EIGHTEEN, (2026, 2), True),
        ("planning-2025-26.rtt-england-65", (2026, 2), False),
        ("planning-2025-26.rtt-england-65", (2026, 3), True),
        ("planning-2025-26.rtt-england-65", (2026, 4), False),
        ("delivery-plan.rtt-104-weeks", (2022, 7), True),
        ("delivery-plan.rtt-104-weeks", (2022, 8), False),
    ],
)
def test_stocks_and_flows_of_a_month_are_in_force_alike(make: Any, id_: str, month: tuple[int, int], in_force: bool) -> None:
    period, chosen = make(*month), target(id_)
    frame = rows(indicator=chosen.indicators[0], period_start=period.start, period_duration=period.duration, value=[50.0])
    assert (outcomes(frame, chosen) == ["NOT_COMPARABLE"]) is not in_force


def test_the_reason_names_the_dates() -> None:
    late = rows(indicator="rtt.admitted_within_18_weeks", value=[95.0])
    assert reason(late, "operational.rtt-admitted-90") == "The target ended in September 2015; this figure is for the end of February 2026."
    early = rows(value=[95.0], period_start=dt.date(2013, 3, 31))
    assert reason(early, EIGHTEEN) == "The target came into force in April 2013; this figure is for the end of March 2013."
    assert (
        reason(rows(value=[70.0]), "planning-2025-26.rtt-england-65")
        == "The target is for March 2026 alone, and this figure is for the end of February 2026."
    )


def test_a_period_only_partly_in_force_is_not_judged() -> None:
    year = rows(value=[95.0], period_start=dt.date(2013, 1, 1), period_duration="P1Y")
    assert outcomes(year, EIGHTEEN) == ["NOT_COMPARABLE"]
    assert reason(year, EIGHTEEN) == "The target came into force in April 2013, after the beginning of 2013."


@given(
    st.sampled_from(sorted(judgement.targets())),
    st.dates(dt.date(2005, 1, 1), dt.date(2032, 12, 31)),
    st.sampled_from(["P0D", "P1D", "P1M", "P1Y", "P3Y"]),
)
@settings(max_examples=150, deadline=None)
def test_a_period_is_never_judged_by_a_target_not_in_force(id_: str, start: dt.date, duration: str) -> None:
    chosen = target(id_)
    frame = rows(indicator=(*chosen.indicators, "x.y")[0], period_start=start, period_duration=duration, value=[50.0])
    if not chosen.in_force(Period(start, duration)):
        assert outcomes(frame, chosen) == ["NOT_COMPARABLE"]


# -- whom and what -----------------------------------------------------------------------------------------------------------------------


def test_a_target_for_england_does_not_judge_a_trust() -> None:
    frame = rows(2, value=[50.0, 50.0], area_type=["country", "trust"], area=["E92000001", "RXL"], period_start=dt.date(2026, 3, 31))
    judged = judge(frame, "planning-2025-26.rtt-england-65")
    assert judged["outcome"].to_pylist() == ["NOT_MET", "NOT_COMPARABLE"]
    assert judged["because"][1].as_py() == "The target is for England as a whole, and this figure is for an NHS trust."


def test_a_target_for_trusts_knows_an_nhs_trust_among_providers() -> None:
    frame = rows(4, value=[95.0] * 4, area_scheme="ods", area_type=["trust", "provider", "provider", "icb"], area=["RXL", "RXL", "NT447", "QE1"])
    judged = judge(frame, made(population=Population.TRUST))
    assert judged["outcome"].to_pylist() == ["MET", "MET", "NOT_COMPARABLE", "NOT_COMPARABLE"]
    assert judged["because"][2].as_py() == "The target is for each NHS trust, and this figure is for a provider that is not an NHS trust."


def test_another_indicator_or_unit_is_not_comparable() -> None:
    assert "not for rtt.waiting_list" in reason(rows(indicator="rtt.waiting_list", value=[100.0]), EIGHTEEN)
    shares = [Indicator(WITHIN, "x", "share")]
    assert outcomes(rows(value=[0.95]), EIGHTEEN, indicators=shares) == ["NOT_COMPARABLE"]
    assert reason(rows(value=[0.95]), EIGHTEEN, indicators=shares).startswith("The figure counts share and the target per cent")
    assert outcomes(rows(value=[95.0]), EIGHTEEN, indicators={WITHIN: Indicator(WITHIN, "x", "percent")}) == ["MET"]


def test_a_target_no_indicator_measures_says_so() -> None:
    frame = rows(value=[95.0], period_start=dt.date(2026, 3, 31))
    assert reason(frame, "planning-2025-26.first-appointment-18-weeks") == "No indicator here measures what this target is set for."


def test_a_part_held_against_a_line_for_all_says_so() -> None:
    frame = rows(value=[95.0], category_type="treatment_function", category="C_110")
    assert reason(frame, EIGHTEEN) == "The figure reaches 92%. The target is set for all together, and this row is one part of them."
    whole = [Indicator(WITHIN, "x", "%", headline=Headline(category_type="treatment_function", category="C_110"))]
    assert reason(frame, EIGHTEEN, indicators=whole) == "The figure reaches 92%."


def test_an_unverified_target_says_so_beside_every_verdict() -> None:
    frame = rows(indicator="rtt.incomplete_over_52_weeks", value=[3.0])
    assert reason(frame, "contract.rtt-52-weeks").endswith("has not been checked against its source.")
    assert "memory" not in reason(rows(value=[95.0]), EIGHTEEN)


def test_flags_and_low_reliability_are_said() -> None:
    frame = rows(value=[95.0], flags="carried_forward provisional", status="low_reliability")
    assert reason(frame, EIGHTEEN) == (
        "The figure reaches 92%. The publisher says that this figure is of low reliability. "
        "The publisher repeats an earlier figure here and has not measured again. The figure is provisional."
    )


# -- absence ---------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", sorted(set(observations.STATUSES) - set(observations.PRESENT)))
def test_each_absence_is_no_data_with_its_own_reason(status: str) -> None:
    frame = rows(status=status)
    assert outcomes(frame, EIGHTEEN) == ["NO_DATA"]
    assert reason(frame, EIGHTEEN) == judgement._words.STATUS_REASONS[status]


def test_null_nan_and_infinity_are_never_a_figure() -> None:
    frame = observations.to_pandas(rows(3, value=[None, 1.0, 1.0], area=["a", "b", "c"]))
    frame.loc[1, "value"], frame.loc[2, "value"] = float("nan"), float("inf")
    assert judge(frame, EIGHTEEN)["outcome"].tolist() == ["NO_DATA"] * 3
    assert judge(frame, made(Comparator.AT_MOST, 5.0))["outcome"].tolist() == ["NO_DATA"] * 3


def test_a_share_of_nobody_is_no_data_and_zero_is_a_figure() -> None:
    assert outcomes(rows(value=[0.0], denominator=[0.0]), EIGHTEEN) == ["NO_DATA"]
    assert outcomes(rows(value=[0.0], denominator=[10.0]), EIGHTEEN) == ["NOT_MET"]
    count = rows(indicator="rtt.incomplete_over_52_weeks", value=[0.0])
    assert outcomes(count, "contract.rtt-52-weeks") == ["MET"]


# -- intervals and bounds ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lower", "upper", "expected"),
    [
        (92.0, 95.0, "MET"),
        (91.9, 95.0, "UNCERTAIN"),
        (89.0, 91.9, "NOT_MET"),
        (89.0, 92.0, "UNCERTAIN"),
        (None, 95.0, "UNCERTAIN"),
        (93.0, None, "MET"),
    ],
)
def test_an_interval_that_straddles_the_line_is_uncertain(lower: float | None, upper: float | None, expected: str) -> None:
    value = [(lower or upper or 0) if lower is None or upper is None else (lower + upper) / 2]
    assert outcomes(rows(value=value, lower=[lower], upper=[upper]), EIGHTEEN) == [expected]


def test_less_than_with_an_interval_on_its_open_edge() -> None:
    line = made(Comparator.LESS_THAN, 1.0)
    frame = rows(3, value=[0.5, 0.5, 1.5], lower=[0.1, 0.1, 1.0], upper=[0.9, 1.0, 2.0], area=["a", "b", "c"])
    assert outcomes(frame, line) == ["MET", "UNCERTAIN", "NOT_MET"]


def test_an_open_band_is_decided_by_its_bounds_alone() -> None:
    weeks = made(Comparator.AT_MOST, 52.0, unit="weeks")
    open_band = rows(value_min=[104.0])
    assert outcomes(open_band, weeks) == ["NOT_MET"]
    assert reason(open_band, weeks) == "The exact figure is not published, but the bounds it lies in show that it is above 52 weeks."
    assert outcomes(rows(value_min=[40.0]), weeks) == ["UNCERTAIN"]
    assert outcomes(rows(value_min=[1.0], value_max=[7.0]), weeks) == ["MET"]
    assert outcomes(rows(status="suppressed", value_min=[60.0], value_max=[70.0]), weeks) == ["NO_DATA"]


def test_a_rounded_figure_on_the_line_is_uncertain() -> None:
    assert outcomes(rows(value=[92.0], value_min=[91.95], value_max=[92.05]), EIGHTEEN) == ["UNCERTAIN"]


_FIGURE = st.one_of(st.none(), st.floats(0, 100, allow_nan=False))


@given(st.sampled_from([Comparator.AT_LEAST, Comparator.AT_MOST, Comparator.LESS_THAN]), st.floats(0, 100), _FIGURE, _FIGURE, _FIGURE, _FIGURE)
@settings(max_examples=300, deadline=None)
def test_a_verdict_never_contradicts_the_value_or_any_of_its_limits(
    comparator: Comparator, line: float, value: float | None, lower: float | None, upper: float | None, least: float | None
) -> None:
    frame = rows(value=[value], lower=[lower], upper=[upper], value_min=[least])
    found = outcomes(frame, made(comparator, line))[0]
    meets = {Comparator.AT_LEAST: lambda v: v >= line, Comparator.AT_MOST: lambda v: v <= line, Comparator.LESS_THAN: lambda v: v < line}[comparator]
    known = [v for v in (value, lower, upper, least) if v is not None]
    if found == "MET":
        assert known
        assert all(meets(v) for v in known)
    elif found == "NOT_MET":
        assert known
        assert not any(meets(v) for v in known)
    elif found == "NO_DATA":
        assert not known
    else:
        assert found == "UNCERTAIN"
        assert (lower, upper, least) != (None, None, None)


# -- improvement -----------------------------------------------------------------------------------------------------------------------


PLUS_FIVE = attrs.evolve(target("planning-2025-26.rtt-trust-plus-5"), baseline=dt.date(2024, 11, 1))
PLUS_SEVEN = attrs.evolve(target("planning-2026-27.rtt-trust-65-or-plus-7"), baseline=dt.date(2026, 3, 1))


def trusts(values: dict[str, float], start: dt.date, duration: str = "P0D", **more: Any) -> pa.Table:
    return rows(
        len(values),
        area_scheme="ods",
        area_type="trust",
        area=list(values),
        value=list(values.values()),
        period_start=start,
        period_duration=duration,
        **more,
    )


def test_a_gain_counts_from_the_figure_of_the_baseline_month() -> None:
    before = trusts({"RXL": 60.1, "RXR": 60.1, "RAL": 70.0}, dt.date(2024, 11, 30))
    now = trusts({"RXL": 65.1, "RXR": 65.09, "RBD": 99.0}, dt.date(2026, 3, 31))
    judged = judge(now, PLUS_FIVE, history=before)
    assert judged["outcome"].to_pylist() == ["MET", "NOT_MET", "NOT_COMPARABLE"]
    assert judged["because"][1].as_py().startswith("The figure falls short of 65.1%, 5 points more than the 60.1% of November 2024.")
    assert (
        judged["because"][2].as_py()
        == "The target asks for an improvement since November 2024, and there is no single figure of that month to count from."
    )
    together = judge(pa.concat_tables([now, before]), PLUS_FIVE)["outcome"].to_pylist()
    assert together[:3] == ["MET", "NOT_MET", "NOT_COMPARABLE"]
    assert set(together[3:]) == {"NOT_COMPARABLE"}


def test_a_baseline_matches_by_containing_month_and_breakdown_and_must_be_one_figure() -> None:
    now = trusts({"RXL": 66.0}, dt.date(2026, 3, 31))
    assert outcomes(now, PLUS_FIVE, history=trusts({"RXL": 60.0}, dt.date(2024, 11, 1), "P1M")) == ["MET"]
    assert outcomes(now, PLUS_FIVE, history=trusts({"RXL": 60.0}, dt.date(2024, 10, 31))) == ["NOT_COMPARABLE"]
    assert outcomes(now, PLUS_FIVE, history=trusts({"RXL": 60.0}, dt.date(2024, 11, 1), "P3M")) == ["NOT_COMPARABLE"]
    assert outcomes(now, PLUS_FIVE, history=trusts({"RXL": 60.0}, dt.date(2024, 11, 30), category_type="f", category="C_110")) == ["NOT_COMPARABLE"]
    twice = pa.concat_tables([trusts({"RXL": v}, dt.date(2024, 11, 30)) for v in (60.0, 61.0)])
    assert outcomes(now, PLUS_FIVE, history=twice) == ["NOT_COMPARABLE"]
    hidden = trusts({"RXL": 60.0}, dt.date(2024, 11, 30), status="suppressed")
    assert outcomes(now, PLUS_FIVE, history=hidden) == ["NOT_COMPARABLE"]


def test_the_greater_of_the_two_lines_holds() -> None:
    before = trusts({"RXL": 55.0, "RXR": 60.0, "RAL": 60.0}, dt.date(2026, 3, 31))
    now = trusts({"RXL": 64.9, "RXR": 66.9, "RAL": 67.0}, dt.date(2027, 3, 31))
    judged = judge(now, PLUS_SEVEN, history=before)
    assert judged["outcome"].to_pylist() == ["NOT_MET", "NOT_MET", "MET"]
    assert judged["because"][0].as_py().startswith("The figure falls short of 65%.")
    assert judged["because"][1].as_py().startswith("The figure falls short of 67%, 7 points more than the 60% of March 2026.")


def test_a_target_without_its_baseline_month_judges_nobody() -> None:
    now = trusts({"RXL": 99.0}, dt.date(2026, 3, 31))
    assert reason(now, "planning-2025-26.rtt-trust-plus-5") == "The target asks for an improvement, and the month to count it from is not recorded."


# -- frames ----------------------------------------------------------------------------------------------------------------------------


def mixed() -> pa.Table:
    n = 8
    return rows(
        n, area_type=["country", *["trust"] * 7], area=["E92000001", "RXL", "RXR", "RAL", "RHQ", "RBD", "RCB", "RDE"],
        value=[62.5, 92.0, 93.0, None, None, 50.0, 99.0, 95.0], lower=[None, None, 91.0, None, None, None, None, None], upper=[None, None, 95.0, None, None, None, None, None],
        value_min=[None, None, None, 93.0, None, None, None, None], denominator=[None, 5.0, 100.0, None, None, 0.0, 8.0, 9.0], status=["normal"] * 4 + ["not_submitted"] + ["normal"] * 3,
        flags=[None, "provisional", None, None, None, None, None, "estimated"], period_start=[dt.date(2026, 2, 28)] * 6 + [dt.date(2010, 2, 28), dt.date(2026, 2, 28)],
    )  # fmt: skip


def test_every_engine_gives_the_same_rows_and_its_own_kind_of_frame() -> None:
    table = mixed()
    wanted = judge(table, EIGHTEEN, scheme="tactix4")
    assert isinstance(wanted, pa.Table)
    for frame, kind in ((observations.to_pandas(table), pd.DataFrame), (pl.DataFrame(table), pl.DataFrame)):
        found = judge(frame, EIGHTEEN, scheme="tactix4")
        assert type(found) is kind
        for column in ("outcome", "rule", "because", "target", "rag", "rag_rule"):
            assert nw.from_native(found, eager_only=True)[column].to_list() == wanted[column].to_pylist(), column
    assert wanted["outcome"].to_pylist() == ["NOT_MET", "MET", "UNCERTAIN", "MET", "NO_DATA", "NO_DATA", "NOT_COMPARABLE", "MET"]
    assert wanted.num_columns == table.num_columns + 6


def test_order_index_and_the_frame_given_are_kept() -> None:
    frame = observations.to_pandas(mixed()).set_axis([7, 7, 3, 1, 0, 5, 9, 2])
    before = frame.copy()
    judged = judge(frame, EIGHTEEN)
    assert list(judged.index) == list(frame.index)
    assert list(judged["area"]) == list(frame["area"])
    assert judged["outcome"].tolist()[0] == "NOT_MET"
    pd.testing.assert_frame_equal(frame, before)


def test_no_rows_are_judged_as_no_rows() -> None:
    for frame in (observations.empty(), observations.to_pandas(observations.empty()), pl.DataFrame(observations.empty())):
        judged = nw.from_native(judge(frame, EIGHTEEN, scheme="tactix4"), eager_only=True)
        assert len(judged) == 0
        assert {"outcome", "rule", "because", "target", "rag"} <= set(judged.columns)


def test_what_is_not_an_observation_table_is_refused() -> None:
    with pytest.raises(TableError, match="lacks period_duration"):
        judge(rows(value=[1.0]).drop_columns(["period_duration"]), EIGHTEEN)
    with pytest.raises(InvalidValueError, match="not an eager frame"):
        judge({"value": [1.0]}, EIGHTEEN)
    with pytest.raises(InvalidValueError, match="not an eager frame"):
        judge(pl.DataFrame(mixed()).lazy(), EIGHTEEN)
    with pytest.raises(TableError, match="does not hold numbers"):
        judge(pl.DataFrame(mixed()).with_columns(value=pl.lit("many")), EIGHTEEN)
    with pytest.raises(TableError, match="row 0 has no period"):
        judge(pl.DataFrame(mixed()).with_columns(period_duration=pl.lit(None, pl.String)), EIGHTEEN)


def test_an_unknown_target_names_the_nearest() -> None:
    with pytest.raises(UnknownTargetError) as caught:
        judge(rows(value=[1.0]), "nhs-constitution.rtt-18-week")
    assert EIGHTEEN in caught.value.suggestions
    with pytest.raises(UnknownTargetError) as caught:
        judge(rows(value=[1.0]), "admitted")
    assert "operational.rtt-admitted-90" in caught.value.suggestions


# -- in words --------------------------------------------------------------------------------------------------------------------------


def test_a_verdict_is_one_sentence_with_all_a_reader_needs() -> None:
    frame = observations.to_pandas(rows(value=[62.5444]))
    assert explain(judge(frame, EIGHTEEN).iloc[0]) == (
        "England (E92000001) missed the target at the end of February 2026: 62.5%, where the target is at least 92% "
        "(“92% of patients waiting to have waited no more than 18 weeks”, a legal standard; "
        "source: SI 2012/2996, regulations 44 and 45, as amended by SI 2015/1430)."
    )


def test_a_figure_a_hair_below_the_line_is_never_shown_as_on_it() -> None:
    frame = observations.to_pandas(rows(value=[91.996]))
    assert ": 91.996%, where the target is at least 92%" in explain(judge(frame, EIGHTEEN).iloc[0])


def test_explain_says_names_absence_uncertainty_and_memory() -> None:
    verdicts = judge(mixed(), EIGHTEEN).to_pylist()
    assert explain(verdicts[2]).startswith(
        "It cannot be said whether the NHS trust RXR met the target at the end of February 2026: 93% (between 91.0 and 95.0)"
    )
    assert explain(verdicts[3]).startswith("The NHS trust RAL met the target at the end of February 2026: 93% or more, where")
    assert explain(verdicts[4], name="Sheffield Teaching Hospitals").startswith("Sheffield Teaching Hospitals (RHQ) is not judged")
    assert explain(verdicts[4]).endswith("no figure was sent to the publisher for this period.")
    assert explain(verdicts[6]).endswith("; the target came into force in April 2013; this figure is for the end of February 2010.")
    long = judge(rows(indicator="rtt.incomplete_over_52_weeks", value=[120871.0]), "contract.rtt-52-weeks").to_pylist()[0]
    said = explain(long)
    assert "120,871 waits, where the target is no waits" in said
    assert said.endswith("; take care, this target is quoted from memory and has not been checked against its source.")
    assert said.count("memory") == 1


def test_explain_reads_a_pandas_row_and_the_metadata_given() -> None:
    own = made(name="nine in ten")
    frame = observations.to_pandas(rows(value=[62.5444], period_start=dt.date(2026, 2, 1), period_duration="P1M"))
    said = explain(judge(frame, own).iloc[0], target=own, indicators=[Indicator(WITHIN, "x", "%", decimals=2)], name="Here")
    assert said.startswith(
        "Here (E92000001) missed the target in February 2026: 62.54%, where the target is at least 92% (“nine in ten”, a rule of thumb"
    )


def test_explain_refuses_what_was_not_judged() -> None:
    with pytest.raises(InvalidValueError, match="lacks outcome, because, target"):
        explain(observations.to_pandas(rows(value=[1.0])).iloc[0])
    with pytest.raises(InvalidValueError, match="is not a row"):
        explain(3)


def test_every_outcome_has_its_word() -> None:
    assert set(Outcome) <= set(judgement.OUTCOME_WORDS)
