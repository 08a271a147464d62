"""proxy_cookie_*: https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_cookie_domain"""

from collections.abc import Iterator

from converter.model.outcomes import Outcome
from converter.model.rules import CookieRewrite, Proxy
from converter.nginx.facts import Fact, Place, Said
from converter.syntax.tree import Directive

NAMES = ("proxy_cookie_path", "proxy_cookie_domain", "proxy_cookie_flags")


def apply(place: Place) -> Iterator[Fact]:
    """What is changed in the Set-Cookie of upstream answers."""
    if not isinstance(place.action, Proxy):
        return
    for attribute in ("path", "domain"):
        for directive in place.scope.nearest(f"proxy_cookie_{attribute}"):
            yield from _rewrite(place, directive, attribute)
    for directive in place.scope.nearest("proxy_cookie_flags"):
        off = directive.args[:1] == ("off",)
        yield Said(
            directive,
            *((Outcome.EXACT, "") if off else (Outcome.UNSUPPORTED, "the flags of cookies are passed on as the upstream sets them")),
        )


def _rewrite(place: Place, directive: Directive, attribute: str) -> Iterator[Fact]:
    if directive.args[:1] == ("off",):
        yield Said(directive, Outcome.EXACT)
        return
    old, new = place.literals(directive)
    if old is None or new is None:
        yield Said(directive, Outcome.UNSUPPORTED, "a regular expression or a variable in it has no counterpart")
        return
    yield Said(directive, Outcome.EXACT)
    yield CookieRewrite(attribute, old, new, directive.position)
