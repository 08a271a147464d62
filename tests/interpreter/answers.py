"""What a real nginx did with a request, held against what the interpreter says of it."""

import re

from converter.interpreter import CLOSED, Answered, End, Interpretation, Sent, Unknown, interpret
from converter.interpreter.sites import Http, read_http
from converter.interpreter.walk import assumed
from converter.model.records import replace
from converter.model.verification import Attempt, Reply, Request
from converter.nginx.usable import usable
from converter.syntax.parse import Parsed
from converter.verify.addresses import address_of

_REFUSING = ":65500"


def levels(parsed: Parsed) -> list[Http]:
    """The http levels of a tree; what is missing of it counts as empty, as it does for nginx in the laboratory."""
    return [replace(http, incomplete=frozenset()) for http in read_http(parsed, usable(parsed.root, parsed.invalid)[0])]


def followed(https: list[Http], request: Request) -> Interpretation:
    """The interpretation of a request as the laboratory sends it."""
    return interpret(https, as_sent(request), assumed(request))


def as_sent(request: Request) -> Request:
    """The request with the header lines that the laboratory's client adds (converter.verify.wire.to_bytes)."""
    if request.raw:
        return request
    named = {name.lower() for name, _ in request.headers}
    usual = (("User-Agent", "nginx2istio-verify"), ("Accept", "*/*"))
    length = (("Content-Length", str(len(request.body))),) if request.body or request.method in ("POST", "PUT", "PATCH") else ()
    own = tuple(pair for pair in (*usual, *length) if pair[0].lower() not in named)
    return replace(request, headers=(*own, *request.headers))


def differences(found: Interpretation, reply: Reply) -> list[str]:
    """What the real nginx did otherwise; empty where the end says so, or Unknown."""
    end: End = found.end
    if reply.status in (503, 429) and not reply.attempts and any("limit_" in step.text for step in found.steps):
        return []  # a limit that requests before it have used up
    if not reply.attempts and isinstance(end, Sent) and any("is given without asking" in step.text for step in found.steps):
        return []  # an answer that nginx has kept
    if any(server.startswith("unix:") for sent in (*found.before, end) if isinstance(sent, Sent) for server in sent.servers):
        return []  # the laboratory has none of these sockets
    if found.before and not isinstance(end, Unknown):
        return _after(found, reply)
    match end:
        case Unknown():
            return []
        case Answered():
            return _answered(end, reply)
        case Sent():
            return _sent(end, reply)


def _after(found: Interpretation, reply: Reply) -> list[str]:
    """The same for a request whose upstreams' answers were replaced: these were asked first."""
    last = found.before[-1]
    servers = {address(server) for sent in found.before for server in (*sent.servers, *sent.backups)}
    rest = replace(reply, attempts=tuple(a for a in reply.attempts if a.address not in servers))
    asked = any(attempt.method == last.method and attempt.target == last.target for attempt in reply.attempts)
    own = [] if asked or any(server.endswith(_REFUSING) for server in last.servers) else [f"{last.target} was not asked for before"]
    return own + differences(replace(found, before=()), rest)


def _answered(end: Answered, reply: Reply) -> list[str]:
    if reply.attempts:
        return [f"answered with {end.status}, but sent to {reply.attempts[-1].address}"]
    status = reply.status or CLOSED
    location = next((value for name, value in reply.headers if name.lower() == "location"), None)
    found = [f"status {end.status}, not {status}"] if end.status != status else []
    if _octets(end.location or "") != (location or ""):
        found.append(f"location {end.location}, not {location}")
    for name, value in end.headers:
        real = [v for n, v in reply.headers if n.lower() == name.lower()]
        if name.lower().startswith("x-") and value is not None and _octets(value) not in real:
            found.append(f"header {name} {value!r}, not {real}")
    if end.body is not None and reply.status not in (204, 304) and _octets(end.body) != reply.body and reply.body:
        found.append(f"body {end.body!r}, not {reply.body!r}")
    return found


def _octets(text: str) -> str:
    return text.encode("utf-8", "surrogateescape").decode("latin-1")


def _sent(end: Sent, reply: Reply) -> list[str]:
    if not reply.attempts:
        away = any(server.endswith(_REFUSING) for server in end.servers) or reply.status in (502, 504)
        return [] if away else [f"sent to {end.upstream}, but answered with {reply.status} {reply.error}"]
    seen = reply.attempts[-1] if len({a.address for a in reply.attempts}) == 1 else reply.attempts[0]
    found = []
    servers = {address(server) for server in (*end.servers, *end.backups)}
    if not any(attempt.address in servers for attempt in reply.attempts):
        found.append(f"upstream {sorted(servers)}, not {seen.address}")
    else:
        seen = next(attempt for attempt in reversed(reply.attempts) if attempt.address in servers)
    if (end.method, end.target) != (seen.method, seen.target):
        found.append(f"{end.method} {end.target}, not {seen.method} {seen.target}")
    return [*found, *_headers(end, seen)]


def _headers(end: Sent, seen: Attempt) -> list[str]:
    host = next((value for name, value in seen.headers if name.lower() == "host"), None)
    found = [f"host {end.host}, not {host}"] if end.host not in (host, None) else []
    names = {name.lower() for name, _ in (*end.headers, *seen.headers) if re.match("x-(?!verify-id)", name, re.IGNORECASE)}
    for name in sorted(names):
        own = [value for n, value in end.headers if n.lower() == name]
        real = [value for n, value in seen.headers if n.lower() == name]
        if None not in own and own != real:
            found.append(f"header {name} {own}, not {real}")
    return found


def address(server: str) -> str:
    """Where a server is in the laboratory."""
    host, _, port = server.rpartition(":")
    return server if server.startswith("unix:") else f"{'127.0.0.1' if host in ('localhost', '0.0.0.0') else address_of(host)}:{port}"
