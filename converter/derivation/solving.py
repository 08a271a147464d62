"""Changes to a request that make a variable hold what a condition, or a line of a table, asks for. They are candidates: a walk checks them."""

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from converter.derivation.sites import Http
from converter.derivation.wanted import DIRECT, PATHS, Wanted, likely, wanted_of
from converter.derivation.wire import Edit, Edits
from converter.interpreter.sites import Site, doors_of
from converter.interpreter.tables import Entry, Table
from converter.interpreter.walk import parsed_condition
from converter.nginx.scope import Scope
from converter.nginx.variables import split
from converter.syntax.tree import Directive

_DEEPEST = 4  # variables that depend on variables
_MOST = 24  # candidates for one condition


@dataclass(frozen=True, slots=True)
class Solver:
    """Solves for the variables of one server."""

    http: Http
    site: Site

    def condition(self, directive: Directive, negated: bool = False) -> Iterator[Edits]:
        """Changes that make the condition of an `if` hold, or (`negated`) just not hold."""
        parsed = parsed_condition(directive)
        if parsed is None or parsed.operator.lstrip("!").startswith("-"):
            return
        wanted = Wanted(parsed.operator, parsed.operand)
        yield from _unique(self.text(parsed.subject, wanted.opposite if negated else wanted))

    def text(self, text: str, wanted: Wanted, depth: int = 0) -> Iterator[Edits]:
        """Changes that make a text with variables meet what is wanted."""
        pieces = split(text)
        if depth > _DEEPEST or not pieces:
            return
        if len(pieces) == 1 and pieces[0][0] == "name":
            yield from self.variable(pieces[0][1], wanted, depth)
            return
        around = "/" if pieces[0][0] == "name" and pieces[0][1] in PATHS else ""
        for value in itertools.islice(wanted.texts(around), 6):
            yield from self._composed(pieces, value, depth)

    def variable(self, name: str, wanted: Wanted, depth: int = 0) -> Iterator[Edits]:
        if depth > _DEEPEST:
            return
        if name in self.http.tables:
            yield from self._from_table(self.http.tables[name], wanted, depth)
        elif setters := self._setters(name):
            yield from self._from_sets(setters, wanted, depth)
        else:
            for text in itertools.islice(likely(name, wanted), 14):
                yield from self._direct(name, text)

    def entry(self, table: Table, entry: Entry, depth: int = 0) -> Iterator[Edits]:
        """Changes that make a table choose one of its lines."""
        for wanted in wanted_of(table, entry):
            yield from self.text(table.source, wanted, depth + 1)

    def _from_table(self, table: Table, wanted: Wanted, depth: int) -> Iterator[Edits]:
        fitting = (e for e in table.entries if "$" in e.value or wanted.met(e.value))
        for entry in itertools.islice(fitting, 8):
            yield from itertools.islice(self.entry(table, entry, depth), 6)
        if table.default is None and wanted.met(""):
            yield from self.text(table.source, Wanted("=", "no-such-key"), depth + 1)

    def _setters(self, name: str) -> list[tuple[Directive, Directive | None]]:
        """The `set`s of a variable in the server, each with the `if` around it."""
        if self.site not in self.http.setters:
            self.http.setters[self.site] = _sets(self.site.scope)
        return self.http.setters[self.site].get(name, [])[:20]

    def _from_sets(self, setters: list[tuple[Directive, Directive | None]], wanted: Wanted, depth: int) -> Iterator[Edits]:
        """By one `set` whose value is right, and by all of them together (values that are put together step by step)."""
        ways: list[Edits] = []
        for statement, around in setters:
            value = statement.args[1]
            own = [()] if "$" not in value else list(itertools.islice(self.text(value, wanted, depth + 1), 4))
            conditions = [()] if around is None else list(itertools.islice(self._guarded(around, depth), 3))
            if around is not None and conditions:
                ways.append(conditions[0])
            if "$" in value or wanted.met(value):
                yield from (c + o for c in conditions for o in own or [()])
        yield ()
        for number in range(2, min(len(ways), 4) + 1):
            yield from (
                tuple(edit for way in chosen for edit in way) for chosen in itertools.islice(itertools.combinations(ways, number), 8)
            )

    def _guarded(self, around: Directive, depth: int) -> Iterator[Edits]:
        parsed = parsed_condition(around)
        if parsed is not None and not parsed.operator.lstrip("!").startswith("-"):
            yield from self.text(parsed.subject, Wanted(parsed.operator, parsed.operand), depth + 1)

    def _composed(self, pieces: Sequence[tuple[str, str]], value: str, depth: int) -> Iterator[Edits]:
        """A value taken apart along the literals of a text such as `$host:$request_method`."""
        for parts in _divided(pieces, value):
            ways = [list(itertools.islice(self.variable(name, Wanted("=", part), depth + 1), 2)) for name, part in parts]
            if all(ways):
                yield from (tuple(e for way in chosen for e in way) for chosen in itertools.islice(itertools.product(*ways), 4))

    def _direct(self, name: str, text: str) -> Iterator[Edits]:
        """One of nginx's own variables."""
        for start, part in (("arg_", "argument"), ("cookie_", "cookie")):
            if name.startswith(start):
                yield (Edit(part, text, name.removeprefix(start)),)
                return
        if name.startswith("http_") and name not in ("http_host", "http_cookie"):
            yield (Edit("header", text, name.removeprefix("http_").replace("_", "-")),)
        elif name in ("scheme", "server_port", "https"):
            yield from self._sockets(name, text)
        elif name in DIRECT:
            yield tuple(DIRECT[name](text))

    def _sockets(self, name: str, text: str) -> Iterator[Edits]:
        for _, port, _ in doors_of(self.site):
            scheme = "https" if any(door.tls for (_, number), door in self.http.doors.items() if number == port) else "http"
            if {"scheme": scheme, "server_port": str(port), "https": "on" if scheme == "https" else ""}[name] == text:
                yield (Edit("socket", f"{scheme} {port}"),)


def _sets(scope: Scope) -> dict[str, list[tuple[Directive, Directive | None]]]:
    found: dict[str, list[tuple[Directive, Directive | None]]] = {}
    around = {inner: d for top in scope.directives for d in top.walk() if d.name == "if" for inner in d.block or ()}
    for directive in (d for top in scope.directives for d in top.walk()):
        if directive.name == "set" and len(directive.args) == 2:
            found.setdefault(directive.args[0].removeprefix("$"), []).append((directive, around.get(directive)))
    return found


def _divided(pieces: Sequence[tuple[str, str]], value: str) -> Iterator[list[tuple[str, str]]]:
    """The parts of a value that stand where the variables do: by the first, then by the last place of each literal."""
    seen: list[list[tuple[str, str]]] = []
    for last in (False, True):
        parts = _divide(pieces, value, last)
        if parts is not None and parts not in seen:
            seen.append(parts)
            yield parts


def _divide(pieces: Sequence[tuple[str, str]], value: str, last: bool) -> list[tuple[str, str]] | None:
    parts: list[tuple[str, str]] = []
    rest = value
    for number, (kind, text) in enumerate(pieces):
        if kind == "text":
            if not rest.startswith(text):
                return None
            rest = rest[len(text) :]
            continue
        following = pieces[number + 1] if number + 1 < len(pieces) else None
        at = _end_of(text, rest, following, last)
        if at < 0:
            return None
        parts.append((text, rest[:at]))
        rest = rest[at:]
    return parts if not rest else None


def _end_of(name: str, rest: str, following: tuple[str, str] | None, last: bool) -> int:
    """Where a variable's part of a text ends."""
    if following is None:
        return len(rest)
    if following[0] == "text":
        return rest.rfind(following[1]) if last else rest.find(following[1])
    if name in ("request_method", "scheme") and (word := re.match(r"https?|[A-Z]+", rest)):
        return word.end()
    if following[1] in PATHS and "/" in rest:
        return rest.index("/")
    return 0 if last else len(rest)


def _unique(found: Iterator[Edits]) -> Iterator[Edits]:
    seen: set[Edits] = set()
    for edits in itertools.islice(found, 4 * _MOST):
        if edits not in seen and len(seen) < _MOST:
            seen.add(edits)
            yield edits
