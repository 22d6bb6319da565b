"""Linked panels: one choice of measure, area, comparator, period and filter that a map, a ranking, a trend and a spine all follow.

`cube` packs the figures for the page's scripts; `view` answers every question about them, in Python here and in the same words in `scripts/`; `panel` draws the first state.
"""

from __future__ import annotations

from jsnakit.publish.linked.panel import Dashboard
from jsnakit.publish.linked.view import Choice, LinkedArea, LinkedIndicator, LinkedPeriod, View

__all__ = ["Choice", "Dashboard", "LinkedArea", "LinkedIndicator", "LinkedPeriod", "View"]
