"""From the tree of directives to applications: the passes of this room, in order."""

from collections.abc import Iterator
from dataclasses import dataclass

from converter.model.applications import Application, VirtualHost
from converter.model.decisions import Decisions
from converter.model.findings import Finding
from converter.model.places import Position
from converter.model.upstreams import Upstream
from converter.model.values import Template
from converter.model.waivers import waived
from converter.nginx import maps, tables
from converter.nginx.access import Rulebook
from converter.nginx.groups import groups
from converter.nginx.hosts import ports, read_server, shadowed_names
from converter.nginx.naming import Names
from converter.nginx.scope import Scope
from converter.nginx.telling import Telling
from converter.nginx.upstreams import Upstreams
from converter.nginx.variables import builtin
from converter.nginx.virtual_hosts import VirtualHosts
from converter.syntax.tree import Directive


@dataclass(frozen=True, slots=True)
class Built:
    """What the nginx room hands on. upstream_names: all that the source defines or asks for, as decisions may name them."""

    applications: tuple[Application, ...]
    upstreams: tuple[Upstream, ...]
    findings: tuple[Finding, ...]
    upstream_names: frozenset[str]


def build(http: list[Scope], incomplete: frozenset[Position], decisions: Decisions, telling: Telling, apart: bool = False) -> Built:
    """All applications of the http blocks. Findings name what a reader must know beyond the ledger.

    incomplete: blocks and includes of which a part is missing.
    apart: what answers unknown names is an application of its own (see VirtualHosts).
    """
    book = Rulebook(decisions.gateway.trusted_proxies, lambda d: waived(d.name, d.position, decisions.waive), incomplete)
    builder = _Builder(decisions, telling, book, apart)
    hosts: list[VirtualHost] = []
    findings: list[Finding] = []
    for scope in http:
        made, found = builder.hosts(scope)
        hosts += made
        findings += found
    telling.finish()
    return Built(tuple(_applications(hosts)), tuple(builder.used.values()), tuple(findings), frozenset(builder.asked))


class _Builder:
    def __init__(self, decisions: Decisions, telling: Telling, book: Rulebook, apart: bool) -> None:
        self.decisions, self.telling, self.book, self.apart = decisions, telling, book, apart
        self.used: dict[str, Upstream] = {}
        self.asked: set[str] = set()
        self.names, self.secrets = Names(), Names()

    def hosts(self, http: Scope) -> tuple[list[VirtualHost], list[Finding]]:
        """The virtual hosts of one http block."""
        below = http.below("valid_referers", "proxy_set_header", "set")
        choices = maps.read(http, below["valid_referers"], self.telling, self.book)
        defined = {d.args[0].lower(): d for d in http.own("upstream") if d.args}
        self.asked |= {d.args[0] for d in defined.values()}
        upstreams = Upstreams(defined, self.decisions, self.used, self.asked)
        servers = [read_server(Scope.open("server", d, d.block or (), http), self.telling) for d in http.own("server")]
        found = ports(servers)
        findings = shadowed_names(found)
        site_of = VirtualHosts(
            choices,
            upstreams,
            self.telling,
            findings,
            self.names,
            self.secrets,
            _upgrades(below["proxy_set_header"]),
            self.book,
            _set_anywhere(below["set"]),
            self.apart,
        )
        out: list[VirtualHost] = []
        for group in groups(servers, found):
            out += site_of.virtual_hosts(group, self.decisions)
        for server in servers:
            if not any(server in port.servers for port in found.values()):
                self.telling.close(server.scope.block, "this server cannot be reached from outside the nginx host")
        tables.account(choices, http, self.telling)
        return out, findings


def _upgrades(lines: list[Directive]) -> bool:
    """Whether any proxy_set_header passes an upgrade (websocket) on."""
    return any(line.args and line.args[0].lower() == "upgrade" for line in lines)


def _set_anywhere(statements: list[Directive]) -> dict[str, Template]:
    """The variables of every `set`: they exist everywhere, and are empty until one of them is carried out.

    Those that nginx has by itself (`$args`, `$http_x`) hold until then what they hold without a `set`.
    """
    names = (statement.args[0].removeprefix("$") for statement in statements if statement.args)
    return {name: Template() for name in names if builtin(name) is None}


def _applications(hosts: list[VirtualHost]) -> Iterator[Application]:
    """The virtual hosts by application, in the order of their first one. Those without a listener cannot be reached."""
    by_name: dict[str, list[VirtualHost]] = {}
    for host in hosts:
        if host.listeners:
            by_name.setdefault(host.application, []).append(host)
    for name, found in by_name.items():
        yield Application(name, tuple(found))
