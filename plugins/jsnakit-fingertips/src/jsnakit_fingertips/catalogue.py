"""The catalogue of indicators, from package data: what the publisher's metadata say of each, with what its exports add (polarity, the sex and age of the figure, area types).

Made by `tools/make_fingertips_catalogue.py`; facts only, under the Open Government Licence.
"""

from __future__ import annotations

import gzip
import json
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any, Final

from attrs import frozen

from jsnakit.model import Headline, Indicator, Polarity, Theme

__all__ = ["Entry", "document", "entries", "indicators", "rounded_counts"]

PUBLISHER: Final = "Office for Health Improvement and Disparities"
HOME: Final = "https://fingertips.phe.org.uk/search/{}"

_ROUNDED: Final = "Counts are rounded to the nearest 5 while limits rest on the true counts: the limits cannot be worked out from the count."
_TYPES_UNKNOWN: Final = "For which area types it is published is not in the stored catalogue."
_RETIRED: Final = "It is not in the publisher's metadata of April 2025: withdrawn, or replaced by another number."


@frozen(kw_only=True)
class Entry:
    """What reading a file needs to know of an indicator: its year type, whether it is yearly (or how many years are combined) and its direction."""

    id: str
    name: str
    year_type: str = ""
    frequency: str = ""
    years: int = 1
    polarity: Polarity = Polarity.UNKNOWN


@cache
def document() -> dict[str, Any]:
    """The catalogue as it is stored: its source, its fields and a row an indicator."""
    packed = resources.files(__package__).joinpath("catalogue.json.gz").read_bytes()
    found: dict[str, Any] = json.loads(gzip.decompress(packed))
    return found


def _rows() -> list[dict[str, Any]]:
    stored = document()
    return [dict(zip(stored["fields"], row, strict=True)) for row in stored["rows"]]


@cache
def entries() -> Mapping[str, Entry]:
    """What reading needs to know of each indicator, by its full id."""
    return {
        f"fingertips.{row['id']}": Entry(
            id=f"fingertips.{row['id']}", name=row["name"], year_type=row["year_type"], frequency=row["frequency"], years=row["years"],
            polarity=Polarity(row["polarity"]),
        )
        for row in _rows()
    }  # fmt: skip


@cache
def rounded_counts() -> frozenset[str]:
    """The numbers of the indicators whose counts are rounded to the nearest 5."""
    return frozenset(tomllib.loads(resources.files(__package__).joinpath("rounded.toml").read_text(encoding="utf-8"))["indicators"])


@cache
def indicators() -> tuple[Indicator, ...]:
    """Every indicator of the stored catalogue, by number.

    >>> found = {i.id: i for i in indicators()}
    >>> found["fingertips.40501"].unit, found["fingertips.40501"].headline.age
    ('per 100,000', '<75 yrs')
    """
    rounded = rounded_counts()
    return tuple(_indicator(row, rounded) for row in _rows())


def _indicator(row: Mapping[str, Any], rounded: frozenset[str]) -> Indicator:
    caveats = [*row["caveats"]]
    caveats += [_ROUNDED] if row["id"] in rounded else []
    caveats += [] if row["types_known"] else [_TYPES_UNKNOWN]
    caveats += [_RETIRED] if row["retired"] else []
    return Indicator(
        id=f"fingertips.{row['id']}",
        name=row["name"],
        unit=row["unit"],
        definition=row["definition"],
        value_type=row["value_type"],
        theme=Theme(row["theme"]) if row["theme"] else None,
        polarity=Polarity(row["polarity"]),
        polarity_source=row["polarity_source"],
        headline=Headline(sex=row["sex"], age=row["age"]),
        ci_method=row["ci_method"],
        frequency=row["frequency"],
        licence="OGL-UK-3.0",
        publisher=PUBLISHER,
        homepage=HOME.format(row["id"]),
        caveats=tuple(caveats),
        area_types=tuple(row["area_types"]),
        keywords=tuple(row["keywords"]),
    )
