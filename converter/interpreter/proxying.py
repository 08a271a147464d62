"""What is sent to an upstream: where to, with which method, path, query and headers.

Source: ngx_http_proxy_eval, ngx_http_proxy_create_request and ngx_http_proxy_headers in ngx_http_proxy_module.c.
"""

import re
from dataclasses import dataclass

from converter.interpreter.escapes import escaped_path
from converter.interpreter.groups import servers_of
from converter.interpreter.handlers import pass_of
from converter.interpreter.outcome import Failed, Headers, Sent
from converter.interpreter.reading import latin, text_of
from converter.interpreter.situation import Situation
from converter.nginx.locations import modifier
from converter.syntax.tree import Directive

_URL = re.compile(r"(https?)://(unix:[^:]*:?|\[[^\]]*\](?::\d+)?|[^/?]*)(.*)", re.IGNORECASE | re.DOTALL)
_HOST = re.compile(r"(\[[^\]]*\]|[^:]*)(?::(\d{1,5}))?")
_OF_THE_CONNECTION = frozenset(
    ["host", "connection", "content-length", "transfer-encoding", "te", "keep-alive", "expect", "upgrade", "proxy-connection", "trailer"]
)


@dataclass(frozen=True, slots=True)
class Target:
    """The URL of a proxy_pass: its authority as written, the host and port in it, and what stands behind. variable: made for the request."""

    scheme: str
    host: str
    port: int
    written: bool
    uri: str
    variable: bool

    @property
    def usual(self) -> int:
        return 443 if self.scheme == "https" else 80

    @property
    def authority(self) -> str:
        """`$proxy_host`."""
        if self.host.startswith("unix:"):
            return "localhost"
        return f"{self.host}:{self.port}" if self.written and self.port != self.usual else self.host


def forwarded(situation: Situation) -> Sent | Failed:
    """The request as it leaves. Failed where nginx answers an error instead. May raise Doubt."""
    directive = pass_of(situation.scope)
    target = _target(situation, directive) if directive else None
    if directive is None or target is None:
        return Failed(500)
    found = servers_of(situation.http.scope, target.host, target.port, target.written)
    if target.variable and found is None and situation.scope.value("resolver") is None and not _known(situation, target):
        situation.saw(directive.position, f"{target.host} cannot be looked up: no resolver is set")
        return Failed(502)
    name = found.name if found else f"{target.host}:{target.port}"
    situation.values["proxy_host"] = target.authority
    situation.values["proxy_port"] = str(target.port)
    situation.saw(directive.position, f"{directive} sends it to {name}")
    cache = situation.scope.value("proxy_cache")
    if cache is not None and cache.args != ("off",):
        situation.applied(cache, f"{cache}: an answer that is kept is given without asking")
    path = _path(situation, directive, target)
    if not path:
        return Failed(500)
    host, headers = _headers(situation, target)
    servers, backups = (found.servers, found.backups) if found else ((name,), ())
    return Sent(name, servers, target.scheme, _method(situation), latin(path), host, headers, backups)


def _target(situation: Situation, directive: Directive) -> Target | None:
    text = situation.text(directive.args[0])
    found = _URL.fullmatch(text)
    if found is None:
        return None
    scheme, authority, uri = found[1].lower(), found[2], found[3]
    variable = "$" in directive.args[0]
    if authority.startswith("unix:"):
        return Target(scheme, authority.removesuffix(":"), 80, False, uri, variable)
    parts = _HOST.fullmatch(authority)
    if parts is None or not parts[1] or not 0 < int(parts[2] or 1) < 65536:
        return None
    uri = f"/{uri}" if variable and uri.startswith("?") else uri
    return Target(scheme, parts[1], int(parts[2] or (443 if scheme == "https" else 80)), parts[2] is not None, uri, variable)


def _known(situation: Situation, target: Target) -> bool:
    """Whether a host needs no resolver: an address, or one that another proxy_pass names."""
    if target.host.startswith(("[", "unix:")) or re.fullmatch(r"[\d.]+", target.host):
        return True
    authority = f"{target.host}:{target.port}".lower()
    return any(
        authority in (f"{text.lower()}:80", f"{text.lower()}:443", text.lower())
        for text in (re.sub("^https?://([^/?]*).*", r"\1", d.args[0]) for d in situation.http.passes() if "$" not in d.args[0])
    )


def _path(situation: Situation, directive: Directive, target: Target) -> str:
    if target.variable and target.uri:
        return target.uri
    if not target.uri and situation.raw:
        return text_of(situation.request.target)
    replaced = 0 if situation.whole or not target.uri else min(len(_location(situation)), len(situation.path))
    rest = situation.path[replaced:]
    rest = escaped_path(rest) if situation.odd or situation.internal else rest
    return ("" if situation.whole else target.uri) + rest + (f"?{situation.args}" if situation.args else "")


def _location(situation: Situation) -> str:
    """The location's own text, which the URI of proxy_pass takes the place of."""
    location = situation.scope.enclosing("location")
    kind, name = modifier(location.block) if location and location.block else ("prefix", "")
    return name if kind in ("prefix", "strong", "exact") else ""


def _method(situation: Situation) -> str:
    line = situation.scope.value("proxy_method")
    if line is not None and line.args:
        return situation.text(line.args[0])
    cache = situation.scope.value("proxy_cache")
    if cache is not None and cache.args != ("off",) and situation.method == "HEAD":
        return "GET" if situation.scope.flag("proxy_cache_convert_head", default=True) else "HEAD"
    return situation.method


def _headers(situation: Situation, target: Target) -> tuple[str | None, Headers]:
    """The Host, and the other header lines: those of proxy_set_header, then the client's."""
    lines = [line for line in situation.scope.nearest("proxy_set_header") if len(line.args) == 2]
    set_here: list[tuple[str, str | None]] = []
    host: str | None = target.authority
    for line in lines:
        name, value = line.args[0], _latin(situation.known(line.args[1]))
        if name.lower() == "host":
            host = value or None
        elif value != "":
            set_here.append((name, value))
        situation.applied(line, f"header {name}: {'not sent' if value == '' else value if value is not None else '(not known)'}")
    named = {line.args[0].lower() for line in lines} | _OF_THE_CONNECTION
    passes = situation.scope.flag("proxy_pass_request_headers", default=True)
    own = [(name, value) for name, value in situation.request.headers if name.lower() not in named] if passes else []
    return host, (*set_here, *own)


def _latin(text: str | None) -> str | None:
    return None if text is None else latin(text)
