"""Rules as the `http` entries of a VirtualService, and what an EnvoyFilter must add to them."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import msgspec

from converter.istio import answers, failures, formats, proxies, redirects, scripted, sent_headers, shares
from converter.istio.addresses import apart
from converter.istio.formats import Inexpressible
from converter.istio.headers import merged, with_value
from converter.istio.kept import kept
from converter.istio.losses import Losses
from converter.istio.matches import match, path_match
from converter.istio.objects import source
from converter.istio.parts import Parts
from converter.istio.responses import response_headers
from converter.istio.yaml import Flow, Noted, Written
from converter.model.decisions import Decisions
from converter.model.guards import Guard, path_alone
from converter.model.outcomes import Outcome
from converter.model.records import replace
from converter.model.rules import Action, Answer, Policies, PrefixRewrite, Proxy, Redirect, RedirectList, Refuse, Rule
from converter.model.upstreams import Upstream
from converter.model.values import Template, Variable, unseen

_MANY, _LARGEST = 300, 600_000  # rules that are worth measuring; characters of them that make less than a mebibyte of JSON


class Route(msgspec.Struct):
    """One entry of `http`, and what an EnvoyFilter adds: metadata that the gateway's script reads, fields of Envoy's route, and the
    answers of Envoy's own that it changes (see converter.istio.failures).

    wider: it takes requests, and refuses them, that its rule is not for.
    """

    http: Noted
    script: dict[str, object] = msgspec.field(default_factory=dict)
    envoy: dict[str, Written] = msgspec.field(default_factory=dict)
    failures: list[object] = msgspec.field(default_factory=list)
    wider: bool = False

    def take(self, parts: Parts) -> None:
        """Adds what an action became."""
        self.http |= parts.http
        self.script |= parts.script
        self.envoy |= parts.envoy


@dataclass(frozen=True, slots=True)
class Routing:
    """What rules need to become routes. destinations: those that routes have already, by the key of the upstream."""

    upstreams: dict[str, Upstream]
    decisions: Decisions
    losses: Losses
    destinations: dict[str, Written] = field(default_factory=dict)

    @property
    def filters(self) -> bool:
        return self.decisions.defaults.envoyfilter != "never"

    def routes(self, rules: list[Rule], ports: tuple[int, ...] = ()) -> list[tuple[Rule, Route]]:
        """The routes of a virtual host in order. One with the same match as an earlier one (closed more widely than its rule) is left out."""
        out = [(rule, self.route(rule, ports)) for rule in rules]
        if any(route.wider for _, route in out):
            out = _without_repeated(out)
        shares.count(rules, [(rule, route.script) for rule, route in out], self.filters)
        if len(out) > _MANY and sum(len(repr(route.http)) for _, route in out) > _LARGEST:
            return self._too_large(rules)
        return out

    def _too_large(self, rules: list[Rule]) -> list[tuple[Rule, Route]]:
        """One closed route in the place of rules that Kubernetes would not take as one object."""
        reason = "its routes come to more than the mebibyte that an object may have"
        for origin in dict.fromkeys(origin for rule in rules for origin in rule.origins):
            self.losses.add(origin, Outcome.UNSUPPORTED, f"the route is closed: {reason}")
        closed = replace(rules[-1], guard=(), action=Refuse(reason), policies=Policies(), notes=(reason,))
        return [(closed, self.route(closed))]

    def route(self, rule: Rule, ports: tuple[int, ...] = ()) -> Route:
        """The route of a rule. What Istio cannot say closes it: the same requests, or more of them, are refused.

        ports: those that the rule is for, where its Gateway has others, too.
        """
        try:
            route = self._route(rule)
        except Inexpressible as problem:
            for origin in rule.origins:
                self.losses.add(origin, Outcome.UNSUPPORTED, f"the route is closed: {problem}")
            route = self._closed(rule, str(problem))
        if ports:
            matches = route.http.get("match") or [{}]
            assert isinstance(matches, list)
            route.http["match"] = [{"port": port, **found} for found in matches for port in ports]
        route.http.comment = source(rule.origins, *rule.notes)
        return route

    def _closed(self, rule: Rule, reason: str) -> Route:
        refused = replace(rule, action=Refuse(reason), notes=(reason,))
        for guard in _wider(rule.guard):
            try:
                route = self._route(replace(refused, guard=guard))
            except Inexpressible:
                continue
            route.wider = guard != rule.guard
            return route
        raise AssertionError("a rule without conditions can be said")

    def _route(self, rule: Rule) -> Route:
        action, filters = rule.action, self.filters
        prefix_counts = isinstance(action, Proxy) and action.rewrite is not None and isinstance(action.rewrite.change, PrefixRewrite)
        path = path_alone(rule.guard)
        found = self._matches(rule, prefix_counts) if path is None else [path_match(path, prefix_counts)]
        script = scripted.Allowance(filters, self.losses, rule.cause)
        route = Route(Noted({"name": rule.name}))
        if any(found):
            route.http["match"] = found
        match action:
            case Proxy():
                idle = self.decisions.defaults.read_timeout == "idle"
                route.take(proxies.proxy(rule, action, self._destination(action.upstream), script, idle))
            case Redirect() | RedirectList():
                route.take(redirects.redirect(action, filters))
            case Answer():
                route.take(answers.answer(action, script))
            case Refuse(status=status):
                route.http["directResponse"] = Flow({"status": status})
        self._headers(route, rule, script)
        if isinstance(action, Proxy):
            self._upstream_answers(route, rule, script)
        for reason in _unseen(action):
            self.losses.add(rule.cause, Outcome.APPROXIMATE, reason)
        return route

    def _matches(self, rule: Rule, prefix_counts: bool) -> list[dict[str, object]]:
        """The matches that together take a rule's requests, whatever it asks for. Raises Inexpressible."""
        shares.demand(rule.guard, self.filters)
        trusted, notes = self.decisions.gateway.trusted_proxies or 0, list[str]()
        guards = apart(sent_headers.asked(rule, self.filters, self.losses), trusted)
        found = [match(guard, prefix_counts, trusted, None if rule.refuses else notes) for guard in guards]
        for origin in rule.origins if notes else ():
            self.losses.add(origin, Outcome.APPROXIMATE, notes[0])
        return found

    def _upstream_answers(self, route: Route, rule: Rule, script: scripted.Allowance) -> None:
        """What is changed in the answers of an upstream, and what is answered where it fails."""
        scripted.upstream_answers(route.script, rule, script)
        if script.filters and rule.policies.pages:
            route.failures = failures.mappers(rule)
        for page in rule.policies.pages if not script.filters else ():
            self.losses.add(page.origin, Outcome.UNSUPPORTED, "the page needs an EnvoyFilter; the error comes as it is")

    def _destination(self, key: str) -> Written:
        if key not in self.destinations:
            upstream = self.upstreams[key]
            subset = {"subset": upstream.subset} if upstream.subset else {}
            self.destinations[key] = Written({"host": upstream.service, "port": {"number": upstream.port}, **subset})
        return self.destinations[key]

    def _headers(self, route: Route, rule: Rule, script: scripted.Allowance) -> None:
        policies, answers_typed = rule.policies, isinstance(rule.action, Answer) and rule.action.content_type != ""
        changed = policies.request_headers or policies.response_headers or policies.expiry or "request_headers" in route.script
        if not changed and not answers_typed:
            return
        in_request, in_response = kept(route.script, rule, script)
        request = scripted.request_headers(route.script, rule, replace(script, kept=in_request) if in_request else script)
        for change in rule.policies.request_headers:
            if reason := formats.inexact(change.value, in_request):
                self.losses.add(change.origin, Outcome.APPROXIMATE, reason)
        response = response_headers(rule, self.losses, in_response)
        scripted.expiry(route.script, response, rule, script)
        if isinstance(rule.action, Answer) and rule.action.content_type:
            response = with_value(response, "Content-Type", rule.action.content_type)
        present = {name: value for name, value in (("request", request), ("response", response)) if value}
        if isinstance(rule.action, Proxy) or "response" in present:
            own = route.http.pop("headers", {})
            added: dict[str, object] = dict(present) if isinstance(rule.action, Proxy) else {"response": present["response"]}
            if both := merged(own if isinstance(own, dict) else {}, added):
                route.http["headers"] = both


def _unseen(action: Action) -> list[str]:
    """Why values of an action are not what the client sent, however they are made; those of headers have lines of their own."""
    match action:
        case Proxy():
            values = [action.host]
        case Redirect():
            values = [action.origin, action.location]
        case RedirectList():
            values = [action.origin, Template.of(action.subject)]
        case Answer():
            values = [action.body]
        case Refuse():
            values = []
    reasons = []
    for value in values:
        for part in value.parts if value is not None else ():
            if isinstance(part, Variable) and (reason := unseen(part)):
                reasons.append(reason)
    return reasons


def _without_repeated(routes: list[tuple[Rule, Route]]) -> list[tuple[Rule, Route]]:
    """The routes less those whose match an earlier one has."""
    by_match: dict[str, tuple[Rule, Route]] = {}
    for rule, route in routes:
        by_match.setdefault(repr(route.http.get("match")), (rule, route))
    return list(by_match.values())


def _wider(guard: Guard) -> Iterator[Guard]:
    """The guard, then without one of its conditions, then without more and more of them."""
    yield guard
    yield from ((*guard[:index], *guard[index + 1 :]) for index in range(len(guard)))
    yield from (guard[:length] for length in range(len(guard) - 2, -1, -1))
