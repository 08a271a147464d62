"""Whether Istio would take an object: size, schema, CEL rules and the rules of its admission webhook."""

import json
from collections.abc import Mapping
from typing import Any

import msgspec

from converter.istio.checks import CHECKS
from converter.istio.schemas import KINDS, schema_faults
from converter.istio.yaml import plain

_LARGEST = 1024 * 1024  # bytes; what etcd takes is 1.5 MiB with everything around


def validate(document: Mapping[str, object]) -> list[str]:
    """What Istio, Kubernetes or the gateway's Envoy would refuse, as `spec.http[0].timeout: what`; empty if all of them take it.

    Comments are looked through. The kinds are those of `converter/istio/crds`; another kind is a fault.
    """
    try:
        try:
            return _faults(document)
        except (TypeError, ValueError):  # neither the encoder nor the schemas know `Commented`, or what is no JSON
            return _faults(plain(document))
    except RecursionError:
        return ["object: is nested too deep"]
    except UnicodeEncodeError:
        return ["object: holds bytes that are not UTF-8"]
    except (TypeError, ValueError) as error:
        return [f"object: is no JSON: {error}"]


def _faults(data: Any) -> list[str]:
    """The same for mappings, lists and scalars. Raises TypeError, ValueError or RecursionError for what is no JSON."""
    text = msgspec.json.encode(data)
    if b"null" in text:
        json.dumps(data, allow_nan=False)  # raises for NaN and infinity, which msgspec writes as null
    if len(text) > _LARGEST:
        return [f"object: is larger than 1 MiB: {len(text)} bytes"]
    kind = data.get("kind")
    if kind not in KINDS:
        return [f"kind: {kind!r} is none of {', '.join(KINDS)}"]
    return schema_faults(data) or list(CHECKS[kind](data))
