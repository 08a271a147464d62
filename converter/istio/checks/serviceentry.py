"""ServiceEntry: hosts, ports, endpoints, and what each resolution asks of them."""

from collections.abc import Iterator, Mapping
from typing import Any

from converter.istio.checks.names import (
    HTTP_PROTOCOLS,
    TLS_PROTOCOLS,
    export_faults,
    found,
    fqdn_fault,
    host_fault,
    is_label,
    labels_fault,
    port_fault,
    protocol_fault,
    selector_faults,
    subnet_fault,
)
from converter.model.addresses import is_address

_DYNAMIC_PROTOCOLS = frozenset(["http", "tls", "grpc", "http2"])


def check(document: Mapping[str, Any]) -> Iterator[str]:
    spec = document["spec"]
    resolution = spec.get("resolution", "NONE")
    yield from selector_faults("spec.workloadSelector.labels", spec.get("workloadSelector", {}).get("labels", {}))
    for index, host in enumerate(spec["hosts"]):
        yield from found(f"spec.hosts[{index}]", host_fault(host))
    for index, address in enumerate(spec.get("addresses", ())):
        yield from found(f"spec.addresses[{index}]", subnet_fault(address))
    yield from _ports(spec)
    if resolution in ("STATIC", "DNS", "DNS_ROUND_ROBIN"):
        for index, endpoint in enumerate(spec.get("endpoints", ())):
            yield from _endpoint(f"spec.endpoints[{index}]", endpoint, spec)
    if resolution.startswith("DNS") and not spec.get("endpoints"):
        for index, host in enumerate(spec["hosts"]):
            yield from found(f"spec.hosts[{index}]", fqdn_fault(host))
    if resolution == "DYNAMIC_DNS":
        yield from _dynamic(spec)
    yield from export_faults(document)


def _ports(spec: Mapping[str, Any]) -> Iterator[str]:
    names = set()
    for index, port in enumerate(spec.get("ports", ())):
        where, protocol = f"spec.ports[{index}]", port.get("protocol", "")
        if port["name"] in names or not is_label(port["name"]):
            yield f"{where}.name: {port['name']!r} is used twice or is no name of a port"
        names.add(port["name"])
        yield from found(f"{where}.number", port_fault(port["number"]))
        if protocol:
            yield from found(f"{where}.protocol", protocol_fault(protocol))
        if len(spec["hosts"]) > 1 and spec.get("resolution", "NONE") != "NONE" and protocol.lower() not in HTTP_PROTOCOLS | TLS_PROTOCOLS:
            yield f"{where}.protocol: several hosts can be told apart only with HTTP or TLS"


def _endpoint(where: str, endpoint: Mapping[str, Any], spec: Mapping[str, Any]) -> Iterator[str]:
    names = {port["name"] for port in spec.get("ports", ())}
    if spec["resolution"] != "STATIC" or endpoint.get("address") or not endpoint.get("network"):
        yield from found(f"{where}.address", _address_fault(endpoint.get("address", ""), spec["resolution"], len(names)))
    for name, number in endpoint.get("ports", {}).items():
        if name not in names:
            yield f"{where}.ports.{name}: is no port of this ServiceEntry"
        yield from found(f"{where}.ports.{name}", port_fault(number))
    yield from found(f"{where}.labels", labels_fault(endpoint.get("labels", {})))


def _address_fault(address: str, resolution: str, ports: int) -> str:
    if is_address(address):
        return ""
    if resolution != "STATIC":
        return fqdn_fault(address)
    if address.startswith("unix://"):
        return "" if ports == 1 else "a unix socket serves exactly one port"
    return f"{address!r} is no IP address, which STATIC asks for"


def _dynamic(spec: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"spec.hosts: {host!r}: DYNAMIC_DNS is for wildcards" for host in spec["hosts"] if not host.startswith("*"))
    yield from (f"spec.{name}: not with DYNAMIC_DNS" for name in ("addresses", "endpoints") if spec.get(name))
    for index, port in enumerate(spec.get("ports", ())):
        if port.get("protocol", "").lower() not in _DYNAMIC_PROTOCOLS:
            yield f"spec.ports[{index}].protocol: DYNAMIC_DNS is for HTTP, HTTP2, GRPC and TLS"
