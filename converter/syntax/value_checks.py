"""Values of well-known directives that nginx would refuse. Where nginx takes variables, a value that holds one passes."""

import ipaddress
import re
from collections.abc import Callable
from functools import cache, lru_cache

from converter.syntax.directives import takes_flag
from converter.syntax.values import parse_flag, parse_size, parse_time

Complaint = tuple[str, str, str]  # code, message, help
_Rule = Callable[[str, tuple[str, ...], str], Complaint | None]  # for a name, its values, and the kind of the level

_TIMES = frozenset({"lingering_time", "proxy_cache_lock_age", "keepalive_time"})  # besides all that end in _timeout
_SIZES = frozenset({"client_max_body_size", "sendfile_max_chunk", "subrequest_output_buffer_size"})
_PORT = re.compile(r"(\d{1,5})(?:-(\d{1,5}))?", re.ASCII)
_HOST = re.compile(r"[^\s/:\[\]]+")
_SERVER_PARAMETERS = {"weight", "max_fails", "max_conns"}
_HTTP_URL = ("http://", "https://", "$scheme")


@lru_cache(maxsize=4096)
def complaint(name: str, args: tuple[str, ...], kind: str) -> Complaint | None:
    """What nginx would say of the values of a directive that is known and has the right number of them."""
    rule = _rule(name)
    return rule(name, args, kind) if rule is not None else None


def has_rule(name: str) -> bool:
    """Whether the values of a directive are looked at."""
    return _rule(name) is not None


@cache
def _rule(name: str) -> _Rule | None:
    if name in _SPECIAL:
        return _SPECIAL[name]
    if takes_flag(name):
        return _flag
    if name.endswith("_timeout") or name in _TIMES:
        return _time
    return _size if name.endswith("_buffer_size") or name in _SIZES else None


def _flag(name: str, args: tuple[str, ...], kind: str) -> Complaint | None:
    return _bad(name, args, "NGX024", 'It must be "on" or "off".') if parse_flag(args[0]) is None else None


def _time(name: str, args: tuple[str, ...], kind: str) -> Complaint | None:
    if all("$" in value or parse_time(value) is not None for value in args):
        return None
    return _bad(name, args, "NGX026", "A time is a number with a unit, such as 500ms, 30s, 5m.")


def _size(name: str, args: tuple[str, ...], kind: str) -> Complaint | None:
    if all("$" in value or parse_size(value) is not None for value in args):
        return None
    return _bad(name, args, "NGX025", "A size is a number with a unit, such as 8k, 1m.")


def _bad(name: str, args: tuple[str, ...], code: str, help: str) -> Complaint:
    return code, f'invalid value "{args[0]}" in "{name}" directive', help


def _listen(name: str, args: tuple[str, ...], kind: str) -> Complaint | None:
    address = args[0]
    problem = _address_problem(address, port_alone=True)
    if problem is None:
        return None
    return "NGX027", f'{problem} in "{address}" of the "listen" directive', "Write a port, ADDRESS:PORT, [IPV6]:PORT or unix:/PATH."


def _server(name: str, args: tuple[str, ...], kind: str) -> Complaint | None:
    if kind not in ("upstream", "stream_upstream") or not args:
        return None
    address, *parameters = args
    problem = None if "$" in address else _address_problem(address, port_alone=False)
    if problem is not None:
        return "NGX027", f'{problem} in upstream "{address}"', "Write HOST, HOST:PORT, [IPV6]:PORT or unix:/PATH."
    for parameter in parameters:
        key, equals, value = parameter.partition("=")
        wrong = key in _SERVER_PARAMETERS and not (equals and value.isascii() and value.isdigit() and len(value) < 10)
        if wrong or (key in ("fail_timeout", "slow_start") and parse_time(value) is None) or parameter == "weight=0":
            return "NGX027", f'invalid parameter "{parameter}" in upstream server "{address}"', "Numbers are whole; times are such as 10s."
    return None


def _address_problem(address: str, port_alone: bool) -> str | None:
    """What nginx's ngx_parse_url would refuse; None for addresses that it takes, names among them."""
    if address.startswith("unix:"):
        return None if len(address) > len("unix:") else "no path in the unix domain socket"
    if address.startswith("["):
        host, bracket, rest = address[1:].partition("]")
        if not bracket or not _is_ipv6(host) or (rest and not rest.startswith(":")):
            return "invalid IPv6 address"
        return _port_problem(rest[1:]) if rest else None
    host, colon, port = address.partition(":")
    if not colon:
        alone = port_alone and _PORT.fullmatch(address) is not None
        return _port_problem(address) if alone else _host_problem(host)
    return _host_problem(host) or _port_problem(port)


def _host_problem(host: str) -> str | None:
    if not host:
        return "no host"
    return None if _HOST.fullmatch(host) else "invalid host"


def _port_problem(port: str) -> str | None:
    match = _PORT.fullmatch(port)
    if match is None or not all(0 < int(number) < 65536 for number in match.groups() if number):
        return "invalid port"
    return None


def _is_ipv6(text: str) -> bool:
    try:
        ipaddress.IPv6Address(text)
    except ValueError:
        return False
    return True


def _return(name: str, args: tuple[str, ...], kind: str) -> Complaint | None:
    value = args[0]
    if kind in ("stream", "stream_server"):
        return None
    number = value.isascii() and value.isdigit() and int(value[:10]) < 1000
    if number or (len(args) == 1 and value.startswith(_HTTP_URL)):
        return None
    help = "The first value is a status up to 999; a URL alone begins with http://, https:// or $scheme."
    return "NGX028", f'invalid return code "{value}"', help


_SPECIAL: dict[str, _Rule] = {
    "listen": _listen,
    "server": _server,
    "return": _return,
}
