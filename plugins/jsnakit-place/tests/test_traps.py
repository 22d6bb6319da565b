"""What the publisher's notes and the research of these files warn of, each as a test."""

from __future__ import annotations

import datetime as dt

import pytest

from jsnakit import observations
from jsnakit.errors import DataError, LayoutError
from jsnakit.model import ENGLAND, Area, Period
from jsnakit.sources import Query, Resource
from jsnakit_place import Place
from jsnakit_place.parse import part_facts, release_in, year_in
from jsnakit_place.rounds import rounds

FOUR = ("cleanliness", "food", "privacy_dignity_wellbeing", "condition_appearance_maintenance")


def site(code="RP5DR", organisation="RP5", domains=FOUR, **values):
    return {"organisation": organisation, "site": code, "site_name": code} | dict.fromkeys(domains, "90.00%") | values


def sites_of(kit, year, *rows):
    layout = next(x for x in Place().register.layouts if x.id.endswith("-sites") and year in x.years)
    domains = [c for c in layout.required if c not in {"organisation", "site", "site_name"}]
    return kit.table(layout, [site(domains=domains, **r) for r in rows])


def organisations_of(kit, year, *rows):
    layout = next(x for x in Place().register.layouts if x.id.endswith("-organisations") and year in x.years)
    scores = dict.fromkeys([c for c in layout.required if not c.startswith("organisation") or c.endswith("food")], "90.00%")
    return kit.table(layout, [{"organisation": "RP5", "organisation_name": "Doncaster"} | scores | r for r in rows])


def test_the_dementia_score_of_forest_close_was_a_mistake(kit):
    made = sites_of(
        kit, 2015, {"code": "TAHXM", "organisation": "TAH", "dementia": "81.20%"}, {"code": "TAHXX", "organisation": "TAH", "dementia": "70.00%"}
    )
    rows = kit.read(("place-2015-site-scores.csv", made.csv()))
    row = kit.get(rows, "dementia", "site", "TAHXM")
    assert (row["value"], row["status"], row["published_score"]) == (None, "not_applicable", "81.20%")
    assert "published by mistake on 11 August 2015" in row["note"]
    assert "This file prints 81.20%" in row["note"]
    assert kit.get(rows, "dementia", "provider", "TAH")["value"] == 70.0
    # The corrected file has nothing there, and nothing is said.
    made.rows[0]["dementia"] = ""
    row = kit.get(kit.read(("place-2015-site-scores.csv", made.csv())), "dementia", "site", "TAHXM")
    assert (row["status"], row["note"]) == ("not_applicable", None)
    # Its marks are out as well, in the one year alone.
    base = kit.table(
        "2015-base",
        [{"organisation": "TAH", "site": "TAHXM"} | {c: 9 if c.endswith("awarded") else 10 for c in kit.layout("2015-base").required[2:]}],
    )
    row = kit.get(kit.read(("place-2015-base.csv", base.csv())), "dementia", "site", "TAHXM")
    assert (row["value"], row["count"], row["status"]) == (None, None, "not_applicable")
    later = sites_of(kit, 2016, {"code": "TAHXM", "organisation": "TAH", "dementia": "81.20%"})
    assert kit.get(kit.read(("place-2016-site-scores.csv", later.csv())), "dementia", "site", "TAHXM")["value"] == 81.2


@pytest.mark.parametrize(
    ("name", "release", "said"),
    [
        ("PLACE-2016-organisation-scores-original.csv", "original", "published before 18 August 2016"),
        ("PLACE-2016-organisation-scores-revised.csv", "corrected", None),
        ("PLACE-2016-organisation-scores.csv", "", "Which edition this file is cannot be told"),
        ("PLACE-2015-organisation-scores.csv", "", "published before 8 September 2016"),
        ("PLACE-2017-organisation-scores.csv", "original", None),
    ],
)
def test_a_first_edition_that_is_known_to_be_wrong_says_so(kit, name, release, said):
    data = organisations_of(kit, year_in(name), {}).csv()
    (part,) = kit.parts((name, data))
    assert part_facts(part.table)["release"] == release
    note = kit.get(kit.read((name, data)), "cleanliness", "provider", "RP5")["note"]
    assert (said in note) if said else note is None


def test_the_first_print_of_2013_is_told_by_who_is_missing(kit):
    many = [{"organisation": f"R{n // 36:02}"[:3] if n < 0 else f"{'ABCDEFGHIJ'[n // 36]}{n % 36:02}"} for n in range(274)]
    first = organisations_of(kit, 2013, *many)
    (part,) = kit.parts(("place-2013-organisations.csv", first.csv()))
    assert part_facts(part.table)["release"] == "original"
    rows = kit.read(("place-2013-organisations.csv", first.csv()))
    assert "beds of self-catering sites" in kit.get(rows, "food", "provider", "A00")["note"]
    assert kit.get(rows, "cleanliness", "provider", "A00")["note"] is None
    again = organisations_of(kit, 2013, *many, {"organisation": "RHW"})
    (part,) = kit.parts(("place-2013-organisations.csv", again.csv()))
    assert part_facts(part.table)["release"] == "corrected"
    # A few rows tell nothing.
    (part,) = kit.parts(("place-2013-organisations.csv", organisations_of(kit, 2013, {}).csv()))
    assert part_facts(part.table)["release"] == ""


def test_site_scores_of_2013_are_right_in_either_print(kit):
    rows = kit.read(("place-2013-sites-original.csv", sites_of(kit, 2013, {}).csv()))
    assert kit.get(rows, "food", "site", "RP5DR")["note"] is None


def test_a_domain_before_its_time_is_refused(kit):
    made = sites_of(kit, 2013, {})
    for row in made.rows:
        row["dementia"] = "80.00%"
    made.columns.append("dementia")
    made.headings["dementia"] = "Dementia"
    with pytest.raises(LayoutError, match="does not have: 'Dementia'"):
        kit.read(("place-2013-sites.csv", made.csv()))


@pytest.mark.parametrize(
    ("name", "problem"),
    [("scores.csv", "does not say of which year"), ("place-2020-sites.csv", "knows no collection"), ("place-2030-sites.csv", "is of 2030")],
)
def test_a_file_without_a_year_that_there_was_is_refused(kit, name, problem):
    with pytest.raises(LayoutError, match=problem) as caught:
        kit.read((name, sites_of(kit, 2024, {}).csv()))
    assert caught.value.expected


def test_names_titles_and_columns_must_agree_on_the_year(kit):
    made = sites_of(kit, 2024, {})
    made.above = [["Patient-Led Assessments of the Care Environment (PLACE), 2024 - England; published 20 February 2025"]]
    assert kit.read(("scores.xlsx", made.xlsx("Scores")))
    with pytest.raises(DataError, match=r"the file's name says 2023; the title above .* says 2024"):
        kit.read(("place-2023-sites.xlsx", made.xlsx("Scores")))
    made = sites_of(kit, 2024, {})
    made.rows[0]["year"] = "2023"
    made.columns.append("year")
    made.headings["year"] = "Collection Year"
    with pytest.raises(DataError, match="several years"):
        kit.read(("place-2024-sites.csv", made.csv()))
    assert kit.get(kit.read(("scores.csv", made.csv())), "food", "site", "RP5DR")["period"] == "2023"
    (part,) = kit.parts(("scores.csv", made.csv()))
    assert part_facts(part.table)["layouts"] == ["2022-2025-sites"], "the layout is that of the year in the column"


def test_what_the_page_says_and_what_the_file_says_must_agree(kit):
    made = sites_of(kit, 2024, {})
    from jsnakit.files import SourceFile

    resource = Resource(url="https://files.digital.nhs.uk/aa/x.csv", kind="sites", period=rounds()[2023].period)
    with pytest.raises(DataError, match="the publisher's page says 2023; the file's name says 2024"):
        Place().parse(resource, SourceFile.from_bytes(made.csv(), name="PLACE-2024-Site-Scores.csv"))


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("PLACE-2024-Site-Scores(PLACE-2024-Site-Scores).csv", 2024),
        ("place-eng-2016-org-scores.csv", 2016),
        ("2018 PLACE organisation scores.xlsx", 2018),
        ("Patient-Led Assessments of the Care Environment - PLACE England 2015", 2015),
        ("marketplace-2024.csv", 2024),
        ("scores.csv", None),
        ("scores-2023-2024.csv", None),
        ("x-20240131.csv", None),
        ("PLACE 2013, published 31 October 2014", 2013),
    ],
)
def test_the_year_of_a_name(text, year):
    assert year_in(text) == year


def test_editions_of_a_name():
    assert [release_in(n) for n in ("PLACE-2013-v2.csv", "PLACE 2013 (corrected).xlsx", "place-2013-original.csv", "place-2013.csv")] == [
        "corrected",
        "corrected",
        "original",
        "",
    ]


def test_marks_stand_beside_the_published_score(kit):
    scores = sites_of(kit, 2017, {"cleanliness": "98.08%"}, {"code": "RP5BA"}).csv()
    columns = kit.layout("2016-2018-base").required[2:]
    row = {c: 9 if c.endswith("awarded") else 10 for c in columns} | {"cleanliness_awarded": "1,020", "cleanliness_available": "1,040"}
    marks = kit.table("2016-2018-base", [{"organisation": "RP5", "site": "RP5DR"} | row]).csv()
    rows = kit.read(("place-2017-sites.csv", scores), ("place-2017-base-scores.csv", marks))
    both = kit.get(rows, "cleanliness", "site", "RP5DR")
    assert (both["value"], both["count"], both["denominator"], both["note"]) == (98.08, 1020.0, 1040.0, None)
    assert kit.get(rows, "cleanliness", "site", "RP5BA")["count"] is None
    alone = kit.get(kit.read(("place-2017-base-scores.csv", marks)), "cleanliness", "site", "RP5DR")
    assert (alone["value"], alone["note"]) == (98.08, "computed from the published marks")
    assert alone["origin"].startswith("place-marks:sha256:")


def test_a_slip_between_marks_and_score_is_noted_and_many_are_refused(kit, caplog):
    columns = kit.layout("2016-2018-base").required[2:]

    def files(slips):
        codes = [f"RP5{n:02}" for n in range(20)]
        scores = sites_of(kit, 2017, *({"code": c} | ({"food": "91.00%"} if n < slips else {}) for n, c in enumerate(codes)))
        marks = kit.table(
            "2016-2018-base", [{"organisation": "RP5", "site": c} | {m: 9 if m.endswith("awarded") else 10 for m in columns} for c in codes]
        )
        return ("place-2017-sites.csv", scores.csv()), ("place-2017-base.csv", marks.csv())

    row = kit.get(kit.read(*files(1)), "food", "site", "RP500")
    assert (row["value"], row["note"]) == (91.0, "the published marks give 90.00")
    assert "91 printed, 9 of 10 marks give 90.00" in caplog.text
    with pytest.raises(DataError, match="marks-give-score"):
        kit.read(*files(10))


def test_more_marks_than_there_are_or_half_a_pair_are_refused(kit):
    columns = kit.layout("2016-2018-base").required[2:]
    for awarded, available in ((11, 10), (5, ""), ("", 10)):
        row = {c: 9 if c.endswith("awarded") else 10 for c in columns} | {"food_awarded": awarded, "food_available": available}
        with pytest.raises(DataError, match=r"\[marks\]"):
            kit.read(("place-2017-base.csv", kit.table("2016-2018-base", [{"organisation": "RP5", "site": "RP5DR"} | row]).csv()))
    row = {c: 9 if c.endswith("awarded") else 10 for c in columns} | {"dementia_awarded": 0, "dementia_available": 0}
    rows = kit.read(("place-2017-base.csv", kit.table("2016-2018-base", [{"organisation": "RP5", "site": "RP5DR"} | row]).csv()))
    assert kit.get(rows, "dementia", "site", "RP5DR")["status"] == "not_applicable"


def test_who_assessed_is_told_by_kind_and_in_all(kit):
    made = sites_of(
        kit,
        2024,
        {"assessors": 6, "assessors_patient": 4, "assessors_staff": 2, "assessors_healthwatch": ""},
        {"code": "RP5BA", "assessors": "", "assessors_patient": 3, "assessors_staff": 2, "assessors_healthwatch": 1},
    )
    rows = kit.read(("place-2024-sites.csv", made.csv()))
    people = {(r["area"], r["category"]): (r["value"], r["note"]) for r in rows if r["indicator"] == "place.assessors"}
    assert people == {
        ("RP5DR", "_T"): (6.0, None), ("RP5DR", "patient"): (4.0, None), ("RP5DR", "staff"): (2.0, None),
        ("RP5BA", "_T"): (6.0, "sum of the kinds published: healthwatch, patient, staff"), ("RP5BA", "patient"): (3.0, None), ("RP5BA", "staff"): (2.0, None), ("RP5BA", "healthwatch"): (1.0, None),
    }  # fmt: skip
    made.rows[0]["assessors"] = 5
    with pytest.raises(DataError, match="kinds-within-total"):
        kit.read(("place-2024-sites.csv", made.csv()))


def test_a_gap_is_told_from_what_does_not_apply(kit):
    made = sites_of(kit, 2024, {"cleanliness": "N/A", "dementia": "-", "food": ""})
    rows = kit.read(("place-2024-sites.csv", made.csv()))
    assert {m: kit.get(rows, m, "site", "RP5DR")["status"] for m in ("cleanliness", "food", "dementia")} == {
        "cleanliness": "not_available",
        "food": "not_available",
        "dementia": "not_applicable",
    }


def test_two_files_of_one_table_are_refused(kit):
    one = sites_of(kit, 2024, {}).csv()
    two = sites_of(kit, 2024, {"food": "10.00%"}).csv()
    with pytest.raises(DataError, match="one-file-a-table") as caught:
        kit.read(("place-2024-sites.csv", one), ("place-2024-sites-revised.csv", two))
    assert "give one of them" in caught.value.hint


def test_the_first_round_of_an_era_is_flagged(kit):
    flagged = {}
    for year in (2013, 2014, 2015, 2016, 2017, 2019, 2022, 2024):
        rows = kit.read((f"place-{year}-sites.csv", sites_of(kit, year, {}).csv()))
        flagged[year] = {m for (m, t, _), r in kit.by_key(rows).items() if t == "site" and r["flags"] == "break"}
    assert {y for y, measures in flagged.items() if "cleanliness" in measures} == {2013, 2015, 2016, 2019, 2022}
    assert {y for y, measures in flagged.items() if "dementia" in measures} == {2016, 2019, 2022}
    assert {y for y, measures in flagged.items() if "disability" in measures} == {2019, 2022}


def test_periods_are_as_exact_as_the_publisher_is():
    assert rounds()[2013].period == Period(dt.date(2013, 4, 1), "P89D")
    assert rounds()[2013].period.end == dt.date(2013, 6, 28)
    assert rounds()[2011].period == Period(dt.date(2011, 1, 1), "P7M")
    assert rounds()[2024].period == Period(dt.date(2024, 9, 1), "P4M")
    assert rounds()[2018].period == Period.year(2018)


def test_sites_lie_in_organisations_by_code(kit):
    made = sites_of(kit, 2024, {"beds": 600}, {"code": "RXLBV", "organisation": "RXL", "beds": ""})
    (table,) = Place().relate(iter(kit.parts(("place-2024.csv", made.csv()))), Query())
    observations.check_relations(table)
    assert [(r["from_area"], r["to_area"], r["kind"], r["count"]) for r in table.to_pylist()] == [
        ("RP5DR", "RP5", "in", 600.0),
        ("RXLBV", "RXL", "in", None),
    ]
    (only,) = Place().relate(iter(kit.parts(("place-2024.csv", made.csv()))), Query(area_type="provider"))
    assert only.num_rows == 2
    for asked, found in ((Area("ods", "site", "RXLBV"), ["RXLBV"]), (Area("ods", "provider", "RP5"), ["RP5DR"]), (ENGLAND, [])):
        tables = list(Place().relate(iter(kit.parts(("place-2024.csv", made.csv()))), Query(areas=(asked,))))
        assert [code for t in tables for code in t["from_area"].to_pylist()] == found
    assert list(Place().relate(iter(kit.parts(("place-2024.csv", made.csv()))), Query(since="2025"))) == []


def test_years_outside_the_range_asked_for_are_left_out(kit):
    files = [(f"place-{year}-sites.csv", sites_of(kit, year, {}).csv()) for year in (2018, 2019, 2024)]
    assert {r["period"] for r in kit.read(*files, query=Query(since="2019", until="2023"))} == {"2019"}
    # Months count: the assessments of 2024 were made from September to December.
    assert {r["period"] for r in kit.read(*files, query=Query(since="2024-12"))} == {"2024"}


def test_an_organisation_of_an_independent_provider_is_a_provider(kit):
    rows = kit.read(("place-2024-sites.csv", sites_of(kit, 2024, {"code": "NT447", "organisation": "NT4"}).csv()))
    assert kit.get(rows, "food", "provider", "NT4")["area_scheme"] == "ods"


def test_place_lite_is_refused(kit):
    made = sites_of(kit, 2024, {})
    for name, data in (("PLACE-Lite-2024-sites.csv", made.csv()), ("place-2024.xlsx", made.xlsx("PLACE Lite"))):
        with pytest.raises(LayoutError, match="PLACE-Lite, a local exercise"):
            kit.read((name, data))


def test_a_site_lies_in_one_organisation(kit):
    scores = sites_of(kit, 2017, {}).csv()
    columns = kit.layout("2016-2018-base").required[2:]
    marks = kit.table("2016-2018-base", [{"organisation": "RXL", "site": "RP5DR"} | {c: 9 if c.endswith("awarded") else 10 for c in columns}]).csv()
    with pytest.raises(DataError, match="one-organisation-a-site"):
        kit.read(("place-2017-sites.csv", scores), ("place-2017-base.csv", marks))


def test_the_publishers_own_beds_go_before_a_list_from_elsewhere(kit):
    scores = sites_of(kit, 2024, {"beds": 600}, {"code": "RP5BA", "beds": ""}).csv()
    beds = kit.table("beds-sites", [{"site": "RP5DR", "beds": 1}, {"site": "RP5BA", "beds": 200}]).csv()
    for files in ((("place-2024-sites.csv", scores), ("beds-2024.csv", beds)), (("beds-2024.csv", beds), ("place-2024-sites.csv", scores))):
        rows = kit.read(*files)
        assert [kit.get(rows, "beds", "site", c)["value"] for c in ("RP5DR", "RP5BA")] == [600.0, 200.0]


def test_a_table_of_ratings_under_unknown_words_is_not_taken_for_a_list_of_beds(kit):
    made = kit.table(
        "peat-2004-2012-sites",
        [{"organisation": "RP5", "site": "RP5DR", "site_name": "A", "beds": 12, "peat_environment": "good", "peat_food": "good"}],
    )
    made.headings |= {"peat_environment": "Env", "peat_food": "Fd"}
    with pytest.raises(LayoutError, match="no column for peat_environment"):
        kit.read(("peat-2012-sites.csv", made.csv()))


def test_beds_of_organisations_are_kept(kit):
    made = organisations_of(kit, 2017, {"beds": "1,012"})
    assert kit.get(kit.read(("place-2017-organisations.csv", made.csv())), "beds", "provider", "RP5")["value"] == 1012.0


def test_the_year_of_publication_is_not_that_of_the_assessments(kit):
    made = sites_of(kit, 2024, {})
    made.above = [["PLACE results, published February 2025"]]
    with pytest.raises(LayoutError, match="does not say of which year"):
        kit.read(("scores.xlsx", made.xlsx("Scores")))
    assert kit.read(("place-2024-scores.xlsx", made.xlsx("Scores")))
