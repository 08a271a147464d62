"""The request program (set, if, break, return, rewrite), followed for all requests at once.

Source: ngx_http_rewrite_module; each way through the program is yielded in the order in which a decision list must ask for it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import ClassVar

from converter.model.guards import PATH, Condition, Test
from converter.model.outcomes import Outcome
from converter.model.values import Source, Template, Variable
from converter.nginx import real_ip
from converter.nginx.conditions import Verdict, comparison, equal, is_file_test, matches, true, ways
from converter.nginx.maps import Choices, expand
from converter.nginx.rewriting import rewritten
from converter.nginx.scope import Scope
from converter.nginx.state import CannotFollow, NoCounterpart, State
from converter.nginx.telling import Telling
from converter.syntax.tree import Directive

STATEMENTS = ("set", "if", "break", "return", "rewrite")


@dataclass(frozen=True, slots=True)
class End:
    """How one way through a level's program ends.

    kind:   `return` (directive says what), `redirect` (a rewrite that answers), `search` (the location is looked for again), `content`.
    scope:  the level whose settings count: the location's, or that of the last `if` that matched.
    """

    kind: str
    state: State
    scope: Scope
    directive: Directive | None = None
    problem: CannotFollow | None = None


@dataclass(frozen=True, slots=True)
class Program:
    """Runs the statements of one level. maps: variables defined by map and the like."""

    maps: Choices
    telling: Telling

    def run(self, scope: Scope, state: State) -> Iterator[End]:
        yield from self._run(tuple((d, scope) for d in scope.directives if d.name in STATEMENTS), state, scope, False)

    def _run(self, todo: tuple[tuple[Directive, Scope], ...], state: State, scope: Scope, moved: bool) -> Iterator[End]:
        while todo:
            (directive, place), todo = todo[0], todo[1:]
            try:
                steps = self._STEPS[directive.name](self, directive, place, state, scope, todo, moved)
                if isinstance(steps, _Onward):
                    state, moved = steps.state, steps.moved
                    continue
                yield from steps
            except CannotFollow as problem:
                yield self._stop(problem, directive, state, scope)
            return
        yield End("search" if moved else "content", state, scope)

    def _stop(self, problem: CannotFollow, directive: Directive, state: State, scope: Scope) -> End:
        stopped = CannotFollow(problem.directive or directive, problem.reason)
        self.telling.say(stopped.directive or directive, Outcome.UNSUPPORTED, stopped.reason)
        return End("closed", state, scope, directive, stopped)

    def _set(self, directive: Directive, place: Scope, state: State, scope: Scope, todo: "_Todo", moved: bool) -> "_Steps":
        name = directive.args[0].removeprefix("$")
        self.telling.say(directive, Outcome.EXACT)
        branches = list(expand(self.maps, state, directive.args[1]))
        try:
            states = [replace(s, values={**s.values, name: s.value(directive.args[1])}) for s in branches]
        except NoCounterpart as problem:
            self.telling.say(directive, Outcome.UNSUPPORTED, str(problem))
            states = [replace(state, values={**state.values, name: Template.of(Variable(Source.UNKNOWN, problem.name))})]
        if len(states) == 1:
            return _Onward(states[0], moved)
        return (end for s in states for end in self._run(todo, s, scope, moved))

    def _break(self, directive: Directive, place: Scope, state: State, scope: Scope, todo: "_Todo", moved: bool) -> "_Steps":
        self.telling.say(directive, Outcome.EXACT)
        return iter([End("content", replace(state, path=replace(state.path, broke=moved or state.path.broke)), scope)])

    def _return(self, directive: Directive, place: Scope, state: State, scope: Scope, todo: "_Todo", moved: bool) -> "_Steps":
        return (End("return", s, scope, directive) for s in expand(self.maps, state, *directive.args))

    def _if(self, directive: Directive, place: Scope, state: State, scope: Scope, todo: "_Todo", moved: bool) -> Iterator[End]:
        parsed = comparison(directive)
        outcome = (Outcome.APPROXIMATE, "files on the host are taken not to exist") if is_file_test(parsed) else (Outcome.EXACT, "")
        self.telling.say(directive, *outcome)
        inside = Scope.open("if", directive, directive.block or (), place)
        body = tuple((d, inside) for d in inside.directives if d.name in STATEMENTS)
        kept = inside if place.kind != "server" else scope
        if parsed.subject.strip("${}") == "http_x_forwarded_proto" and "http_x_forwarded_proto" not in state.constants:
            self.telling.ask(
                "gateway.trusted_proxies",
                "How many trusted proxies stand before the gateway? A condition asks for their X-Forwarded-Proto.",
            )
            self.telling.say(
                directive, Outcome.DECISION, "the gateway believes X-Forwarded-Proto of trusted proxies only: set gateway.trusted_proxies"
            )
        if parsed.subject.strip("${}") == "remote_addr" and real_ip.proxies(place) is not None:
            raise CannotFollow(directive, "the client's address is what a trusted proxy says")
        for known in expand(self.maps, state, parsed.subject):
            try:
                taken, verdict = _judge(parsed.operator, parsed.operand, known, parsed.subject)
            except CannotFollow as problem:
                yield self._stop(problem, directive, known, scope)
                continue
            if taken is not False:
                for entered in _entered(known, verdict, parsed.operator.startswith("!")):
                    yield from self._run(body + todo, entered.by(directive), kept, moved)
            if taken is not True:
                yield from self._run(todo, known, scope, moved)

    def _rewrite(self, directive: Directive, place: Scope, state: State, scope: Scope, todo: "_Todo", moved: bool) -> Iterator[End]:
        regex, replacement, *flag = directive.args
        for known in expand(self.maps, state, replacement):
            verdict = matches(_path(known), regex, ignore_case=False)
            if verdict.decided is not False and _possible(known, verdict):
                for entered in _entered(known, verdict):
                    yield from self._rewrite_taken(directive, entered.by(directive), scope, todo, (flag or [""])[0])
            if verdict.decided is not True:
                yield from self._run(todo, known, scope, moved)

    def _rewrite_taken(self, directive: Directive, state: State, scope: Scope, todo: "_Todo", flag: str) -> Iterator[End]:
        replacement = directive.args[1]
        if flag in ("redirect", "permanent") or replacement.startswith(("http://", "https://", "$scheme")):
            yield End("redirect", state, scope, directive)
            return
        try:
            after = replace(state, path=replace(rewritten(state, replacement), directive=directive), internal=True)
        except (CannotFollow, NoCounterpart) as problem:
            yield self._stop(CannotFollow(directive, str(problem)), directive, state, scope)
            return
        self.telling.say(directive, Outcome.EXACT)
        if flag == "break":
            yield End("content", replace(after, path=replace(after.path, broke=True)), scope)
        elif flag == "last":
            yield End("search", after, scope)
        else:
            yield from self._run(todo, after, scope, True)

    _STEPS: ClassVar = {"set": _set, "break": _break, "return": _return, "if": _if, "rewrite": _rewrite}


_Todo = tuple[tuple[Directive, Scope], ...]


@dataclass(frozen=True, slots=True)
class _Onward:
    """The program goes on with the next statement."""

    state: State
    moved: bool


_Steps = Iterator[End] | _Onward


def _judge(operator: str, operand: str, state: State, subject: str) -> tuple[bool | None, Verdict]:
    """Whether the condition holds (None: the request decides), and what it asks of the request."""
    if operator.endswith(("-f", "-d", "-e", "-x")):
        return operator.startswith("!"), Verdict(None)
    try:
        value = state.value(subject)
    except NoCounterpart as problem:
        raise CannotFollow(None, str(problem)) from None
    if operator in ("=", "!="):
        verdict = equal(value, operand)
    elif operator:
        verdict = matches(value, operand, ignore_case=operator.endswith("*"))
    else:
        verdict = true(value)
    if verdict.decided is None:
        return None, verdict
    return verdict.decided != operator.startswith("!"), verdict


def _entered(state: State, verdict: Verdict, negated: bool = False) -> list[State]:
    """The states where the condition holds: their guards, and the captures of its regex."""
    states = ways(state, verdict, negated) if verdict.decided is None else [state]
    if verdict.pattern is None or negated:
        return states
    return [captured(found, verdict) for found in states]


def captured(state: State, verdict: Verdict) -> State:
    """The captures that a regex leaves: known texts, groups of the path's regex, or unknown."""
    pattern = verdict.pattern
    if pattern is None:
        return state
    if pattern.groups == 0:
        return replace(state, captures=())
    numbers = range(1, pattern.groups + 1)
    if verdict.subject is None:
        found = pattern.search(verdict.text) or ()
        groups = tuple(Template.of(text or "") for text in found)
    elif verdict.subject == PATH:
        groups = tuple(Template.of(Variable(Source.CAPTURE, f"{n} {pattern.full(spelled=True)}")) for n in numbers)
    else:
        groups = tuple(Template.of(Variable(Source.UNKNOWN, str(n))) for n in numbers)
    named = {name: groups[number - 1] for name, number in pattern.names.items()}
    return replace(state, captures=groups, values={**state.values, **named})


def _path(state: State) -> Template:
    """The current path as a value. Raises CannotFollow where a rewritten path is not known in full."""
    if state.current_path is not None:
        return Template.of(state.current_path)
    if state.path.rewritten:
        raise CannotFollow(None, "a path that was already rewritten by a regex is matched again")
    return Template.of(PATH)


def _possible(state: State, verdict: Verdict) -> bool:
    """Whether a regex on the path can match at all beside the prefix conditions of the guard."""
    literal = verdict.pattern.anchored_prefix() if verdict.pattern and verdict.subject == PATH else None
    prefixes = [c.text for c in state.guard if isinstance(c, Condition) and c.subject == PATH and c.test is Test.PREFIX and c.holds]
    return literal is None or all(literal.startswith(p) or p.startswith(literal) for p in prefixes)
