import pytest

from tests.gateway import case, check

CASES = [
    case(
        "add_header is replaced as a whole",
        "add_header X-S 2; location /a { add_header X-R 1; proxy_pass http://app; } location / { proxy_pass http://app; }",
        {"/a": "app app /a +x-r=1", "/b": "app app /b +x-s=2"},
        {"add_header X-S 2": "approximate", "add_header X-R 1": "approximate"},
    ),
    case(
        "add_header and statuses",
        "add_header X-S 2; location = /a { return 404; } location = /b { return 200 x; }"
        " location = /c { return 301 /x; } location = /d { add_header X-R 3 always; return 500; }",
        {"/a": "404", "/b": "200 x +x-s=2", "/c": "301 http://shop.example.com/x +x-s=2", "/d": "500 +x-r=3"},
    ),
    case(
        "a nested location has no handler of its own",
        "location /a { proxy_pass http://app; location /a/b { add_header X-R 1 always; } }",
        {"/a": "app app /a", "/a/b": "404 +x-r=1"},
        {"location /a/b": "unsupported"},
    ),
    case(
        "nor the programs around it",
        "location /a { return 200 x; location /a/b { proxy_pass http://app; } }",
        {"/a/b": "app app /a/b"},
        {"location /a": "approximate", "return 200 x": "approximate"},
    ),
    case(
        "request headers from the http level",
        "location /a { proxy_pass http://app; location /a/b { proxy_set_header X-B 2; proxy_pass http://app; } }",
        {"/a": "app app /a x-a=1", "/a/b": "app app /a/b x-b=2"},
        {},
        "proxy_set_header X-A 1;",
    ),
    case(
        "internal is inherited",
        "location /a { internal; proxy_pass http://app; location /a/b { proxy_pass http://app; } }",
        {"/a/b": "404"},
    ),
    case(
        "satisfy and lists merge on their own",
        "satisfy any; deny 10.1.1.1; location /a { proxy_pass http://app; }",
        {"/a": "app app /a", "/a | Client: 10.1.1.1": "403"},
    ),
]


@pytest.mark.parametrize(("body", "expected", "losses", "before"), CASES)
def test_setting_is_in_effect_where_nginx_has_it(body: str, expected: dict[str, str], losses: dict[str, str] | None, before: str) -> None:
    check(body, expected, losses, before)
