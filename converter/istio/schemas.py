"""What the API server checks of an Istio object: the CRD's OpenAPI schema, made strict, and its CEL rules."""

import json
from collections.abc import Callable, Iterator, Mapping
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
    """A CEL rule. path: property names from `spec` on, `[]` for every item of a list, `{}` for every value of a map."""

    path: tuple[str, ...]
    holds: Callable[[Any], bool]
    message: str


def schema_faults(document: Mapping[str, Any]) -> list[str]:
    """What the API server would refuse in a document of one of `KINDS`, as `path: what`. Unknown fields count, which it only drops."""
    validator, rules = _compiled(document["kind"])
    faults = [f"{show_path(error.instance_path)}: {_shortened(error.message)}" for error in validator.iter_errors(document)]
    if faults:
        return faults  # the rules below take the shapes for granted
    return [
        f"spec{where}: {rule.message}" for rule in rules for where, value in _values(document["spec"], rule.path) if not rule.holds(value)
    ]


def show_path(steps: list[str | int]) -> str:
    """`spec.http[0].timeout`, from the keys and indices that lead there; `object` for the document itself."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps).removeprefix(".") or "object"


def read_schema(kind: str) -> dict[str, Any]:
    """`apiVersion`, and the schema of `spec` as Istio publishes it."""
    loaded: dict[str, Any] = json.loads((_FOLDER / f"{kind}.json").read_text(encoding="utf-8"))
    return loaded


@cache
def _compiled(kind: str) -> tuple["jsonschema_rs.Draft202012Validator", tuple[Rule, ...]]:
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
    return jsonschema_rs.Draft202012Validator(schema), tuple(_rules(crd["spec"], ()))


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


def _rules(schema: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[Rule]:
    for rule in schema.get("x-kubernetes-validations", ()):
        yield Rule(path, RULES[" ".join(rule["rule"].split())], rule["message"])
    for name, value in schema.get("properties", {}).items():
        yield from _rules(value, (*path, name))
    for key, step in (("items", "[]"), ("additionalProperties", "{}")):
        if isinstance(schema.get(key), dict):
            yield from _rules(schema[key], (*path, step))


def _values(value: Any, path: tuple[str, ...], where: str = "") -> Iterator[tuple[str, Any]]:
    """The values at a rule's path, each with the place where it stands."""
    if not path:
        yield where, value
    elif path[0] == "[]":
        for index, item in enumerate(value):
            yield from _values(item, path[1:], f"{where}[{index}]")
    elif path[0] == "{}":
        for key, item in value.items():
            yield from _values(item, path[1:], f"{where}.{key}")
    elif path[0] in value:
        yield from _values(value[path[0]], path[1:], f"{where}.{path[0]}")


def _shortened(message: str) -> str:
    return message if len(message) <= 300 else f"{message[:140]} ... {message[-140:]}"
