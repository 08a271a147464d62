"""What a value shall be, and which of nginx's own variables a request gives which value by what."""

import ipaddress
import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from converter.derivation.wire import Edit
from converter.derivation.witnesses import strangers, witnesses
from converter.interpreter.patterns import Regex
from converter.interpreter.reading import number
from converter.interpreter.tables import Entry, Table

PATHS = ("uri", "document_uri", "request_uri", "request_filename")
_METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "PURGE")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a value shall be, in the words of an `if`: operator (empty: neither empty nor `0`; `0`: either), and what stands behind it."""

    operator: str
    operand: str = ""

    @property
    def regex(self) -> Regex:
        return Regex(self.operand, self.operator.endswith("*"))

    def met(self, value: str) -> bool:
        if self.operator in ("", "0"):
            return (value not in ("", "0")) == (self.operator == "")
        if self.operator in ("=", "!="):
            return (value == self.operand) == (self.operator == "=")
        return (self.regex.search(value) is not None) != self.operator.startswith("!")

    @property
    def opposite(self) -> "Wanted":
        if self.operator in ("", "0"):
            return Wanted("0" if self.operator == "" else "")
        return Wanted(self.operator[1:] if self.operator.startswith("!") else f"!{self.operator}", self.operand)

    def texts(self, around: str = "") -> Iterator[str]:
        """Values that meet it."""
        match self.operator:
            case "":
                yield from ("1", "probe")
            case "0":
                yield from ("", "0")
            case "=":
                yield self.operand
            case "!=":
                yield from (f"{self.operand}x", "probe", "")
            case "~" | "~*":
                yield from witnesses(self.regex, around)
            case _:
                yield from (text for text in (f"{around}probe", "probe", "") if self.met(text))
                yield from (text for found in witnesses(self.regex, around)[:1] for text, _ in strangers(self.regex, found))


def _query(text: str) -> Iterable[Edit]:
    return [Edit("query", text)]


DIRECT: dict[str, Callable[[str], Iterable[Edit]]] = {
    "http_host": lambda text: [Edit("host", text)],
    "http_cookie": lambda text: [Edit("header", text, "cookie")],
    "host": lambda text: [Edit("host", text)],
    "args": _query,
    "query_string": _query,
    "is_args": lambda text: [Edit("query", "a=1" if text else "")],
    "request_method": lambda text: [Edit("method", text)],
    "uri": lambda text: [Edit("path", text)],
    "document_uri": lambda text: [Edit("path", text)],
    "request_uri": lambda text: [Edit("target", text)],
    "request": lambda text: [Edit("target", (text.split(" ") + ["", ""])[1])],
    "remote_addr": lambda text: [Edit("client", text)],
    "realip_remote_addr": lambda text: [Edit("client", text)],
    "proxy_add_x_forwarded_for": lambda text: [Edit("header", text.rpartition(", ")[0], "x-forwarded-for"), Edit("client", text.rpartition(", ")[2])],
    "content_type": lambda text: [Edit("header", text, "content-type")],
    "content_length": lambda text: [Edit("body", "x" * min(number(text) or 0, 9)), Edit("method", "POST")] if number(text) else [Edit("body", "x")],
    "invalid_referer": lambda text: [Edit("header", "http://stranger.test/" if text else "", "referer")],
    "ssl_server_name": lambda text: [Edit("host", text)],
}  # fmt: skip


def likely(name: str, wanted: Wanted) -> Iterator[str]:
    """Values that the variable can have, those that meet what is wanted."""
    usual: tuple[str, ...] = ()
    match name:
        case "request_method":
            usual = _METHODS
        case "remote_addr" | "realip_remote_addr":
            usual = ("192.0.2.77", "127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1")
        case "scheme":
            usual = ("http", "https")
        case "https":
            usual = ("on", "")
        case "server_port":
            usual = ("80", "443", "8080", "8443")
        case "is_args":
            usual = ("?", "")
        case "args" | "query_string":
            usual = ("a=1", "")
    yield from (text for text in usual if wanted.met(text))
    yield from wanted.texts("/" if name in PATHS else "")


def wanted_of(table: Table, entry: Entry) -> Iterator[Wanted]:
    match entry.kind:
        case "exact":
            yield Wanted("=", entry.text)
        case "head":
            yield from (Wanted("=", f"{label}{entry.text}") for label in ("www", "a.b"))
        case "tail":
            yield Wanted("=", f"{entry.text}example")
        case "regex" if entry.regex is not None:
            yield Wanted("~*" if entry.regex.ignore_case else "~", entry.regex.text)
        case "network":
            yield Wanted("=", _address(entry))
        case "default":
            yield from (Wanted("=", text) for text in ("probe", "no-such-key", "GET", "/no-such-key", "192.0.2.77", ""))
            yield from (Wanted("=", f"{e.text}x") for e in itertools.islice((e for e in table.entries if e.kind == "exact"), 3))


def _address(entry: Entry) -> str:
    """The first address of a network that is likely to be a host's."""
    kind = ipaddress.IPv6Address if ":" in entry.text else ipaddress.IPv4Address
    return str(kind(entry.first))
