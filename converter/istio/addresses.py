"""Client addresses as a regex on the last element of x-forwarded-for, which the gateway itself has appended when it routes."""

import ipaddress

from converter.istio.formats import Inexpressible
from converter.model.guards import FromNetworks, Guard, Network
from converter.model.records import replace

_OCTET = r"\d{1,3}"


class TooLong(Inexpressible):
    """More networks than one regex may hold."""


def apart(guard: Guard, trusted_proxies: int = 0) -> list[Guard]:
    """The guard; several that hold together for the same requests where the networks that it asks for are too many for one regex."""
    found = next((c for c in guard if isinstance(c, FromNetworks) and c.holds and len(c.networks) > 1), None)
    if found is None or not _too_long(found, trusted_proxies):
        return [guard]
    middle = len(found.networks) // 2
    halves = (replace(found, networks=part) for part in (found.networks[:middle], found.networks[middle:]))
    each = (tuple(half if c is found else c for c in guard) for half in halves)
    return [piece for half in each for piece in apart(half, trusted_proxies)]


def _too_long(condition: FromNetworks, trusted_proxies: int) -> bool:
    try:
        pattern(condition, trusted_proxies)
    except TooLong:
        return True
    except Inexpressible:
        pass
    return False


def pattern(condition: FromNetworks, trusted_proxies: int = 0) -> str:
    """The regex for the networks. IPv6 networks have no such form: Inexpressible, unless they are all of IPv6.

    trusted_proxies: how many addresses behind the client's own were appended by proxies that are trusted.
    """
    if condition.proxies is not None:
        result = _reported(condition.networks, condition.proxies)
    else:
        behind = rf"(?:\s*,[^,]*){{{trusted_proxies}}}" if trusted_proxies else ""
        result = rf"(?:.*,)?\s*{_either(condition.networks)}{behind}"
    if len(result) > 1024:
        raise TooLong("so many networks do not fit into a route's regex")
    return result


def _either(networks: tuple[Network, ...]) -> str:
    texts = [_network(network) for network in networks]
    return texts[0] if len(texts) == 1 else f"(?:{'|'.join(texts)})"


def _reported(networks: tuple[Network, ...], proxies: tuple[Network, ...]) -> str:
    """The address that one trusted proxy reports, or that of a peer that is no such proxy; the proxy's own where it reports none."""
    known = tuple(p for p in proxies if isinstance(p, ipaddress.IPv4Network))
    if not known or any(isinstance(n, ipaddress.IPv6Network) and n.prefixlen for n in networks):
        raise Inexpressible("an IPv6 network cannot be compared in a route")
    if any(n.version == p.version and n.overlaps(p) for n in networks for p in known):
        raise Inexpressible("the trusted proxies are among the networks that are asked for")
    return rf"(?:.*,)?\s*{_either(networks)}\s*(?:,\s*{_either(known)})?"


def _network(network: ipaddress.IPv4Network | ipaddress.IPv6Network) -> str:
    if isinstance(network, ipaddress.IPv6Network):
        if network.prefixlen == 0:
            return "[0-9a-fA-F.]*:[0-9a-fA-F:.]*"
        raise Inexpressible("an IPv6 network cannot be compared in a route")
    whole, rest = divmod(network.prefixlen, 8)
    octets = network.network_address.packed
    out = [str(octet) for octet in octets[:whole]]
    if rest:
        first = octets[whole]
        out.append(f"(?:{'|'.join(str(n) for n in range(first, first + 2 ** (8 - rest)))})")
    out += [_OCTET] * (4 - len(out))
    return r"\.".join(out)
