"""VirtualService: hosts, and the routes for TLS and TCP. Those for HTTP are in httproute.py."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from converter.istio.checks import httproute
from converter.istio.checks.names import (
    covers,
    export_faults,
    found,
    host_fault,
    labels_fault,
    overlaps,
    port_fault,
    subnet_fault,
)
from converter.istio.checks.routing import destination_faults, gateway_name_faults
from converter.model.addresses import is_address


def check(document: Mapping[str, Any]) -> Iterator[str]:
    spec = document["spec"]
    hosts, gateways = spec.get("hosts", []), spec.get("gateways", [])
    yield from gateway_name_faults("spec.gateways", gateways)
    yield from _hosts(hosts, in_mesh=not gateways or "mesh" in gateways) if hosts else _delegate(spec)
    if not spec.get("http") and not spec.get("tls") and not spec.get("tcp"):
        yield "spec: needs http, tls or tcp"
    for index, route in enumerate(spec.get("http", ())):
        for fault in httproute.check(route):
            yield f"spec.http[{index}]{fault}"
    for index, route in enumerate(spec.get("tls", ())):
        yield from _tls_route(f"spec.tls[{index}]", route, hosts)
    for index, route in enumerate(spec.get("tcp", ())):
        yield from _tcp_route(f"spec.tcp[{index}]", route)
    yield from export_faults(document)


def _delegate(spec: Mapping[str, Any]) -> Iterator[str]:
    for name in ("gateways", "tls", "tcp"):
        if spec.get(name):
            yield f"spec.{name}: a VirtualService without hosts is a delegate, which has none"


def _hosts(hosts: Sequence[str], in_mesh: bool) -> Iterator[str]:
    faults = [fault for index, host in enumerate(hosts) for fault in _host(f"spec.hosts[{index}]", host, in_mesh)]
    yield from faults
    if not faults:
        yield from (f"spec.hosts: {one} and {other} overlap" for one, other in overlaps(hosts))


def _host(where: str, host: str, in_mesh: bool) -> Iterator[str]:
    if host == "*" and in_mesh:
        yield f"{where}: `*` is for gateways only"
    elif not is_address(host):
        yield from found(where, host_fault(host))


def _tls_route(where: str, route: Mapping[str, Any], hosts: Sequence[str]) -> Iterator[str]:
    if not route["match"]:
        yield f"{where}.match: is empty"
    for index, match in enumerate(route["match"]):
        place = f"{where}.match[{index}]"
        if not match["sniHosts"]:
            yield f"{place}.sniHosts: is empty"
        for number, name in enumerate(match["sniHosts"]):
            yield from found(f"{place}.sniHosts[{number}]", _sni_fault(name, hosts))
        yield from _connection(place, match)
    yield from _destinations(where, route)


def _sni_fault(name: str, hosts: Sequence[str]) -> str:
    if is_address(name):
        return ""
    return host_fault(name) or ("" if any(covers(host, name) for host in hosts) else f"{name!r} is not covered by the hosts")


def _tcp_route(where: str, route: Mapping[str, Any]) -> Iterator[str]:
    for index, match in enumerate(route.get("match", ())):
        yield from _connection(f"{where}.match[{index}]", match)
    yield from _destinations(where, route)


def _connection(where: str, match: Mapping[str, Any]) -> Iterator[str]:
    for index, subnet in enumerate(match.get("destinationSubnets", ())):
        yield from found(f"{where}.destinationSubnets[{index}]", subnet_fault(subnet))
    if match.get("port"):
        yield from found(f"{where}.port", port_fault(match["port"]))
    yield from found(f"{where}.sourceLabels", labels_fault(match.get("sourceLabels", {})))
    yield from gateway_name_faults(f"{where}.gateways", match.get("gateways", ()))


def _destinations(where: str, route: Mapping[str, Any]) -> Iterator[str]:
    if not route.get("route"):
        yield f"{where}.route: is empty"
    yield from (f"{where}.route{fault}" for fault in destination_faults(route.get("route", ())))
