"""The cases that every engine must answer alike: their rows, the engines that are at hand in every session, and any answer as pandas."""

from __future__ import annotations

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa

from jsnakit import methods

CONNECTION = duckdb.connect()
ENGINES = {
    "polars": pl.from_pandas,
    "polars lazy": lambda frame: pl.from_pandas(frame).lazy(),
    "pyarrow": lambda frame: pa.Table.from_pandas(frame, preserve_index=False),
    "duckdb": lambda frame: CONNECTION.from_arrow(pa.Table.from_pandas(frame, preserve_index=False)),
}
KINDS = {"polars": pl.DataFrame, "polars lazy": pl.LazyFrame, "pyarrow": pa.Table, "duckdb": duckdb.DuckDBPyRelation}
AREAS = ["b", "a", "c", "d"]


def frame(seed=0):
    """Rows of four areas and three bands with what trips engines: a missing count, zeros, a small count that is not whole, an area of its own order."""
    rng = np.random.default_rng(seed)
    rows = pd.DataFrame([(area, age) for area in AREAS for age in ("0-4", "5-64", "65+")], columns=["area", "age"])
    rows["count"] = rng.integers(0, 40, len(rows)).astype(float)
    rows.loc[[0, 4], "count"] = [0, 2.5]
    rows.loc[9, "count"] = np.nan
    rows["denominator"] = rng.integers(1800, 9000, len(rows))
    rows["other_count"], rows["other_denominator"] = rng.integers(0, 30, len(rows)), rng.integers(500, 900, len(rows))
    return rows.sample(frac=1, random_state=seed).reset_index(drop=True)


WHOLE = frame().dropna().query("area != 'd'").reset_index(drop=True)
LIVES = frame().assign(count=lambda f: f["denominator"] * f["age"].map({"0-4": 0.005, "5-64": 0.2, "65+": 0.5}))
REFERENCE = pd.DataFrame({"age": ["65+", "0-4", "5-64"], "count": [900, 100, 800], "denominator": [20_000, 5_000, 60_000]})
BANDS = frame().assign(lower=lambda f: f["age"].map({"0-4": 0.0, "5-64": 5.0, "65+": 65.0}), upper=lambda f: f["age"].map({"0-4": 5.0, "5-64": 65.0}))
BANDS["count"] = BANDS["count"].round()
FIFTHS = pd.DataFrame(
    {"area": ["x"] * 5 + ["y"] * 5, "quantile": [1, 2, 3, 4, 5] * 2, "population": range(100, 110), "value": np.linspace(0.6, 0.3, 10)}
)
FIFTHS = FIFTHS.assign(lower=FIFTHS["value"] * 0.95, upper=FIFTHS["value"] * 1.06)

WORK = {
    "proportion": (frame(), lambda f: methods.proportion(f, confidence=[0.95, 0.998])),
    "proportion by area": (frame(), lambda f: methods.proportion(f, by="area", per=100)),
    "rate": (frame(), lambda f: methods.rate(f, confidence=[0.95, 0.998])),
    "rate of all": (frame(), lambda f: methods.rate(f, by=[])),
    "mean": (frame(), lambda f: methods.mean(f, value="count", by="area", missing="skip")),
    "dsr": (frame(), lambda f: methods.directly_standardised_rate(f, by="area")),
    "yll": (WHOLE, lambda f: methods.years_of_life_lost(f, life_expectancy="other_count", by="area")),
    "isr": (WHOLE, lambda f: methods.indirectly_standardised_ratio(f, reference=REFERENCE, by="area")),
    "isr rate": (WHOLE, lambda f: methods.indirectly_standardised_rate(f, reference=pl.from_pandas(REFERENCE).lazy(), by="area")),
    "life expectancy": (LIVES, lambda f: methods.life_expectancy(f, by="area")),
    "banded percentiles": (BANDS, lambda f: methods.banded_percentiles(f, by="area", percent=[50, 92])),
    "quantile": (frame(), lambda f: methods.quantile(f, value="count", number=3, by="age")),
    "slope index": (FIFTHS, lambda f: methods.slope_index(f, kind="proportion", by="area", per=-100)),
    "rate ratio": (frame(), methods.rate_ratio),
    "rate difference": (frame(), methods.rate_difference),
    "proportion ratio": (frame(), methods.proportion_ratio),
    "proportion difference": (frame(), methods.proportion_difference),
    "funnel": (frame(), lambda f: methods.funnel_significance(f, statistic="proportion")),
    "funnel of rates": (frame(), lambda f: methods.funnel_significance(f, statistic="rate")),
    "funnel over-dispersed": (frame(), lambda f: methods.funnel_significance(f, statistic="rate", tau2=0.05)),
    "funnel limits": (frame(), lambda f: methods.funnel_limits(f, statistic="rate", points=20)),
}


def as_pandas(found):
    """Any frame as pandas, in an order of its own, missing as None or NaN."""
    if isinstance(found, pl.LazyFrame):
        found = found.collect()
    if isinstance(found, pl.DataFrame | pa.Table):
        found = found.to_pandas()
    elif isinstance(found, duckdb.DuckDBPyRelation):
        found = found.to_arrow_table().to_pandas()
    found = found.astype({c: "float64" for c in found if pd.api.types.is_numeric_dtype(found[c])})
    found = found.astype({c: "object" for c in found if found[c].dtype != "float64"})
    found = found.astype({c: "object" for c in found if found[c].isna().all()})
    found = found.where(found.notna(), None)
    keys = [c for c in ("area", "age", "quantile", "size", "percent", "count", "denominator") if c in found]
    return found.sort_values(keys).reset_index(drop=True) if keys else found
