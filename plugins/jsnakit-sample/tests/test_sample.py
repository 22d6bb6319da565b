"""The pack that ships: the contract of every pack, known published figures, and the publishers' own files cell by cell."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

import jsnakit_sample
from jsnakit.errors import CoverageError
from jsnakit.model import ENGLAND, Area, Polarity
from jsnakit.packs import Pack
from jsnakit.sources import Query
from jsnakit.testing import PackTests

PACK = next(iter(jsnakit_sample.jsnakit_packs()))
BLACKPOOL = Area("gss", "ltla", "E06000009")


class TestContract(PackTests):
    pack = PACK


def ask(indicator: str, area: Area, **columns: object) -> dict[str, object]:
    """The one row of an indicator for an area whose other columns are as given."""
    wanted = {"sex": "_T", "age": "_T", "category": "_T"} | columns
    rows = [r for r in PACK.observations(Query(indicators=(indicator,), areas=(area,))).to_pylist() if all(r[k] == v for k, v in wanted.items())]
    assert len(rows) == 1, rows
    return rows[0]


# Read in the published files by hand: the picture of the health chapter shows the first nine.
FIGURES = [
    ("healthindex.life_expectancy", "2020", 76.535),
    ("healthindex.smoking", "2021", 20.6),
    ("healthindex.overweight_and_obesity_in_children", "2021", 41.752507),
    ("healthindex.distance_to_gp_services", "2019", 0.787),
    ("healthindex.avoidable_mortality", "2020", 425.5),
    ("healthindex.alcohol_misuse", "2020", 1282.011387),
    ("healthindex.happiness", "2021", 7.43),
    ("healthindex.unemployment", "2021", 6.056471),
    ("healthindex.self_harm", "2015", 631.211506),
    ("healthindex.mortality_from_all_causes", "2021", 1414.6),
    ("healthindex.suicides", "2015", 16.5),
    ("healthindex.child_poverty", "2021", 22.2),
    ("imd.average_score_2025", "2025 edition", 43.467),
    ("imd.worst_tenth_2025", "2025 edition", 40.43),
    ("imd.extent_2025", "2025 edition", 52.17),
    ("imd.rank_of_average_score_2025", "2025 edition", 1.0),
]


@pytest.mark.parametrize(("indicator", "period", "value"), FIGURES)
def test_known_figures_of_blackpool(indicator: str, period: str, value: float) -> None:
    assert ask(indicator, BLACKPOOL, period=period)["value"] == pytest.approx(value, rel=0, abs=5e-7)


def test_life_is_shortest_in_blackpool() -> None:
    table = PACK.observations(Query(indicators=("healthindex.life_expectancy",), since="2020", until="2020")).to_pandas()
    assert len(table) == 307
    assert table.loc[table["value"].idxmin(), "area"] == "E06000009"
    assert set(table["flags"].dropna()) == set()


def test_repeated_years_are_flagged_and_no_other() -> None:
    rows = PACK.observations(Query(indicators=tuple(i for i in PACK.coverage() if i.startswith("healthindex.") and ".score_" not in i))).to_pandas()
    flagged = rows.groupby(["indicator", "period"])["flags"].agg(lambda f: f.notna().mean()).unstack()
    assert set(flagged.to_numpy().ravel()) == {0.0, 1.0}, "a year is flagged for every authority or for none"
    # ONS: of the 56 indicators, 21 were unavailable or unusable in 2021 (Health Index methods and development).
    assert flagged["2021"].sum() == 21
    assert flagged.loc["healthindex.private_outdoor_space"].tolist() == [0, 1, 1, 1, 1, 1, 1]
    assert flagged.loc["healthindex.life_expectancy"].tolist() == [0, 0, 0, 0, 0, 0, 1]


def test_no_england_row_is_invented() -> None:
    with pytest.raises(CoverageError, match="country") as caught:
        PACK.observations(Query(indicators=("healthindex.smoking",), areas=(ENGLAND,)))
    assert "ltla: 2015 to 2021" in str(caught.value)


def test_directions_name_their_source_and_two_are_unknown() -> None:
    unknown = {i.id for i in PACK.indicators() if i.source == "healthindex" and i.polarity is Polarity.UNKNOWN}
    assert unknown == {"healthindex.internet_access", "healthindex.patients_offered_acceptable_gp_practice_appointments"}


def test_residents_add_up() -> None:
    table = PACK.observations(Query(indicators=("population.residents",))).to_pandas()
    for (area_type, period), rows in table.groupby(["area_type", "period"]):
        wide = rows.pivot(index="area", columns="age", values="value")
        assert (wide.drop(columns="_T").sum(axis=1) == wide["_T"]).all(), (area_type, period)
        assert wide["_T"].sum() == {"mid-2023": 57_690_323, "mid-2020": 56_550_138}[period]
    assert ask("population.census_residents", ENGLAND)["value"] == 56_490_040
    assert (
        ask("population.residents", Area("gss", "utla", "E06000009"), period="mid-2023", age="90+")["value"]
        == ask("population.residents", BLACKPOOL, period="mid-2023", age="90+")["value"]
    )


def test_the_pack_is_small() -> None:
    sizes = {p.name: p.stat().st_size for p in PACK.folder.iterdir()}
    assert sum(sizes.values()) <= 5_000_000, sizes
    assert max(sizes.values()) <= 2_000_000, sizes


def test_every_attribution_and_licence_is_inside() -> None:
    said = " ".join(PACK.attribution)
    for name in ("Office for National Statistics", "NHS England", "Ministry of Housing, Communities and Local Government", "Contains OS data"):
        assert name in said
    for origin in PACK.origins().values():
        assert origin.publisher
        assert origin.title
        assert origin.taken_from
        assert origin.pin.licence == "OGL-UK-3.0"
        assert origin.pin.url.startswith("https://")


def test_every_value_is_the_published_one(real_data) -> None:
    # As text first: before 3.1 pandas' own reader is off by the last bit in a few of them.
    published = pd.read_csv(real_data("healthindex/england_health_index_indicators_2015_2021.csv.gz"), dtype={"value": str}).astype({"value": float})
    names = {i.name: i.id for i in PACK.indicators() if i.source == "healthindex" and ".score_" not in i.id}
    assert set(names) == set(published["indicator"].unique())
    published["indicator"] = published["indicator"].map(names)
    ours = PACK.observations(Query(indicators=tuple(names.values()))).select(["indicator", "area", "period", "value"]).to_pandas()
    ours["period"] = ours["period"].astype(int)
    both = published.merge(ours, left_on=["indicator", "ltla21_code", "year"], right_on=["indicator", "area", "period"], how="outer", validate="1:1")
    assert len(both) == len(published) == len(ours) == 120_344
    assert (both["value_x"] == both["value_y"]).all()


def test_every_pin_is_the_file_it_says(real_data) -> None:
    import hashlib
    import tomllib

    listed = Path(__file__).resolve().parents[3] / "tools" / "sample" / "origins.toml"
    files = tomllib.loads(listed.read_text(encoding="utf-8"))["origin"]
    found = {hashlib.sha256(real_data(row["file"]).read_bytes()).hexdigest(): row for row in files}
    for pin in PACK.pins():
        assert found[pin.sha256]["url"] == pin.url


def test_reading_twice_gives_equal_tables() -> None:
    query = Query(indicators=("healthindex.smoking", "imd.average_score_2025"), areas=(BLACKPOOL,))
    first, again = PACK.observations(query), Pack.read(PACK.folder).observations(query)
    assert first.equals(again)
    assert isinstance(first, pa.Table)
    assert first.num_rows == 8


# Read in the published files and pages by hand.
PROFILES = [
    ("fingertips.93085", BLACKPOOL, {"sex": "F", "period": "2023/24"}, 17.5, "published_trend", "Decreasing and getting better"),
    ("fingertips.93085", BLACKPOOL, {"sex": "F", "period": "2022/23"}, 19.4, "published_trend", None),
    ("fingertips.90280", Area("gss", "utla", "E06000009"), {"age": "18+ yrs", "period": "2018/19"}, 50.1, "published_compared_england", "Similar"),
    ("fingertips.90280", Area("gss", "utla", "E06000009"), {"age": "65+ yrs", "period": "2018/19"}, 49.9, "published_compared_england", "Better"),
    ("fingertips.93861", BLACKPOOL, {"age": "30+ yrs", "period": "2023"}, 4.7168, "published_trend", "Cannot be calculated"),
    ("place.cleanliness", ENGLAND, {"period": "2018"}, 98.47, "published_score", "98.47%"),
    ("place.food", Area("ods", "provider", "RP5"), {"period": "2018"}, 90.2, "published_score", "90.20%"),
    ("place.peat_food_good_or_excellent", ENGLAND, {"period": "2012"}, 97.7, "published_score", "97.7 per cent"),
]


@pytest.mark.parametrize(("indicator", "area", "columns", "value", "published", "said"), PROFILES)
def test_known_figures_of_the_profiles_and_of_place(
    indicator: str, area: Area, columns: dict[str, object], value: float, published: str, said: str | None
) -> None:
    row = ask(indicator, area, **columns)
    assert (row["value"], row[published]) == (value, said)


def test_a_range_over_sites_is_no_value() -> None:
    row = ask("place.cleanliness", Area("ods", "provider", "RW4"), period="2024")
    assert (row["value"], row["value_min"], row["value_max"]) == (None, 98.72, 100.0)


def test_groups_hold_what_the_pack_holds_with_the_directions_of_their_publisher() -> None:
    groups = {g.id: g for g in PACK.groups()}
    assert set(groups["fingertips.in-the-sample"].indicators) == {i for i in PACK.coverage() if i.startswith("fingertips.")}
    outcomes = {m.indicator: m.polarity for m in groups["fingertips.profile-19"].members}
    assert outcomes["fingertips.22401"] is Polarity.LOWER_IS_BETTER
    assert set(outcomes) < set(PACK.coverage())


def test_the_pack_stays_small() -> None:
    assert sum(path.stat().st_size for path in PACK.folder.iterdir()) < 5_000_000
