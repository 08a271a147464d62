import ipaddress

import pytest
import re2
from hypothesis import assume, given
from hypothesis import strategies as st

from converter.istio.addresses import apart, pattern
from converter.istio.formats import Inexpressible
from converter.model.guards import PATH, Condition, FromNetworks, Test

NETWORKS = st.builds(
    lambda address, length: ipaddress.ip_network((address, length), strict=False), st.ip_addresses(v=4).map(str), st.integers(0, 32)
)


@st.composite
def near(draw: st.DrawFn) -> tuple[ipaddress.IPv4Network, ipaddress.IPv4Address]:
    """A network and an address in it, at its border or somewhere."""
    network = draw(NETWORKS)
    first, last = int(network.network_address), int(network.broadcast_address)
    number = draw(
        st.sampled_from([first, last, max(first - 1, 0), min(last + 1, 2**32 - 1)]) | st.integers(first, last) | st.integers(0, 2**32 - 1)
    )
    return network, ipaddress.IPv4Address(number)


@given(near(), st.lists(st.ip_addresses().map(str), max_size=2), st.sampled_from([",", ", "]))
def test_the_last_address_of_the_chain_decides(
    found: tuple[ipaddress.IPv4Network, ipaddress.IPv4Address], sent: list[str], between: str
) -> None:
    network, client = found
    chain = between.join([*sent, str(client)])
    assert (re2.fullmatch(pattern(FromNetworks((network,))), chain) is not None) == (client in network)


@given(near(), st.ip_addresses(v=4).map(str), st.text("0123456789., x", max_size=12))
def test_addresses_of_trusted_proxies_stand_behind_the_client_s(
    found: tuple[ipaddress.IPv4Network, ipaddress.IPv4Address], proxy: str, forged: str
) -> None:
    network, client = found
    chain = f"{forged},{client},{proxy}"
    assert (re2.fullmatch(pattern(FromNetworks((network,)), trusted_proxies=1), chain) is not None) == (client in network)


@given(st.lists(NETWORKS, min_size=1, max_size=4), st.ip_addresses(v=4))
def test_one_of_several_networks(networks: list[ipaddress.IPv4Network], client: ipaddress.IPv4Address) -> None:
    try:
        regex = pattern(FromNetworks(tuple(networks)))
    except Inexpressible:
        assume(False)
    assert (re2.fullmatch(regex, str(client)) is not None) == any(client in network for network in networks)


def test_all_of_ipv6_has_a_form_and_parts_of_it_have_none() -> None:
    every = pattern(FromNetworks((ipaddress.ip_network("::/0"),)))
    assert re2.fullmatch(every, "10.0.0.1, 2001:db8::1") is not None
    assert re2.fullmatch(every, "2001:db8::1, 10.0.0.1") is None
    with pytest.raises(Inexpressible):
        pattern(FromNetworks((ipaddress.ip_network("2001:db8::/32"),)))


def test_too_many_networks_for_a_regex() -> None:
    with pytest.raises(Inexpressible):
        pattern(FromNetworks(tuple(ipaddress.ip_network(f"10.{n}.{n}.0/24") for n in range(200))))


def test_networks_that_are_too_many_for_one_regex_are_asked_for_apart() -> None:
    networks = tuple(ipaddress.ip_network(f"10.{n}.128.0/17") for n in range(8))
    guard = (Condition(PATH, Test.PREFIX, "/a"), FromNetworks(networks))
    pieces = apart(guard)
    assert len(pieces) > 1
    assert {piece[0] for piece in pieces} == {guard[0]}
    found = [condition for piece in pieces for condition in piece if isinstance(condition, FromNetworks)]
    assert tuple(network for condition in found for network in condition.networks) == networks
    assert all(len(pattern(condition)) <= 1024 for condition in found)


def test_networks_that_must_not_be_met_stay_together() -> None:
    guard = (FromNetworks(tuple(ipaddress.ip_network(f"10.{n}.128.0/17") for n in range(8)), holds=False),)
    assert apart(guard) == [guard]
