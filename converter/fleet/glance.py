"""A first look at a distinct configuration: what its applications are called and do, small enough to be kept for all of a fleet.

The whole of it goes to a file, for when it is known what the other machines have.
"""

import pickle
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from converter.conversion import Understood, understand
from converter.fleet.fingerprint import Digests
from converter.model.applications import Application, Listener, VirtualHost
from converter.model.decisions import Decisions
from converter.model.findings import Severity
from converter.model.places import Position
from converter.model.records import replace
from converter.model.upstreams import Upstream
from converter.sources import SourceError, read_source


@dataclass(frozen=True, slots=True)
class Configuration:
    """A distinct configuration: the machines that have it, by name, and where the first one's is read (a path for `read_source`)."""

    machines: tuple[str, ...]
    path: str

    @property
    def name(self) -> str:
        return self.machines[0]


@dataclass(frozen=True, slots=True)
class Sketch:
    """An application without its rules. upstreams: those that its rules name. Places are prefixed with the machine's name."""

    application: Application
    upstreams: tuple[Upstream, ...]
    fingerprint: str

    @property
    def served(self) -> frozenset[tuple[str, int]]:
        """The host names with the ports that they are served on."""
        return frozenset((name, ln.port) for host in self.application.virtual_hosts for ln in host.listeners for name in ln.hosts)


@dataclass(frozen=True, slots=True)
class Glance:
    """What is known of a configuration. asked: names of upstreams that decisions may speak of. reason: why nothing can be converted."""

    sketches: tuple[Sketch, ...] = ()
    asked: frozenset[str] = frozenset()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Looked:
    """A configuration that was looked at, and the file that holds the whole of it."""

    configuration: Configuration
    spool: Path
    glance: Glance


def glance(configuration: Configuration, decisions: Decisions, spool: Path) -> Glance:
    """Reads a configuration, and leaves the whole of it in the file `spool`."""
    try:
        source = read_source(configuration.path)
    except SourceError as error:
        return Glance(reason=str(error))
    understood = understand(source, decisions, apart=True)
    with spool.open("wb") as file:
        pickle.dump(understood, file, pickle.HIGHEST_PROTOCOL)
    by_key = {upstream.key: upstream for upstream in understood.built.upstreams}
    digests = Digests(understood.built.upstreams)
    sketches = tuple(
        _sketch(application, by_key, configuration.name, digests.of(application)) for application in understood.built.applications
    )
    return Glance(sketches, understood.built.upstream_names, "" if sketches else _reason(understood))


def whole(spool: Path) -> Understood:
    """What `glance` left."""
    with spool.open("rb") as file:
        understood = pickle.load(file)
    assert isinstance(understood, Understood)
    return understood


def used(application: Application) -> frozenset[str]:
    """The keys of the upstreams that an application's rules name."""
    return frozenset(key for host in application.virtual_hosts for key in host.upstreams)


def _reason(understood: Understood) -> str:
    """Why there is nothing: the first of what nginx would refuse, with its place."""
    nothing = "no server that a gateway could serve was found"
    fault = next((f for f in understood.parsed.findings if f.severity is Severity.ERROR), None)
    if fault is None or understood.parsed.refused:
        return fault.message if fault else nothing
    return f"{nothing}; {fault.position}: {fault.message}" if fault.position else f"{nothing}; {fault.message}"


def _sketch(application: Application, upstreams: Mapping[str, Upstream], machine: str, digest: str) -> Sketch:
    found = tuple(upstreams[key] for key in sorted(used(application)))
    bare = replace(application, virtual_hosts=tuple(_bare(host, machine) for host in application.virtual_hosts))
    return Sketch(bare, tuple(_placed(upstream, machine) for upstream in found), digest)


def _bare(host: VirtualHost, machine: str) -> VirtualHost:
    listeners = tuple(_listener(listener, machine) for listener in host.listeners)
    return replace(host, rules=(), listeners=listeners, origin=_under(host.origin, machine))


def _listener(listener: Listener, machine: str) -> Listener:
    tls = replace(listener.tls, origin=_under(listener.tls.origin, machine)) if listener.tls else None
    return replace(listener, tls=tls, origin=_under(listener.origin, machine))


def _placed(upstream: Upstream, machine: str) -> Upstream:
    endpoints = tuple(replace(endpoint, origin=_under(endpoint.origin, machine)) for endpoint in upstream.endpoints)
    return replace(upstream, endpoints=endpoints, origins=tuple(place(origin, machine) for origin in upstream.origins))


def _under(position: Position | None, machine: str) -> Position | None:
    return None if position is None else place(position, machine)


def place(position: Position, machine: str) -> Position:
    """A place as the fleet's reports and shared manifests name it: behind the machine's name."""
    return replace(position, file=f"{machine}/{position.file}")
