import io

import pytest

from converter.model.findings import Severity
from converter.sources import read_source
from converter.syntax import parse

HTTP = "events {{}} http {{ {} }}"
SERVER = "events {{}} http {{ server {{ {} }} }}"
LOCATION = "events {{}} http {{ server {{ location / {{ {} }} }} }}"
UPSTREAM = "events {{}} http {{ upstream u {{ {} }} }}"


def findings(text):
    parsed = parse(read_source("-", io.BytesIO(text.encode())))
    return [(f.code, f.severity) for f in parsed.findings if f.severity > Severity.NOTE], parsed


@pytest.mark.parametrize(
    ("frame", "text", "code"),
    [
        (HTTP, "location / { }", "NGX021"),
        (HTTP, "listen 80;", "NGX021"),
        (SERVER, "upstream a { }", "NGX021"),
        (LOCATION, "server_name a;", "NGX021"),
        (LOCATION, "if ($a) { proxy_set_header a b; }", "NGX021"),
        (SERVER, "if ($a) { proxy_pass http://a; }", "NGX021"),
        (SERVER, "root;", "NGX022"),
        (SERVER, "root a b;", "NGX022"),
        (LOCATION, "proxy_set_header a;", "NGX022"),
        (SERVER, "location a b c { }", "NGX022"),
        (SERVER, "root a; root b;", "NGX023"),
        (LOCATION, "proxy_pass http://a; proxy_pass http://b;", "NGX023"),
        (SERVER, "gzip on; gzip off;", "NGX023"),
        ("events {{}} http {{}} http {{ {} }}", "", "NGX023"),
        (SERVER, "gzip yes;", "NGX024"),
        (SERVER, "client_max_body_size 1x;", "NGX025"),
        (LOCATION, "proxy_buffer_size 1.5k;", "NGX025"),
        (LOCATION, "proxy_read_timeout 1.5s;", "NGX026"),
        (SERVER, "keepalive_timeout abc;", "NGX026"),
        (SERVER, "listen 99999;", "NGX027"),
        (SERVER, "listen 1.2.3.4:x;", "NGX027"),
        (SERVER, "listen [::1;", "NGX027"),
        (SERVER, "listen unix:;", "NGX027"),
        (SERVER, "listen $PORT:80x;", "NGX027"),
        (UPSTREAM, "server http://a;", "NGX027"),
        (UPSTREAM, "server a:0;", "NGX027"),
        (UPSTREAM, "server a weight=x;", "NGX027"),
        (UPSTREAM, "server a weight=0;", "NGX027"),
        (UPSTREAM, "server a fail_timeout=1x;", "NGX027"),
        (LOCATION, "return hello;", "NGX028"),
        (LOCATION, "return 1000;", "NGX028"),
        (SERVER, "location /;", "NGX029"),
        (SERVER, "root /a { }", "NGX029"),
        (HTTP, "map $a $b { a; }", "NGX030"),
        (HTTP, "map $a $b { a b c; }", "NGX030"),
        (HTTP, "map $a $b { a { b c; } }", "NGX030"),
    ],
)
def test_what_nginx_refuses(frame, text, code):
    found, parsed = findings(frame.format(text))
    assert found == [(code, Severity.ERROR)]
    assert len(parsed.invalid) == 1


@pytest.mark.parametrize(
    ("frame", "text"),
    [
        (
            SERVER,
            "listen 80; listen [::]:80 default_server; listen 443 ssl; listen *:81; listen unix:/a; listen localhost:82; listen 8000-8010;",
        ),
        (
            UPSTREAM,
            "server a; server a:80 weight=2 max_fails=0 fail_timeout=10s backup; server unix:/x; server [::1]:80 down; keepalive 4;",
        ),
        (LOCATION, "return 204; return 301 https://a; return https://$host; return 200 'x';"),
        (
            LOCATION,
            "add_header a b; add_header a b; error_page 404 /a; error_page 500 /b; allow all; deny all; limit_req zone=a; limit_req zone=b;",
        ),
        (LOCATION, "proxy_read_timeout 1m30s; client_max_body_size 0; client_body_buffer_size 8k; gzip ON; expires max;"),
        (LOCATION, "if ($a) { include x*; } limit_except GET { include y*; deny all; }"),
        (SERVER, "http2 on; http3 off; ssl_reject_handshake on; ssl_conf_command Options KTLS; keepalive_timeout 10 5;"),
        (HTTP, "map $a $b { hostnames; volatile; default 1; '' 2; include x*; } geo $g { ranges; default 0; } types { a/b c d; }"),
        (HTTP, "split_clients $a $b { 10% x; * ''; } lua_shared_dict a 1m; more_set_headers 'a: b'; init_by_lua_block { x }"),
        ("{}", "rtmp { server { listen 1935; application live { live on; } } }"),
    ],
)
def test_what_nginx_takes(frame, text):
    found, parsed = findings(frame.format(text))
    assert [code for code, _ in found if code != "NGX013"] == []
    assert not parsed.invalid


def test_unknown_directives_are_not_invalid_and_a_near_name_is_suggested():
    found, parsed = findings(LOCATION.format("proxy_passs http://a; frobnicate_all 1;"))
    assert found == [("NGX013", Severity.WARNING)] * 2
    assert not parsed.invalid
    helps = [finding.help for finding in parsed.findings]
    assert "`proxy_pass`" in helps[0]
    assert "Did you mean" not in helps[1]


def test_a_forgotten_semicolon_is_pointed_at():
    _, parsed = findings(SERVER.format("root /a\n client_max_body_size 1m;"))
    assert "`client_max_body_size`" in parsed.findings[0].help
    assert (parsed.findings[0].position and parsed.findings[0].position.line) == 1
