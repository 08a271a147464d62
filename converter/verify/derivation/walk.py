"""One request on its way through nginx, with all that it meets: what tells whether a request that was made for an aim gets there.

It knows nothing of the symbolic evaluation, which may be wrong where this is right. Sources: ngx_http_rewrite_module,
ngx_http_access_module, ngx_http_try_files_module, and the phases in nginx's src/http/ngx_http_core_module.c.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from converter.model.verification import Request
from converter.nginx.conditions import Comparison, comparison
from converter.nginx.scope import Scope
from converter.nginx.state import CannotFollow
from converter.syntax.tree import Directive
from converter.verify.derivation.patterns import Regex
from converter.verify.derivation.phases import End, content, error_line, last_resort
from converter.verify.derivation.places import Place
from converter.verify.derivation.sites import STATEMENTS, Http, Site
from converter.verify.derivation.situation import Key, Situation, enter
from converter.verify.derivation.wire import number

_MOST_STEPS = 3_000
_MOST_SEARCHES = 10
_ABSOLUTE = ("http://", "https://", "$scheme")


@dataclass(frozen=True, slots=True)
class Trace:
    """What a request met. place: the location that answers; seen, asked, unknown: as in Situation."""

    site: Site | None
    place: Place | None
    seen: frozenset[Key]
    asked: frozenset[Key]
    unknown: frozenset[str]


def trace(http: Http, request: Request) -> Trace:
    """Follows a request through one http level."""
    situation = enter(http, request)
    if situation is None:
        return Trace(None, None, frozenset(), frozenset(), frozenset())
    site = situation.site
    end = _program(situation, site.scope)
    place = _locations(situation, None) if end.kind != "answer" else None
    if end.kind == "answer":
        _error_page(situation, end)
    return Trace(site, place, frozenset(situation.seen), frozenset(situation.asked), frozenset(situation.unknown))


def _locations(situation: Situation, named: Place | None, errors: bool = True) -> Place | None:
    """The search for a location, as often as rewrites and try_files begin it again."""
    for _ in range(_MOST_SEARCHES):
        found = situation.site.level.find(situation.path) if named is None else None
        place = named if found is None else found.place
        if found is not None and found.slash:
            return place
        _saw_place(situation, place)
        scope = place.scope if place is not None else situation.site.scope
        end = _program(situation, scope) if place is not None else End("content", scope)
        if end.kind == "search":
            named = None
            continue
        if end.kind == "content":
            end = content(situation, end.scope)
        if end.kind == "content" and (line := last_resort(scope)) is not None:
            situation.saw(line.position)
            again, named = _target(situation, line.args[-1])
            if again and _enters_again(situation, named):
                continue
        return (_error_page(situation, end) if errors else None) or place
    return None


def _saw_place(situation: Situation, place: Place | None) -> None:
    while place is not None:
        situation.saw(place.position)
        place = place.parent if place.kind == "regex" and place.parent is not None and place.parent.kind == "regex" else None


def _program(situation: Situation, scope: Scope) -> End:
    """Runs a level's statements."""
    path, situation.level = situation.path, scope
    found = _run(situation, situation.http.statements(scope), scope)
    if found is not None and found.kind != "on":
        return found
    return End("search" if situation.path != path else "content", found.scope if found else scope)


def _run(situation: Situation, statements: Iterable[Directive], scope: Scope) -> End | None:
    """Statements in order; None where they come to their end. `on`: the same, within an `if` whose level counts from there."""
    level = scope
    for directive in statements:
        situation.steps += 1
        if situation.steps > _MOST_STEPS:
            return End("answer", level, 500)
        end = _statement(situation, directive, level)
        if end is None:
            continue
        if end.kind != "on":
            return end
        level = end.scope
    return None if level is scope else End("on", level)


def _statement(situation: Situation, directive: Directive, scope: Scope) -> End | None:
    match directive.name:
        case "set" if len(directive.args) == 2:
            situation.values[directive.args[0].removeprefix("$")] = situation.text(directive.args[1])
            situation.saw(directive.position)
        case "break":
            situation.saw(directive.position)
            return End("content", scope)
        case "return" if directive.args:
            situation.saw(directive.position)
            situation.text(" ".join(directive.args))
            return End("answer", scope, number(directive.args[0]) or 302)
        case "if":
            return _if(situation, directive, scope)
        case "rewrite" if len(directive.args) > 1:
            return _rewrite(situation, directive, scope)
    return None


def _if(situation: Situation, directive: Directive, scope: Scope) -> End | None:
    if not _holds(situation, directive):
        situation.asked.add((situation.site.number, directive.position))
        return None
    situation.saw(directive.position)
    inside = Scope.open("if", directive, directive.block or (), scope)
    end = _run(situation, inside.own(*STATEMENTS), inside)
    if scope.kind == "server":
        return None if end is None or end.kind == "on" else replace(end, scope=scope)
    return End("on", inside) if end is None else end


def parsed_condition(directive: Directive) -> Comparison | None:
    """The condition of an `if`; None where it is none that nginx knows."""
    try:
        return comparison(directive)
    except CannotFollow:
        return None


def _holds(situation: Situation, directive: Directive) -> bool:
    parsed = parsed_condition(directive)
    if parsed is None:
        return False
    if parsed.operator.lstrip("!").startswith("-"):
        return parsed.operator.startswith("!")  # files are taken not to exist
    value = situation.text(parsed.subject)
    if parsed.operator == "":
        return value not in ("", "0")
    if parsed.operator in ("=", "!="):
        return (value == situation.text(parsed.operand)) == (parsed.operator == "=")
    return _matches(situation, Regex(parsed.operand, parsed.operator.endswith("*")), value) != parsed.operator.startswith("!")


def _matches(situation: Situation, regex: Regex, value: str) -> bool:
    found = regex.search(value)
    if found is None:
        return False
    situation.captures = found
    situation.values.update({name: found[number - 1] or "" for name, number in regex.names.items() if number <= len(found)})
    return True


def _rewrite(situation: Situation, directive: Directive, scope: Scope) -> End | None:
    if not _matches(situation, Regex(directive.args[0], ignore_case=False), situation.path):
        situation.asked.add((situation.site.number, directive.position))
        return None
    situation.saw(directive.position)
    replacement, flag = directive.args[1], directive.args[2] if len(directive.args) > 2 else ""
    if flag in ("redirect", "permanent") or replacement.startswith(_ABSOLUTE):
        situation.text(replacement)
        return End("answer", scope, 302)
    path, mark, args = replacement.partition("?")
    situation.path = situation.text(path)
    new = situation.text(args.removesuffix("?"))
    situation.args = new if mark and (not args or args.endswith("?")) else "&".join(part for part in (new, situation.args) if part)
    return {"last": End("search", scope), "break": End("content", scope)}.get(flag)


def _target(situation: Situation, text: str) -> tuple[bool, Place | None]:
    """Whether a request goes on at a path (which is made the current one) or at a named location, and that location."""
    if text.startswith("@"):
        found = next((place for place in situation.site.every() if place.kind == "named" and place.text == text), None)
        return found is not None, found
    path, mark, args = situation.text(text).partition("?")
    if not path.startswith("/"):
        return False, None
    situation.path, situation.args = path, args if mark else situation.args
    return True, None


def _error_page(situation: Situation, end: End) -> Place | None:
    """Where an error page leads, if the answer is an error that there is one for."""
    line = error_line(end, situation.request)
    if line is None:
        return None
    situation.saw(line.position)
    again, named = _target(situation, line.args[-1])
    return _locations(situation, named, errors=False) if again and _enters_again(situation, named) else None


def _enters_again(situation: Situation, named: Place | None) -> bool:
    """Whether an internal redirect gets past the server's program, which is run once more unless it leads to a named location."""
    return named is not None or _program(situation, situation.site.scope).kind != "answer"
