"""Asks two servers that run already, a real nginx and a real gateway, the same requests: only such as change nothing (GET and HEAD)."""

import re
import socket
import ssl
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from converter.model.records import replace
from converter.model.verification import Reply, Request
from converter.verify.url import parse_url, server_name
from converter.verify.wire import MOST_BODY, exchange, fingerprint, to_bytes

SAFE = ("GET", "HEAD")  # what RFC 9110 section 9.2.1 calls safe, and what every server serves
_AT_ONCE = 4  # requests that wait for their answers at the same time

Item = TypeVar("Item")
_Asked = tuple[Request, Future[Reply], Future[Reply]]


@dataclass(frozen=True, slots=True)
class Side:
    """Where one of the servers is. name: host name or address to connect to; port: its TCP port; tls: whether it speaks TLS there."""

    name: str
    port: int
    tls: bool


def side(base: str) -> Side:
    """The server of a base URL such as `https://10.0.3.12:8443`. Raises ValueError, whose message names what to write."""
    try:
        url = parse_url(base)
    except ValueError as error:
        raise ValueError(f"{base}: {error}") from None
    if url.target != "/":
        raise ValueError(f"{base}: leave out {url.target}: the requests have their own paths")
    return Side(url.name, url.port, url.scheme == "https")


def ask_both(
    nginx: str, gateway: str, requests: Iterable[Request], rate: float, timeout: float, *, verify_tls: bool = False
) -> Iterator[tuple[Request, Reply, Reply]]:
    """Each safe request with the replies of nginx and of the gateway, in order, as often as it is to be repeated.

    nginx, gateway: base URLs, which say where to connect and whether with TLS; Host and server name are those of the request.
    rate:           requests a second on each side, at most.
    timeout:        seconds for one request, connecting included.
    verify_tls:     whether a certificate must be valid for the server name.

    What is not safe is passed over (`unsafe` counts it). A failed connection is a reply with the status 0. Raises ValueError for a base URL
    or a rate that cannot be used.
    """
    if not rate > 0:
        raise ValueError(f"the rate must be above 0 requests a second, not {rate}")
    asked = (request for request in requests if is_safe(request) for _ in range(request.repeat))
    sides, context = (side(nginx), side(gateway)), _context(verify_tls)

    def ask_each(request: Request, pool: ThreadPoolExecutor) -> _Asked:
        first, second = (pool.submit(ask, one, request, timeout, context) for one in sides)
        return request, first, second

    return _results(paced(asked, rate, time.monotonic, time.sleep), ask_each)


def _results(
    requests: Iterator[Request], ask_each: Callable[[Request, ThreadPoolExecutor], _Asked]
) -> Iterator[tuple[Request, Reply, Reply]]:
    waiting: deque[_Asked] = deque()
    with ThreadPoolExecutor(2 * _AT_ONCE) as pool:
        for request in requests:
            waiting.append(ask_each(request, pool))
            while waiting and (len(waiting) >= _AT_ONCE or (waiting[0][1].done() and waiting[0][2].done())):
                yield _result(waiting.popleft())
        while waiting:
            yield _result(waiting.popleft())


def _result(asked: _Asked) -> tuple[Request, Reply, Reply]:
    return asked[0], asked[1].result(), asked[2].result()


def is_safe(request: Request) -> bool:
    """Whether the request may be sent to servers that serve people. A raw one must be a single GET or HEAD without a body."""
    if not request.raw:
        return request.method in SAFE and not request.body
    lines = request.raw.replace("\r\n", "\n").lstrip("\n")
    head, _, rest = lines.partition("\n\n")
    framed = re.search(r"^(content-length|transfer-encoding)[ \t]*:", head, re.IGNORECASE | re.MULTILINE)
    return head.startswith(tuple(f"{method} " for method in SAFE)) and not rest and not framed


def unsafe(requests: Iterable[Request]) -> dict[str, int]:
    """How many requests `ask_both` passes over, by method."""
    return dict(Counter(request.method for request in requests if not is_safe(request)))


def paced(items: Iterable[Item], rate: float, clock: Callable[[], float], sleep: Callable[[float], None]) -> Iterator[Item]:
    """The items, no more than `rate` a second; time that was lost is not made up for. `clock` and `sleep` are in seconds, the rate is above 0."""
    due = clock()
    for item in items:
        wait = due - clock()
        if wait > 0:
            sleep(wait)
        due = max(due, clock()) + 1 / rate
        yield item


def ask(to: Side, request: Request, timeout: float, context: ssl.SSLContext) -> Reply:
    """What the server answers to one request, on a connection of its own; at most 1 MiB of the body. Nothing is raised."""
    deadline = time.monotonic() + timeout
    try:
        connection = socket.create_connection((to.name, to.port), timeout)
    except TimeoutError:
        return Reply(0, error="no connection in time")
    except (OSError, UnicodeError) as error:
        return Reply(0, error=f"no connection: {getattr(error, 'strerror', None) or error}")
    with connection:
        if not to.tls:
            return _exchanged(connection, request, deadline)
        try:
            secure = context.wrap_socket(connection, server_hostname=_name(to, request, context.check_hostname))
        except TimeoutError:
            return Reply(0, error="TLS: no handshake in time")
        except (OSError, ValueError) as error:
            return Reply(0, error=f"TLS: {_reason(error)}")
        with secure:
            return replace(_exchanged(secure, request, deadline), certificate=fingerprint(secure))


def _exchanged(connection: socket.socket, request: Request, deadline: float) -> Reply:
    connection.settimeout(max(0.001, deadline - time.monotonic()))
    return exchange(connection, to_bytes(request), request.method, MOST_BODY)


def _name(to: Side, request: Request, checked: bool) -> str | None:
    """The server name: that of the request; of one that was written for plain HTTP, its host. A check needs a name in any case."""
    name = request.sni or (server_name(request.host or "") if request.scheme == "http" else "")
    return name or (to.name if checked else None)


def _reason(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the certificate is not valid: {error.verify_message}"
    if isinstance(error, ssl.SSLError) and error.reason:
        return error.reason.lower().replace("_", " ")
    return "closed within the handshake" if isinstance(error, ConnectionError) else str(error)


def _context(verify: bool) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
