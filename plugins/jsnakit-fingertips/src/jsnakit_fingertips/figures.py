"""The number columns of an export, and what in them contradicts itself. A contradiction is kept as published, beside the figure, and said in the note."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pyarrow as pa
from attrs import frozen
from numpy.typing import NDArray

__all__ = ["FIGURES", "Figures", "figures_of"]

Floats = NDArray[np.float64]
FIGURES: Final = ("value", "lower", "upper", "count", "denominator")
"""What two rows of one key must agree in."""

OUTSIDE: Final = "The published limits do not hold the published value; they are in published_lower and published_upper"
NEGATIVE: Final = "The published count is negative (an excess); it is in published_count"


@frozen
class Figures:
    """The figures of the rows as arrays with NaN for missing; `said` are remarks and the rows they are made on; `beside` what is kept beside the figures."""

    columns: dict[str, Floats]
    beside: dict[str, Floats]
    said: dict[str, NDArray[np.bool_]]

    @property
    def present(self) -> NDArray[np.bool_]:
        """The rows that have a value."""
        found: NDArray[np.bool_] = ~np.isnan(self.columns["value"])
        return found


def _floats(table: pa.Table, name: str) -> Floats:
    if name not in table.column_names:
        return np.full(table.num_rows, np.nan)
    found: Floats = table[name].to_numpy().astype(np.float64, copy=False)
    return found


def figures_of(table: pa.Table) -> Figures:
    """The figures of an export's table. Limits that do not hold their value, and negative counts, are moved beside them."""
    columns = {name: _floats(table, name) for name in FIGURES}
    beside: dict[str, Floats] = {}
    said: dict[str, Any] = {}
    value, lower, upper = columns["value"], columns["lower"], columns["upper"]
    # A comparison with what is missing never holds.
    outside = (lower > value) | (value > upper) | (lower > upper)
    if outside.any():
        said[OUTSIDE] = outside
        for name in ("lower", "upper"):
            beside[f"published_{name}"] = np.where(outside, columns[name], np.nan)
            columns[name] = np.where(outside, np.nan, columns[name])
    for name, remark in (("count", NEGATIVE), ("denominator", NEGATIVE.replace("count", "denominator"))):
        negative = columns[name] < 0
        if negative.any():
            said[remark] = negative
            beside[f"published_{name}"] = np.where(negative, columns[name], np.nan)
            columns[name] = np.where(negative, np.nan, columns[name])
    for name in ("lower_99_8", "upper_99_8", "rank", "areas_ranked", "england_value"):
        if name in table.column_names and table[name].null_count < table.num_rows:
            beside[f"published_{name}"] = _floats(table, name)
    return Figures(columns, beside, said)
