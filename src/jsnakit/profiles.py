"""The health profile of an authority: the indicators of a published group, each latest figure beside the region, England and the nearest neighbours."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from jsnakit import judgement, observations
from jsnakit.model import ENGLAND, TOTAL, Area, Group, Indicator, Member, Period, Polarity

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["PROFILE_COLUMNS", "Profile", "named", "profile_of"]

PROFILE_COLUMNS: Final = (
    "indicator", "name", "unit", "polarity", "sex", "age", "period_start", "period_duration", "period", "value", "lower", "upper", "status", "note", "region_value",
    "england_value", "neighbours_lowest", "neighbours_middle", "neighbours_highest", "neighbours", "outcome", "because", "published_comparison", "published_trend", "origin",
)  # fmt: skip
"""The columns of `Profile.frame`."""

_KEY: Final = ("indicator", "period_start", "period_duration", "sex", "age")
_READING_ORDER: Final = ("WORST", "WORSE", "HIGHEST", "HIGHER", "LOWER", "LOWEST", "SIMILAR", "BETTER", "BEST", "NOT_COMPARABLE", "NO_DATA")
_WIDEST: Final = 64
_ROW: Final = [*observations.KEY]


@frozen(eq=False)
class Profile:
    """One authority in one group of indicators, a row an indicator in the publisher's order.

    `frame` has the columns `PROFILE_COLUMNS`: the area's latest figure with its limits, the region's, England's and (lowest, middle, highest of `neighbours`) the neighbours' of the same
    period, sex and age; `decimals` is how many places each figure is read to; `outcome` and `because` against England by `judgement.compare` with the group's own polarity; what the publisher itself says, where it does.
    `rows` are the observations behind it; `left_out` names the indicators without a figure for the area, with the reason; `notes` say what could not be set beside it.
    """

    area: Area
    group: Group
    region: Area | None
    neighbours: tuple[Area, ...]
    frame: pd.DataFrame
    rows: pd.DataFrame
    decimals: tuple[int, ...]
    left_out: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def tally(self) -> Mapping[str, int]:
        """How many figures came to each outcome."""
        outcomes = list(self.frame["outcome"])
        return {name.value: outcomes.count(name.value) for name in judgement.Comparison if name.value in outcomes}

    def readable(self) -> pd.DataFrame:
        """The frame as a person reads it: text in each cell, the worse first, the interval beside the figure, and no column that nothing is known for."""
        import pandas as pd

        rows = sorted(zip(self.frame.to_dict("records"), self.decimals, strict=True), key=lambda r: _READING_ORDER.index(r[0]["outcome"]))
        table = pd.DataFrame([self._readable_row(row, places) for row, places in rows])
        return table[[c for c in table.columns if c == "indicator" or (table[c] != "-").any()]]

    def _readable_row(self, row: Mapping[Any, Any], places: int) -> dict[str, str]:
        def said(name: str) -> str:
            value = row[name]
            return f"{value:,.{0 if abs(value) >= 100 else places}f}" if value == value else "-"

        missing = {name: row[name] != row[name] for name in ("value", "lower", "upper")}
        between = "" if missing["lower"] or missing["upper"] else f" ({said('lower')} to {said('upper')})"
        around = f"{said('neighbours_lowest')} to {said('neighbours_highest')} ({row['neighbours']})" if row["neighbours"] else "-"
        trend = row["published_trend"]
        return {
            "indicator": _shortened(named(row["name"], row["sex"], row["age"])),
            "unit": row["unit"],
            "period": str(row["period"]),
            self.area.name or self.area.code: str(row["status"]).replace("_", " ") if missing["value"] else said("value") + between,
            self.region.name if self.region else "region": said("region_value"),
            "England": said("england_value"),
            "neighbours": around,
            "than England": judgement.COMPARISON_WORDS[row["outcome"]],
            "trend": trend if isinstance(trend, str) and trend != "Cannot be calculated" else "-",
        }

    def __str__(self) -> str:
        words = ", ".join(f"{n} {judgement.COMPARISON_WORDS[name]}" for name, n in self.tally.items())
        return f"{self.area.name or self.area.code}, {self.group.name}: {len(self.frame)} figures beside England: {words}"


def named(name: str, sex: str, age: str) -> str:
    """The name of an indicator with whom the figure is of, where that is not everybody and the name does not say it.

    >>> named("Smoking", "F", "18+ yrs"), named("Falls in people aged 65 and over", "_T", "65+ yrs")
    ('Smoking, women 18+ yrs', 'Falls in people aged 65 and over')
    """
    said_age = age != TOTAL and set(re.findall(r"\d+", age)) <= set(re.findall(r"\d+", name))
    whom = ({"M": "men", "F": "women", TOTAL: ""}.get(sex, sex), "" if age == TOTAL or said_age else age)
    return ", ".join(word for word in (name, " ".join(w for w in whom if w)) if word)


def _shortened(name: str) -> str:
    return name if len(name) <= _WIDEST else name[: _WIDEST - 3].rstrip(" ,(") + "..."


def profile_of(
    area: Area,
    group: Group,
    rows: pd.DataFrame,
    indicators: Mapping[str, Indicator],
    *,
    broken_down: pd.DataFrame | None = None,
    region: Area | None = None,
    neighbours: Sequence[Area] = (),
    left_out: Mapping[str, str] | None = None,
    notes: Iterable[str] = (),
) -> Profile:
    """The profile of an area from the observations of its group. `rows` hold the area, and as far as there are any the region, England and the neighbours.

    `rows` are headline rows; where a member of the group names a sex or an age, its rows are looked for in `broken_down`. An indicator whose headline is two figures (life expectancy of men
    and of women) has two rows. `left_out` gives reasons already known. An area is known by its code, whichever tier a figure is published for.
    """
    import pandas as pd

    missing: dict[str, str] = dict(left_out or {})
    taken = []
    for member in group.members:
        indicator = indicators.get(member.indicator)
        if indicator is None:
            missing.setdefault(member.indicator, "no pack and no source at hand answers for it")
            continue
        named = member.sex is not None or member.age is not None
        found = _latest(broken_down if named and broken_down is not None else rows, area, indicator, member)
        taken += [(member, indicator, row) for row in found]
        if not found:
            missing.setdefault(member.indicator, f"no figure of {area.name or area.code}")
    everything = rows if broken_down is None else pd.concat([rows, broken_down], ignore_index=True).drop_duplicates(_ROW)
    own = pd.DataFrame([found for _, _, found in taken], columns=everything.columns)
    polarity = {i.id: m.polarity if m.polarity is not None else i.polarity for m, i, _ in taken}
    england = _of(everything, ENGLAND)
    compared = _compared(own, england, polarity)
    beside = _beside(everything, own, region, neighbours)
    frame = pd.DataFrame(
        {
            "indicator": own["indicator"].to_numpy(),
            "name": [i.name for _, i, _ in taken],
            "unit": [i.unit for _, i, _ in taken],
            "polarity": [polarity[i.id].value for _, i, _ in taken],
            **{
                c: own[c].to_numpy() for c in ("sex", "age", "period_start", "period_duration", "period", "value", "lower", "upper", "status", "note")
            },
            **{
                c: [r[c] for r in beside]
                for c in ("region_value", "england_value", "neighbours_lowest", "neighbours_middle", "neighbours_highest", "neighbours")
            },
            "outcome": compared["outcome"].to_numpy(),
            "because": compared["because"].to_numpy(),
            "published_comparison": _published(own, "published_compared_england"),
            "published_trend": _published(own, "published_trend"),
            "origin": own["origin"].to_numpy(),
        },
        columns=list(PROFILE_COLUMNS),
    )
    return Profile(
        area,
        group,
        region,
        tuple(neighbours),
        frame,
        everything,
        tuple(i.decimals for _, i, _ in taken),
        tuple(sorted(missing.items())),
        tuple(notes),
    )


def _latest(rows: pd.DataFrame, area: Area, indicator: Indicator, member: Member) -> list[Any]:
    """The rows of the area's latest period, one a sex and age; of two periods with one end the longer. A row without a value counts: that it is missing is what there is to say."""
    mine = rows[(rows["indicator"] == indicator.id) & (rows["area"] == area.code)]
    head = indicator.headline
    mine = mine[(mine["category_type"] == head.category_type) & (mine["category"] == head.category)]
    for column, wanted in (("sex", member.sex or head.sex), ("age", member.age or head.age)):
        mine = mine[mine[column] == wanted] if wanted else mine
    if mine.empty:
        return []
    ends = [Period(s.date(), d).end for s, d in zip(mine["period_start"], mine["period_duration"], strict=True)]
    ordered = mine.assign(_end=ends).sort_values(["_end", "period_start"], ascending=[True, False], kind="stable")
    return [rows_of.iloc[-1].drop("_end") for _, rows_of in ordered.groupby(["sex", "age"], sort=True)]


def _of(rows: pd.DataFrame, area: Area) -> pd.DataFrame:
    return rows[(rows["area"] == area.code) & (rows["area_type"] == area.type)]


def _compared(own: pd.DataFrame, england: pd.DataFrame, polarity: Mapping[str, Polarity]) -> pd.DataFrame:
    typed = own.astype(dict.fromkeys(("value", "lower", "upper"), "float64"))
    result: pd.DataFrame = judgement.compare(typed, england, polarity=polarity, name="England")
    return result


def _beside(rows: pd.DataFrame, own: pd.DataFrame, region: Area | None, neighbours: Sequence[Area]) -> list[dict[str, float]]:
    near = {a.code for a in neighbours}
    found = []
    for row in own.itertuples(index=False):
        same = rows
        for column in (*_KEY, "category_type", "category"):
            same = same[same[column] == getattr(row, column)]
        around = same[same["area"].isin(near)].drop_duplicates("area")["value"].dropna()
        found.append(
            {
                "region_value": _one(_of(same, region)) if region is not None else float("nan"),
                "england_value": _one(_of(same, ENGLAND)),
                "neighbours_lowest": around.min(),
                "neighbours_middle": around.median(),
                "neighbours_highest": around.max(),
                "neighbours": len(around),
            }
        )
    return found


def _one(rows: pd.DataFrame) -> float:
    return float(rows["value"].iloc[0]) if len(rows) else float("nan")


def _published(own: pd.DataFrame, column: str) -> Any:
    return own[column].to_numpy() if column in own.columns else [None] * len(own)
