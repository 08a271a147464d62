import pytest

from tests.conversions import convert_server, outcome
from tests.gateway import UPSTREAM, answer, case, check, request

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
    lost = ("map $http_x_a $m", "~^b 1", "location /r", "rewrite ^/r/(.*)$ /z/$m/$1 break")
    check(
        "location /r { rewrite ^/r/(.*)$ /z/$m/$1 break; proxy_pass http://app; }",
        {"/r/x": "app app /z/2/x", "/r/x | X-A: b": "403"},
        dict.fromkeys(lost, "unsupported"),
        "map $http_x_a $m { ~^b 1; default 2; }",
        nginx=False,
    )


_MOVED = "if ($new) { return 301 $new; } location / { proxy_pass http://app; }"
CAPTURING = [
    case(
        "a name of the request line",
        _MOVED,
        {
            "/blog/17": "301 http://shop.example.com/stories/17",
            "/blog/17?x=1": "app app /blog/17?x=1",
            "/old": "301 http://shop.example.com/new",
            "/blog/a": "app app /blog/a",
        },
        {},
        "map $request_uri $new { /old /new; ~^/blog/(?<post>\\d+)$ /stories/$post; }",
    ),
    case(
        "a number, the end open",
        _MOVED,
        {
            "/blog/17": "301 http://shop.example.com/stories/17",
            "/blog/17?x=1": "301 http://shop.example.com/stories/17",
            "/blog/17/a": "301 http://shop.example.com/stories/17",
            "/a?/blog/17": "app app /a?/blog/17",
        },
        {},
        "map $request_uri $new { ~^/blog/(\\d+) /stories/$1; }",
    ),
    case(
        "found anywhere",
        _MOVED,
        {"/a/blog/17": "301 http://shop.example.com/s/17", "/a?b=/blog/17": "301 http://shop.example.com/s/17", "/a": "app app /a"},
        {},
        "map $request_uri $new { ~/blog/(\\d+) /s/$1; }",
    ),
    case(
        "what is captured holds the query",
        _MOVED,
        {
            "/old/a": "301 http://shop.example.com/new/a",
            "/old/a?b=1": "301 http://shop.example.com/new/a?b=1",
            "/old/a?b=/old/": "301 http://shop.example.com/new/a?b=/old/",
            "/old/": "301 http://shop.example.com/new/",
            "/old/a%20b": "301 http://shop.example.com/new/a%20b",
        },
        {},
        "map $request_uri $new { ~^/old/(.*)$ /new/$1; }",
    ),
    case(
        "an argument, several captures, a Location with a host",
        _MOVED,
        {
            "/index.php?id=7&l=de": "301 https://x.example/de/7",
            "/index.php?id=7&l=d": "app app /index.php?id=7&l=d",
            "/index.php": "app app /index.php",
        },
        {},
        "map $request_uri $new { ~^/index\\.php\\?id=(\\d+)&l=(?<l>[a-z][a-z])$ https://x.example/$l/$1; }",
    ),
    case(
        "alternatives",
        _MOVED,
        {"/blog/17": "301 http://shop.example.com/s/17", "/news/17": "301 http://shop.example.com/s/17", "/x/17": "app app /x/17"},
        {},
        "map $request_uri $new { ~^/(?:blog|news)/(\\d+)$ /s/$1; }",
    ),
    case(
        "the path keeps the query out",
        _MOVED,
        {
            "/blog/17": "301 http://shop.example.com/stories/17",
            "/blog/17?x=1": "301 http://shop.example.com/stories/17",
            "/blog/a": "app app /blog/a",
        },
        {},
        "map $uri $new { ~^/blog/(?<post>\\d+)$ /stories/$post; }",
    ),
    case(
        "the path, and the query behind it",
        "if ($new) { return 301 $new$is_args$args; } location / { proxy_pass http://app; }",
        {"/blog/17": "301 http://shop.example.com/stories/17", "/blog/17?x=1": "301 http://shop.example.com/stories/17?x=1"},
        {},
        "map $uri $new { ~^/blog/(?<post>\\d+)$ /stories/$post; }",
    ),
    case(
        "through a second map",
        "if ($new) { return 301 $new; } location / { proxy_pass http://app; }",
        {"/a/1 | X-A: b": "301 http://shop.example.com/b/1", "/a/1": "301 http://shop.example.com/d/1", "/": "app app /"},
        {},
        "map $http_x_a $kind { b b; default d; } map $request_uri $new { ~^/a/(\\d)$ /$kind/$1; }",
    ),
    case(
        "in headers for the upstream",
        "location / { proxy_set_header X-B $post; proxy_pass http://app; }",
        {"/blog/17?a": "app app /blog/17?a x-b=p17", "/blog/17": "app app /blog/17 x-b=p17", "/": "app app /"},
        {},
        "map $request_uri $post { ~^/blog/(\\d+) p$1; }",
    ),
    case(
        "a condition leaves captures of the request line",
        "if ($request_uri ~ ^/o/([^?]*)(.*)$) { return 301 /n/$1/$2; } location / { proxy_pass http://app; }",
        {"/o/a?b": "301 http://shop.example.com/n/a/?b", "/o/a": "301 http://shop.example.com/n/a/", "/a": "app app /a"},
        {},
    ),
]


@pytest.mark.parametrize(("body", "expected", "losses", "before"), CAPTURING)
def test_captures_of_a_line_are_in_its_value(body: str, expected: dict[str, str], losses: dict[str, str] | None, before: str) -> None:
    check(body, expected, losses, before)


LOST = [
    case(
        "nothing that a script could read",
        _MOVED,
        {"/a/1?x": "403", "/b/1": "403", "/c": "301 http://shop.example.com/d", "/e": "app app /e"},
        dict.fromkeys(("server", "map $request_uri $new", "if ($new)", "return 301 $new", "~^/(?:a|b)/(\\d.*) /n/$1"), "unsupported"),
        "map $request_uri $new { /c /d; ~^/(?:a|b)/(\\d.*) /n/$1; }",
    ),
    case(
        "a header's captures",
        _MOVED,
        {"/ | X-A: ab": "403", "/ | X-A: c": "301 http://shop.example.com/d", "/e | X-A: d": "app app /e x-a=d"},
        dict.fromkeys(("server", "map $http_x_a $new", "if ($new)", "return 301 $new", "~^a(.) /n/$1"), "unsupported"),
        "map $http_x_a $new { c /d; ~^a(.) /n/$1; }",
    ),
]


@pytest.mark.parametrize(("body", "expected", "losses", "before"), LOST)
def test_a_line_whose_captures_are_lost_closes_its_own_requests(
    body: str, expected: dict[str, str], losses: dict[str, str] | None, before: str
) -> None:
    check(body, expected, losses, before, nginx=False)


@pytest.mark.parametrize(
    "before",
    [
        "map $remote_addr $m { default 0; 10.1.1.1 1; } set_real_ip_from 192.0.2.0/24; real_ip_header X-Forwarded-For;",
        "map $http_x_a $m { default 0; include lost.map; }",
    ],
)
def test_a_map_whose_answer_cannot_be_known_closes_the_route(before: str) -> None:
    conversion = convert_server("location / { if ($m) { return 404; } proxy_pass http://app; }", before=f"{UPSTREAM} {before}")
    assert answer(conversion, request("/")) == "403"
    assert outcome(conversion, "map") == "unsupported"


TWO = [
    case(
        "exact lines",
        "location / { proxy_set_header X-B $m$n; proxy_pass http://app; }",
        {
            "/ | X-A: beta": "app app / x-a=beta x-b=12",
            "/ | X-A: Dark": "app app / x-a=Dark x-b=03",
            "/ | X-A: x": "app app / x-a=x x-b=00",
            "/": "app app / x-b=00",
        },
        {},
        "map $http_x_a $m { default 0; beta 1; } map $http_x_a $n { default 0; beta 2; dark 3; }",
    ),
    case(
        "words anywhere",
        "location / { if ($bot) { return 403; } proxy_set_header X-B $mobile; proxy_pass http://app; }",
        {
            "/ | X-A: my iPhone": "app app / x-a=my iPhone x-b=1",
            "/ | X-A: iPhone Bot": "403",
            "/ | X-A: spider": "403",
            "/ | X-A: x": "app app / x-a=x x-b=0",
        },
        {},
        "map $http_x_a $bot { default 0; ~*(bot|spider) 1; } map $http_x_a $mobile { default 0; ~*iphone 1; ~*android 1; }",
    ),
    case(
        "two headers of the answer",
        "location = /r { add_header X-R $m; add_header X-S $n; return 204; }",
        {
            "/r | X-A: alphabeta": "204 +x-r=a +x-s=b",
            "/r | X-A: alphabet": "204 +x-r=a +x-s=c",
            "/r | X-A: Alphabet": "204 +x-r=d +x-s=c",
            "/r | X-A: beta": "204 +x-r=d +x-s=b",
            "/r": "204 +x-r=d +x-s=d",
        },
        {},
        "map $http_x_a $m { default d; ~^alpha a; } map $http_x_a $n { default d; ~beta$ b; ~*ALPHA c; }",
    ),
]


@pytest.mark.parametrize(("body", "expected", "losses", "before"), TWO)
def test_two_maps_on_one_header(body: str, expected: dict[str, str], losses: dict[str, str] | None, before: str) -> None:
    check(body, expected, losses, before)


def test_set_escapes_what_it_reads_of_a_request_line() -> None:
    """nginx makes %2520 of %20 there: such a value is not known."""
    lost = ("server", "if ($request_uri ~ ^/x/(.*)$)", "return 301 /y/$p")
    check(
        "if ($request_uri ~ ^/x/(.*)$) { set $p $1; return 301 /y/$p; } location / { proxy_pass http://app; }",
        {"/x/a%20b": "403", "/z": "app app /z"},
        dict.fromkeys(lost, "unsupported"),
        nginx=False,
    )


@pytest.mark.parametrize(
    ("reader", "expected"),
    [
        ("", "dead"),
        ("log_format f $b;", "process"),
        ("map $b $c { default 1; } log_format f $c;", "process"),
        ("map $b $c { default 1; }", "dead"),
    ],
)
def test_a_map_is_for_what_reads_it_through_other_maps_too(reader: str, expected: str) -> None:
    conversion = convert_server("location / { return 204; }", before=f"map $arg_a $b {{ default 1; }} {reader}")
    assert outcome(conversion, "map", "$arg_a") == expected
