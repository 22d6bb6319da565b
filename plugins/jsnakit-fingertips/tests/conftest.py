"""Files as parts, and the source as core sees it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jsnakit import Plugins
from jsnakit.files import SourceFile
from jsnakit.reading import read_files
from jsnakit.sources import Query
from jsnakit_fingertips import Fingertips
from jsnakit_fingertips.parse import parse_file

SPECIMENS = Path(__file__).parent / "specimens"


@pytest.fixture
def read() -> Callable[..., list[dict[str, Any]]]:
    """The observations in some specimens (or other files), every breakdown unless the query says otherwise."""

    def find(*names: str | Path, query: Query | None = None) -> list[dict[str, Any]]:
        paths = [SPECIMENS / name if isinstance(name, str) else name for name in names]
        answer = read_files(Plugins.only(Fingertips()).source("fingertips"), paths, query or Query(breakdowns=("*",)))
        return answer.table.to_pylist()

    return find


@pytest.fixture
def parsed() -> Callable[..., Any]:
    """The tidy table of a CSV given as text or bytes."""

    def find(text: str | bytes, name: str = "export.csv") -> Any:
        return parse_file(SourceFile.from_bytes(text if isinstance(text, bytes) else text.encode(), name=name))

    return find
