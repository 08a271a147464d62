"""The CEL rules of Istio's CRDs (`x-kubernetes-validations`), each with a function that says whether a value keeps it."""

import itertools
import re
from collections.abc import Callable, Mapping
from typing import Any

from converter.istio.checks.durations import nanoseconds

_MILLISECOND = 1_000_000  # nanoseconds
_PORT_NAME = re.compile("[a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?")


def _at_most_one(*names: str) -> tuple[str, Callable[[Any], bool]]:
    rule = " + ".join(f"(has(self.{name}) ? 1 : 0)" for name in names) + " <= 1"
    return rule, lambda value: sum(name in value for name in names) <= 1


def _lasts(value: str) -> bool:
    """The webhook, which sees most of these durations next, adds that they be whole milliseconds."""
    length = nanoseconds(value)
    return length is not None and length >= _MILLISECOND and length % _MILLISECOND == 0


def _accounts_stand_alone(source: Mapping[str, Any]) -> bool:
    others = {"principals", "notPrincipals", "namespaces", "notNamespaces"}
    return not {"serviceAccounts", "notServiceAccounts"} & source.keys() or not others & source.keys()


def _cidr_allowed(entry: Mapping[str, Any]) -> bool:
    return entry.get("resolution", "NONE") in ("STATIC", "NONE") or not any("/" in address for address in entry.get("addresses", ()))


RULES: dict[str, Callable[[Any], bool]] = {
    "duration(self) >= duration('1ms')": _lasts,
    "0 < self && self <= 65535": lambda port: 0 < port <= 65535,
    "self.size() == 0": lambda value: len(value) == 0,
    'self != "*"': lambda host: host != "*",
    '!self.contains("*")': lambda value: "*" not in value,
    'self.all(key, !key.contains("*"))': lambda labels: not any("*" in key for key in labels),
    "self.all(key, key.size() != 0)": lambda labels: "" not in labels,
    'url(self).getScheme() in ["http", "https"]': lambda url: re.match("https?://[^/]", url, re.IGNORECASE) is not None,
    "(has(self.serviceAccounts) || has(self.notServiceAccounts)) ? (!has(self.principals) && "
    "!has(self.notPrincipals) && !has(self.namespaces) && !has(self.notNamespaces)) : true": _accounts_stand_alone,
    'has(self.context) ? ((self.context == "WAYPOINT") ? has(self.waypoint) : !has(self.waypoint)) : !has(self.waypoint)': (
        lambda match: ("waypoint" in match) == (match.get("context") == "WAYPOINT")
    ),
    'self.startsWith("unix://") ? (self.substring(7, 8) == "/" || self.substring(7, 8) == "@") : true': (
        lambda address: not address.startswith("unix://") or address[7:8] in ("/", "@")
    ),
    'self.startsWith("unix://") ? !self.endsWith("/") : true': lambda address: (
        not address.startswith("unix://") or not address.endswith("/")
    ),
    'self.all(key, size(key) < 63 && key.matches("^[a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?$"))': (
        lambda ports: all(len(key) < 63 and _PORT_NAME.fullmatch(key) for key in ports)
    ),
    "has(self.address) || has(self.network)": lambda endpoint: "address" in endpoint or "network" in endpoint,
    '(has(self.address) ? self.address : "").startsWith("unix://") ? !has(self.ports) : true': (
        lambda endpoint: not endpoint.get("address", "").startswith("unix://") or "ports" not in endpoint
    ),
    "self.all(l1, self.exists_one(l2, l1.number == l2.number))": (
        lambda ports: all(one["number"] != other["number"] for one, other in itertools.combinations(ports, 2))
    ),
    '!((has(self.addresses) ? self.addresses : []).exists(k, k.contains("/")) && '
    '!((has(self.resolution) ? self.resolution : "NONE") in ["STATIC", "NONE"]))': _cidr_allowed,
    '((has(self.resolution) ? self.resolution : "NONE") == "NONE") ? !has(self.endpoints) : true': (
        lambda entry: entry.get("resolution", "NONE") != "NONE" or "endpoints" not in entry
    ),
    '((has(self.resolution) ? self.resolution : "") == "DNS_ROUND_ROBIN") ? '
    "((has(self.endpoints) ? self.endpoints : []).size() <= 1) : true": (
        lambda entry: entry.get("resolution") != "DNS_ROUND_ROBIN" or len(entry.get("endpoints", ())) <= 1
    ),
    '((has(self.operation) ? self.operation : "") == "UPSERT") ? (self.value != "") : true': (
        lambda tag: tag.get("operation") != "UPSERT" or tag.get("value", "") != ""
    ),
    '((has(self.operation) ? self.operation : "") == "REMOVE") ? !has(self.value) : true': (
        lambda tag: tag.get("operation") != "REMOVE" or "value" not in tag
    ),
    **dict(
        [
            _at_most_one("selector", "targetRef", "targetRefs"),
            _at_most_one("workloadSelector", "targetRefs"),
            _at_most_one("tlsCertificates", "credentialNames"),
            _at_most_one("credentialName", "credentialNames"),
            _at_most_one("credentialNames", "tlsCertificates"),
            _at_most_one("jwksUri", "jwks_uri", "jwks"),
            _at_most_one("workloadSelector", "endpoints"),
        ]
    ),
}
