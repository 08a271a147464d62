"""Input that means harm, or is merely odd: bounded work, valid manifests, and values that stay what they were."""

import time

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from converter.model.conversion import Conversion
from tests.conversions import convert_server, convert_text, http, objects, routes
from tests.gateway import UPSTREAM, answer, request

ODD = [
    "a'b",
    'a"b',
    "a#b",
    "a: b",
    "- x",
    "%s %",
    "yes",
    "0x1F",
    "1e3",
    "~",
    "!tag",
    "&a *b",
    "é",
    "\u2028",
    "`id`",
    "$",
    "a\\b",
    "|",
    "> x",
    "[x",
    "\ttab",
]


def quoted(text: str) -> str:
    """A text as an argument of nginx, which reads it back as it was."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def timed(text: str, seconds: float) -> Conversion:
    started = time.perf_counter()
    conversion = convert_text(text)
    assert time.perf_counter() - started < seconds
    return conversion


@pytest.mark.parametrize("text", ODD)
def test_values_stay_what_they_were(text: str) -> None:
    value = quoted(text)
    body = f"location = /a {{ return 200 {value}; }} location = /b {{ add_header X-R {value}; proxy_set_header X-A {value}; proxy_pass http://app; }}"
    conversion = convert_server(body, before=UPSTREAM)
    assert answer(conversion, request("/a")) == f"200 {text}".rstrip()
    header = text
    assert answer(conversion, request("/b")) == f"app app /b x-a={header} +x-r={header}"


@settings(max_examples=60)
@given(st.text(st.characters(min_codepoint=0x20, exclude_characters="$\x7f", exclude_categories=["Cs"]), min_size=1, max_size=12))
def test_any_text_comes_back_from_the_manifest(text: str) -> None:
    conversion = convert_server(f"location = /a {{ return 200 {quoted(text)}; }}")
    (route,) = [found for found in routes(conversion) if found.get("match") == [{"uri": {"exact": "/a"}}]]
    assert route["directResponse"]["body"]["string"] == text


@pytest.mark.parametrize("text", ["a\nb", "a\r\nX-Evil: 1", "a\0b", "a\x1b[2J"])
def test_a_header_cannot_hold_lines_of_its_own(text: str) -> None:
    """Control characters reach a manifest only escaped, and no header of its own comes of them."""
    conversion = convert_server(f'location = /b {{ add_header X-R "{text}"; proxy_pass http://app; }}', before=UPSTREAM)
    for name, content in conversion.files.items():
        assert not [c for c in content if ord(c) < 0x20 and c not in "\n"], name
        list(yaml.safe_load_all(content))
    for found in objects(conversion, "VirtualService"):
        assert "X-Evil" not in {key for route in found["spec"]["http"] for key in _names(route)}


def _names(route: dict[str, dict[str, dict[str, dict[str, str]]]]) -> set[str]:
    return set(route.get("headers", {}).get("response", {}).get("add", {}))


@pytest.mark.parametrize("path", ["/a b", "/a#b", "/a'b", "/é", "/a:b", "/{x}", "/a%b", "/*", "/a?b", "/a\\b"])
def test_odd_names_of_locations_give_valid_manifests(path: str) -> None:
    conversion = convert_server(f"location {quoted(path)} {{ deny 10.0.0.1; proxy_pass http://app; }}", before=UPSTREAM)
    assert all(list(yaml.safe_load_all(content)) for content in conversion.files.values())


def test_comments_hold_no_text_that_ends_them() -> None:
    conversion = convert_server('location ~ "(?=x)\\n  evil: true" { proxy_pass http://app; }', before=UPSTREAM)
    for content in conversion.files.values():
        assert all("evil" not in str(document.get("spec", {}).keys()) for document in yaml.safe_load_all(content))


@pytest.mark.parametrize(
    "text",
    [
        "location / { " * 200 + "}" * 200,
        "a { " * 20_000,
        "{" * 50_000,
        "}" * 50_000,
        "map $a $b { " * 500,
        "if ($a) { " * 300 + "return 200;" + "}" * 300,
    ],
    ids=["nested locations", "open blocks", "open braces", "closing braces", "nested maps", "nested ifs"],
)
def test_deep_nesting_is_bounded(text: str) -> None:
    timed(http(f"server {{ listen 80; {text} }}"), 20)
    timed(text, 20)


def test_a_huge_map_is_bounded() -> None:
    keys = "\n".join(f"key{number} value{number % 7};" for number in range(20_000))
    conversion = timed(
        http(f"map $http_x_a $m {{ {keys} }}", "server { listen 80; location / { proxy_pass http://10.0.0.1; proxy_set_header X-A $m; } }"),
        60,
    )
    assert len(conversion.rows) > 20_000


def test_maps_that_multiply_are_bounded() -> None:
    maps = "".join(f"map $arg_{name} $m{name} {{ {' '.join(f'{key} {key};' for key in range(12))} }}\n" for name in "abcdef")
    body = "server { listen 80; server_name a.example; location / { return 200 $ma$mb$mc$md$me$mf; } }"
    conversion = timed(http(maps, body), 60)
    assert "NGX052" in {finding.code for finding in conversion.findings}
    assert answer(conversion, request("/", "a.example")) == "403"


def test_ifs_that_multiply_are_bounded() -> None:
    ifs = "".join(f"if ($arg_a{number}) {{ set $v $v{number}; }}\n" for number in range(24))
    timed(http(f"server {{ listen 80; location / {{ set $v 0; {ifs} return 200 $v; }} }}"), 60)


@pytest.mark.parametrize(
    "text",
    [
        "map $b $a { default $b; } map $a $b { default $a; } server { listen 80; location = /a { return 200 $a; } }",
        "map $a $a { default $a; } server { listen 80; location = /a { return 200 $a; } }",
        "server { listen 80; location /a { rewrite ^ /b last; } location /b { rewrite ^ /a last; } }",
        "server { listen 80; recursive_error_pages on; error_page 404 /a; location /a { return 404; } }",
        "server { listen 80; location /a { try_files $uri /a; } }",
        "server { listen 80; location @a { try_files $uri @a; } location /a { try_files $uri @a; } }",
        "server { listen 80; location = /a { error_page 404 @n; return 404; } location @n { return 404; error_page 404 @n; } }",
        "server { listen 80; set $a $a$a$a$a; set $a $a$a$a$a; location = /a { return 200 $a; } }",
    ],
)
def test_circles_end(text: str) -> None:
    timed(http(text), 20)


def test_a_value_that_doubles_is_bounded() -> None:
    doubling = "set $a $a$a; " * 60
    conversion = timed(http(f'server {{ listen 80; set $a "0123456789"; {doubling} location = /a {{ return 200 $a; }} }}'), 30)
    assert all(len(content) < 8 * 1024 * 1024 for content in conversion.files.values())


@pytest.mark.parametrize(
    "regex",
    ["(a+)+$", "(x{1000}){1000}", "((((((((((a?){9}){9}){9}){9}){9}){9}))))", "[" + "a-z" * 2000 + "]", "(?:a|aa)*" * 200, "a" * 5000],
)
def test_regexes_that_explode_are_bounded(regex: str) -> None:
    timed(
        http(f'server {{ listen 80; location ~ "{regex}" {{ proxy_pass http://10.0.0.1; }} if ($uri ~ "{regex}") {{ return 403; }} }}'), 30
    )


@pytest.mark.parametrize(
    "statement",
    [
        "proxy_pass ;", "proxy_pass;", "return;", "return abc;", "return 99999999999999999999;", "rewrite;", "rewrite a;",
        "rewrite ( /b;", "if () { }", "if { }", "if ( { }", "set;", "set $a;", "set a b;", "error_page;", "error_page 404;",
        "error_page =;", "try_files;", "try_files a;", "allow;", "deny x;", "deny 1.2.3.4/99;", "add_header;", "add_header a;",
        "proxy_set_header;", "proxy_set_header Host;", "proxy_pass http://;", "proxy_pass http:///x;", "proxy_pass $;",
        "proxy_pass http://[::1;", "proxy_pass http://a:b;", "proxy_pass http://a:99999;", "proxy_read_timeout x;",
        "proxy_read_timeout;", "proxy_next_upstream_tries x;", "location { }", "location = { }", "location ~ { }", "location ~ ( { }",
        "expires;", "expires x;", "limit_except { }", "satisfy;", "listen;", "listen x:y;", "listen 99999999;", "listen 0;",
        "server_name;", 'server_name "";', "server_name ~;", "server_name ~(;", "server_name *;", "ssl_certificate;",
        "ssl_verify_client;", "ssl_protocols;", "ssl_ciphers;", "client_max_body_size;", "proxy_redirect;", "proxy_redirect a;",
        "proxy_cookie_path;", "proxy_hide_header;", "proxy_ssl_name;", "internal x;", "proxy_ssl_verify;", "absolute_redirect;",
        "return 200 $;", 'return 200 "${";', "return 200 ${a;", "rewrite ^ $1$2$3 last;", "rewrite (?<n>.) /$n$m last;", "default_type;",
    ],
)  # fmt: skip
def test_wrong_arguments_cost_only_themselves(statement: str) -> None:
    """Where nginx itself would refuse to start: no traceback, and the other server is converted."""
    for inside in (statement, f"location / {{ {statement} proxy_pass http://10.0.0.1; }}"):
        conversion = convert_text(
            http(f"server {{ listen 80; server_name a.example; {inside} }}", "server { listen 80; server_name b.example; return 204; }")
        )
        assert answer(conversion, request("/", "b.example")) == "204"
