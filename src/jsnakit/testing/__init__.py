"""The contract as tests that a plugin inherits (extra `testing`): subclass, say what to test, and run pytest.

    from jsnakit.testing import SourceTests

    class TestPlace(SourceTests):
        source = Place()
        specimens = sorted((Path(__file__).parent / "specimens").glob("*.csv"))

Opting out of a test is a visible, strict xfail with a reason; see `docs/how-to/write-a-source.md`.
"""

from __future__ import annotations

from jsnakit.testing._contract import PackTests, SourceTests, closed_sockets
from jsnakit.testing._strategies import observation_tables

__all__ = ["PackTests", "SourceTests", "closed_sockets", "observation_tables"]
