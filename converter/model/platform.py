"""Platform differences that show for a set of applications."""

from converter.model.applications import Application
from converter.model.conversion import PlatformNote
from converter.model.outcomes import PlatformDifference as Difference
from converter.model.rules import Answer, Proxy, Refuse

_PROTO = (
    "So is X-Forwarded-Proto, and a client's own is replaced with the scheme of its connection unless gateway.trusted_proxies says that "
    "proxies stand before the gateway; nginx passes it on as it came."
)
_ALWAYS = {
    Difference.PATH_SPELLING: "A path with %XX, //, a dot segment or a backslash: nginx chooses the location by the decoded path with merged slashes "
    "and sends on the path as it came; Envoy resolves dot segments and unreserved escapes only, and sends on the result. "
    "Example: //docs/a. Where a host refuses anything, such spellings are refused. Envoy also takes `..;` for `..` (/a/..;/b is /b to it), "
    "escapes raw quotes and bars, keeps a question mark that nothing follows, drops what follows a # and lets %zz pass (nginx: 400).",
    Difference.HOST_SPELLING: "A Host with capitals, a port on 80 or 443, another port than the request came to, or a trailing dot: "
    "upstreams and redirects get it as it came, nginx tidies it. Example: Host: SHOP.example.com:80.",
    Difference.PROTOCOL: "HTTP/1.0, unknown methods, header names with underscores or dots (nginx drops them), headers over 8 KiB (nginx answers "
    "400 or 414); a header sent in several lines (conditions look at any of them, nginx at the first); upgrades on routes that do not pass them "
    "(the gateway upgrades, nginx answers as if nobody had asked); Expect is passed on; a Referer that is no well-formed address (about:blank) is "
    "kept from upstreams, unless a route asks for it.",
    Difference.RESPONSE_HEADERS: "Server and Date are Envoy's; x-envoy-* headers and X-Request-Id are added for the upstream. "
    + _PROTO
    + " X-Accel-Redirect of an upstream is kept back, as in nginx, but not followed.",
}
_WITHOUT_FILTERS = (
    "Server and Date are Envoy's; x-envoy-* headers and X-Request-Id are added for the upstream. " + _PROTO + " Without EnvoyFilters "
    "X-Accel-* and X-Pad of an upstream are passed on, and not followed; nginx keeps them back."
)
_PROXIED = {
    Difference.UPSTREAM_FAILURE_STATUS: "Where an upstream refuses or breaks the connection Envoy answers 503, nginx 502.",
    Difference.TIMEOUT_DEFAULT: "nginx gives up after 60 seconds of silence (proxy_read_timeout) and of connecting; the gateway waits for an "
    "answer without limit, and 10 seconds for a connection. Set the nginx directives to say otherwise.",
    Difference.BODY_LIMIT_DEFAULT: "nginx refuses bodies over 1 MiB (client_max_body_size) with 413; the gateway passes bodies of any size.",
    Difference.RETRY_DEFAULT: "A request whose connection breaks after it was sent is not tried on another server, as it might be carried out twice.",
    Difference.BUFFERING: "nginx reads request and answer into buffers; the gateway passes them on as they come.",
    Difference.KEEPALIVE_DEFAULT: "Upstreams see HTTP/1.1 with kept-open connections, where nginx before 1.29.7 speaks HTTP/1.0.",
}


def notes(applications: tuple[Application, ...], filters: bool = True) -> tuple[PlatformNote, ...]:
    """Those that can show, in the order of the closed list. filters: whether EnvoyFilters may be used."""
    rules = [rule for application in applications for host in application.virtual_hosts for rule in host.rules]
    listeners = [listener for application in applications for host in application.virtual_hosts for listener in host.listeners]
    found = dict(_ALWAYS) if rules else {}
    if rules and not filters:
        found[Difference.RESPONSE_HEADERS] = _WITHOUT_FILTERS
    if any(isinstance(rule.action, Proxy) for rule in rules):
        found |= _PROXIED
    if any(listener.tls for listener in listeners):
        found[Difference.SNI_DIFFERS] = (
            "A TLS connection without or with an unknown server name, or whose Host is another server's: nginx answers by the Host, the gateway by"
            " the certificate's hosts (404), or closes the connection where no server is the default one."
        )
    if any(isinstance(rule.action, Refuse | Answer) for rule in rules):
        found[Difference.ERROR_PAGE_BODY] = "Error answers that nobody configured come without nginx's HTML page."
    return tuple(PlatformNote(difference, found[difference]) for difference in Difference if difference in found)
