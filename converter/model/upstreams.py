"""Groups of servers that requests are sent to."""

from dataclasses import dataclass, field

from msgspec import Struct

from converter.model.places import Position
from converter.model.records import replace


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One server: an IP address, a host name, or `unix:/path`. Servers that are down are not listed."""

    address: str
    port: int
    weight: int = 1
    backup: bool = False
    origin: Position | None = field(default=None, compare=False)


class Balancing(Struct, frozen=True):
    """How a server is chosen.

    kind: `round-robin`, `least-connections`, `random`, `client-address`, `path`, `header`, `argument`, `cookie`; the last three by `key`.
    """

    kind: str = "round-robin"
    key: str = ""


@dataclass(frozen=True, slots=True)
class UpstreamTls:
    """TLS towards the servers. `name`: the server name (SNI) where `named`, and the name that the certificate must carry if `verify`.

    ca, client_certificate, client_key: files as the source names them; they become secrets.
    origins: of what asks for TLS, and of the lines that say how.
    """

    name: str
    named: bool = False
    verify: bool = False
    ca: str = ""
    client_certificate: str = ""
    client_key: str = ""
    origins: tuple[Position, ...] = field(default=(), compare=False)


class FailureDetection(Struct, frozen=True):
    """A server with `failures` failed connections within `window` seconds is passed over for that long."""

    failures: int
    window: float


class Upstream(Struct, frozen=True):
    """A group of servers, or a single one.

    key:     unique in a conversion, and how rules name it: the source's own name for the group, or `host:port`; TLS in front (`https://...`).
    service: host name in the registry (a DNS name), made from the key; a Kubernetes service's where a decision names one.
    external: the servers are outside the cluster, and must be registered.
    """

    key: str
    service: str
    port: int
    endpoints: tuple[Endpoint, ...]
    balancing: Balancing = Balancing()
    tls: UpstreamTls | None = None
    failure_detection: FailureDetection | None = None
    connect_timeout: float | None = None
    max_connections: int | None = None
    idle_timeout: float | None = None
    http2: bool = False
    external: bool = True
    subset: str = ""
    subset_labels: tuple[tuple[str, str], ...] = ()
    origins: tuple[Position, ...] = ()

    def joined(self, other: "Upstream") -> "Upstream":
        """The same upstream, asked for in two places."""
        both = replace(self, origins=tuple(dict.fromkeys((*self.origins, *other.origins))))
        if self.tls is None or other.tls is None:
            return both
        return replace(both, tls=replace(self.tls, origins=tuple(dict.fromkeys((*self.tls.origins, *other.tls.origins)))))
