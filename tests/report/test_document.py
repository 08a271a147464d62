import json
from pathlib import Path

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from converter.model.conversion import Conversion
from converter.report.document import document, to_json
from tests.sample_conversion import CONVERSION, SOUND


@pytest.fixture(scope="module")
def schema() -> dict[str, object]:
    loaded: dict[str, object] = json.loads((Path(__file__).parents[2] / "docs/report.schema.json").read_text(encoding="utf-8"))
    return loaded


@pytest.mark.parametrize("conversion", [CONVERSION, SOUND, Conversion("<stdin>")])
def test_the_document_is_as_the_schema_says(schema: dict[str, object], conversion: Conversion) -> None:
    jsonschema_rs.validator_for(schema).validate(json.loads(to_json(document(conversion))))


def test_the_schema_is_a_schema_and_names_every_outcome_and_difference(schema: dict[str, object]) -> None:
    from converter.model.outcomes import Outcome, PlatformDifference

    jsonschema_rs.meta.validate(schema)
    text = json.dumps(schema)
    assert [word.value for word in (*Outcome, *PlatformDifference) if f'"{word.value}"' not in text] == []


def test_totals_add_up_to_the_directives() -> None:
    made = document(CONVERSION)
    assert isinstance(made["totals"], dict)
    assert sum(made["totals"].values()) == len(CONVERSION.rows) == len(json.loads(to_json(made))["directives"])


def test_a_directive_is_told_with_its_place_outcome_and_objects() -> None:
    assert json.loads(to_json(document(CONVERSION)))["directives"][6] == {
        "file": "nginx.conf",
        "line": 8,
        "column": 5,
        "directive": "proxy_pass",
        "args": ["http://orders"],
        "context": ["http", "server"],
        "outcome": "exact",
        "code": "NGX101",
        "reason": "",
        "objects": ["VirtualService/apps/shop.example.com#root"],
    }


def test_a_finding_without_a_place_has_none() -> None:
    (finding,) = json.loads(to_json(document(CONVERSION)))["findings"]
    assert (finding["severity"], finding["file"], finding["line"], finding["column"]) == ("warning", "nginx.conf", 4, 3)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
)


@given(st.dictionaries(st.text(), JSON))
def test_the_text_is_json_of_the_same_data(data: dict[str, object]) -> None:
    assert json.loads(to_json(data)) == data
