import re

from converter.model.findings import Finding, Severity
from converter.model.outcomes import Outcome
from converter.model.places import Position
from converter.model.records import replace
from converter.report.text import summary
from tests.sample_conversion import CONVERSION, SOUND, row

COLOUR = re.compile("\x1b\\[[0-9;]*m")


def test_a_host_whose_directives_are_all_settled_is_exact() -> None:
    assert summary(SOUND) == (
        "shop.example.com  443  1 route  exact\n"
        "  also www.shop.example.com\n"
        "\n"
        "shop: 1 host, 7 directives: 6 exact, 1 process. 0 findings.\n"
    )


def test_a_host_that_needs_a_reader_says_for_what() -> None:
    assert "api.example.com   80, 8080  2 routes  1 to decide, 1 to accept, 2 to replace, 1 waived, 1 route closed (403)\n" in summary(
        CONVERSION
    )


def test_no_host_is_exact_without_more_while_something_for_all_hosts_is_open() -> None:
    text = summary(CONVERSION)
    assert "1 route   exact but: see below for all hosts\n" in text
    assert "for all hosts, or in files that several include: 1 to correct\n" in text


def test_findings_stand_in_the_manner_of_cargo() -> None:
    assert (
        "warning[NGX106]: proxy_read_timeout: counts from the first byte\n"
        "  --> nginx.conf:18:5\n"
        "  = help: accept the difference with a waiver in the decisions file, or change the source\n"
    ) in summary(CONVERSION)


def test_findings_that_say_the_same_are_one_with_their_places() -> None:
    rows = tuple(row(line, "gzip", Outcome.UNSUPPORTED, reason="no") for line in range(1, 6))
    text = summary(replace(SOUND, rows=rows))
    assert text.count("error[NGX108]: gzip: no\n") == 1
    assert "  --> nginx.conf:1:5\n  --> nginx.conf:2:5\n  --> nginx.conf:3:5\n  --> and 2 more places\n" in text


def test_the_last_line_has_the_totals() -> None:
    assert summary(CONVERSION).splitlines()[-1] == (
        "shop: 2 hosts, 15 directives: 8 exact, 1 process, 1 waived, 1 approximate, 1 decision, 1 unsupported, 1 unknown, 1 invalid. "
        "6 findings: 3 errors, 3 warnings."
    )


def test_colour_changes_nothing_but_colour() -> None:
    coloured = summary(CONVERSION, colour=True)
    assert coloured != summary(CONVERSION)
    assert COLOUR.sub("", coloured) == summary(CONVERSION)


def test_nothing_in_the_source_reaches_the_terminal_as_a_command() -> None:
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f]", summary(CONVERSION))


def test_a_finding_without_a_place_has_no_arrow() -> None:
    text = summary(
        replace(SOUND, findings=(Finding("NGX001", Severity.NOTE, "a"), Finding("NGX002", Severity.NOTE, "b", Position("f", 1, 1))))
    )
    assert "note[NGX001]: a\n\nnote[NGX002]: b\n  --> f:1:1\n\n" in text
