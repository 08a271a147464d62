"""Client addresses as a regex on the last element of x-forwarded-for, which the gateway itself has appended when it routes."""

import ipaddress

from converter.istio.formats import Inexpressible
from converter.model.guards import FromNetworks

_OCTET = r"\d{1,3}"


def pattern(condition: FromNetworks, trusted_proxies: int = 0) -> str:
    """The regex for the networks. IPv6 networks have no such form: Inexpressible, unless they are all of IPv6.

    trusted_proxies: how many addresses behind the client's own were appended by proxies that are trusted.
    """
    texts = [_network(network) for network in condition.networks]
    behind = rf"(?:\s*,[^,]*){{{trusted_proxies}}}" if trusted_proxies else ""
    result = rf"(?:.*,)?\s*(?:{'|'.join(texts)}){behind}" if len(texts) > 1 else rf"(?:.*,)?\s*{texts[0]}{behind}"
    if len(result) > 1024:
        raise Inexpressible("so many networks do not fit into a route's regex")
    return result


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
