"""What nginx answers by itself: return, redirects of rewrite, the missing slash.

Source: ngx_http_rewrite_return and ngx_http_rewrite in ngx_http_rewrite_module.c, ngx_http_send_response in ngx_http_core_module.c.
"""

from converter.model.outcomes import Outcome
from converter.model.records import replace
from converter.model.rules import Action, Answer, Redirect, Refuse, RegexRewrite
from converter.model.values import Source, Template, Variable
from converter.nginx.captures import on_path
from converter.nginx.regex import parse
from converter.nginx.rewriting import ALL, arguments, rewritten
from converter.nginx.scope import Scope
from converter.nginx.site import Site, is_relative
from converter.nginx.spelling import spelled, unescaped_redirect
from converter.nginx.state import CannotFollow, NoCounterpart, Path, State
from converter.nginx.telling import Telling
from converter.syntax.tree import Directive

REDIRECTS = (301, 302, 303, 307, 308)
_TYPES = {"html": "text/html", "htm": "text/html", "shtml": "text/html", "gif": "image/gif", "jpg": "image/jpeg", "jpeg": "image/jpeg"}


def returned(directive: Directive, scope: Scope, state: State, site: Site, telling: Telling) -> Action | int:
    """The action of a `return`, or a status that is left to error_page. Raises CannotFollow."""
    code, text = _code_and_text(directive)
    try:
        value = state.with_status(state.value(text), code) if text is not None else None
    except NoCounterpart as problem:
        raise CannotFollow(directive, str(problem)) from None
    if value is not None and any(v.source is Source.UNKNOWN for v in value.variables):
        raise CannotFollow(directive, f"the gateway cannot know what ${value.variables[0].name} holds")
    if code in REDIRECTS:
        telling.say(directive, *_location_verdict(value))
        return _located(code, _absolute(value or Template(), scope, site))
    if code in (444, 499) or code > 599 or code < 200:
        telling.say(directive, Outcome.UNSUPPORTED, f"nginx's {code} (it closes the connection, or is no HTTP status) becomes 403")
        return Refuse(f"return {code}")
    if code >= 300 and value is None:
        telling.say(directive, Outcome.EXACT)
        return code
    return _text(directive, code, value or Template(), scope, state, telling)


def _location_verdict(value: Template | None) -> tuple[Outcome, str]:
    first = value.parts[0] if value and value.parts else ""
    if not first:
        return Outcome.APPROXIMATE, "nginx sends an empty Location, the gateway one of its own"
    if isinstance(first, str) or first.source in (Source.SCHEME, Source.PATH, Source.RAW_PATH):
        return Outcome.EXACT, ""
    return Outcome.APPROXIMATE, "where the value begins with a slash nginx puts scheme and host before it"


def _code_and_text(directive: Directive) -> tuple[int, str | None]:
    """The code and the text or URL; a URL alone is a temporary redirect."""
    first, *rest = directive.args
    if first.isdigit() and len(first) <= 3:
        return int(first), rest[0] if rest else None
    if first.startswith(("http://", "https://", "$scheme")):
        return 302, first
    raise CannotFollow(directive, "return needs a code, or a URL that begins with http://, https:// or $scheme")


_QUERY = (Variable(Source.QUERY_MARK), Variable(Source.QUERY))


def _located(code: int, location: Template) -> Redirect:
    """A redirect to a Location; one that ends in `$is_args$args` keeps the request's query."""
    location = Template.of(*(part if isinstance(part, str) else on_path(part) for part in location.parts))
    keeps = location.parts[-2:] == _QUERY
    if not keeps and not any(v.source is Source.CAPTURE for v in location.variables):
        return Redirect(code, location)
    origin, target = _origin_and_path(Template(location.parts[:-2]) if keeps else location)
    captured = {v.name.split(" ", 1)[1] for v in target.variables if v.source is Source.CAPTURE}
    if not target.parts or len(captured) > 1 or any(v.source is not Source.CAPTURE for v in target.variables) or not (keeps or captured):
        return Redirect(code, location)
    pattern = captured.pop() if captured else ".*"
    return Redirect(code, None, RegexRewrite(pattern, arguments(target)), origin, keep_query=keeps, appends=keeps)


def _origin_and_path(location: Template) -> tuple[Template, Template]:
    """A Location as scheme and authority (as far as written), and path."""
    seen = False
    for index, part in enumerate(location.parts):
        if not isinstance(part, str):
            continue
        start = 0
        if "://" in part and not seen:
            seen, start = True, part.index("://") + 3
        slash = part.find("/", start)
        if slash >= 0:
            return Template.of(*location.parts[:index], part[:slash]), Template.of(part[slash:], *location.parts[index + 1 :])
    return location, Template()


def _absolute(value: Template, scope: Scope, site: Site) -> Template:
    """A Location as it leaves: nginx puts scheme, host and port before one that begins with a slash."""
    first = value.parts[0] if value.parts else ""
    slash = first.startswith("/") if isinstance(first, str) else first.source in (Source.PATH, Source.RAW_PATH)
    if slash and not is_relative(scope):
        return Template.of(site.origin(scope), value)
    if site.host and Variable(Source.HOST) in value.parts:
        return Template.of(*(site.host if part == Variable(Source.HOST) else part for part in value.parts))
    return value


def _text(directive: Directive, code: int, body: Template, scope: Scope, state: State, telling: Telling) -> Answer:
    default = scope.value("default_type")
    kind = default.args[0] if default else "text/plain"
    telling.say(default, Outcome.EXACT)
    extension = (state.current_path or "").rpartition("/")[2].rpartition(".")[2].lower()
    if state.current_path is not None and "." in state.current_path.rpartition("/")[2]:
        kind = _type_of(extension, scope) or kind
        telling.say(directive, Outcome.EXACT)
    elif state.current_path is not None or not body.parts or code == 204:
        telling.say(directive, Outcome.EXACT)
    else:
        location = scope.enclosing("location")
        for told in (directive, location.block if location else None):
            telling.say(told, Outcome.APPROXIMATE, _EXTENSION)
    return Answer(code, body, f"{kind}{_charset(kind, scope)}" if body.parts and code != 204 else "")


_EXTENSION = "for a path that ends in a known extension (.html, .gif) nginx sends the type of that extension"
_WITH_CHARSET = ("text/html", "text/xml", "text/plain", "text/vnd.wap.wml", "application/javascript", "application/rss+xml")


def _charset(kind: str, scope: Scope) -> str:
    """What `charset` adds to a type."""
    directive, types = scope.value("charset"), scope.value("charset_types")
    if directive is None or directive.args[0] == "off" or "$" in directive.args[0]:
        return ""
    named = (*types.args, "text/html") if types else _WITH_CHARSET
    return f"; charset={directive.args[0]}" if kind in named or "*" in named else ""


def _type_of(extension: str, scope: Scope) -> str:
    """The media type of an extension by the `types` in effect; nginx's own few where there are none."""
    blocks = scope.nearest("types")
    if not blocks:
        return _TYPES.get(extension, "")
    return next((line.name for block in blocks for line in block.block or () if extension in line.args), "")


def slash_redirect(name: str, site: Site, scope: Scope) -> Redirect:
    """The redirect to a location's name with its final slash, for every method; the query is kept."""
    return Redirect(301, None, RegexRewrite(".*", spelled(name)), site.own_origin(scope), keep_query=True)


def rewrite_redirect(directive: Directive, scope: Scope, state: State, site: Site, telling: Telling) -> Redirect:
    """The answer of a rewrite with `redirect`, `permanent`, or to a URL. Raises CannotFollow.

    The request's query is added unless the replacement ends in a question mark. What variables hold is written as it is, and their
    question marks do not count.
    """
    _, replacement, *flag = directive.args
    status = 301 if flag == ["permanent"] else 302
    start = next((s for s in ("http://", "https://", "$scheme://") if replacement.startswith(s)), "")
    host, slash, rest = replacement.removeprefix(start).partition("/") if start else ("", "", replacement)
    if start and "?" in host:
        host, slash, rest = host.partition("?")[0], "?", host.partition("?")[2] + slash + rest
    if "$request_uri" in replacement:
        return _with_request_uri(directive, state, status, scope, site, telling)
    try:
        origin = _absolute(state.value(start + host), scope, site) if start else Template()
        path = rewritten(state, ("/" + rest if slash == "/" else slash + rest) if start else replacement, unescaped_redirect)
        if path.literal is None and not path.pattern:
            raise CannotFollow(directive, "this redirect has no counterpart")
        args = path.args
        known = None if path.literal is None else unescaped_redirect(path.literal).replace("\\", "\\\\")
        target = RegexRewrite(path.pattern or ".*", path.replacement if known is None else known)
        if args is not None:
            target = replace(target, replacement=f"{target.replacement}?{arguments(args)}")
    except (NoCounterpart, CannotFollow) as problem:
        raise CannotFollow(directive, str(problem)) from None
    telling.say(directive, Outcome.EXACT)
    appends = path.keep_args and "?" not in replacement
    if start:
        return Redirect(status, None, target, origin, path.keep_args, appends)
    absolute = _begins_with_slash(path, directive.args[0])
    origin = Template() if absolute is False else site.origin(scope)
    return Redirect(status, None, target, origin, path.keep_args, appends, before_slash=absolute is None and bool(origin.parts))


def _begins_with_slash(path: Path, regex: str) -> bool | None:
    """Whether a new path does, so that nginx makes the Location absolute; None where that depends on what is captured."""
    text = path.literal if path.literal is not None else path.replacement
    if not (path.literal is None and text.startswith("\\")):
        return text.startswith("/")
    pattern = parse(regex, ignore_case=False)
    own = path.pattern == pattern.full(spelled=True) and pattern.begins_the_path(int(text[1]))
    return True if own or (path.pattern, text[:2]) == (ALL, "\\1") else None


def _with_request_uri(directive: Directive, state: State, status: int, scope: Scope, site: Site, telling: Telling) -> Redirect:
    """A Location that holds the path and query as they came."""
    replacement = directive.args[1]
    try:
        location = _absolute(state.value(replacement.removesuffix("?")), scope, site)
    except NoCounterpart as problem:
        raise CannotFollow(directive, str(problem)) from None
    if replacement.endswith("?"):
        telling.say(directive, Outcome.EXACT)
    else:
        telling.say(
            directive, Outcome.APPROXIMATE, "nginx sends the query twice, as $request_uri holds it already; the gateway sends it once"
        )
    return Redirect(status, location)
