"""How NHS England lays out the full RTT extract: schemas told by their header, functions, parts and the edges of the weekly bands.

Source: the extracts of April 2024 to February 2026 as published (105 bands), and public readers of older ones (53 bands: untested on a real file).
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Final

from attrs import frozen

from jsnakit.errors import LayoutError
from jsnakit.tabular import Column, Family, Layout

__all__ = ["FUNCTIONS", "LAYOUTS", "PARTS", "TOTAL_FUNCTION", "Bands", "bands_of", "period_of", "refuse_described"]

PARTS: Final = ("Part_1A", "Part_1B", "Part_2", "Part_2A", "Part_3")
"""Completed admitted, completed non-admitted, incomplete, incomplete with a decision to admit (a subset of the former), new periods."""

TOTAL_FUNCTION: Final = "C_999"
"""The publisher's total of all treatment functions: never summed with them."""

_SINCE_2021: Final = {
    "C_100": "General Surgery",
    "C_101": "Urology",
    "C_110": "Trauma and Orthopaedic",
    "C_120": "Ear Nose and Throat",
    "C_130": "Ophthalmology",
    "C_140": "Oral Surgery",
    "C_150": "Neurosurgical",
    "C_160": "Plastic Surgery",
    "C_170": "Cardiothoracic Surgery",
    "C_300": "General Internal Medicine",
    "C_301": "Gastroenterology",
    "C_320": "Cardiology",
    "C_330": "Dermatology",
    "C_340": "Respiratory Medicine",
    "C_400": "Neurology",
    "C_410": "Rheumatology",
    "C_430": "Elderly Medicine",
    "C_502": "Gynaecology",
    "X02": "Other - Medical",
    "X03": "Other - Mental Health",
    "X04": "Other - Paediatric",
    "X05": "Other - Surgical",
    "X06": "Other - Other",
    TOTAL_FUNCTION: "Total",
}
FUNCTIONS: Final = {**_SINCE_2021, "X01": "Other"}
"""Treatment functions by code; `X01` was split into `X02` to `X06` in April 2021."""


@frozen
class Bands:
    """The weekly bands of a layout: `names[i]` counts waits of more than i and up to i + 1 weeks, the last one everything beyond `open_from`."""

    names: tuple[str, ...]
    open_from: int


def _bands(open_from: int) -> Bands:
    return Bands((*(f"w{i:03}" for i in range(open_from)), f"w{open_from:03}_up"), open_from)


def _band_name(match: re.Match[str]) -> str:
    low, high = int(match[1]), match[2]
    if high is None:
        return f"w{low:03}_up"
    return f"w{low:03}" if int(high) == low + 1 else f"w{low:03}_to_{high}"


def _code(name: str, header: str, pattern: str, *, nullable: bool = False) -> Column:
    return Column(name=name, kind="code", header=(header,), nullable=nullable, pattern=pattern)


_ORGANISATION: Final = r"[A-Z0-9]{3,6}"
_COLUMNS: Final = (
    _code("period", "Period", r"RTT-[A-Za-z]+-\d{4}"),
    _code("provider_parent", "Provider Parent Org Code", _ORGANISATION, nullable=True),
    Column(name="provider_parent_name", kind="code", header=("Provider Parent Name",)),
    _code("provider", "Provider Org Code", _ORGANISATION),
    Column(name="provider_name", kind="code", header=("Provider Org Name",)),
    _code("commissioner_parent", "Commissioner Parent Org Code", _ORGANISATION, nullable=True),
    Column(name="commissioner_parent_name", kind="code", header=("Commissioner Parent Name",)),
    _code("commissioner", "Commissioner Org Code", _ORGANISATION),
    Column(name="commissioner_name", kind="code", header=("Commissioner Org Name",)),
    _code("part", "RTT Part Type", "|".join(PARTS)),
    Column(name="part_name", kind="code", header=("RTT Part Description",)),
    _code("function", "Treatment Function Code", r"[A-Z0-9_]+"),
    Column(name="function_name", kind="code", header=("Treatment Function Name",)),
    Column(name="total", kind="int32", header=("Total",), minimum=0),
    Column(name="unknown", kind="int32", header=("Patients with unknown clock start date",), minimum=0),
    Column(name="total_all", kind="int32", header=("Total All",), nullable=False, minimum=0),
)


def _layout(layout: str, open_from: int, encoding: str) -> Layout:
    family = Family(pattern=r"Gt (\d+)(?: To (\d+))? Weeks SUM 1", name=_band_name, expected=_bands(open_from).names, minimum=0)
    return Layout(id=layout, columns=_COLUMNS, families=(family,), encoding=encoding, ordered=True)


LAYOUTS: Final = (_layout("rtt-105", 104, "utf-8-sig"), _layout("rtt-53", 52, "cp1252"))
"""`rtt-105` since April 2021; `rtt-53` of 2017 to March 2021, described by public readers and untested on a real file. Their headers tell them apart."""


def bands_of(layout: str) -> Bands:
    """The bands of a layout by its id.

    >>> bands_of("rtt-105").open_from, len(bands_of("rtt-53").names)
    (104, 53)
    """
    return _bands({"rtt-105": 104, "rtt-53": 52}[layout])


def refuse_described(names: tuple[str, ...], resource: str) -> None:
    """Raise `LayoutError` for the 71-column layout of 2016-17, which is described (it begins with `Year`) but of which no real file could be had.

    >>> refuse_described(("Period", "Provider Parent Org Code"), "x.csv")
    """
    if names and names[0].strip() == "Year":
        raise LayoutError(
            f"{resource} is laid out as in 2016-17 ({len(names)} columns, the first is 'Year'), which this version does not read",
            hint="no real file of that year was at hand to test a reader on: send one to the project",
            resource=resource,
            expected=("rtt-105", "rtt-53"),
            found=names,
        )


_MONTHS: Final = {
    name: i + 1
    for i, name in enumerate(
        ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"),
    )
}


def period_of(text: str) -> dt.date | None:
    """The first day of the month in a `Period` cell; null where it is none.

    >>> period_of("RTT-FEBRUARY-2019"), period_of("RTT-Brumaire-8")
    (datetime.date(2019, 2, 1), None)
    """
    match = re.fullmatch(r"RTT-([A-Za-z]+)-(\d{4})", text)
    month = _MONTHS.get(match[1].lower()) if match else None
    return dt.date(int(match[2]), month, 1) if match and month and int(match[2]) else None
