"""The council's own figures and areas: the built-in source `local`.

A project's folder `local/` holds CSV files and workbooks, each with a short TOML beside it that says what its columns mean and which rule for small numbers holds; `areas.toml` describes
the council's own areas. `draft` looks at a file and writes that TOML as far as it can be recognised. How to: `docs/how-to/local-figures.md`.
"""

from __future__ import annotations

from jsnakit.local._areas import OwnArea, OwnAreas, read_areas
from jsnakit.local._check import Checked, check_folder
from jsnakit.local._describe import FOLDER, PREFIX, Described, Dimension, Mark, Measure, Policy, SmallNumbers, Table, Zero, described, descriptions
from jsnakit.local._draft import Draft, draft
from jsnakit.local._source import LocalFigures

__all__ = [
    "FOLDER",
    "PREFIX",
    "Checked",
    "Described",
    "Dimension",
    "Draft",
    "LocalFigures",
    "Mark",
    "Measure",
    "OwnArea",
    "OwnAreas",
    "Policy",
    "SmallNumbers",
    "Table",
    "Zero",
    "check_folder",
    "described",
    "descriptions",
    "draft",
    "read_areas",
]
