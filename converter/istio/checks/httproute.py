"""The HTTP routes of a VirtualService: what they match, and what they do."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from http import HTTPStatus
from typing import Any

from converter.istio.checks.headers import is_authority, match_name_fault, operation_faults
from converter.istio.checks.matching import match_faults, path_faults, regex_fault, substitution_fault
from converter.istio.checks.names import found, is_label, labels_fault, port_fault
from converter.istio.checks.policies import cors_faults, fault_faults, percentage_faults
from converter.istio.checks.routing import destination_fault, destination_faults, gateway_name_faults

_ANSWERS = ("redirect", "directResponse", "route")
_MOVES = frozenset(["uri", "prefixRewrite", "authority", "scheme", "derivePort", "port"])
_HEADER_TEXTS = frozenset(["uri", "authority", "prefixRewrite"])
_REDIRECTS = (301, 302, 303, 307, 308)
_BREAKS = frozenset("\0\r\n")
_LARGEST_BODY = 1024 * 1024
_RETRY_ON = frozenset(
    ["5xx", "gateway-error", "reset", "reset-before-request", "connect-failure", "retriable-4xx", "refused-stream",
     "retriable-status-codes", "retriable-headers", "envoy-ratelimited", "http3-post-connect-failure", "cancelled", "deadline-exceeded",
     "internal", "resource-exhausted", "unavailable", *(str(status.value) for status in HTTPStatus)]
)  # fmt: skip


def check(route: Mapping[str, Any]) -> list[str]:
    """Faults of one route. Each goes on from its place, `spec.http[0]`, and so do those of the parts below: `.redirect.scheme: what`."""
    faults = _answer(route)
    for name, part in route.items():
        if name in _PARTS:
            for fault in _PARTS[name](part):
                faults.append(f".{name}{fault}")
    if "headers" in route and _sets_authority_twice(route):
        faults.append(".headers.request: the authority is set more than once")
    if route.get("mirrors") and "mirror" in route:
        faults.append(": only one of mirror and mirrors")
    return faults


def _answer(route: Mapping[str, Any]) -> list[str]:
    if "delegate" in route:
        return [f".{name}: stands in the delegate" for name in ("redirect", "route") if route.get(name) is not None]
    given = [name for name in _ANSWERS if route.get(name)]
    number = [] if len(given) == 1 else [f": needs exactly one of redirect, directResponse and route; has {' and '.join(given) or 'none'}"]
    if "route" in given:
        return number
    return number + [f".{name}: goes with route only" for name in ("fault", "rewrite") if name in route]


def _matches(matches: Sequence[Mapping[str, Any]]) -> list[str]:
    return [
        f"[{index}].{name}{fault}"
        for index, match in enumerate(matches)
        for name, value in match.items()
        if name in _MATCHED
        for fault in _MATCHED[name](value)
    ]


def _query_parameters(conditions: Mapping[str, Any]) -> list[str]:
    empty = [": a name is empty"] if "" in conditions else []
    return empty + [f".{name}{fault}" for name, value in conditions.items() for fault in match_faults(value)]


def _header_conditions(conditions: Mapping[str, Any], presence: str = "") -> Iterator[str]:
    """presence: the regex that stands for a header that is there."""
    for name, value in conditions.items():
        yield from found("", match_name_fault(name))
        if not presence or value.get("regex") != presence:
            yield from (f".{name}{fault}" for fault in match_faults(value))


def _source_namespace(name: str) -> list[str]:
    return [f": {name!r} is no namespace"] if name and not is_label(name) else []


def _destinations(destinations: Sequence[Mapping[str, Any]]) -> list[str]:
    faults = destination_faults(destinations)
    for index, destination in enumerate(destinations):
        if "headers" in destination:
            faults += [f"[{index}].headers{fault}" for fault in operation_faults(destination["headers"])]
    return faults


def _sets_authority_twice(route: Mapping[str, Any]) -> bool:
    request = route["headers"].get("request", {})
    names = [name for verb in ("set", "add") for name in request.get(verb, ()) if is_authority(name)]
    return len(names) + bool(route.get("rewrite", {}).get("authority")) > 1


def _redirect(redirect: Mapping[str, Any]) -> list[str]:
    faults = _line_breaks(redirect)
    if _MOVES.isdisjoint(name for name, value in redirect.items() if value or name == "port"):
        faults.append(": needs uri, authority, scheme or port")
    if redirect.get("uri") and redirect.get("prefixRewrite"):
        faults.append(": only one of uri and prefixRewrite")
    if redirect.get("redirectCode", 301) not in _REDIRECTS:  # the webhook takes any 3xx, but then the route does nothing
        faults.append(f".redirectCode: {redirect['redirectCode']} is none of {', '.join(map(str, _REDIRECTS))}")
    if redirect.get("scheme", "http") not in ("", "http", "https"):
        faults.append(f".scheme: {redirect['scheme']!r} is neither http nor https")
    if redirect.get("port"):
        faults += found(".port", port_fault(redirect["port"]))
    return faults


def _response(response: Mapping[str, Any]) -> list[str]:
    faults = []
    if not 200 <= response["status"] <= 599:
        faults.append(f".status: {response['status']} is not within 200 to 599")
    body = response.get("body", {})
    size = len(body.get("string", "").encode("utf-8", "surrogatepass")) + len(body.get("bytes", "")) * 3 // 4
    if size > _LARGEST_BODY:
        faults.append(".body: is larger than 1 MiB")
    return faults


def _rewrite(rewrite: Mapping[str, Any]) -> list[str]:
    faults = _line_breaks(rewrite)
    pattern = rewrite.get("uriRegexRewrite")
    if rewrite.get("uri") and pattern is not None:
        faults.append(": only one of uri and uriRegexRewrite")
    if not rewrite.get("uri") and not rewrite.get("authority") and pattern is None:
        faults.append(": needs uri, uriRegexRewrite or authority")
    if pattern is not None:
        faults += [f".uriRegexRewrite{fault}" for fault in _substitution(pattern)]
    return faults


def _substitution(pattern: Mapping[str, Any]) -> Iterator[str]:
    if not (pattern.get("match") and pattern.get("rewrite")):
        yield ": needs match and rewrite"
        return
    fault = regex_fault(pattern["match"])
    yield from found(".match", fault)
    yield from found(".rewrite", "" if fault else substitution_fault(pattern["match"], pattern["rewrite"]))


def _line_breaks(texts: Mapping[str, Any]) -> list[str]:
    """Envoy refuses the whole route table for such a text (HTTP_HEADER_VALUE in config.route.v3)."""
    return [f".{name}: holds a line break or NUL" for name, text in texts.items() if name in _HEADER_TEXTS and not _BREAKS.isdisjoint(text)]


def _retries(retries: Mapping[str, Any]) -> list[str]:
    faults = []
    attempts, conditions = retries.get("attempts", 0), retries.get("retryOn")
    if attempts < 0:
        faults.append(".attempts: is negative")
    if retries and attempts == 0:
        faults += [f".{name}: without attempts" for name in ("perTryTimeout", "retryOn", "retryRemoteLocalities") if name in retries]
    for token in conditions.split(",") if conditions else ():
        if token not in _RETRY_ON:
            faults.append(f".retryOn: {token!r} is no condition or status")
    return faults


def _mirrors(mirrors: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for index, mirror in enumerate(mirrors):
        yield from found(f"[{index}].destination", destination_fault(mirror["destination"]))
        yield from percentage_faults(f"[{index}].percentage", mirror.get("percentage"))


_MATCHED: Mapping[str, Callable[[Any], Iterable[str]]] = {
    "uri": path_faults,
    **dict.fromkeys(("scheme", "method", "authority"), match_faults),
    "queryParams": _query_parameters,
    "headers": _header_conditions,
    "withoutHeaders": partial(_header_conditions, presence="*"),
    "port": lambda port: found("", port_fault(port) if port else ""),
    "sourceNamespace": _source_namespace,
    "sourceLabels": lambda labels: found("", labels_fault(labels)),
    "gateways": partial(gateway_name_faults, ""),
}
_PARTS: Mapping[str, Callable[[Any], Iterable[str]]] = {
    "match": _matches,
    "headers": operation_faults,
    "route": _destinations,
    "redirect": _redirect,
    "directResponse": _response,
    "rewrite": _rewrite,
    "retries": _retries,
    "corsPolicy": partial(cors_faults, ""),
    "fault": partial(fault_faults, ""),
    "mirror": lambda destination: found("", destination_fault(destination)),
    "mirrorPercentage": partial(percentage_faults, ""),
    "mirrors": _mirrors,
}
