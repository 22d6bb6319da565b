"""What no row of a frame may be: every rule that rows break is found before anything is computed, and raised in one error that names rows.

A lazy frame is asked once, for the number of rows that break each rule; only a frame that breaks one is asked again, for the rows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import narwhals.stable.v2 as nw
from attrs import frozen

from jsnakit.methods import _door as door
from jsnakit.methods._columns import Arrays, Columns
from jsnakit.observations import Failure

__all__ = ["Rule", "above", "events_of_nobody", "keys_there", "numbers_sound", "one_row_a_key", "refuse"]

_LISTED: Final = 5


@frozen
class Rule:
    """What no row may be: a reason code, the column it is said of, the test of the rows it holds for, and the sentence for people."""

    reason: str
    column: str
    broken: Callable[[Columns], Any]
    why: str


def numbers_sound(*names: str, least: float | None = 0) -> list[Rule]:
    """Numbers are finite and, unless `least` is None, not below it."""
    rules = [Rule("not-finite", name, _infinite(name), "is infinite") for name in names]
    if least is not None:
        rules += [Rule("negative", name, _below(name, least), "is negative") for name in names]
    return rules


def _infinite(name: str) -> Callable[[Columns], Any]:
    return lambda rows: rows.endless(name)


def _below(name: str, least: float) -> Callable[[Columns], Any]:
    return lambda rows: rows.holds(rows.number(name) < least)


def keys_there(*names: str) -> list[Rule]:
    """Keys are there."""
    return [Rule("missing-key", name, _gone(name), "is missing, so that the row belongs to no group") for name in names]


def _gone(name: str) -> Callable[[Columns], Any]:
    return lambda rows: rows.gone(name)


def above(count: str, denominator: str) -> Rule:
    """A count of persons is not above its denominator."""
    return Rule("above-denominator", count, lambda rows: rows.holds(rows.number(count) > rows.number(denominator)), f"is above {denominator}")


def events_of_nobody(count: str, denominator: str) -> Rule:
    """Where there is nobody, nothing happens."""
    return Rule(
        "events-of-nobody",
        count,
        lambda rows: rows.holds((rows.number(count) > 0) & (rows.number(denominator) == 0)),
        f"is above 0 where {denominator} is 0",
    )


def refuse(rows: Columns, rules: Sequence[Rule], *, show: Sequence[str] = ()) -> None:
    """Raise one `TableError` with every rule that rows break, and name the rows: by number in a frame that has an order, by the columns `show` in one that has none."""
    if not rules:
        return
    tests = [rule.broken(rows) for rule in rules]
    failures, lines = [], []
    for rule, test, count in zip(rules, tests, rows.breaking(tests), strict=True):
        if not count:
            continue
        found = rows.examples(test, [*show, rule.column], _LISTED)
        where = [f"row {r[door.ROW]}" if door.ROW in r else ", ".join(f"{k} {r[k]!r}" for k in show if k in r) for r in found]
        failures.append(Failure(rule.reason, rule.column, count, found[0].get(door.ROW), found[0].get(rule.column)))
        named = "; ".join(w for w in where if w) + (" ..." if count > len(found) else "")
        lines.append(f"{rule.column} {rule.why} in {count:,} rows" + (f" ({named})" if named else ""))
    door.fail(failures, lines, "rows count from 0; mend them, or leave them out and say so")


def one_row_a_key(rows: Columns, keys: Sequence[str]) -> None:
    """Refuse rows that stand twice under one key: they would be counted twice."""
    if isinstance(rows, Arrays) and rows.unique(keys):
        return
    twice = rows.frame.group_by(*keys).agg(nw.len().alias("jsna_rows")).filter(nw.col("jsna_rows") > 1)
    found = door.collected(twice.head(_LISTED)).rows(named=True)
    if found:
        lines = [", ".join(f"{k} {row[k]!r}" for k in keys) + f" stands {row['jsna_rows']} times" for row in found]
        failures = [Failure("duplicate-key", ", ".join(keys), int(row["jsna_rows"])) for row in found]
        door.fail(failures, lines, "name the columns that make a group in `by`, or sum the rows first")
