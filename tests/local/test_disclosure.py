"""From file to table: whoever has the whole answer, the rule and the sums that anybody knows of cannot work out one withheld count."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jsnakit.files import SourceFile
from jsnakit.local import OwnArea, OwnAreas, described
from jsnakit.local._read import read_described
from jsnakit.local._suppress import Sum
from jsnakit.model import AreaType

_spec = importlib.util.spec_from_file_location("suppress_attacker", Path(__file__).with_name("test_suppress.py"))
assert _spec is not None
assert _spec.loader is not None
_module = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_module)
Attacker = _module.Attacker

LOCALITIES = {"N": ("a", "b"), "S": ("c", "d")}
AREAS = OwnAreas(
    tuple(OwnArea(code=code, name=f"Locality {code}", type="locality", within="E06000009") for code in LOCALITIES)
    + tuple(OwnArea(code=ward, name=f"Ward {ward}", type="ward", within=code) for code, wards in LOCALITIES.items() for ward in wards),
    {"locality": AreaType("locality", "locality", "localities", "local"), "ward": AreaType("ward", "ward", "wards", "local")},
)

DOCUMENT = {
    "table": {"header": ["Area", "Sex"]},
    "area": {"column": "Area", "type": "ward", "means": {"N": "locality:N", "S": "locality:S", "Blackpool": "ltla:E06000009"}},
    "period": {"column": "Year"},
    "sex": {"column": "Sex"},
    "indicator": [{"key": "x", "name": "X", "unit": "cases", "count": "Cases"}, {"key": "rate", "name": "X", "unit": "per 1,000", "count": "Cases", "denominator": "People", "per": 1000}],
}  # fmt: skip


SEXES = {"M": ("M",), "F": ("F",), "All": ("M", "F")}
YEARS = {"2022": ("2022",), "2023": ("2023",), "2022-2023": ("2022", "2023")}


def cells(draw, *, by_sex: bool) -> dict[tuple[str, str, str], int]:
    """Counts of wards by sex or by year, and every total there is of them."""
    value = st.sampled_from([0, 1, 2, 3, 4, 5, 7, 9, 20])
    base = {(ward, sex, year): draw(value) for wards in LOCALITIES.values() for ward in wards for sex in ("M", "F") for year in ("2022", "2023")}
    full: dict[tuple[str, str, str], int] = {}
    groups = {w: (w,) for ws in LOCALITIES.values() for w in ws} | LOCALITIES | {"Blackpool": tuple(w for ws in LOCALITIES.values() for w in ws)}
    for area, wards in groups.items():
        for sex, sexes in (SEXES if by_sex else {"All": ("M", "F")}).items():
            for year, years in ({"2022": ("2022",)} if by_sex else YEARS).items():
                full[area, sex, year] = sum(base[w, s, y] for w in wards for s in sexes for y in years)
    return full


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.data(), st.sampled_from(["shown", "hidden"]), st.booleans())
def test_the_answer_gives_no_withheld_count_away(tmp_path, data, zero, by_sex):
    full = cells(data.draw, by_sex=by_sex)
    text = "Area,Sex,Year,Cases,People\n" + "".join(f"{a},{s},{y},{n},{1000 + i}\n" for i, ((a, s, y), n) in enumerate(full.items()))
    document = DOCUMENT | {"small_numbers": {"policy": "raw", "below": 5, "zero": zero}}
    document["period"] = {"column": "Year", "years": "calendar"}
    one = described(tmp_path / "x.toml", document)
    table = read_described(one, SourceFile.from_bytes(text.encode(), name="x.csv"), AREAS)
    rows = [r for r in table.to_pylist() if r["indicator"] == "local.x"]
    sexes = {"Male": "M", "Female": "F", "_T": "All"}
    keys = [("Blackpool" if r["area"] == "E06000009" else r["area"], sexes[r["sex"]], r["period"]) for r in rows]
    at = {key: i for i, key in enumerate(keys)}
    counts = [full[key] for key in keys]
    hidden = {i for i, r in enumerate(rows) if r["status"] == "suppressed"}
    small = {i for i, n in enumerate(counts) if n < 5 and (n > 0 or zero == "hidden")}
    assert small <= hidden
    for i, row in enumerate(rows):
        assert row["count"] == (None if i in hidden else counts[i])
    # The rate is withheld wherever the count is, and its denominator with it.
    withheld = {(r["area"], r["sex"], r["period"]) for r in rows if r["status"] == "suppressed"}
    for row in table.to_pylist():
        if row["indicator"] == "local.rate" and (row["area"], row["sex"], row["period"]) in withheld:
            assert [row[c] for c in ("value", "count", "denominator", "value_min", "value_max", "lower", "upper")] == [None] * 7
    # What anybody knows of such a table, said here once more and not taken from the code under test.
    sums = []
    for a, s, y in keys:
        if s == "All" and by_sex:
            sums.append(Sum(at[a, s, y], (at[a, "M", y], at[a, "F", y])))
        if y == "2022-2023":
            sums.append(Sum(at[a, s, y], (at[a, s, "2022"], at[a, s, "2023"])))
        if a in LOCALITIES:
            sums.append(Sum(at[a, s, y], tuple(at[w, s, y] for w in LOCALITIES[a])))
        if a == "Blackpool":
            sums += [
                Sum(at[a, s, y], tuple(at[loc, s, y] for loc in LOCALITIES)),
                Sum(at[a, s, y], tuple(at[w, s, y] for ws in LOCALITIES.values() for w in ws)),
            ]
    attacker = Attacker(counts, sums, hidden, zero_shown=zero == "shown")
    known = [keys[i] for i in sorted(hidden) if attacker.knows(i, counts[i])]
    assert not known


@pytest.mark.parametrize("zero", ["shown", "hidden"])
def test_without_the_second_step_the_same_attacker_succeeds(zero, tmp_path, monkeypatch):
    """The test above can fail: with primary suppression alone it does."""
    from jsnakit.local import _read

    def primary(counts, sums, *, below, zero_shown=True, hidden=(), **_):
        return frozenset(hidden) | {i for i, v in enumerate(counts) if v is not None and v < below and (v > 0 or not zero_shown)}

    monkeypatch.setattr(_read, "protect", primary)
    text = "Area,Sex,Year,Cases,People\na,M,2022,3,100\na,F,2022,30,100\na,All,2022,33,200\n"
    one = described(tmp_path / "x.toml", DOCUMENT | {"small_numbers": {"policy": "raw", "below": 5, "zero": zero}})
    rows = [r for r in read_described(one, SourceFile.from_bytes(text.encode(), name="x.csv"), AREAS).to_pylist() if r["indicator"] == "local.x"]
    hidden = {i for i, r in enumerate(rows) if r["status"] == "suppressed"}
    counts = [{"Male": 3, "Female": 30, "_T": 33}[r["sex"]] for r in rows]
    order = {r["sex"]: i for i, r in enumerate(rows)}
    attacker = Attacker(counts, [Sum(order["_T"], (order["Male"], order["Female"]))], hidden, zero_shown=zero == "shown")
    assert [i for i in hidden if attacker.knows(i, counts[i])] == [order["Male"]]
