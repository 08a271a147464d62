"""nginx's own variables (https://nginx.org/en/docs/varindex.html) for one request.

Source: ngx_http_core_variables in nginx's src/http/ngx_http_variables.c.
"""

import base64
import binascii
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from converter.interpreter.reading import bare, text_of
from converter.interpreter.referers import is_foreign

if TYPE_CHECKING:
    from converter.interpreter.situation import Situation

# Read once and kept, whatever becomes of the request afterwards: those that could change.
KEPT = frozenset({"remote_addr", "invalid_referer", "proxy_add_x_forwarded_for"})


def builtin(situation: "Situation", name: str) -> str | None:
    """The value of a variable that nginx has by itself; None for what nobody knows before the answer, or without nginx's host."""
    if read := _PLAIN.get(name):
        return read(situation)
    for start, family in _FAMILIES.items():
        if name.startswith(start) and len(name) > len(start):
            return family(situation, name.removeprefix(start))
    if name.startswith("ssl_") and situation.request.scheme == "http":
        return ""
    return "" if name.startswith(_EMPTY) else None


_EMPTY = ("ssl_client_", "proxy_protocol_")  # without a client's certificate, without the PROXY protocol


def argument(situation: "Situation", name: str) -> str:
    """The first argument of a name, whatever its case (ngx_http_arg)."""
    for pair in situation.args.split("&"):
        key, mark, value = pair.partition("=")
        if mark and key.lower() == name.lower():
            return value
    return ""


def cookie(situation: "Situation", name: str) -> str:
    """The first cookie of a name, whatever its case (ngx_http_parse_multi_header_lines)."""
    found = re.search(rf"(?:^|[;,]) *{re.escape(name)} *= *([^;]*)", situation.header("cookie"), re.IGNORECASE)
    return found[1] if found else ""


def _line(situation: "Situation", name: str) -> str:
    """A header line by its name in a variable, where a hyphen is an underscore, too (ngx_http_variable_unknown_header)."""
    names = {key.lower(): None for key, _ in situation.request.headers if key.lower().replace("-", "_") == name}
    return (", " if name != "cookie" else "; ").join(situation.header(key) for key in names)


def _referer(situation: "Situation") -> str | None:
    found = any(name.lower() == "referer" for name, _ in situation.request.headers)
    return situation.header("referer") if found else None


_FAMILIES: dict[str, Callable[["Situation", str], str | None]] = {
    "http_": _line,
    "arg_": argument,
    "cookie_": cookie,
}


def _user(situation: "Situation") -> str | None:
    """The user of HTTP basic authentication, as far as a password is given."""
    kind, _, code = situation.header("authorization").partition(" ")
    if kind.lower() != "basic":
        return ""
    try:
        user, mark, _ = base64.b64decode(code.strip(), validate=True).decode("utf-8", "surrogateescape").partition(":")
    except (binascii.Error, ValueError):
        return ""
    return user if mark else ""


def _length(situation: "Situation") -> str:
    return situation.header("content-length") or (str(len(situation.request.body)) if situation.request.body else "")


def _root(situation: "Situation", behind: str) -> str | None:
    """A path in the folder of `root`; None where it is made otherwise."""
    root = situation.scope.value("root")
    if root is None or not root.args[0].startswith("/") or "$" in root.args[0] or situation.scope.nearest("alias"):
        return None
    return root.args[0].removesuffix("/") + behind


_PLAIN: dict[str, Callable[["Situation"], str | None]] = {
    "host": lambda s: bare(text_of(s.request.host or "")) or s.site.server_name,
    "http_host": lambda s: text_of(s.request.host or ""),
    "uri": lambda s: s.path,
    "document_uri": lambda s: s.path,
    "request_uri": lambda s: text_of(s.request.target),
    "args": lambda s: s.args,
    "query_string": lambda s: s.args,
    "is_args": lambda s: "?" if s.args else "",
    "request_method": lambda s: s.method,
    "request": lambda s: text_of(f"{s.request.method} {s.request.target} {s.version}"),
    "scheme": lambda s: s.request.scheme,
    "https": lambda s: "on" if s.request.scheme == "https" else "",
    "server_port": lambda s: str(s.request.port),
    "server_addr": lambda s: s.request.address or None,
    "remote_addr": lambda s: s.client,
    "realip_remote_addr": lambda s: s.request.client,
    "remote_user": _user,
    "server_name": lambda s: s.site.server_name,
    "server_protocol": lambda s: s.version,
    "content_type": lambda s: s.header("content-type"),
    "content_length": _length,
    "document_root": lambda s: _root(s, ""),
    "request_filename": lambda s: _root(s, s.path),
    "ssl_server_name": lambda s: s.request.sni,
    "ssl_client_verify": lambda s: "NONE" if s.request.scheme == "https" else "",
    "proxy_add_x_forwarded_for": lambda s: ", ".join(part for part in (s.header("x-forwarded-for"), s.client) if part),
    "invalid_referer": lambda s: "1" if is_foreign(_referer(s), s.scope, s.site, s.http.work) else "",
}
