"""One gateway's objects for the chosen variants of all sites: names that do not clash, upstreams that are shared, Gateways by certificate."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from converter.fleet.chosen import Chosen
from converter.fleet.fingerprint import contents
from converter.fleet.grouping import Grouped, Way
from converter.fleet.secrets import certificates
from converter.istio.gateways import Gateways, gateways
from converter.istio.losses import Losses
from converter.istio.objects import Object
from converter.model.applications import Application, VirtualHost
from converter.model.decisions import Decisions
from converter.model.fleet import Site
from converter.model.records import replace
from converter.model.upstreams import Upstream
from converter.nginx.naming import Names
from converter.nginx.upstreams import service_name


@dataclass(frozen=True, slots=True)
class Merged:
    """What the fleet shares. upstreams: for a configuration's number and an upstream's key there, the fleet's own.

    users: names of the applications that use an upstream, by its key.  bound: the Gateways by the namespace of the pods.
    """

    chosen: tuple[Chosen, ...] = ()
    upstreams: dict[tuple[int, str], Upstream] = field(default_factory=dict)
    users: dict[str, set[str]] = field(default_factory=dict)
    bound: dict[str, Gateways] = field(default_factory=dict)
    losses: Losses = field(default_factory=Losses)

    @property
    def gateway_objects(self) -> Iterator[Object]:
        for found in self.bound.values():
            yield from found.objects


def merged(named: Iterable[Chosen], decisions: Decisions) -> Merged:
    """Merges what is chosen. Sites whose port speaks another protocol than others' must have been left out before."""
    chosen = certificates(tuple(named), decisions)
    upstreams, users = _upstreams(chosen)
    losses = Losses()
    by_namespace: dict[str, list[VirtualHost]] = {}
    of_namespace: dict[str, Decisions] = {}
    for each in chosen:
        own = decisions.for_host(each.new.name)
        of_namespace[own.gateway.namespace] = own
        by_namespace.setdefault(own.gateway.namespace, []).extend(each.new.virtual_hosts)
    bound = {name: gateways(hosts, of_namespace[name], losses, fleet=True) for name, hosts in by_namespace.items()}
    return Merged(chosen, upstreams, users, bound, losses)


def named(groups: Sequence[Grouped], sites: Sequence[Site]) -> Iterator[Chosen]:
    """The applications of the chosen ways, with names that no other one has."""
    folders, objects = Names({site.name: "" for site in sites}), Names()
    for number, (group, site) in enumerate(zip(groups, sites, strict=True)):
        if site.chosen is not None:
            way = group.ways[site.chosen]
            for place, sketch in enumerate(way.sketches):
                name = site.name if place == _place_of(group.name, way) else folders.unique(sketch.application.name)
                yield Chosen(number, way, place, _renamed(sketch.application, name, objects, way.machines))


def under_names(chosen: Iterable[Chosen], decisions: Decisions) -> Decisions:
    """The decisions with those for an application under the name that it got, where that is another."""
    given = {c.new.name: own for c in chosen if (own := decisions.hosts.get(c.sketch.application.name)) is not None}
    return replace(decisions, hosts=given | decisions.hosts)


def _place_of(name: str, way: Way) -> int:
    """Which application of a way gets the site's name: the one that has it in the source, or the first."""
    return next((place for place, sketch in enumerate(way.sketches) if sketch.application.name == name), 0)


def _renamed(application: Application, name: str, objects: Names, machines: tuple[str, ...]) -> Application:
    more = f" and {len(machines) - 1} more" if len(machines) > 1 else ""
    hosts = tuple(
        replace(
            host, name=objects.unique(host.name), application=name, note="; ".join(filter(None, (host.note, f"as on {machines[0]}{more}")))
        )
        for host in application.virtual_hosts
    )
    return Application(name, hosts)


def _upstreams(chosen: Iterable[Chosen]) -> tuple[dict[tuple[int, str], Upstream], dict[str, set[str]]]:
    """Upstreams that hold the same are one; those that only share a name, as the registry spells it, get names of their own."""
    listed = [(each, upstream, contents(upstream)) for each in chosen for upstream in each.sketch.upstreams]
    different: dict[str, dict[str, None]] = {}
    for _, upstream, held in listed:
        different.setdefault(service_name(upstream.key), {})[held] = None
    made: dict[str, Upstream] = {}
    out: dict[tuple[int, str], Upstream] = {}
    users: dict[str, set[str]] = {}
    for each, upstream, held in listed:
        own = _own_name(upstream, held, len(different[service_name(upstream.key)]) > 1)
        known = made.setdefault(own.key, own)
        made[own.key] = known if known is own else known.joined(own)
        users.setdefault(own.key, set()).add(each.new.name)
        for configuration, sketches in each.way.applications.items():
            out |= {(configuration, same.key): own for same in sketches[each.place].upstreams if contents(same) == held}
    return {pair: made[upstream.key] for pair, upstream in out.items()}, users


def _own_name(upstream: Upstream, held: str, ambiguous: bool) -> Upstream:
    key = f"{upstream.key}-{hashlib.sha256(held.encode()).hexdigest()[:6]}" if ambiguous else upstream.key
    return replace(upstream, key=key, service=service_name(key) if upstream.external else upstream.service)
