"""Linked panels over many measures and places: the figures judged and counted once, then drawn for the place and carried for the scripts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
from attrs import evolve

from jsnakit import geography, judgement
from jsnakit.chapters import options as asked
from jsnakit.errors import ChapterError, InvalidValueError, UnknownAreaError
from jsnakit.model import Area, Indicator, Period, Polarity
from jsnakit.observations import PRESENT
from jsnakit.publish._words import count, plural_of, unit_after
from jsnakit.publish.figures.context import BOUNDARIES, Absent, Built, Context
from jsnakit.publish.figures.measures import LONDON
from jsnakit.publish.figures.standing import period_of
from jsnakit.publish.linked import Choice, Dashboard, LinkedArea, LinkedIndicator, LinkedPeriod, View
from jsnakit.publish.linked.cube import CODES, MISSING, Cube, printed, status_codes
from jsnakit.publish.linked.panel import WIDTH
from jsnakit.publish.linked.view import Comparator
from jsnakit.publish.panels import Box, Shape
from jsnakit.publish.panels.geometry import Frame

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["dashboard"]

_SIGNS: Final = {Polarity.HIGHER_IS_BETTER: 1, Polarity.LOWER_IS_BETTER: -1, Polarity.NONE: 0, Polarity.UNKNOWN: 0}
_OUTCOMES: Final = {"WORSE": 1, "SIMILAR": 2, "BETTER": 3, "LOWER": 4, "HIGHER": 5}
_ENGLAND, _REGION = "country", "region"


def dashboard(context: Context) -> Built:
    """The linked panels, first shown for the place.

    Raises `ChapterError` for a measure or a period that there is not, and for a page larger than `most_bytes`.
    """
    o = context.options
    assert isinstance(o, asked.Dashboard)
    measures = context.measures(o.indicators)
    rows, area_type = _rows(context, o, measures)
    held = set(rows["indicator"].unique())
    measures = [i for i in measures if i.id in held]
    first = context.indicator(o.indicator) if o.indicator else measures[0]
    if first.id not in {i.id for i in measures}:
        raise context.mistake(f"{first.id!r} is not among the measures of the dashboard", hint="add it to indicators, or leave indicator out")
    view, place = _view(context, rows, area_type, measures)
    view = evolve(view, cube=view.cube.reduced(o.embed, [i.latest for i in view.indicators]))
    shapes, when = _shapes(context, area_type, view)
    if shapes:
        view = evolve(view, areas=_placed(view.areas, shapes))
    at = [i.id for i in measures].index(first.id)
    beside: tuple[Comparator, ...] = ("england", "region")
    compare: Comparator = next((c for c in beside if c in view.comparators() and view.judged_by(at, view.indicators[at].latest, c) == c), "middle")
    plain = not (view.cube.lower != MISSING).any()
    note = "No confidence intervals are published with these figures, so places are compared by fifth: a place in the queue can be luck, most of all for rare events."
    panel = Dashboard(
        view, Choice(at, place, compare), shapes, ("London", LONDON) if _in_london(shapes) else None, o.embed != "latest", note if plain else ""
    )
    size = len(panel.body().encode())
    if size > o.most_bytes:
        raise _too_large(context, size, o)
    drawn_on = f" Authorities as on {_day(when)}." if when else ""
    return Built(
        kind="dashboard",
        finding=o.title or f"{context.name} and {count(len(view.areas) - 1)} other {plural_of(area_type)} on {count(len(measures))} measures",
        subtitle="One measure for every place, on a map, in order and through time; and every measure for one place. The address of the page keeps what is shown, so that it can be sent to someone.",
        panel=panel,
        notes=context.notes(
            measures, rows, boundaries=BOUNDARIES + drawn_on if shapes else "",
            how_to_read="Where scripts run: choose an area on the map or in the list to see it in every panel; choose a point of the line to see that year; choose a measure in the long list to see it on the map. "
            "The worst fifth is striped as well as red. Each measure stands at its last new figure.",
            take_care=[] if plain else ["Better and worse are said only where the whole 95 % interval lies on one side of the figure beside it."],
        ),
        rows=rows[rows["area"] == context.place.code],
        period=(period_of(rows.sort_values("period_start").iloc[0]), period_of(rows.sort_values("period_start").iloc[-1])),
    )  # fmt: skip


def _too_large(context: Context, size: int, o: asked.Dashboard) -> ChapterError:
    less = {"full": '"trend" (limits of the latest period only) or "latest"', "trend": '"latest"', "latest": ""}[o.embed]
    hint = (f"write embed = {less}, " if less else "") + "take fewer measures, a later since, or raise most_bytes"
    return context.mistake(f"the dashboard needs {size:,} bytes of the page, more than the {o.most_bytes:,} allowed", hint=hint)


def _rows(context: Context, o: asked.Dashboard, measures: Sequence[Indicator]) -> tuple[pd.DataFrame, str]:
    if o.areas:
        if context.data.area_type(o.areas) is None:
            raise context.mistake(f"areas = {o.areas!r} is no type of area", hint='write areas = "ltla" or "utla", or leave it out')
        rows, area_type = context.observe((i.id for i in measures), area_type=o.areas), o.areas
    else:
        rows, area_type = context.rows_of(measures)
    if o.since:
        try:
            begin = Period.parse(o.since).start
        except InvalidValueError as error:
            raise context.mistake(f"since = {o.since!r} is no period", hint='write since = "2015"') from error
        rows = rows[rows["period_start"] >= pd.Timestamp(begin)]
    if not (rows["area"] == context.place.code).any():
        raise Absent(context.why_absent(rows, area_type) if len(rows) else f"No figures are at hand since {o.since}.")
    return rows.reset_index(drop=True), area_type


# -- from rows to the view -----------------------------------------------------------------------------------------------------------


def _view(context: Context, rows: pd.DataFrame, area_type: str, measures: Sequence[Indicator]) -> tuple[View, int]:
    codes = sorted(rows["area"].unique(), key=lambda c: (context.area_name(c, area_type), c))
    found = [_area(context, c, area_type) for c in codes]
    regions = sorted({(r.code, r.name) for _, r in found if r is not None}, key=lambda r: r[1])
    areas = tuple(evolve(a, region=regions.index((r.code, r.name)) if r is not None else -1) for a, r in found)
    unique = rows.drop_duplicates(["period_start", "period_duration"])
    periods = sorted({period_of(r) for _, r in unique.iterrows()}, key=lambda p: (p.end, p.start))
    grid = _Grid(measures, periods, codes)
    cube = _cube(context, rows, grid, tuple(r[0] for r in regions), [r.code if r is not None else None for _, r in found])
    groups, group_of = _groups(measures)
    new = (cube.value != MISSING) & (cube.codes["status"] != 4)
    latest = [int(np.flatnonzero(new[k].any(axis=1)).max(initial=0)) for k in range(len(measures))]
    linked = tuple(
        LinkedIndicator(i.id, i.name, i.unit, unit_after(i), i.decimals, _SIGNS[i.polarity], group_of[k], latest[k]) for k, i in enumerate(measures)
    )
    spaced = tuple(LinkedPeriod(str(p), p.start.toordinal()) for p in periods)
    return View(areas, linked, spaced, groups, tuple(regions), cube, plural_of(area_type)), codes.index(context.place.code)


def _area(context: Context, code: str, area_type: str) -> tuple[LinkedArea, Area | None]:
    """An area with the names it had, and its region."""
    name = context.area_name(code, area_type)
    try:
        area = geography.get(code, type=area_type)
    except UnknownAreaError:
        return LinkedArea(code, name), None
    before = [r.from_area.name for r in geography.predecessors(Area("gss", area_type, code), scheme="gss")]
    old = tuple(sorted({n for n in (*area.aliases, *before) if n and n != name}))
    parents = geography.parents(area, "region")
    return LinkedArea(code, name, old=old), parents[0] if parents else None


def _groups(measures: Sequence[Indicator]) -> tuple[tuple[str, ...], list[int]]:
    """The themes of the measures in the order in which they come, and which each belongs to."""
    names = [i.theme.value.replace("_", " ").capitalize() if i.theme else "Other measures" for i in measures]
    order = tuple(dict.fromkeys(names))
    return order, [order.index(n) for n in names]


class _Grid:
    """Where a row stands: indicator, period and area as positions."""

    def __init__(self, measures: Sequence[Indicator], periods: Sequence[Period], areas: Sequence[str]) -> None:
        self.measures, self.periods, self.areas = measures, periods, areas
        self._periods = {(pd.Timestamp(p.start), p.duration): k for k, p in enumerate(periods)}

    def of(self, rows: pd.DataFrame, areas: Sequence[str] | None = None) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
        """The positions of each row; -1 for a period or an area that has none."""
        i = pd.Categorical(rows["indicator"], categories=[m.id for m in self.measures]).codes
        a = pd.Categorical(rows["area"], categories=list(self.areas if areas is None else areas)).codes
        starts, durations = pd.factorize(rows["period_start"]), pd.factorize(rows["period_duration"])
        table = np.array([[self._periods.get((pd.Timestamp(s), str(d)), -1) for d in durations[1]] for s in starts[1]], np.int64).reshape(
            len(starts[1]), -1
        )
        return np.asarray(i), table[starts[0], durations[0]] if len(rows) else np.zeros(0, np.int64), np.asarray(a)

    def numbers(self, rows: pd.DataFrame, column: str, areas: Sequence[str]) -> NDArray[np.float64]:
        """A column as an array of indicators, periods and areas, null where there is no figure that may be shown."""
        out = np.full((len(self.measures), len(self.periods), len(areas)), np.nan)
        shown = rows[rows["status"].isin(PRESENT)]
        i, p, a = self.of(shown, areas)
        held = (i >= 0) & (p >= 0) & (a >= 0)
        out[i[held], p[held], a[held]] = shown[column].to_numpy(np.float64)[held]
        return out

    def printed(self, numbers: NDArray[np.float64]) -> NDArray[np.int64]:
        """Numbers as each measure prints them."""
        return np.stack([printed(numbers[k], m.unit, m.decimals) for k, m in enumerate(self.measures)])


def _cube(context: Context, rows: pd.DataFrame, grid: _Grid, regions: tuple[str, ...], region_of: Sequence[str | None]) -> Cube:
    value, lower, upper = (grid.numbers(rows, c, grid.areas) for c in ("value", "lower", "upper"))
    lower[np.isnan(value)] = upper[np.isnan(value)] = np.nan
    i, p, a = grid.of(rows)
    shape = value.shape
    codes = {name: np.zeros(shape, np.uint8) for name in CODES}
    codes["status"][:] = 1
    codes["status"][i, p, a] = status_codes(rows)
    ranked = judgement.rank(rows, grid.measures)
    rank = np.zeros(shape, np.int64)
    rank[i, p, a] = np.round(2 * ranked["rank"].fillna(0).to_numpy(np.float64)).astype(np.int64)
    codes["fifth"][i, p, a] = ranked["fifth"].fillna(0).to_numpy(np.float64).astype(np.uint8)

    england, of_regions = _others(context, grid.measures, _ENGLAND), _others(context, grid.measures, _REGION)
    references = np.full((*shape[:2], 4), np.nan)
    filled = (~np.isnan(value)).any(axis=2)
    references[filled, :3] = np.nanquantile(value[filled], [0.5, 0.2, 0.8], axis=1).T
    beside = np.full((*shape[:2], len(regions)), np.nan)
    limits = bool((~np.isnan(lower)).any())
    if england is not None:
        references[:, :, 3] = grid.numbers(england, "value", sorted(england["area"].unique())[:1])[:, :, 0]
        if limits:
            _compared(rows, england, grid, codes["england"], "England", None)
    if of_regions is not None:
        beside = grid.numbers(of_regions, "value", regions)
        parents = {c: r for c, r in zip(grid.areas, region_of, strict=True) if r is not None}
        if limits and parents:
            _compared(rows, of_regions, grid, codes["region"], "its region", parents)
    signs = tuple(_SIGNS[m.polarity] for m in grid.measures)
    return Cube(grid.printed(value), grid.printed(lower), grid.printed(upper), rank, grid.printed(references), grid.printed(beside), codes, signs)


def _others(context: Context, measures: Sequence[Indicator], area_type: str) -> pd.DataFrame | None:
    """The figures of England or the regions, where they are published; null where they are not."""
    asked_for = [i.id for i in measures if not i.area_types or area_type in i.area_types]
    if not asked_for:
        return None
    try:
        return context.observe(asked_for, area_type=area_type)
    except Absent:
        return None


def _compared(rows: pd.DataFrame, benchmark: pd.DataFrame, grid: _Grid, into: NDArray[np.uint8], name: str, parents: dict[str, str] | None) -> None:
    """The outcome of each figure beside the benchmark's, as code."""
    known = rows if parents is None else rows[rows["area"].isin(list(parents))]
    outcome = judgement.compare(known, benchmark, indicators=grid.measures, name=name, parents=parents)["outcome"]
    into[grid.of(known)] = outcome.map(_OUTCOMES).fillna(0).to_numpy(np.uint8)


# -- outlines ------------------------------------------------------------------------------------------------------------------------


def _shapes(context: Context, area_type: str, view: View) -> tuple[tuple[Shape, ...], Any]:
    try:
        return context.shapes(area_type, [a.code for a in view.areas])
    except Absent:
        return (), None


def _placed(areas: tuple[LinkedArea, ...], shapes: tuple[Shape, ...]) -> tuple[LinkedArea, ...]:
    """The areas with the points where their labels stand on the map."""
    frame = Frame.fit(Box.around(s.box for s in shapes), WIDTH)
    at = {s.code: frame.at(s.label_x, s.label_y) for s in shapes}
    return tuple(evolve(a, x=round(at[a.code][0]), y=round(at[a.code][1])) if a.code in at else a for a in areas)


def _in_london(shapes: tuple[Shape, ...]) -> bool:
    """Whether enough areas lie in London for a picture of it."""
    return sum(LONDON.holds(s.label_x, s.label_y) for s in shapes) > 5


def _day(when: Any) -> str:
    from jsnakit.publish._words import day

    return day(when)
