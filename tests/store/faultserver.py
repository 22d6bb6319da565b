"""A raw-socket HTTP server on this machine that fails in every way somebody has met. Each path has a script of behaviours, the last of which repeats."""

from __future__ import annotations

import gzip
import socket
import struct
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

Behaviour = Callable[["Connection"], None]


@dataclass
class Connection:
    """One accepted connection with the request read from it."""

    sock: socket.socket
    path: str
    headers: Mapping[str, str]
    server: FaultServer

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)

    def reset(self) -> None:
        """Close with RST instead of FIN."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def trickle(self, pieces: Sequence[bytes], pause: float) -> None:
        for piece in pieces:
            if self.server.stopping.is_set():
                return
            self.send(piece)
            time.sleep(pause)


@dataclass
class FaultServer:
    """Use as a context manager; `url(path)` is the address, `requests` what was asked."""

    routes: dict[str, list[Behaviour]] = field(default_factory=dict)
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self._listener.getsockname()[1]
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        # Wake the accepting thread, also in a test that replaced the look-up of names.
        with socket.socket() as waker:
            waker.connect(("127.0.0.1", self.port))
        self._thread.join()
        for thread in self._threads:
            thread.join()
        self._listener.close()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def url(self, path: str) -> str:
        return f"http://{self.address}{path}"

    def on(self, path: str, *script: Behaviour) -> str:
        """What happens to the first, second ... request of a path; the last behaviour repeats. Returns the address."""
        self.routes[path] = list(script)
        return self.url(path)

    def count(self, path: str) -> int:
        return sum(1 for asked, _ in self.requests if asked == path)

    def _accept(self) -> None:
        while not self.stopping.is_set():
            sock, _ = self._listener.accept()
            thread = threading.Thread(target=self._serve, args=(sock,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, sock: socket.socket) -> None:
        with sock:
            sock.settimeout(10)
            try:
                path, headers = _read_request(sock)
                if not path:
                    return
                with self._lock:
                    self.requests.append((path, headers))
                    script = self.routes.get(path) or self.routes.get("*") or [status(404)]
                    behaviour = script.pop(0) if len(script) > 1 else script[0]
                behaviour(Connection(sock, path, headers, self))
            except OSError:
                # The client went away, as some of the tests want.
                return


def _read_request(sock: socket.socket) -> tuple[str, dict[str, str]]:
    data = b""
    while b"\r\n\r\n" not in data:
        piece = sock.recv(65536)
        if not piece:
            return "", {}
        data += piece
    lines = data.split(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
    return lines[0].split(" ")[1], {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in lines[1:])}


def head(status: int = 200, **headers: str | int) -> bytes:
    lines = [f"HTTP/1.1 {status} Whatever", "Connection: close", *(f"{k.replace('_', '-')}: {v}" for k, v in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def chunked(body: bytes, size: int = 1000) -> bytes:
    pieces = [body[i : i + size] for i in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in pieces) + b"0\r\n\r\n"


# --- what goes well ----------------------------------------------------------------------------------------------------


def ok(body: bytes, **headers: str | int) -> Behaviour:
    """The whole body with its length."""
    return lambda c: c.send(head(200, Content_Length=len(body), **headers) + body)


def ok_chunked(body: bytes) -> Behaviour:
    return lambda c: c.send(head(200, Transfer_Encoding="chunked") + chunked(body))


def ok_no_length(body: bytes) -> Behaviour:
    return lambda c: c.send(head(200) + body)


def ok_gzip(body: bytes) -> Behaviour:
    packed = gzip.compress(body)
    return lambda c: c.send(head(200, Content_Encoding="gzip", Content_Length=len(packed)) + packed)


def conditional(body: bytes, etag: str, last_modified: str = "") -> Behaviour:
    """304 to who knows the present tag."""

    def behave(c: Connection) -> None:
        if c.headers.get("if-none-match") == etag or (last_modified and c.headers.get("if-modified-since") == last_modified):
            c.send(head(304, ETag=etag))
        else:
            c.send(head(200, Content_Length=len(body), ETag=etag, **({"Last_Modified": last_modified} if last_modified else {})) + body)

    return behave


def paced(body: bytes, pause: float, pieces: int = 8) -> Behaviour:
    """The whole body in pieces with a pause after each, so that a kill can land between them."""
    step = -(-len(body) // pieces)

    def behave(c: Connection) -> None:
        c.send(head(200, Content_Length=len(body)))
        c.trickle([body[i : i + step] for i in range(0, len(body), step)], pause)

    return behave


# --- what goes wrong ---------------------------------------------------------------------------------------------------


def status(code: int, **headers: str | int) -> Behaviour:
    return lambda c: c.send(head(code, Content_Length=3, **headers) + b"no\n")


def said(code: int, body: bytes, **headers: str | int) -> Behaviour:
    return lambda c: c.send(head(code, Content_Length=len(body), **headers) + body)


def bare_status(code: int) -> Behaviour:
    return lambda c: c.send(head(code))


def reset(c: Connection) -> None:
    c.reset()


def reset_midway(body: bytes) -> Behaviour:
    def behave(c: Connection) -> None:
        c.send(head(200, Content_Length=len(body)) + body[: len(body) // 2])
        time.sleep(0.02)
        c.reset()

    return behave


def cut_length(body: bytes) -> Behaviour:
    return lambda c: c.send(head(200, Content_Length=len(body)) + body[: len(body) // 2])


def cut_chunked(body: bytes) -> Behaviour:
    return lambda c: c.send(head(200, Transfer_Encoding="chunked") + chunked(body)[: len(body) // 2])


def cut_no_length(body: bytes) -> Behaviour:
    return lambda c: c.send(head(200) + body[: len(body) // 2])


def cut_gzip(body: bytes) -> Behaviour:
    packed = gzip.compress(body)
    return lambda c: c.send(head(200, Content_Encoding="gzip") + packed[: len(packed) // 2])


def gzip_bomb(size: int) -> Behaviour:
    packed = gzip.compress(b"0" * size)
    return lambda c: c.send(head(200, Content_Encoding="gzip", Content_Length=len(packed)) + packed)


def hang(c: Connection) -> None:
    c.server.stopping.wait(5)


def slow_headers(c: Connection) -> None:
    c.trickle([b"HTTP/1.1 200 OK\r\nX-Slow: ", *([b"a"] * 100)], 0.05)


def slow_body(c: Connection) -> None:
    c.trickle([head(200, Content_Length=10_000), *([b"a,b\n"] * 100)], 0.05)


def endless(c: Connection) -> None:
    c.send(head(200))
    while not c.server.stopping.is_set():
        c.send(b"1,2,3\n" * 1000)


def garbage(c: Connection) -> None:
    c.send(b"\x00\x01\x02 this is not HTTP\r\n\r\n")


def endless_continue(c: Connection) -> None:
    """The promise of an answer, for ever."""
    c.sock.settimeout(1)
    while not c.server.stopping.is_set():
        c.send(b"HTTP/1.1 100 Continue\r\n\r\n" * 100)


def odd_tags(body: bytes) -> Behaviour:
    """Headers that may be received but should never be sent back: with control characters, and longer than any."""
    lines = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n" % len(body)
    return lambda c: c.send(lines + b'ETag: "a\x01\xe9"\r\nLast-Modified: ' + b"x" * 5000 + b"\r\nContent-Type: text/csv\xe9\r\n\r\n" + body)


def endless_headers(c: Connection) -> None:
    c.send(b"HTTP/1.1 200 OK\r\n" + b"".join(b"X-%d: a\r\n" % i for i in range(500)) + b"\r\n")


def redirect(to: str, code: int = 302) -> Behaviour:
    return lambda c: c.send(head(code, Location=to, Content_Length=0))
