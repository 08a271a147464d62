"""Which requests are made: of all that the goals offer the most varied ones, as far as the budget goes."""

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from converter.derivation.aims import Aim, Derived, Goal, Probe, Role
from converter.model.records import replace
from converter.model.verification import Request

_MOST_REASONS = 5  # of one request
_MOST_LATE = 2_000  # goals that are still asked for requests that others have made, once the budget is spent
_ROUNDS = (
    *((Role.HIT, 1), (Role.MISS, 1), (Role.HIT, 1), (Role.MISS, 1), (Role.ODD, 2), (Role.MISS, 1), (Role.ODD, 4)),
    *((Role.HIT, 2), (Role.MISS, 2), (Role.ODD, 12), (Role.HIT, 20), (Role.MISS, 4)),
)  # requests for each goal, in order


@dataclass(slots=True)
class _Choice:
    """The requests chosen so far, by what goes on the wire, each with its reasons."""

    budget: int
    numbers: dict[Request, int] = field(default_factory=dict)
    reasons: list[dict[str, None]] = field(default_factory=list)

    @property
    def spent(self) -> bool:
        return len(self.numbers) >= self.budget

    def take(self, request: Request, reason: str) -> int | None:
        """The number of a request, new or known; None where the budget does not allow for a new one."""
        bare = replace(request, reasons=(), count=1)
        number = self.numbers.get(bare)
        if number is None:
            if self.spent:
                return None
            number = self.numbers[bare] = len(self.numbers)
            self.reasons.append({})
        if len(self.reasons[number]) < _MOST_REASONS:
            self.reasons[number][reason] = None
        return number


@dataclass(slots=True)
class _Open:
    """A goal whose requests are being made."""

    goal: Goal
    left: dict[Role, Iterator[Probe]]
    hit: list[int] = field(default_factory=list)
    missed: list[int] = field(default_factory=list)
    refused: bool = False

    @classmethod
    def of(cls, goal: Goal) -> "_Open":
        return cls(goal, {Role.HIT: _later(goal.hits), Role.MISS: _later(goal.misses), Role.ODD: _later(goal.oddities)})

    def step(self, role: Role, choice: _Choice) -> None:
        """Makes one more request; those that are chosen already cost nothing."""
        found = self.hit if role is Role.HIT else self.missed
        for probe in itertools.islice(self.left[role], 4):
            number = choice.take(probe.request, _reason(self.goal, role, probe))
            self.refused = self.refused or (number is None and role is Role.HIT)
            if number is None:
                return
            if role is Role.ODD or number in found:
                return
            found.append(number)
            return

    def skip(self) -> None:
        """Leaves out a goal for which the budget has nothing left."""
        self.refused = True

    def aim(self) -> Aim:
        goal = self.goal
        reason = "" if self.hit else "the number of requests that was allowed is spent" if self.refused else goal.reason()
        return Aim(goal.position, goal.kind, goal.text, tuple(self.hit), tuple(self.missed), reason)


def _later(probes: object) -> Iterator[Probe]:
    """Calls for the probes only when the first of them is asked for."""
    assert callable(probes)
    found: Iterable[Probe] = probes()
    yield from found


def _reason(goal: Goal, role: Role, probe: Probe) -> str:
    says = {Role.HIT: probe.note or "taken", Role.MISS: f"just missed: {probe.note}", Role.ODD: probe.note}[role]
    return f"{goal.position} {goal.text if len(goal.text) <= 120 else goal.text[:117] + '...'} ({says})"


def choose(goals: Iterable[Goal], budget: int) -> Derived:
    """The requests for some goals, at most `budget` of them, breadth first."""
    opened = [_Open.of(goal) for goal in goals]
    choice = _Choice(max(budget, 0))
    turns = list(_in_turn(opened))
    for number, (role, times) in enumerate(_ROUNDS):
        for _ in range(times if number == 0 or not choice.spent else 0):
            late = _MOST_LATE
            for one in turns:
                late -= choice.spent
                one.step(role, choice) if late > 0 else one.skip()
    requests = tuple(replace(request, reasons=tuple(choice.reasons[number])) for request, number in choice.numbers.items())
    return Derived(requests, tuple(one.aim() for one in opened))


def _in_turn(opened: list[_Open]) -> Iterator[_Open]:
    """One goal of each group, then the next of each."""
    groups: dict[tuple[int, str], list[_Open]] = {}
    for one in opened:
        groups.setdefault(one.goal.group, []).append(one)
    for row in itertools.zip_longest(*groups.values()):
        yield from (one for one in row if one is not None)
