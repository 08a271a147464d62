"""Listeners as Gateways: one server block for each port and certificate, blocks that serve the same virtual hosts together."""

from dataclasses import dataclass, field

from converter.istio.losses import Losses
from converter.istio.objects import NETWORKING, Object, document, source
from converter.istio.yaml import Commented, Flow
from converter.model.applications import Listener, ServerTls, VirtualHost
from converter.model.decisions import Decisions
from converter.model.places import Position

_FEW = 4  # hosts of a server block whose places one comment names


@dataclass(slots=True)
class Block:
    """One server of a Gateway: a port, the hosts on it (with where they come from) and their TLS, and the virtual hosts that it serves."""

    port: int
    tls: ServerTls | None
    hosts: dict[str, Position | None] = field(default_factory=dict)
    served: list[VirtualHost] = field(default_factory=list)
    listeners: list[Listener] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Gateways:
    """The objects, and for each virtual host's name the Gateways that it is bound to (`namespace/name`).

    limited: the ports of virtual hosts that are not served on all ports of their Gateways: their rules must name the port.
    ports:   all of them.
    """

    objects: tuple[Object, ...]
    bound: dict[str, tuple[str, ...]]
    limited: dict[str, tuple[int, ...]]
    ports: tuple[int, ...]


def gateways(hosts: list[VirtualHost], decisions: Decisions, losses: Losses, fleet: bool = False) -> Gateways:
    """All Gateways for the virtual hosts. Those of one application go to its folder, others to `shared`.

    fleet: one Gateway for each certificate and for each port without TLS, whatever is served: what one host adds changes no other's.
    """
    objects: list[Object] = []
    bound: dict[str, list[str]] = {host.name: [] for host in hosts}
    ports: dict[str, set[int]] = {host.name: set() for host in hosts}
    taken: set[str] = set()
    groups = _by_certificate(_blocks(hosts)) if fleet else _grouped(_blocks(hosts))
    for blocks in (part for group in groups for part in _apart(group)):
        served = list({h.name: h for block in blocks for h in block.served}.values())
        alone = len({h.application for h in served}) == 1
        name = _fleet_name(blocks[0]) if fleet else served[0].name if len(served) == 1 else _shared_name(blocks)
        made = _object(name, blocks, decisions, served[0].application if alone else "shared")
        while made.name in taken:
            name = f"{name}-{blocks[0].port}"
            made = _object(name, blocks, decisions, made.folder)
        objects.append(made)
        taken.add(made.name)
        for host in served:
            bound[host.name].append(made.name.removeprefix("Gateway/"))
            ports[host.name] |= {block.port for block in blocks}
        for block in blocks:
            for listener in block.listeners:
                losses.place(made.name, listener.origin, listener.tls.origin if listener.tls else None)
    limited = {h.name: own for h in hosts if (own := tuple(sorted({ln.port for ln in h.listeners}))) != tuple(sorted(ports[h.name]))}
    return Gateways(
        tuple(objects),
        {host: tuple(dict.fromkeys(found)) for host, found in bound.items()},
        limited,
        tuple(sorted({ln.port for h in hosts for ln in h.listeners})),
    )


def _grouped(blocks: list[Block]) -> list[list[Block]]:
    """The blocks of each Gateway: those for the same virtual hosts, and those with the same certificate (istiod's analysers want it in one)."""
    groups: list[list[Block]] = []
    for block in blocks:
        names = {h.name for h in block.served}
        near = [
            g
            for g in groups
            if any({h.name for h in b.served} == names or (b.tls and block.tls and _trust(b.tls) == _trust(block.tls)) for b in g)
        ]
        groups = [g for g in groups if g not in near]
        groups.append([b for g in near for b in g] + [block])
    return sorted(groups, key=lambda g: (g[0].port, list(g[0].hosts) != ["*"]))


def _trust(tls: ServerTls) -> object:
    """What connections must have in common to reach each other's hosts: a Gateway's routes are those of all its servers."""
    return tls.secret, tls.client


def _apart(blocks: list[Block]) -> list[list[Block]]:
    """The blocks of a Gateway, each by itself where a wildcard of one covers a host of another.

    istiod adds the routes of a VirtualService for the wildcard to each host of the Gateway's servers that it covers, maybe before its own.
    """
    wild = [(block, name) for block in blocks for name in block.hosts if name.startswith("*")]
    mixed = any(_covers(wide, host) for block, wide in wild for other in blocks if other is not block for host in other.hosts)
    return [[block] for block in blocks] if mixed else [blocks]


def _covers(wide: str, host: str) -> bool:
    return wide != host and wide.startswith("*") and host.endswith(wide[1:])


def _by_certificate(blocks: list[Block]) -> list[list[Block]]:
    """The blocks of each Gateway: those with the same certificate and clients; without a certificate, the block of a port."""
    groups: dict[object, list[Block]] = {}
    for block in blocks:
        groups.setdefault(_trust(block.tls) if block.tls else block.port, []).append(block)
    return list(groups.values())


def _fleet_name(block: Block) -> str:
    return f"https-{block.tls.secret}"[:63].rstrip("-") if block.tls else f"http-{block.port}"


def _blocks(hosts: list[VirtualHost]) -> list[Block]:
    """Server blocks. What shares a certificate with the default server of its port is in the block of `*`."""
    listed = [(host, listener) for host in hosts for listener in host.listeners]
    defaults = {listener.port: listener.tls for _, listener in listed if listener.hosts == ("*",)}
    blocks: dict[tuple[int, object], Block] = {}
    for host, listener in listed:
        everything = listener.port in defaults and defaults[listener.port] == listener.tls
        block = blocks.setdefault((listener.port, listener.tls), Block(listener.port, listener.tls))
        for name in ("*",) if everything else listener.hosts:
            block.hosts.setdefault(name, listener.origin)
        block.served.append(host)
        block.listeners.append(listener)
    for block in blocks.values():  # as for `_apart`
        wild = [name for name in block.hosts if name.startswith("*")]
        block.hosts = {name: origin for name, origin in block.hosts.items() if not any(_covers(wide, name) for wide in wild)}
    return sorted(blocks.values(), key=lambda b: (b.port, list(b.hosts) != ["*"]))


def _shared_name(blocks: list[Block]) -> str:
    return f"{'https' if blocks[0].tls else 'http'}-{blocks[0].port}" if len(blocks) == 1 else f"gateway-{blocks[0].port}"


def _object(name: str, blocks: list[Block], decisions: Decisions, folder: str) -> Object:
    names = [_port_name(block) for block in blocks]
    unique = (name if name not in names[:n] else f"{name[:60]}-{n}" for n, name in enumerate(names))
    servers = [_commented(block, name) for block, name in zip(blocks, unique, strict=True)]
    spec: dict[str, object] = {"selector": dict(decisions.gateway.selector), "servers": servers}
    return Object(folder, document(NETWORKING, "Gateway", decisions.gateway.namespace, name, spec))


def _commented(block: Block, name: str) -> object:
    """A server block with where it comes from: of many hosts, each has its own place beside it."""
    if len(block.hosts) <= _FEW:
        return Commented(_server(block, name), source(listener.origin for listener in block.listeners))
    hosts = [Commented(name, source([origin])) for name, origin in block.hosts.items()]
    return _server(block, name) | {"hosts": hosts}


def _port_name(block: Block) -> str:
    """A name for a server's port; `_object` sees to it that no other of the Gateway has it."""
    name = f"{_protocol(block).lower()}-{block.port}" + (f"-{block.tls.secret}" if block.tls and list(block.hosts) != ["*"] else "")
    return name[:63].rstrip("-")


def _protocol(block: Block) -> str:
    return "HTTPS" if block.tls else "HTTP"


def _server(block: Block, name: str) -> dict[str, object]:
    server: dict[str, object] = {
        "port": Flow({"number": block.port, "name": name, "protocol": _protocol(block)}),
        "hosts": list(block.hosts),
    }
    if block.tls is not None:
        server["tls"] = _tls(block.tls)
    return server


def _tls(tls: ServerTls) -> dict[str, object]:
    mode = "SIMPLE" if tls.client is None else "MUTUAL" if tls.client.required else "OPTIONAL_MUTUAL"
    out: dict[str, object] = {"mode": mode, "credentialName": tls.secret}
    if tls.lowest and tls.lowest != "1.2":
        out["minProtocolVersion"] = f"TLSV{tls.lowest.replace('.', '_')}"
    if tls.highest and tls.highest != "1.3":
        out["maxProtocolVersion"] = f"TLSV{tls.highest.replace('.', '_')}"
    if tls.ciphers:
        out["cipherSuites"] = list(tls.ciphers)
    return out
