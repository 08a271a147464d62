"""Virtual hosts: the decision lists of servers under the names that a gateway can match."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from converter.model.applications import Listener, VirtualHost
from converter.model.decisions import Decisions
from converter.model.findings import Finding, Severity
from converter.model.guards import HOST, Condition, Test, quoted
from converter.model.outcomes import Outcome
from converter.model.places import Position
from converter.model.records import replace
from converter.model.rules import Refuse, Rule
from converter.model.values import Source, Template, Variable
from converter.nginx import locations
from converter.nginx.access import Rulebook
from converter.nginx.believed import believed
from converter.nginx.bounds import TooManyRules, lost
from converter.nginx.content import Content
from converter.nginx.evaluation import Evaluation
from converter.nginx.groups import Group
from converter.nginx.hosts import Server
from converter.nginx.maps import Choices
from converter.nginx.names import ServerName
from converter.nginx.naming import Names, application_name, named, object_name
from converter.nginx.program import Program
from converter.nginx.regex import Pattern, Untranslatable, parse
from converter.nginx.site import Site
from converter.nginx.spellings_refused import with_spellings_refused
from converter.nginx.state import State
from converter.nginx.telling import Telling
from converter.nginx.tls import server_tls
from converter.nginx.upstreams import Upstreams

_LOCAL = "only the nginx host itself can connect to this port"


@dataclass(frozen=True, slots=True)
class VirtualHosts:
    """Makes the virtual hosts of a group of ports. What it holds is that of the http block around.

    apart: the default server's own names do not go with `*`, which becomes an application of its own (`default`): beside other machines'
    servers on one gateway, the names are this machine's, and who answers an unknown name is open.
    """

    choices: Choices
    upstreams: Upstreams
    telling: Telling
    findings: list[Finding]
    names: Names
    secrets: Names
    upgrades: bool
    book: Rulebook
    empty: dict[str, Template]
    apart: bool = False

    def virtual_hosts(self, group: Group, decisions: Decisions) -> Iterator[VirtualHost]:
        """The virtual hosts of a server on a group of ports: its names, and `*` where it is the default server."""
        hosts = tuple(dict.fromkeys(name.host for name in group.owned if name.host))
        awkward = [n for n in group.owned if n.host is None]
        if group.ports[0].local:
            self.telling.close(group.server.scope.block, _LOCAL)
            yield self._host(group, ("*",), [Rule((), Refuse(_LOCAL), origins=_origins(group.server), notes=(_LOCAL,))], decisions)
        elif group.default:
            foreign = list(self._foreign_rules(group, "*"))
            covered = [h for h in hosts if self.apart or foreign or _elsewhere(group, h)]
            rules = self._rules(group.server, group, None)
            yield self._host(group, ("*",), [*foreign, *rules], decisions)
            if len(covered) > 1 and not any(h.startswith("*") for h in covered):
                yield self._host(group, tuple(covered), rules, decisions)
            elif covered:
                yield self._named_host(group, tuple(covered), covered[0] if len(covered) == 1 else None, decisions)
        elif hosts:
            only = hosts[0] if len(hosts) == 1 and not hosts[0].startswith("*") and not awkward else None
            yield self._named_host(group, hosts, only, decisions)

    def _named_host(self, group: Group, hosts: tuple[str, ...], only: str | None, decisions: Decisions) -> VirtualHost:
        """A server under its own names; below a wildcard, behind the names that a gateway has no form for."""
        only = None if only and only.startswith("*") else only
        foreign = [rule for host in hosts if host.startswith("*") for rule in self._foreign_rules(group, host)]
        return self._host(group, hosts, [*foreign, *self._rules(group.server, group, only)], decisions)

    def _foreign_rules(self, group: Group, within: str) -> Iterator[Rule]:
        """Rules of servers whose names a gateway has no form for, where these fall under a wildcard that it has (`*`, `*.example.com`).

        Each is guarded by the host, in nginx's order: exact, tail wildcards, regexes; below a wildcard only what nginx asks before it.
        """
        others = [(name, server) for server in group.ports[0].servers for name in group.ports[0].owned(server) if name.host is None]
        if within != "*":
            others = [(n, s) for n, s in others if n.kind in ("exact", "head") and n.text.endswith(within[1:])]
        order = {"exact": 0, "head": 1, "tail": 2, "regex": 3}
        for name, server in sorted(others, key=lambda o: (order[o[0].kind], -len(o[0].text) if o[0].kind in ("head", "tail") else 0)):
            if all(other is group.server for _, other in others):
                continue
            self._tell_certificate(server, group)
            condition, state = self._host_state(name)
            if condition is None:
                reason = f"which hosts {name.text} takes cannot be told"
                yield Rule((), Refuse(reason), origins=(name.directive.position,), notes=(reason,))
                return
            for rule in self._rules(server, group, None, state):
                yield replace(rule, guard=(condition, *rule.guard))

    def _tell_certificate(self, server: Server, group: Group) -> None:
        """A Gateway has no form for these names, so the handshake is that of the server whose list takes them."""
        own, shown = (s.scope.nearest("ssl_certificate") for s in (server, group.server))
        if any(port.tls for port in group.ports) and [d.args for d in own] != [d.args for d in shown]:
            for directive in own:
                reason = "names that are a regex or end in `.*` get the certificate of the default server, or of the wildcard around them"
                self.telling.say(directive, Outcome.APPROXIMATE, reason)

    def _host_state(self, name: ServerName) -> tuple[Condition | None, State]:
        """The condition on the host for such a name, and what its captures are."""
        if name.kind != "regex":
            tail = ".*" if name.kind == "tail" else ""
            head = ".*" if name.kind == "head" else ""
            return Condition(HOST, Test.REGEX, f"{head}{quoted(name.text)}{tail}"), State()
        try:
            pattern = parse(name.text, ignore_case=name.text != name.text.lower())
            return Condition(HOST, Test.REGEX, pattern.full(spelled=False)), _host_captures(pattern)
        except Untranslatable as problem:
            self.telling.close(name.directive, str(problem))
            self.findings.append(
                Finding("NGX051", Severity.WARNING, f"the name {name.text} has no counterpart in RE2: {problem}", name.directive.position)
            )
            return None, State()

    def _rules(self, server: Server, group: Group, host: str | None, state: State | None = None) -> list[Rule]:
        self.telling.said.clear()
        self.telling.say(server.scope.block, Outcome.EXACT)
        schemes = {"https" if port.tls else "http" for port in group.ports}
        site = Site(
            server.scope,
            locations.read(server.scope),
            schemes.pop() if len(schemes) == 1 else None,
            group.ports[0].number if len(group.ports) == 1 else None,
            host,
            server.first_name,
        )
        start = replace(state or State(), constants={**self.empty, **believed(self.book.trusted_proxies), **site.constants})
        evaluation = Evaluation(
            Content(site, self.choices, self.upstreams, self.telling, self.book, self.upgrades), Program(self.choices, self.telling)
        )
        try:
            return evaluation.rules(start)
        except TooManyRules as problem:
            return [self._too_many(server, problem)]
        except RecursionError:
            return [self._too_many(server, TooManyRules())]

    def _too_many(self, server: Server, problem: TooManyRules) -> Rule:
        finding = lost(server.scope, self.choices, problem, self.telling)
        self.findings.append(finding)
        return Rule((), Refuse(finding.message), origins=_origins(server), notes=(finding.message,))

    def _host(self, group: Group, hosts: tuple[str, ...], rules: Iterable[Rule], decisions: Decisions) -> VirtualHost:
        server = group.server
        block = server.scope.block
        origin = block.position if block else None
        application = "default" if self.apart and hosts == ("*",) else application_name(server)
        tls = (
            server_tls(server.scope, decisions.hosts.get(application), self.secrets, self.telling)
            if any(p.tls for p in group.ports)
            else None
        )
        listeners = tuple(Listener(p.number, hosts, tls if p.tls else None, origin) for p in group.ports if tls or not p.tls)
        name = self.names.unique(object_name(application, [p.number for p in group.ports]))
        note = (
            f"default server: also answers every host that no other server has ({server.first_name or 'no name'})"
            if hosts == ("*",)
            else ""
        )
        return VirtualHost(name, hosts, listeners, named(name, with_spellings_refused(list(rules))), application, origin, note)


def _origins(server: Server) -> tuple[Position, ...]:
    return (server.scope.block.position,) if server.scope.block else ()


def _elsewhere(group: Group, host: str) -> bool:
    """Whether a wildcard of another server takes this name of the default server, so that `*` does not reach it."""
    others = [n for port in group.ports for server in port.servers if server is not group.server for n in port.owned(server)]
    return any(n.covers(host) for n in others if n.host)


def _host_captures(pattern: Pattern) -> State:
    """The captures of a regex that chose the server: usable in all of it."""
    text = pattern.full(spelled=False)
    groups = tuple(Template.of(Variable(Source.HOST_CAPTURE, f"{n} {text}")) for n in range(1, pattern.groups + 1))
    return State(captures=groups, values={name: groups[n - 1] for name, n in pattern.names.items()})
