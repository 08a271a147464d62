"""Which of two decision lists lets fewer in, where all else is the same."""

from collections.abc import Mapping, Sequence

from converter.difference.disjoint import disjoint
from converter.fleet.fingerprint import alike
from converter.model.applications import VirtualHost
from converter.model.guards import FromNetworks, Network
from converter.model.records import replace
from converter.model.rules import Answer, Refuse, Rule

Contents = Mapping[str, str]
"""What stands behind the key of each upstream, as a digest."""


def refuses(rule: Rule) -> bool:
    """Whether a rule keeps somebody out."""
    return isinstance(rule.action, Refuse) or (isinstance(rule.action, Answer) and rule.action.status in (401, 403, 444))


def concerns_access(rule: Rule) -> bool:
    return refuses(rule) or any(isinstance(condition, FromNetworks) for condition in rule.guard)


def passed(one: Sequence[Rule], other: Sequence[Rule]) -> bool:
    """Whether in the first list a rule that refuses nobody comes before one on access, may take its requests, and does not in the other."""
    places: dict[object, int] = {}
    for n, rule in enumerate(other):
        places.setdefault(frozenset(rule.guard), n)
    ours = [places.get(frozenset(rule.guard), len(other)) for rule in one]
    return any(
        there > ours[n] and not refuses(earlier) and not disjoint(earlier.guard, rule.guard)
        for n, rule in enumerate(one)
        if concerns_access(rule)
        for there, earlier in zip(ours[:n], one, strict=False)
    )


def stricter_or_alike(one: Sequence[VirtualHost], other: Sequence[VirtualHost], of_one: Contents, of_other: Contents) -> bool:
    """Whether the first refuses whatever the second refuses, and else does the same. False also where that cannot be told."""
    if [_served(host) for host in one] != [_served(host) for host in other]:
        return False
    return all(_stricter(a.rules, b.rules, of_one, of_other) for a, b in zip(one, other, strict=True))


def _served(host: VirtualHost) -> object:
    return host.hosts, tuple((ln.port, ln.hosts, ln.tls and (ln.tls.certificate, ln.tls.client, ln.tls.lowest)) for ln in host.listeners)


def _stricter(one: Sequence[Rule], other: Sequence[Rule], of_one: Contents, of_other: Contents) -> bool:
    """Walks both lists: what the first has more must refuse."""
    at = 0
    for rule in one:
        if at < len(other) and (alike(rule, of_one) == alike(other[at], of_other) or _refuses_more(rule, other[at])):
            at += 1
        elif not refuses(rule):
            return False
    return at == len(other)


def _refuses_more(one: Rule, other: Rule) -> bool:
    if not (refuses(one) and refuses(other)) or alike(_anywhere(one), {}) != alike(_anywhere(other), {}):
        return False
    ours, theirs = _networks(one), _networks(other)
    if len(ours) != 1 or len(theirs) != 1 or ours[0].holds != theirs[0].holds or ours[0].proxies != theirs[0].proxies:
        return False
    narrow, wide = (theirs[0], ours[0]) if ours[0].holds else (ours[0], theirs[0])
    return all(any(_within(network, around) for around in wide.networks) for network in narrow.networks)


def _anywhere(rule: Rule) -> Rule:
    """The rule without its conditions on the address."""
    return replace(rule, guard=tuple(c for c in rule.guard if not isinstance(c, FromNetworks)))


def _networks(rule: Rule) -> list[FromNetworks]:
    return [condition for condition in rule.guard if isinstance(condition, FromNetworks)]


def _within(inner: Network, outer: Network) -> bool:
    return inner.version == outer.version and inner.subnet_of(outer)  # type: ignore[arg-type]  # of one version, which mypy cannot see
