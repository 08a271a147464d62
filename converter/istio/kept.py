"""What header values hold of a request that is changed before Envoy makes them: the script keeps it as it came."""

from converter.istio import formats, script_values, scripted
from converter.istio.scripted import Allowance
from converter.model.outcomes import Outcome
from converter.model.rules import HeaderChange, Proxy, Rule
from converter.model.values import Source, Variable

_LOST = "a variable in it holds what the gateway has made of the request by then; only an EnvoyFilter could keep what the client sent"
Variables = frozenset[Variable]


def kept(script: dict[str, object], rule: Rule, allowance: Allowance) -> tuple[Variables, Variables]:
    """The variables in the headers of request and response that are to be read from what the script keeps; its orders for that."""
    if not isinstance(rule.action, Proxy):
        return frozenset(), frozenset()
    request = _altered(rule.policies.request_headers, script, rule, allowance, answered=False)
    response = _altered(rule.policies.response_headers, script, rule, allowance, answered=True)
    if found := sorted(request | response, key=formats.kept_name):
        script["kept"] = {formats.kept_name(variable): script_values.part(variable) for variable in found}
    return request, response


def _altered(changes: tuple[HeaderChange, ...], script: dict[str, object], rule: Rule, allowance: Allowance, answered: bool) -> Variables:
    found: set[Variable] = set()
    for change in changes:
        altered = {v for v in change.value.variables if _is_altered(v, change, script, rule, answered)}
        if not allowance.filters and any(v.source is not Source.ARGUMENT for v in altered):
            allowance.losses.add(change.origin, Outcome.APPROXIMATE, _LOST)
        elif allowance.filters:
            found |= altered
    return frozenset(found)


def _is_altered(variable: Variable, change: HeaderChange, script: dict[str, object], rule: Rule, answered: bool) -> bool:
    """Whether the request is no longer as the variable has it when Envoy makes this header."""
    assert isinstance(rule.action, Proxy)
    moved = "path" in script or "drop_query" in script
    match variable.source:
        case Source.ARGUMENT:
            return True  # Envoy compares names with their case, and decodes
        case Source.RAW_PATH | Source.QUERY:
            return moved
        case Source.PATH:
            return moved or (answered and rule.action.rewrite is not None)
        case Source.HOST | Source.AUTHORITY:
            return answered and rule.action.host is not None and rule.action.host.literal is None
        case Source.REQUEST_HEADER:
            return any(_touches(other, variable.name) and (answered or other is not change) for other in rule.policies.request_headers)
        case Source.FORWARDED_FOR:
            own = [other for other in rule.policies.request_headers if _touches(other, "x-forwarded-for")]
            return not own or (answered and not all(scripted.is_automatic(other) for other in own))
    return False


def _touches(change: HeaderChange, name: str) -> bool:
    return change.name.lower() == name
