"""The pages on which publishers list their files: what a page links to."""

from __future__ import annotations

from html.parser import HTMLParser
from urllib.parse import urldefrag, urljoin

__all__ = ["links_of"]


class _Links(HTMLParser):
    """The links of a page with their texts."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, str]] = []
        self._href: str | None = None
        self._text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.handle_endtag("a")
            self._href, self._text = dict(attrs).get("href"), []

    def handle_data(self, data: str) -> None:
        self._text.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._href:
            self.found.append((self._href.strip(), " ".join("".join(self._text).split())))
            self._href = None


def links_of(page: str, base: str) -> list[tuple[str, str]]:
    """The links of an HTML page, whole and without fragments, each with its text; `base` is the page's own address.

    >>> links_of('<a href="/x/england---2024#top">PLACE <b>2024</b></a>', "https://example.org/y/")
    [('https://example.org/x/england---2024', 'PLACE 2024')]
    """
    reader = _Links()
    reader.feed(page)
    reader.close()
    return [(urldefrag(urljoin(base, href)).url, text) for href, text in reader.found]
