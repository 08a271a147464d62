"""How clients spell a path in a URL, and what else they could have written for it.

nginx looks at the decoded path, Envoy at the path as it was sent, save that it decodes the escapes of unreserved characters, escapes raw
characters that no URL may hold and turns a raw backslash into a slash (its `normalize_path`).
"""

import re
from collections.abc import Iterable

UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
RESERVED = frozenset(b"!$&'()*+,/:;=@[]")  # raw or escaped: Envoy leaves them as the client wrote them
RAW = UNRESERVED | RESERVED
ESCAPED = frozenset(range(256)) - RAW
_PLAIN = re.compile(r"[A-Za-z0-9\-._~!$&'()*+,/:;=@\[\]]*")  # nothing but RAW

_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
NEVER = r"[^\x00-\x{10FFFF}]"


def spelled(decoded: str) -> str:
    """A decoded path as clients ordinarily write it: percent-encoded (upper case) where a URL cannot hold the character raw.

    A backslash is encoded as well: Envoy would make a slash of a raw one. Bytes that are not UTF-8 stand as lone surrogates (PEP 383).

    >>> spelled("/two words/")
    '/two%20words/'
    """
    if _PLAIN.fullmatch(decoded):
        return decoded
    return "".join(chr(octet) if octet in RAW else f"%{octet:02X}" for octet in octets(decoded))


def octets(text: str) -> bytes:
    """The bytes of a text: UTF-8; lone surrogates as the bytes they stand for (PEP 383), others as UTF-8 would write them."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def has_alternative_spelling(decoded: str) -> bool:
    """Whether a client could spell the text otherwise than `spelled` does without Envoy undoing it.

    That is so of reserved punctuation (`,` or `%2C`) and of escapes with a letter (`%C3` or `%c3`). The slash is left out: every path has
    one, and `%2F` is a question for the whole host.
    """
    return any(octet in RESERVED - {0x2F} or (octet in ESCAPED and not f"{octet:02X}".isdecimal()) for octet in octets(decoded))


def escapes_of(characters: Iterable[str]) -> str:
    """An RE2 fragment for any percent-escape of these characters, hex digits in either case. Without characters: matches nothing.

    >>> escapes_of("/,")
    '%2[CFcf]'
    """
    codes = frozenset(octet for character in characters for octet in octets(character))
    return escapes(codes) if codes else NEVER


def escapes(codes: frozenset[int], ignore_case: bool = False) -> str:
    """An RE2 fragment, to be quantified only within parentheses, for the escapes of octets; under `(?i)` one case of the digits will do."""
    rows: dict[str, list[int]] = {}
    for code in sorted(codes):
        rows.setdefault(_digits([n for n in range(16) if code & 0xF0 | n in codes], ignore_case), [])
        row = rows[_digits([n for n in range(16) if code & 0xF0 | n in codes], ignore_case)]
        if code >> 4 not in row:
            row.append(code >> 4)
    choices = [_digits(high, ignore_case) + low for low, high in rows.items()]
    return "%" + (choices[0] if len(choices) == 1 else f"(?:{'|'.join(choices)})")


def _digits(values: list[int], ignore_case: bool) -> str:
    if len(values) == 16:
        return "."
    upper = "".join(f"{value:X}" for value in values)
    both = upper if ignore_case else upper + "".join(c.lower() for c in upper if c.isalpha())
    return both if len(both) == 1 else f"[{_ranges(both)}]"


def _ranges(characters: str) -> str:
    """The inside of a class: runs of four and more as ranges."""
    runs: list[str] = []
    for character in characters:
        if runs and ord(character) == ord(runs[-1][-1]) + 1:
            runs[-1] += character
        else:
            runs.append(character)
    return "".join(run if len(run) < 4 else f"{run[0]}-{run[-1]}" for run in runs)


def unescaped_redirect(text: str) -> str:
    """A redirect of `rewrite` (NGX_UNESCAPE_REDIRECT): escapes of visible characters behind `%` are resolved, up to a question mark.

    Source: ngx_unescape_uri in nginx's src/core/ngx_string.c (since 1.21.1).

    >>> unescaped_redirect("/a%41%20?%41")
    '/aA%20?%41'
    """
    path, mark, rest = text.partition("?")
    end = next((found.end() for found in _ESCAPE.finditer(path) if found[1].upper() == "3F"), len(path))
    return _ESCAPE.sub(_visible, path[:end]) + path[end:] + mark + rest


def _visible(found: re.Match[str]) -> str:
    code = int(found[1], 16)
    return chr(code) if ord("%") < code < 0x7F else found[0]
