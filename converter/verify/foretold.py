"""What is foretold of a request, as if servers had answered it: so that it can be asked what the report says of a difference."""

from collections.abc import Iterable, Sequence

from converter.interpreter import Answered, End, Interpretation, Sent
from converter.model.places import Position
from converter.model.verification import Attempt, Difference, Reply, Request
from converter.verify.announcing import Announced


def reply_of(end: End) -> Reply:
    """The answer that an end foretells; status 0 where it is not known."""
    match end:
        case Answered(status=status, location=location, body=body):
            return Reply(status, () if location is None else (("Location", location),), body or "")
        case Sent():
            address = end.servers[0] if end.servers else end.upstream
            headers = (("Host", end.host or ""), *((name, value or "") for name, value in end.headers))
            return Reply(200, attempts=(Attempt(address, end.method, end.target, "HTTP/1.1", headers, "", end.scheme == "https"),))
    return Reply(0)


def because(announced: Announced, request: Request, ends: tuple[End, End], found: Sequence[Difference], met: Iterable[Position]) -> str:
    """Where the report says all of these differences; empty where it does not. ends: nginx's and the gateway's."""
    return announced.because(request, (reply_of(ends[0]), reply_of(ends[1])), found, met) if found else ""


def met(nginx: Interpretation, origins: Iterable[Position]) -> list[Position]:
    """What the request comes to: on its way through nginx, and where the rule that takes it in the gateway is from."""
    steps = [step.position for step in nginx.steps if step.position is not None]
    return list(dict.fromkeys((*steps, *(p for p in (nginx.location,) if p is not None), *origins)))
