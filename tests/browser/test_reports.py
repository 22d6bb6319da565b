"""A report of the reader's own: picked by mouse or keyboard, kept in the address, printed alone, and saying what every other panel says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

REPORT = "() => [...document.querySelectorAll('.jd-made tbody')].map(b => [...b.rows].map(r => r.innerText.replace(/\\s+/g, ' ').trim()))"


@pytest.fixture
def ready(demo: Path, open_page: Any) -> Any:
    """A function that opens the page of linked panels and waits until they are at work."""

    def make(fragment: str = "", **options: Any) -> Any:
        page = open_page(demo / "health-and-wellbeing/explore.html", fragment=fragment, **options)
        page.locator("[data-linked][data-ready]").wait_for()
        page.locator(".jd-report summary").wait_for()
        return page

    return make


def test_measures_and_places_are_picked_and_the_address_keeps_them(ready: Any) -> None:
    page = ready()
    assert page.locator(".jd-made table").count() == 0
    page.locator(".jd-report summary").click()
    page.get_by_label("Smoking", exact=True).check()
    page.get_by_label("Air pollution", exact=True).check()
    page.get_by_label("Find your area").fill("Preston")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Add Preston").click()
    found = page.evaluate(REPORT)
    assert [b[0].split(",")[0] for b in found] == ["Smoking", "Air pollution"]
    assert [row.split(" ")[0] for row in found[0][1:]] == ["Blackpool", "Preston"]
    assert "picks=healthindex.smoking,healthindex.air_pollution&places=E06000009,E07000123" in page.url
    again = ready(page.url[page.url.index("#") :])
    assert again.evaluate(REPORT) == found
    # What the report says of a place is what the list of measures says of it.
    figure = found[1][2].split(" ")[1]
    again.locator(".jd-spine tr", has_text="Air pollution").filter(has_text=figure).wait_for()
    page.get_by_role("button", name="Take Blackpool out of the report").click()
    assert [len(b) for b in page.evaluate(REPORT)] == [2, 2]


def test_it_is_made_by_keyboard_alone(ready: Any) -> None:
    page = ready()
    page.locator(".jd-report summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    assert len(page.evaluate(REPORT)) == 1


def test_printed_it_stands_alone(ready: Any) -> None:
    page = ready("#picks=healthindex.smoking&places=E06000009")
    page.evaluate("window.print = () => document.documentElement.setAttribute('data-asked', '')")
    page.get_by_role("button", name="Print the report").click()
    assert page.evaluate("document.documentElement.hasAttribute('data-asked')")
    page.emulate_media(media="print")
    assert page.locator(".jd-made table").is_visible()
    assert not page.locator(".jd-spine").is_visible()
    page.emulate_media(media="screen")
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator(".jd-spine").is_visible()


@pytest.mark.parametrize(
    "fragment", ["#picks=%3Cscript%3E&places=E06000009", "#picks=healthindex.smoking&places=__proto__,E99", "#picks=" + "x," * 900]
)
def test_an_address_that_names_nothing_makes_no_report(ready: Any, fragment: str) -> None:
    page = ready(fragment)
    assert page.locator(".jd-made table").count() == 0


@pytest.mark.parametrize("width", [320, 1280])
def test_it_fits(ready: Any, width: int) -> None:
    page = ready("#picks=healthindex.smoking,healthindex.activities_in_life_are_worthwhile&places=E06000009,E07000123", width=width)
    page.locator(".jd-report summary").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
