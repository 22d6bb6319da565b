"""The conformance kit for packs accepts a good one and refuses bad ones: a kit that cannot fail is no kit."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import attrs
import pyarrow as pa
import pytest

from jsnakit import observations
from jsnakit._plugins import Installed, PackEntry
from jsnakit.model import Headline, Indicator, Pin, Polarity
from jsnakit.packs import Pack, PackOrigin, write_pack
from jsnakit.testing import PackTests

PIN = Pin(url="https://example.org/falls.csv", sha256="ab" * 32, bytes=9, retrieved="2026-01-01")
FALLS = Indicator("warehouse.falls", "Falls", "per 100,000", polarity=Polarity.LOWER_IS_BETTER, polarity_source="the council")


def rows(**changed: Any) -> pa.Table:
    base = {
        "indicator": FALLS.id, "area_scheme": "gss", "area_type": "ltla", "area": ["E06000009", "E07000128"], "period_start": dt.date(2021, 1, 1),
        "period_duration": "P1Y", "period": "2021", "value": [1.0, 2.0], "origin": PIN.key,
    }  # fmt: skip
    return observations.build(2, **(base | changed))


@pytest.fixture
def made(tmp_path: Path) -> Any:
    def write(**changed: Any) -> Pack:
        given: dict[str, Any] = {
            "pack_id": "small", "title": "A small pack", "version": "1", "made": dt.date(2026, 11, 24), "made_by": "the tests", "licence": "OGL-UK-3.0",
            "attribution": ["Source: nobody"], "indicators": [FALLS], "observations": rows(), "origins": [PackOrigin(pin=PIN, publisher="X", title="Y")],
        }  # fmt: skip
        return write_pack(tmp_path / "pack", **(given | changed))

    return write


def failed(pack: Pack) -> list[str]:
    """The tests of the kit that the pack does not pass."""
    kit = type("Kit", (PackTests,), {"pack": pack})()
    entry = PackEntry(pack=pack, installed=Installed(name=pack.id, module="", distribution=pack.id, version="0", load=lambda: None))
    names = []
    for name in sorted(n for n in dir(PackTests) if n.startswith("test_")):
        method = getattr(kit, name)
        wanted = {"entry": entry} if "entry" in method.__code__.co_varnames[: method.__code__.co_argcount] else {}
        try:
            method(**wanted)
        except (AssertionError, LookupError, ValueError, RuntimeError, pytest.fail.Exception):
            names.append(name)
    return names


def test_a_good_pack_passes_every_test(made: Any) -> None:
    assert failed(made()) == []


@pytest.mark.parametrize(
    ("changed", "names"),
    [
        ({"attribution": []}, ["test_says_what_it_is"]),
        ({"indicators": [attrs.evolve(FALLS, polarity_source="")]}, ["test_every_indicator_is_covered_and_described"]),
        ({"indicators": [attrs.evolve(FALLS, headline=Headline(age="65+"))]}, ["test_the_headline_is_there"]),
    ],
)
def test_a_pack_at_fault_fails_the_test_of_that_fault(made: Any, changed: dict[str, Any], names: list[str]) -> None:
    assert failed(made(**changed)) == names


def test_a_pack_changed_on_disk_fails(made: Any) -> None:
    pack = made()
    (pack.folder / "coverage.json").write_text((pack.folder / "coverage.json").read_text().replace("2021", "2020"))
    assert "test_its_digest_is_that_of_its_files" in failed(pack)
