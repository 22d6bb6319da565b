"""The catalogue of indicators, from package data."""

from __future__ import annotations

from jsnakit.model import Indicator

__all__ = ["indicators"]


def indicators() -> tuple[Indicator, ...]:
    """Every indicator of the stored metadata: read once."""
    return (
        Indicator(
            "fingertips.40501",
            "Under 75 mortality rate from cancer",
            unit="per 100,000",
            definition="Under 75 mortality rate from cancer.",
            area_types=("country", "region", "utla", "ltla"),
        ),
    )
