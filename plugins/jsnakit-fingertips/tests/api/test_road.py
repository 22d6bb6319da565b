"""From the catalogue to a judged table: what is asked of the API, and what is not asked twice."""

from __future__ import annotations

import datetime as dt
import json

import pytest

import jsnakit as jk
from jsnakit.errors import NoDataError, UnknownIndicatorError
from jsnakit.model import Area, Comparator, Target, TargetKind

pytestmark = pytest.mark.enable_socket

AVAILABLE = "/api/available_data?indicator_id=90280"
METADATA = "/api/indicator_metadata/by_indicator_id?indicator_ids=90280"
DATA = "/api/all_data/csv/by_indicator_id?child_area_type_id=402&indicator_ids=90280&parent_area_type_id=6"


def test_from_the_catalogue_to_a_judged_table(server, open_workspace):
    ws = open_workspace()
    assert "fingertips.90280" in [i.id for i in ws.indicators("social isolation")]
    assert server.asked == [], "the catalogue is package data"

    table = ws.observe("fingertips.90280", areas=["Blackpool", ws.area("North West", type="region"), jk.ENGLAND], since="2015")
    assert server.asked == [METADATA, AVAILABLE, DATA]

    places = set(zip(table["area_type"], table["area"], strict=True))
    assert places == {("utla", "E06000009"), ("region", "E12000002"), ("country", "E92000001")}, "England and the region came along"
    latest = table[(table["area"] == "E06000009") & (table["period"] == "2018/19")].iloc[0]
    assert (latest["value"], latest["lower"], latest["upper"], latest["count"], latest["denominator"]) == (50.1, 45.3, 54.9, 1340, 2675)
    assert latest["limits_method"] == "published"
    assert latest["published_compared_england"] == "Similar"

    target = Target(
        "test.contact", "As much contact as they would like", ("fingertips.90280",), Comparator.AT_LEAST, 40.0, unit="%", kind=TargetKind.PLANNING_AMBITION,
        verified=True, source="the test",
    )  # fmt: skip
    judged = ws.judge(table, target)
    assert len(judged) == len(table)
    assert {"outcome", "rule", "because", "published_compared_england"} <= set(judged.columns)
    assert set(judged["outcome"]) <= {"MET", "NOT_MET", "UNCERTAIN"}

    server.asked.clear()
    again = ws.observe("fingertips.90280", areas=["Blackpool", jk.ENGLAND], since="2015")
    assert server.asked == [], "the same question again asks nothing"
    assert len(again) == len(table) * 2 // 3
    ws.observe("fingertips.90280", areas=jk.ENGLAND)
    ws.observe("fingertips.90280", area_type="region")
    ws.observe("fingertips.90280", area_type="utla")
    assert server.asked == [], "nor does any other question that the same file answers"


def test_another_indicator_is_asked_for_by_itself(server, open_workspace):
    ws = open_workspace()
    ws.observe("fingertips.90280", area_type="utla")
    server.asked.clear()
    ws.observe("fingertips.90280", "fingertips.90638", area_type="utla")
    assert server.paths == ["indicator_metadata/by_indicator_id", "available_data", "all_data/csv/by_indicator_id"]
    assert all("90638" in path for path in server.asked)


def test_several_new_indicators_need_two_requests_to_be_found(server, open_workspace):
    ws = open_workspace()
    ws.observe("fingertips.90280", "fingertips.90638", areas=["Blackpool"])
    assert server.asked[:2] == ["/api/indicator_metadata/by_indicator_id?indicator_ids=90280,90638", "/api/available_data"]
    assert server.paths[2:] == ["all_data/csv/by_indicator_id"] * 2


def test_a_change_of_the_data_is_one_request_more(server, open_workspace):
    server.changes = {90280: "2020-10-01T09:00:00", 90638: "2020-10-01T09:00:00"}
    open_workspace().observe("fingertips.90280", "fingertips.90638", area_type="utla")
    server.asked.clear()

    # Another day, another workspace: no lock, and a copy far older than any copy may be.
    open_workspace(max_age=0.0).observe("fingertips.90280", "fingertips.90638", area_type="utla")
    assert server.paths == ["indicator_metadata/by_indicator_id", "available_data"], "the publisher says that nothing changed"

    server.asked.clear()
    server.changes[90280] = dt.datetime.now(tz=dt.UTC).strftime("%Y-%m-%dT23:59:59")
    open_workspace().observe("fingertips.90280", "fingertips.90638", area_type="utla")
    assert server.paths == ["indicator_metadata/by_indicator_id", "available_data", "all_data/csv/by_indicator_id"]
    assert "indicator_ids=90280&" in server.asked[2]


def test_a_change_dated_before_its_publication_is_not_missed(server, open_workspace):
    """Data are uploaded on one day and shown on another: a copy from between the two is later than the date of the change, and old."""
    server.changes = {90280: "2020-10-01T09:00:00"}
    open_workspace().observe("fingertips.90280", area_type="utla")
    server.asked.clear()
    server.changes = {90280: "2024-10-01T09:00:00"}
    open_workspace().observe("fingertips.90280", area_type="utla")
    assert server.paths[-1] == "all_data/csv/by_indicator_id"


def test_an_update_shows_what_was_revised(server, open_workspace):
    server.changes = {90280: "2020-10-01T09:00:00"}
    ws = open_workspace()
    ws.observe("fingertips.90280", areas=["Blackpool"])
    server.asked.clear()
    assert not ws.update("fingertips")["fingertips"]
    assert server.paths == ["indicator_metadata/by_indicator_id", "available_data"], "nothing changed, nothing fetched"

    server.asked.clear()
    server.changes = {90280: "2024-10-01T09:00:00"}
    server.edit = lambda body: body.replace(b"England,England,Persons,18+ yrs,,,2010/11,41.9,", b"England,England,Persons,18+ yrs,,,2010/11,42.0,")
    changed = ws.update("fingertips")["fingertips"]
    assert str(changed) == "0 added, 1 revised, 0 gone"
    assert (changed.frame["value_before"][0], changed.frame["value"][0], changed.frame["area"][0]) == (41.9, 42.0, "E92000001")
    assert server.asked == [METADATA, AVAILABLE, DATA]


def test_an_update_keeps_whatever_the_lock_pins(server, open_workspace):
    """Figures of an older geography, of everything at once, neighbours and groups: none of them falls out of the lock."""
    ws = open_workspace()
    ws.observe("fingertips.90280", areas=["Blackpool"])
    ws.observe("fingertips.93532", breakdowns="*")
    ws.neighbours(ws.area("Blackpool", type="utla"))
    ws.group("fingertips.profile-19")
    pins = set(ws.store.lock.pins)
    ws.update("fingertips")
    assert set(ws.store.lock.pins) == pins


def test_the_lock_is_small_and_readable(server, open_workspace):
    ws = open_workspace()
    ws.observe("fingertips.90280", areas=["Blackpool"])
    listing = json.loads(ws.store.lock.dumps())["listings"]["fingertips"]
    assert listing == [
        {
            "changed": "2025-01-22T14:34:04Z",
            "indicator": "fingertips.90280",
            "kind": "indicator",
            "params": [["area_types", "402 302 202 102 15 6"]],
            "title": "Social Isolation: percentage of adult social care users who have as much social contact as they would like",
            "url": f"{server.base}/all_data/csv/for_one_indicator?indicator_id=90280",
        }
    ]
    locked = open_workspace(lock=ws.store.lock, locked=True)
    server.asked.clear()
    assert len(locked.observe("fingertips.90280", areas=["Blackpool"]))
    assert server.asked == []


def test_without_areas_one_file_has_everything(server, open_workspace):
    ws = open_workspace()
    table = ws.observe("fingertips.93532", breakdowns="*")
    assert server.paths == ["indicator_metadata/by_indicator_id", "available_data", "all_data/csv/for_one_indicator"]
    assert (len(table), set(table["area_type"])) == (17, {"country", "utla"})


def test_an_older_edition_is_chosen_for_an_area_that_is_no_more(server, open_workspace):
    ws = open_workspace()
    bournemouth = ws.area("Bournemouth", type="utla")
    assert bournemouth.valid_to is not None
    with pytest.raises(NoDataError, match=r"no row for Bournemouth \(utla\)") as caught:
        ws.observe("fingertips.90280", areas=[bournemouth])
    assert server.asked[-1].endswith("child_area_type_id=102&indicator_ids=90280&parent_area_type_id=6")
    assert "2018/19" in caught.value.available, "the stored answer is of newer boundaries: the error says what is in it"


def test_requests_to_the_service_are_a_second_apart(server, open_workspace):
    now = [1_000_000.0]
    waited: list[float] = []

    def sleep(seconds: float) -> None:
        waited.append(seconds)
        now[0] += seconds

    open_workspace(interval=1.0, clock=lambda: now[0], sleep=sleep).observe("fingertips.90280", "fingertips.90638", areas=["Blackpool"])
    assert len(server.asked) == 4
    assert waited == [pytest.approx(1.0)] * 3


def test_the_service_is_asked_again_when_it_says_so(server, open_workspace):
    waited: list[float] = []
    server.fail = ["", "", "429"]
    open_workspace(sleep=waited.append).observe("fingertips.90280", areas=["Blackpool"])
    assert waited == [7.0]
    assert server.paths[2:] == ["all_data/csv/by_indicator_id"] * 2


def test_an_area_that_an_unknown_type_of_area_holds_is_found_by_the_types_name(server, open_workspace):
    """The service has counted a new edition of the boundaries since this version: its name says what it is."""
    server.types = {92659: [101, 901]}
    server.metadata["92659"] = server.metadata["90280"]
    ws = open_workspace()
    ws.observe("fingertips.92659", areas=[Area("gss", "ltla", "E07000128", "Wyre")])
    assert "child_area_type_id=901&" in server.asked[-1]
    assert server.paths == ["indicator_metadata/by_indicator_id", "available_data", "area_types", "all_data/csv/by_indicator_id"]
    assert ["901", "Lower tier local authorities (post 4/28)"] in json.loads(ws.store.lock.dumps())["listings"]["fingertips"][0]["params"]


def test_the_health_profile_of_an_authority_from_the_service_alone(server, open_workspace):
    """A group as the publisher defines it, neighbours, and a file an indicator: each asked for once, the next profile for nothing."""
    ws = open_workspace()
    profile = ws.profile("Blackpool", "fingertips.group-7000001")
    assert server.paths == [
        "group_metadata", "indicator_names/by_group_id", "area_types", "profile_group_roots", "areas/by_parent_area_code",
        "indicator_metadata/by_indicator_id", "indicator_metadata/by_indicator_id", "available_data", "all_data/csv/by_indicator_id", "all_data/csv/by_indicator_id",
    ]  # fmt: skip
    assert server.asked[5:7] == [
        "/api/indicator_metadata/by_indicator_id?include_definition=yes&indicator_ids=99999", "/api/indicator_metadata/by_indicator_id?indicator_ids=90280,90638"
    ]  # fmt: skip
    assert list(profile.frame["indicator"]) == ["fingertips.90280", "fingertips.90638"]
    assert list(profile.frame["value"]) == [50.1, 31.2]
    assert list(profile.frame["polarity"]) == ["higher_is_better", "lower_is_better"], "the group says which direction is good"
    assert [a.name for a in profile.neighbours] == ["Hartlepool", "Liverpool", "Kingston upon Hull, City of", "Middlesbrough"]
    assert list(profile.frame["neighbours"]) == [4, 4]
    assert list(profile.frame["published_comparison"]) == ["Similar", "Similar"]
    assert dict(profile.left_out).keys() == {"fingertips.99999"}, "what neither the catalogue nor the service knows is said"
    server.asked.clear()
    ws.profile("Blackpool", "fingertips.group-7000001")
    assert server.asked == []
    ws.profile("Lancashire", "fingertips.group-7000001")
    assert server.paths == ["areas/by_parent_area_code"], "another authority: its neighbours, and nothing else"


def test_an_indicator_newer_than_the_catalogue_is_asked_for_at_the_service(server, open_workspace):
    newest = 99998
    server.metadata[str(newest)] = server.metadata["90280"] | {
        "IID": newest, "Descriptive": {"Name": "Social contact\n", "Definition": "<p>Adults who have as much as they&#39;d like.</p>", "DataSource": "Survey"}
    }  # fmt: skip
    server.types[newest] = [402, 6, 15]
    rows = [line for line in server.files["api_csv_90280_90638_social_isolation_utla.csv.gz"].splitlines() if line.startswith("90280,")]
    server.edit = lambda body: body + ("\n".join(f"{newest},{line.partition(',')[2]}," for line in rows) + "\n").encode()
    ws = open_workspace()
    table = ws.observe(f"fingertips.{newest}", areas=["Blackpool"], since="2018-05")
    assert [(r.value, r.published_compared_england) for r in table.itertuples()] == [(50.1, "Similar")]
    assert server.asked == [
        f"/api/indicator_metadata/by_indicator_id?include_definition=yes&indicator_ids={newest}",
        f"/api/indicator_metadata/by_indicator_id?indicator_ids={newest}",
        f"/api/available_data?indicator_id={newest}",
        f"/api/all_data/csv/by_indicator_id?child_area_type_id=402&indicator_ids={newest}&parent_area_type_id=6",
    ]
    indicator = ws.indicator(f"fingertips.{newest}")
    assert (indicator.name, indicator.unit, indicator.polarity.value) == ("Social contact", "%", "unknown")
    assert indicator.definition == "Adults who have as much as they'd like."

    server.asked.clear()
    assert not ws.update("fingertips")["fingertips"]
    assert len(open_workspace(lock=ws.store.lock, locked=True).observe(f"fingertips.{newest}", areas=["Blackpool"]))
    assert open_workspace(offline=True).indicator(f"fingertips.{newest}") == indicator


def test_an_indicator_that_nobody_knows(server, open_workspace):
    ws = open_workspace()
    with pytest.raises(UnknownIndicatorError, match="has no indicator"):
        ws.observe("fingertips.99999")
    assert len(server.asked) == 1
    for name, offline in (("fingertips.smoking", False), ("fingertips.99997", True)):
        with pytest.raises(UnknownIndicatorError):
            open_workspace(offline=offline).observe(name)
    assert len(server.asked) == 1, "a word is no number, and offline nothing is asked"
