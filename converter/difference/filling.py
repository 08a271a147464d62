"""Requests that carry what a rule reads or replaces, so that a difference in it can be seen."""

from collections.abc import Iterator

from converter.derivation.wire import Edit, edited
from converter.model.rules import Answer, Proxy, Redirect, RedirectList, Rule
from converter.model.values import Source, Template, Variable
from converter.model.verification import Request

_PARTS = {Source.REQUEST_HEADER: "header", Source.ARGUMENT: "argument", Source.COOKIE: "cookie"}
_QUERY = (Source.QUERY, Source.QUERY_MARK, Source.RAW_PATH)


def filled_in(request: Request, rule: Rule) -> Iterator[Request]:
    """The request with a value for all that the rule's texts read, and with client's lines of the headers that it changes."""
    read = dict.fromkeys(edit for template in _templates(rule) for variable in template.variables for edit in _edit(variable))
    own = dict.fromkeys(Edit("header", "from-client", change.name.lower()) for change in rule.policies.request_headers)
    for edits in (read, own):
        found = request
        for edit in edits:
            found = edited(found, (edit,)) or found
        if found is not request:
            yield found


def _edit(variable: Variable) -> Iterator[Edit]:
    if variable.source in _QUERY:
        yield Edit("query", "probe=1")
    elif part := _PARTS.get(variable.source):
        yield Edit(part, "probe", variable.name)


def _templates(rule: Rule) -> Iterator[Template]:
    match rule.action:
        case Proxy(host=host) if host is not None:
            yield host
        case Redirect(location=location, origin=origin):
            yield from (origin, *([location] if location is not None else []))
        case RedirectList(origin=origin):
            yield origin
        case Answer(body=body):
            yield body
    yield from (change.value for change in (*rule.policies.request_headers, *rule.policies.response_headers))
