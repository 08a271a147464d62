"""Names, addresses and labels. Each function returns what is wrong with a text, or the empty string."""

import ipaddress
import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from converter.model.addresses import is_address

_LABEL = re.compile("[a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?")
_WILDCARD_LABEL = re.compile(rf"\*|(?:\*-?)?{_LABEL.pattern}")
_NUMBER = re.compile("[+-]?[0-9]+")
_QUALIFIED = "(?:[A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
_LABEL_KEY = re.compile(rf"(?:{_LABEL.pattern}(?:\.{_LABEL.pattern})*/)?({_QUALIFIED})")
_LABEL_VALUE = re.compile(f"(?:{_QUALIFIED})?")
_PROTOCOLS = ("http", "http2", "grpc", "grpc-web", "http_proxy", "https", "tls", "tcp", "mongo", "redis", "mysql", "udp")
HTTP_PROTOCOLS = frozenset(_PROTOCOLS[:5])
TLS_PROTOCOLS = frozenset(["https", "tls"])


def found(where: str, fault: str) -> Iterator[str]:
    """`where: fault`, unless there is no fault."""
    if fault:
        yield f"{where}: {fault}"


def is_label(text: str) -> bool:
    return len(text) <= 63 and _LABEL.fullmatch(text) is not None


def fqdn_fault(name: str) -> str:
    return _length_fault(name) or _labels_fault(name, name)


@lru_cache(maxsize=4096)
def host_fault(name: str) -> str:
    """Faults of a host name whose first label may be `*`, `*x` or `*-x`."""
    first, dot, rest = name.partition(".")
    if fault := _length_fault(name):
        return fault
    if len(first) > 63 or not _WILDCARD_LABEL.fullmatch(first):
        return f"{name!r} is no host name: label {first!r}"
    return _labels_fault(name, rest) if dot else ""


def _length_fault(name: str) -> str:
    return "" if 0 < len(name) <= 255 else f"{name[:40]!r} is no host name: its length is not 1 to 255"


def _labels_fault(name: str, labels: str) -> str:
    *others, last = labels.split(".")
    if _NUMBER.fullmatch(last):
        return f"{name!r} is no host name: its last label is a number"
    bad = [label for label in others if not is_label(label)] + ([last] if last and not is_label(last) else [])
    return f"{name!r} is no host name: label {bad[0]!r}" if bad else ""


def gateway_host_fault(name: str) -> str:
    """Faults of a host of a Gateway's server: `host` or `namespace/host`."""
    namespace, slash, host = name.rpartition("/")
    if slash and namespace not in ("*", ".") and not is_label(namespace):
        return f"{namespace!r} is no namespace"
    if host != "*" and "." not in host:
        return f"{host!r} has no dot: short names are not allowed"
    if "*" in host and host != "*" and not host.startswith("*."):
        return f"{host!r}: a wildcard must be the whole first label"
    return "" if is_address(host) else host_fault(host)


def covers(wide: str, narrow: str) -> bool:
    """Whether every name that `narrow` stands for is one that `wide` stands for."""
    if wide.startswith("*"):
        return narrow.removeprefix("*").endswith(wide[1:]) and len(narrow) >= len(wide)
    return wide == narrow


def overlaps(hosts: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Pairs of hosts that share a name."""
    for one, other in itertools.combinations(hosts, 2):
        if covers(one, other) or covers(other, one):
            yield one, other


def subnet_fault(text: str) -> str:
    """Faults of an IP address or CIDR block (bits beyond the prefix may be set)."""
    address, slash, bits = text.partition("/")
    if not slash:
        return "" if is_address(text) else f"{text!r} is no IP address"
    try:
        ipaddress.ip_interface(text)
    except ValueError:
        return f"{text!r} is no CIDR block"
    plain = bits.isascii() and bits.isdigit() and str(int(bits)) == bits and "%" not in address
    return "" if plain else f"{text!r} is no CIDR block"


def port_fault(number: int) -> str:
    return "" if 1 <= number <= 65535 else f"port {number} is not within 1 to 65535"


def protocol_fault(protocol: str) -> str:
    return "" if protocol.lower() in _PROTOCOLS else f"{protocol!r} is no protocol that Istio knows"


def labels_fault(labels: Mapping[str, str]) -> str:
    """Faults of labels that are compared with those of pods."""
    for key, value in labels.items():
        parts = _LABEL_KEY.fullmatch(key)
        if not parts or len(parts[1]) > 63 or len(key) - len(parts[1]) > 254:
            return f"{key!r} is no label"
        if not _LABEL_VALUE.fullmatch(value):
            return f"{value!r} is no value of a label"
    return ""


def selector_faults(where: str, labels: Mapping[str, str]) -> Iterator[str]:
    for key, value in labels.items():
        if not key or "*" in key + value:
            yield f"{where}: {key}={value} is empty or holds a wildcard"


def target_faults(spec: Mapping[str, Any]) -> Iterator[str]:
    """`targetRef` and `targetRefs` of a policy, and its selector."""
    yield from selector_faults("spec.selector.matchLabels", spec.get("selector", {}).get("matchLabels", {}))
    known = {("", "Service"), ("core", "Service"), ("networking.istio.io", "ServiceEntry"),
             ("gateway.networking.k8s.io", "Gateway"), ("gateway.networking.k8s.io", "GatewayClass")}  # fmt: skip
    for target in [*([spec["targetRef"]] if "targetRef" in spec else []), *spec.get("targetRefs", ())]:
        if (target.get("group", ""), target["kind"]) not in known:
            yield f"spec.targetRefs: {target.get('group', '')}/{target['kind']} cannot be the target of a policy"


def export_faults(document: Mapping[str, Any]) -> Iterator[str]:
    """`exportTo`: namespaces, `.`, or `*` alone; of a ServiceEntry also `~` alone."""
    names = document["spec"].get("exportTo", [])
    own = document["metadata"].get("namespace", "")
    resolved = [own if name == "." and own else name for name in names]
    alone = {"*", "~"} if document["kind"] == "ServiceEntry" else {"*"}
    if len(set(resolved)) < len(resolved):
        yield "spec.exportTo: a namespace is named twice"
    if len(names) > 1 and alone & set(names):
        yield "spec.exportTo: `*` and `~` stand alone"
    for name in names:
        if name not in {*alone, "."} and not is_label(name):
            yield f"spec.exportTo: {name!r} is no namespace"
