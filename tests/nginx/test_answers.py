import pytest

from tests.gateway import case, check

CASES = [
    case(
        "return to https",
        "location / { return 301 https://$host$request_uri; }",
        {"/a?b=c": "301 https://shop.example.com/a?b=c", "/": "301 https://shop.example.com/"},
    ),
    case(
        "return to a path is made absolute",
        "location / { return 301 /new; }",
        {"/a?b=c": "301 http://shop.example.com/new", "/": "301 http://shop.example.com/new"},
    ),
    case(
        "with the query",
        "location / { return 302 /new$is_args$args; }",
        {"/a?b=c": "302 http://shop.example.com/new?b=c", "/": "302 http://shop.example.com/new"},
    ),
    case(
        "with the query in it",
        "location / { return 302 /new?x=1&$args; }",
        {"/a?b=c": "302 http://shop.example.com/new?x=1&b=c", "/": "302 http://shop.example.com/new?x=1&"},
    ),
    case(
        "with the raw path",
        "location / { return 307 /new$request_uri; }",
        {"/a?b=c": "307 http://shop.example.com/new/a?b=c", "/": "307 http://shop.example.com/new/"},
    ),
    case(
        "with the path",
        "location / { return 302 /new$uri; }",
        {"/a?b=c": "302 http://shop.example.com/new/a", "/": "302 http://shop.example.com/new/"},
    ),
    case("a URL alone", "location / { return https://x.example/a; }", {"/a": "302 https://x.example/a"}),
    case("a text as Location", "location / { return 302 text; }", {"/a": "302 text"}),
    case(
        "rewrite permanent",
        "rewrite ^/o/(.*)$ /new/$1 permanent;",
        {"/o/": "301 http://shop.example.com/new/", "/o/z?b=2": "301 http://shop.example.com/new/z?b=2", "/o": "404"},
    ),
    case(
        "rewrite redirect without query",
        "rewrite ^/o/(.*)$ /new/$1? redirect;",
        {"/o/": "302 http://shop.example.com/new/", "/o/z?b=2": "302 http://shop.example.com/new/z"},
    ),
    case(
        "rewrite redirect with arguments",
        "rewrite ^/o/(.*)$ /new/$1?x=1 redirect;",
        {"/o/": "302 http://shop.example.com/new/?x=1", "/o/z?b=2": "302 http://shop.example.com/new/z?x=1&b=2"},
    ),
    case(
        "rewrite to a path that a variable begins",
        "location /a { rewrite ^ $uri? permanent; } location /h { rewrite ^(.*)\\.html$ $1 permanent; return 404; }",
        {"/a?b=c": "301 http://shop.example.com/a", "/h.html?b=c": "301 http://shop.example.com/h?b=c"},
    ),
    case(
        "rewrite to a path where the request decides whether a slash begins it",
        "location /s/ { rewrite ^/s(.*)/$ $1 permanent; return 404; } location /u/ { rewrite ^/u/(.*)$ $1 permanent; return 404; }",
        {
            "/s/a/?b=c": "301 http://shop.example.com/a?b=c",
            "/s/": "301 ",
            "/s/?b=c": "301 ?b=c",
            "/u/b?b=c": "301 b?b=c",
        },
    ),
    case(
        "rewrite without the last slash",
        "location / { rewrite ^(.*)/$ $1 permanent; return 404; }",
        {"/a/?b=c": "301 http://shop.example.com/a?b=c", "/": "301 "},
    ),
    case(
        "relative, and a variable begins it",
        "absolute_redirect off; location /a { rewrite ^ $uri? permanent; }",
        {"/a?b=c": "301 /a"},
    ),
    case(
        "rewrite to a URL",
        "rewrite ^/o/(.*)$ https://b.example/$1;",
        {"/o/": "302 https://b.example/", "/o/z?b=2": "302 https://b.example/z?b=2"},
    ),
    case("text with per cent sign", 'location = /a { return 200 "100%"; }', {"/a": "200 100%"}),
    case(
        "text with variables",
        'location = /a { return 200 "$host $request_method $uri $request_uri $http_x_a"; }',
        {"/a?x=1 | X-A: 3": "200 shop.example.com GET /a /a?x=1 3", "POST /a": "200 shop.example.com POST /a /a"},
    ),
    case("no text", 'location = /a { return 200 ""; } location = /b { return 204; }', {"/a": "200", "/b": "204"}),
    case(
        "missing slash",
        "location /p/ { proxy_pass http://app; }",
        {
            "/p": "301 http://shop.example.com/p/",
            "/p?y=1": "301 http://shop.example.com/p/?y=1",
            "POST /p": "301 http://shop.example.com/p/",
        },
    ),
    case(
        "missing slash before regexes",
        "location /p/ { proxy_pass http://app; } location ~ ^/p$ { return 403; }",
        {"/p": "301 http://shop.example.com/p/", "/p/": "app app /p/"},
    ),
    case(
        "no missing slash beside its own location",
        "location /p/ { proxy_pass http://app; } location = /p { return 403; }",
        {"/p": "403", "/p/": "app app /p/"},
    ),
    case(
        "no slash redirect without handler",
        "location /p/ { return 200 x; }",
        {"/p": "404", "/p/": "200 x"},
        {"location /p/": "approximate", "return 200 x": "approximate"},
    ),
    case(
        "headers of a missing slash are those of the location",
        "location /b/ { add_header X-S 1 always; proxy_pass http://app; }",
        {"/b": "301 http://shop.example.com/b/ +x-s=1"},
    ),
]


@pytest.mark.parametrize(("body", "expected", "losses", "before"), CASES)
def test_answer_is_nginx_s(body: str, expected: dict[str, str], losses: dict[str, str] | None, before: str) -> None:
    check(body, expected, losses, before)
