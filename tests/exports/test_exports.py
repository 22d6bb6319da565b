"""Figures for others: read back by programs that are not ours, and no cell that a spreadsheet would run."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import os
import re
import shutil
import subprocess
import warnings
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jsnakit import observations
from jsnakit.errors import TableError
from jsnakit.exports import TIDY_COLUMNS, TIDY_KEY, Origin, Sheet, Table, csv_bytes, csvw_bytes, package_bytes, tidy, tidy_table, workbook_bytes
from jsnakit.model import Indicator

SMOKING = Indicator("t.smoking", "Smoking", "%", definition="Who smokes.")
HOSTILE = (
    "=1+1",
    "=cmd|' /C calc'!A0",
    "+44 20 7946 0000",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "\t=1+1",
    "\r=1+1",
    " =1+1",
    "\uff1d1+1",
    '=HYPERLINK("https://x.example","x")',
)
SECRET = 91_827_364.5


def frame(**changed: Any) -> pd.DataFrame:
    """Two authorities and two years; one figure is suppressed, and a careless publisher left numbers beside it."""
    columns: dict[str, Any] = {
        "indicator": SMOKING.id, "area_scheme": "gss", "area_type": "ltla", "area": ["E06000009", "E06000009", "E07000123", "E07000123"],
        "period_start": [dt.date(2021, 1, 1), dt.date(2020, 1, 1)] * 2, "period_duration": "P1Y", "period": ["2021", "2020"] * 2, "value": [24.0, 25.5, None, 19.25],
        "count": [240.0, 255.0, SECRET, None], "denominator": [1000.0, 1000.0, SECRET, None], "status": ["normal", "normal", "suppressed", "normal"],
        "flags": ["provisional", None, None, None], "origin": "sha256:aaaaaaaaaaaa",
    }  # fmt: skip
    return observations.to_pandas(observations.build(4, **(columns | changed)))


NAMES = {"E06000009": "Blackpool", "E07000123": "Preston"}


def made(rows: pd.DataFrame | None = None) -> pd.DataFrame:
    return tidy(
        frame() if rows is None else rows, indicator={SMOKING.id: SMOKING}.get, area_name=lambda code, _: NAMES.get(code, code),
        origins={"sha256:aaaaaaaaaaaa": Origin("Office for Tests, Index", "Open Government Licence v3.0", "2026-01-13")},
    )  # fmt: skip


def written(folder: Path, rows: pd.DataFrame | None = None) -> Path:
    """A package as a folder: the CSV and both descriptions."""
    table = tidy_table("smoking", "Smoking", made(rows))
    content = csv_bytes(table.frame)
    (folder / "smoking.csv").write_bytes(content)
    (folder / "smoking.csv-metadata.json").write_bytes(csvw_bytes(table, publisher="A council"))
    told = package_bytes(
        "smoking", "Smoking", [(table, content)], licences=["Open Government Licence v3.0"], sources=[{"title": "Office for Tests, Index"}]
    )
    (folder / "datapackage.json").write_bytes(told)
    return folder


# -- tidy ----------------------------------------------------------------------------------------------------------------------------


def test_columns_stand_in_the_order_of_the_profile_and_rows_in_that_of_their_key() -> None:
    found = made()
    assert list(found.columns) == list(TIDY_COLUMNS)
    assert found["time_period"].tolist() == ["2020-01-01/P1Y", "2020-01-01/P1Y", "2021-01-01/P1Y", "2021-01-01/P1Y"]
    assert found["area_name"].tolist() == ["Blackpool", "Preston"] * 2
    assert set(found["unit_measure"]) == {"%"}
    assert set(found["source"]) == {"Office for Tests, Index"}
    assert set(found["retrieved"]) == {"2026-01-13"}
    # Time, place, other dimensions, the figure, what it is, its attributes, its status.
    order = [list(TIDY_COLUMNS).index(c) for c in ("time_period", "area_code", "sex", "obs_value", "unit_measure", "lower", "obs_status", "source")]
    assert order == sorted(order)


def test_the_figure_is_a_number_or_nothing_and_the_status_says_why() -> None:
    found = made()
    assert found["obs_status"].tolist() == ["A", "A", "P", "Q"]
    (hidden,) = found[found["status"] == "suppressed"].to_dict("records")
    assert all(hidden[c] is None or hidden[c] != hidden[c] for c in ("obs_value", "lower", "upper", "value_min", "value_max", "count", "denominator"))
    assert str(SECRET) not in csv_bytes(found).decode()


def test_what_else_the_rows_carry_comes_last_and_hides_with_them() -> None:
    found = made(frame().assign(published_score=[1.0, 2.0, SECRET, 4.0], published_trend="up"))
    assert list(found.columns)[-2:] == ["published_score", "published_trend"]
    assert SECRET not in found["published_score"].tolist()


def test_a_table_that_is_none_and_a_key_that_is_not_one_are_named() -> None:
    with pytest.raises(TableError, match="period_start is not there"):
        made(frame().drop(columns="period_start"))
    with pytest.raises(TableError, match="2 rows are not alone under their key, the first time_period 2021-01-01/P1Y, area_code E06000009") as caught:
        made(pd.concat([frame(), frame().iloc[[0]]]))
    assert caught.value.failures[0].reason == "duplicate-key"


# -- read back by others -------------------------------------------------------------------------------------------------------------


def valid(folder: Path) -> Any:
    """What frictionless says of a package."""
    with warnings.catch_warnings():
        # What its own dependencies will be rid of one day is not ours to mend.
        warnings.simplefilter("ignore")
        import frictionless

        return frictionless.validate(str(folder / "datapackage.json"))


def test_frictionless_finds_the_package_valid(tmp_path: Path) -> None:
    report = valid(written(tmp_path))
    assert report.valid, report.to_summary()
    assert report.stats["rows"] == 4 if "rows" in report.stats else report.tasks[0].stats["rows"] == 4


@pytest.mark.parametrize(
    ("old", "new", "error"),
    [
        (",P,normal", ",9,normal", "constraint-error"),
        ("2020-01-01/P1Y,2020,E06000009", "2020,2020,E06000009", "constraint-error"),
        ("2020-01-01/P1Y,2020,E07000123,Preston", "2020-01-01/P1Y,2020,E06000009,Preston", "primary-key"),
        (",25.5,", ",c,", "type-error"),
        (",25.5,", ",25.4,", "hash-count"),
    ],
)
def test_frictionless_finds_what_is_broken(tmp_path: Path, old: str, new: str, error: str) -> None:
    path = written(tmp_path) / "smoking.csv"
    text = path.read_bytes().decode()
    assert old in text
    path.write_bytes(text.replace(old, new).encode())
    found = {e[0] for e in valid(tmp_path).flatten(["type"])}
    assert error in found


def test_csvw_reads_the_table_by_its_description(tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import csvw

        found = csvw.CSVW(str(written(tmp_path) / "smoking.csv-metadata.json"), validate=True)
        assert found.is_valid, [str(w) for w in found.warnings]
        (table,) = found.tables
        rows = list(table)
    assert [r["obs_value"] for r in rows] == [25.5, 19.25, 24, None]
    told = json.loads((tmp_path / "smoking.csv-metadata.json").read_text())
    (area,) = [c for c in told["tableSchema"]["columns"] if c["name"] == "area_code"]
    assert area["valueUrl"] == "http://statistics.data.gov.uk/id/statistical-geography/{area_code}"
    assert told["tableSchema"]["primaryKey"] == list(TIDY_KEY)


def test_csvw_finds_a_row_that_is_there_twice(tmp_path: Path) -> None:
    path = written(tmp_path) / "smoking.csv"
    lines = path.read_text().splitlines()
    path.write_text("\n".join([*lines, lines[1]]) + "\n", newline="\r\n")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import csvw

        with pytest.raises(ValueError, match="duplicate primary key"):
            csvw.CSVW(str(tmp_path / "smoking.csv-metadata.json"), validate=True).is_valid  # noqa: B018  # the property reads the rows


def test_only_codes_of_the_statistics_office_get_its_address() -> None:
    table = tidy_table("beds", "Beds", made(frame(area_scheme="ods", area_type="provider", area=["RXL", "RXL", "RXN", "RXN"])))
    columns = json.loads(csvw_bytes(table))["tableSchema"]["columns"]
    assert not [c for c in columns if "valueUrl" in c]


@given(
    st.lists(
        st.tuples(st.text(st.characters(codec="utf-8", exclude_characters="\x00\r")), st.none() | st.floats(allow_nan=False, allow_infinity=False))
    )
)
def test_what_is_written_is_read_again(rows: list[tuple[str, float | None]]) -> None:
    data = csv_bytes(pd.DataFrame(rows, columns=["name", "value"]))
    back = [(n, float(v) if v else None) for n, v in list(csv.reader(io.StringIO(data.decode(), newline="")))[1:]]
    assert back == rows


# -- spreadsheets --------------------------------------------------------------------------------------------------------------------


@given(st.text(max_size=20).filter(lambda s: "\x00" not in s))
def test_no_cell_for_a_spreadsheet_begins_a_formula(text: str) -> None:
    (found, _), *more = csv.reader(io.StringIO(csv_bytes([[text, "x"]], for_spreadsheet=True).decode(), newline=""))
    assert not more
    assert not re.match(r"\s*[=+\-@]", found) or re.fullmatch(r"[+\-]?\d[\d,]*(\.\d+)?%?", found)
    assert found in (text, f"'{text}")


@pytest.mark.parametrize("text", HOSTILE)
def test_a_name_that_would_run_is_harmless_for_a_spreadsheet_and_itself_for_a_program(text: str) -> None:
    assert next(csv.reader(io.StringIO(csv_bytes([[text]], for_spreadsheet=True).decode(), newline=""))) == [f"'{text}"]
    assert next(csv.reader(io.StringIO(csv_bytes([[text]]).decode(), newline=""))) == [text]


def test_numbers_are_numbers_in_both() -> None:
    assert csv_bytes([[-1.5, 3.0, None, "-1.5", float("nan")]], for_spreadsheet=True) == b"-1.5,3,,-1.5,\r\n"


def hostile(folder: Path) -> tuple[Path, Path]:
    """A workbook and a CSV whose every text is a formula."""
    rows = pd.DataFrame({"=name()": list(HOSTILE), "value": [float(n) for n in range(len(HOSTILE))]})
    (folder / "book.xlsx").write_bytes(
        workbook_bytes("=1+1", [Sheet("Table 1", "=2+2", rows, ("=3+3",)), Sheet("Tidy", "T", made())], about=["@SUM(1)"])
    )
    (folder / "table.csv").write_bytes(csv_bytes(rows, for_spreadsheet=True))
    return folder / "book.xlsx", folder / "table.csv"


def test_a_workbook_holds_no_formula_and_no_link(tmp_path: Path) -> None:
    book, _ = hostile(tmp_path)
    with zipfile.ZipFile(book) as parts:
        for name in parts.namelist():
            assert not re.search(rb"<f[ >]|<hyperlink|externalLink", parts.read(name)), name
    sheet = openpyxl.load_workbook(book)["Table 1"]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row if cell.value is not None} == {"s", "n"}
    assert [sheet.cell(n, 1).value for n in range(4, 4 + len(HOSTILE))] == [t.replace("\r", "") for t in HOSTILE]


@pytest.mark.skipif(shutil.which("soffice") is None and not os.environ.get("CI"), reason="LibreOffice is not installed")
def test_libreoffice_sees_no_formula_made_of_a_name(tmp_path: Path) -> None:
    profile = f"-env:UserInstallation=file://{tmp_path / 'profile'}"
    for path in hostile(tmp_path):
        command = ["soffice", profile, "--headless", "--convert-to", "fods", "--outdir", str(tmp_path / path.stem), str(path)]
        subprocess.run(command, check=True, capture_output=True, timeout=300, env={"HOME": str(tmp_path), "PATH": os.environ["PATH"]})
        seen = (tmp_path / path.stem / f"{path.stem}.fods").read_text(encoding="utf-8")
        assert "table:formula" not in seen
        assert "1+1" in seen


def test_a_workbook_is_the_same_for_the_same_tables_and_says_why_a_cell_has_no_figure() -> None:
    sheets = [Sheet("Table 1", "Smoking", made(), ("Take care.",))]
    data = workbook_bytes("Smoking", sheets, about=["A council"])
    assert data == workbook_bytes("Smoking", sheets, about=["A council"])
    book = openpyxl.load_workbook(io.BytesIO(data))
    assert book.sheetnames == ["Cover", "Contents", "Notes", "Table 1"]
    page = book["Table 1"]
    heads = [c.value for c in page[3]]
    assert heads[:3] == ["Measure", "Area", "Area code"]
    values = [page.cell(n, heads.index("Value") + 1).value for n in range(4, 8)]
    assert values == [25.5, 19.25, 24, "[c]"]
    assert page.freeze_panes == "A4"
    assert not page.merged_cells.ranges
    assert list(page.tables) == ["table_1"]
    notes = [[c.value for c in row] for row in book["Notes"].iter_rows(min_row=4)]
    assert ["Table 1", "Take care."] in notes
    assert [n[0] for n in notes][:3] == ["[c]", "[x]", "[z]"]
    assert [c.value for c in book["Contents"][4]] == ["Table 1", "Smoking"]
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        assert not any(str(int(SECRET)).encode() in parts.read(n) for n in parts.namelist())


def test_a_table_that_is_no_observations_is_shown_as_it_is() -> None:
    rows = pd.DataFrame({"name": ["A", None], "share": [0.5, float("nan")], "": ["x", "y"]})
    page = openpyxl.load_workbook(io.BytesIO(workbook_bytes("T", [Sheet("One", "T", rows)])))["One"]
    assert [[c.value for c in row] for row in page.iter_rows(min_row=3)] == [["name", "share", "Column"], ["A", 0.5, "x"], [None, None, "y"]]
    told = json.loads(package_bytes("t", "T", [(Table("one", "T", rows), csv_bytes(rows))]))
    assert "primaryKey" not in told["resources"][0]["schema"]
    assert [f["type"] for f in told["resources"][0]["schema"]["fields"]] == ["string", "number", "string"]
