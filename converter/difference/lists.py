"""Decision lists as what they do: without places, names and notes, so that equal behaviour is an equal value."""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from converter.derivation.rule_list import RuleList
from converter.model.applications import Application, VirtualHost
from converter.model.guards import Condition, FromNetworks, Guard, Split
from converter.model.places import Position
from converter.model.records import fields_of, replace
from converter.model.rules import Proxy, Refuse, Rule
from converter.model.upstreams import Upstream
from converter.model.values import Template, Variable

_PLACES = (Position, Position | None, tuple[Position, ...])  # of no effect on any request
_WHOLE = (str, int, float, bool, type(None), Condition, Template, Variable)  # values that hold no place
_ANY_ORDER = ("round-robin", "least-connections", "random")  # balancing for which the order of servers is no matter


@cache
def effective(kind: type[Any]) -> tuple[str, ...]:
    """The fields of a kind of record that have an effect on requests; none for what is no record."""
    return tuple(name for name, found in fields_of(kind).items() if found not in _PLACES)


def essence(value: object) -> Hashable:
    """A value of the model as far as it has an effect on requests."""
    if isinstance(value, _WHOLE):
        return value
    if isinstance(value, FromNetworks):
        return (frozenset(value.networks), value.holds, None if value.proxies is None else frozenset(value.proxies))
    if isinstance(value, Split):
        return (essence(value.key), value.bounds)
    kind: Any = type(value)
    if names := effective(kind):
        return (kind.__name__, *(essence(getattr(value, name)) for name in names))
    assert isinstance(value, tuple)
    return tuple(essence(item) for item in value)


def of_upstream(upstream: Upstream) -> Hashable:
    """What a group of servers does. Its name is none of it; the service's name is, where the cluster knows the servers."""
    endpoints = tuple(essence(endpoint) for endpoint in upstream.endpoints)
    ordered = upstream.balancing.kind not in _ANY_ORDER
    service = () if upstream.external else (upstream.service, upstream.port, upstream.subset, upstream.subset_labels)
    bare = replace(upstream, key="", service="", port=0, endpoints=(), subset="", subset_labels=())
    return (endpoints if ordered else tuple(sorted(endpoints, key=repr)), service, essence(bare))


def of_guard(guard: Guard) -> Hashable:
    return frozenset(essence(condition) for condition in guard)


@dataclass(slots=True, eq=False)
class Decisions:
    """The decision list of one virtual host. deeds: what each rule does (guard and all), in order."""

    host: VirtualHost
    side: "Lists"
    deeds: tuple[Hashable, ...] = ()
    guards: tuple[Hashable, ...] = ()
    listed: RuleList = field(init=False)

    def __post_init__(self) -> None:
        self.listed = RuleList.of(self.rules)
        self.guards = tuple(of_guard(rule.guard) for rule in self.rules)
        self.deeds = tuple((guard, self.deed(rule)) for guard, rule in zip(self.guards, self.rules, strict=True))

    @property
    def upstreams(self) -> Mapping[str, Upstream]:
        return self.side.upstreams

    @property
    def rules(self) -> tuple[Rule, ...]:
        return self.host.rules

    def deed(self, rule: Rule) -> Hashable:
        """What a rule does, its guard aside."""
        action, policies = rule.action, (essence(rule.policies), self.side.others.get(rule.name, ()))
        if isinstance(action, Refuse):
            return ("Refuse", action.status, policies)
        if not isinstance(action, Proxy) or action.upstream not in self.side.upstreams:
            return (essence(action), policies)
        return (essence(replace(action, upstream="")), self.side.upstream(action.upstream), policies)


@dataclass(slots=True)
class Lists:
    """All decision lists of one side, each made when it is asked for.

    others: by the name of a rule, what is said of it that a rule cannot hold, as pairs of a name and a text: compared as it is written.
    tidy:   only requests that are spelled ordinarily can be decided.
    """

    applications: tuple[Application, ...]
    upstreams: Mapping[str, Upstream]
    others: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    tidy: bool = False
    _made: dict[int, Decisions] = field(default_factory=dict)
    _upstreams: dict[str, Hashable] = field(default_factory=dict)

    @classmethod
    def of(cls, applications: tuple[Application, ...], upstreams: Iterable[Upstream]) -> "Lists":
        return cls(applications, {upstream.key: upstream for upstream in upstreams})

    def decisions(self, host: VirtualHost) -> Decisions:
        if id(host) not in self._made:
            self._made[id(host)] = Decisions(host, self)
        return self._made[id(host)]

    def upstream(self, key: str) -> Hashable:
        """What an upstream does."""
        if key not in self._upstreams:
            self._upstreams[key] = of_upstream(self.upstreams[key])
        return self._upstreams[key]
