"""Variables of nginx's language (https://nginx.org/en/docs/varindex.html) and the texts that hold them."""

import re
from functools import lru_cache

from converter.model.values import Source, Template, Variable

_NONE: frozenset[str] = frozenset()
_REFERENCE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")

BUILTIN = {
    "host": Variable(Source.HOST),
    "http_host": Variable(Source.AUTHORITY),
    "uri": Variable(Source.PATH),
    "document_uri": Variable(Source.PATH),
    "request_uri": Variable(Source.RAW_PATH),
    "args": Variable(Source.QUERY),
    "query_string": Variable(Source.QUERY),
    "is_args": Variable(Source.QUERY_MARK),
    "request_method": Variable(Source.METHOD),
    "scheme": Variable(Source.SCHEME),
    "server_protocol": Variable(Source.PROTOCOL),
    "server_port": Variable(Source.LOCAL_PORT),
    "server_addr": Variable(Source.LOCAL_ADDRESS),
    "remote_addr": Variable(Source.CLIENT),
    "remote_port": Variable(Source.CLIENT_PORT),
    "proxy_add_x_forwarded_for": Variable(Source.FORWARDED_FOR),
    "request_id": Variable(Source.REQUEST_ID),
    "content_type": Variable(Source.REQUEST_HEADER, "content-type"),
    "content_length": Variable(Source.REQUEST_HEADER, "content-length"),
    "status": Variable(Source.STATUS),
    "upstream_addr": Variable(Source.UPSTREAM_ADDRESS),
    "ssl_protocol": Variable(Source.TLS, "protocol"),
    "ssl_cipher": Variable(Source.TLS, "cipher"),
    "ssl_server_name": Variable(Source.TLS, "server name"),
    "ssl_client_s_dn": Variable(Source.TLS, "client subject"),
    "ssl_client_i_dn": Variable(Source.TLS, "client issuer"),
    "ssl_client_serial": Variable(Source.TLS, "client serial"),
    "ssl_client_fingerprint": Variable(Source.TLS, "client fingerprint"),
    "ssl_client_escaped_cert": Variable(Source.TLS, "client certificate"),
}
STATUS = BUILTIN["status"]
_FAMILIES = {
    "http_": Source.REQUEST_HEADER,
    "arg_": Source.ARGUMENT,
    "cookie_": Source.COOKIE,
    "upstream_http_": Source.RESPONSE_HEADER,
    "sent_http_": Source.RESPONSE_HEADER,
}


def builtin(name: str) -> Variable | None:
    """The request variable behind nginx's own name; None for those that a gateway cannot know.

    >>> builtin("http_x_request_id")
    Variable(source=<Source.REQUEST_HEADER: 'request header'>, name='x-request-id')
    """
    if found := BUILTIN.get(name):
        return found
    for start, source in _FAMILIES.items():
        if name.startswith(start) and len(name) > len(start):
            rest = name.removeprefix(start)
            return Variable(source, rest if source in (Source.ARGUMENT, Source.COOKIE) else rest.replace("_", "-").lower())
    return None


def status_known(value: Template, status: int) -> Template:
    """A value where the status is known beforehand: in an answer of nginx's own; 0 before there is any answer.

    Source: ngx_http_variable_status in nginx's src/http/ngx_http_variables.c.
    """
    return Template.of(*(f"{status:03}" if part == STATUS else part for part in value.parts)) if STATUS in value.parts else value


def argument(query: str, name: str) -> str:
    """The value of an argument as nginx finds it in a query: that of the first of its name, without regard to case, not decoded.

    >>> argument("b=1&A=2&a=3", "a")
    '2'
    """
    pairs = (piece.partition("=") for piece in query.split("&"))
    return next((value for key, equals, value in pairs if equals and key.lower() == name.lower()), "")


def split(text: str) -> tuple[tuple[str, str], ...]:
    """A text as pieces: `("text", literal)` and `("name", variable's name)`; `1` and so on for captures.

    >>> split("http://${host}$1/x")
    (('text', 'http://'), ('name', 'host'), ('name', '1'), ('text', '/x'))
    """
    if "$" not in text:
        return (("text", text),) if text else ()
    return _split(text)


@lru_cache(maxsize=4096)  # one text of the source is asked for on each of its branches
def _split(text: str) -> tuple[tuple[str, str], ...]:
    out: list[tuple[str, str]] = []
    at = 0
    for match in _REFERENCE.finditer(text):
        name = match[1] or match[2]
        end = match.end()
        if not match[1] and name[0].isdigit():  # $12 is $1 followed by a 2
            name, end = name[0], match.start() + 2
        if match.start() < at:
            continue
        out += [("text", text[at : match.start()])] if match.start() > at else []
        out.append(("name", name))
        at = end
    return (*out, ("text", text[at:])) if at < len(text) else tuple(out)


def names(text: str) -> frozenset[str]:
    """The names of the variables in a text."""
    return _names(text) if "$" in text else _NONE


@lru_cache(maxsize=4096)
def _names(text: str) -> frozenset[str]:
    return frozenset(value for kind, value in split(text) if kind == "name")
