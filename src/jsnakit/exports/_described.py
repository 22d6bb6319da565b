"""What a table says of itself to programs: CSV on the Web (W3C, 2015) beside each file, and one Data Package (version 2.0, 2024) for all."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import pandas as pd

from jsnakit.exports._tables import TIDY_COLUMNS, Table
from jsnakit.observations import FLAGS, STATUSES

__all__ = ["csvw_bytes", "package_bytes"]

_NUMBERS: Final = ("obs_value", "lower", "upper", "value_min", "value_max", "count", "denominator")
_CODES: Final = tuple(dict.fromkeys((*STATUSES.values(), *FLAGS.values())))
_PERIOD: Final = r"\d{4}-\d{2}-\d{2}/P.+"
_AREA: Final = "http://statistics.data.gov.uk/id/statistical-geography/{area_code}"
_SDMX: Final[Mapping[str, str]] = {
    "time_period": "http://purl.org/linked-data/sdmx/2009/dimension#timePeriod",
    "area_code": "http://purl.org/linked-data/sdmx/2009/dimension#refArea",
    "sex": "http://purl.org/linked-data/sdmx/2009/dimension#sex",
    "age": "http://purl.org/linked-data/sdmx/2009/dimension#age",
    "obs_value": "http://purl.org/linked-data/sdmx/2009/measure#obsValue",
    "unit_measure": "http://purl.org/linked-data/sdmx/2009/attribute#unitMeasure",
    "obs_status": "http://purl.org/linked-data/sdmx/2009/attribute#obsStatus",
}
_LICENCES: Final = {
    "Open Government Licence v3.0": ("OGL-UK-3.0", "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/"),
}
"""Licences by what they are called, with their name in the list of SPDX and their address."""


def csvw_bytes(table: Table, *, publisher: str = "", path: str = "") -> bytes:
    """The description of one CSV as CSV on the Web has it: `path` is the file it speaks of, beside it (`name`.csv unless it is given). Codes of the Office for National Statistics get their address."""
    areas = "area_scheme" in table.frame.columns and set(table.frame["area_scheme"].dropna()) == {"gss"}
    schema: dict[str, Any] = {"columns": [_column(table, name, areas=areas) for name in table.frame.columns]}
    if table.key:
        schema["primaryKey"] = list(table.key)
    described: dict[str, Any] = {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "en"}], "url": path or f"{table.name}.csv", "dc:title": table.title,
        **({"dc:publisher": publisher} if publisher else {}), **_licensed(table), "dialect": {"header": True, "encoding": "utf-8"}, "tableSchema": schema,
    }  # fmt: skip
    return _json(described)


def _column(table: Table, name: str, *, areas: bool) -> dict[str, Any]:
    kind = _kind(table, name)
    column: dict[str, Any] = {"name": name, "titles": name, "datatype": {"number": "number", "date": "date", "string": "string"}[kind]}
    if words := TIDY_COLUMNS.get(name):
        column["dc:description"] = words
    if name in table.key:
        column["required"] = True
    if table.key and name in _SDMX:
        column["propertyUrl"] = _SDMX[name]
    if table.key and name == "time_period":
        column["datatype"] = {"base": "string", "format": _PERIOD}
    if areas and name == "area_code":
        column["valueUrl"] = _AREA
    return column


def _licensed(table: Table) -> dict[str, Any]:
    found = sorted(set(table.frame["licence"].dropna()) - {""}) if "licence" in table.frame.columns else []
    known = [_LICENCES[one][1] for one in found if one in _LICENCES]
    return {"dc:license": {"@id": known[0]}} if len(found) == len(known) == 1 else {}


def package_bytes(
    name: str, title: str, tables: Sequence[tuple[Table, bytes]], *, version: str = "", licences: Iterable[str] = (), sources: Sequence[Mapping[str, str]] = ()
) -> bytes:  # fmt: skip
    """The description of several tables as one Data Package: each with the CSV that was made of it, whose size and sha256 are told. `sources` have a `title` and may have a `path`."""
    package: dict[str, Any] = {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json", "name": name, "title": title, **({"version": version} if version else {}),
        "licenses": [_licence(one) for one in licences], "sources": [dict(s) for s in sources],
        "resources": [_resource(table, content) for table, content in tables],
    }  # fmt: skip
    return _json({k: v for k, v in package.items() if v not in ([], "")})


def _licence(licence: str) -> dict[str, str]:
    if licence in _LICENCES:
        name, path = _LICENCES[licence]
        return {"name": name, "title": licence, "path": path}
    return {"name": licence.replace(" ", "-"), "title": licence}


def _resource(table: Table, content: bytes) -> dict[str, Any]:
    schema: dict[str, Any] = {"fields": [_field(table, c) for c in table.frame.columns], "missingValues": [""]}
    if table.key:
        schema["primaryKey"] = list(table.key)
    return {
        "name": table.name, "type": "table", "title": table.title, "path": f"{table.name}.csv", "format": "csv", "mediatype": "text/csv", "encoding": "utf-8",
        "bytes": len(content), "hash": f"sha256:{hashlib.sha256(content).hexdigest()}", "schema": schema,
    }  # fmt: skip


def _field(table: Table, name: str) -> dict[str, Any]:
    told: dict[str, Any] = {"name": name, "type": _kind(table, name)}
    if words := TIDY_COLUMNS.get(name):
        told["description"] = words
    limits: dict[str, Any] = {"required": True} if name in table.key else {}
    if table.key and name == "time_period":
        limits["pattern"] = _PERIOD
    if table.key and name == "obs_status":
        limits["enum"] = list(_CODES)
    if table.key and name == "status":
        limits["enum"] = list(STATUSES)
    return told | ({"constraints": limits} if limits else {})


def _kind(table: Table, name: str) -> str:
    if name in _NUMBERS or pd.api.types.is_numeric_dtype(table.frame[name]):
        return "number"
    return "date" if name == "retrieved" else "string"


def _json(told: dict[str, Any]) -> bytes:
    return (json.dumps(told, indent=1, ensure_ascii=False) + "\n").encode()
