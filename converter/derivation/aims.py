"""What a derivation says: the requests, and what each of them is for."""

import enum
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from converter.model.places import Position
from converter.model.verification import Request


@dataclass(frozen=True, slots=True)
class Aim:
    """One thing of the source that ought to be exercised.

    kind:   `server`, `listen`, `location`, `rule`, or the name of a directive (`if`, `rewrite`, `map`, `allow`, ...).
    text:   for people, such as `location /orders/`.
    hit:    indices of the requests that were made to take it.  missed: of those that were made to just miss it.
    reason: why there is none that takes it; empty where there is.
    """

    position: Position
    kind: str
    text: str
    hit: tuple[int, ...] = ()
    missed: tuple[int, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Derived:
    """All requests of a derivation, none of them twice, and all aims in source order of their servers."""

    requests: tuple[Request, ...]
    aims: tuple[Aim, ...]


class Role(enum.Enum):
    """What a request is to an aim."""

    HIT = "hit"  # takes it
    MISS = "miss"  # just misses it
    ODD = "odd"  # an unusual spelling that may do either


@dataclass(frozen=True, slots=True)
class Probe:
    """A request for an aim. note: what is special about it, in a few words."""

    request: Request
    note: str = ""


NOWHERE = "no request was found that leads here"
Probes = Callable[[], Iterable[Probe]]


def none() -> Iterator[Probe]:
    """No probes."""
    return iter(())


@dataclass(frozen=True, slots=True)
class Goal:
    """An aim together with ways to make its requests; these are only followed as far as the budget goes.

    group:  goals of one group take turns with those of other groups: a server and a kind.
    reason: what to say where `hits` yields nothing; asked for only then.
    """

    position: Position
    kind: str
    text: str
    group: tuple[int, str]
    hits: Probes = none
    misses: Probes = none
    oddities: Probes = none
    reason: Callable[[], str] = lambda: NOWHERE
