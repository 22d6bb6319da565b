"""The contract of every source."""

from __future__ import annotations

from pathlib import Path

from jsnakit.testing import SourceTests
from jsnakit_fingertips import Fingertips

SPECIMENS = Path(__file__).parent / "specimens"


class TestContract(SourceTests):
    source = Fingertips()
    specimens = sorted(p for p in SPECIMENS.iterdir() if p.suffix in (".csv", ".json"))
