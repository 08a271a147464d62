"""URLs as they are written: nothing is normalised, decoded or tidied."""

import re
from dataclasses import dataclass

_URL = re.compile(r"(https?)://([^/?#]*)([^#]*)", re.IGNORECASE | re.DOTALL)
_AUTHORITY = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^:\[\]\s]+)(?::([0-9]{0,5}))?")
_NUMERIC = re.compile(r"[0-9.]+")


@dataclass(frozen=True, slots=True)
class Url:
    """The parts of a URL. authority: name and port as written; name: without port and brackets; target: all that stands behind."""

    scheme: str
    authority: str
    name: str
    port: int
    target: str

    @property
    def sni(self) -> str:
        """The TLS server name that a client sends: none with an address (RFC 6066 section 3)."""
        return server_name(self.name)


def parse_url(text: str) -> Url:
    """The parts of an http or https URL; the fragment, which no client sends, is left out. Raises ValueError, whose message completes `KEY: `."""
    parts = _URL.match(text)
    if not parts:
        raise ValueError("must be a URL such as https://shop.example.com:8443/orders/1")
    scheme, authority, target = parts[1].lower(), parts[2], parts[3]
    if "@" in authority:
        raise ValueError("holds a user name: give it as the header Authorization")
    if not authority.isascii():
        raise ValueError("holds a host name outside ASCII: write it as xn--…, or give the octets as the header Host")
    found = _AUTHORITY.fullmatch(authority)
    if not found:
        raise ValueError("holds no host name: write it as https://shop.example.com/")
    port = int(found[2] or {"http": 80, "https": 443}[scheme])
    if not 1 <= port <= 65535:
        raise ValueError(f"holds the port {port}: it must be from 1 to 65535")
    return Url(scheme, authority, found[1].strip("[]"), port, target or "/")


def server_name(host: str) -> str:
    """The TLS server name for a `Host`: lower case, without port; empty for an address and for what is no host name."""
    found = _AUTHORITY.fullmatch(host)
    name = found[1].lower().rstrip(".") if found else ""
    return "" if name.startswith("[") or ":" in name or _NUMERIC.fullmatch(name) or not name.isascii() else name
