"""Whether Istio would take an object: size, schema, CEL rules and the rules of its admission webhook."""

import json
from collections.abc import Mapping
from typing import Any

from converter.istio.checks import CHECKS
from converter.istio.schemas import KINDS, schema_faults
from converter.istio.yaml import Commented

_LARGEST = 1024 * 1024  # bytes; what etcd takes is 1.5 MiB with everything around


def _unwrapped(value: object) -> object:
    """What the encoder does not know: the values that `Commented` wraps."""
    if isinstance(value, Commented):
        return value.value
    raise TypeError(f"a {type(value).__name__}")


# Without a search for circles, which cost as much again: they end in a RecursionError.
_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, check_circular=False, separators=(",", ":"), default=_unwrapped)


def validate(document: Mapping[str, object]) -> list[str]:
    """What Istio, Kubernetes or the gateway's Envoy would refuse, as `spec.http[0].timeout: what`; empty if all of them take it.

    `Commented` is looked through. The kinds are those of `converter/istio/crds`; another kind is a fault.
    """
    try:
        text = _ENCODER.encode(document)
        size = len(text.encode())
    except RecursionError:
        return ["object: is nested too deep"]
    except UnicodeEncodeError:
        return ["object: holds bytes that are not UTF-8"]
    except (TypeError, ValueError) as error:
        return [f"object: is no JSON: {error}"]
    if size > _LARGEST:
        return [f"object: is larger than 1 MiB: {size} bytes"]
    data: Any = json.loads(text)
    kind = data.get("kind")
    if kind not in KINDS:
        return [f"kind: {kind!r} is none of {', '.join(KINDS)}"]
    return schema_faults(data) or list(CHECKS[kind](data))
