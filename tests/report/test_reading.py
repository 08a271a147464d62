import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from converter.model.conversion import Conversion
from converter.model.findings import Finding, Severity
from converter.model.outcomes import Outcome
from converter.model.records import replace
from converter.report.document import document, to_json
from converter.report.reading import ReportError, conversion_of, schema
from tests.sample_conversion import CONVERSION, SOUND, row


def again(conversion: Conversion) -> Conversion:
    return conversion_of(to_json(document(conversion)))[0]


def broken(key: str, value: object) -> str:
    """The report with one field of its first directive replaced."""
    made: dict[str, Any] = json.loads(to_json(document(CONVERSION)))
    made["directives"][0][key] = value
    return json.dumps(made)


@pytest.mark.parametrize("conversion", [CONVERSION, SOUND, Conversion("<stdin>")])
def test_what_is_read_is_what_was_told(conversion: Conversion) -> None:
    assert again(conversion) == replace(conversion, files={})


def test_what_a_baseline_accepted_is_read_too() -> None:
    rows = tuple(replace(row(n, "x", Outcome.UNKNOWN), accepted=accepted) for n, accepted in enumerate((None, True, False), 1))
    findings = (Finding("NGX001", Severity.NOTE, "x", None, "", True),)

    assert again(Conversion("x", rows=rows, findings=findings)) == Conversion("x", rows=rows, findings=findings)


@given(st.text(st.characters(codec=None)), st.lists(st.text(st.characters(codec=None))))
def test_any_text_is_read_as_it_was_told(text: str, words: list[str]) -> None:
    conversion = Conversion(text, rows=(row(1, text, Outcome.UNKNOWN, *words, file=text, context=tuple(words), reason=text),))

    assert again(conversion) == conversion


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ("1" * 5000, "is not JSON"),
        ("null", "the whole: null is not of type"),
        ("{}", "is a required property"),
        (broken("outcome", "perfect"), "directives[0].outcome"),
        (broken("line", 0), "directives[0].line"),
        (broken("args", "x" * 1_000_000), "directives[0].args"),
        (broken("extra", 1), "'extra' was unexpected"),
    ],
)
def test_what_is_no_report_is_refused_with_its_place_in_a_short_message(text: str, message: str) -> None:
    with pytest.raises(ReportError) as caught:
        conversion_of(text)

    assert message in str(caught.value)
    assert len(str(caught.value)) < 2500


def test_the_schema_is_that_of_the_documentation(root: Path) -> None:
    assert schema() == json.loads((root / "docs/report.schema.json").read_text(encoding="utf-8"))
    jsonschema_rs.meta.validate(schema())
