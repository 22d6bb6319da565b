"""The contract of every source, and the pages and links of this one."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from jsnakit.errors import FetchError, LayoutError
from jsnakit.files import SourceFile
from jsnakit.model import ENGLAND, Area, Period
from jsnakit.sources import Evidence, Query, Resource
from jsnakit.testing import SourceTests
from jsnakit.webpages import links_of
from jsnakit_rtt import Rtt
from jsnakit_rtt.layout import LAYOUTS
from jsnakit_rtt.links import INDEX, discover, newest, resource_of

SPECIMENS = Path(__file__).parent / "specimens"
UPLOADS = "https://www.england.nhs.uk/statistics/wp-content/uploads/sites/2"

# The shapes of links that public scrapers of these pages test on: relative ones, a newest month linked twice, a dash in the month, other files beside.
PAGES = {
    INDEX: b"""<!DOCTYPE html><html><body><nav><a href="/statistics/">Statistics</a></nav><ul>
        <li><a href="/statistics/statistical-work-areas/rtt-waiting-times/rtt-data-2025-26/">2025-26 RTT waiting times data</a></li>
        <li><a href="https://www.england.nhs.uk/statistics/statistical-work-areas/rtt-waiting-times/rtt-data-2018-19">2018-19 RTT waiting times data</a></li>
        <li><a href="rtt-data-2016-17/">2016-17 RTT waiting times data</a></li>
        <li><a href="rtt-guidance/">Guidance</a></li></ul></body></html>""",
    f"{INDEX}rtt-data-2025-26/": f"""<!DOCTYPE html><html><body>
        <p><a href="{UPLOADS}/2026/04/Full-CSV-data-file-Feb26-ZIP-4M-9j03fJT.zip">Latest full extract CSV data file Feb26</a></p>
        <p><a href="{UPLOADS}/2026/04/RTT-Overview-Timeseries-Including-Estimates-for-Missing-Trusts-Feb26-XLSX-140K-a1B2.xlsx">RTT Overview Timeseries Feb26 (XLSX, 140K)</a></p>
        <h3>February 2026</h3>
        <p><a href="{UPLOADS}/2026/04/Incomplete-Provider-Feb26-XLSX-8M-77252.xlsx">Incomplete Provider Feb26 (XLSX, 8M)</a></p>
        <p><a href="{UPLOADS}/2026/04/Full-CSV-data-file-Feb26-ZIP-4M-9j03fJT.zip#content">Full CSV data file <b>Feb26</b> (ZIP, 4M)</a></p>
        <p><a href="{UPLOADS}/2026/02/Full-CSV-data-file-Jul25-ZIP-4M-revised-2.zip">Full CSV data file Jul25 (ZIP, 4M)</a></p>
        <p><a href="{UPLOADS}/2025/11/Full-CSV-data-file-Jul25-ZIP-4M-revised.zip">Full CSV data file Jul25 (ZIP, 4M)</a></p>
        </body></html>""".encode(),
    f"{INDEX}rtt-data-2018-19/": f"""<p><a href="{UPLOADS}/2019/02/Full-CSV-data-file-Dec18-ZIP-3427K-61201.zip">Full CSV data file Dec18 (ZIP, 3427K)</a>
        <a href="{UPLOADS}/2019/02/NonAdmitted-Provider-Apr-22-XLS-8573K-57873.xls">Non-admitted Provider</a>
        <a href="{UPLOADS}/2019/02/RTT-Overview-Timeseries-Dec18-XLS-92K-61202.xls">RTT Overview Timeseries Dec18 (XLS, 92K)</a></p>""".encode(),
}


class TestContract(SourceTests):
    source = Rtt()
    specimens = sorted(p for p in SPECIMENS.iterdir() if p.suffix in (".csv", ".xlsx"))
    pages = PAGES


class Pages:
    def __init__(self, pages: dict[str, bytes]) -> None:
        self.pages = pages
        self.asked: list[str] = []

    def __call__(self, url: str, *, volatile: bool = False, changed: str = "") -> SourceFile:
        self.asked.append(url)
        assert volatile
        if url not in self.pages:
            raise FetchError(f"404 for {url}", url=url, reason="status", status=404, transient=False)
        return SourceFile.from_bytes(self.pages[url], name="index.html", url=url)


def found() -> list[Resource]:
    return list(discover(Pages(PAGES)))


def test_files_are_found_once_with_month_and_release():
    assert [(r.kind, str(r.period), r.release) for r in found()] == [
        ("extract", "February 2026", "original"),
        ("series", "February 2026", ""),
        ("extract", "July 2025", "revised-2"),
        ("extract", "July 2025", "revised"),
        ("extract", "December 2018", "original"),
        ("series", "December 2018", ""),
    ]


def test_years_before_the_first_that_can_be_read_are_not_asked_for():
    pages = Pages(PAGES)
    list(discover(pages))
    assert pages.asked == [INDEX, f"{INDEX}rtt-data-2025-26/", f"{INDEX}rtt-data-2018-19/"]


def test_the_last_version_of_a_month_is_taken_unless_another_is_asked_for():
    trust = (Area("ods", "provider", "RXL"),)
    chosen = Rtt().select(found(), Query(areas=trust, indicators=("rtt.waiting_list",)))
    assert [(str(r.period), r.release) for r in chosen] == [("December 2018", "original"), ("July 2025", "revised-2"), ("February 2026", "original")]
    chosen = Rtt().select(found(), Query(areas=trust, indicators=("rtt.waiting_list",), release="revised"))
    assert [(str(r.period), r.release) for r in chosen] == [("July 2025", "revised")]
    assert Rtt().select(found(), Query(areas=trust, since="2026-01", until="2026-01")) == []


def test_england_as_a_whole_is_one_workbook_where_that_holds_the_answer():
    (series,) = Rtt().select(found(), Query(areas=(ENGLAND,), indicators=("rtt.waiting_list",), since="2010"))
    assert (series.kind, str(series.period)) == ("series", "February 2026")
    # By specialty, or for a measure that the workbook lacks, the extracts are read.
    by_function = Rtt().select(found(), Query(areas=(ENGLAND,), indicators=("rtt.waiting_list",), breakdowns=("treatment_function",), since="2026"))
    assert [r.kind for r in by_function] == ["extract"]
    assert [r.kind for r in Rtt().select(found(), Query(areas=(ENGLAND,), indicators=("rtt.admitted_within_18_weeks",), since="2026"))] == ["extract"]


def test_estimates_for_missing_trusts_come_from_the_workbook_alone():
    asked = Query(indicators=("rtt.waiting_list_with_estimates",))
    assert [r.kind for r in Rtt().select(found(), asked)] == ["series"]
    asked = Query(indicators=("rtt.waiting_list_with_estimates", "rtt.waiting_list"), since="2026")
    assert [r.kind for r in Rtt().select(found(), asked)] == ["extract", "series"]


@pytest.mark.parametrize("page", [INDEX, f"{INDEX}rtt-data-2018-19/"])
def test_a_page_without_the_links_is_an_error_that_says_what_to_do(page):
    with pytest.raises(LayoutError, match="may have changed the page") as caught:
        list(discover(Pages(PAGES | {page: b"<html><body><h1>We are moving</h1></body></html>"})))
    assert caught.value.resource == page


def test_a_year_that_has_just_begun_may_have_no_file_yet():
    pages = PAGES | {f"{INDEX}rtt-data-2025-26/": b"<p>The first data will be published in June.</p>"}
    assert {str(r.period) for r in discover(Pages(pages))} == {"December 2018"}


@pytest.mark.parametrize(
    ("name", "period", "release"),
    [
        ("2021/02/Full-CSV-data-file-Dec20-ZIP-2705K-98040.zip", (2020, 12), "original"),
        ("2022/07/Full-CSV-data-file-May22-ZIP-3611K-16155.zip", (2022, 5), "original"),
        ("2023/03/Full-CSV-data-file-Apr22-revised-ZIP-4253.zip", (2022, 4), "revised"),
        ("2024/01/Full-CSV-data-file-May23-ZIP-3627K-revised.zip", (2023, 5), "revised"),
        ("2025/02/Full-CSV-data-file-Apr24-ZIP-4M-revised.zip", (2024, 4), "revised"),
        ("2026/02/Full-CSV-data-file-Jul25-ZIP-4M-revised-2.zip", (2025, 7), "revised-2"),
        ("2025/12/Full-CSV-data-file-Oct25-ZIP-4M-SrRW6y.zip", (2025, 10), "original"),
        ("2026/07/Full-CSV-data-file-Mar26-ZIP-3M-revised.zip", (2026, 3), "revised"),
        ("2022/04/Full-CSV-data-file-Feb22-ZIP-110MB-12345.zip", (2022, 2), "original"),
    ],
)
def test_month_and_release_are_in_the_name_and_not_in_the_folder(name, period, release):
    resource = resource_of(f"{UPLOADS}/{name}", "")
    assert resource is not None
    assert (resource.period, resource.release) == (Period.month(*period), release)


@pytest.mark.parametrize(
    "name",
    [
        "NonAdmitted-Provider-Apr-22-XLS-8573K-57873.xls",
        "Full-CSV-data-file-guide.pdf",
        "Full-CSV-data-file-Xyz25-ZIP-4M.zip",
        "RTT-press-notice-Feb26.pdf",
    ],
)
def test_other_files_are_left_alone(name):
    assert resource_of(f"{UPLOADS}/2022/06/{name}", "Full CSV data file") is None


def test_every_real_link_is_read(real_data):
    listed = json.loads(real_data("rtt/rtt_full_csv_links_2022-04_2026-04.json").read_text(encoding="utf-8"))["months"]
    assert len(listed) == 49
    page = "".join(f'<li><a href="{url}">Full CSV data file</a></li>' for url in listed.values())
    resources = [r for url, text in links_of(page, INDEX) if (r := resource_of(url, text)) is not None]
    assert {f"{r.period.start:%Y-%m}": r.url for r in resources} == listed
    assert {r.release for r in resources} == {"original", "revised", "revised-2"}
    assert [r.url for r in newest(resources)] == [listed[m] for m in sorted(listed)]


def test_links_are_whole_whatever_their_form():
    page = '<A HREF = "rtt-data-2025-26/#top" class=x>2025-26 &amp; later</A><a name="here">no link</a><a href="">empty</a><a href="/x.zip">one<a href="y.zip">two</a>'
    assert links_of(page, INDEX) == [
        (f"{INDEX}rtt-data-2025-26/", "2025-26 & later"),
        ("https://www.england.nhs.uk/x.zip", "one"),
        (f"{INDEX}y.zip", "two"),
    ]


def test_the_readme_names_only_measures_there_are():
    named = set(re.findall(r"\brtt\.[a-z0-9_]+", (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")))
    assert named <= {i.id for i in Rtt().indicators()}
    assert len(Rtt().indicators()) == 21


def test_what_it_says_of_its_layouts_is_what_it_reads():
    said = {layout.name: layout.tested for layout in Rtt().support().layouts}
    assert set(said) >= {layout.id for layout in LAYOUTS}
    assert said["rtt-53"] is Evidence.DESCRIBED_SCHEMA
    assert said["rtt-71-columns"] is Evidence.REFUSED
