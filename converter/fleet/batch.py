"""From a repository of machines to one set of manifests: look at each distinct configuration, compare, choose, write.

Nothing that grows with the rules of the fleet is kept in memory: each configuration is read once, goes to a file, and comes back once.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from converter.conversion import uncollected
from converter.fleet import planning
from converter.fleet.choosing import site
from converter.fleet.closing import closed
from converter.fleet.comparing import compared
from converter.fleet.gathering import Told, gather, stale
from converter.fleet.glance import Configuration, Glance, Looked, Sketch, glance
from converter.fleet.grouping import Grouped, Way, grouped
from converter.fleet.merging import Merged, merged, named, under_names
from converter.fleet.pool import Pool
from converter.fleet.protocols import one_protocol_a_port
from converter.fleet.rendering import Plan, Rendered, rendered
from converter.istio import filters, helm
from converter.istio.manifests import files, kustomization, written
from converter.istio.objects import Object
from converter.model.conversion import PlatformNote, SecretNeeded
from converter.model.decisions import Decisions
from converter.model.findings import Finding
from converter.model.fleet import Failed, Fleet, Site
from converter.model.upstreams import Upstream
from converter.model.waivers import unmet_entries
from converter.nginx.naming import Names
from converter.output import Writing
from converter.report.html import IndexEntry
from converter.secrets import secrets_of

_DEFAULT_SERVERS = 12  # whose differences are told


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked of a run. label: what the report calls the repository.  html: whether pages for a browser are made."""

    label: str
    decisions: Decisions
    html: bool = False


@dataclass(frozen=True, slots=True)
class Converted:
    """A fleet, and for the index of its pages a line for each host, and what differs without any directive."""

    fleet: Fleet
    entries: tuple[IndexEntry, ...] = ()
    platform: tuple[PlatformNote, ...] = ()


def batch(order: Order, configurations: Sequence[Configuration], spool: Path, run: Pool, writing: Writing) -> Converted:
    """Converts the configurations and puts the manifests and the reports of each into `writing`.

    spool: an empty folder for what is kept meanwhile.
    """
    decisions = order.decisions
    spools = [spool / f"{number}" for number in range(len(configurations))]
    told = Told()
    glances = _glances(configurations, spools, decisions, run, told)
    looked = [Looked(*each) for each in zip(configurations, spools, glances, strict=True)]
    groups = grouped(looked)
    sites = one_protocol_a_port(groups, _sites(groups, spools, decisions, run), decisions)
    chosen = tuple(named(groups, sites))
    own = under_names(chosen, decisions)
    shared = merged(chosen, own)
    needed, secrets = _secrets(shared, own)
    objects = [*shared.gateway_objects, *closed(groups, sites, shared), *planning.upstream_objects(shared, secrets, own)]
    parts = planning.parts(groups, sites, shared, _by_folder(objects), own)
    pages = planning.abouts(groups, sites, shared, order.label) if order.html else {}
    for came in _rendered(planning.plans(looked, parts, pages, shared, secrets, own), run, told):
        gather(came, told, writing)
    _common(objects, shared, told, own, writing)
    fleet = Fleet(
        order.label,
        tuple(configuration.machines for configuration in configurations),
        tuple(sites),
        tuple(sorted(told.progress, key=lambda host: host.host)),
        tuple(told.failed),
        (*stale(told), *_unmet(sites, looked, shared, decisions)),
        needed,
        tuple(told.questions),
        dict(told.totals),
    )
    return Converted(fleet, tuple(told.entries), tuple(told.platform.values()))


def _glances(
    configurations: Sequence[Configuration], spools: Sequence[Path], decisions: Decisions, run: Pool, told: Told
) -> Iterator[Glance]:
    """A glance at each configuration; an empty one where nothing can be converted, which is told."""
    for configuration, came in zip(
        configurations, run.spread(partial(_glance, decisions), zip(configurations, spools, strict=True)), strict=True
    ):
        if isinstance(came, Glance) and came.reason:
            told.failed.append(Failed(configuration.machines, came.reason))
        if isinstance(came, Failed):
            told.failed.append(came)
        yield came if isinstance(came, Glance) else Glance()


def _glance(decisions: Decisions, item: tuple[Configuration, Path]) -> Glance | Failed:
    configuration, spool = item
    with uncollected():
        try:
            return glance(configuration, decisions, spool)
        except Exception as error:  # one machine's trouble is not the others'
            return _defect(configuration, error)


def _defect(configuration: Configuration, error: Exception) -> Failed:
    what = " ".join(str(error).split())[:300]
    return Failed(configuration.machines, f"a defect of the converter: {type(error).__name__}: {what}", defect=True)


def _sites(groups: Sequence[Grouped], spools: Sequence[Path], decisions: Decisions, run: Pool) -> list[Site]:
    """The sites with their choices. Only those with several variants are compared."""
    open_ones = [group for group in groups if len(group.ways) > 1]
    variants = ([(spools[way.first], _names(way.sketches)) for way in _worth_comparing(group, decisions)] for group in open_ones)
    found = dict(zip(map(id, open_ones), run.spread(compared, variants), strict=True))
    names = Names()
    return [site(names.unique(group.name), group, found.get(id(group)), decisions) for group in groups]


def _worth_comparing(group: Grouped, decisions: Decisions) -> Sequence[Way]:
    """All ways of serving a site; of the many default servers of a fleet only some, as long as nobody asks for one of them."""
    asked = group.name in decisions.hosts and decisions.hosts[group.name].take
    unknown = all(name == "*" for name, _ in group.served)
    return group.ways[:_DEFAULT_SERVERS] if unknown and not asked else group.ways


def _names(sketches: Iterable[Sketch]) -> frozenset[str]:
    return frozenset(sketch.application.name for sketch in sketches)


def _rendered(plans: Iterable[Plan], run: Pool, told: Told) -> Iterator[Rendered]:
    """What comes of the plans, in their order; what does not is told."""
    for came in run.spread(_render, plans):
        if isinstance(came, Failed):
            told.failed.append(came)
        else:
            yield came


def _render(plan: Plan) -> Rendered | Failed:
    with uncollected():
        try:
            return rendered(plan)
        except Exception as error:  # as above
            return _defect(plan.configuration, error)
        finally:
            plan.spool.unlink(missing_ok=True)


def _by_folder(objects: Iterable[Object]) -> dict[str, list[Object]]:
    out: dict[str, list[Object]] = {}
    for found in objects:
        out.setdefault(found.folder, []).append(found)
    return out


def _secrets(shared: Merged, decisions: Decisions) -> tuple[tuple[SecretNeeded, ...], dict[str, str]]:
    """The secrets that the manifests name, each where its gateway is, and for an upstream's key the name of its own."""
    needed: dict[SecretNeeded, None] = {}
    names: dict[str, str] = {}
    used: dict[str, dict[str, Upstream]] = {}
    for upstream in shared.upstreams.values():
        for user in shared.users[upstream.key]:
            used.setdefault(user, {})[upstream.key] = upstream
    for chosen in shared.chosen:
        mine = list(used.get(chosen.new.name, {}).values())
        found, own = secrets_of([chosen.new], mine, decisions.for_host(chosen.new.name))
        needed |= dict.fromkeys(found)
        names |= own
    return tuple(needed), names


def _common(objects: Iterable[Object], shared: Merged, told: Told, decisions: Decisions, writing: Writing) -> None:
    """What belongs to no single host: shared objects, the gateways' scripts and Helm values, and the list of all folders."""
    own = {each.new.name: decisions.for_host(each.new.name) for each in shared.chosen}
    gateways = {mine.gateway.namespace: mine for mine in own.values()}
    common = [found for found in objects if found.folder not in own]
    for namespace in sorted({namespace for namespace, _ in told.scripted}):
        common += filters.scripts((order for where, order in told.scripted if where == namespace), gateways[namespace])
    hosts = {host.host for host in told.progress}
    made = files(map(written, common))
    made |= {"kustomization.yaml": kustomization(sorted(hosts | {found.folder for found in common}))} if hosts else {}
    for namespace, mine in gateways.items():
        made |= helm.gateway_values(mine, shared.bound[namespace].ports)
    for path, text in made.items():
        writing.put(path, text)


def _unmet(sites: Sequence[Site], looked: Sequence[Looked], shared: Merged, decisions: Decisions) -> tuple[Finding, ...]:
    """Decisions on hosts and upstreams that no machine has."""
    hosts = {name for site in sites for name in (site.name, *site.hosts)} | {each.new.name for each in shared.chosen}
    hosts |= {sketch.application.name for look in looked for sketch in look.glance.sketches}
    asked = frozenset(name for look in looked for name in look.glance.asked)
    return unmet_entries("hosts", decisions.hosts, hosts) + unmet_entries("upstreams", decisions.upstreams, asked)
