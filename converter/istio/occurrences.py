"""Regexes for the first argument or cookie of a name: nginx looks at no other, and compares names without case.

Source: ngx_http_arg and ngx_http_parse_multi_header_lines in nginx's src/http/ngx_http_parse.c.
"""

import re
from collections.abc import Callable

from converter.istio.formats import Inexpressible
from converter.model.guards import quoted


def argument(name: str, value: str) -> str:
    """Over path and query: the first argument of the name has a value that the regex takes."""
    return rf"[^?]*\?(?:{_other(name, '&', '')}&)*(?i:{quoted(name)})={within(value, '&')}(?:&.*)?"


def cookie(name: str, value: str) -> str:
    """Over a Cookie header: segments end at a semicolon or comma, the value at a semicolon."""
    return rf" *(?:{_other(name, ';,', ' ')}[;,] *)*(?i:{quoted(name)}) *= *{within(value, ';')}(?:;.*)?"


def _other(name: str, ends: str, blank: str) -> str:
    """A segment that does not begin with `name=`: it leaves the name's text at some letter, or never comes to the sign."""
    ways = []
    for index, letter in enumerate(name):
        both = re.escape(letter.lower() + letter.upper()) if letter.lower() != letter.upper() else re.escape(letter)
        first = "" if index else blank  # blanks before a segment are not its beginning
        ways.append(f"{_letters(name[:index])}(?:[^{both}{first}{ends}][^{ends}]*)?")
    ways.append(f"{_letters(name)}{' *' if blank else ''}(?:[^={blank}{ends}][^{ends}]*)?")
    return f"(?:{'|'.join(ways)})"


def _letters(text: str) -> str:
    return f"(?i:{quoted(text)})" if text else ""


_PIECE = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|[.^$]", re.S)


def within(regex: str, end: str) -> str:
    """A regex over a part of a text: it must not run past a character. Raises Inexpressible where it could, or asks for the part's ends."""

    def piece(match: re.Match[str]) -> str:
        text = match[0]
        if text in ("^", "$") or text in (r"\D", r"\W", r"\S") or (text[0] == "[" and text[1] != "^" and end in text):
            raise Inexpressible("a regex that cannot be held within a part of a text")
        return _bounded(text, end)

    return _flagged(regex, piece)


def path(regex: str) -> str:
    """A regex over the whole path as one over path and query."""

    def piece(match: re.Match[str]) -> str:
        if match[0] in (r"\D", r"\W", r"\S"):
            return f"[^?{match[0].lower()}]"
        return r"(?:(?:\?.*)?$)" if match[0] == "$" else _bounded(match[0], "?")

    return rf"{_flagged(regex, piece)}(?:\?.*)?"


def query(regex: str) -> str:
    """A regex over the whole query as one over path and query; the question mark stands for its beginning."""

    def piece(match: re.Match[str]) -> str:
        return r"\?" if match[0] == "^" else match[0]

    unanchored = regex.removeprefix("(?i)").startswith(".*")
    return rf"[^?]*{_flagged(regex, piece)}" if unanchored and "^" in regex else rf"[^?]*\?{grouped(regex)}"


def _bounded(text: str, end: str) -> str:
    if text == ".":
        return f"[^{end}]"
    return f"[^{end}{text[2:]}" if text.startswith("[^") else text


def _flagged(regex: str, piece: Callable[[re.Match[str]], str]) -> str:
    body = _PIECE.sub(piece, regex.removeprefix("(?i)"))
    return f"(?i:{body})" if regex.startswith("(?i)") else grouped(body)


def grouped(text: str) -> str:
    return f"(?:{text})" if "|" in text or text.startswith("(?") else text
