"""What a regex of `if` or `rewrite` is compared with, and what it leaves of the captures."""

from converter.model.guards import PATH, RAW_PATH, Condition, Test
from converter.model.records import replace
from converter.model.values import Source, Template, Variable
from converter.nginx.conditions import Verdict, ways
from converter.nginx.pcre_tree import Border, Chars, End, walk
from converter.nginx.regex import Untranslatable, parse
from converter.nginx.state import CannotFollow, State


def entered(state: State, verdict: Verdict, negated: bool = False) -> list[State]:
    """The states where the condition holds: their guards, and what its regex leaves of the captures."""
    states = ways(state, verdict, negated) if verdict.decided is None else [state]
    return [after(found, verdict, matched=not negated) for found in states]


def after(state: State, verdict: Verdict, matched: bool) -> State:
    """The captures behind a regex of `if` or `rewrite`: its own where it matched, else none; those with a name stay.

    Source: ngx_http_script_regex_start_code in nginx's src/http/ngx_http_script.c.
    """
    if verdict.pattern is None:
        return state
    return captured(state, verdict) if matched else replace(state, captures=())


def captured(state: State, verdict: Verdict) -> State:
    """The captures that a regex leaves: known texts, groups of the regex of path or request line, or unknown."""
    pattern = verdict.pattern
    if pattern is None:
        return state
    if pattern.groups == 0:
        return replace(state, captures=())
    numbers = range(1, pattern.groups + 1)
    if verdict.subject is None:
        found = pattern.search(verdict.text) or ()
        groups = tuple(Template.of(text or "") for text in found)
    elif verdict.subject == RAW_PATH:
        groups = tuple(Template.of(Variable(Source.RAW_CAPTURE, f"{n} {pattern.full(spelled=False)}")) for n in numbers)
    elif verdict.subject == PATH:
        groups = tuple(Template.of(Variable(Source.CAPTURE, f"{n} {pattern.full(spelled=True)}")) for n in numbers)
    else:
        groups = tuple(Template.of(Variable(Source.UNKNOWN, str(n))) for n in numbers)
    named = {name: groups[number - 1] for name, number in pattern.names.items()}
    return replace(state, captures=groups, values={**state.values, **named})


def path_of(state: State) -> Template:
    """The current path as a value. Raises CannotFollow where a rewritten path is not known in full."""
    if state.current_path is not None:
        return Template.of(state.current_path)
    if state.path.rewritten:
        raise CannotFollow(None, "a path that was already rewritten by a regex is matched again")
    return Template.of(PATH)


def possible(state: State, verdict: Verdict) -> bool:
    """Whether a regex on the path can match at all beside the prefix conditions of the guard."""
    literal = verdict.pattern.anchored_prefix if verdict.pattern and verdict.subject == PATH else None
    prefixes = [c.text for c in state.guard if isinstance(c, Condition) and c.subject == PATH and c.test is Test.PREFIX and c.holds]
    return literal is None or all(literal.startswith(p) or p.startswith(literal) for p in prefixes)


def on_path(variable: Variable) -> Variable:
    """A capture of the request line as one of the path, where its regex cannot reach into the query; any other variable as it is."""
    if variable.source is not Source.RAW_CAPTURE:
        return variable
    regex = variable.name.split(" ", 1)[1]
    try:
        tree = parse(regex if regex.endswith("\\.*") else regex.removesuffix(".*"), ignore_case=False).tree
    except Untranslatable:
        return variable
    reaches = any(isinstance(part, End | Border) or (isinstance(part, Chars) and ord("?") in part.members) for part in walk(tree))
    return variable if reaches else Variable(Source.CAPTURE, variable.name)


def quoting(state: State) -> State:
    """The state as `set` reads it: `$1` of a request line that holds escapes is escaped once more, so that it is not known.

    Source: ngx_http_script_copy_capture_code in nginx's src/http/ngx_http_script.c.
    """
    if not any(variable.source is Source.RAW_CAPTURE for group in state.captures for variable in group.variables):
        return state
    return replace(state, captures=tuple(Template.of(Variable(Source.UNKNOWN, str(n))) for n, _ in enumerate(state.captures, 1)))
