"""CPU of starting jsnakit beside importing pandas, in one run: `nox -s bench -- imports`.

Each is a new process; they take turns, so that a noisy machine disturbs all alike. The time of a bare interpreter is taken off each. Aims: `import jsnakit` at most 1/8 and
`jsnakit --help` at most 1/4 of the CPU of `import pandas`.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys

ROUNDS = 15
PROGRAMS = {
    "bare interpreter": "pass",
    "import pandas": "import pandas",
    "import jsnakit": "import jsnakit",
    "jsnakit --help": "import sys; sys.argv = ['jsnakit', '--help']; from jsnakit.cli import main; main()",
}
AIMS = {"import jsnakit": 1 / 8, "jsnakit --help": 1 / 4}
_TIMED = "import sys, time\ntry:\n    exec(sys.argv[1])\nfinally:\n    print(time.process_time(), file=sys.stderr)"


def cpu_seconds(program: str) -> float:
    """User and system CPU of one process from its start."""
    # Compiled modules are kept, as on a user's machine: without them the compiler would be measured, and pandas has more to compile.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    run = subprocess.run(
        [sys.executable, "-c", _TIMED, program], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=True
    )
    return float(run.stderr.splitlines()[-1])


def main() -> None:
    """Print a table: median and least of each, and the share of pandas."""
    for program in PROGRAMS.values():
        cpu_seconds(program)
    taken: dict[str, list[float]] = {name: [] for name in PROGRAMS}
    for _ in range(ROUNDS):
        for name, program in PROGRAMS.items():
            taken[name].append(cpu_seconds(program))
    bare = statistics.median(taken["bare interpreter"])
    pandas = statistics.median(taken["import pandas"]) - bare
    print(f"{'':18}{'median CPU s':>14}{'least CPU s':>14}{'of pandas':>12}{'aim':>8}   ({ROUNDS} rounds, bare interpreter taken off)")
    for name, times in taken.items():
        own = statistics.median(times) - (0 if name == "bare interpreter" else bare)
        least = min(times) - (0 if name == "bare interpreter" else min(taken["bare interpreter"]))
        aim = f"{AIMS[name]:.1%}" if name in AIMS else ""
        share = "" if name == "bare interpreter" else f"{own / pandas:.1%}"
        print(f"{name:18}{own:14.4f}{least:14.4f}{share:>12}{aim:>8}")


if __name__ == "__main__":
    main()
