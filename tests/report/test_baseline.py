from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converter.commands.baseline_file import parse_baseline
from converter.model.conversion import Conversion
from converter.model.findings import Finding, Severity
from converter.model.ledger import Row
from converter.model.outcomes import Outcome
from converter.model.records import replace
from converter.report.baseline import Baseline, compared, render
from converter.report.html import site
from converter.report.markdown import report
from converter.report.review import reaches
from converter.report.text import summary
from tests.conversions import convert_server, convert_text
from tests.sample_conversion import CONVERSION, row


def baseline_of(conversion: Conversion) -> Baseline:
    """What the file holds that accepts all of it, read again."""
    return parse_baseline(render(conversion), "b.yaml")


def rows(*found: Row) -> Conversion:
    return Conversion("x", rows=found)


def marks(conversion: Conversion) -> list[bool | None]:
    return [row.accepted for row in conversion.rows]


def told(conversion: Conversion) -> list[str]:
    return [finding.message for finding in conversion.findings if finding.code == "NGX503"]


def test_what_was_written_accepts_everything_that_was_found() -> None:
    after = compared(CONVERSION, baseline_of(CONVERSION))

    assert [finding.accepted for finding in after.findings] == [True]
    assert [row.accepted for row in after.rows] == [None if row.outcome.settled else True for row in CONVERSION.rows]
    assert not reaches(after, "waived")
    assert reaches(CONVERSION, "invalid")


@pytest.mark.parametrize("sample", ["shop/nginx.conf", "redirects/sites.conf", "gateway/gateway.conf"])
def test_lines_that_move_are_accepted_and_leave_the_file_as_it_is(root: Path, sample: str) -> None:
    text = (root / "samples" / sample).read_text(encoding="utf-8")
    before, moved = convert_text(text), convert_text("\n# moved\n" + text.replace(";\n", ";\n\n"))
    after = compared(moved, baseline_of(before))

    assert render(moved) == render(before)
    assert False not in marks(after)
    assert told(after) == []


def test_a_directive_that_is_added_is_new() -> None:
    before, now = convert_server("proxy_cache a;"), convert_server("proxy_cache a;", "proxy_cache_valid 5m;")
    after = compared(now, baseline_of(before))

    assert [row.entry.directive for row in after.rows if row.accepted is False] == ["proxy_cache_valid"]
    assert reaches(after, "unsupported")


def test_a_worse_outcome_is_new_again_and_the_old_entry_is_stale() -> None:
    before, now = (rows(row(1, "gzip", outcome, "on")) for outcome in (Outcome.APPROXIMATE, Outcome.UNSUPPORTED))
    after = compared(now, baseline_of(before))

    assert marks(after) == [False]
    assert reaches(after, "unsupported")
    assert [finding.help for finding in after.findings] == ["it is unsupported now; take the entry out, or let --update-baseline do it"]


def test_another_server_of_the_same_file_is_not_accepted_with_the_first() -> None:
    before = convert_server("location /a { proxy_cache x; }")
    now = convert_text(
        "http { server { listen 80 default_server; return 404; } server { listen 80; server_name b; location /a { proxy_cache x; } } }"
    )
    after = compared(now, baseline_of(before))

    assert [row.accepted for row in after.rows if row.entry.directive == "proxy_cache"] == [False]


def test_of_several_likes_only_as_many_as_the_entry_says_are_accepted() -> None:
    likes = [row(line, "gzip", Outcome.UNSUPPORTED, "on") for line in (3, 5, 7)]

    assert marks(compared(rows(*likes), baseline_of(rows(*likes[:2])))) == [True, True, False]


def test_an_entry_that_is_no_longer_found_is_told_with_its_place_and_what_to_do() -> None:
    before = rows(row(1, "gzip", Outcome.UNSUPPORTED, "on"), row(2, "etag", Outcome.UNSUPPORTED, "on"))
    (finding,) = compared(rows(before.rows[0]), baseline_of(before)).findings

    assert finding.message == "b.yaml:4: etag on (unsupported) in nginx.conf > http > server is accepted, and is no longer found"
    assert (finding.code, finding.severity) == ("NGX503", Severity.WARNING)
    assert "--update-baseline" in finding.help


def test_likes_that_became_fewer_are_told() -> None:
    likes = [row(line, "gzip", Outcome.UNSUPPORTED, "on") for line in (3, 5, 7)]

    assert told(compared(rows(likes[0]), baseline_of(rows(*likes)))) == [
        "b.yaml:4: gzip on (unsupported) in nginx.conf > http > server is accepted 2 times more than it is found"
    ]


def test_comparing_again_tells_a_stale_entry_once() -> None:
    baseline = baseline_of(rows(row(1, "gzip", Outcome.UNSUPPORTED)))
    once = compared(rows(), baseline)

    assert compared(once, baseline) == once
    assert "NGX503" not in render(once)


def test_a_summary_counts_what_is_accepted_and_calls_no_host_exact_for_it() -> None:
    text = summary(compared(CONVERSION, baseline_of(CONVERSION)))

    assert "error[" not in text
    assert "warning[" not in text
    assert "0 findings. 6 findings in the baseline." in text
    assert "  exact\n" not in text


def test_reports_still_hold_what_is_accepted_and_mark_it() -> None:
    after = compared(CONVERSION, baseline_of(CONVERSION))
    texts = dict.fromkeys(("nginx.conf", "snippets/a.conf"), "\n" * 30)
    pages = "".join(site(after, texts).values())

    for text in (report(after), pages):
        assert "counts from the first byte (in the baseline)" in text
    assert "(in the baseline)" not in report(CONVERSION) + "".join(site(CONVERSION, texts).values())


def test_findings_without_a_directive_are_accepted_by_their_text() -> None:
    findings = tuple(Finding("NGX001", Severity.ERROR, f"no {name} in line {line}") for name, line in (("a", 1), ("b", 2)))
    before, now = (
        Conversion("x", findings=findings[:1]),
        Conversion("x", findings=(findings[1], replace(findings[0], message="no a in line 9"))),
    )

    assert [finding.accepted for finding in compared(now, baseline_of(before)).findings] == [False, True]


@given(st.lists(st.text(st.characters(codec=None)), min_size=1, max_size=4), st.text(st.characters(codec=None)))
def test_any_text_of_the_source_is_accepted_as_it_was_written(words: list[str], name: str) -> None:
    conversion = rows(row(1, words[0], Outcome.UNKNOWN, *words[1:], file=name, context=(name,)))
    found = replace(conversion, findings=(Finding("NGX001", Severity.ERROR, words[0], conversion.rows[0].entry.position),))
    after = compared(found, baseline_of(found))

    assert marks(after) == [True]
    assert [finding.accepted for finding in after.findings] == [True]
