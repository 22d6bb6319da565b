"""Publishing: from chapters and data to figures, pages and a folder of static files. It never fetches."""

from __future__ import annotations

from jsnakit.publish.checks import CheckReport, Missing, NoValue, Untrue
from jsnakit.publish.data import Citation, Data, SiteInfo, WaitsAt
from jsnakit.publish.downloads import of_observations
from jsnakit.publish.figures.context import chosen_measures
from jsnakit.publish.library import EditionReport, lay_out, publish_edition, since_last
from jsnakit.publish.site import SiteReport, build, check

__all__ = [
    "CheckReport",
    "Citation",
    "Data",
    "EditionReport",
    "Missing",
    "NoValue",
    "SiteInfo",
    "SiteReport",
    "Untrue",
    "WaitsAt",
    "build",
    "check",
    "chosen_measures",
    "lay_out",
    "of_observations",
    "publish_edition",
    "since_last",
]
