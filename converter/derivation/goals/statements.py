"""The statements of request programs: `if`, `return`, `rewrite`, `set`, where they stand and within conditions."""

import itertools
from collections.abc import Callable, Iterable, Iterator
from functools import partial

from converter.derivation.aims import NOWHERE, Goal, Probe
from converter.derivation.reaching import bases, reached, to_statement, unreachable
from converter.derivation.sites import Http
from converter.derivation.solving import Solver
from converter.derivation.wire import Edit, Edits, edited
from converter.derivation.witnesses import strangers, witnesses
from converter.interpreter.patterns import Regex
from converter.interpreter.places import Place
from converter.interpreter.reading import decoded
from converter.interpreter.sites import Site
from converter.interpreter.walk import parsed_condition, trace
from converter.model.places import Position
from converter.syntax.tree import Directive

_AIMED_AT = ("return", "rewrite", "if")
Ways = Callable[[], Iterable[Edits]]


def goals(http: Http, site: Site) -> Iterator[Goal]:
    """The aims of a server's statements."""
    solver = Solver(http, site)
    for place in (None, *site.every()):
        scope = place.scope if place is not None else site.scope
        for directive in scope.directives:
            if directive.name not in _AIMED_AT:
                continue
            yield _goal(http, site, place, directive, partial(_own, solver, directive), partial(_opposite, solver, directive))
            for inner in directive.block or () if directive.name == "if" else ():
                if inner.name in ("return", "rewrite"):
                    yield _goal(http, site, place, inner, partial(_both, solver, directive, inner), partial(_opposite, solver, inner))


def _goal(http: Http, site: Site, place: Place | None, directive: Directive, ways: Ways, others: Ways) -> Goal:
    return Goal(
        directive.position,
        directive.name,
        f"{directive.name} {' '.join(directive.args)}",
        (site.number, directive.name),
        lambda: _hits(http, site, place, directive.position, ways),
        lambda: _misses(http, site, place, directive.position, others),
        reason=lambda: _reason(http, site, place, directive),
    )


def _own(solver: Solver, directive: Directive) -> Iterator[Edits]:
    match directive.name:
        case "if":
            yield ()
            yield from solver.condition(directive)
        case "rewrite" if directive.args:
            yield ()
            yield from ((Edit("path", path),) for path in witnesses(Regex(directive.args[0], ignore_case=False), "/"))
        case _:
            yield ()


def _both(solver: Solver, around: Directive, directive: Directive) -> Iterator[Edits]:
    """What an `if` asks for together with what stands in it."""
    for outer in itertools.islice(itertools.chain([()], solver.condition(around)), 8):
        yield from (outer + inner for inner in itertools.islice(_own(solver, directive), 6))


def _opposite(solver: Solver, directive: Directive) -> Iterator[Edits]:
    """What a statement does not take, though nearly."""
    if directive.name == "if":
        yield from solver.condition(directive, negated=True)
    elif directive.name == "rewrite" and directive.args:
        regex = Regex(directive.args[0], ignore_case=False)
        for found in witnesses(regex, "/")[:1]:
            yield from ((Edit("path", path),) for path, _ in strangers(regex, found))
    yield ()


def _hits(http: Http, site: Site, place: Place | None, at: Position, ways: Ways) -> Iterator[Probe]:
    return (Probe(request, "taken") for request, _ in itertools.islice(to_statement(http, site, place, at, ways()), 4))


def _misses(http: Http, site: Site, place: Place | None, at: Position, others: Ways) -> Iterator[Probe]:
    """Requests that get to the level, and there not to the statement."""
    key = (site.number, at)
    starts = list(itertools.islice(bases(http, site, place), 4))
    for edits in itertools.islice(others(), 8):
        for start in starts:
            request = edited(start, edits)
            found = trace(http, request) if request is not None else None
            if request is not None and found is not None and key in found.asked and key not in found.seen:
                yield Probe(request, _note(edits))
                break


def _note(edits: Edits) -> str:
    """What was changed, for people."""
    if not edits:
        return "condition not met"
    first = edits[0]
    shown = first.value if len(first.value) < 40 else f"{first.value[:37]}..."
    return f"{first.part}{' ' + first.name if first.name else ''} {shown!r}" if first.value else f"no {first.part} {first.name}".rstrip()


def _reason(http: Http, site: Site, place: Place | None, directive: Directive) -> str:
    """Why nothing was found that takes a statement."""
    if not http.plain(site):
        return unreachable(site)
    start = reached(http, site, place)
    if start is None:
        return "no request was found that gets to its location"
    parsed = parsed_condition(directive) if directive.name == "if" else None
    if parsed is not None and parsed.operator.startswith("-"):
        return "it asks for a file, and there are none"
    if unknown := sorted(trace(http, start).unknown):
        return f"it may depend on ${unknown[0]}, which a request cannot set"
    if directive.name == "rewrite" and (problem := Regex(directive.args[0], ignore_case=False).problem):
        return f"no path was found that its regex matches ({problem})"
    return NOWHERE if decoded(start.target) else "nginx refuses the path"
