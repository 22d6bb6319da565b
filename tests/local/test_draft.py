"""Awkward spreadsheets: a draft reads right at once, or says what it could not place; and never overwrites."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner

from jsnakit import local
from jsnakit.cli import cli
from jsnakit.errors import DataError, LayoutError

AREAS = "".join(
    f'[[area]]\ncode = "{name.lower()}"\nname = "{name}"\ntype = "locality"\nin = "E06000009"\n' for name in ("North", "South", "Central")
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "jsna.toml").write_text('[jsna]\narea = "E06000009"\narea_type = "ltla"\n', encoding="utf-8")
    (tmp_path / "local").mkdir()
    (tmp_path / "local" / "areas.toml").write_text(AREAS, encoding="utf-8")
    return tmp_path / "local"


def sheet_of(book: openpyxl.Workbook, name: str, rows: list[list[Any]], merged: tuple[str, ...] = ()) -> None:
    sheet = book.create_sheet(name)
    for row in rows:
        sheet.append(row)
    for cells in merged:
        sheet.merge_cells(cells)


def workbook(path: Path, sheets: dict[str, list[list[Any]]], merged: dict[str, tuple[str, ...]] | None = None) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet_of(book, name, rows, (merged or {}).get(name, ()))
    book.save(path)
    return path


def read_by(made: local.Draft, folder: Path) -> list[dict[str, Any]]:
    """The rows that the written draft gives, end to end."""
    made.write()
    source = local.LocalFigures(folder)
    return source.figures(next(d for d in source.described if d.path == made.path)).to_pylist()


def values(rows: list[dict[str, Any]], *keys: str) -> dict[tuple[Any, ...], Any]:
    return {tuple(r[k] for k in ("area", "period", *keys)): (r["value"] if r["status"] == "normal" else r["status"]) for r in rows}


def edited(made: local.Draft, *changes: tuple[str, str]) -> local.Draft:
    text = made.text
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return local.Draft(path=made.path, text=text)


PUBLISHED = ('policy = "raw"', 'policy = "published"'), ("below = 5\n", "")


def test_a_header_merged_over_two_rows_notes_above_and_below_small_numbers_and_a_total_row(folder):
    path = workbook(
        folder / "falls.xlsx",
        {
            "Contents": [["Falls in Blackpool"], ["Table 1: by locality"]],
            "Table 1": [
                ["Table 1: falls among people aged 65 and over, by locality"],
                ["Counts below 5 are shown as *"],
                [],
                ["Locality", "2022/23", None, "2023/24", None],
                [None, "Number", "Rate per 1,000", "Number", "Rate per 1,000"],
                ["North", 12, 3.4, "*", "*"],
                ["South", "1,204", 30.1, 1304, 31.2],
                ["Central", 70, 12.0, 75, 13.1],
                ["Total", 1286, 20.5, 1382, 21.0],
                [],
                ["* a count of 1 to 4"],
                ["Source: community falls service"],
            ],
        },
        {"Table 1": ("B4:C4", "D4:E4", "A4:A5")},
    )
    made = local.draft(path)
    assert made.missing == ()
    assert 'source = "community falls service"' in made.text
    rows = read_by(edited(made, *PUBLISHED), folder)
    assert values(rows) == {
        ("north", "2022/23"): 3.4, ("south", "2022/23"): 30.1, ("central", "2022/23"): 12.0, ("E06000009", "2022/23"): 20.5,
        ("north", "2023/24"): "suppressed", ("south", "2023/24"): 31.2, ("central", "2023/24"): 13.1, ("E06000009", "2023/24"): 21.0,
    }  # fmt: skip
    assert {(r["area"], r["period"]): r["count"] for r in rows}["south", "2022/23"] == 1204


def test_the_same_file_as_raw_figures_withholds_what_the_marks_leave_open(folder):
    path = folder / "falls.csv"
    path.write_text("Locality,2022/23,2023/24\nNorth,12,*\nSouth,40,44\nCentral,70,75\nTotal,122,122\n", encoding="utf-8")
    made = local.draft(path)
    assert made.missing == ()
    rows = values(read_by(made, folder))
    # 122 - 44 - 75 is 3: a second one goes.
    assert rows["north", "2023/24"] == "suppressed"
    assert rows["south", "2023/24"] == "suppressed"
    assert rows["central", "2023/24"] == 75
    assert rows["north", "2022/23"] == 12


def test_years_across_with_financial_years_written_with_a_dash(folder):
    path = workbook(
        folder / "smoking.xlsx",
        {"Data": [["Smoking at delivery (%)"], ["Local authority", "2020-21", "2021-22", "2022-23"], ["Blackpool", 0.201, 0.19, 0.176], ["Lancashire", 0.12, 0.118, ".."], ["England", 0.096, 0.091, 0.088]]},
    )  # fmt: skip
    made = local.draft(path)
    assert "[small_numbers] policy" not in made.text.split("# Still missing")[0]
    # A percentage without its count cannot be raw; the draft says so, and its unit and type are for a person to say.
    assert made.missing
    assert 'years = "financial"' in made.text


def test_sexes_and_years_across(folder):
    path = workbook(
        folder / "admissions.xlsx",
        {"A": [["Locality", "2023", None, None, "2024", None, None], [None, "Males", "Females", "Persons", "Males", "Females", "Persons"],
               ["North", 10, 11, 21, 12, 13, 25], ["South", 20, 21, 41, 22, 23, 45]]},
        {"A": ("B1:D1", "E1:G1", "A1:A2")},
    )  # fmt: skip
    made = local.draft(path)
    assert made.missing == ()
    rows = values(read_by(made, folder), "sex")
    assert len(rows) == 12
    assert rows["north", "2023", "Male"] == 10
    assert rows["south", "2024", "_T"] == 45
    assert rows["south", "2024", "Female"] == 23


def test_a_long_table_with_merged_areas_and_a_breakdown(folder):
    path = workbook(
        folder / "referrals.xlsx",
        {
            "Referrals": [
                ["Referrals to the service, quarter by quarter"],
                [],
                ["Locality", "Quarter", "Age group", "Referrals"],
                ["North", "Q1 2024/25", "18-64", 31],
                [None, "Q1 2024/25", "65+", 25],
                [None, "Q1 2024/25", "All ages", 56],
                ["South", "Q1 2024/25", "18-64", 41],
                [None, "Q1 2024/25", "65+", 35],
                [None, "Q1 2024/25", "All ages", 76],
                [],
                ["Notes: a person may be referred more than once."],
            ]
        },
        {"Referrals": ("A4:A6", "A7:A9")},
    )
    made = local.draft(path)
    assert made.missing == ()
    rows = values(read_by(made, folder), "age")
    assert rows == {
        ("north", "Q1 2024/25", "18-64"): 31, ("north", "Q1 2024/25", "65+"): 25, ("north", "Q1 2024/25", "_T"): 56,
        ("south", "Q1 2024/25", "18-64"): 41, ("south", "Q1 2024/25", "65+"): 35, ("south", "Q1 2024/25", "_T"): 76,
    }  # fmt: skip
    assert {
        str(r["period_start"]) + r["period_duration"] for r in local.LocalFigures(folder).figures(local.LocalFigures(folder).described[0]).to_pylist()
    } == {"2024-04-01P3M"}


def test_codes_beside_names_limits_and_headings_between_the_rows(folder):
    path = folder / "obesity.csv"
    path.write_text(
        "Obesity in Year 6,,,,,\nArea code,Area name,Period,Percentage (%),Lower CI,Upper CI\nLancashire,,,,,\nE06000008,Blackburn with Darwen,2022/23,27.1%,25.0%,29.3%\n"
        "E06000009,Blackpool,2022/23,26.9%,24.6%,29.2%\nCheshire,,,,,\nE06000049,Cheshire East,2022/23,17.4%,16.4%,18.4%\n",
        encoding="utf-8",
    )
    made = local.draft(path)
    assert any("policy" in m for m in made.missing)
    assert "row 3: 'Lancashire' stands between the rows" in made.text
    assert "it names the areas a second time" in made.text
    rows = read_by(edited(made, ('# policy = "published"', 'policy = "published"')), folder)
    assert values(rows) == {("E06000008", "2022/23"): 27.1, ("E06000009", "2022/23"): 26.9, ("E06000049", "2022/23"): 17.4}
    assert {(r["area"], r["lower"], r["upper"], r["limits_method"]) for r in rows} >= {("E06000009", 24.6, 29.2, "published")}


def test_several_sheets_and_one_is_asked_for(folder):
    rows = [["Locality", "2024"], ["North", 10], ["South", 20]]
    path = workbook(folder / "both.xlsx", {"Cover": [["Both"]], "Adults": [*rows, ["Central", 30]], "Children": rows})
    made = local.draft(path)
    assert 'sheet = "Adults"' in made.text
    assert '"Children"' in made.text
    other = local.draft(path, sheet="Children")
    assert 'sheet = "Children"' in other.text
    assert values(read_by(other, folder)) == {("north", "2024"): 10, ("south", "2024"): 20}
    with pytest.raises(LayoutError, match="Cover"):
        local.draft(path, sheet="Cover")


def test_an_old_file_in_another_encoding_with_semicolons(folder):
    path = folder / "old.csv"
    path.write_bytes("Locality;Year;Co\xfbts\nNorth;2024;1204\nSouth;2024;77\n".encode("cp1252"))
    made = local.draft(path)
    assert 'encoding = "cp1252"' in made.text
    assert 'delimiter = ";"' in made.text
    assert values(read_by(made, folder)) == {("north", "2024"): 1204, ("south", "2024"): 77}


def test_dates_that_may_mean_a_month_or_a_day_are_asked_about(folder):
    import datetime as dt

    path = workbook(
        folder / "months.xlsx", {"M": [["Locality", "Month", "Cases"], ["North", dt.date(2024, 4, 1), 12], ["North", dt.date(2024, 5, 1), 14]]}
    )
    made = local.draft(path)
    assert any("holds dates" in m for m in made.missing)
    rows = read_by(edited(made, ('# of = "month"', 'of = "month"')), folder)
    assert values(rows) == {("north", "April 2024"): 12, ("north", "May 2024"): 14}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Locality,Year,Count\nNorth,2024,12\nSouth,2024,-\n", "'-'"),
        ("Locality,Year,Count\nNorth,2024,12\nSouth,2024,about 5\n", "row 3, column C: words beside a number"),
        ("Locality,Year,Count\nNorth,2024,12\nNowhere,2024,9\nSouth,2024,9\n", "'Nowhere'"),
        ("Locality,Count\nNorth,12\nSouth,9\n", "[period]"),
        ("Ward,Year,Count\nAlpha,2024,12\nBeta,2024,9\n", "areas.toml"),
        ("Locality,Year,Score\nNorth,2024,12.5\nSouth,2024,9.5\n", "counted in"),
    ],
)
def test_what_cannot_be_placed_is_said(folder, text, words):
    path = folder / "odd.csv"
    path.write_text(text, encoding="utf-8")
    made = local.draft(path)
    assert any(words in m for m in made.missing), made.missing
    tomllib.loads(made.text)
    assert "# Still missing:" in made.text


def test_no_table_is_an_error(folder):
    for name, text in (("letter.csv", "Dear all\nplease find\n"), ("empty.csv", ""), ("page.csv", "<html></html>")):
        (folder / name).write_text(text, encoding="utf-8")
        with pytest.raises(LayoutError):
            local.draft(folder / name)
    (folder / "x.pdf").write_bytes(b"%PDF")
    with pytest.raises(LayoutError, match="CSV"):
        local.draft(folder / "x.pdf")


def test_words_joined_by_underscores_are_words(tmp_path):
    path = tmp_path / "friends.csv"
    path.write_text("trust_code,month,pct_positive,responses\nRXL,2024-04,95.6,1803\nRXN,2024-04,94.1,1644\n", encoding="utf-8")
    drafted = local.draft(path).text
    assert 'value = "pct_positive"' in drafted
    assert 'unit = "%"' in drafted
    assert 'count = "pct_positive"' not in drafted


def test_a_draft_is_written_once_and_never_over_another(folder):
    (folder / "a.csv").write_text("Locality,Year,Count\nNorth,2024,12\nSouth,2024,9\n", encoding="utf-8")
    run: Callable[..., Any] = CliRunner().invoke
    assert run(cli, ["local", "draft", str(folder / "a.csv")]).exit_code == 0
    assert not (folder / "a.toml").exists()
    assert run(cli, ["local", "draft", str(folder / "a.csv"), "--write"]).exit_code == 0
    (folder / "a.toml").write_text("mine", encoding="utf-8")
    again = run(cli, ["local", "draft", str(folder / "a.csv"), "--write"])
    assert isinstance(again.exception, DataError)
    assert (folder / "a.toml").read_text(encoding="utf-8") == "mine"
    (folder / "b.csv").write_text("Locality,Year,Count\nNorth,2024,12\nNowhere,2024,9\nSouth,2024,3\n", encoding="utf-8")
    result = run(cli, ["local", "draft", str(folder / "b.csv")])
    assert result.exit_code == 3
    assert "missing: row 3" in result.stderr
