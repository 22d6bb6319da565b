"""Why a question has no answer: which types of area and which periods there are, where the API itself sends a header and no row."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pyarrow as pa
from attrs import frozen

from jsnakit.errors import DataError, NoDataError
from jsnakit.sources import Part, Query, Resource
from jsnakit_fingertips.coded import coded, combined
from jsnakit_fingertips.finding import DATA, geographies_of
from jsnakit_fingertips.geographies import described

__all__ = ["explained"]

Assemble = Callable[[Iterator[Part], Query], Iterator[pa.Table]]


@frozen
class _Seen:
    """What one file of the API held: how many rows, of which periods."""

    resource: Resource
    rows: int
    periods: tuple[str, ...]


def explained(parts: Iterator[Part], query: Query, assemble: Assemble) -> Iterator[pa.Table]:
    """What `assemble` gives; where that is no row at all, a `NoDataError` with the types of area and the periods there are.

    Raises `DataError` where a file of the API holds another indicator than the one it was asked for.
    """
    seen: list[_Seen] = []

    def watched() -> Iterator[Part]:
        for part in parts:
            if part.resource.kind == DATA:
                seen.append(_look(part))
            yield part

    rows = 0
    for batch in assemble(watched(), query):
        rows += batch.num_rows
        yield batch
    if seen and not rows:
        raise _nothing(seen, query)


def _look(part: Part) -> _Seen:
    table, resource = part.table, part.resource
    if "indicator" not in table.column_names:
        return _Seen(resource, 0, ())
    others = [i for i in table["indicator"].unique().to_pylist() if i != resource.indicator]
    if others:
        raise DataError(
            f"{resource.url}: asked for {resource.indicator}, and rows of {', '.join(others[:5])} came",
            hint="the service answered another question: try again later", file=resource.url, column="Indicator ID", value=others[0], rule="as-asked",
        )  # fmt: skip
    periods = combined(coded(table["period_start"]), coded(table["period"])).values if table.num_rows else ()
    return _Seen(resource, table.num_rows, tuple(label for start, label in sorted(p for p in periods if None not in p)))


def _nothing(seen: list[_Seen], query: Query) -> NoDataError:
    names = ", ".join(dict.fromkeys(s.resource.indicator for s in seen))
    types = described(dict.fromkeys(g for s in seen for g in geographies_of(s.resource)))
    periods = tuple(dict.fromkeys(p for s in seen for p in s.periods))
    said = [f"there are figures for {'; '.join(types[:8])}"] if types else []
    if periods:
        said.append(f"for {periods[0]} to {periods[-1]}" if len(periods) > 1 else f"for {periods[0]}")
    empty = all(s.rows == 0 for s in seen)
    what = f"{names}: the publisher has no figures for {'; '.join(_asked_types(seen))}" if empty else f"{names} has no row for {_asked(query)}"
    return NoDataError(what, hint=", ".join(said) or "the publisher has withdrawn them", available=(*types, *periods))


def _asked(query: Query) -> str:
    """The areas and periods of a question in words."""
    areas = query.areas or ()
    said = [f"{a.name or a.code} ({a.type})" for a in areas[:3]] + ([f"{len(areas) - 3} more areas"] if len(areas) > 3 else [])
    span = [f"{word} {day:%B %Y}" for word, day in (("since", query.since), ("until", query.until)) if day is not None]
    return " ".join([", ".join(said) or query.area_type or "any area", *span])


def _asked_types(seen: list[_Seen]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(g) for s in seen for g in geographies_of(s.resource) if ("child", str(g.id)) in s.resource.params)) or (
        "any type of area",
    )
