"""A process of its own, to be killed or raced: fetches, parses or keeps parts, for as long as its parent tells it what.

Arguments: cache folder, address of the server, what to do. Lines on stdin are jobs; each answer is a line on stdout.
A job ending in `-on` is one to be killed: for each line this process makes a child (where the system can, since importing costs more than the work), says its number, and
says `gone` once it is dead. Elsewhere it does the work itself, and is killed itself.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Callable
from typing import Any

from jsnakit.sources import SourceInfo
from jsnakit.store import Store

INFO = SourceInfo(id="x", title="X", publisher="Y", licence="OGL-UK-3.0", homepage="https://example.org/")


def table_of(number: int) -> Any:
    """A table whose every figure follows from its number."""
    import numpy as np
    import pyarrow as pa

    rows = np.arange(80_000)
    columns = {"code": rows * 7919 % 10_007, "value": np.sin(rows + number)}
    return pa.table(columns).replace_schema_metadata({"number": str(number)})


def a_store(folder: str, address: str) -> Store:
    """A store of its own, as a process just started would make."""
    return Store(folder, allow={address}, interval=0, deadline=30, max_age=3600)


def fetch(folder: str, address: str, path: str) -> str:
    """Fetch one path."""
    store = a_store(folder, address)
    data = store.fetcher(INFO)(f"http://{address}{path}").read()
    return f"{path} {hashlib.sha256(data).hexdigest()} {store.log[-1].state}"


def keep(folder: str, number: int) -> str:
    """Keep one part."""
    Store(folder).put_part(f"part {number}", table_of(number))
    return str(number)


def on_and_on(folder: str, address: str, job: str, first: int) -> None:
    """One after the other until killed."""

    def parse(number: int) -> str:
        import parsing

        return str(parsing.parse(folder, address, f"/sum/{number}.csv"))

    jobs: dict[str, Callable[[int], str]] = {
        "fetch-on": lambda n: fetch(folder, address, f"/big/{n}.csv"),
        "parse-on": parse,
        "keep-on": lambda n: keep(folder, n),
    }
    for number in range(first, first + 10_000):
        print(jobs[job](number), flush=True)


def main(folder: str, address: str, job: str) -> None:
    if job.endswith("without-locks"):
        import fcntl

        # What flock is on Lustre, GPFS and some NFS: silently nothing.
        fcntl.flock = lambda *_: None
    # Loaded before the work begins, so that kills land in the work.
    import pooch  # noqa: F401

    import jsnakit.store._transport  # noqa: F401

    if job in ("keep-on", "parse-on"):
        import pyarrow.parquet  # noqa: F401
    if job == "parse-on":
        import parsing  # noqa: F401

    print("ready", flush=True)
    for line in sys.stdin:
        if not job.endswith("-on"):
            print(fetch(folder, address, line.strip()), flush=True)
        elif hasattr(os, "fork"):
            child = os.fork()
            if not child:
                on_and_on(folder, address, job, int(line))
                os._exit(0)
            print(f"child {child}", flush=True)
            os.waitpid(child, 0)
            print("gone", flush=True)
        else:
            print(f"child {os.getpid()}", flush=True)
            on_and_on(folder, address, job, int(line))


if __name__ == "__main__":
    main(*sys.argv[1:])
