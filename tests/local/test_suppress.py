"""Withheld counts cannot be worked out: an attacker with the rule, the sums and every printed cell finds at least two tables for each of them."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jsnakit.errors import DataError
from jsnakit.local._suppress import Sum, protect


class Attacker:
    """Knows all that is printed, that a withheld count is no zero where zeros are printed, and that the sums hold. Solves by bounds and trial."""

    def __init__(self, counts: Sequence[int], sums: Iterable[Sum], hidden: Iterable[int], *, zero_shown: bool) -> None:
        self.hidden = sorted(hidden)
        low, top = (1 if zero_shown else 0), max(counts) + 12
        self.domains = dict.fromkeys(self.hidden, (low, top))
        self.rules: list[tuple[dict[int, int], int]] = []
        rest = len(counts)
        for s in sums:
            cells = dict.fromkeys(s.parts, 1) | {s.total: -1}
            if s.open:
                cells[rest] = 1
                self.domains[rest] = (0, top)
                rest += 1
            right = -sum(sign * counts[i] for i, sign in cells.items() if i not in self.domains)
            # How far printed parts are off their total is known as well.
            if not s.open:
                right += sum(sign * counts[i] for i, sign in cells.items())
            unknown = {i: sign for i, sign in cells.items() if i in self.domains}
            if unknown:
                self.rules.append((unknown, right))

    def solve(self, domains: dict[int, tuple[int, int]]) -> dict[int, int] | None:
        domains = dict(domains)
        changed = True
        while changed:
            changed = False
            for cells, right in self.rules:
                for i, sign in cells.items():
                    ends = [(s * domains[j][0], s * domains[j][1]) for j, s in cells.items() if j != i]
                    least, most = sum(min(e) for e in ends), sum(max(e) for e in ends)
                    bounds = sorted((sign * (right - most), sign * (right - least)))
                    now = max(domains[i][0], bounds[0]), min(domains[i][1], bounds[1])
                    if now[0] > now[1]:
                        return None
                    if now != domains[i]:
                        domains[i], changed = now, True
        open_cells = [i for i, (a, b) in domains.items() if a < b]
        if not open_cells:
            return {i: a for i, (a, _) in domains.items()}
        chosen = min(open_cells, key=lambda i: domains[i][1] - domains[i][0])
        for value in range(domains[chosen][0], domains[chosen][1] + 1):
            if (found := self.solve(domains | {chosen: (value, value)})) is not None:
                return found
        return None

    def knows(self, cell: int, truth: int) -> bool:
        """Whether no table agrees with what is printed but those in which the cell has its true count."""
        low, top = self.domains[cell]
        others = [(low, truth - 1), (truth + 1, top)]
        return all(a > b or self.solve(self.domains | {cell: (a, b)}) is None for a, b in others)


def two_way(grid: Sequence[Sequence[int]], *, off: int = 0, open_rows: bool = False) -> tuple[list[int], list[Sum]]:
    """A table with both its margins; `off` is added to the first row's total (people of no stated category)."""
    rows, columns = len(grid), len(grid[0])
    counts = (
        [v for row in grid for v in row]
        + [sum(row) + (off if i == 0 else 0) for i, row in enumerate(grid)]
        + [sum(c) for c in zip(*grid, strict=True)]
    )
    counts.append(sum(counts[rows * columns : rows * columns + rows]))

    def at(r: int, c: int) -> int:
        return (
            rows * columns + r
            if c == columns and r < rows
            else rows * columns + rows + c
            if r == rows and c < columns
            else len(counts) - 1
            if r == rows
            else r * columns + c
        )

    sums = [Sum(at(r, columns), tuple(at(r, c) for c in range(columns)), open=open_rows and r == 0) for r in range(rows + 1)]
    sums += [Sum(at(rows, c), tuple(at(r, c) for r in range(rows))) for c in range(columns + 1)]
    return counts, sums


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[int], list[Sum]]:
    rows, columns = draw(st.integers(1, 4)), draw(st.integers(2, 4))
    value = st.sampled_from([0, 0, 1, 1, 2, 3, 4, 5, 6, 9, 14, 40])
    grid = draw(st.lists(st.lists(value, min_size=columns, max_size=columns), min_size=rows, max_size=rows))
    return two_way(grid)


@settings(max_examples=150, deadline=None)
@given(tables(), st.booleans(), st.sampled_from([3, 5]))
def test_no_withheld_count_of_a_table_with_two_margins_can_be_worked_out(table, zero_shown, below):
    counts, sums = table
    hidden = protect(counts, sums, below=below, zero_shown=zero_shown)
    small = {i for i, v in enumerate(counts) if v < below and (v > 0 or not zero_shown)}
    assert small <= hidden
    attacker = Attacker(counts, sums, hidden, zero_shown=zero_shown)
    assert not [i for i in hidden if attacker.knows(i, counts[i])]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 12), min_size=2, max_size=4), st.lists(st.integers(0, 12), min_size=2, max_size=4), st.booleans())
def test_no_withheld_count_of_nested_areas_can_be_worked_out(first, second, zero_shown):
    counts = [*first, *second, sum(first), sum(second), sum(first) + sum(second)]
    a, b = len(first), len(first) + len(second)
    sums = [Sum(b, tuple(range(a))), Sum(b + 1, tuple(range(a, b))), Sum(b + 2, (b, b + 1)), Sum(b + 2, tuple(range(b)))]
    hidden = protect(counts, sums, below=5, zero_shown=zero_shown)
    attacker = Attacker(counts, sums, hidden, zero_shown=zero_shown)
    assert not [i for i in hidden if attacker.knows(i, counts[i])]


@settings(max_examples=60, deadline=None)
@given(tables(), st.data())
def test_the_rest_of_an_open_sum_and_parts_that_do_not_add_up_give_nothing_away(table, data):
    counts, sums = list(table[0]), list(table[1])
    number = data.draw(st.integers(0, len(sums) - 1))
    sums[number] = Sum(sums[number].total, sums[number].parts[:-1], open=True) if len(sums[number].parts) > 1 else sums[number]
    hidden = protect(counts, sums, below=5)
    attacker = Attacker(counts, sums, hidden, zero_shown=True)
    assert not [i for i in hidden if attacker.knows(i, counts[i])]
    off, off_sums = two_way([[3, 9], [8, 20]], off=2)
    hidden = protect(off, off_sums, below=5)
    attacker = Attacker(off, off_sums, hidden, zero_shown=True)
    assert not [i for i in hidden if attacker.knows(i, off[i])]


def test_the_attacker_finds_out_what_primary_suppression_alone_leaves_open():
    counts, sums = two_way([[3, 9], [8, 20]])
    attacker = Attacker(counts, sums, {0}, zero_shown=True)
    assert attacker.knows(0, 3)


def test_the_smallest_other_part_is_withheld_and_the_total_stays():
    assert protect([3, 9, 20, 32], [Sum(3, (0, 1, 2))], below=5) == {0, 1}
    assert protect([3, 9, 7, 19], [Sum(3, (0, 1, 2))], below=5) == {0, 2}


def test_a_cell_that_can_only_be_one_value_draws_a_third():
    # Two withheld counts that add up to 2, neither of them zero, are both 1.
    assert protect([1, 1, 9, 11], [Sum(3, (0, 1, 2))], below=5) == {0, 1, 2}


def test_a_bridge_between_two_blocks_is_found_out_although_each_of_its_sums_has_two_gaps():
    # Rows and columns with two withheld cells each, but one cell joins two closed blocks: rows less columns give it away.
    grid = [[30, 40, 50, 60, 70, 80] for _ in range(6)]
    counts, sums = two_way(grid)
    hidden = {0, 1, 6, 7, 8, 14, 15, 20, 21}  # (0,0) (0,1) (1,0) (1,1) (1,2) (2,2) (2,3) (3,2) (3,3)
    attacker = Attacker(counts, sums, hidden, zero_shown=True)
    assert attacker.knows(8, 50)
    more = protect(counts, sums, below=2, hidden=hidden)
    assert more > hidden
    again = Attacker(counts, sums, more, zero_shown=True)
    assert not [i for i in more if again.knows(i, counts[i])]


def test_nothing_is_withheld_where_nothing_is_small():
    assert protect([5, 9, 20, 34], [Sum(3, (0, 1, 2))], below=5) == frozenset()
    assert protect([0, 9, 20, 29], [Sum(3, (0, 1, 2))], below=5) == frozenset()
    assert protect([0, 9, 20, 29], [Sum(3, (0, 1, 2))], below=5, zero_shown=False) == {0, 1}


def test_what_is_left_over_for_those_not_printed_is_protected():
    # 100 people, 98 of them women: the two men are nowhere, and still to be seen.
    assert protect([98, 100], [Sum(1, (0,), open=True)], below=5) == {0}
    assert protect([90, 100], [Sum(1, (0,), open=True)], below=5) == frozenset()


def test_a_gap_that_can_be_filled_is_protected():
    # The file itself has a mark for one count, and all others to work it out from.
    assert protect([None, 9, 20, 32], [Sum(3, (0, 1, 2))], below=5) >= {1}
    assert protect([None, 9, 20, 60], [Sum(3, (0, 1, 2))], below=5) == frozenset()
    assert protect([None, None, 20, 32], [Sum(3, (0, 1, 2))], below=5) == frozenset()


def test_a_proportion_is_not_more_than_everyone():
    # Of 3 people 3: the other withheld one has room, this one only downwards.
    hidden = protect([3, 6, 9], [Sum(2, (0, 1))], below=5, most=[3, 10, 13])
    assert hidden == {0, 1}


def test_the_answer_does_not_depend_on_chance():
    counts, sums = two_way([[3, 9, 4], [8, 20, 7], [6, 6, 6]])
    assert len({protect(counts, list(sums), below=5) for _ in range(5)}) == 1


def test_a_table_that_cannot_be_made_safe_is_refused_without_its_counts():
    # All others are zero and printed as such: the one count is the total.
    with pytest.raises(DataError) as error:
        protect([1, 0, 0], [Sum(2, (0, 1))], below=2, name="local/x.csv", most=[1, 0, 1])
    assert error.value.rule == "suppression"
    assert not any(c.isdigit() for c in error.value.message)


@pytest.mark.parametrize("size", [12])
def test_a_large_table_is_protected_in_little_time(size):
    grid = [[(7 * r + 11 * c) % 23 + 1 for c in range(size)] for r in range(4 * size)]
    counts, sums = two_way(grid)
    hidden = protect(counts, sums, below=5)
    assert {i for i, v in enumerate(counts) if v < 5} <= hidden
    rows = len(grid)
    for r in range(rows):
        inside = [c for c in range(size) if r * size + c in hidden]
        assert len(inside) != 1 or rows * size + r in hidden


def test_small_tables_of_every_kind():
    """All 2 by 2 tables of small counts, with both rules for zero: no sampling."""
    for grid in itertools.product([0, 1, 2, 5, 7], repeat=4):
        counts, sums = two_way([grid[:2], grid[2:]])
        for zero_shown in (True, False):
            try:
                hidden = protect(counts, sums, below=5, zero_shown=zero_shown)
            except DataError:
                assert zero_shown
                continue
            attacker = Attacker(counts, sums, hidden, zero_shown=zero_shown)
            assert not [i for i in hidden if attacker.knows(i, counts[i])], (grid, zero_shown, hidden)
