"""EnvoyFilter: patches, and the extensions of Envoy that the proxy of Istio does not contain."""

from collections.abc import Iterator, Mapping
from typing import Any

from converter.istio.checks.matching import regex_fault
from converter.istio.checks.names import found, selector_faults

_MANAGER = "envoy.filters.network.http_connection_manager"
_LISTENER = frozenset(["LISTENER", "FILTER_CHAIN", "NETWORK_FILTER", "HTTP_FILTER"])
_OBJECT = {
    **dict.fromkeys(_LISTENER, "listener"),
    **dict.fromkeys(["ROUTE_CONFIGURATION", "VIRTUAL_HOST", "HTTP_ROUTE"], "routeConfiguration"),
    "CLUSTER": "cluster",
}
_NONE = frozenset[str]()
_FOREIGN = {target: frozenset(_OBJECT.values()) - {own} for target, own in _OBJECT.items()}
_REPLACEABLE = frozenset(["NETWORK_FILTER", "HTTP_FILTER", "VIRTUAL_HOST"])
_TYPED = ("typed_config", "typedConfig")
_BY_FILTER = ("typed_per_filter_config", "typedPerFilterConfig", "typed_extension_protocol_options", "typedExtensionProtocolOptions")
_DATA = ("filter_metadata", "filterMetadata")  # for filters to read, whatever it holds
_SCALARS = frozenset([str, int, float, bool, type(None)])
_JUDGED = frozenset(["@type", *_TYPED, *_BY_FILTER])
_TYPE = "type.googleapis.com/"
# Not among the extensions that istio/proxy is built with (its envoy build and extension list), though other builds of Envoy have them.
_MISSING = (
    "envoy.extensions.filters.http.custom_response.",
    "envoy.extensions.filters.http.api_key_auth.",
    "envoy.extensions.filters.http.body_size_limit.",
    "envoy.extensions.filters.http.transform.",
    "envoy.extensions.filters.http.file_server.",
    "envoy.extensions.filters.http.geoip.",
    "envoy.extensions.filters.http.filter_chain.",
    "envoy.extensions.filters.http.cache_v2.",
    "envoy.extensions.filters.http.match_delegate.",
    "envoy.extensions.common.matching.v3.ExtensionWithMatcher",
    "envoy.extensions.filters.listener.local_ratelimit.",
    "envoy.extensions.geoip_providers.",
    "envoy.extensions.path.match.uri_template.",
    "envoy.extensions.path.rewrite.uri_template.",
    "envoy.extensions.matching.input_matchers.cel_matcher.",
    "xds.type.matcher.v3.CelMatcher",
    "xds.type.matcher.v3.HttpAttributesCelMatchInput",
)


def check(document: Mapping[str, Any]) -> Iterator[str]:
    spec = document["spec"]
    yield from selector_faults("spec.workloadSelector.labels", spec.get("workloadSelector", {}).get("labels", {}))
    for index, patch in enumerate(spec.get("configPatches", ())):
        for fault in _patch(patch):
            yield f"spec.configPatches[{index}]{fault}"


def _patch(patch: Mapping[str, Any]) -> list[str]:
    """Faults of a patch, and of its parts, as they go on from its place."""
    change = patch.get("patch", {})
    target, operation = patch.get("applyTo", "INVALID"), change.get("operation", "INVALID")
    faults = [f".match{fault}" for fault in _match(patch["match"], target)] if "match" in patch else []
    if target == "INVALID":
        faults.append(".applyTo: is missing")
    if operation == "INVALID":
        faults.append(".patch.operation: is missing")
    elif operation != "REMOVE" and "value" not in change:
        faults.append(f".patch.value: {operation} needs it")
    if fault := _operation_fault(target, operation):
        faults.append(f".patch.operation: {fault}")
    for place, fault in _types(change.get("value", {})):
        faults.append(f".patch.value{place}: {fault}")
    return faults


def _operation_fault(target: str, operation: str) -> str:
    """What Istio's analysers call an error (IST0152 to 0154), except on HTTP_ROUTE, where adding and removing do take effect."""
    if target == "ROUTE_CONFIGURATION" and operation not in ("MERGE", "MERGE_AND_REPLACE_LIST", "INVALID"):
        return f"{operation} has no effect on ROUTE_CONFIGURATION"
    return f"{operation} has no effect on {target}" if operation == "REPLACE" and target not in _REPLACEABLE else ""


def _match(match: Mapping[str, Any], target: str) -> list[str]:
    faults = []
    if not _FOREIGN.get(target, _NONE).isdisjoint(match):
        faults.append(f": {target} is matched by {_OBJECT[target]}")
    if "proxy" in match and (version := match["proxy"].get("proxyVersion", "")):
        faults += found(".proxy.proxyVersion", regex_fault(version))
    if (chosen := match.get("listener", {}).get("filterChain", {}).get("filter")) is not None:
        faults += [f".listener.filterChain.filter{fault}" for fault in _filter(chosen, target)]
    return faults


def _filter(chosen: Mapping[str, Any], target: str) -> Iterator[str]:
    if not chosen.get("name"):
        yield ".name: is missing"
    if "subFilter" not in chosen:
        return
    if target != "HTTP_FILTER" or chosen.get("name") != _MANAGER:
        yield f".subFilter: is for HTTP_FILTER within {_MANAGER}"
    if not chosen["subFilter"].get("name"):
        yield ".subFilter.name: is missing"


def _types(value: object) -> list[tuple[str, str]]:
    """Faults of every `@type` within, and of extensions that have none: where, and what. Raises TypeError for what is no JSON, as the schema
    takes anything."""
    faults: list[tuple[str, str]] = []
    if isinstance(value, dict):
        for key, item in value.items():
            if key in _JUDGED and (fault := _type_fault(str(item)) if key == "@type" else _missing_type(key, item)):
                faults.append((f".{key}", fault))
            if type(item) not in _SCALARS and key not in _DATA:
                for where, fault in _types(item):
                    faults.append((f".{key}{where}", fault))
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            faults += [(f"[{index}]{where}", fault) for where, fault in _types(item)]
    elif type(value) not in _SCALARS:
        raise TypeError(f"a value of type {type(value).__name__}")
    return faults


def _missing_type(key: str, value: object) -> str:
    """Envoy finds an extension by the type of its configuration; in `typed_per_filter_config` there is one for each filter."""
    configurations = list(value.values()) if key in _BY_FILTER and isinstance(value, Mapping) else [value] if key in _TYPED else []
    return "" if all(isinstance(item, Mapping) and "@type" in item for item in configurations) else "an extension without @type"


def _type_fault(url: str) -> str:
    name = url.removeprefix(_TYPE)
    if name == url:
        return f"{url!r} does not begin with {_TYPE}"
    if ".v2." in name or ".v2alpha." in name:
        return f"{name} is of Envoy's API v2, which is gone"
    return f"{name} is not in the proxy of Istio" if name.startswith(_MISSING) else ""
