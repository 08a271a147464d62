import pytest

from tests.gateway import case, check

CASES = [
    case(
        "without URI",
        "location /p/ { proxy_pass http://app; }",
        {"/p/x": "app app /p/x", "/p": "301 http://shop.example.com/p/", "/p?y=1": "301 http://shop.example.com/p/?y=1", "/px": "404"},
    ),
    case(
        "URI replaces the text of the location",
        "location /p/ { proxy_pass http://app/x; }",
        {"/p/a": "app app /xa", "/p/": "app app /x", "/p/a?b=c": "app app /xa?b=c"},
    ),
    case(
        "URI with slash",
        "location /p { proxy_pass http://app/base/; }",
        {"/p/a": "app app /base//a", "/p": "app app /base/", "/pq?b=c": "app app /base/q?b=c"},
    ),
    case(
        "exact location", "location = /p { proxy_pass http://app/six; }", {"/p": "app app /six", "/p?a=b": "app app /six?a=b", "/p/": "404"}
    ),
    case(
        "rewrite break ignores the URI",
        "location /p/ { rewrite ^/p/(.*)$ /q/$1 break; proxy_pass http://app/ignored; }",
        {"/p/x?y=1": "app app /q/x?y=1", "/p/": "app app /q/"},
    ),
    case(
        "variable without URI",
        "location /p/ { set $b app; proxy_pass http://$b; }",
        {"/p/x?y=1": "app app /p/x?y=1", "/p": "301 http://shop.example.com/p/"},
    ),
    case(
        "variable with URI drops path and query",
        "location /p/ { set $b app; proxy_pass http://$b/fixed; }",
        {"/p/x?y=1": "app app /fixed", "/p/x": "app app /fixed"},
    ),
    case("raw path", "location /p/ { proxy_pass http://app/r$request_uri; }", {"/p/x?y=1": "app app /r/p/x?y=1", "/p/x": "app app /r/p/x"}),
    case(
        "capture drops the query",
        "location ~ ^/p/(.*)$ { proxy_pass http://app/r/$1; }",
        {"/p/x?y=1": "app app /r/x", "/p/x": "app app /r/x"},
        {"proxy_pass http://app/r/$1": "approximate"},
    ),
    case(
        "capture with the query",
        "location ~ ^/p/(?<rest>.*)$ { proxy_pass http://app/r/$rest$is_args$args; }",
        {"/p/x?y=1": "app app /r/x?y=1", "/p/x": "app app /r/x"},
        {"proxy_pass http://app/r/$rest$is_args$args": "approximate"},
    ),
    case(
        "regex location",
        "location ~* \\.PHP$ { proxy_pass http://app; }",
        {"/x.php?y=1": "app app /x.php?y=1", "/x.php5": "404", "/x.pHp": "app app /x.pHp"},
    ),
    case(
        "Host of the client", "location /p/ { proxy_set_header Host $host; proxy_pass http://app; }", {"/p/x": "app shop.example.com /p/x"}
    ),
    case(
        "Host with port",
        "location /p/ { proxy_set_header Host $http_host; proxy_pass http://app; }",
        {"/p/x | Host: shop.example.com:80": "app shop.example.com:80 /p/x"},
    ),
    case(
        "Host as written",
        "location /p/ { proxy_set_header Host inner.example; proxy_pass http://app; }",
        {"/p/x": "app inner.example /p/x"},
    ),
    case(
        "headers",
        'location /p/ { proxy_set_header X-A "1%2"; proxy_set_header X-B $http_x_a; proxy_pass http://app; }',
        {"/p/x": "app app /p/x x-a=1%2", "/p/x | X-A: 1 | X-B: 4": "app app /p/x x-a=1%2 x-b=1"},
    ),
    case(
        "an empty value removes",
        'location /p/ { proxy_set_header X-A ""; proxy_pass http://app; }',
        {"/p/x": "app app /p/x", "/p/x | X-A: 1 | X-B: 4": "app app /p/x x-b=4"},
    ),
    case(
        "cookie and path as headers",
        "location /p/ { proxy_set_header X-A $cookie_s; proxy_set_header X-B $request_uri; proxy_pass http://app; }",
        {"/p/x?q | Cookie: s=1; t=2": "app app /p/x?q x-a=1 x-b=/p/x?q", "/p/x": "app app /p/x x-b=/p/x"},
    ),
    case(
        "lists of headers are not merged",
        "proxy_set_header X-A 1; location /p/ { proxy_set_header X-B 2; proxy_pass http://app; } location /q/ { proxy_pass http://app; }",
        {"/p/x": "app app /p/x x-b=2", "/q/x": "app app /q/x x-a=1"},
    ),
    case(
        "try_files",
        "location /a { try_files $uri @b; } location @b { proxy_pass http://app; }",
        {"/a?x=1": "app app /a?x=1"},
        {"try_files $uri @b": "approximate"},
    ),
    case(
        "try_files with a path",
        "location /a { try_files $uri $uri/ /i.php?$args; } location ~ \\.php$ { proxy_pass http://app; }",
        {"/a?x=1": "app app /i.php?x=1", "/a": "app app /i.php"},
        {"try_files $uri $uri/ /i.php?$args": "approximate"},
    ),
    case(
        "a query in the URI is only put before what is left",
        "location /p/ { proxy_pass http://app/base?fixed=1; }",
        {"/p/x": "app app /base?fixed=1x", "/p/x?y=1": "app app /base?fixed=1x?y=1"},
    ),
    case(
        "the request line right behind the host",
        "set $b app; location /a { proxy_pass http://$b$request_uri; } location /b { proxy_pass http://app$uri$is_args$args; }",
        {"/a/x?y=1": "app app /a/x?y=1", "/b?y=1": "app app /b?y=1", "/b": "app app /b"},
    ),
    case(
        "an argument of any case, as it came",
        "location /a { proxy_set_header X-A $arg_flag; proxy_pass http://app; } location /b { return 302 http://o.example/?$arg_flag; }",
        {
            "/a?Flag=a%20b": "app app /a?Flag=a%20b x-a=a%20b",
            "/a?flag&FLAG=2=3&flag=4": "app app /a?flag&FLAG=2=3&flag=4 x-a=2=3",
            "/a": "app app /a",
            "/b?fLAG=%2F": "302 http://o.example/?%2F",
        },
    ),
]


@pytest.mark.parametrize(("body", "expected", "losses", "before"), CASES)
def test_upstream_gets_what_nginx_sends(body: str, expected: dict[str, str], losses: dict[str, str] | None, before: str) -> None:
    check(body, expected, losses, before)
