"""How the variants of a site differ: drift, access alone, or a contradiction that only people can resolve."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from converter.fleet.fingerprint import alike, contents
from converter.fleet.glance import whole
from converter.fleet.statements import Said, differences, said
from converter.fleet.strictness import concerns_access, passed, stricter_or_alike
from converter.model.applications import Application, ServerTls, VirtualHost
from converter.model.fleet import Difference, Statement
from converter.model.rules import Proxy, Rule
from converter.model.upstreams import Upstream

_MOST_AT_ONCE = 12  # variants that are in memory at the same time
_ANOTHER_SITE = 0.5  # of the directives in common: with fewer, two servers have little more than the name in common


@dataclass(frozen=True, slots=True)
class Compared:
    """What differs between variants. strictest: the number of the variant that keeps out whom any other keeps out, if access is all.

    looser: for each of the commonest variants the others that may keep somebody out whom it lets in.
    """

    difference: Difference
    statements: tuple[Statement, ...]
    causes: tuple[str, ...] = ()
    strictest: int | None = None
    looser: tuple[tuple[int, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Seen:
    """A variant in full."""

    applications: tuple[Application, ...]
    upstreams: dict[str, Upstream]
    behind: dict[str, str]
    statements: tuple[Said, ...]

    @property
    def hosts(self) -> list[VirtualHost]:
        return [host for application in self.applications for host in application.virtual_hosts]


def compared(variants: Sequence[tuple[Path, frozenset[str]]]) -> Compared:
    """Compares variants, the commonest first: each a file that `glance` left, and the names of its applications.

    The first ones are held against all others, and what they say otherwise is told; the rest are read one by one, and not kept.
    """
    found = [_seen(spool, names) for spool, names in variants[:_MOST_AT_ONCE]]
    statements = differences([seen.statements for seen in found])
    causes = dict.fromkeys(cause for one, other in combinations(found, 2) for cause in _causes(one, other))
    looser = [[n for n, other in enumerate(found) if other is not seen and _keeps_out(other, seen)] for seen in found]
    strict = [all(_strict(seen, other) for other in found if other is not seen) for seen in found]
    for number, (spool, names) in enumerate(variants[_MOST_AT_ONCE:], len(found)):
        other = _seen(spool, names)
        causes |= dict.fromkeys(cause for seen in found for cause in _causes(seen, other))
        for n, seen in enumerate(found):
            looser[n] += [number] if _keeps_out(other, seen) else []
            strict[n] = strict[n] and _strict(seen, other)
    alone = True in strict and set(causes) == {_ACCESS}
    difference = Difference.ACCESS if alone else Difference.CONFLICT if causes else Difference.DRIFT
    return Compared(difference, statements, tuple(causes), strict.index(True) if alone else None, tuple(map(tuple, looser)))


_ACCESS = "who is let in"


def _seen(spool: Path, names: frozenset[str]) -> Seen:
    understood = whole(spool)
    applications = tuple(a for a in understood.built.applications if a.name in names)
    upstreams = {upstream.key: upstream for upstream in understood.built.upstreams}
    behind = {key: contents(upstream) for key, upstream in upstreams.items()}
    return Seen(applications, upstreams, behind, tuple(said(understood, applications)))


def _strict(one: Seen, other: Seen) -> bool:
    return stricter_or_alike(one.hosts, other.hosts, one.behind, other.behind)


def _keeps_out(one: Seen, other: Seen) -> bool:
    """Whether the first may keep somebody out whom the second lets in: their access differs, and the second is not known to be as strict."""
    return _other_access(one, other) and not _strict(other, one)


def _other_access(one: Seen, other: Seen) -> bool:
    return any(
        _access(left, one.behind) != _access(right, other.behind)
        or passed(left.rules, right.rules)
        or passed(right.rules, left.rules)
        or _clients(left, right) != _clients(right, left)
        for left, right in _pairs(one.hosts, other.hosts)
    )


def _access(host: VirtualHost, behind: Mapping[str, str]) -> object:
    return [alike(rule, behind) for rule in host.rules if concerns_access(rule)]


def _clients(one: VirtualHost, other: VirtualHost) -> dict[int, object]:
    """By port in common how the first one verifies its clients' certificates."""
    common = {listener.port for listener in other.listeners}
    return {ln.port: ln.tls.client if ln.tls else None for ln in one.listeners if ln.port in common}


def _causes(one: Seen, other: Seen) -> Iterator[str]:
    if _in_common(one.statements, other.statements) < _ANOTHER_SITE:
        yield "they have little more than the name in common"
    for left, right in _pairs(one.hosts, other.hosts):
        yield from _listening(left, right)
        yield from _elsewhere(left.rules, right.rules, one.upstreams, other.upstreams)
    if _other_access(one, other):
        yield _ACCESS


def _in_common(one: Sequence[Said], other: Sequence[Said]) -> float:
    """The share of directives that two configurations have in common, from 0 to 1."""
    ours, theirs = Counter(one), Counter(other)
    return sum((ours & theirs).values()) / max(1, sum((ours | theirs).values()))


def _pairs(one: Sequence[VirtualHost], other: Sequence[VirtualHost]) -> Iterator[tuple[VirtualHost, VirtualHost]]:
    """Virtual hosts that serve a name on a port in common."""
    for left in one:
        pairs = {(name, ln.port) for ln in left.listeners for name in ln.hosts}
        yield from ((left, right) for right in other if any((name, ln.port) in pairs for ln in right.listeners for name in ln.hosts))


def _listening(one: VirtualHost, other: VirtualHost) -> Iterator[str]:
    theirs = {listener.port: listener.tls for listener in other.listeners}
    for listener in one.listeners:
        if listener.port in theirs:
            yield from _tls(listener.port, listener.tls, theirs[listener.port])


def _tls(port: int, one: ServerTls | None, other: ServerTls | None) -> Iterator[str]:
    if (one is None) != (other is None):
        yield f"port {port} speaks TLS on some of them only"
    elif one is not None and other is not None and one.certificate != other.certificate:
        yield f"the certificate: {' and '.join(sorted((one.certificate, other.certificate)))}"


def _elsewhere(
    one: Sequence[Rule], other: Sequence[Rule], of_one: Mapping[str, Upstream], of_other: Mapping[str, Upstream]
) -> Iterator[str]:
    """Requests that the two send to servers of which none is the same."""
    theirs = {_guard(rule): rule for rule in reversed(other)}
    for rule in one:
        same = theirs.get(_guard(rule))
        if same is None or not isinstance(rule.action, Proxy) or not isinstance(same.action, Proxy):
            continue
        ours, others = _servers(of_one[rule.action.upstream]), _servers(of_other[same.action.upstream])
        if not ours & others:
            yield f"the servers behind it: {' and '.join(sorted((', '.join(sorted(ours)), ', '.join(sorted(others)))))}"


def _guard(rule: Rule) -> object:
    return frozenset(rule.guard)


def _servers(upstream: Upstream) -> frozenset[str]:
    if not upstream.external:
        return frozenset((upstream.service,))
    return frozenset(f"{endpoint.address}:{endpoint.port}" for endpoint in upstream.endpoints)
