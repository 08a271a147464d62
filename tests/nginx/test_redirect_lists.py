"""Redirect lists past the bound on rules: one rule for lines in a row, and everything beside them as it was."""

from converter.conversion import Whole, convert_whole
from converter.model.decisions import Decisions
from converter.model.guards import PATH, Listed
from converter.model.rules import Redirect, RedirectList, Rule
from converter.sources.source import SingleText
from converter.sources.texts import Source
from tests.conversions import FILE, http, server

LINES = 2_100


def whole(text: str) -> Whole:
    return convert_whole(Source(FILE, FILE, SingleText(FILE, text.encode())), Decisions())


def rules(text: str) -> list[Rule]:
    return [rule for application in whole(text).applications for host in application.virtual_hosts for rule in host.rules]


def lines(count: int = LINES, text: str = "/Old/{}", target: str = "/new/{}") -> list[str]:
    return [f"{text.format(number)} {target.format(number)};" for number in range(count)]


def moved(*rows: str, program: str = "if ($new) { return 301 $new; }", source: str = "$uri", before: str = "") -> str:
    block = "\n".join(rows)
    return http(f"map {source} $new {{\n{block}\n}}", server(before, program, "location / { return 204; }"))


def lists(found: list[Rule]) -> list[RedirectList]:
    return [rule.action for rule in found if isinstance(rule.action, RedirectList)]


def test_lines_are_rules_of_their_own_up_to_the_bound() -> None:
    found = rules(moved(*lines(1_990)))
    assert lists(found) == []
    assert sum(isinstance(rule.action, Redirect) for rule in found) == 1_990


def test_a_list_past_the_bound_is_one_rule() -> None:
    found = rules(moved(*lines()))
    (made,) = lists(found)
    assert len(found) == 2
    assert found[0].guard == (Listed(PATH, tuple(f"/old/{number}" for number in range(LINES))),)
    assert [line.location for line in made.lines] == [f"/new/{number}" for number in range(LINES)]


def test_each_line_keeps_its_place_and_what_decides_with_it() -> None:
    found = rules(moved(*lines()))
    (made,) = lists(found)
    assert [[origin.line for origin in line.origins] for line in made.lines] == [[4 + number] for number in range(LINES)]
    assert [origin.line for origin in found[0].origins] == [LINES + 7, LINES + 5, 3, LINES + 7]  # return, server, map, if


def test_what_stands_between_the_lines_keeps_its_place() -> None:
    rows = [*lines(1_200), "~^/old/(?<rest>x.*)$ /rest;", "/nowhere '';"]
    more = lines(1_200, "/older/{}", "https://www.example.org/{}")
    found = rules(moved(*rows, *more, program="if ($http_x_stay) { return 204; } if ($new) { return 301 $new; }"))
    assert [type(rule.action).__name__ for rule in found] == ["Answer", "RedirectList", "Answer", "RedirectList", "Redirect", "Answer"]
    assert [len(made.lines) for made in lists(found)] == [1_200, 1_200]


def test_short_runs_stay_as_they_are() -> None:
    rows = lines()
    rows.insert(10, "/nowhere '';")
    found = rules(moved(*rows))
    assert [len(made.lines) for made in lists(found)] == [LINES - 10]
    assert sum(isinstance(rule.action, Redirect) for rule in found) == 10


def test_redirects_of_another_kind_make_another_list() -> None:
    program = "if ($http_x_a) { return 307 $new; } if ($new) { return 301 $new$is_args$args; }"
    found = rules(moved(*lines(), program=program))
    assert [(made.status, made.keep_query, made.appends) for made in lists(found)] == [(307, False, False), (301, True, True)]


def test_texts_that_case_counts_for_are_no_lines() -> None:
    program = "".join(f"if ($request_uri = /Old/{number}) {{ return 301 /new/{number}; }}" for number in range(LINES))
    assert lists(rules(http(server(program, "location / { return 204; }")))) == []


def test_a_list_longer_than_any_object_is_not_followed() -> None:
    found = whole(moved(*lines(40_000)))
    (finding,) = [finding for finding in found.conversion.findings if finding.code == "NGX052"]
    assert finding.message.startswith("the server would need more than 30,000 lines of redirect lists: one for each line of map $uri $new")
