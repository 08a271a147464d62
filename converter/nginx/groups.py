"""Servers on the ports where they behave alike."""

from collections.abc import Iterator
from dataclasses import dataclass

from converter.nginx.hosts import Port, Server
from converter.nginx.names import ServerName

_CONNECTION = ("scheme", "https", "server_port")


@dataclass(frozen=True, slots=True)
class Group:
    """A server on ports where it behaves alike."""

    server: Server
    ports: tuple[Port, ...]

    @property
    def default(self) -> bool:
        return self.ports[0].default is self.server

    @property
    def owned(self) -> tuple[ServerName, ...]:
        return self.ports[0].owned(self.server)


def groups(servers: list[Server], found: dict[int, Port]) -> Iterator[Group]:
    """Each server with its ports, 80 and the TLS port 443 together where it has the same names on both."""
    for server in servers:
        alike: dict[object, list[Port]] = {}
        for port in found.values():
            if server in port.servers:
                usual = (port.number, port.tls) in ((80, False), (443, True)) and not _asks_for_port(server)
                key = (
                    port.default is server,
                    tuple(n.text for n in port.owned(server)),
                    _foreign(port, server),
                    None if usual else port.number,
                )
                alike.setdefault(key, []).append(port)
        for group in alike.values():
            yield Group(server, tuple(group))


def _asks_for_port(server: Server) -> bool:
    """Whether a condition of the server depends on how the client connected: each port then has a list of its own."""
    if len({socket.port for socket in server.sockets}) < 2:
        return False
    return any(
        d.name == "if" and "$" + name in d.args[0] for top in server.scope.directives for d in top.walk() for name in _CONNECTION if d.args
    )


def _foreign(port: Port, server: Server) -> tuple[object, ...]:
    """Servers whose names only the default server's list can hold: part of what makes two ports differ."""
    if port.default is not server:
        return ()
    return tuple((id(s), n.text) for s in port.servers for n in port.owned(s) if n.host is None)
