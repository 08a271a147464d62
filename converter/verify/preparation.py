"""From a source and its manifests to a job of the laboratory."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from converter.model.addresses import is_address
from converter.model.records import replace
from converter.model.verification import Request
from converter.nginx.listen import sockets
from converter.syntax.tree import Directive
from converter.verify import envoy
from converter.verify.addresses import address_of
from converter.verify.certificates import Authority
from converter.verify.comparison import Groups
from converter.verify.istiod.client import Configuration, Istiod, Rejected
from converter.verify.lab.messages import Job
from converter.verify.layout import Layout, layout
from converter.verify.subject import Subject

LOG = "/dev/shm/access.log"
_REFUSING = 65500  # the port on which nobody answers
_MOST_NAMES, _MOST_PORTS = 5_000, 300
_HOST = re.compile(r"(?:^|[/@])(\[?[A-Za-z0-9_][\w.-]*)(?::(\d{1,5}))?(?=$|[/:\"$])")
_LOOPBACK = ("127.0.0.1", "localhost", "0.0.0.0")
_PASSES = frozenset(["server", "proxy_pass", "grpc_pass", "set", "default", "resolver", "mirror", "auth_http"])


@dataclass(frozen=True, slots=True)
class Prepared:
    """A job, and what is known about it. problem: why the gateway cannot run."""

    job: Job
    layout: Layout
    problem: str = ""
    messages: tuple[str, ...] = ()


def prepare(subject: Subject, requests: tuple[Request, ...], istiod: Istiod, fresh: tuple[int, ...] = ()) -> Prepared:
    """Lays out nginx's files and asks istiod for the gateway's configuration. fresh: as in Job."""
    authority = Authority()
    placed = layout(subject.source, subject.whole.parsed, authority)
    directives = _directives(subject)
    hosts = list(_hosts(directives))
    names = {name: address_of(name) for name, _ in hosts if not is_address(name) and name not in _LOOPBACK}
    bootstrap, problem, configuration = _gateway(subject, istiod, authority)
    endpoints = envoy.endpoints_of(bootstrap) if bootstrap else set()
    listens = [socket for d in directives if d.name == "listen" for socket in sockets(d)]
    ports = {80, 443, *(port for _, port in hosts if port), *(port for _, port in endpoints)} - {_REFUSING, 0}
    local = {port or 80 for name, port in hosts if name in _LOOPBACK} - {socket.port for socket in listens}
    addresses = {socket.address for socket in listens if is_address(socket.address) and ":" not in socket.address and not socket.loopback}
    subjects = [*sorted(names)[:_MOST_NAMES], *sorted({address for address, _ in endpoints})]
    job = Job(
        requests,
        placed.files,
        placed.main,
        bootstrap,
        dict(sorted(names.items())[:_MOST_NAMES]),
        authority.pem("anything else"),
        authority.pem("upstreams", subjects),
        tuple(sorted(port for port in ports if port < 65536)[:_MOST_PORTS]),
        tuple(sorted(local - {_REFUSING})[:_MOST_PORTS]),
        tuple(sorted(addresses)),
        fresh,
    )
    return Prepared(job, placed, problem, _messages(configuration))


def addressed(subject: Subject, requests: Iterable[Request]) -> tuple[Request, ...]:
    """The requests, those that name no address sent to one where nginx listens on their port."""
    found: dict[int, set[str]] = {}
    for socket in (socket for d in _directives(subject) if d.name == "listen" for socket in sockets(d)):
        found.setdefault(socket.port, set()).add("" if socket.address in ("", "::", "*") or socket.loopback else socket.address)
    only = {port: min(addresses) for port, addresses in found.items() if "" not in addresses}
    return tuple(r if r.address or r.port not in only else replace(r, address=only[r.port]) for r in requests)


def _directives(subject: Subject) -> list[Directive]:
    return [d for top in subject.whole.parsed.root for d in top.walk()]


def _gateway(subject: Subject, istiod: Istiod, authority: Authority) -> tuple[dict[str, Any] | None, str, Configuration | None]:
    decided = subject.decisions.gateway
    try:
        configuration = istiod.configuration(subject.manifests.for_istiod(), subject.manifests.gateway(decided.namespace, decided.selector))
        return envoy.bootstrap(configuration.resources, address_of, _Secrets(subject, authority).pem, LOG), "", configuration
    except Rejected as problem:
        return None, f"istiod refuses the manifests: {problem}", None
    except envoy.Missing as problem:
        return None, str(problem), None


class _Secrets:
    """The secrets that the manifests name: certificates made for the files that the source names, so that both sides show the same."""

    def __init__(self, subject: Subject, authority: Authority) -> None:
        self._known = {secret.name: secret for secret in subject.whole.conversion.secrets}
        self._authority = authority

    def pem(self, name: str) -> str:
        secret = self._known.get(name)
        if name.endswith("-cacert") or (secret is not None and secret.kind == "ca"):
            return self._authority.certificate
        return self._authority.pem(secret.certificate if secret is not None else name)


def _hosts(directives: Iterable[Directive]) -> Iterator[tuple[str, int]]:
    """Whatever looks like a host that nginx may have to reach, with its port (0 for none)."""
    for text in (text for directive in directives if _may_name_hosts(directive) for text in directive.args):
        for name, port in _HOST.findall(text):
            yield name.lower(), int(port or 0)


def _may_name_hosts(directive: Directive) -> bool:
    """Also entries of a map, whose values can be hosts."""
    value = directive.block is None and len(directive.args) == 1 and "." in directive.args[0]
    return directive.name in _PASSES or value or any("://" in text for text in directive.args)


def _messages(configuration: Configuration | None) -> tuple[str, ...]:
    """What istiod's analysers have against the manifests, but for what they say of every EnvoyFilter."""
    found = configuration.messages if configuration else ()
    return tuple(f"istiod: {m.level.lower()} {m.code} {m.object}: {m.text}" for m in found if m.level != "Info" and m.code != "IST0133")


def groups(subject: Subject) -> Groups:
    """Servers that stand for each other: those of one upstream, and a service that has taken an upstream's place."""
    sets = [frozenset(f"{address_of(e.address)}:{e.port}" for e in u.endpoints if not e.backup) for u in subject.whole.upstreams]
    blocks: Mapping[str, Directive] = {
        d.args[0]: d for top in subject.whole.parsed.root for d in top.walk() if d.name == "upstream" and d.args and d.block
    }
    for key, moved in subject.decisions.upstreams.items():
        servers = [d.args[0] for d in blocks[key].block or () if d.name == "server" and d.args] if key in blocks else [key]
        own = {f"{address_of(name)}:{port or 80}" for text in servers for name, port in _HOST.findall(text)}
        sets.append(frozenset({*own, f"{address_of(moved.service)}:{moved.port}"}))
    return Groups(tuple(group for group in sets if len(group) > 1))
