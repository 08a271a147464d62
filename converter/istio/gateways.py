"""Listeners as Gateways: one server block for each port and certificate, blocks that serve the same virtual hosts together."""

from dataclasses import dataclass, field

from converter.istio.losses import Losses
from converter.istio.objects import NETWORKING, Object, document, source
from converter.istio.yaml import Commented, Flow
from converter.model.applications import Listener, ServerTls, VirtualHost
from converter.model.decisions import Decisions


@dataclass(slots=True)
class Block:
    """One server of a Gateway: a port, the hosts on it and their TLS, and the virtual hosts that it serves."""

    port: int
    tls: ServerTls | None
    hosts: list[str] = field(default_factory=list)
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


def gateways(hosts: list[VirtualHost], decisions: Decisions, losses: Losses) -> Gateways:
    """All Gateways for the virtual hosts. Those of one application go to its folder, others to `shared`."""
    objects: list[Object] = []
    bound: dict[str, list[str]] = {host.name: [] for host in hosts}
    ports: dict[str, set[int]] = {host.name: set() for host in hosts}
    for blocks in _grouped(_blocks(hosts)):
        served = list({h.name: h for block in blocks for h in block.served}.values())
        alone = len({h.application for h in served}) == 1
        name = served[0].name if len(served) == 1 else _shared_name(blocks)
        taken = {o.name for o in objects}
        made = _object(name, blocks, decisions, served[0].application if alone else "shared")
        if made.name in taken:
            made = _object(f"{name}-{blocks[0].port}", blocks, decisions, made.folder)
        objects.append(made)
        for host in served:
            bound[host.name].append(made.name.removeprefix("Gateway/"))
            ports[host.name] |= {block.port for block in blocks}
        for block in blocks:
            for listener in block.listeners:
                losses.place(listener.origin, made.name)
                losses.place(listener.tls.origin if listener.tls else None, made.name)
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
            if any({h.name for h in b.served} == names or (b.tls and block.tls and b.tls.secret == block.tls.secret) for b in g)
        ]
        groups = [g for g in groups if g not in near]
        groups.append([b for g in near for b in g] + [block])
    return sorted(groups, key=lambda g: (g[0].port, g[0].hosts != ["*"]))


def _blocks(hosts: list[VirtualHost]) -> list[Block]:
    """Server blocks. What shares a certificate with the default server of its port is in the block of `*`."""
    listed = [(host, listener) for host in hosts for listener in host.listeners]
    defaults = {listener.port: listener.tls for _, listener in listed if listener.hosts == ("*",)}
    blocks: dict[tuple[int, object], Block] = {}
    for host, listener in listed:
        everything = listener.port in defaults and defaults[listener.port] == listener.tls
        block = blocks.setdefault((listener.port, listener.tls), Block(listener.port, listener.tls))
        for name in ("*",) if everything else listener.hosts:
            if name not in block.hosts:
                block.hosts.append(name)
        block.served.append(host)
        block.listeners.append(listener)
    return sorted(blocks.values(), key=lambda b: (b.port, b.hosts != ["*"]))


def _shared_name(blocks: list[Block]) -> str:
    return f"{'https' if blocks[0].tls else 'http'}-{blocks[0].port}" if len(blocks) == 1 else f"gateway-{blocks[0].port}"


def _object(name: str, blocks: list[Block], decisions: Decisions, folder: str) -> Object:
    servers = [Commented(_server(block), source(listener.origin for listener in block.listeners)) for block in blocks]
    spec: dict[str, object] = {"selector": dict(decisions.gateway.selector), "servers": servers}
    return Object(folder, document(NETWORKING, "Gateway", decisions.gateway.namespace, name, spec))


def _server(block: Block) -> dict[str, object]:
    protocol = "HTTPS" if block.tls else "HTTP"
    name = f"{protocol.lower()}-{block.port}" + (f"-{block.tls.secret}" if block.tls and block.hosts != ["*"] else "")
    server: dict[str, object] = {
        "port": Flow({"number": block.port, "name": name[:63].rstrip("-"), "protocol": protocol}),
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
