"""From a source to manifests and ledger: the rooms, one after the other."""

import gc
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from converter.istio.losses import Losses
from converter.istio.manifests import Manifests, manifests
from converter.model import mappings, platform
from converter.model.applications import Application
from converter.model.conversion import Conversion, DecisionNeeded, HostSummary
from converter.model.decisions import Decisions
from converter.model.findings import Finding, Severity
from converter.model.ledger import Entry, Ledger, Row
from converter.model.outcomes import Outcome
from converter.model.places import Position
from converter.model.rules import Refuse
from converter.model.upstreams import Upstream
from converter.model.waivers import apply_waivers, unmet_entries, waived
from converter.nginx import handled
from converter.nginx.build import Built, build
from converter.nginx.levels import http_levels
from converter.nginx.telling import Telling
from converter.nginx.usable import usable
from converter.secrets import secrets_of
from converter.sources import Source
from converter.syntax.parse import Parsed, parse
from converter.syntax.tree import Directive


@dataclass(frozen=True, slots=True)
class Whole:
    """A conversion with what it was made from: the tree, and the decision lists."""

    conversion: Conversion
    parsed: Parsed
    applications: tuple[Application, ...]
    upstreams: tuple[Upstream, ...]


@dataclass(frozen=True, slots=True)
class Understood:
    """What a source means, before any object is made: the tree, the decision lists, the ledger so far, and what people must decide."""

    parsed: Parsed
    built: Built
    ledger: Ledger
    decisions_needed: tuple[DecisionNeeded, ...]


def convert(source: Source, decisions: Decisions) -> Conversion:
    """Converts one source. What is wrong with it is in the findings and the ledger; raises InvalidManifest only for a defect of its own."""
    return convert_whole(source, decisions).conversion


def convert_whole(source: Source, decisions: Decisions) -> Whole:
    """As `convert`, for who also wants to see what stood between."""
    understood = understand(source, decisions)
    built = understood.built
    secrets, by_key = secrets_of(built.applications, built.upstreams, decisions)
    made = manifests(built.applications, built.upstreams, by_key, decisions)
    rows, findings = account(understood, made.losses, decisions)
    folders = _Folders.of(made)
    conversion = Conversion(
        source.label,
        made.files,
        rows,
        (*findings, *_unmet(decisions, built)),
        tuple(summary(application, folders.objects, folders.files) for application in built.applications),
        platform.notes(built.applications, decisions.defaults.envoyfilter != "never"),
        secrets,
        understood.decisions_needed,
    )
    return Whole(conversion, understood.parsed, built.applications, built.upstreams)


def understand(source: Source, decisions: Decisions, apart: bool = False) -> Understood:
    """Reads a source and follows what nginx does with every request. apart: as for `converter.nginx.build.build`."""
    parsed = parse(source)
    ledger = Ledger(parsed.entries)
    telling = Telling(ledger)
    root, lost = usable(parsed.root, parsed.invalid)
    levels = [] if parsed.refused else http_levels(parsed.context, root)
    built = build(levels, parsed.incomplete | lost, decisions, telling, apart)
    return Understood(parsed, built, ledger, tuple(telling.decisions))


def account(understood: Understood, losses: Losses, decisions: Decisions) -> tuple[tuple[Row, ...], tuple[Finding, ...]]:
    """The ledger's rows, when the objects are made and have said what they lost, and all findings about the source itself."""
    ledger, parsed = understood.ledger, understood.parsed
    for loss in losses.found:
        ledger.record(loss.position, loss.outcome, loss.reason)
    _account(ledger, parsed)
    _judge_blocks(ledger, parsed.root, ledger.lost(lambda entry: waived(entry.directive, entry.position, decisions.waive)))
    rows, stale = apply_waivers(ledger.rows(losses.placed), decisions.waive)
    built = understood.built
    return rows, (*parsed.findings, *built.findings, *stale, *_strict(decisions), *_nothing(parsed, built))


@contextmanager
def uncollected() -> Iterator[None]:
    """Without Python's search for cyclic garbage: a conversion makes little of it, and millions of objects to search through."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()  # and back: what was made counts as old, and is not searched through at once
        gc.unfreeze()
        gc.enable()


def _account(ledger: Ledger, parsed: Parsed) -> None:
    """Outcomes for all that no pass took."""
    for position in parsed.invalid:
        ledger.record(position, Outcome.INVALID, "nginx refuses it")
    for entry in ledger.unrecorded():
        ledger.record(entry.position, *_default(entry, parsed.refused))


_JUDGED = frozenset(["location", "server", "limit_except", "if"])


def _judge_blocks(ledger: Ledger, directives: Iterable[Directive], lost: Mapping[Position, Outcome]) -> list[Directive]:
    """A location (and a server) is no better than what stands in it: its answers differ where a directive of it is not carried over.

    Returns what is lost among the directives and in their blocks, save in locations and servers.
    """
    found = []
    for directive in directives:
        apart = directive.name in ("location", "server")
        if directive.position in lost and not apart:
            found.append(directive)
        if directive.block:
            inside = _judge_blocks(ledger, directive.block, lost)
            if inside and directive.name in _JUDGED:
                _judge(ledger, directive, inside, lost)
            found += [] if apart else inside
    return found


def _judge(ledger: Ledger, block: Directive, inside: list[Directive], lost: Mapping[Position, Outcome]) -> None:
    own = ledger.outcome(block.position)
    for directive in inside:
        outcome, place = lost[directive.position], f"{directive.name} in line {directive.position.line}"
        if outcome is not Outcome.DECISION:
            ledger.record(block.position, Outcome.UNSUPPORTED, f"{place} is not carried over")
        elif own is None or own.rank < outcome.rank:
            ledger.record(block.position, outcome, f"{place} needs a decision")


def _default(entry: Entry, refused: bool) -> tuple[Outcome, str]:
    if refused:
        return Outcome.UNSUPPORTED, "nothing of this source was converted"
    if "http" in entry.context or entry.context == ():
        if entry.directive in handled.names():
            return Outcome.DEAD, "it takes effect in no route: overridden everywhere, or no request gets there"
        if "types" in (*entry.context, entry.directive) or entry.directive == "default_type":
            return Outcome.DEAD, "it types files, which the gateway does not serve"
        if "upstream" in (*entry.context, entry.directive):
            verdict = mappings.verdict(entry.directive, entry.args, entry.context)
            return verdict if entry.directive not in ("upstream", "server") else (Outcome.DEAD, "no route uses this upstream")
    return mappings.verdict(entry.directive, entry.args, entry.context)


@dataclass(frozen=True, slots=True)
class _Folders:
    """Names of objects and paths of files by the folder that they are in."""

    objects: dict[str, tuple[str, ...]]
    files: dict[str, tuple[str, ...]]

    @classmethod
    def of(cls, made: Manifests) -> "_Folders":
        objects: dict[str, list[str]] = {}
        files: dict[str, list[str]] = {}
        for found in made.objects:
            objects.setdefault(found.folder, []).append(found.name)
        for path in made.files:
            files.setdefault(path.partition("/")[0], []).append(path)
        return cls({k: tuple(v) for k, v in objects.items()}, {k: tuple(v) for k, v in files.items()})


def summary(application: Application, objects: Mapping[str, tuple[str, ...]], files: Mapping[str, tuple[str, ...]]) -> HostSummary:
    """An application for readers. objects, files: names of objects and paths of files by the folder that they are in."""
    hosts = application.virtual_hosts
    rules = [rule for host in hosts for rule in host.rules]
    origins = dict.fromkeys(str(host.origin) for host in hosts if host.origin)
    return HostSummary(
        application.name,
        tuple(dict.fromkeys(name for host in hosts for name in host.hosts)),
        tuple(sorted({listener.port for host in hosts for listener in host.listeners})),
        len(rules),
        sum(isinstance(rule.action, Refuse) for rule in rules),
        objects.get(application.name, ()),
        tuple(origins),
        files.get(application.name, ()),
    )


def _unmet(decisions: Decisions, built: Built) -> list[Finding]:
    """Decisions about hosts and upstreams that the configuration does not have."""
    hosts = {name for a in built.applications for name in (a.name, *(n for host in a.virtual_hosts for n in host.hosts))}
    found = [*unmet_entries("hosts", decisions.hosts, hosts)]
    return found + [*unmet_entries("upstreams", decisions.upstreams, built.upstream_names)]


def _strict(decisions: Decisions) -> list[Finding]:
    if decisions.defaults.fidelity != "strict":
        return []
    return [
        Finding(
            "NGX054",
            Severity.WARNING,
            "fidelity strict is not in this version: converted as standard",
            None,
            "read the platform differences",
        )
    ]


def _nothing(parsed: Parsed, built: Built) -> list[Finding]:
    if parsed.refused or built.applications:
        return []
    return [
        Finding("NGX053", Severity.WARNING, "no server that a gateway could serve was found", None, "check that the right file was given")
    ]
