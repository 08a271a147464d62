"""For which requests the answer changes: the decision lists of both sides, held against each other host by host."""

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from converter.difference.asking import Altered, altered, meetings, requests
from converter.difference.doors import Behind, Doors, Pair, pairs
from converter.difference.facets import Told, changed, refuses
from converter.difference.listeners import of_listeners
from converter.difference.lists import Decisions, Lists
from converter.difference.unseen import unseen
from converter.interpreter.outcome import Answered, Unknown
from converter.interpreter.rules import carried_out
from converter.interpreter.templates import ordinary
from converter.model.changes import BehaviourChange, Changed, Effect, Turn
from converter.model.rules import Proxy, Rule
from converter.model.verification import CLIENT, Request

_MOST_BASES = 3  # plain requests, one for each socket
_ORDER = {effect: number for number, effect in enumerate(Effect)}


@dataclass(frozen=True, slots=True)
class _Shown:
    """A request that is answered otherwise."""

    request: Request
    old: Told
    new: Told
    changed: tuple[Changed, ...]
    effect: Effect

    @property
    def length(self) -> tuple[bool, int, str]:
        """How much there is to read; requests that are spelled oddly come last."""
        request = self.request
        extra = "".join(f"{name}: {value}" for name, value in request.headers) + ("" if request.client == CLIENT else request.client)
        return not ordinary(request), len(str(request)) + 4 * len(request.headers) + len(extra), f"{request}{extra}"


def behaviour(old: Lists, new: Lists) -> tuple[BehaviourChange, ...]:
    """All changes, the most important first."""
    doors = Doors.of(old.applications), Doors.of(new.applications)
    found = itertools.chain.from_iterable(_of_pair(pair, old, new) for pair in pairs(*doors))
    return tuple(sorted((*found, *of_listeners(*doors)), key=lambda change: (_ORDER[change.effect], change.host)))


def _of_pair(pair: Pair, old: Lists, new: Lists) -> Iterator[BehaviourChange]:
    before, after = (_decisions(side, behind) for side, behind in ((old, pair.old), (new, pair.new)))
    if before is None or after is None:
        yield _appeared(pair, before, after, pair.doors[0][1])
    elif before.deeds != after.deeds:
        comparison = _Comparison(before, after, pair)
        found = list(comparison.changes())
        if pair.turn is Turn.CHANGED:
            yield from found
            return
        shown = sorted((one for group in comparison.shown.values() for one in group), key=lambda one: one.length)
        yield _appeared(pair, before, after, shown[0].request if shown else pair.doors[0][1])
        if pair.turn is Turn.REMOVED:
            yield from (change for change in found if change.effect is Effect.WIDENED)


def _decisions(side: Lists, behind: Behind | None) -> Decisions | None:
    return side.decisions(behind[0]) if behind is not None else None


def _appeared(pair: Pair, before: Decisions | None, after: Decisions | None, request: Request) -> BehaviourChange:
    """A name, or a port, that came or went."""
    was = _told(before, request).phrase(past=True) if before else "was not served"
    now = _told(after, request).phrase(past=False) if after else "is not served"
    removed = pair.turn is Turn.REMOVED
    own = (before if removed else after) or before or after
    assert own is not None
    effect = Effect.REMOVED if removed else Effect.ADDED
    return BehaviourChange(effect, own.host.application, _names(pair), request, was, now, (), _server(before), _server(after))


def _server(decisions: Decisions | None) -> str:
    """A virtual host for people."""
    return f"the server at {decisions.host.origin}" if decisions is not None and decisions.host.origin else ""


def _names(pair: Pair) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name, _ in pair.doors))


def _told(decisions: Decisions, request: Request) -> Told:
    """What a list does with a request."""
    found = decisions.listed.decides(request)
    if found is None:
        return Told(Answered(404), None, None, None, request)
    number, certain = found
    rule = decisions.rules[number]
    upstream = decisions.upstreams.get(rule.action.upstream) if isinstance(rule.action, Proxy) else None
    if not certain:
        return Told(Unknown(f"whether {rule.name or 'a rule'} takes it"), rule, number, upstream, request)
    return Told(carried_out(rule, decisions.upstreams, request), rule, number, upstream, request, decisions.side.others.get(rule.name, ()))


@dataclass(slots=True)
class _Comparison:
    """Two lists for the same names."""

    old: Decisions
    new: Decisions
    pair: Pair
    shown: dict[tuple[int | None, int | None, Effect], list[_Shown]] = field(default_factory=dict)

    def changes(self) -> Iterator[BehaviourChange]:
        found = altered(self.old, self.new)
        bases = self._bases()
        for request in requests(self.old, self.new, found, bases):
            self._ask(request)
        for request in meetings(self.old, self.new, self._open(found), bases):
            self._ask(request)
        merged: dict[tuple[Effect, tuple[Changed, ...]], list[_Shown]] = {}
        for group in self.shown.values():
            for one in _telling(group):
                merged.setdefault((one.effect, one.changed), []).append(one)
        yield from (self._change(alike) for alike in merged.values())
        yield from self._unseen(found)

    def _open(self, found: Altered) -> Altered:
        """The rules that differ for which no request was found yet, and all that refuse: what of them is wider must not be missed."""
        sides = ((found.old, self.old, {key[0] for key in self.shown}), (found.new, self.new, {key[1] for key in self.shown}))
        old, new = (tuple(n for n in numbers if n not in seen or refuses(side.rules[n])) for numbers, side, seen in sides)
        return Altered(old, new, found.pairs)

    def _bases(self) -> list[Request]:
        sockets: dict[tuple[str, int], Request] = {}
        for _, request in self.pair.doors:
            sockets.setdefault((request.scheme, request.port), request)
        return list(sockets.values())[:_MOST_BASES]

    def _ask(self, request: Request) -> None:
        old, new = _told(self.old, request), _told(self.new, request)
        if differing := changed(old, new):
            one = _Shown(request, old, new, differing, _effect(old, new))
            self.shown.setdefault((old.number, new.number, one.effect), []).append(one)

    def _change(self, alike: list[_Shown]) -> BehaviourChange:
        one = min(alike, key=lambda shown: shown.length)
        further = dict.fromkeys(_rule(other.new.rule or other.old.rule) for other in alike if other is not one)
        told = one.old.phrase(past=True), one.new.phrase(past=False)
        rules = _rule(one.old.rule), _rule(one.new.rule)
        return BehaviourChange(
            one.effect, self.new.host.application, _names(self.pair), one.request, *told, one.changed, *rules, tuple(further)
        )

    def _unseen(self, found: Altered) -> Iterator[BehaviourChange]:
        """Rules that differ, and that no request shows."""
        for told in unseen(self.old, self.new, found, {(key[0], key[1]) for key in self.shown}):
            yield BehaviourChange(
                Effect.UNSEEN, self.new.host.application, _names(self.pair), None, "", "", told.changed, _rule(told.old), _rule(told.new)
            )


def _effect(old: Told, new: Told) -> Effect:
    if old.refused and new.let_in:
        return Effect.WIDENED
    if isinstance(old.end, Unknown) or isinstance(new.end, Unknown):
        return Effect.UNKNOWN
    return Effect.REFUSED if new.refused and not old.refused else Effect.CHANGED


def _telling(group: Iterable[_Shown]) -> Iterator[_Shown]:
    """The shortest requests that show all respects in which two rules differ."""
    left = sorted(group, key=lambda shown: (-len(shown.changed), shown.length))
    told: set[str] = set()
    for one in left:
        fields = {change.field for change in one.changed}
        if not fields <= told:
            told |= fields
            yield one


def _rule(rule: Rule | None) -> str:
    """A rule for people: its name, and where it comes from."""
    if rule is None:
        return ""
    places = ", ".join(map(str, dict.fromkeys(map(str, rule.origins))))
    return f"{rule.name.rpartition('.')[2]}{f' ({places})' if places else ''}"
