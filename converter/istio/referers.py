"""Conditions on the Referer: Envoy drops one that is no well-formed address before it chooses a route. An EnvoyFilter keeps it as it was sent,
under a name of its own (mappings/envoyfilter/referer.yaml.j2)."""

from collections.abc import Iterable

from converter.istio.formats import Inexpressible
from converter.istio.losses import Losses
from converter.model.guards import PATH, Condition, Criterion, Guard, InShare, Test
from converter.model.outcomes import Outcome
from converter.model.records import replace
from converter.model.rules import Rule
from converter.model.values import Source, Template, Variable

_REFERER = Variable(Source.REQUEST_HEADER, "referer")
_KEPT = Variable(Source.REQUEST_HEADER, "x-nginx-referer")
_DROPPED = (
    "Envoy drops a Referer that is no well-formed address (`about:blank`, one with a space or a fragment) before it chooses a route: without "
    "an EnvoyFilter it counts as none"
)


def asked_for(rules: Iterable[Rule]) -> bool:
    """Whether a route depends on the Referer."""
    conditions = [c for rule in rules for c in rule.guard if not (isinstance(c, Condition) and c.subject == PATH)]
    return bool(_of_referer(conditions)) or any(_REFERER in c.split.key.variables for c in conditions if isinstance(c, InShare))


def asked(rule: Rule, filters: bool, losses: Losses) -> Guard:
    """The guard of a rule in the gateway's terms. filters: whether EnvoyFilters may be used. Raises Inexpressible."""
    conditions = _of_referer(rule.guard)
    if not conditions:
        return rule.guard
    if filters:
        return tuple(_of_kept(condition) for condition in rule.guard)
    if rule.refuses and any(condition.holds for condition in conditions):
        raise Inexpressible("to keep somebody out by the Referer needs an EnvoyFilter: Envoy drops one that is no well-formed address")
    for origin in rule.origins:
        losses.add(origin, Outcome.APPROXIMATE, _DROPPED)
    return rule.guard


def kept(value: Template) -> Template:
    """A value that is read before the route is chosen."""
    return Template.of(*(_KEPT if part == _REFERER else part for part in value.parts))


def _of_referer(conditions: Iterable[Criterion]) -> list[Condition]:
    return [condition for condition in conditions if isinstance(condition, Condition) and condition.subject == _REFERER]


def _of_kept(condition: Criterion) -> Criterion:
    """What is kept is empty where no Referer was sent: whether an empty one is there the header itself tells."""
    if isinstance(condition, Condition) and condition.subject == _REFERER and condition.test is not Test.SENT:
        return replace(condition, subject=_KEPT)
    return condition
