"""charset: https://nginx.org/en/docs/http/ngx_http_charset_module.html"""

from collections.abc import Iterator

from converter.model.outcomes import Outcome
from converter.model.rules import Answer, Proxy
from converter.nginx.facts import Fact, Place, Said

NAMES = ("charset",)


def apply(place: Place) -> Iterator[Fact]:
    """The gateway's own texts carry the character set in their type; those of upstreams come as they are."""
    directive = place.scope.value("charset")
    if directive is None:
        return
    if isinstance(place.action, Proxy) and directive.args != ("off",):
        yield Said(directive, Outcome.UNSUPPORTED, "the character set is not added to the Content-Type of upstream answers")
    elif not isinstance(place.action, Answer) or "$" not in directive.args[0]:
        yield Said(directive, Outcome.EXACT)
    else:
        yield Said(directive, Outcome.UNSUPPORTED, "a character set that depends on the request has no counterpart")
