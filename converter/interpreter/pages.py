"""error_page: where nginx goes instead of answering a status of its own.

Source: ngx_http_special_response_handler and ngx_http_send_error_page in nginx's src/http/ngx_http_special_response.c.
"""

from converter.interpreter.answering import answered
from converter.interpreter.outcome import CLOSED, Anew, Answered, Assumed, Named, Turn
from converter.interpreter.program import REDIRECTS
from converter.interpreter.situation import Situation
from converter.nginx.scope import Scope
from converter.syntax.tree import Directive

_SILENT = (408, CLOSED, 499)  # the connection is closed without an answer
_OF_TLS = (494, 495, 496, 497)  # shown as 400


def finished(situation: Situation, status: int) -> Turn | Answered:
    """What comes of a status of nginx's own. May raise Doubt."""
    if status in _SILENT:
        return Answered(CLOSED)
    situation.error, situation.discarded = status, True
    line = line_for(situation.scope, status)
    if line is None or situation.in_page or not situation.changes_left:
        situation.error = 400 if status in _OF_TLS else status
        situation.said(f"nginx answers {situation.error}")
        return answered(situation, status, None)
    situation.in_page = not situation.scope.flag("recursive_error_pages", default=False)
    return _to_page(situation, line, status)


def line_for(scope: Scope, status: int) -> Directive | None:
    """The error_page for a status."""
    return next((line for line in scope.nearest("error_page") if str(status) in line.args[:-1]), None)


def intercepted(situation: Situation, assumed: Assumed | None) -> bool:
    """Whether nginx takes an upstream's answer for an error of its own that has a page."""
    if assumed is None or assumed.status < 300 or situation.in_page or line_for(situation.scope, assumed.status) is None:
        return False
    return assumed.failed or situation.scope.flag("proxy_intercept_errors", default=False)


def _to_page(situation: Situation, line: Directive, status: int) -> Turn | Answered:
    wanted = _wanted(line, status)
    if wanted is not None:
        situation.error = wanted
    target = situation.text(line.args[-1])
    situation.applied(line, f"{line} takes the {status}")
    if target.startswith("/"):
        path, _, args = target.partition("?")
        situation.method = situation.method if situation.method == "HEAD" else "GET"
        return Anew(path, args)
    if target.startswith("@"):
        return Named(target)
    situation.error = wanted if wanted in REDIRECTS else 302
    situation.location = target
    return answered(situation, situation.error, None)


def _wanted(line: Directive, status: int) -> int | None:
    """The status that the page is to come with: 0 for its own; None for that of the error."""
    sign = line.args[-2] if len(line.args) > 1 else ""
    if sign.startswith("="):
        return int(sign[1:]) if sign[1:].isdigit() else 0
    return 400 if status in _OF_TLS else None
