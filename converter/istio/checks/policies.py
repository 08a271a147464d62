"""CORS, fault injection and percentages of HTTP routes."""

from collections.abc import Iterator, Mapping
from typing import Any

from converter.istio.checks.durations import nanoseconds
from converter.istio.checks.headers import TOKEN
from converter.istio.checks.matching import regex_fault
from converter.istio.checks.names import found

_METHODS = frozenset(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "CONNECT", "OPTIONS", "TRACE", "*"])
_SECOND = 10**9
_GRPC = frozenset(
    ["OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS",
     "PERMISSION_DENIED",
     "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS",
     "UNAUTHENTICATED"]
)  # fmt: skip


def cors_faults(where: str, policy: Mapping[str, Any]) -> Iterator[str]:
    for index, origin in enumerate(policy.get("allowOrigins", ())):
        place = f"{where}.allowOrigins[{index}]"
        if not any(origin.values()):
            yield f"{place}: is empty"
        elif "regex" in origin:
            yield from found(f"{place}.regex", regex_fault(origin["regex"]))
    for method in policy.get("allowMethods", ()):
        if method not in _METHODS:
            yield f"{where}.allowMethods: {method!r} is no method that CORS can name"
    for key in ("allowHeaders", "exposeHeaders"):
        for name in policy.get(key, ()):
            if not TOKEN.fullmatch(name):
                yield f"{where}.{key}: {name!r} is no name of a header"
    if (nanoseconds(policy.get("maxAge", "1s")) or 0) % _SECOND:
        yield f"{where}.maxAge: must be whole seconds"


def fault_faults(where: str, fault: Mapping[str, Any]) -> Iterator[str]:
    abort, delay = fault.get("abort"), fault.get("delay")
    if abort is None and delay is None:
        yield f"{where}: needs abort or delay"
    for name, part in (("abort", abort or {}), ("delay", delay or {})):
        yield from percentage_faults(f"{where}.{name}.percentage", part.get("percentage"), smallest=0.0001)
    yield from _abort(f"{where}.abort", abort or {})
    if delay and "exponentialDelay" in delay:
        yield f"{where}.delay.exponentialDelay: is not supported by Istio"


def _abort(where: str, abort: Mapping[str, Any]) -> Iterator[str]:
    if not 200 <= abort.get("httpStatus", 200) <= 599:
        yield f"{where}.httpStatus: {abort['httpStatus']} is not within 200 to 599"
    if abort.get("grpcStatus", "OK") not in _GRPC:
        yield f"{where}.grpcStatus: {abort['grpcStatus']!r} is no status of gRPC"
    if "http2Error" in abort:
        yield f"{where}.http2Error: is not supported by Istio"


def percentage_faults(where: str, percentage: Mapping[str, Any] | None, smallest: float = 0.0) -> Iterator[str]:
    """0, or `smallest` to 100."""
    value = (percentage or {}).get("value", 0)
    if not 0 <= value <= 100 or 0 < value < smallest:
        yield f"{where}.value: {value} is not within 0 to 100"
