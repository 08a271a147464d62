"""What istiod sends to a gateway, as the static configuration of an Envoy."""

import copy
import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from converter.verify.wire import IDENTITY

# In the packaged Envoy, but not in the istio-proxy image: a real gateway would refuse the whole configuration.
# Source: `envoy --version` and the list of extensions of istio-proxy 1.31.
_NOT_IN_ISTIO_PROXY = re.compile(
    r"type\.googleapis\.com/envoy\.extensions\.(filters\.http\.(custom_response|api_key_auth|body_size_limit|transform|file_server"
    r"|file_system_buffer|geoip|match_delegate|filter_chain|cache_v2|mcp\w*)"
    r"|filters\.listener\.local_ratelimit|path\.(match|rewrite)\.uri_template|matching\.(http\.cel_input|input_matchers\.cel_matcher)"
    r"|http\.custom_response)\."
)
# Filters that only Istio's own Envoy has; they change no answer.
_ISTIO_ONLY = frozenset(("istio.metadata_exchange", "istio.alpn", "istio.stats", "istio.peer_metadata", "envoy.filters.http.istio_stats"))
_DNS_FIELDS = ("cluster_type", "dns_lookup_family", "dns_refresh_rate", "respect_dns_ttl", "dns_jitter", "dns_failure_refresh_rate")
_RUNTIME = {
    "re2.max_program_size.error_level": 32768,
    "envoy.reloadable_features.http_reject_path_with_fragment": False,
}  # as istio-proxy's
_MANAGER = "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"

Resources = Mapping[str, list[Any]]


class Missing(Exception):
    """The manifests need an Envoy extension that the istio-proxy image does not contain."""


def bootstrap(resources: Resources, resolve: Callable[[str], str], secret: Callable[[str], str], log: str) -> dict[str, Any]:
    """The static configuration. Raises Missing.

    resolve: the address of a host name.  secret: certificate and key (PEM) by the name of a Kubernetes secret.
    log: path of an access log that tells, a JSON text a line, the identity of a request, its route and Envoy's details of the answer.
    """
    if found := _NOT_IN_ISTIO_PROXY.search(json.dumps(resources)):
        raise Missing(f"the istio-proxy image does not contain {found[0].rstrip('.')}: a gateway would refuse the manifests")
    resources = copy.deepcopy(dict(resources))
    routes = {route["name"]: route for route in resources["routes"]}
    clusters = [cluster for cluster in resources["clusters"] if cluster.get("type") != "ORIGINAL_DST"]
    endpoints = {entry["cluster_name"]: entry for entry in resources["endpoints"]}
    for cluster in clusters:
        _make_static(cluster, endpoints, resolve)
    for node in _nodes([*clusters, *resources["listeners"]]):
        _inline(node, routes, secret)
        if node.get("@type") == _MANAGER:
            node["access_log"] = [_access_log(log)]
    return {
        "node": {"id": "verify", "cluster": "verify"},
        "layered_runtime": {"layers": [{"name": "static", "static_layer": _RUNTIME}]},
        "static_resources": {"listeners": resources["listeners"], "clusters": clusters},
    }


def endpoints_of(bootstrap: Mapping[str, Any]) -> set[tuple[str, int]]:
    """Addresses and ports of all endpoints."""
    found = (node.get("socket_address") for node in _nodes(bootstrap["static_resources"]["clusters"]))
    return {(address["address"], int(address["port_value"])) for address in found if isinstance(address, dict) and "port_value" in address}


def _nodes(value: Any) -> Iterator[dict[str, Any]]:
    """All JSON objects within a value, outer ones first; what was changed in an outer one is followed."""
    if isinstance(value, dict):
        yield value
        for inner in list(value.values()):
            yield from _nodes(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _nodes(inner)


def _make_static(cluster: dict[str, Any], endpoints: Mapping[str, Any], resolve: Callable[[str], str]) -> None:
    if cluster.get("type") == "EDS":
        name = cluster.pop("eds_cluster_config", {}).get("service_name", cluster["name"])
        cluster["load_assignment"] = {**endpoints.get(name, {"endpoints": []}), "cluster_name": cluster["name"]}
    for name in _DNS_FIELDS:
        cluster.pop(name, None)
    cluster["type"] = "STATIC"
    for node in _nodes(cluster.get("load_assignment", {})):
        if isinstance(address := node.get("socket_address"), dict):
            address["address"] = resolve(address["address"])


def _inline(node: dict[str, Any], routes: Mapping[str, Any], secret: Callable[[str], str]) -> None:
    """Puts in place what a gateway fetches by name: routes and secrets; takes away the filters that only Istio's Envoy has."""

    def pem(entry: Mapping[str, Any]) -> dict[str, str]:
        return {"inline_string": secret(str(entry["name"]).removeprefix("kubernetes://").rpartition("/")[2])}

    if "rds" in node:
        name = node.pop("rds")["route_config_name"]
        node["route_config"] = routes.get(name, {"name": name, "virtual_hosts": []})
    if entries := node.pop("tls_certificate_sds_secret_configs", None):
        node["tls_certificates"] = [{"certificate_chain": pem(entry), "private_key": pem(entry)} for entry in entries]
    if entry := node.pop("validation_context_sds_secret_config", None):
        node["validation_context"] = {"trusted_ca": pem(entry)}
    if combined := node.pop("combined_validation_context", None):
        trusted = pem(combined.get("validation_context_sds_secret_config", {"name": "ca-cacert"}))
        node["validation_context"] = {**combined.get("default_validation_context", {}), "trusted_ca": trusted}
    for key in ("http_filters", "filters", "upstream_http_filters"):
        if isinstance(filters := node.get(key), list):
            node[key] = [entry for entry in filters if entry.get("name") not in _ISTIO_ONLY]
            if not node[key] and key != "http_filters":
                del node[key]


def _access_log(path: str) -> dict[str, Any]:
    wanted = {"id": f"%REQ({IDENTITY.upper()})%", "route": "%ROUTE_NAME%", "details": "%RESPONSE_CODE_DETAILS%"}
    kind = "type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog"
    return {"name": "verify", "typed_config": {"@type": kind, "path": path, "log_format": {"json_format": wanted}}}
