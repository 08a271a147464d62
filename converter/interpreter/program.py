"""The request program of one level (set, if, break, return, rewrite), carried out for one request.

Source: ngx_http_rewrite_module.c, and the codes of nginx's src/http/ngx_http_script.c.
"""

from collections.abc import Iterable

from converter.interpreter.handlers import handler_of
from converter.interpreter.outcome import Failed, Onward, Said, Turn
from converter.interpreter.patterns import Regex
from converter.interpreter.reading import number
from converter.interpreter.sites import STATEMENTS
from converter.interpreter.situation import Situation
from converter.nginx.conditions import Comparison, comparison
from converter.nginx.scope import Scope
from converter.nginx.spelling import unescaped_redirect
from converter.nginx.state import CannotFollow
from converter.syntax.tree import Directive

REDIRECTS = (301, 302, 303, 307, 308)
_MOST_STEPS = 3_000
_ABSOLUTE = ("http://", "https://", "$scheme")


def run(situation: Situation, scope: Scope) -> Turn:
    """Runs a level's statements: Onward where they come to their end, or one of them ends them. May raise Doubt."""
    situation.quote = True
    return _run(situation, situation.http.statements(scope), scope) or Onward()


def _run(situation: Situation, statements: Iterable[Directive], scope: Scope) -> Turn | None:
    for directive in statements:
        situation.count += 1
        if situation.count > _MOST_STEPS:
            situation.doubt("the program takes too many steps")
            return Failed(500)
        turn = _statement(situation, directive, scope)
        if turn is not None:
            return turn
    return None


def _statement(situation: Situation, directive: Directive, scope: Scope) -> Turn | None:
    match directive.name:
        case "set" if len(directive.args) == 2:
            _set(situation, directive)
        case "break":
            return _break(situation, directive)
        case "return" if directive.args:
            return _return(situation, directive)
        case "if":
            return _if(situation, directive, scope)
        case "rewrite" if len(directive.args) > 1:
            return _rewrite(situation, directive)
    return None


def _set(situation: Situation, directive: Directive) -> None:
    name, written = directive.args[0].removeprefix("$").lower(), directive.args[1]
    value = situation.known(written, quote=situation.quote)
    if name == "args":
        situation.args, situation.raw = situation.text(written, quote=situation.quote), False
    else:
        situation.values[name] = value
    situation.saw(directive.position, f"${name} becomes {value!r}" if value is not None else f"${name} becomes what is not known")


def _break(situation: Situation, directive: Directive) -> Turn:
    """The path is not looked for again, and sent on whole where it was changed (ngx_http_script_break_code)."""
    if situation.changed:
        situation.whole, situation.changed = True, False
    situation.saw(directive.position, "break: no further statement of this level")
    return Onward()


def _return(situation: Situation, directive: Directive) -> Turn:
    first, *rest = directive.args
    code = number(first)
    text = rest[0] if rest else None
    if code is None:
        code, text = 302, first
    situation.saw(directive.position, " ".join(("return", *directive.args)))
    if code in REDIRECTS:
        situation.location = situation.text(text or "")
        return Failed(code)
    if text is None and code >= 400:
        return Failed(code)
    return Said(code, situation.known(text or ""))


def _if(situation: Situation, directive: Directive, scope: Scope) -> Turn | None:
    if not _holds(situation, directive):
        situation.missed(directive.position, f"if {_shown(directive)} does not hold")
        return None
    situation.saw(directive.position, f"if {_shown(directive)} holds")
    inside = Scope.open("if", directive, directive.block or (), scope)
    if scope.kind == "location":
        situation.level = inside
        situation.handler = handler_of(inside) or situation.handler
    return _run(situation, inside.own(*STATEMENTS), scope)


def _shown(directive: Directive) -> str:
    text = " ".join(directive.args)
    return text if text.startswith("(") else f"({text})"


def parsed_condition(directive: Directive) -> Comparison | None:
    """The condition of an `if`; None where it is none that nginx knows."""
    try:
        return comparison(directive)
    except CannotFollow:
        return None


def _holds(situation: Situation, directive: Directive) -> bool:
    parsed = parsed_condition(directive)
    if parsed is None:
        situation.doubt("a condition is none that nginx knows")
        return False
    negated = parsed.operator.startswith("!")
    if parsed.operator.lstrip("!").startswith("-"):
        return _there(situation, parsed) != negated
    value = situation.text(parsed.subject)
    if parsed.operator == "":
        return value not in ("", "0")
    if parsed.operator in ("=", "!="):
        return (value == situation.text(parsed.operand)) != negated
    return situation.matched(Regex(parsed.operand, parsed.operator.endswith("*")), value) != negated


def _there(situation: Situation, parsed: Comparison) -> bool:
    """Whether a file is there: none is, but for the folders themselves that a configuration names."""
    path = situation.known(parsed.subject)
    if not parsed.operator.endswith("f") and (path is None or path.endswith("/")) and situation.path == "/":
        situation.doubt("whether a folder is on nginx's host is not known")
    return False


def _rewrite(situation: Situation, directive: Directive) -> Turn | None:
    before = situation.path
    if not situation.matched(Regex(directive.args[0], ignore_case=False), before):
        situation.missed(directive.position, f"rewrite {directive.args[0]} does not match {before}")
        return None
    replacement, flag = directive.args[1], directive.args[2] if len(directive.args) > 2 else ""
    keeps, replacement = not replacement.endswith("?"), replacement.removesuffix("?")
    if flag in ("redirect", "permanent") or replacement.startswith(_ABSOLUTE):
        return _redirect(situation, directive, replacement, keeps, 301 if flag == "permanent" else 302)
    situation.internal, situation.raw, situation.changed = True, False, flag != "break"
    situation.whole = situation.whole or flag == "break"
    path, mark, args = replacement.partition("?")
    changed = situation.text(path), _args(situation, args) if mark else ""
    situation.quote = False
    if mark:
        situation.args = changed[1] + (f"&{situation.args}" if keeps and situation.args else "")
    elif not keeps:
        situation.args = ""
    situation.path = changed[0]
    situation.saw(
        directive.position, f"rewrite {before} to {situation.path}{f'?{situation.args}' if situation.args else ''} {flag}".rstrip()
    )
    if not situation.path:
        return Failed(500)
    return Onward() if flag in ("last", "break") else None


def _args(situation: Situation, text: str) -> str:
    return situation.text(text, quote=True)


def _redirect(situation: Situation, directive: Directive, replacement: str, keeps: bool, status: int) -> Turn:
    location = unescaped_redirect(situation.text(replacement, quote=True))
    if keeps and situation.args:
        location += ("&" if "?" in replacement else "?") + situation.args
    situation.location = location
    situation.saw(directive.position, f"rewrite redirects to {location}")
    return Failed(status)
