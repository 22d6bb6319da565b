"""Pictures made in the page: what is left out of them is put back to the letter, and their colours are those of the sheet."""

from __future__ import annotations

import re
from typing import Any

import pytest

from jsnakit.publish.figures import build_figure
from jsnakit.publish.pages import credit_of
from jsnakit.publish.panels._svg import _style
from jsnakit.publish.pictures import lean, wardrobe


def _dressed(bare: str, body: str, palette: str) -> str:
    """What `pictures.js` does."""
    held = wardrobe()
    colours = held["palettes"]["rag"] | (held["palettes"]["safe"] if palette == "safe" else {})
    rules = re.sub(r"var\((--[a-z0-9-]+)\)", lambda m: colours.get(m[1], "currentColor"), held["rules"])
    outlines = re.findall(r'<path\b[^>]*?\sd="([^"]*)"', body)
    return re.sub(r' d="@(\d+)"', lambda m: f' d="{outlines[int(m[1])]}"', bare.replace("{style}", rules))


@pytest.mark.parametrize(
    ("panel", "options"),
    [
        ("area_map", {"indicator": "t.life"}),
        ("trends", {"indicators": ("t.life", "t.smoking")}),
        ("symbol_map", {"indicator": "rtt.incomplete_within_18_weeks"}),
        ("providers", {}),
    ],
)
def test_a_picture_is_the_one_that_python_draws(context: Any, panel: str, options: dict[str, Any]) -> None:
    built = build_figure(context(panel, **options))
    assert built.drawing
    body, whole = built.drawing.body(), built.drawing.svg(credit_of(built))
    bare = lean(built.drawing, credit_of(built), body)
    assert _dressed(bare, body, "rag") == whole
    safe = _dressed(bare, body, "safe")
    assert safe != whole
    assert "var(" not in safe
    assert "currentColor" not in safe.partition("</style>")[0]


def test_a_map_does_not_send_its_outlines_twice(context: Any) -> None:
    built = build_figure(context("area_map", indicator="t.life"))
    assert built.drawing
    bare = lean(built.drawing, "", built.drawing.body())
    assert bare.count(' d="@') > 20
    # Of a real coast, that is most of the picture; these areas are squares.
    assert len(bare) < len(built.drawing.svg())


def test_the_rules_of_a_picture_name_only_colours_there_are() -> None:
    assert "currentColor" not in _style()
    assert set(wardrobe()["palettes"]["safe"]) < set(wardrobe()["palettes"]["rag"])
