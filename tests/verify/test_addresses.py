"""Which address stands for a host name in the test network."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from converter.model.addresses import is_address
from converter.verify.addresses import address_of


@settings(max_examples=40)
@given(st.from_regex(r"[a-z0-9-]{1,20}(\.[a-z]{1,5}){0,3}", fullmatch=True).filter(lambda name: not is_address(name)))
def test_a_host_has_one_address_of_the_test_network_however_it_is_spelled(name: str) -> None:
    first, second, third, last = map(int, address_of(name).split("."))
    assert (first, second) == (10, 250)
    assert 0 <= third <= 255
    assert 1 <= last <= 254
    assert address_of(name) == address_of(name.upper()) == address_of(f"{name}.")


@pytest.mark.parametrize("address", ["10.0.0.1", "::1", "2001:db8::7"])
def test_an_address_is_its_own(address: str) -> None:
    assert address_of(address) == address
