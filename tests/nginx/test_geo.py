import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converter.model.decisions import Decisions, GatewayDecisions
from converter.model.guards import Network
from converter.nginx import geo
from converter.nginx.access import Rulebook
from converter.sources.source import SingleText
from converter.sources.texts import Source
from converter.syntax.parse import parse
from tests.conversions import convert_server, outcome, routes
from tests.gateway import UPSTREAM, answer, case, check, request

SAYS = "location = /r { return 200 <$g>; }"

CASES = [
    case(
        "the longest prefix",
        SAYS,
        {
            "/r": "200 <d>",
            "/r | Client: 10.9.1.1": "200 <a>",
            "/r | Client: 10.1.9.1": "200 <b>",
            "/r | Client: 10.1.2.3": "200 <a>",
            "/r | Client: 10.1.2.4": "200 <d>",
            "/r | Client: 10.1.2.32": "200 <b>",
            "/r | Client: 192.0.2.77": "200 <a>",
            "/r | Client: 192.0.3.77": "200 <d>",
            "/r | Client: 2001:db8::1": "200 <d>",
        },
        {},
        "geo $g { default d; 10.0.0.0/8 a; 10.1.0.0/16 b; 10.1.2.0/27 d; 10.1.2.3 a; 192.0.2.0/24 a; 10.2.0.0/16 a; }",
    ),
    case(
        "without default; the source by name; the host bits of a network",
        SAYS,
        {"/r": "200 <>", "/r | Client: 10.1.9.9": "200 <1>", "/r | Client: 10.2.9.9": "200 <>"},
        {},
        "geo $remote_addr $g { 10.1.2.3/16 1; }",
    ),
    case(
        "of two lines for a network the last counts, and a deleted one is gone",
        SAYS,
        {"/r": "200 <d>", "/r | Client: 10.1.1.1": "200 <2>", "/r | Client: 10.2.1.1": "200 <4>"},
        {},
        "geo $g { default d; 10.1.0.0/16 1; 10.1.0.0/16 2; 10.0.0.0/8 4; 10.2.0.0/16 3; delete 10.2.0.0/16; }",
    ),
    case(
        "ranges",
        SAYS,
        {
            "/r": "200 <d>",
            "/r | Client: 10.0.0.5": "200 <a>",
            "/r | Client: 10.0.0.6": "200 <b>",
            "/r | Client: 10.0.0.9": "200 <a>",
            "/r | Client: 10.0.0.10": "200 <d>",
            "/r | Client: 10.3.255.255": "200 <c>",
            "/r | Client: 10.4.0.0": "200 <c>",
            "/r | Client: 10.4.0.9": "200 <d>",
            "/r | Client: 192.0.2.1": "200 <d>",
            "/r | Client: 2001:db8::1": "200 <d>",
        },
        {},
        """geo $g { ranges; default d; 10.0.0.1-10.0.0.9 a; 10.0.0.6-10.0.0.7 b; 10.3.255.0-10.4.0.8 c;
           192.0.2.0-192.0.2.255 x; delete 192.0.2.0-192.0.2.255; }""",
    ),
    case(
        "decides an if, and is decided once for two of them",
        "location / { if ($g) { return 403; } if ($g = 0) { return 404; } proxy_pass http://app; }",
        {"/": "403", "/ | Client: 10.1.1.1": "404", "/ | Client: 10.2.1.1": "app app /"},
        {},
        'geo $g { default 1; 10.1.0.0/16 0; 10.2.0.0/16 ""; }',
    ),
    case(
        "two of them at once",
        "location = /r { return 200 $g$h; }",
        {
            "/r": "200 de",
            "/r | Client: 10.1.1.1": "200 am",
            "/r | Client: 10.2.1.1": "200 ae",
            "/r | Client: 192.0.2.1": "200 dm",
        },
        {},
        "geo $g { default d; 10.0.0.0/8 a; } geo $h { default e; 10.1.0.0/16 m; 192.0.2.0/24 m; }",
    ),
    case(
        "beside a list of addresses",
        "location / { if ($g) { return 404; } allow 10.0.0.0/8; deny all; proxy_pass http://app; }",
        {"/": "403", "/ | Client: 10.1.1.1": "404", "/ | Client: 10.2.1.1": "app app /", "/ | Client: 192.0.2.1": "404"},
        {},
        "geo $g { default 0; 10.1.0.0/16 1; 192.0.2.0/24 1; }",
    ),
    case(
        "chooses the upstream, and feeds a map and a header",
        "location / { proxy_set_header X-A $g; proxy_set_header X-B $m; proxy_pass http://$u; }",
        {"/": "app app / x-a=d x-b=far", "/ | Client: 10.1.1.1": "app app / x-a=near x-b=by"},
        {},
        "geo $g { default d; 10.0.0.0/8 near; } map $g $m { default far; near by; } geo $u { default app; 10.3.0.0/16 app; }",
    ),
    case(
        "IPv6 with one value",
        SAYS,
        {"/r": "200 <d>", "/r | Client: 2001:db8::1": "200 <six>", "/r | Client: 10.1.1.1": "200 <a>"},
        {},
        "geo $g { default d; ::/0 six; 2001:db8::/32 six; 10.0.0.0/8 a; }",
    ),
]


@pytest.mark.parametrize(("body", "expected", "losses", "before"), CASES)
def test_geo_chooses_as_nginx_does(body: str, expected: dict[str, str], losses: dict[str, str] | None, before: str) -> None:
    check(body, expected, losses, before, nginx="Client: 2001" not in " ".join(expected))


def test_clients_with_ipv6_addresses_are_kept_out_where_a_network_of_theirs_decides() -> None:
    lost = ("geo $g", "2001:db8::/32 1", "location /", "if ($g)")
    check(
        "location / { if ($g) { return 404; } proxy_pass http://app; }",
        {"/": "404", "/ | Client: 10.1.1.1": "app app /", "/ | Client: 2001:db8::1": "403"},
        dict.fromkeys(lost, "unsupported"),
        "geo $g { default 0; 2001:db8::/32 1; 203.0.113.0/24 1; }",
        nginx=False,
    )


@pytest.mark.parametrize(
    ("geo", "reason"),
    [
        ("geo $http_x $g { default 0; 10.0.0.0/8 1; }", "not by one in $http_x"),
        ("geo $g { default 0; 10.0.0.0/8 1; include lost.conf; }", "a part of its list is missing"),
        ("geo $g { default 0; proxy 192.0.2.0/24; 10.0.0.0/8 1; }", "set gateway.trusted_proxies to 1"),
        ("geo $g { default 0; 10.0.0.0/8 1; } set_real_ip_from 192.0.2.0/24;", "set gateway.trusted_proxies to 1"),
        ("geo $g { proxy 192.0.2.0/24; proxy_recursive; 10.0.0.0/8 1; }", "with proxy_recursive"),
        ("geo $g { ranges; 0.0.0.0-255.255.255.254 1; }", "more than 4096 networks"),
        ("geo $g { 10.0.0.0/33 1; }", "10.0.0.0/33 is not a network"),
        ("geo $g { ranges; 10.0.0.9-10.0.0.1 1; }", "not a range"),
    ],
)
def test_what_a_geo_cannot_be_asked_closes_the_route(geo: str, reason: str) -> None:
    conversion = convert_server("location / { if ($g) { return 404; } proxy_pass http://app; }", before=f"{UPSTREAM} {geo}")
    assert [answer(conversion, request(f"/ | Client: {client}")) for client in ("10.1.1.1", "192.0.2.1")] == ["403", "403"]
    (row,) = [row for row in conversion.rows if row.entry.directive == "geo"]
    assert row.outcome.value == "unsupported"
    assert reason in row.reason


def test_real_ip_on_the_level_of_a_location_closes_it() -> None:
    body = "location / { set_real_ip_from 192.0.2.0/24; if ($g) { return 404; } proxy_pass http://app; }"
    conversion = convert_server(body, before=f"{UPSTREAM} geo $g {{ default 0; 10.0.0.0/8 1; }}")
    assert answer(conversion, request("/")) == "403"


@pytest.mark.parametrize(
    ("inside", "outside"),
    [("proxy 192.0.2.0/24;", ""), ("", "set_real_ip_from 192.0.2.0/24; real_ip_header X-Forwarded-For;")],
)
def test_the_address_that_one_trusted_proxy_reports(inside: str, outside: str) -> None:
    conversion = convert_server(
        "location / { if ($g) { return 404; } proxy_pass http://app; }",
        before=f"{UPSTREAM} geo $g {{ default 0; {inside} 10.0.0.0/8 1; }} {outside}",
        decisions=Decisions(gateway=GatewayDecisions(trusted_proxies=1)),
    )
    expected = {
        "/ | Client: 192.0.2.1 | X-Forwarded-For: 10.1.1.1": "404",
        "/ | Client: 192.0.2.1 | X-Forwarded-For: 203.0.113.7": "app app /",
        "/ | Client: 203.0.113.1 | X-Forwarded-For: 10.1.1.1": "app app /",
        "/ | Client: 192.0.2.1": "app app /",
        "/ | Client: 10.1.1.1": "404",
    }
    assert {text: answer(conversion, request(text)) for text in expected} == expected
    assert outcome(conversion, "geo") == "exact"


def test_a_list_of_many_networks() -> None:
    networks = [ipaddress.ip_network((0x0A000000 + 0x20000 * n, 16 + n % 3 * 4)) for n in range(200)]
    lines = " ".join(f"{network} {n % 2};" for n, network in enumerate(networks))
    conversion = convert_server(SAYS, before=f"geo $g {{ default d; {lines} }}")
    expected = {f"/r | Client: {network[1]}": f"200 <{n % 2}>" for n, network in enumerate(networks)}
    assert {text: answer(conversion, request(text)) for text in expected} == expected
    assert answer(conversion, request("/r | Client: 10.1.0.1")) == "200 <d>"
    assert len([route for route in routes(conversion) if route["name"].startswith("shop-example-com-http.r")]) == 3
    assert outcome(conversion, "geo") == "exact"


NETWORKS = st.builds(
    lambda octets, length: ipaddress.ip_network((bytes(octets), length), strict=False),
    st.lists(st.sampled_from([0, 1, 64, 255]), min_size=4, max_size=4),
    st.integers(0, 32),
)


@given(st.dictionaries(NETWORKS, st.sampled_from("abd"), max_size=12), st.ip_addresses(v=4))
def test_the_first_branch_that_fits_is_the_longest_prefix(values: dict[Network, str], other: ipaddress.IPv4Address) -> None:
    lines = " ".join(f"{network} {value};" for network, value in values.items())
    text = f"http {{ geo $g {{ default d; {lines} }} }}"
    (block,) = parse(Source("f", "f", SingleText("f", text.encode()))).root[0].block or ()
    read = geo.read(block, Rulebook(None, lambda directive: False))
    for address in (other, *(network[0] for network in values), *(network[-1] for network in values)):
        fitting = max((n for n in values if address in n), key=lambda n: n.prefixlen, default=None)
        first = next((value.literal for networks, value in read.branches if any(address in n for n in networks)), read.default)
        assert first == (values[fitting] if fitting else "d")
