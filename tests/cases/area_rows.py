"""Rows of one indicator for several areas, as tests of judgement want them."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pyarrow as pa

from jsnakit import observations


def rows(value: Any, half: Any = None, *, year: int = 2024, **columns: Any) -> pa.Table:
    """One row a value, each of an area of its own; `half` is half the width of its interval."""
    n = len(value)
    base = {
        "indicator": "x.y", "area_scheme": "gss", "area_type": "ltla", "area": [f"E{i:08d}" for i in range(n)], "period_start": dt.date(year, 1, 1),
        "period_duration": "P1Y", "value": value, "origin": "test",
    }  # fmt: skip
    limits = {} if half is None else {"lower": np.array(value) - half, "upper": np.array(value) + half}
    return observations.build(n, **(base | limits | columns))
