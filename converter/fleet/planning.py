"""What is to be done with each configuration, when it is known what the fleet shares."""

from collections.abc import Iterator, Mapping, Sequence

from converter.fleet.chosen import Chosen
from converter.fleet.glance import Looked
from converter.fleet.grouping import Grouped
from converter.fleet.merging import Merged
from converter.fleet.pages import About, about
from converter.fleet.rendering import Part, Plan, Shared
from converter.istio import upstreams
from converter.istio.gateways import Gateways
from converter.istio.objects import Object
from converter.model.decisions import Decisions
from converter.model.fleet import Site
from converter.model.outcomes import Outcome


def upstream_objects(shared: Merged, secrets: Mapping[str, str], decisions: Decisions) -> list[Object]:
    """The objects of all upstreams: in the folder of the application that uses one alone, else in `shared`. Each gateway gets its own filters."""
    out: dict[str, Object] = {}
    for upstream in sorted({up.key: up for up in shared.upstreams.values()}.values(), key=lambda up: up.key):
        users = sorted(shared.users[upstream.key])
        for user in users:
            own = decisions.for_host(user)
            for made in upstreams.objects(upstream, folder(users), secrets.get(upstream.key, ""), own, shared.losses):
                out.setdefault(made.name, made)
    return list(out.values())


def folder(users: Sequence[str]) -> str:
    return users[0] if len(users) == 1 else "shared"


def plans(
    looked: Sequence[Looked],
    parts: Mapping[int, Mapping[str, Part]],
    pages: Mapping[int, Mapping[str, About]],
    shared: Merged,
    secrets: Mapping[str, str],
    decisions: Decisions,
) -> Iterator[Plan]:
    """A plan for each configuration that holds anything to convert, in their order. parts, pages: by the configuration's number."""
    names: dict[int, dict[str, Shared]] = {}
    for (number, key), upstream in shared.upstreams.items():
        users = sorted(shared.users[upstream.key])
        names.setdefault(number, {})[key] = Shared(upstream.service, folder(users), secrets.get(upstream.key, ""))
    for number, look in enumerate(looked):
        if look.glance.sketches:
            yield Plan(look.configuration, look.spool, parts[number], names.get(number, {}), decisions, pages.get(number, {}))


def abouts(groups: Sequence[Grouped], sites: Sequence[Site], shared: Merged, source: str) -> dict[int, dict[str, About]]:
    """For each configuration's number what the pages of the hosts that are shown from it say, by their names."""
    out: dict[int, dict[str, About]] = {}
    for each in shared.chosen:
        out.setdefault(each.way.first, {})[each.new.name] = about(sites[each.site], source)
    for group, site in zip(groups, sites, strict=True):
        if site.chosen is None:
            out.setdefault(group.ways[0].first, {})[site.name] = about(site, source)
    return out


def parts(
    groups: Sequence[Grouped], sites: Sequence[Site], shared: Merged, beside: Mapping[str, list[Object]], decisions: Decisions
) -> dict[int, dict[str, Part]]:
    """For each configuration's number what is to be done with its applications, by name."""
    out: dict[int, dict[str, Part]] = {}
    chosen: dict[int, list[Chosen]] = {}
    for each in shared.chosen:
        chosen.setdefault(each.site, []).append(each)
    for number, (group, site) in enumerate(zip(groups, sites, strict=True)):
        for place, way in enumerate(group.ways):
            for configuration, sketches in way.applications.items():
                mine = out.setdefault(configuration, {})
                if place == site.chosen:
                    writes = configuration == way.first
                    mine |= {sketches[c.place].application.name: _written(c, writes, shared, beside, decisions) for c in chosen[number]}
                else:
                    names = [site.name, *(sketch.application.name for sketch in sketches[1:])]
                    mine |= {s.application.name: _unwritten(name, site) for name, s in zip(names, sketches, strict=True)}
    return out


def _written(chosen: Chosen, writes: bool, shared: Merged, beside: Mapping[str, list[Object]], decisions: Decisions) -> Part:
    bound = shared.bound[decisions.for_host(chosen.new.name).gateway.namespace]
    hosts = [host.name for host in chosen.new.virtual_hosts]
    mine = Gateways(
        (), {name: bound.bound[name] for name in hosts}, {name: bound.limited[name] for name in hosts if name in bound.limited}, bound.ports
    )
    return Part(chosen.new.name, chosen.new, writes, mine, None, tuple(beside.get(chosen.new.name, ())) if writes else ())


def _unwritten(name: str, site: Site) -> Part:
    """Of another machine's the manifests are made, or of none."""
    nowhere = Gateways((), {}, {}, ())
    if site.chosen is None:
        return Part(name, None, False, nowhere, (Outcome.DECISION, f"{site.why}: {site.key}" if site.key else site.why))
    return Part(name, None, False, nowhere, (Outcome.WAIVED, site.why))
