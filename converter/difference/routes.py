"""Routes of a VirtualService, read back as rules of a decision list.

Source: https://istio.io/latest/docs/reference/config/networking/virtual-service/
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from converter.istio.documents import mapping, mappings, texts
from converter.istio.sent_headers import KEPT
from converter.model.guards import METHOD, PATH, RAW_PATH, Condition, Guard, Test
from converter.model.rules import (
    Action,
    Answer,
    HeaderChange,
    PathRewrite,
    Policies,
    PrefixRewrite,
    Proxy,
    Redirect,
    RegexRewrite,
    Retries,
    Rule,
)
from converter.model.values import Source, Template, Variable

_AUTHORITY = Variable(Source.AUTHORITY)
_PSEUDO = {":path": RAW_PATH, ":method": METHOD, ":authority": _AUTHORITY, ":scheme": Variable(Source.SCHEME)}
_SENT = {copy.name: sent for sent, copy in KEPT.items()}
_READ = {"name", "match", "route", "redirect", "directResponse", "rewrite", "headers", "retries", "timeout"}
_MATCHED = {"uri", "method", "authority", "scheme", "headers", "withoutHeaders", "queryParams", "port", "name"}
_FORMAT = re.compile(r"%%|%[A-Z_]+(?:\([^)]*\))?(?::\d+)?%")


@dataclass(frozen=True, slots=True)
class Route:
    """One alternative of one route. destinations: services with their ports; upstream: their name in the rule.

    others: what the rule cannot hold, by names.
    """

    rule: Rule
    upstream: str
    destinations: tuple[tuple[str, int], ...]
    others: tuple[tuple[str, str], ...]


def routes(document: Mapping[str, Any]) -> Iterator[Route]:
    """The routes of a VirtualService, in order; one with several matches is as many rules."""
    for number, entry in enumerate(mappings(mapping(document.get("spec")).get("http"))):
        name = str(entry.get("name", f"route {number + 1}"))
        destinations = tuple(_destinations(entry))
        upstream = ", ".join(f"{host}:{port}" for host, port in destinations)
        others = [(key, _text(value)) for key, value in entry.items() if key not in _READ]
        weights = [
            f"{d.get('weight')} {_text(d.get('destination'))}" for d in mappings(entry.get("route")) if "weight" in d or "headers" in d
        ]
        others += [("shares", ", ".join(weights))] if weights else []
        for match in mappings(entry.get("match")) or [{}]:
            unread = [(f"match {key}", _text(value)) for key, value in match.items() if key not in _MATCHED]
            rule = Rule(_guard(match), _action(entry, upstream), _policies(entry), name=name)
            yield Route(rule, upstream, destinations, (*others, *unread))


def _text(value: object) -> str:
    return json.dumps(value, sort_keys=True, default=str)


def _destinations(entry: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    for target in mappings(entry.get("route")):
        destination = mapping(target.get("destination"))
        subset = f" subset {destination['subset']}" if "subset" in destination else ""
        port = mapping(destination.get("port")).get("number", 80)
        yield f"{destination.get('host')}{subset}", port if isinstance(port, int) else 80


def _guard(match: Mapping[str, Any]) -> Guard:
    out = [_condition(PATH, match["uri"])] if "uri" in match else []
    out += [_condition(_PSEUDO[f":{key}"], match[key]) for key in ("method", "authority", "scheme") if key in match]
    out += [_condition(_header(name), value) for name, value in mapping(match.get("headers")).items()]
    out += [_condition(_header(name), value).negated() for name, value in mapping(match.get("withoutHeaders")).items()]
    out += [_condition(Variable(Source.ARGUMENT, name), value) for name, value in mapping(match.get("queryParams")).items()]
    out += [Condition(Variable(Source.LOCAL_PORT), Test.EXACT, str(match["port"]))] if "port" in match else []
    return tuple(out)


def _header(name: str) -> Variable:
    if name.lower() == "x-forwarded-for":
        return Variable(Source.FORWARDED_FOR)
    return _PSEUDO.get(name) or _SENT.get(name) or Variable(Source.REQUEST_HEADER, name.lower())


def _condition(subject: Variable, value: object) -> Condition:
    if subject.source is Source.REQUEST_HEADER and mapping(value).get("regex") == ".*":
        return Condition(subject, Test.SENT)
    for key, test in (("exact", Test.EXACT), ("prefix", Test.PREFIX), ("regex", Test.REGEX)):
        if key in mapping(value):
            return Condition(subject, test, str(mapping(value)[key]))
    return Condition(subject, Test.PRESENT)


def _action(entry: Mapping[str, Any], upstream: str) -> Action:
    if "redirect" in entry:
        return _redirect(mapping(entry["redirect"]))
    if "directResponse" in entry:
        answer = mapping(entry["directResponse"])
        body = mapping(answer.get("body")).get("string")
        return Answer(
            _status(answer.get("status"), 200), Template.of(str(body)) if body is not None else Template(), "text" if body else ""
        )
    rewrite = mapping(entry.get("rewrite"))
    host = Template.of(str(rewrite["authority"])) if "authority" in rewrite else None
    return Proxy(upstream, host, _rewrite(rewrite))


def _status(value: object, otherwise: int) -> int:
    return value if isinstance(value, int) else otherwise


def _redirect(redirect: Mapping[str, Any]) -> Redirect:
    """Envoy keeps what is not named, and the query."""
    origin: list[str | Variable] = [redirect.get("scheme", Variable(Source.SCHEME)), "://", redirect.get("authority", _AUTHORITY)]
    rest: list[str | Variable] = [Variable(Source.RAW_PATH)]
    if "uri" in redirect:
        rest = [str(redirect["uri"]), Variable(Source.QUERY_MARK), Variable(Source.QUERY)]
    return Redirect(_status(redirect.get("redirectCode"), 301), Template.of(*origin, *rest))


def _rewrite(rewrite: Mapping[str, Any]) -> PathRewrite | None:
    if "uriRegexRewrite" in rewrite:
        found = mapping(rewrite["uriRegexRewrite"])
        return PathRewrite(RegexRewrite(str(found.get("match", "")), str(found.get("rewrite", ""))))
    return PathRewrite(PrefixRewrite(str(rewrite["uri"]))) if "uri" in rewrite else None


def _policies(entry: Mapping[str, Any]) -> Policies:
    headers, retries = mapping(entry.get("headers")), mapping(entry.get("retries"))
    request, response = (tuple(_changes(mapping(headers.get(side)))) for side in ("request", "response"))
    attempts = _status(retries.get("attempts"), 0)
    timeout = re.fullmatch(r"([\d.]+)s", str(entry.get("timeout", "")))
    on = tuple(str(retries.get("retryOn", "")).split(","))
    return Policies(
        request, response, retries=Retries(attempts, on if attempts else ()), idle_timeout=float(timeout[1]) if timeout else None
    )


def _changes(section: Mapping[str, Any]) -> Iterator[HeaderChange]:
    yield from (HeaderChange("remove", name) for name in texts(section.get("remove")))
    for operation in ("set", "add"):
        yield from (HeaderChange(operation, str(name), _value(str(value))) for name, value in mapping(section.get(operation)).items())


def _value(text: str) -> Template:
    """A header's value in Envoy's notation: what it fills in is not known here."""
    parts: list[str | Variable] = []
    at = 0
    for found in _FORMAT.finditer(text):
        parts += [text[at : found.start()], "%" if found[0] == "%%" else Variable(Source.UNKNOWN, found[0])]
        at = found.end()
    return Template.of(*parts, text[at:])
