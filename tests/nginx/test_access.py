import pytest

from tests.gateway import case, check

CASES = [
    case("deny all", "location /a { deny all; proxy_pass http://app; }", {"/a": "403", "/aa": "403"}),
    case("return before deny", "location = /a { deny all; return 200 x; }", {"/a": "200 x"}),
    case(
        "denied network",
        "location /a { deny 10.0.0.0/8; allow all; proxy_pass http://app; }",
        {"/a": "app app /a", "/a | Client: 10.1.1.1": "403"},
    ),
    case(
        "allow alone keeps nobody out",
        "location /a { allow 10.0.0.0/8; proxy_pass http://app; }",
        {"/a": "app app /a", "/a | Client: 10.1.1.1": "app app /a"},
    ),
    case(
        "allowed network",
        "location /a { allow 10.0.0.0/8; deny all; proxy_pass http://app; }",
        {"/a": "403", "/a | Client: 10.1.1.1": "app app /a"},
    ),
    case(
        "first line that matches",
        "location /a { deny 10.1.0.0/16; allow 10.0.0.0/8; deny all; proxy_pass http://app; }",
        {"/a": "403", "/a | Client: 10.1.1.1": "403", "/a | Client: 10.2.1.1": "app app /a"},
    ),
    case(
        "inner list replaces the outer one",
        "location /a { allow 10.0.0.0/8; deny all; proxy_pass http://app; location /a/b { allow all; proxy_pass http://app; } }",
        {"/a": "403", "/a | Client: 10.1.1.1": "app app /a", "/a/b": "app app /a/b", "/a/bc": "app app /a/bc"},
    ),
    case(
        "server list",
        "deny 10.1.1.1; location /a { proxy_pass http://app; } location /b { allow all; proxy_pass http://app; }",
        {"/a": "app app /a", "/a | Client: 10.1.1.1": "403", "/b | Client: 10.1.1.1": "app app /b"},
    ),
    case(
        "an if that answers comes first",
        "location = /a { deny 10.1.1.1; if ($http_x_a) { return 200 y; } proxy_pass http://app; }",
        {"/a": "app app /a", "/a | Client: 10.1.1.1": "403", "/a | Client: 10.1.1.1 | X-A: 1": "200 y"},
    ),
    case(
        "IPv6",
        "location /a { allow 2001:db8::/32; deny all; proxy_pass http://app; }",
        {"/a": "403", "/a | Client: 2001:db8::1": "app app /a", "/a | Client: 2001:db9::1": "403"},
    ),
    case(
        "regex location",
        "location ~ \\.php$ { deny all; } location /a { proxy_pass http://app; }",
        {"/a": "app app /a", "/a.php": "403", "/a/b.php?x": "403", "/a.php5": "app app /a.php5", "/a?x=.php": "app app /a?x=.php"},
    ),
    case(
        "hidden files",
        "location ~ /\\. { deny all; } location / { proxy_pass http://app; }",
        {"/a": "app app /a", "/.git": "403", "/a/.git/x": "403", "/a.b": "app app /a.b", "/a?/.": "app app /a?/."},
    ),
    case(
        "limit_except",
        "location /a { limit_except GET { deny all; } proxy_pass http://app; }",
        {"/a": "app app /a", "POST /a": "403", "DELETE /a": "403"},
    ),
    case(
        "limit_except for some",
        "location /a { limit_except POST { deny 10.0.0.0/8; } proxy_pass http://app; }",
        {"/a": "app app /a", "POST /a | Client: 10.1.1.1": "app app /a", "/a | Client: 10.1.1.1": "403"},
    ),
    case("limit_except beside return", "location = /a { limit_except GET { deny all; } return 200 x; }", {"/a": "200 x", "POST /a": "403"}),
    case(
        "limit_except beside if",
        "location /a { if ($http_x_a) { set $w 1; } limit_except GET { deny all; } proxy_pass http://app; }",
        {"/a | X-A: 1": "app app /a x-a=1", "POST /a | X-A: 1": "403", "POST /a": "403"},
    ),
    case(
        "satisfy any",
        "location /a { satisfy any; allow 10.0.0.0/8; deny all; proxy_pass http://app; }",
        {"/a": "403", "/a | Client: 10.1.1.1": "app app /a"},
    ),
    case(
        "nested location of the same name",
        "location /a { proxy_pass http://app; location /a { deny all; proxy_pass http://app; } }",
        {"/a": "403", "/ab": "403"},
    ),
    case("internal", "location /a { internal; proxy_pass http://app; }", {"/a": "404"}),
    case(
        "address of no network",
        "location /a { deny 192.168.128.0/17; deny 10.1.1.1; proxy_pass http://app; }",
        {
            "/a | Client: 192.168.127.1": "app app /a",
            "/a | Client: 192.168.128.1": "403",
            "/a | Client: 10.1.1.11": "app app /a",
            "/a | Client: 110.1.1.1": "app app /a",
        },
    ),
    case(
        "server list beside limit_except",
        "deny 10.1.1.1; location /b { limit_except GET { deny all; } proxy_pass http://app; }",
        {"/b": "app app /b", "/b | Client: 10.1.1.1": "403", "POST /b": "403"},
    ),
    case(
        "own list of limit_except",
        "deny 10.1.1.1; location /b { limit_except GET { allow all; } proxy_pass http://app; }",
        {"/b": "app app /b", "/b | Client: 10.1.1.1": "403", "POST /b | Client: 10.1.1.1": "app app /b"},
    ),
    case(
        "list of a level whose programs were closed",
        "deny 10.1.1.1; location / { if ($http_x_a) { return 200 y; } proxy_pass http://app; }",
        {"/c": "app app /c", "/c | Client: 10.1.1.1": "403", "/c | Client: 10.1.1.1 | X-A: 1": "200 y"},
        {"location /": "approximate", "return 200 y": "approximate"},
    ),
    case(
        "a rewrite reaches internal locations",
        "rewrite ^/b /x.php last; location = /x.php { internal; return 200 x; }",
        {"/b": "200 x", "/x.php": "404"},
    ),
]


@pytest.mark.parametrize(("body", "expected", "losses", "before"), CASES)
def test_access_is_nginx_s(body: str, expected: dict[str, str], losses: dict[str, str] | None, before: str) -> None:
    check(body, expected, losses, before)
