import pytest

from tests.gateway import case, check

CASES = [
    case(
        "exact without case, then regexes in order, then default",
        "location = /r { return 200 $m; }",
        {
            "/r": "200 E",
            "/r | X-A: a": "200 A",
            "/r | X-A: A": "200 A",
            "/r | X-A: bx": "200 B",
            "/r | X-A: Bx": "200 d",
            "/r | X-A: cx": "200 C",
            "/r | X-A: Cx": "200 C",
        },
        {},
        'map $http_x_a $m { default d; a A; ~^b B; ~*^C C; "" E; }',
    ),
    case(
        "empty without default",
        'location = /r { return 200 "<$m>"; }',
        {"/r": "200 <>", "/r | X-A: a": "200 <A>"},
        {},
        "map $http_x_a $m { a A; }",
    ),
    case(
        "decides an if",
        "location / { if ($m) { return 403; } proxy_pass http://app; }",
        {"/": "app app /", "/ | X-A: a": "403", "/ | X-A: q": "app app / x-a=q"},
        {},
        "map $http_x_a $m { a 1; q 0; }",
    ),
    case(
        "map of a map",
        "location = /r { return 200 $n; }",
        {"/r": "200 1", "/r | X-A: a": "200 2", "/r | X-A: b": "200 1"},
        {},
        "map $http_x_a $m { default x; a y; } map $m $n { x 1; y 2; }",
    ),
    case(
        "the last map of a variable counts",
        "location = /r { return 200 $m; }",
        {"/r": "200 2"},
        {"default 1": "unsupported"},
        "map $http_x_a $m { default 1; } map $http_x_a $m { default 2; }",
    ),
    case(
        "special words",
        'location = /r { return 200 "<$m>"; }',
        {"/r": "200 <>", "/r | X-A: default": "200 <3>", "/r | X-A: ~b": "200 <2>"},
        {},
        'map $http_x_a $m { "\\~b" 2; "\\default" 3; }',
    ),
    case(
        "host names",
        "location = /r { return 200 $m; }",
        {"/r": "200 e"},
        {},
        "map $host $m { hostnames; .example.com e; *.com c; shop.* s; }",
    ),
    case(
        "path",
        "location / { if ($m) { return 403; } proxy_pass http://app; }",
        {"/": "app app /", "/x": "403", "/x?y": "403", "/a/i.php": "403", "/x?.php": "403"},
        {},
        "map $uri $m { /x 1; ~\\.php$ 2; default 0; }",
    ),
    case(
        "argument",
        "location = /r { return 200 $m; }",
        {"/r": "200 0", "/r?a=1": "200 x", "/r?a=2": "200 y", "/r?b=1&a=1": "200 x"},
        {},
        "map $arg_a $m { 1 x; ~^2 y; default 0; }",
    ),
    case(
        "method",
        "location / { if ($m) { return 405; } proxy_pass http://app; }",
        {"/": "app app /", "POST /": "405", "PUT /": "405"},
        {},
        "map $request_method $m { POST 1; ~^P 2; default 0; }",
    ),
    case(
        "header for the upstream",
        "location /a { proxy_set_header X-B $m; proxy_pass http://app; }",
        {"/a": "app app /a", "/a | X-A: a": "app app /a x-a=a x-b=1", "/a | X-A: b": "app app /a x-a=b x-b=bb"},
        {},
        'map $http_x_a $m { default ""; a 1; b $http_x_a$http_x_a; }',
    ),
    case(
        "names the upstream",
        "location /a { proxy_pass http://$m; }",
        {"/a": "app app /a", "/a | X-A: c": "app app /a x-a=c"},
        {},
        "map $http_x_a $m { default app; b app; }",
    ),
    case(
        "nothing meets no regex",
        "location = /r { return 200 $m$n; }",
        {"/r": "200 dd", "/r | X-A:  | X-B: ": "200 dd", "/r | X-A: b": "200 Bd", "/r | X-B: b": "200 dn"},
        {},
        "map $http_x_a $m { default d; ~b* B; } map $http_x_b $n { ~^$ e; ~^b n; default d; }",
    ),
    case(
        "a regex that does not match leaves the captures alone",
        "location ~ ^/a/(\\w+)$ { if ($m = 1) { return 403; } return 302 /f/$1; }",
        {"/a/x": "302 http://shop.example.com/f/x", "/a/x | X-A: b": "403"},
        {},
        "map $http_x_a $m { ~^b 1; default 2; }",
    ),
    case(
        "a map in a header comes behind the captures of the address",
        "location ~ ^/b/(\\w+)$ { proxy_set_header X-B $m; proxy_pass http://app/x/$1; }",
        {"/b/x": "app app /x/x x-b=2", "/b/x | X-A: b": "app app /x/x x-a=b x-b=1"},
        {"proxy_pass http://app/x/$1": "approximate"},
        "map $http_x_a $m { ~^b 1; default 2; }",
    ),
]


@pytest.mark.parametrize(("body", "expected", "losses", "before"), CASES)
def test_map_chooses_as_nginx_does(body: str, expected: dict[str, str], losses: dict[str, str] | None, before: str) -> None:
    check(body, expected, losses, before)


def test_captures_that_a_regex_of_a_map_has_replaced_close_the_route() -> None:
    lost = ("map $http_x_a $m", "location /r", "rewrite ^/r/(.*)$ /z/$m/$1 break")
    check(
        "location /r { rewrite ^/r/(.*)$ /z/$m/$1 break; proxy_pass http://app; }",
        {"/r/x": "app app /z/2/x", "/r/x | X-A: b": "403"},
        dict.fromkeys(lost, "unsupported"),
        "map $http_x_a $m { ~^b 1; default 2; }",
        nginx=False,
    )
