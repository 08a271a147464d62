"""What policy modules say of a route; the engine puts it together."""

import re
from collections.abc import Iterable

from msgspec import Struct

from converter.model.outcomes import Outcome
from converter.model.rules import (
    Action,
    Answer,
    CookieRewrite,
    Expiry,
    HeaderChange,
    LocationRewrite,
    Policies,
    Redirect,
    RedirectList,
    Refuse,
    Retries,
)
from converter.model.values import Source, Template
from converter.nginx.scope import Scope
from converter.nginx.site import Site
from converter.nginx.state import NoCounterpart, State
from converter.syntax.tree import Directive

TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # a header's name


class RequestHeader(Struct, frozen=True):
    change: HeaderChange


class ResponseHeader(Struct, frozen=True):
    change: HeaderChange


class LocationOrigin(Struct, frozen=True):
    """Scheme and authority of an upstream's Location that was rewritten to a path, where the client asked for others."""

    origin: Template


class IdleTimeout(Struct, frozen=True):
    """Seconds without a byte from the upstream."""

    seconds: float


class Said(Struct, frozen=True):
    """An outcome of a directive."""

    directive: Directive
    outcome: Outcome
    reason: str = ""


Fact = RequestHeader | ResponseHeader | IdleTimeout | Expiry | LocationRewrite | LocationOrigin | CookieRewrite | Retries | Said


class Place(Struct, frozen=True):
    """A route that policies are asked for: the level whose settings count, the state of the request, what is done, and in which server.

    servers: how many servers the upstream of a Proxy has.
    trusted_proxies: how many stand before the gateway, as decided.
    """

    scope: Scope
    state: State
    action: Action
    site: Site
    servers: int = 1
    trusted_proxies: int = 0

    @property
    def status(self) -> int | None:
        """The status of an answer of nginx's own; None for an upstream's."""
        return self.action.status if isinstance(self.action, (Answer, Redirect, RedirectList, Refuse)) else None

    def value(self, text: str) -> Template:
        """A text with its variables. Raises NoCounterpart, also for values that only nginx could know."""
        value = self.state.value(text)
        if unknown := next((v for v in value.variables if v.source is Source.UNKNOWN), None):
            raise NoCounterpart(unknown.name)
        return value

    def literals(self, directive: Directive) -> tuple[str | None, str | None]:
        """The two arguments of a directive, where they are known beforehand and no regexes."""
        if len(directive.args) != 2 or directive.args[0].startswith("~"):
            return None, None
        try:
            return self.value(directive.args[0]).literal, self.value(directive.args[1]).literal
        except NoCounterpart:
            return None, None


_NO_RETRIES = Policies().retries


def assemble(facts: Iterable[Fact]) -> tuple[Policies, list[Said]]:
    """Sorts facts into policies and outcomes."""
    request, response, locations, cookies, said = [], [], [], [], []
    retries, idle, expiry, origin = _NO_RETRIES, None, None, None
    for fact in facts:
        match fact:  # the commonest first
            case Said():
                said.append(fact)
            case LocationRewrite():
                locations.append(fact)
            case Retries():
                retries = fact
            case IdleTimeout(seconds):
                idle = seconds
            case RequestHeader(change):
                request.append(change)
            case ResponseHeader(change):
                response.append(change)
            case LocationOrigin(found):
                origin = found
            case CookieRewrite():
                cookies.append(fact)
            case Expiry():
                expiry = fact
    changes = (tuple(request), tuple(response), tuple(locations), tuple(cookies))
    return Policies(*changes, (), expiry, retries, idle, origin), said
