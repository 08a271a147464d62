"""The directives that this room takes into account: those of them that no route consumed have no effect."""

import functools

from converter.nginx import policies
from converter.nginx.program import STATEMENTS

_CORE = {
    "server", "location", "listen", "server_name", "proxy_pass", "internal", "allow", "deny", "satisfy", "limit_except", "error_page",
    "proxy_intercept_errors", "proxy_connect_timeout",
    "proxy_ssl_name", "proxy_ssl_server_name", "proxy_ssl_verify", "proxy_ssl_trusted_certificate", "proxy_ssl_certificate",
    "proxy_ssl_certificate_key", "ssl", "ssl_certificate", "ssl_certificate_key", "ssl_protocols", "ssl_ciphers", "ssl_verify_client",
    "ssl_client_certificate", "try_files", "root", "alias", "index",
}  # fmt: skip


@functools.cache
def names() -> frozenset[str]:
    """All of them: those of the policies, of the request program, and of the server and its locations."""
    return frozenset(_CORE | set(STATEMENTS) | {name for found, _, _ in policies.registered() for name in found})
