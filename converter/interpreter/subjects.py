"""What conditions and values look at, read from one request."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import re2

from converter.interpreter.reading import bare, decoded, header, query_of
from converter.model.values import Source, Variable
from converter.model.verification import Request
from converter.nginx.spelling import spelled


@lru_cache(maxsize=8192)
def compiled_regex(text: str) -> Any:
    """The pattern as Envoy's engine takes it; None where it refuses it."""
    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(text, options)
    except re2.error:
        return None


def subject(variable: Variable, request: Request) -> str | None:
    """What a variable of a condition holds in a request, the path as clients ordinarily spell it; None for what is not known."""
    read = _SUBJECTS.get(variable.source)
    return None if read is None else read(request, variable.name)


def _argument(request: Request, name: str) -> str:
    pairs = (pair.partition("=") for pair in query_of(request.target).split("&"))
    return next((value for key, _, value in pairs if key.lower() == name.lower()), "")


def _cookie(request: Request, name: str) -> str:
    pairs = (pair.strip().partition("=") for pair in header(request, "cookie").split(";"))
    return next((value for key, _, value in pairs if key == name), "")


_SUBJECTS: dict[Source, Callable[[Request, str], str]] = {
    Source.HOST: lambda request, _: bare(request.host or ""),
    Source.AUTHORITY: lambda request, _: request.host or "",
    Source.PATH: lambda request, _: spelled(decoded(request.target) or "/"),
    Source.RAW_PATH: lambda request, _: request.target,
    Source.QUERY: lambda request, _: query_of(request.target),
    Source.QUERY_MARK: lambda request, _: "?" if query_of(request.target) else "",
    Source.ARGUMENT: _argument,
    Source.COOKIE: _cookie,
    Source.REQUEST_HEADER: lambda request, name: header(request, name.lower()),
    Source.METHOD: lambda request, _: request.method,
    Source.SCHEME: lambda request, _: request.scheme,
    Source.FORWARDED_FOR: lambda request, _: ", ".join(part for part in (header(request, "x-forwarded-for"), request.client) if part),
    Source.CLIENT: lambda request, _: request.client,
    Source.LOCAL_PORT: lambda request, _: str(request.port),
}
