"""The test upstream: takes every request on every address of its machine, notes what it saw, and answers with that or as it is asked to."""

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from converter.model.verification import Attempt
from converter.verify.upstream_answer import Wishes, answer, head_of, values_of
from converter.verify.wire import IDENTITY

Seen = Callable[[str, Attempt], None]

_BACKLOG = 512
_IDLE = 30.0  # seconds that a connection may be silent
_MOST_HEAD = 1024 * 1024
_MOST_BODY = 64 * 1024 * 1024
_HTTP2 = b"PRI * HTTP/2.0"
_HANDSHAKE = b"\x16"  # the first octet of TLS
_NAMES = threading.local()  # a handshake runs within the thread of its connection


class _Over(Exception):
    """The connection is of no more use."""


def listen(port: int, address: str = "0.0.0.0") -> socket.socket:
    """A listener on all IPv4 addresses of the machine, or on one; port 0 takes a free one. Raises OSError where the port is taken."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((address, port))
        listener.listen(_BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener


def stop(listener: socket.socket) -> None:
    """Ends the `serve` of this listener from any thread; closing alone would leave it waiting. Open connections end by themselves."""
    with contextlib.suppress(OSError):
        listener.shutdown(socket.SHUT_RDWR)
    listener.close()


def serve(listener: socket.socket, seen: Seen, tls: ssl.SSLContext) -> None:
    """Answers connections, each in a thread of its own, until `stop(listener)`.

    seen: called with the value of `X-Verify-Id` (empty without) and the request, before it is answered, from many threads.
    tls:  for connections that begin with a handshake; its `sni_callback` is taken. One context may serve many listeners.

    An answer is 200 with `X-Upstream: IP:PORT` (the address that was connected to) and, as JSON, `upstream`, `line`, `headers` and `body` of
    the request, which may ask for another: `X-Reply-Status: 503`, `X-Reply-Delay: 2` (seconds), `X-Reply-Header: Name: value`,
    `X-Reply-Close: 1` (no answer). An upgrade is granted, and what follows comes back.
    """
    tls.sni_callback = _note_name
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            if _is_closed(listener):
                return
            time.sleep(0.05)  # such as no file descriptors left: others will end
            continue
        threading.Thread(target=_connection, args=(connection, seen, tls), daemon=True).start()


def _is_closed(listener: socket.socket) -> bool:
    try:
        return not listener.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
    except OSError:
        return True


def _note_name(_: ssl.SSLObject | ssl.SSLSocket, name: str | None, __: ssl.SSLContext) -> None:
    _NAMES.name = name


@dataclass(slots=True)
class _Peer:
    """A connection with what has come and is not used yet."""

    socket: socket.socket
    address: str
    tls: bool = False
    sni: str | None = None
    data: bytearray = field(default_factory=bytearray)

    def more(self) -> None:
        chunk = self.socket.recv(65536)
        if not chunk:
            raise _Over
        self.data += chunk

    def until(self, mark: bytes, most: int) -> bytes:
        """What stands before the mark, which is dropped."""
        while (end := self.data.find(mark)) < 0:
            if len(self.data) > most:
                raise _Over
            self.more()
        found = bytes(self.data[:end])
        del self.data[: end + len(mark)]
        return found

    def take(self, size: int) -> bytes:
        while len(self.data) < size:
            self.more()
        found = bytes(self.data[:size])
        del self.data[:size]
        return found


def _connection(connection: socket.socket, seen: Seen, tls: ssl.SSLContext) -> None:
    try:
        peer = _greeted(connection, tls)
        try:
            while _answered(peer, seen):
                pass
        finally:
            peer.socket.close()
    except (OSError, ValueError, _Over):  # peers break off whenever they like
        connection.close()


def _greeted(connection: socket.socket, tls: ssl.SSLContext) -> _Peer:
    host, port = connection.getsockname()[:2]
    connection.settimeout(_IDLE)
    first = connection.recv(1, socket.MSG_PEEK)
    if first != _HANDSHAKE:
        if not first.isupper() and first not in (b"\r", b"\n"):
            raise _Over  # another protocol, such as FastCGI: who speaks it would wait long for an answer
        return _Peer(connection, f"{host}:{port}")
    _NAMES.name = None
    secure = tls.wrap_socket(connection, server_side=True)
    return _Peer(secure, f"{host}:{port}", True, _NAMES.name)


def _answered(peer: _Peer, seen: Seen) -> bool:
    """Whether another request may follow."""
    attempt, line = _request(peer)
    wishes = Wishes(attempt.headers)
    seen(next(iter(values_of(attempt.headers, IDENTITY)), ""), attempt)
    if wishes.closes:
        return False
    time.sleep(wishes.delay)
    upgrade = next((value for value in values_of(attempt.headers, "Upgrade") if value.lower() != "h2c"), None)
    if upgrade and wishes.status is None:
        head = [
            "HTTP/1.1 101 Switching Protocols",
            f"Upgrade: {upgrade}",
            "Connection: Upgrade",
            f"X-Upstream: {peer.address}",
            *wishes.headers,
        ]
        peer.socket.sendall(head_of(head))
        _echo(peer)
        return False
    peer.socket.sendall(answer(peer.address, line, attempt, wishes))
    options = ",".join(values_of(attempt.headers, "Connection")).lower()
    return "close" not in options and (attempt.version != "HTTP/1.0" or "keep-alive" in options)


def _request(peer: _Peer) -> tuple[Attempt, str]:
    """The next request, and its first line."""
    while peer.data[:2] == b"\r\n" or len(peer.data) < 2:  # empty lines may stand before a request
        del peer.data[: 2 if peer.data[:2] == b"\r\n" else 0]
        if len(peer.data) < 2:
            peer.more()
    line, *lines = peer.until(b"\r\n\r\n", _MOST_HEAD).decode("latin-1").split("\r\n")
    if line.startswith(_HTTP2.decode()):
        raise _Over
    parts = [entry.partition(":") for entry in lines]
    headers = tuple((name.strip(), value.strip()) for name, _, value in parts)
    method, _, rest = line.partition(" ")
    target, _, version = rest.rpartition(" ")
    body = _body(peer, headers, version).decode("latin-1")
    return Attempt(peer.address, method, target, version, headers, body, peer.tls, peer.sni), line


def _body(peer: _Peer, headers: tuple[tuple[str, str], ...], version: str) -> bytes:
    chunked = "chunked" in ",".join(values_of(headers, "Transfer-Encoding")).lower()
    length = next((int(value) for value in values_of(headers, "Content-Length")), 0)
    if not 0 <= length <= _MOST_BODY:
        raise _Over
    if version == "HTTP/1.1" and (chunked or length) and any("100-continue" in value.lower() for value in values_of(headers, "Expect")):
        peer.socket.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
    return b"".join(_chunks(peer)) if chunked else peer.take(length)


def _chunks(peer: _Peer) -> Iterator[bytes]:
    total = 0
    while size := int(peer.until(b"\r\n", 1024).partition(b";")[0], 16):
        total += size
        if size < 0 or total > _MOST_BODY:
            raise _Over
        yield peer.take(size)
        peer.until(b"\r\n", 1024)
    while peer.until(b"\r\n", _MOST_HEAD):
        pass  # trailers


def _echo(peer: _Peer) -> None:
    chunk = bytes(peer.data)
    while True:
        peer.socket.sendall(chunk)
        chunk = peer.socket.recv(65536)
        if not chunk:
            return
