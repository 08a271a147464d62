"""The clients: each request on a connection of its own, one after the other, from within the namespace of the server that is asked."""

import re
import socket
import ssl
from collections import defaultdict
from collections.abc import Iterable, Iterator
from threading import Lock

from converter.model.verification import Attempt, Reply, Request
from converter.verify.lab import kernel
from converter.verify.lab.network import GATEWAY
from converter.verify.wire import IDENTITY, exchange, fingerprint, to_bytes

_LIMIT = 8.0  # seconds for one exchange
_DEBUG = re.compile(
    r"(\d+#\d+: \*\d+) (?:http header: \"" + IDENTITY + r": ([^\"]+)\"|using (?:configuration|location:) \"?(.*?)\"?(?: \".*)?)$",
    re.MULTILINE,
)


class Witnesses:
    """What the test upstreams saw, by the identity of the request."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._seen: dict[str, list[Attempt]] = defaultdict(list)

    def note(self, identity: str, attempt: Attempt) -> None:
        with self._lock:
            self._seen[identity].append(attempt)

    def of(self, identity: str) -> tuple[Attempt, ...]:
        with self._lock:
            return tuple(self._seen.get(identity, ()))


def identities(side: str, requests: Iterable[Request]) -> Iterator[tuple[Request, list[str]]]:
    """Each request with what its turns are called on this side."""
    for number, request in enumerate(requests):
        yield request, [f"{side}{number}.{turn}" for turn in range(request.repeat)]


def ask(namespace: int, request: Request, identity: str) -> Reply:
    """Sends one request; whatever goes wrong is in the reply."""
    try:
        with kernel.network(namespace):
            connection = socket.create_connection((request.address or GATEWAY, request.port), _LIMIT, (request.client, 0))
    except OSError as error:
        return Reply(0, error=f"no connection: {error.strerror or error}")
    with connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # else a request waits 40 ms behind a TLS handshake
        return _exchanged(connection, request, identity)


def _exchanged(connection: socket.socket, request: Request, identity: str) -> Reply:
    data = to_bytes(request, identity)
    if request.scheme != "https":
        return exchange(connection, data, request.method)
    try:
        with _TLS.wrap_socket(connection, server_hostname=request.sni or None) as secure:
            certificate = fingerprint(secure)[:12]
            reply = exchange(secure, data, request.method)
    except OSError as error:
        return Reply(0, error=f"no TLS: {getattr(error, 'reason', '') or type(error).__name__}")
    return Reply(reply.status, reply.headers, reply.body, reply.error, certificate)


def _any_server() -> ssl.SSLContext:
    """Certificates are compared, not believed."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


_TLS = _any_server()


def locations(log: str) -> dict[str, tuple[str, ...]]:
    """By identity, the locations that nginx took, out of its debug log (`debug_http`). Each process counts its connections from 1."""
    named: dict[str, str] = {}
    taken: dict[str, dict[str, None]] = defaultdict(dict)
    for number, identity, location in _DEBUG.findall(log):
        if identity:
            named[number] = identity
        else:
            taken[number][location] = None
    return {identity: tuple(taken[number]) for number, identity in named.items()}
