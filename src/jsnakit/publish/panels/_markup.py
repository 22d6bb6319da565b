"""The one place where text becomes markup: every string is escaped here, and only what this module made counts as markup."""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Iterable, Mapping
from typing import Final, TypeAlias
from urllib.parse import urlsplit

__all__ = ["Safe", "attributes", "el", "escape", "href_of", "join", "plain_text", "short_id"]

# XML 1.0 has no way to write these, escaped or not.
_UNWRITABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_VOID: Final = frozenset({"br", "circle", "col", "hr", "line", "link", "meta", "path", "rect", "use", "wbr"})
_NAME: Final = re.compile(r"[a-zA-Z][a-zA-Z0-9:_-]*")


class Safe(str):
    """Markup that this package made. A plain `str` is text and is escaped wherever it meets a `Safe`."""

    __slots__ = ()


Child: TypeAlias = "str | Safe | Iterable[str | Safe | None] | None"


def escape(text: str) -> Safe:
    """Text as markup: `<`, `>`, `&` and both quotes escaped, characters that XML cannot hold left out.

    >>> escape("<b>'A' & co</b>")
    '&lt;b&gt;&#x27;A&#x27; &amp; co&lt;/b&gt;'
    """
    if isinstance(text, Safe):
        return text
    return Safe(html.escape(_UNWRITABLE.sub("", text), quote=True))


def plain_text(text: str) -> str:
    r"""Text without the characters that XML cannot hold, for a writer that escapes by itself.

    >>> plain_text("a\x00b & c")
    'ab & c'
    """
    return _UNWRITABLE.sub("", text)


def join(*children: Child) -> Safe:
    """Children one after the other, each escaped unless it is `Safe`; null is nothing."""
    parts: list[str] = []
    for child in children:
        if child is None:
            continue
        if isinstance(child, str):
            parts.append(escape(child))
        else:
            parts.extend(escape(c) for c in child if c is not None)
    return Safe("".join(parts))


def _value(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.2f}".rstrip("0").rstrip(".") if value else "0"
    return escape(str(value))


def attributes(values: Mapping[str, object]) -> str:
    """Attributes as written in a tag, in the order given; null and false are left out, true is written as its own name."""
    out = []
    for name, value in values.items():
        if value is None or value is False:
            continue
        if not _NAME.fullmatch(name) or name.lower().startswith("on"):
            raise AssertionError(f"attribute name {name!r} is never made from data")
        out.append(f' {name}="{name if value is True else _value(value)}"')
    return "".join(out)


def el(tag: str, attrs: Mapping[str, object] | str | None = None, *children: Child) -> Safe:
    """One element; a string in place of attributes is its class. Well-formed both as HTML and as XML.

    >>> el("td", "jk-num", "5 < 6")
    '<td class="jk-num">5 &lt; 6</td>'
    """
    given = {"class": attrs} if isinstance(attrs, str) else (attrs or {})
    head = f"{tag}{attributes(given)}"
    inner = join(*children)
    if tag in _VOID and not inner:
        return Safe(f"<{head}/>")
    return Safe(f"<{head}>{inner}</{tag}>")


def href_of(address: str) -> str | None:
    """An address that may be linked to (relative, `http`, `https`, `mailto`), else null: a name from data never becomes a script.

    >>> href_of("javascript:alert(1)") is None
    True
    """
    cleaned = "".join(c for c in _UNWRITABLE.sub("", address) if c not in "\t\n\r").strip()
    if not cleaned:
        return None
    try:
        scheme = urlsplit(cleaned).scheme.lower()
    except ValueError:
        return None
    return cleaned if scheme in ("", "http", "https", "mailto") else None


def short_id(*parts: object) -> str:
    """An id for a drawing's own definitions, made of what is drawn, so that equal input gives equal bytes."""
    return "jk-" + hashlib.sha256("\x1f".join(map(repr, parts)).encode("utf-8", "replace")).hexdigest()[:10]
