"""One query on one source, in order; what it left out is said, and what is at fault is named."""

from __future__ import annotations

import datetime as dt
import errno
import os
import zipfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from jsnakit import observations, reading
from jsnakit._plugins import Plugins, SourceEntry
from jsnakit.errors import LayoutError, NoDataError, PluginError, UnknownIndicatorError
from jsnakit.files import SourceFile
from jsnakit.model import Area, Headline, Indicator, Period, Pin
from jsnakit.sources import Query, Resource
from jsnakit.store import Lock, Store
from jsnakit.testing import SourceTests

BLACKPOOL = Area("gss", "ltla", "E06000009")
WYRE = Area("gss", "ltla", "E07000128")


def entry(source: Any) -> SourceEntry:
    return Plugins.only(source).source(source.info.id)


def test_the_headline_is_answered_and_the_rest_is_counted(falls: Any, falls_files: list[Path]) -> None:
    answer = reading.read_files(entry(falls), falls_files, Query(indicators=("falls.rate",)))
    assert answer.table["age"].unique().to_pylist() == ["65+"]
    (record,) = answer.coverage
    assert record.left_out == {"age": 2}
    assert record.rows == 3
    assert "left out, broken down by age (2 rows)" in str(record)


def _with(falls: Any, monkeypatch: pytest.MonkeyPatch, ages: list[str], headline: Headline, sex: str = "_T") -> SourceEntry:
    """The source of falls with a row an age, and one indicator of this headline."""
    table = observations.build(
        len(ages), indicator="falls.rate", area_scheme="gss", area_type="ltla", area=BLACKPOOL.code, period_start=dt.date(2020, 1, 1),
        period_duration="P1Y", age=ages, sex=sex, value=[1.0] * len(ages), origin="x",
    )  # fmt: skip
    monkeypatch.setattr(type(falls), "assemble", lambda *_: iter([table]))
    monkeypatch.setattr(
        type(falls), "indicators", lambda _: (Indicator("falls.rate", "Falls", "per 100,000", headline=headline, area_types=("ltla",)),)
    )
    return entry(falls)


@pytest.mark.parametrize(
    ("ages", "shown"),
    [
        (["_T", "65+"], ["_T"]),
        (["18+ yrs"], ["18+ yrs"]),
        (["65+ yrs", "65-79 yrs", "80+ yrs"], ["65+ yrs"]),
        (["<75 yrs", "0-4 yrs"], ["<75 yrs"]),
        (["0-4 yrs", "5-9 yrs"], ["0-4 yrs", "5-9 yrs"]),
        (["adults", "children"], ["adults", "children"]),
    ],
)
def test_a_headline_left_open_is_that_of_the_rows(
    falls: Any, falls_files: list[Path], ages: list[str], shown: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = _with(falls, monkeypatch, ages, Headline(sex="", age=""))
    answer = reading.read_files(made, falls_files[:1], Query(indicators=("falls.rate",)))
    assert sorted(answer.table["age"].to_pylist()) == sorted(shown)
    assert sum(answer.coverage[0].left_out.values()) == len(ages) - len(shown)


def test_a_headline_that_is_stated_is_not_replaced_by_the_rows(falls: Any, falls_files: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    made = _with(falls, monkeypatch, ["80+ yrs"], Headline(age="65+ yrs"))
    with pytest.raises(NoDataError, match="broken down by age"):
        reading.read_files(made, falls_files[:1], Query(indicators=("falls.rate",)))


def test_sexes_without_a_total_are_all_given(falls: Any, falls_files: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    both = [_with(falls, monkeypatch, ["_T"], Headline(), sex=sex).source.assemble(iter(()), Query()) for sex in ("F", "M")]
    tables = [next(iter(batches)) for batches in both]
    monkeypatch.setattr(type(falls), "assemble", lambda *_: iter(tables))
    monkeypatch.setattr(
        type(falls), "indicators", lambda _: (Indicator("falls.rate", "Falls", "years", headline=Headline(sex=""), area_types=("ltla",)),)
    )
    answer = reading.read_files(entry(falls), falls_files[:1], Query(indicators=("falls.rate",)))
    assert answer.table["sex"].to_pylist() == ["F", "M"]


def test_rows_of_an_indicator_that_the_catalogue_does_not_list_are_given_and_said(
    falls: Any, falls_files: list[Path], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    made = _with(falls, monkeypatch, ["_T", "65+"], Headline())
    monkeypatch.setattr(type(falls), "indicators", lambda _: (Indicator("falls.beds", "Beds", "beds", area_types=("ltla",)),))
    with caplog.at_level("WARNING"):
        answer = reading.read_files(made, falls_files[:1], Query())
    assert answer.table["indicator"].to_pylist() == ["falls.rate"]
    assert [(c.indicator, c.rows, c.left_out) for c in answer.coverage if c.rows] == [("falls.rate", 1, {"age": 1})]
    assert "does not list (falls.rate)" in caplog.text


def test_a_breakdown_is_answered_when_asked_for(falls: Any, falls_files: list[Path]) -> None:
    answer = reading.read_files(entry(falls), falls_files, Query(indicators=("falls.rate",), breakdowns=("age",)))
    assert sorted(answer.table["age"].unique().to_pylist()) == ["65+", "80+"]
    assert answer.coverage[0].left_out == {}
    assert answer.coverage[0].statuses == {"normal": 4, "suppressed": 1}


def test_missing_is_never_zero(falls: Any, falls_files: list[Path]) -> None:
    table = reading.read_files(entry(falls), falls_files, Query(indicators=("falls.rate",), breakdowns=("age",))).table
    hidden = [r for r in table.to_pylist() if r["status"] == "suppressed"]
    assert [r["value"] for r in hidden] == [None]


def test_areas_without_a_row_are_listed(falls: Any, falls_files: list[Path]) -> None:
    answer = reading.read_files(entry(falls), falls_files, Query(indicators=("falls.rate",), areas=(BLACKPOOL, WYRE), since="2021"))
    assert answer.coverage[0].absent == ("E07000128",)


def test_nothing_is_an_error_that_says_what_there_is(falls: Any, falls_files: list[Path]) -> None:
    with pytest.raises(NoDataError) as caught:
        reading.read_files(entry(falls), falls_files, Query(indicators=("falls.rate",), areas=(Area("gss", "region", "E12000002"),)))
    assert "ltla" in caught.value.available
    with pytest.raises(UnknownIndicatorError, match=r"did you mean 'falls.rate'"):
        reading.read_files(entry(falls), falls_files, Query(indicators=("falls.raet",)))


def test_a_fault_in_a_plugin_names_the_plugin(falls: Any, falls_files: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    made = entry(falls)
    with monkeypatch.context() as patch:
        patch.setattr(type(falls), "assemble", lambda *_: iter([observations.build(1, indicator="falls.rate", origin="x")]))
        with pytest.raises(PluginError, match="null-key"):
            reading.read_files(made, falls_files, Query())
    monkeypatch.setattr(type(falls), "parse", lambda *_: 3 / 0)
    with pytest.raises(PluginError, match=r"parse\(2020.csv\) failed: ZeroDivisionError"):
        reading.read_files(made, falls_files, Query())


def test_rows_of_another_source_are_refused(falls: Any, falls_files: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    made = entry(falls)
    row = observations.build(
        1, indicator="rtt.waiting_list", area_scheme="gss", area_type="ltla", area="E06000009", period_start=Query(since="2026").since,
        period_duration="P1Y", value=[1.0], origin="x",
    )  # fmt: skip
    monkeypatch.setattr(type(falls), "assemble", lambda *_: iter([row]))
    with pytest.raises(PluginError, match="another source"):
        reading.read_files(made, falls_files, Query())


def test_a_layout_error_passes_through_untouched(falls: Any, tmp_path: Path) -> None:
    odd = tmp_path / "2020.csv"
    odd.write_text("<html>")
    with pytest.raises(LayoutError, match=r"2020\.csv"):
        reading.read_files(entry(falls), [odd], Query())


def test_the_part_key_knows_the_file_the_code_and_the_parameters(falls: Any) -> None:
    import attrs

    made = entry(falls)
    resource = falls.resource_for("2020.csv")
    keys = {
        reading.part_key(made, resource, "a" * 64),
        reading.part_key(made, resource, "b" * 64),
        reading.part_key(attrs.evolve(made, digest="other"), resource, "a" * 64),
        reading.part_key(made, attrs.evolve(resource, params=(("a", "b"),)), "a" * 64),
        reading.part_key(made, attrs.evolve(resource, release="revised"), "a" * 64),
        reading.part_key(made, attrs.evolve(resource, url="2020-again.csv"), "a" * 64),
        reading.part_key(made, attrs.evolve(resource, kind="other"), "a" * 64),
        reading.part_key(made, attrs.evolve(resource, period=Period.month(2020, 1)), "a" * 64),
    }
    assert len(keys) == 8


def pinned(falls: Any, files: list[Path], cache: Path) -> Store:
    """An offline store that holds the files of `falls` as if they had been fetched."""
    with zipfile.ZipFile(cache.with_suffix(".zip"), "w") as archive:
        lock = Lock()
        for path in files:
            data = SourceFile.from_path(path)
            url = f"{falls.base}/{path.name}"
            lock = lock.with_pin(Pin(url, data.sha256, data.size, "2026-02-28T12:00:00Z", source="falls"))
            lock = lock.with_listing("falls", [*(lock.listing("falls") or ()), Resource(url=url, period=Period.parse(path.stem), release="original")])
            archive.write(path, f"objects/{data.sha256}")
        archive.writestr("jsna.lock", lock.dumps())
    store = Store(cache, lock, offline=True)
    store.import_(cache.with_suffix(".zip"))
    return store


def test_a_cache_that_cannot_be_written_costs_another_parse_and_no_answer(
    falls: Any, falls_files: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    store = pinned(falls, falls_files, tmp_path / "cache")
    query = Query(indicators=("falls.rate",))
    with monkeypatch.context() as broken:

        def fail(*_: object, **__: object) -> None:
            raise OSError(errno.EROFS, os.strerror(errno.EROFS))

        broken.setattr(Path, "mkdir", fail)
        first = reading.read_source(entry(falls), query, store)
    assert "the folder is read-only" in caplog.text
    assert not (tmp_path / "cache" / "parts").exists()
    second = reading.read_source(entry(falls), query, store)
    assert len(list((tmp_path / "cache" / "parts").rglob("*.parquet"))) == 2
    # Kept parts answer as parsed ones do, and a damaged one is parsed anew.
    parsed: list[str] = []
    real = type(falls).parse
    monkeypatch.setattr(type(falls), "parse", lambda self, resource, data: parsed.append(data.name) or real(self, resource, data))
    third = reading.read_source(entry(falls), query, store)
    assert parsed == []
    damaged = min((tmp_path / "cache" / "parts").rglob("*.parquet"))
    damaged.write_bytes(damaged.read_bytes()[:-1])
    fourth = reading.read_source(entry(falls), query, store)
    assert len(parsed) == 1
    assert first.table.equals(second.table)
    assert second.table.equals(third.table)
    assert third.table.equals(fourth.table)


class TestTheKitItself:
    """The conformance kit accepts a good source and refuses bad ones: a kit that cannot fail is no kit."""

    def kit(self, falls: Any, files: list[Path]) -> SourceTests:
        class Kit(SourceTests):
            source = falls
            specimens = files

        return Kit()

    def test_a_good_source_passes(self, falls: Any, falls_files: list[Path]) -> None:
        kit, made = self.kit(falls, falls_files), entry(falls)
        kit.test_info_is_complete()
        kit.test_indicators_are_offline_and_well_formed(made)
        kit.test_table_is_valid(made)
        kit.test_rows_are_of_known_indicators_and_types(made)
        kit.test_equal_inputs_give_equal_tables(made)
        kit.test_parse_is_pure()
        kit.test_only_what_was_asked()
        kit.test_asking_for_less_changes_no_figure(made)
        kit.test_a_page_instead_of_a_file_is_a_layout_error()
        kit.test_a_cut_specimen_is_never_a_table()
        kit.test_relations_are_valid(made)
        kit.test_discover_reads_through_fetch_alone()

    def test_a_source_that_reads_anything_is_refused(self, falls: Any, falls_files: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(type(falls), "parse", lambda *_: pa.table({"x": [1]}))
        kit = self.kit(falls, falls_files)
        with pytest.raises(pytest.fail.Exception):
            kit.test_a_page_instead_of_a_file_is_a_layout_error()
        with pytest.raises(pytest.fail.Exception):
            kit.test_a_cut_specimen_is_never_a_table()

    def test_a_source_that_ignores_the_question_is_refused(self, falls: Any, falls_files: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
        real = type(falls).assemble
        monkeypatch.setattr(type(falls), "assemble", lambda self, parts, _: real(self, parts, Query()))
        with pytest.raises(AssertionError):
            self.kit(falls, falls_files).test_only_what_was_asked()

    def test_a_source_that_opens_a_socket_is_refused(self, falls: Any, falls_files: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
        import socket

        monkeypatch.setattr(type(falls), "indicators", lambda _: socket.create_connection(("127.0.0.1", 9)))
        with pytest.raises((AssertionError, PluginError), match="socket"):
            self.kit(falls, falls_files).test_indicators_are_offline_and_well_formed(entry(falls))
