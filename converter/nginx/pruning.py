"""Which rules of a decision list can never be reached."""

import itertools
from collections.abc import Iterable, Iterator

import re2

from converter.model.conjunctions import Unjoinable, both
from converter.model.guards import EVERY_PATH, Condition, Criterion, Guard, Test
from converter.model.rules import Rule
from converter.model.values import Source

_NOTHING_ASKED = frozenset([EVERY_PATH])


def consistent(guard: Guard) -> bool:
    """False where no request can meet all conditions."""
    if not guard or (len(guard) == 1 and guard[0].holds):
        return True
    conditions = [c for c in guard if isinstance(c, Condition)]
    for subject in {c.subject for c in conditions}:
        about = [c for c in conditions if c.subject == subject]
        exact = {c.text for c in about if c.test is Test.EXACT and c.holds}
        if len(exact) > 1 or (exact and not all(_meets(next(iter(exact)), c) for c in about)):
            return False
        if not _prefixes_agree([c for c in about if c.test is Test.PREFIX]):
            return False
        if any(c.negated() in about for c in about) or _contradict(about):
            return False
    return True


def _contradict(conditions: list[Condition]) -> bool:
    """Whether two regexes on one header can never hold at once."""
    held = [c.text for c in conditions if c.holds and c.test is Test.REGEX and c.subject.source is Source.REQUEST_HEADER]
    return any(_never(first, second) for first, second in itertools.combinations(held, 2))


def _never(first: str, second: str) -> bool:
    try:
        return both(first, second) is None
    except Unjoinable:
        return False


def _meets(text: str, condition: Condition) -> bool:
    match condition.test:
        case Test.EXACT:
            found = text == condition.text
        case Test.PREFIX:
            found = text.startswith(condition.text)
        case Test.PRESENT:
            found = text != ""
        case Test.SENT:
            found = True
        case Test.REGEX:
            found = condition.subject.source is Source.COOKIE or re2.fullmatch(condition.text, text) is not None
    return found == condition.holds


def _prefixes_agree(conditions: list[Condition]) -> bool:
    held = [c.text for c in conditions if c.holds]
    longest = max(held, key=len, default="")
    return all(longest.startswith(text) for text in held) and not any(not c.holds and longest.startswith(c.text) for c in conditions)


def first_matches(rules: Iterable[Rule]) -> Iterator[Rule]:
    """Leaves out rules behind another one whose conditions they all meet, and those behind a rule without conditions."""
    alone: set[Criterion] = set()
    several: set[frozenset[Criterion]] = set()
    for rule in rules:
        conditions = frozenset(rule.guard) - _NOTHING_ASKED
        if not alone.isdisjoint(conditions) or (len(conditions) != 1 and _covered(conditions, several)):
            continue
        if len(conditions) == 1:
            alone |= conditions
        else:
            several.add(conditions)
        yield rule
        if not conditions:
            return


def _covered(conditions: frozenset[Criterion], earlier: set[frozenset[Criterion]]) -> bool:
    """Whether an earlier rule asks for some of the conditions, or all of them: the requests are all its own."""
    if conditions in earlier:
        return True
    return len(conditions) > 2 and any(found < conditions for found in earlier)
