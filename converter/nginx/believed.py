"""What trusted proxies say of a request, as far as the gateway believes them."""

from converter.model.values import Source, Template, Variable

FORWARDED_PROTO = "http_x_forwarded_proto"
NO_FORWARDED_PROTO = (
    "a request without X-Forwarded-Proto (one that has come past the proxies) has the scheme of its connection for the gateway, "
    "and none for nginx"
)


def believed(trusted_proxies: int | None) -> dict[str, Template]:
    """The variables that hold it: Envoy takes the scheme from the X-Forwarded-Proto of trusted proxies."""
    return {FORWARDED_PROTO: Template.of(Variable(Source.SCHEME))} if trusted_proxies else {}
