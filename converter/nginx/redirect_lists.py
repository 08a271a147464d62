"""Redirect lists: rules in a row that differ only in a text and in where it leads, as one rule that holds them as a table."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from converter.model.guards import Condition, Guard, Listed, Test, lower, unquoted
from converter.model.places import Position
from converter.model.rules import ListedRedirect, Policies, Redirect, RedirectList, Rule
from converter.model.values import Source, Template, Variable

_SHORTEST = 32  # lines; about as many as one route takes
_LOOKED_UP = (Source.PATH, Source.RAW_PATH, Source.ARGUMENT)


class _Kind(NamedTuple):
    """What the rules of a list have in common. at: where the condition on the text stands among those of the guard."""

    before: Guard
    behind: Guard
    subject: Variable
    status: int
    origin: Template
    keep_query: bool
    appends: bool
    policies: Policies
    notes: tuple[str, ...]


class _Line(NamedTuple):
    kind: _Kind
    text: str
    location: str
    rule: Rule


@dataclass(slots=True)
class Gathered:
    """Rules in order, those of a redirect list together. lines: how many belong to lists by now."""

    rules: list[Rule] = field(default_factory=list)
    open: list[_Line] = field(default_factory=list)
    lines: int = 0

    def add(self, rule: Rule) -> None:
        """Takes the next rule."""
        line = _line(rule)
        if self.open and (line is None or line.kind != self.open[0].kind):
            self._close()
        if line is None:
            self.rules.append(rule)
        else:
            self.open.append(line)
            self.lines += len(self.open) > _SHORTEST

    def __len__(self) -> int:
        """How many rules they make."""
        return len(self.rules) + (1 if len(self.open) >= _SHORTEST else len(self.open))

    def finished(self) -> list[Rule]:
        """The rules, once the last one was added."""
        self._close()
        return self.rules

    def _close(self) -> None:
        self.rules += [_list(self.open)] if len(self.open) >= _SHORTEST else [line.rule for line in self.open]
        self.open = []


def _line(rule: Rule) -> _Line | None:
    """A rule as a line of a list; None where it cannot be one."""
    target = _target(rule.action) if isinstance(rule.action, Redirect) else None
    if target is None or not isinstance(rule.action, Redirect):
        return None
    for at in range(len(rule.guard) - 1, -1, -1):
        condition = rule.guard[at]
        if isinstance(condition, Condition) and (text := _text(condition)) is not None:
            before, behind = rule.guard[:at], rule.guard[at + 1 :]
            more = (rule.action.status, target[0], rule.action.keep_query, rule.action.appends, rule.policies, rule.notes)
            return _Line(_Kind(before, behind, condition.subject, *more), text, target[1], rule)
    return None


def _target(action: Redirect) -> tuple[Template, str] | None:
    """The text of a Location, and what stands before it; None where it is not known in full."""
    if action.location is None:
        rewrite = action.rewrite
        if rewrite is None or rewrite.pattern != ".*" or not rewrite.replacement or "\\" in rewrite.replacement or action.before_slash:
            return None
        return action.origin, rewrite.replacement
    last = action.location.parts[-1] if action.location.parts else None
    return (Template(action.location.parts[:-1]), last) if isinstance(last, str) else None


def _text(condition: Condition) -> str | None:
    """The text that a condition asks for without regard to case, as every line of a map does."""
    if condition.subject.source not in _LOOKED_UP or not condition.holds or not condition.text.isascii():
        return None
    if condition.test is Test.REGEX and condition.text.startswith("(?i)"):
        text = unquoted(condition.text.removeprefix("(?i)"))
        return None if text is None else lower(text)
    return condition.text if condition.test is Test.EXACT and condition.text.lower() == condition.text.upper() else None


def _list(lines: list[_Line]) -> Rule:
    """One rule for the lines of a list; of two for one text the first counts."""
    kind = lines[0].kind
    shared = _shared(line.rule.origins for line in lines)
    by_text: dict[str, ListedRedirect] = {}
    for line in lines:
        own = tuple(origin for origin in line.rule.origins if origin not in shared)
        by_text.setdefault(line.text, ListedRedirect(line.text, line.location, own))
    guard = (*kind.before, Listed(kind.subject, tuple(by_text)), *kind.behind)
    action = RedirectList(kind.status, kind.subject, tuple(by_text.values()), kind.origin, kind.keep_query, kind.appends)
    origins = tuple(origin for origin in lines[0].rule.origins if origin in shared)
    return Rule(guard, action, kind.policies, origins, "redirects", kind.notes)


def _shared(origins: Iterable[tuple[Position, ...]]) -> frozenset[Position]:
    return frozenset.intersection(*map(frozenset, origins))
