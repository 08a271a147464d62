import pytest

from converter.model.decisions import Decisions, Defaults
from tests.conversions import convert_server, outcome
from tests.gateway import UPSTREAM, answer, case, check, request


def says(words: str) -> str:
    return f"location = /r {{ valid_referers {words}; return 200 <$invalid_referer>; }}"


VALID, INVALID = "200 <>", "200 <1>"


def referred(*valid: str, invalid: tuple[str, ...] = (), absent: str = INVALID, odd: str = INVALID) -> dict[str, str]:
    """Requests with these Referers, without one, and with some that are no addresses of pages."""
    own = {f"/r | Referer: {text}": verdict for texts, verdict in ((valid, VALID), (invalid, INVALID)) for text in texts}
    return own | {"/r": absent, "/r | Referer: android-app://com.example/": odd, "/r | Referer: http://i.r": odd}


CASES = [
    case(
        "names, whatever their case, scheme, port and path",
        says("Shop.example.com other.test"),
        referred(
            *("http://shop.example.com", "https://SHOP.example.com/", "HTTP://shop.example.com:8080/x", "http://other.test:/?a"),
            invalid=("http://shop.example.comx/", "http://x.other.test/", "http://thief.test/http://other.test/", "ftp://other.test/"),
        ),
    ),
    case("none", says("none other.test"), referred("http://other.test/", invalid=("http://thief.test/",), absent=VALID)),
    case(
        "blocked",
        says("blocked other.test"),
        referred("http://other.test/", "ftp://thief.test/", invalid=("http://thief.test/",), odd=VALID),
    ),
    case(
        "none and blocked",
        says("none blocked other.test"),
        referred("http://other.test/", "ftp://thief.test/", invalid=("http://thief.test/",), absent=VALID, odd=VALID),
    ),
    case(
        "wildcards",
        says("*.head.test .both.test tail.*"),
        referred(
            *(
                "http://a.head.test/",
                "http://a.b.head.test",
                "http://both.test/",
                "http://a.both.test:1",
                "http://tail.co.uk/",
                "http://tail.de",
            ),
            invalid=("http://head.test/", "http://ahead.test/", "http://a.tail.de/", "http://x/a.head.test", "http://tail/de/"),
        ),
    ),
    case(
        "paths, which alone decide where the name is listed",
        says("www.a.test/in *.a.test/sub/ *.b.a.test ~a"),
        referred(
            *(
                "http://www.a.test/in",
                "http://WWW.A.test:80/inside?x",
                "http://x.a.test/sub/y",
                "http://c.b.a.test/",
                "http://a-regex.test/",
            ),
            invalid=("http://www.a.test/", "http://www.a.test/In", "http://www.a.test", "http://x.a.test/su", "http://none.test/"),
        ),
    ),
    case(
        "regexes over what stands behind the scheme",
        says(r"other.test ~\.google\. ~^[a-z]+\.test$ ~/blog/\d+"),
        referred(
            *("https://www.google.de/x", "http://abc.test", "https://ABC.test", "http://x.y/blog/7", "http://x.y/?r=.google."),
            invalid=("http://google.de/", "http://abc.test/", "http://x.y/blog/", "http://a1.test"),
        ),
    ),
    case(
        "names too short to be told by nginx",
        says("ab *.io"),
        referred("http://ab/c", "https://ab/", "http://a.io", invalid=("http://ab", "http://ab/", "https://ab", "http://b/cde")),
    ),
    case(
        "the names of the server",
        f"{says('server_names')} server_name .later.test;",
        referred("http://shop.example.com/x", "http://a.later.test/", invalid=("http://www.shop.example.com/",)),
    ),
    case(
        "several lines are one list, which replaces that of the server",
        "valid_referers outer.test; location = /r { valid_referers none a.test; valid_referers b.test; return 200 <$invalid_referer>; }"
        "location = /o { return 200 <$invalid_referer>; }",
        referred("http://a.test/x", "http://b.test/x", invalid=("http://outer.test/",), absent=VALID)
        | {"/o | Referer: http://outer.test/": VALID, "/o | Referer: http://a.test/xx": INVALID, "/o": INVALID},
    ),
    case(
        "no list",
        "location = /r { return 200 <$invalid_referer>; } location = /o { valid_referers a.test; if ($invalid_referer) { return 403; } }",
        {"/r": VALID, "/r | Referer: http://x.test/": VALID},
        {"location = /o": "unsupported"},
    ),
    case(
        "keeps others from pictures",
        "location /img/ { valid_referers none blocked server_names *.friend.test; if ($invalid_referer) { return 403; } proxy_pass http://app; }",
        {
            "/img/a": "app app /img/a",
            "/img/a | Referer: http://a.friend.test/": "app app /img/a",
            "/img/a | Referer: https://shop.example.com/": "app app /img/a",
            "/img/a | Referer: https://thief.test/": "403",
            "/img/a | Referer: https://thief.test/.friend.test": "403",
        },
    ),
]


@pytest.mark.parametrize(("body", "expected", "losses", "before"), CASES)
def test_referers_are_told_apart_as_by_nginx(body: str, expected: dict[str, str], losses: dict[str, str] | None, before: str) -> None:
    check(body, expected, losses, before)


@pytest.mark.parametrize(
    ("around", "words", "reason"),
    [
        ("", "a.test ~(?=x)y", "has no counterpart in RE2"),
        ("server_name ~^(www|shop)$;", "server_names", "are a regex"),
        ("valid_referers a.test ~b;", "c.test", "takes over the regexes of the level around it"),
        ("", "bücher.test", "not in ASCII"),
    ],
)
def test_a_list_that_a_route_cannot_ask_closes_it(around: str, words: str, reason: str) -> None:
    body = f"{around} location /a {{ valid_referers {words}; if ($invalid_referer) {{ return 404; }} proxy_pass http://app; }}"
    conversion = convert_server(body, before=UPSTREAM)
    assert answer(conversion, request("/a | Referer: http://a.test/")) == "403"
    (row,) = [row for row in conversion.rows if row.entry.context[-1:] == ("location",) and row.entry.directive == "valid_referers"]
    assert row.outcome.value == "unsupported"
    assert reason in row.reason


def test_a_list_within_another_one_takes_its_place() -> None:
    body = f"valid_referers server_names; {says('a.test')} location / {{ return 404; }}"
    conversion = convert_server(body, before=UPSTREAM)
    expected = {"/r | Referer: http://a.test/x": VALID, "/r | Referer: http://shop.example.com/x": INVALID}
    assert {text: answer(conversion, request(text)) for text in expected} == expected
    assert outcome(conversion, "valid_referers", "server_names") == "dead"


def test_a_list_that_nothing_reads() -> None:
    conversion = convert_server("location /a { valid_referers a.test; proxy_pass http://app; }", before=UPSTREAM)
    assert outcome(conversion, "valid_referers") == "dead"


def test_without_envoyfilters_nobody_gets_in_by_a_referer_that_envoy_drops() -> None:
    decisions = Decisions(defaults=Defaults(envoyfilter="never"))
    deny = "location /deny { if ($http_referer ~ spam) { return 403; } proxy_pass http://app; }"
    only = "location /only { if ($http_referer !~ ^http://a) { return 403; } proxy_pass http://app; }"
    conversion = convert_server(deny, only, before=UPSTREAM, decisions=decisions)
    expected = {"/deny": "403", "/deny | Referer: http://a": "403", "/only": "403", "/only | Referer: http://a": "app app /only"}
    assert {text: answer(conversion, request(text)) for text in expected} == expected
    assert (outcome(conversion, "if", "($http_referer", "~"), outcome(conversion, "if", "($http_referer", "!~")) == (
        "unsupported",
        "approximate",
    )
