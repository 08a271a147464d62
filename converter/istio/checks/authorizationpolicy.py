"""AuthorizationPolicy: actions, sources, operations, conditions."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from converter.istio.checks.names import found, subnet_fault, target_faults

_ADDRESSES = ("ipBlocks", "notIpBlocks", "remoteIpBlocks", "notRemoteIpBlocks")
_IDENTITIES = tuple(
    name
    for plain in ("principals", "requestPrincipals", "namespaces", "serviceAccounts", "trustDomains")
    for name in (plain, f"not{plain[0].upper()}{plain[1:]}")
)
_LITERAL = re.compile(r"[a-zA-Z0-9-._~%!$&'()+,;:@=]+")
_PORT = re.compile("[0-9]{1,10}")
_ADDRESS_KEYS = ("source.ip", "remote.ip", "destination.ip")
_KEYS = frozenset(
    [*_ADDRESS_KEYS, "source.namespace", "source.serviceAccount", "source.principal", "source.trustDomain", "request.auth.principal",
     "request.auth.audiences", "request.auth.presenter", "destination.port", "connection.sni"]
)  # fmt: skip
_MAPPED_KEY = re.compile(r"(request\.headers|request\.auth\.claims|experimental\.envoy\.filters\.)[^\[]*\[.+\]", re.DOTALL)
_IDENTITY_KEY = re.compile(r"source\.(namespace|serviceAccount|trustDomain|principal)|request\.auth\..*", re.DOTALL)


def check(document: Mapping[str, Any]) -> Iterator[str]:
    spec = document["spec"]
    action = spec.get("action", "ALLOW")
    yield from target_faults(spec)
    if action in ("DENY", "CUSTOM") and "rules" not in spec:
        yield f"spec.rules: {action} without rules never takes effect"
    if action == "CUSTOM" and not spec.get("provider", {}).get("name"):
        yield "spec.provider.name: CUSTOM needs it"
    if action != "CUSTOM" and "provider" in spec:
        yield f"spec.provider: {action} has none"
    for index, rule in enumerate(spec.get("rules", ())):
        yield from _rule(f"spec.rules[{index}]", rule)
        if action == "CUSTOM":
            yield from _custom(f"spec.rules[{index}]", rule)


def _rule(where: str, rule: Mapping[str, Any]) -> Iterator[str]:
    for key in ("from", "to"):
        if key in rule and not rule[key]:  # protobuf forgets an empty list on its way to the webhook, and the rule then holds for all
            yield f"{where}.{key}: is empty"
    for index, entry in enumerate(rule.get("from", ())):
        yield from _source(f"{where}.from[{index}].source", entry.get("source", {}))
    for index, entry in enumerate(rule.get("to", ())):
        yield from _operation(f"{where}.to[{index}].operation", entry.get("operation", {}))
    for index, condition in enumerate(rule.get("when", ())):
        yield from _condition(f"{where}.when[{index}]", condition)


def _source(where: str, source: Mapping[str, Any]) -> Iterator[str]:
    yield from _lists(where, source)
    for name in _ADDRESSES:
        for value in source.get(name, ()):
            yield from found(f"{where}.{name}", subnet_fault(value))
    for name in ("trustDomains", "notTrustDomains"):
        yield from (f"{where}.{name}: {value!r} is no trust domain" for value in source.get(name, ()) if "/" in value or "*" in value[1:-1])
    for name in ("serviceAccounts", "notServiceAccounts"):
        yield from (f"{where}.{name}: {value!r} is no account" for value in source.get(name, ()) if "*" in value or not _is_account(value))


def _is_account(value: str) -> bool:
    parts = value.split("/")
    return len(parts) <= 2 and all(parts)


def _operation(where: str, operation: Mapping[str, Any]) -> Iterator[str]:
    yield from _lists(where, operation)
    for name in ("ports", "notPorts"):
        yield from (f"{where}.{name}: {value!r} is no port" for value in operation.get(name, ()) if not _is_port(value))
    for name in ("paths", "notPaths"):
        for value in operation.get(name, ()):
            yield from found(f"{where}.{name}", _path_fault(value))


def _lists(where: str, lists: Mapping[str, Any]) -> Iterator[str]:
    if not any(lists.values()):
        yield f"{where}: is empty"
    yield from (f"{where}.{name}: holds an empty text" for name, values in lists.items() if "" in values)


def _is_port(value: str) -> bool:
    return _PORT.fullmatch(value) is not None and int(value) <= 65535


def _path_fault(path: str) -> str:
    """Faults of a path; `{*}` stands for one segment, `{**}` for any number of them and only as the last such sign."""
    segments = path.strip("/").split("/")
    template = "{*}" in path or "{**}" in path
    signs = [segment for segment in segments if segment in ("{*}", "{**}")]
    if "{**}" in signs[:-1]:
        return f"{path!r}: {{**}} is not the last sign"
    for segment in segments:
        if segment not in signs and (set("{}") & set(segment) or (template and not _LITERAL.fullmatch(segment))):
            return f"{path!r}: {segment!r} is no segment of a path"
    return ""


def _condition(where: str, condition: Mapping[str, Any]) -> Iterator[str]:
    key, values = condition["key"], [*condition.get("values", ()), *condition.get("notValues", ())]
    if not values or "" in values:
        yield f"{where}: {key} needs values or notValues, none of them empty"
    if key not in _KEYS and not _MAPPED_KEY.fullmatch(key):
        yield f"{where}.key: {key!r} is no attribute that Istio knows"
    for value in values:
        if key in _ADDRESS_KEYS:
            yield from found(where, subnet_fault(value))
        if key == "destination.port" and not _is_port(value):
            yield f"{where}: {value!r} is no port"


def _custom(where: str, rule: Mapping[str, Any]) -> Iterator[str]:
    used = [name for entry in rule.get("from", ()) for name in _IDENTITIES if entry.get("source", {}).get(name)]
    keys = [condition["key"] for condition in rule.get("when", ()) if _IDENTITY_KEY.fullmatch(condition["key"])]
    yield from (f"{where}: {name} does not go with CUSTOM" for name in (*used, *keys))
