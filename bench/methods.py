"""The estimates beside PHStatsMethods, side by side in one run, and growth to ten million rows: `nox -s bench -- methods [--json FILE] [--quick]`.

CPU seconds of one process, best of several for what is short. Groups of 1e3, 1e4 and 1e5; both sides have the same frame, ours with all checks on. Aims on pandas at 1e5: proportion and rate 400 x, DSR and ISR
150 x, mean 200 x, quantile 3 x, funnels 2,000 x, never slower at 1e3; polars lazy 1,000 x for proportion and rate; XmR 100,000 rows a CPU second; and Wilson, `judgement.compare` with England, `judgement.rank`
with its fifths, and XmR together over 1e6 and 1e7 rows, streamed by indicator (60 s, 1 GB). `--quick` leaves out 1e5 groups and 1e7 rows. PHStatsMethods is installed for this session alone.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import io
import json
import resource
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from jsnakit import judgement, methods
from jsnakit.running import map_partitions

BANDS = [f"{a}-{a + 4}" for a in range(0, 90, 5)] + ["90+"]
ESP = methods.european_standard_population(BANDS)


def cpu(function: Callable[[], Any], rounds: int) -> float:
    best = float("inf")
    for _ in range(rounds):
        start = time.process_time()
        with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = function()
            if isinstance(found, pl.LazyFrame):
                found.collect()
        best = min(best, time.process_time() - start)
    return best


def flat(groups: int) -> pd.DataFrame:
    rng = np.random.default_rng(1)
    n = rng.integers(500, 5000, groups)
    return pd.DataFrame({"area": [f"A{i:07d}" for i in range(groups)], "count": rng.binomial(n, 0.05) + 1, "denominator": n})


def banded(groups: int) -> pd.DataFrame:
    rng = np.random.default_rng(2)
    size = groups * len(BANDS)
    n = rng.integers(500, 5000, size)
    return pd.DataFrame(
        {
            "area": np.repeat([f"A{i:07d}" for i in range(groups)], len(BANDS)), "age": BANDS * groups, "count": rng.binomial(n, 0.01) + 1, "denominator": n,
            "refcount": list(range(100, 100 + len(BANDS))) * groups, "refpop": [10_000] * size,
        }
    )  # fmt: skip


def values(groups: int, each: int) -> pd.DataFrame:
    rng = np.random.default_rng(3)
    return pd.DataFrame({"area": np.repeat([f"A{i:07d}" for i in range(groups)], each), "value": np.abs(rng.normal(50, 9, groups * each))})


def work(size: int) -> Iterator[tuple[str, dict[str, Callable[[], Any]], Callable[[], Any]]]:
    """Each method: its name, ours on each kind of frame, theirs."""
    import PHStatsMethods as theirs  # noqa: N813  # its own name shouts

    one = flat(size)
    lazy = pl.from_pandas(one).lazy()
    yield (
        "proportion",
        {"pandas": lambda: methods.proportion(one, by="area"), "polars lazy": lambda: methods.proportion(lazy, by="area")},
        lambda: theirs.ph_proportion(one, "count", "denominator", ["area"]),
    )
    yield (
        "rate",
        {"pandas": lambda: methods.rate(one, by="area"), "polars lazy": lambda: methods.rate(lazy, by="area")},
        lambda: theirs.ph_rate(one, "count", "denominator", ["area"]),
    )
    bands = banded(size)
    reference = bands[["age", "refcount", "refpop"]].head(len(BANDS))
    yield (
        "dsr",
        {"pandas": lambda: methods.directly_standardised_rate(bands, by="area")},
        lambda: theirs.ph_dsr(bands.copy(), "count", "denominator", "age", ["area"], euro_standard_pops=True),
    )
    yield (
        "isr",
        {
            "pandas": lambda: methods.indirectly_standardised_ratio(
                bands, reference=reference, reference_count="refcount", reference_denominator="refpop", by="area", per=1
            )
        },
        lambda: theirs.ph_ISRatio(bands, "count", "denominator", "refcount", "refpop", ["area"]),
    )
    ten = values(size, 10)
    yield "mean", {"pandas": lambda: methods.mean(ten, by="area")}, lambda: theirs.ph_mean(ten, "value", ["area"])
    hundred = values(max(1, size // 100), 100)
    yield "quantile", {"pandas": lambda: methods.quantile(hundred, by="area")}, lambda: theirs.ph_quantile(hundred, "value", ["area"], nquantiles=10)
    yield (
        "funnel significance",
        {"pandas": lambda: methods.funnel_significance(one, statistic="proportion")},
        lambda: theirs.assign_funnel_significance(one, "count", "proportion", "denominator"),
    )


def beside(sizes: list[int]) -> list[dict[str, Any]]:
    rows = []
    for size in sizes:
        for name, ours, peer in work(size):
            rounds = 5 if size <= 1_000 else 3 if size <= 10_000 else 2
            try:
                peer_cpu = cpu(peer, 3 if size <= 1_000 else 1)
            except Exception as error:  # noqa: BLE001  # the peer's own fault is a result too
                print(f"PHStatsMethods cannot: {name} at {size:,}: {error!r}")
                peer_cpu = float("nan")
            for frame, function in ours.items():
                mine = cpu(function, rounds)
                row = {
                    "work": name,
                    "size": size,
                    "frame": frame,
                    "cpu_s": mine,
                    "peer": "PHStatsMethods",
                    "peer_cpu_s": peer_cpu,
                    "ratio": peer_cpu / mine,
                }
                rows.append({k: None if v != v else v for k, v in row.items()})
                print(f"{name:20} {size:>9,} {frame:12} {mine:9.4f} s   PHStatsMethods {peer_cpu:9.3f} s   {peer_cpu / mine:10,.1f} x", flush=True)
    return rows


def xmr(rows: int) -> dict[str, Any]:
    rng = np.random.default_rng(4)
    groups = rows // 36
    frame = pd.DataFrame(
        {
            "area": np.repeat(np.arange(groups), 36),
            "period": np.tile(pd.date_range("2020-01-01", periods=36, freq="MS"), groups),
            "value": rng.normal(50, 5, groups * 36),
        }
    )
    mine = cpu(lambda: methods.xmr(frame, value="value", date="period", by=["area"]), 2)
    print(f"{'xmr':20} {rows:>9,} {'pandas':12} {mine:9.4f} s   {rows / mine:,.0f} rows a CPU second", flush=True)
    return {"work": "xmr", "size": rows, "frame": "pandas", "cpu_s": mine, "peer": None, "peer_cpu_s": None, "ratio": None}


def indicators(rows: int) -> Iterator[pa.Table]:
    """One table an indicator in the columns of observations: 472 areas and England, 20 years, two sexes."""
    areas, each = 472, 472 * 40
    rng = np.random.default_rng(5)
    codes = pa.array([f"E{i:08d}" for i in range(areas)] + ["E92000001"])
    area = codes.take(pa.array(np.repeat(np.arange(areas + 1), 40)))
    years = pa.array([dt.date(y, 1, 1) for y in range(2005, 2025)])
    start = years.take(pa.array(np.tile(np.repeat(np.arange(20), 2), areas + 1)))
    sex = pa.array(["F", "M"]).take(pa.array(np.tile(np.arange(2), 20 * (areas + 1))))
    kind = pa.array(["ltla"] * each + ["country"] * 40)
    for i in range(max(1, rows // each)):
        n = rng.integers(500, 20_000, (areas, 40))
        count = rng.binomial(n, 0.1)
        counts, people = (np.vstack([x, x.sum(axis=0)]).ravel().astype(float) for x in (count, n))
        yield pa.table(
            {"indicator": pa.array([f"x.{i}"] * (each + 40)), "area_scheme": pa.array(["gss"] * (each + 40)), "area_type": kind, "area": area, "period_start": start,
             "period_duration": pa.array(["P1Y"] * (each + 40)), "sex": sex, "status": pa.array(["normal"] * (each + 40)), "count": counts, "denominator": people}
        )  # fmt: skip


def judged(table: pa.Table) -> pa.Table:
    """Wilson's limits, the comparison with England, ranks with fifths, and XmR of one indicator."""
    frame = methods.proportion(table, per=100).drop_columns(["confidence", "method", "reason"])
    england = pc.equal(frame["area_type"], "country")
    areas, country = frame.filter(pc.invert(england)), frame.filter(england)
    areas = judgement.compare(areas, country, name="England").drop_columns(["rule", "because"])
    areas = judgement.rank(areas, [], by="value").drop_columns(["because"])
    return methods.xmr(areas, value="value", date="period_start", by=["area", "sex"])


def growth(rows: int) -> dict[str, Any]:
    began, start, done = time.perf_counter(), time.process_time(), 0
    for part in map_partitions(judged, indicators(rows), by="indicator"):
        done += part.num_rows
    wall, spent = time.perf_counter() - began, time.process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{'all five, streamed':20} {done:>9,} {'pyarrow':12} {spent:9.1f} s CPU, {wall:.1f} s, peak of the process so far {peak:,.0f} MB", flush=True
    )
    return {
        "work": "wilson, comparison, rank, quintile and xmr, streamed",
        "size": done,
        "frame": "pyarrow",
        "cpu_s": spent,
        "wall_s": wall,
        "peak_mb": peak,
        "peer": None,
        "peer_cpu_s": None,
        "ratio": None,
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", type=Path, help="write the results here too")
    parser.add_argument("--quick", action="store_true", help="no 1e5 groups, no 1e7 rows")
    asked = parser.parse_args()
    # Growth first: its peak is that of the process.
    rows = [growth(n) for n in ([1_000_000] if asked.quick else [1_000_000, 10_000_000])]
    rows.append(xmr(100_000))
    rows += beside([1_000, 10_000] if asked.quick else [1_000, 10_000, 100_000])
    if asked.json:
        asked.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
