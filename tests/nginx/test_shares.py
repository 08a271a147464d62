"""split_clients: the shares that nginx counts, as conditions of routes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converter.interpreter.patterns import Work
from converter.interpreter.tables import read_tables
from converter.model.decisions import Decisions, Defaults
from converter.nginx import shares
from converter.nginx.scope import Scope
from tests.conversions import convert_server, losses, orders, outcomes, routes
from tests.derivation.derivations import parsed_text
from tests.gateway import UPSTREAM, answer, real, request
from tests.real_nginx import PROGRAM

SAYS = "location = /r { return 200 <$s>; }"

CASES = [
    ('split_clients "${remote_addr}x" $s { 25% a; 25.5% b; 9.99% c; }', SAYS, [f"/r | Client: 192.0.2.{n}" for n in range(1, 20)]),
    (
        "split_clients $cookie_user $s { 50% a; * b; }",
        "location = /r { if ($s = b) { return 403; } return 200 <$s>; }",
        ["/r", *(f"/r | Cookie: user={user}" for user in ("ann", "bob", "cyd", "dan"))],
    ),
    ("split_clients $arg_x $s { * $uri; }", SAYS, ["/r", "/r?x=1"]),
    ("split_clients fixed $s { 0.01% a; } map $s $m { '' none; default some; }", "location = /r { return 200 $m; }", ["/r"]),
]


@pytest.mark.skipif(PROGRAM is None, reason="there is no nginx to ask")
@pytest.mark.parametrize(("before", "body", "asked"), CASES)
def test_a_request_is_in_the_share_that_nginx_puts_it_in(before: str, body: str, asked: list[str]) -> None:
    conversion = convert_server(body, "location / { return 404; }", before=before)
    found = {text: answer(conversion, request(text)) for text in asked}
    assert (found, losses(conversion)) == (real(f"{body} location / {{ return 404; }}", before, asked), {})


PERCENTAGES = st.lists(st.integers(1, 2500).map(lambda n: f"{n // 100}.{n % 100:02}%" if n % 100 else f"{n // 100}%"), max_size=4)


@given(PERCENTAGES)
def test_bounds_are_those_that_the_interpreter_counts(percentages: list[str]) -> None:
    text = f"http {{ split_clients $a $s {{ {' '.join(f'{p} v;' for p in percentages)} * rest; }} }}"
    (block,) = parsed_text(text).root[0].block or ()
    (table,) = read_tables(Scope.open("http", None, (block,)), Work()).values()
    assert shares.read(block, cut_short=False).bounds == tuple(line.last for line in table.rest)


def test_every_route_that_may_be_chosen_first_has_the_orders_and_no_other() -> None:
    body = "location = /first { return 204; } location /r { return 200 <$s>; } location / { proxy_pass http://app; }"
    conversion = convert_server(body, before=f"{UPSTREAM} split_clients $arg_k $s {{ 1% a; 2% b; * c; }}")
    counted = [name.rpartition(".")[2] for name, found in orders(conversion).items() if "splits" in found]
    assert counted == ["r", "r-2", "r-3", "all"]
    assert [r["name"].rpartition(".")[2] for r in routes(conversion)] == ["first", *counted]


def test_one_variable_with_two_keys_is_two_splits() -> None:
    body = "location /a { set $k 1; return 200 $s; } location /b { set $k $arg_b; return 200 $s; }"
    conversion = convert_server(body, before="split_clients $k $s { 50% a; * b; }")
    headers = {split["header"] for found in orders(conversion).values() for split in found.get("splits", ())}
    assert headers == {"x-nginx-split-s", "x-nginx-split-s-2"}


@pytest.mark.parametrize("decisions", [Decisions(), Decisions(defaults=Defaults(envoyfilter="never"))])
def test_a_share_that_cannot_be_counted_closes_what_depends_on_it(decisions: Decisions) -> None:
    key = "$remote_addr" if decisions.defaults.envoyfilter == "never" else "$http_x_request_id"
    before = f"{UPSTREAM} split_clients {key} $s {{ 50% a; * b; }}"
    conversion = convert_server("location /r { if ($s = a) { return 200 ok; } proxy_pass http://app; }", before=before, decisions=decisions)
    assert answer(conversion, request("/r")) == "403"
    assert "split_clients" in losses(conversion).popitem()[0] or "unsupported" in {o.value for o in outcomes(conversion)["split_clients"]}


def test_the_address_that_a_proxy_reports_is_not_counted() -> None:
    before = f"{UPSTREAM} split_clients $remote_addr $s {{ 50% a; * b; }} set_real_ip_from 10.0.0.0/8;"
    assert answer(convert_server(SAYS, before=before), request("/r")) == "403"


def test_shares_that_nothing_reads_are_dead() -> None:
    conversion = convert_server(
        "location / { proxy_pass http://app; }", before=f"{UPSTREAM} split_clients $remote_addr $s {{ 50% a; * b; }}"
    )
    assert [o.value for o in outcomes(conversion)["split_clients"]] == ["dead"]
