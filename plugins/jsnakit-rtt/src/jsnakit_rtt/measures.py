"""From one month's rows to its measures: sums by area and treatment function, then lists, shares, long waits and percentiles.

The publisher's rule, which reproduces England's series and the provider workbooks: commissioner NONC (not English) is left out everywhere; England and the boards are sums
over commissioners; a share or percentile is computed from summed bands, never averaged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np
import pyarrow as pa
from attrs import field, frozen
from numpy.typing import NDArray

from jsnakit.methods.waiting import position_in_bands
from jsnakit.model import ENGLAND, TOTAL, Period
from jsnakit.observations import build
from jsnakit.sources import Query
from jsnakit_rtt.layout import FUNCTIONS, PARTS, TOTAL_FUNCTION, Bands, bands_of
from jsnakit_rtt.parse import Codes, Extract
from jsnakit_rtt.rules import Rules

__all__ = ["CATEGORY_TYPE", "LEVELS", "MEASURES", "NOT_ENGLISH", "Measure", "Month", "names_of_part", "observations_of"]

CATEGORY_TYPE: Final = "treatment_function"
"""The breakdown by specialty: its categories are the publisher's codes of treatment functions; the publisher's total of them is `_T`."""

NOT_ENGLISH: Final = "NONC"
"""The commissioner that stands for all commissioners outside England."""

LEVELS: Final[Mapping[str, str]] = {"provider": "ods", "commissioner": "ods", "icb": "ods", "country": "gss"}
"""The area types, with the scheme of their codes. A board is the sum of its commissioners, as its patients and not as its hospitals."""

Ints = NDArray[np.int64]


@frozen
class Measure:
    """One indicator: which rows of the file it counts (`part`) and how. `edge` is the first week of a long wait, `percent` of a percentile."""

    id: str
    part: str
    kind: str
    edge: int = 0
    percent: int = 0

    @property
    def snapshot(self) -> bool:
        """Whether it is a state at the end of the month, not a flow within it."""
        return self.part == "Part_2"


def _measures() -> Iterator[Measure]:
    yield Measure("rtt.waiting_list", "Part_2", "all")
    yield Measure("rtt.new_periods", "Part_3", "all")
    for name, part, high in (("incomplete", "Part_2", 92), ("admitted", "Part_1A", 95), ("non_admitted", "Part_1B", 95)):
        if part != "Part_2":
            yield Measure(f"rtt.{name}_completed", part, "all")
        yield Measure(f"rtt.{name}_within_18_weeks", part, "within", edge=18)
        yield Measure(f"rtt.{name}_median_wait", part, "percentile", percent=50)
        yield Measure(f"rtt.{name}_{high}{'nd' if high == 92 else 'th'}_percentile_wait", part, "percentile", percent=high)
        for edge in (52, 65, 78, 104) if part == "Part_2" else (52,):
            yield Measure(f"rtt.{name}_over_{edge}_weeks", part, "over", edge=edge)


MEASURES: Final = {m.id: m for m in _measures()}
"""Every measure of the extract by indicator id."""


def names_of_part(part: str, query: Query) -> list[Measure]:
    """The measures of one part that were asked for."""
    return [m for m in MEASURES.values() if m.part == part and (not query.indicators or m.id in query.indicators)]


@frozen(eq=False)
class Groups:
    """Sums by area and treatment function: `area[i]` and `function[i]` index the words; `bands` has a row a band, `everyone` counts unknown clock starts as well."""

    areas: tuple[str, ...]
    functions: tuple[str, ...]
    area: NDArray[np.int64]
    function: NDArray[np.int64]
    bands: Ints
    everyone: Ints

    def __len__(self) -> int:
        return len(self.area)

    def merged(self, names: tuple[str, ...], to: NDArray[np.int64]) -> Groups:
        """The sums by larger areas: `to[a]` is the place in `names` of area `a`, below 0 where it belongs to none."""
        area = to[self.area]
        kept = np.flatnonzero(area >= 0)
        return _grouped(names, self.functions, area[kept], self.function[kept], self.everyone[kept], lambda i: self.bands[i][kept], len(self.bands))

    def only(self, codes: frozenset[str] | None, *, functions: bool) -> Groups:
        """The groups of the areas asked for; without `functions` their totals alone."""
        keep = np.ones(len(self), dtype=bool)
        if codes is not None:
            keep &= np.array([a in codes for a in self.areas], dtype=bool)[self.area]
        if not functions:
            keep &= np.array([f == TOTAL_FUNCTION for f in self.functions], dtype=bool)[self.function]
        return (
            self if keep.all() else Groups(self.areas, self.functions, self.area[keep], self.function[keep], self.bands[:, keep], self.everyone[keep])
        )

    def with_zeros(self, functions: Sequence[str]) -> Groups:
        """With a group of zeros for each function an area has no row of: the file leaves a zero cell out, but not the area."""
        names = (*self.functions, *(f for f in functions if f not in self.functions))
        have = set(zip(self.area.tolist(), self.function.tolist(), strict=True))
        lack = [(a, names.index(f)) for a in sorted(set(self.area.tolist())) for f in functions if (a, names.index(f)) not in have]
        if not lack:
            return self
        area, function = (np.array(part, dtype=np.int64) for part in zip(*lack, strict=True))
        zeros = np.zeros((len(self.bands), len(lack)), dtype=np.int64)
        return Groups(
            self.areas, names, np.concatenate([self.area, area]), np.concatenate([self.function, function]), np.concatenate([self.bands, zeros], axis=1),
            np.concatenate([self.everyone, zeros[0] if len(zeros) else np.zeros(len(lack), dtype=np.int64)]),
        )  # fmt: skip


def _grouped(
    areas: tuple[str, ...],
    functions: tuple[str, ...],
    area: NDArray[Any],
    function: NDArray[Any],
    everyone: NDArray[Any],
    band: Callable[[int], NDArray[Any]],
    bands: int,
) -> Groups:
    """Sums by area and function over rows in any order; `band(i)` gives the rows' counts in one band, so that never more than one is held twice."""
    key = area.astype(np.int64) * len(functions) + function
    order = np.argsort(key, kind="stable")
    ordered = key[order]
    starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1]))) if len(key) else np.zeros(0, dtype=np.intp)
    sums = np.zeros((bands, len(starts)), dtype=np.int64)
    whole = np.zeros(0, dtype=np.int64)
    if len(key):
        in_order = bool((order[1:] > order[:-1]).all())
        for i in range(bands):
            np.add.reduceat(band(i) if in_order else band(i)[order], starts, out=sums[i], dtype=np.int64)
        whole = np.add.reduceat(everyone[order], starts, dtype=np.int64)
    first = ordered[starts]
    return Groups(areas, functions, first // len(functions), first % len(functions), sums, whole)


@frozen(eq=False)
class Month:
    """One month's extract ready for questions; sums of a part are made once, when first asked for."""

    extract: Extract
    origin: str
    codes: Mapping[str, Codes]
    english: NDArray[np.bool_]
    _made: dict[tuple[str, str], Groups] = field(factory=dict)

    @classmethod
    def of(cls, extract: Extract, origin: str) -> Month:
        """The month of a parsed extract, with the origin key of its file."""
        codes = {name: extract.codes(name) for name in ("provider", "commissioner", "commissioner_parent", "part", "function")}
        return cls(extract, origin, codes, np.array([w != NOT_ENGLISH for w in codes["commissioner"].words], dtype=bool)[codes["commissioner"].code])

    @property
    def bands(self) -> Bands:
        """The weekly bands of its layout."""
        return bands_of(self.extract.layout)

    def rows(self, part: str) -> NDArray[np.intp]:
        """The rows of one part, commissioners outside England left out."""
        codes = self.codes["part"]
        if part not in codes.words:
            return np.zeros(0, dtype=np.intp)
        return np.flatnonzero((codes.code == codes.words.index(part)) & self.english)

    def groups(self, part: str, level: str) -> Groups:
        """The sums of one part by the areas of one type."""
        if (part, level) not in self._made:
            self._made[part, level] = self._groups(part, level)
        return self._made[part, level]

    def _groups(self, part: str, level: str) -> Groups:
        functions = self.codes["function"].words
        if level in ("provider", "commissioner"):
            rows, codes = self.rows(part), self.codes[level]
            # Part_3 has no bands: only how many there were.
            names = () if part == "Part_3" else self.bands.names
            everyone = self.extract.numbers("total_all")[rows]
            return _grouped(
                codes.words,
                functions,
                codes.code[rows],
                self.codes["function"].code[rows],
                everyone,
                lambda i: self.extract.bands(names[i])[rows],
                len(names),
            )
        smaller = self.groups(part, "commissioner")
        if level == "country":
            return smaller.merged((ENGLAND.code,), np.zeros(len(smaller.areas), dtype=np.int64))
        return smaller.merged(*self.boards())

    def boards(self) -> tuple[tuple[str, ...], NDArray[np.int64]]:
        """The integrated care boards, and for each commissioner the place of its board among them (-1: hubs and regions have none)."""
        child, parent = self.codes["commissioner"], self.codes["commissioner_parent"]
        to = np.full(len(child.words), -1, dtype=np.int64)
        to[child.code] = parent.code
        named = np.array([bool(w) for w in parent.words], dtype=bool)
        to[(to >= 0) & ~named[to]] = -1
        return parent.words, to

    def names(self) -> dict[str, str]:
        """The names of the providers as the file prints them."""
        code, name = self.codes["provider"], self.extract.codes("provider_name")
        last = np.zeros(len(code.words), dtype=np.int64)
        last[code.code] = name.code
        return {c: name.words[n] for c, n in zip(code.words, last.tolist(), strict=True) if name.words[n]}

    def functions_of(self, part: str) -> dict[str, frozenset[str]]:
        """For each provider with a row of this part, its treatment functions (the total left out)."""
        groups = self.groups(part, "provider")
        found: dict[str, set[str]] = {}
        for a, f in zip(groups.area.tolist(), groups.function.tolist(), strict=True):
            found.setdefault(groups.areas[a], set()).add(groups.functions[f])
        return {a: frozenset(f - {TOTAL_FUNCTION}) for a, f in found.items()}

    def period(self, *, snapshot: bool) -> Period:
        """The month as a stock at its end or as a flow."""
        month = self.extract.month
        return Period.month_end(month.year, month.month) if snapshot else Period.month(month.year, month.month)


def observations_of(month: Month, query: Query, rules: Rules, england_note: str | None) -> Iterator[pa.Table]:
    """The observations of one month that answer the query, a batch for each part and area type."""
    functions = query.wants_breakdown(CATEGORY_TYPE)
    for part in PARTS:
        measures = names_of_part(part, query)
        if not measures:
            continue
        for level in LEVELS:
            codes = query.area_codes(level)
            if codes == frozenset():
                continue
            groups = month.groups(part, level).only(codes, functions=functions)
            if codes is not None and functions and len(groups):
                groups = groups.with_zeros([f for f in FUNCTIONS if _in_layout(f, month)])
            if len(groups):
                yield _batch(month, groups, measures, level, rules, england_note if level == "country" else None)


def _in_layout(function: str, month: Month) -> bool:
    """Whether a function is one of those in use when the layout was."""
    return (function == "X01") == (month.extract.layout == "rtt-53") if function.startswith("X") else True


def _batch(month: Month, groups: Groups, measures: Sequence[Measure], level: str, rules: Rules, note: str | None) -> pa.Table:
    size = len(groups)
    area = pa.DictionaryArray.from_arrays(pa.array(groups.area, pa.int32()), pa.array(groups.areas, pa.string())).cast(pa.string())
    words = [TOTAL if f == TOTAL_FUNCTION else f for f in groups.functions]
    category = pa.DictionaryArray.from_arrays(pa.array(groups.function, pa.int32()), pa.array(words, pa.string())).cast(pa.string())
    kinds = [TOTAL if f == TOTAL_FUNCTION else CATEGORY_TYPE for f in groups.functions]
    category_type = pa.DictionaryArray.from_arrays(pa.array(groups.function, pa.int32()), pa.array(kinds, pa.string())).cast(pa.string())
    period = month.period(snapshot=measures[0].snapshot)
    sums = _Sums(groups)
    tables = []
    for measure in measures:
        made = _computed(measure, sums, month.bands, rules)
        said = " ".join(n for n in (note, None if measure.kind != "percentile" or month.extract.month >= rules.proven else _UNPROVEN) if n)
        tables.append(
            build(
                size, indicator=measure.id, area_scheme=LEVELS[level], area_type=level, area=area, period_start=period.start, period_duration=period.duration,
                period=period.label, category_type=category_type, category=category, note=said or None, origin=month.origin, **made,
            )
        )  # fmt: skip
    return pa.concat_tables(tables)


_UNPROVEN: Final = "The publisher's rule for averages in this month is not proven against its published figures."


@frozen(eq=False, init=False)
class _Sums:
    """What the measures of one set of groups share."""

    groups: Groups
    cumulative: Ints
    known: Ints

    def __init__(self, groups: Groups) -> None:
        cumulative = np.cumsum(groups.bands, axis=0)
        known = cumulative[-1] if len(cumulative) else groups.everyone
        self.__attrs_init__(groups, cumulative, known)


def _computed(measure: Measure, sums: _Sums, bands: Bands, rules: Rules) -> dict[str, Any]:
    """Value, count, denominator, bounds and status of one measure for every group."""
    known, empty = sums.known, sums.known == 0
    if measure.kind == "all":
        return {"value": _floats(sums.groups.everyone), "count": _floats(sums.groups.everyone)}
    if measure.kind == "over" and measure.edge > bands.open_from:
        return {"status": "not_collected", "denominator": _floats(known)}
    if measure.kind == "over":
        over = known - sums.cumulative[measure.edge - 1]
        return {"value": _floats(over), "count": _floats(over), "denominator": _floats(known)}
    applicable = pa.array(np.where(empty, "not_applicable", "normal"))
    if measure.kind == "within":
        within = sums.cumulative[measure.edge - 1]
        share = pa.array(100.0 * within / np.maximum(known, 1), mask=empty)
        return {"value": share, "count": _floats(within), "denominator": _floats(known), "status": applicable}
    few = (known < rules.minimum) & ~empty
    shown = ~few & ~empty
    weeks, at_least = np.zeros(len(known)), np.zeros(len(known), dtype=bool)
    if shown.any():
        band, wait = position_in_bands(sums.cumulative[:, shown], rules.position(measure.percent))
        weeks[shown] = wait
        at_least[shown] = band == bands.open_from
    status = pa.array(np.select([empty, few], ["not_applicable", "suppressed"], "normal"))
    least = pa.array(np.full(len(known), float(bands.open_from)), mask=~at_least)
    return {"value": pa.array(weeks, mask=~shown | at_least), "value_min": least, "denominator": _floats(known), "status": status}


def _floats(values: Ints) -> pa.Array:
    return pa.array(values.astype(np.float64))
