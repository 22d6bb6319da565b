"""Where things stand on the pictures: nothing outside the frame, order kept, bars from zero, gaps drawn as gaps."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jsnakit import methods
from jsnakit.errors import InvalidValueError
from jsnakit.publish.panels import (
    BarRow,
    ControlChart,
    Distribution,
    Drawing,
    Figure,
    Gap,
    Inequalities,
    Mark,
    Pyramid,
    PyramidBand,
    RankedBars,
    RankedIntervals,
    Reference,
    Rug,
    RugCell,
    RugColumn,
    RugGroup,
    RugRow,
    Spine,
    SpineGroup,
    SpineRow,
    WaitBand,
    WaitMark,
    figure,
)
from jsnakit.publish.panels._svg import text_width
from jsnakit.publish.panels.gaps import gap_mark

NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e-?\d+)?")
GAPS = st.sampled_from([Gap.SUPPRESSED, Gap.NOT_SUBMITTED, Gap.NOT_PUBLISHED])
VALUES = st.floats(-1e6, 1e6, allow_nan=False).map(lambda v: round(v, 3))
NOT_NEGATIVE = st.floats(0, 1e6, allow_nan=False).map(lambda v: round(v, 3))


def root_of(markup: str) -> ET.Element:
    return ET.fromstring(f"<root>{markup}</root>")


def pictures(panel: Drawing) -> list[ET.Element]:
    """The drawings of a panel's body that are pictures on their own."""
    return [svg for svg in root_of(panel.body()).iter("svg") if svg.attrib.get("role") == "img"]


def spots(element: ET.Element, dx: float = 0.0, dy: float = 0.0) -> Iterator[tuple[float, float, str]]:
    """Every point that an element and its children draw at, groups moved as they say. Paths here are of absolute points first and small steps after."""
    moved = re.match(r"translate\(([-\d.]+)[ ,]([-\d.]+)\)", element.attrib.get("transform", ""))
    dx, dy = (dx + float(moved[1]), dy + float(moved[2])) if moved else (dx, dy)
    a = element.attrib
    if element.tag == "rect":
        assert float(a["width"]) >= 0
        assert float(a["height"]) >= 0
        yield dx + float(a["x"]), dy + float(a["y"]), "rect"
        yield dx + float(a["x"]) + float(a["width"]), dy + float(a["y"]) + float(a["height"]), "rect"
    elif element.tag == "circle":
        yield dx + float(a.get("cx", 0)), dy + float(a.get("cy", 0)), "circle"
    elif element.tag == "line":
        yield dx + float(a["x1"]), dy + float(a["y1"]), "line"
        yield dx + float(a["x2"]), dy + float(a["y2"]), "line"
    elif element.tag == "path":
        for command, rest in re.findall(r"([ML])([^A-Za-z]*)", a["d"]):
            numbers = [float(n) for n in NUMBER.findall(rest)]
            assert command
            for x, y in zip(numbers[::2], numbers[1::2], strict=True):
                yield dx + x, dy + y, "path"
    elif element.tag == "text" and "transform" not in a:
        width = text_width("".join(element.itertext()), 12)
        start = float(a["x"]) - {"end": width, "middle": width / 2}.get(a.get("text-anchor", ""), 0.0)
        yield dx + start, dy + float(a["y"]), "text"
        yield dx + start + width, dy + float(a["y"]), "text"
    for child in element:
        yield from spots(child, dx, dy)


def held_within(panel: Drawing) -> None:
    """Nothing is drawn outside the frame (words may stand a little into the margin at the left and right: they are centred under the ends)."""
    found = pictures(panel)
    assert found
    for svg in found:
        _, _, width, height = (float(v) for v in svg.attrib["viewBox"].split())
        for x, y, kind in spots(svg):
            spare = 45.0 if kind == "text" else 0.5
            assert -spare <= x <= width + spare, (kind, x, width)
            assert -0.5 <= y <= height + 0.5, (kind, y, height)


def alone_within(panel: Drawing) -> ET.Element:
    """Nothing of the picture that stands alone lies outside its frame."""
    root = ET.fromstring(panel.svg("Source: a publisher."))
    for e in root.iter():
        e.tag = e.tag.rpartition("}")[2]
    x, y, width, height = (float(v) for v in root.attrib["viewBox"].split())
    for px, py, kind in spots(root):
        spare = 30.0 if kind == "text" else 0.5
        assert x - spare <= px <= x + width + spare, (kind, px)
        assert y - 0.5 <= py <= y + height + 0.5, (kind, py)
    return root


@pytest.mark.parametrize("gap", [Gap.SUPPRESSED, Gap.NOT_SUBMITTED, Gap.NOT_PUBLISHED, None])
def test_each_gap_has_a_mark_of_its_own_inside_its_box(gap: Gap | None) -> None:
    markup = gap_mark(gap, 100, 50, 20)
    inside = list(spots(root_of(markup)))
    assert all(89 <= x <= 111 and 44 <= y <= 56 for x, y, _ in inside)
    others = [gap_mark(g, 100, 50, 20) for g in (Gap.SUPPRESSED, Gap.NOT_SUBMITTED, Gap.NOT_PUBLISHED) if g is not gap]
    assert markup not in others or gap is None
    assert "circle" not in markup


# -- control charts ------------------------------------------------------------------------------------------------------------------


def control(values: list[Figure], target: float | None = None, baseline: int | None = None) -> ControlChart:
    """A chart with the limits that the method gives."""
    import pandas as pd

    n = len(values)
    chart = methods.xmr(
        pd.DataFrame({"date": list(range(n)), "value": [float("nan") if f.value is None else f.value for f in values]}),
        polarity="higher_is_better",
        target=target,
    )

    def numbers(name: str) -> tuple[float | None, ...]:
        return tuple(None if v != v else float(v) for v in chart[name])

    known = any(f.value is not None for f in values)
    assurance = chart["assurance_icon"].iloc[-1] if known else None
    return ControlChart(
        "Within 18 weeks", "%", "England", tuple(f"Month {i}" for i in range(n)), tuple(values), numbers("mean"), numbers("lower_limit"), numbers("upper_limit"),
        tuple(v if isinstance(v, str) else "common_cause" for v in chart["variation"]), str(chart["variation_icon"].iloc[-1]) if known else "common_cause",
        assurance if isinstance(assurance, str) else "", target=Reference("Standard", target, f"{target:g}%") if target is not None else None,
        baseline=baseline, baseline_words="limits set on the first months",
    )  # fmt: skip


POINTS = st.lists(VALUES.map(lambda v: figure(v, "%")) | GAPS.map(lambda g: figure(None, gap=g)), min_size=2, max_size=40)


@settings(max_examples=60, deadline=None)
@given(POINTS, st.none() | VALUES, st.none() | st.integers(0, 45))
def test_a_control_chart_stays_in_its_frame(values: list[Figure], target: float | None, baseline: int | None) -> None:
    chart = control(values, target, baseline)
    held_within(chart)
    ET.fromstring(chart.svg())


@settings(max_examples=40, deadline=None)
@given(st.lists(VALUES, min_size=2, max_size=30))
def test_points_keep_their_order_on_a_control_chart(values: list[float]) -> None:
    drawn = pictures(control([figure(v, "%") for v in values]))[0].findall("path[@class='jk-spc-line']")
    assert len(drawn) == 1
    points = [tuple(map(float, p.split())) for p in drawn[0].attrib["d"][1:].split("L")]
    assert [x for x, _ in points] == sorted(x for x, _ in points)
    for ((_, y), (_, z)), (v, w) in zip(pairwise(points), pairwise(values), strict=True):
        assert (y >= z) if v < w else (y <= z)


def test_a_gap_breaks_the_control_line_and_is_marked_by_its_kind() -> None:
    values = [figure(50.0 + i % 3, "%") for i in range(14)]
    values[4], values[8], values[11] = (figure(None, gap=g) for g in (Gap.SUPPRESSED, Gap.NOT_SUBMITTED, Gap.NOT_PUBLISHED))
    chart = control(values)
    for svg in pictures(chart):
        assert len(svg.findall("path[@class='jk-spc-line']")) == 4
        marks = [e for e in svg.iter() if "jk-gapmark" in e.attrib.get("class", "")]
        assert len(marks) == 3
        assert len([e for e in svg.iter() if e.tag == "circle"]) == 11
    assert "3 of 14 periods have no figure" in chart.sentence()
    assert [w in chart.twin() for w in ("hidden", "not sent", "no data")] == [True] * 3
    assert [row[3] for row in chart.data()[1]].count(None) == 11


def test_a_target_off_the_scale_says_so_and_does_not_stretch_it() -> None:
    values = [figure(58.0 + (i % 4) * 0.5, "%") for i in range(20)]
    far, near, under = control(values, 92.0), control(values, 60.5), control(values, 10.0)
    assert far.span() == control(values).span()
    assert "Standard 92%, far above this scale" in far.body()
    assert "Standard 10%, far below this scale" in under.body()
    assert "this scale" not in near.body()
    assert near.span()[1] >= 60.5
    for chart in (far, near, under):
        held_within(chart)


def test_the_icons_have_a_sentence_each_and_are_hidden_from_screen_readers() -> None:
    chart = control([figure(50.0 + (i % 2), "%") for i in range(20)] + [figure(70.0, "%")], 92.0)
    body = root_of(chart.body())
    said = [" ".join("".join(p.itertext()).split()) for p in body.iter("p")]
    assert any(s.startswith("Variation: improving") for s in said)
    assert "Assurance: will not meet the standard 92% lies outside the limits, so without a change it will keep being missed." in said
    icons = [s for s in body.iter("svg") if "jk-spc-icon" in s.attrib["class"]]
    assert len(icons) == 2
    assert all(s.attrib["aria-hidden"] == "true" for s in icons)
    assert len([s for s in root_of(control([figure(1.0)] * 14).body()).iter("svg") if "jk-spc-icon" in s.attrib["class"]]) == 1, (
        "no target, nothing said of one"
    )


def test_a_chart_whose_parts_differ_in_length_is_refused() -> None:
    with pytest.raises(InvalidValueError, match="mean of the chart"):
        ControlChart("x", "%", "E", ("a", "b"), (figure(1.0), figure(2.0)), (1.0,), (1.0, 1.0), (1.0, 1.0), ("common_cause",) * 2)


# -- rows ----------------------------------------------------------------------------------------------------------------------------


@st.composite
def rows_of(draw: st.DrawFn, *, intervals: bool) -> tuple[BarRow, ...]:
    """Rows in an order of their own, some of them gaps."""
    made = []
    for i in range(draw(st.integers(1, 12))):
        value = draw(st.none() | VALUES)
        half = draw(st.floats(0, 100).map(lambda v: round(v, 2)))
        f = (
            figure(None, gap=draw(GAPS))
            if value is None
            else figure(value, "%", lower=value - half if intervals else None, upper=value + half if intervals else None)
        )
        mark = draw(st.none() | st.sampled_from([Mark("worse"), Mark("similar"), Mark("better"), Mark("higher")]))
        made.append(BarRow(f"A{i}", draw(st.text("abc ", max_size=80)), f, mark if value is not None else None))
    return tuple(made)


@settings(max_examples=40, deadline=None)
@given(rows_of(intervals=True), st.none() | VALUES)
def test_intervals_as_a_picture_stay_in_their_frame(rows: tuple[BarRow, ...], reference: float | None) -> None:
    line = Reference("England:", reference, f"{reference:g}") if reference is not None else None
    for panel in (RankedIntervals(rows, "A0", "%", line, caption="Groups"), Inequalities("Groups", rows, "%", (), line)):
        drawn = alone_within(panel)
        assert len([e for e in drawn.iter() if "jk-gapmark" in e.attrib.get("class", "")]) == sum(r.figure.missing for r in rows)


@settings(max_examples=40, deadline=None)
@given(rows_of(intervals=False))
def test_bars_as_a_picture_begin_at_zero(rows: tuple[BarRow, ...]) -> None:
    panel = RankedBars(rows, "A0", "%", caption="Groups")
    drawn = alone_within(panel)
    bars = [e for e in drawn.iter("rect") if e.attrib.get("class", "").startswith("jk-pbar")]
    zero = 240 + panel.scale().at(0) / 100 * 340
    assert len(bars) == sum(not r.figure.missing for r in rows), "a gap has no bar"
    for bar, row in zip(bars, [r for r in rows if not r.figure.missing], strict=True):
        left, right = float(bar.attrib["x"]), float(bar.attrib["x"]) + float(bar.attrib["width"])
        assert min(abs(left - zero), abs(right - zero)) < 0.2, "every bar has one end at zero"
        if row.figure.value == 0:
            assert "jk-pbar-zero" in bar.attrib["class"]
        elif right - left > 0.3:
            assert ((right + left) / 2 > zero) == ((row.figure.value or 0) > 0)


# -- the tartan rug ------------------------------------------------------------------------------------------------------------------


@st.composite
def rugs(draw: st.DrawFn) -> Rug:
    """Rugs of any size, with gaps and every verdict."""
    n = draw(st.integers(2, 20))
    verdicts = st.sampled_from(
        ["worst", "second-worst", "middle", "second-best", "best", "worse", "similar", "better", "higher", "lower", "not-judged"]
    )
    columns = tuple(RugColumn(f"A{i}", draw(st.text("abc ", max_size=30)), own=i == 0, benchmark=i == n - 1) for i in range(n))

    def made(i: int) -> RugCell:
        if draw(st.booleans()):
            return RugCell(figure(None, gap=draw(GAPS)))
        return RugCell(figure(draw(VALUES), "%"), None if i == n - 1 else Mark(draw(verdicts)))

    rows = tuple(RugRow(draw(st.text("abc ", max_size=60)), "%", "2024", tuple(made(i) for i in range(n))) for _ in range(draw(st.integers(1, 5))))
    return Rug("Rug", columns, (RugGroup("Group", rows),))


@settings(max_examples=40, deadline=None)
@given(rugs())
def test_a_rug_has_a_fill_and_a_shape_or_a_gap_for_every_cell(rug: Rug) -> None:
    drawn = alone_within(rug)
    shown = [i for i, c in enumerate(rug.columns) if not (rug.dense and c.benchmark)]
    cells = [row.cells[i] for g in rug.groups for row in g.rows for i in shown]
    fills = [e for e in drawn.iter("rect") if e.attrib.get("class", "").startswith("jk-rugfill")]
    assert [e.attrib["class"][-1] for e in fills] == [str(c.tint) for c in cells]
    lefts = [float(e.attrib["x"]) for e in fills[: len(shown)]]
    assert lefts == sorted(lefts), "columns keep their order"
    marks = [e for e in drawn.iter() if "jk-gapmark" in e.attrib.get("class", "")]
    assert len(marks) == sum(c.figure.missing for c in cells)


@settings(max_examples=20, deadline=None)
@given(rugs())
def test_every_judged_cell_of_a_rug_has_its_word_and_hides_its_shape(rug: Rug) -> None:
    body = root_of(rug.body())
    drawn = [td for td in body.iter("td") if "jk-rugcell" in td.attrib["class"]]
    cells = [c for g in rug.groups for row in g.rows for c in row.cells]
    for td, made in zip(drawn, cells, strict=True):
        words = " ".join("".join(td.itertext()).split())
        assert words.endswith(made.word)
        assert made.figure.text in words
        assert all(svg.attrib["aria-hidden"] == "true" for svg in td.iter("svg"))
        assert ("jk-rug-t" in td.attrib["class"]) == bool(made.tint)


def test_a_row_of_a_rug_has_one_cell_a_column() -> None:
    with pytest.raises(InvalidValueError, match="1 cells for 2 columns"):
        Rug("Rug", (RugColumn("a", "A"), RugColumn("b", "B")), (RugGroup("", (RugRow("x", "", "", (RugCell(figure(1.0)),)),)),))


# -- the pyramid ---------------------------------------------------------------------------------------------------------------------

SHARES = st.floats(0, 12, allow_nan=False).map(lambda v: round(v, 2))


@st.composite
def pyramids(draw: st.DrawFn) -> Pyramid:
    """Pyramids with gaps on either side, and an outline with gaps of its own."""
    bands = []
    for i in range(draw(st.integers(1, 20))):
        shares = [draw(st.none() | SHARES) for _ in range(2)]
        counts = [figure(None, gap=draw(GAPS)) if s is None else figure(s * 1000, "", 0) for s in shares]
        bands.append(PyramidBand(f"{5 * i} to {5 * i + 4}", *counts, *shares, draw(st.none() | SHARES), draw(st.none() | SHARES)))
    return Pyramid("People", "Blackpool", tuple(bands))


@settings(max_examples=40, deadline=None)
@given(pyramids())
def test_a_pyramid_begins_at_zero_on_both_sides_and_keeps_its_order(pyramid: Pyramid) -> None:
    held_within(pyramid)
    alone_within(pyramid)
    for svg in pictures(pyramid):
        width = float(svg.attrib["viewBox"].split()[2])
        zeros = sorted({float(e.attrib["x1"]) for e in svg.findall("line[@class='jk-base']")})
        assert len(zeros) == 2
        bars = [e for e in svg.iter("rect") if e.attrib["class"] in ("jk-pyr", "jk-pbar-zero")]
        shares = [(b.share(side), side) for b in reversed(pyramid.bands) for side in ("male", "female") if b.share(side) is not None]
        assert len(bars) == len(shares), "a gap has no bar"
        scale = pyramid.ticks()[-1]
        for e, (share, side) in zip(bars, shares, strict=True):
            left, right = float(e.attrib["x"]), float(e.attrib["x"]) + float(e.attrib["width"])
            assert abs((right - zeros[0]) if side == "male" else (left - zeros[1])) < 0.2
            assert (right <= width / 2) if side == "male" else (left >= width / 2)
            length = (zeros[0] - 16) if side == "male" else (width - 16 - zeros[1])
            if share:
                assert abs((right - left) - (share or 0) / scale * length) < 0.3
        ages = [e.text for e in svg.iter("text") if " to " in (e.text or "")]
        assert ages == [b.name for b in reversed(pyramid.bands)], "the oldest stand at the top"
        marks = [e for e in svg.iter() if "jk-gapmark" in e.attrib.get("class", "")]
        assert len(marks) == sum(f.missing for b in pyramid.bands for f in (b.males, b.females))


def test_the_outline_of_a_pyramid_breaks_where_a_share_is_not_known() -> None:
    bands = [PyramidBand(f"{i}", figure(1.0), figure(1.0), 1.0, 1.0, None if i == 2 else 2.0, 2.0) for i in range(5)]
    svg = pictures(Pyramid("P", "B", tuple(bands)))[0]
    assert len(svg.findall("path[@class='jk-pyr-beside']")) == 3


# -- waits by length -----------------------------------------------------------------------------------------------------------------

COUNTS = st.integers(0, 10_000_000).map(float)


@st.composite
def distributions(draw: st.DrawFn) -> Distribution:
    """Waits in bands of any width, some of them gaps, with or without a last band that has no end."""
    edges = sorted(draw(st.sets(st.integers(1, 104), min_size=1, max_size=20)))
    bands = [
        WaitBand(low, high, figure(v, "", 0) if v is not None else figure(None, gap=draw(GAPS)))
        for (low, high), v in ((pair, draw(st.none() | COUNTS)) for pair in pairwise([0, *edges]))
    ]
    if draw(st.booleans()):
        bands.append(WaitBand(edges[-1], None, figure(draw(COUNTS), "", 0)))
    marks = tuple(
        WaitMark(w, f"marked at {w}", dashed=i == 0, short=f"at {w}") for i, w in enumerate(draw(st.lists(st.integers(0, 104), max_size=3)))
    )
    return Distribution("Waits", "England", tuple(bands), marks)


@settings(max_examples=60, deadline=None)
@given(distributions())
def test_the_area_of_a_bar_is_its_waits_and_bars_begin_at_zero(made: Distribution) -> None:
    held_within(made)
    alone_within(made)
    for svg in pictures(made):
        bars = [e for e in svg.iter("rect") if e.attrib["class"] in ("jk-pbar", "jk-pbar-own")]
        counted = [b for b in made.closed if b.waits.value]
        assert len(bars) == len(counted), "a gap has no bar, and zero is a tick"
        assert len([e for e in svg.iter("rect") if e.attrib["class"] == "jk-pbar-zero"]) == sum(b.waits.value == 0 for b in made.closed)
        assert len([e for e in svg.iter() if "jk-gapmark" in e.attrib.get("class", "")]) == sum(b.waits.missing for b in made.closed)
        if not bars:
            continue
        base = float(svg.findall("line[@class='jk-base']")[0].attrib["y1"])
        lefts = [float(e.attrib["x"]) for e in bars]
        assert lefts == sorted(lefts)
        assert all(abs(float(e.attrib["y"]) + float(e.attrib["height"]) - base) < 0.2 for e in bars), "from zero"
        tall = [float(e.attrib["height"]) for e in bars]
        for e, band in zip(tall, counted, strict=True):
            share = (made.height(band) or 0) / max(made.height(b) or 0 for b in counted)
            assert abs(e - share * max(tall)) < 0.3


@settings(max_examples=30, deadline=None)
@given(st.lists(COUNTS, min_size=104, max_size=104))
def test_weekly_bands_are_plain_counts(counts: list[float]) -> None:
    made = Distribution(
        "Waits", "England", tuple(WaitBand(i, i + 1, figure(v, "", 0)) for i, v in enumerate(counts)), (WaitMark(18, "18 weeks", dashed=True),)
    )
    assert made.even
    assert [made.height(b) for b in made.bands] == counts
    held_within(made)
    svg = pictures(made)[0]
    assert "for each week" not in "".join(svg.itertext())
    assert len([e for e in svg.iter("rect") if e.attrib["class"] == "jk-pbar-own"]) == sum(v > 0 for v in counts[:18]), (
        "the first eighteen are within the standard"
    )


def test_bands_that_overlap_are_refused() -> None:
    with pytest.raises(InvalidValueError, match="does not follow 0 to 18 weeks"):
        Distribution("W", "E", (WaitBand(0, 18, figure(1.0)), WaitBand(17, 52, figure(1.0))))
    with pytest.raises(InvalidValueError, match="has no width"):
        Distribution("W", "E", (WaitBand(18, 18, figure(1.0)),))
    with pytest.raises(InvalidValueError, match="does not follow 52 weeks and over"):
        Distribution("W", "E", (WaitBand(52, None, figure(1.0)), WaitBand(60, 70, figure(1.0))))


# -- the spine as a picture ----------------------------------------------------------------------------------------------------------


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(1, 307) | GAPS, min_size=1, max_size=8))
def test_a_spine_as_a_picture_puts_the_worst_at_the_left(ranks: list[int | Gap]) -> None:
    rows = tuple(
        SpineRow("A measure of some length", "per 100,000", figure(None, gap=r), figure(2.0), None, Mark("no-data"), "2021")
        if isinstance(r, Gap)
        else SpineRow("Measure", "%", figure(1.0, "%"), figure(2.0, "%"), r, Mark("middle"), "2021")
        for r in ranks
    )
    drawn = alone_within(Spine("Blackpool", 307, (SpineGroup("Group", rows),), caption="Blackpool among 307"))
    placed = [g for g in drawn.iter("g") if len(g) == 1 and g[0].attrib.get("class") == "jk-m jk-m-similar"][1:]
    known = [r for r in ranks if not isinstance(r, Gap)]
    assert len(placed) == len(known), "a measure without a figure has no mark on the strip"
    at = [float(g.attrib["transform"].split("(")[1].split(" ")[0]) for g in placed]
    for rank, x in zip(known, at, strict=True):
        assert abs(x - (424 + (rank - 1) / 306 * 266)) < 0.11
    assert len([e for e in drawn.iter() if "jk-gapmark" in e.attrib.get("class", "")]) == len(ranks) - len(known)
