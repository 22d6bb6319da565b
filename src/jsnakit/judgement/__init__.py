"""Observations held against targets, coloured by RAG schemes, or ranked: always with the reason, and refusing where a verdict would be a guess.

`judge` answers for a target, `compare` for a benchmark, `change` and `recent_trend` for a figure's own past; `explain` says one verdict as a sentence, `band` colours by a RAG scheme, `rank` cuts
areas into fifths, `quantile_groups` by the published rules; `meets_goal` holds figures against a goal; `rank_intervals` and `false_discovery` say what chance may have done.

**The TOML format.** Targets and schemes are data; a file holds `[[target]]` and `[[scheme]]` tables, and a plugin may bring its own (hook `jsnakit_targets`).

    [[target]]
    id = "our-council.falls"                 # small letters, digits, dots, dashes
    name = "fewer than 1,900 falls a year"   # said in sentences
    indicators = ["local.falls"]             # the measure; [] where no indicator has it
    comparator = "less_than"                 # at_least, at_most, less_than, improve_by, greater_of
    threshold = 1900.0                       # in `unit`; for improve_by the points to gain
    unit = "falls"
    kind = "planning_ambition"               # statutory, operational_standard, planning_ambition, scheme
    population = "all"                       # england, trust, all
    valid_from = 2024-04-01                  # first day of a month; valid_to = last day of one (left out: still in force)
    source = "Council plan 2024"             # where it is written; url = "https://..."
    verified = true                          # false: from memory, and said so beside every verdict

A target for one month alone has `only_month = 2026-03-01` instead of the dates. `improve_by` and `greater_of` count from the month `baseline`;
`greater_of` holds the greater of `threshold` and the baseline's figure plus `improvement`. `note` is free text.

    [[scheme]]
    id = "our-bands"
    name = "Our bands"
    unit = "%"
    indicators = ["local.recovery"]          # left out: any indicator of this unit
    lowest = 0.0                             # the ends of the scale; left out: unbounded
    highest = 100.0
    min_denominator = 20                     # fewer is TOO_FEW, for min_denominator_reason
    min_denominator_reason = "one person would move the share by more than five points"
    bands = [                                # from low to high: no gap, no overlap, checked when read
      { rag = "red", word = "below half", at_least = 0.0, below = 50.0 },      # at_least, at_most: the edge is in the band
      { rag = "green", word = "half or more", at_least = 50.0, at_most = 100.0 },   # above, below: it is not
    ]

A scheme with `target = "ID"` and no bands colours the verdict on that target: met green, uncertain amber, missed red.
"""

from __future__ import annotations

from jsnakit.judgement._bands import band
from jsnakit.judgement._beside import COMPARISON_WORDS, Comparison, change, compare
from jsnakit.judgement._chance import false_discovery, rank_intervals
from jsnakit.judgement._fifths import quantile_groups
from jsnakit.judgement._goals import Goal, PercentileGoal, PreviousEnglandGoal, RangeGoal, SingleValueGoal, meets_goal
from jsnakit.judgement._ranks import MIN_AREAS, rank
from jsnakit.judgement._register import Band, Scheme, load_schemes, load_targets, lookup_target, scheme, schemes, target, targets
from jsnakit.judgement._rules import RULE_WORDS, ComparisonRule
from jsnakit.judgement._trends import TREND_POINTS, Trend, TrendRule, recent_trend
from jsnakit.judgement._verdicts import judge
from jsnakit.judgement._words import FIFTH_WORDS, OUTCOME_WORDS, TOO_FEW, VALUE_FIFTH_WORDS, Outcome, explain

__all__ = [
    "COMPARISON_WORDS",
    "FIFTH_WORDS",
    "MIN_AREAS",
    "OUTCOME_WORDS",
    "RULE_WORDS",
    "TOO_FEW",
    "TREND_POINTS",
    "VALUE_FIFTH_WORDS",
    "Band",
    "Comparison",
    "ComparisonRule",
    "Goal",
    "Outcome",
    "PercentileGoal",
    "PreviousEnglandGoal",
    "RangeGoal",
    "Scheme",
    "SingleValueGoal",
    "Trend",
    "TrendRule",
    "band",
    "change",
    "compare",
    "explain",
    "false_discovery",
    "judge",
    "load_schemes",
    "load_targets",
    "lookup_target",
    "meets_goal",
    "quantile_groups",
    "rank",
    "rank_intervals",
    "recent_trend",
    "scheme",
    "schemes",
    "target",
    "targets",
]
