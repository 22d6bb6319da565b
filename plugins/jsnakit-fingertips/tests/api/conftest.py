"""The API on this machine, and a workspace that asks it."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import jsnakit as jk
from jsnakit_fingertips import Fingertips

HERE = Path(__file__).parent


def _server_module() -> Any:
    name = "fingertips_server"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, HERE / "server.py")
        assert spec is not None
        assert spec.loader is not None
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


@pytest.fixture
def server(real_data: Callable[[str], Path]) -> Iterator[Any]:
    """The API, answering from stored real files."""
    server = _server_module().FingertipsServer(real_data, HERE / "specimens")
    yield server
    server.close()


@pytest.fixture
def source(server: Any) -> Fingertips:
    """The source, asking that server."""
    source = Fingertips()
    source.base = server.base
    return source


@pytest.fixture
def open_workspace(server: Any, source: Fingertips, tmp_path: Path) -> Callable[..., jk.Workspace]:
    """A workspace on a store of the test's own; again, another on the same cache. `folder` makes it a project with a lock."""

    def make(**store: Any) -> jk.Workspace:
        given = {"interval": 0.0, "sleep": lambda _: None, **store}
        return jk.Workspace(store=jk.Store(tmp_path / "cache", allow={server.address}, **given), plugins=jk.Plugins.only(source))

    return make
