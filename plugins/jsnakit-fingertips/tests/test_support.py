"""What the plugin says of itself is true."""

from __future__ import annotations

import tomllib
from importlib import resources
from pathlib import Path

from jsnakit_fingertips import catalogue

SUPPORT = tomllib.loads(resources.files("jsnakit_fingertips").joinpath("support.toml").read_text(encoding="utf-8"))


def test_the_support_matrix_has_its_form():
    assert set(SUPPORT) == {"layout", "trap"}
    for layout in SUPPORT["layout"]:
        assert set(layout) == {"name", "files", "periods", "tested", "note"}
        assert layout["tested"] in {"real files", "transcribed figures", "described schema", "refused"}
    assert all(set(trap) == {"what", "handled"} for trap in SUPPORT["trap"])


def test_the_readme_counts_right():
    found = catalogue.indicators()
    readme = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    known = sum(i.polarity.value != "unknown" for i in found)
    assert f"{len(found):,} indicators by country" in readme
    assert f"known for {known} indicators" in readme
    ages = sum(bool(i.headline.age) for i in found)
    assert any(f"for {ages} indicators" in trap["handled"] for trap in SUPPORT["trap"])
