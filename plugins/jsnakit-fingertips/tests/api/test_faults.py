"""What the service sends in place of an answer, and what is said of it: never a parse error, never a figure, and never kept."""

from __future__ import annotations

import pytest

import jsnakit as jk
from jsnakit.errors import DataError, FetchError, JsnakitError, LayoutError, NoDataError, PluginError

pytestmark = pytest.mark.enable_socket

DATA = 2
"""Metadata and types of area come first: the third answer holds figures."""


def faulty(server, fault: str, at: int, times: int = 5) -> None:
    server.fail = [""] * at + [fault] * times


@pytest.mark.parametrize("at", [0, 1, DATA])
def test_a_maintenance_page_is_no_answer(server, open_workspace, at):
    faulty(server, "html", at)
    with pytest.raises(FetchError, match="web page") as caught:
        open_workspace().observe("fingertips.90280", areas=["Blackpool"])
    assert caught.value.reason == "content"
    assert caught.value.transient
    assert len(server.asked) == at + 1, "asking again at once does not help"


@pytest.mark.parametrize("at", [0, 1, DATA])
def test_an_exception_is_told_in_its_own_words(server, open_workspace, at):
    faulty(server, "500", at)
    with pytest.raises(FetchError, match="status 500") as caught:
        open_workspace().observe("fingertips.90280", areas=["Blackpool"])
    assert "Group root not found" in caught.value.message
    assert "at Pholio" not in caught.value.message, "the first line says it"
    assert caught.value.status == 500
    assert len(server.asked) == at + 5, "four more attempts"


def test_a_passing_exception_passes(server, open_workspace):
    server.fail = ["500", "", "500", "", "500"]
    assert len(open_workspace().observe("fingertips.90280", areas=["Blackpool"]))


def test_a_refused_parameter_is_told_in_the_services_words(server, source):
    store = jk.Store(allow={server.address}, interval=0.0)
    fetch = store.fetcher(source.info)
    with pytest.raises(FetchError) as caught:
        fetch(source.api.address("all_data/csv/by_indicator_id", indicator_ids=90280, child_area_type_id="county", parent_area_type_id=6))
    assert caught.value.status == 400
    assert not caught.value.transient
    assert "is missing or not valid" in caught.value.message
    assert len(server.asked) == 1, "a wrong question is not asked twice"


@pytest.mark.parametrize("fault", ["text", "null", "messages"])
@pytest.mark.parametrize("at", [0, 1])
def test_another_answer_in_the_catalogue_is_named(server, open_workspace, fault, at):
    faulty(server, fault, at)
    with pytest.raises(FetchError, match="asked for") as caught:
        open_workspace().observe("fingertips.90280", areas=["Blackpool"])
    said = {"text": "Service is restarting", "null": "NoneType", "messages": "The area type is not valid"}[fault]
    assert said in caught.value.message


@pytest.mark.parametrize("fault", ["text", "null", "list", "messages"])
def test_another_answer_in_place_of_figures_is_refused_and_not_kept(server, open_workspace, fault):
    faulty(server, fault, DATA, times=1)
    ws = open_workspace()
    with pytest.raises((LayoutError, DataError)):
        ws.observe("fingertips.90280", areas=["Blackpool"])
    assert not ws.store.lock.pins, "what cannot be read is pinned by no lock"
    server.asked.clear()
    assert len(ws.observe("fingertips.90280", areas=["Blackpool"])), "and the next question asks again"
    assert server.paths == ["all_data/csv/by_indicator_id"]
    assert len(open_workspace().observe("fingertips.90280", areas=["Blackpool"]))


def test_a_cut_answer_is_asked_for_again(server, open_workspace):
    server.fail = ["", "", "cut", "cut"]
    assert len(open_workspace().observe("fingertips.90280", areas=["Blackpool"]))
    assert server.paths[2:] == ["all_data/csv/by_indicator_id"] * 3


@pytest.mark.parametrize("at", [0, 1, DATA])
def test_an_answer_that_breaks_off_is_never_read(server, open_workspace, at):
    faulty(server, "broken", at, times=1)
    with pytest.raises((FetchError, DataError), match=r"breaks off|ends in the middle|cut"):
        open_workspace().observe("fingertips.90280", areas=["Blackpool"])


def test_a_slow_answer_is_given_up_in_time(server, open_workspace):
    faulty(server, "slow", DATA)
    with pytest.raises(FetchError) as caught:
        open_workspace(deadline=1.0).observe("fingertips.90280", areas=["Blackpool"])
    assert caught.value.reason == "timeout"


def test_too_many_requests_for_too_long_says_when_to_come_back(server, open_workspace):
    faulty(server, "429", 0)
    with pytest.raises(FetchError, match="quota exceeded") as caught:
        open_workspace().observe("fingertips.90280", areas=["Blackpool"])
    assert (caught.value.status, caught.value.retry_after, caught.value.transient) == (429, 7.0, True)


# -- empty answers ---------------------------------------------------------------------------------------------------------------------


def test_a_header_without_rows_says_what_there_is(server, open_workspace):
    """`available_data` lists a type of area that has no figures: the service sends a header alone, with status 200."""
    server.types = {40501: [402, 401, 6, 15]}
    ws = open_workspace()
    with pytest.raises(NoDataError, match="no figures for Upper tier local authorities") as caught:
        ws.observe("fingertips.40501", areas=[ws.area("Lancashire", type="utla")])
    assert caught.value.available == (
        "Lower tier local authorities (4/21-3/23) (401)",
        "Upper tier local authorities (4/21-3/23) (402)",
        "Government Office Region (6)",
        "England (15)",
    )


def test_a_type_of_area_that_is_not_there_is_not_asked_for(server, open_workspace):
    ws = open_workspace()
    with pytest.raises(NoDataError, match=r"not published for msoa") as caught:
        ws.observe("fingertips.90280", area_type="msoa")
    assert "Upper tier local authorities (4/21-3/23) (402)" in caught.value.available
    assert server.paths == ["indicator_metadata/by_indicator_id", "available_data"]


def test_periods_that_are_not_there_are_answered_with_those_that_are(server, open_workspace):
    with pytest.raises(NoDataError, match="no row for Blackpool") as caught:
        open_workspace().observe("fingertips.90280", areas=["Blackpool"], since="2021")
    assert "since January 2021" in str(caught.value)
    assert "for 2010/11 to 2018/19" in str(caught.value)
    assert {"2010/11", "2018/19"} <= set(caught.value.available)


def test_an_empty_list_of_types_is_said(server, open_workspace):
    server.fail = ["", "list"]
    with pytest.raises(NoDataError, match="no figures for any type of area"):
        open_workspace().observe("fingertips.90280", areas=["Blackpool"])


def test_another_indicator_than_the_one_asked_for_is_refused(server, open_workspace):
    server.edit = lambda body: body.replace(b"\n90280,", b"\n90638,")
    with pytest.raises(DataError, match=r"rows of fingertips\.90638 came"):
        open_workspace().observe("fingertips.90280", areas=["Blackpool"])


# -- lists -----------------------------------------------------------------------------------------------------------------------------


def some(server, n: int) -> list[str]:
    """Indicators of both the catalogue and the service, the social isolation of adults among them."""
    known = sorted(set(map(int, server.metadata)) & set(server.available) - {90280})
    return [f"fingertips.{i}" for i in [90280, *known[: n - 1]]]


def test_long_lists_are_split_where_the_service_would_cut_them(server, open_workspace, source):
    asks = some(server, 230)
    listing = list(source.discover(open_workspace().store.fetcher(source.info), jk.sources.Query(indicators=asks)))
    assert [r.indicator for r in listing] == asks
    assert all(r.title != "no longer published" for r in listing)
    assert server.paths == ["indicator_metadata/by_indicator_id"] * 3 + ["available_data"]
    assert [path.count(",") + 1 for path in server.asked[:3]] == [100, 100, 30]


def test_a_list_cut_in_silence_is_completed(server, open_workspace, source):
    """The service's limit may fall: what is missing is asked for again before it counts as withdrawn."""
    server.limit = 40
    asks = some(server, 90)
    listing = list(source.discover(open_workspace().store.fetcher(source.info), jk.sources.Query(indicators=asks)))
    assert all(r.title != "no longer published" for r in listing)
    assert server.paths == ["indicator_metadata/by_indicator_id"] * 3 + ["available_data"]


def test_a_withdrawn_indicator_is_said_and_the_others_are_answered(server, open_workspace, caplog):
    server.withdrawn = {90638}
    ws = open_workspace()
    table = ws.observe("fingertips.90280", "fingertips.90638", areas=["Blackpool"])
    assert set(table["indicator"]) == {"fingertips.90280"}
    assert "no longer published: fingertips.90638" in caplog.text
    assert ws.coverage("fingertips.90638").rows == 0
    titles = {r.indicator: r.title for r in ws.store.lock.listing("fingertips")}
    assert titles["fingertips.90638"] == "no longer published"
    with pytest.raises(NoDataError, match="no figures for any type of area"):
        ws.observe("fingertips.90638", areas=["Blackpool"])
    with pytest.raises(NoDataError, match="no longer published"):
        open_workspace().observe("fingertips.90638", areas=["Blackpool"])


def test_a_withdrawn_indicator_shows_as_gone_in_an_update(server, open_workspace):
    ws = open_workspace()
    ws.observe("fingertips.90280", "fingertips.90638", areas=["Blackpool"])
    server.withdrawn = {90638}
    changed = ws.update("fingertips")["fingertips"]
    assert changed.gone > 0
    assert (changed.added, changed.revised) == (0, 0)
    assert set(changed.frame["indicator"]) == {"fingertips.90638"}


@pytest.mark.parametrize("at", range(3))
@pytest.mark.parametrize("fault", ["html", "500", "text", "null", "list", "messages", "broken", "429"])
def test_nothing_but_errors_of_the_field_leaves(server, open_workspace, fault, at):
    faulty(server, fault, at)
    with pytest.raises(JsnakitError) as caught:
        open_workspace().observe("fingertips.90280", areas=["Blackpool"])
    assert not isinstance(caught.value, PluginError)
    assert caught.value.hint
