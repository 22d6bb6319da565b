"""News of editions as an Atom feed (RFC 4287, 2005), for readers and programs that want to be told."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Final
from xml.etree import ElementTree as ET

from jsnakit.editions import Edition
from jsnakit.publish._words import edition_words, listed
from jsnakit.publish.data import SiteInfo
from jsnakit.publish.panels._markup import plain_text

__all__ = ["FEED", "feed"]

FEED: Final = "feed.xml"
"""The file of the feed, beside the editions."""

_ATOM: Final = "http://www.w3.org/2005/Atom"
# A name of our own for names: what is made in it is the same wherever the feed is made.
_NAMES: Final = uuid.uuid5(uuid.NAMESPACE_DNS, "jsnakit.editions")


def feed(info: SiteInfo, editions: Sequence[Edition]) -> bytes:
    """The feed of the editions, newest first: an entry each, with what changed. Without the address of the site its links are relative, and there is none to itself."""
    base = info.url.rstrip("/") + "/" if info.url else ""
    newest = editions[-1]
    root = ET.Element("feed", {"xmlns": _ATOM, "xml:lang": "en-GB"})
    _text(root, "id", _name(newest.area, newest.title))
    _text(root, "title", f"{newest.place} {newest.title}")
    _text(root, "updated", max(_moment(e) for e in editions))
    author = ET.SubElement(root, "author")
    _text(author, "name", newest.council or newest.place)
    ET.SubElement(root, "link", {"rel": "alternate", "type": "text/html", "href": f"{base}publications.html"})
    if base:
        ET.SubElement(root, "link", {"rel": "self", "type": "application/atom+xml", "href": f"{base}{FEED}"})
    _text(root, "rights", "Contains public sector information licensed under the Open Government Licence v3.0.")
    for edition in reversed(editions):
        entry = ET.SubElement(root, "entry")
        _text(entry, "id", _name(edition.area, edition.title, edition.name))
        _text(entry, "title", f"Edition of {edition_words(edition.name)}" + (" (withdrawn)" if edition.withdrawn else ""))
        _text(entry, "published", _moment(edition))
        _text(entry, "updated", _moment(edition))
        to = "publications.html" if edition.withdrawn else f"{edition.name}/index.html"
        ET.SubElement(entry, "link", {"rel": "alternate", "type": "text/html", "href": f"{base}{to}"})
        if "changes.html" in edition.files:
            ET.SubElement(
                entry, "link", {"rel": "related", "type": "text/html", "title": "What changed", "href": f"{base}{edition.name}/changes.html"}
            )
        _text(entry, "summary", _said(edition))
    ET.indent(root, " ")
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="unicode").encode() + b"\n"


def _said(edition: Edition) -> str:
    if edition.withdrawn:
        return f"Withdrawn: {edition.withdrawn}"
    chapters = listed([c.title for c in edition.chapters])
    changed = f"Since {edition_words(edition.previous)}: {edition.summary}." if edition.previous else "The first edition."
    return f"{changed} Chapters: {chapters}."


def _text(parent: ET.Element, tag: str, words: str) -> None:
    ET.SubElement(parent, tag).text = plain_text(words)


def _name(*parts: str) -> str:
    return f"urn:uuid:{uuid.uuid5(_NAMES, chr(31).join(parts))}"


def _moment(edition: Edition) -> str:
    return f"{edition.published.isoformat()}T00:00:00Z"
