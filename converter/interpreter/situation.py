"""One request on its way through nginx: what is known of it at each moment, and what its variables hold."""

from dataclasses import dataclass, field

from converter.interpreter.addresses import forwarded
from converter.interpreter.escapes import escaped_argument
from converter.interpreter.outcome import Assumed, Doubt, Sent, Step
from converter.interpreter.patterns import Regex
from converter.interpreter.places import Place
from converter.interpreter.reading import header, number, text_of
from converter.interpreter.sites import Http, Site
from converter.interpreter.tables import Table
from converter.interpreter.variables import KEPT, builtin
from converter.model.places import Position
from converter.model.verification import Request
from converter.nginx.scope import Scope
from converter.nginx.variables import split
from converter.syntax.tree import Directive

_LONGEST = 64 * 1024  # characters of a value
_DEEPEST = 12  # tables that read tables
_MOST_CHANGES = 10  # of the path: NGX_HTTP_MAX_URI_CHANGES
Key = tuple[int, Position]
TABLES = -1  # instead of a server's number, in keys of lines of tables


@dataclass(slots=True)
class Situation:
    """A request within one server.

    strict: what is not known raises Doubt; otherwise it is taken for empty, and noted in `unknown`.
    path, args, method: the current ones.  client: the address that counts.  version: of HTTP.
    values: what `set`, named captures and tables left; None for what is not known.  captures: `$1`, ... of the last regex.
    level:  the level whose settings count (r->loc_conf).  place: the location.  handler: what makes the answer, of either.
    changed, changes_left: uri_changed, uri_changes.  internal, whole (not valid_location), raw (valid_unparsed_uri), odd (quoted_uri,
    plus_in_uri), quote: of ngx_http_request_t and the script engine.
    before: what was sent to upstreams whose answers were replaced.
    error: the status that overrides that of an answer (err_status).  in_page: on its way to an error page.  location: header so far.
    discarded: its body is given up.
    seen:  servers, locations, statements, restrictions and lines of tables that took the request; asked: conditions that did not hold.
    """

    http: Http
    site: Site
    request: Request
    path: str
    args: str
    strict: bool = False
    assumed: Assumed | None = None
    method: str = ""
    client: str = ""
    version: str = "HTTP/1.1"
    values: dict[str, str | None] = field(default_factory=dict)
    captures: tuple[str | None, ...] = ()
    level: Scope | None = None
    place: Place | None = None
    handler: Directive | None = None
    changed: bool = False
    changes_left: int = _MOST_CHANGES + 1
    internal: bool = False
    whole: bool = False
    raw: bool = True
    odd: bool = False
    quote: bool = False
    error: int = 0
    in_page: bool = False
    discarded: bool = False
    location: str | None = None
    before: list[Sent] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    seen: set[Key] = field(default_factory=set)
    asked: set[Key] = field(default_factory=set)
    unknown: set[str] = field(default_factory=set)
    depth: int = 0
    count: int = 0

    @property
    def scope(self) -> Scope:
        """The level whose settings count."""
        return self.level if self.level is not None else self.site.scope

    def saw(self, position: Position, text: str = "") -> None:
        """Notes a directive that took the request; with a text also for people."""
        self.seen.add((self.site.number, position))
        if text and self.strict:
            self.steps.append(Step(text, position))

    def applied(self, line: Directive, text: str) -> None:
        """Notes a setting that takes effect, with the level that it is inherited from."""
        self.seen.add((self.site.number, line.position))
        if self.strict:
            self.steps.append(Step(text, line.position, _inherited(self.scope, line)))

    def missed(self, position: Position, text: str = "") -> None:
        """Notes a condition that does not hold."""
        self.asked.add((self.site.number, position))
        if text and self.strict:
            self.steps.append(Step(text, position))

    def said(self, text: str, position: Position | None = None) -> None:
        """Notes what nginx does by itself, for people alone."""
        if self.strict:
            self.steps.append(Step(text, position))

    def doubt(self, reason: str) -> None:
        """Something is not known that the way on depends on. Raises Doubt where that counts."""
        if self.strict:
            raise Doubt(reason)

    def text(self, text: str, quote: bool = False) -> str:
        """A text of the configuration with its variables filled in. quote: captures are escaped where nginx does so. May raise Doubt."""
        if "$" not in text:
            return text
        before, out = self.captures, []
        for kind, piece in split(text):
            value = piece if kind == "text" else self.value(piece)
            out.append(escaped_argument(value) if quote and self.odd and kind == "name" and piece.isdigit() else value)
        if self.captures is not before and any(kind == "name" and piece.isdigit() for kind, piece in split(text)):
            self.doubt("a regex of a map changes $1 while it is read")
        if len(found := "".join(out)) > _LONGEST:
            self.doubt("a value grows too long to be followed")
        return found[:_LONGEST]

    def known(self, text: str, quote: bool = False) -> str | None:
        """The same; None where it depends on what is not known."""
        try:
            return self.text(text, quote)
        except Doubt:
            return None

    def value(self, name: str) -> str:
        """What a variable holds. Raises Doubt where that is not known and counts; it is empty otherwise."""
        name = name.lower()
        if (group := number(name)) is not None:
            return (self.captures[group - 1] or "") if 0 < group <= len(self.captures) else ""
        if name in self.values:
            found = self.values[name]
        elif name in self.http.tables:
            return self._looked_up(self.http.tables[name])
        else:
            found = builtin(self, name)
            found = "" if found is None and self.http.defines(name) else found
            if name in KEPT:
                self.values[name] = found
        if found is None:
            self.unknown.add(name)
            self.doubt(f"what ${name} holds is not known")
        return found or ""

    def _looked_up(self, table: Table) -> str:
        if self.depth > _DEEPEST:
            self.doubt(f"${table.defines} reads itself")
            return ""
        self.depth += 1
        try:
            subject = self.text(table.source)
            subject = forwarded(self, subject, table.proxies, table.recursive) if table.proxies else subject
            entry = table.entry(subject)
            found = self._of_entry(table, entry.value if entry else "", entry.regex if entry else None, subject)
        finally:
            self.depth -= 1
        if entry is not None and (TABLES, entry.position) not in self.seen:
            self.seen.add((TABLES, entry.position))
            if self.strict:
                self.steps.append(Step(f"${table.defines} is {found!r}", entry.position))
        if not table.volatile:
            self.values[table.defines] = found
        return found

    def _of_entry(self, table: Table, value: str, regex: Regex | None, subject: str) -> str:
        if regex is not None:
            self.capture(regex, subject)
        if table.kind == "split_clients" and "$" in value:
            self.doubt(f"${table.defines} holds a variable in a share")
        return self.text(value) if table.kind == "map" else value

    def matched(self, regex: Regex, text: str) -> bool:
        """A regex of `if` and `rewrite`: also one that is not found empties the captures (ngx_http_script_regex_start_code)."""
        if not self.http.work.found(regex, text):
            self.captures = ()
            return False
        self.capture(regex, text)
        return True

    def capture(self, regex: Regex, text: str) -> None:
        """The captures that a regex leaves which was found (ngx_http_regex_exec)."""
        found = regex.search(text) or ()
        self.captures = found
        self.values.update({name.lower(): found[number - 1] or "" for name, number in regex.names.items() if number <= len(found)})

    def header(self, name: str) -> str:
        """A header line of the request, as texts of the configuration are."""
        return text_of(header(self.request, name))


def _inherited(scope: Scope, line: Directive) -> str:
    """The level around that a directive stands on; empty for the level's own."""
    level: Scope | None = scope
    while level is not None and line not in level.own(line.name):
        level = level.parent
    if level is None or level is scope:
        return ""
    return f"{level.kind} ({level.block.position})" if level.block is not None else level.kind
