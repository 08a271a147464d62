"""The test network: which address stands for a host name."""

import hashlib

from converter.model.addresses import is_address


def address_of(name: str) -> str:
    """The address of a host name: always the same, another for each name (as far as 65,024 go). An address is its own."""
    if is_address(name):
        return name
    digest = hashlib.sha256(name.lower().rstrip(".").encode()).digest()
    return f"10.250.{digest[0]}.{digest[1] % 254 + 1}"
