"""One month of waiting times from its ZIP into observations, beside polars and pandas merely reading that CSV: `nox -s bench -- rtt`.

Every contender runs in a process of its own, in turn, so that a noisy machine disturbs all alike; each reads a small file before the clock starts, so that imports do not count, and peak
memory is that of the whole process.
Then 24 months (the stored ones under other dates), filtered and streamed. Aims: at most 2 x the CPU of polars' bare read with unzipping and under 600 MB; 24 months in flat memory.
The real extracts are looked for where the tests look (JSNAKIT_REAL_DATA).
"""

from __future__ import annotations

import datetime as dt
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

ROUNDS = 5
ROOT = Path(os.environ.get("JSNAKIT_REAL_DATA") or Path(__file__).resolve().parents[2] / "shared" / "data") / "rtt"
STORED = ("2024-04", "2025-09", "2025-10", "2026-02")
MONTH = ROOT / "2026-02_rtt_full_extract.zip"


def polars_bare(path: str) -> int:
    import polars as pl

    with zipfile.ZipFile(path) as archive:
        data = archive.read(archive.namelist()[0])
    header = data[: data.index(b"\n")].decode().strip().split(",")
    numbers = ("Total", "Patients", "Gt ")
    return pl.read_csv(data, schema_overrides={c: pl.Int32 if c.startswith(numbers) else pl.String for c in header}).height


def pandas_bare(path: str) -> int:
    import pandas as pd

    with zipfile.ZipFile(path) as archive, archive.open(archive.namelist()[0]) as stream:
        return len(pd.read_csv(stream, dtype={"Provider Org Code": str, "Commissioner Org Code": str}, keep_default_na=False, na_values=[""]))


def providers(*paths: str) -> int:
    return _read(paths, area_type="provider", breakdowns=("*",))


def all_levels(*paths: str) -> int:
    return _read(paths, breakdowns=("*",))


def filtered(*paths: str) -> int:
    from jsnakit.model import ENGLAND, Area

    return _read(paths, areas=(Area("ods", "provider", "RXL"), ENGLAND), breakdowns=("*",))


def streamed(*paths: str) -> int:
    from jsnakit.reading import stream_files
    from jsnakit.sources import Query

    return sum(batch.num_rows for batch in stream_files(_entry(), [Path(p) for p in paths], Query(area_type="provider", breakdowns=("*",))))


def _entry() -> object:
    import jsnakit as jk

    return jk.Plugins().source("rtt")


def _read(paths: tuple[str, ...], **query: object) -> int:
    from jsnakit.reading import read_files
    from jsnakit.sources import Query

    return read_files(_entry(), [Path(p) for p in paths], Query(**query)).table.num_rows  # type: ignore[arg-type]


WORK: dict[str, Callable[..., int]] = {f.__name__: f for f in (polars_bare, pandas_bare, providers, all_levels, filtered, streamed)}
SMALL = Path(__file__).resolve().parents[1] / "plugins" / "jsnakit-rtt" / "tests" / "specimens" / "20260228-RTT-February-2026-full-extract-cut.csv"


def one(name: str, paths: list[str]) -> None:
    """The work of one process: what it took is printed. A file of fifty rows is read first, so that whatever each of them imports is imported."""
    with tempfile.TemporaryDirectory() as folder:
        small = Path(folder) / "small.zip"
        with zipfile.ZipFile(small, "w") as archive:
            archive.write(SMALL, SMALL.name)
        WORK[name](str(small))
    cpu, wall = time.process_time(), time.perf_counter()
    rows = WORK[name](*paths)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(rows, time.process_time() - cpu, time.perf_counter() - wall, peak)


def run(name: str, paths: list[str]) -> tuple[int, float, float, float]:
    made = subprocess.run([sys.executable, __file__, name, *paths], stdout=subprocess.PIPE, text=True, check=True)
    rows, cpu, wall, peak = made.stdout.split()
    return int(rows), float(cpu), float(wall), float(peak)


def more_months(folder: Path, count: int) -> list[str]:
    """The stored months under other dates, the four in turn."""
    paths = []
    for i in range(count):
        stored = STORED[i % len(STORED)]
        with zipfile.ZipFile(ROOT / f"{stored}_rtt_full_extract.zip") as archive:
            data = archive.read(archive.namelist()[0])
        then = dt.date.fromisoformat(f"{stored}-01")
        year, month = divmod(2022 * 12 + 3 + i, 12)
        day = dt.date(year, month + 1, 1)
        path = folder / f"{day:%Y-%m}.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            archive.writestr(f"{day:%Y%m%d}-RTT.csv", data.replace(f"RTT-{then:%B-%Y}".encode(), f"RTT-{day:%B-%Y}".encode()))
        paths.append(str(path))
    return paths


def main() -> None:
    if not MONTH.exists():
        raise SystemExit(f"the real file {MONTH.name} is not here (set JSNAKIT_REAL_DATA to the folder that holds rtt/)")
    taken: dict[str, list[tuple[int, float, float, float]]] = {}
    for _ in range(ROUNDS):
        for name in ("polars_bare", "pandas_bare", "providers", "all_levels"):
            taken.setdefault(name, []).append(run(name, [str(MONTH)]))
    print(
        f"{'February 2026, from its ZIP':28}{'rows':>10}{'CPU s':>8}{'wall s':>8}{'peak MB':>9}{'x polars, pair by pair':>26}   (medians of {ROUNDS})"
    )
    for name, runs in taken.items():
        cpu, wall, peak = (statistics.median(r[i] for r in runs) for i in (1, 2, 3))
        ratios = sorted(r[1] / p[1] for r, p in zip(runs, taken["polars_bare"], strict=True))
        print(f"{name:28}{runs[0][0]:10,}{cpu:8.2f}{wall:8.2f}{peak:9.0f}{statistics.median(ratios):10.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})")
    print("aims: providers at most 2.00 x polars, under 600 MB")
    with tempfile.TemporaryDirectory() as folder:
        months = more_months(Path(folder), 24)
        print(f"{'24 months':28}{'rows':>10}{'CPU s':>8}{'wall s':>8}{'peak MB':>9}{'CPU s a month':>16}{'x peak of 2 months':>22}")
        for name in ("filtered", "streamed"):
            _, _, _, two = run(name, months[:2])
            rows, cpu, wall, peak = run(name, months)
            print(f"{name:28}{rows:10,}{cpu:8.2f}{wall:8.2f}{peak:9.0f}{cpu / 24:16.2f}{peak / two:22.2f}")


if __name__ == "__main__":
    if sys.argv[1:]:
        one(sys.argv[1], sys.argv[2:])
    else:
        main()
