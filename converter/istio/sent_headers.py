"""Conditions on headers that Envoy changes before it chooses a route: Referer and Upgrade. An EnvoyFilter keeps them as they were sent, under
names of their own (mappings/envoyfilter/sent-headers.yaml.j2)."""

from collections.abc import Iterable

import re2

from converter.istio.formats import Inexpressible
from converter.istio.losses import Losses
from converter.model.guards import PATH, Condition, Criterion, Guard, InShare, Listed, Test
from converter.model.outcomes import Outcome
from converter.model.records import replace
from converter.model.rules import Rule
from converter.model.values import NO_H2C, UPGRADE, Source, Template, Variable, unseen

ORDER = "sent headers"  # among those for the gateway's scripts

_REFERER = Variable(Source.REQUEST_HEADER, "referer")
KEPT = {variable: Variable(Source.REQUEST_HEADER, f"x-nginx-{variable.name}") for variable in (_REFERER, UPGRADE)}  # and what keeps them
_WITHOUT = {
    _REFERER: "Envoy drops a Referer that is no well-formed address (`about:blank`, one with a space or a fragment) before it chooses a route: "
    "without an EnvoyFilter it counts as none",
    UPGRADE: unseen(UPGRADE),
}


def asked_for(rules: Iterable[Rule]) -> bool:
    """Whether a route depends on one of the headers."""
    conditions = [c for rule in rules for c in rule.guard if not (isinstance(c, Condition) and c.subject == PATH)]
    return bool(_about_kept(conditions)) or any(v in KEPT for c in conditions if isinstance(c, InShare) for v in c.split.key.variables)


def asked(rule: Rule, filters: bool, losses: Losses) -> Guard:
    """The guard of a rule in the gateway's terms. filters: whether EnvoyFilters may be used. Raises Inexpressible."""
    conditions = _about_kept(rule.guard)
    if not conditions:
        return rule.guard
    if rule.refuses and any(condition.holds and _takes_h2c(condition) for condition in conditions):
        raise Inexpressible(f"somebody could slip past the condition on Upgrade: {NO_H2C}")
    if filters:
        return tuple(_of_kept(condition) for condition in rule.guard)
    for condition in conditions:
        if rule.refuses and condition.holds:
            raise Inexpressible(f"to keep somebody out by the {condition.subject.name} needs an EnvoyFilter: {_WITHOUT[condition.subject]}")
        for origin in rule.origins:
            losses.add(origin, Outcome.APPROXIMATE, _WITHOUT[condition.subject])
    return rule.guard


def kept(value: Template) -> Template:
    """A value that is read before the route is chosen."""
    return Template.of(*(KEPT.get(part, part) if isinstance(part, Variable) else part for part in value.parts))


def _about_kept(conditions: Iterable[Criterion]) -> list[Condition | Listed]:
    return [condition for condition in conditions if isinstance(condition, (Condition, Listed)) and condition.subject in KEPT]


def _of_kept(condition: Criterion) -> Criterion:
    """What is kept is empty where no header was sent: whether an empty one is there the header itself tells."""
    if not isinstance(condition, (Condition, Listed)) or condition.subject not in KEPT:
        return condition
    if isinstance(condition, Condition) and condition.test is Test.SENT:
        return condition
    return replace(condition, subject=KEPT[condition.subject])


def _takes_h2c(condition: Condition | Listed) -> bool:
    """Whether it is met by an Upgrade that nothing in the gateway ever sees."""
    if condition.subject != UPGRADE:
        return False
    if isinstance(condition, Listed):
        return "h2c" in condition.texts
    if condition.test is Test.REGEX:
        return re2.fullmatch(f"(?i){condition.text}", "h2c") is not None
    return condition.test in (Test.PRESENT, Test.SENT) or condition.text.lower() == "h2c"
