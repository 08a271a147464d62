"""Upstreams as ServiceEntries and DestinationRules."""

from converter.istio import filters
from converter.istio.durations import duration
from converter.istio.losses import Losses
from converter.istio.objects import NETWORKING, Object, document, source
from converter.istio.yaml import Commented, Flow
from converter.model.addresses import is_address
from converter.model.decisions import Decisions
from converter.model.outcomes import Outcome
from converter.model.upstreams import Balancing, Endpoint, Upstream


def objects(upstream: Upstream, folder: str, secret: str, decisions: Decisions, losses: Losses) -> list[Object]:
    """The objects of one upstream. secret: name of the secret for its TLS, where that needs one."""
    name = upstream.service.split(".")[0]
    namespace = decisions.gateway.namespace if secret else decisions.namespace_of(folder)
    filtered = decisions.defaults.envoyfilter != "never" and upstream.tls is not None and not secret
    out = []
    if upstream.external:
        out.append(Object(folder, document(NETWORKING, "ServiceEntry", namespace, name, _service_entry(upstream))))
    policy = _policy(upstream, secret, not filtered, losses)
    rule: dict[str, object] = {"host": upstream.service}
    if policy:
        rule["trafficPolicy"] = policy
    if upstream.subset:
        rule["subsets"] = [{"name": upstream.subset, "labels": dict(upstream.subset_labels)}]
    if secret:
        rule["workloadSelector"] = {"matchLabels": dict(decisions.gateway.selector)}
    if filtered:
        out.append(filters.upstream_tls(upstream, name, folder, decisions))
    if len(rule) > 1:
        out.append(Object(folder, document(NETWORKING, "DestinationRule", namespace, name, rule)))
    for found in out:
        losses.place(found.name, *upstream.origins, *(e.origin for e in upstream.endpoints))
    return out


def _service_entry(upstream: Upstream) -> dict[str, object]:
    protocol = "HTTPS" if upstream.tls else "HTTP"  # how it is reached; the gateway itself starts the TLS
    addresses = all(is_address(e.address) for e in upstream.endpoints)
    port = {"number": upstream.port, "name": "http", "protocol": protocol}
    return {
        "hosts": [Commented(upstream.service, source(upstream.origins))],
        "location": "MESH_EXTERNAL",
        "resolution": "STATIC" if addresses else "DNS",
        "ports": [Flow(port)],
        "endpoints": [Commented(Flow(_endpoint(e, upstream)), source([e.origin])) for e in upstream.endpoints],
    }


def _endpoint(endpoint: Endpoint, upstream: Upstream) -> dict[str, object]:
    out: dict[str, object] = {"address": endpoint.address}
    if endpoint.port != upstream.port:
        out["ports"] = {"http": endpoint.port}
    if endpoint.weight != 1:
        out["weight"] = endpoint.weight
    if not endpoint.backup and any(e.backup for e in upstream.endpoints):
        out["labels"] = {"role": "primary"}
    return out


_SIMPLE = {"round-robin": "ROUND_ROBIN", "least-connections": "LEAST_REQUEST", "random": "RANDOM"}


_NAMED = "nginx sends no TLS server name (SNI) here, a DestinationRule always does:"
_BY_SECRET = "the certificates that the connection needs are secrets, which only a DestinationRule can name"
_BY_RULE = "to leave it out needs an EnvoyFilter"


def _policy(upstream: Upstream, secret: str, with_tls: bool, losses: Losses) -> dict[str, object]:
    out: dict[str, object] = {}
    backup = any(e.backup for e in upstream.endpoints)
    if len(upstream.endpoints) > 1 or not upstream.external:
        out["loadBalancer"] = _load_balancer(upstream.balancing, backup)
    pool = _pool(upstream)
    if pool:
        out["connectionPool"] = pool
    if upstream.failure_detection is not None and len(upstream.endpoints) > 1:
        failures, window = upstream.failure_detection.failures, upstream.failure_detection.window
        out["outlierDetection"] = {
            "splitExternalLocalOriginErrors": True,
            "consecutiveLocalOriginFailures": failures,
            "consecutive5xxErrors": 0,
            "interval": duration(min(window, 1) if backup else window),
            "baseEjectionTime": duration(window),
            "maxEjectionPercent": 100,
        }
    elif backup:
        losses.add(upstream.origins[0], Outcome.APPROXIMATE, "with max_fails=0 the backup is never asked")
    if upstream.tls is not None and with_tls:
        out["tls"] = _tls(upstream, secret)
        for origin in (*upstream.origins, *upstream.tls.origins) if not upstream.tls.named else ():
            losses.add(origin, Outcome.APPROXIMATE, f"{_NAMED} {_BY_SECRET if secret else _BY_RULE}")
    return out


def _load_balancer(balancing: Balancing, backup: bool) -> dict[str, object]:
    hashes = {
        "client-address": {"useSourceIp": True},
        "header": {"httpHeaderName": balancing.key},
        "path": {"httpHeaderName": ":path"},
        "argument": {"httpQueryParameterName": balancing.key},
        "cookie": {"httpCookie": {"name": balancing.key}},
    }
    out: dict[str, object] = {"consistentHash": hashes[balancing.kind]} if balancing.kind in hashes else {"simple": _SIMPLE[balancing.kind]}
    if backup:
        out["localityLbSetting"] = {"enabled": True, "failoverPriority": ["role=primary"]}
    return out


def _pool(upstream: Upstream) -> dict[str, object]:
    tcp: dict[str, object] = {}
    http: dict[str, object] = {}
    if upstream.max_connections:
        tcp["maxConnections"] = upstream.max_connections
    if upstream.connect_timeout:
        tcp["connectTimeout"] = duration(upstream.connect_timeout)
    if upstream.idle_timeout:
        http["idleTimeout"] = duration(upstream.idle_timeout)
    return {name: value for name, value in (("tcp", tcp), ("http", http)) if value}


def _tls(upstream: Upstream, secret: str) -> dict[str, object]:
    assert upstream.tls is not None
    out: dict[str, object] = {"mode": "MUTUAL" if upstream.tls.client_certificate else "SIMPLE", "sni": upstream.tls.name}
    if secret:
        out["credentialName"] = secret
    if upstream.tls.verify:
        out["subjectAltNames"] = [upstream.tls.name]
    else:
        out["insecureSkipVerify"] = True
    return out
