"""What nginx's `log_format` says, turned around: from the format to a regex that takes a line apart, and from escapes to octets."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from converter.verify.request_fields import octets

if TYPE_CHECKING:
    from converter.syntax import Directive, Parsed

COMBINED = '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"'
NAMED = {
    "combined": COMBINED,  # https://nginx.org/en/docs/http/ngx_http_log_module.html#log_format
    "main": COMBINED + ' "$http_x_forwarded_for"',  # nginx.conf of nginx's own packages
}
_WANTED = "request request_method request_uri uri document_uri args query_string http_host host server_name server_port scheme https"
_WORDS = (  # what never holds a space
    "body_bytes_sent bytes_sent connection connection_requests host https msec pid pipe remote_addr remote_port request_id request_length"
    " request_method request_time scheme server_addr server_name server_port server_protocol ssl_cipher ssl_protocol time_iso8601"
)
WANTED = frozenset(_WANTED.split())
_NO_SPACE = frozenset(_WORDS.split())
_ESCAPE = re.compile(r"escape=(default|json|none)\s+(?=\S)")
_VARIABLE = re.compile(r"\$(?:(\w+)|\{(\w+)\})", re.ASCII)
_HEX = re.compile(r"\\x([0-9A-Fa-f]{2})")
_JSON = re.compile(r'\\(?:u00([0-9A-Fa-f]{2})|(["\\/bfnrt]))')
_JSON_LETTERS = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


class LogFormatError(Exception):
    """The format cannot be used; the message is a sentence for people."""


@dataclass(frozen=True, slots=True)
class LogFormat:
    """A format that can be read.

    pattern: a regex (RE2) of a whole line; its groups are the whole line and then `names`, the variables that say something of the request.
             No value holds the character behind it, so that RE2 never has to weigh two ways (which is 2.5 times faster).
    loose:   the same for lines that `pattern` does not take: values hold whatever they can.
    escape:  `default`, `json` or `none`: how nginx wrote values.
    broken:  a regex of a value that holds a line break or a NUL, which no request line can.
    """

    pattern: str
    loose: str
    names: tuple[str, ...]
    escape: str
    broken: str

    def octets(self, value: str) -> str:
        """The value as it was in the request, one character an octet."""
        return _UNESCAPES[self.escape](value)


def log_format(text: str) -> LogFormat:
    """The format of that name (`combined`, `main`), or what stands behind the name in nginx.conf: `[escape=json] $remote_addr …`.

    Raises LogFormatError where it is no format, or one whose lines do not say what was asked.
    """
    if text not in NAMED and "$" not in text:
        raise LogFormatError(f"{text!r} is no log format: give {' or '.join(NAMED)}, or the text of your log_format with its $variables")
    text = NAMED.get(text, text)
    found = _ESCAPE.match(text)
    escape, text = (found[1], text[found.end() :]) if found else ("default", text)
    parts = list(_parts(text))
    names = tuple(dict.fromkeys(name for name, _ in parts if name in WANTED))
    _check(names)
    return LogFormat(_pattern(parts, escape, False), _pattern(parts, escape, True), names, escape, _BROKEN[escape])


def formats_of(parsed: "Parsed") -> dict[str, str]:
    """The log formats that a configuration defines for HTTP, by name; each is a text for `log_format`, its strings joined as nginx does."""
    found: dict[str, str] = {}
    waiting: list[Directive] = list(parsed.root)
    while waiting:
        directive = waiting.pop(0)
        if directive.name == "log_format" and len(directive.args) > 1:
            found.setdefault(directive.args[0], _joined(directive.args[1:]))
        elif directive.block and directive.name != "stream":
            waiting = [*directive.block, *waiting]
    return found


def _joined(strings: tuple[str, ...]) -> str:
    if not strings[0].startswith("escape="):
        return "".join(strings)
    escape, text = strings[0], "".join(strings[1:])
    return text if escape == "escape=default" else f"{escape} {text}"


def _parts(text: str) -> Iterator[tuple[str, str]]:
    """The name of each variable and the text behind it; the name of the text at the very beginning is empty."""
    if "\n" in text:
        raise LogFormatError("the log format writes several lines for one request: such logs cannot be read")
    pieces = _VARIABLE.split(text)
    for literal in pieces[::3]:
        if "$" in literal:
            raise LogFormatError(f"the log format has a $ without a variable's name in {literal.strip()!r}")
    yield "", pieces[0]
    for plain, braced, literal in zip(pieces[1::3], pieces[2::3], pieces[3::3], strict=True):
        yield plain or braced, literal


def _check(names: tuple[str, ...]) -> None:
    if not {"request", "request_method"} & set(names):
        raise LogFormatError("the log format does not say the method: it needs $request or $request_method")
    if not {"request", "request_uri", "uri", "document_uri"} & set(names):
        raise LogFormatError("the log format does not say the path: it needs $request, $request_uri or $uri")


def _pattern(parts: list[tuple[str, str]], escape: str, loose: bool) -> str:
    out, seen = "", {""}
    for name, literal in parts:
        value = _value(name, octets(literal)[:1], escape, loose) if name else ""
        out += f"({value})" if name in WANTED and name not in seen else f"(?:{value})" if name else ""
        out += re.escape(octets(literal))
        seen.add(name)
    return f"^({out})$"


def _value(name: str, behind: str, escape: str, loose: bool) -> str:
    """What a value can be before the character `behind` it."""
    if behind == '"' and escape == "default":
        return '[^"]*'
    if behind == '"' and escape == "json":
        return r'(?:[^"\\]|\\.)*'
    if name == "status":
        return "[0-9-]*"
    if not behind:
        return ".*"
    narrow = not loose or (behind == " " and name in _NO_SPACE) or (behind == "]" and name == "time_local")
    return f"[^{re.escape(behind)}]*" if narrow else ".*?"


def _from_hex(value: str) -> str:
    """Undoes ngx_http_log_escape: `"`, `\\` and octets below 0x20 or above 0x7e are `\\xHH`."""
    return _HEX.sub(lambda found: chr(int(found[1], 16)), value)


def _from_json(value: str) -> str:
    """Undoes ngx_escape_json: `"`, `\\` and octets below 0x20."""
    return _JSON.sub(lambda found: chr(int(found[1], 16)) if found[1] else _JSON_LETTERS.get(found[2], found[2]), value)


_UNESCAPES: dict[str, Callable[[str], str]] = {"default": _from_hex, "json": _from_json, "none": str}
_BROKEN = {
    "default": r"\\x0[0AaDd]|\x01",
    "json": r"(?:^|[^\\])(?:\\\\)*\\(?:n|r|u000[0AaDd])|\x01",
    "none": r"\x01",  # what stands for NUL here
}
