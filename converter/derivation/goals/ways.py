"""What a proxied answer depends on, directive by directive: each has its own few requests.

The test upstream answers as a request asks: `X-Reply-Status: 503`, `X-Reply-Delay: 2` (seconds), `X-Reply-Header: Name: value`,
`X-Reply-Close: 1` (it closes the connection without an answer).
"""

import re
from collections.abc import Callable, Iterator

from converter.derivation.wire import Edit, Edits
from converter.nginx.locations import PASSES
from converter.nginx.variables import names
from converter.syntax.tree import Directive

_LARGEST_BODY = 64 * 1024
_UNITS = {"": 1, "k": 1024, "m": 1024 * 1024}
Way = tuple[str, Edits]  # a few words on it, and the changes
_OF_THE_MESSAGE = ("connection", "content-encoding", "content-length", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade")


def _asked(name: str, value: str) -> Edit:
    return Edit("header", value, name)


def _upstream(name: str, value: str) -> Edit:
    return Edit("header", f"{name}: {value}", "x-reply-header")


_ORIGIN = _asked("origin", "https://app.example.test")
_PREFLIGHT = (_ORIGIN, Edit("method", "OPTIONS"), _asked("access-control-request-method", "POST"))
_UPGRADE = (
    _asked("connection", "Upgrade"),
    _asked("upgrade", "websocket"),
    _asked("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
    _asked("sec-websocket-version", "13"),
)
_POST = (Edit("method", "POST"), _asked("content-type", "application/x-www-form-urlencoded"), Edit("body", "probe=1"))
_CLOSED = (_asked("x-reply-close", "1"),)


def _passes(line: Directive) -> Iterator[Way]:
    yield "GET with a query", (Edit("query", "probe=1&x=a%20b"),)
    yield "POST with a body", _POST
    yield "HEAD", (Edit("method", "HEAD"),)
    yield "OPTIONS", (Edit("method", "OPTIONS"),)
    yield "the upstream answers 404", (_asked("x-reply-status", "404"),)
    yield "the upstream answers 503", (_asked("x-reply-status", "503"),)
    yield "the upstream closes the connection", _CLOSED
    redirect = _upstream("Location", f"{re.sub(r'[$].*', '', line.args[0])}/probe" if line.args else "/probe")
    yield "the upstream redirects to itself", (_asked("x-reply-status", "302"), redirect)
    yield "PUT", (Edit("method", "PUT"), Edit("body", "probe"))


def _request_header(line: Directive) -> Iterator[Way]:
    if len(line.args) < 2:
        return
    name, value = line.args[0].lower(), line.args[1]
    if name == "upgrade":
        yield "websocket", _UPGRADE
        yield "no upgrade", ()
        return
    if read := tuple(edit for variable in sorted(names(value)) for edit in _filled(variable)):
        yield "with what it reads", read
    if name not in ("host", "connection"):
        yield f"with {name} of its own", (_asked(name, "192.0.2.1" if "for" in name or "ip" in name else "from-client"),)
    yield "plain", ()


def _filled(variable: str) -> tuple[Edit, ...]:
    """Gives a variable a value, where a request can."""
    for start, part in (("http_", "header"), ("arg_", "argument"), ("cookie_", "cookie")):
        if variable.startswith(start) and variable not in ("http_host", "http_upgrade", "http_connection"):
            name = variable.removeprefix(start)
            return (Edit(part, "probe", name.replace("_", "-") if part == "header" else name),)
    if variable == "proxy_add_x_forwarded_for":
        return (_asked("x-forwarded-for", "192.0.2.1, 203.0.113.9"),)
    return (Edit("query", "probe=1"),) if variable in ("args", "query_string", "is_args", "request_uri") else ()


def _answer_header(line: Directive) -> Iterator[Way]:
    if len(line.args) < 2:
        return
    name = line.args[0]
    if read := tuple(edit for variable in sorted(names(line.args[1])) for edit in _filled(variable)):
        yield "with what it reads", read
    if name.lower().startswith("access-control-") or "$http_origin" in line.args[1]:
        yield "from another origin", (_ORIGIN,)
        yield "preflight", _PREFLIGHT
    yield "plain", ()
    yield "the upstream answers 404", (_asked("x-reply-status", "404"),)
    if name.lower() not in _OF_THE_MESSAGE:
        yield f"the upstream sends {name}, too", (_upstream(name, "from-upstream"),)


def _hidden(line: Directive) -> Iterator[Way]:
    if line.args and line.args[0].lower() not in _OF_THE_MESSAGE:
        yield f"the upstream sends {line.args[0]}", (_upstream(line.args[0], "from-upstream"),)


def _location(line: Directive) -> Iterator[Way]:
    before = line.args[0] if line.args else "default"
    moved = _asked("x-reply-status", "302")
    if before not in ("default", "off") and not before.startswith("~") and "$" not in before:
        yield "the upstream redirects to what is replaced", (moved, _upstream("Location", f"{before}probe"))
        yield "with 201", (_asked("x-reply-status", "201"), _upstream("Location", before))
    yield "the upstream redirects elsewhere", (moved, _upstream("Location", "http://elsewhere.example.test/probe"))
    yield "the upstream redirects to a path", (moved, _upstream("Location", "/probe"))


def _set_cookie(line: Directive) -> Iterator[Way]:
    old = (line.args[0] if line.args else "").lstrip("~*^")
    attribute = "Domain" if line.name.endswith("domain") else "Path"
    yield (
        "the upstream sets a cookie",
        (_upstream("Set-Cookie", f"probe=1; {attribute}={old if re.fullmatch(r'[!-:<-~]+', old) else '/'}"),),
    )
    yield "the upstream sets another cookie", (_upstream("Set-Cookie", f"probe=1; {attribute}=elsewhere.test; HttpOnly"),)


def _error_page(line: Directive) -> Iterator[Way]:
    codes = [code for code in line.args[:-1] if re.fullmatch(r"[345]\d\d", code)]
    if {"502", "504"} & set(codes):
        yield "the upstream closes the connection", _CLOSED
    yield from ((f"the upstream answers {code}", (_asked("x-reply-status", code),)) for code in codes[:6])
    yield "plain", ()


def _statuses(line: Directive) -> Iterator[Way]:
    yield from ((f"the upstream answers {code}", (_asked("x-reply-status", code),)) for code in ("503", "404", "500"))
    yield "the upstream closes the connection", _CLOSED


def _delay(line: Directive) -> Iterator[Way]:
    found = re.fullmatch(r"(\d{1,5})(ms|s|)", line.args[0]) if line.args else None
    seconds = int(found[1]) / (1000 if found[2] == "ms" else 1) if found else 99
    if seconds <= 2:
        yield f"the upstream takes longer than {line.args[0]}", (_asked("x-reply-delay", str(int(seconds) + 1)),)


def body_limit(line: Directive) -> int | None:
    """The octets that client_max_body_size allows; None for no limit, or none that can be read."""
    found = re.fullmatch(r"(\d{1,12})([kKmM]?)", line.args[0]) if line.args else None
    return int(found[1]) * _UNITS[found[2].lower()] or None if found else None


def _body_over(line: Directive) -> Iterator[Way]:
    limit = body_limit(line)
    if limit is not None and limit < _LARGEST_BODY:
        yield f"a body of {limit + 1} octets", (Edit("method", "POST"), Edit("body", "x" * (limit + 1)))


def _body_under(line: Directive) -> Iterator[Way]:
    limit = body_limit(line)
    if limit is not None and limit < _LARGEST_BODY:
        yield f"a body of {limit} octets", (Edit("method", "POST"), Edit("body", "x" * limit))


def _plain(line: Directive) -> Iterator[Way]:
    yield "plain", ()
    yield "POST with a body", _POST


def _compressed(line: Directive) -> Iterator[Way]:
    yield "the client takes gzip", (_asked("accept-encoding", "gzip"),)


def _spelled_header(line: Directive) -> Iterator[Way]:
    yield "a header name with an underscore", (_asked("x_probe", "1"),)


Ways = Callable[[Directive], Iterator[Way]]
WAYS: dict[str, Ways] = {
    **dict.fromkeys(PASSES, _passes),
    "proxy_set_header": _request_header,
    "grpc_set_header": _request_header,
    "proxy_hide_header": _hidden,
    "proxy_pass_header": _hidden,
    "proxy_ignore_headers": _hidden,
    "add_header": _answer_header,
    "more_set_headers": _plain,
    "expires": _statuses,
    "proxy_redirect": _location,
    "proxy_cookie_domain": _set_cookie,
    "proxy_cookie_path": _set_cookie,
    "proxy_cookie_flags": _set_cookie,
    "error_page": _error_page,
    "proxy_intercept_errors": _statuses,
    "proxy_next_upstream": _statuses,
    "proxy_read_timeout": _delay,
    "client_max_body_size": _body_over,
    "proxy_method": _plain,
    "proxy_set_body": _plain,
    "proxy_pass_request_body": _plain,
    "proxy_pass_request_headers": _plain,
    "mirror": _plain,
    "try_files": _plain,
    "gzip": _compressed,
    "underscores_in_headers": _spelled_header,
    "ignore_invalid_headers": _spelled_header,
}
MISSES: dict[str, Ways] = {"client_max_body_size": _body_under}
