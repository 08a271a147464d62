"""What the report says of a directive excuses that and nothing else."""

import pytest

from converter.model.outcomes import PlatformDifference
from converter.model.verification import Attempt, Reply, Request
from converter.verify.concerns import EVERYTHING, NOTHING, PLATFORM, concerns, covers

PLAIN = Request("GET", "/", "shop")
TIMEOUTS = ["proxy_connect_timeout", "proxy_read_timeout", "proxy_send_timeout"]
BALANCING = ["hash", "ip_hash", "least_conn", "random", "sticky"]
FIELDS = ["status", "location", "request", "host", "body", "upstream", "share", "certificate", "response header x", "request header x"]


def covered(directive: str, nginx: int, gateway: int, request: Request = PLAIN, reason: str = "") -> set[str]:
    """What is excused where the two sides answer with these statuses."""
    fields = concerns(directive, reason, request, Reply(nginx), Reply(gateway))
    return {field for field in FIELDS if covers(fields, field)}


@pytest.mark.parametrize("directive", TIMEOUTS)
def test_a_timeout_excuses_a_failed_upstream_and_no_other_status(directive: str) -> None:
    assert {"status"} <= covered(directive, 504, 200) == covered(directive, 200, 503)
    assert covered(directive, 200, 404) == covered(directive, 403, 200) == covered(directive, 200, 200) == set()


def test_a_limit_of_the_body_excuses_a_413_and_no_other_status() -> None:
    assert {"status"} <= covered("client_max_body_size", 413, 200)
    assert covered("client_max_body_size", 200, 404) == covered("client_max_body_size", 403, 200) == set()


@pytest.mark.parametrize("directive", BALANCING)
def test_balancing_excuses_another_upstream_and_never_a_status(directive: str) -> None:
    for statuses in ((200, 200), (200, 503), (403, 200)):
        assert covered(directive, *statuses) == {"upstream", "share"}


@pytest.mark.parametrize("directive", ["limit_req", "limit_conn", "limit_req_zone"])
def test_a_limit_of_the_rate_excuses_what_limits_answer(directive: str) -> None:
    assert {"status", "share"} <= covered(directive, 200, 429)
    assert covered(directive, 200, 404) == set()


@pytest.mark.parametrize(
    ("directive", "fields"),
    [
        ("sendfile", set()),
        ("proxy_buffers", set()),
        ("add_header", {"body", "response header x"}),
        ("gzip", {"body", "response header x"}),
        ("proxy_redirect", {"body", "response header x", "location"}),
        ("proxy_set_header", {"host", "request header x"}),
        ("ssl_verify_client", {"status", "certificate"}),
    ],
)
def test_a_directive_excuses_its_own_part_of_an_answer(directive: str, fields: set[str]) -> None:
    assert covered(directive, 200, 404) == fields


@pytest.mark.parametrize("directive", ["location", "if", "rewrite", "deny", "some_module_of_others"])
def test_what_decides_about_everything_excuses_everything(directive: str) -> None:
    assert covered(directive, 200, 404) == set(FIELDS)


def test_a_reason_narrows_what_its_directive_excuses() -> None:
    upgrade = Request("GET", "/", "shop", headers=(("upgrade", "websocket"),))
    reason = "only where the client asks for an upgrade"
    assert covered("proxy_set_header", 200, 404, reason=reason) == set()
    assert covered("proxy_set_header", 200, 404, upgrade, reason) == set(FIELDS)


def test_a_doubled_header_excuses_headers_for_requests_that_double_one() -> None:
    reason = "a second line of the same name is lost"
    doubled = Request("GET", "/", "shop", headers=(("A", "1"), ("a", "2")))
    assert covered("map", 200, 200, reason=reason) == set()
    assert covered("map", 200, 200, doubled, reason) == {"response header x", "request header x"}
    assert covered("map", 200, 200, Request("GET", "/", "shop", raw="GET / HTTP/1.1\n\n"), reason) != set()


def test_several_reasons_excuse_what_any_of_them_is_about() -> None:
    reason = "servers take turns anew; answers with an empty Location"
    assert covered("return", 200, 503, reason=reason) == {"upstream", "share", "location"}


def test_a_kind_covers_its_headers_and_a_header_only_itself() -> None:
    assert covers(frozenset({"request header"}), "request header x-user")
    assert covers(frozenset({"request header x-user"}), "request header x-user")
    assert not covers(frozenset({"request header x-user"}), "request header x")
    assert not covers(frozenset({"request header"}), "request")
    assert not covers(frozenset({"request header"}), "request body")
    assert not covers(NOTHING, "status")
    assert covers(EVERYTHING, "status")


@pytest.mark.parametrize("platform", [p for p in PlatformDifference if p in PLATFORM])
def test_no_difference_of_the_platforms_that_is_listed_excuses_where_a_request_goes(platform: PlatformDifference) -> None:
    assert not [field for field in ("request", "host", "location", "request header x") if covers(PLATFORM[platform], field)]


@pytest.mark.parametrize("directive", ["allow", "deny", "satisfy", "auth_basic", "auth_request"])
def test_who_is_let_in_may_change_everything(directive: str) -> None:
    assert covered(directive, 200, 404) == set(FIELDS)


def test_a_level_that_has_files_alone_does_not_excuse_what_its_locations_send_on() -> None:
    reason, sent = (
        "nothing is configured here, so nginx looks for files; the gateway answers 404",
        Attempt("a:80", "GET", "/", "HTTP/1.1", (), ""),
    )
    for nginx, gateway, excused in (
        (Reply(200), Reply(404), True),
        (Reply(200, attempts=(sent,)), Reply(404), False),
        (Reply(404), Reply(200), False),
    ):
        assert covers(concerns("server", reason, PLAIN, nginx, gateway), "status") is excused
