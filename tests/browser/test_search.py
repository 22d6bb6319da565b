"""Search: from a file, by mouse and keyboard, kept in the address, and nothing in it is ever markup."""

from __future__ import annotations

from pathlib import Path
from typing import Any

SHOWN = "() => [...document.querySelectorAll('#jp-index li:not([hidden]) a')].map(a => a.textContent)"


def test_words_narrow_the_index_and_the_address_keeps_them(demo: Path, open_page: Any) -> None:
    page = open_page(demo / "search.html")
    everything = page.evaluate(SHOWN)
    page.get_by_label("What are you looking for?").fill("pollution AIR")
    some = page.evaluate(SHOWN)
    assert 0 < len(some) < len(everything)
    assert page.locator("#jp-query-says").inner_text() == f"{len(some)} of {len(everything)} found."
    assert page.url.endswith("#q=pollution+AIR")
    again = open_page(demo / "search.html", fragment="#q=pollution+air")
    assert again.evaluate(SHOWN) == some
    page.get_by_label("What are you looking for?").fill("zzzz")
    assert page.evaluate(SHOWN) == []
    assert "Nothing holds all of these words" in page.locator("#jp-query-says").inner_text()


def test_a_place_is_found_by_the_name_it_had_and_its_page_is_about_it(demo: Path, open_page: Any) -> None:
    page = open_page(demo / "search.html")
    page.get_by_label("What are you looking for?").fill("vale of white horse")
    page.get_by_role("link", name="Vale of White Horse", exact=True).click()
    page.locator("[data-linked][data-ready]").wait_for()
    assert page.get_by_label("Find your area").input_value() == "Vale of White Horse"


def test_what_is_typed_is_text(demo: Path, open_page: Any) -> None:
    page = open_page(demo / "search.html", fragment="#q=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E")
    assert page.get_by_label("What are you looking for?").input_value() == "<img src=x onerror=alert(1)>"
    assert page.locator("main img").count() == 0


def test_the_first_page_leads_to_what_is_looked_for(demo: Path, open_page: Any) -> None:
    page = open_page(demo / "index.html")
    page.get_by_label("Find your area, a measure or a word").fill("preston")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search.html#q=preston")
    assert "Preston" in page.evaluate(SHOWN)
