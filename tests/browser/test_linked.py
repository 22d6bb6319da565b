"""Linked panels in Chromium: every panel follows every other, by mouse and by keyboard, and the address says what is shown; the page says what Python says."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import pytest

from jsnakit.publish.figures import Context, build_figure
from jsnakit.publish.linked import Dashboard
from jsnakit.publish.panels import Mark, Verdict
from jsnakit.settings import Assets

LIFE, SMOKING, ODD, HIDDEN, RANGE = "t.life", "t.smoking", "t.odd", "t.hidden", "t.range"
KEY = ".jd-keywords"
OWN_ROW = ".jd-ranked tr.jk-own .jd-pick"


@pytest.fixture
def explore(made: Callable[[Assets], Path]) -> Path:
    """The page with the linked panels."""
    return made(Assets.INLINE) / "health" / "explore.html"


@pytest.fixture
def panel(country: Any, site: Any, make_figure: Any) -> Dashboard:
    """The same panels in Python."""
    built = build_figure(Context(country, site, make_figure("dashboard", indicators=(LIFE, SMOKING, ODD, HIDDEN, RANGE)), file="01-health.md"))
    assert isinstance(built.panel, Dashboard)
    return built.panel


@pytest.fixture
def ready(open_page: Any, explore: Path) -> Callable[..., Any]:
    """A function that opens the page and waits until its panels are linked."""

    def open_it(fragment: str = "", **options: Any) -> Any:
        page = open_page(explore, fragment=fragment, **options)
        page.wait_for_selector("[data-ready]")
        page.wait_for_timeout(700)
        return page

    return open_it


def _settled(page: Any) -> None:
    page.evaluate("() => new Promise(done => requestIdleCallback(() => requestAnimationFrame(done), {timeout: 1000}))")


@pytest.mark.parametrize(
    ("fragment", "change"),
    [
        ("", {}),
        ("#measure=t.smoking", {"indicator": 1}),
        ("#measure=t.smoking&period=2021", {"indicator": 1, "period": 2}),
        ("#measure=t.odd&period=2019", {"indicator": 2, "period": 0}),
        ("#measure=t.hidden", {"indicator": 3}),
        ("#measure=t.range&verdict=worst,best", {"indicator": 4, "verdicts": frozenset({Verdict.WORST, Verdict.BEST})}),
        ("#area=E08000003&within=E12000002", {"area": "E08000003", "region": "E12000002"}),
    ],
)
def test_the_page_says_what_python_says(ready: Any, panel: Dashboard, fragment: str, change: dict[str, Any]) -> None:
    view = panel.view
    codes = [a.code for a in view.areas]
    given = dict(change)
    if "area" in given:
        given |= {"area": codes.index(given["area"]), "region": [r[0] for r in view.regions].index(given["region"])}
    choice = attrs.evolve(panel.choice, **given)
    page = ready(fragment)
    p = view.period_of(choice.indicator, choice.area, choice.period)
    assert page.text_content(KEY) == view.sentence(choice)
    if page.locator(".jd-whole").count():
        page.click(".jd-whole")
    assert page.locator(".jd-ranked .jd-pick").all_text_contents() == [view.areas[a].name for a in view.ranked(choice, p)]
    keys = page.locator(".jd-legend button").evaluate_all(
        "b => b.map(e => [e.dataset.verdict, e.querySelector('.jk-key-range').textContent, parseInt(e.querySelector('.jd-count').textContent)])"
    )
    assert keys == [[v.value, span, n] for v, n, span in view.counts(choice, p)]
    filled = (
        page.locator("svg.jk-map").first.locator("path[data-a]").evaluate_all("all => all.map(e => [+e.dataset.a, e.classList.contains('jd-fade')])")
    )
    assert dict(map(tuple, filled)) == {a: not view.inside(choice, a, p) for a, _ in filled}
    drawn = attrs.evolve(panel, choice=choice)
    places = page.locator(".jd-spine .jk-place").all_text_contents()[1:]
    spine = drawn.spine()
    assert places == [spine.place(row) for group in spine.groups for row in group.rows]
    marks = [m and m.word for m in drawn.over_time().marks]
    said = page.locator(".jd-trend tbody tr td:nth-child(3)").all_text_contents()
    assert said == [m or "" for m in marks]


def test_scripts_change_nothing_until_something_is_chosen(ready: Any, open_page: Any, explore: Path) -> None:
    # The report is the reader's own, and made by scripts alone.
    words = ".jd-keywords, .jd > :not(.jd-report) .jd-h3, .jd-ranked tbody tr, .jd-spine tbody tr"
    still = open_page(explore, java_script_enabled=False)
    before = still.locator(words).all_text_contents()
    after = ready().locator(words).all_text_contents()
    folded = still.locator(".jd-ranked details tr").count()
    assert folded > 0
    wanted = [re.sub(r"\s+", " ", w) for w in before]
    assert all(re.sub(r"\s+", " ", w) in wanted for w in after)


def test_every_panel_sets_what_the_others_show(ready: Any) -> None:
    page = ready()
    page.locator(".jd-map path[data-a='3']").click(force=True)
    name = page.text_content(OWN_ROW)
    assert name != "Blackpool"
    assert page.text_content(KEY).startswith(f"{name}, Life expectancy")
    assert "area=" in page.url
    page.locator(".jd-spine .jd-pick", has_text="Smoking").click()
    _settled(page)
    assert page.text_content(KEY).startswith(f"{name}, Smoking")
    assert page.text_content(".jd-h3-map").startswith("Smoking")
    assert "measure=t.smoking" in page.url
    page.locator(".jd-trend .jk-wide-only .jd-hit").first.dispatch_event("click")
    assert ", 2019:" in page.text_content(KEY)
    assert "period=2019" in page.url
    page.locator(".jd-ranked .jd-pick").nth(2).click()
    assert page.text_content(KEY).startswith(page.text_content(OWN_ROW))
    # The same link shows the same, and without it the page is as Python drew it.
    again = ready("#" + page.url.split("#")[1])
    assert again.text_content(KEY) == page.text_content(KEY)


def test_filters_are_named_and_cleared(ready: Any) -> None:
    page = ready()
    page.locator(".jd-legend button", has_text="Worst fifth").click()
    _settled(page)
    assert page.locator(".jd-legend button[aria-pressed='true']").count() == 1
    shown = int(re.match(r"(\d+) of", page.text_content(".jd-shown"))[1])
    assert page.locator(".jd-map path[data-a]:not(.jd-fade)").count() == shown
    assert page.locator(".jd-chip").all_text_contents() == ["Worst fifth"]
    assert page.text_content("#jk-voice").endswith("shown: Worst fifth.")
    page.select_option("select[id$=region]", label="London")
    assert page.locator(".jd-chip").all_text_contents() == ["Worst fifth", "London only"]
    page.click(".jd-clear")
    _settled(page)
    assert page.locator(".jd-chips").is_hidden()
    assert page.locator(".jd-map path.jd-fade").count() == 0
    assert page.evaluate("document.activeElement.tagName") == "SELECT"


def test_the_map_is_walked_by_keyboard(ready: Any) -> None:
    page = ready()
    page.locator(".jd-map svg").focus()
    active = "document.getElementById(document.querySelector('.jd-map svg').getAttribute('aria-activedescendant')).getAttribute('aria-label')"
    assert page.evaluate(active).startswith("Blackpool: ")
    page.keyboard.press("ArrowRight")
    there = page.evaluate(active)
    assert not there.startswith("Blackpool")
    assert re.search(r": [\d.]+ years, (best|second best|middle|second worst|worst)", there)
    page.keyboard.press("ArrowLeft")
    assert page.evaluate(active).startswith("Blackpool: ")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    assert page.text_content(KEY).startswith(there.split(":")[0])
    assert page.evaluate("document.activeElement.getAttribute('role')") == "listbox"


def test_tables_have_one_tab_stop_and_arrows_move(ready: Any) -> None:
    page = ready()
    for table in (".jd-ranked", ".jd-spine"):
        assert page.locator(f"{table} .jd-pick[tabindex='0']").count() == 1, table
    page.locator(".jd-spine .jd-pick[tabindex='0']").focus()
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.textContent") == "Smoking"
    assert page.locator(".jd-spine .jd-pick[tabindex='0']").count() == 1
    page.keyboard.press("Enter")
    assert ", Smoking, " in page.text_content(KEY)
    page.locator(".jd-ranked .jd-pick[tabindex='0']").focus()
    page.keyboard.press("Home")
    first = page.evaluate("document.activeElement.textContent")
    page.keyboard.press("Enter")
    assert page.text_content(KEY).startswith(first)
    assert page.evaluate("document.activeElement.textContent") == first


def test_an_area_is_found_by_name_and_by_keyboard(ready: Any, panel: Dashboard) -> None:
    page = ready()
    box = page.locator("input[role=combobox]")
    box.focus()
    page.keyboard.type("manch")
    page.keyboard.press("ArrowDown")
    assert page.locator(".jd-found [aria-selected=true]").text_content() == "Manchester"
    page.keyboard.press("Enter")
    assert page.text_content(KEY).startswith("Manchester")
    assert box.input_value() == "Manchester"
    page.keyboard.type("zzz")
    assert page.locator(".jd-found").text_content() == "No area of that name"
    page.keyboard.press("Escape")
    assert box.input_value() == "Manchester"
    old = next(((a.name, o) for a in panel.view.areas for o in a.old if o not in {b.name for b in panel.view.areas}), None)
    assert old, "no area of the country had another name"
    page.keyboard.press("Control+a")
    page.keyboard.type(old[1])
    assert old[0] in page.locator(".jd-found").text_content()


@pytest.mark.parametrize(
    "fragment",
    [
        "#measure=t.nothing&area=E99999999&period=1066&verdict=worst,evil&within=x&compare=moon",
        "#area=<img src=x onerror=alert(1)>&verdict=__proto__",
        "#measure=constructor&area=%E0%A4%A",
        "#verdict=" + "worst," * 500,
    ],
)
def test_hostile_addresses_are_ignored(ready: Any, panel: Dashboard, fragment: str) -> None:
    page = ready(fragment)
    assert page.text_content(KEY) == panel.view.sentence(panel.choice)
    assert page.locator(".jd-map path.jd-fade").count() == 0


def test_the_address_is_followed_when_it_changes(ready: Any) -> None:
    page = ready()
    page.evaluate("location.hash = '#measure=t.odd'")
    page.wait_for_function("document.querySelector('.jd-keywords').textContent.includes('Odd measure')")
    page.go_back()
    page.wait_for_function("document.querySelector('.jd-keywords').textContent.includes('Life expectancy')")


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_nothing_scrolls_sideways_and_targets_are_large(ready: Any, width: int) -> None:
    page = ready("#verdict=worst", width=width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    small = page.evaluate(
        "[...document.querySelectorAll('.jd button, .jd select, .jd input, .jd summary')].filter(e => e.offsetParent && e.getBoundingClientRect().height < 24).map(e => e.outerHTML.slice(0, 80))"
    )
    assert small == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("fragment", ["", "#verdict=worst&palette=safe", "#measure=t.range&area=E09000007"])
def test_axe_finds_nothing(ready: Any, scheme: str, fragment: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = ready(fragment, color_scheme=scheme)
    found = Axe().run(page).response["violations"]
    assert [(v["id"], [n["target"] for n in v["nodes"]][:3]) for v in found] == []


def test_marks_of_the_key_are_those_of_python(ready: Any) -> None:
    page = ready()
    drawn = page.locator(".jd-legend button .jk-m").evaluate_all("all => all.map(e => [e.getAttribute('class'), e.getAttribute('d')])")
    assert drawn[0] == [Mark(Verdict.WORST).css, Mark(Verdict.WORST).path]
