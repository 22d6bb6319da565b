"""Figure builders: every sentence is what the figures under it say, what is absent says why, and nothing hidden or missing is drawn as a number."""

from __future__ import annotations

import datetime as dt
import itertools
import re
from typing import Any

import attrs
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jsnakit import geography
from jsnakit.errors import ChapterError
from jsnakit.model import Indicator, Polarity
from jsnakit.publish import findings
from jsnakit.publish.figures import BUILDERS, build_figure
from jsnakit.publish.figures.standing import standing
from jsnakit.publish.panels import Gap, RankedBars, RankedIntervals, SmallMultiples, Spine, SymbolMap, Table, Trend, Verdict

LIFE, SMOKING, ODD, HIDDEN, RANGE = "t.life", "t.smoking", "t.odd", "t.hidden", "t.range"
WITHIN, ADMITTED = "rtt.incomplete_within_18_weeks", "rtt.admitted_within_18_weeks"
STANDARD = "nhs-constitution.rtt-18-weeks"


def _without(country: Any, mask: Any) -> None:
    country.table = country.table.filter(pc.invert(mask))


# -- where the area stands -----------------------------------------------------------------------------------------------------------


def test_a_standing_is_what_a_plain_count_says(country: Any, places: Any) -> None:
    rows = country.observe(SMOKING, area_type="ltla")
    for i, area in enumerate(places):
        found = standing(rows, country.indicator(SMOKING), area.code)
        assert found is not None
        # The figure of 2021 only repeats that of 2020 for Blackpool, so its standing is that of 2020.
        assert found.period.start.year == (2020 if i == 0 else 2021)
        same = rows[rows["period_start"].dt.year == found.period.start.year].set_index("area")["value"]
        assert found.from_worst == int((same > same[area.code]).sum()) + 1
        assert found.of == len(places)


def test_equal_figures_share_a_place() -> None:
    rows = pd.DataFrame(
        {
            "area": list("abcd"), "value": [1.0, 2.0, 2.0, 3.0], "status": "normal", "flags": None, "period_start": pd.Timestamp("2021-01-01"), "period_duration": "P1Y",
            "period": "2021",
        }
    )  # fmt: skip
    lower = Indicator("t.x", "X", "%", definition="x", polarity=Polarity.LOWER_IS_BETTER, polarity_source="test")
    found = standing(rows, lower, "b")
    assert found is not None
    assert (found.place, found.ties, found.from_worst, found.from_best) == ("joint 2nd worst", 2, 2, 2)


def test_the_headline_takes_the_authors_words_for_the_standing_it_has(context: Any, country: Any) -> None:
    words = {"worst": "Life is shortest in {{ area }}", "best": "Life is longest in {{ area }}"}
    built = build_figure(context("headline", indicator=LIFE, measures=(LIFE, SMOKING, ODD), sentences=words))
    assert built.finding == "Life is shortest in Blackpool"
    assert "was 73.0 years in 2021, the lowest of" in built.lede
    assert "Of 2 measures that can be put in order, Blackpool is in the worst fifth on 2 and in the best fifth on 0." in built.lede
    assert [n for _, n, _ in built.tally] == [2, 0, 0, 0, 0]
    # Turned round, the same figures choose the other sentence.
    country.catalogue[LIFE] = attrs.evolve(country.catalogue[LIFE], polarity=Polarity.LOWER_IS_BETTER)
    turned = build_figure(context("headline", indicator=LIFE, measures=(LIFE, SMOKING, ODD), sentences=words))
    assert turned.finding == "Life is longest in Blackpool"
    assert "the lowest of" in turned.lede


def test_a_standing_there_is_not_is_the_authors_mistake(context: Any) -> None:
    with pytest.raises(ChapterError) as caught:
        build_figure(context("headline", indicator=LIFE, measures=(LIFE,), sentences={"wosrt": "x"}))
    assert (caught.value.file, caught.value.line, caught.value.nearest) == ("01-a.md", 7, "worst")


@pytest.mark.parametrize(
    ("panel", "options", "nearest"),
    [
        ("ranked", {"indicator": "t.lifee"}, "t.life"),
        ("trends", {"indicators": ("t.smokin",)}, "t.smoking"),
        ("lowest", {"indicators": ("t.lif*x",)}, None),
        ("symbol_map", {"indicator": WITHIN, "scheme": "none"}, None),
        ("waiting_headline", {"target": "nhs-constitution.rtt-18-week"}, STANDARD),
    ],
)
def test_what_does_not_exist_is_told_with_the_figures_line(context: Any, panel: str, options: dict[str, Any], nearest: str | None) -> None:
    with pytest.raises(ChapterError, match=r"01-a\.md, line 7") as caught:
        build_figure(context(panel, **options))
    assert caught.value.nearest == nearest


def test_a_source_that_is_not_here_is_an_absence_and_no_mistake(context: Any) -> None:
    built = build_figure(context("ranked", indicator="warehouse.falls"))
    assert built.panel is None
    assert "answers for \u201cwarehouse.falls\u201d" in built.absent


def test_the_spine_counts_its_own_rows(context: Any, make_figure: Any) -> None:
    from jsnakit.chapters.options import Group

    built = build_figure(context("spine", group=(Group(name="All", indicators=(LIFE, SMOKING, ODD, HIDDEN)),)))
    assert built.finding == "Blackpool is in the worst fifth of authorities on 2 of 2 key measures"
    assert isinstance(built.panel, Spine)
    marks = {r.measure: r.mark.verdict for g in built.panel.groups for r in g.rows}
    assert marks == {"Life expectancy": Verdict.WORST, "Smoking": Verdict.WORST, "Odd measure": Verdict.NOT_JUDGED, "Hidden measure": Verdict.NO_DATA}
    years = {r.measure: r.year for g in built.panel.groups for r in g.rows}
    assert years["Smoking"] == "2020"


def test_the_map_counts_the_worst_fifth_of_the_region(context: Any, places: Any, country: Any) -> None:
    built = build_figure(context("area_map", indicator=LIFE))
    # The worst fifth are the first of the list by construction; those of the region are counted by hand here.
    rows = country.observe(LIFE, area_type="ltla")
    last = rows[rows["period_start"].dt.year == 2021].sort_values("value")
    worst = set(last["area"][: len(places) // 5 + (1 if (len(places) % 5) else 0)])
    region = {a.code for a in geography.children("E12000002", "ltla")}
    said = re.search(r"In the North West, (\d+) of (\d+) are", built.subtitle)
    assert said is not None
    assert (int(said[1]), int(said[2])) == (len([c for c in worst if c in region and _is_worst(c, last, len(places))]), len(region))
    assert built.notes.boundaries.startswith("Source: Office for National Statistics")


def _is_worst(code: str, last: pd.DataFrame, of: int) -> bool:
    from jsnakit.publish.panels import fifth

    rank = list(last["area"]).index(code) + 1
    return fifth(float(rank), of) is Verdict.WORST


def test_a_district_that_has_gone_stays_in_the_region_it_lay_in(context: Any) -> None:
    made = context("area_map", indicator=LIFE)
    # Allerdale and Copeland became Cumberland in 2023; series of before have them.
    assert made.members(["E07000026", "E07000029", "E09000001", "E99999999"], "ltla") == {"E07000026", "E07000029"}


def test_bars_or_intervals_as_published(context: Any) -> None:
    bars = build_figure(context("ranked", indicator=SMOKING))
    assert isinstance(bars.panel, RankedBars)
    assert bars.finding.startswith("On smoking, Blackpool is the worst of")
    assert bars.period[0].start.year == 2020
    ranges = build_figure(context("ranked", indicator=RANGE))
    assert isinstance(ranges.panel, RankedIntervals)
    assert all(r.figure.lower is not None for r in ranges.panel.rows)


def test_the_place_is_there_even_where_the_region_is_not_known(context: Any, country: Any) -> None:
    country.place = attrs.evolve(country.place, code="E09000012", name="Hackney")
    built = build_figure(context("ranked", indicator=SMOKING))
    assert "authorities of London" in built.subtitle
    assert "the London" not in built.subtitle


def test_trends_say_what_changed_and_draw_no_repeat_as_new(context: Any) -> None:
    built = build_figure(context("trends", indicators=(LIFE, SMOKING, ODD)))
    assert built.finding == "Since 2019, smoking got better in Blackpool; life expectancy got worse"
    assert isinstance(built.panel, SmallMultiples)
    assert [t.title for t in built.panel.panels] == ["Life expectancy", "Odd measure", "Smoking"]
    smoking = built.panel.panels[2]
    assert [f.gap for f in smoking.area] == [None, None, Gap.CARRIED_FORWARD]
    assert smoking.mark is not None
    assert smoking.mark.word == "Better than 2019"


def test_two_changes_with_an_and_of_their_own_stay_two() -> None:
    def change(name: str, word: str, size: float) -> findings.Change:
        return findings.Change(Indicator("t.x", name, "%", definition="x"), word, size, "2015")

    said = findings.on_changes("X", [change("Bed and board", "worse", 2.0), change("Crime", "worse", 1.0)])
    assert said == "Since 2015, bed and board, and crime, got worse in X, and nothing here got better"


def test_the_lowest_come_in_order_and_the_unjudged_after_them(context: Any) -> None:
    built = build_figure(context("lowest", indicators=("t.*", f"!{HIDDEN}"), rows=2))
    assert isinstance(built.panel, Table)
    assert built.finding == "The two measures on which Blackpool stands lowest"
    names = [str(r.cells[0]) for r in built.panel.rows]
    assert names == ["Life expectancy, years", "Smoking", "Contact", "Odd measure, unit not stated"]
    assert [r.folded for r in built.panel.rows] == [False, False, True, False]
    assert "Odd measure" in dict(built.notes.more)["Not judged"]


# -- absent, hidden, missing ---------------------------------------------------------------------------------------------------------


def test_an_area_that_a_series_does_not_have_says_so_and_why(context: Any, country: Any) -> None:
    somerset = geography.find("Somerset", type="ltla", at="2025-01-01")
    mendip = country.table.filter(pc.equal(country.table["area"], "E07000187"))
    assert not mendip.num_rows
    some = country.table.filter(pc.equal(country.table["area"], "E06000009"))
    renamed = some.set_column(some.column_names.index("area"), "area", pa.array(["E07000187"] * len(some)))
    country.table = pa.concat_tables([country.table, renamed.cast(country.table.schema)])
    country.place = somerset
    built = build_figure(context("ranked", indicator=LIFE))
    assert built.panel is None
    assert "end in 2021" in built.absent
    assert "Somerset (E06000066) is not among them" in built.absent
    assert "since 1 April 2023" in built.absent
    # Only the district that the series has is said to be in it.
    assert "Before it there was Mendip: its figures are in the series under its own code." in built.absent
    assert "Sedgemoor" not in built.absent


def test_a_county_is_sent_to_its_districts(context: Any, country: Any) -> None:
    country.place = geography.find("Lancashire", type="utla", at="2025-01-01")
    one = build_figure(context("ranked", indicator=LIFE)).absent
    assert one == (
        "Life expectancy is published for lower-tier local authorities; Lancashire is an upper-tier local authority. Its districts have figures of their own."
    )
    assert build_figure(context("trends", indicators=(LIFE, SMOKING))).absent.startswith("These measures are published for")


def test_a_unitary_is_found_under_either_tier(context: Any, country: Any) -> None:
    country.place = geography.get("E06000009", type="utla")
    assert build_figure(context("ranked", indicator=LIFE)).panel is not None


def test_a_suppressed_figure_is_a_word_and_never_a_number(context: Any, country: Any, places: Any) -> None:
    country.place = places[2]
    built = build_figure(context("ranked", indicator=HIDDEN))
    assert isinstance(built.panel, RankedBars)
    hidden = {r.key: r.figure for r in built.panel.rows if r.key in {places[0].code, places[1].code}}
    assert hidden
    assert all(f.value is None and f.gap is Gap.SUPPRESSED and f.text == "hidden" for f in hidden.values())
    assert built.rows is not None
    assert built.rows.set_index("area").loc[list(hidden), "value"].isna().all()
    country.place = places[0]
    assert build_figure(context("ranked", indicator=HIDDEN)).absent == "No figure is published for Blackpool."


@pytest.mark.parametrize("panel", ["ranked", "area_map", "lowest", "facts", "trends"])
def test_a_figure_of_unknown_origin_is_not_shown(context: Any, country: Any, panel: str) -> None:
    country.cited = {}
    options = {"indicator": LIFE} if panel in {"ranked", "area_map"} else {"indicators": (LIFE, SMOKING)}
    built = build_figure(context(panel, **options))
    assert built.panel is None
    assert "do not say where they came from" in built.absent


def test_a_true_zero_is_a_number(context: Any, country: Any, places: Any) -> None:
    country.place = places[2]
    built = build_figure(context("ranked", indicator=RANGE))
    assert isinstance(built.panel, RankedIntervals)
    assert next(r.figure.text for r in built.panel.rows if r.key == places[2].code) == "0.0%"


def test_every_builder_answers_with_a_reason_where_there_is_nothing(context: Any, country: Any) -> None:
    from jsnakit.chapters.options import Group

    country.table = country.table.slice(0, 0)
    options: dict[str, dict[str, Any]] = {
        "headline": {"indicator": LIFE, "measures": (LIFE,)}, "spine": {"group": (Group(name="A", indicators=(LIFE,)),)}, "distribution": {"over": ("rtt.incomplete_over_52_weeks",), "median": WITHIN, "percentile": WITHIN}, "rug": {"group": (Group(name="A", indicators=(LIFE,)),)}, "compared_spine": {"group": (Group(name="A", indicators=(LIFE,)),)}, "specialties": {"indicators": (WITHIN,), "names": {"C_100": "A"}},
        **{k: {"indicators": (LIFE,)} for k in ("dashboard", "facts", "key_figures", "lowest", "trends")},
        **{k: {"indicator": LIFE} for k in ("area_map", "ranked", "inequalities", "pyramid")}, "over_time": {"indicators": (LIFE,)},
        **{k: {"indicator": WITHIN} for k in ("symbol_map", "ranked_trusts", "trend", "spc", "waits_by_specialty")}, "side_by_side": {"indicators": (WITHIN,)},
    }  # fmt: skip
    # What people said rests on no figures.
    for panel in sorted({*BUILDERS} - {"evidence"}):
        built = build_figure(context(panel, **options.get(panel, {})))
        if panel == "providers":
            # It rests on the relation, not on the observations.
            continue
        assert built.panel is None, panel
        assert built.absent.endswith("."), panel


# -- waiting -------------------------------------------------------------------------------------------------------------------------


def test_the_headline_on_waiting_counts_the_areas_own_patients(context: Any) -> None:
    built = build_figure(context("waiting_headline"))
    assert built.finding == "More than four in ten Blackpool waits for treatment are over 18 weeks"
    assert built.lede.startswith("In February 2026, patients of Blackpool practices had 32,000 open waits for hospital treatment, and 43% had lasted")
    assert "Across England it was 38%." in built.lede
    assert built.lede.endswith("The standard allows 8%.")
    assert {v: n for v, n, _ in built.tally} == {Verdict.MISSED: 2, Verdict.NEAR: 1, Verdict.MET: 1, Verdict.TOO_FEW: 1}


def test_a_larger_nhs_area_is_never_called_by_the_councils_name(context: Any, country: Any) -> None:
    # Hackney's patients are counted with those of seven other boroughs.
    country.place = geography.find("Hackney", type="ltla", at="2026-01-01")
    codes = pa.array(["A3A8R" if c == "00R" else c for c in country.table["area"].to_pylist()])
    country.table = country.table.set_column(country.table.column_names.index("area"), "area", codes)
    assert build_figure(context("waiting_headline")).finding.startswith("More than four in ten NHS North East London waits")
    figures = build_figure(context("waiting_figures"))
    assert any("larger than Hackney" in c for c in figures.notes.take_care)
    providers = build_figure(context("providers"))
    assert "NHS North East London" in providers.finding
    assert "Hackney" not in providers.finding + providers.subtitle
    # Without counts as well, which are not given where others share the practices.
    country.waits.frame = country.waits.frame.assign(count=float("nan"))
    shares = build_figure(context("providers").for_figure(context("providers").figure, "01-a.md", ""))
    assert shares.finding == "Three in four NHS North East London waits are at Blackpool Teaching Hospitals"
    assert isinstance(shares.panel, RankedBars)


def test_a_county_is_weighted_from_its_nhs_areas(context: Any, country: Any) -> None:
    country.place = geography.find("Lancashire", type="utla", at="2026-01-01")
    country.waits.frame = country.waits.frame.assign(count=float("nan"))
    built = build_figure(context("providers"))
    assert built.finding == "Three in four Lancashire waits are at Blackpool Teaching Hospitals"
    assert built.subtitle.startswith("Open waits of patients of practices in the NHS areas of Lancashire at 2 providers")


def test_key_figures_on_waiting(context: Any) -> None:
    built = build_figure(context("waiting_figures"))
    assert built.panel is not None
    _, rows = built.panel.data()
    assert [(r[0], r[1], r[3]) for r in rows] == [
        ("Blackpool waits", "32,000", None), ("Within 18 weeks", "57.5%", "Standard not met"), ("Over 52 weeks", "600", None),
        ("Blackpool Teaching Hospitals", "57.2%", "Standard not met"),
    ]  # fmt: skip
    assert str(rows[3][4]).endswith("3rd lowest of 5 NHS trusts.")


def test_the_map_of_trusts_follows_its_rule(context: Any) -> None:
    built = build_figure(context("symbol_map", indicator=WITHIN))
    assert built.finding == "Only one of four NHS trusts has every patient within 18 weeks; two are red"
    assert isinstance(built.panel, SymbolMap)
    marks = {s.code: s.mark.verdict for s in built.panel.symbols}
    assert marks == {
        "REN": Verdict.MET, "RBV": Verdict.NEAR, "RXL": Verdict.MISSED, "RXN": Verdict.MISSED, "RW4": Verdict.TOO_FEW, "RJ1": Verdict.NOT_SUBMITTED,
    }  # fmt: skip
    sent_nothing = next(s for s in built.panel.symbols if s.code == "RJ1")
    assert sent_nothing.figure.value is None
    assert sent_nothing.figure.text == "not sent"
    assert "Guy's and St Thomas' did not submit data." in built.notes.take_care
    rule = dict(built.notes.more)["The rule"]
    assert "Green: all within 18 weeks." in rule
    assert "not the legal standard" in rule


def test_admitted_patients_are_not_those_who_wait(context: Any) -> None:
    built = build_figure(context("symbol_map", indicator=ADMITTED))
    assert built.finding == "Only one of four NHS trusts admitted every patient within 18 weeks; two are red"
    assert built.subtitle.startswith("Patients admitted for treatment")


def test_one_page_a_specialty_with_a_map_a_pathway(context: Any) -> None:
    names = {"C_100": "General surgery", "C_430": "Elderly medicine"}
    built = build_figure(context("specialties", indicators=(WITHIN, ADMITTED), names=names, other=("C_430",)))
    assert built.finding == "Within 18 weeks in England: most of all in elderly medicine, least in general surgery"
    assert [(p.slug, p.title, len(p.built)) for p in built.pages] == [
        ("specialty-c-100", "General surgery", 2),
        ("specialty-c-430", "Elderly medicine", 2),
    ]
    assert built.pages[0].built[0].finding == "General surgery: none of four NHS trusts has every patient within 18 weeks; all four are red"
    assert isinstance(built.panel, Table)
    assert [r.folded for r in built.panel.rows] == [True, False]


def test_where_patients_wait(context: Any) -> None:
    built = build_figure(context("providers"))
    assert built.finding == "Three in four Blackpool waits are at Blackpool Teaching Hospitals"
    assert built.subtitle.startswith("32,000 open waits of patients of Blackpool practices at 2 providers, February 2026.")
    assert built.panel is not None
    # Of the second nothing is published: its share within 18 weeks is a gap.
    _, rows = built.panel.data()
    assert [r[5] for r in rows] == [pytest.approx(57.2, abs=0.01), None]
    assert "Over 52 weeks" not in built.panel.html()


def test_a_trust_that_is_called_like_the_place_keeps_its_whole_name(context: Any, country: Any) -> None:
    assert country.waits is not None
    country.waits.frame = country.waits.frame.assign(name=["Blackpool NHS Foundation Trust", "Spire Fylde"])
    assert build_figure(context("providers")).finding == "Three in four Blackpool waits are at Blackpool NHS Foundation Trust"


def test_trusts_of_the_region_by_their_main_hospital(context: Any) -> None:
    built = build_figure(context("ranked_trusts", indicator=WITHIN))
    assert isinstance(built.panel, RankedBars)
    assert [r.key for r in built.panel.rows] == ["REN", "RBV", "RXL", "RXN", "RW4"]
    assert built.finding == "Blackpool Teaching Hospitals is 3rd of 5 North West trusts"
    assert "5 of 6 NHS trusts: those whose main hospital is in the North West." in built.subtitle


def test_the_trend_names_the_last_month_the_standard_was_met(context: Any, country: Any) -> None:
    built = build_figure(context("trend", indicator=WITHIN, target=STANDARD))
    assert built.finding == "England last met the standard in May 2014, and is now 30 points short of it"
    assert isinstance(built.panel, Trend)
    months = (2026 - 2012) * 12 + 2 - 5 + 1
    assert len(built.panel.area) == months
    # A month without a figure is a gap: neither zero nor a point on a line between its neighbours.
    assert sum(f.value is None for f in built.panel.area) == months - 4
    assert any(f"{months - 4} of the {months} months have no figure" in c for c in built.notes.take_care)
    _without(country, pc.equal(country.table["period"], "May 2014"))
    again = build_figure(context("trend", indicator=WITHIN, target=STANDARD))
    assert again.finding == "England has fallen since May 2012, and is 30 points short of the standard"


def test_a_month_before_the_standard_does_not_meet_it(context: Any, country: Any) -> None:
    early = country.table.filter(pc.equal(country.table["period"], "May 2014"))
    moved = early.set_column(early.column_names.index("period_start"), "period_start", pa.array([dt.date(2011, 5, 31)], pa.date32()))
    moved = moved.set_column(moved.column_names.index("period"), "period", pa.array(["May 2011"]))
    _without(country, pc.equal(country.table["period"], "May 2014"))
    country.table = pa.concat_tables([country.table, moved.cast(country.table.schema)])
    built = build_figure(context("trend", indicator=WITHIN, target=STANDARD))
    assert "last met" not in built.finding
    assert any("in force since 1 April 2013" in c for c in built.notes.take_care)


# -- sentences -----------------------------------------------------------------------------------------------------------------------


@given(st.integers(0, 1000))
def test_a_share_in_words_is_never_larger_than_the_share(thousandths: int) -> None:
    share = thousandths / 1000
    said = findings.more_than(share)
    limit = {w.capitalize(): v for v, w in findings._FRACTIONS}
    if said == "Fewer than one in ten":
        assert share < 0.1
    elif said.startswith("More than "):
        word = said.removeprefix("More than ").capitalize()
        assert share > limit[word]
        assert not any(limit[word] < v < share for v in limit.values())
    else:
        assert share == pytest.approx(limit[said])


@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 60))
def test_the_sentence_on_a_scheme_adds_up(green: int, amber: int, red: int) -> None:
    said = findings.on_scheme("waits", green, amber, red)
    of = green + amber + red
    if not of:
        assert said == "No trust has enough waits to be judged"
        return
    numbers = {n: findings.count(n) for n in (green, red, of)}
    if green == of:
        assert said == f"All {numbers[of]} NHS trusts have every patient within 18 weeks"
        return
    assert f" of {numbers[of]} NHS trusts " in said
    assert (red > 0) == ("red" in said.partition(";")[2].replace("none is red", ""))
    assert said.startswith({0: "None", 1: "Only one"}.get(green, numbers[green].capitalize()))


def test_places_are_told_with_the_count_they_are_out_of(country: Any, places: Any) -> None:
    rows = country.observe(LIFE, area_type="ltla")
    for area in places:
        found = standing(rows, country.indicator(LIFE), area.code)
        assert found is not None
        assert f" of {len(places)} authorities" in findings.on_place(area.name, found)


def test_ties_at_an_end_are_not_the_worst(country: Any, places: Any, context: Any) -> None:
    values = country.table["value"].to_pylist()
    for i, (name, code, year) in enumerate(zip(*(country.table[c].to_pylist() for c in ("indicator", "area", "period")), strict=True)):
        if name == LIFE and code == places[1].code and year == "2021":
            values[i] = 73.0
    country.table = country.table.set_column(country.table.column_names.index("value"), "value", pa.array(values, pa.float64()))
    built = build_figure(context("headline", indicator=LIFE, measures=(LIFE,), sentences={"worst": "wrong"}))
    assert built.finding == f"On life expectancy, Blackpool is joint worst of {len(places)} authorities"
    assert f"joint worst of {len(places)} authorities" in built.lede


def test_questions_are_asked_once_a_build(context: Any, country: Any) -> None:
    first = context("ranked", indicator=LIFE)
    for _ in range(3):
        build_figure(first.for_figure(first.figure, "01-a.md", "../"))
    asked = [q for q in country.asked if q[0] == (LIFE,)]
    assert len(asked) == 1


def test_every_finding_is_a_sentence_without_a_stop(context: Any) -> None:
    for panel, options in itertools.chain(
        ((p, {"indicator": LIFE}) for p in ("ranked", "area_map")), ((p, {"indicators": (LIFE, SMOKING)}) for p in ("trends", "lowest", "facts"))
    ):
        built = build_figure(context(panel, **options))
        assert re.match(r"[A-Z0-9]", built.finding), panel
        assert not built.finding.endswith("."), panel
        assert built.notes.cited, panel
        assert built.notes.licence == "Open Government Licence v3.0", panel
        assert built.notes.period, panel
