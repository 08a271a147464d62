import gzip
import json
import random
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from converter.commands.explain import texts
from converter.model.conversion import Conversion
from converter.model.findings import Finding, Severity
from converter.model.outcomes import Outcome
from converter.model.records import replace
from converter.report.review import all_findings
from converter.report.sarif import LARGEST_COMPRESSED, MOST_RESULTS, Surroundings, sarif
from tests.conversions import convert_text
from tests.sample_conversion import CONVERSION, SOUND, row

SCHEMA = json.loads((Path(__file__).parent / "schemas/sarif-schema-2.1.0.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema_rs.validator_for(SCHEMA, validate_formats=True)
CODES = texts()


def run_of(conversion: Conversion, folder: str = "") -> dict[str, Any]:
    """The only run of a log that is as the schema says."""
    log = json.loads(sarif(conversion, Surroundings(CODES, folder)))
    VALIDATOR.validate(log)
    (run,) = log["runs"]
    return dict(run)


def many(outcomes: list[Outcome], reason: str = "because") -> Conversion:
    return Conversion("x", rows=tuple(row(number, "x", outcome, reason=reason) for number, outcome in enumerate(outcomes, 1)))


@pytest.mark.parametrize("conversion", [CONVERSION, SOUND, Conversion("<stdin>")])
def test_the_log_is_as_the_schema_of_sarif_says_and_tells_every_finding(conversion: Conversion) -> None:
    assert len(run_of(conversion)["results"]) == len(all_findings(conversion))


def test_the_schema_would_find_a_fault() -> None:
    log = json.loads(sarif(CONVERSION, Surroundings(CODES)))
    log["runs"][0]["results"][0]["level"] = "fatal"

    assert not VALIDATOR.is_valid(log)


@pytest.mark.parametrize("sample", ["shop/nginx.conf", "gateway/gateway.conf", "redirects/sites.conf"])
def test_the_log_of_a_sample_is_as_the_schema_says(root: Path, sample: str) -> None:
    assert run_of(convert_text((root / "samples" / sample).read_text(encoding="utf-8")))["tool"]["driver"]["name"] == "nginx2istio"


def test_a_result_is_found_in_the_repository() -> None:
    result = run_of(CONVERSION, "apps/my shop")["results"][0]

    assert result["locations"] == [
        {
            "physicalLocation": {
                "artifactLocation": {"uri": "apps/my%20shop/nginx.conf", "uriBaseId": "%SRCROOT%"},
                "region": {"startLine": 17, "startColumn": 5},
            }
        }
    ]
    assert (result["ruleId"], result["level"]) == ("NGX108", "error")


def test_each_result_names_a_rule_that_is_explained() -> None:
    run = run_of(CONVERSION)
    rules = run["tool"]["driver"]["rules"]

    assert [rules[result["ruleIndex"]]["id"] for result in run["results"]] == [result["ruleId"] for result in run["results"]]
    assert all(CODES[rule["id"]] in rule["help"]["text"] for rule in rules)


def test_rules_keep_to_the_lengths_that_code_scanning_shows() -> None:
    rows = tuple(row(number, "x", Outcome.UNKNOWN) for number in range(1, 3))
    findings = tuple(Finding(code, Severity.NOTE, code, rows[0].entry.position) for code in CODES if code.startswith("NGX"))
    rules = run_of(Conversion("x", rows=rows, findings=findings))["tool"]["driver"]["rules"]

    assert {rule["id"] for rule in rules} == {finding.code for finding in findings} | {"NGX109"}
    assert [
        rule["id"] for rule in rules if len(rule["shortDescription"]["text"]) > 255 or len(rule["fullDescription"]["text"]) > 1024
    ] == []


def test_what_has_no_place_is_a_notification_because_code_scanning_refuses_such_results() -> None:
    finding = Finding("NGX501", Severity.WARNING, "a waiver meets nothing", None, "delete it")
    run = run_of(replace(SOUND, findings=(finding,)))

    assert run["results"] == []
    assert run["invocations"][0]["toolConfigurationNotifications"] == [
        {"descriptor": {"id": "NGX501"}, "level": "warning", "message": {"text": "a waiver meets nothing. delete it"}}
    ]


def test_past_the_limit_the_least_severe_are_left_out_and_counted() -> None:
    outcomes = [Outcome.APPROXIMATE] * MOST_RESULTS + [Outcome.INVALID] * 3
    run = run_of(many(outcomes))

    assert len(run["results"]) == MOST_RESULTS
    assert [result["level"] for result in run["results"][:4]] == ["error"] * 3 + ["warning"]
    assert "3 results left out" in run["invocations"][0]["toolConfigurationNotifications"][0]["message"]["text"]


def test_a_log_that_is_too_large_when_compressed_is_cut() -> None:
    letters = random.Random(1)
    rows = [
        row(n, "x", Outcome.UNKNOWN, reason="".join(letters.choices("abcdefghijklmnopqrstuvwxyz0123456789", k=1900)))
        for n in range(1, 8200)
    ]
    text = sarif(Conversion("x", rows=tuple(rows)), Surroundings(CODES))

    assert len(gzip.compress(text.encode())) <= LARGEST_COMPRESSED
    assert 0 < len(json.loads(text)["runs"][0]["results"]) < len(rows)
    assert "left out" in text


def test_fingerprints_are_those_of_the_source_and_not_of_its_lines(root: Path) -> None:
    text = (root / "samples/shop/nginx.conf").read_text(encoding="utf-8")
    before, after = (run_of(convert_text(source))["results"] for source in (text, "\n\n" + text))

    assert [result["partialFingerprints"] for result in before] == [result["partialFingerprints"] for result in after]
    assert len({json.dumps(result["partialFingerprints"]) for result in before}) == len(before)


def test_the_state_towards_a_baseline_is_told_only_where_there_is_one() -> None:
    rows = tuple(replace(row(n, "x", Outcome.UNKNOWN), accepted=accepted) for n, accepted in enumerate((None, True, False), 1))
    results = run_of(Conversion("x", rows=rows))["results"]

    assert [result.get("baselineState") for result in results] == [None, "unchanged", "new"]


@given(st.text(st.characters(codec=None), min_size=1))
def test_no_text_of_the_source_breaks_the_log(text: str) -> None:
    hostile = (row(1, text, Outcome.UNKNOWN, text, file=text, reason=text), row(2, "x", Outcome.EXACT))
    finding = Finding("NGX001", Severity.ERROR, text, hostile[1].entry.position, text)
    results = run_of(Conversion(text, rows=hostile, findings=(finding,)))["results"]

    assert len(results) == 2
    assert not any("](" in result["message"]["text"] for result in results)


@pytest.mark.parametrize("reason", ["It is not there", "It is not there."])
def test_a_message_is_sentences(reason: str) -> None:
    (result,) = run_of(Conversion("x", rows=(row(1, "gzip", Outcome.UNSUPPORTED, reason=reason),)))["results"]

    assert result["message"]["text"] == "gzip: It is not there. do it elsewhere, or waive it in the decisions file"


def test_the_path_can_be_had_back_from_the_address() -> None:
    (result,) = run_of(Conversion("x", rows=(row(1, "x", Outcome.UNKNOWN, file="a b/ü%41?.conf"),)))["results"]

    assert unquote(result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]) == "a b/ü%41?.conf"
