"""The bound on the rules of a server, and what is said of a server that would need more."""

import itertools
from collections import Counter, deque
from collections.abc import Iterable, Iterator

from converter.model.findings import Finding, Severity
from converter.model.outcomes import Outcome
from converter.model.places import Position
from converter.model.rules import Rule
from converter.nginx.maps import Choices
from converter.nginx.pruning import consistent, first_matches
from converter.nginx.redirect_lists import Gathered
from converter.nginx.scope import Scope
from converter.nginx.telling import Telling
from converter.nginx.variables import names
from converter.syntax.tree import Directive

MAX_RULES = 2000
MAX_LINES = 30_000  # of redirect lists: about what an object of Kubernetes can hold
_SPLITS = ("if", "rewrite", "limit_except")
_LOGS = ("access_log", "log_format", "error_log")
_NAMED = 3  # directives in a finding


class TooManyRules(Exception):
    """A server would need more rules than the bound. shares: how many of the rules followed until then each place decided on."""

    def __init__(self, rules: Iterable[Rule] = (), bound: str = f"{MAX_RULES:,} rules") -> None:
        super().__init__(f"the server would need more than {bound}")
        self.shares = Counter(origin for rule in rules for origin in rule.origins)


def reachable(rules: Iterator[Rule]) -> list[Rule]:
    """The rules that some request reaches, in order; long redirect lists as one rule each where they would be too many otherwise.

    Raises TooManyRules as soon as they are too many. Rules behind one that takes every request are followed, too, for what is said on the
    way.
    """
    gathered = Gathered()
    followed: list[Rule] = []
    rules = _counted(rules, followed, gathered)
    kept = first_matches(rule for rule in rules if consistent(rule.guard))
    out = list(itertools.islice(kept, MAX_RULES))
    if (more := next(kept, None)) is not None:
        for rule in itertools.chain(out, (more,), kept):
            gathered.add(rule)
            if len(gathered) > MAX_RULES:
                raise TooManyRules(followed)
        out = gathered.finished()
    deque(rules, maxlen=0)
    return out


def _counted(rules: Iterator[Rule], followed: list[Rule], gathered: Gathered) -> Iterator[Rule]:
    for rule in rules:
        followed.append(rule)
        if gathered.lines > MAX_LINES:
            raise TooManyRules(followed, f"{MAX_LINES:,} lines of redirect lists")
        if len(followed) >= MAX_RULES * 4 + gathered.lines:
            raise TooManyRules(followed)
        yield rule


def lost(server: Scope, choices: Choices, problem: TooManyRules, telling: Telling) -> Finding:
    """Tells of a server that is closed what is lost with it: whatever was taken on the way, and the maps that it reads, line by line."""
    short = str(problem)
    for position in list(telling.said):
        telling.ledger.record(position, Outcome.UNSUPPORTED, f"the route is closed: {short}")
    read = list(_read(server, choices))
    for directive in (inner for each in read for inner in each.walk()):
        telling.say(directive, Outcome.UNSUPPORTED, f"the route is closed: {short}")
    block = server.block
    reason, advice = _cause([*read, *(block.walk() if block else ())], problem.shares)
    telling.close(block, short)
    return Finding("NGX052", Severity.ERROR, f"{short}{reason}", block.position if block else None, advice)


def _read(server: Scope, choices: Choices) -> Iterator[Directive]:
    """The maps and the like that a server reads, be it through others."""
    above = server.parent.directives if server.parent else ()
    inside = server.block.walk() if server.block else server.directives
    todo = [text for d in (*(d for d in above if not d.block), *inside) if d.name not in _LOGS for text in d.args]
    seen: set[str] = set()
    while todo:
        for name in names(todo.pop()) - seen:
            seen.add(name)
            if found := choices.maps.get(name):
                yield found.directive
                todo += [*found.directive.args[:-1], *(text for line in found.directive.block or () for text in line.args)]


def _cause(candidates: list[Directive], shares: Counter[Position]) -> tuple[str, str]:
    """The directives that the rules come from, in words, and what to do about them: those that decide on every fourth rule or more."""
    splitting = [d for d in candidates if shares[d.position] and (d.name in _SPLITS or _lines(d))]
    most = max((shares[d.position] for d in splitting), default=0)
    found = sorted((d for d in splitting if shares[d.position] * 4 >= most), key=lambda d: (-shares[d.position], d.position))
    if not found:
        return ": it has too many locations", "split the server by name"
    if long := [d for d in found if _lines(d) >= MAX_RULES]:
        return f": one for each line of {_word(long[0])}", "shorten the list, for example by regexes, or let an application answer for it"
    named = ", ".join(map(_word, found[:_NAMED])) + (f", and {len(found) - _NAMED} more" if len(found) > _NAMED else "")
    return f": what multiplies is {named}", "split the server by name, or take conditions out"


def _lines(directive: Directive) -> int:
    return len(directive.block or ()) if directive.name not in (*_SPLITS, "location", "server") else 0


def _word(directive: Directive) -> str:
    lines = f", {_lines(directive):,} lines" if _lines(directive) else ""
    return f"{directive.name} {' '.join(directive.args)} ({directive.position}{lines})"
