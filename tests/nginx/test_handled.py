"""The tables and the code agree: what is called exact is consumed, what restricts access is never passed by."""

import pytest

from converter.model import mappings
from converter.nginx import handled
from tests.conversions import convert_server, convert_text, http, outcome, server
from tests.gateway import UPSTREAM, answer, request

# Restrictions that have a place of their own: in TLS, in a stream, among upstreams, or in the variable that an `if` asks for.
ELSEWHERE = {
    "ssl_verify_client",
    "ssl_crl",
    "ssl_ocsp",
    "ssl_reject_handshake",
    "js_access",
    "ntlm",
    "valid_referers",
    "secure_link",
    "satisfy",
}
ARGUMENTS = {"internal": "", "deny": "all", "allow": "10.0.0.0/8; deny all", "limit_except": "GET { deny all; }", "auth_request": "/auth",
             "auth_jwt": '"closed site"', "auth_basic": '"closed site"', "secure_link_secret": "word", "auth_jwt_require": "$valid",
             "auth_require": "$valid"}  # fmt: skip
ON = ("modsecurity", "ModSecurityEnabled", "testcookie", "rules_enabled")


def restricting() -> list[tuple[str, str]]:
    """Each directive that restricts access, with each block of http that it may stand in."""
    rows = [row for name, row in mappings.load().items() if row.restricts and name not in ELSEWHERE]
    return [(row.directive, context) for row in rows for context in row.contexts if context in ("http", "server", "location")]


def written(name: str) -> str:
    name = name.replace("*", "any")
    if name.endswith("_by_lua_block"):
        return f"{name} {{ ngx.exit(403) }}"
    text = f"{name} {ARGUMENTS.get(name, 'on' if name in ON else 'value')}".rstrip()
    return text if text.endswith("}") else f"{text};"


@pytest.mark.parametrize(("name", "context"), restricting())
def test_what_restricts_access_closes_the_route(name: str, context: str) -> None:
    inside = {context: written(name)}
    location = f"location /a {{ {inside.get('location', '')} proxy_pass http://app; }}"
    conversion = convert_server(inside.get("server", ""), location, before=f"{UPSTREAM}\n{inside.get('http', '')}")
    asked = request("POST /a" if name == "limit_except" else "/a")
    assert answer(conversion, asked) in ("403", "404")


@pytest.mark.parametrize(
    "name", [name for name, row in mappings.load().items() if row.restricts and row.harmless and "location" in row.contexts]
)
def test_what_is_switched_off_closes_nothing(name: str) -> None:
    (value, *_) = mappings.load()[name].harmless
    conversion = convert_server(f"location /a {{ {name} {value}; proxy_pass http://app; }}", before=UPSTREAM)
    assert answer(conversion, request("/a")) == "app app /a"


def test_a_password_within_limit_except_closes_the_other_methods() -> None:
    location = 'location /a { limit_except GET { auth_basic "closed"; auth_basic_user_file f; } proxy_pass http://app; }'
    conversion = convert_server(location, before=UPSTREAM)
    assert [answer(conversion, request(text)) for text in ("/a", "POST /a")] == ["app app /a", "403"]


def test_a_password_beside_addresses_that_may_do_without_it() -> None:
    location = (
        'location /a { satisfy any; allow 10.0.0.0/8; deny all; auth_basic "closed"; auth_basic_user_file f; proxy_pass http://app; }'
    )
    conversion = convert_server(location, before=UPSTREAM)
    assert [answer(conversion, request(text)) for text in ("/a | Client: 10.1.1.1", "/a")] == ["app app /a", "403"]
    assert outcome(conversion, "auth_basic") == "unsupported"


@pytest.mark.parametrize(
    ("directives", "condition"),
    [
        ("valid_referers none blocked *.example.com ~(?=z)y;", "$invalid_referer"),
        ("secure_link $arg_md5;", '$secure_link = ""'),
        ("", "$geoip_country_code = XX"),
    ],
)
def test_condition_on_what_a_gateway_cannot_know_closes_the_route(directives: str, condition: str) -> None:
    conversion = convert_server(
        f"location /a {{ {directives} if ({condition}) {{ return 403; }} proxy_pass http://app; }}", before=UPSTREAM
    )
    assert answer(conversion, request("/a")) == "403"
    assert outcome(conversion, "location", "/a") == "unsupported"


def test_a_server_that_rejects_handshakes_serves_nothing() -> None:
    body = "ssl_reject_handshake on; ssl_certificate a.crt; ssl_certificate_key a.key; location / { proxy_pass http://10.0.0.1; }"
    conversion = convert_text(
        http("server { listen 443 ssl default_server; return 404; ssl_certificate b.crt; }", server(body, listen="443 ssl"))
    )
    assert (
        not [host for host in conversion.hosts if "shop.example.com" in host.hosts]
        or outcome(conversion, "ssl_reject_handshake") != "exact"
    )


def test_what_the_tables_call_exact_is_consumed_by_code() -> None:
    exact = {name for name, row in mappings.load().items() if row.outcome.value == "exact"}
    assert exact - handled.names() <= {"http"}  # a container, which every conversion enters


def test_what_code_takes_stands_in_the_tables() -> None:
    assert {name for name in handled.names() if mappings.lookup(name) is None} == set()


@pytest.mark.parametrize("regex", [r"\bfoo", r"^/(?!a)(.*)\1$", r"(a)\1"])
@pytest.mark.parametrize("path", ["/foo", "/other", "/jump", "/exact"])
def test_a_location_whose_regex_has_no_counterpart_closes_what_it_might_take(regex: str, path: str) -> None:
    conversion = convert_server(
        f"location ~ {regex} {{ proxy_pass http://app; }}",
        "location = /exact { rewrite ^ /other last; }",
        "location ^~ /jump { rewrite ^ /other last; }",
        "location / { proxy_pass http://app; }",
        "location = /told { return 204; }",
        before=UPSTREAM,
    )
    assert answer(conversion, request(path)) == "403"
    assert answer(conversion, request("/told")) == "204"
    assert outcome(conversion, "location", "~") == "unsupported"
