"""A port of a gateway speaks TLS or it does not: of sites that disagree on it, those of the fewer cannot be on the same gateway."""

from collections.abc import Iterator, Sequence

from converter.fleet.grouping import Grouped
from converter.model.applications import Listener
from converter.model.decisions import Decisions
from converter.model.fleet import Difference, Site
from converter.model.records import replace


def one_protocol_a_port(groups: Sequence[Grouped], sites: Sequence[Site], decisions: Decisions) -> list[Site]:
    """The sites, those left out (not chosen, with the reason) whose port speaks otherwise for most others of their gateway."""
    users: dict[tuple[str, int], dict[bool, list[int]]] = {}
    for number, namespace, listener in _listeners(groups, sites, decisions):
        users.setdefault((namespace, listener.port), {}).setdefault(listener.tls is not None, []).append(number)
    out = list(sites)
    for (namespace, port), spoken in sorted(users.items()):
        if len(spoken) > 1:
            tls = len(spoken[True]) > len(spoken[False])  # of as many, plain HTTP stays: nobody is shown another's certificate
            for number in spoken[not tls]:
                out[number] = _left_out(out[number], namespace, port, tls)
    return out


def _listeners(groups: Sequence[Grouped], sites: Sequence[Site], decisions: Decisions) -> Iterator[tuple[int, str, Listener]]:
    for number, (group, site) in enumerate(zip(groups, sites, strict=True)):
        if site.chosen is not None:
            for sketch in group.ways[site.chosen].sketches:
                namespace = decisions.for_host(sketch.application.name).gateway.namespace
                yield from ((number, namespace, ln) for host in sketch.application.virtual_hosts for ln in host.listeners)


def _left_out(site: Site, namespace: str, port: int, tls: bool) -> Site:
    spoken = "TLS" if tls else "plain HTTP"
    why = f"not written: port {port} of the gateway in {namespace} speaks {spoken} for more hosts; give this one a namespace with a gateway"
    return replace(site, chosen=None, difference=Difference.CONFLICT, why=why, key=f"hosts.{site.name}.namespace")
