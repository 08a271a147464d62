"""What is known of the requests on one way through nginx's program."""

from collections.abc import Mapping
from types import MappingProxyType

from msgspec import Struct

from converter.model.guards import PATH, Condition, Guard, Test
from converter.model.records import replace
from converter.model.values import Source, Template, Variable
from converter.nginx.scope import Scope
from converter.nginx.spelling import spelled
from converter.nginx.variables import STATUS, argument, builtin, split, status_known
from converter.syntax.tree import Directive

_NOTHING: Mapping[str, Template] = MappingProxyType({})
_LONGEST, _MOST_PARTS = 64 * 1024, 1000  # characters and pieces of a value: `set $a $a$a` doubles it


class CannotFollow(Exception):
    """The program does something that the decision list cannot say: the route is closed. `directive` is where.

    status: what a closed route answers; 502 where all that is missing is a server that the gateway can reach.
    """

    def __init__(self, directive: Directive | None, reason: str, status: int = 403) -> None:
        super().__init__(reason)
        self.directive = directive
        self.reason = reason
        self.status = status


class NoCounterpart(Exception):
    """A variable that the gateway cannot know."""

    def __init__(self, name: str) -> None:
        super().__init__(f"the gateway cannot know ${name}")
        self.name = name


class Path(Struct, frozen=True):
    """The current path where it is no longer the client's.

    literal:     known in full (decoded), or None.
    pattern, replacement: the client's path matched by the RE2 `pattern` (whole path) becomes `replacement` (`\\1` for captures, spelled).
    args:        text put before the client's query; keep_args: whether the client's query is kept. One that stands in `args` itself
                 (`set $args "$args&x=1"`) is there as it came.
    rewritten:   False for the path that the client sent.
    broke:       left by a rewrite with `break`: proxy_pass sends it whole, whatever its URI part.
    directive:   the last rewrite.
    """

    literal: str | None = None
    pattern: str = ""
    replacement: str = ""
    args: Template | None = None
    keep_args: bool = True
    rewritten: bool = False
    broke: bool = False
    directive: Directive | None = None


class State(Struct, frozen=True):
    """One way through the program.

    guard:    conditions that hold on this way beyond those of the location choice.
    values:   variables that were set, captured by name, or decided by a map.
    captures: `$1`, `$2`, ... of the last regex that matched.
    constants: what is known of the listener: `scheme`, `server_port`, `server_name`.
    because:   the directives that the guard comes from, beyond the location.
    internal: the request was redirected inside nginx.  in_error: on its way to an error page.
    level:    the level whose settings count: that of the program or of the content which the request has come to. Only tables ask for it.
    """

    guard: Guard = ()
    path: Path = Path()
    values: Mapping[str, Template] = _NOTHING
    captures: tuple[Template, ...] = ()
    constants: Mapping[str, Template] = _NOTHING
    because: tuple[Directive, ...] = ()
    internal: bool = False
    in_error: bool = False
    level: Scope | None = None

    def when(self, *conditions: Condition) -> "State":
        new = tuple([c for c in conditions if c not in self.guard]) if self.guard else conditions
        return replace(self, guard=self.guard + new) if new else self

    def by(self, directive: Directive | None) -> "State":
        """The state with a directive that decided on it, if there is one."""
        return self if directive is None or directive in self.because else replace(self, because=(*self.because, directive))

    def lookup(self, name: str) -> Template:
        """The value of a variable. Raises NoCounterpart."""
        if name.isdigit():
            number = int(name)
            return self.captures[number - 1] if 0 < number <= len(self.captures) else Template()
        if name in self.values:
            return self.values[name]
        if name in self.constants:
            return self.constants[name]
        return self._request_variable(name)

    def _request_variable(self, name: str) -> Template:
        variable = builtin(name)
        if variable is None:
            raise NoCounterpart(name)
        if variable.source is Source.PATH and (self.path.rewritten or self.exact_path is not None):
            if self.current_path is None:
                raise NoCounterpart(name)
            return Template.of(self.current_path)
        if variable.source in (Source.QUERY, Source.QUERY_MARK, Source.ARGUMENT) and not self.query_intact:
            return self._of_query(variable, name)
        return Template.of(variable)

    def _of_query(self, variable: Variable, name: str) -> Template:
        """A variable of the query that the program made. Raises NoCounterpart where that depends on the request."""
        literal = (self.path.args or Template()).literal
        if self.path.keep_args or literal is None:
            raise NoCounterpart(name)
        if variable.source is Source.QUERY_MARK:
            return Template.of("?" if literal else "")
        return Template.of(literal if variable.source is Source.QUERY else argument(literal, variable.name))

    @property
    def query_intact(self) -> bool:
        return self.path.keep_args and self.path.args is None

    @property
    def exact_path(self) -> str | None:
        """The client's path, where the guard says exactly which (only if written without escapes)."""
        found = [c.text for c in self.guard if isinstance(c, Condition) and c.subject == PATH and c.test is Test.EXACT and c.holds]
        return found[0] if found and spelled(found[0]) == found[0] else None

    @property
    def current_path(self) -> str | None:
        """The decoded path that nginx has now, where it is known in full."""
        return self.path.literal if self.path.rewritten else self.exact_path

    def value(self, text: str) -> Template:
        """A text with its variables filled in. Raises NoCounterpart."""
        value = Template.of(*[piece if kind == "text" else self.lookup(piece) for kind, piece in split(text)])
        if len(value.parts) > _MOST_PARTS or sum([len(part) for part in value.parts if isinstance(part, str)]) > _LONGEST:
            raise CannotFollow(None, "a value longer than any that a request could carry")
        return value if self.path.rewritten else _request_line(value)

    def with_status(self, value: Template, status: int = 0) -> Template:
        """A value where `$status` is known: that of an answer of nginx's own, 000 before there is any.

        Raises NoCounterpart on the way to an error page, where it is the error's.
        """
        if self.in_error and STATUS in value.parts:
            raise NoCounterpart("status")
        return status_known(value, status)


_RETOLD = (PATH, Variable(Source.QUERY_MARK), Variable(Source.QUERY))


def _request_line(value: Template) -> Template:
    """`$uri$is_args$args` is the request's own path and query, but for unusual spellings of the path."""
    for at in range(len(value.parts) - 2):
        if value.parts[at : at + 3] == _RETOLD:
            return Template.of(*value.parts[:at], Variable(Source.RAW_PATH), *value.parts[at + 3 :])
    return value
