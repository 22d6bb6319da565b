"""Areas of one type ranked and cut into fifths: a rank says who stands where, and judges nobody."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal

import numpy as np
import pyarrow as pa
from attrs import frozen

from jsnakit.errors import InvalidValueError
from jsnakit.judgement import _words
from jsnakit.judgement._frames import Bools, Codes, Columns, Floats, Sentences, distinct
from jsnakit.judgement._verdicts import Indicators
from jsnakit.model import Indicator, Polarity
from jsnakit.observations import PRESENT

MIN_AREAS: Final = 5
"""Fewer areas than this are ranked, and not cut into fifths."""

NO_DIRECTION: Final = "no direction"

_GROUP = ("indicator", "area_scheme", "area_type", "sex", "age", "category_type", "category")


def rank(frame: Any, indicators: Indicators, *, by: Literal["polarity", "value"] = "polarity") -> Any:
    """The same rows, of the same kind of frame, with `rank`, `of`, `fifth`, `fifth_word` and `because`, among the areas of one type in one period.

    Groups are: indicator, area scheme and type, period and breakdown. `rank` 1 is the worst by the indicator's polarity, ties share the mean of their ranks; `of` is how many areas
    have a figure. `fifth` runs from 1 (worst) to 5 (best): with p = (rank - 0.5) / of, fifth k holds (k - 1)/5 <= p < k/5, so an area on an edge falls to the better side.
    Where the polarity is unknown or none, `rank` and `fifth` are null and `fifth_word` is "no direction"; `by="value"` ranks those, and all others, from the lowest (1) to the highest.
    Fewer than five areas are not cut into fifths. A figure that is not there, or is known only within bounds, has no rank and is not counted.
    Raises `TableError`, `InvalidValueError` as `judge` does.

    >>> import datetime as dt, jsnakit.observations as observations
    >>> from jsnakit.model import Indicator, Polarity
    >>> rows = observations.build(
    ...     5,
    ...     indicator="x.y",
    ...     area_scheme="gss",
    ...     area_type="ltla",
    ...     area=list("abcde"),
    ...     period_start=dt.date(2021, 1, 1),
    ...     period_duration="P1Y",
    ...     value=[3.0, 1.0, 2.0, 5.0, 4.0],
    ...     origin="doc",
    ... )
    >>> ranked = rank(rows, [Indicator("x.y", "Y", "%", polarity=Polarity.LOWER_IS_BETTER)])
    >>> ranked.select(["area", "rank", "fifth_word"]).to_pylist()[3]
    {'area': 'd', 'rank': 1.0, 'fifth_word': 'worst fifth'}
    """
    if by not in ("polarity", "value"):
        raise InvalidValueError(f"by={by!r} is not a way to rank", hint='use by="polarity" or by="value"', value=by, allowed=("polarity", "value"))
    columns = Columns(frame)
    known = _words.by_id(indicators)
    value = columns.numbers("value")
    present = ~np.isnan(value) & columns.each("status", lambda s: s in (None, *PRESENT))
    sign = signs(columns, known, by)
    groups, first = peers(columns)
    doubled, of = _ranks(groups, len(first), np.where(sign < 0, -value, value), present)
    directed = sign != 0
    ranked = present & directed
    enough = of >= MIN_AREAS
    # In whole numbers: twice the rank is one, even for ties.
    fifth = np.where(ranked & enough, 5 * (doubled - 1) // np.maximum(2 * of, 1) + 1, 0)

    words = _words.FIFTH_WORDS if by == "polarity" else _words.VALUE_FIFTH_WORDS
    standing = _Standing(columns, present, directed, enough, fifth, of)
    word, because = standing.words(words), standing.reasons("1 the worst and 5 the best" if by == "polarity" else "1 the lowest and 5 the highest")
    return columns.added(
        rank=pa.array(np.where(ranked, doubled / 2, np.nan), pa.float64(), from_pandas=True),
        of=pa.array(of, pa.int64()),
        fifth=pa.array(np.where(fifth > 0, fifth, np.nan), pa.float64(), from_pandas=True),
        fifth_word=word.array(),
        because=because.array(),
    )


def signs(columns: Columns, known: Mapping[str, Indicator], by: str = "polarity", polarity: Mapping[str, Polarity] | None = None) -> Codes:
    """+1 where a higher figure ranks higher, -1 where a lower one does, 0 where no direction is known; `polarity` goes before that of the indicators."""
    codes, ids = columns.codes("indicator")
    if by == "value":
        return np.ones(columns.n, np.int64)
    directions = {Polarity.HIGHER_IS_BETTER: 1, Polarity.LOWER_IS_BETTER: -1}
    each = [directions.get((polarity or {}).get(i) or (known[i].polarity if i in known else Polarity.UNKNOWN), 0) for i in ids]
    result: Codes = np.array(each, np.int64)[codes]
    return result


def peers(columns: Columns) -> tuple[Codes, Codes]:
    """The number of each row's group, the areas of one type of one indicator, period and breakdown; and the first row of each."""
    return distinct(*(columns.codes(c)[0] for c in _GROUP), _period_keys(columns))


def each_group(columns: Columns, groups: Codes, asked: Bools, value: Floats | None = None) -> Iterator[Codes]:
    """Those rows of each group that are asked for, in the order of their values where these are given, and of the area codes, so that the order of the rows changes nothing."""
    codes, names = columns.codes("area")
    place = np.argsort(np.argsort(np.array([str(n) for n in names])))[codes]
    rows = np.flatnonzero(asked)
    rows = rows[np.lexsort((place[rows], *([] if value is None else [value[rows]]), groups[rows]))]
    yield from np.split(rows, np.flatnonzero(np.diff(groups[rows])) + 1) if len(rows) else ()


def _period_keys(columns: Columns) -> Codes:
    return distinct(columns.codes("period_start")[0], columns.codes("period_duration")[0])[0]


def _ranks(groups: Codes, n_groups: int, value: Floats, present: Bools) -> tuple[Codes, Codes]:
    """Twice the mean rank of each row within its group, lowest first (0 where it has none), and the size of its group."""
    of = np.bincount(groups[present], minlength=n_groups)
    doubled = np.zeros(len(groups), np.int64)
    rows = np.flatnonzero(present)
    order = rows[np.lexsort((value[rows], groups[rows]))]
    if len(order):
        group, sorted_value = groups[order], value[order]
        starts = np.concatenate(([0], np.cumsum(of)))[:-1]
        run = np.concatenate(([True], (group[1:] != group[:-1]) | (sorted_value[1:] != sorted_value[:-1])))
        begin = np.flatnonzero(run)
        end = np.concatenate((begin[1:], [len(order)])) - 1
        of_run = np.cumsum(run) - 1
        doubled[order] = (begin + end)[of_run] - 2 * starts[group] + 2
    sizes: Codes = of[groups].astype(np.int64) if n_groups else np.zeros(0, np.int64)
    return doubled, sizes


@frozen(eq=False)
class _Standing:
    """Where each row stands: whether it has a figure and a direction, whether its group is large enough, its fifth (0 for none) and the size of its group."""

    columns: Columns
    present: Bools
    directed: Bools
    enough: Bools
    fifth: Codes
    of: Codes

    def words(self, names: Mapping[int, str]) -> Sentences:
        """The word of each row."""
        word = Sentences(self.columns.n)
        for k, text in names.items():
            word.put(self.fifth == k, text)
        word.put(self.present & self.directed & ~self.enough, "too few areas")
        word.put(self.present & ~self.directed, NO_DIRECTION)
        word.put(~self.present, "no data")
        return word

    def reasons(self, ends: str) -> Sentences:
        """The reason of each row; `ends` says what the first and the last fifth are."""
        because, fifth, of = Sentences(self.columns.n), self.fifth, self.of
        types, kinds = self.columns.codes("area_type")
        because.put_each(
            fifth > 0,
            (fifth, types, of),
            lambda i: (
                f"In fifth {fifth[i]} of 5 among {of[i]:,} {_words.area_type_words(kinds[types[i]], many=True)}, {ends}. This ranks and does not judge."
            ),
        )
        few = self.present & self.directed & ~self.enough
        because.put_each(few, (of,), lambda i: f"Figures for {of[i]} of these areas are too few for fifths (at least {MIN_AREAS}).")
        because.put(self.present & ~self.directed, "It is not known that higher or lower is better here, so nobody is called better or worse.")
        codes, statuses = self.columns.codes("status")
        because.put_each(~self.present, (codes,), lambda i: _words.STATUS_REASONS.get(statuses[codes[i]], "There is no exact figure to rank."))
        return because
