"""Which directives a request meets, and what takes it."""

import pytest

from converter.model.places import Position
from converter.model.verification import Request
from converter.sources.source import SingleText
from converter.sources.texts import Source as Files
from converter.syntax.parse import parse
from converter.verify.meeting import Source, logged
from tests.conversions import http

TEXT = http(
    "sendfile on;",  # 3
    "map $uri $chosen { default http://orders; /x $other; }",  # 4
    "map $host $other { default http://rest; }",  # 5
    "map $uri $unused { default 1; }",  # 6
    "upstream orders { server 10.0.0.1; }",  # 7
    "upstream rest { server 10.0.0.2; }",  # 8
    "upstream nobody { server 10.0.0.3; }",  # 9
    "server { listen 80; server_name shop.example.com; add_header A 1;",  # 10
    " location /orders/ { proxy_pass $chosen;",  # 11
    "  location = /orders/healthz { return 204; }",  # 12
    " }",
    " location ~ \\.php$ { return 404; }",  # 14
    " location @missing { return 410; }",  # 15
    "}",
    "server { listen 80 default_server; return 444; }",  # 17
    "server { listen 8443 ssl; server_name x; }",  # 18
)


@pytest.fixture(scope="module")
def source() -> Source:
    return read(TEXT)


def read(text: str) -> Source:
    return Source(parse(Files("x", "nginx.conf", SingleText("nginx.conf", text.encode()))))


def ask(target: str, host: str = "shop.example.com", port: int = 80) -> Request:
    return Request("GET", target, host, port=port)


def lines(positions: list[Position]) -> list[int]:
    return [position.line for position in positions]


def where(words: str) -> int:
    """The line of the text that holds these words."""
    (line,) = [number for number, line in enumerate(TEXT.splitlines(), 1) if words in line]
    return line


ORDERS, HEALTH, PHP, MISSING = map(where, ("/orders/ {", "= /orders/healthz", "php", "@missing"))


@pytest.mark.parametrize(
    ("target", "names", "taken"),
    [
        ("/orders/1", (), [ORDERS]),
        ("/orders/1", ("/orders/",), [ORDERS]),
        ("/orders/healthz", ("=/orders/healthz",), [HEALTH]),
        ("/a.php", ("\\.php$", "@missing"), [PHP, MISSING]),
        ("/a.php", ("@missing", "\\.php$"), [MISSING, PHP]),
        ("/orders/1", ("/unknown",), []),
        ("/nowhere", (), []),
    ],
)
def test_a_request_is_taken_by_the_locations_that_nginx_names_in_their_order(
    target: str, names: tuple[str, ...], taken: list[int], source: Source
) -> None:
    assert lines([place.position for place in source.taken(ask(target), names)]) == taken


def test_each_location_is_found_by_the_name_that_nginxs_log_gives_it(source: Source) -> None:
    for site, place in source.places:
        host = site.first_name
        assert source.taken(ask("/", host), (logged(place),)) == [place]


@pytest.mark.parametrize(
    ("location", "name"),
    [("/a", "/a"), ("= /a", "=/a"), ("=/a", "=/a"), ("^~ /a", "/a"), ("^~/a", "/a"), ("~ ^/a$", "^/a$"), ("~* A", "A"), ("@a", "@a")],
)
def test_a_location_is_called_as_nginx_calls_it(location: str, name: str) -> None:
    ((_, place),) = read(http(f"server {{ listen 80; location {location} {{ }} }}")).places
    assert logged(place) == name


def test_who_takes_a_request_is_told_for_people(source: Source) -> None:
    assert source.decided(ask("/orders/1"), ()) == f"nginx.conf:{ORDERS} location /orders/"
    assert source.decided(ask("/a.php"), ("\\.php$", "@missing")) == (
        f"nginx.conf:{PHP} location ~ \\.php$ -> nginx.conf:{MISSING} location @missing"
    )
    assert source.decided(ask("/nowhere"), ()) == f"nginx.conf:{where('shop.example.com')} server shop.example.com"
    assert source.decided(ask("/", "other"), ()) == f"nginx.conf:{where('default_server')} server (no name)"
    assert source.decided(ask("/", port=9999), ()) == ""


def test_a_request_meets_the_levels_around_its_location_from_the_outermost_inwards(source: Source) -> None:
    met = lines(source.met(ask("/orders/healthz"), ("=/orders/healthz",)))
    wanted = [where("sendfile"), where("shop.example.com"), ORDERS, HEALTH]
    assert [line for line in dict.fromkeys(met) if line in wanted] == wanted
    assert not {PHP, MISSING, where("default_server"), where("8443")} & set(met)


def test_a_request_meets_the_tables_that_are_named_on_its_way_and_those_that_they_name(source: Source) -> None:
    met = set(lines(source.met(ask("/orders/1"), ())))
    named = [where(words) for words in ("$chosen {", "$other {", "upstream orders", "upstream rest")]
    assert set(named) <= met
    assert not {where("$unused"), where("upstream nobody")} & met


def test_a_request_of_another_server_meets_nothing_of_this_one(source: Source) -> None:
    met = set(lines(source.met(ask("/orders/1", "other"), ())))
    assert where("default_server") in met
    assert not {where("shop.example.com"), ORDERS} & met


def test_a_port_that_takes_no_request_from_outside_is_met_by_what_listens_on_it() -> None:
    inside = read(http("server { listen 127.0.0.1:81; location / { return 204; } }"))
    assert lines(inside.met(ask("/", port=81), ())) == [3]
    assert inside.met(ask("/", port=82), ()) == []


def test_what_nginx_would_refuse_is_not_met() -> None:
    broken = read(http("server { listen 80; location / { proxy_pass; return 204; } }", "server { listen 80; server_name x; }"))
    assert len(broken.met(ask("/"), ())) == len(read(http("server { listen 80; location / { return 204; } }")).met(ask("/"), ()))


def test_a_configuration_without_http_meets_nothing() -> None:
    empty = read("events { }\n")
    assert (list(empty.places), empty.decided(ask("/"), ()), empty.met(ask("/"), ())) == ([], "", [])
