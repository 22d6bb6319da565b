"""Hypothesis strategies: tables as the contract allows them, the odd ones first."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pyarrow as pa
from hypothesis import strategies as st

from jsnakit import observations

_VALUES = st.one_of(st.just(0.0), st.floats(-1e9, 1e9, allow_nan=False, allow_infinity=False))
_ABSENT = ("suppressed", "not_submitted", "not_collected", "not_available", "not_applicable")


@st.composite
def _row(draw: st.DrawFn, indicator: str) -> dict[str, Any]:
    row: dict[str, Any] = {
        "indicator": indicator,
        "area_scheme": "gss",
        "area_type": draw(st.sampled_from(["ltla", "utla", "country"])),
        "area": draw(st.sampled_from(["E06000009", "E06000066", "E10000027", "E92000001"])),
        "period_start": draw(st.dates(dt.date(2008, 1, 1), dt.date(2027, 12, 31))).replace(day=1),
        "period_duration": draw(st.sampled_from(["P1M", "P1Y", "P0D"])),
        "sex": draw(st.sampled_from(["_T", "F", "M"])),
        "status": draw(st.sampled_from(sorted(observations.STATUSES))),
        "origin": "hypothesis",
    }
    if row["status"] in _ABSENT:
        return row
    kind = draw(st.sampled_from(["exact", "interval", "open"]))
    value = draw(_VALUES)
    if kind == "open":
        row["value_min"] = value
    else:
        row["value"] = value
        if kind == "interval":
            row |= {"lower": value - draw(st.floats(0, 100)), "upper": value + draw(st.floats(0, 100)), "limits_method": "published"}
    return row


@st.composite
def observation_tables(draw: st.DrawFn, *, indicator: str = "demo.figure", max_size: int = 30) -> pa.Table:
    """Valid observation tables of one indicator, as Arrow: every status, intervals, open bands, zeros, and no two rows of one key.

    >>> from hypothesis import find
    >>> find(observation_tables(), lambda table: table.num_rows < 2).num_rows
    0
    """
    unique = ("area_type", "area", "period_start", "period_duration", "sex")
    rows = draw(st.lists(_row(indicator), max_size=max_size, unique_by=lambda r: tuple(r[k] for k in unique)))
    if not rows:
        return observations.empty()
    names = sorted({name for row in rows for name in row})
    return observations.build(len(rows), **{name: [row.get(name) for row in rows] for name in names})
