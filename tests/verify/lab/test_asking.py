"""What is known of each request: by whom it was seen, and which locations took it."""

import itertools
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converter.model.verification import Attempt, Request
from converter.verify.lab.asking import Witnesses, identities, locations
from converter.verify.wire import IDENTITY, to_bytes


def logged(connection: int, text: str, process: int = 12) -> str:
    """A line of nginx's debug log."""
    return f"2026/11/24 10:00:00 [debug] {process}#{process}: *{connection} {text}\n"


def header(identity: str) -> str:
    return f'http header: "{IDENTITY}: {identity}"'


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ('using configuration "/orders/"', "/orders/"),
        ('using configuration "=/healthz"', "=/healthz"),
        ('using configuration "\\.php$"', "\\.php$"),
        ('using configuration ""', ""),
        ('using location: @missing "/a?b=1"', "@missing"),
    ],
)
def test_a_location_is_called_as_in_the_debug_log(said: str, name: str) -> None:
    log = logged(1, header("n0.0")) + logged(1, "http uri") + logged(1, said)
    assert locations(log) == {"n0.0": (name,)}


def test_locations_come_in_the_order_in_which_they_were_taken_each_once() -> None:
    said = ["/a", "/b", "/a", "@c"]
    lines = [f'using configuration "{name}"' if name[0] == "/" else f'using location: {name} "/x"' for name in said]
    log = logged(1, header("n0.0")) + "".join(logged(1, line) for line in lines)
    assert locations(log) == {"n0.0": tuple(dict.fromkeys(said))}


def test_connections_that_are_logged_at_once_are_kept_apart() -> None:
    first = [logged(1, header("n0.0")), logged(1, 'using configuration "/a"')]
    second = [logged(2, header("n1.0")), logged(2, 'using configuration "/b"')]
    for order in itertools.permutations(first + second):
        if order.index(first[0]) < order.index(first[1]) and order.index(second[0]) < order.index(second[1]):
            assert locations("".join(order)) == {"n0.0": ("/a",), "n1.0": ("/b",)}


def test_an_nginx_that_began_anew_counts_its_connections_anew() -> None:
    log = "".join(
        logged(1, header(identity), process) + logged(1, f'using configuration "{name}"', process)
        for process, identity, name in ((12, "n0.0", "/a"), (15, "n1.0", "/b"))
    )
    assert locations(log) == {"n0.0": ("/a",), "n1.0": ("/b",)}


def test_a_request_that_no_location_took_is_known_without_one() -> None:
    assert locations(logged(1, header("n0.0")) + logged(2, 'using configuration "/a"')) == {"n0.0": ()}


@given(st.text(max_size=60))
def test_any_log_is_read(text: str) -> None:
    assert locations(text + "\n" + logged(7, header("n9.9"))).get("n9.9") == ()


@given(st.lists(st.integers(1, 4), max_size=5))
def test_every_turn_of_every_request_has_a_name_of_its_own(repeats: list[int]) -> None:
    requests = [Request("GET", "/", "h", repeat=repeat) for repeat in repeats]
    named = list(identities("n", requests))
    assert [(request, len(names)) for request, names in named] == [(request, request.repeat) for request in requests]
    every = [name for _, names in named for name in names]
    assert len(set(every)) == sum(repeats)
    assert all(f"{IDENTITY}: {name}\r\n".encode() in to_bytes(requests[0], name) for name in every)


def test_what_several_upstreams_saw_at_once_is_all_remembered() -> None:
    seen, attempt = Witnesses(), Attempt("10.0.0.1:80", "GET", "/", "HTTP/1.1", (), "")
    threads = [threading.Thread(target=seen.note, args=(f"n{number % 2}.0", attempt)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [len(seen.of(name)) for name in ("n0.0", "n1.0", "n2.0")] == [10, 10, 0]
