"""How an upstream's servers are chosen, watched and connected to.

Source: the upstream_* modules and ngx_http_proxy_module's proxy_ssl_* (https://nginx.org/en/docs/http/ngx_http_upstream_module.html).
"""

import ipaddress
import re

from converter.model.outcomes import Outcome
from converter.model.records import replace
from converter.model.upstreams import Balancing, FailureDetection, Upstream, UpstreamTls
from converter.model.values import Source
from converter.nginx.scope import Scope
from converter.nginx.telling import Telling
from converter.nginx.variables import builtin
from converter.syntax.tree import Directive
from converter.syntax.values import parse_time

_HASH = "the same key stays on the same server, but on another one than with nginx"
_KEYS = {Source.REQUEST_HEADER: "header", Source.ARGUMENT: "argument", Source.COOKIE: "cookie"}


def balancing(group: Directive, telling: Telling) -> Balancing:
    """The balancing method of a group; the last one written counts."""
    result = Balancing()
    for line in group.block or ():
        match line.name:
            case "least_conn":
                telling.say(line, Outcome.APPROXIMATE, "Envoy compares two servers chosen at random, nginx all of them")
                result = Balancing("least-connections")
            case "ip_hash":
                telling.say(line, Outcome.APPROXIMATE, f"{_HASH}; nginx hashes the first three octets, Envoy the whole address")
                result = Balancing("client-address")
            case "random":
                telling.say(line, *_random(line))
                result = Balancing("least-connections" if line.args else "random")
            case "hash" if line.args:
                result = _hash(line, telling)
            case "keepalive" | "keepalive_requests" | "keepalive_time" | "keepalive_timeout" | "zone" | "resolver" | "resolver_timeout":
                telling.say(line, Outcome.BUILTIN, "Envoy keeps connections and follows DNS by itself")
    return result


def _random(line: Directive) -> tuple[Outcome, str]:
    if line.args:
        return Outcome.APPROXIMATE, "two servers are compared by their open requests, not by connections or time"
    return Outcome.EXACT, ""


def _hash(line: Directive, telling: Telling) -> Balancing:
    name = re.sub(r"^\$\{?(\w+)\}?$", r"\1", line.args[0])
    if name in ("remote_addr", "binary_remote_addr"):
        telling.say(line, Outcome.APPROXIMATE, _HASH)
        return Balancing("client-address")
    variable = builtin(name)
    if variable is not None and variable.source in _KEYS:
        telling.say(line, Outcome.APPROXIMATE, _HASH)
        return Balancing(_KEYS[variable.source], variable.name)
    if variable is not None and variable.source in (Source.RAW_PATH, Source.PATH):
        telling.say(line, Outcome.APPROXIMATE, f"{_HASH}; the key is path and query")
        return Balancing("path")
    telling.say(line, Outcome.UNSUPPORTED, "a gateway cannot hash this key; the servers take turns instead")
    return Balancing()


def failure_detection(group: Directive, telling: Telling) -> FailureDetection | None:
    """max_fails and fail_timeout; one pair for the whole group, as a gateway has it."""
    pairs = {}
    for line in group.block or ():
        if line.name == "server" and "down" not in line.args:
            given = dict(p.partition("=")[::2] for p in line.args[1:])
            text = given.get("max_fails", "1")
            pairs[(int(text) if text.isdigit() else 1, parse_time(given.get("fail_timeout", "10s")) or 10.0)] = line
    for line in list(pairs.values())[1:]:
        telling.say(line, Outcome.APPROXIMATE, "max_fails and fail_timeout are those of the group's first server")
    fails, window = next(iter(pairs), (1, 10.0))
    return FailureDetection(fails, window) if fails else None


def connections(group: Directive, upstream: Upstream, telling: Telling) -> Upstream:
    """Limits of connections, from max_conns, and how long idle ones are kept."""
    limits = [int(p.partition("=")[2]) for line in group.block or () for p in line.args if re.fullmatch(r"max_conns=\d+", p)]
    idle = next((parse_time(line.args[0]) for line in group.block or () if line.name == "keepalive_timeout" and line.args), None)
    total = sum(limits) if limits and all(limits) and len(limits) == len(upstream.endpoints) else None
    return replace(upstream, max_connections=total, idle_timeout=idle)


def tls(scope: Scope, name: str, asking: Directive, telling: Telling) -> UpstreamTls:
    """TLS towards an upstream: nginx neither verifies nor names a server unless told to, and never names an address.

    Source: ngx_http_upstream_ssl_name in nginx's src/http/ngx_http_upstream.c.
    """
    named = scope.value("proxy_ssl_name")
    host = named.args[0] if named else re.sub(r":\d+$", "", name)
    if named is not None:
        telling.say(named, *((Outcome.UNSUPPORTED, "the name depends on the request") if "$" in host else (Outcome.EXACT, "")))
        host = re.sub(r":\d+$", "", name) if "$" in host else host
    naming = scope.value("proxy_ssl_server_name")
    telling.say(naming, Outcome.EXACT)
    verify = scope.flag("proxy_ssl_verify", default=False)
    telling.say(scope.value("proxy_ssl_verify"), Outcome.EXACT)
    trusted = scope.value("proxy_ssl_trusted_certificate")
    certificate, key = scope.value("proxy_ssl_certificate"), scope.value("proxy_ssl_certificate_key")
    for directive in (trusted, certificate, key):
        telling.say(directive, Outcome.EXACT, "in a Secret that the report lists")
    return UpstreamTls(
        host,
        scope.flag("proxy_ssl_server_name", default=False) and not _is_address(host),
        verify,
        trusted.args[0] if trusted and verify else "",
        certificate.args[0] if certificate else "",
        key.args[0] if key else "",
        tuple(d.position for d in (asking, naming, certificate, key, trusted if verify else None) if d is not None),
    )


def _is_address(host: str) -> bool:
    try:
        return host.startswith("[") or bool(ipaddress.IPv4Address(host))
    except ValueError:
        return False


def connect_timeout(scope: Scope, telling: Telling) -> float | None:
    """Seconds that a server has to accept a connection, where a level says so."""
    directive = scope.value("proxy_connect_timeout")
    seconds = parse_time(directive.args[0]) if directive and directive.args else None
    telling.say(directive, Outcome.EXACT)
    return seconds or None
