"""Access by address as AuthorizationPolicies, where one can say it; a route says it otherwise."""

from converter.istio.objects import SECURITY, Object, document, source
from converter.istio.yaml import Noted
from converter.model.applications import VirtualHost
from converter.model.decisions import Decisions
from converter.model.guards import EVERY_PATH, PATH, Condition, FromNetworks, Test
from converter.model.rules import Refuse, Rule


def split(host: VirtualHost) -> tuple[list[tuple[Rule, list[str], list[str]]], list[Rule]]:
    """The rules that a policy can say, each with its paths and those that earlier rules take; and all other rules, in order.

    A policy is asked before any route, and sees the path alone: what an earlier rule answers must be left out of it by its path.
    """
    if host.hosts == ("*",):  # a policy names its hosts; that of a default server would have to be for every host of the gateway
        return [], list(host.rules)
    policies, routes = [], []
    for index, rule in enumerate(host.rules):
        paths = _paths(rule) if isinstance(rule.action, Refuse) else None
        others = _exempt(paths, host.rules[:index]) if paths is not None else None
        if paths is None or others is None:
            routes.append(rule)
        else:
            policies.append((rule, paths, others))
    return policies, routes


def _paths(rule: Rule) -> list[str] | None:
    """The paths of a refusal by address, in a policy's words; None for any other refusal."""
    if rule.policies.response_headers:
        return None
    networks = [c for c in rule.guard if isinstance(c, FromNetworks)]
    conditions = [c for c in rule.guard if isinstance(c, Condition)]
    if len(networks) != 1 or networks[0].proxies is not None or len(conditions) > 1 or any(c.subject != PATH for c in conditions):
        return None
    return [path] if (path := _path(conditions[0] if conditions else EVERY_PATH)) else None


def _path(condition: Condition) -> str | None:
    if not condition.holds or "*" in condition.text or "{" in condition.text or "%" in condition.text:
        return None
    if condition.test is Test.EXACT:
        return condition.text
    return f"{condition.text}*" if condition.test is Test.PREFIX else None


def _exempt(paths: list[str], earlier: tuple[Rule, ...]) -> list[str] | None:
    """Paths within these that earlier rules take; None where they cannot be told by the path alone."""
    out: list[str] = []
    for rule in earlier:
        if isinstance(rule.action, Refuse) and rule.action.status == 403:
            continue  # whatever it refuses may be refused here
        conditions = [c for c in rule.guard if isinstance(c, Condition) and c.subject == PATH]
        texts = [_path(c) for c in conditions]
        if len(conditions) != 1 or texts[0] is None:
            return None
        if not _overlap(texts[0], paths[0]):
            continue
        if len(rule.guard) != 1:
            return None
        out.append(texts[0])
    return list(dict.fromkeys(out))


def _overlap(one: str, other: str) -> bool:
    a, b = one.removesuffix("*"), other.removesuffix("*")
    if not one.endswith("*"):
        return a == b or (other.endswith("*") and a.startswith(b))
    if not other.endswith("*"):
        return b.startswith(a)
    return a.startswith(b) or b.startswith(a)


def policy(host: VirtualHost, rules: list[tuple[Rule, list[str], list[str]]], ports: tuple[int, ...], decisions: Decisions) -> Object:
    """One policy for the refusals of a virtual host. ports: all that the gateway serves: on others than the host's own it says nothing.

    A policy sees the port of the pod, which a Service may have translated: the others are left out by number (`notPorts`), so that one
    that is numbered otherwise is refused too much, never too little.
    """
    own = {listener.port for listener in host.listeners}
    elsewhere = [str(port) for port in ports if port not in own]
    scope: dict[str, object] = {"hosts": [form for name in host.hosts for form in (name, f"{name}:*")]}
    if elsewhere:
        scope["notPorts"] = elsewhere
    spec: dict[str, object] = {
        "selector": {"matchLabels": dict(decisions.gateway.selector)},
        "action": "DENY",
        "rules": [Noted(_rule(rule, paths, others, scope), source(rule.origins)) for rule, paths, others in rules],
    }
    return Object(host.application, document(SECURITY, "AuthorizationPolicy", decisions.gateway.namespace, host.name, spec))


def _rule(rule: Rule, paths: list[str], others: list[str], scope: dict[str, object]) -> dict[str, object]:
    condition = next(c for c in rule.guard if isinstance(c, FromNetworks))
    key = "remoteIpBlocks" if condition.holds else "notRemoteIpBlocks"
    operation = dict(scope)
    if paths != ["/*"]:
        operation["paths"] = paths
    if others:
        operation["notPaths"] = others
    return {
        "from": [{"source": {key: [str(network) for network in condition.networks]}}],
        "to": [{"operation": operation}],
    }
