"""Requests as they go on the wire: how a path is written, and requests changed in one respect."""

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass

from converter.interpreter.reading import bare, header, latin, server_name
from converter.model.records import replace
from converter.model.verification import Request
from converter.nginx.spelling import spelled

LONGEST = 2_000  # characters of any text that is made up
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,200}")
_METHOD = re.compile(r"[A-Z_]{1,40}")
_HOST = re.compile(r"[A-Za-z0-9._~!$&'()*+,;=:\[\]-]{1,255}")
_QUERY = re.compile(r"[!$%-~\"]*")  # printable ASCII but the space and `#`
_SET_BY_CLIENTS = ("content-length", "transfer-encoding", "connection", "expect", "te", "trailer", "keep-alive")


@dataclass(frozen=True, slots=True)
class Edit:
    """One change to a request.

    part: `method`, `header`, `argument`, `cookie`, `query`, `host`, `path` (decoded), `target`, `client`, `body`, `repeat`, or `socket`
    (value: `http 80`). An empty header, argument or cookie is taken away.
    """

    part: str
    value: str
    name: str = ""


Edits = tuple[Edit, ...]


def edited(request: Request, edits: Iterable[Edit]) -> Request | None:
    """The request after all changes; None where one of them cannot be put on the wire."""
    for edit in edits:
        changed = _EDITS[edit.part](request, edit.name, edit.value)
        if changed is None:
            return None
        request = changed
    return request if len(request.target) <= 2 * LONGEST else None


def _method(request: Request, _: str, value: str) -> Request | None:
    return replace(request, method=value) if _METHOD.fullmatch(value) else None


def _header(request: Request, name: str, value: str) -> Request | None:
    name, value = name.lower(), latin(value)
    if name == "host":
        return _host(request, "", value)
    if name in _SET_BY_CLIENTS and (name, value.lower()) != ("connection", "upgrade"):
        return None
    if not _TOKEN.fullmatch(name) or len(value) > LONGEST or value != value.strip() or re.search(r"[\0-\x1f\x7f]", value):
        return None
    title = "-".join(part.capitalize() for part in name.split("-"))
    kept = tuple(pair for pair in request.headers if pair[0].lower() != name or pair[0] == "X-Reply-Header")
    return replace(request, headers=(*kept, (title, value)) if value else kept)


def _argument(request: Request, name: str, value: str) -> Request | None:
    if not _QUERY.fullmatch(name + value) or "&" in name + value or "=" in name or len(value) > LONGEST:
        return None
    path, _, query = request.target.partition("?")
    kept = [pair for pair in query.split("&") if pair and pair.partition("=")[0].lower() != name.lower()]
    pairs = "&".join([*kept, f"{name}={value}"] if value else kept)
    return replace(request, target=f"{path}?{pairs}" if pairs else path)


def _cookie(request: Request, name: str, value: str) -> Request | None:
    if not _TOKEN.fullmatch(name) or ";" in value:
        return None
    kept = [pair for pair in header(request, "cookie").split("; ") if pair and pair.partition("=")[0] != name]
    return _header(request, "cookie", "; ".join([*kept, f"{name}={value}"] if value else kept))


def _query(request: Request, _: str, value: str) -> Request | None:
    if not _QUERY.fullmatch(value):
        return None
    path = request.target.partition("?")[0]
    return replace(request, target=f"{path}?{value}" if value else path)


def _host(request: Request, _: str, value: str) -> Request | None:
    if not _HOST.fullmatch(value):
        return None
    return replace(request, host=value, sni=server_name(value) if request.scheme == "https" else "")


def _path(request: Request, _: str, value: str) -> Request | None:
    if not value.startswith("/") or "\0" in value or "\n" in value:
        return None
    _, mark, query = request.target.partition("?")
    return replace(request, target=spelled(value) + mark + query)


def _target(request: Request, _: str, value: str) -> Request | None:
    return replace(request, target=value) if value.startswith("/") and re.fullmatch(r"[!-~]+", value) else None


def _client(request: Request, _: str, value: str) -> Request | None:
    try:
        return replace(request, client=str(ipaddress.ip_address(value)))
    except ValueError:
        return None


def _socket(request: Request, _: str, value: str) -> Request | None:
    scheme, _, port = value.partition(" ")
    host = bare(request.host or "")
    usual = (scheme, port) in (("http", "80"), ("https", "443"))
    sni = server_name(host) if scheme == "https" else ""
    return replace(request, scheme=scheme, port=int(port), host=host if usual or not host else f"{host}:{port}", sni=sni)


def _body(request: Request, _: str, value: str) -> Request | None:
    return replace(request, body=value)


def _repeat(request: Request, _: str, value: str) -> Request | None:
    return replace(request, repeat=int(value))


_EDITS = {
    "method": _method,
    "header": _header,
    "argument": _argument,
    "cookie": _cookie,
    "query": _query,
    "host": _host,
    "path": _path,
    "target": _target,
    "client": _client,
    "socket": _socket,
    "body": _body,
    "repeat": _repeat,
}
