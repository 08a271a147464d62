"""A VirtualService as Envoy carries it out, small enough to be read: which `http` entry a request meets.

Source: https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPMatchRequest and istiod's route.go, where `withoutHeaders`
becomes an inverted match that takes an absent header for an empty one.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import re2


@dataclass(frozen=True)
class Request:
    """As it reaches the gateway's routes: the client's address is the last element of x-forwarded-for already."""

    target: str = "/"
    method: str = "GET"
    host: str = "shop.example.com"
    headers: dict[str, str] = field(default_factory=dict)
    client: str = "203.0.113.9"
    scheme: str = "http"
    port: int = 80

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    @property
    def query(self) -> str:
        return self.target.partition("?")[2]

    def header(self, name: str) -> str | None:
        forwarded = ",".join((*filter(None, [self.headers.get("x-forwarded-for")]), self.client))
        own = {":path": self.target, ":method": self.method, ":authority": self.host, ":scheme": self.scheme, "x-forwarded-for": forwarded}
        return own.get(name, self.headers.get(name))


def taken(routes: Iterable[dict[str, Any]], request: Request) -> dict[str, Any] | None:
    """The first entry whose match holds; None where Envoy answers 404 by itself."""
    return next((route for route in routes if any(meets(match, request) for match in route.get("match", [{}]))), None)


def meets(match: dict[str, Any], request: Request) -> bool:
    """Whether all conditions of one match hold."""
    checks = [_text(match["uri"], request.path)] if "uri" in match else []
    checks += [_text(match[key], request.header(f":{key}")) for key in ("method", "authority", "scheme") if key in match]
    checks += [_text(value, request.header(name.lower())) for name, value in match.get("headers", {}).items()]
    checks += [not _text(value, request.header(name.lower()) or "") for name, value in match.get("withoutHeaders", {}).items()]
    checks += [_text(value, _argument(request.query, name)) for name, value in match.get("queryParams", {}).items()]
    checks += [match["port"] == request.port] if "port" in match else []
    assert not match.keys() - {"uri", "method", "authority", "scheme", "headers", "withoutHeaders", "queryParams", "port", "name"}
    return all(checks)


def _text(condition: dict[str, str], text: str | None) -> bool:
    if text is None:
        return False
    match condition:
        case {"exact": wanted}:
            return text == wanted
        case {"prefix": wanted}:
            return text.startswith(wanted)
        case {"regex": pattern}:
            return _matches(pattern, text)
    assert condition == {}
    return True


def _matches(pattern: str, text: str) -> bool:
    options = re2.Options()
    options.dot_nl = False
    return re2.compile(pattern, options).fullmatch(text) is not None


def _argument(query: str, name: str) -> str | None:
    """The first argument of a name, as Envoy reads it: not decoded, its name in the case that is written."""
    for piece in query.split("&"):
        found, _, value = piece.partition("=")
        if found == name:
            return value
    return None
