"""The `listen` directive (https://nginx.org/en/docs/http/ngx_http_core_module.html#listen)."""

import re
from dataclasses import dataclass

from converter.model.addresses import ip_address
from converter.syntax.tree import Directive

_PORT = re.compile(r"(?:(?P<host>\[[^\]]*\]|[^:\[\]]+):)?(?P<first>\d+)(?:-(?P<last>\d+))?")
_LOOPBACK = {"localhost", "ip6-localhost"}


@dataclass(frozen=True, slots=True)
class Socket:
    """One address and port that a server listens on. address: empty for every IPv4 address, `::` for every IPv6 one, else as written."""

    address: str
    port: int
    default: bool
    tls: bool
    proxy_protocol: bool
    directive: Directive | None

    @property
    def loopback(self) -> bool:
        """Whether only programs on the same host can connect."""
        if self.address in _LOOPBACK:
            return True
        found = ip_address(self.address)
        return found is not None and found.is_loopback

    @property
    def specific(self) -> bool:
        return self.address not in ("", "::")


def sockets(directive: Directive) -> list[Socket]:
    """The sockets of one `listen`; none for a unix socket or what cannot be read (the checks of the syntax have named it)."""
    if not directive.args or directive.args[0].startswith("unix:"):
        return []
    place, flags = directive.args[0], set(directive.args[1:])
    host, ports = _split(place)
    return [
        Socket(
            _address(host),
            port,
            bool({"default_server", "default"} & flags),
            "ssl" in flags or "quic" in flags,
            "proxy_protocol" in flags,
            directive,
        )
        for port in ports
        if port
    ]


def _split(place: str) -> tuple[str, range]:
    match = _PORT.fullmatch(place)
    if not match:
        return place, range(80, 81)
    first = int(match["first"])
    return match["host"] or "", range(first, min(int(match["last"] or first), 65535) + 1)


def _address(host: str) -> str:
    host = host.strip("[]")
    return "" if host in ("", "*", "0.0.0.0") else host.lower()
