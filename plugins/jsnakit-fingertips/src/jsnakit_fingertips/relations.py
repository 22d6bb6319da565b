"""Nearest neighbours of authorities, as CIPFA's model has chosen them and the API gives them: nearest first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pyarrow as pa

from jsnakit.errors import NoDataError
from jsnakit.files import SourceFile
from jsnakit.model import Area
from jsnakit.observations import RELATION_SCHEMA
from jsnakit.sources import Part, Query, Resource
from jsnakit_fingertips.answers import objects
from jsnakit_fingertips.api import Addresses
from jsnakit_fingertips.geographies import AUTHORITIES, known, newest

__all__ = ["NEAREST", "NEIGHBOURS_KIND", "neighbour_files", "neighbours", "read_neighbours"]

NEAREST: Final = "nearest_neighbour"
"""The kind of relation."""

NEIGHBOURS_KIND: Final = "neighbours"
"""The kind of resource that holds the neighbours of one authority."""

_TIERS: Final = {"E06": AUTHORITIES, "E08": AUTHORITIES, "E09": AUTHORITIES, "E07": ("ltla",), "E10": ("utla",)}


def neighbour_files(query: Query, api: Addresses) -> list[Resource]:
    """One answer for each authority in the query: a unitary authority is one place, whichever tier it is asked for in.

    Raises `NoDataError` where the query names no authority: all of them would be hundreds of requests.
    """
    asked = [a for a in query.areas or () if a.type in AUTHORITIES and a.scheme == "gss"]
    if not asked:
        raise NoDataError(
            "nearest neighbours are published for upper- and lower-tier authorities, and none was named",
            hint="name the authorities: areas=[...]", available=AUTHORITIES,
        )  # fmt: skip
    found: dict[str, Resource] = {}
    for area in asked:
        # An authority of both tiers is asked for as an upper tier: its neighbours are of both tiers too.
        tier = "utla" if "utla" in _TIERS.get(area.code[:3], (area.type,)) else "ltla"
        edition = newest(known().values(), tier, Area(area.scheme, area.type, area.code, area.name, area.valid_from, area.valid_to))
        if edition is not None:
            title = f"nearest neighbours of {area.name or area.code}"
            found[area.code] = Resource(url=api.neighbours(area.code, edition.id), kind=NEIGHBOURS_KIND, title=title, params=(("area", area.code),))
    return list(found.values())


def read_neighbours(data: SourceFile) -> pa.Table:
    """The answer as a table of codes and names in the publisher's order. Raises `FetchError` where it is another answer."""
    rows = objects(data, "nearest neighbours", "Code", "Name")
    return pa.table({name: pa.array([str(row[key]) for row in rows], pa.string()) for name, key in (("area", "Code"), ("name", "Name"))})


def neighbours(parts: Iterator[Part], query: Query) -> Iterator[pa.Table]:
    """`nearest_neighbour` from each authority to its neighbours, in the tiers in which it was asked for.

    The publisher gives an order, no distances. The weight keeps the order and says nothing else: the nearest of n has 1, the next 1 - 1/n, the last 1/n.
    """
    for part in parts:
        if part.resource.kind != NEIGHBOURS_KIND:
            continue
        code = dict(part.resource.params)["area"]
        found = [c for c in part.table["area"].to_pylist() if c != code]
        for tier in dict.fromkeys(a.type for a in query.areas or () if a.code == code):
            rows = [
                {
                    "from_scheme": "gss", "from_type": tier, "from_area": code,
                    "to_scheme": "gss", "to_type": _tier_of(to, tier), "to_area": to, "kind": NEAREST,
                    "period_start": None, "period_duration": None, "weight": 1.0 - rank / len(found), "count": None,
                    "note": f"neighbour {rank + 1} of {len(found)} by CIPFA's model; the weight keeps the order", "origin": part.origin,
                }
                for rank, to in enumerate(found)
            ]  # fmt: skip
            if rows:
                yield pa.Table.from_pylist(rows, RELATION_SCHEMA)


def _tier_of(code: str, tier: str) -> str:
    tiers = _TIERS.get(code[:3], (tier,))
    return tier if tier in tiers else tiers[0]
