import copy
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from converter.istio.checks.durations import nanoseconds
from converter.istio.checks.rules import RULES
from converter.istio.schemas import KINDS, read_schema
from converter.istio.validation import validate
from converter.istio.yaml import Commented, Flow

GOOD: dict[str, dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("objects.yaml").read_text(encoding="utf-8"))


def test_there_is_a_good_object_of_every_kind() -> None:
    assert {document["kind"] for document in GOOD.values()} == set(KINDS)


def test_unknown_field_is_a_fault_at_its_place() -> None:
    document = copy.deepcopy(GOOD["VirtualService"])
    document["spec"]["http"][0]["timeot"] = "1s"
    assert validate(document) == ["spec.http[0]: Additional properties are not allowed ('timeot' was unexpected)"]


def test_every_cel_rule_of_the_schemas_is_known() -> None:
    def rules(value: object) -> set[str]:
        if isinstance(value, list):
            return set().union(*map(rules, value))
        if not isinstance(value, dict):
            return set()
        own = {" ".join(rule["rule"].split()) for rule in value.get("x-kubernetes-validations", ()) if isinstance(rule, dict)}
        return own.union(*map(rules, value.values()))

    assert set().union(*(rules(read_schema(kind)) for kind in KINDS)) == set(RULES)


def test_object_larger_than_a_mebibyte_is_refused() -> None:
    document = copy.deepcopy(GOOD["VirtualService"])
    document["spec"]["http"][1]["directResponse"]["body"]["string"] = "x" * 1024 * 1024
    (fault,) = validate(document)
    assert fault.startswith("object: is larger than 1 MiB")


@pytest.mark.parametrize("value", [b"x", float("nan"), "\udc80", object()])
def test_what_json_cannot_say_is_a_fault(value: object) -> None:
    (fault,) = validate({**GOOD["VirtualService"], "spec": {"hosts": [value]}})
    assert fault.startswith("object: ")


@pytest.mark.parametrize("value", [b"x", float("nan"), "\udc80", object(), Commented(b"x", "why")])
def test_what_json_cannot_say_is_a_fault_also_where_anything_may_stand(value: object) -> None:
    document = copy.deepcopy(GOOD["EnvoyFilter"])
    document["spec"]["configPatches"][0]["patch"]["value"] = {"a": [value]}
    (fault,) = validate(document)
    assert fault.startswith("object: ")


def test_null_is_no_fault_where_anything_may_stand() -> None:
    document = copy.deepcopy(GOOD["EnvoyFilter"])
    document["spec"]["configPatches"][0]["patch"]["value"] = {"a": None}
    assert validate(document) == []


def test_endless_nesting_is_a_fault() -> None:
    deep: dict[str, object] = {}
    for _ in range(100_000):
        deep = {"a": deep}
    assert validate({"kind": "Gateway", "spec": deep}) == ["object: is nested too deep"]


def test_comments_and_flow_are_looked_through() -> None:
    document = {**GOOD["VirtualService"], "spec": Commented(Flow(GOOD["VirtualService"]["spec"]), "shop.conf:1")}
    assert validate(document) == []


@pytest.mark.parametrize(
    ("text", "length"),
    [("60s", 60 * 10**9), ("1.5s", 1_500_000_000), (".5s", 500_000_000), ("1h30m", 5400 * 10**9), ("1ms", 10**6), ("0", 0), ("0s", 0), ("1µs", 1000),
     ("", None), ("1", None), ("-1s", None), ("1 s", None), ("s", None), (".s", None), ("1d", None),
     ("\uff11s", None), ("9" * 12 + "h", None)],
)  # fmt: skip
def test_durations_are_read_as_go_reads_them(text: str, length: int | None) -> None:
    assert nanoseconds(text) == length


def test_importing_the_room_does_not_load_the_schema_library() -> None:
    code = "import sys, converter.istio.validation; sys.exit('jsonschema_rs' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
