"""Which server answers which host name on which port.

Source: ngx_http_add_addresses and ngx_http_server_names in nginx's src/http/ngx_http.c; ngx_http_find_virtual_server.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from converter.model.findings import Finding, Severity
from converter.model.outcomes import Outcome
from converter.nginx.listen import Socket, sockets
from converter.nginx.names import ServerName, server_names
from converter.nginx.scope import Scope
from converter.nginx.telling import Telling


@dataclass(frozen=True, slots=True, eq=False)
class Server:
    """A server block with its names and sockets. first_name: nginx's `$server_name`; a regex is one, too."""

    scope: Scope
    names: tuple[ServerName, ...]
    sockets: tuple[Socket, ...]
    first_name: str

    def tls_on(self, port: int) -> bool:
        return any(s.tls for s in self.sockets if s.port == port) or (
            self.scope.flag("ssl", default=False) and any(s.port == port for s in self.sockets)
        )


@dataclass(slots=True)
class Port:
    """All that listens on one port: the servers in file order, the default one, and who owns which name.

    local: only the nginx host itself can connect.
    """

    number: int
    tls: bool = False
    local: bool = False
    servers: list[Server] = field(default_factory=list)
    default: Server | None = None
    owners: dict[tuple[str, str], Server] = field(default_factory=dict)

    def owned(self, server: Server) -> tuple[ServerName, ...]:
        """The names that this server, and not an earlier one, has on the port."""
        return tuple(name for name in server.names if self.owners.get((name.kind, name.text)) is server)


def read_server(scope: Scope, telling: Telling) -> Server:
    """A server's names and sockets. Without `listen` it has port 80."""
    names = server_names(scope.own("server_name"))
    found = [socket for directive in scope.own("listen") for socket in sockets(directive)]
    for directive in scope.own("listen"):
        telling.say(directive, *_verdict(sockets(directive), found))
    for directive in scope.own("server_name"):
        telling.say(directive, Outcome.EXACT)
    if not scope.own("listen"):
        found = [Socket("", 80, False, False, False, None)]
    return Server(scope, tuple(names), tuple(found), _first_name(scope))


def _first_name(scope: Scope) -> str:
    """nginx's `$server_name`. Source: ngx_http_core_merge_srv_conf in nginx's src/http/ngx_http_core_module.c."""
    first = next((text for directive in scope.own("server_name") for text in directive.args), "")
    return first if first.startswith("~") else first.removeprefix(".").lower()


def _verdict(own: list[Socket], every: list[Socket]) -> tuple[Outcome, str]:
    if not own:
        return Outcome.UNSUPPORTED, "a gateway does not listen on unix sockets"
    socket = own[0]
    if socket.loopback:
        return Outcome.UNSUPPORTED, "only the nginx host itself can connect here: the gateway serves nothing of it"
    if socket.proxy_protocol:
        return (
            Outcome.DECISION,
            "the PROXY protocol must be switched on for the gateway, with the load balancer (pod annotation proxy.istio.io/config)",
        )
    if socket.address == "::":
        both = any(s.address == "" and s.port == socket.port for s in every)
        return (Outcome.BUILTIN, "") if both else (Outcome.APPROXIMATE, "the gateway's Service decides on IPv4 and IPv6")
    if socket.specific:
        return Outcome.APPROXIMATE, "a gateway's pod has addresses of its own: this server answers on all of them"
    return Outcome.EXACT, ""


def ports(servers: Iterable[Server]) -> dict[int, Port]:
    """The ports of a configuration. Addresses fold into one: first the servers on every IPv4 address, then the others.

    Sockets that only the host itself can reach do not count where the port has others.
    """
    out: dict[int, Port] = {}
    every = [(server, socket) for server in servers for socket in server.sockets]
    public = {socket.port for _, socket in every if not socket.loopback}
    listed = [(server, socket) for server, socket in every if not socket.loopback or socket.port not in public]
    explicit: dict[int, Server] = {}
    for server, socket in sorted(listed, key=lambda pair: 0 if pair[1].address == "" else 1):
        port = out.setdefault(socket.port, Port(socket.port, local=socket.loopback))
        port.tls = port.tls or socket.tls
        if server not in port.servers:
            port.servers.append(server)
            for name in server.names:
                port.owners.setdefault((name.kind, name.text), server)
        if socket.default:
            explicit.setdefault(socket.port, server)
    for number, port in out.items():
        port.tls = port.tls or any(server.tls_on(number) for server in port.servers)
        port.default = explicit.get(number, port.servers[0])
    return dict(sorted(out.items()))


def shadowed_names(found: dict[int, Port]) -> list[Finding]:
    """Names that an earlier server has on the same port: nginx warns and ignores the later ones."""
    lost: dict[tuple[str, int], Finding] = {}
    for port in found.values():
        for server in port.servers:
            for name in server.names:
                if port.owners.get((name.kind, name.text)) is not server:
                    message = f"{name.text} on port {port.number} belongs to an earlier server; nginx ignores it here"
                    lost[name.text, port.number] = Finding(
                        "NGX050", Severity.WARNING, message, name.directive.position, "remove the name here or there"
                    )
    return list(lost.values())
