"""Whether the report had said it: by a directive that the request meets, or by what is odd about the request."""

from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from converter.model.conversion import Conversion, PlatformNote
from converter.model.ledger import Row
from converter.model.outcomes import Outcome
from converter.model.outcomes import PlatformDifference as Platform
from converter.model.verification import Attempt, Difference, Reply, Request
from converter.verify.announcing import Announced, unusual, widened
from converter.verify.comparison import differences
from tests.sample_conversion import row

PLAIN = Request("GET", "/", "shop.example.com")
ATTEMPT = Attempt("10.0.0.1:80", "GET", "/", "HTTP/1.1", (), "")
PASSED, MISSING, FORBIDDEN = Reply(200, attempts=(ATTEMPT,)), Reply(404), Reply(403)
OPEN = [outcome for outcome in Outcome if not outcome.settled]
STATUS = (Difference("status", "200", "404"),)


def announced(rows: Iterable[Row] = (), platform: Iterable[Platform] = ()) -> Announced:
    return Announced(Conversion("shop", rows=tuple(rows), platform=tuple(PlatformNote(difference, "") for difference in platform)))


def because(
    rows: Iterable[Row],
    replies: tuple[Reply, Reply] = (PASSED, MISSING),
    found: tuple[Difference, ...] | None = None,
    request: Request = PLAIN,
    platform: Iterable[Platform] = (),
) -> str:
    """Why, for a request that meets all of these rows in their order."""
    rows = tuple(rows)
    found = differences(*replies) if found is None else found
    return announced(rows, platform).because(request, replies, found, [r.entry.position for r in rows])


@pytest.mark.parametrize("outcome", OPEN)
def test_what_is_not_settled_announces_with_its_place_and_outcome(outcome: Outcome) -> None:
    assert because([row(7, "rewrite", outcome, "^/a", "/b", reason="why")], found=STATUS) == (
        f"nginx.conf:7 rewrite ^/a /b ({outcome.value}): why"
    )


@pytest.mark.parametrize("outcome", [outcome for outcome in Outcome if outcome.settled])
def test_what_is_settled_announces_nothing(outcome: Outcome) -> None:
    assert because([row(7, "rewrite", outcome)], found=STATUS) == ""


def test_a_directive_that_the_request_does_not_meet_announces_nothing() -> None:
    report = announced([row(7, "rewrite", Outcome.UNSUPPORTED)])
    assert report.because(PLAIN, (PASSED, MISSING), STATUS, [row(8, "x", Outcome.EXACT).entry.position]) == ""


def test_the_innermost_directive_is_named_and_a_block_only_where_nothing_in_it_is() -> None:
    rows = [row(1, "rewrite", Outcome.UNSUPPORTED), row(2, "location", Outcome.UNSUPPORTED), row(3, "set", Outcome.UNSUPPORTED)]
    assert because(rows, found=STATUS).startswith("nginx.conf:3 set")
    assert because(rows[:2], found=STATUS).startswith("nginx.conf:1 rewrite")
    assert because(rows[1:2], found=STATUS).startswith("nginx.conf:2 location")


def test_every_difference_needs_an_excuse_of_its_own() -> None:
    balanced, headed = row(1, "least_conn", Outcome.APPROXIMATE), row(2, "add_header", Outcome.APPROXIMATE, "X", "1")
    found = (Difference("upstream", "a", "b"), Difference("response header x", "1", "none"))
    assert because([balanced], found=found) == because([headed], found=found) == ""
    assert because([balanced, headed], found=found) == "; ".join(
        because([r], found=found[i : i + 1]) for i, r in enumerate((balanced, headed))
    )


@pytest.mark.parametrize("directive", ["proxy_read_timeout", "client_max_body_size", "least_conn", "add_header"])
def test_an_announcement_about_something_else_does_not_excuse_another_status(directive: str) -> None:
    assert because([row(1, directive, Outcome.APPROXIMATE)], (PASSED, MISSING)) == ""


def test_where_the_status_may_differ_so_may_all_that_comes_with_it() -> None:
    found = (*STATUS, Difference("body", "a", "b"), Difference("response header x", "1", "none"))
    failed = Reply(504)
    assert because([row(1, "proxy_read_timeout", Outcome.APPROXIMATE)], (PASSED, failed), found) != ""


def test_a_long_directive_is_shown_by_its_beginning() -> None:
    shown = because([row(1, "rewrite", Outcome.UNSUPPORTED, "x" * 1000)], found=STATUS)
    assert len(shown) < 100
    assert "…" in shown


@pytest.mark.parametrize("nginx", [401, 403])
@pytest.mark.parametrize("gateway", [PASSED, Reply(204), Reply(403, attempts=(ATTEMPT,))])
def test_the_gateway_lets_in_what_nginx_kept_out(nginx: int, gateway: Reply) -> None:
    assert widened(Reply(nginx), gateway)
    assert not widened(gateway, Reply(nginx))


@pytest.mark.parametrize("nginx", [Reply(404), Reply(403, attempts=(ATTEMPT,)), PASSED])
def test_what_nginx_does_not_keep_out_is_not_widened(nginx: Reply) -> None:
    assert not widened(nginx, PASSED)


@pytest.mark.parametrize("outcome", [outcome for outcome in OPEN if outcome is not Outcome.WAIVED])
@pytest.mark.parametrize("directive", ["deny", "location", "server", "auth_basic", "unknown_directive"])
def test_what_is_widened_is_never_announced_by_an_open_directive(directive: str, outcome: Outcome) -> None:
    assert because([row(1, directive, outcome)], (FORBIDDEN, PASSED)) == ""


def test_what_is_widened_is_never_announced_by_a_difference_of_the_platforms() -> None:
    odd = Request("GET", "//a%2f", None, headers=(("A", "1"), ("a", "2")))
    assert because([], (FORBIDDEN, PASSED), request=odd, platform=Platform) == ""
    assert because([], (PASSED, MISSING), request=odd, platform=Platform) != ""


def test_what_is_widened_is_announced_by_a_waiver_of_what_keeps_out() -> None:
    rows = [row(1, "deny", Outcome.WAIVED, "all", reason="the firewall does it"), row(2, "satisfy", Outcome.APPROXIMATE, "any")]
    assert because(rows, (FORBIDDEN, PASSED)) == "nginx.conf:1 deny all (waived): the firewall does it"


@pytest.mark.parametrize("directive", ["gzip", "add_header", "proxy_read_timeout", "least_conn", "sendfile"])
def test_a_waiver_about_something_else_does_not_excuse_what_is_widened(directive: str) -> None:
    assert because([row(1, directive, Outcome.WAIVED, reason="nobody misses it")], (FORBIDDEN, PASSED)) == ""


@pytest.mark.parametrize(
    ("request_", "platform"),
    [
        (Request("GET", "//a", "h"), Platform.PATH_SPELLING),
        (Request("GET", "/a/../b", "h"), Platform.PATH_SPELLING),
        (Request("GET", "/a%41", "h"), Platform.PATH_SPELLING),
        (Request("GET", "/a?", "h"), Platform.PATH_SPELLING),
        (Request("GET", "/\xff", "h"), Platform.PATH_SPELLING),
        (Request("GET", "http://h/", "h"), Platform.PATH_SPELLING),
        (Request("GET", "/", "SHOP"), Platform.HOST_SPELLING),
        (Request("GET", "/", "shop."), Platform.HOST_SPELLING),
        (Request("GET", "/", "shop:80"), Platform.HOST_SPELLING),
        (Request("GET", "/", ""), Platform.HOST_SPELLING),
        (Request("GET", "/", None), Platform.HOST_SPELLING),
        (Request("GET", "/", "a", headers=(("host", "b"),)), Platform.HOST_SPELLING),
        (Request("GET", "/", "a", "https", 443, "b"), Platform.SNI_DIFFERS),
        (Request("PURGE", "/", "a"), Platform.PROTOCOL),
        (Request("GET", "/", "a", raw="GET / HTTP/1.0\nHost: a\n\n"), Platform.PROTOCOL),
        (Request("GET", "/", "a", headers=(("X_A", "1"),)), Platform.PROTOCOL),
        (Request("GET", "/", "a", headers=(("X", "1"), ("x", "2"))), Platform.PROTOCOL),
        (Request("GET", "/", "a", headers=(("Expect", "100-continue"),)), Platform.PROTOCOL),
        (Request("GET", "/" + "a" * 9000, "a"), Platform.PROTOCOL),
        (Request("GET", "/", "a", headers=(("X-Reply-Close", "1"),)), Platform.RETRY_DEFAULT),
        (Request("GET", "/", "a", headers=(("X-Reply-Header", "X-Accel-Expires: 1"),)), Platform.RESPONSE_HEADERS),
    ],
)
def test_an_unusual_request_is_known_by_what_is_odd_about_it(request_: Request, platform: Platform) -> None:
    assert unusual(request_, PASSED, PASSED) == {platform}


@pytest.mark.parametrize(
    ("nginx", "gateway", "body", "found"),
    [
        (502, 503, "", {Platform.UPSTREAM_FAILURE_STATUS, Platform.ERROR_PAGE_BODY}),
        (504, 504, "", {Platform.UPSTREAM_FAILURE_STATUS, Platform.ERROR_PAGE_BODY}),
        (503, 502, "", {Platform.ERROR_PAGE_BODY}),
        (502, 200, "", {Platform.ERROR_PAGE_BODY}),
        (413, 200, "", {Platform.ERROR_PAGE_BODY}),
        (413, 200, "x" * (1024 * 1024 + 1), {Platform.ERROR_PAGE_BODY, Platform.BODY_LIMIT_DEFAULT}),
        (200, 404, "", set()),
    ],
)
def test_some_differences_of_the_platforms_are_known_by_the_answers(nginx: int, gateway: int, body: str, found: set[Platform]) -> None:
    assert unusual(Request("POST", "/", "a", body=body), Reply(nginx), Reply(gateway)) == found


NAMES = st.from_regex(r"[A-Za-z][A-Za-z0-9-]{0,8}", fullmatch=True)


@settings(max_examples=40)
@given(
    st.sampled_from(["GET", "POST", "HEAD"]),
    st.from_regex(r"(/[A-Za-z0-9._~-]{1,5}){1,3}(\?[a-z]=[a-z0-9]{1,5})?", fullmatch=True).filter(lambda target: "/." not in target),
    st.from_regex(r"[a-z0-9]{1,9}(\.[a-z]{1,5}){0,2}", fullmatch=True),
    st.lists(NAMES.map(lambda name: "X-" + name.capitalize()), max_size=3, unique=True),
)
def test_nothing_is_odd_about_what_browsers_send(method: str, target: str, host: str, names: list[str]) -> None:
    headers = tuple((name, "1") for name in names if not name.lower().startswith("x-reply"))
    assert unusual(Request(method, target, host, headers=headers), PASSED, PASSED) == set()
    assert unusual(Request(method, target, host, "https", 443, host, headers), PASSED, PASSED) == set()


def test_a_difference_of_the_platforms_counts_only_where_the_report_has_it() -> None:
    odd = Request("GET", "//a", "shop.example.com")
    assert because([], request=odd, platform=[Platform.PATH_SPELLING]) == "platform difference path-spelling"
    assert because([], request=odd, platform=[Platform.PROTOCOL]) == ""


def test_a_failure_status_of_the_platform_does_not_excuse_where_a_request_went() -> None:
    found = (Difference("request", "GET /a", "GET /b"),)
    assert because([], (Reply(502), Reply(503)), found, platform=Platform) == ""
