"""What comes of a job, held against what the report says. The laboratory and istiod are told what to answer."""

from collections.abc import Callable
from pathlib import Path

import pytest

from converter.model.verification import Attempt, Reply, Request, Result, Verdict
from converter.verify.istiod.client import Configuration, Gateway, Message, Rejected
from converter.verify.lab.messages import Job, Outcome, Side
from converter.verify.subject import Subject
from converter.verify.verifying import failing, verify
from tests.conversions import http
from tests.verify import real

NGINX = http(
    "server { listen 80; server_name shop; location /a { proxy_pass http://10.0.0.1; } location /b { limit_req zone=x; return 204; } }"
)
ATTEMPT = Attempt("10.0.0.1:80", "GET", "/a", "HTTP/1.1", (("Host", "shop"),), "")
PASSED, FORBIDDEN, LIMITED = Reply(200, attempts=(ATTEMPT,)), Reply(403), Reply(503)


class Istiod:
    """Sends nothing, or refuses."""

    def __init__(self, refuses: str = "", messages: tuple[Message, ...] = ()) -> None:
        self._refuses, self._messages = refuses, messages

    def configuration(self, manifests: str, gateway: Gateway) -> Configuration:
        if self._refuses:
            raise Rejected(self._refuses)
        return Configuration({kind: [] for kind in ("listeners", "routes", "clusters", "endpoints")}, self._messages)


class Laboratory:
    """Has both sides answer as it is told; notes its jobs."""

    def __init__(self, nginx: Side, gateway: Side, blanked: dict[str, str] | None = None) -> None:
        self._outcome = Outcome(nginx, gateway, blanked or {})
        self.jobs: list[Job] = []

    def run(self, job: Job) -> Outcome:
        self.jobs.append(job)
        return self._outcome


def side(*replies: Reply, decided: tuple[str, ...] = ()) -> Side:
    """The answers to one request."""
    return Side("", (replies,), (decided,))


@pytest.fixture
def subject(tmp_path: Path) -> Subject:
    return real.subject(real.written(tmp_path, {"nginx.conf": NGINX}))


@pytest.fixture
def compared(subject: Subject) -> Callable[..., Result]:
    """What comes of one request."""

    def compare(target: str, nginx: Side, gateway: Side) -> Result:
        request = Request("GET", target, "shop", repeat=len(nginx.replies[0]))
        return verify(subject, (request,), Laboratory(nginx, gateway), Istiod()).results[0]

    return compare


def test_what_is_the_same_agrees_and_is_decided_by_location_and_route(compared: Callable[..., Result]) -> None:
    result = compared("/a", side(PASSED, decided=("/a",)), side(PASSED, decided=("unknown", "via_upstream")))
    assert (result.verdict, result.nginx, result.gateway) == (Verdict.AGREE, "nginx.conf:3 location /a", "route unknown")


def test_what_nobody_announced_is_silent(compared: Callable[..., Result]) -> None:
    result = compared("/a", side(PASSED), side(Reply(404)))
    assert (result.verdict, result.because, result.widened) == (Verdict.SILENT, "", False)


def test_what_is_announced_says_where(compared: Callable[..., Result]) -> None:
    result = compared("/b", side(Reply(204)), side(LIMITED))
    assert result.verdict is Verdict.ANNOUNCED
    assert "limit_req" in result.because


def test_what_is_let_in_is_silent_even_where_only_one_of_many_turns_shows_it(compared: Callable[..., Result]) -> None:
    turns = side(*[LIMITED] * 20, *[FORBIDDEN] * 20), side(*[LIMITED] * 20, *[Reply(204)] * 20)
    found = compared("/b", *turns)
    assert (found.verdict, found.widened) == (Verdict.SILENT, True)


def test_what_is_refused_as_often_on_both_sides_is_not_let_in(compared: Callable[..., Result]) -> None:
    result = compared("/b", side(FORBIDDEN, Reply(204)), side(Reply(204), FORBIDDEN))
    assert (result.verdict, result.widened) == (Verdict.AGREE, False)


def test_a_side_that_does_not_run_is_a_problem_in_words_of_the_source(subject: Subject) -> None:
    words = "unknown directive in /etc/nginx/nginx.conf:3"
    found = verify(subject, (), Laboratory(Side(words), Side("Envoy does not start")), Istiod())
    assert found.problems == (
        "nginx refuses the configuration: unknown directive in nginx.conf:3".replace(" in ", " in "),
        "Envoy does not start",
    )
    assert (found.refused, found.proved, found.results) == (True, False, ())


def test_manifests_that_istiod_refuses_are_a_problem(subject: Subject) -> None:
    laboratory = Laboratory(side(PASSED), Side())
    found = verify(subject, (Request("GET", "/", "shop"),), laboratory, Istiod("why"))
    assert (found.problems, found.refused) == (("istiod refuses the manifests: why",), False)
    assert laboratory.jobs[0].bootstrap is None


def test_what_was_changed_and_what_istiod_says_is_noted(subject: Subject) -> None:
    messages = (
        Message("IST0101", "Error", "a/b", "c"),
        Message("IST0133", "Warning", "a/b", "of each filter"),
        Message("X", "Info", "", ""),
    )
    laboratory = Laboratory(Side(), Side(), {"/etc/nginx/nginx.conf:7": "without x: unknown"})
    found = verify(subject, (), laboratory, Istiod(messages=messages))
    assert found.notes == (
        "nginx.conf:7: nginx's configuration was changed to run here: without x: unknown",
        "istiod: error IST0101 a/b: c",
    )


def test_what_no_request_took_is_counted(subject: Subject) -> None:
    found = verify(subject, (Request("GET", "/a", "shop"),), Laboratory(side(PASSED, decided=("/a",)), side(PASSED)), Istiod())
    routes, locations = found.coverage
    assert (routes.taken, len(routes.missed)) == (0, routes.total)
    assert (locations.taken, locations.total, locations.missed) == (1, 2, ("nginx.conf:3 location /b",))


def test_both_begin_anew_after_independent_requests_that_make_a_server_of_a_group_fail(tmp_path: Path) -> None:
    broken, laboratory = Request("GET", "/", "shop", headers=(("X-Reply-Close", "1"),)), Laboratory(Side("x"), Side("x"))
    for number, servers in enumerate(("server 10.0.0.1;", "server 10.0.0.1; server 10.0.0.2;")):
        text = http(f"upstream u {{ {servers} }}", "server { listen 80; location / { proxy_pass http://u; } }")
        group = real.subject(real.written(tmp_path / str(number), {"nginx.conf": text}))
        verify(group, (Request("GET", "/", "shop"), broken, broken), laboratory, Istiod(), 2)
    assert [job.fresh for job in laboratory.jobs] == [(), (1,)]


@pytest.mark.parametrize(("value", "fails"), [("503", True), ("404", True), ("200", False)])
def test_a_status_is_a_failure_only_where_nginx_tries_the_next_server_for_it(value: str, fails: bool, tmp_path: Path) -> None:
    request = Request("GET", "/", "shop", headers=(("X-Reply-Status", value),))
    found = []
    for number, directive in enumerate(("proxy_next_upstream error http_503;", "")):
        text = http(
            "upstream u { server 10.0.0.1; server 10.0.0.2; }", f"server {{ listen 80; {directive} location / {{ proxy_pass http://u; }} }}"
        )
        found.append(failing(real.subject(real.written(tmp_path / str(number), {"nginx.conf": text})), (request,)))
    assert found == [(0,) if fails else (), ()]
