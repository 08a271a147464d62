"""A decision list by the paths that its rules are for, so that few of them must be held against a request."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field

from converter.derivation.guards import MOST_TRIED, changed, meeting
from converter.interpreter.guards import holds
from converter.interpreter.subjects import subject
from converter.model.guards import PATH, Condition, Guard, Test
from converter.model.rules import Rule
from converter.model.verification import Request

_MOST_REPAIRS = 5  # changes to get past rules ahead


@dataclass(slots=True)
class RuleList:
    """The rules of a list, in order, with the numbers of those that may take a path."""

    rules: tuple[Rule, ...]
    exact: dict[str, list[int]] = field(default_factory=dict)
    prefixes: dict[str, list[int]] = field(default_factory=dict)
    others: list[int] = field(default_factory=list)

    @classmethod
    def of(cls, rules: tuple[Rule, ...]) -> "RuleList":
        found = cls(rules)
        for number, rule in enumerate(rules):
            path = next(
                (c for c in rule.guard if isinstance(c, Condition) and c.subject == PATH and c.holds and c.test is not Test.REGEX), None
            )
            if path is None or path.test is Test.PRESENT:
                found.others.append(number)
            else:
                (found.exact if path.test is Test.EXACT else found.prefixes).setdefault(path.text, []).append(number)
        return found

    def numbers(self, path: str, before: int) -> Iterator[int]:
        """Numbers of rules ahead of one that may take a path."""
        rows = [
            self.exact.get(path, []),
            *(self.prefixes[path[:n]] for n in range(len(path) + 1) if path[:n] in self.prefixes),
            self.others,
        ]
        return itertools.chain.from_iterable(itertools.takewhile(lambda number: number < before, row) for row in rows)

    def decides(self, request: Request) -> tuple[int, bool] | None:
        """The number of the rule that takes a request, and True; the first of which that cannot be told, and False; None without any."""
        for number in sorted(self.numbers(subject(PATH, request) or "/", len(self.rules))):
            verdict = holds(self.rules[number].guard, request)
            if verdict is not False:
                return number, verdict is True
        return None

    def hits(self, bases: list[Request], at: int) -> Iterator[Request]:
        """Requests that a rule takes, made of plain ones: none before it does."""
        yield from self.meeting(bases, self.rules[at].guard, at)

    def meeting(self, bases: list[Request], guard: Guard, before: int) -> Iterator[Request]:
        """Requests that meet a guard, and that no rule ahead of a number takes."""
        for request in itertools.islice(meeting(bases, guard), MOST_TRIED):
            if (found := self._freed(request, guard, before)) is not None:
                yield found

    def _freed(self, request: Request, guard: Guard, before: int) -> Request | None:
        """A request, changed so far that no rule ahead takes it, and that still meets the guard; None where that fails."""
        for _ in range(_MOST_REPAIRS):
            if not holds(guard, request):
                return None
            ahead = self.numbers(request.target.partition("?")[0], before)
            taker = next((self.rules[n].guard for n in ahead if holds(self.rules[n].guard, request)), None)
            if taker is None:
                return request
            own = set(guard)
            others = (r for c in taker if c not in own for r in changed(request, c.negated()))
            following = next((r for r in others if holds(guard, r) and holds(taker, r) is False), None)
            if following is None:
                return None
            request = following
        return None
