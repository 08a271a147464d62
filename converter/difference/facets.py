"""What comes of a request, respect by respect, so that two outcomes can be told apart and the difference be named."""

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from converter.difference.lists import effective, essence, of_upstream
from converter.interpreter.outcome import CLOSED, Answered, End, Sent, Unknown
from converter.interpreter.templates import filled, ordinary
from converter.model.changes import Changed
from converter.model.rules import Answer, HeaderChange, Policies, Redirect, Refuse, Rule
from converter.model.upstreams import Endpoint, Upstream
from converter.model.values import Template
from converter.model.verification import Request

_NONE = "none"
_MOST = 100  # values that a line shows
_REFUSED = (401, 403, CLOSED)  # CLOSED is above all others


def refuses(rule: Rule) -> bool:
    """Whether a rule keeps requests out."""
    return isinstance(rule.action, Refuse | Answer) and rule.action.status in _REFUSED


@dataclass(frozen=True, slots=True)
class Facet:
    """One respect. value: what counts; text: what people see of it."""

    value: Hashable
    text: str


@dataclass(frozen=True, slots=True)
class Told:
    """What comes of a request on one side. number: of the rule that decides; None where none takes it.

    others: what else is said of the rule, by names (see Lists).
    """

    end: End
    rule: Rule | None
    number: int | None
    upstream: Upstream | None
    request: Request
    others: tuple[tuple[str, str], ...] = ()

    @property
    def refused(self) -> bool:
        return isinstance(self.end, Answered) and self.end.status in _REFUSED

    @property
    def let_in(self) -> bool:
        """Whether the request gets something, or may; a redirect of an oddly spelled path only leads to where access is decided."""
        if isinstance(self.end, Answered):
            return self.end.status < 300 or (self.end.status < 400 and ordinary(self.request))
        return True

    def phrase(self, past: bool) -> str:
        """As the rest of a sentence: `went to orders`, `is refused with 403`."""
        verb = "was" if past else "is"
        match self.end:
            case Sent(upstream=upstream):
                return f"{'went' if past else 'goes'} to {upstream}"
            case Unknown(reason=reason):
                return f"{'could' if past else 'can'} not be told: {reason}"
            case Answered(status=status, location=location) if location is not None and 300 <= status < 400:
                return f"{verb} redirected ({status}) to {location}"
        if self.end.status == CLOSED:
            return f"{verb} closed without an answer"
        if self.refused:
            return f"{verb} refused with {self.end.status}"
        return f"{verb} answered with {self.end.status}{'' if self.rule else ': no rule takes it'}"


def changed(old: Told, new: Told) -> tuple[Changed, ...]:
    """The respects in which two outcomes of one request differ; none where it is answered the same way."""
    if type(old.end) is not type(new.end):
        return (Changed("answer", old.phrase(past=True), new.phrase(past=False)),)
    if isinstance(old.end, Unknown) or isinstance(new.end, Unknown):
        same = _written(old.rule) == _written(new.rule)
        return () if same else (Changed("answer", old.phrase(past=True), new.phrase(past=False)),)
    before, after = _facets(old), _facets(new)
    none = Facet(None, _NONE)
    found = ((name, before.get(name, none), after.get(name, none)) for name in dict.fromkeys((*before, *after)))
    return tuple(Changed(name, *_texts(one, other)) for name, one, other in found if one.value != other.value)


def _texts(one: Facet, other: Facet) -> tuple[str, str]:
    return (one.text, other.text) if one.text != other.text else (str(one.value), str(other.value))


def _written(rule: Rule | None) -> Hashable:
    return None if rule is None else (frozenset(essence(c) for c in rule.guard), essence(rule.action), essence(rule.policies))


def _facets(told: Told) -> dict[str, Facet]:
    facets = dict(_of_answer(told.end, told) if isinstance(told.end, Answered) else _of_proxying(told))
    if told.rule is not None:
        facets |= _of_policies(told.rule.policies, told)
    facets |= {name: _plain(text) for name, text in told.others}
    return facets


def _plain(value: Hashable, text: str = "") -> Facet:
    return Facet(value, text or str(value))


def _of_answer(end: Answered, told: Told) -> Iterator[tuple[str, Facet]]:
    yield "status", _plain(end.status)
    action = told.rule.action if told.rule is not None else None
    if end.location is not None:
        yield "location", _plain(end.location)
    elif isinstance(action, Redirect) and action.location is not None:
        yield "location", _plain(str(action.location))
    if end.body is not None:
        yield "body", _plain(end.body, repr(end.body))


def _of_proxying(told: Told) -> Iterator[tuple[str, Facet]]:
    end, upstream = told.end, told.upstream
    assert isinstance(end, Sent)
    assert upstream is not None
    yield from _of_upstream(upstream)
    yield "method", _plain(end.method)
    yield "path sent", _plain(end.target)
    action = told.rule.action if told.rule is not None else None
    host = end.host if end.host is not None else str(getattr(action, "host", ""))
    yield "Host sent", _plain(host)
    for name in sorted({name.lower() for name, _ in end.headers}):
        values = tuple(_value(name, value, told) for own, value in end.headers if own.lower() == name)
        yield f"request header {name}", Facet(values, ", ".join(map(repr, values)))


def _value(name: str, value: str | None, told: Told) -> str:
    """The value of a header that the upstream sees; as the rule has it where that is not known here."""
    if value is not None or told.rule is None:
        return value or ""
    return " ".join(str(change.value) for change in told.rule.policies.request_headers if change.name.lower() == name)


def _of_upstream(upstream: Upstream) -> Iterator[tuple[str, Facet]]:
    servers = (
        [_server(endpoint) for endpoint in upstream.endpoints] if upstream.external else [f"service {upstream.service}:{upstream.port}"]
    )
    whole = of_upstream(upstream)
    assert isinstance(whole, tuple)
    subset = f" subset {upstream.subset}" if upstream.subset else ""
    yield "upstream", Facet(whole[:2], f"{upstream.key}: {', '.join(servers) or 'no server'}{subset}")
    balancing = upstream.balancing
    yield "balancing", _plain(f"{balancing.kind}{f' by {balancing.key}' if balancing.key else ''}")
    settings = {
        "TLS to the upstream": (upstream.tls, ""),
        "servers that failed": (upstream.failure_detection, ""),
        "connect timeout": (upstream.connect_timeout, ""),
        "connections at most": (upstream.max_connections, ""),
        "idle connections": (upstream.idle_timeout, ""),
        "HTTP/2 to the upstream": (upstream.http2, ""),
    }
    for name, (value, text) in settings.items():
        if value:
            yield name, Facet(essence(value), text or shown(value))


def _server(endpoint: Endpoint) -> str:
    weight = f" weight {endpoint.weight}" if endpoint.weight != 1 else ""
    return f"{endpoint.address}:{endpoint.port}{weight}{' backup' if endpoint.backup else ''}"


def _of_policies(policies: Policies, told: Told) -> dict[str, Facet]:
    facets = dict(_headers(policies.response_headers, told))
    if isinstance(told.end, Sent):
        settings: Mapping[str, object] = {
            "redirects of the upstream": policies.locations,
            "base of redirects": policies.location_origin,
            "cookies of the upstream": policies.cookies,
            "pages for failures": policies.pages,
            "retries": policies.retries if policies.retries.attempts else None,
            "read timeout": policies.idle_timeout,
        }
        facets |= {name: Facet(essence(value), shown(value)) for name, value in settings.items() if value}
    if policies.expiry is not None:
        facets["expiry"] = Facet(essence(policies.expiry), shown(policies.expiry))
    return facets


def _headers(changes: tuple[HeaderChange, ...], told: Told) -> Iterator[tuple[str, Facet]]:
    """Header lines of answers by name: all that is done to them, in order."""
    names = dict.fromkeys(change.name.lower() for change in changes)
    for name in names:
        texts = tuple(_operation(change, told) for change in changes if change.name.lower() == name)
        yield f"response header {name}", _plain(texts, ", ".join(texts))


def _operation(change: HeaderChange, told: Told) -> str:
    if change.operation == "remove":
        return "removed"
    value = filled(change.value, told.request)
    text = repr(value) if value is not None else f"{change.value}"
    return f"{'added' if change.operation == 'add' else 'set'}: {text}{' (good answers only)' if change.good_only else ''}"


def shown(value: Any) -> str:
    """A setting in a line: the values of its fields, places aside; times in seconds."""
    if isinstance(value, float):
        return f"{value:g} s"
    kind: Any = type(value)
    if kind is not Template and (names := effective(kind)):
        kept = ((name, getattr(value, name)) for name in names)
        return " ".join(f"{name} {shown(item)}" for name, item in kept if item not in (None, "", (), False))
    if kind is tuple and len(value) > _MOST:
        return f"{len(value):,} of them"
    return ", ".join(map(shown, value)) if kind is tuple else str(value)
