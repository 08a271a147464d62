"""proxy_set_header: https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_set_header"""

from collections.abc import Iterator

from converter.model.outcomes import Outcome
from converter.model.rules import HeaderChange, Proxy
from converter.model.values import Source, Template, unseen
from converter.nginx import real_ip
from converter.nginx.facts import TOKEN, Fact, Place, RequestHeader, Said
from converter.nginx.policies.real_ip import DECIDED, UNDECIDED
from converter.nginx.state import NoCounterpart
from converter.syntax.tree import Directive

NAMES = ("proxy_set_header",)
_HOP_BY_HOP = ("connection", "upgrade", "keep-alive", "te", "transfer-encoding", "content-length", "proxy-connection", "expect")
_ALWAYS_THERE = {Source.HOST, Source.AUTHORITY, Source.PATH, Source.RAW_PATH, Source.METHOD, Source.SCHEME, Source.CLIENT, Source.LOCAL_PORT,
                 Source.PROTOCOL, Source.REQUEST_ID, Source.FORWARDED_FOR, Source.CLIENT_PORT, Source.LOCAL_ADDRESS}  # fmt: skip


def apply(place: Place) -> Iterator[Fact]:
    """The header lines of the nearest level that has any, all but Host (which is the action's)."""
    if not isinstance(place.action, Proxy):
        return
    seen: set[str] = set()
    for directive in place.scope.nearest("proxy_set_header"):
        name = directive.args[0].lower() if directive.args else ""
        if name == "host" or len(directive.args) != 2:
            continue
        if not TOKEN.fullmatch(name):
            yield Said(directive, Outcome.UNSUPPORTED, "this is no name of a header; it is left out")
            continue
        if name in _HOP_BY_HOP:
            yield Said(directive, Outcome.BUILTIN, "Envoy manages the connection, and upgrades where the client asks for one")
            continue
        yield from _line(place, directive, name, repeated=name in seen)
        seen.add(name)


def _line(place: Place, directive: Directive, name: str, repeated: bool) -> Iterator[Fact]:
    try:
        value = place.state.with_status(place.value(directive.args[1]))
    except NoCounterpart as problem:
        yield Said(directive, Outcome.UNSUPPORTED, f"{problem}; the header is removed")
        yield RequestHeader(HeaderChange("remove", directive.args[0], origin=directive.position))
        return
    if name == "x-forwarded-proto" and directive.args[1] in ("$scheme", "${scheme}") and not place.trusted_proxies:
        yield Said(directive, Outcome.EXACT)  # the gateway writes it so by itself
        return
    for reason in filter(None, map(unseen, value.variables)):
        yield Said(directive, Outcome.APPROXIMATE, reason)
    if real_ip.proxies(place.scope) is not None and any(v.source in (Source.CLIENT, Source.FORWARDED_FOR) for v in value.variables):
        yield Said(directive, *((Outcome.APPROXIMATE, DECIDED) if place.trusted_proxies else (Outcome.DECISION, UNDECIDED)))
    yield Said(directive, Outcome.EXACT)
    sole = value.sole
    if sole is not None and sole.source is Source.REQUEST_HEADER and sole.name == name:
        return
    yield from _changes(directive, value, repeated)


def _changes(directive: Directive, value: Template, repeated: bool) -> Iterator[Fact]:
    header, origin = directive.args[0], directive.position
    if repeated:
        yield RequestHeader(HeaderChange("add", header, value, origin=origin))
    elif not value.parts:
        yield RequestHeader(HeaderChange("remove", header, origin=origin))
    elif any(isinstance(p, str) or p.source in _ALWAYS_THERE for p in value.parts):
        yield RequestHeader(HeaderChange("set", header, value, origin=origin))
    else:  # may be empty: then nginx sends no line, not the client's either
        yield RequestHeader(HeaderChange("remove", header, origin=origin))
        yield RequestHeader(HeaderChange("add", header, value, origin=origin))
