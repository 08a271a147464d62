"""Whether two rules can take the same request."""

import re

from converter.model.conjunctions import Unjoinable, alternatives, both
from converter.model.guards import Condition, Guard, Test, quoted
from converter.nginx.pruning import consistent


def disjoint(first: Guard, second: Guard) -> bool:
    """Whether no request can meet both guards, as far as that can be told."""
    if not consistent((*first, *second)):
        return True
    return any(_apart(a, b) for a in first for b in second if isinstance(a, Condition) and isinstance(b, Condition))


def _apart(one: Condition, other: Condition) -> bool:
    """Whether two conditions on one text contradict each other: what regexes take is compared where they are simple."""
    if one.subject != other.subject or not one.holds or not other.holds:
        return False
    first, second = _start(one), _start(other)
    if not first.startswith(second) and not second.startswith(first):
        return True
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


def _start(condition: Condition) -> str:
    """The text that all values of a condition begin with, as far as it can be seen at once."""
    if condition.test is not Test.REGEX:
        return condition.text
    if len(alternatives(condition.text)) > 1:
        return ""
    found = re.match(r"(?:[^\\.\[\](){}*+?|^$]|\\[^0-9A-Za-z])*", condition.text)
    literal = re.sub(r"\\(.)", r"\1", found[0]) if found else ""
    return literal[:-1] if found and condition.text[found.end() : found.end() + 1] in ("*", "?", "{") else literal
