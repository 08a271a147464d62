"""proxy_set_header, add_header, expires, proxy_hide_header: manifests and losses."""

from typing import Any

import pytest

from converter.model.conversion import Conversion
from converter.model.decisions import Decisions, Defaults
from tests.conversions import convert_server, convert_text, http, losses, orders, routes, server
from tests.gateway import UPSTREAM, check

CASES = [
    ("", {}, {}),
    ("proxy_set_header X-A 1;", {"request": {"set": {"X-A": "1"}}}, {}),
    ('proxy_set_header X-A "50%";', {"request": {"set": {"X-A": "50%%"}}}, {}),
    ('proxy_set_header X-A "";', {"request": {"remove": ["X-A"]}}, {}),
    ("proxy_set_header X-A $remote_addr;", {"request": {"set": {"X-A": "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%"}}}, {}),
    ("proxy_set_header X-A $scheme;", {"request": {"set": {"X-A": "http"}}}, {}),
    ("proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;", {}, {}),
    ("proxy_set_header X-A $document_root;", {"request": {"remove": ["X-A"]}}, {"proxy_set_header X-A $document_root": "unsupported"}),
    ("proxy_set_header X-A $request_id;", {"request": {"set": {"X-A": "%REQ(x-request-id)%"}}}, {"proxy_set_header X-A $request_id": "approximate"}),
    ("proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade;", {}, {}),
    ("add_header X-R 1 always;", {"response": {"add": {"X-R": "1"}}}, {}),
    ("add_header X-R 1;", {"response": {"add": {"X-R": "1"}}}, {"add_header X-R 1": "approximate"}),
    ('add_header X-R "";', {}, {}),
    ("add_header X-R $upstream_http_etag always;", {"response": {"add": {"X-R": "%RESP(etag)%"}}}, {}),
    ("proxy_hide_header X-Powered-By;", {"response": {"remove": ["X-Powered-By"]}}, {}),
    ("proxy_hide_header X-A; proxy_pass_header X-A;", {}, {}),
    ("add_trailer X-T 1;", {}, {"add_trailer X-T 1": "unsupported"}),
]  # fmt: skip


def told(conversion: Conversion) -> dict[str, str]:
    """The losses, without the location that shares them."""
    return {text: outcome for text, outcome in losses(conversion).items() if not text.startswith("location ")}


@pytest.mark.parametrize(("directives", "headers", "lost"), CASES, ids=[case[0] for case in CASES])
def test_headers_of_a_proxied_route(directives: str, headers: dict[str, Any], lost: dict[str, str]) -> None:
    conversion = convert_server(f"location / {{ {directives} proxy_pass http://app; }}", before=UPSTREAM)
    (route,) = routes(conversion)
    assert (route.get("headers", {}), told(conversion)) == (headers, lost)


def test_a_value_that_may_be_empty_leaves_no_line_of_the_client_s() -> None:
    conversion = convert_server("location / { proxy_set_header X-A $http_x_b; proxy_pass http://app; }", before=UPSTREAM)
    assert routes(conversion)[0]["headers"]["request"] == {"remove": ["X-A"], "add": {"X-A": "%REQ(x-b)%"}}


def test_two_lines_of_one_name_stay_two() -> None:
    conversion = convert_server("location / { proxy_set_header X-A 1; proxy_set_header X-A 2; proxy_pass http://app; }", before=UPSTREAM)
    assert routes(conversion)[0]["headers"]["request"] == {"set": {"X-A": "1"}, "add": {"X-A": "2"}}
    assert told(conversion) == {}


def test_cookies_and_captures_are_the_script_s() -> None:
    text = "location ~ ^/u/([0-9]+) { proxy_set_header X-A $1; proxy_set_header X-B $cookie_s; proxy_pass http://app; }"
    (more,) = orders(convert_server(text, before=UPSTREAM)).values()
    assert [order["name"] for order in more["request_headers"]] == ["x-a", "x-b"]


def test_upstream_redirects_become_those_of_the_location() -> None:
    (more,) = orders(convert_server("location /p/ { proxy_pass http://app/base/; }", before=UPSTREAM), name=".p").values()
    assert more["locations"] == [{"from": "http://app/base/", "to": "/p/"}]
    off = convert_server("location /p { proxy_pass http://app/base/; proxy_redirect off; }", before=UPSTREAM)
    assert all("locations" not in more for more in orders(off).values())


@pytest.mark.parametrize(
    ("directive", "key", "lost"),
    [
        ("proxy_redirect http://a.example/ /b/;", "locations", {}),
        ("proxy_redirect ~^http://a /b;", "locations", {"proxy_redirect ~^http://a /b": "unsupported"}),
        ("proxy_cookie_path /one /two;", "cookies", {}),
        ("proxy_cookie_domain a.example b.example;", "cookies", {}),
        ("proxy_cookie_flags ~ secure;", "cookies", {"proxy_cookie_flags ~ secure": "unsupported"}),
    ],
)
def test_answers_of_upstreams_are_rewritten_or_the_loss_is_told(directive: str, key: str, lost: dict[str, str]) -> None:
    conversion = convert_server(f"location / {{ proxy_pass http://app; {directive} }}", before=UPSTREAM)
    assert told(conversion) == lost
    assert any(key in more for more in orders(conversion).values()) == (not lost)


@pytest.mark.parametrize(
    ("text", "idle"),
    [("30s", "30s"), ("1m30s", "90s"), ("500ms", "0.5s"), ("120", "120s")],
)
def test_read_timeout_is_between_two_reads(text: str, idle: str) -> None:
    conversion = convert_server(f"location / {{ proxy_pass http://app; proxy_read_timeout {text}; }}", before=UPSTREAM)
    (more,) = orders(conversion).values()
    assert (more["route"]["idle_timeout"], losses(conversion)) == (idle, {})


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (
            "location /d/ { rewrite ^/d/(.*)$ /e/$1? break; proxy_set_header X-A $request_uri; proxy_pass http://app; }",
            {"/d/a?x=1": "app app /e/a x-a=/d/a?x=1"},
        ),
        (
            (
                "location /n/ { rewrite ^/n/(.*)$ /e/$1?z=1 break; proxy_set_header X-A $request_uri;"
                " add_header X-R $request_uri always; proxy_pass http://app; }"
            ),
            {"/n/a?x=1": "app app /e/a?z=1&x=1 x-a=/n/a?x=1 +x-r=/n/a?x=1"},
        ),
        (
            "location = /v { set $to /w; proxy_set_header X-A $args; add_header X-R $args always; proxy_pass http://app$to; }",
            {"/v?x=1": "app app /w x-a=x=1 +x-r=x=1"},
        ),
        (
            "location /h { proxy_set_header X-A 1; proxy_set_header X-B $http_x_a; add_header X-R $http_x_a always; proxy_pass http://app; }",
            {"/h | X-A: 2": "app app /h x-a=1 x-b=2 +x-r=2", "/h": "app app /h x-a=1"},
        ),
    ],
)
def test_values_are_those_of_the_request_as_it_came(body: str, expected: dict[str, str]) -> None:
    check(body, expected)


def test_without_envoyfilters_what_the_gateway_has_changed_by_then_is_told() -> None:
    body = "location / { proxy_set_header X-A 1; add_header X-R $http_x_a always; proxy_pass http://app; }"
    conversion = convert_server(body, before=UPSTREAM, decisions=Decisions(defaults=Defaults(envoyfilter="never")))
    assert losses(conversion)["add_header X-R $http_x_a always"] == "approximate"


def test_without_envoyfilters_every_proxied_route_tells_what_the_script_would_have_done() -> None:
    never = Decisions(defaults=Defaults(envoyfilter="never"))
    conversion = convert_server("location / { proxy_redirect off; proxy_pass http://app; }", before=UPSTREAM, decisions=never)
    assert losses(conversion) == {"proxy_pass http://app": "approximate"}
    (reason,) = (row.reason for row in conversion.rows if row.entry.directive == "proxy_pass")
    assert "X-Forwarded-For" in reason
    assert "X-Accel-*" in reason
    (note,) = (note.reason for note in conversion.platform if note.difference.value == "response-headers")
    assert "Without EnvoyFilters" in note


def test_without_envoyfilters_a_host_without_its_port_is_told() -> None:
    never = Decisions(defaults=Defaults(envoyfilter="never"))
    body = server("location / { proxy_set_header Host $host; proxy_pass http://app; }", listen="8088")
    assert losses(convert_text(http(UPSTREAM, body.replace("shop", "*"), body), never))["proxy_set_header Host $host"] == "approximate"
