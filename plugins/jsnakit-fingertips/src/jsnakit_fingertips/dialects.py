"""The header of an export, in each of its dialects: columns are told by name, never by position.

api       `Area Name`, 26 or 27 columns; the parent's column changes its name with the parent ("Compared to Region value or percentiles")
website   the button's: byte order mark, CRLF, every field quoted, `AreaName`, `Compared to parent value or percentiles`
r         fingertipsR: all spaces removed, with `Polarity`, `Rank` and `AreaValuesCount` where it was asked for ranks
mangled   any of them once R or a spreadsheet has saved it: dots for spaces, row numbers, `NA`
snake     `area_code`, as programs that keep rows as JSON write it
successor FingertipsNext's own extract: no names, no area types, no notes, years alone
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

from attrs import field, frozen

from jsnakit.errors import LayoutError
from jsnakit.model import nearest
from jsnakit_fingertips.areas import written

__all__ = ["CATALOGUES", "NUMBERS", "Header", "catalogue_of", "header_of", "plain"]

# The publisher's columns by their plain names, and what they are called here.
_COLUMNS: Final = {
    "indicatorid": "indicator",
    "indicatorname": "indicator_name",
    "parentcode": "parent",
    "parentname": "parent_name",
    "areacode": "area",
    "areaname": "area_name",
    "areatype": "area_type",
    "sex": "sex",
    "age": "age",
    "categorytype": "category_type",
    "category": "category",
    "timeperiod": "period",
    "value": "value",
    "lowerci950limit": "lower",
    "upperci950limit": "upper",
    "lowercilimit": "lower",
    "uppercilimit": "upper",
    "lowerci95limit": "lower",
    "upperci95limit": "upper",
    "lowerci998limit": "lower_99_8",
    "upperci998limit": "upper_99_8",
    "count": "count",
    "denominator": "denominator",
    "valuenote": "note",
    "recenttrend": "trend",
    "comparedtoenglandvalueorpercentiles": "compared_england",
    "comparedtogoal": "compared_goal",
    "targetdata": "compared_goal",
    "newdata": "new_data",
    "timeperiodsortable": "sortable",
    "timeperiodrange": "range",
    "polarity": "polarity",
    "rank": "rank",
    "areavaluescount": "areas_ranked",
    # The successor's extract.
    "trend": "trend",
    "lowerci": "lower",
    "upperci": "upper",
    "year": "year",
    # What a joiner of such files adds.
    "englandvalue": "england_value",
}
_IGNORED: Final = frozenset({"sexid", "ageid", "categoryid", "categorytypeid", "domainid", "domainname", "profileid", "profilename", "id", ""})
"""Columns that say in numbers what another says in words, the profile an export was made for, and row numbers."""

_PARENT: Final = re.compile(r"comparedto(?!england|goal)(.*?)(?:valueor)?percentiles")
_PARENT_WORDS: Final = re.compile(r"^compared\W*to\W*(.*?)[\s.]*(?:value\W*or\W*)?percentiles\W*$", re.IGNORECASE)
NUMBERS: Final = frozenset(
    {"value", "lower", "upper", "lower_99_8", "upper_99_8", "count", "denominator", "rank", "areas_ranked", "england_value"},
)
"""The columns that hold numbers; every other is text."""

_NEEDED: Final = ("indicator", "area", "sex", "age", "value")

CATALOGUES: Final = {
    "which indicators exist for which area types": ("indicatorid", "indicatorname", "geographicalarea", "areatypeid"),
    "ages": ("ageid", "age", "minyears", "maxyears"),
    "areas": ("areacode", "areaname", "level", "hierarchytype", "areatype"),
    "categories": ("categoryname", "categorytypename", "sequence"),
    "the successor's indicators": ("indicatorid", "polarity", "benchmarkcomparisonmethod", "indicatorname"),
    "metadata of indicators": ("indicatorid", "indicator", "definition"),
}
"""What else the publisher gives out as CSV, by the columns that tell it: catalogues, which hold no figures."""


def plain(name: str) -> str:
    """A column's name without case, spaces, dots and signs: what it is called in every dialect.

    >>> plain("Lower CI 95.0 limit") == plain("LowerCI95.0limit") == plain("Lower.CI.95.0.limit")
    True
    """
    return re.sub(r"[\W_]", "", name.casefold())


@frozen(kw_only=True)
class Header:
    """What stands in each column of an export: `slots` are our names in the file's order, null for what is left out; `parents` say to which parent a comparison is made."""

    dialect: str
    names: tuple[str, ...]
    slots: tuple[str | None, ...]
    parents: dict[str, str] = field(factory=dict)
    unknown: tuple[str, ...] = ()

    def has(self, name: str) -> bool:
        """Whether the export has a column."""
        return name in self.slots


def catalogue_of(names: Sequence[str]) -> str | None:
    """What kind of catalogue a header belongs to; null where it is none.

    >>> catalogue_of(["AgeID", "Age", "MinYears", "MaxYears"])
    'ages'
    """
    found = {plain(name) for name in names}
    return next((said for said, needed in CATALOGUES.items() if found.issuperset(needed) and not {"value", "areacode"} <= found), None)


def header_of(names: Sequence[str], resource: str) -> Header:
    """The columns of an export by their names. Raises `LayoutError` where one that is needed is missing or stands twice."""
    slots: list[str | None] = []
    parents: dict[str, str] = {}
    unknown: list[str] = []
    for name in names:
        word = plain(name)
        if word in _COLUMNS:
            slots.append(_COLUMNS[word])
        elif word == "columnnotused" or _PARENT.fullmatch(word):
            slot = "compared_parent" if not parents else f"compared_parent_{len(parents) + 1}"
            match = _PARENT_WORDS.match(name.replace("_", " ").strip())
            parents[slot] = written(match[1]) if match else ""
            slots.append(slot)
        else:
            slots.append(None)
            if word not in _IGNORED and not word.isdigit():
                unknown.append(name)
    twice = sorted(name for name, n in Counter(s for s in slots if s).items() if n > 1)
    missing = [name for name in _NEEDED if name not in slots]
    if "period" not in slots and "year" not in slots:
        missing.append("period")
    if missing or twice:
        raise _refused(names, missing, twice, unknown, resource)
    return Header(dialect=_dialect(names, slots), names=tuple(names), slots=tuple(slots), parents=parents, unknown=tuple(unknown))


def _dialect(names: Sequence[str], slots: Sequence[str | None]) -> str:
    if "year" in slots and "period" not in slots:
        return "successor"
    if any("_" in name for name in names) and "area_code" in names:
        return "snake"
    if any(re.match(r"Area\.Code$", name) for name in names) or names[0] == "":
        return "mangled"
    if "AreaCode" in names:
        return "r"
    return "website" if "AreaName" in names else "api"


def _refused(names: Sequence[str], missing: Sequence[str], twice: Sequence[str], unknown: Sequence[str], resource: str) -> LayoutError:
    said = [f"no column for {', '.join(missing)}"] if missing else []
    said += [f"two columns for {', '.join(twice)}"] if twice else []
    wanted = {ours: theirs for theirs, ours in _COLUMNS.items()}
    close = [f"{name!r} (is it {near[0]!r}?)" for name in missing if (near := nearest(wanted[name], [plain(u) for u in unknown], 1))]
    return LayoutError(
        f"{resource} is no export of the profiles: {'; '.join(said)}{'; perhaps renamed: ' + ', '.join(close) if close else ''}",
        hint="an export has the columns Indicator ID, Area Code, Sex, Age, Time period and Value, however they are spelt",
        resource=resource,
        expected=_NEEDED,
        found=tuple(names),
    )
