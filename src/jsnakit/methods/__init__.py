"""The statistics of public health, each with its formula and its source: one module a family (`spc` charts, `waiting` lists)."""

from __future__ import annotations

from jsnakit.methods.spc import ASSURANCES, RULES, VARIATIONS, c_chart, g_chart, icons, p_chart, run_chart, t_chart, u_chart, xmr
from jsnakit.methods.waiting import (
    BandedPercentile,
    FlowStats,
    WaitingListStats,
    banded_percentile,
    needs_relief,
    position_in_bands,
    queue_load,
    queue_sizes,
    referral_stats,
    relief_capacity,
    removal_stats,
    target_capacity,
    target_mean_wait,
    target_queue_size,
    waiting_list_pressure,
    waiting_list_stats,
)

__all__ = [
    "ASSURANCES",
    "RULES",
    "VARIATIONS",
    "BandedPercentile",
    "FlowStats",
    "WaitingListStats",
    "banded_percentile",
    "c_chart",
    "g_chart",
    "icons",
    "needs_relief",
    "p_chart",
    "position_in_bands",
    "queue_load",
    "queue_sizes",
    "referral_stats",
    "relief_capacity",
    "removal_stats",
    "run_chart",
    "t_chart",
    "target_capacity",
    "target_mean_wait",
    "target_queue_size",
    "u_chart",
    "waiting_list_pressure",
    "waiting_list_stats",
    "xmr",
]
