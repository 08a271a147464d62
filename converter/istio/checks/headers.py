"""Header names and values. The value of a header that Envoy sets is a format string: `%` begins an operator."""

import re
from collections.abc import Mapping
from typing import Any

TOKEN = re.compile(r"[!#$%&'*+.^_`|~A-Za-z0-9-]+")  # RFC 9110, 5.6.2
_PSEUDO = frozenset([":method", ":scheme", ":authority", ":path", ":status"])
_CLAIM = re.compile(r"@request\.auth\.claims(\..+|\[.+\])", re.IGNORECASE)
_CONTROL = re.compile("[\x00-\x08\x0a-\x1f\x7f]")
_LONGEST = 16384  # bytes of a name or value that Envoy's API takes (config.core.v3.HeaderValue)
# Istio's webhook reads neither `:LENGTH` behind the parentheses nor quotes and further parentheses within them.
_OPERATOR = re.compile(r"%(?:%|([A-Z][A-Z0-9_]*)(?:\(([^)\"\\\[ ][^)\"\\]*)\))?%)")
_WITH_ARGUMENT = frozenset(
    [
        "REQ",
        "REQUEST_HEADER",
        "RESP",
        "RESPONSE_HEADER",
        "QUERY_PARAM",
        "ENVIRONMENT",
        "DYNAMIC_METADATA",
        "FILTER_STATE",
        "METADATA",
        "CEL",
    ]
)
_EITHER = frozenset(["START_TIME", "PATH", "GRPC_STATUS"])
_BARE = frozenset(
    f"{prefix}_{suffix}"
    for prefix in ("DOWNSTREAM_REMOTE", "DOWNSTREAM_LOCAL", "DOWNSTREAM_DIRECT_REMOTE")
    for suffix in ("ADDRESS", "ADDRESS_WITHOUT_PORT", "PORT")
) | frozenset(
    ["PROTOCOL", "HOSTNAME", "UPSTREAM_HOST", "UPSTREAM_CLUSTER", "UPSTREAM_REMOTE_ADDRESS", "RESPONSE_CODE", "RESPONSE_FLAGS",
     "DURATION", "REQUEST_DURATION", "REQUESTED_SERVER_NAME", "DOWNSTREAM_TLS_VERSION", "DOWNSTREAM_TLS_CIPHER",
     "DOWNSTREAM_TLS_SESSION_ID", "DOWNSTREAM_PEER_SUBJECT", "DOWNSTREAM_PEER_ISSUER", "DOWNSTREAM_PEER_SERIAL",
     "DOWNSTREAM_PEER_CERT", "DOWNSTREAM_PEER_FINGERPRINT_256", "DOWNSTREAM_PEER_FINGERPRINT_1", "DOWNSTREAM_PEER_CERT_V_START",
     "DOWNSTREAM_PEER_CERT_V_END", "STREAM_ID", "CONNECTION_ID", "UNIQUE_ID", "TRACE_ID", "ROUTE_NAME", "VIRTUAL_CLUSTER_NAME", "BYTES_RECEIVED"]
)  # fmt: skip


def match_name_fault(name: str) -> str:
    """Faults of the name of a header that a route looks at: a token, a pseudo header or a claim of a token."""
    if name in _PSEUDO or TOKEN.fullmatch(name) or _CLAIM.fullmatch(name):
        return ""
    return f"{name!r} is no name of a header"


def is_authority(name: str) -> bool:
    return name.lower() in ("host", ":authority")


def value_fault(value: str) -> str:
    """Faults of a value that Envoy sets. The webhook leaves unknown operators to Envoy, which then refuses the whole route table."""
    if _CONTROL.search(value) or len(value.encode("utf-8", "surrogatepass")) > _LONGEST:
        return "the value holds a control character or is too long"
    if "%" not in value:
        return ""
    for found in _OPERATOR.finditer(value):
        if found[1] and (fault := _operator_fault(found[1], found[2])):
            return fault
    return "a `%` that begins no operator; `%%` writes a percent sign" if "%" in _OPERATOR.sub("", value) else ""


def _operator_fault(name: str, argument: str | None) -> str:
    if name in (_WITH_ARGUMENT if argument is None else _BARE):
        return f"%{name}% needs an argument" if argument is None else f"%{name}% takes no argument"
    known = _WITH_ARGUMENT | _EITHER | _BARE
    return "" if name in known else f"%{name}% is no operator that Envoy knows in headers"


def operation_faults(headers: Mapping[str, Any]) -> list[str]:
    """Faults of `headers` of a route or of one of its destinations, which go on from its place."""
    faults = []
    for side in ("request", "response"):
        operations = headers.get(side)
        if not operations:
            continue
        for verb in ("set", "add"):
            for name, value in operations.get(verb, {}).items():
                fault = _changed_name_fault(name, side == "request") or value_fault(value)
                if fault:
                    faults.append(f".{side}.{verb}.{name}: {fault}")
        for index, name in enumerate(operations.get("remove", ())):
            if fault := _changed_name_fault(name, authority=False):
                faults.append(f".{side}.remove[{index}]: {fault}")
    return faults


def _changed_name_fault(name: str, authority: bool) -> str:
    """The webhook does not ask for a token; Envoy refuses some of the rest, and no client can mean it."""
    if is_authority(name):
        return "" if authority else f"{name!r} cannot be changed here"
    return "" if TOKEN.fullmatch(name) else f"{name!r} is no name of a header that can be changed"
