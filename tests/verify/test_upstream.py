import json
import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from converter.model.verification import Attempt, Reply, Request
from converter.verify.upstream import listen, serve, stop
from converter.verify.wire import exchange, to_bytes
from tests.verify.self_signed import server_context


@dataclass
class Running:
    port: int
    seen: list[tuple[str, Attempt]] = field(default_factory=list)

    def connect(self, address: str = "127.0.0.1", tls: bool = False, sni: str | None = None) -> socket.socket:
        connection = socket.create_connection((address, self.port), 5)
        if not tls:
            return connection
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return context.wrap_socket(connection, server_hostname=sni)

    def ask(self, request: Request, identity: str = "i", **how: object) -> Reply:
        with self.connect(**how) as connection:
            return exchange(connection, to_bytes(request, identity), request.method)

    def wish(self, *headers: tuple[str, str], method: str = "GET") -> Reply:
        return self.ask(Request(method, "/x", "h", headers=headers))


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    return server_context(tmp_path_factory.mktemp("pair"))


@pytest.fixture
def upstream(tls: ssl.SSLContext) -> Iterator[Running]:
    listener = listen(0)
    running = Running(listener.getsockname()[1])
    thread = threading.Thread(target=serve, args=(listener, lambda *what: running.seen.append(what), tls))
    thread.start()
    yield running
    stop(listener)
    thread.join(5)
    assert not thread.is_alive()


def test_the_answer_tells_what_was_seen(upstream: Running) -> None:
    reply = upstream.ask(Request("POST", "/a/../b?c d", "h", headers=(("X-A", "\xff"),), body="x=\xff"))
    (identity, attempt), address = upstream.seen[0], f"127.0.0.1:{upstream.port}"
    assert (identity, attempt.method, attempt.target, attempt.version) == ("i", "POST", "/a/../b?c d", "HTTP/1.1")
    assert (attempt.address, attempt.body, attempt.tls, attempt.sni) == (address, "x=\xff", False, None)
    assert (reply.status, dict(reply.headers)["X-Upstream"], dict(reply.headers)["Content-Type"]) == (200, address, "application/json")
    assert json.loads(reply.body) == {
        "upstream": address,
        "line": "POST /a/../b?c d HTTP/1.1",
        "headers": [list(header) for header in attempt.headers],
        "body": "x=\xff",
    }


def test_every_address_of_the_machine_answers_under_its_own_name(upstream: Running) -> None:
    reply = upstream.ask(Request("GET", "/", "h"), address="127.9.8.7")
    assert dict(reply.headers)["X-Upstream"] == f"127.9.8.7:{upstream.port}"


@pytest.mark.parametrize("sni", ["a.example.com", None])
def test_tls_is_known_by_its_first_octet_and_the_server_name_is_noted(upstream: Running, sni: str | None) -> None:
    assert upstream.ask(Request("GET", "/", "h"), tls=True, sni=sni).status == 200
    assert (upstream.seen[0][1].tls, upstream.seen[0][1].sni) == (True, sni)


def test_server_names_of_connections_at_the_same_time_stay_apart(upstream: Running) -> None:
    names = [f"n{number}.example.com" for number in range(16)]
    requests = [(Request("GET", f"/{name}", "h"), name) for name in names]
    threads = [threading.Thread(target=upstream.ask, args=(request,), kwargs={"tls": True, "sni": name}) for request, name in requests]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted((attempt.target, attempt.sni) for _, attempt in upstream.seen) == sorted((f"/{name}", name) for name in names)


def test_a_request_without_an_identity_is_noted_without_one(upstream: Running) -> None:
    upstream.ask(Request("GET", "/", "h"), identity="")
    assert upstream.seen[0][0] == ""


def test_a_request_can_ask_for_another_status_and_headers(upstream: Running) -> None:
    reply = upstream.wish(("X-Reply-Status", "503"), ("X-Reply-Header", "A: 1"), ("x-reply-header", "A: 2"), ("X-Reply-Delay", "0.01"))
    assert (reply.status, [value for name, value in reply.headers if name == "A"]) == (503, ["1", "2"])


def test_a_type_that_is_asked_for_stands_instead_of_json(upstream: Running) -> None:
    reply = upstream.wish(("X-Reply-Header", "Content-Type: text/html"))
    assert [value for name, value in reply.headers if name == "Content-Type"] == ["text/html"]


@pytest.mark.parametrize(
    ("name", "value"), [("X-Reply-Status", "99"), ("X-Reply-Delay", "-1"), ("X-Reply-Delay", "nan"), ("X-Reply-Header", "x")]
)
def test_a_wish_that_cannot_be_followed_is_passed_over(upstream: Running, name: str, value: str) -> None:
    assert upstream.wish((name, value)).status == 200


def test_a_request_can_ask_for_no_answer(upstream: Running) -> None:
    assert upstream.wish(("X-Reply-Close", "1")) == Reply(0, error="closed without an answer")
    assert len(upstream.seen) == 1


@pytest.mark.parametrize(("method", "status"), [("HEAD", "200"), ("GET", "204"), ("GET", "304")])
def test_an_answer_that_has_no_body_gets_none(upstream: Running, method: str, status: str) -> None:
    with upstream.connect() as connection:
        connection.sendall(to_bytes(Request(method, "/", "h", headers=(("X-Reply-Status", status),))))
        octets = b"".join(iter(lambda: connection.recv(65536), b""))
    assert octets.endswith(b"\r\n\r\n")


def test_a_connection_is_kept_for_further_requests_and_pipelined_ones(upstream: Running) -> None:
    keep = (("Connection", "keep-alive"),)
    with upstream.connect() as connection:
        chunked = (*keep, ("Transfer-Encoding", "chunked"))
        first = to_bytes(Request("POST", "/1", "h", headers=chunked, body="3;x\r\nabc\r\n0\r\nT: 1\r\n\r\n"))
        second = to_bytes(Request("GET", "/2", "h", headers=keep))
        assert exchange(connection, first, "POST").status == 200
        assert exchange(connection, second, "GET").status == 200
        connection.sendall(b"\r\n" + second + to_bytes(Request("GET", "/3", "h")))
        octets = b"".join(iter(lambda: connection.recv(65536), b""))
    assert octets.count(b"HTTP/1.1 200") == 2
    assert [(attempt.target, attempt.body) for _, attempt in upstream.seen] == [("/1", "abc"), ("/2", ""), ("/2", ""), ("/3", "")]


def test_an_upgrade_is_granted_and_what_follows_comes_back(upstream: Running) -> None:
    headers = (("Upgrade", "websocket"), ("Connection", "Upgrade"))
    with upstream.connect() as connection:
        reply = exchange(connection, to_bytes(Request("GET", "/", "h", headers=headers)), "GET")
        connection.sendall(b"ping")
        assert (reply.status, dict(reply.headers)["Upgrade"], connection.recv(10)) == (101, "websocket", b"ping")


def test_an_upgrade_to_http2_is_passed_over(upstream: Running) -> None:
    assert upstream.wish(("Upgrade", "h2c")).status == 200


def test_who_waits_for_leave_to_send_a_body_gets_it(upstream: Running) -> None:
    with upstream.connect() as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 1\r\nConnection: close\r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 100 ")
        assert exchange(connection, b"x", "POST").status == 200


@pytest.mark.parametrize(
    "octets",
    [
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"\x16\x03\x01\x00\x05hello",
        b"GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"GET / HTTP/1.1\r\nContent-Length: 999999999999\r\n\r\n",
    ],
)
def test_what_is_no_request_closes_only_its_own_connection(upstream: Running, octets: bytes) -> None:
    with upstream.connect() as connection:
        connection.sendall(octets)
        assert b"200" not in b"".join(iter(lambda: connection.recv(65536), b""))
    assert upstream.wish().status == 200
    assert len(upstream.seen) == 1


def test_a_line_that_is_no_request_line_is_told_as_it_came(upstream: Running) -> None:
    with upstream.connect() as connection:
        assert exchange(connection, b"BREW\r\nConnection: close\r\n\r\n", "GET").status == 200
    assert upstream.seen[0][1].method == "BREW"


def test_a_port_that_is_taken_is_an_error() -> None:
    with listen(0) as listener, pytest.raises(OSError, match="in use"):
        listen(listener.getsockname()[1])
