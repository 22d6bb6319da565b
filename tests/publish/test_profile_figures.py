"""The health profile and figures over time: the worse first, the words of the finding from the very rows, and breaks said beside the years."""

from __future__ import annotations

import datetime as dt
from typing import Any

import attrs
import pyarrow as pa

from jsnakit import observations
from jsnakit.model import Break
from jsnakit.publish.figures import build_figure
from jsnakit.publish.panels import Mark, Table, Verdict

LIFE, SMOKING, RANGE = "t.life", "t.smoking", "t.range"
ORIGIN = "sha256:aaaaaaaaaaaa"


def _england(country: Any, indicator: str, year: int, value: float | None) -> None:
    row = observations.build(
        1, indicator=indicator, area_scheme="gss", area_type="country", area="E92000001", period_start=dt.date(year, 1, 1), period_duration="P1Y", period=str(year),
        value=[value], status="normal" if value is not None else "not_available", origin=ORIGIN,
    )  # fmt: skip
    country.table = pa.concat_tables([country.table, row])


def _latest(country: Any, indicator: str) -> Any:
    rows = country.observe(indicator, area_type="ltla")
    return rows[rows["area"] == country.place.code].sort_values("period_start").iloc[-1]


def test_the_profile_says_how_many_are_worse_and_lists_them_first(context: Any, country: Any) -> None:
    own = _latest(country, RANGE)
    _england(country, RANGE, own["period_start"].year, own["upper"] + 5.0)
    built = build_figure(context("profile", group="t"))
    assert built.finding == "Blackpool is worse than England on one of one measure and better on none"
    assert isinstance(built.panel, Table)
    first = built.panel.rows[0].cells
    assert str(first[0]).startswith("Contact")
    assert [c.word for c in first if isinstance(c, Mark)] == ["Worse"]
    words = [next(c.word for c in row.cells if isinstance(c, Mark)) for row in built.panel.rows]
    assert words.index("Worse") == 0
    assert "not compared" in words
    assert built.tally[0] == (Verdict.WORSE, 1, "worse")
    assert sum(n for _, n, _ in built.tally) == len(words)
    assert "Neighbours are left out." in built.notes.take_care
    assert built.notes.cited
    assert built.rows is not None
    assert set(built.rows["area"]) == {country.place.code}


def test_a_profile_without_intervals_asserts_nothing(context: Any) -> None:
    assert build_figure(context("profile")).finding.startswith("None of the ")


def test_figures_stand_period_by_period_and_a_break_is_said_beside_them(context: Any, country: Any) -> None:
    reason = "The questions were rebuilt in 2020."
    country.catalogue[SMOKING] = attrs.evolve(
        country.catalogue[SMOKING], area_types=("country", "ltla"), breaks=(Break(dt.date(2020, 1, 1), reason),)
    )
    for year, value in ((2018, 90.1), (2019, 91.2), (2021, 95.5), (2017, None)):
        _england(country, SMOKING, year, value)
    built = build_figure(context("over_time", indicators=(SMOKING,)))
    assert built.finding == "Smoking was 95.5% in England in 2021"
    assert isinstance(built.panel, Table)
    assert [c.name for c in built.panel.columns] == ["Measure", "2018", "2019", "2021"]
    assert f"Do not compare figures from before 1 January 2020 with later ones: {reason}" in built.notes.take_care

    later = build_figure(context("over_time", indicators=(SMOKING,), area="E06000009"))
    assert later.finding.startswith("Smoking was ")
    assert build_figure(context("over_time", indicators=(LIFE,), area="E99999999")).absent == "No figure of E99999999 is at hand."
