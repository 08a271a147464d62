"""The request program (set, if, break, return, rewrite), followed for all requests at once.

Source: ngx_http_rewrite_module; each way through the program is yielded in the order in which a decision list must ask for it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from msgspec import Struct

from converter.model.outcomes import Outcome
from converter.model.records import replace
from converter.model.values import NO_H2C, Source, Template, Variable
from converter.nginx import real_ip
from converter.nginx.believed import FORWARDED_PROTO, NO_FORWARDED_PROTO
from converter.nginx.captures import after, entered, path_of, possible, quoting
from converter.nginx.conditions import QUERY, Comparison, Verdict, comparison, is_file_test, judged, matches
from converter.nginx.emptied import Emptied, emptied
from converter.nginx.maps import Choices, expand
from converter.nginx.rewriting import rewritten
from converter.nginx.scope import Scope
from converter.nginx.state import CannotFollow, NoCounterpart, State
from converter.nginx.telling import Telling
from converter.syntax.tree import Directive

STATEMENTS = ("set", "if", "break", "return", "rewrite")


class End(Struct, frozen=True):
    """How one way through a level's program ends.

    kind:   `return` (directive says what), `redirect` (a rewrite that answers), `empty` (a rewrite that leaves no path), `search` (the location
            is looked for again), `content`.
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
        if scope.index.keys().isdisjoint(STATEMENTS):
            return iter([End("content", state, scope)])
        return self._run(tuple((d, scope) for d in scope.directives if d.name in STATEMENTS), replace(state, level=scope), scope, False)

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
        self.telling.say(directive, *_NO_COUNTERPART.get(name, (Outcome.EXACT, "")))
        branches = list(expand(self.maps, state, directive.args[1]))
        if name == "args":
            return (end for s in branches for end in self._run(todo, _with_query(s, directive), scope, moved))
        try:
            states = [replace(s, values={**s.values, name: s.with_status(quoting(s).value(directive.args[1]))}) for s in branches]
        except NoCounterpart as problem:
            self.telling.say(directive, Outcome.UNSUPPORTED, str(problem))
            states = [replace(state, values={**state.values, name: Template.of(Variable(Source.UNKNOWN, problem.name))})]
        known = (variable for s in states for variable in s.values[name].variables)
        if _NUMBERED.search(directive.args[1]) and any(variable.source is Source.CAPTURE for variable in known):
            self.telling.say(directive, Outcome.APPROXIMATE, _ESCAPED)
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
        read = parsed.variables
        if FORWARDED_PROTO in read:
            self._forwarded_proto(directive, state)
        if "http_upgrade" in read:
            self.telling.say(directive, Outcome.APPROXIMATE, NO_H2C)
        if "remote_addr" in read and real_ip.proxies(place) is not None:
            raise CannotFollow(directive, "the client's address is what a trusted proxy says")
        negated = parsed.operator.startswith("!")
        for known in expand(self.maps, state, *parsed.texts):
            try:
                taken, verdict = _judge(parsed, known)
            except CannotFollow as problem:
                yield self._stop(problem, directive, known, scope)
                continue
            if taken is not False:
                for taking in entered(known, verdict, negated):
                    yield from self._run(body + todo, taking.by(directive), kept, moved)
            if taken is not True:
                yield from self._run(todo, after(known, verdict, matched=negated), scope, moved)

    def _forwarded_proto(self, directive: Directive, state: State) -> None:
        if FORWARDED_PROTO in state.constants:
            self.telling.say(directive, Outcome.APPROXIMATE, NO_FORWARDED_PROTO)
            return
        question = "How many trusted proxies stand before the gateway? A condition asks for their X-Forwarded-Proto."
        self.telling.ask("gateway.trusted_proxies", question)
        reason = "the gateway believes X-Forwarded-Proto of trusted proxies only: set gateway.trusted_proxies"
        self.telling.say(directive, Outcome.DECISION, reason)

    def _rewrite(self, directive: Directive, place: Scope, state: State, scope: Scope, todo: "_Todo", moved: bool) -> Iterator[End]:
        regex, replacement, *flag = directive.args
        verdict = matches(path_of(state), regex, ignore_case=False)
        if verdict.decided is not False and possible(state, verdict):
            for matched in entered(state, verdict):
                for known in expand(self.maps, matched, replacement):
                    yield from self._rewrite_taken(directive, known.by(directive), scope, todo, (flag or [""])[0])
        if verdict.decided is not True:
            yield from self._run(todo, after(state, verdict, matched=False), scope, moved)

    def _rewrite_taken(self, directive: Directive, state: State, scope: Scope, todo: "_Todo", flag: str) -> Iterator[End]:
        replacement = directive.args[1]
        if flag in ("redirect", "permanent") or replacement.startswith(("http://", "https://", "$scheme")):
            yield End("redirect", state, scope, directive)
            return
        try:
            moved = replace(state, path=replace(rewritten(state, replacement), directive=directive), internal=True)
            nothing = emptied(moved.path)
        except (CannotFollow, NoCounterpart) as problem:
            yield self._stop(CannotFollow(directive, str(problem)), directive, state, scope)
            return
        self.telling.say(directive, Outcome.EXACT)
        if nothing is not None and (there := nothing.within(state, moved.path)) is not None:
            yield self._emptied(nothing, directive, there, scope)
        if moved.path.literal == "":
            yield End("empty", state, scope, directive)
        elif flag == "break":
            yield End("content", replace(moved, path=replace(moved.path, broke=True)), scope)
        elif flag == "last":
            yield End("search", moved, scope)
        else:
            yield from self._run(todo, moved, scope, True)

    def _emptied(self, nothing: Emptied, directive: Directive, state: State, scope: Scope) -> End:
        if nothing.certain:
            return End("empty", state, scope, directive)
        return self._stop(CannotFollow(directive, "for which paths the rewrite leaves nothing cannot be told"), directive, state, scope)

    _STEPS: ClassVar = {"set": _set, "break": _break, "return": _return, "if": _if, "rewrite": _rewrite}


_Todo = tuple[tuple[Directive, Scope], ...]


@dataclass(frozen=True, slots=True)
class _Onward:
    """The program goes on with the next statement."""

    state: State
    moved: bool


_Steps = Iterator[End] | _Onward


_NUMBERED = re.compile(r"\$\{?[1-9]")
_ESCAPED = "nginx escapes a numbered capture that `set` reads where the path holds a plus or %XX; the gateway takes it as it came"
_NO_COUNTERPART = {"limit_rate": (Outcome.UNSUPPORTED, "the gateway does not limit the rate at which an answer is sent")}


def _with_query(state: State, directive: Directive) -> State:
    """`set $args ...`: the query from here on. Raises CannotFollow."""
    try:
        value = state.value(directive.args[1])
    except NoCounterpart as problem:
        raise CannotFollow(directive, str(problem)) from None
    args = None if value in (Template(), Template.of(QUERY)) else value
    keeps = state.path.keep_args and value == Template.of(QUERY)
    return replace(state, path=replace(state.path, args=args, keep_args=keeps, directive=directive)).by(directive)


def _judge(parsed: Comparison, state: State) -> tuple[bool | None, Verdict]:
    """Whether the condition holds (None: the request decides), and what it asks of the request."""
    negated = parsed.operator.startswith("!")
    if is_file_test(parsed):
        return negated, Verdict(None)
    try:
        verdict = judged(parsed, *map(state.value, parsed.texts))
    except NoCounterpart as problem:
        raise CannotFollow(None, str(problem)) from None
    if verdict.decided is None:
        return None, verdict
    return verdict.decided != negated, verdict
