"""proxy_hide_header, proxy_pass_header, add_trailer: https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_hide_header"""

from collections.abc import Iterator

from converter.model.outcomes import Outcome
from converter.model.rules import HeaderChange, Proxy
from converter.nginx.facts import TOKEN, Fact, Place, ResponseHeader, Said

NAMES = ("proxy_hide_header", "proxy_pass_header", "add_trailer")
_OWN = ("date", "server")


def apply(place: Place) -> Iterator[Fact]:
    """Upstream headers that are kept back."""
    if not isinstance(place.action, Proxy):
        return
    passed = place.scope.nearest("proxy_pass_header")
    for directive in passed:
        name = directive.args[0].lower()
        if name in _OWN:
            yield Said(directive, Outcome.APPROXIMATE, "the gateway writes its own Server and Date")
        elif name.startswith("x-accel-") or name == "x-pad":
            yield Said(directive, Outcome.UNSUPPORTED, "the gateway keeps this header back, as nginx does by default")
        else:
            yield Said(directive, Outcome.EXACT)
    shown = {directive.args[0].lower() for directive in passed}
    for directive in place.scope.nearest("proxy_hide_header"):
        if not TOKEN.fullmatch(directive.args[0]):
            yield Said(directive, Outcome.UNSUPPORTED, "this is no name of a header")
            continue
        yield Said(directive, Outcome.EXACT)
        if directive.args[0].lower() not in shown:
            yield ResponseHeader(HeaderChange("remove", directive.args[0], origin=directive.position))
    for directive in place.scope.nearest("add_trailer"):
        yield Said(directive, Outcome.UNSUPPORTED, "Istio has no field for response trailers")
