"""set_real_ip_from, real_ip_header, real_ip_recursive: https://nginx.org/en/docs/http/ngx_http_realip_module.html"""

from collections.abc import Iterator

from converter.model.outcomes import Outcome
from converter.nginx import real_ip
from converter.nginx.facts import Fact, Place, Said

NAMES = ("set_real_ip_from", "real_ip_header", "real_ip_recursive")
UNDECIDED = "the client's address is what a trusted proxy says: set gateway.trusted_proxies"
DECIDED = "the address that the trusted proxies before the gateway report is used, whoever the last of them is"


def apply(place: Place) -> Iterator[Fact]:
    """A gateway counts trusted proxies; it does not know them by their addresses."""
    if real_ip.proxies(place.scope) is None:
        for directive in (*place.scope.nearest("real_ip_header"), *place.scope.nearest("real_ip_recursive")):
            yield Said(directive, Outcome.DEAD, "there is no set_real_ip_from")
        return
    usable = place.trusted_proxies and real_ip.is_forwarded_for(place.scope)
    outcome = (Outcome.APPROXIMATE, DECIDED) if usable else (Outcome.DECISION, UNDECIDED)
    for name in NAMES:
        for directive in place.scope.nearest(name):
            yield Said(directive, *outcome)
