"""Which files answer a question: the fewest that hold what is asked for, the newest boundaries that have the area, and nothing twice."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jsnakit import geography
from jsnakit.errors import InvalidValueError, NoDataError, UnknownIndicatorError
from jsnakit.model import ENGLAND, Area
from jsnakit.sources import Query, Resource
from jsnakit_fingertips.answers import changed_at
from jsnakit_fingertips.api import Addresses, batches
from jsnakit_fingertips.areas import kinds
from jsnakit_fingertips.finding import choices, number_of, select
from jsnakit_fingertips.geographies import chosen, known, named, newest

API = Addresses()
BLACKPOOL = (Area("gss", "ltla", "E06000009", "Blackpool"), Area("gss", "utla", "E06000009", "Blackpool"))
LANCASHIRE = Area("gss", "utla", "E10000017", "Lancashire")
NORTH_WEST = Area("gss", "region", "E12000002", "North West")
BOARD = Area("gss", "icb", "E54000048", "Lancashire and South Cumbria")
ALL = (501, 502, 401, 402, 301, 302, 201, 202, 101, 102, 221, 3, 7, 6, 15)


def ids(areas, area_type=None, offered=ALL) -> list[int]:
    return [g.id for g in chosen([known()[i] for i in offered], areas, area_type)]


def entry(indicator: int, types: str) -> Resource:
    return Resource(
        url=API.one_indicator(indicator), kind="indicator", title="Falls", indicator=f"fingertips.{indicator}", changed="2024-01-01T00:00:00Z",
        params=(("area_types", types),),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("areas", "found"),
    [
        (BLACKPOOL, [501]),
        (BLACKPOOL[::-1], [502]),
        ((*BLACKPOOL, NORTH_WEST, ENGLAND), [501]),
        ((LANCASHIRE, ENGLAND), [502]),
        ((LANCASHIRE, *BLACKPOOL), [502, 501]),
        ((ENGLAND,), [501]),
        ((NORTH_WEST,), [501]),
        ((BOARD,), [221]),
        ((BOARD, ENGLAND), [221]),
        ((BOARD, NORTH_WEST), [221, 501]),
        ((Area("ods", "gp", "P81054"), ENGLAND), [7]),
        ((Area("ods", "provider", "RXL"),), []),
        ((Area("ods", "provider", "RXL"), ENGLAND), [501]),
    ],
)
def test_a_file_for_each_type_and_none_for_what_comes_along(areas, found):
    assert ids(areas) == found


@pytest.mark.parametrize(
    ("offered", "found"), [((15, 7), [15]), ((7,), [7]), ((221, 15, 6), [6]), ((221, 7), [221]), ((402, 401), [401]), ((3, 126), [126])]
)
def test_england_is_taken_from_a_small_file(offered, found):
    assert ids((ENGLAND,), offered=offered) == found


def test_a_region_is_not_taken_from_a_file_that_has_none():
    assert ids((NORTH_WEST,), offered=(221, 15, 7)) == []
    assert ids((NORTH_WEST, ENGLAND), offered=(221, 15, 7)) == [221]


@pytest.mark.parametrize(
    ("area_type", "found"), [("utla", [502]), ("ltla", [501]), ("msoa", [3]), ("country", [501]), ("region", [501]), ("ward", []), ("icb", [221])]
)
def test_a_type_alone_is_its_newest_edition(area_type, found):
    assert ids(None, area_type) == found


@pytest.mark.parametrize(
    ("code", "type", "found"),
    [
        ("E07000026", "ltla", 401),  # Allerdale, until 2023
        ("E06000063", "ltla", 501),  # Cumberland, since 2023
        ("E06000060", "utla", 502),  # Buckinghamshire, since 2020
        ("E10000002", "utla", 202),  # the county before it
        ("E06000028", "utla", 102),  # Bournemouth, until 2019
        ("E07000128", "ltla", 501),  # Wyre
    ],
)
def test_the_newest_boundaries_that_have_the_area(code, type, found):
    with_days = geography.get(code, type)
    without = Area("gss", type, code)
    assert ids((with_days,)) == ids((without,)) == [found]


def test_an_indicator_that_ended_is_found_under_old_boundaries():
    assert ids((LANCASHIRE,), offered=(402, 302, 102, 15)) == [402]
    cumberland = geography.get("E06000063", "utla")
    with pytest.raises(NoDataError, match="Cumberland") as caught:
        select([entry(91123, "402 302 102 15")], Query(indicators=("fingertips.91123",), areas=(cumberland,)), API)
    assert "to which Cumberland (utla) does not belong" in str(caught.value)


def test_authorities_come_with_their_regions_and_others_with_england():
    listing = [entry(1, "502 221")]
    one, other = select(listing, Query(indicators=("fingertips.1",), areas=(LANCASHIRE, BOARD)), API)
    assert one.url == API.data(1, child=502, parent=6)
    assert other.url == API.data(1, child=221, parent=15)
    assert (one.indicator, one.changed) == ("fingertips.1", "2024-01-01T00:00:00Z")


def test_a_question_without_places_is_one_file_an_indicator():
    listing = [entry(1, "502 221"), entry(2, "7")]
    assert [r.url for r in select(listing, Query(indicators=("fingertips.1", "fingertips.2")), API)] == [API.one_indicator(1), API.one_indicator(2)]


AREAS = st.sampled_from([*BLACKPOOL, LANCASHIRE, NORTH_WEST, BOARD, ENGLAND, Area("ods", "gp", "P81054"), geography.get("E07000026", "ltla")])


@given(areas=st.lists(AREAS, min_size=1, unique=True), offered=st.lists(st.sampled_from(ALL), unique=True))
def test_what_is_chosen_is_offered_and_holds_what_it_was_chosen_for(areas, offered):
    geographies = [known()[i] for i in offered]
    found = chosen(geographies, areas, None)
    assert len(set(found)) == len(found)
    assert set(found) <= set(geographies)
    places = {a.code for a in areas}
    assert len(found) <= len(places), "never more files than places"
    for area in areas:
        if area.type not in ("country", "region") and newest(geographies, area.type, area) is not None:
            assert any(g.type in {a.type for a in areas if a.code == area.code} and g.holds(area) for g in found)
    if ENGLAND in areas and offered:
        assert found, "England stands in every file"


@given(areas=st.lists(AREAS, min_size=1, unique=True) | st.none(), offered=st.lists(st.sampled_from(ALL), min_size=1, unique=True))
def test_an_update_looks_again_at_whatever_a_question_chose(areas, offered):
    listing = [entry(1, " ".join(map(str, offered)))]
    asked = Query(indicators=("fingertips.1",), areas=None if areas is None else tuple(areas))
    try:
        found = {r.url for r in select(listing, asked, API)}
    except NoDataError:
        return
    assert found <= {r.url for r in choices(listing, Query(indicators=("fingertips.1",)), API)}


def test_the_types_of_area_are_those_that_the_reader_knows():
    types = {kind.type for kind in kinds()}
    for geography_ in known().values():
        assert geography_.type in types, geography_
    for i in (101, 102, 201, 202, 301, 302, 401, 402, 501, 502):
        assert known()[i].type == ("ltla" if i % 100 == 1 else "utla")
    editions = [known()[i] for i in (101, 201, 301, 401, 501)]
    assert editions == sorted(editions, key=lambda g: g.order)
    for older, newer in itertools.pairwise(editions):
        assert older.until is not None
        assert newer.since == older.until + dt.timedelta(days=1)


def test_a_new_type_of_area_is_placed_by_its_name():
    new = named(901, "Lower tier local authorities (post 4/28)")
    assert (new.type, new.since) == ("ltla", dt.date(2028, 4, 1))
    assert newest([*known().values(), new], "ltla") == new
    assert named(502, "whatever").name == known()[502].name
    unknown = named(902, "Clusters of something")
    assert unknown.type == ""
    assert ids(None, "utla") == [502]


def test_lists_and_ids():
    assert [len(b) for b in batches([3, 1, 3])] == [2]
    with pytest.raises(InvalidValueError, match="not answered in full"):
        API.metadata(range(101))
    with pytest.raises(InvalidValueError):
        API.metadata(())
    with pytest.raises(UnknownIndicatorError):
        number_of("fingertips.smoking")
    assert API.search("a & b/c").endswith("search_text=a%20%26%20b%2Fc")
    assert API.available() == "https://fingertips.phe.org.uk/api/available_data"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"LastUploadedAt": "2024-10-07T17:11:02", "LastDeletedAt": "2024-01-16T16:31:18"}, "2024-10-07T17:11:02Z"),
        ({"LastUploadedAt": "2024-04-12T17:30:45", "LastDeletedAt": "2024-04-16T15:23:00"}, "2024-04-16T15:23:00Z"),
        ({"LastUploadedAt": "2024-10-07T17:11:02.1234567", "LastDeletedAt": "0001-01-01T00:00:00"}, "2024-10-07T17:11:03Z"),
        ({"LastUploadedAt": "2024-07-01T10:00:00+01:00", "LastDeletedAt": None}, "2024-07-01T09:00:00Z"),
        ({"LastUploadedAt": "0001-01-01T00:00:00", "LastDeletedAt": "0001-01-01T00:00:00"}, ""),
        ({"LastUploadedAt": "last week"}, ""),
        (None, ""),
    ],
)
def test_when_the_data_changed(change, said):
    assert changed_at({"DataChange": change}) == said


@given(st.datetimes(min_value=dt.datetime(2015, 1, 1), max_value=dt.datetime(2035, 1, 1)))  # noqa: DTZ001  # as the publisher writes it
def test_no_change_is_missed_whatever_the_clocks_say(local):
    """British time is UTC or an hour ahead of it: what is kept as the change is never before the true moment of it."""
    said = changed_at({"DataChange": {"LastUploadedAt": local.isoformat()}})
    kept = dt.datetime.fromisoformat(said)
    for offset in (0, 1):
        true = local.replace(tzinfo=dt.timezone(dt.timedelta(hours=offset)))
        assert kept >= true
        assert kept - true <= dt.timedelta(hours=1, seconds=1)
