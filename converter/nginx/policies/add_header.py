"""add_header and expires: https://nginx.org/en/docs/http/ngx_http_headers_module.html"""

from collections.abc import Iterator

from converter.model.outcomes import Outcome
from converter.model.rules import Expiry, HeaderChange, Proxy
from converter.nginx.facts import TOKEN, Fact, Place, ResponseHeader, Said
from converter.nginx.state import NoCounterpart
from converter.nginx.variables import STATUS, names, status_known
from converter.syntax.tree import Directive
from converter.syntax.values import parse_time

NAMES = ("add_header", "expires")
_NOT_YET = "in an answer of its own the gateway makes this header before it has a status and the others: what is read of them is lost"
GOOD = (200, 201, 204, 206, 301, 302, 303, 304, 307, 308)


def apply(place: Place) -> Iterator[Fact]:
    """Header lines of the nearest level that has any; without `always` only for a few statuses."""
    for directive in place.scope.nearest("add_header"):
        if len(directive.args) >= 2:
            yield from _line(place, directive)
    expires = place.scope.value("expires")
    if expires is not None and not (expires.args and expires.args[0].lower() == "off"):
        yield from _expires(place, expires)
    elif expires is not None:
        yield Said(expires, Outcome.EXACT)


def _line(place: Place, directive: Directive) -> Iterator[Fact]:
    name, text, *options = directive.args
    if not TOKEN.fullmatch(name):
        yield Said(directive, Outcome.UNSUPPORTED, "this is no name of a header; it is left out")
        return
    status, always = place.status, options == ["always"]
    if status is not None and status not in GOOD and not always:
        yield Said(directive, Outcome.EXACT)
        return
    try:
        value = place.value(text)
    except NoCounterpart as problem:
        yield Said(directive, Outcome.UNSUPPORTED, f"{problem}; the header is left out")
        return
    yield Said(directive, Outcome.EXACT)
    if status is not None:
        value = value if place.state.in_error else status_known(value, status)
        if STATUS in value.parts or any(read.startswith("sent_http_") for read in names(text)):
            yield Said(directive, Outcome.APPROXIMATE, _NOT_YET)
    if value.parts:
        yield ResponseHeader(HeaderChange("add", name, value, good_only=not always, origin=directive.position))


def _expires(place: Place, directive: Directive) -> Iterator[Fact]:
    status = place.status
    when = _when(directive.args)
    if status is not None and status not in GOOD:
        yield Said(directive, Outcome.EXACT)
    elif when is None:
        yield Said(directive, Outcome.UNSUPPORTED, "an expiry at a time of day, or one that depends on the request, has no counterpart")
    else:
        yield Said(directive, Outcome.EXACT)
        yield Expiry(when, good_only=isinstance(place.action, Proxy), origin=directive.position)


def _when(args: tuple[str, ...]) -> int | str | None:
    text = args[-1]
    if len(args) > 1 or text.startswith(("@", "$")):
        return None
    if text in ("epoch", "max"):
        return text
    seconds = parse_time(text.removeprefix("-"))
    if seconds is None:
        return None
    return -int(seconds) if text.startswith("-") else int(seconds)
