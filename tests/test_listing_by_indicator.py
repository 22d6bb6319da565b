"""A source whose catalogue is too large to list whole: it lists what is asked for, and the lock grows by what each question adds."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import jsnakit as jk
from jsnakit import observations
from jsnakit.errors import LayoutError, NoDataError, PluginError
from jsnakit.files import SourceFile
from jsnakit.model import Group, Indicator, Member, Period, Polarity
from jsnakit.sources import Fetch, Part, Query, Resource, Source, SourceInfo
from jsnakit.workspace import Workspace


class Wells(Source):
    """An API of three indicators that says when each last changed."""

    info = SourceInfo(
        id="wells", title="Wells", publisher="A council", licence="OGL-UK-3.0", homepage="https://wells.example/", hosts=("wells.example",)
    )
    lists_whole = False
    relation_kinds = ("nearest_neighbour",)
    base = "https://wells.example"
    stray = False

    def indicators(self) -> Sequence[Indicator]:
        return [Indicator(f"wells.{n}", f"Well {n}", "m", definition="Depth.", area_types=("ltla",)) for n in (1, 2, 3)]

    def groups(self) -> Sequence[Group]:
        return [Group("wells.deep", "Deep wells", (Member("wells.1", Polarity.LOWER_IS_BETTER), Member("wells.2")))]

    def discover(self, fetch: Fetch, query: Query) -> Iterable[Resource]:
        ids = [name.removeprefix("wells.") for name in query.indicators]
        known = json.loads(fetch(f"{self.base}/changes-{'-'.join(ids)}.json", volatile=True).text())
        for number in ids:
            yield Resource(url=f"{self.base}/{number}.csv", indicator="wells.3" if self.stray else f"wells.{number}", changed=known[number])

    def select(self, listing: Sequence[Resource], query: Query) -> Sequence[Resource]:
        if query.relations:
            return [Resource(url=f"{self.base}/near-{area.code}.csv", kind="near") for area in query.areas or ()]
        return [r for r in listing if r.indicator in query.indicators]

    def parse(self, resource: Resource, data: SourceFile) -> pa.Table:
        return pa.table({"line": data.text().split()})

    def assemble(self, parts: Iterator[Part], query: Query) -> Iterator[pa.Table]:
        for part in parts:
            day = Period.year(2024).start
            yield observations.build(
                1, indicator=part.resource.indicator, area_scheme="gss", area_type="ltla", area="E06000009", period_start=day, period_duration="P1Y",
                period="2024", value=[float(part.table["line"][0].as_py())], origin=part.origin,
            )  # fmt: skip

    def relate(self, parts: Iterator[Part], query: Query) -> Iterator[pa.Table]:
        for part in parts:
            codes = part.table["line"].to_pylist()
            n = len(codes)
            same = {
                "from_scheme": ["gss"] * n,
                "from_type": ["ltla"] * n,
                "from_area": ["E06000009"] * n,
                "to_scheme": ["gss"] * n,
                "to_type": ["ltla"] * n,
            }
            weights = [1.0 - i / n for i in range(n)]
            yield pa.table(
                same | {"to_area": codes, "kind": ["nearest_neighbour"] * n, "period_start": [None] * n, "period_duration": [None] * n, "weight": weights,
                "count": [None] * n, "note": [None] * n, "origin": [part.origin] * n},
            ).cast(observations.RELATION_SCHEMA)  # fmt: skip


@pytest.fixture
def wells(tmp_path: Path, publisher: Any) -> Any:
    source = Wells()
    folder = publisher.folder
    hours: list[float] = []
    source.base = f"http://{publisher.address}"

    def publish(changed: str, **values: float) -> None:
        for asked in ([1], [2], [3], [1, 2], [2, 3], [1, 2, 3]):
            name = "-".join(map(str, asked))
            (folder / f"changes-{name}.json").write_text(json.dumps({str(n): changed for n in asked}))
        for n in (1, 2, 3):
            (folder / f"{n}.csv").write_text(f"{values.get(f'w{n}', n)}\n")
        # Last-Modified counts in seconds: each publication is an hour after the one before.
        hours.append(time.time() + 3600 * len(hours))
        for path in folder.iterdir():
            os.utime(path, (hours[-1], hours[-1]))

    def open_workspace(max_age: float = 86_400.0) -> Workspace:
        store = jk.Store(tmp_path / "cache", allow={publisher.address}, interval=0, max_age=max_age)
        return Workspace(store=store, plugins=jk.Plugins.only(source))

    return publisher, publish, open_workspace, source


@pytest.mark.enable_socket
def test_only_what_is_not_known_is_asked_for_and_nothing_twice(wells: Any) -> None:
    publisher, publish, open_workspace, _ = wells
    publish("2020-01-01T00:00:00Z")
    ws = open_workspace()
    assert set(ws.observe("wells.1", "wells.2")["value"]) == {1.0, 2.0}
    assert publisher.asked == ["/changes-1-2.json", "/1.csv", "/2.csv"]
    assert set(ws.observe("wells.1", "wells.2", "wells.3")["value"]) == {1.0, 2.0, 3.0}
    assert publisher.asked[3:] == ["/changes-3.json", "/3.csv"]
    ws.observe("wells.3")
    assert len(publisher.asked) == 5
    assert [r.indicator for r in ws.store.lock.listing("wells")] == ["wells.1", "wells.2", "wells.3"]
    assert jk.Lock.loads(ws.store.lock.dumps()).listing("wells") == ws.store.lock.listing("wells")


@pytest.mark.enable_socket
def test_the_publishers_word_decides_whether_a_copy_is_fresh_and_not_its_age(wells: Any) -> None:
    publisher, publish, open_workspace, _ = wells
    publish("2020-01-01T00:00:00Z", w1=1)
    open_workspace().observe("wells.1")
    publisher.asked.clear()
    assert list(open_workspace(max_age=0.0).observe("wells.1")["value"]) == [1.0]
    assert publisher.asked == ["/changes-1.json"], "unchanged since it was retrieved: its age does not matter"

    publish("2100-01-01T00:00:00Z", w1=7)
    publisher.asked.clear()
    assert list(open_workspace().observe("wells.1")["value"]) == [7.0]
    assert publisher.asked == ["/changes-1.json", "/1.csv"], "changed since: a young copy is not good enough"


@pytest.mark.enable_socket
def test_an_update_looks_again_at_what_was_asked_and_at_nothing_else(wells: Any) -> None:
    publisher, publish, open_workspace, _ = wells
    publish("2020-01-01T00:00:00Z")
    ws = open_workspace()
    ws.observe("wells.1", "wells.2")
    publish("2100-01-01T00:00:00Z", w2=5)
    publisher.asked.clear()
    assert str(ws.update("wells")["wells"]) == "0 added, 1 revised, 0 gone"
    assert publisher.asked == ["/changes-1-2.json", "/1.csv", "/2.csv"]


@pytest.mark.enable_socket
def test_an_update_keeps_and_renews_what_else_the_lock_pins(wells: Any) -> None:
    publisher, publish, open_workspace, _ = wells
    publish("2020-01-01T00:00:00Z")
    near = publisher.folder / "near-E06000009.csv"
    near.write_text("E06000008\n")
    ws = open_workspace()
    ws.observe("wells.1")
    place = ws.area("Blackpool", type="ltla")
    ws.neighbours(place)
    pins = set(ws.store.lock.pins)
    near.write_text("E07000128\n")
    os.utime(near, (time.time() + 9999, time.time() + 9999))
    open_again = open_workspace(max_age=0.0)
    open_again.store.lock = ws.store.lock
    open_again.update("wells")
    assert set(open_again.store.lock.pins) == pins
    assert [a.name for a in open_again.neighbours(place)] == ["Wyre"]

    near.unlink()
    open_again.update("wells")
    assert [pin.rpartition("/")[2] for pin in open_again.store.lock.pins] == ["1.csv"], "what the publisher has withdrawn is left out, and said"


@pytest.mark.enable_socket
def test_what_cannot_be_read_is_not_pinned_and_is_asked_for_again(wells: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    publisher, publish, open_workspace, source = wells
    publish("2020-01-01T00:00:00Z")

    def refuse(resource: Resource, data: SourceFile) -> pa.Table:
        raise LayoutError(f"{data.name} is no well", resource=data.name, expected="a depth", found=data.text())

    ws = open_workspace()
    monkeypatch.setattr(source, "parse", refuse)
    for asked in (1, 2):
        with pytest.raises(LayoutError):
            ws.observe("wells.1")
        assert publisher.asked.count("/1.csv") == asked
        assert not ws.store.lock.pins
    monkeypatch.undo()
    assert list(ws.observe("wells.1")["value"]) == [1.0]
    lock = ws.store.lock
    monkeypatch.setattr(source, "parse", refuse)
    for path in (ws.store.folder / "parts").rglob("*.parquet"):
        path.unlink()
    with pytest.raises(LayoutError):
        ws.observe("wells.1")
    assert ws.store.lock == lock, "what a lock pins stays pinned, whoever cannot read it"


@pytest.mark.enable_socket
def test_a_listing_of_something_else_is_the_plugins_fault(wells: Any) -> None:
    _, publish, open_workspace, source = wells
    publish("2020-01-01T00:00:00Z")
    source.stray = True
    with pytest.raises(PluginError, match=r"listed a resource of wells\.3"):
        open_workspace().observe("wells.1")


@pytest.mark.enable_socket
def test_neighbours_come_from_the_source_that_has_them(wells: Any) -> None:
    publisher, publish, open_workspace, _ = wells
    publish("2020-01-01T00:00:00Z")
    (publisher.folder / "near-E06000009.csv").write_text("E06000008\nE07000128\n")
    ws = open_workspace()
    assert [a.name for a in ws.neighbours(ws.area("Blackpool", type="ltla"))] == ["Blackburn with Darwen", "Wyre"]
    assert publisher.asked == ["/near-E06000009.csv"]
    with pytest.raises(NoDataError, match="kind 'twinned_with'") as caught:
        ws.relations("twinned_with")
    assert caught.value.available == ("nearest_neighbour",)


@pytest.mark.enable_socket
def test_groups_are_found_by_words_and_by_id(wells: Any) -> None:
    _, _, open_workspace, _ = wells
    ws = open_workspace()
    assert [g.id for g in ws.groups("deep")] == ["wells.deep"]
    assert ws.groups("shallow") == ()
    assert ws.group("wells.deep").indicators == ("wells.1", "wells.2")
    with pytest.raises(NoDataError, match=r"no group 'wells\.dep'") as caught:
        ws.group("wells.dep")
    assert "did you mean 'wells.deep'" in str(caught.value)
    with pytest.raises(NoDataError):
        ws.group("elsewhere.deep")


def test_a_time_of_change_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="changed"):
        Resource(url="https://wells.example/1.csv", changed="yesterday")
