"""One request, and what nginx does with it. A real nginx is asked the like in test_real_nginx.py."""

import pytest

from converter.interpreter import CLOSED, Answered, Assumed, Interpretation, Sent, Unknown, interpret, read_http
from converter.interpreter.agreement import shown
from converter.model.verification import Request
from converter.nginx.usable import usable
from tests.derivation.derivations import parsed_text

HOST = "shop.test"


def followed(nginx: str, target: str = "/", assumed: Assumed | None = None, **more: str) -> Interpretation:
    """A GET of a target from a server with these statements; `more`: header lines, `_` for `-`."""
    text = nginx if "server {" in nginx else f"server {{ listen 80; server_name {HOST}; {nginx} }}"
    parsed = parsed_text(f"http {{ upstream app {{ server 10.0.0.1:8080; server 10.0.0.2 backup; }} {text} }}")
    headers = tuple((name.replace("_", "-"), value) for name, value in more.items())
    https = read_http(parsed, usable(parsed.root, parsed.invalid)[0])
    return interpret(https, Request("GET", target, HOST, headers=headers), assumed)


def end(nginx: str, target: str = "/", **more: str) -> str:
    return shown(followed(nginx, target, **more).end)


@pytest.mark.parametrize(
    ("nginx", "target", "said"),
    [
        ("return 403;", "/", "answered with 403"),
        ("return 444;", "/", f"answered with {CLOSED}"),
        ("location /a/ { proxy_pass http://app; }", "/a", "answered with 301 http://shop.test/a/"),
        ("location /a/ { proxy_pass http://app/b/; }", "/a/%41%2fx?y", "sent to app as GET /b/A/x?y"),
        ("location /a/ { proxy_pass http://app; }", "/a/%41%2fx?y", "sent to app as GET /a/%41%2fx?y"),
        ("location /a/ { rewrite ^/a/(.*)$ /$1 break; proxy_pass http://app/b/; }", "/a/x?y", "sent to app as GET /x?y"),
        ("location /a/ { rewrite ^ /b/; break; proxy_pass http://app/c/; }", "/a/", "sent to app as GET /b/"),
        ("location /a { rewrite ^ /a/x last; }", "/a", "answered with 500"),
        ("rewrite ^ /b; location /a { return 204; } location /b { return 205; }", "/a", "answered with 205"),
        ("error_page 404 = /no; location = /no { proxy_pass http://app; }", "/x", "sent to app as GET /no"),
        ("error_page 404 =200 /no; location = /no { return 202; }", "/x", "answered with 200"),
        ("error_page 404 /no; location = /no { return 403; }", "/x", "answered with 403"),
        ("error_page 404 http://o.test/; location /a { return 404; }", "/a", "answered with 302 http://o.test/"),
        ("location / { try_files $uri @app; } location @app { proxy_pass http://app; }", "/x?y", "sent to app as GET /x?y"),
        ("location / { try_files $uri /i?q=$uri; } location = /i { proxy_pass http://app; }", "/x?y", "sent to app as GET /i?q=/x"),
        ("location /i { internal; return 204; }", "/i", "answered with 404"),
        ("location / { deny all; return 204; }", "/", "answered with 204"),
        ("location / { deny all; proxy_pass http://app; }", "/", "answered with 403"),
        ("location / { limit_except POST { deny all; } return 204; }", "/", "answered with 403"),
        ("absolute_redirect off; rewrite ^/(.*)$ /n/$1 permanent;", "/a%20b?c", "answered with 301 /n/a%20b?c"),
        ("set $a 1; if ($arg_x) { set $a 2; } return 200 $a;", "/?x=0", "answered with 200"),
        ("location / { set $u http://app; proxy_pass $u/v$uri; }", "/x?y", "sent to app as GET /v/x"),
        ("location / { proxy_pass http://$host; }", "/", "answered with 502"),
        ("location / { resolver 10.0.0.9; proxy_pass http://$host; }", "/", "sent to shop.test:80 as GET /"),
        ("location / { proxy_pass http://app; }", "/%zz", "answered with 400"),
    ],
)
def test_what_becomes_of_a_request(nginx: str, target: str, said: str) -> None:
    assert end(nginx, target) == said


IFS = """location / { add_header X-L 1; proxy_set_header X-U u; proxy_pass http://app;
  if ($arg_a) { add_header X-A 1; } if ($arg_b) { proxy_pass http://10.0.0.9:81; } if ($arg_c) { return 200; } }"""


def test_the_last_if_that_holds_takes_the_place_of_its_location() -> None:
    assert [end(IFS, f"/?{args}") for args in ("z=1", "a=1", "a=1&b=1", "b=1&a=1")] == [
        "sent to app as GET /?z=1",
        "sent to app as GET /?a=1",
        "sent to 10.0.0.9:81 as GET /?a=1&b=1",
        "sent to 10.0.0.9:81 as GET /?b=1&a=1",
    ]
    answer = followed(IFS, "/?a=1&c=1").end
    assert isinstance(answer, Answered)
    assert answer.headers == (("X-L", "1"),)


def test_headers_come_from_the_nearest_level_that_has_any() -> None:
    nginx = "proxy_set_header X-A a; location /own { proxy_set_header X-B $arg_b; proxy_pass http://app; } location / { proxy_pass http://app; }"
    own, inherited = (followed(nginx, target, X_A="client").end for target in ("/own", "/"))
    assert isinstance(own, Sent)
    assert isinstance(inherited, Sent)
    assert own.headers == (("X-A", "client"),)
    assert inherited.headers == (("X-A", "a"),)
    assert (inherited.host, inherited.servers, inherited.backups) == ("app", ("10.0.0.1:8080",), ("10.0.0.2:80",))


def test_steps_say_where_a_setting_is_inherited_from() -> None:
    found = followed("server {\n listen 80;\n proxy_set_header X-A a;\n location / {\n proxy_pass http://app; } }")
    (step,) = [step for step in found.steps if step.text == "header X-A: a"]
    assert (str(step.position), step.inherited) == ("nginx.conf:3", "server (nginx.conf:1)")
    assert (str(found.server), str(found.location)) == ("nginx.conf:1", "nginx.conf:4")


@pytest.mark.parametrize(
    ("nginx", "reason"),
    [
        ("location / { auth_request /ask; proxy_pass http://app; }", "asks another location"),
        ("location / { root /srv; }", "folder of files"),
        ("location / { fastcgi_pass 10.0.0.1:9000; }", "is not followed"),
        ("location / { access_by_lua_file x.lua; proxy_pass http://app; }", "is not followed"),
        ("if ($request_id ~ ^a) { return 204; }", "what $request_id holds is not known"),
        ("location / { include rules.conf; proxy_pass http://app; }", "was not given"),
        (r"location ~ ^/(?<!x)(a*)*$ { return 204; }", "cannot be told"),
        ("listen 80 proxy_protocol;", "PROXY protocol"),
    ],
)
def test_what_cannot_be_told_is_not_guessed(nginx: str, reason: str) -> None:
    found = followed(nginx).end
    assert isinstance(found, Unknown)
    assert reason in found.reason


def test_a_value_that_is_not_known_spoils_only_itself() -> None:
    found = followed("location / { proxy_set_header X-I $request_id; proxy_pass http://app; }").end
    assert isinstance(found, Sent)
    assert found.headers == (("X-I", None),)


def test_an_upstreams_answer_counts_where_it_is_assumed() -> None:
    nginx = (
        "location / { proxy_pass http://app; error_page 503 /sorry; proxy_intercept_errors on; } location = /sorry { return 200 sorry; }"
    )
    assert shown(followed(nginx).end) == "sent to app as GET /"
    found = followed(nginx, assumed=Assumed(503))
    assert shown(found.end) == "answered with 503"
    assert [sent.upstream for sent in found.before] == ["app"]
    passed_on = followed(nginx.replace("proxy_intercept_errors on;", ""), assumed=Assumed(503))
    assert shown(passed_on.end) == "sent to app as GET /"


def test_the_address_is_what_trusted_proxies_say() -> None:
    nginx = """set_real_ip_from 198.51.100.0/24; set_real_ip_from 10.0.0.0/8; real_ip_header X-Forwarded-For;
      location / { allow 203.0.113.0/24; deny all; proxy_pass http://app; }"""
    chain = "203.0.113.9, 10.1.1.1"
    assert end(nginx, X_Forwarded_For=chain) == "answered with 403"
    assert end("real_ip_recursive on;" + nginx, X_Forwarded_For=chain) == "sent to app as GET /"


def test_no_servers_are_no_answer() -> None:
    assert isinstance(interpret([], Request("GET", "/", HOST)).end, Unknown)
