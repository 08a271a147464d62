"""Rules as routes."""

from typing import Any

import pytest

from converter.istio.durations import duration
from converter.istio.losses import Losses
from converter.istio.routes import Routing
from converter.istio.yaml import plain
from converter.model.decisions import Decisions, Defaults
from converter.model.guards import PATH, Condition, Test
from converter.model.places import Position
from converter.model.rules import (
    Action,
    Answer,
    HeaderChange,
    PathRewrite,
    Policies,
    PrefixRewrite,
    Proxy,
    Redirect,
    Refuse,
    RegexRewrite,
    Retries,
    Rule,
)
from converter.model.upstreams import Endpoint, Upstream
from converter.model.values import Source, Template, Variable

APP = Upstream("app", "app.upstream.internal", 80, (Endpoint("10.0.0.1", 80),))
HOST, RAW, COOKIE = Variable(Source.HOST), Variable(Source.RAW_PATH), Variable(Source.COOKIE, "s")
AT, HERE = Condition(PATH, Test.PREFIX, "/a/"), Position("n", 1, 1)


def route(action: Action, policies: Policies = Policies(), filters: str = "needed") -> tuple[dict[str, Any], dict[str, Any], list[str]]:
    """The entry of a rule for `/a/`, what an EnvoyFilter adds, and the outcomes of losses, but for what every proxied route loses without one."""
    losses = Losses()
    routing = Routing({"app": APP}, Decisions(defaults=Defaults(envoyfilter=filters)), losses)
    found = routing.route(Rule((AT,), action, policies, (HERE,), "h.a"))
    http: Any = plain(found.http)
    lost = [loss.outcome.value for loss in losses.found if not loss.reason.startswith("without an EnvoyFilter")]
    return http, {**found.script, **found.envoy}, lost


def test_a_proxied_route_says_that_nothing_is_tried_twice() -> None:
    http, _, lost = route(Proxy("app", None))
    assert http == {
        "name": "h.a",
        "match": [{"uri": {"prefix": "/a/"}}],
        "route": [{"destination": {"host": "app.upstream.internal", "port": {"number": 80}}}],
        "retries": {"attempts": 0},
    }
    assert lost == []


def test_host_and_path_that_the_upstream_sees() -> None:
    http, _, _ = route(Proxy("app", Template.of("inner.example"), PathRewrite(PrefixRewrite("/b/"))))
    assert http["rewrite"] == {"uri": "/b/", "authority": "inner.example"}


def test_a_path_made_from_captures() -> None:
    http, _, _ = route(Proxy("app", None, PathRewrite(RegexRewrite("/a/(.*)", r"/b/\1"))))
    assert http["rewrite"] == {"uriRegexRewrite": {"match": "^/a/(.*)$", "rewrite": r"/b/\1"}}


def test_a_query_that_is_dropped_is_the_script_s() -> None:
    drops = Proxy("app", None, PathRewrite(RegexRewrite(".*", "/b"), drop_query=True))
    _, more, lost = route(drops)
    assert (more["drop_query"], lost) == (True, [])
    _, more, lost = route(drops, filters="never")
    assert ("drop_query" in more, lost) == (False, ["approximate"])


@pytest.mark.parametrize(
    ("redirect", "expected"),
    [
        (Redirect(301, Template.of("https://", HOST, RAW)), {"redirect": {"scheme": "https", "redirectCode": 301}}),
        (
            Redirect(302, Template.of("https://b.example", RAW)),
            {"redirect": {"scheme": "https", "authority": "b.example", "redirectCode": 302}},
        ),
        (
            Redirect(303, Template.of("http://b.example/x")),
            {"directResponse": {"status": 303}, "headers": {"response": {"set": {"Location": "http://b.example/x"}}}},
        ),
        (
            Redirect(302, Template.of("/100%")),
            {"directResponse": {"status": 302}, "headers": {"response": {"set": {"Location": "/100%%"}}}},
        ),
        (
            Redirect(301, None, RegexRewrite(".*", "/b/"), Template.of("http://", HOST), keep_query=True),
            {"redirect": {"scheme": "http", "uri": "/b/", "redirectCode": 301}},
        ),
    ],
)
def test_redirects(redirect: Redirect, expected: dict[str, Any]) -> None:
    http, _, lost = route(redirect)
    del http["name"], http["match"]
    assert (http, lost) == (expected, [])


def test_the_script_decides_whether_a_slash_begins_a_redirect() -> None:
    redirect = Redirect(301, None, RegexRewrite("(.*)/", r"\1"), Template.of("http://", HOST), before_slash=True)
    _, more, _ = route(redirect)
    assert more["redirect"] == {
        "status": "301", "origin": ["http://", {"host": "name"}], "from": "^(.*)/$", "to": "%1", "query": "drop", "before": "/",
    }  # fmt: skip
    http, _, lost = route(redirect, filters="never")
    assert (http["directResponse"]["status"], lost) == (403, ["unsupported"])


def test_a_method_is_the_script_s() -> None:
    _, more, lost = route(Proxy("app", None, method="GET"))
    assert (more["method"], lost) == ("GET", [])
    _, more, lost = route(Proxy("app", None, method="GET"), filters="never")
    assert ("method" in more, lost) == (False, ["approximate"])


def test_what_the_script_changes_it_keeps_for_headers() -> None:
    change = (HeaderChange("set", "X-A", Template.of("at ", RAW), origin=HERE),)
    drops = Proxy("app", None, PathRewrite(RegexRewrite(".*", "/b"), drop_query=True))
    http, more, _ = route(drops, Policies(request_headers=change, response_headers=change))
    assert more["kept"] == {"raw_path": {"header": ":path"}}
    assert {side: found["set"]["X-A"] for side, found in http["headers"].items()} == dict.fromkeys(
        ("request", "response"), "at %DYNAMIC_METADATA(nginx:raw_path)%"
    )
    http, more, _ = route(Proxy("app", None), Policies(request_headers=change))
    assert ("kept" in more, http["headers"]["request"]["set"]["X-A"]) == (False, "at %REQ(:path)%")


def test_a_redirect_made_from_captures_is_closed_without_filters() -> None:
    redirect = Redirect(301, None, RegexRewrite("/a/(.*)", r"/b/\1"), Template.of("http://", HOST), keep_query=True)
    http, more, _ = route(redirect)
    assert more["redirect"]["regex_rewrite"] == {"pattern": {"regex": "^/a/(.*)$"}, "substitution": r"/b/\1"}
    http, more, lost = route(redirect, filters="never")
    assert (http["directResponse"]["status"], more, lost) == (403, {}, ["unsupported"])


def test_answers() -> None:
    http, _, _ = route(Answer(200, Template.of("ok"), "text/plain"))
    assert http["directResponse"] == {"status": 200, "body": {"string": "ok"}}
    assert http["headers"]["response"]["set"] == {"Content-Type": "text/plain"}
    http, _, _ = route(Answer(201, Template.of("made"), "text/plain"))
    assert http["headers"]["response"]["remove"] == ["Location"]
    http, _, _ = route(Refuse("kept out"))
    assert http["directResponse"]["status"] == 403


def test_retries_and_times() -> None:
    http, more, lost = route(Proxy("app", None), Policies(retries=Retries(2, ("connect", "503")), idle_timeout=1.5))
    assert http["retries"] == {"attempts": 2, "retryOn": "connect-failure,refused-stream,503"}
    assert (more["route"]["idle_timeout"], lost) == ("1.5s", [])
    http, more, lost = route(Proxy("app", None), Policies(idle_timeout=30), filters="never")
    assert (http["timeout"], more, lost) == ("30s", {}, ["approximate"])


@pytest.mark.parametrize(
    ("seconds", "text"), [(1, "1s"), (0.001, "0.001s"), (90, "90s"), (100, "100s"), (0.25, "0.25s"), (86400, "86400s")]
)
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_a_header_that_only_a_script_can_make_is_removed_and_told_without_it() -> None:
    change = Policies(request_headers=(HeaderChange("set", "X-A", Template.of(COOKIE), origin=HERE),))
    _, more, lost = route(Proxy("app", None), change)
    assert (more["request_headers"], lost) == ([{"name": "x-a", "parts": [{"cookie": "s"}]}], [])
    http, _, lost = route(Proxy("app", None), change, filters="never")
    assert (http["headers"]["request"], lost) == ({"remove": ["X-A"]}, ["unsupported"])


def test_what_cannot_be_said_closes_the_route_and_never_opens_it() -> None:
    """Conditions that have no words are left out of the refusal: more is refused, not less."""
    both = (Condition(PATH, Test.REGEX, "a" * 1100), AT)
    losses = Losses()
    found = Routing({"app": APP}, Decisions(), losses).route(Rule(both, Proxy("app", None), origins=(HERE,), name="h.a"))
    http: Any = plain(found.http)
    assert http["directResponse"] == {"status": 403}
    assert [loss.outcome.value for loss in losses.found] == ["unsupported"]


def test_ports_of_a_host_that_shares_its_gateway() -> None:
    found = Routing({}, Decisions(), Losses()).route(Rule((AT,), Answer(204), name="h.a"), (80, 8080))
    http: Any = plain(found.http)
    assert [match["port"] for match in http["match"]] == [80, 8080]
    assert {match["uri"]["prefix"] for match in http["match"]} == {"/a/"}
