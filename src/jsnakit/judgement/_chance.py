"""What chance may do to many figures at once: false discoveries among comparisons, and how sure the rank of an area is."""

from __future__ import annotations

import math
from typing import Any, Final, Literal

import numpy as np
import pyarrow as pa

from jsnakit.errors import InvalidValueError
from jsnakit.judgement import _words
from jsnakit.judgement._beside import beside, itself
from jsnakit.judgement._frames import Bools, Columns, Floats
from jsnakit.judgement._ranks import each_group, peers, signs
from jsnakit.judgement._verdicts import Indicators
from jsnakit.methods.intervals import normal_quantile
from jsnakit.observations import PRESENT

__all__ = ["false_discovery", "rank_intervals"]

_WIDTH: Final = 2 * normal_quantile(0.95)
_CELLS: Final = 2_000_000


def _standard_errors(columns: Columns) -> tuple[Floats, Bools]:
    """The standard errors that the 95 % limits say, and the rows that have one and a figure."""
    error = (columns.numbers("upper") - columns.numbers("lower")) / _WIDTH
    present = columns.each("status", lambda s: s in (None, *PRESENT)) & ~np.isnan(columns.numbers("value")) & (error > 0)
    return error, present


def false_discovery(frame: Any, benchmark: Any, *, rate: float = 0.05, name: str = "the benchmark", parents: Any = None) -> Any:
    """The same rows with `p_value`, `q_value` and `discovery`: which differences from the benchmark stand when all the rows given are one family of tests.

    p is two-sided of z = (value - benchmark) / ((upper - lower) / 3.92), by the normal distribution; q is the p-value adjusted by Benjamini and Hochberg (1995), and a `discovery` has
    q <= `rate`. A row without a figure, an interval or a benchmark's figure, and the benchmark itself, is null in all three and not counted. `benchmark` and `parents` are as in `compare`.
    Raises `InvalidValueError` for a rate that is not between 0 and 1, and as `compare` does.

    >>> import datetime as dt, jsnakit.observations as observations
    >>> same = dict(indicator="x.y", area_scheme="gss", period_start=dt.date(2024, 1, 1), period_duration="P1Y", origin="doc")
    >>> areas = observations.build(2, area_type="ltla", area=["a", "b"], value=[12.0, 10.1], lower=[11.0, 9.1], upper=[13.0, 11.1], **same)
    >>> england = observations.build(1, area_type="country", area="E92000001", value=[10.0], **same)
    >>> false_discovery(areas, england)["discovery"].to_pylist()
    [True, False]
    """
    if isinstance(rate, bool) or not 0 < rate < 1:
        raise InvalidValueError(f"rate is {rate!r}", hint="give a share between 0 and 1: 0.05", value=rate)
    from scipy.special import ndtr
    from scipy.stats import false_discovery_control

    columns, other = Columns(frame), Columns(benchmark)
    match = beside(columns, other, name=name, parents=parents)
    error, present = _standard_errors(columns)
    theirs = np.full(columns.n, np.nan)
    theirs[match >= 0] = other.numbers("value")[match[match >= 0]]
    asked = present & ~np.isnan(theirs) & ~itself(columns, other, parents)
    p, q = np.full(columns.n, np.nan), np.full(columns.n, np.nan)
    p[asked] = 2 * ndtr(-np.abs(columns.numbers("value")[asked] - theirs[asked]) / error[asked])
    if asked.any():
        q[asked] = false_discovery_control(p[asked], method="bh")
    return columns.added(
        p_value=pa.array(p, pa.float64(), from_pandas=True),
        q_value=pa.array(q, pa.float64(), from_pandas=True),
        discovery=pa.array(q <= rate, pa.bool_(), mask=~asked),
    )


def rank_intervals(
    frame: Any,
    indicators: Indicators = None,
    *,
    by: Literal["polarity", "value"] = "polarity",
    confidence: float = 0.95,
    draws: int = 4000,
    seed: int = 1996,
) -> Any:
    """The same rows with `rank_lower` and `rank_upper`: between which ranks an area lies, among the areas of one type in one period that have an interval.

    Each figure is drawn `draws` times from a normal distribution of its value and its 95 % interval, and the areas are ranked in each draw (Goldstein and Spiegelhalter 1996). Rank 1 is the
    worst by the polarity, or the lowest by value, as in `rank`. Each group is drawn from `seed` in the order of the area codes, so the order of the rows changes nothing. Figures without
    an interval, and without a direction, are null and not counted. Raises `InvalidValueError` for options that mean nothing, `TableError` where a column is missing.

    >>> import datetime as dt, jsnakit.observations as observations
    >>> same = dict(indicator="x.y", area_scheme="gss", area_type="ltla", period_start=dt.date(2024, 1, 1), period_duration="P1Y", origin="doc")
    >>> rows = observations.build(3, area=list("abc"), value=[1.0, 50.0, 50.1], lower=[0.0, 40.0, 40.1], upper=[2.0, 60.0, 60.1], **same)
    >>> rank_intervals(rows, by="value").select(["rank_lower", "rank_upper"]).to_pylist()[:2]
    [{'rank_lower': 1, 'rank_upper': 1}, {'rank_lower': 2, 'rank_upper': 3}]
    """
    if by not in ("polarity", "value"):
        raise InvalidValueError(f"by={by!r} is not a way to rank", hint='use by="polarity" or by="value"', value=by, allowed=("polarity", "value"))
    if isinstance(confidence, bool) or not 0 < confidence < 1 or draws < 100:
        raise InvalidValueError(f"confidence={confidence!r}, draws={draws!r}", hint="a level between 0 and 1, and at least 100 draws")
    columns = Columns(frame)
    error, present = _standard_errors(columns)
    sign = signs(columns, _words.by_id(indicators), by)
    groups, _ = peers(columns)
    value = sign * columns.numbers("value")
    low, high = np.full(columns.n, np.nan), np.full(columns.n, np.nan)
    tail = (1 - confidence) / 2
    for members in each_group(columns, groups, present & (sign != 0)):
        ranks = _drawn(value[members], error[members], draws, seed)
        ranks.sort(axis=0)
        low[members] = ranks[math.floor(tail * (draws - 1))]
        high[members] = ranks[math.ceil((1 - tail) * (draws - 1))]
    return columns.added(
        rank_lower=pa.array(low, pa.float64(), from_pandas=True).cast(pa.int64()),
        rank_upper=pa.array(high, pa.float64(), from_pandas=True).cast(pa.int64()),
    )


def _drawn(value: Floats, error: Floats, draws: int, seed: int) -> Any:
    """The ranks of the areas of one group, a row a draw; made in pieces, so that the numbers drawn never fill the memory."""
    n = len(value)
    generator = np.random.default_rng(seed)
    ranks = np.empty((draws, n), np.int32)
    step = max(_CELLS // n, 1)
    for start in range(0, draws, step):
        piece = ranks[start : start + step]
        order = np.argsort(value + error * generator.standard_normal(piece.shape), axis=1)
        np.put_along_axis(piece, order, np.arange(1, n + 1, dtype=np.int32)[None, :], axis=1)
    return ranks
