"""What is suppressed is in no byte of a site: not as a value, nor as a limit, bound, count or published word that a source let through."""

from __future__ import annotations

import io
import itertools
import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import pyarrow as pa
import pytest

from jsnakit import observations
from jsnakit.publish import build
from jsnakit.publish.figures.context import withheld
from jsnakit.settings import Assets

FIGURES = ("value", "lower", "upper", "value_min", "value_max", "count", "denominator")


def _secrets() -> Iterator[float]:
    """Numbers that nothing else in a site is: 13.7000011, 13.7000021 and so on."""
    return (float(f"13.7{n:05}1") for n in itertools.count(1))


def _smuggled(table: pa.Table, chosen: Any) -> tuple[pa.Table, list[float]]:
    """The table with the chosen rows suppressed, and a secret in every column of them that can hold a number."""
    rows = table.to_pylist()
    secrets, told = _secrets(), []
    for row in rows:
        row["published_rate"] = None
        if chosen(row):
            row["status"] = "suppressed"
            for column in (*FIGURES, "published_rate"):
                row[column] = next(secrets)
                told.append(row[column])
    return pa.Table.from_pylist(rows, schema=table.schema.append(pa.field("published_rate", pa.float64()))), told


CHOICES = {
    "the measure that hides": lambda r: r["indicator"] == "t.hidden" and r["status"] == "suppressed",
    "the place itself, everywhere": lambda r: r["area"] == "E06000009",
    "a trust": lambda r: r["area"] == "RXL",
    "what the place's patients wait for": lambda r: r["area"] == "00R",
    "every second row": lambda r: zlib.crc32(f"{r['indicator']} {r['area']} {r['period']}".encode()) % 2 == 0,
}


@pytest.mark.parametrize("choice", CHOICES)
def test_no_byte_of_a_site_holds_what_is_suppressed(country: Any, site: Any, make_chapters: Any, tmp_path: Path, choice: str) -> None:
    country.table, secrets = _smuggled(country.table, CHOICES[choice])
    assert len(secrets) >= 8
    folder = build(make_chapters(), country, tmp_path / "site", attrs.evolve(site, assets=Assets.SPLIT)).folder
    files = {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    assert {Path(name).suffix for name in files} == {".html", ".csv", ".svg", ".json", ".js", ".css", ".zip", ".xlsx"}
    for name in [n for n in files if n.endswith((".zip", ".xlsx"))]:
        with zipfile.ZipFile(io.BytesIO(files[name])) as packed:
            files |= {f"{name}/{held}": packed.read(held) for held in packed.namelist()}
    for name, content in files.items():
        assert [value for value in secrets if repr(value).encode() in content] == [], name
        if name.endswith((".csv", ".html")):
            assert b"13.7" not in _figures_only(name, content), name


def _figures_only(name: str, content: bytes) -> bytes:
    """A page without the places of its drawings; a rounded secret (13.7) would be seen in what is left."""
    if name.endswith(".csv"):
        return content
    return re.sub(rb"<svg\b.*?</svg>|<script\b.*?</script>", b"", content, flags=re.DOTALL)


def test_the_test_would_see_a_secret(country: Any, site: Any, make_chapters: Any, tmp_path: Path) -> None:
    """The same numbers, not suppressed, are in the files."""
    rows = country.table.to_pylist()
    for row in rows:
        if row["indicator"] == "t.smoking" and row["area"] == "E06000009":
            row["value"] = 13.7001
    country.table = pa.Table.from_pylist(rows, schema=country.table.schema)
    folder = build(make_chapters(), country, tmp_path / "site", site).folder
    assert any(b"13.7001" in p.read_bytes() for p in folder.rglob("*.csv"))
    assert any(b"13.7" in _figures_only("x.html", p.read_bytes()) for p in folder.rglob("*.html"))


def test_rows_that_are_not_suppressed_are_left_as_they_are(country: Any) -> None:
    frame = observations.to_pandas(country.table)
    kept = withheld(frame)
    shown = frame["status"] != "suppressed"
    assert kept[shown].equals(frame[shown])
    assert kept.loc[~shown, list(FIGURES)].isna().all(axis=None)
    assert list(kept.dtypes) == list(frame.dtypes)
    assert frame.equals(observations.to_pandas(country.table))
