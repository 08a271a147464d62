"""Which virtual host answers for a name on a port, on either side."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from converter.derivation.sites import request_to
from converter.interpreter.reading import bare
from converter.model.applications import Application, Listener, VirtualHost
from converter.model.changes import Turn
from converter.model.verification import Request

_USUAL = {False: 80, True: 443}
Socket = tuple[int, bool]  # a port, and whether it speaks TLS
Behind = tuple[VirtualHost, Listener]


@dataclass(frozen=True, slots=True)
class Doors:
    """The names that are served, by socket: exact ones, `*.suffix`, and `*`."""

    names: dict[Socket, dict[str, Behind]]

    @classmethod
    def of(cls, applications: Iterable[Application]) -> "Doors":
        names: dict[Socket, dict[str, Behind]] = {}
        for host in (host for application in applications for host in application.virtual_hosts):
            for listener in host.listeners:
                for name in listener.hosts:
                    names.setdefault((listener.port, listener.tls is not None), {}).setdefault(name, (host, listener))
        return cls(names)

    def behind(self, socket: Socket, host: str) -> tuple[str, Behind] | None:
        """Who answers for a Host, and the name that it is found by; None where nobody does."""
        known = self.names.get(socket, {})
        name = bare(host)
        wildcards = (f"*{name[at:]}" for at in range(1, len(name)) if name[at] == ".")
        return next(((pattern, known[pattern]) for pattern in (name, *wildcards, "*") if pattern in known), None)


@dataclass(slots=True)
class Pair:
    """Who answered for some names, and who does now. doors: a plain request for each name, shown as people write it.

    turn: ADDED or REMOVED where on one of the sides nobody answers for them, or only the virtual host for all names; CHANGED elsewhere.
    """

    old: Behind | None
    new: Behind | None
    turn: Turn
    doors: list[tuple[str, Request]] = field(default_factory=list)


def pairs(old: Doors, new: Doors) -> list[Pair]:
    """Every name of either side, once for each socket, by who answers on both sides."""
    found: dict[tuple[int, int, Turn], Pair] = {}
    for socket, name in _names(old, new):
        request = request_to(_host(name, old, new, socket), socket[0], socket[1])
        before, after = (side.behind(socket, request.host or "") for side in (old, new))
        turn = Turn.CHANGED if name == "*" and before and after else _turn(before, after)
        key = id(before[1][0]) if before else 0, id(after[1][0]) if after else 0, turn
        pair = found.setdefault(key, Pair(before[1] if before else None, after[1] if after else None, turn))
        pair.doors.append((shown(name, socket), request))
    return list(found.values())


def _turn(before: tuple[str, Behind] | None, after: tuple[str, Behind] | None) -> Turn:
    if before is None or (before[0] == "*" and after is not None):
        return Turn.ADDED
    return Turn.REMOVED if after is None or after[0] == "*" else Turn.CHANGED


def _names(old: Doors, new: Doors) -> Iterator[tuple[Socket, str]]:
    """Sorted, so that the order of files and servers is no difference; names before wildcards, the one for all last."""
    for socket in sorted({*old.names, *new.names}):
        names = {*old.names.get(socket, ()), *new.names.get(socket, ())}
        yield from ((socket, name) for name in sorted(names, key=lambda name: (name == "*", name.startswith("*"), name)))


def _host(name: str, old: Doors, new: Doors, socket: Socket) -> str:
    """A host that is found by a name, on whichever side has it."""
    if not name.startswith("*"):
        return name
    known = {*old.names.get(socket, ()), *new.names.get(socket, ())}
    ends = name[1:] or ".test"
    return next(host for number in range(len(known) + 1) if (host := f"other{number or ''}{ends}") not in known)


def shown(name: str, socket: Socket) -> str:
    """A name as people write it, with the port where it is not the usual one."""
    usual = socket[0] == _USUAL[socket[1]]
    return ("any other host" if name == "*" else name) + ("" if usual else f":{socket[0]}")
