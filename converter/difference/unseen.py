"""Rules that differ although no request was found that shows it: what is left is told, too, unless it is sure to have no effect."""

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass

from converter.difference.asking import Altered
from converter.difference.disjoint import disjoint
from converter.difference.facets import shown
from converter.difference.lists import Decisions
from converter.model.changes import Changed
from converter.model.guards import PATH, Condition, Guard
from converter.model.rules import Policies, Proxy, Rule

_NOTHING = "nothing"
Pair = tuple[int, int]
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
    one_rule = _changed_rules(old, new, found, seen)
    told = [pair for pair in one_rule if pair[0] in seen[0] or pair[1] in seen[1]]  # one request shows both
    before = [n for n in found.old if n not in seen[0] | {i for i, _ in told} and old.deeds[n] not in harmless]
    after = [n for n in found.new if n not in seen[1] | {j for _, j in told} and new.deeds[n] not in harmless]
    stayed = {n for n in before if old.deeds[n] not in moved}, {n for n in after if new.deeds[n] not in moved}
    paired = [(i, j) for i, j in dict.fromkeys((*one_rule, *found.pairs)) if i in stayed[0] and j in stayed[1]]
    for i, j in paired:
        yield Unseen(old.rules[i], new.rules[j], tuple(_differing(old, i, new, j)))
    taken = ({i for i, _ in paired}, {j for _, j in paired})
    for deed in dict.fromkeys(old.deeds[n] for n in before if old.deeds[n] in moved):
        i, j = old.deeds.index(deed), new.deeds.index(deed)
        yield Unseen(old.rules[i], new.rules[j], (Changed("place in the order", f"rule {i + 1}", f"rule {j + 1}"),))
    for i in sorted(stayed[0] - taken[0]):
        yield Unseen(old.rules[i], None, (Changed("rule", _whole(old, i), _NOTHING),))
    for j in sorted(stayed[1] - taken[1]):
        yield Unseen(None, new.rules[j], (Changed("rule", _NOTHING, _whole(new, j)),))


def _changed_rules(old: Decisions, new: Decisions, found: Altered, seen: tuple[set[int | None], set[int | None]]) -> Iterable[Pair]:
    """Rules of both lists that are one rule, changed: each is taken once, those that requests were found for first."""
    left: dict[Hashable, list[int]] = {}
    for i in sorted(found.old, key=lambda n: n not in seen[0]):
        left.setdefault(_likeness(old, i), []).append(i)
    pairs = []
    for j in sorted(found.new, key=lambda n: n not in seen[1]):
        if mates := left.get(_likeness(new, j)):
            own = set(new.rules[j].guard)
            pairs.append((mate := max(mates, key=lambda i: (len(own & set(old.rules[i].guard)), -i)), j))
            mates.remove(mate)
    return sorted(pairs)


def _likeness(side: Decisions, number: int) -> Hashable:
    """What a rule that has changed is known by: what it does, and its conditions on the path."""
    rule = side.rules[number]
    return side.deed(rule), frozenset(c for c in rule.guard if isinstance(c, Condition) and c.subject == PATH)


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
