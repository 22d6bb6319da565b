"""One measure for groups of people: by deprivation, ethnic group, sex or age, with the gap between them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import pandas as pd
from attrs import frozen

from jsnakit import judgement, methods
from jsnakit.chapters import options as asked
from jsnakit.errors import TableError
from jsnakit.methods.inequality import Kind
from jsnakit.model import ENGLAND, TOTAL, Area, Indicator
from jsnakit.publish import findings
from jsnakit.publish._words import count, decapitalised, listed, month_of, unit_after
from jsnakit.publish.figures.context import Absent, Built, Context
from jsnakit.publish.figures.standing import as_figure, period_of
from jsnakit.publish.panels import BarRow, Figure, Gulf, Inequalities, Mark, Reference, Verdict, number_text

__all__ = ["deprivation_rank", "inequalities"]

_SEXES: Final = {"F": "Females", "M": "Males"}
_NOUNS: Final = {"deprivation": "groups", "ethnicity": "ethnic groups", "sex": "sexes", "age": "age groups"}
_HEADS: Final = {"ethnicity": "Ethnic group", "sex": "Sex", "age": "Age"}
_STEPS: Final = {"": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5}
_DEPRIVED: Final = re.compile(r"(?:(second|third|fourth|fifth) )?(most|more|least|less|average) deprived (decile|quintile)", re.IGNORECASE)
_OUTCOMES: Final = {
    "WORSE": Verdict.WORSE, "BETTER": Verdict.BETTER, "SIMILAR": Verdict.SIMILAR, "HIGHER": Verdict.HIGHER, "LOWER": Verdict.LOWER,
}  # fmt: skip
_KINDS: Final[Mapping[str, Kind]] = {
    "proportion": "proportion", "crude rate": "rate", "directly standardised rate": "rate", "life expectancy": "normal", "mean": "normal"
}  # fmt: skip
_UNKNOWN: Final = re.compile(r"not (?:known|stated|recorded)|unknown|invalid", re.IGNORECASE)


def deprivation_rank(category: str) -> tuple[int, int] | None:
    """The place of a published deprivation group (1 the most deprived) and out of how many, null for anything else.

    >>> deprivation_rank("Second most deprived decile (IMD2019)"), deprivation_rank("Least deprived quintile"), deprivation_rank("White")
    ((2, 10), (5, 5), None)
    """
    found = _DEPRIVED.match(category.strip())
    if found is None:
        return None
    step, side, kind = found[1], found[2].lower(), found[3].lower()
    of = 10 if kind == "decile" else 5
    if side == "average":
        return (3, 5) if of == 5 else None
    n = _STEPS[(step or "").lower()]
    return (n if side in ("most", "more") else of + 1 - n), of


def _deprived_words(rank: int, of: int) -> str:
    """A deprivation group as printed.

    >>> [_deprived_words(r, 5) for r in (1, 2, 3, 5)]
    ['Most deprived fifth', 'Second most deprived fifth', 'Middle fifth', 'Least deprived fifth']
    """
    part = "fifth" if of == 5 else "tenth"
    if of % 2 and rank == of // 2 + 1:
        return f"Middle {part}"
    near_most = rank <= of // 2
    step = list(_STEPS)[(rank if near_most else of + 1 - rank) - 1]
    words = f"{step} {'most' if near_most else 'least'} deprived {part}".strip()
    return words[:1].upper() + words[1:]


@frozen(eq=False)
class _Groups:
    """The rows of one breakdown in the order drawn, their names, and the row of the whole area."""

    area: Area
    name: str
    kind: str
    rows: pd.DataFrame
    names: tuple[str, ...]
    whole: pd.Series[Any] | None


def inequalities(context: Context) -> Built:
    """Groups side by side, the whole area as a line, and the gap: in points or rates, in times, and as a slope index where fifths or tenths have what it needs."""
    o = context.options
    assert isinstance(o, asked.Inequalities)
    indicator = context.indicator(o.indicator)
    found = _found(context, indicator, o)
    figures = tuple(as_figure(r, indicator) for _, r in found.rows.iterrows())
    marks = _marks(found, indicator)
    rows = tuple(BarRow(str(i), name, f, m) for i, (name, f, m) in enumerate(zip(found.names, figures, marks, strict=True)))
    period = period_of(found.rows.iloc[0])
    ends = _ends(found, figures)
    gaps = _gaps(found, figures, ends, indicator)
    reference = None
    if found.whole is not None:
        whole = as_figure(found.whole, indicator)
        reference = Reference(f"{found.name}:", whole.value or 0.0, whole.text)
    noun = _NOUNS.get(found.kind, "groups")
    unit = "percentage" if indicator.unit == "%" else unit_after(indicator)
    panel = Inequalities(
        f"{indicator.name}, {found.name}, {month_of(period)}", rows, indicator.unit, gaps, reference, _HEADS.get(found.kind, "Group"), f"Against {found.name}", noun,
        indicator.decimals,
    )  # fmt: skip
    missing = sum(f.missing for f in figures)
    care = _care(context, found, o)
    care += [f"{count(missing, first=True)} of {len(figures)} {noun} {'has' if missing == 1 else 'have'} no published figure."] if missing else []
    intervals = any(f.lower is not None for f in figures)
    low, high = ends
    shown = found.rows if found.whole is None else pd.concat([found.rows, pd.DataFrame([found.whole])[list(found.rows.columns)]], ignore_index=True)
    return Built(
        kind="inequalities",
        finding=findings.on_groups(indicator.name, found.name, found.names[low], figures[low], found.names[high], figures[high]),
        subtitle=f"{', '.join(p for p in (indicator.name, unit, month_of(period)) if p)}: {found.name} by {_by_words(found)}.",
        panel=panel,
        notes=context.notes(
            [indicator], shown, take_care=care,
            how_to_read=(
                "The line is the range within which the figure probably lies; where it crosses the dashed line, the group cannot be told from the whole. The scale need not start at zero."
                if intervals
                else "Bars start at zero. No range of uncertainty is published for these groups, so a difference can be luck."
            ),
        ),
        rows=shown, period=(period,),
    )  # fmt: skip


# -- which groups --------------------------------------------------------------------------------------------------------------------


def _found(context: Context, indicator: Indicator, o: asked.Inequalities) -> _Groups:
    """The groups of the place, else those of England."""
    places: list[tuple[Area, str]] = []
    if not o.england and context.place.type != "country":
        here = context.place
        kinds = [k for k in dict.fromkeys((here.type, "ltla", "utla")) if not indicator.area_types or k in indicator.area_types]
        places += [(Area(here.scheme, k, here.code, here.name), context.name) for k in kinds]
    for area, name in (*places, (ENGLAND, "England")):
        try:
            rows = context.observe([indicator.id], areas=(area,), breakdowns=("*",))
        except Absent:
            continue
        made = _grouped(rows, area, name, indicator, o.by)
        if made is not None:
            return made
    raise Absent(f"{indicator.name} is not published by {_plain(o.by)} for {context.name} or England.")


def _plain(by: str) -> str:
    return {"ethnicity": "ethnic group"}.get(by, by)


def _grouped(rows: pd.DataFrame, area: Area, name: str, indicator: Indicator, by: str) -> _Groups | None:
    """The breakdown asked for at its latest period; null where fewer than two groups have a figure. Of several kinds of it, the one with the fewest gaps."""
    h = indicator.headline
    totals = rows[(rows["category_type"] == TOTAL)]
    whole = totals[(totals["sex"] == h.sex) & (totals["age"] == h.age)]
    if by == "sex":
        candidates = [totals[(totals["age"] == h.age) & totals["sex"].isin(list(_SEXES))]]
    elif by == "age":
        candidates = [totals[(totals["sex"] == h.sex) & (totals["age"] != h.age) & (totals["age"] != TOTAL)]]
    else:
        same = rows[(rows["category_type"] != TOTAL) & (rows["sex"] == h.sex) & (rows["age"] == h.age)]
        candidates = [part for kind, part in same.groupby("category_type", sort=True) if _is_of(str(kind), by)]
    best: tuple[Any, pd.DataFrame] | None = None
    for part in candidates:
        present = part[part["value"].notna()]
        if present.empty:
            continue
        last = present.sort_values(["period_start", "period_duration"]).iloc[-1]
        chosen = part[(part["period_start"] == last["period_start"]) & (part["period_duration"] == last["period_duration"])]
        known = int(chosen["value"].notna().sum())
        if known < 2:
            continue
        # The latest year first, then the fewest gaps, then neighbourhoods rather than whole authorities, then the most groups.
        kind = str(last["category_type"])
        rank = (last["period_start"], known / len(chosen), "LSOA" in kind, known, kind.startswith("District"), kind)
        if best is None or rank > best[0]:
            best = (rank, chosen)
    if best is None:
        return None
    ordered, names = _ordered(best[1], by)
    first = ordered.iloc[0]
    whole = whole[(whole["period_start"] == first["period_start"]) & (whole["period_duration"] == first["period_duration"]) & whole["value"].notna()]
    return _Groups(area, name, by, ordered, names, whole.iloc[0] if len(whole) else None)


def _is_of(category_type: str, by: str) -> bool:
    if by == "deprivation":
        return "deprivation" in category_type.lower()
    return category_type.lower().startswith("ethnic") if by == "ethnicity" else category_type == by


def _ordered(rows: pd.DataFrame, by: str) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """The rows in the order drawn, and their names: deprivation from the most deprived, ages from the youngest, others from the highest, gaps last."""
    if by == "sex":
        made = rows.sort_values("sex")
        return made, tuple(_SEXES[s] for s in made["sex"])
    if by == "age":
        made = rows.assign(_age=[_youngest(str(a)) for a in rows["age"]]).sort_values(["_age", "age"]).drop(columns="_age")
        return made, tuple(_age_words(str(a)) for a in made["age"])
    ranks = [deprivation_rank(str(c)) for c in rows["category"]]
    if all(r is not None for r in ranks):
        made = rows.assign(_rank=[r[0] if r else 0 for r in ranks]).sort_values("_rank")
        return made.drop(columns="_rank"), tuple(_deprived_words(*r) for r in sorted(r for r in ranks if r))
    made = rows.sort_values(["value", "category"], ascending=[False, True], na_position="last")
    return made, tuple(str(c) for c in made["category"])


def _youngest(age: str) -> int:
    digits = re.search(r"\d+", age)
    return -1 if age.startswith("<") else int(digits[0]) if digits else 1000


def _age_words(age: str) -> str:
    """An age group as printed.

    >>> _age_words("16-24 yrs"), _age_words("85+ yrs"), _age_words("<18 yrs")
    ('16 to 24', '85 and over', 'Under 18')
    """
    bare = age.removesuffix(" yrs").strip()
    bare = f"Under {bare[1:]}" if bare.startswith("<") else bare
    return re.sub(r"^(\d+)\+$", r"\1 and over", re.sub(r"^(\d+)-(\d+)$", r"\1 to \2", bare))


def _by_words(found: _Groups) -> str:
    kind = str(found.rows["category_type"].iloc[0])
    rank = deprivation_rank(str(found.rows["category"].iloc[0]))
    if rank is None:
        return {"sex": "sex", "age": "age", "ethnicity": "ethnic group"}.get(found.kind, decapitalised(kind))
    parts = "fifths" if rank[1] == 5 else "tenths"
    if "within area" in kind:
        return f"{parts} of its neighbourhoods, by deprivation"
    return f"{parts} of {'neighbourhoods' if 'LSOA' in kind else 'authorities'}, by deprivation"


# -- what is said of them ------------------------------------------------------------------------------------------------------------


def _marks(found: _Groups, indicator: Indicator) -> list[Mark | None]:
    """Each group held against the whole area, by the rule of comparison of the whole project: none where there is no interval."""
    if found.whole is None:
        return [None] * len(found.rows)
    benchmark = found.rows.assign(area="whole", value=float(found.whole["value"]), status="normal", lower=None, upper=None)
    judged = judgement.compare(found.rows, benchmark, indicators=[indicator], name=found.name, parents={found.area.code: "whole"})
    return [Mark(_OUTCOMES[str(outcome)]) if str(outcome) in _OUTCOMES else None for outcome in judged["outcome"]]


def _ends(found: _Groups, figures: Sequence[Figure]) -> tuple[int, int]:
    """Between which groups the gap is: the first and last with a figure where the order has a meaning, else the highest and the lowest."""
    known = [i for i, f in enumerate(figures) if f.value is not None]
    if deprivation_rank(str(found.rows["category"].iloc[0])) is not None:
        return known[0], known[-1]
    known = [i for i in known if not _UNKNOWN.search(found.names[i])] or known
    by_value = sorted(known, key=lambda i: -(figures[i].value or 0.0))
    return by_value[0], by_value[-1]


def _gaps(found: _Groups, figures: Sequence[Figure], ends: tuple[int, int], indicator: Indicator) -> tuple[Gulf, ...]:
    """The gap in points or in the unit, in times, and as a slope."""
    one, other = figures[ends[0]], figures[ends[1]]
    a, b = one.value or 0.0, other.value or 0.0
    names = found.names[ends[0]], found.names[ends[1]]
    # The name of an ethnic group keeps its capital.
    inside = (lambda n: n) if found.kind == "ethnicity" else decapitalised
    unit = "points" if indicator.unit == "%" else unit_after(indicator)
    apart = number_text(abs(a - b), "", indicator.decimals)
    sentence = f"{names[0]} {one.text}, {inside(names[1])} {other.text}."
    if None not in (one.lower, one.upper, other.lower, other.upper):
        overlap = max(one.lower or 0.0, other.lower or 0.0) <= min(one.upper or 0.0, other.upper or 0.0)
        sentence += " Their ranges overlap, so the gap may be chance." if overlap else " Their ranges do not overlap."
    said = [Gulf(f"{apart} {unit}".strip(), sentence)]
    small, large = sorted((a, b))
    if small > 0:
        more = names[0] if a >= b else names[1]
        less = names[1] if a >= b else names[0]
        said.append(Gulf(f"{large / small:.1f} times", f"{more} beside {inside(less)}."))
    slope = _slope(found, indicator)
    return (*said, slope) if slope else tuple(said)


def _slope(found: _Groups, indicator: Indicator) -> Gulf | None:
    """The slope index of inequality, where every fifth or tenth has a figure, its limits and its population."""
    ranks = [deprivation_rank(str(c)) for c in found.rows["category"]]
    kind = _KINDS.get(indicator.value_type)
    needed = found.rows[["value", "lower", "upper", "denominator"]]
    if kind is None or any(r is None for r in ranks) or len(ranks) != (ranks[0] or (0, 0))[1] or needed.isna().any().any():
        return None
    share = 100.0 if kind == "proportion" and indicator.unit == "%" else 1.0
    if kind == "proportion" and share == 1.0:
        return None
    table = pd.DataFrame(
        {
            "quantile": [r[0] for r in ranks if r], "population": needed["denominator"].to_numpy(), "value": needed["value"].to_numpy() / share,
            "lower": needed["lower"].to_numpy() / share, "upper": needed["upper"].to_numpy() / share,
        }
    )  # fmt: skip
    try:
        row = methods.slope_index(table, kind=kind, per=share).iloc[0]
    except TableError:
        return None
    index, lower, upper = (float(row[c]) for c in ("sii", "sii_lower", "sii_upper"))
    if index != index or lower != lower:
        return None
    more = "lower" if index > 0 else "higher"
    limits = sorted((abs(lower), abs(upper)))
    unit = "points" if indicator.unit == "%" else unit_after(indicator)
    number = f"{number_text(abs(index), '', indicator.decimals)} {unit}".strip()
    if (lower < 0) != (upper < 0):
        return Gulf(number, "Slope index of inequality. Its range includes none, so there may be no slope from the most to the least deprived end.")
    between = f"{number_text(limits[0], '', indicator.decimals)} to {number_text(limits[1], '', indicator.decimals)}"
    return Gulf(
        number, f"Slope index: {more} at the most deprived end than at the least deprived, from all groups together (95% interval {between})."
    )


def _care(context: Context, found: _Groups, o: asked.Inequalities) -> list[str]:
    care = []
    if found.area == ENGLAND and not o.england and context.place.type != "country":
        care.append(
            f"No figure by {_plain(o.by)} is published for {context.name}: these are England\u2019s, and say nothing of {context.name} itself."
        )
    kind = str(found.rows["category_type"].iloc[0])
    ranks = [r for c in found.rows["category"] if (r := deprivation_rank(str(c))) is not None]
    if ranks and "LSOA" not in kind:
        care.append("The groups are of whole authorities: deprived people in a well-off authority are counted with it.")
    if ranks:
        of = ranks[0][1]
        lacking = [decapitalised(_deprived_words(r, of)) for r in range(1, of + 1) if (r, of) not in ranks]
        care += [f"Nothing is published for the {listed(lacking)}, so the gap is not between the two ends."] if lacking else []
    elif len(found.rows) > 2:
        care.append("The gap is between the highest and the lowest: the more groups there are, the wider it is by chance alone.")
    if o.by == "ethnicity" and any(_UNKNOWN.search(n) for n in found.names):
        care.append("People whose ethnic group is not known are a group of their own, and may be of any other.")
    return care
