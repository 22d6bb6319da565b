"""Where one area stands on one measure among all areas of its type: rank, fifth, middle. It ranks, it does not judge, and it says nothing of chance."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pandas as pd
from attrs import field, frozen

from jsnakit.model import Indicator, Period, Polarity
from jsnakit.publish.panels import Figure, Gap, Mark, Verdict, figure, number_text, place_words
from jsnakit.publish.panels import fifth as fifth_of

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Standing", "as_figure", "latest_new", "standing"]

_PRESENT = ("normal", "low_reliability", "inherited")


@frozen(kw_only=True, eq=False)
class Standing:
    """One area's figure of one period beside the figures of all areas of its type.

    `rank` counts from the worst (1), the mean of `ties` equal areas; null where the measure has no known better direction. `values` holds every area's figure.
    """

    indicator: Indicator
    period: Period
    value: float
    values: pd.Series[Any]
    row: Mapping[str, Any] = field(repr=False)
    rank: float | None = None
    ties: int = 1

    @property
    def of(self) -> int:
        """How many areas have a figure."""
        return len(self.values)

    @property
    def middle(self) -> float:
        """The figure of the middle area (the median)."""
        return float(self.values.median())

    @property
    def verdict(self) -> Verdict:
        """The fifth it falls into, or that it is not judged."""
        return Verdict.NOT_JUDGED if self.rank is None else fifth_of(self.rank, self.of)

    @property
    def from_worst(self) -> int | None:
        """The place from the worse end, ties sharing the first of theirs."""
        return None if self.rank is None else round(self.rank - (self.ties - 1) / 2)

    @property
    def from_best(self) -> int | None:
        """The place from the better end, ties sharing the first of theirs."""
        return None if self.rank is None else self.of - round(self.rank + (self.ties - 1) / 2) + 1

    @property
    def place(self) -> str:
        """The place in words: "the worst", "9th worst"."""
        return "not judged" if self.rank is None else place_words(self.rank, self.of, self.ties)

    @property
    def mark(self) -> Mark:
        """The mark of its fifth."""
        return Mark(self.verdict)

    def text(self, value: float | None = None) -> str:
        """A value of this measure as printed."""
        return number_text(self.value if value is None else value, self.indicator.unit, self.indicator.decimals)

    def fifths(self) -> pd.Series[Any]:
        """The fifth of every area; empty where the measure is not judged."""
        ranks = rank_from_worst(self.values, self.indicator.polarity)
        if ranks is None:
            return pd.Series(dtype=object)
        # Of text-like objects pandas would make text, and a verdict would no longer be one.
        return pd.Series([fifth_of(float(r), self.of) for r in ranks], index=ranks.index, dtype=object)


def rank_from_worst(values: pd.Series[Any], polarity: Polarity) -> pd.Series[Any] | None:
    """The mean rank of each value, 1 the worst; null where neither direction is known to be better."""
    if polarity is Polarity.HIGHER_IS_BETTER:
        return values.rank(method="average", ascending=True)
    if polarity is Polarity.LOWER_IS_BETTER:
        return values.rank(method="average", ascending=False)
    return None


def is_new(frame: pd.DataFrame) -> pd.Series[Any]:
    """Which rows are figures measured anew: there, and not an earlier one repeated."""
    repeated = frame["flags"].fillna("").str.split(" ").map(lambda words: "carried_forward" in words)
    result: pd.Series[Any] = frame["status"].isin(_PRESENT) & frame["value"].notna() & ~repeated.astype(bool)
    return result


def latest_new(rows: pd.DataFrame) -> pd.Series[Any] | None:
    """The row of the latest period with a new figure."""
    new = rows[is_new(rows)]
    return None if new.empty else new.sort_values(["period_start", "period_duration"]).iloc[-1]


def period_of(row: Any) -> Period:
    """The period of a row."""
    start = row["period_start"]
    day = start.date() if isinstance(start, (pd.Timestamp, dt.datetime)) else start
    label = row["period"]
    return Period(day, str(row["period_duration"]), "" if label is None or label != label else str(label))


def standing(rows: pd.DataFrame, indicator: Indicator, code: str) -> Standing | None:
    """Where `code` stands on one measure at its latest new figure; null where it has none. `rows` are one measure, one area type."""
    own = latest_new(rows[rows["area"] == code])
    if own is None:
        return None
    same = rows[(rows["period_start"] == own["period_start"]) & (rows["period_duration"] == own["period_duration"])]
    values = same[same["status"].isin(_PRESENT) & same["value"].notna()].set_index("area")["value"]
    value = float(values[code])
    ranks = rank_from_worst(values, indicator.polarity)
    ties = int((values == value).sum())
    return Standing(
        indicator=indicator, period=period_of(own), value=value, values=values, row={str(k): v for k, v in own.items()},
        rank=None if ranks is None else float(ranks[code]), ties=ties,
    )  # fmt: skip


def as_figure(row: Any, indicator: Indicator) -> Figure:
    """A row of the observation table as a panel draws it: a gap is a gap, a repeated figure says so."""
    status, flags = str(row["status"]), row["flags"]
    gap = Gap.of(status, flags if isinstance(flags, str) else "")
    value = row["value"]
    known = None if value != value or value is None or status not in _PRESENT else float(value)
    lower, upper = (None if row[c] != row[c] else float(row[c]) for c in ("lower", "upper"))
    if known is None:
        return figure(None, gap=gap or Gap.NOT_PUBLISHED)
    return figure(known, indicator.unit, indicator.decimals, gap=gap, lower=lower, upper=upper)
