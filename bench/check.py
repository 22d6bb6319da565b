"""CPU of `jsnakit.check` on a million rows, in pandas, Polars and pyarrow: `nox -s bench -- check`.

A year and more of providers by treatment function, as the waiting-time source gives them; engines take turns, so that a noisy machine disturbs all alike.
Aim: at most 0.5 CPU s on pandas.
"""

from __future__ import annotations

import datetime as dt
import statistics
import time

import numpy as np
import polars as pl
import pyarrow as pa

from jsnakit import observations

ROWS = 1_000_000
ROUNDS = 9
AIM = 0.5


def table() -> pa.Table:
    """A valid table: 500 providers, 25 treatment functions, 80 months."""
    row, dice = np.arange(ROWS), np.random.default_rng(0)
    provider, month, function = row % 500, row // 500 % 80, row // 40_000
    functions = [*(f"C_{100 + i}" for i in range(24)), "_T"]
    return observations.build(
        ROWS,
        indicator="rtt.incomplete_within_18_weeks",
        area_scheme="ods",
        area_type="provider",
        area=pa.array([f"R{i:04d}" for i in range(500)]).take(pa.array(provider)),
        period_start=pa.array([dt.date(2019 + i // 12, i % 12 + 1, 1) for i in range(80)]).take(pa.array(month)),
        period_duration="P1M",
        category_type=pa.array(["treatment_function", "_T"]).take(pa.array((function == 24).astype(int))),
        category=pa.array(functions).take(pa.array(function)),
        value=dice.random(ROWS) * 100,
        denominator=dice.random(ROWS) * 1000,
        flags=pa.array(["provisional", None]).take(pa.array(row % 2)),
        origin="sha256:0123456789ab",
    )


def main() -> None:
    """Print the CPU of each engine: median and least of the rounds."""
    made = table()
    shuffled = made.take(pa.array(np.random.default_rng(1).permutation(ROWS)))
    frames = {
        "pandas": observations.to_pandas(made),
        "pandas, shuffled": observations.to_pandas(shuffled),
        "polars": pl.DataFrame(made),
        "pyarrow": made,
    }
    taken: dict[str, list[float]] = {name: [] for name in frames}
    for _ in range(ROUNDS):
        for name, frame in frames.items():
            began = time.process_time()
            observations.check(frame)
            taken[name].append(time.process_time() - began)
    print(f"check() of {ROWS:,} rows, {ROUNDS} rounds")
    print(f"{'':18}{'median CPU s':>14}{'least CPU s':>14}{'aim':>8}")
    for name, times in taken.items():
        print(f"{name:18}{statistics.median(times):14.3f}{min(times):14.3f}{AIM if name == 'pandas' else '':>8}")


if __name__ == "__main__":
    main()
