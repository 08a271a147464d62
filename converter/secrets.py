"""The secrets that manifests name: certificates of servers, and what the TLS of upstreams needs."""

from collections.abc import Iterable

from converter.model.applications import Application
from converter.model.conversion import SecretNeeded
from converter.model.decisions import Decisions
from converter.model.upstreams import Upstream
from converter.nginx.naming import slug


def secrets_of(
    applications: Iterable[Application], upstreams: Iterable[Upstream], decisions: Decisions
) -> tuple[tuple[SecretNeeded, ...], dict[str, str]]:
    """The secrets that the manifests name, and by upstream's key the name of its own."""
    namespace = decisions.gateway.namespace
    out: dict[SecretNeeded, None] = {}
    for application in applications:
        for listener in (listener for host in application.virtual_hosts for listener in host.listeners):
            if (tls := listener.tls) is not None:
                out[SecretNeeded(namespace, tls.secret, "tls", tls.certificate, tls.key)] = None
                if tls.client is not None:
                    out[SecretNeeded(namespace, f"{tls.secret}-cacert", "ca", tls.client.authority)] = None
    by_key = {upstream.key: f"{slug(upstream.key)}-upstream" for upstream in upstreams if _needs_secret(upstream)}
    for upstream in upstreams:
        if (name := by_key.get(upstream.key)) and upstream.tls is not None:
            if upstream.tls.client_certificate:
                out[SecretNeeded(namespace, name, "tls", upstream.tls.client_certificate, upstream.tls.client_key)] = None
            if upstream.tls.ca:
                out[SecretNeeded(namespace, f"{name}-cacert" if upstream.tls.client_certificate else name, "ca", upstream.tls.ca)] = None
    return tuple(out), by_key


def _needs_secret(upstream: Upstream) -> bool:
    return upstream.tls is not None and bool(upstream.tls.ca or upstream.tls.client_certificate)
