"""A stored export of the public health profiles into observations, beside pandas and polars merely reading that CSV: `nox -s bench -- fingertips`.

Every contender runs in a process of its own, in turn, so that a noisy machine disturbs all alike; each reads a small file before the clock starts, so that imports and the catalogue do
not count. Our side reads every row with all checks on: periods, area types, notes, repeats, contradictions, and core's check of the table. Aim: at most 2 x the CPU of pandas' bare read.
The real exports are looked for where the tests look (JSNAKIT_REAL_DATA).
"""

from __future__ import annotations

import functools
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROUNDS = 9
ROOT = Path(os.environ.get("JSNAKIT_REAL_DATA") or Path(__file__).resolve().parents[2] / "shared" / "data") / "fingertips"
FILES = {
    "the successor's extract, 44,452 rows": ROOT / "next_healthdata_20250213.csv.gz",
    "an export of the API, 4,536 rows": ROOT / "api_csv_90280_90638_social_isolation_utla.csv.gz",
}
SMALL = ROOT / "api_csv_93532_dependent_drinkers.csv"


def pandas_bare(path: str) -> int:
    import pandas as pd

    return len(pd.read_csv(path, low_memory=False))


def pandas_as_text(path: str) -> int:
    import pandas as pd

    return len(pd.read_csv(path, dtype=str, keep_default_na=False))


def polars_bare(path: str) -> int:
    import polars as pl

    return pl.read_csv(path, infer_schema_length=None).height


def parsed(path: str) -> int:
    from jsnakit.files import SourceFile
    from jsnakit.sources import Resource
    from jsnakit_fingertips import Fingertips

    return Fingertips().parse(Resource(url=path), SourceFile.from_path(path)).num_rows


@functools.cache
def _entry() -> Any:
    import jsnakit as jk
    from jsnakit_fingertips import Fingertips

    return jk.Plugins.only(Fingertips()).source("fingertips")


def observations(path: str) -> int:
    from jsnakit.reading import read_files
    from jsnakit.sources import Query

    return read_files(_entry(), [Path(path)], Query(breakdowns=("*",))).table.num_rows


WORK: dict[str, Callable[[str], int]] = {f.__name__: f for f in (pandas_bare, pandas_as_text, polars_bare, parsed, observations)}


def one(name: str, path: str) -> None:
    """The work of one process: what it took is printed."""
    WORK[name](str(SMALL))
    cpu, wall = time.process_time(), time.perf_counter()
    rows = WORK[name](path)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(rows, time.process_time() - cpu, time.perf_counter() - wall, peak)


def run(name: str, path: Path) -> tuple[int, float, float, float]:
    made = subprocess.run([sys.executable, __file__, name, str(path)], stdout=subprocess.PIPE, text=True, check=True)
    rows, cpu, wall, peak = made.stdout.split()
    return int(rows), float(cpu), float(wall), float(peak)


def practices(path: Path) -> Path:
    """An export of 8,000 practices and 15 years in the API's form: as large as users download, with invented figures."""
    names = (ROOT / "api_csv_93532_dependent_drinkers.csv").read_text(encoding="utf-8").splitlines()[0]
    with path.open("w", encoding="utf-8") as out:
        out.write(names.replace("Column not used", "Compared to PCNs (v. 26/04/24) value or percentiles") + "\n")
        for year in range(2009, 2024):
            for i in range(8000):
                code, v = f"{'ABCDEFGH'[i // 1000]}{81000 + i % 1000}", 5 + (i * 37 + year) % 1009 / 97
                out.write(
                    f"219,Hypertension: QOF prevalence,U{10000 + i // 6},A network,{code},Practice {i},GPs,Persons,All ages,,,{year}/{(year + 1) % 100:02},{v:.6f},"
                    f"{v * 0.9:.6f},{v * 1.1:.6f},{v * 0.8:.6f},{v * 1.2:.6f},{i},{i * 10},,Cannot be calculated,Lower,Higher,{year}0000,,,1y\n"
                )
    return path


def main() -> None:
    missing = [path.name for path in (*FILES.values(), SMALL) if not path.exists()]
    if missing:
        raise SystemExit(f"the real file {missing[0]} is not here (set JSNAKIT_REAL_DATA to the folder that holds fingertips/)")
    with tempfile.TemporaryDirectory() as folder:
        measure(FILES | {"invented: 8,000 practices, 15 years": practices(Path(folder) / "practices.csv")})


def measure(files: dict[str, Path]) -> None:
    for title, path in files.items():
        taken: dict[str, list[tuple[int, float, float, float]]] = {}
        for _ in range(ROUNDS):
            for name in WORK:
                taken.setdefault(name, []).append(run(name, path))
        print(f"{title:40}{'rows':>8}{'CPU ms':>9}{'wall ms':>9}{'peak MB':>9}{'x pandas_bare, pair by pair':>30}   (medians of {ROUNDS})")
        for name, runs in taken.items():
            cpu, wall, peak = (statistics.median(r[i] for r in runs) for i in (1, 2, 3))
            ratios = sorted(r[1] / p[1] for r, p in zip(runs, taken["pandas_bare"], strict=True))
            print(
                f"{name:40}{runs[0][0]:8,}{cpu * 1000:9.1f}{wall * 1000:9.1f}{peak:9.0f}{statistics.median(ratios):14.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})"
            )
    print("aim: observations at most 2.00 x pandas_bare. Rows are more than the file's where unitary authorities are given in both tiers.")


if __name__ == "__main__":
    if sys.argv[1:]:
        one(sys.argv[1], sys.argv[2])
    else:
        main()
