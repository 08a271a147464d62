"""Reads the requests of a file or of a behaviour case: every fault at once, each with its place and what to write instead."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from converter.model.records import replace
from converter.model.verification import CLIENT, Request
from converter.sources.bounded import Unreadable, bounded_text
from converter.verify.plain_yaml import Faults, Route, did_you_mean, plain_data
from converter.verify.request_fields import CHECKS, METHODS, octets
from converter.verify.url import Url, server_name

MOST_REQUESTS = 100_000  # each as often as it is repeated
_LARGEST = 16 * 1024 * 1024  # bytes of a file
_MOST_MESSAGES = 100
_STARTS = (*METHODS, "url", "raw")
_LISTS = ("requests",)
_HOST = re.compile(r"^host:[ \t]*([^\n]*)", re.IGNORECASE | re.MULTILINE)


class RequestFileError(Exception):
    """The requests cannot be used. `messages` are sentences for people, one a fault, each with `path:line` or the name of the case."""

    def __init__(self, messages: list[str]) -> None:
        super().__init__("\n".join(messages))
        self.messages = messages


def read_requests(path: Path) -> tuple[Request, ...]:
    """The requests in a YAML file (UTF-8, at most 16 MiB and 100,000 requests): a list, or a mapping with the key `requests`.

    The reasons of each are `PATH:LINE` and what `about` names. Raises RequestFileError with all faults.
    """
    try:
        source = bounded_text(path, _LARGEST, "split it", ": save it as UTF-8")
    except OSError as error:
        raise RequestFileError([f"{path}: cannot be read: {error.strerror}"]) from None
    except Unreadable as fault:
        raise RequestFileError([f"{path}: {fault}"]) from None
    faults = Faults()
    return _requests(plain_data(source, faults), str(path), faults)


def requests_of(data: object, where: str) -> tuple[Request, ...]:
    """The requests of a list that is read already, such as `requests:` of a behaviour case; `where` is how messages call its file.

    The reasons of each are what `about` names. Raises RequestFileError with all faults, each with its number in the list (from 0).
    """
    return _requests(data, where, Faults())


def _requests(data: object, where: str, faults: Faults) -> tuple[Request, ...]:
    made: list[Request] = []
    if not faults.noted or data is not None:
        made = [request for item, route in _items(data, faults) if (request := _request(item, route, where, faults))]
    if sum(request.repeat for request in made) > MOST_REQUESTS:
        faults.add((), f"asks more than {MOST_REQUESTS:,} requests, repeats counted: split the file")
    if faults.noted:
        messages = faults.messages(where)
        more = len(messages) - _MOST_MESSAGES
        raise RequestFileError(messages[:_MOST_MESSAGES] + ([f"{where}: and {more:,} more faults"] if more > 0 else []))
    return tuple(made)


def _items(data: object, faults: Faults) -> list[tuple[object, Route]]:
    route: Route = ()
    if isinstance(data, Mapping):
        for name in data:
            if name not in _LISTS:
                faults.add((str(name),), f"is not a known key{did_you_mean(str(name), _LISTS)}")
        if "requests" not in data:
            return []
        data, route = data["requests"], ("requests",)
    if not isinstance(data, list):
        faults.add(route, "must be a list of requests such as `- get: https://shop.example.com/`")
        return []
    if len(data) > MOST_REQUESTS:
        faults.add(route, f"holds {len(data):,} requests, and {MOST_REQUESTS:,} are the most: split the file")
        return []
    return [(item, (*route, number)) for number, item in enumerate(data)]


def _request(item: object, route: Route, where: str, faults: Faults) -> Request | None:
    if not isinstance(item, Mapping):
        faults.add(route, "must be a mapping such as `get: https://shop.example.com/`")
        return None
    starts = [name for name in _STARTS if name in item]
    if len(starts) != 1:
        problem = f"holds {' and '.join(starts)}: keep one" if starts else "asks nothing"
        for name in item.keys() - CHECKS.keys():
            faults.add((*route, str(name)), f"is not a known key{did_you_mean(str(name), tuple(CHECKS))}")
        faults.add(route, f"{problem}: give one of {', '.join(_STARTS)}")
        return None
    before = len(faults.noted)
    values = _checked(item, _keys_of(starts[0]), route, faults)
    if len(faults.noted) > before:
        return None
    made = _from_raw(values) if "raw" in values else _from_url(values, starts[0])
    line = faults.line(route)
    reasons = ((f"{where}:{line}",) if line else ()) + values.get("about", ())
    return replace(made, client=values.get("from", CLIENT), address=values.get("to", ""), repeat=values.get("repeat", 1), reasons=reasons)


def _keys_of(start: str) -> tuple[str, ...]:
    own = {"raw": ("port", "scheme"), "url": ("method", "headers", "body")}.get(start, ("headers", "body"))
    return (start, *own, "from", "to", "sni", "repeat", "about")


def _checked(item: Mapping[Any, Any], known: tuple[str, ...], route: Route, faults: Faults) -> dict[str, Any]:
    """The values by their keys; each that is unknown or faulty is noted and left out."""
    values: dict[str, Any] = {}
    for name, value in item.items():
        if name not in known:
            faults.add((*route, str(name)), _unknown(str(name), known))
            continue
        if value is None and name != "sni":  # a key without a value stands for the default
            value = "" if name in _STARTS else None
        try:
            if value is not None or name == "sni":
                values[name] = CHECKS[name](value)
        except ValueError as error:
            faults.add((*route, name), str(error))
    return values


def _unknown(name: str, known: tuple[str, ...]) -> str:
    if name not in CHECKS:
        return f"is not a known key{did_you_mean(name, known)}"
    if known[0] == "raw":
        return "cannot stand beside raw: write it into the raw request"
    if name == "method":
        return f"cannot stand beside {known[0]}: write url instead of {known[0]}"
    return "can stand only beside raw: it is part of the URL"


def _from_url(values: Mapping[str, Any], start: str) -> Request:
    url: Url = values[start]
    headers: list[tuple[str, str | None]] = list(values.get("headers", ()))
    own = next((number for number, (name, _) in enumerate(headers) if name.lower() == "host"), None)
    host = url.authority if own is None else headers.pop(own)[1]
    method = values.get("method", "GET") if start == "url" else start.upper()
    sni = values.get("sni", url.sni) if url.scheme == "https" else ""
    rest = tuple((name, value) for name, value in headers if value is not None)
    return Request(method, octets(url.target), host, url.scheme, url.port, sni, rest, values.get("body", ""))


def _from_raw(values: Mapping[str, Any]) -> Request:
    raw: str = values["raw"]
    scheme = values.get("scheme", "http")
    head = raw.replace("\r\n", "\n").lstrip("\n").partition("\n\n")[0]
    method, _, rest = head.partition("\n")[0].partition(" ")
    target = rest.rpartition(" ")[0] or rest
    named = _HOST.search(head)
    host = named[1].strip() if named else None
    sni = values.get("sni", server_name(host or "")) if scheme == "https" else ""
    port = values.get("port", 443 if scheme == "https" else 80)
    return Request(method, target, host, scheme, port, sni, raw=raw)
