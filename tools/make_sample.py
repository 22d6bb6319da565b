"""Build the figures of jsnakit-sample from published files. For maintainers.

    python tools/make_sample.py --data FOLDER [--out FOLDER] [--without rtt]

FOLDER holds the files named in tools/sample/origins.toml. The same files give the same bytes.
"""

from __future__ import annotations

import argparse
import datetime as dt
import hashlib
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs
import numpy as np
import pandas as pd
import pyarrow as pa

import make_shapes
from jsnakit import observations
from jsnakit.model import ENGLAND, Group, Indicator, Pin, Polarity
from jsnakit.packs import PackOrigin, write_pack
from jsnakit.sources import read_indicators

HERE = Path(__file__).resolve().parent / "sample"
PACKAGED = HERE.parents[1] / "plugins" / "jsnakit-sample" / "src" / "jsnakit_sample" / "data"
VERSION = "2026.11"
MADE = dt.date(2026, 11, 25)
ATTRIBUTION = (
    "Source: Office for National Statistics licensed under the Open Government Licence v3.0",
    "Source: NHS England, consultant-led referral to treatment waiting times, Open Government Licence v3.0",
    "Source: Office for Health Improvement and Disparities, public health profiles, Open Government Licence v3.0",
    "Source: NHS England, patient-led assessments of the care environment (PLACE), Open Government Licence v3.0",
    "Source: Ministry of Housing, Communities and Local Government, English Indices of Deprivation, Open Government Licence v3.0",
    "Contains OS data © Crown copyright and database right 2025",
)
# A year in which more than this share of authorities repeats the year before was not measured again.
REPEATED = 0.95
# What a rank regression must give for the published score to count as saying a direction.
CLEAR = 0.05


class Files:
    """The published files below a folder, with the origin of each."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        document = tomllib.loads((HERE / "origins.toml").read_text(encoding="utf-8"))
        self.known = {row["file"]: row for row in document["origin"]}
        self.used: dict[str, PackOrigin] = {}

    def __call__(self, name: str) -> tuple[Path, str]:
        """The path of a file and the key that its rows carry as origin."""
        path, row = self.folder / name, self.known[name]
        data = path.read_bytes()
        pin = Pin(
            url=row["url"], sha256=hashlib.sha256(data).hexdigest(), bytes=len(data), retrieved=row.get("retrieved", ""),
            source=row["source"], release=row["release"], licence="OGL-UK-3.0",
        )  # fmt: skip
        self.used[pin.key] = PackOrigin(pin=pin, publisher=row["publisher"], title=row["title"], taken_from=row["taken_from"])
        return path, pin.key


def slug(name: str) -> str:
    """The name as an id: lower case, apostrophes dropped, everything else an underscore."""
    letters = "".join(c if c.isalnum() else " " for c in name.replace("'", "").lower())
    return "_".join(letters.split())


def catalogue(name: str) -> tuple[Indicator, ...]:
    return read_indicators(HERE / name, where=f"tools/sample/{name}")


def with_areas(frame: pd.DataFrame, area_type: str, **columns: Any) -> pa.Table:
    """A frame of `indicator`, `area`, `value` (and other columns of the table) as observations of one area type."""
    given = {c: pa.Array.from_pandas(frame[c]) for c in frame.columns}
    return observations.build(len(frame), area_scheme="gss", area_type=area_type, **given, **columns)


def health_index(files: Files) -> tuple[pa.Table, tuple[Indicator, ...]]:
    """The 56 indicators and the 14 scores, with repeated years flagged and each direction held against ONS's own scores."""
    path, key = files("healthindex/england_health_index_indicators_2015_2021.csv.gz")
    values = pd.read_csv(path)
    names = {name: f"healthindex.{slug(name)}" for name in values["indicator"].unique()}
    values["indicator"] = values["indicator"].map(names)
    values = values.rename(columns={"ltla21_code": "area"}).sort_values(["indicator", "area", "year"], ignore_index=True)
    before = values.groupby(["indicator", "area"])["value"].shift()
    same = (values["value"] == before).groupby([values["indicator"], values["year"]]).transform("mean")
    repeated = same > REPEATED
    values["flags"] = np.where(repeated, "carried_forward", None)
    values["note"] = np.where(repeated, "Repeats the year before in nearly every authority: not measured again", None)
    values["origin"] = key
    path, key = files("healthindex/england_health_index_subdomains_2015_2021.csv.gz")
    scores = pd.read_csv(path).rename(columns={"ltla21_code": "area"}).melt(["area", "year"], var_name="indicator")
    scores["indicator"] = "healthindex.score_" + scores["indicator"].map(slug)
    scores["origin"], scores["flags"], scores["note"] = key, None, None
    everything = pd.concat([values, scores], ignore_index=True)
    everything["period_start"] = [dt.date(y, 1, 1) for y in everything["year"]]
    everything["period"] = everything.pop("year").astype(str)
    indicators = tuple(with_direction(i, everything) for i in catalogue("healthindex.toml"))
    return with_areas(everything, "ltla", period_duration="P1Y"), indicators


def with_direction(indicator: Indicator, values: pd.DataFrame) -> Indicator:
    """The indicator with what stands behind its direction: the sign with which it enters ONS's score of its sub-domain.

    ONS publishes scores in which higher is better, but not the direction of each indicator in the same table. A regression of the ranks of the score on the ranks of its
    indicators shows it. A direction stated in the catalogue that ONS's scores contradict stops the build.
    """
    if indicator.polarity is Polarity.UNKNOWN or indicator.polarity_source:
        return indicator
    family = [i.id for i in catalogue("healthindex.toml") if i.keywords[0] == indicator.keywords[0] and ".score_" not in i.id]
    wide = values.pivot_table(index=["area", "period"], columns="indicator", values="value")
    ranks = wide[[*family, f"healthindex.score_{slug(indicator.keywords[0])}"]].rank()
    ranks = (ranks - ranks.mean()) / ranks.std()
    weights, *_ = np.linalg.lstsq(ranks[family].to_numpy(), ranks.iloc[:, -1].to_numpy(), rcond=None)
    weight = float(weights[family.index(indicator.id)])
    if abs(weight) < CLEAR:
        return attrs.evolve(indicator, polarity_source="jsnakit's reading of the name, unverified: ONS's sub-domain score hardly moves with it")
    if (weight > 0) != (indicator.polarity is Polarity.HIGHER_IS_BETTER):
        raise SystemExit(f"{indicator.id}: {indicator.polarity} contradicts ONS's score (weight {weight:.2f})")
    moves = "rises" if weight > 0 else "falls"
    source = (
        f"jsnakit, from ONS's figures: the published score of {indicator.keywords[0]!r} {moves} as this value rises (all authorities, 2015 to 2021)"
    )
    return attrs.evolve(indicator, polarity_source=source)


def deprivation(files: Files) -> tuple[pa.Table, tuple[Indicator, ...]]:
    """Scores, shares and ranks of the two editions, shares as percentages."""
    parts = []
    path, key = files("geography/deprivation/imd2019_ltla23_england.csv")
    domains = {
        "Income": "income", "Employment": "employment", "Education": "education", "Health": "health",
        "Crime": "crime", "Housing_and_Access": "housing", "Environment": "environment",
    }  # fmt: skip
    columns = {"Score": "average_score", "Proportion": "worst_tenth", "Extent": "extent"}
    columns |= {f"{name}_Score": f"{domain}_average_score" for name, domain in domains.items()}
    parts.append(edition(pd.read_csv(path), columns, 2019, "ltla", key))
    domains = {
        "income": "income", "employment": "employment", "education_skills_and_training": "education", "health_deprivation_and_disability": "health",
        "crime": "crime", "barriers_to_housing_and_services": "housing", "living_environment": "environment",
    }  # fmt: skip
    columns = {
        "imd_average_score": "average_score", "imd_proportion_of_lso_as_in_most_deprived_10_percent_nationally": "worst_tenth",
        "imd_2025_extent": "extent", "imd_2025_local_concentration": "local_concentration", "imd_rank_of_average_score": "rank_of_average_score",
    }  # fmt: skip
    columns |= {f"{name}_average_score": f"{domain}_average_score" for name, domain in domains.items()}
    for area_type in ("ltla", "icb"):
        path, key = files(f"geography/deprivation/imd2025_{area_type}24_england.csv")
        frame = pd.read_csv(path).rename(columns=lambda c: c.replace("imd25_", "imd_2025_"))
        parts.append(edition(frame, columns, 2025, area_type, key))
    return pa.concat_tables(parts), catalogue("imd.toml")


def edition(frame: pd.DataFrame, columns: Mapping[str, str], year: int, area_type: str, origin: str) -> pa.Table:
    code = next(c for c in frame.columns if c.endswith("_code"))
    rows = frame.rename(columns={code: "area"}).melt("area", list(columns), var_name="indicator")
    share = rows["indicator"].map(columns).isin(["worst_tenth", "extent"])
    # Ten digits hold all that was published; without them 0.4211 would become 42.110000000000001.
    rows["value"] = rows["value"].where(~share, (rows["value"] * 100).round(10)).astype(float)
    rows["indicator"] = [f"imd.{columns[name]}_{year}" for name in rows["indicator"]]
    return with_areas(rows, area_type, period_start=dt.date(year, 1, 1), period_duration="P1Y", period=f"{year} edition", origin=origin)


BANDS = [(f"{low}-{low + 4}", [str(age) for age in range(low, low + 5)]) for low in range(0, 90, 5)] + [("90+", ["90+"])]


def population(files: Files) -> tuple[pa.Table, tuple[Indicator, ...]]:
    """Residents by five-year age group for authorities, and for the areas that whole authorities make up."""
    parts = []
    path, key = files("geography/population/ltla_mid2023_persons_syoa_ew.csv")
    now = pd.read_csv(path).rename(columns={"code": "area", "all": "_T"})
    now = english(now, 296)
    lookup = pd.read_csv(files.folder / "geography/lookups/ltla24_hierarchy_england.csv").set_index("ltla24_code")
    for area_type, column in (("ltla", None), ("utla", "utla23_code"), ("region", "region24_code"), ("country", "country_code")):
        summed = now if column is None else now.assign(area=now["area"].map(lookup[column]))
        note = "Not comparable with mid-2020 as held here, which was not rebased to Census 2021"
        parts.append(ages(summed, area_type, dt.date(2023, 6, 30), "mid-2023", key, flags="break", note=note))
    path, key = files("geography/population/ltla21_mid2020_persons_syoa_uk.csv")
    then = english(pd.read_csv(path).rename(columns={"ltla21_code": "area", "total_population": "_T"}), 309)
    for area_type, summed in (("ltla", then), ("country", then.assign(area=ENGLAND.code))):
        parts.append(ages(summed, area_type, dt.date(2020, 6, 30), "mid-2020", key, note="Estimated before Census 2021 and not rebased to it"))
    path, key = files("geography/population/ltla21_census2021_sex_broad_age_ew.csv")
    census = english(
        pd.read_csv(path).rename(columns={"ltla21_code": "area", "total_population": "_T", "total_females": "F", "total_males": "M"}), 309
    )
    for area_type, frame in (("ltla", census), ("country", census.assign(area=ENGLAND.code))):
        rows = frame.groupby("area", as_index=False)[["_T", "F", "M"]].sum().melt("area", var_name="sex").astype({"value": float})
        rows["indicator"] = "population.census_residents"
        parts.append(with_areas(rows, area_type, period_start=dt.date(2021, 3, 21), period_duration="P0D", period="Census 2021", origin=key))
    return pa.concat_tables(parts), catalogue("population.toml")


def english(frame: pd.DataFrame, authorities: int) -> pd.DataFrame:
    """The authorities of England; stops the build unless there are as many as there were, and unless their parts add up."""
    frame = frame[frame["area"].str.startswith("E")].reset_index(drop=True)
    parts = [c for c in ("F", "M") if c in frame.columns] or [c for c in frame.columns if c[0].isdigit()]
    if len(frame) != authorities or not (frame[parts].sum(axis=1) == frame["_T"]).all():
        raise SystemExit(f"expected {authorities} English authorities whose parts add up, found {len(frame)}")
    return frame


def ages(frame: pd.DataFrame, area_type: str, day: dt.date, label: str, origin: str, **columns: str) -> pa.Table:
    bands = pd.DataFrame({"area": frame["area"], "_T": frame["_T"], **{band: frame[singles].sum(axis=1) for band, singles in BANDS}})
    rows = bands.groupby("area", as_index=False).sum().melt("area", var_name="age").astype({"value": float})
    rows["indicator"] = "population.residents"
    return with_areas(rows, area_type, period_start=day, period_duration="P0D", period=label, origin=origin, **columns)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="the folder with the published files")
    parser.add_argument("--out", type=Path, default=PACKAGED)
    parser.add_argument(
        "--without",
        action="append",
        default=[],
        choices=["rtt", "fingertips", "place"],
        help="leave a source out (the pack is then not the one that ships)",
    )
    options = parser.parse_args(arguments)
    files = Files(options.data)
    tables: dict[str, pa.Table] = {}
    indicators: list[Indicator] = []
    for name, made in (("healthindex", health_index), ("imd", deprivation), ("population", population)):
        tables[name], found = made(files)
        indicators += found
    relations = None
    if "rtt" not in options.without:
        from sample.waiting import waiting_times

        waits, relations, found = waiting_times(files)
        tables |= waits
        indicators += found
    groups: tuple[Group, ...] = ()
    if "fingertips" not in options.without:
        from sample.profiles import health_profiles

        tables["fingertips"], found, groups = health_profiles(files)
        indicators += found
    if "place" not in options.without:
        from sample.place import place_scores

        tables["place"], found = place_scores(files)
        indicators += found
    for name in sorted({name for name, _, _ in make_shapes.LAYERS}):
        files(f"geography/boundaries/{name}")
    pack = write_pack(
        options.out,
        pack_id="sample",
        title="jsnakit sample: real published figures for England",
        version=VERSION,
        made=MADE,
        made_by="tools/make_sample.py",
        licence="OGL-UK-3.0",
        attribution=ATTRIBUTION,
        indicators=indicators,
        observations=tables,
        origins=list(files.used.values()),
        relations=relations,
        groups=groups,
        shapes=make_shapes.build(options.data),
    )
    total = 0
    for path in sorted(options.out.iterdir()):
        total += path.stat().st_size
        print(f"{path.stat().st_size:>10,}  {path.name}")
    print(f"{total:>10,}  {pack.id} {pack.version} sha256 {pack.sha256}")


if __name__ == "__main__":
    main()
