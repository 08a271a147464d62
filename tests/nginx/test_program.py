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
    case(
        "a condition that does not match clears the captures",
        "location ~ ^/a/(\\w+)$ { if ($http_x_a ~ bot) { return 403; } proxy_pass http://app/x/$1; }",
        {"/a/foo": "app app /x/", "/a/foo | X-A: bot": "403"},
    ),
    case(
        "a condition that must not match clears the captures, or sets them",
        "location ~ ^/a/(\\w+)$ { if ($uri !~ ^/a/(b.*)) { return 302 /n/$1; } return 302 /m/$1; }",
        {"/a/foo": "302 http://shop.example.com/n/", "/a/bar": "302 http://shop.example.com/m/bar"},
    ),
    case(
        "a rewrite that does not match clears the captures",
        'location ~ ^/b/(\\w+)$ { rewrite ^/never$ /x break; proxy_set_header X-A "id-$1"; proxy_pass http://app; }',
        {"/b/foo": "app app /b/foo x-a=id-"},
    ),
    case(
        "captures with a name stay",
        "location ~ ^/a/(?<what>\\w+)$ { if ($http_x_a ~ bot) { return 403; } return 302 /x/$what$1; }",
        {"/a/foo": "302 http://shop.example.com/x/foo"},
    ),
    case(
        "a comparison leaves the captures alone",
        "location ~ ^/a/(\\w+)$ { if ($http_x_a = bot) { return 403; } return 302 /x/$1; }",
        {"/a/foo": "302 http://shop.example.com/x/foo"},
    ),
    case(
        "a regex location without groups clears the captures",
        "rewrite ^/(a)\\.php$ /b.php; location ~ \\.php$ { return 302 /x/$1; }",
        {"/a.php": "302 http://shop.example.com/x/", "/b.php": "302 http://shop.example.com/x/"},
    ),
    case(
        "the query may be set",
        'location /a { set $args "k=v"; proxy_pass http://app; } location /b { set $args ""; proxy_pass http://app/c; }',
        {"/a?x": "app app /a?k=v", "/a": "app app /a?k=v", "/b?x": "app app /c", "/b/d": "app app /c/d"},
    ),
    case(
        "the query may be set around what it was",
        'location /a { set $args "$args&k=v"; proxy_pass http://app; } location /b { set $args "i=1&$args"; proxy_pass http://app/c; }',
        {"/a?x": "app app /a?x&k=v", "/a": "app app /a?&k=v", "/b?x": "app app /c?i=1&x", "/b/d": "app app /c/d?i=1&"},
    ),
    case(
        "what is set is what the variables of the query hold",
        'location /a { set $args "k=v&K=w"; if ($arg_K = v) { return 301 /x$is_args$query_string; } return 402; }',
        {"/a?x": "301 http://shop.example.com/x?k=v&K=w"},
    ),
    case(
        "another server's set leaves the query alone",
        "location /a { if ($args ~ x) { return 403; } proxy_pass http://app; } location /s { set $args y; proxy_pass http://app; }",
        {"/a?x": "403", "/a?z": "app app /a?z", "/s": "app app /s?y"},
    ),
    case(
        "a query that is set goes into redirects",
        'if ($http_x_a) { set $args ""; } location /d/ { proxy_pass http://app; } '
        'location /a { set $args "k=v"; rewrite ^/a/(.*)$ http://o.example/$1 permanent; proxy_pass http://app; }',
        {
            "/a/b?x": "301 http://o.example/b?k=v",
            "/d?x": "301 http://shop.example.com/d/?x",
            "/d?x | X-A: 1": "301 http://shop.example.com/d/",
        },
    ),
    case(
        "arguments of an earlier rewrite stay",
        "rewrite ^/a /b?x=1?; rewrite ^/b /c; location /c { proxy_pass http://app; }",
        {"/a?y": "app app /c?x=1", "/b?y": "app app /c?y"},
    ),
    case(
        "a rewrite that leaves nothing",
        "location /a { rewrite ^/a(.*)$ $1 break; proxy_pass http://app; }",
        {"/a": "500", "/a?x": "500", "/a/": "app app /", "/a/b": "app app /b"},
    ),
    case(
        "a rewrite that leaves nothing and an error page",
        "error_page 500 = /e; location = /e { return 200 e; } location ~ ^/[ab](?<rest>/.*)?$ { rewrite ^ $rest break; proxy_pass http://app; }",
        {"/a": "200 e", "/b?x": "200 e", "/b/c": "app app /c"},
    ),
]


@pytest.mark.parametrize(("body", "expected", "losses", "before"), CASES)
def test_request_program_is_followed_as_nginx_runs_it(
    body: str, expected: dict[str, str], losses: dict[str, str] | None, before: str
) -> None:
    check(body, expected, losses, before)


def test_a_rewrite_that_may_leave_nothing_is_closed_there() -> None:
    check(
        "location / { rewrite ^/(\\w+)(.*)$ $2 break; proxy_pass http://app; }",
        {"/a": "403", "/a/": "app app /", "/a/b": "app app /b"},
        {"location /": "unsupported", "rewrite ^/(\\w+)(.*)$ $2 break": "unsupported"},
        nginx=False,
    )


def test_arguments_and_path_from_two_regexes_close_the_route() -> None:
    check(
        "location ~ ^/x/(.*)$ { set $v $1; rewrite ^/(.)(.*)$ /new/$2?v=$v break; proxy_pass http://app; }",
        {"/x/y": "403"},
        {"location ~ ^/x/(.*)$": "unsupported", "set $v $1": "approximate", "rewrite ^/(.)(.*)$ /new/$2?v=$v break": "unsupported"},
        nginx=False,
    )
