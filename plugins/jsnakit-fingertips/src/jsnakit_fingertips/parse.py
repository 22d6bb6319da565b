"""From a file to one tidy table."""

from __future__ import annotations

import pyarrow as pa

from jsnakit.errors import LayoutError
from jsnakit.files import SourceFile

__all__ = ["parse_file"]


def parse_file(data: SourceFile) -> pa.Table:
    """One file as one tidy table. Raises `LayoutError` for a file that is none of those known."""
    raise LayoutError(f"{data.name} is no export of the profiles", resource=data.name, expected="a CSV export", found=data.name)
