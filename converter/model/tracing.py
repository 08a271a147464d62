"""How one request is decided on both sides: plain data for who asks and for who shows it."""

from dataclasses import dataclass

from converter.model.verification import Difference, Request


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happened. place: `file:line`; inherited: the level that a setting stands on, where it is not the location's own."""

    text: str
    place: str = ""
    inherited: str = ""


@dataclass(frozen=True, slots=True)
class Side:
    """One side. lines: how it decides, in order.

    known:   whether it is known what comes of the request; `answer` says it, or why not.
    status, location, body: of an answer; status 0 where the request is sent on.
    upstream, servers, scheme, method, target, host, headers: of what is sent on. A value is None where it depends on what is not known.
    """

    lines: tuple[Line, ...]
    answer: str
    known: bool
    status: int = 0
    location: str | None = None
    body: str | None = None
    upstream: str = ""
    servers: tuple[str, ...] = ()
    scheme: str = ""
    method: str = ""
    target: str = ""
    host: str | None = None
    headers: tuple[tuple[str, str | None], ...] = ()


@dataclass(frozen=True, slots=True)
class Traced:
    """A request on both sides. because: where the report says the differences; empty where it says nothing of them."""

    request: Request
    nginx: Side
    gateway: Side
    differences: tuple[Difference, ...] = ()
    because: str = ""
