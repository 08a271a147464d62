import pytest

from tests.gateway import case, check

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
]


@pytest.mark.parametrize(("body", "expected", "losses", "before"), CASES)
def test_error_page_is_where_nginx_goes(body: str, expected: dict[str, str], losses: dict[str, str] | None, before: str) -> None:
    check(body, expected, losses, before)
