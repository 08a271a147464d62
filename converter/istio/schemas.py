"""What the API server checks of an Istio object: the CRD's OpenAPI schema, made strict, and its CEL rules."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from converter.istio.checks.rules import RULES

if TYPE_CHECKING:
    import jsonschema_rs

_FOLDER = Path(__file__).with_name("crds")
KINDS = tuple(sorted(path.stem for path in _FOLDER.glob("*.json")))
_INT32 = 2**31
_LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_QUALIFIED = rf"^({_LABEL}(\.{_LABEL})*/)?[A-Za-z0-9]([-A-Za-z0-9_.]{{0,61}}[A-Za-z0-9])?$"
_METADATA = {  # https://kubernetes.io/docs/concepts/overview/working-with-objects/names/
    "type": "object",
    "required": ["name"],
    "additionalProperties": False,
    "properties": {
        "name": {"type": "string", "maxLength": 253, "pattern": rf"^{_LABEL}(\.{_LABEL})*$"},
        "namespace": {"type": "string", "maxLength": 63, "pattern": f"^{_LABEL}$"},
        "labels": {
            "type": "object",
            "propertyNames": {"pattern": _QUALIFIED},
            "additionalProperties": {"type": "string", "maxLength": 63, "pattern": "^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$"},
        },
        "annotations": {"type": "object", "propertyNames": {"pattern": _QUALIFIED}, "additionalProperties": {"type": "string"}},
    },
}


@dataclass(frozen=True, slots=True)
class Rule:
    """A CEL rule."""

    holds: Callable[[Any], bool]
    message: str


@dataclass(frozen=True, slots=True)
class Place:
    """The CEL rules for a place of a schema, and the places below that have any: by name, `[]` for list items, `{}` for values of a map."""

    rules: tuple[Rule, ...]
    below: Mapping[str, "Place"]


def schema_faults(document: Mapping[str, Any]) -> list[str]:
    """What the API server would refuse in a document of one of `KINDS`, as `path: what`. Unknown fields count, which it only drops."""
    validator, rules = _compiled(document["kind"])
    faults = [f"{show_path(error.instance_path)}: {_shortened(error.message)}" for error in validator.iter_errors(document)]
    if faults:
        return faults  # the rules below take the shapes for granted
    return [f"spec{where}: {message}" for where, message in _broken(rules, document["spec"])]


def show_path(steps: list[str | int]) -> str:
    """`spec.http[0].timeout`, from the keys and indices that lead there; `object` for the document itself."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps).removeprefix(".") or "object"


def read_schema(kind: str) -> dict[str, Any]:
    """`apiVersion`, and the schema of `spec` as Istio publishes it."""
    loaded: dict[str, Any] = json.loads((_FOLDER / f"{kind}.json").read_text(encoding="utf-8"))
    return loaded


@cache
def _compiled(kind: str) -> tuple["jsonschema_rs.Draft202012Validator", Place]:
    import jsonschema_rs  # only here: it is a large library, and most commands never check an object

    crd = read_schema(kind)
    schema = {
        "type": "object",
        "required": ["apiVersion", "kind", "metadata", "spec"],
        "additionalProperties": False,
        "properties": {
            "apiVersion": {"const": crd["apiVersion"]},
            "kind": {"const": kind},
            "metadata": _METADATA,
            "spec": _strict(crd["spec"]),
        },
    }
    return jsonschema_rs.Draft202012Validator(schema), _rules(crd["spec"])


def _strict(schema: Any) -> Any:
    """A schema of Kubernetes in the words of JSON Schema, closed to unknown fields."""
    if not isinstance(schema, dict):
        return schema
    strict = {key: value for key, value in schema.items() if not key.startswith("x-kubernetes-")}
    if "properties" in schema:
        strict["properties"] = {name: _strict(value) for name, value in schema["properties"].items()}
        if not schema.get("x-kubernetes-preserve-unknown-fields"):
            strict.setdefault("additionalProperties", False)
    for key in {"items", "additionalProperties"} & schema.keys():
        strict[key] = _strict(schema[key])
    if schema.get("format") == "int32":
        strict = {"minimum": -_INT32, "maximum": _INT32 - 1, **strict}
    return strict


def _rules(schema: Mapping[str, Any]) -> Place:
    own = tuple(Rule(RULES[" ".join(rule["rule"].split())], rule["message"]) for rule in schema.get("x-kubernetes-validations", ()))
    below = {name: _rules(value) for name, value in schema.get("properties", {}).items()}
    for key, step in (("items", "[]"), ("additionalProperties", "{}")):
        if isinstance(schema.get(key), dict):
            below[step] = _rules(schema[key])
    return Place(own, {step: place for step, place in below.items() if place.rules or place.below})


def _broken(place: Place, value: Any) -> list[tuple[str, str]]:
    """The rules that a value, or what stands in it, does not keep: where within it, and what they say."""
    faults = []
    for rule in place.rules:
        if not rule.holds(value):
            faults.append(("", rule.message))
    for step, inner in place.below.items():
        if step == "[]":
            for index, item in enumerate(value):
                for where, message in _broken(inner, item):
                    faults.append((f"[{index}]{where}", message))
        elif step == "{}":
            for key, item in value.items():
                for where, message in _broken(inner, item):
                    faults.append((f".{key}{where}", message))
        elif step in value:
            for where, message in _broken(inner, value[step]):
                faults.append((f".{step}{where}", message))
    return faults


def _shortened(message: str) -> str:
    return message if len(message) <= 300 else f"{message[:140]} ... {message[-140:]}"
