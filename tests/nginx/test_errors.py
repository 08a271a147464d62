import pytest

from tests.conversions import convert_server, orders
from tests.gateway import UPSTREAM, answer, case, check, request

FILE = {"location = /e.html": "unsupported", "root /srv": "unsupported"}  # losses of a page that is a file
CASES = [
    case(
        "page", "location = /a { return 404; error_page 404 /e; } location = /e { return 200 page; }", {"/a": "404 page", "/e": "200 page"}
    ),
    case(
        "page with its own status",
        "location = /a { return 404; error_page 404 = /e; } location = /e { return 201 page; }",
        {"/a": "201 page"},
    ),
    case(
        "page with another status",
        "location = /a { return 404; error_page 404 =200 /e; } location = /e { return 201 page; }",
        {"/a": "200 page"},
    ),
    case("not for a text", "location = /a { return 404 gone; error_page 404 /e; } location = /e { return 200 page; }", {"/a": "404 gone"}),
    case(
        "internal page",
        "location = /a { return 404; error_page 404 /e; } location = /e { internal; return 200 page; }",
        {"/a": "404 page", "/e": "404"},
    ),
    case(
        "named location",
        "location = /a { return 404; error_page 404 = @e; } location @e { proxy_pass http://app; }",
        {"/a?x=1": "app app /a?x=1", "POST /a": "app app /a"},
    ),
    case(
        "arguments of the page",
        "location = /a { return 404; error_page 404 = /e?y=1; } location /e { proxy_pass http://app; }",
        {"/a?x=1": "app app /e?y=1"},
    ),
    case(
        "a page at a path is asked for with GET",
        "location = /a { return 404; error_page 404 = /e; } location = /e { proxy_set_header X-A $request_method; proxy_pass http://app; }",
        {"POST /a": "app app /e x-a=GET", "/a": "app app /e x-a=GET", "POST /e": "app app /e x-a=POST"},
    ),
    case(
        "and conditions see that",
        "if ($request_method !~ ^(GET|HEAD)$) { return 405; } error_page 405 =200 /e;"
        " location = /e { return 200 $request_method; } location / { return 204; }",
        {"POST /a": "200 GET", "GET /a": "204"},
    ),
    case(
        "and limit_except",
        "location = /a { return 404; error_page 404 = /e; } location = /e { limit_except GET { deny all; } proxy_pass http://app; }",
        {"POST /a": "app app /e", "POST /e": "403", "/e": "app app /e"},
    ),
    case(
        "another URL",
        "location = /a { return 403; error_page 403 https://x.example/; }"
        " location = /b { return 403; error_page 403 =301 https://x.example/; }",
        {"/a": "302 https://x.example/", "/b": "301 https://x.example/"},
    ),
    case(
        "inner list replaces the outer one",
        "error_page 404 /e; location = /a { error_page 403 /f; return 404; }"
        " location = /e { return 200 page; } location = /f { return 200 f; }",
        {"/a": "404", "/zz": "404 page"},
    ),
    case(
        "once only",
        "location = /a { error_page 404 = /b; return 404; }"
        " location = /b { error_page 404 = /c; return 404; } location = /c { return 200 c; }",
        {"/a": "404", "/b": "200 c"},
    ),
    case("for those kept out", "location = /a { error_page 403 /e; deny all; } location = /e { return 200 no; }", {"/a": "403 no"}),
    case(
        "a page that redirects",
        "location = /a { return 403; error_page 403 /e; } location = /e { return 301 /home; }",
        {"/a": "301 http://shop.example.com/home"},
    ),
    case(
        "an error on the way keeps its status",
        "location /a { error_page 403 =200 @n; deny all; } location @n { return 404; }",
        {"/a": "404"},
    ),
    case(
        "headers are those of the status that is sent",
        "add_header X-R 5; location = /a { error_page 404 /c; return 404; } location = /c { return 200 page; }",
        {"/a": "404 page", "/c": "200 page +x-r=5"},
    ),
    case(
        "a page that is a file",
        "location /a { proxy_pass http://app; deny all; error_page 403 /e.html; } location = /e.html { root /srv; }",
        {"/a": "404"},
        {**FILE, "error_page 403 /e.html": "approximate"},
    ),
    case(
        "a file with another status",
        "location = /a { return 403; error_page 403 =200 /e.html; } location = /e.html { root /srv; }",
        {"/a": "404"},
        {**FILE, "location = /a": "unsupported", "error_page 403 =200 /e.html": "unsupported"},
    ),
    case(
        "a file for a failing upstream",
        "error_page 502 504 /e.html; location /a { proxy_pass http://app; } location = /e.html { root /srv; }",
        {"/a": "app app /a"},
        {**FILE, "error_page 502 504 /e.html": "approximate"},
    ),
    case(
        "a file in the place of what an upstream answers",
        "location /a { proxy_pass http://app; proxy_intercept_errors on; error_page 404 /e.html; } location = /e.html { root /srv; }",
        {"/a": "app app /a"},
        {**FILE, "location /a": "unsupported", "error_page 404 /e.html": "unsupported"},
    ),
]


@pytest.mark.parametrize(("body", "expected", "losses", "before"), CASES)
def test_error_page_is_where_nginx_goes(body: str, expected: dict[str, str], losses: dict[str, str] | None, before: str) -> None:
    check(body, expected, losses, before)


def test_a_page_that_is_asked_for_with_head_has_rules_of_its_own_where_that_matters() -> None:
    body = (
        "location = /a { return 404; error_page 404 = /e; } location = /e { proxy_set_header X-A $request_method; proxy_pass http://app; }"
    )
    conversion = convert_server(body, before=UPSTREAM)
    assert answer(conversion, request("HEAD /a")) == "app app /e x-a=HEAD"
    assert {more["method"] for name, more in orders(conversion).items() if ".a" in name} == {"GET"}


def test_a_named_page_is_asked_for_with_the_client_s_method() -> None:
    conversion = convert_server(
        "location = /a { return 404; error_page 404 = @e; } location @e { proxy_pass http://app; }", before=UPSTREAM
    )
    assert all("method" not in more for more in orders(conversion).values())
