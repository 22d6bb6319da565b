"""The live catalogue: profiles, domains and their directions, neighbours, areas, categories and the search."""

from __future__ import annotations

import pytest

import jsnakit as jk
from jsnakit import observations
from jsnakit.errors import FetchError, InvalidValueError, NoDataError, OfflineError
from jsnakit.model import Area, Member, Polarity
from jsnakit_fingertips import Fingertips
from jsnakit_fingertips.groups import stored
from jsnakit_fingertips.live import Live

online = pytest.mark.enable_socket
SCORE = "fingertips.group-1000041"


@pytest.fixture
def live(server, source, open_workspace):
    return Live(open_workspace().store.fetcher(source.info), source.api)


# -- groups ----------------------------------------------------------------------------------------------------------------------------


@online
def test_a_whole_domain_is_one_request(server, source, open_workspace):
    fetch = open_workspace().store.fetcher(source.info)
    found = source.whole_group(fetch, "fingertips.group-7000001")
    assert server.asked == ["/api/all_data/csv/by_group_id?child_area_type_id=502&group_id=7000001&parent_area_type_id=6"]
    assert set(found["indicator"].to_pylist()) == {"fingertips.90280", "fingertips.90638"}
    assert set(found["area_type"].to_pylist()) == {"country", "region", "utla"}
    observations.check(found)
    assert found.num_rows == 4536, "every row of the stored file"


@online
@pytest.mark.parametrize(("group", "area_type"), [("fingertips.90280", "utla"), ("fingertips.group-1", "village")])
def test_what_is_no_group_is_refused_before_anything_is_asked(server, source, open_workspace, group, area_type):
    with pytest.raises(InvalidValueError):
        source.whole_group(open_workspace().store.fetcher(source.info), group, area_type=area_type)
    assert server.asked == []


@online
def test_a_domain_without_figures_for_a_type_of_area_says_so(server, source, open_workspace):
    with pytest.raises(NoDataError):
        source.whole_group(open_workspace().store.fetcher(source.info), "fingertips.group-7000001", area_type="icb")


def test_stored_groups_are_what_the_files_show():
    groups = {g.id: g for g in stored()}
    framework = groups["fingertips.profile-19"]
    assert framework.name == "Public Health Outcomes Framework"
    assert len(framework.indicators) == 87
    assert Member("fingertips.40501", Polarity.LOWER_IS_BETTER, "_T", "<75 yrs") in framework.members
    assert Member("fingertips.11202", Polarity.NONE, "_T", "_T") in framework.members, "not applicable: no direction is good"
    domains = [g for g in groups.values() if g.parent == framework.id]
    assert len(domains) == 5
    inside = {i for g in domains for i in g.indicators}
    assert inside < set(framework.indicators)
    assert len(inside) == sum(len(g.indicators) for g in domains), "an indicator is in one domain"
    health = groups["fingertips.profile-143"]
    assert len(health.indicators) == 56
    assert {m.polarity for m in health.members} == {None}, "the file does not say how the profile judges"
    assert all("November" in g.definition for g in groups.values()), "what is old says so"


def test_stored_groups_hold_only_indicators_of_the_catalogue():
    known = {i.id for i in Fingertips().indicators()}
    assert {i for g in stored() for i in g.indicators} <= known


@online
def test_a_profile_as_the_publisher_defines_it_today(server, open_workspace):
    ws = open_workspace()
    group = ws.group("fingertips.profile-19")
    assert server.paths == ["profile", "indicator_names/by_group_id", "area_types", "profile_group_roots", "profile_group_roots"]
    assert server.asked[3] == "/api/profile_group_roots?area_type_id=502&group_id=1000049"
    assert (group.id, group.name, group.homepage) == (
        "fingertips.profile-19", "Public Health Outcomes Framework", "https://fingertips.phe.org.uk/profile/public-health-outcomes-framework",
    )  # fmt: skip
    assert group.members[0] == Member("fingertips.91102", Polarity.HIGHER_IS_BETTER, "M", "65")
    assert Member("fingertips.11202", Polarity.NONE, "_T", "_T") in group.members
    assert group.members[-1] == Member("fingertips.93758"), (
        "named by the group, without a root for this type of area: a member whose direction is not known"
    )

    server.asked.clear()
    assert ws.group("fingertips.public-health-outcomes-framework").members == group.members
    assert server.paths == ["profiles"], "the rest is there already"
    server.asked.clear()
    locked = open_workspace(lock=ws.store.lock, locked=True)
    assert locked.group("fingertips.profile-19") == group
    assert server.asked == [], "a published page keeps the definition it was made with"


@online
def test_a_domain(server, open_workspace):
    ws = open_workspace()
    group = ws.group("fingertips.group-1000049")
    assert (group.name, group.parent) == ("A. Overarching indicators", "fingertips.profile-19")
    assert group.indicators == ("fingertips.91102", "fingertips.90366", "fingertips.93190", "fingertips.92901")
    assert {m.polarity for m in group.members if m.indicator == "fingertips.93190"} == {Polarity.LOWER_IS_BETTER}
    assert server.paths == ["group_metadata", "indicator_names/by_group_id", "area_types", "profile_group_roots"]


@online
@pytest.mark.parametrize(
    "group", ["fingertips.profile-77777", "fingertips.group-77777", "fingertips.no-such-profile", "fingertips.40501", "fingertips.no_such"]
)
def test_a_group_that_there_is_not(open_workspace, group):
    with pytest.raises(NoDataError, match="there is no group"):
        open_workspace().group(group)


@online
@pytest.mark.parametrize("at", range(5))
@pytest.mark.parametrize("fault", ["html", "messages", "text"])
def test_a_group_that_the_service_fails_to_give_is_an_error(server, open_workspace, fault, at):
    server.fail = [""] * at + [fault] * 5
    with pytest.raises(FetchError):
        open_workspace().group("fingertips.profile-19")


@online
def test_without_a_network_a_stored_group_is_given_with_a_warning(server, open_workspace, caplog):
    ws = open_workspace(offline=True)
    assert ws.group("fingertips.public-health-outcomes-framework") == ws.group("fingertips.profile-19")
    assert len(ws.group("fingertips.group-1000044").indicators) == 20
    assert "taken from stored files" in caplog.text
    with pytest.raises(OfflineError):
        ws.group("fingertips.profile-20")
    assert server.asked == []


@online
def test_the_groups_of_a_workspace_are_found_by_words(open_workspace):
    assert [g.id for g in open_workspace().groups("wider determinants")] == [SCORE]


# -- neighbours ------------------------------------------------------------------------------------------------------------------------


@online
def test_neighbours_come_nearest_first_in_the_tier_that_was_asked_for(server, open_workspace):
    ws = open_workspace()
    for tier in ("ltla", "utla"):
        found = ws.neighbours(ws.area("Blackpool", type=tier))
        assert [(a.type, a.name) for a in found] == [
            (tier, "Hartlepool"), (tier, "Liverpool"), (tier, "Kingston upon Hull, City of"), (tier, "Middlesbrough")
        ]  # fmt: skip
    assert server.asked == ["/api/areas/by_parent_area_code?area_type_id=502&parent_area_code=nn-1-E06000009"], "one place, one question"
    table = ws.relations("nearest_neighbour", areas=[ws.area("Blackpool", type="utla"), ws.area("Lancashire", type="utla")])
    assert table.num_rows == 6, "an authority that stands in its own list is no neighbour of itself"
    weights = {r["to_area"]: r["weight"] for r in table.to_pylist() if r["from_area"] == "E06000009"}
    assert weights == {"E06000001": 1.0, "E08000012": 0.75, "E06000010": 0.5, "E06000002": 0.25}


@online
def test_an_authority_without_neighbours_and_a_place_that_is_none(server, open_workspace):
    ws = open_workspace()
    with pytest.raises(NoDataError, match="no neighbours"):
        ws.neighbours(ws.area("Derby", type="utla"))
    with pytest.raises(NoDataError, match="none was named"):
        ws.relations("nearest_neighbour")
    with pytest.raises(NoDataError, match="none was named"):
        ws.neighbours(jk.ENGLAND)
    assert server.paths == ["areas/by_parent_area_code"]


@online
@pytest.mark.parametrize("fault", ["html", "text", "messages", "broken"])
def test_neighbours_that_cannot_be_read_are_asked_for_again(server, open_workspace, fault):
    server.fail = [fault]
    ws = open_workspace()
    with pytest.raises(FetchError):
        ws.neighbours(ws.area("Blackpool", type="utla"))
    assert not ws.store.lock.pins
    assert ws.neighbours(ws.area("Blackpool", type="utla"))


# -- the rest of the catalogue ---------------------------------------------------------------------------------------------------------


@online
def test_profiles(server, live):
    found = live.profiles()
    assert [(p.id, p.key) for p in found] == [(19, "public-health-outcomes-framework"), (143, "local-health")]
    assert found[0].groups == {1000049: "A. Overarching indicators", 1000041: "B. Wider determinants of health"}
    live.profiles()
    assert len(server.asked) == 1, "one object asks once"


@online
def test_the_search_of_the_service(server, live):
    found = live.search("social isolation")
    assert list(found) == ["fingertips.2081", "fingertips.90280", "fingertips.90638"], "by number"
    assert {g.id for g in found["fingertips.90280"]} == {402, 302, 202, 102, 15, 6}
    assert server.asked == ["/api/indicator_search?search_text=social%20isolation"]
    assert live.search("nothing of the kind") == {}


@online
def test_areas_and_their_parents(live):
    assert live.areas(502) == (Area("gss", "utla", "E06000009"), Area("gss", "utla", "E10000017"))
    assert live.children(502, 6)["E12000002"] == ("E06000008", "E06000009", "E10000017")
    assert [g.name for g in live.parent_types()[502]] == ["Government Office Region"], "categories are no areas"
    assert [a.name for a in live.neighbours("E06000009")][:2] == ["Hartlepool", "Liverpool"]
    assert live.areas(66) == ()


@online
def test_the_published_deprivation_decile_of_each_area(server, live):
    found = live.area_categories(39)
    assert [(c.area, c.category, c.name) for c in found] == [
        ("E06000009", 1, "Most deprived decile (IMD2019)"), ("E10000017", 5, "Fifth more deprived decile (IMD2019)")
    ]  # fmt: skip
    assert server.asked[0] == "/api/area_categories?category_type_id=39&child_area_type_id=502&profile_id=19"
