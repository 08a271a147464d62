"""A real nginx answers the request of a change otherwise with the old configuration than with the new one, which differs in one line."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from converter.difference.compare import compare
from converter.difference.side import Side, lists_of
from converter.model.changes import Effect
from converter.model.verification import Reply, Request
from converter.verify.subject import Subject
from tests.conversions import http, server
from tests.verify import real

UPSTREAMS = "upstream one { server 10.0.0.1:8080; } upstream two { server 10.0.0.2:8080; }"
DEFAULT = "server { listen 80 default_server; return 404; }"
GROUP = "location /g/ { proxy_pass http://one; } location / { return 404; }"
EDITS = (
    ("proxy_pass http://one;", "proxy_pass http://two;"),
    ("proxy_pass http://one;", "proxy_pass http://one/v2/;"),
    ("allow 192.0.2.0/24; deny all; proxy_pass http://one;", "allow 192.0.2.0/23; deny all; proxy_pass http://one;"),
    ("deny 203.0.113.9; proxy_pass http://one;", "proxy_pass http://one;"),
    ("proxy_pass http://one;", "limit_except GET { deny all; } proxy_pass http://one;"),
    ("if ($http_user_agent ~* (bot|spider)) { return 403; } return 204;", "if ($http_user_agent ~* bot) { return 403; } return 204;"),
    ("if ($cookie_group = beta) { return 202; } return 204;", "if ($cookie_group = gamma) { return 202; } return 204;"),
    ("if ($arg_debug) { return 202; } return 204;", "return 204;"),
    ("rewrite ^/a/(.*)$ /new/$1 permanent;", "rewrite ^/a/(.*)$ /newer/$1 permanent;"),
    ("return 301 /b/;", "return 302 /b/;"),
    ("return 200 one;", "return 200 two;"),
    ("return 204;", "add_header X-Probe 1; return 204;"),
    ("proxy_pass http://one;", "proxy_set_header Host x.test; proxy_pass http://one;"),
    ("proxy_pass http://one;", "proxy_set_header X-Probe $http_x_seen; proxy_pass http://one;"),
)  # of a location
OF_THE_SERVER = (
    ("location = /x { return 204; }", "location = /y { return 204; }"),
    ("location ^~ /x/ { return 204; }", "location /x/ { return 204; } location ~ [.]php$ { return 205; }"),
    (
        "location ~ ^/x/ { return 200 a; } location ~ [.]php$ { return 200 b; }",
        "location ~ [.]php$ { return 200 b; } location ~ ^/x/ { return 200 a; }",
    ),
)


def pairs() -> Iterator[tuple[str, str]]:
    yield from ((f"location /a/ {{ {old} }}", f"location /a/ {{ {new} }}") for old, new in EDITS)
    yield from OF_THE_SERVER


def seen(reply: Reply) -> object:
    """What a client and the upstreams see of a request."""
    headers = sorted((n.lower(), v) for n, v in reply.headers if n.lower() in ("location", "x-probe"))
    sent = [(a.address, a.method, a.target, sorted(h for h in a.headers if h[0].lower() in ("host", "x-probe"))) for a in reply.attempts]
    return reply.status, headers, reply.body if not sent else "", sent


def side_of(subject: Subject) -> Side:
    whole = subject.whole
    return Side("a text", whole.conversion.files, whole.conversion.rows, lists_of(whole.applications, whole.upstreams))


def reply(bench: real.Bench, subject: Subject, request: Request) -> object:
    side = bench.replies(subject, (request,))
    assert side.problem == ""
    return seen(side.replies[0][0])


@pytest.mark.parametrize("pair", list(pairs()), ids=lambda pair: re.sub(r"\W+", "-", pair[1])[:60])
def test_the_witness_is_answered_otherwise(bench: real.Bench, tmp_path: Path, pair: tuple[str, str]) -> None:
    old, new = (
        real.subject(real.written(tmp_path / name, {"nginx.conf": http(UPSTREAMS, DEFAULT, server(text, GROUP))}))
        for name, text in zip(("old", "new"), pair, strict=True)
    )
    found = [change for change in compare(side_of(old), side_of(new)).behaviour if change.request is not None]
    assert found
    for change in found:
        assert change.request is not None
        before, after = (reply(bench, subject, change.request) for subject in (old, new))
        assert before != after, change
        if change.effect is Effect.WIDENED:
            assert isinstance(before, tuple)
            assert isinstance(after, tuple)
            assert before[0] == 403
            assert after[0] != 403
