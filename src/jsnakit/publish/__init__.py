"""Publishing: from chapters and data to figures, pages and a folder of static files. It never fetches."""

from __future__ import annotations

from jsnakit.publish.data import Citation, Data, SiteInfo, WaitsAt
from jsnakit.publish.site import Missing, SiteReport, build

__all__ = ["Citation", "Data", "Missing", "SiteInfo", "SiteReport", "WaitsAt", "build"]
