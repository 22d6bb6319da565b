"""Figures: one builder a panel, from frames to a drawn panel with its finding, notes and rows."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from attrs import evolve

from jsnakit.chapters import PanelKind
from jsnakit.errors import JsnakitError, PluginError
from jsnakit.publish.figures import choosing, compared, control, dashboard, evidence, groups, measures, people, profile, rug, waiting, waits
from jsnakit.publish.figures.context import Absent, Built, Context, Notes, SubPage

__all__ = ["BUILDERS", "Built", "Context", "Notes", "SubPage", "build_figure"]

BUILDERS: Final[Mapping[str, Callable[[Context], Built]]] = {
    "area_map": measures.area_map,
    "compared_spine": compared.compared_spine,
    "distribution": waits.distribution,
    "evidence": evidence.evidence,
    "dashboard": dashboard.dashboard,
    "facts": measures.facts,
    "headline": measures.headline,
    "inequalities": groups.inequalities,
    "key_figures": measures.key_figures,
    "lowest": measures.lowest,
    "profile": profile.profile,
    "providers": waiting.providers,
    "pyramid": people.pyramid,
    "ranked": measures.ranked,
    "ranked_trusts": waiting.ranked_trusts,
    "over_time": profile.over_time,
    "side_by_side": choosing.side_by_side,
    "spc": control.spc,
    "rug": rug.rug,
    "specialties": waiting.specialties,
    "spine": measures.spine,
    "symbol_map": waiting.symbol_map,
    "trend": waiting.trend,
    "trends": measures.trends,
    "waiting_figures": waiting.waiting_figures,
    "waiting_headline": waiting.waiting_headline,
    "waits_by_specialty": choosing.waits_by_specialty,
}
"""The builder of each panel an author may name."""

_TITLES: Final = {
    "area_map": "Map of authorities",
    "compared_spine": "Beside England",
    "distribution": "How long people have waited",
    "evidence": "What people said",
    "dashboard": "Every measure, every place",
    "facts": "Facts in figures",
    "headline": "",
    "inequalities": "Inequalities",
    "key_figures": "Key figures",
    "lowest": "Measures in order",
    "profile": "Health profile",
    "providers": "Where our residents wait",
    "pyramid": "People by age and sex",
    "ranked": "Authorities in order",
    "ranked_trusts": "Trusts of the region",
    "over_time": "Over time",
    "side_by_side": "Our providers side by side",
    "spc": "Month by month",
    "rug": "Measures by place",
    "specialties": "Specialties",
    "spine": "Where the area stands",
    "symbol_map": "Map of trusts",
    "trend": "England over time",
    "trends": "Change over time",
    "waiting_figures": "Key figures",
    "waiting_headline": "",
    "waits_by_specialty": "Waits by specialty at our providers",
}


def build_figure(context: Context) -> Built:
    """One figure. Where the area has no figures the answer says so and why; it never raises for that.

    Raises `ChapterError` for a measure or target that does not exist, `PluginError` where the panel is a plugin's and its builder fails.
    """
    kind = context.figure.panel
    offered = context.figure.kind
    title = _TITLES.get(kind, "") or (offered.title if offered else "") or context.name
    try:
        return BUILDERS[kind](context) if offered is None else _from_plugin(context, offered)
    except Absent as reason:
        return Built(kind=_plain(kind), finding=title, absent=str(reason))


def _plain(kind: str) -> str:
    """A panel's name as part of a file's name and of an address."""
    return re.sub(r"[^a-z0-9]+", "-", kind).strip("-") if "." in kind else kind


def _from_plugin(context: Context, kind: PanelKind) -> Built:
    """What a plugin's builder made: whatever else happens in it is said to be that plugin's fault."""
    try:
        made = kind.build(context)
    except (Absent, JsnakitError):
        raise
    except (Exception, SystemExit) as error:  # any fault in a plugin's code is named as that plugin's
        raise PluginError(f"{kind.origin}: the panel {kind.name} failed: {type(error).__name__}: {error}") from error
    if not isinstance(made, Built):
        raise PluginError(
            f"{kind.origin}: the panel {kind.name} gave {type(made).__name__}, not Built", hint="return a jsnakit.publish.figures.Built"
        )
    if made.panel is not None and not made.absent and not made.notes.cited:
        raise PluginError(f"{kind.origin}: the panel {kind.name} names no source", hint="make its notes with context.notes(indicators, rows, ...)")
    # Of its own kind always: a plugin cannot take the place of a page's headline.
    return evolve(made, kind=_plain(kind.name))
