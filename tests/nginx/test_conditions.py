import pytest

from converter.model.decisions import Decisions, Defaults, GatewayDecisions
from tests.conversions import convert_server, losses
from tests.gateway import UPSTREAM, answer, case, check, request

CASES = [
    case(
        "truth",
        "location / { if ($args) { return 200 q; } return 200 n; }",
        {"/": "200 n", "/?": "200 n", "/?a": "200 q", "/?0": "200 n", "/?00": "200 q"},
        {"location /": "approximate", "return 200 q": "approximate", "return 200 n": "approximate"},
    ),
    case(
        "equal to nothing",
        'location / { if ($http_x_a = "") { return 200 none; } return 200 some; }',
        {"/": "200 none", "/ | X-A: 1": "200 some"},
        {"location /": "approximate", "return 200 none": "approximate", "return 200 some": "approximate"},
    ),
    case(
        "not equal",
        'location / { if ($http_x_a != "1") { return 200 other; } return 200 one; }',
        {"/": "200 other", "/ | X-A: 1": "200 one", "/ | X-A: 2": "200 other"},
        {"location /": "approximate", "return 200 other": "approximate", "return 200 one": "approximate"},
    ),
    case(
        "method",
        "location / { if ($request_method = POST) { return 405; } if ($request_method !~ ^(GET|HEAD)$) { return 501; } return 200 x; }",
        {"/": "200 x", "POST /": "405", "PUT /": "501"},
        {"location /": "approximate", "return 200 x": "approximate"},
    ),
    case(
        "regex with case",
        "location / { if ($http_x_a ~ ^a) { return 200 y; } return 200 n; }",
        {"/": "200 n", "/ | X-A: ab": "200 y", "/ | X-A: Ab": "200 n", "/ | X-A: ba": "200 n"},
        {"location /": "approximate", "return 200 y": "approximate", "return 200 n": "approximate"},
    ),
    case(
        "regex without case",
        "location / { if ($http_x_a ~* ^a) { return 200 y; } return 200 n; }",
        {"/": "200 n", "/ | X-A: ab": "200 y", "/ | X-A: Ab": "200 y"},
        {"location /": "approximate", "return 200 y": "approximate", "return 200 n": "approximate"},
    ),
    case(
        "not a regex",
        "location / { if ($http_x_a !~* ^a) { return 200 y; } return 200 n; }",
        {"/": "200 y", "/ | X-A: ab": "200 n", "/ | X-A: Ab": "200 n", "/ | X-A: b": "200 y"},
        {"location /": "approximate", "return 200 y": "approximate", "return 200 n": "approximate"},
    ),
    case(
        "lacking header meets what nothing meets",
        'location / { if ($http_user_agent ~* "^$|bot") { return 403; } return 200 ok; }',
        {"/x | User-Agent: Bot": "403", "/x | User-Agent: moz": "200 ok", "/x": "403"},
        {"location /": "approximate", "return 200 ok": "approximate"},
    ),
    case(
        "path only, not the query",
        "location / { if ($uri !~ \\.php$) { return 403; } return 200 ok; }",
        {"/x.php": "200 ok", "/x": "403", "/x?y=.php": "403"},
        {"location /": "approximate", "return 200 ok": "approximate"},
    ),
    case(
        "path and regex location",
        "location ~ ^/a { if ($uri ~ \\.php$) { return 403; } return 200 ok; }",
        {"/a.php": "403", "/ab": "200 ok", "/ab?y=.php": "200 ok"},
        {"location ~ ^/a": "approximate", "return 200 ok": "approximate"},
    ),
    case(
        "argument of any case",
        "location / { if ($arg_debug = 1) { return 403; } return 200 ok; }",
        {"/x": "200 ok", "/x?debug=1": "403", "/x?DEBUG=1": "403", "/x?Debug=2&debug=1": "200 ok"},
        {"location /": "approximate", "return 200 ok": "approximate"},
    ),
    case(
        "first of two arguments",
        "location / { if ($arg_key != secret) { return 403; } return 200 ok; }",
        {"/x": "403", "/x?key=secret": "200 ok", "/x?key=a&key=secret": "403", "/x?a=b&KEY=secret": "200 ok"},
        {"location /": "approximate", "return 200 ok": "approximate"},
    ),
    case(
        "first cookie of a name",
        "location / { if ($cookie_key != secret) { return 403; } return 200 ok; }",
        {
            "/": "403",
            "/ | Cookie: key=secret": "200 ok",
            "/ | Cookie: key=a; key=secret": "403",
            "/ | Cookie: a=b; key=x; key=secret": "403",
            "/ | Cookie: a=b; KEY = secret": "200 ok",
        },
        {"location /": "approximate", "return 200 ok": "approximate"},
    ),
    case(
        "file tests",
        "location / { if (-f $request_filename) { return 200 f; } if (!-e $request_filename) { return 200 n; } return 200 z; }",
        {"/a": "200 n"},
        {
            "location /": "approximate",
            "if (-f $request_filename)": "approximate",
            "if (!-e $request_filename)": "approximate",
            "return 200 n": "approximate",
        },
    ),
    case(
        "client address",
        "location / { if ($remote_addr = 10.1.1.1) { return 403; } return 200 x; }",
        {"/": "200 x", "/ | Client: 10.1.1.1": "403"},
        {"location /": "approximate", "return 200 x": "approximate"},
    ),
    case(
        "raw path",
        'location / { if ($request_uri ~ "^/a\\?b") { return 403; } return 200 x; }',
        {"/a": "200 x", "/a?b": "403", "/a?c": "200 x", "/x?/a?b": "200 x"},
        {"location /": "approximate", "if ($request_uri ~ ^/a\\?b )": "approximate", "return 200 x": "approximate"},
    ),
    case(
        "raw path where nobody is kept out",
        "location / { if ($request_uri ~ ^/a) { return 301 http://o.example/; } return 200 x; }",
        {"/a": "301 http://o.example/", "/b": "200 x"},
        {"location /": "approximate", "return 200 x": "approximate"},
    ),
    case(
        "a variable on the right side",
        "location / { if ($host != $server_name) { return 403; } return 200 x; }",
        {"/": "200 x"},
        {"location /": "approximate", "return 200 x": "approximate"},
    ),
    case(
        "a text with variables on the right side",
        'set $key k1; location / { if ($http_x_a = "Key $key") { return 200 in; } return 403; }',
        {"/": "403", "/ | X-A: Key k1": "200 in", "/ | X-A: Key $key": "403"},
        {"location /": "approximate", "return 200 in": "approximate"},
    ),
    case(
        "what depends on the request on the right side",
        "set $key k1; location / { if ($key = $http_x_a) { return 200 in; } if ($http_x_b != $http_x_b) { return 200 b; } return 403; }",
        {"/": "403", "/ | X-A: k1": "200 in", "/ | X-B: 1": "403"},
        {"location /": "approximate", "return 200 in": "approximate"},
    ),
    case(
        "a regex for nothing",
        'location / { if ($http_x_a ~ "^$") { return 403; } if ($http_x_b !~ "^$") { return 402; } return 200 x; }',
        {"/": "403", "/ | X-A: ": "403", "/ | X-A: 1": "200 x", "/ | X-A: 1 | X-B: 1": "402", "/ | X-A: 1 | X-B: ": "200 x"},
        {"location /": "approximate", "return 200 x": "approximate"},
    ),
    case(
        "a regex on the question mark",
        'location / { if ($is_args ~ "^$") { return 403; } if ($is_args ~ x) { return 402; } return 200 x; }',
        {"/": "403", "/?": "403", "/?a": "200 x"},
        {"location /": "approximate", "return 200 x": "approximate"},
    ),
    case(
        "a host with capitals is no host",
        "location / { if ($host = SHOP.example.com) { return 403; } return 200 x; }",
        {"/": "200 x"},
        {"location /": "approximate", "return 200 x": "approximate"},
    ),
]


@pytest.mark.parametrize(("body", "expected", "losses", "before"), CASES)
def test_condition_holds_as_in_nginx(body: str, expected: dict[str, str], losses: dict[str, str] | None, before: str) -> None:
    check(body, expected, losses, before)


CLOSED = [
    case(
        "two values of the request",
        "location / { if ($http_x_a = $cookie_t) { return 200 in; } return 402; }",
        {"/": "403", "/ | X-A: 1 | Cookie: t=1": "403", "/ | X-A: $cookie_t": "403"},
        dict.fromkeys(("location /", "if ($http_x_a = $cookie_t)", "return 200 in", "return 402"), "unsupported"),
    ),
    case(
        "a regex that asks for capitals of the host",
        "location / { if ($host ~ SHOP) { return 402; } return 200 x; }",
        {"/": "403"},
        dict.fromkeys(("location /", "if ($host ~ SHOP)", "return 402", "return 200 x"), "unsupported"),
    ),
]


@pytest.mark.parametrize(("body", "expected", "losses", "before"), CLOSED)
def test_what_cannot_be_compared_closes_the_route(body: str, expected: dict[str, str], losses: dict[str, str] | None, before: str) -> None:
    check(body, expected, losses, before, nginx=False)


def test_a_missing_forwarded_proto_is_announced_where_proxies_are_trusted() -> None:
    decisions = Decisions(gateway=GatewayDecisions(trusted_proxies=1))
    body = "if ($http_x_forwarded_proto = http) { return 301 https://$host$request_uri; } location / { return 204; }"
    found = losses(convert_server(body, decisions=decisions))
    assert found["if ($http_x_forwarded_proto = http)"] == "approximate"


@pytest.mark.parametrize(
    ("condition", "envoyfilter", "expected"),
    [
        ("= websocket", "needed", {"": "app app /", " | Upgrade: websocket": "403", " | Upgrade: x": "app app /"}),
        ("!= websocket", "needed", {"": "403", " | Upgrade: websocket": "app app /", " | Upgrade: x": "403"}),
        ("~* ^WEB", "needed", {"": "app app /", " | Upgrade: websocket": "403", " | Upgrade: x": "app app /"}),
        ("= H2C", "needed", {"": "403", " | Upgrade: websocket": "403"}),
        ("~* ^H", "needed", {"": "403", " | Upgrade: websocket": "403"}),
        ("", "needed", {"": "403", " | Upgrade: websocket": "403"}),
        ("= websocket", "never", {"": "403", " | Upgrade: websocket": "403"}),
        ("!= websocket", "never", {"": "403", " | Upgrade: websocket": "app app /"}),
    ],
)
def test_nobody_gets_in_by_an_upgrade_that_the_gateway_does_not_see(condition: str, envoyfilter: str, expected: dict[str, str]) -> None:
    body = f"location / {{ if ($http_upgrade {condition}) {{ return 403; }} proxy_pass http://app; }}"
    conversion = convert_server(body, before=UPSTREAM, decisions=Decisions(defaults=Defaults(envoyfilter=envoyfilter)))
    assert {text: answer(conversion, request(f"/{text}")) for text in expected} == expected
