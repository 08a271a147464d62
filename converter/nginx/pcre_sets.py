"""Sets of octets in PCRE: classes, shorthands, escapes. Source: pcre2pattern(3); ASCII alone, as in the C locale that nginx runs in."""

import re
import string
from dataclasses import dataclass
from functools import cache

from converter.nginx.pcre_tree import ALL, Chars


class Untranslatable(Exception):
    """A regex that RE2 cannot say the same as. Its text is a sentence for people that names the construct."""


def _set(text: str) -> frozenset[int]:
    return frozenset(text.encode("ascii"))


DIGITS = _set(string.digits)
WORD = _set(string.ascii_letters + string.digits + "_")
SPACE = _set("\t\n\v\f\r ")
SHORTHANDS = {
    "d": (DIGITS, "\\d"),
    "D": (ALL - DIGITS, "\\D"),
    "w": (WORD, "\\w"),
    "W": (ALL - WORD, "\\W"),
    "s": (SPACE, "\\s\\v"),  # RE2's \s is without the vertical tab
    "S": (ALL - SPACE, ""),
}
POSIX = {
    "alpha": _set(string.ascii_letters),
    "lower": _set(string.ascii_lowercase),
    "upper": _set(string.ascii_uppercase),
    "digit": DIGITS,
    "alnum": _set(string.ascii_letters + string.digits),
    "ascii": frozenset(range(128)),
    "blank": _set(" \t"),
    "cntrl": frozenset(range(32)) | {127},
    "graph": frozenset(range(33, 127)),
    "print": frozenset(range(32, 127)),
    "punct": _set(string.punctuation),
    "space": SPACE,
    "word": WORD,
    "xdigit": _set(string.hexdigits),
}
_CONTROLS = {"a": 0x07, "e": 0x1B, "f": 0x0C, "n": 0x0A, "r": 0x0D, "t": 0x09}
_REFUSED = {
    "h": r"\h (horizontal space)",
    "H": r"\H (horizontal space)",
    "v": r"\v (vertical space)",
    "V": r"\V (vertical space)",
    "R": r"\R (line break)",
    "K": r"\K (reset of the match)",
    "G": r"\G (start of the search)",
    "Z": r"\Z (end or final line break)",
    "C": r"\C (single code unit)",
    "X": r"\X (grapheme cluster)",
    "N": r"\N (not a line break)",
    "p": r"\p{...} (Unicode property)",
    "P": r"\P{...} (Unicode property)",
    "g": r"\g (back-reference or subroutine)",
    "k": r"\k (back-reference)",
    "E": r"\E without \Q",
    "c": r"\c (control character)",
    "o": r"\o{...} (octal character)",
}


@dataclass(frozen=True, slots=True)
class Item:
    """A member of a class: octets, and the same in an RE2 class (empty: must be made from the octets)."""

    octets: frozenset[int]
    text: str


def folded(octets: frozenset[int]) -> frozenset[int]:
    """With the other case of each ASCII letter."""
    return octets | frozenset(octet ^ 0x20 for octet in octets if octet < 128 and chr(octet).isalpha())


def chars(items: tuple[Item, ...], negated: bool, fold: bool, text: str) -> Chars:
    """A set of octets as a node; `text` is empty where an item has none."""
    written = frozenset[int]().union(*(item.octets for item in items))
    full = folded(written)
    members = full if fold else written
    return Chars(ALL - members if negated else members, text, fold, full != written)


@cache
def literal(octet: int, fold: bool) -> Chars:
    return chars((Item(frozenset({octet}), ""),), False, fold, quoted(octet))


def quoted(octet: int) -> str:
    """An octet as RE2 text outside a class; empty outside ASCII."""
    if octet in WORD or octet in b"/-,:;@!\"'~&=% <>#`":
        return chr(octet)
    return "" if octet > 127 else f"\\x{octet:02x}" if octet < 32 or octet == 127 else f"\\{chr(octet)}"


def within_class(octet: int) -> str:
    """An octet as RE2 text within a class: as few backslashes as can be; hexadecimal outside printable ASCII."""
    if octet < 32 or octet > 126:
        return f"\\x{octet:02x}"
    return f"\\{chr(octet)}" if octet in b"\\]^-[" else chr(octet)


def class_text(octets: frozenset[int]) -> str:
    """An RE2 class for a set, the shorter of `[...]` and `[^...]`."""
    outside = ALL - octets
    return f"[^{_spans(outside)}]" if 0 < len(outside) < len(octets) else f"[{_spans(octets)}]"


def _spans(octets: frozenset[int]) -> str:
    spans: list[list[int]] = []
    for octet in sorted(octets):
        if spans and octet == spans[-1][1] + 1:
            spans[-1][1] = octet
        else:
            spans.append([octet, octet])
    return "".join(span_text(low, high) for low, high in spans)


def span_text(low: int, high: int) -> str:
    if high - low < 2:
        return "".join(within_class(octet) for octet in range(low, high + 1))
    return f"{within_class(low)}-{within_class(high)}"


def escape(text: str, at: int) -> tuple[int, int]:
    """The octet of the escape whose backslash stands at `at`, and where the text goes on. Raises Untranslatable."""
    letter = text[at + 1 : at + 2]
    if not letter:
        raise Untranslatable("the pattern ends in a backslash")
    if letter in _CONTROLS:
        return _CONTROLS[letter], at + 2
    if letter == "x":
        found = re.compile(r"\\x(?:([0-9A-Fa-f]{2})|\{0*([0-9A-Fa-f]{1,2})\})").match(text, at)
        if found is None:
            raise Untranslatable(r"an \x escape that is not of two hexadecimal digits")
        return int(found[1] or found[2], 16), found.end()
    if letter.isdigit() and letter.isascii():
        raise Untranslatable(f"a back-reference or octal escape (\\{letter})")
    if letter.isalpha() and letter.isascii():
        raise Untranslatable(_REFUSED.get(letter, f"the escape \\{letter}"))
    return ord(letter), at + 2


def posix(text: str, at: int, fold: bool) -> tuple[Item, int] | None:
    """The POSIX class `[:name:]` at a place within a class, if there is one. Raises Untranslatable for unknown names, `[.x.]`, `[=x=]`."""
    found = re.compile(r"\[([:.=])(\^?)([^]\\]*?)\1\]").match(text, at)
    if found is None:
        return None
    name = "alpha" if fold and found[3] in ("lower", "upper") else found[3]
    if found[1] != ":" or name not in POSIX:
        raise Untranslatable(f"the class {found[0]}")
    octets = ALL - POSIX[name] if found[2] else POSIX[name]
    return Item(octets, f"[:{found[2]}{name}:]"), found.end()
