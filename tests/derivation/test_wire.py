"""Requests on the wire, and the addresses at the edges of networks."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from converter.derivation.networks import edges
from converter.derivation.wire import Edit, edited
from converter.interpreter.reading import header
from converter.model.verification import Request

PLAIN = Request("GET", "/a?x=1", "shop.example.com")


@pytest.mark.parametrize(
    "edit",
    [Edit("header", "a\r\nb", "x"), Edit("method", "get it"), Edit("argument", "a&b", "x"), Edit("host", "a b"), Edit("client", "x")],
)
def test_what_cannot_be_sent_is_not_made(edit: Edit) -> None:
    assert edited(PLAIN, [edit]) is None


def test_cookies_and_arguments_replace_those_of_the_same_name() -> None:
    edits = [
        Edit("cookie", "1", "a"),
        Edit("cookie", "2", "b"),
        Edit("cookie", "3", "a"),
        Edit("argument", "9", "x"),
        Edit("argument", "", "y"),
    ]
    found = edited(PLAIN, edits)
    assert found is not None
    assert header(found, "cookie") == "b=2; a=3"
    assert found.target == "/a?x=9"


@given(st.integers(2**24 + 2**16, 2**31), st.integers(8, 32))
def test_edges_lie_on_both_sides_of_the_border(number: int, length: int) -> None:
    network = ipaddress.ip_network((number, length), strict=False)
    inside, outside = edges(str(network))
    assert all(ipaddress.ip_address(address) in network for address in inside)
    assert not any(ipaddress.ip_address(address) in network for address in outside)
