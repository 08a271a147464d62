"""A server that would need more rules than the bound is closed as a whole, and nothing that is lost with it counts as exact."""

import time

import pytest

from converter.model.conversion import Conversion
from tests.conversions import convert_text, http, server
from tests.gateway import answer, request

_KEPT = ("http", "events", "listen", "server_name")
_LONG = "map $request_uri $new { " + " ".join(f"~^/old/{number}$ /new/{number};" for number in range(2500)) + " }"
_MOVED = server("if ($new) { return 301 $new; }", "location / { proxy_pass http://10.0.0.1:8080; }")
_FACTORS = "".join(f"map $arg_{name} $m{name} {{ {' '.join(f'{key} {key};' for key in range(14))} }} " for name in "abc")


def _message(conversion: Conversion) -> str:
    (finding,) = [finding for finding in conversion.findings if finding.code == "NGX052"]
    return finding.message


def _exact(conversion: Conversion) -> set[str]:
    return {row.entry.directive for row in conversion.rows if row.outcome.value in ("exact", "approximate")} - {*_KEPT}


@pytest.mark.parametrize(
    "text",
    [
        http(_LONG, "add_header X-R a;", _MOVED),
        http(f"{_LONG} map $new $newer {{ default $new; }}", server("location / { return 301 $newer; }")),
        http(_FACTORS, server("location /a { return 204; } location / { return 200 $ma$mb$mc; } location = /b { return 204; }")),
        http(server(*(f"location /{number} {{ return 204; }}" for number in range(2001)))),
    ],
    ids=["a long list", "read through another map", "maps that multiply", "locations"],
)
def test_what_a_closed_server_loses_is_not_exact(text: str) -> None:
    conversion = convert_text(text)
    assert _exact(conversion) == set()
    assert answer(conversion, request("/old/1")) == "403"


def test_another_server_keeps_what_it_has() -> None:
    conversion = convert_text(http(_LONG, _MOVED, server("location / { return 204; }", name="b.example")))
    assert _exact(conversion) == {"server", "location", "return"}
    assert answer(conversion, request("/", "b.example")) == "204"


def test_a_map_that_feeds_logs_is_not_lost_with_it() -> None:
    conversion = convert_text(http(_LONG, "map $status $log { default 1; }", "access_log /var/log/nginx/a.log combined if=$log;", _MOVED))
    (row,) = [row for row in conversion.rows if row.entry.args[:1] == ("$status",)]
    assert "closed" not in row.reason


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (http(_LONG, _MOVED), "one for each line of map $request_uri $new (nginx.conf:3, 2,500 lines)"),
        (
            http(_FACTORS, server("location / { return 200 $ma$mb$mc; }")),
            f"what multiplies is {', '.join(f'map $arg_{name} $m{name} (nginx.conf:3, 14 lines)' for name in 'abc')}",
        ),
        (
            http(server("set $v 0;", *(f"if ($arg_a{number}) {{ set $v $v{number}; }}" for number in range(13)), "return 200 $v;")),
            "what multiplies is if ($arg_a0) (nginx.conf:5), if ($arg_a1) (nginx.conf:6), if ($arg_a2) (nginx.conf:7), and 10 more",
        ),
        (http(server(*(f"location /{number} {{ return 204; }}" for number in range(2001)))), "it has too many locations"),
    ],
    ids=["list", "maps", "ifs", "locations"],
)
def test_the_finding_names_what_the_rules_come_from(text: str, named: str) -> None:
    assert _message(convert_text(text)) == f"the server would need more than 2,000 rules: {named}"


def test_rules_that_would_be_thrown_away_are_not_followed() -> None:
    lines = " ".join(f"~^/old/{number}$ /new/{number};" for number in range(40_000))
    began = time.perf_counter()
    convert_text(http(f"map $request_uri $new {{ {lines} }}", _MOVED))
    assert time.perf_counter() - began < 20
