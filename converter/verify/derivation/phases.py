"""What follows a request program: access, the last resort of try_files, error pages.

Sources: ngx_http_access_module, ngx_http_try_files_module, and ngx_http_special_response.c.
"""

import ipaddress
from dataclasses import dataclass

from converter.model.verification import Request
from converter.nginx.locations import PASSES
from converter.nginx.scope import Scope
from converter.syntax.tree import Directive
from converter.verify.derivation.situation import Situation, client
from converter.verify.derivation.wire import header, number

_READ = ("proxy_set_header", "add_header", "proxy_redirect")  # whose values are computed for each answer


@dataclass(frozen=True, slots=True)
class End:
    """How a level's program ends: `content`, `search` (for another location) or `answer`, with the level that counts and a status."""

    kind: str
    scope: Scope
    status: int = 0


def content(situation: Situation, scope: Scope) -> End:
    """Who may pass, and what the values of the answer read: `content` where nothing refuses the request."""
    scope = _limited(situation, scope)
    for line in (*scope.own("proxy_pass", "mirror"), *(line for name in _READ for line in scope.nearest(name))):
        situation.text(" ".join(line.args))
    taker = _decider(situation, scope)
    if taker is None:
        return End("content", scope)
    situation.saw(taker.position)
    return End("answer", scope, 403) if taker.name == "deny" else End("content", scope)


def _decider(situation: Situation, scope: Scope) -> Directive | None:
    """The line of allow and deny that the client's address meets first."""
    lines = scope.nearest("allow", "deny")
    if not lines:
        return None
    ranges = situation.http.access.get(scope)
    if ranges is None:
        ranges = situation.http.access[scope] = [bounds for line in lines if line.args for bounds in _bounds(line)]
    situation.http.work.left -= len(ranges) // 10
    if situation.http.work.spent:
        return None
    address = ipaddress.ip_address(client(situation.request, scope))
    place, version = int(address), address.version
    return next((line for kind, low, high, line in ranges if kind == version and low <= place <= high), None)


def _bounds(line: Directive) -> list[tuple[int, int, int, Directive]]:
    """The networks of a line: version, first and last address."""
    try:
        networks = [
            ipaddress.ip_network(text, strict=False) for text in (("0.0.0.0/0", "::/0") if line.args[0] == "all" else line.args[:1])
        ]
    except ValueError:
        return []
    return [(network.version, int(network[0]), int(network[-1]), line) for network in networks]


def _limited(situation: Situation, scope: Scope) -> Scope:
    """The level that counts behind limit_except."""
    for limit in scope.own("limit_except"):
        listed = {method.upper() for method in limit.args}
        if situation.request.method in listed | ({"HEAD"} if "GET" in listed else set()):
            situation.asked.add((situation.site.number, limit.position))
        else:
            situation.saw(limit.position)
            return Scope.open("limit_except", limit, limit.block or (), scope)
    return scope


def last_resort(scope: Scope) -> Directive | None:
    """The try_files of a level: no file exists, so that its last argument counts."""
    lines = scope.own("try_files")
    return lines[-1] if lines and len(lines[-1].args) > 1 else None


def error_line(end: End, request: Request) -> Directive | None:
    """The error_page for an answer; None where it is no error, or there is none."""
    status = end.status if end.kind == "answer" else _status(request, end.scope)
    lines = end.scope.nearest("error_page") if status >= 300 else []
    return next((line for line in lines if str(status) in line.args[:-1]), None)


def _status(request: Request, scope: Scope) -> int:
    """What nginx itself sees as the answer's status: an upstream's only where it intercepts errors."""
    around = scope.parent if scope.kind in ("if", "limit_except") else None
    if not scope.own(*PASSES) and not (around and around.own(*PASSES)):
        return 404
    if header(request, "x-reply-close"):
        return 502
    if not scope.flag("proxy_intercept_errors", default=False):
        return 200
    return number(header(request, "x-reply-status")) or 200
