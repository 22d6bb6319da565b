"""From the tidy tables of files to observations: what was asked for, each figure once."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from jsnakit.errors import DataError, NoDataError
from jsnakit.model import Period
from jsnakit.observations import OBSERVATION_SCHEMA
from jsnakit.sources import Part, Query
from jsnakit_fingertips.coded import Coded, coded, combined, constant
from jsnakit_fingertips.figures import FIGURES
from jsnakit_fingertips.keys import settle
from jsnakit_fingertips.parse import KEY, Account, account_of

__all__ = ["PUBLISHED", "observations"]

PUBLISHED: Final = {
    pa.string(): (
        "published_indicator_name", "published_area_name", "published_parent", "published_parent_name", "published_compared_england",
        "published_compared_parent", "published_compared_parent_to", "published_compared_goal", "published_trend", "published_new_data", "published_polarity",
    ),
    pa.float64(): (
        "published_lower", "published_upper", "published_count", "published_denominator", "published_lower_99_8", "published_upper_99_8", "published_rank",
        "published_areas_ranked", "published_england_value",
    ),
}  # fmt: skip
"""What the publisher says beside the figures, always in these columns: a table of one export can be put under that of another."""

log = logging.getLogger("jsnakit.fingertips")


def observations(parts: Iterator[Part], query: Query) -> Iterator[pa.Table]:
    """The rows of the parts that the query asks for, each figure once.

    Raises `NoDataError` where every file is a catalogue, `DataError` where two files give different figures for one thing and neither is of a newer geography.
    """
    found: list[tuple[pa.Table, str, str]] = []
    catalogues: list[str] = []
    figures = False
    for part in parts:
        account = account_of(part.table)
        name = part.resource.title or part.resource.url
        if account.catalogue:
            catalogues.append(f"{name} ({account.catalogue}, {account.rows:,} entries)")
            continue
        figures = True
        _tell(name, account)
        rows = _asked(part.table, query)
        if rows is None or len(rows):
            found.append((part.table if rows is None else part.table.take(pa.array(rows)), part.origin, name))
    if catalogues and not figures:
        raise NoDataError(
            f"no figures are in {', '.join(catalogues)}",
            hint="give a data export: `Get the data` on the profile's page, or the API's all_data",
            available=(),
        )
    if len(found) == 1:
        table, origin, _ = found[0]
        yield _built(table, origin)
    elif found:
        yield _once(found)


def _tell(name: str, account: Account) -> None:
    """Say which rows of a file are not in its answer."""
    if account.repeats:
        log.info("%s: %s rows repeat another and are given once", name, f"{account.repeats:,}")
    if account.both_tiers:
        log.info("%s: %s rows of unitary authorities are given as lower and as upper tier", name, f"{account.both_tiers:,}")
    for reason, rows in account.left_out.items():
        log.warning("%s: %s rows are left out, %s", name, f"{rows:,}", reason)
    if account.unknown_columns:
        log.warning("%s: columns that are not the publisher's are left out: %s", name, ", ".join(account.unknown_columns))


def _asked(table: pa.Table, query: Query) -> NDArray[np.int64] | None:
    """Which rows the query asks for; null for all of them."""
    keep = np.ones(table.num_rows, bool)
    if query.indicators:
        keep &= coded(table["indicator"]).where(*query.indicators)
    if query.areas is not None:
        wanted = {area.key for area in query.areas}
        place = combined(*(coded(table[name]) for name in ("area_scheme", "area_type", "area")))
        keep &= place.where(*(value for value in place.values if value in wanted))
    elif query.area_type is not None:
        keep &= coded(table["area_type"]).where(query.area_type)
    if query.since is not None or query.until is not None:
        period = combined(coded(table["period_start"]), coded(table["period_duration"]))
        keep &= period.where(*(value for value in period.values if query.in_range(Period(*value))))
    return None if keep.all() else np.flatnonzero(keep)


def _built(table: pa.Table, origin: Any) -> pa.Table:
    """The table in the columns of observations. Texts stay dictionaries: core sorts and checks them as such."""
    n = table.num_rows
    limits = np.asarray(pc.or_(pc.is_valid(table["lower"]), pc.is_valid(table["upper"])))
    made: dict[str, Any] = {
        "limits_method": Coded(np.where(limits, 0, -1).astype(np.int32), ("published",)).array(),
        "origin": constant(origin, n).array() if isinstance(origin, str) else origin,
    }
    there = set(table.column_names)
    # One array of nulls serves every column that the file does not have.
    nulls = {kind: pa.nulls(n, kind) for kind in PUBLISHED}
    columns: dict[str, Any] = {}
    for field in OBSERVATION_SCHEMA:
        known = made[field.name] if field.name in made else table[field.name] if field.name in there else nulls[field.type]
        columns[field.name] = known.cast(field.type) if field.name == "period_start" else known
    for kind, names in PUBLISHED.items():
        columns |= {name: table[name] if name in there else nulls[kind] for name in names}
    return pa.table(columns)


def _once(found: list[tuple[pa.Table, str, str]]) -> pa.Table:
    """Several tables as one, each figure once: England stands in every export, and an authority in every edition of its geography."""
    table = pa.concat_tables([t for t, _, _ in found], promote_options="default").unify_dictionaries().combine_chunks()
    part = np.repeat(np.arange(len(found), dtype=np.int32), [t.num_rows for t, _, _ in found])
    key = [coded(table[name]) for name in KEY]
    figures = {name: table[name].to_numpy(zero_copy_only=False).astype(np.float64) for name in FIGURES}
    verdict = settle(key, figures, np.asarray(table["edition"].combine_chunks()))
    if len(verdict.contradicting):
        one, other = verdict.conflicts[0]
        names = sorted({found[part[one]][2], found[part[other]][2]})
        thing = f"indicator {key[0].values[key[0].codes[one]]}, area {key[3].values[key[3].codes[one]]}, {table['period'][one]}"
        raise DataError(
            f"{' and '.join(names)} give different figures for one thing: {thing} ({figures['value'][one]:g} and {figures['value'][other]:g}; {len(verdict.contradicting):,} such rows)",
            hint="one of the files is an older edition of the same export: give the newer one alone",
            file=names[0], column="Value", rule="one-figure-a-key", total=len(verdict.contradicting),
        )  # fmt: skip
    if verdict.repeats:
        log.info("%s rows stand in several of the files and are given once", f"{verdict.repeats:,}")
    if verdict.older:
        log.warning("%s rows of an older geography are left out, where a newer one gives another figure", f"{verdict.older:,}")
    origin = Coded(part[verdict.keep], tuple(o for _, o, _ in found)).array()
    return _built(table.take(pa.array(verdict.keep)), origin)
