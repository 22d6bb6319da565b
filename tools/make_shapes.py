"""Turn stored TopoJSON of England's areas into the map shapes of a pack. For maintainers.

    python tools/make_shapes.py --data FOLDER --out shapes.parquet

FOLDER holds `geography/boundaries/`. The table has one area a row: its outline as an SVG path in whole metres of the British National Grid (EPSG:27700, northing up: whoever
draws it turns it over), its box, where a label stands, and the dates in which it is valid, which are those of the packaged geography.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from jsnakit import geography
from jsnakit.packs import SHAPE_COLUMNS

LAYERS = (
    ("england_ltla_utla_rgn_2014_2025.bng500m.topo.json", "ltla", "ltla"),
    ("england_ltla_utla_rgn_2014_2025.bng500m.topo.json", "utla", "utla"),
    ("england_ltla_utla_rgn_2014_2025.bng500m.topo.json", "rgn", "region"),
    ("icb_2024_42.bng500m.topo.json", "icb", "icb"),
)
METADATA = {
    "attribution": "Source: Office for National Statistics licensed under the Open Government Licence v3.0. "
    "Contains OS data \N{COPYRIGHT SIGN} Crown copyright and database right 2025.",
    "licence": "OGL-UK-3.0",
    "crs": "EPSG:27700",
    "made_from": "ONSvisual/uk-topojson output/topo.json (2025-06-11), simplified to 500 m; integrated care boards dissolved from LSOA 2021 boundaries by the lookup of April 2024, "
    "not the ONS product",
}
SCHEMA = pa.schema(
    [
        ("area_scheme", pa.string()),
        ("area_type", pa.string()),
        ("area", pa.string()),
        ("name", pa.string()),
        ("valid_from", pa.date32()),
        ("valid_to", pa.date32()),
        ("path", pa.string()),
        *((name, pa.int32()) for name in ("x_min", "y_min", "x_max", "y_max", "label_x", "label_y")),
    ]
)

Ring = list[tuple[int, int]]


def arcs_of(topology: dict[str, Any]) -> list[Ring]:
    """Every arc as points in whole metres: the stored steps added up, scaled and moved."""
    (sx, sy), (tx, ty) = topology["transform"]["scale"], topology["transform"]["translate"]
    decoded = []
    for arc in topology["arcs"]:
        x = y = 0
        points = []
        for dx, dy in arc:
            x, y = x + dx, y + dy
            points.append((round(x * sx + tx), round(y * sy + ty)))
        decoded.append(points)
    return decoded


def ring_of(arcs: Sequence[Ring], indices: Sequence[int]) -> Ring:
    """One closed ring, without its repeated last point: arcs end to end, a negative index being an arc walked backwards."""
    points: Ring = []
    for index in indices:
        arc = arcs[index] if index >= 0 else arcs[~index][::-1]
        points.extend(arc[1:] if points else arc)
    return points[:-1]


def polygons_of(arcs: Sequence[Ring], geometry: dict[str, Any]) -> list[list[Ring]]:
    """The polygons of an area, each its outer ring and its holes; pieces that simplifying has flattened away are left out."""
    nested = [geometry["arcs"]] if geometry["type"] == "Polygon" else geometry["arcs"]
    polygons = [[ring_of(arcs, ring) for ring in polygon] for polygon in nested]
    return [[ring for ring in polygon if len(ring) > 2] for polygon in polygons if len(polygon[0]) > 2]


def doubled_area(ring: Ring) -> int:
    """Twice the area within a ring."""
    return abs(sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in zip(ring, ring[1:] + ring[:1], strict=True)))


def crossings(polygon: Sequence[Ring], y: float) -> list[float]:
    """Where a level line cuts a polygon's rings, from west to east."""
    found = []
    for ring in polygon:
        for (x1, y1), (x2, y2) in zip(ring, ring[1:] + ring[:1], strict=True):
            if (y1 > y) != (y2 > y):
                found.append(x1 + (y - y1) * (x2 - x1) / (y2 - y1))
    return sorted(found)


def label_of(polygon: Sequence[Ring]) -> tuple[int, int]:
    """A point well inside a polygon: the middle of the widest stretch on the level line (of nine) with most room around it."""
    ys = [y for _, y in polygon[0]]
    low, high = min(ys), max(ys)
    best = (-1.0, 0.0, 0.0)
    for step in range(1, 10):
        # Half a metre off, so that no line runs along a point.
        y = low + (high - low) * step / 10 + 0.5
        cuts = crossings(polygon, y)
        for west, east in zip(cuts[::2], cuts[1::2], strict=True):
            room = min(east - west, 2 * min(y - low, high - y))
            best = max(best, (room, (west + east) / 2, y))
    return round(best[1]), round(best[2])


def path_of(polygons: Sequence[Sequence[Ring]]) -> str:
    """The SVG path of an area, every ring closed; holes are drawn by the even-odd rule."""
    return "".join("M" + "L".join(f"{x},{y}" for x, y in ring) + "Z" for polygon in polygons for ring in polygon)


def rows_of(topology: dict[str, Any], layer: str, area_type: str) -> Iterator[dict[str, Any]]:
    """A row of the table for each area of a layer."""
    arcs = arcs_of(topology)
    for geometry in topology["objects"][layer]["geometries"]:
        area = geography.get(geometry["id"], type=area_type)
        polygons = polygons_of(arcs, geometry)
        points = [point for polygon in polygons for ring in polygon for point in ring]
        label = label_of(max(polygons, key=lambda p: doubled_area(p[0])))
        yield {
            "area_scheme": area.scheme, "area_type": area.type, "area": area.code, "name": area.name, "valid_from": area.valid_from, "valid_to": area.valid_to,
            "path": path_of(polygons),
            "x_min": min(x for x, _ in points), "y_min": min(y for _, y in points), "x_max": max(x for x, _ in points), "y_max": max(y for _, y in points),
            "label_x": label[0], "label_y": label[1],
        }  # fmt: skip


def build(data: Path) -> pa.Table:
    """The table of every layer, in order of type and code."""
    rows: list[dict[str, Any]] = []
    for name, layer, area_type in LAYERS:
        topology = json.loads((data / "geography" / "boundaries" / name).read_text(encoding="utf-8"))
        rows += rows_of(topology, layer, area_type)
    rows.sort(key=lambda row: (row["area_type"], row["area"]))
    return pa.Table.from_pylist(rows, schema=SCHEMA).select(list(SHAPE_COLUMNS)).replace_schema_metadata(METADATA)


def main() -> None:
    """Write the file that `--out` names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with geography/boundaries/")
    parser.add_argument("--out", type=Path, required=True, help="the Parquet file to write")
    given = parser.parse_args()
    given.out.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(build(given.data), given.out, compression="zstd", compression_level=19, use_dictionary=["area_scheme", "area_type"])
    print(f"{given.out}: {given.out.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
