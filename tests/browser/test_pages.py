"""Every page of the demonstration, as readers have it: no fault that axe finds, nothing sideways at 320 pixels, nothing asked of anybody, and whole without scripts."""

from __future__ import annotations

import datetime as dt
import functools
from pathlib import Path
from typing import Any

import attrs
import pytest

from jsnakit.chapters import Prose
from jsnakit.editions import Shelf
from jsnakit.publish import publish_edition
from jsnakit.settings import Earlier

CHAPTERS = Path(__file__).resolve().parents[2] / "src" / "jsnakit" / "chapters" / "template" / "chapters"
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice")
COLOURS = ("color-contrast", "link-in-text-block")
WIDTHS = (1280, 390)
# Parts of the list of pages, so that two workers share them; every page is in one.
PARTS = 12


def pages(folder: Path) -> list[Path]:
    """Every page of a site."""
    found = sorted(folder.rglob("*.html"))
    assert len(found) > 5
    return found


@functools.cache
def _axe() -> Any:
    from axe_playwright_python.sync_playwright import Axe

    return Axe()


def faults(page: Any, *, colours_only: bool = False, unfolded: bool = False) -> list[str]:
    """What axe finds; `unfolded` opens every fold before, so that what is behind a button is read as well."""
    if unfolded:
        page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    what = {"type": "rule", "values": COLOURS} if colours_only else {"type": "tag", "values": RULES}
    found = _axe().run(page, options={"runOnly": what, "resultTypes": ["violations"], "preload": False, "iframes": False}).response
    assert found["testEngine"]["name"] == "axe-core"
    return [f"{v['id']}: {v['help']}: {n['html'][:200]} {n['failureSummary']}" for v in found["violations"] for n in v["nodes"]]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("part", range(PARTS))
def test_axe_finds_nothing(demo: Path, open_page: Any, part: int, width: int) -> None:
    """Every rule in red, amber and green; the rules about colour again in the colour-blind safe palette, which changes nothing else."""
    page = open_page(demo / "index.html", width=width)
    found: dict[str, list[str]] = {}
    for path in pages(demo)[part::PARTS]:
        page.goto("about:blank")
        page.goto(path.as_uri())
        assert page.evaluate("document.documentElement.dataset.palette") is None
        found[str(path.relative_to(demo))] = faults(page, unfolded=width == WIDTHS[0])
        page.evaluate("jsnakit.state.set({palette: 'safe'})")
        assert page.evaluate("document.documentElement.dataset.palette") == "safe"
        found[f"{path.relative_to(demo)} safe"] = faults(page, colours_only=True)
    assert {k: v for k, v in found.items() if v} == {}


@pytest.mark.parametrize("name", ["index.html", "how-to-read.html", "health-and-wellbeing/index.html", "waiting-for-treatment/index.html"])
def test_axe_finds_no_colour_at_fault_in_the_dark(demo: Path, open_page: Any, name: str) -> None:
    page = open_page(demo / name, color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(16, 24, 31)"
    assert faults(page, colours_only=True) == []
    page.evaluate("jsnakit.state.set({palette: 'safe'})")
    assert faults(page, colours_only=True) == []


@pytest.fixture
def library(country: Any, site: Any, one_chapter: Any, tmp_path: Path) -> Path:
    """A site of two editions and of one assessment from before them; a figure and the text changed."""
    (tmp_path / "before.pdf").write_bytes(b"%PDF-1.4 an assessment of 2019")
    earlier = (Earlier(title="Needs assessment 2019", file="before.pdf", published=dt.date(2019, 7, 1), description="The last on paper"),)
    shelf = Shelf(tmp_path / "editions")
    (chapter,) = one_chapter
    (page,) = chapter.pages
    for month, (words, value) in {10: ("People smoke a lot.", 24.0), 11: ("People smoke less.", 1.0)}.items():
        rows = [
            r | {"value": value, "flags": None} if r["indicator"] == "t.smoking" and r["period"] == "2021" and r["area"] == "E06000009" else r
            for r in country.table.to_pylist()
        ]
        country.table = type(country.table).from_pylist(rows, schema=country.table.schema)
        written = attrs.evolve(chapter, pages=(attrs.evolve(page, blocks=(*page.blocks, Prose(words, 9))),))
        publish_edition(
            (written,),
            country,
            tmp_path / "published",
            site,
            shelf,
            name=f"2026-{month}",
            on=dt.date(2026, month, 15),
            earlier=earlier,
            home=tmp_path,
        )
    return tmp_path / "published"


@pytest.mark.parametrize("width", WIDTHS)
def test_the_list_of_editions_and_what_changed_have_no_fault(library: Path, open_page: Any, width: int) -> None:
    page = open_page(library / "index.html", width=width)
    page.wait_for_url("**/2026-11/index.html")
    for name in ("publications.html", "2026-11/changes.html", "2026-11/index.html"):
        page.goto((library / name).as_uri())
        assert faults(page) == [], name
        page.set_viewport_size({"width": 320, "height": 900})
        assert page.evaluate(SIDEWAYS) is None, name
        page.set_viewport_size({"width": width, "height": 900})
    page.goto((library / "publications.html").as_uri())
    page.get_by_role("link", name="Pages").last.click()
    page.wait_for_url("**/2026-10/index.html")
    page.get_by_role("link", name="Publications", exact=True).first.click()
    page.wait_for_url("**/publications.html")


def test_axe_would_find_a_fault(demo: Path, open_page: Any) -> None:
    page = open_page(demo / "about.html")
    page.evaluate("document.querySelector('h1').after(jsnakit.make('button', {type: 'button'}))")
    assert [f.partition(":")[0] for f in faults(page)] == ["button-name"]


SIDEWAYS = """() => {
  document.querySelectorAll('.jp-embed, .jp-read').forEach(d => { d.open = true; });
  const edge = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= edge) return null;
  return [...document.querySelectorAll('main *')].filter(e => e.getBoundingClientRect().right > edge + 1).slice(0, 3).map(e => e.outerHTML.slice(0, 120));
}"""


@pytest.mark.parametrize("part", range(4))
def test_nothing_runs_sideways_at_320_pixels(demo: Path, open_page: Any, part: int) -> None:
    page = open_page(demo / "index.html", width=320)
    found = {}
    for path in pages(demo)[part::4]:
        page.goto(path.as_uri())
        found[str(path.relative_to(demo))] = page.evaluate(SIDEWAYS)
    assert {k: v for k, v in found.items() if v is not None} == {}


def test_what_runs_sideways_would_be_seen(demo: Path, open_page: Any) -> None:
    page = open_page(demo / "about.html", width=320)
    page.evaluate("document.querySelector('main').append(Object.assign(document.createElement('p'), {id: 'wide', textContent: 'wide'}))")
    page.evaluate("document.getElementById('wide').style.width = '900px'")
    assert page.evaluate(SIDEWAYS) == ['<p id="wide" style="width: 900px;">wide</p>']


def test_targets_are_large_enough_for_a_finger(demo: Path, open_page: Any) -> None:
    """WCAG 2.5.8: 24 by 24 pixels, but for links inside a sentence."""
    page = open_page(demo / "health-and-wellbeing" / "index.html", width=390)
    small = page.evaluate(
        """() => [...document.querySelectorAll('button, summary, .jp-tools a, nav a, .jp-footer .jp-links a, select, input, textarea')]
          .filter(e => e.checkVisibility() && !e.closest('.jk-vh') && getComputedStyle(e).pointerEvents !== 'none')
          .map(e => [e.textContent, e.getBoundingClientRect()]).filter(([, r]) => r.height < 23.5 || r.width < 23.5).map(([t, r]) => `${t} ${r.width}x${r.height}`)"""
    )
    assert small == []


@pytest.mark.parametrize("part", range(2))
def test_everything_can_be_read_without_scripts(demo: Path, open_page: Any, part: int) -> None:
    """The same words, tables and pictures; and not one control that does nothing."""
    without = open_page(demo / "index.html", java_script_enabled=False)
    scripted = open_page(demo / "index.html")
    read = "document.querySelector('main').innerText"
    for path in pages(demo)[part::2]:
        without.goto(path.as_uri())
        scripted.goto(path.as_uri())
        assert without.locator("button, input, select, textarea, [role=button]").count() == 0, path
        if without.locator("[class^='jd']").count():
            # Linked panels are drawn anew by the script (tests/browser/test_linked.py holds them to Python); without it they are there, and whole.
            assert without.locator("main table tr").count() > 50, path
            assert without.locator("main svg[role=img]").count() >= 2, path
            continue
        for kind in ("table tr", "svg", "h1", "h2", "a[href]", "details"):
            mine, theirs = without.locator(f"main {kind}").count(), scripted.locator(f"main {kind}").count()
            assert mine == theirs - scripted.locator("main .jp-embed").count() * (kind == "details"), (path, kind)
        assert without.locator("#jp-controls").evaluate_all("all => all.every(e => getComputedStyle(e).display === 'none')"), path
        # Every line that is read with scripts is read without them, controls aside.
        scripted.evaluate(
            "document.querySelectorAll('#jp-controls, #jp-search, .jp-findbox, label[for=jp-words], .jp-tool, .jp-embed').forEach(e => e.remove())"
        )
        assert _words(without.locator("main").inner_text()) == _words(scripted.evaluate(read)), path


def _words(text: str) -> list[str]:
    return text.split()
