"""`import jsnakit` is quick: it imports neither pandas nor a plugin, and its names are loaded on first use."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

HEAVY = [
    "numpy",
    "pandas",
    "polars",
    "pyarrow",
    "requests",
    "pooch",
    "cattrs",
    "narwhals",
    "jsnakit_fingertips",
    "jsnakit_place",
    "jsnakit_rtt",
    "jsnakit_sample",
]
LIGHT_MODULES = ["errors", "model", "settings", "sources", "hookspecs", "files"]


def loaded_after(statement: str) -> set[str]:
    code = f"import json, sys\n{statement}\nprint(json.dumps(sorted(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(json.loads(run.stdout))


def test_importing_the_package_loads_nothing_heavy():
    loaded = loaded_after("import jsnakit")
    assert not loaded & set(HEAVY)
    assert not any(name.startswith("jsnakit.") for name in loaded), "even its own modules come on first use"


def test_the_lower_rooms_load_nothing_heavy():
    loaded = loaded_after("import " + ", ".join(f"jsnakit.{name}" for name in LIGHT_MODULES))
    assert not loaded & set(HEAVY)


def test_help_loads_neither_pandas_nor_a_plugin():
    loaded = loaded_after(
        "from click.testing import CliRunner\nfrom jsnakit.cli import cli\nassert CliRunner().invoke(cli, ['--help']).exit_code == 0"
    )
    assert not loaded & set(HEAVY)


def test_every_public_name_is_there_and_stays():
    import jsnakit

    for name in jsnakit.__all__:
        assert getattr(jsnakit, name) is getattr(jsnakit, name)
    assert set(jsnakit.__all__) <= set(dir(jsnakit))


def test_a_name_that_is_not_there_is_an_attribute_error():
    import jsnakit

    with pytest.raises(AttributeError, match="no attribute 'observatoin'"):
        jsnakit.observatoin  # noqa: B018  # the access is the test
