import pytest

from converter.sources import Text
from converter.syntax.contexts import infer, kind_of
from converter.syntax.text_tree import grow


@pytest.mark.parametrize(
    ("text", "context"),
    [
        ("", ()),
        ("user nginx; events {} http {}", ()),
        ("events {} http { server { location / { } } }", ()),
        ("server { listen 80; location / { } }", ("http",)),
        ("upstream a { server b; } server { listen 80; }", ("http",)),
        ("upstream a { server b:1; } server { listen 80; proxy_pass a; }", ("stream",)),
        ("server { listen 80; ssl_preread on; }", ("stream",)),
        ("server { listen 143; protocol imap; }", ("mail",)),
        ("map $host $x { default 1; }", ("http",)),
        ("gzip on; gzip_types text/css;", ("http",)),
        ("proxy_set_header Host $host;", ("http",)),
        ("location / { proxy_pass http://a; }", ("http", "server")),
        ("listen 80; server_name a;", ("http", "server")),
        ("if ($host = a) { return 301 /b; }", ("http", "server")),
        ("proxy_pass http://a; proxy_set_header Host $host;", ("http", "server", "location")),
        ("fastcgi_pass unix:/x; include fastcgi_params;", ("http", "server", "location")),
        ("limit_except GET { deny all; }", ("http", "server", "location")),
        ("server 10.0.0.1:80; keepalive 8;", ("http", "upstream")),
        ("server 10.0.0.1:80 weight=2; server 10.0.0.2:80;", ("http", "upstream")),
        ("listen 80; return $time_iso8601;", ("stream", "server")),
        ("worker_connections 10;", ("events",)),
        ("~^/a$ 1;\n/b 0;\ndefault 2;", ("http", "map")),
        ("10.0.0.0/8 1;\n192.168.0.0/16 2;", ("http", "geo")),
        ("text/html html htm;\nimage/png png;", ("http", "types")),
        ("frobnicate 1; gzip on;", ("http",)),
        ("server { } server { } user x;", ("http",)),
    ],
)
def test_the_outermost_block_that_takes_all_is_chosen(text, context):
    assert infer(grow(Text("a", text), 1_000).directives) == context


def test_included_files_decide_where_the_text_itself_does_not():
    own = grow(Text("a", "include sites/*;"), 10).directives
    included = grow(Text("b", "server { listen 80; }"), 10).directives
    assert infer(own, included) == ("http",)


@pytest.mark.parametrize(
    ("context", "kind"),
    [
        ((), "main"),
        (("http", "server", "location", "location", "if"), "location_if"),
        (("http", "server", "if"), "server_if"),
        (("stream", "server"), "stream_server"),
        (("stream", "upstream"), "stream_upstream"),
        (("http", "map"), "entries"),
        (("rtmp", "server"), "unchecked"),
        (("http", "location"), "location"),
    ],
)
def test_kinds_of_blocks(context, kind):
    assert kind_of(context) == kind
