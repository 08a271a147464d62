"""Response header changes as Istio's `headers.response`."""

from converter.istio import formats
from converter.istio.formats import Inexpressible
from converter.istio.losses import Losses
from converter.model.outcomes import Outcome
from converter.model.rules import HeaderChange, Proxy, Rule
from converter.model.values import Variable

_EVERY_STATUS = "the gateway also adds it to answers with other statuses (errors); nginx does so only with `always`"


def response_headers(rule: Rule, losses: Losses, kept: frozenset[Variable] = frozenset()) -> dict[str, object]:
    """`set`, `add` and `remove` for a rule; Envoy removes first. kept: what the script keeps of the request."""
    sets: dict[str, str] = {}
    adds: dict[str, str] = {}
    removes: list[str] = []
    for change in rule.policies.response_headers:
        if change.operation == "remove":
            removes.append(change.name)
            continue
        text = _text(change, losses, kept)
        if text is None:
            continue
        if change.good_only and isinstance(rule.action, Proxy):
            losses.add(change.origin, Outcome.APPROXIMATE, _EVERY_STATUS)
        place = sets if change.operation == "set" else adds
        if change.name in place:
            losses.add(change.origin, Outcome.APPROXIMATE, "a second line of the same name is joined to the first with a comma")
            place[change.name] = f"{place[change.name]}, {text}"
        else:
            place[change.name] = text
    return {name: value for name, value in (("set", sets), ("add", adds), ("remove", removes)) if value}


def _text(change: HeaderChange, losses: Losses, kept: frozenset[Variable]) -> str | None:
    try:
        text = formats.response(change.value, kept)
    except Inexpressible as problem:
        losses.add(change.origin, Outcome.UNSUPPORTED, f"{problem}: it is left out")
        return None
    if reason := formats.inexact(change.value, kept):
        losses.add(change.origin, Outcome.APPROXIMATE, reason)
    return text
