"""IP addresses in texts."""

import ipaddress
from functools import lru_cache


@lru_cache(maxsize=4096)
def ip_address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The IP address, of either version, that a text is; None for any other text."""
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def is_address(text: str) -> bool:
    return ip_address(text) is not None
