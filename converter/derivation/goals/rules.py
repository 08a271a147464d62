"""Decision lists: for every rule a request that meets its guard and that no earlier rule takes."""

from collections.abc import Iterator
from functools import partial

from converter.derivation.aims import Goal, Probe
from converter.derivation.guards import missing
from converter.derivation.rule_list import RuleList
from converter.derivation.sites import request_to
from converter.model.applications import Application, Listener, VirtualHost
from converter.model.rules import Rule
from converter.model.verification import Request

_GROUP = 100_000  # groups of goals: behind those of the servers


def goals(applications: tuple[Application, ...]) -> Iterator[Goal]:
    """The aims of all decision lists."""
    hosts = [host for application in applications for host in application.virtual_hosts]
    for number, host in enumerate(hosts):
        listed, base = RuleList.of(host.rules), list(_bases(host))
        for at, rule in enumerate(host.rules):
            position = rule.origins[0] if rule.origins else host.origin
            if position is None:
                continue
            text = f"rule {rule.name or at + 1} of {host.name}"
            hits = partial(_hits, listed, base, at)
            misses = partial(_misses, base, rule)
            reason = partial(str, "no request was found that meets its guard and none before it")
            yield Goal(position, "rule", text, (_GROUP + number, "rule"), hits, misses, reason=reason)


def _bases(host: VirtualHost) -> Iterator[Request]:
    """A plain request for each listener of a virtual host."""
    for listener in host.listeners[:4]:
        yield request_to(_name(listener), listener.port, listener.tls is not None)


def _name(listener: Listener) -> str:
    exact = next((name for name in listener.hosts if "*" not in name), None)
    if exact is not None:
        return exact
    return f"rule{listener.hosts[0][1:]}" if listener.hosts and listener.hosts[0] != "*" else "unknown-host.test"


def _hits(listed: RuleList, bases: list[Request], at: int) -> Iterator[Probe]:
    return (Probe(request, "taken") for request in listed.hits(bases, at))


def _misses(bases: list[Request], rule: Rule) -> Iterator[Probe]:
    return (Probe(request, note) for request, note in missing(bases, rule.guard))
