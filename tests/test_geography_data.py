"""The packaged geography is what its makers make of the published files, and it covers the providers that report waiting times."""

from __future__ import annotations

import csv
import importlib.util
import io
import zipfile
from importlib import resources
from pathlib import Path

import pytest

from jsnakit import geography

TOOLS = Path(__file__).resolve().parents[1] / "tools"
TABLES = ("aliases.csv", "areas.csv", "relations.csv", "sites.csv")


def _tool(name):
    if not (TOOLS / f"{name}.py").exists():
        pytest.skip("the makers' tools are not part of a source distribution")
    spec = importlib.util.spec_from_file_location(name, TOOLS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_packaged_tables_are_small_and_say_where_they_come_from():
    folder = resources.files("jsnakit.geography").joinpath("data")
    assert sum(len(folder.joinpath(name).read_bytes()) for name in TABLES) < 700_000
    sources = folder.joinpath("SOURCES.md").read_text(encoding="utf-8")
    assert "Open Government Licence v3.0" in sources
    assert "mySociety" in sources
    assert all(name in sources for name in TABLES)


def test_making_the_tables_again_gives_the_packaged_bytes(real_data, tmp_path):
    _tool("make_geography").build(real_data("geography").parent, tmp_path)
    packaged = resources.files("jsnakit.geography").joinpath("data")
    for name in TABLES:
        assert (tmp_path / name).read_bytes() == packaged.joinpath(name).read_bytes(), name


@pytest.fixture(scope="module")
def shapes(real_data):
    return _tool("make_shapes").build(real_data("geography").parent)


def test_shapes_cover_every_authority_and_region_of_2018_to_2025_and_the_boards_of_2024(shapes):
    keys = {(row["area_scheme"], row["area_type"], row["area"]) for row in shapes.to_pylist()}
    assert len(keys) == shapes.num_rows == 340 + 163 + 9 + 42
    for kind, day in (
        ("ltla", "2018-06-01"),
        ("ltla", "2026-01-01"),
        ("utla", "2019-06-01"),
        ("utla", "2026-01-01"),
        ("region", "2025"),
        ("icb", "2025-01-01"),
    ):
        assert {a.key for a in geography.areas(kind, at=day)} <= keys
    assert b"Crown copyright" in shapes.schema.metadata[b"attribution"]
    assert shapes.schema.metadata[b"licence"] == b"OGL-UK-3.0"


def _rings(path):
    return [[tuple(map(int, point.split(","))) for point in part.rstrip("Z").split("L")] for part in path.split("M")[1:]]


def _inside(rings, x, y):
    odd = False
    for ring in rings:
        for (x1, y1), (x2, y2) in zip(ring, ring[1:] + ring[:1], strict=True):
            if (y1 > y) != (y2 > y) and x < x1 + (y - y1) * (x2 - x1) / (y2 - y1):
                odd = not odd
    return odd


def test_labels_lie_in_their_areas_and_boxes_around_them(shapes):
    for row in shapes.to_pylist():
        rings = _rings(row["path"])
        assert _inside(rings, row["label_x"], row["label_y"]), row["name"]
        xs, ys = [x for ring in rings for x, _ in ring], [y for ring in rings for _, y in ring]
        assert (row["x_min"], row["y_min"], row["x_max"], row["y_max"]) == (min(xs), min(ys), max(xs), max(ys))


def test_a_hospital_projected_lies_in_the_shape_of_its_town(shapes):
    by_key = {(row["area_type"], row["area"]): _rings(row["path"]) for row in shapes.to_pylist()}
    for trust, code in (("RXL", "E06000009"), ("RAE", "E08000032"), ("RKB", "E08000026"), ("RWA", "E06000010"), ("RK9", "E06000026")):
        assert _inside(by_key["utla", code], *geography.position(trust)), trust


def test_regions_add_up_to_england(shapes):
    def square_metres(ring):
        return sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in zip(ring, ring[1:] + ring[:1], strict=True)) / 2

    for kind in ("region", "icb"):
        rows = [row for row in shapes.to_pylist() if row["area_type"] == kind]
        total = abs(sum(square_metres(ring) for row in rows for ring in _rings(row["path"])))
        # ONS Standard Area Measurements: England to mean high water is 130,310 square kilometres.
        assert total / 1e6 == pytest.approx(130_310, rel=0.01)


def test_the_providers_of_the_waiting_times_extract_are_known(real_data):
    with zipfile.ZipFile(real_data("rtt/2026-02_rtt_full_extract.zip")) as archive, archive.open(archive.namelist()[0]) as raw:
        lines = io.TextIOWrapper(raw, encoding="utf-8-sig", newline="")
        rows = csv.reader(lines)
        header = next(rows)
        code, name = header.index("Provider Org Code"), header.index("Provider Org Name")
        providers = {row[code]: row[name] for row in rows}
    trusts = {key: text for key, text in providers.items() if len(key) == 3 and key.startswith("R")}
    assert len(trusts) == 149
    for key, text in trusts.items():
        assert geography.get(key).type == "trust"
        assert geography.find(text, type="trust").code == key
    listed = {site.trust for key in trusts for site in geography.current_sites(key)}
    assert sorted(set(trusts) - listed) == ["R0D"]
    assert all(geography.main_site(key) for key in trusts)
    independent = [key for key in providers if len(key) == 5]
    assert sum(geography.position(key) is not None for key in independent) >= 143
