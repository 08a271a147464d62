"""Gateway: servers, ports, hosts, certificates."""

from collections.abc import Iterator, Mapping
from typing import Any

from converter.istio.checks.names import (
    HTTP_PROTOCOLS,
    TLS_PROTOCOLS,
    found,
    gateway_host_fault,
    is_label,
    port_fault,
    protocol_fault,
)
from converter.model.addresses import is_address

_FILES = ("serverCertificate", "privateKey", "caCertificates")
_CREDENTIALS = ("credentialName", "credentialNames")


def check(document: Mapping[str, Any]) -> Iterator[str]:
    if not is_label(document["metadata"]["name"]):
        yield "metadata.name: the name of a Gateway holds no dots and at most 63 characters"
    servers = document["spec"].get("servers", [])
    if not servers:
        yield "spec.servers: a Gateway has at least one server"
    names = set()
    for index, server in enumerate(servers):
        where = f"spec.servers[{index}]"
        yield from _server(where, server)
        if server["port"]["name"] in names:
            yield f"{where}.port.name: {server['port']['name']!r} is the name of another server's port"
        names.add(server["port"]["name"])


def _server(where: str, server: Mapping[str, Any]) -> Iterator[str]:
    if not server["hosts"]:
        yield f"{where}.hosts: is empty"
    for index, host in enumerate(server["hosts"]):
        yield from found(f"{where}.hosts[{index}]", gateway_host_fault(host))
    yield from _port(f"{where}.port", server["port"], server.get("bind", ""))
    tls, protocol = server.get("tls"), server["port"]["protocol"].lower()
    if tls is not None:
        yield from _tls(f"{where}.tls", tls)
    if protocol in TLS_PROTOCOLS and tls is None:
        yield f"{where}.tls: {protocol.upper()} needs it"
    if protocol not in TLS_PROTOCOLS and tls is not None and (protocol not in HTTP_PROTOCOLS or not _redirects_only(tls)):
        yield f"{where}.tls: a server of {protocol.upper()} has no TLS settings, except httpsRedirect for HTTP"


def _redirects_only(tls: Mapping[str, Any]) -> bool:
    return tls.get("mode", "PASSTHROUGH") in ("PASSTHROUGH", "AUTO_PASSTHROUGH") and not any(tls.get(name) for name in _FILES)


def _port(where: str, port: Mapping[str, Any], bind: str) -> Iterator[str]:
    yield from found(f"{where}.protocol", protocol_fault(port["protocol"]))
    if not port["name"]:
        yield f"{where}.name: is empty"
    if port.get("targetPort"):
        yield f"{where}.targetPort: has no effect on a Gateway"
    if bind.startswith("unix://"):
        if port["number"]:
            yield f"{where}.number: must be 0 with a unix socket"
        return
    yield from found(f"{where}.number", port_fault(port["number"]))
    if bind and not is_address(bind):
        yield f"{where.removesuffix('.port')}.bind: {bind!r} is no IP address"


def _tls(where: str, tls: Mapping[str, Any]) -> Iterator[str]:
    mode = tls.get("mode", "PASSTHROUGH")
    if mode == "ISTIO_MUTUAL":
        used = [name for name in (*_FILES, *_CREDENTIALS, "tlsCertificates") if tls.get(name)]
        yield from (f"{where}.{name}: ISTIO_MUTUAL brings its own certificates" for name in used)
        return
    files = bool(tls.get("serverCertificate")) and bool(tls.get("privateKey"))
    if files + sum(bool(tls.get(name)) for name in (*_CREDENTIALS, "tlsCertificates")) > 1:
        yield f"{where}: only one of credentialName, credentialNames, serverCertificate with privateKey, tlsCertificates"
    if mode in ("SIMPLE", "MUTUAL", "OPTIONAL_MUTUAL") and not any(tls.get(name) for name in _CREDENTIALS):
        yield from _files(where, tls, mode)


def _files(where: str, tls: Mapping[str, Any], mode: str) -> Iterator[str]:
    if mode == "SIMPLE" and tls.get("caCrl"):
        yield f"{where}.caCrl: no client shows a certificate with SIMPLE"
    if mode != "SIMPLE" and not tls.get("caCertificates"):
        yield f"{where}.caCertificates: {mode} needs the authorities of the clients"
    for certificate in tls.get("tlsCertificates") or [tls]:
        if not certificate.get("serverCertificate") or not certificate.get("privateKey"):
            yield f"{where}: {mode} needs credentialName, or serverCertificate and privateKey"
