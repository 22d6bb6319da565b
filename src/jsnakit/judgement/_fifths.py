"""Areas cut into fifths or quarters as Fingertips, FingertipsNext and PHEindicatormethods each cut them."""

from __future__ import annotations

from typing import Any, Final, Literal

import numpy as np
import pyarrow as pa

from jsnakit.errors import InvalidValueError
from jsnakit.judgement import _words
from jsnakit.judgement._frames import Codes, Columns, Floats, Sentences
from jsnakit.judgement._ranks import each_group, peers, signs
from jsnakit.judgement._verdicts import Indicators
from jsnakit.observations import PRESENT

__all__ = ["quantile_groups"]

_CONVENTIONS: Final = ("interpolation", "ntile", "phe")
_PARTS: Final = {4: "quarter", 5: "fifth"}


def quantile_groups(
    frame: Any, indicators: Indicators = None, *, k: Literal[4, 5] = 5, convention: Literal["interpolation", "ntile", "phe"] = "interpolation"
) -> Any:
    """The same rows with `quantile` (1 to `k`), `quantile_word` and `because`, among the areas of one type of one indicator, period and breakdown.

    Number 1 is the best where a direction is known, else the lowest. `convention`: "interpolation" (Fingertips 2020) cuts at percentiles by linear interpolation at position (n - 1)i/k,
    rounded to 10 places, a value on a cut falling below it; "ntile" (FingertipsNext 2025) cuts the areas in order into `k` parts, the first the larger, ties in the order of
    the area codes; "phe" is `phe_quantile` of PHEindicatormethods: ties together by their lowest rank. Fewer than `k` figures are not cut, and `quantile` is null. `rank` cuts by
    another rule and numbers from the worst. Raises `InvalidValueError` for another `k` or convention, `TableError` where a column is missing.

    >>> import datetime as dt, jsnakit.observations as observations
    >>> same = dict(indicator="x.y", area_scheme="gss", area_type="ltla", period_start=dt.date(2024, 1, 1), period_duration="P1Y", origin="doc")
    >>> rows = observations.build(6, area=list("abcdef"), value=[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], **same)
    >>> quantile_groups(rows)["quantile"].to_pylist(), quantile_groups(rows, convention="ntile")["quantile"].to_pylist()
    ([1, 1, 2, 3, 4, 5], [1, 1, 2, 3, 4, 5])
    """
    if k not in _PARTS or isinstance(k, bool):
        raise InvalidValueError(f"k is {k!r}", hint="use 5 for fifths, 4 for quarters", value=k, allowed=tuple(_PARTS))
    if convention not in _CONVENTIONS:
        raise InvalidValueError(
            f"{convention!r} is not a convention", hint=f"use one of {', '.join(_CONVENTIONS)}", value=convention, allowed=_CONVENTIONS
        )
    columns = Columns(frame)
    value = columns.numbers("value")
    present = ~np.isnan(value) & columns.each("status", lambda s: s in (None, *PRESENT))
    sign = signs(columns, _words.by_id(indicators))
    groups, _ = peers(columns)
    number = np.zeros(columns.n, np.int64)
    few = np.zeros(columns.n, np.bool_)
    for members in each_group(columns, groups, present, value):
        if len(members) < k:
            few[members] = True
            continue
        number[members] = _cut(value[members], k, convention, best_is_highest=bool(sign[members[0]] > 0))
    directed = sign != 0
    word, because = Sentences(columns.n), Sentences(columns.n)
    for i in range(1, k + 1):
        word.put((number == i) & directed, _word(i, k, "best", "worst"))
        word.put((number == i) & ~directed, _word(i, k, "lowest", "highest"))
    word.put(few, "too few areas")
    word.put(~present, "no data")
    because.put(number > 0, f"Cut into {k} groups by the rule {convention!r}. This ranks and does not judge.")
    because.put(few, f"Fewer than {k} areas of this type have a figure.")
    because.put(~present, "There is no exact figure to rank.")
    return columns.added(quantile=pa.array(number, pa.int64(), mask=number == 0), quantile_word=word.array(), because=because.array())


def _word(i: int, k: int, first: str, last: str) -> str:
    if 2 * i == k + 1:
        return f"middle {_PARTS[k]}"
    end, step = (first, i) if 2 * i < k + 1 else (last, k + 1 - i)
    return f"{'second ' if step == 2 else ''}{end} {_PARTS[k]}"


def _cut(value: Floats, k: int, convention: str, *, best_is_highest: bool) -> Codes:
    """The numbers of values in ascending order."""
    n = len(value)
    if convention == "phe":
        # min ranks from the end that is 1; whole numbers, so that no rounding moves an area
        rank = n - np.searchsorted(value, value, side="right") + 1 if best_is_highest else np.searchsorted(value, value, side="left") + 1
        return np.asarray(k + 1 + -(((n + 1 - rank) * k + n - 1) // n), np.int64)
    if convention == "ntile":
        size, over = divmod(n, k)
        found = np.repeat(np.arange(1, k + 1), [size + (i < over) for i in range(k)])
    else:
        position = np.round((n - 1) * np.arange(1, k) / k, 10)
        below = np.floor(position).astype(np.int64)
        cuts = value[below] + (position - below) * (value[np.minimum(below + 1, n - 1)] - value[below])
        found = np.searchsorted(cuts, value, side="left") + 1
    return np.asarray(k + 1 - found if best_is_highest else found, np.int64)
