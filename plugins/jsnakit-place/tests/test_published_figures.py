"""Published figures, typed in from public pages, written into files of the described layout and read back; and what can be said of the rule of averages with them.

The files themselves could not be had, so no average here is recomputed from the publisher's own sites: beds by site are not among the figures. What is shown: every printed figure comes back as printed,
beside an average of ours it stays, and a single site's average is that site.
"""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from jsnakit import geography
from jsnakit.errors import DataError
from jsnakit_place import Place
from jsnakit_place.rounds import rounds

FIGURES = Path(__file__).parents[3] / "tools" / "sample" / "place-figures.csv"
DOMAINS = {
    "Cleanliness": "cleanliness",
    "Food and hydration": "food",
    "Food (combined)": "food",
    "Organisation food": "organisation_food",
    "Ward food": "ward_food",
    "Privacy, dignity and wellbeing": "privacy_dignity_wellbeing",
    "Condition, appearance and maintenance": "condition_appearance_maintenance",
    "Dementia": "dementia",
    "Disability": "disability",
}
PEAT = {"Environment": "environment", "Food": "food", "Privacy and dignity": "privacy_dignity"}


def of(transcribed, **wanted):
    return [r for r in transcribed if all(r[k] == v for k, v in wanted.items())]


def test_organisation_and_national_figures_of_2018_come_back_as_printed(kit, transcribed):
    rows = [
        {"organisation": code, "organisation_name": name} | {DOMAINS[r["domain"]]: r["score_text"] for r in of(transcribed, year="2018", level=level)}
        for code, name, level in (("", "England", "national"), ("RP5", "Doncaster and Bassetlaw", "organisation"))
    ]
    made = kit.table("2016-2018-organisations", rows)
    for name, data in (("place-2018-organisation-scores.csv", made.csv()), ("place-2018-organisation-scores.xlsx", made.xlsx())):
        read = kit.by_key(kit.read((name, data)))
        for area_type, code, level in (("country", "E92000001", "national"), ("provider", "RP5", "organisation")):
            for row in of(transcribed, year="2018", level=level):
                found = read[DOMAINS[row["domain"]], area_type, code]
                assert (found["value"], found["published_score"]) == (float(row["score"]), row["score_text"])
                assert found["origin"].startswith("sha256:"), "published, not computed"
        assert len(read) == 12


@pytest.mark.parametrize("year", ["2013", "2017"])
def test_a_single_national_figure_comes_back_and_the_words_of_the_press_do_not(kit, transcribed, year):
    (figure,) = of(transcribed, year=year)
    layout = next(x for x in Place().register.layouts if int(year) in x.years and x.level == "organisation")
    blank = dict.fromkeys(layout.required, "") | {"organisation_name": "England"}
    made = kit.table(layout, [blank | {"cleanliness": f"{figure['score']}%"}])
    row = kit.get(kit.read((f"place-{year}-organisations.csv", made.csv())), "cleanliness", "country", "E92000001")
    assert (row["value"], row["origin"][:7]) == (float(figure["score"]), "sha256:")
    made.rows[0]["cleanliness"] = figure["score_text"]
    with pytest.raises(DataError, match="per cent"):
        kit.read((f"place-{year}-organisations.csv", made.csv()))


def test_the_share_of_peat_is_that_of_the_hospitals_counted(kit, transcribed):
    """1,148 NHS hospitals in 2012: for each printed share there is a number of hospitals that gives it, and a file with so many good or excellent gives the share as printed.

    How many there were is not printed, so this shows the rule and its rounding, not that the publisher's ratings were read.
    """
    total = rounds()[2012].assessments
    good = {}
    for row in of(transcribed, programme="PEAT", year="2012"):
        good[f"peat_{PEAT[row['domain'].partition(':')[0]]}"] = next(k for k in range(total) if round(100 * k / total, 1) == float(row["score"]))
    rows = [
        {"organisation": f"R{n // 36:02}", "site": f"R{n // 36:02}{n % 36:02}", "site_name": f"Hospital {n}"}
        | {measure: ("excellent" if n % 2 else "good") if n < k else "acceptable" for measure, k in good.items()}
        for n in range(total)
    ]
    read = kit.by_key(kit.read(("peat-2012-sites.csv", kit.table("peat-2004-2012-sites", rows).csv())))
    for row in of(transcribed, programme="PEAT", year="2012"):
        share = read[f"peat_{PEAT[row['domain'].partition(':')[0]]}_good_or_excellent", "country", "E92000001"]
        assert round(share["value"], 1) == float(row["score"])
        assert share["denominator"] == 1148


def test_site_figures_come_back_as_printed(kit, transcribed):
    """The page of these two sites has no date; the year here is the test's own and says nothing of theirs."""
    sites = {"Calderdale Royal Hospital": "RWY02", "Huddersfield Royal Infirmary": "RWY01"}
    rows = []
    for name, code in sites.items():
        scores = {DOMAINS[r["domain"]]: r["score_text"] for r in of(transcribed, level="site", site_name=name)}
        assert len(scores) == 8
        # A percent sign typed as a 5, in one cell of the page.
        scores = {d: "91.11%" if t == "91.115" else t for d, t in scores.items()}
        rows.append({"organisation": "RWY", "site": code, "site_name": name} | scores)
    read = kit.by_key(kit.read(("place-2024-sites.csv", kit.table("2024-sites", rows).csv())))
    for name, code in sites.items():
        for row in of(transcribed, level="site", site_name=name):
            assert read[DOMAINS[row["domain"]], "site", code]["value"] == float(row["score"])
    # Precision as printed: 99.8%, not 99.80%.
    assert read["cleanliness", "site", "RWY01"]["published_score"] == "99.8%"
    # With the beds unknown the average is unweighted, and says so: it is not set beside a published one.
    average = read["cleanliness", "provider", "RWY"]
    assert average["value"] == pytest.approx((98.86 + 99.8) / 2)
    assert average["note"].startswith("unweighted mean of 2 site scores")


def test_combined_food_is_no_fixed_mix(transcribed):
    """The weight of organisation food that the printed figures imply, rounding allowed for, differs between two sites: marks are pooled, so food is never rebuilt from its parts."""
    spans = []
    for name in ("Calderdale Royal Hospital", "Huddersfield Royal Infirmary"):
        food, organisation, ward = (
            float(of(transcribed, site_name=name, domain=d)[0]["score"]) for d in ("Food (combined)", "Organisation food", "Ward food")
        )
        ends = [(food + a - ward - c) / (organisation + b - ward - c) for a in (-0.005, 0.005) for b in (-0.005, 0.005) for c in (-0.005, 0.005)]
        spans.append((min(ends), max(ends)))
    (low, _), (_, high) = max(spans), min(spans)
    assert high < low


def figures():
    with FIGURES.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_figures_for_the_sample_are_those_transcribed(transcribed):
    """Each printed figure with a year and a code is in the list for the sample, and nothing else is."""
    listed = [(r["indicator"], r["area"], r["value"] or f"{r['value_min']} to {r['value_max']}", r["source_url"]) for r in figures()]
    assert len(set(listed)) == len(listed)
    codes = {"": "E92000001", "Doncaster and Bassetlaw Teaching Hospitals NHS Foundation Trust": "RP5", "Mersey Care NHS Foundation Trust": "RW4"}
    wanted, ranges = set(), {}
    for row in transcribed:
        if row["year_basis"] == "unknown":
            continue
        code = codes["" if row["level"] == "national" else row["organisation_name"]]
        if row["programme"] == "PEAT":
            wanted.add((f"place.peat_{PEAT[row['domain'].partition(':')[0]]}_good_or_excellent", code, row["score"], row["source_url"]))
        elif row["level"].startswith("organisation site"):
            ranges.setdefault((f"place.{DOMAINS[row['domain']]}", code, row["source_url"]), []).append(row["score"])
        else:
            wanted.add((f"place.{DOMAINS[row['domain']]}", code, row["score"], row["source_url"]))
    wanted |= {(i, c, f"{low} to {high}", u) for (i, c, u), (low, high) in ranges.items()}
    assert {(i, a, v, u) for i, a, v, u in listed} == wanted


def test_the_figures_for_the_sample_are_of_rounds_indicators_and_places_that_there_are():
    known = {i.id: i for i in Place().indicators()}
    for row in figures():
        indicator = known[row["indicator"]]
        assert row["area_type"] in indicator.area_types
        period = rounds()[int(row["period"])].period
        assert (row["period_start"], row["period_duration"]) == (period.start.isoformat(), period.duration)
        if row["area_type"] == "provider":
            (area,) = [a for a in geography.search(row["area_name"]) if a.scheme == "ods"]
            assert area.code == row["area"]
        assert row["source_url"].startswith("http")
        assert row["status"] == "normal"
        assert (row["value"] != "") != (row["value_min"] != "")
