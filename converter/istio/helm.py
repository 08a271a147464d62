"""Values for the ingress gateway's Helm chart (Istio's official `gateway` chart), where decisions ask for any."""

from converter.istio.yaml import Commented, dump
from converter.model.decisions import Decisions


def values(decisions: Decisions) -> dict[str, str]:
    """The values file of the gateway's namespace: how many trusted proxies stand before it. None decided: no file."""
    trusted = decisions.gateway.trusted_proxies
    if not trusted:
        return {}
    note = "with this many trusted proxies before the gateway, the client's address is taken from X-Forwarded-For"
    annotation = Commented(dump({"gatewayTopology": {"numTrustedProxies": trusted}}), note)
    return {f"helm/{decisions.gateway.namespace}.yaml": dump({"podAnnotations": {"proxy.istio.io/config": annotation}})}
