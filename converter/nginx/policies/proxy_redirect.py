"""proxy_redirect: https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_redirect"""

from collections.abc import Iterator

from converter.model.outcomes import Outcome
from converter.model.rules import LocationRewrite, Proxy
from converter.nginx.facts import Fact, Place, Said
from converter.nginx.locations import modifier
from converter.syntax.tree import Directive

NAMES = ("proxy_redirect",)
ALWAYS = True


def apply(place: Place) -> Iterator[Fact]:
    """What is changed in the Location of upstream answers."""
    if not isinstance(place.action, Proxy):
        return
    lines = place.scope.nearest("proxy_redirect")
    if not lines:
        yield from _default(place, None)
    for directive in lines:
        yield from _line(place, directive)


def _default(place: Place, directive: Directive | None) -> Iterator[Fact]:
    """The URL of proxy_pass becomes the location's name; nothing where that URL has variables."""
    location = place.scope.enclosing("location")
    block = location.block if location else None
    handler = next(iter(place.scope.own("proxy_pass") or (location.own("proxy_pass") if location else [])), None)
    if block is None or handler is None or "$" in handler.args[0]:
        return
    has_uri = "/" in handler.args[0].partition("://")[2]
    kind, name = modifier(block) if has_uri else ("", "")
    origin = (directive or handler).position
    if kind in ("prefix", "strong", "exact"):
        yield LocationRewrite(handler.args[0], name, origin)
    else:
        yield LocationRewrite(handler.args[0].rstrip("/") + "/", "/", origin)


def _line(place: Place, directive: Directive) -> Iterator[Fact]:
    if directive.args == ("off",):
        yield Said(directive, Outcome.EXACT)
    elif directive.args in (("default",), ()):
        yield Said(directive, Outcome.EXACT)
        yield from _default(place, directive)
    else:
        yield from _pair(place, directive)


def _pair(place: Place, directive: Directive) -> Iterator[Fact]:
    old, new = place.literals(directive)
    if old is None or new is None:
        yield Said(directive, Outcome.UNSUPPORTED, "a regular expression or a variable in it has no counterpart")
        return
    yield Said(directive, Outcome.EXACT)
    yield LocationRewrite(old, new, directive.position)
