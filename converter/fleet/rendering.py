"""The second look at a configuration, when it is known what is written: its hosts' files, and the account of every directive."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from converter.conversion import Understood, account, summary
from converter.fleet.glance import Configuration, used, whole
from converter.fleet.pages import About, pages
from converter.fleet.progress import progress
from converter.istio import upstreams as istio_upstreams
from converter.istio.gateways import Gateways
from converter.istio.losses import Losses
from converter.istio.manifests import files, virtual_host, written
from converter.istio.objects import Object
from converter.istio.routes import Routing
from converter.model import platform
from converter.model.applications import Application, VirtualHost
from converter.model.conversion import Conversion, DecisionNeeded, HostSummary, PlatformNote
from converter.model.decisions import Decisions
from converter.model.findings import Finding
from converter.model.fleet import Progress
from converter.model.outcomes import Outcome
from converter.model.places import Position
from converter.model.records import replace
from converter.model.upstreams import Upstream
from converter.model.waivers import STALE
from converter.report.document import document, to_json
from converter.report.html import IndexEntry
from converter.report.markdown import report
from converter.report.review import totals


@dataclass(frozen=True, slots=True)
class Part:
    """What is to be done with one application of a configuration.

    name:   what the fleet calls it, or its site.
    new:    the application under the fleet's names, without rules; None where another machine's is written in its place, or none.
    writes: whether it is this configuration's that is written, and not the same of another one.
    why:    what the reader of its directives must know, where it is not written.
    bound:  the Gateways of its virtual hosts.  beside: objects that belong in its folder, too.
    """

    name: str
    new: Application | None
    writes: bool
    bound: Gateways
    why: tuple[Outcome, str] | None = None
    beside: tuple[Object, ...] = ()


@dataclass(frozen=True, slots=True)
class Shared:
    """How the fleet calls an upstream's service, the folder of its objects, and the secret that its TLS needs."""

    service: str
    folder: str
    secret: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done with a configuration: its applications by name, and its upstreams by the keys of its rules.

    pages: for the names of the hosts that get a page in the report for a browser, what it says.
    """

    configuration: Configuration
    spool: Path
    parts: Mapping[str, Part]
    upstreams: Mapping[str, Shared]
    decisions: Decisions
    pages: Mapping[str, About] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rendered:
    """What came of a configuration, small enough to be kept but for its files.

    files: of its hosts' folders, and its own report.  scripted: orders for scripts, with the namespace of the gateway that gets them.
    totals: rows by outcome.
    stale: findings on waivers that meet nothing here.  entries: lines of the index, where pages were asked for.
    """

    files: dict[str, str]
    scripted: frozenset[tuple[str, str]] = frozenset()
    progress: tuple[Progress, ...] = ()
    totals: dict[str, int] = field(default_factory=dict)
    stale: tuple[Finding, ...] = ()
    decisions_needed: tuple[DecisionNeeded, ...] = ()
    platform: tuple[PlatformNote, ...] = ()
    entries: tuple[IndexEntry, ...] = ()


def rendered(plan: Plan) -> Rendered:
    """Carries out a plan. Raises InvalidManifest for a defect of the converter."""
    understood = whole(plan.spool)
    upstreams = {upstream.key: _shared(upstream, plan) for upstream in understood.built.upstreams}
    losses = Losses()
    made = [_made(application, plan, upstreams, losses) for application in understood.built.applications]
    _say_unwritten(understood, plan, losses)
    rows, findings = account(understood, losses, plan.decisions)
    notes = platform.notes(understood.built.applications, plan.decisions.defaults.envoyfilter != "never")
    hosts = tuple(each.summary for each in made)
    own = tuple(finding for finding in findings if finding.code != STALE)
    own_files = {path: text for each in made for path, text in each.files.items()}
    conversion = Conversion(plan.configuration.name, own_files, rows, own, hosts, notes, (), understood.decisions_needed)
    writes = frozenset(part.new.name for part in plan.parts.values() if part.new and part.writes)
    shown, entries = pages(plan.configuration.path, conversion, plan.pages) if plan.pages else ({}, ())
    return Rendered(
        own_files | _reports(conversion) | shown,
        frozenset(order for each in made for order in each.scripted),
        tuple(progress(conversion, writes)),
        totals(rows),
        tuple(finding for finding in findings if finding.code == STALE),
        conversion.decisions_needed,
        notes,
        entries,
    )


def _reports(conversion: Conversion) -> dict[str, str]:
    folder = f"machines/{conversion.source}"
    return {f"{folder}/report.json": to_json(document(conversion)), f"{folder}/report.md": report(conversion)}


@dataclass(frozen=True, slots=True)
class _Made:
    summary: HostSummary
    files: dict[str, str] = field(default_factory=dict)
    scripted: tuple[tuple[str, str], ...] = ()


def _made(application: Application, plan: Plan, upstreams: Mapping[str, Upstream], losses: Losses) -> _Made:
    """What becomes of an application: nothing, where it is not written."""
    part = plan.parts[application.name]
    new = part.new
    if new is None:
        return _Made(summary(replace(application, name=part.name), {}, {}))
    decisions = plan.decisions.for_host(new.name)
    objects, orders = _objects(application, new, part, Routing(dict(upstreams), decisions, losses))
    for key in sorted(used(application)):
        shared = plan.upstreams[key]
        istio_upstreams.objects(upstreams[key], shared.folder, shared.secret, decisions, losses)
    _place_gateways(application, new, part.bound, losses)
    named = replace(application, name=new.name)
    if not part.writes:
        return _Made(summary(named, {new.name: tuple(found.name for found in objects)}, {}))
    own = [written(found) for found in (*part.beside, *objects)]
    texts = {path: text for path, text in files(own).items() if "/" in path}
    told = summary(named, {new.name: tuple(found.name for found in own)}, {new.name: tuple(texts)})
    return _Made(told, texts, tuple((decisions.gateway.namespace, order) for order in sorted(orders)))


def _objects(application: Application, new: Application, part: Part, routing: Routing) -> tuple[list[Object], set[str]]:
    """The objects of an application's virtual hosts, and the orders that there are for the gateway's scripts."""
    objects: list[Object] = []
    orders: set[str] = set()
    for host, named in zip(application.virtual_hosts, new.virtual_hosts, strict=True):
        made, needed = virtual_host(_renamed(host, named), part.bound, routing)
        objects += made
        orders |= needed
    return objects, orders


def _shared(upstream: Upstream, plan: Plan) -> Upstream:
    """The upstream under the fleet's name."""
    shared = plan.upstreams.get(upstream.key)
    return upstream if shared is None else replace(upstream, service=shared.service)


def _renamed(host: VirtualHost, named: VirtualHost) -> VirtualHost:
    """The virtual host with its rules under the fleet's names."""
    rules = host.rules
    if host.name != named.name:
        rules = tuple(replace(rule, name=named.name + rule.name.removeprefix(host.name)) for rule in rules)
    return replace(host, name=named.name, application=named.application, note=named.note, rules=rules)


def _say_unwritten(understood: Understood, plan: Plan, losses: Losses) -> None:
    """Tells all directives of the servers of which nothing is written why that is; what they include may serve others, too.

    A server of which a part is written, such as its own names but not what it answers to unknown ones, is not held up by the rest.
    """
    why: dict[Position, tuple[Outcome, str]] = {}
    written: set[Position] = set()
    for application in understood.built.applications:
        part = plan.parts[application.name]
        servers = {host.origin for host in application.virtual_hosts if host.origin}
        if part.why is None:
            written |= servers
        else:
            why |= dict.fromkeys(servers, part.why)
    for server in (d for top in understood.parsed.root for d in top.walk() if d.name == "server"):
        if server.position in why:
            outcome, reason = why[server.position]
            if server.position in written:
                losses.add(server.position, Outcome.APPROXIMATE if outcome is Outcome.DECISION else outcome, reason)
                continue
            for directive in server.walk():
                if directive.position.file == server.position.file:
                    losses.add(directive.position, outcome, reason)


def _place_gateways(application: Application, new: Application, bound: Gateways, losses: Losses) -> None:
    for host, named in zip(application.virtual_hosts, new.virtual_hosts, strict=True):
        for name in bound.bound.get(named.name, ()):
            for listener in host.listeners:
                losses.place(f"Gateway/{name}", listener.origin, listener.tls.origin if listener.tls else None)
