"""What a client sees of nginx's own answers: the status, the Location, and the headers that are added.

Source: ngx_http_header_filter in ngx_http_header_filter_module.c, ngx_http_headers_filter in ngx_http_headers_filter_module.c.
"""

from collections.abc import Iterator

from converter.interpreter.outcome import CLOSED, Answered, Headers
from converter.interpreter.reading import bare, text_of
from converter.interpreter.situation import Situation
from converter.nginx.scope import Scope
from converter.syntax.tree import Directive

GOOD = (200, 201, 204, 206, 301, 302, 303, 304, 307, 308)  # statuses to which headers are added without `always`


def answered(situation: Situation, status: int, body: str | None) -> Answered:
    """The answer with a status, that of an error before it aside. May raise Doubt."""
    status = situation.error or status
    if status == CLOSED and body is None:
        return Answered(CLOSED)
    headers = added(situation, status)
    location = None if situation.location is None else _absolute(situation, situation.location)
    if location is None:
        location = next((value for name, value in headers if name.lower() == "location"), None)
    return Answered(status, location, headers, body)


def _absolute(situation: Situation, location: str) -> str:
    """A Location that begins with a slash gets scheme, host and port (absolute_redirect)."""
    scope = situation.scope
    if not location.startswith("/") or not scope.flag("absolute_redirect", default=True):
        return location
    if scope.flag("server_name_in_redirect", default=False):
        host = situation.site.server_name
    else:
        host = bare(text_of(situation.request.host or ""))
        if not host:
            situation.doubt("the Location holds the address of nginx's host")
    scheme, port = situation.request.scheme, situation.request.port
    usual = port == (443 if scheme == "https" else 80) or not scope.flag("port_in_redirect", default=True)
    return f"{scheme}://{host}{'' if usual else f':{port}'}{location}"


def added(situation: Situation, status: int) -> Headers:
    """The header lines of add_header for a status; empty ones are not sent."""
    out: list[tuple[str, str | None]] = []
    for line in _lines(situation.scope):
        if len(line.args) > 1 and (status in GOOD or "always" in line.args[2:]):
            value = situation.known(line.args[1])
            situation.applied(line, f"header {line.args[0]} is added")
            out += [(line.args[0], value)] if value != "" else []
    return tuple(out)


def _lines(scope: Scope) -> list[Directive]:
    """The lines of add_header in effect: those of the nearest level that has any, or, merged, those around it, too."""
    inherit = scope.value("add_header_inherit")
    how = inherit.args[0] if inherit and inherit.args else "on"
    if how == "off":
        return scope.own("add_header")
    return [*(_all(scope) if how == "merge" else scope.nearest("add_header"))]


def _all(scope: Scope) -> Iterator[Directive]:
    if scope.parent is not None:
        yield from _all(scope.parent)
    yield from scope.own("add_header")
