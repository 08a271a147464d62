"""Conditions on `$request_uri`: nginx compares the path as the client wrote it, a gateway what is left when it has resolved that."""

from collections.abc import Iterable

from converter.model.guards import RAW_PATH, Condition, Guard
from converter.model.rules import Answer, Refuse, Rule

REASON = (
    "nginx compares the line as the client wrote it; the gateway has resolved dot segments and needless escapes by then, and takes "
    "/secret/../public or /%70ublic for /public, which is also what the upstream gets"
)


def asks_for_line(guard: Guard) -> bool:
    return any(isinstance(condition, Condition) and condition.subject == RAW_PATH for condition in guard)


def refuses_some(rules: Iterable[Rule]) -> bool:
    """Whether some requests are kept out, so that it matters which ones."""
    return any(_refuses(rule) for rule in rules)


def _refuses(rule: Rule) -> bool:
    if isinstance(rule.action, Answer):
        return rule.action.status in (401, 403) or (400 <= rule.action.status < 500 and asks_for_line(rule.guard))
    return isinstance(rule.action, Refuse)
