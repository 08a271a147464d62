"""What each key of a request may hold: a check returns the value as it goes on the wire, or raises ValueError, completing `KEY: `."""

import ipaddress
import re
from collections.abc import Callable, Mapping
from typing import Any

from converter.verify.url import Url, parse_url

METHODS = ("get", "head", "post", "put", "delete", "options", "patch")

Headers = tuple[tuple[str, str | None], ...]

_MOST_REPEATS = 10_000
_TOKEN = re.compile(r"[^\s\x00-\x1f\x7f]+")


def octets(text: str) -> str:
    """The UTF-8 octets of a text, one character each."""
    return text.encode("utf-8", "surrogatepass").decode("latin-1")


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise ValueError("must be text: put it in quotes")


def _line(value: Any) -> str:
    if re.search(r"[\r\n\0]", _text(value)):
        raise ValueError("holds a line break or a NUL: such a request can only be given as raw")
    return _text(value)


def _url(value: Any) -> Url:
    return parse_url(_line(value))


def _raw(value: Any) -> str:
    if not _text(value).strip():
        raise ValueError("is empty: write the request as it goes on the wire")
    if max(_text(value)) > "\xff":
        raise ValueError("holds a character outside Latin-1: write its octets, such as \\xc3\\xbc for ü")
    return _text(value)


def _method(value: Any) -> str:
    if not _TOKEN.fullmatch(_text(value)) or not _text(value).isascii():
        raise ValueError("must be one word such as PURGE: any other can only be given as raw")
    return _text(value)


def _header_list(value: Any) -> Headers:
    pairs = list(value.items()) if isinstance(value, Mapping) else []
    for item in value if isinstance(value, list) else []:
        if isinstance(item, Mapping) and len(item) == 1:
            pairs.extend(item.items())
        elif isinstance(item, list) and len(item) == 2:
            pairs.append(tuple(item))
        else:
            raise ValueError("must hold one header an entry, such as `- X-User: 42`")
    if not isinstance(value, list | Mapping):
        raise ValueError('must be a mapping such as {X-User: "42"}, or for repeated names a list such as [X-User: 1, X-User: 2]')
    return tuple(_header(name, content) for name, content in pairs)


def _header(name: Any, value: Any) -> tuple[str, str | None]:
    if not _line(name) or ":" in _line(name):
        raise ValueError(f"{name!r} cannot be the name of a header: such a request can only be given as raw")
    if value is None and name.lower() == "host":
        return name, None
    if isinstance(value, list):
        raise ValueError(f"{name}: for a repeated name make headers a list such as [{name}: 1, {name}: 2]")
    try:
        return octets(_line(name)), octets(_line(value))
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None


def _address(value: Any) -> str:
    try:
        return str(ipaddress.ip_address(_text(value)))
    except ValueError:
        raise ValueError(f"must be an IP address such as 203.0.113.9, not {value!r}") from None


def _between(lowest: int, highest: int) -> Callable[[Any], int]:
    def check(value: Any) -> int:
        if isinstance(value, int) and not isinstance(value, bool) and lowest <= value <= highest:
            return value
        raise ValueError(f"must be a whole number from {lowest} to {highest:,}, not {value!r}")

    return check


def _scheme(value: Any) -> str:
    if value not in ("http", "https"):
        raise ValueError(f"must be http or https, not {value!r}")
    return str(value)


def _about(value: Any) -> tuple[str, ...]:
    return tuple(_text(entry) for entry in (value if isinstance(value, list) else [value]))


CHECKS: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys((*METHODS, "url"), _url),
    "raw": _raw,
    "method": _method,
    "headers": _header_list,
    "body": lambda value: octets(_text(value)),
    "from": _address,
    "to": _address,
    "sni": lambda value: "" if value is None else _line(value),
    "repeat": _between(1, _MOST_REPEATS),
    "port": _between(1, 65535),
    "scheme": _scheme,
    "about": _about,
}
