import pytest

from tests.gateway import case, check

CASES = [
    case(
        "set and if in their order",
        'location / { set $a 1; if ($http_x_a) { set $a 2; } return 200 "v$a"; }',
        {"/": "200 v1", "/ | X-A: 1": "200 v2", "/ | X-A: 0": "200 v1", "/ | X-A: 00": "200 v2"},
        {"location /": "approximate", "return 200 v$a": "approximate"},
    ),
    case("break stops a following return", "location / { break; return 200 x; proxy_pass http://app; }", {"/y": "app app /y"}),
    case(
        "break in an if",
        "location / { if ($http_x_a) { break; } return 200 x; proxy_pass http://app; }",
        {"/": "200 x", "/ | X-A: 1": "app app / x-a=1"},
        {"location /": "approximate", "return 200 x": "approximate"},
    ),
    case(
        "return stops what follows",
        "location / { return 200 a; return 403; }",
        {"/": "200 a"},
        {"location /": "approximate", "return 200 a": "approximate"},
    ),
    case(
        "rewrite last searches again",
        "location /a { rewrite ^/a/(.*)$ /b/$1 last; return 200 a; } location /b { return 200 b; }",
        {"/a/1": "200 b", "/a": "200 a", "/b": "200 b"},
        {"location /a": "approximate", "return 200 a": "approximate", "location /b": "approximate", "return 200 b": "approximate"},
    ),
    case(
        "rewrite break stays",
        "location /a { rewrite ^/a/(.*)$ /b/$1 break; proxy_pass http://app; } location /b { return 200 b; }",
        {"/a/1?q=1": "app app /b/1?q=1", "/a": "app app /a", "/b": "200 b"},
        {"location /b": "approximate", "return 200 b": "approximate"},
    ),
    case(
        "rewrite without flag goes on",
        "location /a { rewrite ^/a/x$ /b; return 200 a; } location /b { return 200 b; }",
        {"/a/x": "200 a", "/a": "200 a"},
        {"location /a": "approximate", "return 200 a": "approximate", "location /b": "approximate", "return 200 b": "approximate"},
    ),
    case(
        "rewrite without flag and without return",
        "location /a { rewrite ^ /b; } location /b { return 200 b; }",
        {"/a/x?y": "200 b", "/a": "200 b"},
        {"location /b": "approximate", "return 200 b": "approximate"},
    ),
    case(
        "server level runs first",
        "rewrite ^/old/(.*)$ /new/$1; location /new { proxy_pass http://app; } location /old { return 410; }",
        {"/old/x?q=1": "app app /new/x?q=1", "/new/y": "app app /new/y", "/old": "410"},
    ),
    case(
        "last at server level ends its program",
        "rewrite ^/old/(.*)$ /new/$1 last; rewrite ^/new/x /no last; location /new { proxy_pass http://app; }",
        {"/old/x?q=1": "app app /new/x?q=1", "/new/x": "404", "/new/y": "app app /new/y"},
    ),
    case(
        "break at server level ends its program",
        "rewrite ^/old/(.*)$ /new/$1 break; location /new { proxy_pass http://app; }",
        {"/old/x?q=1": "app app /new/x?q=1", "/new/y": "app app /new/y"},
    ),
    case(
        "new arguments come first",
        "rewrite ^/o$ /new?a=1; location /new { proxy_pass http://app; }",
        {"/o": "app app /new?a=1", "/o?b=2": "app app /new?a=1&b=2"},
    ),
    case(
        "a final question mark drops the query",
        "rewrite ^/o$ /new?a=1?; rewrite ^/p$ /new?; location /new { proxy_pass http://app; }",
        {"/o": "app app /new?a=1", "/o?b=2": "app app /new?a=1", "/p?b=2": "app app /new"},
    ),
    case(
        "captures in arguments",
        "rewrite ^/o/(.*)$ /new?a=$1; location /new { proxy_pass http://app; }",
        {"/o/": "app app /new?a=", "/o/z?b=2": "app app /new?a=z&b=2", "/o/z": "app app /new?a=z"},
    ),
    case(
        "two ifs, settings of the last",
        "location /a { if ($http_x_a) { add_header X-R 1; } if ($http_x_b) { add_header X-R 2; } proxy_pass http://app; }",
        {
            "/a": "app app /a",
            "/a | X-A: 1": "app app /a x-a=1 +x-r=1",
            "/a | X-B: 1": "app app /a x-b=1 +x-r=2",
            "/a | X-A: 1 | X-B: 1": "app app /a x-a=1 x-b=1 +x-r=2",
        },
        {"add_header X-R 1": "approximate", "add_header X-R 2": "approximate"},
    ),
    case(
        "an if replaces header lists of its location",
        "location /a { add_header X-S 2; if ($http_x_a) { add_header X-R 1; } proxy_pass http://app; }",
        {"/a": "app app /a +x-s=2", "/a | X-A: 1": "app app /a x-a=1 +x-r=1"},
        {"add_header X-S 2": "approximate", "add_header X-R 1": "approximate"},
    ),
    case(
        "an if inherits the handler",
        "location /p/ { proxy_pass http://app/base/; if ($http_x_a) { set $x 1; } }",
        {"/p/x?y=1": "app app /base/x?y=1", "/p/x | X-A: 1": "app app /base/x x-a=1"},
    ),
    case("rewriting in a circle", "location /a { rewrite ^ /a last; }", {"/a": "500", "/a/b": "500"}),
    case(
        "two conditions by way of set",
        'location / { set $t ""; if ($http_x_a) { set $t A; } if ($http_x_b) { set $t "${t}B"; } '
        "if ($t = AB) { return 403; } proxy_pass http://app; }",
        {"/": "app app /", "/ | X-A: 1": "app app / x-a=1", "/ | X-B: 1": "app app / x-b=1", "/ | X-A: 1 | X-B: 2": "403"},
    ),
    case("a variable as path", "set $u /z; location /a { rewrite ^ $u break; proxy_pass http://app; }", {"/a?q": "app app /z?q"}),
    case(
        "a regex without groups clears the captures",
        "location ~ ^/(ab|b) { rewrite ^ https://o.example/$1 last; }",
        {"/b": "302 https://o.example/"},
    ),
    case(
        "break leaves the URI of proxy_pass in force",
        "rewrite ^/a/(.*)$ /b last; location /b { break; proxy_pass http://app/new; }",
        {"/a/": "app app /new", "/b": "app app /new"},
    ),
    case(
        "captures of an if",
        'location = /a { if ($uri ~ "^/(.)") { return 302 /q/$1; } return 200 n; }',
        {"/a": "302 http://shop.example.com/q/a"},
    ),
]


@pytest.mark.parametrize(("body", "expected", "losses", "before"), CASES)
def test_request_program_is_followed_as_nginx_runs_it(
    body: str, expected: dict[str, str], losses: dict[str, str] | None, before: str
) -> None:
    check(body, expected, losses, before)
