"""Requests as nginx reads them: the path decoded, header lines joined, the name in a Host."""

import re
from urllib.parse import unquote_to_bytes

from converter.model.verification import Request
from converter.nginx.spelling import octets


def latin(text: str) -> str:
    """A text with one character for each of its octets, as requests hold it."""
    return text if text.isascii() else octets(text).decode("latin-1")


def text_of(octets_: str) -> str:
    """What a request holds (one character an octet) as the texts of a configuration hold it (UTF-8; other octets as lone surrogates)."""
    return octets_ if octets_.isascii() else octets_.encode("latin-1", "replace").decode("utf-8", "surrogateescape")


def decoded(target: str, merge: bool = True) -> str | None:
    """The path that nginx looks for: escapes decoded, slashes merged, dot segments resolved; None where nginx answers 400.

    merge: as merge_slashes says. Source: ngx_http_parse_complex_uri in nginx's src/http/ngx_http_parse.c.

    >>> decoded("//a/./b/../%63?x")
    '/a/c'
    """
    raw = re.split(r"[?#]", target, maxsplit=1)[0]
    path = unquote_to_bytes(raw.encode("latin-1", "replace")).decode("utf-8", "surrogateescape")
    if not path.startswith("/") or "\0" in path or re.search(r"%(?![0-9A-Fa-f]{2})", raw):
        return None
    if "//" not in path and "/." not in path:
        return path
    return _resolved(path.split("/")[1:], merge)


def _resolved(segments: list[str], merge: bool) -> str | None:
    out: list[str] = []
    for segment in segments[:-1]:
        if segment == ".." and not out:
            return None
        if segment == "..":
            out.pop()
        elif segment != "." and not (merge and segment == ""):
            out.append(segment)
    last = segments[-1]
    if last == "..":
        if not out:
            return None
        out.pop()
    return "/" + "".join(f"{segment}/" for segment in out) + ("" if last in (".", "..") else last)


def number(text: str) -> int | None:
    """A number of at most nine digits, or None."""
    return int(text) if re.fullmatch(r"[0-9]{1,9}", text) else None


def query_of(target: str) -> str:
    """What stands behind the question mark; a fragment belongs to nothing."""
    return target.partition("#")[0].partition("?")[2]


def header(request: Request, name: str) -> str:
    """A header's value; several lines are joined as nginx does, empty where there is none."""
    return ("; " if name == "cookie" else ", ").join(value for key, value in request.headers if key.lower() == name)


def bare(host: str) -> str:
    """A Host header without its port and final dot, in lower case: what nginx chooses the server by."""
    host = re.sub(r"(?<!:):\d*$|(?<=\]):\d*$", "", host.lower())
    return host.removesuffix(".")


def server_name(host: str) -> str:
    """The TLS server name that a client sends for a Host; none for an address or what is no name."""
    name = bare(host)
    return name if re.fullmatch(r"[a-z0-9_*-]+(\.[a-z0-9_-]+)*", name) and not name.replace(".", "").isdigit() else ""
