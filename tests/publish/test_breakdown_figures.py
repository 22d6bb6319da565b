"""Figures of time, groups, ages and waits: the sentence is what the rows say, and where a breakdown is not there the page says so."""

from __future__ import annotations

import datetime as dt
import xml.etree.ElementTree as ET
from typing import Any

import attrs
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from jsnakit import methods, observations
from jsnakit.chapters.options import Group
from jsnakit.errors import ChapterError
from jsnakit.model import Headline, Polarity
from jsnakit.publish.figures import build_figure
from jsnakit.publish.figures import rug as rug_module
from jsnakit.publish.figures.groups import deprivation_rank
from jsnakit.publish.panels import ControlChart, Distribution, Gap, Inequalities, Pyramid, Rug, Verdict

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


def test_a_control_chart_of_the_trust_where_most_wait(context: Any, country: Any) -> None:
    england = _england([58.0 + (i % 2) for i in range(30)])
    trust = england.set_column(england.column_names.index("area"), "area", pa.array(["RXL"] * 30))
    for name, value in (("area_scheme", "ods"), ("area_type", "provider")):
        trust = trust.set_column(trust.column_names.index(name), name, pa.array([value] * 30))
    _only(country, trust.cast(england.schema))
    built = build_figure(context("spc", indicator=WITHIN, area="trust"))
    assert built.finding == "Blackpool Teaching Hospitals varies no more than usual"
    assert isinstance(built.panel, ControlChart)
    assert built.panel.assurance_words() is None
    country.waits = None
    assert build_figure(context("spc", indicator=WITHIN, area="trust")).panel is None


def test_too_few_months_make_no_control_chart(context: Any, country: Any) -> None:
    _only(country, _england([58.0] * 11))
    built = build_figure(context("spc", indicator=WITHIN))
    assert built.panel is None
    assert "fewer than 12 figures" in built.absent


# -- groups of people ----------------------------------------------------------------------------------------------------------------

SMOKING = "t.smoking"
BLACKPOOL, ENGLAND = ("ltla", "E06000009"), ("country", "E92000001")
FIFTHS = (
    "Most deprived quintile",
    "Second most deprived quintile",
    "Average deprived quintile",
    "Second least deprived quintile",
    "Least deprived quintile",
)
WITHIN_AREA = "LSOA11 deprivation quintiles within area (IMD trend)"


def _rows(
    area: tuple[str, str], values: list[float | None], year: int = 2024, half: float | None = 1.0, indicator: str = SMOKING, **columns: Any
) -> pa.Table:
    limits = (
        {}
        if half is None
        else {"lower": [None if v is None else v - half for v in values], "upper": [None if v is None else v + half for v in values]}
    )
    return observations.build(
        len(values), indicator=indicator, area_scheme="gss", area_type=area[0], area=area[1], period_start=dt.date(year, 1, 1), period_duration="P1Y",
        period=str(year), value=values, origin="sha256:aaaaaaaaaaaa", **limits, **columns,
    )  # fmt: skip


def _by_fifth(area: tuple[str, str], values: list[float | None], **columns: Any) -> pa.Table:
    # In an order of their own, so that the figure has to find the right one.
    order = [3, 0, 4, 1, 2]
    given = {k: [v[i] for i in order] if isinstance(v, list) else v for k, v in columns.items()}
    kind = given.pop("category_type", WITHIN_AREA)
    return _rows(area, [values[i] for i in order], category_type=kind, category=[FIFTHS[i] for i in order], **given)


def test_deprivation_groups_are_put_in_order_by_their_published_names() -> None:
    tenths = ["Most deprived decile", "Second most deprived decile (IMD2019)", *(f"{n} more deprived decile" for n in ("Third", "Fourth", "Fifth"))]
    tenths += [
        *(f"{n} less deprived decile" for n in ("Fifth", "Fourth", "Third")),
        "Second least deprived decile",
        "Least deprived decile (IMD2015)",
    ]
    assert [deprivation_rank(t) for t in tenths] == [(i, 10) for i in range(1, 11)]
    assert [deprivation_rank(t) for t in FIFTHS] == [(i, 5) for i in range(1, 6)]
    assert deprivation_rank("White British") is None


def test_inequalities_set_the_groups_of_the_place_beside_its_whole(context: Any, country: Any) -> None:
    _only(country, pa.concat_tables([
        _rows(BLACKPOOL, [20.0]), _by_fifth(BLACKPOOL, [28.0, 24.0, 20.5, 16.0, 14.0]), _by_fifth(BLACKPOOL, [9.0] * 5, year=2020), _rows(ENGLAND, [15.0]),
    ]))  # fmt: skip
    built = build_figure(context("inequalities", indicator=SMOKING))
    assert built.finding == "Smoking: 28.0% in the most deprived fifth of Blackpool, 14.0% in the least deprived fifth"
    assert isinstance(built.panel, Inequalities)
    assert [r.figure.value for r in built.panel.rows] == [28.0, 24.0, 20.5, 16.0, 14.0]
    assert [r.mark.verdict for r in built.panel.rows if r.mark] == [Verdict.WORSE, Verdict.WORSE, Verdict.SIMILAR, Verdict.BETTER, Verdict.BETTER]
    assert [g.number for g in built.panel.gaps] == ["14.0 points", "2.0 times"]
    assert "do not overlap" in built.panel.gaps[0].sentence
    assert built.panel.reference is not None
    assert built.panel.reference.words == "Blackpool: 20.0%"
    assert "fifths of its neighbourhoods, by deprivation" in built.subtitle


def test_a_fifth_that_is_not_published_is_said_and_the_gap_is_not_between_the_ends(context: Any, country: Any) -> None:
    four = pa.concat_tables(
        [_rows(BLACKPOOL, [20.0]), _by_fifth(BLACKPOOL, [28.0, 24.0, 20.5, 16.0, 14.0]).filter(pc.field("category") != FIFTHS[4])]
    )
    _only(country, four)
    built = build_figure(context("inequalities", indicator=SMOKING))
    assert built.finding.endswith("16.0% in the second least deprived fifth")
    assert "Nothing is published for the least deprived fifth, so the gap is not between the two ends." in built.notes.take_care


def test_a_gap_within_the_ranges_is_not_claimed(context: Any, country: Any) -> None:
    _only(country, pa.concat_tables([_rows(BLACKPOOL, [20.0]), _by_fifth(BLACKPOOL, [20.5, 20.4, 20.3, 20.2, 20.0])]))
    built = build_figure(context("inequalities", indicator=SMOKING))
    assert built.finding.endswith("a gap that may be chance")
    assert isinstance(built.panel, Inequalities)
    assert "Their ranges overlap, so the gap may be chance." in built.panel.gaps[0].sentence


def test_the_slope_index_is_that_of_the_method(context: Any, country: Any) -> None:
    values, people = [28.0, 24.0, 20.5, 16.0, 14.0], [1000.0, 900.0, 1100.0, 1000.0, 950.0]
    country.catalogue[SMOKING] = attrs.evolve(country.catalogue[SMOKING], value_type="proportion")
    _only(country, pa.concat_tables([_rows(BLACKPOOL, [20.0]), _by_fifth(BLACKPOOL, values, denominator=people)]))
    built = build_figure(context("inequalities", indicator=SMOKING))
    assert isinstance(built.panel, Inequalities)
    shares = pd.DataFrame(
        {"quantile": range(1, 6), "population": people, "value": values, "lower": [v - 1 for v in values], "upper": [v + 1 for v in values]}
    )
    shares[["value", "lower", "upper"]] /= 100
    slope = methods.slope_index(shares, kind="proportion", per=100).iloc[0]
    assert built.panel.gaps[2].number == f"{abs(slope['sii']):.1f} points"
    assert "higher at the most deprived end" in built.panel.gaps[2].sentence
    # One fifth hidden, and there is no slope, nor a number for it anywhere.
    _only(country, pa.concat_tables([_rows(BLACKPOOL, [20.0]), _by_fifth(BLACKPOOL, [*values[:2], None, *values[3:]], denominator=people,
                                                                        status=["normal", "normal", "suppressed", "normal", "normal"])]))  # fmt: skip
    hidden = build_figure(context("inequalities", indicator=SMOKING))
    assert isinstance(hidden.panel, Inequalities)
    assert len(hidden.panel.gaps) == 2
    assert hidden.panel.rows[2].figure.gap is Gap.SUPPRESSED
    assert "20.5" not in hidden.panel.html() + hidden.panel.svg()
    assert any("One of 5 groups has no published figure" in c for c in hidden.notes.take_care)


def test_englands_groups_stand_in_where_the_place_has_none_and_say_so(context: Any, country: Any) -> None:
    kind = "County & UA deprivation quintiles in England"
    _only(
        country,
        pa.concat_tables([_rows(BLACKPOOL, [20.0]), _rows(ENGLAND, [15.0]), _by_fifth(ENGLAND, [18.0, 17.0, 15.0, 13.0, 12.0], category_type=kind)]),
    )
    built = build_figure(context("inequalities", indicator=SMOKING))
    assert "of England" in built.finding
    assert any("say nothing of Blackpool itself" in c for c in built.notes.take_care)
    assert any("whole authorities" in c for c in built.notes.take_care)
    absent = build_figure(context("inequalities", indicator=SMOKING, by="age"))
    assert absent.absent == "Smoking is not published by age for Blackpool or England."


@pytest.mark.parametrize(("by", "names"), [("sex", ["Females", "Males"]), ("age", ["Under 18", "18 to 24", "85 and over"])])
def test_sexes_and_ages_stand_in_their_own_order(context: Any, country: Any, by: str, names: list[str]) -> None:
    country.catalogue[SMOKING] = attrs.evolve(country.catalogue[SMOKING], headline=Headline(sex="_T", age="16+ yrs"))
    _only(country, pa.concat_tables([
        _rows(BLACKPOOL, [20.0], age="16+ yrs"), _rows(BLACKPOOL, [22.0, 18.0], sex=["M", "F"], age="16+ yrs"),
        _rows(BLACKPOOL, [9.0, 25.0, 3.0], age=["85+ yrs", "18-24 yrs", "<18 yrs"]),
    ]))  # fmt: skip
    built = build_figure(context("inequalities", indicator=SMOKING, by=by))
    assert isinstance(built.panel, Inequalities)
    assert [r.name for r in built.panel.rows] == names
    assert built.panel.gaps[0].number == {"sex": "4.0 points", "age": "22.0 points"}[by]


def test_people_whose_group_is_not_known_are_no_end_of_the_gap(context: Any, country: Any) -> None:
    country.catalogue[SMOKING] = attrs.evolve(country.catalogue[SMOKING], polarity=Polarity.UNKNOWN)
    _only(country, pa.concat_tables([
        _rows(BLACKPOOL, [20.0]),
        _rows(BLACKPOOL, [10.0, 40.0, 30.0, None], category_type="Ethnic groups", category=["White", "Not stated", "Mixed", "Other"],
              status=["normal", "normal", "normal", "not_available"]),
    ]))  # fmt: skip
    built = build_figure(context("inequalities", indicator=SMOKING, by="ethnicity"))
    assert built.finding == "Smoking in Blackpool: Mixed 30.0%, White 10.0%"
    assert any("by chance alone" in c for c in built.notes.take_care)
    assert isinstance(built.panel, Inequalities)
    assert [r.name for r in built.panel.rows] == ["Not stated", "Mixed", "White", "Other"]
    assert [r.mark.verdict for r in built.panel.rows if r.mark] == [Verdict.HIGHER, Verdict.HIGHER, Verdict.LOWER]
    assert "White" in built.panel.gaps[1].sentence


# -- the tartan rug ------------------------------------------------------------------------------------------------------------------


def _rug_group(*measures: str) -> tuple[Group, ...]:
    return (Group(name="All", indicators=measures),)


def _smoking_of(areas: list[Any], values: list[float | None], indicator: str = SMOKING, half: float | None = 1.0, **columns: Any) -> list[pa.Table]:
    return [
        _rows(("ltla", a.code), [v], half=half, indicator=indicator, **{k: [c[i]] for k, c in columns.items()})
        for i, (a, v) in enumerate(zip(areas, values, strict=True))
    ]


def test_a_rug_holds_the_nearest_places_against_england(context: Any, country: Any, places: Any) -> None:
    # On the map of the test the second and the ninth place touch Blackpool, and the third is two squares off.
    near = [places[0], places[1], places[8], places[2]]
    _only(country, pa.concat_tables([
        *_smoking_of(near, [20.0, 12.0, 15.2, 30.0]), _rows(ENGLAND, [15.0]),
        *_smoking_of(near[:2], [80.0, None], "t.life", status=["normal", "suppressed"]), _rows(ENGLAND, [82.0], indicator="t.life"),
    ]))  # fmt: skip
    for name in (SMOKING, "t.life"):
        country.catalogue[name] = attrs.evolve(country.catalogue[name], area_types=("ltla", "country"))
    built = build_figure(context("rug", group=_rug_group(SMOKING, "t.life", "t.odd"), near=2))
    assert built.finding == "Blackpool is worse than England on two of two measures, more than any of the two places beside it"
    assert isinstance(built.panel, Rug)
    assert [c.key for c in built.panel.columns] == [places[0].code, places[1].code, places[8].code, "E92000001"]
    smoking, life = built.panel.groups[0].rows
    assert [c.mark.verdict if c.mark else None for c in smoking.cells] == [Verdict.WORSE, Verdict.BETTER, Verdict.SIMILAR, None]
    assert [c.figure.gap for c in life.cells] == [None, Gap.SUPPRESSED, Gap.NOT_PUBLISHED, None]
    assert any("One of 3 measures has no figure for Blackpool" in c for c in built.notes.take_care)
    assert any("nearest on the map" in c for c in built.notes.take_care)


def test_without_intervals_a_rug_is_in_fifths_of_all_authorities(context: Any, country: Any, places: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    built = build_figure(context("rug", group=_rug_group("t.life", SMOKING, "t.odd"), near=3))
    assert isinstance(built.panel, Rug)
    assert {c.mark.verdict for r in built.panel.groups[0].rows for c in r.cells if c.mark} == {Verdict.NOT_JUDGED}, (
        "some places are not all of England"
    )
    monkeypatch.setattr(rug_module, "_WHOLE_COUNTRY", 20)
    built = build_figure(context("rug", group=_rug_group("t.life", SMOKING, "t.odd"), near=3))
    assert isinstance(built.panel, Rug)
    assert [r.cells[0].mark.verdict for r in built.panel.groups[0].rows if r.cells[0].mark] == [Verdict.WORST, Verdict.WORST, Verdict.NOT_JUDGED]
    assert built.finding.startswith("Blackpool is in the worst fifth on two of two measures")
    assert built.panel.columns[-1].name == "Middle authority"
    assert "better" not in built.finding


def test_a_rug_takes_the_places_that_the_author_names(context: Any, places: Any) -> None:
    built = build_figure(context("rug", group=_rug_group(SMOKING), areas=("Wyre", "E07000121")))
    assert isinstance(built.panel, Rug)
    assert [c.name for c in built.panel.columns] == ["Blackpool", "Wyre", "Lancaster", "Middle authority"]
    whole = build_figure(context("rug", group=_rug_group(SMOKING), region=True))
    assert isinstance(whole.panel, Rug)
    assert whole.panel.dense
    assert len(whole.panel.columns) == len([p for p in places if p.code.startswith(("E06", "E07", "E08"))]) + 1
    with pytest.raises(ChapterError, match=r"01-a\.md, line 7: areas"):
        build_figure(context("rug", group=_rug_group(SMOKING), areas=("Atlantis",)))


# -- people by age and sex -----------------------------------------------------------------------------------------------------------


def _people(area: tuple[str, str], counts: dict[str, tuple[float | None, float | None]], total: float) -> pa.Table:
    ages = [age for age in counts for _ in "MF"]
    values = [v for pair in counts.values() for v in pair]
    return pa.concat_tables([
        _rows(area, [total], half=None, indicator="t.odd"),
        _rows(area, values, half=None, indicator="t.odd", age=ages, sex=["M", "F"] * len(counts), status=["normal" if v is not None else "suppressed" for v in values]),
    ])  # fmt: skip


def test_a_pyramid_sets_shares_beside_englands(context: Any, country: Any) -> None:
    ages = {"65+ yrs": (15.0, 15.0), "0-4 yrs": (20.0, 10.0), "5-64 yrs": (15.0, 25.0), "0-64 yrs": (35.0, 35.0)}
    country.catalogue["t.odd"] = attrs.evolve(country.catalogue["t.odd"], area_types=("ltla", "country"))
    _only(country, pa.concat_tables([_people(BLACKPOOL, ages, 100.0), _people(ENGLAND, {k: (a * 10, b * 5) for k, (a, b) in ages.items()}, 1000.0)]))
    built = build_figure(context("pyramid", indicator="t.odd"))
    assert built.finding == "30.0% of people in Blackpool are 65 or over, more than in England (22.5%)"
    assert isinstance(built.panel, Pyramid)
    assert [b.name for b in built.panel.bands] == ["0 to 4", "5 to 64", "65+"]
    assert [(b.male_share, b.female_share, b.male_beside, b.female_beside) for b in built.panel.bands] == [
        (20, 10, 20, 5),
        (15, 25, 15, 12.5),
        (15, 15, 15, 7.5),
    ]


def test_a_hidden_age_band_is_a_gap_and_no_share_of_the_old_is_said(context: Any, country: Any) -> None:
    country.catalogue["t.odd"] = attrs.evolve(country.catalogue["t.odd"], area_types=("ltla",))
    _only(country, _people(BLACKPOOL, {"0-64 yrs": (40.0, 41.0), "65+ yrs": (19.0, None)}, 100.0))
    built = build_figure(context("pyramid", indicator="t.odd"))
    assert built.finding == "The people of Blackpool by age and sex"
    assert isinstance(built.panel, Pyramid)
    assert built.panel.bands[1].females.gap is Gap.SUPPRESSED
    assert not built.panel.has_outline
    assert "hidden" in built.panel.twin()
    _only(country, _rows(BLACKPOOL, [100.0], half=None, indicator="t.odd"))
    assert build_figure(context("pyramid", indicator="t.odd")).absent == "Odd measure is not published by age and sex for Blackpool."


# -- waits by length -----------------------------------------------------------------------------------------------------------------

OVER = {52: 600.0, 65: 90.0, 104: 0.0}


def _waits(country: Any, over: dict[int, float | None]) -> None:
    def one(name: str, value: float | None) -> pa.Table:
        return observations.build(
            1, indicator=name, area_scheme="gss", area_type="country", area="E92000001", period_start=dt.date(2026, 2, 28), period_duration="P0D", value=[value],
            status="normal" if value is not None else "suppressed", origin=RTT_ORIGIN,
        )  # fmt: skip

    named = {f"rtt.incomplete_over_{weeks}_weeks": v for weeks, v in over.items()}
    named |= {"rtt.waiting_list": 10_000.0, WITHIN: 62.5, "rtt.incomplete_median_wait": 13.4, "rtt.incomplete_92nd_percentile_wait": 40.2}
    within = country.catalogue[WITHIN]
    for name in named:
        country.catalogue.setdefault(name, attrs.evolve(within, id=name, name=name, unit="waits", decimals=0))
    _only(country, pa.concat_tables([one(name, v) for name, v in named.items()]))


def _distribution(context: Any, **options: Any) -> Any:
    return build_figure(context("distribution", area="england", over=tuple(f"rtt.incomplete_over_{w}_weeks" for w in (104, 52, 65)), **options))


def test_waits_by_length_are_differences_of_the_published_counts(context: Any, country: Any) -> None:
    _waits(country, dict(OVER))
    built = _distribution(context)
    assert built.finding == "Half of England\u2019s waits have lasted more than 13.4 weeks, and eight in a hundred more than 40.2"
    assert isinstance(built.panel, Distribution)
    assert [(b.low, b.high, b.waits.value) for b in built.panel.bands] == [
        (0, 18, 6250),
        (18, 52, 3150),
        (52, 65, 510),
        (65, 104, 90),
        (104, None, 0),
    ]
    assert [m.weeks for m in built.panel.marks] == [18, 13.4, 40.2]
    assert sum(b.waits.value or 0 for b in built.panel.bands) == 10_000


def test_a_hidden_count_hides_both_bands_that_would_give_it_away(context: Any, country: Any) -> None:
    _waits(country, {**OVER, 65: None})
    built = _distribution(context)
    assert isinstance(built.panel, Distribution)
    assert [b.waits.gap for b in built.panel.bands] == [None, None, Gap.SUPPRESSED, Gap.SUPPRESSED, None]
    said = " ".join(t for markup in (f"<p>{built.panel.html()}</p>", built.panel.svg()) for t in ET.fromstring(markup).itertext() if "{" not in t)
    assert "510" not in said
    assert "600" not in said
    assert built.panel.twin().count(">hidden<") == 2
    assert "%" not in built.panel.twin(), "shares of a whole that is not there are not said"


def test_an_area_or_a_limit_that_nobody_knows_is_the_authors_mistake(context: Any, country: Any) -> None:
    _waits(country, dict(OVER))
    with pytest.raises(ChapterError, match="none of own, trust and england"):
        build_figure(context("distribution", area="mars", over=("rtt.incomplete_over_52_weeks",)))
    with pytest.raises(ChapterError, match="how many weeks"):
        build_figure(context("distribution", over=("rtt.waiting_list",)))
