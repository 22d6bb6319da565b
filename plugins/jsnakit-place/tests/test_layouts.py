"""Files written in every described layout, then changed as publishers change them: read right, or refused with a typed error; never wrong."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jsnakit.errors import DataError, JsnakitError, LayoutError
from jsnakit.sources import Query
from jsnakit_place import Place
from jsnakit_place.layouts import folded, register
from jsnakit_place.parse import part_facts
from jsnakit_place.rounds import FOOD, rounds, scale_of

LAYOUTS = [x for x in register().layouts if x.programme != "beds"]
COLUMNS = register().columns
ABSENT = ["", "N/A", "-", "n/a"]
HARMLESS = ["Postcode", "UPRN", "Number of Wards", "Comments", "Parliamentary Constituency"]


@st.composite
def tables(draw, kit, layout=None):
    """A table of a layout with its figures: (table, year, expected), where expected is what each site or organisation has by measure."""
    layout = layout or draw(st.sampled_from(LAYOUTS))
    year = draw(st.sampled_from(layout.years))
    optional = [c for c in layout.optional if draw(st.booleans())]
    # Marks come in pairs, and kinds of assessors within their total.
    optional = [c for c in optional if not re.search(r"_(awarded|available)$", c) and not c.startswith("assessors")]
    columns = [*layout.required, *optional]
    plain = draw(st.sampled_from(["fraction", "percent"]))
    styles = {c: draw(st.sampled_from(["sign", plain])) for c in columns}
    rows, expected = [], {}
    for n in range(draw(st.integers(1, 6))):
        code = f"R{n}Z" if layout.level == "organisation" else f"R{n // 3}Z{n:02}"
        row, figures = {}, {}
        self_catering = "self_catering" in columns and draw(st.booleans())
        for column in columns:
            row[column], figure = cell(draw, column, styles[column], code, layout, year, self_catering)
            if figure is not None:
                figures[column] = figure
        rows.append(row)
        expected[code] = settled(figures, self_catering)
    made = kit.table(layout, rows)
    return made, year, expected


def cell(draw, column, style, code, layout, year, self_catering):
    """A cell as it is written, and what it must be read as (None where it is no figure)."""
    kind = COLUMNS[column].kind
    if kind in {"score", "rating"}:
        return figure(draw, column, style, kind)
    plain = {
        "code": code if column == layout.level else code[:3],
        "marks": {"awarded": 180, "available": 200}.get(column.rpartition("_")[2]),
        "flag": "Yes" if self_catering else "No",
        "year": year,
    }
    if kind in plain:
        return plain[kind], None
    return draw(st.integers(0, 900) if kind == "number" else st.sampled_from(["St Mary\u2019s", "North, Upper", "Acute", "Treatment Centre"])), None


def figure(draw, column, style, kind):
    if kind == "score":
        if draw(st.integers(0, 5)) == 0:
            return draw(st.sampled_from(ABSENT)), (None, COLUMNS[column].absent)
        value = draw(st.integers(200, 10000)) / 100
        written = {"sign": f"{value:.2f}%", "percent": value, "fraction": float(f"{value / 100:.4f}")}[style]
        return written, (value, "normal")
    scale = scale_of(column)
    if draw(st.integers(0, 5)) == 0:
        return draw(st.sampled_from(ABSENT)), (None, "not_available")
    rank = draw(st.integers(1, len(scale.labels)))
    word = scale.labels[rank - 1]
    return draw(st.sampled_from([word, word.title(), str(rank), f"{rank} - {word.title()}"])), (float(rank), "normal")


def settled(figures, self_catering):
    return {c: (v, "not_applicable" if v is None and self_catering and c in FOOD else s) for c, (v, s) in figures.items()}


def spelled(draw, heading):
    """A heading as another hand would type it."""
    text = draw(st.sampled_from([heading, heading.upper(), heading.lower(), heading.replace(" ", "  "), f" {heading} ", heading.replace("and", "&")]))
    return text + draw(st.sampled_from(["", " %", " (%)"]))


def mutate(draw, made):
    """Change what may change: order, spelling, further columns, blank rows, notes above and below."""
    made.columns = draw(st.permutations(made.columns))
    for column in made.columns:
        listed = COLUMNS[column].header
        made.headings[column] = spelled(draw, draw(st.sampled_from(listed)))
    for name in draw(st.lists(st.sampled_from(HARMLESS), unique=True, max_size=3)):
        made.extra[name] = draw(st.lists(st.sampled_from(["", "x", 12, "LS1 3EX"]), min_size=1, max_size=3))
        made.columns.insert(draw(st.integers(0, len(made.columns))), name)
    made.blank_after = set(draw(st.lists(st.integers(0, 5), max_size=3)))
    width = len(made.columns)
    for line in draw(st.lists(st.sampled_from(["Results", "Official statistics", "", "Copyright NHS England"]), max_size=3)):
        made.above.append([line, *[""] * (width - 1)])
    made.below = draw(st.lists(st.sampled_from(["Source: NHS England", "1. Self-catering sites are excluded.", "End of table"]), max_size=2))


def check(kit, made, year, expected, data, name):
    rows = kit.by_key(kit.read((name, data)))
    area_type = "site" if made.layout.level == "site" else "provider"
    base = made.layout.id.endswith("-base")
    for code, figures in expected.items():
        for measure, (value, status) in figures.items():
            row = rows[measure, area_type, code]
            assert (row["value"], row["status"]) == (value, status), (measure, code, row)
        if base:
            row = rows["cleanliness", area_type, code]
            assert (row["value"], row["count"], row["denominator"]) == (90.0, 180.0, 200.0)
    found = {(m, a) for m, t, a in rows if t == area_type and m != "beds" and "_good" not in m and "_sites" not in m and "_green" not in m}
    wanted = {(m, c) for c, figures in expected.items() for m in figures}
    assert base or found == wanted, "no figure is lost, and none made up"
    assert {r["period"] for r in rows.values()} == {str(year)}


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda x: x.id)
@pytest.mark.parametrize("form", ["csv", "xlsx"])
@settings(max_examples=4)
@given(data=st.data())
def test_every_layout_is_read_as_written(layout, form, data, kit):
    made, year, expected = data.draw(tables(kit, layout))
    check(kit, made, year, expected, made.csv() if form == "csv" else made.xlsx(), f"{layout.programme}-{year}-scores.{form}")


def changed(data, kit):
    made, year, expected = data.draw(tables(kit))
    mutate(data.draw, made)
    form = data.draw(st.sampled_from(["csv", "xlsx"]))
    check(kit, made, year, expected, made.csv() if form == "csv" else made.xlsx(), f"{made.layout.programme}-{year}-scores.{form}")


@settings(max_examples=150)
@given(data=st.data())
def test_moved_renamed_and_added_columns_blank_rows_and_notes_change_nothing(data, kit):
    changed(data, kit)


@pytest.mark.faults
@settings(max_examples=2000)
@given(data=st.data())
def test_the_same_at_full_count(data, kit):
    changed(data, kit)


WRONGS = [
    "drop a required column",
    "rename one to nonsense",
    "double a column",
    "mix the scales",
    "a cell of nonsense",
    "a number for a code",
    "a row twice",
    "a score beyond 100",
    "another score",
]


def broken(draw, made, how):
    """Change what may not change. Returns whether the table has anything to break that way."""
    scores = [c for c in made.columns if COLUMNS[c].kind == "score"]
    if how == "drop a required column":
        made.columns.remove(draw(st.sampled_from(made.layout.required)))
    elif how == "rename one to nonsense":
        made.headings[draw(st.sampled_from(made.layout.required))] = "Qwerty"
    elif how == "double a column":
        made.columns.append(draw(st.sampled_from(made.layout.required)))
    elif how == "mix the scales":
        if not scores:
            return False
        column = draw(st.sampled_from(scores))
        made.rows = [dict(made.rows[0]), {**made.rows[0], made.layout.level: "R9Z99" if made.layout.level == "site" else "R9Z"}]
        made.rows[0][column], made.rows[1][column] = 0.9712, 97.12
    elif how == "a cell of nonsense":
        column = draw(st.sampled_from([c for c in made.columns if COLUMNS[c].kind in {"score", "rating", "marks", "number"}]))
        made.rows[0][column] = draw(st.sampled_from(["ninety", "12..5", "1e5", "98,08%", "%", "--", "?", "5+", "*"]))
    elif how == "a number for a code":
        made.rows[0][made.layout.level] = draw(st.sampled_from([50.0, 7, "50", "see note", "r1z01"]))
    elif how == "a row twice":
        made.rows.append(dict(made.rows[0]))
    elif how == "a score beyond 100":
        if not scores:
            return False
        made.rows[0][draw(st.sampled_from(scores))] = draw(st.sampled_from(["100.01%", "998%"]))
    else:
        if made.layout.programme == "PEAT":
            return False
        made.extra["Staff Friendliness"] = ["88.10%", "91.20%"]
        made.columns.append("Staff Friendliness")
    return True


@settings(max_examples=200)
@given(data=st.data(), how=st.sampled_from(WRONGS), form=st.sampled_from(["csv", "xlsx"]))
def test_what_may_not_change_is_refused_and_named(data, how, form, kit):
    refused(data, how, form, kit)


@pytest.mark.faults
@settings(max_examples=3000)
@given(data=st.data(), how=st.sampled_from(WRONGS), form=st.sampled_from(["csv", "xlsx"]))
def test_the_same_refusals_at_full_count(data, how, form, kit):
    refused(data, how, form, kit)


def refused(data, how, form, kit):
    made, year, _ = data.draw(tables(kit))
    if not broken(data.draw, made, how):
        return
    with pytest.raises((LayoutError, DataError)) as caught:
        kit.read((f"{made.layout.programme}-{year}-scores.{form}", made.csv() if form == "csv" else made.xlsx()))
    assert caught.value.hint


@settings(max_examples=60)
@given(data=st.data())
def test_cut_files_are_refused(data, kit):
    made, year, _ = data.draw(tables(kit))
    form = data.draw(st.sampled_from(["csv", "xlsx"]))
    whole = made.csv() if form == "csv" else made.xlsx()
    end = data.draw(st.integers(0, len(whole) - 1))
    cut = whole[:end].rstrip(b"\r\n")
    with pytest.raises(JsnakitError):
        kit.read((f"{made.layout.programme}-{year}-scores.{form}", cut))


def test_sites_that_lost_their_codes_are_not_taken_for_organisations(kit):
    made = kit.table("2013-2014-sites", [{c: value_for(c) for c in kit.layout("2013-2014-sites").required} | {"organisation_name": "Doncaster"}])
    made.columns.remove("site")
    with pytest.raises(LayoutError, match="no column for site"):
        kit.read(("place-2013-scores.csv", made.csv()))


def test_an_unquoted_comma_in_a_heading_is_refused(kit):
    """Privacy, Dignity and Wellbeing holds a comma: a writer that forgets the quotes shifts every column after it."""
    made = kit.table("2024-sites", [{c: value_for(c) for c in kit.layout("2024-sites").required}])
    with pytest.raises((LayoutError, DataError)):
        kit.read(("place-2024-sites.csv", made.csv().replace(b'"', b"")))


def value_for(column):
    return {"organisation": "RP5", "site": "RP5DR", "site_name": "Doncaster Royal Infirmary"}.get(column, "97.81%")


def test_columns_sheets_and_notes_that_are_not_read_are_named(kit, caplog):
    caplog.set_level("INFO", "jsnakit_place")
    made = kit.table("2024-sites", [{c: value_for(c) for c in kit.layout("2024-sites").required}])
    made.columns.append("UPRN")
    made.extra["UPRN"] = ["100"]
    made.below = ["Source: NHS England"]
    data = kit.workbook({"Contents": [["Contents", "Page"], ["Sites", "2"]], "Site Scores": made})
    (part,) = kit.parts(("PLACE-2024-data-report.xlsx", data))
    facts = part_facts(part.table)
    assert facts["extra"] == {"Site Scores": ["UPRN"]}
    assert facts["left_out"] == ["Contents"]
    assert facts["notes"] == ["Source: NHS England"]
    assert "columns not read in sheet 'Site Scores': UPRN" in caplog.text


def test_half_a_workbook_is_not_read_without_a_word(kit):
    row = {c: value_for(c) for c in kit.layout("2024-sites").required}
    sites = kit.table("2024-sites", [row])
    organisations = kit.table(
        "2024-organisations", [{"organisation": "RP5", "organisation_name": "Doncaster"} | {c: v for c, v in row.items() if v == "97.81%"}]
    )
    good = kit.workbook({"Sites": sites, "Organisations": organisations})
    rows = kit.by_key(kit.read(("place-2024-report.xlsx", good)))
    assert rows["food", "provider", "RP5"]["value"] == rows["food", "site", "RP5DR"]["value"] == 97.81
    sites.headings["dementia"] = "Memory"
    with pytest.raises(LayoutError, match=r"sheet 'Sites'.*dementia"):
        kit.read(("place-2024-report.xlsx", kit.workbook({"Sites": sites, "Organisations": organisations})))
    with pytest.raises(LayoutError, match="sheet 'Site scores' has no header of any layout"):
        kit.read(("place-2024-report.xlsx", kit.workbook({"Site scores": [["Withheld"]], "Organisations": organisations})))


def test_a_windows_file_is_read(kit):
    made = kit.table("2024-sites", [{c: value_for(c) for c in kit.layout("2024-sites").required} | {"site_name": "St Mary’s – Upper"}])
    (relations,) = Place().relate(iter(kit.parts(("place-2024.csv", made.csv("cp1252")))), Query())
    assert relations["note"].to_pylist() == ["St Mary’s – Upper"]


def test_every_year_has_its_layouts_and_every_layout_its_years():
    for year, collection in rounds().items():
        levels = {x.level for x in register().layouts if x.years and year in x.years}
        assert "site" in levels
        assert collection.programme == next(x.programme for x in register().layouts if year in x.years)
    assert {y for x in register().layouts for y in x.years} <= set(rounds())


def test_a_heading_means_one_column_within_a_layout():
    for layout in register().layouts:
        meant = {}
        for column in layout.columns:
            for heading in COLUMNS[column].header:
                assert meant.setdefault(folded(heading), column) == column, (layout.id, heading)


def test_no_layout_claims_more_than_it_was_tried_on():
    assert {x.tested for x in register().layouts} == {"described schema"}
