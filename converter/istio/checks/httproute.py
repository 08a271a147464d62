"""The HTTP routes of a VirtualService: what they match, and what they do."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from http import HTTPStatus
from typing import Any

from converter.istio.checks.headers import is_authority, match_name_fault, operation_faults
from converter.istio.checks.matching import match_faults, regex_fault, substitution_fault
from converter.istio.checks.names import found, is_label, labels_fault, port_fault
from converter.istio.checks.policies import cors_faults, fault_faults, percentage_faults
from converter.istio.checks.routing import destination_fault, destination_faults, gateway_name_faults

_ANSWERS = ("redirect", "directResponse", "route")
_REDIRECTS = (301, 302, 303, 307, 308)
_BREAKS = frozenset("\0\r\n")
_LARGEST_BODY = 1024 * 1024
_RETRY_ON = frozenset(
    ["5xx", "gateway-error", "reset", "reset-before-request", "connect-failure", "retriable-4xx", "refused-stream",
     "retriable-status-codes", "retriable-headers", "envoy-ratelimited", "http3-post-connect-failure", "cancelled", "deadline-exceeded",
     "internal", "resource-exhausted", "unavailable", *(str(status.value) for status in HTTPStatus)]
)  # fmt: skip


def check(where: str, route: Mapping[str, Any]) -> Iterator[str]:
    """Faults of one route; `where` is its place, such as `spec.http[0]`."""
    yield from _answer(where, route)
    for name, part in route.items():
        if faults := _PARTS.get(name):
            yield from faults(f"{where}.{name}", part)
    if "headers" in route:
        yield from _authority(where, route)
    if route.get("mirrors") and "mirror" in route:
        yield f"{where}: only one of mirror and mirrors"


def _answer(where: str, route: Mapping[str, Any]) -> Iterator[str]:
    given = [name for name in _ANSWERS if route.get(name)]
    if "delegate" in route:
        yield from (f"{where}.{name}: stands in the delegate" for name in ("redirect", "route") if route.get(name) is not None)
        return
    if len(given) != 1:
        yield f"{where}: needs exactly one of redirect, directResponse and route; has {' and '.join(given) or 'none'}"
    for name in ("fault", "rewrite") if "route" not in given else ():
        if name in route:
            yield f"{where}.{name}: goes with route only"


def _matches(where: str, matches: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for index, match in enumerate(matches):
        for name, value in match.items():
            if faults := _MATCHED.get(name):
                yield from faults(f"{where}[{index}].{name}", value)


def _query_parameters(where: str, conditions: Mapping[str, Any]) -> Iterator[str]:
    if "" in conditions:
        yield f"{where}: a name is empty"
    for name, value in conditions.items():
        yield from match_faults(f"{where}.{name}", value)


def _header_conditions(where: str, conditions: Mapping[str, Any], presence: str = "") -> Iterator[str]:
    """presence: the regex that stands for a header that is there."""
    for name, value in conditions.items():
        yield from found(where, match_name_fault(name))
        if not presence or value.get("regex") != presence:
            yield from match_faults(f"{where}.{name}", value)


def _source_namespace(where: str, name: str) -> Iterator[str]:
    if name and not is_label(name):
        yield f"{where}: {name!r} is no namespace"


def _destinations(where: str, destinations: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for index, destination in enumerate(destinations):
        if "headers" in destination:
            yield from operation_faults(f"{where}[{index}].headers", destination["headers"])
    yield from destination_faults(where, destinations)


def _authority(where: str, route: Mapping[str, Any]) -> Iterator[str]:
    request = route["headers"].get("request", {})
    names = [name for verb in ("set", "add") for name in request.get(verb, {}) if is_authority(name)]
    if len(names) + bool(route.get("rewrite", {}).get("authority")) > 1:
        yield f"{where}.headers.request: the authority is set more than once"


def _redirect(where: str, redirect: Mapping[str, Any]) -> Iterator[str]:
    if not any(redirect.get(name) for name in ("uri", "prefixRewrite", "authority", "scheme", "derivePort")) and "port" not in redirect:
        yield f"{where}: needs uri, authority, scheme or port"
    if redirect.get("uri") and redirect.get("prefixRewrite"):
        yield f"{where}: only one of uri and prefixRewrite"
    if redirect.get("redirectCode", 301) not in _REDIRECTS:  # the webhook takes any 3xx, but then the route does nothing
        yield f"{where}.redirectCode: {redirect['redirectCode']} is none of {', '.join(map(str, _REDIRECTS))}"
    if redirect.get("scheme", "http") not in ("", "http", "https"):
        yield f"{where}.scheme: {redirect['scheme']!r} is neither http nor https"
    yield from _line_breaks(where, redirect)
    if redirect.get("port"):
        yield from found(f"{where}.port", port_fault(redirect["port"]))


def _response(where: str, response: Mapping[str, Any]) -> Iterator[str]:
    if not 200 <= response["status"] <= 599:
        yield f"{where}.status: {response['status']} is not within 200 to 599"
    body = response.get("body", {})
    size = len(body.get("string", "").encode("utf-8", "surrogatepass")) + len(body.get("bytes", "")) * 3 // 4
    if size > _LARGEST_BODY:
        yield f"{where}.body: is larger than 1 MiB"


def _rewrite(where: str, rewrite: Mapping[str, Any]) -> Iterator[str]:
    pattern = rewrite.get("uriRegexRewrite")
    if rewrite.get("uri") and pattern is not None:
        yield f"{where}: only one of uri and uriRegexRewrite"
    if not rewrite.get("uri") and not rewrite.get("authority") and pattern is None:
        yield f"{where}: needs uri, uriRegexRewrite or authority"
    if pattern is not None and not (pattern.get("match") and pattern.get("rewrite")):
        yield f"{where}.uriRegexRewrite: needs match and rewrite"
    elif pattern is not None:
        fault = regex_fault(pattern["match"])
        yield from found(f"{where}.uriRegexRewrite.match", fault)
        yield from found(f"{where}.uriRegexRewrite.rewrite", "" if fault else substitution_fault(pattern["match"], pattern["rewrite"]))
    yield from _line_breaks(where, rewrite)


def _line_breaks(where: str, texts: Mapping[str, Any]) -> Iterator[str]:
    """Envoy refuses the whole route table for such a text (HTTP_HEADER_VALUE in config.route.v3)."""
    for name in ("uri", "authority", "prefixRewrite"):
        if not _BREAKS.isdisjoint(texts.get(name, "")):
            yield f"{where}.{name}: holds a line break or NUL"


def _retries(where: str, retries: Mapping[str, Any]) -> Iterator[str]:
    attempts = retries.get("attempts", 0)
    if attempts < 0:
        yield f"{where}.attempts: is negative"
    if retries and attempts == 0:
        used = [name for name in ("perTryTimeout", "retryOn", "retryRemoteLocalities") if name in retries]
        yield from (f"{where}.{name}: without attempts" for name in used)
    for token in retries.get("retryOn", "").split(",") if retries.get("retryOn") else ():
        if token not in _RETRY_ON:
            yield f"{where}.retryOn: {token!r} is no condition or status"


def _mirrors(where: str, mirrors: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for index, mirror in enumerate(mirrors):
        yield from found(f"{where}[{index}].destination", destination_fault(mirror["destination"]))
        yield from percentage_faults(f"{where}[{index}].percentage", mirror.get("percentage"))


_MATCHED: Mapping[str, Callable[[str, Any], Iterator[str]]] = {
    "uri": partial(match_faults, may_be_empty=True),
    **dict.fromkeys(("scheme", "method", "authority"), match_faults),
    "queryParams": _query_parameters,
    "headers": _header_conditions,
    "withoutHeaders": partial(_header_conditions, presence="*"),
    "port": lambda where, port: found(where, port_fault(port) if port else ""),
    "sourceNamespace": _source_namespace,
    "sourceLabels": lambda where, labels: found(where, labels_fault(labels)),
    "gateways": gateway_name_faults,
}
_PARTS: Mapping[str, Callable[[str, Any], Iterator[str]]] = {
    "match": _matches,
    "headers": operation_faults,
    "route": _destinations,
    "redirect": _redirect,
    "directResponse": _response,
    "rewrite": _rewrite,
    "retries": _retries,
    "corsPolicy": cors_faults,
    "fault": fault_faults,
    "mirror": lambda where, destination: found(where, destination_fault(destination)),
    "mirrorPercentage": percentage_faults,
    "mirrors": _mirrors,
}
