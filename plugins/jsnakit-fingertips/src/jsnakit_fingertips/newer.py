"""Indicators that are newer than the stored catalogue, from the publisher's metadata of today."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from typing import Any

from jsnakit.errors import UnknownIndicatorError
from jsnakit.model import Headline, Indicator
from jsnakit.sources import Fetch
from jsnakit_fingertips.answers import table
from jsnakit_fingertips.api import Addresses
from jsnakit_fingertips.catalogue import HOME, PUBLISHER
from jsnakit_fingertips.finding import number_of

__all__ = ["find", "indicator_of"]


def find(indicator: str, fetch: Fetch, api: Addresses) -> Indicator | None:
    """One indicator by its id, null where the publisher has none of that number. Raises `FetchError` where the service does not answer as it should."""
    try:
        number = number_of(indicator)
    except UnknownIndicatorError:
        return None
    found = table(fetch(api.definition(number)), "metadata of an indicator").get(str(number))
    return indicator_of(number, found) if isinstance(found, dict) else None


def indicator_of(number: int, metadata: Mapping[str, Any]) -> Indicator:
    """The publisher's metadata as an indicator. Which direction is good they do not say, so that it is judged only in a group that does; sex and age of the figure are those of its rows."""
    descriptive = metadata.get("Descriptive") or {}
    name = _text(descriptive.get("Name")) or f"Indicator {number}"
    value_type = _text((metadata.get("ValueType") or {}).get("Name")).lower() or "not stated"
    unit = _text((metadata.get("Unit") or {}).get("Label")) or value_type
    data = _text(descriptive.get("DataSource"))
    quality = _text((metadata.get("DataQualityNote") or {}).get("Text"))
    return Indicator(
        id=f"fingertips.{number}",
        name=name,
        unit=unit,
        definition=_text(descriptive.get("Definition")) or f"{name}: {value_type}, {unit}." + (f" Data: {data}." if data else ""),
        value_type=value_type,
        headline=Headline(sex="", age=""),
        ci_method=_text((metadata.get("ConfidenceIntervalMethod") or {}).get("Name")),
        licence="OGL-UK-3.0",
        publisher=PUBLISHER,
        homepage=HOME.format(number),
        caveats=(f"The publisher names a concern about the data: {quality}.",) if quality not in ("", "None") else (),
    )


def _text(value: object) -> str:
    """Free text of the publisher in one line, without its HTML."""
    return " ".join(html.unescape(re.sub(r"<[^<>]*>", " ", str(value or ""))).split())
