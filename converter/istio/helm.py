"""Values for the ingress gateway's Helm chart: Istio's official `gateway` chart (https://istio-release.storage.googleapis.com/charts)."""

from collections.abc import Iterable

from converter.istio.yaml import Commented, Flow, dump
from converter.model.decisions import Decisions


def values(decisions: Decisions) -> dict[str, str]:
    """The values file of the gateway's namespace: how many trusted proxies stand before it. None decided: no file."""
    annotations = _annotations(decisions)
    return {f"helm/{decisions.gateway.namespace}.yaml": dump({"podAnnotations": annotations})} if annotations else {}


def gateway_values(decisions: Decisions, ports: Iterable[int]) -> dict[str, str]:
    """All that the gateway of a namespace needs beside the chart's defaults. Replicas and resources are left to who runs it."""
    listed: list[object] = [Flow({"name": "status-port", "port": 15021, "targetPort": 15021})]
    listed += [Flow({"name": _port_name(port), "port": port, "targetPort": port}) for port in sorted(ports)]
    document: dict[str, object] = {
        "labels": Commented(dict(decisions.gateway.selector), "the Gateways and policies select the pods by these"),
        "service": {"ports": listed},
    }
    if decisions.gateway.node_group:
        document["nodeSelector"] = dict(decisions.gateway.node_group)
    if annotations := _annotations(decisions):
        document["podAnnotations"] = annotations
    return {f"helm/{decisions.gateway.namespace}.yaml": dump(document)}


def _annotations(decisions: Decisions) -> dict[str, object]:
    trusted = decisions.gateway.trusted_proxies
    if not trusted:
        return {}
    note = "with this many trusted proxies before the gateway, the client's address is taken from X-Forwarded-For"
    return {"proxy.istio.io/config": Commented(dump({"gatewayTopology": {"numTrustedProxies": trusted}}), note)}


def _port_name(port: int) -> str:
    return {80: "http2", 443: "https"}.get(port, f"port-{port}")
