"""Whether Istio would take an object: size, schema, CEL rules and the rules of its admission webhook."""

import json
from collections.abc import Mapping
from typing import Any

from converter.istio.checks import CHECKS
from converter.istio.schemas import KINDS, schema_faults
from converter.istio.yaml import Commented, Flow, plain

_LARGEST = 1024 * 1024  # bytes; what etcd takes is 1.5 MiB with everything around
_DEEPEST = 200


def validate(document: Mapping[str, object]) -> list[str]:
    """What Istio, Kubernetes or the gateway's Envoy would refuse, as `spec.http[0].timeout: what`; empty if all of them take it.

    `Commented` and `Flow` are looked through. The kinds are those of `converter/istio/crds`; another kind is a fault.
    """
    if _depth(document) > _DEEPEST:
        return [f"object: is nested deeper than {_DEEPEST} levels"]
    data: Any = plain(document)
    if fault := _encoding_fault(data):
        return [f"object: {fault}"]
    kind = data.get("kind")
    if kind not in KINDS:
        return [f"kind: {kind!r} is none of {', '.join(KINDS)}"]
    return schema_faults(data) or list(CHECKS[kind](data))


def _depth(document: object) -> int:
    """How deep the deepest value lies, or `_DEEPEST` + 1 if deeper than that."""
    level, depth = [document], 0
    while level and depth <= _DEEPEST:
        level = [child for value in level for child in _children(value)]
        depth += 1
    return depth


def _children(value: object) -> list[object]:
    if isinstance(value, Mapping):
        return list(value.values())
    if isinstance(value, (list, tuple)):
        return list(value)
    return [value.value] if isinstance(value, (Commented, Flow)) else []


def _encoding_fault(data: object) -> str:
    try:
        size = len(json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode())
    except UnicodeEncodeError:
        return "holds bytes that are not UTF-8"
    except (TypeError, ValueError) as error:
        return f"is no JSON: {error}"
    return f"is larger than 1 MiB: {size} bytes" if size > _LARGEST else ""
