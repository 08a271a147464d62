"""`valid_referers` and `$invalid_referer` (https://nginx.org/en/docs/http/ngx_http_referer_module.html) as conditions on the Referer header.

Source: nginx's src/http/modules/ngx_http_referer_module.c: the host by its name, in capitals or not, up to a colon or slash; where it is one of
those listed, the path alone decides; where it is none, the regexes do. Less than 11 characters count as no address.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from converter.model.guards import Condition, Test, quoted
from converter.model.outcomes import Outcome
from converter.model.records import replace
from converter.model.values import Source, Template, Variable
from converter.nginx.regex import Untranslatable, parse
from converter.nginx.scope import Scope
from converter.nginx.state import CannotFollow, State
from converter.nginx.telling import Telling
from converter.syntax.tree import Directive

NAME = "invalid_referer"
_REFERER = Variable(Source.REQUEST_HEADER, "referer")
_HTTP = r"(?i:http://).{4,}|(?i:https://).{3,}"
_TOO_SHORT = r"(?i:http://).{0,3}|(?i:https://).{0,2}"
_SOME = ".+"  # a header that is not empty
_SENT = Condition(_REFERER, Test.SENT)
_LONGEST = 900  # characters of names in one regex


@dataclass(frozen=True, slots=True)
class Referers:
    """All valid_referers of an http block. decided: those that a route was found to depend on."""

    directives: tuple[Directive, ...]
    decided: dict[Directive, None] = field(default_factory=dict)
    source: str = "$http_referer"

    @property
    def directive(self) -> Directive:
        return self.directives[0]


@dataclass(frozen=True, slots=True)
class _Name:
    """A host that may refer. kind: 0 exact, 1 `*.x`, 2 `x.*`; path: what the path must begin with; empty: nothing."""

    kind: int
    text: str
    path: str = ""

    @property
    def regex(self) -> str:
        return f"{'[^/:]*' if self.kind == 1 else ''}{quoted(self.text)}{'[^/:]*' if self.kind == 2 else ''}"


def decide(found: Referers, state: State) -> Iterator[State]:
    """The states in which `$invalid_referer` is known, in the order in which to ask. Raises CannotFollow."""
    lines = state.level.nearest("valid_referers") if state.level else []
    if not lines or state.level is None:
        yield replace(state, values={**state.values, NAME: Template()})
        return
    found.decided.update(dict.fromkeys(lines))
    asked = list(_asked(lines, state.level))
    for line in lines:
        state = state.by(line)
    for condition, valid in asked:
        guard = (*state.guard, condition) if condition is not None else state.guard
        yield replace(state, guard=guard, values={**state.values, NAME: Template.of("" if valid else "1")})


def _asked(lines: list[Directive], level: Scope) -> Iterator[tuple[Condition | None, bool]]:
    """Conditions on the header in nginx's order, and whether it is valid then; the last one, none, takes what is left."""
    words = [word for line in lines for word in line.args]
    blocked, none = "blocked" in words, "none" in words
    regexes = [_regex(lines[0], word[1:]) for word in words if word.startswith("~")]
    if not regexes and _inherits_regexes(level):
        raise CannotFollow(lines[0], "valid_referers takes over the regexes of the level around it")
    names = _names(words, lines, level)
    if not names and not regexes:
        yield None, True
        return
    if regexes or any(len(name.text) < 4 for name in names):
        yield _meets(_TOO_SHORT), blocked
    yield from ((_meets(regex), valid) for regex, valid in _of_names(names))
    yield from ((_meets(regex), True) for regex in regexes)
    if blocked:
        yield _meets(_HTTP), False
    if blocked != none:
        yield _meets(_SOME), blocked
        yield _SENT, blocked
    yield None, none


def _meets(regex: str) -> Condition:
    return Condition(_REFERER, Test.REGEX, regex)


def _of_names(names: list[_Name]) -> Iterator[tuple[str, bool]]:
    """Neighbours without a path share a regex."""
    together: list[str] = []
    for name in names:
        if together and (name.path or sum(map(len, together)) + len(name.regex) > _LONGEST):
            yield _hosts(together), True
            together = []
        if name.path:
            yield rf"(?i:https?://{name.regex})(?::[^/]*)?{quoted(name.path)}.*", True
            yield _hosts([name.regex]), False
        else:
            together.append(name.regex)
    if together:
        yield _hosts(together), True


def _hosts(regexes: list[str]) -> str:
    return f"(?i:https?://{regexes[0] if len(regexes) == 1 else '(?:' + '|'.join(regexes) + ')'})(?:[/:].*)?"


def _names(words: list[str], lines: list[Directive], level: Scope) -> list[_Name]:
    """The hosts in the order in which nginx looks for them. Raises CannotFollow."""
    out: list[_Name] = []
    for word in words:
        if word == "server_names":
            own = _server_names(level)
            if any(name.startswith("~") or "$" in name for name in own):
                raise CannotFollow(
                    lines[0], "the server_names of this server are a regex, which a route cannot ask of a part of the Referer"
                )
            out += [name for text in own for name in _parsed(text, "")]
        elif word not in ("none", "blocked") and not word.startswith("~"):
            text, slash, path = word.partition("/")
            out += _parsed(text, slash + path)
    if any(not name.text.isascii() or not name.path.isascii() for name in out):
        raise CannotFollow(lines[0], "a name in valid_referers is not in ASCII")
    asked = [name for name in out if ":" not in name.text]  # a port is never compared
    return sorted(asked, key=lambda name: (name.kind, -len(name.text) if name.kind else 0))


def _parsed(text: str, path: str) -> list[_Name]:
    lower = text.lower()
    if lower.startswith("*."):
        return [_Name(1, lower[1:], path)]
    if lower.startswith("."):
        return [_Name(0, lower[1:], path), _Name(1, lower, path)]
    return [_Name(2, lower[:-1], path)] if lower.endswith(".*") else [_Name(0, lower, path)]


def _server_names(level: Scope) -> list[str]:
    """The names of the server, wherever they stand in it; one without any has the empty name."""
    server = level.enclosing("server")
    return [text for line in server.own("server_name") for text in line.args] or [""] if server else []


def _inherits_regexes(level: Scope) -> bool:
    """Whether a level around that of the list has one with a regex (ngx_http_referer_merge_conf merges regexes by themselves)."""
    scope: Scope | None = level
    while scope is not None and not scope.own("valid_referers"):
        scope = scope.parent
    outer = scope.parent.nearest("valid_referers") if scope is not None and scope.parent is not None else []
    words = [word for line in outer for word in line.args]
    named = _server_names(level) if "server_names" in words else []
    return any(word.startswith("~") for word in (*words, *named))


def _regex(line: Directive, text: str) -> str:
    """A regex over what stands behind the scheme. Raises CannotFollow."""
    try:
        return f"(?i:https?://)(?:{parse(text, ignore_case=True).full(spelled=False)})"
    except Untranslatable as problem:
        raise CannotFollow(line, f"the regex {text} has no counterpart in RE2: {problem}") from None


def account(found: Referers, read: bool, telling: Telling) -> None:
    """Says of each list whether it decided anything; what stands in a closed block is left to that. read: whether anything reads the variable."""
    closed = {each.position for block, _ in telling.closed for each in block.walk()}
    for directive in found.directives:
        if directive in found.decided:
            telling.say(directive, Outcome.EXACT)
        elif not read:
            telling.say(directive, Outcome.DEAD, "nothing reads $invalid_referer")
        elif directive.position not in closed:
            telling.say(directive, Outcome.DEAD, "nothing reads $invalid_referer where this list is the one in effect")
