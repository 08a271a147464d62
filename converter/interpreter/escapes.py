"""Escaping of URIs: ngx_escape_uri in nginx's src/core/ngx_string.c (since 1.21.1)."""

from converter.nginx.spelling import octets

_IN_PATHS = frozenset(b' "#%<>?\\^`{|}') | frozenset(range(0x20)) | frozenset(range(0x7F, 0x100))
_IN_ARGS = _IN_PATHS | frozenset(b"&+;")


def escaped_path(text: str) -> str:
    """A path as nginx writes it into a request line (NGX_ESCAPE_URI).

    >>> escaped_path("/a b?")
    '/a%20b%3F'
    """
    return _escaped(text, _IN_PATHS)


def escaped_argument(text: str) -> str:
    """A capture as nginx writes it into a query or a redirect (NGX_ESCAPE_ARGS)."""
    return _escaped(text, _IN_ARGS)


def _escaped(text: str, special: frozenset[int]) -> str:
    if not any(octet in special for octet in octets(text)):
        return text
    return "".join(f"%{octet:02X}" if octet in special else chr(octet) for octet in octets(text))
