"""For which requests the answer changes: each kind of change, planted."""

import pytest

from converter.difference.compare import compare
from converter.model.changes import BehaviourChange, Effect
from converter.model.records import replace
from tests.conversions import http, server
from tests.difference.sides import DEFAULT, UPSTREAMS, between, changes, side

ORDERS = "location /orders/ { proxy_pass http://orders; }"
NOTHING = "location / { return 404; }"


def told(change: BehaviourChange) -> str:
    return f"{change.effect.value}: {change.request} {change.was}, {change.now}"


def test_another_upstream_is_told_with_the_shortest_request() -> None:
    (change,) = between(ORDERS, "location /orders/ { proxy_pass http://orders-v2; }")
    assert told(change) == "changed: GET http://shop.example.com/orders/ went to orders, goes to orders-v2"
    assert [one.field for one in change.changed] == ["upstream", "Host sent", "redirects of the upstream"]
    assert "nginx.conf:" in change.old
    assert "nginx.conf:" in change.new


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("allow 192.0.2.0/24; deny all;", "allow 192.0.2.0/23; deny all;"),
        ("allow 192.0.2.0/24; deny all;", ""),
        ("deny 203.0.113.9;", ""),
        ("deny all;", "allow 192.0.2.1; deny all;"),
        ("return 403;", ""),
        ('auth_basic "x"; auth_basic_user_file x;', ""),
        ("if ($http_user_agent ~* (bot|spider|crawler)) { return 403; }", "if ($http_user_agent ~* (bot|spider)) { return 403; }"),
        ("allow " + "; allow ".join(f"192.0.2.{n}" for n in range(50)) + "; deny all;",
         "allow " + "; allow ".join(f"192.0.2.{n}" for n in range(51)) + "; deny all;"),
    ],
)  # fmt: skip
def test_wider_access_is_shouted_and_narrower_is_said(old: str, new: str) -> None:
    place = "location /admin/ {{ {} proxy_pass http://orders; }}"
    found = between(place.format(old), place.format(new))
    assert found[0].effect is Effect.WIDENED
    assert found[0].request is not None
    assert found[0].was == "was refused with 403"
    back = {change.effect for change in between(place.format(new), place.format(old))}
    assert {Effect.REFUSED} <= back <= {Effect.REFUSED, Effect.CHANGED}


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("proxy_pass http://orders;", "proxy_pass http://orders/v2/;", "path sent"),
        ("proxy_pass http://orders;", "proxy_pass http://orders; proxy_set_header Host x.test;", "Host sent"),
        ("proxy_pass http://orders;", "proxy_pass http://orders; proxy_read_timeout 5s;", "read timeout"),
        ("proxy_pass http://orders;", "proxy_pass http://orders; add_header X-A b;", "response header x-a"),
        ("proxy_pass http://orders;", "proxy_pass http://orders; proxy_set_header X-A b;", "request header x-a"),
        ("proxy_pass http://orders;", "proxy_pass http://orders; proxy_hide_header X-A;", "response header x-a"),
        ("proxy_pass http://orders;", "proxy_pass http://orders; proxy_connect_timeout 5s;", "connect timeout"),
        ("proxy_pass http://orders;", "proxy_pass https://orders;", "TLS to the upstream"),
        ("proxy_pass http://orders;", "proxy_pass http://orders; expires 1h;", "expiry"),
        ("return 301 /a;", "return 301 /b;", "location"),
        ("return 200 a;", "return 200 b;", "body"),
        ("return 200 a;", "return 202 a;", "status"),
    ],
)
def test_each_respect_is_named(old: str, new: str, field: str) -> None:
    change = between(f"location /a/ {{ {old} }}", f"location /a/ {{ {new} }}")[-1]
    assert change.effect is Effect.CHANGED
    assert field in {one.field for one in change.changed}
    assert change.request is not None


@pytest.mark.parametrize(
    "upstream",
    [
        "upstream orders { server 10.0.0.1:8080; server 10.0.0.9:8080; }",
        "upstream orders { server 10.0.0.1:8081; }",
        "upstream orders { server 10.0.0.1:8080; server 10.0.0.3:8080 backup; }",
        "upstream orders { least_conn; server 10.0.0.1:8080; }",
    ],
)
def test_an_upstream_that_changes_changes_its_requests(upstream: str) -> None:
    found = between(ORDERS, ORDERS, "upstream orders { server 10.0.0.1:8080; }")
    assert found == ()
    old, new = (http(text, DEFAULT, server(ORDERS)) for text in ("upstream orders { server 10.0.0.1:8080; }", upstream))
    (change,) = changes(old, new).behaviour
    assert change.request is not None
    assert {one.field for one in change.changed} <= {"upstream", "balancing", "retries", "servers that failed"}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (ORDERS + NOTHING, NOTHING + "\n\n# a comment\n" + ORDERS),
        ("location /a/ { return 204; } location /b/ { return 205; }", "location /b/ { return 205; } location /a/ { return 204; }"),
        ("location ~ ^/a/ { return 204; } location ~ ^/b/ { return 205; }", "location ~ ^/b/ { return 205; } location ~ ^/a/ { return 204; }"),
        ("location ~ \\.a$ { return 204; } location ~ \\.b$ { return 205; }", "location ~ \\.b$ { return 205; } location ~ \\.a$ { return 204; }"),
        ("proxy_pass_header X; " + ORDERS, ORDERS),
    ],
)  # fmt: skip
def test_what_answers_the_same_way_says_nothing(old: str, new: str) -> None:
    assert between(old, new) == ()


def test_a_group_by_another_name_says_nothing() -> None:
    settings = "proxy_set_header Host $host; proxy_redirect off;"
    text = f"upstream NAME {{ server 10.0.0.1:8080; }} server {{ listen 80; {settings} location / {{ proxy_pass http://NAME; }} }}"
    found = changes(http(text.replace("NAME", "orders")), http(text.replace("NAME", "shop-orders")))
    assert found.behaviour == ()
    assert found.objects


def test_regexes_that_change_places_are_shown_by_a_request_that_meets_both() -> None:
    one, other = "location ~ ^/static/ { return 204; }", "location ~ \\.php$ { return 205; }"
    (change,) = between(one + other, other + one)
    assert change.request is not None
    assert change.request.target.startswith("/static/")
    assert change.request.target.endswith(".php")


def test_a_respect_that_holds_for_many_rules_is_told_once() -> None:
    places = "".join(f"location /p{n}/ {{ proxy_pass http://orders; }}" for n in range(12))
    changes_ = between(places, "proxy_read_timeout 7s;" + places)
    assert len(changes_) == 1
    assert len(changes_[0].more) == 11


def test_hosts_that_come_and_go_are_told_with_who_answers_instead() -> None:
    one, two = server(ORDERS, name="a.example.com"), server(ORDERS, name="b.example.com")
    (change,) = changes(http(UPSTREAMS, DEFAULT, one), http(UPSTREAMS, DEFAULT, one, two)).behaviour
    assert (change.effect, change.names, change.was) == (Effect.ADDED, ("b.example.com",), "was answered with 404")
    (change,) = changes(http(UPSTREAMS, DEFAULT, one, two), http(UPSTREAMS, DEFAULT, one)).behaviour
    assert (change.effect, change.names, change.now) == (Effect.REMOVED, ("b.example.com",), "is answered with 404")


def test_a_port_that_is_served_no_more_is_told() -> None:
    old, new = (http(DEFAULT, server(NOTHING, listen=listen)) for listen in ("8080", "8081"))
    found = changes(old, new).behaviour
    assert {(change.effect, change.now) for change in found} >= {(Effect.REMOVED, "is not served")}
    assert {(change.effect, change.was) for change in found} >= {(Effect.ADDED, "was not served")}


def test_a_name_that_a_wildcard_refused_is_access_widened() -> None:
    wild = server("location / { deny all; proxy_pass http://orders; }", name="*.example.com")
    found = changes(
        http(UPSTREAMS, DEFAULT, wild), http(UPSTREAMS, DEFAULT, wild, server(ORDERS + NOTHING, name="b.example.com"))
    ).behaviour
    assert Effect.WIDENED in {change.effect for change in found}


def test_tls_that_becomes_weaker_is_told() -> None:
    tls = "listen 443 ssl; server_name shop.example.com; ssl_certificate a.pem; ssl_certificate_key a.key; location / { return 204; }"
    required = "ssl_verify_client on; ssl_client_certificate ca.pem;"
    old, new = http(f"server {{ {tls} {required} }}"), http(f"server {{ {tls} }}")
    assert Effect.WIDENED in {change.effect for change in changes(old, new).behaviour}
    assert Effect.WIDENED not in {change.effect for change in changes(new, old).behaviour}
    older = http(f"server {{ {tls} ssl_protocols TLSv1.3; }}")
    (change,) = changes(older, new).behaviour
    assert [one.field for one in change.changed] == ["lowest TLS version", "highest TLS version"]


@pytest.mark.parametrize("header", ["referer", "upgrade"])
def test_what_the_gateway_keeps_of_a_header_is_told_as_the_header_that_the_client_sends(header: str) -> None:
    place = f'location / {{{{ if ($http_{header} = "{{}}") {{{{ return 403; }}}} proxy_pass http://orders; }}}}'
    old, new = (replace(side(http(UPSTREAMS, DEFAULT, server(place.format(text)))), lists=None) for text in ("one", "two"))
    asked = [dict(change.request.headers) for change in compare(old, new).behaviour if change.request]
    assert {header: "one"} in [{name.lower(): value for name, value in headers.items()} for headers in asked]
