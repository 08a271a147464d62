"""Error pages of proxied routes: for a failing upstream, and with proxy_intercept_errors for what an upstream answers.

Source: ngx_http_upstream_finalize_request and ngx_http_upstream_intercept_errors in nginx's src/http/ngx_http_upstream.c.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from converter.model.outcomes import Outcome
from converter.model.rules import Answer, FailurePage, Rule
from converter.nginx.errors import FILE, Page, codes_of, page_for
from converter.nginx.scope import Scope
from converter.nginx.telling import Telling
from converter.syntax.tree import Directive

FAILURES = (502, 504)
_OWN = (400, 401, 405, 408, 411, 412, 413, 414, 416, 429, 431, 494, 495, 496, 497, 501, 505, 507)
_PASSED_ON = "the page is not a text that the gateway could send: the error comes as it is"
_FILE = f"{FILE} the error comes with the gateway's own text; where the file is missing, nginx answers 404"


@dataclass(frozen=True, slots=True)
class Pages:
    """Where pages lead. follow: the rules that a page leads to.  file: whether a rule stands for a file."""

    follow: Callable[[Page, int], list[Rule]]
    file: Callable[[Rule], bool]


def failure_pages(rule: Rule, scope: Scope, telling: Telling, pages: Pages) -> Iterator[FailurePage]:
    """The pages in effect for a proxied rule that are texts."""
    intercepts = scope.flag("proxy_intercept_errors", default=False)
    telling.say(scope.value("proxy_intercept_errors"), Outcome.EXACT)
    for directive in scope.nearest("error_page"):
        telling.say(directive, *_verdict(codes_of(directive)))
        for code in codes_of(directive):
            if code in FAILURES or intercepts:
                yield from _page(code, directive, rule, scope, telling, pages)


def _verdict(codes: list[int]) -> tuple[Outcome, str]:
    if set(codes) & set(_OWN):
        return Outcome.UNSUPPORTED, "the gateway answers some of these by itself, without the page"
    return Outcome.EXACT, ""


def _page(code: int, directive: Directive, rule: Rule, scope: Scope, telling: Telling, pages: Pages) -> Iterator[FailurePage]:
    page = page_for(code, scope, telling)
    rules = pages.follow(page, code) if page is not None and page.directive is directive else []
    answer = rules[0].action if len(rules) == 1 else None
    if isinstance(answer, Answer) and answer.content_type and answer.body.literal and _same_headers(rules[0], rule):
        yield FailurePage(code, answer, scope.flag("proxy_intercept_errors", default=False), directive.position)
    elif page is None or page.directive is directive:
        only_text = page is not None and page.status is None and not scope.flag("proxy_intercept_errors", default=False)
        file = only_text and bool(rules) and all(map(pages.file, rules))
        telling.say(directive, *((Outcome.APPROXIMATE, _FILE) if file else (Outcome.UNSUPPORTED, _PASSED_ON)))


def _same_headers(page: Rule, rule: Rule) -> bool:
    """Whether the page comes with the headers of the route, which the gateway adds to its own answers, too."""
    sent = [(h.operation, h.name, h.value) for h in page.policies.response_headers if not h.good_only]
    return sent == [(h.operation, h.name, h.value) for h in rule.policies.response_headers if h.operation == "add" and not h.good_only]
