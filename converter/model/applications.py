"""An application: one host name, or a set of names that behave alike, with all that a gateway must know of it."""

from dataclasses import dataclass, field

from converter.model.places import Position
from converter.model.rules import Proxy, Rule


@dataclass(frozen=True, slots=True)
class ClientVerification:
    """Client certificates: `required`, or checked only where one is sent; `authority`: the file of the CAs, as the source names it."""

    required: bool
    authority: str


@dataclass(frozen=True, slots=True)
class ServerTls:
    """TLS of a listener for some names.

    secret:  name of the Kubernetes secret with certificate and key.
    lowest, highest: protocol versions such as `1.2`; empty: the gateway's own choice.
    """

    secret: str
    lowest: str = ""
    highest: str = ""
    ciphers: tuple[str, ...] = ()
    client: ClientVerification | None = None
    certificate: str = ""
    key: str = ""
    origin: Position | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Listener:
    """A port on which some names are served. `hosts` are exact names, `*.suffix`, or `*`."""

    port: int
    hosts: tuple[str, ...]
    tls: ServerTls | None = None
    origin: Position | None = None


@dataclass(frozen=True, slots=True)
class VirtualHost:
    """One decision list, and the names and listeners that it is for.

    name: unique in a conversion, a DNS label: that of the objects made from it.  application: the name of its application.
    """

    name: str
    hosts: tuple[str, ...]
    listeners: tuple[Listener, ...]
    rules: tuple[Rule, ...]
    application: str
    origin: Position | None = None
    note: str = ""

    @property
    def upstreams(self) -> frozenset[str]:
        """The keys of the upstreams that the rules name."""
        return frozenset(rule.action.upstream for rule in self.rules if isinstance(rule.action, Proxy))


@dataclass(frozen=True, slots=True)
class Application:
    """What belongs to one host name: its virtual hosts (one for each group of ports that behave alike). `name` is the folder's."""

    name: str
    virtual_hosts: tuple[VirtualHost, ...]
