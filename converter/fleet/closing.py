"""Hosts that are not written, below names that are: on the gateway they would get the answers of another application."""

from collections.abc import Iterator, Sequence

from converter.fleet.grouping import Grouped
from converter.fleet.merging import Merged
from converter.istio.gateways import Gateways
from converter.istio.objects import NETWORKING, Object, document
from converter.istio.yaml import Flow, plain
from converter.model.fleet import Site

_NOTE = "hosts that are not written (report.md says why): without this, what takes the names above them would answer"


def closed(groups: Sequence[Grouped], sites: Sequence[Site], shared: Merged) -> Iterator[Object]:
    """For each port VirtualServices that answer 404 to the hosts that are not written, where a wildcard of the gateway covers them."""
    left = {pair for group, site in zip(groups, sites, strict=True) for pair in group.left_out(site.chosen)}
    for namespace, bound in shared.bound.items():
        served = list(_servers(bound))
        for port in bound.ports:
            names = sorted(name for name, at in left if at == port)
            covering = [(gateway, patterns) for gateway, at, patterns in served if at == port]
            hosts = [name for name in names if any(_covered(name, patterns) for _, patterns in covering)]
            gateways = [gateway for gateway, patterns in covering if any(_covered(name, patterns) for name in hosts)]
            if hosts:
                yield _refusing(namespace, port, hosts, gateways)


def _servers(bound: Gateways) -> Iterator[tuple[str, int, list[str]]]:
    """The name of the Gateway, the port and the hosts of each server."""
    for found in bound.objects:
        spec = plain(found.document["spec"])
        assert isinstance(spec, dict)
        for server in spec["servers"]:
            yield found.name.rpartition("/")[2], server["port"]["number"], server["hosts"]


def _covered(name: str, patterns: Sequence[str]) -> bool:
    """Whether a name is one of those that a wildcard stands for."""
    return any(pattern != name and pattern.startswith("*") and name.endswith(pattern[1:]) for pattern in patterns) and name != "*"


def _refusing(namespace: str, port: int, hosts: list[str], gateways: list[str]) -> Object:
    name = f"not-written-{port}"
    route = {"name": f"{name}.all", "match": [Flow({"port": port})], "directResponse": Flow({"status": 404})}
    spec: dict[str, object] = {"hosts": hosts, "gateways": gateways, "http": [route]}
    return Object("shared", document(NETWORKING, "VirtualService", namespace, name, spec), _NOTE)
