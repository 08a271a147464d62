"""Whether Istio would take an object: size, schema, CEL rules and the rules of its admission webhook."""

import json
from collections.abc import Mapping
from typing import Any

from converter.istio.checks import CHECKS
from converter.istio.schemas import KINDS, schema_faults
from converter.istio.yaml import DEEPEST, plain

_LARGEST = 1024 * 1024  # bytes; what etcd takes is 1.5 MiB with everything around
_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def validate(document: Mapping[str, object]) -> list[str]:
    """What Istio, Kubernetes or the gateway's Envoy would refuse, as `spec.http[0].timeout: what`; empty if all of them take it.

    `Commented` and `Flow` are looked through. The kinds are those of `converter/istio/crds`; another kind is a fault.
    """
    try:
        data: Any = plain(document)
    except RecursionError:
        return [f"object: is nested deeper than {DEEPEST} levels"]
    if fault := _encoding_fault(data):
        return [f"object: {fault}"]
    kind = data.get("kind")
    if kind not in KINDS:
        return [f"kind: {kind!r} is none of {', '.join(KINDS)}"]
    return schema_faults(data) or list(CHECKS[kind](data))


def _encoding_fault(data: object) -> str:
    try:
        size = len(_ENCODER.encode(data).encode())
    except UnicodeEncodeError:
        return "holds bytes that are not UTF-8"
    except (TypeError, ValueError) as error:
        return f"is no JSON: {error}"
    return f"is larger than 1 MiB: {size} bytes" if size > _LARGEST else ""
