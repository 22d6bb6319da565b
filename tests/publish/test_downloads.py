"""A chapter's data package: what its schema says is what its files hold, nothing hidden is in it, and it is the same for the same figures."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import zipfile
from typing import Any

import pytest

READ = {"string": str, "number": float, "date": dt.date.fromisoformat}


@pytest.fixture(scope="module")
def package(built: Any) -> zipfile.ZipFile:
    """The package of the chapter on health."""
    return zipfile.ZipFile(built.folder / "health" / "data.zip")


def test_every_file_is_described_and_reads_by_its_schema(package: zipfile.ZipFile) -> None:
    told = json.loads(package.read("datapackage.json"))
    assert told["profile"] == "tabular-data-package"
    assert {r["path"] for r in told["resources"]} | {"datapackage.json"} == set(package.namelist())
    assert told["licenses"] == [{"title": "Open Government Licence v3.0"}]
    assert [s["title"] for s in told["sources"]] == ["Office for Tests, Index, 2021"]
    for resource in told["resources"]:
        rows = list(csv.DictReader(io.StringIO(package.read(resource["path"]).decode())))
        fields = resource["schema"]["fields"]
        assert rows
        assert list(rows[0]) == [f["name"] for f in fields]
        for row in rows:
            assert all(READ[f["type"]](row[f["name"]]) is not None for f in fields if row[f["name"]])
        keys = [tuple(row[k] for k in resource["schema"]["primaryKey"]) for row in rows]
        assert len(set(keys)) == len(keys)


def test_its_rows_are_those_behind_the_figures(package: zipfile.ZipFile, built: Any) -> None:
    assert package.read("ranked.csv") == (built.folder / "health/data/ranked.csv").read_bytes()
    measures = {r["indicator"]: r for r in csv.DictReader(io.StringIO(package.read("measures.csv").decode()))}
    assert measures["t.smoking"]["definition"] == "Who smokes."
    assert measures["t.smoking"]["polarity"] == "lower_is_better"


def test_what_is_hidden_has_no_value_in_it(package: zipfile.ZipFile) -> None:
    rows = [r for name in package.namelist() if name.endswith(".csv") for r in csv.DictReader(io.StringIO(package.read(name).decode()))]
    hidden = [r for r in rows if r.get("status") == "suppressed"]
    assert hidden
    assert {(r["value"], r["lower"], r["upper"], r["count"]) for r in hidden} == {("", "", "", "")}


def test_a_page_leads_to_it(built: Any) -> None:
    assert 'href="data.zip"' in (built.folder / "health/index.html").read_text(encoding="utf-8")
