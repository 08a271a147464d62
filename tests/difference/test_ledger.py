"""Directives whose outcome changed, by what they say and where they stand."""

from converter.model.changes import Turn
from converter.model.outcomes import Outcome
from tests.conversions import http, server
from tests.difference.sides import DEFAULT, changes

PLACE = "location /a/ { return 204; }"


def test_lines_that_move_are_no_difference() -> None:
    old = http(DEFAULT, server("gzip on;", "limit_req zone=a;", PLACE))
    assert changes(old, "# a comment\n\n" + old.replace("limit_req zone=a;", "\n# another\nlimit_req zone=a;")).ledger == ()


def test_a_directive_that_came_with_an_outcome_to_read_is_told_and_so_is_its_going() -> None:
    old, new = http(DEFAULT, server(PLACE)), http(DEFAULT, server(PLACE, "limit_req zone=a;"))
    (told,) = [change for change in changes(old, new).ledger if change.directive == "limit_req zone=a"]
    assert (told.turn, told.old, told.new) == (Turn.ADDED, None, Outcome.UNSUPPORTED)
    assert told.context[-1] == "server shop.example.com"
    (gone,) = [change for change in changes(new, old).ledger if change.directive == "limit_req zone=a"]
    assert (gone.turn, gone.old, gone.new) == (Turn.REMOVED, Outcome.UNSUPPORTED, None)


def test_an_outcome_that_becomes_worse_is_told_with_its_reason() -> None:
    upstream = "upstream a {{ {} server 10.0.0.1:80; server 10.0.0.2:80; }}"
    old, new = (http(upstream.format(how), DEFAULT, server("location / { proxy_pass http://a; }")) for how in ("", "ip_hash;"))
    told = changes(old, new).ledger
    assert told
    assert all(change.reason for change in told)


def test_other_arguments_in_the_same_place_are_the_same_directive() -> None:
    old, new = (http(DEFAULT, server(PLACE, f"limit_req zone={zone};")) for zone in "ab")
    assert changes(old, new).ledger == ()


def test_a_server_that_gets_another_name_keeps_its_directives() -> None:
    old, new = (http(DEFAULT, server(PLACE, "limit_req zone=a;", name=name)) for name in ("a.test", "b.test"))
    assert changes(old, new).ledger == ()
