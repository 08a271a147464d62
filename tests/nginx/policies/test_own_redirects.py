"""absolute_redirect, port_in_redirect, server_name_in_redirect: on the level that redirects, not on the server alone."""

import pytest

from tests.conversions import convert_text, http, losses, orders, outcomes, server
from tests.gateway import UPSTREAM, answer, request

NAMES = "one.example.com two.example.com"
OTHER = "server { listen LISTEN default_server; return 404; }"
CASES = [
    ("80", "port_in_redirect off; return 301 /b;", "two.example.com", "http://two.example.com/b"),
    ("8088", "return 301 /b;", "two.example.com:8088", "http://two.example.com:8088/b"),
    ("8088", "port_in_redirect off; return 301 /b;", "two.example.com:8088", "http://two.example.com/b"),
    ("8088", "port_in_redirect off; rewrite ^/a/(.*)$ /c/$1 permanent; return 404;", "two.example.com:8088", "http://two.example.com/c/"),
    ("80", "server_name_in_redirect on; return 301 /b;", "two.example.com", "http://one.example.com/b"),
    ("8088", "server_name_in_redirect on; return 301 /b;", "two.example.com:8088", "http://one.example.com:8088/b"),
    ("8088", "server_name_in_redirect on; port_in_redirect off; return 301 /b;", "two.example.com:8088", "http://one.example.com/b"),
    ("80", "absolute_redirect off; return 301 /b;", "two.example.com", "/b"),
    ("80", "absolute_redirect off; rewrite ^/a/(.*)$ /c/$1 permanent; return 404;", "two.example.com", "/c/"),
]


@pytest.mark.parametrize(("listen", "body", "host", "location"), CASES)
@pytest.mark.parametrize("default", [False, True])
def test_a_redirect_is_made_absolute_as_its_location_says(listen: str, body: str, host: str, location: str, default: bool) -> None:
    before = "" if default else OTHER.replace("LISTEN", listen)
    made = server("location / { return 404; }", f"location /a/ {{ {body} }}", name=NAMES, listen=listen)
    conversion = convert_text(http(before, made))
    assert answer(conversion, request("/a/", host)) == f"301 {location}"
    assert losses(conversion) == {}
    told = outcomes(conversion)
    assert {told[name][0].value for name in ("absolute_redirect", "port_in_redirect", "server_name_in_redirect") if name in told} <= {
        "exact"
    }


def test_the_missing_slash_is_that_of_its_location() -> None:
    body = "location / { return 404; } location /a/ { port_in_redirect off; proxy_pass http://app; }"
    conversion = convert_text(http(UPSTREAM, server(body, name=NAMES, listen="8088")))
    assert answer(conversion, request("/a?x=1", "two.example.com:8088")) == "301 http://two.example.com/a/?x=1"
    body = body.replace("port_in_redirect", "absolute_redirect")
    conversion = convert_text(http(UPSTREAM, server(body, name=NAMES, listen="8088")))
    assert answer(conversion, request("/a?x=1", "two.example.com:8088")) == "301 /a/?x=1"


@pytest.mark.parametrize(
    ("directive", "origin"),
    [
        ("", None),
        ("absolute_redirect off;", []),
        ("server_name_in_redirect on;", ["http://one.example.com:8088"]),
        ("port_in_redirect off;", ["http://", {"host": "name"}]),
    ],
)
def test_what_proxy_redirect_makes_a_path_is_made_absolute_likewise(directive: str, origin: list[object] | None) -> None:
    body = f"location / {{ {directive} proxy_pass http://app; }}"
    conversion = convert_text(http(UPSTREAM, OTHER.replace("LISTEN", "8088"), server(body, name=NAMES, listen="8088")))
    (more,) = orders(conversion, name="one").values()
    assert (more.get("origin"), losses(conversion)) == (origin, {})


@pytest.mark.parametrize(
    ("names", "text"),
    [(".One.example.com", "one.example.com"), ("One.example.com", "one.example.com"), ('""', ""), (r"~^One\.(.*)$", r"~^One\.(.*)$")],
)
def test_the_name_of_a_server_is_the_first_one_that_it_has(names: str, text: str) -> None:
    body = 'location = /n { return 200 "name: $server_name"; } location / { return 404; }'
    conversion = convert_text(http(OTHER.replace("LISTEN", "80"), server(body, name=f"{names} last.example.com")))
    assert answer(conversion, request("/n", "last.example.com")) == f"200 name: {text}".rstrip()
