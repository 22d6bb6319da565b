"""One HTTP request on requests: the system's certificates, a deadline that also ends slow headers, and no connection to an address that is not public."""

from __future__ import annotations

import contextlib
import functools
import socket
import ssl
import threading
import time
from collections.abc import Collection, Mapping
from typing import Any, Final, Self

import requests
import truststore
from requests.adapters import HTTPAdapter
from requests.utils import get_environ_proxies
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import NewConnectionError
from urllib3.util import connection as urllib3_connection

from jsnakit.errors import HostRefusedError
from jsnakit.store._addresses import is_public, shown

CONNECT_SECONDS: Final = 15.0
STALL_SECONDS: Final = 30.0


class Watch:
    """Ends a request when its time is up, wherever it waits: look-up, connection, handshake, headers or body.

    A read timeout alone does not: a server that sends one byte now and then never reaches it. So the connection is shut from outside.
    """

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds
        self._lock = threading.Lock()
        self._sockets: list[socket.socket] = []
        self._timer = threading.Timer(max(seconds, 0.0), self._fire)
        self._timer.daemon = True
        self.expired = False
        self.refusal: HostRefusedError | None = None

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        with self._lock:
            for held in self._sockets:
                held.close()
            self._sockets.clear()

    @property
    def left(self) -> float:
        """Seconds left."""
        return self._end - time.monotonic()

    def add(self, connection: socket.socket) -> None:
        """Watch one connection. A duplicate is held, since TLS takes the original over."""
        with self._lock:
            self._sockets.append(connection.dup())
            if self.expired:
                self._shut()

    def _fire(self) -> None:
        with self._lock:
            self.expired = True
            self._shut()

    def _shut(self) -> None:
        for held in self._sockets:
            with contextlib.suppress(OSError):
                held.shutdown(socket.SHUT_RDWR)


@functools.cache
def system_trust() -> ssl.SSLContext:
    """The certificates that the operating system trusts, which in an NHS or council network include its own."""
    return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _look_up(host: str, port: int, seconds: float) -> list[str]:
    """The addresses of a host. The system's look-up cannot be interrupted, so it is left behind when time is up."""
    found: list[str] = []
    fault: list[OSError] = []

    def ask() -> None:
        try:
            found.extend(dict.fromkeys(str(row[4][0]) for row in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)))
        except OSError as error:
            fault.append(error)
        except UnicodeError:
            fault.append(OSError("the host's name is not one that can be looked up"))

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(max(seconds, 0.0))
    if fault:
        raise fault[0]
    if not found:
        raise TimeoutError("the look-up of the host's name took too long")
    return found


class _Dialler:
    """Opens the connections of one request, each to an address that was checked just before."""

    def __init__(self, watch: Watch, allow: Collection[str]) -> None:
        self.watch, self.allow = watch, allow

    def dial(self, conn: HTTPConnection) -> socket.socket:
        host, port = conn.host, conn.port
        try:
            addresses = _look_up(host, port, min(self.watch.left, CONNECT_SECONDS))
            if f"{host}:{port}" not in self.allow:
                self._check(host, addresses)
            connected = self._connect(conn, addresses)
        except HostRefusedError as error:
            # urllib3 would take it for a fault of the network (it is an OSError) and wrap it.
            self.watch.refusal = error
            raise
        except OSError as error:
            raise NewConnectionError(conn, f"{type(error).__name__}: {error.strerror or error}") from error
        self.watch.add(connected)
        return connected

    def _check(self, host: str, addresses: list[str]) -> None:
        private = [a for a in addresses if not is_public(a)]
        if private:
            raise HostRefusedError(
                f"{host} refused: its name leads to {private[0]}, which is not a public address",
                hint="if your network reaches the internet through a proxy, set HTTPS_PROXY",
                url=f"https://{host}/",
                reason="connection",
                transient=False,
            )

    def _connect(self, conn: HTTPConnection, addresses: list[str]) -> socket.socket:
        last: OSError | None = None
        for address in addresses:
            try:
                return urllib3_connection.create_connection(
                    (address, conn.port), timeout=max(min(self.watch.left, CONNECT_SECONDS), 0.01), socket_options=conn.socket_options
                )
            except OSError as error:
                last = error
        raise last or OSError("no address")


class _Adapter(HTTPAdapter):
    """requests' adapter with our certificates and our connections."""

    def __init__(self, dialler: _Dialler) -> None:
        self._dialler = dialler
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, ssl_context=system_trust(), **kwargs)
        self.poolmanager.pool_classes_by_scheme = _pools(self._dialler, direct=True)

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(proxy, ssl_context=system_trust(), **kwargs)
        if not proxy.lower().startswith("socks"):
            manager.pool_classes_by_scheme = _pools(self._dialler, direct=False)
        return manager

    def cert_verify(self, conn: Any, *_: Any) -> None:
        # Without requests' own bundle: the system's certificates decide, and always.
        conn.cert_reqs = "CERT_REQUIRED"
        conn.ca_certs = conn.ca_cert_dir = None


def _pools(dialler: _Dialler, *, direct: bool) -> dict[str, type[HTTPConnectionPool]]:
    """Connection pools whose connections are dialled by us. The proxy, which the user names, is connected to wherever it is."""

    class Plain(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            if direct:
                return dialler.dial(self)
            connected = super()._new_conn()
            dialler.watch.add(connected)
            return connected

    class Secure(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            if direct:
                return dialler.dial(self)
            connected = super()._new_conn()
            dialler.watch.add(connected)
            return connected

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}


class Client:
    """The requests of one attempt, under one watch.

    It speaks through requests' adapter, not its session: a session reads the whole body of a redirect, follows `.netrc` and takes the environment's word for certificates.
    """

    def __init__(self, watch: Watch, allow: Collection[str]) -> None:
        self._watch, self._allow = watch, allow
        self._adapter = _Adapter(_Dialler(watch, allow))
        self._cookies = requests.cookies.RequestsCookieJar()

    def get(self, url: str, headers: Mapping[str, str]) -> requests.Response:
        """The answer with its body unread. Raises what requests raises, or `HostRefusedError`."""
        request = requests.Request("GET", url, headers=dict(headers), cookies=self._cookies).prepare()
        host = str(request.url).split("/")[2]
        proxies = {} if host in self._allow else get_environ_proxies(url, no_proxy=None)
        wait = max(self._watch.left, 0.01)
        try:
            response = self._adapter.send(
                request, stream=True, timeout=(min(CONNECT_SECONDS, wait), min(STALL_SECONDS, wait)), verify=True, proxies=proxies
            )
        except Exception:
            if self._watch.refusal is not None:
                raise self._watch.refusal from None
            raise
        self._cookies.update(response.cookies)
        return response

    def close(self) -> None:
        """Close every connection."""
        self._adapter.close()


def why(error: BaseException) -> str:
    """What a network error says, in a few words and without an address in it."""
    seen: BaseException | None = error
    words = type(error).__name__
    while seen is not None:
        if isinstance(seen, ssl.SSLCertVerificationError):
            return f"its certificate is not trusted: {seen.verify_message}"
        reason = getattr(seen, "reason", None)
        if isinstance(seen, OSError) and seen.strerror and not isinstance(seen, requests.RequestException):
            words = seen.strerror
        seen = reason if isinstance(reason, BaseException) else (seen.__cause__ or seen.__context__)
    return shown(words) if "://" in words else words
