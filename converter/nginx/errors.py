"""error_page: where nginx goes with an error of its own.

Source: ngx_http_special_response_handler and ngx_http_send_error_page in nginx's src/http/ngx_http_special_response.c.
"""

from dataclasses import dataclass

from converter.model.outcomes import Outcome
from converter.model.records import replace
from converter.model.rules import Answer, Redirect, Refuse, Rule
from converter.nginx.error_texts import is_error
from converter.nginx.policies.add_header import GOOD
from converter.nginx.scope import Scope
from converter.nginx.telling import Telling
from converter.syntax.tree import Directive


@dataclass(frozen=True, slots=True)
class Page:
    """A place that nginx goes to instead of answering. kind: `named`, `path`, `url`, `status`.

    status: of the answer; None: that of the error; 0: that of the page itself (`=`).
    args, keep_args: the query that the path gets, and whether the request's own stays.
    """

    kind: str
    target: str
    directive: Directive
    status: int | None = None
    args: str = ""
    keep_args: bool = False


def page_for(status: int, scope: Scope, telling: Telling) -> Page | None:
    """The page in effect for a status, if there is one."""
    for directive in scope.nearest("error_page"):
        codes, response, target = _parts(directive)
        if str(status) in codes:
            page = _page(directive, response, target)
            telling.say(directive, *((Outcome.EXACT, "") if page else (Outcome.UNSUPPORTED, "the page depends on the request")))
            return page
    return None


def codes_of(directive: Directive) -> list[int]:
    """The statuses that an error_page is for."""
    return [int(code) for code in _parts(directive)[0] if code.isdigit() and len(code) == 3]


def _parts(directive: Directive) -> tuple[list[str], int | None, str]:
    *codes, target = directive.args
    response = None
    if codes and codes[-1].startswith("="):
        text = codes.pop()[1:]
        response = int(text) if text.isdigit() else 0
    return codes, response, target


def _page(directive: Directive, response: int | None, target: str) -> Page | None:
    if "$" in target:
        return None
    if target.startswith("@"):
        return Page("named", target, directive, response)
    if target.startswith("/"):
        path, _, args = target.partition("?")
        return Page("path", path, directive, response, args)
    return Page("url", target, directive, response if response in (301, 302, 303, 307, 308) else None)


FILE = "the page is a file, which a gateway does not have:"


def tell_of_file(page: Page, status: int, telling: Telling) -> None:
    """Says what becomes of an error of nginx's own whose page is a file."""
    if page.status is None and status == 404:
        telling.say(page.directive, Outcome.APPROXIMATE, f"{FILE} 404 comes with the gateway's own text")
    elif page.status is None:
        reason = f"{FILE} 404 is answered, as by nginx where the file is missing; where it is there, nginx answers {status} with its text"
        telling.say(page.directive, Outcome.APPROXIMATE, reason)
    else:
        telling.say(page.directive, Outcome.UNSUPPORTED, f"{FILE} 404 is answered; proxy to where the file will be served")


def with_status(rule: Rule, page: Page, status: int | None, telling: Telling) -> Rule:
    """A rule for an error page with its status: that of the error, unless `=code` or `=` says otherwise. status: of the error, if any."""
    if status is None or page.status == 0:
        return rule
    wanted = page.status or status
    if isinstance(rule.action, Answer) and is_error(rule.action):
        return rule  # an error on the way to the page is answered as such
    if isinstance(rule.action, Answer):
        headers = tuple(h for h in rule.policies.response_headers if not h.good_only or wanted in GOOD)
        policies = replace(rule.policies, response_headers=headers, expiry=rule.policies.expiry if wanted in GOOD else None)
        return replace(rule, action=replace(rule.action, status=wanted), policies=policies)
    if not isinstance(rule.action, Refuse | Redirect):
        telling.say(page.directive, Outcome.APPROXIMATE, f"the page comes with its own status, not with {wanted}")
    return rule
