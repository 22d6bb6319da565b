"""Which cells of a table of counts must be withheld, so that no withheld one can be worked out from the rest.

A small count is withheld first (primary). Where a printed total would give it away, more cells are withheld until each withheld one is shown to be safe: by another table of whole numbers
that agrees with everything printed and differs in that cell. A search that finds none within its limits counts as unsafe, so the answer errs towards withholding.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from attrs import field, frozen

from jsnakit.errors import DataError

__all__ = ["Sum", "protect"]

_LIMITS: Final = ((3, 200), (5, 600), (8, 1_500), (60, 1_500))  # cells moved at most, and steps tried
_FAR: Final = 3


@frozen
class Sum:
    """Cells that add up: `total` is the sum of `parts` (all by position). An `open` one has a further part that is printed nowhere, and is protected as if it were."""

    total: int
    parts: tuple[int, ...]
    open: bool = False


@frozen
class _Table:
    """The counts, the least and the most each may be as far as a reader knows, and for each cell the sums it stands in (with its sign)."""

    values: list[int]
    low: list[int]
    high: list[int | None]
    sums: tuple[tuple[tuple[int, int], ...], ...]
    of_cell: Mapping[int, tuple[tuple[int, int], ...]]
    free: frozenset[int] = field(factory=frozenset)
    rests: frozenset[int] = field(factory=frozenset)


class _Search:
    """Looks for another table that agrees with all that is printed: one withheld cell is moved by one, and the sums are put right by moving others."""

    def __init__(self, table: _Table, hidden: frozenset[int]) -> None:
        self.table, self.movable = table, hidden | table.free
        self.left = 0

    def moved_with(self, cell: int) -> frozenset[int]:
        """The cells that differ in some such table, with `cell` among them; empty where none was found."""
        for depth, nodes in _LIMITS:
            for step in (1, -1):
                self.left = nodes
                change: dict[int, int] = {}
                off: dict[int, int] = {}
                if self._may(cell, step, change):
                    self._move(cell, step, change, off)
                    if self._settle(change, off, depth):
                        return frozenset(change)
        return frozenset()

    def _may(self, cell: int, step: int, change: Mapping[int, int]) -> bool:
        moved = change.get(cell, 0)
        if moved * step < 0 or abs(moved) >= _FAR:
            return False
        value = self.table.values[cell] + moved + step
        high = self.table.high[cell]
        return value >= self.table.low[cell] and (high is None or value <= high)

    def _move(self, cell: int, step: int, change: dict[int, int], off: dict[int, int]) -> None:
        for store, key, by in [(change, cell, step), *((off, s, sign * step) for s, sign in self.table.of_cell.get(cell, ()))]:
            store[key] = store.get(key, 0) + by
            if not store[key]:
                del store[key]

    def _settle(self, change: dict[int, int], off: dict[int, int], depth: int) -> bool:
        if not off:
            return True
        self.left -= 1
        if self.left < 0 or depth == 0:
            return False
        options = {s: self._options(s, by, change) for s, by in off.items()}
        tightest = min(options, key=lambda s: (len(options[s]), s))
        for cell, step in sorted(options[tightest], key=lambda o: (self._trouble(o, off), o[0])):
            self._move(cell, step, change, off)
            if self._settle(change, off, depth - 1):
                return True
            self._move(cell, -step, change, off)
        return False

    def _options(self, number: int, by: int, change: Mapping[int, int]) -> list[tuple[int, int]]:
        wanted = -1 if by > 0 else 1
        return [
            (cell, wanted * sign)
            for cell, sign in self.table.sums[number]
            if cell in self.movable and self._may(cell, wanted * sign, change)
        ]  # fmt: skip

    def _trouble(self, option: tuple[int, int], off: Mapping[int, int]) -> int:
        """How many sums a move leaves wrong that were right, less those it mends."""
        cell, step = option
        return sum((1 if s not in off else -1 if off[s] * sign * step < 0 else 1) for s, sign in self.table.of_cell.get(cell, ()))


def protect(
    counts: Sequence[int | None],
    sums: Iterable[Sum],
    *,
    below: int,
    zero_shown: bool = True,
    most: Sequence[int | None] | None = None,
    hidden: Iterable[int] = (),
    required: Iterable[int] | None = None,
    name: str = "the table",
) -> frozenset[int]:
    """The positions of the counts to withhold: those from 1 (or 0, unless `zero_shown`) to `below` - 1, and as many more as keep them from being worked out.

    A reader is taken to know the rule, every printed count, that the sums hold (or by how much they do not), and `most`, above which a count cannot be. `hidden` are withheld
    already, for another reason. Of those withheld, the `required` ones (by default all) must be safe. The smallest cell that helps is withheld next, a part before a total; what turns
    out not to be needed is printed again. Raises `DataError` where no choice is safe; it names no count.

    >>> sorted(protect([3, 9, 20, 32], [Sum(3, (0, 1, 2))], below=5))
    [0, 1]
    """
    sums = tuple(sums)
    known, unknown = _derived(counts, sums)
    small = {i for i, v in enumerate(known) if v is not None and v < below and (v > 0 or not zero_shown)}
    start = frozenset(small | {i for i in hidden if known[i] is not None})
    table = _table(known, unknown, sums, most, start, zero_shown=zero_shown)
    # What a total leaves over for those who are printed nowhere is a count of people too.
    rests = frozenset(c for c in table.rests if 0 < table.values[c] < below)
    if not start and not rests:
        return frozenset(hidden)
    must = frozenset() if required is None else frozenset(set(required) | small)
    totals = frozenset(s.total for s in sums)
    chosen = _Choice(table, zero_shown=zero_shown, totals=totals, counted=len(known), must=must, all_must=required is None, rests=rests)
    return chosen.made(start, unknown, name) | frozenset(hidden)


def _derived(counts: Sequence[int | None], sums: Sequence[Sum]) -> tuple[list[int | None], frozenset[int]]:
    """The counts with those filled in that a reader can work out from a sum with one gap, and the positions of all that were missing."""
    known = list(counts)
    missing = frozenset(i for i, v in enumerate(counts) if v is None)
    found = True
    while found:
        found = False
        for s in sums:
            gaps = [i for i in (s.total, *s.parts) if known[i] is None]
            if s.open or len(gaps) != 1:
                continue
            parts = [v for i in s.parts if (v := known[i]) is not None]
            total = known[s.total]
            value = sum(parts) if total is None else total - sum(parts)
            if value >= 0:
                known[gaps[0]] = value
                found = True
    return known, missing


def _table(
    known: Sequence[int | None], unknown: frozenset[int], sums: Sequence[Sum], most: Sequence[int | None] | None, start: frozenset[int], *, zero_shown: bool
) -> _Table:  # fmt: skip
    n = len(known)
    values = [0 if v is None else v for v in known]
    # Where a zero is printed, whatever is withheld is no zero: a reader knows that.
    low = [1 if zero_shown and v > 0 else 0 for v in values]
    high: list[int | None] = list(most) if most is not None else [None] * n
    for i in range(n):
        if known[i] is None:
            low[i], high[i] = 0, 0
        elif (top := high[i]) is not None and top < values[i]:
            high[i] = None
    rows: list[tuple[tuple[int, int], ...]] = []
    rests: set[int] = set()
    gaps = {i for i in range(n) if known[i] is None}
    free: set[int] = {i for i in unknown if known[i] is not None and i not in start}
    for s in sums:
        cells = [(i, 1) for i in s.parts] + [(s.total, -1)]
        if s.open and (rest := values[s.total] - sum(values[i] for i in s.parts)) >= 0:
            cells.append((len(values), 1))
            free.add(len(values))
            if not gaps.intersection((s.total, *s.parts)):
                rests.add(len(values))
            values.append(rest)
            low.append(0)
            high.append(None)
        rows.append(tuple(cells))
    of_cell: dict[int, list[tuple[int, int]]] = {}
    for number, cells_of in enumerate(rows):
        for cell, sign in cells_of:
            of_cell.setdefault(cell, []).append((number, sign))
    return _Table(values, low, high, tuple(rows), {c: tuple(v) for c, v in of_cell.items()}, frozenset(free), frozenset(rests))


@frozen
class _Choice:
    """Chooses what else to withhold."""

    table: _Table
    zero_shown: bool
    totals: frozenset[int]
    counted: int
    must: frozenset[int]
    all_must: bool
    rests: frozenset[int]

    def made(self, start: frozenset[int], unknown: frozenset[int], name: str) -> frozenset[int]:
        """The cells withheld in the end."""
        hidden = start
        safe: dict[int, frozenset[int]] = {}
        while unsafe := self._unsafe(hidden, safe):
            more = self._next(unsafe[0], hidden, unknown)
            if more is None:
                raise DataError(
                    f"{name}: a small number cannot be withheld safely, since what must be printed beside it gives it away",
                    hint='leave the total out (`skip`), join small areas or categories, or print zero as withheld too (zero = "hidden")',
                    file=name,
                    rule="suppression",
                )
            hidden |= {more}
        return self._without_needless(hidden, start, safe)

    def _wanted(self, hidden: frozenset[int]) -> list[int]:
        return sorted(self.rests | (hidden if self.all_must else hidden & self.must))

    def _unsafe(self, hidden: frozenset[int], safe: dict[int, frozenset[int]]) -> list[int]:
        """The withheld cells for which no other table is known yet. What was found for fewer withheld cells holds for more."""
        search = _Search(self.table, hidden)
        left = []
        for cell in self._wanted(hidden):
            if cell not in safe:
                moved = search.moved_with(cell)
                if moved:
                    for other in moved:
                        safe.setdefault(other, moved)
                else:
                    left.append(cell)
        return left

    def _next(self, cell: int, hidden: frozenset[int], unknown: frozenset[int]) -> int | None:
        """The next cell to withhold for the sake of an unsafe one: one that alone makes it safe, else one in a sum where nothing else can move."""
        search = _Search(self.table, hidden)
        mine = [s for s, _ in self.table.of_cell.get(cell, ())]
        stuck = [
            s
            for s in mine
            if not any(c != cell and c in search.movable and search.table.values[c] >= 0 and self._can_move(c) for c, _ in self.table.sums[s])
        ]
        order = self._candidates(stuck or mine, hidden, unknown)
        for candidate in order[:12]:
            if _Search(self.table, hidden | {candidate}).moved_with(cell):
                return candidate
        if order:
            return order[0]
        wider = self._candidates(range(len(self.table.sums)), hidden, unknown) if mine else []
        joined = self._joined(cell)
        return next((c for c in wider if c in joined), None)

    def _can_move(self, cell: int) -> bool:
        high = self.table.high[cell]
        return self.table.values[cell] > self.table.low[cell] or high is None or self.table.values[cell] < high

    def _candidates(self, numbers: Iterable[int], hidden: frozenset[int], unknown: frozenset[int]) -> list[int]:
        found = {c for s in numbers for c, _ in self.table.sums[s]}
        fit = [
            c for c in found if c < self.counted and c not in hidden and c not in unknown and (self.table.values[c] > 0 or not self.zero_shown)
        ]  # fmt: skip
        return sorted(fit, key=lambda c: (c in self.totals, self.table.values[c], c))

    def _joined(self, cell: int) -> set[int]:
        """The cells that a chain of sums joins to one."""
        seen, todo = {cell}, [cell]
        while todo:
            for number, _ in self.table.of_cell.get(todo.pop(), ()):
                for other, _ in self.table.sums[number]:
                    if other not in seen:
                        seen.add(other)
                        todo.append(other)
        return seen

    def _without_needless(self, hidden: frozenset[int], start: frozenset[int], safe: dict[int, frozenset[int]]) -> frozenset[int]:
        """Print again what need not be withheld, the largest first."""
        for cell in sorted(hidden - start, key=lambda c: (c not in self.totals, -self.table.values[c], c)):
            fewer = hidden - {cell}
            kept = {c: moved for c, moved in safe.items() if cell not in moved}
            if not self._unsafe(fewer, kept):
                hidden, safe = fewer, kept
        return hidden
