"""What differs between two configurations, for who reviews it: plain data for the room that compares and for the reports."""

import enum
from collections.abc import Iterable
from dataclasses import dataclass

from converter.model.outcomes import Outcome
from converter.model.verification import Request


class Effect(enum.Enum):
    """What a change does to requests, most important first; `value` is a word for people and programs."""

    WIDENED = "access widened"  # refused before (401, 403, closed), let in now
    REFUSED = "now refused"
    CHANGED = "changed"
    ADDED = "added"  # a name, or a port, that had no rules of its own
    REMOVED = "removed"
    UNKNOWN = "cannot be told"  # what comes of the request depends on what no configuration shows
    UNSEEN = "rules differ"  # and no request was found that shows it


@dataclass(frozen=True, slots=True)
class Changed:
    """One respect in which something differs: `upstream`, `status`, `request header x-a`, `spec.http[orders].timeout`, ..."""

    field: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class BehaviourChange:
    """Requests that are answered otherwise.

    host:    the application.  names: host names that it was found for, each with its port where that is not the usual one.
    request: the shortest one that shows it; None where there is none.
    was, now: what came of it and comes of it, as the rest of a sentence: `went to orders`, `goes to orders-v2`.
    changed: in which respects, shortest texts that tell them apart.
    old, new: the rules that decide, each with its places in the source.
    more:    further rules that change in the same respects.
    """

    effect: Effect
    host: str
    names: tuple[str, ...]
    request: Request | None
    was: str
    now: str
    changed: tuple[Changed, ...] = ()
    old: str = ""
    new: str = ""
    more: tuple[str, ...] = ()


class Turn(enum.Enum):
    """What happened to a thing that can be pointed at."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class ObjectChange:
    """An object of the manifests. name: `Kind/namespace/name`; changed: by path inside of it, its items by name: `spec.http[orders].timeout`.

    moved: routes whose place in the order is another one, as sentences.  file: where the object stands.
    """

    turn: Turn
    name: str
    changed: tuple[Changed, ...] = ()
    moved: tuple[str, ...] = ()
    file: str = ""


@dataclass(frozen=True, slots=True)
class LedgerChange:
    """A directive whose outcome is another one, or that came or went with an outcome that needs a reader.

    directive: as it is written.  context: the blocks around it, outermost first, each as it is written.
    place:     `file:line`, in the new configuration where it is there.  old, new: None where the directive is not there.
    """

    turn: Turn
    directive: str
    context: tuple[str, ...]
    place: str
    old: Outcome | None
    new: Outcome | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Changes:
    """All that differs. old, new: what was compared, for people; notes: what could not be looked into, as sentences."""

    old: str
    new: str
    behaviour: tuple[BehaviourChange, ...] = ()
    objects: tuple[ObjectChange, ...] = ()
    ledger: tuple[LedgerChange, ...] = ()
    notes: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.behaviour or self.objects or self.ledger)

    def number(self, effect: Effect) -> int:
        return sum(change.effect is effect for change in self.behaviour)


def joined(old: str, new: str, parts: Iterable[Changes]) -> Changes:
    """The changes of several hosts that were compared one by one, as one."""
    every = list(parts)
    behaviour = sorted((c for part in every for c in part.behaviour), key=lambda c: list(Effect).index(c.effect))
    notes = dict.fromkeys(note for part in every for note in part.notes)
    objects = tuple(c for part in every for c in part.objects)
    return Changes(old, new, tuple(behaviour), objects, tuple(c for part in every for c in part.ledger), tuple(notes))
