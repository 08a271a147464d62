"""What is done with a request once the programs have run: access, then the content handler.

Source: the phases of nginx's src/http/ngx_http_core_module.c, special_response.c for error_page.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from converter.model.guards import METHOD, PATH, Condition, Test
from converter.model.outcomes import Outcome
from converter.model.places import Position
from converter.model.records import replace
from converter.model.rules import Action, Answer, Proxy, Refuse, Rule
from converter.model.values import Source, Template, Variable
from converter.nginx import access, policies
from converter.nginx.facts import Place, assemble
from converter.nginx.locations import PASSES
from converter.nginx.maps import Choices, expand
from converter.nginx.policies.timeouts import UNSAFE, repeats_by_method
from converter.nginx.proxy import passed
from converter.nginx.request_line import asks_for_line
from converter.nginx.scope import Scope
from converter.nginx.site import Site
from converter.nginx.state import CannotFollow, NoCounterpart, State
from converter.nginx.telling import Telling
from converter.nginx.upstreams import Target, Upstreams
from converter.nginx.variables import names
from converter.syntax.tree import Directive

_STATIC = ("root", "alias", "index", "autoindex", "try_files")
_HANDLERS = frozenset(
    [*PASSES, "content_by_lua_block", "content_by_lua_file", "content_by_lua", "js_content", "empty_gif", "stub_status", "perl", "api",
     "echo", "mp4", "flv", "hls", "dav_methods", "random_index", "autoindex"]
)  # fmt: skip
_UPGRADED = "a client that asks for an upgrade (websocket) gets it, where nginx drops the wish"
_SHARED = "the upstream's servers get their shares as with nginx, but not the same request the same server"


@dataclass(frozen=True, slots=True)
class Content:
    """Makes rules of the ends of a program. upgrades: whether any location passes upgrades (websocket) on.

    on_line: the directives that guards on the request line come from.
    files: places of the levels that files are looked for at; rules made of them begin their origins with it.
    """

    site: Site
    maps: Choices
    upstreams: Upstreams
    telling: Telling
    book: access.Rulebook
    upgrades: bool = False
    on_line: dict[Directive, None] = field(default_factory=dict)
    files: set[Position] = field(default_factory=set)

    def serves_file(self, rule: Rule) -> bool:
        """Whether a rule stands for a file that nginx may have, and the gateway has not."""
        return bool(rule.origins) and rule.origins[0] in self.files and isinstance(rule.action, Answer)

    def proxied(self, scope: Scope, state: State) -> Iterator[Rule]:
        """Rules for a level's content: who is refused, then what is served. A level without a handler serves files."""
        for rule in self.refusals(scope, state):
            yield rule
            if rule.guard == state.guard:
                return
        handler = _handler(scope)
        if handler is None:
            yield from self._static(scope, state)
        elif handler.name != "proxy_pass":
            self.telling.say(
                handler, Outcome.UNSUPPORTED, "the gateway proxies HTTP only: put the application behind an HTTP server and proxy to that"
            )
            yield self.closed(scope, state, CannotFollow(handler, f"{handler.name} is not carried over", 502))
        else:
            yield from self._proxy(handler, scope, state)

    def refusals(self, scope: Scope, state: State) -> Iterator[Rule]:
        """Rules for the requests that access control keeps out."""
        for denial in access.denials(scope, self.book, self.telling):
            refused = replace(state, guard=(*state.guard, *denial.conditions))
            rule = self.rule(Refuse(denial.reason), scope, refused, denial.directive)
            yield rule if denial.own else replace(rule, notes=(denial.reason,))  # which no error page of nginx's is for

    def _proxy(self, handler: Directive, scope: Scope, state: State) -> Iterator[Rule]:
        if (store := scope.value("proxy_store")) is not None and store.args != ("off",):
            yield self.rule(Answer(403), scope, state.when(Condition(PATH, Test.REGEX, ".*/")), store)  # a folder cannot be stored
        for known in expand(self.maps, state, handler.args[0]):
            result = passed(handler, scope, known, self.upstreams, self.telling)
            target = result.target
            known = replace(known, values={**known.values, "proxy_host": target.host, "proxy_port": target.port})
            self._upgrade(handler, scope)
            method = "GET" if "request_method" in state.values else ""  # on the way to an error page
            line = _host_line(scope)
            for decided in self.expanded(scope, known, "proxy_set_header", "add_header"):
                host = self._host(line, decided, target)
                action = Proxy(target.key, host, result.rewrite, method, line.position if line else None)
                location = scope.enclosing("location")
                if target.servers > 1 and location is not None:
                    self.telling.say(location.block, Outcome.APPROXIMATE, _SHARED)
                if target.servers > 1 and repeats_by_method(scope) and not method:
                    yield self.rule(action, scope, decided.when(UNSAFE), handler, target.servers)
                yield self.rule(action, scope, decided, handler, target.servers)

    def _upgrade(self, handler: Directive, scope: Scope) -> None:
        """Envoy upgrades on every route; nginx only where the header lines are passed on."""
        lines = [d for d in scope.nearest("proxy_set_header") if d.args and _hop(d)] if self.upgrades else []
        if self.upgrades and not any(d.args[0].lower() == "upgrade" for d in lines):
            for directive in (handler, *lines, scope.value("proxy_http_version")):
                self.telling.say(directive, Outcome.APPROXIMATE, _UPGRADED)

    def expanded(self, scope: Scope, state: State, *directives: str) -> Iterator[State]:
        """The states in which the maps that header values read are decided."""
        if not self.maps.maps:
            yield state
            return
        texts = [d.args[1] for name in directives for d in scope.nearest(name) if len(d.args) > 1 and not _hop(d)]
        for text in texts:
            try:
                next(expand(self.maps, state, text))
            except CannotFollow as problem:
                unknown = {
                    n: Template.of(Variable(Source.UNKNOWN, n)) for n in names(text) if n in self.maps.maps and n not in state.values
                }
                self.telling.say(problem.directive, Outcome.UNSUPPORTED, problem.reason)
                state = replace(state, values={**state.values, **unknown})
        yield from expand(self.maps, state, *texts)

    def _host(self, line: Directive | None, state: State, target: Target) -> Template | None:
        """The Host that the upstream sees: `$proxy_host` unless a line says otherwise; None for the client's own."""
        if line is None:
            return target.host
        try:
            value = state.value(line.args[1])
        except NoCounterpart as problem:
            self.telling.say(line, Outcome.APPROXIMATE, f"{problem}; the client's Host is sent")
            return None
        if value.literal == "":
            self.telling.say(line, Outcome.APPROXIMATE, "a request without Host cannot be sent; the client's Host is sent")
            return None
        if any(v.source not in (Source.HOST, Source.AUTHORITY, Source.LOCAL_PORT, Source.REQUEST_HEADER) for v in value.variables):
            self.telling.say(line, Outcome.APPROXIMATE, "a Host made from this variable has no counterpart; the client's Host is sent")
            return None
        self.telling.say(line, Outcome.EXACT)
        return None if value.sole in (Variable(Source.HOST), Variable(Source.AUTHORITY)) else value

    def _static(self, scope: Scope, state: State) -> Iterator[Rule]:
        """Files stay behind: the gateway has none, and answers 404 where nginx would look for them."""
        told = False
        if scope.block is not None:
            self.files.add(scope.block.position)
        for name in _STATIC:
            for directive in scope.nearest(name):
                self.telling.say(
                    directive,
                    Outcome.UNSUPPORTED,
                    "files are not served by a gateway: move them to an object store or a container, and proxy to it",
                )
                told = True
        if not told and scope.block is not None:
            self.telling.say(
                scope.block, Outcome.UNSUPPORTED, "nothing is configured here, so nginx looks for files; the gateway answers 404"
            )
        if scope.nearest("error_page") and "request_method" not in state.values:  # else nobody sees which error it is
            yield self.rule(Answer(405), scope, state.when(_OTHER_THAN_FILES), None)
        yield self.rule(Answer(404), scope, state, None)

    def closed(self, scope: Scope, state: State, problem: CannotFollow) -> Rule:
        """A route that is refused because it cannot be carried over."""
        for directive in (problem.directive, *state.because, *scope.nearest("allow", "deny")):
            self.telling.say(directive, Outcome.UNSUPPORTED, problem.reason)
        location = scope.enclosing("location") or scope.enclosing("server")
        self.telling.close(location.block if location else None, problem.reason)
        return replace(self.rule(Refuse(problem.reason, problem.status), scope, state, problem.directive), notes=(problem.reason,))

    def rule(self, action: Action, scope: Scope, state: State, cause: Directive | None, servers: int = 1) -> Rule:
        """A rule with its policies. servers: how many the upstream has."""
        place = Place(scope, state, action, self.site, servers, self.book.trusted_proxies or 0)
        if state.because and asks_for_line(state.guard):
            self.on_line.update(dict.fromkeys(state.because))
        found, said = assemble(policies.facts(place))
        for fact in said:
            self.telling.say(fact.directive, fact.outcome, fact.reason)
        location = scope.enclosing("location")
        origins: dict[Position, None] = {}
        for directive in (cause, scope.block, location.block if location else None, *state.because):
            if directive is not None:
                origins[directive.position] = None
        return Rule(state.guard, action, found, tuple(origins))


_OTHER_THAN_FILES = Condition(METHOD, Test.REGEX, "GET|HEAD|POST", holds=False)  # ngx_http_static_handler


def _hop(directive: Directive) -> bool:
    return directive.args[0].lower() in ("connection", "upgrade")


def _host_line(scope: Scope) -> Directive | None:
    """The proxy_set_header that says which Host the upstream sees."""
    lines = [d for d in scope.nearest("proxy_set_header") if d.args and d.args[0].lower() == "host" and len(d.args) == 2]
    return lines[-1] if lines else None


def _handler(scope: Scope) -> Directive | None:
    """The content handler of a level; an `if` without one has that of its location."""
    found = scope.own(*(scope.index.keys() & _HANDLERS))
    if not found and scope.kind in ("if", "limit_except") and scope.parent is not None:
        return _handler(scope.parent)
    return found[-1] if found else None
