"""Which addresses may be asked for at all, and how an address is shown without its secrets."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection
from typing import Final
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlsplit, urlunsplit

from jsnakit.errors import HostRefusedError

SNAPSHOT: Final = "snapshot:"
"""The scheme of what a source produced itself: `snapshot:<source>/<key>`."""

_SECRET_WORDS: Final = frozenset({
    "key", "apikey", "token", "sig", "signature", "password", "passwd", "pwd", "passphrase", "secret", "credential", "credentials", "auth", "authorization", "sas",
})  # fmt: skip
_SECRET_ENDINGS: Final = ("apikey", "accesskey", "authkey", "secretkey", "subscriptionkey", "token", "password", "secret", "signature")
_WORDS: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
# Characters over which address parsers disagree, and with which a refused host can be dressed as an admitted one.
_TREACHEROUS: Final = re.compile(r"[\x00-\x1f\x7f\\]")
_URL_SAFE: Final = "/?%:@!$&'()*+,;=~-._[]"
_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")


def _names_secret(name: str) -> bool:
    words = [w.lower() for w in _WORDS.findall(unquote(name))]
    return any(w in _SECRET_WORDS for w in words) or "".join(words).endswith(_SECRET_ENDINGS)


def secret_in(url: str) -> str | None:
    """What part of an address looks like a credential (`user name or password`, or the parameter's name); null if none does.

    >>> secret_in("https://example.org/data.csv?api_key=abc&month=2")
    'api_key'
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if "@" in parts.netloc:
        return "user name or password"
    for text in (parts.query, parts.fragment):
        for name, _ in parse_qsl(text.replace(";", "&"), keep_blank_values=True):
            if _names_secret(name):
                return name
    return None


def shown(url: str) -> str:
    """An address as it may be printed: without user, password and the values of secret parameters.

    >>> shown("https://me:pw@example.org/a?sig=abc&month=2")
    'https://example.org/a?sig=***&month=2'
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return "(an address that cannot be read)"
    netloc = parts.netloc.rpartition("@")[2]
    query = re.sub(r"([^&;=]+)=([^&;]*)", lambda m: f"{m[1]}=***" if _names_secret(m[1]) else m[0], parts.query)
    return urlunsplit((parts.scheme, netloc, parts.path, query, ""))


def _refuse(url: str, why: str, *, hop: bool, hint: str) -> HostRefusedError:
    return HostRefusedError(
        f"{'redirect to ' if hop else ''}{shown(url)} refused: {why}",
        hint=hint,
        url=shown(url),
        reason="redirect" if hop else "connection",
        transient=False,
    )


def port_of(parts: SplitResult) -> int:
    """The port of an address, given or by its scheme."""
    return parts.port or (443 if parts.scheme == "https" else 80)


def admitted(url: str, hosts: Collection[str], allow: Collection[str], *, hop: bool = False) -> str:
    """The address (without fragment) if it is https on a host in `hosts`, or its `host:port` is in `allow`. Raises `HostRefusedError`.

    >>> admitted("https://files.example.org/a.csv#top", ["files.example.org"], ())
    'https://files.example.org/a.csv'
    """
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), port_of(parts)
    except ValueError:
        raise _refuse(url, "it is not a valid address", hop=hop, hint="check the address") from None
    if _TREACHEROUS.search(url) or not host.isascii():
        raise _refuse(url, "it has a backslash, a control character or a host outside ASCII", hop=hop, hint="write the address percent-encoded")
    if "@" in parts.netloc:
        raise _refuse(url, "it carries a user name or password", hop=hop, hint="credentials come from the environment, never from an address")
    path, query = quote(parts.path or "/", safe=_URL_SAFE), quote(parts.query, safe=_URL_SAFE)
    clean = urlunsplit((parts.scheme, parts.netloc, path, query, ""))
    if f"{host}:{port}" in allow and parts.scheme in ("http", "https"):
        return clean
    if parts.scheme != "https":
        raise _refuse(url, f"{parts.scheme or 'no scheme'} is not https", hop=hop, hint="a source must use https addresses")
    known = {h.lower().rstrip(".") for h in hosts}
    if host not in known or port != 443:
        listed = ", ".join(sorted(known)) or "none"
        raise _refuse(
            url,
            "the source does not declare this host",
            hop=hop,
            hint=f"hosts declared: {listed}. If the publisher moved, the source needs a new release",
        )
    return clean


def is_public(address: str) -> bool:
    """Whether an IP address lies in the public internet, also when it is an IPv4 address inside an IPv6 one.

    >>> is_public("169.254.169.254"), is_public("::ffff:127.0.0.1"), is_public("93.184.216.34")
    (False, False, True)
    """
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if ip in _NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return inner.is_global and not inner.is_multicast
    return ip.is_global and not ip.is_multicast
