"""One request and one answer of HTTP/1 on a connection that the caller opened, octet by octet: clients tidy what is to be compared here."""

import hashlib
import re
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from converter.model.verification import Reply, Request

IDENTITY = "X-Verify-Id"  # the header by which a test upstream knows a request again
MOST_BODY = 1024 * 1024  # octets of a body that are kept
_MOST_HEAD = 256 * 1024
_WITH_BODY = ("POST", "PUT", "PATCH")
_STATUS = re.compile(rb"HTTP/1\.[0-9] ([1-9][0-9][0-9])(?: .*)?", re.DOTALL)
_SIZE = re.compile(rb"[0-9A-Fa-f]{1,15}")
_BREAK = re.compile(r"\r?\n\r?\n")

_Headers = tuple[tuple[str, str], ...]


def to_bytes(request: Request, identity: str = "") -> bytes:
    """The octets of the request; with an `identity`, the header `X-Verify-Id: IDENTITY` ends its head.

    Host comes first, then what clients send (unless the request names it), then its headers in their order. Of a `raw` request, line feeds
    of the head become CRLF, those of the body only where the head has no CRLF (a text in a block); a head without an end gets one.
    """
    if request.raw:
        return _raw(request.raw, identity).encode("latin-1")
    named = {name.lower() for name, _ in request.headers}
    usual = {"User-Agent": "nginx2istio-verify", "Accept": "*/*"}
    headers = [] if request.host is None else [("Host", request.host)]
    headers += [(name, value) for name, value in usual.items() if name.lower() not in named]
    headers += request.headers
    if "connection" not in named:
        headers.append(("Connection", "close"))
    if (request.body or request.method in _WITH_BODY) and not named & {"content-length", "transfer-encoding"}:
        headers.append(("Content-Length", str(len(request.body))))
    if identity:
        headers.append((IDENTITY, identity))
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers)
    return f"{request.method} {request.target} HTTP/1.1\r\n{lines}\r\n{request.body}".encode("latin-1")


def _raw(raw: str, identity: str) -> str:
    start = len(raw) - len(raw.lstrip("\r\n"))  # empty lines may stand before a request
    end = _BREAK.search(raw, start)
    head, body = (raw[: end.start()], raw[end.end() :]) if end else (raw.rstrip("\r\n"), "")
    if "\r\n" not in head:
        body = _with_crlf(body)
    last = f"{IDENTITY}: {identity}\r\n" if identity else ""
    return f"{_with_crlf(head)}\r\n{last}\r\n{body}"


def _with_crlf(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\n", "\r\n")


class _Malformed(Exception):
    """What came is no answer of HTTP/1; the message says what is wrong."""


@dataclass(slots=True)
class _Inbox:
    """What has come and is not used yet. Every `recv` waits at most until `deadline`."""

    connection: socket.socket
    deadline: float | None
    data: bytearray = field(default_factory=bytearray)
    begun: bool = False

    def more(self) -> bool:
        """Waits for octets; False at the end of the connection."""
        if self.deadline is not None:
            left = self.deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError
            self.connection.settimeout(left)
        chunk = self.connection.recv(65536)
        self.data += chunk
        self.begun = self.begun or bool(chunk)
        return bool(chunk)

    def line(self, most: int) -> bytes:
        """The next line without its end. Raises EOFError where the connection ends first."""
        seen = 0
        while (end := self.data.find(b"\n", seen)) < 0:
            seen = len(self.data)
            if seen > most:
                raise _Malformed("a line is too long")
            if not self.more():
                raise EOFError
        line = bytes(self.data[:end]).removesuffix(b"\r")
        del self.data[: end + 1]
        return line

    def take(self, size: int | None) -> Iterator[bytes]:
        """The next `size` octets in pieces (None: up to the end of the connection). Raises EOFError where it ends first."""
        while size is None or size > 0:
            if not self.data and not self.more():
                if size is None:
                    return
                raise EOFError
            piece = bytes(self.data[:size])
            del self.data[: len(piece)]
            size = None if size is None else size - len(piece)
            yield piece


def exchange(connection: socket.socket, request: bytes, method: str, most: int = MOST_BODY) -> Reply:
    """Sends the request and reads one answer; at most `most` octets of its body are read. The caller closes the connection.

    The timeout of the connection (seconds) is for the whole exchange. Interim answers are passed over, but for 101, which ends it. Header
    lines are as received, then trailers. Nothing is raised: without an answer the status is 0 and `error` says why, and a body that breaks
    off keeps its status, with `error` beside it.
    """
    timeout = connection.gettimeout()
    inbox = _Inbox(connection, None if timeout is None else time.monotonic() + timeout)
    try:
        connection.sendall(request)
    except TimeoutError:
        return Reply(0, error="the time is up before the request is sent")
    except OSError:
        pass  # who refuses a body may close before all of it is sent: the answer can be there
    try:
        status, headers = _final_head(inbox)
    except (OSError, EOFError, _Malformed) as error:
        return Reply(0, error=_why(error, inbox.begun))
    return _with_body(inbox, Reply(status, headers), method, most)


def _why(error: Exception, begun: bool) -> str:
    """How people call it; an end and a reset are one, as which of them comes depends on time."""
    match error:
        case TimeoutError():
            return "no answer in time"
        case EOFError() | ConnectionError() | ssl.SSLEOFError() | ssl.SSLZeroReturnError():
            return "closed within the head of the answer" if begun else "closed without an answer"
        case ssl.SSLError():
            return f"TLS: {(error.reason or str(error)).lower().replace('_', ' ')}"
        case _Malformed():
            return f"malformed answer: {error}"
    return f"{type(error).__name__}: {error}"


def _final_head(inbox: _Inbox) -> tuple[int, _Headers]:
    """Status and headers of the first answer that is not interim."""
    budget = _MOST_HEAD
    while True:
        line = inbox.line(budget)
        found = _STATUS.fullmatch(line)
        if not found:
            raise _Malformed(f"it begins with {line[:60].decode('latin-1')!r}")
        headers, budget = _header_lines(inbox, budget - len(line))
        if found[1] == b"101" or not found[1].startswith(b"1"):
            return int(found[1]), headers


def _header_lines(inbox: _Inbox, budget: int) -> tuple[_Headers, int]:
    """Name and value of each line up to the empty one, as received but for the spaces around the value; and what is left of the budget."""
    headers: list[tuple[str, str]] = []
    while line := inbox.line(budget).decode("latin-1"):
        budget -= len(line) + 2
        if budget < 0:
            raise _Malformed(f"its head is larger than {_MOST_HEAD:,} octets")
        name, colon, value = line.partition(":")
        if line[0] in " \t" and headers:  # RFC 9112 section 5.2: a folded line
            headers[-1] = (headers[-1][0], f"{headers[-1][1]} {line.strip()}")
        elif not colon or not name or name != name.strip():
            raise _Malformed(f"the header line {line[:60]!r}")
        else:
            headers.append((name, value.strip(" \t")))
    return tuple(headers), budget


def _with_body(inbox: _Inbox, reply: Reply, method: str, most: int) -> Reply:
    """The reply with its body: RFC 9112 section 6.3."""
    kept: list[bytes] = []
    trailers: list[tuple[str, str]] = []
    try:
        room = most
        for piece in _pieces(inbox, reply, method, trailers.extend):
            kept.append(piece[:room])
            room -= len(kept[-1])
            if room <= 0:
                break
        error = ""
    except _Malformed as problem:
        return Reply(0, error=_why(problem, inbox.begun))
    except TimeoutError:
        error = "the body does not end in time"
    except (OSError, EOFError):
        error = "closed within the body"
    return Reply(reply.status, (*reply.headers, *trailers), b"".join(kept).decode("latin-1"), error)


def _pieces(inbox: _Inbox, reply: Reply, method: str, trailers: Callable[[_Headers], None]) -> Iterator[bytes]:
    if method == "HEAD" or reply.status in (101, 204, 304) or (method == "CONNECT" and 200 <= reply.status < 300):
        return
    coding = ",".join(value for name, value in reply.headers if name.lower() == "transfer-encoding")
    lengths = {value.strip() for name, values in reply.headers if name.lower() == "content-length" for value in values.split(",")}
    if coding.lower().rpartition(",")[2].strip() == "chunked":
        yield from _chunks(inbox)
        trailers(_header_lines(inbox, _MOST_HEAD)[0])
    elif coding or not lengths:
        yield from inbox.take(None)
    elif len(lengths) > 1 or not re.fullmatch(r"[0-9]{1,15}", length := lengths.pop()):
        raise _Malformed("the header Content-Length is not one number")
    else:
        yield from inbox.take(int(length))


def _chunks(inbox: _Inbox) -> Iterator[bytes]:
    while True:
        size = inbox.line(_MOST_HEAD).partition(b";")[0].strip()
        if not _SIZE.fullmatch(size):
            raise _Malformed(f"the size of a chunk is {size[:20].decode('latin-1')!r}")
        if not int(size, 16):
            return
        yield from inbox.take(int(size, 16))
        if inbox.line(_MOST_HEAD):
            raise _Malformed("a chunk is longer than its size")


def fingerprint(connection: ssl.SSLSocket) -> str:
    """The SHA-256 of the certificate that the server showed, in hex; empty without one."""
    certificate = connection.getpeercert(binary_form=True)
    return hashlib.sha256(certificate).hexdigest() if certificate else ""
