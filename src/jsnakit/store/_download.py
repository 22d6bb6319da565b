"""One address to one finished temporary file: redirects hop by hop, limits, refusals, retries and manners. pooch calls this as its downloader."""

from __future__ import annotations

import contextlib
import datetime as dt
import email.utils
import hashlib
import http.client
import json
import logging
import random
import re
import ssl
import time
import zlib
from collections.abc import Callable, Collection, Iterator
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final, Self
from urllib.parse import urljoin, urlsplit

from attrs import frozen

from jsnakit.errors import ArchiveError, CacheWriteError, FetchError, HostRefusedError, SourceChangedError
from jsnakit.files import MAX_RATIO, SourceFile
from jsnakit.progress import bar
from jsnakit.store._addresses import admitted, port_of, shown
from jsnakit.store._objects import Cache

if TYPE_CHECKING:
    import requests

    from jsnakit.store._transport import Client, Watch

log = logging.getLogger(__name__)

RETRIES: Final = 4
LONGEST_WAIT: Final = 60.0
MAX_HOPS: Final = 5
_CHUNK: Final = 256 * 1024
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_TRANSIENT: Final = frozenset({408, 425, 429})
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MAGIC: Final = {".zip": b"PK", ".xlsx": b"PK", ".xlsm": b"PK", ".ods": b"PK", ".xls": _OLE, ".parquet": b"PAR1", ".pdf": b"%PDF"}


@frozen(kw_only=True)
class Manners:
    """How a store behaves towards servers and the clock; the last three are replaced in tests."""

    deadline: float = 600.0
    max_bytes: int = 2 * 1024**3
    interval: float = 1.0
    progress: bool = False
    contact: str = ""
    clock: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep
    random: Callable[[], float] = random.random


@frozen(kw_only=True)
class Wanted:
    """One question to a server: the address, the hosts it may lead to, what is known already, and whether a page will do."""

    url: str
    hosts: Collection[str]
    agent: str
    title: str = ""
    homepage: str = ""
    page: bool = False
    sha256: str = ""
    etag: str = ""
    last_modified: str = ""


@frozen(kw_only=True)
class Answer:
    """What came of it. `sha256` is empty where the server said that nothing changed."""

    final_url: str
    sha256: str = ""
    size: int = 0
    etag: str = ""
    last_modified: str = ""
    content_type: str = ""
    length_known: bool = True


class NotModifiedError(Exception):
    """The server says that what we have is still right (304). Never leaves the store."""

    def __init__(self, answer: Answer) -> None:
        super().__init__("not modified")
        self.answer = answer


def _fault(url: str, why: str, reason: str, *, transient: bool, hint: str, status: int | None = None, retry_after: float | None = None) -> FetchError:
    address = shown(url)
    return FetchError(f"{address}: {why}", hint=hint, url=address, reason=reason, status=status, transient=transient, retry_after=retry_after)


_LATER: Final = "try again later; with a filled cache, stale_if_error=True or offline mode uses what is there"
_LOOK: Final = "open the address in a browser; publishers move files, and the source's homepage links the present one"


class Downloader:
    """Downloads with a budget of time and bytes, retries what can succeed and says why the rest cannot."""

    def __init__(self, cache: Cache, manners: Manners, allow: frozenset[str]) -> None:
        self._cache, self._manners, self._allow = cache, manners, allow

    def fetch(self, wanted: Wanted, target: Path) -> Answer:
        """Write the bytes at an address to `target`, or raise `FetchError`, `CacheWriteError` or `NotModifiedError`.

        `deadline` bounds the seconds spent on the network over all attempts; waits between them (at most 60 s each) come on top.
        """
        left = self._manners.deadline
        for attempt in range(RETRIES + 1):
            self._be_polite(wanted.url)
            started = time.monotonic()
            try:
                return self._attempt(wanted, target, left)
            except FetchError as error:
                left -= time.monotonic() - started
                if not error.transient or error.reason in ("content", "size", "busy") or left <= 0 or attempt == RETRIES:
                    raise
                asked = error.retry_after
                wait = asked if asked is not None else self._manners.random() * min(LONGEST_WAIT, 2.0**attempt)
                log.info("attempt %d of %s failed (%s); again in %.1f s", attempt + 1, shown(wanted.url), error.reason, wait)
                self._manners.sleep(wait)
        raise AssertionError("the last attempt returns or raises")

    def _be_polite(self, url: str) -> None:
        """At most one request per interval and host, over all processes that share the cache: each takes the next free moment."""
        interval = self._manners.interval
        if interval <= 0:
            return
        parts = urlsplit(url)
        name = re.sub(r"[^a-z0-9.-]", "_", (parts.hostname or "").lower())[:100]
        stamp = self._cache.root / "locks" / f"next-{name}-{port_of(parts)}"
        with self._cache.locked(stamp.name, timeout=LONGEST_WAIT) as held:
            now = self._manners.clock()
            try:
                moment = float(stamp.read_text("ascii"))
            except (OSError, ValueError):
                moment = now
            # A moment far ahead was written by a clock that was wrong.
            moment = moment if now <= moment <= now + LONGEST_WAIT else now
            if held:
                try:
                    stamp.write_text(repr(moment + interval), "ascii")
                except OSError:
                    log.debug("the moment of the last request cannot be kept in %s", stamp.parent)
        if moment > now:
            self._manners.sleep(moment - now)

    # --- one attempt -------------------------------------------------------------------------------------------------

    def _attempt(self, wanted: Wanted, target: Path, seconds: float) -> Answer:
        import requests
        import urllib3

        from jsnakit.store import _transport

        with _transport.Watch(seconds) as watch:
            client = _transport.Client(watch, self._allow)
            try:
                with contextlib.closing(self._follow(client, wanted)) as response:
                    return self._receive(wanted, response, target, watch)
            except FetchError as error:
                if watch.expired and error.reason in ("truncated", "connection") and not isinstance(error, HostRefusedError):
                    raise self._too_slow(wanted) from None
                raise
            except CacheWriteError:
                raise
            except (requests.RequestException, urllib3.exceptions.HTTPError, http.client.HTTPException, OSError, ValueError) as error:
                raise (self._too_slow(wanted) if watch.expired else _network_fault(wanted, error, _transport.why(error))) from None
            finally:
                client.close()

    def _too_slow(self, wanted: Wanted) -> FetchError:
        return _fault(wanted.url, f"not finished within {self._manners.deadline:g} seconds", "timeout", transient=True, hint=_LATER)

    def _follow(self, client: Client, wanted: Wanted) -> requests.Response:
        """The answer at the end of the redirects, each of which is judged like the first address."""
        url = admitted(wanted.url, wanted.hosts, self._allow)
        headers = {"User-Agent": wanted.agent, "Accept": "*/*", "Accept-Encoding": "identity"}
        if wanted.etag:
            headers["If-None-Match"] = wanted.etag
        if wanted.last_modified:
            headers["If-Modified-Since"] = wanted.last_modified
        for hop in range(MAX_HOPS + 1):
            if hop:
                self._be_polite(url)
            response = client.get(url, headers)
            if response.status_code not in _REDIRECTS:
                return response
            location = response.headers.get("Location", "")
            response.close()
            if not location:
                raise _fault(url, f"status {response.status_code} without a new address", "redirect", transient=False, hint=_LOOK)
            # Headers come as Latin-1; servers write addresses in UTF-8.
            with contextlib.suppress(UnicodeError):
                location = location.encode("latin-1").decode("utf-8")
            with contextlib.suppress(ValueError):
                location = urljoin(url, location)
            url = admitted(location, wanted.hosts, self._allow, hop=True)
        raise _fault(wanted.url, f"more than {MAX_HOPS} redirects", "redirect", transient=False, hint=_LOOK)

    def _receive(self, wanted: Wanted, response: requests.Response, target: Path, watch: Watch) -> Answer:
        self._judge_status(wanted, response)
        headers = response.headers
        chunked = "chunked" in headers.get("Transfer-Encoding", "").lower()
        stated = headers.get("Content-Length", "").strip()
        length = int(stated) if not chunked and re.fullmatch(r"\d{1,15}", stated) else None
        if length is not None and length > self._manners.max_bytes:
            raise self._too_large(wanted)
        encoding = headers.get("Content-Encoding", "").strip().lower()
        if encoding not in ("", "identity", "gzip", "x-gzip"):
            raise _fault(wanted.url, f"sent as {encoding!r}, which was not asked for", "content", transient=False, hint=_LOOK)
        body = _Body(self._cache, target, length, packed=encoding in ("gzip", "x-gzip"))
        with body, bar(length, unit="B", label=_file_of(wanted.url), shown=self._manners.progress) as drawn:
            while chunk := response.raw.read1(_CHUNK, decode_content=False):
                for data in body.unpack(chunk):
                    body.write(data)
                    if body.size > self._manners.max_bytes or body.bomb:
                        raise self._too_large(wanted)
                drawn.update(len(chunk))
                if watch.left <= 0:
                    raise self._too_slow(wanted)
        if watch.expired:
            raise self._too_slow(wanted)
        if (length is not None and body.received != length) or not body.complete:
            raise _cut(wanted)
        _judge_content(wanted, body, headers.get("Content-Type", ""))
        known = chunked or length is not None
        if body.sha256 != wanted.sha256:
            if not known and not _looks_whole(target, body.head, body.size):
                raise _cut(wanted)
            if wanted.sha256:
                raise _changed(wanted, body.sha256)
        return Answer(
            final_url=shown(response.url),
            sha256=body.sha256,
            size=body.size,
            etag=_tag(headers.get("ETag", "")),
            last_modified=_tag(headers.get("Last-Modified", "")),
            content_type=_tag(headers.get("Content-Type", "")),
            length_known=known,
        )

    def _too_large(self, wanted: Wanted) -> FetchError:
        limit = self._manners.max_bytes
        return _fault(
            wanted.url,
            f"more than {limit:,} bytes, or a bomb",
            "size",
            transient=False,
            hint="raise max_bytes of the store if it should be that large",
        )

    def _judge_status(self, wanted: Wanted, response: requests.Response) -> None:
        status = response.status_code
        if status == 200:
            return
        headers = response.headers
        if status == 304 and (wanted.etag or wanted.last_modified):
            raise NotModifiedError(
                Answer(final_url=shown(response.url), etag=_tag(headers.get("ETag", "")), last_modified=_tag(headers.get("Last-Modified", "")))
            )
        transient = status in _TRANSIENT or 500 <= status <= 599
        asked = _retry_after(headers.get("Retry-After", ""), self._manners.clock()) if transient else None
        if asked is not None and asked > LONGEST_WAIT:
            why = f"status {status}; the server asks to wait {asked:,.0f} seconds"
            raise _fault(wanted.url, why, "busy", transient=True, hint=_LATER, status=status, retry_after=asked)
        raise _fault(
            wanted.url,
            f"status {status} ({wanted.title}){_words_of(response)}",
            "status",
            transient=transient,
            hint=_status_hint(status, wanted),
            status=status,
            retry_after=asked,
        )

    # --- through pooch -----------------------------------------------------------------------------------------------

    def into(self, room: Path, wanted: Wanted) -> tuple[Path, Answer]:
        """Download into a folder with pooch, which writes to a temporary name, checks the hash and moves; the bytes come from `fetch`."""
        import pooch

        answers: list[Answer] = []

        def download(_url: str, output: str, _pooch: Any) -> None:
            answers.append(self.fetch(wanted, Path(output)))

        _hush(pooch.get_logger())
        quiet = _HUSHED.set(True)
        try:
            with self._cache.writing():
                known = f"sha256:{wanted.sha256}" if wanted.sha256 else None
                path = pooch.retrieve(shown(wanted.url), known_hash=known, fname="body", path=room, downloader=download)
        finally:
            _HUSHED.reset(quiet)
        return Path(path), answers[0]


_HUSHED: ContextVar[bool] = ContextVar("jsnakit_hushed", default=False)


def _is_for_others(_record: logging.LogRecord) -> bool:
    return not _HUSHED.get()


def _hush(logger: logging.Logger) -> None:
    """Silence what pooch prints of our downloads (they are in our own log and the lock); what others do with pooch is printed as ever."""
    if _is_for_others not in logger.filters:
        logger.addFilter(_is_for_others)


class _Body:
    """The bytes as they arrive: unpacked if the server packed them, counted, hashed and written."""

    def __init__(self, cache: Cache, target: Path, needed: int | None, *, packed: bool) -> None:
        self._cache, self._target, self._needed = cache, target, needed
        self._unpack = zlib.decompressobj(zlib.MAX_WBITS | 16) if packed else None
        self._hash = hashlib.sha256()
        self._file: BinaryIO | None = None
        self.head = b""
        self.size = self.received = 0

    def __enter__(self) -> Self:
        with self._cache.writing(self._needed):
            self._file = self._target.open("wb")
        return self

    def __exit__(self, *_: object) -> None:
        assert self._file is not None
        with self._cache.writing(self._needed):
            self._file.close()

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    @property
    def complete(self) -> bool:
        """Whether a packed body came to its end."""
        return self._unpack is None or self._unpack.eof

    @property
    def bomb(self) -> bool:
        return self._unpack is not None and self.size > MAX_RATIO * self.received and self.size > _CHUNK

    def unpack(self, chunk: bytes) -> Iterator[bytes]:
        self.received += len(chunk)
        if self._unpack is None:
            yield chunk
            return
        while chunk:
            # A packed body may be several gzip streams, one after the other.
            if self._unpack.eof:
                self._unpack = zlib.decompressobj(zlib.MAX_WBITS | 16)
            try:
                yield self._unpack.decompress(chunk, _CHUNK)
            except zlib.error as error:
                raise OSError("the packed body is damaged") from error
            chunk = self._unpack.unconsumed_tail or self._unpack.unused_data

    def write(self, data: bytes) -> None:
        assert self._file is not None
        self._hash.update(data)
        self.size += len(data)
        if len(self.head) < 512:
            self.head += data[: 512 - len(self.head)]
        with self._cache.writing(self._needed if self._needed is not None else self.size):
            self._file.write(data)


# --- judging what came -----------------------------------------------------------------------------------------------


def _cut(wanted: Wanted) -> FetchError:
    return _fault(wanted.url, "the download was cut short", "truncated", transient=True, hint=_LATER)


def _changed(wanted: Wanted, found: str) -> SourceChangedError:
    address = shown(wanted.url)
    return SourceChangedError(
        f"{address} is no longer the file that the lock pins: expected sha256 {wanted.sha256}, found {found}",
        hint="`jsnakit lock --update` shows what changed and pins the new file; `jsnakit cache import` brings the old one from another machine",
        url=address,
        reason="hash",
        transient=False,
        expected=wanted.sha256,
        found=found,
    )


def _looks_html(head: bytes) -> bool:
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return text.startswith(b"<") and any(tag in text for tag in (b"<!doctype html", b"<html", b"<head", b"<body", b"<title", b"<script", b"<meta"))


def _judge_content(wanted: Wanted, body: _Body, content_type: str) -> None:
    """Refuse what is plainly not the file asked for: nothing, a web page, or another kind of file than the address names."""
    suffix = Path(urlsplit(wanted.url).path).suffix.lower()
    why = ""
    if not body.size:
        why = "an empty answer"
    elif wanted.page:
        return
    elif _looks_html(body.head):
        why = "a web page instead of data"
    elif not body.head.startswith(_MAGIC.get(suffix, b"")):
        why = f"not a {suffix} file"
    elif suffix == ".csv" and content_type.lower().startswith("application/json"):
        why = "JSON instead of CSV"
    if why:
        raise _fault(wanted.url, why, "content", transient=True, hint=f"{_LOOK} ({wanted.homepage})")


def _looks_whole(path: Path, head: bytes, size: int) -> bool:
    """Whether a body whose length the server did not state ends as its kind of file ends."""
    with path.open("rb") as handle:
        handle.seek(max(0, size - 2048))
        tail = handle.read()
    if head.startswith(b"PK"):
        try:
            return bool(SourceFile.from_path(path).members())
        except ArchiveError:
            return False
    if head.startswith(_OLE):
        return False
    if head.startswith(b"PAR1"):
        return tail.endswith(b"PAR1")
    if head.startswith(b"%PDF"):
        return b"%%EOF" in tail
    if _looks_html(head):
        return b"</html>" in tail.lower()
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if start in (b"{", b"["):
        return _is_json(path)
    return tail.rstrip().endswith(b">") if start == b"<" else tail.endswith((b"\n", b"\r"))


def _is_json(path: Path) -> bool:
    try:
        json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        return False
    return True


def _words_of(response: requests.Response) -> str:
    """What a server says of a status in words, where it says it in a line of text or in JSON: an API's own message, not a page."""
    import urllib3

    if response.headers.get("Content-Encoding", "").strip().lower() not in ("", "identity"):
        return ""
    try:
        head = response.raw.read1(2048, decode_content=False)
    except (OSError, ValueError, http.client.HTTPException, urllib3.exceptions.HTTPError):
        return ""
    if _looks_html(head) or head.lstrip().startswith(b"<"):
        return ""
    text = head.decode("utf-8", "replace")
    with contextlib.suppress(ValueError, RecursionError):
        said = json.loads(text)
        if isinstance(said, dict):
            said = next((said[key] for key in ("message", "Message", "error", "detail", "title") if isinstance(said.get(key), str)), "")
        text = "; ".join(str(word) for word in said) if isinstance(said, list) else str(said)
    line = next((line.strip() for line in text.splitlines() if line.strip()), "")
    line = "".join(c for c in line if c.isprintable())
    return f": {line[:200]}" if line else ""


def _status_hint(status: int, wanted: Wanted) -> str:
    if status == 407:
        return "the proxy of your network wants a login; ask your IT department"
    if status in (401, 403):
        return f"the server refuses: see {wanted.homepage or 'the source homepage'} in a browser; some networks need a proxy (HTTPS_PROXY)"
    if status in (404, 410):
        return f"the file was moved or withdrawn: look for it from {wanted.homepage or 'the homepage of the source'}, then `jsnakit lock --update`"
    if status in (400, 414, 422):
        return f"the server refuses this question, and would again: see {wanted.homepage or 'the homepage of the source'}; a newer version of the plugin may ask otherwise"
    return _LATER


def _tag(text: str) -> str:
    """A header as it may be kept, and sent back at the next question: one line of printable ASCII of a sane length, or nothing."""
    return text if len(text) <= 300 and text.isascii() and text.isprintable() else ""


def _retry_after(text: str, now: float) -> float | None:
    """Seconds to wait as a server asks for it, in seconds or as a date; null where it is neither or has passed."""
    text = text.strip()
    if re.fullmatch(r"\d{1,9}", text):
        return float(text)
    try:
        moment = email.utils.parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=dt.UTC)
    wait = moment.timestamp() - now
    return wait if wait > 0 else None


def _network_fault(wanted: Wanted, error: BaseException, words: str) -> FetchError:
    """A fault of the network in our words, and whether trying again can help."""
    import requests

    chain: list[BaseException] = []
    seen: BaseException | None = error
    while seen is not None and seen not in chain:
        chain.append(seen)
        inner = getattr(seen, "reason", None)
        inner = inner if isinstance(inner, BaseException) else next((a for a in seen.args if isinstance(a, BaseException)), None)
        seen = inner or seen.__cause__ or seen.__context__
    if any(isinstance(e, http.client.IncompleteRead) for e in chain):
        return _cut(wanted)
    if any(isinstance(e, requests.exceptions.InvalidProxyURL) or "SOCKS" in str(e) for e in chain if isinstance(e, requests.RequestException)):
        hint = "look at HTTPS_PROXY, HTTP_PROXY and ALL_PROXY: an http:// address is understood, a SOCKS one is not"
        return _fault(wanted.url, "the proxy that your settings name cannot be used", "connection", transient=False, hint=hint)
    if any(isinstance(e, requests.exceptions.InvalidURL | requests.exceptions.InvalidSchema) for e in chain):
        return _fault(wanted.url, "it is not a valid address", "connection", transient=False, hint=_LOOK)
    if any(isinstance(e, ssl.SSLCertVerificationError) for e in chain):
        hint = "your network may replace certificates: have its own certificate installed in the system; checking cannot be turned off"
        return _fault(wanted.url, words, "connection", transient=False, hint=hint)
    # In those words: the place in memory that a message shows may hold the same three digits.
    if any("Tunnel connection failed: 407" in str(e) for e in chain if isinstance(e, OSError)):
        return _fault(wanted.url, "the proxy answered with status 407", "status", transient=False, hint=_status_hint(407, wanted), status=407)
    if any(isinstance(e, TimeoutError | requests.Timeout) for e in chain):
        return _fault(wanted.url, "no answer came in time", "timeout", transient=True, hint=_LATER)
    return _fault(wanted.url, f"the connection failed ({words})", "connection", transient=True, hint=_LATER)


def _file_of(url: str) -> str:
    return urlsplit(shown(url)).path.rpartition("/")[2] or url
