"""Three network namespaces: nginx's, the gateway's, and between them the one whose test upstreams answer on every address."""

from collections.abc import Iterable
from dataclasses import dataclass

from pyroute2 import IPRoute

from converter.verify.lab import kernel

GATEWAY = "198.18.0.10"  # what clients connect to, on both sides (RFC 2544: for tests only)
_LINKS = {"nginx": "169.254.70", "gateway": "169.254.71"}
_LOCAL, _HOST_SCOPE = 2, 254  # linux/rtnetlink.h


@dataclass(frozen=True, slots=True)
class Network:
    """File descriptors of the namespaces. Clients stand in those of nginx and of the gateway, beside the server that they ask."""

    upstreams: int
    nginx: int
    gateway: int


def build() -> Network:
    """Makes the namespaces and what connects them. The calling thread must be in a new one, which becomes that of the upstreams."""
    upstreams = kernel.here()
    spaces = {name: kernel.new_network() for name in _LINKS}
    with IPRoute() as route:
        _up(route, "lo")
        for name, net in _LINKS.items():
            route.link("add", ifname=f"to-{name}", kind="veth", peer={"ifname": "upstreams", "net_ns_fd": spaces[name]})
            _address(route, f"to-{name}", f"{net}.2", 30)
            _up(route, f"to-{name}")
        # Every address is this machine's: a test upstream that listens on 0.0.0.0 is every upstream.
        route.route("add", dst="0.0.0.0/0", oif=_index(route, "lo"), table=254, type=_LOCAL, scope=_HOST_SCOPE)
    for name, net in _LINKS.items():
        with kernel.network(spaces[name]), IPRoute() as route:
            _up(route, "lo")
            _address(route, "lo", GATEWAY, 32)
            _address(route, "upstreams", f"{net}.1", 30)
            _up(route, "upstreams")
            route.route("add", dst="default", gateway=f"{net}.2")
    return Network(upstreams, spaces["nginx"], spaces["gateway"])


def add_addresses(namespace: int, addresses: Iterable[str]) -> None:
    """Gives a namespace further IPv4 addresses of its own, for servers that listen on them and for clients that come from them."""
    with kernel.network(namespace), IPRoute() as route:
        for address in addresses:
            route.addr("replace", index=_index(route, "lo"), address=address, prefixlen=32)


def _up(route: IPRoute, name: str) -> None:
    route.link("set", index=_index(route, name), state="up")


def _address(route: IPRoute, link: str, address: str, length: int) -> None:
    route.addr("add", index=_index(route, link), address=address, prefixlen=length)


def _index(route: IPRoute, name: str) -> int:
    return int(route.link_lookup(ifname=name)[0])
