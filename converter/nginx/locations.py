"""Locations: the tree, nginx's search in it, and the same search as an ordered list of path conditions.

Source: ngx_http_core_find_location and ngx_http_core_find_static_location in nginx's src/http/ngx_http_core_module.c.
"""

from collections.abc import Iterator

from msgspec import Struct

from converter.model.guards import EVERY_PATH, PATH, Condition, Test
from converter.nginx.regex import Pattern, Untranslatable, parse
from converter.nginx.scope import Scope
from converter.nginx.spelling import spelled
from converter.syntax.tree import Directive

PASSES = ("proxy_pass", "grpc_pass", "fastcgi_pass", "uwsgi_pass", "scgi_pass", "memcached_pass")
_KINDS = {"=": "exact", "^~": "strong", "~": "regex", "~*": "regex*"}


class Location(Struct, frozen=True, eq=False):
    """One location. kind: `exact`, `prefix`, `strong` (`^~`), `regex`, `named`; text: the decoded name, or the regex as written.

    pattern:  of a regex; None where it has no counterpart in RE2 (`problem` says why). regex: the same over paths as clients spell them.
    children: the nested locations, in source order.
    """

    kind: str
    text: str
    scope: Scope
    children: tuple["Location", ...] = ()
    pattern: Pattern | None = None
    regex: str = ""
    problem: str = ""

    @property
    def redirects(self) -> bool:
        """Whether a request for the name less its final slash is redirected to it."""
        return self.kind != "regex" and self.text.endswith("/") and len(self.text) > 1 and not self.scope.index.keys().isdisjoint(PASSES)


class Slash(Struct, frozen=True):
    """The answer to a request for a location's name less its final slash: a redirect to it."""

    location: Location


Target = Location | Slash | None


class Choice(Struct, frozen=True):
    """Requests whose path meets all conditions, and no earlier choice, go to the target; None: to the server's own level."""

    conditions: tuple[Condition, ...]
    target: Target


def read(scope: Scope) -> tuple[Location, ...]:
    """The locations of a level, with those nested in them."""
    return tuple([_location(directive, scope) for directive in scope.index["location"]]) if "location" in scope.index else ()


def _location(directive: Directive, parent: Scope) -> Location:
    kind, text = modifier(directive)
    scope = Scope.open("location", directive, directive.block or (), parent)
    if not kind.startswith("regex"):
        return Location(kind, text, scope, read(scope))
    return Location("regex", text, scope, read(scope), *_pattern(text, kind == "regex*"))


def _pattern(text: str, ignore_case: bool) -> tuple[Pattern | None, str, str]:
    """The regex of a location, and its text over paths; or why it has no counterpart."""
    try:
        pattern = parse(text, ignore_case)
        return pattern, pattern.full(spelled=True), ""
    except Untranslatable as problem:
        return None, "", str(problem)


def modifier(directive: Directive) -> tuple[str, str]:
    """Kind (`regex*` for `~*`) and name; the modifier may be glued to the name (`location =/x`)."""
    args = directive.args or ("",)
    if len(args) == 1 and args[0].startswith("/"):  # as most are written
        return "prefix", args[0]
    sign, text = args[0] if len(args) > 1 else "", args[-1]
    if not sign and text.startswith(("=", "^", "~")) and not (directive.quoted and directive.quoted[0]):
        sign = next((s for s in ("=", "^~", "~*", "~") if text.startswith(s)), "")
        text = text[len(sign) :]
    if text.startswith("@") and not sign:
        return "named", text
    return _KINDS.get(sign, "prefix"), text


def find(level: tuple[Location, ...], path: str) -> Target:
    """nginx's search for one decoded path. A regex without a counterpart may match, so the search ends there."""
    return _search(level, path)[0]


def _search(level: tuple[Location, ...], path: str) -> tuple[Target, bool]:
    """The target, and whether it is final (exact, redirect or regex) for the levels around."""
    for location in level:
        if location.kind == "exact" and location.text == path:
            return location, True
    prefix = max((c for c in level if c.kind in ("prefix", "strong") and path.startswith(c.text)), key=lambda c: len(c.text), default=None)
    if prefix is None or prefix.text != path:
        folder = path + "/"
        for location in level:
            if location.text == folder and location.redirects:
                return Slash(location), True
    found: Target = prefix
    if prefix is not None:
        inner, final = _search(prefix.children, path)
        if final:
            return inner, True
        found = inner or prefix
    if prefix is None or prefix.kind != "strong":
        for location in level:
            if location.kind == "regex" and (taker := _taker(location, path)) is not None:
                return taker, True
    return found, False


def _taker(location: Location, path: str) -> Target:
    """The target for a path in a regex location, or None where the regex does not match."""
    if location.pattern is None:
        return location
    return (_search(location.children, path)[0] or location) if location.pattern.search(path) is not None else None


def flatten(level: tuple[Location, ...]) -> list[Choice]:
    """The search as a list of path conditions, first match first. It ends with a choice that has no condition.

    Plain prefixes that meet the same regexes share them: the regexes stand once, before all of them.
    """
    chains = sorted((c for c in _chains(level, ()) if not _shadowed(level, c)), key=lambda c: (len(c[-1].text), len(c)), reverse=True)
    outer = [c for c in level if c.kind == "regex"]
    tried = [(chain[-1], _regexes(outer, chain)) for chain in chains]
    special = tuple(location.text for location, regexes in tried if regexes != outer)
    choices = list(_exact(level))
    plain: list[Choice] = []
    for location, regexes in tried:
        space = (_prefix(location.text),)
        if not location.text.startswith(special):
            plain.append(Choice(space, location))
            continue
        choices += [choice for regex in regexes for choice in _regex_choices(regex, space)]
        choices.append(Choice(space, location))
    choices += [choice for regex in outer for choice in _regex_choices(regex, ())]
    return list(_reachable([*choices, *plain, Choice((), None)]))


def _chains(level: tuple[Location, ...], above: tuple[Location, ...]) -> Iterator[tuple[Location, ...]]:
    """Every way down through prefix locations."""
    for location in level:
        if location.kind in ("prefix", "strong") and location.text.startswith("/"):
            yield (*above, location)
            yield from _chains(location.children, (*above, location))


def _shadowed(level: tuple[Location, ...], chain: tuple[Location, ...]) -> bool:
    """Whether a longer sibling on the way takes all paths of the chain (`/ab/` inside `/` beside a top-level `/ab/`)."""
    space = chain[-1].text
    for location in chain[:-1]:  # what is longer than the last one's name does not begin it
        if any(
            c is not location and c.kind in ("prefix", "strong") and len(c.text) > len(location.text) and space.startswith(c.text)
            for c in level
        ):
            return True
        level = location.children
    return False


def _regexes(outer: list[Location], chain: tuple[Location, ...]) -> list[Location]:
    """The regex locations that are tried for paths of a chain, in order: innermost level first; a `^~` skips those of its level.

    outer: those of the outermost level.
    """
    out: list[Location] = []
    skipped = False
    for location in reversed(chain):
        if not skipped:
            out += [c for c in location.children if c.kind == "regex"]
        skipped = location.kind == "strong"
    return out if skipped else out + outer


def _regex_choices(location: Location, around: tuple[Condition, ...]) -> Iterator[Choice]:
    """Choices of a regex location: those nested in it, then itself."""
    condition = _regex(location)
    if condition is None:
        yield Choice(around, location)
        return
    if location.pattern and around and not _may_meet(location.pattern, around[0]):
        return
    conditions = (*_needed(location.pattern, around), condition)
    for child in location.children:
        if child.kind == "regex":
            yield from _regex_choices(child, conditions)
    yield Choice(conditions, location)


def _regex(location: Location) -> Condition | None:
    """The condition, or None for a pattern without counterpart: it may match anything, so what lies behind it cannot be told."""
    return Condition(PATH, Test.REGEX, location.regex) if location.pattern else None


def _may_meet(pattern: Pattern, space: Condition) -> bool:
    literal = pattern.anchored_prefix
    if literal is None or space.test is not Test.PREFIX:
        return True
    text = spelled(literal)
    return text.startswith(space.text) or space.text.startswith(text)


def _needed(pattern: Pattern | None, around: tuple[Condition, ...]) -> tuple[Condition, ...]:
    """The conditions around a regex that it does not imply by its own anchored text."""
    literal = pattern.anchored_prefix if pattern else None
    text = spelled(literal) if literal else ""
    return tuple(c for c in around if c.test is not Test.PREFIX or not (text.startswith(c.text) or c.text == "/"))


def _exact(level: tuple[Location, ...]) -> Iterator[Choice]:
    """Rules for single paths: exact locations, and names less their final slash that are redirected."""
    texts: dict[str, None] = {}
    for location in every(level):
        if location.kind == "exact":
            texts[location.text] = None
        if location.redirects:
            texts[location.text[:-1]] = None
    own = {location.text: location for location in reversed(level) if location.kind == "exact"}  # asked for first
    for text in texts:
        target = own.get(text) or find(level, text)
        if isinstance(target, Slash) or (target is not None and target.kind == "exact"):
            yield Choice((Condition(PATH, Test.EXACT, spelled(text)),), target)


def every(level: tuple[Location, ...]) -> Iterator[Location]:
    """All locations of a level, with those nested in them."""
    for location in level:
        yield location
        if location.children:
            yield from every(location.children)


def _prefix(text: str) -> Condition:
    return Condition(PATH, Test.PREFIX, spelled(text))


def _reachable(choices: list[Choice]) -> Iterator[Choice]:
    """Leaves out what stands behind a choice for every path, and repeated conditions."""
    seen = set()
    for choice in choices:
        if choice.conditions in seen:
            continue
        seen.add(choice.conditions)
        yield choice
        if not choice.conditions or choice.conditions == (EVERY_PATH,):
            return
