"""What counts as a difference of two answers, and what does not."""

import email.utils
import json
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from converter.model.records import replace
from converter.model.verification import Attempt, Reply
from converter.verify.comparison import Groups, differences, line, spread
from converter.verify.upstream_answer import Wishes, answer

TEXTS = st.text(st.characters(max_codepoint=0xFF), max_size=12)
NAMES = st.text(string.ascii_letters + "-", min_size=1, max_size=8)
HEADERS = st.lists(st.tuples(NAMES | st.sampled_from(["Expires", "Date", "Location", "Host"]), TEXTS), max_size=4).map(tuple)
DATES = st.tuples(
    st.sampled_from(["Expires", "Date"]), st.sampled_from(["-1", "0", "", "Tue, 24 Nov 2026 10:00:00 GMT", "1 Jan 99999 1:1:1 -0000"])
)
ATTEMPTS = st.builds(
    Attempt,
    st.sampled_from(["10.0.0.1:80", "10.0.0.2:8080"]),
    st.sampled_from(["GET", "POST"]),
    TEXTS,
    st.sampled_from(["HTTP/1.0", "HTTP/1.1"]),
    HEADERS,
    TEXTS,
    st.booleans(),
    st.none() | TEXTS,
)
REPLIES = st.builds(
    Reply,
    st.sampled_from([0, 200, 301, 403, 404, 502]),
    st.lists(st.one_of(st.tuples(NAMES, TEXTS), DATES), max_size=4).map(tuple) | HEADERS,
    TEXTS,
    TEXTS,
    st.sampled_from(["", "ab12"]),
    st.lists(ATTEMPTS, max_size=3).map(tuple),
)

ATTEMPT = Attempt("10.0.0.1:80", "GET", "/a?b", "HTTP/1.1", (("Host", "shop"), ("X-User", "1")), "", True, "shop")
REPLY = Reply(200, (("Location", "/x"), ("X-Own", "1"), ("Content-Type", "text/plain")), "own", "", "ab12", (ATTEMPT,))


def with_attempt(**changes: object) -> Reply:
    return replace(REPLY, attempts=(replace(ATTEMPT, **changes),))


def fields(nginx: Reply, gateway: Reply, groups: Groups = Groups()) -> list[str]:  # noqa: B008  # a value that nobody changes
    return [difference.field for difference in differences(nginx, gateway, groups)]


@given(REPLIES)
def test_a_reply_never_differs_from_itself(reply: Reply) -> None:
    assert differences(reply, reply) == ()


@settings(max_examples=40)
@given(REPLIES, REPLIES)
def test_whatever_two_replies_hold_the_same_fields_differ_from_either_side(one: Reply, other: Reply) -> None:
    names = {"request header " + name for name in ("x-forwarded-for", "x-forwarded-proto", "x-request-id")}
    if "<center>nginx" not in one.body + other.body and {one.status // 100, other.status // 100}.isdisjoint({3}):
        assert set(fields(one, other)) - names == set(fields(other, one)) - names


@pytest.mark.parametrize(
    ("other", "field"),
    [
        (replace(REPLY, status=404), "status"),
        (replace(REPLY, status=0, error="closed"), "status"),
        (replace(REPLY, headers=(("Location", "/y"), *REPLY.headers[1:])), "location"),
        (replace(REPLY, headers=REPLY.headers[1:]), "location"),
        (replace(REPLY, headers=(*REPLY.headers, ("X-More", "1"))), "response header x-more"),
        (replace(REPLY, headers=(REPLY.headers[0], ("X-Own", "2"), REPLY.headers[2])), "response header x-own"),
        (replace(REPLY, headers=(*REPLY.headers, ("X-Own", "1"))), "response header x-own"),
        (replace(REPLY, headers=(*REPLY.headers[:2], ("Content-Type", "text/html"))), "response header content-type"),
        (replace(REPLY, body="other"), "body"),
        (replace(REPLY, certificate="cd34"), "certificate"),
        (with_attempt(address="10.0.0.2:80"), "upstream"),
        (with_attempt(method="POST"), "request"),
        (with_attempt(target="/a?c"), "request"),
        (with_attempt(headers=(("Host", "other"), ("X-User", "1"))), "host"),
        (with_attempt(headers=(("Host", "shop"),)), "request header x-user"),
        (with_attempt(headers=(*ATTEMPT.headers, ("X-More", "1"))), "request header x-more"),
        (with_attempt(body="b"), "request body"),
        (with_attempt(tls=False, sni=None), "upstream TLS"),
        (with_attempt(sni="other"), "upstream TLS"),
    ],
)
def test_a_single_change_is_found_and_called_by_its_name(other: Reply, field: str) -> None:
    assert fields(REPLY, other) == fields(other, REPLY) == [field]


def test_an_attempt_that_only_one_side_makes_is_found() -> None:
    assert "upstream" in fields(REPLY, replace(REPLY, attempts=()))
    assert "upstream" in fields(REPLY, replace(REPLY, attempts=(ATTEMPT, ATTEMPT)))


@pytest.mark.parametrize("name", ["Date", "Server", "Connection", "Content-Length", "ETag", "X-Envoy-Upstream-Service-Time", "keep-alive"])
def test_what_belongs_to_a_hop_is_no_difference(name: str) -> None:
    assert fields(REPLY, replace(REPLY, headers=(*REPLY.headers, (name, "x")))) == []


@pytest.mark.parametrize("name", ["X-Verify-Id", "x-envoy-attempt-count", "traceparent", "Content-Length"])
def test_what_a_proxy_writes_to_each_request_is_no_difference(name: str) -> None:
    assert fields(REPLY, with_attempt(headers=(*ATTEMPT.headers, (name, "x")))) == []


@pytest.mark.parametrize("name", ["X-Forwarded-For", "X-Forwarded-Proto"])
def test_what_envoy_always_sends_on_counts_where_nginx_sends_it(name: str) -> None:
    one, other = (with_attempt(headers=(*ATTEMPT.headers, (name, value))) for value in ("1", "2"))
    assert fields(REPLY, other) == []
    assert fields(one, other) == [f"request header {name.lower()}"]


def test_the_spelling_of_a_name_and_the_blank_in_a_list_are_no_difference() -> None:
    one = replace(REPLY, headers=(*REPLY.headers, ("Vary", "a, b")))
    other = replace(REPLY, headers=(("vary", "a"), *REPLY.headers, ("VARY", "b")))
    assert fields(one, other) == []


def test_servers_of_a_group_stand_for_each_other_and_for_no_other() -> None:
    other = with_attempt(address="10.0.0.2:80")
    assert fields(REPLY, other, Groups((frozenset({"10.0.0.1:80", "10.0.0.2:80"}),))) == []
    assert fields(REPLY, other, Groups((frozenset({"10.0.0.1:80"}), frozenset({"10.0.0.2:80"})))) == ["upstream"]
    assert fields(REPLY, replace(REPLY, attempts=()), Groups((frozenset({"10.0.0.1:80", "10.0.0.2:80"}),))) != []


def test_mirrored_requests_come_in_any_order() -> None:
    copy = replace(ATTEMPT, address="10.0.0.9:80")
    shadow = replace(copy, headers=(("Host", "shop-shadow"), *copy.headers[1:]))
    assert fields(replace(REPLY, attempts=(copy, ATTEMPT)), replace(REPLY, attempts=(shadow, ATTEMPT))) == []
    assert fields(replace(REPLY, attempts=(copy, ATTEMPT)), replace(REPLY, attempts=(ATTEMPT, copy))) == []


def intact(attempt: Attempt) -> Reply:
    """What a test upstream answers."""
    start = " ".join((attempt.method, attempt.target, attempt.version))
    body = answer(attempt.address, start, attempt, Wishes(())).partition(b"\r\n\r\n")[2].decode()
    return replace(REPLY, body=body, attempts=(attempt,))


def test_a_body_that_an_upstream_wrote_is_told_by_what_it_saw_and_counts_once_it_was_changed() -> None:
    other = intact(replace(ATTEMPT, headers=(*ATTEMPT.headers, ("X-Envoy-Internal", "true"))))
    assert fields(intact(ATTEMPT), other) == []
    assert fields(intact(ATTEMPT), replace(other, body=other.body.replace("shop", "SHOP"))) == ["body"]


def test_the_html_of_nginx_which_nobody_configured_is_no_difference() -> None:
    page = Reply(404, (("Content-Type", "text/html"),), "<html><hr><center>nginx/1.31</center></html>")
    assert fields(page, Reply(404, (("Content-Type", "text/plain"),), "")) == []
    assert fields(page, Reply(503)) == ["status"]


def answer_at(seconds: float, life: float) -> Reply:
    """An answer given at that time, good for so many seconds."""
    dates = (("Date", email.utils.formatdate(seconds, usegmt=True)), ("Expires", email.utils.formatdate(seconds + life, usegmt=True)))
    return replace(REPLY, headers=(*REPLY.headers, *dates))


def test_how_long_an_answer_is_good_for_counts_and_not_when_it_was_given() -> None:
    assert fields(answer_at(0, 600), answer_at(3, 600)) == []
    assert fields(answer_at(0, 600), answer_at(3, 660)) == ["response header expires"]
    assert fields(answer_at(0, 600), replace(REPLY, headers=(*REPLY.headers, ("Expires", "-1")))) == ["response header expires"]


def test_a_certificate_counts_only_where_both_sides_show_one() -> None:
    assert fields(REPLY, replace(REPLY, certificate="")) == fields(replace(REPLY, certificate=""), REPLY) == []


def replies(*shares: tuple[int, str, int]) -> list[Reply]:
    return [Reply(status, attempts=(replace(ATTEMPT, address=to),)) for status, to, count in shares for _ in range(count)]


@given(st.lists(st.sampled_from(["a", "b", "c"]), max_size=40), st.randoms())
def test_a_distribution_never_differs_from_itself_in_another_order(names: list[str], random: object) -> None:
    one = replies(*((200, name, 1) for name in names))
    other = list(one)
    random.shuffle(other)
    assert spread(one, other) == ()


def test_chance_is_no_difference_and_another_share_is_one() -> None:
    one = replies((200, "a", 500), (200, "b", 500))
    assert spread(one, replies((200, "a", 530), (200, "b", 470))) == ()
    found = spread(one, replies((200, "a", 900), (200, "b", 100)))
    assert [(d.field, d.nginx, d.gateway) for d in found] == [
        ("share", "500 of 1000: 200 a", "900 of 1000: 200 a"),
        ("share", "500 of 1000: 200 b", "100 of 1000: 200 b"),
    ]


def test_an_answer_that_only_one_side_gives_is_a_difference_beyond_chance() -> None:
    assert spread(replies((200, "a", 1000)), replies((200, "a", 992), (503, "a", 8))) != ()


def test_a_line_names_status_location_and_what_each_upstream_was_asked() -> None:
    assert line(REPLY) == "200 /x from 10.0.0.1:80 (GET /a?b)"
    assert line(Reply(0, error="closed")) == "closed"


def test_differences_are_told_as_texts() -> None:
    (difference,) = differences(REPLY, with_attempt(sni=None))
    assert (difference.nginx, difference.gateway) == (f"{json.dumps(True)}, shop", f"{json.dumps(True)}, none")
