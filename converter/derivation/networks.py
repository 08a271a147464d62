"""Addresses at the edges of networks."""

import ipaddress

_ANYWHERE = ("198.51.100.7", "192.0.2.77", "203.0.113.250", "10.255.255.254", "172.16.9.9", "2001:db8::77")
_HIGHEST = {4: 2**32 - 1, 6: 2**128 - 1}


def edges(text: str) -> tuple[list[str], list[str]]:
    """Addresses in a network (the first, the last, one between) and just outside of it; a range `a-b` is one, too. Empty for what is none.

    >>> edges("192.0.2.0/30")
    (['192.0.2.0', '192.0.2.3', '192.0.2.1'], ['192.0.1.255', '192.0.2.4'])
    """
    if text == "all":
        return list(_ANYWHERE), []
    first, _, last = text.partition("-")
    try:
        network = ipaddress.ip_network(first, strict=False)
        end = ipaddress.ip_address(last) if last else network[-1]
    except ValueError:
        return [], []
    low, high, version = int(network[0]), int(end), network.version
    inside = [n for n in dict.fromkeys((low, high, low + 1 if low < high else low, (low + high) // 2)) if low <= n <= high][:3]
    outside = [n for n in (low - 1, high + 1) if 0 <= n <= _HIGHEST[version]]
    return _clients(inside, version), _clients(outside, version)


def _clients(numbers: list[int], version: int) -> list[str]:
    """Those that a client can have."""
    kind = ipaddress.IPv4Address if version == 4 else ipaddress.IPv6Address
    found = [kind(number) for number in numbers]
    return [
        str(a) for a in found if not (a.is_multicast or a.is_unspecified or (a.version == 4 and (int(a) >= 0xE0000000 or int(a) < 2**24)))
    ]
