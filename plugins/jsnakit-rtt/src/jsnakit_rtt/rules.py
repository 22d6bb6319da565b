"""The publisher's rules for medians and percentiles, which changed over time: where in the queue the median patient stands, and below how many no average is shown.

Source: England's published series and NHS England's provider and commissioner workbooks, reproduced cell by cell: April 2015 (rules `2015`), April 2024 to February 2026
(rules `2024`). In between nobody says when they changed.
"""

from __future__ import annotations

import datetime as dt
from typing import Final

from attrs import frozen

__all__ = ["RULES", "Rules", "rules_for"]


@frozen
class Rules:
    """One version: `since` which month it holds, `proven` from which month published figures show it, `minimum` patients for an average to be shown.

    With `plus_one` the median patient is the (N + 1) / 2 th, else the N / 2 th; other percentiles are always at N times p.
    """

    id: str
    since: dt.date
    proven: dt.date
    plus_one: bool
    minimum: int

    def position(self, percent: int) -> tuple[int, int, int]:
        """The place in a queue of N as (a, b, c): (a N + b) / c.

        >>> rules_for(dt.date(2026, 2, 1)).position(92), rules_for(dt.date(2015, 4, 1)).position(50)
        ((92, 0, 100), (1, 1, 2))
        """
        return (1, 1, 2) if percent == 50 and self.plus_one else (percent, 0, 100)


RULES: Final = (
    Rules("2015", since=dt.date(2007, 3, 1), proven=dt.date(2007, 3, 1), plus_one=True, minimum=50),
    Rules("2024", since=dt.date(2015, 10, 1), proven=dt.date(2024, 4, 1), plus_one=False, minimum=20),
)
"""The versions, oldest first. Months from October 2015 (a new collection) to March 2024 are read by `2024`, and say in a note that this is not proven."""


def rules_for(month: dt.date) -> Rules:
    """The rules that hold in a month, by its first day.

    >>> rules_for(dt.date(2026, 2, 1)).minimum
    20
    """
    return [r for r in RULES if r.since <= month][-1] if month >= RULES[0].since else RULES[0]
