"""The decision list of a server: nginx's request phases followed for all requests at once."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from converter.model.guards import METHOD, PATH, Condition, Test
from converter.model.outcomes import Outcome
from converter.model.records import replace
from converter.model.rules import Action, Answer, Proxy, Redirect, Refuse, Rule
from converter.model.values import Template
from converter.nginx import answers
from converter.nginx.arrival import decided, with_captures
from converter.nginx.bounds import MAX_RULES, TooManyRules, reachable
from converter.nginx.conditions import excepted
from converter.nginx.content import Content
from converter.nginx.error_texts import with_page
from converter.nginx.errors import Page, page_for, tell_of_file, with_status
from converter.nginx.failure_pages import Pages, failure_pages
from converter.nginx.locations import Location, Slash, Target, every, find, flatten
from converter.nginx.program import End, Program
from converter.nginx.pruning import consistent
from converter.nginx.request_line import REASON, refuses_some
from converter.nginx.rewriting import redirected
from converter.nginx.scope import Scope
from converter.nginx.state import CannotFollow, State
from converter.nginx.tryfiles import fallback, serves_folders
from converter.syntax.tree import Directive

_MAX_JUMPS = 10
_HEAD = Condition(METHOD, Test.EXACT, "HEAD")


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Follows requests to one server. content: makes rules of what is found at the end."""

    content: Content
    program: Program

    def rules(self, state: State) -> list[Rule]:
        """The decision list for requests in a state, first match first; the last rule takes what is left. Raises TooManyRules."""
        if len(list(every(self.content.site.locations))) > MAX_RULES:
            raise TooManyRules
        try:
            kept = reachable(self._server(state, 0))
        except CannotFollow as problem:
            kept = [self.content.closed(self.content.site.scope, state, problem)]
        if self.content.on_line and refuses_some(kept):
            for directive in self.content.on_line:
                self.content.telling.say(directive, Outcome.APPROXIMATE, REASON)
        return kept

    def _server(self, state: State, jumps: int) -> Iterator[Rule]:
        """The server's own program, then the location search."""
        scope = self.content.site.scope
        for end in self.program.run(scope, state):
            if end.kind in ("content", "search"):
                yield from self._search(end.state, jumps, scope, end.directive)
            else:
                yield from self._end(end, jumps)

    def _search(self, state: State, jumps: int, scope: Scope, cause: Directive | None) -> Iterator[Rule]:
        """The location search, for a path that is known, is the client's, or was rewritten."""
        locations = self.content.site.locations
        if jumps > _MAX_JUMPS:
            yield self.content.rule(Answer(500), scope, state, cause)
        elif state.current_path is not None:
            yield from self._location(find(locations, state.current_path), state, jumps)
        elif state.path.rewritten:
            yield from self._search_rewritten(state, jumps, scope, cause)
        else:
            for choice in flatten(locations):
                there = state.when(*choice.conditions)
                if consistent(there.guard):
                    yield from self._location(choice.target, there, jumps)

    def _search_rewritten(self, state: State, jumps: int, scope: Scope, cause: Directive | None) -> Iterator[Rule]:
        """A path rewritten by a regex: the location is known where the beginning of the new path decides it alone."""
        start = state.path.replacement.split("\\")[0]
        target = decided(self.content.site.locations, start)
        if target is None:
            yield self.content.closed(
                scope,
                state,
                CannotFollow(state.path.directive or cause, "the location of a rewritten path depends on what the regex captures"),
            )
        else:
            yield from self._location(target, state, jumps)

    def _location(self, target: Target, state: State, jumps: int) -> Iterator[Rule]:
        site = self.content.site
        if target is None:
            yield from self._content(site.scope, state, jumps)
        elif isinstance(target, Slash):
            scope = target.location.scope
            self.content.telling.say(scope.block, Outcome.EXACT)
            if state.path.args is not None:
                yield self.content.closed(
                    scope, state, CannotFollow(state.path.directive, "a redirect to the final slash with a query of its own")
                )
                return
            if scope.nearest("internal") and not state.internal:
                yield from self._fail(404, scope, state, jumps, scope.nearest("internal")[-1])
                return
            redirect = answers.slash_redirect(target.location.text, site, scope)
            yield self.content.rule(replace(redirect, keep_query=state.path.keep_args), scope, state, scope.block)
        elif target.problem:
            yield self.content.closed(target.scope, state, CannotFollow(target.scope.block, target.problem))
        else:
            self.content.telling.say(target.scope.block, Outcome.EXACT)
            yield from self._enter(target, with_captures(state, target), jumps)

    def _enter(self, location: Location, state: State, jumps: int) -> Iterator[Rule]:
        """A location's own program, then its content. `internal` is only for requests that were redirected inside."""
        internal = location.scope.nearest("internal")
        if internal and not state.internal:
            self.content.telling.say(internal[-1], Outcome.EXACT)
            yield from self._fail(404, location.scope, state, jumps, internal[-1])
            return
        if "limit_except" in location.scope.index:
            yield from self._other_methods(location, state, jumps)
        for end in self.program.run(location.scope, state):
            if end.kind == "content":
                yield from self._content(end.scope, end.state, jumps)
            elif end.kind == "search":
                yield from self._search(replace(end.state, internal=True), jumps + 1, end.scope, end.directive)
            else:
                yield from self._end(end, jumps)

    def _other_methods(self, location: Location, state: State, jumps: int) -> Iterator[Rule]:
        """limit_except: its level takes the place of the location's, program and all, for every method but those listed."""
        for block in location.scope.own("limit_except"):
            self.content.telling.say(block, Outcome.EXACT)
            inside = Scope.open("limit_except", block, block.block or (), location.scope)
            condition = excepted(block.args)
            method = state.values.get("request_method")
            if method is None:
                yield from self._content(inside, state.when(condition).by(block), jumps)
            elif method.literal not in condition.text.split("|"):
                yield from self._content(inside, state.by(block), jumps)

    def _content(self, scope: Scope, state: State, jumps: int) -> Iterator[Rule]:
        """Access and handler; try_files first where there is one."""
        if self.content.maps.maps and state.level is not scope:
            state = replace(state, level=scope)
        try:
            again = fallback(scope, state, self.content.telling)
            if again is None:
                for rule in self.content.proxied(scope, state):
                    yield from self._paged(rule, scope, state, jumps)
            else:
                yield from self._refusals(scope, state, jumps)
                if state.current_path is None and not state.path.rewritten and serves_folders(scope, again):
                    yield from self._fail(404, scope, state.when(Condition(PATH, Test.EXACT, "/")), jumps, again.directive)
                yield from self._jump(again, scope, state, jumps)
        except CannotFollow as problem:
            yield self.content.closed(scope, state, problem)

    def _refusals(self, scope: Scope, state: State, jumps: int) -> Iterator[Rule]:
        for rule in self.content.refusals(scope, state):
            yield from self._paged(rule, scope, state, jumps)

    def _paged(self, rule: Rule, scope: Scope, state: State, jumps: int) -> Iterator[Rule]:
        """A rule that answers an error of nginx's own gets its error page."""
        error = rule.action.status if isinstance(rule.action, Answer) and not rule.action.content_type else None
        if isinstance(rule.action, Refuse) and not rule.notes:
            error = 403
        page = page_for(error, scope, self.content.telling) if error and error >= 400 and not state.in_error else None
        if isinstance(rule.action, Proxy):
            if state.in_error or not scope.nearest("error_page"):
                yield rule
                return
            inside = replace(state, guard=rule.guard)
            ways = Pages(lambda page, code: list(self._jump(page, scope, inside, jumps, code)), self.content.serves_file)
            pages = failure_pages(rule, scope, self.content.telling, ways)
            yield replace(rule, policies=replace(rule.policies, pages=tuple(pages)))
        elif page is None or error is None:
            yield with_page(rule, scope)
        else:
            for there in self._jump(page, scope, replace(state, guard=rule.guard), jumps, error):
                if self.content.serves_file(there):
                    tell_of_file(page, error, self.content.telling)
                yield there

    def _fail(self, status: int, scope: Scope, state: State, jumps: int, cause: Directive | None) -> Iterator[Rule]:
        yield from self._paged(self.content.rule(Answer(status), scope, state, cause), scope, state, jumps)

    def _jump(self, page: Page, scope: Scope, state: State, jumps: int, status: int | None = None) -> Iterator[Rule]:
        """An internal redirect: to a named location, a path, a URL, or straight to a status."""
        there = replace(state, internal=True, in_error=state.in_error or status is not None)
        if page.kind == "status":
            yield from self._fail(page.status or 404, scope, state, jumps, page.directive)
        elif page.kind == "url":
            yield self.content.rule(Redirect(page.status or 302, Template.of(page.target)), scope, there, page.directive)
        elif page.kind == "named":
            target = next((c for c in self.content.site.locations if c.kind == "named" and c.text == page.target), None)
            there_rules = self._location(target, there, jumps + 1) if target else self._fail(500, scope, there, jumps, page.directive)
            yield from (with_status(rule, page, status, self.content.telling) for rule in there_rules)
        else:
            try:
                moved = replace(there, path=redirected(page, state))
            except CannotFollow as problem:
                yield self.content.closed(scope, there, problem)
                return
            found = self._server(moved, jumps + 1) if status is None else self._asked_for(moved, jumps + 1)
            yield from (with_status(rule, page, status, self.content.telling) for rule in found)

    def _asked_for(self, state: State, jumps: int) -> list[Rule]:
        """An error page at a path: it is asked for with GET, or with HEAD if that is what the client sent. Rules of their own for HEAD
        only where the two differ.

        Source: ngx_http_send_error_page in nginx's src/http/ngx_http_special_response.c.
        """
        heads, rules = self._with_method("HEAD", state.when(_HEAD), jumps), self._with_method("GET", state, jumps)
        if len(rules) == MAX_RULES:
            raise TooManyRules(rules)
        same = [replace(rule, guard=tuple(c for c in rule.guard if c != _HEAD)) for rule in heads] == rules
        return rules if same else [*heads, *rules]

    def _with_method(self, method: str, state: State, jumps: int) -> list[Rule]:
        asked = replace(state, values={**state.values, "request_method": Template.of(method)})
        return list(itertools.islice(self._server(asked, jumps), MAX_RULES))

    def _end(self, end: End, jumps: int) -> Iterator[Rule]:
        """A program that ended by itself: return, a redirect, or something that cannot be followed."""
        content, directive = self.content, end.directive
        try:
            if end.problem is not None or directive is None:
                raise end.problem or CannotFollow(directive, "the program ends without an answer")
            action: Action | int = 500
            if end.kind == "empty":
                content.telling.say(directive, Outcome.EXACT)
            elif end.kind == "return":
                action = answers.returned(directive, end.scope, end.state, content.site, content.telling)
            else:
                action = answers.rewrite_redirect(directive, end.scope, end.state, content.site, content.telling)
            if isinstance(action, int):
                yield from self._fail(action, end.scope, end.state, jumps, directive)
            else:
                yield from (
                    content.rule(action, end.scope, state, directive) for state in content.expanded(end.scope, end.state, "add_header")
                )
        except CannotFollow as problem:
            yield content.closed(end.scope, end.state, CannotFollow(problem.directive or directive, problem.reason, problem.status))
