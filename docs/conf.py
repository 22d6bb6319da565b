"""How the documentation is built: `nox -s docs`."""

from __future__ import annotations

import sys
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parent))

import generate_pages

if TYPE_CHECKING:
    from sphinx.application import Sphinx

project = "jsnakit"
author = "The jsnakit authors"
copyright = "2026, the jsnakit authors; MIT licence"  # noqa: A001  # Sphinx's own name for it
version = release = installed_version("jsnakit")
language = "en-GB"

extensions = ["myst_parser", "sphinx.ext.autodoc"]
exclude_patterns = ["_build", "tutorials/own-figures", "reference/api/*.part.md"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

html_theme = "furo"
html_title = f"jsnakit {release}"

autodoc_typehints = "signature"
autodoc_member_order = "bysource"
highlight_language = "text"
add_module_names = False
python_use_unqualified_type_names = True

# Names of other projects: their documentation is on the network, which this build does without. Ours are all checked, but for the few records of a
# private module that public signatures mention.
nitpick_ignore_regex = [
    (
        r"py:.*",
        r"(abc|attrs?|click|collections|contextlib|datetime|dt|enum|hypothesis|narwhals|np|numpy|nw|os|pa|pandas|pathlib|pd|pluggy|pyarrow|pytest|re|requests|t|typing)\..*",
    ),
    (r"py:.*", r"ABC|Path|PluginManager(\..*)?|Traversable|(.*\.)?_?[A-Z]|.*\._T|IntoDataFrameT?|NoneType"),
    (r"py:.*", r"(jsnakit\._plugins\.)?(Installed|PackEntry|SourceEntry)"),
]

generate_pages.write_all(Path(__file__).parent / "reference" / "api")
generate_pages.write_sources(Path(__file__).parent / "reference" / "sources")


def setup(app: Sphinx) -> None:
    """Have docstrings, which are written to be read as they stand, turned into Sphinx's own markup."""
    app.connect("autodoc-process-docstring", generate_pages.to_markup)
