"""proxy_pass: where a request goes and with which path.

Source: ngx_http_proxy_create_request and ngx_http_proxy_pass in nginx's src/http/modules/ngx_http_proxy_module.c.
"""

import re
from functools import lru_cache

from msgspec import Struct

from converter.model.guards import PATH, Condition, Test, quoted
from converter.model.outcomes import Outcome
from converter.model.records import replace
from converter.model.rules import PathRewrite, PrefixRewrite, RegexRewrite
from converter.model.values import Source, Template, Variable
from converter.nginx.locations import modifier
from converter.nginx.rewriting import ALL, arguments, check_captures, pattern_of, substitution
from converter.nginx.scope import Scope
from converter.nginx.spelling import spelled
from converter.nginx.state import CannotFollow, NoCounterpart, Path, State
from converter.nginx.telling import Telling
from converter.nginx.upstreams import Target, Upstreams
from converter.syntax.tree import Directive

_URL = re.compile("(?is)(https?)://([^/?\1]*)\1?(.*)")  # \1 stands before a variable that begins with a slash


class Passed(Struct, frozen=True):
    """A proxied request: the upstream, and the path that it gets."""

    target: Target
    rewrite: PathRewrite | None


def passed(directive: Directive, scope: Scope, state: State, upstreams: Upstreams, telling: Telling) -> Passed:
    """What a proxy_pass does in a state. Raises CannotFollow."""
    text = directive.args[0]
    try:
        value = state.value(text) if "$" in text else Template.of(text)
        address = _address(value)
        if address is None:
            raise CannotFollow(directive, "the address of proxy_pass is not known before the request comes")
        scheme, host, rest = address
        if "\0" in host:
            raise CannotFollow(directive, f"the host of proxy_pass depends on the request ({_cause(value)})")
        target = upstreams.target(scheme, host, scope, directive, telling)
        rewrite = _variable_path(state, _template(rest, value), directive, telling) if "$" in text else _literal_path(scope, state, rest)
    except NoCounterpart as problem:
        raise CannotFollow(directive, str(problem)) from None
    except CannotFollow as problem:
        raise CannotFollow(problem.directive or directive, problem.reason, problem.status) from None
    telling.say(directive, Outcome.EXACT)
    if "$" in text and upstreams.looked_up(host) and scope.value("resolver") is None:
        reason = "nginx looks the name up for each request, as the address holds a variable: without a `resolver` it answers 502"
        telling.say(directive, Outcome.APPROXIMATE, reason)
    return Passed(target, rewrite)


@lru_cache(maxsize=4096)
def _address(value: Template) -> tuple[str, str, str] | None:
    """Scheme, host and the rest of a URL, with marks in the place of variables; None for a text that is no URL."""
    if any(mark in part for part in value.parts if isinstance(part, str) for mark in "\0\1"):
        return None
    match = _URL.fullmatch("".join(part if isinstance(part, str) else _marked(part, place) for place, part in enumerate(value.parts)))
    return (match[1].lower(), match[2], match[3]) if match else None


def _marked(variable: Variable, place: int) -> str:
    return f"\1\0{place}\0" if variable.source in (Source.PATH, Source.RAW_PATH) else f"\0{place}\0"


def _cause(value: Template) -> str:
    variable = value.variables[0]
    return f"{variable.source.value} {variable.name}".strip()


def _template(text: str, value: Template) -> Template:
    """The rest of the URL with its variables back in place."""
    pieces = re.split(r"\0(\d+)\0", text.replace("\1", ""))
    return Template.of(*(value.parts[int(piece)] if i % 2 else piece for i, piece in enumerate(pieces)))


def _literal_path(scope: Scope, state: State, uri: str) -> PathRewrite | None:
    """The path for a URL without variables: a URI part replaces the location's text, unless a rewrite has changed the path."""
    if not uri and not state.path.rewritten:
        return None if state.query_intact else _rewritten(_with_path(state, ALL, "\\1"))
    location = scope.enclosing("location")
    kind, name = modifier(location.block) if location and location.block else ("prefix", "/")
    if state.path.rewritten:
        return _rewritten(state if state.path.broke or not uri else replace(state, path=_moved(state.path, name, uri)))
    if kind == "exact":
        return PathRewrite(PrefixRewrite(uri)) if state.query_intact else _rewritten(_with_path(state, ".*", _replacement(uri)))
    if kind not in ("prefix", "strong") or not _guarded_by(state, spelled(name)):
        raise CannotFollow(None, "a URI part of proxy_pass cannot be used in this location")
    if not state.query_intact:
        return _rewritten(_with_path(state, f"{quoted(spelled(name))}(.*)", f"{_replacement(uri)}\\1"))
    if "?" in uri:
        return PathRewrite(RegexRewrite(f"{quoted(spelled(name))}(.*)", uri.replace("\\", "\\\\") + "\\1"), appends=True)
    return None if uri == spelled(name) else PathRewrite(PrefixRewrite(uri))


def _with_path(state: State, pattern: str, replacement: str) -> State:
    """A path that no rewrite has changed, beside a query that `set` has."""
    return replace(state, path=replace(state.path, pattern=pattern, replacement=replacement))


def _replacement(uri: str) -> str:
    """Raises CannotFollow."""
    if "?" in uri:
        raise CannotFollow(None, "a query in the URI part of proxy_pass, beside one that was set")
    return uri.replace("\\", "\\\\")


def _moved(path: Path, name: str, uri: str) -> Path:
    """A path that was redirected inside nginx: the URI part takes the place of the location's text in it."""
    if path.literal is not None:
        return replace(path, literal=uri + path.literal.removeprefix(name))
    return replace(path, replacement=uri + path.replacement.removeprefix(spelled(name)))


def _guarded_by(state: State, prefix: str) -> bool:
    """Whether the location was chosen by its own text (not reached by a rewrite to it)."""
    return any(
        isinstance(c, Condition) and c.subject == PATH and c.test in (Test.PREFIX, Test.EXACT) and c.text == prefix for c in state.guard
    ) or (prefix == "/")


def _rewritten(state: State) -> PathRewrite:
    """The path that a rewrite left: sent whole, with its arguments before the client's."""
    path = state.path
    change = RegexRewrite(path.pattern or ".*", spelled(path.literal) if path.literal is not None else path.replacement)
    before, after = _around_query(path.args)
    if before.parts or after is not None:
        check_captures(change.pattern, before)
        change = RegexRewrite(change.pattern, f"{change.replacement}?{arguments(before)}")
    origin = path.directive.position if path.directive else None
    return PathRewrite(change, drop_query=not path.keep_args and after is None, origin=origin, after_query=after)


_QUERY = (Variable(Source.QUERY_MARK), Variable(Source.QUERY))


def _around_query(args: Template | None) -> tuple[Template, str | None]:
    """What stands before the client's query in new arguments, and the text behind it; None where it is not in them. Raises CannotFollow."""
    parts = args.parts if args else ()
    if _QUERY[1] not in parts:
        return Template(parts), None
    at = parts.index(_QUERY[1])
    after = Template(parts[at + 1 :]).literal
    if after is None:
        raise CannotFollow(None, "arguments behind the request's own that depend on it")
    return Template(parts[:at]), after


def _variable_path(state: State, rest: Template, directive: Directive, telling: Telling) -> PathRewrite | None:
    """The path for a URL with variables: what is written after the host is sent as it is; nothing there: the request's own."""
    if not rest.parts:
        if state.path.rewritten:
            return _rewritten(state)
        return None if state.query_intact else _rewritten(_with_path(state, ALL, "\\1"))
    keeps = rest.parts[-2:] == _QUERY
    path = Template(rest.parts[:-2]) if keeps else rest
    if path.sole == Variable(Source.RAW_PATH):
        return None
    if path.parts and path.parts[-1] == Variable(Source.RAW_PATH):
        prefix = Template(path.parts[:-1]).literal
        if prefix is not None and not keeps:
            return PathRewrite(RegexRewrite(ALL, prefix.replace("\\", "\\\\") + "\\1"))
    if keeps and path.sole == PATH:
        return None
    if any(v.source is Source.CAPTURE for v in path.variables):
        telling.say(directive, Outcome.APPROXIMATE, "nginx sends a capture decoded; the gateway sends it as it came")
    if (text := path.literal) is not None:
        return PathRewrite(RegexRewrite(".*", text.replace("\\", "\\\\")), drop_query=not keeps)
    head, args = _split_query(path)
    pattern, replacement = substitution(head)
    of_args = pattern_of(args)
    if of_args and of_args != pattern:
        if head.literal is None:
            raise CannotFollow(None, "a path made from captures of several regexes has no counterpart")
        pattern = of_args
    if args.parts:
        replacement += "?" + arguments(args)
    return PathRewrite(RegexRewrite(pattern, replacement), drop_query=not keeps)


def _split_query(path: Template) -> tuple[Template, Template]:
    for index, part in enumerate(path.parts):
        if isinstance(part, str) and "?" in part:
            before, _, after = part.partition("?")
            return Template.of(*path.parts[:index], before), Template.of(after, *path.parts[index + 1 :])
    return path, Template()
