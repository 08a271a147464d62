import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converter.model.conversion import Conversion
from converter.model.findings import Finding, Severity
from converter.model.outcomes import Outcome
from converter.model.records import replace
from converter.report.github import LONGEST_MESSAGE, SHOWN, annotations
from tests.sample_conversion import CONVERSION, SOUND, row


def levels(text: str) -> Counter[str]:
    """How many commands of each level there are."""
    return Counter(re.findall(r"^::(error|warning|notice) ", text, re.MULTILINE))


def test_a_finding_is_a_workflow_command_with_the_path_from_the_repository_root() -> None:
    assert (
        "::warning file=samples/shop/nginx.conf,line=18,col=5,title=NGX106::proxy_read_timeout: counts from the first byte%0A"
        "accept the difference with a waiver in the decisions file, or change the source\n"
    ) in annotations(CONVERSION, "samples/shop")


def test_errors_come_first_because_only_ten_are_shown() -> None:
    levels = [line.split(" ")[0] for line in annotations(CONVERSION, "").splitlines()]
    assert levels == ["::error"] * 3 + ["::warning"] * 3


def test_text_of_the_source_starts_no_command_of_its_own() -> None:
    lines = annotations(CONVERSION, "a,b:c").splitlines()
    assert len(lines) == 6
    assert all(line.startswith(("::error file=a%2Cb%3Ac/", "::warning file=a%2Cb%3Ac/")) for line in lines)
    assert 'the gateway does not cache x|`y`\\x1b[2J"<b>%0A::error::%0A' not in lines[0]
    assert "%25" in lines[0]


def test_nothing_to_tell_is_nothing() -> None:
    assert annotations(SOUND, "") == ""


def told(errors: int, warnings: int, notes: int) -> Conversion:
    rows = [row(n, "a", Outcome.UNSUPPORTED) for n in range(errors)] + [row(n, "b", Outcome.APPROXIMATE) for n in range(warnings)]
    findings = [Finding("NGX010", Severity.NOTE, f"note {n}") for n in range(notes)]
    return Conversion("x", rows=tuple(rows), findings=tuple(findings))


@pytest.mark.parametrize(("errors", "warnings", "notes"), [(10, 10, 10), (11, 0, 0), (3, 12, 10), (0, 0, 11), (30, 30, 30)])
def test_no_more_commands_than_github_shows_and_the_rest_is_said(errors: int, warnings: int, notes: int) -> None:
    text = annotations(told(errors, warnings, notes), "")

    assert max(levels(text).values()) <= SHOWN
    plain = [line for line in text.splitlines() if not line.startswith("::")]
    summary = text.splitlines()[-1]
    assert (
        len(plain) == sum(map(int, re.findall(r"(\d+) (?:error|warning|notice)s?\b", summary))) if plain else "more in the log" not in text
    )
    assert len(text.splitlines()) == errors + warnings + notes + bool(plain)


def test_what_a_baseline_accepts_is_only_counted() -> None:
    rows = tuple(replace(row(n, "a", Outcome.UNSUPPORTED), accepted=n > 1) for n in range(1, 4))
    text = annotations(Conversion("x", rows=rows), "")

    assert levels(text) == {"error": 1, "notice": 1}
    assert text.endswith("::notice title=nginx2istio::2 findings accepted by the baseline.\n")


def test_a_message_is_not_longer_than_the_runner_passes_on() -> None:
    (line,) = annotations(Conversion("x", rows=(row(1, "a", Outcome.UNKNOWN, reason="y" * 9000),)), "").splitlines()
    assert len(line.partition("::")[2].partition("::")[2]) == LONGEST_MESSAGE


@given(st.text(st.characters(codec=None), min_size=1))
def test_no_text_becomes_a_command(text: str) -> None:
    rows = tuple(row(n, text, Outcome.UNSUPPORTED, file=text, reason=f"##[{text}\n::stop-commands::x") for n in range(1, 13))
    lines = annotations(Conversion("x", rows=rows), "").split("\n")

    assert [line[: line.index(" ")] for line in lines[:-1]] == ["::error"] * 10 + ["error"] * 2 + ["::notice"]
    assert not any("##[" in line for line in lines if not line.startswith("::"))
