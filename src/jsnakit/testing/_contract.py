"""What core expects of every source and every pack, each expectation a test."""

from __future__ import annotations

import contextlib
import socket
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import pytest

from jsnakit import observations, reading
from jsnakit._plugins import Installed, PackEntry, Plugins, SourceEntry, catalogue
from jsnakit.errors import CoverageError, FetchError, JsnakitError, LayoutError
from jsnakit.files import SourceFile
from jsnakit.model import Area, Polarity
from jsnakit.packs import Pack
from jsnakit.sources import Evidence, Part, Query, Resource, Source, Support

HTML = b"<!DOCTYPE html>\n<html><head><title>Service unavailable</title></head><body><p>Please try again later.</p></body></html>\n"


@contextlib.contextmanager
def closed_sockets() -> Iterator[None]:
    """No socket can be opened inside: whoever tries fails the test."""

    def refuse(*_: Any, **__: Any) -> Any:
        raise AssertionError("a socket was opened where none may be")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "socket", refuse)
        patch.setattr(socket, "create_connection", refuse)
        patch.setattr(socket, "getaddrinfo", refuse)
        yield


class _Pages:
    """A `Fetch` that answers from given pages, and remembers what was asked."""

    def __init__(self, pages: Mapping[str, bytes]) -> None:
        self.pages = pages
        self.asked: list[tuple[str, bool]] = []

    def __call__(self, url: str, *, volatile: bool = False, changed: str = "") -> SourceFile:  # noqa: ARG002  # a page given is always fresh
        self.asked.append((url, volatile))
        if url not in self.pages:
            raise FetchError(f"404 for {url}", url=url, reason="status", status=404, transient=False)
        return SourceFile.from_bytes(self.pages[url], name=url.rsplit("/", 1)[-1] or "index.html", url=url)

    def snapshot(self, key: str, produce: Callable[[], Any]) -> SourceFile:
        import io

        import narwhals.stable.v2 as nw
        import pyarrow.parquet as pq

        stream = io.BytesIO()
        pq.write_table(nw.from_native(produce(), eager_only=True).to_arrow(), stream)
        return SourceFile.from_bytes(stream.getvalue(), name=f"{key}.parquet", url=f"snapshot:{key}")


class SourceTests:
    """The contract of a source. Subclass it as `Test...`, set `source` and `specimens` (small real files), and `pages` where `discover` reads any.

    `pages` maps the addresses that `discover` asks for to their bytes, and `asks` names the indicators it is asked for (a source that does not `lists_whole`).
    """

    source: ClassVar[Source]
    specimens: ClassVar[Sequence[Path]]
    pages: ClassVar[Mapping[str, bytes]] = {}
    asks: ClassVar[Sequence[str]] = ()

    @pytest.fixture
    def entry(self) -> SourceEntry:
        return Plugins.only(self.source).source(self.source.info.id)

    def _read(self, entry: SourceEntry, query: Query | None = None) -> Any:
        with closed_sockets():
            return reading.read_files(entry, list(self.specimens), query or Query(breakdowns=("*",))).table

    def test_info_is_complete(self) -> None:
        info = self.source.info
        for name in ("id", "title", "publisher", "licence", "homepage"):
            assert getattr(info, name), f"info.{name} is empty"
        assert info.homepage.startswith("https://")
        assert all("/" not in host and ":" not in host for host in info.hosts), "hosts are names, not addresses"

    def test_indicators_are_offline_and_well_formed(self, entry: SourceEntry) -> None:
        with closed_sockets():
            indicators = catalogue(entry)
        assert indicators, "a source without indicators answers nothing"
        for indicator in indicators:
            assert all((indicator.name, indicator.unit, indicator.definition)), f"{indicator.id} lacks name, unit or definition"
            assert indicator.area_types, f"{indicator.id} does not say for which area types it is published"
            if indicator.polarity is not Polarity.UNKNOWN:
                assert indicator.polarity_source, f"{indicator.id} does not say who states its polarity"

    def test_indicators_are_the_same_each_time(self, entry: SourceEntry) -> None:
        assert catalogue(entry) == catalogue(entry)

    def test_support_is_offline_and_says_what_was_tested(self) -> None:
        with closed_sockets():
            said = self.source.support()
            again = self.source.support()
        assert isinstance(said, Support)
        assert said == again
        names = [layout.name for layout in said.layouts]
        assert len(set(names)) == len(names), "one entry a layout"
        assert all(isinstance(layout.tested, Evidence) and all((layout.name, layout.files, layout.periods)) for layout in said.layouts)
        assert all(trap.what and trap.handled for trap in said.traps)

    def test_specimens_are_there(self) -> None:
        assert self.specimens, "give at least one small real file"
        for path in self.specimens:
            assert path.stat().st_size < 2_000_000, f"{path.name} is not small"

    def test_table_is_valid(self, entry: SourceEntry) -> None:
        table = self._read(entry)
        observations.check(table)
        assert table.num_rows

    def test_rows_are_of_known_indicators_and_types(self, entry: SourceEntry) -> None:
        known = {i.id: i for i in catalogue(entry)}
        table = self._read(entry)
        for row in table.select(["indicator", "area_type"]).group_by(["indicator", "area_type"]).aggregate([]).to_pylist():
            assert row["indicator"] in known
            assert row["area_type"] in known[row["indicator"]].area_types, row

    def test_equal_inputs_give_equal_tables(self, entry: SourceEntry) -> None:
        assert self._read(entry).equals(self._read(entry))

    def test_parse_is_pure(self) -> None:
        for path in self.specimens:
            data = SourceFile.from_bytes(path.read_bytes(), name=path.name)
            resource = self.source.resource_for(path.name)
            with closed_sockets():
                first = self.source.parse(resource, data)
                again = self.source.parse(resource, data)
            assert first.equals(again, check_metadata=True)
            assert data.sha256 == SourceFile.from_path(path).sha256

    def _assembled(self, query: Query) -> list[dict[str, Any]]:
        """What the source itself answers, before core looks at it."""
        parts = []
        for path in self.specimens:
            data = SourceFile.from_path(path)
            resource = self.source.resource_for(path.name)
            parts.append(Part(resource=resource, table=self.source.parse(resource, data), origin=f"sha256:{data.sha256[:12]}"))
        return [row for batch in self.source.assemble(iter(parts), query) for row in batch.to_pylist()]

    def test_only_what_was_asked(self) -> None:
        rows = self._assembled(Query(breakdowns=("*",)))
        spread: dict[str, set[tuple[str, str, str]]] = {}
        for row in rows:
            spread.setdefault(row["indicator"], set()).add((row["area_scheme"], row["area_type"], row["area"]))
        indicator = max(sorted(spread), key=lambda name: len(spread[name]))
        narrowed = self._assembled(Query(indicators=(indicator,), breakdowns=("*",)))
        assert {row["indicator"] for row in narrowed} == {indicator}
        key = min(spread[indicator])
        one = self._assembled(Query(indicators=(indicator,), areas=(Area(*key),), breakdowns=("*",)))
        assert {(row["area_scheme"], row["area_type"], row["area"]) for row in one} == {key}
        typed = self._assembled(Query(indicators=(indicator,), area_type=key[1], breakdowns=("*",)))
        assert {row["area_type"] for row in typed} == {key[1]}

    def test_asking_for_less_changes_no_figure(self, entry: SourceEntry) -> None:
        """A figure is the same whoever else was asked for: filters select rows, they do not change them."""
        table = self._read(entry)
        row = table.slice(table.num_rows // 2, 1).to_pylist()[0]
        area = Area(row["area_scheme"], row["area_type"], row["area"])
        one = self._read(entry, Query(indicators=(row["indicator"],), areas=(area,), breakdowns=("*",)))
        assert row in one.to_pylist()

    def test_a_page_instead_of_a_file_is_a_layout_error(self) -> None:
        for path in self.specimens:
            data = SourceFile.from_bytes(HTML, name=path.name)
            with pytest.raises(LayoutError) as caught:
                self.source.parse(self.source.resource_for(path.name), data)
            assert caught.value.expected, "a LayoutError says what was expected"

    def test_a_cut_specimen_is_never_a_table(self) -> None:
        for path in self.specimens:
            whole = path.read_bytes()
            step = max(1, len(whole) // 17)
            for end in range(step // 2, len(whole), step):
                # A file cut at the end of a row is seen by nobody but its archive: cut it within one.
                cut = whole[:end].rstrip(b"\r\n") if whole[end - 1 : end] == b"\n" else whole[:end]
                data = SourceFile.from_bytes(cut, name=path.name)
                with pytest.raises(JsnakitError):
                    self.source.parse(self.source.resource_for(path.name), data)

    def test_relations_are_valid(self, entry: SourceEntry) -> None:
        with closed_sockets():
            reading.read_relations(entry, Query(), paths=list(self.specimens))

    def _everything(self) -> Query:
        return Query(indicators=self.asks)

    def test_discover_reads_through_fetch_alone(self) -> None:
        fetch = _Pages(self.pages)
        if not self.pages:
            with closed_sockets():
                try:
                    found = list(self.source.discover(fetch, self._everything()))
                except FetchError:
                    # It asked for a page, through fetch, and would have read it.
                    assert fetch.asked
                    return
            assert found == [], "a source that discovers something reads a page: give it in `pages`"
            return
        with closed_sockets():
            listing = list(self.source.discover(fetch, self._everything()))
            again = list(self.source.discover(_Pages(self.pages), self._everything()))
        assert listing
        assert all(isinstance(r, Resource) for r in listing)
        assert listing == again
        assert len({r.url for r in listing}) == len(listing), "one resource an address"
        assert all(volatile for _, volatile in fetch.asked), "discover reads pages: fetch(url, volatile=True)"
        if self.source.lists_whole:
            selected = list(self.source.select(listing, Query()))
            assert all(r in listing for r in selected)
        else:
            # Such a source may build its addresses from what is asked: each says of which indicator it is, and is one that an update looks at again.
            selected = list(self.source.select(listing, self._everything()))
            choices = {r.url for r in self.source.choices(listing, self._everything())}
            assert all(r.indicator in self.asks and r.url in choices for r in selected)
        assert selected


class PackTests:
    """The contract of a pack. Subclass it as `Test...` and set `pack`."""

    pack: ClassVar[Pack]

    @pytest.fixture
    def entry(self) -> PackEntry:
        installed = Installed(name=self.pack.id, module="", distribution=self.pack.id, version="0", load=lambda: None)
        return PackEntry(pack=self.pack, installed=installed)

    def test_says_what_it_is(self) -> None:
        assert all((self.pack.id, self.pack.title, self.pack.version, self.pack.licence))
        assert self.pack.attribution, "attribution is printed wherever figures or maps are shown"

    def test_every_indicator_is_covered_and_described(self) -> None:
        coverage = self.pack.coverage()
        described = {i.id: i for i in self.pack.indicators()}
        assert set(coverage) == set(described)
        for indicator in described.values():
            assert all((indicator.name, indicator.unit))
            if indicator.polarity is not Polarity.UNKNOWN:
                assert indicator.polarity_source, f"{indicator.id} does not say who states its polarity"

    def test_every_indicator_reads_as_a_valid_table(self, entry: PackEntry) -> None:
        for indicator in self.pack.coverage():
            answer = reading.read_pack(entry, Query(indicators=(indicator,), breakdowns=("*",)))
            assert answer.table.num_rows
            assert answer.table["indicator"].unique().to_pylist() == [indicator]

    def test_the_headline_is_there(self, entry: PackEntry) -> None:
        for indicator in self.pack.coverage():
            assert reading.read_pack(entry, Query(indicators=(indicator,))).table.num_rows, f"{indicator} has no headline row"

    def test_every_origin_has_a_pin(self, entry: PackEntry) -> None:
        pins = [p.key for p in self.pack.pins()]
        for indicator in self.pack.coverage():
            table = reading.read_pack(entry, Query(indicators=(indicator,), breakdowns=("*",))).table
            for origin in table["origin"].unique().to_pylist():
                assert any(key in origin for key in pins), f"{origin} of {indicator} has no pin"

    def test_outside_its_range_is_an_error_that_names_it(self) -> None:
        indicator = min(self.pack.coverage())
        with pytest.raises(CoverageError) as caught:
            self.pack.observations(Query(indicators=(indicator,), since="2199"))
        assert caught.value.available

    def test_relations_are_valid(self) -> None:
        observations.check_relations(self.pack.relations())

    def test_its_digest_is_that_of_its_files(self) -> None:
        assert self.pack.sha256 == Pack.read(self.pack.folder).sha256
        assert len(self.pack.sha256) == 64

    def test_a_damaged_pack_is_refused(self) -> None:
        import shutil

        with tempfile.TemporaryDirectory() as name:
            copy = Path(name) / "pack"
            shutil.copytree(self.pack.folder, copy)
            victim = max(copy.glob("observations*.parquet"), key=lambda p: p.stat().st_size)
            victim.write_bytes(victim.read_bytes()[:-100])

            def read_all() -> None:
                damaged = Pack.read(copy)
                for indicator in damaged.coverage():
                    damaged.observations(Query(indicators=(indicator,)))

            with pytest.raises(JsnakitError):
                read_all()
