"""The whole road on a server of this machine that answers as the publisher's does: the list of years, a page a year, files, and days on which it does not work."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import attrs
import pytest

import jsnakit as jk
import jsnakit_place
from jsnakit.errors import FetchError, LayoutError, NoDataError
from jsnakit.model import Area
from jsnakit_place import Place, links

pytestmark = pytest.mark.enable_socket

SPECIMENS = Path(__file__).parent / "specimens"
SITES, ORGANISATIONS, REPORT, PEAT = (
    SPECIMENS / n
    for n in (
        "place-2024-site-scores-invented.csv",
        "place-2018-organisation-scores-transcribed.csv",
        "place-2017-data-file-invented.xlsx",
        "peat-2012-site-results-invented.csv",
    )
)
CSV, XLSX = "text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SERIES, PEAT_SERIES = "/statistical/patient-led-assessments-of-the-care-environment-place", "/statistical/patient-environment-action-team-peat"


class Publisher:
    """The publisher's site: what it holds can be changed while it runs; what was asked is remembered."""

    def __init__(self):
        self.answers = {}
        self.asked = []
        publisher = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                publisher.asked.append(self.path)
                status, kind, body = publisher.answers.get(self.path, (404, "text/html", b"<html><body>Page not found</body></html>"))
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def page(self, path, *listed):
        body = "".join(f'<div class="nhsd-m-download-card"><a href="{h}" class="nhsd-a-box-link">{t}</a></div>' for h, t in listed)
        self.answers[path] = (200, "text/html; charset=UTF-8", f"<!DOCTYPE html><html lang='en'><body><main>{body}</main></body></html>".encode())

    def file(self, path, kind, data):
        self.answers[path] = (200, kind, data)

    def publish(self):
        years = {
            "england---2024": ("/F3/A1/PLACE-2024-Site-Scores.csv", CSV, SITES, "PLACE 2024: Site scores [csv, size: 1 kB]"),
            "2018---england": ("/F3/A2/PLACE-2018-Organisation-Scores.csv", CSV, ORGANISATIONS, "PLACE 2018: Organisation Scores [csv]"),
            "patient-led-assessments-of-the-care-environment-2017-england": (
                "/F3/A3/PLACE-2017-data.xlsx",
                XLSX,
                REPORT,
                "PLACE 2017: Excel data file",
            ),
        }
        self.page(SERIES, *((f"{SERIES}/{slug}", slug) for slug in years))
        for slug, (path, kind, source, text) in years.items():
            self.file(path, kind, source.read_bytes())
            self.page(f"{SERIES}/{slug}", (path, text), ("/F3/A9/metadata.xlsx", "Metadata"), (f"{SERIES}/{slug}/data-quality", "Data quality"))
        self.page(PEAT_SERIES, (f"{PEAT_SERIES}/peat-england-2012-results", "PEAT 2012"))
        self.file("/F3/A4/peat-2012-sites.csv", CSV, PEAT.read_bytes())
        self.page(f"{PEAT_SERIES}/peat-england-2012-results", ("/F3/A4/peat-2012-sites.csv", "PEAT results by site"))


@pytest.fixture
def publisher(monkeypatch):
    site = Publisher()
    site.publish()
    monkeypatch.setattr(links, "INDEX", f"http://{site.address}{SERIES}")
    monkeypatch.setattr(links, "PEAT_INDEX", f"http://{site.address}{PEAT_SERIES}")
    yield site
    site.server.shutdown()
    site.server.server_close()


class Here(Place):
    info = attrs.evolve(Place.info, hosts=("127.0.0.1",))


def workspace(publisher, cache, lock=None, layouts=None):
    store = jk.Store(cache, lock, allow={publisher.address}, interval=0.0, max_age=0.0, sleep=lambda _: None)
    return jk.Workspace(store=store, plugins=jk.Plugins.only(Here(layouts=layouts)))


def test_from_the_list_of_years_to_observations(publisher, tmp_path):
    ws = workspace(publisher, tmp_path)
    doncaster = ws.area("Doncaster and Bassetlaw Teaching Hospitals NHS Foundation Trust", type="trust")
    frame = ws.observe("place.cleanliness", areas=[doncaster, Area("ods", "provider", "ZQ1")])
    found = {(r.area, r.period): r.value for r in frame.itertuples()}
    assert found["RP5", "2018"] == 99.99
    assert found["ZQ1", "2017"] == pytest.approx((97.1 * 600 + 99.5 * 200 + 100 * 12) / 812)
    assert found["ZQ1", "2024"] == pytest.approx((97.1 + 99.5) / 2)
    assert len(found) == 3
    files = [p for p in publisher.asked if p.startswith("/F3")]
    assert len(files) == len(set(files)) == 3, "each file once, and none of PEAT or beside"
    assert {p.licence for p in ws.pins} == {"OGL-UK-3.0"}


def test_a_question_of_peat_reads_peat(publisher, tmp_path):
    frame = workspace(publisher, tmp_path).observe("place.peat_food", areas=Area("ods", "site", "ZQ1AA"))
    assert (frame["value"].tolist(), frame["note"].tolist()) == ([5.0], ["excellent (5 of 5)"])
    assert [p for p in publisher.asked if p.startswith("/F3")] == ["/F3/A4/peat-2012-sites.csv"]


def test_a_locked_question_touches_no_page_again(publisher, tmp_path):
    asked = {"areas": jk.ENGLAND, "since": "2018", "until": "2018"}
    first = workspace(publisher, tmp_path)
    frame = first.observe("place.food", **asked)
    assert frame["value"].tolist() == [90.17]
    first.store.lock.write(tmp_path / "jsna.lock")
    publisher.asked.clear()
    again = workspace(publisher, tmp_path, jk.Lock.read(tmp_path / "jsna.lock")).observe("place.food", **asked)
    assert again.equals(frame)
    assert publisher.asked == []


def test_a_page_instead_of_a_file_a_missing_page_and_a_page_without_links_are_typed(publisher, tmp_path):
    area = Area("ods", "site", "ZQ1AA")
    publisher.file("/F3/A1/PLACE-2024-Site-Scores.csv", "text/html", b"<!DOCTYPE html><html><body>Sorry, there is a problem</body></html>")
    with pytest.raises((FetchError, LayoutError)):
        workspace(publisher, tmp_path / "a").observe("place.food", areas=area, since="2024")
    publisher.publish()
    del publisher.answers[f"{SERIES}/england---2024"]
    with pytest.raises(FetchError) as caught:
        workspace(publisher, tmp_path / "b").observe("place.food", areas=area, since="2024")
    assert caught.value.status == 404
    publisher.publish()
    publisher.page(SERIES, ("/contact", "Contact us"))
    with pytest.raises(LayoutError, match="links to pages of years") as caught:
        workspace(publisher, tmp_path / "c").observe("place.food", areas=area, since="2024")
    assert caught.value.found == (f"http://{publisher.address}/contact",)
    publisher.publish()
    with pytest.raises(NoDataError, match="has no file"):
        workspace(publisher, tmp_path / "d").observe("place.food", areas=area, since="2020", until="2021")


def test_peat_gone_from_the_site_does_not_stop_place(publisher, tmp_path):
    del publisher.answers[PEAT_SERIES]
    frame = workspace(publisher, tmp_path).observe("place.disability", areas=Area("ods", "site", "ZT401"))
    assert frame["value"].tolist() == [83.21]


def test_a_figure_and_its_site_are_joined_by_the_printed_codes(publisher, tmp_path):
    from jsnakit.reading import read_relations

    ws = workspace(publisher, tmp_path)
    entry = ws.plugins.source("place")
    relations = read_relations(entry, jk.Query(since="2024"), ws.store).to_pylist()
    assert {(r["from_area"], r["to_area"]) for r in relations} == {("ZQ1AA", "ZQ1"), ("ZQ1BB", "ZQ1"), ("ZQ2AA", "ZQ2"), ("ZT401", "ZT4")}


def test_an_edited_layout_is_not_answered_from_what_another_made(publisher, tmp_path):
    """Parts are cached: a layout of one's own is part of what they are kept under."""
    own = tmp_path / "layouts"
    own.mkdir()
    plain = (Path(jsnakit_place.__file__).parent / "layouts" / "2024-sites.toml").read_text(encoding="utf-8")
    area = Area("ods", "site", "ZQ1AA")

    def food():
        return workspace(publisher, tmp_path / "cache", layouts=own).observe("place.food", areas=area, since="2024")["value"].tolist()

    (own / "2024-sites.toml").write_text(plain, encoding="utf-8")
    assert food() == [91.2]
    # The person decides that the wards' column is the one that was meant.
    swapped = plain + 'food = ["Ward Food"]\nward_food = ["Combined Food"]\n'
    (own / "2024-sites.toml").write_text(swapped, encoding="utf-8")
    assert food() == [90.8]
