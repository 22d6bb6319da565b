"""What an author may ask of each panel: one class a panel, checked strictly. The keys here are the keys of the TOML in a fence."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Final, Literal

from attrs import field, frozen, validators

__all__ = [
    "PANELS",
    "AreaMap",
    "ComparedSpine",
    "Dashboard",
    "DatedNote",
    "Distribution",
    "Evidence",
    "Facts",
    "Group",
    "Headline",
    "Inequalities",
    "KeyFigures",
    "Lowest",
    "Options",
    "OverTime",
    "Profile",
    "Providers",
    "Pyramid",
    "Quote",
    "Ranked",
    "RankedTrusts",
    "Rug",
    "SaidBy",
    "SideBySide",
    "Spc",
    "Specialties",
    "Spine",
    "SymbolMap",
    "Trend",
    "Trends",
    "WaitingFigures",
    "WaitingHeadline",
    "WaitsBySpecialty",
]


@frozen(kw_only=True)
class Options:
    """What every figure takes: `question` replaces the question to ask, `take_care` adds the author's own caveat."""

    question: str = ""
    take_care: str = ""


@frozen(kw_only=True)
class Group:
    """A named run of measures in a spine."""

    name: str
    indicators: tuple[str, ...]


@frozen(kw_only=True)
class Headline(Options):
    """The page's first sentence: where the area stands on one measure, and on all `measures` (ids; `source.*` means all of a source, `!id` takes away).

    `sentences` gives the author's words for a standing (`worst`, `worst_fifth`, `second_worst`, `middle`, `second_best`, `best_fifth`, `best`, `not_judged`);
    the figures choose which of them is printed, so that none can be printed untrue.
    """

    indicator: str
    measures: tuple[str, ...]
    sentences: Mapping[str, str] = field(factory=dict)


@frozen(kw_only=True)
class KeyFigures(Options):
    """Four numbers with their verdicts."""

    indicators: tuple[str, ...]


@frozen(kw_only=True)
class Spine(Options):
    """Where the area stands among all areas of its type, a row a measure, in the author's groups."""

    group: tuple[Group, ...]


@frozen(kw_only=True)
class AreaMap(Options):
    """England's areas in five fills."""

    indicator: str


@frozen(kw_only=True)
class Ranked(Options):
    """The areas of the region as bars, or as intervals where the publisher gives them; with `areas`, the areas of that type within the place (the council's own)."""

    indicator: str
    areas: str = ""


@frozen(kw_only=True)
class DatedNote:
    """Something that happened on a day, to be marked on a trend: `{ date = 2019-04-01, text = "The new hospital opened" }`."""

    date: dt.date
    text: str = field(validator=[validators.min_len(1), validators.max_len(60)])


@frozen(kw_only=True)
class Trends(Options):
    """Small multiples: the area, the middle authority and the middle three fifths. `notes` mark what happened when."""

    indicators: tuple[str, ...]
    notes: tuple[DatedNote, ...] = ()


@frozen(kw_only=True)
class Lowest(Options):
    """A table of the `rows` measures on which the area stands lowest, among `indicators` (ids, or `source.*`)."""

    indicators: tuple[str, ...]
    rows: int = 12


@frozen(kw_only=True)
class Quote:
    """Words as they were said or written; `by` says who, so that nobody can be recognised ("a carer in her sixties")."""

    text: str = field(validator=validators.min_len(1))
    by: str = ""


@frozen(kw_only=True)
class SaidBy:
    """One thing that was said, and by how many people."""

    what: str = field(validator=validators.min_len(1))
    people: int = field(validator=validators.ge(0))


@frozen(kw_only=True)
class Evidence(Options):
    """What people said, as evidence beside the figures: the `finding` in one sentence, its source and day, how it was gathered and from how many `people`.

    `text` is in the author's words, `quote` in theirs, `said` how many said what. Counts below `hide_below` are printed as "fewer than 5", and never reach the page: nobody must be recognised.
    """

    finding: str = field(validator=validators.min_len(1))
    source: str = field(validator=validators.min_len(1))
    date: dt.date
    method: str = field(validator=validators.min_len(1))
    people: int = field(validator=validators.ge(1))
    report: str = ""
    url: str = ""
    licence: str = ""
    text: str = ""
    quote: tuple[Quote, ...] = ()
    said: tuple[SaidBy, ...] = ()
    hide_below: int = field(default=5, validator=validators.ge(1))


@frozen(kw_only=True)
class Facts(Options):
    """A plain table: the area beside the middle authority, for measures that describe rather than judge."""

    indicators: tuple[str, ...]


@frozen(kw_only=True)
class Profile(Options):
    """The health profile: the latest figure of each indicator of a published group, beside the region and England. Without `group`, the largest at hand."""

    group: str = ""


@frozen(kw_only=True)
class OverTime(Options):
    """Figures of one area or organisation (its code; England without one) period by period, with what the publisher forbids to compare said beside them."""

    indicators: tuple[str, ...]
    area: str = "E92000001"


@frozen(kw_only=True)
class WaitingHeadline(Options):
    """The first sentence of a chapter on waiting: the share of the area's waits that are over 18 weeks."""

    within: str = "rtt.incomplete_within_18_weeks"
    waits: str = "rtt.waiting_list"
    target: str = "nhs-constitution.rtt-18-weeks"


@frozen(kw_only=True)
class WaitingFigures(Options):
    """Key figures on waiting, for the area and its own trust."""

    within: str = "rtt.incomplete_within_18_weeks"
    waits: str = "rtt.waiting_list"
    long_waits: str = "rtt.incomplete_over_52_weeks"
    target: str = "nhs-constitution.rtt-18-weeks"


@frozen(kw_only=True)
class Providers(Options):
    """Where the area's patients wait: shares by provider, with the provider's own share within 18 weeks."""

    within: str = "rtt.incomplete_within_18_weeks"
    target: str = "nhs-constitution.rtt-18-weeks"
    rows: int = 8


@frozen(kw_only=True)
class ComparedSpine(Options):
    """Where the area stands beside England, a row a measure with its interval, in the author's groups: for measures whose intervals are published."""

    group: tuple[Group, ...]


@frozen(kw_only=True)
class SideBySide(Options):
    """The `rows` largest providers of the place beside each other and England, on measures of a provider; the first of `indicators` is what the finding is about."""

    indicators: tuple[str, ...]
    rows: int = 8


@frozen(kw_only=True)
class WaitsBySpecialty(Options):
    """One measure by specialty, at the `providers` largest providers of the place. `names` gives code and name in order; without it those of the chapter's specialties."""

    indicator: str
    providers: int = 4
    category_type: str = "treatment_function"
    names: Mapping[str, str] = field(factory=dict)


@frozen(kw_only=True)
class SymbolMap(Options):
    """Trusts at their main hospital, by a RAG scheme; `category` narrows it to one treatment function."""

    indicator: str
    scheme: str = "tactix4-20"
    category_type: str = "treatment_function"
    category: str = "_T"


@frozen(kw_only=True)
class Specialties(Options):
    """One page a treatment function, listed by England's value. `names` gives code and name in order; those in `other` are folded."""

    indicators: tuple[str, ...]
    names: Mapping[str, str]
    scheme: str = "tactix4-20"
    category_type: str = "treatment_function"
    other: tuple[str, ...] = ()


@frozen(kw_only=True)
class RankedTrusts(Options):
    """The NHS trusts of the area's region as bars, with the target and England's figure."""

    indicator: str
    waits: str = "rtt.waiting_list"
    long_waits: str = "rtt.incomplete_over_52_weeks"
    target: str = "nhs-constitution.rtt-18-weeks"
    scheme: str = "tactix4-20"


@frozen(kw_only=True)
class Trend(Options):
    """England over time, with a target. `notes` mark what happened when."""

    indicator: str
    target: str = ""
    area: str = field(default="E92000001")
    notes: tuple[DatedNote, ...] = ()


@frozen(kw_only=True)
class Spc(Options):
    """A control chart (XmR) of the last `months` of one area or organisation, with limits set on the first `baseline` of them (0: on all).

    `area` is a code (England without one), or `trust` for the trust where most of the area's patients wait.
    """

    indicator: str
    target: str = ""
    area: str = "E92000001"
    months: int = 48
    baseline: int = 24


@frozen(kw_only=True)
class Inequalities(Options):
    """One measure for groups of people, with the gap between them. `by` is `deprivation`, `ethnicity`, `sex`, `age`, or a publisher's own name of a breakdown.

    The groups are those of the place where it has them, else of England; `england` asks for England's.
    """

    indicator: str
    by: str = "deprivation"
    england: bool = False


@frozen(kw_only=True)
class Rug(Options):
    """A tartan rug: measures in the author's groups by places, beside England. The places are the `near` nearest on the map, all of the `region`, or `areas` (names or codes)."""

    group: tuple[Group, ...]
    areas: tuple[str, ...] = ()
    near: int = 6
    region: bool = False


@frozen(kw_only=True)
class Pyramid(Options):
    """The people of the place by age band and sex, beside England: of an indicator that counts people by both."""

    indicator: str


@frozen(kw_only=True)
class Distribution(Options):
    """How long people have waited, in the bands that can be had: within 18 weeks, and over each number of weeks in `over`, with the median and the 92nd percentile.

    `area` is `own` (the NHS area whose patients stand for the place), `trust` (where most of them wait), or `england`.
    """

    area: str = "own"
    waits: str = "rtt.waiting_list"
    within: str = "rtt.incomplete_within_18_weeks"
    over: tuple[str, ...] = (
        "rtt.incomplete_over_52_weeks",
        "rtt.incomplete_over_65_weeks",
        "rtt.incomplete_over_78_weeks",
        "rtt.incomplete_over_104_weeks",
    )
    median: str = "rtt.incomplete_median_wait"
    percentile: str = "rtt.incomplete_92nd_percentile_wait"


@frozen(kw_only=True)
class Dashboard(Options):
    """Linked panels over many measures: a map, a ranking, a trend and a spine that follow one choice of measure, area, comparator, period and filter.

    `indicators` are ids (`source.*` means all of a source, `!id` takes away), the first shown first unless `indicator` names another; `areas` is the area type (that of the place
    without one), `since` the first period ("2015"). `embed` says what the page carries: "full", "trend" (limits of the latest period only) or "latest" (no trend). A page of more than
    `most_bytes` fails the build.
    """

    indicators: tuple[str, ...]
    indicator: str = ""
    title: str = ""
    areas: str = ""
    since: str = ""
    embed: Literal["full", "trend", "latest"] = "full"
    most_bytes: int = 2_000_000


PANELS: Final[Mapping[str, type[Options]]] = {
    "area_map": AreaMap,
    "compared_spine": ComparedSpine,
    "distribution": Distribution,
    "evidence": Evidence,
    "dashboard": Dashboard,
    "facts": Facts,
    "headline": Headline,
    "inequalities": Inequalities,
    "key_figures": KeyFigures,
    "lowest": Lowest,
    "profile": Profile,
    "providers": Providers,
    "pyramid": Pyramid,
    "ranked": Ranked,
    "ranked_trusts": RankedTrusts,
    "over_time": OverTime,
    "rug": Rug,
    "side_by_side": SideBySide,
    "spc": Spc,
    "specialties": Specialties,
    "spine": Spine,
    "symbol_map": SymbolMap,
    "trend": Trend,
    "trends": Trends,
    "waiting_figures": WaitingFigures,
    "waiting_headline": WaitingHeadline,
    "waits_by_specialty": WaitsBySpecialty,
}
"""The panels an author may name, with the class of their options."""
