"""Writes the tree of a PCRE pattern as RE2 text, over plain text or over the percent-encoded spelling of it."""

import enum
from dataclasses import dataclass

from converter.nginx.pcre_sets import Untranslatable, class_text
from converter.nginx.pcre_tree import Border, Chars, Choice, End, Group, Node, Repeat, Row, Start, characters, opening
from converter.nginx.spelling import ESCAPED, RAW, RESERVED, UNRESERVED, escapes

_NEWLINE = frozenset({0x0A})
_HEX = frozenset(b"0123456789ABCDEFabcdef")
_HIGH = frozenset(range(128, 256))
_OPEN = -1  # among what may follow: the pattern may end here with any text behind it
OPEN = frozenset({_OPEN})
NOTHING: frozenset[int] = frozenset()


class Alphabet(enum.StrEnum):
    """What the text consists of: ASCII; a percent-encoded path; octets, for matching here."""

    PLAIN = "plain"
    SPELLED = "spelled"
    OCTETS = "octets"


@dataclass(frozen=True, slots=True)
class Style:
    """folding: the whole pattern stands behind `(?i)`."""

    alphabet: Alphabet
    folding: bool


def style_of(node: Node, alphabet: Alphabet) -> Style:
    """`(?i)` for the whole where every letter asks for it; otherwise both cases are written out."""
    cased = [part for part in characters(node) if part.cased]
    ascii_only = alphabet is Alphabet.SPELLED or all(part.members & _HIGH in (NOTHING, _HIGH) for part in characters(node))
    return Style(alphabet, bool(cased) and ascii_only and all(part.fold for part in cased))


def write(node: Node, follow: frozenset[int], style: Style) -> str:
    """RE2 text for a node. follow: the octets that can come behind it, as of `opening`, and OPEN.

    Raises Untranslatable.
    """
    match node:
        case Chars():
            return _one(node, style)
        case Start():
            return "^"
        case End():
            return "$"
        case Border():
            return _border(node, None, style)
        case Group():
            return f"({'' if node.number else '?:'}{write(node.node, follow, style)})"
        case Choice():
            return "|".join(write(part, follow, style) for part in node.nodes)
        case Repeat():
            return _repeat(node, follow, style)
        case Row():
            return _row(node, follow, style)


def _row(row: Row, follow: frozenset[int], style: Style) -> str:
    out: list[str] = []
    for at in range(len(row.nodes) - 1, -1, -1):
        node = row.nodes[at]
        before = row.nodes[at - 1] if at else None
        out.append(_border(node, before, style) if isinstance(node, Border) else write(node, follow, style))
        first, empty = opening(node)
        follow = first | follow if empty else first
    return "".join(reversed(out))


def _border(node: Border, before: Node | None, style: Style) -> str:
    """A word boundary means the same in an encoded text behind a character that is never encoded, and only there."""
    while isinstance(before, Repeat) and before.least > 0:
        before = before.node
    known = isinstance(before, Start) or (isinstance(before, Chars) and before.members <= RAW)
    if style.alphabet is Alphabet.SPELLED and not known:
        raise Untranslatable(r"a word boundary (\b or \B) where the text before it may be percent-encoded")
    return r"\B" if node.inside else r"\b"


def _repeat(repeat: Repeat, follow: frozenset[int], style: Style) -> str:
    count = _count(repeat)
    node = repeat.node
    if isinstance(node, Chars):
        if style.alphabet is Alphabet.SPELLED and _runs_freely(repeat, node, follow):
            return _raw_class(node, style) + count
        atom = _one(node, style)
        return (f"(?:{atom})" if atom.startswith("%") and len(atom) > 1 else atom) + count
    inner = follow | opening(node)[0] if repeat.most != 1 else follow
    return write(node, inner, style) + count


def _count(repeat: Repeat) -> str:
    lazy = "" if repeat.greedy else "?"
    match repeat.least, repeat.most:
        case (0, None):
            return "*" + lazy
        case (1, None):
            return "+" + lazy
        case (0, 1):
            return "?" + lazy
        case (least, None):
            return f"{{{least},}}{lazy}"
        case (least, most) if least == most:
            return f"{{{least}}}{lazy}"
        case (least, most):
            return f"{{{least},{most}}}{lazy}"


def _runs_freely(repeat: Repeat, node: Chars, follow: frozenset[int]) -> bool:
    """Whether a run of the set may take escapes apart (`[^/]*`): what comes behind it must not be able to start amid an escape.

    It could if it began with a hexadecimal digit. Where any text may follow, a greedy run takes whole escapes anyway.
    """
    unlimited = repeat.most is None and repeat.least < 2
    whole = _every_escape(node) and node.members >= _HEX
    return unlimited and whole and not follow & _HEX and (repeat.greedy or _OPEN not in follow)


def _every_escape(node: Chars) -> bool:
    """Whether all that must be encoded belongs to the set (a line break aside: see Pattern.full)."""
    return node.members | _NEWLINE >= ESCAPED


def _raw_class(node: Chars, style: Style) -> str:
    if node.members | _NEWLINE >= ESCAPED | RAW:
        return "."
    return node.text if _text_serves(node, style) else class_text(node.members | _NEWLINE)


def _text_serves(node: Chars, style: Style) -> bool:
    return bool(node.text) and (not node.cased or node.fold == style.folding)


def _one(node: Chars, style: Style) -> str:
    """One character of the set."""
    if style.alphabet is Alphabet.SPELLED and node.members - RAW:
        return _one_spelled(node, style)
    if style.alphabet is Alphabet.PLAIN and node.members & _HIGH not in (NOTHING, _HIGH):
        raise Untranslatable("single characters outside ASCII")
    if _text_serves(node, style):
        return node.text
    if not node.members:
        return r"[^\x00-\x{10FFFF}]"
    return class_text(node.members)


def _one_spelled(node: Chars, style: Style) -> str:
    raw, codes = node.members & RAW, accepted_escapes(node)
    written = "%.." if _every_escape(node) else escapes(codes, style.folding)
    if not raw:
        return written
    inside, outside = class_text(raw), class_text(raw | ESCAPED - {0x25})  # what must be encoded never stands raw
    return f"(?:{min(outside, inside, key=len)}|{written})"


def accepted_escapes(node: Chars) -> frozenset[int]:
    """The octets whose escapes count as members in the spelled form of a set."""
    needed = node.members & ESCAPED
    if not needed:
        return NOTHING
    if _every_escape(node):
        return frozenset(range(256))
    return node.members | UNRESERVED if len(needed) > len(ESCAPED) // 2 else needed


def misread_escapes(node: Chars) -> frozenset[int]:
    """The reserved punctuation of which an escape is read otherwise than nginx reads it."""
    accepted = accepted_escapes(node)
    return frozenset(octet for octet in RESERVED if (octet in accepted) != (octet in node.members))
