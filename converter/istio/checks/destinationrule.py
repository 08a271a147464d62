"""DestinationRule: traffic policies of the whole host, of its ports and of its subsets. Load balancing is in balancing.py."""

from collections.abc import Iterator, Mapping
from typing import Any

from converter.istio.checks.balancing import balancer_faults
from converter.istio.checks.durations import nanoseconds
from converter.istio.checks.names import (
    export_faults,
    found,
    fqdn_fault,
    host_fault,
    is_label,
    labels_fault,
    port_fault,
    selector_faults,
)
from converter.model.addresses import is_address

_MILLISECOND = 10**6
_COUNTS = ("http1MaxPendingRequests", "http2MaxRequests", "maxRequestsPerConnection", "maxRetries", "maxConcurrentStreams")
_PORT_PARTS = ("outlierDetection", "connectionPool", "loadBalancer", "tls")
_PARTS = (*_PORT_PARTS, "portLevelSettings", "tunnel", "proxyProtocol", "retryBudget")


def check(document: Mapping[str, Any]) -> Iterator[str]:
    spec = document["spec"]
    yield from found("spec.host", host_fault(spec["host"]))
    yield from _policy("spec.trafficPolicy", spec.get("trafficPolicy"))
    names = set()
    for index, subset in enumerate(spec.get("subsets", ())):
        where = f"spec.subsets[{index}]"
        if subset["name"] in names or not is_label(subset["name"]):
            yield f"{where}.name: {subset['name']!r} is used twice or is no name of a subset"
        names.add(subset["name"])
        yield from found(f"{where}.labels", labels_fault(subset.get("labels", {})))
        yield from _policy(f"{where}.trafficPolicy", subset.get("trafficPolicy"))
    yield from export_faults(document)
    yield from _selector(document)


def _selector(document: Mapping[str, Any]) -> Iterator[str]:
    selector, exports = document["spec"].get("workloadSelector"), document["spec"].get("exportTo", [])
    if selector is None:
        return
    yield from selector_faults("spec.workloadSelector.matchLabels", selector.get("matchLabels", {}))
    if any(name not in (".", document["metadata"].get("namespace")) for name in exports):
        yield "spec.exportTo: with a workloadSelector only its own namespace"


def _policy(where: str, policy: Mapping[str, Any] | None) -> Iterator[str]:
    if policy is None:
        return
    if not any(part in policy for part in _PARTS):
        yield f"{where}: is empty"
    if "tunnel" in policy and "proxyProtocol" in policy:
        yield f"{where}: only one of tunnel and proxyProtocol"
    yield from _parts(where, policy)
    yield from _tunnel(f"{where}.tunnel", policy.get("tunnel"))
    for index, setting in enumerate(policy.get("portLevelSettings", ())):
        place = f"{where}.portLevelSettings[{index}]"
        if "port" not in setting:
            yield f"{place}.port: is missing"
        if not any(part in setting for part in _PORT_PARTS):
            yield f"{place}: is empty"
        yield from _parts(place, setting)


def _parts(where: str, policy: Mapping[str, Any]) -> Iterator[str]:
    yield from _outliers(f"{where}.outlierDetection", policy.get("outlierDetection", {}))
    yield from _pool(f"{where}.connectionPool", policy.get("connectionPool"))
    yield from balancer_faults(f"{where}.loadBalancer", policy.get("loadBalancer", {}))
    yield from _tls(f"{where}.tls", policy.get("tls", {}))


def _tunnel(where: str, tunnel: Mapping[str, Any] | None) -> Iterator[str]:
    if tunnel is None:
        return
    if tunnel.get("protocol", "") not in ("", "CONNECT", "POST"):
        yield f"{where}.protocol: {tunnel['protocol']!r} is neither CONNECT nor POST"
    if not is_address(tunnel["targetHost"]):
        yield from found(f"{where}.targetHost", fqdn_fault(tunnel["targetHost"]))
    yield from found(f"{where}.targetPort", port_fault(tunnel["targetPort"]))


def _outliers(where: str, outliers: Mapping[str, Any]) -> Iterator[str]:
    if outliers.get("consecutiveLocalOriginFailures") and not outliers.get("splitExternalLocalOriginErrors"):
        yield f"{where}.consecutiveLocalOriginFailures: needs splitExternalLocalOriginErrors"
    for name in ("maxEjectionPercent", "minHealthPercent"):
        if not 0 <= outliers.get(name, 0) <= 100:
            yield f"{where}.{name}: {outliers[name]} is not within 0 to 100"


def _pool(where: str, pool: Mapping[str, Any] | None) -> Iterator[str]:
    if pool is None:
        return
    if "http" not in pool and "tcp" not in pool:
        yield f"{where}: needs http or tcp"
    http, tcp = pool.get("http", {}), pool.get("tcp", {})
    counts = [("http", name, http.get(name, 0)) for name in _COUNTS] + [("tcp", "maxConnections", tcp.get("maxConnections", 0))]
    yield from (f"{where}.{side}.{name}: is negative" for side, name, count in counts if count < 0)
    if http.get("h2UpgradePolicy") == "UPGRADE" and http.get("useClientProtocol"):
        yield f"{where}.http: useClientProtocol excludes h2UpgradePolicy UPGRADE"
    if "http2KeepAlive" in http and not {"interval", "timeout"} <= http["http2KeepAlive"].keys():
        yield f"{where}.http.http2KeepAlive: needs interval and timeout"
    idle = nanoseconds(tcp.get("idleTimeout", "0"))
    if idle is None or idle % _MILLISECOND:  # 0s turns it off
        yield f"{where}.tcp.idleTimeout: {tcp['idleTimeout']!r} is no duration"


def _tls(where: str, tls: Mapping[str, Any]) -> Iterator[str]:
    mode = tls.get("mode", "DISABLE")
    if mode not in ("SIMPLE", "MUTUAL"):
        return
    if tls.get("insecureSkipVerify"):
        checking = ["caCertificates", "subjectAltNames", *(["credentialName"] if mode == "SIMPLE" else [])]
        yield from (f"{where}.{name}: with insecureSkipVerify nothing is verified" for name in checking if tls.get(name))
    files = [name for name in ("clientCertificate", "caCertificates", "privateKey", "caCrl") if tls.get(name)]
    if tls.get("credentialName"):
        yield from (f"{where}.{name}: stands in the credential" for name in files)
    elif mode == "MUTUAL":
        yield from (
            f"{where}.{name}: MUTUAL needs it, or credentialName" for name in ("clientCertificate", "privateKey") if name not in files
        )
