"""What a request meets on its way, whether or not all of its way is known: for those who look for requests that get somewhere."""

from dataclasses import dataclass

from converter.interpreter.arrival import arrive
from converter.interpreter.outcome import Assumed, Doubt, Failed
from converter.interpreter.phases import concluded
from converter.interpreter.places import Place
from converter.interpreter.program import parsed_condition
from converter.interpreter.reading import header, number
from converter.interpreter.sites import Http, Site
from converter.interpreter.situation import Key
from converter.model.verification import Request

__all__ = ["Trace", "assumed", "parsed_condition", "trace"]


@dataclass(frozen=True, slots=True)
class Trace:
    """What a request met. place: the location that answers; seen, asked, unknown: as in Situation."""

    site: Site | None
    place: Place | None
    seen: frozenset[Key]
    asked: frozenset[Key]
    unknown: frozenset[str]


def trace(http: Http, request: Request) -> Trace:
    """Follows a request through one http level."""
    try:
        arrived = arrive(http, request, assumed(request), strict=False)
    except Doubt:
        return Trace(None, None, frozenset(), frozenset(), frozenset())
    situation = arrived.situation
    if isinstance(arrived.failed, Failed) and arrived.failed.status == 400:
        return Trace(None, None, frozenset(), frozenset(), frozenset())
    concluded(situation, arrived.failed)
    return Trace(situation.site, situation.place, frozenset(situation.seen), frozenset(situation.asked), frozenset(situation.unknown))


def assumed(request: Request) -> Assumed | None:
    """What the test upstreams of a verification answer (converter.verify.upstream_answer)."""
    if header(request, "x-reply-close"):
        return Assumed(502, failed=True)
    status = number(header(request, "x-reply-status"))
    return Assumed(status) if status else None
