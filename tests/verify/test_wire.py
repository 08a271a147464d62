import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from converter.model.verification import Reply, Request
from converter.verify.wire import exchange, to_bytes


def answered(octets: bytes, method: str = "GET", most: int = 1024 * 1024, pieces: int = 65536) -> Reply:
    """What `exchange` makes of an answer that comes in pieces of some octets."""
    near, far = socket.socketpair()

    def answer() -> None:
        with far, suppress(OSError):  # nobody may want the rest
            while far.recv(65536)[-4:] != b"\r\n\r\n":
                pass
            for start in range(0, len(octets), pieces):
                far.sendall(octets[start : start + pieces])

    thread = threading.Thread(target=answer)
    thread.start()
    try:
        with near:
            near.settimeout(10)
            return exchange(near, b"GET / HTTP/1.1\r\n\r\n", method, most)
    finally:
        thread.join()


@contextmanager
def silent(first: bytes = b"") -> Iterator[socket.socket]:
    """A connection whose other end says no more than that, and stays open."""
    near, far = socket.socketpair()
    with near, far:
        far.sendall(first)
        near.settimeout(0.05)
        yield near


def test_the_head_has_host_first_then_what_clients_send_and_the_identity_last() -> None:
    request = Request("POST", "/a/../b?c=%2f d", "h:81", headers=(("X-B", "1"), ("x-b", "2")), body="\xc3\xbc")
    assert to_bytes(request, "7#1") == (
        b"POST /a/../b?c=%2f d HTTP/1.1\r\nHost: h:81\r\nUser-Agent: nginx2istio-verify\r\nAccept: */*\r\nX-B: 1\r\nx-b: 2\r\n"
        b"Connection: close\r\nContent-Length: 2\r\nX-Verify-Id: 7#1\r\n\r\n\xc3\xbc"
    )


def test_what_a_request_names_is_not_added_again() -> None:
    named = (("accept", "a"), ("USER-AGENT", "b"), ("connection", "upgrade"), ("transfer-encoding", "chunked"))
    sent = to_bytes(Request("PUT", "/", None, headers=named, body="0\r\n\r\n"))
    assert sent == b"PUT / HTTP/1.1\r\naccept: a\r\nUSER-AGENT: b\r\nconnection: upgrade\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n"


@pytest.mark.parametrize(("method", "length"), [("GET", False), ("DELETE", False), ("POST", True), ("PATCH", True)])
def test_the_length_is_said_where_a_body_is_usual(method: str, length: bool) -> None:
    assert (b"Content-Length: 0\r\n" in to_bytes(Request(method, "/", "h"))) is length


@pytest.mark.parametrize(
    ("raw", "sent"),
    [
        ("GET / HTTP/1.1\r\nHost: h\r\n\r\n", b"GET / HTTP/1.1\r\nHost: h\r\nX-Verify-Id: i\r\n\r\n"),
        ("GET / HTTP/1.1\nHost: h\n\na\nb", b"GET / HTTP/1.1\r\nHost: h\r\nX-Verify-Id: i\r\n\r\na\r\nb"),
        ("GET / HTTP/1.1\r\nHost: h\r\n\r\na\nb\r\n\r\n", b"GET / HTTP/1.1\r\nHost: h\r\nX-Verify-Id: i\r\n\r\na\nb\r\n\r\n"),
        ("\r\nGET / HTTP/1.1\r\nHost: h\xff\r\n", b"\r\nGET / HTTP/1.1\r\nHost: h\xff\r\nX-Verify-Id: i\r\n\r\n"),
        ("GET /", b"GET /\r\nX-Verify-Id: i\r\n\r\n"),
    ],
)
def test_a_raw_request_gets_the_identity_at_the_end_of_its_head(raw: str, sent: bytes) -> None:
    assert to_bytes(Request("GET", "/", "h", raw=raw), "i") == sent


def test_a_raw_request_without_an_identity_goes_as_it_is() -> None:
    raw = "GET /\xff\x00 x HTTP/1.1\r\nA : b\r\n\r\n\n\x80"
    assert to_bytes(Request("GET", "/", "h", raw=raw)) == raw.encode("latin-1")


@pytest.mark.parametrize("pieces", [1, 7, 65536])
@pytest.mark.parametrize(
    ("octets", "reply"),
    [
        (
            b"HTTP/1.1 200 OK\r\nX-A:  1 \r\nx-a:\r\nContent-Length: 2\r\n\r\nab",
            Reply(200, (("X-A", "1"), ("x-a", ""), ("Content-Length", "2")), "ab"),
        ),
        (b"HTTP/1.0 404\r\n\r\na\xffb", Reply(404, (), "a\xffb")),
        (b"HTTP/1.1 200 OK\nA: b\n\n", Reply(200, (("A", "b"),))),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;x=y\r\nab\r\n1\r\nc\r\n0\r\nT: 1\r\n\r\n",
            Reply(200, (("Transfer-Encoding", "chunked"), ("T", "1")), "abc"),
        ),
        (
            b"HTTP/1.1 100 Continue\r\nA: b\r\n\r\nHTTP/1.1 103 Early\r\n\r\nHTTP/1.1 201 X\r\nContent-Length: 0\r\n\r\n",
            Reply(201, (("Content-Length", "0"),)),
        ),
        (b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\nmore", Reply(101, (("Upgrade", "x"),))),
        (b"HTTP/1.1 304 X\r\nContent-Length: 5\r\n\r\n", Reply(304, (("Content-Length", "5"),))),
        (b"HTTP/1.1 204 X\r\n\r\n", Reply(204)),
        (b"HTTP/1.1 200 X\r\nA: b\r\n  c\r\nContent-Length: 0, 0\r\n\r\n", Reply(200, (("A", "b c"), ("Content-Length", "0, 0")))),
    ],
)
def test_an_answer_is_read_as_it_came(octets: bytes, reply: Reply, pieces: int) -> None:
    assert answered(octets, pieces=pieces) == reply


def test_the_answer_to_head_has_no_body() -> None:
    assert answered(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", "HEAD") == Reply(200, (("Content-Length", "9"),))


@pytest.mark.parametrize(
    ("octets", "error"),
    [
        (b"", "closed without an answer"),
        (b"HTTP/1.1 200 OK\r\nA: b\r\n", "closed within the head of the answer"),
        (b"<html>\n", "malformed answer: it begins with '<html>'"),
        (b"HTTP/2 200\r\n\r\n", "malformed answer: it begins with 'HTTP/2 200'"),
        (b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n", "malformed answer: the header line 'no colon'"),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
            "malformed answer: the header Content-Length is not one number",
        ),
        (b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "malformed answer: the header Content-Length is not one number"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", "malformed answer: the size of a chunk is 'xyz'"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n", "malformed answer: a chunk is longer than its size"),
        (b"HTTP/1.1 200 OK\r\nA: " + b"x" * 300_000, "malformed answer: a line is too long"),
    ],
)
def test_what_is_no_answer_has_the_status_0_and_says_why(octets: bytes, error: str) -> None:
    assert answered(octets) == Reply(0, error=error)


@pytest.mark.parametrize("octets", [b"Content-Length: 5\r\n\r\nab", b"Transfer-Encoding: chunked\r\n\r\n5\r\nab"])
def test_a_body_that_breaks_off_keeps_its_status(octets: bytes) -> None:
    reply = answered(b"HTTP/1.1 200 OK\r\n" + octets)
    assert (reply.status, reply.body, reply.error) == (200, "ab", "closed within the body")


def test_no_more_of_a_body_is_read_than_is_asked_for() -> None:
    assert answered(b"HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\n\r\n" + b"x" * 100, most=10).body == "x" * 10


def test_the_timeout_is_for_the_whole_exchange() -> None:
    with silent() as connection:
        assert exchange(connection, b"GET / HTTP/1.1\r\n\r\n", "GET") == Reply(0, error="no answer in time")
    with silent(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\na") as connection:
        reply = exchange(connection, b"GET / HTTP/1.1\r\n\r\n", "GET")
    assert (reply.status, reply.body, reply.error) == (200, "a", "the body does not end in time")


def test_an_answer_in_drops_does_not_outlast_the_timeout() -> None:
    near, far = socket.socketpair()
    over = threading.Event()

    def drip() -> None:
        while not over.wait(0.01):
            far.sendall(b"H")

    thread = threading.Thread(target=drip)
    thread.start()
    with near, far:
        near.settimeout(0.1)
        start = time.monotonic()
        assert exchange(near, b"", "GET").error == "no answer in time"
        assert time.monotonic() - start < 5
        over.set()
        thread.join()


_NAMES = st.text(st.sampled_from("AXaz09-_."), min_size=1, max_size=8).map(lambda name: f"Y{name}")
_VALUES = st.text(st.characters(min_codepoint=33, max_codepoint=255, blacklist_characters="\x85\xa0"), max_size=10)
_BODIES = st.binary(max_size=300)


@settings(max_examples=50)
@given(st.lists(st.tuples(_NAMES, _VALUES), max_size=5), st.lists(_BODIES.filter(bool), max_size=4), st.booleans(), st.integers(1, 50))
def test_any_answer_comes_back_whole(headers: list[tuple[str, str]], parts: list[bytes], chunked: bool, pieces: int) -> None:
    body = b"".join(parts)
    framing = ("Transfer-Encoding", "chunked") if chunked else ("Content-Length", str(len(body)))
    octets = body if not chunked else b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"
    head = "".join(f"{name}: {value}\r\n" for name, value in [*headers, framing])
    reply = answered(b"HTTP/1.1 200 OK\r\n" + head.encode("latin-1") + b"\r\n" + octets, pieces=pieces)
    assert reply == Reply(200, (*headers, framing), body.decode("latin-1"))


@given(st.binary(max_size=200), st.booleans())
def test_no_octets_are_too_odd_for_an_answer(octets: bytes, begun: bool) -> None:
    assert answered((b"HTTP/1.1 200 OK\r\n" if begun else b"") + octets).status in (0, *range(100, 1000))
