"""A process of its own, to be killed or raced: fetches, or keeps parts, for as long as its parent tells it what.

Arguments: cache folder, address of the server, what to do. Lines on stdin are jobs; each answer is a line on stdout.
"""

from __future__ import annotations

import hashlib
import sys

from jsnakit.sources import SourceInfo
from jsnakit.store import Store

INFO = SourceInfo(id="x", title="X", publisher="Y", licence="OGL-UK-3.0", homepage="https://example.org/")


def table_of(number: int) -> object:
    """A table whose every figure follows from its number."""
    import numpy as np
    import pyarrow as pa

    rows = np.arange(80_000)
    columns = {"code": rows * 7919 % 10_007, "value": np.sin(rows + number)}
    return pa.table(columns).replace_schema_metadata({"number": str(number)})


def fetch(folder: str, address: str, path: str) -> str:
    """Fetch one path with a store of its own, as a process just started would."""
    store = Store(folder, allow={address}, interval=0, deadline=30, max_age=3600)
    data = store.fetcher(INFO)(f"http://{address}{path}").read()
    return f"{path} {hashlib.sha256(data).hexdigest()} {store.log[-1].state}"


def keep(folder: str, number: str) -> str:
    """Keep one part."""
    Store(folder).put_part(f"part {number}", table_of(int(number)))
    return number


def main(folder: str, address: str, job: str) -> None:
    if job.endswith("without-locks"):
        import fcntl

        # What flock is on Lustre, GPFS and some NFS: silently nothing.
        fcntl.flock = lambda *_: None
    # Loaded before the work begins, so that kills land in the work.
    if job == "keep-on":
        import pyarrow.parquet  # noqa: F401

        table_of(0)
    else:
        import pooch  # noqa: F401

        import jsnakit.store._transport  # noqa: F401
    print("ready", flush=True)
    if job == "keep-on":
        first = int(sys.stdin.readline())
        for number in range(first, first + 10_000):
            print(keep(folder, str(number)), flush=True)
    elif job == "fetch-on":
        first = int(sys.stdin.readline())
        for number in range(first, first + 10_000):
            print(fetch(folder, address, f"/big/{number}.csv"), flush=True)
    else:
        for line in sys.stdin:
            print(fetch(folder, address, line.strip()), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
