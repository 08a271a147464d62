"""Regexes for the first argument or cookie of a name: nginx looks at no other, and compares names without case.

Source: ngx_http_arg and ngx_http_parse_multi_header_lines in nginx's src/http/ngx_http_parse.c.
"""

import re

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
        ways.append(f"{_letters(name[:index])}(?:[^{both}{ends}][^{ends}]*)?")
    ways.append(f"{_letters(name)}{' *' if blank else ''}(?:[^={blank}{ends}][^{ends}]*)?")
    return f"(?:{'|'.join(ways)})"


def _letters(text: str) -> str:
    return f"(?i:{quoted(text)})" if text else ""


def within(regex: str, end: str) -> str:
    """A regex that must not run past a character. Raises Inexpressible for classes that could."""
    flags = "(?i)" if regex.startswith("(?i)") else ""
    body = regex.removeprefix("(?i)")
    out = re.sub(r"(\\.)|\[\^|\.", lambda m: m[1] or (f"[^{end}" if m[0] == "[^" else f"[^{end}]"), body)
    if re.search(r"\\[DWS]", body) or re.search(rf"\[(?!\^)[^\]]*{re.escape(end)}", re.sub(r"\\.", "", body)):
        raise Inexpressible("a regex on a part of a text that may run past it")
    return f"(?i:{out})" if flags else grouped(out)


def grouped(text: str) -> str:
    return f"(?:{text})" if "|" in text or text.startswith("(?") else text
