"""A chapter's data package: what its schema says is what its files hold, nothing hidden is in it, and it is the same for the same figures."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import json
import warnings
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest

READ = {"string": str, "number": float, "date": dt.date.fromisoformat}


@pytest.fixture(scope="module")
def package(built: Any) -> zipfile.ZipFile:
    """The package of the chapter on health."""
    return zipfile.ZipFile(built.folder / "health" / "data.zip")


def test_every_file_is_described_and_reads_by_its_schema(package: zipfile.ZipFile) -> None:
    told = json.loads(package.read("datapackage.json"))
    assert told["$schema"] == "https://datapackage.org/profiles/2.0/datapackage.json"
    assert {f"{r['path']}{more}" for r in told["resources"] for more in ("", "-metadata.json")} | {"datapackage.json"} == set(package.namelist())
    assert [one["name"] for one in told["licenses"]] == ["OGL-UK-3.0"]
    assert [s["title"] for s in told["sources"]] == ["Office for Tests, Index, 2021"]
    for resource in told["resources"]:
        rows = list(csv.DictReader(io.StringIO(package.read(resource["path"]).decode())))
        fields = resource["schema"]["fields"]
        assert rows
        assert list(rows[0]) == [f["name"] for f in fields]
        assert resource["hash"] == f"sha256:{hashlib.sha256(package.read(resource['path'])).hexdigest()}"
        for row in rows:
            assert all(READ[f["type"]](row[f["name"]]) is not None for f in fields if row[f["name"]])
        keys = [tuple(row[k] for k in resource["schema"]["primaryKey"]) for row in rows]
        assert len(set(keys)) == len(keys)


def test_its_rows_are_those_behind_the_figures(package: zipfile.ZipFile, built: Any) -> None:
    assert package.read("ranked.csv") == (built.folder / "health/data/ranked.csv").read_bytes()
    measures = {r["indicator_id"]: r for r in csv.DictReader(io.StringIO(package.read("measures.csv").decode()))}
    assert measures["t.smoking"]["definition"] == "Who smokes."
    assert measures["t.smoking"]["polarity"] == "lower_is_better"


def test_what_is_hidden_has_no_value_in_it(package: zipfile.ZipFile) -> None:
    rows = [r for name in package.namelist() if name.endswith(".csv") for r in csv.DictReader(io.StringIO(package.read(name).decode()))]
    hidden = [r for r in rows if r.get("status") == "suppressed"]
    assert hidden
    assert {(r["obs_value"], r["lower"], r["upper"], r["count"]) for r in hidden} == {("", "", "", "")}


def test_a_workbook_holds_a_worksheet_for_each_figure_of_the_chapters_own_pages(built: Any) -> None:
    book = openpyxl.load_workbook(built.folder / "health" / "data.xlsx")
    assert book.sheetnames[:4] == ["Cover", "Contents", "Notes", "Table 1"]
    assert book.sheetnames[-1] == "Measures"
    titles = [book[name]["A1"].value for name in book.sheetnames[3:-1]]
    assert len(set(titles)) > 3
    assert next([c.value for c in row] for row in book["Contents"].iter_rows(min_row=4)) == ["Table 1", titles[0]]
    values = [c.value for name in book.sheetnames[3:-1] for row in book[name].iter_rows(min_row=4) for c in row]
    assert "[c]" in values
    assert "Blackpool" in values


def test_the_package_is_valid_to_others(built: Any, tmp_path: Path) -> None:
    (tmp_path / "data.zip").write_bytes((built.folder / "health" / "data.zip").read_bytes())
    with zipfile.ZipFile(tmp_path / "data.zip") as packed:
        packed.extractall(tmp_path / "package")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import csvw
        import frictionless

        report = frictionless.validate(str(tmp_path / "package" / "datapackage.json"))
        assert report.valid, report.to_summary()
        for path in (tmp_path / "package").glob("*.csv-metadata.json"):
            assert csvw.CSVW(str(path), validate=True).is_valid, path.name


def test_a_page_leads_to_both(built: Any) -> None:
    page = (built.folder / "health/index.html").read_text(encoding="utf-8")
    assert 'href="data.zip"' in page
    assert 'href="data.xlsx"' in page


def test_observations_are_written_for_others(run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    said = run("--pack", "sample", "export", "healthindex.life_expectancy", "--area", "Blackpool", "--out", "out", "--title", "Life in Blackpool")
    assert said.code == 0, said.err
    names = {"observations.csv", "observations.csv-metadata.json", "measures.csv", "measures.csv-metadata.json", "datapackage.json"}
    assert {p.name for p in (tmp_path / "out").iterdir()} == {*names, "observations-spreadsheet.csv", "observations.xlsx"}
    assert {Path(line).name for line in said.out.splitlines()} == {p.name for p in (tmp_path / "out").iterdir()}
    rows = list(csv.DictReader((tmp_path / "out" / "observations.csv").read_text(encoding="utf-8").splitlines()))
    assert {(r["area_name"], r["indicator_id"]) for r in rows} == {("Blackpool", "healthindex.life_expectancy")}
    assert all(r["source"].startswith("Office for National Statistics") for r in rows)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import frictionless

        assert frictionless.validate(str(tmp_path / "out" / "datapackage.json")).valid
    nothing = run("--pack", "sample", "export", "healthindex.life_expectancy", "--area", "Blackpool", "--since", "2030", "--out", "none")
    assert nothing.code == 1
    assert not (tmp_path / "none").exists()
    (tmp_path / "file").write_text("x")
    assert "a file stands where the folder should be" in run("--pack", "sample", "export", "healthindex.life_expectancy", "--out", "file/x").err
