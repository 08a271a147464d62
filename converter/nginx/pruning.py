"""Which rules of a decision list can never be reached."""

from collections.abc import Iterable, Iterator

import re2

from converter.model.guards import PATH, Condition, FromNetworks, Guard, Test
from converter.model.rules import Rule
from converter.model.values import Source

_EVERY_PATH = Condition(PATH, Test.PREFIX, "/")


def consistent(guard: Guard) -> bool:
    """False where no request can meet all conditions."""
    conditions = [c for c in guard if isinstance(c, Condition)]
    for subject in {c.subject for c in conditions}:
        about = [c for c in conditions if c.subject == subject]
        exact = {c.text for c in about if c.test is Test.EXACT and c.holds}
        if len(exact) > 1 or (exact and not all(_meets(next(iter(exact)), c) for c in about)):
            return False
        if not _prefixes_agree([c for c in about if c.test is Test.PREFIX]):
            return False
        if any(c.negated() in about for c in about):
            return False
    return True


def _meets(text: str, condition: Condition) -> bool:
    match condition.test:
        case Test.EXACT:
            found = text == condition.text
        case Test.PREFIX:
            found = text.startswith(condition.text)
        case Test.PRESENT:
            found = text != ""
        case Test.REGEX:
            found = condition.subject.source is Source.COOKIE or re2.fullmatch(condition.text, text) is not None
    return found == condition.holds


def _prefixes_agree(conditions: list[Condition]) -> bool:
    held = [c.text for c in conditions if c.holds]
    longest = max(held, key=len, default="")
    return all(longest.startswith(text) for text in held) and not any(not c.holds and longest.startswith(c.text) for c in conditions)


def simplified(guard: Guard) -> Guard:
    """The guard without conditions that others imply: shorter prefixes, a prefix of an exact text, repetitions."""
    prefixes = [c.text for c in guard if isinstance(c, Condition) and c.subject == PATH and c.test is Test.PREFIX and c.holds]
    exact = [c.text for c in guard if isinstance(c, Condition) and c.subject == PATH and c.test is Test.EXACT and c.holds]
    out: dict[Condition | FromNetworks, None] = {}
    for condition in guard:
        if isinstance(condition, Condition) and condition.subject == PATH and condition.test is Test.PREFIX and condition.holds:
            if exact or condition.text != max(prefixes, key=len) or (condition == _EVERY_PATH and len(guard) > 1):
                continue
        if isinstance(condition, Condition) and condition.subject == PATH and exact and condition.test is not Test.EXACT:
            continue
        out[condition] = None
    return tuple(out)


def first_matches(rules: Iterable[Rule]) -> Iterator[Rule]:
    """Leaves out rules behind another one whose conditions they all meet, and those behind a rule without conditions."""
    seen: set[frozenset[Condition | FromNetworks]] = set()
    sizes: set[int] = set()
    for rule in rules:
        conditions = frozenset(rule.guard) - {_EVERY_PATH}
        if conditions in seen or _covered(conditions, seen, sizes):
            continue
        seen.add(conditions)
        sizes.add(len(conditions))
        yield rule
        if not conditions:
            return


def _covered(conditions: frozenset[Condition | FromNetworks], seen: set[frozenset[Condition | FromNetworks]], sizes: set[int]) -> bool:
    """Whether dropping one or two conditions gives an earlier rule: its requests are all taken."""
    if any(frozenset({c}) in seen for c in conditions):
        return True
    if len(conditions) < 3 or max(sizes, default=0) < 2:
        return False
    return any(earlier < conditions for earlier in seen if 1 < len(earlier) < len(conditions))
