"""The spine with intervals: the benchmark in the middle, the worse end at the left, nothing off the strip, and verdicts that are those of the judgement."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import Any

import attrs
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jsnakit import observations
from jsnakit.chapters.options import Group
from jsnakit.model import ENGLAND
from jsnakit.publish.figures import build_figure
from jsnakit.publish.panels import ComparedGroup, ComparedRow, ComparedSpine, Figure, Gap, Mark, Verdict, figure

RANGE = "t.range"
NUMBERS = st.floats(0, 1000)


@st.composite
def compared(draw: Any) -> ComparedRow:
    """A measure of any figures, some of them missing."""
    least, lower, upper, most = sorted(draw(st.tuples(NUMBERS, NUMBERS, NUMBERS, NUMBERS)))
    own = sorted(draw(st.tuples(NUMBERS, NUMBERS, NUMBERS)))
    area = draw(st.sampled_from([Figure(own[1], "x", None, own[0], own[2]), Figure(own[1], "x"), figure(None, gap=Gap.SUPPRESSED)]))
    england = figure(draw(st.one_of(st.none(), NUMBERS)))
    spread = draw(st.sampled_from([(least, lower, upper, most), None]))
    return ComparedRow("M", "", area, england, spread, Mark(draw(st.sampled_from(list(Verdict)))), "2024", draw(st.sampled_from([True, False, None])))


@given(compared())
def test_all_that_is_drawn_stands_on_the_strip_about_the_benchmark(row: ComparedRow) -> None:
    for _, (begin, end) in row.pieces():
        assert 0 <= begin <= end <= 1
    if row.spread is None or row.england.value is None:
        assert row.pieces() == ()
        return
    assert row.share(row.england.value) == 0.5
    least, most = row.share(row.spread[0]), row.share(row.spread[3])
    assert least is not None
    assert most is not None
    assert (least >= most) if row.lower_is_better else (least <= most)
    # The interval is drawn whole: no end of it is cut off at the edge of the strip.
    if row.area.lower is not None and row.area.upper is not None and row.area.value is not None:
        at, low, high = (row.share(n) for n in (row.area.value, row.area.lower, row.area.upper))
        assert at is not None
        assert low is not None
        assert high is not None
        assert min(low, high) <= at <= max(low, high)


@given(st.lists(compared(), min_size=1, max_size=4))
def test_the_picture_is_well_formed_and_the_download_unrounded(rows: list[ComparedRow]) -> None:
    panel = ComparedSpine("Here", (ComparedGroup("A <b>", tuple(rows)),))
    ET.fromstring(panel.svg("Source: <x>"))
    assert "<b>" not in panel.body()
    assert [r[3] for r in panel.data()[1]] == [r.area.value for r in rows]
    assert all(r[6] is Gap.SUPPRESSED for r, row in zip(panel.data()[1], rows, strict=True) if row.area.missing)


@pytest.fixture
def beside_england(country: Any) -> Any:
    """The country with England's figure of the measure that has intervals, which takes its value."""

    def make(value: float) -> None:
        # Authorities go from 40.1 % up in tenths, 3 points either side.
        made = observations.build(
            1, indicator=RANGE, area_scheme="gss", area_type="country", area=ENGLAND.code, period_start=country.observe(RANGE)["period_start"].max().date(), period_duration="P1Y",
            period="2021", value=[value], lower=[value - 0.1], upper=[value + 0.1], origin="sha256:aaaaaaaaaaaa",
        )  # fmt: skip
        country.table = pa.concat_tables([country.table, made])
        country.catalogue[RANGE] = attrs.evolve(country.catalogue[RANGE], area_types=("ltla", "country"))

    return make


@pytest.mark.parametrize(("england", "verdict", "said"), [(60.0, "Worse", "worse than England on one of one measure and better on none"), (20.0, "Better", "on none of one measure and better on one"), (41.0, "Similar", "on none of one measure and better on none")])  # fmt: skip
def test_the_verdict_is_that_of_the_interval_and_the_finding_counts_it(
    context: Any, beside_england: Any, england: float, verdict: str, said: str
) -> None:
    beside_england(england)
    built = build_figure(context("compared_spine", group=(Group(name="", indicators=(RANGE,)),)))
    assert built.finding == f"Blackpool is {'' if said.startswith('worse') else 'worse than England '}{said}"
    (row,) = built.panel.data()[1]
    assert row[12] == verdict
    assert row[7] == england
    assert row[4] < row[3] < row[5]
    assert row[8] <= row[9] <= row[10] <= row[11]


def test_without_england_there_is_nothing_to_stand_beside(context: Any) -> None:
    assert build_figure(context("compared_spine", group=(Group(name="", indicators=(RANGE,)),))).absent
