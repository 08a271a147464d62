import pytest

from converter.model.conversion import Conversion
from converter.model.findings import Finding, Severity
from converter.model.outcomes import Outcome
from converter.model.records import replace
from converter.report.review import HEADINGS, TASKS, all_findings, as_finding, by_host, reaches, tasks
from tests.sample_conversion import CONVERSION, SOUND, row


def test_each_outcome_is_settled_waived_or_a_task() -> None:
    assert {outcome for outcome in Outcome if outcome not in TASKS and not outcome.settled} == {Outcome.WAIVED}
    assert set(TASKS.values()) == set(HEADINGS)


def test_a_row_belongs_to_the_hosts_whose_objects_it_is_in_or_whose_server_it_stands_in() -> None:
    reviews, rest = by_host(CONVERSION)
    lines = {review.host.name: [r.entry.position.line for r in review.rows] for review in reviews}
    assert lines == {"shop.example.com": [2, 3, 5, 6, 7, 8], "api.example.com": [15, 16, 17, 18, 19, 20, 21]}
    assert [str(r.entry.position) for r in rest] == ["nginx.conf:1", "snippets/a.conf:1"]


def test_a_snippet_in_between_does_not_end_the_server() -> None:
    rows = (*CONVERSION.rows[:9], row(1, "gzip", Outcome.UNSUPPORTED, file="snippets/gzip.conf"), *CONVERSION.rows[9:])
    reviews, rest = by_host(replace(CONVERSION, rows=rows))
    assert len(reviews[1].rows) == 7
    assert "snippets/gzip.conf:1" in [str(r.entry.position) for r in rest]


def test_tasks_count_what_a_reader_must_do() -> None:
    assert tasks(CONVERSION.rows) == {"decide": 1, "accept": 1, "replace": 2, "correct": 1}


@pytest.mark.parametrize("outcome", Outcome)
def test_a_row_is_a_finding_where_a_reader_is_needed(outcome: Outcome) -> None:
    finding = as_finding(row(1, "gzip", outcome))
    assert (finding is not None) == (outcome in TASKS)


@pytest.mark.parametrize("outcome", Outcome)
@pytest.mark.parametrize("threshold", Outcome)
def test_a_row_reaches_the_thresholds_up_to_its_own_outcome(outcome: Outcome, threshold: Outcome) -> None:
    assert reaches(Conversion("a", rows=(row(1, "gzip", outcome),)), threshold.value) == (outcome.rank >= threshold.rank)


@pytest.mark.parametrize(
    ("severity", "reached"),
    [(Severity.ERROR, ["approximate", "unsupported", "invalid"]), (Severity.WARNING, ["approximate"]), (Severity.NOTE, [])],
)
def test_a_finding_reaches_thresholds_by_its_severity(severity: Severity, reached: list[str]) -> None:
    conversion = replace(SOUND, findings=(Finding("NGX001", severity, "a"),))
    assert [name for name in ("approximate", "unsupported", "invalid", "never") if reaches(conversion, name)] == reached


@pytest.mark.parametrize(("outcome", "codes"), [(Outcome.UNKNOWN, ["NGX013"]), (Outcome.APPROXIMATE, ["NGX013", "NGX106"])])
def test_what_a_finding_says_of_an_unknown_directive_is_not_said_again_but_counts_as_an_error(outcome: Outcome, codes: list[str]) -> None:
    odd = row(1, "gzp", outcome)
    finding = Finding("NGX013", Severity.WARNING, "unknown directive", odd.entry.position, "Did you mean gzip?")
    found = all_findings(Conversion("a", rows=(odd,), findings=(finding,)))
    assert [f.code for f in found] == codes
    assert (found[0].severity is Severity.ERROR) == (outcome is Outcome.UNKNOWN)


def test_the_entry_of_a_map_for_the_empty_value_has_a_name_for_readers() -> None:
    finding = as_finding(row(3, "", Outcome.UNSUPPORTED, "close", context=("http", "map"), reason="nobody reads it"))
    assert finding is not None
    assert finding.message == '"": nobody reads it'
