"""Panels as data: what is drawn is what is given, missing is never zero, a verdict is a shape and a word, and text stays text."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections import Counter
from html.parser import HTMLParser

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jsnakit.errors import InvalidValueError
from jsnakit.publish.panels import (
    FIFTHS,
    AreaMap,
    BarRow,
    Box,
    Column,
    ControlChart,
    Distribution,
    Drawing,
    Figure,
    FilterList,
    FilterRow,
    FunctionTable,
    Gap,
    GapKey,
    Gulf,
    Inequalities,
    Inset,
    KeyFigure,
    KeyFigures,
    Link,
    MapGrid,
    MapGridRow,
    Mark,
    Panel,
    Place,
    Provider,
    Providers,
    Pyramid,
    PyramidBand,
    RankedBars,
    RankedIntervals,
    Reference,
    Row,
    Rug,
    RugCell,
    RugColumn,
    RugGroup,
    RugRow,
    Shape,
    SmallMap,
    SmallMultiples,
    Spine,
    SpineGroup,
    SpineRow,
    Symbol,
    SymbolMap,
    Table,
    Trend,
    Verdict,
    WaitBand,
    WaitMark,
    fifth,
    figure,
    number_text,
    place_words,
)

SVG = "{http://www.w3.org/2000/svg}"


def _square(code: str, name: str, x: float, y: float, side: float = 10_000) -> Shape:
    path = f"M{x} {y}h{side}v{side}h{-side}z"
    return Shape(code, name, path, Box(x, y, x + side, y + side), x + side / 2, y + side / 2)


def _shapes(name: str = "Area") -> tuple[Shape, ...]:
    return tuple(_square(f"A{i}", f"{name} {i}", 300_000 + (i % 3) * 10_000, 300_000 + (i // 3) * 10_000) for i in range(6))


def _symbols(name: str = "Trust") -> tuple[Symbol, ...]:
    marks = (Mark("met"), Mark("near"), Mark("missed", "60% to 65%", 2), Mark("missed", "under 55%", 4), Mark("too-few"), Mark("not-submitted"))
    placed = [
        Symbol(f"T{i}", f"{name} {i}", 302_000 + i * 4_000, 305_000, m, figure(None, gap=Gap.NOT_SUBMITTED) if i == 5 else figure(50.0 + i, "%"))
        for i, m in enumerate(marks)
    ]
    return (*placed, Symbol("T9", f"{name} 9", None, None, marks[2], figure(61.0, "%")))


def _trend(name: str = "Smoking", area: tuple[Figure, ...] | None = None) -> Trend:
    values = area or (
        figure(25.3, "%"),
        figure(None, gap=Gap.SUPPRESSED),
        figure(22.0, "%"),
        figure(21.0, "%"),
        figure(21.0, "%", gap=Gap.CARRIED_FORWARD),
    )
    n = len(values)
    middle = tuple(figure(15.0 - i, "%") for i in range(n))
    return Trend(
        name, "% of adults", name, tuple(str(2015 + i) for i in range(n)), values, middle, (10.0,) * n, (20.0,) * n, Mark("better", f"{name} better")
    )


def _filter(name: str) -> FilterList:
    counts = ((Mark("met", "green"), 2), (Mark("missed", "red"), 5), (Mark("too-few"), 1))
    return FilterList(
        (FilterRow(name, "a.html", counts, figure(62.0, "%", 0), chosen=True), FilterRow(f"{name} o", "b.html", counts, figure(None), folded=True))
    )


def _control(name: str = "England") -> ControlChart:
    points = (figure(58.0, "%"), figure(None, gap=Gap.SUPPRESSED), figure(57.0, "%"), figure(None, gap=Gap.NOT_SUBMITTED), figure(64.0, "%"))
    n = len(points)
    return ControlChart(
        name, name, name, tuple(f"{name} {i}" for i in range(n)), points, (58.0,) * n, (56.0,) * n, (60.0,) * n,
        ("common_cause",) * (n - 1) + ("improvement_high",), "improvement_high", "consistently_failing", name, Reference(name, 92.0, name), 2, name,
    )  # fmt: skip


def _rug(name: str = "Blackpool", others: int = 2) -> Rug:
    columns = (RugColumn("A0", name, own=True), *(RugColumn(f"A{i}", name) for i in range(1, others + 1)), RugColumn("E", name, benchmark=True))
    judged = [RugCell(figure(41.8, "%", lower=40.0, upper=43.0), Mark("worse")), *[RugCell(figure(8.0, "%"), Mark("better"))] * others]
    gaps = [RugCell(figure(None, gap=Gap.SUPPRESSED)), *[RugCell(figure(0.0, "%"), Mark("similar"))] * others]
    beside = RugCell(figure(20.0, "%"))
    rows = (RugRow(name, name, name, (*judged, beside), name), RugRow(name, "", "", (*gaps, beside)))
    return Rug(name, columns, (RugGroup(name, rows), RugGroup("", rows[:1])), name)


def panels(name: str = "Blackpool") -> dict[str, Panel]:
    """One panel of each kind, with `name` in every field that holds a name."""
    rows = (
        BarRow("A0", name, figure(41.8, "%", lower=40.0, upper=43.0), Mark("worst", name), (figure(3304, "", 0), name)),
        BarRow("A1", name, figure(0.0, "%", lower=-1.0, upper=2.0), Mark("best")),
        BarRow("A2", name, figure(None, gap=Gap.SUPPRESSED), Mark("no-data")),
        BarRow("A3", name, figure(8.0, "%", gap=Gap.CARRIED_FORWARD), None),
    )
    spine_rows = (
        SpineRow(name, name, figure(76.5), figure(81.7), 1, Mark("worst"), name, href=name),
        SpineRow(name, "", figure(None, gap=Gap.NOT_SUBMITTED), figure(3.0), None, Mark("no-data"), "2020"),
        SpineRow(name, "%", figure(12.0, "%"), figure(12.5, "%"), 10.5, Mark("middle"), "2021", ties=2, of=20),
    )
    places = tuple(Place(f"A{i}", figure(70.0 + i), Mark(FIFTHS[i])) for i in range(5))
    inset = Inset(name, Box(300_000, 300_000, 315_000, 315_000), ("T0", "T1"))
    small = SmallMap(name, _symbols(name), name, name, name)
    providers = (
        Provider("R1", name, 750, 420, 12, own=True),
        Provider("R2", name, 200, None),
        Provider("R3", name, 30, 20),
        Provider("R4", name, 20, 1),
    )
    columns = (Column(name), Column("Value", numeric=True), Column("Place"))
    cells = (Row((Link(name, name), figure(1.0), Mark("worst", name))), Row((name, figure(None), "x"), chosen=True))
    return {
        "keys": KeyFigures((KeyFigure(name, name, name, Mark("worst", name), name),)),
        "spine": Spine(name, 307, (SpineGroup(name, spine_rows),), name, name),
        "bars": RankedBars(
            rows,
            "A0",
            name,
            (Reference(name, 28.5, "28.5%"), Reference("Standard", 92, dashed=False)),
            name,
            name,
            False,
            (name, name),
            name,
            caption=name,
        ),
        "intervals": RankedIntervals(rows, "A0", name, Reference(name, 30.0), name, name, name, caption=name),
        "trend": _trend(name),
        "control": _control(name),
        "rug": _rug(name),
        "distribution": Distribution(
            name,
            name,
            (WaitBand(0, 18, figure(60.0)), WaitBand(18, 52, figure(None, gap=Gap.SUPPRESSED)), WaitBand(52, None, figure(0.0))),
            (WaitMark(18, name, dashed=True), WaitMark(30, name, short=name)),
            f"{name} waits",
        ),
        "pyramid": Pyramid(
            name,
            name,
            (
                PyramidBand(name, figure(0.0), figure(10.0), 0.0, 3.0, 2.0, None),
                PyramidBand("5 to 9", figure(None, gap=Gap.SUPPRESSED), figure(8.0), None, 2.0),
            ),
            name,
            name,
            f"{name} f",
        ),
        "rug in shapes": _rug(name, 12),
        "inequalities": Inequalities(name, rows, name, (Gulf(name, name),), Reference(name, 20.0), name, name),
        "inequalities in bars": Inequalities(name, tuple(attrs.evolve(r, figure=attrs.evolve(r.figure, lower=None, upper=None)) for r in rows), name),
        "multiples": SmallMultiples((_trend(name), _trend("Other")), name),
        "areamap": AreaMap(name, name, _shapes(name), places, "A0", (inset,), _shapes(name)[:1], name),
        "symbolmap": SymbolMap(name, _shapes(name), _symbols(name), "T2", (), (inset,), _shapes(name), ("T5",), _filter(name), name, name),
        "mapgrid": MapGrid(name, _shapes(name), (MapGridRow(name, (small, small)),), "T2", name),
        "providers": Providers(providers, name, caption=name),
        "filter": _filter(name),
        "table": Table(columns, cells, name, name),
        "functions": FunctionTable(columns, cells, name),
        "gaps": GapKey(name),
    }


KINDS = sorted(panels())


def _tree(markup: str) -> ET.Element:
    return ET.fromstring(f"<root>{markup}</root>")


def _words(markup: str) -> str:
    return " ".join("".join(_tree(markup).itertext()).split())


@pytest.mark.parametrize("kind", KINDS)
def test_every_panel_is_well_formed_and_the_same_each_time(kind: str) -> None:
    first, again = panels()[kind], panels()[kind]
    html = first.html()
    assert html == again.html()
    root = _tree(html)
    assert not any(e.tag in ("script", "style") for e in root.iter())
    assert not [e for e in root.iter() if "style" in e.attrib], "no element has a style of its own, so a strict content policy can stand"
    columns, rows = first.data()
    assert rows
    assert all(len(r) == len(columns) for r in rows)
    assert len(set(columns)) == len(columns) or kind in ("bars", "table", "functions")


@pytest.mark.parametrize("kind", [k for k in KINDS if isinstance(panels()[k], Drawing)])
def test_every_drawing_stands_alone_and_has_a_table(kind: str) -> None:
    panel = panels()[kind]
    assert isinstance(panel, Drawing)
    svg = panel.svg()
    assert svg == panel.svg()
    root = ET.fromstring(svg)
    assert root.tag == f"{SVG}svg"
    assert root.attrib["role"] == "img"
    assert root[0].tag == f"{SVG}title"
    assert root[0].text
    assert root.find(f"{SVG}desc") is not None
    style = root.find(f"{SVG}style")
    assert style is not None
    assert style.text
    assert "var(" not in style.text
    assert ".jk-m-worse" in style.text
    assert _tree(panel.html()).find(".//table") is not None


@pytest.mark.parametrize("kind", KINDS)
def test_pictures_are_named_and_ids_resolve(kind: str) -> None:
    root = _tree(panels()[kind].html())
    ids = [e.attrib["id"] for e in root.iter() if "id" in e.attrib]
    assert [i for i, n in Counter(ids).items() if n > 1] == []
    used = re.findall(r"(?:url\(#|href=\"#)([^\")]+)", panels()[kind].html())
    assert set(used) <= set(ids)
    for svg in root.iter("svg"):
        if svg.attrib.get("role") == "img":
            assert svg[0].tag == "title"
            assert svg[0].text
    for table in root.iter("table"):
        for th in table.iter("th"):
            assert th.attrib.get("scope") in ("col", "row", "rowgroup")


PAYLOADS = [
    "<script>alert(1)</script>", "</script><script>alert(1)</script>", "<img src=x onerror=alert(1)>", '"><img src=x onerror=alert(1)>', "'><svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>", "</title><script>alert(1)</script>", "</style><script>alert(1)</script>", "</desc><script>1</script>", "</text><script>1</script>",
    "<iframe src=javascript:alert(1)>", "<a href=javascript:alert(1)>x</a>", "javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\tscript:alert(1)",
    "java\nscript:alert(1)", " javascript:alert(1)", "\x01javascript:alert(1)", "data:text/html,<script>alert(1)</script>", "vbscript:msgbox(1)",
    "<body onload=alert(1)>", '" onmouseover="alert(1)', "' onmouseover='alert(1)", "` onmouseover=`alert(1)", '" autofocus onfocus=alert(1) x="',
    "<math><mtext></mtext><script>1</script></math>", "<details open ontoggle=alert(1)>", "<object data=javascript:alert(1)>", "<embed src=javascript:alert(1)>", "<link rel=stylesheet href=x>",
    "<meta http-equiv=refresh content=0>", "<base href=//evil>", "<form action=javascript:alert(1)>", "<input onfocus=alert(1) autofocus>", "<video><source onerror=alert(1)>",
    "<style>@import 'x'</style>", "<div style=background:url(javascript:1)>", "&lt;script&gt;", "&#60;script&#62;", "<!--<script>-->", "-->", "]]><script>1</script>", "<![CDATA[<script>]]>",
    "<?xml version='1.0'?>", "<use href=data:image/svg+xml,x>", "<animate onbegin=alert(1)>", "<set attributeName=onmouseover to=alert(1)>", "<foreignObject><script>1</script>", "\x00<script>\x00", "\ud800<script>",
    "url(#x)", "{{7*7}}", "${7*7}",
]  # fmt: skip


class _Collect(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        bad = {
            "script",
            "style",
            "iframe",
            "img",
            "object",
            "embed",
            "link",
            "meta",
            "base",
            "form",
            "input",
            "video",
            "math",
            "foreignobject",
            "animate",
            "set",
            "body",
        }
        if tag in bad:
            self.found.append(tag)
        for name, value in attributes:
            if name.startswith("on") or name in ("style", "src", "action", "data", "autofocus"):
                self.found.append(f"{tag}@{name}")
            if name in ("href", "xlink:href") and re.match(r"(?i)\s*(javascript|data|vbscript):", value or ""):
                self.found.append(f"{tag}@{name}={value}")


def test_names_are_only_ever_text() -> None:
    assert len(PAYLOADS) >= 50
    for payload in PAYLOADS:
        for kind, panel in panels(payload).items():
            html = panel.html()
            parser = _Collect()
            parser.feed(html)
            assert parser.found == [], (payload, kind)
            _tree(html)
            if isinstance(panel, Drawing):
                alone = ET.fromstring(panel.svg())
                assert not [e for e in alone.iter() if e.tag in (f"{SVG}script", f"{SVG}foreignObject", f"{SVG}image")], (payload, kind)
                assert not [k for e in alone.iter() for k in e.attrib if k.startswith("on")], (payload, kind)


@settings(max_examples=30, deadline=None)
@given(st.text(max_size=40))
def test_any_text_comes_out_as_it_went_in(name: str) -> None:
    html = KeyFigures((KeyFigure(name, "1", name, Mark("worst", name or "word"), name),)).html()
    shown = "".join(_tree(html).itertext())
    writable = re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]", "", name).replace("\r\n", "\n").replace("\r", "\n")
    assert writable in shown.replace("\r\n", "\n").replace("\r", "\n")


def test_missing_is_never_drawn_as_zero() -> None:
    bars = panels()["bars"]
    rows = list(_tree(bars.body()).iter("tr"))[1:]
    drawn = ["jk-bar-fill" in ET.tostring(r, "unicode") for r in rows]
    ticks = ["jk-bar-tick" in ET.tostring(r, "unicode") for r in rows]
    assert drawn == [True, False, False, True]
    assert ticks == [False, True, False, False], "only a real zero has a baseline tick"
    assert "hidden" in _words(ET.tostring(rows[2], "unicode"))
    assert bars.data()[1][2][2] is None
    spine = list(_tree(panels()["spine"].body()).iter("tr"))
    assert "jk-m-worse" in ET.tostring(spine[2], "unicode")
    missing = spine[3].find(".//td[@class='jk-strip']")
    assert missing is not None
    assert "jk-m " not in ET.tostring(missing, "unicode")


def test_a_value_that_is_not_finite_is_missing() -> None:
    for value in (None, float("nan"), float("inf")):
        made = figure(value, "%")
        assert made.missing
        assert made.gap is Gap.NOT_PUBLISHED
        assert made.text == "no data"
    assert not figure(0.0, "%").missing
    assert figure(0.0, "%").text == "0.0%"


def test_a_gap_breaks_the_line_and_a_repeated_value_is_open() -> None:
    svg = _trend().svg()
    lines = re.findall(r'<path class="jk-line( jk-line-repeated)?" d="M([^"]+)"', svg)
    points = [[tuple(map(float, p.split())) for p in d.split("L")] for _, d in lines]
    assert [bool(repeated) for repeated, _ in lines] == [False, True]
    assert [len(p) for p in points] == [2, 2], "2017 to 2018 solid, 2018 to 2019 dashed, and nothing into or out of 2016"
    assert svg.count('jk-point-open"') == 1
    assert "hidden" in _words(_trend().twin())
    assert "1 of 5 periods have no figure" in _trend().sentence()


def test_an_only_value_between_gaps_is_still_a_point() -> None:
    nothing = figure(None)
    trend = _trend(area=(nothing, figure(5.0), nothing, figure(6.0), nothing))
    svg = trend.svg()
    assert 'class="jk-line"' not in svg
    assert svg.count('class="jk-point"') == 2
    assert "6.0 (2018)" in svg, "a last value that is not of the last period says of which"


def test_a_trend_without_figures_says_so() -> None:
    trend = _trend(area=(figure(None), figure(None)))
    assert "no figures" in trend.sentence()
    assert "no data" in _words(trend.svg())
    assert "jk-point" not in re.sub(r"<style>.*?</style>", "", trend.svg())
    assert "no data" in SmallMultiples((trend,)).html()


def test_a_trend_of_uneven_tuples_is_refused() -> None:
    with pytest.raises(InvalidValueError, match="low of the trend"):
        attrs.evolve(_trend(), low=(1.0,))


@pytest.mark.parametrize("verdict", list(Verdict))
def test_every_verdict_has_a_shape_and_a_word(verdict: Verdict) -> None:
    mark = Mark(verdict)
    html = _tree(mark.html())
    assert html.find(".//path") is not None
    assert _words(mark.html()) == mark.word != ""
    assert html.find(".//svg").attrib["aria-hidden"] == "true"


def test_opposite_verdicts_differ_in_shape_not_only_in_colour() -> None:
    shapes = {v: Mark(v).shape for v in Verdict}
    assert shapes[Verdict.WORST] == shapes[Verdict.WORSE] == shapes[Verdict.MISSED] == "down"
    assert shapes[Verdict.BEST] == shapes[Verdict.BETTER] == shapes[Verdict.MET] == "up"
    assert shapes[Verdict.MIDDLE] == shapes[Verdict.SIMILAR] == shapes[Verdict.NEAR] == "square"
    drawn = {ET.tostring(_tree(Mark(v).icon()), "unicode") for v in FIFTHS}
    assert len(drawn) == 5, "the five fifths are five drawings"


def test_bars_are_as_long_as_their_values() -> None:
    rows = tuple(BarRow(str(i), f"n{i}", figure(v, "%")) for i, v in enumerate((40.0, 20.0, 10.0)))
    html = RankedBars(rows, "1", "%").html()
    widths = [float(w) for w in re.findall(r'class="jk-bar-fill" width="([\d.]+)%"', html)]
    assert widths == [100.0, 50.0, 25.0]
    assert [r[2] for r in RankedBars(rows, "1").data()[1]] == [40.0, 20.0, 10.0]
    for row in rows:
        assert row.figure.text in _words(html)


def test_the_spine_mark_stands_at_the_rank() -> None:
    rows = tuple(SpineRow(f"m{r}", "", figure(1.0), figure(2.0), r, Mark(fifth(r, 101)), "2021") for r in (1, 26, 51, 101))
    html = Spine("Blackpool", 101, (SpineGroup("g", rows),)).html()
    assert re.findall(r'<svg x="([\d.]+)%"', html) == ["0.00", "25.00", "50.00", "100.00"]
    assert "significant" not in html.lower()
    for words in ("the worst", "26th worst", "51st worst", "the best"):
        assert words in html


def test_fifths_are_even_and_ties_share_one() -> None:
    counts = Counter(fifth(r, 307) for r in range(1, 308))
    assert sum(counts.values()) == 307
    assert max(counts.values()) - min(counts.values()) <= 1
    assert place_words(4.5, 307, ties=2) == "joint 4th worst"
    assert place_words(307, 307) == "the best"
    assert place_words(1.5, 307, ties=2) == "joint worst"


@pytest.mark.parametrize(
    ("value", "unit", "decimals", "text"),
    [
        (0.05, "%", 1, "0.1%"),
        (-0.04, "", 1, "0.0"),
        (99.96, "", 1, "100"),
        (100.0, "per 100,000", 1, "100"),
        (1234567.5, "", 1, "1,234,568"),
        (100.0, "%", 1, "100.0%"),
        (2.675, "", 2, "2.68"),
    ],
)
def test_numbers_are_written_for_reading(value: float, unit: str, decimals: int, text: str) -> None:
    assert number_text(value, unit, decimals) == text


def test_the_worst_fifth_is_striped_and_no_data_hatched() -> None:
    area_map = panels()["areamap"]
    assert isinstance(area_map, AreaMap)
    root = _tree(area_map.body())
    main = next(s for s in root.iter("svg") if "jk-map" in s.attrib["class"].split())
    fills = Counter(p.attrib["class"] for p in main.iter("path") if p.attrib.get("class", "").startswith("jk-fill"))
    assert fills == {f"jk-fill-{i}": 1 for i in range(6)}
    assert len([p for p in main.iter("path") if p.attrib.get("class") == "jk-stripes"]) == 2, "the worst fifth and the area without a figure"
    assert sum(n for *_, n in area_map.key_rows()) == len(area_map.shapes)
    words = _words(area_map.body())
    for fifth_word in ("Worst fifth", "Second worst", "Middle fifth", "Second best", "Best fifth", "No data", "70.0 to 70.0"):
        assert fifth_word in words
    assert "Area 0" not in _words(area_map.twin())
    assert len(list(_tree(area_map.twin()).iter("tr"))) == 7


def test_northing_points_up() -> None:
    low, high = _square("L", "Low", 0, 0), _square("H", "High", 0, 50_000)
    made = AreaMap("t", "u", (low, high), (Place("L", figure(1.0), Mark("worst")), Place("H", figure(2.0), Mark("best"))), "X")
    at = {c: int(y) for c, y in re.findall(r'<path class="jk-fill-(\d)" d="M\d+ (\d+)', made.body())}
    assert at["5"] < at["1"]


def test_the_key_counts_every_symbol_once() -> None:
    symbol_map = panels()["symbolmap"]
    assert isinstance(symbol_map, SymbolMap)
    assert sum(n for _, n in symbol_map.key_rows()) == len(symbol_map.symbols) == 7
    root = _tree(symbol_map.body())
    main = next(s for s in root.iter("svg") if {"jk-map", "jk-symbolmap"} <= set(s.attrib["class"].split()))
    assert len([g for g in main.iter("g") if g.attrib.get("class", "").startswith("jk-sym")]) == 6
    assert "no position is known for 1 of the 7" in _words(symbol_map.body())
    assert "Blackpool 9" in _words(symbol_map.body()), "a place without a position is listed"
    grid = panels()["mapgrid"]
    assert isinstance(grid, MapGrid)
    for small in grid.rows[0].maps:
        assert sum(n for _, n in small.counts()) == len(small.symbols)


def test_rare_verdicts_lie_on_top_and_the_chosen_last() -> None:
    drawn = re.findall(r'<g class="jk-sym[^>]*>.*?class="jk-m jk-m-([a-z-]+)[^"]*" d', panels()["symbolmap"].svg())[:6]
    assert drawn == ["worse", "few", "similar", "better", "absent", "worse"]


def test_an_asked_for_key_shows_zeros_and_keeps_the_rest() -> None:
    asked = (Mark("met"), Mark("missed", "nobody here", 1))
    counted = attrs.evolve(panels()["symbolmap"], key=asked).key_rows()  # type: ignore[attr-defined,type-var]
    assert [(m.word, n) for m, n in counted[:2]] == [("Standard met", 1), ("nobody here", 0)]
    assert sum(n for _, n in counted) == 7


def test_provider_blocks_share_the_width_by_waits() -> None:
    made = panels()["providers"]
    assert isinstance(made, Providers)
    blocks = made.blocks()
    assert sum(b.waits for b in blocks) == made.total == 1000
    assert [b.name for b in blocks] == ["Blackpool", "Blackpool", "others"]
    assert blocks[2].within == 21
    backs = re.findall(r'class="jk-block-(?:back|unknown)" x="([\d.]+)%" y="0" width="([\d.]+)%"', made.body())
    assert [tuple(map(float, b)) for b in backs] == [(0.0, 75.0), (75.0, 20.0), (95.0, 5.0)]
    assert made.body().count("jk-block-unknown") == 1, "a share that is not known is not a share of zero"
    dark = re.search(r'class="jk-block-own" x="[^"]+" y="([\d.]+)" width="[^"]+" height="([\d.]+)"', made.body())
    assert dark
    assert abs(float(dark[2]) / 164 - 420 / 750) < 0.001


def test_rows_past_the_first_wait_behind_a_button_with_the_full_count() -> None:
    rows = tuple(Row((f"row {i}", figure(float(i))), chosen=i == 39) for i in range(40))
    html = Table((Column("Name"), Column("Value", numeric=True)), rows, noun="measures").html()
    root = _tree(html)
    summary = root.find(".//summary")
    assert summary is not None
    assert summary.text == "Show all 40 measures"
    open_rows = list(root[0].iter("tr"))[1:]
    assert len(open_rows) == 13
    assert open_rows[-1].attrib["class"] == "jk-own"
    assert len(list(root.iter("tr"))) == 40 + 2


def test_intervals_print_limits_and_draw_them() -> None:
    html = panels()["intervals"].html()
    assert "40.0 to 43.0" in html
    line = re.search(r'class="jk-interval" x1="([\d.]+)%" x2="([\d.]+)%"', html)
    dot = re.search(r'<svg x="([\d.]+)%" y="50%"', html)
    assert line
    assert dot
    assert float(line[1]) < float(dot[1]) < float(line[2])


def test_a_filter_row_says_its_counts_in_words() -> None:
    words = _words(panels()["filter"].html())
    assert "green: 2, red: 5, too few to judge: 1 of 8 trusts." in words
    assert words.endswith("o. green: 2, red: 5, too few to judge: 1 of 8 trusts. no data")
    assert "Show 1 \u201cother\u201d groupBlackpool" in words
    assert 'aria-current="page"' in panels()["filter"].html()


def test_gaps_follow_status_and_flags() -> None:
    assert Gap.of("not_submitted") is Gap.NOT_SUBMITTED
    assert Gap.of("normal", "estimated provisional") is Gap.ESTIMATED
    assert Gap.of("not_available") is Gap.NOT_PUBLISHED
    assert Gap.of("normal") is None
    names = [row[0] for row in GapKey().data()[1]]
    assert names == ["Zero", "Not published", "Suppressed", "Not submitted", "Too few to judge", "Carried forward"]


def test_a_path_that_is_not_of_straight_lines_is_refused() -> None:
    bent = Shape("B", "Bent", "M0 0C1 1 2 2 3 3z", Box(0, 0, 3, 3), 1, 1)
    with pytest.raises(InvalidValueError, match="straight lines"):
        AreaMap("t", "u", (bent,), (), "B").html()


@pytest.mark.parametrize("kind", [k for k in KINDS if isinstance(panels()[k], Drawing)])
def test_a_picture_carries_its_title_and_credit(kind: str) -> None:
    panel = panels("Blackpool")[kind]
    assert isinstance(panel, Drawing)
    root = ET.fromstring(panel.svg("Source: Office for National Statistics. Contains OS data \u00a9 Crown copyright and database right 2025."))
    texts = " ".join("".join(t.itertext()) for t in root.iter(f"{SVG}text"))
    assert "Contains OS data \u00a9 Crown copyright and database right 2025." in texts
    title = root.find(f"{SVG}title")
    assert title is not None
    assert str(title.text) in texts


def test_a_pool_with_an_unknown_share_is_unknown() -> None:
    made = Providers((Provider("a", "A", 900, 500, own=True), Provider("b", "B", 30, 10), Provider("c", "C", 20, None)))
    assert made.blocks()[-1].within is None
    assert "others: 50 waits, 5%, within 18 weeks not known" in made.description()


def test_numbers_of_a_download_are_not_rounded() -> None:
    rows = (BarRow("a", "A", figure(12.3456789, "%")),)
    assert RankedBars(rows, "a").data()[1][0][2] == 12.3456789
    assert "12.3%" in RankedBars(rows, "a").html()
