"""Certificates, protocols, ciphers and client certificates of a server.

Source: https://nginx.org/en/docs/http/ngx_http_ssl_module.html
"""

from pathlib import PurePosixPath

from converter.model.applications import ClientVerification, ServerTls
from converter.model.decisions import HostDecisions
from converter.model.outcomes import Outcome
from converter.nginx.naming import Names, slug
from converter.nginx.scope import Scope
from converter.nginx.telling import Telling

_GENERIC = {"fullchain", "cert", "certificate", "chain", "tls", "server", "ssl", "bundle", "privkey", "crt", "public", "ca"}
_VERSIONS = {"TLSv1": "1.0", "TLSv1.1": "1.1", "TLSv1.2": "1.2", "TLSv1.3": "1.3"}
_CIPHERS = (
    "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-RSA-AES256-GCM-SHA384",
    "ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-RSA-CHACHA20-POLY1305", "ECDHE-ECDSA-AES128-SHA", "ECDHE-RSA-AES128-SHA",
    "ECDHE-ECDSA-AES256-SHA", "ECDHE-RSA-AES256-SHA", "AES128-GCM-SHA256", "AES256-GCM-SHA384", "AES128-SHA", "AES256-SHA", "DES-CBC3-SHA",
)  # fmt: skip
_TLS13 = {"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"}


def secret_name(path: str) -> str:
    """A Kubernetes name for the secret of a certificate file.

    >>> secret_name("/etc/letsencrypt/live/shop.example.com/fullchain.pem"), secret_name("certs/a.crt")
    ('shop-example-com-tls', 'a-tls')
    """
    file = PurePosixPath(path)
    stem = file.name.removesuffix(file.suffix) if file.suffix in (".pem", ".crt", ".cer", ".key", ".cert") else file.name
    if stem.lower() in _GENERIC and file.parent.name not in ("", "/", "certs", "ssl", "private"):
        stem = file.parent.name
    return f"{slug(stem) or 'server'}-tls"


def secret_owner(certificate: str, client: ClientVerification | None) -> str:
    """What must be the same for servers to share a secret: beside it stands the one that holds the CAs of their clients."""
    return f"{certificate} {client.authority}" if client else certificate


def server_tls(scope: Scope, decided: HostDecisions | None, secrets: Names, telling: Telling) -> ServerTls | None:
    """TLS of a server; None where it has no certificate, so that no handshake can succeed."""
    certificates, keys = scope.nearest("ssl_certificate"), scope.nearest("ssl_certificate_key")
    if not certificates:
        return None
    for directive in (*certificates, *keys):
        telling.say(directive, Outcome.EXACT, "in a Secret that the report lists")
    for directive in certificates[1:]:
        telling.say(directive, Outcome.APPROXIMATE, "only the server's first certificate is used")
    telling.say(scope.value("ssl"), Outcome.EXACT)
    path = certificates[0].args[0]
    client = _client(scope, telling)
    secret = decided.certificate if decided and decided.certificate else secrets.unique(secret_name(path), secret_owner(path, client))
    lowest, highest = _versions(scope, telling)
    return ServerTls(
        secret,
        lowest,
        highest,
        _ciphers(scope, telling),
        client,
        path,
        keys[0].args[0] if keys else "",
        certificates[0].position,
    )


def _versions(scope: Scope, telling: Telling) -> tuple[str, str]:
    directive = scope.value("ssl_protocols")
    if directive is None:
        return "", ""
    found = sorted(_VERSIONS[p] for p in directive.args if p in _VERSIONS)
    if not found:
        telling.say(directive, Outcome.UNSUPPORTED, "a gateway speaks TLS 1.0 to 1.3 only")
        return "", ""
    telling.say(directive, Outcome.EXACT)
    return found[0], found[-1]


def _ciphers(scope: Scope, telling: Telling) -> tuple[str, ...]:
    """The suites that a gateway accepts, in the order given."""
    directive = scope.value("ssl_ciphers")
    if directive is None:
        return ()
    named = [c for c in directive.args[0].replace(",", ":").replace(" ", ":").split(":") if c]
    known = tuple(dict.fromkeys(c for c in named if c in _CIPHERS))
    left = [c for c in named if c not in _CIPHERS and c not in _TLS13 and not c.startswith("!")]
    if known and not left:
        telling.say(directive, Outcome.EXACT)
    elif known:
        telling.say(directive, Outcome.APPROXIMATE, f"Envoy has no {', '.join(left[:4])}{' ...' if len(left) > 4 else ''}")
    else:
        telling.say(directive, Outcome.APPROXIMATE, "groups of suites are OpenSSL's; Envoy's own selection is used")
    return known


def _client(scope: Scope, telling: Telling) -> ClientVerification | None:
    """Client certificates. nginx answers 400 to a client without one, a gateway breaks the handshake."""
    verify = scope.value("ssl_verify_client")
    if verify is None or verify.args[0] == "off":
        telling.say(verify, Outcome.EXACT)
        return None
    authority = scope.value("ssl_client_certificate") or scope.value("ssl_trusted_certificate")
    if authority is None or verify.args[0] == "optional_no_ca":
        telling.say(
            verify, Outcome.UNSUPPORTED, "a certificate that is not verified cannot be asked for; every client must have a valid one"
        )
    elif verify.args[0] == "on":
        telling.say(verify, Outcome.APPROXIMATE, "a client without a valid certificate gets no answer at all, where nginx answers 400")
    else:
        telling.say(verify, Outcome.EXACT)
    telling.say(authority, Outcome.EXACT, "in a Secret that the report lists")
    file = authority.args[0] if authority else ""
    return ClientVerification(verify.args[0] != "optional", file)
