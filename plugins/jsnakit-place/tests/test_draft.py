"""A layout drafted from a new file: what it recognised and what it could not place, and that the draft, once a person has looked, reads the file without code."""

from __future__ import annotations

import subprocess
import sys

import pytest

from jsnakit.errors import LayoutError, SettingsError
from jsnakit.files import SourceFile
from jsnakit_place import Place
from jsnakit_place.__main__ import main
from jsnakit_place.draft import draft
from jsnakit_place.layouts import register


def row(kit, layout, **values):
    base = {"organisation": "RP5", "organisation_name": "Doncaster", "site": "RP5DR", "site_name": "Doncaster Royal"}
    return {c: base.get(c, "90.00%") for c in kit.layout(layout).required} | values


def drafted(name, data, **options):
    made, left = draft(SourceFile.from_bytes(data, name=name), register(), **options)
    return made, left


def test_a_year_of_the_known_shape_is_drafted_whole_and_reads_the_file(kit, tmp_path):
    data = kit.table("2024-sites", [row(kit, "2024-sites")]).csv()
    ((one,), left) = drafted("place-2026-sites.csv", data)
    assert (one.id, one.reads, one.unplaced, left) == ("2026-sites", True, (), [])
    with pytest.raises(LayoutError, match="knows no collection"):
        kit.read(("place-2026-sites.csv", data))
    (tmp_path / "2026-sites.toml").write_text(one.toml, encoding="utf-8")
    rows = kit.read(("place-2026-sites.csv", data), source=Place(layouts=tmp_path))
    site = kit.get(rows, "dementia", "site", "RP5DR")
    assert (site["value"], site["period"], site["period_duration"]) == (90.0, "2026", "P1Y")


def test_a_new_heading_is_shown_with_its_cells_and_what_it_may_be(kit, tmp_path, capsys):
    made = kit.table("2024-sites", [row(kit, "2024-sites", cleanliness="98.08%")])
    made.headings["cleanliness"] = "Cleaning Total"
    made.columns.append("Helipad")
    made.extra["Helipad"] = ["No"]
    path = tmp_path / "PLACE-2026-report.xlsx"
    path.write_bytes(kit.workbook({"Notes": [["About this file"]], "Site Scores": made}))
    own = tmp_path / "layouts"
    assert main(["layout", str(path), "--out", str(own)]) == 1
    told = capsys.readouterr().err
    assert "could not place 'Cleaning Total' (cells: 98.08%); is it cleanliness?" in told
    assert "could not place 'Helipad' (cells: No)\n" in told
    assert "Notes: no table recognised" in told
    (file,) = own.iterdir()
    text = file.read_text(encoding="utf-8")
    with pytest.raises(LayoutError, match="look like scores and are unknown: 'Cleaning Total'"):
        kit.read((path.name, path.read_bytes()), source=Place(layouts=own))
    # What a person does: take away the sign.
    file.write_text(text.replace('# cleanliness = ["Cleaning Total"]', 'cleanliness = ["Cleaning Total"]'), encoding="utf-8")
    rows = kit.read((path.name, path.read_bytes()), source=Place(layouts=own))
    assert kit.get(rows, "cleanliness", "site", "RP5DR")["value"] == 98.08
    assert main(["layout", str(path), "--layouts", str(own)]) == 0
    assert "read by layout 2026-sites already" in capsys.readouterr().err


@pytest.mark.parametrize("layout", [x for x in register().layouts if x.years], ids=lambda x: x.id)
def test_every_known_layout_is_recognised(layout, kit):
    from jsnakit_place.layouts import columns

    kinds = {"marks": 10, "rating": "good", "score": "90%", "code": "RP5DR"}
    data = kit.table(layout, [{c: kinds.get(columns()[c].kind, "x") for c in layout.required}]).csv()
    ((one,), _) = drafted(f"{layout.programme}-{layout.years[0]}.csv", data)
    assert one.known_as == layout.id


@pytest.mark.parametrize("layout", ["2024-organisations", "2016-2018-base", "peat-2004-2012-sites"])
def test_level_and_kind_of_a_table_are_recognised(layout, kit):
    from jsnakit_place.layouts import columns

    kinds = {"marks": 10, "rating": "good", "score": "90%", "code": "RP5DR"}
    of = kit.layout(layout)
    made = kit.table(of, [{c: kinds.get(columns()[c].kind, "x") for c in of.required}])
    made.columns.append("Total Score")
    made.extra["Total Score"] = [1]
    ((one,), _) = drafted(f"{of.programme}-{of.years[0]}.csv", made.csv())
    assert one.known_as is None
    assert not one.reads
    assert f'level = "{of.level}"' in one.toml
    assert one.id.endswith(layout.rpartition("-")[2])
    assert [h for h, _, _ in one.unplaced] == ["Total Score"]


def test_without_a_year_the_draft_is_not_ready(kit, tmp_path, capsys):
    path = tmp_path / "scores.csv"
    made = kit.table("2024-sites", [row(kit, "2024-sites")])
    made.columns.append("Total Score")
    made.extra["Total Score"] = [1]
    path.write_bytes(made.csv())
    assert main(["layout", str(path)]) == 1
    assert "the file names none: put it here" in capsys.readouterr().out
    assert main(["layout", str(path), "--year", "2026"]) == 1
    assert "years = [2026]" in capsys.readouterr().out


def test_what_is_no_table_is_said(tmp_path, capsys):
    path = tmp_path / "place-2026.csv"
    path.write_bytes(b"<html><body>Not found</body></html>")
    assert main(["layout", str(path)]) == 2
    assert "web page" in capsys.readouterr().err
    path.write_bytes(b"Fruit,Price\nApple,1\n")
    assert main(["layout", str(path)]) == 2


def test_the_columns_are_listed(capsys):
    assert main(["columns"]) == 0
    assert "privacy_dignity_wellbeing (score): Privacy, Dignity and Wellbeing" in capsys.readouterr().out


def test_it_runs_as_a_module():
    ran = subprocess.run([sys.executable, "-m", "jsnakit_place", "--help"], capture_output=True, text=True, check=False)
    assert ran.returncode == 0
    assert "layout" in ran.stdout


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (('"dementia"', '"dementai"'), "did you mean 'dementia'"),
        (('level = "site"', 'level = "ward"'), "level cannot be so"),
        (("tested", "checked"), "unknown key 'checked'"),
        (("years = [2026]", "years = ["), "cannot be read"),
        (("end = 2026-12-31", "end = 2025-12-31"), "collection 2026"),
    ],
)
def test_a_mistake_in_a_layout_is_named(kit, tmp_path, change, said):
    ((one,), _) = drafted("place-2026-sites.csv", kit.table("2024-sites", [row(kit, "2024-sites")]).csv())
    assert change[0] in one.toml
    (tmp_path / "mine.toml").write_text(one.toml.replace(*change, 1), encoding="utf-8")
    with pytest.raises(SettingsError, match=said) as caught:
        _ = Place(layouts=tmp_path).register
    assert "mine.toml" in str(caught.value)


def test_a_folder_without_layouts_is_named(tmp_path):
    with pytest.raises(SettingsError, match="has no TOML file"):
        _ = Place(layouts=tmp_path).register
    with pytest.raises(SettingsError, match="cannot be read"):
        _ = Place(layouts=tmp_path / "none").register
