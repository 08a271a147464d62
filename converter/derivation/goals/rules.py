"""Decision lists: for every rule a request that meets its guard and that no earlier rule takes."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial

from converter.derivation.aims import Goal, Probe
from converter.derivation.networks import edges
from converter.derivation.sites import request_to
from converter.derivation.wire import Edit, Edits, edited
from converter.derivation.witnesses import strangers, witnesses
from converter.interpreter.guards import holds, met
from converter.interpreter.patterns import Regex
from converter.model.applications import Application, Listener, VirtualHost
from converter.model.guards import PATH, Condition, FromNetworks, Test
from converter.model.rules import Rule
from converter.model.values import Source
from converter.model.verification import Request

_MOST_TRIED = 60  # requests for one rule
_MOST_REPAIRS = 5  # changes to get past rules ahead
_GROUP = 100_000  # groups of goals: behind those of the servers
_METHODS = ("GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD", "PATCH")
_PARTS = {
    Source.HOST: "host",
    Source.AUTHORITY: "host",
    Source.PATH: "target",
    Source.RAW_PATH: "target",
    Source.QUERY: "query",
    Source.ARGUMENT: "argument",
    Source.COOKIE: "cookie",
    Source.REQUEST_HEADER: "header",
    Source.METHOD: "method",
    Source.CLIENT: "client",
}


@dataclass(slots=True)
class _Ahead:
    """The rules of a list by the paths that they are for, so that few of them must be held against a request."""

    exact: dict[str, list[int]] = field(default_factory=dict)
    prefixes: dict[str, list[int]] = field(default_factory=dict)
    others: list[int] = field(default_factory=list)

    @classmethod
    def of(cls, rules: tuple[Rule, ...]) -> "_Ahead":
        found = cls()
        for number, rule in enumerate(rules):
            path = next(
                (c for c in rule.guard if isinstance(c, Condition) and c.subject == PATH and c.holds and c.test is not Test.REGEX), None
            )
            if path is None or path.test is Test.PRESENT:
                found.others.append(number)
            else:
                (found.exact if path.test is Test.EXACT else found.prefixes).setdefault(path.text, []).append(number)
        return found

    def numbers(self, path: str, before: int) -> Iterator[int]:
        """Numbers of rules ahead of one that may take a path."""
        rows = [
            self.exact.get(path, []),
            *(self.prefixes[path[:n]] for n in range(len(path) + 1) if path[:n] in self.prefixes),
            self.others,
        ]
        return itertools.chain.from_iterable(itertools.takewhile(lambda number: number < before, row) for row in rows)


def goals(applications: tuple[Application, ...]) -> Iterator[Goal]:
    """The aims of all decision lists."""
    hosts = [host for application in applications for host in application.virtual_hosts]
    for number, host in enumerate(hosts):
        ahead, base = _Ahead.of(host.rules), list(_bases(host, hosts))
        for at, rule in enumerate(host.rules):
            position = rule.origins[0] if rule.origins else host.origin
            if position is None:
                continue
            text = f"rule {rule.name or at + 1} of {host.name}"
            hits = partial(_hits, host, ahead, base, at)
            misses = partial(_misses, base, rule)
            reason = partial(str, "no request was found that meets its guard and none before it")
            yield Goal(position, "rule", text, (_GROUP + number, "rule"), hits, misses, reason=reason)


def _bases(host: VirtualHost, hosts: list[VirtualHost]) -> Iterator[Request]:
    """A plain request for each listener of a virtual host."""
    for listener in host.listeners[:4]:
        yield request_to(_name(listener, hosts), listener.port, listener.tls is not None)


def _name(listener: Listener, hosts: list[VirtualHost]) -> str:
    exact = next((name for name in listener.hosts if "*" not in name), None)
    if exact is not None:
        return exact
    return f"rule{listener.hosts[0][1:]}" if listener.hosts and listener.hosts[0] != "*" else "unknown-host.test"


def _hits(host: VirtualHost, ahead: _Ahead, bases: list[Request], at: int) -> Iterator[Probe]:
    for request in itertools.islice(_candidates(bases, host.rules[at]), _MOST_TRIED):
        if (found := _freed(host.rules, ahead, request, at)) is not None:
            yield Probe(found, "taken")


def _freed(rules: tuple[Rule, ...], ahead: _Ahead, request: Request, at: int) -> Request | None:
    """A request, changed so far that no rule ahead takes it, and that still meets the rule's own guard; None where that fails."""
    for _ in range(_MOST_REPAIRS):
        if not holds(rules[at].guard, request):
            return None
        taker = next((n for n in ahead.numbers(request.target.partition("?")[0], at) if holds(rules[n].guard, request)), None)
        if taker is None:
            return request
        own = set(rules[at].guard)
        others = [condition for condition in rules[taker].guard if condition not in own]
        changed = (edited(request, way) for condition in others for way in _ways(condition.negated())[:8] if way)
        better = (r for r in changed if r is not None and holds(rules[at].guard, r) and holds(rules[taker].guard, r) is False)
        following = next(better, None)
        if following is None:
            return None
        request = following
    return None


def _candidates(bases: list[Request], rule: Rule) -> Iterator[Request]:
    ways = [_ways(condition) for condition in rule.guard]
    for chosen in itertools.islice(itertools.product(*ways), _MOST_TRIED):
        edits = sorted((edit for way in chosen for edit in way), key=lambda edit: edit.part != "target")
        for base in bases:
            if (request := edited(base, edits)) is not None:
                yield request


def _ways(condition: Condition | FromNetworks) -> list[Edits]:
    """Changes that make one condition hold; no change is the first where it is negated."""
    if isinstance(condition, FromNetworks):
        inside = [a for network in condition.networks[:6] for a in edges(str(network))[0][:2]]
        outside = [a for network in condition.networks[:6] for a in edges(str(network))[1]]
        return [(Edit("client", address),) for address in (inside if condition.holds else ["198.51.100.7", "192.0.2.77", *outside])]
    part = _PARTS.get(condition.subject.source)
    if part is None:
        return [()]
    texts = _texts(condition)
    ways: list[Edits] = [(Edit(part, text, condition.subject.name),) for text in texts]
    if condition.holds and condition.test is not Test.REGEX:
        return ways or [()]
    return [(), *ways]


def _texts(condition: Condition) -> list[str]:
    """Values that meet a condition."""
    path = condition.subject.source in (Source.PATH, Source.RAW_PATH)
    if not condition.holds:
        return [text for text in _unlike(condition, path) if text]
    match condition.test:
        case Test.EXACT:
            return [condition.text]
        case Test.PREFIX:
            return [condition.text + behind for behind in ("", "probe", "/probe", "0")]
        case Test.PRESENT:
            return ["probe"]
    usual = [m for m in _METHODS if condition.subject.source is Source.METHOD]
    return [*usual, *witnesses(_anchored(condition.text), "/" if path else "")][:12]


def _unlike(condition: Condition, path: bool) -> list[str]:
    if condition.subject.source is Source.METHOD:
        return list(_METHODS)
    return ["/probe", "/"] if path else ["probe"]


def _anchored(text: str) -> Regex:
    return Regex(f"^(?:{text})$", ignore_case=False)


def _misses(bases: list[Request], rule: Rule) -> Iterator[Probe]:
    """Requests that meet all conditions of a guard but one."""
    own = next((r for r in itertools.islice(_candidates(bases, rule), _MOST_TRIED) if holds(rule.guard, r)), None)
    for condition in rule.guard if own is not None else ():
        for text in _broken(condition):
            part = "client" if isinstance(condition, FromNetworks) else _PARTS.get(condition.subject.source)
            name = "" if isinstance(condition, FromNetworks) else condition.subject.name
            request = edited(own, (Edit(part, text, name),)) if own is not None and part else None
            if request is not None and met(condition, request) is False:
                yield Probe(request, f"{part} {text[:40]!r}" if text else f"no {part} {name}".rstrip())
                break


def _broken(condition: Condition | FromNetworks) -> list[str]:
    """Values that may break a condition, the nearest first."""
    if isinstance(condition, FromNetworks):
        return [a for network in condition.networks[:4] for a in edges(str(network))[1 if condition.holds else 0]]
    if condition.subject.source is Source.METHOD:
        return list(_METHODS)
    if not condition.holds:
        return _texts(condition.negated())
    if condition.test is Test.REGEX:
        regex = _anchored(condition.text)
        return [text for found in witnesses(regex)[:1] for text, _ in strangers(regex, found)]
    return [condition.text[:-1], f"{condition.text}x", condition.text.swapcase(), ""]
