"""Search over the site: everything is listed once, each entry leads to something that is there, and without scripts it is an index."""

from __future__ import annotations

import re
from typing import Any

import pytest


@pytest.fixture(scope="module")
def page(built: Any) -> str:
    """The search page of the site."""
    return str((built.folder / "search.html").read_text(encoding="utf-8"))


def _links(page: str) -> list[tuple[str, str]]:
    return re.findall(r'<li><a href="([^"]+)">([^<]+)</a>', page[page.index('id="jp-index"') : page.index("<footer")])


def test_every_entry_leads_to_something_that_is_there(page: str, built: Any) -> None:
    links = _links(page)
    assert len(links) > 30
    assert len(set(links)) == len(links)
    for address, title in links:
        file, _, place = address.partition("#")
        text = (built.folder / file).read_text(encoding="utf-8")
        if "=" in place:
            assert f'"{place.partition("=")[2]}"' in text, (address, title)
        else:
            assert not place or f'id="{place}"' in text, (address, title)


def test_chapters_figures_measures_and_words_are_found_by_what_they_say(page: str) -> None:
    titles = {title for _, title in _links(page)}
    assert {"Health", "Waiting", "Waiting: Specialties", "Smoking", "Suppressed", "How to read the charts"} <= titles
    assert "Who smokes." in page


def test_without_scripts_there_is_no_box_that_does_nothing(page: str) -> None:
    assert "<input" not in page[: page.index("<script")] + page[page.index("</script>") :]
    assert re.search(r'id="jp-search" hidden', page)
