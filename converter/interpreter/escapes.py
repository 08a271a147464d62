"""Escaping and unescaping of URIs: ngx_escape_uri and ngx_unescape_uri in nginx's src/core/ngx_string.c (since 1.21.1)."""

import re

from converter.nginx.spelling import octets

_IN_PATHS = frozenset(b' "#%<>?\\^`{|}') | frozenset(range(0x20)) | frozenset(range(0x7F, 0x100))
_IN_ARGS = _IN_PATHS | frozenset(b"&+;")
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")


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


def unescaped_redirect(text: str) -> str:
    """A redirect of `rewrite` (NGX_UNESCAPE_REDIRECT): escapes of visible characters behind `%` are resolved, up to a question mark.

    >>> unescaped_redirect("/a%41%20?%41")
    '/aA%20?%41'
    """
    path, mark, rest = text.partition("?")
    end = next((found.end() for found in _ESCAPE.finditer(path) if found[1].upper() == "3F"), len(path))
    return _ESCAPE.sub(_visible, path[:end]) + path[end:] + mark + rest


def _visible(found: re.Match[str]) -> str:
    code = int(found[1], 16)
    return chr(code) if ord("%") < code < 0x7F else found[0]
