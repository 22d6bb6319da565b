"""The contract of every source, and the pages and links of this one."""

from __future__ import annotations

from pathlib import Path

import pytest

from jsnakit.errors import FetchError, LayoutError
from jsnakit.files import SourceFile
from jsnakit.sources import Query
from jsnakit.testing import SourceTests
from jsnakit.webpages import links_of
from jsnakit_place import Place
from jsnakit_place.links import INDEX, PEAT_INDEX, chosen, kind_of

SPECIMENS = Path(__file__).parent / "specimens"
FILES = "https://files.digital.nhs.uk"

# The shapes of addresses that the publisher has used: the year at the end, in front, in the middle; files on another host, with size in the text.
PAGES = {
    INDEX: b"""<!DOCTYPE html><html><body><nav><a href="/data">Data</a><a href="/about-nhs-digital/2024-report">Annual report 2024</a></nav><ul>
        <li><a href="/data-and-information/publications/statistical/patient-led-assessments-of-the-care-environment-place/england---2026">PLACE 2026 (upcoming)</a></li>
        <li><a href="/data-and-information/publications/statistical/patient-led-assessments-of-the-care-environment-place/england---2024">Patient-Led Assessments of the Care Environment (PLACE), 2024 - England</a></li>
        <li><a href="/data-and-information/publications/statistical/patient-led-assessments-of-the-care-environment-place/england---2024/accuracy-and-reliability">Accuracy 2024</a></li>
        <li><a href="/data-and-information/publications/statistical/patient-led-assessments-of-the-care-environment-place/2018---england">PLACE - 2018 - England [PAS]</a></li>
        <li><a href="/data-and-information/publications/statistical/patient-led-assessments-of-the-care-environment-place/patient-led-assessments-of-the-care-environment-place-england-2016#top">PLACE England 2016</a></li>
        </ul></body></html>""",
    f"{INDEX}/england---2026": b"<p>To be published in February 2027.</p>",
    f"{INDEX}/england---2024": f"""<!DOCTYPE html><html><body>
        <a href="{FILES}/A1/B2C3/PLACE-2024-Site-Scores.csv">PLACE 2024: Site scores [csv, size: 201.4 kB]</a>
        <a href="{FILES}/A1/B2C4/PLACE-2024-Organisation-Scores.csv">PLACE 2024: Organisation scores [csv, size: 40 kB]</a>
        <a href="{FILES}/A1/B2C5/PLACE-2024-Data-Report.xlsx">PLACE 2024: Data report [xlsx, size: 400 kB]</a>
        <a href="{FILES}/A1/B2C6/PLACE-2024-Underlying-Data.csv">PLACE 2024: Underlying data [csv, size: 20 MB]</a>
        <a href="{FILES}/A1/B2C7/PLACE-2024-Metadata.xlsx">PLACE 2024: Metadata</a>
        <a href="https://app.powerbi.com/view?r=1">Interactive report</a></body></html>""".encode(),
    f"{INDEX}/2018---england": f"""<a href="{FILES}/18/PLACE-2018-data.xlsx">PLACE 2018: Excel data file [xlsx]</a>
        <a href="{FILES}/18/PLACE-2018-graph.xlsx">Excel graphing tool</a><a href="{FILES}/18/PLACE-2018-report.pdf">Report</a>""".encode(),
    f"{INDEX}/patient-led-assessments-of-the-care-environment-place-england-2016": f"""
        <a href="{FILES}/16/place-eng-2016-org.csv">PLACE 2016: Organisation Scores [csv]</a>
        <a href="{FILES}/16/place-eng-2016-site.csv">PLACE 2016: Site Scores [csv]</a>
        <a href="{FILES}/16/place-eng-2016-base.csv">PLACE 2016: Site Base Scores [csv]</a>""".encode(),
    PEAT_INDEX: b"""<a href="patient-environment-action-team-peat-england-2011-results">PEAT England, 2011, Results</a>""",
    f"{PEAT_INDEX}/patient-environment-action-team-peat-england-2011-results": f'<a href="{FILES}/11/peat-2011-site-results.csv">PEAT 2011 results by site [csv]</a>'.encode(),
}


class TestContract(SourceTests):
    source = Place()
    specimens = sorted(p for p in SPECIMENS.iterdir() if p.suffix in (".csv", ".xlsx"))
    pages = PAGES


class Pages:
    def __init__(self, pages):
        self.pages = pages

    def __call__(self, url, *, volatile=False):
        assert volatile
        if url not in self.pages:
            raise FetchError(f"404 for {url}", url=url, reason="status", status=404, transient=False)
        return SourceFile.from_bytes(self.pages[url], name="index.html", url=url)


def found(pages=None):
    return list(Place().discover(Pages(pages or PAGES), Query()))


def test_files_are_found_with_their_table_year_and_edition():
    assert [(r.kind, str(r.period), r.release, r.url.rpartition("/")[2]) for r in found()] == [
        ("sites", "2024", "original", "PLACE-2024-Site-Scores.csv"),
        ("organisations", "2024", "original", "PLACE-2024-Organisation-Scores.csv"),
        ("report", "2024", "original", "PLACE-2024-Data-Report.xlsx"),
        ("report", "2018", "original", "PLACE-2018-data.xlsx"),
        ("organisations", "2016", "corrected", "place-eng-2016-org.csv"),
        ("sites", "2016", "corrected", "place-eng-2016-site.csv"),
        ("marks", "2016", "corrected", "place-eng-2016-base.csv"),
        ("sites", "2011", "corrected", "peat-2011-site-results.csv"),
    ]


def test_a_workbook_is_taken_only_where_no_csv_has_its_tables():
    names = [r.url.rpartition("/")[2] for r in chosen(found())]
    assert "PLACE-2024-Data-Report.xlsx" not in names
    assert "PLACE-2018-data.xlsx" in names
    half = [r for r in found() if r.kind != "organisations"]
    names = [r.url.rpartition("/")[2] for r in chosen(half)]
    assert "PLACE-2024-Data-Report.xlsx" in names
    assert "PLACE-2024-Site-Scores.csv" not in names, "the sites are in the workbook, and would be read twice"


def test_of_two_editions_the_corrected_is_taken_unless_the_other_is_asked_for():
    page = f'<a href="{FILES}/b/place-2017-site-scores.csv">Site scores</a><a href="{FILES}/a/place-2017-site-scores-revised.csv">Site scores</a>'
    year = f"{INDEX}/patient-led-assessments-of-the-care-environment-2017-england"
    pages = {INDEX: f'<a href="{year}">2017</a>'.encode(), year: page.encode()}
    listing = found(pages)
    assert [r.release for r in listing] == ["original", "corrected"]
    assert [r.release for r in Place().select(listing, Query())] == ["corrected"]
    assert [r.release for r in Place().select(listing, Query(release="original"))] == ["original"]


def test_a_question_reads_the_files_of_its_years_and_programme():
    def names(**asked):
        return [r.url.rpartition("/")[2] for r in Place().select(found(), Query(**asked))]

    assert names(since="2020") == ["PLACE-2024-Organisation-Scores.csv", "PLACE-2024-Site-Scores.csv"]
    assert names(indicators=("place.peat_food",)) == ["peat-2011-site-results.csv"]
    assert "peat-2011-site-results.csv" not in names(indicators=("place.food",))
    assert names(release="original", until="2017") == []


@pytest.mark.parametrize("page", [INDEX, f"{INDEX}/2018---england"])
def test_a_page_without_the_links_is_an_error_that_lists_those_it_has(page):
    with pytest.raises(LayoutError, match="may have changed the page") as caught:
        found(PAGES | {page: b'<html><body><h1>We are moving</h1><a href="/elsewhere">Elsewhere</a></body></html>'})
    assert caught.value.resource == page
    assert caught.value.found == ("https://digital.nhs.uk/elsewhere",)
    assert "https://digital.nhs.uk/elsewhere" in caught.value.message


def test_a_missing_page_is_a_fetch_error_and_peat_may_go():
    with pytest.raises(FetchError):
        found({k: v for k, v in PAGES.items() if k != f"{INDEX}/england---2024"})
    without = found({k: v for k, v in PAGES.items() if k != PEAT_INDEX})
    assert {str(r.period) for r in without} == {"2024", "2018", "2016"}


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [
        ("x1.csv", "PLACE 2014: Site Scores [csv]", "sites"),
        ("x1.csv", "PLACE 2014: Organisation Scores [csv]", "organisations"),
        ("x1.csv", "PLACE 2014: Site Base Scores", "marks"),
        ("place-2013-organisational-scores.xls", "", "organisations"),
        ("x1.xlsx", "PLACE 2022: Data report", "report"),
        ("x1.csv", "Underlying data", None),
        ("x1.xlsx", "Metadata for the csv files", None),
        ("place-2014-site-scores.pdf", "Site scores", None),
        ("place-2016-external-validation-sites.csv", "", None),
        ("x1.csv", "something else", None),
    ],
)
def test_which_table_a_link_is(name, text, kind):
    assert kind_of(f"{FILES}/a/{name}", text) == kind


def test_links_are_whole_whatever_their_form():
    assert links_of(
        '<A HREF="2018---england">2018 &amp; more</A><a name="x">none</a><a href="/y.csv">one<a href="https://a.b/z">two</a>', f"{INDEX}/"
    ) == [
        (f"{INDEX}/2018---england", "2018 & more"),
        ("https://digital.nhs.uk/y.csv", "one"),
        ("https://a.b/z", "two"),
    ]
