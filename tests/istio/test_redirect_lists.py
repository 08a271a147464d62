"""Redirect lists as routes and tables."""

import re

import pytest

from converter.istio.matches import LONGEST
from converter.istio.redirect_lists import in_parts
from converter.model.decisions import Decisions, Defaults
from converter.model.guards import PATH, RAW_PATH, Condition, Guard, Listed, Test
from converter.model.places import Position
from converter.model.rules import Answer, ListedRedirect, RedirectList, Rule
from converter.model.values import Source, Variable
from tests import conversions
from tests.conversions import convert_text, http, outcome, server
from tests.gateway import answer, request

LINES = 2_500
_ROWS = "\n".join(f"/Old/{number}.html /new/{number};" for number in range(LINES))
_PROGRAM = server("if ($new) { return 301 $new; }", "location / { return 204; }")
_TEXT = http(f"map $uri $new {{\n{_ROWS}\n}}", "server { listen 80 default_server; return 404; }", _PROGRAM)


def redirects(subject: Variable, count: int, guard: Guard = ()) -> Rule:
    lines = tuple(ListedRedirect(f"/old.{number}", f"/new/{number}", (Position("a", number, 1),)) for number in range(count))
    listed = Listed(subject, tuple(line.text for line in lines))
    return Rule((*guard, listed), RedirectList(301, subject, lines), origins=(Position("b", 1, 1),), name="h.redirects")


@pytest.mark.parametrize("subject", [PATH, RAW_PATH, Variable(Source.ARGUMENT, "id")], ids=str)
def test_the_parts_hold_every_line_once_and_in_order(subject: Variable) -> None:
    rule = redirects(subject, 500)
    found = in_parts([rule])
    assert isinstance(rule.action, RedirectList)
    assert [line for part in found if isinstance(part.action, RedirectList) for line in part.action.lines] == list(rule.action.lines)
    assert len({part.name for part in found}) == len(found) >= 5
    assert all(Position("b", 1, 1) in part.origins for part in found)


def test_another_rule_is_its_own_part() -> None:
    rule = Rule((Condition(PATH, Test.EXACT, "/a"),), Answer(204))
    assert in_parts([rule]) == [rule]


def test_a_list_is_answered_from_tables() -> None:
    conversion = convert_text(_TEXT)
    for number in (0, 30, 31, LINES // 2, LINES - 1):
        assert answer(conversion, request(f"/old/{number}.HTML?x=1")) == f"301 http://shop.example.com/new/{number}"
    assert answer(conversion, request(f"/old/{LINES}.html")) == "204"


def test_a_route_takes_as_many_lines_as_its_regex_holds() -> None:
    found = [route for route in conversions.routes(convert_text(_TEXT)) if "redirects" in route["name"]]
    lengths = [len(match["uri"]["regex"]) for route in found for match in route["match"]]
    assert max(lengths) <= LONGEST
    assert min(lengths[:-1]) > LONGEST - 50


def test_what_the_table_lacks_is_refused() -> None:
    """The route lets nothing else in; this holds even if somebody widens it."""
    conversion = convert_text(_TEXT)
    files = {path: re.sub(r"\(\?i\)/old/0\\\\\.html\|", "(?i)/any|", text) for path, text in conversion.files.items()}
    assert files != conversion.files
    for path, text in files.items():
        conversion.files[path] = text
    assert answer(conversion, request("/any")) == "403"


def test_each_line_says_where_it_went() -> None:
    conversion = convert_text(_TEXT)
    rows = [row for row in conversion.rows if row.entry.directive.startswith("/Old/")]
    assert {row.outcome.value for row in rows} == {"exact"}
    assert {tuple(name.partition("/")[0] for name in row.objects) for row in rows} == {("VirtualService", "EnvoyFilter")}


def test_without_filters_the_lines_are_refused_and_said_to_be() -> None:
    conversion = convert_text(_TEXT, Decisions(defaults=Defaults(envoyfilter="never")))
    assert outcome(conversion, "/Old/7.html") == "unsupported"
    assert answer(conversion, request("/old/7.html")) == "403"
    assert answer(conversion, request("/other")) == "204"
