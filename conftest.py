"""What every test of the repository stands on: real data behind one door, no network, nothing of the user's own settings."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import pytest
import pytest_socket

REPOSITORY = Path(__file__).resolve().parent
LOOPBACK = ["127.0.0.1", "::1"]

hypothesis.settings.register_profile("quick", max_examples=50, deadline=None, print_blob=True)
hypothesis.settings.register_profile("ci", parent=hypothesis.settings.get_profile("quick"), derandomize=True, database=None)
hypothesis.settings.register_profile("faults", parent=hypothesis.settings.get_profile("quick"), max_examples=2000)


def pytest_configure(config: pytest.Config) -> None:
    """Choose how many examples hypothesis tries, unless `--hypothesis-profile` already did; the same ones each time in CI."""
    if not config.getoption("--hypothesis-profile", None):
        hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "quick")


@pytest.hookimpl(trylast=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """A test that opens sockets (`enable_socket`) still reaches this machine only."""
    if item.get_closest_marker("enable_socket"):
        pytest_socket.socket_allow_hosts(LOOPBACK, allow_unix_socket=True)


@pytest.fixture(scope="session")
def _caches(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A new cache folder's name each time; it is made only by a test that uses it."""
    root = tmp_path_factory.mktemp("caches")
    return (root / str(n) for n in itertools.count())


@pytest.fixture(autouse=True)
def _own_surroundings(_caches: Iterator[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting, proxy or cache of the person at the keyboard reaches a test, nor a subprocess it starts."""
    for name in list(os.environ):
        if name.startswith("JSNAKIT_") and name != "JSNAKIT_REAL_DATA":
            monkeypatch.delenv(name)
        if name.lower() in {"http_proxy", "https_proxy", "all_proxy", "no_proxy"}:
            monkeypatch.delenv(name)
    monkeypatch.setenv("JSNAKIT_CACHE", str(next(_caches)))


@pytest.fixture(scope="session")
def real_data() -> Callable[[str], Path]:
    """The path of a publisher's real file, for instance `real_data("rtt/2026-02_rtt_full_extract.zip")`.

    The files are too large and too many to be kept here. They stand in a folder `shared/data` beside the repository, or where `JSNAKIT_REAL_DATA` says.
    Where they are absent the test is skipped, but fails in CI (`CI` set): a skip there would hide a fault.
    """
    root = Path(os.environ.get("JSNAKIT_REAL_DATA") or REPOSITORY.parent / "shared" / "data")

    def find(name: str) -> Path:
        path = root / name
        if not path.exists():
            reason = f"the real file {name} is not here (set JSNAKIT_REAL_DATA to the folder that holds it)"
            if os.environ.get("CI"):
                pytest.fail(reason)
            pytest.skip(reason)
        return path

    return find
