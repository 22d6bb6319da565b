"""England's areas and NHS organisations through time: names and codes, what followed what, what lies in what, and where hospitals are.

The tables are packaged (`data/SOURCES.md` says from which publications) and read on first use; nothing here touches the network.
Authorities are complete from April 2009, integrated care boards from July 2022, NHS trusts as in the register's files of 2021 to 2026.
"""

from __future__ import annotations

from jsnakit.geography._find import areas, equivalents, find, get, name_of, search, translate
from jsnakit.geography._grid import project
from jsnakit.geography._links import children, links, parents, predecessors, siblings, successors
from jsnakit.geography._sites import current_sites, main_site, position
from jsnakit.geography._tables import Relation, Site

__all__ = [
    "Relation",
    "Site",
    "areas",
    "children",
    "current_sites",
    "equivalents",
    "find",
    "get",
    "links",
    "main_site",
    "name_of",
    "parents",
    "position",
    "predecessors",
    "project",
    "search",
    "siblings",
    "successors",
    "translate",
]
