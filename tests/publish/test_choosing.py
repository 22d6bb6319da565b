"""The providers of a place side by side: what is compared is what is published, few patients are shown and not compared, and gaps stay gaps."""

from __future__ import annotations

from typing import Any

import pytest

from jsnakit.errors import NoDataError
from jsnakit.publish.figures import build_figure

WITHIN, ADMITTED = "rtt.incomplete_within_18_weeks", "rtt.admitted_within_18_weeks"


def _providers(country: Any, *codes: str) -> None:
    frame = country.waits.frame
    parts = [frame.iloc[:1].assign(area=code, name=f"{code} Hospitals NHS Trust", share=0.5 / 2**n) for n, code in enumerate(codes)]
    country.waits.frame = type(frame)([part.iloc[0] for part in parts]).reset_index(drop=True)


def test_the_finding_names_the_ends_of_what_is_shown(context: Any, country: Any) -> None:
    _providers(country, "RXL", "RXN", "RBV")
    built = build_figure(context("side_by_side", indicators=(WITHIN, ADMITTED)))
    assert built.finding == "Incomplete within 18 weeks: from 55.7% at RXN Hospitals to 95.0% at RBV Hospitals"
    columns, rows = built.panel.data()
    assert columns[:3] == ("Provider", "Share of our waits", "Incomplete within 18 weeks")
    assert [(r[0], r[2]) for r in rows] == [("RXL Hospitals", 57.2), ("RXN Hospitals", 55.7), ("RBV Hospitals", 95.0), ("England", 62.5)]


def test_few_patients_are_shown_and_not_compared_and_a_gap_is_no_number(context: Any, country: Any) -> None:
    _providers(country, "RXL", "RW4", "RJ1")
    built = build_figure(context("side_by_side", indicators=(WITHIN,)))
    assert built.finding == "Incomplete within 18 weeks at our providers"
    body = built.panel.body()
    assert "10.0% (few)" in body
    assert "not sent" in body
    assert [r[2] for r in built.panel.data()[1]] == [57.2, 10.0, None, 62.5]


def test_specialties_stand_beside_each_other_and_the_furthest_apart_is_named(context: Any, country: Any) -> None:
    _providers(country, "RXL", "REN", "RW4")
    built = build_figure(context("waits_by_specialty", indicator=WITHIN, names={"C_100": "General surgery", "C_430": "Elderly medicine"}))
    columns, rows = built.panel.data()
    assert columns == ("Specialty", "RXL Hospitals", "REN Hospitals", "RW4 Hospitals", "England")
    assert rows == (("Elderly medicine", 57.2, 100.0, 10.0, 62.5), ("General surgery", pytest.approx(47.2), 90.0, 0.0, 52.5))
    # 42.8 points in both: the first of the chapter's order is named, and never the trust of few patients.
    assert built.finding == "Our providers are furthest apart in general surgery: 47.2% at RXL Hospitals, 90.0% at REN Hospitals"


def test_a_measure_that_nobody_has_is_said_and_not_drawn(context: Any, country: Any) -> None:
    _providers(country, "NT3")
    built = build_figure(context("side_by_side", indicators=("t.life",)))
    assert "No figure is published for the providers of Blackpool on Life expectancy" in built.absent
    country.waits = None
    with pytest.raises(NoDataError):
        country.providers(country.place)
    assert "no source says" in build_figure(context("side_by_side", indicators=(WITHIN,))).absent.lower()
