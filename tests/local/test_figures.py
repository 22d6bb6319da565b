"""A project's own files: described, read, withheld where they must be, locked, and found beside everything else."""

from __future__ import annotations

import datetime as dt
import json
import logging
import re
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner

import jsnakit as jk
from jsnakit import local, observations
from jsnakit.cli import cli
from jsnakit.errors import (
    AmbiguousAreaError,
    DataError,
    InvalidValueError,
    LayoutError,
    NoDataError,
    PluginConflictError,
    SettingsError,
    SourceChangedError,
    UnknownAreaError,
    UnknownIndicatorError,
)
from jsnakit.store import Lock, Store

AREAS = """
[[type]]
code = "locality"
name = "locality"

[[area]]
code = "north"
name = "North locality"
type = "locality"
in = "E06000009"
aliases = ["North"]

[[area]]
code = "south"
name = "South locality"
type = "locality"
in = "E06000009"
aliases = ["South"]

[[area]]
code = "central"
name = "Central locality"
type = "locality"
in = "E06000009"
aliases = ["Central"]
"""

FALLS_CSV = """Falls among older people,,,
,,,
Locality,Year,Falls,People
North,2023/24,3,1731
South,2023/24,17,2000
Central,2023/24,"1,226",15000
Total,2023/24,"1,246",18731
Source: the falls service,,,
"""

FALLS = """
owner = "Public health intelligence"
source = "Falls service"
licence = "OGL-UK-3.0"
caveat = "Falls reported to the service only."

[table]
header = ["Locality", "Year"]

[area]
column = "Locality"
type = "locality"
means = { "Total" = "ltla:E06000009" }

[period]
column = "Year"

[small_numbers]
policy = "raw"
below = 5

[[indicator]]
key = "falls"
name = "Falls"
unit = "falls"
count = "Falls"
denominator = "People"
polarity = "lower_is_better"

[[indicator]]
key = "falls_rate"
name = "Falls"
unit = "per 1,000"
count = "Falls"
denominator = "People"
per = 1000
polarity = "lower_is_better"
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "jsna"
    (folder / "local").mkdir(parents=True)
    (folder / "jsna.toml").write_text('[jsna]\narea = "E06000009"\narea_type = "ltla"\ncouncil = "Blackpool Council"\n', encoding="utf-8")
    put(folder, "areas.toml", AREAS)
    put(folder, "falls.csv", FALLS_CSV)
    put(folder, "falls.toml", FALLS)
    return folder


def put(folder: Path, name: str, text: str) -> Path:
    path = folder / "local" / name
    path.write_text(text, encoding="utf-8")
    return path


def opened(folder: Path, **more) -> jk.Workspace:
    path = folder / "jsna.lock"
    return jk.Workspace(folder, store=Store(folder.parent / "cache", Lock.read(path) if path.exists() else None, offline=True, **more))


def shown(frame, *columns):
    return {
        row[0]: row[1:]
        for row in frame[["area", *columns]].astype(object).where(frame[["area", *columns]].notna(), None).itertuples(index=False, name=None)
    }


# -- reading -------------------------------------------------------------------------------------------------------------------------


def test_small_counts_are_withheld_with_one_more_and_the_rest_is_as_in_the_file(project):
    frame = opened(project).observe("local.falls_rate")
    assert shown(frame, "value", "count", "denominator", "status") == {
        "north": (None, None, None, "suppressed"),
        "south": (None, None, None, "suppressed"),
        "central": (1226 / 15, 1226, 15000, "normal"),
        "E06000009": (1000 * 1246 / 18731, 1246, 18731, "normal"),
    }
    assert frame["value_min"].isna().all()
    assert frame["value_max"].isna().all()
    assert set(frame["period_start"]) == {dt.datetime(2023, 4, 1)}  # noqa: DTZ001  # pandas has no time zone here either


def test_a_count_and_its_rate_are_withheld_together(project):
    frame = opened(project).observe("local.falls", "local.falls_rate")
    hidden = frame[frame["status"] == "suppressed"]
    assert {i: set(g["area"]) for i, g in hidden.groupby("indicator")} == {"local.falls": {"north", "south"}, "local.falls_rate": {"north", "south"}}


def test_published_figures_are_left_as_they_are(project):
    put(project, "falls.toml", FALLS.replace('policy = "raw"\nbelow = 5', 'policy = "published"'))
    frame = opened(project).observe("local.falls")
    assert shown(frame, "value") == {"north": (3,), "south": (17,), "central": (1226,), "E06000009": (1246,)}


def test_zero_is_shown_or_withheld_as_the_rule_says(project):
    zeros = FALLS_CSV.replace("North,2023/24,3,", "North,2023/24,0,").replace('"1,246"', '"1,243"')
    put(project, "falls.csv", zeros)
    assert set(opened(project).observe("local.falls")["status"]) == {"normal"}
    put(project, "falls.toml", FALLS.replace("below = 5", 'below = 5\nzero = "hidden"'))
    assert shown(opened(project).observe("local.falls"), "status")["north"] == ("suppressed",)


def test_counts_are_rounded_and_the_rate_is_that_of_the_rounded_count(project):
    put(project, "falls.toml", FALLS.replace("below = 5", "below = 5\nround_to = 5"))
    frame = opened(project).observe("local.falls_rate")
    assert shown(frame, "count", "value", "flags")["central"] == (1225, 1225 / 15, "rounded")
    assert shown(frame, "count", "status")["north"] == (None, "suppressed")


def test_sexes_across_the_header_are_protected_against_their_total(project):
    put(project, "sexes.csv", "Area,Males 2024,Females 2024,Persons 2024\nE06000009,3,40,43\nE06000008,31,40,71\n")
    put(
        project, "sexes.toml",
        """
[table]
header = ["Area"]
[area]
column = "Area"
type = "ltla"
[period]
value = "2024"
[sex]
across = ["Males", "Females", "Persons"]
[small_numbers]
policy = "raw"
below = 5
[[indicator]]
key = "admissions"
name = "Admissions"
unit = "admissions"
count = "{sex} 2024"
""",
    )  # fmt: skip
    frame = opened(project).observe("local.admissions", breakdowns=["sex"])
    found = {(row["area"], row["sex"]): (row["count"] if row["status"] == "normal" else None) for row in frame.to_dict("records")}
    assert found == {
        ("E06000009", "Male"): None, ("E06000009", "Female"): None, ("E06000009", "_T"): 43,
        ("E06000008", "Male"): 31, ("E06000008", "Female"): 40, ("E06000008", "_T"): 71,
    }  # fmt: skip
    assert set(opened(project).observe("local.admissions")["sex"]) == {"_T"}


def test_years_that_make_up_a_longer_period_are_protected_against_it(project):
    rows = "North,2021,3\nNorth,2022,8\nNorth,2023,9\nNorth,2021-2023,20\n"
    put(project, "years.csv", "Locality,Year,Count\n" + rows)
    toml = FALLS.replace('means = { "Total" = "ltla:E06000009" }', "").split("[[indicator]]")[0]
    put(
        project,
        "years.toml",
        toml.replace('column = "Year"', 'column = "Year"') + '[[indicator]]\nkey = "years"\nname = "Cases"\nunit = "cases"\ncount = "Count"\n',
    )
    frame = opened(project).observe("local.years")
    assert {row["period"]: row["status"] for row in frame.to_dict("records")} == {
        "2021": "suppressed",
        "2022": "suppressed",
        "2023": "normal",
        "2021-2023": "normal",
    }


def test_ages_within_ages_are_protected(project):
    rows = "North,65+,12\nNorth,65-74,3\nNorth,75+,9\nNorth,All ages,200\n"
    put(project, "ages.csv", "Locality,Age,Count\n" + rows)
    toml = (
        FALLS.replace('means = { "Total" = "ltla:E06000009" }', "")
        .split("[[indicator]]")[0]
        .replace('header = ["Locality", "Year"]', 'header = ["Locality", "Age"]')
    )
    toml = toml.replace('column = "Year"', 'value = "2024"\n[age]\ncolumn = "Age"')
    put(project, "ages.toml", toml + '[[indicator]]\nkey = "ages"\nname = "Cases"\nunit = "cases"\ncount = "Count"\n')
    frame = opened(project).observe("local.ages", breakdowns=["age"])
    assert {row["age"]: row["status"] for row in frame.to_dict("records")} == {
        "65+": "normal",
        "65-74": "suppressed",
        "75+": "suppressed",
        "_T": "normal",
    }


def test_a_small_number_of_people_is_withheld_whatever_their_rate(project):
    put(project, "falls.csv", FALLS_CSV.replace("North,2023/24,3,1731", "North,2023/24,0,4").replace("18731", "17004").replace("1,246", "1,243"))
    found = shown(opened(project).observe("local.falls_rate"), "status", "denominator")
    assert found["north"] == ("suppressed", None)
    assert found["south"] == ("suppressed", None)


def test_an_average_of_few_people_is_withheld_and_so_is_one_more(project):
    put(project, "waits.csv", "Locality,Year,Days,People\nNorth,2024,3.5,2\nSouth,2024,9.25,40\nCentral,2024,7,50\nTotal,2024,7.9,92\n")
    toml = FALLS.split("[[indicator]]", maxsplit=1)[0]
    put(
        project,
        "waits.toml",
        toml + '[[indicator]]\nkey = "waits"\nname = "Wait"\nunit = "days"\nvalue = "Days"\ndenominator = "People"\nvalue_type = "mean"\n',
    )
    found = shown(opened(project).observe("local.waits"), "value", "denominator")
    assert found == {"north": (None, None), "south": (None, None), "central": (7, 50), "E06000009": (7.9, 92)}


def test_those_who_are_not_counted_are_a_count_where_the_rule_says_so(project):
    put(project, "jabs.csv", "Locality,Year,Vaccinated,Children\nNorth,2024,98,100\nSouth,2024,80,100\nCentral,2024,70,100\nTotal,2024,248,300\n")
    toml = FALLS.split("[[indicator]]", maxsplit=1)[0]
    row = '[[indicator]]\nkey = "jabs"\nname = "Vaccinated"\nunit = "%"\ncount = "Vaccinated"\ndenominator = "Children"\nper = 100\n'
    put(project, "jabs.toml", toml + row)
    assert shown(opened(project).observe("local.jabs"), "value")["north"] == (98,)
    put(project, "jabs.toml", toml.replace("below = 5", "below = 5\ncomplement = true") + row)
    found = shown(opened(project).observe("local.jabs"), "value", "denominator")
    assert found == {"north": (None, None), "south": (None, None), "central": (70, 100), "E06000009": (100 * 248 / 300, 300)}


def test_a_number_and_its_parts_in_other_indicators_are_protected_together(project):
    put(project, "routes.csv", "Locality,Year,All,Planned,Emergency\nNorth,2024,40,37,3\nSouth,2024,50,30,20\n")
    toml = FALLS.split("[[indicator]]", maxsplit=1)[0].replace('means = { "Total" = "ltla:E06000009" }', "")
    rows = "".join(f'[[indicator]]\nkey = "{c.lower()}"\nname = "{c}"\nunit = "admissions"\ncount = "{c}"\n' for c in ("All", "Planned", "Emergency"))
    put(project, "routes.toml", toml + rows.replace('count = "All"', 'count = "All"\ntotal_of = ["planned", "emergency"]'))
    frame = opened(project).observe("local.all", "local.planned", "local.emergency")
    hidden = {(r["indicator"], r["area"]) for r in frame.to_dict("records") if r["status"] == "suppressed"}
    assert hidden == {("local.emergency", "north"), ("local.planned", "north")}


@pytest.mark.parametrize(
    ("old", "new", "error", "words"),
    [
        ("North,2023/24,3,", "Nroth,2023/24,3,", DataError, "North locality"),
        ("North,2023/24,3,", "North,2023-24,3,", DataError, "financial"),
        ("North,2023/24,3,", "North,2023/24,~,", DataError, "neither a number nor a mark"),
        ("North,2023/24,3,", "North,2023/24,,", DataError, "empty cell"),
        ("North,2023/24,3,", "North,2023/24,3.5,", DataError, "whole number"),
        ("North,2023/24,3,", "North,2023/24,-3,", DataError, "less than nothing"),
        ("South,2023/24", "North,2023/24", DataError, "stands in row 4"),
        ("Locality,Year,Falls,People", "Locality,Year,Falls,Persons", LayoutError, "People"),
        ("Locality,Year,Falls,People", "Ward,Year,Falls,People", LayoutError, "no header row"),
        ("Central,2023", "Note: see below,,,\nCentral,2023", DataError, "between rows"),
    ],
)
def test_what_cannot_be_read_right_is_refused_with_its_place(project, old, new, error, words):
    assert old in FALLS_CSV
    put(project, "falls.csv", FALLS_CSV.replace(old, new))
    with pytest.raises(jk.errors.JsnakitError) as caught:
        opened(project).observe("local.falls")
    assert isinstance(caught.value, error), caught.value
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('column = "Year"', 'colum = "Year"', "did you mean 'column'"),
        ('policy = "raw"', 'policy = "secret"', "secret"),
        ("below = 5", "", "below"),
        ("below = 5", "below = 1", "below"),
        ('policy = "raw"\nbelow = 5', "", "small_numbers"),
        ('polarity = "lower_is_better"\n\n[[indicator]]', 'polarity = "lower"\n\n[[indicator]]', "lower_is_better"),
        ('key = "falls_rate"', 'key = "falls"', "twice"),
        ("per = 1000", 'per = 1000\nvalue = "Falls"', "per works out"),
        ('column = "Year"', 'column = "Year"\nvalue = "2024"', "one of column, value and across"),
        ("[small_numbers]", '[marks]\n"*" = "supressed"\n[small_numbers]', "did you mean 'suppressed'"),
        ('count = "Falls"', 'value = "Falls"\nvalue_type = "rate"', "raw figure needs its count"),
        ('count = "Falls"', 'value = "Falls"\nvalue_type = "proportion"', "raw figure needs its count"),
        ("owner =", "ownr =", "did you mean 'owner'"),
    ],
)
def test_a_description_that_cannot_be_used_is_named_with_its_key(project, old, new, words):
    assert old in FALLS
    text = FALLS.replace(old, new, 1)
    put(project, "falls.toml", text)
    with pytest.raises(SettingsError) as error:
        local.descriptions(project / "local")
    assert words in str(error.value)
    assert "falls.toml" in str(error.value)


def test_marks_mean_what_the_description_says(project):
    put(project, "marks.csv", "Locality,Year,Count\nNorth,2024,*\nSouth,2024,12 [p]\nCentral,2024,..\n")
    toml = (
        FALLS.replace('means = { "Total" = "ltla:E06000009" }', "")
        .split("[[indicator]]")[0]
        .replace('policy = "raw"\nbelow = 5', 'policy = "published"')
    )
    toml += '[marks]\n"*" = { status = "suppressed", min = 1, max = 4 }\n".." = "not_available"\n"[p]" = "provisional"\n'
    put(project, "marks.toml", toml + '[[indicator]]\nkey = "marks"\nname = "Cases"\nunit = "cases"\ncount = "Count"\n')
    frame = opened(project).observe("local.marks")
    assert shown(frame, "value", "status", "flags", "value_min", "value_max") == {
        "north": (None, "suppressed", None, 1, 4), "south": (12, "normal", "provisional", None, None), "central": (None, "not_available", None, None, None),
    }  # fmt: skip


# -- what must not be seen -----------------------------------------------------------------------------------------------------------

SECRET = "7319"


def test_no_withheld_count_is_in_the_cache_the_lock_the_log_the_export_or_an_error(project, tmp_path, caplog):
    """A rule of its own makes a number that nothing else contains the small one."""
    caplog.set_level(logging.DEBUG)
    put(
        project,
        "falls.csv",
        FALLS_CSV.replace("North,2023/24,3,1731", f"North,2023/24,{SECRET},17310")
        .replace("South,2023/24,17,2000", "South,2023/24,9127,20000")
        .replace('"1,226"', "92260")
        .replace('"1,246"', str(92260 + 9127 + int(SECRET))),
    )
    put(project, "falls.toml", FALLS.replace("below = 5", "below = 8000"))
    ws = opened(project)
    frame = ws.observe("local.falls", "local.falls_rate", breakdowns=["*"])
    assert shown(frame, "status")["north"] == ("suppressed",)
    ws.save_lock()
    ws.store.export(tmp_path / "export.zip")
    seen = [frame.to_csv(), (project / "jsna.lock").read_text(encoding="utf-8"), caplog.text, json.dumps(ws.notes)]
    forms = [
        SECRET.encode(),
        f"{int(SECRET):,}".encode(),
        float(SECRET).hex().encode(),
        __import__("struct").pack("<d", float(SECRET)),
        __import__("struct").pack("<q", int(SECRET)),
        str(1000 * int(SECRET) / 17310).encode(),
        __import__("struct").pack("<d", 1000 * int(SECRET) / 17310),
    ]
    kept = [p for p in (tmp_path / "cache").rglob("*") if p.is_file()]
    assert kept
    import pyarrow.parquet as pq

    for path in kept:
        data = path.read_bytes()
        assert not [f for f in forms if f in data], path
        if data[:4] == b"PAR1":
            assert float(SECRET) not in [v for c in pq.read_table(path).to_pydict().values() for v in c]
    with zipfile.ZipFile(tmp_path / "export.zip") as archive:
        for name in archive.namelist():
            assert not [f for f in forms if f in archive.read(name)], name
    assert not [text for text in seen if SECRET in text]
    # A fault beside it names the place, not the number.
    put(project, "falls.csv", FALLS_CSV.replace("North,2023/24,3,", f"North,2023/24,{SECRET}?,"))
    with pytest.raises(DataError) as error:
        opened(project).observe("local.falls")
    assert SECRET not in str(error.value)
    assert SECRET not in repr(error.value.data)
    assert "row" in str(error.value) or "line 4" in str(error.value)


def test_the_lock_does_not_hold_a_hash_of_a_raw_file(project):
    """Whoever knows all but a few cells of a file could try the rest against its hash."""
    import hashlib

    ws = opened(project)
    ws.observe("local.falls")
    ws.save_lock()
    assert hashlib.sha256((project / "local" / "falls.csv").read_bytes()).hexdigest() not in (project / "jsna.lock").read_text(encoding="utf-8")


# -- lock ----------------------------------------------------------------------------------------------------------------------------


def test_reading_a_raw_file_by_hand_shows_no_hash_of_it_either(project):
    import hashlib

    digest = hashlib.sha256((project / "local" / "falls.csv").read_bytes()).hexdigest()
    result = ran(project, "read", "local", str(project / "local" / "falls.csv"), "--format", "csv")
    assert "suppressed" in result.output
    assert digest[:12] not in result.output


def test_an_edited_file_answers_at_once_and_says_so(project):
    ws = opened(project)
    ws.observe("local.falls")
    ws.save_lock()
    before = (project / "jsna.lock").read_bytes()
    again = opened(project)
    again.observe("local.falls")
    assert again.notes == ()
    again.save_lock()
    assert (project / "jsna.lock").read_bytes() == before
    put(project, "falls.csv", FALLS_CSV.replace("1,226", "1,227").replace("1,246", "1,247"))
    edited = opened(project)
    assert shown(edited.observe("local.falls"), "value")["central"] == (1227,)
    assert len(edited.notes) == 1
    assert "local/falls.csv has changed" in edited.notes[0]
    assert "4 revised" in edited.notes[0]


def test_lock_update_shows_what_changed_and_moves_the_lock(project):
    ws = opened(project)
    ws.observe("local.falls")
    ws.save_lock()
    put(project, "falls.csv", FALLS_CSV.replace("1,226", "1,227").replace("1,246", "1,247"))
    ws = opened(project)
    changes = ws.update("local")["local"]
    assert len(changes.frame) == 4
    ws.save_lock()
    assert not opened(project).update("local")["local"]


def test_a_lock_that_alone_decides_refuses_an_edited_file(project):
    ws = opened(project)
    ws.observe("local.falls")
    ws.save_lock()
    opened(project, locked=True).observe("local.falls")
    put(project, "falls.csv", FALLS_CSV.replace("1,226", "1,227").replace("1,246", "1,247"))
    with pytest.raises(SourceChangedError, match="lock --update local"):
        opened(project, locked=True).observe("local.falls")


def test_the_pinned_figures_stand_in_for_a_raw_file_that_is_not_here(project):
    ws = opened(project)
    before = ws.observe("local.falls")
    ws.save_lock()
    (project / "local" / "falls.csv").unlink()
    there = opened(project)
    assert there.observe("local.falls").equals(before)
    assert "is not here" in there.notes[0]
    (project / "jsna.lock").unlink()
    with pytest.raises(DataError, match=r"falls\.csv does not exist"):
        opened(project).observe("local.falls")


def test_two_projects_share_a_cache_and_not_their_figures(project, tmp_path):
    other = tmp_path / "other"
    (other / "local").mkdir(parents=True)
    (other / "jsna.toml").write_text((project / "jsna.toml").read_text(encoding="utf-8"), encoding="utf-8")
    put(other, "areas.toml", AREAS)
    put(other, "falls.toml", FALLS)
    put(other, "falls.csv", FALLS_CSV.replace("1,226", "1,300").replace("1,246", "1,320"))
    assert shown(opened(project).observe("local.falls"), "value")["central"] == (1226,)
    assert shown(opened(other).observe("local.falls"), "value")["central"] == (1300,)
    assert shown(opened(project).observe("local.falls"), "value")["central"] == (1226,)


def test_a_file_no_longer_described_leaves_the_lock(project):
    ws = opened(project)
    ws.observe("local.falls")
    ws.save_lock()
    (project / "local" / "falls.toml").rename(project / "local" / "slips.toml")
    put(project, "slips.toml", 'file = "falls.csv"\n' + FALLS)
    (project / "local" / "falls.csv").rename(project / "local" / "slips.csv")
    put(project, "slips.toml", 'file = "slips.csv"\n' + FALLS)
    ws = opened(project)
    ws.observe("local.falls")
    assert [pin.url for pin in ws.store.lock.pins.values()] == ["snapshot:local/slips.csv"]


# -- beside everything else ----------------------------------------------------------------------------------------------------------


def test_own_areas_are_areas_like_any_other(project):
    ws = opened(project)
    north = ws.area("North locality")
    assert (north.scheme, north.type, north.code) == ("local", "locality", "north")
    assert ws.area("north", type="locality") == north
    assert [a.code for a in ws.areas("locality")] == ["central", "north", "south"]
    assert ws.area("Blackpool", type="ltla").code == "E06000009"
    assert set(ws.areas("ltla")) == set(jk.Workspace().areas("ltla"))
    frame = ws.named(ws.observe("local.falls", areas=["Central locality", "E06000009"]))
    assert shown(frame, "area_name") == {"central": ("Central locality",), "E06000009": ("Blackpool",)}
    assert ws.coverage("local.falls").absent == ()
    with pytest.raises(UnknownAreaError, match="North locality"):
        ws.area("Nort locality")
    with pytest.raises(UnknownAreaError):
        ws.area("Blackpool", type="locality")
    with pytest.raises(InvalidValueError, match="locality"):
        ws.areas("localty")


def test_an_own_area_that_shares_a_name_is_ambiguous(project):
    put(project, "areas.toml", AREAS + '\n[[area]]\ncode = "b1"\nname = "Blackpool"\ntype = "locality"\n')
    ws = opened(project)
    with pytest.raises(AmbiguousAreaError) as error:
        ws.area("Blackpool")
    assert {a.type for a in error.value.candidates} == {"locality", "ltla", "utla"}
    assert ws.area("Blackpool", type="locality").code == "b1"
    assert ws.area("Blackpool", type="utla").code == "E06000009"


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ('code = "x y"\nname = "X"\ntype = "locality"', "spaces"),
        ('code = "x"\nname = " "\ntype = "locality"', "no name"),
        ('code = "north"\nname = "N"\ntype = "locality"', "twice"),
        ('code = "x"\nname = "X"\ntype = "ltla"', "type of their own"),
        ('code = "x"\nname = "X"\ntype = "locality"\nin = "E99"', "no area"),
        ('code = "x"\nname = "X"\ntype = "locality"\nin = "x"', "in itself"),
        ('code = "x"\nname = "X"\ntype = "Locality!"', "not a type"),
        ('code = "x"\nnmae = "X"\ntype = "locality"', "nmae"),
    ],
)
def test_a_wrong_area_is_named(project, row, words):
    put(project, "areas.toml", AREAS + f"\n[[area]]\n{row}\n")
    with pytest.raises(SettingsError) as error:
        local.read_areas(project / "local")
    assert words in str(error.value)


def test_areas_made_of_others_are_protected_against_them(project):
    wards = "".join(f'[[area]]\ncode = "w{i}"\nname = "Ward {i}"\ntype = "ward"\nscheme = "gss"\n' for i in range(1, 4))
    put(project, "areas.toml", AREAS.replace('aliases = ["North"]', 'aliases = ["North"]\nmade_of = ["w1", "w2", "w3"]') + wards)
    put(project, "wards.csv", "Area,Count\nWard 1,2\nWard 2,7\nWard 3,9\nNorth,18\n")
    toml = FALLS.replace(
        'column = "Locality"\ntype = "locality"\nmeans = { "Total" = "ltla:E06000009" }',
        'column = "Area"\ntype = "ward"\nmeans = { "North" = "locality:north" }',
    ).split("[[indicator]]")[0]
    toml = toml.replace('column = "Year"', 'value = "2024"').replace('["Locality", "Year"]', '["Area", "Count"]')
    put(project, "wards.toml", toml + '[[indicator]]\nkey = "wards"\nname = "Cases"\nunit = "cases"\ncount = "Count"\n')
    found = shown(opened(project).observe("local.wards"), "status")
    assert found == {"w1": ("suppressed",), "w2": ("suppressed",), "w3": ("normal",), "north": ("normal",)}


def test_a_project_without_the_folder_has_no_such_source(tmp_path):
    (tmp_path / "jsna.toml").write_text('[jsna]\narea = "E06000009"\n', encoding="utf-8")
    ws = jk.Workspace(tmp_path)
    assert ws.local is None
    assert "local" not in ws.plugins.names
    with pytest.raises(UnknownIndicatorError, match="folder local/"):
        ws.observe("local.falls")


def test_indicators_say_whose_they_are(project):
    ws = opened(project)
    assert [i.id for i in ws.indicators("local. falls")] == ["local.falls", "local.falls_rate"]
    one = ws.indicator("local.falls_rate")
    assert (one.publisher, one.licence, one.area_types, one.value_type) == ("Public health intelligence", "OGL-UK-3.0", ("locality", "ltla"), "rate")
    assert "Counts below 5 are withheld" in " ".join(one.caveats)
    with pytest.raises(UnknownIndicatorError, match="did you mean"):
        ws.observe("local.fals")


def test_another_source_called_local_is_refused(project):
    class Mine(jk.Source):
        info = jk.SourceInfo(id="local", title="x", publisher="x", licence="x", homepage="")

        def indicators(self):
            return []

        def parse(self, resource, data): ...

        def assemble(self, parts, query): ...

    with pytest.raises(PluginConflictError):
        jk.Workspace(project, plugins=jk.Plugins.only(Mine()))


def test_a_file_is_read_without_a_workspace(project):
    source = local.LocalFigures(project / "local")
    table = source.figures(source.described[0])
    observations.check(table)
    assert table.num_rows == 8


# -- the command line ----------------------------------------------------------------------------------------------------------------


def ran(project: Path, *words: str, code: int = 0):
    result = CliRunner(env={"JSNAKIT_CACHE": str(project.parent / "cache"), "JSNAKIT_OFFLINE": "1"}).invoke(cli, ["--project", str(project), *words])
    assert result.exit_code == code, (result.output, result.exception)
    return result


def test_the_commands(project):
    assert re.search(r"local\.falls_rate\s.*locality ltla\s+2023/24\s+4\s+2\s+raw, below 5", ran(project, "local", "check").output)
    assert "Central locality" in ran(project, "observe", "local.falls", "--names").output
    assert "North locality" in ran(project, "areas", "north", "locality").output
    assert "local/falls.csv" in ran(project, "lock").output
    put(project, "falls.csv", FALLS_CSV.replace("1,226", "1,227").replace("1,246", "1,247"))
    assert "has changed since the lock was written" in ran(project, "observe", "local.falls").stderr
    put(project, "other.csv", "a,b\n1,2\n")
    put(project, "broken.toml", "[table]\n")
    result = ran(project, "local", "check", "--strict", "--format", "csv", code=3)
    assert "no TOML describes it" in result.output
    assert "broken.toml" in result.output
    assert "local.falls_rate" in result.output


def test_check_without_the_folder_says_what_to_do(tmp_path):
    (tmp_path / "jsna.toml").write_text('[jsna]\narea = "E06000009"\n', encoding="utf-8")
    result = CliRunner().invoke(cli, ["--project", str(tmp_path), "local", "check"])
    assert isinstance(result.exception, NoDataError)
    assert "local draft" in str(result.exception)


def test_a_site_names_own_areas_and_cites_the_file(project, tmp_path):
    (project / "chapters").mkdir()
    (project / "chapters" / "01-falls.md").write_text(
        '+++\ntitle = "Falls"\ntheme = "age"\nstate = "in_review"\nowner = "Public health"\nreview_by = 2027-11-01\n+++\n\nWords.\n\n'
        '```jsnakit\npanel = "ranked"\nindicator = "local.falls_rate"\nareas = "locality"\n```\n',
        encoding="utf-8",
    )
    ws = opened(project)
    ws.build(tmp_path / "site")
    page = (tmp_path / "site" / "falls" / "index.html").read_text(encoding="utf-8")
    for words in ("Central locality", "North locality", "Falls service", "withheld, so that nobody can be recognised", "3 localities"):
        assert words in page
    # An edited file is a changed site, although nothing else has changed.
    put(project, "falls.csv", FALLS_CSV.replace("1,226", "1,526").replace("1,246", "1,546"))
    opened(project).build(tmp_path / "site")
    assert (tmp_path / "site" / "falls" / "index.html").read_text(encoding="utf-8") != page
