"""absolute_redirect and what goes with it: https://nginx.org/en/docs/http/ngx_http_core_module.html#absolute_redirect"""

from collections.abc import Iterator

from converter.model.outcomes import Outcome
from converter.model.rules import Proxy, Redirect
from converter.nginx.facts import Fact, LocationOrigin, Place, Said

NAMES = ("absolute_redirect", "port_in_redirect", "server_name_in_redirect")


def apply(place: Place) -> Iterator[Fact]:
    """They show in redirects of nginx's own (which have them already), and in those of an upstream that proxy_redirect makes paths."""
    if not isinstance(place.action, Proxy | Redirect):
        return
    for name in NAMES:
        if (directive := place.scope.value(name)) is not None:
            yield Said(directive, Outcome.EXACT)
    if isinstance(place.action, Proxy) and not place.site.keeps_authority(place.scope):
        yield LocationOrigin(place.site.origin(place.scope))
