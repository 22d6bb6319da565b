"""Kills at random moments, and processes racing for one cache: nothing is lost, nothing wrong is answered. Full counts are marked `faults`."""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from jsnakit.store import Store

pytestmark = pytest.mark.enable_socket

HERE = Path(__file__).parent
SEED = 20261124


def _beside(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, HERE / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


fs, worker, parsing = _beside("faultserver"), _beside("worker"), _beside("parsing")


def body_of(path: str) -> bytes:
    """A CSV of about 400 kB whose content follows from its path."""
    chance = random.Random(path)
    return b"code,value\n" + chance.randbytes(200_000).hex().encode() + b"\n"


@contextlib.contextmanager
def process(folder: Path, address: str, job: str) -> Iterator[subprocess.Popen[str]]:
    """A worker, which says when it is ready."""
    command = [sys.executable, str(HERE / "worker.py"), str(folder), address, job]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as running:
        try:
            yield running
        finally:
            running.kill()


def wait_for(running: subprocess.Popen[str]) -> None:
    assert running.stdout is not None
    assert running.stdout.readline() == "ready\n"


def say(running: subprocess.Popen[str], line: str) -> None:
    assert running.stdin is not None
    running.stdin.write(f"{line}\n")
    running.stdin.flush()


class Herd:
    """Processes to be killed, one after the other, made by one worker that has imported everything (or each a worker, where the system cannot copy a process)."""

    def __init__(self, stack: contextlib.ExitStack, folder: Path, address: str, job: str) -> None:
        self._new = lambda: stack.enter_context(process(folder, address, job))
        self._worker: subprocess.Popen[str] | None = None

    def pace(self) -> float:
        """The seconds over which kills are spread: what one process takes on this machine at this hour for its first piece of work and two more."""
        moments = [time.monotonic()]
        self.kill_one(999_000, 0.0, lambda: moments.append(time.monotonic()) or len(moments) < 4)
        return moments[2] - moments[0] + 2 * (moments[3] - moments[2])

    def kill_one(self, first: int, after: float, more: Callable[[], bool] = lambda: False) -> list[str]:
        """Let a new process work from `first` on and kill it after so many seconds (with `more`: after as many answers as that wants); returns its answers."""
        if self._worker is None or self._worker.poll() is not None:
            self._worker = self._new()
            wait_for(self._worker)
        worker, answers = self._worker, []
        assert worker.stdout is not None
        say(worker, str(first))
        child = 0
        while not child:
            line = worker.stdout.readline()
            assert line, "the worker is gone"
            if line.startswith("child "):
                child = int(line.split()[1])
            else:
                answers.append(line)
        time.sleep(after)
        while more():
            answers.append(worker.stdout.readline())
        os.kill(child, getattr(signal, "SIGKILL", signal.SIGTERM))
        while (line := worker.stdout.readline()) and line != "gone\n":
            answers.append(line)
        return [line.rstrip("\n") for line in answers if line.endswith("\n")]


class Paced:
    """Serves every path slowly enough for a kill to land in the middle."""

    def __init__(self, pause: float, body: Callable[[str], bytes] = body_of) -> None:
        self.pause, self.body = pause, body

    def __call__(self, connection: Any) -> None:
        fs.paced(self.body(connection.path), self.pause)(connection)


@pytest.fixture
def server() -> Iterator[Any]:
    with fs.FaultServer() as running:
        yield running


def orphans(folder: Path) -> list[Path]:
    return list((folder / "tmp").glob("*"))


def age(folder: Path) -> None:
    """Two days pass."""
    long_ago = time.time() - 2 * 86_400
    for path in orphans(folder):
        os.utime(path, (long_ago, long_ago))


COUNTS = [pytest.param(5, id="5 kills"), pytest.param(200, id="200 kills", marks=pytest.mark.faults)]
IN_A_FOLDER = 25
"""After so many kills the cache begins anew, since verifying reads everything kept so far."""


@pytest.mark.parametrize("kills", COUNTS)
def test_a_kill_during_downloads_loses_nothing(tmp_path: Path, server: Any, kills: int) -> None:
    print(f"seed {SEED}")
    chance = random.Random(SEED)
    server.on("*", Paced(0.003))
    midway = answered = 0
    pace = 0.0
    with contextlib.ExitStack() as stack:
        for kill in range(kills):
            first, folder = kill * 100, tmp_path / f"cache-{kill // IN_A_FOLDER}"
            if kill % IN_A_FOLDER == 0:
                herd = Herd(stack, folder, server.address, "fetch-on")
                pace = herd.pace()
            answers = [line.split() for line in herd.kill_one(first, chance.uniform(0.0, pace))]
            answered += len(answers)
            midway += bool(orphans(folder))
            assert all(sha256 == hashlib.sha256(body_of(path)).hexdigest() for path, sha256, _ in answers)
            # What stands under a good name is good, whatever moment it was.
            age(folder)
            store = Store(folder, allow={server.address}, interval=0, max_age=3600)
            assert orphans(folder) == []
            assert store.verify() == []
            assert all(entry.present for entry in store.entries())
            # The next run is right: what was answered comes from the cache, what was begun is fetched.
            fetch = store.fetcher(worker.INFO)
            for path in [path for path, *_ in answers[-1:]] + [f"/big/{first + len(answers)}.csv"]:
                assert fetch(server.url(path)).read() == body_of(path)
            assert [o.state for o in store.log][: len(answers[-1:])] == ["hit"] * len(answers[-1:])
    print(f"{midway} of {kills} kills left work behind in tmp; {answered} downloads were answered before them")
    assert midway >= kills // 4


@pytest.mark.parametrize("kills", COUNTS)
def test_a_kill_while_a_file_is_parsed_loses_nothing(tmp_path: Path, server: Any, kills: int) -> None:
    """Fetch, parse, keep, answer, through `reading`: the kill lands in any of them."""
    print(f"seed {SEED + 2}")
    chance = random.Random(SEED + 2)
    server.on("*", Paced(0.0005, parsing.file_of))
    answered = kept = fetched = 0
    pace = 0.0
    with contextlib.ExitStack() as stack:
        for kill in range(kills):
            first, folder = kill * 100, tmp_path / f"cache-{kill // IN_A_FOLDER}"
            if kill % IN_A_FOLDER == 0:
                herd = Herd(stack, folder, server.address, "parse-on")
                pace = herd.pace()
            answers = [line.split() for line in herd.kill_one(first, chance.uniform(0.0, pace))]
            assert all(float(said) == parsing.sum_of(path) for path, said in answers)
            age(folder)
            store = Store(folder, allow={server.address}, interval=0, max_age=3600)
            assert orphans(folder) == []
            assert store.verify() == []
            # Where in its work the kill met the file: fetched or not, its part kept or not.
            met = f"/sum/{first + len(answers)}.csv"
            fetched += any(entry.url.endswith(met) for entry in store.entries())
            answered += len(answers)
            parts = len(list((folder / "parts").rglob("*.parquet")))
            asked = server.count(met)
            for path in [path for path, _ in answers[-1:]] + [met]:
                assert parsing.parse(str(folder), server.address, path) == f"{path} {parsing.sum_of(path):.0f}"
            kept += len(list((folder / "parts").rglob("*.parquet"))) == parts
            assert server.count(met) - asked <= 1
    print(f"{kills} kills: {fetched} met a file already fetched, {kept} one already parsed; {answered} were answered before them")
    assert kills < 100 or (answered and fetched > kept)


@pytest.mark.parametrize("kills", COUNTS)
def test_a_kill_while_parts_are_kept_loses_nothing(tmp_path: Path, kills: int) -> None:
    print(f"seed {SEED + 1}")
    chance = random.Random(SEED + 1)
    midway = 0
    pace = 0.0
    with contextlib.ExitStack() as stack:
        for kill in range(kills):
            first, folder = kill * 1000, tmp_path / f"cache-{kill // 10}"
            if kill % 10 == 0:
                herd = Herd(stack, folder, "-", "keep-on")
                pace = herd.pace()
            kept = [int(line) for line in herd.kill_one(first, chance.uniform(0.0, pace))]
            midway += bool(orphans(folder))
            age(folder)
            store = Store(folder)
            assert orphans(folder) == []
            assert store.verify() == []
            for number in kept[-2:]:
                part = store.part(f"part {number}")
                assert part is not None
                assert part.equals(worker.table_of(number), check_metadata=True)
            # The one the kill met is either whole or not there.
            met = store.part(f"part {first + len(kept)}")
            assert met is None or met.equals(worker.table_of(first + len(kept)), check_metadata=True)
            store.put_part(f"part {first + len(kept)}", worker.table_of(first + len(kept)))
            assert store.part(f"part {first + len(kept)}") is not None
    print(f"{midway} of {kills} kills left work behind in tmp")
    assert midway >= kills // 6


def race(folder: Path, server: Any, rounds: int, job: str, processes: int = 8) -> list[int]:
    """Let the processes ask for one new file a round, all at once; returns how often the server was asked for each."""
    with contextlib.ExitStack() as stack:
        racers = [stack.enter_context(process(folder, server.address, job)) for _ in range(processes)]
        for racer in racers:
            wait_for(racer)
        for number in range(rounds):
            path = f"/big/{number}.csv"
            for racer in racers:
                say(racer, path)
            answers = [racer.stdout.readline().split() for racer in racers if racer.stdout is not None]
            expected = hashlib.sha256(body_of(path)).hexdigest()
            assert [answer[:2] for answer in answers] == [[path, expected]] * processes
            states = [answer[2] for answer in answers]
            assert set(states) <= {"downloaded", "hit-after-wait", "hit", "revalidated"}
            if "without" not in job:
                assert states.count("downloaded") == 1
        for racer in racers:
            assert racer.stdin is not None
            racer.stdin.close()
            assert racer.wait(30) == 0
    assert orphans(folder) == []
    assert Store(folder).verify() == []
    return [server.count(f"/big/{number}.csv") for number in range(rounds)]


@pytest.mark.parametrize("rounds", [pytest.param(2, id="2 rounds"), pytest.param(100, id="100 rounds", marks=pytest.mark.faults)])
def test_eight_processes_fill_one_cache_with_one_download(tmp_path: Path, server: Any, rounds: int) -> None:
    server.on("*", Paced(0.005))
    assert race(tmp_path / "cache", server, rounds, "fetch") == [1] * rounds


@pytest.mark.skipif(sys.platform == "win32", reason="flock is a call of POSIX systems")
@pytest.mark.parametrize("rounds", [pytest.param(2, id="2 rounds"), pytest.param(50, id="50 rounds", marks=pytest.mark.faults)])
def test_without_working_locks_only_downloads_are_lost(tmp_path: Path, server: Any, rounds: int) -> None:
    server.on("*", Paced(0.005))
    asked = race(tmp_path / "cache", server, rounds, "fetch-without-locks", processes=4)
    assert all(1 <= n <= 4 for n in asked)
    print(f"{sum(asked)} downloads in {rounds} rounds of 4")
    # If locks had still worked, this test would prove nothing.
    assert sum(asked) > rounds


def test_a_lock_held_by_a_dead_process_holds_nobody_up(tmp_path: Path, server: Any) -> None:
    folder = tmp_path / "cache"
    server.on("*", Paced(0.05))
    with process(folder, server.address, "fetch") as running:
        wait_for(running)
        say(running, "/big/1.csv")
        deadline = time.monotonic() + 10
        while not server.count("/big/1.csv") and time.monotonic() < deadline:
            time.sleep(0.01)
        running.kill()
        running.wait()
    assert list((folder / "locks").glob("*.lock"))
    started = time.monotonic()
    assert worker.fetch(str(folder), server.address, "/big/1.csv").endswith("downloaded")
    assert time.monotonic() - started < 5
