"""Figures of time, groups, ages and waits: the sentence is what the rows say, and where a breakdown is not there the page says so."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pyarrow as pa

from jsnakit import observations
from jsnakit.publish.figures import build_figure
from jsnakit.publish.panels import ControlChart

WITHIN = "rtt.incomplete_within_18_weeks"
STANDARD = "nhs-constitution.rtt-18-weeks"
RTT_ORIGIN = "sha256:bbbbbbbbbbbb"


def _england(values: list[float | None], year: int = 2022) -> pa.Table:
    days = [dt.date(year + (i + 1) // 12, (i + 1) % 12 + 1, 1) - dt.timedelta(days=1) for i in range(len(values))]
    return observations.build(
        len(values), indicator=WITHIN, area_scheme="gss", area_type="country", area="E92000001", period_start=days, period_duration="P0D",
        value=values, status=["normal" if v is not None else "not_available" for v in values], origin=RTT_ORIGIN,
    )  # fmt: skip


def _only(country: Any, table: pa.Table) -> None:
    country.table = table


def test_a_control_chart_says_what_its_last_months_do(context: Any, country: Any) -> None:
    _only(country, _england([58.0 + (i % 2) for i in range(30)] + [64.0, 65.0, 64.9]))
    built = build_figure(context("spc", indicator=WITHIN, target=STANDARD))
    assert built.finding == "England is improving, and still 27 points short of the standard"
    assert isinstance(built.panel, ControlChart)
    assert built.panel.variation_words() == ("Variation: improving", "The last 3 months are above the upper limit, more than chance explains.")
    assert built.panel.assurance == "consistently_failing"
    assert built.panel.baseline == 24
    assert "January 2022 to September 2024" in built.subtitle
    assert built.notes.cited


def test_a_control_chart_keeps_a_missing_month_as_a_gap(context: Any, country: Any) -> None:
    _only(country, _england([58.0 + (i % 2) if i != 5 else None for i in range(26)]))
    built = build_figure(context("spc", indicator=WITHIN, target=STANDARD))
    assert built.finding == "England varies no more than usual, and is 33 points short of the standard"
    assert isinstance(built.panel, ControlChart)
    assert [i for i, f in enumerate(built.panel.points) if f.missing] == [5]
    assert any("One of the 26 months has no figure here" in c for c in built.notes.take_care)
    assert built.panel.baseline == 25, "twenty-four figures, and the gap among them"


def test_too_few_months_make_no_control_chart(context: Any, country: Any) -> None:
    _only(country, _england([58.0] * 11))
    built = build_figure(context("spc", indicator=WITHIN))
    assert built.panel is None
    assert "fewer than 12 figures" in built.absent
