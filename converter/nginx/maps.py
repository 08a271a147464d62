"""`map`: a variable whose value depends on another (https://nginx.org/en/docs/http/ngx_http_map_module.html).

Source: ngx_http_map_find in nginx's src/http/ngx_http_variables.c: exact text without regard to case, then (with `hostnames`) the longest
head wildcard, the longest tail wildcard, then the first regex, then the default.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from converter.model.guards import Condition, Test, quoted
from converter.model.outcomes import Outcome
from converter.model.records import replace
from converter.model.values import Source, Template, Variable
from converter.nginx import geo, real_ip, referers, shares
from converter.nginx.access import Rulebook, is_cut_short
from converter.nginx.captures import captured
from converter.nginx.conditions import MAY_LACK, Verdict, equal, matches, ways
from converter.nginx.geo import Geo
from converter.nginx.referers import Referers
from converter.nginx.regex import Untranslatable, parse
from converter.nginx.scope import Scope
from converter.nginx.shares import Shares
from converter.nginx.state import CannotFollow, NoCounterpart, State
from converter.nginx.telling import Telling
from converter.nginx.variables import names
from converter.syntax.tree import Directive


@dataclass(frozen=True, slots=True)
class Key:
    """One line of a map. kind: `exact`, `head` (`*.x`), `apex` (`.x`: also x itself), `tail` (`x.*`), `regex`, `default`."""

    kind: str
    text: str
    value: str
    ignore_case: bool = False
    line: Directive | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Map:
    """A map block: its source text and its lines in the order in which nginx asks them; the last one is the default.

    cut_short: a part of it is missing.
    """

    source: str
    keys: tuple[Key, ...]
    directive: Directive
    cut_short: bool = False


Table = Map | Geo | Shares | Referers


@dataclass(frozen=True, slots=True)
class Choices:
    """Maps and the like by the variable that they define. `used` collects those that a route was found to depend on.

    trusted_proxies: as decided, or None.  splits: names of the splits that were met, by variable and key.
    """

    maps: dict[str, Table] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    trusted_proxies: int | None = None
    splits: dict[tuple[str, Template], str] = field(default_factory=dict)


_PARAMETERS = ("hostnames", "volatile", "include")


def read(http: Scope, valid_referers: list[Directive], telling: Telling, book: Rulebook) -> Choices:
    """The maps and the like of an http block by the variable that they define; of two for one variable the last counts.

    valid_referers: all of the block.
    """
    out: dict[str, Table] = {}
    for directive in http.own("map", "geo", "split_clients"):
        if len(directive.args) == 2 or (directive.name == "geo" and directive.args):
            name = directive.args[-1].removeprefix("$")
            if earlier := out.get(name):
                telling.say(earlier.directive, Outcome.DEAD, f"a later {directive.name} defines ${name} again")
            out[name] = _table(directive, book)
    if valid_referers:
        out[referers.NAME] = referers.Referers(tuple(valid_referers))
    return Choices(out, trusted_proxies=book.trusted_proxies)


def _table(directive: Directive, book: Rulebook) -> Table:
    match directive.name:
        case "geo":
            return geo.read(directive, book)
        case "split_clients":
            return shares.read(directive, is_cut_short(directive, book))
    return _map(directive, is_cut_short(directive, book))


def _map(directive: Directive, cut_short: bool) -> Map:
    lines = directive.block or ()
    hostnames = any(line.name == "hostnames" and not line.args for line in lines)
    keys = [_key(line, hostnames) for line in lines if not ((line.name in _PARAMETERS and len(line.args) != 1) or line.name == "include")]
    default = [key for key in keys if key.kind == "default"][-1:] or [Key("default", "", "")]
    order = {"exact": 0, "head": 1, "apex": 1, "tail": 2, "regex": 3}
    asked = [key for key in keys if key.kind != "default"]
    asked.sort(key=lambda key: (order[key.kind], -len(key.text) if key.kind in ("head", "apex", "tail") else 0))
    return Map(directive.args[0], (*asked, *default), directive, cut_short)


def _key(line: Directive, hostnames: bool) -> Key:
    text, value = line.name, line.args[0] if line.args else ""
    if text == "default":
        return Key("default", "", value, line=line)
    if text.startswith("~"):
        return Key("regex", text[2:] if text.startswith("~*") else text[1:], value, text.startswith("~*"), line)
    text = text[1:] if text.startswith("\\") else text
    if hostnames and text.startswith((".", "*.")):
        return Key("head" if text.startswith("*") else "apex", text.removeprefix("*"), value, line=line)
    if hostnames and text.endswith(".*"):
        return Key("tail", text[:-1], value, line=line)
    return Key("exact", text, value, line=line)


def expand(maps: Choices, state: State, *texts: str) -> Iterator[State]:
    """The states in which every map that the texts read is decided, in the order in which to ask. Raises CannotFollow."""
    name = _undecided(maps, state, texts) if maps.maps else None
    if name is None:
        yield state
        return
    for branch in _decide(maps, state, name):
        yield from expand(maps, branch, *texts)


def _undecided(maps: Choices, state: State, texts: tuple[str, ...]) -> str | None:
    """The first map that some texts read and that nothing is decided of yet."""
    mapped = (n for text in texts if "$" in text for n in sorted(names(text)) if n in maps.maps and n not in state.values)
    return next(mapped, None)


def _decide(maps: Choices, state: State, name: str) -> Iterator[State]:
    found = maps.maps[name]
    maps.used.add(name)
    if isinstance(found, Geo):
        yield from geo.decide(found, name, state, maps.trusted_proxies)
        return
    if isinstance(found, Referers):
        yield from referers.decide(found, state)
        return
    if found.cut_short:
        raise CannotFollow(found.directive, geo.CUT_SHORT)
    if "remote_addr" in names(found.source) and state.level is not None and real_ip.proxies(state.level) is not None:
        raise CannotFollow(found.directive, "the client's address is what a trusted proxy says")
    open_state = replace(state, values={**state.values, name: Template()})  # a map that reads itself ends here
    for known in expand(maps, open_state, found.source):
        if isinstance(found, Shares):
            yield from shares.decide(found, name, known, maps.splits)
            continue
        try:
            subject = known.value(found.source)
        except NoCounterpart as problem:
            raise CannotFollow(found.directive, str(problem)) from None
        yield from _ask(maps, known, name, found, subject)


def _ask(maps: Choices, state: State, name: str, found: Map, subject: Template) -> Iterator[State]:
    for key in _asked(found, subject):
        verdict = _verdict(key, subject)
        if verdict.decided is False:
            continue
        if (known := _known(state, name, found, key, verdict)) is not None:
            yield known
            continue
        for branch in (way.by(found.directive).by(key.line) for way in ways(state, verdict)):
            for valued in expand(maps, captured(branch, verdict), key.value):
                yield _behind(replace(valued, values={**valued.values, name: _value(valued, key.value)}), verdict)
        if verdict.decided:
            return


def _known(state: State, name: str, found: Map, key: Key, verdict: Verdict) -> State | None:
    """The state of the commonest kind of line, a text with a text: what the long way would come to, at a fraction of its time."""
    if key.kind != "exact" or "$" in key.value or verdict.condition is None or verdict.pattern is not None or verdict.empty:
        return None
    because = [line for line in (found.directive, key.line) if line is not None and line not in state.because]
    return replace(
        state,
        guard=(*state.guard, verdict.condition),
        because=(*state.because, *because),
        values={**state.values, name: Template.of(key.value)},
    )


def _behind(state: State, verdict: Verdict) -> State:
    """The state behind a line: a regex of a map that matches puts its own captures in the place of those of the location, or of the rewrite
    that reads the map. When it does depends on where the map is read first, so that nothing but the map's own value is known."""
    if verdict.pattern is None:
        return state
    unknown = {name: Template.of(Variable(Source.UNKNOWN, f"{name} behind a regex of a map")) for name in verdict.pattern.names}
    return replace(state, captures=_LOST, values={**state.values, **unknown})


_LOST = tuple(Template.of(Variable(Source.UNKNOWN, f"{n} behind a regex of a map")) for n in range(1, 10))


def _asked(found: Map, subject: Template) -> tuple[Key, ...]:
    """The lines in the order in which nginx asks them. What is empty goes past all regexes to the default (ngx_http_map_find)."""
    may_lack = subject.sole is not None and subject.sole.source in MAY_LACK
    first = next((n for n, key in enumerate(found.keys) if key.kind == "regex"), None)
    if first is None or not may_lack or not any(_takes_nothing(key) for key in found.keys[first:]):
        return found.keys
    return (*found.keys[:first], Key("exact", "", found.keys[-1].value, line=found.keys[-1].line), *found.keys[first:])


def _takes_nothing(key: Key) -> bool:
    try:
        return key.kind == "regex" and parse(key.text, ignore_case=key.ignore_case).search("") is not None
    except Untranslatable:
        return False


def _value(state: State, text: str) -> Template:
    try:
        return state.value(text)
    except NoCounterpart as problem:
        return Template.of(Variable(Source.UNKNOWN, problem.name))


def _verdict(key: Key, subject: Template) -> Verdict:
    if key.kind == "default":
        return Verdict(True)
    if key.kind == "regex":
        return Verdict(False) if subject.literal == "" else replace(matches(subject, key.text, key.ignore_case), empty=False)
    if key.kind == "exact":
        return equal(subject, key.text, ignore_case=True)
    return _wildcard(key, subject)


def _wildcard(key: Key, subject: Template) -> Verdict:
    """A host name pattern."""
    before = {"head": r"(?:.*\.)", "apex": r"(?:.*\.)?", "tail": ""}[key.kind]
    text = quoted(key.text) if key.kind == "tail" else quoted(key.text[1:])
    pattern = f"(?i){before}{text}{'.*' if key.kind == 'tail' else ''}"
    if (literal := subject.literal) is not None:
        return Verdict(re.fullmatch(pattern, literal) is not None)
    if subject.sole is None:
        raise CannotFollow(None, f"a comparison of a composed value ({subject}) has no counterpart")
    return Verdict(None, Condition(subject.sole, Test.REGEX, pattern), subject=subject.sole)
