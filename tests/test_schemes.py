"""RAG schemes: each edge in the band it belongs to, no colour without a figure, and a reason where there is none."""

from __future__ import annotations

import datetime as dt
from typing import Any

import attrs
import narwhals.stable.v2 as nw
import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jsnakit import judgement, observations
from jsnakit.errors import InvalidValueError, UnknownTargetError
from jsnakit.judgement import band
from jsnakit.model import Indicator

WITHIN = "rtt.incomplete_within_18_weeks"


def rows(values: list[float | None], **columns: Any) -> pa.Table:
    base = {
        "indicator": WITHIN, "area_scheme": "ods", "area_type": "trust", "area": [f"R{i:02d}" for i in range(len(values))],
        "period_start": dt.date(2026, 2, 28), "period_duration": "P0D", "value": values, "origin": "test",
    }  # fmt: skip
    return observations.build(len(values), **(base | columns))


def colours(frame: Any, scheme: Any = "tactix4", **options: Any) -> list[str]:
    return band(frame, scheme, **options)["rag"].to_pylist()


def test_tactix4_at_every_edge() -> None:
    values = [0.0, 94.999999, np.nextafter(95.0, 0), 95.0, np.nextafter(95.0, 100), np.nextafter(100.0, 0), 100.0]
    assert colours(rows(values)) == ["red", "red", "red", "amber", "amber", "amber", "green"]


def test_nobody_counted_is_no_data_and_not_a_colour() -> None:
    found = band(rows([100.0, 0.0, None], denominator=[0.0, 0.0, 0.0], status=["normal", "normal", "not_applicable"]), "tactix4").to_pylist()
    assert [r["rag"] for r in found] == ["NO_DATA"] * 3
    assert found[0]["because"] == judgement._words.NOBODY  # type: ignore[attr-defined]  # the words are private, their effect is not
    assert colours(rows([100.0], denominator=[1.0])) == ["green"]


def test_a_value_off_the_scale_and_another_measure_have_no_colour() -> None:
    assert colours(rows([100.5, -0.1])) == ["NOT_COMPARABLE"] * 2
    assert colours(rows([99.0], indicator="rtt.waiting_list")) == ["NOT_COMPARABLE"]
    assert colours(rows([0.99]), indicators=[Indicator(WITHIN, "x", "share")]) == ["NOT_COMPARABLE"]
    assert colours(rows([None], status="suppressed")) == ["NO_DATA"]


def test_bounds_in_one_band_are_coloured_and_across_two_are_not() -> None:
    bounds = rows([None, None, None], value_min=[96.0, 94.0, 10.0], value_max=[99.0, 96.0, 20.0])
    assert colours(bounds) == ["amber", "UNCERTAIN", "red"]


def test_a_confidence_interval_does_not_change_the_colour_of_a_band() -> None:
    assert colours(rows([96.0], lower=[80.0], upper=[99.0], limits_method="wilson")) == ["amber"]


def test_too_few_are_shown_and_not_coloured() -> None:
    frame = rows([100.0, 100.0, 50.0], denominator=[19.0, 20.0, 5.0])
    found = band(frame, "tactix4-20").to_pylist()
    assert [r["rag"] for r in found] == ["TOO_FEW", "green", "TOO_FEW"]
    assert found[0]["because"] == "Fewer than 20 were counted: one patient more or less would move the share by more than five points."
    assert colours(frame, "tactix4", min_denominator=6) == ["green", "green", "TOO_FEW"]
    assert colours(rows([None], denominator=[3.0], status="not_submitted"), "tactix4-20") == ["NO_DATA"]


def test_a_scheme_on_the_statutory_target_goes_by_its_verdict() -> None:
    frame = rows([92.0, 91.9, 92.5, None], lower=[None, None, 91.0, None], upper=[None, None, 94.0, None], status=["normal"] * 3 + ["not_submitted"])
    assert colours(frame, "nhs-constitution.rtt-18-weeks") == ["green", "red", "amber", "NO_DATA"]
    assert colours(rows([95.0], period_start=dt.date(2010, 2, 28)), "nhs-constitution.rtt-18-weeks") == ["NOT_COMPARABLE"]
    own = attrs.evolve(judgement.target("nhs-constitution.rtt-18-weeks"), id="x.own", threshold=80.0)
    scheme = judgement.Scheme("x", "X", target="x.own")
    assert colours(rows([85.0]), scheme, targets={"x.own": own}) == ["green"]
    with pytest.raises(UnknownTargetError):
        band(rows([85.0]), scheme)


@given(st.lists(st.one_of(st.none(), st.floats(0, 100)), min_size=1, max_size=30))
def test_every_figure_lies_in_exactly_one_band(values: list[float | None]) -> None:
    for name in ("tactix4", "tactix4-20"):
        scheme = judgement.scheme(name)
        for value, rag in zip(values, colours(rows(values), name), strict=True):
            if value is None:
                assert rag == "NO_DATA"
                continue
            holds = [
                b.rag for b in scheme.bands
                if (b.at_least is None or value >= b.at_least) and (b.above is None or value > b.above)
                and (b.at_most is None or value <= b.at_most) and (b.below is None or value < b.below)
            ]  # fmt: skip
            assert holds == [rag]


def test_engines_agree_and_no_rows_stay_no_rows() -> None:
    table = rows([10.0, 95.0, None, 100.0], denominator=[3.0, 4.0, None, 0.0], status=["normal", "normal", "not_submitted", "normal"])
    wanted = band(table, "tactix4-20")
    for frame in (observations.to_pandas(table), pl.DataFrame(table)):
        found = nw.from_native(band(frame, "tactix4-20"), eager_only=True)
        for column in ("rag", "rule", "because"):
            assert found[column].to_list() == wanted[column].to_pylist()
    assert band(observations.empty(), "tactix4").num_rows == 0
    with pytest.raises(InvalidValueError):
        band([1], "tactix4")


def test_edges_in_words() -> None:
    assert [b.rule("%") for b in judgement.scheme("tactix4").bands] == ["at least 0% and below 95%", "at least 95% and below 100%", "exactly 100%"]
