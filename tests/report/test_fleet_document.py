"""The report of a fleet for programs."""

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from converter.model.fleet import Difference, Failed, Fleet, State
from converter.report.document import to_json
from converter.report.fleet_document import document


@pytest.fixture
def schema(root: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((root / "docs/fleet.schema.json").read_text(encoding="utf-8"))
    return loaded


def test_the_report_of_the_sample_is_as_the_schema_says(schema: dict[str, Any], root: Path) -> None:
    report = json.loads((root / "samples/fleet/expected/report.json").read_text(encoding="utf-8"))
    jsonschema_rs.validator_for(schema).validate(report)
    assert len(report["sites"]) > len(report["hosts"]) > 0


def test_an_empty_fleet_is_as_the_schema_says(schema: dict[str, Any]) -> None:
    jsonschema_rs.validator_for(schema).validate(json.loads(to_json(document(Fleet("none")))))


def test_the_schema_is_a_schema_and_names_every_state_and_difference(schema: dict[str, Any]) -> None:
    jsonschema_rs.meta.validate(schema)
    assert set(schema["$defs"]["state"]["enum"]) == {state.name.lower() for state in State}
    assert set(schema["properties"]["sites"]["items"]["properties"]["difference"]["enum"]) == {each.value for each in Difference}


def test_no_report_is_named_of_a_configuration_that_could_not_be_converted() -> None:
    made = document(Fleet("fleet", (("a", "b"), ("c",)), failed=(Failed(("c",), "it is broken"),)))
    assert made["configurations"] == [{"machines": ["a", "b"], "report": "machines/a/report.json"}, {"machines": ["c"], "report": None}]
