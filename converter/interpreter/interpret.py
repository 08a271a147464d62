"""A request followed through nginx's program to its end."""

from collections.abc import Iterable

from converter.interpreter.arrival import arrive
from converter.interpreter.outcome import Assumed, Doubt, End, Interpretation, Unknown
from converter.interpreter.phases import concluded
from converter.interpreter.sites import Http
from converter.interpreter.situation import Situation
from converter.model.verification import Request

_WORK = 400_000  # searches for one request


def interpret(https: Iterable[Http], request: Request, assumed: Assumed | None = None) -> Interpretation:
    """What nginx does with one request. assumed: the upstream's answer, where it is to be known; error pages depend on it.

    Never raises: what cannot be told is Unknown, with the reason. Of several http levels the first that listens on the port counts.
    """
    levels = list(https)
    http = next((http for http in levels if http.door(request)), levels[0] if levels else None)
    if http is None:
        return Interpretation((), Unknown("the configuration has no servers"))
    http.work.renew(_WORK)
    situation: Situation | None = None
    end: End
    try:
        arrived = arrive(http, request, assumed)
        situation = arrived.situation
        end = concluded(situation, arrived.failed)
    except (Doubt, RecursionError) as doubt:
        end = Unknown(str(doubt))
    if http.work.doubt:
        end = Unknown(http.work.doubt)
    if situation is None:
        return Interpretation((), end)
    place = situation.place.position if situation.place is not None else None
    return Interpretation(tuple(situation.steps), end, situation.site.block.position, place, tuple(situation.before))
