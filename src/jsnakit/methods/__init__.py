"""The statistics of public health, each with its formula and its source, on frames of any engine: estimates with intervals, inequality, funnels, `spc` charts, `waiting` lists."""

from __future__ import annotations

from jsnakit.methods.bands import ESP2013, band_start, european_standard_population
from jsnakit.methods.estimates import mean, proportion, rate
from jsnakit.methods.funnels import SIGNIFICANCES, OverDispersion, funnel_limits, funnel_significance, over_dispersion
from jsnakit.methods.inequality import slope_index
from jsnakit.methods.intervals import normal_quantile, poisson_interval, wilson_interval
from jsnakit.methods.life import life_expectancy
from jsnakit.methods.quantiles import quantile
from jsnakit.methods.ratios import proportion_difference, proportion_ratio, rate_difference, rate_ratio
from jsnakit.methods.spc import ASSURANCES, RULES, VARIATIONS, c_chart, g_chart, icons, p_chart, run_chart, t_chart, u_chart, xmr
from jsnakit.methods.standardised import (
    directly_standardised_rate,
    indirectly_standardised_rate,
    indirectly_standardised_ratio,
    years_of_life_lost,
)
from jsnakit.methods.waiting import (
    BandedPercentile,
    FlowStats,
    WaitingListStats,
    banded_percentile,
    banded_percentiles,
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
    "ESP2013",
    "RULES",
    "SIGNIFICANCES",
    "VARIATIONS",
    "BandedPercentile",
    "FlowStats",
    "OverDispersion",
    "WaitingListStats",
    "band_start",
    "banded_percentile",
    "banded_percentiles",
    "c_chart",
    "directly_standardised_rate",
    "european_standard_population",
    "funnel_limits",
    "funnel_significance",
    "g_chart",
    "icons",
    "indirectly_standardised_rate",
    "indirectly_standardised_ratio",
    "life_expectancy",
    "mean",
    "needs_relief",
    "normal_quantile",
    "over_dispersion",
    "p_chart",
    "poisson_interval",
    "position_in_bands",
    "proportion",
    "proportion_difference",
    "proportion_ratio",
    "quantile",
    "queue_load",
    "queue_sizes",
    "rate",
    "rate_difference",
    "rate_ratio",
    "referral_stats",
    "relief_capacity",
    "removal_stats",
    "run_chart",
    "slope_index",
    "t_chart",
    "target_capacity",
    "target_mean_wait",
    "target_queue_size",
    "u_chart",
    "waiting_list_pressure",
    "waiting_list_stats",
    "wilson_interval",
    "xmr",
    "years_of_life_lost",
]
