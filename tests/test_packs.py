"""Packs: written once, read strictly, answering for exactly what they hold."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import random
import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from jsnakit import observations, packs
from jsnakit.errors import CacheWriteError, CoverageError, DataError, InvalidValueError, JsnakitError, LayoutError, TableError, UnknownIndicatorError
from jsnakit.model import ENGLAND, Area, Headline, Indicator, Period, Pin, Polarity, Theme
from jsnakit.packs import Pack, PackOrigin, write_pack
from jsnakit.sources import Query

PINS = {
    name: Pin(url=f"https://example.org/{name}.csv", sha256=hashlib.sha256(name.encode()).hexdigest(), bytes=9, retrieved="2026-01-01", release=name)
    for name in ("original", "revised")
}
ORIGINS = [PackOrigin(pin=pin, publisher="A publisher", title=f"Falls, {name}", taken_from="") for name, pin in PINS.items()]
FALLS = Indicator(
    "warehouse.falls", 'Falls, "all" ages\nand \x7f', unit="per 100,000", theme=Theme.AGE, polarity=Polarity.LOWER_IS_BETTER, polarity_source="the council",
    headline=Headline(age="65+"), caveats=("one", "two — ünïcode"), question="Who falls?", decimals=0,
)  # fmt: skip
LIST = Indicator("warehouse.list", "Waiting list", unit="waits")
AREAS = ("E06000001", "E06000002", "E06000009")


def rows(
    indicator: str,
    area_type: str,
    areas: tuple[str, ...],
    starts: list[dt.date],
    duration: str,
    *,
    age: str = "_T",
    origin: str = PINS["original"].key,
) -> pa.Table:
    keys = [(a, s) for a in areas for s in starts]
    return observations.build(
        len(keys), indicator=indicator, area_scheme="gss", area_type=area_type, area=[a for a, _ in keys], period_start=[s for _, s in keys], period_duration=duration,
        period=[str(s.year) for _, s in keys], age=age, value=[float(i) for i in range(len(keys))], origin=origin,
    )  # fmt: skip


def tables() -> dict[str, pa.Table]:
    years = [dt.date(y, 1, 1) for y in range(2015, 2019)]
    falls = [rows("warehouse.falls", "ltla", AREAS, years, "P1Y", age=age) for age in ("_T", "65+")]
    falls.append(rows("warehouse.falls", "country", (ENGLAND.code,), [dt.date(2010, 1, 1)], "P1Y", age="65+"))
    waits = rows("warehouse.list", "ltla", AREAS, [dt.date(2026, 1, 31)], "P0D")
    flows = rows("warehouse.list", "ltla", AREAS[:1], [dt.date(2026, 2, 1)], "P1M", origin=PINS["revised"].key)
    return {"falls": pa.concat_tables(falls), "waits": pa.concat_tables([waits, flows])}


def relations() -> pa.Table:
    columns = {
        "from_scheme": "gss", "from_type": "ltla", "from_area": "E06000001", "to_scheme": "ods", "to_type": "provider", "to_area": "RVW", "kind": "waits_at",
        "period_start": None, "period_duration": None, "weight": 0.5, "count": 2.0, "note": None, "origin": PINS["original"].key,
    }  # fmt: skip
    return pa.Table.from_pylist([columns, columns | {"kind": "succeeded_by", "weight": None}], schema=observations.RELATION_SCHEMA)


def shapes() -> pa.Table:
    text = dict.fromkeys(("area_scheme", "name", "path"), "x") | {"area_type": "ltla"}
    box = dict.fromkeys(("x_min", "y_min", "x_max", "y_max", "label_x", "label_y"), 1)
    dates = [("E06000001", None, None), ("E07000026", None, dt.date(2023, 3, 31)), ("E06000063", dt.date(2023, 4, 1), None)]
    made = [text | box | {"area": code, "valid_from": begun, "valid_to": ended} for code, begun, ended in dates]
    schema = pa.schema([(c, pa.date32() if c.startswith("valid") else pa.int32() if c in box else pa.string()) for c in packs.SHAPE_COLUMNS])
    return pa.Table.from_pylist(made, schema=schema)


def write(folder: Path, **changed: object) -> Pack:
    given: dict[str, object] = {
        "pack_id": "small", "title": "A small pack", "version": "1.0", "made": dt.date(2026, 11, 24), "made_by": "the tests", "licence": "OGL-UK-3.0",
        "attribution": ["Source: nobody"], "indicators": [LIST, FALLS], "observations": tables(), "origins": ORIGINS, "relations": relations(), "shapes": shapes(),
    }  # fmt: skip
    return write_pack(folder, **(given | changed))  # type: ignore[arg-type]


@pytest.fixture
def pack(tmp_path: Path) -> Pack:
    return write(tmp_path / "pack")


def test_what_is_written_is_read(pack: Pack) -> None:
    assert (pack.id, pack.version, pack.licence, pack.attribution) == ("small", "1.0", "OGL-UK-3.0", ("Source: nobody",))
    falls, waits = pack.indicators()
    assert falls.area_types == ("country", "ltla")
    assert falls.name == FALLS.name
    assert falls.headline == FALLS.headline
    assert falls.caveats == FALLS.caveats
    assert falls.polarity is Polarity.LOWER_IS_BETTER
    assert waits.id == LIST.id
    assert waits.area_types == ("ltla",)
    assert pack.pins() == tuple(sorted(PINS.values(), key=lambda p: p.key))
    assert {o.title for o in pack.origins().values()} == {"Falls, original", "Falls, revised"}
    everything = observations.to_arrow(pa.concat_tables(tables().values()))
    assert observations.to_arrow(pack.observations(Query())).equals(everything)


def test_coverage_says_what_there_is(pack: Pack) -> None:
    falls = pack.coverage()["warehouse.falls"]
    assert falls.area_types == ("country", "ltla")
    assert falls.breakdowns == ("age",)
    assert falls.releases == ("original",)
    assert (falls.first, falls.last) == (Period.year(2010), Period.year(2018))
    assert str(falls) == "country: 2010 (1 areas); ltla: 2015 to 2018 (3 areas); by age"
    assert pack.coverage()["warehouse.list"].releases == ("original", "revised")


def test_equal_tables_give_equal_bytes(pack: Pack, tmp_path: Path) -> None:
    shuffled = {k: t.take(list(reversed(range(t.num_rows)))) for k, t in reversed(tables().items())}
    again = write(tmp_path / "again", observations=shuffled, origins=ORIGINS[::-1], indicators=[FALLS, LIST])
    assert {p.name: p.read_bytes() for p in pack.folder.iterdir()} == {p.name: p.read_bytes() for p in again.folder.iterdir()}
    assert pack.sha256 == again.sha256


def test_another_figure_gives_another_sha256(pack: Pack, tmp_path: Path) -> None:
    changed = tables()
    changed["waits"] = changed["waits"].set_column(changed["waits"].schema.get_field_index("value"), "value", pa.array([9.0, 9.0, 9.0, 9.0]))
    assert write(tmp_path / "again", observations=changed).sha256 != pack.sha256


def test_only_what_was_asked(pack: Pack) -> None:
    def ask(**query: object) -> list[tuple[str, str, str]]:
        table = pack.observations(Query(**query))
        return [(r["area"], str(r["period_start"]), r["age"]) for r in table.to_pylist()]

    assert ask(indicators=["warehouse.falls"], area_type="country") == [("E92000001", "2010-01-01", "65+")]
    assert ask(indicators=["warehouse.falls"], areas=[Area("gss", "ltla", "E06000009")], since="2018") == [
        ("E06000009", "2018-01-01", "65+"),
        ("E06000009", "2018-01-01", "_T"),
    ]
    # A stock at the end of January and a flow of February are told apart by month, not by day.
    assert len(ask(indicators=["warehouse.list"], since="2026-01-15", until="2026-01")) == 3
    assert len(ask(indicators=["warehouse.list"], since="2026-02")) == 1
    assert len(ask(indicators=["warehouse.list"], release="revised")) == 1
    assert len(ask(indicators=["warehouse.list", "warehouse.falls"], areas=[Area("gss", "ltla", "E06000002")])) == 9


def test_an_area_without_a_row_is_simply_absent(pack: Pack) -> None:
    assert pack.observations(Query(indicators=["warehouse.falls"], areas=[Area("gss", "ltla", "E09000001")])).num_rows == 0
    assert pack.observations(Query(indicators=["warehouse.falls"], areas=[Area("other", "ltla", "E06000001")])).num_rows == 0
    assert pack.observations(Query(indicators=["warehouse.falls"], areas=[])).num_rows == 0


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"area_type": "utla"}, "area type 'utla'"),
        ({"areas": [Area("gss", "ltla", "E06000001"), Area("gss", "icb", "E54000048")]}, "area type 'icb'"),
        ({"since": "2019"}, "2019-01-01 to today"),
        ({"until": "2009"}, "the beginning to 2009-12-31"),
        ({"since": "2015", "area_type": "country"}, "for country"),
        ({"breakdowns": ["sex"]}, "a breakdown by 'sex'"),
        ({"release": "revised"}, "release 'revised'"),
    ],
)
def test_outside_its_range_is_an_error_that_names_it(pack: Pack, query: dict[str, object], said: str) -> None:
    with pytest.raises(CoverageError) as caught:
        pack.observations(Query(indicators=["warehouse.falls"], **query))
    assert said in caught.value.message
    assert "ltla: 2015 to 2018" in str(caught.value)
    assert caught.value.pack == "small"
    assert caught.value.indicator == "warehouse.falls"


def test_a_place_asked_for_in_both_tiers_is_answered_in_the_one_there_is(pack: Pack) -> None:
    tiers = [Area("gss", "ltla", "E06000009"), Area("gss", "utla", "E06000009")]
    assert pack.observations(Query(indicators=["warehouse.falls"], areas=tiers, since="2018"))["area_type"].unique().to_pylist() == ["ltla"]
    with pytest.raises(CoverageError, match="area type 'utla'"):
        pack.observations(Query(indicators=["warehouse.falls"], areas=[*tiers, Area("gss", "utla", "E10000017")]))


def test_every_breakdown_there_is_may_be_asked(pack: Pack) -> None:
    assert pack.observations(Query(breakdowns=["*"])).num_rows == pack.observations(Query()).num_rows


def test_an_id_of_another_pack_is_unknown(pack: Pack) -> None:
    with pytest.raises(UnknownIndicatorError) as caught:
        pack.observations(Query(indicators=["warehouse.fals"]))
    assert caught.value.suggestions[0] == "warehouse.falls"


def test_relations_by_kind(pack: Pack, tmp_path: Path) -> None:
    assert pack.relations().num_rows == 2
    assert pack.relations("waits_at")["to_area"].to_pylist() == ["RVW"]
    assert pack.relations("unheard_of").num_rows == 0
    assert write(tmp_path / "without", relations=None).relations().schema == observations.RELATION_SCHEMA


def test_shapes_by_type_and_day(pack: Pack, tmp_path: Path) -> None:
    assert pack.shapes("ltla").num_rows == 3
    assert pack.shapes("ltla", dt.date(2021, 4, 1))["area"].to_pylist() == ["E06000001", "E07000026"]
    assert pack.shapes("ltla", dt.date(2023, 4, 1))["area"].to_pylist() == ["E06000001", "E06000063"]
    with pytest.raises(CoverageError, match="it has ltla"):
        pack.shapes("icb")
    with pytest.raises(CoverageError, match="no map shapes at all"):
        write(tmp_path / "without", shapes=None).shapes("ltla")


def test_rewriting_leaves_nothing_of_the_old_pack(pack: Pack) -> None:
    again = write(pack.folder, observations={"waits": tables()["waits"]}, indicators=[LIST], shapes=None)
    assert sorted(p.name for p in again.folder.iterdir()) == [
        "coverage.json",
        "indicators.toml",
        "observations-waits.parquet",
        "pack.toml",
        "pins.json",
        "relations.parquet",
    ]
    assert again.sha256 != pack.sha256


def test_one_indicator_is_read_without_the_rest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    days = [dt.date(1900 + n // 12, n % 12 + 1, 1) for n in range(1400)]
    many = {f"warehouse.n{i}": rows(f"warehouse.n{i}", "ltla", tuple(f"E0600{n:04}" for n in range(12)), days, "P1M") for i in range(4)}
    pack = write(tmp_path / "big", observations=pa.concat_tables(many.values()), indicators=[Indicator(k, k, unit="x") for k in many])
    read: list[int] = []
    real = pq.ParquetFile.read_row_group

    def counted(self: pq.ParquetFile, group: int, **options: object) -> pa.Table:
        read.append(group)
        return real(self, group, **options)

    monkeypatch.setattr(pq.ParquetFile, "read_row_group", counted)
    assert pack.observations(Query(indicators=["warehouse.n2"])).num_rows == 16_800
    assert 0 < len(read) < pq.ParquetFile(pack.folder / "observations.parquet").num_row_groups


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"indicators": [FALLS]}, "warehouse.list has rows but no metadata"),
        ({"indicators": [FALLS, LIST, Indicator("warehouse.more", "More", unit="x")]}, "warehouse.more has metadata but no rows"),
        ({"origins": ORIGINS[:1]}, "no pin is given"),
        ({"observations": {"a": tables()["waits"], "b": tables()["waits"]}, "indicators": [LIST]}, "keep an indicator in one file"),
        ({"observations": {"../a": tables()["waits"]}, "indicators": [LIST]}, "cannot name a file"),
        ({"observations": {}, "indicators": []}, "has no rows"),
    ],
)
def test_what_does_not_fit_together_is_not_written(tmp_path: Path, changed: dict[str, object], said: str) -> None:
    with pytest.raises(InvalidValueError) as caught:
        write(tmp_path / "pack", **changed)
    assert said in str(caught.value)
    assert not (tmp_path / "pack").exists()


def test_an_invalid_table_is_not_written(tmp_path: Path) -> None:
    twice = pa.concat_tables([tables()["waits"]] * 2)
    with pytest.raises(TableError, match="duplicate-key"):
        write(tmp_path / "pack", observations=twice, indicators=[LIST])
    with pytest.raises(TableError, match="duplicate-key"):
        write(tmp_path / "pack", relations=pa.concat_tables([relations()] * 2))
    with pytest.raises(LayoutError, match="no column 'path'"):
        write(tmp_path / "pack", shapes=shapes().drop_columns(["path"]))


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(CacheWriteError):
        write(tmp_path / "file" / "pack")


@pytest.mark.parametrize(
    "name", ["coverage.json", "indicators.toml", "pins.json", "observations-falls.parquet", "relations.parquet", "shapes.parquet"]
)
def test_a_damaged_file_is_named(pack: Pack, name: str) -> None:
    path = pack.folder / name
    data = path.read_bytes()
    path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    with pytest.raises(DataError) as caught:
        Pack.read(pack.folder)
    assert caught.value.file == str(path)
    assert caught.value.rule == "sha256"
    path.unlink()
    with pytest.raises(LayoutError, match="cannot be read"):
        Pack.read(pack.folder)


def test_a_folder_that_is_no_pack(tmp_path: Path) -> None:
    with pytest.raises(LayoutError, match=r"has no pack\.toml"):
        Pack.read(tmp_path)
    with pytest.raises(LayoutError):
        Pack.read(tmp_path / "nowhere")


def resealed(folder: Path, **files: bytes) -> Path:
    """The folder with some files replaced and the manifest made to agree: what a careless maker of packs would send."""
    manifest = (folder / "pack.toml").read_text(encoding="utf-8")
    for stem, data in files.items():
        path = next(p for p in folder.iterdir() if p.stem.replace("-", "_") == stem)
        manifest = manifest.replace(hashlib.sha256(path.read_bytes()).hexdigest(), hashlib.sha256(data).hexdigest())
        path.write_bytes(data)
    (folder / "pack.toml").write_text(manifest, encoding="utf-8", newline="\n")
    return folder


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("format = 1", "format = 2", "format 2"),
        ("format = 1\n", "", "format None"),
        ("schema_version = 1", "schema_version = 9", "version 9"),
        ('id = "small"\n', "", "the key 'id' is missing"),
        ("made_by", "made_bye", "made_bye"),
        ('version = "1.0"', "version = 1.0", "1.0"),
        ('"pins.json" =', '"../pins.json" =', "'../pins.json'"),
        ('"pins.json" =', '"code.py" =', "'code.py'"),
        ("[files]", "[files", "not valid TOML"),
    ],
)
def test_a_foreign_manifest_is_refused(pack: Pack, old: str, new: str, said: str) -> None:
    path = pack.folder / "pack.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(LayoutError) as caught:
        Pack.read(pack.folder)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("stem", "data"),
    [
        ("coverage", b"{}"),
        ("coverage", b'{"coverage": [1]}'),
        ("coverage", b'{"coverage": [{"indicator": "x.y", "file": "gone.parquet", "rows": 1, "ranges": []}]}'),
        ("coverage", b"[" * 100_000),
        ("pins", b'{"pins": [{"pin": {"url": "x", "sha256": "short", "bytes": 1, "retrieved": ""}, "publisher": "", "title": ""}]}'),
        ("pins", b"\xff\xfe"),
        ("indicators", b"[[indicator]]\nid = 'warehouse.falls'\n"),
        ("indicators", b"[[indicator]]\nid = 'warehouse.falls'\nname = 'x'\nunit = 'y'\n"),
        ("observations_falls", b"PAR1 not a parquet file PAR1"),
        ("relations", b""),
        ("shapes", b"<!DOCTYPE html>"),
    ],
)
def test_foreign_contents_are_typed_errors(pack: Pack, stem: str, data: bytes) -> None:
    foreign = Pack.read(resealed(pack.folder, **{stem: data}))
    with pytest.raises(JsnakitError):
        foreign.pins(), foreign.indicators(), foreign.observations(Query()), foreign.relations(), foreign.shapes("ltla")


def test_a_parquet_file_of_something_else_is_a_layout_error(pack: Pack) -> None:
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table({"a": [1]}), sink)
    foreign = Pack.read(resealed(pack.folder, observations_falls=bytes(sink.getvalue()), relations=bytes(sink.getvalue())))
    with pytest.raises(LayoutError, match="no column 'indicator'"):
        foreign.observations(Query(indicators=["warehouse.falls"]))
    with pytest.raises(LayoutError, match="no column 'from_scheme'"):
        foreign.relations()


def test_mutated_packs_never_answer_wrongly(pack: Pack, tmp_path: Path) -> None:
    good = observations.to_arrow(pack.observations(Query()))
    names = sorted(p.name for p in pack.folder.iterdir())
    chance = random.Random(20261124)
    refused = 0
    for _ in range(150):
        folder = tmp_path / "mutated"
        shutil.copytree(pack.folder, folder)
        path = folder / chance.choice(names)
        data = bytearray(path.read_bytes())
        at = chance.randrange(len(data))
        data[at] ^= 1 << chance.randrange(8)
        path.write_bytes(bytes(data[: chance.choice([len(data), len(data), at])]))
        try:
            mutated = Pack.read(folder)
            assert path.name == "pack.toml", "only the manifest is not under its own checksum"
            assert observations.to_arrow(mutated.observations(Query())).equals(good)
            assert mutated.sha256 != pack.sha256
        except JsnakitError:
            refused += 1
        shutil.rmtree(folder)
    assert refused > 100


def test_coverage_is_one_record_a_line(pack: Pack) -> None:
    text = (pack.folder / "coverage.json").read_text(encoding="utf-8")
    assert text.count("\n") == 2 + len(json.loads(text)["coverage"])
