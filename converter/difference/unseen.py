"""Rules that differ although no request was found that shows it: what is left is told, too, unless it is sure to have no effect."""

from collections.abc import Hashable, Iterator
from dataclasses import dataclass

from converter.difference.asking import Altered
from converter.difference.facets import shown
from converter.difference.lists import Decisions, essence
from converter.model.changes import Changed
from converter.model.conjunctions import Unjoinable, both
from converter.model.guards import Condition, Guard, Test, quoted
from converter.model.rules import Policies, Proxy, Rule
from converter.nginx.pruning import consistent

_NOTHING = "nothing"
Pairs = set[tuple[int | None, int | None]]


@dataclass(frozen=True, slots=True)
class Unseen:
    """A rule that differs; None on the side that has none in its place."""

    old: Rule | None
    new: Rule | None
    changed: tuple[Changed, ...]


def unseen(old: Decisions, new: Decisions, found: Altered, shown_by: Pairs) -> Iterator[Unseen]:
    """What is left of the rules that differ. shown_by: numbers of the rules that decide on requests that were found, on both sides."""
    seen = ({pair[0] for pair in shown_by}, {pair[1] for pair in shown_by})
    moved = {old.deeds[n] for n in found.old} & {new.deeds[n] for n in found.new}
    harmless = {deed for deed in moved if _settled(old, new, deed, shown_by)}
    told = [(i, j) for i, j in found.pairs if (i in seen[0] or j in seen[1]) and _akin(old, i, new, j)]  # one request shows both
    before = [n for n in found.old if n not in seen[0] | {i for i, _ in told} and old.deeds[n] not in harmless]
    after = [n for n in found.new if n not in seen[1] | {j for _, j in told} and new.deeds[n] not in harmless]
    paired = [(i, j) for i, j in found.pairs if i in before and j in after and old.deeds[i] not in moved and new.deeds[j] not in moved]
    for i, j in paired:
        yield Unseen(old.rules[i], new.rules[j], tuple(_differing(old, i, new, j)))
    taken = ({i for i, _ in paired}, {j for _, j in paired})
    for deed in dict.fromkeys(old.deeds[n] for n in before if old.deeds[n] in moved):
        i, j = old.deeds.index(deed), new.deeds.index(deed)
        yield Unseen(old.rules[i], new.rules[j], (Changed("place in the order", f"rule {i + 1}", f"rule {j + 1}"),))
    for i in (n for n in before if n not in taken[0] and old.deeds[n] not in moved):
        yield Unseen(old.rules[i], None, (Changed("rule", _whole(old, i), _NOTHING),))
    for j in (n for n in after if n not in taken[1] and new.deeds[n] not in moved):
        yield Unseen(None, new.rules[j], (Changed("rule", _NOTHING, _whole(new, j)),))


def _akin(old: Decisions, i: int, new: Decisions, j: int) -> bool:
    """Whether two rules that took each other's place are one that has changed: it does the same, or takes the same requests."""
    if old.guards[i] == new.guards[j]:
        return True
    shared = {essence(c) for c in old.rules[i].guard} & {essence(c) for c in new.rules[j].guard}
    return bool(shared) and old.deed(old.rules[i]) == new.deed(new.rules[j])


def _differing(old: Decisions, i: int, new: Decisions, j: int) -> Iterator[Changed]:
    if old.guards[i] != new.guards[j]:
        yield Changed("requests it takes", _guard(old.rules[i].guard), _guard(new.rules[j].guard))
    if old.deed(old.rules[i]) != new.deed(new.rules[j]):
        yield Changed("what it does", _deed(old, old.rules[i]), _deed(new, new.rules[j]))


def _whole(side: Decisions, number: int) -> str:
    return f"{_guard(side.rules[number].guard)}: {_deed(side, side.rules[number])}"


def _guard(guard: Guard) -> str:
    return ", ".join(map(str, guard)) or "all requests"


def _deed(side: Decisions, rule: Rule) -> str:
    action = rule.action
    upstream = side.upstreams.get(action.upstream) if isinstance(action, Proxy) else None
    servers = f" ({shown(upstream)})" if upstream else ""
    policies = "" if rule.policies == Policies() else f"; {shown(rule.policies)}"
    return f"{type(action).__name__.lower()} {shown(action)}{servers}{policies}"


def _settled(old: Decisions, new: Decisions, deed: Hashable, shown_by: Pairs) -> bool:
    """Whether a rule that has moved shares no request with those that it has passed, or one was found."""
    i, j = old.deeds.index(deed), new.deeds.index(deed)
    places = {other: at for at, other in enumerate(new.deeds)}
    passed = [n for n, other in enumerate(old.deeds) if other in places and n != i and (n < i) != (places[other] < j)]
    return all(
        disjoint(old.rules[i].guard, old.rules[n].guard) or (n, j) in shown_by or (i, places[old.deeds[n]]) in shown_by for n in passed
    )


def disjoint(first: Guard, second: Guard) -> bool:
    """Whether no request can meet both guards, as far as that can be told."""
    if not consistent((*first, *second)):
        return True
    return any(_apart(a, b) for a in first for b in second if isinstance(a, Condition) and isinstance(b, Condition))


def _apart(one: Condition, other: Condition) -> bool:
    """Whether two conditions on one text contradict each other: what regexes take is compared where they are simple."""
    if one.subject != other.subject or not one.holds or not other.holds:
        return False
    patterns = [_pattern(condition) for condition in (one, other)]
    try:
        return None not in patterns and both(str(patterns[0]), str(patterns[1])) is None
    except Unjoinable:
        return False


def _pattern(condition: Condition) -> str | None:
    match condition.test:
        case Test.REGEX:
            return condition.text
        case Test.EXACT:
            return quoted(condition.text)
        case Test.PREFIX:
            return f"{quoted(condition.text)}.*"
    return None
