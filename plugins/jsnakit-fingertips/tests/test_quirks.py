"""Each trap of the publisher's files, on real rows where a stored file has one."""

from __future__ import annotations

import datetime as dt
import logging
from pathlib import Path

import pytest

from jsnakit.errors import DataError, JsnakitError, LayoutError, NoDataError
from jsnakit.model import Area
from jsnakit.sources import Query
from jsnakit_fingertips import catalogue
from jsnakit_fingertips.areas import kinds, place_of
from jsnakit_fingertips.dialects import header_of
from jsnakit_fingertips.notes import meaning_of, notes
from jsnakit_fingertips.parse import NO_NOTE, account_of
from jsnakit_fingertips.periods import period_of

SPECIMENS = Path(__file__).parent / "specimens"
API = (SPECIMENS / "api-26-social-isolation.csv").read_text(encoding="utf-8")
HEADER = API.splitlines()[0]
ENGLAND = API.splitlines()[1]
# As the research found it in an export of 2021, of which no file is stored: the name ends in a line end.
CAMPYLOBACTER = '93356,"Campylobacter incidence rate/100,000\n",,,E92000001,England,England,Persons,All ages,,,2017,101.5,100.7,102.4,,,56446,55619430,,,Not compared,Not compared,20170000,,'


def only(rows, **wanted):
    found = [r for r in rows if all(r[k] == v for k, v in wanted.items())]
    assert found, wanted
    return found


# -- the header --------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("specimen", "dialect"),
    [
        ("api-26-social-isolation.csv", "api"), ("api-27-dependent-drinkers.csv", "api"), ("website-gp-obesity-smoking.csv", "website"),
        ("r-wyre-outcomes.csv", "r"), ("mangled-air-pollution.csv", "mangled"), ("snake-emergency-admissions.json", "snake"), ("successor-healthdata.csv", "successor"),
    ],
)  # fmt: skip
def test_each_dialect_is_told_by_its_header(specimen, dialect, parsed):
    assert account_of(parsed((SPECIMENS / specimen).read_bytes(), specimen)).dialect == dialect


def test_columns_are_found_by_name_wherever_they_stand(parsed):
    lines = [line.split(",") for line in API.splitlines()[:4]]
    turned = "\n".join(",".join(reversed(line)) for line in lines) + "\n"
    assert parsed(turned).select(["indicator", "value", "count"]).to_pylist() == parsed(
        "\n".join(API.splitlines()[:4]) + "\n"
    ).select(["indicator", "value", "count"]).to_pylist()  # fmt: skip


@pytest.mark.parametrize(
    ("column", "parent"),
    [
        ("Compared to Region value or percentiles", "Region"),
        ("Compared to Counties & UAs (from Apr 2021) value or percentiles", "Counties & UAs (from Apr 2021)"),
        ("ComparedtoCounties&UAs(fromApr2021)valueorpercentiles", "Counties & UAs (from Apr 2021)"),
        ("Compared.to.Region.value.or.percentiles", "Region"),
        ("Compared to ICB sub-locations value or percentiles", "ICB sub-locations"),
        ("Compared to percentiles", ""),
        ("Column not used", ""),
    ],
)
def test_the_parents_column_is_known_under_every_name(column, parent):
    header = header_of(["Indicator ID", "Area Code", "Sex", "Age", "Time period", "Value", column], "x.csv")
    assert header.parents == {"compared_parent": parent}


def test_a_comparison_with_the_parent_keeps_the_parents_kind(read):
    row = only(read("api-26-social-isolation.csv"), area="E06000009")[0]
    assert row["published_compared_parent_to"] == "Region"
    assert row["published_compared_parent"] in ("Similar", "Worse", "Better", "Not compared")
    assert row["published_parent"] == "E12000002"


def test_target_data_is_the_old_name_of_the_goal():
    assert header_of(["Indicator ID", "Area Code", "Sex", "Age", "Time period", "Value", "Target data"], "x").has("compared_goal")


def test_a_column_that_is_missing_or_stands_twice_is_named():
    with pytest.raises(LayoutError, match="no column for age") as caught:
        header_of(["Indicator ID", "Area Code", "Sex", "Ages", "Time period", "Value"], "x.csv")
    assert "'Ages'" in caught.value.message or "'ages'" in caught.value.message
    with pytest.raises(LayoutError, match="two columns for value"):
        header_of(["Indicator ID", "Area Code", "Sex", "Age", "Time period", "Value", "Value"], "x.csv")


# -- the form of the file ----------------------------------------------------------------------------------------------------------------


def test_a_line_end_inside_a_name_does_not_break_the_row(parsed):
    table = parsed(f"{HEADER}\n{ENGLAND}\n{CAMPYLOBACTER}\n{ENGLAND.replace('90280', '90281')}\n")
    assert table["indicator"].to_pylist() == ["fingertips.90280", "fingertips.93356", "fingertips.90281"]
    assert table["value"].to_pylist()[1] == 101.5
    assert table["published_indicator_name"].to_pylist()[1] == "Campylobacter incidence rate/100,000"


def test_line_ends_and_byte_order_mark_change_nothing(parsed):
    plain = parsed(API)
    assert parsed(API.replace("\n", "\r\n")).equals(plain)
    assert parsed(b"\xef\xbb\xbf" + API.encode()).equals(plain)


def test_an_error_after_a_name_of_two_lines_names_the_line_of_the_file(parsed):
    with pytest.raises(DataError, match="line 4") as caught:
        parsed(f"{HEADER}\n{CAMPYLOBACTER}\n{ENGLAND.replace('Persons', 'Everybody')}\n")
    assert (caught.value.line, caught.value.column, caught.value.value) == (4, "Sex", "Everybody")


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda t: t[:-40], "ends in the middle"),
        (lambda t: t.replace("E06000009", 'E06"000009', 1), "odd number of quotes"),
        (lambda t: t.replace("Blackpool", "Black\0pool", 1), "NUL"),
        (lambda t: t.replace("Blackpool", "Black,pool", 1), "27 cells"),
    ],
)
def test_damage_is_named(damage, said, parsed):
    with pytest.raises(DataError, match=said):
        parsed(damage(API))


def test_a_page_a_message_and_an_empty_file_are_no_exports(parsed):
    for text in ("<html><body>Service unavailable</body></html>", '{"Message": "An error has occurred."}', "", "[]"):
        with pytest.raises(LayoutError) as caught:
            parsed(text)
        assert caught.value.expected


def test_a_header_alone_is_an_answer_of_no_rows(parsed, tmp_path, read):
    assert parsed(HEADER + "\n").num_rows == 0
    path = tmp_path / "empty.csv"
    path.write_text(HEADER + "\n", encoding="utf-8")
    with pytest.raises(NoDataError, match=r"any of 1,\d{3} indicators"):
        read(path)


def test_a_catalogue_says_that_it_holds_no_figures(read, tmp_path):
    path = tmp_path / "ages.csv"
    path.write_text("AgeID,Age,MinYears,MaxYears\n1,All ages,0,150\n", encoding="utf-8")
    with pytest.raises(NoDataError, match="no figures are in"):
        read(path)


def test_gzip_is_read_and_a_cut_one_refused(parsed):
    import gzip

    packed = gzip.compress(API.encode())
    assert parsed(packed, "x.csv.gz").equals(parsed(API))
    with pytest.raises(DataError, match="damaged gzip"):
        parsed(packed[:-30], "x.csv.gz")
    with pytest.raises(DataError, match="unpacks to more"):
        parsed(gzip.compress(b"0" * 200_000_000), "bomb.csv.gz")


# -- numbers -----------------------------------------------------------------------------------------------------------------------------


def test_html_for_no_data_is_missing_and_never_zero(read):
    rows = read("website-msoa-reception-overweight.csv")
    assert '<div class=""no-data"">' in (SPECIMENS / "website-msoa-reception-overweight.csv").read_text(encoding="utf-8-sig")
    assert {r["count"] for r in rows} == {None}
    assert all(r["value"] > 0 for r in rows)


@pytest.mark.parametrize(("cell", "value"), [('"214,022"', 214022.0), ("214022", 214022.0), ("", None), ("NA", None), ("-", None), ("1e3", 1000.0)])
def test_counts_with_thousands(cell, value, parsed):
    assert parsed(f"{HEADER}\n{ENGLAND.replace('59555', cell)}\n")["denominator"].to_pylist() == [value]


@pytest.mark.parametrize("cell", ["many", '"1,23"', "0x1F", "1.2.3", "inf", "12 345"])
def test_what_is_no_number_is_refused_with_its_place(cell, parsed):
    with pytest.raises(DataError) as caught:
        parsed(f"{HEADER}\n{ENGLAND.replace('59555', cell)}\n")
    assert (caught.value.line, caught.value.column) == (2, "Denominator")


def test_limits_that_do_not_hold_their_value_stand_beside_it(read):
    (row,) = only(read("successor-healthdata.csv"), indicator="fingertips.93124")
    assert (row["lower"], row["upper"]) == (None, None)
    assert row["published_lower"] > row["value"]
    assert "limits do not hold" in row["note"]


def test_limits_of_nothing_are_not_limits(read):
    """Regional centres of 2017: a value of 4 to 6 with limits of 0 and 0."""
    rows = [r for r in read("mangled-air-pollution.csv") if r["area_type"] == "phe_centre"]
    assert [r["published_upper"] for r in rows if r["value"] is not None] == [0.0, 0.0]
    assert {r["upper"] for r in rows} == {None}


def test_a_negative_count_is_an_excess_and_stands_beside(read):
    rows = [r for r in read("r-wyre-outcomes.csv") if r["published_count"] is not None]
    assert {r["published_count"] for r in rows} == {-10.0}
    assert {r["count"] for r in rows} == {None}
    assert all("negative" in r["note"] for r in rows)


def test_counts_rounded_to_five_are_flagged(read):
    rows = read("snake-emergency-admissions.json")
    assert {r["flags"] for r in rows if r["count"] is not None and r["count"] % 5 == 0} == {"rounded"}
    assert {r["flags"] for r in rows if r["count"] is None} == {None}


# -- periods -----------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("label", "sortable", "span", "kind", "start", "duration"),
    [
        ("2015", "20150000", "1y", "Calendar", dt.date(2015, 1, 1), "P1Y"),
        ("2010/11", "20100000", "", "Financial", dt.date(2010, 4, 1), "P1Y"),
        ("2010/11", "20100000", "", "", dt.date(2010, 4, 1), "P1Y"),
        ("2010/11", "20100000", "", "Academic", dt.date(2010, 9, 1), "P1Y"),
        ("2015 - 17", "20150000", "3y", "Calendar", dt.date(2015, 1, 1), "P3Y"),
        ("1999 - 01", "19990000", "3y", "Calendar", dt.date(1999, 1, 1), "P3Y"),
        ("2016 - 20", "20160000", "5y", "Calendar", dt.date(2016, 1, 1), "P5Y"),
        ("2015/16 - 17/18", "20150000", "3y", "Financial", dt.date(2015, 4, 1), "P3Y"),
        ("2022/23 - 24/25", "20220000", "3y", "Academic", dt.date(2022, 9, 1), "P3Y"),
        ("2015 Q1", "20150100", "3m", "Calendar", dt.date(2015, 1, 1), "P3M"),
        ("2015/16 Q1", "20150100", "3m", "Financial", dt.date(2015, 4, 1), "P3M"),
        ("2015/16 Q4", "20150400", "3m", "Financial", dt.date(2016, 1, 1), "P3M"),
        ("2019/20 Q1 - 2023/24 Q4", "20190100", "5y", "Financial multi year cumulative quarters", dt.date(2019, 4, 1), "P5Y"),
        ("Aug 2015 - Jul 2016", "20150000", "1y", "August-July", dt.date(2015, 8, 1), "P1Y"),
        ("Nov 2014 - Nov 2015", "20140000", "1y", "November-November", dt.date(2014, 11, 1), "P1Y"),
        ("Jan 2016", "20160001", "1m", "Calendar", dt.date(2016, 1, 1), "P1M"),
        ("Feb 2016", "20160002", "", "Calendar", dt.date(2016, 2, 1), "P1M"),
        ("Feb 2016", "20160002", "1y", "Calendar rolling year - monthly", dt.date(2016, 2, 1), "P1Y"),
        ("2000", "2e+07", "1y", "Calendar", dt.date(2000, 1, 1), "P1Y"),
        ("2001/02", "2.001e+07", "1y", "Financial", dt.date(2001, 4, 1), "P1Y"),
    ],
)
def test_periods_of_every_form(label, sortable, span, kind, start, duration):
    period = period_of(label, sortable, span, kind)
    assert (period.start, period.duration, period.label) == (start, duration, label)


@pytest.mark.parametrize(
    ("label", "sortable", "span"),
    [
        ("2015", "20160000", "1y"), ("2015", "20150100", "1y"), ("2015 Q1", "20150200", "3m"), ("Jan 2016", "20160002", "1m"), ("2015", "20150000", "3y"),
        ("2015/17", "20150000", ""), ("2015 - 15", "", ""), ("lately", "", ""), ("2015", "2015", ""), ("2015", "20150000", "a while"), ("2015 Q5", "", ""),
    ],
)  # fmt: skip
def test_a_period_that_contradicts_itself_is_none(label, sortable, span):
    assert period_of(label, sortable, span, "Calendar") is None


def test_the_year_type_of_the_metadata_moves_the_start(read):
    rows = read("website-msoa-reception-overweight.csv")
    assert {(r["period_start"], r["period_duration"]) for r in rows} == {(dt.date(2022, 9, 1), "P3Y")}
    rows = read("api-26-social-isolation.csv")
    assert {r["period_start"].month for r in rows} == {4}


def test_a_file_of_bare_years_gives_its_periods_by_the_catalogue(read):
    rows = read("successor-healthdata.csv")
    assert {(r["period_start"], r["period_duration"], r["period"]) for r in only(rows, indicator="fingertips.92026")} <= {
        (dt.date(2018, 9, 1), "P5Y", "2018/19 - 22/23"),
        (dt.date(2019, 9, 1), "P5Y", "2019/20 - 23/24"),
    }
    assert {r["period_start"].month for r in only(rows, indicator="fingertips.22401")} == {4}
    assert not [r for r in rows if r["indicator"] == "fingertips.91040"], "quarters without their number"


# -- areas -------------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "code", "found"),
    [
        ("England", "E92000001", "country"), ("Region", "E12000002", "region"), ("Regions (statistical)", "E12000002", "region"),
        ("Government Office Region", "E12000002", "region"), ("County & UA", "E06000009", "utla"), ("Counties & UAs (from Apr 2021)", "E10000017", "utla"),
        ("Upper tier local authorities (post 4/23)", "E10000017", "utla"), ("Upper tier local authorities (4/19 - 3/20)", "E06000009", "utla"),
        ("District & UA (pre 4/19)", "E07000117", "ltla"), ("Districts & UAs (pre Apr 2019)", "E06000009", "ltla"),
        ("Lower tier local authorities (post 4/21)", "E07000117", "ltla"), ("Districts & UAs (2021/22-2022/23)", "E07000117", "ltla"),
        ("UA", "E06000009", "unitary"), ("UA new 2023", "E06000063", "unitary"), ("LA unchanged", "E07000117", "ltla"), ("District", "E07000117", "ltla"),
        ("County", "E10000017", "utla"), ("CCGs (from Apr 2021)", "E38000014", "ccg"), ("ICB sub-locations", "E38000014", "sub_icb"), ("ICBs", "E54000048", "icb"),
        ("STP", "E54000048", "stp"), ("PCNs (v. 26/04/24)", "U13557", "pcn"), ("Primary Care Network (v. 26/04/24)", "U13557", "pcn"), ("General Practice", "D82058", "gp"),
        ("GPs", "Y06275", "gp"), ("MSOA", "E02000984", "msoa"), ("Middle Super Output Area", "E02000984", "msoa"), ("Ward", "E05001234", "ward"),
        ("Acute Trusts (incl.combined MH+Acute)", "RXL", "trust"), ("ONS 2011 group", "Cl_L2_1ar", "ons_group"), ("ONS 2011 subgroup", "Cl_L3_1a1r", "ons_subgroup"),
        ("Combined authorities", "E47000001", "combined_authority"), ("PHE Centre", "E45000018", "phe_centre"), ("ICBs - experimental", "nE54000027", "icb_experimental"),
        ("Deprivation deciles (IMD2019)", "cat-2-1", "deprivation_decile"), ("NHS regions - new due to ICB changes", "E40000010", "nhs_region"),
        ("", "D82058", "gp"), ("", "E06000009", "unitary"), ("", "E92000001", "country"), ("", "E54000048", "icb"), ("", "U13557", "pcn"),
        ("Middle Super Output Area", "E10000020", "utla"), ("County & UA", "E11000001", "utla"), ("Upper tier local authorities (4/21-3/23)", "E92000001", "country"),
    ],
)  # fmt: skip
def test_area_types_of_every_era(name, code, found):
    assert place_of(name, code).type == found


@pytest.mark.parametrize(("name", "code"), [("Cluster", "E06000009"), ("", "XYZ"), ("", "E99000001")])
def test_an_area_nobody_knows_is_not_guessed(name, code):
    assert place_of(name, code) is None


def test_an_unknown_area_type_is_an_error_that_names_it(parsed):
    with pytest.raises(DataError, match="'Parishes' is no area type") as caught:
        parsed(f"{HEADER}\n{ENGLAND.replace('England,England,', 'England,Parishes,')}\n")
    assert "area_types.toml" in caught.value.hint


def test_types_have_different_names():
    named = [name.casefold() for kind in kinds() for name in kind.names]
    assert len(set(named)) == len(named)


def test_a_county_among_small_areas_is_a_county(read):
    rows = read("website-msoa-reception-overweight.csv")
    assert {r["area_type"] for r in only(rows, area="E10000015")} == {"utla"}
    assert {r["area_type"] for r in rows} == {"country", "utla", "msoa"}


def test_a_unitary_belongs_to_every_tier_that_the_indicator_has(read):
    rows = read("mangled-air-pollution.csv")
    assert sorted(r["area_type"] for r in only(rows, area="E06000009", period="2017")) == ["ltla", "utla"]
    assert {r["area_type"] for r in only(rows, area="E10000017")} == {"utla"}
    assert {r["area_type"] for r in only(rows, area="E07000117")} == {"ltla"}
    # Counties and unitaries alone: the upper tier.
    assert {r["area_type"] for r in read("api-27-dependent-drinkers.csv")} == {"country", "utla"}
    asked = read("mangled-air-pollution.csv", query=Query(areas=(Area("gss", "ltla", "E06000009"),), breakdowns=("*",)))
    assert {r["area_type"] for r in asked} == {"ltla"}


def test_englands_blank_parent_is_none(read):
    assert {r["published_parent"] for r in only(read("api-26-social-isolation.csv"), area="E92000001")} == {None}


# -- breakdowns --------------------------------------------------------------------------------------------------------------------------


def test_categories_are_breakdowns_and_never_stand_beside_their_total_unasked(read):
    whole = read("api-26-social-isolation.csv")
    assert {r["category_type"] for r in whole} > {"_T", "Ethnic groups"}
    headline = read("api-26-social-isolation.csv", query=Query())
    assert {r["category_type"] for r in headline} == {"_T"}
    assert {r["category"] for r in headline} == {"_T"}
    assert len({(r["indicator"], r["area"], r["period_start"]) for r in headline}) == len(headline)


def test_quotes_of_another_format_are_taken_from_a_category(read):
    kinds_found = {r["category_type"] for r in read("successor-healthdata.csv")}
    assert "County & UA deprivation deciles in England (IMD2019, 4/21 geography)" in kinds_found
    assert not any('"' in kind for kind in kinds_found)


def test_a_category_without_its_type_is_refused(parsed):
    with pytest.raises(DataError, match="a category without its type"):
        parsed(f"{HEADER}\n{ENGLAND.replace('18+ yrs,,', '18+ yrs,,White')}\n")


def test_the_figure_of_an_indicator_that_has_only_sexes_is_both(read):
    rows = read("r-wyre-outcomes.csv", query=Query(indicators=("fingertips.90366",)))
    assert {r["sex"] for r in rows} == {"M", "F"}


# -- notes -------------------------------------------------------------------------------------------------------------------------------


def test_a_missing_value_says_why_or_that_nobody_does(read):
    rows = read("api-26-social-isolation.csv")
    missing = [r for r in rows if r["value"] is None]
    assert {(r["status"], r["note"]) for r in missing} == {("not_available", "Value missing in source data"), ("not_available", NO_NOTE)}
    assert {r["status"] for r in only(rows, note="There is a data quality issue with this value")} == {"low_reliability"}
    assert {r["status"] for r in only(rows, note="Value for Bucks County applied to Bucks UA")} == {"inherited"}


@pytest.mark.parametrize(
    ("text", "present", "absent", "flags"),
    [
        ("Aggregated from all known lower geography values", "normal", "not_available", ""),
        ("Value is modelled or synthetic estimate", "normal", "not_available", "estimated"),
        ("Value suppressed for disclosure control due to small count", "low_reliability", "suppressed", ""),
        ("Value cannot be calculated as number of cases is too small", "low_reliability", "suppressed", ""),
        ("Value missing due to small sample size", "low_reliability", "suppressed", ""),
        ("Value not published for data quality reasons", "low_reliability", "suppressed", ""),
        ("Value suppressed due to incompleteness of  source data", "low_reliability", "suppressed", ""),
        ("Value for Cornwall and Isles of Scilly combined", "inherited", "not_available", ""),
        ("Interpret with caution - see Notes section in Definitions for details", "low_reliability", "not_available", ""),
        ("Confidence intervals could not be calculated", "normal", "not_available", ""),
    ],
)
def test_notes_mean_what_they_say(text, present, absent, flags):
    note = meaning_of(text)
    assert (note.present, note.absent, note.flags) == (present, absent, flags)


def test_an_unknown_note_is_an_error_that_says_where_and_what_to_do(parsed):
    with pytest.raises(DataError, match="the note 'Ask Derek' is none") as caught:
        parsed(f"{HEADER}\n{CAMPYLOBACTER}\n{ENGLAND.replace('59555,,', '59555,Ask Derek,')}\n")
    assert "notes.toml" in caught.value.hint
    assert (caught.value.line, caught.value.column, caught.value.value) == (4, "Value note", "Ask Derek")


def test_every_note_of_the_table_has_statuses_that_core_knows():
    from jsnakit.observations import FLAGS, PRESENT, STATUSES

    for note in notes():
        assert note.present in PRESENT
        assert note.absent in set(STATUSES) - set(PRESENT)
        assert set(note.flags.split()) <= set(FLAGS)
        assert bool(note.text) != bool(note.pattern)


# -- words -------------------------------------------------------------------------------------------------------------------------------


def test_words_that_contradict_the_direction_are_kept_and_said(read):
    """Practices where more smoking is called better: the website took another indicator's direction."""
    rows = read("website-gp-obesity-smoking.csv")
    smoking = only(rows, indicator="fingertips.91280")
    assert {r["published_compared_england"] for r in smoking} == {"Better", "Worse", "Similar"}
    assert all(("contradict" in (r["note"] or "")) == (r["published_compared_england"] in ("Better", "Worse")) for r in smoking)
    assert not [r for r in rows if r["indicator"] == "fingertips.92588" and r["note"]]


def test_right_words_are_left_alone(read):
    assert not [r for r in read("api-26-social-isolation.csv") if "contradict" in (r["note"] or "")]


# -- files together ----------------------------------------------------------------------------------------------------------------------


def test_rows_that_repeat_in_a_file_are_given_once(read, caplog):
    with caplog.at_level(logging.INFO):
        rows = read("r-bolton-msoa.csv")
    assert len(rows) == 16
    assert "2 rows repeat another" in caplog.text
    assert {r["published_england_value"] is not None for r in rows} >= {True}


def test_two_figures_for_one_thing_in_a_file_are_an_error(parsed):
    with pytest.raises(DataError, match="two figures for one thing: line 2 and line 3"):
        parsed(f"{HEADER}\n{ENGLAND}\n{ENGLAND.replace(',41.9,', ',42.0,')}\n")


def test_a_file_read_twice_gives_each_figure_once(read, tmp_path):
    once = read("api-26-social-isolation.csv")
    path = tmp_path / "again.csv"
    path.write_text(API.replace(",County & UA,", ",Counties & UAs (from Apr 2021),"), encoding="utf-8")
    both = read("api-26-social-isolation.csv", path)
    assert [(r["area"], r["value"], r["period"]) for r in both] == [(r["area"], r["value"], r["period"]) for r in once]


def test_a_newer_geography_wins_and_an_equal_one_is_an_error(read, tmp_path):
    line = next(line for line in API.splitlines() if "E06000009" in line)
    value = line.split(",")[12]
    newer, same = tmp_path / "newer.csv", tmp_path / "same.csv"
    changed = line.replace(f",{value},", ",44.4,", 1)
    newer.write_text(f"{HEADER}\n{changed.replace('County & UA', 'Counties & UAs (from Apr 2023)')}\n", encoding="utf-8")
    same.write_text(f"{HEADER}\n{changed}\n", encoding="utf-8")
    period = line.split(",")[11]
    rows = only(read("api-26-social-isolation.csv", newer), area="E06000009", indicator=f"fingertips.{line.split(',')[0]}", period=period)
    assert 44.4 in [r["value"] for r in rows]
    with pytest.raises(DataError, match="give different figures for one thing"):
        read("api-26-social-isolation.csv", same)


def test_the_website_prints_fewer_decimals_of_the_same_figure(read, tmp_path):
    path = tmp_path / "printed.csv"
    source = (SPECIMENS / "website-msoa-reception-overweight.csv").read_text(encoding="utf-8")
    path.write_text(source.replace("22.27767", "22.2776713"), encoding="utf-8")
    assert len(read("website-msoa-reception-overweight.csv", path)) == len(read("website-msoa-reception-overweight.csv"))


def test_an_indicator_newer_than_the_catalogue_is_read_and_said(read, tmp_path, caplog):
    path = tmp_path / "new.csv"
    path.write_text(f"{HEADER}\n{ENGLAND.replace('90280', '999999')}\n", encoding="utf-8")
    with caplog.at_level(logging.WARNING):
        rows = read(path, query=Query())
    assert [(r["indicator"], r["value"]) for r in rows] == [("fingertips.999999", 41.9)]
    assert "catalogue does not list (fingertips.999999)" in caplog.text


def test_a_question_of_a_range_of_periods_gives_that_range(read):
    rows = read("api-26-social-isolation.csv", query=Query(since="2014-04", until="2016-03", breakdowns=("*",)))
    assert {r["period"] for r in rows} <= {"2014/15", "2015/16", "2013/14"}
    assert rows


# -- the catalogue -----------------------------------------------------------------------------------------------------------------------


def test_the_catalogue_holds_every_indicator_of_the_metadata_and_those_that_were():
    found = {i.id: i for i in catalogue.indicators()}
    assert len(found) == 1885
    smoking = found["fingertips.92443"]
    assert "tobacco" in smoking.keywords or "smoking" in smoking.name.casefold()
    assert found["fingertips.92033"].polarity.value == "lower_is_better", "one of the successor's lists has it reversed"
    assert found["fingertips.40501"].headline.age == "<75 yrs"
    assert found["fingertips.90366"].headline.sex == ""
    retired = [i for i in found.values() if any("withdrawn" in c for c in i.caveats)]
    assert len(retired) == 298


def test_the_catalogue_is_small_and_quick():
    import subprocess
    import sys
    from importlib import resources

    assert len(resources.files("jsnakit_fingertips").joinpath("catalogue.json.gz").read_bytes()) < 400_000
    code = "import time; from jsnakit_fingertips import catalogue; t = time.process_time(); catalogue.indicators(); print(time.process_time() - t)"
    took = min(float(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout) for _ in range(3))
    assert took < 0.25, "60 ms is the aim, on a quiet machine"


def test_refusals_are_ours(parsed):
    for text in ("a,b\n1,2\n", "Indicator ID\n1\n", HEADER):
        with pytest.raises(JsnakitError):
            parsed(text)
