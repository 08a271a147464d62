"""Requests that may be answered otherwise by another decision list: made of the rules that only one of the two has."""

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from converter.derivation.guards import missing
from converter.derivation.networks import edges
from converter.derivation.wire import Edit, edited
from converter.derivation.witnesses import alternatives
from converter.difference.disjoint import disjoint
from converter.difference.filling import filled_in
from converter.difference.lists import Decisions
from converter.interpreter.patterns import Regex
from converter.interpreter.templates import ordinary
from converter.model.guards import Condition, FromNetworks, Guard, Test
from converter.model.rules import RedirectList, Rule
from converter.model.values import Source
from converter.model.verification import Request

_MOST = 6_000  # requests for two lists
_FEW_RULES = 40  # lists of which every rule is asked for, whether it differs or not
_MOST_MEETINGS = 600  # pairs of guards
_MOST_VALUES = 200  # addresses and texts that only one side names
_PARTS = {
    Source.REQUEST_HEADER: "header",
    Source.ARGUMENT: "argument",
    Source.COOKIE: "cookie",
    Source.PATH: "target",
    Source.RAW_PATH: "target",
    Source.HOST: "host",
}


@dataclass(frozen=True, slots=True)
class Altered:
    """Numbers of the rules that stand in one list and not, or not in that place, in the other; pairs: of those that took each other's place."""

    old: tuple[int, ...]
    new: tuple[int, ...]
    pairs: tuple[tuple[int, int], ...]


def altered(old: Decisions, new: Decisions) -> Altered:
    """What differs between two lists, as few rules as possible."""
    numbers: dict[object, int] = {}
    rows = [[numbers.setdefault(deed, len(numbers)) for deed in side.deeds] for side in (old, new)]
    before: list[int] = []
    after: list[int] = []
    pairs: list[tuple[int, int]] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(a=rows[0], b=rows[1], autojunk=False).get_opcodes():
        if tag != "equal":
            before += range(i1, i2)
            after += range(j1, j2)
            pairs += zip(range(i1, i2), range(j1, j2), strict=False)
    return Altered(tuple(before), tuple(after), tuple(pairs))


def requests(old: Decisions, new: Decisions, found: Altered, bases: list[Request]) -> Iterator[Request]:
    """Requests to hold both lists against, none twice; the work is bounded."""
    made = itertools.chain(bases, _of_rules(old, new, found, bases), () if old.guards == new.guards else _of_guards(old, new, found, bases))
    return _unique(made, tidy=old.side.tidy or new.side.tidy)


def meetings(old: Decisions, new: Decisions, found: Altered, bases: list[Request]) -> Iterator[Request]:
    """Requests that meet a rule that differs and one of the other list: what only their order decides. Costlier than the others."""
    made = () if old.guards == new.guards else _of_meetings(old, new, found, bases)
    return _unique(made, tidy=old.side.tidy or new.side.tidy)


def _unique(made: Iterable[Request], tidy: bool) -> Iterator[Request]:
    seen: set[Request] = set()
    for request in itertools.islice(made, _MOST):
        if request not in seen and (not tidy or ordinary(request)):
            seen.add(request)
            yield request


def _of_rules(old: Decisions, new: Decisions, found: Altered, bases: list[Request]) -> Iterator[Request]:
    most = 2 if old.guards == new.guards else 4
    sides = ((old, found.old), (new, found.new))
    for side, numbers in sides:
        for number in numbers:
            hits = list(itertools.islice(side.listed.hits(bases, number), most))
            yield from hits
            yield from (request for hit in hits[:1] for request in filled_in(hit, side.rules[number]))
    edits = list(itertools.islice(_lines(*([side.rules[n] for n in numbers] for side, numbers in sides)), _MOST_VALUES))
    yield from _edited(sides, bases, edits)


def _of_guards(old: Decisions, new: Decisions, found: Altered, bases: list[Request]) -> Iterator[Request]:
    sides = ((old, found.old), (new, found.new))
    for side, numbers in sides:
        for number in numbers:
            yield from (request for request, _ in missing(bases, side.rules[number].guard))
    yield from _with_values(old, new, found, bases)
    for side, _ in sides:
        for number in range(len(side.rules)) if len(side.rules) <= _FEW_RULES else ():
            yield from itertools.islice(side.listed.hits(bases, number), 3)


def _of_meetings(old: Decisions, new: Decisions, found: Altered, bases: list[Request]) -> Iterator[Request]:
    """Requests that meet a rule of one list and one of the other."""
    either = ((found.old, old, new), (found.new, new, old))
    meetings = (
        (one.rules[number].guard, other, at)
        for numbers, one, other in either
        for number in numbers
        for at in range(len(other.rules))
        if one.deeds[number] != other.deeds[at]
    )
    for guard, other, at in itertools.islice(meetings, _MOST_MEETINGS):
        both: Guard = tuple(dict.fromkeys((*other.rules[at].guard, *guard)))
        if not disjoint(other.rules[at].guard, guard):
            yield from itertools.islice(other.listed.meeting(bases, both, at), 2)


def _with_values(old: Decisions, new: Decisions, found: Altered, bases: list[Request]) -> Iterator[Request]:
    """Requests to the rules that differ, with addresses and texts that only one of the lists names."""
    guards = [[side.rules[n].guard for n in numbers] for side, numbers in ((old, found.old), (new, found.new))]
    edits = list(itertools.islice(_values(*guards), _MOST_VALUES))
    yield from _edited(((old, found.old), (new, found.new)), bases, edits)


def _edited(sides: Iterable[tuple[Decisions, tuple[int, ...]]], bases: list[Request], edits: list[Edit]) -> Iterator[Request]:
    """Requests to some rules, each with one change."""
    for side, numbers in sides:
        for number in numbers[:20] if edits else ():
            start = next(side.listed.hits(bases, number), None)
            changed = (edited(start, (edit,)) for edit in edits) if start is not None else ()
            yield from (request for request in changed if request is not None)


def _lines(old: list[Rule], new: list[Rule]) -> Iterator[Edit]:
    """What lines of redirect lists that only one side has ask for."""
    before, after = (
        {
            (rule.action.subject, line.text, line.location)
            for rule in side
            if isinstance(rule.action, RedirectList)
            for line in rule.action.lines
        }
        for side in (old, new)
    )
    for subject, text, _ in sorted(before ^ after, key=repr):
        if part := _PARTS.get(subject.source):
            yield Edit(part, text, subject.name)


def _values(old: list[Guard], new: list[Guard]) -> Iterator[Edit]:
    """What only one side names: the edges of networks, and a text for each alternative of a regex."""
    before, after = ({condition for guard in side for condition in guard} for side in (old, new))
    alone = sorted(before ^ after, key=repr)
    networks = [{str(n) for c in side if isinstance(c, FromNetworks) for n in c.networks} for side in (before, after)]
    for network in sorted(networks[0] ^ networks[1]):
        yield from (Edit("client", address) for address in edges(network)[0][:2])
    texts: dict[Edit, set[int]] = {}
    for condition in alone:
        if isinstance(condition, Condition) and condition.test is Test.REGEX and (part := _PARTS.get(condition.subject.source)):
            for text in alternatives(Regex(f"^(?:{condition.text})$", ignore_case=False)):
                texts.setdefault(Edit(part, text, condition.subject.name), set()).add(condition in before)
    yield from (edit for edit, sides in texts.items() if len(sides) == 1)
