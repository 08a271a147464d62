"""Redirect lists of thousands of lines, put to the real programs: each kind of line, first and last lines of routes, and what just misses."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from converter.model.applications import Application
from converter.model.rules import RedirectList, Rule
from converter.model.verification import Request, Verdict
from converter.sources import read_source
from tests import conversions
from tests.verify import real

LINES = 2_500
_FIRST = {
    "path": "/old/{}.html",
    "line": "/Was/{}?page=1",
    "argument": "id-{}",
}
_SERVER = """
map $uri $by_path { default ''; include path.map; }
map $request_uri $by_line { include line.map; }
map $arg_id $by_argument { volatile; include argument.map; }
upstream app { server 10.0.0.1:80; }
server { listen 80 default_server; return 404; }
"""


def _map(text: str, target: str) -> str:
    """A list with a line that leads nowhere and a regex in its middle."""
    rows = [f"{text.format(number)} {target.format(number)};" for number in range(LINES)]
    rows[LINES // 3] = f"{text.format(LINES // 3)} '';"
    rows.insert(LINES // 2, r"~^/(?:old|was)/special-.*$ /special;")
    return "\n".join(rows)


_FILES = {
    "path.map": _map(_FIRST["path"], "/new/{}"),
    "line.map": _map(_FIRST["line"], "/now/{}?from=list"),
    "argument.map": _map(_FIRST["argument"], "https://www.example.org/item/{}"),
}
_PROGRAMS = {
    "return": "if ($by_path) { return 301 $by_path; }",
    "return with the query": "if ($by_path) { return 302 $by_path?moved=1$is_args$args; }",
    "rewrite": "if ($by_path) { rewrite ^ $by_path permanent; }",
    "to another host": "if ($by_path) { return 308 https://www.example.org$by_path; }",
    "the line": "if ($by_line) { add_header X-R list always; return 301 $by_line; }",
    "rewrite of the line": "if ($by_line) { rewrite ^ $by_line redirect; }",
    "an argument": "if ($by_argument) { return 301 $by_argument; }",
    "two lists": "if ($by_path) { return 301 $by_path; } if ($by_line) { return 307 $by_line$is_args$args; }",
}
_NUMBERS = (0, 1, 30, 31, 32, LINES // 3, LINES // 2, LINES - 1, LINES)


def _requests() -> list[Request]:
    targets = [
        target
        for number in _NUMBERS
        for text in (f"/old/{number}.html", f"/Was/{number}?page=1", f"/any?id=id-{number}", f"/any?x=1&ID=ID-{number}&y=2")
        for target in (text, text.upper(), f"{text}&z=1" if "?" in text else f"{text}?z=1", f"{text}x")
    ]
    return [Request("GET", target, "shop.example.com") for target in (*targets, "/old/special-1", "/was/special-1", "/old/1.html/", "/")]


@pytest.fixture(params=_PROGRAMS)
def source(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    program = _PROGRAMS[request.param]
    server = conversions.server("if ($arg_stay) { return 200 stay; }", program, "location / { proxy_pass http://app; }")
    real.written(tmp_path, {"nginx.conf": conversions.http(_SERVER, server), **_FILES})
    return tmp_path / "nginx.conf"


def test_every_kind_of_list_is_answered_as_nginx_does(source: Path, bench: real.Bench) -> None:
    subject = real.subject(read_source(str(source)))
    found = bench.run(subject, tuple(_requests()))
    assert found.problems == ()
    assert [(str(r.request), r.differences) for r in found.results if r.verdict is not Verdict.AGREE] == []
    assert [rule.name for rule in _lists(subject.whole.applications)] != []


def _lists(applications: Iterable[Application]) -> list[Rule]:
    hosts = [host for application in applications for host in application.virtual_hosts]
    return [rule for host in hosts for rule in host.rules if isinstance(rule.action, RedirectList)]
