"""Equal questions give equal bytes: in another process, with another order of every set."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

QUESTIONS = [
    "sources --format csv",
    "indicators --format json",
    "areas --format csv",
    "targets --format json",
    "observe healthindex.life_expectancy imd.average_score_2025 population.residents --area Blackpool --area Wyre --breakdown * --format json",
    "observe rtt.waiting_list --type provider --breakdown treatment_function --since 2026-02 --format parquet",
    "judge nhs-constitution.rtt-18-weeks --type provider --since 2026-02 --format csv --names",
    "doctor",
    "lock --format csv",
]

PROGRAM = """
import hashlib, sys
from pathlib import Path
from click.testing import CliRunner
from jsnakit.cli import cli

for question in sys.argv[1:]:
    answer = CliRunner().invoke(cli, question.split())
    assert answer.exit_code == 0, (question, answer.output, answer.exception)
    print(question, hashlib.sha256(answer.stdout_bytes).hexdigest())
print(hashlib.sha256(Path("jsna.lock").read_bytes()).hexdigest())
"""


def answers(folder: Path, seed: str) -> str:
    (folder / "jsna.lock").unlink(missing_ok=True)
    (folder / "jsna.toml").write_text('[jsna]\narea = "E06000009"\narea_type = "ltla"\npacks = ["sample"]\n')
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM, *QUESTIONS],
        cwd=folder,
        env=os.environ | {"PYTHONHASHSEED": seed},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return run.stdout


def test_the_order_of_sets_changes_no_byte(tmp_path: Path) -> None:
    first = answers(tmp_path, "0")
    assert len(first.splitlines()) == len(QUESTIONS) + 1
    assert answers(tmp_path, "1") == first
