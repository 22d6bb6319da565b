"""The style sheet: its tokens keep the contrast promised, every class a panel writes is drawn, and nothing is fetched."""

from __future__ import annotations

import re
from importlib import resources

import pytest

SHEET = resources.files("jsnakit.publish").joinpath("style.css").read_text(encoding="utf-8")


def _tokens(start: str) -> dict[str, str]:
    block = SHEET.partition(start)[2].partition("}")[0]
    return dict(re.findall(r"--([a-z0-9-]+):\s*(#[0-9a-f]{3,6});", block))


def _luminance(colour: str) -> float:
    digits = colour.lstrip("#")
    digits = "".join(c * 2 for c in digits) if len(digits) == 3 else digits
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a: str, b: str) -> float:
    """The WCAG ratio of two colours."""
    high, low = sorted((_luminance(a), _luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


THEMES = {"light": "/* tokens: light */", "dark": "@media screen and (prefers-color-scheme: dark)"}


@pytest.mark.parametrize("theme", THEMES)
def test_text_and_marks_stand_out_from_paper(theme: str) -> None:
    t = _tokens(THEMES[theme])
    for ink in ("ink", "ink-2", "ink-3", "link"):
        assert contrast(t[ink], t["paper"]) >= 4.5, ink
        assert contrast(t[ink], t["wash"]) >= 4.5, ink
    for edge in ("worse", "better", "similar-edge", "worse-edge", "better-edge", "rule-2", "bar", "lower"):
        assert contrast(t[edge], t["paper"]) >= 2.99, edge
    for tint, mark in (("tint-1", "worse"), ("tint-2", "worse"), ("tint-3", "similar-edge"), ("tint-4", "better"), ("tint-5", "better")):
        assert contrast(t[tint], t[mark]) >= 3.0, (tint, mark)
    for step in ("worse-1", "worse-2", "worse-3", "worse-4"):
        assert max(contrast(t[step], t["land"]), contrast(t["worse-edge"], t["land"])) >= 3.0, step
    for point in ("spc-better", "spc-worse", "spc-plain"):
        assert contrast(t[point], t["paper"]) >= 3.0, point
    for tint in ("tint-1", "tint-2", "tint-3", "tint-4", "tint-5"):
        assert contrast(t["ink"], t[tint]) >= 4.5, "the values of a rug are read on its shades"
    assert contrast(t["on-ink"], t["ink"]) >= 4.5
    assert contrast(t["slate"], t["on-ink"]) >= 4.5
    assert contrast(t["ink"], t["block"]) >= 4.5
    assert contrast("#14202b", t["focus"]) >= 4.5


def test_the_safe_palette_is_whole() -> None:
    light, safe = _tokens(THEMES["light"]), _tokens(':root[data-palette="safe"]')
    judged = {k for k in light if re.match(r"(worse|similar|better|tint|fill-\d|stripe)", k)}
    assert judged <= set(safe)
    assert contrast(safe["better"], safe["worse"]) >= 3.0
    assert contrast(safe["better"], safe["similar"]) >= 3.0
    assert contrast(safe["worse"], safe["similar"]) >= 3.0


def test_every_token_used_is_given() -> None:
    given = set(re.findall(r"(--[a-z0-9-]+):", SHEET))
    assert set(re.findall(r"var\((--[a-z0-9-]+)\)", SHEET)) <= given


def test_nothing_is_fetched_and_braces_match() -> None:
    assert "@import" not in SHEET
    assert "url(" not in SHEET
    assert "@font-face" not in SHEET
    assert SHEET.count("{") == SHEET.count("}")


def test_themes_that_readers_ask_for_are_there() -> None:
    for query in ("prefers-color-scheme: dark", "forced-colors: active", "@media print", "max-width: 759.98px", ":focus-visible"):
        assert query in SHEET
