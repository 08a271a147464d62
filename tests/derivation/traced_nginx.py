"""A configuration reduced to what chooses among servers and locations, so that a real nginx tells where each request went."""

import re
from collections.abc import Iterator
from itertools import groupby

from converter.derivation import Derived
from converter.derivation.sites import Http, read_http
from converter.interpreter.sites import doors_of
from converter.interpreter.walk import parsed_condition
from converter.model.places import Position
from converter.model.verification import Request
from converter.nginx.usable import usable
from converter.syntax.parse import Parsed
from converter.syntax.tree import Directive
from tests.real_nginx import Nginx, running

_KEPT = {
    "server_name",
    "set",
    "if",
    "break",
    "return",
    "rewrite",
    "location",
    "map",
    "geo",
    "split_clients",
    "try_files",
    "alias",
    "limit_except",
}
_TABLES = ("map", "geo", "split_clients")


def check(parsed: Parsed, found: Derived) -> Iterator[tuple[str, Request, str]]:
    """Every location aim, a request that is to take it, and what nginx says where it does not. Empty where all is as it should be.

    Raises ValueError where nginx refuses the reduced configuration.
    """
    root, _ = usable(parsed.root, parsed.invalid)
    for http in read_http(parsed, root):
        own = {place.position for site in http.sites for place in site.every() if place.kind != "named"}
        asked = [(a, found.requests[n]) for a in found.aims if a.kind == "location" and a.position in own for n in a.hit]
        asked = [(a, r) for a, r in asked if not any(name.startswith("X-Reply") for name, _ in r.headers)]  # nothing stands behind it
        asked.sort(key=lambda pair: (pair[1].address, pair[1].port))
        for door, pairs in groupby(asked, key=lambda pair: (pair[1].address, pair[1].port)):
            with running(_text(http, door)) as nginx:
                for aim, request in pairs:
                    trace = _ask(nginx, request)
                    if f"{_name(aim.position)}|" not in trace:
                        yield aim.text, request, trace


def _ask(nginx: Nginx, request: Request) -> str:
    headers = {**dict(request.headers), "Host": request.host or ""}
    reply = nginx.ask(request.target, request.method, **headers)
    return f"{reply.headers.get('x-trace', '')} {reply.status} {reply.headers.get('location', '')}"


def _name(position: Position) -> str:
    return re.sub(r"\W", "_", position.full)


def _text(http: Http, door: tuple[str, int]) -> str:
    own = "".join(_written(d) for d in http.scope.own("map", "geo", "split_clients"))
    servers = "".join(
        _server(site.block, site is http.doors[door].default) for site in http.sites if door in {d[:2] for d in doors_of(site)}
    )
    behind = 'server { listen SOCKET2; set $trace "|"; return 200; }\n'
    return f'map_hash_bucket_size 512; add_header X-Trace "$trace" always;\n{own}{servers}{behind}'


def _server(block: Directive, default: bool) -> str:
    body = "".join(_written(d) for d in block.block or ())
    return f"server {{ listen SOCKET{' default_server' if default else ''};\n{body}}}\n"


def _written(directive: Directive) -> str:
    """A directive as text; what does not choose is left out, and every location notes that it was come to."""
    if directive.name == "proxy_pass" or directive.name.endswith("_pass"):
        return "proxy_pass http://SOCKET2;\n"
    if directive.name not in _KEPT:
        return ""
    if directive.name in _TABLES:
        lines = (f"{_quoted(d.name)} {' '.join(map(_quoted, d.args))};\n" for d in directive.block or () if d.name != "include")
        return f"{directive.name} {' '.join(map(_quoted, directive.args))} {{\n{''.join(lines)}}}\n"
    args = _condition(directive) if directive.name == "if" else " ".join(map(_quoted, directive.args))
    if directive.block is None:
        return f"{directive.name} {args};\n"
    note = f'set $trace "${{trace}}{_name(directive.position)}|";\n' if directive.name == "location" else ""
    body = "".join(_written(d) for d in directive.block) if directive.name != "limit_except" else "deny all;\n"
    return f"{directive.name} {args} {{\n{note}{body}}}\n"


def _condition(directive: Directive) -> str:
    parsed = parsed_condition(directive)
    assert parsed is not None
    if parsed.operator.lstrip("!").startswith("-"):
        return f"({parsed.operator} {_quoted(parsed.subject)})"
    return f"({parsed.subject} {parsed.operator} {_quoted(parsed.operand)})" if parsed.operator else f"({parsed.subject})"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
