"""What the root conftest promises every test: no network, no settings of the person at the keyboard, real data or a plain reason."""

from __future__ import annotations

import importlib.util
import os
import socket
from pathlib import Path

import pytest

CONFTEST = Path(__file__).parent.parent / "conftest.py"


def test_sockets_are_closed():
    with pytest.warns(UserWarning, match="socket"), pytest.raises(RuntimeError, match="socket"):
        socket.socket(socket.AF_INET)


@pytest.mark.enable_socket
def test_an_open_socket_reaches_this_machine_only():
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()):
        pass
    with pytest.warns(UserWarning, match="connect"), pytest.raises(RuntimeError, match="connect"):
        socket.create_connection(("192.0.2.1", 80), timeout=1)


def test_no_setting_reaches_a_test():
    assert {name for name in os.environ if name.startswith("JSNAKIT_")} <= {"JSNAKIT_CACHE", "JSNAKIT_REAL_DATA"}
    assert not Path(os.environ["JSNAKIT_CACHE"]).exists()
    assert "HTTPS_PROXY" not in os.environ


@pytest.mark.parametrize(("ci", "outcome"), [("", "Skipped"), ("true", "Failed")])
def test_absent_real_data_is_a_skip_and_in_ci_a_failure(ci, outcome, tmp_path, monkeypatch):
    monkeypatch.setenv("JSNAKIT_REAL_DATA", str(tmp_path))
    monkeypatch.setenv("CI", ci)
    spec = importlib.util.spec_from_file_location("root_conftest", CONFTEST)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    # The function inside the fixture; pytest does not let a fixture be called.
    find = module.real_data._get_wrapped_function()()
    with pytest.raises(BaseException, match=r"rtt/none\.zip is not here") as caught:
        find("rtt/none.zip")
    assert type(caught.value).__name__ == outcome
    (tmp_path / "rtt").mkdir()
    (tmp_path / "rtt" / "some.zip").touch()
    assert find("rtt/some.zip").name == "some.zip"
