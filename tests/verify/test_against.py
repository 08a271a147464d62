import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from converter.model.verification import Attempt, Reply, Request
from converter.verify.against import Side, ask, ask_both, is_safe, paced, side, unsafe
from converter.verify.upstream import listen, serve, stop
from tests.verify.self_signed import server_context


@dataclass
class Server:
    port: int
    seen: list[Attempt] = field(default_factory=list)

    def base(self, scheme: str = "http") -> str:
        return f"{scheme}://127.0.0.1:{self.port}"


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    return server_context(tmp_path_factory.mktemp("pair"))


@pytest.fixture
def servers(context: ssl.SSLContext) -> Iterator[tuple[Server, Server]]:
    listeners = [listen(0), listen(0)]
    both = Server(listeners[0].getsockname()[1]), Server(listeners[1].getsockname()[1])
    for listener, server in zip(listeners, both, strict=True):
        threading.Thread(target=serve, args=(listener, _noting(server), context), daemon=True).start()
    yield both
    for listener in listeners:
        stop(listener)


def _noting(server: Server):
    return lambda _, attempt: server.seen.append(attempt)


def asked(servers: tuple[Server, Server], *requests: Request, scheme: str = "http") -> list[tuple[Request, Reply, Reply]]:
    return list(ask_both(servers[0].base(scheme), servers[1].base(scheme), requests, 10_000, 5))


def test_both_are_asked_the_same_octets(servers: tuple[Server, Server]) -> None:
    request = Request("GET", "/a/../b//%7e\xff\x80 c?d|e", "shop.example.com:8443", headers=(("X-A", "1"), ("x-a", "\xfc")))
    ((_, first, second),) = asked(servers, request)
    assert (first.status, second.status) == (200, 200)
    for server in servers:
        (attempt,) = server.seen
        assert (attempt.target, attempt.headers[0]) == ("/a/../b//%7e\xff\x80 c?d|e", ("Host", "shop.example.com:8443"))
        assert [header for header in attempt.headers if header[0].lower() == "x-a"] == [("X-A", "1"), ("x-a", "\xfc")]


def test_replies_come_in_the_order_of_the_requests(servers: tuple[Server, Server]) -> None:
    slow = Request("GET", "/0", "h", headers=(("X-Reply-Delay", "0.1"),))
    requests = [slow, *(Request("GET", f"/{number}", "h") for number in range(1, 12))]
    assert [request.target for request, _, _ in asked(servers, *requests)] == [request.target for request in requests]


def test_a_request_is_sent_as_often_as_it_is_to_be_repeated(servers: tuple[Server, Server]) -> None:
    assert len(asked(servers, Request("GET", "/", "h", repeat=3))) == 3
    assert len(servers[1].seen) == 3


def test_what_could_change_something_is_passed_over(servers: tuple[Server, Server]) -> None:
    assert asked(servers, Request("POST", "/", "h"), Request("DELETE", "/", "h"), Request("GET", "/", "h", body="x")) == []
    assert not servers[0].seen


def test_what_is_passed_over_is_counted_by_method() -> None:
    assert unsafe([Request("POST", "/", "h"), Request("POST", "/x", "h"), Request("HEAD", "/", "h")]) == {"POST": 2}


@pytest.mark.parametrize(
    ("raw", "safe"),
    [
        ("GET / HTTP/1.1\r\nHost: h\r\n\r\n", True),
        ("HEAD / HTTP/1.1\n\n", True),
        ("POST / HTTP/1.1\r\n\r\n", False),
        ("GET / HTTP/1.1\r\nHost: h\r\n\r\nDELETE / HTTP/1.1\r\nHost: h\r\n\r\n", False),
        ("GET / HTTP/1.1\r\nContent-Length : 9\r\n\r\n", False),
        ("GETX / HTTP/1.1\r\n\r\n", False),
    ],
)
def test_a_raw_request_is_safe_where_it_is_one_without_a_body(raw: str, safe: bool) -> None:
    assert is_safe(Request("GET", "/", "h", raw=raw)) is safe


@pytest.mark.parametrize(
    ("request_", "sni"),
    [
        (Request("GET", "/", "a.example.com", "https", 443, "b.example.com"), "b.example.com"),
        (Request("GET", "/", "a.example.com:80"), "a.example.com"),
        (Request("GET", "/", "a.example.com", "https", 443, ""), None),
    ],
)
def test_over_tls_the_server_name_is_that_of_the_request(servers: tuple[Server, Server], request_: Request, sni: str | None) -> None:
    ((_, first, _),) = asked(servers, request_, scheme="https")
    assert (servers[0].seen[0].tls, servers[0].seen[0].sni, len(first.certificate)) == (True, sni, 64)


def test_a_certificate_is_verified_where_that_is_asked_for(servers: tuple[Server, Server]) -> None:
    bases = [server.base("https") for server in servers]
    ((_, first, _),) = ask_both(*bases, [Request("GET", "/", "shop", "https", 443, "shop")], 1000, 5, verify_tls=True)
    assert first == Reply(0, error="TLS: the certificate is not valid: self-signed certificate")


def test_a_server_that_is_not_there_is_a_reply_without_a_status() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        base = f"http://127.0.0.1:{taken.getsockname()[1]}"
        ((_, first, second),) = ask_both(base, base, [Request("GET", "/", "h")], 1000, 5)
    assert first == second == Reply(0, error="no connection: Connection refused")


def test_a_server_that_speaks_no_tls_is_a_reply_without_a_status() -> None:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            with listener.accept()[0] as connection:
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                connection.recv(65536)

        thread = threading.Thread(target=answer)
        thread.start()
        reply = ask(Side("127.0.0.1", listener.getsockname()[1], True), Request("GET", "/", "h"), 5, context)
        thread.join()
    assert reply.status == 0
    assert reply.error.startswith("TLS: ")


def test_a_server_that_says_nothing_costs_only_its_timeout() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        for tls, error in ((False, "no answer in time"), (True, "TLS: no handshake in time")):
            to = Side("127.0.0.1", listener.getsockname()[1], tls)
            assert ask(to, Request("GET", "/", "h"), 0.05, ssl.create_default_context()) == Reply(0, error=error)


@pytest.mark.parametrize("rate", [0, -1, float("nan")])
def test_a_rate_that_is_none_is_refused_at_once(rate: float) -> None:
    with pytest.raises(ValueError, match="must be above 0 requests a second"):
        ask_both("http://a", "http://b", [], rate, 1)


@pytest.mark.parametrize(("base", "fault"), [("a:80", "must be a URL"), ("http://a/x", "leave out /x"), ("ftp://a", "must be a URL")])
def test_a_base_url_that_cannot_be_used_is_refused_at_once(base: str, fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        ask_both("http://a", base, [], 1, 1)


def test_a_base_url_says_where_to_connect() -> None:
    assert [side("http://a"), side("https://10.0.0.1:8443/")] == [Side("a", 80, False), Side("10.0.0.1", 8443, True)]


@dataclass
class Clock:
    now: float = 100.0

    def time(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def test_items_come_no_faster_than_the_rate() -> None:
    clock = Clock()
    times = [clock.now for _ in paced(range(5), 4, clock.time, clock.sleep)]
    assert times == [100.0, 100.25, 100.5, 100.75, 101.0]


def test_time_that_was_lost_is_not_made_up_for() -> None:
    clock, times = Clock(), []
    for item in paced(range(4), 1, clock.time, clock.sleep):
        times.append(clock.now)
        clock.now += 10 if item == 0 else 0
    assert times == [100.0, 110.0, 111.0, 112.0]
