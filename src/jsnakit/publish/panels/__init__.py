"""Panels: pure data that writes itself as static HTML, SVG and a table. No pandas, no scripts, and data is only ever text.

Every panel has `html()` (the figure body with its table beside it), `body()` and `twin()` (the two apart), and `data()` (columns and rows for a
download); a `Drawing` also has `svg()` (a document that stands alone) and `png()` (the same without a browser, extra `pdf`). Titles, notes and tools belong to
the page. A panel of one's own is a class below `Panel` or `Drawing` that writes itself with `el`, which escapes every text.
"""

from __future__ import annotations

from jsnakit.publish.panels._markup import Safe, el
from jsnakit.publish.panels._svg import drawing, standalone
from jsnakit.publish.panels.bars import BarRow, RankedBars, RankedIntervals, Reference
from jsnakit.publish.panels.base import Cell, Drawing, Figure, Panel, figure, is_percent, number_text, ordinal, place_words
from jsnakit.publish.panels.compared import ComparedGroup, ComparedRow, ComparedSpine
from jsnakit.publish.panels.control import ControlChart
from jsnakit.publish.panels.distributions import Distribution, WaitBand, WaitMark
from jsnakit.publish.panels.evidence import Evidence, Quotation
from jsnakit.publish.panels.gaps import GapKey
from jsnakit.publish.panels.geometry import Box, Shape
from jsnakit.publish.panels.inequalities import Gulf, Inequalities
from jsnakit.publish.panels.keyfigures import KeyFigure, KeyFigures
from jsnakit.publish.panels.maps import AreaMap, Inset, MapGrid, MapGridRow, Place, SmallMap, Symbol, SymbolMap
from jsnakit.publish.panels.marks import FIFTHS, Gap, Mark, Verdict, fifth
from jsnakit.publish.panels.providers import Provider, Providers
from jsnakit.publish.panels.pyramids import Pyramid, PyramidBand
from jsnakit.publish.panels.rugs import Rug, RugCell, RugColumn, RugGroup, RugRow
from jsnakit.publish.panels.spine import Spine, SpineGroup, SpineRow
from jsnakit.publish.panels.tables import Column, FilterList, FilterRow, FunctionTable, Link, Row, Table
from jsnakit.publish.panels.trends import Dated, SmallMultiples, Trend

__all__ = [
    "FIFTHS",
    "AreaMap",
    "BarRow",
    "Box",
    "Cell",
    "Column",
    "ComparedGroup",
    "ComparedRow",
    "ComparedSpine",
    "ControlChart",
    "Dated",
    "Distribution",
    "Drawing",
    "Evidence",
    "Figure",
    "FilterList",
    "FilterRow",
    "FunctionTable",
    "Gap",
    "GapKey",
    "Gulf",
    "Inequalities",
    "Inset",
    "KeyFigure",
    "KeyFigures",
    "Link",
    "MapGrid",
    "MapGridRow",
    "Mark",
    "Panel",
    "Place",
    "Provider",
    "Providers",
    "Pyramid",
    "PyramidBand",
    "Quotation",
    "RankedBars",
    "RankedIntervals",
    "Reference",
    "Row",
    "Rug",
    "RugCell",
    "RugColumn",
    "RugGroup",
    "RugRow",
    "Safe",
    "Shape",
    "SmallMap",
    "SmallMultiples",
    "Spine",
    "SpineGroup",
    "SpineRow",
    "Symbol",
    "SymbolMap",
    "Table",
    "Trend",
    "Verdict",
    "WaitBand",
    "WaitMark",
    "drawing",
    "el",
    "fifth",
    "figure",
    "is_percent",
    "number_text",
    "ordinal",
    "place_words",
    "standalone",
]
