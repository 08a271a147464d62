"""nginx's own error pages. They name its version, and are left out, unless server_tokens is off: then they are the same everywhere.

Source: ngx_http_error_pages in nginx's src/http/ngx_http_special_response.c.
"""

from converter.model.records import replace
from converter.model.rules import Answer, Refuse, Rule
from converter.model.values import Template
from converter.nginx.scope import Scope

_TITLES = {
    400: "Bad Request", 401: "Authorization Required", 402: "Payment Required", 403: "Forbidden", 404: "Not Found", 405: "Not Allowed",
    406: "Not Acceptable", 408: "Request Time-out", 409: "Conflict", 410: "Gone", 411: "Length Required", 412: "Precondition Failed",
    413: "Request Entity Too Large", 414: "Request-URI Too Large", 415: "Unsupported Media Type", 416: "Requested Range Not Satisfiable",
    421: "Misdirected Request", 429: "Too Many Requests", 500: "Internal Server Error", 501: "Not Implemented", 502: "Bad Gateway",
    503: "Service Temporarily Unavailable", 504: "Gateway Time-out", 505: "HTTP Version Not Supported", 507: "Insufficient Storage",
}  # fmt: skip


def is_error(answer: Answer) -> bool:
    """Whether an answer is an error that nobody gave a text, with or without nginx's page."""
    return answer.status >= 400 and (
        not answer.content_type or (answer.body.literal or "").startswith(f"<html>\r\n<head><title>{answer.status} ")
    )


def with_page(rule: Rule, scope: Scope) -> Rule:
    """The rule with nginx's page, where it answers an error that nobody configured and the page does not name a version."""
    action = rule.action
    empty = isinstance(action, Refuse) or (isinstance(action, Answer) and not action.content_type)
    if not empty or rule.notes or scope.flag("server_tokens", default=True) or not isinstance(action, Refuse | Answer):
        return rule
    title = f"{action.status} {_TITLES.get(action.status, '')}"
    if action.status not in _TITLES:
        return rule
    head, body = f"<head><title>{title}</title></head>", f"<center><h1>{title}</h1></center>"
    page = f"<html>\r\n{head}\r\n<body>\r\n{body}\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
    return replace(rule, action=Answer(action.status, Template.of(page), "text/html"))
