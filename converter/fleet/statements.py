"""What the machines of a site say otherwise, directive by directive."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from converter.conversion import Understood
from converter.fleet.glance import used
from converter.model import mappings
from converter.model.applications import Application
from converter.model.fleet import Statement
from converter.model.outcomes import Outcome
from converter.model.places import Position
from converter.syntax.tree import Directive

_NO_ANSWER = (Outcome.PROCESS, Outcome.BUILTIN)
_TABLES = ("map", "geo", "split_clients")


@dataclass(frozen=True, slots=True)
class Said:
    """A directive with the blocks around it, each with its arguments."""

    context: tuple[str, ...]
    directive: str
    args: tuple[str, ...]


def said(understood: Understood, applications: Sequence[Application]) -> list[Said]:
    """All that a configuration says for some of its applications: their servers, the upstreams they use, and what http gives them.

    What no answer depends on (logs, workers) is left out.
    """
    places = _places(understood, applications)
    levels = [top for top in understood.parsed.root if top.name == "http"] if not understood.parsed.context else []
    outermost = [d for level in levels for d in level.block or ()] if levels else list(understood.parsed.root)
    own = [d for d in outermost if d.position in places]
    inside = [statement for directive in own for statement in _walk(directive, ())]
    return inside + [statement for directive in outermost for statement in _around(directive, inside)]


def _places(understood: Understood, applications: Sequence[Application]) -> set[Position]:
    keys = {key for application in applications for key in used(application)}
    servers = {host.origin for application in applications for host in application.virtual_hosts if host.origin}
    rules = (rule for application in applications for host in application.virtual_hosts for rule in host.rules)
    behind = {origin for upstream in understood.built.upstreams if upstream.key in keys for origin in upstream.origins}
    return servers | behind | {origin for rule in rules for origin in rule.origins}


def _around(directive: Directive, inside: list[Said]) -> Iterator[Said]:
    """A directive of the http level, where the site may depend on it: a simple one, or a table that it asks."""
    if directive.block is None and directive.name != "include":
        yield from _walk(directive, ())
    elif directive.name in _TABLES and directive.args:
        name = directive.args[-1].lstrip("$")
        if any(f"${name}" in text or f"${{{name}}}" in text for statement in inside for text in statement.args):
            yield from _walk(directive, ())


def _walk(directive: Directive, context: tuple[str, ...]) -> Iterator[Said]:
    if directive.name == "include" or _answers_nothing(directive, context):
        return
    yield Said(context, directive.name, directive.args)
    head = str(directive) if directive.name not in ("server", "http") else directive.name
    for inner in directive.block or ():
        yield from _walk(inner, (*context, head))


def _answers_nothing(directive: Directive, context: tuple[str, ...]) -> bool:
    names = ("http", *(text.partition(" ")[0] for text in context))
    return mappings.verdict(directive.name, directive.args, names)[0] in _NO_ANSWER


def differences(variants: Sequence[Sequence[Said]]) -> tuple[Statement, ...]:
    """What is not the same in all variants, in the order in which it is found; the order itself where that is all that differs."""
    counts = [Counter(statements) for statements in variants]
    common = counts[0].copy()
    for other in counts[1:]:
        common &= other
    places: dict[tuple[tuple[str, ...], str], None] = {}
    ways: list[dict[tuple[tuple[str, ...], str], list[str]]] = []
    for statements, count in zip(variants, counts, strict=True):
        ways.append(_extra(statements, count - common))
        places |= dict.fromkeys(ways[-1])
    found = tuple(Statement(context, name, _ways([way.get((context, name), []) for way in ways])) for context, name in places)
    return found or _order(variants)


def _extra(statements: Sequence[Said], extra: Counter[Said]) -> dict[tuple[tuple[str, ...], str], list[str]]:
    out: dict[tuple[tuple[str, ...], str], list[str]] = {}
    left = extra.copy()
    for statement in reversed(statements):  # of several alike, the last ones are what the others lack
        if left[statement] > 0:
            left[statement] -= 1
            out.setdefault((statement.context, statement.directive), []).insert(0, " ".join((statement.directive, *statement.args)))
    return dict(reversed(out.items()))


def _ways(texts: list[list[str]]) -> tuple[tuple[str, tuple[int, ...]], ...]:
    numbers: dict[str, list[int]] = {}
    for number, lines in enumerate(texts):
        numbers.setdefault("; ".join(lines), []).append(number)
    return tuple((text, tuple(found)) for text, found in numbers.items())


def _order(variants: Sequence[Sequence[Said]]) -> tuple[Statement, ...]:
    for at, statements in enumerate(zip(*variants, strict=True)):
        if len(set(statements)) > 1:
            texts = [[f"{' '.join((s.directive, *s.args))} comes first"] for s in (variant[at] for variant in variants)]
            return (Statement(statements[0].context, "order of directives", _ways(texts)),)
    return ()
